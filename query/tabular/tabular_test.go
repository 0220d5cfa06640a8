package tabular

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// hard are texts that spreadsheets calculate, or that are hard to carry.
var hard = []string{"", "'", "''", "'=1", "=1+1", "+1", "-5", "－5", "＝1", "@x", "＠x", "\tx", "\rx", "\nx", "a\r\nb", `"`, `""`, `a"b,c`, "见附件", "无", "010", "1-2", " =1", "0", "1e5", "_x0041_", "a\nb\r", " 前后 ", "<&>", "𠮷"}

func TestGuardIsTakenBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	letters := []rune("'=+-@\t\r\n＝＋－＠a1,\"")
	texts := append([]string{}, hard...)
	for range 5000 {
		var b strings.Builder
		for range r.IntN(5) {
			b.WriteRune(letters[r.IntN(len(letters))])
		}
		texts = append(texts, b.String())
	}
	for _, text := range texts {
		g := Guard(text)
		if Unguard(g) != text {
			t.Errorf("%q is guarded as %q, which gives back %q", text, g, Unguard(g))
		}
		if strings.ContainsAny(g[:min(1, len(g))], "=+-@\t\r\n") {
			t.Errorf("%q is guarded as %q, which a spreadsheet calculates", text, g)
		}
	}
}
