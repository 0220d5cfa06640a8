package page

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"nianbao/dashboard/chart"
	"nianbao/query/compare"
	"nianbao/query/stats"
)

// picture is where the script finds the option, and what the picture shows in words.
type picture struct {
	Option      string // address; "" if there is nothing to draw
	Description string
	Legend      []string
	Pages       []link // of sixty rows each
	Shown       string // rows 1–60 of 214
	Height      int
}

// perPicture is how many rows one picture has; the table has all.
const perPicture = 60

// drawnRows are the rows that a picture shows: of shares those with a percentage, of counts all.
func (p *compareContent) drawnRows() []compare.Row {
	if !p.Share {
		return p.result.Rows
	}
	return slices.DeleteFunc(slices.Clone(p.result.Rows), func(r compare.Row) bool { return r.Block() > compare.UnrankedBlock })
}

func (p *compareContent) picture() {
	rows := p.drawnRows()
	// Growth has no axis from 0 to 100 %: its table is the picture.
	if len(rows) == 0 || p.result.Totals.Agencies == 0 || p.Head.Charts == "" || p.Share && !p.Interval {
		return
	}
	v := p.visit
	pages := (len(rows) + perPicture - 1) / perPicture
	page := min(v.address.page, pages)
	first, last := (page-1)*perPicture, min(page*perPicture, len(rows))
	p.Picture = picture{
		Option: v.with(func(b *address) { b.format, b.part, b.theme, b.page = asJSON, "option", "auto", page }).String(),
		Height: 68 + 26*(last-first),
	}
	if p.Share {
		p.Picture.Description = say("picture.share", p.result.Measure.Name, p.period(), len(rows), p.result.Totals.Percent(), number(p.result.Totals.X), number(p.result.Totals.N))
		p.Picture.Legend = []string{say("legend.dot"), say("legend.hollow"), say("legend.interval"), say("legend.total")}
	} else {
		p.Picture.Description = say("picture.count", p.result.Measure.Name, p.period(), p.result.Totals.Agencies, p.sum(p.result.Totals.X), p.Unit)
		p.Picture.Legend = []string{say("legend.bar", p.Year), say("legend.tick", p.LastYear)}
	}
	if pages > 1 {
		p.Picture.Shown = say("picture.rows", first+1, last, len(rows))
		for n := 1; n <= pages; n++ {
			p.Picture.Pages = append(p.Picture.Pages, link{strconv.Itoa(n), v.with(func(b *address) { b.page = n }).String(), n == page})
		}
	}
}

// option is the picture for the script.
func (p *compareContent) option(dark bool) ([]byte, error) {
	palette := chart.Light
	if dark {
		palette = chart.Dark
	}
	rows := p.drawnRows()
	first := min((p.visit.address.page-1)*perPicture, len(rows))
	rows = rows[first:min(first+perPicture, len(rows))]
	var drawing chart.Drawing
	var err error
	if p.Share {
		drawing, err = chart.Dots(p.dots(rows), p.reference(), palette)
	} else {
		drawing, err = chart.Bars(p.bars(rows), palette, p.colour(palette))
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(drawing)
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
	return chart.Reference{Known: true, Value: float64(t.X) / float64(t.N), Text: say("picture.total", t.Percent(), number(t.X), number(t.N))}
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
		out.Text = l.Percent + "（" + l.X.Text + "/" + l.N.Text + "）"
		lines = append(lines, p.result.Measure.Name+" "+out.Text, say("detail.interval", l.Interval))
		if l.Rank != "" {
			lines = append(lines, say("detail.rank", l.Rank, p.result.Ranked, l.Range))
		}
		if l.Status != "" {
			lines = append(lines, l.Status)
		}
	default:
		out.Text = l.X.Text
		lines = append(lines, p.result.Measure.Name+" "+l.X.Text+" "+p.Unit)
		if l.Of != "" && row.X.Sum > 0 {
			out.Text += "（" + l.Of + "）"
			lines = append(lines, say("detail.of", l.Of, p.sum(p.result.Totals.X)))
		}
		lines = append(lines, say("detail.last", p.LastYear, l.Last.Text))
	}
	if row.BlankAsZero() {
		lines = append(lines, say("blank_as_zero"))
	}
	if row.Synthetic {
		lines = append(lines, say("synthetic"))
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
			out[i].Known, out[i].Small = true, row.Class == stats.Unranked
			out[i].Value, out[i].Lower, out[i].Upper = float64(row.X.Sum)/float64(row.N.Sum), row.Interval.Lower, row.Interval.Upper
		}
	}
	return out
}
