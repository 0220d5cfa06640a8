// Package document turns the bytes of a file into a [Document]: paragraphs and grids in reading order, each with its
// position. It knows file formats and nothing of the annual report; what the words mean is for package recognise.
//
// One folder below this one reads one format. Folder open tells the format from the content, not from the name, and
// calls the folder's reader. What the readers share stands here: a [Flow] takes words, line ends and tables in the
// order in which a format gives them and makes paragraphs and grids of them.
//
// Input is hostile: every reader works under [Limits], and refuses in a coded [form.Problem] that says what was
// found where.
package document

import (
	"slices"

	"nianbao/internal/form"
)

// Document is the content of a file.
type Document struct {
	MediaType string            // of the content, for example text/html
	Charset   string            // the character encoding the bytes were decoded from, "" for formats that have none
	Title     string            // the title the file gives itself: <title>, document properties
	Meta      map[string]string // further properties the file states about itself, by lower-case name: <meta name= content=>
	Blocks    []Block           // in reading order
	Problems  []form.Problem    // what was left out or repaired while reading, never silently
}

// HasGrid says whether the document has a table.
func (d *Document) HasGrid() bool {
	return slices.ContainsFunc(d.Blocks, func(b Block) bool { return b.Grid != nil })
}

// Block is a paragraph or a grid. Grid is nil for a paragraph.
type Block struct {
	Text    string // of a paragraph; line breaks inside it are \n, other white space is kept as single spaces
	Heading bool   // marked as a heading by the file
	Optical bool   // read from a picture: fit for labels and names, and for no figure
	At      form.Position
	Grid    *Grid
}

// Grid is a table.
//
// In a true grid every cell covers a rectangle, and Row, Column, RowSpan and ColSpan say which: HTML and DOCX tables,
// merged cells included. In a ragged grid the cells of a row stand in their printed order but nothing aligns the
// columns of one row with those of the next (pipes or tabs in text): Column is then only the ordinal in the row.
type Grid struct {
	Number        int // 1 for the first grid of the document, in reading order; nested grids follow the one they stand in
	Rows, Columns int
	Ragged        bool
	Cells         []Cell // by row, then column; each merged cell once, at its top left
	At            form.Position
}

// Cell is a cell of a grid.
type Cell struct {
	Row, Column      int // 1-based
	RowSpan, ColSpan int // at least 1, and inside the grid
	Text             string
	Optical          *Optical // how the text was read from a picture; nil where the file states it
	At               form.Position
}

// Optical is how a cell of a picture was read. Readers of pictures err, so a figure among words has two readers that know
// nothing of each other.
type Optical struct {
	// Readings are those of a figure, one of each reader, "" where a reader made nothing of it. There are none for a cell
	// without ink, and none for words.
	Readings []string
	// Others are further readings that the shapes of the figure do not exclude.
	Others []string
	// Sure says that the readings agree and that the picture leaves no room for another: every sign is far nearer to
	// one digit than to any other, and every piece of ink belongs to a sign.
	Sure bool
}

// Illegible stands in the text of a cell for ink that nobody could read.
const Illegible = "\uFFFD"

// RowOf lists the cells that start in the row, in order.
func (g *Grid) RowOf(row int) []Cell {
	var out []Cell
	for _, c := range g.Cells {
		if c.Row == row {
			out = append(out, c)
		}
	}
	return out
}

// Limits bound what a reader may spend on one file.
type Limits struct {
	Bytes   int64 // of the file and of anything unpacked from it
	Cells   int   // of all grids, merged cells counted by the area they cover
	Nesting int   // depth of elements, tables in tables
	Text    int   // bytes of text kept
}

// DefaultLimits are far above real reports: the largest web page of the corpus has 146 kB and 286 cells of tables, the
// largest PDF 3.8 MB.
var DefaultLimits = Limits{Bytes: 64 << 20, Cells: 200_000, Nesting: 500, Text: 16 << 20}

// Refusal is the error of a reader that does not accept a file. It carries the code and message of the problem.
type Refusal struct{ Problem form.Problem }

// Error is the message.
func (r *Refusal) Error() string { return r.Problem.Message }
