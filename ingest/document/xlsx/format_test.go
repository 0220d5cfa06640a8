package xlsx

import "testing"

func TestShow(t *testing.T) {
	const accounting = `_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ `
	for _, test := range []struct {
		format, stored, want string
		why                  bool // the text does not tell all
	}{
		{"General", "12", "12", false},
		{"General", "12.345", "12.345", false},
		{"General", "1.25E+3", "1250", false},
		{"General", "1E-3", "0.001", false},
		{"General", "12.0", "12", false},
		{"General", "-0", "0", false},
		{"General", "0.30000000000000004", "0.3", false}, // noise of the arithmetic
		{"General", "12345678901234567890", "12345678901234567890", false},
		{`General"件"`, "12", "12件", false},
		{"@", "12", "12", false},
		{"0", "12", "12", false},
		{"0", "12.345", "12.345", true}, // shown as 12
		{"0.00", "12", "12.00", false},
		{"0.00", "12.345", "12.345", true},
		{"0.00", "-12.345", "-12.345", true},
		{"0.0#", "12.34", "12.34", false},
		{"0000", "12", "0012", false},
		{"#", "0", "", true},
		{"#.##", "0.5", "0.5", false},
		{"#,##0", "0", "0", false},
		{"#,##0", "1234567", "1,234,567", false},
		{"#,##0.00", "1234.5", "1,234.50", false},
		{"#,##0", "-1234", "-1,234", false},
		{"0,", "1234567", "1235 ≠ 1234567", true},
		{`0.0,,"百万"`, "1234567", "1.2 ≠ 1234567", true},
		{"0%", "0.125", "12.5%", true},
		{"0.0%", "0.125", "12.5%", false},
		{"0%", "0.5", "50%", false},
		{`0"件"`, "12", "12件", false},
		{`0\ "万元"`, "12", "12 万元", false},
		{`[$¥-804]#,##0.00`, "1234.5", "¥1,234.50", false},
		{accounting, "1234.5", "1,234.50", false},
		{accounting, "-1234.5", "-1,234.50", false},
		{accounting, "0", "-", true},
		{"0;-0;;@", "0", "", true},
		{"0;-0;;@", "3", "3", false},
		{";;;", "3", "", true},
		{`0_);(0)`, "-3", "-3", true}, // shown as (3)
		{`0;[Red]0`, "-3", "-3", true},
		{`"增加"0;"减少"0`, "-3", "减少3", false},
		{`[<1]"";0`, "0", "", true},
		{`[>=100]"多";0`, "100", "多", true},
		{`[>=100]"多";0`, "99", "99", false},
		{`[=1]"有";[=0]"无";0`, "2", "2", false},
		{"[DBNum1][$-804]General", "12", "12", false},
		{"0.00E+00", "1250", "1250", false},
		{"# ?/?", "0.5", "0.5", true},
		{"yyyy/m/d", "45308", "2024/1/17", false},
		{`yyyy"年"m"月"d"日"`, "45308", "2024年1月17日", false},
		{"[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "45308", "Wednesday, January 17, 2024", false},
		{"yyyy-mm-dd hh:mm:ss", "45308.5", "2024-01-17 12:00:00", false},
		{"yyyy-mm-dd hh:mm", "45308.999999999", "2024-01-18 00:00", false},
		{"h:mm AM/PM", "0.75", "6:00 PM", false},
		{`上午/下午h"时"mm"分"`, "0.25", "上午6时00分", false},
		{"mm:ss.0", "0.000011574", "00:01.0", false},
		{"[h]:mm:ss", "1.5", "36:00:00", false},
		{"yyyy/m/d", "1", "1900/1/1", false},
		{"yyyy/m/d", "59", "1900/2/28", false},
		{"yyyy/m/d", "60", "60", true}, // a day that never was
		{"yyyy/m/d", "61", "1900/3/1", false},
		{"yyyy/m/d", "-1", "-1", true},
		{"yyyy/m/d", "3000000", "3000000", true},
		{"aaaa", "45308", "星期三", false},
		{`"未闭合`, "1", "未闭合", true},
		{"", "5", "5", false},
		{`\`, "5", "", true},
		{"[", "5", "[", true},
	} {
		v, ok := exact(test.stored)
		if !ok {
			t.Errorf("exact(%q) is no number", test.stored)
			continue
		}
		got := parseFormat(test.format).show(v, false)
		if got.text != test.want || (got.why != "") != test.why {
			t.Errorf("%s in format %s: got %q, problem %q; want %q, a problem: %t", test.stored, test.format, got.text, got.why, test.want, test.why)
		}
	}
}

func TestShowFrom1904(t *testing.T) {
	v, _ := exact("43846")
	if got := parseFormat("yyyy/m/d").show(v, true).text; got != "2024/1/17" {
		t.Errorf("got %s, want 2024/1/17", got)
	}
}

func TestExactRefuses(t *testing.T) {
	for _, s := range []string{"", "-", ".", "1.2.3", "1e", "1e999999999", "0x10", "NaN", "Infinity", "1,234", " 1", "１２"} {
		if v, ok := exact(s); ok {
			t.Errorf("exact(%q) = %s, want no number", s, v)
		}
	}
}

func TestPlace(t *testing.T) {
	for _, test := range []struct {
		ref         string
		row, column int
		ok          bool
	}{
		{"A1", 1, 1, true}, {"$B$7", 7, 2, true}, {"XFD1048576", 1048576, 16384, true}, {"aa10", 10, 27, true},
		{"XFE1", 0, 0, false}, {"A0", 0, 0, false}, {"A1048577", 0, 0, false}, {"1A", 0, 0, false}, {"A", 0, 0, false},
		{"A99999999999999999999", 0, 0, false}, {"AAAAAAAAAAAA1", 0, 0, false}, {"", 0, 0, false},
	} {
		row, column, ok := place(test.ref)
		if ok != test.ok || ok && (row != test.row || column != test.column) {
			t.Errorf("place(%q) = %d, %d, %t, want %d, %d, %t", test.ref, row, column, ok, test.row, test.column, test.ok)
		}
		if back := reference(row, column); ok && place2(back) != [2]int{row, column} {
			t.Errorf("%q came back as %s", test.ref, back)
		}
	}
}

func place2(s string) [2]int {
	row, column, _ := place(s)
	return [2]int{row, column}
}
