package sheet

import (
	"slices"

	"nianbao/ingest/document"
)

// item is a line of text or a table on a page. One of line and table is set.
type item struct {
	page   int
	box    Rect
	line   *textLine
	table  *table
	zone   *zone
	margin bool // a page number, or a header or footer that other pages have too
}

// zone is a stretch of a page that is read for itself: the page, or one of several frames beside each other.
type zone struct {
	left, right float64 // the margins of its text
}

// maxTables bounds the tables and frames of one page.
const maxTables = 1000

// page finds the tables of a page and the lines of text around them.
func (r *reader) page(p *Page) {
	r.problems = append(r.problems, p.Problems...)
	groups, inside, free, ok := p.ruled()
	if !ok {
		r.problem(document.Unread, p.Number, "page %d has more ruling lines than any table; its tables were not looked for", p.Number)
	}
	var items []*item
	var frames []frame
	var tables []Rect // those found so far, the smaller ones first
	for i, group := range groups {
		l := latticeOf(group, inside[i])
		if l == nil {
			free = append(free, inside[i]...)
			continue
		}
		r.fill(l, inside[i], p.Number)
		if l.layout() || l.frames(tables, p.Glyphs) {
			for j := range l.cells {
				frames = append(frames, frame{l.box(&l.cells[j]), l.cells[j].glyphs})
			}
			continue
		}
		tables = append(tables, group.box)
		if l.odd {
			r.problem(document.CellOverlap, p.Number, "page %d: the table at %.0f points from the top has cells that are no rectangles; they were cut", p.Number, group.box.Y0)
		}
		t := l.table(p.Number, group.box, typical(inside[i]))
		items = append(items, &item{page: p.Number, box: t.first, table: t})
	}
	// A frame with something beside it is read for itself; any other is read as if it were not drawn.
	var zones [][]*item
	for i, f := range frames {
		beside := false
		for j, other := range frames {
			beside = beside || i != j && len(other.glyphs) > 0 && besides(f.box, other.box)
		}
		if !beside {
			free = append(free, f.glyphs...)
			continue
		}
		if part := textItems(f.glyphs, p.Number, &zone{}); len(part) > 0 {
			zones = append(zones, part)
		}
	}
	rest, columns := printColumns(textItems(free, p.Number, &zone{}))
	r.pages = append(r.pages, order(append(items, rest...), append(zones, columns...)))
}

// ruled groups the ruling lines of a page that meet, the smaller groups first, with the characters that stand inside each,
// but not in one that stands in it, and those that stand in none. ok is false if there are too many lines to be looked at.
func (p *Page) ruled() (groups []ruled, inside [][]Glyph, free []Glyph, ok bool) {
	horizontal, vertical := merge(p.Rules)
	if ok = len(horizontal) <= maxLines && len(vertical) <= maxLines; !ok {
		horizontal, vertical = nil, nil
	}
	groups = connect(horizontal, vertical, p.Glyphs)
	slices.SortStableFunc(groups, func(a, b ruled) int { return compare(area(a.box), area(b.box), a.box.Y0, b.box.Y0) })
	if len(groups) > maxTables {
		groups = groups[len(groups)-maxTables:]
	}
	inside = make([][]Glyph, len(groups)) // the characters in each table, but not in one that stands in it
	for _, g := range p.Glyphs {
		if !finite(g.Ink.X0, g.Ink.Y0, g.Ink.X1, g.Ink.Y1, g.Cell.X0, g.Cell.Y0, g.Cell.X1, g.Cell.Y1, g.Baseline, g.Size) || g.Size <= 0 || g.Text == "" {
			continue
		}
		in := slices.IndexFunc(groups, func(t ruled) bool { return t.box.contains(g.Ink.middleX(), g.Ink.middleY()) })
		if in < 0 {
			free = append(free, g)
		} else {
			inside[in] = append(inside[in], g)
		}
	}
	return groups, inside, free, ok
}

// latticeOf is the lattice of lines that meet, nil where no cells are.
func latticeOf(group ruled, glyphs []Glyph) *lattice {
	return newLattice(group, glyphs, min(max(0.75*typical(glyphs), 3), 6))
}

// frame is a rectangle that encloses text and is no table.
type frame struct {
	box    Rect
	glyphs []Glyph
}

func area(r Rect) float64 { return r.width() * r.height() }

// besides says that two rectangles stand beside each other.
func besides(a, b Rect) bool {
	const slack = 1
	apart := a.X1 <= b.X0+slack || b.X1 <= a.X0+slack
	return apart && min(a.Y1, b.Y1)-max(a.Y0, b.Y0) > 0.5*min(a.height(), b.height())
}

// typical is the middle one of the sizes of the characters, 10 points if there are none.
func typical(glyphs []Glyph) float64 {
	if len(glyphs) == 0 {
		return 10
	}
	sizes := make([]float64, len(glyphs))
	for i, g := range glyphs {
		sizes[i] = g.Size
	}
	slices.Sort(sizes)
	return sizes[len(sizes)/2]
}

// textItems are the lines of characters outside tables.
func textItems(glyphs []Glyph, page int, z *zone) []*item {
	lines := linesOf(glyphs)
	out := make([]*item, len(lines))
	for i := range lines {
		out[i] = &item{page: page, box: lines[i].box, line: &lines[i], zone: z}
	}
	return out
}

// order brings what stands on a page into reading order: from top to bottom, and what stands beside each other from
// left to right.
func order(items []*item, zones [][]*item) []*item {
	type block struct {
		box   Rect
		items []*item
	}
	blocks := make([]block, 0, len(items)+len(zones))
	for _, it := range items {
		blocks = append(blocks, block{it.box, []*item{it}})
	}
	for _, z := range zones {
		b := z[0].box
		for _, it := range z {
			b = b.union(it.box)
		}
		blocks = append(blocks, block{b, z})
	}
	slices.SortStableFunc(blocks, func(a, b block) int { return compare(a.box.Y0, b.box.Y0, a.box.X0, b.box.X0) })
	for i := 1; i < len(blocks); i++ {
		for j := i; j > 0 && blocks[j].box.X0 < blocks[j-1].box.X0 && besides(blocks[j].box, blocks[j-1].box); j-- {
			blocks[j], blocks[j-1] = blocks[j-1], blocks[j]
		}
	}
	var out []*item
	for _, b := range blocks {
		out = append(out, b.items...)
	}
	return out
}
