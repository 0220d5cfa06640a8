package gate

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"nianbao/internal/access"
	"nianbao/internal/warehouse"
)

// door knows the accounts and sessions.
type door struct {
	store *warehouse.Store
	now   func() time.Time
	idle  time.Duration

	asking singleflight.Group
	mu     sync.Mutex
	last   *news
	seen   map[string]time.Time // by session, when its last request came
}

// news is what is known of accounts and sessions at a time. It does not change.
type news struct {
	book               access.Book
	sessions           map[string]warehouse.Session // by hash
	accounts, begun    uint64                       // versions
	askedAt            time.Time
	accountsOfSessions map[string]access.Account // users, by name
}

type session = warehouse.Session

// recent is how long nobody asks for news of accounts: what one program says of them the others heed after that.
const recent = time.Second

func (d *door) news(ctx context.Context) (*news, error) {
	d.mu.Lock()
	known := d.last
	d.mu.Unlock()
	if known != nil {
		if since := d.now().Sub(known.askedAt); since >= 0 && since < recent {
			return known, nil
		}
	}
	fresh, err, _ := d.asking.Do("", func() (any, error) { return d.read(context.WithoutCancel(ctx), known) })
	if err != nil {
		return nil, err
	}
	return fresh.(*news), nil
}

func (d *door) read(ctx context.Context, known *news) (*news, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	at := d.now()
	accounts, begun, err := d.store.DoorVersion(ctx)
	if err != nil {
		return nil, err
	}
	n := &news{accounts: accounts, begun: begun, askedAt: at}
	if known != nil && known.accounts == accounts {
		n.book, n.accountsOfSessions = known.book, known.accountsOfSessions
	} else {
		list, err := d.store.Accounts(ctx)
		if err != nil {
			return nil, err
		}
		n.accountsOfSessions = map[string]access.Account{}
		for _, a := range list {
			n.book = append(n.book, a.Account)
			if a.Kind == access.User {
				n.accountsOfSessions[a.Name] = a.Account
			}
		}
	}
	if known != nil && known.begun == begun {
		n.sessions = known.sessions
	} else {
		list, err := d.store.Sessions(ctx)
		if err != nil {
			return nil, err
		}
		n.sessions = map[string]warehouse.Session{}
		for _, s := range list {
			n.sessions[s.Hash] = s
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = n
	for hash := range d.seen {
		if _, ok := n.sessions[hash]; !ok {
			delete(d.seen, hash)
		}
	}
	return n, nil
}

// forget makes the next request ask: it heeds what was just said.
func (d *door) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last != nil {
		again := *d.last
		again.askedAt = time.Time{}
		d.last = &again
	}
}

// session is the session with a secret and whose it is, if both hold.
func (d *door) session(secret string, n *news) (*session, access.Account, bool) {
	s, ok := n.sessions[access.HashToken(secret)]
	if !ok {
		return nil, access.Account{}, false
	}
	a, ok := n.accountsOfSessions[s.Account]
	now := d.now()
	if !ok || !a.Holds(now) || a.Stamp != s.Stamp || !now.Before(s.Until) {
		return nil, access.Account{}, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	last, seen := d.seen[s.Hash]
	// A session that this program has not seen yet was begun before it, or at another one: its idle time begins anew.
	if seen && now.Sub(last) > d.idle {
		return nil, access.Account{}, false
	}
	if d.seen == nil {
		d.seen = map[string]time.Time{}
	}
	d.seen[s.Hash] = now
	return &s, a, true
}

// Names of the cookie. The prefix __Host- keeps other hosts and unencrypted answers from setting it.
const (
	secureCookie = "__Host-nianbao"
	plainCookie  = "nianbao"
)

// cookies are the secrets of sessions that a request shows.
func cookies(r *http.Request) (secrets []string) {
	for _, c := range r.Cookies() {
		if (c.Name == secureCookie || c.Name == plainCookie && !secure(r)) && c.Value != "" && len(secrets) < 3 {
			secrets = append(secrets, c.Value)
		}
	}
	return secrets
}

// setCookie hands out the secret of a session; "" takes it away.
func setCookie(w http.ResponseWriter, r *http.Request, secret string, longest time.Duration) {
	c := &http.Cookie{Name: plainCookie, Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(longest.Seconds())}
	if secret == "" {
		c.MaxAge = -1
	}
	if secure(r) {
		c.Name, c.Secure = secureCookie, true
	}
	http.SetCookie(w, c)
}

// csrfOf is the text that forms of a session carry. Who knows it does not know the secret.
func csrfOf(secret string) string {
	sum := sha256.Sum256([]byte("form\x00" + secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func sameText(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 && b != ""
}

// withoutLocalAddress hides over which address a request came in.
func withoutLocalAddress(ctx context.Context) context.Context {
	return context.WithValue(ctx, http.LocalAddrContextKey, nil)
}
