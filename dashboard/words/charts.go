package words

// charts is pictures and their legends.
var charts = Texts{
	"picture.share":  {"图：%s，%s 年度，%d 个机关，每行一个机关，点为比率，横线为 95%% 区间；合计 %s（%s/%s）。", "Chart: %s, %s, %d {agency|agencies}, one in each row; dots are rates, lines are 95%% intervals; total %s (%s/%s)."},
	"picture.count":  {"图：%s，%s 年度，%d 个机关，由多到少，合计 %s %s。", "Chart: %s, %s, %d {agency|agencies}, the largest first; total %s %s."},
	"picture.total":  {"合计 %s（%s/%s）", "total %s (%s/%s)"},
	"picture.rows":   {"图中为第 %d–%d 行，共 %d 行：", "Rows %d–%d of %d: "},
	"picture.failed": {"图未能生成，数据见下表", "The chart could not be made; the figures are in the table below"},

	"legend.bar":      {"%d 年", "%d"},
	"legend.tick":     {"%d 年", "%d"},
	"legend.dot":      {"n ≥ 30", "n ≥ 30"},
	"legend.hollow":   {"n 10–29，不排名", "n 10–29, not ranked"},
	"legend.interval": {"95% 区间", "95% CI"},
	"legend.total":    {"合计", "total"},

	"picture.svg":     {"存为 SVG", "Save as SVG"},
	"picture.png":     {"存为 PNG", "Save as PNG"},
	"picture.nothing": {"没有可画的数据", "There is nothing to draw"},
	"picture.address": {" · 地址 %s", " · address %s"},

	"legend.within":    {"与全区无显著差异", "no significant difference from the district"},
	"legend.higher95":  {"高于全区（95%）", "higher than the district (95%)"},
	"legend.higher998": {"高于全区（99.8%）", "higher than the district (99.8%)"},
	"legend.lower95":   {"低于全区（95%）", "lower than the district (95%)"},
	"legend.lower998":  {"低于全区（99.8%）", "lower than the district (99.8%)"},
	"legend.limit95":   {"95% 控制限", "95% control limits"},
	"legend.limit998":  {"99.8% 控制限", "99.8% control limits"},
	"legend.exact":     {"放宽前的控制限", "limits before widening"},
	"legend.agency":    {"本机关", "this agency"},
	"legend.one":       {"一个机关", "one agency"},
	"legend.rises":     {"明显上升", "clear rise"},
	"legend.falls":     {"明显下降", "clear fall"},
	"legend.noise":     {"变化不超出随机波动", "change within random variation"},
	"legend.others":    {"其余（只标出数值最大的 %d 个）", "others (only the %d largest are marked)"},
	"legend.band":      {"同类机关的中间一半", "middle half of the peers"},
	"legend.reach":     {"同类机关的最低至最高", "lowest to highest peer"},

	"heat.most": {"30 以上", "30 or more"},
	"heat.open": {"待核，或报告中无此行", "to be verified, or no such row in the report"},
}
