package page

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"nianbao/dashboard/chart"
	"nianbao/internal/form"
	"nianbao/query/compare"
	"nianbao/query/stats"
)

var yearsPage = kind{template: "years.html", parameters: []string{"year", "m", "den", "x", "peer", "mark", "scope", "excl", "part"}, build: buildYears}

// yearsContent is a measure in a year and in the year before.
type yearsContent struct {
	base
	Controls       filters
	Picture        *picture
	Year, LastYear int
	Share          bool
	Rows           []yearsRow
	Whole          yearsRow
	Carried        string // how many carry-overs do not agree
	Notes          []string
	changes        compare.Changes
	subject        *topic
}

type yearsRow struct {
	named
	Before, Now judgedCell
	Change      string // +3.2 个百分点（−5.1 至 +11.0）, or the difference of counts
	Arrow       string // only where the interval leaves out 0
	Carried     string // where the carry-over does not agree
}

func buildYears(ctx context.Context, v *visit) (content, error) {
	s, err := v.subject(ctx)
	if err != nil {
		return nil, err
	}
	if m, _ := form.LookupMeasure(v.measure); m.Kind == form.GrowthOf {
		return nil, &problem{Parameter: "m", Value: v.measure, Allowed: codesOf(yearly)}
	}
	p := &yearsContent{subject: s, Year: s.year, LastYear: s.year - 1, changes: compare.Changes{Measure: s.reading()}}
	if s.roster != nil {
		if p.changes, err = s.roster.ChangesOf(ctx, v.site.store.Conn(), s.selection(), s.asked()); err != nil {
			return nil, err
		}
	}
	c := p.changes
	p.Share = c.Measure.Share()
	if !v.framed() {
		return p, nil
	}
	if p.Head, err = v.yearHead(ctx, s.year); err != nil {
		return nil, err
	}
	p.Head.Line = v.say("years.line", v.nameOf(c.Measure), v.term(c.Measure).Formula, p.LastYear, p.Year)
	if c.Measure.Per != "" {
		p.Head.Line += v.say("trends.per", v.term(c.Measure).Per)
	}
	p.Head.Synthetic = anySynthetic(c.Table)
	up, down, both := 0, 0, 0
	for i := range c.Lines {
		l := &c.Lines[i]
		if l.Changed {
			both++
			if l.Change.Clear() && l.Change.Difference > 0 {
				up++
			} else if l.Change.Clear() {
				down++
			}
		}
		p.Rows = append(p.Rows, p.row(l))
	}
	switch {
	case s.year == 0:
		p.Head.Title = v.say("home.empty")
	case len(c.Lines) == 0:
		p.Head.Title = v.say("compare.title.nobody")
	case c.Both.Agencies == 0:
		p.Head.Title = v.say("years.title.nothing", p.LastYear, p.Year)
	case !p.Share:
		p.Head.Title = v.say("years.title.count", c.Both.Agencies, v.nameOf(c.Measure), v.sumOf(c.Measure, c.Last.X), v.sumOf(c.Measure, c.Both.X))
	case both == 0:
		p.Head.Title = v.say("years.title.few")
	default:
		p.Head.Title = v.say("years.title", both, v.nameOf(c.Measure), up, down)
	}
	if c.Both.Agencies > 0 {
		p.Whole = yearsRow{named: named{Name: v.say("years.both", c.Both.Agencies)}, Before: p.total(c.Last), Now: p.total(c.Both)}
		p.Whole.Change, p.Whole.Arrow = p.change(c.Changed, c.Change, c.Both.X-c.Last.X, true)
	}
	if c.CarriedWrong > 0 {
		p.Carried = v.say("years.carried", c.CarriedWrong)
	}
	p.Notes = []string{v.say("years.notice")}
	p.Controls = s.controls(append([]field{v.measureField("m", v.say("compare.measure"), v.measure, yearly)}, s.usualFields()...)...)
	p.Picture, err = v.picture(p, v.say("years.picture", v.nameOf(c.Measure), p.LastYear, p.Year, len(p.lines())), 1, 1)
	return p, err
}

