package form

// Severity ranks what a failing check means for those who use the figures. Only checks have one; measures never do.
type Severity string

// The severities, the gravest first.
const (
	Critical Severity = "critical" // the figures cannot be used for comparison as they stand
	Error    Severity = "error"    // something required is wrong or missing
	Warning  Severity = "warning"  // wrong in most cases; there are honest reasons
	Hint     Severity = "hint"     // unusual, worth a question, no mistake by itself
)

// Severities lists them, the gravest first.
var Severities = []Severity{Critical, Error, Warning, Hint}

// CheckScope says what a check looks at, and so what has to be at hand for it.
type CheckScope string

// The scopes of checks.
const (
	OfReport  CheckScope = "report"  // the tables and parts of the report alone
	OfProse   CheckScope = "prose"   // its running text, also against its tables
	OfHistory CheckScope = "history" // earlier reports of the same body
	OfDates   CheckScope = "dates"   // its dates and years
	OfPeers   CheckScope = "peers"   // reports of other bodies for the same year
)

// CheckScopes lists them in the order in which pages group checks.
var CheckScopes = []CheckScope{OfReport, OfProse, OfHistory, OfDates, OfPeers}

// CheckWords is what a check says to people in one language.
type CheckWords struct {
	Name  string // a few words
	Tests string // what must hold, in one sentence
	Why   string // where it comes from: the form, an article, a notice, or the meaning of a word
	Mend  string // what the body is asked to do when it fails, in one sentence
	Spare string // where it does not apply, "" if it applies to every report
}

// Check is one thing that a report is tested for. The letters of the ids: A arithmetic, B what has to be there, C copied
// text, D dates and years, H unusual figures, P figures of the prose among themselves, S scope, T table of section 二.
type Check struct {
	ID       string
	Severity Severity
	Scope    CheckScope
	// Official says that the form or a notice prints the demand itself; else it is derived from their words.
	Official bool
	Zh, En   CheckWords
}

// LookupCheck returns the check with this id.
func LookupCheck(id string) (Check, bool) {
	for _, c := range Checks {
		if c.ID == id {
			return c, true
		}
	}
	return Check{}, false
}

// identity takes what is known of an identity from its declaration.
func identity(id string, severity Severity, mend string, en CheckWords) Check {
	for _, i := range Identities {
		if i.ID == id {
			return Check{ID: id, Severity: severity, Scope: OfReport, Official: i.Official,
				Zh: CheckWords{Name: i.Name, Tests: i.Name + "。", Why: i.Source, Mend: mend, Spare: before2019}, En: en}
		}
	}
	panic("form: no identity " + id)
}

const (
	before2019   = "2019年以前的报告没有这些表格。"
	before2019En = "Reports before 2019 have no such tables."
	notice2021   = "国办公开办函〔2021〕30号"
	accountable  = notice2021 + "：内容雷同、敷衍塞责的报告，依照《条例》第四十七条追究责任；重复多少算雷同由本程序约定"
)

