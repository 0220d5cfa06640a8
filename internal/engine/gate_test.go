package engine

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestGateLetsFewComputeAndOthersWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(3, 100, time.Hour)
		var inside, most atomic.Int32
		for range 50 {
			go func() {
				p, err := g.admit()
				if err != nil {
					t.Error(err)
					return
				}
				defer p.leave()
				if err := p.take(t.Context()); err != nil {
					t.Error(err)
					return
				}
				for range 4 {
					most.Store(max(most.Load(), inside.Add(1)))
					time.Sleep(time.Second)
					inside.Add(-1)
					p.pause(func() error { time.Sleep(time.Second); return nil })
				}
			}()
		}
		time.Sleep(time.Hour / 2)
		if g.open.Load() != 0 || len(g.places) != 0 || most.Load() != 3 {
			t.Errorf("left behind %d open and %d places, at most %d inside; want 0, 0, 3", g.open.Load(), len(g.places), most.Load())
		}
	})
}

func TestGateRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1, 2, time.Minute)
		first, _ := g.admit()
		if err := first.take(t.Context()); err != nil {
			t.Fatal(err)
		}
		second, _ := g.admit()
		if _, err := g.admit(); codeOf(err) != codeTooManyQueries {
			t.Errorf("third of two requests: %v, want code 202", err)
		}
		if err := second.take(t.Context()); codeOf(err) != codeTooManyQueries {
			t.Errorf("waited too long: %v, want code 202", err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := second.take(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("client gone while waiting: %v, want context.Canceled", err)
		}
		first.pause(func() error {
			if err := second.take(t.Context()); err != nil {
				t.Errorf("take while the first waits for its client: %v", err)
			}
			second.leave()
			return nil
		})
		first.leave()
		if g.open.Load() != 0 || len(g.places) != 0 {
			t.Errorf("left behind %d open and %d places, want none", g.open.Load(), len(g.places))
		}
	})
}

func TestFullHouseIsAnswered503(t *testing.T) {
	b := &bridge{gate: newGate(1, 1, time.Minute), log: quiet}
	if _, err := b.gate.admit(); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader("SELECT 1")))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("X-ClickHouse-Exception-Code") != "202" || !strings.HasPrefix(w.Body.String(), "Code: 202. DB::Exception: ") {
		t.Errorf("answer %d, code %q, %q; want 503, 202 and its text", w.Code, w.Header().Get("X-ClickHouse-Exception-Code"), w.Body)
	}
}

// codeOf is the code of the bridge's own exceptions.
func codeOf(err error) int {
	if e := (*exception)(nil); errors.As(err, &e) {
		return e.code
	}
	return 0
}
