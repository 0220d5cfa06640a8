package charset_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"nianbao/ingest/document"
	"nianbao/ingest/document/charset"
)

const sentence = "本年新收政府信息公开申请数量为23件，其中予以公开7件、部分公开1件，其他处理15件；不予公开的理由一并告知申请人。"

func in(e encoding.Encoding, s string) []byte {
	b, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		panic(err)
	}
	return b
}

func TestDecode(t *testing.T) {
	traditional := strings.NewReplacer("区", "區").Replace("政府資訊公開年報區")
	gb := in(simplifiedchinese.GB18030, sentence)
	for _, test := range []struct {
		name     string
		b        []byte
		declared string
		text     string
		charset  string
		problems string // codes, and the message of the first
	}{
		{"plain ASCII", []byte("abc"), "gb2312", "abc", "utf-8", ""},
		{"UTF-8, wrongly declared", []byte(sentence), "gb2312", sentence, "utf-8", ""},
		{"UTF-8 with mark", []byte("\xEF\xBB\xBF" + sentence), "", sentence, "utf-8", ""},
		{"UTF-16 little-endian with mark", in(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), sentence), "", sentence, "utf-16le", ""},
		{"UTF-16 big-endian with mark", in(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), sentence), "", sentence, "utf-16be", ""},
		{"UTF-16 with half a character at the end", append(in(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "年报"), 0x31), "", "年报\uFFFD", "utf-16le",
			"charset_invalid: 1 places are not valid utf-16le, the first at byte 6; each stands as U+FFFD"},
		{"GBK undeclared", gb, "", sentence, "gb18030", ""},
		{"GBK declared as gb2312", gb, "GB2312", sentence, "gb18030", ""},
		{"GB18030 with four bytes", in(simplifiedchinese.GB18030, "㐀年"), "gb18030", "㐀年", "gb18030", ""},
		{"GBK declared as UTF-8", gb, "utf-8", sentence, "gb18030",
			`charset_mismatch: the file says its encoding is "utf-8", but its bytes are not; read as gb18030`},
		{"GBK declared as Latin", gb, "iso-8859-1", sentence, "gb18030",
			`charset_mismatch: the file says its encoding is "iso-8859-1", but its bytes are not; read as gb18030`},
		{"GBK declared as UTF-16", gb, "utf-16", sentence, "gb18030",
			`charset_mismatch: the file says its encoding is "utf-16", but its bytes are not; read as gb18030`},
		{"unknown declaration", gb, "x-chinese", sentence, "gb18030",
			`charset_unknown: the file says its encoding is "x-chinese", which is unknown; read as gb18030`},
		{"declaration of an encoding that browsers refuse", gb, "hz-gb-2312", sentence, "gb18030",
			`charset_unknown: the file says its encoding is "hz-gb-2312", which is unknown; read as gb18030`},
		{"Big5 declared", in(traditionalchinese.Big5, traditional), "big5", traditional, "big5", ""},
		{"one character of UTF-8 cut in two", append([]byte(sentence), "件"[:2]...), "", sentence + "\uFFFD\uFFFD", "utf-8",
			fmt.Sprintf("charset_invalid: 2 places are not valid utf-8, the first at byte %d; each stands as U+FFFD", len(sentence))},
		{"a byte of GBK lost", append(append(append([]byte{}, gb[:4]...), 0xFF), gb[4:]...), "gbk", "本年\uFFFD" + sentence[6:], "gb18030",
			"charset_invalid: 1 places are not valid gb18030, the first at byte 4; each stands as U+FFFD"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text, name, problems := charset.Decode(test.b, func([]byte) string { return test.declared })
			if string(text) != test.text || name != test.charset {
				t.Errorf("got  %s %q\nwant %s %q", name, text, test.charset, test.text)
			}
			got := ""
			for _, p := range problems {
				got += p.Code + ": " + p.Message
			}
			if got != test.problems {
				t.Errorf("problems:\ngot  %s\nwant %s", got, test.problems)
			}
		})
	}
}

// FuzzDecode: the text is always valid UTF-8, and what stands in it as U+FFFD is told.
func FuzzDecode(f *testing.F) {
	for _, label := range []string{"", "gbk", "big5", "utf-8", "euc-kr", "nonsense"} {
		f.Add(in(simplifiedchinese.GB18030, sentence), label)
		f.Add([]byte("\xFF\xFE1\x00\xD8"), label)
	}
	f.Fuzz(func(t *testing.T, b []byte, label string) {
		text, name, problems := charset.Decode(b, func([]byte) string { return label })
		if !utf8.Valid(text) {
			t.Fatalf("%s: not valid UTF-8: %q", name, text)
		}
		told := false
		for _, p := range problems {
			told = told || p.Code == document.CharsetInvalid
		}
		if bytes.Contains(text, []byte("\uFFFD")) && !bytes.Contains(b, []byte("\uFFFD")) && !told {
			t.Errorf("%s: U+FFFD in the text, but no problem", name)
		}
	})
}
