// Package open reads a file of any format: it tells the format from the content, not from the name, and calls its
// reader.
package open

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"nianbao/ingest/document"
	"nianbao/ingest/document/charset"
	"nianbao/ingest/document/docx"
	"nianbao/ingest/document/html"
	"nianbao/ingest/document/mail"
	"nianbao/ingest/document/ofd"
	"nianbao/ingest/document/office"
	"nianbao/ingest/document/pdf"
	"nianbao/ingest/document/scan"
	"nianbao/ingest/document/text"
	"nianbao/ingest/document/xlsx"
	"nianbao/internal/form"
)

// File reads the file at path. A file that is larger than the limit is refused from its size alone.
func File(ctx context.Context, path string, l document.Limits) (*document.Document, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err // names the path and what was tried
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read %s: expected a regular file", path)
	}
	if info.Size() > l.Bytes {
		return nil, fmt.Errorf("read %s: %w", path, tooLarge(info.Size(), l))
	}
	// The file may grow while it is read.
	b, err := io.ReadAll(io.LimitReader(f, l.Bytes+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return Bytes(ctx, path, b, l)
}

func tooLarge(size int64, l document.Limits) *document.Refusal {
	return document.Refuse(document.TooLarge, form.Position{}, "the file has %d bytes, at most %d are read", size, l.Bytes)
}

// Bytes reads a file whose content is b. The name serves two ends: to note that its ending is wrong, and to tell
// Markdown from plain text. An error is a [*document.Refusal] that is wrapped with the name, or that of the context.
func Bytes(ctx context.Context, name string, b []byte, l document.Limits) (*document.Document, error) {
	d, err := read(ctx, name, b, l)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return d, nil
}

func read(ctx context.Context, name string, b []byte, l document.Limits) (*document.Document, error) {
	if int64(len(b)) > l.Bytes {
		return nil, tooLarge(int64(len(b)), l)
	}
	if len(bytes.TrimLeft(b, " \t\r\n\xEF\xBB\xBF")) == 0 {
		return nil, document.Refuse(document.Empty, form.Position{}, "the file is empty (%d bytes)", len(b))
	}
	format := Sniff(name, b)
	d, err := readAs(ctx, format, b, l)
	if err != nil {
		return nil, err
	}
	if len(d.Blocks) == 0 {
		why := ""
		for _, p := range d.Problems {
			why += "; " + p.Message
		}
		return nil, document.Refuse(document.Empty, form.Position{}, "%s without any text%s", format.Name, why)
	}
	if e := ending(name); !contains(format.Endings, e) {
		for _, other := range known {
			if contains(other.Endings, e) {
				d.Problems = append(d.Problems, form.Problem{Code: document.ExtensionMismatch,
					Message: fmt.Sprintf("the name ends in %s, but the content is %s and was read as such", e, format.Name)})
				break
			}
		}
	}
	return d, nil
}

func readAs(ctx context.Context, format Format, b []byte, l document.Limits) (*document.Document, error) {
	switch format.MediaType {
	case html.MediaType:
		return html.Read(ctx, b, l)
	case docx.MediaType:
		return docx.Read(ctx, b, l)
	case pdf.MediaType:
		return pdf.Read(ctx, b, l)
	case xlsx.MediaType:
		return xlsx.Read(ctx, b, l)
	case mail.MHTML, mail.EML:
		return mail.Read(ctx, format.MediaType, b, l)
	case ofd.MediaType:
		return ofd.Read(ctx, b, l)
	case scan.PNG, scan.JPEG, scan.TIFF:
		return scan.ReadFile(ctx, format.MediaType, b, l)
	case office.DOC, office.RTF, office.ODT, office.XLS, office.ODS, office.WordXML, office.ExcelXML:
		return office.Read(ctx, format.MediaType, b, l)
	case text.Plain, text.Markdown:
		decoded, name, problems := charset.Decode(b, nil)
		d, err := text.Read(ctx, decoded, l)
		if err != nil {
			return nil, err
		}
		d.Charset = name
		d.Problems = append(problems, d.Problems...)
		return d, nil
	}
	switch format {
	case Encrypted:
		return nil, document.Refuse(document.Encrypted, form.Position{}, "%s; save it without a password", format.Name)
	case Binary:
		return nil, document.Refuse(document.NotText, form.Position{}, "%s: it begins with the bytes % X", format.Name, b[:min(len(b), 16)])
	}
	return nil, document.Refuse(document.FormatUnsupported, form.Position{}, "%s (%s), which is not read", format.Name, format.MediaType)
}
