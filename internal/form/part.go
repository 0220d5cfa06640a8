package form

import (
	"slices"
	"strings"
)

// Codes of the parts of a report that have no table.
const (
	Section1 = "section1" // 一、总体情况
	Section5 = "section5" // 五、存在的主要问题及改进情况
	Section6 = "section6" // 六、其他需要报告的事项
)

// Heading is the title of one of the six numbered parts of a report. Titles are written without the numeral.
type Heading struct {
	Code    string
	Numeral string // as printed: 一
	Title   string // as the form in force prints it
	// Titles are those of the form of 2019 and wordings met in real reports. They are headings with or without a numeral.
	Titles []string
	// Older are the titles of reports before 2019, which followed the 条例 of 2007 and no form. They are headings only
	// with a numeral: the same words also head the paragraphs of 一、总体情况.
	Older []string
}

// All lists every wording of the title, the form's own first.
func (h Heading) All() []string { return append(append([]string{h.Title}, h.Titles...), h.Older...) }

// Headings are the titles of the six parts in printed order. Those of parts with a table are the table's.
var Headings = []Heading{
	{Code: Section1, Numeral: "一", Title: "总体情况", Titles: []string{"总体工作情况"},
		Older: []string{"概述", "工作概述", "基本情况", "概况", "工作概况"}},
	tableHeading(Section2, "主动公开情况", "主动公开信息情况", "主动公开政府信息的情况", "政府信息主动公开情况", "主动公开工作情况"),
	tableHeading(Section3, "依申请公开情况", "依申请公开政府信息情况", "依申请公开政府信息的情况", "依申请公开和不予公开情况",
		"依申请公开政府信息和不予公开政府信息的情况", "政府信息依申请公开情况", "政府信息依申请公开工作情况", "政府信息依申请公开办理情况"),
	tableHeading(Section4, "因政府信息公开申请行政复议、提起行政诉讼情况", "因政府信息公开申请行政复议、提起行政诉讼的情况",
		"因政务公开申请行政复议、提起行政诉讼的情况", "因政务公开申请行政复议、提起行政诉讼情况", "政府信息公开申请行政复议、提起行政诉讼情况",
		"行政复议和行政诉讼情况", "行政复议、行政诉讼情况"),
	{Code: Section5, Numeral: "五", Title: "存在的主要问题及改进情况",
		Titles: []string{"存在的主要问题及改进措施", "存在的主要问题和改进情况", "存在的主要问题和改进措施", "存在的主要问题及整改措施", "存在主要问题及改进情况",
			"存在主要问题及改进措施", "存在的主要问题", "存在的问题及改进情况", "存在的问题及改进措施", "存在问题及改进情况", "存在问题及改进措施", "主要问题及改进情况",
			"政府信息公开工作存在的主要问题及改进情况", "政府信息公开工作存在的主要问题及改进措施", "政府信息公开工作存在的主要问题和改进措施"},
		Older: []string{"主要问题和改进措施", "存在的问题和改进措施", "存在问题和改进措施", "存在问题"}},
	{Code: Section6, Numeral: "六", Title: "其他需要报告的事项",
		Titles: []string{"其他需要报告事项", "需要报告的其他事项", "其他需报告的事项", "其它需要报告的事项", "其他需要说明的事项"},
		Older:  []string{"其他事项", "其他需要说明的情况", "需要说明的其他事项"}},
}

// tableHeading takes the titles of a part from its table, in all versions of the form.
func tableHeading(code string, older ...string) Heading {
	h := Heading{Code: code, Older: older}
	for i := len(Forms) - 1; i >= 0; i-- {
		t, _ := Forms[i].Table(code)
		for _, title := range append([]string{t.Title}, t.Titles...) {
			numeral, words, _ := strings.Cut(title, "、")
			switch {
			case h.Title == "":
				h.Numeral, h.Title = numeral, words
			case words != h.Title && !slices.Contains(h.Titles, words):
				h.Titles = append(h.Titles, words)
			}
		}
	}
	return h
}
