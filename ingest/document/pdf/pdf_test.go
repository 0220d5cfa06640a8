package pdf

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
	"nianbao/ingest/document/scan"
	"nianbao/internal/form"
)

// drawn reads a file and draws what was read, without its type.
func drawn(t *testing.T, b []byte) string {
	t.Helper()
	d, err := Read(t.Context(), b, document.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if err := documenttest.Check(d); err != nil {
		t.Error(err)
	}
	return strings.TrimLeft(strings.TrimPrefix(documenttest.Draw(d), "type application/pdf\n"), "\n")
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if diff := cmp.Diff(strings.TrimLeft(want, "\n"), got); diff != "" {
		t.Errorf("read it otherwise (-want +got):\n%s", diff)
	}
}

const table = "甲|1|2"
const tableRead = "grid 1: 2 × 3\n  1.1 甲 | 1.2 1 | 1.3 2\n  2.1 乙 | 2.2 34 | 2.3 5\n"

func TestRead(t *testing.T) {
	b := file("", nil, show(20, 180, "一、标题 2023")+grid(20, 160, table, "乙|34|5"), show(20, 180, "第二页。"))
	d, err := Read(t.Context(), b, document.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if d.MediaType != MediaType {
		t.Errorf("media type %q, want %q", d.MediaType, MediaType)
	}
	same(t, drawn(t, b), "一、标题2023\n\n"+tableRead+"\n第二页。\n")
	if got, want := d.Blocks[1].Grid.Cells[4].At, (form.Position{Page: 1, Grid: 1, Row: 2, Column: 2}); got != want {
		t.Errorf("the figure 34 stands at %v, want %v", got, want)
	}
	if got, want := d.Blocks[2].At, (form.Position{Page: 2}); got != want {
		t.Errorf("the last paragraph stands at %v, want %v", got, want)
	}
}

// Tables are drawn in many ways.
func TestRulingLines(t *testing.T) {
	text := func() string {
		var b strings.Builder
		for i, row := range []string{table, "乙|34|5"} {
			for j, s := range strings.Split(row, "|") {
				b.WriteString(show(20+60*float64(j)+4, 160-20*float64(i)-14, s))
			}
		}
		return b.String()
	}()
	lines := func(across, down string) string {
		var b strings.Builder
		for _, y := range []string{"160", "140", "120"} {
			b.WriteString(strings.ReplaceAll(across, "Y", y))
		}
		for _, x := range []string{"20", "80", "140", "200"} {
			b.WriteString(strings.ReplaceAll(down, "X", x))
		}
		return b.String()
	}
	cells := func(operator string) string {
		var b strings.Builder
		for _, y := range []string{"140", "120"} {
			for _, x := range []string{"20", "80", "140"} {
				b.WriteString(x + " " + y + " 60 20 re " + operator + "\n")
			}
		}
		return b.String()
	}
	form := "<</Type/XObject/Subtype/Form/BBox[0 0 100 100]/Matrix[2 0 0 2 0 0]"
	for _, test := range []struct {
		name, content string
		added         []string
	}{
		{"strokes", lines("20 Y m 200 Y l S\n", "X 120 m X 160 l S\n") + text, nil},
		{"dashed strokes", "[3 2] 0 d " + lines("20 Y m 200 Y l S\n", "X 120 m X 160 l S\n") + text, nil},
		{"thin areas", lines("20 Y 180 0.5 re f\n", "X 120 0.5 40 re f\n") + text, nil},
		{"rectangles around cells", cells("S") + text, nil},
		{"frames around cells, filled", frames() + text, nil},
		{"filled cells with borders", "0.8 0.9 1 rg " + cells("B") + "0 g " + text, nil},
		{"areas of which a clip leaves lines", lines("q 20 Y 180 0.7 re W n 0 0 300 200 re f Q\n", "q X 120 0.7 40 re W n 0 0 300 200 re f Q\n") + text, nil},
		{"a form at twice the size", "q /F Do Q " + text, []string{stream(form[2:], "10 80 m 100 80 l S 10 70 m 100 70 l S 10 60 m 100 60 l S 10 60 m 10 80 l S 40 60 m 40 80 l S 70 60 m 70 80 l S 100 60 m 100 80 l S")}},
	} {
		t.Run(test.name, func(t *testing.T) {
			same(t, drawn(t, file("/XObject<</F 10 0 R>>", test.added, test.content)), tableRead)
		})
	}
}

// frames draws the border of each cell as the area between two rectangles.
func frames() string {
	var b strings.Builder
	for _, y := range []string{"140", "120"} {
		for _, x := range [][2]string{{"20", "20.5"}, {"80", "80.5"}, {"140", "140.5"}} {
			b.WriteString(x[0] + " " + y + " 60 20 re " + x[1] + " " + y + ".5 59 19 re f*\n")
		}
	}
	return b.String()
}

// What nobody sees is no part of the document, and that something was left out is said.
func TestHiddenText(t *testing.T) {
	secret := show(84, 146, "9")
	for _, test := range []struct {
		name, content string
		seen          string // in the cell
	}{
		{"invisible mode", "3 Tr " + secret + "0 Tr ", ""},
		{"white on white", "1 g " + secret + "0 g ", ""},
		{"nearly white", "0.99 0.98 1 rg " + secret + "0 g ", ""},
		{"the color of the area under it", "0.2 0.4 0.6 rg 81 141 58 18 re f " + secret + "0 g ", ""},
		{"white on a dark area", "0.2 0.4 0.6 rg 81 141 58 18 re f 1 g " + secret + "0 g ", "9"},
		{"black on a light area", "0.9 g 81 141 58 18 re f 0 g " + secret, "9"},
		{"under an area", secret + "1 g 81 141 58 18 re f 0 g ", ""},
		{"in the hole of a frame", secret + "0.5 g 60 130 100 40 re 65 135 90 30 re f* 0 g ", "9"},
		{"outside its clip", "q 140 140 60 20 re W n " + secret + "Q ", ""},
		{"inside its clip", "q 80 140 60 20 re W n " + secret + "Q ", "9"},
		{"too small to read", "BT /H 0.4 Tf 84 146 Td (9) Tj ET ", ""},
		{"transparent", "/T gs " + secret + "/O gs ", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := drawn(t, file("/ExtGState<</T<</ca 0>>/O<</ca 1>>>>", nil, test.content+grid(20, 160, "甲||2", "乙|34|5")))
			want := "grid 1: 2 × 3\n  1.1 甲 | 1.2 9 | 1.3 2\n  2.1 乙 | 2.2 34 | 2.3 5\n"
			if test.seen == "" {
				want = "problem hidden_text: page 1: 1 characters that nobody sees there were left out: “9”\n\n" + strings.Replace(want, "1.2 9", "1.2", 1)
			}
			same(t, got, want)
		})
	}
	t.Run("beside the page", func(t *testing.T) {
		same(t, drawn(t, file("", nil, show(20, 180, "看得见。")+show(400, 180, "12"))),
			"problem hidden_text: page 1: 2 characters that nobody sees there were left out: “12”\n\n看得见。\n")
	})
}

func TestPictures(t *testing.T) {
	picture := []string{stream("/Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray/BitsPerComponent 8", "abcd")}
	cover := "q 300 0 0 200 0 0 cm /I Do Q "
	read := func(contents ...string) (*document.Document, error) {
		return Read(t.Context(), file("/XObject<</I 10 0 R>>", picture, contents...), document.DefaultLimits)
	}
	t.Setenv("NIANBAO_TESSERACT", "no-such-program")
	for name, contents := range map[string][]string{
		"all pages": {cover, cover},
		"with the text that OCR found, out of sight": {"3 Tr " + show(20, 180, "123") + "0 Tr " + cover},
		"with that text under the picture":           {show(20, 180, "123") + cover},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(contents...)
			refused(t, err, scan.NeedsTesseract, fmt.Sprintf("the PDF is a scan: its %d pages are pictures without text; ", len(contents)))
			refused(t, err, scan.NeedsTesseract, "apt-get install tesseract-ocr tesseract-ocr-chi-sim")
		})
	}
	t.Run("one page", func(t *testing.T) {
		d, err := read(show(20, 180, "看得见。"), cover)
		if err != nil {
			t.Fatal(err)
		}
		want := []form.Problem{{Code: scan.NeedsTesseract, Message: scan.Missing("page 2 is a picture").Error(), At: form.Position{Page: 2}}}
		if diff := cmp.Diff(want, d.Problems); diff != "" {
			t.Errorf("problems (-want +got):\n%s", diff)
		}
	})
	t.Run("one page, with tesseract", func(t *testing.T) {
		t.Setenv("NIANBAO_TESSERACT", "")
		if scan.Find() == "" {
			t.Skip("tesseract is not installed with its Chinese: no picture is read")
		}
		d, err := read(show(20, 180, "看得见。"), cover, show(20, 180, "也看得见。"))
		if err != nil {
			t.Fatal(err)
		}
		if got := documenttest.Draw(d); !strings.Contains(got, "看得见。\n\n也看得见。\n") {
			t.Errorf("got %s", got)
		}
		if len(d.Problems) != 1 || d.Problems[0].Code != scan.Optical || d.Problems[0].At.Page != 2 {
			t.Errorf("got the problems %v, want that page 2 is a picture", d.Problems)
		}
	})
	t.Run("behind text", func(t *testing.T) {
		d, err := read(cover + show(20, 180, "看得见。"))
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Problems) != 0 || len(d.Blocks) != 1 {
			t.Errorf("got %s", documenttest.Draw(d))
		}
	})
}

