package ingest

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

var zipFormat = format{"zip", zipMembers}

// looksLikeZip reports whether a file that begins like a zip archive is one of files, and not a document whose format
// is built on zip.
func looksLikeZip(name string, r io.ReaderAt, size int64) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".zip":
	case ".docx", ".docm", ".dotx", ".xlsx", ".xlsm", ".pptx", ".odt", ".ods", ".ofd", ".wps", ".et", ".epub":
		return false // a damaged document is still no archive
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return strings.EqualFold(filepath.Ext(name), ".zip")
	}
	for _, f := range z.File {
		switch f.Name {
		case "[Content_Types].xml", "mimetype", "OFD.xml":
			return false
		}
	}
	return true
}

func zipMembers(_ context.Context, r io.ReaderAt, size int64, most int) ([]member, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, document.Refuse(ArchiveDamaged, form.Position{}, "the zip archive cannot be read: %s", plainZip(err))
	}
	var out []member
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		if len(out) >= most {
			return nil, tooMany()
		}
		m := member{name: f.Name, size: int64(f.UncompressedSize64), packed: int64(max(f.CompressedSize64, 1)),
			regular: f.Mode().IsRegular(), encrypted: f.Flags&1 != 0, open: f.Open}
		out = append(out, m)
	}
	return out, nil
}

func plainZip(err error) string {
	switch {
	case errors.Is(err, zip.ErrAlgorithm):
		return "its method of compression is not known"
	case errors.Is(err, zip.ErrChecksum):
		return "its checksum is wrong"
	case errors.Is(err, zip.ErrFormat):
		return "it is damaged or cut off"
	}
	return strings.TrimPrefix(err.Error(), "zip: ")
}
