package scan

import (
	"image"
	"slices"
)

// Lengths in points of a picture of 200 dots per inch.
const (
	shortestRule = 44 // some 6 mm: longer than the strokes of text, shorter than most sides of cells
	widestRule   = 12
	flaw         = 3 // gaps up to this length are flaws of the print
)

// rules finds the ruling lines and takes their ink away.
func rules(b *bitmap) (horizontal, vertical []image.Rectangle) {
	t := b.turned()
	flat, inFlat := straight(b)
	upright, inUpright := straight(t)
	for i, r := range upright {
		upright[i] = image.Rect(r.Min.Y, r.Min.X, r.Max.Y, r.Max.X)
	}
	horizontal, vertical = withoutStrokes(flat, upright)
	for _, l := range horizontal {
		for y := l.Min.Y; y < l.Max.Y; y++ {
			row, line := b.row(y), inFlat.row(y)
			for x := l.Min.X; x < l.Max.X; x++ {
				row[x] = row[x] && !line[x]
			}
		}
	}
	for _, l := range vertical {
		for y := l.Min.Y; y < l.Max.Y; y++ {
			row := b.row(y)
			for x := l.Min.X; x < l.Max.X; x++ {
				row[x] = row[x] && !inUpright.ink[x*b.h+y]
			}
		}
	}
	return horizontal, vertical
}

// withoutStrokes leaves out lines that are strokes of large letters: those that with all lines they meet are no larger than
// one.
func withoutStrokes(flat, upright []image.Rectangle) (horizontal, vertical []image.Rectangle) {
	const (
		letter = 150 // points
		touch  = 6
		most   = 4000 // lines; no table has as many
	)
	if len(flat) > most || len(upright) > most {
		return nil, nil
	}
	lines := append(slices.Clone(flat), upright...)
	parent := make([]int, len(lines))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for i, h := range flat {
		reach := h.Inset(-touch)
		for j, v := range upright {
			if reach.Overlaps(v) {
				parent[root(i)] = root(len(flat) + j)
			}
		}
	}
	boxes := map[int]image.Rectangle{}
	for i, l := range lines {
		boxes[root(i)] = boxes[root(i)].Union(l)
	}
	for i, l := range lines {
		box := boxes[root(i)]
		switch {
		case max(box.Dx(), box.Dy()) < letter:
		case i < len(flat):
			horizontal = append(horizontal, l)
		default:
			vertical = append(vertical, l)
		}
	}
	return horizontal, vertical
}

// straight finds horizontal lines, and the ink of them and of other long strokes. A line may waver by a point from row to
// row.
func straight(b *bitmap) ([]image.Rectangle, *bitmap) {
	long := newBitmap(b.w, b.h)
	smeared := make([]bool, b.w)
	for y := range b.h {
		copy(smeared, b.row(y))
		for _, next := range []int{y - 1, y + 1} {
			if next >= 0 && next < b.h {
				for x, ink := range b.row(next) {
					smeared[x] = smeared[x] || ink
				}
			}
		}
		row, out := b.row(y), long.row(y)
		for x := 0; x < b.w; {
			if !smeared[x] {
				x++
				continue
			}
			from, to := x, x
			for ; x < b.w && x-to <= flaw; x++ {
				if smeared[x] {
					to = x
				}
			}
			if to-from+1 >= shortestRule {
				copy(out[from:to+1], row[from:to+1])
			}
		}
	}
	var lines []image.Rectangle
	for _, l := range blots(long) {
		const bend = 100 // a line may fall by a point on so many
		if l.Dx() >= shortestRule && l.Dy() <= widestRule+l.Dx()/bend && 6*l.Dy() <= l.Dx() {
			lines = append(lines, l.Rectangle)
		}
	}
	return lines, long
}
