package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"nianbao/internal/form"
	"nianbao/query/export"
)

// description reads datapackage.json.
func (c *checking) description() (d export.Description, ok bool) {
	content, ok := c.whole(export.DescriptionFile)
	if !ok {
		return d, false
	}
	if err := json.Unmarshal(content, &d); err != nil {
		c.problem("%s cannot be read: %v", export.DescriptionFile, err)
		return d, false
	}
	if d.Nianbao.Format != export.Format {
		c.problem("the package has format %d, this program knows %d: use the program that wrote it (%s)", d.Nianbao.Format, export.Format, d.Nianbao.Program)
		return d, false
	}
	c.Origin = d.Nianbao
	return d, true
}

// whole reads a small file.
func (c *checking) whole(name string) ([]byte, bool) {
	f := c.files[name]
	if f == nil {
		c.problem("%s is missing", name)
		return nil, false
	}
	in, err := f.Open()
	if err != nil {
		c.problem("%s cannot be opened: %v", name, err)
		return nil, false
	}
	defer in.Close()
	content, err := io.ReadAll(in)
	if err != nil {
		c.problem("%s cannot be read: %v", name, err)
		return nil, false
	}
	sum := sha256.Sum256(content)
	c.hashes[name], c.sizes[name] = hex.EncodeToString(sum[:]), int64(len(content))
	return content, true
}

// manifest compares the hashes of all files with those that the package states.
func (c *checking) manifest(d export.Description) {
	for name := range c.files {
		if c.hashes[name] == "" && name != export.ManifestFile {
			c.whole(name)
		}
	}
	content, ok := c.whole(export.ManifestFile)
	if !ok {
		return
	}
	stated := map[string]string{}
	for line := range strings.Lines(string(content)) {
		sum, name, found := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !found || !strings.HasSuffix(line, "\n") || stated[name] != "" {
			c.problem("%s: line %q, want a hash and the name of one file", export.ManifestFile, line)
			continue
		}
		stated[name] = sum
		switch {
		case c.files[name] == nil:
			c.problem("%s is in %s and not in the package", name, export.ManifestFile)
		case sum != c.hashes[name]:
			c.problem("%s has the hash %s, %s says %s", name, c.hashes[name], export.ManifestFile, sum)
		}
	}
	described := map[string]bool{}
	for _, r := range d.Resources {
		described[r.Path] = true
		if c.files[r.Path] == nil {
			if !c.missing[r.Path] {
				c.problem("%s is described and not in the package", r.Path)
			}
			continue
		}
		if r.Bytes != c.sizes[r.Path] || r.Hash != "sha256:"+c.hashes[r.Path] {
			c.problem("%s has %d bytes and the hash %s, %s says %d and %s", r.Path, c.sizes[r.Path], c.hashes[r.Path], export.DescriptionFile, r.Bytes, strings.TrimPrefix(r.Hash, "sha256:"))
		}
		if r.Rows != nil && *r.Rows != c.Result.Rows[r.Path] {
			c.problem("%s has %d rows, %s says %d", r.Path, c.Result.Rows[r.Path], export.DescriptionFile, *r.Rows)
		}
		if of, ok := form.LookupDataset(r.Path); ok {
			got, _ := json.Marshal(r.Schema)
			want, _ := json.Marshal(export.SchemaOf(of))
			if !bytes.Equal(got, want) {
				c.problem("%s is described otherwise than a file of this name is", r.Path)
			}
		}
	}
	for _, name := range slices.Sorted(keys(c.files)) {
		if stated[name] == "" && name != export.ManifestFile {
			c.problem("%s is not in %s", name, export.ManifestFile)
		}
		if !described[name] && name != export.ManifestFile && name != export.DescriptionFile && name != export.ReadmeFile {
			c.problem("%s is not described in %s", name, export.DescriptionFile)
		}
	}
}

func keys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