// total shows a sum over the agencies counted in both years.
func (p *yearsContent) total(t compare.Totals) judgedCell {
	m := p.changes.Measure
	c := judgedCell{Share: len(m.Denominator) > 0, X: shown{Text: p.subject.sumOf(m, t.X), known: true}}
	if c.Share {
		c.N = shown{Text: number(t.N), known: true}
		if t.N >= 10 {
			c.Percent = t.Percent()
		}
	}
	return c
}

// change prints a difference. An arrow stands only where the interval leaves out 0.
func (p *yearsContent) change(changed bool, d stats.Change, counts int64, known bool) (text, arrow string) {
	if !p.Share {
		if known && len(p.changes.Measure.Denominator) == 0 {
			return p.subject.signedOf(p.changes.Measure, counts), ""
		}
		return "", ""
	}
	if !changed {
		return "", ""
	}
	text = p.subject.say("years.change", pointsOf(d.Difference), pointsOf(d.Lower), pointsOf(d.Upper))
	switch {
	case !d.Clear():
		return text, p.subject.say("years.noise")
	case d.Difference > 0:
		return text, p.subject.say("years.up")
	}
	return text, p.subject.say("years.down")
}

// pointsOf prints a difference of shares in points: +3.2, −5.1, 0.0.
func pointsOf(d float64) string {
	text := strconv.FormatFloat(d*100, 'f', 1, 64)
	switch {
	case math.Abs(d*100) < 0.05:
		return decimalOf(0)
	case d < 0:
		return "−" + text[1:]
	}
	return "+" + text
}

func (p *yearsContent) row(l *compare.ChangeLine) yearsRow {
	v, m := p.subject, p.changes.Measure
	before := l.Line.Reports[0]
	r := yearsRow{named: v.namedLine(l.Line)}
	r.Before, r.Now = p.subject.judgedOf(l.Before, m, v.reportOf(r.Agency, before.Year, before.Filing)), p.subject.judgedOf(l.Now, m, r.Report)
	r.Now.Absent = v.absent(r.Agency).Word
	r.Change, r.Arrow = p.change(l.Changed, l.Change, l.Now.X.Sum-l.Before.X.Sum, l.Now.Counted() && l.Before.Counted())
	if l.Off() != 0 {
		r.Carried = p.subject.say("years.carried.one", number(l.CarriedOut.Sum), number(l.CarriedIn.Sum))
	}
	return r
}

// mostSlopes is how many lines have a name, the clearest changes first; the others are grey.
const mostSlopes = 20

// lines are those that can be drawn: a share of at least 10 in both years, or a number.
func (p *yearsContent) lines() (out []*compare.ChangeLine) {
	for i := range p.changes.Lines {
		l := &p.changes.Lines[i]
		if p.Share && l.Changed || len(p.changes.Measure.Denominator) == 0 && l.Now.Counted() && l.Before.Counted() {
			out = append(out, l)
		}
	}
	return out
}

func (p *yearsContent) draw(palette chart.Palette) (chart.Drawing, error) {
	lines := p.lines()
	if len(lines) == 0 {
		return chart.Drawing{}, errNoPicture
	}
	if !p.Share { // of counts every change is one; the largest numbers have names
		slices.SortStableFunc(lines, func(a, b *compare.ChangeLine) int {
			return int(max(b.Now.X.Sum, b.Before.X.Sum) - max(a.Now.X.Sum, a.Before.X.Sum))
		})
	}
	at := func(j compare.Judged) float64 {
		if p.Share {
			return j.Fraction().Share()
		}
		n := j.X.Sum
		for range p.changes.Measure.Scale() {
			n /= 10
		}
		return float64(n)
	}
	var out []chart.SlopeLine
	for i, l := range lines {
		r := p.row(l)
		one := chart.SlopeLine{Label: r.Name, Link: r.Href, Before: at(l.Before), Now: at(l.Now), Mark: r.Marked,
			Detail: r.Name + "\n" + strconv.Itoa(p.LastYear) + " " + r.Before.line(p.subject.lang) + "\n" + strconv.Itoa(p.Year) + " " + r.Now.line(p.subject.lang) + "\n" + r.Change}
		if i < mostSlopes && (!p.Share || l.Change.Clear()) {
			switch d := one.Now - one.Before; {
			case d > 0:
				one.Direction = 1
			case d < 0:
				one.Direction = -1
			}
		}
		out = append(out, one)
	}
	d, err := chart.Slope(out, [2]string{p.subject.say("compare.year", p.LastYear), p.subject.say("compare.year", p.Year)}, p.Share, palette)
	d.Legend = []chart.Key{{Mark: "up", Text: p.subject.say("legend.rises")}, {Mark: "down", Text: p.subject.say("legend.falls")}}
	if p.Share {
		d.Legend = append(d.Legend, chart.Key{Mark: "grey", Text: p.subject.say("legend.noise")})
	} else {
		d.Legend = append(d.Legend, chart.Key{Mark: "grey", Text: p.subject.say("legend.others", mostSlopes)})
	}
	return d, err
}

