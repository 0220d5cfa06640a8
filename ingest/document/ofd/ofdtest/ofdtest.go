// Package ofdtest draws documents as OFD files for tests, the way programs that print to OFD do: each line of text an
// object with the distances of its characters, each border a path.
package ofdtest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"html"
	"strings"
	"unicode/utf8"

	"nianbao/ingest/document"
)

// Style is how a file is drawn.
type Style struct {
	// Filled borders are thin rectangles that are filled; others are lines.
	Filled bool
	// Scaled text states its size and distances in a unit of its own and is scaled by a matrix.
	Scaled bool
	// Template puts a line of text on every page from a template page.
	Template string
}

const (
	pageWidth  = 297.0
	pageHeight = 420.0
	margin     = 15.0
	font       = 3.5 // millimetres
	leading    = 4.6
)

// drawing is a file under way.
type drawing struct {
	style Style
	pages []strings.Builder
	y     float64
	id    int
}

// Write draws the document on as many pages as it takes. No table is divided between pages.
func Write(d *document.Document, style Style) []byte {
	w := &drawing{style: style}
	w.page()
	for _, b := range d.Blocks {
		if b.Grid != nil {
			w.grid(b.Grid)
		} else {
			for _, line := range wrap(b.Text, pageWidth-2*margin) {
				w.room(leading)
				w.text(margin, w.y, line)
				w.y += leading
			}
		}
		w.y += leading / 2
	}
	pages := make([]string, len(w.pages))
	for i := range w.pages {
		pages[i] = w.pages[i].String()
	}
	return Pack(d.Title, pages, style.Template)
}

