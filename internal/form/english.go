package form

import "strings"

// English is the English of a text that the form prints, or by which this package names a measure, a formula or a denominator:
// the translation of each printed label is declared once, and sums and places of labels are put together from them. A
// text of which none is declared stays as it is.
func English(text string) string {
	if en, ok := english[text]; ok {
		return en
	}
	if strings.Contains(text, " + ") {
		parts := strings.Split(text, " + ")
		for i, p := range parts {
			parts[i] = English(p)
		}
		return strings.Join(parts, " + ")
	}
	if heading, row, ok := strings.Cut(text, "）"); ok { // （三）不予公开4.保护第三方合法权益
		for _, g := range Groups {
			if rest, ok := strings.CutPrefix(row, g.Label); ok && rest != "" {
				if number, label, ok := strings.Cut(rest, "."); ok {
					return english[heading+"）"+g.Label] + ", " + number + ": " + English(label)
				}
			}
		}
	}
	if row, column, ok := strings.Cut(text, " "); ok && english[row] != "" && english[column] != "" { // 行政复议 结果纠正
		return english[row] + ", " + strings.ToLower(english[column][:1]) + english[column][1:]
	}
	return text
}

// EnglishUnit is the unit of the measure in English. 件 counts requests, cases, documents or decisions.
func (m Measure) EnglishUnit() string {
	switch m.Unit {
	case "件":
		switch {
		case m.Group == dispute:
			return "cases"
		case m.Group != active:
			return "requests"
		case strings.HasPrefix(m.Code, "normative") || strings.HasPrefix(m.Code, "regulations"):
			return "documents"
		}
		return "decisions"
	case "":
		return ""
	}
	return English(m.Unit)
}

// English is the measure with its words in English.
func (m Measure) English() Measure {
	m.Name, m.Unit = m.En, m.EnglishUnit()
	m.Formula, m.Per, m.Caveat, m.Source, m.Group = English(m.Formula), English(m.Per), English(m.Caveat), English(m.Source), English(m.Group)
	readings := func(list []Reading) []Reading {
		out := make([]Reading, len(list))
		for i, r := range list {
			out[i] = Reading{r.Code, English(r.Name), r.Keys, English(r.Words)}
		}
		return out
	}
	m.Numerators, m.Denominators = readings(m.Numerators), readings(m.Denominators)
	caveats := make([]VersionCaveat, len(m.Caveats))
	for i, c := range m.Caveats {
		caveats[i] = VersionCaveat{c.Version, English(c.Text)}
	}
	m.Caveats = caveats
	return m
}

// EnglishLabel names a cell in English, as [Label] does in Chinese.
func EnglishLabel(k Key) string {
	r, c, ok := Find(k)
	if !ok {
		return k.String()
	}
	return English(r.Label) + " · " + English(c.Label)
}

