package form

// Concept is something that the running text of a report states in numbers and that a table of the form counts too.
type Concept struct {
	Code string
	Name string
	Unit string // 件, 条, 元: the unit of the claim's value
	// Against are the sums of cells that the statement may mean, the likeliest first: bureaus mean by 收到 the year's new
	// applications, or those with last year's carry-over. Rows of both versions of the form may stand in one sum;
	// [InForm] picks those of the report. Nil if no cell of the form counts it.
	Against [][]Key
	// Indicators are the rows of the tables before 2019 that count the same, by the codes of [Indicators].
	Indicators []string
}

// Concepts are the concepts in the order of the form. Their codes are fixed for good.
var Concepts = []Concept{
	{Code: "disclosed", Name: "主动公开政府信息", Unit: "条", Indicators: []string{"published"}},
	{Code: "regulations_made", Name: "制发规章", Unit: "件",
		Against: [][]Key{{{Section2, "regulations", "made"}}, {{Section2, "regulations", "made_new"}}}},
	{Code: "normative_made", Name: "制发规范性文件", Unit: "件", Indicators: []string{"normative_made"},
		Against: [][]Key{{{Section2, "normative", "made"}}, {{Section2, "normative", "made_new"}}}},
	{Code: "normative_repealed", Name: "废止规范性文件", Unit: "件",
		Against: [][]Key{{{Section2, "normative", "repealed"}}}},
	{Code: "normative_valid", Name: "现行有效规范性文件", Unit: "件",
		Against: [][]Key{{{Section2, "normative", "valid"}}}},
	{Code: "licensing_processed", Name: "行政许可处理决定", Unit: "件",
		Against: [][]Key{{{Section2, "licensing", "processed"}}}},

	{Code: "applications", Name: "收到申请", Unit: "件", Indicators: []string{"received"},
		Against: [][]Key{rows3("total", "NEW"), rows3("total", "NEW", "CARRY_IN")}},
	{Code: "applications_natural", Name: "自然人申请", Unit: "件",
		Against: [][]Key{rows3("natural", "NEW"), rows3("natural", "NEW", "CARRY_IN")}},
	{Code: "applications_commercial", Name: "商业企业申请", Unit: "件",
		Against: [][]Key{rows3("commercial", "NEW"), rows3("commercial", "NEW", "CARRY_IN")}},
	{Code: "applications_organisations", Name: "法人或其他组织申请", Unit: "件",
		Against: [][]Key{organisations("NEW"), organisations("NEW", "CARRY_IN")}},
	{Code: "carry_in", Name: "上年结转", Unit: "件", Against: [][]Key{rows3("total", "CARRY_IN")}},
	{Code: "answered", Name: "办结（答复）", Unit: "件", Indicators: []string{"answered"}, Against: [][]Key{rows3("total", "R7")}},
	{Code: "granted", Name: "予以公开", Unit: "件", Indicators: []string{"granted"}, Against: [][]Key{group3("R1")}},
	{Code: "partial", Name: "部分公开", Unit: "件", Indicators: []string{"partial"}, Against: [][]Key{group3("R2")}},
	{Code: "granted_or_partial", Name: "予以公开及部分公开", Unit: "件", Indicators: []string{"granted", "partial"}, Against: [][]Key{group3("R1", "R2")}},
	{Code: "refused", Name: "不予公开", Unit: "件", Indicators: []string{"refused"}, Against: [][]Key{group3("R3")}},
	{Code: "unavailable", Name: "无法提供", Unit: "件", Against: [][]Key{group3("R4")}},
	{Code: "not_processed", Name: "不予处理", Unit: "件", Against: [][]Key{group3("R5")}},
	{Code: "other_handling", Name: "其他处理", Unit: "件", Against: [][]Key{group3("R6")}},
	{Code: "carry_out", Name: "结转下年度", Unit: "件", Against: [][]Key{rows3("total", "CARRY_OUT")}},

	{Code: "review", Name: "行政复议", Unit: "件", Indicators: []string{"reviews"}, Against: [][]Key{disputesOf("total", "review")}},
	{Code: "litigation", Name: "行政诉讼", Unit: "件", Indicators: []string{"lawsuits"}, Against: [][]Key{disputesOf("total", "direct", "after")}},
	{Code: "review_and_litigation", Name: "行政复议和行政诉讼", Unit: "件", Indicators: []string{"reviews", "lawsuits"},
		Against: [][]Key{disputesOf("total", "review", "direct", "after")}},
	// 信息处理费 is reported in words in 六. The fees of section 二 are other fees.
	{Code: "fee", Name: "信息处理费", Unit: "元", Indicators: []string{"fees"}},
}

// organisations are the cells of the five kinds of 法人或其他组织 in rows of section 三; the form prints no sum of them.
func organisations(rows ...string) []Key {
	var out []Key
	for _, row := range rows {
		for _, column := range [...]string{"commercial", "research", "welfare", "legal", "other"} {
			out = append(out, Key{Section3, row, column})
		}
	}
	return out
}

// LookupConcept returns the concept with this code.
func LookupConcept(code string) (Concept, bool) {
	for _, c := range Concepts {
		if c.Code == code {
			return c, true
		}
	}
	return Concept{}, false
}
