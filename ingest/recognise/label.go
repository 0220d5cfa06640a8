package recognise

import (
	"math/bits"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"nianbao/internal/form"
)

// label is a printed label brought into comparable form.
type label struct {
	number string // enumerator: 一 … 七 for 一、 and （三）, digits for 1.; "" if there is none
	words  string // the rest, without punctuation and white space
}

// pinyin is the reading that some mirrors print behind a character: 區(qū).
var pinyin = regexp.MustCompile(`\([a-zA-ZüÜāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ]{1,7}\)`)

// parseLabel brings printed text into comparable form.
func parseLabel(s string) label {
	number, rest := enumerator(clean(s))
	return label{number, wordsOf(rest)}
}

// enumerator cuts the counting mark off the front of a cleaned label: 一、 （三） 1. and, before a word, a bare digit.
// 三安全一稳定 must not lose its 三, so a Chinese numeral counts only with brackets or a mark behind it.
func enumerator(s string) (number, rest string) {
	body, open := s, false
	for _, bracket := range []string{"(", "[", "【"} {
		if after, ok := strings.CutPrefix(s, bracket); ok {
			body, open = after, true
			break
		}
	}
	n := strings.IndexFunc(body, func(r rune) bool { return !strings.ContainsRune("一二三四五六七八九十", r) })
	arabic := false
	if n <= 0 {
		n = strings.IndexFunc(body, func(r rune) bool { return r < '0' || r > '9' })
		arabic = true
	}
	if n <= 0 || arabic && n > 2 || !arabic && n > 3*len("一") {
		return "", s
	}
	number, rest = body[:n], body[n:]
	mark, size := utf8.DecodeRuneInString(rest)
	switch {
	case open && strings.ContainsRune(")]】", mark),
		!open && strings.ContainsRune("、.,:．", mark),
		!open && arabic && mark == ')':
		return number, rest[size:]
	case !open && arabic && n == 1 && mark != '.':
		return number, rest
	}
	return "", s
}

// withoutRemarks drops what stands in brackets; a bracket that is not closed swallows the rest.
func withoutRemarks(s string) string {
	depth := 0
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("([【", r):
			depth++
			return -1
		case strings.ContainsRune(")]】", r) && depth > 0:
			depth--
			return -1
		case depth > 0:
			return -1
		}
		return r
	}, s)
}

// readingAt reports whether pinyin may stand in brackets in a text whose compatibility characters were folded: whether a
// bracket opens before something that is neither an ideograph nor a digit.
func readingAt(s string) bool {
	for {
		i := strings.IndexByte(s, '(')
		if i < 0 {
			return false
		}
		s = s[i+1:]
		if r, _ := utf8.DecodeRuneInString(s); !ideograph(r) && !isDigit(r) {
			return true
		}
	}
}

