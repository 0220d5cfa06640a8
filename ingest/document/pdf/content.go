package pdf

import (
	"math"
	"slices"

	"github.com/tetratelabs/wazero/api"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// Bounds of one page. The fullest real page has some 4,000 objects and 5,000 characters.
const (
	maxObjects  = 200_000 // drawn objects, those in forms counted each time they are drawn
	maxSegments = 1_000_000
	maxDepth    = 24 // of forms in forms
)

// Types of page objects, as FPDFPageObj_GetType returns them.
const (
	objectText  = 1
	objectPath  = 2
	objectImage = 3
	objectForm  = 5
)

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

// textObject is what the characters of one text object have in common.
type textObject struct {
	order     int // of drawing
	invisible bool
	painted   color
	clip      box
	form      matrix  // maps the space of the form it stands in to the page
	x, y      float64 // where it begins, in the space of the form
}

// cover is an area that was filled with one color.
type cover struct {
	box
	color
	order int
	image bool // a picture: what is under it may shine through, and its color is unknown
}

// content is what stands on a page, in user space.
type content struct {
	bounds box // what of user space the page shows
	turned int // how far the page is turned for display, in degrees clockwise
	texts  map[uint64]textObject
	rules  []box
	covers []cover
	chars  []char
}

// char is a character as PDFium gives it.
type char struct {
	text      string
	object    textObject
	ink       box // may have no extent
	loose     box // from its origin to the next, and the height of the font
	x, y      float64
	turn      int     // direction of writing, in degrees counterclockwise, or askew
	size      float64 // of the font, in points
	generated bool
}

const askew = -1 // a direction that is no multiple of 90 degrees

// walk is a walk through the objects of a page.
type walk struct {
	*guest
	*content
	objects, segments int

	getType, matrixOf, clipOf, countClips, countClipSegments, clipSegment    api.Function
	drawMode, countSegments, segment, segmentType, point, strokeWidth, fill  api.Function
	stroke, renderMode, transparency, bounds, countInForm, inForm, pathClose api.Function
}

// errTooMany is returned for pages that are no pages of a report.
func tooMany(page int, what string, limit int) *document.Refusal {
	return document.Refuse(document.TooLarge, form.Position{Page: page}, "page %d has more than %d %s, at most so many are read", page, limit, what)
}

// drawings walks through what is drawn on the page, in order.
func (g *guest) drawings(page uint64, number int, c *content) error {
	w := &walk{guest: g, content: c}
	for _, f := range []struct {
		at   *api.Function
		name string
	}{
		{&w.getType, "FPDFPageObj_GetType"}, {&w.matrixOf, "FPDFPageObj_GetMatrix"}, {&w.clipOf, "FPDFPageObj_GetClipPath"},
		{&w.countClips, "FPDFClipPath_CountPaths"}, {&w.countClipSegments, "FPDFClipPath_CountPathSegments"},
		{&w.clipSegment, "FPDFClipPath_GetPathSegment"}, {&w.drawMode, "FPDFPath_GetDrawMode"},
		{&w.countSegments, "FPDFPath_CountSegments"}, {&w.segment, "FPDFPath_GetPathSegment"},
		{&w.segmentType, "FPDFPathSegment_GetType"}, {&w.point, "FPDFPathSegment_GetPoint"},
		{&w.pathClose, "FPDFPathSegment_GetClose"}, {&w.strokeWidth, "FPDFPageObj_GetStrokeWidth"},
		{&w.fill, "FPDFPageObj_GetFillColor"}, {&w.stroke, "FPDFPageObj_GetStrokeColor"},
		{&w.renderMode, "FPDFTextObj_GetTextRenderMode"}, {&w.transparency, "FPDFPageObj_HasTransparency"},
		{&w.bounds, "FPDFPageObj_GetBounds"}, {&w.countInForm, "FPDFFormObj_CountObjects"}, {&w.inForm, "FPDFFormObj_GetObject"},
	} {
		*f.at = g.function(f.name)
	}
	n := int(int32(g.call("FPDFPage_CountObjects", page)))
	get := g.function("FPDFPage_GetObject")
	for i := 0; i < n && g.err == nil; i++ {
		if err := w.object(g.run(get, page, uint64(i)), identity, everywhere, 0, number); err != nil {
			return err
		}
	}
	return g.err
}

func (w *walk) object(o uint64, m matrix, clip box, depth, number int) error {
	if w.objects++; w.objects > maxObjects {
		return tooMany(number, "drawn objects", maxObjects)
	}
	if o == 0 {
		return nil
	}
	kind := w.run(w.getType, o)
	switch kind {
	case objectText, objectPath, objectImage, objectForm:
		clip = clip.and(w.clip(o, m))
	}
	switch kind {
	case objectText:
		mode := int32(w.run(w.renderMode, o))
		t := textObject{order: w.objects, clip: clip, form: m}
		if m != identity {
			own := w.matrix(o)
			t.x, t.y = own.e, own.f
		}
		switch mode {
		case 0, 2, 4, 6: // filled, perhaps also stroked
			t.painted = w.color(w.fill, o)
		case 1, 5: // stroked
			t.painted = w.color(w.stroke, o)
		}
		t.invisible = t.painted.a == 0 // also of the modes 3 and 7, which paint nothing
		w.texts[o] = t
	case objectPath:
		return w.path(o, m, clip, number)
	case objectImage:
		b := w.extent(o).mapped(m).and(clip)
		w.area(b, cover{order: w.objects, image: true})
	case objectForm:
		if depth >= maxDepth {
			return document.Refuse(document.Nesting, form.Position{Page: number}, "page %d has forms that are nested more than %d deep, at most so many are read", number, maxDepth)
		}
		m = w.matrix(o).then(m)
		n := int(int32(w.run(w.countInForm, o)))
		for i := 0; i < n && w.err == nil; i++ {
			if err := w.object(w.run(w.inForm, o, uint64(i)), m, clip, depth+1, number); err != nil {
				return err
			}
		}
	}
	return w.err
}

func (w *walk) matrix(o uint64) matrix {
	if w.run(w.matrixOf, o, w.at(0)) == 0 {
		return identity
	}
	var m matrix
	w.float32s(&m.a, &m.b, &m.c, &m.d, &m.e, &m.f)
	return m
}

func (w *walk) color(f api.Function, o uint64) color {
	if w.run(f, o, w.at(0), w.at(1), w.at(2), w.at(3)) == 0 {
		return color{a: 255} // a pattern; take it for visible
	}
	return color{w.uint32(0), w.uint32(1), w.uint32(2), w.uint32(3)}
}

// extent is the box of an object in its own space.
func (w *walk) extent(o uint64) box {
	if w.run(w.bounds, o, w.at(0), w.at(0)+4, w.at(0)+8, w.at(0)+12) == 0 {
		return nowhere
	}
	var b box
	w.float32s(&b.x0, &b.y0, &b.x1, &b.y1)
	return b
}

// clip is the box around what the object's clip paths leave visible.
func (w *walk) clip(o uint64, m matrix) box {
	out := everywhere
	p := w.run(w.clipOf, o)
	if p == 0 {
		return out
	}
	n := int(int32(w.run(w.countClips, p)))
	for i := 0; i < n && w.err == nil; i++ {
		segments := int(int32(w.run(w.countClipSegments, p, uint64(i))))
		if w.segments += max(segments, 0); w.segments > maxSegments || segments <= 0 {
			continue
		}
		b := nowhere
		for j := range segments {
			b = b.with(m.apply(w.pointOf(w.run(w.clipSegment, p, uint64(i), uint64(j)))))
		}
		out = out.and(b)
	}
	return out
}

func (w *walk) pointOf(segment uint64) (x, y float64) {
	w.run(w.point, segment, w.at(0), w.at(0)+4)
	w.float32s(&x, &y)
	return x, y
}

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

// characters reads the characters of the page.
func (g *guest) characters(page uint64, number int, limit int, c *content) error {
	text := g.call("FPDFText_LoadPage", page)
	if g.err != nil {
		return g.err
	}
	if text == 0 {
		return document.Refuse(document.Damaged, form.Position{Page: number}, "the text of page %d is damaged", number)
	}
	n := int(int32(g.call("FPDFText_CountChars", text)))
	if n > limit {
		return tooMany(number, "characters", limit)
	}
	unicode, objectOf, origin := g.function("FPDFText_GetUnicode"), g.function("FPDFText_GetTextObject"), g.function("FPDFText_GetCharOrigin")
	ink, loose, failed := g.function("FPDFText_GetCharBox"), g.function("FPDFText_GetLooseCharBox"), g.function("FPDFText_HasUnicodeMapError")
	matrixAt, sizeAt := g.function("FPDFText_GetMatrix"), g.function("FPDFText_GetFontSize")
	fontOf, embedded, glyphWidth := g.function("FPDFTextObj_GetFont"), g.function("FPDFFont_GetIsEmbedded"), g.function("FPDFFont_GetGlyphWidth")
	c.chars = make([]char, 0, max(n, 0))
	var last uint64
	var common char
	foreign := map[uint64]bool{} // fonts that are not in the file
	var font uint64              // that of the text object, if it is foreign
	var stretch float64          // the width of a character as wide as its font is high
	for i := 0; i < n && g.err == nil; i++ {
		k := uint64(i)
		o := g.run(objectOf, text, k)
		if o == 0 {
			continue // white space that PDFium added
		}
		r := rune(int32(g.run(unicode, text, k)))
		if space(r) {
			continue
		}
		if o != last {
			last = o
			common = char{object: c.texts[o]}
			common.size = math.Float64frombits(g.run(sizeAt, text, k))
			m := identity
			if g.run(matrixAt, text, k, g.at(0)) != 0 {
				g.float32s(&m.a, &m.b, &m.c, &m.d, &m.e, &m.f)
			}
			stretch = common.size * math.Hypot(m.a, m.b)
			common.size *= math.Hypot(m.c, m.d)
			common.turn = direction(m.a, m.b)
			font = g.run(fontOf, o)
			if _, asked := foreign[font]; !asked {
				foreign[font] = g.run(embedded, font) == 0
			}
			if !foreign[font] {
				font = 0
			}
		}
		ch := common
		if r == lineHyphen {
			r = '-'
		}
		ch.text = string(fold(r))
		if g.run(failed, text, k) != 0 || r == 0 {
			ch.text = "\uFFFD"
		}
		g.run(origin, text, k, g.at(0), g.at(1))
		g.float64s(&ch.x, &ch.y)
		g.run(ink, text, k, g.at(0), g.at(1), g.at(2), g.at(3))
		g.float64s(&ch.ink.x0, &ch.ink.x1, &ch.ink.y0, &ch.ink.y1)
		g.run(loose, text, k, g.at(0))
		g.float32s(&ch.loose.x0, &ch.loose.y1, &ch.loose.x1, &ch.loose.y0)
		if font != 0 && g.run(glyphWidth, font, uint64(uint32(r)), uint64(math.Float32bits(1)), g.at(0)) != 0 {
			// The box that stands for the character may be wider than it.
			var width float64
			g.float32s(&width)
			ch.loose = ch.loose.wide(width*stretch, ch.turn)
		}
		if f := ch.object.form; f != identity && ch.x == float64(float32(ch.object.x)) && ch.y == float64(float32(ch.object.y)) {
			// PDFium forgets the form where the file states the text itself (ActualText).
			ch.x, ch.y = f.apply(ch.x, ch.y)
			ch.ink, ch.loose = ch.ink.mapped(f), ch.loose.mapped(f)
		}
		c.chars = append(c.chars, ch)
	}
	g.call("FPDFText_ClosePage", text)
	return g.err
}

// wide is the box with this extent in the direction of writing, from its beginning.
func (b box) wide(width float64, turn int) box {
	if width <= 0 {
		return b
	}
	switch turn {
	case 0:
		b.x1 = b.x0 + width
	case 90:
		b.y1 = b.y0 + width
	case 180:
		b.x0 = b.x1 - width
	case 270:
		b.y0 = b.y1 - width
	}
	return b
}

// lineHyphen is what PDFium turns a hyphen into after which it believes that a word goes on in the next line.
const lineHyphen = 2

func space(r rune) bool {
	return r == ' ' || r == '\t' || r == '\r' || r == '\n' || r == 0xA0 || r == 0x3000 || r >= 0x2000 && r <= 0x200F || r == 0x202F || r == 0xFEFF || r == 0xAD
}

// direction is that of the vector (x, y), which must lie within 3 degrees of an axis.
func direction(x, y float64) int {
	const slack = 0.05
	switch {
	case math.Abs(y) <= slack*math.Abs(x):
		if x < 0 {
			return 180
		}
		return 0
	case math.Abs(x) <= slack*math.Abs(y):
		if y < 0 {
			return 270
		}
		return 90
	}
	return askew
}