type yearsJSON struct {
	agencyJSON
	Before valueJSON `json:"before"`
	Now    valueJSON `json:"now"`
	// Of shares in points over 100, of counts as printed; null where one is not known or n is less than 10.
	Difference *float64     `json:"difference"`
	Lower      *float64     `json:"lower,omitempty"`
	Upper      *float64     `json:"upper,omitempty"`
	CarriedOut *json.Number `json:"carried_out"` // of the year before
	CarriedIn  *json.Number `json:"carried_in"`
}

func (p *yearsContent) rowJSON(l *compare.ChangeLine) yearsJSON {
	m := p.changes.Measure
	out := yearsJSON{agencyJSON: agencyOf(l.Line), Before: valueOf(l.Before, m), Now: valueOf(l.Now, m)}
	carried := p.changes.Table.Measures[1]
	out.CarriedOut, out.CarriedIn = exactOf(l.CarriedOut, carried), exactOf(l.CarriedIn, carried)
	switch {
	case l.Changed:
		out.Difference, out.Lower, out.Upper = &l.Change.Difference, &l.Change.Lower, &l.Change.Upper
	case len(m.Denominator) == 0 && l.Now.Counted() && l.Before.Counted():
		d := float64(l.Now.X.Sum - l.Before.X.Sum)
		for range m.Scale() {
			d /= 10
		}
		out.Difference = &d
	}
	return out
}

func (p *yearsContent) json() ([]byte, error) {
	out := struct {
		Measure  measureJSON `json:"measure"`
		Year     int         `json:"year"`
		LastYear int         `json:"last_year"`
		Before   totalsJSON  `json:"before"` // over the agencies counted in both
		Now      totalsJSON  `json:"now"`
		Carried  int         `json:"carried_wrong"`
		Rows     []yearsJSON `json:"rows"`
	}{Measure: measureOf(p.changes.Measure), Year: p.Year, LastYear: p.LastYear, Before: totalsOf(p.changes.Last, p.changes.Measure), Now: totalsOf(p.changes.Both, p.changes.Measure), Carried: p.changes.CarriedWrong, Rows: []yearsJSON{}}
	for i := range p.changes.Lines {
		out.Rows = append(out.Rows, p.rowJSON(&p.changes.Lines[i]))
	}
	return json.Marshal(out)
}

func (p *yearsContent) sheet() sheet {
	s := sheet{header: slices.Concat(agencyHeads, []string{"measure", "last_state", "last_x", "last_n", "last_percent", "last_flags"}, valueHeads, []string{"difference", "lower", "upper", "carried_out", "carried_in"})}
	number := func(f *float64) value {
		if f == nil {
			return value{}
		}
		return exact(*f)
	}
	printed := func(n *json.Number) value {
		if n == nil {
			return value{}
		}
		return plainText(n.String())
	}
	for i := range p.changes.Lines {
		l := p.rowJSON(&p.changes.Lines[i])
		s.rows = append(s.rows, slices.Concat(l.agencyJSON.fields(p.Year), []value{plainText(p.changes.Measure.Code)}, l.Before.fields(), l.Now.fields(),
			[]value{number(l.Difference), number(l.Lower), number(l.Upper), printed(l.CarriedOut), printed(l.CarriedIn)}))
	}
	return s
}
