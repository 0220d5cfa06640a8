package findings_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/oklog/ulid/v2"
	"github.com/shopspring/decimal"

	"nianbao/internal/engine"
	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
	"nianbao/query/findings"
	"nianbao/query/moment"
	"nianbao/query/sample"
)

func TestMain(m *testing.M) {
	engine.MaybeChild()
	os.Exit(m.Run())
}

func commit(t *testing.T, store *warehouse.Store, b warehouse.Batch) time.Time {
	t.Helper()
	b.ID, b.By = ulid.Make().String(), "张某"
	done, err := store.Commit(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return done.CommittedAt
}

func all(t *testing.T, store *warehouse.Store, r findings.Request) []findings.Item {
	t.Helper()
	var list []findings.Item
	if err := findings.Each(t.Context(), store, r, func(i *findings.Item) error { list = append(list, *i); return nil }); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestFindings(t *testing.T) {
	store := sample.District(t)
	list := all(t, store, findings.Request{})
	if len(list) == 0 {
		t.Fatal("no findings")
	}

	t.Run("pages hold every row once", func(t *testing.T) {
		for _, sort := range findings.Sorts {
			r := findings.Request{Sort: sort}
			want := ids(all(t, store, r))
			if len(want) != len(list) {
				t.Errorf("%s: %d findings, want %d", sort, len(want), len(list))
			}
			if sort == findings.ByYear || sort == findings.ByAgency {
				continue
			}
			var got []string
			for cursor, page := "", 0; ; page++ {
				l, err := findings.Page(t.Context(), store, r, 7, cursor)
				if err != nil {
					t.Fatal(err)
				}
				if l.Total != len(want) || l.From != len(got)+1 {
					t.Fatalf("%s: page %d: total %d, from %d; want %d, %d", sort, page, l.Total, l.From, len(want), len(got)+1)
				}
				got = append(got, ids(l.Items)...)
				if cursor = l.Next; cursor == "" {
					break
				}
				if _, err := findings.Page(t.Context(), store, findings.Request{Sort: sort, Text: "x"}, 4, cursor); !errors.Is(err, moment.ErrCursor) {
					t.Fatalf("%s: the cursor of another list: %v, want %v", sort, err, moment.ErrCursor)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: pages (-want +got):\n%s", sort, diff)
			}
		}
	})

	t.Run("every filter takes a part, and the parts are the whole", func(t *testing.T) {
		whole := findings.Request{Outcomes: findings.Outcomes}
		n := len(all(t, store, whole))
		for name, parts := range map[string][]findings.Request{
			"years":      parts([]int{2021, 2022, 2023}, func(r *findings.Request, v int) { r.Years = []int{v} }),
			"outcomes":   parts(findings.Outcomes, func(r *findings.Request, v form.Outcome) { r.Outcomes = []form.Outcome{v} }),
			"severities": parts(form.Severities, func(r *findings.Request, v form.Severity) { r.Severities = []form.Severity{v} }),
			"kinds":      {{Kinds: register.Kinds[:3]}, {Kinds: register.Kinds[3:]}},
			"decisions":  {{Decisions: findings.Decisions[:1]}, {Decisions: findings.Decisions[1:]}},
			"rules":      {{Rules: []string{"A1"}}, {Rules: []string{"A2", "A3", "A4", "A5", "A6"}}},
		} {
			sum := 0
			for _, r := range parts {
				if r.Outcomes == nil {
					r.Outcomes = findings.Outcomes
				}
				sum += len(all(t, store, r))
			}
			if sum != n {
				t.Errorf("%s: the parts have %d findings, the whole %d", name, sum, n)
			}
		}
		if got := all(t, store, findings.Request{Agencies: []string{warehouse.AgencyID(sample.Transport)}, Outcomes: []form.Outcome{form.Fail}}); len(got) != 3 {
			t.Errorf("%d failing checks of %s, want 3", len(got), sample.Transport)
		}
		for _, i := range all(t, store, findings.Request{Text: "交通"}) {
			if i.Name != sample.Transport {
				t.Errorf("text 交通 finds one of %s", i.Name)
			}
		}
	})

	t.Run("counts agree with the list", func(t *testing.T) {
		c, err := findings.CountsOf(t.Context(), store, findings.Request{Years: []int{sample.Year}})
		if err != nil {
			t.Fatal(err)
		}
		failing := 0
		for _, r := range c.Rules {
			failing += r.Outcomes[form.Fail] + r.Outcomes[form.Uncertain]
			if open := r.Decisions[findings.Open]; open != r.Outcomes[form.Fail]+r.Outcomes[form.Uncertain] {
				t.Errorf("%s: %d open, want all", r.Rule, open)
			}
		}
		if want := len(all(t, store, findings.Request{Years: []int{sample.Year}})); failing != want || c.Reports != 13 {
			t.Errorf("%d findings in %d reports, want %d in 13", failing, c.Reports, want)
		}
	})

	t.Run("an unknown id", func(t *testing.T) {
		for _, id := range []string{"", "x", strings.Replace(list[0].ID, list[0].Rule, "Z9", 1), "01ARZ3NDEKTSV4RRFFQ69G5FAV-A1-000000000000"} {
			if _, err := findings.One(t.Context(), store, id, time.Time{}); !errors.Is(err, warehouse.ErrNotFound) {
				t.Errorf("%q: %v, want not found", id, err)
			}
		}
	})
}

// TestDecisions: a decision holds while the finding rests on what the person saw, at every moment as it was then.
func TestDecisions(t *testing.T) {
	store := sample.Empty(t)
	specs := sample.Specs()
	transport := slices.IndexFunc(specs, func(s sample.Spec) bool { return s.Name == sample.Transport && s.Year == sample.Year })
	sub, doc := specs[transport].Submission()
	for i := range sub.Findings {
		sub.Findings[i].Basis = "basis one"
	}
	times := []time.Time{commit(t, store, warehouse.Batch{Documents: []warehouse.Document{doc}, Submissions: []warehouse.Submission{sub}})}
	step := func(b warehouse.Batch) { times = append(times, commit(t, store, b)) }
	first := all(t, store, findings.Request{Outcomes: []form.Outcome{form.Fail}})[0]
	review := func(decision, basis string) warehouse.Batch {
		return warehouse.Batch{Reviews: []warehouse.Review{{ID: ulid.Make().String(), Decision: decision, Filing: first.Filing,
			FindingKey: warehouse.FindingKey{Agency: first.HeldAs, Year: first.Year, Rule: first.Rule, Table: first.Table, Place: first.Place},
			Basis:      basis, Reason: "理由", Person: "张某"}}}
	}
	step(review(warehouse.Dismiss, "basis one"))
	step(review(warehouse.Reopen, "basis one"))
	step(review(warehouse.Ask, "basis one"))
	step(review(warehouse.Confirm, "basis one"))
	// What it rests on changes: the old decision stands beside it.
	changed := slices.Clone(sub.Findings)
	for i := range changed {
		changed[i].Basis = "basis two"
	}
	step(warehouse.Batch{Assessments: []warehouse.Assessment{{Filing: first.Filing, Agency: first.HeldAs, Year: first.Year, Findings: changed}}})
	correction := warehouse.CorrectionAct{Correction: ulid.Make().String(), Act: warehouse.Propose, Filing: first.Filing, Agency: first.HeldAs, Year: first.Year,
		Key: first.Cells[0], State: form.Number, Value: decimal.NewFromInt(18), Reason: "看错", Person: "张某"}
	step(warehouse.Batch{Corrections: []warehouse.CorrectionAct{correction}})
	step(review(warehouse.Dismiss, "basis two"))
	again := slices.Clone(changed)
	for i := range again {
		again[i].Basis = "basis three"
	}
	step(warehouse.Batch{Assessments: []warehouse.Assessment{{Filing: first.Filing, Agency: first.HeldAs, Year: first.Year, Findings: again}}})

	want := []findings.Decision{findings.Open, findings.Dismissed, findings.Open, findings.Asked, findings.Confirmed, findings.BasisChanged, findings.Corrected, findings.Dismissed, findings.Corrected}
	for i, at := range append(times, time.Time{}) {
		if i == 2 || i == 4 { // as those before and after them
			continue
		}
		want := want[min(i, len(want)-1)]
		one, err := findings.One(t.Context(), store, first.ID, at)
		if err != nil {
			t.Fatal(err)
		}
		list := all(t, store, findings.Request{AsOf: at, Outcomes: []form.Outcome{form.Fail}, Decisions: []findings.Decision{want}})
		at := slices.IndexFunc(list, func(x findings.Item) bool { return x.ID == first.ID })
		if at < 0 {
			t.Errorf("moment %d: not among the %d that are %s", i, len(list), want)
			continue
		}
		item := one.Item
		item.Version = 0 // of the list it is not asked
		if diff := cmp.Diff(item, list[at], cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) }), cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" || one.Decision != want {
			t.Errorf("moment %d: decision %s, want %s; by id and in the list (-one +list):\n%s", i, one.Decision, want, diff)
		}
		if len(one.Reviews) != min(i, 4)+max(0, min(i-6, 1)) {
			t.Errorf("moment %d: %d reviews", i, len(one.Reviews))
		}
		if !one.Visible || one.Report.ID != first.Filing || len(one.Cells) != len(one.Item.Cells) {
			t.Errorf("moment %d: visible %v, %d cells of %d", i, one.Visible, len(one.Cells), len(one.Item.Cells))
		}
	}
}

func parts[T any](values []T, set func(*findings.Request, T)) []findings.Request {
	var out []findings.Request
	for _, v := range values {
		var r findings.Request
		set(&r, v)
		out = append(out, r)
	}
	return out
}

func ids(list []findings.Item) []string {
	out := make([]string, len(list))
	for i, item := range list {
		out[i] = item.ID
	}
	return out
}
