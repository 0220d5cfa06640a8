package demo

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"golang.org/x/text/encoding/simplifiedchinese"

	"nianbao/internal/form"
)

// The spans of the official form, counted in the annex of 国办公开办函〔2021〕30号.
func TestTablesAreLaidOutAsTheFormPrintsThem(t *testing.T) {
	f := district(t, Options{Agencies: 1, FirstYear: 2020, LastYear: 2021})
	old, current := f[0].Report, f[1].Report
	type span struct {
		row, column, rows, columns int
	}
	for _, test := range []struct {
		report Report
		table  string
		size   [2]int
		want   map[string]span
	}{
		{current, form.Section2, [2]int{14, 4}, map[string]span{
			"第二十条第（一）项":     {0, 0, 1, 4},
			"现行有效件数":        {1, 3, 1, 1},
			"行政许可":          {6, 0, 1, 1},
			"本年收费金额（单位：万元）": {12, 1, 1, 3},
		}},
		{old, form.Section2, [2]int{18, 4}, map[string]span{
			"第二十条第（九）项": {15, 0, 1, 4},
			"采购项目数量":    {16, 1, 1, 1},
			"采购总金额":     {16, 2, 1, 2},
		}},
		{current, form.Section3, [2]int{28, 10}, map[string]span{
			"（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）": {0, 0, 3, 3},
			"申请人情况":   {0, 3, 1, 7},
			"自然人":     {1, 3, 2, 1},
			"法人或其他组织": {1, 4, 1, 5},
			"总计":      {1, 9, 2, 1},
			"商业企业":    {2, 4, 1, 1},
			"一、本年新收政府信息公开申请数量": {3, 0, 1, 3},
			"三、本年度办理结果":        {5, 0, 22, 1},
			"（一）予以公开":          {5, 1, 1, 2},
			"（三）不予公开":          {7, 1, 8, 1},
			"（六）其他处理":          {23, 1, 3, 1},
			"（七）总计":            {26, 1, 1, 2},
			"四、结转下年度继续办理":      {27, 0, 1, 3},
		}},
		{old, form.Section3, [2]int{26, 10}, map[string]span{
			"三、本年度办理结果": {5, 0, 20, 1},
			"（六）其他处理":   {23, 1, 1, 2},
		}},
		{current, form.Section4, [2]int{4, 15}, map[string]span{
			"行政复议":     {0, 0, 1, 5},
			"行政诉讼":     {0, 5, 1, 10},
			"结果维持":     {1, 0, 2, 1},
			"未经复议直接起诉": {1, 5, 1, 5},
			"复议后起诉":    {1, 10, 1, 5},
		}},
	} {
		g := layOut(test.report, test.report.tableOrFail(t, test.table))
		if got := [2]int{g.rows, g.columns}; got != test.size {
			t.Errorf("%s of %d has %v rows and columns, want %v", test.table, test.report.Year, got, test.size)
		}
		for label, want := range test.want {
			found := false
			for _, c := range g.cells {
				if c.text == label && !found { // 结果维持 stands three times: the first
					found = true
					if got := (span{c.row, c.column, c.rows, c.columns}); got != want {
						t.Errorf("%s of %d: %s stands at %+v, want %+v", test.table, test.report.Year, label, got, want)
					}
				}
			}
			if !found {
				t.Errorf("%s of %d has no cell %q", test.table, test.report.Year, label)
			}
		}
		covered := make([]int, g.rows*g.columns)
		for _, c := range g.cells {
			for row := c.row; row < c.row+c.rows; row++ {
				for column := c.column; column < c.column+c.columns; column++ {
					covered[row*g.columns+column]++
				}
			}
		}
		for at, n := range covered {
			if n != 1 {
				t.Errorf("%s of %d: place %d,%d is covered by %d cells", test.table, test.report.Year, at/g.columns, at%g.columns, n)
			}
		}
	}
}

