package page

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"nianbao/dashboard/chart"
	"nianbao/internal/form"
	"nianbao/query/compare"
	"nianbao/query/stats"
)

var trendsPage = kind{template: "trends.html", parameters: []string{"year", "m", "den", "x", "peer", "mark", "scope", "excl", "yscale", "page", "part"}, build: buildTrends}

// trendsContent is a measure of each agency over five years, as small pictures and a table.
type trendsContent struct {
	base
	Controls filters
	Picture  *picture
	Years    []int
	District []string
	Rows     []trendRow
	Notes    []string
	Share    bool
	trends   compare.Trends
	subject  *topic
}

type trendRow struct {
	named
	Cells  []judgedCell
	Marker string
	Note   string
}

func buildTrends(ctx context.Context, v *visit) (content, error) {
	s, err := v.subject(ctx)
	if err != nil {
		return nil, err
	}
	if m, _ := form.LookupMeasure(v.measure); m.Kind == form.GrowthOf { // it is a change itself
		return nil, &problem{Parameter: "m", Value: v.measure, Allowed: codesOf(yearly)}
	}
	p := &trendsContent{subject: s, trends: compare.Trends{Measure: s.reading()}}
	if s.roster != nil {
		if p.trends, err = s.roster.TrendsOf(ctx, v.site.store.Conn(), s.selection(), s.asked()); err != nil {
			return nil, err
		}
	}
	p.Share = p.trends.Measure.Share()
	if !v.framed() {
		return p, nil
	}
	if p.Head, err = v.yearHead(ctx, s.year); err != nil {
		return nil, err
	}
	t := p.trends
	up, down := 0, 0
	for _, l := range t.Lines {
		switch l.Trend.Marker {
		case stats.Up:
			up++
		case stats.Down:
			down++
		}
	}
	p.Head.Line = v.say("trends.line", v.nameOf(t.Measure), v.term(t.Measure).Formula, s.year-stats.TrendYears+1, s.year)
	if t.Measure.Per != "" {
		p.Head.Line += v.say("trends.per", v.term(t.Measure).Per)
	}
	p.Head.Synthetic = anySynthetic(t.Table)
	switch {
	case s.year == 0:
		p.Head.Title = v.say("home.empty")
	case len(t.Lines) == 0:
		p.Head.Title = v.say("compare.title.nobody")
	case !p.Share:
		p.Head.Title = v.say("trends.title.count", len(t.Lines), v.nameOf(t.Measure))
	case up+down == 0:
		p.Head.Title = v.say("trends.title.none", len(t.Lines), v.nameOf(t.Measure))
	default:
		p.Head.Title = v.say("trends.title", len(t.Lines), v.nameOf(t.Measure), up, down)
	}
	p.Controls = s.controls(slices.Concat([]field{v.measureField("m", v.say("compare.measure"), v.measure, yearly)}, s.usualFields(),
		[]field{pick("yscale", v.say("trends.scale"), v.scale, [2]string{scaleShared, v.say("trends.scale.shared")}, [2]string{scaleOwn, v.say("trends.scale.own")})})...)
	p.Years = t.Years
	for k := range t.Years {
		p.District = append(p.District, p.whole(k))
	}
	for i := range t.Lines {
		p.Rows = append(p.Rows, p.row(&t.Lines[i]))
	}
	if p.Share {
		p.Notes = []string{v.say("trends.notice")}
	} else {
		p.Notes = []string{v.say("trends.notice.count")}
	}
	if v.scale == scaleOwn {
		p.Notes = append(p.Notes, v.say("trends.notice.own"))
	}
	p.Picture, err = v.picture(p, v.say("trends.picture", v.nameOf(t.Measure), len(t.Lines)), len(t.Lines), chart.PerPanels)
	return p, err
}

// yearly are the measures that can be followed over years.
var yearly = slices.DeleteFunc(slices.Clone(form.Offered), func(m form.Measure) bool { return m.Kind == form.GrowthOf })

