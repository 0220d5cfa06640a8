package page

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"nianbao/dashboard/chart"
	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
	"nianbao/query/coverage"
	"nianbao/query/stats"
)

var homePage = kind{template: "home.html", parameters: []string{"year", "part"}, build: buildHome}

// homeContent is the first page: who has filed for the year, and the figures of all together.
type homeContent struct {
	base
	Year       int            // 0: there is no report at all
	Register   *coverage.Foot // who had to file, nil while there is no register
	Counts     []count
	Strip      *strip   // when the reports were published, nil where no date is known
	Matters    []matter // what somebody has to see to, where there is a register
	Reconciled string   // the aggregate report against the agencies
	Cards      []card
	Parts      []outcomePart // the six outcomes together, in the order of the form; empty if nothing was concluded
	PartsLine  string
	Missing    []homeRow
	Failing    []homeRow
	Checked    string // what was looked at, where nothing fails
	Reports    []homeRow
	Aggregates []homeRow
}

// count is a key figure.
type count struct {
	Text, Label, Note, Href string
}

// card answers one question in a sentence with a number.
type card struct {
	Question, Figure, Sentence, Note, Href, More string
}

// outcomePart is a part of the bar of outcomes.
type outcomePart struct {
	Code, Label string
	Number      int // 1 to 6
	X, N        int64
	Percent     string
	Start, Size string // in percent of the bar, for the picture only
	Wide        bool   // wide enough for its percentage
	Href        string
}

// homeRow is a line of the lists of agencies.
type homeRow struct {
	Agency, Name, Kind, Href, Report string
	New                              shown
	Version                          int
	File                             string
	Published, Received              string
	Checks                           warehouse.Assessed
	Newest                           int        // of a missing agency, the newest year with a report
	Standing                         filedState // of a missing agency of the register
	Synthetic                        bool
	Partial                          bool
	state                            compare.State
	filing                           string
}

// absence says for files why there is no report: by the register, once there is one.
func (r *homeRow) absence() string {
	if r.Standing.State != "" {
		return string(r.Standing.State)
	}
	return string(compare.NotFiled)
}

func buildHome(ctx context.Context, v *visit) (content, error) {
	year, err := v.yearAsked(ctx)
	if err != nil {
		return nil, err
	}
	h, err := v.newHead(ctx, year, func(y int) string {
		return v.to("/").with(func(b *address) { b.year = y }).String()
	})
	if err != nil {
		return nil, err
	}
	p := &homeContent{base: base{h}, Year: year}
	if year == 0 || v.at.IsZero() {
		h.Title = v.say("home.empty")
		h.Line = v.say("home.empty.line")
		return p, nil
	}
	y, err := v.site.coverageOf(ctx, year, v.at)
	if err != nil {
		return nil, err
	}
	h.Title = v.say("home.title", year, len(y.Reports), len(y.Missing))
	if len(y.Missing) == 0 {
		h.Title = v.say("home.title.all", year, len(y.Reports))
	}
	h.Line = v.say("home.line")
	p.lists(v, y)
	if err := p.register(ctx, v); err != nil {
		return nil, err
	}
	return p, p.questions(ctx, v, y)
}

