// Package mail reads messages of the Internet Message Format with MIME (RFC 5322, RFC 2045 to 2049): e-mail saved as EML
// and web pages saved as one file, MHTML (RFC 2557). The text of a message becomes a document as its own format does,
// web page or plain text; [Attachments] hands out the files that came with it.
package mail

import (
	"context"
	"fmt"
	"strings"

	"nianbao/ingest/document"
	"nianbao/ingest/document/charset"
	"nianbao/ingest/document/html"
	"nianbao/ingest/document/text"
	"nianbao/internal/form"
)

// Media types of what this package reads.
const (
	MHTML = "multipart/related"
	EML   = "message/rfc822"
)

// AttachmentsLeft is the code of the problem that files came with a message, which are not read with its text.
const AttachmentsLeft = "attachments"

// Read reads the text of a message or web archive. The error is a [*document.Refusal] or that of the context.
func Read(ctx context.Context, mediaType string, b []byte, l document.Limits) (*document.Document, error) {
	header, root, err := parse(ctx, b, l)
	if err != nil {
		return nil, err
	}
	pages := root.pages()
	if len(pages) == 0 {
		return nil, document.Refuse(document.Empty, form.Position{}, "the message has no text%s", attachedWords(root))
	}
	var out *document.Document
	sum := pile{limits: l}
	for _, p := range pages {
		d, err := p.read(ctx, l)
		if err != nil {
			return nil, err
		}
		if err := sum.add(d); err != nil {
			return nil, err
		}
		if out == nil {
			out = d
			continue
		}
		out.Blocks, out.Problems = append(out.Blocks, d.Blocks...), append(out.Problems, d.Problems...)
	}
	out.MediaType = mediaType
	if out.Meta == nil {
		out.Meta = map[string]string{}
	}
	if subject := words(header.Get("Subject")); subject != "" {
		if out.Title == "" {
			out.Title = subject
		} else if subject != out.Title {
			out.Meta["subject"] = subject
		}
	}
	for _, name := range []string{"Snapshot-Content-Location", "Content-Location"} {
		if at := words(header.Get(name)); at != "" && out.Meta["location"] == "" {
			out.Meta["location"] = at
		}
	}
	if pages[0].location != "" && out.Meta["location"] == "" {
		out.Meta["location"] = words(pages[0].location)
	}
	if files := attachedWords(root); files != "" {
		out.Problems = append(out.Problems, form.Problem{Code: AttachmentsLeft, Message: "the message was read without the files that came with it" + files})
	}
	return out, nil
}

// pages lists the parts whose text the message shows, in order. In a web archive that is the page it begins with, and
// those in its frames; of several ways to say the same, the web page.
func (p *part) pages() []*part {
	switch {
	case p.attached:
		return nil
	case p.kind == "multipart/alternative":
		var best []*part
		for _, inside := range p.inside { // the later the better, but plain text is never better than a page
			pages := inside.pages()
			if len(pages) > 0 && (best == nil || pages[0].kind != text.Plain) {
				best = pages
			}
		}
		return best
	case p.kind == "multipart/related":
		var first, others []*part
		for i, inside := range p.inside {
			pages := inside.pages()
			switch {
			case p.start != "" && inside.id == p.start || p.start == "" && i == 0:
				first = pages
			case len(pages) > 0 && pages[0].kind == html.MediaType:
				others = append(others, pages...)
			}
		}
		return append(first, others...)
	case strings.HasPrefix(p.kind, "multipart/"):
		var all []*part
		for _, inside := range p.inside {
			all = append(all, inside.pages()...)
		}
		return all
	case (p.kind == html.MediaType || p.kind == "application/xhtml+xml" || p.kind == text.Plain) && (p.name == "" || p.location != ""):
		return []*part{p}
	}
	return nil
}

