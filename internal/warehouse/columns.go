package warehouse

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
)

// all returns what value says of every item.
func all[T, V any](items []T, value func(T) V) []V {
	out := make([]V, len(items))
	for i, item := range items {
		out[i] = value(item)
	}
	return out
}

// documentColumns are the columns in the order in which documentRows writes them.
var documentColumns = []string{"sha256", "media_type", "size", "bytes", "batch"}

// documentRows writes documents in the format RowBinary: each value after the other, a text with its length before it.
func documentRows(b Batch) []io.Reader {
	var parts []io.Reader
	for _, d := range b.Documents {
		var head []byte
		head = append(head, d.SHA256...)
		head = binary.AppendUvarint(head, uint64(len(d.MediaType)))
		head = append(head, d.MediaType...)
		head = binary.LittleEndian.AppendUint64(head, uint64(d.Size))
		head = binary.AppendUvarint(head, uint64(len(d.Bytes)))
		parts = append(parts, bytes.NewReader(head), bytes.NewReader(d.Bytes), strings.NewReader(b.ID))
	}
	return parts
}

func filingColumns(b Batch) ([]column, error) {
	f := all(b.Submissions, func(s Submission) Filing { return s.Filing })
	problems := make([]string, len(f))
	for i := range f {
		list := f[i].Problems
		if list == nil {
			list = []form.Problem{}
		}
		text, err := json.Marshal(list)
		if err != nil {
			return nil, fmt.Errorf("%s: write problems: %w", f[i].File, err)
		}
		problems[i] = string(text)
	}
	version := func(table string) []string {
		return all(f, func(f Filing) string { return string(f.Forms[table]) })
	}
	return []column{
		{"filing", all(f, func(f Filing) string { return f.ID })},
		{"agency", all(f, func(f Filing) string { return f.Agency })},
		{"agency_name", all(f, func(f Filing) string { return f.AgencyName })},
		{"region", all(f, func(f Filing) string { return f.Region })},
		{"year", all(f, func(f Filing) uint16 { return uint16(f.Year) })},
		{"sha256", all(f, func(f Filing) string { return f.SHA256 })},
		{"file", all(f, func(f Filing) string { return f.File })},
		{"form2", version(form.Section2)},
		{"form3", version(form.Section3)},
		{"form4", version(form.Section4)},
		{"title", all(f, func(f Filing) string { return f.Title })},
		{"scope", all(f, func(f Filing) string { return string(f.Scope) })},
		{"status", all(f, func(f Filing) string { return string(f.Status) })},
		{"signed", all(f, func(f Filing) *time.Time { return optional(f.Signed) })},
		{"published", all(f, func(f Filing) *time.Time { return optional(f.Published) })},
		{"url", all(f, func(f Filing) string { return f.URL })},
		{"problems", problems},
		{"synthetic", all(f, func(f Filing) bool { return f.Synthetic })},
		{"received_at", all(f, func(f Filing) time.Time { return f.ReceivedAt })},
		{"received_by", all(f, func(f Filing) string { return f.ReceivedBy })},
		{"reason", all(f, func(f Filing) string { return f.Reason })},
		{"batch", all(f, func(Filing) string { return b.ID })},
	}, nil
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// A placed item knows the filing it belongs to.
type placed[T any] struct {
	*Filing
	item *T
}

func flatten[T any](b Batch, n int, items func(*Submission) []T) []placed[T] {
	out := make([]placed[T], 0, n)
	for i := range b.Submissions {
		s := &b.Submissions[i]
		of := items(s)
		for j := range of {
			out = append(out, placed[T]{&s.Filing, &of[j]})
		}
	}
	return out
}

// owner are the columns that lead from a row to its filing.
func owner[T any](p []placed[T], batch string) []column {
	return []column{
		{"filing", all(p, func(p placed[T]) string { return p.ID })},
		{"agency", all(p, func(p placed[T]) string { return p.Agency })},
		{"year", all(p, func(p placed[T]) uint16 { return uint16(p.Year) })},
		{"batch", all(p, func(placed[T]) string { return batch })},
	}
}

func cellColumns(b Batch, n int) []column {
	type cell = placed[form.Cell]
	c := flatten(b, n, func(s *Submission) []form.Cell { return s.Cells })
	return append(owner(c, b.ID), []column{
		{"tbl", all(c, func(c cell) string { return c.item.Table })},
		{"row", all(c, func(c cell) string { return c.item.Row })},
		{"col", all(c, func(c cell) string { return c.item.Column })},
		{"value", all(c, func(c cell) *decimal.Decimal {
			if c.item.State != form.Number {
				return nil
			}
			return &c.item.Value
		})},
		{"state", all(c, func(c cell) string { return string(c.item.State) })},
		{"raw", all(c, func(c cell) string { return c.item.Raw })},
		{"unit", all(c, func(c cell) string { return c.item.Unit })},
		{"settled_by", all(c, func(c cell) string { return c.item.SettledBy })},
		{"rule", all(c, func(c cell) string { return c.item.Rule })},
		{"candidates", all(c, func(c cell) []string { return c.item.Candidates })},
		{"page", all(c, func(c cell) uint16 { return uint16(c.item.At.Page) })},
		{"grid", all(c, func(c cell) uint16 { return uint16(c.item.At.Grid) })},
		{"grid_row", all(c, func(c cell) uint32 { return uint32(c.item.At.Row) })},
		{"grid_col", all(c, func(c cell) uint16 { return uint16(c.item.At.Column) })},
		{"line", all(c, func(c cell) uint32 { return uint32(c.item.At.Line) })},
	}...)
}

func findingColumns(b Batch, n int) []column {
	type finding = placed[form.Finding]
	f := flatten(b, n, func(s *Submission) []form.Finding { return s.Findings })
	return append(owner(f, b.ID), []column{
		{"rule", all(f, func(f finding) string { return f.item.Rule })},
		{"tbl", all(f, func(f finding) string { return f.item.Table })},
		{"place", all(f, func(f finding) string { return f.item.Place })},
		{"status", all(f, func(f finding) string { return string(f.item.Status) })},
		{"expression", all(f, func(f finding) string { return f.item.Expression })},
		{"lhs", all(f, func(f finding) *decimal.Decimal { return f.item.Left })},
		{"rhs", all(f, func(f finding) *decimal.Decimal { return f.item.Right })},
		{"delta", all(f, func(f finding) *decimal.Decimal { return f.item.Delta })},
		{"cells", all(f, func(f finding) []string { return form.Paths(f.item.Cells) })},
		{"blanks", all(f, func(f finding) []string { return form.Paths(f.item.Blanks) })},
	}...)
}
