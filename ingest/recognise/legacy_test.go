package recognise_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nianbao/ingest/document"
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
	doc := read(t, "某区2012年政府信息公开工作年度报告\n附表 指标名称 计量单位 2012年度 历年累计 主动公开信息数 条 739 4359 其中：1、网站公开 条 739 4359 2、政府公报公开 条 0 0 受理总数条00其中：1、当面申请数条012、网上申请数条29498191收费减免金额元00")
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
