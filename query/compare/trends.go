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

// Trends is one measure of each agency over five years.
type Trends struct {
	Table    Table
	Measure  form.Measure
	Years    []int
	District []Totals    // of each year, over the agencies of which it is known
	Lines    []TrendLine // those that rise or fall first, then by the denominator of the last year, or by the number
}

// TrendLine is one agency.
type TrendLine struct {
	Line    *Line
	Figures []Judged         // one for each year
	Bands   []stats.Interval // 95 % of each year; without meaning where the share is not shown
	Trend   stats.Trend      // of shares
	Reason  TrendReason      // why no trend can be told, "" if one can be, also if it is none
}

// TrendReason says why no trend can be told.
type TrendReason string

// The reasons.
const (
	NoTrendOfCounts TrendReason = "count"      // a number of applications is a census; its change is no chance
	YearsMissing    TrendReason = "too_few"    // fewer than five years with a figure in a row
	EventsMissing   TrendReason = "few_events" // fewer than ten events, or cases without it, in all
	FormsDiffer     TrendReason = "form"       // versions of the form that may not be compared
	ListsDiffer     TrendReason = "scope"      // a report of another year sums up others, or does not
)

// TrendsOf reads a measure over the five years up to the year of the selection.
func (r *Roster) TrendsOf(ctx context.Context, conn driver.Conn, s Selection, asked Asked) (Trends, error) {
	s.Years = stats.TrendYears
	t, err := r.Table(ctx, conn, s, asked)
	if err != nil {
		return Trends{}, err
	}
	return trends(t), nil
}

func trends(t Table) Trends {
	out := Trends{Table: t, Measure: t.Measures[0], District: make([]Totals, t.Selection.Years)}
	for k := range t.Selection.Years {
		out.Years = append(out.Years, t.Selection.Year-t.Selection.Years+1+k)
	}
	for i := range t.Lines {
		l := &t.Lines[i]
		line := TrendLine{Line: l, Bands: make([]stats.Interval, len(l.Reports))}
		for k := range l.Reports {
			j := l.Reports[k].Figures[0]
			line.Figures = append(line.Figures, j)
			if j.Counted() {
				out.District[k].add(j.X, j.N)
			}
			if j.Shown() && out.Measure.Share() {
				line.Bands[k], _ = stats.Wilson(j.X.Sum, j.N.Sum, stats.Level95)
			}
		}
		line.Trend, line.Reason = trendOf(out.Measure, l.Reports, line.Figures)
		out.Lines = append(out.Lines, line)
	}
	slices.SortStableFunc(out.Lines, func(a, b TrendLine) int {
		marked := func(l TrendLine) int {
			if l.Trend.Marker == stats.Up || l.Trend.Marker == stats.Down {
				return 0
			}
			return 1
		}
		size := func(l TrendLine) int64 {
			last := l.Figures[len(l.Figures)-1]
			if out.Measure.Share() {
				return last.N.Sum
			}
			return last.X.Sum
		}
		return cmp.Or(cmp.Compare(marked(a), marked(b)), cmp.Compare(size(b), size(a)), strings.Compare(a.Line.Name, b.Line.Name), strings.Compare(a.Line.Agency, b.Line.Agency))
	})
	return out
}

// trendOf tells the trend of consecutive years, the oldest first.
func trendOf(m form.Measure, reports []Report, figures []Judged) (stats.Trend, TrendReason) {
	none := stats.Trend{Marker: stats.NotAssessable}
	if !m.Share() {
		return none, NoTrendOfCounts
	}
	var years []stats.Fraction
	for k, j := range figures {
		switch {
		case reports[k].Elsewhere:
			return none, ListsDiffer
		case j.State == NAForm:
			return none, FormsDiffer
		case !j.Counted(): // a year without a figure, or of nothing
			return none, YearsMissing
		}
		years = append(years, j.Fraction())
	}
	t, reason := stats.TrendOf(years)
	switch reason {
	case stats.None:
		return t, ""
	case stats.FewEvents:
		return t, EventsMissing
	}
	return none, YearsMissing
}
