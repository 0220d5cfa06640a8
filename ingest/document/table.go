package document

import (
	"strings"

	"nianbao/internal/form"
)

// MaxColumnSpan is the number of columns a cell may cover; a cell that claims more covers so many. The widest
// table of the form has 15 columns. (HTML allows 1000; editors produce nonsense far above that.)
const MaxColumnSpan = 256

// Span says where a cell stands relative to those before it.
type Span struct {
	Skip    int  // columns left empty before the cell
	Columns int  // columns covered, below 1 counts as 1
	Rows    int  // rows covered, below 1 means all that remain in the row group
	Down    bool // the cell continues the one above it and is no cell of its own (DOCX vMerge)
	Right   bool // the cell continues the one before it and is no cell of its own (DOCX hMerge)
}

// table is a table under way.
type table struct {
	layout bool
	start  int   // the first piece that belongs to it
	groups []int // index of the first row of each row group
	rows   []int // index of the first cell of each row
	cells  []tableCell
	open   bool // a cell is open
}

type tableCell struct {
	Span
	row, column   int // 0-based
	width, height int
	from, to      int  // its pieces
	gone          bool // merged into another cell
}

// OpenTable begins a table. layout says that the file itself marks it as mere page layout.
func (f *Flow) OpenTable(layout bool) {
	f.End(false)
	t := f.spare // of a table that is closed, for its memory
	if t == nil {
		t = new(table)
	}
	f.spare = nil
	*t = table{layout: layout, start: len(f.pieces), groups: t.groups[:0], rows: t.rows[:0], cells: t.cells[:0]}
	f.tables = append(f.tables, t)
}

func (f *Flow) current() *table { return f.tables[len(f.tables)-1] }

// Group begins a group of rows. Cells do not reach over its end.
func (f *Flow) Group() {
	t := f.current()
	t.groups = append(t.groups, len(t.rows))
}

// Row begins a row.
func (f *Flow) Row() {
	f.EndCell()
	t := f.current()
	t.rows = append(t.rows, len(t.cells))
}

// Cell begins a cell.
func (f *Flow) Cell(s Span) {
	f.EndCell()
	t := f.current()
	if len(t.rows) == 0 {
		f.Row()
	}
	// Each cell costs memory even where the table turns out to be layout.
	if len(t.cells) >= f.limits.Cells {
		f.refuse(TooManyCells, form.Position{}, "a table has more than %d cells, at most so many are read", f.limits.Cells)
		return
	}
	t.cells = append(t.cells, tableCell{Span: s, row: len(t.rows) - 1, from: len(f.pieces)})
	t.open = true
}

// EndCell ends the cell that is open, if any.
func (f *Flow) EndCell() {
	t := f.current()
	f.End(false)
	if t.open {
		t.cells[len(t.cells)-1].to = len(f.pieces)
		t.open = false
	}
}

// CloseTable ends a table: it becomes a grid, or running text where it only lays out a page.
func (f *Flow) CloseTable() {
	f.EndCell()
	t := f.current()
	f.tables = f.tables[:len(f.tables)-1]
	f.spare = t
	if f.Err() != nil || len(t.cells) == 0 {
		return
	}
	f.place(t)
	if f.err != nil {
		return
	}
	f.hideMerged(t)
	sections, flat := f.judge(t)
	if flat {
		return // its pieces stand where they belong already
	}
	f.emit(t, sections)
}

