package recognise

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nianbao/ingest/document"
	"nianbao/internal/form"
	"nianbao/internal/sieve"
)

// The running text of a report, part by part. A part begins with its title ([form.Headings]); numerals may be missing,
// wrong or start again, so the words decide. The text of tables is left out: grids as a whole, and in text that lost
// its grids the lines that hold nothing but figures and labels of the form.

// passage is a part of the running text under way.
type passage struct {
	code, title string
	at          form.Position
	lines       []textLine
}

// sectionTitle is one wording of a part's title, letters only.
type sectionTitle struct {
	code  string
	words []rune
	text  string // the same
	older bool   // a title only with a numeral
}

// sectionTitles lists all wordings, the longest first, so that the first that fits says most.
var sectionTitles = func() []sectionTitle {
	var out []sectionTitle
	for _, h := range form.Headings {
		for i, t := range h.All() {
			words := wordsOf(clean(t))
			out = append(out, sectionTitle{h.Code, []rune(words), words, i > len(h.Titles)})
		}
	}
	slices.SortStableFunc(out, func(a, b sectionTitle) int { return len(b.words) - len(a.words) })
	return out
}()

// numeral is the mark in front of a part's title: 一、 or 第一部分. （一） marks the paragraphs within a part.
var numeral = sieve.MustCompile(`(?:[一二三四五六七八九十]{1,2}|[1-9])\s*[、.．]|第[一二三四五六七八九]部分[\s、:：]*`)

// longestTitle is the length in letters beyond which a line is no title; the longest of the form has 27.
const longestTitle = 40

// titleAt is a part's title found in a line: the bytes it takes up and the part, "" for a numbered title that is none
// of the form's.
type titleAt struct {
	from, to int
	code     string
	older    bool
}

// mayTitle reports whether a text has one of the words of which every title has one, also in traditional characters: 情况,
// 问题, 事项, 概述 or 概况.
func mayTitle(text string) bool {
	before := rune(0)
	for _, r := range text {
		switch r {
		case '况', '況':
			if before == '情' || before == '概' {
				return true
			}
		case '题':
			if before == '问' {
				return true
			}
		case '題':
			if before == '問' {
				return true
			}
		case '项', '項':
			if before == '事' {
				return true
			}
		case '述':
			if before == '概' {
				return true
			}
		}
		before = r
	}
	return false
}

