package history

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/aymanbagabas/go-udiff"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
)

// Change says how something differs between two filings.
type Change string

// The changes.
const (
	Added   Change = "added"   // only the later filing has it
	Removed Change = "removed" // only the earlier one has
	Changed Change = "changed" // both have it, and it differs
	Stayed  Change = "stayed"  // both have it
)

// DiffRequest asks what differs between two filings: two versions of a report, or the reports of two years.
type DiffRequest struct {
	From, To string    // ids of filings
	AsRead   bool      // compare what was read; else corrections in force count
	AsOf     time.Time // the state of the warehouse; zero means now
}

// Diff is what differs.
type Diff struct {
	From, To warehouse.Filing
	Cells    []CellDiff // those that differ, in the order of the later form
	Same     int        // cells that are the same in both
	Findings []FindingDiff
	Parts    []PartDiff // in the order of the report
}

// CellDiff is a cell that differs.
type CellDiff struct {
	form.Key
	Change   Change
	Old, New *form.Cell // nil where the filing has no such cell
	// What differs of a changed cell; a value differs only between numbers.
	State, Value, Raw          bool
	OldCorrected, NewCorrected bool // a person's correction is what is compared
}

// FindingDiff is a check that fails or is uncertain in one of the filings or in both.
type FindingDiff struct {
	Rule, Table, Place string
	Change             Change        // Added: it appeared; Removed: it vanished; Stayed
	Old, New           *form.Finding // nil where the filing has no such check
}

// PartDiff is a part of the running text.
type PartDiff struct {
	Code     string // section1 … section6, "" before the first
	Change   Change
	Old, New *form.Part
	Lines    []Line // the whole text, line by line; nil where it is the same
	// Repeated is the share of the later text that stands in the earlier one: the characters, without white space, that
	// lie in a run of at least [Run] characters which the earlier text has too. Passages are those runs, the longest first.
	Repeated float64
	Passages []string
}

// Line is a line of one or both texts.
type Line struct {
	Change Change // Added, Removed or Stayed
	Text   string
}

// Run is how many characters in a row have to be the same to count as repeated. Official phrases are shorter.
const Run = 8

// mostPassages bounds the passages of a part.
const mostPassages = 20

// DiffOf compares two filings.
func DiffOf(ctx context.Context, store *warehouse.Store, r DiffRequest) (Diff, error) {
	wrap := func(err error) (Diff, error) {
		return Diff{}, fmt.Errorf("compare filings %s and %s: %w", r.From, r.To, err)
	}
	from, err := readSide(ctx, store, r, r.From)
	if err != nil {
		return wrap(err)
	}
	to, err := readSide(ctx, store, r, r.To)
	if err != nil {
		return wrap(err)
	}
	d := Diff{From: from.filing, To: to.filing}
	d.Cells, d.Same = cells(from, to)
	d.Findings = findingsOf(from.findings, to.findings)
	d.Parts = parts(from.parts, to.parts)
	return d, nil
}

// side is one of the two filings.
type side struct {
	filing    warehouse.Filing
	cells     []form.Cell
	corrected map[form.Key]*warehouse.Correction
	findings  []form.Finding
	parts     []form.Part
}

func readSide(ctx context.Context, store *warehouse.Store, r DiffRequest, id string) (s side, err error) {
	if s.filing, err = store.FilingAt(ctx, r.AsOf, id); err != nil {
		return s, err
	}
	if s.cells, err = store.Cells(ctx, s.filing); err != nil {
		return s, err
	}
	if !r.AsRead {
		corrections, err := store.Corrections(ctx, r.AsOf, warehouse.Filter{Years: []int{s.filing.Year}, Agencies: []string{s.filing.HeldAs}})
		if err != nil {
			return s, err
		}
		s.cells, s.corrected = warehouse.Overlay(s.cells, slices.DeleteFunc(corrections, func(c warehouse.Correction) bool { return c.Filing != id }))
	}
	if s.findings, err = store.Findings(ctx, r.AsOf, s.filing); err != nil {
		return s, err
	}
	s.parts, err = store.Parts(ctx, s.filing)
	return s, err
}

// cells compares cell by cell.
func cells(from, to side) (list []CellDiff, same int) {
	old := map[form.Key]*form.Cell{}
	for i := range from.cells {
		old[from.cells[i].Key] = &from.cells[i]
	}
	for i := range to.cells {
		b := &to.cells[i]
		a := old[b.Key]
		delete(old, b.Key)
		d := CellDiff{Key: b.Key, Change: Added, Old: a, New: b, OldCorrected: from.corrected[b.Key] != nil, NewCorrected: to.corrected[b.Key] != nil}
		if a != nil {
			d.Change = Changed
			d.State = a.State != b.State
			d.Value = a.State == form.Number && b.State == form.Number && !a.Value.Equal(b.Value)
			d.Raw = a.Raw != b.Raw
			if !d.State && !d.Value && !d.Raw {
				same++
				continue
			}
		}
		list = append(list, d)
	}
	for i := range from.cells {
		if a := &from.cells[i]; old[a.Key] == a {
			list = append(list, CellDiff{Key: a.Key, Change: Removed, Old: a, OldCorrected: from.corrected[a.Key] != nil})
		}
	}
	place := places()
	slices.SortStableFunc(list, func(a, b CellDiff) int { return cmp.Compare(place[a.Key], place[b.Key]) })
	return list, same
}

