package sheet

import (
	"regexp"
	"sort"
	"strings"

	"nianbao/ingest/document"
)

// pageNumber is a line that numbers the page.
var pageNumber = regexp.MustCompile(`^(?:[-—–·]+ *\d{1,4} *[-—–·]+|第 *\d{1,4} *页.{0,12}|\d{1,4} */ *\d{1,4} *页?|\d{1,4})$`)

// setMargins finds the margins of each zone, and the lines outside the text: page numbers, and headers and footers that
// stand at the same place on several pages.
func (r *reader) setMargins() {
	type spot struct {
		y    int
		text string
	}
	seen := map[spot]int{}
	spotOf := func(it *item) spot {
		text := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return -1
			}
			return r
		}, it.line.text())
		return spot{int(it.box.Y0 / 3), text}
	}
	rim := func(items []*item) []*item { // the first and last two lines of a page
		var lines []*item
		for _, it := range items {
			if it.line != nil {
				lines = append(lines, it)
			}
		}
		sort.SliceStable(lines, func(i, j int) bool { return lines[i].box.Y0 < lines[j].box.Y0 })
		if len(lines) > 4 {
			lines = append(lines[:2:2], lines[len(lines)-2:]...)
		}
		return lines
	}
	for _, items := range r.pages {
		for _, it := range rim(items) {
			seen[spotOf(it)]++
		}
	}
	for _, items := range r.pages {
		lines := rim(items)
		for i, it := range lines {
			outside := i == 0 || i == len(lines)-1
			if outside && pageNumber.MatchString(document.Squeeze(it.line.text())) || seen[spotOf(it)] >= 2 && len(r.pages) > 1 && beyond(it, items) {
				it.margin = true
			}
		}
		for _, it := range items {
			if it.zone == nil || it.margin {
				continue
			}
			z := it.zone
			if z.left == 0 && z.right == 0 {
				z.left, z.right = it.box.X0, it.box.X1
			}
			z.left, z.right = min(z.left, it.box.X0), max(z.right, it.box.X1)
		}
	}
}

// beyond says that all tables of the page stand on one side of the line.
func beyond(it *item, items []*item) bool {
	over, under := false, false
	for _, other := range items {
		if other.table != nil {
			over = over || other.box.Y0 < it.box.Y0
			under = under || other.box.Y1 > it.box.Y1
		}
	}
	return !(over && under)
}
