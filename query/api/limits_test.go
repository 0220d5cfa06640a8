package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"nianbao/internal/warehouse"
)

// asking adds an operation that asks the warehouse one question, through everything that an operation goes through.
func asking(s *service, path, sql string) {
	type in struct{ AsOf }
	read[in, []string](s, operation{path: path, id: "ask" + strings.ReplaceAll(path, "/", "-"), tag: "test"}, nil, func(v *visit, _ *in) (answer, error) {
		var got string
		err := v.Store.Conn().QueryRow(v.ctx, sql).Scan(&got)
		return value{[]string{got}}, err
	})
}

const endless = "SELECT toString(count()) FROM numbers(1000000000000) WHERE sipHash64(number) = 1 AND 'endless' != ''"

func running(ctx context.Context, store *warehouse.Store) (n uint64, err error) {
	err = store.Conn().QueryRow(ctx, "SELECT count() FROM system.processes WHERE query LIKE '%endless%' AND query NOT LIKE '%processes%'").Scan(&n)
	return n, err
}

// testLimits: a question ends with its reader, its time or its memory, and says which.
func testLimits(t *testing.T, store *warehouse.Store) {
	t.Run("the reader goes away", func(t *testing.T) {
		c, s := serving(t, Options{Store: store})
		asking(s, "/endless", endless)
		ctx, leave := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+Base+"/endless", nil)
			if err == nil {
				_, err = http.DefaultClient.Do(r) //nolint:bodyclose // there is none: it is cancelled
			}
			ended <- err
		}()
		until := func(want uint64) {
			t.Helper()
			for {
				n, err := running(t.Context(), store)
				if err != nil {
					t.Fatal(err)
				}
				if n == want {
					return
				}
			}
		}
		until(1)
		leave()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the request ended with %v", err)
		}
		until(0) // else the test runs out of time
	})
	t.Run("time", func(t *testing.T) {
		c, s := serving(t, Options{Store: store, Limits: Limits{QueryTime: time.Second}})
		asking(s, "/endless", endless)
		if got := c.get("/endless"); got.status != http.StatusGatewayTimeout || !strings.Contains(string(got.body), "longer than 1s") || got.header.Get("ETag") != "" {
			t.Errorf("%d %v %s", got.status, got.header, got.body)
		}
	})
	t.Run("memory", func(t *testing.T) {
		c, s := serving(t, Options{Store: store, Limits: Limits{QueryMemory: 64 << 20}})
		asking(s, "/large", "SELECT toString(length(groupArray(number))) FROM numbers(100000000)")
		asking(s, "/settings", "SELECT concat(toString(getSetting('max_memory_usage')), ' ', toString(toUInt64(getSetting('max_execution_time')) BETWEEN 1 AND 40))")
		if got := c.get("/large"); got.status != http.StatusServiceUnavailable || !strings.Contains(string(got.body), "memory") {
			t.Errorf("%d %s", got.status, got.body)
		}
		var set []string
		if got := c.get("/settings"); json.Unmarshal(got.body, &set) != nil || len(set) != 1 || set[0] != "67108864 1" {
			t.Errorf("a query runs with %s", got.body)
		}
	})
}

// testRate: who asks too often is told when to come again; this machine's own programs may ask more, and others are not hindered.
func testRate(t *testing.T, store *warehouse.Store) {
	clock := time.Date(2024, 4, 2, 0, 0, 0, 0, time.UTC)
	s := newService(Options{Store: store, Limits: Limits{Rate: 2, Burst: 3}, Now: func() time.Time { return clock }})
	handler := s.handler()
	ask := func(from string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, Base+"/checks", nil) // no question to the warehouse but for its state
		r.RemoteAddr = from
		r.Header.Set("X-Forwarded-For", fmt.Sprint("10.0.0.", clock.Nanosecond()%200)) // not believed
		handler.ServeHTTP(w, r)
		return w
	}
	for _, step := range []struct {
		from  string
		after time.Duration
		want  int
		wait  string
	}{
		{"192.0.2.1:1", 0, 200, ""}, {"192.0.2.1:2", 0, 200, ""}, {"192.0.2.1:3", 0, 200, ""}, {"192.0.2.1:4", 0, 429, "1"}, {"192.0.2.1:4", 0, 429, "1"},
		{"192.0.2.2:1", 0, 200, ""}, {"192.0.2.1:5", time.Second / 2, 200, ""}, {"192.0.2.1:5", 0, 429, "1"},
		{"[2001:db8:1::1]:1", 0, 200, ""}, {"[2001:db8:1::2]:1", 0, 200, ""}, {"[2001:db8:1:0:1::3]:1", 0, 200, ""}, {"[2001:db8:1::4]:1", 0, 429, "1"}, {"[2001:db8:1:1::1]:1", 0, 200, ""},
		{"[::ffff:192.0.2.1]:1", 0, 429, "1"},
	} {
		clock = clock.Add(step.after)
		got := ask(step.from)
		if got.Code != step.want || got.Header().Get("Retry-After") != step.wait {
			t.Errorf("%s: %d, Retry-After %q; want %d %q", step.from, got.Code, got.Header().Get("Retry-After"), step.want, step.wait)
		}
		if step.want == 429 && got.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %s", step.from, got.Body)
		}
	}
	for n := range 200 {
		if got := ask("127.0.0.1:9"); got.Code != 200 {
			t.Fatalf("request %d of this machine: %d", n, got.Code)
		}
	}
}

func TestClientsAreBounded(t *testing.T) {
	clock := time.Date(2024, 4, 2, 0, 0, 0, 0, time.UTC)
	c := clients{limits: Limits{Rate: 1, Burst: 2}, now: func() time.Time { return clock }, known: map[netip.Addr]*rate.Limiter{}}
	for range 3 {
		c.wait("192.0.2.1:1")
	}
	ask := func(n int) {
		c.wait(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), 1).String())
	}
	for n := range mostClients - 1 {
		ask(n)
	}
	clock = clock.Add(time.Second + time.Millisecond) // all of them but the first have their burst again
	ask(mostClients)
	if len(c.known) != 2 {
		t.Errorf("%d clients are known, want the one that used up its burst and the new one", len(c.known))
	}
	for n := range 2 * mostClients {
		ask(n)
	}
	if len(c.known) > mostClients {
		t.Errorf("%d clients are known, want at most %d", len(c.known), mostClients)
	}
	off := clients{limits: Limits{Rate: -1}, now: c.now}
	for range 1000 {
		if off.wait("192.0.2.1:1") != 0 {
			t.Fatal("a client has to wait where there is no rate")
		}
	}
}
