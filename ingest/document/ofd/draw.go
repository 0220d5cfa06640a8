package ofd

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"nianbao/ingest/document"
	"nianbao/ingest/document/parts"
	"nianbao/ingest/document/sheet"
	"nianbao/internal/form"
)

// box is a rectangle in millimetres.
type box struct{ x0, y0, x1, y1 float64 }

func (b box) contains(x, y float64) bool { return x >= b.x0 && x <= b.x1 && y >= b.y0 && y <= b.y1 }

func (b box) and(c box) box {
	return box{max(b.x0, c.x0), max(b.y0, c.y0), min(b.x1, c.x1), min(b.y1, c.y1)}
}

func (b box) empty() bool { return !(b.x1 >= b.x0 && b.y1 >= b.y0) }

// around is the box with the point in it.
func (b box) around(x, y float64) box {
	return box{min(b.x0, x), min(b.y0, y), max(b.x1, x), max(b.y1, y)}
}

var nowhere = box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}

// number reads a number; what is none, or beyond any page, is not.
func number(s string) (float64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && !math.IsNaN(v) && math.Abs(v) < 1e6
}

func numberOr(s string, or float64) float64 {
	if v, ok := number(strings.TrimSpace(s)); ok {
		return v
	}
	return or
}

// numbers reads a list of exactly n numbers.
func numbers(s string, n int) ([]float64, bool) {
	fields := strings.Fields(s)
	if len(fields) != n {
		return nil, false
	}
	out := make([]float64, n)
	for i, f := range fields {
		var ok bool
		if out[i], ok = number(f); !ok {
			return nil, false
		}
	}
	return out, true
}

// parseBox reads x, y, width and height.
func parseBox(s string) (box, bool) {
	v, ok := numbers(s, 4)
	if !ok || v[2] < 0 || v[3] < 0 {
		return box{}, false
	}
	return box{v[0], v[1], v[0] + v[2], v[1] + v[3]}, true
}

// matrix maps (x, y) to (a·x + c·y + e, b·x + d·y + f).
type matrix struct{ a, b, c, d, e, f float64 }

func (m matrix) at(x, y float64) (float64, float64) {
	return m.a*x + m.c*y + m.e, m.b*x + m.d*y + m.f
}

// placing is the mapping of an object's own coordinates to the page: its CTM, then its boundary.
func placing(s *parts.Scanner) (m matrix, boundary box, ok bool) {
	boundary, ok = parseBox(s.Attr("Boundary"))
	m = matrix{a: 1, d: 1}
	if v, has := numbers(s.Attr("CTM"), 6); has {
		m = matrix{v[0], v[1], v[2], v[3], v[4], v[5]}
	}
	m.e += boundary.x0
	m.f += boundary.y0
	return m, boundary, ok
}

// color is what is painted with. A color with a pattern is taken for black.
type color struct {
	r, g, b float64 // 0 to 255
	clear   bool    // nothing is seen of it
}

var (
	black = color{}
	white = color{r: 255, g: 255, b: 255}
)

// near says that nobody could tell the two apart.
func (c color) near(d color) bool {
	const most = 12
	return math.Abs(c.r-d.r) <= most && math.Abs(c.g-d.g) <= most && math.Abs(c.b-d.b) <= most
}

// parseColor reads the color element just started.
func parseColor(s *parts.Scanner) color {
	c := black
	fields := strings.Fields(s.Attr("Value"))
	v := make([]float64, len(fields))
	for i, f := range fields {
		if strings.HasPrefix(f, "#") {
			n, _ := strconv.ParseUint(f[1:], 16, 32)
			v[i] = float64(n)
			continue
		}
		v[i] = numberOr(f, 0)
	}
	switch len(v) {
	case 1:
		c = color{r: v[0], g: v[0], b: v[0]}
	case 3:
		c = color{r: v[0], g: v[1], b: v[2]}
	case 4: // cyan, magenta, yellow, black
		k := 1 - v[3]/255
		c = color{r: (255 - v[0]) * k, g: (255 - v[1]) * k, b: (255 - v[2]) * k}
	}
	c.clear = s.Attr("Alpha") == "0"
	s.Skip()
	return c
}

// drawParam is how to draw, as objects refer to it. Nil fields are not stated.
type drawParam struct {
	relative     string // the one it completes
	width        string
	fill, stroke *color
}

