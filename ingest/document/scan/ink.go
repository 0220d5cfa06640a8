package scan

import (
	"image"
	"slices"
)

// blot is a piece of connected ink.
type blot struct {
	image.Rectangle
	ink int // its number of points
}

// blots finds the pieces of ink, those that touch at corners being one.
func blots(b *bitmap) []blot {
	type run struct{ y, from, to, set int }
	var runs []run
	var parent []int
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	above := 0 // the first run of the row above
	for y := range b.h {
		first := len(runs)
		row := b.row(y)
		for x := 0; x < b.w; x++ {
			if !row[x] {
				continue
			}
			from := x
			for x < b.w && row[x] {
				x++
			}
			set := len(parent)
			parent = append(parent, set)
			runs = append(runs, run{y, from, x, set})
		}
		i := above
		for j := first; j < len(runs); j++ {
			for i < first && runs[i].to < runs[j].from {
				i++
			}
			for k := i; k < first && runs[k].from <= runs[j].to; k++ {
				parent[root(runs[j].set)] = root(runs[k].set)
			}
		}
		above = first
	}
	index := make([]int, len(parent)) // 1 more than the place of the set in what is returned, 0 if it has none yet
	var out []blot
	for _, r := range runs {
		box := image.Rect(r.from, r.y, r.to, r.y+1)
		s := root(r.set)
		if index[s] == 0 {
			out = append(out, blot{box, r.to - r.from})
			index[s] = len(out)
			continue
		}
		known := &out[index[s]-1]
		known.Rectangle = known.Union(box)
		known.ink += r.to - r.from
	}
	return out
}

// textLine is a line of text: the pieces of ink in it, from left to right.
type textLine struct {
	image.Rectangle
	blots []blot
}

// linesOf groups pieces of ink into lines, top to bottom. Those of at least half the usual height make the lines; the
// smaller ones, points and strokes, join the line they stand in or next to.
func linesOf(ink []blot) []textLine {
	if len(ink) == 0 {
		return nil
	}
	heights := make([]int, 0, len(ink))
	for _, b := range ink {
		heights = append(heights, max(b.Dy(), b.Dx()))
	}
	slices.Sort(heights)
	usual := heights[len(heights)*2/3]
	var lines []textLine
	var small []blot
	order := slices.Clone(ink)
	slices.SortStableFunc(order, func(a, b blot) int { return (a.Min.Y + a.Max.Y) - (b.Min.Y + b.Max.Y) })
	for _, b := range order {
		if b.Dy() < usual/2 {
			small = append(small, b)
			continue
		}
		best, most := -1, 0
		for i := range lines {
			l := &lines[i]
			if shared := min(l.Max.Y, b.Max.Y) - max(l.Min.Y, b.Min.Y); 2*shared >= min(l.Dy(), b.Dy()) && shared > most {
				best, most = i, shared
			}
		}
		if best < 0 {
			lines = append(lines, textLine{b.Rectangle, []blot{b}})
			continue
		}
		lines[best].Rectangle = lines[best].Union(b.Rectangle)
		lines[best].blots = append(lines[best].blots, b)
	}
	for _, b := range small {
		best, nearest := -1, usual/3+1
		for i := range lines {
			l := &lines[i]
			middle := (b.Min.Y + b.Max.Y) / 2
			if d := max(l.Min.Y-middle, middle-l.Max.Y, 0); d < nearest {
				best, nearest = i, d
			}
		}
		if best < 0 {
			lines = append(lines, textLine{b.Rectangle, []blot{b}})
			continue
		}
		lines[best].Rectangle = lines[best].Union(b.Rectangle)
		lines[best].blots = append(lines[best].blots, b)
	}
	slices.SortStableFunc(lines, func(a, b textLine) int { return (a.Min.Y + a.Max.Y) - (b.Min.Y + b.Max.Y) })
	lines = letters(lines)
	for _, l := range lines {
		slices.SortStableFunc(l.blots, func(a, b blot) int { return a.Min.X - b.Min.X })
	}
	return lines
}

// letters joins lines that are parts of one letter: 总 above 心, in a column so narrow that each letter has a line of its
// own. Joined they are no higher than a letter is wide.
func letters(lines []textLine) []textLine {
	const (
		widest = 36 // points, of a letter of 13 points
		high   = 1.2
		gap    = 0.25
	)
	out := lines[:0]
	for _, l := range lines {
		if n := len(out); n > 0 {
			last := &out[n-1]
			both := last.Union(l.Rectangle)
			width := max(last.Dx(), l.Dx())
			if both.Dx() <= widest && float64(both.Dy()) <= high*float64(width) && float64(l.Min.Y-last.Max.Y) <= gap*float64(width) {
				*last = textLine{both, append(last.blots, l.blots...)}
				continue
			}
		}
		out = append(out, l)
	}
	return out
}
