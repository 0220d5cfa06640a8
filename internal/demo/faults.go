package demo

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
)

// quirk is something that makes a report differ from one that is complete, right and on the form of its year.
type quirk string

// What real reports do. The first group is decided before the figures are made up.
const (
	unfiled     quirk = "unfiled"      // there is no report
	lateForm    quirk = "late form"    // a report for 2021 or 2022 on the form of 2019
	mixedForm   quirk = "mixed form"   // section 三 with the single row （六） of 2019, the rest on the form of 2021
	carryBroken quirk = "carry broken" // carried in is not what last year carried out
	validJumps  quirk = "valid jumps"  // 现行有效 is not last year's plus made minus repealed

	wrongConcluded   quirk = "wrong concluded"    // （七）总计 is not the sum
	wrongRowTotal    quirk = "wrong row total"    // 总计 of a row is not the sum
	wrongBalance     quirk = "wrong balance"      // carried out is misprinted, in its column and in 总计
	disputeTotalZero quirk = "dispute total zero" // 总计 of 行政复议 is left at 0
	proseDiffers     quirk = "prose differs"      // the prose states another number than the table
	oldSignature     quirk = "old signature"      // signed in a year that had not ended
	itemsAsDecisions quirk = "items as decisions" // 处理决定数量 filled with last year's items plus the change
	townRegulations  quirk = "town regulations"   // 规章 at a body that cannot make any
	corrected        quirk = "corrected"          // a second version follows, the first has a wrong figure

	blankApplicants quirk = "blank applicants" // zeros left blank, except under 总计
	blankZeros      quirk = "blank zeros"      // all zeros left blank
	slashes         quirk = "slashes"          // / for every 0
	dashes          quirk = "dashes"           // - for every 0
	mixedZeros      quirk = "mixed zeros"      // 0, blank and / in one report
	noRegulations   quirk = "no regulations"   // 不适用 in the row of 规章
	fullWidthDigits quirk = "full-width"       // １２
	thousands       quirk = "thousands"        // 24,318
	noteInCell      quirk = "note in cell"     // 5（含自然失效2件）
	halfWidthLabels quirk = "half-width labels"
	listCommas      quirk = "list commas"
)

// shares deals the quirks: how many of a thousand eligible reports have it. Those of one list exclude each other.
type share struct {
	quirk    quirk
	permille int
	eligible func(b body, year int, o Options) bool
}

func filesAlone(b body, _ int, _ Options) bool { return b.rank != government }
func since2021(b body, y int, _ Options) bool  { return b.rank != government && y >= 2021 }
func early2021(b body, y int, _ Options) bool {
	return b.rank != government && (y == 2021 || y == 2022)
}
func notFirst(b body, y int, o Options) bool   { return b.rank != government && y > o.FirstYear }
func onForm2019(b body, y int, _ Options) bool { return y < 2021 && b.licensing > 0 }
func keepsDocuments(b body, y int, o Options) bool {
	return notFirst(b, y, o) && y >= 2022 && b.normative >= 300
}
func hasApplications(b body, _ int, _ Options) bool { return b.applications >= 10_000 }
func hasDisputes(b body, _ int, _ Options) bool     { return b.applications >= 45_000 }
func isLocal(b body, _ int, _ Options) bool         { return b.rank == subdistrict || b.rank == town }
func hasLicensing(b body, _ int, _ Options) bool    { return b.licensing >= 1000 }
func makesDocuments(b body, _ int, _ Options) bool  { return b.normative >= 700 }
func always(body, int, Options) bool                { return true }

var (
	faultShares = []share{
		{unfiled, 40, filesAlone},
		{lateForm, 60, early2021},
		{mixedForm, 25, since2021},
		{carryBroken, 15, func(b body, y int, o Options) bool { return notFirst(b, y, o) && hasApplications(b, y, o) }},
		{validJumps, 40, keepsDocuments},
		{wrongConcluded, 20, hasApplications},
		{wrongRowTotal, 20, hasApplications},
		{wrongBalance, 15, hasApplications},
		{disputeTotalZero, 60, hasDisputes},
		{proseDiffers, 25, hasApplications},
		{oldSignature, 12, always},
		{itemsAsDecisions, 60, onForm2019},
		{townRegulations, 20, isLocal},
		{corrected, 40, hasApplications},
	}
	spellingShares = []share{
		{blankApplicants, 50, always},
		{blankZeros, 35, always},
		{slashes, 30, always},
		{dashes, 30, always},
		{mixedZeros, 25, always},
		{noRegulations, 30, isLocal},
		{fullWidthDigits, 25, always},
		{thousands, 90, hasLicensing},
		{noteInCell, 70, makesDocuments},
		{halfWidthLabels, 80, always},
		{listCommas, 50, always},
	}
)

