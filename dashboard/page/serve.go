package page

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"nianbao/dashboard/chart"
	"nianbao/internal/access"
	"nianbao/internal/form"
	"nianbao/internal/observe"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
	"nianbao/query/download"
	"nianbao/query/tabular"
)

// kind is a kind of page.
type kind struct {
	template   string
	parameters []string // beyond theme, as_of and those of the format
	build      func(ctx context.Context, v *visit) (content, error)
	acts       map[string]act // what people can decide here, by name
	live       bool           // it changes without a commit: no reader may keep it
}

// content is a built page in its three forms.
type content interface {
	head() *head
	json() ([]byte, error)
	sheet() sheet
}

// visit is one request for a page, answered as of one moment.
type visit struct {
	*address
	site *site
	// at is the moment as of which everything is read: the one asked for, or the last commit. Zero while the
	// warehouse is empty.
	at time.Time
	// judged is the moment at which days overdue are counted: now, or the moment asked for.
	judged time.Time
	path   map[string]string // elements of the path by name
	newest time.Time         // the last commit
	tail   string            // of the addresses of other pages: the moment and the theme
	typed  *typed            // what was sent and refused, nil if nothing was
	issued string            // address of a display that was just added: it is shown this once
	packed bool              // the answer is compressed
	key    string            // under which the answer is kept, "" if it is not
	who    access.Visit      // asks

	// missing says why there is no report for the year of the page, by agency; nil while there is no register.
	missing map[string]filedState
}

// link is the address of another page that keeps the moment and the theme.
func (v *visit) link(path string) string { return path + v.tail }

// taken reports whether the answer is a file that is taken away, which stands in the journal.
func (v *visit) taken() bool { return v.format.table() || v.format == asJSON && v.part == "" }

// day is the day in China on which the page is judged.
func (v *visit) day() string { return v.judged.In(china).Format(time.DateOnly) }

// errNothing is the error of a page about something that is not there.
var errNothing = errors.New("nothing at this address")

// serve answers a page at a fixed path.
func (s *site) serve(k kind, path string, f format) gin.HandlerFunc {
	return func(c *gin.Context) { s.answer(c, k, path, f, nil) }
}

// serveLast answers a page whose format is the suffix of the last element of its path.
func (s *site) serveLast(k kind, last string) gin.HandlerFunc {
	return func(c *gin.Context) {
		path := c.Request.URL.EscapedPath()
		f := formatOf(path)
		elements, ok := pathOf(c, last, f)
		if !ok {
			s.missing(c)
			return
		}
		s.answer(c, k, strings.TrimSuffix(path, string(f)), f, elements)
	}
}

// pathOf reads the elements of the path. All are ids but for the path of a cell, which has two dots or more.
func pathOf(c *gin.Context, last string, f format) (elements map[string]string, ok bool) {
	elements = map[string]string{}
	for _, p := range c.Params {
		text := p.Value
		if p.Key == last {
			text = strings.TrimSuffix(text, string(f))
		}
		if elements[p.Key] = text; p.Key == "cell" {
			if _, err := form.ParseKey(text); err != nil || len(text) > 200 {
				return nil, false
			}
		} else if !plainID(text) {
			return nil, false
		}
	}
	return elements, true
}

func (s *site) answer(c *gin.Context, k kind, path string, f format, elements map[string]string) {
	ctx := c.Request.Context()
	a, wrong := parseAddress(path, f, c.Request.URL.Query(), k.parameters)
	if wrong == nil && a.asOf.After(s.now().Add(time.Minute)) {
		wrong = &problem{Parameter: "as_of", Value: c.Query("as_of"), Allowed: []string{a.say("error.future")}}
	}
	if wrong != nil {
		s.refuse(c, a, wrong)
		return
	}
	v, now, err := s.visit(ctx, a, elements)
	if err != nil {
		s.unavailable(c, a, err)
		return
	}
	v.packed = !v.taken() && takesGzip(c.GetHeader("Accept-Encoding"))
	h := c.Writer.Header()
	if k.live {
		h.Set("Cache-Control", "no-store")
		s.build(c, k, v, http.StatusOK)
		return
	}
	tag := s.tag(now, v)
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-cache")
	if matches(c.GetHeader("If-None-Match"), tag) {
		c.Status(http.StatusNotModified)
		return
	}
	if !v.taken() { // a file is made when it is asked for
		v.key = s.keyOf(c, tag)
		if one, ok := finishedPages.Get(v.key); ok {
			one.write(c)
			return
		}
	}
	s.build(c, k, v, http.StatusOK)
}

