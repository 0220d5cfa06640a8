// Package ofd reads documents of the Open Fixed-layout Document format (GB/T 33190-2016, 开放版式文档), in which official
// documents of China are filed: a ZIP package of XML that says where on each page every character and every line
// stands. Characters and ruling lines go to package sheet, which finds the tables and paragraphs a person sees.
package ofd

import (
	"context"
	"fmt"
	"path"
	"strings"

	"nianbao/ingest/document"
	"nianbao/ingest/document/parts"
	"nianbao/ingest/document/sheet"
	"nianbao/internal/form"
)

// MediaType is the type of what this package reads.
const MediaType = "application/ofd"

// Codes of problems, the same as for PDF.
const (
	Scan   = "scan"   // a page is a picture; its text was not read
	Aslant = "aslant" // text set aslant, as a watermark is, was left out
)

const (
	mostPages = 2000
	// mostText bounds the text of all pages, in bytes: each character takes some two hundred of memory, with its place. A
	// report has some 50,000.
	mostText = 1_000_000
	// mostRules bounds the lines and areas of all pages. A page full of tables has some thousand.
	mostRules = 500_000
)

// point is one millimetre in points: OFD counts in millimetres, package sheet in points.
const point = 72 / 25.4

// reader is a document under way.
type reader struct {
	ctx    context.Context
	p      *parts.Package
	limits document.Limits

	params    map[string]drawParam // of the document under way, by ID
	templates map[string]string    // part of each template page, by ID
	units     map[string]*canvas   // drawings that pages show as a whole (CompositeGraphicUnit), by ID
	drawn     map[string]*canvas   // templates that were read, by part
	size      box                  // of pages that state none

	text, rules int // spent
}

// Read reads a document. The error is a [*document.Refusal] or that of the context.
func Read(ctx context.Context, b []byte, l document.Limits) (*document.Document, error) {
	p, err := parts.Open(ctx, b, l)
	if err != nil {
		return nil, err
	}
	r := &reader{ctx: ctx, p: p, limits: l}
	for _, name := range p.Names() {
		if base := strings.ToLower(path.Base(name)); base == "encryptions.xml" || base == "decryptseed.dat" {
			return nil, document.Refuse(document.Encrypted, form.Position{}, "the document is encrypted; save it without a password")
		}
	}
	roots, properties, err := r.bodies()
	if err != nil {
		return nil, err
	}
	var pages []sheet.Page
	var notes []form.Problem
	pictures := 0
	for _, root := range roots {
		more, scans, problems, err := r.document(root, len(pages))
		if err != nil {
			return nil, err
		}
		pages, notes, pictures = append(pages, more...), append(notes, problems...), pictures+scans
	}
	switch {
	case len(pages) == 0:
		return nil, document.Refuse(document.Empty, form.Position{}, "the document has no pages")
	case pictures == len(pages):
		return nil, document.Refuse(Scan, form.Position{}, "the document is a scan: its %d pages are pictures without text", len(pages))
	}
	d, err := sheet.Read(pages, l)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.MediaType = MediaType
	d.Title = properties["title"]
	delete(properties, "title")
	d.Meta = properties
	d.Problems = append(notes, d.Problems...)
	return d, nil
}

// bodies lists the documents of the package and what it says of the first.
func (r *reader) bodies() (roots []string, properties map[string]string, err error) {
	s, err := r.p.Scan("OFD.xml")
	if err != nil {
		return nil, nil, err
	}
	if s == nil {
		return nil, nil, document.Refuse(document.Damaged, form.Position{}, "the package has no part OFD.xml: it is no OFD document")
	}
	names := map[string]string{"Title": "title", "Author": "author", "Subject": "subject", "Abstract": "description", "CreationDate": "created",
		"ModDate": "modified", "Creator": "creator", "CustomDatas": ""}
	properties = map[string]string{}
	for s.Next() {
		if s.Start == nil {
			continue
		}
		switch local := s.Start.Name.Local; {
		case local == "DocRoot":
			roots = append(roots, locate("", s.Inner()))
		case local == "Encryptions":
			return nil, nil, document.Refuse(document.Encrypted, form.Position{}, "the document is encrypted; save it without a password")
		case local == "CustomDatas":
			s.Skip()
		case names[local] != "" && len(roots) == 0:
			if v := document.Squeeze(s.Inner()); v != "" {
				properties[names[local]] = v
			}
		}
	}
	return roots, properties, s.Err()
}

