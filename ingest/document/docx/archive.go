package docx

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

const (
	// maxParts bounds the directory of the package: an entry costs 500 bytes of memory. Documents with many pictures
	// have some hundreds.
	maxParts = 10_000
	// A real body packs about 30 : 1 because its markup repeats itself; deflate can pack 1032 : 1. Small parts may be
	// anything.
	maxRatio  = 300
	freeBytes = 8 << 20
)

// archive is the package: a ZIP file with parts. What read returns is valid until close.
type archive struct {
	ctx   context.Context
	parts map[string]*zip.File
	limit int64
	left  int64 // bytes that may yet be unpacked
	used  []*bytes.Buffer
}

// buffers keeps the memory of parts for the next document: clearing new memory would take a quarter of the time.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// close gives back the memory of the parts.
func (a *archive) close() {
	for _, b := range a.used {
		if b.Cap() <= 4<<20 {
			buffers.Put(b)
		}
	}
	a.used = nil
}

var inflaters = sync.Pool{New: func() any { return flate.NewReader(nil) }}

// inflate unpacks with a decompressor that is used again once it is closed.
func inflate(in io.Reader) io.ReadCloser {
	r := inflaters.Get().(io.ReadCloser)
	if err := r.(flate.Resetter).Reset(in, nil); err != nil {
		return flate.NewReader(in) // Reset has no other way to fail than a dictionary
	}
	return &inflater{r}
}

type inflater struct{ io.ReadCloser }

func (f *inflater) Read(p []byte) (int, error) {
	if f.ReadCloser == nil {
		return 0, io.ErrClosedPipe
	}
	return f.ReadCloser.Read(p)
}

func (f *inflater) Close() error {
	if f.ReadCloser == nil {
		return nil
	}
	err := f.ReadCloser.Close()
	inflaters.Put(f.ReadCloser)
	f.ReadCloser = nil
	return err
}

func unpack(ctx context.Context, b []byte, l document.Limits) (*archive, error) {
	if int64(len(b)) > l.Bytes {
		return nil, document.Refuse(document.TooLarge, form.Position{}, "the file has %d bytes, at most %d are read", len(b), l.Bytes)
	}
	if n := bytes.Count(b, []byte("PK\x01\x02")); n > maxParts {
		return nil, document.Refuse(document.TooLarge, form.Position{}, "the package has %d parts, at most %d are read", n, maxParts)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		if bytes.HasPrefix(b, []byte("PK\x03\x04")) && !bytes.Contains(b, []byte("PK\x05\x06")) {
			return nil, document.Refuse(document.Truncated, form.Position{}, "the file ends before the directory of its parts: it was not transferred completely")
		}
		return nil, document.Refuse(document.Damaged, form.Position{}, "the package cannot be opened: %v", err)
	}
	z.RegisterDecompressor(zip.Deflate, inflate)
	a := &archive{ctx: ctx, parts: make(map[string]*zip.File, len(z.File)), limit: l.Bytes, left: l.Bytes}
	for _, f := range z.File {
		name := strings.TrimPrefix(strings.ReplaceAll(f.Name, "\\", "/"), "/")
		if _, twice := a.parts[name]; twice {
			return nil, document.Refuse(document.Damaged, form.Position{}, "the package has two parts named %.100q", name)
		}
		a.parts[name] = f
	}
	return a, nil
}

// read unpacks a part, nil if there is none of this name. The sizes stated in the file are not believed.
func (a *archive) read(name string) ([]byte, error) {
	f := a.parts[name]
	if f == nil {
		return nil, nil
	}
	if f.Flags&1 != 0 {
		return nil, document.Refuse(document.Encrypted, form.Position{}, "%s is encrypted; save the file without a password", name)
	}
	in, err := f.Open()
	if err != nil {
		return nil, document.Refuse(document.Damaged, form.Position{}, "%s cannot be unpacked: %v", name, err)
	}
	defer in.Close()
	allowed := min(a.left, max(freeBytes, maxRatio*int64(min(f.CompressedSize64, 1<<40))))
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	a.used = append(a.used, buf)
	// The stated size saves copying; deflate cannot pack tighter than this.
	buf.Grow(int(min(int64(min(f.UncompressedSize64, 1<<40)), 1032*int64(min(f.CompressedSize64, 1<<20)), allowed)) + bytes.MinRead)
	n, err := io.Copy(buf, &interruptible{a.ctx, io.LimitReader(in, allowed+1)})
	switch {
	case a.ctx.Err() != nil:
		return nil, a.ctx.Err()
	case n > allowed && allowed == a.left:
		return nil, document.Refuse(document.TooLarge, form.Position{}, "%s unpacks to more than %d bytes, at most so many are read", name, a.limit)
	case n > allowed:
		return nil, document.Refuse(document.TooLarge, form.Position{}, "%s unpacks to more than %d times its size, as no document does", name, maxRatio)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, document.Refuse(document.Truncated, form.Position{}, "%s ends before it should", name)
	case err != nil:
		return nil, document.Refuse(document.Damaged, form.Position{}, "%s cannot be unpacked: %v", name, err)
	}
	a.left -= n
	return buf.Bytes(), nil
}

type interruptible struct {
	ctx context.Context
	in  io.Reader
}

func (r *interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(p)
}

// IsMainPart says whether a part of this name is the body of a Word document by custom: the relationships of the
// package have the last word.
func IsMainPart(name string) bool {
	dir, file := path.Split(name)
	return dir == "word/" && strings.HasPrefix(file, "document") && strings.HasSuffix(file, ".xml")
}

// main finds the body: the target of the relationship officeDocument of the package.
func (a *archive) main() (string, error) {
	if a.parts["EncryptedPackage"] != nil {
		return "", document.Refuse(document.Encrypted, form.Position{}, "the document is protected by a password; save it without")
	}
	targets, err := a.relations("_rels/.rels", "")
	if err != nil {
		return "", err
	}
	name := targets["officeDocument"]
	if a.parts[name] == nil {
		name = "word/document.xml"
	}
	if a.parts[name] == nil {
		for other := range a.parts {
			if IsMainPart(other) {
				name = other
			}
		}
	}
	if a.parts[name] == nil {
		return "", document.Refuse(document.Damaged, form.Position{}, "the package has no part word/document.xml: it is no Word document")
	}
	return name, nil
}

// relations reads a relationships part: the last word of the type → target.
func (a *archive) relations(part, base string) (map[string]string, error) {
	b, err := a.read(part)
	if b == nil || err != nil {
		return nil, err
	}
	out := map[string]string{}
	for s := newScanner(part, b, 50); ; {
		switch s.next() {
		case eof:
			return out, s.err
		case start:
			if string(s.local()) != "Relationship" {
				continue
			}
			kind, _ := s.attr(foreign, "Type")
			target, _ := s.attr(foreign, "Target")
			if mode, _ := s.attr(foreign, "TargetMode"); mode == "External" {
				continue
			}
			if rooted, ok := strings.CutPrefix(target, "/"); ok {
				target = rooted
			} else {
				target = path.Join(base, target)
			}
			out[path.Base(kind)] = target
		}
	}
}

// beside finds the part of a type that belongs to the body; by custom it has the name given.
func (a *archive) beside(main, kind, custom string) (string, error) {
	dir, file := path.Split(main)
	targets, err := a.relations(dir+"_rels/"+file+".rels", dir)
	if err != nil {
		return "", err
	}
	if name := targets[kind]; a.parts[name] != nil {
		return name, nil
	}
	return dir + custom, nil
}