// visit fixes what a request is answered from.
func (s *site) visit(ctx context.Context, a *address, elements map[string]string) (*visit, state, error) {
	now, err := s.current(ctx)
	if err != nil {
		return nil, now, err
	}
	v := &visit{address: a, site: s, at: a.asOf, judged: s.now(), path: elements, newest: now.at, who: access.From(ctx), tail: a.to("").String()}
	if v.at.IsZero() || v.at.After(now.at) {
		v.at = now.at
	}
	if !a.asOf.IsZero() && a.asOf.Before(v.judged) {
		v.judged = a.asOf
	}
	return v, now, nil
}

func (s *site) build(c *gin.Context, k kind, v *visit, status int) {
	page, err := k.build(c.Request.Context(), v)
	var wrong *problem
	switch {
	case errors.As(err, &wrong):
		c.Writer.Header().Del("ETag")
		s.refuse(c, v.address, wrong)
	case errors.Is(err, errNothing) || errors.Is(err, warehouse.ErrNotFound):
		c.Writer.Header().Del("ETag")
		s.missing(c)
	case err != nil:
		c.Writer.Header().Del("ETag")
		s.unavailable(c, v.address, err)
	default:
		s.write(c, k, v, page, status)
	}
}

// tag names what a page is a function of: the data, the address, the program, the day, by which reports become overdue, and
// how it is coded.
func (s *site) tag(now state, v *visit) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{now.batch, now.at.Format(time.RFC3339Nano), v.String(), s.version, s.sight, v.visitor(), v.day(), strconv.FormatBool(v.packed)}, "\x00")))
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

func matches(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one == tag || one == "W/"+tag || one == "*" {
			return true
		}
	}
	return false
}

func (s *site) write(c *gin.Context, k kind, v *visit, page content, status int) {
	h := c.Writer.Header()
	if !v.at.IsZero() {
		h.Set("X-As-Of", v.at.Format(time.RFC3339Nano))
	}
	var body []byte
	var rows *uint64
	var err error
	mediaType := "application/json; charset=utf-8"
	picture, isDrawn := page.(drawn)
	switch {
	case v.format == asSVG && !isDrawn:
		h.Del("ETag")
		s.missing(c)
		return
	case v.format == asSVG:
		s.writeSVG(c, v, picture)
		return
	case v.part == partOption && isDrawn:
		body, err = optionOf(picture, paletteOf(v.theme))
	case v.format == asJSON:
		body, err = page.json()
	case v.format.table():
		table := page.sheet()
		n := uint64(len(table.rows))
		rows = &n
		if v.format == asXLSX {
			mediaType = tabular.MediaType
			var b bytes.Buffer
			err = table.xlsx(&b, map[string]string{"address": v.with(func(b *address) { b.bom = true }).String(), "as_of": exactTime(v.at)})
			body = b.Bytes()
			break
		}
		mediaType = "text/csv; charset=utf-8; header=present"
		h.Set("X-Filter", v.with(func(b *address) { b.bom = true }).String()) // rows of the table hold data only
		body = table.encode(v.bom)
	default:
		mediaType = "text/html; charset=utf-8"
		var b bytes.Buffer
		err = s.templates[v.lang][k.template].ExecuteTemplate(&b, "layout", page)
		body = chart.Printable(b.Bytes())
	}
	if errors.Is(err, tabular.ErrUnfit) {
		h.Del("ETag")
		s.problemJSON(c, http.StatusUnprocessableEntity, "no workbook holds this", err.Error(), nil)
		return
	}
	if err != nil {
		h.Del("ETag")
		id := observe.RequestID(c.Request.Context())
		s.log.Error("write page", "request", id, "address", v.String(), "error", err)
		s.failure(c, v.address, http.StatusInternalServerError, id)
		return
	}
	if !v.taken() {
		s.send(c, v, status, mediaType, body)
		return
	}
	file := download.File{MediaType: mediaType, AsOf: v.at, Head: c.Request.Method == http.MethodHead}
	if v.format.table() {
		file.Name = downloadName(v)
	}
	download.Bytes(c.Writer, c.Request, s.store, file, rows, body)
}

// downloadName names a download after the page and what was asked of it.
func downloadName(v *visit) string { return downloadStem(v) + string(v.format) }

