package page

import (
	"html/template"
	"regexp"
	"strings"

	"nianbao/internal/form"
	"nianbao/query/compare"
)

// What the form, the measures and the checks are called in the language of the page. The texts are declared with what they
// name, not in the catalogue.

// printed is a text as the form prints it.
func (in lang) printed(text string) string {
	if in == en {
		return form.English(text)
	}
	return text
}

// term is a measure with its words.
func (in lang) term(m form.Measure) form.Measure {
	if in == en {
		return m.English()
	}
	return m
}

// nameOf is the name of a measure.
func (in lang) nameOf(m form.Measure) string {
	if in == en {
		return m.En
	}
	return m.Name
}

// row is the label of a row; its number stands in the printed form.
func (in lang) row(r form.Row) string {
	if in == en {
		return form.English(r.Label)
	}
	return r.Printed()
}

// cellLabel names a cell of the form.
func (in lang) cellLabel(k form.Key) string {
	if in == en {
		return form.EnglishLabel(k)
	}
	return form.Label(k)
}

// check is what a check says.
func (in lang) check(c form.Check) form.CheckWords {
	if in == en {
		return c.En
	}
	return c.Zh
}

func (in lang) kindName(k compare.Kind) string {
	if in == en {
		return k.Rule().English
	}
	return k.Rule().Name
}

// gloss is the English of a label that stands as the form prints it, "" on a Chinese page.
func (in lang) gloss(label string) string {
	if in != en || label == "" {
		return ""
	}
	if text := form.English(label); text != label {
		return text
	}
	label = enumerator.ReplaceAllString(label, "")
	if text := form.English(label); text != label {
		return text
	}
	return ""
}

// enumerator is the number before a label: 一、 （三） 1.
var enumerator = regexp.MustCompile(`^([一二三四五六七]、|（[一二三四五六七]）|[0-9]\.)`)

// chinese are runs of Chinese in a text, with the punctuation inside.
var chinese = regexp.MustCompile(`[《“‘「]?[（〔【]?\p{Han}(?:[\p{Han}\d（）〔〕【】《》“”、，。：；·・—-]*[\p{Han}）〕】》”。])?`)

// mixed is a text of a report or of a person on a page of another language: what is Chinese in it is marked as such, for
// those who have the page read to them, and for the faces of the letters.
func (in lang) mixed(text any) any {
	s, ok := text.(string)
	if !ok || in == zh || !chinese.MatchString(s) {
		return text
	}
	var b strings.Builder
	at := 0
	for _, m := range chinese.FindAllStringIndex(s, -1) {
		b.WriteString(template.HTMLEscapeString(s[at:m[0]]))
		b.WriteString(`<span lang="zh">`)
		b.WriteString(template.HTMLEscapeString(s[m[0]:m[1]]))
		b.WriteString("</span>")
		at = m[1]
	}
	b.WriteString(template.HTMLEscapeString(s[at:]))
	return template.HTML(b.String())
}
