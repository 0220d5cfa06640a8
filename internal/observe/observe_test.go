package observe

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d, want 200: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func wantLines(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %q in\n%s", line, text)
		}
	}
}

func TestRequests(t *testing.T) {
	m := New("1.2")
	var log bytes.Buffer
	var inside string
	h := m.Requests(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inside = RequestID(r.Context())
		switch {
		case strings.HasPrefix(r.URL.Path, "/nothing"):
			http.NotFound(w, r)
		case r.URL.Path == "/broken":
			panic(http.ErrAbortHandler)
		default:
			_, _ = io.WriteString(w, "ok")
		}
	}), slog.New(slog.NewJSONHandler(&log, nil)))
	ask := func(path, id string) string {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("X-Request-Id", id)
		w := httptest.NewRecorder()
		func() {
			defer func() {
				if cause := recover(); cause != nil && cause != http.ErrAbortHandler {
					t.Error(cause)
				}
			}()
			h.ServeHTTP(w, r)
		}()
		return w.Header().Get("X-Request-Id")
	}
	if got := ask("/report/a/2023.json", "from-proxy.1"); got != "from-proxy.1" || inside != got {
		t.Errorf("id %q in the answer, %q inside, want that of the proxy", got, inside)
	}
	if got := ask("/api/v1/agencies/x", "a\nb"); got == "a\nb" || len(got) != 16 || inside != got {
		t.Errorf("id %q in the answer, %q inside, want a new one", got, inside)
	}
	ask("/", "")
	ask("/broken", "")
	for i := range 300 {
		ask(fmt.Sprintf("/nothing%d", i), "")
		ask(fmt.Sprintf("/strange%d", i), "")
	}
	text := scrape(t, m)
	wantLines(t, text,
		`nianbao_http_requests_total{method="GET",route="/report",status="200"} 1`,
		`nianbao_http_requests_total{method="GET",route="/api/v1/agencies",status="200"} 1`,
		`nianbao_http_requests_total{method="GET",route="/",status="200"} 1`,
		`nianbao_http_requests_total{method="GET",route="/broken",status="500"} 1`,
		`nianbao_http_requests_total{method="GET",route="other",status="404"} 300`,
		`nianbao_http_requests_running 0`,
		`nianbao_build{version="1.2"} 1`)
	if n := strings.Count(text, "nianbao_http_requests_total{"); n > mostRoutes+5 {
		t.Errorf("%d routes are counted, want at most %d", n, mostRoutes)
	}
	if !strings.Contains(log.String(), `"request":"from-proxy.1","method":"GET","path":"/report/a/2023.json","status":200,"bytes":2`) {
		t.Errorf("the log says:\n%.500s", &log)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestQueries(t *testing.T) {
	m := New("")
	next := m.Queries(transport(func(r *http.Request) (*http.Response, error) {
		switch r.URL.Path {
		case "/broken":
			return nil, errors.New("broken")
		case "/refused":
			return &http.Response{StatusCode: http.StatusNotFound}, nil
		}
		return &http.Response{StatusCode: http.StatusOK}, nil
	}))
	for _, address := range []string{"http://x/", "http://x/?query=INSERT+INTO+t+FORMAT+Native", "http://x/refused", "http://x/broken"} {
		_, _ = next.RoundTrip(httptest.NewRequest("POST", address, nil))
	}
	m.File("application/pdf", "loaded")
	m.File("", "rejected")
	m.Counter("nianbao_engine_restarts_total", "x", func() float64 { return 3 })
	wantLines(t, scrape(t, m),
		`nianbao_queries_total{kind="insert",outcome="answered"} 1`,
		`nianbao_queries_total{kind="query",outcome="answered"} 1`,
		`nianbao_queries_total{kind="query",outcome="refused"} 1`,
		`nianbao_queries_total{kind="query",outcome="broken"} 1`,
		`nianbao_ingest_files_total{format="pdf",outcome="loaded"} 1`,
		`nianbao_ingest_files_total{format="unknown",outcome="rejected"} 1`,
		`nianbao_engine_restarts_total 3`)
}
