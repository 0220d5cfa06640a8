package docx_test

import (
	"archive/zip"
	"errors"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
	"nianbao/ingest/document/docx"
)

// FuzzRead: whatever the body, there is a document of good shape or a refusal.
func FuzzRead(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.in.txtar")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no documents in testdata: %v", err)
	}
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body(string(a.Files[0].Data)))
	}
	fuzz(f, func(part string) []byte {
		return packAs(zip.Store, map[string]string{"word/document.xml": part,
			"word/footnotes.xml": "<w:footnotes" + namespaces + `><w:footnote w:id="7"><w:p><w:r><w:t>x</w:t></w:r></w:p></w:footnote></w:footnotes>`})
	})
}

// FuzzPackage: whatever the package.
func FuzzPackage(f *testing.F) {
	f.Add(string(pack(nil)))
	f.Add(string(pack(map[string]string{"word/document.xml": body(paragraph("x")), "docProps/core.xml": "<a><title>x</title></a>", "word/styles.xml": "<w/>"})))
	fuzz(f, func(b string) []byte { return []byte(b) })
}

func fuzz(f *testing.F, file func(string) []byte) {
	l := document.Limits{Bytes: 1 << 20, Cells: 5_000, Nesting: 100, Text: 100_000}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := docx.Read(t.Context(), file(s), l)
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
	})
}
