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
		type place struct{ row, column int }
		at := map[place]int{}
		order := -1
		for k := 0; k < g.Columns; k++ {
			texts := m.above(k, 0, r)
			if len(texts) == 0 {
				continue
			}
			row, column := dispute(texts), leaf(texts, disputeColumnTargets)
			if row < 0 || column < 0 {
				continue
			}
			if _, twice := at[place{row, column}]; !twice {
				if row*len(disputeColumns)+column <= order {
					return false
				}
				order = row*len(disputeColumns) + column
				at[place{row, column}] = k
			}
		}
		if len(at) != len(disputeRows)*len(disputeColumns) {
			continue
		}
		for i, row := range disputeRows {
			for j, column := range disputeColumns {
				c := m[r][at[place{i, j}]]
				if c == nil {
					continue
				}
				p := pieceOf(c)
				if c.ColSpan > 1 && m[r-1][at[place{i, j}]] != nil && m[r-1][at[place{i, j}]].ColSpan < c.ColSpan {
					p.text = merged + p.text
				}
				cell := cellOf(p, column, "column header")
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
		var values []piece
		for ; i < len(tape) && tape[i].figure; i++ {
			values = append(values, tape[i])
			if tape[i].rowEnd {
				i++
				break
			}
		}
		h := headers.String()
		a, b, c := strings.Index(h, "行政复议"), strings.Index(h, "未经复议直接起诉"), strings.LastIndex(h, "复议后起诉")
		if a < 0 || b < a || c < b || onlyBlank(values) && len(values) != n {
			continue // empty cells between the words of the header
		}
		readDisputes(values, out)
		return
	}
}

// readDisputes takes the figures of section 四 in the order of the form if there are exactly as many.
func readDisputes(values []piece, out *result) {
	n := len(disputeRows) * len(disputeColumns)
	shown, sure, ok := window(values, n, unknownPadding)
	for i, row := range disputeRows {
		cells := make([]form.Cell, len(disputeColumns))
		blanks := false
		if ok && sure {
			for j, column := range disputeColumns {
				cells[j] = cellOf(shown[i*len(disputeColumns)+j], column, "fifteen figures in order")
				blanks = blanks || cells[j].State == form.Blank
			}
		}
		if !ok || !sure || blanks && !onlyBlank(shown) && !sumsUp(cells) {
			cells = unsettled(values, disputeColumns, "figures in order")
		}
		for j, c := range cells {
			c.Key = form.Key{Table: form.Section4, Row: row.Code, Column: disputeColumns[j].Code}
			out.cell(c)
		}
	}
	if ok && sure {
		out.filing.Forms[form.Section4] = sectionVersion(out)
	}
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
