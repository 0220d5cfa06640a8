package page

// How views become slides of a wall display: the figures of a page, few and large.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"nianbao/dashboard/chart"
	"nianbao/dashboard/chart/svg"
	"nianbao/dashboard/wall"
	"nianbao/internal/board"
	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/query/compare"
	"nianbao/query/coverage"
	"nianbao/query/stats"
)

// wallPages are the pages that have a form for the wall.
var wallPages = map[string]kind{"/": homePage, "/compare": comparePage, "/outcomes": outcomesPage, "/reasons": reasonsPage, "/disputes": disputesPage, "/funnel": funnelPage,
	"/trends": trendsPage, "/matrix": matrixPage, "/scatter": scatterPage, "/changes/years": yearsPage, "/findings": findingsPage}

var wallPaths = []string{"/", "/compare", "/outcomes", "/reasons", "/disputes", "/funnel", "/trends", "/matrix", "/scatter", "/changes/years", "/findings"}

// viewOf reads the address of a slide. How the board looks is not for the view to say.
func viewOf(text string) (kind, *address, *problem) {
	u, err := url.Parse(text)
	if err != nil {
		return kind{}, nil, &problem{Parameter: "view", Value: text, Allowed: wallPaths}
	}
	k, ok := wallPages[u.Path]
	if !ok || u.Host != "" || u.Fragment != "" {
		return kind{}, nil, &problem{Parameter: "view", Value: text, Allowed: wallPaths}
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return kind{}, nil, &problem{Parameter: "view", Value: text, Allowed: wallPaths}
	}
	query.Del("lang")
	query.Del("theme")
	a, wrong := parseAddress(u.Path, asHTML, query, slices.DeleteFunc(slices.Clone(k.parameters), func(p string) bool { return p == "part" || p == "page" || p == "sort" || p == "q" }))
	return k, a, wrong
}

// boardSlide makes slides of one board.
type boardSlide struct {
	lang
	board   board.Board
	palette chart.Palette
	visit   *visit
	year    int
	slide   *wall.Slide
}

