package docx

import (
	"strconv"
	"strings"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// reader walks the body of a document into a flow.
type reader struct {
	*scanner
	archive   *archive
	limits    document.Limits
	main      string // name of the part with the body
	flow      *document.Flow
	styles    map[string]textStyle
	numbering *numbering // nil until the first numbered paragraph
	notes     []note     // in the order in which the text refers to them
	pictures  int
	problems  []form.Problem

	paragraphLook
}

// paragraphLook is the state of the paragraph under way.
type paragraphLook struct {
	heading bool
	hidden  bool   // by its style
	before  string // printed before its first word: the number of a list
	// fields are the fields under way, innermost last: true once their result has begun. What stands before it is
	// the instruction, which is not printed. A field may reach over several paragraphs.
	fields []bool
}

// note is a reference to a note.
type note struct {
	kind, id string
}

func (r *reader) readBody(z *archive, main string, l document.Limits) error {
	b, err := z.read(main)
	if err != nil {
		return err
	}
	r.scanner = r.scan(main, b, l)
	found := false
	for {
		switch r.next() {
		case eof:
			if r.err == nil && !found {
				return document.Refuse(document.Damaged, form.Position{}, "%s has no w:body: it is no Word document", main)
			}
			return r.err
		case start:
			if r.space == word && string(r.local()) == "body" {
				found = true
				r.blocks()
			}
		}
	}
}

// inside reads what is in the element whose start tag was read last, up to its end tag. child must read each child
// element to its end.
func (r *reader) inside(child func()) {
	for {
		switch r.next() {
		case start:
			child()
		case end, eof:
			return
		}
		if r.err == nil {
			r.err = r.flow.Err() // nothing more is taken, so nothing more needs reading
		}
	}
}

// blocks reads paragraphs and tables.
func (r *reader) blocks() { r.inside(r.block) }

func (r *reader) block() {
	if r.space == compat && string(r.local()) == "AlternateContent" {
		r.alternatives(r.blocks)
		return
	}
	if r.space != word {
		r.skip()
		return
	}
	switch string(r.local()) {
	case "p":
		r.paragraph()
	case "tbl":
		r.table()
	case "sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo":
		r.blocks()
	case "del", "moveFrom":
		r.deleted()
	case "altChunk":
		r.flow.Problem(document.Unread, "a document embedded as w:altChunk was not read")
		r.skip()
	default:
		r.skip()
	}
}

// alternatives reads the first choice, and the fallback only where there is no choice: they say the same.
func (r *reader) alternatives(content func()) {
	done := false
	r.inside(func() {
		if r.space == compat && !done && (string(r.local()) == "Choice" || string(r.local()) == "Fallback") {
			done = true
			content()
			return
		}
		r.skip()
	})
}

// deleted reads over text deleted or moved away under change tracking, and tells of it.
func (r *reader) deleted() {
	var text []byte
	r.collect(&text)
	if s := document.Squeeze(string(text)); s != "" {
		r.flow.Problem(document.TrackedChanges, "text deleted under change tracking was left out: "+document.Excerpt(s))
	}
}

func (r *reader) paragraph() {
	r.heading, r.hidden, r.before = false, false, ""
	joined := false // the end of the paragraph is deleted under change tracking: the next one continues it
	r.inside(func() {
		if r.space == word && string(r.local()) == "pPr" {
			joined = r.paragraphProperties()
			return
		}
		r.inline()
	})
	// An instruction ends with its paragraph. A field that was begun and never ended must not swallow the rest.
	for n := len(r.fields); n > 0 && !r.fields[n-1]; n-- {
		r.fields = r.fields[:n-1]
	}
	if joined {
		return
	}
	r.flow.End(r.heading)
}

func (r *reader) paragraphProperties() (joined bool) {
	number := numberedParagraph{level: -1}
	style := ""
	r.inside(func() {
		if r.space != word {
			r.skip()
			return
		}
		switch string(r.local()) {
		case "pStyle":
			if id, ok := r.attr(word, "val"); ok {
				style = id
				r.heading, r.hidden, number = r.style(id)
			}
		case "numPr":
			r.inside(func() {
				if r.space == word {
					switch string(r.local()) {
					case "numId":
						number.list, _ = r.attr(word, "val")
					case "ilvl":
						number.level = r.number("val", 0)
					}
				}
				r.skip()
			})
			return
		case "outlineLvl":
			r.heading = outline(r.scanner) > 0
		case "rPr":
			r.inside(func() {
				if r.space == word && (string(r.local()) == "del" || string(r.local()) == "moveFrom") {
					joined = true
				}
				r.skip()
			})
			return
		}
		r.skip()
	})
	r.before = r.label(number, style)
	return joined
}

// inline reads an element within a paragraph.
func (r *reader) inline() {
	switch r.space {
	case word:
	case compat:
		if string(r.local()) == "AlternateContent" {
			r.alternatives(func() { r.inside(r.inline) })
			return
		}
		r.skip()
		return
	case formula:
		r.formula()
		return
	default:
		r.drawing()
		return
	}
	switch string(r.local()) {
	case "r":
		r.run()
	case "hyperlink", "ins", "moveTo", "sdt", "sdtContent", "customXml", "smartTag", "fldSimple", "dir", "bdo", "rubyBase":
		r.inside(r.inline)
	case "del", "moveFrom":
		r.deleted()
	default:
		r.skip()
	}
}

// formula takes the text of a formula, each part apart so that a fraction does not become one number.
func (r *reader) formula() {
	r.inside(func() {
		switch {
		case r.space == formula && string(r.local()) == "t":
			r.flow.Text(" ")
			r.words()
			r.flow.Text(" ")
		case r.space == formula:
			r.formula()
		default:
			r.inline()
		}
	})
}

// words takes the text of the element whose start tag was read last.
func (r *reader) words() {
	for {
		switch r.next() {
		case chars:
			if !r.shown() {
				continue
			}
			text := string(r.text())
			if first := strings.TrimSpace(text); r.before != "" && first != "" {
				r.flow.Text(r.before)
				if first[0] >= '0' && first[0] <= '9' {
					r.flow.Text(" ") // 1. and 5 must not become 1.5
				}
				r.before = ""
			}
			r.flow.Text(text)
		case start:
			r.skip()
		case end, eof:
			return
		}
	}
}

func (r *reader) shown() bool {
	for _, result := range r.fields {
		if !result {
			return false
		}
	}
	return true
}

// run reads a run: text of one look.
func (r *reader) run() {
	hidden, struck, raised := r.hidden, false, false
	var left []byte // text that is left out
	r.inside(func() {
		if r.space == word {
			switch string(r.local()) {
			case "rPr":
				hidden, struck, raised = r.look(hidden)
				r.flow.Raise(raised)
				return
			case "t":
				if hidden || struck {
					r.collect(&left)
				} else {
					r.words()
				}
				return
			}
		}
		r.runContent(hidden || struck)
	})
	r.flow.Raise(false)
	if s := document.Squeeze(string(left)); s != "" {
		if hidden {
			r.flow.Problem(document.HiddenText, "hidden text was left out: "+document.Excerpt(s))
		} else {
			r.flow.Problem(document.StruckText, "text crossed out was left out: "+document.Excerpt(s))
		}
	}
}

// look reads the properties of a run.
func (r *reader) look(hidden bool) (gone, struck, raised bool) {
	gone = hidden
	r.inside(func() {
		if r.space == word {
			switch string(r.local()) {
			case "rStyle":
				if id, ok := r.attr(word, "val"); ok {
					if _, h, _ := r.style(id); h {
						gone = true
					}
				}
			case "vanish":
				gone = on(r.scanner)
			case "strike", "dstrike":
				struck = struck || on(r.scanner)
			case "vertAlign":
				v, _ := r.attr(word, "val")
				raised = v == "superscript" || v == "subscript"
			}
		}
		r.skip()
	})
	return gone, struck, raised
}

// runContent reads what a run holds besides text.
func (r *reader) runContent(out bool) {
	if r.space == compat && string(r.local()) == "AlternateContent" {
		if out {
			r.skip()
			return
		}
		r.alternatives(func() { r.inside(func() { r.runContent(out) }) })
		return
	}
	if r.space != word {
		r.drawing()
		return
	}
	visible := !out && r.shown()
	switch string(r.local()) {
	case "t":
		r.words()
		return
	case "tab", "ptab":
		if visible {
			r.flow.Text("\t")
		}
	case "br", "cr":
		if visible {
			r.flow.Break()
		}
	case "noBreakHyphen":
		if visible {
			r.flow.Text("-")
		}
	case "sym":
		if visible {
			r.symbol()
		}
	case "fldChar":
		r.field()
	case "footnoteReference", "endnoteReference":
		if visible {
			id, _ := r.attr(word, "id")
			r.notes = append(r.notes, note{strings.TrimSuffix(string(r.local()), "Reference"), id})
			r.flow.Raise(true)
			r.flow.Text(strconv.Itoa(len(r.notes)))
			r.flow.Raise(false)
		}
	case "ruby":
		r.ruby()
		return
	case "drawing", "pict", "object":
		if out {
			r.skip()
			return
		}
		r.drawing()
		return
	case "delText":
		r.deleted()
		return
	}
	r.skip()
}

// field follows the marks of a field: begin, instruction, separate, result, end.
func (r *reader) field() {
	kind, _ := r.attr(word, "fldCharType")
	switch n := len(r.fields); {
	case kind == "begin" && n < 100:
		r.fields = append(r.fields, false)
	case kind == "separate" && n > 0:
		r.fields[n-1] = true
	case kind == "end" && n > 0:
		r.fields = r.fields[:n-1]
	}
}

// ruby takes the words and leaves out the pronunciation above them.
func (r *reader) ruby() {
	r.inside(func() {
		switch {
		case r.space == word && string(r.local()) == "rubyBase":
			r.inside(r.inline)
		case r.space == word && string(r.local()) == "rt":
			var text []byte
			r.collect(&text)
			r.flow.Problem(document.RubyText, "the pronunciation above a word was left out: "+document.Excerpt(document.Squeeze(string(text))))
		default:
			r.skip()
		}
	})
}

// collect reads over an element and keeps the beginning of its text.
func (r *reader) collect(to *[]byte) {
	for depth := len(r.stack); len(r.stack) >= depth; {
		switch r.next() {
		case eof:
			return
		case chars:
			if len(*to) < 400 {
				*to = append(*to, r.text()...)
			}
		}
	}
}

// drawing looks for text boxes in a drawing; what they hold comes after the paragraph they are anchored in.
func (r *reader) drawing() {
	switch {
	case r.space == word && string(r.local()) == "txbxContent":
		around := r.paragraphLook
		r.fields = nil
		r.flow.OpenAside()
		r.blocks()
		r.flow.CloseAside()
		r.paragraphLook = around
		return
	case r.space == compat && string(r.local()) == "AlternateContent":
		r.alternatives(func() { r.inside(r.drawing) })
		return
	case string(r.local()) == "blip" || string(r.local()) == "imagedata" || string(r.local()) == "OLEObject":
		r.pictures++
	}
	r.inside(r.drawing)
}

// symbol takes a character given by font and number.
func (r *reader) symbol() {
	char, _ := r.attr(word, "char")
	font, _ := r.attr(word, "font")
	n, err := strconv.ParseUint(char, 16, 32)
	if err == nil && (n < 0xF000 || n > 0xF0FF) && n >= ' ' {
		r.flow.Text(string(rune(n)))
		return
	}
	if err == nil {
		if c, ok := symbols[strings.ToLower(font)][byte(n)]; ok {
			r.flow.Text(string(c))
			return
		}
	}
	r.flow.Problem(document.SymbolUnknown, "character "+char+" of the font "+font+" has no standard meaning; it stands as U+FFFD")
	r.flow.Text("\uFFFD")
}

// symbols are the characters of symbol fonts that occur in forms. Others have no equal in Unicode.
var symbols = map[string]map[byte]rune{
	"wingdings":   {0x6C: '●', 0x6E: '■', 0x6F: '□', 0x71: '❑', 0x75: '◆', 0xA7: '▪', 0xA8: '◻', 0xFB: '✗', 0xFC: '✓', 0xFD: '☒', 0xFE: '☑', 0xE0: '→', 0xD8: '➢'},
	"wingdings 2": {0x50: '✓', 0x51: '☒', 0x52: '☑', 0x53: '☒', 0xA3: '□', 0x4F: '✗'},
	"symbol":      {0x2B: '+', 0x2D: '−', 0x3D: '=', 0xB4: '×', 0xB8: '÷', 0xB1: '±', 0xA3: '≤', 0xB3: '≥', 0xB7: '•', 0xAE: '→', 0xD7: '⋅'},
}
