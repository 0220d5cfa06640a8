package recognise

import (
	"slices"
	"strings"
	"unicode"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// A page whose table was flattened into one string prints labels and figures without separators:
// …申请数量 713000074二、上年结转…. Labels are found by their words, in the order of the form; the digits between two
// labels are cut so that six figures add up to the seventh. Only a cut that the arithmetic leaves alone becomes numbers;
// section 二 has no sums and is read only where nothing has to be cut.

// flatText is running text in one string, with an index of its letters and digits.
type flatText struct {
	text  []rune // compatibility and traditional characters folded, white space as single spaces
	words []rune // letters and digits of text
	at    []int  // for each of words its place in text
	lines []int  // for each of text the line it came from
}

// mostFlat is how long running text may be, in bytes, to look for tables that lost their separators. Reports have up to
// 200,000; the index takes ten times as much memory as the text.
const mostFlat = 4 << 20

func flatten(doc *document.Document) flatText {
	var f flatText
	size := 0
	for _, b := range doc.Blocks {
		size += len(b.Text)
	}
	if size > mostFlat {
		return f
	}
	for _, b := range doc.Blocks {
		if b.Grid != nil {
			continue
		}
		unmarked := strings.Map(func(r rune) rune {
			if marks(r) {
				return ' ' // ① must not become a digit
			}
			return r
		}, b.Text)
		for _, r := range pinyin.ReplaceAllString(compatible(unmarked), "") {
			if s, ok := simplified[r]; ok {
				r = s
			}
			if unicode.IsSpace(r) {
				r = ' '
			}
			f.add(r, b.At.Line)
		}
		f.add(' ', b.At.Line)
	}
	return f
}

func (f *flatText) add(r rune, line int) {
	if r == ' ' && len(f.text) > 0 && f.text[len(f.text)-1] == ' ' {
		return
	}
	if unicode.IsLetter(r) || unicode.IsDigit(r) {
		f.words, f.at = append(f.words, r), append(f.at, len(f.text))
	}
	f.text, f.lines = append(f.text, r), append(f.lines, line)
}

// find returns where words stand at or after from, in f.words; −1 if they do not.
func (f *flatText) find(words []rune, from, to int) int {
	for i := from; i+len(words) <= to; i++ {
		if f.words[i] == words[0] && slices.Equal(f.words[i:i+len(words)], words) {
			return i
		}
	}
	return -1
}

// first returns the earliest place of one of several wordings, the longest of those at one place.
func (f *flatText) first(t target, from, to int) (start, end int) {
	start = -1
	for _, w := range t.runes {
		if i := f.find(w, from, to); i >= 0 && (start < 0 || i < start || i == start && i+len(w) > end) {
			start, end = i, i+len(w)
		}
	}
	return start, end
}

// several reports whether the first row of section 三 is printed more than once: the text holds two reports.
func (f *flatText) several() bool {
	_, end := f.first(applicationTargets[0].own, 0, len(f.words))
	if end == 0 {
		return false
	}
	again, _ := f.first(applicationTargets[0].own, end, len(f.words))
	return again >= 0
}

// mark is a label found in the text: a row, or words that only end the figures before them.
type mark struct {
	row        int // index of the row, −1 for other words
	number     string
	start, end int // in words
}

// run is what is printed between the end of a label and the next label, without that label's enumerator.
func (f *flatText) run(m, next mark) (text string, at form.Position) {
	from, to := f.at[m.end-1]+1, len(f.text)
	if next.start >= 0 && next.start < len(f.at) {
		to = f.at[next.start]
	}
	s := strings.TrimSpace(string(f.text[from:to]))
	s = strings.TrimLeft(s, ":：)）”\"")
	return cutEnumerator(s, next.number), form.Position{Line: f.lines[from-1]}
}

// cutEnumerator drops the counting mark of the following label from the end of a run of figures.
func cutEnumerator(s, number string) string {
	t := strings.TrimRight(s, " ")
	body := strings.TrimRight(t, " .、,:()（）")
	if number != "" && len(body) < len(t) || strings.HasSuffix(body, number) && hasWord(number) {
		if rest, ok := strings.CutSuffix(body, number); ok && number != "" {
			return strings.TrimRight(rest, " (（")
		}
	}
	return t
}

// leadingFigures cuts a run at the first character that is neither a digit nor white space.
func leadingFigures(s string) string {
	if i := strings.IndexFunc(s, func(r rune) bool { return r != ' ' && (r < '0' || r > '9') }); i >= 0 {
		s = s[:i]
	}
	return strings.TrimSpace(s)
}

// flatApplications reads section 三 from flattened text.
func flatApplications(f *flatText, out *result) {
	start, _ := f.first(applicationTargets[0].own, 0, len(f.words))
	if start < 0 {
		return
	}
	end := len(f.words)
	if i := f.title(form.Section4, start, len(f.words)); i >= 0 {
		end = i
	}
	if i := f.title(form.Section5, start, end); i >= 0 {
		end = i
	}
	if f.several() {
		out.problem("several_reports", form.Position{Line: f.lines[f.at[start]]}, "read section 三: its first row is printed more than once; figures without separators cannot be told apart")
		return
	}
	var marks []mark
	cursor := start
	opened := map[string]bool{}
	for j, t := range applicationTargets {
		for n, parent := range t.row.Parents {
			if opened[parent] {
				continue
			}
			opened[parent] = true
			if s, e := f.first(t.parents[n], cursor, end); s >= 0 {
				if own, _ := f.first(t.own, cursor, end); own < 0 || s < own {
					number, _ := enumerator(clean(parent))
					marks = append(marks, mark{-1, number, s, e})
				}
			}
		}
		s, e := f.first(t.own, cursor, end)
		if s < 0 {
			continue
		}
		marks = append(marks, mark{j, t.own.number, s, e})
		cursor = e
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return a.start - b.start })

	if !f.headerInOrder(marks[0].start) {
		out.problem("header_unread", form.Position{Line: f.lines[f.at[marks[0].start]]}, "read section 三: the words of the header do not stand in the order of the form, so figures in order cannot be named")
		return
	}
	solutions := map[string][][]int64{}
	lost := false // a row lacks a figure: empty cells left no trace in this text
	raws := map[string]string{}
	places := map[string]form.Position{}
	for i, m := range marks {
		if m.row < 0 {
			continue
		}
		next := mark{start: end}
		if i+1 < len(marks) {
			next = marks[i+1]
		} else if end < len(f.words) {
			next.number = "四"
		}
		raw, at := f.run(m, next)
		if next.start == end {
			raw = leadingFigures(raw) // what follows the last row may be a heading with a misprint
		}
		if raw == "" {
			continue
		}
		code := applicationRows[m.row].Code
		raws[code], places[code] = raw, at
		solutions[code] = cutRow(raw, len(applicationColumns), lastIsSum)
		lost = lost || len(solutions[code]) == 0
		if !follows(marks[i+1:], m.row) { // the figures of the missing row stand in this run too
			solutions[code] = nil
		}
	}
	if len(solutions) < 2 {
		return
	}
	_, single := solutions["R6"]
	_, first := solutions["R6_1"]
	version := form.V2021
	switch {
	case single && !first:
		version = form.V2019
	case !first:
		version = ""
	}
	if version == form.V2021 {
		delete(solutions, "R6")
	}
	if lost { // then a row may be cut into fewer figures as well
		for code := range solutions {
			for n := 2; n < len(applicationColumns); n++ {
				if len(cutRow(raws[code], n, lastIsSum)) > 0 {
					solutions[code] = nil
				}
			}
		}
	}
	balance(solutions, version)
	for _, r := range applicationRows {
		found, ok := solutions[r.Code]
		if !ok {
			continue
		}
		for i, column := range applicationColumns {
			c := form.Cell{Key: form.Key{Table: form.Section3, Row: r.Code, Column: column.Code}, Raw: raws[r.Code], At: places[r.Code]}
			fill(&c, found, i, "figures cut by the sums")
			out.cell(c)
		}
	}
	if version != "" {
		out.filing.Forms[form.Section3] = version
	}
}

