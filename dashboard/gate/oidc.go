package gate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"nianbao/internal/access"
	"nianbao/internal/warehouse"
)

// Addresses of signing in elsewhere.
const (
	elsewherePath = signInPath + "/elsewhere"
	returnPath    = signInPath + "/return"
)

// ProviderOptions say where people sign in elsewhere, by OpenID Connect.
type ProviderOptions struct {
	Issuer, Client, Secret string
	// URL is the address of this service as people type it, https://nianbao.example.gov.cn.
	URL string
	// Groups says which role the members of a group have. Who is in none is not let in, unless an account names his subject.
	Groups map[string]access.Role
	// Claim names the claim with the groups.
	Claim string
}

// Provider signs people in elsewhere.
type Provider struct {
	options  ProviderOptions
	config   oauth2.Config
	verifier *oidc.IDTokenVerifier
}

// NewProvider asks the issuer for its description.
func NewProvider(ctx context.Context, o ProviderOptions) (*Provider, error) {
	if o.Claim == "" {
		o.Claim = "groups"
	}
	p, err := oidc.NewProvider(ctx, o.Issuer)
	if err != nil {
		return nil, fmt.Errorf("ask %s for its description: %w", o.Issuer, err)
	}
	return &Provider{options: o, verifier: p.Verifier(&oidc.Config{ClientID: o.Client}),
		config: oauth2.Config{ClientID: o.Client, ClientSecret: o.Secret, Endpoint: p.Endpoint(), RedirectURL: strings.TrimSuffix(o.URL, "/") + returnPath,
			Scopes: []string{oidc.ScopeOpenID, "profile", o.Claim}}}, nil
}

// flow is a sign-in elsewhere that has begun in one browser.
type flow struct {
	nonce, verifier, next string
	browser               string // hash of the secret in its cookie
	until                 time.Time
}

const (
	flowTime   = 10 * time.Minute
	mostFlows  = 10_000
	flowCookie = "nianbao-flow"
)

// beginElsewhere leads the browser to the provider.
func (g *Gate) beginElsewhere(w http.ResponseWriter, r *http.Request) {
	now := g.Now()
	open := 0
	g.flows.Range(func(state, value any) bool {
		if now.After(value.(flow).until) {
			g.flows.Delete(state)
		} else {
			open++
		}
		return true
	})
	if open >= mostFlows {
		w.Header().Set("Retry-After", "60")
		g.fail(w, r, http.StatusServiceUnavailable, "too many people are signing in", "signin.unavailable")
		return
	}
	state, browser := randomHex(16), access.NewSecret("")
	f := flow{nonce: randomHex(16), verifier: oauth2.GenerateVerifier(), next: nextOf(r), browser: access.HashToken(browser), until: now.Add(flowTime)}
	g.flows.Store(state, f)
	http.SetCookie(w, &http.Cookie{Name: flowCookie, Value: browser, Path: signInPath, HttpOnly: true, Secure: secure(r), SameSite: http.SameSiteLaxMode, MaxAge: int(flowTime.Seconds())})
	protect(w)
	http.Redirect(w, r, g.Provider.config.AuthCodeURL(state, oidc.Nonce(f.nonce), oauth2.S256ChallengeOption(f.verifier)), http.StatusSeeOther)
}

// endElsewhere takes what the provider sends back.
func (g *Gate) endElsewhere(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: flowCookie, Path: signInPath, HttpOnly: true, Secure: secure(r), SameSite: http.SameSiteLaxMode, MaxAge: -1})
	account, f, err := g.identified(r)
	var stranger errStranger
	switch {
	case errors.As(err, &stranger):
		_ = g.record(r, SignIn, string(stranger), warehouse.Refused, "none of the groups has a role here") // it is in the log
		g.fail(w, r, http.StatusForbidden, "the identity has no rights here", "signin.stranger")
	case err != nil:
		g.Log.Warn("sign in elsewhere", "error", err)
		_ = g.record(r, SignIn, "", warehouse.Refused, "signing in elsewhere failed") // it is in the log
		g.fail(w, r, http.StatusForbidden, "signing in elsewhere failed", "signin.failed")
	default:
		g.letIn(w, r, account, "OpenID Connect", f.next)
	}
}

// errStranger is an identity without rights.
type errStranger string

func (e errStranger) Error() string { return string(e) + " has no rights here" }