// slideOf makes a slide. An error is of the warehouse; what is the matter with the view stands on the slide.
func (s *site) slideOf(ctx context.Context, b board.Board, x board.Slide, origin string) (wall.Slide, error) {
	out := wall.Slide{}
	p := &boardSlide{lang: lang(b.Language), board: b, palette: paletteOf(b.Theme), slide: &out}
	name := cmp.Or(b.Place, b.Name)
	if x.View == "" {
		out.Head, out.Title, out.Words = name, x.Title, x.Text
		return out, nil
	}
	k, a, wrong := viewOf(x.View)
	if wrong != nil {
		out.Head, out.Absent = name, wrong.Error()
		return out, nil
	}
	a.lang = p.lang
	v, _, err := s.visit(ctx, a, nil)
	if err != nil {
		return out, err
	}
	p.visit = v
	if p.year, err = v.yearAsked(ctx); err != nil {
		return out, err
	}
	if k.template == findingsPage.template { // a slide is about one year; the list of the page is about all
		v.address = v.with(func(b *address) { b.year = p.year })
	}
	page, err := k.build(ctx, v)
	if errors.As(err, &wrong) {
		out.Head, out.Absent = name, wrong.Error()
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Head = p.say("wall.head", name, p.year)
	if p.year == 0 {
		out.Head, out.Absent = p.say("wall.head.bare", name), page.head().Title
		return out, nil
	}
	out.Title = page.head().Title
	m, err := v.matrixOf(ctx, p.year)
	if err != nil {
		return out, err
	}
	if page.head().Synthetic || m.Feet[0].Synthetic > 0 {
		out.Head += " · " + p.say("wall.synthetic")
	}
	p.foot(m)
	if err := p.middle(ctx, page, m); err != nil {
		return out, err
	}
	permanent := v.with(func(b *address) { b.asOf, b.format, b.theme = v.permanent(), asHTML, "auto" }).String()
	out.Link, out.Short = origin+permanent, "/s/"+s.shorten(permanent)
	return out, nil
}

func (p *boardSlide) foot(m coverage.Matrix) {
	f := m.Feet[0]
	filed := p.say("wall.received", f.Received+f.Filed+f.Voluntary, len(m.Lines))
	if m.Entries > 0 {
		filed = p.say("wall.filed", f.Filed, f.Obliged)
	}
	p.slide.Foot = append(p.slide.Foot, p.say("wall.at", p.moment(p.visit.at)), filed)
}

// basis says how many agencies the figures are of.
func (p *boardSlide) basis(agencies int) {
	p.slide.Foot = append(p.slide.Foot, p.say("wall.n", strconv.Itoa(agencies)))
}

func (p *boardSlide) middle(ctx context.Context, page content, m coverage.Matrix) error {
	switch c := page.(type) {
	case *homeContent:
		p.coverage(m)
	case *outcomesContent:
		p.outcomes(c)
	case *compareContent:
		p.compare(c)
	case *funnelContent:
		p.funnel(c)
	case *reasonsContent:
		p.reasons(c)
	case *disputesContent:
		p.disputes(c)
	case *trendsContent:
		p.trends(c)
	case *findingsContent:
		p.findings(c)
	case drawn:
		return p.picture(ctx, c)
	default:
		return fmt.Errorf("make slide: page %T has no form for the wall", page)
	}
	return nil
}

// coverage shows who filed, and names those who did not.
func (p *boardSlide) coverage(m coverage.Matrix) {
	f := m.Feet[0]
	figure := func(n int, key string) {
		p.slide.Figures = append(p.slide.Figures, wall.Figure{Value: number(int64(n)), Label: p.say(key)})
	}
	var overdue, missing []string
	for _, l := range m.Lines {
		switch c := l.Cells[0]; {
		case l.Registered && c.State == register.NotFiled:
			overdue = append(overdue, l.Name)
		case c.State == coverage.NotReceived:
			missing = append(missing, l.Name)
		}
	}
	if m.Entries > 0 {
		figure(f.Obliged, "wall.obliged")
		figure(f.Filed, "wall.filed.n")
		figure(f.NotFiled, "wall.unfiled.n")
		figure(f.NotDue, "wall.notdue.n")
		figure(f.Zero, "wall.zero.n")
		p.names("wall.unfiled", overdue)
		return
	}
	figure(len(m.Lines), "wall.known.n")
	figure(f.Received, "wall.got.n")
	figure(f.NotReceived, "wall.missing.n")
	figure(f.Zero, "wall.zero.n")
	if p.board.Names == board.NamesAll { // without a register nobody is known to be late
		p.names("wall.missing", missing)
	}
}

// names lists agencies if the board may name them, as many as people read, and says how many there are.
func (p *boardSlide) names(key string, list []string) {
	if len(list) == 0 || p.board.Names == board.NamesNone {
		return
	}
	all := strings.Join(list, p.say("wall.between"))
	if utf8.RuneCountInString(all) <= board.MostCharacters {
		p.slide.Words = p.say(key, all)
		return
	}
	shown := list[:1]
	for n := range list {
		if utf8.RuneCountInString(strings.Join(list[:n+1], p.say("wall.between"))) > board.MostCharacters {
			break
		}
		shown = list[:n+1]
	}
	p.slide.Words = p.say(key+".more", strings.Join(shown, p.say("wall.between")), len(list))
}

func (p *boardSlide) outcomes(c *outcomesContent) {
	d := &c.structure.District
	if d.State != compare.Value || d.Whole == 0 {
		p.slide.Absent = c.Head.Title
		return
	}
	p.basis(c.structure.Agencies)
	p.slide.Line = p.say("wall.per", p.say("outcomes.whole"))
	for i, name := range p.partNames() {
		x := d.Parts[i].X.Sum
		one := wall.Part{Label: name, Share: float64(x) / float64(d.Whole), Colour: p.palette.Parts[i], Text: number(x) + "/" + number(d.Whole)}
		if d.Share[i] != "" {
			one.Text, one.Plate = d.Share[i]+p.say("aside", one.Text), d.Share[i]
		}
		p.slide.Parts = append(p.slide.Parts, one)
	}
}

func (p *boardSlide) compare(c *compareContent) {
	r := &c.result
	if len(r.Rows) == 0 || r.Totals.Agencies == 0 {
		p.slide.Absent = c.Head.Title
		return
	}
	p.basis(r.Totals.Agencies)
	if c.Share {
		p.slide.Line = p.say("wall.per", p.term(r.Measure).Per)
		p.shares(c)
		return
	}
	total := wall.Figure{Value: c.sum(r.Totals.X), Label: p.say("wall.total", p.term(r.Measure).Unit)}
	p.slide.Line = r.Measure.Formula
	if p.board.Names != board.NamesAll {
		p.slide.Figures = []wall.Figure{total, {Value: number(int64(r.Totals.Agencies)), Label: p.say("wall.agencies")}}
		if c.HasLast && r.Both.Agencies > 0 {
			p.slide.Rows = []wall.Row{
				{Label: p.say("wall.last", r.Request.Year, r.Both.Agencies), Text: c.sum(r.Both.X), Share: -1},
				{Label: p.say("wall.last", r.Request.Year-1, r.Both.Agencies), Text: c.sum(r.Last.X), Share: -1}}
		}
		return
	}
	most := int64(1)
	for i := range r.Rows {
		if r.Rows[i].Counted() {
			most = max(most, r.Rows[i].X.Sum)
		}
	}
	for i := range r.Rows {
		row := &r.Rows[i]
		one := wall.Row{Label: row.Name, Share: -1, Colour: c.colour(p.palette)}
		if row.Counted() {
			one.Text, one.Share = c.sum(row.X.Sum), float64(row.X.Sum)/float64(most)
		} else {
			one.Text = c.word(row.State)
		}
		p.slide.Rows = append(p.slide.Rows, one)
	}
}

// shares shows how many agencies differ from all together; top and bottom of a ranking are not shown.
func (p *boardSlide) shares(c *compareContent) {
	r := &c.result
	whole := wall.Figure{Value: r.Percent(), Label: p.say("wall.whole") + " " + number(r.Totals.X) + "/" + number(r.Totals.N)}
	if whole.Value == "" {
		whole.Value, whole.Label = number(r.Totals.X)+"/"+number(r.Totals.N), p.say("wall.whole")
	}
	p.slide.Figures = []wall.Figure{whole}
	counts := map[string]int{}
	var outside []wall.Row
	for i := range r.Rows {
		row := &r.Rows[i]
		status := row.Judgement.Status
		key := "wall.status.out"
		switch {
		case status == stats.Above95 || status == stats.Above998:
			key = "wall.status.above"
		case status == stats.Below95 || status == stats.Below998:
			key = "wall.status.below"
		case status == stats.Within:
			key = "wall.status.within"
		case row.Filing == "":
			key = "wall.status.none"
		case row.Counted() && row.Percent() == "":
			key = "wall.status.small"
		case row.Counted():
			key = "wall.status.within" // nobody is compared
		}
		counts[key]++
		if status.Outside() {
			outside = append(outside, wall.Row{Label: chart.Glyphs[chart.KeyOf(status)].Text + " " + row.Name, Text: row.Percent() + "（" + number(row.X.Sum) + "/" + number(row.N.Sum) + "）", Share: -1})
		}
	}
	if r.District.Reason != stats.None { // too few to compare
		p.slide.Words = c.Head.Title
		return
	}
	if p.board.Names == board.NamesAll && len(outside) > 0 {
		p.slide.Rows = outside
		return
	}
	if len(outside) == 0 {
		p.slide.Words = p.say("wall.outside.none")
	}
	for _, key := range []string{"wall.status.above", "wall.status.within", "wall.status.below", "wall.status.small", "wall.status.out", "wall.status.none"} {
		if counts[key] > 0 || key == "wall.status.above" || key == "wall.status.below" {
			p.slide.Rows = append(p.slide.Rows, wall.Row{Label: p.say(key), Text: p.say("wall.count.one", counts[key]), Share: float64(counts[key]) / float64(len(r.Rows)), Colour: p.palette.Bar})
		}
	}
}

func (p *boardSlide) funnel(c *funnelContent) {
	f, r := &c.funnel, &c.compare.result
	if f.Reason != stats.None {
		p.slide.Absent = c.Head.Title
		return
	}
	p.basis(r.District.Compared())
	p.slide.Line = p.say("wall.per", p.term(r.Measure).Per)
	plot := &wall.Funnel{Across: "n", Whole: f.Theta.Share(), Most: f.Most + f.Most/20 + 1}
	for _, at := range f.Curve {
		plot.Limits = append(plot.Limits, wall.Limit{N: at.N, Lower95: at.Limits.Lower95, Upper95: at.Limits.Upper95, Lower998: at.Limits.Lower998, Up: at.Limits.Upper998})
	}
	for _, at := range f.Points {
		row := &r.Rows[at.Row]
		point := wall.Point{N: row.N.Sum, Share: float64(row.X.Sum) / float64(row.N.Sum), Status: row.Judgement.Status, Small: row.Class == stats.Unranked}
		if at.Label && p.board.Names == board.NamesAll {
			point.Label = row.Name
		}
		plot.Points = append(plot.Points, point)
	}
	p.slide.Funnel = plot
	if f.Small > 0 {
		p.slide.Words = p.say("wall.funnel.small", f.Small)
	}
}

// mostReasons is how many reasons a slide has.
const mostReasons = 5

func (p *boardSlide) reasons(c *reasonsContent) {
	r := &c.reasons
	if len(r.Lines) == 0 || r.Whole.Agencies == 0 || r.Whole.X == 0 {
		p.slide.Absent = c.Head.Title
		return
	}
	p.basis(r.Whole.Agencies)
	p.slide.Title = p.say("reasons.group." + r.Group)
	p.slide.Line = p.say("wall.total", p.say("reasons.group."+r.Group)) + " " + number(r.Whole.X)
	order := make([]int, 0, len(r.Columns))
	for k := range r.Columns {
		if r.Totals[k].Agencies > 0 && r.Totals[k].X > 0 {
			order = append(order, k)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.Totals[b].X, r.Totals[a].X) })
	for _, k := range order[:min(len(order), mostReasons)] {
		p.slide.Rows = append(p.slide.Rows, wall.Row{Label: reasonName(p.nameOf(r.Columns[k])), Text: number(r.Totals[k].X), Share: float64(r.Totals[k].X) / float64(r.Totals[order[0]].X), Colour: p.palette.Bar})
	}
}