type slot struct{ body, year int }

// plan says which reports have which quirks.
type plan map[slot][]quirk

func (p plan) has(b body, year int, q quirk) bool {
	for _, have := range p[slot{b.index, year}] {
		if have == q {
			return true
		}
	}
	return false
}

// dealQuirks gives every quirk its share of the reports; in a district of a hundred reports or more each gets at
// least one.
func dealQuirks(all []body, o Options) plan {
	p := plan{}
	years := o.years()
	for list, shares := range [...][]share{faultShares, spellingShares} {
		order := stream(o.Seed, 0, 2+list).shuffled(len(all) * years)
		taken := map[slot]bool{}
		for _, s := range shares {
			var candidates []slot
			for _, n := range order {
				at := slot{n / years, o.FirstYear + n%years}
				if s.eligible(all[at.body], at.year, o) {
					candidates = append(candidates, at)
				}
			}
			quota := (len(candidates)*s.permille + 500) / 1000
			if len(order) >= 100 {
				quota = max(quota, 1)
			}
			for _, at := range candidates {
				if quota > 0 && !taken[at] {
					taken[at] = true
					p[at] = append(p[at], s.quirk)
					quota--
				}
			}
		}
	}
	return p
}

// spell rewrites cells in the manner of the quirk, values unchanged except that zeros may become no number.
func (r *Report) spell(q quirk, d draw) {
	switch q {
	case halfWidthLabels:
		r.Labels = HalfWidth
	case listCommas:
		r.Labels = ListComma
	}
	for _, code := range tableCodes {
		t, err := r.table(code)
		if err != nil {
			continue
		}
		for _, k := range t.Keys() {
			c := r.Cells[k]
			plain := c.State == form.Number && c.Text == c.Value.String() // no sign or unit in words
			zero := plain && c.Value.IsZero()
			switch q {
			case blankApplicants:
				if zero && code == form.Section3 && k.Column != "total" {
					c = Cell{State: form.Blank}
				}
			case blankZeros:
				if zero {
					c = Cell{State: form.Blank}
				}
			case slashes:
				if zero {
					c = Cell{State: form.Dash, Text: "/"}
				}
			case dashes:
				if zero {
					c = Cell{State: form.Dash, Text: "-"}
				}
			case mixedZeros:
				if zero {
					c = [...]Cell{c, {State: form.Blank}, {State: form.Dash, Text: "/"}}[d.IntN(3)]
				}
			case noRegulations:
				if zero && k.Row == "regulations" {
					c = Cell{State: form.NA, Text: "不适用"}
				}
			case fullWidthDigits:
				if plain && !c.Value.IsNegative() {
					c.Text = fullWidth(c.Text)
				}
			case thousands:
				if plain {
					c.Text = separateThousands(c.Text)
				}
			}
			r.Cells[k] = c
		}
	}
	if q == noteInCell {
		r.noteInCell()
	}
}

// noteInCell adds words to a number of section 二.
func (r *Report) noteInCell() {
	for _, n := range []struct{ column, words string }{
		{"repealed", "（含自然失效1件）"}, {"made", "（其中修订1件）"}, {"made_new", "（其中修订1件）"},
		{"valid", "（含以前年度制发）"}, {"total_public", "（含以前年度制作）"},
	} {
		k := form.Key{Table: form.Section2, Row: "normative", Column: n.column}
		if c, ok := r.Cells[k]; ok && c.State == form.Number && c.Value.IsPositive() {
			c.Text += n.words
			r.Cells[k] = c
			return
		}
	}
}

func fullWidth(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c - '0' + '０'
		}
		return c
	}, s)
}

// separateThousands puts commas into the whole part of a number.
func separateThousands(s string) string {
	whole, fraction, hasFraction := strings.Cut(s, ".")
	start := len(whole) % 3
	var parts []string
	if start > 0 {
		parts = append(parts, whole[:start])
	}
	for ; start < len(whole); start += 3 {
		parts = append(parts, whole[start:start+3])
	}
	s = strings.Replace(strings.Join(parts, ","), "-,", "-", 1)
	if hasFraction {
		s += "." + fraction
	}
	return s
}

