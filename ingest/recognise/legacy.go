package recognise

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// Reports before 2019 hold a table of indicators (政府信息公开情况统计表) whose rows differ by province and year. They are
// read as labelled rows: the label as printed, the value of the year and, where printed, the sum over the years.

var (
	legacyLabel      = regexp.MustCompile(`^(?:指标名称|统计指标|统计指标名称|指标|项目名称)$`)
	legacyUnit       = regexp.MustCompile(`^(?:计量单位|单位)$`)
	legacyYear       = regexp.MustCompile(`^(?:统计数|统计数据|本年度|本年|当年数|年度数|20\d\d年度?|数量)$`)
	legacyCumulative = regexp.MustCompile(`^(?:历年累计|累计|历年累计数)$`)
	// legacyStart is the header of the table in a page that was flattened into one string.
	legacyStart = regexp.MustCompile(`(?:指标名称|统计指标) ?(?:计量)?单位 ?(?:20\d\d年度?|统计数|数量)( ?历年累计)?`)
	// legacyRow is one row of it: the label, its unit, the figures with what may be the next row's enumerator.
	legacyRow = regexp.MustCompile(`([^\d ][^\d]*?|\d{1,2}、[^\d]*?) ?(条|件|元|次|人|个|篇|万元|份|人次) ?(\d[\d ]*(?:\.\d+)?)`)
	// legacyRemark is the remark of the national table that holds a digit.
	legacyRemark = regexp.MustCompile(`[(（][^()（）]*计1[条次][^()（）]*[)）]`)
	legacyUnits  = regexp.MustCompile(`^(?:条|件|元|次|人|个|篇|万元|份|人次|期|家)$`)
)

// legacyCell appends a cell of a legacy table. Labels may stand twice; the order tells them apart.
func (r *result) legacyCell(label, column string, c form.Cell) {
	c.Key = form.Key{Table: form.Legacy, Row: label, Column: column}
	r.filing.Cells = append(r.filing.Cells, c)
}

var legacyColumns = map[string]form.Column{
	form.YearValue:  {Code: form.YearValue, Label: "年度", Decimal: true, Unit: "元"},
	form.Cumulative: {Code: form.Cumulative, Label: "历年累计", Decimal: true, Unit: "元"},
}

// legacyByHeader reads a legacy table from a true grid by the words of its header.
func legacyByHeader(g *document.Grid, m matrix, out *result) bool {
	for r := range m {
		label, unit, year, cumulative := -1, -1, -1, -1
		national := false
		for _, c := range m.distinct(r, 0, g.Columns) {
			switch w := wordsOf(clean(c.Text)); {
			case legacyLabel.MatchString(w) && label < 0:
				label = c.Column - 1
				national = national || strings.HasPrefix(w, "统计指标")
			case legacyUnit.MatchString(w):
				unit = c.Column - 1
			case legacyYear.MatchString(w) && year < 0:
				year = c.Column - 1
				national = national || strings.HasPrefix(w, "统计数")
			case legacyCumulative.MatchString(w):
				cumulative = c.Column - 1
			}
		}
		if label < 0 || year < 0 || unit < 0 {
			continue
		}
		found := false
		for _, row := range m[r+1:] {
			name, value := row[label], row[year]
			if name == nil || value == nil || strings.TrimSpace(name.Text) == "" {
				continue
			}
			printed := ""
			if c := row[unit]; c != nil && c != name && c != value {
				printed = strings.TrimSpace(c.Text)
			}
			if name == value || !legacyUnits.MatchString(printed) && legacyNothing(printed) && legacyNothing(value.Text) {
				continue // 一、主动公开情况 —— : a heading, no row
			}
			text := legacyName(name.Text)
			out.legacyCell(text, form.YearValue, legacyValue(pieceOf(value), form.YearValue, printed, "row label, column header"))
			if cumulative >= 0 && row[cumulative] != nil {
				out.legacyCell(text, form.Cumulative, legacyValue(pieceOf(row[cumulative]), form.Cumulative, printed, "row label, column header"))
			}
			found = true
		}
		if found {
			out.legacyVersion(national)
		}
		return found
	}
	return false
}

// legacyValue reads a figure of a row. Value and unit are the row's: 0.5 in a row of 万元 is
// 0.5 with the unit 万元.
func legacyValue(p piece, column, unit, rule string) form.Cell {
	into := legacyColumns[column]
	if strings.HasSuffix(unit, "元") {
		into.Unit = unit // 3万元 in a row of 万元 is 3
	}
	c := cellOf(p, into, rule)
	if legacyUnits.MatchString(unit) {
		c.Unit = unit
	}
	return c
}

