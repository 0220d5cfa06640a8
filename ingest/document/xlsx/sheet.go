package xlsx

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nianbao/ingest/document"
	"nianbao/ingest/document/parts"
	"nianbao/internal/form"
)

// table is one sheet as the file has it: rows with the cells that hold something. Numbers of rows and columns are
// those of the sheet.
type table struct {
	*reader
	name          string
	rows          []row // by number
	hiddenColumns spans
	merges        []area
	hideRows      bool  // rows that are not written are hidden
	seen          []int // for each of rows the first visible row from it on
	looked        int   // places looked at for overlapping merged cells
}

type row struct {
	number int
	hidden bool
	ruled  bool   // a cell of it has lines around it, be it empty
	cells  []cell // by column; only those with text
}

// cell is a cell with text.
type cell struct {
	column int
	runs   []run
	figure bool // a number
}

// area is a merged cell. Counts start at 1, both ends belong to it.
type area struct{ top, left, bottom, right int }

// spans is a set of columns: intervals in order, both ends included.
type spans [][2]int

// add takes a column that is not before any that the set has.
func (s spans) add(from, to int) spans {
	if n := len(s); n > 0 && s[n-1][1] >= from-1 {
		s[n-1][1] = max(s[n-1][1], to)
		return s
	}
	return append(s, [2]int{from, to})
}

// outside is the first number from n on that is not in the set.
func (s spans) outside(n int) int {
	i, _ := slices.BinarySearchFunc(s, n, func(x [2]int, n int) int { return x[1] - n })
	if i < len(s) && s[i][0] <= n {
		return s[i][1] + 1
	}
	return n
}

// view says how a sheet is shown.
type view struct{ hideZeros bool } // cells that hold 0 look empty

// scan reads the part of a sheet.
func (t *table) scan(s *parts.Scanner) error {
	var v view
	for s.Next() {
		if s.Start == nil {
			continue
		}
		switch s.Start.Name.Local {
		case "sheetView":
			v.hideZeros = s.Attr("showZeros") != "" && !on(s.Attr("showZeros"))
		case "sheetFormatPr":
			t.hideRows = yes(s.Attr("zeroHeight"))
		case "col":
			if err := t.column(s); err != nil {
				return err
			}
		case "row":
			if err := t.row(s, v); err != nil {
				return err
			}
		case "mergeCell":
			a, ok := areaOf(s.Attr("ref"))
			if !ok {
				return t.damaged("a merged cell has the range %.40q", s.Attr("ref"))
			}
			if len(t.merges) >= t.limits.Cells {
				return document.Refuse(document.TooManyCells, form.Position{}, "sheet %.100q has more than %d merged cells", t.name, t.limits.Cells)
			}
			if a.top != a.bottom || a.left != a.right {
				t.merges = append(t.merges, a)
			}
		}
	}
	return s.Err()
}

func (t *table) damaged(format string, args ...any) error {
	return document.Refuse(document.Damaged, form.Position{}, "sheet %.100q: %s", t.name, fmt.Sprintf(format, args...))
}

func areaOf(ref string) (a area, ok bool) {
	first, last, more := strings.Cut(ref, ":")
	if !more {
		last = first
	}
	var ok1, ok2 bool
	a.top, a.left, ok1 = place(first)
	a.bottom, a.right, ok2 = place(last)
	return a, ok1 && ok2 && a.top <= a.bottom && a.left <= a.right
}

func (t *table) column(s *parts.Scanner) error {
	from, err1 := strconv.Atoi(s.Attr("min"))
	to, err2 := strconv.Atoi(s.Attr("max"))
	if err1 != nil || err2 != nil || from < 1 || to < from {
		return t.damaged("columns from %.20q to %.20q", s.Attr("min"), s.Attr("max"))
	}
	width, err := strconv.ParseFloat(s.Attr("width"), 64)
	if !yes(s.Attr("hidden")) && (err != nil || width > 0) {
		return nil
	}
	if n := len(t.hiddenColumns); n > 0 && t.hiddenColumns[n-1][1] >= from {
		return t.damaged("columns are not stated in order")
	}
	t.hiddenColumns = t.hiddenColumns.add(from, min(to, lastColumn))
	return nil
}

