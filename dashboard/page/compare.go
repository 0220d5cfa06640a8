package page

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
	"nianbao/query/stats"
)

var comparePage = kind{template: "compare.html", parameters: []string{"year", "m", "den", "x", "span", "peer", "mark", "scope", "excl", "sort", "page", "part"}, build: buildCompare}

// compareContent is one measure over the agencies of a year: a picture, and the table with the same numbers.
type compareContent struct {
	base
	Controls  controls
	Share     bool // the table has x and n
	Interval  bool // and an interval, a range of ranks, and the comparison with the district
	HasLast   bool // the table has the year before
	Unit      string
	Year      int
	LastYear  int
	Readings  []reading
	Notes     []string // what to know before comparing
	District  []string // sentences about the comparison with the district
	Few       link     // to the pooled years, where few agencies can be ranked in one
	Blocks    []compareBlock
	Lists     []sentence // of the agencies that are not in the picture
	Total     compareTotal
	LeftOut   string // what the total leaves out, and why
	Picture   *picture
	Others    link // the list of the other scope
	Columns   int  // of the table
	Caption   string
	Colour    int // of the bars: the number of the outcome that is counted, else 0
	Sorts     map[string]link
	BlankNote bool // a blank cell counted as 0 somewhere
	result    compare.Result
	visit     *visit
}

// controls is the form above the picture. It works without script.
type controls struct {
	Groups []optionGroup
	Years  []option
	Peers  []option
	Scopes []option
	Sorts  []option
	Hidden []option // what the form keeps: name in Value, value in Text
	Reset  string
}

// reading is a choice between definitions of the measure. They are links and no fields of the form: another measure has
// other readings.
type reading struct {
	Label string
	Links []link
}

type optionGroup struct {
	Label   string
	Options []option
}

type option struct {
	Value, Text string
	Selected    bool
}

// compareBlock is a part of the table under a heading of its own.
type compareBlock struct {
	Heading string
	Rows    []compareLine
}

// compareLine is a row of the table.
type compareLine struct {
	Agency, Name, Kind, Href, Report string
	Rank                             string
	Range                            string
	X, N                             shown
	Percent                          string
	Fraction                         string // x/n where both are known, for narrow screens
	Interval                         string
	Years                            string // that were pooled
	Status, StatusClass              string // against the district
	Limits, Standing                 string
	Of                               string // share of the total, of counts
	Last                             shown
	LastPercent                      string
	Change                           string
	State                            string // the word where the measure has no value, else ""
	StateNote                        string
	Synthetic, Marked                bool
}

type compareTotal struct {
	X, N, Percent string
	Agencies      string // k of m
}

// sentence is a list of agencies in running text, each with what there is to say of it.
type sentence struct {
	Heading string
	Items   []sentenceItem
}

type sentenceItem struct{ Text, Href, Note string }

func buildCompare(ctx context.Context, v *visit) (content, error) {
	year, err := v.yearAsked(ctx)
	if err != nil {
		return nil, err
	}
	request := compare.Request{Measure: v.measure, Numerator: v.x, Denominator: v.den, Span: max(1, v.span), Year: year, Scope: v.scope, AsOf: v.at, Sort: v.sort, Flawed: v.excl == exclNone}
	if kind, ok := strings.CutPrefix(v.peer, "type:"); ok {
		request.Kind = compare.Kind(kind)
	}
	if ids, ok := strings.CutPrefix(v.peer, "list:"); ok {
		request.Agencies = strings.Split(ids, ",")
	}
	p := &compareContent{Year: year, LastYear: year - 1, visit: v}
	if err := v.readAbsent(ctx, year); err != nil {
		return nil, err
	}
	if !v.at.IsZero() && year != 0 {
		roster, err := v.site.roster(ctx, year, v.at)
		if err != nil {
			return nil, err
		}
		if p.result, err = roster.Run(ctx, v.site.store.Conn(), request); err != nil {
			return nil, err
		}
	} else {
		m, _ := form.LookupMeasure(v.measure)
		m, _ = m.Reading(v.x, v.den)
		p.result = compare.Result{Measure: m, Request: request}
	}
	m := p.result.Measure
	p.Share, p.Interval, p.Unit = len(m.Denominator) > 0, m.Share(), v.term(m).Unit
	p.HasLast = m.Kind != form.GrowthOf && request.Span == 1
	if v.format == asJSON || v.format.table() { // the frame is not looked at
		return p, nil
	}
	h, err := v.yearHead(ctx, year)
	if err != nil {
		return nil, err
	}
	p.Head = h
	h.Synthetic = p.result.Synthetic > 0
	h.Title = p.title()
	h.Line = p.line()
	years, err := v.site.yearsAt(ctx, v.at)
	if err != nil {
		return nil, err
	}
	p.controls(years)
	p.readings()
	p.notes()
	p.table()
	return p, p.draws()
}

