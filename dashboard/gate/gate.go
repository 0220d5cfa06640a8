// Package gate stands before the pages and the API: it says who asks, lets in who may, and shows each what it may see.
//
// What flows in is a request; what flows out is the same request with an [access.Visit] in its context, handed to the handlers
// made for the agencies that the visitor sees. Accounts and sessions are the warehouse's, kept in memory and asked for anew when
// something was said about them, so that a request costs no query. Who comes in, fails to, and leaves stands in the journal.
//
// Handlers are made once for all that see everything and once for each narrower scope, over a store that the engine itself narrows.
// What one remembers for its next visitor it remembers for the scope alone.
package gate

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"nianbao/dashboard/assets"
	"nianbao/internal/access"
	"nianbao/internal/warehouse"
)

// Options say what the gate stands before.
type Options struct {
	Store *warehouse.Store
	Log   *slog.Logger     // nil discards
	Now   func() time.Time // nil is time.Now
	// Build makes the handlers of everything over a store. The text names what the store shows, "" for everything; it belongs
	// into every ETag.
	Build func(store *warehouse.Store, sight string) (http.Handler, error)
	// Loopback says that this machine alone can reach the service: as long as no account was ever made, whoever does may do
	// everything. Open lets everybody in then, to see.
	Loopback, Open bool
	// Proxies are trusted to say for whom they ask, in X-Forwarded-For and X-Forwarded-Proto.
	Proxies []netip.Prefix
	// Idle and Longest bound a session: without a request, and in all.
	Idle, Longest time.Duration
	Provider      *Provider // of sign-in elsewhere, nil for none
}

// Gate is the handler.
type Gate struct {
	Options
	door     *door
	sights   *sights
	throttle *throttle
	foreign  *http.CrossOriginProtection
	files    map[string]assets.File
	hashing  chan struct{} // one place for each password that is hashed at a time: each takes 64 MiB

	flows sync.Map // of sign-in elsewhere: state → flow
}

// Default bounds of a session.
const (
	DefaultIdle    = 2 * time.Hour
	DefaultLongest = 12 * time.Hour
)

// New makes a gate.
func New(o Options) (*Gate, error) {
	if o.Store == nil || o.Build == nil {
		return nil, errors.New("make the gate: no warehouse or no handlers are given")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Idle == 0 {
		o.Idle = DefaultIdle
	}
	if o.Longest == 0 {
		o.Longest = DefaultLongest
	}
	whole, err := o.Build(o.Store, "")
	if err != nil {
		return nil, err
	}
	g := &Gate{Options: o, throttle: newThrottle(), foreign: http.NewCrossOriginProtection(), files: assets.Files(), hashing: make(chan struct{}, 2)}
	g.door = &door{store: o.Store, now: o.Now, idle: o.Idle}
	g.sights = &sights{store: o.Store, build: o.Build, now: o.Now, whole: whole, known: map[string]*sight{}}
	return g, nil
}

// public are the beginnings of addresses that ask nobody who he is. What stands below /wall/ has a secret in its address.
var public = []string{"/assets/", "/healthz", "/readyz", "/wall/", "/favicon.ico"}

// guarded are the addresses that want more than to see. The longest beginning counts.
var guarded = map[string]access.Act{
	"/journal":        access.Journal,
	"/api/v1/journal": access.Journal,
	"/metrics":        access.Metrics,
	"/upload":         access.Load,
	"/api/v1/uploads": access.Load,
	"/boards":         access.Boards,
	"/api/v1/boards":  access.Boards,
}

// actOf is what a request wants to do. What is decided by a form or in the API is looked at where it is carried out.
func actOf(path string) access.Act {
	act, longest := access.See, 0
	for beginning, a := range guarded {
		rest, ok := strings.CutPrefix(path, beginning)
		if ok && len(beginning) > longest && (rest == "" || rest[0] == '/' || rest[0] == '.') {
			act, longest = a, len(beginning)
		}
	}
	return act
}

func isPublic(path string) bool {
	for _, p := range public {
		if path == p || strings.HasSuffix(p, "/") && strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}

func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r, forwarded := g.clientOf(r)
	news, err := g.door.news(r.Context())
	if err != nil && isPublic(r.URL.Path) {
		g.sights.whole.ServeHTTP(w, r) // the health checks must answer
		return
	}
	if err != nil {
		g.unavailable(w, r, err)
		return
	}
	if len(news.book) == 0 {
		g.serveOpen(w, r, forwarded)
		return
	}
	h := w.Header()
	h.Add("Vary", "Cookie")
	h.Add("Vary", "Authorization")
	switch {
	case isPublic(r.URL.Path):
		g.sights.whole.ServeHTTP(w, r)
		return
	case r.URL.Path == signInPath || strings.HasPrefix(r.URL.Path, signInPath+"/"):
		g.serveSignIn(w, r)
		return
	}
	v, s, ok := g.visitor(r, news)
	if !ok {
		g.ask(w, r)
		return
	}
	if !g.mayWrite(w, r, v) {
		return
	}
	switch r.URL.Path {
	case signOutPath:
		g.serveSignOut(w, r, s)
		return
	case accountPath:
		g.serveAccount(w, r, v, s, news)
		return
	}
	if !v.May(actOf(r.URL.Path)) {
		g.fail(w, r, http.StatusForbidden, "this account may not do that", "signin.forbidden")
		return
	}
	ctx := access.With(r.Context(), v)
	// The check of names that guards a service without accounts: here the session does, and its token.
	ctx = withoutLocalAddress(ctx)
	if err := g.sights.serve(w, r.WithContext(ctx), v.Scope); err != nil {
		g.unavailable(w, r, err)
	}
}

// serveOpen answers where nobody ever made an account.
func (g *Gate) serveOpen(w http.ResponseWriter, r *http.Request, forwarded bool) {
	v := access.Visit{Principal: access.Principal{Open: true}}
	switch {
	case g.Loopback && !forwarded:
	case g.Open:
		v = access.Visit{Principal: access.Principal{Roles: []access.Role{access.Viewer}}}
	case isPublic(r.URL.Path):
	default:
		g.fail(w, r, http.StatusForbidden, "there are no accounts, and the request comes from elsewhere; make one with nianbao user add", "signin.none")
		return
	}
	switch write := r.Method != http.MethodGet && r.Method != http.MethodHead; {
	case r.URL.Path == signInPath || r.URL.Path == signOutPath || r.URL.Path == accountPath:
		http.Redirect(w, r, "/", http.StatusSeeOther)
	case !v.May(actOf(r.URL.Path)) || write && !v.Principal.Open:
		g.fail(w, r, http.StatusForbidden, "nothing can be decided here: there are no accounts", "signin.none")
	default:
		g.sights.whole.ServeHTTP(w, r.WithContext(access.With(r.Context(), v)))
	}
}

// visitor says who asks: the bearer of a token, or whose session the cookie names.
func (g *Gate) visitor(r *http.Request, news *news) (access.Visit, *session, bool) {
	if header := r.Header.Get("Authorization"); header != "" {
		kind, secret, _ := strings.Cut(header, " ")
		account, ok := news.book.Bearing(strings.TrimSpace(secret))
		if !ok || !strings.EqualFold(kind, "Bearer") || !account.Holds(g.Now()) {
			return access.Visit{}, nil, false
		}
		return access.Visit{Principal: account.Principal()}, nil, true
	}
	for _, secret := range cookies(r) {
		if s, account, ok := g.door.session(secret, news); ok {
			return access.Visit{Principal: account.Principal(), CSRF: csrfOf(secret)}, s, true
		}
	}
	return access.Visit{}, nil, false
}

// mayWrite keeps out what a page of another site made the browser of somebody who is signed in send.
func (g *Gate) mayWrite(w http.ResponseWriter, r *http.Request, v access.Visit) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	if v.CSRF == "" { // a token: no browser sends it by itself
		return true
	}
	if r.URL.Path == "/upload" && g.foreign.Check(r) == nil {
		return true // its form comes in parts, of which the page reads the token before any file
	}
	if g.foreign.Check(r) == nil && sameText(tokenOf(w, r), v.CSRF) {
		return true
	}
	g.fail(w, r, http.StatusForbidden, "the request has no token of this session (form field csrf or header X-CSRF-Token)", "signin.stale")
	return false
}

