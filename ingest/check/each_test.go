package check_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"nianbao/ingest/check"
	"nianbao/internal/form"
)

// words of a made-up report, long enough to be compared.
var (
	overall  = strings.Repeat("坚持以公开为常态，认真落实各项要求，细化分工压实责任。", 1) + longText("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈剑号巨阙珠称夜光果珍李柰菜重芥姜海咸河淡鳞潜羽翔龙师火帝鸟官人皇始制文字乃服衣裳推位让国有虞陶唐吊民伐罪周发殷汤坐朝问道垂拱平章")
	problems = "存在的主要问题：政策解读的形式较为单一。改进情况：丰富解读方式。"
)

// longText cuts a string of characters into sentences.
func longText(s string) string {
	var b strings.Builder
	for i, c := range []rune(s) {
		b.WriteRune(c)
		if i%20 == 19 {
			b.WriteString("。")
		}
	}
	return b.String()
}

// sound is a report for 2023 in which every check passes that applies to it, with everything that it is compared with.
func sound(v form.Version) (*form.Filing, *check.Context) {
	f := complete(v)
	f.Agency, f.Year, f.Scope = form.Agency{Name: "某县人民政府", Region: "370302"}, 2023, form.ScopeAggregate
	f.Signed, f.Published = "2024-01-20", "2024-01-21"
	f.Claims = []form.Claim{{Concept: "applications", Unit: "件", Sentence: "收到申请0件"}, {Concept: "fee", Unit: "元"}}
	for _, h := range form.Headings {
		text := map[string]string{form.Section1: overall, form.Section5: problems, form.Section6: "未收取信息处理费。"}[h.Code]
		f.Parts = append(f.Parts, form.Part{Code: h.Code, Title: h.Numeral + "、" + h.Title, Text: text})
	}
	f.Parts = append([]form.Part{{Text: "本报告由某县人民政府按照要求编制。统计期限自2023年1月1日起至12月31日止。"}}, f.Parts...)

	before := complete(v)
	before.Agency, before.Year, before.Scope = f.Agency, 2022, f.Scope
	before.Parts = []form.Part{{Code: form.Section1, Text: longText(reverse(overall))}}
	member := complete(v)
	member.Agency, member.Year, member.Scope = form.Agency{Name: "某县教育局"}, 2023, form.ScopeOwn
	texts := []*check.Extract{check.ExtractOf("", "", f), check.ExtractOf("m", "", member)}
	one := check.Spread{Bodies: 9, Median: decimal.NewFromInt(1), MAD: decimal.NewFromInt(1)}
	return f, &check.Context{Prior: check.ExtractOf("p", "", before), Members: []*check.Extract{check.ExtractOf("m", "", member)},
		Peers: &check.Peers{Bodies: 9, Without: 5, Texts: check.TextsOf(texts),
			Spread: map[string]check.Spread{"received": one, "normative": one, "license": one, "punish": one, "coerce": one, "fees": one}},
		Due: time.Date(2024, 3, 31, 0, 0, 0, 0, time.UTC)}
}

