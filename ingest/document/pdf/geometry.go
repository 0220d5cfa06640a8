package pdf

import "math"

// matrix maps (x, y) to (ax + cy + e, bx + dy + f), as in PDF (ISO 32000-1, 8.3.3).
type matrix struct{ a, b, c, d, e, f float64 }

var identity = matrix{a: 1, d: 1}

func (m matrix) apply(x, y float64) (float64, float64) {
	return m.a*x + m.c*y + m.e, m.b*x + m.d*y + m.f
}

// then is the matrix that does m first and n after it.
func (m matrix) then(n matrix) matrix {
	return matrix{m.a*n.a + m.b*n.c, m.a*n.b + m.b*n.d, m.c*n.a + m.d*n.c, m.c*n.b + m.d*n.d,
		m.e*n.a + m.f*n.c + n.e, m.e*n.b + m.f*n.d + n.f}
}

// box is a rectangle in user space: y upwards.
type box struct{ x0, y0, x1, y1 float64 }

var everywhere = box{math.Inf(-1), math.Inf(-1), math.Inf(1), math.Inf(1)}
var nowhere = box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}

func (b box) with(x, y float64) box {
	return box{min(b.x0, x), min(b.y0, y), max(b.x1, x), max(b.y1, y)}
}

func (b box) and(c box) box {
	return box{max(b.x0, c.x0), max(b.y0, c.y0), min(b.x1, c.x1), min(b.y1, c.y1)}
}

func (b box) contains(x, y float64) bool { return x >= b.x0 && x <= b.x1 && y >= b.y0 && y <= b.y1 }
func (b box) empty() bool                { return b.x0 > b.x1 || b.y0 > b.y1 }
func (b box) area() float64              { return (b.x1 - b.x0) * (b.y1 - b.y0) }

// mapped is the box around the mapped box.
func (b box) mapped(m matrix) box {
	out := nowhere
	for _, p := range [4][2]float64{{b.x0, b.y0}, {b.x1, b.y0}, {b.x0, b.y1}, {b.x1, b.y1}} {
		out = out.with(m.apply(p[0], p[1]))
	}
	return out
}

// color is red, green, blue, and opacity, each 0 to 255.
type color struct{ r, g, b, a uint32 }

var white = color{255, 255, 255, 255}

// near says that nobody can tell the two colors apart.
func (c color) near(d color) bool {
	const least = 8
	differ := func(x, y uint32) bool { return x > y+least || y > x+least }
	return !differ(c.r, d.r) && !differ(c.g, d.g) && !differ(c.b, d.b)
}
