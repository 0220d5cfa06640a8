package docx

import "testing"

func TestNumeral(t *testing.T) {
	for _, test := range []struct {
		n      int
		format string
		want   string // "" if it cannot be written so
	}{
		{7, "decimal", "7"}, {7, "decimalZero", "07"}, {12, "decimalFullWidth", "１２"},
		{1, "chineseCounting", "一"}, {10, "chineseCounting", "十"}, {11, "chineseCounting", "十一"}, {20, "chineseCounting", "二十"},
		{99, "chineseCountingThousand", "九十九"}, {100, "chineseCounting", ""},
		{3, "chineseLegalSimplified", "叁"}, {12, "chineseLegalSimplified", "壹拾贰"},
		{1, "decimalEnclosedCircleChinese", "①"}, {20, "decimalEnclosedCircle", "⑳"}, {21, "decimalEnclosedCircle", ""},
		{2, "decimalEnclosedParen", "⑵"}, {3, "decimalEnclosedFullstop", "⒊"}, {10, "ideographEnclosedCircle", "㊉"},
		{4, "ideographTraditional", "丁"}, {26, "upperLetter", "Z"}, {27, "lowerLetter", ""}, {2, "lowerLetter", "b"},
		{49, "upperRoman", "XLIX"}, {4, "lowerRoman", "iv"}, {1, "hebrew1", ""},
	} {
		got, ok := numeral(test.n, test.format)
		if !ok {
			got = ""
		}
		if got != test.want {
			t.Errorf("numeral(%d, %s) = %q, want %q", test.n, test.format, got, test.want)
		}
	}
}
