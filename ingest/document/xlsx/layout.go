package xlsx

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// A sheet has no tables, only cells. What makes tables of them are the lines around cells and the rows left empty:
//
//   - Rows that are empty and without lines divide a sheet into bands.
//   - A row of a band that has one text and no lines is a paragraph where the rows beside it show that they are a
//     table and it is not; so are rows of a few words behind the last row with lines.
//   - What remains between paragraphs is a grid. It has every place of its rectangle, empty cells too: an empty cell
//     of a table is a cell.

const (
	// long is the length in characters of a text that is a paragraph wherever it stands alone in its row.
	long = 100
	// few is the number of texts that a line of words below a table may have: author, checker, date.
	few = 3
	// rowsBelow is how many rows with lines and without text are read below the last text of a sheet: the figures of a
	// table may all be empty.
	rowsBelow = 3
)

// placed is a cell with text where a person sees it.
type placed struct {
	cell
	row, column int
	bottom      int // the last row that it covers
}

// line is a visible row of a band.
type line struct {
	number int
	ruled  bool
	below  bool // a merged cell with text reaches into it from above
	texts  []placed
	prose  bool // is a paragraph
}

// write sends the sheet to the flow.
func (t *table) write() error {
	cells := t.visible()
	if len(cells) == 0 {
		return t.flow.Err()
	}
	lines, err := t.lines(cells)
	if err != nil {
		return err
	}
	t.flow.Text(t.name)
	t.flow.End(true)
	slices.SortStableFunc(t.merges, func(a, b area) int {
		return cmp.Or(cmp.Compare(a.top, b.top), cmp.Compare(a.left, b.left))
	})
	merges := t.merges
	for len(lines) > 0 {
		n := 1
		for n < len(lines) && t.nextVisible(lines[n-1].number+1) == lines[n].number {
			n++
		}
		m := 0
		for m < len(merges) && t.nextVisible(merges[m].top) <= lines[n-1].number {
			m++
		}
		if err := t.band(lines[:n], merges[:m]); err != nil {
			return err
		}
		lines, merges = lines[n:], merges[m:]
	}
	return t.flow.Err()
}

// visible lists the cells that a person sees, by row and column. The text of a merged cell is seen if any place of it is.
func (t *table) visible() []placed {
	t.seen = make([]int, len(t.rows))
	for i := len(t.rows) - 1; i >= 0; i-- {
		r := &t.rows[i]
		switch {
		case !r.hidden:
			t.seen[i] = r.number
		case i+1 < len(t.rows) && (t.hideRows || t.rows[i+1].number == r.number+1):
			t.seen[i] = t.seen[i+1]
		case t.hideRows:
			t.seen[i] = lastRow + 1
		default:
			t.seen[i] = r.number + 1
		}
	}
	anchors := map[[2]int]area{}
	for _, m := range t.merges {
		if at := [2]int{m.top, m.left}; anchors[at] == (area{}) {
			anchors[at] = m
		}
	}
	var out []placed
	var rows, columns []string // hidden cells
	for i := range t.rows {
		r := &t.rows[i]
		for _, c := range r.cells {
			m, merged := anchors[[2]int{r.number, c.column}]
			if !merged {
				m = area{r.number, c.column, r.number, c.column}
			}
			p := placed{cell: c, row: t.nextVisible(m.top), column: t.hiddenColumns.outside(m.left), bottom: m.bottom}
			switch {
			case p.row > m.bottom:
				rows = append(rows, reference(r.number, c.column))
			case p.column > m.right:
				columns = append(columns, reference(r.number, c.column))
			default:
				out = append(out, p)
			}
		}
	}
	if len(rows) > 0 {
		t.flow.Problem(document.HiddenText, fmt.Sprintf("sheet %q: %d cells with text in hidden rows were left out, the first is %s", t.name, len(rows), rows[0]))
	}
	if len(columns) > 0 {
		t.flow.Problem(document.HiddenText, fmt.Sprintf("sheet %q: %d cells with text in hidden columns were left out, the first is %s", t.name, len(columns), columns[0]))
	}
	slices.SortStableFunc(out, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.column, b.column))
	})
	return out
}

// nextVisible is the first row from n on that is not hidden.
func (t *table) nextVisible(n int) int {
	i, written := slices.BinarySearchFunc(t.rows, n, func(r row, n int) int { return r.number - n })
	switch {
	case written:
		return t.seen[i]
	case !t.hideRows:
		return n
	case i < len(t.rows):
		return t.seen[i]
	}
	return lastRow + 1
}

