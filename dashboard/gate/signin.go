package gate

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"html/template"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"nianbao/dashboard/words"
	"nianbao/internal/access"
	"nianbao/internal/warehouse"
)

// Addresses of the gate itself.
const (
	signInPath  = "/sign-in"
	signOutPath = "/sign-out"
	accountPath = "/account"
)

// Kinds of entries that the gate writes into the journal.
const (
	SignIn        = "sign_in"
	SignOut       = "sign_out"
	AccountChange = "account"
)

//go:embed templates/gate.html
var templateFile embed.FS

var templates = func() map[words.Language]*template.Template {
	out := map[words.Language]*template.Template{}
	for _, lang := range words.Languages {
		out[lang] = template.Must(template.New("gate.html").Funcs(template.FuncMap{"t": lang.Say}).ParseFS(templateFile, "templates/gate.html"))
	}
	return out
}()

// signPage is what the gate shows itself.
type signPage struct {
	Language    words.Language
	Code        string // of the language, for HTML
	Title       string
	Style, Icon string
	Languages   []choice
	Message     string // why not, or what was done
	Wrong       bool   // the message is a refusal
	Kind        string // sign-in, account, message
	Name, Next  string
	Elsewhere   string // address of the sign-in elsewhere, "" for none
	CSRF        string
	Who, Scope  string
	Roles       []string
	Password    bool // the account has one, which can be changed
}

type choice struct {
	Text, Href string
	Current    bool
}

// languageOf is the language that an address asks for, or else the browser: Chinese unless it prefers English.
func languageOf(r *http.Request) words.Language {
	switch asked := words.Language(r.URL.Query().Get("lang")); {
	case slices.Contains(words.Languages, asked):
		return asked
	case strings.Contains(nextOf(r), "lang=en"):
		return words.English
	}
	return words.Chinese
}

func (g *Gate) show(w http.ResponseWriter, r *http.Request, status int, p signPage) {
	p.Language = languageOf(r)
	p.Code = map[words.Language]string{words.Chinese: "zh-CN", words.English: "en"}[p.Language]
	p.Style, p.Icon = "/assets/style.css?v="+g.files["style.css"].Hash, "/assets/favicon.svg?v="+g.files["favicon.svg"].Hash
	for _, lang := range words.Languages {
		q := url.Values{"lang": {string(lang)}}
		if p.Next != "" {
			q.Set("next", p.Next)
		}
		p.Languages = append(p.Languages, choice{lang.Say("language"), r.URL.Path + "?" + q.Encode(), lang == p.Language})
	}
	protect(w)
	var b bytes.Buffer
	if err := templates[p.Language].Execute(&b, p); err != nil {
		g.Log.Error("write the sign-in page", "error", err)
		http.Error(w, p.Title, status)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the reader has gone
}

func protect(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
}

// fail refuses a request: as a page for people, as a problem document for programs.
func (g *Gate) fail(w http.ResponseWriter, r *http.Request, status int, detail, key string) {
	if wantsPage(r) {
		lang := languageOf(r)
		g.show(w, r, status, signPage{Kind: "message", Title: lang.Say(key), Message: lang.Say(key + ".hint"), Wrong: true})
		return
	}
	protect(w)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{"about:blank", http.StatusText(status), status, detail})
}

func (g *Gate) unavailable(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil { // the reader has gone
		return
	}
	g.Log.Error("answer request", "path", r.URL.Path, "error", err)
	w.Header().Set("Retry-After", "5")
	g.fail(w, r, http.StatusServiceUnavailable, "the warehouse does not answer; try again in a few seconds", "signin.unavailable")
}

// nextOf is the address of this site to which a sign-in leads, "/" if none or one elsewhere is given.
func nextOf(r *http.Request) string {
	next := r.FormValue("next")
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || !strings.HasPrefix(u.Path, "/") || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\x00\r\n\t") || strings.HasPrefix(u.Path, "//") ||
		strings.HasPrefix(u.Path, signInPath) || strings.HasPrefix(u.Path, signOutPath) {
		return "/"
	}
	return next
}

