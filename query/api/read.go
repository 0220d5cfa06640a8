package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"nianbao/query/download"
	"nianbao/query/moment"
	"nianbao/query/tabular"
)

// AsOf is the parameter that every reading operation takes.
type AsOf struct {
	AsOf string `query:"as_of" doc:"the state of the warehouse: a time of RFC 3339, or a day, which means its end in China; usually now" example:"2024-04-02"`
}

func (a AsOf) moment() string { return a.AsOf }

// Format is the parameter of operations that can answer with a table.
type Format struct {
	Format string `query:"format" enum:"json,csv,parquet,xlsx" doc:"csv, parquet and xlsx give all rows, whatever the page; the header Accept does the same"`
}

func (f Format) asked() string { return f.Format }

// Paging are the parameters of lists.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"200" doc:"rows of a page"`
	Cursor string `query:"cursor" doc:"where the page begins: the value of next of the page before, with all other parameters as they were"`
}

func (p Paging) paging() Paging { return p }

// List is a page of a list.
type List[T any] struct {
	AsOf  *time.Time `json:"as_of" doc:"the moment that the list is of; null while the warehouse is empty"`
	Total int        `json:"total" doc:"rows of the whole list"`
	Next  string     `json:"next,omitempty" doc:"cursor of the next page; absent on the last one"`
	Items []T        `json:"items" nullable:"false"`
}

// visit is one reading request, answered as of one moment.
type visit struct {
	*service
	ctx context.Context
	at  time.Time // everything is read as of then; zero while the warehouse is empty
	// judged is the moment at which days overdue are counted: the one asked for, or now.
	judged time.Time
	asked  time.Time // as_of, zero if it is not given
	paging Paging
	cursor moment.Cursor
	format format
	coding string // of the body, "" for none
	list   string // the address without what is about its page
}

// moment is the moment of the answer as it is written.
func (v *visit) moment() *time.Time {
	if v.at.IsZero() {
		return nil
	}
	return &v.at
}

// tabular reports whether the answer is a table. It then has all rows, so the rows of a page need not be read.
func (v *visit) tabular() bool { return v.format != asJSON }

// answer is what an operation found, ready to be written.
type answer interface {
	json() (any, error)
	sheet() *sheet // nil if it is no list
}

// operation declares a reading operation.
type operation struct {
	path, id, tag, summary, description string
	daily                               bool // the answer depends on the day
}

// read declares a reading operation whose answer in JSON is an O.
func read[I, O any](s *service, o operation, table []heading, find func(v *visit, in *I) (answer, error)) {
	op := huma.Operation{Method: http.MethodGet, Path: o.path, OperationID: o.id, Tags: []string{o.tag}, Summary: o.summary, Description: o.description,
		Errors: []int{http.StatusNotFound, http.StatusNotAcceptable, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusGatewayTimeout}}
	schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[O](), true, o.id)
	content := map[string]*huma.MediaType{asJSON.mediaType: {Schema: schema}}
	headers := map[string]*huma.Param{
		"ETag":    {Schema: &huma.Schema{Type: huma.TypeString}, Description: "names the moment, the address, the format and the coding"},
		"X-As-Of": {Schema: &huma.Schema{Type: huma.TypeString, Format: "date-time"}, Description: "the moment"},
	}
	if table != nil {
		content[asCSV.mediaType] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Description: "RFC 4180, UTF-8. Columns: " + describeColumns(table, false)}}
		content[asXLSX.mediaType] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary", Description: "One worksheet, the columns of Parquet under their names"}}
		content[asParquet.mediaType] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary", Description: "One file. Columns: " + describeColumns(table, true)}}
		headers["X-Total-Count"] = &huma.Param{Schema: &huma.Schema{Type: huma.TypeInteger}, Description: "rows of the whole list"}
	}
	op.Responses = map[string]*huma.Response{
		"200": {Description: "OK", Content: content, Headers: headers},
		"304": {Description: "the answer is the one with this ETag"},
	}
	huma.Register(s.api, op, func(_ context.Context, in *I) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			s.answer(ctx, o, table, any(in), func(v *visit) (answer, error) { return find(v, in) })
		}}, nil
	})
}

