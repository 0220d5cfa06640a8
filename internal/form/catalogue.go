package form

// Forms are the versions of the form, oldest first.
var Forms = []Form{
	{
		Version:  V2019,
		Document: "国办公开办函〔2019〕60号",
		Title:    "中华人民共和国政府信息公开工作年度报告格式（试行）",
		Years:    "2019–2020",
		Tables:   []Table{disclosure2019, applications2019, disputes},
	},
	{
		Version:  V2021,
		Document: "国办公开办函〔2021〕30号",
		Title:    "中华人民共和国政府信息公开工作年度报告格式",
		Years:    "2021–",
		Tables:   []Table{disclosure2021, applications2021, disputes},
	},
}

const articles20 = "《政府信息公开条例》第二十条"

var (
	regulations = Row{Code: "regulations", Label: "规章", Article: articles20 + "第（一）项"}
	normative   = Row{Code: "normative", Label: "行政规范性文件", Variants: []string{"规范性文件", "规范性文档"}, Article: articles20 + "第（一）项"}
	licensing   = Row{Code: "licensing", Label: "行政许可", Article: articles20 + "第（五）项"}
	punishment  = Row{Code: "punishment", Label: "行政处罚", Article: articles20 + "第（六）项"}
	coercion    = Row{Code: "coercion", Label: "行政强制", Article: articles20 + "第（六）项"}
	fees        = Row{Code: "fees", Label: "行政事业性收费", Article: articles20 + "第（八）项"}
	services    = Row{Code: "other_services", Label: "其他对外管理服务事项", Article: articles20 + "第（五）项"}
	procurement = Row{Code: "procurement", Label: "政府集中采购", Article: articles20 + "第（九）项"}
	otherDocs   = Row{Code: "other_public_docs", Label: "其他主动公开文件", Article: articles20 + "第（一）项", Optional: true} // 湖北
)

var (
	processed = Column{Code: "processed", Label: "本年处理决定数量", Variants: []string{"处理决定数量"}, Unit: "件"}
	prevItems = Column{Code: "prev_items", Label: "上一年项目数量", Variants: []string{"上年项目数量"}, Unit: "项"}
	delta     = Column{Code: "delta", Label: "本年增/减", Variants: []string{"本年增减"}, Unit: "项", Signed: true}
)

var disclosure2021 = Table{
	Code: Section2, Title: "二、主动公开政府信息情况",
	Titles: []string{"二、行政机关主动公开政府信息情况"},
	Blocks: []Block{
		{Heading: "第二十条第（一）项", Corner: "信息内容", Article: articles20 + "第（一）项",
			Rows: []Row{regulations, normative},
			Columns: []Column{
				{Code: "made", Label: "本年制发件数", Variants: []string{"本年制发件数量", "本年制发数"}, Unit: "件"},
				{Code: "repealed", Label: "本年废止件数", Variants: []string{"本年废止件数量", "本年废止数"}, Unit: "件"},
				{Code: "valid", Label: "现行有效件数", Variants: []string{"现行有效件数量", "现行有效数"}, Unit: "件"},
			}},
		{Heading: "第二十条第（五）项", Corner: "信息内容", Article: articles20 + "第（五）项",
			Rows: []Row{licensing}, Columns: []Column{processed}},
		{Heading: "第二十条第（六）项", Corner: "信息内容", Article: articles20 + "第（六）项",
			Rows: []Row{punishment, coercion}, Columns: []Column{processed}},
		{Heading: "第二十条第（八）项", Corner: "信息内容", Article: articles20 + "第（八）项",
			Rows: []Row{fees},
			Columns: []Column{{Code: "amount_wan", Label: "本年收费金额（单位：万元）",
				Variants: []string{"本年收费金额", "本年收费金额万元"}, Unit: "万元", Decimal: true}}},
	},
}

