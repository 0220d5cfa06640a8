package document

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"nianbao/internal/form"
)

// Flow makes the blocks of a document from what a reader meets on its way through a file: words, line ends, the ends
// of paragraphs, and tables with their rows and cells. It owns the rules that are the same in every format:
// white space, invisible characters, spans, tables within tables, tables that only lay out a page, and [Limits].
//
// Once a limit is exceeded or the context has ended, nothing more is taken and [Flow.Err] says why.
type Flow struct {
	ctx    context.Context
	limits Limits
	err    error
	calls  uint

	pieces []piece
	line   words
	later  []piece  // what stands aside of the paragraph under way
	asides []aside  // paragraphs that wait for an aside to end
	tables []*table // open, outermost first
	spare  *table
	cells  int // spent of limits.Cells
	text   int // spent of limits.Text

	problems []form.Problem
	counted  map[string]int // how often a problem that is told only once occurred
}

// piece is a block that was made, before numbering.
type piece struct {
	Block
	inner bool // a grid whose text stands already in a cell of the grid before it
}

// aside is the state of a paragraph in whose middle something else stands.
type aside struct {
	line  words
	later []piece
	start int // the first piece of what stands aside
}

// NewFlow starts an empty document.
func NewFlow(ctx context.Context, l Limits) *Flow {
	return &Flow{ctx: ctx, limits: l}
}

// Err is nil, a [*Refusal], or the error of the context.
func (f *Flow) Err() error {
	if f.err == nil {
		// Asking the context takes a lock, so not at every word.
		if f.calls++; f.calls%256 == 1 {
			f.err = f.ctx.Err()
		}
	}
	return f.err
}

// Refuse ends the flow with a refusal of the reader's own.
func (f *Flow) Refuse(code, format string, args ...any) {
	f.refuse(code, form.Position{}, format, args...)
}

func (f *Flow) refuse(code string, at form.Position, format string, args ...any) {
	if f.err == nil {
		f.err = Refuse(code, at, format, args...)
	}
}

// kept is the number of problems of one code that are listed, so that a hostile file cannot fill the memory.
const kept = 3

// Problem notes what was left out or repaired. Of one code the first three are kept, and how many more there were.
func (f *Flow) Problem(code, message string) {
	if f.counted == nil {
		f.counted = map[string]int{}
	}
	if f.counted[code]++; f.counted[code] <= kept {
		f.problems = append(f.problems, form.Problem{Code: code, Message: message})
	}
}

// Text takes running text. Any white space in it becomes one space. A line end of the source between two Chinese
// characters becomes nothing, as CSS Text 3 §4.1.3 has it: editors wrap their source anywhere.
func (f *Flow) Text(s string) {
	if f.Err() == nil {
		f.line.add(s)
		f.spend()
	}
}

// Lines takes text whose line ends are meant, as in <pre>.
func (f *Flow) Lines(s string) {
	for {
		head, tail, more := strings.Cut(s, "\n")
		f.Text(strings.TrimSuffix(head, "\r"))
		if !more {
			return
		}
		f.Break()
		s = tail
	}
}

// Break takes a line break within a paragraph. Several in a row count as one.
func (f *Flow) Break() { f.line.space(lineEnd) }

// Raise says that the text that follows is set above or below the line, until Raise(false). Digits so set are no
// digits of the number before them (a note's mark, an exponent): they come out in square brackets, 55[1].
func (f *Flow) Raise(on bool) { f.line.raise(on) }

// End ends a paragraph. Nothing comes of a paragraph without text.
func (f *Flow) End(heading bool) {
	f.line.raise(false)
	if s := f.line.take(); s != "" && f.err == nil {
		f.keep(len(s))
		f.pieces = append(f.pieces, piece{Block: Block{Text: s, Heading: heading}})
	}
	if len(f.later) > 0 {
		f.pieces = append(f.pieces, f.later...)
		f.later = nil
	}
}

// OpenAside begins paragraphs and tables that are anchored in the middle of a paragraph, as a text box is. They come
// after the paragraph.
func (f *Flow) OpenAside() {
	f.asides = append(f.asides, aside{f.line, f.later, len(f.pieces)})
	f.line, f.later = words{}, nil
}

// CloseAside returns to the paragraph.
func (f *Flow) CloseAside() {
	f.End(false)
	a := f.asides[len(f.asides)-1]
	f.asides = f.asides[:len(f.asides)-1]
	f.line, f.later = a.line, append(a.later, f.pieces[a.start:]...)
	f.pieces = f.pieces[:a.start]
}

// spend refuses a paragraph that alone exceeds the limit, before it is complete.
func (f *Flow) spend() {
	if f.text+len(f.line.buf) > f.limits.Text {
		f.keep(len(f.line.buf))
	}
}

func (f *Flow) keep(n int) {
	if f.text += n; f.text > f.limits.Text {
		f.refuse(TooLarge, form.Position{}, "the text exceeds %d bytes, at most so many are read", f.limits.Text)
	}
}

