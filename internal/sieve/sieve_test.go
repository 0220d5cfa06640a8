package sieve

import (
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"testing"
)

// TestNeeds: which words an expression demands.
func TestNeeds(t *testing.T) {
	for expression, want := range map[string][][]string{
		`主动公开(?:了|的)?(?:信息)*(\d+)条`: {{"主动公开"}, {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}, {"条"}},
		`(?:收到|受理)了?申请`:             {{"收到了申请", "收到申请", "受理了申请", "受理申请"}},
		`公(?:开|布)`:                  {{"公开", "公布"}},
		`同比|较上年?|20\d[^,]`:          {{"同比", "较上", "200", "201", "202", "203", "204", "205", "206", "207", "208", "209"}},
		`(?:本年)?`:                   nil,
		`^[^,]*$`:                   nil,
		`本年|.*`:                     nil,
		`(?i)url`:                   nil,
		`^(?:^|,)收费:?无[。;]?$`:       {{"收费:无", "收费无"}},
	} {
		re, err := syntax.Parse(expression, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		got := needs(re.Simplify())
		for _, words := range append(got, want...) {
			slices.Sort(words)
		}
		if !slices.EqualFunc(got, want, slices.Equal[[]string]) {
			t.Errorf("%s: needs %q, want %q", expression, got, want)
		}
	}
}

// TestFinds: what is found is what package regexp finds. An expression that matches a text always may; one whose words are
// not there may not.
func TestFinds(t *testing.T) {
	expressions := []*Regexp{
		MustCompile(`公开(?:了)?#?(?:各类|政府|政务)*信息`), MustCompile(`(?:收到|受理)了?[^,]{0,4}?申请|公开申请`), MustCompile(`(\d{1,3}(?:,\d{3})+|\d+)(万|千)?件`),
		MustCompile(`各(?:部门|镇)|[市县]直|本级`), MustCompile(`(?:^|,)无[。;]?$`), MustCompile(`(?:a|了)?(?:信息|公开)$`), MustCompile(`无.*?(?:请|$)`), MustCompile(`第二十条\s*第[（(]|申请人情况`), MustCompile(`办公[室厅]|[市县]政府办(?:[^理公]|$)`),
	}
	words := []string{"公开", "信息", "政府", "政务", "收到", "受理", "了", "申请", "12", ",", "345", "件", "万", "各", "部门", "镇", "市", "县", "直", "本级", "无", "。", "第二十条", " ", "第（", "办公", "室", "理", "办"}
	random := rand.New(rand.NewPCG(7, 11))
	matched, spared := 0, 0
	for range 20_000 {
		text := ""
		for range random.IntN(9) {
			text += words[random.IntN(len(words))]
		}
		marks := Of(text)
		for _, r := range expressions {
			may, does := r.May(marks), r.MatchString(text)
			if does && !may {
				t.Fatalf("%s matches %q, but was said not to", r, text)
			}
			if got, want := r.FindAllStringSubmatchIndex(text), r.Regexp.FindAllStringSubmatchIndex(text, -1); !slices.EqualFunc(got, want, slices.Equal[[]int]) {
				t.Fatalf("%s in %q: found %v, want %v", r, text, got, want)
			}
			if got, want := r.FindStringSubmatch(text), r.Regexp.FindStringSubmatch(text); !slices.Equal(got, want) {
				t.Fatalf("%s in %q: found %q, want %q", r, text, got, want)
			}
			if got, want := r.FindStringIndex(text), r.Regexp.FindStringIndex(text); !slices.Equal(got, want) || does != r.Regexp.MatchString(text) {
				t.Fatalf("%s in %q: found %v, want %v", r, text, got, want)
			}
			if does {
				matched++
			} else if !may {
				spared++
			}
		}
	}
	if expressions[0].start == nil || expressions[4].start != nil {
		t.Error("a match that begins with 公 is looked for there; one that may begin with the text is not")
	}
	if matched == 0 || spared < 2*matched {
		t.Errorf("%d matches, %d searches spared: the test shows nothing", matched, spared)
	}
	if MustCompile(`收到申请`).May(Of("收到的申请")) {
		t.Error("pairs of neighbours are not told apart")
	}
}
