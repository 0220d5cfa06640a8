package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"

	"nianbao/ingest/recognise"
	"nianbao/internal/form"
)

// explained prints for a person how a file was read. The trace is nil if the file was no document.
func explained(w io.Writer, f form.Filing, trace *recognise.Trace) error {
	p := &explanation{}
	p.line("文件  %s", f.File)
	if f.MediaType != "" {
		p.line("格式  %s", f.MediaType)
	}
	if f.SHA256 != "" {
		p.line("哈希  %s", f.SHA256)
	}
	p.line("结果  %s", statusWords[f.Status])
	if f.Title != "" {
		p.line("标题  %s", f.Title)
	}
	if trace != nil {
		p.witnesses("机关", f.Agency.Name, trace.Agencies, func(v string) bool { return strings.HasSuffix(f.Agency.Name, v) })
		year := ""
		if f.Year != 0 {
			year = fmt.Sprint(f.Year)
		}
		p.witnesses("年度", year, trace.Years, func(v string) bool { return v == year })
		p.choices(trace.Choices)
	}
	for _, code := range []string{form.Section2, form.Section3, form.Section4, form.Legacy} {
		p.cells(code, f)
	}
	p.parts(f.Parts)
	p.claims(f.Claims)
	if trace != nil {
		p.refusals(trace.Refusals)
	}
	p.problems(f.Problems)
	_, err := io.WriteString(w, p.b.String())
	return err
}

var statusWords = map[form.Status]string{form.Read: "全部读出", form.Partial: "部分读出", form.Rejected: "未接受"}

// explanation collects the text.
type explanation struct{ b strings.Builder }

func (p *explanation) line(format string, args ...any) {
	p.b.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " "))
	p.b.WriteByte('\n')
}

// table prints rows with aligned columns. Chinese characters take two places.
func (p *explanation) table(rows [][]string) {
	var widths []int
	for _, r := range rows {
		for i, s := range r {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], places(s))
		}
	}
	for _, r := range rows {
		var b strings.Builder
		for i, s := range r {
			b.WriteString(s)
			if i < len(r)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-places(s)+2))
			}
		}
		p.line("  %s", b.String())
	}
}

// places is how many places of a terminal a text takes up.
func places(s string) int {
	n := 0
	for _, r := range s {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		default: // “ ” and … are as wide as the terminal likes; most take one place
			n++
		}
	}
	return n
}

var fromWords = map[string]string{
	"title line": "标题行", "line above the title": "标题上一行", "page property": "网页属性", "page title": "网页标题", "file name": "文件名", "period": "统计期限",
	"contact": "联系方式", "publisher": "发布机构", "opening words": "开头文字", "words of the title": "文中标题", "signature": "落款", "address": "网址",
	"subject of a sentence": "句子主语", "words of the text": "文中自称", "option": "命令行给定",
}

func (p *explanation) witnesses(name, settled string, found []recognise.Witness, supports func(string) bool) {
	p.line("\n%s  %s", name, cmp.Or(settled, "没有认定"))
	sorted := slices.Clone(found)
	slices.SortStableFunc(sorted, func(a, b recognise.Witness) int { return b.Weight - a.Weight })
	var rows [][]string
	for _, w := range sorted {
		mark := "支持"
		if w.From == "words of the text" {
			mark = "自称"
		} else if settled == "" {
			mark = "候选"
		} else if !supports(w.Value) {
			mark = "不合"
		}
		rows = append(rows, []string{mark, fmt.Sprintf("权重 %d", w.Weight), cmp.Or(fromWords[w.From], w.From), w.Value, quoted(w.Text, 40), standsAt(w.At)})
	}
	p.table(rows)
}

func (p *explanation) choices(list []recognise.Choice) {
	if len(list) == 0 {
		return
	}
	p.line("\n表样")
	var rows [][]string
	for _, c := range list {
		rows = append(rows, []string{c.What, c.Taken, "依据：" + c.Words})
	}
	p.table(rows)
}

// cells prints the cells of one table and counts their states.
func (p *explanation) cells(code string, f form.Filing) {
	var rows [][]string
	counts := map[form.State]int{}
	for _, c := range f.Cells {
		if c.Table != code {
			continue
		}
		counts[c.State]++
		value := stateWords[c.State]
		switch {
		case c.State == form.Number:
			value = c.Value.String()
			if c.Unit != "" {
				value += " " + c.Unit
			}
		case len(c.Candidates) > 0:
			value += "：" + strings.Join(c.Candidates, " / ")
		}
		if c.SettledBy != "" {
			value += "（按 " + c.SettledBy + " 可作 0）"
		}
		name := c.Row + "." + c.Column
		label := form.Label(c.Key)
		if code == form.Legacy {
			name, label = c.Row, map[string]string{form.YearValue: "年度", form.Cumulative: "历年累计"}[c.Column]
		}
		rows = append(rows, []string{name, clipped(label, 24), standsAt(c.At), quoted(c.Raw, 24), value, ruleWords.Replace(c.Rule)})
	}
	if len(rows) == 0 {
		return
	}
	var sums []string
	for _, s := range []form.State{form.Number, form.Blank, form.Dash, form.NA, form.Text, form.Ambiguous} {
		if counts[s] > 0 {
			sums = append(sums, fmt.Sprintf("%s %d", stateWords[s], counts[s]))
		}
	}
	p.line("\n%s（%d 格：%s）", tableWords[code], len(rows), strings.Join(sums, "，"))
	p.table(append([][]string{{"格", "名称", "位置", "原文", "读作", "规则"}}, rows...))
}