// title is the finding in a sentence, at most 40 characters for names of usual length.
func (p *compareContent) title() string {
	r := p.result
	name := p.visit.nameOf(r.Measure)
	switch {
	case p.Year == 0:
		return p.visit.say("home.empty")
	case len(r.Rows) == 0:
		return p.visit.say("compare.title.nobody")
	case r.Totals.Agencies == 0:
		return p.visit.say("compare.title.nothing", p.Year, name)
	case p.Share && r.Ranked == 0:
		return p.visit.say("compare.title.unranked", name)
	case r.District.Outside998 > 0:
		return p.visit.say("compare.title.outside", r.District.Compared(), r.District.Outside998, name)
	case p.Share && !p.ordered():
		return p.visit.say("compare.title.noorder", r.Ranked, name)
	case p.Share:
		return p.visit.say("compare.title.share", r.Ranked, name, r.Rows[r.Ranked-1].Percent(), r.Rows[0].Percent())
	case r.Totals.X == 0:
		return p.visit.say("compare.title.zero", r.Totals.Agencies, name)
	}
	// How few make up half.
	values := make([]int64, 0, len(r.Rows))
	for _, row := range r.Rows {
		if row.Counted() {
			values = append(values, row.X.Sum)
		}
	}
	slices.Sort(values)
	slices.Reverse(values)
	sum, few := int64(0), 0
	for few < len(values) && 2*sum < r.Totals.X {
		sum += values[few]
		few++
	}
	if len(values) < 4 || 2*few > len(values) {
		return p.visit.say("compare.title.count", r.Totals.Agencies, name, p.sum(r.Totals.X), p.Unit)
	}
	return p.visit.say("compare.title.half", r.Totals.Agencies, name, p.sum(r.Totals.X), p.Unit, few)
}

// ordered reports whether some rank is narrower than the whole list. If every range spans it, no rank is printed.
func (p *compareContent) ordered() bool {
	return slices.ContainsFunc(p.result.Rows, func(r compare.Row) bool {
		return r.Rank > 0 && (r.Range.Best > 1 || r.Range.Worst < p.result.Ranked)
	})
}

func (p *compareContent) line() string {
	m := p.visit.term(p.result.Measure)
	switch {
	case m.Kind == form.GrowthOf:
		return p.visit.say("compare.line.growth", m.Name, m.Formula, m.Per, p.period())
	case p.Share:
		return p.visit.say("compare.line.share", m.Name, m.Formula, m.Per, p.period())
	}
	return p.visit.say("compare.line.count", m.Name, m.Formula, m.Unit, p.period())
}

// period is the year, or the years that are pooled.
func (p *compareContent) period() string {
	if p.pooled() {
		return p.visit.say("compare.period", p.Year-p.result.Request.Span+1, p.Year)
	}
	return strconv.Itoa(p.Year)
}

func (p *compareContent) pooled() bool { return p.result.Request.Span > 1 }

// sum prints a sum of the measure.
func (p *compareContent) sum(n int64) string { return p.visit.sumOf(p.result.Measure, n) }

