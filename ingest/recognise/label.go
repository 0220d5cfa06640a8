package recognise

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// label is a printed label brought into comparable form.
type label struct {
	number string // enumerator: 一 … 七 for 一、 and （三）, digits for 1.; "" if there is none
	words  string // the rest, without punctuation and white space
}

var (
	// enumerator is the counting mark in front of a label. 三安全一稳定 must not lose its 三, so a Chinese numeral counts
	// only with brackets or 、 and a digit only with a mark behind it or a word after it.
	enumerator = regexp.MustCompile(`^(?:[(\[【]([一二三四五六七八九十]{1,3}|\d{1,2})[)\]】]|([一二三四五六七八九十]{1,3})[、.,:．]|(\d{1,2})[、.,:．)])`)
	bareDigit  = regexp.MustCompile(`^(\d)([^\d.])`)
	// pinyin is the reading that some mirrors print behind a character: 區(qū).
	pinyin = regexp.MustCompile(`[(（][a-zA-ZüÜāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ]{1,7}[)）]`)
	// remark is a note in brackets at the end of a label.
	remark = regexp.MustCompile(`[(\[【][^()\[\]【】]*(?:[)\]】]|$)`)
)

// parseLabel brings printed text into comparable form.
func parseLabel(s string) label {
	s = clean(s)
	var l label
	if m := enumerator.FindStringSubmatch(s); m != nil {
		l.number = m[1] + m[2] + m[3]
		s = s[len(m[0]):]
	} else if m := bareDigit.FindStringSubmatch(s); m != nil {
		l.number = m[1]
		s = s[len(m[1]):]
	}
	l.words = wordsOf(s)
	return l
}

// clean folds compatibility characters and traditional characters, and drops pinyin and white space.
func clean(s string) string {
	ascii := true
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if !ascii {
		s = norm.NFKC.String(s)
	}
	if strings.ContainsAny(s, "(（") {
		s = pinyin.ReplaceAllString(s, "")
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' || r == '\u00ad' || r == '\u200c' || r == '\u200d' {
			return -1
		}
		if f, ok := simplified[r]; ok {
			return f
		}
		return r
	}, s)
}

// wordsOf keeps letters and digits.
func wordsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// target is a label of the catalogue with its variants, in comparable form.
type target struct {
	number string
	words  []string
}

func newTarget(number, text string, variants []string) target {
	t := target{number: parseLabel(number + "占").number, words: []string{wordsOf(clean(text))}}
	for _, v := range variants {
		t.words = append(t.words, wordsOf(clean(v)))
	}
	return t
}

// printedLabel is a printed text prepared for comparison with many targets.
type printedLabel struct {
	label
	bare string // the words without a remark in brackets, if they differ
}

func prepare(text string) printedLabel {
	p := printedLabel{label: parseLabel(text)}
	if c := clean(text); strings.ContainsAny(c, "([【") {
		if bare := parseLabel(remark.ReplaceAllString(c, "")).words; bare != p.words {
			p.bare = bare
		}
	}
	return p
}

// is reports whether the text is the label or one of its variants to the letter, a remark in brackets apart.
func (t target) is(p printedLabel) bool {
	for _, w := range t.words {
		if w == p.words || w == p.bare && w != "" {
			return true
		}
	}
	return false
}

// similarity is 1 for the same words and falls with the edit distance; 0 means nothing in common. A label that is
// followed by a remark in brackets, or cut off at a reasonable length, is as good as the label.
func (t target) similarity(p printedLabel) float64 {
	if t.is(p) {
		return 1
	}
	best := 0.0
	for _, w := range t.words {
		best = max(best, alike(w, p.words))
		if p.bare != "" {
			best = max(best, alike(w, p.bare))
		}
	}
	return best
}

// alike is 1 − distance/length of the longer text, over runes, with a floor for texts that are cut off at the end.
func alike(want, got string) float64 {
	if want == got {
		return 1
	}
	if want == "" || got == "" {
		return 0
	}
	a, b := []rune(want), []rune(got)
	if len(b) >= 6 && strings.HasPrefix(want, got) { // cut off
		return 0.9
	}
	longer := max(len(a), len(b))
	if diff := len(a) - len(b); diff > longer/2 || -diff > longer/2 {
		return 0
	}
	return 1 - float64(distance(a, b))/float64(longer)
}

// distance is the Levenshtein distance over runes.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
