package warehouse

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/internal/rowbinary"
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
	problems, err := problemTexts(all(f, func(f Filing) []form.Problem { return f.Problems }))
	if err != nil {
		return nil, fmt.Errorf("write problems of filings: %w", err)
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
		{"form_legacy", version(form.Legacy)},
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
	filing, agency string
	year           uint16
	number         uint16 // place among the items of the filing, from 1, where that is stored
	item           *T
}

func place[T any](out []placed[T], filing, agency string, year int, items []T) []placed[T] {
	for i := range items {
		out = append(out, placed[T]{filing, agency, uint16(year), uint16(i + 1), &items[i]})
	}
	return out
}

// submitted are the items of all submissions.
func submitted[T any](b Batch, items func(*Submission) []T) []placed[T] {
	n := 0
	for i := range b.Submissions {
		n += len(items(&b.Submissions[i]))
	}
	out := make([]placed[T], 0, n)
	for i := range b.Submissions {
		s := &b.Submissions[i]
		out = place(out, s.Filing.ID, s.Filing.Agency, s.Filing.Year, items(s))
	}
	return out
}

// owner are the columns that lead from a row to its filing.
func owner[T any](p []placed[T], batch string) []column {
	return []column{
		{"filing", all(p, func(p placed[T]) string { return p.filing })},
		{"agency", all(p, func(p placed[T]) string { return p.agency })},
		{"year", all(p, func(p placed[T]) uint16 { return p.year })},
		{"batch", all(p, func(placed[T]) string { return batch })},
	}
}

// rows are what goes into one table row by row, in the format RowBinary. The driver's columns take ten times as long for
// the two tables that have a hundred rows for each filing, and several times the memory.
type rows struct {
	columns []string // in the order in which each row has them
	number  int
	begins  []int // of each row among the bytes
	rowbinary.Encoder
}

// add writes what every row begins with.
func (r *rows) add(filing, agency string, year int, batch string) {
	r.number++
	r.begins = append(r.begins, len(r.Bytes))
	r.Fixed(filing)
	r.Text(agency)
	r.Uint16(uint16(year))
	r.Fixed(batch)
}

func (r *rows) paths(keys []form.Key) {
	r.Length(len(keys))
	for _, k := range keys { // form.Key.String, without making the string
		r.Length(len(k.Table) + 1 + len(k.Row) + 1 + len(k.Column))
		r.Fixed(k.Table)
		r.Fixed(".")
		r.Fixed(k.Row)
		r.Fixed(".")
		r.Fixed(k.Column)
	}
}

func cellRows(b Batch) *rows {
	r := &rows{columns: []string{"filing", "agency", "year", "batch", "tbl", "row", "col", "value", "state", "raw", "unit", "settled_by", "rule",
		"candidates", "page", "grid", "grid_row", "grid_col", "line"}}
	n := 0
	for i := range b.Submissions {
		n += len(b.Submissions[i].Cells)
	}
	r.Bytes = make([]byte, 0, 192*n) // what most rows take at most
	for i := range b.Submissions {
		s := &b.Submissions[i]
		for j := range s.Cells {
			c := &s.Cells[j]
			r.add(s.Filing.ID, s.Filing.Agency, s.Filing.Year, b.ID)
			r.Text(c.Table)
			r.Text(c.Row)
			r.Text(c.Column)
			if c.State == form.Number {
				r.Decimal(&c.Value, valueScale)
			} else {
				r.Decimal(nil, valueScale)
			}
			r.Text(string(c.State))
			r.Text(c.Raw)
			r.Text(c.Unit)
			r.Text(c.SettledBy)
			r.Text(c.Rule)
			r.Texts(c.Candidates)
			r.Uint16(uint16(c.At.Page))
			r.Uint16(uint16(c.At.Grid))
			r.Uint32(uint32(c.At.Row))
			r.Uint16(uint16(c.At.Column))
			r.Uint32(uint32(c.At.Line))
		}
	}
	return r
}

func partColumns(b Batch) []column {
	type part = placed[form.Part]
	p := submitted(b, func(s *Submission) []form.Part { return s.Parts })
	return append(owner(p, b.ID), []column{
		{"number", all(p, func(p part) uint16 { return p.number })},
		{"part", all(p, func(p part) string { return p.item.Code })},
		{"title", all(p, func(p part) string { return p.item.Title })},
		{"text", all(p, func(p part) string { return p.item.Text })},
		{"page", all(p, func(p part) uint16 { return uint16(p.item.At.Page) })},
		{"line", all(p, func(p part) uint32 { return uint32(p.item.At.Line) })},
	}...)
}