var disclosure2019 = Table{
	Code: Section2, Title: "二、主动公开政府信息情况",
	Titles: []string{"二、行政机关主动公开政府信息情况"},
	Blocks: []Block{
		{Heading: "第二十条第（一）项", Corner: "信息内容", Article: articles20 + "第（一）项",
			Rows: []Row{regulations, {Code: "normative", Label: "规范性文件", Variants: []string{"行政规范性文件", "规范性文档"}, Article: articles20 + "第（一）项"}, otherDocs},
			Columns: []Column{
				{Code: "made_new", Label: "本年新制作数量", Variants: []string{"本年新制作数", "本年制作数量"}, Unit: "件"},
				{Code: "published_new", Label: "本年新公开数量", Variants: []string{"本年新公开数", "本年公开数量"}, Unit: "件"},
				{Code: "total_public", Label: "对外公开总数量", Variants: []string{"对外公开总数"}, Unit: "件"},
			}},
		{Heading: "第二十条第（五）项", Corner: "信息内容", Article: articles20 + "第（五）项",
			Rows: []Row{licensing, services}, Columns: []Column{prevItems, delta, decisions2019}},
		{Heading: "第二十条第（六）项", Corner: "信息内容", Article: articles20 + "第（六）项",
			Rows: []Row{punishment, coercion}, Columns: []Column{prevItems, delta, decisions2019}},
		{Heading: "第二十条第（八）项", Corner: "信息内容", Article: articles20 + "第（八）项",
			Rows: []Row{fees}, Columns: []Column{prevItems, delta}},
		{Heading: "第二十条第（九）项", Corner: "信息内容", Article: articles20 + "第（九）项",
			Rows: []Row{procurement},
			Columns: []Column{
				{Code: "projects", Label: "采购项目数量", Unit: "项"},
				// The form prints no unit here. The value is in 元; a unit printed in the cell is converted, a bare number is taken as 元.
				{Code: "amount_yuan", Label: "采购总金额", Unit: "元", Decimal: true},
			}},
	},
}

var decisions2019 = Column{Code: "processed", Label: "处理决定数量", Variants: []string{"本年处理决定数量"}, Unit: "件"}

// applicants are the columns of section 三 in both versions. 法人或其他组织 has no subtotal of its own.
var applicants = []Column{
	{Code: "natural", Label: "自然人", Parents: []string{"申请人情况"}, Unit: "件"},
	{Code: "commercial", Label: "商业企业", Parents: []string{"申请人情况", "法人或其他组织"}, Unit: "件"},
	{Code: "research", Label: "科研机构", Parents: []string{"申请人情况", "法人或其他组织"}, Unit: "件"},
	{Code: "welfare", Label: "社会公益组织", Parents: []string{"申请人情况", "法人或其他组织"}, Unit: "件"},
	{Code: "legal", Label: "法律服务机构", Parents: []string{"申请人情况", "法人或其他组织"}, Unit: "件"},
	{Code: "other", Label: "其他", Parents: []string{"申请人情况", "法人或其他组织"}, Unit: "件"},
	{Code: "total", Label: "总计", Parents: []string{"申请人情况"}, Variants: []string{"合计"}, Unit: "件"},
}

const (
	results  = "三、本年度办理结果"
	refused  = "（三）不予公开"
	cannot   = "（四）无法提供"
	declined = "（五）不予处理"
	handled  = "（六）其他处理"
)

const article = "《政府信息公开条例》"

// upToDeclined are the rows that both versions of section 三 share, up to (五).
var upToDeclined = []Row{
	{Code: "NEW", Number: "一、", Label: "本年新收政府信息公开申请数量", Variants: []string{"本年新收申请数量"}},
	{Code: "CARRY_IN", Number: "二、", Label: "上年结转政府信息公开申请数量", Variants: []string{"上年结转申请数量", "上年度结转政府信息公开申请数量"}},
	{Code: "R1", Number: "（一）", Label: "予以公开", Parents: []string{results}, Article: article + "第三十六条第（一）（二）项"},
	{Code: "R2", Number: "（二）", Label: "部分公开（区分处理的，只计这一情形，不计其他情形）", Parents: []string{results},
		Variants: []string{"部分公开"}, Article: article + "第三十七条"},
	{Code: "R3_1", Number: "1.", Label: "属于国家秘密", Parents: []string{results, refused}, Article: article + "第十四条"},
	{Code: "R3_2", Number: "2.", Label: "其他法律行政法规禁止公开", Parents: []string{results, refused}, Article: article + "第十四条"},
	{Code: "R3_3", Number: "3.", Label: "危及“三安全一稳定”", Parents: []string{results, refused}, Article: article + "第十四条"},
	{Code: "R3_4", Number: "4.", Label: "保护第三方合法权益", Parents: []string{results, refused}, Article: article + "第十五条"},
	{Code: "R3_5", Number: "5.", Label: "属于三类内部事务信息", Parents: []string{results, refused}, Article: article + "第十六条第一款"},
	{Code: "R3_6", Number: "6.", Label: "属于四类过程性信息", Parents: []string{results, refused}, Article: article + "第十六条第二款"},
	{Code: "R3_7", Number: "7.", Label: "属于行政执法案卷", Parents: []string{results, refused}, Article: article + "第十六条第二款"},
	{Code: "R3_8", Number: "8.", Label: "属于行政查询事项", Parents: []string{results, refused}, Article: article + "第三十六条第（七）项"},
	{Code: "R4_1", Number: "1.", Label: "本机关不掌握相关政府信息", Parents: []string{results, cannot}, Article: article + "第三十六条第（四）（五）项"},
	{Code: "R4_2", Number: "2.", Label: "没有现成信息需要另行制作", Parents: []string{results, cannot}, Article: article + "第三十八条"},
	{Code: "R4_3", Number: "3.", Label: "补正后申请内容仍不明确", Parents: []string{results, cannot}, Article: article + "第三十条"},
	{Code: "R5_1", Number: "1.", Label: "信访举报投诉类申请", Parents: []string{results, declined}, Article: article + "第三十九条"},
	{Code: "R5_2", Number: "2.", Label: "重复申请", Parents: []string{results, declined}, Article: article + "第三十六条第（六）项"},
	{Code: "R5_3", Number: "3.", Label: "要求提供公开出版物", Parents: []string{results, declined}, Article: article + "第三十九条"},
	{Code: "R5_4", Number: "4.", Label: "无正当理由大量反复申请", Parents: []string{results, declined}, Article: article + "第三十五条"},
	{Code: "R5_5", Number: "5.", Label: "要求行政机关确认或重新出具已获取信息", Parents: []string{results, declined}},
}

