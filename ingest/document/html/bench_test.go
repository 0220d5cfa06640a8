package html_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	xhtml "golang.org/x/net/html"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
	"nianbao/ingest/document/html"
)

// report is a whole page as editors write it: every cell with its style, every character run in a span.
func report(b *testing.B) []byte {
	page, err := os.ReadFile(filepath.Join("testdata", "report.in.html"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	return page
}

// BenchmarkParse is the floor: what the parser alone takes.
func BenchmarkParse(b *testing.B) {
	page := report(b)
	documenttest.PerCore(b)
	for b.Loop() {
		if _, err := xhtml.Parse(bytes.NewReader(page)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	page := report(b)
	documenttest.PerCore(b)
	for b.Loop() {
		if _, err := html.Read(b.Context(), page, document.DefaultLimits); err != nil {
			b.Fatal(err)
		}
	}
}
