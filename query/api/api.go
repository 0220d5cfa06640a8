// Package api is the HTTP interface for programs, at /api/v1: everything that the pages show, as typed JSON and as CSV, and
// the decisions that people take.
//
// A request flows in, is checked against its declaration, and names what is wrong with it in a problem document (RFC 9457).
// Every reading answer is as of one moment, as_of or the last commit, and a pure function of the moment and the address;
// that is its ETag. Lists come in pages with a cursor, and whole as CSV, row by row. Deciding flows through functions that
// the program hands in, since the read path knows nothing of the write path.
//
// The description at /api/v1/openapi.json is made from the declarations here. testdata/openapi.json holds it, and a test
// fails when it changes while [Version] does not.
package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"

	"nianbao/internal/kept"
	"nianbao/internal/observe"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
)

// Version is the version of the interface. The first number changes when something is taken away or means something else,
// the second when something is added.
const Version = "1.6.0"

// Base is the path under which everything stands.
const Base = "/api/v1"

// Options say what the interface is served from.
type Options struct {
	Store   *warehouse.Store
	Log     *slog.Logger     // nil discards
	Program string           // version of the program; part of every ETag
	Now     func() time.Time // nil is time.Now
	Decide  *Decisions       // nil: nothing can be decided
	Limits  Limits
	Sight   string // names what the store shows, "" for everything; part of every ETag
}

// service is what all operations share.
type service struct {
	Options
	api huma.API

	foreign *http.CrossOriginProtection // refuses what the pages of other sites send
	clients clients

	mu    sync.Mutex
	state state
	// answers are bodies in JSON, by their ETag: it names everything that they are a function of.
	answers *kept.Answers[written]
	// What follows is of moments that are past, which never change.
	rosters   map[yearAt]*compare.Roster
	registers map[time.Time]compare.Bodies
	reading   singleflight.Group // of both
}

// written is an answer as it was written.
type written struct {
	total, coding string // X-Total-Count, Content-Encoding
	body          []byte // in this coding
}

// roomFor is how many bytes of answers are kept. There may be many narrowed stores, each with a few readers.
func roomFor(store *warehouse.Store) int {
	if store != nil && store.Partial() { // none where only the description is wanted
		return 4 << 20
	}
	return 32 << 20
}

// state is the last commit of the warehouse, as last asked.
type state struct {
	at, askedAt time.Time
}

// recent is how long the last commit is not asked for again. Answers name their moment, so one may be this much behind a
// load, but is never torn.
const recent = time.Second

// New returns the handler of everything below [Base].
func New(o Options) (http.Handler, error) {
	if o.Store == nil {
		return nil, errors.New("make the API: no warehouse is given")
	}
	s := newService(o)
	return s.handler(), nil
}

func newService(o Options) *service {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Limits = o.Limits.withDefaults()
	return &service{Options: o, foreign: http.NewCrossOriginProtection(), clients: clients{limits: o.Limits, now: o.Now, known: map[netip.Addr]*rate.Limiter{}},
		answers: kept.New[written](roomFor(o.Store)), rosters: map[yearAt]*compare.Roster{}, registers: map[time.Time]compare.Bodies{}}
}

func (s *service) handler() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	g.HandleMethodNotAllowed = true
	g.Use(s.guard)
	config := huma.DefaultConfig("nianbao", Version)
	config.CreateHooks = nil // no links to schemas in answers
	config.SchemasPath, config.DocsPath = "", ""
	config.Info.Description = "政府信息公开工作年度报告：登记、报告、核对、更正与比较。Every reading operation takes as_of; lists come in pages and, with format=csv, whole."
	config.Servers = []*huma.Server{{URL: Base}}
	config.Formats = map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}
	config.NoFormatFallback = false
	s.api = humagin.NewWithGroup(g, g.Group(Base), config)
	s.api.UseMiddleware(s.knownParameters, s.sameOrigin)
	s.describe()
	g.NoRoute(func(c *gin.Context) {
		s.fail(humagin.NewContext(&huma.Operation{}, c), http.StatusNotFound, "there is nothing at this address; see "+Base+"/openapi.json")
	})
	g.NoMethod(func(c *gin.Context) {
		s.fail(humagin.NewContext(&huma.Operation{}, c), http.StatusMethodNotAllowed, "this address does not take "+c.Request.Method)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead { // answered as GET; the server leaves the body out
			r = r.Clone(context.WithValue(r.Context(), headKey{}, true))
			r.Method = http.MethodGet
		}
		g.ServeHTTP(w, r)
	})
}

