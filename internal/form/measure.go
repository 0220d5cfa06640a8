package form

// Measure is a figure computed from the cells of one report. Where a denominator is given the measure is a share.
type Measure struct {
	Code string
	Name string // Chinese
	En   string
	Unit string // 件, 万元; shares have none
	// Numerator and Denominator are sums of cells. Rows of both versions of the form may stand in one sum (R6 and
	// R6_1 to R6_3); a report has those of one, and [InForm] picks them.
	Numerator   []Key
	Denominator []Key
	Formula     string // the numerator in words of the form
	Per         string // the denominator in words of the form
	Caveat      string // what to know before comparing
	Group       string // heading under which pages list it
}

// Share reports whether the measure is a share of a denominator.
func (m Measure) Share() bool { return len(m.Denominator) > 0 }

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
		for _, code := range codes {
			if g.Code == code {
				out = append(out, rows3("total", g.Rows...)...)
			}
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

const (
	volume  = "申请办理"
	outcome = "办理结果"
	dispute = "复议诉讼"
	active  = "主动公开"
)

// Measures are the measures in the order in which pages offer them. There is no official formula for the shares
// (the 条例 and the notices define counts only); they are definitions of this program.
var Measures = []Measure{
	{Code: "received", Name: "新收申请", En: "Applications received", Unit: "件", Group: volume,
		Numerator: rows3("total", "NEW"), Formula: "一、本年新收政府信息公开申请数量"},
	{Code: "handled", Name: "办理总量", En: "Applications to handle", Unit: "件", Group: volume,
		Numerator: rows3("total", "NEW", "CARRY_IN"), Formula: "一、本年新收 + 二、上年结转"},
	{Code: "concluded", Name: "办结", En: "Applications concluded", Unit: "件", Group: volume,
		Numerator: rows3("total", "R7"), Formula: "（七）总计"},
	{Code: "carried_out", Name: "结转下年", En: "Carried to next year", Unit: "件", Group: volume,
		Numerator: rows3("total", "CARRY_OUT"), Formula: "四、结转下年度继续办理"},

	{Code: "granted", Name: "予以公开件数", En: "Granted", Unit: "件", Group: outcome,
		Numerator: group3("R1"), Formula: "（一）予以公开"},
	{Code: "partial", Name: "部分公开件数", En: "Granted in part", Unit: "件", Group: outcome,
		Numerator: group3("R2"), Formula: "（二）部分公开"},
	{Code: "refused", Name: "不予公开件数", En: "Refused", Unit: "件", Group: outcome,
		Numerator: group3("R3"), Formula: "（三）不予公开 1–8 之和"},
	{Code: "cannot", Name: "无法提供件数", En: "Cannot be provided", Unit: "件", Group: outcome,
		Numerator: group3("R4"), Formula: "（四）无法提供 1–3 之和"},
	{Code: "noproc", Name: "不予处理件数", En: "Not processed", Unit: "件", Group: outcome,
		Numerator: group3("R5"), Formula: "（五）不予处理 1–5 之和"},
	{Code: "other", Name: "其他处理件数", En: "Handled otherwise", Unit: "件", Group: outcome,
		Numerator: group3("R6"), Formula: "（六）其他处理各项之和"},

	{Code: "open_rate", Name: "公开率（含部分公开）", En: "Share disclosed in full or part", Group: outcome,
		Numerator: group3("R1", "R2"), Denominator: rows3("total", "R7"), Formula: "（一）予以公开 + （二）部分公开", Per: "本年办结总数（第三部分（七）总计）"},
	{Code: "refuse_rate", Name: "不予公开率", En: "Share refused", Group: outcome,
		Numerator: group3("R3"), Denominator: rows3("total", "R7"), Formula: "（三）不予公开 1–8 之和", Per: "本年办结总数（第三部分（七）总计）"},
	{Code: "cannot_rate", Name: "无法提供率", En: "Share that cannot be provided", Group: outcome,
		Numerator: group3("R4"), Denominator: rows3("total", "R7"), Formula: "（四）无法提供 1–3 之和", Per: "本年办结总数（第三部分（七）总计）"},
	{Code: "noproc_rate", Name: "不予处理率", En: "Share not processed", Group: outcome,
		Numerator: group3("R5"), Denominator: rows3("total", "R7"), Formula: "（五）不予处理 1–5 之和", Per: "本年办结总数（第三部分（七）总计）"},
	{Code: "other_rate", Name: "其他处理率", En: "Share handled otherwise", Group: outcome,
		Numerator: group3("R6"), Denominator: rows3("total", "R7"), Formula: "（六）其他处理各项之和", Per: "本年办结总数（第三部分（七）总计）"},
	{Code: "done_rate", Name: "办结率", En: "Share concluded", Group: volume,
		Numerator: rows3("total", "R7"), Denominator: rows3("total", "NEW", "CARRY_IN"), Formula: "（七）总计", Per: "办理总量（一、本年新收 + 二、上年结转）"},

	{Code: "reviews", Name: "行政复议", En: "Administrative reviews", Unit: "件", Group: dispute,
		Numerator: disputesOf("total", "review"), Formula: "行政复议总计", Caveat: "有的机关把上年度结转的案件计入"},
	{Code: "reviews_corrected", Name: "行政复议纠正", En: "Reviews corrected", Unit: "件", Group: dispute,
		Numerator: disputesOf("corrected", "review"), Formula: "行政复议 结果纠正", Caveat: "有的机关把上年度结转的案件计入"},
	{Code: "lawsuits", Name: "行政诉讼", En: "Lawsuits", Unit: "件", Group: dispute,
		Numerator: disputesOf("total", "direct", "after"), Formula: "未经复议直接起诉总计 + 复议后起诉总计", Caveat: "有的机关把上年度结转的案件计入"},
	{Code: "lawsuits_corrected", Name: "行政诉讼纠正", En: "Lawsuits corrected", Unit: "件", Group: dispute,
		Numerator: disputesOf("corrected", "direct", "after"), Formula: "未经复议直接起诉 结果纠正 + 复议后起诉 结果纠正", Caveat: "有的机关把上年度结转的案件计入"},

	{Code: "license", Name: "行政许可", En: "Licensing decisions", Unit: "件", Group: active,
		Numerator: []Key{{Section2, "licensing", "processed"}}, Formula: "行政许可 处理决定数量"},
	{Code: "punish", Name: "行政处罚", En: "Administrative penalties", Unit: "件", Group: active,
		Numerator: []Key{{Section2, "punishment", "processed"}}, Formula: "行政处罚 处理决定数量"},
}

// LookupMeasure returns the measure with this code.
func LookupMeasure(code string) (Measure, bool) {
	for _, m := range Measures {
		if m.Code == code {
			return m, true
		}
	}
	return Measure{}, false
}

// InForm keeps the keys that a table of this version has, in order.
func InForm(keys []Key, v Version) []Key {
	f, ok := Lookup(v)
	if !ok {
		return nil
	}
	var out []Key
	for _, k := range keys {
		if f.Has(k) {
			out = append(out, k)
		}
	}
	return out
}
