package page

// What the page of comparison draws.

import (
	"slices"
	"strconv"
	"strings"

	"nianbao/dashboard/chart"
	"nianbao/query/compare"
	"nianbao/query/stats"
)

// perPicture is how many rows one picture has; the table has all.
const perPicture = 60

// drawnRows are the rows that a picture shows: of shares those with a percentage, of counts all.
func (p *compareContent) drawnRows() []compare.Row {
	if !p.Share {
		return p.result.Rows
	}
	return slices.DeleteFunc(slices.Clone(p.result.Rows), func(r compare.Row) bool { return r.Block() > compare.UnrankedBlock })
}

// draws says what the picture is, if there is one.
func (p *compareContent) draws() (err error) {
	rows := p.drawnRows()
	// Growth has no axis from 0 to 100 %: its table is the picture.
	if len(rows) == 0 || p.result.Totals.Agencies == 0 || p.Share && !p.Interval {
		return nil
	}
	text := p.visit.say("picture.count", p.visit.nameOf(p.result.Measure), p.period(), p.result.Totals.Agencies, p.sum(p.result.Totals.X), p.Unit)
	if p.Share {
		text = p.visit.say("picture.share", p.visit.nameOf(p.result.Measure), p.period(), len(rows), p.result.Totals.Percent(), number(p.result.Totals.X), number(p.result.Totals.N))
	}
	p.Picture, err = p.visit.picture(p, text, len(rows), perPicture)
	return err
}

// draw is the picture.
func (p *compareContent) draw(palette chart.Palette) (drawing chart.Drawing, err error) {
	rows := p.drawnRows()
	if len(rows) == 0 || p.result.Totals.Agencies == 0 || p.Share && !p.Interval {
		return drawing, errNoPicture
	}
	rows = pageOf(rows, p.visit.address.page, perPicture)
	if p.Share {
		drawing, err = chart.Dots(p.dots(rows), p.reference(), palette)
		drawing.Legend = append(p.statusKeys(), chart.Key{Mark: "interval", Text: p.visit.say("legend.interval")}, chart.Key{Mark: "whole", Text: p.visit.say("legend.total")})
		return drawing, err
	}
	drawing, err = chart.Bars(p.bars(rows), palette, p.colour(palette))
	bar := chart.Key{Mark: "bar", Text: p.visit.say("legend.bar", p.Year)}
	if i := slices.Index(partCodes, p.result.Measure.Code); i >= 0 {
		bar.Mark = "p" + strconv.Itoa(i+1)
	}
	drawing.Legend = []chart.Key{bar, {Mark: "tick", Text: p.visit.say("legend.tick", p.LastYear)}}
	return drawing, err
}

// statusKeys are the entries of the legend for the marks of shares: those against the district where they are compared.
func (p *compareContent) statusKeys() []chart.Key {
	if p.result.District.Reason != stats.None {
		return []chart.Key{{Mark: "dot", Text: p.visit.say("legend.dot")}, {Mark: "dot-hollow", Text: p.visit.say("legend.hollow")}}
	}
	return p.visit.statusKeys()
}

// colour is that of the outcome where the measure counts one of the six, and one colour for all other counts.
func (p *compareContent) colour(palette chart.Palette) string {
	if i := slices.Index(partCodes, p.result.Measure.Code); i >= 0 {
		return palette.Parts[i]
	}
	return palette.Bar
}

func (p *compareContent) reference() chart.Reference {
	t := p.result.Totals
	if !p.Share || stats.ClassOf(t.N) == stats.NoDenominator || stats.ClassOf(t.N) == stats.TooSmall {
		return chart.Reference{}
	}
	return chart.Reference{Known: true, Value: float64(t.X) / float64(t.N), Text: p.visit.say("picture.total", t.Percent(), number(t.X), number(t.N))}
}

func (p *compareContent) chartRow(row compare.Row, l compareLine) chart.Row {
	out := chart.Row{Label: row.Name, Link: l.Report, Mark: l.Marked}
	if l.Report == "" {
		out.Link = l.Href
	}
	lines := []string{row.Name}
	switch {
	case l.State != "":
		out.Text = l.State
		lines = append(lines, l.State)
	case p.Share:
		out.Text = p.visit.say("fraction", l.Percent, l.X.Text, l.N.Text)
		lines = append(lines, p.visit.nameOf(p.result.Measure)+" "+out.Text, p.visit.say("detail.interval", l.Interval))
		if l.Rank != "" {
			lines = append(lines, p.visit.say("detail.rank", l.Rank, p.result.Ranked, l.Range))
		}
		if l.Status != "" {
			lines = append(lines, l.Status)
		}
	default:
		out.Text = l.X.Text
		lines = append(lines, p.visit.nameOf(p.result.Measure)+" "+l.X.Text+" "+p.Unit)
		if l.Of != "" && row.X.Sum > 0 {
			out.Text += p.visit.say("aside", l.Of)
			lines = append(lines, p.visit.say("detail.of", l.Of, p.sum(p.result.Totals.X)))
		}
		lines = append(lines, p.visit.say("detail.last", p.LastYear, l.Last.Text))
	}
	if row.BlankAsZero() {
		lines = append(lines, p.visit.say("blank_as_zero"))
	}
	if row.Synthetic {
		lines = append(lines, p.visit.say("synthetic"))
	}
	out.Detail = strings.Join(lines, "\n")
	return out
}

func (p *compareContent) bars(rows []compare.Row) []chart.Count {
	out := make([]chart.Count, len(rows))
	for i, row := range rows {
		out[i].Row = p.chartRow(row, p.compareLine(row, true))
		if row.Counted() {
			out[i].Value = p.onAxis(row.X)
		}
		if row.LastX.Known() && row.Filing != "" {
			out[i].Last = p.onAxis(row.LastX)
		}
	}
	return out
}

// onAxis is a sum as the axis counts it: amounts in whole units, their text has the decimals.
func (p *compareContent) onAxis(f compare.Figure) *int64 {
	n := f.Sum
	for range p.result.Measure.Scale() {
		n /= 10
	}
	return &n
}

func (p *compareContent) dots(rows []compare.Row) []chart.Share {
	out := make([]chart.Share, len(rows))
	ordered := p.ordered()
	for i, row := range rows {
		out[i] = chart.Share{Row: p.chartRow(row, p.compareLine(row, ordered))}
		if row.Percent() != "" {
			out[i].Known, out[i].Small, out[i].Status = true, row.Class == stats.Unranked, row.Judgement.Status
			out[i].Value, out[i].Lower, out[i].Upper = float64(row.X.Sum)/float64(row.N.Sum), row.Interval.Lower, row.Interval.Upper
		}
	}
	return out
}
