// Package check tests a filing against the relations that the form prints or implies (勾稽关系) and states an outcome
// for every relation at every place, none left out in silence. It never changes a cell's value or state.
//
// The relations are declared in package form; this package evaluates them.
package check

import (
	"github.com/shopspring/decimal"

	"nianbao/internal/form"
)

// Run evaluates all identities of the filing's tables, sets Findings, and notes for each blank cell the identity that
// settles it as 0 (Cell.SettledBy). Cells of a table that was not found at all give no findings: the filing's problems
// say that the table is missing.
func Run(f *form.Filing) {
	f.Findings = []form.Finding{}
	index := make(map[form.Key]int, len(f.Cells))
	present := map[string]bool{}
	for i := range f.Cells {
		f.Cells[i].SettledBy = ""
		index[f.Cells[i].Key] = i
		present[f.Cells[i].Table] = true
	}
	for _, code := range []string{form.Section2, form.Section3, form.Section4} {
		if !present[code] {
			continue
		}
		for _, e := range equations[f.Forms[code]][code] {
			f.Findings = append(f.Findings, evaluate(e, f.Cells, index))
		}
	}
	settle(f, index)
}

// equations are the identities expanded over the tables of each version, once.
var equations = func() map[form.Version]map[string][]form.Equation {
	out := map[form.Version]map[string][]form.Equation{}
	for _, f := range form.Forms {
		out[f.Version] = map[string][]form.Equation{}
		for _, t := range f.Tables {
			out[f.Version][t.Code] = form.Equations(t)
		}
	}
	return out
}()

// evaluate computes one equation. Blank cells and placeholders count as 0 and are listed; ambiguous cells and words make
// the outcome uncertain; absent cells make it not assessable.
func evaluate(e form.Equation, cells []form.Cell, index map[form.Key]int) form.Finding {
	finding := form.Finding{Rule: e.Identity.ID, Table: e.Identity.Table, Place: e.Place, Expression: e.Expression(), Cells: e.Keys(), Status: form.Pass}
	sum := func(keys []form.Key) decimal.Decimal {
		total := decimal.Zero
		for _, k := range keys {
			i, ok := index[k]
			if !ok {
				finding.Status = form.NotAssessable
				continue
			}
			switch c := cells[i]; c.State {
			case form.Number:
				total = total.Add(c.Value)
			case form.Blank, form.Dash, form.NA:
				finding.Blanks = append(finding.Blanks, k)
			default:
				if finding.Status == form.Pass {
					finding.Status = form.Uncertain
				}
			}
		}
		return total
	}
	left, right := sum(e.Left), sum(e.Right)
	if finding.Status != form.Pass {
		return finding
	}
	delta := left.Sub(right)
	finding.Left, finding.Right, finding.Delta = &left, &right, &delta
	if !delta.IsZero() {
		finding.Status = form.Fail
	}
	return finding
}

// settle notes for each blank cell the first identity that holds exactly with the blank as 0. An identity in which no
// number is printed shows nothing: 0 = 0 over empty cells is no evidence.
func settle(f *form.Filing, index map[form.Key]int) {
	for _, finding := range f.Findings {
		if finding.Status != form.Pass || len(finding.Blanks) == 0 || len(finding.Blanks) == len(finding.Cells) {
			continue
		}
		for _, k := range finding.Blanks {
			if c := &f.Cells[index[k]]; c.State == form.Blank && c.SettledBy == "" {
				c.SettledBy = finding.Rule
			}
		}
	}
}
