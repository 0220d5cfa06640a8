package recognise_test

import (
	"path/filepath"
	"testing"

	"nianbao/ingest/check"
	"nianbao/ingest/document"
	"nianbao/ingest/document/open"
	"nianbao/ingest/recognise"
)

// BenchmarkRecognise names and checks the figures of a report that is already a document.
func BenchmarkRecognise(b *testing.B) {
	for _, name := range []string{"hongze_2023.html", "pingtan_2024.docx", "suqian_2024.md", "pingtan_2022.txt", "boshan_kjj_2023.txt"} {
		doc, err := open.File(b.Context(), filepath.Join("../../samples", name), document.DefaultLimits)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f := recognise.Recognise(doc, name)
				check.Run(&f, check.Context{})
			}
		})
	}
}
