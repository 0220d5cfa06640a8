package sheet

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// textLine is a line of text.
type textLine struct {
	glyphs   []Glyph // left to right
	box      Rect    // around the cells of the glyphs
	baseline float64
	size     float64 // of its largest font
}

// The body of a character reaches so far above and below its baseline, in parts of the font's size.
const (
	above = 0.85
	below = 0.15
)

// linesOf groups characters into lines, top to bottom. Characters that are turned make lines of their own, after the
// others.
func linesOf(glyphs []Glyph) []textLine {
	turned := false
	for _, g := range glyphs {
		turned = turned || g.Turn != 0
	}
	if !turned {
		return upright(glyphs)
	}
	var out []textLine
	for turn := 0; turn < 360; turn += 90 {
		var same []Glyph
		for _, g := range glyphs {
			if g.Turn == turn {
				same = append(same, g.turnedBack())
			}
		}
		out = append(out, upright(same)...)
	}
	return out
}

// turnedBack is the character as it stands when the page is turned so that it is upright.
func (g Glyph) turnedBack() Glyph {
	turn := func(r Rect) Rect {
		switch g.Turn {
		case 90: // written upwards: what was up is now left
			return Rect{-r.Y1, r.X0, -r.Y0, r.X1}
		case 180:
			return Rect{-r.X1, -r.Y1, -r.X0, -r.Y0}
		case 270: // written downwards
			return Rect{r.Y0, -r.X1, r.Y1, -r.X0}
		}
		return r
	}
	if g.Turn != 0 {
		g.Ink, g.Cell = turn(g.Ink), turn(g.Cell)
		g.Baseline = g.Cell.middleY() + (above-below)/2*g.Size
		g.Turn = 0
	}
	return g
}

func (g Glyph) top() float64    { return g.Baseline - above*g.Size }
func (g Glyph) bottom() float64 { return g.Baseline + below*g.Size }

// upright groups characters that stand upright into lines. A character belongs to the line of which it shares half of
// its height or more, so that raised and lowered ones stay with theirs.
func upright(glyphs []Glyph) []textLine {
	if len(glyphs) == 0 {
		return nil
	}
	// The larger fonts make the lines; smaller characters join them.
	order := slices.Clone(glyphs)
	slices.SortStableFunc(order, func(a, b Glyph) int { return compare(a.Baseline, b.Baseline, a.Cell.X0, b.Cell.X0) })
	var out []textLine
	for _, g := range order {
		best, most := -1, 0.5
		for i := len(out) - 1; i >= 0; i-- {
			l := &out[i]
			if l.baseline < g.top()-l.size {
				break // lines further up are out of reach
			}
			shared := min(l.baseline+below*l.size, g.bottom()) - max(l.baseline-above*l.size, g.top())
			if s := shared / min(g.Size, l.size); s > most {
				best, most = i, s
			}
		}
		if best < 0 {
			out = append(out, textLine{glyphs: []Glyph{g}, baseline: g.Baseline, size: g.Size})
			continue
		}
		l := &out[best]
		l.glyphs = append(l.glyphs, g)
		if g.Size > l.size {
			l.size, l.baseline = g.Size, g.Baseline
		}
	}
	for i := range out {
		l := &out[i]
		slices.SortStableFunc(l.glyphs, func(a, b Glyph) int { return compare(a.Cell.X0, b.Cell.X0, 0, 0) })
		l.glyphs = once(l.glyphs)
		l.box = l.glyphs[0].Cell
		for _, g := range l.glyphs {
			l.box = l.box.union(g.Cell)
		}
		l.box.Y0, l.box.Y1 = l.baseline-above*l.size, l.baseline+below*l.size
	}
	slices.SortStableFunc(out, func(a, b textLine) int { return compare(a.baseline, b.baseline, a.box.X0, b.box.X0) })
	return out
}

