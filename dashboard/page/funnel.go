package page

import (
	"context"
	"slices"
	"strings"

	"nianbao/dashboard/chart"
	"nianbao/query/compare"
	"nianbao/query/stats"
)

var funnelPage = kind{template: "funnel.html", parameters: []string{"year", "m", "den", "x", "span", "peer", "mark", "scope", "excl", "part"}, build: buildFunnel}

// funnelContent is a share over its denominator, with the limits between which chance leaves it. Its files are those of the
// comparison, since the figures are the same.
type funnelContent struct {
	base
	Controls filters
	Readings []reading
	Picture  *picture
	District []string
	Rows     []compareLine // those with a percentage
	Small    string        // how many are not drawn
	Notes    []string
	Few      link // to the pooled years, where few agencies can be ranked in one
	funnel   compare.FunnelPicture
	compare  *compareContent // what the page of comparison shows of the same
	subject  *topic
}

func buildFunnel(ctx context.Context, v *visit) (content, error) {
	if err := v.wantsShare(); err != nil {
		return nil, err
	}
	s, err := v.subject(ctx)
	if err != nil {
		return nil, err
	}
	c := &compareContent{Year: s.year, LastYear: s.year - 1, visit: v, Share: true, Interval: true}
	c.result = compare.Result{Measure: s.reading(), Request: s.request()}
	if s.roster != nil {
		if c.result, err = s.roster.Run(ctx, v.site.store.Conn(), s.request()); err != nil {
			return nil, err
		}
	}
	c.HasLast = s.request().Span == 1
	p := &funnelContent{compare: c, subject: s, funnel: c.result.Funnel(v.mark...)}
	if !v.framed() {
		return p, nil
	}
	if p.Head, err = v.yearHead(ctx, s.year); err != nil {
		return nil, err
	}
	c.Head = p.Head
	p.Head.Line, p.Head.Synthetic, p.Head.Title = c.line(), c.result.Synthetic > 0, p.title()
	c.readings()
	c.notes()
	p.Notes, p.District, p.Few = c.Notes, c.District, c.Few
	p.Readings = slices.DeleteFunc(c.Readings, func(r reading) bool { return r.Label == v.say("compare.excl") }) // a field of the form
	p.Controls = s.controls(append([]field{v.measureField("m", v.say("compare.measure"), v.measure, sharesOffered)}, s.usualFields()...)...)
	for _, point := range p.funnel.Points {
		p.Rows = append(p.Rows, c.compareLine(c.result.Rows[point.Row], false))
	}
	if p.funnel.Small > 0 {
		p.Small = v.say("funnel.small", p.funnel.Small)
	}
	p.Picture, err = v.picture(p, v.say("funnel.picture", v.nameOf(c.result.Measure), c.period(), len(p.funnel.Points), c.result.Percent()), 1, 1)
	return p, err
}

func (p *funnelContent) title() string {
	r := &p.compare.result
	d, name := r.District, p.subject.nameOf(r.Measure)
	switch {
	case p.subject.year == 0:
		return p.subject.say("home.empty")
	case len(r.Rows) == 0:
		return p.subject.say("compare.title.nobody")
	case d.Reason == stats.TooFew:
		return p.subject.say("funnel.title.few", d.Compared())
	case d.Reason != stats.None:
		return p.subject.say("funnel.title.same", name, r.Percent())
	case d.Outside998 > 0:
		return p.subject.say("compare.title.outside", d.Compared(), d.Outside998, name)
	case d.Outside95 > 0:
		return p.subject.say("funnel.title.outside95", d.Compared(), d.Outside95, name)
	}
	return p.subject.say("funnel.title.within", d.Compared(), name)
}

func (p *funnelContent) draw(palette chart.Palette) (chart.Drawing, error) {
	if p.funnel.Reason != stats.None {
		return chart.Drawing{}, errNoPicture
	}
	c := p.compare
	plot := chart.FunnelPlot{Across: p.subject.say("funnel.across", p.subject.term(c.result.Measure).Per), Most: p.funnel.Most + p.funnel.Most/20 + 1}
	plot.Whole = chart.Reference{Known: true, Value: p.funnel.Theta.Share(), Text: p.subject.say("funnel.whole", c.result.Percent())}
	for _, at := range p.funnel.Curve {
		plot.Curve = append(plot.Curve, chart.FunnelLimit{N: at.N, Limits: at.Limits, Exact: at.Exact, Widened: at.Widened})
	}
	for _, at := range p.funnel.Points {
		row := &c.result.Rows[at.Row]
		l := c.compareLine(*row, false)
		point := chart.FunnelPoint{Link: l.Href, N: row.N.Sum, Value: float64(row.X.Sum) / float64(row.N.Sum), Status: row.Judgement.Status, Small: row.Class == stats.Unranked, Mark: l.Marked,
			Detail: strings.Join([]string{row.Name, p.subject.nameOf(c.result.Measure) + " " + l.Percent + p.subject.say("aside", l.Fraction), p.subject.say("detail.interval", l.Interval), l.Status}, "\n")}
		if at.Label {
			point.Label = row.Name
		}
		plot.Points = append(plot.Points, point)
	}
	d, err := chart.Funnel(plot, palette)
	d.Legend = append(p.subject.statusKeys(), chart.Key{Mark: "limit95", Text: p.subject.say("legend.limit95")}, chart.Key{Mark: "limit998", Text: p.subject.say("legend.limit998")})
	if p.funnel.Phi != 0 {
		d.Legend = append(d.Legend, chart.Key{Mark: "exact", Text: p.subject.say("legend.exact")})
	}
	return d, err
}

func (p *funnelContent) json() ([]byte, error) { return p.compare.json() }

func (p *funnelContent) sheet() sheet { return p.compare.sheet() }
