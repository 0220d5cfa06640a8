package recognise

import (
	"strings"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// disputeRows are the three groups of columns of section 四, disputeColumns the five columns of each.
var (
	disputeTable, _      = form.Forms[1].Table(form.Section4)
	disputeRows          = disputeTable.Blocks[0].Rows
	disputeColumns       = disputeTable.Blocks[0].Columns
	disputeColumnTargets = columnTargets(disputeColumns)
)

// dispute names the group that a stack of header texts belongs to, −1 if none.
func dispute(texts []string) int {
	for _, t := range texts {
		switch w := wordsOf(clean(t)); {
		case strings.Contains(w, "未经复议"):
			return 1
		case strings.Contains(w, "复议后"):
			return 2
		case strings.Contains(w, "行政复议") && !strings.Contains(w, "诉讼"):
			return 0
		}
	}
	return -1
}

// disputesByHeader reads section 四 from a true grid: every figure stands under the header that names its group and
// its result. It reports whether the grid is of section 四 and could be read.
func disputesByHeader(g *document.Grid, m matrix, out *result) bool {
	named := 0
	for _, c := range g.Cells {
		switch w := wordsOf(clean(c.Text)); w {
		case "未经复议直接起诉", "复议后起诉", "行政复议":
			named++
		}
	}
	if named < 2 {
		return false
	}
	for r := 1; r < g.Rows; r++ {
		if !figures(m.distinct(r, 0, g.Columns)) {
			continue
		}
		at := make([]extent, len(disputeRows)*len(disputeColumns))
		named := 0
		for k := 0; k < g.Columns; {
			next := k + 1
			for next < g.Columns && m[r-1][k] != nil && m[r-1][next] == m[r-1][k] {
				next++
			}
			texts := m.above(k, 0, r)
			if row, column := dispute(texts), leaf(texts, disputeColumnTargets, out.labels); row >= 0 && column >= 0 {
				i := row*len(disputeColumns) + column
				if at[i].to > 0 {
					return false // named twice
				}
				at[i] = extent{k, next}
				named++
			}
			k = next
		}
		if named != len(at) {
			continue
		}
		values := make([]piece, len(at))
		odd := m.beyond(r, r-1, rightmost(at))
		for i, e := range at {
			var fits bool
			values[i], fits = e.value(m, r)
			odd = odd || !fits
		}
		for i, row := range disputeRows {
			for j, column := range disputeColumns {
				var cell form.Cell
				if odd {
					cell = unsettled(values, disputeColumns[j:j+1], "column header")[0]
				} else {
					cell = cellOf(values[i*len(disputeColumns)+j], column, "column header")
				}
				cell.Key = form.Key{Table: form.Section4, Row: row.Code, Column: column.Code}
				out.cell(cell)
			}
		}
		out.filing.Forms[form.Section4] = sectionVersion(out)
		return true
	}
	return false
}

// figures reports whether a row of cells is one of figures: nothing but figures, and at least one of them printed or
// the row as wide as the table.
func figures(cells []*document.Cell) bool {
	if len(cells) < 10 {
		return false
	}
	for _, c := range cells {
		if !figure(c.Text) {
			return false
		}
	}
	return true
}

// disputesInOrder reads section 四 from text: the headers name the three groups in the order of the form, and exactly
// fifteen figures follow.
func disputesInOrder(tape []piece, out *result) {
	n := len(disputeRows) * len(disputeColumns)
	var headers strings.Builder
	for i := 0; i < len(tape); {
		if !tape[i].figure {
			headers.WriteString(wordsOf(clean(tape[i].text)))
			i++
			continue
		}
		first := i
		for ; i < len(tape) && tape[i].figure; i++ {
			if tape[i].rowEnd {
				i++
				break
			}
		}
		values := tape[first:i:i]
		h := headers.String()
		a, b, c := strings.Index(h, "行政复议"), strings.Index(h, "未经复议直接起诉"), strings.LastIndex(h, "复议后起诉")
		if a < 0 || b < a || c < b || onlyBlank(values) && len(values) != n {
			continue // empty cells between the words of the header
		}
		readDisputes(values, values[len(values)-1].rowEnd, out)
		headers.Reset() // a second report has a header of its own
	}
}

// readDisputes takes the figures of section 四 in the order of the form if there are exactly as many. row says that the
// layout shows where the row of figures ends.
func readDisputes(values []piece, row bool, out *result) {
	n := len(disputeRows) * len(disputeColumns)
	shown, sure, ok := window(values, n, unknownPadding)
	cells := make([]form.Cell, 0, n)
	settled, blanks := ok && sure, false
	if settled {
		for i := range n {
			c := cellOf(shown[i], disputeColumns[i%len(disputeColumns)], "fifteen figures in order")
			blanks = blanks || c.State == form.Blank
			cells = append(cells, c)
		}
		// Where cells are empty, or a layout of one cell a line may have lost one, only the sums show that all are in place.
		if (blanks || !row) && !onlyBlank(shown) {
			for i := range disputeRows {
				settled = settled && sumsUp(cells[i*len(disputeColumns):(i+1)*len(disputeColumns)])
			}
		}
	}
	for i, r := range disputeRows {
		var group []form.Cell
		if settled {
			group = cells[i*len(disputeColumns) : (i+1)*len(disputeColumns)]
		} else {
			group = unsettled(values, disputeColumns, "figures in order")
		}
		for j, c := range group {
			c.Key = form.Key{Table: form.Section4, Row: r.Code, Column: disputeColumns[j].Code}
			out.cell(c)
		}
	}
	out.filing.Forms[form.Section4] = sectionVersion(out)
}

// sectionVersion is the version to note for section 四, whose table is the same in both: that of section 三 if known,
// else of section 二, else the current one.
func sectionVersion(out *result) form.Version {
	for _, t := range []string{form.Section3, form.Section2} {
		if v := out.filing.Forms[t]; v != "" {
			return v
		}
	}
	return form.V2021
}
