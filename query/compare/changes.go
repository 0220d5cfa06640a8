package compare

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"nianbao/internal/form"
	"nianbao/query/stats"
)

// Changes is one measure in two years.
type Changes struct {
	Table   Table
	Measure form.Measure
	// Both and Last are the totals of the year and of the year before over the agencies counted in both; Change is their
	// difference for shares where Changed says so.
	Both, Last Totals
	Change     stats.Change
	Changed    bool
	Lines      []ChangeLine // those with a clear change first, by its size; then the others by name
	Unchanged  int          // shares whose change is within noise
	// CarriedWrong counts the agencies whose 上年结转 is not what they carried out the year before.
	CarriedWrong int
}

// ChangeLine is one agency.
type ChangeLine struct {
	Line         *Line
	Now, Before  Judged
	Change       stats.Change // of shares, where Changed; an arrow only where it is clear
	Changed      bool
	CarriedOut   Figure // of the year before
	CarriedIn    Figure // of the year
	CarriedKnown bool   // both are known
}

// Off is CarriedIn − CarriedOut, 0 where one is not known.
func (l *ChangeLine) Off() int64 {
	if !l.CarriedKnown {
		return 0
	}
	return l.CarriedIn.Sum - l.CarriedOut.Sum
}

// ChangesOf reads a measure of the year of the selection and of the year before.
func (r *Roster) ChangesOf(ctx context.Context, conn driver.Conn, s Selection, asked Asked) (Changes, error) {
	s.Years = 2
	t, err := r.Table(ctx, conn, s, append([]Asked{asked}, Usual("carried_out", "carried_in")...)...)
	if err != nil {
		return Changes{}, err
	}
	return changes(t), nil
}

func changes(t Table) Changes {
	out := Changes{Table: t, Measure: t.Measures[0]}
	for i := range t.Lines {
		l := &t.Lines[i]
		before, now := l.Reports[0].Figures, l.Reports[1].Figures
		line := ChangeLine{Line: l, Now: now[0], Before: before[0], CarriedOut: before[1].X, CarriedIn: now[2].X}
		line.CarriedKnown = line.CarriedOut.Known() && line.CarriedIn.Known()
		if line.Off() != 0 {
			out.CarriedWrong++
		}
		if line.Now.Counted() && line.Before.Counted() {
			out.Both.add(line.Now.X, line.Now.N)
			out.Last.add(line.Before.X, line.Before.N)
		}
		if out.Measure.Share() && line.Now.Shown() && line.Before.Shown() {
			line.Change, _ = stats.ChangeOf(line.Now.Fraction(), line.Before.Fraction(), stats.Level95)
			line.Changed = true
			if !line.Change.Clear() {
				out.Unchanged++
			}
		}
		out.Lines = append(out.Lines, line)
	}
	if out.Measure.Share() {
		var reason stats.Reason
		out.Change, reason = stats.ChangeOf(stats.Fraction{X: out.Both.X, N: out.Both.N}, stats.Fraction{X: out.Last.X, N: out.Last.N}, stats.Level95)
		out.Changed = reason == stats.None
	}
	size := func(l ChangeLine) float64 {
		if !l.Changed || !l.Change.Clear() {
			return 0
		}
		return max(l.Change.Difference, -l.Change.Difference)
	}
	slices.SortStableFunc(out.Lines, func(a, b ChangeLine) int {
		return cmp.Or(cmp.Compare(size(b), size(a)), strings.Compare(a.Line.Name, b.Line.Name), strings.Compare(a.Line.Agency, b.Line.Agency))
	})
	return out
}
