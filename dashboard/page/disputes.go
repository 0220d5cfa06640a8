package page

import (
	"context"
	"encoding/json"
	"slices"

	"nianbao/dashboard/chart"
	"nianbao/internal/form"
	"nianbao/query/compare"
)

var disputesPage = kind{template: "disputes.html", parameters: []string{"year", "peer", "mark", "scope", "excl", "page", "part"}, build: buildDisputes}

// disputesContent is the reviews and lawsuits of a year: counts first, since they are few and weigh in law.
type disputesContent struct {
	base
	Controls filters
	Picture  *picture
	Blocks   []disputeBlock
	Fixes    []disputeFix
	Per100   []disputeRate
	Notes    []string
	disputes compare.Disputes
	subject  *topic
}

type disputeBlock struct {
	Code, Heading string
	Rows          []disputeRow
	Totals        []string
	None          string // how many agencies reported 0
	Unknown       []named
}

type disputeRow struct {
	named
	Cells  []shown // upheld, corrected, other, pending, total
	Limits string  // of the number corrected
	Out    string  // that the report is not counted, "" if it is
}

// disputeFix is a share of cases corrected over three years, of the district.
type disputeFix struct {
	Name, Text, Note, Href string
}

// disputeRate is how many cases there are for each hundred applications.
type disputeRate struct {
	named
	Cases, Received shown
	For100          string
}

func buildDisputes(ctx context.Context, v *visit) (content, error) {
	s, err := v.subject(ctx)
	if err != nil {
		return nil, err
	}
	p := &disputesContent{subject: s}
	if s.roster != nil {
		if p.disputes, err = s.roster.DisputesOf(ctx, v.site.store.Conn(), s.selection()); err != nil {
			return nil, err
		}
	}
	if !v.framed() {
		return p, nil
	}
	if p.Head, err = v.yearHead(ctx, s.year); err != nil {
		return nil, err
	}
	d := p.disputes
	p.Head.Line = v.say("disputes.line", s.year)
	p.Head.Synthetic = anySynthetic(d.Table)
	reviews, direct, after := d.Blocks[0].Totals[4], d.Blocks[1].Totals[4], d.Blocks[2].Totals[4]
	switch {
	case s.year == 0:
		p.Head.Title = v.say("home.empty")
	case len(d.Table.Lines) == 0:
		p.Head.Title = v.say("compare.title.nobody")
	case reviews.Agencies+direct.Agencies+after.Agencies == 0:
		p.Head.Title = v.say("disputes.title.unknown", s.year)
	case reviews.X+direct.X+after.X == 0:
		p.Head.Title = v.say("disputes.title.none", s.year)
	default:
		p.Head.Title = v.say("disputes.title", number(reviews.X), number(d.Blocks[0].Totals[1].X), number(direct.X+after.X), number(d.Blocks[1].Totals[1].X+d.Blocks[2].Totals[1].X))
	}
	p.Controls = s.controls(s.usualFields()...)
	p.tables()
	rows := len(p.withCases())
	p.Picture, err = v.picture(p, v.say("disputes.picture", s.year, rows), rows, perPicture)
	return p, err
}

var resultCodes = [...]string{"upheld", "corrected", "other", "pending"}

func (in lang) resultNames() (names [4]string) {
	for i := range names {
		names[i] = in.say("result." + resultCodes[i])
	}
	return names
}

