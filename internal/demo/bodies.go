package demo

import (
	"fmt"
	"strings"

	"nianbao/internal/form"
)

// rank tells how a body files.
type rank int

const (
	bureau rank = iota
	subdistrict
	town
	government // reports the sum of all others and its own
)

// leaning is what the applications to a body are mostly about.
type leaning int

const (
	ordinary  leaning = iota
	registry          // asks for registers and archives: 自然资源, 市场监管
	enforcing         // asks for files of penalties
	internal          // asks for drafts and minutes
	petitions         // asks for redress
)

// kind says what a body of this name does in a usual year.
type kind struct {
	name, slug   string
	rank         rank
	leaning      leaning
	applications int64 // a year, in thousandths
	disclosed    int64 // pieces of information made public
	normative    int64 // normative documents a year, in thousandths
	licensing    int64 // decisions a year
	punishment   int64
	coercion     int64
	fees         int64 // 万元 a year
	later        *change
}

// change is what happens to a body in the middle of the year that [Options.turn] gives.
type change struct {
	name, slug string // the new name; a slug of its own if it is another body, which takes the place of the old one
}

// kinds are the bodies of a district, ordered so that the first few are a fair sample of all.
var kinds = [...]kind{
	{name: "人民政府", slug: "qzf", rank: government, leaning: internal, applications: 26_000, disclosed: 900, normative: 6_000},
	{name: "教育局", slug: "jyj", applications: 14_000, disclosed: 420, normative: 900, licensing: 90, punishment: 4, fees: 2100},
	{name: "自然资源局", slug: "zrzyj", leaning: registry, applications: 420_000, disclosed: 800, normative: 700, licensing: 1900, punishment: 60, coercion: 2, fees: 5200},
	{name: "子虚街道办事处", slug: "zxjd", rank: subdistrict, leaning: petitions, applications: 24_000, disclosed: 160, licensing: 60, punishment: 90, coercion: 3},
	{name: "科学技术局", slug: "kjj", applications: 150, disclosed: 90, normative: 300},
	{name: "住房和城乡建设局", slug: "zjj", leaning: registry, applications: 650_000, disclosed: 700, normative: 1_200, licensing: 1100, punishment: 130, coercion: 1, fees: 3100},
	{name: "纸上镇人民政府", slug: "zsz", rank: town, leaning: petitions, applications: 15_000, disclosed: 140, licensing: 30, punishment: 15, coercion: 4},
	{name: "市场监督管理局", slug: "scjgj", leaning: enforcing, applications: 160_000, disclosed: 2600, normative: 600, licensing: 24_000, punishment: 1700, coercion: 70, fees: 40},
	{name: "财政局", slug: "czj", leaning: internal, applications: 5_000, disclosed: 260, normative: 1_500, licensing: 12, punishment: 1},
	{name: "乌有街道办事处", slug: "wyjd", rank: subdistrict, leaning: petitions, applications: 12_000, disclosed: 120, licensing: 40, punishment: 40},
	{name: "人力资源和社会保障局", slug: "rsj", applications: 60_000, disclosed: 640, normative: 1_400, licensing: 260, punishment: 9},
	{name: "统计局", slug: "tjj", applications: 900, disclosed: 70, punishment: 3},
	{name: "城市管理局", slug: "cgj", leaning: enforcing, applications: 110_000, disclosed: 300, normative: 400, licensing: 1500, punishment: 7400, coercion: 190, fees: 830, later: &change{name: "综合行政执法局"}},
	{name: "画中镇人民政府", slug: "hzz", rank: town, leaning: petitions, applications: 9_000, disclosed: 110, licensing: 25, punishment: 9, coercion: 1},
	{name: "人民政府办公室", slug: "zfb", leaning: internal, applications: 150_000, disclosed: 520, normative: 8_000},
	{name: "假想街道办事处", slug: "jxjd", rank: subdistrict, leaning: petitions, applications: 75_000, disclosed: 190, licensing: 80, punishment: 210, coercion: 11},
	{name: "卫生健康委员会", slug: "wjw", applications: 17_000, disclosed: 560, normative: 800, licensing: 1300, punishment: 240, fees: 26},
	{name: "审计局", slug: "sjj", leaning: internal, applications: 700, disclosed: 80, punishment: 1},
	{name: "交通运输局", slug: "jtj", leaning: enforcing, applications: 11_000, disclosed: 240, normative: 500, licensing: 3800, punishment: 1300, coercion: 35},
	{name: "镜花镇人民政府", slug: "jhz", rank: town, leaning: petitions, applications: 4_000, disclosed: 90, licensing: 15, punishment: 4},
	{name: "发展和改革局", slug: "fgj", applications: 12_000, disclosed: 310, normative: 1_100, licensing: 420, punishment: 1},
	{name: "例句街道办事处", slug: "ljjd", rank: subdistrict, leaning: petitions, applications: 7_000, disclosed: 100, licensing: 30, punishment: 25},
	{name: "民政局", slug: "mzj", applications: 8_000, disclosed: 300, normative: 900, licensing: 70, punishment: 5},
	{name: "退役军人事务局", slug: "tyjrswj", applications: 1_600, disclosed: 85},
	{name: "生态环境局", slug: "sthjj", leaning: enforcing, applications: 21_000, disclosed: 480, normative: 300, licensing: 150, punishment: 85, coercion: 12},
	{name: "水月镇人民政府", slug: "syz", rank: town, leaning: petitions, applications: 2_000, disclosed: 75, licensing: 12, punishment: 2},
	{name: "农业农村局", slug: "nyncj", applications: 23_000, disclosed: 350, normative: 800, licensing: 520, punishment: 75, coercion: 6, fees: 3},
	{name: "样本街道办事处", slug: "ybjd", rank: subdistrict, leaning: petitions, applications: 18_000, disclosed: 130, licensing: 45, punishment: 60, coercion: 2},
	{name: "应急管理局", slug: "yjj", leaning: enforcing, applications: 5_000, disclosed: 270, normative: 300, licensing: 180, punishment: 110, coercion: 9},
	{name: "商务局", slug: "swj", applications: 2_500, disclosed: 130, normative: 400, licensing: 35, punishment: 2, later: &change{"商务和投资促进局", "swtzj"}},
	{name: "水利局", slug: "slj", applications: 6_000, disclosed: 160, normative: 300, licensing: 110, punishment: 14, coercion: 1, fees: 420},
	{name: "设问街道办事处", slug: "shwjd", rank: subdistrict, leaning: petitions, applications: 5_000, disclosed: 95, licensing: 20, punishment: 12},
	{name: "司法局", slug: "sfj", applications: 9_000, disclosed: 190, normative: 200, licensing: 40, punishment: 1},
	{name: "空谷镇人民政府", slug: "kgz", rank: town, leaning: petitions, applications: 900, disclosed: 60, licensing: 8},
	{name: "文化和旅游局", slug: "wlj", applications: 4_000, disclosed: 280, normative: 500, licensing: 330, punishment: 22},
	{name: "医疗保障局", slug: "ybj", applications: 3_000, disclosed: 170, normative: 700, punishment: 65},
	{name: "比方街道办事处", slug: "bfjd", rank: subdistrict, leaning: petitions, applications: 10_000, disclosed: 105, licensing: 35, punishment: 30},
	{name: "工业和信息化局", slug: "gxj", applications: 2_000, disclosed: 140, normative: 500, licensing: 18},
	{name: "未名街道办事处", slug: "wmjd", rank: subdistrict, leaning: petitions, applications: 3_000, disclosed: 80, licensing: 18, punishment: 6},
	{name: "白描镇人民政府", slug: "bmz", rank: town, leaning: petitions, applications: 6_000, disclosed: 85, licensing: 14, punishment: 3, coercion: 1},
}