// mostSent bounds what is read of a form, in bytes.
const mostSent = 64 << 10

func tokenOf(w http.ResponseWriter, r *http.Request) string {
	if token := r.Header.Get("X-CSRF-Token"); token != "" {
		return token
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return ""
	}
	r.Body = http.MaxBytesReader(w, r.Body, mostSent)
	if err := r.ParseForm(); err != nil {
		return ""
	}
	return r.PostForm.Get("csrf")
}

// ask answers who is not known: people are led to the sign-in, programs are told what to send.
func (g *Gate) ask(w http.ResponseWriter, r *http.Request) {
	if wantsPage(r) && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, signInPath+"?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="nianbao"`)
	g.fail(w, r, http.StatusUnauthorized, "sign in at "+signInPath+", or send Authorization: Bearer with a token", "signin.wanted")
}

// wantsPage tells the addresses that people look at from those that programs read.
func wantsPage(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, "/api/") || r.Header.Get("Authorization") != "" {
		return false
	}
	for _, ending := range []string{".json", ".csv", ".svg", ".xlsx", ".zip", ".parquet"} {
		if strings.HasSuffix(r.URL.Path, ending) {
			return false
		}
	}
	return true
}

// clientOf is the request as the one made it for whom a trusted proxy asks. forwarded says that somebody passed it on, trusted or
// not.
func (g *Gate) clientOf(r *http.Request) (_ *http.Request, forwarded bool) {
	h := r.Header
	forwarded = h.Get("X-Forwarded-For") != "" || h.Get("X-Forwarded-Proto") != "" || h.Get("Forwarded") != ""
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !g.trusted(peer.Addr()) {
		return r, forwarded
	}
	r = r.Clone(r.Context())
	// From the right: each proxy adds the one that asked it. What stands left of the first that is not trusted, anybody may have
	// written.
	list := strings.Split(strings.Join(h.Values("X-Forwarded-For"), ","), ",")
	for i := len(list) - 1; i >= 0; i-- {
		client, err := netip.ParseAddr(strings.TrimSpace(list[i]))
		if err != nil {
			break
		}
		r.RemoteAddr = netip.AddrPortFrom(client, 0).String()
		if !g.trusted(client) {
			break
		}
	}
	if h.Get("X-Forwarded-Proto") == "https" {
		r.URL.Scheme = "https"
	}
	return r, forwarded
}

func (g *Gate) trusted(a netip.Addr) bool {
	for _, p := range g.Proxies {
		if p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// secure reports whether the client reaches this service by TLS, here or at a trusted proxy.
func secure(r *http.Request) bool { return r.TLS != nil || r.URL.Scheme == "https" }

// clientName is the address of the client, for the journal.
func clientName(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
