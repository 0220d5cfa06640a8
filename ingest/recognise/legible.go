package recognise

import (
	"fmt"
	"slices"
	"strings"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// A header of a picture may have a label that was misread beyond recognition: 总证 for 总计. A table is then read no
// less surely if all labels but a few are named, and each of these stands where the form has it: so do the others. What
// stands under them still has to satisfy the sums.

// header4 are the columns of section 四 as they stand beside each other: those of each group.
var header4 = slices.Concat(disputeColumns, disputeColumns, disputeColumns)

// legible is the document with such labels put right, which it notes, and with words in figures of section 四 made
// illegible: the row is known by having nothing but figures.
func legible(doc *document.Document) *document.Document {
	out := *doc
	out.Blocks = slices.Clone(doc.Blocks)
	out.Problems = slices.Clone(doc.Problems)
	labels := memo{}
	changed := false
	for i, b := range out.Blocks {
		if b.Grid == nil || b.Grid.Ragged || !slices.ContainsFunc(b.Grid.Cells, func(c document.Cell) bool { return c.Optical != nil }) {
			continue
		}
		g := *b.Grid
		g.Cells = slices.Clone(g.Cells)
		m := matrixOf(&g)
		for _, columns := range [][]form.Column{applicationColumns, header4} {
			row := slices.IndexFunc(m, func(row []*document.Cell) bool { return scannedRow(row, len(columns)) })
			if row < 1 {
				continue
			}
			leaves := m.distinct(row-1, 0, g.Columns)
			for _, j := range misreadIn(leaves, columns, labels) {
				c := leaves[len(leaves)-len(columns)+j]
				out.Problems = append(out.Problems, form.Problem{Code: "header_misread", At: c.At,
					Message: fmt.Sprintf("the header “%s” of a picture was taken for %s, which the form has at its place", c.Text, columns[j].Label)})
				c.Text, changed = columns[j].Label, true
			}
			if cells := m.distinct(row, 0, g.Columns); len(cells) == len(header4) {
				for _, c := range cells {
					if c.Optical != nil && !figure(c.Text) {
						c.Text, changed = document.Illegible, true
					}
				}
			}
		}
		out.Blocks[i].Grid = &g
	}
	if !changed {
		return doc
	}
	return &out
}

// scannedRow says that the last n cells of a row are figures of a picture, but for blank ones and one in five that
// was taken for words.
func scannedRow(row []*document.Cell, n int) bool {
	var cells []*document.Cell
	for i, c := range row {
		if c != nil && (i == 0 || row[i-1] != c) {
			cells = append(cells, c)
		}
	}
	if len(cells) < n {
		return false
	}
	figures, words := 0, 0
	for _, c := range cells[len(cells)-n:] {
		switch {
		case c.Optical == nil:
			return false
		case len(c.Optical.Readings) > 0:
			figures++
		case strings.TrimSpace(c.Text) != "":
			words++
		}
	}
	return figures > 0 && 5*words <= n
}

// misreadIn are the places of the columns whose labels, the last of the leaves, are not certain to name a column: if at most a
// third of them are unlike the label that the form has there, and none names another.
func misreadIn(leaves []*document.Cell, columns []form.Column, labels memo) (misread []int) {
	if len(leaves) < len(columns) {
		return nil
	}
	targets, unlike := columnTargets(columns), 0
	for j, c := range leaves[len(leaves)-len(columns):] {
		named := bestOf(c.Text, distinctTargets(targets), labels)
		switch {
		case targets[j].similarity(labels.prepare(c.Text)) >= certain:
		case named >= 0 || strings.TrimSpace(c.Text) == "" || c.Optical == nil:
			return nil
		default:
			misread = append(misread, j)
			if targets[j].similarity(labels.prepare(c.Text)) < probable {
				unlike++
			}
		}
	}
	if 3*unlike > len(columns) {
		return nil
	}
	return misread
}

// distinctTargets leaves out targets that are met before.
func distinctTargets(all []target) []target {
	var out []target
	for _, t := range all {
		if !slices.ContainsFunc(out, func(o target) bool { return o.words[0] == t.words[0] }) {
			out = append(out, t)
		}
	}
	return out
}