// place gives every cell its rectangle: the algorithm "forming a table" of the HTML standard, §4.9.12.1. Where that
// lets two cells cover one place, the later one is cut, so that a grid is a grid.
func (f *Flow) place(t *table) {
	var until []int // per column: the first row that is free below
	var owner []int // per column: the cell that covers it last
	group := 0
	for r := range t.rows {
		for group < len(t.groups) && t.groups[group] <= r {
			group++
		}
		last := len(t.rows)
		if group < len(t.groups) {
			last = t.groups[group]
		}
		end := len(t.cells)
		if r+1 < len(t.rows) {
			end = t.rows[r+1]
		}
		at, before := 0, -1
		for i := t.rows[r]; i < end; i++ {
			c := &t.cells[i]
			if c.Columns > MaxColumnSpan || c.Skip > MaxColumnSpan {
				f.Problem(SpanCapped, "a cell claims more than 256 columns, taken as 256")
			}
			want := min(max(c.Columns, 1), MaxColumnSpan)
			at += min(max(c.Skip, 0), MaxColumnSpan)
			if c.Right && before >= 0 {
				p := &t.cells[before]
				for n := 0; n < want && at == p.column+p.width && (at >= len(until) || until[at] <= r); n++ {
					until, owner = cover(until, owner, at, p.row+p.height, before)
					p.width++
					at++
					if f.charge(p.height) != nil {
						return
					}
				}
				c.gone = true
				continue
			}
			if c.Down && at < len(owner) && r > 0 {
				p := &t.cells[owner[at]]
				if p.column == at && p.width == want && p.row+p.height == r {
					p.height++
					for x := at; x < at+want; x++ {
						until[x] = r + 1
					}
					c.gone = true
					at += want
					before = owner[p.column]
					if f.charge(want) != nil {
						return
					}
					continue
				}
			}
			for at < len(until) && until[at] > r {
				at++
			}
			c.column, c.width = at, want
			c.height = c.Rows
			if c.height < 1 || c.height > last-r {
				c.height = last - r
			}
			for n := 1; n < want; n++ {
				if at+n < len(until) && until[at+n] > r {
					c.width = n
					f.Problem(CellOverlap, "a cell covers columns that a cell above it covers already, and was cut")
					break
				}
			}
			if f.charge(c.width*c.height) != nil {
				return
			}
			for x := at; x < at+c.width; x++ {
				until, owner = cover(until, owner, x, r+c.height, i)
			}
			before = i
			at += want
		}
	}
}

func cover(until, owner []int, column, row, cell int) ([]int, []int) {
	for len(until) <= column {
		until, owner = append(until, 0), append(owner, cell)
	}
	until[column], owner[column] = row, cell
	return until, owner
}

func (f *Flow) charge(n int) error {
	if f.cells += n; f.cells > f.limits.Cells {
		f.refuse(TooManyCells, form.Position{}, "the tables cover more than %d cells, at most so many are read", f.limits.Cells)
	}
	return f.err
}

// hideMerged drops what stands in a cell that only continues another: Word shows nothing of it.
func (f *Flow) hideMerged(t *table) {
	for i := range t.cells {
		c := &t.cells[i]
		if !c.gone || c.from == c.to {
			continue
		}
		f.Problem(HiddenText, "text under a merged cell was left out: "+Excerpt(f.pieces[c.from].text()))
		for j := c.from; j < c.to; j++ {
			f.pieces[j] = piece{}
		}
	}
}

// text of a piece; a grid has its rows on lines.
func (p *piece) text() string {
	if p.Grid == nil {
		return p.Text
	}
	var b strings.Builder
	row := 0
	for _, c := range p.Grid.Cells {
		switch {
		case c.Text == "":
			continue
		case b.Len() == 0:
		case c.Row != row:
			b.WriteByte('\n')
		default:
			b.WriteByte(' ')
		}
		row = c.Row
		b.WriteString(c.Text)
	}
	return b.String()
}

// Excerpt quotes the beginning of a text, for a message.
func Excerpt(s string) string {
	s = strings.ReplaceAll(s, "\n", " ")
	for i := range s {
		if i > 60 {
			return "“" + s[:i] + "…”"
		}
	}
	return "“" + s + "”"
}

// A cell is a section of the document, not a cell of data, if it holds a table of its own, or text of this many
// lines and bytes, or of so many bytes. Notes in real cells stay below 1 kB; a real section has more.
const (
	sectionLines = 5
	sectionBytes = 900  // 300 Chinese characters
	sectionText  = 3000 // 1000 Chinese characters
)

