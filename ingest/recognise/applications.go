package recognise

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// applicationRows are the rows of section 三 of both versions in one order: R6 of 2019 stands before R6_1 to R6_3 of 2021.
var applicationRows, applicationColumns = func() ([]form.Row, []form.Column) {
	old, _ := form.Forms[0].Table(form.Section3)
	current, _ := form.Forms[1].Table(form.Section3)
	has := map[string]bool{}
	for _, r := range current.Rows() {
		has[r.Code] = true
	}
	var rows []form.Row
	i := 0
	for _, r := range old.Rows() {
		if !has[r.Code] {
			rows = append(rows, r)
			for ; current.Rows()[i].Code != "R7"; i++ {
				rows = append(rows, current.Rows()[i])
			}
			continue
		}
		if i < len(current.Rows()) && current.Rows()[i].Code == r.Code {
			i++
		}
		rows = append(rows, r)
	}
	return rows, current.Blocks[0].Columns
}()

var (
	applicationTargets       = rowTargets(applicationRows)
	applicationLexicon       = lexiconOf(owns(applicationTargets))
	applicationColumnTargets = columnTargets(applicationColumns)
)

// applicationLines reads the rows of a true grid that belongs to section 三: each line has one value per column of the
// form, found by the header. header holds the grid columns of an earlier part of the same table, for a part without a
// header of its own. ok is false when the grid is not of section 三 or its header cannot be read.
func applicationLines(g *document.Grid, m matrix, header []extent, labels memo) (lines []line, at []extent, ok bool) {
	first, named := -1, 0
	for r := range m {
		for _, c := range m.distinct(r, 0, g.Columns) {
			if figure(c.Text) || utf8.RuneCountInString(c.Text) > longest {
				continue
			}
			p := labels.prepare(c.Text)
			if n := len(applicationLexicon.of(p)); n > 0 && len(p.runes) > 2 {
				if first < 0 {
					first = r
				}
				named += n
			}
		}
	}
	if named < 2 {
		return nil, nil, false
	}
	for top := first; top > max(0, first-3) && at == nil; top-- { // the first rows may have unreadable labels
		if at = columnsByHeader(g, m, top, applicationColumnTargets, labels); at != nil {
			first = top
		}
	}
	if at == nil {
		if first > 0 || len(header) == 0 || rightmost(header) != g.Columns {
			return nil, nil, false
		}
		at = header
	}
	left := g.Columns
	for _, e := range at {
		left = min(left, e.from)
	}
	for r := first; r < g.Rows; r++ {
		l := line{aligned: true, at: form.Position{Grid: g.Number, Row: r + 1}}
		figure, gap := false, false // between the label and the columns of the form
		for _, c := range m.distinct(r, 0, left) {
			switch text := strings.TrimSpace(c.Text); {
			case text != "":
				_, is := number(text, true)
				figure = figure || is && len(l.labels) > 0
				gap = false
				l.labels = append(l.labels, c.Text)
			default:
				gap = len(l.labels) > 0
			}
		}
		empty, odd := true, m.beyond(r, first-1, rightmost(at))
		last := ""
		for _, e := range at {
			p, fits := e.value(m, r)
			odd = odd || !fits
			empty = empty && strings.TrimSpace(p.text) == ""
			l.values = append(l.values, p)
			if e.to == rightmost(at) {
				last = strings.TrimSpace(p.text)
			}
		}
		// A row that lost a cell before its label stands one column to the left, and may be filled up at its end.
		odd = odd || figure || gap && last == "" && !empty
		if odd { // a cell more, less or wider than the header: which figure stands under which column cannot be told
			l.spoilt = true
		}
		if empty && len(l.labels) == 0 {
			continue
		}
		lines = append(lines, l)
	}
	return lines, at, true
}

// printedIn counts the cells that are not empty.
func printedIn(cells []*document.Cell) int {
	n := 0
	for _, c := range cells {
		if strings.TrimSpace(c.Text) != "" {
			n++
		}
	}
	return n
}

// columnsByHeader finds where each column of the form stands, from the header rows above row first. nil if one is not
// named. The order is the header's, not the form's.
func columnsByHeader(g *document.Grid, m matrix, first int, columns []target, labels memo) []extent {
	if first < 1 {
		return nil
	}
	at := make([]extent, len(columns))
	found := 0
	for k := 0; k < g.Columns; {
		next := k + 1
		for next < g.Columns && m[first-1][k] != nil && m[first-1][next] == m[first-1][k] {
			next++ // the same header cell goes on
		}
		if i := leaf(m.above(k, 0, first), columns, labels); i >= 0 {
			if at[i].to > 0 {
				return nil // named twice
			}
			at[i] = extent{k, next}
			found++
		}
		k = next
	}
	if found < len(columns) {
		return nil
	}
	return at
}

