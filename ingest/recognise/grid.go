package recognise

import (
	"strings"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// matrix is a true grid with each place pointing to the cell that covers it; nil where no cell does.
type matrix [][]*document.Cell

func matrixOf(g *document.Grid) matrix {
	m := make(matrix, g.Rows)
	places := make([]*document.Cell, g.Rows*g.Columns)
	for r := range m {
		m[r] = places[r*g.Columns : (r+1)*g.Columns]
	}
	for i := range g.Cells {
		c := &g.Cells[i]
		for r := c.Row - 1; r < c.Row-1+c.RowSpan && r < g.Rows; r++ {
			for k := c.Column - 1; k < c.Column-1+c.ColSpan && k < g.Columns; k++ {
				m[r][k] = c
			}
		}
	}
	return m
}

// distinct lists the cells of row r between columns from and to (exclusive), each once, left to right.
func (m matrix) distinct(r, from, to int) []*document.Cell {
	out := make([]*document.Cell, 0, min(max(to-from, 0), 16))
	var last *document.Cell
	for k := from; k < to; k++ {
		if c := m[r][k]; c != nil && c != last {
			out = append(out, c)
			last = c
		}
	}
	return out
}

// above lists the texts over column k in rows from to below (exclusive), lowest first, each cell once, empty ones left out.
func (m matrix) above(k, from, below int) []string {
	var out []string
	var last *document.Cell
	for r := below - 1; r >= from; r-- {
		if c := m[r][k]; c != nil && c != last {
			last = c
			if strings.TrimSpace(c.Text) != "" {
				out = append(out, c.Text)
			}
		}
	}
	return out
}

// leaf finds which of the columns the header over grid column k names: by its lowest cell, or by the lowest two when a
// label was split over two rows. −1 if none.
func leaf(texts []string, columns []target, labels memo) int {
	for n := 1; n <= 2 && n <= len(texts); n++ {
		joined := ""
		for i := n - 1; i >= 0; i-- {
			joined += texts[i]
		}
		if best := bestOf(joined, columns, labels); best >= 0 {
			return best
		}
	}
	return -1
}

// bestOf is the index of the target that the text certainly names, −1 if there is none or two are as good.
func bestOf(text string, targets []target, labels memo) int {
	return labels.prepare(text).bestOf(targets)
}

func (p *printedLabel) bestOf(targets []target) int {
	best, second, at := 0.0, 0.0, -1
	for i := range targets {
		if s := targets[i].similarity(p); s > best {
			best, second, at = s, best, i
		} else if s > second {
			second = s
		}
	}
	if best < certain || second == best {
		return -1
	}
	return at
}

func columnTargets(columns []form.Column) []target {
	out := make([]target, len(columns))
	for i, c := range columns {
		out[i] = newTarget("", c.Label, c.Variants)
	}
	return out
}

func pieceOf(c *document.Cell) piece { return piece{text: c.Text, at: c.At, figure: figure(c.Text)} }

// extent is the grid columns that a header cell covers: from, to (exclusive).
type extent struct{ from, to int }

func rightmost(extents []extent) int {
	to := 0
	for _, e := range extents {
		to = max(to, e.to)
	}
	return to
}

// value is the cell of row r under a header cell. fits is false if there is none, if it reaches out of the header's
// columns or out of its row, or if several printed cells stand there.
func (e extent) value(m matrix, r int) (p piece, fits bool) {
	var cells, full []*document.Cell
	for _, c := range m.distinct(r, e.from, e.to) {
		cells = append(cells, c)
		if strings.TrimSpace(c.Text) != "" {
			full = append(full, c)
		}
	}
	if len(cells) == 0 {
		return piece{}, false
	}
	c := cells[0]
	if len(full) > 0 {
		c = full[0]
	}
	fits = len(full) <= 1 && c.RowSpan == 1 && c.Column-1 >= e.from && c.Column-1+c.ColSpan <= e.to
	return pieceOf(c), fits
}

// beyond reports whether row r has a cell right of all columns of the header, where row h, the last of the header, has
// none, or a printed one in any case: the row then has more cells than the header.
func (m matrix) beyond(r, h, right int) bool {
	for k := right; k < len(m[r]); k++ {
		if m[r][k] != nil && (h < 0 || m[h][k] == nil || strings.TrimSpace(m[r][k].Text) != "") {
			return true
		}
	}
	return false
}
