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

func cellColumns(b Batch) []column {
	type cell = placed[form.Cell]
	c := submitted(b, func(s *Submission) []form.Cell { return s.Cells })
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

func findingColumns(b Batch) []column {
	type finding = placed[form.Finding]
	var f []finding
	for _, a := range b.assessments() {
		f = place(f, a.Filing, a.Agency, a.Year, a.Findings)
	}
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
		{"note", all(f, func(f finding) string { return f.item.Note })},
		{"against", all(f, func(f finding) []string { return f.item.Against })},
		{"basis", all(f, func(f finding) string { return f.item.Basis })},
	}...)
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
	lines := all(findings, func(f form.Finding) string {
		return strings.Join([]string{f.Rule, f.Table, f.Place, string(f.Status), f.Expression, number(f.Left), number(f.Right),
			strings.Join(form.Paths(f.Cells), " "), strings.Join(form.Paths(f.Blanks), " "), f.Note, strings.Join(f.Against, " "), f.Basis}, "\x00")
	})
	slices.Sort(lines)
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
