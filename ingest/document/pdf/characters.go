package pdf

import (
	"math"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

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
