package recognise_test

import (
	"slices"
	"strings"
	"testing"

	"nianbao/ingest/document"
	"nianbao/ingest/recognise"
	"nianbao/internal/form"
)

// TestAgencyAndYear: what the witnesses settle, and what is said where they disagree.
func TestAgencyAndYear(t *testing.T) {
	const period = "本报告所列数据的统计期限自2023年1月1日起至2023年12月31日止。"
	for _, tc := range []struct {
		name, file string
		title      string            // of the page
		meta       map[string]string // of the page
		lines      []string
		agency     string
		year       int
		problems   []string // codes
		mentions   []string // of the problems' messages
	}{
		{name: "title and period agree", lines: []string{"某市教育局2023年政府信息公开工作年度报告", period}, agency: "某市教育局", year: 2023},
		{name: "title over two lines", lines: []string{"某市教育局", "2023年政府信息公开工作年度报告", period}, agency: "某市教育局", year: 2023},
		{name: "title and period differ", lines: []string{"某市教育局2022年政府信息公开工作年度报告", period}, agency: "某市教育局", year: 0,
			problems: []string{"year_unknown"}, mentions: []string{"2022", "2023", "title line", "period"}},
		{name: "two witnesses against one", title: "某市教育局2023年政府信息公开工作年度报告", lines: []string{"某市教育局2022年政府信息公开工作年度报告", period}, agency: "某市教育局", year: 2023,
			problems: []string{"year_conflict"}, mentions: []string{"2023 (period", "2022 (title line"}},
		{name: "file name against title", file: "某市教育局2022年政府信息公开工作年度报告.html", lines: []string{"某市教育局2023年政府信息公开工作年度报告"}, agency: "某市教育局", year: 2023,
			problems: []string{"year_conflict"}, mentions: []string{"file name"}},
		{name: "signed before the year ended", lines: []string{"某市教育局2023年政府信息公开工作年度报告", period, "某市教育局", "2023年1月17日"}, agency: "某市教育局", year: 2023,
			problems: []string{"date_conflict"}, mentions: []string{"2023-01-17"}},
		{name: "address before the year ended", meta: map[string]string{"location": "http://www.example.gov.cn/zwgk/202301/t20230117_1.htm"},
			lines: []string{"某市教育局2023年政府信息公开工作年度报告", period}, agency: "某市教育局", year: 2023, problems: []string{"date_conflict"}, mentions: []string{"t20230117"}},
		{name: "address after it", lines: []string{"原文链接: http://www.example.gov.cn/zwgk/202402/t20240217_1.htm", "某市教育局2023年政府信息公开工作年度报告", period}, agency: "某市教育局", year: 2023},
		{name: "publisher is not the author", lines: []string{"来源：某县人民政府办公室", "某县某镇2023年政府信息公开工作年度报告", period}, agency: "某县某镇", year: 2023},
		{name: "publisher only", lines: []string{"发布机构：某县林业局", "2023年政府信息公开工作年度报告", period}, agency: "某县林业局", year: 2023},
		{name: "page and heading name two", title: "某市司法局2023年政府信息公开工作年度报告", lines: []string{"某市教育局2023年政府信息公开工作年度报告", period}, agency: "某市教育局", year: 2023,
			problems: []string{"agency_conflict"}, mentions: []string{"某市司法局", "某市教育局"}},
		{name: "two alike", lines: []string{"2023年政府信息公开工作年度报告", period, "来源：某县林业局", "发布机构：某县水利局"}, agency: "", year: 2023,
			problems: []string{"agency_unknown"}, mentions: []string{"某县林业局", "某县水利局"}},
		{name: "the text speaks of another kind", lines: []string{"某县某镇2023年政府信息公开工作年度报告", period, "我局高度重视。", "我局认真落实。", "我局加强培训。"}, agency: "某县某镇", year: 2023,
			problems: []string{"agency_conflict"}, mentions: []string{"我局", "3 times"}},
		{name: "misread character", file: "沭阳县发展和改革局2023年政府信息公开年度报告.pdf", lines: []string{"沐阳县发展和改革局2023年政府信息公开年度报告", period, "如有疑问，请与沐阳县发展和改革局联系（电话）。", "沐阳县发展和改革局", "2024年1月17日"},
			agency: "沭阳县发展和改革局", year: 2023, problems: []string{"agency_lookalike"}, mentions: []string{"沐阳县发展和改革局", "沭阳县发展和改革局"}},
		{name: "no lookalike: another region", file: "甲县教育局2023年政府信息公开年度报告.pdf", lines: []string{"甲市教育局2023年政府信息公开年度报告", period}, agency: "甲市教育局", year: 2023},
		{name: "nobody", lines: []string{"2023年政府信息公开工作年度报告", period}, agency: "", year: 2023, problems: []string{"agency_unknown"}},
		{name: "a single subject is only a candidate", lines: []string{"2023年政府信息公开工作年度报告", period, "区行政审批局认真落实各项工作。"}, agency: "", year: 2023,
			problems: []string{"agency_unknown"}, mentions: []string{"区行政审批局"}},
		{name: "no year", lines: []string{"某市教育局政府信息公开工作年度报告"}, agency: "某市教育局", year: 0, problems: []string{"year_unknown"}},
		{name: "before the form", lines: []string{"本报告为2018年度某乡的政务公开年度报告，统计期限自2018年1月1日起至2018年12月31日止。"}, agency: "某乡", year: 2018},
	} {
		t.Run(tc.name, func(t *testing.T) {
			doc := &document.Document{Title: tc.title, Meta: tc.meta}
			for _, l := range tc.lines {
				doc.Blocks = append(doc.Blocks, document.Block{Text: l})
			}
			f := recognise.Recognise(doc, tc.file)
			if f.Agency.Name != tc.agency || f.Year != tc.year {
				t.Errorf("got %q %d, want %q %d", f.Agency.Name, f.Year, tc.agency, tc.year)
			}
			var codes, messages []string
			for _, p := range f.Problems {
				if strings.HasPrefix(p.Code, "agency") || strings.HasPrefix(p.Code, "year") || strings.HasPrefix(p.Code, "date") {
					codes, messages = append(codes, p.Code), append(messages, p.Message)
				}
			}
			if !slices.Equal(codes, tc.problems) {
				t.Errorf("got problems %q, want %q", messages, tc.problems)
			}
			for _, m := range tc.mentions {
				if !strings.Contains(strings.Join(messages, "\n"), m) {
					t.Errorf("problems %q do not mention %q", messages, m)
				}
			}
			if f.Agency.Name != "" && len(f.Agency.Evidence) == 0 || slices.ContainsFunc(f.Agency.Evidence, func(e form.Evidence) bool { return e.Weight == 0 || e.Text == "" }) {
				t.Errorf("evidence of the agency lacks text or weight: %v", f.Agency.Evidence)
			}
		})
	}
}
