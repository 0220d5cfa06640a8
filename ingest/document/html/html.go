// Package html reads web pages: text in reading order and tables as true grids, as a person sees them in a browser.
// It does not load anything, so style sheets and scripts have no say; the style attributes and the hidden
// attribute have.
package html

import (
	"context"
	"fmt"

	"nianbao/ingest/document"
	"nianbao/ingest/document/charset"
	"nianbao/internal/form"
)

// MediaType is the type of what this package reads.
const MediaType = "text/html"

// Read reads a page. The error is a [*document.Refusal] or that of the context.
func Read(ctx context.Context, b []byte, l document.Limits) (*document.Document, error) {
	if int64(len(b)) > l.Bytes {
		return nil, document.Refuse(document.TooLarge, form.Position{}, "the page has %d bytes, at most %d are read", len(b), l.Bytes)
	}
	if n := outside(b, l.Text); n > l.Text+scripts {
		return nil, document.Refuse(document.TooLarge, form.Position{}, "the page has %d bytes of text and scripts, at most %d are read", n, l.Text+scripts)
	}
	text, name, problems := charset.Decode(b, Declared)
	root, err := parse(ctx, text)
	if err != nil {
		return nil, err
	}
	p := page{flow: document.NewFlow(ctx, l), deepest: l.Nesting, meta: map[string]string{}}
	p.walk(root, look{}, 0)
	d, err := p.flow.Document()
	if err != nil {
		return nil, err
	}
	d.MediaType, d.Charset, d.Title, d.Meta = MediaType, name, p.title, p.meta
	d.Problems = append(problems, d.Problems...)
	if cutShort(text) {
		d.Problems = append(d.Problems, form.Problem{Code: document.Truncated, Message: "the page ends within a table or a tag: it may not have been transferred completely"})
		if n := len(d.Blocks); n > 0 && d.Blocks[n-1].Grid != nil && len(d.Blocks[n-1].Grid.Cells) > 0 {
			cells := d.Blocks[n-1].Grid.Cells
			cells[len(cells)-1].Text += document.CutMark
		}
	}
	if p.pictures > 0 && !d.HasGrid() {
		d.Problems = append(d.Problems, form.Problem{Code: document.Images,
			Message: fmt.Sprintf("images not looked at: %d; there is no table, which may be in one of them", p.pictures)})
	}
	return d, nil
}