// legacyNothing reports whether a text is empty or a placeholder.
func legacyNothing(s string) bool { return strings.Trim(plain(s), " -—–―─/") == "" }

// legacyVersion notes which table it is: the national one by its header or by rows that no province has.
func (r *result) legacyVersion(national bool) {
	if r.filing.Forms[form.Legacy] != "" {
		return
	}
	words := "表头“统计指标 单位 统计数”"
	if !national {
		words = "表头“指标名称 计量单位 年度”，无全国统计表独有的行"
		for _, c := range r.filing.Cells {
			if c.Table == form.Legacy && c.Column == form.YearValue && nationalOnly(c.Row) {
				national, words = true, "行“"+c.Row+"”"
				break
			}
		}
	}
	version := form.StatProv
	if national {
		version = form.Stat2014
	}
	r.filing.Forms[form.Legacy] = version
	r.trace.choose("统计表", string(version), words)
}

// formSince is the first year for which a form with tables was prescribed. Before it a report without a table is whole.
const formSince = 2019

// proseOnly notes that the report never had a table: it is for a year before the form, its parts have the titles of
// that time, and it holds neither a cell nor words of a table.
func (r *result) proseOnly() {
	f := r.filing
	if len(f.Cells) > 0 || f.Year == 0 || f.Year >= formSince || len(r.headed) < 2 || r.tables {
		return
	}
	f.Forms[form.Legacy] = form.Prose
	r.trace.choose("统计表", string(form.Prose), "全文无表格，年度早于2019年")
}

// nationalOnly reports whether the label is that of a row which tables of provinces do not have.
func nationalOnly(label string) bool {
	x, ok := form.LookupIndicator(label, "")
	return ok && x.National && len(x.Labels) == 0 && slices.Contains([]string{"responses", "press_conferences_chief", "interviews", "interpretations", "responses_social",
		"concluded_in_time", "concluded_extended", "published_weibo", "published_wechat", "offices", "reading_points", "meetings", "courses", "trained"}, x.Code)
}

// legacyInOrder reads a table of indicators from text that keeps the order of cells: behind the words of the header, a
// label, its unit and as many figures as the header has columns. A row with fewer or more figures is left open.
func legacyInOrder(tape []piece, out *result) {
	for i := range tape {
		columns, national, next := legacyHeader(tape, i)
		if len(columns) == 0 {
			continue
		}
		label, found := "", false
		for j := next; j < len(tape) && !tape[j].prose; j++ {
			text := strings.TrimSpace(tape[j].text)
			unit := text
			if name, last, ok := cutLast(text); ok && legacyUnits.MatchString(last) { // label and unit in one piece
				label, unit = name, last
			}
			if !legacyUnits.MatchString(unit) || label == "" {
				if text != "" && !tape[j].figure && !legacyNothing(text) {
					label = text
				}
				continue
			}
			var figures []piece
			for j+1 < len(tape) && tape[j+1].figure && strings.TrimSpace(tape[j+1].text) != "" {
				j++
				figures = append(figures, tape[j])
				if tape[j].rowEnd {
					break
				}
			}
			name := legacyName(label)
			label = ""
			switch {
			case len(figures) == len(columns):
				for k, column := range columns {
					out.legacyCell(name, column, legacyValue(figures[k], column, unit, "label, unit and figures in order"))
				}
				found = true
			case len(figures) > 0:
				for k, c := range unsettled(figures, make([]form.Column, len(columns)), "label, unit and figures in order") {
					out.legacyCell(name, columns[k], c)
				}
			}
		}
		if found {
			out.legacyVersion(national)
			return
		}
	}
}

