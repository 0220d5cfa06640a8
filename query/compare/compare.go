// Package compare answers the questions of the pages: one measure over the agencies of a year, with what may be said
// of each and what was left out, and the figures of one agency over the years.
//
// A request is a value; its answer is a value that the page, its table, its chart, its .json and its .csv are all made
// from. What comes in from the warehouse is, for each visible filing, sums of cells with the states of all cells that
// went into them; what goes out never has a number where a cell was not a number.
package compare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"nianbao/internal/form"
	"nianbao/query/stats"
)

// Sort is the order of the rows within their block.
type Sort string

// The orders. Agencies that are equal in the order stand by name.
const (
	ByValue Sort = "value" // the greatest first
	ByName  Sort = "name"
	ByN     Sort = "n" // the greatest denominator first; for counts the same as by value
)

// Request asks for a measure over agencies in a year.
type Request struct {
	Measure     string     // code of [form.Offered]
	Numerator   string     // code of a reading of the measure; "" is the usual one
	Denominator string     // the same
	Year        int        // the reporting year
	Span        int        // 0 or 1: the year alone; 3: shares of the sums of three years
	Agencies    []string   // ids; empty means all
	Kind        Kind       // "" means all kinds
	Scope       form.Scope // own, the default, or aggregate; never both in one list
	AsOf        time.Time  // the state of the warehouse; zero means now
	AsRead      bool       // leave the corrections that people made out
	Sort        Sort       // "" means by value
	Flawed      bool       // count reports that have an open finding which forbids comparison; usually they are left out
}

// PooledYears is how many years are pooled where one is too few, and LeastPooled how many of them must have a figure.
const (
	PooledYears = 3
	LeastPooled = 2
)

// pooled reports whether years are added up.
func (r *Request) pooled() bool { return r.Span > 1 }

// firstYear is the earliest year whose figures are needed.
func (r *Request) firstYear() int {
	if r.pooled() {
		return r.Year - r.Span + 1
	}
	return r.Year - 1
}

// reading puts the readings asked for in place.
func (r *Request) reading(m form.Measure) (form.Measure, error) {
	read, ok := m.Reading(r.Numerator, r.Denominator)
	switch {
	case !ok:
		return m, fmt.Errorf("%w: %s has no numerator %q or no denominator %q", ErrNoReading, m.Code, r.Numerator, r.Denominator)
	case r.Span != 0 && r.Span != 1 && (r.Span != PooledYears || !m.Share()):
		return m, fmt.Errorf("%w: %s over %d years, want 1 or, for shares, %d", ErrNoReading, m.Code, r.Span, PooledYears)
	}
	return read, nil
}

// Row is one agency in the answer.
type Row struct {
	Agency string // id
	Name   string // as printed on the report of the year; where there is none, on the newest
	Kind   Kind
	Filing string // id of the visible filing, "" if none was received
	// State is Value or Zero where the measure could be computed.
	State     State
	X, N      Figure // numerator and denominator; N only of shares, ratios and growth
	Years     []int  // the years that were pooled, ascending; nil where there is one
	Synthetic bool   // the report declares itself made up
	Flawed    bool   // a check of the report fails that forbids comparison, and nobody gave a good reason
	Class     stats.Class
	Interval  stats.Interval // 95 % Wilson interval, shares of class Unranked and Ranked
	// Rank is the place among the ranked agencies, 0 if not ranked: counts whenever they are known, shares from n = 30.
	Rank  int
	Tied  bool
	Range stats.RankRange // joint 95 % range of the rank, shares only
	// Judgement says whether the share differs from that of the district; Status is "" where none is compared.
	Judgement stats.Judgement
	// LastX and LastN are the figures of the year before, NotFiled if there is no report; without meaning where years
	// are pooled.
	LastX, LastN  Figure
	LastSynthetic bool // the report of the year before declares itself made up
	// Change is the difference to the year before where Changed says that both are shares of at least 10.
	Change  stats.Change
	Changed bool
	growth  bool
}

// Share is x/n as a number where a share may be shown.
func (r *Row) Share() (share float64, ok bool) {
	if r.Class != stats.Unranked && r.Class != stats.Ranked {
		return 0, false
	}
	if r.growth {
		return float64(r.X.Sum-r.N.Sum) / float64(r.N.Sum), true
	}
	return float64(r.X.Sum) / float64(r.N.Sum), true
}

