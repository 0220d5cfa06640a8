package words

// frame is what every page has: its frame, menu, ribbon, notices and the marks beside figures.
var frame = Texts{
	"product":       {"政府信息公开年报比较", ""},
	"product.short": {"年报", ""},

	"menu.home":     {"首页", ""},
	"menu.compare":  {"比较", ""},
	"menu.findings": {"问题", ""},
	"menu.register": {"登记", ""},
	"menu.changes":  {"变动", ""},
	"menu.measures": {"指标口径", ""},
	"menu":          {"主菜单", ""},
	"menu.years":    {"年度", ""},
	"menu.theme":    {"外观", ""},

	"theme.auto":  {"自动", ""},
	"theme.light": {"浅色", ""},
	"theme.dark":  {"深色", ""},

	"language":      {"中文", "English"},
	"menu.language": {"语言", "Language"},

	"skip": {"跳到正文", ""},

	"ribbon":            {"覆盖情况", ""},
	"ribbon.known":      {"%d 年度 已知机关 %d", ""},
	"ribbon.received":   {"已收到 %d（其中零申请 %d）", ""},
	"ribbon.missing":    {"未收到报告 %d", ""},
	"ribbon.failing":    {"勾稽不符 %d 份", ""},
	"ribbon.aggregates": {"另有汇总报告 %d 份", ""},
	"ribbon.obliged":    {"%d 年度 应报 %d", ""},
	"ribbon.filed":      {"已报 %d（其中零申请 %d）", ""},
	"ribbon.notfiled":   {"未报 %d", ""},
	"ribbon.notdue":     {"未到期 %d", ""},
	"ribbon.besides":    {"名单外收到 %d", ""},
	"ribbon.critical":   {"有严重问题 %d", ""},
	"ribbon.at":         {"数据截至 %s", ""},

	"past":     {"本页显示截至 %s 的数据", ""},
	"past.now": {"看现在的数据", ""},

	"synthetic":      {"合成数据", ""},
	"synthetic.band": {"合成数据，非真实报告：本页数字含有为演示编造的报告，不得引用", ""},

	"source":         {"来源：%s；数据截至 %s", ""},
	"source.reports": {"各机关政府信息公开工作年度报告", ""},
	"source.link":    {"固定链接", ""},

	"download": {"下载", ""},

	"print": {"打印", ""},

	"version": {"程序版本 %s", ""},

	"none": {"无", ""},

	"basis": {"据 %d/%d 个机关", ""},

	"blank_as_zero": {"空格，按勾稽为 0", ""},

	"corrected":      {"含人工更正，报告页可看更正前的数", ""},
	"corrected.mark": {"✎", ""},

	"blank_as_zero.mark":   {"⁰", ""},
	"blank_as_zero.legend": {"⁰ 有空格，按勾稽关系恰为 0，计作 0", ""},

	"pager": {"分页", ""},

	"menu.more":      {"更多", ""},
	"menu.outcomes":  {"结构", ""},
	"menu.disputes":  {"争议", ""},
	"menu.reasons":   {"不予公开等的理由", ""},
	"menu.funnel":    {"漏斗图", ""},
	"menu.trends":    {"五年走势", ""},
	"menu.years.two": {"两年对比", ""},
	"menu.matrix":    {"机关与指标", ""},
	"menu.scatter":   {"两项指标", ""},
}
