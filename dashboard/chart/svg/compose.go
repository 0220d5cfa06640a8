package svg

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"nianbao/dashboard/chart"
)

// Sizes in CSS pixels.
const (
	margin     = 16
	titleSize  = 22
	titleLine  = 32
	textSize   = 14
	textLine   = 22
	sourceSize = 12
	sourceLine = 18
	swatch     = 18 // width of a mark in the legend
)

// faces are those of the style sheet.
const faces = `"PingFang SC","HarmonyOS Sans SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC","WenQuanYi Micro Hei",system-ui,sans-serif`

// Height is that of the whole picture of a drawing in a frame.
func Height(d chart.Drawing, f Frame) int {
	_, _, height := layout(d, f)
	return height
}

// layout says where things stand: the lines above the plot, its upper edge, and the height of all.
func layout(d chart.Drawing, f Frame) (legend [][]place, top, height int) {
	width := float64(f.Width)
	if f.Title != "" {
		top = margin + titleLine*len(chart.Wrap(f.Title, width-2*margin, titleSize)) + textLine*len(chart.Wrap(f.Line, width-2*margin, textSize)) + 8
	}
	legend = rowsOf(d.Legend, width-f.inset()*2)
	top += textLine * len(legend)
	if len(legend) > 0 {
		top += 4
	}
	height = top + d.Height
	if f.Title != "" {
		height += 8 + margin
		for _, s := range f.Source {
			height += sourceLine * len(chart.Wrap(s, width-2*margin, sourceSize))
		}
	}
	return legend, top, height
}

// inset is the empty room at both sides of the texts.
func (f Frame) inset() float64 {
	if f.Title == "" {
		return 0
	}
	return margin
}

// place is an entry of the legend in its line.
type place struct {
	chart.Key
	x float64
}

// rowsOf breaks the legend into lines.
func rowsOf(keys []chart.Key, limit float64) (rows [][]place) {
	x := 0.0
	for _, k := range keys {
		w := swatch + 8 + chart.TextWidth(k.Text, textSize) + 20
		if len(rows) == 0 || x+w > limit && x > 0 {
			rows = append(rows, nil)
			x = 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], place{k, x})
		x += w
	}
	return rows
}

// compose puts the title, the legend and the source around a plot.
func compose(plot string, d chart.Drawing, f Frame) []byte {
	p := f.Palette
	legend, top, height := layout(d, f)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="%d" height="%d" viewBox="0 0 %d %d" role="img" font-family='%s'>`+"\n", f.Width, height, f.Width, height, faces)
	if f.Title != "" {
		fmt.Fprintf(&b, "<title>%s</title>\n", escape(f.Title))
	}
	if f.Text != "" {
		fmt.Fprintf(&b, "<desc>%s</desc>\n", escape(f.Text))
	}
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="%s"/>`+"\n", f.Width, height, p.Ground)
	y := 0
	if f.Title != "" {
		y = margin
		for _, line := range chart.Wrap(f.Title, float64(f.Width)-2*margin, titleSize) {
			write(&b, margin, y+titleLine/2, titleSize, 600, p.Ink, line)
			y += titleLine
		}
		for _, line := range chart.Wrap(f.Line, float64(f.Width)-2*margin, textSize) {
			write(&b, margin, y+textLine/2, textSize, 400, p.Ink2, line)
			y += textLine
		}
		y += 8
	}
	for _, row := range legend {
		for _, k := range row {
			k.draw(&b, f.inset()+k.x, float64(y)+textLine/2, p)
		}
		y += textLine
	}
	fmt.Fprintf(&b, `<g transform="translate(0 %d)">`+"\n%s</g>\n", top, plot)
	if f.Title != "" {
		y = top + d.Height + 8
		for _, s := range f.Source {
			for _, line := range chart.Wrap(s, float64(f.Width)-2*margin, sourceSize) {
				write(&b, margin, y+sourceLine/2, sourceSize, 400, p.Ink3, line)
				y += sourceLine
			}
		}
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

// draw draws an entry of the legend.
func (k place) draw(b *strings.Builder, x, y float64, p chart.Palette) {
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	if g, ok := chart.Glyphs[k.Mark]; ok {
		fmt.Fprintf(b, `<text x="%s" y="%s" font-size="16" text-anchor="middle" dominant-baseline="central" fill="%s">%s</text>`+"\n", number(x+swatch/2), number(y), g.Colour(p), g.Text)
	} else if line, ok := chart.Lines[k.Mark]; ok {
		colour, width, dashed := line(p)
		dash := ""
		if dashed {
			dash = ` stroke-dasharray="4 3"`
		}
		fmt.Fprintf(b, `<path d="M%s %sh%d" stroke="%s" stroke-width="%s"%s fill="none"/>`+"\n", number(x), number(y), swatch, colour, number(width), dash)
	} else if k.Mark == "tick" {
		fmt.Fprintf(b, `<rect x="%s" y="%s" width="3" height="16" fill="%s"/>`+"\n", number(x+swatch/2-1.5), number(y-8), p.Ink)
	} else if fill := k.Fill(p); fill != "" {
		fmt.Fprintf(b, `<rect x="%s" y="%s" width="%d" height="12" fill="%s" stroke="%s"/>`+"\n", number(x), number(y-6), swatch, fill, p.Axis)
		ink := p.Ground
		if k.Mark == "open" {
			ink = p.Axis
		}
		for _, line := range chart.DecalLines(k.Decal) {
			fmt.Fprintf(b, `<path d="%s" transform="translate(%s %s)" stroke="%s" stroke-opacity="0.7" fill="none"/>`+"\n", line, number(x), number(y-6), ink)
		}
	}
	write(b, int(x)+swatch+8, int(y), textSize, 400, p.Ink2, k.Text)
}

func write(b *strings.Builder, x, y, size, weight int, colour, text string) {
	fmt.Fprintf(b, `<text x="%d" y="%d" font-size="%d" font-weight="%d" dominant-baseline="central" fill="%s">%s</text>`+"\n", x, y, size, weight, colour, escape(text))
}

// escape writes a text into XML. What XML does not allow becomes U+FFFD.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return b.String()
}

// Words is a picture that says why there is none.
func Words(text string, width int, p chart.Palette) []byte {
	return compose("", chart.Drawing{Height: 40}, Frame{Title: text, Width: width, Palette: p})
}
