package words

// frame is what every page has: its frame, menu, ribbon, notices and the marks beside figures.
var frame = Texts{
	"product":       {"政府信息公开年报比较", "Disclosure reports compared"},
	"product.short": {"年报", "AR"},

	"menu.home":     {"首页", "Home"},
	"menu.compare":  {"比较", "Compare"},
	"menu.findings": {"问题", "Findings"},
	"menu.register": {"登记", "Register"},
	"menu.changes":  {"变动", "Changes"},
	"menu.measures": {"指标口径", "Measures"},
	"menu":          {"主菜单", "Main menu"},
	"menu.years":    {"年度", "Year"},
	"menu.theme":    {"外观", "Appearance"},

	"theme.auto":  {"自动", "Auto"},
	"theme.light": {"浅色", "Light"},
	"theme.dark":  {"深色", "Dark"},

	"language":      {"中文", "English"},
	"menu.language": {"语言", "Language"},

	"skip": {"跳到正文", "Skip to content"},

	"ribbon":            {"覆盖情况", "Coverage"},
	"ribbon.known":      {"%d 年度 已知机关 %d", "%d: known agencies %d"},
	"ribbon.received":   {"已收到 %d（其中零申请 %d）", "received %d (of these without requests %d)"},
	"ribbon.missing":    {"未收到报告 %d", "no report received %d"},
	"ribbon.failing":    {"勾稽不符 %d 份", "failing cross-checks %d"},
	"ribbon.aggregates": {"另有汇总报告 %d 份", "aggregate reports %d"},
	"ribbon.obliged":    {"%d 年度 应报 %d", "%d: required to file %d"},
	"ribbon.filed":      {"已报 %d（其中零申请 %d）", "filed %d (of these without requests %d)"},
	"ribbon.notfiled":   {"未报 %d", "not filed %d"},
	"ribbon.notdue":     {"未到期 %d", "not yet due %d"},
	"ribbon.besides":    {"名单外收到 %d", "received from outside the register %d"},
	"ribbon.critical":   {"有严重问题 %d", "with critical findings %d"},
	"ribbon.at":         {"数据截至 %s", "data as of %s"},

	"past":     {"本页显示截至 %s 的数据", "This page shows the data as of %s"},
	"past.now": {"看现在的数据", "See the present data"},

	"synthetic":      {"合成数据", "Synthetic data"},
	"synthetic.band": {"合成数据，非真实报告：本页数字含有为演示编造的报告，不得引用", "Synthetic data, not real reports: figures on this page come from reports made up for demonstration and must not be quoted"},

	"source":         {"来源：%s；数据截至 %s", "Source: %s; data as of %s"},
	"source.reports": {"各机关政府信息公开工作年度报告", "the agencies’ annual reports on government information disclosure"},
	"source.link":    {"固定链接", "Permanent link"},

	"download": {"下载", "Download"},

	"print": {"打印", "Print"},

	"version": {"程序版本 %s", "Program version %s"},

	"none": {"无", "none"},

	"basis": {"据 %d/%d 个机关", "based on %d of %d {agency|agencies}"},

	"blank_as_zero": {"空格，按勾稽为 0", "Blank cell, 0 by cross-check"},

	"corrected":      {"含人工更正，报告页可看更正前的数", "Includes a manual correction; the report page shows the figure before it"},
	"corrected.mark": {"✎", "✎"},

	"blank_as_zero.mark":   {"⁰", "⁰"},
	"blank_as_zero.legend": {"⁰ 有空格，按勾稽关系恰为 0，计作 0", "⁰ A cell is blank; the cross-checks hold exactly with 0, so it counts as 0"},

	// Punctuation, and how figures and dates are put.
	"space":      {"", " "}, // between sentences
	"list":       {"、", ", "},
	"clause":     {"；", "; "},
	"comma":      {"，", ", "},
	"colon":      {"：", ": "},
	"stop":       {"。", ". "},
	"open":       {"（", " ("},
	"close":      {"）", ")"},
	"aside":      {"（%s）", " (%s)"},
	"fraction":   {"%s（%s/%s）", "%s (%s/%s)"},
	"layout.day": {"1月2日", "2 January"}, // of the package time

	"pager": {"分页", "Pages"},

	"menu.help":      {"使用手册", "Manual"},
	"menu.more":      {"更多", "More"},
	"menu.outcomes":  {"结构", "Outcomes"},
	"menu.disputes":  {"争议", "Disputes"},
	"menu.reasons":   {"不予公开等的理由", "Reasons for refusal"},
	"menu.funnel":    {"漏斗图", "Funnel plot"},
	"menu.trends":    {"五年走势", "Five-year trends"},
	"menu.years.two": {"两年对比", "Year on year"},
	"menu.matrix":    {"机关与指标", "Agencies and measures"},
	"menu.scatter":   {"两项指标", "Two measures"},
}
