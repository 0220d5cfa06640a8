package demo

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
)

// Filing is a report of the district and the file in which it is printed.
type Filing struct {
	Report Report
	Agency string // code of the agency in the register of the district
	Format Format
	Style  int
	Stem   string // xg-jyj_2023, xg-jyj_2023_v2
}

// File is the name of the file relative to the folder of the district, with slashes.
func (f Filing) File() string {
	return fmt.Sprintf("%d/%s.%s", f.Report.Year, f.Stem, f.Format)
}

// District makes up the reports of a district, by body and year, one at a time, and counts those that are due and
// missing.
func District(o Options) (filings iter.Seq[Filing], missing int, err error) {
	if o, err = o.complete(); err != nil {
		return nil, 0, err
	}
	all := bodies(o.Agencies)
	plan := dealQuirks(all, o)
	for _, quirks := range plan {
		if slices.Contains(quirks, unfiled) {
			missing++
		}
	}
	looks := stream(o.Seed, 0, 4).shuffled(len(all) * o.years())
	return func(yield func(Filing) bool) {
		for district := range slices.Chunk(all, len(kinds)) {
			for i, years := range districtYears(district, o, plan) {
				b := district[i]
				for _, f := range bodyFilings(b, years, looks[b.index*o.years():], plan, o) {
					if !yield(f) {
						return
					}
				}
			}
		}
	}, missing, nil
}

// districtYears makes up what the bodies of one district did, by body. A government's report sums up what all of them
// did, whether or not they filed.
func districtYears(district []body, o Options, p plan) [][]year {
	years := make([][]year, len(district))
	for i, b := range district {
		years[i] = history(b, o, p)
	}
	for g, b := range district {
		if b.rank != government {
			continue
		}
		for member := range district {
			for i := range years[g] {
				if total, part := &years[g][i], years[member][i]; member != g {
					total.figures = total.figures.plus(part.figures)
					total.disclosed += part.disclosed
					total.fee += part.fee
					total.notices += part.notices
				}
			}
		}
	}
	return years
}

// bodyFilings are the reports of one body in the order of years and versions. looks say how each year's is printed.
func bodyFilings(b body, years []year, looks []int, p plan, o Options) []Filing {
	var out []Filing
	var before *Report // the latest version of last year's report
	file := b.file
	for i, y := range years {
		number := o.FirstYear + i
		b := b.in(number, o)
		if p.has(b, number, unfiled) || b.file != file { // it did not file last year, or was another body
			before = nil
		}
		file = b.file
		if p.has(b, number, unfiled) {
			continue
		}
		versions := reports(b, number, y, p, o)
		for n := range versions {
			r := &versions[n]
			r.Inconsistencies = append(r.Inconsistencies, r.disagreements()...)
			if before != nil {
				r.Inconsistencies = append(r.Inconsistencies, r.breaks(*before)...)
			}
			f := Filing{Report: *r, Agency: b.file, Stem: fmt.Sprintf("%s_%d", b.file, number)}
			if r.Version > 1 {
				f.Stem += fmt.Sprintf("_v%d", r.Version)
			}
			f.Format, f.Style = dress(looks[i])
			out = append(out, f)
		}
		before = &versions[len(versions)-1]
	}
	return out
}

// wardrobe is what twenty reports in a row are printed in, and worn the styles of each format in turn.
var (
	wardrobe = [20]Format{HTML, DOCX, HTML, Text, HTML, HTML, Markdown, HTML, DOCX, HTML, Text, HTML, DOCX, HTML, HTML, Markdown, HTML, DOCX, Text, HTML}
	worn     = map[Format][]int{HTML: {0, 1, 2, 0, 1, 0, 1, 2, 3}, DOCX: {0, 1}, Markdown: {0, 1}, Text: {0, 1, 2, 0, 1}}
)