var (
	otherHandling = Row{Code: "R6", Number: "（六）", Label: "其他处理", Parents: []string{results}, Variants: []string{"其他"}}
	noSupplement  = Row{Code: "R6_1", Number: "1.", Label: "申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请", Parents: []string{results, handled},
		Variants: []string{"申请人无正当理由逾期不补正", "逾期不补正", "申请人逾期不补正行政机关不再处理其政府信息公开申请"}, Article: article + "第三十条"}
	noPayment = Row{Code: "R6_2", Number: "2.", Label: "申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请", Parents: []string{results, handled},
		Variants: []string{"申请人逾期未按收费通知要求缴纳费用", "逾期未缴纳费用", "逾期未按收费通知要求缴纳费用"}, Article: article + "第四十二条，《政府信息公开信息处理费管理办法》（国办函〔2020〕109号）"}
	otherRest = Row{Code: "R6_3", Number: "3.", Label: "其他", Parents: []string{results, handled}}
	concluded = Row{Code: "R7", Number: "（七）", Label: "总计", Parents: []string{results}, Variants: []string{"合计"}}
	carryOut  = Row{Code: "CARRY_OUT", Number: "四、", Label: "结转下年度继续办理", Variants: []string{"结转下一年度继续办理", "结转下年继续办理", "结转下年度"}}
)

func applications(outcomes ...Row) Table {
	rows := append([]Row{}, upToDeclined...)
	return Table{
		Code: Section3, Title: "三、收到和处理政府信息公开申请情况",
		Titles: []string{"三、行政机关收到和处理政府信息公开申请情况"},
		Blocks: []Block{{
			Corner:  "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）",
			Article: article + "第五十条第（二）项",
			Rows:    append(append(rows, outcomes...), concluded, carryOut), Columns: applicants,
		}},
	}
}

var (
	applications2019 = applications(otherHandling)
	applications2021 = applications(noSupplement, noPayment, otherRest)
)

var disputes = Table{
	Code: Section4, Title: "四、政府信息公开行政复议、行政诉讼情况",
	Titles: []string{"四、因政府信息公开工作被申请行政复议、提起行政诉讼情况"},
	Across: true,
	Blocks: []Block{{
		Article: article + "第五十条第（三）项",
		Rows: []Row{
			{Code: "review", Label: "行政复议"},
			{Code: "direct", Label: "未经复议直接起诉", Parents: []string{"行政诉讼"}},
			{Code: "after", Label: "复议后起诉", Parents: []string{"行政诉讼"}},
		},
		Columns: []Column{
			{Code: "upheld", Label: "结果维持", Variants: []string{"维持"}, Unit: "件"},
			{Code: "corrected", Label: "结果纠正", Variants: []string{"纠正"}, Unit: "件"},
			{Code: "other", Label: "其他结果", Variants: []string{"其他"}, Unit: "件"},
			{Code: "pending", Label: "尚未审结", Variants: []string{"未审结"}, Unit: "件"},
			{Code: "total", Label: "总计", Variants: []string{"合计"}, Unit: "件"},
		},
	}},
}