// legacyHeader tells whether the header of a table of indicators stands at tape[i], over up to four pieces or in one.
func legacyHeader(tape []piece, i int) (columns []string, national bool, next int) {
	var words []string
	for next = i; next < len(tape) && len(words) < 4 && !tape[next].prose; next++ {
		fields := strings.Fields(plain(tape[next].text))
		n := len(words)
		for _, f := range fields {
			if w := wordsOf(clean(f)); legacyLabel.MatchString(w) || legacyUnit.MatchString(w) || legacyYear.MatchString(w) || legacyCumulative.MatchString(w) {
				words = append(words, w)
			}
		}
		if len(words)-n != len(fields) {
			words = words[:n]
			break
		}
	}
	if len(words) < 3 || !legacyLabel.MatchString(words[0]) || !legacyUnit.MatchString(words[1]) || !legacyYear.MatchString(words[2]) {
		return nil, false, 0
	}
	columns = []string{form.YearValue}
	if len(words) == 4 && legacyCumulative.MatchString(words[3]) {
		columns = append(columns, form.Cumulative)
	}
	return columns, strings.HasPrefix(words[0], "统计指标") || strings.HasPrefix(words[2], "统计数"), next
}

func cutLast(s string) (before, last string, ok bool) {
	i := strings.LastIndexAny(s, " \t")
	if i < 0 {
		return "", s, false
	}
	return strings.TrimSpace(s[:i]), s[i+1:], true
}

// legacyName is the printed label without 其中：.
func legacyName(s string) string {
	s = strings.Join(strings.Fields(s), "")
	for _, w := range []string{"其中:", "其中："} {
		s = strings.TrimPrefix(s, w)
	}
	return s
}

// legacyFlat reads a legacy table with two columns of figures from flattened text.
func legacyFlat(f *flatText, out *result) {
	text := string(f.text)
	at := legacyStart.FindStringSubmatchIndex(text)
	if at == nil {
		return
	}
	columns := []string{form.YearValue}
	if at[2] >= 0 {
		columns = append(columns, form.Cumulative)
	}
	body := legacyRemark.ReplaceAllString(text[at[1]:], "")
	line := f.lines[len([]rune(text[:at[1]]))-1]
	number := "" // enumerator of the next label, found at the end of the figures before it
	for _, m := range legacyRow.FindAllStringSubmatchIndex(body, -1) {
		label := body[m[2]:m[3]]
		if i := strings.LastIndexAny(label, "—-"); i >= 0 { // a heading stands before the label: 一、主动公开情况 ——
			label = strings.TrimLeft(label[i:], "—- ")
		}
		label = legacyName(number + strings.TrimSpace(label))
		number = ""
		if strings.ContainsFunc(label, func(r rune) bool { return strings.ContainsRune("。；;", r) }) || label == "" {
			break // the table has ended
		}
		figures, rest := body[m[6]:m[7]], body[m[7]:]
		if mark, size := utf8.DecodeRuneInString(rest); strings.ContainsRune("、.．", mark) && !strings.HasPrefix(rest[size:], " ") && figures != "" { // the last digit counts the next row
			figures = strings.TrimRightFunc(figures, unicode.IsSpace)
			figures, number = figures[:len(figures)-1], figures[len(figures)-1:]
		}
		values, ok := figuresBetween(figures, len(columns))
		for i, column := range columns {
			c := form.Cell{Raw: strings.TrimSpace(figures), At: form.Position{Line: line}, State: form.Ambiguous, Unit: body[m[4]:m[5]], Rule: "figures between labels: several cuts"}
			if ok {
				c.State, c.Value, c.Rule = form.Number, values[i], "figures between labels"
			} else {
				c.Candidates = digits.FindAllString(figures, -1)
			}
			out.legacyCell(label, column, c)
		}
	}
	if out.has(form.Legacy) {
		out.legacyVersion(strings.Contains(text[at[0]:at[1]], "统计指标") || strings.Contains(text[at[0]:at[1]], "统计数"))
	}
}

// figuresBetween reads the n figures of a row, one or two.
func figuresBetween(s string, n int) ([]decimal.Decimal, bool) {
	if n == 2 {
		values, ok := twoFigures(s)
		return values[:], ok
	}
	v, ok := number(strings.TrimSpace(s), false)
	return []decimal.Decimal{v}, ok
}

// twoFigures parts two figures: at white space, or behind a leading 0, which no number begins with. Everything else
// has several cuts.
func twoFigures(s string) (values [2]decimal.Decimal, ok bool) {
	parts := strings.Fields(s)
	if len(parts) == 1 && len(s) > 1 && s[0] == '0' {
		parts = []string{"0", strings.TrimSpace(s[1:])}
	}
	if len(parts) != 2 {
		return values, false
	}
	for i, p := range parts {
		v, isNumber := number(p, false)
		if !isNumber {
			return values, false
		}
		values[i] = v
	}
	return values, true
}
