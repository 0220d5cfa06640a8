package export

import (
	"encoding/csv"
	"io"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/query/tabular"
)

// hard are texts that spreadsheets calculate, or that are hard to carry.
var hard = []string{"", "'", "''", "'=1", "=1+1", "+1", "-5", "－5", "＝1", "@x", "＠x", "\tx", "\rx", "\nx", "a\r\nb", `"`, `""`, `a"b,c`, "见附件", "无", "a,b", "\"=", " =1", "0", "\\N", "a\nb\r"}

// What is written is read back, by this reader exactly and by the usual one as far as that can.
func TestRowsComeBack(t *testing.T) {
	d := form.Dataset{File: "x.csv", Fields: []form.Field{{Code: "a", Type: form.TextField}, {Code: "n", Type: form.WholeField}, {Code: "b", Type: form.TextField}, {Code: "v", Type: form.DecimalField, Optional: true}}}
	var file strings.Builder
	w := newTable(d, &file, true)
	for i, text := range hard {
		if err := w.put(text, i, hard[len(hard)-1-i], (*decimal.Decimal)(nil)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.w.Flush(); err != nil {
		t.Fatal(err)
	}
	in, err := NewReader(d, strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	usual := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.String(), ByteOrderMark)))
	if _, err := usual.Read(); err != nil {
		t.Fatal(err)
	}
	for i, text := range hard {
		values, err := in.Next()
		if err != nil {
			t.Fatal(err)
		}
		if got, other := tabular.Unguard(string(values[0].Text)), tabular.Unguard(string(values[2].Text)); got != text || other != hard[len(hard)-1-i] || !values[0].Quoted || values[1].Quoted || len(values[3].Text) > 0 {
			t.Errorf("%q came back as %q, %q as %q", text, got, hard[len(hard)-1-i], other)
		}
		record, err := usual.Read()
		if err != nil || tabular.Unguard(record[0]) != strings.ReplaceAll(text, "\r\n", "\n") {
			t.Errorf("%q came back as %q by encoding/csv, %v", text, record, err)
		}
	}
	if _, err := in.Next(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	if w.put("a", "1", "b", (*decimal.Decimal)(nil)) == nil || w.put("a", 1, "b") == nil {
		t.Error("a value of another type, or too few, were written")
	}
}

func TestReaderIsStrict(t *testing.T) {
	d := form.Dataset{Fields: []form.Field{{Code: "a", Type: form.TextField}, {Code: "b", Type: form.TextField}}}
	for _, c := range []string{"\"a\",\"b\"", "\"a\",\"b\"\n", "\"a\"x,\"b\"\r\n", "a\"b,\"\"\r\n", "\"a\",\"b\r\n", "\"a\"\"\r\n", "\"a\",\"b\r\n\"", "\"a\nb\"\n"} {
		in, err := NewReader(d, strings.NewReader("a,b\r\n"+c))
		if err != nil {
			t.Fatal(err)
		}
		if row, err := in.Next(); err == nil {
			t.Errorf("%q was read as %d values", c, len(row))
		}
	}
	if _, err := NewReader(d, strings.NewReader("b,a\r\n")); err == nil {
		t.Error("another header was taken")
	}
}

func FuzzReader(f *testing.F) {
	f.Add("\"a\",\"b\"\r\n")
	f.Add("\"a\"\"\",\"\r\n\"\r\n")
	d := form.Dataset{Fields: []form.Field{{Code: "a", Type: form.TextField}, {Code: "b", Type: form.TextField}}}
	f.Fuzz(func(t *testing.T, text string) {
		in, err := NewReader(d, strings.NewReader("a,b\r\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		for range 1000 {
			if _, err := in.Next(); err != nil {
				return
			}
		}
	})
}
