package recognise

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"nianbao/ingest/document"
	"nianbao/internal/form"
	"nianbao/internal/sieve"
)

// organ is how the name of a body ends. A text that does not end so is not taken for a name.
const organ = `(?:局|分局|委|委员会|办|办公室|厅|院|人民政府|政府|街道|街道办|办事处|镇|乡|苏木|区|县|市|省|州|盟|旗|中心|管委会|处|所|支队|大队|总队|海关|站|馆|园|园区|开发区|新区|会|署|社|公司|办事所)`

var (
	nameEnds   = regexp.MustCompile(organ + `$`)
	titleWords = regexp.MustCompile(`政府信息公开(?:工作)?(?:情况)?(?:的)?(?:年度工作报告|年度报告|年度工作年度报告|工作年度报告|年报|工作报告|报告|工作告年度报|情况报告)|政府信息公开(?:工作)?情况的?$|政务公开(?:工作)?(?:年度报告|年度工作报告|工作年度报告|年报)`)
	yearWords  = regexp.MustCompile(`(20[0-4]\d)年?(?:度)?`)
	yearOf     = regexp.MustCompile(`(20[0-4]\d)年`)
	// chineseYear is a year in Chinese digits: 二〇二三年, also with ○ and O.
	chineseYear = regexp.MustCompile(`二[〇○零OＯo0][一二三四五六七八九〇○零]{2}年`)
	period      = regexp.MustCompile(`(20[0-4]\d)年1月1日.{0,4}?(?:至|到|-|—|~|～|起).{0,4}?(?:(20[0-4]\d)年)?12月31日`)
	contact     = sieve.MustCompile(`请(?:与|联系|向)([\p{Han}]{2,40}?)(?:联系|\(|（|,|，|咨询|反映)`)
	publisher   = regexp.MustCompile(`^(?:来源|信息来源|发布机构|发文机关|发布者|发布单位|发布机关|公开主体|公开机构|责任单位|单位名称|机构名称|编制机关)[:：]?([\p{Han}()（）]{2,40})`)
	publisherOf = regexp.MustCompile(`^(?:来源|信息来源|发布机构|发文机关|发布者|发布单位|发布机关|公开主体|公开机构|责任单位|单位名称|机构名称|编制机关)[:：]?$`)
	subject     = regexp.MustCompile(`(?:^|[,，。;；、]|年度?)([\p{Han}]{2,24}?(?:局|委员会|办公室|办事处|人民政府|管委会|街道|镇|乡))(?:本年|共|全年|认真|按照|深入|坚持|严格|主动|高度|〔)`)
	// opener is a body with its region as the first words of a paragraph: 2020年,某市生态环境局…
	opener      = regexp.MustCompile(`^20[0-4]\d年度?[,，]?([\p{Han}]{2,12}[市县区州旗盟][\p{Han}]{2,20}?(?:局|委员会|办公室|办事处|人民政府|管委会|街道|镇|乡))(?:[^\p{Han}]|认真|按照|深入|坚持|严格|主动|高度|共|全年)`)
	datePrinted = regexp.MustCompile(`(20[0-4]\d)\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})`)
	publishedAt = sieve.MustCompile(`(?:发布|公开|成文|发文|生成|公布|更新|时间|日期)[^0-9]{0,8}(20[0-4]\d)[-年/.](\d{1,2})[-月/.](\d{1,2})`)
	signature   = regexp.MustCompile(`^.{0,40}?(20[0-4]\d)年(\d{1,2})月(\d{1,2})日.{0,4}$`)
	fileYear    = regexp.MustCompile(`(?:^|\D)(20[0-4]\d)(?:\D|$)`)
	fromTitle   = regexp.MustCompile(`^(?:标题|名称|主题)[:：]`)
	aggregate   = regexp.MustCompile(`汇总[^。；]{0,40}(?:各|单位|部门|镇|街道)|(?:各|单位|部门|镇|街道)[^。；]{0,30}汇总`)
)

// cleanMark is the mark of made-up reports as it stands in a cleaned text.
var cleanMark = clean(form.SyntheticMark)

// head is how many blocks from the top may hold title, publisher and date of publication.
const head = 60

