package form

import "strings"

// Axis says over what an identity is repeated.
type Axis string

// The axes.
const (
	EachColumn Axis = "column" // the terms are rows; it holds in every column
	EachRow    Axis = "row"    // the terms are columns; it holds in every row
)

// Identity is an arithmetic relation between the cells of one table (勾稽关系): the sum of the left terms equals the
// sum of the right terms. Terms are codes of rows or columns, by Axis.
type Identity struct {
	ID       string
	Table    string
	Name     string // in Chinese, for people
	Source   string // where it comes from
	Official bool   // printed in the form itself; else derived from the words of the form
	Over     Axis
	Left     []string
	Right    []string
}

// Identities are the relations within one report.
//
// R6 stands for the single row of the 2019 form, R6_1 to R6_3 for the rows of the 2021 form; a report has the one or
// the other, and [Identity.Equations] drops the terms that the version lacks.
var Identities = []Identity{
	{
		ID: "A1", Table: Section3, Over: EachColumn, Official: true,
		Name:   "新收加上年结转等于办理结果总计加结转下年",
		Source: "表三表头：本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和",
		Left:   []string{"NEW", "CARRY_IN"}, Right: []string{"R7", "CARRY_OUT"},
	},
	{
		ID: "A2", Table: Section3, Over: EachColumn,
		Name:   "（七）总计等于（一）至（六）各项之和",
		Source: "由“总计”一词推出",
		Left:   []string{"R7"},
		Right: []string{"R1", "R2", "R3_1", "R3_2", "R3_3", "R3_4", "R3_5", "R3_6", "R3_7", "R3_8", "R4_1", "R4_2", "R4_3",
			"R5_1", "R5_2", "R5_3", "R5_4", "R5_5", "R6", "R6_1", "R6_2", "R6_3"},
	},
	{
		ID: "A3", Table: Section3, Over: EachRow,
		Name:   "总计等于自然人与各类法人或其他组织之和",
		Source: "由“总计”一词推出",
		Left:   []string{"total"}, Right: []string{"natural", "commercial", "research", "welfare", "legal", "other"},
	},
	{
		ID: "A4", Table: Section4, Over: EachRow,
		Name:   "复议、诉讼各组总计等于四种结果之和",
		Source: "由“总计”一词推出",
		Left:   []string{"total"}, Right: []string{"upheld", "corrected", "other", "pending"},
	},
}

// Equation is an identity at one place: the cells whose sums must be equal.
type Equation struct {
	Identity    Identity
	Place       string // the column or row code
	Left, Right []Key
}

// Expression writes the equation with codes: NEW + CARRY_IN = R7 + CARRY_OUT.
func (e Equation) Expression() string {
	side := func(keys []Key) string {
		parts := make([]string, len(keys))
		for i, k := range keys {
			if e.Identity.Over == EachColumn {
				parts[i] = k.Row
			} else {
				parts[i] = k.Column
			}
		}
		return strings.Join(parts, " + ")
	}
	return side(e.Left) + " = " + side(e.Right)
}

// Keys lists all cells of the equation, left side first.
func (e Equation) Keys() []Key { return append(append([]Key{}, e.Left...), e.Right...) }

// Equations expands the identity over a table of this version. Terms that the version does not have are left out;
// nil if the table is not the identity's.
func (id Identity) Equations(t Table) []Equation {
	if t.Code != id.Table {
		return nil
	}
	var out []Equation
	for _, b := range t.Blocks {
		rows, columns := make([]string, len(b.Rows)), make([]string, len(b.Columns))
		for i, r := range b.Rows {
			rows[i] = r.Code
		}
		for i, c := range b.Columns {
			columns[i] = c.Code
		}
		places, terms := columns, rows
		if id.Over == EachRow {
			places, terms = rows, columns
		}
		for _, place := range places {
			keys := func(codes []string) []Key {
				var out []Key
				for _, code := range codes {
					for _, have := range terms {
						if have != code {
							continue
						}
						if id.Over == EachColumn {
							out = append(out, Key{t.Code, code, place})
						} else {
							out = append(out, Key{t.Code, place, code})
						}
					}
				}
				return out
			}
			out = append(out, Equation{Identity: id, Place: place, Left: keys(id.Left), Right: keys(id.Right)})
		}
	}
	return out
}

// Equations expands all identities over one table.
func Equations(t Table) []Equation {
	var out []Equation
	for _, id := range Identities {
		out = append(out, id.Equations(t)...)
	}
	return out
}

// Group is a heading of section 三 whose subtotal the form does not print; it is always derived.
type Group struct {
	Code  string
	Label string
	Rows  []string // the rows of either version; a report has those of one
}

// Groups are the six outcomes of section 三 in printed order. Their sum is (七)总计.
var Groups = []Group{
	{"R1", "予以公开", []string{"R1"}},
	{"R2", "部分公开", []string{"R2"}},
	{"R3", "不予公开", []string{"R3_1", "R3_2", "R3_3", "R3_4", "R3_5", "R3_6", "R3_7", "R3_8"}},
	{"R4", "无法提供", []string{"R4_1", "R4_2", "R4_3"}},
	{"R5", "不予处理", []string{"R5_1", "R5_2", "R5_3", "R5_4", "R5_5"}},
	{"R6", "其他处理", []string{"R6", "R6_1", "R6_2", "R6_3"}},
}
