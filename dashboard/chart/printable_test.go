package chart

import "testing"

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		"博山区科学技术局 12%\r\n\tä":      "博山区科学技术局 12%\r\n\tä",
		"a\x00b\x1b[31mc\u0085":    "a\ufffdb\ufffd[31mc\ufffd",
		"\u202e局\u2067":            "\ufffd局\ufffd",
		"\xff\xfe局\xe5":            "\ufffd\ufffd局\ufffd",
		"\ufffd stays\ufeff\u2028": "\ufffd stays\ufeff\u2028",
	} {
		if got := string(Printable([]byte(text))); got != want {
			t.Errorf("Printable(%q) = %q, want %q", text, got, want)
		}
	}
}