// once drops characters that are printed over themselves, as some programs do for bold and for shadows. Characters of
// one run never are: where the file states the text of a picture, all of them have its place.
func once(glyphs []Glyph) []Glyph {
	const shift = 0.12 // of the font's size
	out := glyphs[:0]
	for _, g := range glyphs {
		again := false
		for i := len(out) - 1; i >= 0 && i >= len(out)-4; i-- {
			p := out[i]
			if p.Run != g.Run && p.Text == g.Text && near(p.Ink.middleX(), g.Ink.middleX(), shift*g.Size) && near(p.Ink.middleY(), g.Ink.middleY(), shift*g.Size) {
				again = true
				break
			}
		}
		if !again {
			out = append(out, g)
		}
	}
	return out
}

func near(a, b, distance float64) bool { return a-b <= distance && b-a <= distance }

// Distances between characters that stand for a space, in parts of the font's size. Chinese text is spread to fill
// lines, digits are not.
const (
	gapLatin   = 0.2
	gapMixed   = 0.6
	gapChinese = 0.8
)

// text is what the line says. The mark of a note behind a number, digits set above the line or in a circle, is no part
// of the number: it stands in square brackets, 55[1].
func (l *textLine) text() string { return textOf(l.glyphs) }

func textOf(glyphs []Glyph) string {
	var b strings.Builder
	for i := 0; i < len(glyphs); i++ {
		g := glyphs[i]
		if i > 0 && spaced(glyphs[i-1], g) {
			b.WriteByte(' ')
		}
		if i > 0 && unicode.IsDigit(last(glyphs[i-1].Text)) {
			n := i
			for n < len(glyphs) && mark(glyphs[i-1], glyphs[n]) && !(n > i && spaced(glyphs[n-1], glyphs[n])) {
				n++
			}
			if n > i {
				b.WriteByte('[')
				for ; i < n; i++ {
					b.WriteString(glyphs[i].Text)
				}
				i--
				b.WriteByte(']')
				continue
			}
		}
		b.WriteString(g.Text)
	}
	return b.String()
}

// mark says that a character behind a digit marks a note.
func mark(digit, g Glyph) bool {
	r := first(g.Text)
	switch {
	case r == '²', r == '³', r == '¹', r >= 0x2070 && r <= 0x2089, // superscripts and subscripts
		r >= 0x2460 && r <= 0x249B, r >= 0x24EA && r <= 0x24FF, r >= 0x2776 && r <= 0x2793: // in circles and brackets
		return true
	}
	// Browsers set superscripts in 5/6 of the size, Word in 2/3. Digits of one number stand on one line.
	const (
		smaller = 0.9
		shifted = 0.12 // of a smaller digit
		much    = 0.25 // of any
	)
	return unicode.IsNumber(r) && (g.Size <= smaller*digit.Size && !near(g.Baseline, digit.Baseline, shifted*digit.Size) ||
		!near(g.Baseline, digit.Baseline, much*digit.Size))
}

func spaced(a, b Glyph) bool {
	size := min(a.Size, b.Size)
	limit := gapLatin
	switch x, y := chinese(last(a.Text)), chinese(first(b.Text)); {
	case x && y:
		limit = gapChinese
	case x || y:
		limit = gapMixed
	}
	return b.Cell.X0-max(a.Cell.X1, a.Ink.X1) > limit*size
}

func first(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func last(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// chinese says whether a character belongs to text that is written without spaces. Full-width digits do not: they
// make numbers.
func chinese(r rune) bool {
	switch {
	case r < 0x2E80:
		return r >= 0x2018 && r <= 0x201D || r == 0x2026 || r == 0x2014
	case r >= 0xFF10 && r <= 0xFF19:
		return false
	}
	return r <= 0x9FFF || r >= 0xF900 && r <= 0xFAFF || r >= 0xFE30 && r <= 0xFE4F || r >= 0xFF01 && r <= 0xFF65 || r >= 0x20000 && r <= 0x3FFFF
}

// joinLines joins the lines of a cell or paragraph. A line that was wrapped between two Chinese characters goes on;
// anything else, above all a number, keeps its line end.
func joinLines(texts []string, end string) string {
	var b strings.Builder
	before := rune(0)
	for _, s := range texts {
		if s == "" {
			continue
		}
		if before != 0 && !(chinese(before) && chinese(first(s))) {
			b.WriteString(end)
		}
		b.WriteString(s)
		before = last(s)
	}
	return b.String()
}
