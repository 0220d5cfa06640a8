package sheet

import (
	"regexp"
	"slices"
	"strings"
)

// pageBreak is where a table goes on on the next page.
type pageBreak struct {
	t, part *table
	// Cells of the last row before the break and of the first after it that have the same columns, left to right.
	labels, figures []facing
	matched         bool // the figures have the same columns on both sides, and so has the label beside them
}

// facing are two cells on both sides of a page break, by index.
type facing struct{ above, below int }

// What the two rows at a page break are.
const (
	apart = iota // two rows
	cut          // the halves of one row
	open         // nobody can tell
)

// enumerator is what numbered labels begin with.
var enumerator = regexp.MustCompile(`^(?:[(（][一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十]{1,3}[、.．]|\d{1,2}[、.．])`)

// breakBetween lays the rows at a page break beside each other.
func breakBetween(t, part *table) *pageBreak {
	b := &pageBreak{t: t, part: part}
	below := map[[2]int]int{}
	for i, c := range part.cells {
		if c.top == 0 {
			below[[2]int{c.left, c.right}] = i
		}
	}
	var all []facing
	for i, c := range t.cells {
		if c.bottom == len(t.rows) {
			if j, ok := below[[2]int{c.left, c.right}]; ok {
				all = append(all, facing{i, j})
			}
		}
	}
	slices.SortFunc(all, func(x, y facing) int { return t.cells[x.above].left - t.cells[y.above].left })
	// The figures are the cells from the right that hold no words, as long as each stands beside the next.
	edge := len(t.columns) - 1
	for len(all) > 0 {
		f := all[len(all)-1]
		c, d := t.cells[f.above], part.cells[f.below]
		if c.right != edge || c.top != len(t.rows)-1 || d.bottom != 1 || !figure(c.text) || !figure(d.text) {
			break
		}
		edge = c.left
		b.figures = append(b.figures, f)
		all = all[:len(all)-1]
	}
	// Blank cells left of the figures, where the label was printed on one side only, are labels.
	b.labels = all
	b.matched = len(b.figures) > 0 && len(all) > 0 && t.cells[all[len(all)-1].above].right == edge
	for !b.matched && len(b.figures) > 1 {
		f := b.figures[len(b.figures)-1]
		if t.cells[f.above].text+part.cells[f.below].text != "" {
			break
		}
		b.figures = b.figures[:len(b.figures)-1]
		b.labels = append(b.labels, f)
		b.matched = true
	}
	return b
}

// verdict tells whether the rows at a page break are one. A row that was cut has its figures in one half only, and its
// label fills the first half to the end. That it goes on in the other half is certain if labels are numbered and the
// second half is not, or if no other row of the table lacks figures.
func (b *pageBreak) verdict() int {
	switch {
	case b.loose():
		return apart
	case b.complementary(), b.headerGoesOn():
		return cut
	case !b.matched:
		return apart
	}
	above, below := 0, 0
	for _, f := range b.figures {
		if b.t.cells[f.above].text != "" {
			above++
		}
		if b.part.cells[f.below].text != "" {
			below++
		}
	}
	if above > 0 && below > 0 {
		return apart
	}
	label := b.labels[len(b.labels)-1]
	one, other := b.t.cells[label.above], b.part.cells[label.below]
	if one.top != len(b.t.rows)-1 || other.bottom != 1 {
		return apart // the label of several rows
	}
	switch {
	case other.text == "" && below == 0 && b.part.rows[0].height <= smallRow,
		one.text == "" && above == 0 && b.t.rows[len(b.t.rows)-1].height <= smallRow:
		return cut // one of the halves is empty and too low for a row
	case other.text == "" && below == 0:
		return apart
	case other.text == "":
		return cut // figures without a label
	case one.text == "" || one.ends || enumerator.MatchString(other.text) || above+below == 0:
		return apart
	}
	numbered, full, rows := true, true, 0
	for _, side := range []struct {
		t    *table
		skip int
	}{{b.t, len(b.t.rows) - 1}, {b.part, 0}} {
		for row := range side.t.rows {
			if row == side.skip {
				continue
			}
			if text, filled, ok := b.alike(side.t, row); ok {
				rows++
				numbered = numbered && enumerator.MatchString(text)
				full = full && filled
			}
		}
	}
	if rows >= 2 && (full || numbered && enumerator.MatchString(one.text)) {
		return cut
	}
	return open
}

