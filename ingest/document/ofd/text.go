package ofd

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"nianbao/ingest/document/parts"
)

// The body of a character reaches so far above and below its baseline, in parts of the font's size.
const (
	above = 0.85
	below = 0.15
)

// textObject draws the text just started (§11).
func (c *canvas) textObject(s *parts.Scanner, layer drawParam) error {
	m, _, placed := placing(s)
	t := text{
		m: m, size: numberOr(s.Attr("Size"), 0), stretch: numberOr(s.Attr("HScale"), 1),
		reading: numberOr(s.Attr("ReadDirection"), 0), turned: numberOr(s.Attr("CharDirection"), 0),
		order: c.orders, color: black,
		invisible: s.Attr("Visible") == "false" || s.Attr("Alpha") == "0" || s.Attr("Fill") == "false" && !yes(s.Attr("Stroke")),
	}
	param := layer
	if id := s.Attr("DrawParam"); id != "" {
		param = c.param(id)
	}
	if param.fill != nil {
		t.color = *param.fill
	}
	mapped := false // the file draws the characters by the numbers of their shapes
	type code struct {
		x, y           float64
		dx, dy, string string
	}
	var codes []code
	x, y := 0.0, 0.0
	for depth := s.Depth; s.Depth >= depth && s.Next(); {
		if s.Start == nil {
			continue
		}
		switch s.Start.Name.Local {
		case "FillColor":
			t.color = parseColor(s)
		case "CGTransform":
			mapped = true
		case "Clips", "Actions":
			s.Skip()
		case "TextCode":
			// What a text does not state it has from the one before.
			x, y = numberOr(s.Attr("X"), x), numberOr(s.Attr("Y"), y)
			dx, dy := s.Attr("DeltaX"), s.Attr("DeltaY")
			codes = append(codes, code{x, y, dx, dy, s.Inner()})
		}
	}
	if s.Err() != nil {
		return s.Err()
	}
	if !placed || t.size <= 0 {
		return nil
	}
	for _, one := range codes {
		if err := c.charge(len(one.string), 0); err != nil {
			return err
		}
		c.chars = append(c.chars, t.chars(one.string, one.x, one.y, one.dx, one.dy, mapped)...)
	}
	return nil
}

// text is how the characters of a text object stand.
type text struct {
	m         matrix
	size      float64
	stretch   float64 // of widths
	reading   float64 // direction of the line, clockwise in degrees, where no distances are stated
	turned    float64 // of each character, clockwise in degrees
	order     int
	color     color
	invisible bool
}

// chars places the characters of a text, white space left out. The distances state how far each stands from the one
// before; where there are none, the width of the characters does.
func (t text) chars(s string, x, y float64, deltaX, deltaY string, mapped bool) []char {
	s = strings.Trim(s, "\r\n")
	n := utf8.RuneCountInString(s)
	dx, dy := deltas(deltaX, n), deltas(deltaY, n)
	out := make([]char, 0, n)
	i := 0
	for _, r := range s {
		advance := t.size * t.stretch * width(r)
		stepX, stepY := 0.0, 0.0
		switch {
		case i < len(dx) || i < len(dy):
			if i < len(dx) {
				stepX = dx[i]
			}
			if i < len(dy) {
				stepY = dy[i]
			}
		default:
			stepX, stepY = rotate(advance, 0, t.reading)
		}
		if !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) {
			if r == utf8.RuneError || unicode.Is(unicode.Co, r) || mapped && r == '¤' {
				r = utf8.RuneError // ¤ stands for shapes without a character
			}
			wide := advance
			if stepX > 0 && stepX < most(r)*t.size*t.stretch && t.turned == 0 {
				wide = stepX
			}
			out = append(out, t.char(r, x, y, wide))
		}
		x, y = x+stepX, y+stepY
		i++
	}
	return out
}

func (t text) char(r rune, x, y, wide float64) char {
	corner := func(b box) box {
		out := nowhere
		for _, p := range [][2]float64{{b.x0, b.y0}, {b.x1, b.y0}, {b.x0, b.y1}, {b.x1, b.y1}} {
			px, py := rotate(p[0], p[1], t.turned)
			out = out.around(t.m.at(x+px, y+py))
		}
		return out
	}
	c := char{text: string(r), order: t.order, color: t.color, invisible: t.invisible || t.color.clear}
	c.cell = corner(box{0, -above * t.size, wide, below * t.size})
	high, low := 0.78, 0.08
	if r < 0x2E80 {
		high, low = 0.7, 0.02
	}
	c.ink = corner(box{0.08 * wide, -high * t.size, 0.92 * wide, low * t.size})
	_, c.base = t.m.at(x, y)
	dirX, dirY := rotate(1, 0, t.turned)
	dirX, dirY = t.m.a*dirX+t.m.c*dirY, t.m.b*dirX+t.m.d*dirY
	c.turn = turnOf(dirX, dirY)
	c.size = t.size * math.Hypot(t.m.c, t.m.d)
	return c
}

// rotate turns a direction clockwise by degrees; y points downwards.
func rotate(x, y, degrees float64) (float64, float64) {
	switch math.Mod(degrees+360, 360) {
	case 0:
		return x, y
	case 90:
		return -y, x
	case 180:
		return -x, -y
	case 270:
		return y, -x
	}
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return x*cos - y*sin, x*sin + y*cos
}

// deltas reads distances, at most n: 3.5 3.5 g 4 1.75 is twice 3.5 and four times 1.75 (§11.3).
func deltas(s string, n int) []float64 {
	fields := strings.Fields(s)
	var out []float64
	for i := 0; i < len(fields) && len(out) < n; i++ {
		if fields[i] != "g" {
			out = append(out, numberOr(fields[i], 0))
			continue
		}
		if i+2 >= len(fields) {
			break
		}
		times, err := strconv.Atoi(fields[i+1])
		v := numberOr(fields[i+2], 0)
		for k := 0; err == nil && k < times && len(out) < n; k++ {
			out = append(out, v)
		}
		i += 2
	}
	return out
}

// width is the usual width of a character in parts of the font's size.
func width(r rune) float64 {
	if r < 0x2E80 && !(r >= 0x2018 && r <= 0x201D) && r != 0x2014 && r != 0x2026 {
		return 0.5
	}
	return 1
}

// most is the largest width of a character in parts of the font's size. A distance beyond it is a gap: two numbers of
// one text may stand in two cells.
func most(r rune) float64 {
	switch {
	case r >= '0' && r <= '9' || strings.ContainsRune(".,%-+/", r):
		return 0.65
	case width(r) == 1:
		return 1.1
	}
	return 1
}

// yes reads a switch that is off unless it says otherwise.
func yes(v string) bool { return v == "true" || v == "1" }
