package compare_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	gocmp "github.com/google/go-cmp/cmp"

	"nianbao/internal/engine"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
	"nianbao/query/sample"
)

func TestMain(m *testing.M) {
	engine.MaybeChild()
	os.Exit(m.Run())
}

// TestOneDistrict makes the tests in one warehouse, to fill which takes longer than most of them: first those that change
// nothing, then those that decide something about a report of their own and ask for that one alone.
func TestOneDistrict(t *testing.T) {
	store := sample.District(t)
	for _, of := range []struct {
		name string
		test func(*testing.T, *warehouse.Store)
	}{
		{"figures", testWarehouse}, {"history", testHistory}, {"questions", testAskOnce}, {"pages", testPages}, {"peers", testPeers},
		{"corrections", testCorrections}, {"dismissed findings", testDismissedFindings},
	} {
		t.Run(of.name, func(t *testing.T) { of.test(t, store) })
	}
}

func rows(r compare.Result) map[string]string {
	out := map[string]string{}
	for _, row := range r.Rows {
		text := string(row.State)
		if row.X.Known() {
			text += fmt.Sprint(" ", row.X.Sum)
		}
		if row.N.Known() {
			text += fmt.Sprint("/", row.N.Sum)
		}
		if row.Percent() != "" {
			text += " " + row.Percent()
		}
		if row.BlankAsZero() {
			text += " blank_as_zero"
		}
		if row.X.Raw != "" {
			text += " " + row.X.Raw
		}
		out[row.Name] = text
	}
	return out
}

