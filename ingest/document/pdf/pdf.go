// Package pdf reads PDF files: what a person sees on the pages, as paragraphs and grids.
//
// PDFium, compiled to WebAssembly, tells where each character, line and area stands ([content]). What nobody sees goes
// ([content.printed]), and package sheet makes tables and paragraphs of the rest. A page that is a picture without text is
// drawn ([guest.picture]) and read by package scan.
//
// Files are hostile, and code that WebAssembly was compiled to can neither be interrupted nor does it let Go's
// collector work, unless it asks at every step whether to go on, which makes it five times as slow. So files are read
// in processes of their own ([readers]): each is this program again, started with a mark in its environment, and is
// ended when a page takes too long. Nothing of this happens before the first PDF is read.
package pdf

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"

	"nianbao/ingest/document"
	"nianbao/ingest/document/scan"
	"nianbao/ingest/document/sheet"
	"nianbao/internal/form"
)

// MediaType is that of the documents.
const MediaType = "application/pdf"

// Codes of refusals and problems that only files of pages have.
const (
	Timeout = "timeout" // reading took longer than any real file does
	Scan    = "scan"    // a page is a picture and was not read, because too many others are
	Aslant  = "aslant"  // text set aslant, as a watermark is, was left out
	NoText  = "no_text" // a page has drawings, but no text
)

// outlined is the number of curved drawings from which on a page without text is taken for one whose letters were drawn.
const outlined = 50

// maxPages is the number of pages that are read. The longest file seen has 18.
const maxPages = 1000

// read reads a file in this process. Where pages are pictures that are still to be read, it returns what is printed on
// the others, and a document without blocks.
func read(m *machine, b []byte, l document.Limits, to listener) (*document.Document, []sheet.Page, error) {
	g, err := m.start(context.Background())
	if err != nil {
		return nil, nil, err
	}
	defer g.close()
	d, printed, err := g.read(b, l, to)
	var refusal *document.Refusal
	if g.err != nil && !errors.As(err, &refusal) {
		// The guest trapped: its memory ended, or the file led it astray.
		if g.memory.Size() > wasmPages/8*7*(64<<10) {
			return nil, nil, document.Refuse(document.TooLarge, form.Position{}, "the PDF needs more than %d MB of memory", wasmPages/16)
		}
		return nil, nil, document.Refuse(document.Damaged, form.Position{}, "the PDF cannot be read: PDFium stopped: %v", cause(g.err))
	}
	return d, printed, err
}

// cause is the first line of a trap; the others list the guest's functions.
func cause(err error) string {
	for i, c := range err.Error() {
		if c == '\n' {
			return err.Error()[:i]
		}
	}
	return err.Error()
}

// Error codes of FPDF_GetLastError.
const (
	errorFormat   = 3
	errorPassword = 4
	errorSecurity = 5
)

func (g *guest) read(b []byte, l document.Limits, to listener) (*document.Document, []sheet.Page, error) {
	data := g.put(b)
	file := g.call("FPDF_LoadMemDocument64", data, uint64(len(b)), 0)
	if g.err != nil {
		return nil, nil, g.err
	}
	if file == 0 {
		switch code := g.call("FPDF_GetLastError"); code {
		case errorPassword:
			return nil, nil, document.Refuse(document.Encrypted, form.Position{}, "the PDF is protected by a password; save it without one")
		case errorSecurity:
			return nil, nil, document.Refuse(document.Encrypted, form.Position{}, "the PDF is encrypted in a way that is not read; save it without protection")
		default:
			return nil, nil, document.Refuse(document.Damaged, form.Position{}, "the PDF is damaged: its table of contents cannot be read (PDFium's error %d)", code)
		}
	}
	pages := int(int32(g.call("FPDF_GetPageCount", file)))
	if g.err != nil {
		return nil, nil, g.err
	}
	if pages <= 0 {
		return nil, nil, document.Refuse(document.Empty, form.Position{}, "the PDF has no pages")
	}
	if pages > maxPages {
		return nil, nil, document.Refuse(document.TooLarge, form.Position{}, "the PDF has %d pages, at most %d are read", pages, maxPages)
	}
	printed := make([]sheet.Page, 0, pages)
	pictures, drawn := 0, 0
	characters := 0
	for i := range pages {
		to.begun(i + 1)
		c, err := g.page(file, i, l.Text-characters)
		if err != nil {
			return nil, nil, err
		}
		characters += len(c.chars)
		p := c.printed(i + 1)
		if len(p.Glyphs) == 0 && c.picture() {
			pictures++
			switch at := (form.Position{Page: i + 1}); {
			case to.drawn == nil:
				p.Problems = append(p.Problems, form.Problem{Code: scan.NeedsTesseract, At: at, Message: scan.Missing(fmt.Sprintf("page %d is a picture", i+1)).Error()})
			case drawn == scan.MaxPages:
				p.Problems = append(p.Problems, form.Problem{Code: Scan, At: at,
					Message: fmt.Sprintf("page %d is a picture, as are %d before it; at most so many are read", i+1, drawn)})
			default:
				drawn++
				picture, err := g.picture(file, i, scan.Resolution)
				if err != nil {
					return nil, nil, err
				}
				to.drawn(i+1, picture)
			}
		}
		if len(p.Glyphs) == 0 && c.curves >= outlined {
			p.Problems = append(p.Problems, form.Problem{Code: NoText, At: form.Position{Page: i + 1},
				Message: fmt.Sprintf("page %d has no text, but %d drawings of curves; if they are letters, they were not read", i+1, c.curves)})
		}
		printed = append(printed, p)
	}
	if pictures == pages && drawn == 0 {
		return nil, nil, scan.Missing(fmt.Sprintf("the PDF is a scan: its %d pages are pictures without text", pages))
	}
	d := &document.Document{}
	if drawn == 0 {
		var err error
		if d, err = sheet.Read(printed, l); err != nil {
			return nil, nil, err
		}
		printed = nil
	}
	d.MediaType = MediaType
	d.Title = document.Squeeze(g.meta(file, "Title"))
	for _, name := range []string{"Author", "Subject", "Keywords", "Creator", "Producer"} {
		if v := document.Squeeze(g.meta(file, name)); v != "" {
			if d.Meta == nil {
				d.Meta = map[string]string{}
			}
			d.Meta[strings.ToLower(name)] = v
		}
	}
	return d, printed, g.err
}