// tables cuts the lines of section 三 where the rows of the form start again: a document may print the table twice, or
// hold two reports. Rows of two tables must never be aligned as one.
func tables(lines []line, labels memo) [][]line {
	var out [][]line
	start, last := 0, -1
	for i, l := range lines {
		p := labels.prepare(l.own())
		rows := applicationLexicon.of(p)
		if len(p.runes) <= 3 || len(rows) == 0 {
			continue
		}
		at := rows[0]
		if at < last-3 || at == 0 && last > 0 { // two swapped rows are no new table
			out = append(out, lines[start:i])
			start = i
		}
		last = at
	}
	return append(out, lines[start:])
}

// applications turns the lines of section 三 into cells. Row labels decide; rows without a certain label are taken only
// between certain neighbours that leave exactly their places, and then only if the sums of the form confirm them.
func applications(lines []line, pad padding, out *result) {
	matches := align(lines, applicationTargets, out.labels)
	byLine := map[int]match{}
	known := map[string]bool{}
	for _, x := range matches {
		if x.similarity >= certain {
			byLine[x.line] = x
			known[applicationRows[x.row].Code] = true
		}
	}
	out.trace.rows(lines, byLine, out.labels)
	if len(byLine) < 2 {
		return
	}
	if !inOrder(lines, out.labels) {
		out.problem("header_unread", lines[0].at, "read section 三: the words of the header do not stand in the order of the form, so figures in order cannot be named")
		for i := range lines {
			lines[i].spoilt = lines[i].spoilt || !lines[i].aligned
		}
	}
	version := form.Version("")
	switch {
	case known["R6_1"] || known["R6_2"] || known["R6_3"]:
		version = form.V2021
	case known["R6"]:
		version = form.V2019
	}
	inForm := func(code string) bool {
		switch {
		case code == "R6":
			return version != form.V2021
		case strings.HasPrefix(code, "R6_"):
			return version != form.V2019
		}
		return true
	}
	// A layout of one cell a line drops empty cells; it is whole only if no row lacks a figure.
	whole := true
	for i := range byLine {
		whole = whole && (lines[i].row || len(lines[i].values) == len(applicationColumns))
	}
	shapes := provenShapes(lines, byLine)
	taken := map[string][]reading7{}
	for i, x := range byLine {
		code := applicationRows[x.row].Code
		if code == "R6" && version == form.V2021 {
			out.problem("subtotal_row", lines[i].at, "read section 三: a row 其他处理 with figures stands beside its three parts; it is taken for a subtotal and left out")
			continue
		}
		taken[code] = append(taken[code], readRow(lines[i], pad, whole, shapes, "row label"))
	}

	// Places between certain neighbours.
	matched := make([]int, 0, len(byLine))
	for i := range lines {
		if _, ok := byLine[i]; ok {
			matched = append(matched, i)
		}
	}
	guesses := map[string]reading7{}
	for n := 0; n+1 < len(matched); n++ {
		a, b := matched[n], matched[n+1]
		var rows []int
		for j := byLine[a].row + 1; j < byLine[b].row; j++ {
			if inForm(applicationRows[j].Code) {
				rows = append(rows, j)
			}
		}
		if b-a-1 == 0 || b-a-1 != len(rows) {
			for i := a + 1; i < b; i++ {
				out.problem("row_unread", lines[i].at, fmt.Sprintf("read section 三: row %q between %s and %s is no row of the form", strings.Join(lines[i].labels, " "), applicationRows[byLine[a].row].Code, applicationRows[byLine[b].row].Code))
			}
			continue
		}
		for k, j := range rows {
			guesses[applicationRows[j].Code] = readRow(lines[a+1+k], pad, whole, shapes, "row between its neighbours")
		}
	}
	if len(guesses) > 0 {
		if confirmed(taken, guesses) {
			for code, r := range guesses {
				taken[code] = append(taken[code], r)
			}
		} else {
			for _, row := range applicationRows { // in the order of the form, so that a file always says the same
				if r, ok := guesses[row.Code]; ok {
					out.problem("row_unread", r.at, fmt.Sprintf("read section 三: a row at the place of %s has no readable label and the sums do not confirm it", row.Code))
				}
			}
		}
	}

	for _, r := range applicationRows {
		for _, reading := range taken[r.Code] {
			for i, c := range reading.cells {
				c.Key = form.Key{Table: form.Section3, Row: r.Code, Column: applicationColumns[i].Code}
				out.cell(c)
			}
		}
	}
	if version == "" && (known["R7"] && known["R5_5"]) {
		version = form.V2019
		out.problem("row_missing", form.Position{}, "read section 三: (六)其他处理 was not found")
	}
	if version != "" {
		out.filing.Forms[form.Section3] = version
	}
}

// inOrder reports whether the column labels printed above the first row stand in the order of the form. In text they
// are all that tells the columns.
func inOrder(lines []line, labels memo) bool {
	var texts []string
	for _, l := range lines {
		if l.aligned {
			return true
		}
		texts = append(texts, l.before...)
		row := false
		for _, text := range l.labels {
			p := labels.prepare(text)
			row = row || len(p.runes) > 3 && len(applicationLexicon.of(p)) > 0
			texts = append(texts, text)
		}
		if row {
			break
		}
	}
	last := 0
	for i, text := range texts {
		p := labels.prepare(text)
		joined := p // with the text before it: a label over two lines
		if i > 0 {
			joined = labels.prepare(texts[i-1] + text)
		}
		for j := range applicationColumnTargets {
			t := &applicationColumnTargets[j]
			// 自然人 and 总计 stand over merged cells, in a line of their own; 其他 also is a row label.
			if (j > 0 && j < 5 || j == 5 && last > 0) && (t.is(p) || t.is(joined)) {
				if j < last {
					return false
				}
				last = j
			}
		}
	}
	return true
}