func testWarehouse(t *testing.T, store *warehouse.Store) {
	run := func(r compare.Request) compare.Result {
		t.Helper()
		result, err := compare.Run(t.Context(), store.Conn(), r)
		if err != nil {
			t.Fatal(err)
		}
		return result
	}

	received := run(compare.Request{Measure: "received", Year: sample.Year})
	want := map[string]string{
		sample.Science: "value 52", sample.Education: "not_filed", sample.Civil: "zero 0", sample.Health: "value 120", sample.Housing: "excluded 64",
		sample.Justice: "ambiguous 2 1", sample.Transport: "excluded 18", sample.Statistics: "no_row", sample.Culture: "value 40",
		sample.Street: "dash /", sample.Town: "value 11", sample.Hostile: "value 33", sample.MadeUp: "value 25",
	}
	if diff := gocmp.Diff(want, rows(received)); diff != "" {
		t.Errorf("received (-want +got):\n%s", diff)
	}
	if received.Known != 13 || received.Received != 12 || received.OtherScope != 1 || received.Synthetic != 1 {
		t.Errorf("known %d, received %d, in the other scope %d, synthetic %d; want 13, 12, 1, 1", received.Known, received.Received, received.OtherScope, received.Synthetic)
	}
	if got, want := received.Totals, (compare.Totals{Agencies: 7, X: 281}); got != want {
		t.Errorf("totals %+v, want %+v", got, want)
	}

	refused := rows(run(compare.Request{Measure: "refuse_rate", Year: sample.Year}))
	for name, want := range map[string]string{
		sample.Health:    "value 15/120 12.5% blank_as_zero",
		sample.Housing:   "blank/64",
		sample.Culture:   "value 5/40 12.5%",
		sample.Civil:     "no_denominator 0/0",
		sample.Town:      "value 1/11 9.1%",
		sample.Transport: "excluded 2/9",
		sample.Education: "not_filed",
	} {
		if refused[name] != want {
			t.Errorf("refuse_rate of %s: %q, want %q", name, refused[name], want)
		}
	}

	// Flawed reports count where that is asked for.
	all := run(compare.Request{Measure: "received", Year: sample.Year, Flawed: true})
	if got := rows(all); got[sample.Housing] != "value 64" || got[sample.Transport] != "value 18" || all.Totals != (compare.Totals{Agencies: 9, X: 363}) {
		t.Errorf("with flawed reports: %s %q, %s %q, totals %+v", sample.Housing, got[sample.Housing], sample.Transport, got[sample.Transport], all.Totals)
	}
	if got := rows(run(compare.Request{Measure: "refuse_rate", Year: sample.Year, Flawed: true}))[sample.Transport]; got != "too_small 2/9" {
		t.Errorf("refuse_rate of %s with flawed reports: %q", sample.Transport, got)
	}

	other := rows(run(compare.Request{Measure: "other", Year: sample.Year}))
	if other[sample.Culture] != "zero 0" || other[sample.Science] != "zero 0" {
		t.Errorf("other of the 2019 form %q, of the 2021 form %q; want zero 0 of both", other[sample.Culture], other[sample.Science])
	}

	aggregates := run(compare.Request{Measure: "received", Year: sample.Year, Scope: "aggregate"})
	if diff := gocmp.Diff(map[string]string{sample.Government: "value 460"}, rows(aggregates)); diff != "" {
		t.Errorf("aggregates (-want +got):\n%s", diff)
	}
	towns := run(compare.Request{Measure: "received", Year: sample.Year, Kind: register.Township})
	if diff := gocmp.Diff(map[string]string{sample.Town: "value 11"}, rows(towns)); diff != "" {
		t.Errorf("townships (-want +got):\n%s", diff)
	}
	two := run(compare.Request{Measure: "received", Year: sample.Year, Agencies: []string{warehouse.AgencyID(sample.Hostile), warehouse.AgencyID(sample.Town)}})
	if diff := gocmp.Diff(map[string]string{sample.Town: "value 11", sample.Hostile: "value 33"}, rows(two)); diff != "" {
		t.Errorf("two agencies (-want +got):\n%s", diff)
	}

	fees := run(compare.Request{Measure: "fees", Year: sample.Year})
	if got := rows(fees); got[sample.Town] != "value 416624161900" || got[sample.Culture] != "na_form" || got[sample.Civil] != "zero 0" || fees.Totals.X != 416624161900 {
		t.Errorf("fees of the town %q, on the form of 2019 %q, of nothing %q, total %d; want 4166.241619, na_form, 0", got[sample.Town], got[sample.Culture], got[sample.Civil], fees.Totals.X)
	}
	if text := string(fees.AppendJSON(nil)); !strings.Contains(text, `"value":4166.241619`) || !strings.Contains(text, `"x":4166.241619`) {
		t.Errorf("fees in JSON: %s", text)
	}
	if got := rows(run(compare.Request{Measure: "license", Year: sample.Year}))[sample.Hostile]; got != "text <b onmouseover=alert(2)>见附件</b>" {
		t.Errorf("licences of %s: %q", sample.Hostile, got)
	}
	growth := rows(run(compare.Request{Measure: "growth", Year: sample.Year}))
	for name, want := range map[string]string{sample.Science: "value 52/44 +18.2%", sample.Health: "value 120/130 −7.7%", sample.Town: "too_small 11/9", sample.Culture: "not_filed 40", sample.Education: "not_filed"} {
		if growth[name] != want {
			t.Errorf("growth of %s: %q, want %q", name, growth[name], want)
		}
	}
	pooled := rows(run(compare.Request{Measure: "open_rate", Year: sample.Year, Span: 3}))
	for name, want := range map[string]string{sample.Science: "value 81/127 63.8%", sample.Education: "value 57/92 62.0%", sample.Culture: "one_year", sample.Statistics: "one_year"} {
		if pooled[name] != want {
			t.Errorf("open_rate of three years of %s: %q, want %q", name, pooled[name], want)
		}
	}
	full := rows(run(compare.Request{Measure: "open_rate", Year: sample.Year, Numerator: "full", Denominator: "handled"}))
	if want := "value 29/57 50.9%"; full[sample.Science] != want {
		t.Errorf("open_rate of %s in other readings: %q, want %q", sample.Science, full[sample.Science], want)
	}
	for _, wrong := range []compare.Request{{Measure: "open_rate", Denominator: "total"}, {Measure: "received", Span: 3}} {
		wrong.Year = sample.Year
		if _, err := compare.Run(t.Context(), store.Conn(), wrong); !errors.Is(err, compare.ErrNoReading) {
			t.Errorf("%+v: error %v, want %v", wrong, err, compare.ErrNoReading)
		}
	}
	if _, err := compare.Run(t.Context(), store.Conn(), compare.Request{Measure: "days_late", Year: sample.Year}); !errors.Is(err, compare.ErrUnknownMeasure) {
		t.Errorf("days_late: error %v, want %v", err, compare.ErrUnknownMeasure)
	}

	if text := received.AppendJSON(nil); !json.Valid(text) {
		t.Errorf("not JSON: %s", text)
	}
}

