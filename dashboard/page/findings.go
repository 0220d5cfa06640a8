package page

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	found "nianbao/query/findings"
)

// sortFindings puts the findings of each rule in the order in which the form prints their cells.
func (p *reportContent) sortFindings() {
	places := map[form.Key]int{}
	for _, f := range form.Forms {
		for _, t := range f.Tables {
			for _, k := range layOut(t).keys() {
				if _, known := places[k]; !known {
					places[k] = len(places)
				}
			}
		}
	}
	first := func(x form.Finding) int {
		if len(x.Cells) == 0 {
			return len(places)
		}
		return places[x.Cells[0]]
	}
	slices.SortStableFunc(p.findings, func(a, b form.Finding) int {
		return cmp.Or(strings.Compare(a.Rule, b.Rule), cmp.Compare(first(a), first(b)))
	})
}

// judged lists the findings that people should see, by table, and the marks that lead to them.
func (p *reportContent) judged() (map[string][]finding, map[form.Key][]mark) {
	lists, marks := map[string][]finding{}, map[form.Key][]mark{}
	state := map[form.Key]form.State{}
	for _, c := range p.cells {
		state[c.Key] = c.State
	}
	number := 0
	for _, status := range []form.Outcome{form.Fail, form.Uncertain} {
		for _, code := range append([]string{form.Section2, form.Section3, form.Section4}, p.otherTables()...) {
			for _, x := range p.findings {
				if x.Status != status || x.Table != code {
					continue
				}
				number++
				f := finding{Number: number, Rule: x.Rule, Fail: status == form.Fail, Outcome: p.Head.say("outcome." + string(status)), Expression: x.Expression,
					Place: p.Head.placeName(x), Sign: p.Head.signOf(severityOf(x.Rule)), Page: p.link("/findings/" + findingID(p.Filing.ID, x)), Left: amount(x.Left), Right: amount(x.Right), Diff: difference(x.Delta)}
				if d := p.decisions[findingID(p.Filing.ID, x)]; d != found.Open {
					f.Decision = p.Head.decisionWord(d)
				}
				if c, ok := form.LookupCheck(x.Rule); ok {
					f.Name = p.Head.check(c).Name
				}
				for _, k := range x.Blanks {
					f.Blanks = append(f.Blanks, cellLink{p.Head.cellLabel(k), "#" + k.String()})
				}
				for i, k := range x.Cells {
					f.Cells = append(f.Cells, cellLink{p.Head.cellLabel(k), "#" + k.String()})
					if s := state[k]; status == form.Uncertain && (s == form.Ambiguous || s == form.Text || s == form.Dash || s == form.NA) {
						f.Hindered = append(f.Hindered, cellLink{p.Head.cellLabel(k), "#" + k.String()})
					}
					// Of a long sum only the total is marked, which is its first cell, and of an uncertain check the
					// cells that keep it from being made: marks everywhere would point nowhere.
					marked := len(x.Cells) <= 4 || i == 0
					if status == form.Uncertain {
						marked = len(f.Hindered) > 0 && f.Hindered[len(f.Hindered)-1].Href == "#"+k.String()
					}
					if marked && len(marks[k]) < 3 {
						marks[k] = append(marks[k], mark{number, f.Fail, f.Sign, fmt.Sprintf("#finding-%d", number)})
					}
				}
				table := code
				if !slices.Contains([]string{form.Section2, form.Section3, form.Section4}, code) {
					table = form.Section4 // the last list takes what belongs to no table
				}
				lists[table] = append(lists[table], f)
			}
		}
	}
	return lists, marks
}

// otherTables are the tables that findings name and the form has not: checks across tables and years.
func (p *reportContent) otherTables() []string {
	others := map[string]bool{}
	for _, x := range p.findings {
		if x.Table != form.Section2 && x.Table != form.Section3 && x.Table != form.Section4 {
			others[x.Table] = true
		}
	}
	return slices.Sorted(maps.Keys(others))
}

func (in lang) placeName(x form.Finding) string {
	for _, f := range slices.Backward(form.Forms) {
		t, ok := f.Table(x.Table)
		if !ok {
			continue
		}
		for _, b := range t.Blocks {
			for _, c := range b.Columns {
				if c.Code == x.Place && x.Table != form.Section4 {
					return in.say("place.column", in.printed(c.Label))
				}
			}
			for _, r := range b.Rows {
				if r.Code == x.Place {
					return in.say("place.row", in.row(r))
				}
			}
		}
	}
	if c, ok := form.LookupConcept(x.Place); ok {
		return in.printed(c.Name)
	}
	if m, ok := form.LookupMeasure(x.Place); ok {
		return in.nameOf(m)
	}
	if strings.HasPrefix(x.Place, "section") {
		return in.tableName(x.Place)
	}
	return x.Place
}

func amount(d *decimal.Decimal) string {
	if d == nil {
		return ""
	}
	return d.String()
}

func difference(d *decimal.Decimal) string {
	if d == nil {
		return ""
	}
	if d.IsZero() {
		return "0"
	}
	if d.IsNegative() {
		return "−" + d.Neg().String()
	}
	return "+" + d.String()
}

// checked says how many checks of a table were made.
func (p *reportContent) checked(code string) string {
	n := map[form.Outcome]int{}
	total := 0
	for _, x := range p.findings {
		if x.Table == code {
			n[x.Status]++
			total++
		}
	}
	if total == 0 {
		return p.Head.say("report.unchecked")
	}
	return p.Head.say("report.checked", total, n[form.Pass], n[form.Fail], n[form.Uncertain], n[form.NotAssessable])
}
