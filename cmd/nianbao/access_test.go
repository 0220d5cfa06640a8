package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/oklog/ulid/v2"

	"nianbao/dashboard/gate"
	"nianbao/dashboard/page"
	"nianbao/dashboard/wall"
	"nianbao/internal/access"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/api"
	"nianbao/query/findings"
	"nianbao/query/sample"
)

// bureau is a service with two districts: one of its accounts sees the first alone.
type bureau struct {
	store      *warehouse.Store
	server     *httptest.Server
	own, other map[string]string // of each district something for each name in a path
	hidden     []string          // texts that nobody may read who sees the first district alone
}

// neighbour is a district of its own, whose every number and name is found again.
const neighbour = "张店区"

func openOffice(t *testing.T) *bureau {
	t.Helper()
	o := &bureau{store: sample.Empty(t)}
	strange := func(s *warehouse.Submission) { s.Filing.Region = "370303" }
	sample.Commit(t, o.store,
		sample.Spec{Name: sample.Science, Year: 2022, Version: form.V2021, New: 44}, sample.Spec{Name: sample.Science, Year: 2023, Version: form.V2021, New: 52},
		sample.Spec{Name: sample.Civil, Year: 2023, Version: form.V2021, New: 11}, sample.Spec{Name: sample.Education, Year: 2022, Version: form.V2021, New: 80},
		sample.Spec{Name: neighbour + "科学技术局", Year: 2022, Version: form.V2021, New: 77131, Change: strange},
		sample.Spec{Name: neighbour + "科学技术局", Year: 2023, Version: form.V2021, New: 77137, Change: strange},
		sample.Spec{Name: neighbour + "民政局", Year: 2023, Version: form.V2021, New: 77141, Change: strange})
	list, err := o.store.Filings(t.Context(), time.Time{}, warehouse.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	things := func(name string) map[string]string {
		i := slices.IndexFunc(list, func(f warehouse.Filing) bool { return f.AgencyName == name && f.Year == 2023 })
		f := list[i]
		found, err := o.store.Findings(t.Context(), time.Time{}, f)
		if err != nil || len(found) == 0 {
			t.Fatal(found, err)
		}
		return map[string]string{"agency": f.Agency, "year": "2023", "filing": f.ID, "cell": "section3.NEW.total", "sha256": f.SHA256,
			"finding": findings.ID(f.ID, found[0].Rule, found[0].Table, found[0].Place), "measure": "received", "correction": ulid.Make().String()}
	}
	o.own, o.other = things(sample.Science), things(neighbour+"科学技术局")
	o.hidden = []string{neighbour, "37030" + "3", "77131", "77137", "77141", "77,1"}
	for _, f := range list {
		if f.Region == "370303" {
			o.hidden = append(o.hidden, f.ID, f.SHA256, f.Agency)
		}
	}
	account := func(name string, role access.Role, scope access.Scope) warehouse.AccountStatement {
		return warehouse.AccountStatement{Account: access.Account{Kind: access.User, Name: name, Roles: []access.Role{role}, Scope: scope, Secret: access.HashPassword(password), Stamp: "1"}, Person: "t"}
	}
	token := func(name string, role access.Role, scope access.Scope, until time.Time) warehouse.AccountStatement {
		return warehouse.AccountStatement{Account: access.Account{Kind: access.Token, Name: name, Roles: []access.Role{role}, Scope: scope, Secret: access.HashToken(access.TokenPrefix + name), Expires: until}, Person: "t"}
	}
	district, soon := access.Scope{Regions: []string{"370304"}}, time.Now().Add(time.Hour)
	if _, err := o.store.Commit(t.Context(), warehouse.Batch{ID: ulid.Make().String(), By: "t", Accounts: []warehouse.AccountStatement{
		account("admin", access.Administrator, access.Scope{}), account("wang", access.Approver, district), account("li", access.Viewer, district),
		token("all", access.Auditor, access.Scope{}, soon), token("district", access.Viewer, district, soon), token("late", access.Auditor, access.Scope{}, time.Now().Add(-time.Hour)),
	}}); err != nil {
		t.Fatal(err)
	}
	handler, err := handlers(o.store, slog.New(slog.DiscardHandler), &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)}, api.Limits{Rate: -1}, gate.Options{}, &wall.Watch{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	o.server = httptest.NewServer(handler)
	t.Cleanup(o.server.Close)
	return o
}

const password = "correct horse battery"

// ask sends a request with a token, "" for none.
func (o *bureau) ask(t *testing.T, method, path, token string) (int, http.Header, string) {
	t.Helper()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader("{}")
	}
	r, err := http.NewRequestWithContext(t.Context(), method, o.server.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+access.TokenPrefix+token)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	return answerOf(t, &http.Client{CheckRedirect: stay}, r)
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func answerOf(t *testing.T, c *http.Client, r *http.Request) (int, http.Header, string) {
	t.Helper()
	answer, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(text)
}

// What is expected of a route of the pages or the API.
type expected int

const (
	forAll   expected = iota // whoever asks, signed in or not
	scoped                   // shows what the visitor sees
	journal0                 // auditors and administrators who see everything
	written                  // takes a decision
	secret                   // the address itself is the key
	unscoped                 // those who see everything
	hidden                   // those who see everything; for others it is not there
)

// routesExpected is what is expected of each route. A new route needs a line.
var routesExpected = map[string]expected{
	"/": scoped, "/compare": scoped, "/outcomes": scoped, "/reasons": scoped, "/disputes": scoped, "/funnel": scoped, "/trends": scoped, "/matrix": scoped, "/scatter": scoped,
	"/changes/years": scoped, "/measures": scoped, "/register": scoped, "/findings": scoped, "/changes": scoped, "/diff": scoped,
	"/agency/:agency": scoped, "/report/:agency/:year": scoped, "/report/:agency/:year/cell/:cell": scoped, "/filing/:filing": scoped, "/filing/:filing/cell/:cell": scoped,
	"/findings/:finding": scoped, "/document/:sha256": scoped, "/s/:code": scoped, "/help": scoped, "/help/:topic": scoped, "/help/pictures/:picture": scoped, "/package": scoped, "/package.zip": hidden,
	"/journal": journal0, "/assets/*file": forAll, "/healthz": forAll, "/readyz": forAll, "/wall/*path": secret, "/upload": unscoped,
	"/boards": unscoped, "/boards/:board": unscoped, "/boards/:board/slide/:slide": unscoped,
}

// of is the path with something in the place of each name.
func of(pattern string, things map[string]string) (path string, named bool) {
	path = regexp.MustCompile(`[:*]([a-z0-9]+)|\{([a-z0-9]+)\}`).ReplaceAllStringFunc(pattern, func(name string) string {
		named = true
		if text, ok := things[strings.Trim(name, ":*{}")]; ok {
			return url.PathEscape(text)
		}
		return "none"
	})
	return path, named
}

// TestScopeHoldsOnEveryRoute asks every route that there is without credentials, with a token that has expired, with one of another
// scope and with the right one. A route that is not in the table fails.
func TestScopeHoldsOnEveryRoute(t *testing.T) {
	o := openOffice(t)
	pages, err := page.New(page.Options{Store: o.store, Decide: (&deciding{store: o.store}).decisions()})
	if err != nil {
		t.Fatal(err)
	}
	ending := regexp.MustCompile(`\.(json|csv|svg|xlsx)$`)
	type route struct {
		method, pattern string
		expected        expected
	}
	var routes []route
	for _, r := range pages.(interface{ Routes() gin.RoutesInfo }).Routes() {
		plain := ending.ReplaceAllString(r.Path, "")
		if plain == "" {
			plain = "/"
		}
		e, ok := routesExpected[plain]
		switch {
		case r.Method == http.MethodHead:
			continue
		case !ok:
			t.Errorf("%s %s: no line in routesExpected; say what is expected of it", r.Method, r.Path)
			continue
		case r.Method == http.MethodPost:
			e = written
		}
		routes = append(routes, route{r.Method, r.Path, e})
		if strings.Contains(r.Path, "/:") && r.Method == http.MethodGet && e == scoped && r.Path != "/s/:code" && r.Path != "/document/:sha256" {
			routes = append(routes, route{r.Method, r.Path + ".json", e}, route{r.Method, r.Path + ".csv", e})
		}
	}
	_, _, text := o.ask(t, http.MethodGet, api.Base+"/openapi.json", "all")
	var described struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &described); err != nil || len(described.Paths) < 10 {
		t.Fatalf("the description of the API has %d paths, error %v", len(described.Paths), err)
	}
	for path, methods := range described.Paths {
		for method := range methods {
			e := scoped
			switch {
			case method == "post":
				e = written
			case strings.HasPrefix(path, "/journal"):
				e = journal0
			}
			routes = append(routes, route{strings.ToUpper(method), api.Base + path, e})
		}
	}
	if len(routes) < 80 {
		t.Fatalf("%d routes, want all", len(routes))
	}
	for _, r := range routes {
		own, named := of(r.pattern, o.own)
		other, _ := of(r.pattern, o.other)
		status := func(path, token string) (int, string) {
			s, _, text := o.ask(t, r.method, path, token)
			return s, text
		}
		without, _ := status(own, "")
		late, _ := status(own, "late")
		narrow, narrowText := status(own, "district")
		strange, strangeText := status(other, "district")
		whole, _ := status(other, "all")
		fail := func(format string, args ...any) {
			t.Errorf("%s %s: "+format, append([]any{r.method, r.pattern}, args...)...)
		}
		switch r.expected {
		case forAll, secret:
			if without == http.StatusUnauthorized || without == http.StatusSeeOther {
				fail("status %d without credentials: it is for all", without)
			}
			continue
		case written:
			if without != http.StatusUnauthorized || late != http.StatusUnauthorized {
				fail("status %d without credentials and %d with expired ones, want 401", without, late)
			}
			// The viewer may decide nothing, whatever the body.
			for path, got := range map[string]int{own: narrow, other: strange} {
				if got < 400 || got >= 500 {
					fail("status %d for a viewer of %s, want that it is refused", got, path)
				}
			}
			continue
		}
		if (without != http.StatusUnauthorized && without != http.StatusSeeOther) || late != http.StatusUnauthorized {
			fail("status %d without credentials, %d with expired ones, want 401 or to be led to the sign-in", without, late)
		}
		switch r.expected {
		case journal0, unscoped:
			if narrow != http.StatusForbidden {
				fail("status %d for who sees one district, want 403", narrow)
			}
			continue
		case hidden:
			if narrow != http.StatusNotFound || whole != http.StatusOK {
				fail("status %d for who sees one district, want 404; %d for who sees everything, want 200", narrow, whole)
			}
			continue
		}
		for _, path := range []string{narrowText, strangeText} {
			for _, hidden := range o.hidden {
				if at := strings.Index(strings.ReplaceAll(path, other, ""), hidden); at >= 0 && !slices.Contains([]string{o.other["agency"], o.other["filing"], o.other["sha256"]}, hidden) {
					fail("who sees one district reads %q: …%s…", hidden, path[max(0, at-80):min(len(path), at+80)])
					break
				}
			}
		}
		if named && strings.Contains(r.pattern, "measure") {
			named = false // a measure is nobody's
		}
		if named && r.pattern != "/s/:code" && !strings.HasPrefix(r.pattern, "/help") {
			if whole == 200 && narrow != 200 {
				fail("status %d for who sees the district, want 200", narrow)
			}
			if strange != http.StatusNotFound && whole == 200 {
				fail("status %d for who sees another district, want 404", strange)
			}
		}
	}
	// The counts are those of the district.
	for path, want := range map[string]int{api.Base + "/agencies": 3, api.Base + "/filings": 4} {
		_, header, text := o.ask(t, http.MethodGet, path, "district")
		if got := header.Get("X-Total-Count"); got != fmt.Sprint(want) {
			t.Errorf("%s: %s in all, want %d: %.300s", path, got, want, text)
		}
	}
	// What one sees is never taken for what the other sees.
	for _, path := range []string{"/compare.json?year=2023", "/compare.svg?year=2023", "/compare?year=2023", api.Base + "/filings"} {
		_, a, all := o.ask(t, http.MethodGet, path, "all")
		_, b, district := o.ask(t, http.MethodGet, path, "district")
		if all == district || a.Get("ETag") == "" || a.Get("ETag") == b.Get("ETag") {
			t.Errorf("%s: the same answer (%v) or the same tag (%s, %s) for two scopes", path, all == district, a.Get("ETag"), b.Get("ETag"))
		}
	}
	// What was looked at may not write the journal or the chain anew.
	if _, breaches, err := o.store.VerifyChain(t.Context(), nil); err != nil || len(breaches) > 0 {
		t.Errorf("the chain after all this: %v, error %v", breaches, err)
	}
}

