package sheet

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode"

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
}

// maxTables bounds the tables and frames of one page.
const maxTables = 1000

// page finds the tables of a page and the lines of text around them.
func (r *reader) page(p *Page) {
	r.problems = append(r.problems, p.Problems...)
	horizontal, vertical := merge(p.Rules)
	if len(horizontal) > maxLines || len(vertical) > maxLines {
		r.problem(document.Unread, p.Number, "page %d has %d ruling lines, more than any table; its tables were not looked for", p.Number, len(horizontal)+len(vertical))
		horizontal, vertical = nil, nil
	}
	groups := connect(horizontal, vertical, p.Glyphs)
	slices.SortStableFunc(groups, func(a, b ruled) int { return compare(area(a.box), area(b.box), a.box.Y0, b.box.Y0) })
	if len(groups) > maxTables {
		groups = groups[len(groups)-maxTables:]
	}
	inside := make([][]Glyph, len(groups)) // the characters in each table, but not in one that stands in it
	var free []Glyph
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
	var items []*item
	var frames []frame
	var tables []Rect // those found so far, the smaller ones first
	for i, group := range groups {
		l := newLattice(group, inside[i], min(max(0.75*typical(inside[i]), 3), 6))
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

// fill puts the characters of a table into its cells. A word that reaches over the border of its cell belongs where most
// of it stands. Where that is not clear, of words each character belongs where it stands, and a number is left open.
func (r *reader) fill(l *lattice, glyphs []Glyph, page int) {
	const most = 0.75
	for _, w := range words(glyphs) {
		home := l.at(w.box.middleX(), w.box.middleY())
		inside := 0
		for _, g := range w.glyphs {
			if l.at(g.Ink.middleX(), g.Ink.middleY()) == home {
				inside++
			}
		}
		clear := float64(inside) >= most*float64(len(w.glyphs))
		number := numeric(w.glyphs[0].Text)
		for _, g := range w.glyphs {
			place := home
			if !clear && !number {
				place = l.at(g.Ink.middleX(), g.Ink.middleY())
			}
			if place >= 0 { // always: the table encloses its characters
				l.cells[place].glyphs = append(l.cells[place].glyphs, g)
			}
		}
		if !clear && number && home >= 0 {
			text := ""
			for _, g := range w.glyphs {
				text += g.Text
			}
			r.problem(Straddle, page, "page %d: “%s” stands across the border of two cells; it is left open which of them it belongs to", page, text)
			open := w.glyphs[len(w.glyphs)-1]
			open.Text = "\uFFFD"
			open.Cell.X0, open.Ink.X0 = open.Cell.X1, open.Ink.X1
			l.cells[home].glyphs = append(l.cells[home].glyphs, open)
		}
	}
	for i := range l.cells {
		c := &l.cells[i]
		lines := linesOf(c.glyphs)
		texts := make([]string, len(lines))
		for j := range lines {
			texts[j] = document.Squeeze(lines[j].text())
		}
		c.text = joinLines(texts, "\n")
		if len(lines) == 2 && wrapped(&lines[0], &lines[1], l.box(c).width()) {
			c.text = texts[0] + texts[1]
		}
		if len(lines) > 0 {
			last := &lines[len(lines)-1]
			c.ends = last.box.width() < l.box(c).width()-2*last.size-padding
		}
	}
}

// wrapped says that a number was too long for its cell and goes on in a second line: the first leaves no room for another
// digit, the second is shorter and follows closely. Two numbers one below the other are not that close, or not as long
// as the cell is wide.
func wrapped(one, two *textLine, width float64) bool {
	for _, l := range []*textLine{one, two} {
		for _, g := range l.glyphs {
			if !unicode.IsDigit(first(g.Text)) || g.Turn != 0 {
				return false
			}
		}
	}
	n := float64(len(one.glyphs))
	return len(two.glyphs) < len(one.glyphs) && near(one.size, two.size, 0.1) &&
		two.baseline-one.baseline <= 1.5*one.size && one.box.width()*(n+1)/n > width-padding
}

// padding is the most room, in points, that cells leave left and right of their text together.
const padding = 14

// Straddle is the code of the problem that a number stands across the border of two cells.
const Straddle = "straddling_text"

// word is what mostly belongs into one cell.
type word struct {
	glyphs []Glyph
	box    Rect
}

// words cuts characters, in the order of the file, into words: what follows each other closely in a line.
func words(glyphs []Glyph) []word {
	const (
		figures = 0.1 // between digits, in parts of the font's size
		letters = 0.05
	)
	var out []word
	for i, g := range glyphs {
		if i > 0 {
			p := glyphs[i-1]
			close := letters
			if numeric(p.Text) && numeric(g.Text) {
				close = figures
			}
			if numeric(p.Text) == numeric(g.Text) && p.Turn == 0 && g.Turn == 0 && near(p.Baseline, g.Baseline, 0.1*g.Size) &&
				near(p.Cell.X1, g.Cell.X0, close*g.Size) {
				w := &out[len(out)-1]
				w.glyphs, w.box = append(w.glyphs, g), w.box.union(g.Ink)
				continue
			}
		}
		out = append(out, word{glyphs[i : i+1 : i+1], g.Ink})
	}
	return out
}

func numeric(s string) bool {
	r := first(s)
	return r >= '0' && r <= '9' || r == '.' || r == ',' || r == '-' || r == '+' || r == '%' || r >= 0xFF10 && r <= 0xFF19
}

// A cell is a section of the document, not a cell of data, if it has so many lines and bytes, or so many bytes.
const (
	sectionLines = 5
	sectionBytes = 900
	sectionText  = 3000
	rowLines     = 3 // in a table of one row, which compares nothing
	rowBytes     = 300
)

// layout says that the lines frame text rather than make a table: one cell, one column, or cells that hold whole
// sections.
func (l *lattice) layout() bool {
	if len(l.xs) == 2 || len(l.cells) == 1 || len(l.cells) == len(l.ys)-1 {
		return true
	}
	total, filled, sections, inside := 0, 0, 0, 0
	for i := range l.cells {
		c := &l.cells[i]
		n := len(c.text)
		total += n
		if n > 0 {
			filled++
		}
		if n >= sectionText || n >= sectionBytes && len(linesOf(c.glyphs)) >= sectionLines ||
			len(l.ys) == 2 && n >= rowBytes && len(linesOf(c.glyphs)) >= rowLines {
			sections++
			inside += n
		}
	}
	return sections > 0 && (inside*2 > total || sections*5 >= filled)
}

// frames says that the lattice frames tables: one of its cells holds a table, and most of all text.
func (l *lattice) frames(tables []Rect, glyphs []Glyph) bool {
	holds := map[int]bool{}
	for _, t := range tables {
		if c := l.at(t.X0+1, t.Y0+1); c >= 0 && c == l.at(t.X1-1, t.Y1-1) {
			holds[c] = true
		}
	}
	if len(holds) == 0 {
		return false
	}
	all, framed := 0, 0
	for _, g := range glyphs {
		if c := l.at(g.Ink.middleX(), g.Ink.middleY()); c >= 0 {
			all++
			if holds[c] {
				framed++
			}
		}
	}
	return 2*framed >= all
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
		t.cells = append(t.cells, tableCell{c.left, c.right, c.top, c.bottom, c.text, c.ends})
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

// pageNumber is a line that numbers the page.
var pageNumber = regexp.MustCompile(`^(?:[-—–·]+ *\d{1,4} *[-—–·]+|第 *\d{1,4} *页.{0,12}|\d{1,4} */ *\d{1,4} *页?|\d{1,4})$`)

// setMargins finds the margins of each zone, and the lines outside the text: page numbers, and headers and footers that
// stand at the same place on several pages.
func (r *reader) setMargins() {
	type spot struct {
		y    int
		text string
	}
	seen := map[spot]int{}
	spotOf := func(it *item) spot {
		text := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return -1
			}
			return r
		}, it.line.text())
		return spot{int(it.box.Y0 / 3), text}
	}
	rim := func(items []*item) []*item { // the first and last two lines of a page
		var lines []*item
		for _, it := range items {
			if it.line != nil {
				lines = append(lines, it)
			}
		}
		sort.SliceStable(lines, func(i, j int) bool { return lines[i].box.Y0 < lines[j].box.Y0 })
		if len(lines) > 4 {
			lines = append(lines[:2:2], lines[len(lines)-2:]...)
		}
		return lines
	}
	for _, items := range r.pages {
		for _, it := range rim(items) {
			seen[spotOf(it)]++
		}
	}
	for _, items := range r.pages {
		lines := rim(items)
		for i, it := range lines {
			outside := i == 0 || i == len(lines)-1
			if outside && pageNumber.MatchString(document.Squeeze(it.line.text())) || seen[spotOf(it)] >= 2 && len(r.pages) > 1 && beyond(it, items) {
				it.margin = true
			}
		}
		for _, it := range items {
			if it.zone == nil || it.margin {
				continue
			}
			z := it.zone
			if z.left == 0 && z.right == 0 {
				z.left, z.right = it.box.X0, it.box.X1
			}
			z.left, z.right = min(z.left, it.box.X0), max(z.right, it.box.X1)
		}
	}
}

// beyond says that all tables of the page stand on one side of the line.
func beyond(it *item, items []*item) bool {
	over, under := false, false
	for _, other := range items {
		if other.table != nil {
			over = over || other.box.Y0 < it.box.Y0
			under = under || other.box.Y1 > it.box.Y1
		}
	}
	return !(over && under)
}
