package pdf

import (
	"github.com/tetratelabs/wazero/api"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// Bounds of one page. The fullest page seen has 1,516 characters and as many drawn objects.
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
	curves int // the number of drawings with curves
}

// walk is a walk through the objects of a page.
type walk struct {
	*guest
	*content
	objects, segments int

	getType, matrixOf, clipOf, countClips, countClipSegments, clipSegment    api.Function
	drawMode, countSegments, segment, segmentType, point, strokeWidth, fill  api.Function
	stroke, renderMode, transparency, bounds, countInForm, inForm, pathClose api.Function
}

// tooMany refuses what is no page of a report.
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