// locate resolves the name of a part as a file in the folder given states it.
func locate(folder, name string) string {
	name = strings.ReplaceAll(strings.TrimSpace(name), `\`, "/")
	if name == "" {
		return ""
	}
	if !strings.HasPrefix(name, "/") {
		name = folder + "/" + name
	}
	return strings.TrimPrefix(path.Clean("/"+name), "/")
}

// document reads the pages of one document; before counts those of the documents before it.
func (r *reader) document(root string, before int) (pages []sheet.Page, scans int, notes []form.Problem, err error) {
	s, err := r.p.Scan(root)
	if err != nil {
		return nil, 0, nil, err
	}
	if s == nil {
		return nil, 0, nil, document.Refuse(document.Damaged, form.Position{}, "the package has no part %.100q, where its text begins", root)
	}
	folder := path.Dir(root)
	r.params, r.templates, r.units, r.drawn = map[string]drawParam{}, map[string]string{}, map[string]*canvas{}, map[string]*canvas{}
	r.size = box{0, 0, 210, 297}
	var names []string
	for s.Next() {
		if s.Start == nil {
			continue
		}
		switch s.Start.Name.Local {
		case "PhysicalBox":
			if b, ok := parseBox(s.Inner()); ok {
				r.size = b
			}
		case "PublicRes", "DocumentRes":
			if err := r.resources(locate(folder, s.Inner())); err != nil {
				return nil, 0, nil, err
			}
		case "TemplatePage":
			r.templates[s.Attr("ID")] = locate(folder, s.Attr("BaseLoc"))
		case "Page":
			names = append(names, locate(folder, s.Attr("BaseLoc")))
		case "Annotations":
			if r.p.Has(locate(folder, s.Inner())) {
				notes = append(notes, form.Problem{Code: document.Unread, Message: "annotations on the pages, such as stamps and notes, were not read"})
			}
		}
		if before+len(names) > mostPages {
			return nil, 0, nil, document.Refuse(document.TooLarge, form.Position{}, "the document has more than %d pages, at most so many are read", mostPages)
		}
	}
	if s.Err() != nil {
		return nil, 0, nil, s.Err()
	}
	for i, name := range names {
		number := before + i + 1
		c, err := r.page(name)
		if err != nil {
			return nil, 0, nil, err
		}
		if c == nil {
			return nil, 0, nil, document.Refuse(document.Damaged, form.Position{Page: number}, "page %d: the package has no part %.100q", number, name)
		}
		p := c.printed(number)
		if len(p.Glyphs) == 0 && c.images > 0 {
			scans++
			p.Problems = append(p.Problems, form.Problem{Code: Scan, At: form.Position{Page: number}, Message: fmt.Sprintf("page %d is a picture; its text was not read", number)})
		}
		pages = append(pages, p)
	}
	return pages, scans, notes, nil
}

// page draws the page in a part, with its templates; nil if there is no such part.
func (r *reader) page(name string) (*canvas, error) {
	head, err := r.p.Scan(name)
	if head == nil || err != nil {
		return nil, err
	}
	c := &canvas{reader: r, size: r.size}
	var front []*canvas
	// The templates behind the page are drawn first, so that what hides what comes out right.
	first := &canvas{reader: r, size: r.size}
	for head.Next() {
		if head.Start == nil {
			continue
		}
		switch head.Start.Name.Local {
		case "PhysicalBox":
			if b, ok := parseBox(head.Inner()); ok {
				c.size = b
			}
		case "Template":
			part := r.templates[head.Attr("TemplateID")]
			t, err := r.template(part)
			if err != nil {
				return nil, err
			}
			if t == nil {
				continue
			}
			if err := c.charge(len(t.chars), len(t.rules)+len(t.covers)); err != nil {
				return nil, err
			}
			if head.Attr("ZOrder") == "Foreground" {
				front = append(front, t)
				continue
			}
			first.put(t)
		case "Content":
			if err := c.content(head); err != nil {
				return nil, err
			}
		}
	}
	if head.Err() != nil {
		return nil, head.Err()
	}
	size := c.size
	first.put(c)
	for _, t := range front {
		first.put(t)
	}
	first.size = size
	return first, nil
}

// template draws a template page once; nil if there is none.
func (r *reader) template(part string) (*canvas, error) {
	if c, ok := r.drawn[part]; ok {
		return c, nil
	}
	s, err := r.p.Scan(part)
	if s == nil || err != nil {
		return nil, err
	}
	c := &canvas{reader: r, size: r.size}
	for s.Next() {
		if s.Start != nil && s.Start.Name.Local == "Content" {
			if err := c.content(s); err != nil {
				return nil, err
			}
		}
	}
	r.drawn[part] = c
	return c, s.Err()
}
