// Package parts opens files that are ZIP packages of XML parts, as XLSX and OFD are: bytes in, parts and their XML
// tokens out. It holds what such a file may cost to [document.Limits], whatever its directory claims, and refuses in
// coded problems.
package parts

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/klauspost/compress/flate"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

const (
	// most bounds the directory: an entry costs 500 bytes of memory. Packages with many pictures have some hundreds.
	most = 10_000
	// Markup packs some 30 : 1, deflate at most 1032 : 1. Small parts may have any ratio.
	maxRatio  = 300
	freeBytes = 8 << 20
)

// Package is an open file. It is for one goroutine.
type Package struct {
	ctx    context.Context
	limits document.Limits
	parts  map[string]*zip.File // by lower-case name: names of the Open Packaging Conventions ignore case
	names  []string
	left   int64 // bytes that may yet be unpacked
}

// Open reads the directory of a package. The error is a [*document.Refusal].
func Open(ctx context.Context, b []byte, l document.Limits) (*Package, error) {
	if int64(len(b)) > l.Bytes {
		return nil, document.Refuse(document.TooLarge, form.Position{}, "the file has %d bytes, at most %d are read", len(b), l.Bytes)
	}
	if n := bytes.Count(b, []byte("PK\x01\x02")); n > most {
		return nil, document.Refuse(document.TooLarge, form.Position{}, "the package has %d parts, at most %d are read", n, most)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		if bytes.HasPrefix(b, []byte("PK\x03\x04")) && !bytes.Contains(b, []byte("PK\x05\x06")) {
			return nil, document.Refuse(document.Truncated, form.Position{}, "the file ends before the directory of its parts: it was not transferred completely")
		}
		return nil, document.Refuse(document.Damaged, form.Position{}, "the package cannot be opened: %v", err)
	}
	z.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	p := &Package{ctx: ctx, limits: l, parts: make(map[string]*zip.File, len(z.File)), left: l.Bytes}
	for _, f := range z.File {
		name := clean(f.Name)
		if _, twice := p.parts[strings.ToLower(name)]; twice {
			return nil, document.Refuse(document.Damaged, form.Position{}, "the package has two parts named %.100q", name)
		}
		p.parts[strings.ToLower(name)] = f
		p.names = append(p.names, name)
	}
	slices.Sort(p.names)
	return p, nil
}

// clean brings the name of a part into one form: no leading slash, no backslashes, no dots.
func clean(name string) string {
	return strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, "\\", "/")), "/")
}

// Has says whether there is a part of this name.
func (p *Package) Has(name string) bool {
	return name != "" && p.parts[strings.ToLower(clean(name))] != nil
}

// Names lists the parts in alphabetical order.
func (p *Package) Names() []string { return p.names }

// Read unpacks a part; nil if there is none of this name. The sizes stated in the file are not believed. The error is
// a [*document.Refusal] or that of the context.
func (p *Package) Read(name string) ([]byte, error) {
	name = clean(name)
	f := p.parts[strings.ToLower(name)]
	if f == nil {
		return nil, nil
	}
	if f.Flags&1 != 0 {
		return nil, document.Refuse(document.Encrypted, form.Position{}, "%.100s is encrypted; save the file without a password", name)
	}
	in, err := f.Open()
	if err != nil {
		return nil, document.Refuse(document.Damaged, form.Position{}, "%.100s cannot be unpacked: %v", name, err)
	}
	defer in.Close()
	packed := int64(min(f.CompressedSize64, 1<<40))
	allowed := min(p.left, max(freeBytes, maxRatio*packed))
	var buf bytes.Buffer
	// The stated size saves copying; deflate cannot pack tighter than 1032 : 1.
	buf.Grow(int(min(int64(min(f.UncompressedSize64, 1<<40)), 1032*min(packed, 1<<20), allowed)) + bytes.MinRead)
	n, err := io.Copy(&buf, &interruptible{p.ctx, io.LimitReader(in, allowed+1)})
	switch {
	case p.ctx.Err() != nil:
		return nil, p.ctx.Err()
	case n > allowed && allowed == p.left:
		return nil, document.Refuse(document.TooLarge, form.Position{}, "%.100s unpacks to more than is read; at most %d bytes of a file are", name, p.limits.Bytes)
	case n > allowed:
		return nil, document.Refuse(document.TooLarge, form.Position{}, "%.100s unpacks to more than %d times its size, as no document does", name, maxRatio)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, document.Refuse(document.Truncated, form.Position{}, "%.100s ends before it should", name)
	case err != nil:
		return nil, document.Refuse(document.Damaged, form.Position{}, "%.100s cannot be unpacked: %v", name, err)
	}
	p.left -= n
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

// Relation is a line of a relationships part of the Open Packaging Conventions (ECMA-376 part 2).
type Relation struct {
	ID     string
	Kind   string // the last word of its type: worksheet, styles …
	Target string // the name of a part
}

// Relations lists what the part named refers to inside the package; the package itself for "". Links to the outside
// are left out: nothing outside the file is ever looked at.
func (p *Package) Relations(name string) ([]Relation, error) {
	dir, file := path.Split(clean(name))
	s, err := p.Scan(dir + "_rels/" + file + ".rels")
	if s == nil || err != nil {
		return nil, err
	}
	var out []Relation
	for s.Next() {
		if s.Start == nil || s.Start.Name.Local != "Relationship" || s.Attr("TargetMode") == "External" {
			continue
		}
		target := s.Attr("Target")
		if !strings.HasPrefix(target, "/") {
			target = dir + target
		}
		out = append(out, Relation{ID: s.Attr("Id"), Kind: path.Base(s.Attr("Type")), Target: clean(target)})
	}
	return out, s.Err()
}

// Related lists the targets of one kind, in the order of the file.
func Related(all []Relation, kind string) []string {
	var out []string
	for _, r := range all {
		if r.Kind == kind {
			out = append(out, r.Target)
		}
	}
	return out
}