// lines lists the visible rows that belong to tables or text: those with text, with lines, or under a merged cell with
// text.
func (t *table) lines(cells []placed) ([]line, error) {
	last := cells[len(cells)-1].row
	var out []line
	covered := 0 // the last row that a merged cell with text reaches
	i, k := 0, 0 // next of t.rows, next of cells
	for n := t.nextVisible(1); n <= last+rowsBelow; n = t.nextVisible(n + 1) {
		for i < len(t.rows) && t.rows[i].number < n {
			i++
		}
		x := line{number: n, ruled: i < len(t.rows) && t.rows[i].number == n && t.rows[i].ruled, below: n <= covered}
		for k < len(cells) && cells[k].row == n {
			x.texts = append(x.texts, cells[k])
			covered = max(covered, min(cells[k].bottom, last))
			k++
		}
		switch {
		case x.ruled || x.below || len(x.texts) > 0:
			if len(out) >= t.limits.Cells {
				return nil, document.Refuse(document.TooManyCells, form.Position{}, "sheet %.100q has more than %d rows, at most so many are read", t.name, t.limits.Cells)
			}
			out = append(out, x)
		case k == len(cells):
			return out, nil
		default: // on to the next row that is written or has text
			next := cells[k].row
			for i < len(t.rows) && (t.rows[i].number <= n || !t.rows[i].ruled) {
				i++
			}
			if i < len(t.rows) {
				next = min(next, t.rows[i].number)
			}
			n = max(n, next-1)
		}
	}
	return out, nil
}

// band writes rows between which none is empty, and the merged cells that begin in them.
func (t *table) band(lines []line, merges []area) error {
	first, last := lastColumn, 0
	for _, x := range lines {
		for _, c := range x.texts {
			first, last = min(first, c.column), max(last, c.column)
		}
	}
	if last == 0 {
		return nil // lines around nothing
	}
	b := band{table: t, lines: lines, texts: map[[2]int]placed{}}
	for c := t.hiddenColumns.outside(first); c <= last; c = t.hiddenColumns.outside(c + 1) {
		b.columns = append(b.columns, c)
	}
	if len(lines)*len(b.columns) > t.limits.Cells {
		return document.Refuse(document.TooManyCells, form.Position{}, "sheet %.100q: rows %d to %d and columns %d to %d have more than %d cells, at most so many are read",
			t.name, lines[0].number, lines[len(lines)-1].number, first, last, t.limits.Cells)
	}
	if err := b.merge(merges); err != nil {
		return err
	}
	b.judge()
	for from := 0; from < len(lines); {
		if lines[from].prose {
			b.paragraph(lines[from])
			from++
			continue
		}
		to := from + 1
		for to < len(lines) && !lines[to].prose {
			to++
		}
		b.grid(from, to)
		from = to
	}
	return t.flow.Err()
}

type band struct {
	*table
	lines   []line
	columns []int // numbers of the visible columns
	cover   []int // for each place the merged cell that covers it, counted from 1; 0 for none
	areas   []area
	texts   map[[2]int]placed // by row and column of the band, from 0
}

// merge lays out the merged cells and the texts. Rows and columns of b.areas are those of the band, from 0.
func (b *band) merge(merges []area) error {
	width := len(b.columns)
	b.cover = make([]int, len(b.lines)*width)
	byNumber := func(x line, n int) int { return x.number - n }
	for _, m := range merges {
		var a area
		a.top, _ = slices.BinarySearchFunc(b.lines, m.top, byNumber)
		a.bottom, _ = slices.BinarySearchFunc(b.lines, m.bottom+1, byNumber)
		a.left, _ = slices.BinarySearch(b.columns, m.left)
		a.right, _ = slices.BinarySearch(b.columns, m.right+1)
		a.bottom, a.right = a.bottom-1, a.right-1
		if a.top > a.bottom || a.left > a.right {
			continue
		}
		overlap := false
		for y := a.top; y <= a.bottom && !overlap; y++ {
			for x := a.left; x <= a.right && !overlap; x++ {
				overlap = b.cover[y*width+x] != 0
			}
			if b.looked += a.right - a.left + 1; b.looked > mostLooked*b.limits.Cells {
				return document.Refuse(document.TooManyCells, form.Position{}, "sheet %.100q: its merged cells lie over each other in too many places", b.name)
			}
		}
		if overlap {
			b.flow.Problem(document.CellOverlap, fmt.Sprintf("sheet %q: the merged cell at %s lies over another one and is taken apart", b.name, reference(m.top, m.left)))
			continue
		}
		b.areas = append(b.areas, a)
		for y := a.top; y <= a.bottom; y++ {
			for x := a.left; x <= a.right; x++ {
				b.cover[y*width+x] = len(b.areas)
			}
		}
	}
	for y := range b.lines {
		l := &b.lines[y]
		l.texts = slices.DeleteFunc(l.texts, func(c placed) bool {
			x, _ := slices.BinarySearch(b.columns, c.column)
			if n := b.cover[y*width+x]; n > 0 && (b.areas[n-1].top != y || b.areas[n-1].left != x) {
				b.flow.Problem(document.HiddenText, fmt.Sprintf("sheet %q: text under a merged cell at %s was left out: %s", b.name, reference(c.row, c.column), document.Excerpt(c.string())))
				return true
			}
			b.texts[[2]int{y, x}] = c
			return false
		})
	}
	return nil
}

// mostLooked bounds how often a place is looked at for merged cells that overlap, on average.
const mostLooked = 20