// titlesIn finds the titles in a line. Text that was flattened into one line holds all six.
func titlesIn(line string) []titleAt {
	if !mayTitle(line) {
		return nil
	}
	letters := 0
	for _, r := range line {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	short := letters <= longestTitle && !strings.ContainsAny(line, "。；;")
	var out []titleAt
	for _, m := range numeral.FindAllStringSubmatchIndex(line) {
		if r, _ := utf8.DecodeLastRuneInString(line[:m[0]]); m[0] > 0 && (unicode.Is(unicode.Han, r) || strings.ContainsRune("(（[【第", r)) {
			continue
		}
		if arabic := line[m[0]] < utf8.RuneSelf; arabic && (m[0] > 0 || !short) {
			continue
		}
		t, ok := titleFrom(line, m[1])
		switch {
		case ok:
		case short && m[0] == len(line)-len(strings.TrimLeft(line, " \u3000")):
			t = titleLike(line[m[1]:])
			t.to = len(line)
		default:
			continue
		}
		if rest := line[t.to:]; t.code != "" && utf8.RuneCountInString(rest) <= 12 && !strings.ContainsAny(rest, "。；;，,：:0123456789 〔") {
			t.to = len(line) // 存在的主要问题 … 及下一步打算
		}
		t.from = m[0]
		if len(out) > 0 && out[len(out)-1].to > t.from {
			continue
		}
		out = append(out, t)
	}
	if len(out) > 0 || !short {
		return out
	}
	words := []rune(wordsOf(clean(line)))
	for _, bare := range [][]rune{words, afterNumeral(words)} {
		for _, t := range sectionTitles {
			if !t.older && slices.Equal(bare, t.words) && !strings.ContainsAny(line, "(（") {
				return []titleAt{{0, len(line), t.code, false}}
			}
		}
	}
	return nil
}

// sectionHeading tells which table's part the words of a title head, "" for none. Parts without a table answer other.
func sectionHeading(words string) string {
	if utf8.RuneCountInString(words) > longestTitle || !mayTitle(words) {
		return ""
	}
	code := ""
	runes := []rune(words)
	for _, t := range sectionTitles {
		whole := len(t.words) >= 8 && nearly(runes, t.words)
		if !t.older && (whole || words == t.text || len(t.words) >= 6 && (strings.HasSuffix(words, t.text) || strings.HasPrefix(words, t.text))) {
			code = t.code
			break
		}
	}
	switch code {
	case "", form.Section2, form.Section3, form.Section4:
		return code
	}
	return "other"
}

// title returns the first place in flattened text of a part's title, −1 if it does not stand between from and to.
func (f *flatText) title(code string, from, to int) int {
	at := -1
	for _, t := range sectionTitles {
		if t.code == code && !t.older {
			if i := f.find(t.words, from, to); i >= 0 && (at < 0 || i < at) {
				at = i
			}
		}
	}
	return at
}

// afterNumeral drops a numeral that lost its mark: 六其他需要报告的事项.
func afterNumeral(words []rune) []rune {
	if len(words) > 0 && strings.ContainsRune("一二三四五六七八九", words[0]) {
		return words[1:]
	}
	return words
}

// titleFrom matches a title to the letters from byte at on: to the letter, or with one letter wrong, too many or
// missing in a long one.
func titleFrom(line string, at int) (titleAt, bool) {
	var words []rune
	var ends []int // for each of words the byte behind it
	for i, r := range line[at:] {
		if len(words) > longestTitle {
			break
		}
		if unicode.IsLetter(r) {
			words, ends = append(words, simple(r)), append(ends, at+i+utf8.RuneLen(r))
		}
	}
	for _, t := range sectionTitles {
		if len(words) >= len(t.words) && slices.Equal(words[:len(t.words)], t.words) {
			return titleAt{to: ends[len(t.words)-1], code: t.code, older: t.older}, true
		}
	}
	for _, t := range sectionTitles {
		if len(t.words) < 8 {
			continue
		}
		for _, n := range []int{len(t.words) + 1, len(t.words), len(t.words) - 1} {
			if n <= len(words) && words[n-1] == t.words[len(t.words)-1] && nearly(words[:n], t.words) {
				return titleAt{to: ends[n-1], code: t.code, older: t.older}, true
			}
		}
	}
	return titleAt{}, false
}

// titleLike names the part of a numbered line that is no title to the letter: by a title it contains, or that it
// resembles. Code "" if it is none of the form's.
func titleLike(s string) titleAt {
	words := wordsOf(clean(s))
	best, at := titleAt{}, 0.0
	for _, t := range sectionTitles {
		if len(t.words) >= 6 && strings.Contains(words, t.text) {
			return titleAt{code: t.code, older: t.older}
		}
		if x := alike(t.words, []rune(words), marksOf(t.words)); x >= certain && x > at {
			best, at = titleAt{code: t.code, older: t.older}, x
		}
	}
	return best
}

// formText is every label of every version of the form, letters only, one after the other.
var formText = func() string {
	var b strings.Builder
	for _, t := range formLabels {
		b.WriteString(wordsOf(clean(t)))
		b.WriteByte('\n')
	}
	return b.String()
}()

// formPairs are the pairs of neighbours in formText. What begins with another pair is no part of it.
var formPairs = func() map[[2]rune]bool {
	out := map[[2]rune]bool{}
	before := '\n'
	for _, r := range formText {
		out[[2]rune{before, r}] = true
		before = r
	}
	return out
}()

// caption is the line that an extraction puts over a table.
var caption = regexp.MustCompile(`^表[一二三四1-4] *[:：]`)

// ofTable reports whether a line of text holds nothing but figures and labels of the form, or parts of such labels.
func ofTable(line string) bool {
	if len(line) > utf8.UTFMax*longest || utf8.RuneCountInString(line) > longest || strings.Contains(line, "。") || strings.Contains(line, "；") {
		return false
	}
	if caption.MatchString(line) {
		return true
	}
	for _, field := range strings.FieldsFunc(line, func(r rune) bool { return unicode.IsSpace(r) || r == '|' }) {
		if figure(field) {
			continue
		}
		if !ofLabels([]rune(wordsOf(clean(field)))) {
			return false
		}
	}
	return true
}

// ofLabels reports whether words are parts of labels of the form, one or several of at least two characters. Header
// cells that stand side by side over several lines come out as 社会法律, 公益服务其他.
func ofLabels(words []rune) bool {
	if len(words) == 0 || len(words) > 1 && !formPairs[[2]rune(words[:2])] {
		return false
	}
	if strings.Contains(formText, string(words)) {
		return true
	}
	for len(words) > 0 && len(words) <= longestTitle {
		n := min(len(words), 2)
		if n < 2 || !strings.Contains(formText, string(words[:n])) {
			return false
		}
		for n < len(words) && strings.Contains(formText, string(words[:n+1])) {
			n++
		}
		if len(words)-n == 1 {
			n--
		}
		if words = words[n:]; n < 2 {
			return false
		}
	}
	return len(words) == 0
}

// tableStart is where a table begins in text that was flattened into one line.
var tableStart = sieve.MustCompile(`第二十条\s*第[（(]|[（(]本列数据的勾稽|申请人情况|行政复议\s*行政诉讼\s*结果|指标名称\s*(?:计量)?单位|信息内容\s*本年`)

// flattened reports whether a table stands in the text in one line: words of its header follow soon, without a sentence
// in between.
func flattened(s string) bool {
	begin := s[:min(len(s), 200)]
	return !strings.Contains(begin, "。") && utf8.RuneCountInString(s) > longestTitle &&
		(strings.Contains(begin, "信息内容") || strings.Contains(begin, "自然人") || strings.Contains(begin, "结果") || strings.Contains(begin, "单位"))
}

// passages cuts the running text into parts.
func passages(doc *document.Document) []passage {
	out := []passage{{}}
	older := false
	open := func(t titleAt, title string, at form.Position) {
		out = append(out, passage{code: t.code, title: strings.TrimSpace(title), at: at})
	}
	add := func(s string, at form.Position) {
		if s = strings.TrimSpace(s); s != "" {
			p := &out[len(out)-1]
			if len(p.lines) == 0 && p.title == "" {
				p.at = at
			}
			p.lines = append(p.lines, textLine{s, at})
		}
	}
	for _, b := range doc.Blocks {
		if b.Grid != nil {
			for i := range b.Grid.Cells {
				c := &b.Grid.Cells[i]
				if len(c.Text) > 3*longestTitle || len(c.Text) < len("总体情况") || figure(c.Text) {
					continue
				}
				if t := titlesIn(c.Text); len(t) == 1 && t[0].code != "" && !t[0].older {
					open(t[0], c.Text, c.At)
				}
			}
			continue
		}
		for rest, more := b.Text, true; more; {
			var line string
			line, rest, more = strings.Cut(rest, "\n")
			if line = strings.TrimSpace(line); line == "" || mayPageNumber(line) && pageNumber.MatchString(line) {
				continue
			}
			from := 0
			for _, t := range titlesIn(line) {
				if t.older && t.code != "" {
					older = true
				}
				if t.code == "" && !older {
					continue // a numbered line that is no title of the form is one only in a report older than the form
				}
				add(line[from:t.from], b.At)
				open(t, line[t.from:t.to], b.At)
				from = t.to
			}
			add(line[from:], b.At)
		}
	}
	for i := range out {
		out[i].lines = withoutTables(out[i].lines)
	}
	// A table of contents lists the titles once more, without text.
	filled := map[string]bool{}
	for _, p := range out {
		filled[p.code] = filled[p.code] || len(p.lines) > 0
	}
	return slices.DeleteFunc(out, func(p passage) bool {
		return len(p.lines) == 0 && (filled[p.code] || p.title == "")
	})
}

// withoutTables drops the lines of tables: runs of labels and figures, with what stands between two of them.
func withoutTables(lines []textLine) []textLine {
	var out []textLine
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		if utf8.RuneCountInString(l.text) > longestTitle { // as a table in one line is
			if m := tableStart.FindStringIndex(l.text); m != nil && flattened(l.text[m[0]:]) {
				if l.text = strings.TrimSpace(l.text[:m[0]]); l.text != "" {
					out = append(out, l)
				}
				continue
			}
		}
		if !ofTable(l.text) {
			out = append(out, l)
			continue
		}
		last := i
		for j := i + 1; j < len(lines) && j <= last+3; j++ {
			if utf8.RuneCountInString(lines[j].text) > longest || strings.Contains(lines[j].text, "。") {
				break
			}
			if ofTable(lines[j].text) {
				last = j
			}
		}
		if last == i && !figure(l.text) && utf8.RuneCountInString(l.text) > 1 { // a label alone is a word of the text
			out = append(out, l)
		}
		i = last
	}
	return out
}

