// Package wall draws the slides of wall displays as finished pictures, and keeps watch over the displays.
//
// In flows a slide whose every text and number is made already, with the screen that it is for; out flow the bytes of an SVG
// picture that needs nothing else, and what of the slide has no room in letters large enough to be read from where people
// stand. A slide with such misfits is not drawn smaller: it says so, and a board with one is not saved.
package wall

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"nianbao/dashboard/chart"
	"nianbao/internal/board"
	"nianbao/query/stats"
)

// Slide is what one picture shows. Of what stands in the middle a slide has one or two kinds, in this order.
type Slide struct {
	Head    string   // whose data, of which year
	Title   string   // the finding in a sentence
	Line    string   // measure and denominator
	Figures []Figure // large
	Parts   []Part   // of a whole, as one bar and a list
	Rows    []Row
	Funnel  *Funnel
	Panels  []Panel
	Picture *Picture
	Words   string // running text
	Absent  string // why there is nothing to show, in place of all this
	Foot    []string
	Link    string // address of the view with its moment, "" for none: it stands as a QR code
	Short   string // the same to be typed
}

// Figure is a number that is read from the door.
type Figure struct{ Value, Label string }

// Part is one part of a whole.
type Part struct {
	Label, Text string
	Share       float64 // 0 to 1
	Colour      string
	Plate       string // printed on the bar where it has room
}

// Row is a line with a bar.
type Row struct {
	Label, Text string
	Share       float64 // of the bar's room; negative for none
	Colour      string
}

// Funnel is shares over their denominators, with the limits between which chance leaves them.
type Funnel struct {
	Across string // what the axis counts
	Whole  float64
	Most   int64
	Limits []Limit
	Points []Point
}

// Limit holds the limits at one n.
type Limit struct {
	N                              int64
	Lower95, Upper95, Lower998, Up float64
}

// Point is one agency.
type Point struct {
	N      int64
	Share  float64
	Status stats.Status
	Small  bool
	Label  string
}

// Panel is one line over the years.
type Panel struct {
	Title, Note string
	Years       []int
	Values      []*float64 // 0 to 1 of the height, nil for none
	Texts       []string   // of the values, or why there is none
}

// Picture is a picture that something else draws.
type Picture struct {
	Height  int // that it needs at the least, in its own pixels
	Letters int // size of its text, in its own pixels
	Draw    func(width, height int) ([]byte, error)
}

// Misfit says what of a slide has no room.
type Misfit struct {
	What      string // title, line, rows, series, figures, words, foot
	Got, Most int
}

func (m Misfit) String() string { return fmt.Sprintf("%s: %d, room for %d", m.What, m.Got, m.Most) }

// mostRows is how many rows people read while a slide stands, however large the screen.
const mostRows = 10

// mostSeries is how many lines or marks with names people tell apart from afar.
const mostSeries = 7

// Box is a place on the canvas.
type Box struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

// canvas is a picture that is being made.
type canvas struct {
	b             strings.Builder
	screen        board.Screen
	p             chart.Palette
	width, height int
	text          int // the smallest
	misfits       []Misfit
	err           error
}

// Sizes in multiples of the smallest text.
const (
	digits  = 1.12 // figures in rows
	title   = 1.4
	key     = 3.9 // a number read from the door
	keyAt   = 2.0 // the least of it
	leading = 1.3 // of text
	packed  = 1.15
)

func (c *canvas) times(f float64) int { return int(math.Ceil(f * float64(c.text))) }

func (c *canvas) misfit(what string, got, most int) {
	c.misfits = append(c.misfits, Misfit{what, got, most})
}

// margin is what panels may hide at their edges.
func (c *canvas) margin() (x, y int) { return c.width * 3 / 100, c.height * 3 / 100 }

// Side is the room beside the picture in which the page itself writes: the clock, the number of the slide, and what is wrong.
// Nothing of the picture is there.
func Side(s board.Screen) Box {
	c := newCanvas(s, chart.Dark)
	return c.side()
}

func newCanvas(s board.Screen, p chart.Palette) *canvas {
	w, h := s.Canvas()
	return &canvas{screen: s, p: p, width: w, height: h, text: s.Text()}
}

func (c *canvas) sideWidth() int { return max(c.screen.Code(), c.times(6.2)) }

