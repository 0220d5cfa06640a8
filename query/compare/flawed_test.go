package compare_test

import (
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
	"nianbao/query/sample"
)

// testDismissedFindings: a report with a critical finding is left out until a person says that there is a good reason for
// each of them, and what held before that can still be asked for.
func testDismissedFindings(t *testing.T, store *warehouse.Store) {
	state := func(asOf time.Time) string {
		t.Helper()
		r, err := compare.Run(t.Context(), store.Conn(), compare.Request{Measure: "received", Year: sample.Year, AsOf: asOf})
		if err != nil {
			t.Fatal(err)
		}
		return rows(r)[sample.Transport]
	}
	filings, err := store.Filings(t.Context(), time.Time{}, warehouse.Filter{Agencies: []string{id(sample.Transport)}, Years: []int{sample.Year}})
	if err != nil || len(filings) != 1 {
		t.Fatalf("%d filings, %v", len(filings), err)
	}
	findings, err := store.Findings(t.Context(), time.Time{}, filings[0])
	if err != nil {
		t.Fatal(err)
	}
	var open []form.Finding
	for _, f := range findings {
		if c, _ := form.LookupCheck(f.Rule); f.Status == form.Fail && c.Severity == form.Critical {
			open = append(open, f)
		}
	}
	if len(open) < 2 || state(time.Time{}) != "excluded 18" {
		t.Fatalf("%d critical findings, state %q; want some and excluded", len(open), state(time.Time{}))
	}
	decide := func(decision string, list ...form.Finding) time.Time {
		t.Helper()
		b := warehouse.Batch{ID: ulid.Make().String(), By: "测试"}
		for _, f := range list {
			b.Reviews = append(b.Reviews, warehouse.Review{ID: ulid.Make().String(), Decision: decision, Filing: filings[0].ID, Reason: "有说明", Person: "测试",
				FindingKey: warehouse.FindingKey{Agency: filings[0].HeldAs, Year: sample.Year, Rule: f.Rule, Table: f.Table, Place: f.Place}, Basis: f.Basis})
		}
		done, err := store.Commit(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		return done.CommittedAt
	}
	first := decide(warehouse.Dismiss, open[1:]...)
	if got := state(time.Time{}); got != "excluded 18" {
		t.Errorf("with one finding open: %q, want excluded", got)
	}
	decide(warehouse.Dismiss, open[0])
	if got := state(time.Time{}); got != "value 18" {
		t.Errorf("with every finding dismissed: %q, want value", got)
	}
	if got := state(first); got != "excluded 18" {
		t.Errorf("as of the first decisions: %q, want excluded", got)
	}
	decide(warehouse.Reopen, open[0])
	if got := state(time.Time{}); got != "excluded 18" {
		t.Errorf("with a finding open again: %q, want excluded", got)
	}
}
