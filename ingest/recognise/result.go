package recognise

import (
	"slices"
	"strings"

	"nianbao/internal/form"
)

// result collects what is recognised.
type result struct {
	filing *form.Filing
	twice  map[form.Key]bool // printed more than once
	unlike int               // of those, with different content
	index  form.Index
	labels memo
	headed map[string]bool // parts whose title was found
	tables bool            // the document has a grid of several columns, or lines of a table
	trace  *Trace          // nil unless a person asks why
}

func (r *result) problem(code string, at form.Position, message string) {
	for _, p := range r.filing.Problems {
		if p.Code == code && p.Message == message && p.At == at {
			return
		}
	}
	r.filing.Problems = append(r.filing.Problems, form.Problem{Code: code, Message: message, At: at})
}

// has reports whether any cell of the table was found.
func (r *result) has(table string) bool {
	return slices.ContainsFunc(r.filing.Cells, func(c form.Cell) bool { return c.Table == table })
}

// cell adds a cell. A cell met twice stays as it is when both readings agree, and becomes ambiguous when they do not.
func (r *result) cell(c form.Cell) {
	i, seen := r.index.At(c.Key)
	if !seen {
		r.index.Set(c.Key, len(r.filing.Cells))
		r.filing.Cells = append(r.filing.Cells, c)
		return
	}
	have := &r.filing.Cells[i]
	r.twice[c.Key] = true
	if have.State == c.State && (c.State != form.Number || have.Value.Equal(c.Value)) {
		return
	}
	for _, x := range []form.Cell{*have, c} {
		if x.State == form.Number && !slices.Contains(have.Candidates, x.Value.String()) {
			have.Candidates = append(have.Candidates, x.Value.String())
		}
		for _, v := range x.Candidates {
			if !slices.Contains(have.Candidates, v) {
				have.Candidates = append(have.Candidates, v)
			}
		}
	}
	have.State, have.Rule = form.Ambiguous, "printed twice with different content"
	r.unlike++
	r.problem("cell_twice", c.At, "read "+c.Key.String()+": the document prints it twice with different content")
}

// severalFrom is from how many cells with different content on a document is taken to hold several reports.
const severalFrom = 3

// several leaves open the figures of a document that holds several reports, unless all print them alike: to which of
// the reports a figure belongs is not known.
func (r *result) several() {
	if r.unlike < severalFrom {
		return
	}
	r.problem("several_reports", form.Position{}, "read the tables: the document holds several reports with different figures; give each as a file of its own")
	for i := range r.filing.Cells {
		if c := &r.filing.Cells[i]; !r.twice[c.Key] && c.State != form.Ambiguous && c.Table != form.Legacy {
			if c.State == form.Number {
				c.Candidates = []string{c.Value.String()}
			}
			c.State, c.Rule = form.Ambiguous, "printed in one of several reports"
		}
	}
}

// cellOf reads a piece as the cell of a column.
func cellOf(p piece, column form.Column, rule string) form.Cell {
	r := read(p.text, column)
	return form.Cell{Value: r.value, State: r.state, Raw: p.text, Unit: r.unit, At: p.at, Rule: rule + ": " + r.rule, Candidates: r.candidates}
}

// unsettled makes ambiguous cells of a row whose figures are printed but cannot be assigned to its columns. A row
// without any figure gives none: it may have been empty or lost.
func unsettled(values []piece, columns []form.Column, rule string) []form.Cell {
	var found, raw []string
	for _, v := range values {
		for _, d := range digits.FindAllString(plain(v.text), -1) {
			if !slices.Contains(found, d) {
				found = append(found, d)
			}
		}
		if t := strings.TrimSpace(v.text); t != "" {
			raw = append(raw, t)
		}
	}
	if len(found) == 0 {
		return nil
	}
	cells := make([]form.Cell, len(columns))
	for i := range cells {
		cells[i] = form.Cell{State: form.Ambiguous, Raw: strings.Join(raw, " "), At: values[0].at, Rule: rule + ", figures that cannot be assigned to columns", Candidates: found}
	}
	return cells
}

// paddingOf tells on which side the rows of a text are padded, from the rows that leave no doubt.
func paddingOf(lines []line) padding {
	left, right := 0, 0
	for _, l := range lines {
		if l.aligned || len(l.values) < 2 {
			continue
		}
		first, last := -1, -1
		for i, v := range l.values {
			if strings.TrimSpace(v.text) != "" {
				if first < 0 {
					first = i
				}
				last = i
			}
		}
		end := len(l.values) - 1
		switch {
		case first == 0 && last < end:
			right++
		case first > 0 && (last == end || last-first+1 == len(applicationColumns)):
			left++
		}
	}
	switch {
	case right > 0 && left == 0:
		return trailing
	case left > 0 && right == 0:
		return leading
	}
	return unknownPadding
}