// headerInOrder reports whether the column labels in front of the first row stand in the order of the form.
func (f *flatText) headerInOrder(end int) bool {
	last := 0
	for j, t := range applicationColumnTargets[1:6] {
		for i := end - len(t.runes[0]); i >= max(0, end-120); i-- {
			if !slices.Equal(f.words[i:i+len(t.runes[0])], t.runes[0]) {
				continue
			}
			if i < last && j > 0 {
				return false
			}
			last = i
			break
		}
	}
	return true
}

// follows reports whether the first row among the marks is the one that the form prints after this row.
func follows(marks []mark, row int) bool {
	for _, m := range marks {
		if m.row < 0 {
			continue
		}
		for j := row + 1; j < m.row; j++ {
			if code := applicationRows[j].Code; code != "R6" && !strings.HasPrefix(code, "R6_") {
				return false
			}
		}
		return true
	}
	return applicationRows[row].Code == "CARRY_OUT"
}

// flatDisputes reads section 四 from flattened text: fifteen figures behind the words of the header.
func flatDisputes(f *flatText, out *result) {
	if f.several() {
		return
	}
	heading := f.find([]rune("行政复议行政诉讼"), 0, len(f.words))
	direct := f.find([]rune("未经复议直接起诉"), max(heading, 0), len(f.words))
	if direct < 0 {
		return
	}
	after := f.find([]rune("复议后起诉"), direct, len(f.words))
	if after < 0 {
		return
	}
	end := len(f.words)
	if i := f.title(form.Section5, after, len(f.words)); i >= 0 {
		end = i
	}
	last := -1 // the last word of the header
	for i := after; i+2 <= end; i++ {
		if f.words[i] == '总' && f.words[i+1] == '计' {
			last = i + 2
		}
	}
	if last < 0 {
		return
	}
	raw, at := f.run(mark{end: last}, mark{start: end, number: "五"})
	n := len(disputeColumns)
	if raw = leadingFigures(raw); raw == "" { // a footnote may follow
		return
	}
	solutions := cutRow(raw, 3*n, func(x []int64) bool {
		for g := range 3 {
			y := x[g*n : (g+1)*n]
			if y[0]+y[1]+y[2]+y[3] != y[4] {
				return false
			}
		}
		return true
	})
	for i, row := range disputeRows {
		for j, column := range disputeColumns {
			c := form.Cell{Key: form.Key{Table: form.Section4, Row: row.Code, Column: column.Code}, Raw: raw, At: at}
			fill(&c, solutions, i*n+j, "figures cut by the sums")
			out.cell(c)
		}
	}
	out.filing.Forms[form.Section4] = sectionVersion(out)
}

