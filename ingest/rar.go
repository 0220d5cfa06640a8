package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/nwaples/rardecode/v2"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

var rarFormat = format{"RAR", rarMembers}

// rarDictionary is the largest dictionary that is kept in memory; WinRAR's is 32 MiB unless told otherwise.
const rarDictionary = 256 << 20

// rarMembers lists the files of a RAR archive. Such an archive has no directory: its headers stand between the files,
// so it is passed once to list them and a second time to unpack them. In a solid archive, where each file is packed
// with those before it, passing means unpacking.
func rarMembers(_ context.Context, r io.ReaderAt, size int64, most int) ([]member, error) {
	list, err := openRAR(r, size)
	if err != nil {
		return nil, refuseRAR(err)
	}
	second := &rarReader{r: r, size: size}
	left := int64(archiveBytes)
	var out []member
	for place := 0; ; place++ {
		h, err := nextRAR(list)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, refuseRAR(err)
		}
		if h.IsDir {
			continue
		}
		if len(out) >= most {
			return nil, tooMany()
		}
		if h.UnKnownSize || h.UnPackedSize < 0 || h.UnPackedSize > left {
			return nil, document.Refuse(ArchiveTooLarge, form.Position{}, "the archive unpacks to more bytes than are accepted, or does not say to how many; unpack it and hand in the files")
		}
		left -= h.UnPackedSize
		m := member{name: h.Name, size: h.UnPackedSize, packed: max(h.PackedSize, 1), regular: h.Mode().IsRegular() && h.LinkType == rardecode.LinkTypeNone,
			encrypted: h.Encrypted, open: func() (io.ReadCloser, error) { return second.open(place) }}
		if h.Solid {
			m.packed = 0
		}
		out = append(out, m)
	}
}

func refuseRAR(err error) error {
	switch {
	case errors.Is(err, rardecode.ErrArchiveEncrypted), errors.Is(err, rardecode.ErrArchivedFileEncrypted):
		return document.Refuse(ArchiveEncrypted, form.Position{}, "the archive is encrypted; unpack it with its password first")
	case errors.Is(err, rardecode.ErrMultiVolume):
		return document.Refuse(ArchiveDamaged, form.Position{}, "the archive is one of several volumes; unpack them and hand in the files")
	}
	return document.Refuse(ArchiveDamaged, form.Position{}, "the RAR archive cannot be read: %s", plainRAR(err))
}

func plainRAR(err error) string {
	switch {
	case errors.Is(err, rardecode.ErrBadFileChecksum):
		return "its checksum is wrong"
	case errors.Is(err, rardecode.ErrUnknownDecoder), errors.Is(err, rardecode.ErrUnsupportedDecoder), errors.Is(err, rardecode.ErrUnknownVersion):
		return "its method of compression is not known"
	case errors.Is(err, rardecode.ErrDictionaryTooLarge):
		return fmt.Sprintf("it needs a dictionary of more than %d bytes", rarDictionary)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, rardecode.ErrUnexpectedArcEnd):
		return "it is damaged or cut off"
	}
	return strings.TrimPrefix(err.Error(), "rardecode: ")
}

func openRAR(r io.ReaderAt, size int64) (x *rardecode.Reader, err error) {
	defer recovered(&err)
	return rardecode.NewReader(io.NewSectionReader(r, 0, size), rardecode.MaxDictionarySize(rarDictionary))
}

func nextRAR(r *rardecode.Reader) (h *rardecode.FileHeader, err error) {
	defer recovered(&err)
	return r.Next()
}

// recovered turns a panic over a damaged archive into an error of that archive.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("it is damaged: %v", r)
	}
}

// rarReader unpacks an archive from its beginning to its end.
type rarReader struct {
	r    io.ReaderAt
	size int64
	in   *rardecode.Reader
	next int // the header that comes next
}

// open goes to a header and unpacks its file.
func (r *rarReader) open(place int) (io.ReadCloser, error) {
	if r.in == nil || r.next > place {
		in, err := openRAR(r.r, r.size)
		if err != nil {
			return nil, errors.New(plainRAR(err))
		}
		r.in, r.next = in, 0
	}
	for ; r.next <= place; r.next++ {
		if _, err := nextRAR(r.in); err != nil {
			r.in = nil
			return nil, errors.New(plainRAR(err))
		}
	}
	return io.NopCloser(r), nil
}

// Read unpacks the file that was opened last.
func (r *rarReader) Read(p []byte) (n int, err error) {
	defer recovered(&err)
	n, err = r.in.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = errors.New(plainRAR(err))
	}
	return n, err
}
