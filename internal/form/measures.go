package form

import (
	"slices"
	"strings"
)

// Headings under which pages list measures.
const (
	volume    = "申请办理"
	outcome   = "办理结果"
	reason    = "办理结果各项"
	applicant = "申请人构成"
	dispute   = "复议诉讼"
	active    = "主动公开"
	filing    = "报送"
)

// Where definitions come from.
const (
	printed = "表中所印的数"
	summed  = "表中所印各数之和"
	own     = "本程序的定义"
)

var bothVersions = []Version{V2019, V2021}

// What denominators are, in words of the form.
const (
	perConcluded = "本年办结总数（第三部分（七）总计）"
	perHandled   = "办理总量（一、本年新收 + 二、上年结转）"
	perReceived  = "新收申请（一、本年新收政府信息公开申请数量）"
)

const earlierCases = "有的机关把上年度结转的案件计入"

func rows3(column string, rows ...string) []Key {
	out := make([]Key, len(rows))
	for i, r := range rows {
		out[i] = Key{Section3, r, column}
	}
	return out
}

func group3(codes ...string) []Key {
	var out []Key
	for _, g := range Groups {
		if slices.Contains(codes, g.Code) {
			out = append(out, rows3("total", g.Rows...)...)
		}
	}
	return out
}

func disputesOf(column string, rows ...string) []Key {
	out := make([]Key, len(rows))
	for i, r := range rows {
		out[i] = Key{Section4, r, column}
	}
	return out
}

// newCount is a printed number or a sum of them.
func newCount(code, name, en, unit, group, formula, source string, keys []Key) Measure {
	return Measure{Code: code, Name: name, En: en, Kind: CountOf, Unit: unit, Group: group, Numerator: keys, Formula: formula,
		Source: source, Comparable: bothVersions, Revision: 1}
}

// newShare is a part of the applications concluded; the applications handled may be taken instead.
func newShare(code, name, en, formula string, keys []Key) Measure {
	m := part(code, name, en, outcome, formula, keys, perConcluded, rows3("total", "R7"))
	m.Denominators = []Reading{{"concluded", "", rows3("total", "R7"), perConcluded}, {"handled", "", rows3("total", "NEW", "CARRY_IN"), perHandled}}
	return m
}

// part is a part of a whole.
func part(code, name, en, group, formula string, keys []Key, per string, whole []Key) Measure {
	return Measure{Code: code, Name: name, En: en, Kind: ShareOf, Group: group, Numerator: keys, Formula: formula, Denominator: whole, Per: per,
		Source: own, Comparable: bothVersions, Revision: 1}
}

// newFix is the share of cases in which the body was corrected, of those decided or of all.
func newFix(code, name, en, what string, rows ...string) Measure {
	decided, all := slices.Concat(disputesOf("upheld", rows...), disputesOf("corrected", rows...), disputesOf("other", rows...)), disputesOf("total", rows...)
	perDecided, perAll := what+"已审结（结果维持 + 结果纠正 + 其他结果，即总计减尚未审结）", what+"总计（含尚未审结）"
	m := part(code, name, en, dispute, what+"结果纠正", disputesOf("corrected", rows...), perDecided, decided)
	m.Denominators = []Reading{{"concluded", "", decided, perDecided}, {"total", "", all, perAll}}
	m.Caveat = earlierCases
	return m
}

// Measures are the measures in the order in which pages offer them. There is no official formula for the shares
// (the 条例 and the notices define counts only); they are definitions of this program.
var Measures = slices.Concat(volumes(), outcomes(), reasons(), mix(), reviewsAndLawsuits(), activity(), filings())

func volumes() []Measure {
	growth := Measure{Code: "growth", Name: "新收申请增长率", En: "Growth of new requests", Kind: GrowthOf, Group: volume,
		Numerator: rows3("total", "NEW"), Formula: "本年新收 − 上年新收", Denominator: rows3("total", "NEW"), Per: "上年新收申请（上年报告的一、本年新收政府信息公开申请数量）",
		Source: own, Comparable: bothVersions, Revision: 1, Caveat: "两年口径相同才可算；件数是全数，增减不作显著性检验"}
	return []Measure{
		newCount("received", "新收申请", "New requests", "件", volume, "一、本年新收政府信息公开申请数量", printed, rows3("total", "NEW")),
		newCount("carried_in", "上年结转", "Carried in from last year", "件", volume, "二、上年结转政府信息公开申请数量", printed, rows3("total", "CARRY_IN")),
		newCount("handled", "办理总量", "Requests to handle", "件", volume, "一、本年新收 + 二、上年结转", summed, rows3("total", "NEW", "CARRY_IN")),
		newCount("concluded", "办结", "Requests concluded", "件", volume, "（七）总计", printed, rows3("total", "R7")),
		newCount("carried_out", "结转下年", "Carried to next year", "件", volume, "四、结转下年度继续办理", printed, rows3("total", "CARRY_OUT")),
		part("done_rate", "办结率", "Completion rate", volume, "（七）总计", rows3("total", "R7"), perHandled, rows3("total", "NEW", "CARRY_IN")),
		part("carry_rate", "结转率", "Carry-over rate", volume, "四、结转下年度继续办理", rows3("total", "CARRY_OUT"), perHandled, rows3("total", "NEW", "CARRY_IN")),
		growth,
	}
}

