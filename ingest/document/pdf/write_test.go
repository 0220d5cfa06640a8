package pdf

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
)

// file writes a PDF of pages with the given contents (ISO 32000-1, 7.8.2), 300 by 200 points, that may use the fonts /H
// (Helvetica) and /S (a Chinese font), and whatever resources and objects are added. Object 1 is the catalog, 2 the
// pages, 3 and 4 the fonts; added objects count from 10.
func file(resources string, added []string, contents ...string) []byte {
	objects := map[int]string{
		1: "<</Type/Catalog/Pages 2 0 R>>",
		3: "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
		4: "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[5 0 R]>>",
		5: "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>/DW 1000/W[1 95 500 814 939 500]/FontDescriptor 6 0 R>>",
		6: "<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[0 -120 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>",
	}
	for i, s := range added {
		objects[10+i] = s
	}
	next := 10 + len(added)
	var kids strings.Builder
	for _, content := range contents {
		objects[next] = fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents %d 0 R/Resources<</Font<</H 3 0 R/S 4 0 R>>%s>>>>", next+1, resources)
		objects[next+1] = stream("", content)
		fmt.Fprintf(&kids, "%d 0 R ", next)
		next += 2
	}
	objects[2] = fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(contents), kids.String())
	return assemble(objects, next, "")
}

func stream(dictionary, content string) string {
	return fmt.Sprintf("<</Length %d%s>>stream\n%s\nendstream", len(content), dictionary, content)
}

// assemble writes objects with their cross-reference table.
func assemble(objects map[int]string, size int, trailer string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	places := map[int]int{}
	for i := range size {
		if s, ok := objects[i]; ok {
			places[i] = b.Len()
			fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i, s)
		}
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", size)
	for i := 1; i < size; i++ {
		if at, ok := places[i]; ok {
			fmt.Fprintf(&b, "%010d 00000 n \n", at)
		} else {
			b.WriteString("0000000000 00000 f \n")
		}
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", size, trailer, xref)
	return b.Bytes()
}

// show is the content that writes a text from (x, y) in 10 points: Chinese in the one font, the rest in the other.
func show(x, y float64, s string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "BT 1 0 0 1 %g %g Tm ", x, y)
	chinese := func(r rune) bool { return r >= 0x2000 }
	runes := []rune(s)
	for i := 0; i < len(runes); {
		j := i + 1
		for j < len(runes) && chinese(runes[j]) == chinese(runes[i]) {
			j++
		}
		if chinese(runes[i]) {
			b.WriteString("/S 10 Tf <")
			for _, u := range utf16.Encode(runes[i:j]) {
				fmt.Fprintf(&b, "%04X", u)
			}
			b.WriteString("> Tj ")
		} else {
			fmt.Fprintf(&b, "/H 10 Tf (%s) Tj ", strings.NewReplacer("(", `\(`, ")", `\)`).Replace(string(runes[i:j])))
		}
		i = j
	}
	b.WriteString("ET\n")
	return b.String()
}

// grid is the content that draws a table with its upper left corner at (x, y), columns 60 points wide and rows 20
// points high.
func grid(x, y float64, rows ...string) string {
	var b strings.Builder
	columns := 0
	for i, row := range rows {
		cells := strings.Split(row, "|")
		columns = max(columns, len(cells))
		for j, s := range cells {
			if s != "" {
				b.WriteString(show(x+60*float64(j)+4, y-20*float64(i)-14, s))
			}
		}
	}
	for i := range len(rows) + 1 {
		fmt.Fprintf(&b, "%g %g m %g %g l S\n", x, y-20*float64(i), x+60*float64(columns), y-20*float64(i))
	}
	for j := range columns + 1 {
		fmt.Fprintf(&b, "%g %g m %g %g l S\n", x+60*float64(j), y, x+60*float64(j), y-20*float64(len(rows)))
	}
	return b.String()
}
