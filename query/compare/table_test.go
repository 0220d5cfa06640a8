package compare

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nianbao/internal/form"
	"nianbao/query/stats"
)

// table makes a table of made-up reports.
func table(years int, codes []string, bodies ...body) Table {
	m := measures(codes...)
	p := newPlan(m)
	agencies, s := held(p, bodies)
	return tabulate(Selection{Year: 2023, Years: years, Scope: form.ScopeOwn}, m, p, agencies, s)
}

// series are reports of consecutive years up to 2023 with shares x of n.
func series(list ...stats.Fraction) []made {
	var out []made
	for i, s := range list {
		out = append(out, report(2023-len(list)+1+i, whole(2, s.X), whole(1, s.N)))
	}
	return out
}

func TestTrends(t *testing.T) {
	rising := []stats.Fraction{{X: 10, N: 40}, {X: 14, N: 42}, {X: 20, N: 45}, {X: 26, N: 44}, {X: 33, N: 48}}
	elsewhere := series(rising...)
	elsewhere[1].scope = form.ScopeAggregate
	blanks := series(rising...)
	blanks[2].sums[0].states |= blank
	got := trends(table(5, []string{"open_rate"},
		body{"x1", "甲局", series(stats.Fraction{X: 20, N: 50}, stats.Fraction{X: 18, N: 50}, stats.Fraction{X: 22, N: 50}, stats.Fraction{X: 19, N: 50}, stats.Fraction{X: 21, N: 50})},
		body{"x2", "乙局", series(rising...)},
		body{"x3", "丙局", series(rising[1:]...)},
		body{"x4", "丁局", elsewhere},
		body{"x5", "戊局", blanks},
		body{"x6", "己局", series(stats.Fraction{X: 1, N: 30}, stats.Fraction{X: 1, N: 30}, stats.Fraction{X: 0, N: 30}, stats.Fraction{X: 2, N: 30}, stats.Fraction{X: 3, N: 30})},
	))
	var list []string
	for _, l := range got.Lines {
		list = append(list, fmt.Sprintf("%s %s %s", l.Line.Name, l.Trend.Marker, l.Reason))
	}
	want := []string{"乙局 up ", "甲局 no_change ", "丁局 not_assessable scope", "丙局 not_assessable too_few", "戊局 not_assessable too_few", "己局 not_assessable few_events"}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("trends (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{2019, 2020, 2021, 2022, 2023}, got.Years); diff != "" {
		t.Errorf("years (-want +got):\n%s", diff)
	}
	if got.District[0] != (Totals{5, 51, 200}) {
		t.Errorf("the district in 2019 = %+v, want the sum of five", got.District[0])
	}
	for _, l := range got.Lines {
		if l.Line.Name == "丙局" && (l.Figures[0].State != NotFiled || l.Line.Reports[0].Filing != "" || l.Bands[1].Upper == 0) {
			t.Errorf("four years: %+v", l)
		}
	}
	if counts := trends(table(5, []string{"received"}, body{"x1", "甲局", []made{report(2023, whole(1, 5))}})); counts.Lines[0].Reason != NoTrendOfCounts {
		t.Errorf("a count has a trend: %+v", counts.Lines[0])
	}
}

func TestChanges(t *testing.T) {
	line := func(year int, x, n, out, in int64) made {
		return report(year, whole(2, x), whole(1, n), whole(1, out), whole(1, in))
	}
	unknown := line(2022, 5, 20, 4, 1)
	unknown.sums[2].states = dash
	got := changes(table(2, []string{"open_rate", "carried_out", "carried_in"},
		body{"x1", "甲局", []made{line(2022, 48, 80, 12, 0), line(2023, 56, 70, 3, 9)}},
		body{"x2", "乙局", []made{line(2022, 20, 40, 4, 0), line(2023, 21, 40, 3, 4)}},
		body{"x3", "丙局", []made{unknown, line(2023, 5, 20, 3, 4)}},
		body{"x4", "丁局", []made{line(2023, 5, 20, 3, 4)}},
		body{"x5", "戊局", []made{line(2022, 3, 5, 0, 0), line(2023, 5, 20, 3, 0)}},
	))
	var list []string
	for _, l := range got.Lines {
		list = append(list, fmt.Sprintf("%s %v %v %d %v", l.Line.Name, l.Changed, l.Change.Clear(), l.Off(), l.CarriedKnown))
	}
	want := []string{"甲局 true true -3 true", "丁局 false false 0 false", "丙局 true false 0 false", "乙局 true false 0 true", "戊局 false false 0 true"}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if got.Both != (Totals{4, 87, 150}) || got.Last != (Totals{4, 76, 145}) || !got.Changed || got.Unchanged != 2 || got.CarriedWrong != 1 {
		t.Errorf("in all: %+v, before %+v, changed %v, %d within noise, %d carried wrong", got.Both, got.Last, got.Changed, got.Unchanged, got.CarriedWrong)
	}
}

func TestShades(t *testing.T) {
	for n, want := range map[int64]int{0: 0, 1: 1, 2: 1, 3: 2, 9: 2, 10: 3, 29: 3, 30: 4, 5000: 4} {
		if got := Shade(n); got != want {
			t.Errorf("Shade(%d) = %d, want %d", n, got, want)
		}
	}
}

// TestFunnelLabels: of many outside, the twelve farthest are named, and always those that are highlighted.
func TestFunnelLabels(t *testing.T) {
	var list []stats.Fraction
	for i := range int64(200) {
		list = append(list, stats.Fraction{X: 100, N: 190 + i/10})
	}
	for i := range int64(15) {
		list = append(list, stats.Fraction{X: 0, N: 12 + i}, stats.Fraction{X: 1, N: 3})
	}
	r := run(Request{Year: 2023}, "open_rate", shares(list...))
	p := r.Funnel("x000")
	labels := map[string]bool{}
	for _, point := range p.Points {
		if point.Label {
			labels[r.Rows[point.Row].Agency] = true
		}
	}
	if r.District.Outside95 < 13 || len(labels) != 13 || !labels["x000"] || p.Small != 15 {
		t.Errorf("%d outside, %d labels, that of the highlighted one: %v, %d small", r.District.Outside95, len(labels), labels["x000"], p.Small)
	}
	for i := 1; i < len(p.Curve); i++ {
		if p.Curve[i].N <= p.Curve[i-1].N {
			t.Fatalf("the curve is not in order: %d after %d", p.Curve[i].N, p.Curve[i-1].N)
		}
	}
}

// TestSpread: with fewer than eight peers there is none.
func TestSpread(t *testing.T) {
	var list []stats.Fraction
	for i := range int64(9) {
		list = append(list, stats.Fraction{X: 10 * i, N: 100})
	}
	r := run(Request{Year: 2023}, "open_rate", shares(list...))
	if got, want := spread(&r), (Spread{true, 9, 0, 0.2, 0.4, 0.6, 0.8}); cmp.Diff(want, got) != "" {
		t.Errorf("spread = %+v, want %+v", got, want)
	}
	r = run(Request{Year: 2023}, "open_rate", shares(list[:7]...))
	if got := spread(&r); got.Known || got.Peers != 7 {
		t.Errorf("spread of seven = %+v", got)
	}
}
