package compare

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/stats"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestQueryTexts(t *testing.T) {
	sources := newPlan(measures("other_rate")).sources
	then := time.Date(2024, 4, 2, 1, 14, 0, 0, time.UTC)
	for name, q := range map[string]interface{ SQL() (string, []any) }{
		"roster":          rosterQuery{from: 2022, to: 2023},
		"roster-of-as-of": rosterQuery{from: 0, to: 65535, agencies: []string{"x1", "x'2"}, asOf: then},
		"sums":            sumsQuery{sources: sources, from: 2022, to: 2023},
		"sums-amounts":    sumsQuery{sources: newPlan(measures("fees")).sources, from: 2023, to: 2023},
		"sums-mixed":      sumsQuery{sources: newPlan(measures("fees", "license")).sources, from: 2023, to: 2023},
		"flawed":          flawedQuery{from: 2022, to: 2023, rules: []string{"A1", "A2"}, asOf: then},
		"sums-corrected":  sumsQuery{sources: sources[:1], from: 2022, to: 2023, corrected: true, asOf: then},
		"corrections":     correctionsQuery{from: 2022, to: 2023, asOf: then},
		"sums-of":         sumsQuery{sources: sources[:1], from: 2022, to: 2023, agencies: []string{"x1", "x'2"}},
	} {
		sql, args := q.SQL()
		for _, asOf := range []time.Time{then, {}} { // the text of the sub-query is tested where it is written
			for name, sub := range map[string]func(time.Time) (string, []any){"filings": warehouse.VisibleFilings, "corrections": warehouse.CorrectedCells,
				"assessments": warehouse.VisibleAssessments, "reviews": warehouse.VisibleReviews} {
				text, _ := sub(asOf)
				sql = strings.ReplaceAll(sql, text, "(visible "+name+")")
			}
		}
		if strings.HasPrefix(name, "roster") && !strings.Contains(sql, "(visible filings)") {
			t.Errorf("%s: the query does not ask for the visible filings", name)
		}
		var b strings.Builder
		b.WriteString(sql + "\n")
		for _, a := range args {
			fmt.Fprintf(&b, "-- %s = %v\n", a.(driver.NamedValue).Name, a.(driver.NamedValue).Value)
		}
		golden(t, name+".sql", b.String())
		if strings.Contains(sql, "x1") || strings.Contains(sql, "section3") || strings.Contains(sql, "2023") {
			t.Errorf("%s: a value stands in the text of the query", name)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func measures(codes ...string) []form.Measure {
	list, err := lookup(codes)
	if err != nil {
		panic(err)
	}
	return list
}

// TestPlans: the rows a measure needs are those of the version of the form that the report follows.
func TestPlans(t *testing.T) {
	p := newPlan(measures("other", "received", "received", "lawsuits"))
	want := []Source{
		{Table: form.Section3, Column: "total", Rows: []string{"R6"}},
		{Table: form.Section3, Column: "total", Rows: []string{"R6_1", "R6_2", "R6_3"}},
		{Table: form.Section3, Column: "total", Rows: []string{"NEW"}},
		{Table: form.Section4, Column: "total", Rows: []string{"direct", "after"}},
	}
	if diff := cmp.Diff(want, p.sources); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
	for _, m := range form.Measures {
		for _, s := range newPlan([]form.Measure{m}).measures {
			for _, part := range append(append(side{}, s.top...), s.over...) {
				if len(part.versions) == 0 {
					t.Errorf("measure %s needs cells of %s that no version of the form has", m.Code, part.table)
				}
			}
		}
	}
}

func TestFigureOfOneSum(t *testing.T) {
	tests := []struct {
		name string
		sum  sum
		want Figure
	}{
		{"all numbers", sum{total: 18, cells: 2, states: number}, Figure{State: Value, Sum: 18}},
		{"all zero", sum{total: 0, cells: 2, states: number}, Figure{State: Zero}},
		{"a blank that an identity settles", sum{total: 3, cells: 2, states: number | settledBlank}, Figure{State: Value, Sum: 3, BlankAsZero: true}},
		{"only settled blanks", sum{cells: 2, states: settledBlank}, Figure{State: Zero, BlankAsZero: true}},
		{"a blank", sum{total: 3, cells: 2, states: number | blank, raw: ""}, Figure{State: Blank}},
		{"a dash", sum{total: 3, cells: 2, states: number | dash, raw: "/"}, Figure{State: Dash, Raw: "/"}},
		{"不适用", sum{cells: 2, states: na, raw: "不适用"}, Figure{State: NA, Raw: "不适用"}},
		{"words", sum{cells: 2, states: text | number, raw: "见附件"}, Figure{State: Text, Raw: "见附件"}},
		{"ambiguous before blank", sum{cells: 2, states: ambiguous | blank | number, raw: "640"}, Figure{State: Ambiguous, Raw: "640"}},
		{"no count", sum{cells: 2, states: uncountable | number, raw: "-3"}, Figure{State: Excluded, Raw: "-3"}},
		{"a row is missing", sum{total: 3, cells: 1, states: number}, Figure{State: NoRow}},
		{"no row at all", sum{}, Figure{State: NoRow}},
		{"a cell twice", sum{total: 6, cells: 3, states: number}, Figure{State: Ambiguous}},
	}
	for _, test := range tests {
		if got := test.sum.figure(2); got != test.want {
			t.Errorf("%s: figure = %+v, want %+v", test.name, got, test.want)
		}
	}
}

func TestJudge(t *testing.T) {
	known := func(n int64) Figure {
		f := Figure{State: Value, Sum: n}
		if n == 0 {
			f.State = Zero
		}
		return f
	}
	tests := []struct {
		x, n    Figure
		want    State
		class   stats.Class
		percent string
	}{
		{known(18), known(30), Value, stats.Ranked, "60.0%"},
		{known(0), known(30), Zero, stats.Ranked, "0.0%"},
		{known(30), known(30), Value, stats.Ranked, "100.0%"},
		{known(3), known(29), Value, stats.Unranked, "10.3%"},
		{known(3), known(9), TooSmall, stats.TooSmall, ""},
		{known(0), known(9), TooSmall, stats.TooSmall, ""},
		{known(0), known(0), NoDenominator, stats.NoDenominator, ""},
		{known(3), known(0), Excluded, "", ""},
		{known(31), known(30), Excluded, "", ""},
		{Figure{State: Blank}, known(30), Blank, "", ""},
		{known(18), Figure{State: NoRow}, NoRow, "", ""},
		{Figure{State: Blank}, Figure{State: NoRow}, Blank, "", ""},
	}
	for _, test := range tests {
		r := Row{X: test.x, N: test.n}
		r.judge(form.ShareOf)
		if r.State != test.want || r.Class != test.class || r.Percent() != test.percent {
			t.Errorf("%+v of %+v: %s %s %q, want %s %s %q", test.x, test.n, r.State, r.Class, r.Percent(), test.want, test.class, test.percent)
		}
	}
}

// made is a report on the 2021 form with one sum for each source.
type made struct {
	filing
	sums []sum
}

func report(year int, list ...sum) made {
	return made{filing{year: year, id: "01J00000000000000000000000", scope: form.ScopeOwn, forms: [3]form.Version{form.V2021, form.V2021, form.V2021}}, list}
}

// body is an agency with its reports.
type body struct {
	id, name string
	reports  []made
}

// run judges made-up reports.
func run(request Request, code string, bodies []body) Result {
	m := measures(code)
	p := newPlan(m)
	agencies, s := held(p, bodies)
	return assemble(request, m[0], p.measures[0], agencies, s)
}

// held are made-up reports as if they came from the warehouse.
func held(p plan, bodies []body) ([]agency, sums) {
	var agencies []agency
	s := sums{sources: len(p.sources)}
	place := 0
	for _, b := range bodies {
		a := agency{id: b.id, name: b.name, scope: form.ScopeOwn}
		for _, r := range b.reports {
			f := r.filing
			f.name, f.place = b.name, place
			a.scope = f.scope
			a.filings = append(a.filings, f)
			s.list = append(s.list, append(r.sums, make([]sum, len(p.sources)-len(r.sums))...)...)
			place++
		}
		a.classify()
		agencies = append(agencies, a)
	}
	sort.Slice(agencies, func(i, j int) bool { return agencies[i].id < agencies[j].id })
	return agencies, s
}

func whole(cells uint64, total int64) sum { return sum{total: total, cells: cells, states: number} }

func district() []body {
	open := func(name string, id string, x, n int64) body {
		return body{id, name, []made{report(2023, whole(2, x), whole(1, n))}}
	}
	blanks := open("无答局", "x8", 0, 0)
	blanks.reports[0].sums[0].states |= blank
	government := open("某区人民政府", "x9", 500, 800)
	government.reports[0].scope = form.ScopeUnknown
	return []body{
		open("甲局", "x1", 18, 30), open("乙局", "x2", 60, 100), open("丙局", "x3", 45, 60), open("丁局", "x4", 10, 40),
		open("戊局", "x5", 12, 12), open("己镇人民政府", "x6", 3, 7), open("庚局", "x7", 0, 0), blanks, government,
		{"x10", "未交局", []made{report(2022, whole(2, 1), whole(1, 1))}},
	}
}

func TestShares(t *testing.T) {
	r := run(Request{Year: 2023}, "open_rate", district())
	var got []string
	for _, row := range r.Rows {
		got = append(got, fmt.Sprintf("%s %s %d%v %s", row.Name, row.State, row.Rank, row.Tied, row.Percent()))
	}
	want := []string{
		"丙局 value 1false 75.0%",
		"乙局 value 2true 60.0%",
		"甲局 value 2true 60.0%",
		"丁局 value 4false 25.0%",
		"戊局 value 0false 100.0%",
		"己镇人民政府 too_small 0false ",
		"庚局 no_denominator 0false ",
		"无答局 blank 0false ",
		"未交局 not_filed 0false ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if want := (Totals{6, 148, 249}); r.Totals != want {
		t.Errorf("totals = %+v, want %+v", r.Totals, want)
	}
	if r.Known != 9 || r.Received != 8 || r.OtherScope != 1 || r.Ranked != 4 {
		t.Errorf("known %d, received %d, other scope %d, ranked %d; want 9, 8, 1, 4", r.Known, r.Received, r.OtherScope, r.Ranked)
	}
	if diff := cmp.Diff([]LeftOut{{Blank, 1}, {NoDenominator, 1}, {NotFiled, 1}}, r.LeftOut); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
}

func TestAggregatesStandAlone(t *testing.T) {
	r := run(Request{Year: 2023, Scope: form.ScopeAggregate}, "open_rate", district())
	if len(r.Rows) != 1 || r.Rows[0].Name != "某区人民政府" || r.OtherScope != 9 {
		t.Errorf("list of aggregates = %+v with %d in the other scope, want 某区人民政府 alone and 9", r.Rows, r.OtherScope)
	}
}

func TestCountsAreRankedWithoutFloor(t *testing.T) {
	r := run(Request{Year: 2023}, "received", []body{
		{"x1", "甲局", []made{report(2023, whole(1, 2)), report(2022, whole(1, 5))}},
		{"x2", "乙局", []made{report(2023, whole(1, 0)), report(2022, sum{cells: 1, states: blank})}},
		{"x3", "丙局", []made{report(2023, whole(1, 2))}},
		{"x4", "丁局", []made{report(2023)}},
	})
	var got []string
	for _, row := range r.Rows {
		got = append(got, fmt.Sprintf("%s %s %d rank %d, last %s %d", row.Name, row.State, row.X.Sum, row.Rank, row.LastX.State, row.LastX.Sum))
	}
	want := []string{"丙局 value 2 rank 1, last not_filed 0", "甲局 value 2 rank 1, last value 5", "乙局 zero 0 rank 3, last blank 0", "丁局 no_row 0 rank 0, last not_filed 0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if r.Totals != (Totals{3, 4, 0}) || r.Both != (Totals{1, 2, 0}) || r.Last != (Totals{1, 5, 0}) {
		t.Errorf("totals %+v, both %+v, last %+v", r.Totals, r.Both, r.Last)
	}
}

func TestVersionsOfTheForm(t *testing.T) {
	m := measures("other")
	s := newPlan(m).measures[0]
	old, now, none, strange := report(2023, whole(1, 4), sum{}), report(2023, sum{}, whole(3, 5)), report(2023), report(2023, whole(1, 4))
	old.forms[1], none.forms[1], strange.forms[1] = form.V2019, "", "1999-1"
	for _, test := range []struct {
		f    made
		want Figure
	}{{old, Figure{State: Value, Sum: 4}}, {now, Figure{State: Value, Sum: 5}}, {none, Figure{State: NoRow}}, {strange, Figure{State: NoRow}}} {
		if got := s.top.figure(test.f.form, test.f.sums); got != test.want {
			t.Errorf("form %q: %+v, want %+v", test.f.forms[1], got, test.want)
		}
	}
	// A row that the version of the form does not have is another thing than a row that the report lacks.
	only := newPlan([]form.Measure{{Numerator: []form.Key{{Table: form.Section3, Row: "R6", Column: "total"}}}}).measures[0]
	if got := only.top.figure(now.form, now.sums); got.State != NAForm {
		t.Errorf("R6 in the 2021 form = %+v, want %s", got, NAForm)
	}
}

// shares is a district of so many agencies with the shares given, for one year.
func shares(list ...stats.Fraction) []body {
	var out []body
	for i, s := range list {
		out = append(out, body{fmt.Sprintf("x%03d", i), fmt.Sprintf("第%03d局", i), []made{report(2023, whole(2, s.X), whole(1, s.N))}})
	}
	return out
}

// TestDistrict: each share of at least 10 is judged against the share of all, which counts the small ones too.
func TestDistrict(t *testing.T) {
	list := []stats.Fraction{{X: 60, N: 100}, {X: 30, N: 50}, {X: 90, N: 150}, {X: 12, N: 20}, {X: 2, N: 40}, {X: 5, N: 9}, {X: 0, N: 0}}
	r := run(Request{Year: 2023}, "open_rate", shares(list...))
	d := r.District
	if d.Reason != stats.None || d.Share != (stats.Fraction{X: 199, N: 369}) || d.Compared() != 5 || d.Outside95 != 1 || d.Outside998 != 1 || d.Dispersion.InForce {
		t.Errorf("district = %+v, want 5 compared with 199/369 and one far outside", d)
	}
	var got []string
	for _, row := range r.Rows {
		got = append(got, fmt.Sprintf("%s %d/%d %s %v", row.Name, row.X.Sum, row.N.Sum, row.Judgement.Status, row.Judgement.Standing))
	}
	want := []string{"第000局 60/100 within false", "第001局 30/50 within false", "第002局 90/150 within false", "第004局 2/40 below_998 true", "第003局 12/20 within false",
		"第005局 5/9  false", "第006局 0/0  false"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	// Fewer than five are not compared, and a district of all or none neither.
	for reason, list := range map[stats.Reason][]stats.Fraction{
		stats.TooFew:   list[:4],
		stats.NoSpread: {{X: 0, N: 10}, {X: 0, N: 11}, {X: 0, N: 12}, {X: 0, N: 13}, {X: 0, N: 100}},
	} {
		r := run(Request{Year: 2023}, "open_rate", shares(list...))
		if r.District.Reason != reason || r.Rows[0].Judgement.Status != "" {
			t.Errorf("district of %v: reason %q, status %q, want %q and none", list, r.District.Reason, r.Rows[0].Judgement.Status, reason)
		}
	}
	if r := run(Request{Year: 2023}, "received", []body{{"x1", "甲局", []made{report(2023, whole(1, 60))}}}); r.District.Compared() != 0 {
		t.Errorf("counts are compared with their sum: %+v", r.District)
	}
}

// TestWidenedLimits: where all agencies differ, fewer of them stand out.
func TestWidenedLimits(t *testing.T) {
	var list []stats.Fraction
	for i := range int64(20) {
		list = append(list, stats.Fraction{X: 20 + 60*(i%2), N: 100})
	}
	r := run(Request{Year: 2023}, "open_rate", shares(list...))
	d := r.District
	if !d.Dispersion.InForce || d.Funnel.Phi != d.Dispersion.Phi || d.Outside95 != 0 {
		t.Errorf("district = %+v, want widened limits and nobody outside", d)
	}
}

func TestPooledYears(t *testing.T) {
	two := func(year int, x, n int64) made { return report(year, whole(2, x), whole(1, n)) }
	blanks := two(2022, 50, 60)
	blanks.sums[0].states |= blank
	strange := two(2023, 9, 8)
	elsewhere := two(2022, 100, 200)
	elsewhere.scope = form.ScopeAggregate
	r := run(Request{Year: 2023, Span: 3}, "open_rate", []body{
		{"x1", "甲局", []made{two(2023, 6, 10), two(2022, 7, 12), two(2021, 4, 10), two(2020, 90, 90)}},
		{"x2", "乙局", []made{two(2023, 12, 20), two(2021, 9, 15)}},
		{"x3", "丙局", []made{two(2022, 10, 20), two(2021, 11, 20)}}, // nothing received for the year itself
		{"x4", "丁局", []made{two(2023, 10, 20), blanks}},
		{"x5", "戊局", []made{two(2020, 10, 20)}},
		{"x6", "己局", []made{strange, two(2021, 3, 20)}},
		{"x7", "庚局", []made{two(2023, 10, 20), elsewhere, two(2021, 0, 0)}},
	})
	got := map[string]string{}
	for _, row := range r.Rows {
		got[row.Name] = fmt.Sprintf("%s %d/%d %v %s", row.State, row.X.Sum, row.N.Sum, row.Years, row.Percent())
	}
	want := map[string]string{
		"甲局": "value 17/32 [2021 2022 2023] 53.1%",
		"乙局": "value 21/35 [2021 2023] 60.0%",
		"丙局": "value 21/40 [2021 2022] 52.5%",
		"丁局": "one_year 0/0 [] ",
		"戊局": "not_filed 0/0 [] ",
		"己局": "one_year 0/0 [] ",
		"庚局": "value 10/20 [2021 2023] 50.0%",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if r.Totals != (Totals{4, 69, 127}) || r.Both.Agencies != 0 {
		t.Errorf("totals %+v, both %+v", r.Totals, r.Both)
	}
	if text := r.AppendJSON(nil); !json.Valid(text) || !strings.Contains(string(text), `"years":[2021,2023]`) || strings.Contains(string(text), `"last"`) {
		t.Errorf("JSON of pooled years: %s", text)
	}
}

func TestReadingsOfRequests(t *testing.T) {
	for _, tc := range []struct {
		request Request
		measure string
		ok      bool
	}{
		{Request{}, "open_rate", true}, {Request{Numerator: "full", Denominator: "handled"}, "open_rate", true}, {Request{Denominator: "total"}, "open_rate", false},
		{Request{Denominator: "total"}, "court_fix", true}, {Request{Numerator: "full"}, "refuse_rate", false}, {Request{Span: 3}, "open_rate", true},
		{Request{Span: 2}, "open_rate", false}, {Request{Span: 3}, "received", false}, {Request{Span: 3}, "growth", false}, {Request{Span: 1}, "received", true},
	} {
		m, err := tc.request.reading(measures(tc.measure)[0])
		if (err == nil) != tc.ok || tc.ok && tc.request.Denominator == "handled" && m.Per == measures(tc.measure)[0].Per {
			t.Errorf("%s read as %+v: %+v, %v", tc.measure, tc.request, m, err)
		}
	}
}

func TestGrowth(t *testing.T) {
	r := run(Request{Year: 2023}, "growth", []body{
		{"x1", "甲局", []made{report(2023, whole(1, 60)), report(2022, whole(1, 50))}},
		{"x2", "乙局", []made{report(2023, whole(1, 30)), report(2022, whole(1, 40))}},
		{"x3", "丙局", []made{report(2023, whole(1, 30)), report(2022, whole(1, 9))}},
		{"x4", "丁局", []made{report(2023, whole(1, 30)), report(2022, whole(1, 0))}},
		{"x5", "戊局", []made{report(2023, whole(1, 30))}},
		{"x6", "己局", []made{report(2022, whole(1, 30))}},
		{"x7", "庚局", []made{report(2023, whole(1, 20)), report(2022, whole(1, 20))}},
		{"x8", "辛局", []made{report(2023, whole(1, 0)), report(2022, sum{cells: 1, states: dash, raw: "/"})}},
	})
	got := map[string]string{}
	for _, row := range r.Rows {
		got[row.Name] = fmt.Sprintf("%s %d/%d %s rank %d", row.State, row.X.Sum, row.N.Sum, row.Percent(), row.Rank)
	}
	want := map[string]string{
		"甲局": "value 60/50 +20.0% rank 1", "乙局": "value 30/40 −25.0% rank 2", "丙局": "too_small 30/9  rank 0", "丁局": "no_denominator 30/0  rank 0",
		"戊局": "not_filed 30/0  rank 0", "己局": "not_filed 0/0  rank 0", "庚局": "zero 20/20 0.0% rank 0", "辛局": "dash 0/0  rank 0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if r.Percent() != "+17.6%" || r.Totals != (Totals{4, 140, 119}) {
		t.Errorf("all: %s of %+v", r.Percent(), r.Totals)
	}
	if text := r.AppendJSON(nil); !json.Valid(text) || strings.Contains(string(text), "lower") {
		t.Errorf("JSON of growth: %s", text)
	}
}

// TestChange: the difference to the year before stands where both shares may be shown, with its interval.
func TestChange(t *testing.T) {
	r := run(Request{Year: 2023}, "open_rate", []body{
		{"x1", "甲局", []made{report(2023, whole(2, 56), whole(1, 70)), report(2022, whole(2, 48), whole(1, 80))}},
		{"x2", "乙局", []made{report(2023, whole(2, 56), whole(1, 70)), report(2022, whole(2, 4), whole(1, 8))}},
		{"x3", "丙局", []made{report(2023, whole(2, 5), whole(1, 7)), report(2022, whole(2, 40), whole(1, 80))}},
	})
	for _, row := range r.Rows {
		if row.Changed != (row.Name == "甲局") {
			t.Errorf("%s: changed = %v", row.Name, row.Changed)
		}
		if c := row.Change; row.Changed && (!c.Clear() || fmt.Sprintf("%.4f %.4f %.4f", c.Difference, c.Lower, c.Upper) != "0.2000 0.0524 0.3339") {
			t.Errorf("change of %s = %+v", row.Name, c)
		}
	}
}

func TestDecimal(t *testing.T) {
	for _, tc := range []struct {
		n     int64
		scale int
		want  string
	}{{416624161900, 8, "4166.241619"}, {0, 8, "0"}, {100000000, 8, "1"}, {1, 8, "0.00000001"}, {12, 0, "12"}, {9200000, 8, "0.092"}} {
		if got := Decimal(tc.n, tc.scale); got != tc.want {
			t.Errorf("Decimal(%d, %d) = %s, want %s", tc.n, tc.scale, got, tc.want)
		}
	}
}

// TestPlacesByYear: who asks for two years needs room for the filings of two.
func TestPlacesByYear(t *testing.T) {
	roster, answer := large(3, 2) // two years each
	agencies, filings, err := decodeRoster(roster)
	if err != nil {
		t.Fatal(err)
	}
	r := &Roster{year: 2023, agencies: agencies}
	r.place(filings)
	if r.from(2023) != 3 || r.from(2022) != 6 || r.from(0) != 6 || r.from(2024) != 0 {
		t.Errorf("filings since 2024, 2023, 2022, 0: %d %d %d %d, want 0 3 6 6", r.from(2024), r.from(2023), r.from(2022), r.from(0))
	}
	list, err := decodeSums(answer, 2, r.from(2023), r.places)
	if err != nil || len(list) != 6 {
		t.Fatalf("decodeSums = %d sums, %v, want 6", len(list), err)
	}
	for i := range r.agencies {
		for k := range r.agencies[i].filings {
			if f := &r.agencies[i].filings[k]; f.year == 2023 {
				if got, want := (sums{list, 2}).of(f)[0].total, int64((i*31+2023)%97); got != want {
					t.Errorf("sum of agency %d in 2023 = %d, want %d", i, got, want)
				}
			}
		}
	}
}

// TestAbsentIsNeverZero: in the JSON of an agency without a report stands no 0 as a value.
func TestAbsentIsNeverZero(t *testing.T) {
	for _, code := range []string{"open_rate", "received"} {
		r := run(Request{Year: 2023}, code, []body{{id: "xa", name: "未交局"}})
		text := r.AppendJSON(nil)
		var page struct{ Rows []map[string]any }
		if err := json.Unmarshal(text, &page); err != nil {
			t.Fatalf("%s: %v in %s", code, err, text)
		}
		if row := string(text[strings.Index(string(text), `"rows"`):]); strings.Contains(row, "0") {
			t.Errorf("%s: the row of an agency without a report holds a 0: %s", code, row)
		}
		if v, ok := page.Rows[0]["value"]; !ok || v != nil || page.Rows[0]["state"] != "not_filed" {
			t.Errorf("%s: value %v, state %v; want null and not_filed", code, v, page.Rows[0]["state"])
		}
		if !strings.Contains(string(text), `"x":null`) {
			t.Errorf("%s: the total of nothing is not null: %s", code, text)
		}
	}
}

// FuzzTextInJSON: a hand-written encoder must say what encoding/json says.
func FuzzTextInJSON(f *testing.F) {
	for _, s := range []string{"", "博山区", "a\"b\\c", "<img>&", "\x00\x1f\x7f\n", "\xff\xc3", "\u2028\u2029", "😀"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got, want string
		if err := json.Unmarshal(appendText(nil, s), &got); err != nil {
			t.Fatalf("appendText(%q) = %s: %v", s, appendText(nil, s), err)
		}
		b, _ := json.Marshal(s)
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("appendText(%q) reads back as %q, want %q", s, got, want)
		}
	})
}
