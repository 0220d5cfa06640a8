package page

import (
	"bytes"
	"context"
	"crypto/rand"
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

	"nianbao/internal/warehouse"
	"nianbao/query/compare"
)

// kind is a kind of page.
type kind struct {
	template   string
	parameters []string // beyond theme, as_of and those of the format
	build      func(ctx context.Context, v *visit) (content, error)
}

// content is a built page in its three forms.
type content interface {
	head() *head
	json() ([]byte, error)
	sheet() sheet
}

// drawn is a page with a picture.
type drawn interface {
	option(dark bool) ([]byte, error)
}

// visit is one request for a page, answered as of one moment.
type visit struct {
	*address
	site *site
	// at is the moment as of which everything is read: the one asked for, or the last commit. Zero while the
	// warehouse is empty.
	at     time.Time
	path   map[string]string // elements of the path by name
	newest time.Time         // the last commit
	tail   string            // of the addresses of other pages: the moment and the theme
}

// link is the address of another page that keeps the moment and the theme.
func (v *visit) link(path string) string { return path + v.tail }

// errNothing is the error of a page about something that is not there.
var errNothing = errors.New("nothing at this address")

// serve answers a page at a fixed path.
func (s *site) serve(k kind, path string, f format) gin.HandlerFunc {
	return func(c *gin.Context) { s.answer(c, k, path, f, nil) }
}

// serveLast answers a page whose format is the suffix of the last element of its path.
func (s *site) serveLast(k kind, last string) gin.HandlerFunc {
	return func(c *gin.Context) {
		path, f := c.Request.URL.Path, formatOf(c.Request.URL.Path)
		elements := map[string]string{}
		for _, p := range c.Params {
			elements[p.Key] = p.Value
			if p.Key == last {
				elements[p.Key] = strings.TrimSuffix(p.Value, string(f))
			}
			if !plainID(elements[p.Key]) {
				s.missing(c, f)
				return
			}
		}
		s.answer(c, k, strings.TrimSuffix(path, string(f)), f, elements)
	}
}

func (s *site) answer(c *gin.Context, k kind, path string, f format, elements map[string]string) {
	ctx := c.Request.Context()
	a, wrong := parseAddress(path, f, c.Request.URL.Query(), k.parameters)
	if wrong == nil && a.asOf.After(s.now().Add(time.Minute)) {
		wrong = &problem{Parameter: "as_of", Value: c.Query("as_of"), Allowed: []string{say("error.future")}}
	}
	if wrong != nil {
		s.refuse(c, a, wrong)
		return
	}
	now, err := s.current(ctx)
	if err != nil {
		s.unavailable(c, a, err)
		return
	}
	tag := s.tag(now, a)
	h := c.Writer.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-cache")
	if matches(c.GetHeader("If-None-Match"), tag) {
		c.Status(http.StatusNotModified)
		return
	}
	v := &visit{address: a, site: s, at: a.asOf, path: elements, newest: now.at, tail: a.to("").String()}
	if v.at.IsZero() || v.at.After(now.at) {
		v.at = now.at
	}
	page, err := k.build(ctx, v)
	switch {
	case errors.Is(err, errNothing) || errors.Is(err, warehouse.ErrNotFound):
		h.Del("ETag")
		s.missing(c, f)
	case err != nil:
		h.Del("ETag")
		s.unavailable(c, a, err)
	default:
		s.write(c, k, v, page)
	}
}

// tag names what a page is a function of: the data, the address and the program.
func (s *site) tag(now state, a *address) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{now.batch, now.at.Format(time.RFC3339Nano), a.String(), s.version}, "\x00")))
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

