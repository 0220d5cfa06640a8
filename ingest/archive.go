package ingest

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"nianbao/ingest/document"
)

// Codes of problems for which an archive or one of its members is rejected.
const (
	ArchiveDamaged   = "archive_damaged"
	ArchiveEmpty     = "archive_empty"
	ArchiveTooLarge  = "archive_too_large" // more files, more bytes, or a higher ratio of compression than any real archive
	ArchiveNesting   = "archive_nesting"
	ArchivePath      = "archive_path" // a member whose name leads out of the archive
	ArchiveEncrypted = "archive_encrypted"
)

// Limits of an archive that the caller names, with all archives inside it. A district of 3,000 bodies over ten years
// is 30,000 files and some 2 GB.
const (
	archiveDepth = 3         // archives in archives, the outermost counted
	archiveFiles = 100_000   // members
	archiveBytes = 16 << 30  // of all members, unpacked
	archiveRatio = 200       // unpacked to packed, from archiveSmall on; deflate reaches 1,032, markup 50
	archiveSmall = 256 << 10 // a member below this may have any ratio
)

// An allowance is what is left of the limits.
type allowance struct {
	files int
	bytes int64
}

func newAllowance(size int64) *allowance {
	return &allowance{archiveFiles, min(archiveBytes, size*archiveRatio+archiveSmall)}
}

// looksLikeArchive reports whether the file is a zip archive of files, and not a document whose format is built on zip.
func looksLikeArchive(name string, r io.ReaderAt, size int64) bool {
	var magic [4]byte
	if n, _ := r.ReadAt(magic[:], 0); n < 4 || string(magic[:2]) != "PK" || !(magic == [4]byte{'P', 'K', 3, 4} || magic == [4]byte{'P', 'K', 5, 6}) {
		return false
	}
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

// archive sends the members of an archive.
func (w *walk) archive(ctx context.Context, name string, r io.ReaderAt, size int64, left *allowance, depth int) error {
	if depth > archiveDepth {
		return w.reject(ctx, name, ArchiveNesting, fmt.Sprintf("archives stand more than %d deep in each other; unpack them first", archiveDepth))
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return w.reject(ctx, name, ArchiveDamaged, fmt.Sprintf("the zip archive cannot be read: %v", plainZip(err)))
	}
	members, problem := w.members(z, left)
	if problem != "" {
		return w.reject(ctx, name, ArchiveTooLarge, problem+"; unpack it and hand in the files")
	}
	if len(members) == 0 {
		return w.reject(ctx, name, ArchiveEmpty, "the archive holds no files")
	}
	w.tell(len(members) - 1) // the archive itself was counted as one file
	for _, m := range members {
		if err := w.member(ctx, name, m, left, depth); err != nil {
			return err
		}
	}
	return nil
}

// members lists the files of an archive and takes them from the allowance by what the directory says of them.
// Reading a member later holds it to the size stated there.
func (w *walk) members(z *zip.Reader, left *allowance) (members []*zip.File, problem string) {
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		left.files--
		if left.files < 0 {
			return nil, fmt.Sprintf("the archive holds more than %d files", archiveFiles)
		}
		size := f.UncompressedSize64
		if size > archiveSmall && size/archiveRatio > f.CompressedSize64 {
			return nil, fmt.Sprintf("member %s unpacks to %d bytes from %d, as no report does", memberName(f), size, f.CompressedSize64)
		}
		if size > uint64(left.bytes) {
			return nil, "the archive unpacks to more bytes than are accepted"
		}
		left.bytes -= int64(size)
		if why := leaveOutMember(memberName(f)); why != "" {
			w.leftOut[why]++
			continue
		}
		members = append(members, f)
	}
	return members, ""
}

func leaveOutMember(name string) string {
	for _, part := range strings.Split(name, "/") {
		if part == "." || part == ".." {
			continue // told as a path that leads out
		}
		if why := leaveOut(part); why != "" {
			return why
		}
	}
	return ""
}

func (w *walk) member(ctx context.Context, archive string, f *zip.File, left *allowance, depth int) error {
	inner := memberName(f)
	name := archive + "!/" + inner
	switch {
	case !filepath.IsLocal(inner) || path.IsAbs(inner):
		return w.reject(ctx, name, ArchivePath, "the name of this member leads out of the archive")
	case !f.Mode().IsRegular():
		return w.reject(ctx, name, ArchivePath, "this member is no regular file but a link or a device")
	case f.Flags&1 != 0:
		return w.reject(ctx, name, ArchiveEncrypted, "this member is encrypted; unpack the archive with its password first")
	case int64(f.UncompressedSize64) > document.DefaultLimits.Bytes:
		return w.reject(ctx, name, document.TooLarge, fmt.Sprintf("the file has %d bytes, want at most %d", f.UncompressedSize64, document.DefaultLimits.Bytes))
	}
	r, err := f.Open()
	if err != nil {
		return w.reject(ctx, name, ArchiveDamaged, fmt.Sprintf("this member cannot be unpacked: %v", plainZip(err)))
	}
	defer r.Close()
	damaged := func(err error) error {
		return w.reject(ctx, name, ArchiveDamaged, fmt.Sprintf("this member cannot be unpacked: %v", plainZip(err)))
	}
	if !strings.EqualFold(path.Ext(inner), ".zip") {
		return w.read(ctx, name, int64(f.UncompressedSize64), r, damaged)
	}
	// An archive inside is held in memory while its members are read, beside the files in flight.
	b, err := readAll(r, int64(f.UncompressedSize64))
	if err != nil {
		return damaged(err)
	}
	if looksLikeArchive(name, bytes.NewReader(b), int64(len(b))) {
		return w.archive(ctx, name, bytes.NewReader(b), int64(len(b)), left, depth+1)
	}
	return w.read(ctx, name, int64(len(b)), bytes.NewReader(b), damaged)
}

// memberName is the name of a member in UTF-8 with slashes. Archives made on a Chinese Windows hold names in GBK and
// do not say so; some tools write UTF-8 and do not say so either.
func memberName(f *zip.File) string {
	name := f.Name
	if !utf8.ValidString(name) {
		if s, err := simplifiedchinese.GB18030.NewDecoder().String(name); err == nil {
			name = s
		} else {
			name = strings.ToValidUTF8(name, "\uFFFD")
		}
	}
	return strings.ReplaceAll(name, `\`, "/")
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
