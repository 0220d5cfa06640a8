package sheet

import "slices"

// Distances in points.
const (
	collinear = 0.6 // lines at most so far apart are pieces of one line
	gap       = 3   // dashes at most so far apart are one line
	shortest  = 5   // a line that is shorter bounds no cell
	touch     = 2   // lines at most so far apart meet
)

// maxLines bounds the lines of one direction on one page. The largest table of the form has some 60 after merging.
const maxLines = 5000

// line is a horizontal or vertical line.
type line struct {
	at       float64 // y of a horizontal, x of a vertical line
	from, to float64 // along it
}

// merge turns rules into lines: pieces that continue each other are one.
func merge(rules []Rule) (horizontal, vertical []line) {
	for _, r := range rules {
		if !finite(r.X0, r.Y0, r.X1, r.Y1) || r.X0 > r.X1 || r.Y0 > r.Y1 {
			continue
		}
		h := line{r.middleY(), r.X0, r.X1}
		v := line{r.middleX(), r.Y0, r.Y1}
		switch w, t := r.width(), r.height(); {
		case w > 2*t:
			horizontal = append(horizontal, h)
		case t > 2*w:
			vertical = append(vertical, v)
		default: // a dot, of a dotted line or where two lines meet
			horizontal, vertical = append(horizontal, h), append(vertical, v)
		}
	}
	return mergeLines(horizontal), mergeLines(vertical)
}

func mergeLines(lines []line) []line {
	slices.SortFunc(lines, func(a, b line) int { return compare(a.at, b.at, a.from, b.from) })
	var out []line
	for i := 0; i < len(lines); {
		j := i + 1
		for j < len(lines) && lines[j].at-lines[j-1].at <= collinear && lines[j].at-lines[i].at <= 2*collinear {
			j++
		}
		same := lines[i:j]
		slices.SortFunc(same, func(a, b line) int { return compare(a.from, b.from, a.at, b.at) })
		l, weight, sum := same[0], 0.0, 0.0
		flush := func() {
			if weight > 0 {
				l.at = sum / weight
			}
			if l.to-l.from >= shortest {
				out = append(out, l)
			}
		}
		for n, s := range same {
			if n > 0 && s.from > l.to+gap {
				flush()
				l, weight, sum = s, 0, 0
			}
			l.to = max(l.to, s.to)
			weight += s.to - s.from
			sum += s.at * (s.to - s.from)
		}
		flush()
		i = j
	}
	return out
}

func compare(a, b, c, d float64) int {
	switch {
	case a < b || a == b && c < d:
		return -1
	case a > b || c > d:
		return 1
	}
	return 0
}

// ruled is a set of lines that meet each other, directly or through others.
type ruled struct {
	horizontal, vertical []line
	box                  Rect
}

// connect groups lines that meet. Lines that meet none, such as underlines, are left out.
func connect(horizontal, vertical []line, glyphs []Glyph) []ruled {
	slices.SortFunc(vertical, func(a, b line) int { return compare(a.at, b.at, a.from, b.from) })
	n := len(horizontal)
	sets := newSets(n + len(vertical))
	for i, h := range horizontal {
		first, _ := slices.BinarySearchFunc(vertical, h.from-touch, func(v line, x float64) int { return compare(v.at, x, 0, 0) })
		for j := first; j < len(vertical) && vertical[j].at <= h.to+touch; j++ {
			if v := vertical[j]; h.at >= v.from-touch && h.at <= v.to+touch {
				sets.join(i, n+j)
			}
		}
	}
	index := map[int]int{}
	var out []ruled
	group := func(i int) *ruled {
		root := sets.root(i)
		k, ok := index[root]
		if !ok {
			k = len(out)
			index[root] = k
			out = append(out, ruled{})
		}
		return &out[k]
	}
	for i, h := range horizontal {
		g := group(i)
		g.horizontal = append(g.horizontal, h)
	}
	for j, v := range vertical {
		g := group(n + j)
		g.vertical = append(g.vertical, v)
	}
	var rims []line // vertical lines that meet no other
	out = slices.DeleteFunc(out, func(r ruled) bool {
		if len(r.horizontal) == 0 {
			rims = append(rims, r.vertical...)
		}
		return len(r.horizontal) == 0 || len(r.vertical) == 0
	})
	for i := range out {
		out[i].measure()
	}
	for _, rim := range rims {
		attach(out, rim, glyphs)
	}
	return out
}

// measure finds the box of the lines.
func (r *ruled) measure() {
	h, v := r.horizontal[0], r.vertical[0]
	r.box = Rect{h.from, v.from, h.to, v.to}.union(Rect{v.at, h.at, v.at, h.at})
	for _, h := range r.horizontal {
		r.box = r.box.union(Rect{h.from, h.at, h.to, h.at})
	}
	for _, v := range r.vertical {
		r.box = r.box.union(Rect{v.at, v.from, v.at, v.to})
	}
}

// attach joins a vertical line that meets no other to the table that it bounds a column of. On a page that a cell spans
// from top to bottom, no line bounds the cell but this one. Beside the table it counts only if text stands between: the
// frame around a table is no column.
func attach(tables []ruled, rim line, glyphs []Glyph) {
	const (
		along = 0.8 // the part of the table's height that the line has, and the other way round
		far   = 120 // the widest column of this kind, in points
	)
	var best *ruled
	distance := float64(far)
	for i := range tables {
		t := &tables[i]
		shared := min(rim.to, t.box.Y1) - max(rim.from, t.box.Y0)
		d := max(t.box.X0-rim.at, rim.at-t.box.X1, 0)
		if shared >= along*t.box.height() && shared >= along*(rim.to-rim.from) && d < distance {
			best, distance = t, d
		}
	}
	if best == nil {
		return
	}
	strip := Rect{min(rim.at, best.box.X1), best.box.Y0, max(rim.at, best.box.X0), best.box.Y1}
	if distance == 0 || slices.ContainsFunc(glyphs, func(g Glyph) bool { return strip.contains(g.Ink.middleX(), g.Ink.middleY()) }) {
		best.vertical = append(best.vertical, rim)
		best.measure()
	}
}

// sets are disjoint sets of the numbers below a bound.
type sets struct{ parent []int }

func newSets(n int) sets {
	s := sets{make([]int, n)}
	for i := range s.parent {
		s.parent[i] = i
	}
	return s
}

func (s sets) root(i int) int {
	for s.parent[i] != i {
		s.parent[i] = s.parent[s.parent[i]]
		i = s.parent[i]
	}
	return i
}

func (s sets) join(i, j int) { s.parent[s.root(i)] = s.root(j) }