// districts are the names of the first districts. No place has such a name.
var districts = [...]struct{ name, slug string }{
	{"虚构区", "xg"}, {"假定区", "jd"}, {"拟设区", "ns"}, {"例题区", "lt"}, {"范文区", "fw"},
	{"草稿区", "cg"}, {"样板区", "yb"}, {"演示区", "ys"}, {"试算区", "ss"}, {"空白区", "kb"},
}

// body is one agency of the district, with the one that takes its place.
type body struct {
	kind
	index    int    // among all bodies, from 0
	district int    // from 0
	place    string // 示例市虚构区
	agency   string // full name
	site     string
	file     string // its part of file names, and its code in the register
}

// bodies lists n agencies, district by district; the first of each district is its government.
func bodies(n int) []body {
	out := make([]body, n)
	for i := range out {
		b := body{kind: kinds[i%len(kinds)], index: i, district: i / len(kinds)}
		name, slug := "", ""
		if b.district < len(districts) {
			name, slug = districts[b.district].name, districts[b.district].slug
		} else {
			name, slug = "虚构"+numeral(b.district+1)+"区", fmt.Sprintf("xg%d", b.district+1)
		}
		b.place = "示例市" + name
		b.agency = b.place + b.name
		b.site = b.place + "人民政府"
		b.file = slug + "-" + b.slug
		out[i] = b
	}
	return out
}

// in is the body as it is called when it reports on a year, or the one that has taken its place by then.
func (b body) in(year int, o Options) body {
	if turn, changes := o.turn(); b.later == nil || !changes || year < turn {
		return b
	}
	if b.later.slug != "" {
		b.file = strings.TrimSuffix(b.file, b.slug) + b.later.slug
	}
	b.agency = b.place + b.later.name
	return b
}

// turn is the year in the middle of which some bodies change; a district of one year has none.
func (o Options) turn() (year int, changes bool) {
	return o.FirstYear + (o.years()+1)/2, o.years() > 1
}

// numeral writes a number digit by digit in Chinese.
func numeral(n int) string {
	var b strings.Builder
	for _, d := range fmt.Sprint(n) {
		b.WriteRune([]rune("〇一二三四五六七八九")[d-'0'])
	}
	return b.String()
}

func (b body) scope() form.Scope {
	if b.rank == government {
		return form.ScopeAggregate
	}
	return form.ScopeOwn
}
