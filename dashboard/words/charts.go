package words

// charts is pictures and their legends.
var charts = Texts{
	"picture.share":  {"图：%s，%s 年度，%d 个机关，每行一个机关，点为比率，横线为 95%% 区间；合计 %s（%s/%s）。", ""},
	"picture.count":  {"图：%s，%s 年度，%d 个机关，由多到少，合计 %s %s。", ""},
	"picture.total":  {"合计 %s（%s/%s）", ""},
	"picture.rows":   {"图中为第 %d–%d 行，共 %d 行：", ""},
	"picture.failed": {"图未能生成，数据见下表", ""},

	"legend.bar":      {"%d 年", ""},
	"legend.tick":     {"%d 年", ""},
	"legend.dot":      {"n ≥ 30", ""},
	"legend.hollow":   {"n 10–29，不排名", ""},
	"legend.interval": {"95% 区间", ""},
	"legend.total":    {"合计", ""},

	"picture.svg":     {"存为 SVG", ""},
	"picture.png":     {"存为 PNG", ""},
	"picture.nothing": {"没有可画的数据", ""},
	"picture.address": {" · 地址 %s", ""},

	"legend.within":    {"与全区无显著差异", ""},
	"legend.higher95":  {"高于全区（95%）", ""},
	"legend.higher998": {"高于全区（99.8%）", ""},
	"legend.lower95":   {"低于全区（95%）", ""},
	"legend.lower998":  {"低于全区（99.8%）", ""},
	"legend.limit95":   {"95% 控制限", ""},
	"legend.limit998":  {"99.8% 控制限", ""},
	"legend.exact":     {"放宽前的控制限", ""},
	"legend.agency":    {"本机关", ""},
	"legend.one":       {"一个机关", ""},
	"legend.rises":     {"明显上升", ""},
	"legend.falls":     {"明显下降", ""},
	"legend.noise":     {"变化不超出随机波动", ""},
	"legend.others":    {"其余（只标出数值最大的 %d 个）", ""},
	"legend.band":      {"同类机关的中间一半", ""},
	"legend.reach":     {"同类机关的最低至最高", ""},

	"heat.most": {"30 以上", ""},
	"heat.open": {"待核，或报告中无此行", ""},
}