// sentence is a sentence of the running text in comparable form, with what stands around it.
type sentence struct {
	text    string       // folded: no white space but between digits, compatibility and traditional characters folded
	marks   *sieve.Marks // of text
	printed string
	before  string // the sentence before it in its paragraph, folded
	part    *passage
	at      form.Position
}

// sentences cuts a part into sentences. In plain text a paragraph goes over several lines; a line that ends without a
// mark at its full width goes on in the next.
func (p *passage) sentences(visit func(sentence)) {
	for i := 0; i < len(p.lines); i++ {
		text, at := p.lines[i].text, p.lines[i].at
		for at.Line > 0 && i+1 < len(p.lines) && goesOn(p.lines[i].text, p.lines[i+1].text) {
			i++
			text += p.lines[i].text
		}
		before := ""
		for text != "" {
			end := strings.IndexFunc(text, endsSentence)
			one := text
			if end < 0 {
				text = ""
			} else {
				_, size := utf8.DecodeRuneInString(text[end:])
				one, text = text[:end+size], text[end+size:]
			}
			folded := foldProse(one)
			if folded == "" {
				continue
			}
			visit(sentence{text: folded, printed: strings.TrimLeft(strings.TrimSpace(one), "…〕"), before: before, part: p, at: at})
			before = folded
		}
	}
}

