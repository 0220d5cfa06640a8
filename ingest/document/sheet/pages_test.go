package sheet_test

import (
	"fmt"
	"strings"
	"testing"
)

var five = []float64{40, 120, 60, 60, 60}

func TestTableOnTwoPages(t *testing.T) {
	for _, test := range []struct {
		name string
		pen  func(one, two *paper)
		want string
	}{
		{"goes on", func(one, two *paper) {
			one.table(700, four, "项|甲|乙|丙", "1.子|1|2|3")
			two.table(50, four, "2.丑|4|5|6")
		}, `
grid 1: 3 × 4
  1.1 项 | 1.2 甲 | 1.3 乙 | 1.4 丙
  2.1 1.子 | 2.2 1 | 2.3 2 | 2.4 3
  3.1 2.丑 | 3.2 4 | 3.3 5 | 3.4 6
`},
		{"with its header again", func(one, two *paper) {
			one.table(700, four, "项|甲|乙|丙", "1.子|1|2|3")
			two.table(50, four, "项|甲|乙|丙", "2.丑|4|5|6")
		}, `
grid 1: 3 × 4
  1.1 项 | 1.2 甲 | 1.3 乙 | 1.4 丙
  2.1 1.子 | 2.2 1 | 2.3 2 | 2.4 3
  3.1 2.丑 | 3.2 4 | 3.3 5 | 3.4 6
`},
		{"with another header", func(one, two *paper) {
			one.table(700, four, "项|甲|乙|丙", "1.子|1|2|3")
			two.table(50, four, "项|丁|乙|丙", "2.丑|4|5|6")
		}, `
grid 1: 4 × 4
  1.1 项 | 1.2 甲 | 1.3 乙 | 1.4 丙
  2.1 1.子 | 2.2 1 | 2.3 2 | 2.4 3
  3.1 项 | 3.2 丁 | 3.3 乙 | 3.4 丙
  4.1 2.丑 | 4.2 4 | 4.3 5 | 4.4 6
`},
		{"other columns", func(one, two *paper) {
			one.table(700, four, "项|甲|乙|丙", "1.子|1|2|3")
			two.table(50, []float64{80, 100, 60, 60}, "2.丑|4|5|6", "3.寅|7|8|9")
		}, `
grid 1: 2 × 4
  1.1 项 | 1.2 甲 | 1.3 乙 | 1.4 丙
  2.1 1.子 | 2.2 1 | 2.3 2 | 2.4 3

grid 2: 2 × 4
  1.1 2.丑 | 1.2 4 | 1.3 5 | 1.4 6
  2.1 3.寅 | 2.2 7 | 2.3 8 | 2.4 9
`},
		{"words between", func(one, two *paper) {
			one.table(600, four, "项|甲|乙|丙", "1.子|1|2|3")
			two.text(50, 60, "四、另一张表")
			two.table(70, four, "2.丑|4|5|6", "3.寅|7|8|9")
		}, `
grid 1: 2 × 4
  1.1 项 | 1.2 甲 | 1.3 乙 | 1.4 丙
  2.1 1.子 | 2.2 1 | 2.3 2 | 2.4 3

四、另一张表

grid 2: 2 × 4
  1.1 2.丑 | 1.2 4 | 1.3 5 | 1.4 6
  2.1 3.寅 | 2.2 7 | 2.3 8 | 2.4 9
`},
		{"page numbers between", func(one, two *paper) {
			one.table(700, four, "项|甲|乙|丙", "1.子|1|2|3")
			one.text(290, 800, "- 1 -")
			two.table(50, four, "2.丑|4|5|6")
			two.text(50, 100, "表后的话。")
			two.text(290, 800, "- 2 -")
		}, `
grid 1: 3 × 4
  1.1 项 | 1.2 甲 | 1.3 乙 | 1.4 丙
  2.1 1.子 | 2.2 1 | 2.3 2 | 2.4 3
  3.1 2.丑 | 3.2 4 | 3.3 5 | 3.4 6

- 1 -

表后的话。

- 2 -
`},
		{"a row cut, labels numbered", func(one, two *paper) {
			one.table(640, four, "项|甲|乙|丙", "1.子|1||3", "2.丑||2|", "3.寅卯辰巳午未申酉戌亥|4|5|6")
			two.table(50, four, "甲乙丙|||", "4.丁|7|8|9")
		}, `
grid 1: 5 × 4
  1.1 项 | 1.2 甲 | 1.3 乙 | 1.4 丙
  2.1 1.子 | 2.2 1 | 2.3 | 2.4 3
  3.1 2.丑 | 3.2 | 3.3 2 | 3.4
  4.1 3.寅卯辰巳午未申酉戌亥甲乙丙 | 4.2 4 | 4.3 5 | 4.4 6
  5.1 4.丁 | 5.2 7 | 5.3 8 | 5.4 9
`},
		{"a row cut, its figures below", func(one, two *paper) {
			one.table(640, four, "项|甲|乙|丙", "子|1|1|3", "丑|2|2|2", "寅卯辰巳午未申酉戌亥丑|||")
			two.table(50, four, "甲乙丙|4|5|6", "丁|7|8|9")
		}, `
grid 1: 5 × 4
  1.1 项 | 1.2 甲 | 1.3 乙 | 1.4 丙
  2.1 子 | 2.2 1 | 2.3 1 | 2.4 3
  3.1 丑 | 3.2 2 | 3.3 2 | 3.4 2
  4.1 寅卯辰巳午未申酉戌亥丑甲乙丙 | 4.2 4 | 4.3 5 | 4.4 6
  5.1 丁 | 5.2 7 | 5.3 8 | 5.4 9
`},
		{"a row cut or two rows", func(one, two *paper) {
			// Labels are not numbered and blank cells are usual: nobody can tell, so the figures stay open.
			one.table(640, four, "项|甲|乙|丙", "子|1||3", "丑||2|", "寅卯辰巳午未申酉戌亥丑|4|5|6")
			two.table(50, four, "甲乙丙|||", "丁|7|8|9")
		}, `
problem row_split: page 2: the first row of the table may be the rest of the last row on the page before; its figures are left open

grid 1: 6 × 4
  1.1 项 | 1.2 甲 | 1.3 乙 | 1.4 丙
  2.1 子 | 2.2 1 | 2.3 | 2.4 3
  3.1 丑 | 3.2 | 3.3 2 | 3.4
  4.1 寅卯辰巳午未申酉戌亥丑 | 4.2 4* | 4.3 5* | 4.4 6*
  5.1 甲乙丙 | 5.2 4* | 5.3 5* | 5.4 6*
  6.1 丁 | 6.2 7 | 6.3 8 | 6.4 9
`},
		{"a blank row after a short label", func(one, two *paper) {
			// The label leaves room in its cell, so it was not wrapped: these are two rows.
			one.table(640, four, "项|甲|乙|丙", "子|1||3", "丑||2|", "寅|4|5|6")
			two.table(50, four, "甲乙丙|||", "丁|7|8|9")
		}, `
grid 1: 6 × 4
  1.1 项 | 1.2 甲 | 1.3 乙 | 1.4 丙
  2.1 子 | 2.2 1 | 2.3 | 2.4 3
  3.1 丑 | 3.2 | 3.3 2 | 3.4
  4.1 寅 | 4.2 4 | 4.3 5 | 4.4 6
  5.1 甲乙丙 | 5.2 | 5.3 | 5.4
  6.1 丁 | 6.2 7 | 6.3 8 | 6.4 9
`},
		{"a numbered row with blank cells", func(one, two *paper) {
			one.table(640, four, "项|甲|乙|丙", "1.子|1|2|3", "2.丑|4|5|6", "3.寅卯辰巳午未申酉戌亥|7|8|9")
			two.table(50, four, "4.甲乙丙|||", "5.丁|7|8|9")
		}, `
grid 1: 6 × 4
  1.1 项 | 1.2 甲 | 1.3 乙 | 1.4 丙
  2.1 1.子 | 2.2 1 | 2.3 2 | 2.4 3
  3.1 2.丑 | 3.2 4 | 3.3 5 | 3.4 6
  4.1 3.寅卯辰巳午未申酉戌亥 | 4.2 7 | 4.3 8 | 4.4 9
  5.1 4.甲乙丙 | 5.2 | 5.3 | 5.4
  6.1 5.丁 | 6.2 7 | 6.3 8 | 6.4 9
`},
		{"a header cut", func(one, two *paper) {
			one.table(700, []float64{25, 25, 25}, "结果|结果|项")
			two.table(50, []float64{25, 25, 25}, "维持|纠正|", "1|2|3")
		}, `
grid 1: 2 × 3
  1.1 结果维持 | 1.2 结果纠正 | 1.3 项
  2.1 1 | 2.2 2 | 2.3 3
`},
		{"a row of blank cells alone on its page", func(one, two *paper) {
			one.table(700, four, "项|甲|乙|丙")
			two.table(50, four, "|||")
		}, `
grid 1: 2 × 4
  1.1 项 | 1.2 甲 | 1.3 乙 | 1.4 丙
  2.1 | 2.2 | 2.3 | 2.4
`},
		{"its first column without borders", func(one, two *paper) {
			one.table(700, five, "类|项|甲|乙|丙", "类|1.子|1|2|3")
			y := 50.0
			for i, row := range []string{"2.丑|4|5|6", "3.寅|7|8|9"} {
				top := y + 20*float64(i)
				two.across(top, 90, 390)
				two.across(top+20, 90, 390)
				for j, s := range strings.Split(row, "|") {
					x := []float64{90, 210, 270, 330}[j]
					two.down(x, top, top+20)
					two.text(x+3, top+14, s)
				}
				two.down(390, top, top+20)
			}
		}, `
grid 1: 4 × 5
  1.1 类 | 1.2 项 | 1.3 甲 | 1.4 乙 | 1.5 丙
  2.1 类 | 2.2 1.子 | 2.3 1 | 2.4 2 | 2.5 3
  3.2 2.丑 | 3.3 4 | 3.4 5 | 3.5 6
  4.2 3.寅 | 4.3 7 | 4.4 8 | 4.5 9
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			one, two := newPaper(1), newPaper(2)
			test.pen(one, two)
			want(t, draw(t, one, two), strings.ReplaceAll(test.want, "*", "\uFFFD"))
		})
	}
}

// Two tables beside each other go on each for itself.
func TestTablesBesideEachOther(t *testing.T) {
	beside := func(p *paper, y float64, left, right string) {
		p.table(y, four, left)
		from := len(p.Glyphs)
		rules := len(p.Rules)
		p.table(y, []float64{40, 40}, right)
		for i := from; i < len(p.Glyphs); i++ {
			g := &p.Glyphs[i]
			g.Ink.X0, g.Ink.X1, g.Cell.X0, g.Cell.X1 = g.Ink.X0+320, g.Ink.X1+320, g.Cell.X0+320, g.Cell.X1+320
		}
		for i := rules; i < len(p.Rules); i++ {
			p.Rules[i].X0 += 320
			p.Rules[i].X1 += 320
		}
	}
	one, two := newPaper(1), newPaper(2)
	beside(one, 780, "甲|1|2|3", "丙|7")
	beside(two, 50, "乙|4|5|6", "丁|8")
	want(t, draw(t, one, two), `
grid 1: 2 × 4
  1.1 甲 | 1.2 1 | 1.3 2 | 1.4 3
  2.1 乙 | 2.2 4 | 2.3 5 | 2.4 6

grid 2: 2 × 2
  1.1 丙 | 1.2 7
  2.1 丁 | 2.2 8
`)
}

func TestParagraphs(t *testing.T) {
	one, two := newPaper(1), newPaper(2)
	one.size = 16
	one.text(200, 60, "某县人民政府")
	one.text(150, 90, "2023年工作年度报告")
	one.size = 10
	one.text(70, 120, "首行缩进的一段话写到了右边的尽头，"+strings.Repeat("文", 28))
	one.text(50, 135, "第二行没有写满。")
	one.text(70, 150, "第二段写到了右边的尽头，一直"+strings.Repeat("字", 31))
	one.text(290, 800, "— 1 —")
	two.text(50, 60, "到下一页才完，共收到 12 件。")
	two.text(70, 75, "第三段。")
	two.text(50, 90, strings.Repeat("满", 47))
	two.text(290, 800, "— 2 —")
	want(t, draw(t, one, two), fmt.Sprintf(`
某县人民政府

2023年工作年度报告

首行缩进的一段话写到了右边的尽头，%s第二行没有写满。

第二段写到了右边的尽头，一直%s到下一页才完，共收到12件。

—1—

第三段。

%s

—2—
`, strings.Repeat("文", 28), strings.Repeat("字", 31), strings.Repeat("满", 47)))
}

func TestColumnsOfProse(t *testing.T) {
	p := newPaper(1)
	for i, r := range []rune("一二三") {
		y := 60 + 15*float64(i)
		p.text(50, y, "左"+string(r)+strings.Repeat("左", 18))
		p.text(300, y, "右"+string(r)+strings.Repeat("右", 18))
	}
	p.text(50, 105, "左边还有一行。")
	want(t, draw(t, p), fmt.Sprintf("左一%[1]s左二%[1]s左三%[1]s左边还有一行。\n\n右一%[2]s右二%[2]s右三%[2]s\n",
		strings.Repeat("左", 18), strings.Repeat("右", 18)))
}

// Without ruling lines nobody can say which columns belong together, only what stands in one row.
func TestTableWithoutLines(t *testing.T) {
	p := newPaper(1)
	p.text(50, 60, "二、情况")
	for i, row := range []string{"项|自然人|法人|总计", "新收|3||3", "结转的数量|0|10|10"} {
		for j, s := range strings.Split(row, "|") {
			p.text(50+100*float64(j), 80+20*float64(i), s)
		}
	}
	want(t, draw(t, p), `
二、情况

grid 1: 3 × 4, ragged
  1.1 项 | 1.2 自然人 | 1.3 法人 | 1.4 总计
  2.1 新收 | 2.2 3 | 2.3 3
  3.1 结转的数量 | 3.2 0 | 3.3 10 | 3.4 10
`)
}

// Two lines with gaps are no table.
func TestLinesWithGaps(t *testing.T) {
	p := newPaper(1)
	p.text(50, 60, "联系人：某甲")
	p.text(300, 60, "电话：12")
	p.text(50, 80, "地址：某街")
	p.text(300, 80, "邮编：34")
	want(t, draw(t, p), "联系人：某甲 电话：12 地址：某街 邮编：34\n")
}

// Headers and footers come after the paragraph that they stand in the middle of, each part for itself.
func TestHeadersAndFooters(t *testing.T) {
	one, two := newPaper(1), newPaper(2)
	for _, p := range []*paper{one, two} {
		p.text(50, 30, "2024/1/2")
		p.text(200, 30, "某县年度报告")
	}
	one.text(50, 60, strings.Repeat("满", 47))
	two.text(50, 60, "到下一页才完。")
	want(t, draw(t, one, two), fmt.Sprintf("2024/1/2\n\n某县年度报告\n\n%s到下一页才完。\n\n2024/1/2\n\n某县年度报告\n", strings.Repeat("满", 47)))
}

func TestIndentedLineOnTheNextPage(t *testing.T) {
	one, two := newPaper(1), newPaper(2)
	one.text(50, 60, strings.Repeat("满", 47))
	two.text(70, 60, "另起一段。")
	want(t, draw(t, one, two), strings.Repeat("满", 47)+"\n\n另起一段。\n")
}
