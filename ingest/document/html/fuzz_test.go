package html_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
	"nianbao/ingest/document/html"
)

// FuzzRead: whatever the bytes, there is a document of good shape within the limits, or a refusal.
func FuzzRead(f *testing.F) {
	pages, err := filepath.Glob("testdata/*.in.html")
	if err != nil || len(pages) == 0 {
		f.Fatalf("no pages in testdata: %v", err)
	}
	for _, path := range pages {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(b) < 10_000 {
			f.Add(b)
		}
	}
	l := document.Limits{Bytes: 1 << 20, Cells: 5_000, Nesting: 100, Text: 100_000}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := html.Read(t.Context(), b, l)
		if err != nil {
			var refusal *document.Refusal
			if !errors.As(err, &refusal) || refusal.Problem.Code == "" {
				t.Fatalf("no refusal: %v", err)
			}
			return
		}
		if err := documenttest.Check(d); err != nil {
			t.Error(err)
		}
		cells := 0
		for _, b := range d.Blocks {
			if b.Grid != nil {
				cells += b.Grid.Rows * b.Grid.Columns
			}
		}
		if cells > l.Cells {
			t.Errorf("%d places in the grids, want at most %d", cells, l.Cells)
		}
	})
}
