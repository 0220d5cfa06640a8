package register

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Outcome says what a statement does to a register.
type Outcome string

// The outcomes.
const (
	Added     Outcome = "added"
	Changed   Outcome = "changed"
	Unchanged Outcome = "unchanged"
)

// Change is what one statement of a file does to a register.
type Change struct {
	Line    int
	Agency  string
	Year    int // of an exception, 0 for an entry
	Outcome Outcome
	Fields  []FieldChange // of a changed one, in the order of [Columns]
}

// FieldChange is a field before and after, as text.
type FieldChange struct{ Field, Old, New string }

// Diff says what statements do to a register, in the order of the file. What they do not mention stays.
func Diff(r *Register, s Statements) []Change {
	var list []Change
	add := func(agency string, year int, known bool, fields []FieldChange) {
		c := Change{Line: s.Line(agency, year), Agency: agency, Year: year, Outcome: Changed, Fields: fields}
		switch {
		case !known:
			c.Outcome, c.Fields = Added, nil
		case len(fields) == 0:
			c.Outcome = Unchanged
		}
		list = append(list, c)
	}
	for _, a := range s.Agencies {
		old, known := r.Agency(a.Code)
		add(a.Code, 0, known, differences(old.texts(), a.texts()))
	}
	for _, o := range s.Obligations {
		old, known := r.obligations[agencyYear{o.Agency, o.Year}]
		add(o.Agency, o.Year, known, differences(old.texts(), o.texts()))
	}
	slices.SortStableFunc(list, func(a, b Change) int { return cmp.Compare(a.Line, b.Line) })
	return list
}

// Apply returns the register that results from statements.
func Apply(r *Register, s Statements) *Register {
	return New(append(r.Agencies(), s.Agencies...), append(r.Obligations(), s.Obligations...))
}

func differences(old, now []FieldChange) []FieldChange {
	var list []FieldChange
	for i := range now {
		if old[i].New != now[i].New {
			list = append(list, FieldChange{now[i].Field, old[i].New, now[i].New})
		}
	}
	return list
}

// texts are the fields of an entry as text, in New. The order of names and links says nothing.
func (a Agency) texts() []FieldChange {
	var names, links []string
	for _, n := range a.Names {
		names = append(names, spanned(n.Text+" ("+string(n.Kind), n.From, n.To)+")")
	}
	for _, l := range a.Links {
		links = append(links, strings.TrimSpace(string(l.Kind)+" "+l.Other+" "+dayText(l.On)))
	}
	slices.Sort(names)
	slices.Sort(links)
	return []FieldChange{
		{"kind", "", string(a.Kind)}, {"region", "", a.Region}, {"parent", "", a.Parent}, {"uscc", "", a.USCC},
		{"name", "", strings.Join(names, "; ")}, {"from", "", dayText(a.From)}, {"to", "", dayText(a.To)},
		{"other", "", strings.Join(links, "; ")}, {"page", "", a.Page}, {"scope", "", string(a.Scope)},
	}
}

func (o Obligation) texts() []FieldChange {
	obliged := "no"
	if o.Obliged {
		obliged = "yes"
	}
	return []FieldChange{{"due", "", dayText(o.Due)}, {"obliged", "", obliged}, {"reason", "", o.Reason}}
}

func spanned(text string, from, to time.Time) string {
	if from.IsZero() && to.IsZero() {
		return text
	}
	return text + " " + dayText(from) + ".." + dayText(to)
}