// Document ends the flow and numbers its grids. The caller states what else it knows of the file.
func (f *Flow) Document() (*Document, error) {
	f.End(false)
	for len(f.tables) > 0 {
		f.CloseTable()
	}
	if f.err == nil {
		f.err = f.ctx.Err()
	}
	if f.err != nil {
		return nil, f.err
	}
	d := &Document{Blocks: make([]Block, 0, len(f.pieces)), Problems: f.told()}
	grids := 0
	for _, p := range f.pieces {
		if g := p.Grid; g != nil {
			grids++
			g.Number = grids
			g.At = form.Position{Grid: grids}
			p.At = g.At
			for j := range g.Cells {
				c := &g.Cells[j]
				c.At = form.Position{Grid: grids, Row: c.Row, Column: c.Column}
			}
		} else if p.Text == "" {
			continue // hidden under a merged cell
		}
		d.Blocks = append(d.Blocks, p.Block)
	}
	return d, nil
}

// told lists the problems, and for each code how many more there were than are listed.
func (f *Flow) told() []form.Problem {
	out := f.problems
	for _, p := range f.problems {
		if n := f.counted[p.Code]; n > kept {
			out = append(out, form.Problem{Code: p.Code, Message: fmt.Sprintf("and %d more of the same kind", n-kept)})
			f.counted[p.Code] = 0
		}
	}
	return out
}

// Squeeze brings a short text, such as a title, on one line under the rules of [Flow.Text].
func Squeeze(s string) string {
	var w words
	w.add(s)
	return w.take()
}

// Kinds of white space, the stronger ones later.
const (
	none    = iota
	blank   // spaces and tabs
	wrapped // a line end of the source
	firm    // a space that a printer keeps: no-break, full-width …
	lineEnd
)

// words collects the text of one paragraph.
type words struct {
	buf     []byte
	pending int  // white space met since the last character
	last    rune // the last character
	mark    int  // where the raised text began, -1 if the text is not raised
	raised  bool
}

func (w *words) space(kind int) { w.pending = max(w.pending, kind) }

func (w *words) take() string {
	s := string(w.buf)
	*w = words{buf: w.buf[:0]}
	return s
}

func (w *words) raise(on bool) {
	if on == w.raised {
		return
	}
	w.raised = on
	if on {
		w.mark = -1
		return
	}
	if w.mark >= 0 && digits(w.buf[w.mark:]) {
		w.buf = append(w.buf, 0, ']')
		copy(w.buf[w.mark+1:], w.buf[w.mark:len(w.buf)-2])
		w.buf[w.mark] = '['
		w.last = ']'
	}
}

func digits(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if !unicode.IsDigit(r) && r != ' ' && r != ',' && r != '.' {
			return false
		}
		b = b[n:]
	}
	return true
}

func (w *words) add(s string) {
	for i := 0; i < len(s); {
		c := s[i]
		if c > ' ' && c < utf8.RuneSelf && c != 0x7f {
			w.write(rune(c), s[i:i+1])
			i++
			continue
		}
		r, n := rune(c), 1
		if c >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		switch kind, visible := class(r); {
		case kind != none:
			w.space(kind)
		case !visible:
		case r == utf8.RuneError || r < ' ' || r == 0x7f:
			// Control characters have no place in text; a number with one in it must not look like a number.
			w.write(utf8.RuneError, "\uFFFD")
		default:
			w.write(r, s[i:i+n])
		}
		i += n
	}
}

func (w *words) write(r rune, s string) {
	if w.pending != none {
		switch {
		case len(w.buf) == 0:
		case w.pending == lineEnd:
			w.buf = append(w.buf, '\n')
		case w.pending == wrapped && chinese(w.last) && chinese(r):
		default:
			w.buf = append(w.buf, ' ')
		}
		w.pending = none
	}
	if w.raised && w.mark < 0 {
		w.mark = len(w.buf)
	}
	w.buf = append(w.buf, s...)
	w.last = r
}

// class says what kind of white space a character is, or whether it takes up any place at all.
func class(r rune) (space int, visible bool) {
	switch {
	case r == ' ' || r == '\t':
		return blank, false
	case r == '\n' || r == '\r' || r == '\f' || r == '\v':
		return wrapped, false
	case r < 0x80:
		return none, true
	case r == 0x2028 || r == 0x2029 || r == 0x85:
		return lineEnd, false
	case r == 0xA0 || r == 0x3000 || r >= 0x2000 && r <= 0x200A || r == 0x202F || r == 0x205F || r == 0x1680:
		return firm, false
	case r == 0xAD || r >= 0x200B && r <= 0x200F || r == 0x2060 || r == 0xFEFF:
		// Soft hyphen, zero-width space and joiners, direction marks, word joiner, byte order mark. Direction
		// overrides (U+202A–202E, U+2066–2069) stay: they turn digits round, so the cell must not pass for a number.
		return none, false
	}
	return none, true
}

// chinese says whether a character belongs to text that is written without spaces. Full-width digits do not.
func chinese(r rune) bool {
	switch {
	case r < 0x2E80:
		return r >= 0x2018 && r <= 0x201D || r == 0x2026 || r == 0x2014
	case r >= 0xFF10 && r <= 0xFF19:
		return false
	}
	return r <= 0x9FFF || r >= 0xF900 && r <= 0xFAFF || r >= 0xFE30 && r <= 0xFE4F || r >= 0xFF01 && r <= 0xFF65 || r >= 0x20000 && r <= 0x3FFFF
}
