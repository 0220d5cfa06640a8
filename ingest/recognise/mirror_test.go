package recognise_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"

	"nianbao/ingest/document"
	"nianbao/ingest/recognise"
	"nianbao/internal/form"
)

// TestMirrors: copies of agencies' pages are read through, and marked.
func TestMirrors(t *testing.T) {
	report := []string{"新荣区交通运输局2022年政府信息公开工作年度报告", "一、总体情况", "2022年，我局收到政府信息公开申请5件。",
		"本报告所列数据的统计期限自2022年1月1日起至2022年12月31日止。"}
	gbk := func(s string) string { return as(t, simplifiedchinese.GB18030.NewDecoder().String, s) }
	latin := func(s string) string { return as(t, charmap.Windows1252.NewDecoder().String, s) }
	for _, tc := range []struct {
		name, problem string
		change        func(string) string
	}{
		{"plain", "", func(s string) string { return s }},
		{"pinyin", "mirror_pinyin", func(s string) string { return strings.NewReplacer("区", "區(qū)", "信", "信(xìn)").Replace(s) }},
		{"traditional", "mirror_traditional", strings.NewReplacer("区", "區", "运", "運", "输", "輸", "报", "報", "总", "總", "体", "體", "况", "況", "请", "請", "开", "開", "数", "數",
			"据", "據", "统", "統", "计", "計", "荣", "榮", "办", "辦", "务", "務").Replace},
		{"foreign words", "mirror_spam", func(s string) string { return strings.ReplaceAll(s, "局2022年政府", "局uedbet2022年政府") }},
		{"UTF-8 as GBK", "mojibake", func(s string) string { return gbk(strings.ReplaceAll(s, "2022年政府", "2022年度政府")) }},
		{"UTF-8 as Latin", "mojibake", latin},
	} {
		t.Run(tc.name, func(t *testing.T) {
			doc := &document.Document{}
			for _, l := range report {
				doc.Blocks = append(doc.Blocks, document.Block{Text: tc.change(l)})
			}
			f := recognise.Recognise(doc, "")
			var codes []string
			for _, p := range f.Problems {
				if strings.HasPrefix(p.Code, "mirror") || p.Code == "mojibake" {
					codes = append(codes, p.Code)
				}
			}
			if got := strings.Join(codes, " "); got != tc.problem {
				t.Errorf("problems %q, want %q", got, tc.problem)
			}
			if strings.HasPrefix(tc.name, "UTF-8") {
				// Most lines lose bytes; what was lost is said, and nothing is made up.
				if f.Agency.Name != "" && f.Agency.Name != "新荣区交通运输局" {
					t.Errorf("agency %q was made up", f.Agency.Name)
				}
				return
			}
			if f.Agency.Name != "新荣区交通运输局" || f.Year != 2022 || len(f.Claims) != 1 || f.Claims[0].Value.String() != "5" {
				t.Errorf("got %q %d with claims %v, want 新荣区交通运输局 2022 with 5 applications", f.Agency.Name, f.Year, f.Claims)
			}
			if tc.name == "plain" && f.Status == form.Rejected {
				t.Errorf("rejected: %v", f.Problems)
			}
		})
	}
}

// TestMojibake: a text comes back where no byte was lost.
func TestMojibake(t *testing.T) {
	back := 0
	for _, name := range []string{"某市教育局", "新荣区交通运输局", "甲县民政局", "乙县财政局", "丙市统计局", "某区司法局", "某县水利局", "某镇人民政府", "某县气象局", "某市审计局"} {
		for _, year := range []string{"2022年", "2022年度", "二〇二二年", "二〇二二年度"} {
			title := name + year + "政府信息公开工作年度报告"
			// A browser makes a private character of the two bytes in the middle of 公开, which this decoder drops.
			garbled := strings.ReplaceAll(as(t, simplifiedchinese.GB18030.NewDecoder().String, title), "鍏\ufffd紑", "鍏\ue100紑")
			if strings.ContainsRune(garbled, '\ufffd') {
				continue
			}
			back++
			f := recognise.Recognise(&document.Document{Blocks: []document.Block{{Text: garbled}}}, "")
			if f.Agency.Name != name || f.Year != 2022 {
				t.Errorf("%s came back as %q %d", title, f.Agency.Name, f.Year)
			}
		}
	}
	if back == 0 {
		t.Fatal("no title survives; the test shows nothing")
	}
	t.Logf("%d titles survive", back)
}

func as(t *testing.T, decode func(string) (string, error), s string) string {
	t.Helper()
	out, err := decode(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
