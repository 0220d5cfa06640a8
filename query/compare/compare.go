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
	Measure  string     // code of [form.Measures]
	Year     int        // the reporting year
	Agencies []string   // ids; empty means all
	Kind     Kind       // "" means all kinds
	Scope    form.Scope // own, the default, or aggregate; never both in one list
	AsOf     time.Time  // the state of the warehouse; zero means now
	Sort     Sort       // "" means by value
}

// Row is one agency in the answer.
type Row struct {
	Agency string // id
	Name   string // as printed on the report of the year; where there is none, on the newest
	Kind   Kind
	Filing string // id of the visible filing, "" if none was received
	// State is Value or Zero where the measure could be computed.
	State     State
	X, N      Figure // numerator and denominator; N only of shares
	Synthetic bool   // the report declares itself made up
	Class     stats.Class
	Interval  stats.Interval // 95 % Wilson interval, shares of class Unranked and Ranked
	// Rank is the place among the ranked agencies, 0 if not ranked: counts whenever they are known, shares from n = 30.
	Rank  int
	Tied  bool
	Range stats.RankRange // joint 95 % range of the rank, shares only
	// LastX and LastN are the figures of the year before, NotFiled if there is no report.
	LastX, LastN  Figure
	LastSynthetic bool // the report of the year before declares itself made up
}

// Percent is the share as pages print it, "" where none may be shown.
func (r *Row) Percent() string {
	if r.Class == stats.Unranked || r.Class == stats.Ranked {
		return stats.PercentPage(r.X.Sum, r.N.Sum)
	}
	return ""
}

// Counted reports whether the agency is part of the totals.
func (r *Row) Counted() bool { return r.State == Value || r.State == Zero || r.State == TooSmall }

// BlankAsZero reports whether a blank cell counted as 0 in the figures of the year.
func (r *Row) BlankAsZero() bool { return r.X.BlankAsZero || r.N.BlankAsZero }

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
	Measure form.Measure
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
}

// ErrUnknownMeasure is the error of asking for a measure that does not exist.
var ErrUnknownMeasure = errors.New("unknown measure")

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
	r := Result{Measure: m, Request: request, Rows: make([]Row, 0, len(agencies))}
	only := map[string]bool{}
	for _, id := range request.Agencies {
		only[id] = true
	}
	for i := range agencies {
		if len(only) > 0 && !only[agencies[i].id] {
			continue
		}
		row, inList := r.row(&agencies[i], s, sums)
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
			if row.LastX.Known() && (!m.Share() || row.LastN.Known()) {
				r.Both.add(row.X, row.N)
				r.Last.add(row.LastX, row.LastN)
			}
		}
	}
	r.rank()
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
	row = Row{Agency: a.id, Name: a.name, State: NotFiled, X: Figure{State: NotFiled}, LastX: Figure{State: NotFiled}}
	if r.Measure.Share() {
		row.N, row.LastN = Figure{State: NotFiled}, Figure{State: NotFiled}
	}
	scope := ScopeOf(a.name, a.scope)
	for i := range a.filings {
		f := &a.filings[i]
		x := s.top.figure(f.form, sums.of(f))
		var n Figure
		if r.Measure.Share() {
			n = s.over.figure(f.form, sums.of(f))
		}
		if f.year == r.Request.Year {
			row.Name, row.Filing, row.Synthetic, row.X, row.N = f.name, f.id, f.synthetic, x, n
			scope = ScopeOf(f.name, f.scope)
		} else if ScopeOf(f.name, f.scope) == r.Request.Scope { // a sum of last year is no last year of one's own figures
			row.LastX, row.LastN, row.LastSynthetic = x, n, f.synthetic
		}
	}
	row.Kind = KindOf(row.Name)
	if r.Request.Kind != "" && row.Kind != r.Request.Kind {
		return row, false
	}
	if scope != r.Request.Scope {
		r.OtherScope++
		return row, false
	}
	if row.Filing != "" {
		row.judge(r.Measure.Share())
	}
	return row, true
}

// judge says what the figures of the row allow.
func (r *Row) judge(share bool) {
	r.State = r.X.State
	if !share || !r.X.Known() {
		return
	}
	r.Class = ""
	switch {
	case !r.N.Known():
		r.State = r.N.State
		return
	case r.X.Sum > r.N.Sum: // the parts are more than the whole: the report contradicts itself
		r.State = Excluded
		return
	}
	r.Class = stats.ClassOf(r.N.Sum)
	switch r.Class {
	case stats.NoDenominator:
		r.State = NoDenominator
	case stats.TooSmall:
		r.State = TooSmall
	default:
		r.Interval, _ = stats.Wilson(r.X.Sum, r.N.Sum, 0.95)
	}
}

// rank gives a rank to every known count, and to every share of class Ranked.
func (r *Result) rank() {
	var at []int
	var values []stats.Fraction
	for i := range r.Rows {
		row := &r.Rows[i]
		switch {
		case row.State != Value && row.State != Zero:
		case !r.Measure.Share():
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
	share := r.Measure.Share()
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
	sorted := make([]Row, len(r.Rows))
	for place, i := range places {
		sorted[place] = r.Rows[i]
	}
	r.Rows = sorted
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
