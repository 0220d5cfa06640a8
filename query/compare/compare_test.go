package compare

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
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
		"sums-of":         sumsQuery{sources: sources[:1], from: 2022, to: 2023, agencies: []string{"x1", "x'2"}},
	} {
		sql, args := q.SQL()
		for _, asOf := range []time.Time{then, {}} { // the text of the sub-query is tested where it is written
			visible, _ := warehouse.VisibleFilings(asOf)
			sql = strings.ReplaceAll(sql, visible, "(visible filings)")
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
		{form.Section3, "total", []string{"R6"}},
		{form.Section3, "total", []string{"R6_1", "R6_2", "R6_3"}},
		{form.Section3, "total", []string{"NEW"}},
		{form.Section4, "total", []string{"direct", "after"}},
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
		r.judge(true)
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
		agencies = append(agencies, a)
	}
	return assemble(request, m[0], p.measures[0], agencies, s)
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
