// Package papertest prints documents on paper, for tests: it lays paragraphs and tables out on pages and hands the pages
// to package sheet as a reader of pages would ([Sheets]), or writes them as a PDF file ([PDF]).
package papertest

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"unicode/utf16"

	"nianbao/ingest/document"
	"nianbao/ingest/document/sheet"
)

// The paper, in points. It is A3, lying: section 四 has 15 columns.
const (
	width   = 1191.0
	height  = 842.0
	margin  = 40.0
	size    = 9.0 // of characters
	leading = 12.0
	pad     = 3.0
)

// Page is what was printed on a page. Places are in points from the top left corner.
type Page struct {
	texts []text
	lines []line
}

type text struct {
	x, y float64 // of the baseline
	s    string
}

type line struct{ x0, y0, x1, y1 float64 }

// Print lays a document out. Where a page is full, a table goes on on the next one: between two rows, as programs do that
// write text; a cell that spans rows of both is closed on the one and opened again, empty, on the other. first, if not 0,
// is the height of what the first page holds, so that a page can be made to end anywhere.
func Print(d *document.Document, first float64) []Page {
	p := &printer{bottom: height - margin}
	if first > 0 {
		p.bottom = math.Min(p.bottom, margin+first)
	}
	p.pages, p.y = []Page{{}}, margin
	for _, b := range d.Blocks {
		if b.Grid != nil {
			p.grid(b.Grid)
		} else {
			for _, s := range wrap(b.Text, width-2*margin) {
				p.room(leading)
				p.write(margin, p.y+size, s)
				p.y += leading
			}
		}
		p.y += leading
	}
	return p.pages
}

// Height is how much room a document takes if it is printed on one endless page.
func Height(d *document.Document) float64 {
	p := &printer{bottom: math.Inf(1), pages: []Page{{}}, y: margin}
	for _, b := range d.Blocks {
		if b.Grid != nil {
			p.grid(b.Grid)
		} else {
			p.y += leading * float64(len(wrap(b.Text, width-2*margin)))
		}
		p.y += leading
	}
	return p.y - margin
}

type printer struct {
	pages  []Page
	y      float64
	bottom float64 // of the page under way
}

func (p *printer) room(h float64) bool {
	if p.y+h <= p.bottom || p.y <= margin {
		return false
	}
	p.pages = append(p.pages, Page{})
	p.y, p.bottom = margin, height-margin
	return true
}

func (p *printer) page() *Page { return &p.pages[len(p.pages)-1] }

func (p *printer) write(x, y float64, s string) {
	if strings.TrimSpace(s) != "" {
		p.page().texts = append(p.page().texts, text{x, y, s})
	}
}

// advance is how far a character moves the next one.
func advance(r rune) float64 {
	if r < 0x2E80 {
		return size / 2
	}
	return size
}

func wrap(s string, width float64) []string {
	var out []string
	for _, l := range strings.Split(s, "\n") {
		from, x := 0, 0.0
		for i, r := range l {
			if x+advance(r) > width && i > from {
				out = append(out, l[from:i])
				from, x = i, 0
			}
			x += advance(r)
		}
		out = append(out, l[from:])
	}
	return out
}

func sum(sizes []float64) (total float64) {
	for _, v := range sizes {
		total += v
	}
	return total
}

// grid prints a table. All columns are equally wide; rows are as high as their texts.
func (p *printer) grid(g *document.Grid) {
	column := (width - 2*margin) / float64(g.Columns)
	rows := make([]float64, g.Rows)
	for i := range rows {
		rows[i] = leading + 2*pad
	}
	texts := make([][]string, len(g.Cells))
	for i, c := range g.Cells {
		texts[i] = wrap(c.Text, column*float64(c.ColSpan)-2*pad)
		own := rows[c.Row-1 : c.Row-1+c.RowSpan]
		if need := leading*float64(len(texts[i])) + 2*pad; need > sum(own) {
			own[len(own)-1] += need - sum(own)
		}
	}
	for from := 0; from < g.Rows; {
		to := from + 1 // of the part on this page, exclusive
		p.room(rows[from])
		for to < g.Rows && p.y+sum(rows[from:to+1]) <= p.bottom {
			to++
		}
		for i, c := range g.Cells {
			top, end := max(c.Row-1, from), min(c.Row-1+c.RowSpan, to)
			if top >= end {
				continue
			}
			x0, y0 := margin+column*float64(c.Column-1), p.y+sum(rows[from:top])
			x1, y1 := x0+column*float64(c.ColSpan), p.y+sum(rows[from:end])
			p.page().lines = append(p.page().lines, line{x0, y0, x1, y0}, line{x0, y1, x1, y1}, line{x0, y0, x0, y1}, line{x1, y0, x1, y1})
			if top != c.Row-1 {
				continue
			}
			for k, s := range texts[i] {
				p.write(x0+pad, y0+pad+leading*float64(k)+size, s)
			}
		}
		p.y += sum(rows[from:to])
		from = to
	}
}

