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
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return string(r)
}

// sentences cuts a text at full stops, semicolons and line ends.
func sentences(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == '。' || c == '；' || c == ';' || c == '\n' || c == '！' })
}