type headKey struct{}

// headOnly reports whether a request came with the method HEAD.
func headOnly(ctx context.Context) bool { return ctx.Value(headKey{}) != nil }

// describe declares all operations.
func (s *service) describe() {
	s.describeRegister()
	s.describeReports()
	s.describeFindings()
	s.describeHistory()
	s.describeMeasures()
	s.describeComparisons()
	s.describeDecisions()
	s.describeSets()
}

// guard sets what every answer has and turns a panic into a problem.
func (s *service) guard(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	defer func() {
		if cause := recover(); cause != nil {
			if cause == http.ErrAbortHandler {
				panic(cause)
			}
			id := observe.RequestID(c.Request.Context())
			s.Log.Error("answer request: panic", "request", id, "path", c.Request.URL.Path, "cause", cause, "stack", string(debug.Stack()))
			if c.Writer.Written() {
				panic(http.ErrAbortHandler) // the reader must not take half an answer for a whole one
			}
			s.fail(humagin.NewContext(&huma.Operation{}, c), http.StatusInternalServerError, "request "+id)
			c.Abort()
		}
	}()
	if wait := s.clients.wait(c.Request.RemoteAddr); wait > 0 {
		h.Set("Retry-After", seconds(wait))
		s.fail(humagin.NewContext(&huma.Operation{}, c), http.StatusTooManyRequests, "this address asks too often; want at most "+strconv.FormatFloat(s.Limits.Rate, 'f', -1, 64)+" requests a second")
		c.Abort()
		return
	}
	c.Next()
}

// current is the moment of the last commit, the zero time while the warehouse is empty.
func (s *service) current(ctx context.Context) (time.Time, error) {
	s.mu.Lock()
	known := s.state
	s.mu.Unlock()
	now := s.Now()
	if since := now.Sub(known.askedAt); !known.askedAt.IsZero() && since >= 0 && since < recent {
		return known.at, nil
	}
	_, at, err := s.Store.DataVersion(ctx)
	if err != nil {
		return time.Time{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state{at, now}
	return at, nil
}

// forget makes the next reader ask for the last commit: it reads what was just decided.
func (s *service) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state{}
}

// fail writes a problem document.
func (s *service) fail(ctx huma.Context, status int, detail string, errs ...error) {
	ctx.SetHeader("Cache-Control", "no-store")
	_ = huma.WriteErr(s.api, ctx, status, detail, errs...) // the reader has gone
}

// trouble writes the problem that an error is.
func (s *service) trouble(ctx huma.Context, err error) {
	var refused *refusal
	if e := s.exhausted(err); e != nil && ctx.Context().Err() == nil {
		u := ctx.URL()
		s.Log.Warn("answer request: given up", "address", u.String(), "error", err)
		if e.status == http.StatusServiceUnavailable {
			ctx.SetHeader("Retry-After", "5")
		}
		err = e
	}
	switch {
	case ctx.Context().Err() != nil: // the reader has gone
	case errors.As(err, &refused):
		s.fail(ctx, refused.status, refused.detail, refused.errors()...)
	case errors.Is(err, warehouse.ErrNotFound):
		s.fail(ctx, http.StatusNotFound, "there is nothing at this address")
	default:
		id := observe.RequestID(ctx.Context())
		u := ctx.URL()
		s.Log.Error("answer request", "request", id, "address", u.String(), "error", err)
		ctx.SetHeader("Retry-After", "5")
		s.fail(ctx, http.StatusServiceUnavailable, "the warehouse does not answer; try again in a few seconds; request "+id)
	}
}

// refusal is a request that cannot be answered as it stands.
type refusal struct {
	status                  int
	detail, location, value string
}

func (r *refusal) Error() string { return r.detail }

func (r *refusal) errors() []error {
	if r.location == "" {
		return nil
	}
	return []error{&huma.ErrorDetail{Message: r.detail, Location: r.location, Value: r.value}}
}

// wrongValue refuses the value of a parameter, saying what is wanted.
func wrongValue(parameter, value, want string) error {
	return &refusal{http.StatusUnprocessableEntity, want, "query." + parameter, value}
}
