package recognise_test

import (
	"path/filepath"
	"strings"
	"testing"

	"nianbao/ingest/document"
	"nianbao/ingest/document/open"
	"nianbao/ingest/recognise"
	"nianbao/internal/demo"
	"nianbao/internal/form"
)

// partsText writes parts as code(title):text, one a line.
func partsText(list []form.Part) string {
	var lines []string
	for _, p := range list {
		lines = append(lines, p.Code+"("+p.Title+"):"+strings.ReplaceAll(p.Text, "\n", "/"))
	}
	return strings.Join(lines, "\n")
}

// TestParts: a part begins with its title, whatever happened to its numeral.
func TestParts(t *testing.T) {
	const title = "某区民政局2023年政府信息公开工作年度报告\n"
	for _, tc := range []struct{ name, text, want string }{
		{"as the form prints it", "一、总体情况\n甲。\n二、主动公开政府信息情况\n乙。\n三、收到和处理政府信息公开申请情况\n四、政府信息公开行政复议、行政诉讼情况\n五、存在的主要问题及改进情况\n丙。\n六、其他需要报告的事项\n丁。\n",
			"section1(一、总体情况):甲。\nsection2(二、主动公开政府信息情况):乙。\nsection3(三、收到和处理政府信息公开申请情况):\nsection4(四、政府信息公开行政复议、行政诉讼情况):\nsection5(五、存在的主要问题及改进情况):丙。\nsection6(六、其他需要报告的事项):丁。"},
		{"titles of 2019", "一、总体情况\n甲。\n二、行政机关主动公开政府信息情况\n三、行政机关收到和处理政府信息公开申请情况\n四、因政府信息公开工作被申请行政复议、提起行政诉讼情况\n乙。\n",
			"section1(一、总体情况):甲。\nsection2(二、行政机关主动公开政府信息情况):\nsection3(三、行政机关收到和处理政府信息公开申请情况):\nsection4(四、因政府信息公开工作被申请行政复议、提起行政诉讼情况):乙。"},
		{"numerals that start again, are wrong or missing", "总体情况\n甲。\n一、主动公开政府信息情况\n乙。\n二、收到和处理政府信息公开申请情况\n丙。\n五、其他需要报告的事项\n丁。\n",
			"section1(总体情况):甲。\nsection2(一、主动公开政府信息情况):乙。\nsection3(二、收到和处理政府信息公开申请情况):丙。\nsection6(五、其他需要报告的事项):丁。"},
		{"a character too many", "四、政府信息公开行政法复议、行政诉讼情况\n甲。\n", "section4(四、政府信息公开行政法复议、行政诉讼情况):甲。"},
		{"words around the title", "五、2023年政府信息公开工作存在的主要问题及改进措施\n甲。\n", "section5(五、2023年政府信息公开工作存在的主要问题及改进措施):甲。"},
		{"paragraphs with the words of a title are none", "一、总体情况\n（一）主动公开政府信息情况。甲。\n（二）依申请公开情况\n乙。\n", "section1(一、总体情况):（一）主动公开政府信息情况。甲。/（二）依申请公开情况/乙。"},
		{"text behind the title", "五、存在的主要问题及改进情况 2023年，人手不足。\n六、其他需要报告的事项 无。\n", "section5(五、存在的主要问题及改进情况):2023年，人手不足。\nsection6(六、其他需要报告的事项):无。"},
		{"nothing behind the title", "五、存在的主要问题及改进情况\n六、其他需要报告的事项\n", "section5(五、存在的主要问题及改进情况):\nsection6(六、其他需要报告的事项):"},
		{"table of contents", "一、总体情况\n二、主动公开政府信息情况\n一、总体情况\n甲。\n二、主动公开政府信息情况\n乙。\n", "section1(一、总体情况):甲。\nsection2(二、主动公开政府信息情况):乙。"},
		{"rows of the table are no titles", "三、收到和处理政府信息公开申请情况\n三、本年度办理结果\n（一）予以公开\n0\n0\n四、结转下年度继续办理\n0\n注：含上年结转。\n", "section3(三、收到和处理政府信息公开申请情况):注：含上年结转。"},
		{"flattened", "一、总体情况 甲。二、主动公开政府信息情况第二十条第（一）项 信息内容 本年制发件数 本年废止件数 现行有效件数 规章000行政规范性文件8855698第二十条第（五）项信息内容本年处理决定数量行政许可10690 五、存在的主要问题及改进情况 乙。六、其他需要报告的事项 丙。\n",
			"section1(一、总体情况):甲。\nsection2(二、主动公开政府信息情况):\nsection5(五、存在的主要问题及改进情况):乙。\nsection6(六、其他需要报告的事项):丙。"},
		{"before the form", "一、概述\n甲。\n二、主动公开政府信息的情况\n乙。\n三、依申请公开政府信息情况\n丙。\n四、政府信息公开的收费及减免情况\n丁。\n",
			"section1(一、概述):甲。\nsection2(二、主动公开政府信息的情况):乙。\nsection3(三、依申请公开政府信息情况):丙。\n(四、政府信息公开的收费及减免情况):丁。"},
		{"traditional characters", "一、總體情況\n甲。\n五、存在的主要問題及改進情況\n乙。\n", "section1(一、總體情況):甲。\nsection5(五、存在的主要問題及改進情況):乙。"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := partsText(recognise.Recognise(read(t, title+tc.text), "").Parts)
			want := "(" + "):" + strings.TrimSpace(title) + "\n" + tc.want
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestPartsEverywhere: the six parts are found in every format in which the made-up district publishes, and no part
// holds a row of a table.
func TestPartsEverywhere(t *testing.T) {
	folder := t.TempDir()
	if _, err := demo.Write(folder, demo.Options{Agencies: 10, LastYear: 2021, Seed: 5}); err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(folder, "20*", "*"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no reports")
	}
	formats := map[string]int{}
	for _, p := range paths {
		doc, err := open.File(t.Context(), p, document.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		formats[filepath.Ext(p)]++
		var codes []string
		for _, part := range recognise.Recognise(doc, p).Parts {
			if part.Code != "" {
				codes = append(codes, part.Code)
			}
			if strings.Contains(part.Text, "保护第三方合法权益") || strings.Contains(part.Text, "结果纠正") || strings.Contains(part.Text, "本年废止件数") {
				t.Errorf("%s: %s holds text of a table: %s", filepath.Base(p), part.Code, part.Text)
			}
		}
		if got := strings.Join(codes, " "); got != "section1 section2 section3 section4 section5 section6" {
			t.Errorf("%s: parts %s, want section1 to section6", filepath.Base(p), got)
		}
	}
	if len(formats) < 3 {
		t.Errorf("only formats %v were met", formats)
	}
}
