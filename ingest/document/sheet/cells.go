package sheet

import (
	"unicode"

	"nianbao/ingest/document"
)

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
		if len(c.glyphs) == 1 {
			c.optical = c.glyphs[0].Optical
		}
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
