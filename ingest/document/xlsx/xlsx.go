// Package xlsx reads workbooks of the Open XML format (ISO/IEC 29500: XLSX, XLSM, and ET files that WPS saved as such).
// Each visible sheet becomes a heading with its name, paragraphs and true grids, merged cells included; nothing is
// computed, formulas give the values the file holds.
//
// A cell has the text that a person sees in it, with one exception: a number that its format shows rounded stands
// exactly as it is stored, and a problem says what is shown. What a person does not see — hidden sheets, rows and
// columns — is left out, and a problem says so.
//
// The package reads the XML itself. A library that loads a sheet into memory gives every place between the cells an
// entry, and a file of a few hundred bytes can have a cell in row 1,048,576 of column XFD.
package xlsx

import (
	"context"
	"fmt"
	"path"
	"strings"

	"nianbao/ingest/document"
	"nianbao/ingest/document/parts"
	"nianbao/internal/form"
)

// MediaType is the type of what this package reads.
const MediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Codes of problems that only workbooks have.
const (
	NumberShown  = "number_shown"  // the format of a cell shows something else than the number stored in it
	FormulaValue = "formula_value" // a formula whose value the file does not hold, or holds only provisionally
)

// reader is a workbook under way.
type reader struct {
	ctx     context.Context
	limits  document.Limits
	flow    *document.Flow
	strings [][]run
	styles  []style
	base    bool // dates count from 1904
	cells   int  // spent of limits.Cells by cells that hold something
	stale   bool // the program that wrote the file wants all formulas computed anew
	pasts   int  // formulas with a value that was computed before
}

// sheet is an entry of the workbook.
type sheet struct {
	name, id string
	hidden   bool
}

// Read reads a workbook. The error is a [*document.Refusal] or that of the context.
func Read(ctx context.Context, b []byte, l document.Limits) (*document.Document, error) {
	p, err := parts.Open(ctx, b, l)
	if err != nil {
		return nil, err
	}
	main, err := mainPart(p)
	if err != nil {
		return nil, err
	}
	relations, err := p.Relations(main)
	if err != nil {
		return nil, err
	}
	r := &reader{ctx: ctx, limits: l, flow: document.NewFlow(ctx, l)}
	sheets, err := r.readWorkbook(p, main)
	if err != nil {
		return nil, err
	}
	target := func(kind, custom string) string {
		if t := parts.Related(relations, kind); len(t) > 0 {
			return t[0]
		}
		return path.Dir(main) + "/" + custom
	}
	if r.styles, err = readStyles(p, target("styles", "styles.xml")); err != nil {
		return nil, err
	}
	if err := r.readStrings(p, target("sharedStrings", "sharedStrings.xml")); err != nil {
		return nil, err
	}
	for _, s := range sheets {
		if err := r.readSheet(p, s, relations); err != nil {
			return nil, err
		}
	}
	if r.stale && r.pasts > 0 {
		r.flow.Problem(FormulaValue, fmt.Sprintf("%d values of formulas are as the file holds them; it asks for all formulas to be computed anew when it is opened", r.pasts))
	}
	d, err := r.flow.Document()
	if err != nil {
		return nil, err
	}
	d.MediaType, d.Meta = MediaType, map[string]string{}
	readProperties(p, d)
	return d, nil
}

// mainPart finds the workbook: what the package names as its document.
func mainPart(p *parts.Package) (string, error) {
	relations, err := p.Relations("")
	if err != nil {
		return "", err
	}
	for _, name := range append(parts.Related(relations, "officeDocument"), "xl/workbook.xml") {
		if p.Has(name) {
			return name, nil
		}
	}
	if p.Has("EncryptedPackage") {
		return "", document.Refuse(document.Encrypted, form.Position{}, "the workbook is protected by a password; save it without")
	}
	return "", document.Refuse(document.Damaged, form.Position{}, "the package has no part xl/workbook.xml: it is no workbook")
}

// readWorkbook lists the sheets in the order of their tabs.
func (r *reader) readWorkbook(p *parts.Package, main string) ([]sheet, error) {
	s, err := p.Scan(main)
	if err != nil {
		return nil, err
	}
	var out []sheet
	for s.Next() {
		if s.Start == nil {
			continue
		}
		switch s.Start.Name.Local {
		case "workbookPr":
			r.base = yes(s.Attr("date1904"))
		case "calcPr":
			r.stale = yes(s.Attr("fullCalcOnLoad"))
		case "sheet":
			state := s.Attr("state")
			out = append(out, sheet{name: document.Squeeze(s.Attr("name")), id: s.Attr("id"), hidden: state == "hidden" || state == "veryHidden"})
		}
	}
	return out, s.Err()
}

