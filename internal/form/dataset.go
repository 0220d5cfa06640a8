package form

// FieldType says how the values of a column of a file are written.
type FieldType string

// The types of columns. All but texts are written without quotation marks; a column that is empty without them holds no value.
const (
	TextField    FieldType = "string"
	WholeField   FieldType = "integer"
	DecimalField FieldType = "number"   // exact, with a point, without trailing zeros
	BoolField    FieldType = "boolean"  // true, false
	DayField     FieldType = "date"     // YYYY-MM-DD
	MomentField  FieldType = "datetime" // YYYY-MM-DDThh:mm:ss.ffffffZ
)

// Field is one column of a file of the audit package.
type Field struct {
	Code string // the header
	Zh   string
	Type FieldType
	// Optional says that the column may hold no value. Texts always hold one, be it empty.
	Optional bool
	Words    string // what to know, "" if the name says it; Chinese
}

// Dataset is one file of the audit package.
type Dataset struct {
	File   string
	Zh, En string
	Fields []Field
	// Key are the columns by which a row is found; no two rows share them.
	Key []string
	// Refers are the columns that name a row of another file.
	Refers []Reference
	// Sorted are the columns by which the rows stand.
	Sorted string
	// Optional says that a package may be without it.
	Optional bool
}

// Reference says that the columns of one file name a row of another by its key.
type Reference struct {
	Fields []string
	File   string
	To     []string
}

// Index is the place of a column, -1 if the file has none of this code.
func (d *Dataset) Index(code string) int {
	for i, f := range d.Fields {
		if f.Code == code {
			return i
		}
	}
	return -1
}

// LookupDataset returns the file of this name.
func LookupDataset(file string) (Dataset, bool) {
	for _, d := range Datasets {
		if d.File == file {
			return d, true
		}
	}
	return Dataset{}, false
}

// The files of the audit package.
const (
	CellsFile       = "cells.csv"
	FilingsFile     = "filings.csv"
	FindingsFile    = "findings.csv"
	MeasuresFile    = "measures.csv"
	FormulasFile    = "formulas.csv"
	CorrectionsFile = "corrections.csv"
	ReviewsFile     = "reviews.csv"
	RegisterFile    = "register.csv"
	ExcludedFile    = "excluded.csv"
	ChangesFile     = "changes.csv"
	SampleFile      = "sample.csv"
	ChainFile       = "chain.csv"
)

func text(code, zh string, words ...string) Field  { return field(code, zh, TextField, false, words) }
func whole(code, zh string, words ...string) Field { return field(code, zh, WholeField, false, words) }
func truth(code, zh string, words ...string) Field { return field(code, zh, BoolField, false, words) }
func moment(code, zh string, words ...string) Field {
	return field(code, zh, MomentField, false, words)
}

func perhaps(code, zh string, t FieldType, words ...string) Field {
	return field(code, zh, t, true, words)
}

func field(code, zh string, t FieldType, optional bool, words []string) Field {
	f := Field{Code: code, Zh: zh, Type: t, Optional: optional}
	if len(words) > 0 {
		f.Words = words[0]
	}
	return f
}

var ofFiling = Reference{[]string{"filing"}, FilingsFile, []string{"filing"}}

// position are the columns that say where in the file a cell stands.
var position = []Field{whole("page", "页", "0 表示该格式没有页"), whole("grid", "第几个表格"), whole("grid_row", "表格行"), whole("grid_column", "表格列"), whole("line", "文本行")}

// cell are the columns that name a cell.
var cell = []Field{
	text("table", "表代码"), text("table_label", "表名"), text("row", "行代码", "2019年以前的表为印刷文字"), text("row_label", "行名", "各版表样文字不同的，用“／”并列"),
	text("column", "列代码"), text("column_label", "列名"),
}

func fields(parts ...any) []Field {
	var out []Field
	for _, p := range parts {
		switch p := p.(type) {
		case Field:
			out = append(out, p)
		case []Field:
			out = append(out, p...)
		}
	}
	return out
}

