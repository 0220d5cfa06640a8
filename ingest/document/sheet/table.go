package sheet

import (
	"slices"

	"nianbao/ingest/document"
)

// table is a table on a page, or on several once they are joined.
type table struct {
	page    int // the first
	columns []float64
	rows    []tableRow
	cells   []tableCell
	first   Rect // its place on its first page
	last    Rect // and on its last
	until   int  // the last page
}

type tableRow struct {
	page   int
	height float64 // in parts of the font's size
}

// tableCell has 0-based columns and rows, the ends exclusive.
type tableCell struct {
	left, right, top, bottom int
	text                     string
	ends                     bool // the last line of text leaves room for more: it was not wrapped there
	optical                  *document.Optical
}

// table is the lattice as a table whose text has this size.
func (l *lattice) table(page int, box Rect, size float64) *table {
	t := &table{page: page, until: page, first: box, last: box, rows: make([]tableRow, len(l.ys)-1)}
	for _, x := range l.xs {
		t.columns = append(t.columns, x.at)
	}
	for i := range t.rows {
		t.rows[i] = tableRow{page, (l.ys[i+1].at - l.ys[i].at) / size}
	}
	for _, c := range l.cells {
		t.cells = append(t.cells, tableCell{c.left, c.right, c.top, c.bottom, c.text, c.ends, c.optical})
	}
	t.dropGaps(l, size)
	t.dropFragments()
	t.tidy()
	return t
}

// Rows and columns that are smaller, in parts of the font's size, hold no text: they are gaps between lines.
const (
	lowest    = 0.9
	narrowest = 0.6
)

// dropGaps drops rows and columns that are too small for text and have none: the gaps between double lines, and between
// the frames of cells.
func (t *table) dropGaps(l *lattice, size float64) {
	low, thin := make([]bool, len(l.ys)-1), make([]bool, len(l.xs)-1)
	for y := range low {
		low[y] = l.ys[y+1].at-l.ys[y].at < lowest*size
	}
	for x := range thin {
		thin[x] = l.xs[x+1].at-l.xs[x].at < narrowest*size
	}
	for _, c := range t.cells { // a cell with text keeps a place
		if c.text != "" && !slices.Contains(low[c.top:c.bottom], false) {
			low[c.top] = false
		}
		if c.text != "" && !slices.Contains(thin[c.left:c.right], false) {
			thin[c.left] = false
		}
	}
	if !slices.Contains(low, false) || !slices.Contains(thin, false) {
		return
	}
	row, column := leftOver(low), leftOver(thin)
	kept := t.cells[:0]
	for _, c := range t.cells {
		c.top, c.bottom, c.left, c.right = row[c.top], row[c.bottom], column[c.left], column[c.right]
		if c.top < c.bottom && c.left < c.right {
			kept = append(kept, c)
		}
	}
	t.cells = kept
	rows := t.rows[:0]
	for i, r := range t.rows {
		if !low[i] {
			rows = append(rows, r)
		}
	}
	t.rows = rows
	columns := t.columns[:0]
	for i, x := range t.columns {
		if i == len(thin) || !thin[i] {
			columns = append(columns, x)
		}
	}
	t.columns = columns
}

// dropFragments makes one row of two that only a blank cell keeps apart: where browsers cut a table at a page break, cells
// that reach over several rows end in the middle of a row.
func (t *table) dropFragments() {
	for y := len(t.rows) - 1; y > 0; y-- {
		across, upper, lower := false, true, true // upper: all that ends here is blank; lower: all that begins here
		for _, c := range t.cells {
			switch {
			case c.top < y && c.bottom > y:
				across = across || c.text != "" && c.top == y-1 && c.bottom == y+1
			case c.bottom == y:
				upper = upper && c.text == "" && c.top == y-1
			case c.top == y:
				lower = lower && c.text == "" && c.bottom == y+1
			}
		}
		if !across || !upper && !lower {
			continue
		}
		t.cells = slices.DeleteFunc(t.cells, func(c tableCell) bool {
			return lower && c.top == y && c.bottom == y+1 || !lower && c.bottom == y && c.top == y-1
		})
		for i := range t.cells {
			c := &t.cells[i]
			if c.top >= y {
				c.top--
			}
			if c.bottom > y {
				c.bottom--
			}
		}
		t.rows[y-1].height += t.rows[y].height
		t.rows = slices.Delete(t.rows, y, y+1)
	}
}

// leftOver maps the old numbers, and the end, to new ones that leave out what is dropped.
func leftOver(drop []bool) []int {
	out := make([]int, len(drop)+1)
	for i, d := range drop {
		out[i+1] = out[i]
		if !d {
			out[i+1]++
		}
	}
	return out
}

// tidy drops rows and columns that no cell begins in: lines that bound nothing.
func (t *table) tidy() {
	tops, lefts := make([]bool, len(t.rows)), make([]bool, len(t.columns)-1) // whether no cell begins there
	for i := range tops {
		tops[i] = true
	}
	for i := range lefts {
		lefts[i] = true
	}
	for _, c := range t.cells {
		tops[c.top], lefts[c.left] = false, false
	}
	row, column := leftOver(tops), leftOver(lefts)
	for i := range t.cells {
		c := &t.cells[i]
		c.top, c.bottom, c.left, c.right = row[c.top], row[c.bottom], column[c.left], column[c.right]
	}
	var rows []tableRow
	for i, unused := range tops {
		if !unused {
			rows = append(rows, t.rows[i])
		}
	}
	var columns []float64
	for i, unused := range lefts {
		if !unused {
			columns = append(columns, t.columns[i])
		}
	}
	t.rows, t.columns = rows, append(columns, t.columns[len(t.columns)-1])
}