// readSheet reads one sheet into the flow.
func (r *reader) readSheet(p *parts.Package, entry sheet, relations []parts.Relation) error {
	var at parts.Relation
	for _, x := range relations {
		if x.ID == entry.id && entry.id != "" {
			at = x
		}
	}
	if entry.hidden {
		r.flow.Problem(document.HiddenText, fmt.Sprintf("the sheet %q is hidden and was left out", entry.name))
		return nil
	}
	if at.Kind != "worksheet" {
		if at.Kind == "" {
			return document.Refuse(document.Damaged, form.Position{}, "sheet %.100q has no part in the package", entry.name)
		}
		r.flow.Problem(document.Unread, fmt.Sprintf("the sheet %q is no table but a %s, and was not read", entry.name, at.Kind))
		return nil
	}
	s, err := p.Scan(at.Target)
	if err != nil {
		return err
	}
	if s == nil {
		return document.Refuse(document.Damaged, form.Position{}, "sheet %.100q: the package has no part %.100s", entry.name, at.Target)
	}
	t := &table{reader: r, name: entry.name}
	if err := t.scan(s); err != nil {
		return err
	}
	if err := t.write(); err != nil {
		return err
	}
	return r.readDrawing(p, at.Target, entry.name)
}

// readDrawing notes what floats over a sheet: text boxes and pictures, which are not read.
func (r *reader) readDrawing(p *parts.Package, part, name string) error {
	relations, err := p.Relations(part)
	if err != nil {
		return err
	}
	for _, drawing := range parts.Related(relations, "drawing") {
		s, err := p.Scan(drawing)
		if s == nil || err != nil {
			return err
		}
		pictures, words := 0, ""
		for s.Next() {
			if s.Start == nil {
				continue
			}
			switch s.Start.Name.Local {
			case "pic":
				pictures++
			case "t":
				words += s.Inner()
			}
		}
		if s.Err() != nil {
			return s.Err()
		}
		if words = document.Squeeze(words); words != "" {
			r.flow.Problem(document.Unread, fmt.Sprintf("the sheet %q has text boxes over its cells, which were not read: %s", name, document.Excerpt(words)))
		}
		if pictures > 0 {
			r.flow.Problem(document.Images, fmt.Sprintf("images not looked at on sheet %q: %d; there may be text or a table in one of them", name, pictures))
		}
	}
	return nil
}

// readProperties takes what docProps/core.xml says: Dublin Core. They are an extra, so damage to them is only noted.
func readProperties(p *parts.Package, d *document.Document) {
	names := map[string]string{"creator": "author", "created": "created", "modified": "modified", "subject": "subject",
		"description": "description", "keywords": "keywords", "lastModifiedBy": "lastmodifiedby", "category": "category"}
	s, err := p.Scan("docProps/core.xml")
	if s == nil || err != nil {
		return
	}
	for s.Next() {
		if s.Start == nil || s.Depth != 2 {
			continue
		}
		local := s.Start.Name.Local
		switch value := document.Squeeze(s.Inner()); {
		case value == "":
		case local == "title":
			d.Title = value
		case names[local] != "":
			d.Meta[names[local]] = value
		}
	}
	if err := s.Err(); err != nil {
		d.Problems = append(d.Problems, form.Problem{Code: document.Unread, Message: err.Error()})
	}
}

// reference is the name of a place: B7.
func reference(row, column int) string {
	var letters string
	for c := column; c > 0; c = (c - 1) / 26 {
		letters = string(rune('A'+(c-1)%26)) + letters
	}
	return fmt.Sprintf("%s%d", letters, row)
}

// Sizes of a sheet (ECMA-376: 1,048,576 rows, columns up to XFD).
const (
	lastRow    = 1 << 20
	lastColumn = 1 << 14
)

// place reads a name such as B7, with or without dollar signs.
func place(s string) (row, column int, ok bool) {
	s = strings.ReplaceAll(s, "$", "")
	i := 0
	for i < len(s) && i < 4 && s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z' {
		column = column*26 + int(s[i]|0x20-'a') + 1
		i++
	}
	digits := i
	for i < len(s) && i < digits+8 && s[i] >= '0' && s[i] <= '9' {
		row = row*10 + int(s[i]-'0')
		i++
	}
	return row, column, i == len(s) && row >= 1 && row <= lastRow && column >= 1 && column <= lastColumn
}
