// Package drawing writes a document so that a person can compare it with the page: for golden files.
package drawing

import (
	"fmt"
	"sort"
	"strings"

	"nianbao/ingest/document"
)

// Draw writes what a document holds, one block after the other. A cell is written as row.column, with its extent if
// it is merged, and its text with line ends as ⏎.
func Draw(d *document.Document) string {
	var b strings.Builder
	fmt.Fprintf(&b, "type %s", d.MediaType)
	if d.Charset != "" {
		fmt.Fprintf(&b, ", charset %s", d.Charset)
	}
	b.WriteByte('\n')
	if d.Title != "" {
		fmt.Fprintf(&b, "title %s\n", d.Title)
	}
	names := make([]string, 0, len(d.Meta))
	for name := range d.Meta {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Fprintf(&b, "meta %s = %s\n", name, d.Meta[name])
	}
	for _, p := range d.Problems {
		fmt.Fprintf(&b, "problem %s: %s\n", p.Code, p.Message)
	}
	for _, block := range d.Blocks {
		b.WriteByte('\n')
		switch {
		case block.Grid != nil:
			grid(&b, block.Grid)
		case block.Heading:
			fmt.Fprintf(&b, "# %s\n", line(block.Text))
		default:
			fmt.Fprintf(&b, "%s\n", line(block.Text))
		}
	}
	return b.String()
}

func line(s string) string { return strings.ReplaceAll(s, "\n", "⏎") }

func grid(b *strings.Builder, g *document.Grid) {
	fmt.Fprintf(b, "grid %d: %d × %d", g.Number, g.Rows, g.Columns)
	if g.Ragged {
		b.WriteString(", ragged")
	}
	b.WriteByte('\n')
	row := 0
	for _, c := range g.Cells {
		switch {
		case c.Row == row:
			b.WriteString(" | ")
		default:
			if row > 0 {
				b.WriteByte('\n')
			}
			b.WriteString("  ")
		}
		row = c.Row
		fmt.Fprintf(b, "%d.%d", c.Row, c.Column)
		if c.RowSpan != 1 || c.ColSpan != 1 {
			fmt.Fprintf(b, "(%d×%d)", c.RowSpan, c.ColSpan)
		}
		if c.Text != "" {
			b.WriteByte(' ')
			b.WriteString(line(c.Text))
		}
	}
	b.WriteByte('\n')
}
