package recognise

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// piece is the text of one cell or short line, in reading order.
type piece struct {
	text   string
	at     form.Position
	figure bool // can be the content of a value cell
	// rowEnd says that the printed row ends behind this piece; false where the layout does not tell.
	rowEnd bool
	prose  bool // running text: no label and no figure
}

// longest is the length in characters beyond which a line is running text. The longest label of the form has 35, with
// the remarks that provinces add up to 80.
const longest = 100

// pageNumber is a line that a page break left behind: — 5 —.
var pageNumber = regexp.MustCompile(`^(?:[-—–·]+ *\d{1,3} *[-—–·]+|第 *\d{1,3} *页.*|\d{1,3} */ *\d{1,3} *页?)$`)

// mayPageNumber reports whether a line begins as a page number may. Folding leaves the beginnings of most lines as they are.
func mayPageNumber(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return !ideograph(r) || r == '第'
}

func isPageNumber(s string) bool { return mayPageNumber(s) && pageNumber.MatchString(plain(s)) }

// tapeOf flattens a document into pieces. Grids that were already read by their columns are left out.
func tapeOf(doc *document.Document, done map[*document.Grid]bool) []piece {
	size := 64
	for _, b := range doc.Blocks {
		if size++; b.Grid != nil && !done[b.Grid] {
			size += len(b.Grid.Cells)
		}
	}
	tape := make([]piece, 0, size)
	add := func(text string, at form.Position, rowEnd bool) {
		tape = append(tape, piece{text: text, at: at, figure: figure(text), rowEnd: rowEnd, prose: len(text) > longest && utf8.RuneCountInString(text) > longest})
	}
	for _, b := range doc.Blocks {
		if b.Grid == nil {
			for s := range strings.SplitSeq(b.Text, "\n") {
				if strings.TrimSpace(s) == "" || isPageNumber(s) {
					continue
				}
				parts, whole := columnsOf(s)
				for i, p := range parts {
					add(p, b.At, whole && i == len(parts)-1)
				}
			}
			continue
		}
		if done[b.Grid] {
			tape = append(tape, piece{prose: true, at: b.At})
			continue
		}
		for i, c := range b.Grid.Cells {
			last := i == len(b.Grid.Cells)-1 || b.Grid.Cells[i+1].Row != c.Row
			add(c.Text, c.At, last && b.Grid.Rows > 1)
		}
	}
	return tape
}

// mayPart reports whether a character is white space or may become it by folding.
func mayPart(r rune) bool {
	switch widthOf(r) {
	case full:
		return narrow(r) == ' '
	case rare:
		return true
	}
	return r <= ' '
}

// columnsOf cuts a line that prints several cells with only spaces between: the figures of a row, or a label and its
// figures. whole says that the line is a complete row of figures. Any other line is one piece.
func columnsOf(s string) (parts []string, whole bool) {
	if strings.IndexFunc(s, mayPart) < 0 { // as in nearly every line
		return []string{s}, false
	}
	folded := plain(s) // every white space is one space now
	if strings.IndexByte(folded, ' ') < 0 {
		return []string{s}, false
	}
	fields := strings.Fields(folded)
	if len(fields) < 2 {
		return []string{s}, false
	}
	figures := 0
	for i := len(fields) - 1; i >= 0 && figure(fields[i]); i-- {
		figures++
	}
	switch {
	case figures == len(fields):
		return fields, true
	case figures > 0 && len(fields)-figures <= 3:
		return append([]string{strings.Join(fields[:len(fields)-figures], " ")}, fields[len(fields)-figures:]...), true
	}
	return []string{s}, false
}

// line is a printed row as the tape shows it: labels, then figures.
type line struct {
	labels  []string // label pieces in the same row, outermost first
	before  []string // label pieces above it, since the previous line of figures
	values  []piece
	at      form.Position
	aligned bool // the values were assigned to the table's columns by the header of a true grid; one per column
	row     bool // the layout shows where the row ends
	spoilt  bool // the values are there but cannot be assigned to columns
}

// linesOf groups a stretch of tape into lines. Labels that are followed by no figure join the next line's before.
func linesOf(tape []piece) []line {
	lines := make([]line, 0, min(32, len(tape))) // a table has some thirty
	var cur line
	ended := true // the printed row under way has ended: labels read now are above the next line, not in it
	closeLine := func() {
		if len(cur.values) > 0 {
			lines = append(lines, cur)
			cur = line{}
		}
	}
	for i, p := range tape {
		if p.prose {
			closeLine()
			cur = line{}
			ended = true
			continue
		}
		if !p.figure {
			closeLine()
			if ended {
				cur.before = append(cur.before, cur.labels...)
				cur.labels = nil
			}
			ended = false
			cur.labels = append(cur.labels, p.text)
			if len(cur.labels) == 1 {
				cur.at = p.at
			}
		} else if len(cur.labels) > 0 && !ended || strings.TrimSpace(p.text) != "" || len(cur.values) > 0 {
			if ended { // a row of figures without a label of its own
				closeLine()
				cur.before = append(cur.before, cur.labels...)
				cur.labels = nil
				cur.at = p.at
				ended = false
			}
			cur.values = tape[i-len(cur.values) : i+1 : i+1] // they stand one behind the other
		}
		if p.rowEnd {
			if onlyBlank(cur.values) && len(cur.labels) == 0 {
				cur.values = nil
			}
			cur.row = true
			closeLine()
			ended = true
		}
	}
	closeLine()
	return lines
}

func onlyBlank(values []piece) bool {
	for _, v := range values {
		if strings.TrimSpace(v.text) != "" {
			return false
		}
	}
	return true
}

// padding says on which side of a row the empty cells stand that belong to merged cells of the original.
type padding int

const (
	unknownPadding padding = iota
	trailing
	leading
)

// window picks the k cells of a row's figures from the m that the text shows, or says that it cannot. sure is false
// when the choice rests on padding alone and wants confirmation by arithmetic.
func window(values []piece, k int, pad padding) (cells []piece, sure, ok bool) {
	m := len(values)
	if m == k {
		return values, true, true
	}
	if m < k {
		return nil, false, false
	}
	first, last := -1, -1
	for i, v := range values {
		if strings.TrimSpace(v.text) != "" {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	switch {
	case first < 0:
		return values[:k], true, true
	case last-first+1 == k:
		return values[first : last+1], true, true
	case last-first+1 > k:
		return nil, false, false
	case pad == trailing && last < k:
		return values[:k], false, true
	case pad == leading && first >= m-k:
		return values[m-k:], false, true
	}
	return nil, false, false
}
