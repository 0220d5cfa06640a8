package recognise_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nianbao/ingest/document"
	"nianbao/ingest/document/open"
	"nianbao/ingest/recognise"
	"nianbao/internal/form"
)

func legacyCells(f form.Filing) string {
	var b strings.Builder
	for _, c := range f.Cells {
		value := c.Value.String()
		if c.State != form.Number {
			value = string(c.State) + strings.Join(c.Candidates, "|")
		}
		fmt.Fprintf(&b, "%s %s %s\n", c.Row, c.Column, value)
	}
	return b.String()
}

// TestLegacy: tables of indicators are read as labelled rows; glued figures are parted only behind a leading 0.
func TestLegacy(t *testing.T) {
	doc := read(t, "某区2012年政府信息公开工作年度报告\n附表 指标名称 计量单位 2012年度 历年累计 主动公开信息数 条 739 4359 其中：1、网站公开 条 739 4359 2、政府公报公开 条 0 0 受理总数条00其中：1、当面申请数条012、网上申请数条29498191收费减免金额元00\n")
	want := `主动公开信息数 year_value 739
主动公开信息数 cumulative 4359
1、网站公开 year_value 739
1、网站公开 cumulative 4359
2、政府公报公开 year_value 0
2、政府公报公开 cumulative 0
受理总数 year_value 0
受理总数 cumulative 0
1、当面申请数 year_value 0
1、当面申请数 cumulative 1
2、网上申请数 year_value ambiguous29498191
2、网上申请数 cumulative ambiguous29498191
收费减免金额 year_value 0
收费减免金额 cumulative 0
`
	f := recognise.Recognise(doc, "")
	if diff := cmp.Diff(want, legacyCells(f)); diff != "" {
		t.Errorf("flattened (-want +got):\n%s", diff)
	}
	if f.Status != form.Partial || len(f.Problems) != 1 {
		t.Errorf("status %s with problems %v, want partial because of one row", f.Status, f.Problems)
	}

	g := grid(1, table{rows: []row{
		{cells: []cell{c("指标名称"), c("计量单位"), c("2012年度"), c("历年累计")}},
		{cells: []cell{c("主动公开信息数"), c("条"), c("739"), c("4,359")}},
		{cells: []cell{c("其中：1、网站公开"), c("条"), c(""), c("-")}},
	}})
	f = recognise.Recognise(&document.Document{Blocks: []document.Block{{Text: "某区2012年政府信息公开工作年度报告"}, {Grid: g}}}, "")
	want = "主动公开信息数 year_value 739\n主动公开信息数 cumulative 4359\n1、网站公开 year_value blank\n1、网站公开 cumulative dash\n"
	if diff := cmp.Diff(want, legacyCells(f)); diff != "" {
		t.Errorf("true grid (-want +got):\n%s", diff)
	}
}

// national is the national table of 2014 as an agency fills it in, with figures that give each row away.
var national = []struct{ label, unit, value string }{
	{"一、主动公开情况", "——", "——"},
	{"（一）主动公开政府信息数（不同渠道和方式公开相同信息计1条）", "条", "1234"},
	{"其中：主动公开规范性文件数", "条", "12"},
	{"制发规范性文件总数", "件", "15"},
	{"2.政府网站公开政府信息数", "条", "1200"},
	{"二、回应解读情况", "——", "——"},
	{"（一）回应公众关注热点或重大舆情数（不同方式回应同一热点或舆情计1次）", "次", "7"},
	{"三、依申请公开情况", "——", "——"},
	{"（一）收到申请数", "件", "20"},
	{"1.当面申请数", "件", "0"},
	{"（三）申请答复数", "件", "19"},
	{"1.属于已主动公开范围数", "件", "2"},
	{"2.同意公开答复数", "件", "9"},
	{"4.不同意公开答复数", "件", "3"},
	{"四、行政复议数量", "件", "4"},
	{"（二）被依法纠错数", "件", "1"},
	{"五、行政诉讼数量", "件", "5"},
	{"（二）被依法纠错数", "件", "2"},
	{"七、依申请公开信息收取的费用", "万元", "0.35"},
}