// Percent is the share as pages print it, "" where none may be shown.
func (r *Row) Percent() string {
	switch {
	case r.Class != stats.Unranked && r.Class != stats.Ranked:
		return ""
	case r.growth:
		return stats.PercentGrowth(r.X.Sum, r.N.Sum)
	}
	return stats.PercentPage(r.X.Sum, r.N.Sum)
}

// Counted reports whether the agency is part of the totals.
func (r *Row) Counted() bool { return r.State == Value || r.State == Zero || r.State == TooSmall }

// BlankAsZero reports whether a blank cell counted as 0 in the figures of the year.
func (r *Row) BlankAsZero() bool { return r.X.BlankAsZero || r.N.BlankAsZero }

// Corrected reports whether a person corrected a cell that went into the figures of the year.
func (r *Row) Corrected() bool { return r.X.Corrected || r.N.Corrected }

// Totals are sums over agencies. For a share N is the sum of the denominators.
type Totals struct {
	Agencies int // how many were added up
	X, N     int64
}

// Percent is the share of the totals as pages print it, "" if N is 0.
func (t Totals) Percent() string { return stats.PercentPage(t.X, t.N) }

// LeftOut says how many agencies of the list are not in the totals for one reason.
type LeftOut struct {
	State    State
	Agencies int
}

// Result is the answer to a [Request].
type Result struct {
	Measure form.Measure // in the reading asked for
	Request Request
	Rows    []Row // every agency of the list: ranked, then not ranked, too small, and those without a figure
	// Known counts the agencies of the list: those with a report of any year. Received counts the reports of the year.
	Known, Received int
	Synthetic       int    // reports among them that declare themselves made up
	Totals          Totals // over the agencies that could be counted
	Ranked          int    // agencies with a rank
	LeftOut         []LeftOut
	// Both and Last are the totals of this year and of the year before over the agencies counted in both.
	Both, Last Totals
	// OtherScope counts the agencies that stand in the other list, because their reports sum up others or do not.
	OtherScope int
	District   District
}

// Percent is the figure of all agencies counted, as pages print it.
func (r *Result) Percent() string {
	if r.Measure.Kind == form.GrowthOf {
		return stats.PercentGrowth(r.Totals.X, r.Totals.N)
	}
	return r.Totals.Percent()
}

// ErrUnknownMeasure is the error of asking for a measure that does not exist.
var ErrUnknownMeasure = errors.New("unknown measure")

// ErrNoReading is the error of asking for a numerator, a denominator or a span that a measure does not have.
var ErrNoReading = errors.New("no such reading of the measure")

// Run answers a request from the warehouse. Who answers many requests about a year keeps its [Roster].
func Run(ctx context.Context, conn driver.Conn, request Request) (Result, error) {
	roster, err := ReadRoster(ctx, conn, request.Year, request.AsOf)
	if err != nil {
		return Result{}, err
	}
	return roster.Run(ctx, conn, request)
}

// assemble makes the answer from what the warehouse holds. It is the whole of the rules and does no input or output.
func assemble(request Request, m form.Measure, s sides, agencies []agency, sums sums) Result {
	if request.Scope == "" {
		request.Scope = form.ScopeOwn
	}
	if request.Sort == "" {
		request.Sort = ByValue
	}
	request.Span = max(1, request.Span)
	list := among(agencies, request.Agencies)
	r := Result{Measure: m, Request: request, Rows: make([]Row, 0, len(list))}
	for _, a := range list {
		row, inList := r.row(a, s, sums)
		if !inList {
			continue
		}
		r.Rows = append(r.Rows, row)
		r.Known++
		if row.Filing != "" {
			r.Received++
		}
		if row.Synthetic || row.LastSynthetic {
			r.Synthetic++
		}
		if row.Counted() {
			r.Totals.add(row.X, row.N)
			if row.LastX.Known() && (!m.Share() || row.LastN.Known()) && !request.pooled() && m.Kind != form.GrowthOf {
				r.Both.add(row.X, row.N)
				r.Last.add(row.LastX, row.LastN)
			}
		}
	}
	r.rank()
	r.compare()
	r.order()
	leftOut := map[State]int{}
	for i := range r.Rows {
		if !r.Rows[i].Counted() {
			leftOut[r.Rows[i].State]++
		}
	}
	for _, state := range States {
		if n := leftOut[state]; n > 0 {
			r.LeftOut = append(r.LeftOut, LeftOut{state, n})
		}
	}
	return r
}

func (t *Totals) add(x, n Figure) {
	t.Agencies++
	t.X += x.Sum
	t.N += n.Sum
}

