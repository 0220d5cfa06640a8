package chart

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// fonts are the faces of the style sheet.
const fonts = `PingFang SC,HarmonyOS Sans SC,Microsoft YaHei,Noto Sans CJK SC,Source Han Sans SC,WenQuanYi Micro Hei,system-ui,sans-serif`

// plain makes a text safe to be drawn: in ECharts braces start a template or a style, and line breaks a new line.
// Braces become full-width, controls a space.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '{':
			return '｛'
		case r == '}':
			return '｝'
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, s)
}

// detail is plain for texts of several lines.
func detail(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = plain(lines[i])
	}
	return strings.Join(lines, "\n")
}

// em is an upper estimate of the width of a rune in em for the faces in use. Measuring in the browser would make
// the picture differ between the browser and a renderer without a canvas.
func em(r rune) float64 {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 1
	case width.EastAsianAmbiguous: // – “ ” ⁰ ●: wide in Chinese faces
		return 1
	}
	switch {
	case r >= '0' && r <= '9':
		return 0.6
	case strings.ContainsRune(" ,.:;'!|()[]/ijltfr", r):
		return 0.4
	case strings.ContainsRune("mwMW%@", r):
		return 0.95
	case r < 0x80:
		return 0.65
	}
	return 1
}

func span(s string, size int) float64 {
	total := 0.0
	for _, r := range s {
		total += em(r)
	}
	return total * float64(size)
}

// cut shortens a text that is wider than limit and ends it with an ellipsis.
func cut(s string, limit float64, size int) string {
	if span(s, size) <= limit {
		return s
	}
	total := float64(size) // of the ellipsis
	for i, r := range s {
		if total += em(r) * float64(size); total > limit {
			return s[:i] + "…"
		}
	}
	return s
}

// TextWidth is an upper estimate of the width of a text in pixels.
func TextWidth(s string, size int) float64 { return span(s, size) }

// Wrap breaks a text into lines no wider than limit pixels. Chinese text may break anywhere.
func Wrap(s string, limit float64, size int) []string {
	var lines []string
	line, width := "", 0.0
	for _, r := range s {
		w := em(r) * float64(size)
		if width+w > limit && line != "" {
			lines = append(lines, strings.TrimSpace(line))
			line, width = "", 0
		}
		line += string(r)
		width += w
	}
	if line = strings.TrimSpace(line); line != "" {
		lines = append(lines, line)
	}
	return lines
}
