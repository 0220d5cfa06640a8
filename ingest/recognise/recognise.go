// Package recognise turns a document into a filing: it finds the three tables of the form, names every figure by the
// labels of its row and column, and tells whose report it is and for which year.
//
// A figure is named by printed labels, never by its place alone and never by the year. Grids whose cells are aligned
// are read by their headers ([disclosureByHeader], [applicationLines], [disputesByHeader]). Text that keeps only the
// order of cells is flattened into a tape of pieces, grouped into labels and the figures that follow them; a row counts
// only if it has exactly as many figures as the form has columns. Rows of section 三 are aligned as a sequence, so that a
// misprinted, missing or additional row does not shift its neighbours.
//
// Whatever is printed but cannot be assigned with certainty becomes an ambiguous cell with its candidates; whatever is
// not printed has no cell. No state is ever turned into another, and no number is guessed.
//
// The package is pure: values in, values out.
package recognise

import (
	"fmt"
	"slices"
	"strings"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// Recognise reads a document. The name is the file's name, one more witness of agency and year. The filing's hash,
// findings are for others to fill in.
func Recognise(doc *document.Document, name string) form.Filing { return recognise(doc, name, nil) }

func recognise(doc *document.Document, name string, trace *Trace) form.Filing {
	doc = legible(doc)
	f := form.Filing{
		File: name, MediaType: doc.MediaType, Scope: form.ScopeUnknown, Forms: map[string]form.Version{},
		Problems: append([]form.Problem{}, doc.Problems...), Cells: make([]form.Cell, 0, 208), Claims: []form.Claim{}, Findings: []form.Finding{},
	}
	out := &result{filing: &f, index: form.NewIndex(), labels: memo{}, twice: map[form.Key]bool{}, headed: map[string]bool{}, trace: trace}

	doc = out.decoded(doc)
	out.mirrored(doc)

	done := map[*document.Grid]bool{}
	var rows []line
	var header []extent
	for _, b := range doc.Blocks {
		if b.Grid == nil || b.Grid.Ragged || b.Grid.Rows == 0 {
			continue
		}
		m := matrixOf(b.Grid)
		if disclosureByHeader(b.Grid, m, out) {
			done[b.Grid] = true
		}
		if lines, at, ok := applicationLines(b.Grid, m, header, out.labels); ok {
			rows, header = append(rows, lines...), at
			done[b.Grid] = true
		}
		if disputesByHeader(b.Grid, m, out) {
			done[b.Grid] = true
		}
		if !done[b.Grid] && legacyByHeader(b.Grid, m, out) {
			done[b.Grid] = true
		}
	}
	tape := tapeOf(stated(doc), done)
	parts := stretches(tape, out.labels)
	inOrder2, inOrder3 := linesOf(parts[form.Section2]), linesOf(parts[form.Section3])
	pad := paddingOf(append(append([]line{}, inOrder2...), inOrder3...))
	if f.Forms[form.Section2] == "" {
		disclosureInOrder(inOrder2, pad, out)
	}
	if len(rows) == 0 {
		rows = inOrder3
	}
	for _, table := range tables(rows, out.labels) {
		applications(table, pad, out)
	}
	if f.Forms[form.Section4] == "" {
		disputesInOrder(parts[form.Section4], out)
	}
	if f.Forms[form.Section3] == "" || f.Forms[form.Section2] == "" || f.Forms[form.Section4] == "" {
		flat := flatten(stated(doc))
		if !out.has(form.Section2) {
			flatDisclosure(&flat, out)
		}
		if !out.has(form.Section3) {
			flatApplications(&flat, out)
		}
		if !out.has(form.Section4) {
			flatDisputes(&flat, out)
		}
		if len(f.Cells) == 0 {
			legacyInOrder(tape, out)
		}
		if len(f.Cells) == 0 {
			legacyFlat(&flat, out)
		}
	}
	out.several()
	optical(doc, &f)

	author(doc, name, &f, trace)
	out.words(doc)
	out.status()
	order(&f)
	return f
}

// stretches finds the parts of the tape that belong to each section: from the heading before the first label of the
// table to the next section's heading.
func stretches(tape []piece, labels memo) map[string][]piece {
	type span struct{ first, last int }
	hits := map[string]*span{}
	hit := func(section string, i int) {
		if hits[section] == nil {
			hits[section] = &span{i, i}
		}
		hits[section].last = i
	}
	headings := map[int]string{}
	for i, p := range tape {
		if p.prose || p.figure {
			continue
		}
		words := labels.prepare(p.text)
		if h := sectionHeading(words.words); h != "" {
			headings[i] = h
			continue
		}
		if len(words.runes) >= 4 {
			for _, row := range applicationLexicon.of(words) {
				if applicationRows[row].Code != "R6" {
					hit(form.Section3, i)
				}
			}
			if headerCertain(words) {
				hit(form.Section2, i)
			}
			if strings.Contains(words.words, "未经复议直接起诉") || strings.Contains(words.words, "复议后起诉") {
				hit(form.Section4, i)
			}
		}
	}
	out := map[string][]piece{}
	for section, s := range hits {
		start, end := s.first, len(tape)
		for start > 0 && s.first-start < 40 && headings[start] == "" && !tape[start-1].prose {
			start--
		}
		for i := s.last + 1; i < len(tape); i++ {
			if h := headings[i]; h != "" && h != section {
				end = i
				break
			}
		}
		out[section] = tape[start:end]
	}
	return out
}

// order puts the cells into the order of the form; within a row they already are.
func order(f *form.Filing) {
	place, sorted := make([]int, len(f.Cells)), true
	for i := range f.Cells {
		c := &f.Cells[i]
		if i > 0 && c.Row == f.Cells[i-1].Row && c.Table == f.Cells[i-1].Table {
			place[i] = place[i-1]
			continue
		}
		place[i] = rowOrder[[2]string{c.Table, c.Row}]
		sorted = sorted && (i == 0 || place[i] >= place[i-1])
	}
	if sorted {
		return
	}
	by := make([]int, len(f.Cells))
	for i := range by {
		by[i] = i
	}
	slices.SortStableFunc(by, func(a, b int) int { return place[a] - place[b] })
	cells := make([]form.Cell, len(f.Cells))
	for to, from := range by {
		cells[to] = f.Cells[from]
	}
	f.Cells = cells
}

// rowOrder numbers the rows of all tables of both versions, by table and row code.
var rowOrder = func() map[[2]string]int {
	at := map[[2]string]int{}
	for _, t := range []struct {
		code string
		rows []form.Row
	}{{form.Section2, disclosureRows}, {form.Section3, applicationRows}, {form.Section4, disputeRows}} {
		for _, r := range t.rows {
			at[[2]string{t.code, r.Code}] = len(at)
		}
	}
	return at
}()

// keysOf are the cells of each table of each version.
var keysOf = func() map[form.Version]map[string][]form.Key {
	out := map[form.Version]map[string][]form.Key{}
	for _, f := range form.Forms {
		out[f.Version] = map[string][]form.Key{}
		for _, t := range f.Tables {
			out[f.Version][t.Code] = t.Keys()
		}
	}
	return out
}()

// status decides how far the document was read and says what is missing. Cells are still where they were added.
func (r *result) status() {
	f := r.filing
	complete, legacy, open := true, false, 0
	found := map[string]int{} // cells by table
	for i := range f.Cells {
		c := &f.Cells[i]
		found[c.Table]++
		if c.Table == form.Legacy {
			legacy = true
			if c.State == form.Ambiguous {
				open++
			}
		}
	}
	if open > 0 {
		complete = false
		f.Problems = append(f.Problems, form.Problem{Code: "cells_ambiguous", Message: fmt.Sprintf("read %s: %d cells have several readings and are left open", form.Legacy, open)})
	}
	r.proseOnly()
	for _, code := range []string{form.Section2, form.Section3, form.Section4} {
		v := f.Forms[code]
		if found[code] == 0 && (legacy || f.Forms[form.Legacy] == form.Prose) {
			continue // a table of indicators stands for all three; reports before 2019 may have had none
		}
		if found[code] == 0 {
			complete = false
			f.Problems = append(f.Problems, form.Problem{Code: "table_missing", Message: "read " + code + ": no table of this section was found in a readable layout"})
			continue
		}
		keys := keysOf[v][code]
		if keys == nil {
			complete = false
			f.Problems = append(f.Problems, form.Problem{Code: "form_unknown", Message: "read " + code + ": the rows found do not tell which version of the form it follows"})
			continue
		}
		absent, unsettled := 0, 0
		for _, k := range keys {
			switch i, ok := r.index.At(k); {
			case !ok:
				absent++
			case f.Cells[i].State == form.Ambiguous:
				unsettled++
			}
		}
		if absent > 0 {
			complete = false
			f.Problems = append(f.Problems, form.Problem{Code: "cells_missing", Message: fmt.Sprintf("read %s: %d of %d cells of form %s were not found", code, absent, len(keys), v)})
		}
		if unsettled > 0 {
			complete = false
			f.Problems = append(f.Problems, form.Problem{Code: "cells_ambiguous", Message: fmt.Sprintf("read %s: %d cells have several readings and are left open", code, unsettled)})
		}
	}
	switch {
	case len(f.Cells) == 0 && f.Title == "" && len(r.headed) < severalParts:
		f.Status = form.Rejected
		f.Problems = append(f.Problems, form.Problem{Code: "not_a_report", Message: "the document has neither the title nor a table nor the parts of an annual report on government information disclosure"})
	case complete && f.Agency.Name != "" && f.Year != 0:
		f.Status = form.Read
	default:
		f.Status = form.Partial
	}
}
