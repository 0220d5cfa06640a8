package words

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// quotations are English texts that may hold Chinese: words quoted from the form, whose Chinese is what a reader looks for.
var quotations = map[string]bool{}

// neither are texts without letters of either script, or with names that are the same in both: marks, codes, layouts of dates.
var neither = regexp.MustCompile(`^[^\p{L}]*$|^(SHA-256|n ≥ 30|n = |χ²=，)$`)

func TestCatalogue(t *testing.T) {
	count := 0
	for i, subject := range subjects {
		count += len(subject)
		for key := range subject {
			for _, other := range subjects[:i] {
				if _, twice := other[key]; twice {
					t.Errorf("the key %q stands in two subjects", key)
				}
			}
		}
	}
	if count < 800 {
		t.Errorf("there are %d texts", count)
	}
	for key, text := range all {
		if key != "space" && (strings.TrimSpace(text.Chinese) == "" || strings.TrimSpace(text.English) == "") {
			t.Errorf("%s: a text is empty: %+v", key, text)
		}
		if zh, en := verbsOf(text.Chinese), verbsOf(text.English); !slices.Equal(zh, en) {
			t.Errorf("%s: the verbs are %v in Chinese and %v in English", key, zh, en)
		}
		if han(text.English) && !quotations[key] && key != "language" {
			t.Errorf("%s: the English has Chinese: %q", key, text.English)
		}
		if strings.ContainsAny(text.English, "，。；：、（）？！") {
			t.Errorf("%s: the English has Chinese punctuation: %q", key, text.English)
		}
		if !han(text.Chinese) && !neither.MatchString(verb.ReplaceAllString(text.Chinese, "")) {
			t.Errorf("%s: the Chinese has no Chinese: %q", key, text.Chinese)
		}
		if strings.Contains(text.Chinese, "{") {
			t.Errorf("%s: Chinese has one form of a word: %q", key, text.Chinese)
		}
	}
}

// verbsOf lists the verbs of a text in the order of their arguments; an argument named twice counts once.
func verbsOf(text string) []string {
	of := map[int]string{}
	at := -1
	for _, m := range regexp.MustCompile(`%%|%(?:\[(\d+)\])?([a-z])`).FindAllStringSubmatch(text, -1) {
		if m[2] != "" {
			at = numbered(m[1], at+1)
			of[at] = m[2]
		}
	}
	out := make([]string, len(of))
	for i := range out {
		out[i] = of[i] // "" where one is left out, which the other language shows
	}
	return out
}

func han(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func TestSay(t *testing.T) {
	for _, one := range []struct {
		language Language
		key      string
		args     []any
		want     string
	}{
		{Chinese, "menu.home", nil, "首页"},
		{English, "menu.home", nil, "Home"},
		{English, "basis", []any{1, 1}, "based on 1 of 1 agency"},
		{English, "basis", []any{2, 41}, "based on 2 of 41 agencies"},
		{English, "filed.late.days", []any{1}, "1 day late"},
		{English, "filed.late.days", []any{21}, "21 days late"},
		{English, "findings.title", []any{"1"}, "1 finding to look at"},
		{English, "diff.title", []any{1, 0, 2}, "1 cell differs, 0 checks have another outcome, 2 parts of the text changed"},
		{Chinese, "compare.title.outside", []any{44, 2, "公开率"}, "44 个机关中 2 个公开率超出 99.8% 控制限"},
		{English, "compare.title.outside", []any{44, 2, "Disclosure rate"}, "Disclosure rate: 2 of 44 agencies lie outside the 99.8% control limits"},
		{English, "error.parameter", []any{"{a|b}"}, "Unknown parameter: {a|b}"}, // what is filled in is nobody's form of a word
		{English, "no.such.text", nil, "⟨no.such.text⟩"},
	} {
		if got := one.language.Say(one.key, one.args...); got != one.want {
			t.Errorf("%s in %s: %q, want %q", one.key, one.language, got, one.want)
		}
	}
}
