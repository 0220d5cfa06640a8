package sheet

// Cells are the boxes of the cells that the ruling lines of a page enclose, those of the smaller tables first, before it
// is known what is written in them. Of the characters only places and sizes count. It serves pictures, whose cells are
// read one by one. Lines that frame a text enclose no cells.
func Cells(p *Page) []Rect {
	var out []Rect
	groups, inside, _, _ := p.ruled()
	for i, group := range groups {
		l := latticeOf(group, inside[i])
		if l == nil || len(l.xs) == 2 || len(l.cells) == 1 {
			continue
		}
		for j := range l.cells {
			out = append(out, l.box(&l.cells[j]))
		}
	}
	return out
}
