package sheet

import (
	"slices"
	"sort"

	"nianbao/ingest/document"
)

// lattice is the net of all lines of a table, drawn through from rim to rim.
type lattice struct {
	xs, ys []axis
	cells  []cell
	owner  []int // per place, row by row: the cell that covers it
	odd    bool  // a cell was no rectangle and was cut
}

// axis is where lines stand that count as one.
type axis struct {
	at    float64
	lines []line // in order, not overlapping
}

// cell is a cell of a lattice: columns left to right and rows top to bottom, 0-based, the ends exclusive.
type cell struct {
	left, right, top, bottom int
	glyphs                   []Glyph
	text                     string
	ends                     bool // see tableCell
	optical                  *document.Optical
}

// maxPlaces bounds the places of one table.
const maxPlaces = 200_000

// newLattice finds the cells of a table. Lines closer than narrow are one if no middle of a character lies between
// them: double lines, and borders that are not drawn quite at the same place in each row. It is nil where no cells are.
func newLattice(r ruled, glyphs []Glyph, narrow float64) *lattice {
	xs, ys := make([]spot, len(glyphs)), make([]spot, len(glyphs))
	for i, g := range glyphs {
		x, y := g.Ink.middleX(), g.Ink.middleY()
		xs[i], ys[i] = spot{x, y}, spot{y, x}
	}
	l := &lattice{xs: axes(r.vertical, r.box.X0, r.box.X1, xs, narrow), ys: axes(r.horizontal, r.box.Y0, r.box.Y1, ys, narrow)}
	columns, rows := len(l.xs)-1, len(l.ys)-1
	if columns < 1 || rows < 1 || columns*rows > maxPlaces {
		return nil
	}
	sets := newSets(columns * rows)
	for y := range rows {
		for x := range columns {
			if x+1 < columns && !l.xs[x+1].covers(l.ys[y].at, l.ys[y+1].at) {
				sets.join(y*columns+x, y*columns+x+1)
			}
			if y+1 < rows && !l.ys[y+1].covers(l.xs[x].at, l.xs[x+1].at) {
				sets.join(y*columns+x, (y+1)*columns+x)
			}
		}
	}
	l.cut(sets, columns, rows)
	return l
}

// spot is the middle of a character, as lines of one direction see it: across and along them.
type spot struct{ at, along float64 }

// axes groups lines of one direction. The rim of the table is an axis also where no line is drawn.
func axes(lines []line, from, to float64, spots []spot, narrow float64) []axis {
	lines = slices.Clone(lines)
	slices.SortFunc(lines, func(a, b line) int { return compare(a.at, b.at, a.from, b.from) })
	slices.SortFunc(spots, func(a, b spot) int { return compare(a.at, b.at, a.along, b.along) })
	var out []axis
	first := 0.0
	for _, l := range lines {
		n := len(out)
		if n > 0 && (l.at-out[n-1].at <= 2*collinear || l.at-first <= narrow && !between(spots, first, l.at, append(out[n-1].lines, l))) {
			out[n-1].lines = append(out[n-1].lines, l)
			continue
		}
		first = l.at
		out = append(out, axis{at: l.at, lines: []line{l}})
	}
	for i := range out {
		length, sum := 0.0, 0.0
		for _, l := range out[i].lines {
			length += l.to - l.from
			sum += l.at * (l.to - l.from)
		}
		if length > 0 {
			out[i].at = sum / length
		}
		out[i].lines = unite(out[i].lines)
	}
	if len(out) == 0 || out[0].at > from+narrow {
		out = slices.Insert(out, 0, axis{at: from})
	}
	if out[len(out)-1].at < to-narrow {
		out = append(out, axis{at: to})
	}
	return out
}

// between says whether a character stands between two places and beside one of the lines.
func between(spots []spot, from, to float64, lines []line) bool {
	for i := sort.Search(len(spots), func(i int) bool { return spots[i].at > from }); i < len(spots) && spots[i].at < to; i++ {
		for _, l := range lines {
			if spots[i].along > l.from && spots[i].along < l.to {
				return true
			}
		}
	}
	return false
}

// share is the part of a border that must be drawn.
const share = 0.6

// covers says that the lines of the axis bound what lies beside them from one place to the other.
func (a axis) covers(from, to float64) bool {
	covered := 0.0
	first := sort.Search(len(a.lines), func(i int) bool { return a.lines[i].to > from })
	for _, l := range a.lines[first:] {
		if l.from >= to {
			break
		}
		covered += min(l.to, to) - max(l.from, from)
	}
	return covered >= share*(to-from)
}

// unite makes lines that overlap one, in order.
func unite(lines []line) []line {
	slices.SortFunc(lines, func(a, b line) int { return compare(a.from, b.from, a.to, b.to) })
	out := lines[:0]
	for _, l := range lines {
		if n := len(out); n > 0 && l.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, l.to)
			continue
		}
		out = append(out, l)
	}
	return out
}

// cut makes cells of the sets of places. A set that is no rectangle is cut into some.
func (l *lattice) cut(sets sets, columns, rows int) {
	l.owner = make([]int, columns*rows)
	for i := range l.owner {
		l.owner[i] = -1
	}
	seen := map[int]bool{}
	for y := range rows {
		for x := range columns {
			at := y*columns + x
			if l.owner[at] >= 0 {
				continue
			}
			root := sets.root(at)
			free := func(x, y int) bool { return l.owner[y*columns+x] < 0 && sets.root(y*columns+x) == root }
			c := cell{left: x, right: x + 1, top: y, bottom: y + 1}
			for c.right < columns && free(c.right, y) {
				c.right++
			}
			for c.bottom < rows && func() bool {
				for x := c.left; x < c.right; x++ {
					if !free(x, c.bottom) {
						return false
					}
				}
				return true
			}() {
				c.bottom++
			}
			l.odd = l.odd || seen[root]
			seen[root] = true
			for y := c.top; y < c.bottom; y++ {
				for x := c.left; x < c.right; x++ {
					l.owner[y*columns+x] = len(l.cells)
				}
			}
			l.cells = append(l.cells, c)
		}
	}
}

// at is the index of the cell at a place on the page, −1 if there is none.
func (l *lattice) at(x, y float64) int {
	column := sort.Search(len(l.xs), func(i int) bool { return l.xs[i].at > x }) - 1
	row := sort.Search(len(l.ys), func(i int) bool { return l.ys[i].at > y }) - 1
	if column < 0 || row < 0 || column >= len(l.xs)-1 || row >= len(l.ys)-1 {
		return -1
	}
	return l.owner[row*(len(l.xs)-1)+column]
}

// box is the place of a cell on the page.
func (l *lattice) box(c *cell) Rect {
	return Rect{l.xs[c.left].at, l.ys[c.top].at, l.xs[c.right].at, l.ys[c.bottom].at}
}
