package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"nianbao/internal/warehouse"
	"nianbao/query/moment"
)

// AsOf is the parameter that every reading operation takes.
type AsOf struct {
	AsOf string `query:"as_of" doc:"the state of the warehouse: a time of RFC 3339, or a day, which means its end in China; usually now" example:"2024-04-02"`
}

func (a AsOf) moment() string { return a.AsOf }

// Format is the parameter of operations that can answer with a table.
type Format struct {
	Format string `query:"format" enum:"json,csv" doc:"csv gives all rows, whatever the page; the header Accept: text/csv does the same"`
}

func (f Format) format() string { return f.Format }

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
	csv    bool
	list   string // the address without what is about its page
}

// moment is the moment of the answer as it is written.
func (v *visit) moment() *time.Time {
	if v.at.IsZero() {
		return nil
	}
	return &v.at
}

// answer is what an operation found, ready to be written.
type answer interface {
	json() (any, error)
	csv(w *csv.Writer) error // one row after the other; the header first
}

// operation declares a reading operation.
type operation struct {
	path, id, tag, summary, description string
	daily                               bool // the answer depends on the day
}

// read declares a reading operation whose answer in JSON is an O.
func read[I, O any](s *service, o operation, table []string, find func(v *visit, in *I) (answer, error)) {
	op := huma.Operation{Method: http.MethodGet, Path: o.path, OperationID: o.id, Tags: []string{o.tag}, Summary: o.summary, Description: o.description,
		Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusServiceUnavailable}}
	schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[O](), true, o.id)
	content := map[string]*huma.MediaType{"application/json": {Schema: schema}}
	if table != nil {
		content["text/csv"] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Description: "RFC 4180, UTF-8. Columns: " + strings.Join(table, ", ")}}
	}
	op.Responses = map[string]*huma.Response{
		"200": {Description: "OK", Content: content, Headers: map[string]*huma.Param{
			"ETag":    {Schema: &huma.Schema{Type: huma.TypeString}, Description: "names the moment and the address"},
			"X-As-Of": {Schema: &huma.Schema{Type: huma.TypeString, Format: "date-time"}, Description: "the moment"},
		}},
		"304": {Description: "the answer is the one with this ETag"},
	}
	huma.Register(s.api, op, func(_ context.Context, in *I) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			s.answer(ctx, o, table, any(in), func(v *visit) (answer, error) { return find(v, in) })
		}}, nil
	})
}

func (s *service) answer(ctx huma.Context, o operation, table []string, in any, find func(*visit) (answer, error)) {
	v, err := s.visit(ctx, table != nil, in)
	if err != nil {
		s.trouble(ctx, err)
		return
	}
	tag := s.tag(ctx, o, v)
	if matches(ctx.Header("If-None-Match"), tag) {
		ctx.SetHeader("ETag", tag)
		ctx.SetStatus(http.StatusNotModified)
		humagin.Unwrap(ctx).Writer.WriteHeaderNow()
		return
	}
	found, err := find(v)
	if err != nil {
		s.trouble(ctx, err)
		return
	}
	if v.csv {
		s.table(ctx, o, v, tag, found)
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
	s.head(ctx, v, tag, "application/json")
	ctx.SetStatus(http.StatusOK)
	_, _ = ctx.BodyWriter().Write(body) // the reader has gone
}

func (s *service) head(ctx huma.Context, v *visit, tag, mediaType string) {
	ctx.SetHeader("Content-Type", mediaType)
	ctx.SetHeader("ETag", tag)
	ctx.SetHeader("Vary", "Accept")
	if !v.at.IsZero() {
		ctx.SetHeader("X-As-Of", v.at.Format(time.RFC3339Nano))
	}
}

// table writes all rows as they come. A list that breaks off before anything was sent is a problem; after that it ends the
// connection: what was sent must not pass for the whole.
func (s *service) table(ctx huma.Context, o operation, v *visit, tag string, found answer) {
	s.head(ctx, v, tag, "text/csv; charset=utf-8; header=present")
	ctx.SetHeader("Content-Disposition", `attachment; filename="nianbao-`+o.id+`.csv"`)
	ctx.SetStatus(http.StatusOK)
	w := csv.NewWriter(ctx.BodyWriter()) // sends when some kilobytes have come together
	w.UseCRLF = true
	err := found.csv(w)
	if sent := humagin.Unwrap(ctx).Writer; err != nil && !sent.Written() {
		for _, name := range []string{"ETag", "X-As-Of", "Content-Disposition"} {
			sent.Header().Del(name)
		}
		s.trouble(ctx, err)
		return
	}
	w.Flush()
	if err = cmp.Or(err, w.Error()); err != nil {
		if ctx.Context().Err() == nil {
			u := ctx.URL()
			s.Log.Error("write table", "address", u.String(), "error", err)
		}
		panic(http.ErrAbortHandler)
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
	if f, ok := in.(interface{ format() string }); ok && tabular {
		v.csv = f.format() == "csv" || f.format() == "" && strings.HasPrefix(strings.TrimSpace(ctx.Header("Accept")), "text/csv")
	}
	return v, nil
}

// tag names what an answer is a function of.
func (s *service) tag(ctx huma.Context, o operation, v *visit) string {
	u := ctx.URL()
	parts := []string{s.Program, Version, u.Path, canonical(u.Query()), v.at.Format(time.RFC3339Nano), strconv.FormatBool(v.csv)}
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

// column is a declared column of a table.
type column[T any] struct {
	name string
	text func(*T) string
}

func names[T any](columns []column[T]) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.name
	}
	return out
}

// rows is a list of which some rows are the page. each gives all of them.
type rows[T any] struct {
	page    List[T]
	each    func(func(*T) error) error
	columns []column[T]
}

func (r rows[T]) json() (any, error) { return r.page, nil }

func (r rows[T]) csv(w *csv.Writer) error {
	if err := w.Write(names(r.columns)); err != nil {
		return err
	}
	row := make([]string, len(r.columns))
	return r.each(func(item *T) error {
		for i, c := range r.columns {
			row[i] = c.text(item)
		}
		return w.Write(row)
	})
}

// whole is a list that was read as a whole.
func whole[T any](v *visit, items []T, columns []column[T]) (answer, error) {
	r := rows[T]{columns: columns, page: List[T]{AsOf: v.moment(), Total: len(items), Items: []T{}}, each: func(do func(*T) error) error {
		for i := range items {
			if err := do(&items[i]); err != nil {
				return err
			}
		}
		return nil
	}}
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

func (x value) json() (any, error)      { return x.of, nil }
func (x value) csv(_ *csv.Writer) error { return warehouse.ErrNotFound } // never asked: it has no table

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