// english translates what the form prints. The terms are those of the usual translations of the 条例 of 2019: 行政复议 is
// administrative reconsideration, 主动公开 proactive disclosure.
var english = map[string]string{
	// Titles of the parts and versions.
	"中华人民共和国政府信息公开工作年度报告格式（试行）": "Form of the annual report on government information disclosure (trial)",
	"中华人民共和国政府信息公开工作年度报告格式":     "Form of the annual report on government information disclosure",
	"总体情况": "General situation", "主动公开政府信息情况": "Proactive disclosure of government information",
	"收到和处理政府信息公开申请情况":   "Requests for government information received and handled",
	"政府信息公开行政复议、行政诉讼情况": "Administrative reconsideration and litigation on government information disclosure",
	"存在的主要问题及改进情况":      "Main problems and improvements", "其他需要报告的事项": "Other matters to report",
	"二、主动公开政府信息情况":        "II. Proactive disclosure of government information",
	"三、收到和处理政府信息公开申请情况":   "III. Requests for government information received and handled",
	"四、政府信息公开行政复议、行政诉讼情况": "IV. Administrative reconsideration and litigation on government information disclosure",

	// Section 二.
	"第二十条第（一）项": "Article 20 (1)", "第二十条第（五）项": "Article 20 (5)", "第二十条第（六）项": "Article 20 (6)", "第二十条第（八）项": "Article 20 (8)", "第二十条第（九）项": "Article 20 (9)",
	"信息内容": "Information", "规章": "Rules (guizhang)", "规范性文件": "Normative documents", "行政规范性文件": "Administrative normative documents", "其他主动公开文件": "Other documents disclosed proactively",
	"行政许可": "Administrative licensing", "其他对外管理服务事项": "Other administrative and service matters", "行政处罚": "Administrative penalties", "行政强制": "Administrative coercion",
	"行政事业性收费": "Administrative fees", "政府集中采购": "Centralised government procurement",
	"本年新制作数量": "Newly made this year", "本年新公开数量": "Newly disclosed this year", "对外公开总数量": "Disclosed in all", "上一年项目数量": "Items last year", "本年增/减": "Increase or decrease this year",
	"处理决定数量": "Decisions", "本年处理决定数量": "Decisions this year", "采购项目数量": "Procurement projects", "采购总金额": "Total procurement amount",
	"本年制发件数": "Issued this year", "本年废止件数": "Repealed this year", "现行有效件数": "In force", "本年收费金额（单位：万元）": "Fees collected this year (CNY 10,000)", "本年收费金额": "Fees collected this year",

	// Section 三.
	"（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）": "(In each column, items I and II add up to items III and IV)",
	"本年新收政府信息公开申请数量":                     "New requests received this year", "上年结转政府信息公开申请数量": "Requests carried over from last year",
	"三、本年度办理结果": "III. Outcomes this year", "（三）不予公开": "(3) Refused", "（四）无法提供": "(4) Unable to provide", "（五）不予处理": "(5) Not processed", "（六）其他处理": "(6) Other handling",
	"予以公开": "Granted", "部分公开（区分处理的，只计这一情形，不计其他情形）": "Granted in part (counted only here where parts are treated apart)", "部分公开": "Granted in part",
	"不予公开": "Refused", "无法提供": "Unable to provide", "不予处理": "Not processed", "其他处理": "Other handling",
	"属于国家秘密": "State secrets", "其他法律行政法规禁止公开": "Disclosure prohibited by other laws or administrative regulations",
	"危及“三安全一稳定”": "Endangers national, public or economic security or social stability", "保护第三方合法权益": "Protects lawful rights and interests of third parties",
	"属于三类内部事务信息": "Internal affairs (three kinds)", "属于四类过程性信息": "Deliberative process (four kinds)", "属于行政执法案卷": "Administrative enforcement case files", "属于行政查询事项": "Matters of administrative inquiry under other rules",
	"本机关不掌握相关政府信息": "Information not held by the agency", "没有现成信息需要另行制作": "No existing information, would have to be created", "补正后申请内容仍不明确": "Request still unclear after supplementation",
	"信访举报投诉类申请": "Petitions, reports or complaints in the form of requests", "重复申请": "Repeated requests", "要求提供公开出版物": "Asks for published works", "无正当理由大量反复申请": "Large numbers of repeated requests without good reason",
	"要求行政机关确认或重新出具已获取信息":              "Asks to confirm or reissue information already obtained",
	"申请人无正当理由逾期不补正":                   "Request not supplemented in time without good reason",
	"申请人逾期未按收费通知要求缴纳费用":               "Fee not paid in time as notified",
	"申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请": "Request not supplemented in time without good reason, no longer processed", "申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请": "Fee not paid in time as notified, no longer processed",
	"总计": "Total", "结转下年度继续办理": "Carried over to next year", "其他": "Other",
	"申请人情况": "Applicants", "法人或其他组织": "Legal persons or other organisations", "自然人": "Natural persons", "商业企业": "Commercial enterprises", "科研机构": "Research institutions", "社会公益组织": "Public welfare organisations",
	"法律服务机构": "Legal service institutions",

	// Section 四.
	"行政复议": "Administrative reconsideration", "行政诉讼": "Administrative litigation", "未经复议直接起诉": "Litigation without reconsideration", "复议后起诉": "Litigation after reconsideration",
	"结果维持": "Upheld", "结果纠正": "Corrected", "其他结果": "Other result", "尚未审结": "Pending",

	// Units.
	"件": "items", "项": "items", "元": "CNY", "万元": "CNY 10,000", "天": "days", "件/百件": "cases per 100 requests",

	// What prose states.
	"主动公开政府信息": "Information disclosed proactively", "制发规章": "Rules issued", "制发规范性文件": "Normative documents issued", "废止规范性文件": "Normative documents repealed", "现行有效规范性文件": "Normative documents in force",
	"行政许可处理决定": "Licensing decisions", "收到申请": "Requests received", "自然人申请": "Requests by natural persons", "商业企业申请": "Requests by commercial enterprises", "法人或其他组织申请": "Requests by organisations",
	"上年结转": "Carried over from last year", "办结（答复）": "Concluded (answered)", "予以公开及部分公开": "Granted in full or in part", "结转下年度": "Carried over to next year",
	"行政复议和行政诉讼": "Administrative reconsideration and litigation", "信息处理费": "Information processing fee",

	// Headings, formulas and denominators of measures.
	"申请办理": "Requests", "办理结果": "Outcomes", "办理结果各项": "Reasons of outcomes", "申请人构成": "Applicants", "复议诉讼": "Reconsideration and litigation", "主动公开": "Proactive disclosure", "报送": "Filing",
	"表中所印的数": "figure printed in the table", "表中所印各数之和": "sum of figures printed in the table", "本程序的定义": "definition of this program", "《政府信息公开条例》第四十九条第一款": "Article 49 (1) of the Regulations on Government Information Disclosure", "《政府信息公开条例》第四十九条第二款": "Article 49 (2) of the Regulations on Government Information Disclosure",
	"次年1月31日": "31 January of the next year", "次年3月31日": "31 March of the next year",
	"《政府信息公开条例》第四十九条":  "Article 49 of the Regulations on Government Information Disclosure",
	"一、本年新收政府信息公开申请数量": "I. New requests received this year", "二、上年结转政府信息公开申请数量": "II. Requests carried over from last year", "一、本年新收": "I. New requests", "二、上年结转": "II. Carried over",
	"（七）总计": "(7) Total", "四、结转下年度继续办理": "IV. Carried over to next year", "办理总量（一、本年新收 + 二、上年结转）": "requests to handle (I. New requests + II. Carried over)",
	"本年新收 − 上年新收": "new requests this year − last year", "上年新收申请（上年报告的一、本年新收政府信息公开申请数量）": "new requests of last year (item I of last year’s report)",
	"两年口径相同才可算；件数是全数，增减不作显著性检验": "needs the same scope in both years; counts are complete, so changes are not tested",
	"（一）予以公开": "(1) Granted", "（二）部分公开": "(2) Granted in part", "（三）不予公开 1–8 之和": "(3) Refused, sum of 1–8", "（四）无法提供 1–3 之和": "(4) Unable to provide, sum of 1–3", "（五）不予处理 1–5 之和": "(5) Not processed, sum of 1–5",
	"（六）其他处理各项之和": "(6) Other handling, sum of its items", "本年办结总数（第三部分（七）总计）": "requests concluded this year (part III, (7) Total)",
	"公开率（含部分公开）": "Disclosure rate (in full or in part)", "公开率（只计予以公开）": "Disclosure rate (in full only)", "（五）1.信访举报投诉类申请": "(5) 1: Petitions, reports or complaints in the form of requests",
	"一、本年新收 法人或其他组织五列之和": "I. New requests, sum of the five columns of organisations", "新收申请（一、本年新收政府信息公开申请数量）": "new requests (I. New requests received this year)",
	"有的机关把上年度结转的案件计入": "some agencies count cases carried over from the year before",
	"行政复议结果纠正":        "Administrative reconsideration, corrected", "行政诉讼结果纠正": "Administrative litigation, corrected", "行政复议和行政诉讼结果纠正": "Administrative reconsideration and litigation, corrected",
	"行政复议已审结（结果维持 + 结果纠正 + 其他结果，即总计减尚未审结）": "reconsiderations decided (upheld + corrected + other result, that is total less pending)", "行政复议总计（含尚未审结）": "all reconsiderations (with pending)",
	"行政诉讼已审结（结果维持 + 结果纠正 + 其他结果，即总计减尚未审结）": "lawsuits decided (upheld + corrected + other result, that is total less pending)", "行政诉讼总计（含尚未审结）": "all lawsuits (with pending)",
	"行政复议和行政诉讼已审结（结果维持 + 结果纠正 + 其他结果，即总计减尚未审结）": "reconsiderations and lawsuits decided (upheld + corrected + other result, that is total less pending)",
	"行政复议和行政诉讼总计（含尚未审结）":                        "all reconsiderations and lawsuits (with pending)",
	"行政复议总计": "all reconsiderations", "未经复议直接起诉总计": "all litigation without reconsideration", "复议后起诉总计": "all litigation after reconsideration",
	"案件可能起于以前年度的申请，不是本年申请的一部分；只与件数并列，不排名": "cases may come from requests of earlier years and are no part of this year’s; shown beside counts only, never ranked",
	"行政规范性文件 本年制发件数（2019 年格式为本年新制作数量）":    "Administrative normative documents, issued this year (form of 2019: newly made this year)", "规章 本年制发件数（2019 年格式为本年新制作数量）": "Rules (guizhang), issued this year (form of 2019: newly made this year)",
	"2019 年格式没有这一栏": "the form of 2019 has no such column", "对外公开总数量不是现行有效件数，两者不可比": "disclosed in all is not in force; the two cannot be compared",
	"各地统计口径在 2021 年前后有变化；有的机关把项目数填作处理决定数": "what is counted changed around 2021; some agencies report items as decisions", "2019 年格式只有收费项目数，没有金额": "the form of 2019 has numbers of fees, no amounts",
	"公布日期 − 应报日期（政府 3 月 31 日，其他 1 月 31 日），不早于 0": "date of publication − due date (governments 31 March, others 31 January), not below 0", "按登记的应报日期和公布日期计算，落款日期不用": "computed from the due date in the register and the date of publication; the date of signature is not used",
}