func TestLettersDrawnAsCurves(t *testing.T) {
	d, err := Read(t.Context(), file("", nil, show(20, 180, "看得见。"), strings.Repeat("20 20 m 30 40 50 60 70 80 c f ", 60)), document.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Problems) != 1 || d.Problems[0].Code != NoText || d.Problems[0].At.Page != 2 {
		t.Errorf("got the problems %v, want one of page 2 with the code %s", d.Problems, NoText)
	}
}

func refused(t *testing.T, err error, code, message string) {
	t.Helper()
	var r *document.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("got the error %v, want a refusal with the code %s", err, code)
	}
	if r.Problem.Code != code || !strings.Contains(r.Problem.Message, message) {
		t.Errorf("refused with %s: %s\nwant %s: %s", r.Problem.Code, r.Problem.Message, code, message)
	}
}

func TestText(t *testing.T) {
	unicode := func(pairs string) string {
		return stream("", "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def "+
			"1 begincodespacerange <00> <FF> endcodespacerange 3 beginbfchar "+pairs+" endbfchar endcmap end end")
	}
	for _, test := range []struct {
		name, content string
		added         []string
		want          string
	}{
		{"figures in a font that is not there", grid(20, 160, "甲||2", "乙|3|") + "BT /S 10 Tf 84 146 Td <0031> Tj ET BT /S 10 Tf 144 126 Td <0035> Tj ET ", nil,
			"grid 1: 2 × 3\n  1.1 甲 | 1.2 1 | 1.3 2\n  2.1 乙 | 2.2 3 | 2.3 5\n"},
		{"narrow figures in a font that is not there, at a border", grid(20, 160, "甲||2", "乙|34|5") + "BT /S 10 Tf 135.1 146 Td <0031> Tj ET ", nil, tableRead},
		{"radicals", "BT /F 10 Tf 20 180 Td (ABC) Tj ET", []string{"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 11 0 R>>", unicode("<41> <2F08> <42> <2EA0> <43> <2FA6>")},
			"人民金\n"},
		{"signs without a meaning", "BT /F 10 Tf 20 180 Td <00210022> Tj ET", []string{"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[11 0 R]>>",
			"<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor 12 0 R>>",
			"<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800/Descent -200/CapHeight 700/StemV 80>>"},
			"problem symbol_unknown: page 1: the file does not say what 2 of its signs mean; they stand as U+FFFD: “\uFFFD\uFFFD”\n\n\uFFFD\uFFFD\n"},
		{"text that the file states", "/Span<</ActualText<FEFF00310032>>>BDC BT /H 10 Tf 20 180 Td (AB) Tj ET EMC", nil, "12\n"},
		{"text that the file states, in a form", "q 2 0 0 2 0 0 cm /F Do Q " + grid(20, 160, "甲||2", "乙|34|5"),
			[]string{stream("/Type/XObject/Subtype/Form/BBox[0 0 150 100]/Resources<</Font<</H 3 0 R>>>>", "/Span<</ActualText<FEFF0031>>>BDC BT /H 5 Tf 42 73 Td (7) Tj ET EMC")},
			tableRead},
		{"a raised mark", "BT /H 10 Tf 20 180 Td (55) Tj /H 6 Tf 4 Ts (2) Tj ET", nil, "55[2]\n"},
		{"dashes", grid(20, 160, "a-|-|-", "b|-|-"), nil, "grid 1: 2 × 3\n  1.1 a- | 1.2 - | 1.3 -\n  2.1 b | 2.2 - | 2.3 -\n"},
		{"text set aslant", "BT 0.7 0.7 -0.7 0.7 100 100 Tm /H 40 Tf (99) Tj ET " + show(20, 180, "正文。"), nil,
			"problem aslant: page 1: 2 characters set aslant, as a watermark is, were left out: “99”\n\n正文。\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			resources := ""
			b := file(resources, test.added, test.content)
			if len(test.added) > 0 && strings.Contains(test.content, "/F 10 Tf") {
				b = []byte(strings.ReplaceAll(string(b), "/S 4 0 R>>", "/F 10 0 R>>"))
			} else if len(test.added) > 0 {
				b = file("/XObject<</F 10 0 R>>", test.added, test.content)
			}
			same(t, drawn(t, b), test.want)
		})
	}
}

