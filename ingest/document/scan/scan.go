// Package scan reads pictures of pages: scans and photographs, from files of images and from the pages of PDF files that
// hold nothing else. A picture goes in, and a [sheet.Page] comes out, as if a program had printed it, so that package sheet
// makes tables and paragraphs of it as it does for PDF.
//
// The picture is turned upright ([skew]), its ruling lines are found and taken away ([rules]), and what they enclose is
// read cell by cell, what stands outside line by line. Words are read by tesseract. A figure is read by two readers that
// know nothing of each other: by tesseract, which was trained on text, and by its shapes ([readFigure]), which are compared with the
// digits of many fonts. Both readings go on in [document.Optical]; whether a number is taken from them is for package
// recognise to say, which knows the sums. A cell is empty only if there is no ink in it; ink that nobody can read stands
// as [document.Illegible].
//
// tesseract is a program of its own, found by [Find]. Each run is a process with limits on memory and time that reads all
// lines of one page.
package scan

import (
	"context"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"nianbao/ingest/document"
	"nianbao/ingest/document/sheet"
	"nianbao/internal/form"
)

// Codes of refusals and problems.
const (
	NeedsTesseract = "needs_tesseract" // tesseract, or its Chinese, is not installed
	Unreadable     = "unreadable_scan" // tesseract made nothing of a page, or took too long
	Optical        = "optical"         // a page was read from a picture
)

// Sizes of pictures.
const (
	// Resolution is that at which sizes are told, in points of the picture to the inch. Pages of PDF are drawn in it.
	Resolution = 200
	// MaxPixels is the number of points of the largest picture that is read: A4 at 600 dots to the inch, A3 at 400.
	MaxPixels = 40 << 20
	// MaxPages is the number of pages that are read from pictures.
	MaxPages = 40

	pageWidth  = 595.0 // of A4, in points of 1/72 inch
	pageHeight = 842.0
)

// Picture is a picture of a page.
type Picture struct {
	Page  int // its number
	Image *image.Gray
}

// Read reads a picture as a page. Where tesseract is not installed the error is [Missing].
func Read(ctx context.Context, p Picture) (sheet.Page, error) {
	program := Find()
	if program == "" {
		return sheet.Page{}, Missing(fmt.Sprintf("page %d is a picture", p.Page))
	}
	s := see(p)
	if s.overfull {
		return sheet.Page{Number: p.Page, Optical: true, Width: pageWidth, Height: pageHeight, Problems: []form.Problem{{Code: Unreadable, At: form.Position{Page: p.Page},
			Message: fmt.Sprintf("page %d is a picture with more pieces of ink than any writing; it was not read", p.Page)}}}, nil
	}
	if err := s.read(ctx, program); err != nil {
		return sheet.Page{}, err
	}
	return s.page(), nil
}

// surface is a page as it is seen: upright, with what stands where.
type surface struct {
	number     int
	image      *image.Gray
	unit       float64 // the size of a point of the picture, in points of 1/72 inch
	horizontal []image.Rectangle
	vertical   []image.Rectangle
	pieces     []*piece
	overfull   bool // there is more ink than writing has, and nothing was made of it
}

// Bounds of what is on a page. A full one has 5,000 pieces of ink in 300 lines.
const (
	mostInk    = 40_000
	mostPieces = 2_000
)

// piece is a line of ink to be read.
type piece struct {
	textLine
	inCell bool
	cell   image.Rectangle
	figure figure
	words  []word // as tesseract reads it in Chinese
	digits string // as tesseract reads it as a number
	free   string // and if it may be anything
	sure   float64
}

// see finds what is to be read in a picture.
func see(p Picture) *surface {
	img := p.Image
	w, h := img.Rect.Dx(), img.Rect.Dy()
	width, height := pageWidth, pageHeight
	if w > h {
		width, height = height, width
	}
	// Nothing tells how large the paper was, but reports are printed on A4.
	scale := min(width/72*Resolution/float64(w), height/72*Resolution/float64(h))
	for scale < 0.6 {
		img = halved(img)
		scale *= 2
	}
	if scale > 0.85 && scale < 1.2 {
		scale = 1
	}
	scale = min(scale, 2)
	angle := skew(binarise(img))
	if math.Abs(angle) > 0.0005 || scale != 1 {
		img = resample(img, angle, scale)
	}
	s := &surface{number: p.Page, image: img, unit: width / float64(img.Rect.Dx())}
	b := binarise(img)
	s.horizontal, s.vertical = rules(b)
	s.divide(blots(b))
	return s
}

