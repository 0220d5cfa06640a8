package register

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// shortForms are the customary short forms (规范简称) of the words for an office's duties. In one and the same place a name
// with the long words and a name with the short ones are one body. Only forms that cannot mean another body are here:
// 农业 is not short for 农业农村, nor 自然资源 for 自然资源和规划; those are names of other bodies or other years.
var shortForms = []struct{ short, long string }{
	{"发改", "发展和改革 发展与改革 发展改革"},
	{"科技", "科学技术 科学和技术"},
	{"工信", "工业和信息化 工业与信息化 工业信息化"},
	{"经信", "经济和信息化 经济与信息化 经济信息化"},
	{"人社", "人力资源和社会保障 人力资源与社会保障 人力资源社会保障"},
	{"住建", "住房和城乡建设 住房与城乡建设 住房城乡建设"},
	{"交通", "交通运输"},
	{"文旅", "文化和旅游 文化与旅游 文化旅游"},
	{"文广旅", "文化广电和旅游 文化广电旅游"},
	{"文广旅体", "文化广电旅游体育 文化广电旅游和体育 文化广电和旅游体育"},
	{"文体旅", "文化体育和旅游 文化体育旅游"},
	{"教体", "教育和体育 教育体育"},
	{"卫健", "卫生健康"},
	{"卫计", "卫生和计划生育 卫生计划生育 卫生计生"},
	{"退役军人", "退役军人事务"},
	{"应急", "应急管理"},
	{"市场监管", "市场监督管理"},
	{"医保", "医疗保障"},
	{"城管", "城市管理"},
	{"综合执法", "综合行政执法"},
	{"行政审批", "行政审批服务"},
	{"民宗", "民族宗教事务 民族和宗教事务 民族宗教"},
	{"机关事务", "机关事务管理 机关事务服务"},
	{"国资", "国有资产监督管理"},
	{"食药监", "食品药品监督管理 食品药品监管"},
	{"药监", "药品监督管理"},
	{"安监", "安全生产监督管理 安全监督管理"},
	{"质监", "质量技术监督"},
	{"工商", "工商行政管理"},
	{"国土", "国土资源"},
	{"环保", "环境保护"},
	{"规自", "规划和自然资源 规划自然资源"},
	{"人防", "人民防空"},
	{"广电", "广播电视"},
	{"新广", "新闻出版广电"},
	{"政务数据", "政务服务数据管理 政务服务和数据管理"},
	{"大数据", "大数据发展管理 大数据管理"},
	{"供销社", "供销合作社联合社 供销合作联社 供销合作社"},
}

// endings are ways to write the end of a name. The first line that fits counts.
var endings = []struct{ long, short string }{
	{"街道办事处", "街道"}, {"街道办", "街道"},
	{"镇人民政府", "镇"}, {"镇政府", "镇"}, {"乡人民政府", "乡"}, {"乡政府", "乡"}, {"苏木人民政府", "苏木"},
	{"人民政府办公室", "政府办"}, {"人民政府办公厅", "政府办"}, {"政府办公室", "政府办"}, {"政府办公厅", "政府办"}, {"人民政府办", "政府办"},
	{"人民政府", "政府"},
	{"管理委员会", "管委会"},
	{"科技委员会", "科委"}, {"科技委", "科委"},
	{"委员会", "委"},
	{"办公室", "办"}, {"办公厅", "办"},
}

// heads stand before the place in the names of bodies under a ministry, and are left out as often as not.
var heads = []struct{ head, end string }{
	{"国家税务总局", "税务局"}, {"国家统计局", "调查队"}, {"中华人民共和国", "海关"}, {"中华人民共和国", "海事局"},
}

var (
	shorten = func() *strings.Replacer {
		var pairs []string
		longest := 0
		for _, f := range shortForms {
			for _, long := range strings.Fields(f.long) {
				longest = max(longest, len(long))
			}
		}
		for n := longest; n > 0; n-- { // the replacer takes the first that fits
			for _, f := range shortForms {
				for _, long := range strings.Fields(f.long) {
					if len(long) == n {
						pairs = append(pairs, long, f.short)
					}
				}
			}
		}
		return strings.NewReplacer(pairs...)
	}()
	withoutAnd = strings.NewReplacer("和", "", "与", "", "、", "")
)

// canonical is one way to write the name of a body, without its place: 科技局 for 科学技术局, 政府 for 人民政府.
func canonical(name string) string {
	name = shorten.Replace(name)
	for _, e := range endings {
		if rest, ok := strings.CutSuffix(name, e.long); ok {
			name = rest + e.short
			break
		}
	}
	for _, local := range []string{"街道", "镇", "乡", "苏木"} {
		if strings.HasSuffix(name, local) { // 和平街道 is no place without 和
			return name
		}
	}
	return withoutAnd.Replace(name)
}

// plain brings a name into compatibility form (NFKC) without white space.
func plain(name string) string {
	for _, r := range name {
		if !unicode.Is(unicode.Han, r) {
			return strings.Map(func(r rune) rune {
				if unicode.IsSpace(r) {
					return -1
				}
				return r
			}, norm.NFKC.String(name))
		}
	}
	return name
}

// headless leaves out the name of the ministry before the place.
func headless(name string) string {
	for _, h := range heads {
		if rest, ok := strings.CutPrefix(name, h.head); ok && strings.HasSuffix(rest, h.end) {
			return rest
		}
	}
	return name
}

// brackets cuts a remark or second name in brackets off the end: 国家新闻出版署(国家版权局).
func brackets(name string) (before, inside string) {
	if i := strings.IndexByte(name, '('); i > 0 && strings.HasSuffix(name, ")") {
		return name[:i], name[i+1 : len(name)-1]
	}
	return name, ""
}
