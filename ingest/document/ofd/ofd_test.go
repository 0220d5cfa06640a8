package ofd_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
	"nianbao/ingest/document/ofd"
	"nianbao/ingest/document/ofd/ofdtest"
)

func draw(t *testing.T, b []byte) string {
	t.Helper()
	d, err := ofd.Read(t.Context(), b, document.DefaultLimits)
	if err != nil {
		return "refused: " + err.Error()
	}
	if err := documenttest.Check(d); err != nil {
		t.Errorf("%v\n%s", err, documenttest.Draw(d))
	}
	_, s, _ := strings.Cut(documenttest.Draw(d), "\n")
	return strings.TrimSpace(s)
}

// at is a line of text.
func at(x, y float64, attributes, delta, s string) string {
	return fmt.Sprintf(`<ofd:TextObject ID="1" Boundary="%g %g 50 5" Font="4" Size="4" %s><ofd:TextCode X="0" Y="3.5" %s>%s</ofd:TextCode></ofd:TextObject>`, x, y, attributes, delta, s)
}

// frame draws a table of two columns and rows of 20 × 10 mm at (20, 20), around the texts.
func frame(a, b, c, d string) string {
	s := ""
	for i := range 3 {
		s += fmt.Sprintf(`<ofd:PathObject ID="1" Boundary="20 %d 40 0"><ofd:AbbreviatedData>M 0 0 L 40 0</ofd:AbbreviatedData></ofd:PathObject>`, 20+10*i)
		s += fmt.Sprintf(`<ofd:PathObject ID="1" Boundary="%d 20 0 20"><ofd:AbbreviatedData>M 0 0 L 0 20</ofd:AbbreviatedData></ofd:PathObject>`, 20+20*i)
	}
	return s + a + b + c + d
}

