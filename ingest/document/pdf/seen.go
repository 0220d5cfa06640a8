package pdf

import (
	"fmt"
	"strings"

	"nianbao/ingest/document"
	"nianbao/ingest/document/sheet"
	"nianbao/internal/form"
)

// printed turns what stands on the page into what a person sees of it: hidden text goes, and the page is turned so
// that most of its text stands upright.
func (c *content) printed(number int) sheet.Page {
	turn := c.upright()
	p := sheet.Page{Number: number}
	place, width, height := c.turning(turn)
	p.Width, p.Height = width, height
	rect := func(b box) sheet.Rect {
		x0, y0 := place(b.x0, b.y0)
		x1, y1 := place(b.x1, b.y1)
		return sheet.Rect{X0: min(x0, x1), Y0: min(y0, y1), X1: max(x0, x1), Y1: max(y0, y1)}
	}
	covers := indexCovers(c.covers, c.bounds)
	var hidden, aslant, unknown strings.Builder
	for i := range c.chars {
		ch := &c.chars[i]
		if ch.ink.empty() || ch.ink.area() <= 0 {
			ch.ink = ch.loose
		}
		ch.ink = ch.ink.along(ch.loose, ch.turn, ch.size/10)
		x, y := (ch.ink.x0+ch.ink.x1)/2, (ch.ink.y0+ch.ink.y1)/2
		switch {
		case !inSight(ch.ink, c.bounds.and(ch.object.clip)) || ch.object.invisible || ch.size < 1 || covers.hide(ch, x, y):
			hidden.WriteString(ch.text)
			continue
		case ch.turn == askew:
			aslant.WriteString(ch.text)
			continue
		case ch.text == "\uFFFD":
			unknown.WriteString(ch.text)
		}
		g := sheet.Glyph{Text: ch.text, Ink: rect(ch.ink), Cell: rect(ch.loose), Size: ch.size, Run: ch.object.order, Turn: (ch.turn - turn + 360) % 360}
		_, g.Baseline = place(ch.x, ch.y)
		p.Glyphs = append(p.Glyphs, g)
	}
	for _, b := range c.rules {
		p.Rules = append(p.Rules, sheet.Rule{Rect: rect(b)})
	}
	at := form.Position{Page: number}
	note := func(code, format string, text *strings.Builder) {
		if text.Len() > 0 {
			s := text.String()
			p.Problems = append(p.Problems, form.Problem{Code: code, At: at,
				Message: fmt.Sprintf(format, number, len([]rune(s)), document.Excerpt(s))})
		}
	}
	note(document.HiddenText, "page %d: %d characters that nobody sees there were left out: %s", &hidden)
	note(Aslant, "page %d: %d characters set aslant, as a watermark is, were left out: %s", &aslant)
	note(document.SymbolUnknown, "page %d: the file does not say what %d of its signs mean; they stand as U+FFFD: %s", &unknown)
	return p
}

// along keeps of the ink what lies between the origin of the character and the next, with some room: where the font is
// missing, its box stands for a character that may be narrower.
func (b box) along(loose box, turn int, room float64) box {
	c := b
	switch turn {
	case 0, 180:
		c.x0, c.x1 = max(c.x0, loose.x0-room), min(c.x1, loose.x1+room)
	case 90, 270:
		c.y0, c.y1 = max(c.y0, loose.y0-room), min(c.y1, loose.y1+room)
	}
	if c.empty() {
		return b
	}
	return c
}

// inSight says that at least a third of the ink lies in the window.
func inSight(ink, window box) bool {
	const least = 1.0 / 3
	part := ink.and(window)
	return !part.empty() && (part.x1-part.x0)*(part.y1-part.y0) >= least*ink.area()
}

// upright is the direction that most characters of the page are written in.
func (c *content) upright() int {
	var count [4]int
	for i := range c.chars {
		if t := c.chars[i].turn; t != askew {
			count[t/90]++
		}
	}
	best := (360 - c.turned) % 360 / 90 // a page without text stands as the file says
	for t, n := range count {
		if n > count[best] {
			best = t
		}
	}
	return 90 * best
}

// turning is the mapping from user space to the sheet on which text of this direction stands upright, and the size of
// the sheet.
func (c *content) turning(turn int) (place func(x, y float64) (float64, float64), width, height float64) {
	b := c.bounds
	width, height = b.x1-b.x0, b.y1-b.y0
	switch turn {
	case 90:
		return func(x, y float64) (float64, float64) { return y - b.y0, x - b.x0 }, height, width
	case 180:
		return func(x, y float64) (float64, float64) { return b.x1 - x, y - b.y0 }, width, height
	case 270:
		return func(x, y float64) (float64, float64) { return b.y1 - y, b.x1 - x }, height, width
	}
	return func(x, y float64) (float64, float64) { return x - b.x0, b.y1 - y }, width, height
}

// picture says that the page shows pictures over a good part of it.
func (c *content) picture() bool {
	area := 0.0
	for _, v := range c.covers {
		if v.image {
			area += v.area()
		}
	}
	return area >= c.bounds.area()/4
}

// strips is the number of horizontal strips that a page is cut into to find what covers a place.
const strips = 64

// coverIndex lists the covers by strip.
type coverIndex struct {
	bounds box
	strip  [strips][]*cover
	images bool
}

func indexCovers(covers []cover, bounds box) *coverIndex {
	x := &coverIndex{bounds: bounds}
	for i := range covers {
		c := &covers[i]
		for s := x.at(c.y0); s <= x.at(c.y1); s++ {
			x.strip[s] = append(x.strip[s], c)
		}
	}
	return x
}

func (x *coverIndex) at(y float64) int {
	s := int((y - x.bounds.y0) / (x.bounds.y1 - x.bounds.y0) * strips)
	return min(max(s, 0), strips-1)
}

// whole is the share of the page that a picture covers when it is the page, as in scans whose text lies underneath.
const whole = 0.8

// hide says that the character whose ink has its middle at (x, y) cannot be seen: an area was painted over it later,
// or it has the color of what is under it.
func (i *coverIndex) hide(ch *char, x, y float64) bool {
	var under *cover
	for _, c := range i.strip[i.at(y)] {
		if !c.contains(x, y) {
			continue
		}
		switch {
		case c.order < ch.object.order:
			if under == nil || c.order > under.order {
				under = c
			}
		case !c.image, c.area() >= whole*i.bounds.area():
			return true
		}
	}
	ground := white
	if under != nil {
		if under.image {
			return false
		}
		ground = under.color
	}
	return ch.object.painted.near(ground)
}