// Form fields and stamps are seen on the page.
func TestAnnotations(t *testing.T) {
	b := file("", []string{
		"<</Type/Annot/Subtype/Widget/FT/Tx/T(x)/V(34)/Rect[80 120 140 140]/AP<</N 11 0 R>>/F 4>>",
		stream("/Type/XObject/Subtype/Form/BBox[0 0 60 20]/Resources<</Font<</H 3 0 R>>>>", "BT /H 10 Tf 4 6 Td (34) Tj ET"),
	}, grid(20, 160, table, "乙||5"))
	b = []byte(strings.Replace(string(b), "/MediaBox", "/Annots[10 0 R]/MediaBox", 1))
	same(t, drawn(t, b), tableRead)
}

// A page is read as it is turned for display or printed.
func TestTurnedPages(t *testing.T) {
	upright := grid(20, 160, table, "乙|34|5")
	for _, test := range []struct{ name, box, content string }{
		{"turned for display", "/Rotate 90/MediaBox[0 0 200 300]", "q 0 1 -1 0 200 0 cm " + upright + "Q"},
		{"printed across the page", "/MediaBox[0 0 200 300]", "q 0 1 -1 0 200 0 cm " + upright + "Q"},
		{"printed the other way", "/MediaBox[0 0 200 300]", "q 0 -1 1 0 0 300 cm " + upright + "Q"},
		{"upside down", "/MediaBox[0 0 300 200]", "q -1 0 0 -1 300 200 cm " + upright + "Q"},
		{"with its origin elsewhere", "/MediaBox[-100 -50 300 250]", upright},
		{"of which a part is shown", "/MediaBox[-100 -50 400 350]/CropBox[0 0 300 200]", upright},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := strings.Replace(string(file("", nil, test.content)), "/MediaBox[0 0 300 200]", test.box, 1)
			same(t, drawn(t, []byte(b)), tableRead)
		})
	}
}

// Files that real programs made, and what a person reads in them: breaks.html printed by Chromium, and two of the samples
// printed by LibreOffice.
func TestFiles(t *testing.T) {
	names, err := filepath.Glob("testdata/*.pdf")
	if err != nil || len(names) == 0 {
		t.Fatalf("list the files: %v, %d found", err, len(names))
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			documenttest.Golden(t, strings.TrimSuffix(name, ".pdf")+".golden", drawn(t, b))
		})
	}
}
