// Package page serves the pages: handlers, one typed struct for each page, templates and what they show.
//
// A request goes one way: its address is read into a typed value (an unknown parameter is refused), the state of the
// warehouse it is answered from is fixed to a moment, the page is built from query results as one value, and that
// value is written as HTML, JSON or CSV, so the three cannot differ. The address is the whole state; who
// is signed in changes what may be seen and decided, and package gate knows that. Pages work without script; the script only
// draws the pictures.
//
// What people decide on a page is sent to its own address and flows out through [api.Decisions], functions that the program
// hands in: the read path knows nothing of the write path. The answer leads back to the page.
package page

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/singleflight"

	"nianbao/dashboard/assets"
	"nianbao/dashboard/wall"
	"nianbao/dashboard/words"
	"nianbao/internal/observe"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
	"nianbao/query/api"
	"nianbao/query/compare"
	"nianbao/query/coverage"
)

// Options say what the pages are served from.
type Options struct {
	Store   *warehouse.Store
	Log     *slog.Logger     // nil discards
	Version string           // of the program; part of every ETag
	Now     func() time.Time // nil is time.Now
	Watch   *wall.Watch      // remembers what wall displays tell; nil where nobody else asks for it
	Decide  *api.Decisions   // nil: pages only show
	Sight   string           // names what the store shows, "" for everything; part of every ETag
	Upload  *Uploads         // nil: no files are taken
}

// New returns the handler of all pages, their files and the health checks.
func New(o Options) (http.Handler, error) {
	s, err := newSite(o)
	if err != nil {
		return nil, err
	}
	return s.routes(), nil
}