func reverse(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

// outcomeOf is the gravest outcome of a check.
func outcomeOf(f *form.Filing, id string) form.Outcome {
	rank := []form.Outcome{form.Fail, form.Uncertain, form.Pass, form.NotAssessable, form.NotApplicable}
	for _, want := range rank {
		for _, x := range f.Findings {
			if x.Rule == id && x.Status == want {
				return want
			}
		}
	}
	return ""
}

func number(path string, n int64) func(*testing.T, *form.Filing, *check.Context) {
	return func(t *testing.T, f *form.Filing, _ *check.Context) { set(t, f, path, form.Number, n) }
}

func text(code string, words string) func(*testing.T, *form.Filing, *check.Context) {
	return func(t *testing.T, f *form.Filing, _ *check.Context) {
		for i := range f.Parts {
			if f.Parts[i].Code == code {
				f.Parts[i].Text = words
			}
		}
	}
}

func priorNumber(t *testing.T, f *form.Filing, c *check.Context, changes ...func(*form.Filing)) {
	t.Helper()
	before := complete(f.Forms[form.Section2])
	before.Agency, before.Year, before.Scope = f.Agency, f.Year-1, f.Scope
	for _, change := range changes {
		change(before)
	}
	c.Prior = check.ExtractOf("p", "", before)
}

// TestEachCheck breaks a sound report in one place and looks at one check. Every declared check is broken here.
func TestEachCheck(t *testing.T) {
	type change = func(*testing.T, *form.Filing, *check.Context)
	v19, v21 := form.V2019, form.V2021
	claim := func(concept string, n int64, unit string) change {
		return func(_ *testing.T, f *form.Filing, _ *check.Context) {
			f.Claims = []form.Claim{{Concept: concept, Value: decimal.NewFromInt(n), Unit: unit, Sentence: "正文"}}
		}
	}
	all := func(changes ...change) change {
		return func(t *testing.T, f *form.Filing, c *check.Context) {
			for _, x := range changes {
				x(t, f, c)
			}
		}
	}
	alone := func(_ *testing.T, _ *form.Filing, c *check.Context) { *c = check.Context{} }
	silent := func(_ *testing.T, f *form.Filing, _ *check.Context) { f.Parts, f.Claims = nil, nil }
	none := func(*testing.T, *form.Filing, *check.Context) {}
	year := func(y int) change { return func(_ *testing.T, f *form.Filing, _ *check.Context) { f.Year = y } }
	unclear := func(path string) change {
		return func(t *testing.T, f *form.Filing, _ *check.Context) { set(t, f, path, form.Ambiguous, 0) }
	}
	bureau := func(_ *testing.T, f *form.Filing, _ *check.Context) {
		f.Agency.Name, f.Scope = "某县教育局", form.ScopeOwn
	}
	legacy := func(before, sum int64) change {
		return func(t *testing.T, f *form.Filing, c *check.Context) {
			table := func(f *form.Filing, year, sum int64) {
				f.Forms, f.Cells = map[string]form.Version{}, []form.Cell{
					{Key: form.Key{Table: form.Legacy, Row: "主动公开信息数", Column: form.YearValue}, State: form.Number, Value: decimal.NewFromInt(year)},
					{Key: form.Key{Table: form.Legacy, Row: "主动公开信息数", Column: form.Cumulative}, State: form.Number, Value: decimal.NewFromInt(sum)}}
			}
			table(f, 3, sum)
			f.Year = 2016
			priorNumber(t, &form.Filing{Year: 2016, Agency: f.Agency, Scope: f.Scope, Forms: map[string]form.Version{form.Section2: v21}}, c, func(b *form.Filing) {
				table(b, 1, before)
				b.Cells[0].Row, b.Cells[1].Row = "1、主动公开文件数", "1、主动公开文件数" // another wording of the same indicator
			})
		}
	}
	last := func(path string, n int64) change {
		return func(t *testing.T, f *form.Filing, c *check.Context) {
			priorNumber(t, f, c, func(b *form.Filing) { set(t, b, path, form.Number, n) })
		}
	}
	member := func(path string, n int64) change {
		return func(t *testing.T, f *form.Filing, c *check.Context) {
			m := complete(v21)
			set(t, m, path, form.Number, n)
			c.Members = []*check.Extract{check.ExtractOf("m", "", m)}
		}
	}
	problem := func(code string) change {
		return func(_ *testing.T, f *form.Filing, _ *check.Context) {
			f.Problems = append(f.Problems, form.Problem{Code: code})
		}
	}

	covered := map[string]map[form.Outcome]bool{}
	for _, tc := range []struct {
		id      string
		version form.Version
		name    string
		change  change
		want    form.Outcome
	}{
		{"A1", v21, "sound", none, form.Pass},
		{"A1", v21, "received and lost", number("section3.NEW.total", 3), form.Fail},
		{"A1", v21, "no table", func(_ *testing.T, f *form.Filing, _ *check.Context) { f.Cells = nil }, form.NotAssessable},
		{"A1", v21, "before 2019", year(2016), form.NotApplicable},
		{"A2", v21, "sound", none, form.Pass},
		{"A2", v21, "result not in the total", number("section3.R6_2.natural", 1), form.Fail},
		{"A2", v21, "unclear", unclear("section3.R1.legal"), form.Uncertain},
		{"A3", v21, "sound", none, form.Pass},
		{"A3", v21, "column not in the total", number("section3.NEW.legal", 1), form.Fail},
		{"A4", v21, "sound", none, form.Pass},
		{"A4", v21, "outcome not in the total", number("section4.direct.pending", 1), form.Fail},
		{"A5", v21, "sound", none, form.Pass},
		{"A5", v21, "carried in from nowhere", number("section3.CARRY_IN.natural", 2), form.Fail},
		{"A5", v21, "lost on the way", last("section3.CARRY_OUT.total", 4), form.Fail},
		{"A5", v21, "unclear", unclear("section3.CARRY_IN.legal"), form.Uncertain},
		{"A5", v21, "no report last year", alone, form.NotAssessable},
		{"A5", v21, "another scope last year", func(_ *testing.T, f *form.Filing, _ *check.Context) { f.Scope = form.ScopeOwn }, form.NotAssessable},
		{"A5", v21, "two years ago", year(2024), form.NotAssessable},
		{"A6", v21, "sound", none, form.Pass},
		{"A6", v21, "made and not in force", number("section2.normative.made", 2), form.Fail},
		{"A6", v21, "in force last year", last("section2.regulations.valid", 2), form.Fail},
		{"A6", v21, "made and repealed", all(last("section2.normative.valid", 5), number("section2.normative.made", 1), number("section2.normative.repealed", 2), number("section2.normative.valid", 4)), form.Pass},
		{"A6", v19, "form of 2019", none, form.NotApplicable},
		{"A6", v21, "no report last year", alone, form.NotAssessable},
		{"A7", v19, "sound", none, form.Pass},
		{"A7", v19, "items from nowhere", number("section2.fees.prev_items", 2), form.Fail},
		{"A7", v19, "items lost", last("section2.punishment.delta", -3), form.Fail},
		{"A7", v21, "form of 2021", none, form.NotApplicable},
		{"A8", v19, "sound", number("section2.normative.total_public", 7), form.Pass},
		{"A8", v19, "new and not in the total", number("section2.normative.published_new", 2), form.Fail},
		{"A9", v21, "sum goes on", legacy(10, 13), form.Pass},
		{"A9", v21, "sum begins anew", legacy(10, 3), form.Fail},
		{"A9", v21, "form of 2021", none, form.NotApplicable},
		{"A9", v21, "nothing to compare with", all(legacy(10, 13), alone), form.NotAssessable},
		{"A10", v21, "sound", none, form.Pass},
		{"A10", v21, "other number", claim("applications", 3, "件"), form.Fail},
		{"A10", v21, "new only", all(number("section3.NEW.total", 3), number("section3.CARRY_IN.total", 2), claim("applications", 3, "件")), form.Pass},
		{"A10", v21, "with carry-over", all(number("section3.NEW.total", 3), number("section3.CARRY_IN.total", 2), claim("applications", 5, "件")), form.Pass},
		{"A10", v21, "neither", all(number("section3.NEW.total", 3), number("section3.CARRY_IN.total", 2), claim("applications", 2, "件")), form.Fail},
		{"A10", v21, "nearly", all(number("section3.NEW.total", 100), claim("applications", 99, "件")), form.Fail},
		{"A10", v21, "about", all(number("section3.NEW.total", 100), claim("applications", 99, "件"), func(_ *testing.T, f *form.Filing, _ *check.Context) {
			f.Claims[0].Approx = true
		}), form.Pass},
		{"A10", v21, "refused", all(number("section3.R3_2.total", 3), claim("refused", 4, "件")), form.Fail},
		{"A10", v21, "a cell is unclear", all(unclear("section3.CARRY_IN.total"), claim("applications", 3, "件")), form.Uncertain},
		{"A10", v21, "no cell counts it", claim("disclosed", 3, "条"), form.NotApplicable},
		{"A10", v21, "no text", silent, form.NotAssessable},
		{"A11", v21, "right share", text(form.Section1, "共公开200条，其中网站公开69条，占34.5%。"), form.Pass},
		{"A11", v21, "cut off", text(form.Section1, "共公开300条，网站公开200条，占66%。"), form.Pass},
		{"A11", v21, "rounded", text(form.Section1, "共公开300条，网站公开200条，占66.7%。"), form.Pass},
		{"A11", v21, "wrong share", text(form.Section1, "共公开200条，其中网站公开69条，占43.5%。"), form.Fail},
		{"A11", v21, "growth", all(number("section3.NEW.total", 12), last("section3.NEW.total", 10), text(form.Section1, "收到申请12件，同比增长20%。")), form.Pass},
		{"A11", v21, "wrong growth", all(number("section3.NEW.total", 12), last("section3.NEW.total", 10), text(form.Section1, "收到申请12件，同比增长2%。")), form.Fail},
		{"A11", v21, "fall", all(number("section3.NEW.total", 8), last("section3.NEW.total", 10), text(form.Section1, "收到申请8件，比上年减少20%。")), form.Pass},
		{"A11", v21, "share of answers", all(number("section3.R1.total", 1), number("section3.R7.total", 3), claim("granted", 33, "%")), form.Pass},
		{"A11", v21, "wrong share of answers", all(number("section3.R1.total", 1), number("section3.R7.total", 3), claim("granted", 43, "%")), form.Fail},
		{"A11", v21, "no percentage", none, form.NotApplicable},
		{"A11", v21, "no text", silent, form.NotAssessable},
		{"A12", v21, "sound", none, form.Pass},
		{"A12", v21, "negative", number("section2.normative.valid", -1), form.Fail},
		{"A12", v19, "a decrease", number("section2.licensing.delta", -1), form.Pass},
		{"A12", v21, "half a case", func(_ *testing.T, f *form.Filing, _ *check.Context) {
			f.Cells[len(f.Cells)-1].Value = decimal.RequireFromString("0.5")
		}, form.Fail},
		{"A12", v21, "no table", func(_ *testing.T, f *form.Filing, _ *check.Context) { f.Cells = nil }, form.NotAssessable},
		{"A13", v21, "sound", none, form.Pass},
		{"A13", v21, "more than the members", number("section3.NEW.total", 9), form.Pass},
		{"A13", v21, "less than a member", member("section3.NEW.total", 2), form.Fail},
		{"A13", v21, "unclear", unclear("section3.R7.total"), form.Uncertain},
		{"A13", v21, "no members", alone, form.NotAssessable},
		{"A13", v21, "no aggregate", bureau, form.NotApplicable},
		{"B1", v21, "sound", none, form.Pass},
		{"B1", v21, "no part 五", func(_ *testing.T, f *form.Filing, _ *check.Context) { f.Parts = append(f.Parts[:5], f.Parts[6]) }, form.Fail},
		{"B1", v21, "no text", silent, form.NotAssessable},
		{"B1", v21, "before 2019", year(2016), form.NotApplicable},
		{"B2", v21, "sound", none, form.Pass},
		{"B2", v21, "no tables", func(_ *testing.T, f *form.Filing, _ *check.Context) { f.Cells = nil }, form.Fail},
		{"B2", v21, "unreadable", all(func(_ *testing.T, f *form.Filing, _ *check.Context) { f.Cells = nil }, problem("header_unread")), form.Uncertain},
		{"B3", v21, "sound", none, form.Pass},
		{"B3", v21, "a blank", func(t *testing.T, f *form.Filing, _ *check.Context) { set(t, f, "section3.R2.legal", form.Blank, 0) }, form.Fail},
		{"B3", v21, "a slash", func(t *testing.T, f *form.Filing, _ *check.Context) { set(t, f, "section4.after.total", form.Dash, 0) }, form.Fail},
		{"B3", v21, "unclear", unclear("section3.R2.legal"), form.Uncertain},
		{"B4", v21, "sound", none, form.Pass},
		{"B4", v21, "无", text(form.Section5, "无。"), form.Fail},
		{"B4", v21, "本年度无", text(form.Section5, "本年度无"), form.Fail},
		{"B4", v21, "empty", text(form.Section5, ""), form.Fail},
		{"B5", v21, "sound", none, form.Pass},
		{"B5", v21, "silent", text(form.Section6, "无。"), form.Fail},
		{"B5", v21, "fees and silent", all(number("section2.fees.amount_wan", 3), text(form.Section6, "无其他需要报告的事项。")), form.Fail},
		{"B5", v21, "before the fee", year(2020), form.NotApplicable},
		{"B6", v21, "sound", none, form.Pass},
		{"B6", v19, "old form", none, form.Fail},
		{"B6", v19, "in its year", year(2020), form.NotApplicable},
		{"B7", v21, "sound", none, form.Pass},
		{"B7", v21, "old heading", func(_ *testing.T, f *form.Filing, _ *check.Context) {
			f.Parts[4].Title = "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况"
		}, form.Fail},
		{"B7", v21, "traditional characters", func(_ *testing.T, f *form.Filing, _ *check.Context) { f.Parts[1].Title = "一、總體情況" }, form.Pass},
		{"C1", v21, "sound", none, form.Pass},
		{"C1", v21, "last year's text", func(_ *testing.T, f *form.Filing, c *check.Context) {
			before := *f
			before.Year--
			c.Prior = check.ExtractOf("p", "", &before)
		}, form.Fail},
		{"C1", v21, "last year's with other figures", func(_ *testing.T, f *form.Filing, c *check.Context) {
			before := *f
			before.Year--
			before.Parts = []form.Part{{Code: form.Section1, Text: "2022年，收到申请17件。" + overall}}
			c.Prior = check.ExtractOf("p", "", &before)
		}, form.Fail},
		{"C1", v21, "no report last year", alone, form.NotAssessable},
		{"C1", v21, "short", text(form.Section1, "很好。"), form.NotApplicable},
		{"C2", v21, "sound", none, form.Pass},
		{"C2", v21, "another's text", func(_ *testing.T, f *form.Filing, c *check.Context) {
			other := *f
			other.Agency.Name = "某县科技局"
			c.Peers.Texts = check.TextsOf([]*check.Extract{check.ExtractOf("a", "", f), check.ExtractOf("o", "", &other)})
		}, form.Fail},
		{"C2", v21, "common phrases", func(_ *testing.T, f *form.Filing, c *check.Context) {
			var list []*check.Extract
			for i := range 7 {
				other := *f
				other.Agency.Name = fmt.Sprintf("第%d局", i)
				list = append(list, check.ExtractOf("", "", &other))
			}
			c.Peers.Texts = check.TextsOf(list)
		}, form.NotApplicable},
		{"C2", v21, "nobody else", alone, form.NotAssessable},
		{"C3", v21, "sound", none, form.Pass},
		{"C3", v21, "another body's", text("", "本报告由某县教育局按照要求编制。"), form.Fail},
		{"C3", v21, "title of another", problem("agency_conflict"), form.Fail},
		{"C3", v21, "a body that is not known", text("", "本报告由某镇人民政府编制。"), form.Uncertain},
		{"C3", v21, "nobody known", all(text("", "本报告由某镇人民政府编制。"), alone), form.NotAssessable},
		{"C3", v21, "short name", text("", "如有疑问，请与县人民政府联系。"), form.Pass},
		{"D1", v21, "sound", none, form.Pass},
		{"D1", v21, "before the end", func(_ *testing.T, f *form.Filing, _ *check.Context) { f.Signed = "2023-01-17" }, form.Fail},
		{"D1", v21, "the day after", func(_ *testing.T, f *form.Filing, _ *check.Context) { f.Signed = "2024-01-01" }, form.Pass},
		{"D1", v21, "no date", func(_ *testing.T, f *form.Filing, _ *check.Context) { f.Signed = "" }, form.NotAssessable},
		{"D2", v21, "sound", none, form.Pass},
		{"D2", v21, "another year", problem("year_conflict"), form.Fail},
		{"D2", v21, "no year", year(0), form.NotAssessable},
		{"D3", v21, "sound", none, form.Pass},
		{"D3", v21, "on the day", func(_ *testing.T, f *form.Filing, _ *check.Context) { f.Published = "2024-03-31" }, form.Pass},
		{"D3", v21, "late", func(_ *testing.T, f *form.Filing, _ *check.Context) { f.Published = "2024-04-01" }, form.Fail},
		{"D3", v21, "no due date", alone, form.NotAssessable},
		{"D4", v21, "sound", none, form.Pass},
		{"D4", v21, "before the end", func(_ *testing.T, f *form.Filing, _ *check.Context) { f.Published = "2023-06-01" }, form.Fail},
		{"D5", v21, "sound", none, form.Pass},
		{"D5", v21, "both years", text("", "统计期限为2023年1月1日至2023年12月31日。"), form.Pass},
		{"D5", v21, "broken line", text("", "统计期限为2023\n年1月1日至12月31日。"), form.Pass},
		{"D5", v21, "last year's", text("", "统计期限自2022年1月1日起至12月31日止。"), form.Fail},
		{"D5", v21, "over two years", text("", "统计期限自2023年1月1日起至2024年12月31日止。"), form.Fail},
		{"D5", v21, "empty", text("", "统计期限自至。"), form.Fail},
		{"D5", v21, "not said", text("", "按照要求编制。"), form.NotApplicable},
		{"D6", v21, "next year", text(form.Section5, "2024年，我局将进一步加强公开。"), form.Pass},
		{"D6", v21, "this year", text(form.Section5, "2023年，我局将进一步加强公开。"), form.Fail},
		{"D6", v21, "under a heading", text(form.Section5, "整改措施。2023年我局加大工作力度。"), form.Fail},
		{"D6", v21, "sign of the object", text(form.Section5, "2023年，我局将公开纳入考核。"), form.NotApplicable},
		{"H1", v21, "sound", none, form.Pass},
		{"H1", v21, "ten times", all(number("section2.punishment.processed", 400), last("section2.punishment.processed", 40)), form.Fail},
		{"H1", v21, "few", all(number("section2.punishment.processed", 20), last("section2.punishment.processed", 1)), form.Pass},
		{"H1", v21, "no report last year", alone, form.NotAssessable},
		{"H2", v21, "sound", none, form.Pass},
		{"H2", v21, "all others have some", func(_ *testing.T, _ *form.Filing, c *check.Context) { c.Peers.Without = 0 }, form.Fail},
		{"H2", v21, "has some", number("section3.NEW.total", 1), form.NotApplicable},
		{"H2", v21, "no peers", alone, form.NotAssessable},
		{"H3", v21, "sound", none, form.Pass},
		{"H3", v21, "far off", number("section2.licensing.processed", 100), form.Fail},
		{"H3", v21, "no peers", alone, form.NotAssessable},
		{"H3", v21, "few peers", func(_ *testing.T, _ *form.Filing, c *check.Context) { c.Peers.Spread = map[string]check.Spread{} }, form.NotApplicable},
		{"P1", v21, "fits", text(form.Section1, "公开信息10条，其中网站3条，公众号4条。"), form.Pass},
		{"P1", v21, "too many", text(form.Section1, "公开信息10条，其中网站7条，公众号4条。"), form.Fail},
		{"P1", v21, "with the rest", text(form.Section1, "公开信息10条，其中网站3条，其他4条。"), form.Fail},
		{"P1", v21, "shares of the whole", text(form.Section1, "公开信息10条。其中，网站7条，占73%。公众号2条，占27%。"), form.Fail},
		{"P1", v21, "other unit", text(form.Section1, "公开信息10条，其中网站3条，办件20件，解读4条。"), form.Pass},
		{"P1", v21, "no list", none, form.NotApplicable},
		{"P2", v21, "sound", none, form.Pass},
		{"P2", v21, "twice", text(form.Section1, "收到政府信息公开公开申请。"), form.Fail},
		{"P2", v21, "no unit", text(form.Section1, "公开260余，较好。"), form.Fail},
		{"S1", v21, "sound", none, form.Pass},
		{"S1", v21, "not said", func(_ *testing.T, f *form.Filing, _ *check.Context) { f.Scope = form.ScopeUnknown }, form.Fail},
		{"S1", v21, "a bureau", bureau, form.NotApplicable},
		{"T1", v21, "sound", none, form.Pass},
		{"T1", v21, "a county", number("section2.regulations.valid", 6), form.Fail},
		{"T1", v21, "a province", all(number("section2.regulations.valid", 6), func(_ *testing.T, f *form.Filing, _ *check.Context) {
			f.Agency = form.Agency{Name: "某省人民政府"}
		}), form.NotApplicable},
		{"T1", v21, "cannot be told", all(number("section2.regulations.valid", 6), func(_ *testing.T, f *form.Filing, _ *check.Context) {
			f.Agency = form.Agency{Name: "某市人民政府"}
		}), form.NotAssessable},
		{"T1", v21, "the register knows", all(number("section2.regulations.valid", 6), func(_ *testing.T, f *form.Filing, c *check.Context) {
			c.MayRegulate = func(form.Agency) check.Answer { return check.Yes }
		}), form.NotApplicable},
		{"T1", v21, "unclear", unclear("section2.regulations.valid"), form.Uncertain},
		{"T2", v19, "sound", number("section2.licensing.processed", 3), form.Pass},
		{"T2", v19, "the sum", all(number("section2.licensing.prev_items", 32), number("section2.licensing.delta", -11), number("section2.licensing.processed", 21)), form.Fail},
		{"T2", v19, "chance", all(number("section2.licensing.prev_items", 5), number("section2.licensing.processed", 5)), form.Uncertain},
		{"T2", v21, "form of 2021", none, form.NotApplicable},
		{"T3", v19, "sound", none, form.Pass},
		{"T3", v19, "new and not in the total", number("section2.normative.published_new", 2), form.Fail},
		{"T4", v19, "sound", none, form.Pass},
		{"T4", v19, "not made", number("section2.normative.published_new", 2), form.Fail},
		{"T5", v21, "sound", none, form.Pass},
		{"T5", v21, "made and gone", number("section2.normative.made", 2), form.Fail},
		{"T5", v21, "made and repealed", all(number("section2.normative.made", 2), number("section2.normative.repealed", 2)), form.Pass},
	} {
		t.Run(tc.id+" "+tc.name, func(t *testing.T) {
			f, c := sound(tc.version)
			tc.change(t, f, c)
			check.Run(f, *c)
			if got := outcomeOf(f, tc.id); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
				for _, x := range f.Findings {
					if x.Rule == tc.id {
						t.Logf("%s %s %s %v %v %s", x.Status, x.Place, x.Expression, x.Left, x.Right, x.Note)
					}
				}
			}
			if covered[tc.id] == nil {
				covered[tc.id] = map[form.Outcome]bool{}
			}
			covered[tc.id][tc.want] = true
		})
	}
	for _, c := range form.Checks {
		if !covered[c.ID][form.Pass] || !covered[c.ID][form.Fail] {
			t.Errorf("%s is not tested for both %s and %s", c.ID, form.Pass, form.Fail)
		}
	}
}

