package ingest

import (
	"context"
	"errors"
	"io"

	"nianbao/ingest/document"
	"nianbao/ingest/sevenzip"
	"nianbao/internal/form"
)

var sevenZipFormat = format{"7z", sevenZipMembers}

func sevenZipMembers(_ context.Context, r io.ReaderAt, size int64, most int) ([]member, error) {
	a, err := sevenzip.Open(r, size, most)
	switch {
	case errors.Is(err, sevenzip.ErrEncrypted):
		return nil, document.Refuse(ArchiveEncrypted, form.Position{}, "the archive is encrypted; unpack it with its password first")
	case errors.Is(err, sevenzip.ErrTooMany):
		return nil, tooMany()
	case errors.Is(err, sevenzip.ErrTooLarge):
		return nil, document.Refuse(ArchiveTooLarge, form.Position{}, "the archive cannot be read: %v; unpack it and hand in the files", err)
	case err != nil:
		return nil, err
	}
	var out []member
	for i := range a.Files {
		f := &a.Files[i]
		if f.Dir {
			continue
		}
		out = append(out, member{name: f.Name, size: int64(min(f.Size, 1<<62)), regular: f.Regular(), encrypted: a.Encrypted(i),
			open: func() (io.ReadCloser, error) {
				r, err := a.Open(i)
				if err != nil {
					return nil, err
				}
				return io.NopCloser(r), nil
			}})
	}
	return out, nil
}