// resources reads the drawing parameters and the drawings of a resource file.
func (r *reader) resources(part string) error {
	s, err := r.p.Scan(part)
	if s == nil || err != nil {
		return err
	}
	for s.Next() {
		if s.Start != nil && s.Start.Name.Local == "CompositeGraphicUnit" {
			id := s.Attr("ID")
			unit := &canvas{reader: r, size: box{0, 0, numberOr(s.Attr("Width"), 0), numberOr(s.Attr("Height"), 0)}}
			if err := unit.content(s); err != nil {
				return err
			}
			r.units[id] = unit
			continue
		}
		if s.Start == nil || s.Start.Name.Local != "DrawParam" || len(r.params) > mostRules {
			continue
		}
		id := s.Attr("ID")
		d := drawParam{relative: s.Attr("Relative"), width: s.Attr("LineWidth")}
		for depth := s.Depth; s.Depth >= depth && s.Next(); {
			if s.Start == nil {
				continue
			}
			switch s.Start.Name.Local {
			case "FillColor":
				c := parseColor(s)
				d.fill = &c
			case "StrokeColor":
				c := parseColor(s)
				d.stroke = &c
			}
		}
		r.params[id] = d
	}
	return s.Err()
}

// param is a drawing parameter with those it completes.
func (r *reader) param(id string) drawParam {
	d := r.params[id]
	for i, next := 0, d.relative; next != "" && i < 8; i++ {
		base := r.params[next]
		if d.width == "" {
			d.width = base.width
		}
		if d.fill == nil {
			d.fill = base.fill
		}
		if d.stroke == nil {
			d.stroke = base.stroke
		}
		next = base.relative
	}
	return d
}

// canvas is what is drawn on a page, in millimetres, the later over the earlier.
type canvas struct {
	*reader
	size   box
	chars  []char
	rules  []box
	covers []cover
	images int
	units  int // drawings that are not there, turned or in other drawings, which are not read
	orders int // objects so far
}

// char is a character on the page.
type char struct {
	text      string
	ink, cell box
	base      float64 // y of its baseline
	size      float64 // of its font
	turn      int     // counterclockwise, askew if it is no quarter
	order     int
	color     color
	invisible bool
}

const askew = -1

// cover is an area that was painted.
type cover struct {
	box
	color color
	order int
}

// put draws what is on another canvas over this one.
func (c *canvas) put(d *canvas) {
	for _, ch := range d.chars {
		ch.order += c.orders
		c.chars = append(c.chars, ch)
	}
	for _, v := range d.covers {
		v.order += c.orders
		c.covers = append(c.covers, v)
	}
	c.rules = append(c.rules, d.rules...)
	c.orders += d.orders
	c.images += d.images
	c.units += d.units
}

// charge holds what is drawn to the limits.
func (c *canvas) charge(chars, rules int) error {
	c.reader.text += chars
	c.reader.rules += rules
	switch {
	case c.ctx.Err() != nil:
		return c.ctx.Err()
	case c.reader.text > min(c.limits.Text, mostText):
		return document.Refuse(document.TooLarge, form.Position{}, "the text exceeds %d characters, at most so many are read", min(c.limits.Text, mostText))
	case c.reader.rules > mostRules:
		return document.Refuse(document.TooLarge, form.Position{}, "the pages have more than %d lines and areas, at most so many are read", mostRules)
	}
	return nil
}

// content draws the objects of the content element just started.
func (c *canvas) content(s *parts.Scanner) error {
	param := drawParam{}
	for depth := s.Depth; s.Depth >= depth && s.Next(); {
		if s.Start == nil {
			continue
		}
		var err error
		switch s.Start.Name.Local {
		case "Layer":
			param = c.param(s.Attr("DrawParam"))
		case "TextObject":
			c.orders++
			err = c.textObject(s, param)
		case "PathObject":
			c.orders++
			err = c.pathObject(s, param)
		case "ImageObject":
			c.orders++
			if s.Attr("Visible") != "false" {
				c.images++
			}
			s.Skip()
		case "CompositeObject":
			c.orders++
			err = c.composite(s)
		}
		if err != nil {
			return err
		}
	}
	return s.Err()
}

// composite draws the drawing that the object just started refers to (§13).
func (c *canvas) composite(s *parts.Scanner) error {
	m, _, placed := placing(s)
	unit := c.reader.units[s.Attr("ResourceID")]
	hidden := s.Attr("Visible") == "false" || s.Attr("Alpha") == "0"
	s.Skip()
	switch {
	case hidden:
		return s.Err()
	case unit == nil || unit == c || !placed || m.b != 0 || m.c != 0 || m.a <= 0 || m.d <= 0:
		c.units++
		return s.Err()
	}
	if err := c.charge(len(unit.chars), len(unit.rules)+len(unit.covers)); err != nil {
		return err
	}
	move := func(b box) box {
		x0, y0 := m.at(b.x0, b.y0)
		x1, y1 := m.at(b.x1, b.y1)
		return box{x0, y0, x1, y1}
	}
	// Its size is that of a window: what reaches out of it is not seen.
	window := move(unit.size)
	moved := &canvas{orders: unit.orders, images: unit.images, units: unit.units}
	for _, ch := range unit.chars {
		ch.ink, ch.cell, ch.size = move(ch.ink), move(ch.cell), ch.size*m.d
		_, ch.base = m.at(0, ch.base)
		ch.invisible = ch.invisible || !window.contains((ch.ink.x0+ch.ink.x1)/2, (ch.ink.y0+ch.ink.y1)/2)
		moved.chars = append(moved.chars, ch)
	}
	for _, b := range unit.rules {
		if b = move(b).and(window); !b.empty() {
			moved.rules = append(moved.rules, b)
		}
	}
	for _, v := range unit.covers {
		if v.box = move(v.box).and(window); !v.box.empty() {
			moved.covers = append(moved.covers, v)
		}
	}
	c.put(moved)
	return s.Err()
}