// row judges one agency; inList is false if it belongs to the other scope or to another kind.
func (r *Result) row(a *agency, s sides, sums sums) (row Row, inList bool) {
	m := r.Measure
	absent := Figure{State: NotFiled}
	row = Row{Agency: a.id, Name: a.name, State: NotFiled, X: absent, LastX: absent, growth: m.Kind == form.GrowthOf}
	if len(m.Denominator) > 0 {
		row.N, row.LastN = absent, absent
	}
	scope, kind := a.list, a.kind
	var pool pool
	for i := range a.filings {
		f := &a.filings[i]
		if f.year < r.Request.firstYear() || f.year > r.Request.Year {
			continue
		}
		x, n := s.figures(f, sums)
		leftOut := f.flawed && !r.Request.Flawed
		if f.year == r.Request.Year {
			row.Name, row.Filing, row.Synthetic, row.X, row.N = f.name, f.id, f.synthetic, x, n
			row.Flawed = f.flawed
			scope, kind = f.list, f.kind
		}
		if f.list != r.Request.Scope { // a sum of another year is none of one's own figures
			continue
		}
		switch {
		case r.Request.pooled():
			pool.add(f, x, n, leftOut)
		case f.year != r.Request.Year-1:
		case leftOut:
			row.LastX, row.LastN = Figure{State: Excluded}, Figure{State: Excluded}
		default:
			row.LastX, row.LastN, row.LastSynthetic = x, n, f.synthetic
		}
	}
	row.Kind = kind
	if r.Request.Kind != "" && row.Kind != r.Request.Kind {
		return row, false
	}
	if scope != r.Request.Scope {
		r.OtherScope++
		return row, false
	}
	switch {
	case r.Request.pooled():
		pool.settle(&row)
	case row.Filing == "":
		return row, true
	case row.growth:
		row.N = row.LastX
	}
	if row.State != OneYear && (row.Filing != "" || row.Years != nil) {
		row.judge(m.Kind)
		if row.Flawed && !r.Request.Flawed && !r.Request.pooled() {
			row.exclude()
		}
	}
	row.change(m)
	return row, true
}

// pool adds up the years of an agency that have a figure. Years without a report, or with one that cannot be counted,
// are absent and not 0.
type pool struct {
	x, n      Figure
	years     []int
	filed     int
	synthetic bool
}

func (p *pool) add(f *filing, x, n Figure, leftOut bool) {
	p.filed++
	if leftOut || !x.Known() || !n.Known() || x.Sum > n.Sum {
		return
	}
	if len(p.years) == 0 {
		p.x, p.n = x, n
	} else {
		p.x, p.n = p.x.add(x), p.n.add(n)
	}
	p.years = append(p.years, f.year)
	p.synthetic = p.synthetic || f.synthetic
}

// settle puts the sums in place of the figures of the year.
func (p *pool) settle(row *Row) {
	switch {
	case len(p.years) >= LeastPooled:
		slices.Sort(p.years)
		row.X, row.N, row.Years, row.Synthetic = p.x, p.n, p.years, p.synthetic
	case p.filed > 0:
		row.State = OneYear
		row.X, row.N = Figure{State: OneYear}, Figure{State: OneYear}
	}
}

// judge says what the figures of the row allow.
func (r *Row) judge(kind form.MeasureKind) {
	r.State, r.Class = r.X.State, ""
	if !r.X.Known() || kind == form.CountOf || kind == form.AmountOf {
		return
	}
	switch {
	case !r.N.Known():
		r.State = r.N.State
		return
	case kind == form.ShareOf && r.X.Sum > r.N.Sum: // the parts are more than the whole: the report contradicts itself
		r.State = Excluded
		return
	case kind == form.RatioOf:
		if r.N.Sum == 0 {
			r.State = NoDenominator
		}
		return
	}
	r.Class = stats.ClassOf(r.N.Sum)
	switch {
	case r.Class == stats.NoDenominator:
		r.State = NoDenominator
	case r.Class == stats.TooSmall:
		r.State = TooSmall
	case kind == form.GrowthOf:
		r.State = Value
		if r.X.Sum == r.N.Sum {
			r.State = Zero
		}
	default:
		r.Interval, _ = stats.Wilson(r.X.Sum, r.N.Sum, stats.Level95)
	}
}

