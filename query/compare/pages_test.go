package compare_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
	"nianbao/query/sample"
	"nianbao/query/stats"
)

// testPages asks a real warehouse for what each page about many agencies is made from.
func testPages(t *testing.T, store *warehouse.Store) {
	roster, err := compare.ReadRoster(t.Context(), store.Conn(), sample.Year, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	selection := compare.Selection{Year: sample.Year}
	t.Run("table", func(t *testing.T) {
		table, err := roster.Table(t.Context(), store.Conn(), compare.Selection{Year: sample.Year, Years: 3}, compare.Usual("received", "open_rate")...)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, l := range table.Lines {
			text := ""
			for _, r := range l.Reports {
				text += fmt.Sprintf("%d %s %d;", r.Year, r.Figures[0].State, r.Figures[0].X.Sum)
			}
			got[l.Name] = text
		}
		for name, want := range map[string]string{
			sample.Science:   "2021 value 31;2022 value 44;2023 value 52;",
			sample.Education: "2021 value 12;2022 value 80;2023 not_filed 0;",
			sample.Justice:   "2021 not_filed 0;2022 not_filed 0;2023 ambiguous 0;",
		} {
			if got[name] != want {
				t.Errorf("%s: %q, want %q", name, got[name], want)
			}
		}
		if _, ok := got[sample.Government]; ok || len(got) != 13 || table.OtherScope != 1 {
			t.Errorf("%d lines and %d in the other list, want 13 and 1: %v", len(got), table.OtherScope, got)
		}
		for _, wrong := range []compare.Selection{{Year: sample.Year - 1}, {Year: sample.Year, Years: 6}} {
			if _, err := roster.Table(t.Context(), store.Conn(), wrong, compare.Usual("received")...); err == nil {
				t.Errorf("a table of %+v has no error", wrong)
			}
		}
	})
	t.Run("structure", func(t *testing.T) {
		got, err := roster.StructureOf(t.Context(), store.Conn(), selection)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, o := range got.Lines {
			list = append(list, fmt.Sprintf("%s %s %d %s %d", o.Line.Name, o.State, o.Whole, o.Share[0], o.Off))
		}
		want := []string{
			sample.Hostile + " value 33 57.6% 0", "博山区科学技术局 value 52 55.8% 0", "博山区文化和旅游局 value 40 55.0% 0", "博山区卫生健康局 value 120 51.7% 0",
			"合成县林业局 value 25 56.0% 0", "博山区司法局 value 21 61.9% 0", "博山镇人民政府 value 11 72.7% 0",
			"博山区城东街道办事处 too_small 5  0", "博山区民政局 no_denominator 0  0", "博山区交通运输局 excluded 0  0", "博山区住房和城乡建设局 excluded 0  0", "博山区统计局 no_row 0  0",
			"博山区教育局 not_filed 0  0",
		}
		if diff := gocmp.Diff(want, list); diff != "" {
			t.Errorf("structure (-want +got):\n%s", diff)
		}
		d := got.District
		sum := int64(0)
		for _, p := range d.Parts {
			sum += p.X.Sum
		}
		if sum != d.Whole || d.State != compare.Value || d.Share[0] == "" || got.Agencies != 9 {
			t.Errorf("district %+v of %d agencies", d, got.Agencies)
		}
	})
	t.Run("reasons", func(t *testing.T) {
		got, err := roster.ReasonsOf(t.Context(), store.Conn(), selection, "r3")
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Columns) != 8 || got.Columns[3].Code != "r3_4" || gocmp.Diff([]int{3}, got.MostUsed) != "" {
			t.Errorf("%d columns, most used %v", len(got.Columns), got.MostUsed)
		}
		for _, l := range got.Lines {
			switch l.Line.Name {
			case sample.Science:
				if l.Cells[3].X.Sum != 6 || l.Cells[3].Shade != 2 || l.Cells[0].Shade != 0 || l.Total.X.Sum != 6 || l.Of.Sum != 52 {
					t.Errorf("%s: %+v", l.Line.Name, l)
				}
			case sample.Housing:
				if l.Cells[3].State != compare.Blank || l.Cells[3].Shade != -1 || l.Total.X.Known() {
					t.Errorf("%s: %+v", l.Line.Name, l.Cells[3])
				}
			case sample.Education:
				if l.Cells[0].State != compare.NotFiled || l.Cells[0].Shade != -1 {
					t.Errorf("%s: %+v", l.Line.Name, l.Cells[0])
				}
			}
		}
		all, err := roster.ReasonsOf(t.Context(), store.Conn(), selection, "all")
		if err != nil || len(all.Columns) != 19 {
			t.Errorf("all reasons: %d columns, %v, want 19", len(all.Columns), err)
		}
		for _, l := range all.Lines {
			if l.Line.Name == sample.Culture && (l.Cells[18].State != compare.NAForm || !l.Total.X.Known()) {
				t.Errorf("on the form of 2019: %+v, total %+v", l.Cells[18], l.Total)
			}
		}
		if _, err := roster.ReasonsOf(t.Context(), store.Conn(), selection, "r7"); !errors.Is(err, compare.ErrUnknownGroup) {
			t.Errorf("group r7: %v", err)
		}
	})
	t.Run("disputes", func(t *testing.T) {
		got, err := roster.DisputesOf(t.Context(), store.Conn(), selection)
		if err != nil {
			t.Fatal(err)
		}
		reviews, direct := got.Blocks[0], got.Blocks[1]
		if reviews.Kind != "reviews" || len(reviews.Lines) != 7 || reviews.None != 4 || reviews.Lines[0].Line.Name != sample.Health || reviews.Lines[0].Total.X.Sum != 6 || reviews.Lines[0].Results[0].X.Sum != 6 {
			t.Errorf("reviews: %+v", reviews)
		}
		if l := reviews.Lines[0]; !l.LimitsKnown || l.Limits.Method != stats.Exact || l.Limits.Lower != 0 || l.Limits.Upper < 3.68 || l.Limits.Upper > 3.69 {
			t.Errorf("limits of none corrected: %+v", l.Limits)
		}
		if len(direct.Lines) != 0 || direct.None != 10 {
			t.Errorf("lawsuits: %d with a case, %d without, want 0 and 10", len(direct.Lines), direct.None)
		}
		if fix := got.Fixes[0]; fix.Measure.Code != "review_fix" || fix.Request.Span != 3 || fix.Totals.X != 0 {
			t.Errorf("share corrected: %+v", fix.Totals)
		}
		for i, l := range got.Table.Lines {
			if j := got.For100[i]; l.Name == sample.Health && (j.State != compare.Value || j.X.Sum != 6 || j.N.Sum != 120) || l.Name == sample.Civil && j.State != compare.NoDenominator {
				t.Errorf("cases of %s for its applications: %+v", l.Name, j)
			}
		}
	})
	t.Run("funnel", func(t *testing.T) {
		result, err := roster.Run(t.Context(), store.Conn(), compare.Request{Measure: "open_rate", Year: sample.Year})
		if err != nil {
			t.Fatal(err)
		}
		p := result.Funnel()
		if p.Reason != stats.None || p.Theta != result.District.Share || len(p.Points) != result.District.Compared() || p.Most != 120 || p.Small != 1 {
			t.Errorf("funnel: reason %q, θ %v, %d points, most %d, %d small", p.Reason, p.Theta, len(p.Points), p.Most, p.Small)
		}
		if len(p.Curve) != 126 || p.Curve[0].N != 1 || p.Curve[125].N != 126 {
			t.Errorf("curve of %d points", len(p.Curve))
		}
		for _, point := range p.Points {
			row := result.Rows[point.Row]
			at := p.Curve[slices.IndexFunc(p.Curve, func(c compare.CurvePoint) bool { return c.N == row.N.Sum })]
			if at.Limits != row.Judgement.Limits {
				t.Errorf("%s: the curve has %v at %d, the row %v", row.Name, at.Limits, row.N.Sum, row.Judgement.Limits)
			}
		}
		if p := (&compare.Result{Measure: form.Measures[0]}).Funnel(); p.Reason == stats.None {
			t.Errorf("a count has a funnel")
		}
	})
	t.Run("trends", func(t *testing.T) {
		got, err := roster.TrendsOf(t.Context(), store.Conn(), selection, compare.Asked{Measure: "open_rate", Denominator: "handled"})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range got.Lines {
			if l.Line.Name == sample.Science && (l.Figures[4].X.Sum != 33 || l.Figures[4].N.Sum != 57 || l.Figures[1].State != compare.NotFiled || l.Reason != compare.YearsMissing) {
				t.Errorf("%s: %+v", l.Line.Name, l)
			}
		}
	})
	t.Run("changes", func(t *testing.T) {
		got, err := roster.ChangesOf(t.Context(), store.Conn(), selection, compare.Asked{Measure: "refuse_rate"})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range got.Lines {
			if l.Line.Name == sample.Science && (!l.Changed || l.Change.Clear() || l.CarriedOut.Sum != 4 || l.CarriedIn.Sum != 5 || l.Off() != 1) {
				t.Errorf("%s: %+v", l.Line.Name, l)
			}
		}
	})
	t.Run("profile", func(t *testing.T) {
		got, err := roster.ProfileOf(t.Context(), store.Conn(), selection, id(sample.Science), "open_rate", "refuse_rate")
		if err != nil {
			t.Fatal(err)
		}
		open := got.Lines[0]
		if open.Own.Name != sample.Science || open.Own.Percent() != "63.5%" || open.District.Compared() != 7 || open.Spread.Known || open.Spread.Peers != 7 || open.Percent == "" || open.Reason != compare.YearsMissing {
			t.Errorf("profile: %+v", open)
		}
		if _, err := roster.ProfileOf(t.Context(), store.Conn(), selection, "xnone", "open_rate"); !errors.Is(err, compare.ErrNoAgency) {
			t.Errorf("profile of nobody: %v", err)
		}
	})
	t.Run("matrix and scatter", func(t *testing.T) {
		request := compare.Request{Year: sample.Year}
		got, err := roster.MatrixOf(t.Context(), store.Conn(), request, "received", "open_rate", "fees")
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range got.Lines {
			if l.Name == sample.Town && (l.Cells[0].X.Sum != 11 || l.Cells[1].Percent() == "" || l.Cells[2].X.Sum != 416624161900 || l.Cells[0].Status != "" || l.Cells[1].Status != stats.Within) {
				t.Errorf("%s: %+v", l.Name, l.Cells)
			}
		}
		s, err := roster.ScatterOf(t.Context(), store.Conn(), request, "fees", "open_rate")
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Points)+s.LeftOut+s.Missing != len(got.Lines) || s.Missing != 1 || s.Points[0].Name != sample.Town || s.Points[0].Across != 4166.241619 {
			t.Errorf("scatter: %d points, %d left out, %d missing, first %+v", len(s.Points), s.LeftOut, s.Missing, s.Points[0])
		}
		if _, err := roster.ScatterOf(t.Context(), store.Conn(), request, "fees", "fees"); err == nil {
			t.Error("a measure against itself has no error")
		}
	})
}

func id(name string) string { return warehouse.AgencyID(name) }
