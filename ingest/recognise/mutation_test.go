package recognise_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"nianbao/ingest/document"
	"nianbao/ingest/document/html"
	"nianbao/ingest/document/ofd/ofdtest"
	"nianbao/ingest/document/open"
	"nianbao/ingest/document/papertest"
	"nianbao/ingest/document/sheet"
	"nianbao/ingest/recognise"
	"nianbao/internal/demo"
	"nianbao/internal/form"
)

// carriers write a document in a format and read it again.
var carriers = []struct {
	name  string
	carry func(t *testing.T, d *document.Document, r *rand.Rand) *document.Document
}{
	{"web page", func(t *testing.T, d *document.Document, _ *rand.Rand) *document.Document {
		back, err := html.Read(t.Context(), pageOf(d), document.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		return back
	}},
	{"printed pages, the first of which ends anywhere", func(t *testing.T, d *document.Document, r *rand.Rand) *document.Document {
		pages := papertest.Print(d, 20+r.Float64()*papertest.Height(d))
		back, err := sheet.Read(papertest.Sheets(pages), document.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		return back
	}},
	{"OFD", func(t *testing.T, d *document.Document, _ *rand.Rand) *document.Document {
		back, err := open.Bytes(t.Context(), "report.ofd", ofdtest.Write(d, ofdtest.Style{}), document.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		return back
	}},
	{"XLSX", func(t *testing.T, d *document.Document, _ *rand.Rand) *document.Document {
		back, err := open.Bytes(t.Context(), "report.xlsx", workbookOf(t, d), document.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		return back
	}},
	{"DOCX", func(t *testing.T, d *document.Document, _ *rand.Rand) *document.Document {
		back, err := open.Bytes(t.Context(), "report.docx", wordOf(t, d), document.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		return back
	}},
}

// workbookOf writes a document as one sheet: a row for each paragraph and for each row of a table, cells merged and lined.
func workbookOf(t *testing.T, d *document.Document) []byte {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	f := excelize.NewFile()
	defer f.Close()
	at := func(column, row int) string {
		name, err := excelize.CoordinatesToCellName(column, row)
		must(err)
		return name
	}
	var sides []excelize.Border
	for _, side := range []string{"left", "right", "top", "bottom"} {
		sides = append(sides, excelize.Border{Type: side, Style: 1, Color: "000000"})
	}
	lined, err := f.NewStyle(&excelize.Style{Border: sides})
	must(err)
	row := 1
	for _, b := range d.Blocks {
		if b.Grid == nil {
			must(f.SetCellStr("Sheet1", at(1, row), b.Text))
			row++
			continue
		}
		for r := 1; r <= b.Grid.Rows; r++ {
			for _, c := range b.Grid.RowOf(r) {
				first, last := at(c.Column, row+c.Row-1), at(c.Column+c.ColSpan-1, row+c.Row+c.RowSpan-2)
				must(f.SetCellStr("Sheet1", first, c.Text))
				must(f.SetCellStyle("Sheet1", first, last, lined))
				if first != last {
					must(f.MergeCell("Sheet1", first, last))
				}
			}
		}
		row += b.Grid.Rows + 1
	}
	var out bytes.Buffer
	must(f.Write(&out))
	return out.Bytes()
}

// wordOf writes a document in WordprocessingML with the least that a reader needs.
func wordOf(t *testing.T, d *document.Document) []byte {
	t.Helper()
	var b strings.Builder
	text := func(s string) string {
		lines := strings.Split(strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(s), "\n")
		return `<w:r><w:t xml:space="preserve">` + strings.Join(lines, `</w:t><w:br/><w:t xml:space="preserve">`) + `</w:t></w:r>`
	}
	b.WriteString(`<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`)
	for _, block := range d.Blocks {
		if block.Grid == nil {
			b.WriteString("<w:p>" + text(block.Text) + "</w:p>")
			continue
		}
		b.WriteString("<w:tbl>")
		for row := 1; row <= block.Grid.Rows; row++ {
			b.WriteString("<w:tr>")
			for column := 1; column <= block.Grid.Columns; {
				c, ok := coverOf(block.Grid, row, column)
				if !ok {
					b.WriteString("<w:tc><w:p/></w:tc>")
					column++
					continue
				}
				fmt.Fprintf(&b, `<w:tc><w:tcPr><w:gridSpan w:val="%d"/>`, c.ColSpan)
				content := text(c.Text)
				switch {
				case c.RowSpan > 1 && c.Row == row:
					b.WriteString(`<w:vMerge w:val="restart"/>`)
				case c.Row < row:
					b.WriteString(`<w:vMerge/>`)
					content = ""
				}
				b.WriteString("</w:tcPr><w:p>" + content + "</w:p></w:tc>")
				column = c.Column + c.ColSpan
			}
			b.WriteString("</w:tr>")
		}
		b.WriteString("</w:tbl><w:p/>")
	}
	b.WriteString("</w:body></w:document>")
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, content := range map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
		"_rels/.rels":         `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
		"word/document.xml":   b.String(),
	} {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// coverOf is the cell that covers a place of a grid.
func coverOf(g *document.Grid, row, column int) (document.Cell, bool) {
	for _, c := range g.Cells {
		if c.Row <= row && row < c.Row+c.RowSpan && c.Column <= column && column < c.Column+c.ColSpan {
			return c, true
		}
	}
	return document.Cell{}, false
}

// pageOf writes a document as a web page.
func pageOf(d *document.Document) []byte {
	var b bytes.Buffer
	text := strings.NewReplacer("&", "&amp;", "<", "&lt;", "\n", "<br>").Replace
	b.WriteString("<!DOCTYPE html><meta charset=utf-8><body>")
	for _, block := range d.Blocks {
		if block.Grid == nil {
			fmt.Fprintf(&b, "<p>%s</p>", text(block.Text))
			continue
		}
		b.WriteString("<table border=1>")
		for row := 1; row <= block.Grid.Rows; row++ {
			b.WriteString("<tr>")
			for _, c := range block.Grid.RowOf(row) {
				fmt.Fprintf(&b, "<td rowspan=%d colspan=%d>%s</td>", c.RowSpan, c.ColSpan, text(c.Text))
			}
			b.WriteString("</tr>")
		}
		b.WriteString("</table>")
	}
	return b.Bytes()
}

// TestDamageInFormats spoils reports in every way and carries them in formats whose readers rebuild the tables. No figure
// may come out wrong; the share of the remaining cells that is read is printed.
func TestDamageInFormats(t *testing.T) {
	for _, carrier := range carriers {
		for _, d := range damages {
			if carrier.name != "web page" && d.name == "drop a figure" {
				continue // the frame closes the row, so on paper the others stand under the headers of their neighbours
			}
			t.Run(carrier.name+"/"+d.name, func(t *testing.T) {
				read, all := 0, 0
				for seed := range uint64(4) {
					r := rand.New(rand.NewPCG(seed, 1))
					v := form.Forms[seed%2].Version
					p := newPrinted(r, v)
					d.do(r, &p)
					a, b := compareDamaged(t, seed, v, p, carrier.carry(t, layouts[0].print(t, p), r))
					read, all = read+a, all+b
				}
				if d.name == "none" && read < all {
					t.Errorf("read %d of %d cells of reports that are not damaged", read, all)
				}
				t.Logf("read %d of %d cells", read, all)
			})
		}
	}
}

// TestCutFiles cuts the samples, and reports of the made-up district in all their formats, at any byte. What is read of the
// rest is what the whole file says.
func TestCutFiles(t *testing.T) {
	files, err := filepath.Glob("../../samples/*.*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	type file struct {
		name string
		b    []byte
	}
	var all []file
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, file{filepath.Base(path), b})
	}
	filings, _, err := demo.District(demo.Options{Agencies: 2, FirstYear: 2020, LastYear: 2021, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	for f := range filings {
		for _, format := range demo.Formats {
			for style := range demo.Styles(format) {
				b, err := demo.Print(f.Report, format, style)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, file{fmt.Sprintf("%s.%d.%s", f.Stem, style, format), b})
			}
		}
		break
	}
	for _, f := range all {
		t.Run(f.name, func(t *testing.T) {
			whole, err := open.Bytes(t.Context(), f.name, f.b, document.DefaultLimits)
			if err != nil {
				t.Skip(err) // a format that needs a program which is not there
			}
			want := map[form.Key]form.Cell{}
			for _, c := range recognise.Recognise(whole, f.name).Cells {
				want[c.Key] = c
			}
			r := rand.New(rand.NewPCG(1, uint64(len(f.b))))
			read, of := 0, 0
			for range 12 {
				cut := cutAt(t, f.name, f.b, r)
				d, err := open.Bytes(t.Context(), f.name, cut, document.DefaultLimits)
				if err != nil {
					continue // refused, which is no number
				}
				of += len(want)
				for _, c := range recognise.Recognise(d, f.name).Cells {
					if c.State != form.Number || c.Table == form.Legacy {
						continue
					}
					read++
					// What was left open in the whole may be plain in a part that lacks what spoke against it.
					if w := want[c.Key]; w.State == form.Number && !w.Value.Equal(c.Value) || w.State != form.Number && w.State != form.Ambiguous {
						t.Errorf("cut to %d bytes: %s: WRONG: got %s (raw %q, rule %s), the whole says %s %s", len(cut), c.Key, c.Value, c.Raw, c.Rule, w.State, w.Value)
					}
				}
			}
			t.Logf("read %d numbers where the whole file has %d cells", read, of)
		})
	}
}

// cutAt cuts a file anywhere; of a package the part that holds the text, which is then packed again.
func cutAt(t *testing.T, name string, b []byte, r *rand.Rand) []byte {
	if filepath.Ext(name) != ".docx" {
		return b[:r.IntN(len(b))]
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		from, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(from)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "word/document.xml" {
			content = content[:r.IntN(len(content))]
		}
		to, err := w.Create(f.Name)
		if err == nil {
			_, err = to.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