// TestLegacyNational: the national table comes out the same from every format, its rows lead to measures, and the rows
// of the same words are told apart.
func TestLegacyNational(t *testing.T) {
	const title = "某市某区农业局2016年政府信息公开工作年度报告"
	var page, lines, tabs, flat strings.Builder
	rows := []row{{cells: []cell{c("统计指标"), c("单位"), c("统计数")}}}
	flat.WriteString(" 统计指标 单位 统计数 ")
	lines.WriteString("统计指标\n单位\n统计数\n")
	tabs.WriteString("统计指标\t单位\t统计数\n")
	page.WriteString("<table><tr><td>统计指标</td><td>单位</td><td>统计数</td></tr>")
	for _, r := range national {
		rows = append(rows, row{cells: []cell{c(r.label), c(r.unit), c(r.value)}})
		fmt.Fprintf(&page, "<tr><td>%s</td><td>%s</td><td>%s</td></tr>", r.label, r.unit, r.value)
		fmt.Fprintf(&lines, "%s\n%s\n%s\n", r.label, r.unit, r.value)
		fmt.Fprintf(&tabs, "%s\t%s\t%s\n", r.label, r.unit, r.value)
		if r.value == "——" {
			fmt.Fprintf(&flat, "%s —— ", r.label)
		} else {
			fmt.Fprintf(&flat, "%s %s %s ", r.label, r.unit, r.value)
		}
	}
	docs := map[string]*document.Document{
		"grid":       {Blocks: []document.Block{{Text: title}, {Grid: grid(1, table{rows: rows})}}},
		"html":       opened(t, "a.html", "<html><meta charset=utf-8><body><h1>"+title+"</h1>"+page.String()+"</table></body></html>"),
		"docx":       opened(t, "a.docx", wordFile(t, title, national)),
		"cell lines": opened(t, "a.txt", title+"\n\n"+lines.String()),
		"tabs":       opened(t, "a.txt", title+"\n\n"+tabs.String()),
		"one string": opened(t, "a.txt", title+"\n"+flat.String()),
	}
	for name, doc := range docs {
		t.Run(name, func(t *testing.T) {
			f := recognise.Recognise(doc, "")
			if f.Status != form.Read || f.Forms[form.Legacy] != form.Stat2014 || f.Year != 2016 {
				t.Errorf("status %s, form %q, year %d, problems %v; want a report of 2016 read on form %s", f.Status, f.Forms[form.Legacy], f.Year, f.Problems, form.Stat2014)
			}
			for _, m := range []struct{ measure, want string }{
				{"received", "20 yes"}, {"concluded", "19 caveat"}, {"granted", "11 caveat"}, {"refused", "3 caveat"}, {"reviews", "4 caveat"},
				{"reviews_corrected", "1 caveat"}, {"lawsuits", "5 caveat"}, {"lawsuits_corrected", "2 caveat"}, {"partial", ""}, {"open_rate", ""},
			} {
				got := ""
				if x, ok := form.Cross(f.Cells, m.measure); ok {
					got = x.Value.String() + " " + string(x.Crossing.Comparable)
				}
				if got != m.want {
					t.Errorf("measure %s: got %q, want %q", m.measure, got, m.want)
				}
			}
			last := f.Cells[len(f.Cells)-1]
			if last.Unit != "万元" || last.Value.String() != "0.35" {
				t.Errorf("fees: got %s %s, want 0.35 万元", last.Value, last.Unit)
			}
			want := 0
			for _, r := range national {
				if r.value != "——" {
					want++
				}
			}
			if len(f.Cells) != want {
				t.Errorf("got %d cells, want %d:\n%s", len(f.Cells), want, legacyCells(f))
			}
		})
	}
}