// author finds title, agency, year, dates and scope, each with its evidence.
func author(doc *document.Document, name string, f *form.Filing, trace *Trace) {
	var agencies, years []Witness
	add := func(list *[]Witness, value string, weight int, from, text string, at form.Position) {
		if value != "" {
			*list = append(*list, Witness{value, form.Evidence{From: from, Text: shorten(text, 80), Weight: weight, At: at}})
		}
	}
	texts := paragraphs(doc)
	cleaned := make([]string, len(texts))
	for i, t := range texts {
		cleaned[i] = clean(t.text)
	}
	told := map[string]bool{}
	spam := func(words, title string, at form.Position) {
		if !told[words] {
			told[words] = true
			f.Problems = append(f.Problems, form.Problem{Code: "mirror_spam", At: at,
				Message: "the title “" + shorten(title, 60) + "” has foreign words in it (" + words + "), as copies of agencies' pages do; it was read without them"})
		}
	}

	titleNamed := false // the title found names the agency or the year
	title := func(raw string, from string, weight int, at form.Position, previous string) bool {
		agency, year, ok := parseTitle(raw)
		if !ok || agency == "" {
			if cleaned, words, can := withoutForeign(raw); can {
				if a, y, also := parseTitle(cleaned); also && (a != "" || !ok) {
					agency, year, ok = a, y, true
					spam(words, raw, at)
				}
			}
		}
		if !ok {
			return false
		}
		if named := agency != "" || year != ""; f.Title == "" || named && !titleNamed {
			f.Title, titleNamed = strings.Join(strings.Fields(raw), " "), named
		}
		add(&years, year, weight, from, raw, at)
		if agency == "" {
			if p := bodyName(previous); p != "" {
				add(&agencies, p, weight-1, "line above the title", previous, at)
			}
		}
		add(&agencies, agency, weight, from, raw, at)
		return titleNamed
	}
	titled, titleLines := false, 0
	for i := 0; i < len(texts) && i < head && !titled; i++ {
		t := texts[i]
		if utf8.RuneCountInString(t.text) > 80 {
			continue
		}
		previous := ""
		if i > 0 {
			previous = texts[i-1].text
		}
		for n := 1; n <= 3 && i+n <= len(texts) && !titled; n++ { // a title over up to three lines
			joined := ""
			for _, part := range texts[i : i+n] {
				joined += part.text
			}
			if n > 1 {
				if _, _, whole := parseTitle(texts[i+n-1].text); whole {
					break // the last line is a title of its own
				}
			}
			if utf8.RuneCountInString(joined) <= 80 {
				if titled = title(joined, "title line", 5, t.at, previous); titled {
					titleLines = i + n
				}
			}
		}
	}
	for _, key := range []string{"articletitle", "title"} {
		title(doc.Meta[key], "page property", 4, form.Position{}, "")
	}
	title(doc.Title, "page title", 4, form.Position{}, "")
	base := strings.TrimSuffix(path.Base(strings.ReplaceAll(name, "\\", "/")), path.Ext(name))
	if agency, year, ok := parseTitle(base); ok {
		add(&agencies, agency, 2, "file name", base, form.Position{})
		add(&years, year, 3, "file name", base, form.Position{})
	} else if m := fileYear.FindAllStringSubmatch(base, -1); len(m) == 1 {
		add(&years, m[0][1], 2, "file name", base, form.Position{})
	}

	opening := false
	for i, t := range texts {
		s := cleaned[i]
		if m := find(period, "12月31日", s); m != nil && (m[2] == "" || m[1] == m[2]) {
			add(&years, m[1], 5, "period", m[0], t.at)
		}
		if m := contact.FindStringSubmatch(s); m != nil {
			add(&agencies, bodyName(m[1]), 3, "contact", m[0], t.at)
		}
		if i < head {
			if m := publisher.FindStringSubmatch(s); m != nil {
				add(&agencies, bodyName(m[1]), 2, "publisher", t.text, t.at)
			} else if len(s) <= len("信息来源：") && publisherOf.MatchString(s) && i+1 < len(texts) { // none is longer
				add(&agencies, bodyName(texts[i+1].text), 2, "publisher", t.text+texts[i+1].text, t.at)
			}
			if f.Published == "" && strings.Contains(t.text, "20") {
				if m := publishedAt.FindStringSubmatch(t.text); m != nil {
					f.Published = date(m[1], m[2], m[3])
				}
			}
		}
		if !opening {
			if m := yearOf.FindStringSubmatchIndex(s); m != nil && m[0] == 0 {
				add(&years, s[m[2]:m[3]], 2, "opening words", t.text, t.at)
				opening = true
				if m := opener.FindStringSubmatch(s); m != nil {
					add(&agencies, bodyName(m[1]), 2, "opening words", m[0], t.at)
				}
			}
		}
		if i >= titleLines && utf8.RuneCountInString(s) <= 60 && strings.Contains(s, "政府信息公开") && titleWords.MatchString(s) && !strings.ContainsAny(s, "《》<>") {
			if m := yearOf.FindStringSubmatch(s); m != nil {
				add(&years, m[1], 3, "words of the title", t.text, t.at)
			}
		}
		if f.Scope == form.ScopeUnknown && find(aggregate, "汇总", s) != nil {
			f.Scope = form.ScopeAggregate
		}
		if strings.Contains(s, form.SyntheticMark) || strings.Contains(s, cleanMark) {
			f.Synthetic = true
		}
	}
	for i := len(texts) - 1; i >= 0 && i >= len(texts)-8; i-- {
		t := texts[i]
		s := arabicDate(cleaned[i])
		if m := find(signature, "日", s); m != nil && f.Signed == "" && utf8.RuneCountInString(s) <= 50 {
			f.Signed = date(m[1], m[2], m[3])
			if i > 0 {
				if n := bodyName(texts[i-1].text); n != "" && utf8.RuneCountInString(texts[i-1].text) <= 30 {
					add(&agencies, n, 3, "signature", texts[i-1].text, t.at)
				}
			}
		}
	}
	for _, key := range []string{"pubdate", "publishdate", "publish_time", "pubtime"} {
		if m := datePrinted.FindStringSubmatch(doc.Meta[key]); m != nil && f.Published == "" {
			f.Published = date(m[1], m[2], m[3])
		}
	}
	if strings.Contains(doc.Title, form.SyntheticMark) {
		f.Synthetic = true
	}
	urls := addresses(doc, texts)
	for _, u := range urls {
		if y, _, ok := publishedIn(u.text); ok {
			add(&years, strconv.Itoa(y-1), 1, "address", u.text, u.at)
		}
	}
	if len(agencies) == 0 { // nothing better than the subjects of sentences
		for i, t := range texts {
			if m := subject.FindStringSubmatch(cleaned[i]); m != nil {
				add(&agencies, bodyName(m[1]), 1, "subject of a sentence", m[0], t.at)
			}
		}
	}
	settleYear(f, years)
	self := selfNamed(texts)
	settleAgency(f, agencies, self)
	datesAgainstYear(f, urls)
	if trace != nil {
		trace.Years, trace.Agencies = years, agencies
		if self.count > 0 {
			trace.Agencies = append(trace.Agencies, Witness{self.word, form.Evidence{From: "words of the text", Text: self.word, Weight: 1, At: self.at}})
		}
	}
}

