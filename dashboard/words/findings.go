package words

// findings is the list of findings and its filters.
var findings = Texts{
	"filters": {"筛选", "Filters"},

	"filter.all":           {"全部", "all"},
	"filter.years":         {"全部年度", "all years"},
	"filter.state":         {"报送状态", "Filing status"},
	"filter.severity":      {"严重程度", "Severity"},
	"filter.rule":          {"检查", "Check"},
	"filter.outcome":       {"结果", "Outcome"},
	"filter.outcome.usual": {"不符和不确定", "fails and uncertain"},
	"filter.decision":      {"处理", "Decision"},
	"filter.text":          {"机关、说明中的文字", "Agency, or words of the note"},
	"filter.event":         {"事项", "Event"},
	"filter.since":         {"自何时起", "Since"},

	"order.severity": {"按严重程度", "By severity"},
	"order.year":     {"按年度", "By year"},
	"order.agency":   {"按机关代码", "By agency code"},
	"order.rule":     {"按检查", "By check"},

	"findings.title":           {"%s 处需要看的问题", "%s {finding|findings} to look at"},
	"findings.title.none":      {"没有符合条件的问题", "No finding fits the conditions"},
	"findings.title.unchecked": {"还没有检查过的报告", "No report has been checked yet"},
	"findings.checked":         {"共检查 %s 份报告、%s 条关系", "Checked: %s {report|reports}, %s {relation|relations}"},
	"findings.nothing":         {"没有符合条件的问题；共检查 %s 份报告、%s 条关系。", "No finding fits the conditions. Checked: %s {report|reports}, %s {relation|relations}."},
	"findings.counts":          {"按检查和严重程度", "By check and severity"},
	"findings.byrule":          {"%d 条检查有发现", "%d {check|checks} with findings"},
	"findings.quiet":           {"另有 %d 条检查没有发现问题。", "%d other {check|checks} found nothing."},
	"findings.open":            {"待核 %d", "open %d"},
	"findings.list":            {"清单", "List"},
	"findings.shown":           {"第 %d–%d 条，共 %s 条；下载的文件含全部。", "%d–%d of %s; the files for download hold all."},
	"findings.col.open":        {"待核", "Open"},
	"findings.col.reports":     {"涉及报告", "Reports"},
	"findings.col.place":       {"位置", "Place"},
	"findings.col.left":        {"左边", "Left"},
	"findings.col.right":       {"右边", "Right"},
	"findings.col.diff":        {"相差", "Difference"},
}
