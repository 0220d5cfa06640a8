package recognise

import (
	"strings"
	"unicode/utf8"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// disclosureRows are the rows of section 二 of both versions, each code once; disclosureColumns the columns of all blocks.
var disclosureRows, disclosureColumns = func() (rows []form.Row, columns []form.Column) {
	seen := map[string]int{}
	for _, f := range form.Forms {
		t, _ := f.Table(form.Section2)
		for _, b := range t.Blocks {
			for _, r := range b.Rows {
				if i, ok := seen[r.Code]; ok {
					rows[i].Variants = append(append([]string{r.Label}, rows[i].Variants...), r.Variants...)
					continue
				}
				seen[r.Code] = len(rows)
				rows = append(rows, r)
			}
			columns = append(columns, b.Columns...)
		}
	}
	return rows, columns
}()

var (
	disclosureRowTargets    = labelTargets(disclosureRows)
	disclosureColumnTargets = columnTargets(disclosureColumns)
	disclosureColumnLexicon = lexiconOf(disclosureColumnTargets)
)

func labelTargets(rows []form.Row) []target {
	out := make([]target, len(rows))
	for i, r := range rows {
		out[i] = newTarget("", r.Label, r.Variants)
	}
	return out
}

// disclosureBlock is what the form prints over a row: the columns of its block, also to compare headers with.
type disclosureBlock struct {
	columns []form.Column
	targets []target
}

// disclosureBlocks are the blocks of each version by the rows they have.
var disclosureBlocks = func() map[form.Version]map[string]*disclosureBlock {
	out := map[form.Version]map[string]*disclosureBlock{}
	for _, f := range form.Forms {
		out[f.Version] = map[string]*disclosureBlock{}
		t, _ := f.Table(form.Section2)
		for _, b := range t.Blocks {
			block := &disclosureBlock{b.Columns, columnTargets(b.Columns)}
			for _, r := range b.Rows {
				out[f.Version][r.Code] = block
			}
		}
	}
	return out
}()

// header is a printed header of section 二: its texts without the corner, in order.
type header struct {
	texts []string
	at    []extent // grid columns of each text; nothing in text
	times []int    // in text, how often each is printed in a row: merged cells repeated in every place they cover
}

// add appends a text read from text. The same certain label again is the same merged cell; a label that was cut off
// may stand for several columns.
func (h *header) add(text string, labels memo) {
	if n := len(h.texts); n > 0 && h.texts[n-1] == text && headerCertain(labels.prepare(text)) {
		h.times[n-1]++
		return
	}
	h.texts, h.times = append(h.texts, text), append(h.times, 1)
}

// once drops the repetitions of merged cells from a row of figures. ok is false if the row has another number of cells
// than the header, or repetitions that differ.
func (h header) once(values []piece) (out []piece, ok bool) {
	all := 0
	for _, n := range h.times {
		all += n
	}
	if all == len(h.times) {
		return values, true
	}
	if len(values) != all {
		return values, false
	}
	for _, n := range h.times {
		for _, v := range values[:n] {
			if strings.TrimSpace(v.text) != strings.TrimSpace(values[0].text) {
				return values, false
			}
		}
		out, values = append(out, values[0]), values[n:]
	}
	return out, true
}

// columnsFor tells which version's header of the row's block the printed texts are, and the grid column of each column
// of the block. More texts must name their column with certainty than are misprinted; those that are cut off count for
// neither, but must stand where the form has them.
func (h header) columnsFor(row string, labels memo) (form.Version, []form.Column) {
	for i := len(form.Forms) - 1; i >= 0; i-- {
		v := form.Forms[i].Version
		b := disclosureBlocks[v][row]
		if b == nil || len(h.texts) != len(b.columns) {
			continue
		}
		named, doubtful := 0, 0
		for j := range b.targets {
			t := &b.targets[j]
			p := labels.prepare(h.texts[j])
			switch {
			case t.similarity(p) >= certain:
				named++
			case len(p.runes) >= 2 && strings.HasPrefix(t.words[0], p.words):
			case t.similarity(p) >= probable:
				doubtful++
			default:
				doubtful = len(b.columns)
			}
		}
		if named > doubtful {
			return v, b.columns
		}
	}
	return "", nil
}

// headerCertain reports whether a text certainly is a column label of section 二.
func headerCertain(p *printedLabel) bool { return len(disclosureColumnLexicon.of(p)) > 0 }

// headerText reports whether a text is (part of) a column label of section 二.
func headerText(p *printedLabel) bool {
	return p.disclosureHeader.once(func() int {
		for i := range disclosureColumnTargets {
			t := &disclosureColumnTargets[i]
			if len(p.runes) >= 3 && strings.HasPrefix(t.words[0], p.words) || p.words != "" && t.similarity(p) >= certain {
				return i
			}
		}
		return -1
	}) >= 0
}

// disclosureRow is the index of the row of section 二 that a text certainly names, −1 if none.
func disclosureRow(p *printedLabel) int {
	return p.disclosureRow.once(func() int { return p.bestOf(disclosureRowTargets) })
}

// disclosureByHeader reads section 二 from a true grid. The header of each block tells the columns of the rows below it.
func disclosureByHeader(g *document.Grid, m matrix, out *result) bool {
	named, labelled := false, false
	for _, c := range g.Cells {
		if figure(c.Text) || utf8.RuneCountInString(c.Text) > longest {
			continue
		}
		if named && labelled {
			break
		}
		named = named || headerText(out.labels.prepare(c.Text))
		labelled = labelled || disclosureRow(out.labels.prepare(c.Text)) >= 0
	}
	if !named || !labelled {
		return false
	}
	var h header
	found := false
	fresh := false // the header under way still grows: labels split over two grid rows
	for r := range m {
		cells := m.distinct(r, 0, g.Columns)
		var own []*document.Cell
		for _, c := range cells {
			if c.Row == r+1 {
				own = append(own, c)
			}
		}
		label, head := -1, 0
		for i, c := range cells {
			if figure(c.Text) {
				continue
			}
			if label < 0 && head == 0 && i <= 1 {
				if j := disclosureRow(out.labels.prepare(c.Text)); j >= 0 {
					label = j
					continue
				}
			}
			if headerText(out.labels.prepare(c.Text)) {
				head++
			}
		}
		switch {
		case label < 0 && head > 0:
			if !fresh {
				h = header{}
			}
			fresh = true
			for _, c := range own {
				if headerText(out.labels.prepare(c.Text)) {
					h.texts, h.at = append(h.texts, c.Text), append(h.at, extent{c.Column - 1, c.Column - 1 + c.ColSpan})
				}
			}
		case label >= 0:
			fresh = false
			row := disclosureRows[label]
			v, columns := h.columnsFor(row.Code, out.labels)
			if v == "" {
				out.trace.header(h, row, form.Position{Grid: g.Number, Row: r + 1}, out.labels)
				out.problem("header_unread", form.Position{Grid: g.Number, Row: r + 1},
					"read section 二: row "+row.Label+": the header above it names no columns of this row")
				continue
			}
			values := make([]piece, len(columns))
			odd := printedIn(m.distinct(r, rightmost(h.at), g.Columns)) > 0 // blocks of fewer columns leave blank cells right of theirs
			for i, e := range h.at {
				var fits bool
				values[i], fits = e.value(m, r)
				odd = odd || !fits
			}
			cells := make([]form.Cell, len(columns))
			if odd {
				cells = unsettled(values, columns, "row label")
			}
			for i := range cells {
				if !odd {
					cells[i] = cellOf(values[i], columns[i], "row label, column header")
				}
				cells[i].Key = form.Key{Table: form.Section2, Row: row.Code, Column: columns[i].Code}
				out.cell(cells[i])
				found = true
			}
			if found {
				noteVersion(out, v)
			}
		case strings.Contains(clean(rowText(own)), "第二十条第"):
			h, fresh = header{}, false
		}
	}
	return found
}

func rowText(cells []*document.Cell) string {
	var b strings.Builder
	for _, c := range cells {
		b.WriteString(c.Text)
	}
	return b.String()
}

// disclosureInOrder reads section 二 from text: a header names the columns in order, and a row has exactly as many figures.
func disclosureInOrder(lines []line, pad padding, out *result) {
	var h header
	afterRow := false // the header under way already has rows; the next header text starts a new one
	corner := false   // 信息内容 was read: what follows up to the first row is header, however misprinted
	for _, l := range lines {
		label := -1
		texts := append(append([]string{}, l.before...), l.labels...)
		for i, text := range texts {
			p := out.labels.prepare(text)
			switch {
			case strings.Contains(p.words, "第二十条第"):
				h, afterRow, corner = header{}, false, false
			case i >= len(l.before) && i == len(texts)-1 && disclosureRow(p) >= 0:
				label = disclosureRow(p)
			case headerText(p):
				if afterRow {
					h, afterRow = header{}, false
				}
				h.add(text, out.labels)
			case len(h.texts) > 0 && !afterRow && i > 0 && headerText(out.labels.prepare(texts[i-1]+text)): // 本年新 over 制作数量
				h.texts[len(h.texts)-1] += text
			case p.words == "信息内容":
				h, afterRow, corner = header{}, false, true
			case sectionHeading(strings.TrimPrefix(p.words, "表二")) != "":
			case corner && !afterRow:
				h.add(text, out.labels)
			case strings.Contains(p.words, "信息内容") && headerText(out.labels.prepare(strings.TrimPrefix(p.words, "信息内容"))):
				h = header{}
				h.add(strings.TrimPrefix(p.words, "信息内容"), out.labels)
				afterRow = false
			}
		}
		if label < 0 {
			continue
		}
		afterRow = true
		row := disclosureRows[label]
		v, columns := h.columnsFor(row.Code, out.labels)
		if v == "" {
			out.trace.header(h, row, l.at, out.labels)
			out.problem("header_unread", l.at, "read section 二: row "+row.Label+": the header above it names no columns of this row")
			continue
		}
		shown, same := h.once(l.values)
		values, sure, ok := window(shown, len(columns), pad)
		cells := make([]form.Cell, len(columns))
		shifted := ok && len(shown) > 0 && pad != leading && &values[0] != &shown[0] && !onlyBlank(values)
		if ok && same && !shifted && (sure || strings.TrimSpace(values[len(values)-1].text) != "") {
			for i, c := range columns {
				cells[i] = cellOf(values[i], c, "row label, figures in the order of the header")
			}
			if twoInOne(cells) {
				cells = unsettled(l.values, columns, "row label")
			}
		} else if cells = unsettled(l.values, columns, "row label"); cells == nil {
			continue
		}
		for i, c := range columns {
			cells[i].Key = form.Key{Table: form.Section2, Row: row.Code, Column: c.Code}
			out.cell(cells[i])
		}
		noteVersion(out, v)
	}
}

// twoInOne reports whether a cell with several numbers stands beside an empty one: a merged cell, whose text says nothing
// of its columns.
func twoInOne(cells []form.Cell) bool {
	several, blank := false, false
	for _, c := range cells {
		several = several || c.State == form.Ambiguous && len(c.Candidates) > 1
		blank = blank || c.State == form.Blank
	}
	return several && blank
}

// noteVersion records the version whose header words were found. A table with blocks of both is noted once and said.
func noteVersion(out *result, v form.Version) {
	have := out.filing.Forms[form.Section2]
	if have != "" && have != v {
		out.problem("form_mixed", form.Position{}, "read section 二: its blocks have headers of two versions of the form, "+string(have)+" and "+string(v))
		return
	}
	out.filing.Forms[form.Section2] = v
}
