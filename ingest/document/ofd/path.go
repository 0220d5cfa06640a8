package ofd

import (
	"math"
	"strings"

	"nianbao/ingest/document/parts"
)

const (
	// thin is the width of the thickest ruling line, in millimetres. What is thicker is an area.
	thin = 1.2
	// level is the most that the ends of a horizontal or vertical line differ.
	level = 0.2
	// defaultWidth is the width of lines that state none (§8.2).
	defaultWidth = 0.353
	// mostPoints bounds the points of one path. Those of a table have some hundreds.
	mostPoints = 100_000
)

// spot is a point of a path on the page.
type spot struct {
	x, y   float64
	curved bool // the line to it is no straight one
}

// pathObject draws the path just started (§9.1): ruling lines, and areas that may hide what is under them.
func (c *canvas) pathObject(s *parts.Scanner, layer drawParam) error {
	m, boundary, placed := placing(s)
	param := layer
	if id := s.Attr("DrawParam"); id != "" {
		param = c.param(id)
	}
	stroke, fill := s.Attr("Stroke") != "false" && s.Attr("Stroke") != "0", yes(s.Attr("Fill"))
	hidden := s.Attr("Visible") == "false" || s.Attr("Alpha") == "0"
	whole := s.Attr("Alpha") == "" || s.Attr("Alpha") == "255"
	width := numberOr(param.width, defaultWidth)
	width = numberOr(s.Attr("LineWidth"), width)
	data := ""
	for depth := s.Depth; s.Depth >= depth && s.Next(); {
		if s.Start == nil {
			continue
		}
		switch s.Start.Name.Local {
		case "FillColor":
			v := parseColor(s)
			param.fill = &v
		case "StrokeColor":
			v := parseColor(s)
			param.stroke = &v
		case "AbbreviatedData":
			data = s.Inner()
		case "Clips", "Actions":
			s.Skip()
		}
	}
	if s.Err() != nil || hidden || !placed {
		return s.Err()
	}
	shapes := outline(data, m)
	rules := len(c.rules) + len(c.covers)
	// An object is drawn inside its boundary; that of a straight line has no area.
	clip := box{boundary.x0 - width, boundary.y0 - width, boundary.x1 + width, boundary.y1 + width}
	if fill && param.fill != nil && !param.fill.clear {
		for _, shape := range shapes {
			c.filled(shape, *param.fill, clip, whole)
		}
	}
	if stroke && (param.stroke == nil || !param.stroke.clear && !param.stroke.near(white)) {
		scaled := width * math.Sqrt(math.Abs(m.a*m.d-m.b*m.c))
		for _, shape := range shapes {
			c.stroked(shape, scaled, clip)
		}
	}
	return c.charge(0, len(c.rules)+len(c.covers)-rules)
}

// filled takes what a filled shape shows: a ruling line where it is thin, else an area.
func (c *canvas) filled(shape []spot, fill color, clip box, whole bool) {
	b := nowhere
	for _, p := range shape {
		b = b.around(p.x, p.y)
	}
	if b = b.and(clip); len(shape) < 2 || b.empty() {
		return
	}
	if min(b.x1-b.x0, b.y1-b.y0) <= thin {
		if !fill.near(white) {
			c.rules = append(c.rules, b)
		}
		return
	}
	if !whole || len(shape) < 4 {
		return
	}
	for _, p := range shape { // of other shapes than rectangles it cannot be told what they hide
		if p.curved || min(math.Abs(p.x-b.x0), math.Abs(p.x-b.x1)) > level || min(math.Abs(p.y-b.y0), math.Abs(p.y-b.y1)) > level {
			return
		}
	}
	c.covers = append(c.covers, cover{box: b, color: fill, order: c.orders})
}

// stroked takes the straight lines of a shape that lie along the axes.
func (c *canvas) stroked(shape []spot, width float64, clip box) {
	if width > thin {
		return
	}
	for i := 1; i < len(shape); i++ {
		p, q := shape[i-1], shape[i]
		if q.curved {
			continue
		}
		b := nowhere.around(p.x, p.y).around(q.x, q.y)
		switch {
		case b.y1-b.y0 <= level && b.x1-b.x0 > level:
			b.y0, b.y1 = b.y0-width/2, b.y1+width/2
		case b.x1-b.x0 <= level && b.y1-b.y0 > level:
			b.x0, b.x1 = b.x0-width/2, b.x1+width/2
		default:
			continue
		}
		if b = b.and(clip); !b.empty() {
			c.rules = append(c.rules, b)
		}
	}
}

// operands is how many numbers follow each operator of abbreviated data (§9.1.1).
var operands = map[string]int{"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}

// outline reads abbreviated data into shapes on the page. What follows something it does not know is left out.
func outline(data string, m matrix) [][]spot {
	var shapes [][]spot
	var cur []spot
	points := 0
	end := func() {
		if len(cur) > 1 {
			shapes = append(shapes, cur)
		}
		cur = nil
	}
	fields := strings.Fields(data)
	for i := 0; i < len(fields) && points < mostPoints; {
		op := fields[i]
		n, known := operands[op]
		if !known || i+n >= len(fields) {
			break
		}
		v := make([]float64, n)
		for k := range v {
			var ok bool
			if v[k], ok = number(fields[i+1+k]); !ok {
				end()
				return shapes
			}
		}
		i += 1 + n
		points++
		switch op {
		case "S", "M":
			end()
			x, y := m.at(v[0], v[1])
			cur = []spot{{x: x, y: y}}
		case "C":
			if len(cur) > 1 {
				closed := append(cur, spot{x: cur[0].x, y: cur[0].y})
				first := cur[0]
				cur = closed
				end()
				cur = []spot{first}
			}
		default:
			x, y := m.at(v[n-2], v[n-1])
			cur = append(cur, spot{x, y, op != "L"})
		}
	}
	end()
	return shapes
}