// flatDisclosure reads section 二 from flattened text. A row of one column is read as it stands; a row of several only if
// white space parts as many numbers as there are columns, or if it is nothing but as many zeros.
func flatDisclosure(f *flatText, out *result) {
	start := f.find([]rune("第二十条第一项"), 0, len(f.words))
	if start < 0 || f.several() {
		return
	}
	end := len(f.words)
	if i := f.title(form.Section3, start, end); i >= 0 {
		end = i
	}
	if i, _ := f.first(applicationTargets[0].own, start, end); i >= 0 {
		end = i
	}
	var version form.Version
	for _, v := range []struct {
		version form.Version
		words   string
	}{{form.V2021, "本年制发件数"}, {form.V2019, "对外公开总数量"}} {
		if f.find([]rune(v.words), start, end) >= 0 {
			if version != "" {
				return
			}
			version = v.version
		}
	}
	fm, ok := form.Lookup(version)
	if !ok {
		return
	}
	t, _ := fm.Table(form.Section2)
	cursor := start
	var marks []mark
	var rows []form.Row
	var blocks []form.Block
	for _, b := range t.Blocks {
		if i := f.find([]rune(wordsOf(clean(b.Heading))), cursor, end); i >= 0 {
			cursor = i + len([]rune(wordsOf(clean(b.Heading))))
			marks = append(marks, mark{row: -1, start: i, end: cursor})
		}
		for _, r := range b.Rows {
			s, e := f.first(newTarget("", r.Label, r.Variants), cursor, end)
			if s < 0 {
				continue
			}
			marks = append(marks, mark{row: len(rows), start: s, end: e})
			rows, blocks = append(rows, r), append(blocks, b)
			cursor = e
		}
	}
	for i, m := range marks {
		if m.row < 0 {
			continue
		}
		next := mark{start: end, number: "三"}
		if i+1 < len(marks) {
			next = marks[i+1]
		}
		raw, at := f.run(m, next)
		columns := blocks[m.row].Columns
		cells := flatCells(raw, columns)
		following := ""
		for _, n := range marks[i+1:] {
			if n.row >= 0 {
				following = rows[n.row].Code
				break
			}
		}
		if !adjacent(t.Rows(), rows[m.row].Code, following) {
			cells = nil // the figures of a row whose label was not found stand in this run too
		}
		for j := range cells {
			cells[j].Key = form.Key{Table: form.Section2, Row: rows[m.row].Code, Column: columns[j].Code}
			cells[j].Raw, cells[j].At = raw, at
			out.cell(cells[j])
		}
	}
	out.filing.Forms[form.Section2] = version
}

// adjacent reports whether the form prints row b right after row a, optional rows apart; "" stands for the end.
func adjacent(rows []form.Row, a, b string) bool {
	for i, r := range rows {
		if r.Code != a {
			continue
		}
		for _, next := range rows[i+1:] {
			if next.Code == b || !next.Optional {
				return next.Code == b
			}
		}
		return b == ""
	}
	return false
}

// flatCells reads the figures of a row of section 二; nil if nothing is printed.
func flatCells(raw string, columns []form.Column) []form.Cell {
	fields := strings.Fields(raw)
	if len(fields) == 0 {
		return nil
	}
	if len(columns) > 1 && len(fields) == 1 && raw == strings.Repeat("0", len(columns)) {
		fields = strings.Split(raw, "")
	}
	cells := make([]form.Cell, len(columns))
	sure := len(fields) == len(columns)
	for i, c := range columns {
		if sure {
			r := read(fields[i], c)
			sure = r.state == form.Number || r.state == form.Dash
			cells[i] = form.Cell{State: r.state, Value: r.value, Unit: r.unit, Rule: "figures between labels: " + r.rule}
		}
	}
	if !sure {
		for i := range cells {
			cells[i] = form.Cell{State: form.Ambiguous, Rule: "figures between labels: not parted", Candidates: digits.FindAllString(raw, -1)}
		}
	}
	return cells
}
