package page

import (
	"context"
	"encoding/json"
	"strings"

	"nianbao/dashboard/chart"
	"nianbao/internal/form"
	"nianbao/query/compare"
	"nianbao/query/stats"
)

var outcomesPage = kind{template: "outcomes.html", parameters: []string{"year", "peer", "mark", "scope", "excl", "view", "page", "part"}, build: buildOutcomes}

// outcomesContent is how the applications that agencies concluded were answered: bars of six parts, and their table.
type outcomesContent struct {
	base
	Controls  filters
	Picture   *picture
	Heads     []link // of the parts; those with reasons lead to them
	Whole     outcomeLine
	Blocks    []outcomeBlock
	Notes     []string
	structure compare.Structure
	subject   *topic
}

type outcomeBlock struct {
	Heading string
	Rows    []outcomeLine
}

// outcomeLine is a row of the table.
type outcomeLine struct {
	named
	Parts []outcomeCell
	N     string // the sum of the parts
	Off   string // what the printed total is more or less, "" if nothing
	State string // the word where there is no whole
	Note  string
	Small bool
}

type outcomeCell struct {
	X       shown
	Percent string
}

func buildOutcomes(ctx context.Context, v *visit) (content, error) {
	s, err := v.subject(ctx)
	if err != nil {
		return nil, err
	}
	p := &outcomesContent{subject: s}
	if s.roster != nil {
		if p.structure, err = s.roster.StructureOf(ctx, v.site.store.Conn(), s.selection()); err != nil {
			return nil, err
		}
	}
	if !v.framed() {
		return p, nil
	}
	if p.Head, err = v.yearHead(ctx, s.year); err != nil {
		return nil, err
	}
	d := p.structure.District
	p.Head.Line = v.say("outcomes.line", s.year)
	p.Head.Synthetic = anySynthetic(p.structure.Table)
	switch {
	case s.year == 0:
		p.Head.Title = v.say("home.empty")
	case len(p.structure.Lines) == 0:
		p.Head.Title = v.say("compare.title.nobody")
	case d.State != compare.Value || d.Share[0] == "":
		p.Head.Title = v.say("outcomes.title.none", s.year, p.structure.Agencies)
	default:
		p.Head.Title = v.say("outcomes.title", p.structure.Agencies, number(d.Whole), d.Share[0], d.Share[2])
	}
	p.Controls = s.controls(append(s.usualFields(), pick("view", v.say("outcomes.view"), v.view, [2]string{viewShare, v.say("outcomes.view.share")}, [2]string{viewCount, v.say("outcomes.view.count")}))...)
	p.table()
	text := v.say("outcomes.picture", s.year, p.structure.Agencies, number(d.Whole))
	p.Picture, err = v.picture(p, text, len(p.drawnLines()), perPicture)
	return p, err
}

// partNames are the outcomes in the order of the form.
func (in lang) partNames() (names [6]string) {
	for i := range names {
		names[i] = in.printed(form.Groups[i].Label)
	}
	return names
}

func (p *outcomesContent) table() {
	v := p.subject
	for i, name := range p.subject.partNames() {
		l := link{Text: name}
		if i > 1 { // the first two have no reasons
			l.Href = v.to("/reasons").with(func(b *address) {
				b.year, b.group, b.peer, b.scope, b.excl = v.visit.year, groupCodes[i-2], v.peer, v.scope, v.excl
			}).String()
		}
		p.Heads = append(p.Heads, l)
	}
	if p.structure.District.State == compare.Value || p.structure.District.State == compare.TooSmall {
		p.Whole = p.outcomeLine(&p.structure.District)
	}
	for i := range p.structure.Lines {
		o := &p.structure.Lines[i]
		heading := p.subject.blockOf(o.Class, o.State)
		if i == 0 || heading != p.Blocks[len(p.Blocks)-1].Heading {
			p.Blocks = append(p.Blocks, outcomeBlock{Heading: heading})
		}
		b := &p.Blocks[len(p.Blocks)-1]
		b.Rows = append(b.Rows, p.outcomeLine(o))
	}
	p.Notes = append(p.Notes, p.subject.say("outcomes.notice"))
}

// blockOf is the heading of the rows of a class.
func (v *visit) blockOf(class stats.Class, state compare.State) string {
	switch {
	case class == stats.Ranked:
		return v.say("block.enough")
	case class == stats.Unranked:
		return v.say("block.unranked")
	case class == stats.TooSmall:
		return v.say("block.small")
	case state == compare.NoDenominator:
		return v.say("state.no_denominator")
	case state == compare.NotFiled:
		return v.missingHeading()
	}
	return v.say("block.leftout")
}

func (p *outcomesContent) outcomeLine(o *compare.Outcome) outcomeLine {
	l := outcomeLine{Small: o.Class == stats.Unranked}
	if o.Line == nil {
		l.Name = p.subject.say("outcomes.all", p.structure.Agencies)
	} else {
		l.named = p.subject.namedLine(o.Line)
	}
	whole := o.Class != "" && o.State != compare.Excluded
	if whole {
		l.N = number(o.Whole)
	}
	for k, j := range o.Parts {
		m, _ := form.LookupMeasure(compare.Parts[k])
		one := outcomeCell{Percent: o.Share[k]}
		if o.Line == nil || l.Report != "" {
			href := ""
			if o.Line != nil {
				href = cellOf(l.Report, j.X, m.Numerator)
			}
			one.X = p.subject.show(j.X, href)
		}
		l.Parts = append(l.Parts, one)
	}
	if o.Off != 0 {
		l.Off = p.subject.say("outcomes.off", signed(o.Off))
	}
	switch o.State {
	case compare.Value:
	case compare.NoDenominator:
		l.State, l.Note = p.subject.say("state.no_denominator"), p.subject.stateNote(o.State)
	case compare.NotFiled:
		l.State, l.Note = p.subject.absence(l.Agency)
	default:
		l.State, l.Note = p.subject.stateWord(o.State, ""), p.subject.stateNote(o.State)
	}
	return l
}