func (g *Gate) serveSignIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, mostSent)
	lang := languageOf(r)
	page := signPage{Kind: "sign-in", Title: lang.Say("signin.title"), Next: nextOf(r)}
	if g.Provider != nil {
		page.Elsewhere = elsewherePath + "?next=" + url.QueryEscape(page.Next)
	}
	switch {
	case g.Provider != nil && r.URL.Path == elsewherePath && r.Method == http.MethodGet:
		g.beginElsewhere(w, r)
		return
	case g.Provider != nil && r.URL.Path == returnPath && r.Method == http.MethodGet:
		g.endElsewhere(w, r)
		return
	case r.URL.Path != signInPath:
		g.fail(w, r, http.StatusNotFound, "there is nothing at this address", "signin.nothing")
		return
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		g.show(w, r, http.StatusOK, page)
		return
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", "GET, HEAD, POST")
		g.fail(w, r, http.StatusMethodNotAllowed, "want GET or POST", "signin.nothing")
		return
	case g.foreign.Check(r) != nil:
		g.fail(w, r, http.StatusForbidden, "the form comes from another site", "signin.foreign")
		return
	}
	page.Name = strings.TrimSpace(r.PostFormValue("name"))
	page.Wrong = true
	wait, ok := g.check(w, r, page.Name, r.PostFormValue("password"))
	switch {
	case wait > 0:
		minutes := int(math.Ceil(wait.Minutes()))
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		page.Message = lang.Say("signin.locked", minutes)
		g.show(w, r, http.StatusTooManyRequests, page)
	case !ok:
		page.Message = lang.Say("signin.wrong")
		g.show(w, r, http.StatusUnauthorized, page)
	}
}

// check lets somebody in by a password. It has answered if it returns true.
func (g *Gate) check(w http.ResponseWriter, r *http.Request, name, password string) (wait time.Duration, ok bool) {
	client := network(r.RemoteAddr)
	if wait = g.throttle.wait(name, client, g.Now()); wait > 0 {
		_ = g.record(r, SignIn, "", warehouse.Refused, "locked after too many failures") // it is in the log
		return wait, false
	}
	news, err := g.door.news(r.Context())
	if err != nil {
		g.unavailable(w, r, err)
		return 0, true
	}
	account, known := news.book.Find(access.User, name)
	select {
	case g.hashing <- struct{}{}:
	case <-r.Context().Done():
		return 0, true
	}
	// An account that is not there, or has no password, takes as long as one that has.
	same := access.SamePassword(account.Secret, password)
	<-g.hashing
	if !same || !known || !account.Holds(g.Now()) {
		who, why := "", "no such account" // what was typed may be a password
		if known {
			who, why = account.Name, "wrong password"
			if same {
				why = "the account has ended"
			}
		}
		_ = g.record(r, SignIn, who, warehouse.Refused, why) // it is in the log
		return 0, false
	}
	g.throttle.succeeded(name, client)
	g.letIn(w, r, account, "password", nextOf(r))
	return 0, true
}

