package docx

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// space is the vocabulary an element or attribute belongs to.
type space uint8

const (
	foreign space = iota // any that is not read here
	word                 // WordprocessingML
	compat               // markup compatibility: alternatives for older and newer programs
	formula              // Office mathematics
	relation
	dublin // Dublin Core, in the properties
)

// Both the transitional and the strict namespaces of ISO/IEC 29500.
var spaces = map[string]space{
	"http://schemas.openxmlformats.org/wordprocessingml/2006/main":        word,
	"http://purl.oclc.org/ooxml/wordprocessingml/main":                    word,
	"http://schemas.openxmlformats.org/markup-compatibility/2006":         compat,
	"http://schemas.openxmlformats.org/officeDocument/2006/math":          formula,
	"http://purl.oclc.org/ooxml/officeDocument/math":                      formula,
	"http://schemas.openxmlformats.org/officeDocument/2006/relationships": relation,
	"http://purl.oclc.org/ooxml/officeDocument/relationships":             relation,
	"http://purl.org/dc/elements/1.1/":                                    dublin,
	"http://purl.org/dc/terms/":                                           dublin,
}

type token uint8

const (
	eof token = iota
	start
	end
	chars
)

// scanner reads XML from memory. It knows what a file of the Open Packaging Conventions may hold: elements,
// attributes, text, comments, processing instructions, CDATA, the five named entities; a document type definition is
// refused, as the conventions demand, and with it every trick with entities. encoding/xml reads the same at a
// fifteenth of the speed, and the speed of reading DOCX is the speed of reading XML.
type scanner struct {
	part  string // name of the part, for messages
	b     []byte
	pos   int
	empty bool // the start tag just read was empty: its end tag follows

	// The token. Places in b, not slices of it: a slice that is stored costs a barrier whenever memory is being
	// collected, and there are 20,000 tags in a document.
	space space
	name  stretch // without prefix
	attrs stretch // of a start tag, unread
	chars stretch // text, entities unresolved
	plain bool    // chars is from a CDATA section

	stack   []element
	bound   []binding
	short   [128]space // of prefixes of one letter
	deepest int
	err     error
}

// stretch is a part of what is scanned.
type stretch struct{ from, to int }

type element struct {
	stretch     // its name with prefix
	bound   int // bindings in force outside it
}

// local is the name of the element without its prefix.
func (s *scanner) local() []byte { return s.b[s.name.from:s.name.to] }

type binding struct {
	prefix []byte
	space  space
}

func newScanner(part string, b []byte, deepest int) *scanner {
	return &scanner{part: part, b: b, deepest: deepest}
}

func (s *scanner) fail(code, format string, args ...any) token {
	if s.err == nil {
		args = append([]any{s.part, s.pos}, args...)
		s.err = document.Refuse(code, form.Position{}, "%s: byte %d: "+format, args...)
	}
	return eof
}

// next reads the next token; eof at the end and after an error, which stays in s.err.
func (s *scanner) next() token {
	if s.err != nil {
		return eof
	}
	if s.empty {
		s.empty = false
		return s.pop()
	}
	for s.pos < len(s.b) {
		if s.b[s.pos] != '<' {
			n := bytes.IndexByte(s.b[s.pos:], '<')
			if n < 0 {
				n = len(s.b) - s.pos
			}
			s.chars, s.plain = stretch{s.pos, s.pos + n}, false
			s.pos += n
			if len(s.stack) == 0 {
				if outside := s.b[s.chars.from:s.chars.to]; len(bytes.Trim(outside, " \t\r\n")) > 0 && !bytes.Equal(outside, []byte("\uFEFF")) {
					return s.fail(document.Damaged, "text outside the root element")
				}
				continue
			}
			return chars
		}
		rest := s.b[s.pos:]
		switch {
		case len(rest) < 2:
			return s.fail(document.Truncated, "the part ends within a tag")
		case rest[1] == '/':
			return s.endTag(rest)
		case rest[1] == '?':
			if !s.jump(2, "?>") {
				return s.fail(document.Truncated, "the part ends within a processing instruction")
			}
		case bytes.HasPrefix(rest, []byte("<!--")):
			if !s.jump(4, "-->") {
				return s.fail(document.Truncated, "the part ends within a comment")
			}
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			from := s.pos + len("<![CDATA[")
			if !s.jump(len("<![CDATA["), "]]>") {
				return s.fail(document.Truncated, "the part ends within a CDATA section")
			}
			if len(s.stack) == 0 {
				return s.fail(document.Damaged, "text outside the root element")
			}
			s.chars, s.plain = stretch{from, s.pos - 3}, true
			return chars
		case rest[1] == '!':
			return s.fail(document.Damaged, "a document type definition, which is not allowed in this format")
		default:
			return s.startTag()
		}
	}
	if len(s.stack) > 0 {
		return s.fail(document.Truncated, "the part ends with %d elements open", len(s.stack))
	}
	return eof
}