// drawnLines are the rows of the picture: all of which a bar of parts can be drawn, and those without a report, of whom it
// says so. The lists of those with too few stand in the table.
func (p *outcomesContent) drawnLines() (out []*compare.Outcome) {
	for i := range p.structure.Lines {
		o := &p.structure.Lines[i]
		if o.Class == stats.Ranked || o.Class == stats.Unranked || o.State == compare.NotFiled || p.subject.view == viewCount && o.Class == stats.TooSmall {
			out = append(out, o)
		}
	}
	return out
}

func (p *outcomesContent) draw(palette chart.Palette) (chart.Drawing, error) {
	d := &p.structure.District
	if d.State != compare.Value {
		return chart.Drawing{}, errNoPicture
	}
	rows := []chart.Stack{p.stack(d)}
	for _, o := range pageOf(p.drawnLines(), p.subject.address.page, perPicture) {
		rows = append(rows, p.stack(o))
	}
	shares := p.subject.view != viewCount
	if !shares { // one long bar would hide the others
		rows = rows[1:]
	}
	return chart.Stacks(rows, []chart.StackField{{Parts: chart.OutcomeParts(palette, p.subject.partNames())}}, shares, palette)
}

func (p *outcomesContent) stack(o *compare.Outcome) chart.Stack {
	l := p.outcomeLine(o)
	s := chart.Stack{Row: chart.Row{Label: l.Name, Text: l.State, Link: l.Report, Mark: l.Marked || o.Line == nil}, Thin: l.Small, Bars: make([]chart.StackBar, 1)}
	lines := []string{l.Name}
	if o.State == compare.Value || o.State == compare.TooSmall {
		s.Text = p.subject.say("count.applications", l.N)
		if l.Off != "" {
			s.Text += " " + l.Off
		}
		for k, j := range o.Parts {
			s.Bars[0].Values = append(s.Bars[0].Values, j.X.Sum)
			s.Bars[0].Texts = append(s.Bars[0].Texts, p.subject.partText(o, k))
		}
		lines = append(lines, s.Text)
	} else {
		lines = append(lines, l.State)
	}
	s.Detail = strings.Join(lines, "\n")
	return s
}

// partText is a part in words: 60.0%（18/30）.
func (in lang) partText(o *compare.Outcome, k int) string {
	fraction := number(o.Parts[k].X.Sum) + "/" + number(o.Whole)
	if o.Share[k] == "" {
		return fraction
	}
	return o.Share[k] + in.say("aside", fraction)
}

type outcomeJSON struct {
	agencyJSON
	State compare.State        `json:"state"`
	Parts map[string]valueJSON `json:"parts"`
	Whole *int64               `json:"whole"` // the sum of the parts
	Total *json.Number         `json:"total"` // as printed
	Off   int64                `json:"off,omitempty"`
}

func (p *outcomesContent) outcomeJSON(o *compare.Outcome) outcomeJSON {
	concluded, _ := form.LookupMeasure("concluded")
	out := outcomeJSON{State: o.State, Parts: map[string]valueJSON{}, Total: exactOf(o.Total, concluded), Off: o.Off}
	if o.Line != nil {
		out.agencyJSON = agencyOf(o.Line)
	}
	if o.Class != "" {
		out.Whole = &o.Whole
	}
	for k, j := range o.Parts {
		m, _ := form.LookupMeasure(compare.Parts[k])
		one := valueOf(j, m)
		one.Percent = o.Share[k]
		out.Parts[compare.Parts[k]] = one
	}
	return out
}

func (p *outcomesContent) json() ([]byte, error) {
	out := struct {
		Year     int           `json:"year"`
		Agencies int           `json:"agencies"` // counted in the district
		District *outcomeJSON  `json:"district"`
		Rows     []outcomeJSON `json:"rows"`
	}{Year: p.subject.year, Agencies: p.structure.Agencies, Rows: []outcomeJSON{}}
	if p.structure.Agencies > 0 {
		d := p.outcomeJSON(&p.structure.District)
		d.Total = nil // of those counted it is the sum of the parts
		out.District = &d
	}
	for i := range p.structure.Lines {
		out.Rows = append(out.Rows, p.outcomeJSON(&p.structure.Lines[i]))
	}
	return json.Marshal(out)
}

func (p *outcomesContent) sheet() sheet {
	s := sheet{header: append(append([]string{}, agencyHeads...), "state", "whole", "total", "off")}
	for _, code := range compare.Parts {
		s.header = append(s.header, code, code+"_state", code+"_percent")
	}
	for i := range p.structure.Lines {
		o := p.outcomeJSON(&p.structure.Lines[i])
		row := append(o.agencyJSON.fields(p.subject.year), plainText(string(o.State)))
		whole, total, off := value{}, value{}, value{}
		if o.Whole != nil {
			whole, off = figure(*o.Whole), figure(o.Off)
		}
		if o.Total != nil {
			total = plainText(o.Total.String())
		}
		row = append(row, whole, total, off)
		for _, code := range compare.Parts {
			f := o.Parts[code].fields()
			row = append(row, f[1], f[0], f[3])
		}
		s.rows = append(s.rows, row)
	}
	return s
}
