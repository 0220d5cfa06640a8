// Package form is the catalogue of the statutory annual report on the disclosure of government information
// (政府信息公开工作年度报告): the tables, rows and columns of every version of the form, their codes and printed
// labels, the arithmetic that holds between cells, and the measures that are computed from them.
//
// Everything else derives from these tables: recognition compares printed labels with them, checks expand the
// identities, CSV headers, page labels and the data dictionary print them. A fact about the form stands here once.
//
// The form has two versions in use: 国办公开办函〔2019〕60号 (reports for 2019 and 2020) and 国办公开办函〔2021〕30号
// (reports since 2021). Which one a report follows is told section by section from the words of its tables, never
// from the year: bureaus keep old forms for years and mix the two.
//
// The package holds values only; it reads nothing and imports nothing of this program.
package form

import (
	"fmt"
	"strings"
)

// Version names a version of the form by the year and number of the document that prescribes it.
type Version string

// The versions of the form that have tables with fixed rows.
const (
	V2019 Version = "2019-60" // 国办公开办函〔2019〕60号, trial form, reports for 2019 and 2020
	V2021 Version = "2021-30" // 国办公开办函〔2021〕30号, revised form, reports since 2021
)

// Codes of the three tables of numbers, named after the section of the report in which they are printed.
const (
	Section2 = "section2" // 二、主动公开政府信息情况
	Section3 = "section3" // 三、收到和处理政府信息公开申请情况
	Section4 = "section4" // 四、政府信息公开行政复议、行政诉讼情况
)

// Legacy is the code of the tables of indicators before 2019. Their rows are not the same anywhere, so a row is named by
// its label as printed, and the columns are the year's value and the sum over the years.
const (
	Legacy     = "legacy"
	YearValue  = "year_value"
	Cumulative = "cumulative"
)

// Key names one cell of a form: the table, the row and the column by their codes. Codes are fixed for good; they
// are part of every file and address the program hands out.
type Key struct {
	Table  string `json:"table"`
	Row    string `json:"row"`
	Column string `json:"column"`
}

// String is the cell's path, for example section3.R3_4.total.
func (k Key) String() string { return k.Table + "." + k.Row + "." + k.Column }

// ParseKey reads a path written by [Key.String]. It does not check that any form has such a cell; [Form.Has] does.
// Codes of tables and columns have no dot; the row of a table before 2019 is its label as printed, which may.
func ParseKey(path string) (Key, error) {
	first, last := strings.IndexByte(path, '.'), strings.LastIndexByte(path, '.')
	if first < 1 || last <= first+1 || last == len(path)-1 {
		return Key{}, fmt.Errorf("parse cell path %q: want table.row.column, for example section3.R3_4.total", path)
	}
	return Key{path[:first], path[first+1 : last], path[last+1:]}, nil
}

// Form is one version of the form.
type Form struct {
	Version  Version
	Document string // the document that prescribes it
	Title    string
	Years    string // the report years for which it was prescribed
	Tables   []Table
}

// Table is one table of numbers.
type Table struct {
	Code   string
	Title  string   // the section heading as the form prints it
	Titles []string // other headings seen or prescribed by the other version
	// Blocks are the parts of the table that have a header of their own. Sections 三 and 四 have one.
	Blocks []Block
	// Across says that the rows are printed side by side as groups of columns over one line of figures (section 四).
	Across bool
}

// Block is a run of rows under one header.
type Block struct {
	Heading string // the line above the header: 第二十条第（一）项
	Corner  string // the label over the row labels: 信息内容
	Article string // the article of the 条例 that asks for these figures
	Rows    []Row
	Columns []Column
}

// Row is one printed row (in section 四: one printed group of columns).
type Row struct {
	Code    string
	Number  string   // enumerator as printed: 一、 （三） 1.
	Label   string   // label as printed, without the enumerator
	Parents []string // labels of the merged cells left of it, outermost first, as printed
	// Variants are other wordings met in real reports, without enumerator; recognition treats them as the label itself.
	Variants []string
	Article  string // article of the 条例 behind the row, where there is one
	Optional bool   // printed in some provinces only; its absence says nothing
}

// Printed is the label with its enumerator, as the form prints it.
func (r Row) Printed() string { return r.Number + r.Label }

// Column is one printed column.
type Column struct {
	Code     string
	Label    string
	Parents  []string // merged header cells above it, outermost first
	Variants []string
	Unit     string // 件, 项, 万元, 元; 件 where the form prints none
	Signed   bool   // may be negative: 本年增/减
	Decimal  bool   // may have a fraction: amounts of money
}

// Lookup returns the form with this version.
func Lookup(v Version) (Form, bool) {
	for _, f := range Forms {
		if f.Version == v {
			return f, true
		}
	}
	return Form{}, false
}

// Table returns the table with this code.
func (f Form) Table(code string) (Table, bool) {
	for _, t := range f.Tables {
		if t.Code == code {
			return t, true
		}
	}
	return Table{}, false
}

// Has reports whether the form has this cell.
func (f Form) Has(k Key) bool {
	t, ok := f.Table(k.Table)
	if !ok {
		return false
	}
	_, _, ok = t.Find(k.Row, k.Column)
	return ok
}

// Keys lists the cells of the table in printed order. Rows that are optional are left out.
func (t Table) Keys() []Key {
	var keys []Key
	for _, b := range t.Blocks {
		for _, r := range b.Rows {
			if r.Optional {
				continue
			}
			for _, c := range b.Columns {
				keys = append(keys, Key{t.Code, r.Code, c.Code})
			}
		}
	}
	return keys
}

// Rows lists the rows of all blocks in printed order.
func (t Table) Rows() []Row {
	var rows []Row
	for _, b := range t.Blocks {
		rows = append(rows, b.Rows...)
	}
	return rows
}

// Find returns the row and column with these codes, if one block of the table has both.
func (t Table) Find(row, column string) (Row, Column, bool) {
	for _, b := range t.Blocks {
		for _, r := range b.Rows {
			if r.Code != row {
				continue
			}
			for _, c := range b.Columns {
				if c.Code == column {
					return r, c, true
				}
			}
		}
	}
	return Row{}, Column{}, false
}

// Find returns the row and column of a cell in the newest form that has it.
func Find(k Key) (Row, Column, bool) {
	for i := len(Forms) - 1; i >= 0; i-- {
		if t, ok := Forms[i].Table(k.Table); ok {
			if r, c, ok := t.Find(k.Row, k.Column); ok {
				return r, c, true
			}
		}
	}
	return Row{}, Column{}, false
}

// Label names a cell for people: 三、收到和处理… · 4.保护第三方合法权益 · 总计. Unknown cells give their path.
func Label(k Key) string {
	r, c, ok := Find(k)
	if !ok {
		return k.String()
	}
	return r.Printed() + " · " + c.Label
}
