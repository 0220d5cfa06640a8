package check

import (
	"fmt"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
)

// itemRows are the rows of section 二 that count decisions, items or money.
var itemRows = []string{"licensing", "other_services", "punishment", "coercion", "fees"}

// prior says why the report cannot be compared with last year's, and records the outcome; ok if it can.
func (r *run) prior(id, table string) (ok bool) {
	status, note := form.Pass, ""
	switch {
	case r.old() && id != "A9":
		status, note = form.NotApplicable, notOld
	case r.Prior == nil || r.Year != 0 && r.Prior.Year != r.Year-1:
		status, note = form.NotAssessable, noPrior
	case r.Prior.Scope != scopeOf(r.Filing):
		status, note = form.NotAssessable, otherScope
	default:
		return true
	}
	r.add(form.Finding{Rule: id, Table: table, Status: status, Note: note})
	return false
}

// against is a finding in which last year's report takes part.
func (r *run) against(id string, k form.Key, expression string, more ...form.Key) form.Finding {
	f := form.Finding{Rule: id, Table: k.Table, Place: k.Row, Expression: expression, Cells: append([]form.Key{k}, more...), Status: form.Pass}
	if r.Prior.ID != "" {
		f.Against = []string{r.Prior.ID}
	}
	return f
}

// carriedOver is A5, in every column.
func (r *run) carriedOver(id string) {
	if !r.prior(id, form.Section3) {
		return
	}
	for _, column := range applicants {
		k := form.Key{Table: form.Section3, Row: "CARRY_IN", Column: column}
		f := r.against(id, k, "CARRY_IN = CARRY_OUT（上年）")
		f.Place = column
		left := r.sum(&f, f.Cells)
		right := r.Prior.value(&f, form.Key{Table: form.Section3, Row: "CARRY_OUT", Column: column})
		compare(&f, left, right, equal)
		r.add(f)
	}
}

// bothFollow reports whether section 二 follows this form in both years, and records the outcome if it does not.
func (r *run) bothFollow(id string, v form.Version) bool {
	if !r.prior(id, form.Section2) {
		return false
	}
	now, before := r.Forms[form.Section2], r.Prior.Forms[form.Section2]
	switch {
	case now == v && before == v:
		return true
	case now == "" || before == "":
		r.add(form.Finding{Rule: id, Table: form.Section2, Status: form.NotAssessable, Note: "两年中有一年没有读到这张表"})
	default:
		r.add(form.Finding{Rule: id, Table: form.Section2, Status: form.NotApplicable, Note: fmt.Sprintf("本年表样 %s，上年表样 %s", now, before)})
	}
	return false
}

// inForce is A6.
func (r *run) inForce(id string) {
	if !r.bothFollow(id, form.V2021) {
		return
	}
	for _, row := range []string{"regulations", "normative"} {
		at := func(column string) form.Key { return form.Key{Table: form.Section2, Row: row, Column: column} }
		f := r.against(id, at("valid"), "valid = valid（上年） + made − repealed", at("made"), at("repealed"))
		left := r.sum(&f, f.Cells[:1])
		right := r.Prior.value(&f, at("valid")).Add(r.sum(&f, f.Cells[1:2])).Sub(r.sum(&f, f.Cells[2:3]))
		compare(&f, left, right, equal)
		r.add(f)
	}
}

// itemsContinue is A7.
func (r *run) itemsContinue(id string) {
	if !r.bothFollow(id, form.V2019) {
		return
	}
	for _, row := range itemRows {
		at := func(column string) form.Key { return form.Key{Table: form.Section2, Row: row, Column: column} }
		f := r.against(id, at("prev_items"), "prev_items = prev_items（上年） + delta（上年）")
		left := r.sum(&f, f.Cells)
		compare(&f, left, r.Prior.value(&f, at("prev_items")).Add(r.Prior.value(&f, at("delta"))), equal)
		r.add(f)
	}
}

// publicGrows is A8.
func (r *run) publicGrows(id string) {
	if !r.bothFollow(id, form.V2019) {
		return
	}
	for _, row := range []string{"regulations", "normative"} {
		at := func(column string) form.Key { return form.Key{Table: form.Section2, Row: row, Column: column} }
		f := r.against(id, at("total_public"), "total_public ≥ total_public（上年） + published_new", at("published_new"))
		left := r.sum(&f, f.Cells[:1])
		compare(&f, left, r.Prior.value(&f, at("total_public")).Add(r.sum(&f, f.Cells[1:])), atLeast)
		r.add(f)
	}
}

