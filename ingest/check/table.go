package check

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
)

var sections = []string{form.Section2, form.Section3, form.Section4}

// wholeNumbers is A12, a finding for each table.
func (r *run) wholeNumbers(id string) {
	any := false
	for _, table := range append(sections[:3:3], form.Legacy) {
		if !r.present[table] {
			continue
		}
		any = true
		f := form.Finding{Rule: id, Table: table, Expression: "0, 1, 2 …", Status: form.Pass}
		for i := range r.Cells {
			c := &r.Cells[i]
			if c.Table != table || c.State != form.Number || !c.Value.IsNegative() && c.Value.IsInteger() {
				continue
			}
			_, column, known := form.Find(c.Key)
			if c.Value.IsNegative() && !column.Signed || known && !column.Decimal && !c.Value.IsInteger() {
				f.Status = form.Fail
				f.Cells = append(f.Cells, c.Key)
			}
		}
		r.add(f)
	}
	if !any {
		r.says(id, form.NotAssessable, "没有读到表格")
	}
}

// regulations is T1.
func (r *run) regulations(id string) {
	f := form.Finding{Rule: id, Table: form.Section2, Place: "regulations", Expression: "regulations = 0", Status: form.Pass}
	for i := range r.Cells {
		if c := &r.Cells[i]; c.Table == form.Section2 && c.Row == "regulations" {
			f.Cells = append(f.Cells, c.Key)
		}
	}
	switch {
	case r.old():
		f.Status, f.Note = form.NotApplicable, notOld
	case len(f.Cells) == 0:
		f.Status, f.Note = form.NotAssessable, "没有读到“规章”一行"
	default:
		some := false
		for _, k := range f.Cells {
			probe := form.Finding{Status: form.Pass}
			some = some || !r.sum(&probe, []form.Key{k}).IsZero()
			f.Blanks = append(f.Blanks, probe.Blanks...)
			if probe.Status != form.Pass {
				f.Status = probe.Status
			}
		}
		ask := r.MayRegulate
		if ask == nil {
			ask = MayRegulate
		}
		switch may := ask(r.Agency); {
		case may == Yes:
			f.Status, f.Note = form.NotApplicable, "有规章制定权"
		case !some:
		case may == No:
			f.Status = form.Fail
		default:
			f.Status, f.Note = form.NotAssessable, "不能确定该机关有无规章制定权"
		}
	}
	r.add(f)
}

// decisionsNotItems is T2. Where nothing was added or dropped, equal numbers may be chance.
func (r *run) decisionsNotItems(id string) {
	if !r.follows(id, form.V2019) {
		return
	}
	for _, row := range []string{"licensing", "other_services", "punishment", "coercion"} {
		at := func(column string) form.Key { return form.Key{Table: form.Section2, Row: row, Column: column} }
		f := form.Finding{Rule: id, Table: form.Section2, Place: row, Expression: "processed ≠ prev_items + delta", Cells: []form.Key{at("processed"), at("prev_items"), at("delta")}, Status: form.Pass}
		decisions, delta := r.sum(&f, f.Cells[:1]), r.sum(&f, f.Cells[2:])
		items := r.sum(&f, f.Cells[1:2]).Add(delta)
		switch {
		case f.Status != form.Pass:
		case decisions.IsZero() && items.IsZero():
			f.Status, f.Note = form.NotApplicable, "各数为0"
		case !decisions.Equal(items):
			compare(&f, decisions, items, func(a, b decimal.Decimal) bool { return true })
		case delta.IsZero():
			f.Status, f.Note = form.Uncertain, "增减为0，三数相等可能是巧合"
		default:
			compare(&f, decisions, items, func(a, b decimal.Decimal) bool { return false })
		}
		r.add(f)
	}
}

// follows reports whether section 二 follows this form, and records the outcome if it does not.
func (r *run) follows(id string, v form.Version) bool {
	f := form.Finding{Rule: id, Table: form.Section2, Status: form.NotApplicable}
	switch have := r.Forms[form.Section2]; {
	case r.old():
		f.Note = notOld
	case have == v:
		return true
	case have == "":
		f.Status, f.Note = form.NotAssessable, "没有读到这张表"
	default:
		f.Note = fmt.Sprintf("表样 %s", have)
	}
	r.add(f)
	return false
}

// columnAtMost makes the check that one column of the documents does not exceed the sum of others, in a form.
func columnAtMost(v form.Version, less string, more ...string) func(r *run, id string) {
	expression := less + " ≤ " + strings.Join(more, " + ")
	return func(r *run, id string) {
		if !r.follows(id, v) {
			return
		}
		for _, row := range []string{"regulations", "normative"} {
			f := form.Finding{Rule: id, Table: form.Section2, Place: row, Expression: expression, Status: form.Pass}
			for _, column := range append([]string{less}, more...) {
				f.Cells = append(f.Cells, form.Key{Table: form.Section2, Row: row, Column: column})
			}
			left, right := r.sum(&f, f.Cells[:1]), r.sum(&f, f.Cells[1:])
			compare(&f, left, right, atMost)
			r.add(f)
		}
	}
}
