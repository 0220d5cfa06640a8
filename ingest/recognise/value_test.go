package recognise

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
)

func TestReadValue(t *testing.T) {
	count := form.Column{Code: "total", Unit: "件"}
	change := form.Column{Code: "delta", Unit: "项", Signed: true}
	wan := form.Column{Code: "amount_wan", Unit: "万元", Decimal: true}
	yuan := form.Column{Code: "amount_yuan", Unit: "元", Decimal: true}
	for _, tc := range []struct {
		raw    string
		column form.Column
		state  form.State
		value  string // "" unless a number
		unit   string
	}{
		{"0", count, form.Number, "0", ""},
		{"3607", count, form.Number, "3607", ""},
		{" 12\n", count, form.Number, "12", ""},
		{"\u00a0\u3000", count, form.Blank, "", ""},
		{"\u200b", count, form.Blank, "", ""},
		{"０", count, form.Number, "0", ""},
		{"１２３", count, form.Number, "123", ""},
		{"1,234", count, form.Number, "1234", ""},
		{"1，234，567", count, form.Number, "1234567", ""},
		{"1,23", count, form.Ambiguous, "", ""},
		{"12,3456", count, form.Ambiguous, "", ""},
		{"0000000", count, form.Ambiguous, "", ""},
		{"007", count, form.Ambiguous, "", ""},
		{"1 2", count, form.Ambiguous, "", ""},
		{"3/5", count, form.Ambiguous, "", ""},
		{"5(3)", count, form.Ambiguous, "", ""},
		{"5（含自然失效3件）", count, form.Number, "5", ""},
		{"22\n（其中修订 16 件）", count, form.Number, "22", ""},
		{"55件（含自然失效29件）", count, form.Number, "55", "件"},
		{"3件", count, form.Number, "3", "件"},
		{"3人次", count, form.Number, "3", "人次"},
		{"3元", count, form.Ambiguous, "", ""},
		{"7700余", count, form.Ambiguous, "", ""},
		{"约300", count, form.Ambiguous, "", ""},
		{"-", count, form.Dash, "", ""},
		{"—", count, form.Dash, "", ""},
		{"－", count, form.Dash, "", ""},
		{"/", count, form.Dash, "", ""},
		{"／", count, form.Dash, "", ""},
		{"无", count, form.Dash, "", ""},
		{"不适用", count, form.NA, "", ""},
		{"N/A", count, form.NA, "", ""},
		{"零", count, form.Number, "0", ""},
		{"〇", count, form.Number, "0", ""},
		{"55①", count, form.Number, "55", ""},
		{"①", count, form.Ambiguous, "", ""},
		{"55²", count, form.Ambiguous, "", ""},
		{"5½", count, form.Ambiguous, "", ""},
		{"Ⅳ", count, form.Ambiguous, "", ""},
		{"55[1]", count, form.Ambiguous, "", ""},
		{"见附件", count, form.Text, "", ""},
		{"O", count, form.Text, "", ""},
		{"一", count, form.Text, "", ""}, // one, or a dash
		{"-3", count, form.Number, "-3", ""},
		{"增10", count, form.Ambiguous, "", ""},
		{"增10", change, form.Number, "10", ""},
		{"减11", change, form.Number, "-11", ""},
		{"减少 4", change, form.Number, "-4", ""},
		{"+173", change, form.Number, "173", ""},
		{"−18", change, form.Number, "-18", ""},
		{"-0", change, form.Number, "0", ""},
		{"增-3", change, form.Ambiguous, "", ""},
		{"减-3", change, form.Ambiguous, "", ""},
		{"4166.241619", wan, form.Number, "4166.241619", ""},
		{"251000元", wan, form.Number, "25.1", "元"},
		{"9116.36万元", wan, form.Number, "9116.36", "万元"},
		{"1276.5534万元", yuan, form.Number, "12765534", "万元"},
		{"75394432.52元", yuan, form.Number, "75394432.52", "元"},
		{"1.2亿元", yuan, form.Number, "120000000", "亿元"},
		{"808", yuan, form.Number, "808", ""},
		{".5", wan, form.Ambiguous, "", ""},
		{"1.", wan, form.Ambiguous, "", ""},
		{strings.Repeat("9", 40), count, form.Ambiguous, "", ""},
	} {
		got := read(tc.raw, tc.column)
		if got.state != tc.state || got.unit != tc.unit {
			t.Errorf("read(%q, %s): %s unit %q, want %s unit %q", tc.raw, tc.column.Code, got.state, got.unit, tc.state, tc.unit)
			continue
		}
		if tc.value != "" && !got.value.Equal(decimal.RequireFromString(tc.value)) {
			t.Errorf("read(%q, %s): %s, want %s", tc.raw, tc.column.Code, got.value, tc.value)
		}
	}
}

