package demo

import (
	"fmt"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
)

// Report is one version of one agency's report for one year, before it is printed.
type Report struct {
	Agency    string // as the report prints it
	Site      string // the body whose web site publishes it
	Year      int    // the reporting year
	Version   int    // 1, or 2 for a corrected version
	Scope     form.Scope
	Forms     map[string]form.Version // table code → version of the form
	Cells     map[form.Key]Cell       // a cell that is not in it is not printed
	Labels    Labels
	Note      string // the line under the title that says what kind of document it is
	Synthetic bool   // Note is form.SyntheticMark, and stands in the properties of the file too
	Signed    string // date of the signature as printed, 2024年1月17日; "" prints the agency alone
	Published string // date on the page, 2024-01-18; "" prints none

	Prose Prose
	// Claims are the numbers of kinds that have a code which the prose states.
	Claims []Claim
	// Inconsistencies name the faults of the report, in words for people: what was done on purpose and which
	// identities and sentences disagree because of it. A report without faults has none.
	Inconsistencies []string
	FormatNote      string // on the form, for the truth file

	quirks []quirk
}

// Cell is one printed cell.
type Cell struct {
	Value decimal.Decimal // where State is form.Number, in the unit of the column
	State form.State
	Text  string // exactly as printed
}

// number is a cell that holds the number and nothing else.
func number(v decimal.Decimal) Cell { return Cell{Value: v, State: form.Number, Text: v.String()} }

// Prose is the running text, paragraph by paragraph.
type Prose struct {
	Opening  []string
	Overall  []string // 一、总体情况
	Problems []string // 五、存在的主要问题及改进情况
	Other    []string // 六、其他需要报告的事项
}

// Claim is a number that the prose states.
type Claim struct {
	Code  string // what it compares with: applications, carry_in, answered, granted …, review, litigation, fee, disclosed
	Words string // short Chinese
	Value decimal.Decimal
	Unit  string
	Round bool // stated as 余 or 约
}

// Title is the title of the report.
func (r Report) Title() string {
	return fmt.Sprintf("%s%d年政府信息公开工作年度报告", r.Agency, r.Year)
}

// table returns the version of the table that the report prints.
func (r Report) table(code string) (form.Table, error) {
	f, ok := form.Lookup(r.Forms[code])
	if !ok {
		return form.Table{}, fmt.Errorf("print report %s: table %s has form version %q, want %s or %s", r.Title(), code, r.Forms[code], form.V2019, form.V2021)
	}
	t, ok := f.Table(code)
	if !ok {
		return form.Table{}, fmt.Errorf("print report %s: form %s has no table %s", r.Title(), f.Version, code)
	}
	return t, nil
}

// tableCodes are the tables of a report in printed order.
var tableCodes = [...]string{form.Section2, form.Section3, form.Section4}

// count is the number that a cell stands for in sums: 0 where it holds none.
func (r Report) count(table, row, column string) decimal.Decimal {
	return r.Cells[form.Key{Table: table, Row: row, Column: column}].Value
}

// failing lists the identities that do not hold in the report, a cell without a number counting as 0.
func (r Report) failing() []form.Equation {
	var out []form.Equation
	for _, code := range tableCodes {
		t, err := r.table(code)
		if err != nil {
			continue
		}
		for _, e := range form.Equations(t) {
			if !r.sum(e.Left).Equal(r.sum(e.Right)) {
				out = append(out, e)
			}
		}
	}
	return out
}

func (r Report) sum(keys []form.Key) decimal.Decimal {
	var s decimal.Decimal
	for _, k := range keys {
		s = s.Add(r.Cells[k].Value)
	}
	return s
}

// describeFailing names the identities that do not hold, for the truth file.
func (r Report) describeFailing() []string {
	var out []string
	for _, e := range r.failing() {
		out = append(out, fmt.Sprintf("%s %s.%s：%s，左 %s 右 %s。", e.Identity.ID, e.Identity.Table, e.Place, e.Expression(), r.sum(e.Left), r.sum(e.Right)))
	}
	return out
}