// clean folds compatibility characters and traditional characters, and drops pinyin and white space.
func clean(s string) string {
	if folded, ok := fold(s); ok {
		return folded
	}
	s = compatible(s)
	if readingAt(s) {
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

// compatible folds compatibility characters (NFKC), without the general machinery where none or only the common ones
// occur.
func compatible(s string) string {
	var out []byte
	copied := 0 // bytes of s
	for i, r := range s {
		switch widthOf(r) {
		case rare:
			return norm.NFKC.String(s)
		case full:
			if out == nil {
				out = make([]byte, 0, len(s))
			}
			out = append(append(out, s[copied:i]...), byte(narrow(r)))
			copied = i + utf8.RuneLen(r)
		}
	}
	if out == nil {
		return s
	}
	return string(append(out, s[copied:]...))
}

// wordsOf keeps letters and digits.
func wordsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if ideograph(r) || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// target is a label of the catalogue with its variants, in comparable form.
type target struct {
	number string
	words  []string
	runes  [][]rune // of words
	marks  []uint64 // of words: which of 64 classes of characters occur
}

func newTarget(number, text string, variants []string) target {
	t := target{number: parseLabel(number + "占").number}
	for _, v := range append([]string{text}, variants...) {
		w := []rune(wordsOf(clean(v)))
		t.words, t.runes, t.marks = append(t.words, string(w)), append(t.runes, w), append(t.marks, marksOf(w))
	}
	return t
}

// A lexicon tells which of several targets a text is, as [target.is] would of each in turn.
type lexicon map[string][]int // indices by words

func lexiconOf(targets []target) lexicon {
	l := lexicon{}
	for i, t := range targets {
		for _, w := range t.words {
			if !slices.Contains(l[w], i) {
				l[w] = append(l[w], i)
			}
		}
	}
	return l
}

// of lists the targets that the text is, in order.
func (l lexicon) of(p *printedLabel) []int {
	found := l[p.words]
	if p.bare == "" {
		return found
	}
	more := l[p.bare]
	switch {
	case len(found) == 0:
		return more
	case len(more) == 0:
		return found
	}
	both := slices.Concat(found, more)
	slices.Sort(both)
	return slices.Compact(both)
}

func marksOf(runes []rune) uint64 {
	var m uint64
	for _, r := range runes {
		m |= 1 << (r % 64)
	}
	return m
}

// printedLabel is a printed text prepared for comparison with many targets.
type printedLabel struct {
	label
	bare      string // the words without a remark in brackets, if they differ
	runes     []rune // of words
	bareRunes []rune
	marks     uint64 // of runes
	bareMarks uint64

	disclosureRow    answer // which of disclosureRowTargets the text certainly names
	disclosureHeader answer // 0 if it is (part of) a column label of section 二
}

// answer is what was found out about a label, once.
type answer struct {
	known bool
	at    int // −1 for none
}

func (a *answer) once(find func() int) int {
	if !a.known {
		a.known, a.at = true, find()
	}
	return a.at
}

// formLabels are the labels of every version of the form as it prints them, those of rows also with their enumerators.
var formLabels = func() []string {
	var out []string
	for _, f := range form.Forms {
		for _, t := range f.Tables {
			for _, block := range t.Blocks {
				out = append(out, block.Heading, block.Corner, "第二十条")
				for _, r := range block.Rows {
					out = append(append(out, r.Label, r.Number+r.Label), slices.Concat(r.Parents, r.Variants)...)
				}
				for _, c := range block.Columns {
					out = append(append(out, c.Label), slices.Concat(c.Parents, c.Variants)...)
				}
			}
		}
	}
	return out
}()

// ofForm are formLabels prepared, with all answers: most labels of a report are printed as in the form.
var ofForm = func() memo {
	out := memo{}
	for _, text := range formLabels {
		p := prepare(text)
		disclosureRow(p)
		headerText(p)
		out[text] = p
	}
	return out
}()

// memo keeps the labels of one document that were prepared: the same text is asked for by every table.
type memo map[string]*printedLabel

func (m memo) prepare(text string) *printedLabel {
	if p, ok := ofForm[text]; ok {
		return p
	}
	p, ok := m[text]
	if !ok {
		p = prepare(text)
		m[text] = p
	}
	return p
}

func opensRemark(r rune) bool { return r == '(' || r == '[' || r == '【' || r == '（' || r == '［' }

func prepare(text string) *printedLabel {
	number, rest := enumerator(clean(text))
	p := &printedLabel{label: label{number, wordsOf(rest)}}
	p.runes = []rune(p.words)
	p.marks = marksOf(p.runes)
	if strings.IndexFunc(text, opensRemark) >= 0 {
		if bare := wordsOf(withoutRemarks(rest)); bare != p.words {
			p.bare, p.bareRunes = bare, []rune(bare)
			p.bareMarks = marksOf(p.bareRunes)
		}
	}
	return p
}

// is reports whether the text is the label or one of its variants to the letter, a remark in brackets apart.
func (t *target) is(p *printedLabel) bool {
	for _, w := range t.words {
		if w == p.words || w == p.bare && w != "" {
			return true
		}
	}
	return false
}

// similarity is 1 for the same words and falls with the edit distance; 0 means nothing in common. A label that is
// followed by a remark in brackets, or cut off at a reasonable length, is as good as the label.
func (t *target) similarity(p *printedLabel) float64 {
	if t.is(p) {
		return 1
	}
	best := 0.0
	for i, w := range t.runes {
		best = max(best, likeness(w, p.runes, t.marks[i], p.marks))
		if p.bare != "" {
			best = max(best, likeness(w, p.bareRunes, t.marks[i], p.bareMarks))
		}
	}
	return best
}

// alike is 1 − distance/length of the longer text, over runes, with a floor for texts that are cut off at the end.
// Results below probable may come out as 0: they decide nothing. marks are those of want.
func alike(want, got []rune, marks uint64) float64 { return likeness(want, got, marks, marksOf(got)) }

// likeness is alike where the marks of both are known, which spare most pairs a closer look.
func likeness(want, got []rune, wantMarks, gotMarks uint64) float64 {
	if len(want) == 0 || len(got) == 0 {
		return 0
	}
	longer := max(len(want), len(got))
	possible := func(edits int) bool { return 1-float64(edits)/float64(longer) >= probable }
	strange := bits.OnesCount64(gotMarks &^ wantMarks) // characters of got that want cannot have; each costs at least one edit
	if strange > 0 {
		if !possible(max(strange, len(want)-len(got), len(got)-len(want))) {
			return 0
		}
		strange = 0
		for _, r := range got {
			if wantMarks&(1<<(r%64)) == 0 {
				strange++
			}
		}
	} else if len(got) >= 6 && len(got) < len(want) && slices.Equal(want[:len(got)], got) {
		return 0.9 // cut off
	}
	if !possible(max(strange, len(want)-len(got), len(got)-len(want))) {
		return 0
	}
	return 1 - float64(distance(want, got))/float64(longer)
}

// nearly reports whether texts differ in one letter at most, wrong, missing or too many: a distance of 0 or 1.
func nearly(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	same := 0
	for same < len(a) && a[same] == b[same] {
		same++
	}
	switch len(b) - len(a) {
	case 0:
		return same == len(a) || slices.Equal(a[same+1:], b[same+1:])
	case 1:
		return slices.Equal(a[same:], b[same+1:])
	}
	return false
}

// distance is the Levenshtein distance over runes.
func distance(a, b []rune) int {
	var space [64]int
	row := space[:]
	if len(b) >= len(space) {
		row = make([]int, len(b)+1)
	}
	row = row[:len(b)+1]
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