// read reads the text of a part.
func (p *part) read(ctx context.Context, l document.Limits) (*document.Document, error) {
	if p.err != nil {
		return nil, p.err
	}
	var declared func([]byte) string
	if p.charset != "" {
		declared = func([]byte) string { return p.charset }
	}
	if p.kind == text.Plain {
		decoded, name, problems := charset.Decode(p.content, declared)
		d, err := text.Read(ctx, decoded, l)
		if err != nil {
			return nil, err
		}
		d.Charset, d.Problems = name, append(problems, d.Problems...)
		return d, nil
	}
	if declared == nil {
		return html.Read(ctx, p.content, l)
	}
	// What the message says of the part counts before what the page says of itself (RFC 2557 §9, HTML §13.2.3.2).
	decoded, name, problems := charset.Decode(p.content, declared)
	d, err := html.Read(ctx, decoded, l)
	if err != nil {
		return nil, err
	}
	d.Charset, d.Problems = name, append(problems, d.Problems...)
	return d, nil
}

// pile holds the pages of one message together: their grids are counted through, and the limits of a document hold for
// all of them.
type pile struct {
	limits             document.Limits
	grids, cells, size int
}

func (s *pile) add(d *document.Document) error {
	for i := range d.Blocks {
		b := &d.Blocks[i]
		s.size += len(b.Text)
		g := b.Grid
		if g == nil {
			continue
		}
		s.grids++
		s.cells += g.Rows * g.Columns
		g.Number, g.At.Grid, b.At.Grid = s.grids, s.grids, s.grids
		for k := range g.Cells {
			g.Cells[k].At.Grid = s.grids
			s.size += len(g.Cells[k].Text)
		}
	}
	switch {
	case s.cells > s.limits.Cells:
		return document.Refuse(document.TooManyCells, form.Position{}, "the tables cover more than %d cells, at most so many are read", s.limits.Cells)
	case s.size > s.limits.Text:
		return document.Refuse(document.TooLarge, form.Position{}, "the text exceeds %d bytes, at most so many are read", s.limits.Text)
	}
	return nil
}

// Attachment is a file that came with a message.
type Attachment struct {
	Name    string // without any folder
	Content []byte
	Err     error // why there is no content, a [*document.Refusal]; nil if there is
}

// Attachments lists the files that came with a message, and its text as a file of its own, body, if it has one. Pictures
// that the text shows are no attachments. The error is a [*document.Refusal] or that of the context.
func Attachments(ctx context.Context, b []byte, l document.Limits) (files []Attachment, body *Attachment, err error) {
	_, root, err := parse(ctx, b, l)
	if err != nil {
		return nil, nil, err
	}
	for i, p := range root.attachments(false) {
		name := p.name
		if name == "" {
			name = fmt.Sprintf("附件%d", i+1)
			if p.kind == EML {
				name += ".eml"
			}
		}
		files = append(files, Attachment{name, p.content, p.err})
	}
	for _, p := range root.pages() {
		decoded := p.content
		if p.charset != "" {
			decoded, _, _ = charset.Decode(p.content, func([]byte) string { return p.charset })
		}
		ending := ".html"
		if p.kind == text.Plain {
			ending = ".txt"
		}
		body = &Attachment{"正文" + ending, decoded, p.err}
		break
	}
	return files, body, nil
}

// attachments lists the parts that are files of their own. shown says that the part belongs to a page.
func (p *part) attachments(shown bool) []*part {
	if strings.HasPrefix(p.kind, "multipart/") {
		var all []*part
		for _, inside := range p.inside {
			all = append(all, inside.attachments(shown || p.kind == "multipart/related")...)
		}
		return all
	}
	if p.attached || !shown && (p.name != "" || p.kind == EML) {
		return []*part{p}
	}
	return nil
}

func attachedWords(root *part) string {
	var names []string
	for _, p := range root.attachments(false) {
		name := p.name
		if name == "" {
			name = p.kind
		}
		names = append(names, document.Excerpt(name))
	}
	if len(names) > 5 {
		names = append(names[:5], fmt.Sprintf("and %d more", len(names)-5))
	}
	if len(names) == 0 {
		return ""
	}
	return ": " + strings.Join(names, ", ")
}