// whole is the figure of all agencies of a year.
func (p *trendsContent) whole(k int) string {
	t, m := p.trends.District[k], p.trends.Measure
	switch {
	case t.Agencies == 0:
		return ""
	case len(m.Denominator) == 0:
		return p.subject.sumOf(m, t.X)
	case t.N < 10:
		return number(t.X) + "/" + number(t.N)
	}
	return p.subject.say("fraction", t.Percent(), number(t.X), number(t.N))
}

func (p *trendsContent) row(l *compare.TrendLine) trendRow {
	r := trendRow{named: p.subject.namedLine(l.Line)}
	for k, j := range l.Figures {
		report := l.Line.Reports[k]
		cell := p.subject.judgedOf(j, p.trends.Measure, p.subject.reportOf(l.Line.Agency, report.Year, report.Filing))
		if report.Elsewhere {
			cell = judgedCell{State: p.subject.say("trends.elsewhere"), Share: true, X: shown{Text: p.subject.say("trends.elsewhere"), Word: true}}
		}
		r.Cells = append(r.Cells, cell)
	}
	r.Marker, r.Note = p.subject.markerText(l.Trend, l.Reason)
	return r
}

// markerText says what five years say, and with what certainty.
func (in lang) markerText(t stats.Trend, reason compare.TrendReason) (marker, note string) {
	if reason != "" {
		if reason == compare.NoTrendOfCounts {
			return "", ""
		}
		return in.say("trend.not_assessable"), in.say("trend.reason." + string(reason))
	}
	p := "p=" + strconv.FormatFloat(t.P, 'f', 3, 64)
	if t.P < 0.001 {
		p = "p<0.001"
	}
	return in.say("trend." + string(t.Marker)), in.say("trend.note", decimalOf(t.Chi2), p)
}

func (p *trendsContent) draw(palette chart.Palette) (chart.Drawing, error) {
	t := p.trends
	if len(t.Lines) == 0 {
		return chart.Drawing{}, errNoPicture
	}
	number := func(x, n int64) float64 {
		if len(t.Measure.Denominator) > 0 {
			return float64(x) / float64(n)
		}
		for range t.Measure.Scale() {
			x /= 10
		}
		return float64(x)
	}
	whole := make([]*float64, len(t.Years))
	if p.Share { // a sum of all would dwarf each
		for k, d := range t.District {
			if d.Agencies > 0 && d.N >= 10 {
				v := number(d.X, d.N)
				whole[k] = &v
			}
		}
	}
	var panels []chart.Panel
	lines := pageOf(t.Lines, p.subject.address.page, chart.PerPanels)
	for i := range lines {
		l := &lines[i]
		r := p.row(l)
		one := chart.Panel{Title: r.Name, Note: strings.TrimSpace(r.Marker + " " + r.Note), Link: r.Href, Whole: whole, Mark: r.Marked}
		for k, j := range l.Figures {
			cell := r.Cells[k]
			y := chart.Yearly{Detail: r.Name + "\n" + strconv.Itoa(t.Years[k]) + " " + cell.line(p.subject.lang), Link: p.subject.reportOf(r.Agency, t.Years[k], l.Line.Reports[k].Filing)}
			share := len(t.Measure.Denominator) > 0
			if !l.Line.Reports[k].Elsewhere && (share && j.Shown() || !share && j.Counted()) {
				y.Known, y.Value, y.Small = true, number(j.X.Sum, j.N.Sum), j.Class == stats.Unranked
				if p.Share {
					y.Banded, y.Lower, y.Upper = true, l.Bands[k].Lower, l.Bands[k].Upper
				}
			} else {
				y.Word = p.why(cell, j)
			}
			one.Values = append(one.Values, y)
		}
		panels = append(panels, one)
	}
	d, err := chart.Panels(panels, t.Years, p.Share, p.subject.scale == scaleOwn, palette)
	d.Legend = []chart.Key{{Mark: "line", Text: p.subject.say("legend.agency")}}
	if p.Share {
		d.Legend = append(d.Legend, chart.Key{Mark: "interval", Text: p.subject.say("legend.interval")}, chart.Key{Mark: "dot-hollow", Text: p.subject.say("legend.hollow")}, chart.Key{Mark: "district", Text: p.subject.say("legend.total")})
	}
	return d, err
}

