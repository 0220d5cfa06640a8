package form_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nianbao/internal/form"
)

// TestDataDictionary keeps docs/data-dictionary.md in step with the catalogue; -update writes it.
func TestDataDictionary(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# 数据字典 · Data dictionary

本文件由程序的表格目录生成，不手工修改。This file is generated from the program's catalogue of the form.

每个数字的地址是 ` + "`表.行.列`" + `，例如 ` + "`section3.R3_4.total`" + `。代码固定不变。
Every figure has the address ` + "`table.row.column`" + `; the codes never change.

## 单元格状态 · States of a cell

| 代码 | 含义 | meaning |
|---|---|---|
| ` + "`number`" + ` | 印有一个数，已准确读出 | a number, read exactly |
| ` + "`blank`" + ` | 空格（不等于 0） | an empty cell, which is not 0 |
| ` + "`dash`" + ` | 占位符：- — / 无 | a placeholder |
| ` + "`na`" + ` | 不适用 | not applicable |
| ` + "`text`" + ` | 文字 | words |
| ` + "`ambiguous`" + ` | 有几种读法，列出候选，不取其一 | several readings; the candidates are listed, none is chosen |
| （无此行） | 报告中没有这一格 | the report has no such cell: there is no row |

`)
	for _, f := range form.Forms {
		fmt.Fprintf(&b, "## 表样 %s · Form %s\n\n%s（%s），适用 %s 年度报告。章节按表头文字识别，不按年份。\n\n", f.Version, f.Version, f.Title, f.Document, f.Years)
		for _, tb := range f.Tables {
			fmt.Fprintf(&b, "### `%s` %s\n\n", tb.Code, tb.Title)
			for _, block := range tb.Blocks {
				if block.Heading != "" {
					fmt.Fprintf(&b, "**%s**\n\n", block.Heading)
				}
				b.WriteString("| 行 row | 印刷文字 printed | 依据 source |\n|---|---|---|\n")
				for _, r := range block.Rows {
					note := r.Article
					if r.Optional {
						note += "（部分省份印有）"
					}
					fmt.Fprintf(&b, "| `%s` | %s%s | %s |\n", r.Code, path(r.Parents), r.Printed(), note)
				}
				b.WriteString("\n| 列 column | 印刷文字 printed | 单位 unit |\n|---|---|---|\n")
				for _, c := range block.Columns {
					unit := c.Unit
					if c.Signed {
						unit += "，可为负 may be negative"
					}
					if c.Decimal {
						unit += "，可有小数 may have a fraction"
					}
					fmt.Fprintf(&b, "| `%s` | %s%s | %s |\n", c.Code, path(c.Parents), c.Label, unit)
				}
				b.WriteString("\n")
			}
		}
	}
	b.WriteString("## 勾稽关系 · Identities\n\n| 代码 | 关系 | 左 = 右 | 性质 | 来源 |\n|---|---|---|---|---|\n")
	for _, id := range form.Identities {
		kind := "推导 derived"
		if id.Official {
			kind = "表中印明 printed in the form"
		}
		over := "每列 every column"
		if id.Over == form.EachRow {
			over = "每行 every row"
		}
		fmt.Fprintf(&b, "| %s | %s | %s = %s（%s，`%s`） | %s | %s |\n", id.ID, id.Name, strings.Join(id.Left, " + "), strings.Join(id.Right, " + "), over, id.Table, kind, id.Source)
	}
	b.WriteString(checkChapter())
	b.WriteString(`
## 指标 · Measures

除注明者外，比率没有官方公式，是本程序的定义。There is no official formula for the shares; they are definitions of this program.
分母为 0 时没有值（不是 0，也不是 100%）。Where the denominator is 0 there is no value, neither 0 nor 100 %.
指标没有好坏方向，注明者除外。A measure has no direction of good or bad unless one is given.

种类 kinds: ` + "`count`" + ` 件数，` + "`amount`" + ` 金额（可有小数），` + "`share`" + ` 部分占整体，` + "`ratio`" + ` 两个不同数之比（只并列，不排名），` + "`growth`" + ` 比上年增减，` + "`days`" + ` 天数（来自登记）。

| 代码 | 名称 name | 种类 | 分子 | 分母 | 单位 | 可比版本 | 来源 | 定义版次 | 注意 |
|---|---|---|---|---|---|---|---|---|---|
`)
	for _, m := range form.Measures {
		versions := make([]string, len(m.Comparable))
		for i, v := range m.Comparable {
			versions[i] = string(v)
		}
		formula, per := m.Formula, m.Per
		for i, r := range m.Numerators {
			if i > 0 {
				formula += "；" + "`x=" + r.Code + "`：" + r.Words
			}
		}
		for i, r := range m.Denominators {
			if i > 0 {
				per += "；" + "`den=" + r.Code + "`：" + r.Words
			}
		}
		var notes []string
		if m.Caveat != "" {
			notes = append(notes, m.Caveat)
		}
		if m.Direction == form.LessIsBest {
			notes = append(notes, "以少为好")
		}
		for _, c := range m.Caveats {
			notes = append(notes, string(c.Version)+" 版："+c.Text)
		}
		fmt.Fprintf(&b, "| `%s` | %s · %s | %s | %s | %s | %s | %s | %s | %d | %s |\n", m.Code, m.Name, m.En, m.Kind, formula, per, m.Unit, strings.Join(versions, " "), m.Source, m.Revision, strings.Join(notes, "；"))
	}
	b.WriteString("\n## 正文中的数 · Numbers stated in the text\n\n| 代码 | 名称 | 单位 | 与表比较（任一成立即可） compared with | 2019年以前的指标 |\n|---|---|---|---|---|\n")
	for _, c := range form.Concepts {
		var sums []string
		for _, keys := range c.Against {
			sums = append(sums, "`"+strings.Join(form.Paths(keys), "` + `")+"`")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", c.Code, c.Name, c.Unit, strings.Join(sums, "；"), strings.Join(c.Indicators, "、"))
	}
	b.WriteString("\n## 2019年以前的统计表 · Tables before 2019\n\n`2014-stat` 是全国统计表（国办发〔2014〕32号），`prov-stat` 是各省统计表，`prose` 是没有表格的报告。行按印刷文字存，下面是认作同一指标的写法。\n\n| 指标 | 写法 printed | 单位 | 属于 part of | 全国表 national |\n|---|---|---|---|---|\n")
	for _, x := range form.Indicators {
		national := ""
		if x.National {
			national = "有"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", x.Code, strings.Join(append([]string{x.Label}, x.Labels...), "；"), x.Unit, x.Parent, national)
	}
	b.WriteString("\n| 现行指标 measure | 2019年以前各行之和 | 可比 comparable | 说明 |\n|---|---|---|---|\n")
	for _, x := range form.Crosswalk {
		rows := strings.Join(x.Indicators, " + ")
		if len(x.Optional) > 0 {
			rows += "（+ " + strings.Join(x.Optional, " + ") + "，如有）"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", x.Measure, rows, x.Comparable, x.Note)
	}
	b.WriteString("\n## 审计包的文件 · Files of the audit package\n\n`nianbao export` 写出，见 [export.md](export.md)。Written by `nianbao export`.\n\n")
	for _, d := range form.Datasets {
		fmt.Fprintf(&b, "### `%s` %s\n\n%s. 主键 key: `%s`。\n\n| 列 column | 名称 | 类型 type | 说明 |\n|---|---|---|---|\n", d.File, d.Zh, d.En, strings.Join(d.Key, "`, `"))
		for _, f := range d.Fields {
			kind := string(f.Type)
			if f.Optional {
				kind += "，可无值"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Code, f.Zh, kind, f.Words)
		}
		b.WriteString("\n")
	}
	golden := filepath.Join("..", "..", "docs", "data-dictionary.md")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("docs/data-dictionary.md differs from the catalogue; run go test ./internal/form -update (-have +want):\n%s", diff)
	}
}
