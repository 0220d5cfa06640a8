package parts

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"nianbao/ingest/document"
	"nianbao/ingest/document/charset"
	"nianbao/internal/form"
)

// Scanner reads the XML of a part, token by token. It refuses document type definitions, which the formats forbid, and
// with them every trick with entities.
type Scanner struct {
	// The token just read: one of the first two is set, or Text holds character data.
	Start *xml.StartElement
	End   *xml.EndElement
	Text  []byte // valid until the next token
	// Depth is the number of elements open, the one just started counted.
	Depth int

	ctx    context.Context
	part   string
	dec    *xml.Decoder
	most   int
	tokens uint
	start  xml.StartElement
	end    xml.EndElement
	err    error
}

// Scan opens a part of the package; nil if there is none of this name.
func (p *Package) Scan(name string) (*Scanner, error) {
	b, err := p.Read(name)
	if b == nil || err != nil {
		return nil, err
	}
	return NewScanner(p.ctx, clean(name), b, p.limits), nil
}

// NewScanner reads XML from memory. The name is for messages.
func NewScanner(ctx context.Context, name string, b []byte, l document.Limits) *Scanner {
	// The standards demand UTF-8 or UTF-16. What is not is repaired: a name in GBK does not cost the figures.
	text, _, _ := charset.Decode(b, nil)
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // it is UTF-8 by now
	return &Scanner{ctx: ctx, part: name, dec: d, most: l.Nesting}
}

// Next reads the next token. It is false at the end and after an error.
func (s *Scanner) Next() bool {
	s.Start, s.End, s.Text = nil, nil, nil
	for s.err == nil {
		if s.tokens++; s.tokens%1024 == 0 && s.ctx.Err() != nil {
			s.err = s.ctx.Err()
			break
		}
		t, err := s.dec.Token()
		if err != nil {
			s.fail(err)
			break
		}
		switch t := t.(type) {
		case xml.StartElement:
			if s.Depth++; s.Depth > s.most {
				s.err = document.Refuse(document.Nesting, form.Position{}, "%.100s: elements stand more than %d deep in each other", s.part, s.most)
				return false
			}
			s.start, s.Start = t, &s.start
			return true
		case xml.EndElement:
			s.Depth--
			s.end, s.End = t, &s.end
			return true
		case xml.CharData:
			s.Text = t
			return true
		case xml.Directive:
			if strings.HasPrefix(strings.ToUpper(string(t)), "DOCTYPE") {
				s.err = document.Refuse(document.Damaged, form.Position{}, "%.100s has a document type definition, which is not allowed in this format", s.part)
			}
		}
	}
	return false
}

func (s *Scanner) fail(err error) {
	var wrong *xml.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		s.err = io.EOF
	case errors.As(err, &wrong) && wrong.Msg == "unexpected EOF":
		s.err = document.Refuse(document.Truncated, form.Position{}, "%.100s: line %d: the part ends with elements open", s.part, wrong.Line)
	default:
		s.err = document.Refuse(document.Damaged, form.Position{}, "%.100s: %v", s.part, err)
	}
}

// Err is nil at the end of the part, else a [*document.Refusal] or the error of the context.
func (s *Scanner) Err() error {
	if s.err == io.EOF {
		return nil
	}
	return s.err
}

// Attr is the value of an attribute of the start tag, by its name without prefix; "" if it has none.
func (s *Scanner) Attr(name string) string {
	if s.Start != nil {
		for i := range s.Start.Attr {
			if s.Start.Attr[i].Name.Local == name {
				return s.Start.Attr[i].Value
			}
		}
	}
	return ""
}

// Inner is the character data up to the end of the element just started, without that of the elements in it whose
// names are left out.
func (s *Scanner) Inner(leaveOut ...string) string {
	var b strings.Builder
	for depth := s.Depth; s.Depth >= depth && s.Next(); {
		switch {
		case s.Text != nil:
			b.Write(s.Text)
		case s.Start != nil:
			for _, name := range leaveOut {
				if s.Start.Name.Local == name {
					s.Skip()
					break
				}
			}
		}
	}
	return b.String()
}

// Skip passes over the element just started.
func (s *Scanner) Skip() {
	for depth := s.Depth; s.Depth >= depth && s.Next(); {
	}
}
