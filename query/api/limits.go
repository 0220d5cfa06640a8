package api

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"golang.org/x/time/rate"
)

// Limits say how much one request and one client may take. The zero value of a field means its default.
type Limits struct {
	// QueryTime is how long an answer in JSON may be worked at; a table, which the reader may take in slowly, may take
	// [tableTimes] as long.
	QueryTime time.Duration
	// QueryMemory is how many bytes one query may take in the warehouse.
	QueryMemory uint64
	// Rate is how many requests a second one client address may make on and on, Burst how many at once. Programs on this
	// machine may make [loopbackTimes] as many. A negative rate is none.
	Rate  float64
	Burst int
}

// The defaults: ten times what the slowest question of a large store takes, and a page's worth of requests every second.
const (
	DefaultQueryTime   = 30 * time.Second
	DefaultQueryMemory = 2 << 30
	DefaultRate        = 20
	DefaultBurst       = 100

	tableTimes    = 10
	loopbackTimes = 500
)

func (l Limits) withDefaults() Limits {
	if l.QueryTime == 0 {
		l.QueryTime = DefaultQueryTime
	}
	if l.QueryMemory == 0 {
		l.QueryMemory = DefaultQueryMemory
	}
	if l.Rate == 0 {
		l.Rate = DefaultRate
	}
	if l.Burst == 0 {
		l.Burst = DefaultBurst
	}
	return l
}

// Within bounds the work for one request. The deadline is of all its queries together and ends them; the driver also tells
// it to the warehouse, which keeps to it even where this program has died.
func (l Limits) Within(ctx context.Context, tabular bool) (context.Context, context.CancelFunc) {
	l = l.withDefaults()
	most := l.QueryTime
	if tabular {
		most *= tableTimes
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"max_memory_usage": l.QueryMemory,
	}))
	return context.WithTimeout(ctx, most)
}

// Codes of ClickHouse's exceptions.
const (
	timeoutExceeded     = 159
	tooManyQueries      = 202
	memoryLimitExceeded = 241
)

// exhausted is the problem of a request that took more than it may, nil if the error is another.
func (s *service) exhausted(err error) *refusal {
	var e *clickhouse.Exception
	code := int32(0)
	if errors.As(err, &e) {
		code = e.Code
	}
	switch {
	case code == timeoutExceeded || errors.Is(err, context.DeadlineExceeded):
		return &refusal{status: http.StatusGatewayTimeout, detail: "the answer takes longer than " + s.Limits.QueryTime.String() + "; ask for fewer years, agencies or rows"}
	case code == memoryLimitExceeded:
		return &refusal{status: http.StatusServiceUnavailable, detail: "the answer takes more memory than a query may have; ask for fewer years, agencies or rows"}
	case code == tooManyQueries:
		return &refusal{status: http.StatusServiceUnavailable, detail: "too many questions are being answered; try again in a few seconds"}
	}
	return nil
}

// mostClients bounds the memory for clients: about 100 bytes each.
const mostClients = 1 << 14

// clients count the requests of each client address.
type clients struct {
	limits Limits
	now    func() time.Time

	mu    sync.Mutex
	known map[netip.Addr]*rate.Limiter
}

// wait takes a request of a client into account. It returns how long the client has to wait before it is answered, 0 for
// not at all.
func (c *clients) wait(remote string) time.Duration {
	if c.limits.Rate < 0 {
		return 0
	}
	address := clientOf(remote)
	now := c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.known[address]
	if l == nil {
		if len(c.known) >= mostClients {
			c.forget(now)
		}
		times := 1
		if address.IsLoopback() {
			times = loopbackTimes
		}
		l = rate.NewLimiter(rate.Limit(c.limits.Rate*float64(times)), c.limits.Burst*times)
		c.known[address] = l
	}
	r := l.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now) // who is refused has not used anything
	}
	return wait
}

// forget drops the clients that have their whole burst again: nothing is known of them. Should there be none, it drops all;
// that is generous for once, and memory stays bounded.
func (c *clients) forget(now time.Time) {
	for address, l := range c.known {
		if l.TokensAt(now) >= float64(l.Burst()) {
			delete(c.known, address)
		}
	}
	if len(c.known) >= mostClients {
		clear(c.known)
	}
}

// clientOf is whom an address belongs to. Of IPv6 that is a network of 64 bits: everybody has one of their own. What a
// proxy says of its clients is not believed; behind one, all are one client.
func clientOf(remote string) netip.Addr {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	address := at.Addr().Unmap().WithZone("")
	if address.Is6() && !address.IsLoopback() {
		if p, err := address.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return address
}

// seconds rounds up, as Retry-After counts.
func seconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }
