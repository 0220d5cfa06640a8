package page

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"nianbao/dashboard/chart"
	"nianbao/internal/form"
	"nianbao/query/compare"
	"nianbao/query/stats"
)

// spineMeasures are the shares in which an agency is set among its peers.
var spineMeasures = []string{"open_rate", "refuse_rate", "cannot_rate", "noproc_rate", "other_rate", "done_rate", "carry_rate", "petition_rate", "org_share", "review_fix", "court_fix"}

// spine is an agency among its peers in one year.
type spine struct {
	Year     int
	Heading  string
	Controls filters
	Rows     []spineRow
	Notes    []string
}

type spineRow struct {
	Name, Href string
	Per        string
	Own        judgedCell
	Whole      string // of the district
	Least      string // of the peers, with the greatest
	Most       string
	Middle     string // where the middle half of the peers lies
	Status     string
	Class      string
	Trend      string
	TrendNote  string
}

// spineOf sets the agency among its peers in the year asked for, or its newest. There is none where it had no report.
func (p *agencyContent) spineOf(ctx context.Context, v *visit) error {
	at := len(p.history.Years) - 1
	if v.address.year != 0 {
		if at = slices.IndexFunc(p.history.Years, func(y compare.HistoryYear) bool { return y.Year == v.address.year }); at < 0 {
			return nil
		}
	}
	year := p.history.Years[at]
	roster, err := v.site.roster(ctx, year.Year, v.at)
	if err != nil {
		return err
	}
	kind, agencies := v.peers()
	if len(agencies) > 0 && !slices.Contains(agencies, p.ID) {
		agencies = append(agencies, p.ID)
	}
	s := compare.Selection{Year: year.Year, Agencies: agencies, Kind: kind, AsOf: v.at, Flawed: v.excl == exclNone}
	// In which list the report stands is known to the roster alone: one of which it is not said whom it covers stands in one
	// or the other.
	for _, s.Scope = range []form.Scope{form.ScopeOwn, form.ScopeAggregate} {
		profile, err := roster.ProfileOf(ctx, v.site.store.Conn(), s, p.ID, spineMeasures...)
		if errors.Is(err, compare.ErrNoAgency) {
			continue
		}
		if err != nil {
			return err
		}
		p.profile = &profile
		return nil
	}
	return nil
}

// fillSpine says in words what the picture draws.
func (p *agencyContent) fillSpine(v *visit) {
	if p.profile == nil {
		return
	}
	f := p.profile
	p.Spine = &spine{Year: f.Year, Heading: v.say("spine.heading", f.Year)}
	var years [][2]string
	for _, y := range slices.Backward(p.history.Years) {
		years = append(years, [2]string{strconv.Itoa(y.Year), v.say("compare.year", y.Year)})
	}
	peers := [][2]string{{"all", v.say("compare.peer.all")}, {"type:" + string(p.history.Kind), v.say("spine.peer.kind", v.kindName(p.history.Kind))}}
	if !slices.ContainsFunc(peers, func(o [2]string) bool { return o[0] == v.peer }) {
		peers = append(peers, [2]string{v.peer, v.say("spine.peer.other")})
	}
	p.Spine.Controls = (&topic{visit: v, year: f.Year}).controls(pick("year", v.say("compare.yearlabel"), strconv.Itoa(f.Year), years...), pick("peer", v.say("compare.peer"), v.peer, peers...))
	p.Spine.Controls.Reset = ""
	known := true
	for _, l := range f.Lines {
		r := spineRow{Name: v.nameOf(l.Measure), Per: v.term(l.Measure).Per, Whole: v.wholeText(&l)}
		r.Href = v.to("/compare").with(func(b *address) { b.year, b.measure, b.peer, b.mark = f.Year, l.Measure.Code, v.peer, []string{p.ID} }).String()
		r.Own = v.judgedOf(ownOf(&l), l.Measure, v.reportOf(p.ID, f.Year, l.Own.Filing))
		if l.Spread.Known {
			r.Least, r.Most, r.Middle = percentOf(l.Spread.Least), percentOf(l.Spread.Most), percentOf(l.Spread.Lower)+"–"+percentOf(l.Spread.Upper)
		} else {
			known = false
		}
		if s := l.Own.Judgement.Status; s != "" {
			r.Status, r.Class = strings.TrimSpace(glyphOf(s)+" "+v.say("status."+string(s))), string(s)
		}
		r.Trend, r.TrendNote = v.markerText(l.Trend, l.Reason)
		p.Spine.Rows = append(p.Spine.Rows, r)
	}
	p.Spine.Notes = []string{v.say("spine.notice")}
	if !known {
		p.Spine.Notes = append(p.Spine.Notes, v.say("spine.few", compare.LeastSpread))
	}
}