// judge tells layout from data. flat: the whole table is layout. Else sections lists the rows that hold nothing but
// a section of the document; they leave the grid. (Portals put the whole report in the last row of the table that
// shows its number and date.)
func (f *Flow) judge(t *table) (sections []int, flat bool) {
	if t.layout || len(t.cells) == 1 {
		return nil, true
	}
	total, filled := 0, 0
	inside, many := 0, 0 // bytes and number of the section cells that stand beside other cells
	reach := 0           // the row that cells above reach to
	i := 0
	for r := range t.rows {
		end := len(t.cells)
		if r+1 < len(t.rows) {
			end = t.rows[r+1]
		}
		alone := end-i == 1 && reach <= r
		for ; i < end; i++ {
			c := &t.cells[i]
			if c.gone {
				continue
			}
			size, section := f.weigh(c)
			total += size
			if size > 0 {
				filled++
			}
			reach = max(reach, r+c.height)
			switch {
			case !section:
			case alone && c.height == 1:
				sections = append(sections, r)
				total -= size
				filled--
			default:
				inside += size
				many++
			}
		}
	}
	if many > 0 && (inside*2 > total || many*5 >= filled) {
		return nil, true
	}
	return sections, false
}

func (f *Flow) weigh(c *tableCell) (size int, section bool) {
	lines := 0
	for i := c.from; i < c.to; i++ {
		p := &f.pieces[i]
		if p.Grid != nil {
			section = true
			for _, inner := range p.Grid.Cells {
				size += len(inner.Text)
			}
			continue
		}
		size += len(p.Text)
		lines += 1 + strings.Count(p.Text, "\n")
	}
	return size, section || size >= sectionText || lines >= sectionLines && size >= sectionBytes
}

// emit replaces the pieces of the table by grids, with the rows in sections as running text between them.
func (f *Flow) emit(t *table, sections []int) {
	var out []piece
	from := 0
	for _, s := range sections {
		out = f.grid(out, t, from, s)
		c := &t.cells[t.rows[s]]
		out = append(out, f.pieces[c.from:c.to]...)
		from = s + 1
	}
	out = f.grid(out, t, from, len(t.rows))
	// What stands in the table outside any cell, as its caption, comes first.
	head := t.start
	for head < t.cells[0].from {
		head++
	}
	f.pieces = append(f.pieces[:head], out...)
}

// grid appends the grid of the rows from, up to and without to, and the grids nested in it.
func (f *Flow) grid(out []piece, t *table, from, to int) []piece {
	if from >= to {
		return out
	}
	first, end := t.rows[from], len(t.cells)
	if to < len(t.rows) {
		end = t.rows[to]
	}
	cells := t.cells[first:end]
	if len(cells) == 0 {
		return out
	}
	if len(cells) == to-from { // a single column compares nothing: it is running text in a frame
		for _, c := range cells {
			out = append(out, f.pieces[c.from:c.to]...)
		}
		return out
	}
	g := &Grid{Rows: to - from, Cells: make([]Cell, 0, len(cells))}
	covered := 0
	var inner []piece
	for i := range cells {
		c := &cells[i]
		if c.gone {
			continue
		}
		g.Columns = max(g.Columns, c.column+c.width)
		covered += c.width * c.height
		g.Cells = append(g.Cells, Cell{Row: c.row - from + 1, Column: c.column + 1, RowSpan: c.height, ColSpan: c.width, Text: f.join(c)})
		for j := c.from; j < c.to; j++ {
			if p := f.pieces[j]; p.Grid != nil {
				p.inner = true
				inner = append(inner, p)
			}
		}
	}
	// Whoever draws the grid needs all its places, not only the covered ones.
	f.charge(max(g.Rows*g.Columns-covered, 0))
	out = append(out, piece{Block: Block{Grid: g}})
	return append(out, inner...)
}

// join is the text of a cell: its paragraphs on lines, and that of the tables in it.
func (f *Flow) join(c *tableCell) string {
	switch c.to - c.from {
	case 0:
		return ""
	case 1:
		if p := &f.pieces[c.from]; p.Grid == nil {
			return p.Text
		}
	}
	var b strings.Builder
	for i := c.from; i < c.to; i++ {
		p := &f.pieces[i]
		if p.inner {
			continue
		}
		s := p.text()
		if s != "" && b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(s)
	}
	f.keep(b.Len()) // a second copy of the text
	return b.String()
}
