package form

import (
	"strings"
	"testing"
	"unicode"
)

// TestEnglish: all that the form prints and all that measures say has an English, without a word of Chinese.
func TestEnglish(t *testing.T) {
	met := map[string]bool{}
	want := func(where, text string) {
		if text == "" || met[text] {
			return
		}
		met[text] = true
		en := English(text)
		if strings.ContainsFunc(en, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || strings.ContainsAny(en, "（）、，；：“”") || en == "" {
			t.Errorf("%s: the English of %q is %q", where, text, en)
		}
	}
	for _, f := range Forms {
		want("form", f.Title)
		for _, table := range f.Tables {
			want("table", table.Title)
			for _, b := range table.Blocks {
				want("block", b.Heading)
				want("corner", b.Corner)
				for _, r := range b.Rows {
					want(r.Code, r.Label)
					for _, p := range r.Parents {
						want(r.Code, p)
					}
				}
				for _, c := range b.Columns {
					want(c.Code, c.Label)
					want(c.Code, c.Unit)
					for _, p := range c.Parents {
						want(c.Code, p)
					}
				}
			}
		}
	}
	for _, h := range Headings {
		want("heading", h.Title)
	}
	for _, g := range Groups {
		want("group", g.Label)
	}
	for _, c := range Concepts {
		want(c.Code, c.Name)
	}
	names := map[string]string{}
	for _, m := range Measures {
		for _, text := range []string{m.Formula, m.Per, m.Caveat, m.Source, m.Group, m.Unit} {
			want(m.Code, text)
		}
		for _, r := range append(append([]Reading{}, m.Numerators...), m.Denominators...) {
			want(m.Code, r.Name)
			want(m.Code, r.Words)
		}
		for _, c := range m.Caveats {
			want(m.Code, c.Text)
		}
		en := m.English()
		if en.Name == "" || strings.ContainsFunc(en.Name+en.Unit, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: the English name is %q, the unit %q", m.Code, en.Name, en.Unit)
		}
		if other, twice := names[en.Name]; twice {
			t.Errorf("%s and %s have the same English name %q", m.Code, other, en.Name)
		}
		names[en.Name] = m.Code
	}
	for text := range english {
		if !met[text] && !used[text] {
			t.Errorf("nothing prints %q", text)
		}
	}
	for text, want := range map[string]string{
		"（三）不予公开4.保护第三方合法权益":     "(3) Refused, 4: Protects lawful rights and interests of third parties",
		"行政复议 结果纠正":              "Administrative reconsideration, corrected",
		"未经复议直接起诉 总计 + 复议后起诉 总计": "Litigation without reconsideration, total + Litigation after reconsideration, total",
		"一种没有的说法":                "一种没有的说法",
	} {
		if got := English(text); got != want {
			t.Errorf("English(%q) is %q, want %q", text, got, want)
		}
	}
}

// used are parts of which texts are put together, and due dates.
var used = map[string]bool{"《政府信息公开条例》第四十九条第一款": true, "《政府信息公开条例》第四十九条第二款": true, "次年1月31日": true, "次年3月31日": true, "一、本年新收": true, "二、上年结转": true, "本年收费金额": true, "行政复议总计": true, "未经复议直接起诉总计": true, "复议后起诉总计": true,
	"申请人无正当理由逾期不补正": true, "申请人逾期未按收费通知要求缴纳费用": true}
