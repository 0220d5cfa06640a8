package compare

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"nianbao/internal/form"
	"nianbao/query/stats"
)

// History holds the figures of one agency over the years.
type History struct {
	Agency   string // id
	Name     string // on its newest report
	Kind     Kind
	Measures []form.Measure
	Years    []HistoryYear // with a visible report, ascending
}

// HistoryYear holds the figures of one report.
type HistoryYear struct {
	Year      int
	Filing    string
	Name      string // as printed on this report
	Scope     form.Scope
	Synthetic bool
	Figures   []Judged // in the order of the measures
}

// Judged is a measure in one report, with what may be shown of it.
type Judged struct {
	State  State
	X, N   Figure // N only of shares, ratios and growth
	Class  stats.Class
	growth bool
}

// Percent is the share as pages print it, "" where none may be shown.
func (j Judged) Percent() string {
	r := Row{X: j.X, N: j.N, Class: j.Class, growth: j.growth}
	return r.Percent()
}

// HistoryOf reads the figures of an agency as of a moment, the zero time meaning now. An agency without a visible
// report has no years.
func HistoryOf(ctx context.Context, conn driver.Conn, id string, asOf time.Time, codes ...string) (History, error) {
	measures, err := lookup(codes)
	if err != nil {
		return History{}, fmt.Errorf("read history of agency %s: %w", id, err)
	}
	p := newPlan(measures)
	only := []string{id}
	roster, err := readRoster(ctx, conn, rosterQuery{from: 0, to: math.MaxUint16, agencies: only, asOf: asOf})
	if err != nil {
		return History{}, fmt.Errorf("read history of agency %s: %w", id, err)
	}
	sums, err := roster.sums(ctx, conn, sumsQuery{sources: p.sources, from: 0, to: math.MaxUint16, agencies: only, corrected: true})
	if err != nil {
		return History{}, fmt.Errorf("read history of agency %s: %w", id, err)
	}
	h := History{Agency: id, Measures: measures}
	for _, a := range roster.agencies { // one, or none
		h.Name, h.Kind = a.name, KindOf(a.name)
		for k := range a.filings {
			f := &a.filings[k]
			y := HistoryYear{Year: f.year, Filing: f.id, Name: f.name, Scope: ScopeOf(f.name, f.scope), Synthetic: f.synthetic}
			for i, m := range measures {
				row := Row{growth: m.Kind == form.GrowthOf}
				row.X, row.N = p.measures[i].figures(f, sums)
				if !row.growth { // growth needs the year before and is judged below
					row.judge(m.Kind)
				}
				y.Figures = append(y.Figures, Judged{row.State, row.X, row.N, row.Class, row.growth})
			}
			h.Years = append(h.Years, y)
		}
	}
	slices.SortFunc(h.Years, func(a, b HistoryYear) int { return cmp.Compare(a.Year, b.Year) })
	for i := range h.Years {
		for k, m := range h.Measures {
			if m.Kind != form.GrowthOf {
				continue
			}
			one := &h.Years[i].Figures[k]
			row := Row{X: one.X, N: Figure{State: NotFiled}}
			if i > 0 && h.Years[i-1].Year == h.Years[i].Year-1 && h.Years[i-1].Scope == h.Years[i].Scope {
				row.N = h.Years[i-1].Figures[k].X
			}
			row.judge(m.Kind)
			one.State, one.N, one.Class = row.State, row.N, row.Class
		}
	}
	return h, nil
}