// reading7 is a row of section 三 as read: seven cells without keys, or none.
type reading7 struct {
	cells []form.Cell
	at    form.Position
}

// readRow reads the seven figures of a row. whole says that every row of the table shows all its cells, so that seven
// figures are those of the seven columns even when their sum is wrong.
func readRow(l line, pad padding, whole bool, shapes map[shape]bool, rule string) reading7 {
	if l.spoilt {
		return reading7{unsettled(l.values, applicationColumns, rule), l.at}
	}
	if l.aligned {
		cells := make([]form.Cell, 0, 7)
		for i, v := range l.values {
			cells = append(cells, cellOf(v, applicationColumns[i], rule+", column header"))
		}
		return reading7{cells, l.at}
	}
	values, sure, ok := window(l.values, len(applicationColumns), pad)
	if !ok {
		return reading7{unsettled(l.values, applicationColumns, rule), l.at}
	}
	cells := make([]form.Cell, len(values))
	blanks := false
	inOrder := rule + ", seven figures in order"
	for i, v := range values {
		cells[i] = cellOf(v, applicationColumns[i], inOrder)
		blanks = blanks || cells[i].State == form.Blank
	}
	// Text exporters drop empty cells and pad rows; only the sum of the row shows that figures and blanks are in place.
	proven := len(l.values) == len(values) || shapes[shapeOf(l)]
	if (!sure || blanks || !whole || !proven) && !onlyBlank(values) && !sumsUp(cells) {
		return reading7{unsettled(l.values, applicationColumns, rule), l.at}
	}
	return reading7{cells, l.at}
}

// shape is how a text prints a row: how many cells, and which is the first that is not empty.
type shape struct{ cells, first int }

func shapeOf(l line) shape {
	for i, v := range l.values {
		if strings.TrimSpace(v.text) != "" {
			return shape{len(l.values), i}
		}
	}
	return shape{len(l.values), -1}
}

// provenShapes lists the shapes of rows that are padded to more than seven cells and print seven figures whose sum is
// right. Another row of the same shape has its figures in the same places, even when its sum is wrong.
func provenShapes(lines []line, rows map[int]match) map[shape]bool {
	out := map[shape]bool{}
	for i := range rows {
		l := lines[i]
		if l.aligned || !l.row || len(l.values) <= len(applicationColumns) {
			continue
		}
		values, sure, ok := window(l.values, len(applicationColumns), unknownPadding)
		if !ok || !sure || onlyBlank(values) {
			continue
		}
		cells := make([]form.Cell, len(values))
		printed := true
		for j, v := range values {
			cells[j] = cellOf(v, applicationColumns[j], "")
			printed = printed && cells[j].State == form.Number
		}
		if printed && sumsUp(cells) {
			out[shapeOf(l)] = true
		}
	}
	return out
}

// sumsUp reports whether the first six cells add up to the seventh, blanks and placeholders counted as 0.
func sumsUp(cells []form.Cell) bool {
	sum := decimal.Zero
	for i, c := range cells {
		switch c.State {
		case form.Number:
			if i < len(cells)-1 {
				sum = sum.Add(c.Value)
			} else {
				sum = sum.Sub(c.Value)
			}
		case form.Ambiguous, form.Text:
			return false
		}
	}
	return sum.IsZero()
}

// confirmed reports whether the column sums A1 and A2 hold with the guessed rows, with at least one of them assessable.
func confirmed(taken map[string][]reading7, guesses map[string]reading7) bool {
	value := func(code string, column int) (decimal.Decimal, bool, bool) {
		r, ok := guesses[code]
		if !ok {
			if len(taken[code]) != 1 {
				return decimal.Zero, false, len(taken[code]) == 0
			}
			r = taken[code][0]
		}
		if len(r.cells) == 0 {
			return decimal.Zero, false, false
		}
		c := r.cells[column]
		return c.Value, true, c.State == form.Number || c.State == form.Blank || c.State == form.Dash
	}
	for column := range applicationColumns {
		for _, id := range []struct{ left, right []string }{
			{[]string{"R7"}, form.Identities[1].Right},
			{form.Identities[0].Left, form.Identities[0].Right},
		} {
			sum := decimal.Zero
			involved := false
			for _, code := range id.left {
				v, _, ok := value(code, column)
				if !ok {
					return false
				}
				sum = sum.Add(v)
				_, g := guesses[code]
				involved = involved || g
			}
			for _, code := range id.right {
				v, _, ok := value(code, column)
				if !ok {
					return false
				}
				sum = sum.Sub(v)
				_, g := guesses[code]
				involved = involved || g
			}
			if involved && !sum.IsZero() {
				return false
			}
		}
	}
	return true
}
