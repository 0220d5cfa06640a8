// Package text reads plain text and Markdown. A run of lines that hold cells — separated by tabs or by pipes — becomes
// a ragged grid; every other line is a paragraph. Text keeps the order of cells and loses everything else, so a grid of
// this package never claims that a cell stands under another.
package text

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// Media types of the two kinds of text.
const (
	Plain    = "text/plain"
	Markdown = "text/markdown"
)

var (
	ruler   = regexp.MustCompile(`^\s*\|?\s*:?-{3,}:?\s*(\|\s*:?-{3,}:?\s*)*\|?\s*$`) // | --- | --- |
	heading = regexp.MustCompile(`^(#{1,6})\s+(.*)$`)
)

// Read makes a document of decoded text (UTF-8). Errors are *[document.Refusal] or that of ctx.
func Read(ctx context.Context, b []byte, limits document.Limits) (*document.Document, error) {
	if int64(len(b)) > limits.Bytes || len(b) > limits.Text {
		return nil, &document.Refusal{Problem: form.Problem{Code: "too_large",
			Message: fmt.Sprintf("read text: %d bytes, the limit is %d", len(b), min(limits.Bytes, int64(limits.Text)))}}
	}
	r := reader{limits: limits, doc: &document.Document{MediaType: Plain}}
	text := string(b)
	if cutShort(text) {
		text += document.CutMark
		r.doc.Problems = append(r.doc.Problems, form.Problem{Code: document.Truncated, Message: "the text ends with a figure and without a line end: it may not have been transferred completely"})
	}
	for line := 1; text != ""; line++ {
		if line%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var s string
		s, text, _ = strings.Cut(text, "\n")
		if err := r.line(line, strings.TrimRight(s, "\r")); err != nil {
			return nil, err
		}
	}
	if err := r.flush(); err != nil {
		return nil, err
	}
	return r.doc, nil
}

// cutShort says whether a text ends so that a figure may go on: without a line end, within one. Reports end with words.
func cutShort(text string) bool {
	last, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune("0123456789０１２３４５６７８９.,+-", last)
}

// reader collects lines that hold cells until a line of another kind comes.
type reader struct {
	limits document.Limits
	doc    *document.Document
	run    []row // lines of the grid under way
	kind   byte  // '\t' or '|': what separates its cells
	blank  int   // empty lines since its last line
	grids  int
	cells  int
}

type row struct {
	line  int
	cells []string
}

func (r *reader) line(n int, s string) error {
	if strings.TrimSpace(s) == "" && !strings.ContainsAny(s, "\t") {
		r.blank++
		return nil
	}
	if strings.Contains(s, "|") && ruler.MatchString(s) {
		r.doc.MediaType = Markdown
		return nil
	}
	kind, cells := split(s)
	if kind == 0 {
		if err := r.flush(); err != nil {
			return err
		}
		r.paragraph(n, s)
		return nil
	}
	if kind != r.kind || r.blank > 1 {
		if err := r.flush(); err != nil {
			return err
		}
	}
	r.kind, r.blank = kind, 0
	r.cells += len(cells)
	if r.cells > r.limits.Cells {
		return &document.Refusal{Problem: form.Problem{Code: "too_many_cells", At: form.Position{Line: n},
			Message: fmt.Sprintf("read text: line %d: more than %d table cells", n, r.limits.Cells)}}
	}
	r.run = append(r.run, row{n, cells})
	return nil
}

// split cuts a line into its cells. A pipe ends a cell; one in front of the line opens the row and is no cell.
func split(s string) (kind byte, cells []string) {
	if strings.Contains(s, "\t") && strings.Trim(s, "\t ") != "" {
		parts := strings.Split(s, "\t")
		if len(parts) == 2 && strings.TrimSpace(parts[0]) == "" { // an indented line of prose
			return 0, nil
		}
		return '\t', parts
	}
	if !strings.Contains(s, "|") {
		return 0, nil
	}
	t := strings.TrimSpace(s)
	if strings.Trim(t, "| ") == "" { // only pipes: as many empty cells
		return '|', make([]string, strings.Count(t, "|"))
	}
	t = strings.TrimPrefix(t, "|")
	t = strings.TrimSuffix(t, "|")
	return '|', strings.Split(t, "|")
}

func (r *reader) paragraph(n int, s string) {
	if m := heading.FindStringSubmatch(s); m != nil && strings.TrimSpace(m[2]) != "" {
		r.doc.MediaType = Markdown
		r.doc.Blocks = append(r.doc.Blocks, document.Block{Text: strings.TrimSpace(m[2]), Heading: true, At: form.Position{Line: n}})
		return
	}
	r.doc.Blocks = append(r.doc.Blocks, document.Block{Text: strings.TrimSpace(s), At: form.Position{Line: n}})
}

// flush closes the grid under way. When its lines hold one cell each, the line ends say nothing about rows: the grid
// then is one row with all cells in order.
func (r *reader) flush() error {
	run := r.run
	r.run, r.blank, r.kind = nil, 0, 0
	if len(run) == 0 {
		return nil
	}
	single, cells := 0, 0
	for _, row := range run {
		cells += len(row.cells)
		filled := 0
		for _, c := range row.cells {
			if strings.TrimSpace(c) != "" {
				filled++
			}
		}
		if filled <= 1 {
			single++
		}
	}
	oneRow := single*10 >= len(run)*9 && len(run) > 2
	r.grids++
	g := &document.Grid{Number: r.grids, Ragged: true, At: form.Position{Grid: r.grids, Line: run[0].line},
		Cells: make([]document.Cell, 0, cells)}
	for i, row := range run {
		for j, text := range row.cells {
			c := document.Cell{Row: i + 1, Column: j + 1, RowSpan: 1, ColSpan: 1, Text: strings.TrimSpace(text)}
			if oneRow {
				c.Row, c.Column = 1, len(g.Cells)+1
			}
			c.At = form.Position{Grid: r.grids, Row: c.Row, Column: c.Column, Line: row.line}
			g.Cells = append(g.Cells, c)
			g.Rows, g.Columns = max(g.Rows, c.Row), max(g.Columns, c.Column)
		}
	}
	r.doc.Blocks = append(r.doc.Blocks, document.Block{Grid: g, At: g.At})
	return nil
}

// Looks reports whether the bytes are text at all: valid UTF-8 without control characters but white space.
func Looks(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	for _, c := range b {
		if c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x0b || c == 0x7f {
			return false
		}
	}
	return true
}
