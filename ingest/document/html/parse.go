package html

import (
	"bytes"
	"context"
	"io"
	"strings"

	"golang.org/x/net/html"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// Declared finds the encoding that a page names in a meta element or an XML declaration, "" if it names none.
func Declared(b []byte) string {
	// The standard looks at 1024 bytes; pages of portals begin with longer comments and scripts.
	z := html.NewTokenizer(bytes.NewReader(b[:min(len(b), 16<<10)]))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.CommentToken:
			if s := string(z.Raw()); strings.HasPrefix(s, "<?xml") {
				if label := after(s, "encoding"); label != "" {
					return label
				}
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			if string(name) != "meta" {
				continue
			}
			var key, value []byte
			content, label, kind := "", "", false
			for more {
				key, value, more = z.TagAttr()
				switch string(key) {
				case "charset":
					label = strings.TrimSpace(string(value))
				case "http-equiv":
					kind = strings.EqualFold(string(value), "content-type")
				case "content":
					content = string(value)
				}
			}
			if label == "" && kind {
				label = after(content, "charset")
			}
			if label != "" {
				return label
			}
		}
	}
}

// after finds key=value, the value quoted or not.
func after(s, key string) string {
	i := strings.Index(strings.ToLower(s), key)
	if i < 0 {
		return ""
	}
	s = strings.TrimLeft(s[i+len(key):], " \t\r\n")
	if !strings.HasPrefix(s, "=") {
		return ""
	}
	s = strings.TrimLeft(s[1:], " \t\r\n\"'")
	if end := strings.IndexAny(s, " \t\r\n\"';?>"); end >= 0 {
		s = s[:end]
	}
	return s
}

// Bounds of what the parser may build: an element costs about 200 bytes of memory, and a page of 3 bytes an element
// would make a hundred times its size. Real pages have up to 60,000 tags.
const (
	maxTags       = 500_000
	maxAttributes = 1_000_000
	maxReopened   = 1_000_000
)

// scripts is what a page may hold between its tags beyond the limit of text.
const scripts = 4 << 20

// outside counts the bytes outside of tags, if the page is so large that they may exceed the limit. The parser would
// need several times their size of memory before the flow could see them.
func outside(b []byte, limit int) int {
	if len(b) <= limit {
		return 0
	}
	n := 0
	for {
		i := bytes.IndexByte(b, '<')
		if i < 0 {
			return n + len(b)
		}
		n += i
		b = b[i:]
		end := bytes.IndexByte(b, '>')
		if end < 0 {
			return n
		}
		b = b[end+1:]
	}
}

// parse builds the tree. The reader it hands to the parser stops it when the context ends.
func parse(ctx context.Context, text []byte) (*html.Node, error) {
	tags := bytes.Count(text, []byte("<"))
	if tags > maxTags {
		return nil, document.Refuse(document.TooLarge, form.Position{}, "the page has %d tags, at most %d are read", tags, maxTags)
	}
	if len(text) > 2*maxAttributes {
		if n := attributes(text); n > maxAttributes {
			return nil, document.Refuse(document.TooLarge, form.Position{}, "the page has %d attributes, at most %d are read", n, maxAttributes)
		}
	}
	if tags*deepestTree > maxReopened {
		if kinds := formattings(text); tags*min(3*kinds, deepestTree) > maxReopened {
			text = plain(text)
		}
	}
	root, err := html.Parse(&interruptible{ctx: ctx, text: text})
	switch {
	case err == nil:
		return root, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case strings.Contains(err.Error(), "open stack of elements exceeds"):
		return nil, document.Refuse(document.Nesting, form.Position{}, "elements stand more than %d deep in each other, at most so many are read", deepestTree)
	}
	return nil, document.Refuse(document.Damaged, form.Position{}, "the page cannot be parsed: %v", err)
}

// deepestTree is the depth at which the parser gives up.
const deepestTree = 512

// interruptible reads the text in pieces, so that the parser meets the end of the context soon.
type interruptible struct {
	ctx  context.Context
	text []byte
}

func (r *interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	if len(r.text) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.text)
	r.text = r.text[n:]
	return n, nil
}

// attributes counts what may begin an attribute: white space and slashes within tags. It counts too many rather
// than too few.
func attributes(text []byte) int {
	n := 0
	for {
		i := bytes.IndexByte(text, '<')
		if i < 0 {
			return n
		}
		text = text[i+1:]
		end := bytes.IndexByte(text, '>')
		if end < 0 {
			end = len(text)
		}
		for _, c := range text[:end] {
			// A quotation mark ends an attribute as well: a="b"c="d".
			if c <= ' ' || c == '/' || c == '"' || c == '\'' {
				n++
			}
		}
		text = text[end:]
	}
}

// Formatting elements are those that the parser opens again in every paragraph until they are closed (the "list of
// active formatting elements"). A page that leaves 400 of them open makes 400 elements of every later paragraph.
//
// formatting gives the length of the name if the text after a < begins with the name of one, else 0.
func formatting(text []byte) int {
	var name [len("strike") + 1]byte
	n := 0
	for n < len(text) && n < len(name) {
		c := text[n] | 0x20
		if c < 'a' || c > 'z' {
			break
		}
		name[n] = c
		n++
	}
	switch string(name[:n]) {
	case "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u":
		return n
	}
	return 0
}

// formattings counts the different start tags of formatting elements, up to the depth of a tree. Of each kind the
// parser keeps three open.
func formattings(text []byte) int {
	kinds := map[string]struct{}{}
	for len(kinds) < deepestTree {
		i := bytes.IndexByte(text, '<')
		if i < 0 {
			break
		}
		text = text[i+1:]
		if formatting(text) == 0 {
			continue
		}
		end := bytes.IndexByte(text, '>')
		if end < 0 {
			end = len(text)
		}
		kinds[string(text[:end])] = struct{}{}
	}
	return len(kinds)
}

// plain makes a span of every formatting element: it keeps its attributes, which may hide text, and is not opened again.
func plain(text []byte) []byte {
	out := make([]byte, 0, len(text)+len(text)/8)
	for {
		i := bytes.IndexByte(text, '<')
		if i < 0 {
			return append(out, text...)
		}
		i++
		if i < len(text) && text[i] == '/' {
			i++
		}
		out = append(out, text[:i]...)
		text = text[i:]
		if n := formatting(text); n > 0 {
			out = append(out, "span"...)
			text = text[n:]
		}
	}
}

// cutShort says whether a page ends within a tag, or within a table that was begun and not ended.
func cutShort(text []byte) bool {
	if i := bytes.LastIndexByte(text, '<'); i >= 0 && bytes.IndexByte(text[i:], '>') < 0 && i+1 < len(text) && (text[i+1] == '/' || text[i+1] >= 'A') {
		return true
	}
	for end := len(text); ; {
		i := bytes.LastIndexByte(text[:end], '<')
		if i < 0 {
			return false
		}
		switch tag := text[i:min(i+7, len(text))]; {
		case bytes.EqualFold(tag, []byte("</table")):
			return false
		case bytes.EqualFold(tag[:min(6, len(tag))], []byte("<table")):
			return true
		}
		end = i
	}
}
