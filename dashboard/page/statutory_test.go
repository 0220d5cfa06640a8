package page

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"nianbao/internal/form"
)

// TestStatutoryTables: every table of every version is a full rectangle with each cell of the form in it once.
func TestStatutoryTables(t *testing.T) {
	for _, f := range form.Forms {
		for _, table := range f.Tables {
			s := layOut(table)
			var keys []form.Key
			for _, b := range table.Blocks {
				for _, r := range b.Rows {
					for _, c := range b.Columns {
						keys = append(keys, form.Key{Table: table.Code, Row: r.Code, Column: c.Code})
					}
				}
			}
			var figures []form.Key
			taken := map[[2]int]string{}
			width := 0
			for r, row := range s.Rows {
				c := 0
				for _, cell := range row.Cells {
					if cell.Figure {
						figures = append(figures, cell.Key)
					}
					for taken[[2]int{r, c}] != "" {
						c++
					}
					for i := range cell.RowSpan {
						for j := range cell.ColSpan {
							at := [2]int{r + i, c + j}
							if taken[at] != "" {
								t.Errorf("%s %s: %q and %q overlap at row %d, column %d", f.Version, table.Code, taken[at], cell.Text, at[0], at[1])
							}
							taken[at] = cell.Text + cell.Key.String()
							width = max(width, at[1]+1)
						}
					}
				}
			}
			for r := range s.Rows {
				for c := range width {
					if taken[[2]int{r, c}] == "" {
						t.Errorf("%s %s: nothing at row %d, column %d", f.Version, table.Code, r, c)
					}
				}
			}
			if len(taken) != width*len(s.Rows) {
				t.Errorf("%s %s: %d places in a table of %d × %d", f.Version, table.Code, len(taken), len(s.Rows), width)
			}
			if !slices.Equal(figures, keys) {
				t.Errorf("%s %s: figures %v, want %v", f.Version, table.Code, figures, keys)
			}
		}
	}
}

// TestStatutoryHeads: the merged labels stand as the form prints them.
func TestStatutoryHeads(t *testing.T) {
	head := func(code string, rows int) string {
		f, _ := form.Lookup(form.V2021)
		table, _ := f.Table(code)
		var b strings.Builder
		for _, row := range layOut(table).Rows[:rows] {
			for _, c := range row.Cells {
				text := c.Text
				if c.Figure {
					text = c.Key.Row + "." + c.Key.Column
				}
				fmt.Fprintf(&b, "%s %d×%d|", text, c.RowSpan, c.ColSpan)
			}
			b.WriteString("\n")
		}
		return b.String()
	}
	want := "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和） 3×3|申请人情况 1×7|\n" +
		"自然人 2×1|法人或其他组织 1×5|总计 2×1|\n" +
		"商业企业 1×1|科研机构 1×1|社会公益组织 1×1|法律服务机构 1×1|其他 1×1|\n"
	if got := head(form.Section3, 3); got != want {
		t.Errorf("head of table 三:\n%s\nwant:\n%s", got, want)
	}
	want = "行政复议 2×5|行政诉讼 1×10|\n未经复议直接起诉 1×5|复议后起诉 1×5|\n" + strings.Repeat("结果维持 1×1|结果纠正 1×1|其他结果 1×1|尚未审结 1×1|总计 1×1|", 3) + "\n"
	if got := head(form.Section4, 3); got != want {
		t.Errorf("head of table 四:\n%s\nwant:\n%s", got, want)
	}
}
