package sheet

import (
	"slices"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// writer makes the blocks of the document.
type writer struct {
	limits  document.Limits
	optical map[int]bool // see reader
	blocks  []document.Block
	grids   int
	cells   int
	text    int
	err     error

	lines []*item // of the paragraph under way
	late  []*item // page numbers and the like, which come after it
}

// document puts out what stands on the pages.
func (r *reader) document() (*document.Document, error) {
	w := &writer{limits: r.limits, optical: r.optical}
	written := map[*table]bool{}
	for _, items := range r.pages {
		for i := 0; i < len(items) && w.err == nil; i++ {
			it := items[i]
			switch {
			case it.margin:
				w.late = append(w.late, it)
			case it.table != nil:
				if !written[it.table] && !it.table.blank() {
					written[it.table] = true
					w.end()
					w.table(it.table)
				}
			default:
				if n := ragged(items[i:]); n > 0 {
					w.end()
					w.ragged(items[i : i+n])
					i += n - 1
					continue
				}
				if len(w.lines) == 0 || !goesOn(w.lines[len(w.lines)-1], it) {
					w.end()
				}
				w.lines = append(w.lines, it)
			}
		}
	}
	w.end()
	if w.err != nil {
		return nil, w.err
	}
	return &document.Document{Blocks: w.blocks, Problems: r.problems}, nil
}

// goesOn says that the second line continues the paragraph of the first: the first reaches the right margin, and the
// second is not indented.
func goesOn(a, b *item) bool {
	size := max(a.line.size, b.line.size)
	if min(a.line.size, b.line.size) < 0.9*size {
		return false
	}
	margin := b.zone.left
	if a.page == b.page {
		if a.zone != b.zone || b.line.baseline-a.line.baseline > 2.5*size || b.line.baseline <= a.line.baseline {
			return false
		}
	} else {
		if !near(a.zone.left, b.zone.left, shift) || b.zone.right > a.zone.right+shift {
			return false
		}
		if near(a.zone.left, b.zone.left, 2.5*size) {
			margin = min(margin, a.zone.left) // the next page may have indented lines only
		}
	}
	return a.box.width() >= 12*size && a.box.X1 >= a.zone.right-2*size && b.box.X0 <= margin+size
}

// end ends the paragraph under way and puts out what had to wait for that.
func (w *writer) end() {
	if len(w.lines) > 0 {
		w.paragraph(w.lines)
	}
	for _, it := range w.late {
		for _, s := range it.line.chunks() { // the date at the left, the title in the middle, the number at the right
			if w.spend(len(s), 0, it.page) {
				w.blocks = append(w.blocks, document.Block{Text: s, Optical: w.optical[it.page], At: form.Position{Page: it.page}})
			}
		}
	}
	w.lines, w.late = nil, nil
}

func (w *writer) paragraph(lines []*item) {
	texts := make([]string, len(lines))
	for i, it := range lines {
		texts[i] = document.Squeeze(it.line.text())
	}
	if s := joinLines(texts, " "); s != "" && w.spend(len(s), 0, lines[0].page) {
		optical := slices.ContainsFunc(lines, func(it *item) bool { return w.optical[it.page] })
		w.blocks = append(w.blocks, document.Block{Text: s, Optical: optical, At: form.Position{Page: lines[0].page}})
	}
}

// spend charges text and places of grids against the limits.
func (w *writer) spend(text, cells, page int) bool {
	w.text += text
	w.cells += cells
	switch {
	case w.err != nil:
	case w.text > w.limits.Text:
		w.err = document.Refuse(document.TooLarge, form.Position{Page: page}, "the text exceeds %d bytes, at most so many are read", w.limits.Text)
	case w.cells > w.limits.Cells:
		w.err = document.Refuse(document.TooManyCells, form.Position{Page: page}, "the tables cover more than %d cells, at most so many are read", w.limits.Cells)
	}
	return w.err == nil
}

func (w *writer) table(t *table) {
	t.tidy()
	slices.SortFunc(t.cells, func(a, b tableCell) int {
		if a.top != b.top {
			return a.top - b.top
		}
		return a.left - b.left
	})
	if !w.spend(0, len(t.rows)*(len(t.columns)-1), t.page) {
		return
	}
	w.grids++
	g := &document.Grid{Number: w.grids, Rows: len(t.rows), Columns: len(t.columns) - 1, At: form.Position{Page: t.page, Grid: w.grids}}
	for _, c := range t.cells {
		w.spend(len(c.text), 0, t.page)
		g.Cells = append(g.Cells, document.Cell{Row: c.top + 1, Column: c.left + 1, RowSpan: c.bottom - c.top, ColSpan: c.right - c.left, Text: c.text, Optical: w.opticalOf(t, c),
			At: form.Position{Page: t.rows[c.top].page, Grid: w.grids, Row: c.top + 1, Column: c.left + 1}})
	}
	w.blocks = append(w.blocks, document.Block{Grid: g, At: g.At})
}

// opticalOf says how a cell was read, if any page it stands on was read from a picture. Readings are those of the whole text
// or of none: a cell that a page break cut in two has none.
func (w *writer) opticalOf(t *table, c tableCell) *document.Optical {
	if !slices.ContainsFunc(t.rows[c.top:c.bottom], func(r tableRow) bool { return w.optical[r.page] }) {
		return nil
	}
	if c.optical != nil && slices.Contains(append([]string{document.Illegible}, c.optical.Readings...), c.text) {
		return c.optical
	}
	return &document.Optical{}
}

// wide is the gap between the cells of a row without ruling lines, in parts of the font's size.
const wide = 1.5

// cuts lists where a line has wide gaps: the numbers of the characters behind them.
func (l *textLine) cuts() []int {
	var out []int
	for i := 1; i < len(l.glyphs); i++ {
		a, b := l.glyphs[i-1], l.glyphs[i]
		if b.Cell.X0-max(a.Cell.X1, a.Ink.X1) > wide*max(a.Size, b.Size) {
			out = append(out, i)
		}
	}
	return out
}

// chunks cuts a line at wide gaps.
func (l *textLine) chunks() []string {
	var out []string
	from := 0
	for _, to := range append(l.cuts(), len(l.glyphs)) {
		if s := document.Squeeze(textOf(l.glyphs[from:to])); s != "" {
			out = append(out, s)
		}
		from = to
	}
	return out
}

// ragged is the number of lines at the beginning of the items that make a table without ruling lines, 0 if there is
// none: three or more lines are cut by wide gaps, with at most two others in a row between them, as of labels that were
// wrapped.
func ragged(items []*item) int {
	rows, single, end := 0, 0, 0
	for i, it := range items {
		if it.line == nil || it.margin || it.zone != items[0].zone {
			break
		}
		if len(it.line.chunks()) > 1 {
			rows++
			single = 0
			end = i + 1
			continue
		}
		if single++; i == 0 || single > 2 {
			break
		}
	}
	if rows < 3 {
		return 0
	}
	return end
}

func (w *writer) ragged(items []*item) {
	w.grids++
	g := &document.Grid{Number: w.grids, Rows: len(items), Ragged: true, At: form.Position{Page: items[0].page, Grid: w.grids}}
	for i, it := range items {
		var optical *document.Optical
		if w.optical[it.page] {
			optical = &document.Optical{}
		}
		for j, s := range it.line.chunks() {
			if !w.spend(len(s), 1, it.page) {
				return
			}
			g.Columns = max(g.Columns, j+1)
			g.Cells = append(g.Cells, document.Cell{Row: i + 1, Column: j + 1, RowSpan: 1, ColSpan: 1, Text: s,
				Optical: optical, At: form.Position{Page: it.page, Grid: w.grids, Row: i + 1, Column: j + 1}})
		}
	}
	w.blocks = append(w.blocks, document.Block{Grid: g, At: g.At})
}