// Datasets are the files of the audit package, in the order in which they stand in it. Everything that writes, describes or
// reads them goes by this list.
var Datasets = []Dataset{
	{File: CellsFile, Zh: "单元格", En: "every cell of the reports that count",
		Fields: fields(whole("year", "年度"), cell, text("agency", "机关代码"), text("agency_name", "机关名称", "报告所印"),
			perhaps("value", "数值", DecimalField, "state 为 number 时才有；已更正的为更正后的数"), text("state", "状态", "见 README 的状态表；空格不等于 0"), text("raw", "原文"), text("unit", "格内单位"),
			text("candidates", "候选读法", "读法不唯一时列出，用“ | ”隔开"), text("settled_by", "认定空格为 0 的勾稽关系"), text("rule", "读取规则"), position,
			text("filing", "报告版本编号"), whole("version", "第几版"), text("sha256", "原件哈希"), truth("corrected", "是否更正"), text("correction", "更正编号"),
			perhaps("read_value", "更正前读到的数", DecimalField), text("read_state", "更正前的状态")),
		Key:    []string{"filing", "table", "row", "column", "page", "grid", "grid_row", "grid_column", "line"},
		Refers: []Reference{ofFiling}, Sorted: "year, place of the cell in the form, code under which the report is held, filing, position"},
	{File: FilingsFile, Zh: "报告", En: "every version of every report",
		Fields: fields(whole("year", "年度"), text("agency", "机关代码"), text("agency_name", "机关名称", "报告所印"), text("region", "区划代码"), whole("version", "第几版"),
			truth("counts", "是否计入", "每个机关每年至多一版计入"), truth("withdrawn", "是否撤回"), text("status", "读取结果"), text("scope", "口径"), text("form2", "第二部分表样"),
			text("form3", "第三部分表样"), text("form4", "第四部分表样"), text("form_legacy", "2019年以前的表"), text("title", "标题"), perhaps("signed", "落款日期", DayField),
			perhaps("published", "公开日期", DayField), text("url", "来源网址"), text("file", "文件名"), text("sha256", "原件哈希"), whole("cells", "单元格数", "cells.csv 中的行数；不计入的版本为 0"),
			whole("findings", "核查结果数", "findings.csv 中的行数"), truth("synthetic", "是否合成数据"), text("problems", "读取问题", "JSON"), moment("received_at", "接收时间"),
			text("received_by", "接收人"), text("reason", "理由"), moment("committed_at", "入库时间"), text("batch", "批次"), text("filing", "报告版本编号")),
		Key: []string{"filing"}, Sorted: "year, agency, version"},
	{File: FindingsFile, Zh: "核查结果", En: "every check of the reports that count",
		Fields: fields(whole("year", "年度"), text("agency", "机关代码"), text("agency_name", "机关名称"), text("rule", "核查代码"), text("rule_label", "核查名称"), text("severity", "程度"),
			text("table", "表代码"), text("place", "行或列代码"), text("status", "结果"), text("expression", "算式"), perhaps("left", "左边", DecimalField), perhaps("right", "右边", DecimalField),
			perhaps("delta", "差", DecimalField), text("cells", "所用单元格"), text("blanks", "其中按 0 计的空格"), text("note", "所见"), text("against", "所比的报告"), text("basis", "依据摘要"),
			text("filing", "报告版本编号")),
		Key: []string{"filing", "rule", "table", "place"}, Refers: []Reference{ofFiling}, Sorted: "year, code under which the report is held, filing, rule, table, place"},
	{File: MeasuresFile, Zh: "指标", En: "measures computed from the cells",
		Fields: fields(whole("year", "年度"), text("agency", "机关代码"), text("agency_name", "机关名称"), text("filing", "报告版本编号"), text("measure", "指标代码"), text("measure_label", "指标名称"),
			perhaps("numerator", "分子", DecimalField), perhaps("denominator", "分母", DecimalField), perhaps("value", "值", DecimalField, "比率保留六位小数，四舍五入"),
			text("state", "状态", "value、zero 为有值，其余为没有值的原因"), truth("blank_as_zero", "有空格按 0 计"), truth("corrected", "含更正"),
			truth("left_out", "不参加比较", "勾稽关系 A1 或 A2 不成立且无人说明理由"), text("list", "名单", "own 本级，aggregate 汇总，两者不相加")),
		Key: []string{"filing", "measure"}, Refers: []Reference{ofFiling, {[]string{"measure"}, FormulasFile, []string{"measure"}}}, Sorted: "year, list, agency, measure"},
	{File: FormulasFile, Zh: "指标公式", En: "formulas of the measures",
		Fields: fields(text("measure", "指标代码"), text("measure_label", "指标名称"), text("kind", "种类"), text("unit", "单位"), text("formula", "分子"), text("per", "分母"),
			text("numerator", "分子各格", "表样没有的格不计"), text("denominator", "分母各格"), text("source", "来源"), text("caveat", "注意"), whole("revision", "定义版次")),
		Key: []string{"measure"}, Sorted: "as in the data dictionary"},
	{File: CorrectionsFile, Zh: "更正", En: "corrections that people proposed, and what became of them",
		Fields: fields(text("correction", "更正编号"), text("standing", "效力"), whole("year", "年度"), text("agency", "机关代码"), text("filing", "报告版本编号"), text("table", "表代码"), text("row", "行代码"),
			text("column", "列代码"), perhaps("value", "更正为", DecimalField), text("state", "更正为状态"), perhaps("read_value", "读到的数", DecimalField), text("read_state", "读到的状态"),
			text("replaces", "重复的更正"), truth("two", "须二人"), text("reason", "理由"), text("person", "提出人"), moment("at", "提出时间"), text("approved_by", "同意人"),
			perhaps("approved_at", "同意时间", MomentField), text("withdrawn_by", "撤回人"), perhaps("withdrawn_at", "撤回时间", MomentField), text("withdrawn_reason", "撤回理由")),
		Key: []string{"correction"}, Refers: []Reference{ofFiling}, Sorted: "time of proposal"},
	{File: ReviewsFile, Zh: "核查结果的处理", En: "what people decided about findings",
		Fields: fields(text("review", "处理编号"), text("decision", "决定"), whole("year", "年度"), text("agency", "机关代码"), text("filing", "所看的版本"), text("rule", "核查代码"), text("table", "表代码"),
			text("place", "行或列代码"), text("basis", "依据摘要"), text("reason", "理由"), text("person", "处理人"), moment("at", "时间")),
		Key: []string{"review"}, Refers: []Reference{ofFiling}, Sorted: "time"},
	{File: RegisterFile, Zh: "登记与应报", En: "who had to file, and who did",
		Fields: fields(whole("year", "年度"), text("agency", "机关代码"), text("agency_name", "机关名称"), text("kind", "类型"), text("region", "区划代码"), text("parent", "上级代码"),
			truth("registered", "在登记中"), text("state", "情况", "on_time 按期，late 逾期，date_unknown 日期不明，not_filed 逾期未报，not_due 未到期，not_obliged 无须报，received 已收（未登记），not_received 未收（未登记）"),
			perhaps("due", "期限", DayField), whole("days", "逾期天数"), text("why", "例外的理由"), text("filing", "计入的版本", "空为没有"), perhaps("published", "公开日期", DayField),
			perhaps("received_at", "接收时间", MomentField)),
		Key: []string{"agency", "year"}, Sorted: "year, agency"},
	{File: ExcludedFile, Zh: "未计入", En: "everything that is left out, and why",
		Fields: fields(text("kind", "类别", "superseded 有更新的版本，withdrawn 撤回，waiting 待认领的文件，not_filed、not_due、not_obliged、not_received 没有报告，left_out 不参加比较"), whole("year", "年度", "0 为不知"),
			text("agency", "机关代码"), text("agency_name", "机关名称"), text("filing", "报告版本编号"), text("sha256", "原件哈希"), text("file", "文件名"), text("reason", "原因"), text("person", "决定人"),
			perhaps("at", "时间", MomentField)),
		Key: []string{"kind", "year", "agency", "filing", "sha256"}, Sorted: "kind, year, agency, filing, sha256"},
	{File: ChangesFile, Zh: "变更记录", En: "what changed between two moments, and why", Optional: true,
		Fields: fields(whole("number", "序号"), moment("at", "时间"), text("kind", "事项"), text("person", "何人"), text("cause", "理由"), whole("year", "年度", "0 为不涉及"), text("agency", "机关代码"),
			text("agency_name", "机关名称"), text("filing", "报告版本编号"), whole("version", "第几版"), text("subject", "对象"), text("detail", "内容"), text("batch", "批次")),
		Key: []string{"number"}, Sorted: "time"},
	{File: SampleFile, Zh: "抽样", En: "cells drawn at random for inspection", Optional: true,
		Fields: fields(whole("number", "序号"), text("draw", "抽签值", "SHA-256，见 README"), whole("year", "年度"), text("agency", "机关代码"), text("agency_name", "机关名称"), text("table", "表代码"), text("row", "行代码"),
			text("column", "列代码"), text("label", "单元格名"), perhaps("value", "数值", DecimalField), text("state", "状态"), text("raw", "原文"), position, text("filing", "报告版本编号"),
			text("sha256", "原件哈希"), text("address", "页面地址")),
		Key: []string{"number"}, Refers: []Reference{ofFiling}, Sorted: "draw"},
	{File: ChainFile, Zh: "哈希链", En: "the chain of everything that was added",
		Fields: fields(whole("number", "序号"), text("batch", "批次"), moment("committed_at", "入库时间"), text("committed_by", "入库人"), text("program", "程序"), text("digests", "各表行数与摘要"),
			text("previous", "前一环的哈希"), text("hash", "本环的哈希")),
		Key: []string{"number"}, Sorted: "number"},
}