// letIn begins a session: always with a new secret, so that nobody can have set it before.
func (g *Gate) letIn(w http.ResponseWriter, r *http.Request, account access.Account, how, next string) {
	ctx := context.WithoutCancel(r.Context())
	now := g.Now()
	secret := access.NewSecret("")
	s := session{Hash: access.HashToken(secret), Account: account.Name, Stamp: account.Stamp, Begun: now, Until: now.Add(g.Longest)}
	err := g.Store.BeginSession(ctx, s)
	if err == nil {
		err = g.record(r, SignIn, account.Principal().Name, warehouse.Done, how)
	}
	if err != nil {
		g.unavailable(w, r, err)
		return
	}
	if n, err := g.door.news(ctx); err == nil { // who was signed in with this browser is no more
		for _, old := range cookies(r) {
			if s, _, ok := g.door.session(old, n); ok {
				_ = g.Store.EndSession(ctx, *s)
			}
		}
	}
	g.door.forget()
	setCookie(w, r, secret, g.Longest)
	protect(w)
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (g *Gate) serveSignOut(w http.ResponseWriter, r *http.Request, s *session) {
	if r.Method != http.MethodPost || s == nil { // a link must not sign anybody out
		http.Redirect(w, r, accountPath, http.StatusSeeOther)
		return
	}
	ctx := context.WithoutCancel(r.Context())
	err := g.Store.EndSession(ctx, *s)
	g.door.forget()
	if err != nil {
		g.unavailable(w, r, err)
		return
	}
	_ = g.record(r, SignOut, s.Account, warehouse.Done, "") // it is in the log
	setCookie(w, r, "", 0)
	protect(w)
	w.Header().Set("Clear-Site-Data", `"cache"`)
	http.Redirect(w, r, signInPath, http.StatusSeeOther)
}

// serveAccount shows who is signed in, and changes the password.
func (g *Gate) serveAccount(w http.ResponseWriter, r *http.Request, v access.Visit, s *session, news *news) {
	lang := languageOf(r)
	page := signPage{Kind: "account", Title: lang.Say("account.title"), Who: v.Name, CSRF: v.CSRF, Scope: v.Scope.String()}
	if v.Scope.All() {
		page.Scope = lang.Say("account.everything")
	}
	for _, role := range v.Roles {
		page.Roles = append(page.Roles, lang.Say("role."+string(role)))
	}
	if s == nil {
		g.show(w, r, http.StatusOK, page)
		return
	}
	account := news.accountsOfSessions[s.Account]
	page.Password = account.Secret != ""
	if r.Method != http.MethodPost {
		g.show(w, r, http.StatusOK, page)
		return
	}
	err := g.changePassword(r, account)
	var refused refusal
	switch {
	case errors.As(err, &refused):
		page.Wrong, page.Message = true, lang.Say(string(refused), access.ShortestPassword)
		g.show(w, r, http.StatusUnprocessableEntity, page)
	case err != nil:
		g.unavailable(w, r, err)
	default: // all its sessions have ended
		setCookie(w, r, "", 0)
		g.show(w, r, http.StatusOK, signPage{Kind: "sign-in", Title: lang.Say("signin.title"), Next: "/", Message: lang.Say("account.changed"), Name: account.Name})
	}
}

// refusal is the key of the text that says why something is not done.
type refusal string

func (r refusal) Error() string { return string(r) }

func (g *Gate) changePassword(r *http.Request, account access.Account) error {
	old, fresh := r.PostFormValue("old"), r.PostFormValue("new")
	client := network(r.RemoteAddr)
	if g.throttle.wait(account.Name, client, g.Now()) > 0 {
		return refusal("account.locked")
	}
	g.hashing <- struct{}{}
	same := access.SamePassword(account.Secret, old)
	<-g.hashing
	if !same {
		_ = g.record(r, AccountChange, account.Name, warehouse.Refused, "password: the old one is wrong") // it is in the log
		return refusal("account.old")
	}
	g.throttle.succeeded(account.Name, client)
	if fresh != r.PostFormValue("again") {
		return refusal("account.again")
	}
	if access.CheckPassword(fresh, account.Name) != nil {
		return refusal("account.weak")
	}
	account.Secret, account.Stamp = access.HashPassword(fresh), access.NewSecret("")
	_, err := g.Store.Commit(context.WithoutCancel(r.Context()), warehouse.Batch{ID: newID(), By: account.Name,
		Accounts: []warehouse.AccountStatement{{Account: account, Reason: "password changed by its owner", Person: account.Name}}})
	if err == nil {
		err = g.record(r, AccountChange, account.Name, warehouse.Done, "password changed by its owner")
	}
	g.door.forget()
	return err
}

// record writes into the journal. What cannot be written stands in the log.
func (g *Gate) record(r *http.Request, kind, person, outcome, detail string) error {
	return g.Store.Record(r.Context(), warehouse.Entry{Kind: kind, Person: person, Client: clientName(r), What: r.URL.Path, Outcome: outcome, Detail: detail})
}

func newID() string { return ulid.MustNew(ulid.Now(), rand.Reader).String() }

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
