package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nianbao/dashboard/gate"
	"nianbao/dashboard/wall"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/api"
	"nianbao/query/findings"
	"nianbao/query/sample"
)

// TestDecidingThroughTheAPI: what is decided is carried out and shows at once; what makes no sense is said.
func TestDecidingThroughTheAPI(t *testing.T) {
	store := sample.Empty(t)
	at := slices.IndexFunc(sample.Specs(), func(s sample.Spec) bool { return s.Name == sample.Transport && s.Year == 2022 })
	sample.Commit(t, store, sample.Specs()[at:at+2]...)
	handler, err := handlers(store, slog.New(slog.DiscardHandler), &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, api.Limits{}, gate.Options{Open: true}, &wall.Watch{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	filings, err := store.Filings(t.Context(), time.Time{}, warehouse.Filter{})
	if err != nil || len(filings) != 2 {
		t.Fatal(filings, err)
	}
	earlier, filing := filings[0], filings[1]

	ask := func(method, path, body string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
	post := func(want int, path, body string) (id string) {
		t.Helper()
		status, text := ask(http.MethodPost, api.Base+path, body)
		if status != want {
			t.Errorf("POST %s %s: %d, want %d: %s", path, body, status, want, text)
		}
		var done struct{ ID string }
		if err := json.Unmarshal([]byte(text), &done); err != nil {
			t.Error(err)
		}
		return done.ID
	}
	concluded := func() string {
		t.Helper()
		status, text := ask(http.MethodGet, api.Base+"/compare?m=concluded&year=2023&excl=none", "")
		var c struct {
			Rows []struct {
				Value any
				State string
				Flags []string
			}
		}
		if err := json.Unmarshal([]byte(text), &c); err != nil || status != 200 || len(c.Rows) != 1 {
			t.Fatalf("%d %v %s", status, err, text)
		}
		return fmt.Sprint(c.Rows[0].State, " ", c.Rows[0].Value, " ", slices.Contains(c.Rows[0].Flags, "corrected"))
	}
	expect := func(want string) {
		t.Helper()
		if got := concluded(); got != want {
			t.Errorf("concluded: %s, want %s", got, want)
		}
	}
	const because = `"person":"张某","reason":"印错"`
	expect("value 9 false")
	correct := func(value string, second bool) string {
		return fmt.Sprintf(`{%s,"filing":%q,"cell":"section3.R7.total","value":%q,"second":%v}`, because, filing.ID, value, second)
	}
	correction := post(200, "/corrections", correct("18", true))
	expect("value 9 false") // a second person has to agree
	post(422, "/corrections/"+correction+"/approve", `{`+because+`}`)
	post(200, "/corrections/"+correction+"/approve", `{"person":"李某","reason":"属实"}`)
	expect("value 18 true")
	post(422, "/corrections", correct("18", false)) // it holds that already
	post(422, "/corrections", correct("many", false))
	post(404, "/corrections/"+strings.Repeat("0", 26)+"/retract", `{`+because+`}`)
	post(200, "/corrections/"+correction+"/retract", `{`+because+`}`)
	expect("value 9 false")
	post(200, "/filings/"+filing.ID+"/withdraw", `{`+because+`}`)
	expect("not_filed <nil> false")
	post(422, "/filings/"+filing.ID+"/withdraw", `{`+because+`}`)
	post(200, "/filings/"+filing.ID+"/restore", `{`+because+`}`)
	expect("value 9 false")
	var finding string
	err = findings.Each(t.Context(), store, findings.Request{Outcomes: []form.Outcome{form.Fail}, Years: []int{2023}}, func(i *findings.Item) error { finding = i.ID; return nil })
	if err != nil || finding == "" {
		t.Fatal(finding, err)
	}
	post(422, "/sets", `{`+because+`,"set":"重点单位","members":["nobody"]}`)
	post(200, "/sets", `{`+because+`,"set":"重点单位","members":["`+filing.Agency+`"]}`)
	if status, text := ask(http.MethodGet, api.Base+"/compare?m=concluded&year=2023&peers=set&set=重点单位", ""); status != 200 || !strings.Contains(text, `"saved_at"`) {
		t.Errorf("the saved set: %d %s", status, text)
	}
	post(200, "/sets/重点单位/withdraw", `{`+because+`}`)
	post(404, "/sets/重点单位/withdraw", `{`+because+`}`)
	post(200, "/findings/"+finding+"/reviews", `{`+because+`,"decision":"dismiss"}`)
	if _, text := ask(http.MethodGet, api.Base+"/findings/"+finding, ""); !strings.Contains(text, `"decision":"dismissed"`) {
		t.Errorf("the finding after it was dismissed: %s", text)
	}
	if _, text := ask(http.MethodGet, api.Base+"/changes?format=csv", ""); strings.Count(text, "correction_") != 3 || strings.Count(text, "report_withdrawn") != 1 || strings.Count(text, "finding_reviewed") != 1 {
		t.Errorf("what happened:\n%s", text)
	}
	if status, _ := ask(http.MethodGet, "/healthz", ""); status != 200 {
		t.Errorf("/healthz: %d", status)
	}

	t.Run("where others can reach it nothing is decided", func(t *testing.T) {
		open, err := handlers(store, slog.New(slog.DiscardHandler), &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)}, api.Limits{}, gate.Options{Open: true}, &wall.Watch{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, api.Base+"/filings/"+filing.ID+"/withdraw", strings.NewReader(`{`+because+`}`))
		r.Header.Set("Content-Type", "application/json")
		if open.ServeHTTP(w, r); w.Code != http.StatusForbidden {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
	})

	t.Run("the examples of the manual", func(t *testing.T) {
		if _, err := exec.LookPath("curl"); err != nil {
			t.Skip(err)
		}
		manual, err := os.ReadFile(filepath.Join("..", "..", "docs", "api.md"))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(string(manual)) {
			if !strings.HasPrefix(line, "curl ") {
				continue
			}
			n++
			c := exec.CommandContext(t.Context(), "sh", "-c", line)
			c.Dir = t.TempDir()
			c.Env = append(os.Environ(), "API="+server.URL+api.Base, "FILING="+filing.ID, "EARLIER="+earlier.ID, "FINDING="+finding, "AGENCY="+filing.Agency, "DAY="+time.Now().Format(time.DateOnly), "no_proxy=*")
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%s%v\n%s", line, err, out)
			}
		}
		if n < 10 {
			t.Errorf("%d examples found", n)
		}
	})

	t.Run("the program of the manual", func(t *testing.T) {
		tool, err := exec.LookPath("go")
		if err != nil {
			t.Skip(err)
		}
		manual, err := os.ReadFile(filepath.Join("..", "..", "docs", "api.md"))
		if err != nil {
			t.Fatal(err)
		}
		_, program, _ := strings.Cut(string(manual), "\n```go\n")
		program, _, _ = strings.Cut(program, "\n```\n")
		file := filepath.Join(t.TempDir(), "main.go")
		if err := os.WriteFile(file, []byte(program), 0o666); err != nil {
			t.Fatal(err)
		}
		c := exec.CommandContext(t.Context(), tool, "run", file)
		c.Env = append(os.Environ(), "API="+server.URL+api.Base, "no_proxy=*", "GOFLAGS=")
		out, err := c.CombinedOutput()
		if want := sample.Transport + " 2022 concluded value 15"; err != nil || !strings.Contains(string(out), want) || strings.Count(string(out), "\n") != 4 {
			t.Errorf("%v\n%swant four values, %s among them", err, out, want)
		}
	})
}
