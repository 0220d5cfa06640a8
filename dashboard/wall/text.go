package wall

import (
	"encoding/xml"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"nianbao/dashboard/chart"
)

// paragraph writes a text from the left edge on, at most so many lines, and moves y below it.
func (c *canvas) paragraph(left, right int, y *int, size, weight int, colour, text string, most int, what string) {
	if text == "" {
		return
	}
	lines := c.wrap(text, left, right, size)
	if len(lines) > most {
		c.misfit(what, len(lines), most)
		return
	}
	step := int(float64(size) * leading)
	for _, l := range lines {
		c.write(left, *y+step/2, size, weight, colour, l)
		*y += step
	}
}

// write writes a text from x on, its middle at y. It jumps over seams: no character lies on one.
func (c *canvas) write(x, y, size, weight int, colour, text string) {
	begin, at := x, x
	var run strings.Builder
	flush := func() {
		if s := strings.TrimSpace(run.String()); s != "" {
			fmt.Fprintf(&c.b, `<text x="%d" y="%d" font-size="%d" font-weight="%d" dominant-baseline="central" fill="%s">%s</text>`+"\n", begin, y, size, weight, colour, escape(s))
		}
		run.Reset()
	}
	for _, t := range tokens(text) {
		w := int(chart.TextWidth(t, size))
		if c.crosses(at, at+w) {
			flush()
			for _, seam := range c.screen.Seams {
				if at < seam+c.text/4 && at+w > seam-c.text/4 {
					at = seam + c.text/4 + 1
				}
			}
			begin = at
		}
		run.WriteString(t)
		at += w
	}
	flush()
}

// writeEnd writes a text that ends at x.
func (c *canvas) writeEnd(x, y, size, weight int, colour, text string) {
	w := int(chart.TextWidth(text, size))
	if c.crosses(x-w, x) {
		c.write(x-w, y, size, weight, colour, text)
		return
	}
	fmt.Fprintf(&c.b, `<text x="%d" y="%d" font-size="%d" font-weight="%d" text-anchor="end" dominant-baseline="central" fill="%s">%s</text>`+"\n", x, y, size, weight, colour, escape(text))
}

// wrapAll wraps each line of a text.
func (c *canvas) wrapAll(text string, left, right, size int) (lines []string) {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, c.wrap(line, left, right, size)...)
	}
	return lines
}

// wrap breaks a text into lines between two edges, not in the middle of a number or a word.
func (c *canvas) wrap(text string, left, right, size int) (lines []string) {
	limit := float64(right - left)
	for _, x := range c.screen.Seams {
		if x > left && x < right {
			limit -= float64(c.text/2 + size)
		}
	}
	line, at := "", 0.0
	for _, t := range tokens(text) {
		w := chart.TextWidth(t, size)
		if at+w > limit && line != "" {
			lines = append(lines, strings.TrimSpace(line))
			line, at = "", 0
		}
		line += t
		at += w
	}
	if line = strings.TrimSpace(line); line != "" {
		lines = append(lines, line)
	}
	return lines
}

// tokens are the pieces between which a text may be broken: Chinese characters, each with the marks that may not begin a line
// or end one, and words and numbers as a whole, unless they are very long.
func tokens(text string) (list []string) {
	glue := false // the next piece belongs to the last one
	for _, r := range text {
		wide := width.LookupRune(r).Kind() == width.EastAsianWide || width.LookupRune(r).Kind() == width.EastAsianFullwidth
		closing := strings.ContainsRune("，。；：、）」』”’％%！？…·)]", r)
		last := len(list) - 1
		narrow := last >= 0 && !wide && !unicode.IsSpace(r) && !endsWide(list[last]) && len(list[last]) < 24
		if last >= 0 && (glue || closing || narrow) {
			list[last] += string(r)
		} else {
			list = append(list, string(r))
		}
		glue = strings.ContainsRune("（「『“‘([", r)
	}
	return list
}

// endsWide reports whether a line may be broken behind a piece.
func endsWide(s string) bool {
	var last rune
	for _, r := range s {
		last = r
	}
	k := width.LookupRune(last).Kind()
	return unicode.IsSpace(last) || k == width.EastAsianWide || k == width.EastAsianFullwidth || last == '·' || last == '…'
}

// cut shortens a text that is wider than limit and ends it with an ellipsis.
func cut(s string, limit float64, size int) string {
	if chart.TextWidth(s, size) <= limit+1 {
		return s
	}
	out := ""
	for _, r := range s {
		if chart.TextWidth(out+string(r)+"…", size) > limit {
			break
		}
		out += string(r)
	}
	return out + "…"
}

// escape writes a text into XML. What XML does not allow becomes U+FFFD.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return b.String()
}