// alike describes a row that has figures in the same columns as the rows at the break: its label, and whether it has
// all figures. ok is false for other rows, as those of the header.
func (b *pageBreak) alike(t *table, row int) (label string, full, ok bool) {
	at := map[int]tableCell{}
	edge := b.t.cells[b.figures[len(b.figures)-1].above].left
	for _, c := range t.cells {
		if c.top == row && c.bottom == row+1 {
			at[c.left] = c
		}
		if c.top <= row && row < c.bottom && c.right == edge {
			label = c.text
		}
	}
	full = true
	for _, f := range b.figures {
		want := b.t.cells[f.above]
		c, found := at[want.left]
		if !found || c.right != want.right || !figure(c.text) {
			return "", false, false
		}
		full = full && c.text != ""
	}
	return label, full, label != ""
}

// loose says that the first row after the break has words in a cell that faces none.
func (b *pageBreak) loose() bool {
	facing := map[int]bool{}
	for _, f := range append(slices.Clone(b.labels), b.figures...) {
		facing[f.below] = true
	}
	for i, c := range b.part.cells {
		if c.top == 0 && c.bottom == 1 && c.text != "" && !facing[i] {
			return true
		}
	}
	return false
}

// complementary says that two rows without figures, of which each has words where the other has none, are one: a row of
// the header.
func (b *pageBreak) complementary() bool {
	above, below := false, false
	for _, f := range append(slices.Clone(b.labels), b.figures...) {
		one, other := b.t.cells[f.above].text, b.part.cells[f.below].text
		if one != "" && other != "" || one != "" && figure(one) || other != "" && figure(other) {
			return false
		}
		above, below = above || one != "", below || other != ""
	}
	return above && below
}

// headerGoesOn says that two rows of words are one: the second has words only where those of the first fill their cells to
// the end, and not everywhere.
func (b *pageBreak) headerGoesOn() bool {
	words, blanks := 0, 0
	for _, f := range append(slices.Clone(b.labels), b.figures...) {
		one, other := b.t.cells[f.above], b.part.cells[f.below]
		switch {
		case one.text != "" && figure(one.text), other.text != "" && figure(other.text), other.bottom != 1:
			return false
		case other.text == "":
			blanks++
		case one.text == "" || one.ends || enumerator.MatchString(other.text):
			return false
		default:
			words++
		}
	}
	return words > 1 && blanks > 0
}

// mend makes one row of the two at the break and appends the others.
func (b *pageBreak) mend() {
	down := len(b.t.rows) - 1
	gone := map[int]bool{}
	for _, f := range append(slices.Clone(b.labels), b.figures...) {
		one, other := &b.t.cells[f.above], b.part.cells[f.below]
		one.text = joinLines([]string{one.text, other.text}, "\n")
		one.bottom, one.ends = down+other.bottom, other.ends
		gone[f.below] = true
	}
	rest := &table{rows: b.part.rows}
	for i, c := range b.part.cells {
		switch {
		case gone[i]:
		case c.top > 0:
			rest.cells = append(rest.cells, c)
		case c.bottom > 1: // its upper end meets cells of other columns
			c.top = 1
			rest.cells = append(rest.cells, c)
		}
	}
	b.t.append(rest, down)
}

// figure says that the text is made of the signs that numbers are made of.
func figure(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !numeric(string(r)) && !strings.ContainsRune(" \n/—–−\uFFFD[]", r) }) < 0
}
