// Package docx reads Word documents of the Open XML format (ISO/IEC 29500, DOCX): text in reading order as it would be
// printed with all tracked changes accepted, and tables as true grids.
package docx

import (
	"bytes"
	"context"
	"fmt"

	"nianbao/ingest/document"
	"nianbao/ingest/document/charset"
	"nianbao/internal/form"
)

// MediaType is the type of what this package reads.
const MediaType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// Read reads a document. The error is a [*document.Refusal] or that of the context.
func Read(ctx context.Context, b []byte, l document.Limits) (*document.Document, error) {
	z, err := unpack(ctx, b, l)
	if err != nil {
		return nil, err
	}
	defer z.close()
	main, err := z.main()
	if err != nil {
		return nil, err
	}
	r := reader{archive: z, limits: l, main: main, flow: document.NewFlow(ctx, l)}
	if err := r.readStyles(z, main, l); err != nil {
		return nil, err
	}
	if err := r.readBody(z, main, l); err != nil {
		return nil, err
	}
	if err := r.readNotes(z, main, l); err != nil {
		return nil, err
	}
	d, err := r.flow.Document()
	if err != nil {
		return nil, err
	}
	d.MediaType, d.Meta = MediaType, map[string]string{}
	d.Problems = append(r.problems, d.Problems...)
	if err := readProperties(z, d, l); err != nil {
		return nil, err
	}
	if r.pictures > 0 && !d.HasGrid() {
		d.Problems = append(d.Problems, form.Problem{Code: document.Images,
			Message: fmt.Sprintf("images not looked at: %d; there is no table, which may be in one of them", r.pictures)})
	}
	return d, nil
}

// scan opens a part for reading. The parts are UTF-8 or UTF-16 by the standard; what is not is repaired and told.
func (r *reader) scan(part string, b []byte, l document.Limits) *scanner {
	text, _, problems := charset.Decode(b, nil)
	for _, p := range problems {
		p.Message = part + ": " + p.Message
		r.problems = append(r.problems, p)
	}
	return newScanner(part, bytes.TrimPrefix(text, []byte("\uFEFF")), l.Nesting)
}

// readProperties takes what docProps/core.xml says: Dublin Core.
func readProperties(z *archive, d *document.Document, l document.Limits) error {
	const part = "docProps/core.xml"
	b, err := z.read(part)
	if b == nil || err != nil {
		return err
	}
	names := map[string]string{"creator": "author", "created": "created", "modified": "modified", "subject": "subject",
		"description": "description", "keywords": "keywords", "lastModifiedBy": "lastmodifiedby", "category": "category"}
	s := newScanner(part, b, l.Nesting)
	var local string
	var text []byte
	for {
		switch s.next() {
		case eof:
			if s.err != nil {
				// The properties are an extra; the report is in the body.
				d.Problems = append(d.Problems, form.Problem{Code: document.Unread, Message: s.err.Error()})
			}
			return nil
		case start:
			local, text = string(s.local()), nil
		case chars:
			text = append(text, s.text()...)
		case end:
			value := document.Squeeze(string(text))
			text = nil
			switch {
			case value == "" || string(s.local()) != local:
			case local == "title":
				d.Title = value
			case names[local] != "":
				d.Meta[names[local]] = value
			}
			local = ""
		}
	}
}
