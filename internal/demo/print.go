package demo

import (
	"fmt"
	"slices"

	"nianbao/internal/form"
)

// Format is a file format, named by the ending of its files.
type Format string

// The formats.
const (
	HTML     Format = "html"
	DOCX     Format = "docx"
	Markdown Format = "md"
	Text     Format = "txt"
)

// Formats are all formats in fixed order.
var Formats = [...]Format{HTML, DOCX, Markdown, Text}

// writers are the styles of each format.
var writers = map[Format][]func(content) ([]byte, error){
	HTML:     {portalPage, wordPage, layoutPage, oldPage},
	DOCX:     {styledDocument, pastedDocument},
	Markdown: {markdownBlanks, markdownRepeats},
	Text:     {tabbedText, lineText, barText},
}

// Styles is the number of styles in which a format can be printed; they are numbered from 0.
//
// HTML: 0 a present-day portal; 1 markup pasted from Word; 2 tables for layout around everything; 3 an old portal in
// GBK. DOCX: 0 with heading styles; 1 with bold paragraphs, digits in runs of their own, narrow labels on two lines
// and one table for each block of section 二. Markdown: merged cells 0 once, 1 repeated in every place they cover.
// Text: 0 tables pasted from Word, cells parted by tabs; 1 one cell a line; 2 one cell a line closed by a bar.
func Styles(f Format) int { return len(writers[f]) }

// Print writes the report as a file. Style is below [Styles]. Text of style 1 has no place for a blank cell; a report
// that has one is printed in style 2 instead.
func Print(r Report, f Format, style int) ([]byte, error) {
	if style < 0 || style >= Styles(f) {
		return nil, fmt.Errorf("print report %s: format %q has no style %d, want 0 to %d", r.Title(), f, style, Styles(f)-1)
	}
	c, err := arrange(r)
	if err != nil {
		return nil, err
	}
	return writers[f][style](c)
}

// content is a report brought into the order of a page, without any markup.
type content struct {
	report   Report
	sections []section
	blank    bool // some cell prints nothing
}

// section is one of the six, or the part before them, which has no heading. Its paragraphs stand before its table.
type section struct {
	heading    string
	paragraphs []string
	table      *grid
	parts      []grid // the table cut at its blocks
}

func arrange(r Report) (content, error) {
	c := content{report: r}
	c.sections = []section{{paragraphs: r.Prose.Opening}, {heading: "一、总体情况", paragraphs: r.Prose.Overall}}
	for _, code := range tableCodes {
		t, err := r.table(code)
		if err != nil {
			return c, err
		}
		for _, k := range t.Keys() {
			cell, ok := r.Cells[k]
			if !ok {
				return c, fmt.Errorf("print report %s: no cell %s, want every cell of form %s", r.Title(), k, r.Forms[code])
			}
			c.blank = c.blank || cell.Text == ""
		}
		g := layOut(r, t)
		c.sections = append(c.sections, section{heading: r.heading(t), table: &g, parts: layOutBlocks(r, t)})
	}
	c.sections = append(c.sections,
		section{heading: "五、存在的主要问题及改进情况", paragraphs: r.Prose.Problems},
		section{heading: "六、其他需要报告的事项", paragraphs: r.Prose.Other})
	return c, nil
}

// heading is the title of the section in the version that the report follows. The version of 2019 named the disputes
// section at greater length.
func (r Report) heading(t form.Table) string {
	if t.Code == form.Section4 && r.Forms[t.Code] == form.V2019 && len(t.Titles) > 0 {
		return t.Titles[0]
	}
	return t.Title
}

// layOutBlocks lays out each block as a table of its own.
func layOutBlocks(r Report, t form.Table) []grid {
	var out []grid
	for _, b := range t.Blocks {
		one := t
		one.Blocks = []form.Block{b}
		out = append(out, layOut(r, one))
	}
	return out
}

// signature is the last lines: the body and the date.
func (r Report) signature() []string {
	return slices.DeleteFunc([]string{r.Agency, r.Signed}, func(s string) bool { return s == "" })
}
