package xlsx_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
	"nianbao/ingest/document/xlsx"
)

// pack makes a package of the parts; those every workbook needs are added.
func pack(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	all := map[string]string{
		"_rels/.rels":                `<Relationships><Relationship Id="r1" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="x/worksheet" Target="/xl/worksheets/sheet2.xml"/></Relationships>`,
		"xl/styles.xml":              styles,
	}
	for name, content := range parts {
		all[name] = content
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range all {
		if content == "" {
			continue
		}
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Styles by index: 0 plain, 1 with lines, 2 two decimals, 3 a Chinese date, 4 crossed out, 5 three sections.
const styles = `<styleSheet>
<numFmts count="2"><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/><numFmt numFmtId="177" formatCode="0;-0;"/></numFmts>
<fonts><font/><font><strike/></font></fonts>
<borders><border><left/><right/></border><border><left style="thin"/></border></borders>
<cellXfs><xf/><xf borderId="1"/><xf numFmtId="2"/><xf numFmtId="176"/><xf fontId="1"/><xf numFmtId="177"/></cellXfs>
</styleSheet>`

// sheetOf makes a sheet of rows; what stands behind the rows may follow after a |.
func sheetOf(rows string) map[string]string {
	rows, behind, _ := strings.Cut(rows, "|")
	return map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData>` + rows + `</sheetData>` + behind + `</worksheet>`}
}

func draw(t *testing.T, parts map[string]string) string {
	t.Helper()
	d, err := xlsx.Read(t.Context(), pack(t, parts), document.DefaultLimits)
	if err != nil {
		return "refused: " + err.Error()
	}
	if err := documenttest.Check(d); err != nil {
		t.Errorf("%v\n%s", err, documenttest.Draw(d))
	}
	_, s, _ := strings.Cut(documenttest.Draw(d), "\n")
	return strings.TrimSpace(s)
}

// in is a cell with a text.
func in(ref, text string) string {
	return fmt.Sprintf(`<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, ref, text)
}

// lined is a cell with lines around it.
func lined(ref, text string) string {
	if text == "" {
		return fmt.Sprintf(`<c r="%s" s="1"/>`, ref)
	}
	return fmt.Sprintf(`<c r="%s" s="1" t="str"><v>%s</v></c>`, ref, text)
}

func rowOf(cells ...string) string { return "<row>" + strings.Join(cells, "") + "</row>" }

func TestCells(t *testing.T) {
	frame := func(cell string) map[string]string {
		return sheetOf(rowOf(lined("A1", "一"), cell) + rowOf(lined("A2", "二"), lined("B2", "三")))
	}
	for _, test := range []struct{ name, cell, want string }{
		{"number", `<c r="B1"><v>12</v></c>`, "12"},
		{"number as text", `<c r="B1" t="str"><v>0012</v></c>`, "0012"},
		{"decimals", `<c r="B1" s="2"><v>12.5</v></c>`, "12.50"},
		{"date", `<c r="B1" s="3"><v>45308</v></c>`, "2024年1月17日"},
		{"ISO date", `<c r="B1" t="d"><v>2024-01-17</v></c>`, "2024-01-17"},
		{"boolean", `<c r="B1" t="b"><v>1</v></c>`, "TRUE"},
		{"error", `<c r="B1" t="e"><v>#REF!</v></c>`, "#REF!"},
		{"formula", `<c r="B1"><f>1+2</f><v>3</v></c>`, "3"},
		{"line break", in("B1", "甲\n乙_x000A_丙"), "甲⏎乙⏎丙"},
		{"escape", in("B1", "a_x0041_b _x004_ _xD83D__xDE00_"), "aAb _x004_ 😀"},
		{"raised", `<c r="B1" t="inlineStr"><is><r><t>55</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>1</t></r></is></c>`, "55[1]"},
		{"empty with a style", `<c r="B1" s="2"/>`, ""},
	} {
		want := "# 表\n\ngrid 1: 2 × 2\n  1.1 一 | " + strings.TrimSpace("1.2 "+test.want) + "\n  2.1 二 | 2.2 三"
		if got := draw(t, frame(test.cell)); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, want)
		}
	}
}