// wholeText is the share of the district: 58.6%（1,234/2,105）, counts alone where they are few.
func (in lang) wholeText(l *compare.ProfileLine) string {
	d := l.District.Share
	switch {
	case d.N == 0:
		return ""
	case d.N < 10:
		return number(d.X) + "/" + number(d.N)
	}
	return in.say("fraction", l.Percent, number(d.X), number(d.N))
}

func ownOf(l *compare.ProfileLine) compare.Judged {
	return compare.Judged{State: l.Own.State, X: l.Own.X, N: l.Own.N, Class: l.Own.Class}
}

func (p *agencyContent) draw(palette chart.Palette) (chart.Drawing, error) {
	if p.profile == nil || p.Spine == nil {
		return chart.Drawing{}, errNoPicture
	}
	var lines []chart.SpineLine
	for i := range p.profile.Lines {
		l, r := &p.profile.Lines[i], p.Spine.Rows[i]
		line := chart.SpineLine{Row: chart.Row{Label: r.Name, Text: r.Own.line(p.lang), Link: r.Href}, Small: l.Own.Class == stats.Unranked, Status: l.Own.Judgement.Status}
		detail := []string{r.Name, p.say("spine.own", r.Own.line(p.lang))}
		if r.Whole != "" {
			detail = append(detail, p.say("spine.whole", r.Whole))
			line.Text += p.say("spine.beside", r.Whole)
		}
		if r.Middle != "" {
			detail = append(detail, p.say("spine.spread", r.Middle, r.Least, r.Most))
		}
		line.Detail = strings.Join(append(detail, r.Status), "\n")
		if share, ok := l.Own.Share(); ok {
			line.Known, line.Value, line.Lower, line.Upper = true, share, l.Own.Interval.Lower, l.Own.Interval.Upper
		}
		if l.District.Share.N >= 10 {
			line.CentreKnown, line.Centre = true, l.District.Share.Share()
		}
		if s := l.Spread; s.Known {
			line.SpreadKnown, line.Least, line.From, line.To, line.Most = true, s.Least, s.Lower, s.Upper, s.Most
		}
		lines = append(lines, line)
	}
	d, err := chart.Spine(lines, palette)
	d.Legend = append(p.statusKeys(), chart.Key{Mark: "interval", Text: p.say("legend.interval")}, chart.Key{Mark: "whole", Text: p.say("legend.total")},
		chart.Key{Mark: "band", Text: p.say("legend.band")}, chart.Key{Mark: "least", Text: p.say("legend.reach")})
	return d, err
}

// profileJSON is a share of an agency among its peers.
type profileJSON struct {
	Measure string `json:"measure"`
	valueJSON
	Status   stats.Status `json:"status,omitempty"`
	District wholeJSON    `json:"district"`
	Peers    int          `json:"peers"`            // with a share of at least 10
	Spread   []float64    `json:"spread,omitempty"` // 0, 25, 50, 75 and 100 % of them
}

// wholeJSON is the share of the district; null where nothing is known.
type wholeJSON struct {
	X       *int64 `json:"x"`
	N       *int64 `json:"n"`
	Percent string `json:"percent,omitempty"`
}

func (p *agencyContent) profileJSON() []profileJSON {
	if p.profile == nil {
		return nil
	}
	var out []profileJSON
	for i := range p.profile.Lines {
		l := &p.profile.Lines[i]
		one := profileJSON{Measure: l.Measure.Code, valueJSON: valueOf(ownOf(l), l.Measure), Status: l.Own.Judgement.Status, Peers: l.Spread.Peers}
		if d := l.District.Share; d.N > 0 {
			one.District = wholeJSON{X: &d.X, N: &d.N}
			if d.N >= 10 {
				one.District.Percent = l.Percent
			}
		}
		if s := l.Spread; s.Known {
			one.Spread = []float64{s.Least, s.Lower, s.Middle, s.Upper, s.Most}
		}
		out = append(out, one)
	}
	return out
}
