// Package words is every text of the dashboard, in Chinese and in English side by side.
//
// A text has a key, which says where it stands: "home.title". Pages and boards ask a [Language] for it and hand in what its
// verbs stand for. Each file holds one subject; texts with the same beginning of their key stand in the same file, so that a
// new page adds a file here and a line to [subjects]. Chinese is the source. No text stands in templates or in code elsewhere.
package words

import (
	"fmt"
	"regexp"
	"strconv"
)

// Text is one text in each language. Both have the same verbs in the same order, or number them. English may offer two forms
// of a word, {agency|agencies}: the first stands where the number before it, or the one in it, is 1.
type Text struct{ Chinese, English string }

// Texts are texts by key.
type Texts map[string]Text

// Language is a language of the dashboard, as the parameter lang of an address and the attribute lang of a page name it.
type Language string

const (
	Chinese Language = "zh"
	English Language = "en"
)

// Languages are all languages, the usual one first.
var Languages = []Language{Chinese, English}

// subjects are the texts of each subject. No key stands in two of them.
var subjects = []Texts{frame, refusals, states, home, compare, agency, report, measures, register, findings, decisions, history, charts, topics, gate, wall, boards, taking, uploads}

var all = func() Texts {
	all := Texts{}
	for _, subject := range subjects {
		for key, text := range subject {
			all[key] = text
		}
	}
	return all
}()

// Of is the text with this key in the language, as it stands in the catalogue.
func (l Language) Of(key string) (text string, ok bool) {
	t, ok := all[key]
	if l == English {
		return t.English, ok
	}
	return t.Chinese, ok
}

// Say is the text with this key, its arguments filled in. A test finds keys that do not exist; a page shows them as ⟨key⟩.
func (l Language) Say(key string, args ...any) string {
	text, ok := l.Of(key)
	switch {
	case !ok:
		return "⟨" + key + "⟩"
	case len(args) == 0:
		return text
	}
	if l == English {
		text = inflect(text, args)
	}
	return fmt.Sprintf(text, args...)
}

// verb is a verb of a format with the number of its argument, or a word in two forms.
var verb = regexp.MustCompile(`%%|%(?:\[(\d+)\])?[a-z]|\{([^{}|]*)\|([^{}|]*)\}`)

// inflect chooses the forms of words by the numbers that they stand with. It looks at the text before anything is filled in.
func inflect(text string, args []any) string {
	at := -1 // the argument last printed
	return verb.ReplaceAllStringFunc(text, func(found string) string {
		parts := verb.FindStringSubmatch(found)
		switch {
		case found == "%%":
			return found
		case found[0] == '%':
			at = numbered(parts[1], at+1)
			return found
		}
		one, many := parts[2], parts[3]
		by := at
		if inner := verb.FindStringSubmatch(many); inner != nil {
			by = numbered(inner[1], at+1)
			at = by
		}
		if by >= 0 && by < len(args) && fmt.Sprint(args[by]) == "1" {
			return one
		}
		return many
	})
}

// numbered is the place of the argument that a verb names, or the next.
func numbered(number string, next int) int {
	if n, err := strconv.Atoi(number); err == nil {
		return n - 1
	}
	return next
}

// All returns the whole catalogue, for tests and documents.
func All() Texts { return all }