// A cell that a person sees differently from what is stored, or does not see, is told of.
func TestCellsWithProblems(t *testing.T) {
	for _, test := range []struct{ name, cell, want string }{
		{"rounded", `<c r="B1" s="2"><v>12.345</v></c>`, `problem number_shown: sheet "表", cell B1: the number 12.345 is shown by its format rounded to “12.35”; the cell is read as “12.345”
|1.2 12.345`},
		{"shown as empty", `<c r="B1" s="5"><v>0</v></c>`, `problem number_shown: sheet "表", cell B1: the number 0 is shown by its format as “”; the cell is read as “”
|1.2`},
		{"formula without value", `<c r="B1"><f>SUM(B2:B3)</f></c>`, `problem formula_value: sheet "表", cell B1: the file holds the formula “SUM(B2:B3)” without its value; the cell stands as U+FFFD
|1.2 ` + "\uFFFD"},
		{"crossed out", `<c r="B1" s="4"><v>7</v></c>`, `problem struck_text: sheet "表": text crossed out at B1 was left out: “7”
|1.2`},
		{"partly crossed out", `<c r="B1" t="inlineStr"><is><r><rPr><strike/></rPr><t>7</t></r><r><t>8</t></r></is></c>`, `problem struck_text: sheet "表": text crossed out at B1 was left out: “7”
|1.2 8`},
		{"pronunciation", `<c r="B1" t="inlineStr"><is><t>閩</t><rPh><t>guó</t></rPh></is></c>`, `problem ruby_text: pronunciation printed above words was left out
|1.2 閩`},
		{"no number", `<c r="B1"><v>1e999999999</v></c>`, `problem number_shown: sheet "表", cell B1: “1e999999999” is no number that a cell can hold
|1.2 1e999999999`},
	} {
		problem, cell, _ := strings.Cut(test.want, "\n|")
		want := problem + "\n\n# 表\n\ngrid 1: 2 × 2\n  1.1 一 | " + cell + "\n  2.1 二 | 2.2 三"
		if got := draw(t, sheetOf(rowOf(lined("A1", "一"), test.cell)+rowOf(lined("A2", "二"), lined("B2", "三")))); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, want)
		}
	}
}