// downloadStem is the same without the ending.
func downloadStem(v *visit) string {
	parts := strings.FieldsFunc(v.address.path, func(r rune) bool { return r == '/' })
	if len(parts) == 0 {
		parts = []string{"home"}
	}
	for _, p := range parameters {
		switch value := p.write(v.address); {
		case value == "" || p.name == "as_of" || p.name == "theme" || p.name == "bom" || p.name == "page" || p.name == "part":
		case len(value) <= 40 && plainID(strings.NewReplacer(":", "-", ",", "-").Replace(value)):
			parts = append(parts, strings.NewReplacer(":", "-", ",", "-").Replace(value))
		}
	}
	return "nianbao-" + strings.Join(parts, "-")
}

// refuse answers a parameter that is not allowed, naming it and what is.
func (s *site) refuse(c *gin.Context, a *address, wrong *problem) {
	if a.format != asHTML {
		s.problemJSON(c, http.StatusBadRequest, "parameter not allowed", wrong.Error(), wrong)
		return
	}
	title := a.say("error.value", wrong.Parameter, wrong.Value)
	switch {
	case wrong.unknown:
		title = a.say("error.parameter", wrong.Parameter)
	case wrong.Value == "":
		title = a.say("error.wanted", wrong.Parameter)
	}
	s.errorPage(c, http.StatusBadRequest, a, title, a.say("error.allowed"), wrong.Allowed)
}

// addressed is what is known of the address of a request that no page answers: its format, its language and its theme.
func addressed(c *gin.Context) *address {
	a := usual(c.Request.URL.EscapedPath())
	a.format = formatOf(a.path)
	a.path = strings.TrimSuffix(a.path, string(a.format))
	for _, p := range parameters {
		if p.name == "lang" || p.name == "theme" {
			p.read(a, c.Query(p.name)) // what is not allowed changes nothing
		}
	}
	return a
}

// missing answers an address with nothing behind it. What is not there and what may not be seen look the same.
func (s *site) missing(c *gin.Context) {
	a := addressed(c)
	if a.format != asHTML {
		s.problemJSON(c, http.StatusNotFound, "not found", "there is nothing at this address", nil)
		return
	}
	s.errorPage(c, http.StatusNotFound, a, a.say("error.missing"), a.say("error.missing.hint"), nil)
}

// unavailable answers while the warehouse does not: the frame stands and says so.
func (s *site) unavailable(c *gin.Context, a *address, err error) {
	if errors.Is(c.Request.Context().Err(), context.Canceled) { // the reader has gone; a deadline is the limit of a page
		c.Abort()
		return
	}
	id := observe.RequestID(c.Request.Context())
	status := http.StatusServiceUnavailable
	if errors.Is(err, compare.ErrUnknownMeasure) {
		status = http.StatusInternalServerError
	}
	s.log.Error("answer page", "request", id, "address", a.String(), "error", err)
	c.Header("Retry-After", "5")
	if a.format != asHTML {
		s.problemJSON(c, status, "the warehouse does not answer", "try again in a few seconds; request "+id, nil)
		return
	}
	s.errorPage(c, status, a, a.say("error.unavailable", id), a.say("error.unavailable.hint"), nil)
}

func (s *site) failure(c *gin.Context, a *address, status int, id string) {
	if a.format != asHTML {
		s.problemJSON(c, status, "internal error", "request "+id, nil)
		return
	}
	s.errorPage(c, status, a, a.say("error.internal", id), a.say("error.internal.hint"), nil)
}

// problemJSON writes a problem document (RFC 9457).
func (s *site) problemJSON(c *gin.Context, status int, title, detail string, wrong *problem) {
	c.Header("Cache-Control", "no-store")
	body := struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
		*problem
	}{"about:blank", title, status, detail, wrong}
	b, err := json.Marshal(body)
	if err != nil { // texts and numbers only
		panic(fmt.Errorf("write problem: %w", err))
	}
	c.Data(status, "application/problem+json", b)
}

func (s *site) errorPage(c *gin.Context, status int, a *address, title, hint string, allowed []string) {
	c.Header("Cache-Control", "no-store")
	a = a.to("/")
	page := &errorContent{base: base{Head: s.bareHead(a, title)}, Hint: hint, Allowed: allowed}
	var b bytes.Buffer
	if err := s.templates[a.lang]["error.html"].ExecuteTemplate(&b, "layout", page); err != nil {
		s.log.Error("write error page", "error", err)
		c.String(status, title+"\n")
		return
	}
	c.Data(status, "text/html; charset=utf-8", chart.Printable(b.Bytes()))
}

// errorContent is the page that says why there is no other.
type errorContent struct {
	base
	Hint    string
	Allowed []string // values or parameters that are allowed
}
