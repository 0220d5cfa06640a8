package sheet

import (
	"slices"
	"strings"

	"nianbao/ingest/document"
)

// Distances in points between the parts of a table on two pages.
const (
	shift = 30 // of all columns: margins of left and right pages differ
	slack = 6  // of a column, once the rims coincide
)

// joinTables joins tables that go on on the next page: nothing but page numbers, headers and footers stands between
// the parts, and their columns stand at the same places.
func (r *reader) joinTables() {
	for n := 1; n < len(r.pages); n++ {
		for _, head := range r.pages[n] {
			if head.table == nil || obstructed(head, r.pages[n], func(other Rect) bool { return other.Y0 < head.box.Y0 }) {
				continue
			}
			var best *item
			by := 0.0 // how far the part is moved to meet the table
			var rest []*item
			for _, tail := range r.pages[n-1] {
				if tail.table == nil {
					continue
				}
				over := overhang(tail, r.pages[n-1])
				if obstructed(tail, without(r.pages[n-1], over), func(other Rect) bool { return other.Y1 > tail.box.Y1 }) {
					continue
				}
				d, ok := align(tail.table.columns, head.table.columns)
				if ok && (best == nil || abs(d) < abs(by)) {
					best, by, rest = tail, d, over
				}
			}
			if best == nil || best.table.until != head.page-1 {
				continue
			}
			best.table.hang(rest)
			r.pages[n-1] = without(r.pages[n-1], rest)
			r.absorb(best.table, head.table, by, head.box)
			head.table = best.table
		}
	}
}

// overhang lists the lines under a table that belong to cells whose lower end the page break cut off: they stand close
// under labels in the last row, and none of them runs on from one cell into the next.
func overhang(t *item, items []*item) []*item {
	var out []*item
	bottom := t.box.Y1
	for _, it := range items {
		if it.line == nil || it.margin || it.box.Y0 < t.box.Y1-it.line.size {
			continue
		}
		if it.box.Y0 > bottom+1.5*it.line.size || t.table.pieces(it, t.box.X0) == nil {
			break
		}
		out = append(out, it)
		bottom = it.box.Y1
	}
	return out
}

// pieces cuts a line under the table by the cells of the last row it stands under. It is nil if the line does not
// belong to them. rim is where the table begins on that page.
func (t *table) pieces(it *item, rim float64) map[int][]Glyph {
	const apart = 0.3 // least distance of characters of two cells, in parts of the font's size
	by := rim - t.columns[0]
	under := func(g Glyph) int {
		return slices.IndexFunc(t.cells, func(c tableCell) bool {
			return c.bottom == len(t.rows) && c.text != "" && !figure(c.text) && g.Ink.X0 >= t.columns[c.left]+by && g.Ink.X1 <= t.columns[c.right]+by
		})
	}
	out := map[int][]Glyph{}
	before := -1
	for i, g := range it.line.glyphs {
		c := under(g)
		if c < 0 || i > 0 && c != before && g.Cell.X0-it.line.glyphs[i-1].Cell.X1 < apart*g.Size {
			return nil
		}
		out[c] = append(out[c], g)
		before = c
	}
	for c := range out {
		if t.cells[c].left == 0 && t.cells[c].right == len(t.columns)-1 {
			return nil // text under a table as wide as it is
		}
	}
	return out
}

// hang puts lines that stand under the table into the cells they belong to.
func (t *table) hang(lines []*item) {
	for _, it := range lines {
		for c, glyphs := range t.pieces(it, t.last.X0) {
			t.cells[c].text = joinLines([]string{t.cells[c].text, document.Squeeze(textOf(glyphs))}, "\n")
		}
	}
}

func without(items, gone []*item) []*item {
	if len(gone) == 0 {
		return items
	}
	return slices.DeleteFunc(slices.Clone(items), func(it *item) bool { return slices.Contains(gone, it) })
}

// obstructed says that something of the page's text stands over or under the table, where beyond tells which.
func obstructed(t *item, items []*item, beyond func(Rect) bool) bool {
	return slices.ContainsFunc(items, func(it *item) bool {
		return it != t && !it.margin && !(it.table != nil && it.table.blank()) && beyond(it.box) && it.box.X0 < t.box.X1 && it.box.X1 > t.box.X0 && !besides(it.box, t.box)
	})
}

func abs(x float64) float64 {
	if x < 0 {
		return -x
	}
	return x
}

// align finds how far the columns of one part of a table must be moved to meet those of another. All columns of one
// must be among those of the other. A part may lack columns at its rim, where a label reaches over the whole page and
// its border is not drawn; then what both have must agree, and be enough to recognise the table by.
func align(a, b []float64) (by float64, ok bool) {
	const enough = 5
	most := 0
	for _, d := range []float64{a[0] - b[0], a[len(a)-1] - b[len(b)-1]} {
		if !near(d, 0, shift) {
			continue
		}
		moved := make([]float64, len(b))
		for i, x := range b {
			moved[i] = x + d
		}
		_, _, _, both := unify(a, moved)
		whole := near(a[0], moved[0], slack) && near(a[len(a)-1], moved[len(b)-1], slack)
		from, to := max(a[0], moved[0])-slack, min(a[len(a)-1], moved[len(b)-1])+slack
		within := func(xs []float64) (n int) {
			for _, x := range xs {
				if x >= from && x <= to {
					n++
				}
			}
			return n
		}
		if both != min(within(a), within(moved)) || both < 2 || !whole && both < enough {
			continue
		}
		if whole {
			return d, true
		}
		if both > most || both == most && abs(d) < abs(by) {
			by, most = d, both
		}
	}
	return by, most > 0
}