// find matches an expression that needs a word, looking for the word first.
func find(re *regexp.Regexp, word, s string) []string {
	if !strings.Contains(s, word) {
		return nil
	}
	return re.FindStringSubmatch(s)
}

// textLine is a line of text with its place.
type textLine struct {
	text string
	at   form.Position
}

// paragraphs lists the lines of running text and, up to the head, the cells of grids: portals print publisher and date
// in a table.
func paragraphs(doc *document.Document) []textLine {
	out := make([]textLine, 0, len(doc.Blocks)+40)
	for i, b := range doc.Blocks {
		if b.Grid != nil {
			if i < head {
				for n, c := range b.Grid.Cells {
					if n < 40 && strings.TrimSpace(c.Text) != "" {
						out = append(out, textLine{c.Text, c.At})
					}
				}
			}
			continue
		}
		for s := range strings.SplitSeq(b.Text, "\n") {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, textLine{s, b.At})
			}
		}
	}
	return out
}

// parseTitle takes the agency and the year out of a report's title. ok is false if the text is none. Either may be
// empty: many titles name only one of the two.
func parseTitle(raw string) (agency, year string, ok bool) {
	s := arabicDate(clean(raw))
	if strings.ContainsAny(s, "《》<>。;") && !strings.HasSuffix(s, "。") || strings.Contains(s, "格式") || strings.Contains(s, "通知") {
		return "", "", false
	}
	if !strings.Contains(s, "政府信息公开") && !strings.Contains(s, "政务公开") { // a word of all titles, looked for to save time
		return "", "", false
	}
	for _, cut := range []string{"_", "-", "|"} { // the site's name behind or before the title
		for _, part := range strings.Split(s, cut) {
			if titleWords.MatchString(part) {
				s = part
				break
			}
		}
	}
	s = fromTitle.ReplaceAllString(s, "")
	at := titleWords.FindStringIndex(s)
	if at == nil {
		return "", "", false
	}
	before, after := s[:at[0]], s[at[1]:]
	if m := yearWords.FindStringSubmatchIndex(before); m != nil {
		year = before[m[2]:m[3]]
		left, right := before[:m[0]], before[m[1]:]
		agency = bodyName(left)
		if agency == "" {
			agency = bodyName(right)
		}
	} else {
		agency = bodyName(before)
		if m := yearWords.FindStringSubmatch(after); m != nil {
			year = m[1]
		}
	}
	if year == "" && agency == "" && before != "" && utf8.RuneCountInString(s) > 30 {
		return "", "", false // a sentence that mentions reports
	}
	return agency, year, true
}