func (s *service) answer(ctx huma.Context, o operation, table []heading, in any, find func(*visit) (answer, error)) {
	v, err := s.visit(ctx, table != nil, in)
	if err != nil {
		s.trouble(ctx, err)
		return
	}
	tag := s.tag(ctx, o, v)
	if matches(ctx.Header("If-None-Match"), tag) {
		ctx.SetHeader("ETag", tag)
		ctx.SetHeader("Vary", varies)
		ctx.SetStatus(http.StatusNotModified)
		humagin.Unwrap(ctx).Writer.WriteHeaderNow()
		return
	}
	if known, ok := s.answers.Get(tag); ok {
		s.send(ctx, v, tag, known)
		return
	}
	limited, done := s.Limits.Within(v.ctx, v.tabular())
	defer done()
	v.ctx = limited
	found, err := find(v)
	if err != nil {
		s.trouble(ctx, err)
		return
	}
	sheet := found.sheet()
	if v.tabular() {
		ctx.SetHeader("X-Total-Count", strconv.Itoa(sheet.total))
		s.table(ctx, o, v, tag, sheet)
		return
	}
	value, err := found.json()
	var body []byte
	if err == nil {
		if raw, ok := value.(json.RawMessage); ok {
			body = raw
		} else {
			body, err = json.Marshal(value)
		}
	}
	if err != nil {
		s.trouble(ctx, err)
		return
	}
	if len(body) < leastCompressed {
		v.coding = ""
	}
	known := written{coding: v.coding}
	if sheet != nil {
		known.total = strconv.Itoa(sheet.total)
	}
	var packed bytes.Buffer
	err = coded(&packed, v.coding, func(w io.Writer) error {
		_, err := w.Write(body)
		return err
	})
	if err != nil {
		s.trouble(ctx, err)
		return
	}
	known.body = packed.Bytes()
	s.answers.Put(tag, known, packed.Cap())
	s.send(ctx, v, tag, known)
}

// send writes an answer that is at hand.
func (s *service) send(ctx huma.Context, v *visit, tag string, a written) {
	v.coding = a.coding
	if a.total != "" {
		ctx.SetHeader("X-Total-Count", a.total)
	}
	s.head(ctx, v, tag)
	ctx.SetStatus(http.StatusOK)
	_, _ = ctx.BodyWriter().Write(a.body) // the reader has gone
}

// varies names the headers of a request on which answers depend.
const varies = "Accept, Accept-Encoding"

func (s *service) head(ctx huma.Context, v *visit, tag string) {
	ctx.SetHeader("Content-Type", v.format.contentType())
	ctx.SetHeader("ETag", tag)
	ctx.SetHeader("Vary", varies)
	if v.coding != "" {
		ctx.SetHeader("Content-Encoding", v.coding)
	}
	if !v.at.IsZero() {
		ctx.SetHeader("X-As-Of", v.at.Format(time.RFC3339Nano))
	}
}

// table writes all rows as they come. A list that breaks off before anything was sent is a problem; after that it ends the
// connection: what was sent must not pass for the whole.
func (s *service) table(ctx huma.Context, o operation, v *visit, tag string, of *sheet) {
	u := ctx.URL()
	about := map[string]string{"address": u.RequestURI(), "as_of": timeText(v.at)}
	if err := v.format.holds(of); err != nil {
		s.trouble(ctx, err)
		return
	}
	s.head(ctx, v, tag)
	c := humagin.Unwrap(ctx)
	file := download.File{Name: "nianbao-" + o.id + v.format.ending, MediaType: v.format.contentType(), AsOf: v.at, Coding: v.coding, Head: headOnly(c.Request.Context())}
	encode := func(to io.Writer, do func(io.Writer) error) error { return coded(to, v.coding, do) }
	err := download.Stream(c.Writer, c.Request, s.Store, file, encode, func(to io.Writer) (rows uint64, err error) {
		each := of.each
		counted := *of
		counted.each = func(do func([]string) error) error {
			return each(func(row []string) error {
				rows++
				return do(row)
			})
		}
		err = v.format.write(&counted, to, s.Program, about)
		if err != nil && ctx.Context().Err() == nil && !errors.Is(err, tabular.ErrUnfit) {
			s.Log.Error("write table", "address", u.String(), "error", err)
		}
		return rows, err
	})
	if err != nil {
		for _, name := range []string{"ETag", "X-As-Of", "X-Total-Count", "Content-Encoding"} {
			c.Writer.Header().Del(name)
		}
		if errors.Is(err, tabular.ErrUnfit) {
			err = wrongValue("format", v.format.code, err.Error())
		}
		s.trouble(ctx, err)
	}
}

