// Package sheet reads printed sheets: it is given where on a page each character and each ruling line stands, and
// finds the tables, their cells and the paragraphs that a person sees there. It serves the formats that keep only the
// picture of a page: PDF and OFD.
//
// A table is what ruling lines enclose ([connect], [newLattice]): every cell is the largest rectangle that no line crosses,
// and holds the characters whose middle lies in it. Borders that are missing at the rim or at a page break are those
// of the lines around. A table that goes on on the next page is one grid if its columns stand at the same places
// ([reader.joinTables]). Text outside tables becomes paragraphs; rows of text with wide gaps become ragged grids, because
// without lines nobody can say which columns belong together.
//
// The package never joins two numbers and never moves one: what stands in one cell at some distance is separated by a
// space or a line end.
package sheet

import (
	"fmt"
	"math"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// Rect is a rectangle on a page. All coordinates are in points (1/72 inch) from the top left corner of the page as it
// is read, x to the right, y downwards.
type Rect struct{ X0, Y0, X1, Y1 float64 }

func (r Rect) width() float64   { return r.X1 - r.X0 }
func (r Rect) height() float64  { return r.Y1 - r.Y0 }
func (r Rect) middleX() float64 { return (r.X0 + r.X1) / 2 }
func (r Rect) middleY() float64 { return (r.Y0 + r.Y1) / 2 }

func (r Rect) contains(x, y float64) bool { return x >= r.X0 && x <= r.X1 && y >= r.Y0 && y <= r.Y1 }

func (r Rect) union(s Rect) Rect {
	return Rect{min(r.X0, s.X0), min(r.Y0, s.Y0), max(r.X1, s.X1), max(r.Y1, s.Y1)}
}

// Glyph is a printed character.
type Glyph struct {
	Text     string            // usually one character
	Ink      Rect              // what is seen of it
	Cell     Rect              // from its origin to that of the next character, as high as its font
	Baseline float64           // what the line of text stands on; without meaning where Turn is not 0
	Size     float64           // of the font, in points
	Run      int               // the characters that were drawn at once have the same number
	Turn     int               // how far it is turned counterclockwise against the page: 0, 90, 180 or 270 degrees
	Optical  *document.Optical // of a figure that was read from a picture, which is one glyph
}

// Rule is a ruling line, seen as the rectangle it fills. Its long side says whether it is horizontal or vertical.
type Rule struct{ Rect }

func (r Rule) horizontal() bool { return r.width() >= r.height() }

// Page is what is printed on a page.
type Page struct {
	Number   int // 1 for the first
	Width    float64
	Height   float64
	Glyphs   []Glyph // in the order of the file, without white space
	Rules    []Rule
	Optical  bool // all of it was read from a picture
	Problems []form.Problem
}

func finite(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// Read makes a document of printed pages, in their order.
func Read(pages []Page, l document.Limits) (*document.Document, error) {
	r := &reader{limits: l}
	for i := range pages {
		if pages[i].Optical {
			if r.optical == nil {
				r.optical = map[int]bool{}
			}
			r.optical[pages[i].Number] = true
		}
		r.page(&pages[i])
	}
	r.setMargins()
	r.joinTables()
	return r.document()
}

// reader collects what stands on the pages.
type reader struct {
	limits   document.Limits
	pages    [][]*item // per page, in reading order
	problems []form.Problem
	counted  map[string]int
	optical  map[int]bool // the numbers of the pages that were read from pictures
}

// problem notes what was left out or is doubtful. Of one code the first 20 are kept.
func (r *reader) problem(code string, page int, format string, args ...any) {
	if r.counted == nil {
		r.counted = map[string]int{}
	}
	if r.counted[code]++; r.counted[code] <= 20 {
		r.problems = append(r.problems, form.Problem{Code: code, At: form.Position{Page: page}, Message: fmt.Sprintf(format, args...)})
	}
}