// Checks is everything that a report is tested for, in the order in which findings are listed.
var Checks = []Check{
	identity("A1", Critical, "请核对表三该列：第一项与第二项之和应等于第三项与第四项之和，更正后重新公开。", CheckWords{
		Name:  "Received plus carried in equals concluded plus carried out",
		Tests: "In every column of section 三, NEW + CARRY_IN = R7 + CARRY_OUT.",
		Why:   "Printed in the head of the table: the first item plus the second equals the third plus the fourth.",
		Mend:  "Correct the column of section 三 and publish the report again.", Spare: before2019En}),
	identity("A2", Critical, "请核对表三该列（七）总计与（一）至（六）各项，更正误填的一格后重新公开。", CheckWords{
		Name:  "Total of results equals the sum of results",
		Tests: "In every column of section 三, R7 is the sum of the rows from (一) to (六).",
		Why:   "Derived from the word 总计 (total).",
		Mend:  "Correct the wrong cell of the column and publish the report again.", Spare: before2019En}),
	identity("A3", Error, "请核对表三该行总计与自然人、各类法人或其他组织各列，更正误填的一格。", CheckWords{
		Name:  "Total of a row equals the sum of applicants",
		Tests: "In every row of section 三, total is the sum of natural persons and the five kinds of organisations.",
		Why:   "Derived from the word 总计 (total).",
		Mend:  "Correct the wrong cell of the row.", Spare: before2019En}),
	identity("A4", Error, "请核对表四该组总计与四种结果，更正误填的一格。", CheckWords{
		Name:  "Total of reviews or lawsuits equals the sum of outcomes",
		Tests: "In every group of section 四, total is the sum of the four outcomes.",
		Why:   "Derived from the word 总计 (total).",
		Mend:  "Correct the wrong cell of the group.", Spare: before2019En}),
	{ID: "A5", Severity: Error, Scope: OfHistory,
		Zh: CheckWords{Name: "上年结转等于上年报告的结转下年度", Tests: "本年报告表三“上年结转”的每一列等于上年报告“结转下年度继续办理”的同一列。",
			Why:  "由“结转”一词推出：上年转出的就是本年转入的。",
			Mend: "请对照上年报告核对“上年结转”；确因机构调整、上年误填而不同的，请在报告中说明。", Spare: "上年没有报告、两年口径不同或2019年以前的报告不适用。"},
		En: CheckWords{Name: "Carried in equals what last year carried out", Tests: "In every column of section 三, CARRY_IN equals CARRY_OUT of last year's report of the same body and scope.",
			Why: "Derived from the word 结转 (carried over).", Mend: "Compare with last year's report; where a reorganisation explains the difference, say so in the report.",
			Spare: "No report last year, another scope, or a report before 2019."}},
	{ID: "A6", Severity: Warning, Scope: OfHistory,
		Zh: CheckWords{Name: "现行有效件数与上年衔接", Tests: "现行有效件数 = 上年现行有效件数 + 本年制发 − 本年废止，规章与行政规范性文件各算。",
			Why:  "由三个列名推出；全面清理、自然失效、口径变化都可使其不等。",
			Mend: "请核对规范性文件台账；因清理或失效而不等的，请在表下注明。", Spare: "两年中有一年使用2019年表样的不适用（其“对外公开总数量”不是现行有效件数）。"},
		En: CheckWords{Name: "Documents in force follow from last year", Tests: "valid = last year's valid + made − repealed, for regulations and for normative documents.",
			Why: "Derived from the names of the columns; a clean-up, lapse of documents or another scope are honest reasons for a difference.", Mend: "Compare with the register of documents; note a clean-up under the table.",
			Spare: "Where one of the two years follows the form of 2019, whose total made public is another figure."}},
	{ID: "A7", Severity: Warning, Scope: OfHistory,
		Zh: CheckWords{Name: "上一年项目数量与上年报告衔接", Tests: "2019年表样：上一年项目数量 = 上年报告的上一年项目数量 + 本年增/减。",
			Why: "由两个列名推出。", Mend: "请对照上年报告核对“上一年项目数量”。", Spare: "只用于两年都使用2019年表样的报告。"},
		En: CheckWords{Name: "Items of last year follow from last year's report", Tests: "Form of 2019: prev_items = last year's prev_items + delta.",
			Why: "Derived from the names of the columns.", Mend: "Compare with last year's report.", Spare: "Only where both years follow the form of 2019."}},
	{ID: "A8", Severity: Hint, Scope: OfHistory,
		Zh: CheckWords{Name: "对外公开总数量不少于上年加新公开", Tests: "2019年表样：对外公开总数量 ≥ 上年对外公开总数量 + 本年新公开数量。",
			Why: "由列名推出；当年废止的文件可使其变小，表中没有废止数。", Mend: "请核对对外公开总数量；因废止而减少的属正常。", Spare: "只用于两年都使用2019年表样的报告。"},
		En: CheckWords{Name: "Total made public is not less than last year's plus the new", Tests: "Form of 2019: total_public ≥ last year's total_public + published_new.",
			Why: "Derived from the names of the columns; repeals, which the form does not print, may lower it.", Mend: "Check the total; repeals are a good reason.", Spare: "Only where both years follow the form of 2019."}},
	{ID: "A9", Severity: Warning, Scope: OfHistory,
		Zh: CheckWords{Name: "历年累计与上年衔接", Tests: "2019年以前的统计表：历年累计 = 上年的历年累计 + 本年数。",
			Why: "由“历年累计”一词推出。", Mend: "请对照上年统计表核对历年累计。", Spare: "只用于2019年以前带有历年累计的统计表。"},
		En: CheckWords{Name: "Sum over the years follows from last year", Tests: "Tables before 2019: cumulative = last year's cumulative + the year's value.",
			Why: "Derived from the word 累计.", Mend: "Compare with last year's table.", Spare: "Only tables before 2019 that print a sum over the years."}},
	{ID: "A10", Severity: Error, Scope: OfProse,
		Zh: CheckWords{Name: "正文数字与表格一致", Tests: "正文写出的数与表中对应的格相等；收到申请数可以是新收，也可以是新收加上年结转。",
			Why:  "同一报告的同一个数只能有一个值；" + notice2021 + "要求对数据不准确的报告追究责任。",
			Mend: "请核对正文与表格，更正其中误写的一处；口径不同的请在正文写明口径。", Spare: "正文没有写出这类数字、表中没有对应格的不适用。"},
		En: CheckWords{Name: "Figures of the prose equal the tables", Tests: "A figure in the running text equals the cells it speaks of; applications received may mean NEW or NEW + CARRY_IN.",
			Why: "One report cannot hold two values of one figure; under " + notice2021 + " inaccurate reports have consequences.", Mend: "Correct the text or the table, or state the different scope.", Spare: "Prose without such figures, and figures that no cell holds."}},
	{ID: "A11", Severity: Warning, Scope: OfProse,
		Zh: CheckWords{Name: "正文百分比算得出", Tests: "“若干件，占百分之若干”能由报告中的某个总数算出；申请数的同比增减能由上年报告算出。",
			Why: "由“占”“同比”推出，按印出的小数位四舍五入或舍去均可。", Mend: "请重新计算该百分比，或写明分母。", Spare: "正文没有这样的百分比的不适用。"},
		En: CheckWords{Name: "Percentages of the prose can be computed", Tests: "“n pieces, p % of …” follows from a total of the report; growth of applications follows from last year's report.",
			Why: "Derived from the words; rounding and cutting to the printed places are both accepted.", Mend: "Compute the percentage again or name its denominator.", Spare: "Prose without such percentages."}},
	{ID: "A12", Severity: Error, Scope: OfReport,
		Zh: CheckWords{Name: "件数为非负整数", Tests: "除本年增/减与金额外，各格是0或正整数；金额不为负。",
			Why: "件数、项目数按件计。", Mend: "请更正该格；表示减少的数只能填在“本年增/减”。"},
		En: CheckWords{Name: "Counts are whole and not negative", Tests: "Every cell but the yearly change and amounts of money holds 0 or a positive whole number; amounts are not negative.",
			Why: "Derived: pieces and items are counted.", Mend: "Correct the cell; only the yearly change may be negative."}},
	{ID: "A13", Severity: Warning, Scope: OfPeers,
		Zh: CheckWords{Name: "汇总数不小于各成员之和", Tests: "政府汇总报告的每个数不小于所属机关报告中同一格之和。",
			Why: "由“汇总”一词推出。复议机关作共同被告的案件只计入原行为机关（国办公开办函〔2016〕201号）。", Mend: "请核对汇总范围：是否漏汇某机关，或某机关报送汇总的数与其公开的报告不同。",
			Spare: "只用于口径为汇总的报告。"},
		En: CheckWords{Name: "An aggregate is not less than the sum of its members", Tests: "Every figure of a government's aggregate report is at least the sum of that cell over the reports of its bodies.",
			Why: "Derived from the word 汇总 (aggregate).", Mend: "See whether a body was left out, or published other figures than it sent in.", Spare: "Only reports that are aggregates."}},

	{ID: "B1", Severity: Error, Scope: OfReport, Official: true,
		Zh: CheckWords{Name: "六个部分齐全", Tests: "报告有总体情况、主动公开、申请处理、复议诉讼、问题及改进、其他事项六个部分。",
			Why: "《政府信息公开条例》第五十条；" + notice2021 + "所附格式。", Mend: "请补上缺少的部分；没有内容的也应列出标题并说明。", Spare: "2019年以前的报告。"},
		En: CheckWords{Name: "All six parts are there", Tests: "The report has the six parts of the form.", Why: "Article 50 of the Regulations; the form of " + notice2021 + ".", Mend: "Add the missing part; one without content keeps its heading.", Spare: "Reports before 2019."}},
	{ID: "B2", Severity: Error, Scope: OfReport, Official: true,
		Zh: CheckWords{Name: "三张表齐全", Tests: "报告有第二、三、四部分的表格，并以表格形式公开。",
			Why: notice2021 + "所附格式。", Mend: "请按格式补上表格；表格应为可读文字，不用图片。", Spare: before2019},
		En: CheckWords{Name: "All three tables are there", Tests: "The report has the tables of sections 二, 三 and 四, as tables.", Why: "The form of " + notice2021 + ".", Mend: "Add the table, as text and not as a picture.", Spare: before2019En}},
	{ID: "B3", Severity: Warning, Scope: OfReport,
		Zh: CheckWords{Name: "表三、表四没有空格", Tests: "表三、表四的每一格都填数，没有的填0，不留空、不填“/”“-”“无”。",
			Why: "由格式推出：空格与0不能区分，机关之间无法比较。", Mend: "请将空格和“/”改填为0或实际数。", Spare: before2019},
		En: CheckWords{Name: "No empty cells in sections 三 and 四", Tests: "Every cell of sections 三 and 四 holds a number; none is 0, not a blank or a slash.", Why: "Derived: a blank cannot be told from 0.", Mend: "Fill in 0 or the number.", Spare: before2019En}},
	{ID: "B4", Severity: Error, Scope: OfReport, Official: true,
		Zh: CheckWords{Name: "写明存在的主要问题及改进情况", Tests: "第五部分有内容，不是空白，也不只写“无”。",
			Why: "《政府信息公开条例》第五十条第（四）项。", Mend: "请写明本年存在的主要问题和改进情况。", Spare: "2019年以前的报告。"},
		En: CheckWords{Name: "Problems and improvements are written", Tests: "The fifth part has content, and more than the word none.", Why: "Article 50 (4) of the Regulations.", Mend: "Write the year's main problems and what was done.", Spare: "Reports before 2019."}},
	{ID: "B5", Severity: Warning, Scope: OfReport, Official: true,
		Zh: CheckWords{Name: "报告信息处理费", Tests: "第六部分写明收取信息处理费的情况，没有收取的也要写；表二有收费而第六部分只字未提的更应说明。",
			Why: notice2021 + "所附格式；《政府信息公开信息处理费管理办法》（国办函〔2020〕109号）。", Mend: "请在第六部分写明本年收取信息处理费的件数和金额，没有收取的写“未收取信息处理费”。", Spare: "2021年以前的报告（收费办法自2021年起施行）。"},
		En: CheckWords{Name: "The processing fee is reported", Tests: "The sixth part says what was charged for processing information, also if nothing; all the more where section 二 has fees.", Why: "The form of " + notice2021 + "; rules on the fee, 国办函〔2020〕109号.", Mend: "State number and amount, or that no fee was charged.", Spare: "Reports before 2021, when the fee began."}},
	{ID: "B6", Severity: Warning, Scope: OfReport, Official: true,
		Zh: CheckWords{Name: "使用当年的表样", Tests: "2021年度起的报告，三张表都用" + notice2021 + "的表样。",
			Why: notice2021 + "。", Mend: "请改用现行表样填报。", Spare: "2021年以前的报告。"},
		En: CheckWords{Name: "The form of the year is used", Tests: "From 2021 on all three tables follow the form of " + notice2021 + ".", Why: notice2021 + ".", Mend: "Use the form in force.", Spare: "Reports before 2021."}},
	{ID: "B7", Severity: Hint, Scope: OfReport,
		Zh: CheckWords{Name: "各部分标题与格式一致", Tests: "六个部分的标题与当年格式所印的相同。",
			Why: notice2021 + "所附格式；旧标题、错字多因沿用旧稿。", Mend: "请按格式更正标题。", Spare: "2021年以前的报告；没有识别到的标题。"},
		En: CheckWords{Name: "Headings are those of the form", Tests: "The headings of the six parts are those that the form of the year prints.", Why: "The form of " + notice2021 + "; old or misprinted headings come from old drafts.", Mend: "Correct the heading.", Spare: "Reports before 2021; headings that were not found."}},

	{ID: "C1", Severity: Warning, Scope: OfHistory, Official: true,
		Zh: CheckWords{Name: "文字不照搬上年", Tests: "第一、五部分的文字与上年报告的同一部分重复不足八成（写有数字的句子不计，按八字连排计算）。",
			Why: accountable + "。", Mend: "请按本年实际重写该部分。", Spare: "不足一百字的部分；上年没有报告的。"},
		En: CheckWords{Name: "Text is not last year's", Tests: "Less than 80 % of the text of parts 一 and 五 stands in the same part of last year's report (runs of eight characters; sentences with figures do not count).", Why: notice2021 + ": copied reports have consequences under article 47.", Mend: "Write the part for this year.", Spare: "Parts under 100 characters; no report last year."}},
	{ID: "C2", Severity: Warning, Scope: OfPeers, Official: true,
		Zh: CheckWords{Name: "文字不照搬其他机关", Tests: "第一、五部分除通用语句外，与同年另一机关的报告重复不足六成。",
			Why: accountable + "。", Mend: "请按本机关实际重写。", Spare: "除通用语句外不足一百字的报告。"},
		En: CheckWords{Name: "Text is not another body's", Tests: "Less than 60 % of parts 一 and 五, leaving out phrases that many reports share, stands in another body's report for the year.", Why: notice2021 + ": copied reports have consequences under article 47.", Mend: "Write the report of the body itself.", Spare: "Reports with under 100 characters beside common phrases."}},
	{ID: "C3", Severity: Error, Scope: OfPeers,
		Zh: CheckWords{Name: "正文不以其他机关自称", Tests: "正文中“本报告由某机关编制”“请与某机关联系”以及标题所说的机关是本机关。",
			Why: "由报告的编制主体推出（《政府信息公开条例》第四十九条）；多因照搬他人文稿。", Mend: "请更正文中的机关名称并核对全文是否照搬。"},
		En: CheckWords{Name: "The text speaks as no other body", Tests: "The body that the text names as its author or contact is the one that files the report.", Why: "Derived from article 49; mostly a trace of copying.", Mend: "Correct the name and check the whole text."}},

	{ID: "D1", Severity: Error, Scope: OfDates,
		Zh: CheckWords{Name: "落款日期在统计期之后", Tests: "落款日期不早于统计年度的次年1月1日。",
			Why: "由统计期推出：年度未完不能有全年数。", Mend: "请更正落款日期（常见错误是年份未改）。", Spare: "没有落款日期的报告。"},
		En: CheckWords{Name: "Signed after the period", Tests: "The date of the signature is not before 1 January after the reporting year.", Why: "Derived: a year that has not ended has no figures.", Mend: "Correct the date; mostly the year was not changed.", Spare: "Reports without a date of signature."}},
	{ID: "D2", Severity: Error, Scope: OfDates,
		Zh: CheckWords{Name: "标题、统计期与文件的年份一致", Tests: "标题、统计期、正文起首和文件名说的是同一年度。",
			Why: "一份报告只有一个年度（《政府信息公开条例》第四十九条）。", Mend: "请更正写错的年份。"},
		En: CheckWords{Name: "Title, period and file speak of one year", Tests: "Title, period, opening words and file name mean the same year.", Why: "Article 49: a report is for one year.", Mend: "Correct the wrong year."}},
	{ID: "D3", Severity: Error, Scope: OfDates, Official: true,
		Zh: CheckWords{Name: "按期公开", Tests: "公开日期不晚于应公开之日：政府为次年3月31日，其他机关为次年1月31日。",
			Why: "《政府信息公开条例》第四十九条。", Mend: "请说明逾期原因，下年按期公开。", Spare: "没有公开日期，或登记中没有应公开之日的。"},
		En: CheckWords{Name: "Published in time", Tests: "The date of publication is not after the due date: 31 March for governments, 31 January for others.", Why: "Article 49 of the Regulations.", Mend: "Say why it was late.", Spare: "Without a date of publication or a due date."}},
	{ID: "D4", Severity: Error, Scope: OfDates,
		Zh: CheckWords{Name: "公开日期在统计期之后", Tests: "页面所印的公开日期不早于统计年度的次年1月1日。",
			Why: "由统计期推出。", Mend: "请核对页面的发布日期与报告年度。", Spare: "页面没有公开日期的报告。"},
		En: CheckWords{Name: "Published after the period", Tests: "The printed date of publication is not before 1 January after the reporting year.", Why: "Derived from the period.", Mend: "Check the date of the page and the year of the report.", Spare: "Pages without a date of publication."}},
	{ID: "D5", Severity: Warning, Scope: OfDates,
		Zh: CheckWords{Name: "统计期限写明且无误", Tests: "正文提到统计期限的，写的是报告年度1月1日至12月31日，日期完整。",
			Why: "由报告年度推出。", Mend: "请写全统计期限：某年1月1日至12月31日。", Spare: "正文没有提到统计期限的报告。"},
		En: CheckWords{Name: "The period is whole and right", Tests: "Where the text speaks of its period, it is 1 January to 31 December of the reporting year.", Why: "Derived from the reporting year.", Mend: "Write the whole period.", Spare: "Texts that do not speak of a period."}},
	{ID: "D6", Severity: Hint, Scope: OfDates,
		Zh: CheckWords{Name: "打算写的是下一年", Tests: "第五部分“某年，我局将……”以及整改措施、下一步打算中“某年，我局加强……”所说的年份在报告年度之后。",
			Why: "由“将”字推出；多因沿用旧稿。", Mend: "请核对该句年份。", Spare: "没有这样语句的报告。"},
		En: CheckWords{Name: "Plans are for a year to come", Tests: "Where part 五 says what the body will do in a year (将, or under 整改措施 and 下一步), that year is after the reporting year.", Why: "Derived from the word 将 (will); mostly a trace of an old draft.", Mend: "Check the year of the sentence.", Spare: "Texts without such a sentence."}},

	{ID: "H1", Severity: Hint, Scope: OfHistory,
		Zh: CheckWords{Name: "与上年相差悬殊", Tests: "主要数字与上年相比，不是增到五倍以上或减到五分之一以下，或相差不足三十。",
			Why: "统计上少见，不是错误。", Mend: "如有误填请更正；属实的无需处理。", Spare: "上年没有报告或没有该数的。"},
		En: CheckWords{Name: "Far from last year", Tests: "A main figure is not five times last year's or a fifth of it, or differs by less than 30.", Why: "Rare, not wrong.", Mend: "Correct it if it is a slip.", Spare: "No report or no such figure last year."}},
	{ID: "H2", Severity: Hint, Scope: OfPeers,
		Zh: CheckWords{Name: "零申请而同类机关都有申请", Tests: "新收、结转全为0的报告，同类机关中也有一成以上为零申请。",
			Why: "统计上少见，不是错误。", Mend: "请确认本年确无申请。", Spare: "同类机关（职责相同的部门、街道、乡镇等）不足八个的；有申请的报告。"},
		En: CheckWords{Name: "No applications while its like have them", Tests: "A report without applications is not alone: more than a tenth of its peers have none.", Why: "Rare, not wrong.", Mend: "Confirm that there were none.", Spare: "Fewer than eight peers; reports with applications."}},
	{ID: "H3", Severity: Hint, Scope: OfPeers,
		Zh: CheckWords{Name: "与同类机关相差悬殊", Tests: "主要数字与同类机关中位数之差不超过 3.5 × 1.4826 × MAD。",
			Why: "稳健离群值判别，只提示核实。", Mend: "如有误填（如单位、小数点）请更正；属实的无需处理。", Spare: "同类机关（职责相同的部门、街道、乡镇等）不足八个，或半数以上数值相同的。"},
		En: CheckWords{Name: "Far from its peers", Tests: "A main figure is within 3.5 × 1.4826 × MAD of the median of its peers.", Why: "A robust rule for outliers; it raises a question only.", Mend: "Correct a slip of unit or point.", Spare: "Fewer than eight peers, or a spread of 0."}},

	{ID: "P1", Severity: Hint, Scope: OfProse,
		Zh: CheckWords{Name: "其中各项与总数相合", Tests: "“共若干条，其中……”所列同一单位的各项之和不超过总数；以“其他”收尾或占比合计为百分之百的，等于总数。",
			Why: "由“其中”推出；同一信息多渠道公开的可重复计数。", Mend: "请核对各项之和，重复计数的请写明。", Spare: "正文没有这样语句的不适用。"},
		En: CheckWords{Name: "Parts fit into the whole", Tests: "Where the text lists parts of a total (其中), their sum in the same unit does not exceed it; it equals it if the list ends with the rest (其他) or its shares add up to 100 %.", Why: "Derived; one piece published by several channels may count twice.", Mend: "Check the sum or say that pieces count twice.", Spare: "Texts without such a list."}},
	{ID: "P2", Severity: Hint, Scope: OfProse,
		Zh: CheckWords{Name: "正文没有明显笔误", Tests: "正文没有连写两遍的词（公开公开）、缺量词的约数（260余，）和颠倒的术语（转结）。",
			Why: "由文字推出；笔误多说明没有校对。", Mend: "请校对该句。", Spare: "没有正文的文件。"},
		En: CheckWords{Name: "No plain slips of the pen", Tests: "The text has no word written twice in a row (公开公开), no rounded number without its unit (260余，), no term turned round (转结).",
			Why: "Derived from the words; slips show that nobody read the text again.", Mend: "Read the sentence again.", Spare: "Files without text."}},
	{ID: "S1", Severity: Hint, Scope: OfPeers,
		Zh: CheckWords{Name: "说明数据口径", Tests: "政府的报告写明数据是全域汇总还是本级。",
			Why: "由比较的需要推出：汇总数与成员数不能相加。", Mend: "请在报告开头写明数据的汇总范围。", Spare: "政府以外的机关。"},
		En: CheckWords{Name: "The scope is stated", Tests: "A government's report says whether its figures sum up its bodies or are its own.", Why: "Derived: an aggregate must not be added to its members.", Mend: "State the scope at the beginning.", Spare: "Bodies other than governments."}},

	{ID: "T1", Severity: Error, Scope: OfReport,
		Zh: CheckWords{Name: "规章只由有制定权的机关填报", Tests: "无规章制定权的机关，“规章”一行为0。",
			Why: "《立法法》：规章由国务院部门和省、自治区、直辖市、设区的市、自治州人民政府制定。", Mend: "请将“规章”一行改为0；内部规章制度不是规章。", Spare: "有规章制定权的机关；不能从名称和区划判断的。"},
		En: CheckWords{Name: "Only bodies that may make regulations report any", Tests: "The row 规章 is 0 for bodies that may not make regulations.", Why: "Legislation Law: ministries and governments of provinces and cities with districts make them.", Mend: "Put 0; internal rules are no regulations.", Spare: "Bodies that may; bodies of which name and region do not tell."}},
	{ID: "T2", Severity: Warning, Scope: OfReport,
		Zh: CheckWords{Name: "处理决定数量不是项目数", Tests: "2019年表样：处理决定数量不等于上一年项目数量加本年增/减。",
			Why: "由列名推出：前两列是事项目录的项数，后一列是处理决定的件数，两者不能相加。", Mend: "请核对：处理决定数量应填本年作出决定的件数。", Spare: "只用于2019年表样；各数为0的。"},
		En: CheckWords{Name: "Decisions are not items", Tests: "Form of 2019: processed is not prev_items + delta.", Why: "Derived: the first two count items on a list, the third decisions.", Mend: "Fill in the decisions of the year.", Spare: "Only the form of 2019; rows of zeros."}},
	{ID: "T3", Severity: Warning, Scope: OfReport,
		Zh: CheckWords{Name: "新公开数量不大于公开总数量", Tests: "2019年表样：本年新公开数量 ≤ 对外公开总数量。",
			Why: "由列名推出。", Mend: "请核对对外公开总数量。", Spare: "只用于2019年表样。"},
		En: CheckWords{Name: "New publications are part of the total", Tests: "Form of 2019: published_new ≤ total_public.", Why: "Derived from the names of the columns.", Mend: "Check the total.", Spare: "Only the form of 2019."}},
	{ID: "T4", Severity: Hint, Scope: OfReport,
		Zh: CheckWords{Name: "新公开数量不大于新制作数量", Tests: "2019年表样：本年新公开数量 ≤ 本年新制作数量。",
			Why: "由列名推出；公开以前年度制作的文件可使其不成立。", Mend: "请核对两列是否填反。", Spare: "只用于2019年表样。"},
		En: CheckWords{Name: "New publications do not exceed new documents", Tests: "Form of 2019: published_new ≤ made_new.", Why: "Derived; publishing older documents is a good reason.", Mend: "See whether the columns were mixed up.", Spare: "Only the form of 2019."}},
	{ID: "T5", Severity: Warning, Scope: OfReport,
		Zh: CheckWords{Name: "现行有效件数容得下本年制发件数", Tests: "本年制发件数 ≤ 现行有效件数 + 本年废止件数。",
			Why: "由列名推出：本年制发的文件不是仍然有效，就是已经废止。", Mend: "请核对现行有效件数，应含本年制发的文件。", Spare: "只用于2021年表样。"},
		En: CheckWords{Name: "Documents in force include those of the year", Tests: "made ≤ valid + repealed.",
			Why: "Derived: a document of the year is in force or was repealed.", Mend: "Check the number in force.", Spare: "Only the form of 2021."}},
}
