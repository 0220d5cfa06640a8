package gate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"nianbao/internal/access"
	"nianbao/internal/warehouse"
)

// sights are the handlers, one for each set of agencies that somebody sees.
type sights struct {
	store *warehouse.Store
	build func(*warehouse.Store, string) (http.Handler, error)
	now   func() time.Time
	whole http.Handler

	mu    sync.Mutex
	known map[string]*sight // by scope
	batch string            // of the last commit, as last asked
	asked time.Time
}

// sight is what one scope sees.
type sight struct {
	lock    sync.Mutex // while it is made
	batch   string     // of the state that codes were computed of
	codes   string     // digest of the codes
	now     *narrowed
	lastUse time.Time
}

// narrowed are handlers over a narrowed store. It is closed when nobody uses it any more.
type narrowed struct {
	handler http.Handler
	store   *warehouse.Store
	users   sync.WaitGroup
}

// mostSights bounds the memory for scopes that few use.
const mostSights = 32

// serve answers from what a scope shows. With an error it has not answered.
func (s *sights) serve(w http.ResponseWriter, r *http.Request, scope access.Scope) error {
	if scope.All() {
		s.whole.ServeHTTP(w, r)
		return nil
	}
	n, err := s.of(r.Context(), scope)
	if err != nil {
		return fmt.Errorf("show %s: %w", scope, err)
	}
	defer n.users.Done()
	n.handler.ServeHTTP(w, r)
	return nil
}

// of is what a scope shows now, with one more user.
func (s *sights) of(ctx context.Context, scope access.Scope) (*narrowed, error) {
	batch, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	key := scope.String()
	s.mu.Lock()
	one := s.known[key]
	if one == nil {
		s.makeRoom()
		one = &sight{}
		s.known[key] = one
	}
	one.lastUse = s.now()
	s.mu.Unlock()

	one.lock.Lock()
	defer one.lock.Unlock()
	if one.now == nil || one.batch != batch {
		if err := s.refresh(context.WithoutCancel(ctx), one, scope, batch); err != nil {
			return nil, err
		}
	}
	one.now.users.Add(1)
	return one.now, nil
}

// refresh makes the handlers anew if the scope holds other agencies than before.
func (s *sights) refresh(ctx context.Context, one *sight, scope access.Scope, batch string) error {
	codes, err := s.store.CodesOf(ctx, scope.Covers)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(strings.Join(codes, " ")))
	digest := hex.EncodeToString(sum[:8])
	if one.now != nil && one.codes == digest {
		one.batch = batch
		return nil
	}
	store, err := s.store.Narrowed(ctx, codes)
	if err != nil {
		return err
	}
	handler, err := s.build(store, digest)
	if err != nil {
		_ = store.Close()
		return err
	}
	if one.now != nil {
		go one.now.end()
	}
	one.batch, one.codes, one.now = batch, digest, &narrowed{handler: handler, store: store}
	return nil
}

// end closes the store after its last user.
func (n *narrowed) end() {
	n.users.Wait()
	_ = n.store.Close()
}

// makeRoom lets go of the scope that was not used for longest, if there are many. The caller holds s.mu.
func (s *sights) makeRoom() {
	if len(s.known) < mostSights {
		return
	}
	oldest := ""
	for key, one := range s.known {
		if oldest == "" || one.lastUse.Before(s.known[oldest].lastUse) {
			oldest = key
		}
	}
	one := s.known[oldest]
	delete(s.known, oldest)
	go func() {
		one.lock.Lock()
		defer one.lock.Unlock()
		if last := one.now; last != nil {
			one.now = nil
			last.end()
		}
	}()
}

// current is the batch that was committed last.
func (s *sights) current(ctx context.Context) (string, error) {
	s.mu.Lock()
	batch, asked := s.batch, s.asked
	s.mu.Unlock()
	if since := s.now().Sub(asked); !asked.IsZero() && since >= 0 && since < recent {
		return batch, nil
	}
	at := s.now()
	batch, _, err := s.store.DataVersion(ctx)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batch, s.asked = batch, at
	return batch, nil
}
