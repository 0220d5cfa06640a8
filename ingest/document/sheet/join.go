package sheet

import (
	"regexp"
	"slices"
	"strings"
)

// Distances in points between the parts of a table on two pages.
const (
	shift = 30 // of the left rims: margins of left and right pages differ
	slack = 4  // of columns, once the left rims coincide
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
			for _, tail := range r.pages[n-1] {
				if tail.table == nil || obstructed(tail, r.pages[n-1], func(other Rect) bool { return other.Y1 > tail.box.Y1 }) {
					continue
				}
				d := tail.box.X0 - head.box.X0
				if near(d, 0, shift) && near(tail.box.width(), head.box.width(), slack) &&
					(best == nil || abs(d) < abs(best.box.X0-head.box.X0)) {
					best = tail
				}
			}
			if best == nil || best.table.until != head.page-1 {
				continue
			}
			if r.absorb(best.table, head.table, head.box) {
				head.table = best.table
			}
		}
	}
}

// obstructed says that something of the page's text stands over or under the table, where beyond tells which.
func obstructed(t *item, items []*item, beyond func(Rect) bool) bool {
	return slices.ContainsFunc(items, func(it *item) bool {
		return it != t && !it.margin && beyond(it.box) && it.box.X0 < t.box.X1 && it.box.X1 > t.box.X0 && !besides(it.box, t.box)
	})
}

func abs(x float64) float64 {
	if x < 0 {
		return -x
	}
	return x
}

// absorb appends a part of a table on the next page. It is false, and nothing has changed, if the columns differ.
func (r *reader) absorb(t, part *table, box Rect) bool {
	moved := make([]float64, len(part.columns))
	for i, x := range part.columns {
		moved[i] = x + t.columns[0] - part.columns[0]
	}
	columns, own, other, ok := unify(t.columns, moved)
	if !ok {
		return false
	}
	for i := range t.cells {
		c := &t.cells[i]
		c.left, c.right = own[c.left], own[c.right]
	}
	for i := range part.cells {
		c := &part.cells[i]
		c.left, c.right = other[c.left], other[c.right]
	}
	t.columns, part.columns = columns, columns
	part.dropHeader(t.headerOf(part))
	if len(part.rows) > 0 {
		r.joinRows(t, part)
	}
	t.until, t.last = part.until, box
	return true
}

// unify finds the columns of two parts of a table: those of one must be among those of the other. own and other map
// the old numbers of the columns to the new ones.
func unify(a, b []float64) (columns []float64, own, other []int, ok bool) {
	own, other = make([]int, len(a)), make([]int, len(b))
	both := 0
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
	return columns, own, other, both == min(len(a), len(b))
}

// headerOf is the number of rows at the top of the part that repeat those at the top of the table.
func (t *table) headerOf(part *table) int {
	for n := min(len(t.rows), len(part.rows)); n > 0; n-- {
		if a, ok := t.top(n); ok {
			if b, ok := part.top(n); ok && slices.Equal(a, b) && heading(a) {
				return n
			}
		}
	}
	return 0
}

// top lists the cells of the first n rows; ok is false if one of them reaches further down.
func (t *table) top(n int) (cells []tableCell, ok bool) {
	for _, c := range t.cells {
		if c.top < n {
			if c.bottom > n {
				return nil, false
			}
			cells = append(cells, c)
		}
	}
	return cells, true
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

// figure says that the text is made of the signs that numbers are made of.
func figure(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !numeric(string(r)) && !strings.ContainsRune(" \n/—–−\uFFFD[]", r) }) < 0
}