// spellSigns writes the changes and the amount of the form of 2019 in one of the usual manners.
func (r *Report) spellSigns(d draw) {
	t, err := r.table(form.Section2)
	if err != nil {
		return
	}
	manner := d.IntN(4)
	for _, k := range t.Keys() {
		c := r.Cells[k]
		if c.State != form.Number || c.Value.IsZero() {
			continue
		}
		switch {
		case k.Column == "delta" && manner == 1 && c.Value.IsPositive():
			c.Text = "+" + c.Value.String()
		case k.Column == "delta" && manner == 2 && c.Value.IsPositive():
			c.Text = "增" + c.Value.String()
		case k.Column == "delta" && manner == 2:
			c.Text = "减" + c.Value.Abs().String()
		case k.Column == "amount_yuan" && manner == 1:
			c.Text = c.Value.String() + "元"
		case k.Column == "amount_yuan" && manner >= 2:
			c.Text = c.Value.Shift(-4).String() + "万元"
		}
		r.Cells[k] = c
	}
}

// misprint changes printed figures in the manner of the quirk and says in words what it did; "" if the report has no
// figure that could be wrong in this manner.
func (r *Report) misprint(q quirk, d draw) string {
	at := func(row, column string) form.Key {
		return form.Key{Table: form.Section3, Row: row, Column: column}
	}
	change := func(k form.Key, by int64) {
		r.Cells[k] = number(r.Cells[k].Value.Add(decimal.NewFromInt(by)))
	}
	switch q {
	case wrongConcluded:
		change(at("R7", "total"), d.between(1, 3))
		return "（七）总计一行的总计列误填。"
	case wrongRowTotal:
		var rows []string
		for _, w := range outcomeWeights {
			if r.Cells[at(w.row, "total")].Value.IsPositive() {
				rows = append(rows, w.row)
			}
		}
		if len(rows) == 0 {
			return ""
		}
		row := rows[d.IntN(len(rows))]
		change(at(row, "total"), 1)
		return fmt.Sprintf("“%s”一行的总计列误填。", r.printedRow(form.Section3, row))
	case wrongBalance:
		by := d.between(1, 3)
		change(at("CARRY_OUT", "natural"), by)
		change(at("CARRY_OUT", "total"), by)
		return "结转下年度继续办理误填。"
	case disputeTotalZero:
		k := form.Key{Table: form.Section4, Row: "review", Column: "total"}
		if !r.Cells[k].Value.IsPositive() {
			return ""
		}
		r.Cells[k] = number(decimal.Zero)
		return "行政复议总计漏填，印为0。"
	case itemsAsDecisions:
		for _, row := range []string{"licensing", "other_services", "punishment", "coercion"} {
			k := form.Key{Table: form.Section2, Row: row, Column: "processed"}
			r.Cells[k] = number(r.count(form.Section2, row, "prev_items").Add(r.count(form.Section2, row, "delta")))
		}
		return "处理决定数量误按上一年项目数量与本年增/减之和填写。"
	case townRegulations:
		column := "valid"
		if r.Forms[form.Section2] == form.V2019 {
			column = "total_public"
		}
		r.Cells[form.Key{Table: form.Section2, Row: "regulations", Column: column}] = number(decimal.NewFromInt(d.between(1, 6)))
		return "无规章制定权，规章一行误填。"
	case corrected:
		if d.chance(500) {
			return r.misprint(wrongConcluded, d)
		}
		if !r.Cells[at("R1", "natural")].Value.IsPositive() || !r.Cells[at("NEW", "natural")].Value.IsPositive() {
			return r.misprint(wrongConcluded, d)
		}
		for _, row := range []string{"NEW", "R1", "R7"} {
			change(at(row, "natural"), -1)
			change(at(row, "total"), -1)
		}
		return "漏计一件予以公开的申请，后有更正版。"
	}
	return ""
}

// printedRow is the label of a row as the form prints it.
func (r Report) printedRow(table, code string) string {
	t, err := r.table(table)
	if err != nil {
		return code
	}
	for _, row := range t.Rows() {
		if row.Code == code {
			return row.Printed()
		}
	}
	return code
}
