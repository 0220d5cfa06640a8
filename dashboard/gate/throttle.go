package gate

import (
	"net/netip"
	"sync"
	"time"
)

// throttle slows down who guesses passwords: an account is locked after some failures, whoever made them, and a client that fails
// often has to wait. Names that no account has are counted alike, so that a lock tells nothing.
type throttle struct {
	mu       sync.Mutex
	accounts map[string]*failures
	clients  map[netip.Addr]*failures
}

type failures struct {
	count int
	last  time.Time
	until time.Time // locked
}

// Bounds of failures in a row. Half an hour without one forgets them.
const (
	accountFailures = 10
	clientFailures  = 30
	lockedFor       = 15 * time.Minute
	forgottenAfter  = 30 * time.Minute
	mostCounted     = 1 << 14 // accounts, and clients
)

func newThrottle() *throttle {
	return &throttle{accounts: map[string]*failures{}, clients: map[netip.Addr]*failures{}}
}

// wait is how long nobody may try an account from a client, 0 if it may be tried now. A try counts as a failure until
// it is known to be none: many at the same time get no further than one after the other.
func (t *throttle) wait(account string, client netip.Addr, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	a, c := counted(t.accounts, account, now), counted(t.clients, client, now)
	if wait := max(a.until.Sub(now), c.until.Sub(now)); wait > 0 {
		return wait
	}
	a.fail(accountFailures, now)
	c.fail(clientFailures, now)
	return 0
}

func (f *failures) fail(most int, now time.Time) {
	f.count, f.last = f.count+1, now
	if f.count >= most {
		f.count, f.until = 0, now.Add(lockedFor)
	}
}

// succeeded forgets the failures of the account, and takes back the try of the client: who knows one password must not clear the way
// for guessing others.
func (t *throttle) succeeded(account string, client netip.Addr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.accounts, account)
	if c := t.clients[client]; c != nil && c.count > 0 {
		c.count--
	}
}

func counted[K comparable](known map[K]*failures, key K, now time.Time) *failures {
	f := known[key]
	if f != nil && now.Sub(f.last) > forgottenAfter {
		f = nil
	}
	if f == nil {
		if len(known) >= mostCounted {
			for k, f := range known {
				if now.After(f.until) {
					delete(known, k)
				}
			}
		}
		f = &failures{last: now}
		known[key] = f
	}
	return f
}

// network is whom an address belongs to; of IPv6 a network of 64 bits.
func network(remote string) netip.Addr {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	a := at.Addr().Unmap().WithZone("")
	if a.Is6() && !a.IsLoopback() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}
