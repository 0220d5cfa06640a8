package recognise

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/internal/sieve"
)

// Numbers in the running text. A number becomes a claim only if one of the declared phrases states it of this report's
// own body and year. Everything else is left: a wrong claim would accuse a report of a contradiction that it does not
// have.

var (
	// comparison are the words of a figure that is not the year's own.
	comparison = sieve.MustCompile(`同比|环比|较上|比上|较去|比去|较20|比20|去年|增加|减少|增长|下降|上升|近[三五两]年|计划|力争|目标|拟|下一步|20\d\d年以前`)
	// since are words that open another period, for the whole sentence that follows.
	since = sieve.MustCompile(`(?:施行|实施|成立|开展|建立|运行|十[二三四五]五)[^,。;]{0,4}以来|截至|历年|累计至|自20\d\d年(?:以来|起)`)
	// earlier are words for last year; the phrases for what was carried over use them rightly.
	earlier = sieve.MustCompile(`上(?:一)?(?:年|年度)|往年|前年`)
	// answers are words that make the answers the whole of which a share is stated.
	answers = sieve.MustCompile(`办结|答复|办理结果`)
	// members are words for a part of those whom the report covers.
	members = sieve.MustCompile(`各(?:乡|镇|街道|县|区|部门|单位|级|科室|股室|站所)|[市县区州]直|镇街|下属|所属|乡镇(?:主动|共)|部门(?:主动|共|收到|受理|办理)|本级`)
	// office is a government's office; a report of the whole government may state the office's figures beside its own.
	office    = regexp.MustCompile(`办公[室厅]|[市县区]政府办(?:[^理公]|$)`)
	yearNamed = sieve.MustCompile(`(20[0-4]\d)年`)
)

// stating are the characters of which a sentence that states a number has one: digits count, the others deny or name 0.
var (
	stating  = sieve.MustCompile(`[0-9零未没无]`)
	counting = sieve.MustCompile(`[0-9零]`)
	denying  = sieve.MustCompile(`[未没无不零0]`)
)

// statement is a claim with what decides between several of one concept.
type statement struct {
	form.Claim
	tier int
}

// claimsOf finds the claims in the running text of a report for the year, 0 if that is not known.
func claimsOf(passages []passage, year int, agency string, trace *Trace) []form.Claim {
	var found []statement
	for i := range passages {
		p := &passages[i]
		if p.code == form.Section5 {
			continue // problems and plans
		}
		p.sentences(func(s sentence) {
			if s.marks = sieve.Of(s.text); !stating.May(s.marks) || !stating.MatchString(s.text) || utf8.RuneCountInString(s.text) > 1500 {
				return
			}
			found = append(found, statementsIn(s, year, agency, trace)...)
		})
	}
	return settleClaims(found, trace)
}

// statementsIn matches all phrases with one sentence.
func statementsIn(s sentence, year int, agency string, trace *Trace) []statement {
	var out []statement
	counts, denies := counting.May(s.marks), denying.May(s.marks) // perhaps; what cannot match is left out, no more
	for i := range phrases {
		p := &phrases[i]
		if p.zero && !denies || !p.zero && !counts || !p.re.May(s.marks) || !strings.Contains(s.text, p.needs) || !p.about.isOf(s) {
			continue
		}
		if p.concept == "disclosed" && s.part.code != "" && s.part.code != form.Section1 && s.part.code != form.Section2 {
			continue
		}
		for _, m := range p.re.FindAllStringSubmatchIndex(s.text) {
			why := p.refuses(s, m, year, agency)
			if why == "" && p.share && !answers.MatchString(s.before+s.text) {
				why = "没有说明是占办结总数的比例"
			}
			if why != "" {
				trace.refuse("正文", s.text[m[0]:m[1]], s.at, why)
				continue
			}
			c, ok := p.claim(s.text, m)
			if !ok {
				continue
			}
			c.Sentence, c.At = shorten(s.printed, 200), s.at
			out = append(out, statement{c, p.tier})
		}
	}
	return out
}

// isOf reports whether the sentence is about the topic: by itself, by the sentence before it in its paragraph or by the
// title of its part.
func (t topic) isOf(s sentence) bool {
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(s.text, w) || strings.Contains(s.before, w) {
				return true
			}
		}
		return false
	}
	p := s.part
	switch t {
	case aboutApplications:
		return p.code == form.Section3 || has("公开申请", "依申请", "申请公开", "信息公开案件")
	case aboutDisclosure:
		return p.code == form.Section3 || p.code == form.Section4 || p.code == "" && strings.Contains(p.title, "公开") || has("信息公开", "政务公开", "依申请公开")
	case aboutFees:
		return p.code == form.Section6 || aboutDisclosure.isOf(s)
	}
	return true
}