func TestRead(t *testing.T) {
	const (
		want = "grid 1: 2 × 2\n  1.1 甲 | 1.2 12\n  2.1 乙 | 2.2 345"
		g2   = `DeltaX="g 2 2"`
	)
	a, b, c, d := at(22, 22, "", "", "甲"), at(42, 22, "", `DeltaX="2"`, "12"), at(22, 32, "", "", "乙"), at(42, 32, "", g2, "345")
	for _, test := range []struct {
		name, page, want string
	}{
		{"a table", frame(a, b, c, d), want},
		{"no distances", frame(a, at(42, 22, "", "", "12"), c, at(42, 32, "", "", "345")), want},
		{"numbers in two cells of one text", frame(a, "", at(22, 32, "", `DeltaX="20 g 3 2"`, "乙345"), at(42, 22, "", `DeltaX="2"`, "12")), want},
		{"a matrix", frame(a, strings.Replace(at(42, 22, `CTM="2 0 0 2 0 0"`, `DeltaX="1"`, "12"), `Size="4"`, `Size="2"`, 1), c, d), want},
		{"entities and white space", frame(a, at(42, 22, "", `DeltaX="2 2 2"`, " 1&#50; "), c, d), want},
		{"invisible text", frame(a, b+at(44, 22, `Visible="false"`, "", "9")+at(44, 22, `Alpha="0"`, "", "8"), c, d),
			"problem hidden_text: page 1: 2 characters that nobody sees there were left out: “98”\n\n" + want},
		{"white text", frame(a, b+strings.Replace(at(46, 22, "", "", "9"), "<ofd:TextCode", `<ofd:FillColor Value="255 255 255"/><ofd:TextCode`, 1), c, d),
			"problem hidden_text: page 1: 1 characters that nobody sees there were left out: “9”\n\n" + want},
		{"white text on a dark ground", frame(a, `<ofd:PathObject ID="1" Boundary="41 21 18 8" Stroke="false" Fill="true"><ofd:FillColor Value="0 0 128"/><ofd:AbbreviatedData>M 0 0 L 18 0 L 18 8 L 0 8 C</ofd:AbbreviatedData></ofd:PathObject>`+
			strings.Replace(b, "<ofd:TextCode", `<ofd:FillColor Value="255 255 255"/><ofd:TextCode`, 1), c, d), want},
		{"text that is painted over", frame(a, at(42, 22, "", `DeltaX="2"`, "99")+`<ofd:PathObject ID="1" Boundary="41 21 18 8" Stroke="false" Fill="true"><ofd:FillColor Value="255 255 255"/><ofd:AbbreviatedData>M 0 0 L 18 0 L 18 8 L 0 8 C</ofd:AbbreviatedData></ofd:PathObject>`+b, c, d),
			"problem hidden_text: page 1: 2 characters that nobody sees there were left out: “99”\n\n" + want},
		{"a watermark", frame(a, b, c, d) + at(10, 30, `CTM="0.7 0.7 -0.7 0.7 0 0"`, "", "机密"),
			"problem aslant: page 1: 2 characters set aslant, as a watermark is, were left out: “机密”\n\n" + want},
		{"outside the page", frame(a, b, c, d) + at(400, 30, "", "", "外"),
			"problem hidden_text: page 1: 1 characters that nobody sees there were left out: “外”\n\n" + want},
		{"shapes without characters", frame(a, at(42, 22, "", "", "\uE000"), c, d),
			"problem symbol_unknown: page 1: the file does not say what 1 of its signs mean; they stand as U+FFFD: “\uFFFD”\n\n" + strings.Replace(want, "12", "\uFFFD", 1)},
		{"a drawing that is not there", frame(a, b, c, d) + `<ofd:CompositeObject ID="1" Boundary="0 0 1 1" ResourceID="2"/>`,
			"problem unread_part: page 1: 1 drawings made of parts could not be read; they may hold text\n\n" + want},
	} {
		if got := draw(t, ofdtest.Pack("", []string{test.page}, "")); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

// edit writes a package anew with parts changed; a part that becomes empty is left out.
func edit(t *testing.T, b []byte, change func(name, content string) string, more map[string]string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	put := func(name, content string) {
		if content == "" {
			return
		}
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var content bytes.Buffer
		if _, err := content.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		put(f.Name, change(f.Name, content.String()))
	}
	for name, content := range more {
		put(name, content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestPackage(t *testing.T) {
	one := ofdtest.Pack("某局年报", []string{at(20, 20, "", "", "正文")}, "")
	replace := func(part, old, new string) func(string, string) string {
		return func(name, content string) string {
			if name == part {
				return strings.Replace(content, old, new, 1)
			}
			return content
		}
	}
	same := func(_, content string) string { return content }
	for _, test := range []struct {
		name   string
		change func(name, content string) string
		more   map[string]string
		want   string
	}{
		{"as it is", same, nil, "title 某局年报\n\n正文"},
		{"paths from the root", replace("OFD.xml", "Doc_0/Document.xml", "/Doc_0/Document.xml"), nil, "title 某局年报\n\n正文"},
		{"annotations", replace("Doc_0/Document.xml", "<ofd:Pages>", "<ofd:Annotations>A.xml</ofd:Annotations><ofd:Pages>"), map[string]string{"Doc_0/A.xml": "<a/>"},
			"title 某局年报\nproblem unread_part: annotations on the pages, such as stamps and notes, were not read\n\n正文"},
		{"encrypted", same, map[string]string{"Encryptions.xml": "<a/>"}, "refused: the document is encrypted; save it without a password"},
		{"no document", replace("OFD.xml", "Doc_0/Document.xml", "Doc_1/Document.xml"), nil, `refused: the package has no part "Doc_1/Document.xml", where its text begins`},
		{"no page", replace("Doc_0/Document.xml", "Page_0", "Page_9"), nil, `refused: page 1: the package has no part "Doc_0/Pages/Page_9/Content.xml"`},
		{"no pages", replace("Doc_0/Document.xml", "<ofd:Page ", "<ofd:Leaf "), nil, "refused: the document has no pages"},
		{"not well-formed", replace("Doc_0/Pages/Page_0/Content.xml", "TextObject", "x"), nil, "refused: Doc_0/Pages/Page_0/Content.xml: XML syntax error on line 2: element <x> closed by </TextObject>"},
		{"an endless matrix", replace("Doc_0/Pages/Page_0/Content.xml", `Size="4"`, `Size="NaN"`), nil, "title 某局年报"},
		{"a template that is itself", replace("Doc_0/Pages/Page_0/Content.xml", "<ofd:Content>", `<ofd:Template TemplateID="99"/><ofd:Content>`), nil, "title 某局年报\n\n正文"},
	} {
		if got := draw(t, edit(t, one, test.change, test.more)); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
	// A drawing of half the size, used twice on a page; what reaches out of its window is not seen.
	drawing := `<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="20" Width="40" Height="20"><ofd:Content>` +
		at(1, 5, "", "", "图") + at(60, 5, "", "", "外") + `</ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits><ofd:Fonts>`
	twice := ofdtest.Pack("", []string{`<ofd:CompositeObject ID="1" Boundary="20 20 40 20" ResourceID="20"/><ofd:CompositeObject ID="2" Boundary="20 60 80 40" CTM="2 0 0 2 0 0" ResourceID="20"/><ofd:CompositeObject ID="3" Boundary="20 60 80 40" CTM="0 2 2 0 0 0" ResourceID="20"/>`}, "")
	if got, want := draw(t, edit(t, twice, replace("Doc_0/PublicRes.xml", "<ofd:Fonts>", drawing), nil)),
		"problem hidden_text: page 1: 2 characters that nobody sees there were left out: “外外”\nproblem unread_part: page 1: 1 drawings made of parts could not be read; they may hold text\n\n图\n\n图"; got != want {
		t.Errorf("drawings made of parts: got\n%s\nwant\n%s", got, want)
	}
	picture := `<ofd:ImageObject ID="1" Boundary="0 0 210 297" ResourceID="3"/>`
	if got, want := draw(t, ofdtest.Pack("", []string{picture, picture}, "")), "refused: the document is a scan: its 2 pages are pictures without text"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := draw(t, ofdtest.Pack("", []string{picture, at(20, 20, "", "", "正文")}, "")), "problem scan: page 1 is a picture; its text was not read\n\n正文"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestHostile(t *testing.T) {
	small := document.Limits{Bytes: 1 << 20, Cells: 2000, Nesting: 20, Text: 2000}
	for _, test := range []struct {
		name, page, code string
	}{
		{"much text", strings.Repeat(at(1, 1, "", "", "很长的文字"), 500), document.TooLarge},
		{"distances without end", at(1, 1, "", `DeltaX="g 999999999 1 g 999999999 1"`, "甲"), ""},
		{"a path of many points", `<ofd:PathObject ID="1" Boundary="0 0 9 9"><ofd:AbbreviatedData>` + strings.Repeat("M 0 0 L 1 1 ", 80_000) + `</ofd:AbbreviatedData></ofd:PathObject>`, document.Empty},
		{"deep blocks", strings.Repeat("<ofd:PageBlock>", 30) + strings.Repeat("</ofd:PageBlock>", 30), document.Nesting},
	} {
		d, err := ofd.Read(t.Context(), ofdtest.Pack("", []string{test.page}, ""), small)
		var refusal *document.Refusal
		switch {
		case test.code == document.Empty && err == nil && len(d.Blocks) == 0, test.code == "" && err == nil:
		case !errors.As(err, &refusal) || refusal.Problem.Code != test.code:
			t.Errorf("%s: got %v, want the refusal %s", test.name, err, test.code)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ofd.Read(ctx, ofdtest.Pack("", []string{""}, ""), small); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the error of the context", err)
	}
}

// TestStyles: the same table in each way of drawing it.
func TestStyles(t *testing.T) {
	d := &document.Document{Title: "年报", Blocks: []document.Block{{Text: "一、总体情况"}, {Grid: &document.Grid{Rows: 3, Columns: 3, Cells: []document.Cell{
		{Row: 1, Column: 1, RowSpan: 2, ColSpan: 1, Text: "项目"}, {Row: 1, Column: 2, RowSpan: 1, ColSpan: 2, Text: "申请人情况"},
		{Row: 2, Column: 2, RowSpan: 1, ColSpan: 1, Text: "自然人"}, {Row: 2, Column: 3, RowSpan: 1, ColSpan: 1, Text: "总计"},
		{Row: 3, Column: 1, RowSpan: 1, ColSpan: 1, Text: "新收"}, {Row: 3, Column: 2, RowSpan: 1, ColSpan: 1, Text: ""}, {Row: 3, Column: 3, RowSpan: 1, ColSpan: 1, Text: "1234"},
	}}}, {Text: "二〇二四年一月"}}}
	want := "title 年报\n\n一、总体情况\n\ngrid 1: 3 × 3\n  1.1(2×1) 项目 | 1.2(1×2) 申请人情况\n  2.2 自然人 | 2.3 总计\n  3.1 新收 | 3.2 | 3.3 1234\n\n二〇二四年一月"
	for _, style := range []ofdtest.Style{{}, {Filled: true}, {Scaled: true}, {Filled: true, Scaled: true}} {
		if got := draw(t, ofdtest.Write(d, style)); got != want {
			t.Errorf("%+v: got\n%s\nwant\n%s", style, got, want)
		}
	}
	if got := draw(t, ofdtest.Write(d, ofdtest.Style{Template: "某局文件"})); !strings.Contains(got, "某局文件") {
		t.Errorf("the text of the template is not there:\n%s", got)
	}
}

// FuzzPage: whatever the objects of a page, it is read to a sound document or refused.
func FuzzPage(f *testing.F) {
	f.Add(frame(at(22, 22, "", "", "甲"), at(42, 22, "", `DeltaX="2"`, "12"), at(22, 32, `CTM="0 1 -1 0 0 0"`, "", "乙"), at(42, 32, `CharDirection="90" ReadDirection="180"`, `DeltaY="g 2 1.5"`, "345")))
	f.Add(`<ofd:PathObject ID="1" Boundary="41 21 18 8" Stroke="false" Fill="true"><ofd:FillColor Value="255 255 255"/><ofd:AbbreviatedData>M 0 0 L 18 0 Q 1 1 18 8 B 1 2 3 4 5 6 A 1 1 0 0 1 0 8 C S 1 1</ofd:AbbreviatedData></ofd:PathObject>`)
	small := document.Limits{Bytes: 1 << 20, Cells: 2000, Nesting: 20, Text: 1 << 16}
	f.Fuzz(func(t *testing.T, page string) {
		d, err := ofd.Read(t.Context(), ofdtest.Pack("", []string{page}, ""), small)
		var refusal *document.Refusal
		if err != nil && !errors.As(err, &refusal) {
			t.Fatal(err)
		}
		if err == nil {
			if err := documenttest.Check(d); err != nil {
				t.Fatal(err)
			}
		}
	})
}