func (c *canvas) side() Box {
	mx, my := c.margin()
	if c.screen.Shape == board.Portrait {
		x := mx + c.sideWidth() + c.text
		return Box{x, c.codeAt().Y, c.width - mx - x, c.screen.Code() + c.times(leading)}
	}
	return Box{c.width - mx - c.sideWidth(), my, c.sideWidth(), c.codeAt().Y - c.text/2 - my}
}

// codeAt is where the QR code stands, above what is to be typed.
func (c *canvas) codeAt() Box {
	mx, my := c.margin()
	n := c.screen.Code()
	y := c.height - my - c.times(leading) - n
	if c.screen.Shape == board.Portrait {
		return Box{mx, y, n, n}
	}
	return Box{c.width - mx - n, y, n, n}
}

// Draw returns the picture of a slide. Where something has no room, the picture shows what.
func Draw(s Slide, screen board.Screen, p chart.Palette, noRoom func([]Misfit) string) (picture []byte, misfits []Misfit, err error) {
	c := newCanvas(screen, p)
	c.draw(s)
	if c.err != nil {
		return nil, nil, fmt.Errorf("draw slide: %w", c.err)
	}
	if c.misfits == nil {
		return c.finish(s.Title), nil, nil
	}
	plain := newCanvas(screen, p)
	plain.draw(Slide{Head: s.Head, Absent: noRoom(c.misfits), Link: s.Link, Short: s.Short})
	return plain.finish(s.Title), c.misfits, nil
}

// faces are those of the style sheet.
const faces = `"PingFang SC","HarmonyOS Sans SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC","WenQuanYi Micro Hei",system-ui,sans-serif`

func (c *canvas) finish(name string) []byte {
	return []byte(fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" font-family='%s'>`+"\n<title>%s</title>\n"+`<rect width="%d" height="%d" fill="%s"/>`+"\n%s</svg>\n",
		c.width, c.height, c.width, c.height, faces, escape(name), c.width, c.height, c.p.Ground, c.b.String()))
}

func (c *canvas) draw(s Slide) {
	mx, my := c.margin()
	left, right, bottom := mx, c.width-mx-c.sideWidth()-c.text, c.height-my
	switch c.screen.Shape {
	case board.Double: // what is said to the left of the middle, what is shown to the right
		right = c.width/2 - mx
	case board.Portrait:
		right, bottom = c.width-mx, c.codeAt().Y-c.text/2
	}
	c.code(s.Link, s.Short)
	line := c.times(leading)
	y := my
	if s.Head != "" {
		c.paragraph(left, right, &y, c.text, 400, c.p.Ink2, s.Head, 2, "head")
	}
	c.paragraph(left, right, &y, c.times(title), 600, c.p.Ink, s.Title, 2, "title")
	c.paragraph(left, right, &y, c.text, 400, c.p.Ink2, s.Line, 2, "line")
	foot := c.wrap(strings.Join(s.Foot, " · "), left, right, c.text)
	if len(foot) > 3 {
		c.misfit("foot", len(foot), 3)
	}
	bottom -= line * len(foot)
	for i, text := range foot {
		c.write(left, bottom+line*i+line/2, c.text, 400, c.p.Ink2, text)
	}
	bottom -= c.text / 3
	y += c.text / 3
	if c.screen.Shape == board.Double {
		// Large numbers belong to what is said.
		figures := Slide{Figures: s.Figures}
		if s.Parts == nil && s.Rows == nil && s.Funnel == nil && s.Panels == nil && s.Picture == nil && s.Words == "" && s.Absent == "" {
			figures.Figures = nil
		} else {
			s.Figures = nil
		}
		c.body(figures, left, right, y, bottom)
		left, right, y, bottom = c.width/2+mx, c.width-mx-c.sideWidth()-c.text, my, c.height-my
	}
	c.body(s, left, right, y, bottom)
}