// refuses says why a match is not this report's claim, "" if it is.
func (p *phrase) refuses(in sentence, m []int, year int, agency string) string {
	s := in.text
	from, to := clause(s, m[0], m[1])
	before, whole := s[from:m[0]], s[from:to]
	has := func(r *sieve.Regexp, part string) bool { return r.May(in.marks) && r.MatchString(part) }
	switch {
	case has(comparison, s[from:m[1]]), has(since, s[:m[0]]):
		return "与其他时期比较或累计"
	case !p.last && has(earlier, s[from:m[1]]):
		return "上年度的数字"
	case !p.ofWhole && !p.zero && strings.Contains(s[:m[0]], "其中"):
		return "是“其中”的一部分"
	case has(members, before):
		return "是下级或部门的数字"
	case office.MatchString(before) && !office.MatchString(agency):
		return "是办公机构本级的数字"
	case p.not != nil && has(p.not, whole), p.alone && has(p.not, s[:m[0]]), p.notBehind != nil && p.notBehind.MatchString(s[:m[0]]):
		return "同句另有所指"
	}
	if !yearNamed.May(in.marks) {
		return ""
	}
	if named := yearNamed.FindAllStringSubmatch(s[:m[0]], -1); len(named) > 0 {
		if last := named[len(named)-1][1]; year == 0 && len(named) > 1 && named[0][1] != last || year != 0 && last != strconv.Itoa(year) {
			return "是" + last + "年的数字"
		}
	}
	return ""
}

// clause is the bounds of the clause in which s[from:to] stands. A comma between digits ends none.
func clause(s string, from, to int) (int, int) {
	start := 0
	for i, r := range s[:from] {
		if strings.ContainsRune(",。;:()", r) && !(r == ',' && i > 0 && i+1 < len(s) && isDigit(rune(s[i-1])) && isDigit(rune(s[i+1]))) {
			start = i + utf8.RuneLen(r)
		}
	}
	if end := strings.IndexAny(s[to:], ",。;:()"); end >= 0 {
		return start, to + end
	}
	return start, len(s)
}

// claim makes a claim of a match. ok is false if what stands there is no figure of its own: a date, a part of a number.
func (p *phrase) claim(s string, m []int) (form.Claim, bool) {
	concept, _ := form.LookupConcept(p.concept)
	c := form.Claim{Concept: p.concept, Unit: concept.Unit, Raw: s[m[0]:m[1]]}
	if p.zero {
		rest := strings.TrimLeft(s[m[1]:], "案件共为")
		return c, rest == "" || !isDigit(rune(rest[0]))
	}
	group := func(n int) string {
		if 2*n+1 >= len(m) || m[2*n] < 0 {
			return ""
		}
		return s[m[2*n]:m[2*n+1]]
	}
	if p.share {
		v, err := decimal.NewFromString(group(6))
		c.Value, c.Unit, c.Raw = v, "%", group(6)+"%"
		return c, err == nil
	}
	digits := strings.ReplaceAll(group(2), ",", "")
	if digits == "零" {
		digits = "0"
	}
	v, err := decimal.NewFromString(digits)
	if err != nil {
		return c, false
	}
	factor, unit := group(3), group(5)
	switch factor {
	case "百":
		v = v.Shift(2)
	case "千":
		v = v.Shift(3)
	case "万":
		v = v.Shift(4)
	case "亿":
		v = v.Shift(8)
	}
	if unit == "万元" {
		v = v.Shift(4)
	}
	c.Value = v
	c.Raw = s[m[2*2]:m[1]]
	if group(1) != "" {
		c.Raw = group(1) + c.Raw
	}
	c.Approx = group(1) != "" || group(4) != "" || factor != "" && concept.Unit != "元" // 万元 is a unit
	if end := m[2*2+1]; unit == "" && (group(4) == "" || end < len(s) && isDigit(rune(s[end]))) {
		return c, false // without a unit the figure may count anything, only 余 shows that it is a count
	}
	if before := s[:m[2*2]]; before != "" {
		r, _ := utf8.DecodeLastRuneInString(before)
		if isDigit(r) || r == '.' || r == ' ' {
			return c, false
		}
	}
	// A share of one concept in all answers is no count, and a count of items is a whole number.
	return c, concept.Unit == "元" || v.IsInteger()
}

// settleClaims keeps one claim of a concept. The plainest statement counts; several that differ are left, as the words
// alone do not tell which is the report's.
func settleClaims(found []statement, trace *Trace) []form.Claim {
	out := []form.Claim{}
	type key struct{ concept, unit string }
	best := map[key]int{}
	for _, s := range found {
		k := key{s.Concept, s.Unit}
		if t, ok := best[k]; !ok || s.tier < t {
			best[k] = s.tier
		}
	}
	differ := map[key]bool{}
	first := map[key]form.Claim{}
	for _, s := range found {
		k := key{s.Concept, s.Unit}
		if s.tier != best[k] {
			continue
		}
		if have, ok := first[k]; !ok {
			first[k] = s.Claim
		} else if !have.Value.Equal(s.Value) {
			differ[k] = true
		}
	}
	for _, s := range found {
		k := key{s.Concept, s.Unit}
		c, ok := first[k]
		switch {
		case !ok || s.tier != best[k]:
		case differ[k]:
			trace.refuse("正文", s.Raw, s.At, fmt.Sprintf("“%s”在正文中有几个不同的数", conceptName(s.Concept)))
		default:
			out = append(out, c)
			delete(first, k)
		}
	}
	slices.SortStableFunc(out, func(a, b form.Claim) int { return conceptOrder[a.Concept] - conceptOrder[b.Concept] })
	return out
}

var conceptOrder = func() map[string]int {
	out := map[string]int{}
	for i, c := range form.Concepts {
		out[c.Code] = i
	}
	return out
}()

func conceptName(code string) string {
	c, _ := form.LookupConcept(code)
	return c.Name
}
