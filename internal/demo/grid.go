package demo

import (
	"cmp"
	"slices"
	"strings"

	"nianbao/internal/form"
)

// Labels says how the words of the form are spelled.
type Labels int

// The spellings.
const (
	AsPrinted Labels = iota // （三）不予公开, 1.属于国家秘密
	HalfWidth               // (三) 不予公开, 1. 属于国家秘密
	ListComma               // （三）不予公开, 1、属于国家秘密
)

var halfWidth = strings.NewReplacer("（", "(", "）", ")")

func (l Labels) spell(number, label string) string {
	switch l {
	case HalfWidth:
		number, label = halfWidth.Replace(number), halfWidth.Replace(label)
		if strings.HasSuffix(number, ")") || strings.HasSuffix(number, ".") {
			number += " "
		}
	case ListComma:
		number = strings.Replace(number, ".", "、", 1)
	}
	return number + label
}

// group splits the label of merged cells, （三）不予公开, at its enumerator and spells it.
func (l Labels) group(label string) string {
	if end := strings.Index(label, "）"); end >= 0 && strings.HasPrefix(label, "（") {
		return l.spell(label[:end+len("）")], label[end+len("）"):])
	}
	return l.spell("", label)
}

// grid is a table as the form lays it out. Counts start at 0.
type grid struct {
	rows, columns int
	cells         []gridCell // by row, then column, each merged cell once
}

type gridCell struct {
	row, column   int
	rows, columns int // how many it covers
	text          string
	figure        bool // a cell of the report, not a word of the form
}

// covering is the cell that covers each place, by row and column, as index into cells.
func (g grid) covering() [][]int {
	out := make([][]int, g.rows)
	for i := range out {
		out[i] = make([]int, g.columns)
	}
	for n, c := range g.cells {
		for row := c.row; row < c.row+c.rows; row++ {
			for column := c.column; column < c.column+c.columns; column++ {
				out[row][column] = n
			}
		}
	}
	return out
}

// lines groups the cells by the row they start in.
func (g grid) lines() [][]gridCell {
	out := make([][]gridCell, g.rows)
	for _, c := range g.cells {
		out[c.row] = append(out[c.row], c)
	}
	return out
}

// layOut lays a table of the report out as the form prints it.
func layOut(r Report, t form.Table) grid {
	if t.Across {
		return layOutAcross(r, t)
	}
	var g grid
	labels := 1 // columns of labels
	for _, row := range t.Rows() {
		labels = max(labels, 1+len(row.Parents))
	}
	for _, b := range t.Blocks {
		g.columns = max(g.columns, labels+len(b.Columns))
	}
	for _, b := range t.Blocks {
		if b.Heading != "" {
			g.cells = append(g.cells, gridCell{row: g.rows, rows: 1, columns: g.columns, text: r.Labels.spell("", b.Heading)})
			g.rows++
		}
		header := headerRows(b.Columns)
		g.cells = append(g.cells, gridCell{row: g.rows, rows: header, columns: labels, text: r.Labels.spell("", b.Corner)})
		g.cells = append(g.cells, headerCells(r.Labels, b.Columns, g.rows, labels, g.columns, header)...)
		g.rows += header
		g.bodyOf(r, t.Code, b, labels)
	}
	g.sort()
	return g
}