func (p *disputesContent) tables() {
	for i := range p.disputes.Blocks {
		b := &p.disputes.Blocks[i]
		m, ok := form.LookupMeasure(b.Kind)
		if !ok { // nothing was read
			continue
		}
		out := disputeBlock{Code: b.Kind, Heading: p.subject.say("disputes." + b.Kind), None: p.subject.say("disputes.none", b.None)}
		for k := range b.Lines {
			out.Rows = append(out.Rows, p.row(&b.Lines[k], b.Kind, m))
		}
		for _, t := range b.Totals {
			out.Totals = append(out.Totals, totalText(t))
		}
		for _, l := range b.Unknown {
			out.Unknown = append(out.Unknown, p.subject.namedLine(l))
		}
		p.Blocks = append(p.Blocks, out)
	}
	for i := range p.disputes.Fixes {
		r := &p.disputes.Fixes[i]
		if r.Measure.Code == "" {
			continue
		}
		one := disputeFix{Name: p.subject.nameOf(r.Measure), Note: p.subject.term(r.Measure).Per, Href: p.subject.to("/compare").with(func(b *address) {
			b.year, b.measure, b.span = p.subject.visit.year, r.Measure.Code, compare.PooledYears
		}).String(), Text: p.subject.say("disputes.fix.few", number(r.Totals.X), number(r.Totals.N))}
		if r.Totals.N >= 30 {
			one.Text = p.subject.say("fraction", r.Percent(), number(r.Totals.X), number(r.Totals.N))
		}
		p.Fixes = append(p.Fixes, one)
	}
	m, _ := form.LookupMeasure("dispute_per100")
	for i := range p.disputes.Table.Lines {
		l, j := &p.disputes.Table.Lines[i], p.disputes.For100[i]
		if !j.Counted() || j.X.Sum == 0 {
			continue
		}
		r := disputeRate{named: p.subject.namedLine(l)}
		r.Cases, r.Received = p.subject.show(j.X, cellOf(r.Report, j.X, m.Numerator)), p.subject.show(j.N, cellOf(r.Report, j.N, m.Denominator))
		if j.N.Sum >= 10 {
			r.For100 = decimalOf(100 * float64(j.X.Sum) / float64(j.N.Sum))
		}
		p.Per100 = append(p.Per100, r)
	}
	p.Notes = []string{p.subject.say("disputes.notice")}
	if n := p.differing(); n > 0 {
		p.Notes = append(p.Notes, p.subject.say("disputes.differing", n))
	}
}

func (p *disputesContent) row(l *compare.DisputeLine, kind string, m form.Measure) disputeRow {
	r := disputeRow{named: p.subject.namedLine(l.Line)}
	for k, j := range l.Results {
		one, _ := form.LookupMeasure(kind + "_" + resultCodes[k])
		r.Cells = append(r.Cells, p.subject.show(j.X, cellOf(r.Report, j.X, one.Numerator)))
	}
	r.Cells = append(r.Cells, p.subject.show(l.Total.X, cellOf(r.Report, l.Total.X, m.Numerator)))
	if l.Total.State == compare.Excluded {
		r.Out = p.subject.stateWord(compare.Excluded, "")
	} else if sum, differs := compare.PartsOf(l.Results[:], l.Total); differs {
		r.Out = p.subject.say("disputes.differs", number(sum))
	}
	if l.LimitsKnown {
		r.Limits = decimalOf(l.Limits.Lower) + "–" + decimalOf(l.Limits.Upper)
	}
	return r
}

// differing counts the totals in print that are not the sum of their results.
func (p *disputesContent) differing() (n int) {
	for i := range p.disputes.Blocks {
		for _, l := range p.disputes.Blocks[i].Lines {
			if _, differs := compare.PartsOf(l.Results[:], l.Total); differs && l.Total.State != compare.Excluded {
				n++
			}
		}
	}
	return n
}

// withCases are the agencies with a case of any kind, those with the most first.
func (p *disputesContent) withCases() (out []*compare.Line) {
	most := map[*compare.Line]int64{}
	for i := range p.disputes.Blocks {
		for _, l := range p.disputes.Blocks[i].Lines {
			if _, ok := most[l.Line]; !ok {
				out = append(out, l.Line)
			}
			most[l.Line] += max(l.Total.X.Sum, l.Results[0].X.Sum+l.Results[1].X.Sum+l.Results[2].X.Sum+l.Results[3].X.Sum)
		}
	}
	slices.SortStableFunc(out, func(a, b *compare.Line) int { return int(most[b] - most[a]) })
	return out
}