// TestSoundReport: a sound report has no finding that fails or is uncertain.
func TestSoundReport(t *testing.T) {
	f, c := sound(form.V2021)
	check.Run(f, *c)
	for _, x := range f.Findings {
		if x.Status == form.Fail || x.Status == form.Uncertain {
			t.Errorf("%s %s at %s: %s %s", x.Rule, x.Status, x.Place, x.Expression, x.Note)
		}
	}
}

func TestMayRegulate(t *testing.T) {
	for _, tc := range []struct {
		name, region string
		want         check.Answer
	}{
		{"江苏省人民政府", "", check.Yes}, {"上海市人民政府办公厅", "", check.Yes}, {"内蒙古自治区人民政府", "", check.Yes},
		{"宿迁市人民政府", "321300", check.Yes}, {"句容市人民政府", "321183", check.No}, {"宿迁市人民政府", "", check.Unknown},
		{"沭阳县人民政府", "", check.No}, {"博山区科学技术局", "", check.No}, {"昌图县七家子镇人民政府", "", check.No},
		{"平潭综合实验区管委会", "", check.No}, {"湖州市气象局", "", check.Unknown}, {"新疆维吾尔自治区财政厅", "", check.Unknown},
	} {
		if got := check.MayRegulate(form.Agency{Name: tc.name, Region: tc.region}); got != tc.want {
			t.Errorf("%s (%s): %d, want %d", tc.name, tc.region, got, tc.want)
		}
	}
}