// body draws the middle of a slide into a room.
func (c *canvas) body(s Slide, left, right, top, bottom int) {
	if s.Absent != "" {
		c.centred(s.Absent, left, right, top, bottom)
		return
	}
	row := c.times(digits * packed)
	need := row * (len(s.Rows) + len(s.Parts))
	if len(s.Parts) > 0 {
		need += c.times(2)
	}
	words := c.wrapAll(s.Words, left, right, c.text)
	need += len(words) * c.times(leading)
	if s.Funnel != nil || s.Panels != nil || s.Picture != nil {
		need += c.times(9)
	}
	switch beside := c.beside(s.Figures, left, right); {
	case len(s.Figures) > 0 && len(s.Rows) > 0 && right-left > bottom-top && beside > 0:
		y := top
		for _, f := range s.Figures {
			y = c.figures([]Figure{f}, left, left+beside, y, bottom)
		}
		left += beside + c.text
	case len(s.Figures) > 0:
		top = c.figures(s.Figures, left, right, top, bottom-need)
	}
	room := bottom - top - len(words)*c.times(leading)
	switch {
	case len(s.Parts) > 0:
		c.parts(s.Parts, left, right, top, top+room)
	case len(s.Rows) > 0:
		c.rows(s.Rows, nil, left, right, top, top+room)
	case s.Funnel != nil:
		c.funnel(s.Funnel, left, right, top, top+room)
	case len(s.Panels) > 0:
		c.panels(s.Panels, left, right, top, top+room)
	case s.Picture != nil:
		c.picture(s.Picture, left, right, top, top+room)
	case len(words) > 0: // nothing but text
		c.words(words, left, right, top, bottom)
		return
	}
	for i, text := range words {
		line := c.times(leading)
		c.write(left, bottom-line*(len(words)-i)+line/2, c.text, 400, c.p.Ink, text)
	}
}

// words draws lines that are all there is, larger where there is room.
func (c *canvas) words(lines []string, left, right, top, bottom int) {
	size := c.text
	for _, larger := range []float64{2, 1.6, 1.3} {
		n := 0
		for _, l := range lines {
			n += len(c.wrap(l, left, right, c.times(larger)))
		}
		if n == len(lines) && int(float64(n)*larger*leading*float64(c.text)) <= bottom-top {
			size = c.times(larger)
			break
		}
	}
	line := int(float64(size) * leading)
	if most := (bottom - top) / line; len(lines) > most {
		c.misfit("words", len(lines), most)
		return
	}
	for i, l := range lines {
		c.write(left, top+line*i+line/2, size, 400, c.p.Ink, l)
	}
}

// centred draws the reason why there is nothing else.
func (c *canvas) centred(text string, left, right, top, bottom int) {
	size := c.times(1.6)
	lines := c.wrapAll(text, left, right, size)
	line := int(float64(size) * leading)
	y := max(top, (top+bottom-line*len(lines))/2)
	for i, l := range lines {
		c.write(left, y+line*i+line/2, size, 600, c.p.Ink, l)
	}
}

// figures draws large numbers in a row and returns where they end.
func (c *canvas) figures(list []Figure, left, right, top, bottom int) int {
	gap := c.text
	size := c.times(key)
	for ; size >= c.times(keyAt); size -= 4 {
		total := -gap
		for _, f := range list {
			total += gap + c.figureWidth(f, size)
		}
		if total <= right-left && size*11/10+c.times(leading) <= bottom-top {
			break
		}
	}
	if size < c.times(keyAt) {
		half := (len(list) + 1) / 2
		if len(list) > 1 && 2*(c.times(keyAt)*11/10+c.times(leading)+c.text/2) <= bottom-top {
			top = c.figures(list[:half], left, right, top, (top+bottom)/2)
			return c.figures(list[half:], left, right, top, bottom)
		}
		c.misfit("figures", len(list), len(list)-1)
		return top
	}
	total := 0
	for _, f := range list {
		total += c.figureWidth(f, size) + gap
	}
	gap += max(0, min(c.times(3), (right-left-total)/len(list)))
	x := left
	for _, f := range list {
		c.write(x, top+size*55/100, size, 600, c.p.Ink, f.Value)
		c.write(x, top+size*11/10+c.times(leading)/2, c.text, 400, c.p.Ink2, f.Label)
		x += c.figureWidth(f, size) + gap
	}
	return top + size*11/10 + c.times(leading) + c.text/2
}

// beside is the room at the left for one or two numbers with rows to their right, 0 if they take too much of it.
func (c *canvas) beside(list []Figure, left, right int) int {
	if len(list) == 0 || len(list) > 2 {
		return 0
	}
	most := 0
	for _, f := range list {
		most = max(most, c.figureWidth(f, c.times(keyAt)))
	}
	if 10*most > 4*(right-left) {
		return 0
	}
	return max(most, (right-left)*3/10)
}

func (c *canvas) figureWidth(f Figure, size int) int {
	return int(max(chart.TextWidth(f.Value, size), chart.TextWidth(f.Label, c.text)))
}