// register puts who had to file in the place of who is known, once there is a register.
func (p *homeContent) register(ctx context.Context, v *visit) error {
	m, err := v.matrixOf(ctx, p.Year)
	if err != nil || m.Entries == 0 {
		return err
	}
	f := m.Feet[0]
	p.Register = &f
	to := func(states ...coverage.State) string {
		return v.to("/register").with(func(b *address) { b.year, b.states = p.Year, states }).String()
	}
	p.Head.Title = v.say("home.title.register", p.Year, f.Obliged, f.Filed, f.NotFiled)
	if f.NotFiled == 0 {
		p.Head.Title = v.say("home.title.register.all", p.Year, f.Obliged, f.Filed)
	}
	p.Head.Line = v.say("home.line.register", v.day())
	p.Counts = []count{
		{number(int64(f.Obliged)), v.say("home.obliged"), v.say("home.obliged.note"), to(register.OnTime, register.Late, register.DateUnknown, register.NotFiled, register.NotDue)},
		{number(int64(f.Filed)), v.say("home.filed"), v.say("home.filed.note", f.Zero), to(register.OnTime, register.Late, register.DateUnknown)},
		{number(int64(f.NotFiled)), v.say("filed.not_filed"), "", to(register.NotFiled)},
		{number(int64(f.NotDue)), v.say("filed.not_due"), "", to(register.NotDue)},
		{number(int64(f.Critical)), v.say("home.critical"), v.say("home.critical.note"), v.criticalOf(p.Year)},
	}
	if s, ok := stripOf(v, p.Year, m.Lines); ok {
		p.Strip = &s
	}
	p.Matters = matters(v, p.Year, m)
	newest := map[string]int{}
	for _, r := range p.Missing {
		newest[r.Agency] = r.Newest
	}
	p.Missing = nil
	for _, l := range m.Lines {
		switch c := l.Cells[0]; {
		case l.Registered && (c.State == register.NotFiled || c.State == register.NotDue):
			p.Missing = append(p.Missing, homeRow{Agency: l.Agency, Name: l.Name, Kind: v.kindName(l.Kind), Href: v.link("/agency/" + l.Agency), Newest: newest[l.Agency], state: compare.NotFiled,
				Standing: filedOf(v, l.Agency, c)})
			if newest[l.Agency] == 0 { // nothing is held of it
				p.Missing[len(p.Missing)-1].Href = ""
			}
		case c.State == coverage.NotReceived:
			p.Missing = append(p.Missing, homeRow{Agency: l.Agency, Name: l.Name, Kind: v.kindName(l.Kind), Href: v.link("/agency/" + l.Agency), Newest: newest[l.Agency], state: compare.NotFiled,
				Standing: filedOf(v, l.Agency, c)})
		}
	}
	return nil
}

func (p *homeContent) lists(v *visit, y coverage.Year) {
	p.Counts = []count{
		{number(int64(y.Known())), v.say("home.known"), v.say("home.known.note"), "#agencies"},
		{number(int64(len(y.Reports))), v.say("home.received"), "", "#agencies"},
		{number(int64(len(y.Missing))), v.say("home.missing"), "", "#missing"},
		{number(int64(y.Zero())), v.say("home.zero"), v.say("home.zero.note"), "#agencies"},
		{number(int64(y.Failing())), v.say("home.failing"), "", "#failing"},
	}
	received, _ := form.LookupMeasure("received")
	line := func(r coverage.Report) homeRow {
		report := v.link("/report/" + r.Agency + "/" + strconv.Itoa(r.Year))
		return homeRow{
			Agency: r.Agency, Name: r.AgencyName, Kind: v.kindName(r.Kind), Href: v.link("/agency/" + r.Agency),
			Report:  report,
			New:     v.show(r.New, cellOf(report, r.New, received.Numerator)),
			Version: r.Version, File: fileName(r.File), Published: day(r.Published), Received: day(r.ReceivedAt.In(china)), Checks: r.Checks,
			Synthetic: r.Filing.Synthetic, Partial: r.Status == form.Partial, state: r.New.State, filing: r.ID,
		}
	}
	for _, r := range y.Reports {
		p.Reports = append(p.Reports, line(r))
		if r.Checks.Fail > 0 {
			p.Failing = append(p.Failing, line(r))
		}
	}
	checks := 0
	for _, r := range y.Reports {
		checks += r.Checks.Total()
	}
	p.Checked = v.say("home.checked", len(y.Reports), checks)
	for _, r := range y.Aggregates {
		p.Aggregates = append(p.Aggregates, line(r))
	}
	for _, a := range y.Missing {
		p.Missing = append(p.Missing, homeRow{Agency: a.ID, Name: a.Name, Kind: v.kindName(a.Kind), Href: v.link("/agency/" + a.ID), Newest: a.Newest, state: compare.NotFiled})
	}
}

var partCodes = []string{"granted", "partial", "refused", "cannot", "noproc", "other"}

