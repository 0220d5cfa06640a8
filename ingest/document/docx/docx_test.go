package docx_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
	"nianbao/ingest/document/docx"
)

// namespaces are those that Word writes at the root of every part.
const namespaces = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"` +
	` xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"` +
	` xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"` +
	` xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"` +
	` xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"` +
	` xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"` +
	` xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"` +
	` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" mc:Ignorable="w14 wp14"`

// pack makes a package of parts. What a test does not give has the form that Word gives it.
func pack(parts map[string]string) []byte { return packAs(zip.Deflate, parts) }

func packAs(method uint16, parts map[string]string) []byte {
	all := map[string]string{
		"[Content_Types].xml": `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"_rels/.rels": `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
			`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
	}
	for name, content := range parts {
		all[name] = content
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err != nil {
			panic(err)
		}
		if _, err := w.Write([]byte(all[name])); err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// body completes a body to the part that holds it.
func body(s string) string {
	return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n<w:document" + namespaces + "><w:body>" + s + "</w:body></w:document>"
}

// TestDocuments reads every testdata/*.in.txtar and compares with the drawing in *.golden. An archive holds the parts
// of a package; of word/document.xml only what is in the body, of other parts only what is in the root element named
// in the file's name after a colon: word/styles.xml:w:styles.
func TestDocuments(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.in.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no documents in testdata: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".in.txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			parts := map[string]string{}
			for _, f := range a.Files {
				content := string(f.Data)
				name, root, partial := strings.Cut(f.Name, ":")
				switch {
				case partial:
					content = "<" + root + namespaces + ">" + content + "</" + root + ">"
				case name == "word/document.xml":
					content = body(content)
				}
				parts[name] = content
			}
			d, err := docx.Read(t.Context(), pack(parts), document.DefaultLimits)
			if err != nil {
				t.Fatal(err)
			}
			if err := documenttest.Check(d); err != nil {
				t.Error(err)
			}
			drawing := documenttest.Draw(d)
			documenttest.Golden(t, strings.TrimSuffix(path, ".in.txtar")+".golden", drawing)
			d.Problems = nil // they quote what was left out
			if s := documenttest.Draw(d); strings.Contains(s, "NO") {
				t.Errorf("text marked NO is not to be seen, but is:\n%s", s)
			}
		})
	}
}

// TestTilings: whatever way a rectangle is cut into cells, the grid comes back as it was.
func TestTilings(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		want := documenttest.Tiling(random)
		d, err := docx.Read(t.Context(), pack(map[string]string{"word/document.xml": body(tableOf(want))}), document.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		documenttest.SameGrid(t, d, want)
	}
}

// tableOf writes a grid as Word does: every row has a cell for each column, those under a merged cell continue it.
func tableOf(g *document.Grid) string {
	at := map[[2]int]document.Cell{}
	for _, c := range g.Cells {
		for y := range c.RowSpan {
			at[[2]int{c.Row + y, c.Column}] = c
		}
	}
	var b strings.Builder
	b.WriteString("<w:tbl>")
	for row := 1; row <= g.Rows; row++ {
		b.WriteString("<w:tr>")
		for column := 1; column <= g.Columns; {
			c := at[[2]int{row, column}]
			merge, text := "", ""
			if c.Row == row {
				text = c.Text
				if c.RowSpan > 1 {
					merge = `<w:vMerge w:val="restart"/>`
				}
			} else {
				merge = `<w:vMerge/>`
			}
			fmt.Fprintf(&b, `<w:tc><w:tcPr><w:gridSpan w:val="%d"/>%s</w:tcPr><w:p><w:r><w:t>%s</w:t></w:r></w:p></w:tc>`, c.ColSpan, merge, text)
			column += c.ColSpan
		}
		b.WriteString("</w:tr>")
	}
	b.WriteString("</w:tbl>")
	return b.String()
}

func paragraph(s string) string { return "<w:p><w:r><w:t>" + s + "</w:t></w:r></w:p>" }

func TestRefusals(t *testing.T) {
	small := document.Limits{Bytes: 1 << 20, Cells: 100, Nesting: 50, Text: 1000}
	whole := pack(map[string]string{"word/document.xml": body(paragraph("x"))})
	at := strings.Index(body("|"), "|") // where the body begins
	encrypted := pack(map[string]string{"word/document.xml": body(paragraph("x"))})
	for from := 0; ; { // the flag of encryption in the directory, not in the headers of the parts
		i := bytes.Index(encrypted[from:], []byte("PK\x01\x02"))
		if i < 0 {
			break
		}
		from += i + 8
		encrypted[from] |= 1
	}
	for _, test := range []struct {
		name          string
		b             []byte
		code, message string
	}{
		{"no package", []byte("hello"), document.Damaged, "the package cannot be opened: zip: not a valid zip file"},
		{"cut short", whole[:len(whole)/2], document.Truncated, "the file ends before the directory of its parts: it was not transferred completely"},
		{"encrypted parts", encrypted, document.Encrypted, "_rels/.rels is encrypted; save the file without a password"},
		{"no body", pack(nil), document.Damaged, "the package has no part word/document.xml: it is no Word document"},
		{"another root", pack(map[string]string{"word/document.xml": "<x/>"}), document.Damaged, "word/document.xml has no w:body: it is no Word document"},
		{"body cut short", pack(map[string]string{"word/document.xml": body(paragraph("x"))[:at+len("<w:p><w:r>")]}), document.Truncated, fmt.Sprintf("word/document.xml: byte %d: the part ends with 4 elements open", at+10)},
		{"end tag of another", pack(map[string]string{"word/document.xml": body("<w:p></w:tbl>")}), document.Damaged, fmt.Sprintf(`word/document.xml: byte %d: end tag "w:tbl" fits no start tag`, at+5)},
		{"document type", pack(map[string]string{"word/document.xml": `<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>`}), document.Damaged, "word/document.xml: byte 0: a document type definition, which is not allowed in this format"},
		{"unknown entity", pack(map[string]string{"word/document.xml": body(paragraph("&nbsp;"))}), document.Damaged, fmt.Sprintf("word/document.xml: byte %d: unknown entity &nbsp;", at+21)},
		{"too deep", pack(map[string]string{"word/document.xml": body(strings.Repeat("<w:sdt>", 100) + strings.Repeat("</w:sdt>", 100))}), document.Nesting, fmt.Sprintf("word/document.xml: byte %d: elements stand more than 50 deep in each other, at most so many are read", at+49*7)},
		{"too much text", pack(map[string]string{"word/document.xml": body(strings.Repeat(paragraph("0123456789"), 101))}), document.TooLarge, "the text exceeds 1000 bytes, at most so many are read"},
		{"too many cells", pack(map[string]string{"word/document.xml": body("<w:tbl>" + strings.Repeat("<w:tr>"+strings.Repeat("<w:tc>"+paragraph("1")+"</w:tc>", 10)+"</w:tr>", 11) + "</w:tbl>")}), document.TooManyCells, "a table has more than 100 cells, at most so many are read"},
		{"too large to unpack", pack(map[string]string{"word/document.xml": body(strings.Repeat(" ", 2<<20))}), document.TooLarge, "word/document.xml unpacks to more than 1048576 bytes, at most so many are read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := docx.Read(t.Context(), test.b, small)
			var refusal *document.Refusal
			if !errors.As(err, &refusal) {
				t.Fatalf("got error %v, want a refusal", err)
			}
			if refusal.Problem.Code != test.code || refusal.Problem.Message != test.message {
				t.Errorf("got  %s: %s\nwant %s: %s", refusal.Problem.Code, refusal.Problem.Message, test.code, test.message)
			}
		})
	}
}

func TestEndOfContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := pack(map[string]string{"word/document.xml": body(paragraph("x"))})
	if _, err := docx.Read(ctx, b, document.DefaultLimits); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// TestUTF16: the standard allows it, and some programs write it.
func TestUTF16(t *testing.T) {
	part := strings.Replace(body(paragraph("年报12")), "UTF-8", "UTF-16", 1)
	wide := []byte{0xFF, 0xFE}
	for _, r := range part {
		wide = append(wide, byte(r), byte(r>>8))
	}
	d, err := docx.Read(t.Context(), pack(map[string]string{"word/document.xml": string(wide)}), document.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Blocks) != 1 || d.Blocks[0].Text != "年报12" {
		t.Errorf("got %s", documenttest.Draw(d))
	}
}

// TestSideBySide: the memory of parts is used again for the next document; none may see another's text.
func TestSideBySide(t *testing.T) {
	var group sync.WaitGroup
	for i := range 8 {
		text := strings.Repeat(fmt.Sprint("第", i, "份 "), 100*(i+1))
		b := pack(map[string]string{"word/document.xml": body(paragraph(text))})
		group.Go(func() {
			for range 30 {
				d, err := docx.Read(context.Background(), b, document.DefaultLimits)
				if err != nil {
					t.Error(err)
					return
				}
				if got := d.Blocks[0].Text; got != strings.TrimSpace(text) {
					t.Errorf("got %.60q, want %.60q", got, text)
					return
				}
			}
		})
	}
	group.Wait()
}