// parts draws a whole as one bar, and its parts as rows.
func (c *canvas) parts(list []Part, left, right, top, bottom int) {
	height := c.times(1.7)
	x := float64(left)
	for _, p := range list {
		w := p.Share * float64(right-left)
		if w <= 0 {
			continue
		}
		fmt.Fprintf(&c.b, `<rect x="%s" y="%d" width="%s" height="%d" fill="%s"/>`+"\n", number(x), top, number(max(1, w-2)), height, p.Colour)
		if at := int(x + w/2 - chart.TextWidth(p.Plate, c.text)/2); p.Plate != "" && chart.TextWidth(p.Plate, c.text)+float64(c.text)/2 < w && !c.crosses(at, at+int(chart.TextWidth(p.Plate, c.text))) {
			c.write(at, top+height/2, c.text, 600, c.p.Ground, p.Plate)
		}
		x += w
	}
	rows, swatches := make([]Row, len(list)), make([]string, len(list))
	for i, p := range list {
		rows[i], swatches[i] = Row{Label: p.Label, Text: p.Text, Share: -1}, p.Colour
	}
	c.rows(rows, swatches, left, right, top+height+c.text/3, bottom)
}

// rows draws lines: a name, a bar, a figure.
func (c *canvas) rows(list []Row, swatches []string, left, right, top, bottom int) {
	size := c.times(digits)
	least := c.times(digits * packed)
	if most := min(mostRows, max(0, (bottom-top)/least)); len(list) > most {
		c.misfit("rows", len(list), most)
		return
	}
	line := min((bottom-top)/len(list), least*17/10)
	swatch := 0
	if swatches != nil {
		swatch = c.times(1.2)
	}
	names, texts, bars := 0.0, 0.0, false
	for _, r := range list {
		names = max(names, chart.TextWidth(r.Label, c.text))
		texts = max(texts, chart.TextWidth(r.Text, size))
		bars = bars || r.Share >= 0
	}
	room := float64(right-left-swatch) - texts - float64(c.text)
	if bars {
		room *= 0.7
	}
	names = min(names, room)
	start := left + swatch + int(names) + c.text/2
	end := right - int(texts) - c.text/2
	for i, r := range list {
		y := top + line*i + line/2
		if swatches != nil {
			fmt.Fprintf(&c.b, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n", left, y-c.text*2/5, c.text*4/5, c.text*4/5, swatches[i])
		}
		c.write(left+swatch, y, c.text, 400, c.p.Ink, cut(r.Label, names, c.text))
		if r.Share > 0 { // no bar for nothing
			fmt.Fprintf(&c.b, `<rect x="%d" y="%d" width="%s" height="%d" fill="%s"/>`+"\n", start, y-line*3/10, number(max(2, r.Share*float64(end-start))), line*6/10, r.Colour)
		}
		c.writeEnd(right, y, size, 600, c.p.Ink, r.Text)
	}
}

// picture draws what something else draws, in letters of the smallest size.
func (c *canvas) picture(p *Picture, left, right, top, bottom int) {
	scale := float64(c.text) / float64(p.Letters)
	width, height := int(float64(right-left)/scale), int(float64(bottom-top)/scale)
	if p.Height > height {
		c.misfit("picture", int(float64(p.Height)*scale), bottom-top)
		return
	}
	picture, err := p.Draw(width, height)
	if err != nil {
		c.err = err
		return
	}
	fmt.Fprintf(&c.b, `<g transform="translate(%d %d) scale(%s)">%s</g>`+"\n", left, top, strconv.FormatFloat(scale, 'f', 4, 64), picture)
}

// crosses reports whether a text between two places would lie over a seam.
func (c *canvas) crosses(from, to int) bool {
	for _, x := range c.screen.Seams {
		if from < x+c.text/4 && to > x-c.text/4 {
			return true
		}
	}
	return false
}

func number(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }

// Spoken is what the slide says, for those who do not see it.
func (s *Slide) Spoken() string {
	lines := []string{s.Head, s.Title, s.Line}
	for _, f := range s.Figures {
		lines = append(lines, f.Label+" "+f.Value)
	}
	for _, p := range s.Parts {
		lines = append(lines, p.Label+" "+p.Text)
	}
	for _, r := range s.Rows {
		lines = append(lines, r.Label+" "+r.Text)
	}
	for _, p := range s.Panels {
		line := p.Title
		for k, t := range p.Texts {
			line += " " + strconv.Itoa(p.Years[k]) + " " + t
		}
		lines = append(lines, line)
	}
	lines = append(lines, s.Words, s.Absent, strings.Join(s.Foot, " · "))
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.TrimSpace(l) == "" }), "\n")
}