// page reads what stands on the page with this index.
func (g *guest) page(file uint64, index, limit int) (*content, error) {
	number := index + 1
	page := g.call("FPDF_LoadPage", file, uint64(index))
	if g.err != nil {
		return nil, g.err
	}
	if page == 0 {
		return nil, document.Refuse(document.Damaged, form.Position{Page: number}, "page %d of the PDF is damaged", number)
	}
	if g.annotated(page) {
		// Form fields, stamps and the like become part of the page, as they are seen.
		g.call("FPDFPage_Flatten", page, 0)
		g.call("FPDF_ClosePage", page)
		if page = g.call("FPDF_LoadPage", file, uint64(index)); page == 0 && g.err == nil {
			return nil, document.Refuse(document.Damaged, form.Position{Page: number}, "page %d of the PDF is damaged", number)
		}
	}
	c := &content{texts: map[uint64]textObject{}}
	if g.call("FPDF_GetPageBoundingBox", page, g.at(0)) != 0 {
		g.float32s(&c.bounds.x0, &c.bounds.y1, &c.bounds.x1, &c.bounds.y0)
	}
	if !(c.bounds.area() > 0) || c.bounds.empty() {
		return nil, document.Refuse(document.Damaged, form.Position{Page: number}, "page %d of the PDF has no extent", number)
	}
	c.turned = 90 * int(g.call("FPDFPage_GetRotation", page)&3)
	if err := g.drawings(page, number, c); err != nil {
		return nil, err
	}
	if err := g.characters(page, number, limit, c); err != nil {
		return nil, err
	}
	g.call("FPDF_ClosePage", page)
	return c, g.err
}

// Types of annotations, as FPDFAnnot_GetSubtype returns them, that show nothing of their own.
const (
	annotationLink  = 2
	annotationPopup = 16
)

// annotated says that the page has annotations that are seen.
func (g *guest) annotated(page uint64) bool {
	const most = 1000
	n := int(int32(g.call("FPDFPage_GetAnnotCount", page)))
	for i := 0; i < min(n, most) && g.err == nil; i++ {
		a := g.call("FPDFPage_GetAnnot", page, uint64(i))
		if a == 0 {
			continue
		}
		kind := g.call("FPDFAnnot_GetSubtype", a)
		g.call("FPDFPage_CloseAnnot", a)
		if kind != annotationLink && kind != annotationPopup {
			return true
		}
	}
	return false
}

// meta is what the file states about itself under this name.
func (g *guest) meta(file uint64, name string) string {
	const most = 4096
	tag, buffer := g.put(append([]byte(name), 0)), g.call("malloc", most)
	n := g.call("FPDF_GetMetaText", file, tag, buffer, most)
	var s string
	if b, ok := g.memory.Read(uint32(buffer), uint32(min(n, most))); ok && buffer != 0 && g.err == nil {
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
		}
		s = strings.TrimRight(string(utf16.Decode(units)), "\x00")
	}
	g.call("free", tag)
	g.call("free", buffer)
	return s
}
