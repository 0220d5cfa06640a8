package compare_test

import (
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
	"nianbao/query/sample"
)

// testCorrections: a correction counts in the place of what was read, in one year, over the years and in sums of many
// cells; it says so; and what counted before it can still be asked for.
func testCorrections(t *testing.T, store *warehouse.Store) {
	run := func(measure string, asOf time.Time) (string, bool) {
		t.Helper()
		r, err := compare.Run(t.Context(), store.Conn(), compare.Request{Measure: measure, Year: sample.Year, AsOf: asOf, Flawed: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range r.Rows {
			if row.Name == sample.Justice {
				return rows(r)[sample.Justice], row.Corrected()
			}
		}
		return "", false
	}
	filings, err := store.Filings(t.Context(), time.Time{}, warehouse.Filter{Agencies: []string{id(sample.Justice)}, Years: []int{sample.Year}})
	if err != nil || len(filings) != 1 {
		t.Fatalf("%d filings, %v", len(filings), err)
	}
	correct := func(path, value string, two bool) time.Time {
		t.Helper()
		key, err := form.ParseKey(path)
		if err != nil {
			t.Fatal(err)
		}
		done, err := store.Commit(t.Context(), warehouse.Batch{ID: ulid.Make().String(), By: "测试", Corrections: []warehouse.CorrectionAct{{
			Correction: ulid.Make().String(), Act: warehouse.Propose, Filing: filings[0].ID, Agency: filings[0].HeldAs, Year: sample.Year, Key: key,
			State: form.Number, Value: decimal.RequireFromString(value), Two: two, Reason: "核对原件", Person: "测试"}}})
		if err != nil {
			t.Fatal(err)
		}
		return done.CommittedAt
	}
	first := correct("section2.licensing.processed", "150", false)
	correct("section3.NEW.total", "21", false)
	correct("section2.punishment.processed", "99", true) // waits for a second person
	for _, test := range []struct {
		measure   string
		asOf      time.Time
		want      string
		corrected bool
	}{
		{"received", time.Time{}, "value 21", true},
		{"received", first, "ambiguous 2 1", false},
		{"handled", time.Time{}, "value 23", true}, // one cell as read, one corrected
		{"license", time.Time{}, "value 150", true},
		{"license", first.Add(-time.Microsecond), "value 147", false},
		{"concluded", time.Time{}, "value 21", false},
		{"punish", time.Time{}, "value 42", false},
	} {
		if got, corrected := run(test.measure, test.asOf); got != test.want || corrected != test.corrected {
			t.Errorf("%s as of %v: %q, corrected %v; want %q, %v", test.measure, test.asOf, got, corrected, test.want, test.corrected)
		}
	}
	h, err := compare.HistoryOf(t.Context(), store.Conn(), id(sample.Justice), time.Time{}, "received")
	if err != nil || len(h.Years) != 1 || h.Years[0].Figures[0].X != (compare.Figure{State: compare.Value, Sum: 21, Corrected: true}) {
		t.Errorf("history: %+v, %v", h.Years, err)
	}
}