// Sheets are the pages as a reader of pages hands them to package sheet.
func Sheets(pages []Page) []sheet.Page {
	out := make([]sheet.Page, len(pages))
	for i, p := range pages {
		s := sheet.Page{Number: i + 1, Width: width, Height: height}
		for run, t := range p.texts {
			x := t.x
			for _, r := range t.s {
				if r != ' ' {
					s.Glyphs = append(s.Glyphs, sheet.Glyph{Text: string(r), Baseline: t.y, Size: size, Run: run + 1,
						Ink:  sheet.Rect{X0: x + 0.05*size, Y0: t.y - 0.75*size, X1: x + 0.9*advance(r), Y1: t.y + 0.05*size},
						Cell: sheet.Rect{X0: x, Y0: t.y - 0.85*size, X1: x + advance(r), Y1: t.y + 0.15*size}})
				}
				x += advance(r)
			}
		}
		for _, l := range p.lines {
			const half = 0.25
			s.Rules = append(s.Rules, sheet.Rule{Rect: sheet.Rect{X0: l.x0 - half, Y0: l.y0 - half, X1: l.x1 + half, Y1: l.y1 + half}})
		}
		out[i] = s
	}
	return out
}

// PDF writes the pages as a PDF file with the fonts that every reader of Chinese has (ISO 32000-1, 9.7.5).
func PDF(pages []Page) []byte {
	var b bytes.Buffer
	var places []int
	object := func(format string, args ...any) {
		places = append(places, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(places)}, args...)...)
	}
	b.WriteString("%PDF-1.7\n")
	const fonts = 3 // the first of their objects
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", fonts+4+2*i)
	}
	object("<</Type/Catalog/Pages 2 0 R>>")
	object("<</Type/Pages/Count %d/Kids[%s]/MediaBox[0 0 %g %g]/Resources<</Font<</H 3 0 R/S 4 0 R>>>>>>", len(pages), kids, width, height)
	object("<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>")
	object("<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[5 0 R]>>")
	object("<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>/DW 1000/W[1 95 500 814 939 500]/FontDescriptor 6 0 R>>")
	object("<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[0 -120 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>")
	for _, p := range pages {
		var c strings.Builder
		c.WriteString("0.5 w\n")
		for _, l := range p.lines {
			fmt.Fprintf(&c, "%.2f %.2f m %.2f %.2f l S\n", l.x0, height-l.y0, l.x1, height-l.y1)
		}
		for _, t := range p.texts {
			show(&c, t)
		}
		object("<</Type/Page/Parent 2 0 R/Contents %d 0 R>>", len(places)+2)
		object("<</Length %d>>stream\n%s\nendstream", c.Len(), c.String())
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(places)+1)
	for _, at := range places {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(places)+1, xref)
	return b.Bytes()
}

// show writes a text: ASCII, half as wide as high, in one font and all else in the other.
func show(b *strings.Builder, t text) {
	x := t.x
	runes := []rune(t.s)
	for i := 0; i < len(runes); {
		j := i + 1
		for j < len(runes) && (runes[j] < 0x80) == (runes[i] < 0x80) {
			j++
		}
		run := runes[i:j]
		fmt.Fprintf(b, "BT 1 0 0 1 %.2f %.2f Tm ", x, height-t.y)
		if run[0] < 0x80 { // Courier is 0.6 wide
			fmt.Fprintf(b, "/H %g Tf %g Tz (%s) Tj ET\n", size, 100*0.5/0.6, strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(string(run)))
		} else {
			fmt.Fprintf(b, "/S %g Tf 100 Tz <", size)
			for _, u := range utf16.Encode(run) {
				fmt.Fprintf(b, "%04X", u)
			}
			b.WriteString("> Tj ET\n")
		}
		for _, r := range run {
			x += advance(r)
		}
		i = j
	}
}