func (t *table) dropHeader(n int) {
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

// pair is a cell of the last row before a page break and the cell of the same columns in the first row after it, by
// index.
type pair struct{ a, b int }

// joinRows appends the rows of the part. A row that the page break cut in two becomes one again.
func (r *reader) joinRows(t, part *table) {
	pairs, ok := t.pairs(part)
	down := len(t.rows)
	verdict := apart
	if ok {
		verdict = t.cutRow(part, pairs)
	}
	switch verdict {
	case cut:
		down--
	case open:
		r.problem(RowSplit, part.page, "page %d: the first row of the table may be the rest of the last row on the page before; its figures are left open", part.page)
		for _, p := range pairs {
			a, b := &t.cells[p.a], &part.cells[p.b]
			if s := a.text + b.text; s != "" && figure(s) {
				a.text, b.text = s+"\uFFFD", s+"\uFFFD"
			}
		}
	}
	gone := map[int]bool{}
	if verdict == cut {
		for _, p := range pairs {
			a, b := &t.cells[p.a], part.cells[p.b]
			a.text = joinLines([]string{a.text, b.text}, "\n")
			a.bottom = down + b.bottom
			gone[p.b] = true
		}
		t.rows = append(t.rows, part.rows[1:]...)
	} else {
		t.rows = append(t.rows, part.rows...)
	}
	for i, c := range part.cells {
		if !gone[i] {
			c.top += down
			c.bottom += down
			t.cells = append(t.cells, c)
		}
	}
}

// RowSplit is the code of the problem that a row may go on on the next page.
const RowSplit = "row_split"

// pairs lists the cells on both sides of the page break. ok is false if their columns differ.
func (t *table) pairs(part *table) (pairs []pair, ok bool) {
	var a, b []int
	for i, c := range t.cells {
		if c.bottom == len(t.rows) {
			a = append(a, i)
		}
	}
	for i, c := range part.cells {
		if c.top == 0 {
			b = append(b, i)
		}
	}
	if len(a) != len(b) {
		return nil, false
	}
	slices.SortFunc(a, func(i, j int) int { return t.cells[i].left - t.cells[j].left })
	slices.SortFunc(b, func(i, j int) int { return part.cells[i].left - part.cells[j].left })
	for i := range a {
		if t.cells[a[i]].left != part.cells[b[i]].left || t.cells[a[i]].right != part.cells[b[i]].right {
			return nil, false
		}
		pairs = append(pairs, pair{a[i], b[i]})
	}
	return pairs, true
}

// What two rows at a page break are.
const (
	apart = iota // two rows
	cut          // the halves of one row
	open         // one or two, nobody can tell
)

// enumerator is what numbered labels begin with.
var enumerator = regexp.MustCompile(`^(?:[(（][一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十]{1,3}[、.．]|\d{1,2}[、.．])`)

// cutRow tells whether the last row before a page break and the first after it are one row. A row that was cut has its
// figures in one half only. That its label goes on in the other half is certain if labels are numbered and this one is
// not, or if no other row of the table lacks figures.
func (t *table) cutRow(part *table, pairs []pair) int {
	var label *pair // the innermost label
	figures, above, below := 0, 0, 0
	for i, p := range pairs {
		a, b := t.cells[p.a], part.cells[p.b]
		if figure(a.text) && figure(b.text) && (label != nil || a.text+b.text != "") {
			figures++
			if a.text != "" {
				above++
			}
			if b.text != "" {
				below++
			}
			continue
		}
		if figures > 0 {
			return apart // words right of figures
		}
		if a.text+b.text != "" {
			label = &pairs[i]
		}
	}
	if complementary(t, part, pairs) {
		return cut
	}
	if label == nil || figures == 0 || above > 0 && below > 0 || above+below == 0 {
		return apart
	}
	a, b := t.cells[label.a], part.cells[label.b]
	switch {
	case a.top != len(t.rows)-1 || b.bottom != 1:
		return apart // the label of several rows
	case a.text == "":
		return apart
	case b.text == "":
		if below > 0 {
			return cut
		}
		return apart
	case enumerator.MatchString(b.text):
		return apart
	}
	// What the other rows have in the same columns.
	numbered, full, rows := true, true, 0
	for _, side := range []struct {
		t    *table
		skip int
	}{{t, len(t.rows) - 1}, {part, 0}} {
		for row := range side.t.rows {
			if row == side.skip {
				continue
			}
			text, filled, ok := side.t.rowLike(row, a, t.cells, pairs)
			if !ok {
				continue
			}
			rows++
			numbered = numbered && enumerator.MatchString(text)
			full = full && filled
		}
	}
	if rows >= 2 && (full || numbered && enumerator.MatchString(a.text)) {
		return cut
	}
	return open
}

// complementary says that two rows without figures, of which each has words where the other has none, are one: a row of
// the header.
func complementary(t, part *table, pairs []pair) bool {
	above, below := false, false
	for _, p := range pairs {
		a, b := t.cells[p.a].text, part.cells[p.b].text
		if a != "" && b != "" || a != "" && figure(a) || b != "" && figure(b) {
			return false
		}
		above, below = above || a != "", below || b != ""
	}
	return above && below
}

// rowLike describes a row that has a label in the columns of the given one: its label, and whether it has a figure in
// each of the columns of the pairs right of it. ok is false for other rows, as those of the header.
func (t *table) rowLike(row int, label tableCell, cells []tableCell, pairs []pair) (text string, full, ok bool) {
	at := map[int]tableCell{}
	for _, c := range t.cells {
		if c.top == row && c.bottom == row+1 {
			at[c.left] = c
		}
	}
	own, found := at[label.left]
	if !found || own.right != label.right || own.text == "" {
		return "", false, false
	}
	full = true
	for _, p := range pairs {
		want := cells[p.a]
		if want.left < label.right {
			continue
		}
		c, found := at[want.left]
		if !found || c.right != want.right || !figure(c.text) {
			return "", false, false
		}
		full = full && c.text != ""
	}
	return own.text, full, true
}