// dress chooses the format and style of the n-th report.
func dress(n int) (Format, int) {
	format := wardrobe[n%len(wardrobe)]
	var whole, earlier int // reports of this format in all twenty, and among them before this one
	for i, f := range wardrobe {
		if f == format {
			whole++
			if i < n%len(wardrobe) {
				earlier++
			}
		}
	}
	styles := worn[format]
	return format, styles[(n/len(wardrobe)*whole+earlier)%len(styles)]
}

// mixedFormNote is the format note of a report on the form of 2021 with section 三 of 2019.
const mixedFormNote = "tables 二 and 四 of 2021-30; (六)其他处理 is one row as in 2019-60"

// published is the day in the next year on which a report first comes out, with the stream from which the rest is drawn.
func published(b body, number int, o Options) (month, day int64, d draw) {
	d = stream(o.Seed, b.index<<16|number, 5)
	month, day = d.between(1, 1), d.between(8, 30)
	switch {
	case b.rank == government:
		month = 3
	case d.chance(50):
		month, day = d.between(2, 4), d.between(1, 28)
	}
	return month, day, d
}

// reports makes the versions of one body's report for one year.
func reports(b body, number int, y year, p plan, o Options) []Report {
	versions := map[string]form.Version{form.Section2: form.V2021, form.Section3: form.V2021, form.Section4: form.V2021}
	note := ""
	switch {
	case number < 2021 || p.has(b, number, lateForm):
		for _, code := range tableCodes {
			versions[code] = form.V2019
		}
		if number >= 2021 {
			note = "form of 2019 in a report for a later year"
		}
	case p.has(b, number, mixedForm):
		versions[form.Section3] = form.V2019
		note = mixedFormNote
	}
	month, day, d := published(b, number, o)
	base := Report{
		Agency: b.agency, Site: b.site, Year: number, Version: 1, Scope: b.scope(), Forms: versions,
		Note: form.SyntheticMark, Synthetic: true, FormatNote: note,
		Signed:    fmt.Sprintf("%d年%d月%d日", number+1, month, day),
		Published: fmt.Sprintf("%d-%02d-%02d", number+1, month, day),
		quirks:    p[slot{b.index, number}],
	}
	meant := y.figures.cells(versions)
	var out []Report
	for version := 1; version <= 2; version++ {
		if version == 2 && !p.has(b, number, corrected) {
			break
		}
		r := base
		r.Version = version
		r.Cells = maps.Clone(meant)
		if versions[form.Section2] == form.V2019 {
			r.spellSigns(stream(o.Seed, b.index, 6))
		}
		for _, q := range r.quirks {
			r.spell(q, d)
		}
		said := meant
		for _, q := range r.quirks {
			switch {
			case q == oldSignature:
				r.Signed = fmt.Sprintf("%d年%d月%d日", number, month, day)
				r.Inconsistencies = append(r.Inconsistencies, "落款日期早于统计期末。")
			case q == proseDiffers:
				k := form.Key{Table: form.Section3, Row: "NEW", Column: "total"}
				said = maps.Clone(meant)
				said[k] = Cell{Value: meant[k].Value.Add(decimal.NewFromInt(d.between(1, 5))), State: form.Number}
				r.Inconsistencies = append(r.Inconsistencies, "正文新收申请数与表三不一致。")
			case q == corrected && version == 2:
			default:
				if words := r.misprint(q, d); words != "" {
					r.Inconsistencies = append(r.Inconsistencies, words)
				}
			}
		}
		compose(&r, said, y.statements())
		if version == 2 {
			r.Signed = fmt.Sprintf("%d年%d月%d日", number+1, month+2, day)
			r.Published = fmt.Sprintf("%d-%02d-%02d", number+1, month+2, day)
			r.Prose.Opening = append([]string{"更正说明：本报告首次发布后经核查，表三有误，现予更正，以本版本为准。"}, r.Prose.Opening...)
		}
		out = append(out, r)
	}
	return out
}