func (p *boardSlide) disputes(c *disputesContent) {
	most, agencies := int64(1), 0
	for i := range c.disputes.Blocks {
		for _, t := range c.disputes.Blocks[i].Totals {
			most, agencies = max(most, t.X), max(agencies, t.Agencies)
		}
	}
	if agencies == 0 {
		p.slide.Absent = c.Head.Title
		return
	}
	p.basis(agencies)
	names := p.resultNames()
	for i := range c.disputes.Blocks {
		b := &c.disputes.Blocks[i]
		row := func(label string, t compare.Totals, colour string) {
			one := wall.Row{Label: label, Text: number(t.X), Share: float64(t.X) / float64(most), Colour: colour}
			if t.Agencies == 0 {
				one.Text, one.Share = p.say("wall.unknown"), -1
			}
			p.slide.Rows = append(p.slide.Rows, one)
		}
		row(p.say("disputes."+b.Kind), b.Totals[4], p.palette.Bar)
		row(p.say("wall.dispute", p.say("disputes."+b.Kind), names[1]), b.Totals[1], p.palette.Parts[2])
	}
}

func (p *boardSlide) trends(c *trendsContent) {
	t := &c.trends
	if len(t.Lines) == 0 {
		p.slide.Absent = c.Head.Title
		return
	}
	p.slide.Line = p.nameOf(t.Measure)
	if t.Measure.Per != "" {
		p.slide.Line += " · " + p.say("wall.per", t.Measure.Per)
	}
	p.slide.Foot = append(p.slide.Foot, p.say("wall.n", strconv.Itoa(len(t.Lines))))
	ratio := len(t.Measure.Denominator) > 0
	named := p.board.Names == board.NamesAll && strings.HasPrefix(p.visit.peer, "list:")
	if !ratio && !named { // not joined by a line: other agencies filed each year
		p.slide.Title = p.say("wall.whole") + " · " + t.Measure.Name
		most := int64(1)
		for _, d := range t.District {
			most = max(most, d.X)
		}
		for k, d := range t.District {
			row := wall.Row{Label: strconv.Itoa(t.Years[k]), Text: p.say("wall.nodata"), Share: -1, Colour: p.palette.Bar}
			if d.Agencies > 0 {
				row.Text, row.Share = p.say("wall.of", p.sumOf(t.Measure, d.X), d.Agencies), float64(d.X)/float64(most)
			}
			p.slide.Rows = append(p.slide.Rows, row)
		}
		return
	}
	whole := wall.Panel{Title: p.say("wall.whole"), Years: t.Years}
	if !named {
		sums := make([]float64, len(t.Years))
		known := make([]bool, len(t.Years))
		for k, d := range t.District {
			text := c.whole(k)
			if d.N >= 10 {
				sums[k], known[k] = float64(d.X)/float64(d.N), true
				text = stats.PercentPage(d.X, d.N)
			}
			whole.Texts = append(whole.Texts, cmp.Or(text, p.say("wall.nodata")))
		}
		whole.Values = scaled(sums, known, p.top(ratio, sums))
		p.slide.Title = p.say("wall.whole") + " · " + p.nameOf(t.Measure)
		whole.Title = ""
		p.slide.Panels = []wall.Panel{whole}
		return
	}
	var panels []wall.Panel
	var values [][]float64
	var knowns [][]bool
	top := 0.0
	for i := range t.Lines {
		l := &t.Lines[i]
		row := c.row(l)
		one := wall.Panel{Title: row.Name, Note: row.Marker, Years: t.Years}
		sums, known := make([]float64, len(t.Years)), make([]bool, len(t.Years))
		for k, j := range l.Figures {
			switch {
			case ratio && j.Shown():
				sums[k], known[k] = float64(j.X.Sum)/float64(j.N.Sum), true
				one.Texts = append(one.Texts, j.Percent())
			case !ratio && j.Counted():
				sums[k], known[k] = float64(j.X.Sum), true
				one.Texts = append(one.Texts, p.sumOf(t.Measure, j.X.Sum))
			default:
				one.Texts = append(one.Texts, c.why(row.Cells[k], j))
			}
		}
		top = math.Max(top, p.top(ratio, sums))
		panels, values, knowns = append(panels, one), append(values, sums), append(knowns, known)
	}
	for i := range panels {
		panels[i].Values = scaled(values[i], knowns[i], top)
	}
	p.slide.Panels = panels
}

