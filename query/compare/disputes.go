package compare

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"nianbao/query/stats"
)

// disputeKinds are the three blocks of section 四 by the measures of their totals, disputeResults what a case can come
// to. Together they name measures: reviews, reviews_upheld …
var (
	disputeKinds   = [...]string{"reviews", "direct", "after"}
	disputeResults = [...]string{"upheld", "corrected", "other", "pending"}
)

// Disputes are the reviews and lawsuits of a year, in counts. They are rare and weigh in law, so counts come first.
type Disputes struct {
	Table  Table
	Blocks [len(disputeKinds)]DisputeBlock
	// Fixes are the shares of reviews, of lawsuits and of both that ended with a correction, of those decided, over
	// [PooledYears] years.
	Fixes [3]Result
	// For100 are the reviews and lawsuits for each hundred applications, one for each line of the table. They are no
	// share: a case may stem from an earlier year.
	For100 []Judged
}

// DisputeBlock is one kind of case.
type DisputeBlock struct {
	Kind  string        // code of the measure of its total
	Lines []DisputeLine // agencies with at least one case, by the number of cases
	// None counts the agencies that reported 0; Unknown lists those whose total is not known, without those that did
	// not report.
	None    int
	Unknown []*Line
	Totals  [len(disputeResults) + 1]Totals // of the four results and of all
}

// DisputeLine is one agency.
type DisputeLine struct {
	Line    *Line
	Results [len(disputeResults)]Judged // upheld, corrected, other, pending
	Total   Judged
	// Limits are the 95 % limits of the number corrected; LimitsKnown is false where that number is not known.
	Limits      stats.CountInterval
	LimitsKnown bool
}

// PartsOf is the sum of the four results, where all are known; differs says that the printed total, known too, is another.
func PartsOf(results []Judged, total Judged) (sum int64, differs bool) {
	for _, j := range results {
		if !j.X.Known() {
			return 0, false
		}
		sum += j.X.Sum
	}
	return sum, total.X.Known() && total.X.Sum != sum
}

// DisputesOf reads the reviews and lawsuits of a year with two queries.
func (r *Roster) DisputesOf(ctx context.Context, conn driver.Conn, s Selection) (Disputes, error) {
	s.Years = 1
	var codes []string
	for _, kind := range disputeKinds {
		for _, result := range disputeResults {
			codes = append(codes, kind+"_"+result)
		}
		codes = append(codes, kind)
	}
	t, err := r.Table(ctx, conn, s, Usual(append(codes, "dispute_per100")...)...)
	if err != nil {
		return Disputes{}, err
	}
	d := disputesFrom(t)
	fixes, err := r.RunAll(ctx, conn, Request{Year: s.Year, Span: PooledYears, Agencies: s.Agencies, Kind: s.Kind, Scope: s.Scope, AsOf: s.AsOf, AsRead: s.AsRead, Flawed: s.Flawed}, "review_fix", "court_fix", "dispute_fix")
	if err != nil {
		return Disputes{}, err
	}
	copy(d.Fixes[:], fixes)
	return d, nil
}

func disputesFrom(t Table) Disputes {
	d := Disputes{Table: t}
	const width = len(disputeResults) + 1
	for b := range d.Blocks {
		block := &d.Blocks[b]
		block.Kind = disputeKinds[b]
		for i := range t.Lines {
			l := &t.Lines[i]
			figures := l.Last().Figures[b*width : (b+1)*width]
			for k, j := range figures {
				if j.Counted() {
					block.Totals[k].add(j.X, Figure{})
				}
			}
			line := DisputeLine{Line: l, Total: figures[width-1]}
			copy(line.Results[:], figures)
			// A total of 0 over results that are not 0 is no agency without a case.
			cases := slices.ContainsFunc(figures, func(j Judged) bool { return j.X.Sum > 0 })
			switch {
			case cases:
				if corrected := line.Results[1].X; corrected.Known() {
					line.Limits, _ = stats.CountLimits(corrected.Sum, stats.Level95)
					line.LimitsKnown = true
				}
				block.Lines = append(block.Lines, line)
			case line.Total.Counted():
				block.None++
			case l.Last().Filing != "":
				block.Unknown = append(block.Unknown, l)
			}
		}
		slices.SortStableFunc(block.Lines, func(a, b DisputeLine) int {
			return cmp.Or(cmp.Compare(b.Total.X.Sum, a.Total.X.Sum), strings.Compare(a.Line.Name, b.Line.Name), strings.Compare(a.Line.Agency, b.Line.Agency))
		})
	}
	for i := range t.Lines {
		figures := t.Lines[i].Last().Figures
		d.For100 = append(d.For100, figures[len(figures)-1])
	}
	return d
}