// One value, every format and style: each must hold the same words of the form and the same figures in the same
// order, the six headings in theirs, and the sentences. The readers below know markup only, not the writers.
func TestFormatsAgree(t *testing.T) {
	var reports []Report
	for _, f := range district(t, Options{Seed: 7}) {
		for _, q := range []quirk{blankApplicants, slashes, lateForm, mixedForm, noteInCell, thousands, fullWidthDigits, halfWidthLabels, wrongConcluded} {
			for _, have := range f.Report.quirks {
				if have == q && len(reports) < 40 {
					reports = append(reports, f.Report)
				}
			}
		}
	}
	for _, r := range reports {
		var want []string
		for _, code := range tableCodes {
			for _, c := range layOut(r, r.tableOrFail(t, code)).cells {
				want = append(want, c.text)
			}
		}
		var sentences []string
		for _, list := range [][]string{{r.Title(), r.Note}, r.Prose.Opening, {"一、总体情况"}, r.Prose.Overall, {"二、", "三、", "四、", "五、"}, r.Prose.Problems, {"六、"}, r.Prose.Other, r.signature()} {
			sentences = append(sentences, list...)
		}
		for _, format := range Formats {
			for style := range Styles(format) {
				content, err := Print(r, format, style)
				if err != nil {
					t.Fatal(err)
				}
				cells, text := readBack(t, content, format, style)
				wanted := want
				if format == Text || format == Markdown { // nothing tells a blank cell from a covered place
					wanted = withoutBlanks(want)
				}
				if format == Markdown && style == 1 {
					wanted = nil // repeats
					for _, code := range tableCodes {
						g := layOut(r, r.tableOrFail(t, code))
						for _, line := range g.covering() {
							for _, n := range line {
								wanted = append(wanted, g.cells[n].text)
							}
						}
					}
					wanted = withoutBlanks(wanted)
				}
				if format == Text {
					checkPlaces(t, r, text, style)
				}
				if format == Text && style > 0 {
					cells = cellsAmong(strings.Split(text, "\n"), wanted, style == 2 || hasBlank(r))
				}
				if diff := cmp.Diff(wanted, cells); diff != "" {
					t.Errorf("%s as %s in style %d: cells:\n%s", r.Title(), format, style, diff)
				}
				rest := strings.Join(strings.Fields(text), "")
				for _, s := range sentences {
					_, after, ok := strings.Cut(rest, strings.Join(strings.Fields(s), ""))
					if !ok {
						t.Errorf("%s as %s in style %d: %q is not there, or not in its place", r.Title(), format, style, s)
						break
					}
					rest = after
				}
			}
		}
	}
	if len(reports) < 20 {
		t.Errorf("%d reports compared, want at least 20", len(reports))
	}
}

// checkPlaces looks whether blank cells keep their places in plain text: between tabs every figure of a row stands at
// the row's end, and with bars every row has as many as the table has columns.
func checkPlaces(t *testing.T, r Report, text string, style int) {
	t.Helper()
	places := 0
	for _, code := range tableCodes {
		table := r.tableOrFail(t, code)
		g := layOut(r, table)
		places += g.rows * g.columns
		if style != 0 || code != form.Section3 {
			continue
		}
		for _, row := range table.Rows() {
			line := row.Label
			if r.Labels == HalfWidth {
				line = halfWidth.Replace(line)
			}
			for _, c := range table.Blocks[0].Columns {
				line += "\t" + r.Cells[form.Key{Table: code, Row: row.Code, Column: c.Code}].Text
			}
			if !strings.Contains(text, line+"\n") {
				t.Errorf("%s with tabs has no row %q", r.Title(), line)
			}
		}
	}
	if bars := strings.Count(text, "|"); (style == 2 || style == 1 && hasBlank(r)) && bars != places {
		t.Errorf("%s has %d bars, want one for each of %d places", r.Title(), bars, places)
	}
}

func hasBlank(r Report) bool {
	for _, c := range r.Cells {
		if c.Text == "" {
			return true
		}
	}
	return false
}

func withoutBlanks(list []string) []string {
	var out []string
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// readBack gives the texts of the cells of the tables that hold figures, and all text.
func readBack(t *testing.T, content []byte, format Format, style int) (cells []string, text string) {
	t.Helper()
	switch format {
	case HTML:
		if style == 3 {
			decoded, err := simplifiedchinese.GBK.NewDecoder().Bytes(content)
			if err != nil {
				t.Fatal(err)
			}
			content = decoded
		}
		return readHTML(t, content)
	case DOCX:
		return readDOCX(t, content)
	case Markdown:
		for _, line := range strings.Split(string(content), "\n") {
			if strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "|---") {
				for _, cell := range strings.Split(strings.Trim(line, "|"), "|") {
					cells = append(cells, strings.TrimSpace(cell))
				}
			}
		}
		return withoutBlanks(cells), string(content)
	}
	for _, line := range strings.Split(string(content), "\n") {
		if strings.Contains(line, "\t") || line != "" && len(cells) > 0 && strings.HasPrefix(line, "第二十条") {
			cells = append(cells, strings.Split(line, "\t")...)
		} else if strings.HasPrefix(line, "第二十条") {
			cells = append(cells, line)
		}
	}
	return withoutBlanks(cells), string(content)
}

