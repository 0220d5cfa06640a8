package page

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"

	"nianbao/dashboard/chart"
	"nianbao/internal/form"
	"nianbao/query/compare"
)

var reasonsPage = kind{template: "reasons.html", parameters: []string{"year", "group", "peer", "mark", "scope", "excl", "page", "part"}, build: buildReasons}

// reasonsContent is how often agencies gave each reason: a matrix whose cells are coloured by fixed classes. The table is
// the picture; drawn it is for saving and printing.
type reasonsContent struct {
	base
	Controls filters
	Picture  *picture // only its addresses are used
	Classes  []chart.Key
	Heads    []reasonHead
	Rows     []reasonRow
	Totals   []string
	Whole    string
	Counted  string // of how many agencies the totals are
	Notes    []string
	reasons  compare.Reasons
	subject  *topic
}

type reasonHead struct{ Text, Href string }

type reasonRow struct {
	named
	Cells []heatCell
	Total shown
}

// heatCell is a cell of a matrix.
type heatCell struct {
	judgedCell
	Class int  // 0 to 4, −1 for none
	Open  bool // not settled
	Empty bool // of an agency without a report, behind the first cell
}

func buildReasons(ctx context.Context, v *visit) (content, error) {
	s, err := v.subject(ctx)
	if err != nil {
		return nil, err
	}
	p := &reasonsContent{subject: s}
	if s.roster != nil {
		if p.reasons, err = s.roster.ReasonsOf(ctx, v.site.store.Conn(), s.selection(), v.group); err != nil {
			return nil, err
		}
	}
	if !v.framed() {
		return p, nil
	}
	if p.Head, err = v.yearHead(ctx, s.year); err != nil {
		return nil, err
	}
	r := p.reasons
	p.Head.Line = v.say("reasons.line", v.say("reasons.group."+v.group), s.year)
	p.Head.Synthetic = anySynthetic(r.Table)
	switch {
	case s.year == 0:
		p.Head.Title = v.say("home.empty")
	case len(r.Lines) == 0:
		p.Head.Title = v.say("compare.title.nobody")
	case len(r.MostUsed) == 0:
		p.Head.Title = v.say("reasons.title.none", s.year, v.say("reasons.group."+v.group), r.Whole.Agencies)
	default:
		var parts []string
		for _, k := range r.MostUsed {
			parts = append(parts, v.say("reasons.title.one", short(reasonName(v.nameOf(r.Columns[k])), 11), number(r.Totals[k].X)))
		}
		p.Head.Title = v.say("reasons.title", strings.Join(parts, v.say("comma")))
	}
	var groups [][2]string
	for _, code := range groupCodes {
		groups = append(groups, [2]string{code, v.say("reasons.group." + code)})
	}
	p.Controls = s.controls(append([]field{pick("group", v.say("reasons.group"), v.group, groups...)}, s.usualFields()...)...)
	p.Classes = v.heatKeys()
	for k, m := range r.Columns {
		p.Heads = append(p.Heads, reasonHead{p.column(m), v.to("/compare").with(func(b *address) { b.year, b.measure = v.year, m.Code }).String()})
		p.Totals = append(p.Totals, totalText(r.Totals[k]))
	}
	p.Whole, p.Counted = totalText(r.Whole), v.say("basis", r.Whole.Agencies, len(r.Lines))
	for i := range r.Lines {
		p.Rows = append(p.Rows, p.row(&r.Lines[i]))
	}
	p.Notes = []string{v.say("reasons.notice")}
	p.Picture, err = v.picture(p, v.say("reasons.picture", s.year, len(r.Lines)), len(r.Lines), perPicture)
	return p, err
}

// reasonName is a reason without the mark of its group.
func reasonName(name string) string {
	for _, mark := range []string{zh.say("colon"), en.say("colon")} {
		if _, reason, ok := strings.Cut(name, mark); ok {
			return reason
		}
	}
	return name
}

// column is the head of a column: where all outcomes stand side by side, with the outcome.
func (p *reasonsContent) column(m form.Measure) string {
	if p.reasons.Group == "all" {
		return p.subject.nameOf(m)
	}
	return reasonName(p.subject.nameOf(m))
}

// totalText is a sum over agencies; of none there is none.
func totalText(t compare.Totals) string {
	if t.Agencies == 0 {
		return ""
	}
	return number(t.X)
}

func (in lang) heatKeys() []chart.Key {
	return chart.HeatKeys([5]string{"0", "1–2", "3–9", "10–29", in.say("heat.most")})
}

// unsettled reports whether a state means that the figure is there and was not read for sure.
func unsettled(s compare.State) bool { return s == compare.Ambiguous || s == compare.NoRow }