func (s *scanner) jump(from int, to string) bool {
	n := bytes.Index(s.b[s.pos+from:], []byte(to))
	if n < 0 {
		return false
	}
	s.pos += from + n + len(to)
	return true
}

func (s *scanner) startTag() token {
	b, i := s.b, s.pos+1
	from := i
	for i < len(b) && !nameEnd[b[i]] {
		i++
	}
	name := stretch{from, i}
	if name.from == name.to {
		return s.fail(document.Damaged, "< without the name of an element")
	}
	from = i
	declares := false
	for {
		if i >= len(b) {
			return s.fail(document.Truncated, "the part ends within a tag")
		}
		switch c := b[i]; c {
		case '>':
			s.attrs = stretch{from, i}
			s.pos = i + 1
			if b[i-1] == '/' && i > from {
				s.empty = true
				s.attrs.to = i - 1
			}
			return s.push(name, declares)
		case '"', '\'':
			n := bytes.IndexByte(b[i+1:], c)
			if n < 0 {
				return s.fail(document.Truncated, "the part ends within an attribute")
			}
			i += n + 2
		case '<':
			return s.fail(document.Damaged, "< within a tag")
		case 'x':
			if !declares && bytes.HasPrefix(b[i:], []byte("xmlns")) {
				declares = true
			}
			i++
		default:
			i++
		}
	}
}

var nameEnd = func() (t [256]bool) {
	for _, c := range " \t\r\n/><\"'=" {
		t[c] = true
	}
	return t
}()

func (s *scanner) push(name stretch, declares bool) token {
	if len(s.stack) >= s.deepest {
		return s.fail(document.Nesting, "elements stand more than %d deep in each other, at most so many are read", s.deepest)
	}
	s.stack = append(s.stack, element{name, len(s.bound)})
	if declares {
		for attrs := s.b[s.attrs.from:s.attrs.to]; ; {
			key, value, rest, ok := attribute(attrs)
			if !ok {
				break
			}
			attrs = rest
			if prefix, is := bytes.CutPrefix(key, []byte("xmlns")); is {
				if len(prefix) == 0 || prefix[0] == ':' {
					prefix = bytes.TrimPrefix(prefix, []byte(":"))
					s.bound = append(s.bound, binding{prefix, spaces[string(value)]})
				}
			}
		}
		s.bind()
	}
	s.resolve(name)
	return start
}

// bind brings short in line with bound.
func (s *scanner) bind() {
	s.short = [128]space{}
	for _, b := range s.bound {
		if len(b.prefix) == 1 && b.prefix[0] < 128 {
			s.short[b.prefix[0]] = b.space
		}
	}
}

// resolve finds the vocabulary and the local name of an element.
func (s *scanner) resolve(at stretch) {
	b := s.b[at.from:at.to]
	if len(b) > 2 && b[1] == ':' && b[0] < 128 {
		s.space, s.name = s.short[b[0]], stretch{at.from + 2, at.to}
		return
	}
	i := bytes.IndexByte(b, ':') + 1
	if i == 1 || i == len(b) {
		i = 0 // a colon at an end separates nothing
	}
	s.space, s.name = s.lookUp(b[:max(i-1, 0)]), stretch{at.from + i, at.to}
}