func endsSentence(r rune) bool {
	switch r {
	case '。', '；', ';', '！', '!', '？', '?', '…':
		return true
	}
	return false
}

// paragraphMark begins a new paragraph.
var paragraphMark = regexp.MustCompile(`^(?:[一二三四五六七八九十]{1,2}[、.．]|[（(][一二三四五六七八九十\d]{1,2}[)）]|\d{1,2}[、.．]\D|第[一二三四五六七八九十]|—|－)`)

func goesOn(line, next string) bool {
	last, _ := utf8.DecodeLastRuneInString(line)
	return utf8.RuneCountInString(line) >= 20 && !strings.ContainsRune("。；;！!？?：:〕", last) && !paragraphMark.MatchString(next)
}

// foldProse folds a sentence. White space goes, except between digits, where it may part two numbers.
func foldProse(s string) string {
	s = compatible(s)
	if readingAt(s) {
		s = pinyin.ReplaceAllString(s, "")
	}
	if strings.IndexFunc(s, changesInProse) < 0 { // as most sentences
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	last, space := rune(0), false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = true
			continue
		case r == '\u200b' || r == '\ufeff' || r == '\u00ad' || r == '\u200c' || r == '\u200d':
			continue
		}
		r = simple(r)
		if space && isDigit(last) && isDigit(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last, space = r, false
	}
	return b.String()
}

// changesInProse reports whether foldProse may leave a character out or write another for it.
func changesInProse(r rune) bool {
	if ideograph(r) {
		return simplifiedOf[r-firstIdeograph] != 0
	}
	return r <= ' ' || r >= utf8.RuneSelf && widthOf(r) != plainWidth
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// severalParts is how many titles of parts make a document a report that has neither a title nor a table.
const severalParts = 3

// words reads the running text: parts and claims. A document that holds several reports states nothing of one of them.
func (r *result) words(doc *document.Document) {
	f := r.filing
	found := passages(doc)
	for _, b := range doc.Blocks {
		r.tables = r.tables || b.Grid != nil && b.Grid.Rows > 3 && b.Grid.Columns > 2 || strings.Contains(b.Text, "统计表")
	}
	for _, p := range found {
		if p.code != "" {
			r.headed[p.code] = true
		}
	}
	if f.Title == "" && len(f.Cells) == 0 && len(r.headed) == 0 {
		return // no report
	}
	f.Parts = partsOf(found)
	if !slices.ContainsFunc(f.Problems, func(p form.Problem) bool { return p.Code == "several_reports" }) {
		if s := stated(doc); s != doc { // a figure of a picture in running text has one reading, which is no claim
			found = passages(s)
		}
		f.Claims = claimsOf(found, f.Year, f.Agency.Name, r.trace)
	}
}

// partsOf writes the passages as the parts of a filing.
func partsOf(passages []passage) []form.Part {
	out := make([]form.Part, len(passages))
	for i, p := range passages {
		texts := make([]string, len(p.lines))
		for j, l := range p.lines {
			texts[j] = l.text
		}
		out[i] = form.Part{Code: p.code, Title: p.title, Text: strings.Join(texts, "\n"), At: p.at}
	}
	return out
}