// TestAsOf: each past state can be asked for.
func TestAsOf(t *testing.T) {
	store := sample.Empty(t)
	empty, err := compare.Run(t.Context(), store.Conn(), compare.Request{Measure: "received", Year: sample.Year})
	if err != nil || len(empty.Rows) != 0 {
		t.Errorf("empty warehouse: %d rows, %v; want none", len(empty.Rows), err)
	}
	times := sample.Commit(t, store, sample.Specs()[:4]...)
	for i, want := range []string{"not_filed", "not_filed", "value 50", "value 52"} {
		r, err := compare.Run(t.Context(), store.Conn(), compare.Request{Measure: "received", Year: sample.Year, AsOf: times[i]})
		if err != nil {
			t.Fatal(err)
		}
		if got := rows(r)[sample.Science]; got != want {
			t.Errorf("as of commit %d: %q, want %q", i, got, want)
		}
	}
	before, err := compare.Run(t.Context(), store.Conn(), compare.Request{Measure: "received", Year: sample.Year, AsOf: times[0].Add(-time.Microsecond)})
	if err != nil || len(before.Rows) != 0 {
		t.Errorf("before the first commit: %d rows, %v; want none", len(before.Rows), err)
	}
}

func testHistory(t *testing.T, store *warehouse.Store) {
	h, err := compare.HistoryOf(t.Context(), store.Conn(), warehouse.AgencyID(sample.Science), time.Time{}, "received", "open_rate")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, y := range h.Years {
		got = append(got, fmt.Sprint(y.Year, " ", y.Figures[0].X.Sum, " ", y.Figures[1].X.Sum, "/", y.Figures[1].N.Sum, " ", y.Figures[1].Percent()))
	}
	want := []string{"2021 31 20/31 64.5%", "2022 44 28/44 63.6%", "2023 52 33/52 63.5%"}
	if diff := gocmp.Diff(want, got); diff != "" || h.Name != sample.Science {
		t.Errorf("history of %q (-want +got):\n%s", h.Name, diff)
	}
	none, err := compare.HistoryOf(t.Context(), store.Conn(), "xnone", time.Time{}, "received")
	if err != nil || len(none.Years) != 0 {
		t.Errorf("history of an unknown agency = %+v, %v", none, err)
	}
}

// counter counts the questions that go through a connection.
type counter struct {
	driver.Conn
	asked int
}

func (c *counter) QueryFormat(ctx context.Context, format, sql string, args ...any) (io.ReadCloser, error) {
	c.asked++
	return c.Conn.QueryFormat(ctx, format, sql, args...)
}

// testAskOnce: what a roster was asked for once it answers again, in other orders and for fewer agencies, without a
// question to the warehouse, and says the same as one that is asked for the first time.
func testAskOnce(t *testing.T, store *warehouse.Store) {
	conn := &counter{Conn: store.Conn()}
	roster, err := compare.ReadRoster(t.Context(), conn, sample.Year, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	two := []string{warehouse.AgencyID(sample.Hostile), warehouse.AgencyID(sample.Town)}
	for _, step := range []struct {
		request compare.Request
		asks    int
	}{
		{compare.Request{Measure: "received", Agencies: two}, 1}, // a part of the sums is not kept
		{compare.Request{Measure: "received"}, 1},
		{compare.Request{Measure: "received", Sort: compare.ByName}, 0},
		{compare.Request{Measure: "received", Agencies: two}, 0},
		{compare.Request{Measure: "received", Scope: "aggregate"}, 0},
		{compare.Request{Measure: "refuse_rate"}, 1},
		{compare.Request{Measure: "refuse_rate", Span: 3}, 1}, // of more years
		{compare.Request{Measure: "received", Flawed: true}, 0},
	} {
		step.request.Year = sample.Year
		before := conn.asked
		got, err := roster.Run(t.Context(), conn, step.request)
		if err != nil {
			t.Fatal(err)
		}
		if asks := conn.asked - before; asks != step.asks {
			t.Errorf("%+v: %d questions, want %d", step.request, asks, step.asks)
		}
		want, err := compare.Run(t.Context(), store.Conn(), step.request)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(string(want.AppendJSON(nil)), string(got.AppendJSON(nil))); diff != "" {
			t.Errorf("%+v (-first +again):\n%s", step.request, diff)
		}
	}
}
