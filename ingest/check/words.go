package check

import (
	"strings"
	"unicode"
)

// letters is a text without spaces, punctuation and signs.
func letters(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return c
		}
		return -1
	}, fold(s))
}

// shorten is the beginning of a text, for notes.
func shorten(s string) string {
	var b strings.Builder
	n, space := 0, false // characters written; white space since the last
	for _, c := range s {
		if unicode.IsSpace(c) {
			space = n > 0
			continue
		}
		if space && n < 60 {
			b.WriteByte(' ')
			n++
		}
		if n == 60 {
			return b.String() + "…"
		}
		b.WriteRune(c)
		n, space = n+1, false
	}
	return b.String()
}

// sentences cuts a text at full stops, semicolons and line ends.
func sentences(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == '。' || c == '；' || c == ';' || c == '\n' || c == '！' })
}