func (p *disputesContent) draw(palette chart.Palette) (chart.Drawing, error) {
	lines := p.withCases()
	if len(lines) == 0 {
		return chart.Drawing{}, errNoPicture
	}
	whole := chart.Stack{Row: chart.Row{Label: p.subject.say("disputes.all"), Detail: p.subject.say("disputes.all"), Mark: true}}
	for i := range p.disputes.Blocks {
		b := &p.disputes.Blocks[i]
		bar := chart.StackBar{Text: totalText(b.Totals[4])}
		for k := range resultCodes {
			bar.Values = append(bar.Values, b.Totals[k].X)
			bar.Texts = append(bar.Texts, totalText(b.Totals[k]))
		}
		if b.Totals[4].Agencies == 0 {
			bar = chart.StackBar{}
		}
		whole.Bars = append(whole.Bars, bar)
	}
	rows := []chart.Stack{whole}
	for _, l := range pageOf(lines, p.subject.address.page, perPicture) {
		rows = append(rows, p.stack(l))
	}
	parts := chart.ResultParts(palette, p.subject.resultNames())
	var fields []chart.StackField
	for i := range p.disputes.Blocks {
		fields = append(fields, chart.StackField{Title: p.subject.say("disputes." + p.disputes.Blocks[i].Kind), Parts: parts})
	}
	return chart.Stacks(rows, fields, false, palette)
}

func (p *disputesContent) stack(l *compare.Line) chart.Stack {
	n := p.subject.namedLine(l)
	s := chart.Stack{Row: chart.Row{Label: n.Name, Detail: n.Name, Link: n.Report + "#section4", Mark: n.Marked}}
	const width = len(resultCodes) + 1
	for b := range p.disputes.Blocks {
		figures := l.Last().Figures[b*width : (b+1)*width]
		bar := chart.StackBar{Text: p.subject.judgedOf(figures[width-1], p.disputes.Table.Measures[b*width+width-1], n.Report).line(p.subject.lang)}
		known := true
		for _, j := range figures[:width-1] {
			known = known && j.Counted()
			bar.Values, bar.Texts = append(bar.Values, j.X.Sum), append(bar.Texts, p.subject.show(j.X, "").Text)
		}
		if !known {
			bar.Values = nil
		} else if sum, differs := compare.PartsOf(figures[:width-1], figures[width-1]); differs {
			bar.Text += p.subject.say("aside", p.subject.say("disputes.differs", number(sum)))
		}
		s.Bars = append(s.Bars, bar)
	}
	return s
}

type disputeJSON struct {
	agencyJSON
	Values map[string]valueJSON `json:"values"`
}

func (p *disputesContent) rows() []disputeJSON {
	out := []disputeJSON{}
	for i := range p.disputes.Table.Lines {
		l := &p.disputes.Table.Lines[i]
		one := disputeJSON{agencyJSON: agencyOf(l), Values: map[string]valueJSON{}}
		for k, m := range p.disputes.Table.Measures {
			one.Values[m.Code] = valueOf(l.Last().Figures[k], m)
		}
		out = append(out, one)
	}
	return out
}

func (p *disputesContent) json() ([]byte, error) {
	out := struct {
		Year   int                   `json:"year"`
		Totals map[string]totalsJSON `json:"totals"`
		Pooled map[string]totalsJSON `json:"pooled"` // shares corrected over three years
		Rows   []disputeJSON         `json:"rows"`
	}{Year: p.subject.year, Totals: map[string]totalsJSON{}, Pooled: map[string]totalsJSON{}, Rows: p.rows()}
	for i := range p.disputes.Blocks {
		b := &p.disputes.Blocks[i]
		for k, t := range b.Totals {
			code := b.Kind
			if k < len(resultCodes) {
				code += "_" + resultCodes[k]
			}
			m, _ := form.LookupMeasure(code)
			if b.Kind != "" {
				out.Totals[code] = totalsOf(t, m)
			}
		}
	}
	for i := range p.disputes.Fixes {
		if r := &p.disputes.Fixes[i]; r.Measure.Code != "" {
			t := totalsOf(r.Totals, r.Measure)
			if r.Totals.N < 30 { // a share of so few is not told
				t.Percent = ""
			}
			out.Pooled[r.Measure.Code] = t
		}
	}
	return json.Marshal(out)
}

func (p *disputesContent) sheet() sheet {
	s := sheet{header: append(append([]string{}, agencyHeads...), append([]string{"measure"}, valueHeads...)...)}
	for _, l := range p.rows() {
		for _, m := range p.disputes.Table.Measures {
			s.rows = append(s.rows, slices.Concat(l.agencyJSON.fields(p.subject.year), []value{plainText(m.Code)}, l.Values[m.Code].fields()))
		}
	}
	return s
}
