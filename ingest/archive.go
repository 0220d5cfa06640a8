package ingest

import (
	"bytes"
	"cmp"
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
	"nianbao/internal/form"
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

// A format is a kind of archive.
type format struct {
	name string // in messages
	// members lists the files of an archive, at most so many, in the order in which they are best unpacked. The error is
	// a [*document.Refusal].
	members func(ctx context.Context, r io.ReaderAt, size int64, most int) ([]member, error)
}

// A member is a file in an archive.
type member struct {
	name      string // as stored: any encoding, any slashes
	size      int64  // unpacked
	packed    int64  // 0 where members are packed together
	regular   bool   // neither a link nor a device
	encrypted bool
	leave     string // why nobody hands it in, "" for files
	// open unpacks the member. Members are opened in order and one at a time.
	open func() (io.ReadCloser, error)
}

// formatOf tells the kind of archive from the content. ok is false for files that are none, such as documents whose
// format is built on zip, and messages that nothing is attached to.
func formatOf(name string, r io.ReaderAt, size int64) (f format, ok bool) {
	var magic [8]byte
	n, _ := r.ReadAt(magic[:], 0)
	switch start := string(magic[:n]); {
	case strings.HasPrefix(start, "PK\x03\x04"), strings.HasPrefix(start, "PK\x05\x06"):
		return zipFormat, looksLikeZip(name, r, size)
	case strings.HasPrefix(start, "Rar!\x1A\x07"):
		return rarFormat, true
	case strings.HasPrefix(start, "7z\xBC\xAF\x27\x1C"):
		return sevenZipFormat, true
	case looksLikeMessage(name, r, size):
		return messageFormat, true
	}
	return format{}, false
}

// mayBeArchive says whether a member is to be held in memory to see whether it is an archive.
func mayBeArchive(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".zip", ".rar", ".7z", ".eml":
		return true
	}
	return false
}

// archive sends the members of an archive.
func (w *walk) archive(ctx context.Context, name string, f format, r io.ReaderAt, size int64, left *allowance, depth int) error {
	if depth > archiveDepth {
		return w.reject(ctx, name, ArchiveNesting, fmt.Sprintf("archives stand more than %d deep in each other; unpack them first", archiveDepth))
	}
	r = interruptible{ctx, r}
	members, err := f.members(ctx, r, size, left.files)
	var refusal *document.Refusal
	if errors.As(err, &refusal) {
		return w.reject(ctx, name, refusal.Problem.Code, refusal.Problem.Message)
	}
	if err != nil {
		return w.reject(ctx, name, ArchiveDamaged, fmt.Sprintf("the %s archive cannot be read: %v", f.name, err))
	}
	members, problem := w.admit(members, left)
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

// interruptible ends the reading of an archive with the run.
type interruptible struct {
	ctx context.Context
	r   io.ReaderAt
}

func (r interruptible) ReadAt(p []byte, off int64) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.ReadAt(p, off)
}

// tooMany refuses an archive with more files than are left of the allowance.
func tooMany() error {
	return document.Refuse(ArchiveTooLarge, form.Position{}, "the archive holds more than %d files; unpack it and hand in the files", archiveFiles)
}

// admit takes the files of an archive from the allowance by what the directory says of them, and leaves out what nobody
// hands in. Reading a member later holds it to the size stated there.
func (w *walk) admit(all []member, left *allowance) (members []member, problem string) {
	for _, m := range all {
		left.files--
		if left.files < 0 {
			return nil, fmt.Sprintf("the archive holds more than %d files", archiveFiles)
		}
		m.name = memberName(m.name)
		if m.size > archiveSmall && m.packed > 0 && m.size/archiveRatio > m.packed {
			return nil, fmt.Sprintf("member %s unpacks to %d bytes from %d, as no report does", m.name, m.size, m.packed)
		}
		if m.size < 0 || m.size > left.bytes {
			return nil, "the archive unpacks to more bytes than are accepted"
		}
		left.bytes -= m.size
		if why := cmp.Or(m.leave, leaveOutMember(m.name)); why != "" {
			w.leftOut[why]++
			continue
		}
		members = append(members, m)
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

func (w *walk) member(ctx context.Context, archive string, m member, left *allowance, depth int) error {
	name := archive + "!/" + m.name
	switch {
	case !filepath.IsLocal(m.name) || path.IsAbs(m.name):
		return w.reject(ctx, name, ArchivePath, "the name of this member leads out of the archive")
	case !m.regular:
		return w.reject(ctx, name, ArchivePath, "this member is no regular file but a link or a device")
	case m.encrypted:
		return w.reject(ctx, name, ArchiveEncrypted, "this member is encrypted; unpack the archive with its password first")
	case m.size > document.DefaultLimits.Bytes:
		return w.reject(ctx, name, document.TooLarge, fmt.Sprintf("the file has %d bytes, want at most %d", m.size, document.DefaultLimits.Bytes))
	}
	damaged := func(err error) error {
		return w.reject(ctx, name, ArchiveDamaged, fmt.Sprintf("this member cannot be unpacked: %s", plainZip(err)))
	}
	r, err := m.open()
	if err != nil {
		return damaged(err)
	}
	defer r.Close()
	if !mayBeArchive(m.name) {
		return w.read(ctx, name, m.size, r, damaged)
	}
	// An archive inside is held in memory while its members are read, beside the files in flight.
	b, err := readAll(r, m.size)
	if err != nil {
		return damaged(err)
	}
	if f, ok := formatOf(name, bytes.NewReader(b), int64(len(b))); ok {
		return w.archive(ctx, name, f, bytes.NewReader(b), int64(len(b)), left, depth+1)
	}
	return w.read(ctx, name, int64(len(b)), bytes.NewReader(b), damaged)
}

// memberName is the name of a member in UTF-8 with slashes. Archives made on a Chinese Windows hold names in GBK and
// do not say so; some tools write UTF-8 and do not say so either.
func memberName(name string) string {
	if !utf8.ValidString(name) {
		if s, err := simplifiedchinese.GB18030.NewDecoder().String(name); err == nil {
			name = s
		} else {
			name = strings.ToValidUTF8(name, "\uFFFD")
		}
	}
	return strings.ReplaceAll(name, `\`, "/")
}