func outcomes() []Measure {
	open := newShare("open_rate", "公开率（含部分公开）", "Disclosure rate (in full or in part)", "（一）予以公开 + （二）部分公开", group3("R1", "R2"))
	open.Numerators = []Reading{{"any", open.Name, open.Numerator, open.Formula}, {"full", "公开率（只计予以公开）", group3("R1"), "（一）予以公开"}}
	return []Measure{
		newCount("granted", "予以公开件数", "Granted", "件", outcome, "（一）予以公开", printed, group3("R1")),
		newCount("partial", "部分公开件数", "Granted in part", "件", outcome, "（二）部分公开", printed, group3("R2")),
		newCount("refused", "不予公开件数", "Refused", "件", outcome, "（三）不予公开 1–8 之和", summed, group3("R3")),
		newCount("cannot", "无法提供件数", "Unable to provide", "件", outcome, "（四）无法提供 1–3 之和", summed, group3("R4")),
		newCount("noproc", "不予处理件数", "Not processed", "件", outcome, "（五）不予处理 1–5 之和", summed, group3("R5")),
		newCount("other", "其他处理件数", "Other handling", "件", outcome, "（六）其他处理各项之和", summed, group3("R6")),
		open,
		newShare("refuse_rate", "不予公开率", "Refusal rate", "（三）不予公开 1–8 之和", group3("R3")),
		newShare("cannot_rate", "无法提供率", "Unable-to-provide rate", "（四）无法提供 1–3 之和", group3("R4")),
		newShare("noproc_rate", "不予处理率", "Non-processing rate", "（五）不予处理 1–5 之和", group3("R5")),
		newShare("other_rate", "其他处理率", "Other-handling rate", "（六）其他处理各项之和", group3("R6")),
		newShare("petition_rate", "信访类占比", "Share of petitions and complaints", "（五）1.信访举报投诉类申请", rows3("total", "R5_1")),
	}
}

// reasons are the rows of the groups that have more than one, each a count: r3_1 to r6_3.
func reasons() []Measure {
	var out []Measure
	for _, g := range Groups {
		if len(g.Rows) == 1 {
			continue
		}
		for _, code := range g.Rows {
			keys := rows3("total", code)
			row, _, ok := Find(keys[0])
			if !ok || code == g.Code { // R6, the single row of the form of 2019, is the measure other
				continue
			}
			m := newCount(strings.ToLower(code), g.Label+"："+brief(row.Label), English(g.Label)+": "+English(brief(row.Label)), "件", reason, headingOf(row)+row.Printed(), printed, keys)
			m.Comparable, m.Detail = versionsWith(keys), true
			out = append(out, m)
		}
	}
	return out
}

// brief is a label without the consequence that some add: 行政机关不再处理其政府信息公开申请.
func brief(label string) string {
	short, _, _ := strings.Cut(label, "、行政机关")
	return short
}

// headingOf is the printed label of the group in which a row stands.
func headingOf(r Row) string {
	if len(r.Parents) == 0 {
		return ""
	}
	return r.Parents[len(r.Parents)-1]
}

// versionsWith are the versions of the form that have all of these cells.
func versionsWith(keys []Key) []Version {
	var out []Version
	for _, f := range Forms {
		if len(InForm(keys, f.Version)) == len(keys) {
			out = append(out, f.Version)
		}
	}
	return out
}

// mix is the kinds of applicants as shares of the applications received.
func mix() []Measure {
	var organisations []Key
	var each []Measure
	for _, c := range applicants {
		if c.Code == "total" {
			continue
		}
		keys, name := rows3(c.Code, "NEW"), c.Label
		if slices.Contains(c.Parents, "法人或其他组织") {
			organisations = append(organisations, keys...)
		}
		if name == "其他" {
			name = "其他组织"
		}
		m := part("applicant_"+c.Code, name+"申请占比", "Share of applicants: "+c.Code, applicant, "一、本年新收 "+c.Label, keys, perReceived, rows3("total", "NEW"))
		m.Detail = true
		each = append(each, m)
	}
	all := part("org_share", "法人申请占比", "Share of requests by organisations", applicant, "一、本年新收 法人或其他组织五列之和", organisations, perReceived, rows3("total", "NEW"))
	return append([]Measure{all}, each...)
}