var (
	stateWords = map[form.State]string{form.Number: "数", form.Blank: "空白", form.Dash: "占位符", form.NA: "不适用", form.Text: "文字", form.Ambiguous: "有几种读法"}
	tableWords = map[string]string{form.Section2: "表二 主动公开", form.Section3: "表三 申请", form.Section4: "表四 复议诉讼", form.Legacy: "2019年以前的统计表"}
)

// ruleWords are the reading rules in Chinese, the longer phrases first.
var ruleWords = strings.NewReplacer(
	"row label, figures in the order of the header", "行名，数按表头次序",
	"row label, seven figures in order", "行名，七个数按次序",
	"row label, column header", "行名，列名",
	"row between its neighbours, seven figures in order", "夹在已认出的两行之间，七个数按次序，合计验证",
	"row between its neighbours, column header", "夹在已认出的两行之间，列名，合计验证",
	"row between its neighbours", "夹在已认出的两行之间，合计验证",
	"label, unit and figures in order", "行名、单位、数按次序",
	"fifteen figures in order", "十五个数按次序",
	"figures cut by the sums", "按合计切分连写的数",
	"figures between labels: several cuts", "两个行名之间的数，有几种切法",
	"figures between labels: not parted", "两个行名之间的数，没有分开",
	"figures between labels", "两个行名之间的数",
	"figures that cannot be assigned to columns", "数不能归到各列",
	"figures in order", "数按次序",
	"several cuts or none", "有几种切法或切不开",
	"printed twice with different content", "印了两次，内容不同",
	"printed in one of several reports", "文件含几份报告，不知属于哪份",
	"two sure readings of the picture; the printed sums do not hold", "图像两次识别都确定；印出的合计不成立",
	"two sure readings of the picture", "图像两次识别都确定",
	"two readings of the picture agree and the sums hold", "图像两次识别一致，合计成立",
	"two readings of the picture differ and the sums leave one", "图像两次识别不同，合计只容一种",
	"readings of the picture that differ or are not sure", "图像两次识别不同或不确定",
	"figure of a picture that could not be read; the sums give the candidate", "图像中的数识别不出，候选由合计推得",
	"figure of a picture whose sums do not hold", "图像中的数，合计不成立",
	"words or ink of a picture that are no figure", "图像中的文字或墨迹，不是数",
	"a point or comma of a picture that may part decimals or thousands", "图像中的点，可能是小数点或千分位",
	"number with its unit", "数带单位", "number with a note", "数带注", "and a note", "并带注",
	"characters that stand for numbers", "代数的符号", "chinese zero", "汉字零", "not applicable", "不适用", "no single number", "不是单个数",
	"thousands separators", "千分位", "row label", "行名", "column header", "列名", "placeholder", "占位符", "number", "数", "blank", "空白", "dash", "占位符",
	"empty", "空", "words", "文字", "text", "文字", ", ", "，", ": ", "：", "; ", "；",
)

func (p *explanation) parts(list []form.Part) {
	if len(list) == 0 {
		return
	}
	p.line("\n正文")
	var rows [][]string
	for _, x := range list {
		begin, _, _ := strings.Cut(x.Text, "\n")
		rows = append(rows, []string{cmp.Or(x.Code, "其他"), cmp.Or(clipped(x.Title, 40), "（标题之前）"), standsAt(x.At),
			fmt.Sprintf("%d 字", utf8.RuneCountInString(strings.ReplaceAll(x.Text, "\n", ""))), quoted(begin, 30)})
	}
	p.table(rows)
}

func (p *explanation) claims(list []form.Claim) {
	if len(list) == 0 {
		return
	}
	p.line("\n正文中的数")
	var rows [][]string
	for _, c := range list {
		concept, _ := form.LookupConcept(c.Concept)
		value := c.Value.String() + c.Unit
		if c.Approx {
			value = "约 " + value
		}
		rows = append(rows, []string{c.Concept, concept.Name, value, quoted(c.Raw, 24), standsAt(c.At), quoted(c.Sentence, 60)})
	}
	p.table(rows)
}

func (p *explanation) refusals(list []recognise.Refusal) {
	if len(list) == 0 {
		return
	}
	p.line("\n没有采用的")
	var rows [][]string
	for _, r := range list {
		rows = append(rows, []string{r.Where, quoted(r.Text, 50), standsAt(r.At), r.Why})
	}
	p.table(rows)
}

func (p *explanation) problems(list []form.Problem) {
	if len(list) == 0 {
		return
	}
	p.line("\n问题")
	var rows [][]string
	for _, x := range list {
		rows = append(rows, []string{x.Code, standsAt(x.At), x.Message})
	}
	p.table(rows)
}

// standsAt says in words where something stands, "" if that is not known.
func standsAt(at form.Position) string {
	var parts []string
	for _, x := range []struct {
		n      int
		format string
	}{{at.Page, "第%d页"}, {at.Grid, "表%d"}, {at.Row, "行%d"}, {at.Column, "列%d"}, {at.Line, "第%d行"}} {
		if x.n > 0 {
			parts = append(parts, fmt.Sprintf(x.format, x.n))
		}
	}
	return strings.Join(parts, " ")
}

func quoted(s string, n int) string { return "“" + clipped(s, n) + "”" }

// clipped brings a text on one line of at most n characters.
func clipped(s string, n int) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return string(r)
}
