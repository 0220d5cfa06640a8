package pdf

import (
	"errors"
	"image"
	"math"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// mostDrawn is the number of points of the largest picture that a page is drawn as, four bytes each. A3 has 8 million.
const mostDrawn = 16 << 20

// picture draws the page with this index as it is seen, in shades of grey, with so many points to the inch.
func (g *guest) picture(file uint64, index int, resolution float64) (*image.Gray, error) {
	page := g.call("FPDF_LoadPage", file, uint64(index))
	width := float64(math.Float32frombits(uint32(g.call("FPDF_GetPageWidthF", page)))) / 72 // inches
	height := float64(math.Float32frombits(uint32(g.call("FPDF_GetPageHeightF", page)))) / 72
	if g.err != nil {
		return nil, g.err
	}
	if !(width > 0) || !(height > 0) || page == 0 {
		return nil, document.Refuse(document.Damaged, form.Position{Page: index + 1}, "page %d of the PDF has no extent", index+1)
	}
	resolution = min(resolution, math.Sqrt(mostDrawn/(width*height)))
	w, h := max(int(width*resolution), 1), max(int(height*resolution), 1)
	if w > mostDrawn || h > mostDrawn || w*h > mostDrawn {
		return nil, document.Refuse(document.TooLarge, form.Position{Page: index + 1}, "page %d of the PDF is %.0f by %.0f inches large, which is no page", index+1, width, height)
	}
	const (
		colors      = 3 // blue, green, red and an unused byte
		annotations = 1
		white       = 0xFFFFFFFF
	)
	bitmap := g.call("FPDFBitmap_CreateEx", uint64(w), uint64(h), colors, 0, 0)
	if bitmap == 0 && g.err == nil {
		g.err = errors.New("draw a page: PDFium has no memory for it")
	}
	g.call("FPDFBitmap_FillRect", bitmap, 0, 0, uint64(w), uint64(h), white)
	g.call("FPDF_RenderPageBitmap", bitmap, page, 0, 0, uint64(w), uint64(h), 0, annotations)
	buffer, stride := g.call("FPDFBitmap_GetBuffer", bitmap), int(int32(g.call("FPDFBitmap_GetStride", bitmap)))
	if g.err != nil {
		return nil, g.err
	}
	b, ok := g.memory.Read(uint32(buffer), uint32(stride*h))
	if !ok || stride < 4*w {
		return nil, errors.New("draw a page: PDFium gave no picture")
	}
	out := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		row := b[y*stride:]
		for x := range w {
			q := row[4*x : 4*x+3 : 4*x+3]
			out.Pix[y*out.Stride+x] = uint8((114*int(q[0]) + 587*int(q[1]) + 299*int(q[2]) + 500) / 1000)
		}
	}
	g.call("FPDFBitmap_Destroy", bitmap)
	g.call("FPDF_ClosePage", page)
	return out, g.err
}