// why is why a year has no point, in few characters.
func (p *trendsContent) why(cell judgedCell, j compare.Judged) string {
	switch {
	case cell.Missing:
		return p.subject.say("trends.missing")
	case j.State == compare.Excluded:
		return p.subject.say("trends.excluded")
	case j.State == compare.TooSmall:
		return cell.X.Text + "/" + cell.N.Text
	}
	return short(cell.State, 6)
}

type trendJSON struct {
	agencyJSON
	Years  []trendYear         `json:"years"`
	Marker stats.Marker        `json:"marker,omitempty"`
	Reason compare.TrendReason `json:"reason,omitempty"` // why there is no marker
	Chi2   *float64            `json:"chi2,omitempty"`
	P      *float64            `json:"p,omitempty"`
}

type trendYear struct {
	Year      int    `json:"year"`
	Filing    string `json:"filing,omitempty"`
	Elsewhere bool   `json:"elsewhere,omitempty"` // the report stands in the other list
	valueJSON
	Lower *float64 `json:"lower,omitempty"`
	Upper *float64 `json:"upper,omitempty"`
}

func (p *trendsContent) rowJSON(l *compare.TrendLine) trendJSON {
	out := trendJSON{agencyJSON: agencyOf(l.Line), Reason: l.Reason}
	if l.Reason == "" {
		out.Marker, out.Chi2, out.P = l.Trend.Marker, &l.Trend.Chi2, &l.Trend.P
	}
	for k, j := range l.Figures {
		report := l.Line.Reports[k]
		y := trendYear{Year: report.Year, Filing: report.Filing, Elsewhere: report.Elsewhere, valueJSON: valueOf(j, p.trends.Measure)}
		if p.Share && j.Shown() {
			y.Lower, y.Upper = &l.Bands[k].Lower, &l.Bands[k].Upper
		}
		out.Years = append(out.Years, y)
	}
	return out
}

func (p *trendsContent) json() ([]byte, error) {
	type whole struct {
		Year int `json:"year"`
		totalsJSON
	}
	out := struct {
		Measure  measureJSON `json:"measure"`
		District []whole     `json:"district"`
		Rows     []trendJSON `json:"rows"`
	}{Measure: measureOf(p.trends.Measure), District: []whole{}, Rows: []trendJSON{}}
	for k, t := range p.trends.District {
		out.District = append(out.District, whole{p.trends.Years[k], totalsOf(t, p.trends.Measure)})
	}
	for i := range p.trends.Lines {
		out.Rows = append(out.Rows, p.rowJSON(&p.trends.Lines[i]))
	}
	return json.Marshal(out)
}

func (p *trendsContent) sheet() sheet {
	s := sheet{header: slices.Concat(agencyHeads, []string{"measure"}, valueHeads, []string{"lower", "upper", "elsewhere", "marker", "reason"})}
	for i := range p.trends.Lines {
		l := p.rowJSON(&p.trends.Lines[i])
		for _, y := range l.Years {
			a := l.agencyJSON
			a.Filing = y.Filing
			row := slices.Concat(a.fields(y.Year), []value{plainText(p.trends.Measure.Code)}, y.fields())
			lower, upper := value{}, value{}
			if y.Lower != nil {
				lower, upper = exact(*y.Lower), exact(*y.Upper)
			}
			s.rows = append(s.rows, append(row, lower, upper, plainText(strconv.FormatBool(y.Elsewhere)), plainText(string(l.Marker)), plainText(string(l.Reason))))
		}
	}
	return s
}