// FuzzReadValue: whatever a cell holds, a number comes out only if its digits stand in the text in their order.
func FuzzReadValue(f *testing.F) {
	for _, s := range []string{"0", "1,234", "减11", "22（其中修订16件）", "251000元", "１２", "1 2", "-", "", "1276.5534万元"} {
		f.Add(s)
	}
	columns := []form.Column{{Unit: "件"}, {Unit: "项", Signed: true}}
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range columns {
			r := read(s, c)
			if r.state != form.Number || r.rule == "chinese zero" {
				continue
			}
			digits := strings.Map(func(d rune) rune {
				if d >= '0' && d <= '9' || d == '.' {
					return d
				}
				return -1
			}, r.value.String())
			shown := strings.ReplaceAll(plain(s), ",", "")
			if !strings.Contains(shown, strings.TrimRight(digits, ".0")) {
				t.Errorf("read(%q) = %s: its digits do not stand in the text", s, r.value)
			}
		}
	})
}

func TestFigure(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "0": true, "12": true, "1,234": true, "-": true, "/": true, "无": true, "减11": true, "增10": true, "32件": true,
		"55（含自然失效29件）": true, "251000元": true, "1276.5534万元": true, "不适用": true,
		"1.属于国家秘密": false, "2、重复申请": false, "3.其他": false, "2020年度": false, "(七)总计": false, "规章": false, "一、本年新收": false,
		"上一年项目数量 (指2019年": false, "增强服务": false,
	} {
		if got := figure(text); got != want {
			t.Errorf("figure(%q) = %v, want %v", text, got, want)
		}
	}
}

func TestParseLabel(t *testing.T) {
	for text, want := range map[string]label{
		"一、本年新收政府信息公开申请数量": {"一", "本年新收政府信息公开申请数量"},
		"（三）不予公开":          {"三", "不予公开"},
		"(三) 不予公开":         {"三", "不予公开"},
		"1.属于国家秘密":         {"1", "属于国家秘密"},
		"1、 属于国家秘密":        {"1", "属于国家秘密"},
		"１．属于国家秘密":         {"1", "属于国家秘密"},
		"3危及“三安全一稳定”":      {"3", "危及三安全一稳定"},
		"三安全一稳定":           {"", "三安全一稳定"},
		"規(guī)章":          {"", "规章"},
		"行政規范性文件":          {"", "行政规范性文件"},
		"新榮區(qū)交通運輸局":     {"", "新荣区交通运输局"},
		"第二十條 第(一)項":       {"", "第二十条第一项"},
		"⼀、本年新收":           {"一", "本年新收"}, // Kangxi radical
		"":                 {"", ""},
	} {
		if got := parseLabel(text); got != want {
			t.Errorf("parseLabel(%q) = %+v, want %+v", text, got, want)
		}
	}
}

func TestParseTitle(t *testing.T) {
	for _, tc := range []struct {
		text, agency, year string
		ok                 bool
	}{
		{"博山区科学技术局2023 年度政府信息公开工作年度报告", "博山区科学技术局", "2023", true},
		{"2025 年上海市人民政府办公厅政府信息公开工作年度报告", "上海市人民政府办公厅", "2025", true},
		{"昌图县七家子镇2023年政府信息公开 工作告年度报", "昌图县七家子镇", "2023", true},
		{"平潭综合实验区2024年度政府信息公开工作年度报告_政府信息公开年报", "平潭综合实验区", "2024", true},
		{"现公布区统计局2023年政府信息公开工作年度报告。", "区统计局", "2023", true},
		{"关于2021年度政府信息公开情况的", "", "2021", true},
		{"二〇二三年度沭阳县发展和改革局政府信息公开年度报告", "沭阳县发展和改革局", "2023", true},
		{"政府信息公开年报", "", "", true},
		{"沭阳县发展和改革局政府信息公开工作年度报告（2023年）", "沭阳县发展和改革局", "2023", true},
		{"根据《中华人民共和国政府信息公开条例》和《政府信息公开工作年度报告格式》的要求", "", "", false},
		{"一、总体情况", "", "", false},
		{"我局2023年政府信息公开工作年度报告", "", "2023", true},
	} {
		agency, year, ok := parseTitle(tc.text)
		if agency != tc.agency || year != tc.year || ok != tc.ok {
			t.Errorf("parseTitle(%q) = %q, %q, %v, want %q, %q, %v", tc.text, agency, year, ok, tc.agency, tc.year, tc.ok)
		}
	}
}

func TestArabicDate(t *testing.T) {
	for text, want := range map[string]string{
		"二○一三年一月二十日": "2013年1月20日", "二〇二四年十二月三十一日": "2024年12月31日", "二零二三年十月十日": "2023年10月10日", "2023年1月17日": "2023年1月17日", "无": "无",
	} {
		if got := arabicDate(text); got != want {
			t.Errorf("arabicDate(%q) = %q, want %q", text, got, want)
		}
	}
}