// top is the end of an upright axis: 100 % of shares.
func (p *boardSlide) top(ratio bool, values []float64) float64 {
	if ratio { // few ratios are more
		return math.Max(1, slices.Max(values))
	}
	return slices.Max(append(values, 1e-9))
}

func scaled(values []float64, known []bool, top float64) []*float64 {
	out := make([]*float64, len(values))
	for k := range values {
		if known[k] {
			v := values[k] / top
			out[k] = &v
		}
	}
	return out
}

// mostRules is how many rules a slide has.
const mostRules = 6

func (p *boardSlide) findings(c *findingsContent) {
	p.slide.Foot = append(p.slide.Foot, p.say("wall.n", number(int64(c.counts.Reports))))
	type rule struct {
		name         string
		fail, unsure int
	}
	var rules []rule
	for _, r := range c.counts.Rules {
		if one := (rule{r.Rule, r.Outcomes[form.Fail], r.Outcomes[form.Uncertain]}); one.fail+one.unsure > 0 {
			if known, ok := form.LookupCheck(r.Rule); ok {
				one.name += " " + known.Zh.Name
			}
			rules = append(rules, one)
		}
	}
	if len(rules) == 0 {
		p.slide.Absent = p.say("wall.rule.none", number(int64(c.counts.Reports)))
		return
	}
	slices.SortStableFunc(rules, func(a, b rule) int { return cmp.Or(cmp.Compare(b.fail, a.fail), cmp.Compare(b.unsure, a.unsure)) })
	rest, left := 0, 0
	for i, r := range rules {
		if i >= mostRules {
			rest++
			left += r.fail + r.unsure
			continue
		}
		p.slide.Rows = append(p.slide.Rows, wall.Row{Label: r.name, Text: p.say("wall.rule.fail", number(int64(r.fail)), number(int64(r.unsure))), Share: -1})
	}
	if rest > 0 {
		p.slide.Words = p.say("wall.rules.more", rest, number(int64(left)))
	}
}

// picture puts the picture of the page on the wall, as large as its letters have to be.
func (p *boardSlide) picture(ctx context.Context, page drawn) error {
	d, err := page.draw(p.palette)
	if errors.Is(err, errNoPicture) {
		p.slide.Absent = page.head().Title
		return nil
	}
	if err != nil {
		return err
	}
	d.Legend = nil
	p.slide.Picture = &wall.Picture{Height: d.Height, Letters: chart.FontSize, Draw: func(width, height int) ([]byte, error) {
		d.Height = height
		return renderer().Draw(ctx, d, svg.Frame{Width: width, Palette: p.palette})
	}}
	return nil
}

// age is for how many days no reports came in.
func age(since, now time.Time) int { return int(now.Sub(since) / (24 * time.Hour)) }
