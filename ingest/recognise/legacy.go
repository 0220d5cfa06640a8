package recognise

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// Reports before 2019 hold a table of indicators (政府信息公开情况统计表) whose rows differ by province and year. They are
// read as labelled rows: the label as printed, the value of the year and, where printed, the sum over the years.

var (
	legacyLabel      = regexp.MustCompile(`^(?:指标名称|统计指标|指标|项目名称)$`)
	legacyUnit       = regexp.MustCompile(`^(?:计量单位|单位)$`)
	legacyYear       = regexp.MustCompile(`^(?:统计数|统计数据|本年度|本年|当年数|年度数|20\d\d年度?|数量)$`)
	legacyCumulative = regexp.MustCompile(`^(?:历年累计|累计|历年累计数)$`)
	// legacyStart is the header of the table in a page that was flattened into one string.
	legacyStart = regexp.MustCompile(`指标名称 ?(?:计量)?单位 ?20\d\d年度? ?历年累计`)
	// legacyRow is one row of it: the label, its unit, the figures with what may be the next row's enumerator.
	legacyRow = regexp.MustCompile(`([^\d ][^\d]*?|\d{1,2}、[^\d]*?) ?(条|件|元|次|人|个|万元|份|人次) ?(\d[\d ]*)`)
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
		label, year, cumulative := -1, -1, -1
		unit := false
		for _, c := range m.distinct(r, 0, g.Columns) {
			switch w := wordsOf(clean(c.Text)); {
			case legacyLabel.MatchString(w) && label < 0:
				label = c.Column - 1
			case legacyUnit.MatchString(w):
				unit = true
			case legacyYear.MatchString(w) && year < 0:
				year = c.Column - 1
			case legacyCumulative.MatchString(w):
				cumulative = c.Column - 1
			}
		}
		if label < 0 || year < 0 || !unit {
			continue
		}
		found := false
		for _, row := range m[r+1:] {
			name, value := row[label], row[year]
			if name == nil || value == nil || strings.TrimSpace(name.Text) == "" {
				continue
			}
			text := legacyName(name.Text)
			out.legacyCell(text, form.YearValue, cellOf(pieceOf(value), legacyColumns[form.YearValue], "row label, column header"))
			if cumulative >= 0 && row[cumulative] != nil {
				out.legacyCell(text, form.Cumulative, cellOf(pieceOf(row[cumulative]), legacyColumns[form.Cumulative], "row label, column header"))
			}
			found = true
		}
		return found
	}
	return false
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
	at := legacyStart.FindStringIndex(text)
	if at == nil {
		return
	}
	body := text[at[1]:]
	line := f.lines[len([]rune(text[:at[1]]))-1]
	number := "" // enumerator of the next label, found at the end of the figures before it
	for _, m := range legacyRow.FindAllStringSubmatchIndex(body, -1) {
		label := legacyName(number + strings.TrimSpace(body[m[2]:m[3]]))
		number = ""
		if strings.ContainsFunc(label, func(r rune) bool { return strings.ContainsRune("。；;", r) }) || label == "" {
			return // the table has ended
		}
		figures, rest := body[m[6]:m[7]], body[m[7]:]
		if strings.HasPrefix(rest, "、") { // the last digit counts the next row
			figures = strings.TrimRightFunc(figures, unicode.IsSpace)
			figures, number = figures[:len(figures)-1], figures[len(figures)-1:]
		}
		values, ok := twoFigures(figures)
		for i, column := range []string{form.YearValue, form.Cumulative} {
			c := form.Cell{Raw: strings.TrimSpace(figures), At: form.Position{Line: line}, State: form.Ambiguous, Rule: "figures between labels: several cuts"}
			if ok {
				c.State, c.Value, c.Rule = form.Number, values[i], "figures between labels"
			} else {
				c.Candidates = digits.FindAllString(figures, -1)
			}
			out.legacyCell(label, column, c)
		}
	}
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
