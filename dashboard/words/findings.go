package words

// findings is the list of findings and its filters.
var findings = Texts{
	"filters": {"筛选", ""},

	"filter.all":           {"全部", ""},
	"filter.years":         {"全部年度", ""},
	"filter.state":         {"报送状态", ""},
	"filter.severity":      {"严重程度", ""},
	"filter.rule":          {"检查", ""},
	"filter.outcome":       {"结果", ""},
	"filter.outcome.usual": {"不符和不确定", ""},
	"filter.decision":      {"处理", ""},
	"filter.text":          {"机关、说明中的文字", ""},
	"filter.event":         {"事项", ""},
	"filter.since":         {"自何时起", ""},

	"order.severity": {"按严重程度", ""},
	"order.year":     {"按年度", ""},
	"order.agency":   {"按机关代码", ""},
	"order.rule":     {"按检查", ""},

	"findings.title":           {"%s 处需要看的问题", ""},
	"findings.title.none":      {"没有符合条件的问题", ""},
	"findings.title.unchecked": {"还没有检查过的报告", ""},
	"findings.checked":         {"共检查 %s 份报告、%s 条关系", ""},
	"findings.nothing":         {"没有符合条件的问题；共检查 %s 份报告、%s 条关系。", ""},
	"findings.counts":          {"按检查和严重程度", ""},
	"findings.byrule":          {"%d 条检查有发现", ""},
	"findings.quiet":           {"另有 %d 条检查没有发现问题。", ""},
	"findings.open":            {"待核 %d", ""},
	"findings.list":            {"清单", ""},
	"findings.shown":           {"第 %d–%d 条，共 %s 条；下载的文件含全部。", ""},
	"findings.col.open":        {"待核", ""},
	"findings.col.reports":     {"涉及报告", ""},
	"findings.col.place":       {"位置", ""},
	"findings.col.left":        {"左边", ""},
	"findings.col.right":       {"右边", ""},
	"findings.col.diff":        {"相差", ""},
}