// questions asks for the figures of all agencies together, with one query.
func (p *homeContent) questions(ctx context.Context, v *visit, y coverage.Year) error {
	codes := append([]string{"received", "concluded", "open_rate", "reviews", "reviews_corrected", "lawsuits", "lawsuits_corrected"}, slices.Concat(partCodes, refusals)...)
	roster, err := v.site.roster(ctx, y.Year, v.at)
	if err != nil {
		return err
	}
	results, err := roster.RunAll(ctx, v.site.store.Conn(), compare.Request{Year: y.Year, AsOf: v.at}, codes...)
	if err != nil {
		return err
	}
	by := map[string]compare.Result{}
	for _, r := range results {
		by[r.Measure.Code] = r
		p.Head.Synthetic = p.Head.Synthetic || r.Synthetic > 0
	}
	to := func(code string) string {
		return v.to("/compare").with(func(b *address) { b.year, b.measure = y.Year, code }).String()
	}
	basis := func(r compare.Result) string { return v.say("basis", r.Totals.Agencies, r.Known) }

	got := by["received"]
	c := card{Question: v.say("home.q.received"), Figure: v.say("home.q.received.figure", v.total(got)), Note: basis(got), Href: to("received"), More: v.say("home.q.received.more")}
	if got.Both.Agencies > 0 {
		c.Sentence = v.say("home.q.received.change", got.Both.Agencies, y.Year-1, number(got.Last.X), y.Year, number(got.Both.X), signed(got.Both.X-got.Last.X))
	}
	p.Cards = append(p.Cards, c)

	open, concluded := by["open_rate"], by["concluded"]
	c = card{Question: v.say("home.q.outcome"), Figure: v.say("none"), Note: basis(open), Href: to("open_rate"), More: v.say("home.q.outcome.more")}
	switch stats.ClassOf(open.Totals.N) {
	case stats.NoDenominator:
		c.Sentence = v.say("home.q.outcome.none")
	case stats.TooSmall:
		c.Figure = number(open.Totals.X) + "/" + number(open.Totals.N)
		c.Sentence = v.say("home.q.outcome.small")
	default:
		c.Figure = open.Totals.Percent()
		c.Sentence = v.say("home.q.outcome.line", number(open.Totals.N), number(open.Totals.X))
	}
	p.Cards = append(p.Cards, c)

	p.Cards = append(p.Cards, refusalCard(v, by, y.Year))

	reviews, lawsuits := by["reviews"], by["lawsuits"]
	c = card{Question: v.say("home.q.dispute"), Figure: v.say("home.q.dispute.figure", v.total(reviews), v.total(lawsuits)), Note: basis(reviews), Href: to("reviews"), More: v.say("home.q.dispute.more")}
	c.Sentence = v.say("home.q.dispute.line", v.total(by["reviews_corrected"]), v.total(by["lawsuits_corrected"]))
	p.Cards = append(p.Cards, c)

	p.parts(by, concluded, to)
	if len(y.Aggregates) == 1 && y.Aggregates[0].New.Known() && got.Totals.Agencies > 0 {
		whole := y.Aggregates[0]
		p.Reconciled = v.say("home.reconciled", whole.AgencyName, number(whole.New.Sum), number(got.Totals.X), signed(whole.New.Sum-got.Totals.X), got.Totals.Agencies, len(y.Missing))
	}
	return nil
}

// refusals are the reasons of refusal, each a measure.
var refusals = func() (codes []string) {
	for _, row := range form.Groups[2].Rows {
		codes = append(codes, strings.ToLower(row))
	}
	return codes
}()

// refusalCard says why requests were refused: the three reasons used most.
func refusalCard(v *visit, by map[string]compare.Result, year int) card {
	refused := by["refused"]
	c := card{Question: v.say("home.q.reason"), Figure: v.say("home.q.received.figure", v.total(refused)), Note: v.say("basis", refused.Totals.Agencies, refused.Known), More: v.say("home.q.reason.more"),
		Href: v.to("/reasons").with(func(b *address) { b.year = year }).String()}
	codes := slices.DeleteFunc(slices.Clone(refusals), func(code string) bool { return by[code].Totals.X == 0 })
	slices.SortStableFunc(codes, func(a, b string) int { return cmp.Compare(by[b].Totals.X, by[a].Totals.X) })
	var parts []string
	for _, code := range codes[:min(3, len(codes))] {
		parts = append(parts, v.say("reasons.title.one", reasonName(v.nameOf(by[code].Measure)), number(by[code].Totals.X)))
	}
	if c.Sentence = v.say("home.q.reason.line", strings.Join(parts, v.say("comma"))); len(parts) == 0 {
		c.Sentence = v.say("home.q.reason.none")
	}
	return c
}