// readings are the choices that the measure leaves.
func (p *compareContent) readings() {
	v, m := p.visit, p.visit.term(p.result.Measure)
	add := func(label string, list []form.Reading, chosen string, text func(form.Reading) string, set func(*address, string)) {
		one := reading{Label: label}
		for i, r := range list {
			code := r.Code
			if i == 0 {
				code = ""
			}
			one.Links = append(one.Links, link{Text: text(r), Href: v.with(func(b *address) { set(b, code); b.page = 1 }).String(), Current: chosen == code})
		}
		if len(list) > 0 {
			p.Readings = append(p.Readings, one)
		}
	}
	words := func(r form.Reading) string { return r.Words }
	if flawed := p.flawed(); flawed > 0 || v.excl == exclNone {
		one := reading{Label: p.visit.say("compare.excl")}
		for _, excl := range []string{exclCritical, exclNone} {
			one.Links = append(one.Links, link{Text: p.visit.say("compare.excl." + excl), Href: v.with(func(b *address) { b.excl, b.page = excl, 1 }).String(), Current: v.excl == excl})
		}
		p.Readings = append(p.Readings, one)
	}
	add(p.visit.say("compare.x"), m.Numerators, v.x, words, func(b *address, code string) { b.x = code })
	add(p.visit.say("compare.den"), m.Denominators, v.den, words, func(b *address, code string) { b.den = code })
	if !m.Share() {
		return
	}
	one := reading{Label: p.visit.say("compare.span")}
	for span, text := range map[int]string{1: p.visit.say("compare.span.one"), compare.PooledYears: p.visit.say("compare.span.three")} {
		one.Links = append(one.Links, link{Text: text, Href: v.with(func(b *address) { b.span, b.page = span, 1 }).String(), Current: p.result.Request.Span == span})
	}
	slices.SortFunc(one.Links, func(a, b link) int { return cmp.Compare(len(a.Href), len(b.Href)) })
	p.Readings = append(p.Readings, one)
}

// flawed counts the agencies whose report has an open critical finding.
func (p *compareContent) flawed() (n int) {
	for i := range p.result.Rows {
		if p.result.Rows[i].Flawed {
			n++
		}
	}
	return n
}

// notes say what to know before comparing, and how the agencies compare with the district.
func (p *compareContent) notes() {
	r, m := p.result, p.visit.term(p.result.Measure)
	if m.Caveat != "" {
		p.Notes = append(p.Notes, p.visit.say("compare.caveat", m.Caveat))
	}
	for _, c := range m.Caveats {
		p.Notes = append(p.Notes, p.visit.say("compare.caveat", p.visit.say("measures.version", c.Version, c.Text)))
	}
	if p.pooled() {
		p.Notes = append(p.Notes, p.visit.say("compare.pooled"))
	}
	if !p.Interval || r.Totals.Agencies == 0 {
		return
	}
	if !p.pooled() && 2*r.Ranked < r.Received {
		p.Few = link{Text: p.visit.say("compare.span.three"), Href: p.visit.with(func(b *address) { b.span, b.page = compare.PooledYears, 1 }).String()}
		p.Notes = append(p.Notes, p.visit.say("compare.few", r.Ranked, r.Received))
	}
	d := r.District
	share := []any{r.Percent(), number(r.Totals.X), number(r.Totals.N)}
	switch d.Reason {
	case stats.None:
		p.District = append(p.District, p.visit.say("compare.district", append(share, d.Compared(), decimalOf(d.Expected95()), decimalOf(d.Expected998()), d.Outside95, d.Outside998)...))
		if d.Dispersion.InForce {
			p.District = append(p.District, p.visit.say("compare.district.widened", decimalOf(d.Dispersion.Phi)))
		}
		p.District = append(p.District, p.visit.say("compare.district.meaning"))
	case stats.TooFew:
		p.District = append(p.District, p.visit.say("compare.district.few", d.Compared()))
	case stats.NoSpread:
		p.District = append(p.District, p.visit.say("compare.district.same", share...))
	}
}