// lookUp finds the vocabulary that a prefix stands for.
func (s *scanner) lookUp(prefix []byte) space {
	for i := len(s.bound) - 1; i >= 0; i-- {
		if bytes.Equal(s.bound[i].prefix, prefix) {
			return s.bound[i].space
		}
	}
	return foreign
}

func (s *scanner) endTag(rest []byte) token {
	n := bytes.IndexByte(rest, '>')
	if n < 0 {
		return s.fail(document.Truncated, "the part ends within a tag")
	}
	name := rest[2:n]
	for len(name) > 0 && name[len(name)-1] <= ' ' {
		name = name[:len(name)-1]
	}
	if open := len(s.stack) - 1; open < 0 || !bytes.Equal(name, s.b[s.stack[open].from:s.stack[open].to]) {
		return s.fail(document.Damaged, "end tag %.40q fits no start tag", name)
	}
	s.pos += n + 1
	return s.pop()
}

func (s *scanner) pop() token {
	e := s.stack[len(s.stack)-1]
	s.stack = s.stack[:len(s.stack)-1]
	s.resolve(e.stretch)
	if e.bound < len(s.bound) {
		s.bound = s.bound[:e.bound]
		s.bind()
	}
	return end
}

// skip reads up to the end of the element whose start tag was read last.
func (s *scanner) skip() {
	for depth := len(s.stack); len(s.stack) >= depth; {
		if s.next() == eof {
			return
		}
	}
}

// attribute takes the first attribute of a list.
func attribute(b []byte) (key, value, rest []byte, ok bool) {
	i := 0
	for i < len(b) && b[i] <= ' ' {
		i++
	}
	from := i
	for i < len(b) && b[i] != '=' && b[i] > ' ' {
		i++
	}
	key = b[from:i]
	for i < len(b) && (b[i] == '=' || b[i] <= ' ') {
		i++
	}
	if i >= len(b) || b[i] != '"' && b[i] != '\'' || len(key) == 0 {
		return nil, nil, nil, false
	}
	n := bytes.IndexByte(b[i+1:], b[i])
	if n < 0 {
		return nil, nil, nil, false
	}
	return key, b[i+1 : i+1+n], b[i+n+2:], true
}

// attr gives an attribute of the start tag just read. Attributes of the vocabulary itself carry its prefix, some
// writers leave it out.
func (s *scanner) attr(in space, local string) (string, bool) {
	for attrs := s.b[s.attrs.from:s.attrs.to]; ; {
		key, value, rest, ok := attribute(attrs)
		if !ok {
			return "", false
		}
		attrs = rest
		name := key
		if i := bytes.IndexByte(key, ':'); i >= 0 {
			name = key[i+1:]
		}
		if string(name) != local {
			continue
		}
		if len(name) < len(key) && s.lookUp(key[:len(key)-len(name)-1]) != in {
			continue
		}
		return string(s.unescape(value)), true
	}
}

// text gives the text just read, entities resolved.
func (s *scanner) text() []byte {
	if s.plain {
		return s.b[s.chars.from:s.chars.to]
	}
	return s.unescape(s.b[s.chars.from:s.chars.to])
}

func (s *scanner) unescape(b []byte) []byte {
	i := bytes.IndexByte(b, '&')
	if i < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for i >= 0 {
		out = append(out, b[:i]...)
		b = b[i+1:]
		n := bytes.IndexByte(b[:min(len(b), 12)], ';')
		if n < 0 {
			s.fail(document.Damaged, "& without the ; of an entity")
			return nil
		}
		r, ok := entity(b[:n])
		if !ok {
			s.fail(document.Damaged, "unknown entity &%s;", b[:n])
			return nil
		}
		out = utf8.AppendRune(out, r)
		b = b[n+1:]
		i = bytes.IndexByte(b, '&')
	}
	return append(out, b...)
}

func entity(b []byte) (rune, bool) {
	switch string(b) {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(b) < 2 || b[0] != '#' {
		return 0, false
	}
	digits, base := b[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(string(digits), base, 32)
	if err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}