// parts makes the bar of outcomes from the agencies of which all six are known, else its parts would not be parts of
// one whole.
func (p *homeContent) parts(by map[string]compare.Result, concluded compare.Result, to func(string) string) {
	known := map[string]int{}
	for _, code := range partCodes {
		for _, r := range by[code].Rows {
			if r.X.Known() {
				known[r.Agency]++
			}
		}
	}
	var sums [6]int64
	var whole, printed int64
	agencies, unprinted := 0, 0
	for _, r := range concluded.Rows {
		if known[r.Agency] < len(partCodes) {
			continue
		}
		agencies++
		if !r.X.Known() {
			unprinted++
		}
		printed += r.X.Sum
	}
	for i, code := range partCodes {
		for _, r := range by[code].Rows {
			if known[r.Agency] == len(partCodes) {
				sums[i] += r.X.Sum
				whole += r.X.Sum
			}
		}
	}
	switch {
	case agencies == 0:
		p.PartsLine = p.Head.say("home.parts.unknown")
		return
	case whole == 0:
		p.PartsLine = p.Head.say("home.parts.none", agencies)
		return
	}
	p.PartsLine = p.Head.say("home.parts.line", number(whole), agencies, concluded.Known)
	if printed != whole && unprinted == 0 {
		p.PartsLine += p.Head.say("home.parts.warn", number(printed))
	}
	var before int64
	for i, code := range partCodes {
		x := sums[i]
		p.Parts = append(p.Parts, outcomePart{
			Code: code, Label: p.Head.printed(form.Groups[i].Label), Number: i + 1, X: x, N: whole, Percent: stats.PercentPage(x, whole),
			Start: stats.Percent(before, whole, 3), Size: stats.Percent(x, whole, 3), Wide: x*100 >= whole*6, Href: to(code),
		})
		before += x
	}
}

// total prints the sum of a count, or that there is none.
func (in lang) total(r compare.Result) string {
	if r.Totals.Agencies == 0 {
		return in.say("none")
	}
	return number(r.Totals.X)
}

func (p *homeContent) json() ([]byte, error) {
	type agency struct {
		Agency    string        `json:"agency"`
		Name      string        `json:"name"`
		Kind      string        `json:"kind"`
		Scope     string        `json:"scope"`
		State     string        `json:"state"` // received or why there is none
		Filing    *string       `json:"filing"`
		Version   *int          `json:"version"`
		File      *string       `json:"file"`
		New       *int64        `json:"new"`
		NewState  compare.State `json:"new_state"`
		Checks    *checksJSON   `json:"checks"`
		Synthetic bool          `json:"synthetic,omitempty"`
	}
	out := struct {
		Year     int        `json:"year,omitempty"`
		Known    int        `json:"known"`
		Received int        `json:"received"`
		Missing  int        `json:"missing"`
		Zero     int        `json:"zero"`
		Failing  int        `json:"failing"`
		Register *footJSON  `json:"register,omitempty"`
		Cards    []card     `json:"cards"`
		Parts    []partJSON `json:"outcomes"`
		Agencies []agency   `json:"agencies"`
	}{Year: p.Year, Known: len(p.Reports) + len(p.Missing), Received: len(p.Reports), Missing: len(p.Missing), Failing: len(p.Failing), Cards: p.Cards, Agencies: []agency{}, Parts: []partJSON{}}
	if f := p.Register; f != nil {
		out.Register = &footJSON{f.Obliged, f.Filed, f.OnTime, f.Late, f.DateUnknown, f.NotFiled, f.NotDue, f.Critical}
	}
	for _, x := range p.Parts {
		out.Parts = append(out.Parts, partJSON{x.Code, x.Label, x.X, x.N, x.Percent})
	}
	add := func(rows []homeRow, scope string) {
		for i := range rows {
			r := &rows[i]
			a := agency{Agency: r.Agency, Name: r.Name, Kind: r.Kind, Scope: scope, State: r.absence(), NewState: r.state, Synthetic: r.Synthetic}
			if r.filing == "" {
				a.NewState = compare.State(r.absence())
			}
			if r.filing != "" {
				a.State, a.Filing, a.Version, a.File = "received", &r.filing, &r.Version, &r.File
				a.Checks = &checksJSON{r.Checks.Pass, r.Checks.Fail, r.Checks.Uncertain, r.Checks.NotAssessable}
				if r.New.known {
					a.New = &r.New.n
				}
				if r.state == compare.Zero && scope == "own" {
					out.Zero++
				}
			}
			out.Agencies = append(out.Agencies, a)
		}
	}
	add(p.Missing, "own")
	add(p.Reports, "own")
	add(p.Aggregates, "aggregate")
	return json.Marshal(out)
}