func newSite(o Options) (*site, error) {
	if o.Store == nil {
		return nil, errors.New("make pages: no warehouse is given")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	templates := map[lang]map[string]*template.Template{}
	for _, l := range words.Languages {
		var err error
		if templates[lang(l)], err = parseTemplates(lang(l)); err != nil {
			return nil, fmt.Errorf("make pages: %w", err)
		}
	}
	files := assets.Files()
	for _, l := range words.Languages {
		files[printSheet(l)] = assets.StyleSheet("@page { @top-left { content: " + strconv.Quote(l.Say("product")) + "; font: 8pt/12pt sans-serif; color: #3F4A5A; } }\n")
	}
	s := &site{number: sites.Add(1), store: o.Store, log: o.Log, version: o.Version, sight: o.Sight, now: o.Now, templates: templates, files: files, decisions: o.Decide, uploads: o.Upload, foreign: http.NewCrossOriginProtection(),
		registers: map[time.Time]*register.Register{}, matrices: map[dayAt]coverage.Matrix{},
		rosters: map[yearAt]*compare.Roster{}, coverage: map[yearAt]coverage.Year{}, years: map[time.Time][]warehouse.Year{}}
	if s.walls.watch = o.Watch; s.walls.watch == nil {
		s.walls.watch = &wall.Watch{}
	}
	return s, nil
}

// printSheet is the name of the style sheet that heads every sheet of paper with the name of the product: the margins of paper
// take no text from the page.
func printSheet(l words.Language) string { return "print-" + string(l) + ".css" }

// sites numbers the sites of this process.
var sites atomic.Int64

// site is what all handlers share.
type site struct {
	number    int64
	store     *warehouse.Store
	log       *slog.Logger
	version   string
	sight     string
	now       func() time.Time
	templates map[lang]map[string]*template.Template
	files     map[string]assets.File
	decisions *api.Decisions
	uploads   *Uploads
	foreign   *http.CrossOriginProtection // refuses what other sites send

	mu    sync.Mutex
	state state // of the warehouse, as last asked
	// What follows is of moments that are past, which never change.
	rosters   map[yearAt]*compare.Roster
	reading   singleflight.Group // of rosters
	coverage  map[yearAt]coverage.Year
	years     map[time.Time][]warehouse.Year // with reports
	registers map[time.Time]*register.Register
	matrices  map[dayAt]coverage.Matrix

	walls walls
}

// state is the state of the warehouse.
type state struct {
	batch   string    // "" while it is empty
	at      time.Time // of its last commit; everything read as of then stays the same for good
	askedAt time.Time
}

// yearAt is a reporting year as of a moment.
type yearAt struct {
	year int
	at   time.Time
}

// dayAt is a reporting year as of a moment, judged on a day.
type dayAt struct {
	yearAt
	day string
}

// recent is how long the state of the warehouse is not asked for again. Every page is answered as of the state that
// it names, so a page may be this much behind a load, but never torn.
const recent = time.Second

func (s *site) current(ctx context.Context) (state, error) {
	s.mu.Lock()
	known := s.state
	s.mu.Unlock()
	now := s.now()
	if since := now.Sub(known.askedAt); !known.askedAt.IsZero() && since >= 0 && since < recent {
		return known, nil
	}
	batch, at, err := s.store.DataVersion(ctx)
	if err != nil {
		return state{}, err
	}
	fresh := state{batch, at, now}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = fresh
	return fresh, nil
}

// keep returns what is known of a key, or reads it and keeps it. Of the oldest nothing is known: when so many are kept,
// all are let go.
func keep[K comparable, V any](s *site, known map[K]V, most int, key K, read func() (V, error)) (V, error) {
	s.mu.Lock()
	v, ok := known[key]
	s.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := read()
	if err != nil {
		return v, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(known) >= most {
		clear(known)
	}
	known[key] = v
	return v, nil
}

// roster is the roster of a year at a moment. A large district's takes some megabytes. After a commit everybody wants the
// new one at the same time: one reads it and the others wait. The reading does not end with the visitor who began it.
func (s *site) roster(ctx context.Context, year int, at time.Time) (*compare.Roster, error) {
	return keep(s, s.rosters, 24, yearAt{year, at}, func() (*compare.Roster, error) {
		read, err, _ := s.reading.Do(fmt.Sprint(year, at.UnixMicro()), func() (any, error) {
			return compare.ReadRoster(context.WithoutCancel(ctx), s.store.Conn(), year, at)
		})
		if err != nil {
			return nil, err
		}
		return read.(*compare.Roster), nil
	})
}

// coverageOf is the coverage of a year at a moment.
func (s *site) coverageOf(ctx context.Context, year int, at time.Time) (coverage.Year, error) {
	return keep(s, s.coverage, 24, yearAt{year, at}, func() (coverage.Year, error) {
		roster, err := s.roster(ctx, year, at)
		if err != nil {
			return coverage.Year{}, err
		}
		return coverage.Of(ctx, s.store, roster)
	})
}

// registerAt is the register at a moment.
func (s *site) registerAt(ctx context.Context, at time.Time) (*register.Register, error) {
	return keep(s, s.registers, 8, at, func() (*register.Register, error) { return s.store.Register(ctx, at) })
}

// matrixOf is who had to file for the year of a page, and who did.
func (v *visit) matrixOf(ctx context.Context, year int) (coverage.Matrix, error) {
	return keep(v.site, v.site.matrices, 24, dayAt{yearAt{year, v.at}, v.day()}, func() (coverage.Matrix, error) {
		return coverage.MatrixOf(ctx, v.site.store, coverage.Request{Years: []int{year}, AsOf: v.at, Now: v.judged})
	})
}

// yearsAt lists the years with a report that was visible at a moment, ascending.
func (s *site) yearsAt(ctx context.Context, at time.Time) ([]warehouse.Year, error) {
	if at.IsZero() {
		return nil, nil
	}
	return keep(s, s.years, 256, at, func() ([]warehouse.Year, error) { return s.store.Years(ctx, at) })
}

func (s *site) routes() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	g.HandleMethodNotAllowed = true
	g.UseRawPath = true // the row of a cell of a table before 2019 is its label as printed, which may hold a slash
	g.Use(s.guard)
	pages := func(method func(path string, handlers ...gin.HandlerFunc) gin.IRoutes) {
		for path, k := range drawnPages {
			method(path+string(asSVG), s.serve(k, path, asSVG))
			for _, f := range []format{asHTML, asJSON, asCSV, asXLSX} {
				method(path+string(f), s.serve(k, path, f))
			}
		}
		for _, f := range []format{asHTML, asJSON, asCSV, asXLSX} {
			method("/measures"+string(f), s.serve(measuresPage, "/measures", f))
			method("/register"+string(f), s.serve(registerPage, "/register", f))
			method("/findings"+string(f), s.serve(findingsPage, "/findings", f))
			method("/boards"+string(f), s.serve(boardsPage, "/boards", f))
			method("/changes"+string(f), s.serve(changesPage, "/changes", f))
			method("/package"+string(f), s.serve(packagePage, "/package", f))
			method("/journal"+string(f), s.serve(journalPage, "/journal", f))
			method("/diff"+string(f), s.serve(diffPage, "/diff", f))
		}
		method("/help", s.serve(helpPage, "/help", asHTML))
		method("/help/:topic", s.serveLast(helpPage, "topic"))
		method("/help/pictures/:picture", s.helpPicture)
		// An id has no dot, so the handler cuts the format off the last element.
		method("/agency/:agency", s.serveLast(agencyPage, "agency"))
		method("/report/:agency/:year", s.serveLast(reportPage, "year"))
		method("/report/:agency/:year/cell/:cell", s.serveLast(reportCellPage, "cell"))
		method("/filing/:filing", s.serveLast(filingPage, "filing"))
		method("/filing/:filing/cell/:cell", s.serveLast(filingCellPage, "cell"))
		method("/findings/:finding", s.serveLast(findingPage, "finding"))
		method("/boards/:board", s.serveLast(boardPage, "board"))
		method("/boards/:board/slide/:slide", s.slidePicture)
		method("/document/:sha256", s.document)
		method("/package.zip", s.pack)
		method("/assets/*file", s.asset)
		method("/wall/*path", s.wallPath)
		method("/s/:code", s.short)
		method("/upload", s.uploadForm)
		method("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
		method("/readyz", s.ready)
	}
	pages(g.GET)
	pages(g.HEAD)
	g.POST("/boards", s.decide(boardsPage))
	g.POST("/boards/:board", s.decide(boardPage))
	g.POST("/upload", s.upload)
	g.POST("/register", s.decide(registerPage))
	g.POST("/report/:agency/:year", s.decide(reportPage))
	g.POST("/report/:agency/:year/cell/:cell", s.decide(reportCellPage))
	g.POST("/filing/:filing", s.decide(filingPage))
	g.POST("/filing/:filing/cell/:cell", s.decide(filingCellPage))
	g.POST("/findings/:finding", s.decide(findingPage))
	g.NoRoute(s.missing)
	g.NoMethod(func(c *gin.Context) {
		c.Header("Allow", "GET, HEAD")
		c.String(http.StatusMethodNotAllowed, addressed(c).say("error.method")+"\n")
	})
	return g
}

// drawnPages are the pages with a picture at fixed paths.
var drawnPages = map[string]kind{"/": homePage, "/compare": comparePage, "/outcomes": outcomesPage, "/reasons": reasonsPage, "/disputes": disputesPage, "/funnel": funnelPage,
	"/trends": trendsPage, "/matrix": matrixPage, "/scatter": scatterPage, "/changes/years": yearsPage}

func formatOf(path string) format {
	for _, f := range []format{asJSON, asCSV, asXLSX, asSVG} {
		if strings.HasSuffix(path, string(f)) {
			return f
		}
	}
	return asHTML
}

// policy lets a page load only what this server has, and nothing that stands inside the page itself.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard sets what every answer has and turns a panic into an error page.
func (s *site) guard(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	defer func() {
		if cause := recover(); cause != nil {
			if cause == http.ErrAbortHandler {
				panic(cause)
			}
			id := observe.RequestID(c.Request.Context())
			s.log.Error("answer request: panic", "request", id, "path", c.Request.URL.Path, "cause", cause, "stack", string(debug.Stack()))
			if !c.Writer.Written() {
				s.failure(c, addressed(c), http.StatusInternalServerError, id)
			}
			c.Abort()
		}
	}()
	c.Next()
}

// ready says whether pages can be answered: the warehouse is asked.
func (s *site) ready(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), 2*time.Second)
	defer cancel()
	if err := s.store.Ready(ctx); err != nil {
		s.log.Warn("not ready", "error", err)
		c.String(http.StatusServiceUnavailable, "the warehouse does not answer\n")
		return
	}
	c.String(http.StatusOK, "ready\n")
}

// asset serves a file of the pages. Pages name its hash, so that it may be kept for good.
func (s *site) asset(c *gin.Context) {
	file, ok := s.files[strings.TrimPrefix(c.Param("file"), "/")]
	if !ok {
		s.missing(c)
		return
	}
	c.Header("ETag", `"`+file.Hash+`"`)
	c.Header("Cache-Control", "no-cache")
	if c.Query("v") == file.Hash {
		c.Header("Cache-Control", "public, max-age=31536000, immutable")
	}
	if c.GetHeader("If-None-Match") == `"`+file.Hash+`"` {
		c.Status(http.StatusNotModified)
		return
	}
	c.Data(http.StatusOK, file.MediaType, file.Content)
}