// divide assigns the ink to cells and lines.
func (s *surface) divide(ink []blot) {
	const (
		dust   = 2   // points
		letter = 120 // no letter is higher; pictures and shadows are
	)
	ink = slices.DeleteFunc(ink, func(b blot) bool {
		return b.Dx() < dust && b.Dy() < dust || b.Dx() > 6*letter || b.Dy() > letter
	})
	if s.overfull = len(ink) > mostInk; s.overfull {
		return
	}
	page := s.empty()
	for _, b := range ink {
		r := s.rect(b.Rectangle)
		page.Glyphs = append(page.Glyphs, sheet.Glyph{Text: "口", Ink: r, Cell: r, Baseline: r.Y1, Size: glyphSize})
	}
	boxes := sheet.Cells(&page)
	cells := make([]image.Rectangle, len(boxes))
	for i, b := range boxes {
		cells[i] = image.Rect(int(b.X0/s.unit+0.5), int(b.Y0/s.unit+0.5), int(b.X1/s.unit+0.5), int(b.Y1/s.unit+0.5))
	}
	inside := make([][]blot, len(cells))
	var free []blot
	for _, b := range ink {
		middle := image.Pt((b.Min.X+b.Max.X)/2, (b.Min.Y+b.Max.Y)/2)
		if i := slices.IndexFunc(cells, func(c image.Rectangle) bool { return middle.In(c) }); i >= 0 {
			inside[i] = append(inside[i], b)
		} else {
			free = append(free, b)
		}
	}
	for i, blots := range inside {
		for _, l := range linesOf(withoutSpecks(blots)) {
			s.pieces = append(s.pieces, &piece{textLine: l, inCell: true, cell: cells[i]})
		}
	}
	for _, l := range linesOf(withoutSpecks(free)) {
		s.pieces = append(s.pieces, &piece{textLine: l})
	}
	s.overfull = len(s.pieces) > mostPieces
}

// withoutSpecks leaves out ink that is no writing: everything, if it is all smaller than a point of the smallest print.
func withoutSpecks(ink []blot) []blot {
	const speck = 4 // points of the picture
	if slices.ContainsFunc(ink, func(b blot) bool { return max(b.Dx(), b.Dy()) >= speck }) {
		return ink
	}
	return nil
}

const glyphSize = 10 // points, of ink whose size is not yet known

func (s *surface) rect(r image.Rectangle) sheet.Rect {
	return sheet.Rect{X0: float64(r.Min.X) * s.unit, Y0: float64(r.Min.Y) * s.unit, X1: float64(r.Max.X) * s.unit, Y1: float64(r.Max.Y) * s.unit}
}

// empty is the page with its ruling lines only.
func (s *surface) empty() sheet.Page {
	p := sheet.Page{Number: s.number, Optical: true, Width: float64(s.image.Rect.Dx()) * s.unit, Height: float64(s.image.Rect.Dy()) * s.unit}
	for _, h := range s.horizontal {
		r := s.rect(h)
		r.Y0 = (r.Y0 + r.Y1) / 2
		r.Y1 = r.Y0
		p.Rules = append(p.Rules, sheet.Rule{Rect: r})
	}
	for _, v := range s.vertical {
		r := s.rect(v)
		r.X0 = (r.X0 + r.X1) / 2
		r.X1 = r.X0
		p.Rules = append(p.Rules, sheet.Rule{Rect: r})
	}
	return p
}

// read reads all pieces: figures twice, words once.
func (s *surface) read(ctx context.Context, program string) error {
	known := knownShapes()
	var figures, texts []*piece
	for _, p := range s.pieces {
		if p.inCell {
			p.figure = readFigure(s.image, p.textLine, p.cell, known)
		}
		if p.figure.likely {
			figures = append(figures, p)
		}
		if p.figure.text == "" {
			texts = append(texts, p)
		}
	}
	cut := func(pieces []*piece, height int) []*image.Gray {
		out := make([]*image.Gray, len(pieces))
		for i, p := range pieces {
			out[i] = s.crop(p.textLine, height)
		}
		return out
	}
	const (
		digitHeight = 36 // points
		lowerHeight = 28 // where tesseract saw nothing in the first
		lineHeight  = 40
	)
	digits := cut(figures, digitHeight)
	var asDigits, asAnything, asChinese [][]word
	var errs [3]error
	var group sync.WaitGroup
	group.Go(func() {
		const only = "tessedit_char_whitelist=0123456789.,-/"
		if asDigits, errs[0] = tesseract(ctx, program, english, digits, only); errs[0] != nil {
			return
		}
		var missed []int
		var again []*piece
		for i, p := range figures {
			if len(asDigits[i]) == 0 && p.figure.text != "" {
				missed, again = append(missed, i), append(again, p)
			}
		}
		var found [][]word
		found, errs[0] = tesseract(ctx, program, english, cut(again, lowerHeight), only)
		for i, words := range found {
			asDigits[missed[i]] = words
		}
	})
	group.Go(func() { asAnything, errs[1] = tesseract(ctx, program, english, digits) })
	group.Go(func() { asChinese, errs[2] = tesseract(ctx, program, chinese, cut(texts, lineHeight)) })
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	const dust = ".," // at the ends of a number
	for i, p := range figures {
		for _, w := range asDigits[i] {
			p.digits += w.text
		}
		p.sure = 100
		for _, w := range asAnything[i] {
			p.free += w.text
			p.sure = min(p.sure, w.sure)
		}
		p.digits, p.free = strings.Trim(p.digits, dust), strings.Trim(p.free, dust)
	}
	for i, p := range texts {
		p.words = asChinese[i]
	}
	return nil
}