// footJSON counts who had to file.
type footJSON struct {
	Obliged     int `json:"obliged"`
	Filed       int `json:"filed"`
	OnTime      int `json:"on_time"`
	Late        int `json:"late"`
	DateUnknown int `json:"date_unknown"`
	NotFiled    int `json:"not_filed"`
	NotDue      int `json:"not_due"`
	Critical    int `json:"critical"`
}

type partJSON struct {
	Measure string `json:"measure"`
	Label   string `json:"label"`
	X       int64  `json:"x"`
	N       int64  `json:"n"`
	Percent string `json:"percent"`
}

type checksJSON struct {
	Pass          int `json:"pass"`
	Fail          int `json:"fail"`
	Uncertain     int `json:"uncertain"`
	NotAssessable int `json:"not_assessable"`
}

func (p *homeContent) sheet() sheet {
	s := sheet{header: []string{"year", "agency", "name", "kind", "scope", "state", "filing", "version", "file", "published", "received_at", "new", "new_state", "checks_failed", "checks_uncertain", "synthetic"}}
	add := func(rows []homeRow, scope string) {
		for _, r := range rows {
			line := []value{plainText(strconv.Itoa(p.Year)), plainText(r.Agency), said(r.Name), plainText(r.Kind), plainText(scope)}
			if r.filing == "" {
				line = append(line, plainText(r.absence()), value{}, value{}, value{}, value{}, value{}, value{}, plainText(r.absence()), value{}, value{}, value{})
			} else {
				line = append(line, plainText("received"), plainText(r.filing), plainText(strconv.Itoa(r.Version)), said(r.File), plainText(r.Published), plainText(r.Received),
					plainText(r.New.plain()), plainText(string(r.state)), plainText(strconv.Itoa(r.Checks.Fail)), plainText(strconv.Itoa(r.Checks.Uncertain)), plainText(strconv.FormatBool(r.Synthetic)))
			}
			s.rows = append(s.rows, line)
		}
	}
	add(p.Missing, "own")
	add(p.Reports, "own")
	add(p.Aggregates, "aggregate")
	return s
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// draw is the bar of the six outcomes.
func (p *homeContent) draw(palette chart.Palette) (chart.Drawing, error) {
	if len(p.Parts) == 0 {
		return chart.Drawing{}, errNoPicture
	}
	bar := chart.StackBar{}
	for _, part := range p.Parts {
		bar.Values = append(bar.Values, part.X)
		bar.Texts = append(bar.Texts, p.Head.say("fraction", part.Percent, number(part.X), number(part.N)))
	}
	row := chart.Row{Label: p.Head.say("home.parts"), Text: p.Head.say("count.applications", number(p.Parts[0].N)), Detail: p.PartsLine}
	return chart.Stacks([]chart.Stack{{Row: row, Bars: []chart.StackBar{bar}}}, []chart.StackField{{Parts: chart.OutcomeParts(palette, p.Head.partNames())}}, true, palette)
}