// places are the places of cells in the newest form that has them. Others come first: rows of the tables before 2019.
func places() map[form.Key]int {
	out := map[form.Key]int{}
	for _, f := range slices.Backward(form.Forms) {
		for _, t := range f.Tables {
			for _, k := range t.Keys() {
				if _, known := out[k]; !known {
					out[k] = len(out) + 1
				}
			}
		}
	}
	return out
}

// findingsOf compares the findings that people should see.
func findingsOf(from, to []form.Finding) []FindingDiff {
	type key struct{ rule, table, place string }
	seen := func(f *form.Finding) bool { return f != nil && (f.Status == form.Fail || f.Status == form.Uncertain) }
	sides := map[key]*[2]*form.Finding{}
	var order []key
	for i, list := range [2][]form.Finding{from, to} {
		for n := range list {
			f := &list[n]
			k := key{f.Rule, f.Table, f.Place}
			if sides[k] == nil {
				sides[k] = &[2]*form.Finding{}
				order = append(order, k)
			}
			sides[k][i] = f
		}
	}
	var out []FindingDiff
	for _, k := range order {
		old, now := sides[k][0], sides[k][1]
		d := FindingDiff{Rule: k.rule, Table: k.table, Place: k.place, Old: old, New: now, Change: Stayed}
		switch {
		case !seen(old) && !seen(now):
			continue
		case !seen(old):
			d.Change = Added
		case !seen(now):
			d.Change = Removed
		}
		out = append(out, d)
	}
	return out
}

// parts compares the running text.
func parts(from, to []form.Part) []PartDiff {
	// A part that stands twice in a report is compared by its place among those of its code.
	type key struct {
		code string
		n    int
	}
	keyed := func(list []form.Part) (map[key]*form.Part, []key) {
		m, n := map[key]*form.Part{}, map[string]int{}
		var order []key
		for i := range list {
			k := key{list[i].Code, n[list[i].Code]}
			n[list[i].Code]++
			m[k] = &list[i]
			order = append(order, k)
		}
		return m, order
	}
	old, before := keyed(from)
	now, order := keyed(to)
	for _, k := range before {
		if now[k] == nil {
			order = append(order, k)
		}
	}
	slices.SortStableFunc(order, func(a, b key) int { return strings.Compare(a.code, b.code) })
	var out []PartDiff
	for _, k := range order {
		d := PartDiff{Code: k.code, Old: old[k], New: now[k], Change: Changed}
		switch {
		case d.Old == nil:
			d.Change = Added
		case d.New == nil:
			d.Change = Removed
		case d.Old.Title == d.New.Title && d.Old.Text == d.New.Text:
			d.Change = Stayed
		}
		var a, b string
		if d.Old != nil {
			a = d.Old.Text
		}
		if d.New != nil {
			b = d.New.Text
		}
		if d.Change != Stayed {
			d.Lines = lines(a, b)
		}
		d.Repeated, d.Passages = repeated(a, b)
		out = append(out, d)
	}
	return out
}

// lines is the difference line by line, the whole of both texts.
func lines(from, to string) []Line {
	end := func(s string) string { // the library tells a last line without its end from one with it
		if s == "" || strings.HasSuffix(s, "\n") {
			return s
		}
		return s + "\n"
	}
	from, to = end(from), end(to)
	var out []Line
	take := func(text string, change Change) {
		for line := range strings.Lines(text) {
			out = append(out, Line{change, strings.TrimSuffix(line, "\n")})
		}
	}
	at := 0
	for _, e := range udiff.Lines(from, to) {
		take(from[at:e.Start], Stayed)
		take(from[e.Start:e.End], Removed)
		take(e.New, Added)
		at = e.End
	}
	take(from[at:], Stayed)
	return out
}

// repeated finds what of a text stands in an earlier one.
func repeated(earlier, text string) (share float64, passages []string) {
	squeeze := func(s string) []rune {
		return []rune(strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return r
		}, s))
	}
	a, b := squeeze(earlier), squeeze(text)
	if len(b) == 0 {
		return 0, nil
	}
	runs := make(map[string]bool, len(a))
	for i := 0; i+Run <= len(a); i++ {
		runs[string(a[i:i+Run])] = true
	}
	covered, from, to := 0, -1, 0 // the passage being followed is b[from:to]
	flush := func() {
		if from >= 0 {
			covered += to - from
			passages = append(passages, string(b[from:to]))
			from = -1
		}
	}
	for i := 0; i+Run <= len(b); i++ {
		if !runs[string(b[i:i+Run])] {
			continue
		}
		if from >= 0 && i > to {
			flush()
		}
		if from < 0 {
			from = i
		}
		to = i + Run
	}
	flush()
	slices.SortStableFunc(passages, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	passages = slices.Compact(passages)
	return float64(covered) / float64(len(b)), passages[:min(len(passages), mostPassages)]
}