// row reads the row just started.
func (t *table) row(s *parts.Scanner, v view) error {
	x := row{number: 1}
	if n := len(t.rows); n > 0 {
		x.number = t.rows[n-1].number + 1
	}
	if a := s.Attr("r"); a != "" {
		n, err := strconv.Atoi(a)
		if err != nil || n < x.number || n > lastRow {
			return t.damaged("row %.20q stands after row %d", a, x.number-1)
		}
		x.number = n
	}
	height, err := strconv.ParseFloat(s.Attr("ht"), 64)
	x.hidden = yes(s.Attr("hidden")) || err == nil && height == 0 || t.hideRows && s.Attr("hidden") == "" && s.Attr("ht") == ""
	if x.number > lastRow {
		return t.damaged("a row stands after the last possible one")
	}
	next := 1
	for depth := s.Depth; s.Depth >= depth && s.Next(); {
		if s.Start == nil || s.Start.Name.Local != "c" {
			continue
		}
		if a := s.Attr("r"); a != "" {
			r, c, ok := place(a)
			if !ok || r != x.number || c < next {
				return t.damaged("cell %.20q stands in row %d behind column %d", a, x.number, next-1)
			}
			next = c
		}
		if next > lastColumn {
			return t.damaged("row %d has more than %d columns", x.number, lastColumn)
		}
		c, border, err := t.cell(s, reference(x.number, next), v)
		if err != nil {
			return err
		}
		if border {
			x.ruled = true
		}
		if len(c.runs) > 0 {
			if t.cells++; t.cells > t.limits.Cells {
				return document.Refuse(document.TooManyCells, form.Position{}, "the workbook has more than %d cells, at most so many are read", t.limits.Cells)
			}
			c.column = next
			x.cells = append(x.cells, c)
		}
		next++
	}
	t.rows = append(t.rows, x)
	return s.Err()
}

// cell reads the cell just started.
func (t *table) cell(s *parts.Scanner, at string, v view) (c cell, border bool, err error) {
	kind := s.Attr("t")
	look := style{}
	if i, err := strconv.Atoi(s.Attr("s")); err == nil && i >= 0 && i < len(t.styles) {
		look = t.styles[i]
	} else if len(t.styles) > 0 {
		look = t.styles[0]
	}
	var value, formula string
	stored, computed := false, false
	for depth := s.Depth; s.Depth >= depth && s.Next(); {
		if s.Start == nil {
			continue
		}
		switch s.Start.Name.Local {
		case "v":
			value, stored = s.Inner(), true
		case "f":
			formula, computed = s.Inner(), true
		case "is":
			c.runs = t.readString(s)
		default:
			s.Skip()
		}
	}
	if s.Err() != nil {
		return c, false, s.Err()
	}
	if computed && !stored && len(c.runs) == 0 {
		// A person would see what the formula gives. This is no blank cell.
		t.flow.Problem(FormulaValue, fmt.Sprintf("sheet %q, cell %s: the file holds the formula %s without its value; the cell stands as U+FFFD", t.name, at, document.Excerpt(formula)))
		c.runs = []run{{text: "\uFFFD"}}
		return c, look.border, nil
	}
	if computed {
		t.pasts++
	}
	switch kind {
	case "s":
		if stored {
			c.runs, err = t.shared(value, at)
		}
	case "str", "e":
		c.runs = words(unescape(value))
	case "inlineStr":
	case "b":
		c.runs = words(map[string]string{"0": "FALSE", "1": "TRUE"}[strings.TrimSpace(value)])
		if len(c.runs) == 0 {
			c.runs = words(value)
		}
	case "d":
		c.runs = words(value)
	default:
		if stored && strings.TrimSpace(value) != "" {
			c.runs, c.figure = words(t.number(strings.TrimSpace(value), look, at, v)), true
		}
	}
	if look.struck {
		runs := slices.Clone(c.runs)
		for i := range runs {
			runs[i].struck = true
		}
		c.runs = runs
	}
	return c, look.border, err
}

func words(s string) []run {
	if s == "" {
		return nil
	}
	return []run{{text: s}}
}

// number is the text of a cell with a number.
func (t *table) number(stored string, look style, at string, v view) string {
	value, ok := exact(stored)
	if !ok {
		t.flow.Problem(NumberShown, fmt.Sprintf("sheet %q, cell %s: %s is no number that a cell can hold", t.name, at, document.Excerpt(stored)))
		return stored
	}
	if v.hideZeros && value.IsZero() {
		t.flow.Problem(NumberShown, fmt.Sprintf("sheet %q, cell %s holds 0, and the sheet shows cells with 0 as empty: it is read as empty", t.name, at))
		return ""
	}
	f := look.format
	if f == nil {
		return value.String()
	}
	out := f.show(value, t.base)
	if out.why != "" {
		shows := ""
		if out.shows != "" || out.text == "" {
			shows = " " + document.Excerpt(out.shows)
		}
		t.flow.Problem(NumberShown, fmt.Sprintf("sheet %q, cell %s: the number %s %s%s; the cell is read as %s", t.name, at, value, out.why, shows, document.Excerpt(out.text)))
	}
	return out.text
}
