package ingest

import (
	"context"
	"os"

	"nianbao/ingest/document"
	"nianbao/ingest/document/open"
	"nianbao/ingest/recognise"
	"nianbao/internal/form"
)

// ExplainFile is [ReadFile] with the reasons of recognition. The trace is nil if the file could not be opened as a
// document; the filing's problems then say why. The file is read twice, so this is for a person who asks about one file.
func ExplainFile(ctx context.Context, path string) (form.Filing, *recognise.Trace) {
	f := ReadFile(ctx, path)
	if f.SHA256 == "" {
		return f, nil // its bytes could not be had
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return f, nil
	}
	doc, err := open.Bytes(ctx, path, b, document.DefaultLimits)
	if err != nil {
		return f, nil
	}
	_, trace := recognise.Explain(doc, path)
	return f, trace
}