// absorb appends a part of a table on the next page.
func (r *reader) absorb(t, part *table, by float64, box Rect) {
	moved := make([]float64, len(part.columns))
	for i, x := range part.columns {
		moved[i] = x + by
	}
	columns, own, other, _ := unify(t.columns, moved)
	for i := range t.cells {
		c := &t.cells[i]
		c.left, c.right = own[c.left], own[c.right]
	}
	for i := range part.cells {
		c := &part.cells[i]
		c.left, c.right = other[c.left], other[c.right]
	}
	t.columns, part.columns = columns, columns
	part.dropTop(part.blankTop())
	part.dropTop(t.headerOf(part))
	if len(part.rows) > 0 {
		r.joinRows(t, part)
	}
	t.until, t.last = part.until, box
}

// unify finds the columns of two parts of a table, and how many of them both have. own and other map the old numbers of
// the columns to the new ones.
func unify(a, b []float64) (columns []float64, own, other []int, both int) {
	own, other = make([]int, len(a)), make([]int, len(b))
	for i, j := 0, 0; i < len(a) || j < len(b); {
		n := len(columns)
		switch {
		case i < len(a) && j < len(b) && near(a[i], b[j], slack):
			columns = append(columns, a[i])
			own[i], other[j] = n, n
			both++
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && a[i] < b[j]:
			columns = append(columns, a[i])
			own[i] = n
			i++
		default:
			columns = append(columns, b[j])
			other[j] = n
			j++
		}
	}
	return columns, own, other, both
}

// headerOf is the number of rows at the top of the part that repeat those at the top of the table.
func (t *table) headerOf(part *table) int {
	for n := min(len(t.rows), len(part.rows)); n > 0; n-- {
		if a, ok := t.top(n); ok {
			if b, ok := part.top(n); ok && slices.EqualFunc(a, b, tableCell.same) && heading(a) {
				return n
			}
		}
	}
	return 0
}

// top lists the cells of the first n rows; closed is false if one of them reaches further down.
func (t *table) top(n int) (cells []tableCell, closed bool) {
	closed = true
	for _, c := range t.cells {
		if c.top < n {
			closed = closed && c.bottom <= n
			cells = append(cells, c)
		}
	}
	return cells, closed
}

// heading says that cells have words and no figures.
func heading(cells []tableCell) bool {
	words := 0
	for _, c := range cells {
		if c.text == "" {
			continue
		}
		if figure(c.text) {
			return false
		}
		words++
	}
	return words > 0
}

// blankTop is the number of low rows at the top that have no text: what a page break left of cells that end there.
func (t *table) blankTop() int {
	blank := 0
	for n := 1; n < len(t.rows); n++ {
		cells, closed := t.top(n)
		if t.rows[n-1].height > smallRow || slices.ContainsFunc(cells, func(c tableCell) bool { return c.text != "" }) {
			break
		}
		if closed {
			blank = n
		}
	}
	return blank
}

// smallRow is the height, in parts of the font's size, below which a row is the rest of one that a page break cut.
const smallRow = 1.2

// dropTop drops the first n rows. No cell reaches further down than these.
func (t *table) dropTop(n int) {
	if n == 0 {
		return
	}
	t.cells = slices.DeleteFunc(t.cells, func(c tableCell) bool { return c.top < n })
	for i := range t.cells {
		t.cells[i].top -= n
		t.cells[i].bottom -= n
	}
	t.rows = t.rows[n:]
}

// RowSplit is the code of the problem that a row may go on on the next page.
const RowSplit = "row_split"

// joinRows appends the rows of the part. A row that the page break cut in two becomes one again.
func (r *reader) joinRows(t, part *table) {
	b := breakBetween(t, part)
	switch b.verdict() {
	case cut:
		b.mend()
		return
	case open:
		r.problem(RowSplit, part.page, "page %d: the first row of the table may be the rest of the last row on the page before; its figures are left open", part.page)
		for _, p := range b.figures {
			one, other := &t.cells[p.above], &part.cells[p.below]
			if s := one.text + other.text; strings.ContainsAny(s, "0123456789") {
				one.text, other.text = s+"\uFFFD", s+"\uFFFD"
			}
		}
	}
	t.append(part, len(t.rows))
}

// append appends the rows of the part.
func (t *table) append(part *table, down int) {
	t.rows = append(t.rows, part.rows[len(t.rows)-down:]...)
	for _, c := range part.cells {
		c.top += down
		c.bottom += down
		t.cells = append(t.cells, c)
	}
}

// blank says that the table has no text at all: a drawing, or a row of blank cells that stands alone on its page.
func (t *table) blank() bool {
	return !slices.ContainsFunc(t.cells, func(c tableCell) bool { return c.text != "" })
}

// same says that two cells say the same at the same place of their tables.
func (c tableCell) same(d tableCell) bool {
	d.ends, d.optical = c.ends, c.optical
	return c == d
}
