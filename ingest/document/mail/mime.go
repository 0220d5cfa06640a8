package mail

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"net/url"
	"path"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

const (
	// mostParts bounds the parts of a message; a web archive has one for each picture of its page.
	mostParts = 2000
	// mostNested bounds parts within parts. Mail programs make three.
	mostNested = 10
)

// part is one piece of a message with its content, decoded from its transfer encoding.
type part struct {
	kind     string // media type in lower case
	charset  string // as stated, "" if not
	name     string // of the file, "" if none
	id       string // Content-ID without its brackets
	location string
	attached bool // to be saved as a file, not to be shown
	content  []byte
	err      error   // why there is no content: it matters only where somebody wants it
	inside   []*part // of a multipart
	start    string  // of multipart/related: the id of the part to begin with
}

// parser splits a message under the limits of a document.
type parser struct {
	ctx   context.Context
	left  int64 // bytes of content that may yet be decoded
	limit int64
	parts int
}

// parse reads a message or a web archive.
func parse(ctx context.Context, b []byte, l document.Limits) (header textproto.MIMEHeader, root *part, err error) {
	if int64(len(b)) > l.Bytes {
		return nil, nil, document.Refuse(document.TooLarge, form.Position{}, "the file has %d bytes, at most %d are read", len(b), l.Bytes)
	}
	b = bytes.TrimLeft(b, "\xEF\xBB\xBF \t\r\n")
	if bytes.HasPrefix(b, []byte("From ")) { // the line that divides messages in a mailbox
		_, b, _ = bytes.Cut(b, []byte("\n"))
	}
	r := bufio.NewReader(bytes.NewReader(b))
	header, err = textproto.NewReader(r).ReadMIMEHeader()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, document.Refuse(document.Damaged, form.Position{}, "the header of the message cannot be read: %v", err)
	}
	p := parser{ctx: ctx, left: l.Bytes, limit: l.Bytes}
	root, err = p.part(header, r, 0)
	return header, root, err
}

// part reads one part and those inside it.
func (p *parser) part(h textproto.MIMEHeader, body io.Reader, depth int) (*part, error) {
	if p.parts++; p.parts > mostParts {
		return nil, document.Refuse(document.TooLarge, form.Position{}, "the message has more than %d parts", mostParts)
	}
	if err := p.ctx.Err(); err != nil {
		return nil, err
	}
	out := &part{kind: "text/plain", id: strings.Trim(strings.TrimSpace(h.Get("Content-Id")), "<>"), location: strings.TrimSpace(h.Get("Content-Location"))}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err == nil || errors.Is(err, mime.ErrInvalidMediaParameter) {
		out.kind, out.charset, out.start = kind, params["charset"], strings.Trim(params["start"], "<>")
	}
	disposition, more, err := mime.ParseMediaType(h.Get("Content-Disposition"))
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		disposition, _, _ = strings.Cut(h.Get("Content-Disposition"), ";")
		disposition = strings.ToLower(strings.TrimSpace(disposition))
	}
	out.attached = disposition == "attachment"
	out.name = fileName(h.Get("Content-Disposition"), more["filename"], "filename")
	if out.name == "" {
		out.name = fileName(h.Get("Content-Type"), params["name"], "name")
	}

	if strings.HasPrefix(out.kind, "multipart/") {
		if depth >= mostNested {
			return nil, document.Refuse(document.Nesting, form.Position{}, "parts of the message stand more than %d deep in each other", mostNested)
		}
		if params["boundary"] == "" {
			return nil, document.Refuse(document.Damaged, form.Position{}, "a part of several parts does not say what divides them")
		}
		parts := multipart.NewReader(body, params["boundary"])
		for {
			next, err := parts.NextRawPart()
			if err == io.EOF { // behind the last boundary; where that is missing the error wraps io.EOF
				return out, nil
			}
			if err != nil {
				return nil, broken(err)
			}
			inside, err := p.part(next.Header, next, depth+1)
			if err != nil {
				return nil, err
			}
			out.inside = append(out.inside, inside)
		}
	}

	switch strings.ToLower(strings.TrimSpace(h.Get("Content-Transfer-Encoding"))) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, &alphabet{r: body})
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	content, err := io.ReadAll(io.LimitReader(body, p.left+1))
	if err != nil {
		out.err, content = broken(err), nil
	}
	if int64(len(content)) > p.left {
		return nil, document.Refuse(document.TooLarge, form.Position{}, "the parts of the message have more than %d bytes, at most so many are read", p.limit)
	}
	p.left -= int64(len(content))
	out.content = content
	return out, nil
}

func broken(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return document.Refuse(document.Truncated, form.Position{}, "the message ends before its last part does")
	}
	return document.Refuse(document.Damaged, form.Position{}, "a part of the message cannot be decoded: %v", err)
}

// alphabet passes on the characters of base64 alone: mail programs put spaces and tabs at the ends of lines. Other
// characters stay, and are an error of the decoder.
type alphabet struct{ r io.Reader }

func (a *alphabet) Read(p []byte) (int, error) {
	for {
		n, err := a.r.Read(p)
		k := 0
		for _, c := range p[:n] {
			if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
				p[k] = c
				k++
			}
		}
		if k > 0 || err != nil {
			return k, err
		}
	}
}

// wordDecoder decodes =?GB2312?B?…?= in headers (RFC 2047).
var wordDecoder = mime.WordDecoder{CharsetReader: func(label string, r io.Reader) (io.Reader, error) {
	e, err := htmlindex.Get(label)
	if err != nil {
		return nil, err
	}
	return e.NewDecoder().Reader(r), nil
}}

func words(s string) string {
	if out, err := wordDecoder.DecodeHeader(s); err == nil {
		s = out
	}
	return document.Squeeze(strings.ToValidUTF8(gbk(s), "\uFFFD"))
}

// gbk decodes a header that holds bytes of GBK without saying so.
func gbk(s string) string {
	if strings.ToValidUTF8(s, "") == s {
		return s
	}
	e, _ := htmlindex.Get("gb18030")
	if out, err := e.NewDecoder().String(s); err == nil {
		return out
	}
	return s
}

// extended is a parameter with its encoding (RFC 2231): filename*=gb2312”%C4%EA.pdf. Package mime knows UTF-8 only.
var extended = regexp.MustCompile(`(?i)(?:^|;)\s*(filename|name)\*\s*=\s*"?([\w.-]+)'[^']*'([^;"\s]+)`)

// fileName is the base name of the file that a header names; value is what package mime made of the parameter.
func fileName(header, value, parameter string) string {
	if value == "" {
		if m := extended.FindStringSubmatch(header); m != nil && strings.EqualFold(m[1], parameter) {
			if raw, err := url.PathUnescape(m[3]); err == nil {
				if e, err := htmlindex.Get(m[2]); err == nil {
					if out, err := e.NewDecoder().String(raw); err == nil {
						value = out
					}
				}
			}
		}
	}
	value = words(value)
	if value == "" {
		return ""
	}
	value = path.Base(strings.ReplaceAll(value, `\`, "/"))
	if value == "." || value == ".." || value == "/" {
		return ""
	}
	return value
}
