package demo

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// styledDocument is a Word document with heading styles.
func styledDocument(c content) ([]byte, error) { return wordDocument(c, false) }

// pastedDocument is a Word document as bureaus paste them together: headings only bold, digits in runs of their own,
// narrow labels on two lines, section 二 as one table a block.
func pastedDocument(c content) ([]byte, error) { return wordDocument(c, true) }

const (
	xmlHead     = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	wordSpace   = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`
	officeTypes = "application/vnd.openxmlformats-officedocument.wordprocessingml."
	relations   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	pageWidth   = 9000 // of the text, in twentieths of a point
)

// wordDocument writes WordprocessingML (ECMA-376 part 1) in a package without any part that is not needed.
func wordDocument(c content, pasted bool) ([]byte, error) {
	w := &wordWriter{pasted: pasted}
	r := c.report
	w.paragraph("Title", "center", r.Title())
	w.paragraph("", "center", r.Note)
	for _, s := range c.sections {
		if s.heading != "" {
			w.paragraph("Heading1", "", s.heading)
		}
		for _, text := range s.paragraphs {
			w.paragraph("", "both", text)
		}
		switch {
		case s.table == nil:
		case pasted:
			for _, part := range s.parts {
				w.table(part)
				w.paragraph("", "", "")
			}
		default:
			w.table(*s.table)
		}
	}
	for _, text := range r.signature() {
		w.paragraph("", "right", text)
	}

	subject := ""
	if r.Synthetic {
		subject = "<dc:subject>" + escapeXML(r.Note) + "</dc:subject>"
	}
	parts := []struct{ name, content string }{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Default Extension="xml" ContentType="application/xml"/>` +
			`<Override PartName="/word/document.xml" ContentType="` + officeTypes + `document.main+xml"/>` +
			`<Override PartName="/word/styles.xml" ContentType="` + officeTypes + `styles+xml"/>` +
			`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`},
		{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
			`<Relationship Id="rId1" Type="` + relations + `officeDocument" Target="word/document.xml"/>` +
			`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`},
		{"docProps/core.xml", `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">` +
			`<dc:title>` + escapeXML(r.Title()) + `</dc:title>` + subject + `</cp:coreProperties>`},
		{"word/_rels/document.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
			`<Relationship Id="rId1" Type="` + relations + `styles" Target="styles.xml"/></Relationships>`},
		{"word/styles.xml", `<w:styles ` + wordSpace + `>` +
			`<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="仿宋"/><w:sz w:val="24"/></w:rPr></w:rPrDefault></w:docDefaults>` +
			`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>` +
			`<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/><w:rPr><w:b/><w:sz w:val="36"/></w:rPr></w:style>` +
			`<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/><w:pPr><w:keepNext/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="28"/></w:rPr></w:style></w:styles>`},
		{"word/document.xml", `<w:document ` + wordSpace + `><w:body>` + w.String() +
			`<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440" w:header="851" w:footer="992" w:gutter="0"/></w:sectPr></w:body></w:document>`},
	}
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	for _, part := range parts {
		out, err := archive.Create(part.name) // without a time, so that the bytes depend on the content alone
		if err == nil {
			_, err = out.Write([]byte(xmlHead + part.content))
		}
		if err != nil {
			return nil, fmt.Errorf("print report %s: write %s: %w", r.Title(), part.name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("print report %s: close package: %w", r.Title(), err)
	}
	return file.Bytes(), nil
}

type wordWriter struct {
	strings.Builder
	pasted bool
}

// paragraph writes one paragraph; style is "" for plain text.
func (w *wordWriter) paragraph(style, align, text string) {
	var properties, run string
	switch {
	case style != "" && w.pasted:
		run = "<w:rPr><w:b/></w:rPr>"
	case style != "":
		properties = `<w:pStyle w:val="` + style + `"/>`
	}
	if align != "" {
		properties += `<w:jc w:val="` + align + `"/>`
	}
	w.WriteString("<w:p>")
	if properties != "" {
		w.WriteString("<w:pPr>" + properties + "</w:pPr>")
	}
	runs := []string{text}
	if w.pasted {
		runs = runsOf(text)
	}
	for _, t := range runs {
		if t != "" {
			w.WriteString("<w:r>" + run + `<w:t xml:space="preserve">` + escapeXML(t) + "</w:t></w:r>")
		}
	}
	w.WriteString("</w:p>")
}

func (w *wordWriter) table(g grid) {
	widths := g.widths(pageWidth)
	w.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="` + fmt.Sprint(pageWidth) + `" w:type="dxa"/><w:tblBorders>`)
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		w.WriteString(`<w:` + side + ` w:val="single" w:sz="4" w:space="0" w:color="auto"/>`)
	}
	w.WriteString(`</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>`)
	for _, width := range widths {
		fmt.Fprintf(w, `<w:gridCol w:w="%d"/>`, width)
	}
	w.WriteString(`</w:tblGrid>`)
	for row, line := range g.covering() {
		w.WriteString("<w:tr>")
		for column := 0; column < g.columns; {
			c := g.cells[line[column]]
			width := 0
			for _, part := range widths[column : column+c.columns] {
				width += part
			}
			fmt.Fprintf(w, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/>`, width)
			if c.columns > 1 {
				fmt.Fprintf(w, `<w:gridSpan w:val="%d"/>`, c.columns)
			}
			switch {
			case c.rows > 1 && c.row == row:
				w.WriteString(`<w:vMerge w:val="restart"/>`)
			case c.rows > 1:
				w.WriteString(`<w:vMerge/>`)
			}
			w.WriteString(`<w:vAlign w:val="center"/></w:tcPr>`)
			switch {
			case c.row != row:
				w.paragraph("", "center", "")
			case w.pasted:
				for _, text := range strings.Split(twoLines(c, "\n", func(s string) string { return s }), "\n") {
					w.paragraph("", "center", text)
				}
			default:
				w.paragraph("", "center", c.text)
			}
			w.WriteString("</w:tc>")
			column += c.columns
		}
		w.WriteString("</w:tr>")
	}
	w.WriteString("</w:tbl>")
}

func escapeXML(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // into memory
	return b.String()
}
