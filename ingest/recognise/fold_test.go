package recognise

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// TestClean compares the quick ways of folding with the plain definition, over texts of characters that matter to it.
func TestClean(t *testing.T) {
	define := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || strings.ContainsRune("\u200b\ufeff\u00ad\u200c\u200d", r) {
				return -1
			}
			if x, ok := simplified[r]; ok {
				return x
			}
			return r
		}, pinyin.ReplaceAllString(norm.NFKC.String(s), ""))
	}
	common := []rune("一二三、（）()（1.１２Ａａ a　\u00a0\t\n[]［］【】，。“”‘’—〔〕萬縣總計無公开(qu)(ＱＵ)")
	seldom := []rune("①½ⅣⅫ㈠㊀ﬁ\u200b\ufeff\u00ad\u3300\uf900\U0002f800ü(qū)é\u0301\U00020000°")
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 20_000 {
		var b strings.Builder
		for range r.IntN(12) {
			from := common
			if n%3 == 0 {
				from = append(from[:len(from):len(from)], seldom...)
			}
			b.WriteRune(from[r.IntN(len(from))])
		}
		if n%50 == 0 {
			b.WriteString("\xff\xe5")
		}
		s := b.String()
		if got, want := clean(s), define(s); got != want {
			t.Fatalf("clean(%q): got %q, want %q", s, got, want)
		}
	}
	for r := rune(firstIdeograph); r <= lastIdeograph; r++ {
		if s := string(r); norm.NFKC.String(s) != s || !unicode.IsLetter(r) {
			t.Fatalf("%q is folded or no letter; fold and wordsOf take it for one that stands for itself", r)
		}
	}
}

// TestLikeness compares the quick likeness of labels with its definition.
func TestLikeness(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	letters := []rune("属于国家秘密行政查询事项重复申请其他处理信访举报")
	for range 20_000 {
		make := func() []rune {
			out := []rune{}
			for range 1 + r.IntN(12) {
				out = append(out, letters[r.IntN(len(letters))])
			}
			return out
		}
		want, got := make(), make()
		if r.IntN(2) == 0 {
			got = append(append([]rune{}, want[:r.IntN(len(want)+1)]...), got[:r.IntN(3)%(len(got)+1)]...)
		}
		define := 0.0
		switch {
		case len(got) == 0:
		case len(got) >= 6 && len(got) < len(want) && string(want[:len(got)]) == string(got):
			define = 0.9
		default:
			define = 1 - float64(distance(want, got))/float64(max(len(want), len(got)))
		}
		if s := alike(want, got, marksOf(want)); s != define && (s != 0 || define >= probable) {
			t.Fatalf("%q and %q: got %v, want %v", string(want), string(got), s, define)
		}
	}
}