// visit reads what the parameters that operations share say.
func (s *service) visit(ctx huma.Context, tabular bool, in any) (*visit, error) {
	v := &visit{service: s, ctx: ctx.Context()}
	newest, err := s.current(v.ctx)
	if err != nil {
		return nil, err
	}
	v.at, v.judged = newest, s.Now()
	if a, ok := in.(interface{ moment() string }); ok && a.moment() != "" {
		const want = "want a time of RFC 3339 or a day: 2024-04-02T09:14:00+08:00, 2024-04-02"
		if v.asked, ok = moment.Parse(a.moment()); !ok {
			return nil, wrongValue("as_of", a.moment(), want)
		}
		if day := v.asked.Add(-24 * time.Hour); day.After(s.Now()) { // today's end is still to come
			return nil, wrongValue("as_of", a.moment(), "the moment is in the future; "+want)
		}
		if v.asked.Before(newest) {
			v.at = v.asked
		}
		if v.asked.Before(v.judged) {
			v.judged = v.asked
		}
	}
	if p, ok := in.(interface{ paging() Paging }); ok {
		v.paging = p.paging()
		if v.cursor, err = moment.ParseCursor(v.paging.Cursor); err != nil || v.cursor.AsOf.After(newest) {
			return nil, wrongValue("cursor", v.paging.Cursor, "want the value of next of a page of the same list")
		}
		if v.cursor.Of != "" {
			v.at = v.cursor.AsOf
		}
	}
	u := ctx.URL()
	q := u.Query()
	for _, name := range []string{"cursor", "limit", "format", "as_of"} {
		q.Del(name)
	}
	v.list = u.Path + "?" + q.Encode()
	return v, v.negotiate(ctx, tabular, in)
}

// negotiate settles how the answer is written: as the parameter format says, else as the reader prefers.
func (v *visit) negotiate(ctx huma.Context, tabular bool, in any) error {
	offered := formats
	if !tabular {
		offered = formats[:1]
	}
	asked := ""
	if f, ok := in.(interface{ asked() string }); ok {
		asked = f.asked()
	}
	var ok bool
	if asked == "" {
		if v.format, ok = accepted(ctx.Header("Accept"), offered); !ok {
			var types []string
			for _, f := range offered {
				types = append(types, f.mediaType)
			}
			return &refusal{http.StatusNotAcceptable, "want Accept to name one of: " + strings.Join(types, ", "), "header.Accept", ctx.Header("Accept")}
		}
	} else if i := slices.IndexFunc(offered, func(f format) bool { return f.code == asked }); i >= 0 {
		v.format = offered[i]
	}
	if v.format != asParquet && v.format != asXLSX {
		v.coding = codingOf(ctx.Header("Accept-Encoding"))
	}
	return nil
}

// tag names what the bytes of an answer are a function of: each format and coding has its own, as RFC 9110 demands of strong
// tags.
func (s *service) tag(ctx huma.Context, o operation, v *visit) string {
	u := ctx.URL()
	parts := []string{s.Program, s.Sight, Version, u.Path, canonical(u.Query()), v.at.Format(time.RFC3339Nano), v.format.code, v.coding}
	if o.daily {
		parts = append(parts, v.judged.In(moment.China).Format(time.DateOnly))
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// canonical has the parameters in order, without empty ones. The moment and the format stand apart.
func canonical(q url.Values) string {
	for name := range q {
		if q.Get(name) == "" || name == "as_of" || name == "format" {
			q.Del(name)
		}
	}
	return q.Encode()
}

func matches(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one == tag || one == "W/"+tag || one == "*" {
			return true
		}
	}
	return false
}

// rows is a list of which some rows are the page. each gives all of them.
type rows[T any] struct {
	page    List[T]
	each    func(func(*T) error) error
	columns []column[T]
}

func (r rows[T]) json() (any, error) { return r.page, nil }

func (r rows[T]) sheet() *sheet { return sheetOf(r.columns, r.page.Total, r.each) }

// whole is a list that was read as a whole.
func whole[T any](v *visit, items []T, columns []column[T]) (answer, error) {
	r := rows[T]{columns: columns, page: List[T]{AsOf: v.moment(), Total: len(items), Items: []T{}}, each: through(items)}
	if v.cursor.For(v.list) != nil || v.cursor.After > len(items) {
		return nil, wrongValue("cursor", v.paging.Cursor, "want the value of next of a page of the same list")
	}
	end := min(v.cursor.After+v.paging.Limit, len(items))
	r.page.Items = append(r.page.Items, items[v.cursor.After:end]...)
	if end < len(items) {
		r.page.Next = moment.Cursor{After: end, AsOf: v.at, Of: moment.Digest(v.list)}.String()
	}
	return r, nil
}

// value is an answer that is no list.
type value struct{ of any }

func (x value) json() (any, error) { return x.of, nil }
func (x value) sheet() *sheet      { return nil }

// dayText writes a day, "" for none.
func dayText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// optional is a time, nil for none.
func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func yes(b bool) string { return strconv.FormatBool(b) }

// nonNil makes an empty list of none: JSON has [] for it.
func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
