// Package manual is the manual of the program: for each language a file of Markdown for each task, and pictures of the pages with the
// made-up district. The server shows it at /help; make run and scripts/manual-pictures take the pictures again.
package manual

import "embed"

// Files are zh/*.md, en/*.md and pictures/*.png.
//
//go:embed zh/*.md en/*.md pictures/*.png
var Files embed.FS

// Topics are the pages of the manual by language, in the order in which they are read. The first is the page of contents.
var Topics = map[string][]string{
	"zh": {"index", "filing", "compare", "source", "findings", "correct", "download", "asof", "register", "commands"},
	"en": {"index"},
}