// Pack makes a package of pages whose objects are given as XML. A template, if not empty, is a text that stands on every
// page.
func Pack(title string, pages []string, template string) []byte {
	const head = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	const space = ` xmlns:ofd="http://www.ofdspec.org/2016"`
	list, templates, use := "", "", ""
	parts := map[string]string{}
	if template != "" {
		templates = `<ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"/>`
		use = `<ofd:Template TemplateID="2" ZOrder="Background"/>`
		w := &drawing{}
		w.page()
		w.text(margin, 5, template)
		parts["Doc_0/Tpls/Tpl_0/Content.xml"] = head + `<ofd:Page` + space + `><ofd:Content><ofd:Layer ID="3">` + w.pages[0].String() + `</ofd:Layer></ofd:Content></ofd:Page>`
	}
	for i, p := range pages {
		list += fmt.Sprintf(`<ofd:Page ID="%d" BaseLoc="Pages/Page_%d/Content.xml"/>`, 10+i, i)
		parts[fmt.Sprintf("Doc_0/Pages/Page_%d/Content.xml", i)] = head + `<ofd:Page` + space + `>` + use + `<ofd:Content><ofd:Layer ID="5" Type="Body">` + p + `</ofd:Layer></ofd:Content></ofd:Page>`
	}
	parts["OFD.xml"] = head + `<ofd:OFD` + space + ` Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>0</ofd:DocID><ofd:Title>` + html.EscapeString(title) +
		`</ofd:Title></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>`
	parts["Doc_0/Document.xml"] = head + `<ofd:Document` + space + `><ofd:CommonData><ofd:MaxUnitID>9</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>` +
		fmt.Sprintf("0 0 %g %g", pageWidth, pageHeight) + `</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes>` + templates +
		`</ofd:CommonData><ofd:Pages>` + list + `</ofd:Pages></ofd:Document>`
	parts["Doc_0/PublicRes.xml"] = head + `<ofd:Res` + space + ` BaseLoc="Res"><ofd:DrawParams><ofd:DrawParam ID="7" LineWidth="0.25"/><ofd:DrawParam ID="8" Relative="7"><ofd:FillColor Value="0 0 0"/></ofd:DrawParam></ofd:DrawParams><ofd:Fonts><ofd:Font ID="4" FontName="宋体"/></ofd:Fonts></ofd:Res>`
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range parts {
		f, err := z.Create(name)
		if err == nil {
			_, err = f.Write([]byte(content))
		}
		if err != nil {
			panic(err) // memory does not fail
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func (w *drawing) page() {
	w.pages = append(w.pages, strings.Builder{})
	w.y = margin
}

// room begins a page where less than so much is left of this one.
func (w *drawing) room(height float64) {
	if w.y+height > pageHeight-margin && w.y > margin {
		w.page()
	}
}

func (w *drawing) put(format string, args ...any) {
	w.id++
	args = append([]any{100 + w.id}, args...)
	fmt.Fprintf(&w.pages[len(w.pages)-1], format, args...)
}

// wide is the width of a character.
func wide(r rune) float64 {
	if r < 0x2E80 {
		return font / 2
	}
	return font
}

func wrap(s string, width float64) []string {
	var out []string
	for _, line := range strings.Split(s, "\n") {
		from, x := 0, 0.0
		for i, r := range line {
			if x+wide(r) > width && i > from {
				out = append(out, line[from:i])
				from, x = i, 0
			}
			x += wide(r)
		}
		out = append(out, line[from:])
	}
	return out
}

// text draws a line whose top left corner is given.
func (w *drawing) text(x, y float64, s string) {
	if strings.TrimSpace(s) == "" {
		return
	}
	scale, matrix := 1.0, ""
	if w.style.Scaled {
		scale, matrix = 0.5, ` CTM="2 0 0 2 0 0"`
	}
	width := 0.0
	var runs []string
	last, times := 0.0, 0
	flush := func() {
		switch {
		case times > 1:
			runs = append(runs, fmt.Sprintf("g %d %g", times, last))
		case times == 1:
			runs = append(runs, fmt.Sprint(last))
		}
		times = 0
	}
	n := utf8.RuneCountInString(s)
	for i, r := range []rune(s) {
		width += wide(r)
		if i == n-1 {
			break
		}
		if step := wide(r) * scale; step != last {
			flush()
			last = step
		}
		times++
	}
	flush()
	w.put(`<ofd:TextObject ID="%d" Boundary="%g %g %g %g" Font="4" Size="%g"%s><ofd:FillColor Value="0 0 0"/><ofd:TextCode X="0" Y="%g" DeltaX="%s">%s</ofd:TextCode></ofd:TextObject>`,
		x, y, width, font*1.2, font*scale, matrix, font*0.88*scale, strings.Join(runs, " "), html.EscapeString(s))
}

func (w *drawing) line(x0, y0, x1, y1 float64) {
	if w.style.Filled {
		const half = 0.12
		w.put(`<ofd:PathObject ID="%d" Boundary="%g %g %g %g" Stroke="false" Fill="true" DrawParam="8"><ofd:AbbreviatedData>M 0 0 L %[4]g 0 L %[4]g %[5]g L 0 %[5]g C</ofd:AbbreviatedData></ofd:PathObject>`,
			x0-half, y0-half, x1-x0+2*half, y1-y0+2*half)
		return
	}
	w.put(`<ofd:PathObject ID="%d" Boundary="%g %g %g %g" DrawParam="7"><ofd:StrokeColor Value="0 0 0"/><ofd:AbbreviatedData>M 0 0 L %[4]g %[5]g</ofd:AbbreviatedData></ofd:PathObject>`,
		x0, y0, x1-x0, y1-y0)
}

// grid draws a table. Columns of labels are as wide as they need, within bounds; rows are as high as their texts.
func (w *drawing) grid(g *document.Grid) {
	const pad = 1.0
	columns := make([]float64, g.Columns)
	for i := range columns {
		columns[i] = (pageWidth - 2*margin) / float64(g.Columns)
	}
	span := func(sizes []float64, from, n int) (sum float64) {
		for _, v := range sizes[from-1 : from-1+n] {
			sum += v
		}
		return sum
	}
	rows := make([]float64, g.Rows)
	for i := range rows {
		rows[i] = leading + 2*pad
	}
	texts := make([][]string, len(g.Cells))
	for i, c := range g.Cells {
		texts[i] = wrap(c.Text, span(columns, c.Column, c.ColSpan)-2*pad)
		if need := float64(len(texts[i]))*leading + 2*pad; need > span(rows, c.Row, c.RowSpan) {
			rows[c.Row+c.RowSpan-2] += need - span(rows, c.Row, c.RowSpan)
		}
	}
	w.room(span(rows, 1, g.Rows))
	for i, c := range g.Cells {
		x, y := margin+span(columns, 1, c.Column-1), w.y+span(rows, 1, c.Row-1)
		width, height := span(columns, c.Column, c.ColSpan), span(rows, c.Row, c.RowSpan)
		w.line(x, y, x+width, y)
		w.line(x, y+height, x+width, y+height)
		w.line(x, y, x, y+height)
		w.line(x+width, y, x+width, y+height)
		for k, s := range texts[i] {
			w.text(x+pad, y+pad+float64(k)*leading, s)
		}
	}
	w.y += span(rows, 1, g.Rows)
}
