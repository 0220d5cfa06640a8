package demo

import (
	"strings"
)

// markdownBlanks prints pipe tables in which a merged cell stands once and leaves the other places blank.
func markdownBlanks(c content) ([]byte, error) { return markdown(c, false), nil }

// markdownRepeats prints pipe tables in which a merged cell stands in every place it covers.
func markdownRepeats(c content) ([]byte, error) { return markdown(c, true), nil }

func markdown(c content, repeat bool) []byte {
	var b strings.Builder
	b.WriteString("# " + c.report.Title() + "\n\n" + c.report.Note + "\n")
	for _, s := range c.sections {
		if s.heading != "" {
			b.WriteString("\n## " + s.heading + "\n")
		}
		for _, p := range s.paragraphs {
			b.WriteString("\n" + p + "\n")
		}
		if s.table == nil {
			continue
		}
		b.WriteString("\n")
		for row, line := range s.table.covering() {
			b.WriteString("|")
			for column, n := range line {
				cell := s.table.cells[n]
				if repeat || cell.row == row && cell.column == column {
					b.WriteString(" " + strings.ReplaceAll(cell.text, "|", `\|`))
				}
				b.WriteString(" |")
			}
			b.WriteString("\n")
			if row == 0 {
				b.WriteString(strings.Repeat("|---", s.table.columns) + "|\n")
			}
		}
	}
	b.WriteString("\n" + strings.Join(c.report.signature(), "\n\n") + "\n")
	return []byte(b.String())
}

// tabbedText prints tables as they come from Word by the clipboard: a tab between cells, an empty field for a place
// covered from above, none for a place covered from the left.
func tabbedText(c content) ([]byte, error) {
	return plainText(c, func(b *strings.Builder, g grid) {
		covering := g.covering()
		for row := range covering {
			var fields []string
			for column := 0; column < g.columns; {
				cell := g.cells[covering[row][column]]
				if cell.row == row {
					fields = append(fields, cell.text)
				} else {
					fields = append(fields, "")
				}
				column += cell.columns
			}
			b.WriteString(strings.Join(fields, "\t") + "\n")
		}
	}), nil
}

// lineText prints every cell on a line of its own, as the text of a page comes out of many portals.
func lineText(c content) ([]byte, error) {
	if c.blank {
		return barText(c)
	}
	return plainText(c, func(b *strings.Builder, g grid) {
		for i, cell := range g.cells {
			if i > 0 {
				b.WriteString("\n")
			}
			b.WriteString(cell.text + "\n")
		}
	}), nil
}

// barText prints every cell on a line of its own with a bar after it, and closes a row with as many bars as it has
// places that no cell of it stands in.
func barText(c content) ([]byte, error) {
	return plainText(c, func(b *strings.Builder, g grid) {
		for _, line := range g.lines() {
			for _, cell := range line {
				if cell.text != "" {
					b.WriteString(cell.text + " ")
				}
				b.WriteString("|\n")
			}
			if missing := g.columns - len(line); missing > 0 {
				b.WriteString(strings.Repeat("|", missing) + "\n")
			}
		}
	}), nil
}

func plainText(c content, table func(*strings.Builder, grid)) []byte {
	var b strings.Builder
	b.WriteString(c.report.Title() + "\n\n" + c.report.Note + "\n\n")
	for _, s := range c.sections {
		if s.heading != "" {
			b.WriteString(s.heading + "\n\n")
		}
		for _, p := range s.paragraphs {
			b.WriteString(p + "\n\n")
		}
		if s.table != nil {
			table(&b, *s.table)
			b.WriteString("\n")
		}
	}
	b.WriteString(strings.Join(c.report.signature(), "\n") + "\n")
	return []byte(b.String())
}