func TestLayout(t *testing.T) {
	table := func(from int, mark string) string { // three rows with lines
		s := ""
		for i := range 3 {
			s += fmt.Sprintf(`<row r="%d">`, from+i) + lined(fmt.Sprintf("A%d", from+i), mark) + lined(fmt.Sprintf("B%d", from+i), fmt.Sprint(i)) + "</row>"
		}
		return s
	}
	for _, test := range []struct {
		name  string
		parts map[string]string
		want  string
	}{
		{"merged cells",
			sheetOf(rowOf(lined("A1", "甲"), lined("B1", "乙"), lined("C1", "")) + rowOf(lined("A2", ""), lined("B2", "1"), lined("C2", "2")) +
				`|<mergeCells><mergeCell ref="A1:A2"/><mergeCell ref="B1:C1"/></mergeCells>`),
			"# 表\n\ngrid 1: 2 × 3\n  1.1(2×1) 甲 | 1.2(1×2) 乙\n  2.2 1 | 2.3 2"},
		{"heading, table, signature",
			sheetOf(`<row r="1">` + in("A1", "标题") + `</row>` + table(2, "甲") + `<row r="5">` + in("B5", "2024年1月17日") + `</row>`),
			"# 表\n\n标题\n\ngrid 1: 3 × 2\n  1.1 甲 | 1.2 0\n  2.1 甲 | 2.2 1\n  3.1 甲 | 3.2 2\n\n2024年1月17日"},
		{"a line of words below a table, and what may be a header above it",
			sheetOf(`<row r="1">` + in("A1", "项目") + in("B1", "数量") + `</row>` + table(2, "甲") + `<row r="5">` + in("A5", "填表人：王") + in("B5", "审核人：李") + `</row>`),
			"# 表\n\ngrid 1: 4 × 2\n  1.1 项目 | 1.2 数量\n  2.1 甲 | 2.2 0\n  3.1 甲 | 3.2 1\n  4.1 甲 | 4.2 2\n\n填表人：王 审核人：李"},
		{"heading between tables without an empty row",
			sheetOf(table(1, "甲") + `<row r="4">` + in("A4", "三、其他") + `</row>` + table(5, "乙")),
			"# 表\n\ngrid 1: 3 × 2\n  1.1 甲 | 1.2 0\n  2.1 甲 | 2.2 1\n  3.1 甲 | 3.2 2\n\n三、其他\n\ngrid 2: 3 × 2\n  1.1 乙 | 1.2 0\n  2.1 乙 | 2.2 1\n  3.1 乙 | 3.2 2"},
		{"empty row between tables",
			sheetOf(table(1, "甲") + table(5, "乙")),
			"# 表\n\ngrid 1: 3 × 2\n  1.1 甲 | 1.2 0\n  2.1 甲 | 2.2 1\n  3.1 甲 | 3.2 2\n\ngrid 2: 3 × 2\n  1.1 乙 | 1.2 0\n  2.1 乙 | 2.2 1\n  3.1 乙 | 3.2 2"},
		{"a label whose figures are empty stays in its table",
			sheetOf(table(1, "甲") + rowOf(lined("A4", "结转"), lined("B4", "")) + table(5, "乙")),
			"# 表\n\ngrid 1: 7 × 2\n  1.1 甲 | 1.2 0\n  2.1 甲 | 2.2 1\n  3.1 甲 | 3.2 2\n  4.1 结转 | 4.2\n  5.1 乙 | 5.2 0\n  6.1 乙 | 6.2 1\n  7.1 乙 | 7.2 2"},
		{"a label whose figures are empty, without lines",
			sheetOf(rowOf(in("A1", "表头"), in("B1", "数量")) + rowOf(in("A2", "甲")) + rowOf(in("A3", "乙"), in("B3", "5")) + rowOf(in("A4", "丙"))),
			"# 表\n\ngrid 1: 4 × 2\n  1.1 表头 | 1.2 数量\n  2.1 甲 | 2.2\n  3.1 乙 | 3.2 5\n  4.1 丙 | 4.2"},
		{"a row of empty figures at the end",
			sheetOf(rowOf(lined("A1", "维持"), lined("B1", "纠正")) + rowOf(lined("A2", ""), lined("B2", ""))),
			"# 表\n\ngrid 1: 2 × 2\n  1.1 维持 | 1.2 纠正\n  2.1 | 2.2"},
		{"a form drawn for pages to come",
			sheetOf(table(1, "甲") + strings.Repeat(rowOf(`<c s="1"/>`, `<c s="1"/>`), 500)),
			"# 表\n\ngrid 1: 6 × 2\n  1.1 甲 | 1.2 0\n  2.1 甲 | 2.2 1\n  3.1 甲 | 3.2 2\n  4.1 | 4.2\n  5.1 | 5.2\n  6.1 | 6.2"},
		{"hidden rows and columns",
			sheetOf(rowOf(lined("A1", "甲"), lined("B1", "密"), lined("C1", "1")) + `<row hidden="1">` + lined("A2", "隐") + `</row>` + rowOf(lined("A3", "乙"), lined("C3", "2")) + `|<cols><col min="2" max="2" hidden="1"/></cols>`),
			"problem hidden_text: sheet \"表\": 1 cells with text in hidden rows were left out, the first is A2\nproblem hidden_text: sheet \"表\": 1 cells with text in hidden columns were left out, the first is B1\n\n# 表\n\ngrid 1: 2 × 2\n  1.1 甲 | 1.2 1\n  2.1 乙 | 2.2 2"},
		{"a merged cell that begins in a hidden row is seen",
			sheetOf(`<row hidden="1">` + lined("A1", "甲") + `</row>` + rowOf(lined("A2", ""), lined("B2", "1")) + rowOf(lined("A3", ""), lined("B3", "2")) + `|<mergeCells><mergeCell ref="A1:A3"/></mergeCells>`),
			"# 表\n\ngrid 1: 2 × 2\n  1.1(2×1) 甲 | 1.2 1\n  2.2 2"},
		{"text under a merged cell",
			sheetOf(rowOf(lined("A1", "甲"), lined("B1", "9"), lined("C1", "1")) + rowOf(lined("A2", "乙"), lined("B2", "丙"), lined("C2", "2")) + `|<mergeCells><mergeCell ref="A1:B1"/></mergeCells>`),
			"problem hidden_text: sheet \"表\": text under a merged cell at B1 was left out: “9”\n\n# 表\n\ngrid 1: 2 × 3\n  1.1(1×2) 甲 | 1.3 1\n  2.1 乙 | 2.2 丙 | 2.3 2"},
		{"merged cells over each other",
			sheetOf(rowOf(lined("A1", "甲"), lined("B1", ""), lined("C1", "1")) + rowOf(lined("A2", "乙"), lined("B2", "丙"), lined("C2", "2")) + `|<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="B1:B2"/></mergeCells>`),
			"problem cell_overlap: sheet \"表\": the merged cell at B1 lies over another one and is taken apart\n\n# 表\n\ngrid 1: 2 × 3\n  1.1(1×2) 甲 | 1.3 1\n  2.1 乙 | 2.2 丙 | 2.3 2"},
		{"merged to the end of the sheet",
			sheetOf(rowOf(in("A1", "标题")) + rowOf(lined("A2", "甲"), lined("B2", "1")) + rowOf(lined("A3", "乙"), lined("B3", "2")) + `|<mergeCells><mergeCell ref="A1:XFD1"/><mergeCell ref="B3:B1048576"/></mergeCells>`),
			"# 表\n\n标题\n\ngrid 1: 2 × 2\n  1.1 甲 | 1.2 1\n  2.1 乙 | 2.2 2"},
		{"prose over several rows",
			sheetOf(rowOf(in("A1", "一段文字")) + rowOf() + rowOf() + table(4, "甲") + `|<mergeCells><mergeCell ref="A1:B3"/></mergeCells>`),
			"# 表\n\n一段文字\n\ngrid 1: 3 × 2\n  1.1 甲 | 1.2 0\n  2.1 甲 | 2.2 1\n  3.1 甲 | 3.2 2"},
		{"cells far apart",
			sheetOf(`<row r="7">` + in("XFD7", "甲") + `</row><row r="1048576">` + in("A1048576", "乙") + `</row>`),
			"# 表\n\n甲\n\n乙"},
	} {
		if got := draw(t, test.parts); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

func TestWorkbook(t *testing.T) {
	two := `<workbook xmlns:r="r"><sheets><sheet name="一" r:id="r1"/><sheet name="二" r:id="r2"%s/></sheets></workbook>`
	cell := func(text string) string {
		return `<worksheet><sheetData><row>` + in("A1", text) + `</row></sheetData></worksheet>`
	}
	one := map[string]string{"xl/workbook.xml": fmt.Sprintf(two, ""), "xl/worksheets/sheet1.xml": cell("甲"), "xl/worksheets/sheet2.xml": cell("乙")}
	with := func(name, content string) map[string]string {
		out := map[string]string{}
		for n, c := range one {
			out[n] = c
		}
		out[name] = content
		return out
	}
	for _, test := range []struct {
		name  string
		parts map[string]string
		want  string
	}{
		{"two sheets", one, "# 一\n\n甲\n\n# 二\n\n乙"},
		{"hidden sheet", with("xl/workbook.xml", fmt.Sprintf(two, ` state="veryHidden"`)), "problem hidden_text: the sheet \"二\" is hidden and was left out\n\n# 一\n\n甲"},
		{"empty sheet", with("xl/worksheets/sheet2.xml", "<worksheet/>"), "# 一\n\n甲"},
		{"a sheet without its part", with("xl/worksheets/sheet2.xml", ""), `refused: sheet "二": the package has no part xl/worksheets/sheet2.xml`},
		{"not well-formed", with("xl/worksheets/sheet2.xml", "<worksheet><a></b>"), `refused: xl/worksheets/sheet2.xml: XML syntax error on line 1: element <a> closed by </b>`},
		{"cut off", with("xl/worksheets/sheet2.xml", "<worksheet>"), `refused: xl/worksheets/sheet2.xml: line 1: the part ends with elements open`},
		{"entities", with("xl/worksheets/sheet2.xml", `<!DOCTYPE a [<!ENTITY x "y">]><worksheet/>`), `refused: xl/worksheets/sheet2.xml has a document type definition, which is not allowed in this format`},
		{"rows out of order", with("xl/worksheets/sheet2.xml", `<worksheet><sheetData><row r="2"/><row r="1"/></sheetData></worksheet>`), `refused: sheet "二": row "1" stands after row 2`},
		{"a cell outside the sheet", with("xl/worksheets/sheet2.xml", `<worksheet><sheetData><row r="1">`+in("XFE1", "x")+`</row></sheetData></worksheet>`), `refused: sheet "二": cell "XFE1" stands in row 1 behind column 0`},
		{"a text that is not there", with("xl/worksheets/sheet2.xml", `<worksheet><sheetData><row><c r="A1" t="s"><v>7</v></c></row></sheetData></worksheet>`), `refused: cell A1 refers to text "7", the file has 0 texts`},
		{"no workbook", map[string]string{"xl/workbook.xml": "", "_rels/.rels": ""}, "refused: the package has no part xl/workbook.xml: it is no workbook"},
		{"properties", with("docProps/core.xml", `<p xmlns:dc="d"><dc:title>某局2023年年报</dc:title><dc:creator>王</dc:creator></p>`), "title 某局2023年年报\nmeta author = 王\n\n# 一\n\n甲\n\n# 二\n\n乙"},
		{"text boxes and pictures", with("xl/worksheets/_rels/sheet1.xml.rels", `<Relationships><Relationship Id="r1" Type="x/drawing" Target="../drawings/d.xml"/></Relationships>`),
			"# 一\n\n甲\n\n# 二\n\n乙"},
	} {
		if got := draw(t, test.parts); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
	drawing := with("xl/worksheets/_rels/sheet1.xml.rels", `<Relationships><Relationship Id="r1" Type="x/drawing" Target="../drawings/d.xml"/></Relationships>`)
	drawing["xl/drawings/d.xml"] = `<d><pic/><sp><t>文本框</t></sp></d>`
	want := "problem unread_part: the sheet \"一\" has text boxes over its cells, which were not read: “文本框”\nproblem images: images not looked at on sheet \"一\": 1; there may be text or a table in one of them\n\n# 一\n\n甲\n\n# 二\n\n乙"
	if got := draw(t, drawing); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestWrittenByAnother reads a workbook that another program wrote: shared texts, styles, numbers, dates, merged cells.
func TestWrittenByAnother(t *testing.T) {
	f := excelize.NewFile()
	name := f.GetSheetName(0)
	border := []excelize.Border{{Type: "left", Style: 1, Color: "000000"}, {Type: "top", Style: 1, Color: "000000"}}
	code := `0"件"`
	style := func(s excelize.Style) int {
		n, err := f.NewStyle(&s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	lined, counted, money, day := style(excelize.Style{Border: border}), style(excelize.Style{Border: border, CustomNumFmt: &code}),
		style(excelize.Style{Border: border, NumFmt: 4}), style(excelize.Style{Border: border, NumFmt: 31})
	for _, c := range []struct {
		at    string
		value any
		style int
	}{
		{"A1", "某局2023年年度报告", 0}, {"A2", "事项", lined}, {"B2", "数量", lined}, {"C2", "金额", lined}, {"A3", "收到", lined}, {"B3", 12, counted},
		{"C3", 1234.5, money}, {"A4", "日期", lined}, {"B4", 45308, day},
	} {
		if err := errors.Join(f.SetCellValue(name, c.at, c.value), f.SetCellStyle(name, c.at, c.at, c.style)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(f.MergeCell(name, "A1", "C1"), f.MergeCell(name, "B4", "C4")); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	d, err := xlsx.Read(t.Context(), b.Bytes(), document.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(documenttest.Draw(d), "# ")
	want := "Sheet1\n\n某局2023年年度报告\n\ngrid 1: 3 × 3\n  1.1 事项 | 1.2 数量 | 1.3 金额\n  2.1 收到 | 2.2 12件 | 2.3 1,234.50\n  3.1 日期 | 3.2(1×2) 2024年1月17日\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestTilings: any grid with merged cells comes back as it was.
func TestTilings(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		want := documenttest.Tiling(random)
		rows := make([]string, want.Rows)
		merges := ""
		for _, c := range want.Cells {
			ref := func(row, column int) string { return fmt.Sprintf("%c%d", 'A'+column-1, row) }
			rows[c.Row-1] += lined(ref(c.Row, c.Column), c.Text)
			if c.RowSpan > 1 || c.ColSpan > 1 {
				merges += fmt.Sprintf(`<mergeCell ref="%s:%s"/>`, ref(c.Row, c.Column), ref(c.Row+c.RowSpan-1, c.Column+c.ColSpan-1))
			}
		}
		sheet := ""
		last := 0
		for i, r := range rows {
			sheet += fmt.Sprintf(`<row r="%d">%s</row>`, i+1, r)
			if r != "" {
				last = i + 1
			}
		}
		if last < want.Rows || len(want.Cells) < 2 || !reachesAll(want) {
			continue // rows or columns that only merged cells cover are seen by nobody
		}
		d, err := xlsx.Read(t.Context(), pack(t, sheetOf(sheet+"|<mergeCells>"+merges+"</mergeCells>")), document.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		d.Blocks = d.Blocks[1:]
		documenttest.SameGrid(t, d, want)
	}
}

// reachesAll says whether a cell starts in the last column.
func reachesAll(g *document.Grid) bool {
	for _, c := range g.Cells {
		if c.Column == g.Columns {
			return true
		}
	}
	return false
}

func TestHostile(t *testing.T) {
	small := document.Limits{Bytes: 1 << 20, Cells: 2000, Nesting: 20, Text: 1 << 16}
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i+1)
		}
		return b.String()
	}
	shared := func(cells string) map[string]string {
		p := sheetOf(cells)
		p["xl/sharedStrings.xml"] = `<sst><si><t>` + strings.Repeat("很长的文字", 1000) + `</t></si></sst>`
		p["xl/_rels/workbook.xml.rels"] = `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r3" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`
		return p
	}
	for _, test := range []struct {
		name  string
		parts map[string]string
		code  string
	}{
		{"one text in many cells", shared(many(1500, `<row r="%d"><c t="s"><v>0</v></c></row>`)), document.TooLarge},
		{"many cells", sheetOf(many(3000, `<row r="%d"><c><v>1</v></c></row>`)), document.TooManyCells},
		{"cells in the last column", sheetOf(many(2, `<row r="%[1]d"><c r="A%[1]d"><v>1</v></c><c r="XFD%[1]d"><v>1</v></c></row>`)), document.TooManyCells},
		{"a text merged over all rows", sheetOf(rowOf(in("A1", "x")) + `<row r="1048576">` + in("B1048576", "y") + `</row>|<mergeCells><mergeCell ref="A1:A1048576"/></mergeCells>`), document.TooManyCells},
		{"many merged cells", sheetOf(rowOf(in("A1", "x")) + `|<mergeCells>` + many(3000, `<mergeCell ref="A%d:B1048576"/>`) + `</mergeCells>`), document.TooManyCells},
		{"merged cells that overlap at their ends", sheetOf(many(40, `<row r="%[1]d">`+`<c r="A%[1]d"><v>1</v></c><c r="AN%[1]d"><v>1</v></c></row>`) + `|<mergeCells><mergeCell ref="AN40:AN41"/>` + many(39, `<mergeCell ref="A%[1]d:AN40"/><mergeCell ref="B%[1]d:AN40"/>`) + `</mergeCells>`), ""},
		{"deep elements", sheetOf(strings.Repeat("<x>", 30) + strings.Repeat("</x>", 30)), document.Nesting},
		{"a bomb", sheetOf(strings.Repeat(" ", 2<<20)), document.TooLarge},
	} {
		d, err := xlsx.Read(t.Context(), pack(t, test.parts), small)
		var refusal *document.Refusal
		switch {
		case test.code == "" && err == nil:
			if err := documenttest.Check(d); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
		case !errors.As(err, &refusal) || refusal.Problem.Code != test.code:
			t.Errorf("%s: got %v, want the refusal %s", test.name, err, test.code)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := xlsx.Read(ctx, pack(t, sheetOf(rowOf(in("A1", "x")))), document.DefaultLimits); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the error of the context", err)
	}
}

// FuzzSheet: whatever the XML of a sheet, reading ends in a sound document or a refusal.
func FuzzSheet(f *testing.F) {
	f.Add(`<worksheet><sheetViews><sheetView showZeros="0"/></sheetViews><sheetFormatPr zeroHeight="1"/><cols><col min="1" max="2" hidden="1"/></cols><sheetData><row r="1"><c r="A1" s="1"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>`)
	f.Add(sheetOf(rowOf(lined("A1", "甲"), lined("B1", "乙"), lined("C1", "")) + rowOf(lined("A2", ""), lined("B2", "1"), lined("C2", "2")) + `|<mergeCells><mergeCell ref="A1:A2"/><mergeCell ref="B1:C1"/></mergeCells>`)["xl/worksheets/sheet1.xml"])
	f.Add(sheetOf(`<row hidden="1">` + lined("A1", "甲") + `</row>` + rowOf(lined("A2", ""), lined("B2", "1")) + `|<mergeCells><mergeCell ref="A1:A3"/></mergeCells>`)["xl/worksheets/sheet1.xml"])
	f.Add(sheetOf(`<row r="7">` + in("XFD7", "甲") + `</row><row r="1048576">` + in("A1048576", "乙") + `</row>`)["xl/worksheets/sheet1.xml"])
	small := document.Limits{Bytes: 1 << 20, Cells: 2000, Nesting: 20, Text: 1 << 16}
	f.Fuzz(func(t *testing.T, sheet string) {
		if sheet == "" {
			return
		}
		d, err := xlsx.Read(t.Context(), pack(t, map[string]string{"xl/worksheets/sheet1.xml": sheet}), small)
		var refusal *document.Refusal
		if err != nil {
			if !errors.As(err, &refusal) {
				t.Fatal(err)
			}
			return
		}
		if err := documenttest.Check(d); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzFormat: whatever the format of a number, it is shown without a crash, and a text without a problem is a number
// that equals the stored one, or has words around it.
func FuzzFormat(f *testing.F) {
	for _, s := range []string{"0.00", "#,##0;[Red]-#,##0", `[>=100]"多";0`, "yyyy-mm-dd h:mm:ss.00 AM/PM", "[h]:mm", "0.0,,", "# ?/?", `\`, `"`, "[$-804]", "_", "*", "General;;;@"} {
		f.Add(s, "12.345")
	}
	f.Fuzz(func(t *testing.T, format, number string) {
		escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
		parts := sheetOf(rowOf(`<c s="0"><v>`+escape.Replace(number)+`</v></c>`, in("B1", "x")) + rowOf(in("A2", "y"), in("B2", "z")))
		parts["xl/styles.xml"] = `<styleSheet><numFmts><numFmt numFmtId="200" formatCode="` + escape.Replace(format) + `"/></numFmts><cellXfs><xf numFmtId="200"/></cellXfs></styleSheet>`
		d, err := xlsx.Read(t.Context(), pack(t, parts), document.DefaultLimits)
		var refusal *document.Refusal
		if err != nil && !errors.As(err, &refusal) {
			t.Fatal(err)
		}
		if err == nil {
			if err := documenttest.Check(d); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzLayout draws a sheet by the bytes, four for each cell, merged cell or hidden row: whatever lies over or beside
// whatever, the document is sound and every text that is not hidden, covered or crossed out is in it.
func FuzzLayout(f *testing.F) {
	f.Add([]byte{0, 1, 1, 0, 1, 1, 1, 0, 2, 1, 1, 0x22, 3, 2, 0, 0, 4, 1, 0, 0})
	f.Add([]byte{1, 3, 2, 0, 1, 3, 3, 0, 1, 4, 2, 0, 2, 3, 2, 0x31, 2, 4, 1, 0x13})
	f.Fuzz(func(t *testing.T, script []byte) {
		const size = 12
		type spot struct {
			text  string
			lined bool
		}
		var cells [size + 1][size + 1]spot
		var hiddenRow, hiddenColumn [size + 1]bool
		merges := ""
		merged := false
		for i := 0; i+4 <= len(script) && i < 400; i += 4 {
			kind, row, column, extent := script[i]%5, int(script[i+1])%size+1, int(script[i+2])%size+1, script[i+3]
			switch kind {
			case 0, 1:
				cells[row][column] = spot{fmt.Sprintf("t%d.%d", row, column), kind == 1}
			case 2:
				merged = true
				merges += fmt.Sprintf(`<mergeCell ref="%c%d:%c%d"/>`, 'A'+column-1, row, 'A'+min(column+int(extent&7), 26)-1, row+int(extent>>4))
			case 3:
				hiddenRow[row] = true
			case 4:
				hiddenColumn[column] = true
			}
		}
		var b strings.Builder
		b.WriteString("<worksheet><cols>")
		for column := range hiddenColumn {
			if hiddenColumn[column] {
				fmt.Fprintf(&b, `<col min="%d" max="%d" hidden="1"/>`, column, column)
			}
		}
		b.WriteString("</cols><sheetData>")
		var want []string
		for row := 1; row <= size; row++ {
			fmt.Fprintf(&b, `<row r="%d" hidden="%t">`, row, hiddenRow[row])
			for column := 1; column <= size; column++ {
				c := cells[row][column]
				if c.text == "" {
					continue
				}
				ref := fmt.Sprintf("%c%d", 'A'+column-1, row)
				if c.lined {
					b.WriteString(lined(ref, c.text))
				} else {
					b.WriteString(in(ref, c.text))
				}
				if !merged && !hiddenRow[row] && !hiddenColumn[column] {
					want = append(want, c.text)
				}
			}
			b.WriteString("</row>")
		}
		b.WriteString("</sheetData><mergeCells>" + merges + "</mergeCells></worksheet>")
		d, err := xlsx.Read(t.Context(), pack(t, map[string]string{"xl/worksheets/sheet1.xml": b.String()}), document.DefaultLimits)
		if err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		drawn := documenttest.Draw(d)
		if err := documenttest.Check(d); err != nil {
			t.Fatalf("%v\n%s", err, drawn)
		}
		words := map[string]int{}
		for _, w := range strings.FieldsFunc(drawn, func(r rune) bool { return r == ' ' || r == '\n' }) {
			words[w]++
		}
		for _, w := range want {
			if words[w] != 1 {
				t.Fatalf("%s is there %d times\n%s", w, words[w], drawn)
			}
		}
	})
}
