package page

import (
	"slices"
	"strconv"

	"nianbao/internal/form"
)

// statutory is a table as the form prints it: merged labels, and a place for each figure.
type statutory struct {
	Title string
	Wide  bool // printed side by side (section 四)
	Rows  []statutoryRow
}

type statutoryRow struct{ Cells []statutoryCell }

// statutoryCell is a label, or the place of a figure.
type statutoryCell struct {
	Text             string
	RowSpan, ColSpan int
	Head             bool
	Scope            string // row, col, rowgroup, colgroup of a label
	Key              form.Key
	Figure           bool
	Cell             printed // set where Figure
}

func label(text, scope string, rows, columns int) statutoryCell {
	return statutoryCell{Text: text, Head: true, Scope: scope, RowSpan: rows, ColSpan: columns}
}

// layOut prints a table of the form.
func layOut(t form.Table) statutory {
	out := statutory{Title: t.Title, Wide: t.Across}
	if t.Across {
		out.Rows = across(t)
		return out
	}
	// The blocks share one grid: as many columns of figures as all of them divide.
	grid := 1
	for _, b := range t.Blocks {
		grid = lcm(grid, len(b.Columns))
	}
	for _, b := range t.Blocks {
		out.Rows = append(out.Rows, block(t, b, grid)...)
	}
	return out
}

func lcm(a, b int) int {
	if b == 0 {
		return a
	}
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	return a / x * b
}

func block(t form.Table, b form.Block, grid int) []statutoryRow {
	depth, height := 1, 1 // columns of labels left, rows of labels above
	for _, r := range b.Rows {
		depth = max(depth, len(r.Parents)+1)
	}
	for _, c := range b.Columns {
		height = max(height, len(c.Parents)+1)
	}
	each := grid / len(b.Columns)
	var rows []statutoryRow
	if b.Heading != "" {
		rows = append(rows, statutoryRow{[]statutoryCell{label(b.Heading, "rowgroup", 1, depth+grid)}})
	}
	columns := make([]leaf, len(b.Columns))
	for i, c := range b.Columns {
		columns[i] = leaf{c.Label, c.Parents, each}
	}
	head := headers(columns, height)
	head[0].Cells = append([]statutoryCell{label(b.Corner, "", height, depth)}, head[0].Cells...)
	rows = append(rows, head...)
	for i, r := range b.Rows {
		var row statutoryRow
		for level, parent := range r.Parents {
			// A merged label starts where the row above does not have the same labels up to this one.
			if i > 0 && sameParents(b.Rows[i-1].Parents, r.Parents, level) {
				continue
			}
			span := 1
			for i+span < len(b.Rows) && sameParents(b.Rows[i+span].Parents, r.Parents, level) {
				span++
			}
			row.Cells = append(row.Cells, label(parent, "rowgroup", span, 1))
		}
		row.Cells = append(row.Cells, label(r.Printed(), "row", 1, depth-len(r.Parents)))
		for _, c := range b.Columns {
			row.Cells = append(row.Cells, statutoryCell{Figure: true, Key: form.Key{Table: t.Code, Row: r.Code, Column: c.Code}, RowSpan: 1, ColSpan: each})
		}
		rows = append(rows, row)
	}
	return rows
}

// across prints rows side by side as groups of columns over one line of figures.
func across(t form.Table) []statutoryRow {
	var columns []leaf
	var figures statutoryRow
	height := 1
	for _, b := range t.Blocks {
		for _, r := range b.Rows {
			for _, c := range b.Columns {
				parents := append(append(slices.Clone(r.Parents), r.Printed()), c.Parents...)
				columns = append(columns, leaf{c.Label, parents, 1})
				height = max(height, len(parents)+1)
				figures.Cells = append(figures.Cells, statutoryCell{Figure: true, Key: form.Key{Table: t.Code, Row: r.Code, Column: c.Code}, RowSpan: 1, ColSpan: 1})
			}
		}
	}
	return append(headers(columns, height), figures)
}

// leaf is a column with the merged labels above it.
type leaf struct {
	label   string
	parents []string
	span    int
}

// headers prints the labels above the columns. A label with fewer merged cells above it than others is itself merged
// down to the figures; a lone group (行政复议) is merged over the levels it does not have.
func headers(columns []leaf, height int) []statutoryRow {
	rows := make([]statutoryRow, height)
	for i, c := range columns {
		for level, parent := range c.parents {
			if i > 0 && sameParents(columns[i-1].parents, c.parents, level) {
				continue
			}
			span := 0
			for j := i; j < len(columns) && sameParents(columns[j].parents, c.parents, level); j++ {
				span += columns[j].span
			}
			down := 1
			// The last merged label of a group whose columns have labels of their own on the lowest level.
			if level == len(c.parents)-1 && len(c.parents) < height-1 && leavesBelow(columns, c.parents, level) {
				down = height - 1 - level
			}
			rows[level].Cells = append(rows[level].Cells, label(parent, "colgroup", down, span))
		}
		start := len(c.parents)
		down := height - start
		if len(c.parents) > 0 && len(c.parents) < height-1 && leavesBelow(columns, c.parents, len(c.parents)-1) {
			start, down = height-1, 1
		}
		rows[start].Cells = append(rows[start].Cells, label(c.label, "col", down, c.span))
	}
	return rows
}

// leavesBelow reports whether no column of the group has further merged labels: then the group's own label fills the
// levels between, and the labels of its columns stand on the lowest line together with those of the other groups.
func leavesBelow(columns []leaf, parents []string, level int) bool {
	if level != len(parents)-1 {
		return false
	}
	n := 0
	for _, c := range columns {
		if !sameParents(c.parents, parents, level) {
			continue
		}
		if len(c.parents) > len(parents) {
			return false
		}
		n++
	}
	return n > 1
}

// sameParents reports whether two columns or rows share the merged labels up to and with a level.
func sameParents(a, b []string, level int) bool {
	return len(a) > level && len(b) > level && slices.Equal(a[:level+1], b[:level+1])
}

// keys lists the figures of the table in printed order.
func (s statutory) keys() []form.Key {
	var out []form.Key
	for _, r := range s.Rows {
		for _, c := range r.Cells {
			if c.Figure {
				out = append(out, c.Key)
			}
		}
	}
	return out
}

// span is the value of an attribute, "" for 1.
func span(n int) string {
	if n == 1 {
		return ""
	}
	return strconv.Itoa(n)
}