// bodyName takes the name of a body out of the words around it, "" if what is left is none.
func bodyName(s string) string {
	s = clean(s)
	for _, w := range []string{"现公布", "现将", "附件:", "附件", "关于", "标题:", "【", "公布"} {
		s = strings.TrimPrefix(s, w)
	}
	if i := strings.LastIndex(s, "由"); i >= 0 { // 本报告由某局编制
		s = s[i+len("由"):]
	}
	for _, w := range []string{"关于", "的", "本年度", "年度", "】", ":", "主动公开", "有关"} {
		s = strings.TrimSuffix(s, w)
	}
	n := utf8.RuneCountInString(s)
	if n < 2 || n > 40 || !nameEnds.MatchString(s) || !allHan(s) || strings.Contains(s, "我") {
		return ""
	}
	for _, w := range []string{"本", "该", "各", "全区", "全市", "全县", "全省"} {
		if strings.HasPrefix(s, w) && n <= 6 {
			return ""
		}
	}
	return s
}

func allHan(s string) bool {
	for _, r := range s {
		if !hasWord(string(r)) && !strings.ContainsRune("()（）、·", r) {
			return false
		}
	}
	return true
}

// arabicDate writes dates in Chinese digits with Arabic ones: 二○一三年一月二十日 → 2013年1月20日.
func arabicDate(s string) string {
	at := chineseYear.FindStringIndex(s)
	if at == nil {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:at[0]])
	for _, r := range s[at[0]:at[1]] {
		if i := strings.IndexRune("〇一二三四五六七八九", r); i >= 0 {
			b.WriteString(strconv.Itoa(i / len("一")))
		} else if r == '年' {
			b.WriteRune(r)
		} else {
			b.WriteByte('0')
		}
	}
	rest := s[at[1]:]
	for _, unit := range []string{"月", "日"} {
		n, after, ok := strings.Cut(rest, unit)
		v := chineseNumber(n)
		if !ok || v == 0 {
			break
		}
		b.WriteString(strconv.Itoa(v) + unit)
		rest = after
	}
	return b.String() + rest
}

// chineseNumber reads 1 to 99 in Chinese digits, 0 if it is none.
func chineseNumber(s string) int {
	ones := func(s string) int {
		if i := strings.Index("一二三四五六七八九", s); i >= 0 && len(s) == len("一") {
			return i/len("一") + 1
		}
		return 0
	}
	tens, unit, ten := strings.Cut(s, "十")
	switch {
	case !ten:
		return ones(s)
	case tens == "" && unit == "":
		return 10
	case tens == "":
		return 10 + ones(unit)
	case unit == "":
		return 10 * ones(tens)
	}
	return 10*ones(tens) + ones(unit)
}

// date is YYYY-MM-DD, "" if there is no such day.
func date(y, m, d string) string {
	t, err := time.Parse("2006-1-2", y+"-"+m+"-"+d)
	if err != nil {
		return ""
	}
	return t.Format(time.DateOnly)
}

// shorten is the beginning of a text, n characters, with single spaces.
func shorten(s string, n int) string {
	var b strings.Builder
	written, space := 0, false // characters; white space since the last
	for _, c := range s {
		if unicode.IsSpace(c) {
			space = written > 0
			continue
		}
		if space && written < n {
			b.WriteByte(' ')
			written++
		}
		if written == n {
			return b.String() + "…"
		}
		b.WriteRune(c)
		written, space = written+1, false
	}
	return b.String()
}