// judge finds the rows that are paragraphs.
func (b *band) judge() {
	ruled, bare := 0, 0 // rows with several texts, with and without lines
	top, bottom := len(b.lines), -1
	for y, l := range b.lines {
		if l.ruled {
			top, bottom = min(top, y), max(bottom, y)
		}
		switch {
		case len(l.texts) < 2:
		case l.ruled:
			ruled++
		default:
			bare++
		}
	}
	// Lines under the header alone do not make a table of lines.
	lined := ruled > bare
	if !lined {
		// Without lines a table begins and ends with rows of several texts.
		top, bottom = len(b.lines), -1
		for y, l := range b.lines {
			if len(l.texts) > 1 || l.below {
				top, bottom = min(top, y), max(bottom, y)
			}
		}
		if top > 0 && top < len(b.lines) && b.wide(top-1) {
			top-- // the heading of a part of a table, over all its columns
		}
	}
	for y := range b.lines {
		l := &b.lines[y]
		if len(l.texts) == 0 || l.below || l.ruled || b.deep(y) {
			continue
		}
		alone := len(l.texts) == 1
		switch outside := y < top || y > bottom; {
		case alone && utf8.RuneCountInString(l.texts[0].string()) > long:
			l.prose = true
		case lined && outside:
			// Several texts above a table may be its header, and below it a row of figures.
			l.prose = alone || y > bottom && len(l.texts) <= few && !slices.ContainsFunc(l.texts, func(c placed) bool { return c.figure })
		case lined:
			// Between rows with lines. A row among others without lines may be one of a table whose lines were forgotten.
			l.prose = alone && (b.lines[y-1].ruled || b.lines[y-1].prose) && (b.lines[y+1].ruled || len(b.lines[y+1].texts) == 1)
		case outside && y < top:
			l.prose = alone
		case outside:
			// A row with one text below a table may be a label whose figures are empty.
			l.prose = alone && (l.texts[0].column > b.columns[0] || b.wide(y))
		}
		// What the paragraph covers below its row goes with it.
		for below := y + 1; l.prose && below < len(b.lines) && b.lines[below].below && len(b.lines[below].texts) == 0 && !b.lines[below].ruled; below++ {
			b.lines[below].prose = true
		}
	}
}

// wide says whether the row has one cell over all columns of the band.
func (b *band) wide(y int) bool {
	if len(b.lines[y].texts) != 1 || len(b.columns) < 2 {
		return false
	}
	n := b.cover[y*len(b.columns)]
	return n > 0 && b.areas[n-1].left == 0 && b.areas[n-1].right == len(b.columns)-1
}

// deep says whether a merged cell reaches from the row into one below that is more than its continuation.
func (b *band) deep(y int) bool {
	for _, n := range b.cover[y*len(b.columns) : (y+1)*len(b.columns)] {
		if n == 0 {
			continue
		}
		for below := y + 1; below <= b.areas[n-1].bottom; below++ {
			if l := b.lines[below]; len(l.texts) > 0 || l.ruled {
				return true
			}
		}
	}
	return false
}

// paragraph writes a row as text.
func (b *band) paragraph(l line) {
	for i, c := range l.texts {
		if i > 0 {
			b.flow.Text(" ")
		}
		b.text(c)
	}
	b.flow.End(false)
}

// grid writes the rows from, up to and without to.
func (b *band) grid(from, to int) {
	if b.empty(from, to) {
		return
	}
	width := len(b.columns)
	b.flow.OpenTable(false)
	for y := from; y < to && b.flow.Err() == nil; y++ {
		b.flow.Row()
		for x := range width {
			span := document.Span{Columns: 1, Rows: 1}
			if n := b.cover[y*width+x]; n > 0 {
				a := b.areas[n-1]
				if a.left != x || a.top != y {
					continue
				}
				span = document.Span{Columns: a.right - a.left + 1, Rows: min(a.bottom, to-1) - a.top + 1}
			}
			b.flow.Cell(span)
			if c, ok := b.texts[[2]int{y, x}]; ok {
				b.text(c)
			}
		}
	}
	b.flow.CloseTable()
}

// empty says whether the rows hold no text: continuations of a paragraph, or lines around nothing.
func (b *band) empty(from, to int) bool {
	for _, l := range b.lines[from:to] {
		if len(l.texts) > 0 {
			return false
		}
	}
	return true
}

// text writes what a cell holds.
func (b *band) text(c placed) {
	struck := ""
	for _, r := range c.runs {
		if r.struck {
			struck += r.text
			continue
		}
		b.flow.Raise(r.raised)
		b.flow.Lines(r.text)
	}
	b.flow.Raise(false)
	if struck = strings.TrimSpace(struck); struck != "" {
		b.flow.Problem(document.StruckText, fmt.Sprintf("sheet %q: text crossed out at %s was left out: %s", b.name, reference(c.row, c.column), document.Excerpt(struck)))
	}
}

func (c cell) string() string {
	var b strings.Builder
	for _, r := range c.runs {
		b.WriteString(r.text)
	}
	return b.String()
}
