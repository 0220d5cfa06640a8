// Package documenttest holds what the tests of the readers share: drawing a document so that a person can compare it
// with the file, golden files, and checking the shape of grids.
package documenttest

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"nianbao/ingest/document"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// Golden compares got with the file at path.
func Golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run the test with -update to write it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// Check finds what is wrong in the shape of a document: grids whose cells overlap, reach outside, or are out of order,
// numbers and positions that do not fit, blocks without content.
func Check(d *document.Document) error {
	grids := 0
	for i, b := range d.Blocks {
		g := b.Grid
		if g == nil {
			if b.Text == "" || strings.TrimSpace(b.Text) != b.Text {
				return fmt.Errorf("block %d: text %q is blank or has white space around it", i, b.Text)
			}
			continue
		}
		grids++
		if b.Text != "" || b.Heading {
			return fmt.Errorf("block %d is a grid and a paragraph", i)
		}
		if g.Number != grids || g.At.Grid != grids || b.At != g.At {
			return fmt.Errorf("block %d: grid has number %d and position %v, want %d", i, g.Number, g.At, grids)
		}
		if err := checkGrid(g); err != nil {
			return fmt.Errorf("grid %d (%d × %d): %w", grids, g.Rows, g.Columns, err)
		}
	}
	return nil
}

func checkGrid(g *document.Grid) error {
	var taken []bool
	if !g.Ragged {
		taken = make([]bool, g.Rows*g.Columns)
	}
	row, column := 1, 0
	for i, c := range g.Cells {
		if c.Row < row || c.Row == row && c.Column <= column {
			return fmt.Errorf("cell %d stands at %d.%d, after one at %d.%d", i, c.Row, c.Column, row, column)
		}
		row, column = c.Row, c.Column
		if c.At.Row != c.Row || c.At.Column != c.Column || c.At.Grid != g.Number {
			return fmt.Errorf("cell %d.%d has the position %v", c.Row, c.Column, c.At)
		}
		if g.Ragged {
			continue
		}
		if c.RowSpan < 1 || c.ColSpan < 1 || c.Row+c.RowSpan-1 > g.Rows || c.Column+c.ColSpan-1 > g.Columns {
			return fmt.Errorf("cell %d.%d covers %d × %d and reaches outside", c.Row, c.Column, c.RowSpan, c.ColSpan)
		}
		for y := c.Row - 1; y < c.Row-1+c.RowSpan; y++ {
			for x := c.Column - 1; x < c.Column-1+c.ColSpan; x++ {
				if taken[y*g.Columns+x] {
					return fmt.Errorf("cell %d.%d covers %d.%d, which another covers", c.Row, c.Column, y+1, x+1)
				}
				taken[y*g.Columns+x] = true
			}
		}
	}
	return nil
}

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

// Tiling cuts a rectangle at random into cells that cover all of it, each with a text of its own, on at least two
// rows and columns.
func Tiling(random *rand.Rand) *document.Grid {
	g := &document.Grid{Number: 1, Rows: 2 + random.IntN(8), Columns: 2 + random.IntN(8)}
	taken := make([][]bool, g.Rows)
	for y := range taken {
		taken[y] = make([]bool, g.Columns)
	}
	for y := range taken {
		for x := 0; x < g.Columns; x++ {
			if taken[y][x] {
				continue
			}
			width := 1
			for width < 1+random.IntN(4) && x+width < g.Columns && !taken[y][x+width] {
				width++
			}
			height := 1 + random.IntN(min(4, g.Rows-y))
			for dy := range height {
				for dx := range width {
					taken[y+dy][x+dx] = true
				}
			}
			g.Cells = append(g.Cells, document.Cell{Row: y + 1, Column: x + 1, RowSpan: height, ColSpan: width,
				Text: fmt.Sprintf("%d.%d", y+1, x+1)})
		}
	}
	return g
}

// SameGrid fails the test unless the document holds this grid and nothing else. A tiling of which each row has at
// most one cell comes back as text.
func SameGrid(t *testing.T, d *document.Document, want *document.Grid) {
	t.Helper()
	if len(want.Cells) <= want.Rows {
		return
	}
	if err := Check(d); err != nil {
		t.Fatal(err)
	}
	if len(d.Blocks) != 1 || d.Blocks[0].Grid == nil {
		t.Fatalf("got %s, want one grid", Draw(d))
	}
	got := *d.Blocks[0].Grid
	if diff := cmp.Diff(want, &got, cmpopts.IgnoreFields(document.Cell{}, "At"), cmpopts.IgnoreFields(document.Grid{}, "At")); diff != "" {
		t.Fatalf("the grid came back changed (-want +got):\n%s", diff)
	}
}