// cumulative is A9, for each indicator that both years print under the same label.
func (r *run) cumulative(id string) {
	var rows, names []string
	above := ""
	for i := range r.Cells {
		c := &r.Cells[i]
		if c.Table != form.Legacy {
			continue
		}
		var name string
		name, above = indicator(c.Row, above)
		if c.Column == form.Cumulative {
			rows, names = append(rows, c.Row), append(names, name)
		}
	}
	if len(rows) == 0 {
		r.add(form.Finding{Rule: id, Status: form.NotApplicable, Note: "没有带历年累计的统计表"})
		return
	}
	if !r.prior(id, form.Legacy) {
		return
	}
	for i, row := range rows {
		k := form.Key{Table: form.Legacy, Row: row, Column: form.Cumulative}
		year := form.Key{Table: form.Legacy, Row: row, Column: form.YearValue}
		f := r.against(id, k, "cumulative = cumulative（上年） + year_value", year)
		left := r.sum(&f, f.Cells[:1])
		before := r.Prior.value(&f, form.Key{Table: form.Legacy, Row: names[i], Column: form.Cumulative})
		if f.Status == form.NotAssessable {
			f.Note = "上年统计表没有同名的一行"
		}
		compare(&f, left, before.Add(r.sum(&f, f.Cells[1:])), equal)
		r.add(f)
	}
}

// mainFigure is a figure of which unusual values are pointed out.
type mainFigure struct {
	code string
	cell form.Key
}

// mainFigures are those of both forms.
var mainFigures = []mainFigure{
	{"received", form.Key{Table: form.Section3, Row: "NEW", Column: "total"}},
	{"normative", form.Key{Table: form.Section2, Row: "normative", Column: "made"}},
	{"license", form.Key{Table: form.Section2, Row: "licensing", Column: "processed"}},
	{"punish", form.Key{Table: form.Section2, Row: "punishment", Column: "processed"}},
	{"coerce", form.Key{Table: form.Section2, Row: "coercion", Column: "processed"}},
	{"fees", form.Key{Table: form.Section2, Row: "fees", Column: "amount_wan"}},
}

var (
	jumpFactor = decimal.NewFromInt(5)
	jumpLeast  = decimal.NewFromInt(30)
)

// jump is H1: five times or a fifth of last year's figure, and at least 30 apart.
func (r *run) jump(id string) {
	if !r.prior(id, "") {
		return
	}
	for _, m := range mainFigures {
		f := r.against(id, m.cell, m.code+" ~ "+m.code+"（上年）")
		f.Place = m.code
		if lacks(r.Forms, m.cell) || lacks(r.Prior.Forms, m.cell) {
			f.Status, f.Note = form.NotApplicable, notInForm
			r.add(f)
			continue
		}
		left := r.sum(&f, f.Cells)
		compare(&f, left, r.Prior.value(&f, m.cell), func(now, before decimal.Decimal) bool {
			return now.Sub(before).Abs().LessThan(jumpLeast) || now.LessThan(before.Mul(jumpFactor)) && before.LessThan(now.Mul(jumpFactor))
		})
		r.add(f)
	}
}

// lastYearsText is C1.
func (r *run) lastYearsText(id string) {
	if !r.prior(id, "") {
		return
	}
	for _, code := range []string{form.Section1, form.Section5} {
		own, theirs := r.extract().text[code], r.Prior.text[code]
		f := r.against(id, form.Key{Row: code}, "")
		f.Cells = nil
		switch {
		case own == nil && len(r.Parts) == 0:
			f.Status, f.Note = form.NotAssessable, noText
		case len(own) < leastText:
			f.Status, f.Note = form.NotApplicable, "文字不足一百字"
		case len(theirs) == 0:
			f.Status, f.Note = form.NotAssessable, "上年报告没有读到这一部分"
		default:
			share := float64(shared(own, theirs)) / float64(len(own))
			if share >= repeatedShare {
				f.Status = form.Fail
			}
			f.Note = fmt.Sprintf("与上年同一部分重复 %.0f%%", 100*share)
		}
		r.add(f)
	}
}

// extract is that of the filing itself, made once.
func (r *run) extract() *Extract {
	if r.own == nil {
		r.own = ExtractOf("", r.Agency.Name, r.Filing)
	}
	return r.own
}