// identified is whose identity the provider confirms. Each state is taken once, and in the browser that began alone.
func (g *Gate) identified(r *http.Request) (access.Account, flow, error) {
	q := r.URL.Query()
	value, ok := g.flows.LoadAndDelete(q.Get("state"))
	if !ok {
		return access.Account{}, flow{}, errors.New("nobody began with this state, or it was used")
	}
	f := value.(flow)
	cookie, err := r.Cookie(flowCookie)
	switch {
	case err != nil || access.HashToken(cookie.Value) != f.browser:
		return access.Account{}, f, errors.New("another browser began")
	case g.Now().After(f.until):
		return access.Account{}, f, errors.New("it took too long")
	case q.Get("error") != "":
		return access.Account{}, f, fmt.Errorf("the provider answers %q", q.Get("error"))
	}
	ctx, cancel := context.WithTimeout(r.Context(), 30*time.Second)
	defer cancel()
	p := g.Provider
	token, err := p.config.Exchange(ctx, q.Get("code"), oauth2.VerifierOption(f.verifier))
	if err != nil {
		return access.Account{}, f, fmt.Errorf("exchange the code: %w", withoutBody(err))
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return access.Account{}, f, errors.New("the provider sends no identity")
	}
	id, err := p.verifier.Verify(ctx, raw)
	if err != nil {
		return access.Account{}, f, fmt.Errorf("verify the identity: %w", err)
	}
	if !sameText(id.Nonce, f.nonce) {
		return access.Account{}, f, errors.New("the identity was made for another sign-in")
	}
	account, err := g.accountOf(ctx, r, id)
	return account, f, err
}

// withoutBody keeps what a provider answered out of the log: it may hold tokens.
func withoutBody(err error) error {
	var e *oauth2.RetrieveError
	if errors.As(err, &e) {
		return fmt.Errorf("the provider answers %s %s", e.Response.Status, e.ErrorCode)
	}
	return err
}

// accountOf is the account of an identity: the one that names its subject. Where groups have roles, it is made at the first
// sign-in and follows the groups at every later one.
func (g *Gate) accountOf(ctx context.Context, r *http.Request, id *oidc.IDToken) (access.Account, error) {
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return access.Account{}, fmt.Errorf("read the identity: %w", err)
	}
	text := func(name string) string { s, _ := claims[name].(string); return s }
	subject := id.Issuer + " " + id.Subject
	g.door.forget()
	news, err := g.door.news(ctx)
	if err != nil {
		return access.Account{}, err
	}
	roles := g.rolesOf(claims[g.Provider.options.Claim])
	held, known := news.book.Subject(subject)
	account := held
	switch {
	case known && !held.Holds(g.Now()):
		return access.Account{}, errStranger(held.Name)
	case !known && len(roles) == 0:
		return access.Account{}, errStranger(text("preferred_username"))
	case !known:
		account = access.Account{Kind: access.User, Name: nameFor(text("preferred_username"), id.Subject, news.book), Full: text("name"), Roles: roles, Subject: subject, Stamp: randomHex(8)}
	case len(g.Provider.options.Groups) > 0 && len(roles) == 0:
		return access.Account{}, errStranger(held.Name)
	case len(roles) > 0:
		account.Roles = roles
	}
	if known && slices.Equal(account.Roles, held.Roles) {
		return account, nil
	}
	if err := account.Check(); err != nil {
		account.Full = "" // as the provider writes it
		if err := account.Check(); err != nil {
			return access.Account{}, err
		}
	}
	const why = "groups at the provider of sign-in"
	if _, err := g.Store.Commit(ctx, warehouse.Batch{ID: newID(), By: account.Name, Accounts: []warehouse.AccountStatement{{Account: account, Reason: why, Person: account.Name}}}); err != nil {
		return access.Account{}, err
	}
	return account, g.record(r, AccountChange, account.Name, warehouse.Done, why)
}

// rolesOf are the roles of groups, in the order in which roles are declared.
func (g *Gate) rolesOf(claim any) (roles []access.Role) {
	var groups []string
	switch list := claim.(type) {
	case string:
		groups = []string{list}
	case []any:
		for _, x := range list {
			if s, ok := x.(string); ok {
				groups = append(groups, s)
			}
		}
	}
	for _, line := range access.Roles {
		if slices.ContainsFunc(groups, func(name string) bool { return g.Provider.options.Groups[name] == line.Role }) {
			roles = append(roles, line.Role)
		}
	}
	return roles
}

// nameFor is a name that no account has.
func nameFor(wanted, subject string, book access.Book) string {
	a := access.Account{Kind: access.User, Name: wanted, Roles: []access.Role{access.Viewer}}
	if _, taken := book.Find(access.User, wanted); taken || a.Check() != nil {
		return "oidc-" + access.HashToken(subject)[:12]
	}
	return wanted
}
