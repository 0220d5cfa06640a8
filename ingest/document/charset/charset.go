// Package charset turns the bytes of a text file into UTF-8. It decides on evidence, in this order: a byte order mark,
// bytes that are valid UTF-8, the encoding the file names, GB18030. What a file names is believed only if its bytes
// agree: portals convert pages and leave the old declaration in place.
package charset

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// Decode gives the text of b as UTF-8 without byte order mark, the name of the encoding it was in (lower case, as in
// the WHATWG Encoding Standard, gb18030 for all of its subsets), and problems. declared looks up what the file says of
// itself, "" if nothing; it is called only if the bytes do not settle the matter.
//
// The result shares memory with b if b is UTF-8 already.
func Decode(b []byte, declared func([]byte) string) (text []byte, name string, problems []form.Problem) {
	switch {
	case bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")):
		text, problems = asUTF8(b, 3)
		return text, "utf-8", problems
	case bytes.HasPrefix(b, []byte("\xFF\xFE")):
		return wide(b, "utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM))
	case bytes.HasPrefix(b, []byte("\xFE\xFF")):
		return wide(b, "utf-16be", unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM))
	case utf8.Valid(b):
		return b, "utf-8", nil
	case almostUTF8(b):
		text, problems = asUTF8(b, 0)
		return text, "utf-8", problems
	}

	gb := candidate{name: "gb18030", encoding: simplifiedchinese.GB18030}
	gb.try(b)
	label := ""
	if declared != nil {
		label = declared(b)
	}
	if label == "" {
		return gb.text, gb.name, gb.problems(b)
	}
	e, err := htmlindex.Get(label)
	if err != nil || e == encoding.Replacement {
		return gb.text, gb.name, append(gb.problems(b), form.Problem{Code: document.CharsetUnknown,
			Message: fmt.Sprintf("the file says its encoding is %q, which is unknown; read as gb18030", label)})
	}
	canonical, _ := htmlindex.Name(e)
	switch {
	case canonical == "gbk" || canonical == "gb18030":
		return gb.text, gb.name, gb.problems(b)
	case canonical == "utf-8":
		if gb.bad == 0 {
			return gb.text, gb.name, mismatch(label)
		}
		text, problems = asUTF8(b, 0)
		return text, "utf-8", problems
	case canonical == "utf-16le" || canonical == "utf-16be":
		// HTML takes such a declaration for a mistake: it could not have been read in that encoding.
		return gb.text, gb.name, append(gb.problems(b), mismatch(label)...)
	}
	if _, single := e.(*charmap.Charmap); single && gb.bad == 0 {
		// Any bytes are valid in an encoding of single bytes, so the declaration proves nothing.
		return gb.text, gb.name, mismatch(label)
	}
	other := candidate{name: canonical, encoding: e}
	other.try(b)
	if other.bad > 0 && gb.bad < other.bad {
		return gb.text, gb.name, append(gb.problems(b), mismatch(label)...)
	}
	return other.text, other.name, other.problems(b)
}

func mismatch(label string) []form.Problem {
	return []form.Problem{{Code: document.CharsetMismatch,
		Message: fmt.Sprintf("the file says its encoding is %q, but its bytes are not; read as gb18030", label)}}
}

// candidate is an attempt at decoding.
type candidate struct {
	name     string
	encoding encoding.Encoding
	text     []byte
	bad      int // characters U+FFFD in the text
	first    int // where in the text the first of them is
}

var replacement = []byte("\uFFFD")

func (c *candidate) try(b []byte) {
	text := decode(c.encoding, b)
	c.text, c.bad, c.first = text, bytes.Count(text, replacement), bytes.Index(text, replacement)
}

// decode takes memory once: two bytes of a Chinese encoding make three of UTF-8, one foreign byte makes U+FFFD.
func decode(e encoding.Encoding, b []byte) []byte {
	text := make([]byte, 0, len(b)+len(b)/2+64)
	decoder := e.NewDecoder()
	for {
		n, used, err := decoder.Transform(text[len(text):cap(text)], b, true)
		text, b = text[:len(text)+n], b[used:]
		switch {
		case errors.Is(err, transform.ErrShortDst):
			text = slices.Grow(text, len(b)+64)
		case err != nil:
			// These decoders replace what they do not know and return no error; whatever remains is not known.
			return append(text, replacement...)
		default:
			return text
		}
	}
}

func (c *candidate) problems(b []byte) []form.Problem {
	if c.bad == 0 {
		return nil
	}
	// The decoder stops exactly before the bytes in question when there is no room for more.
	_, offset, _ := c.encoding.NewDecoder().Transform(make([]byte, c.first), b, true)
	return invalid(c.name, c.bad, offset)
}

func invalid(name string, bad, offset int) []form.Problem {
	return []form.Problem{{Code: document.CharsetInvalid, Message: fmt.Sprintf(
		"%d places are not valid %s, the first at byte %d; each stands as U+FFFD", bad, name, offset)}}
}

// asUTF8 replaces what is not valid in b[from:].
func asUTF8(b []byte, from int) ([]byte, []form.Problem) {
	text := b[from:]
	if utf8.Valid(text) {
		return text, nil
	}
	first, bad := -1, 0
	out := make([]byte, 0, len(text)+64)
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			if bad++; first < 0 {
				first = from + i
			}
		}
		out = utf8.AppendRune(out, r)
		i += n
	}
	return out, invalid("utf-8", bad, first)
}

// almostUTF8 says whether b is UTF-8 but for a few damaged places, such as a character cut in two. Text in GB18030
// is never that: hardly two of its characters in a row make a valid sequence of UTF-8.
func almostUTF8(b []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	return good >= 20 && bad*20 <= good
}

func wide(b []byte, name string, e encoding.Encoding) ([]byte, string, []form.Problem) {
	text, _, err := transform.Bytes(e.NewDecoder(), b)
	if bad := bytes.Count(text, replacement); bad > 0 || err != nil {
		// A position in the text is one of two bytes each, but for the rare characters of four.
		i := bytes.Index(text, replacement)
		if i < 0 {
			i = len(text)
		}
		units := 0
		for _, r := range string(text[:i]) {
			units++
			if r > 0xFFFF {
				units++
			}
		}
		return text, name, invalid(name, max(bad, 1), 2+2*units)
	}
	return text, name, nil
}