// change compares with the year before where both shares may be shown.
func (r *Row) change(m form.Measure) {
	if !m.Share() || r.Years != nil || r.Class != stats.Unranked && r.Class != stats.Ranked || !r.LastX.Known() || !r.LastN.Known() || r.LastX.Sum > r.LastN.Sum {
		return
	}
	if c := stats.ClassOf(r.LastN.Sum); c != stats.Unranked && c != stats.Ranked {
		return
	}
	r.Change, _ = stats.ChangeOf(stats.Fraction{X: r.X.Sum, N: r.N.Sum}, stats.Fraction{X: r.LastX.Sum, N: r.LastN.Sum}, stats.Level95)
	r.Changed = true
}

// rank gives a rank to every known count, and to every share of class Ranked.
func (r *Result) rank() {
	var at []int
	var values []stats.Fraction
	for i := range r.Rows {
		row := &r.Rows[i]
		switch {
		case row.State != Value && row.State != Zero:
		case len(r.Measure.Denominator) == 0:
			at, values = append(at, i), append(values, stats.Fraction{X: row.X.Sum, N: 1})
		case row.Class == stats.Ranked:
			at, values = append(at, i), append(values, stats.Fraction{X: row.X.Sum, N: row.N.Sum})
		}
	}
	r.Ranked = len(at)
	ranks, tied := stats.Ranks(values, stats.Fraction.Compare)
	var ranges []stats.RankRange
	if r.Measure.Share() {
		ranges = stats.RankRanges(values, 0.95)
	}
	for k, i := range at {
		r.Rows[i].Rank, r.Rows[i].Tied = ranks[k], tied[k]
		if ranges != nil {
			r.Rows[i].Range = ranges[k]
		}
	}
}

// Block is the part of the list in which a row stands. Blocks are never collapsed away.
type Block int

// The blocks in order.
const (
	RankedBlock   Block = iota
	UnrankedBlock       // n 10–29: a share, no rank
	TooSmallBlock       // n 1–9: counts only
	EmptyBlock          // nothing concluded: no share
	LeftOutBlock        // a report without a usable figure
	MissingBlock        // no report
)

// Block returns the part of the list in which the row stands.
func (r *Row) Block() Block {
	switch {
	case r.State == NotFiled:
		return MissingBlock
	case r.Rank > 0:
		return RankedBlock
	case r.State == TooSmall:
		return TooSmallBlock
	case r.State == NoDenominator:
		return EmptyBlock
	case r.State == Value || r.State == Zero:
		return UnrankedBlock
	}
	return LeftOutBlock
}

// order sorts the rows by block, within it as asked, and last by name and id.
func (r *Result) order() {
	share := len(r.Measure.Denominator) > 0
	// Places are sorted, not rows: a row is large.
	places, blocks := make([]int32, len(r.Rows)), make([]Block, len(r.Rows))
	for i := range r.Rows {
		places[i], blocks[i] = int32(i), r.Rows[i].Block()
	}
	slices.SortFunc(places, func(i, j int32) int {
		if c := cmp.Compare(blocks[i], blocks[j]); c != 0 {
			return c
		}
		a, b := &r.Rows[i], &r.Rows[j]
		c := 0
		switch {
		case !a.Counted() || r.Request.Sort == ByName:
		case !share:
			c = cmp.Compare(b.X.Sum, a.X.Sum)
		case r.Request.Sort == ByN || blocks[i] != RankedBlock:
			c = cmp.Compare(b.N.Sum, a.N.Sum)
		default:
			c = stats.Fraction{X: b.X.Sum, N: b.N.Sum}.Compare(stats.Fraction{X: a.X.Sum, N: a.N.Sum})
		}
		if c == 0 {
			c = strings.Compare(a.Name, b.Name)
		}
		if c == 0 {
			c = strings.Compare(a.Agency, b.Agency)
		}
		return c
	})
	arrange(r.Rows, places)
	sorted := r.Rows
	if r.Request.Sort != ByName {
		return
	}
	for start := 0; start < len(sorted); { // each block by itself
		end := start + 1
		for end < len(sorted) && sorted[end].Block() == sorted[start].Block() {
			end++
		}
		SortByName(sorted[start:end], func(row *Row) string { return row.Name })
		start = end
	}
}

// arrange puts at each place the row that now stands at places[place]. It goes round each cycle of the permutation, so
// that the rows need no room twice, and uses places up.
func arrange(rows []Row, places []int32) {
	for start := range places {
		first := rows[start]
		at := int32(start)
		for places[at] >= 0 {
			from := places[at]
			places[at] = -1
			if int(from) == start {
				rows[at] = first
				break
			}
			rows[at] = rows[from]
			at = from
		}
	}
}