// decimalOf prints a number with one decimal.
func decimalOf(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

func (p *compareContent) controls(years []warehouse.Year) {
	v := p.visit
	c := &p.Controls
	for _, m := range form.Offered {
		m := v.term(m)
		at := slices.IndexFunc(c.Groups, func(g optionGroup) bool { return g.Label == m.Group })
		if at < 0 {
			at = len(c.Groups)
			c.Groups = append(c.Groups, optionGroup{Label: m.Group})
		}
		c.Groups[at].Options = append(c.Groups[at].Options, option{m.Code, m.Name, m.Code == v.measure})
	}
	for _, y := range slices.Backward(years) {
		c.Years = append(c.Years, option{strconv.Itoa(y.Year), p.visit.say("compare.year", y.Year), y.Year == p.Year})
	}
	if p.Year != 0 && !slices.ContainsFunc(years, func(y warehouse.Year) bool { return y.Year == p.Year }) {
		c.Years = append(c.Years, option{strconv.Itoa(p.Year), p.visit.say("compare.year", p.Year), true})
	}
	c.Peers = []option{{"all", p.visit.say("compare.peer.all"), v.peer == "all"}}
	for _, k := range compare.Kinds {
		value := "type:" + string(k)
		c.Peers = append(c.Peers, option{value, p.visit.kindName(k), v.peer == value})
	}
	if strings.HasPrefix(v.peer, "list:") {
		c.Peers = append(c.Peers, option{v.peer, p.visit.say("compare.peer.list", strings.Count(v.peer, ",")+1), true})
	}
	for _, s := range []form.Scope{form.ScopeOwn, form.ScopeAggregate} {
		c.Scopes = append(c.Scopes, option{string(s), p.visit.say("scope." + string(s)), s == v.scope})
	}
	for _, s := range []compare.Sort{compare.ByValue, compare.ByName, compare.ByN} {
		if s == compare.ByN && !p.Share {
			continue
		}
		c.Sorts = append(c.Sorts, option{string(s), p.visit.say("sort." + string(s)), s == v.sort})
	}
	for _, q := range parameters {
		if value := q.write(v.address); value != "" && slices.Contains([]string{"mark", "excl", "as_of", "theme"}, q.name) {
			c.Hidden = append(c.Hidden, option{Value: q.name, Text: value})
		}
	}
	if v.den != "" || v.x != "" || v.span > 1 || v.peer != "all" || len(v.mark) > 0 || v.excl != exclCritical || v.scope != form.ScopeOwn || v.sort != compare.ByValue {
		c.Reset = v.to("/compare").with(func(b *address) { b.year, b.measure = v.year, v.measure }).String()
	}
	p.Sorts = map[string]link{}
	for _, s := range []compare.Sort{compare.ByValue, compare.ByName, compare.ByN} {
		p.Sorts[string(s)] = link{Href: v.with(func(b *address) { b.sort, b.page = s, 1 }).String() + "#table", Current: v.sort == s}
	}
	other := form.ScopeAggregate
	if v.scope == form.ScopeAggregate {
		other = form.ScopeOwn
	}
	if n := p.result.OtherScope; n > 0 {
		p.Others = link{Text: p.visit.say("compare.others."+string(other), n), Href: v.with(func(b *address) { b.scope, b.page = other, 1 }).String()}
	}
}

// table fills the blocks of the table and the lists of those who are not in the picture.
func (p *compareContent) table() {
	r := p.result
	p.Columns = 8 // rank, agency, kind, value, of the total, last year, change, report
	switch {
	case p.Interval:
		p.Columns = 12 // rank, range, agency, kind, share, x, n, interval, status, limits, standing, report
	case p.Share:
		p.Columns = 7 // rank, agency, kind, growth, x, n, report
	}
	if p.Interval && p.HasLast {
		p.Columns++
	}
	p.Caption = p.visit.say("compare.table.caption", p.visit.nameOf(r.Measure), p.period(), len(r.Rows))
	p.Colour = slices.Index(partCodes, r.Measure.Code) + 1
	ordered := !p.Interval || p.ordered()
	lists := map[compare.Block]*sentence{}
	for i, row := range r.Rows {
		block := row.Block()
		if i == 0 || block != r.Rows[i-1].Block() {
			p.Blocks = append(p.Blocks, compareBlock{Heading: p.heading(block)})
		}
		b := &p.Blocks[len(p.Blocks)-1]
		line := p.compareLine(row, ordered)
		b.Rows = append(b.Rows, line)
		p.BlankNote = p.BlankNote || row.BlankAsZero()
		if p.Share && block >= compare.TooSmallBlock {
			if lists[block] == nil {
				lists[block] = &sentence{Heading: p.heading(block)}
			}
			text := line.Name
			switch block {
			case compare.TooSmallBlock:
				text += " " + number(row.X.Sum) + "/" + number(row.N.Sum)
			case compare.LeftOutBlock, compare.MissingBlock:
				text += p.visit.say("aside", line.State)
			}
			lists[block].Items = append(lists[block].Items, sentenceItem{text, cmp.Or(line.Report, line.Href), line.StateNote})
		}
	}
	for block := compare.RankedBlock; block <= compare.MissingBlock; block++ {
		if list := lists[block]; list != nil {
			p.Lists = append(p.Lists, *list)
		}
	}
	if r.Totals.Agencies > 0 {
		p.Total = compareTotal{X: p.sum(r.Totals.X), Agencies: p.visit.say("basis", r.Totals.Agencies, r.Known)}
		if p.Share {
			p.Total.N = number(r.Totals.N)
			if stats.ClassOf(r.Totals.N) != stats.TooSmall {
				p.Total.Percent = r.Percent()
			}
		}
	}
	p.LeftOut = p.leftOut()
}

func (p *compareContent) leftOut() string {
	total := 0
	var parts []string
	for _, l := range p.result.LeftOut {
		total += l.Agencies
		if l.State == compare.NotFiled && p.visit.missing != nil {
			parts = append(parts, p.absences()...)
			continue
		}
		parts = append(parts, p.visit.say("compare.leftout.one", p.reason(l.State), l.Agencies))
	}
	if total == 0 {
		return ""
	}
	return p.visit.say("compare.leftout", total, strings.Join(parts, p.visit.say("comma")))
}

// absences counts the agencies without a report by how they stand in the register.
func (p *compareContent) absences() []string {
	n := map[string]int{}
	for _, row := range p.result.Rows {
		if row.State == compare.NotFiled {
			word := p.visit.say("state.not_filed")
			if s := p.visit.absent(row.Agency); s.State != "" {
				word = p.visit.filedWord(s.State)
			}
			n[word]++
		}
	}
	var out []string
	for _, word := range slices.Sorted(maps.Keys(n)) {
		out = append(out, p.visit.say("compare.leftout.one", word, n[word]))
	}
	return out
}

// word is the word of a state; a denominator of 0 has one of its own for each denominator.
func (p *compareContent) word(s compare.State) string {
	if s == compare.NoDenominator {
		return p.visit.nothingToDivide(p.result.Measure)
	}
	return p.visit.say("state." + string(s))
}

// reason names a state where no printed text stands for it.
func (p *compareContent) reason(s compare.State) string {
	switch s {
	case compare.Blank, compare.Dash, compare.Text:
		return p.visit.say("state." + string(s) + ".reason")
	}
	return p.word(s)
}

func (p *compareContent) heading(b compare.Block) string {
	switch b {
	case compare.RankedBlock:
		if !p.Share {
			return ""
		}
		return p.visit.say("block.ranked")
	case compare.UnrankedBlock:
		return p.visit.say("block.unranked")
	case compare.TooSmallBlock:
		return p.visit.say("block.small")
	case compare.EmptyBlock:
		return p.word(compare.NoDenominator)
	case compare.LeftOutBlock:
		return p.visit.say("block.leftout")
	}
	return p.visit.missingHeading()
}

func (p *compareContent) compareLine(row compare.Row, ordered bool) compareLine {
	v, m := p.visit, p.result.Measure
	l := compareLine{
		Agency: row.Agency, Name: row.Name, Kind: p.visit.kindName(row.Kind), Href: v.link("/agency/" + row.Agency),
		Synthetic: row.Synthetic, Marked: slices.Contains(v.mark, row.Agency),
	}
	report := func(year int) string { return v.link("/report/" + row.Agency + "/" + strconv.Itoa(year)) }
	if row.Filing != "" {
		l.Report = report(p.Year)
	}
	switch {
	case row.Years != nil: // the cells are those of several reports
		l.X, l.N = p.visit.showOf(m, row.X, l.Href), p.visit.showOf(m, row.N, l.Href)
		for i, y := range row.Years {
			if i > 0 {
				l.Years += p.visit.say("list")
			}
			l.Years += strconv.Itoa(y)
		}
	case row.Filing != "":
		l.X = p.visit.showOf(m, row.X, cellOf(l.Report, row.X, m.Numerator))
		switch {
		case m.Kind == form.GrowthOf:
			l.N = p.visit.showOf(m, row.N, "")
			if row.N.State != compare.NotFiled {
				l.N.Href = cellOf(report(p.LastYear), row.N, m.Denominator)
			}
		case p.Share:
			l.N = p.visit.showOf(m, row.N, cellOf(l.Report, row.N, m.Denominator))
		}
	}
	if row.Rank > 0 && ordered {
		l.Rank = strconv.Itoa(row.Rank)
		if row.Tied {
			l.Rank += p.visit.say("compare.tied")
		}
		if p.Interval {
			l.Range = fmt.Sprintf("%d–%d", row.Range.Best, row.Range.Worst)
		}
	}
	switch {
	case row.State == compare.NotFiled:
		l.State, l.StateNote = p.visit.absence(row.Agency)
	case row.State == compare.TooSmall, row.State == compare.NoDenominator, row.State == compare.Excluded && row.X.Known() && row.N.Known():
		l.State, l.StateNote = p.word(row.State), p.visit.stateNote(row.State)
	case !row.Counted():
		raw := row.X.Raw
		if row.X.Known() {
			raw = row.N.Raw
		}
		l.State, l.StateNote = p.visit.stateWord(row.State, raw), p.visit.stateNote(row.State)
	}
	l.Percent = row.Percent()
	if p.Share && row.X.Known() && row.N.Known() {
		l.Fraction = l.X.Text + "/" + l.N.Text
	}
	if l.Percent != "" && p.Interval {
		l.Interval = percentOf(row.Interval.Lower) + "–" + percentOf(row.Interval.Upper)
	}
	if g := row.Judgement; g.Status != "" {
		l.Status, l.StatusClass = p.visit.say("status."+string(g.Status)), string(g.Status)
		l.Limits = percentOf(g.Limits.Lower998) + "–" + percentOf(g.Limits.Upper998)
		if g.Status.Outside() {
			l.Standing = p.visit.say("standing.no")
			if g.Standing {
				l.Standing = p.visit.say("standing.yes")
			}
		}
	}
	if !p.Share && row.Counted() && p.result.Totals.X >= 10 {
		l.Of = stats.PercentPage(row.X.Sum, p.result.Totals.X)
	}
	if !p.HasLast {
		return l
	}
	l.Last = p.visit.showOf(m, row.LastX, "")
	if row.LastX.State != compare.NotFiled {
		l.Last.Href = cellOf(report(p.LastYear), row.LastX, m.Numerator)
	}
	if p.Share {
		l.LastPercent = stats.PercentPage(row.LastX.Sum, row.LastN.Sum)
		switch {
		case !row.LastX.Known():
			l.LastPercent = ""
		case !row.LastN.Known():
			l.Last, l.LastPercent = p.visit.show(row.LastN, l.Last.Href), ""
		default:
			l.Last.Text = number(row.LastX.Sum) + "/" + number(row.LastN.Sum)
			if c := stats.ClassOf(row.LastN.Sum); c == stats.TooSmall || c == stats.NoDenominator {
				l.LastPercent = ""
			}
		}
	} else if row.X.Known() && row.LastX.Known() {
		l.Change = p.visit.signedOf(m, row.X.Sum-row.LastX.Sum)
	}
	return l
}

// percentOf prints a limit of an interval.
func percentOf(share float64) string { return strconv.FormatFloat(share*100, 'f', 1, 64) + "%" }

// cellOf is the address of a figure in a report: the first of its cells or, where the report lacks it or versions of the
// form differ in them, its table.
func cellOf(report string, f compare.Figure, keys []form.Key) string {
	everywhere := !slices.ContainsFunc(form.Forms, func(one form.Form) bool { return len(form.InForm(keys[:1], one.Version)) == 0 })
	if f.State == compare.NoRow || !everywhere {
		return report + "#" + keys[0].Table
	}
	return report + "#" + keys[0].String()
}

func (p *compareContent) json() ([]byte, error) {
	return p.result.AppendJSON(make([]byte, 0, 1024+len(p.result.Rows)*240)), nil
}

func (p *compareContent) sheet() sheet {
	r := p.result
	s := sheet{header: []string{"year", "measure", "agency", "name", "kind", "scope", "filing", "state", "value", "x", "n", "percent", "lower", "upper", "rank", "tied", "best", "worst", "blank_as_zero", "synthetic", "last_x", "last_n",
		"x_reading", "den", "span", "years", "status", "lower95", "upper95", "lower998", "upper998", "adjusted", "change", "change_lower", "change_upper", "corrected", "flawed"}}
	sum := func(f compare.Figure) value {
		if !f.Known() {
			return value{}
		}
		return plainText(compare.Decimal(f.Sum, r.Measure.Scale()))
	}
	exact := func(f float64) value { return plainText(strconv.FormatFloat(f, 'f', -1, 64)) }
	for i := range r.Rows {
		row := &r.Rows[i]
		line := []value{plainText(strconv.Itoa(p.Year)), plainText(r.Measure.Code), plainText(row.Agency), said(row.Name), plainText(string(row.Kind)),
			plainText(string(r.Request.Scope)), plainText(row.Filing), plainText(string(row.State))}
		share, shown := row.Share()
		switch {
		case !p.Share:
			line = append(line, sum(row.X), sum(row.X), value{})
		case shown:
			line = append(line, exact(share), sum(row.X), sum(row.N))
		default:
			line = append(line, value{}, sum(row.X), sum(row.N))
		}
		line = append(line, plainText(row.Percent()))
		if p.Interval && shown {
			line = append(line, exact(row.Interval.Lower), exact(row.Interval.Upper))
		} else {
			line = append(line, value{}, value{})
		}
		if row.Rank > 0 {
			line = append(line, figure(int64(row.Rank)), plainText(strconv.FormatBool(row.Tied)))
		} else {
			line = append(line, value{}, value{})
		}
		if row.Rank > 0 && p.Interval {
			line = append(line, figure(int64(row.Range.Best)), figure(int64(row.Range.Worst)))
		} else {
			line = append(line, value{}, value{})
		}
		line = append(line, plainText(strconv.FormatBool(row.BlankAsZero())), plainText(strconv.FormatBool(row.Synthetic)))
		if p.HasLast {
			line = append(line, sum(row.LastX))
		} else {
			line = append(line, value{})
		}
		if p.HasLast && p.Share {
			line = append(line, sum(row.LastN))
		} else {
			line = append(line, value{})
		}
		years := make([]string, len(row.Years))
		for i, y := range row.Years {
			years[i] = strconv.Itoa(y)
		}
		line = append(line, plainText(r.Request.Numerator), plainText(r.Request.Denominator), figure(int64(r.Request.Span)), plainText(strings.Join(years, " ")))
		if g := row.Judgement; g.Status != "" {
			line = append(line, plainText(string(g.Status)), exact(g.Limits.Lower95), exact(g.Limits.Upper95), exact(g.Limits.Lower998), exact(g.Limits.Upper998), exact(g.Adjusted))
		} else {
			line = append(line, value{}, value{}, value{}, value{}, value{}, value{})
		}
		if row.Changed {
			line = append(line, exact(row.Change.Difference), exact(row.Change.Lower), exact(row.Change.Upper))
		} else {
			line = append(line, value{}, value{}, value{})
		}
		line = append(line, plainText(strconv.FormatBool(row.Corrected())), plainText(strconv.FormatBool(row.Flawed)))
		s.rows = append(s.rows, line)
	}
	return s
}
