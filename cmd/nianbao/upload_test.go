package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nianbao/dashboard/gate"
	"nianbao/dashboard/wall"
	"nianbao/internal/observe"
	"nianbao/query/api"
)

// uploadOf is a form with files, as a browser sends it.
func uploadOf(t *testing.T, person string, files ...string) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("person", person); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(files); i += 2 {
		part, err := w.CreateFormFile("files", files[i])
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(part, files[i+1])
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.Bytes()
}

func TestUpload(t *testing.T) {
	needEngine(t)
	store := openStore(t, filepath.Join(t.TempDir(), "data"))
	defer store.Close()
	log := slog.New(slog.DiscardHandler)
	up := uploads(store, log, observe.New(""), 1)
	handler, err := handlers(store, log, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, api.Limits{}, gate.Options{Open: true}, &wall.Watch{}, up)
	if err != nil {
		t.Fatal(err)
	}
	send := func(accept, contentType string, body []byte) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "http://127.0.0.1/upload", bytes.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	f, err := z.Create("内/c.html")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write(smallReport(townOf(3), 2023, 3, ""))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	kind, body := uploadOf(t, "王某", "a.html", string(smallReport(townOf(1), 2023, 1, "")), "../../b.html", string(smallReport(townOf(2), 2023, 2, "")),
		"放假.txt", "关于放假的通知\n\n全体职工：今天放假一天。\n", "big.html", strings.Repeat("x", 1<<20+1), "all.zip", archive.String())
	w := send("application/json", kind, body)
	var answer struct {
		Results []struct{ File, Outcome, Href string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK {
		t.Fatalf("status %d, %v: %s", w.Code, err, w.Body)
	}
	got := map[string]string{}
	for _, r := range answer.Results {
		got[r.File] = r.Outcome
		if r.Outcome == "loaded" != (r.Href != "") {
			t.Errorf("%s leads to %q", r.File, r.Href)
		}
	}
	want := map[string]string{"a.html": "loaded", "b.html": "loaded", "放假.txt": "rejected", "big.html": "rejected", "all.zip!/内/c.html": "loaded"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if list := filingsOf(t, store, time.Time{}); len(list) != 3 {
		t.Errorf("%d reports are held, want 3", len(list))
	}

	// As a form without script, once more: nothing changes.
	w = send("text/html", kind, body)
	if text := w.Body.String(); w.Code != http.StatusOK || strings.Count(text, "已有，未变") != 3 || !strings.Contains(text, "<td>放假.txt</td><td>未接收</td>") {
		t.Errorf("the page has status %d and says\n%s", w.Code, text)
	}
	for _, test := range []struct {
		what, kind string
		body       []byte
		status     int
	}{
		{"no form", "text/plain", []byte("x"), http.StatusUnprocessableEntity},
		{"a form that breaks off", kind, body[:len(body)/2], http.StatusBadRequest},
		{"a form without a boundary", "multipart/form-data", body, http.StatusUnprocessableEntity},
	} {
		if w := send("text/html", test.kind, test.body); w.Code != test.status {
			t.Errorf("%s: status %d, want %d", test.what, w.Code, test.status)
		}
	}
	kind, body = uploadOf(t, "", "a.html", "x")
	if w := send("text/html", kind, body); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "请选择文件并填写姓名") {
		t.Errorf("without a name: status %d", w.Code)
	}
	r := httptest.NewRequest("POST", "http://127.0.0.1/upload", bytes.NewReader(body))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w = httptest.NewRecorder()
	if handler.ServeHTTP(w, r); w.Code != http.StatusForbidden {
		t.Errorf("from another site: status %d, want 403", w.Code)
	}
	// An address that others can reach takes nothing.
	handler, err = handlers(store, log, &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)}, api.Limits{}, gate.Options{Open: true}, &wall.Watch{}, up)
	if err != nil {
		t.Fatal(err)
	}
	if w := send("text/html", kind, body); w.Code != http.StatusForbidden {
		t.Errorf("open to others: status %d, want 403", w.Code)
	}
}