// cellsAmong picks the lines that are cells, in order: the texts wanted are looked for one after the other, and
// nothing else may stand between two of the same table.
func cellsAmong(lines, wanted []string, bars bool) []string {
	var out []string
	for _, line := range lines {
		if bars {
			bare, ok := strings.CutSuffix(line, " |")
			if !ok {
				continue
			}
			line = bare
		}
		if len(out) < len(wanted) && line == wanted[len(out)] {
			out = append(out, line)
		}
	}
	return out
}

func readHTML(t *testing.T, content []byte) (cells []string, text string) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	var walk func(n *html.Node)
	inner := func(n *html.Node) string {
		var b strings.Builder
		for d := range n.Descendants() {
			if d.Type == html.TextNode {
				b.WriteString(d.Data)
			}
		}
		return strings.TrimSpace(b.String())
	}
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "head" {
			return
		}
		if n.Type == html.ElementNode && n.Data == "table" && strings.HasPrefix(strings.TrimPrefix(inner(n), "("), "第二十条") ||
			n.Type == html.ElementNode && n.Data == "table" && (strings.Contains(inner(n)[:6], "本") || strings.HasPrefix(inner(n), "行政复议")) {
			rows, taken := 0, map[[2]int]int{} // places of the table, as HTML lays cells out: each in the first that is free
			for d := range n.Descendants() {
				switch {
				case d.Type == html.ElementNode && d.Data == "tr":
					rows++
				case d.Type == html.ElementNode && d.Data == "td":
					cells = append(cells, inner(d))
					high, wide, column := 1, 1, 0
					for _, a := range d.Attr {
						switch a.Key {
						case "rowspan":
							fmt.Sscan(a.Val, &high)
						case "colspan":
							fmt.Sscan(a.Val, &wide)
						}
					}
					for taken[[2]int{rows - 1, column}] > 0 {
						column++
					}
					for i := range high * wide {
						taken[[2]int{rows - 1 + i/wide, column + i%wide}]++
					}
				}
			}
			columns := 0
			for place, n := range taken {
				columns = max(columns, place[1]+1)
				if n > 1 || place[0] >= rows {
					t.Errorf("%d cells cover place %v of a table of %d rows", n, place, rows)
				}
			}
			if len(taken) != rows*columns {
				t.Errorf("the cells of a table cover %d of %d × %d places", len(taken), rows, columns)
			}
		}
		if n.Type == html.TextNode {
			all.WriteString(n.Data)
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	walk(root)
	return cells, all.String()
}

func readDOCX(t *testing.T, content []byte) (cells []string, text string) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range archive.File { // every part is well-formed
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(r)
		var all, cell strings.Builder
		inCell, covered := false, false
		columns := 0
		for {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", part.Name, err)
			}
			switch e := token.(type) {
			case xml.StartElement:
				attr := ""
				if len(e.Attr) > 0 {
					attr = e.Attr[0].Value
				}
				switch e.Name.Local {
				case "tr":
					columns = 0
				case "tc":
					inCell, covered = true, false
					columns++
					cell.Reset()
				case "gridSpan":
					var span int
					fmt.Sscan(attr, &span)
					columns += span - 1
				case "vMerge":
					covered = attr != "restart"
				}
			case xml.CharData:
				if inCell {
					cell.Write(e)
				}
				all.Write(e)
			case xml.EndElement:
				switch e.Name.Local {
				case "tc":
					inCell = false
					if !covered {
						cells = append(cells, cell.String())
					} else if cell.Len() > 0 {
						t.Errorf("a covered cell holds %q", cell.String())
					}
				case "tr":
					if !slices.Contains([]int{2, 3, 4, 10, 15}, columns) { // style 1 cuts section 二 at its blocks
						t.Errorf("a row covers %d columns", columns)
					}
				}
			}
		}
		if part.Name == "word/document.xml" {
			text = all.String()
		}
	}
	return cells, text
}

func TestPrintRefusesWhatItCannotPrint(t *testing.T) {
	r := district(t, Options{Agencies: 1, FirstYear: 2022, LastYear: 2022})[0].Report
	if _, err := Print(r, HTML, 4); err == nil || !strings.Contains(err.Error(), `format "html" has no style 4, want 0 to 3`) {
		t.Errorf("Print in a style that is not there = %v", err)
	}
	if _, err := Print(r, "pdf", 0); err == nil || !strings.Contains(err.Error(), `format "pdf" has no style 0`) {
		t.Errorf("Print as PDF = %v", err)
	}
	delete(r.Cells, form.Key{Table: form.Section3, Row: "R4_2", Column: "legal"})
	if _, err := Print(r, HTML, 0); err == nil || !strings.Contains(err.Error(), "no cell section3.R4_2.legal") {
		t.Errorf("Print of an incomplete report = %v", err)
	}
}
