package page

import (
	"bytes"
	"strconv"
	"strings"

	"nianbao/dashboard/chart"
)

// sheet is a page as a table of values for .csv.
type sheet struct {
	header []string
	rows   [][]value
}

// value is one field of a sheet.
type value struct {
	text string
	// words says that the text comes from people. A spreadsheet runs such a text as a formula when it starts with one
	// of =+-@, so an apostrophe is put before it. Numbers are left alone: -18 is a number.
	words bool
}

func figure(n int64) value     { return value{text: strconv.FormatInt(n, 10)} }
func plainText(s string) value { return value{text: s} }
func said(s string) value      { return value{text: s, words: true} }

// encode writes the sheet as RFC 4180: comma, CRLF, quotes where they are needed.
func (s sheet) encode(bom bool) []byte {
	var b bytes.Buffer
	if bom {
		b.WriteString("\ufeff")
	}
	for i, name := range s.header {
		if i > 0 {
			b.WriteByte(',')
		}
		writeField(&b, name)
	}
	b.WriteString("\r\n")
	for _, row := range s.rows {
		for i, v := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			text := v.text
			if v.words {
				text = disarm(text)
			}
			writeField(&b, text)
		}
		b.WriteString("\r\n")
	}
	return chart.Printable(b.Bytes())
}

func disarm(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	return s
}

func writeField(b *bytes.Buffer, s string) {
	if !strings.ContainsAny(s, "\",\r\n") && strings.TrimSpace(s) == s {
		b.WriteString(s)
		return
	}
	b.WriteByte('"')
	b.WriteString(strings.ReplaceAll(s, `"`, `""`))
	b.WriteByte('"')
}