func (s *site) write(c *gin.Context, k kind, v *visit, page content) {
	h := c.Writer.Header()
	if !v.at.IsZero() {
		h.Set("X-As-Of", v.at.Format(time.RFC3339Nano))
	}
	var body []byte
	var err error
	mediaType := "application/json; charset=utf-8"
	switch picture, ok := page.(drawn); {
	case v.part == "option" && ok:
		body, err = picture.option(v.theme == "dark")
	case v.format == asJSON:
		body, err = page.json()
	case v.format == asCSV:
		table := page.sheet()
		mediaType = "text/csv; charset=utf-8; header=present"
		h.Set("X-Row-Count", strconv.Itoa(len(table.rows)))
		h.Set("X-Filter", v.with(func(b *address) { b.bom = true }).String()) // rows of the table hold data only
		h.Set("Content-Disposition", `attachment; filename="`+downloadName(v)+`"`)
		body = table.encode(v.bom)
	default:
		mediaType = "text/html; charset=utf-8"
		var b bytes.Buffer
		err = s.templates[k.template].ExecuteTemplate(&b, "layout", page)
		body = b.Bytes()
	}
	if err != nil {
		h.Del("ETag")
		id := requestID()
		s.log.Error("write page", "request", id, "address", v.String(), "error", err)
		s.failure(c, v.format, http.StatusInternalServerError, id)
		return
	}
	if v.format == asCSV {
		h.Set("Content-Digest", digest(body))
	}
	c.Data(http.StatusOK, mediaType, body)
}

// downloadName names a download after the page and what was asked of it.
func downloadName(v *visit) string {
	parts := strings.FieldsFunc(v.address.path, func(r rune) bool { return r == '/' })
	if len(parts) == 0 {
		parts = []string{"home"}
	}
	for _, p := range parameters {
		switch value := p.write(v.address); {
		case value == "" || p.name == "as_of" || p.name == "theme" || p.name == "bom" || p.name == "page":
		case len(value) <= 40 && plainID(strings.NewReplacer(":", "-", ",", "-").Replace(value)):
			parts = append(parts, strings.NewReplacer(":", "-", ",", "-").Replace(value))
		}
	}
	return "nianbao-" + strings.Join(parts, "-") + ".csv"
}

// refuse answers a parameter that is not allowed, naming it and what is.
func (s *site) refuse(c *gin.Context, a *address, wrong *problem) {
	if a.format != asHTML {
		s.problemJSON(c, http.StatusBadRequest, "parameter not allowed", wrong.Error(), wrong)
		return
	}
	title := say("error.value", wrong.Parameter, wrong.Value)
	if wrong.unknown {
		title = say("error.parameter", wrong.Parameter)
	}
	s.errorPage(c, http.StatusBadRequest, a.theme, title, say("error.allowed"), wrong.Allowed)
}

// missing answers an address with nothing behind it. What is not there and what may not be seen look the same.
func (s *site) missing(c *gin.Context, f format) {
	if f != asHTML {
		s.problemJSON(c, http.StatusNotFound, "not found", "there is nothing at this address", nil)
		return
	}
	s.errorPage(c, http.StatusNotFound, "auto", say("error.missing"), say("error.missing.hint"), nil)
}

// unavailable answers while the warehouse does not: the frame stands and says so.
func (s *site) unavailable(c *gin.Context, a *address, err error) {
	if c.Request.Context().Err() != nil { // the reader has gone
		c.Abort()
		return
	}
	id := requestID()
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
	s.errorPage(c, status, a.theme, say("error.unavailable", id), say("error.unavailable.hint"), nil)
}

func (s *site) failure(c *gin.Context, f format, status int, id string) {
	if f != asHTML {
		s.problemJSON(c, status, "internal error", "request "+id, nil)
		return
	}
	s.errorPage(c, status, "auto", say("error.internal", id), say("error.internal.hint"), nil)
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

func (s *site) errorPage(c *gin.Context, status int, theme, title, hint string, allowed []string) {
	c.Header("Cache-Control", "no-store")
	a := &address{path: "/", theme: theme}
	page := &errorContent{base: base{Head: s.bareHead(a, title)}, Hint: hint, Allowed: allowed}
	var b bytes.Buffer
	if err := s.templates["error.html"].ExecuteTemplate(&b, "layout", page); err != nil {
		s.log.Error("write error page", "error", err)
		c.String(status, title+"\n")
		return
	}
	c.Data(status, "text/html; charset=utf-8", b.Bytes())
}

// errorContent is the page that says why there is no other.
type errorContent struct {
	base
	Hint    string
	Allowed []string // values or parameters that are allowed
}

// requestID names a request in the log and on the page that reports its failure.
func requestID() string {
	var b [5]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