// bodyOf adds the rows of a block that the report prints.
func (g *grid) bodyOf(r Report, table string, b form.Block, labels int) {
	open := make([]int, labels) // index of the merged cell that covers this label column, by depth
	for i := range open {
		open[i] = -1
	}
	var last []string
	for _, row := range b.Rows {
		if row.Optional && !r.prints(table, row.Code) {
			continue
		}
		for depth, parent := range row.Parents {
			if depth < len(last) && slices.Equal(last[:depth+1], row.Parents[:depth+1]) {
				g.cells[open[depth]].rows++
				continue
			}
			open[depth] = len(g.cells)
			g.cells = append(g.cells, gridCell{row: g.rows, column: depth, rows: 1, columns: 1, text: r.Labels.group(parent)})
		}
		last = row.Parents
		g.cells = append(g.cells, gridCell{row: g.rows, column: len(row.Parents), rows: 1, columns: labels - len(row.Parents), text: r.Labels.spell(row.Number, row.Label)})
		for i, c := range b.Columns {
			cell := gridCell{row: g.rows, column: labels + i, rows: 1, columns: 1, figure: true, text: r.Cells[form.Key{Table: table, Row: row.Code, Column: c.Code}].Text}
			if i == len(b.Columns)-1 {
				cell.columns = g.columns - cell.column
			}
			g.cells = append(g.cells, cell)
		}
		g.rows++
	}
}

// prints reports whether the report has any cell of the row.
func (r Report) prints(table, row string) bool {
	t, err := r.table(table)
	if err != nil {
		return false
	}
	for _, b := range t.Blocks {
		for _, c := range b.Columns {
			if _, ok := r.Cells[form.Key{Table: table, Row: row, Column: c.Code}]; ok {
				return true
			}
		}
	}
	return false
}

// layOutAcross lays out a table whose rows stand side by side over one line of figures.
func layOutAcross(r Report, t form.Table) grid {
	var g grid
	var columns []form.Column // the groups' labels become parents of their columns
	for _, b := range t.Blocks {
		for _, row := range b.Rows {
			for _, c := range b.Columns {
				c.Parents = append(append([]string{}, row.Parents...), row.Printed())
				columns = append(columns, c)
			}
		}
	}
	header := headerRows(columns)
	g.rows, g.columns = header+1, len(columns)
	g.cells = headerCells(r.Labels, columns, 0, 0, len(columns), header)
	i := 0
	for _, b := range t.Blocks {
		for _, row := range b.Rows {
			for _, c := range b.Columns {
				g.cells = append(g.cells, gridCell{row: header, column: i, rows: 1, columns: 1, figure: true, text: r.Cells[form.Key{Table: t.Code, Row: row.Code, Column: c.Code}].Text})
				i++
			}
		}
	}
	g.sort()
	return g
}

func headerRows(columns []form.Column) int {
	n := 1
	for _, c := range columns {
		n = max(n, 1+len(c.Parents))
	}
	return n
}

// headerCells lays out the labels of columns under their merged cells, from place (row, first); the last column
// reaches to width.
func headerCells(l Labels, columns []form.Column, row, first, width, height int) []gridCell {
	var out []gridCell
	open := make([]int, height)
	var last []string
	for i, c := range columns {
		wide := 1
		if i == len(columns)-1 {
			wide = width - first - i
		}
		for depth, parent := range c.Parents {
			if depth < len(last) && slices.Equal(last[:depth+1], c.Parents[:depth+1]) {
				out[open[depth]].columns += wide
				continue
			}
			open[depth] = len(out)
			out = append(out, gridCell{row: row + depth, column: first + i, rows: 1, columns: wide, text: l.spell("", parent)})
		}
		last = c.Parents
		out = append(out, gridCell{row: row + len(c.Parents), column: first + i, rows: height - len(c.Parents), columns: wide, text: l.spell("", c.Label)})
	}
	return out
}

// widths divides a width among the columns: even, but where labels stand three deep the outer ones are narrow and the
// innermost takes what the figures leave.
func (g grid) widths(width int) []int {
	labels := g.columns
	for _, c := range g.cells {
		if c.figure {
			labels = min(labels, c.column)
		}
	}
	out := make([]int, g.columns)
	for i := range out {
		out[i] = width / g.columns
		if labels > 1 {
			out[i] = width * 75 / 1000
		}
	}
	last := max(labels-1, 0)
	out[last] = width
	for i := range out {
		if i != last {
			out[last] -= out[i]
		}
	}
	return out
}

// sort brings the cells into reading order.
func (g *grid) sort() {
	slices.SortStableFunc(g.cells, func(a, b gridCell) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.column, b.column))
	})
}