func claimColumns(b Batch) ([]column, error) {
	type claim = placed[form.Claim]
	c := submitted(b, func(s *Submission) []form.Claim { return s.Claims })
	texts := make([]string, len(c))
	for i := range c {
		text, err := json.Marshal(c[i].item)
		if err != nil {
			return nil, fmt.Errorf("write claim of filing %s: %w", c[i].filing, err)
		}
		texts[i] = string(text)
	}
	return append(owner(c, b.ID), column{"number", all(c, func(c claim) uint16 { return c.number })}, column{"claim", texts}), nil
}

// assessments are the sets of findings of the batch, those of its submissions first.
func (b Batch) assessments() []Assessment {
	out := make([]Assessment, 0, len(b.Submissions)+len(b.Assessments))
	for i := range b.Submissions {
		s := &b.Submissions[i]
		out = append(out, Assessment{s.Filing.ID, s.Filing.Agency, s.Filing.Year, s.Findings})
	}
	return append(out, b.Assessments...)
}

func findingRows(b Batch) *rows {
	r := &rows{columns: []string{"filing", "agency", "year", "batch", "rule", "tbl", "place", "status", "expression", "lhs", "rhs", "delta", "cells", "blanks",
		"note", "against", "basis"}}
	sets := b.assessments()
	n := 0
	for _, a := range sets {
		n += len(a.Findings)
	}
	r.Bytes = make([]byte, 0, 448*n)
	for _, a := range sets {
		for i := range a.Findings {
			f := &a.Findings[i]
			r.add(a.Filing, a.Agency, a.Year, b.ID)
			r.Text(f.Rule)
			r.Text(f.Table)
			r.Text(f.Place)
			r.Text(string(f.Status))
			r.Text(f.Expression)
			r.Decimal(f.Left, valueScale)
			r.Decimal(f.Right, valueScale)
			r.Decimal(f.Delta, valueScale)
			r.paths(f.Cells)
			r.paths(f.Blanks)
			r.Text(f.Note)
			r.Texts(f.Against)
			r.Text(f.Basis)
		}
	}
	return r
}

func assessmentColumns(b Batch) []column {
	a := b.assessments()
	count := func(name string, outcome form.Outcome) column {
		return column{name, all(a, func(a Assessment) (n uint32) {
			for i := range a.Findings {
				if a.Findings[i].Status == outcome {
					n++
				}
			}
			return n
		})}
	}
	return []column{
		{"filing", all(a, func(a Assessment) string { return a.Filing })},
		{"agency", all(a, func(a Assessment) string { return a.Agency })},
		{"year", all(a, func(a Assessment) uint16 { return uint16(a.Year) })},
		count("pass", form.Pass), count("fail", form.Fail), count("uncertain", form.Uncertain),
		count("not_assessable", form.NotAssessable), count("not_applicable", form.NotApplicable),
		{"failed", all(a, func(a Assessment) []string {
			rules := []string{}
			for i := range a.Findings {
				if f := &a.Findings[i]; f.Status == form.Fail && !slices.Contains(rules, f.Rule) {
					rules = append(rules, f.Rule)
				}
			}
			slices.Sort(rules)
			return rules
		})},
		{"digest", all(a, func(a Assessment) string { return Digest(a.Findings) })},
		{"batch", all(a, func(Assessment) string { return b.ID })},
	}
}

// Digest names a set of findings: two sets have the same digest if nothing that is stored of them differs. It does not
// depend on their order.
func Digest(findings []form.Finding) string {
	var b []byte // all lines, one behind the other, instead of a dozen texts for each
	put := func(texts ...string) {
		for _, t := range texts {
			b = append(b, t...)
		}
	}
	paths := func(keys []form.Key) {
		for i, k := range keys {
			if i > 0 {
				put(" ")
			}
			put(k.Table, ".", k.Row, ".", k.Column) // form.Key.String
		}
	}
	ends := make([]int, len(findings))
	for i := range findings {
		f := &findings[i]
		put(f.Rule, "\x00", f.Table, "\x00", f.Place, "\x00", string(f.Status), "\x00", f.Expression, "\x00", number(f.Left), "\x00", number(f.Right), "\x00")
		paths(f.Cells)
		put("\x00")
		paths(f.Blanks)
		put("\x00", f.Note, "\x00", strings.Join(f.Against, " "), "\x00", f.Basis)
		ends[i] = len(b)
	}
	lines := make([][]byte, len(findings))
	start := 0
	for i, end := range ends {
		lines[i], start = b[start:end], end
	}
	slices.SortFunc(lines, bytes.Compare)
	h := sha256.New()
	for _, line := range lines {
		fmt.Fprintf(h, "%d:%s", len(line), line)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func number(d *decimal.Decimal) string {
	if d == nil {
		return ""
	}
	return d.String()
}
