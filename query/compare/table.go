package compare

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"nianbao/internal/form"
	"nianbao/query/stats"
)

// Selection says which agencies and years a page is about.
type Selection struct {
	Year     int
	Years    int        // how many years there are up to Year, 1 to [stats.TrendYears]; 0 means 1
	Agencies []string   // ids; empty means all
	Kind     Kind       // "" means all kinds
	Scope    form.Scope // own, the default, or aggregate
	AsOf     time.Time  // the state of the warehouse; zero means now
	AsRead   bool       // leave the corrections that people made out
	Flawed   bool       // count flawed reports; usually they are left out
}

// Asked is a measure in one of its readings.
type Asked struct{ Measure, Numerator, Denominator string } // codes; "" is the usual reading

// Usual are measures in their usual readings.
func Usual(codes ...string) []Asked {
	out := make([]Asked, len(codes))
	for i, code := range codes {
		out[i] = Asked{Measure: code}
	}
	return out
}

// Table holds measures of all selected agencies over the selected years. The pages about many measures or years are
// made from one.
type Table struct {
	Selection  Selection
	Measures   []form.Measure // in the readings asked for
	Lines      []Line         // by id of the agency
	OtherScope int            // agencies that stand in the other list
}

// Line is one agency.
type Line struct {
	Agency  string // id
	Name    string // on the report of the last year; where there is none, on the newest
	Kind    Kind
	Reports []Report // one for each year, the oldest first
}

// Last is the report of the year that the page is about.
func (l *Line) Last() *Report { return &l.Reports[len(l.Reports)-1] }

// Report holds the figures of one agency for one year.
type Report struct {
	Year      int
	Filing    string // "" if there is none in the list
	Elsewhere bool   // there is one, and it stands in the other list: it sums up others, or does not
	Synthetic bool
	Flawed    bool     // an open finding forbids comparison
	Figures   []Judged // in the order of the measures; each NotFiled if there is no report
}

// Table answers with one query. The year must be that of the roster.
func (r *Roster) Table(ctx context.Context, conn driver.Conn, s Selection, asked ...Asked) (Table, error) {
	wrap := func(err error) (Table, error) {
		return Table{}, fmt.Errorf("read figures of agencies up to %d: %w", s.Year, err)
	}
	if s.Year != r.year || !s.AsOf.Equal(r.asOf) {
		return wrap(fmt.Errorf("the roster is of %d as of %s, not of %s", r.year, r.asOf, s.AsOf))
	}
	if s.Scope == "" {
		s.Scope = form.ScopeOwn
	}
	s.Years = max(1, s.Years)
	if s.Years > stats.TrendYears {
		return wrap(fmt.Errorf("%d years, want at most %d", s.Years, stats.TrendYears))
	}
	codes := make([]string, len(asked))
	for i, a := range asked {
		codes[i] = a.Measure
	}
	measures, err := lookup(codes)
	if err != nil {
		return wrap(err)
	}
	for i, a := range asked {
		request := Request{Numerator: a.Numerator, Denominator: a.Denominator}
		if measures[i], err = request.reading(measures[i]); err != nil {
			return wrap(err)
		}
	}
	p := newPlan(measures)
	sums, err := r.sums(ctx, conn, sumsQuery{sources: p.sources, from: s.Year - s.Years + 1, to: s.Year, agencies: s.Agencies, corrected: !s.AsRead})
	if err != nil {
		return wrap(err)
	}
	return tabulate(s, measures, p, r.agencies, sums), nil
}

// tabulate makes the table from what the warehouse holds and does no input or output.
func tabulate(s Selection, measures []form.Measure, p plan, agencies []agency, sums sums) Table {
	t := Table{Selection: s, Measures: measures}
	absent := make([]Judged, len(measures))
	for i, m := range measures {
		absent[i] = Judged{State: NotFiled, X: Figure{State: NotFiled}}
		if len(m.Denominator) > 0 {
			absent[i].N = Figure{State: NotFiled}
		}
	}
	first := s.Year - s.Years + 1
	for _, a := range among(agencies, s.Agencies) {
		l := Line{Agency: a.id, Name: a.name, Reports: make([]Report, s.Years)}
		for k := range l.Reports {
			l.Reports[k] = Report{Year: first + k, Figures: absent}
		}
		scope, kind := a.list, a.kind
		for k := range a.filings {
			f := &a.filings[k]
			if f.year < first || f.year > s.Year {
				continue
			}
			if f.year == s.Year {
				l.Name, scope, kind = f.name, f.list, f.kind
			}
			one := &l.Reports[f.year-first]
			if f.list != s.Scope {
				one.Elsewhere = true
				continue
			}
			one.Filing, one.Synthetic, one.Flawed = f.id, f.synthetic, f.flawed
			one.Figures = make([]Judged, len(measures))
			for j, m := range measures {
				x, n := p.measures[j].figures(f, sums)
				one.Figures[j] = judged(m, x, n, f.flawed && !s.Flawed)
			}
		}
		if l.Kind = kind; s.Kind != "" && kind != s.Kind {
			continue
		}
		if scope != s.Scope {
			t.OtherScope++
			continue
		}
		t.Lines = append(t.Lines, l)
	}
	return t
}

// judged says what may be shown of a measure in one report. Growth is not known from one.
func judged(m form.Measure, x, n Figure, leftOut bool) Judged {
	row := Row{X: x, N: n}
	if m.Kind == form.GrowthOf {
		row.N, row.growth = Figure{State: NotFiled}, true
	}
	row.judge(m.Kind)
	if leftOut {
		row.exclude()
	}
	return Judged{row.State, row.X, row.N, row.Class, row.growth}
}

// Fraction is the share as numbers; it may be counted where Counted says so.
func (j Judged) Fraction() stats.Fraction { return stats.Fraction{X: j.X.Sum, N: j.N.Sum} }

// Counted reports whether the figure is part of totals.
func (j Judged) Counted() bool { return j.State == Value || j.State == Zero || j.State == TooSmall }

// Shown reports whether a share may be shown as one: n is at least 10.
func (j Judged) Shown() bool { return j.Class == stats.Unranked || j.Class == stats.Ranked }
