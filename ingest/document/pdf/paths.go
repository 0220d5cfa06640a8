package pdf

import (
	"math"
	"slices"
)

// thin is the most that a ruling line measures across, in points. The widest borders seen have 3 points.
const thin = 3.5

// path takes what a path draws: ruling lines and areas.
func (w *walk) path(o uint64, m matrix, clip box, number int) error {
	w.run(w.drawMode, o, w.at(0), w.at(1))
	filled, stroked := w.uint32(0) != 0, w.uint32(1) != 0
	if !filled && !stroked {
		return nil
	}
	var fill, line color
	if filled {
		fill = w.color(w.fill, o)
		filled = fill.a > 0
	}
	width := 0.0
	m = w.matrix(o).then(m)
	if stroked {
		line = w.color(w.stroke, o)
		stroked = line.a > 0
		w.run(w.strokeWidth, o, w.at(0))
		w.float32s(&width)
		width *= math.Sqrt(math.Abs(m.a*m.d - m.b*m.c))
	}
	n := int(int32(w.run(w.countSegments, o)))
	if w.segments += max(n, 0); w.segments > maxSegments {
		return tooMany(number, "parts of paths", maxSegments)
	}
	var shapes [][]point
	for i := 0; i < n && w.err == nil; i++ {
		s := w.run(w.segment, o, uint64(i))
		kind := int32(w.run(w.segmentType, s))
		x, y := m.apply(w.pointOf(s))
		if kind == segmentMove || len(shapes) == 0 {
			shapes = append(shapes, nil)
		}
		shape := &shapes[len(shapes)-1]
		*shape = append(*shape, point{x, y, kind == segmentCurve})
		if w.run(w.pathClose, s) != 0 {
			first := (*shape)[0]
			*shape = append(*shape, point{first.x, first.y, false})
		}
	}
	if slices.ContainsFunc(shapes, func(s []point) bool { return slices.ContainsFunc(s, func(p point) bool { return p.curved }) }) {
		w.curves++
	}
	if filled {
		w.filled(shapes, fill, clip, o)
	}
	if stroked {
		for _, shape := range shapes {
			w.stroked(shape, width, clip)
		}
	}
	return w.err
}

// Types of path segments, as FPDFPathSegment_GetType returns them. Of a Bézier curve all three points are segments.
const (
	segmentCurve = 1
	segmentMove  = 2
)

type point struct {
	x, y   float64
	curved bool // the line to this point is no straight line
}

func boxOf(shape []point) box {
	b := nowhere
	for _, p := range shape {
		b = b.with(p.x, p.y)
	}
	return b
}

// filled takes what a filled path shows: ruling lines where it is thin, else areas.
func (w *walk) filled(shapes [][]point, c color, clip box, o uint64) {
	boxes := make([]box, len(shapes))
	for i, s := range shapes {
		boxes[i] = boxOf(s)
	}
	inner := inside(boxes)
	for i, b := range boxes {
		seen := b.and(clip)
		switch {
		case len(shapes[i]) < 2 || seen.empty():
		case inner[i] >= 0: // a frame: what shows is the rim between the two
			in := boxes[inner[i]]
			for _, side := range []box{{b.x0, b.y0, in.x0, b.y1}, {in.x1, b.y0, b.x1, b.y1}, {b.x0, b.y0, b.x1, in.y0}, {b.x0, in.y1, b.x1, b.y1}} {
				if t := min(side.x1-side.x0, side.y1-side.y0); t > 0 && t <= thin {
					w.rule(side.and(clip))
				}
			}
		case slices.Contains(inner, i): // the hole in the frame
		case min(seen.x1-seen.x0, seen.y1-seen.y0) <= thin: // an area of which a clip leaves a line is a line too
			w.rule(seen)
		case rectangular(shapes[i], b) && c.a >= 250 && w.run(w.transparency, o) == 0:
			w.area(seen, cover{color: c, order: w.objects})
		}
	}
}

// inside finds for each box one of the others that lies in it, −1 if none does.
func inside(boxes []box) []int {
	out := make([]int, len(boxes))
	for i, b := range boxes {
		out[i] = -1
		if len(boxes) > 50 {
			continue // a drawing, no frame
		}
		for j, c := range boxes {
			if i != j && c.x0 >= b.x0 && c.y0 >= b.y0 && c.x1 <= b.x1 && c.y1 <= b.y1 && c != b {
				out[i] = j
			}
		}
	}
	return out
}

// rectangular says that the corners of the shape are those of the box.
func rectangular(shape []point, b box) bool {
	const slack = 0.5
	for _, p := range shape {
		if p.curved {
			return false
		}
		if min(p.x-b.x0, b.x1-p.x) > slack || min(p.y-b.y0, b.y1-p.y) > slack {
			return false
		}
	}
	return len(shape) >= 4
}

// stroked takes the straight lines of a shape that lie along the axes. A rectangle with rounded corners counts as one
// with sharp ones, so that its sides meet.
func (w *walk) stroked(shape []point, width float64, clip box) {
	if width > thin {
		return
	}
	half := width / 2
	line := func(p, q point) {
		b := nowhere.with(p.x, p.y).with(q.x, q.y)
		if b.x1-b.x0 > b.y1-b.y0 {
			b.y0, b.y1 = b.y0-half, b.y1+half
		} else {
			b.x0, b.x1 = b.x0-half, b.x1+half
		}
		w.rule(b.and(clip))
	}
	if b := boxOf(shape); rounded(shape, b) {
		corners := [5]point{{x: b.x0, y: b.y0}, {x: b.x1, y: b.y0}, {x: b.x1, y: b.y1}, {x: b.x0, y: b.y1}, {x: b.x0, y: b.y0}}
		for i := range 4 {
			line(corners[i], corners[i+1])
		}
		return
	}
	for i := 1; i < len(shape); i++ {
		p, q := shape[i-1], shape[i]
		if !q.curved && (math.Abs(p.x-q.x) <= level || math.Abs(p.y-q.y) <= level) {
			line(p, q)
		}
	}
}

// level is the most that the ends of a horizontal or vertical line differ, in points.
const level = 0.5

// rounded says that the shape is a rectangle with rounded corners: its straight lines are the four sides of its box, or
// most of each.
func rounded(shape []point, b box) bool {
	const most = 0.5
	var sides [4]float64
	curved := false
	for i := 1; i < len(shape); i++ {
		p, q := shape[i-1], shape[i]
		dx, dy := math.Abs(p.x-q.x), math.Abs(p.y-q.y)
		switch {
		case q.curved:
			curved = true
		case dx <= level && dy <= level:
		case dy <= level && math.Abs(p.y-b.y0) <= level:
			sides[0] += dx
		case dy <= level && math.Abs(p.y-b.y1) <= level:
			sides[1] += dx
		case dx <= level && math.Abs(p.x-b.x0) <= level:
			sides[2] += dy
		case dx <= level && math.Abs(p.x-b.x1) <= level:
			sides[3] += dy
		default:
			return false
		}
	}
	width, height := b.x1-b.x0, b.y1-b.y0
	return curved && min(sides[0], sides[1]) >= most*width && min(sides[2], sides[3]) >= most*height
}

func (w *walk) rule(b box) {
	if b = b.and(w.content.bounds); !b.empty() {
		w.rules = append(w.rules, b)
	}
}

func (w *walk) area(b box, c cover) {
	if b = b.and(w.content.bounds); !b.empty() {
		c.box = b
		w.covers = append(w.covers, c)
	}
}
