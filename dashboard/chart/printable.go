package chart

import (
	"unicode"
	"unicode/utf8"
)

// Printable puts U+FFFD in the place of what stands in no text that can be read: bytes that are no UTF-8, controls, which
// steer a terminal and which XML forbids, and the marks that turn the text after them round. Pages, pictures and files take
// the names of agencies as they are stored, and pass through here before they leave. A text that has none is returned as it is.
func Printable(text []byte) []byte {
	var out []byte
	kept := 0
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(text[i:])
		}
		if r == utf8.RuneError && size == 1 || unprintable(r) {
			out = append(append(out, text[kept:i]...), "\ufffd"...)
			kept = i + size
		}
		i += size
	}
	if kept == 0 {
		return text
	}
	return append(out, text[kept:]...)
}

func unprintable(r rune) bool {
	switch r {
	case '\n', '\t', '\r':
		return false
	}
	return unicode.IsControl(r) || '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069' || r == '\ufffe' || r == '\uffff'
}
