package docx

import (
	"strconv"

	"nianbao/ingest/document"
)

// table reads w:tbl.
func (r *reader) table() {
	around := r.paragraphLook
	r.fields = nil
	r.flow.OpenTable(false)
	r.inside(r.tablePart)
	r.flow.CloseTable()
	r.paragraphLook = around
}

func (r *reader) tablePart() {
	if r.space == compat && string(r.local()) == "AlternateContent" {
		r.alternatives(func() { r.inside(r.tablePart) })
		return
	}
	if r.space != word {
		r.skip()
		return
	}
	switch string(r.local()) {
	case "tr":
		r.row()
	case "sdt", "sdtContent", "customXml", "ins", "moveTo":
		r.inside(r.tablePart)
	case "del", "moveFrom":
		r.deleted()
	default:
		r.skip()
	}
}

// row reads w:tr. Its properties come before its cells.
func (r *reader) row() {
	row := rowLook{}
	began := false
	var part func()
	part = func() {
		if r.space == compat && string(r.local()) == "AlternateContent" {
			r.alternatives(func() { r.inside(part) })
			return
		}
		if r.space != word {
			r.skip()
			return
		}
		switch string(r.local()) {
		case "trPr":
			r.rowProperties(&row)
		case "tc":
			if row.deleted || row.hidden {
				r.leaveOut(row)
				return
			}
			if !began {
				began = true
				r.flow.Row()
			}
			r.cell(row.before)
			row.before = 0
		case "sdt", "sdtContent", "customXml", "ins", "moveTo":
			r.inside(part)
		case "del", "moveFrom":
			r.deleted()
		default:
			r.skip()
		}
	}
	r.inside(part)
}

type rowLook struct {
	deleted, hidden bool
	before          int // columns of the grid that the row leaves empty at its beginning
}

func (r *reader) rowProperties(row *rowLook) {
	r.inside(func() {
		if r.space == word {
			switch string(r.local()) {
			case "hidden":
				row.hidden = on(r.scanner)
			case "del":
				row.deleted = true
			case "gridBefore":
				row.before = r.number("val", 0)
			}
		}
		r.skip()
	})
}

// number reads an attribute, otherwise if it is missing or no number.
func (r *reader) number(attribute string, otherwise int) int {
	v, _ := r.attr(word, attribute)
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		return otherwise
	}
	return min(n, 1<<20)
}

// leaveOut reads over a cell of a row that is not shown.
func (r *reader) leaveOut(row rowLook) {
	if row.deleted {
		r.deleted()
		return
	}
	var text []byte
	r.collect(&text)
	if s := document.Squeeze(string(text)); s != "" {
		r.flow.Problem(document.HiddenText, "text in a hidden row was left out: "+document.Excerpt(s))
	}
}

// cell reads w:tc.
func (r *reader) cell(skip int) {
	span := document.Span{Skip: skip, Columns: 1, Rows: 1}
	began, gone := false, false
	r.inside(func() {
		if r.space == word && string(r.local()) == "tcPr" && !began {
			gone = r.cellProperties(&span)
			return
		}
		if gone {
			r.deleted()
			return
		}
		if !began {
			began = true
			r.flow.Cell(span)
		}
		r.block()
	})
	if !began {
		r.flow.Cell(span) // a cell without a paragraph, or with all of it deleted, is a cell
	}
	r.flow.EndCell()
}

// cellProperties reads how a cell is merged. deleted says that it was deleted under change tracking; its place stays.
func (r *reader) cellProperties(span *document.Span) (deleted bool) {
	r.inside(func() {
		if r.space == word {
			switch string(r.local()) {
			case "gridSpan":
				span.Columns = r.number("val", 1)
			case "vMerge":
				v, _ := r.attr(word, "val")
				span.Down = v != "restart"
			case "hMerge":
				v, _ := r.attr(word, "val")
				span.Right = v != "restart"
			case "cellDel":
				deleted = true
			}
		}
		r.skip()
	})
	return deleted
}
