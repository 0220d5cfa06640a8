// Package assets holds the files that the pages load: the style sheet, the script, the icon and, from the build, the
// chart library. Everything comes from this server; nothing is loaded from elsewhere.
package assets

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
)

// vendor is filled by the build and not committed, but for a README; without it pages have tables and no pictures.
//
//go:embed style.css page.js upload.js wall.css wall.js wall-worker.js favicon.svg vendor
var content embed.FS

// File is a file of the pages.
type File struct {
	MediaType string
	Content   []byte
	Hash      string // changes with the content; part of the address in pages
}

// Charts is the name of the chart library.
const Charts = "vendor/echarts.min.js"

var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// Files returns the files by name, as under /assets/.
func Files() map[string]File {
	files := map[string]File{}
	// Reading what is embedded cannot fail.
	_ = fs.WalkDir(content, ".", func(name string, entry fs.DirEntry, err error) error {
		mediaType, served := mediaTypes[path.Ext(name)]
		if err != nil || entry.IsDir() || !served {
			return err
		}
		b, err := content.ReadFile(name)
		if err != nil {
			return err
		}
		files[name] = fileOf(mediaType, b)
		return nil
	})
	return files
}

// StyleSheet is a style sheet made while the program runs.
func StyleSheet(text string) File { return fileOf(mediaTypes[".css"], []byte(text)) }

func fileOf(mediaType string, content []byte) File {
	sum := sha256.Sum256(content)
	return File{mediaType, content, hex.EncodeToString(sum[:8])}
}