// crop is the picture of a line, in this height, black on white, with white around it.
func (s *surface) crop(l textLine, height int) *image.Gray {
	const margin = 24 // tesseract reads nothing well that fills its picture
	r := l.Rectangle.Inset(-1).Intersect(s.image.Rect)
	scale := float64(height) / float64(max(l.Dy(), l.Dx()/40, 1))
	part := &image.Gray{Pix: s.image.Pix[s.image.PixOffset(r.Min.X, r.Min.Y):], Stride: s.image.Stride, Rect: image.Rect(0, 0, r.Dx(), r.Dy())}
	part = resample(part, 0, scale)
	out := image.NewGray(image.Rect(0, 0, part.Rect.Dx()+2*margin, part.Rect.Dy()+2*margin))
	for i := range out.Pix {
		out.Pix[i] = 255
	}
	paper, ink := tones(part, part.Rect)
	for y := range part.Rect.Dy() {
		row := out.Pix[(y+margin)*out.Stride+margin:]
		for x, v := range part.Pix[y*part.Stride : y*part.Stride+part.Rect.Dx()] {
			row[x] = uint8(255 * min(max((float64(v)-ink)/max(paper-ink, 1), 0), 1))
		}
	}
	return out
}

// page is the page with all that was read.
func (s *surface) page() sheet.Page {
	page := s.empty()
	page.Problems = append(page.Problems, form.Problem{Code: Optical, At: form.Position{Page: s.number},
		Message: fmt.Sprintf("page %d is a picture; it was read optically, and a figure counts only where two readings agree", s.number)})
	for _, p := range s.pieces {
		text, optical := p.reading()
		if text == "" {
			continue
		}
		r := s.rect(p.Rectangle)
		const below = 0.12 // of the height of a line, of which so much stands below the baseline
		g := sheet.Glyph{Text: text, Ink: r, Cell: r, Size: max(r.Y1-r.Y0, 4), Optical: optical}
		g.Baseline = r.Y1 - below*g.Size
		page.Glyphs = append(page.Glyphs, g)
	}
	return page
}

// surely is how sure tesseract must be of a figure, of 100.
const surely = 60

// reading is what a piece says, "" if it is nothing.
func (p *piece) reading() (string, *document.Optical) {
	words := joined(p.words)
	switch {
	case !p.inCell:
		return words, nil
	case p.figure.text != "" || p.figure.likely && !strings.ContainsFunc(words, func(r rune) bool { return unicode.Is(unicode.Han, r) }):
		o := &document.Optical{Readings: []string{p.digits, p.figure.text}, Others: p.figure.others}
		o.Sure = p.figure.sure && p.digits == p.figure.text && p.free == p.digits && p.sure >= surely
		for _, text := range o.Readings {
			if text != "" {
				return text, o
			}
		}
		return document.Illegible, o
	case words == "":
		return document.Illegible, nil
	}
	return words, nil
}

// joined is the text of words. tesseract cuts Chinese into words as it likes; a space is one only between others.
func joined(words []word) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			before, _ := utf8.DecodeLastRuneInString(b.String())
			next, _ := utf8.DecodeRuneInString(w.text)
			gap := w.Min.X - words[i-1].Max.X
			if wide(before) && wide(next) && gap > 2*w.Dy() || !wide(before) && !wide(next) {
				b.WriteByte(' ')
			}
		}
		b.WriteString(w.text)
	}
	return b.String()
}

// wide says that a character is Chinese or of its punctuation.
func wide(r rune) bool { return r >= 0x2E80 || r >= 0x2018 && r <= 0x201D }