// reviewsAndLawsuits are the reviews and lawsuits by kind and result, and the shares of cases corrected.
func reviewsAndLawsuits() []Measure {
	kinds := []struct {
		code, name, en string
		rows           []string
		detail         bool
	}{
		{"reviews", "行政复议", "Administrative reconsiderations", []string{"review"}, false},
		{"lawsuits", "行政诉讼", "Lawsuits", []string{"direct", "after"}, false},
		{"direct", "未经复议直接起诉", "Lawsuits without reconsideration", []string{"direct"}, true},
		{"after", "复议后起诉", "Lawsuits after reconsideration", []string{"after"}, true},
	}
	results := []struct{ column, name, en string }{
		{"total", "", ""}, {"upheld", "维持", " upheld"}, {"corrected", "纠正", " corrected"}, {"other", "其他结果", " with another result"}, {"pending", "尚未审结", " pending"},
	}
	var out []Measure
	for _, k := range kinds {
		for _, r := range results {
			code, source := k.code, printed
			if r.column != "total" {
				code += "_" + r.column
			}
			if len(k.rows) > 1 {
				source = summed
			}
			keys := disputesOf(r.column, k.rows...)
			var words []string
			for _, key := range keys {
				row, column, _ := Find(key)
				words = append(words, row.Label+" "+column.Label)
			}
			m := newCount(code, k.name+r.name, k.en+r.en, "件", dispute, strings.Join(words, " + "), source, keys)
			m.Caveat, m.Detail = earlierCases, k.detail || r.column == "upheld" || r.column == "other" || r.column == "pending"
			out = append(out, m)
		}
	}
	return append(out,
		newFix("review_fix", "复议纠错率", "Share of reconsiderations corrected", "行政复议", "review"),
		newFix("court_fix", "诉讼纠错率", "Share of lawsuits corrected", "行政诉讼", "direct", "after"),
		newFix("dispute_fix", "综合纠错率", "Share of reconsiderations and lawsuits corrected", "行政复议和行政诉讼", "review", "direct", "after"),
		Measure{Code: "dispute_per100", Name: "每百件申请的复议诉讼（争议转化率）", En: "Reconsiderations and lawsuits per hundred requests", Kind: RatioOf, Unit: "件/百件", Group: dispute,
			Numerator: disputesOf("total", "review", "direct", "after"), Formula: "行政复议总计 + 未经复议直接起诉总计 + 复议后起诉总计",
			Denominator: rows3("total", "NEW"), Per: perReceived, Source: own, Comparable: bothVersions, Revision: 1,
			Caveat: "案件可能起于以前年度的申请，不是本年申请的一部分；只与件数并列，不排名"},
	)
}

func cells2(column string, rows ...string) []Key {
	var out []Key
	for _, r := range rows {
		out = append(out, Key{Section2, r, column})
	}
	return out
}

func activity() []Measure {
	made := func(code, name, en, row string) Measure {
		return newCount(code, name, en, "件", active, name+" 本年制发件数（2019 年格式为本年新制作数量）", printed, slices.Concat(cells2("made", row), cells2("made_new", row)))
	}
	only2021 := func(m Measure, text string) Measure {
		m.Comparable, m.Caveats = []Version{V2021}, []VersionCaveat{{V2019, text}}
		return m
	}
	decided := func(code, name, en, row string) Measure {
		m := newCount(code, name, en, "件", active, name+" 处理决定数量", printed, cells2("processed", row))
		m.Caveats = []VersionCaveat{{V2019, "各地统计口径在 2021 年前后有变化；有的机关把项目数填作处理决定数"}}
		return m
	}
	const notValid = "对外公开总数量不是现行有效件数，两者不可比"
	money := only2021(newCount("fees", "行政事业性收费", "Administrative fees", "万元", active, "行政事业性收费 本年收费金额", printed, cells2("amount_wan", "fees")), "2019 年格式只有收费项目数，没有金额")
	money.Kind = AmountOf
	return []Measure{
		made("normative", "行政规范性文件", "Normative documents issued", "normative"),
		only2021(newCount("normative_repealed", "行政规范性文件废止", "Normative documents repealed", "件", active, "行政规范性文件 本年废止件数", printed, cells2("repealed", "normative")), "2019 年格式没有这一栏"),
		only2021(newCount("normative_valid", "行政规范性文件现行有效", "Normative documents in force", "件", active, "行政规范性文件 现行有效件数", printed, cells2("valid", "normative")), notValid),
		made("regulations", "规章", "Rules issued", "regulations"),
		only2021(newCount("regulations_valid", "规章现行有效", "Rules in force", "件", active, "规章 现行有效件数", printed, cells2("valid", "regulations")), notValid),
		decided("license", "行政许可", "Licensing decisions", "licensing"),
		decided("punish", "行政处罚", "Administrative penalties", "punishment"),
		decided("coerce", "行政强制", "Administrative coercion", "coercion"),
		money,
	}
}

func filings() []Measure {
	return []Measure{{Code: "days_late", Name: "迟报天数", En: "Days late", Kind: DaysOf, Unit: "天", Group: filing, Direction: LessIsBest,
		Formula: "公布日期 − 应报日期（政府 3 月 31 日，其他 1 月 31 日），不早于 0", Source: "《政府信息公开条例》第四十九条", Comparable: bothVersions, Revision: 1,
		Caveat: "按登记的应报日期和公布日期计算，落款日期不用"}}
}