func (p *reasonsContent) row(l *compare.ReasonLine) reasonRow {
	r := reasonRow{named: p.subject.namedLine(l.Line), Total: shown{}}
	for k, cell := range l.Cells {
		one := heatCell{judgedCell: p.subject.judgedOf(cell.Judged, p.reasons.Columns[k], r.Report), Class: cell.Shade, Open: unsettled(cell.State), Empty: r.Report == "" && k > 0}
		one.Absent = p.subject.absent(r.Agency).Word
		r.Cells = append(r.Cells, one)
	}
	if r.Report != "" {
		r.Total = p.subject.show(l.Total.X, "")
	}
	return r
}

func (p *reasonsContent) draw(palette chart.Palette) (chart.Drawing, error) {
	lines := pageOf(p.reasons.Lines, p.subject.address.page, perPicture)
	if len(lines) == 0 {
		return chart.Drawing{}, errNoPicture
	}
	var columns []string
	for _, m := range p.reasons.Columns {
		columns = append(columns, p.column(m))
	}
	rows := make([]chart.HeatRow, len(lines))
	for i := range lines {
		r := p.row(&lines[i])
		rows[i].Row = chart.Row{Label: r.Name, Text: r.Total.Text, Detail: r.Name, Link: r.Report, Mark: r.Marked}
		for k, cell := range r.Cells {
			rows[i].Cells = append(rows[i].Cells, cell.draw(p.subject.lang, r.named, columns[k]))
		}
	}
	d, err := chart.Heat(rows, columns, palette)
	d.Legend = append(p.subject.heatKeys(), chart.Key{Mark: "open", Text: p.subject.say("heat.open"), Decal: 5})
	return d, err
}

// draw is the cell in the picture.
func (c heatCell) draw(in lang, row named, column string) chart.HeatCell {
	if c.Empty {
		return chart.HeatCell{Class: -1, Detail: row.Name + "\n" + cmp.Or(c.Absent, in.say("state.not_filed"))}
	}
	text := c.line(in)
	out := chart.HeatCell{Text: text, Detail: row.Name + "\n" + column + "\n" + text, Class: c.Class, Open: c.Open, Link: c.X.Href}
	if c.Open {
		out.Text = "?"
	}
	return out
}

type reasonJSON struct {
	agencyJSON
	Reasons map[string]valueJSON `json:"reasons"`
	State   compare.State        `json:"state"` // of the total
	Total   *json.Number         `json:"total"`
}

func (p *reasonsContent) rowJSON(l *compare.ReasonLine) reasonJSON {
	out := reasonJSON{agencyJSON: agencyOf(l.Line), Reasons: map[string]valueJSON{}, State: l.Total.State}
	for k, cell := range l.Cells {
		out.Reasons[p.reasons.Columns[k].Code] = valueOf(cell.Judged, p.reasons.Columns[k])
	}
	if len(p.reasons.Columns) > 0 {
		out.Total = exactOf(l.Total.X, p.reasons.Columns[0])
	}
	return out
}

func (p *reasonsContent) json() ([]byte, error) {
	type column struct {
		Measure string     `json:"measure"`
		Name    string     `json:"name"`
		Total   totalsJSON `json:"total"`
	}
	out := struct {
		Year    int          `json:"year"`
		Group   string       `json:"group"`
		Columns []column     `json:"columns"`
		Rows    []reasonJSON `json:"rows"`
	}{Year: p.subject.year, Group: p.subject.group, Columns: []column{}, Rows: []reasonJSON{}}
	for k, m := range p.reasons.Columns {
		out.Columns = append(out.Columns, column{m.Code, m.Name, totalsOf(p.reasons.Totals[k], m)})
	}
	for i := range p.reasons.Lines {
		out.Rows = append(out.Rows, p.rowJSON(&p.reasons.Lines[i]))
	}
	return json.Marshal(out)
}

func (p *reasonsContent) sheet() sheet {
	s := sheet{header: append([]string{}, agencyHeads...)}
	for _, m := range p.reasons.Columns {
		s.header = append(s.header, m.Code, m.Code+"_state")
	}
	s.header = append(s.header, "total", "total_state")
	for i := range p.reasons.Lines {
		l := p.rowJSON(&p.reasons.Lines[i])
		row := l.agencyJSON.fields(p.subject.year)
		for _, m := range p.reasons.Columns {
			f := l.Reasons[m.Code].fields()
			row = append(row, f[1], f[0])
		}
		total := value{}
		if l.Total != nil {
			total = plainText(l.Total.String())
		}
		s.rows = append(s.rows, append(row, total, plainText(string(l.State))))
	}
	return s
}