// browser is somebody with a browser.
type browser struct {
	*testing.T
	office *bureau
	client *http.Client
}

func (o *bureau) browser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, o, &http.Client{Jar: jar, CheckRedirect: stay}}
}

func (b *browser) get(path string) (int, http.Header, string) {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, b.office.server.URL+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	return answerOf(b.T, b.client, r)
}

func (b *browser) post(path string, fields ...string) (int, http.Header, string) {
	b.Helper()
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.office.server.URL+path, strings.NewReader(values.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.office.server.URL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return answerOf(b.T, b.client, r)
}

func (b *browser) cookie() string {
	u, _ := url.Parse(b.office.server.URL)
	for _, c := range b.client.Jar.Cookies(u) {
		return c.Value
	}
	return ""
}

func (b *browser) signIn(name string) http.Header {
	b.Helper()
	status, header, text := b.post("/sign-in", "name", name, "password", password, "next", "/compare")
	if status != http.StatusSeeOther || header.Get("Location") != "/compare" {
		b.Fatalf("sign in as %s: status %d, to %s: %s", name, status, header.Get("Location"), text)
	}
	return header
}

var csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// TestDecidingWithAnAccount: a decision is taken by who may, about what he sees, in a form of his own session, and in his name.
func TestDecidingWithAnAccount(t *testing.T) {
	o := openOffice(t)
	wang := o.browser(t)
	if status, header, _ := wang.get("/report/" + o.own["agency"] + "/2023"); status != http.StatusSeeOther || !strings.HasPrefix(header.Get("Location"), "/sign-in?next=%2Freport%2F") {
		t.Errorf("a page without signing in: status %d, to %s", status, header.Get("Location"))
	}
	wang.signIn("wang")
	path := "/filing/" + o.own["filing"]
	_, _, text := wang.get(path)
	m := csrfField.FindStringSubmatch(text)
	if m == nil || strings.Contains(text, `name="person"`) {
		t.Fatalf("the page of an approver has no form with a token of the session, or asks for a name")
	}
	send := func(path, filing, csrf string) (int, string) {
		status, _, text := wang.post(path, "form", "withdraw", "act", "withdraw", "filing", filing, "reason", "重复", "person", "somebody else", "csrf", csrf)
		return status, text
	}
	if status, _ := send(path, o.own["filing"], ""); status != http.StatusForbidden {
		t.Errorf("a form without a token: status %d, want 403", status)
	}
	li := o.browser(t)
	li.signIn("li")
	_, _, account := li.get("/account")
	if status, _ := send(path, o.own["filing"], csrfField.FindStringSubmatch(account)[1]); status != http.StatusForbidden {
		t.Errorf("a form with a token of another session: status %d, want 403", status)
	}
	if status, text := send(path, o.other["filing"], m[1]); status == http.StatusSeeOther {
		t.Errorf("a filing of another district was withdrawn: status %d %s", status, text)
	}
	if status, text := send(path, o.own["filing"], m[1]); status != http.StatusSeeOther {
		t.Errorf("withdraw: status %d %.2000s", status, text)
	}
	list, err := o.store.History(t.Context(), time.Time{}, warehouse.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if want := f.ID == o.own["filing"]; f.Withdrawn != want {
			t.Errorf("filing %s of %s is withdrawn: %v, want %v", f.ID, f.AgencyName, f.Withdrawn, want)
		}
	}
	if _, _, text := wang.get("/changes.csv"); !strings.Contains(text, ",wang,") || strings.Contains(text, "somebody else") {
		t.Errorf("the decision is not in the name of the account:\n%s", text)
	}
	if _, _, text := li.get(path); csrfField.MatchString(text) {
		t.Error("a viewer is offered forms")
	}
	if status, _, _ := wang.get("/journal"); status != http.StatusForbidden {
		t.Errorf("an approver reads the journal: status %d", status)
	}
	if status, _, text := wang.get("/waiting.json"); status == 200 {
		t.Errorf("waiting: %s", text)
	}
}

// TestSigningIn: what the cookie is, what ends a session, what slows guessing, where it leads, and what the journal says.
func TestSigningIn(t *testing.T) {
	o := openOffice(t)
	b := o.browser(t)
	u, _ := url.Parse(o.server.URL)
	b.client.Jar.SetCookies(u, []*http.Cookie{{Name: "nianbao", Value: "fixed", Path: "/"}})
	header := b.signIn("admin")
	cookie := header.Get("Set-Cookie")
	if !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") || !strings.Contains(cookie, "Path=/") || strings.Contains(cookie, "fixed") {
		t.Errorf("cookie %s", cookie)
	}
	first := b.cookie()
	b.signIn("admin")
	second := b.cookie()
	if first == second || first == "fixed" {
		t.Error("a session was taken over by the next sign-in")
	}
	old := o.browser(t)
	old.client.Jar.SetCookies(u, []*http.Cookie{{Name: "nianbao", Value: first, Path: "/"}})
	if status, _, _ := old.get("/account"); status != http.StatusSeeOther {
		t.Errorf("the session before goes on: status %d", status)
	}
	for next, want := range map[string]string{"//evil.example": "/", "https://evil.example/": "/", `/\evil.example`: "/", "/a\r\nX: y": "/", "javascript:alert(1)": "/", "/compare?year=2023": "/compare?year=2023",
		"/%2f/evil.example": "/", "": "/", "sign-in": "/", "/\t/evil.example": "/"} {
		_, header, _ := o.browser(t).post("/sign-in", "name", "li", "password", password, "next", next)
		if got := header.Get("Location"); got != want {
			t.Errorf("after signing in to %q it leads to %q, want %q", next, got, want)
		}
	}
	// A form of another site.
	r := httptest.NewRequest(http.MethodPost, "/sign-in", strings.NewReader("name=li&password="+url.QueryEscape(password)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://evil.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	if o.server.Config.Handler.ServeHTTP(w, r); w.Code != http.StatusForbidden || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("a sign-in from another site: status %d", w.Code)
	}
	// Over TLS.
	r = httptest.NewRequest(http.MethodPost, "https://nianbao.example/sign-in", strings.NewReader("name=li&password="+url.QueryEscape(password)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w = httptest.NewRecorder()
	if o.server.Config.Handler.ServeHTTP(w, r); !strings.HasPrefix(w.Header().Get("Set-Cookie"), "__Host-nianbao=") || !strings.Contains(w.Header().Get("Set-Cookie"), "Secure") {
		t.Errorf("cookie over TLS: %s", w.Header().Get("Set-Cookie"))
	}
	// Signing out ends the session, not only the cookie.
	_, _, account := b.get("/account")
	if status, _, _ := b.get("/sign-out"); status != http.StatusSeeOther {
		t.Errorf("sign out by a link: status %d", status)
	}
	if status, _, _ := b.get("/account"); status != 200 {
		t.Error("a link signed somebody out")
	}
	b.post("/sign-out", "csrf", csrfField.FindStringSubmatch(account)[1])
	old.client.Jar.SetCookies(u, []*http.Cookie{{Name: "nianbao", Value: second, Path: "/"}})
	if status, _, _ := old.get("/account"); status != http.StatusSeeOther {
		t.Errorf("the session goes on after signing out: status %d", status)
	}
	// Guessing.
	for _, name := range []string{"wang", "nobody"} {
		var texts []string
		for range 11 {
			status, _, text := o.browser(t).post("/sign-in", "name", name, "password", "wrong wrong wrong")
			texts = append(texts, fmt.Sprint(status, strings.ReplaceAll(text, name, "")))
		}
		if sum := sha256.Sum256([]byte(texts[0])); texts[0] != texts[1] || !strings.HasPrefix(texts[10], "429") {
			t.Errorf("%s: answers %s and %.300s, want ten times the same and then 429", name, hex.EncodeToString(sum[:]), texts[10])
		}
	}
	if status, _, _ := o.browser(t).post("/sign-in", "name", "wang", "password", password); status != http.StatusTooManyRequests {
		t.Errorf("a locked account: status %d, want 429", status)
	}
	// The journal.
	entries, _, err := o.store.Journal(t.Context(), warehouse.JournalFilter{Kinds: []string{gate.SignIn, gate.SignOut}})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, e := range entries {
		seen[e.Kind+" "+e.Person+" "+e.Outcome]++
		for _, private := range []string{password, "wrong wrong", first, second, "nobody"} {
			if strings.Contains(fmt.Sprintf("%+v", e), private) {
				t.Errorf("the journal holds %q", private)
			}
		}
	}
	for what, want := range map[string]int{"sign_in admin done": 2, "sign_out admin done": 1, "sign_in wang refused": 10, "sign_in  refused": 13} {
		if seen[what] != want {
			t.Errorf("%q stands %d times in the journal, want %d: %v", what, seen[what], want, seen)
		}
	}
}
