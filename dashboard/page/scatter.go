package page

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"nianbao/dashboard/chart"
	"nianbao/internal/form"
	"nianbao/query/compare"
	"nianbao/query/stats"
)

var scatterPage = kind{template: "scatter.html", parameters: []string{"year", "m", "y", "peer", "mark", "scope", "excl", "part"}, build: buildScatter}

// scatterContent is two measures of all agencies of a year.
type scatterContent struct {
	base
	Controls filters
	Picture  *picture
	Across   string
	Up       string
	Rows     []scatterRow
	LeftOut  string
	Notes    []string
	scatter  compare.Scatter
	subject  *topic
}

type scatterRow struct {
	named
	X, Y judgedCell
}

func buildScatter(ctx context.Context, v *visit) (content, error) {
	if v.up == "" {
		v.up = "open_rate"
		if v.measure == v.up {
			v.up = "received"
		}
	}
	if v.up == v.measure {
		return nil, &problem{Parameter: "y", Value: v.up, Allowed: slices.DeleteFunc(codesOf(form.Offered), func(c string) bool { return c == v.measure })}
	}
	s, err := v.subject(ctx)
	if err != nil {
		return nil, err
	}
	p := &scatterContent{subject: s}
	p.scatter.Across, _ = form.LookupMeasure(v.measure)
	p.scatter.Up, _ = form.LookupMeasure(v.up)
	if s.roster != nil {
		if p.scatter, err = s.roster.ScatterOf(ctx, v.site.store.Conn(), s.request(), v.measure, v.up); err != nil {
			return nil, err
		}
	}
	if !v.framed() {
		return p, nil
	}
	if p.Head, err = v.yearHead(ctx, s.year); err != nil {
		return nil, err
	}
	c := p.scatter
	p.Across, p.Up = v.nameOf(c.Across), v.nameOf(c.Up)
	for _, at := range c.Points {
		p.Rows = append(p.Rows, p.row(at))
	}
	if c.LeftOut+c.Missing > 0 {
		p.LeftOut = v.say("scatter.leftout", c.LeftOut, c.Missing)
	}
	p.Head.Line = v.say("scatter.line", s.year, v.axisText(c.Across), v.axisText(c.Up))
	switch {
	case s.year == 0:
		p.Head.Title = v.say("home.empty")
	case len(c.Points) == 0:
		p.Head.Title = v.say("scatter.title.none")
	default:
		p.Head.Title = v.say("scatter.title", len(c.Points), p.Across, p.Up)
	}
	p.Controls = s.controls(append([]field{v.measureField("m", v.say("scatter.across"), v.measure, form.Offered), v.measureField("y", v.say("scatter.up"), v.up, form.Offered)}, s.usualFields()...)...)
	p.Notes = []string{v.say("scatter.notice")}
	p.Picture, err = v.picture(p, v.say("scatter.picture", len(c.Points), p.Across, p.Up), 1, 1)
	return p, err
}

// axisText names a measure with what it is divided by, or its unit.
func (in lang) axisText(m form.Measure) string {
	m = in.term(m)
	if m.Per != "" {
		return in.say("scatter.axis.per", m.Name, m.Per)
	}
	return in.say("scatter.axis.unit", m.Name, m.Unit)
}

func (p *scatterContent) row(at compare.ScatterPoint) scatterRow {
	r := scatterRow{named: p.subject.named(at.Agency, at.Name, at.Kind, p.subject.year, "-", false)}
	r.X, r.Y = p.subject.judgedOf(at.X, p.scatter.Across, r.Report), p.subject.judgedOf(at.Y, p.scatter.Up, r.Report)
	return r
}

// mostNamed is how many points have a name beside those highlighted: the farthest along an axis.
const mostNamed = 6

func (p *scatterContent) draw(palette chart.Palette) (chart.Drawing, error) {
	c := p.scatter
	if len(c.Points) == 0 {
		return chart.Drawing{}, errNoPicture
	}
	names := map[string]bool{}
	far := slices.Clone(c.Points)
	for _, by := range []func(a, b compare.ScatterPoint) int{
		func(a, b compare.ScatterPoint) int { return cmp.Compare(b.Across, a.Across) },
		func(a, b compare.ScatterPoint) int { return cmp.Compare(b.Up, a.Up) },
	} {
		slices.SortStableFunc(far, by)
		for _, at := range far[:min(mostNamed/2, len(far))] {
			names[at.Agency] = true
		}
	}
	// Growth may be below 0 and above 100 %, so only shares have the whole axis.
	share := func(m form.Measure) bool { return m.Share() }
	scaled := func(m form.Measure, v float64) float64 {
		if m.Kind == form.GrowthOf {
			return v * 100
		}
		return v
	}
	plot := chart.ScatterPlot{Across: p.subject.axisText(c.Across), Up: p.subject.axisText(c.Up), AcrossShare: share(c.Across), UpShare: share(c.Up)}
	for _, at := range c.Points {
		r := p.row(at)
		point := chart.ScatterPoint{Link: r.Href, X: scaled(c.Across, at.Across), Y: scaled(c.Up, at.Up), Small: at.X.Class == stats.Unranked || at.Y.Class == stats.Unranked, Mark: r.Marked,
			Detail: strings.Join([]string{r.Name, p.Across + " " + r.X.line(p.subject.lang), p.Up + " " + r.Y.line(p.subject.lang)}, "\n")}
		if names[at.Agency] || r.Marked {
			point.Label = r.Name
		}
		plot.Points = append(plot.Points, point)
	}
	d, err := chart.Scatter(plot, palette)
	d.Legend = []chart.Key{{Mark: "dot", Text: p.subject.say("legend.one")}, {Mark: "dot-hollow", Text: p.subject.say("legend.hollow")}}
	return d, err
}

type scatterJSON struct {
	Agency string       `json:"agency"`
	Name   string       `json:"name"`
	Kind   compare.Kind `json:"kind"`
	X      valueJSON    `json:"x"`
	Y      valueJSON    `json:"y"`
}

func (p *scatterContent) rows() []scatterJSON {
	out := []scatterJSON{}
	for _, at := range p.scatter.Points {
		out = append(out, scatterJSON{at.Agency, at.Name, at.Kind, valueOf(at.X, p.scatter.Across), valueOf(at.Y, p.scatter.Up)})
	}
	return out
}

func (p *scatterContent) json() ([]byte, error) {
	return json.Marshal(struct {
		Year    int           `json:"year"`
		Across  measureJSON   `json:"across"`
		Up      measureJSON   `json:"up"`
		LeftOut int           `json:"left_out"` // agencies with a report of which one cannot be drawn
		Missing int           `json:"missing"`  // agencies without a report
		Rows    []scatterJSON `json:"rows"`
	}{p.subject.year, measureOf(p.scatter.Across), measureOf(p.scatter.Up), p.scatter.LeftOut, p.scatter.Missing, p.rows()})
}

func (p *scatterContent) sheet() sheet {
	s := sheet{header: []string{"year", "agency", "name", "kind", "measure_x", "state_x", "x", "n_x", "percent_x", "flags_x", "measure_y", "state_y", "y", "n_y", "percent_y", "flags_y"}}
	for _, r := range p.rows() {
		a := agencyJSON{r.Agency, r.Name, r.Kind, ""}.fields(p.subject.year)
		s.rows = append(s.rows, slices.Concat(a[:4], []value{plainText(p.scatter.Across.Code)}, r.X.fields(), []value{plainText(p.scatter.Up.Code)}, r.Y.fields()))
	}
	return s
}
