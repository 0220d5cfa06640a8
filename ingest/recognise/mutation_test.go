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