// TestLegacyForms: tables of provinces and reports without any table are told apart from the national table.
func TestLegacyForms(t *testing.T) {
	provincial := "某区2012年政府信息公开工作年度报告\n附表 指标名称 计量单位 2012年度 历年累计 主动公开信息数 条 739 4359 受理依申请公开信息总数 条 3 9\n"
	f := recognise.Recognise(read(t, provincial), "")
	if f.Forms[form.Legacy] != form.StatProv || f.Status != form.Partial && f.Status != form.Read {
		t.Errorf("provincial: form %q, want %s", f.Forms[form.Legacy], form.StatProv)
	}
	if x, ok := form.Cross(f.Cells, "received"); !ok || x.Value.String() != "3" {
		t.Errorf("provincial: received is %v, want 3", x.Value)
	}
	prose := "某区林业局2013年政府信息公开工作年度报告\n一、概述\n认真贯彻条例。\n二、主动公开政府信息情况\n2013年主动公开政府信息55条。\n" +
		"三、依申请公开政府信息情况\n全年未收到申请。\n四、政府信息公开收费及减免情况\n暂未收取费用。\n五、因政府信息公开申请行政复议、提起行政诉讼情况\n没有发生。\n"
	f = recognise.Recognise(read(t, prose), "")
	if f.Forms[form.Legacy] != form.Prose || f.Status != form.Read {
		t.Errorf("prose: form %q, status %s, problems %v; want %s, read", f.Forms[form.Legacy], f.Status, f.Problems, form.Prose)
	}
	// The same words in a year with a form are a report whose tables are missing.
	f = recognise.Recognise(read(t, strings.ReplaceAll(prose, "2013", "2023")), "")
	if f.Forms[form.Legacy] != "" || f.Status != form.Partial {
		t.Errorf("prose of 2023: form %q, status %s; want none, partial", f.Forms[form.Legacy], f.Status)
	}
}

func opened(t *testing.T, name, content string) *document.Document {
	t.Helper()
	doc, err := open.Bytes(t.Context(), name, []byte(content), document.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// wordFile is a DOCX with a title and one table.
func wordFile(t *testing.T, title string, rows []struct{ label, unit, value string }) string {
	t.Helper()
	cell := func(s string) string { return "<w:tc><w:p><w:r><w:t>" + s + "</w:t></w:r></w:p></w:tc>" }
	var b strings.Builder
	b.WriteString(`<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>` + title + `</w:t></w:r></w:p><w:tbl>`)
	b.WriteString("<w:tr>" + cell("统计指标") + cell("单位") + cell("统计数") + "</w:tr>")
	for _, r := range rows {
		b.WriteString("<w:tr>" + cell(r.label) + cell(r.unit) + cell(r.value) + "</w:tr>")
	}
	b.WriteString(`</w:tbl></w:body></w:document>`)
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range [][2]string{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`},
		{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`},
		{"word/document.xml", b.String()},
	} {
		w, err := z.Create(f[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestIndicatorsCorpus: every row of a published table before 2019 is an indicator.
func TestIndicatorsCorpus(t *testing.T) {
	folder := os.Getenv("NIANBAO_CORPUS")
	if folder == "" {
		t.Skip("NIANBAO_CORPUS is not set: no published documents to read")
	}
	paths, err := filepath.Glob(filepath.Join(folder, "truth", "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no truth files")
	}
	rows := 0
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		var truth struct {
			Table []struct{ Code, Label string } `json:"stat_table"`
		}
		if err := json.Unmarshal(b, &truth); err != nil {
			t.Fatal(err)
		}
		above := ""
		for _, r := range truth.Table {
			rows++
			x, ok := form.LookupIndicator(r.Label, above)
			if !ok {
				t.Errorf("%s: %s (%s) is no indicator", filepath.Base(p), r.Label, r.Code)
			}
			above = x.Code
		}
	}
	t.Logf("%d rows", rows)
}
