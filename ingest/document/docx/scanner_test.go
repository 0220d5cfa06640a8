package docx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
)

// FuzzScanner compares with encoding/xml: what both accept, both understand alike.
func FuzzScanner(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.in.txtar")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no documents in testdata: %v", err)
	}
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range a.Files {
			f.Add([]byte("<w:x xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main' xmlns=\"y\">" + string(part.Data) + "</w:x>"))
		}
	}
	f.Add([]byte("<a b='>'><c/>&#65;<![CDATA[<&]]>x<!-- <d> --><?e f?></a >"))
	f.Add([]byte("\uFEFF<?xml version='1.0'?>\r\n<a\n/>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if !utf8.Valid(b) {
			return
		}
		ours, err := tokens(b)
		if err != nil {
			return
		}
		theirs, err := reference(b)
		if err != nil {
			return // it checks more: names, characters, attributes
		}
		if ours != theirs {
			t.Errorf("%q\nscanner      %s\nencoding/xml %s", b, ours, theirs)
		}
	})
}

// tokens writes what the scanner sees: each element with its local name and val attribute, adjacent text as one.
func tokens(b []byte) (string, error) {
	s := newScanner("x", b, 500)
	var out, text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			out.WriteString("[" + text.String() + "]")
			text.Reset()
		}
	}
	for {
		switch s.next() {
		case eof:
			flush()
			return out.String(), s.err
		case start:
			flush()
			out.WriteString("<" + string(s.local()))
			if s.space == word {
				out.WriteString("@word")
			}
			out.WriteString(">")
		case end:
			flush()
			out.WriteString("</" + string(s.local()) + ">")
		case chars:
			text.Write(s.text())
		}
	}
}

func reference(b []byte) (string, error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var out, text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			out.WriteString("[" + text.String() + "]")
			text.Reset()
		}
	}
	depth := 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			flush()
			return out.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			flush()
			depth++
			out.WriteString("<" + t.Name.Local)
			if spaces[t.Name.Space] == word {
				out.WriteString("@word")
			}
			out.WriteString(">")
		case xml.EndElement:
			flush()
			depth--
			out.WriteString("</" + t.Name.Local + ">")
		case xml.CharData:
			if depth > 0 {
				text.Write(t)
			}
		}
	}
}

// TestScannerOnCorpus compares the scanner with encoding/xml on the bodies of real documents.
func TestScannerOnCorpus(t *testing.T) {
	corpus := os.Getenv("NIANBAO_CORPUS")
	if corpus == "" {
		t.Skip("NIANBAO_CORPUS is not set: real documents are not compared")
	}
	paths, err := filepath.Glob(filepath.Join(corpus, "reports", "*.docx"))
	if err != nil {
		t.Fatal(err)
	}
	parts := 0
	for _, path := range paths {
		z, err := zip.OpenReader(path)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		for _, f := range z.File {
			if !strings.HasSuffix(f.Name, ".xml") {
				continue
			}
			in, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(in)
			if err != nil {
				t.Fatal(err)
			}
			ours, err := tokens(b)
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			theirs, err := reference(b)
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			if ours != theirs {
				t.Errorf("%s: %s: the scanner and encoding/xml differ", path, f.Name)
			}
			parts++
		}
	}
	t.Logf("%d parts of %d documents compared", parts, len(paths))
}

var sink int

// BenchmarkInflate is the floor: unpacking alone.
func BenchmarkInflate(b *testing.B) {
	file := benchFile(b)
	documenttest.PerCore(b)
	for b.Loop() {
		z, err := unpack(b.Context(), file, document.DefaultLimits)
		if err != nil {
			b.Fatal(err)
		}
		part, err := z.read("word/document.xml")
		if err != nil {
			b.Fatal(err)
		}
		sink += len(part)
		z.close()
	}
}

// BenchmarkEncodingXML is what the standard library would take for the body alone.
func BenchmarkEncodingXML(b *testing.B) {
	part := benchPart(b)
	documenttest.PerCore(b)
	for b.Loop() {
		d := xml.NewDecoder(bytes.NewReader(part))
		for {
			if _, err := d.RawToken(); err != nil {
				break
			}
			sink++
		}
	}
}

// BenchmarkScanner is the same with the scanner of this package.
func BenchmarkScanner(b *testing.B) {
	part := benchPart(b)
	documenttest.PerCore(b)
	for b.Loop() {
		s := newScanner("x", part, 500)
		for s.next() != eof {
			sink++
		}
	}
}

func benchFile(b *testing.B) []byte {
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	w, err := z.Create("word/document.xml")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := w.Write(benchPart(b)); err != nil {
		b.Fatal(err)
	}
	if err := z.Close(); err != nil {
		b.Fatal(err)
	}
	return file.Bytes()
}

func benchPart(b *testing.B) []byte {
	one := `<w:tc><w:tcPr><w:tcW w:w="705" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr><w:p><w:pPr><w:pStyle w:val="2"/><w:keepNext w:val="0"/><w:spacing w:before="0" w:beforeAutospacing="0" w:after="0"/><w:rPr><w:rFonts w:hint="eastAsia" w:ascii="宋体" w:hAnsi="宋体"/><w:sz w:val="20"/></w:rPr></w:pPr><w:r><w:rPr><w:rFonts w:hint="eastAsia" w:ascii="宋体" w:hAnsi="宋体"/><w:sz w:val="20"/></w:rPr><w:t>本机关12</w:t></w:r></w:p></w:tc>`
	part := []byte(`<w:tbl xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">` + strings.Repeat(one, 500) + "</w:tbl>")
	b.SetBytes(int64(len(part)))
	b.ReportAllocs()
	return part
}