// disagreements names the identities and sentences that do not hold in the report.
func (r Report) disagreements() []string {
	out := r.describeFailing()
	for _, c := range r.Claims {
		accepted, cells := r.inTables(c.Code)
		if len(accepted) == 0 {
			continue
		}
		agrees := false
		for _, v := range accepted {
			agrees = agrees || v.Equal(c.Value)
		}
		if !agrees {
			out = append(out, fmt.Sprintf("A10 正文%s%s%s，表中%s为%s。", c.Words, c.Value, c.Unit, cells, accepted[0]))
		}
	}
	return out
}

// inTables are the numbers of the tables that a claim of this code may state, and the words for the first.
func (r Report) inTables(code string) ([]decimal.Decimal, string) {
	total := func(rows ...string) decimal.Decimal {
		var sum decimal.Decimal
		for _, row := range rows {
			sum = sum.Add(r.count(form.Section3, row, "total"))
		}
		return sum
	}
	dispute := func(rows ...string) decimal.Decimal {
		var sum decimal.Decimal
		for _, row := range rows {
			sum = sum.Add(r.count(form.Section4, row, "total"))
		}
		return sum
	}
	switch code {
	case "applications":
		return []decimal.Decimal{total("NEW"), total("NEW", "CARRY_IN")}, "NEW"
	case "carry_in":
		return []decimal.Decimal{total("CARRY_IN")}, "CARRY_IN"
	case "carry_out":
		return []decimal.Decimal{total("CARRY_OUT")}, "CARRY_OUT"
	case "answered":
		return []decimal.Decimal{total("R7")}, "R7"
	case "review":
		return []decimal.Decimal{dispute("review")}, "review"
	case "litigation":
		return []decimal.Decimal{dispute("direct", "after")}, "direct + after"
	case "normative_valid":
		return []decimal.Decimal{r.count(form.Section2, "normative", "valid")}, "normative.valid"
	case "normative_made":
		return []decimal.Decimal{r.count(form.Section2, "normative", "made").Add(r.count(form.Section2, "normative", "made_new"))}, "normative.made"
	}
	for _, o := range outcomes {
		if o.claim != code {
			continue
		}
		for _, g := range form.Groups {
			if g.Code == o.group {
				return []decimal.Decimal{total(g.Rows...)}, g.Code
			}
		}
	}
	return nil, ""
}

// breaks names what does not continue last year's report: applications carried over in each column (A5), normative
// documents in force (A6), items on the lists of 2019 (A7).
func (r Report) breaks(before Report) []string {
	var out []string
	for _, column := range columnsOf(form.Section3) {
		was, is := before.count(form.Section3, "CARRY_OUT", column), r.count(form.Section3, "CARRY_IN", column)
		if !was.Equal(is) {
			out = append(out, fmt.Sprintf("A5 section3.CARRY_IN.%s：上年报告结转下年度%s，本年报告上年结转%s。", column, was, is))
		}
	}
	s2, last := r.Forms[form.Section2], before.Forms[form.Section2]
	for _, row := range []string{"regulations", "normative"} {
		if s2 != form.V2021 || last != form.V2021 {
			break
		}
		want := before.count(form.Section2, row, "valid").Add(r.count(form.Section2, row, "made")).Sub(r.count(form.Section2, row, "repealed"))
		if is := r.count(form.Section2, row, "valid"); !want.Equal(is) {
			out = append(out, fmt.Sprintf("A6 section2.%s.valid：上年现行有效加制发减废止为%s，本年现行有效%s。", row, want, is))
		}
	}
	for _, row := range []string{"licensing", "other_services", "punishment", "coercion", "fees"} {
		if s2 != form.V2019 || last != form.V2019 {
			break
		}
		want := before.count(form.Section2, row, "prev_items").Add(before.count(form.Section2, row, "delta"))
		if is := r.count(form.Section2, row, "prev_items"); !want.Equal(is) {
			out = append(out, fmt.Sprintf("A7 section2.%s.prev_items：上年项目数量加增减为%s，本年报告为%s。", row, want, is))
		}
	}
	return out
}