// strips is the number of horizontal strips that a page is cut into to find what covers a place.
const strips = 64

// printed turns what is drawn into what a person sees of it.
func (c *canvas) printed(number int) sheet.Page {
	p := sheet.Page{Number: number, Width: (c.size.x1 - c.size.x0) * point, Height: (c.size.y1 - c.size.y0) * point}
	rect := func(b box) sheet.Rect {
		return sheet.Rect{X0: (b.x0 - c.size.x0) * point, Y0: (b.y0 - c.size.y0) * point, X1: (b.x1 - c.size.x0) * point, Y1: (b.y1 - c.size.y0) * point}
	}
	strip := func(y float64) int {
		return min(max(int((y-c.size.y0)/max(c.size.y1-c.size.y0, 1)*strips), 0), strips-1)
	}
	var covers [strips][]*cover
	for i := range c.covers {
		v := &c.covers[i]
		for s := strip(v.y0); s <= strip(v.y1); s++ {
			covers[s] = append(covers[s], v)
		}
	}
	var hidden, aslant, unknown strings.Builder
	for i := range c.chars {
		ch := &c.chars[i]
		x, y := (ch.ink.x0+ch.ink.x1)/2, (ch.ink.y0+ch.ink.y1)/2
		switch {
		case ch.invisible || ch.size*point < 1 || !c.size.contains(x, y) || hides(covers[strip(y)], ch, x, y):
			hidden.WriteString(ch.text)
			continue
		case ch.turn == askew:
			aslant.WriteString(ch.text)
			continue
		case ch.text == "\uFFFD":
			unknown.WriteString(ch.text)
		}
		p.Glyphs = append(p.Glyphs, sheet.Glyph{Text: ch.text, Ink: rect(ch.ink), Cell: rect(ch.cell), Baseline: (ch.base - c.size.y0) * point,
			Size: ch.size * point, Run: ch.order, Turn: ch.turn})
	}
	for _, b := range c.rules {
		if b = b.and(c.size); !b.empty() {
			p.Rules = append(p.Rules, sheet.Rule{Rect: rect(b)})
		}
	}
	at := form.Position{Page: number}
	note := func(code, format string, text *strings.Builder) {
		if text.Len() > 0 {
			s := text.String()
			p.Problems = append(p.Problems, form.Problem{Code: code, At: at, Message: fmt.Sprintf(format, number, len([]rune(s)), document.Excerpt(s))})
		}
	}
	note(document.HiddenText, "page %d: %d characters that nobody sees there were left out: %s", &hidden)
	note(Aslant, "page %d: %d characters set aslant, as a watermark is, were left out: %s", &aslant)
	note(document.SymbolUnknown, "page %d: the file does not say what %d of its signs mean; they stand as U+FFFD: %s", &unknown)
	if c.units > 0 {
		p.Problems = append(p.Problems, form.Problem{Code: document.Unread, At: at, Message: fmt.Sprintf("page %d: %d drawings made of parts could not be read; they may hold text", number, c.units)})
	}
	return p
}

// hides says that the character whose ink has its middle at (x, y) cannot be seen: an area was painted over it later, or
// it has the color of what is under it.
func hides(covers []*cover, ch *char, x, y float64) bool {
	ground := cover{color: white, order: -1}
	for _, v := range covers {
		switch {
		case !v.contains(x, y):
		case v.order > ch.order:
			return true
		case v.order > ground.order:
			ground = *v
		}
	}
	return ch.color.near(ground.color)
}

var quarters = []int{0, 90, 180, 270}

// turnOf is how far the direction (x, y) is turned counterclockwise from that of a line of text.
func turnOf(x, y float64) int {
	const slack = 3
	degrees := math.Mod(360-math.Atan2(y, x)*180/math.Pi, 360)
	near := int(math.Mod(math.Round(degrees/90)*90, 360))
	if d := math.Abs(degrees - float64(near)); min(d, 360-d) > slack || !slices.Contains(quarters, near) {
		return askew
	}
	return near
}
