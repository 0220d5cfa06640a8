package sheet

// proseColumn is the least average number of characters of a line of a column of prose. Cells of tables without ruling
// lines are shorter.
const proseColumn = 15

// printColumns takes from lines those that are printed in two columns of prose. A column is read to its end before the
// next. Three or more lines in a row have the same gutter.
func printColumns(lines []*item) (rest []*item, columns [][]*item) {
	for i := 0; i < len(lines); {
		n, gutter := sameGutter(lines[i:])
		if n < 3 {
			rest = append(rest, lines[i])
			i++
			continue
		}
		// A column that is longer than the other goes on.
		for i+n < len(lines) && besideGutter(lines[i+n], gutter) {
			n++
		}
		left, right := &zone{}, &zone{}
		var a, b []*item
		for _, it := range lines[i : i+n] {
			var one, two []Glyph
			for _, g := range it.line.glyphs {
				if g.Cell.middleX() < gutter {
					one = append(one, g)
				} else {
					two = append(two, g)
				}
			}
			a = append(a, textItems(one, it.page, left)...)
			b = append(b, textItems(two, it.page, right)...)
		}
		columns = append(columns, a, b)
		i += n
	}
	return rest, columns
}

// sameGutter counts the lines at the beginning that are cut into two long pieces at one place.
func sameGutter(lines []*item) (n int, gutter float64) {
	from, to := 0.0, 0.0
	left, right := 0, 0
	for _, it := range lines {
		cuts := it.line.cuts()
		if len(cuts) != 1 {
			break
		}
		k := cuts[0]
		x0, x1 := it.line.glyphs[k-1].Cell.X1, it.line.glyphs[k].Cell.X0
		if n > 0 {
			x0, x1 = max(x0, from), min(x1, to)
		}
		if x1-x0 < it.line.size/2 {
			break
		}
		from, to = x0, x1
		left += k
		right += len(it.line.glyphs) - k
		n++
	}
	if n == 0 || left < n*proseColumn || right < n*proseColumn {
		return 0, 0
	}
	return n, (from + to) / 2
}

func besideGutter(it *item, gutter float64) bool {
	return len(it.line.cuts()) == 0 && (it.box.X1 < gutter || it.box.X0 > gutter)
}
