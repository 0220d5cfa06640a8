package coverage_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/oklog/ulid/v2"

	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
	"nianbao/query/coverage"
	"nianbao/query/sample"
)

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func bureau(code, name string) register.Agency {
	return register.Agency{Code: code, Kind: register.Bureau, Region: "370304", Names: []register.Name{{Text: name, Kind: register.Full}}}
}

func report(agency, name string, year, applications int, published, received time.Time) (warehouse.Submission, warehouse.Document) {
	s, d := sample.Spec{Name: name, Year: year, Version: form.V2021, New: applications}.Submission()
	s.Filing.Agency, s.Filing.Published, s.Filing.ReceivedAt = agency, published, received
	return s, d
}

func TestMatrix(t *testing.T) {
	store := sample.Empty(t)
	commit := func(b warehouse.Batch) time.Time {
		t.Helper()
		b.ID, b.By = ulid.Make().String(), "张某"
		done, err := store.Commit(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		return done.CommittedAt
	}
	matrix := func(r coverage.Request) coverage.Matrix {
		t.Helper()
		m, err := coverage.MatrixOf(t.Context(), store, r)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	states := func(m coverage.Matrix) map[string]string {
		out := map[string]string{}
		for _, l := range m.Lines {
			var words []string
			for _, c := range l.Cells {
				word := string(c.State)
				if c.Days > 0 {
					word += fmt.Sprint("+", c.Days)
				}
				if c.Zero {
					word += " zero"
				}
				words = append(words, word)
			}
			out[l.Name] = strings.Join(words, ", ")
		}
		return out
	}
	now := time.Date(2024, 2, 10, 4, 0, 0, 0, time.UTC) // 31 January is over, 31 March is not

	if m := matrix(coverage.Request{Now: now}); len(m.Lines) != 0 || len(m.Years) != 0 || m.Entries != 0 {
		t.Errorf("empty warehouse: %+v", m)
	}

	// Reports before there is a register: nobody is overdue.
	var b warehouse.Batch
	for _, r := range []struct {
		agency, name        string
		year, applications  int
		published, received time.Time
	}{
		{"kj", "博山区科学技术局", 2022, 5, day(2023, 1, 20), day(2023, 2, 20)},
		{"kj", "博山区科学技术局", 2023, 0, day(2024, 1, 31), day(2024, 2, 9)},
		{"mz", "博山区民政局", 2022, 3, day(2023, 1, 20), day(2023, 2, 20)},
		{"cs", "博山区财政局", 2023, 3, day(2024, 2, 3), day(2024, 2, 9)},
		{"sj", "博山区审计局", 2023, 3, time.Time{}, day(2024, 2, 9)},
		{"x0123456789ab", "博山区审什局", 2022, 1, time.Time{}, day(2024, 2, 9)},
	} {
		s, d := report(r.agency, r.name, r.year, r.applications, r.published, r.received)
		b.Submissions, b.Documents = append(b.Submissions, s), append(b.Documents, d)
	}
	b.Agencies = []warehouse.AgencyStatement{{Agency: bureau("x0123456789ab", "博山区审什局"), Reason: "first report"}}
	first := commit(b)
	m := matrix(coverage.Request{Now: now})
	want := map[string]string{"博山区科学技术局": "received, received zero", "博山区民政局": "received, not_received", "博山区财政局": "not_received, received",
		"博山区审计局": "not_received, received", "博山区审什局": "received, not_received"}
	if diff := cmp.Diff(want, states(m)); diff != "" {
		t.Errorf("without a register (-want +got):\n%s", diff)
	}
	if f := m.Feet[1]; f.Obliged != 0 || f.NotFiled != 0 || f.Received != 3 || f.NotReceived != 2 || f.Zero != 1 || m.Entries != 0 {
		t.Errorf("without a register: %+v", f)
	}

	ended := bureau("yl", "博山区园林局")
	ended.To = day(2023, 6, 30)
	government := register.Agency{Code: "zf", Kind: register.Government, Region: "370304", Names: []register.Name{{Text: "博山区人民政府", Kind: register.Full}}}
	statements := warehouse.Batch{}
	for _, a := range []register.Agency{bureau("kj", "博山区科学技术局"), bureau("mz", "博山区民政局"), bureau("cs", "博山区财政局"), bureau("sj", "博山区审计局"), ended, government} {
		statements.Agencies = append(statements.Agencies, warehouse.AgencyStatement{Agency: a})
	}
	second := commit(statements)
	m = matrix(coverage.Request{Now: now})
	want = map[string]string{"博山区科学技术局": "on_time, on_time zero", "博山区民政局": "on_time, not_filed+10", "博山区财政局": "not_filed+375, late+3",
		"博山区审计局": "not_filed+375, date_unknown", "博山区园林局": "not_filed+375, not_obliged", "博山区人民政府": "not_filed+316, not_due",
		"博山区审什局": "received, not_received"}
	if diff := cmp.Diff(want, states(m)); diff != "" {
		t.Errorf("with a register (-want +got):\n%s", diff)
	}
	if f := m.Feet[1]; f.Obliged != 5 || f.Filed != 3 || f.OnTime != 1 || f.Late != 1 || f.DateUnknown != 1 || f.NotFiled != 1 || f.NotDue != 1 || f.NotObliged != 1 || f.NotReceived != 1 || f.Zero != 1 {
		t.Errorf("2023: %+v", f)
	}
	if last := m.Lines[len(m.Lines)-1]; last.Registered || m.Entries != 6 {
		t.Errorf("last line %s, registered %v; %d entries; want the one that is not, 6", last.Name, last.Registered, m.Entries)
	}
	if got := states(matrix(coverage.Request{Now: now, States: []coverage.State{register.Late}})); len(got) != 1 || got["博山区财政局"] == "" {
		t.Errorf("late: %v", got)
	}
	if got := states(matrix(coverage.Request{Now: now, Agencies: []string{"kj"}, Years: []int{2023}})); len(got) != 1 || got["博山区科学技术局"] != "on_time zero" {
		t.Errorf("one agency and year: %v", got)
	}
	if got := matrix(coverage.Request{Now: now, AsOf: first}); got.Entries != 0 || got.Feet[1].NotFiled != 0 {
		t.Errorf("as of before the register: %d entries, %+v", got.Entries, got.Feet[1])
	}

	// A name of a report turns out to be that of an agency.
	u, err := coverage.UndecidedOf(t.Context(), store, time.Time{})
	if err != nil || len(u.Names) != 1 || u.Names[0].Agency != "x0123456789ab" || len(u.Names[0].Years) != 1 {
		t.Errorf("undecided %+v, %v; want one name", u, err)
	}
	linked := bureau("x0123456789ab", "博山区审什局").As("sj")
	renamed := bureau("kj", "博山区科学技术局")
	renamed.Names = append(renamed.Names, register.Name{Text: "博山区科技局", Kind: register.Short})
	commit(warehouse.Batch{Agencies: []warehouse.AgencyStatement{{Agency: linked, Reason: "误写"}, {Agency: renamed}, {Agency: bureau("mz", "博山区民政局")}}})
	if got := states(matrix(coverage.Request{Now: now}))["博山区审计局"]; got != "date_unknown, date_unknown" {
		t.Errorf("after the link: %s", got)
	}
	if u, err = coverage.UndecidedOf(t.Context(), store, time.Time{}); err != nil || len(u.Names) != 0 {
		t.Errorf("undecided after the link: %+v, %v", u, err)
	}

	for range 2 { // said twice it changes once
		commit(warehouse.Batch{Obligations: []register.Obligation{{Agency: "mz", Year: 2023, Due: day(2024, 2, 29), Obliged: true, Reason: "洪灾"}}})
	}
	if got := states(matrix(coverage.Request{Now: now}))["博山区民政局"]; got != "on_time, not_due" {
		t.Errorf("after the exception: %s", got)
	}
	changes, err := coverage.RegisterChanges(t.Context(), store, time.Time{}, time.Time{})
	if err != nil || len(changes) != 10 || changes[0].What[0] != coverage.Added || !changes[0].Provisional {
		t.Errorf("%d changes, %v; want 10, the first a provisional entry", len(changes), err)
	}
	changes, err = coverage.RegisterChanges(t.Context(), store, second, time.Time{})
	var got []string
	for _, c := range changes {
		got = append(got, strings.TrimSpace(fmt.Sprint(c.Agency, " ", c.What, " ", c.Person, " ", c.Reason)))
	}
	if diff := cmp.Diff([]string{"kj [renamed] 张某", "x0123456789ab [linked] 张某 误写", "mz [excepted] 张某 洪灾"}, got); diff != "" || err != nil {
		t.Errorf("changes after the register came (-want +got), %v:\n%s", err, diff)
	}
}

func TestUndecidedFiles(t *testing.T) {
	store := sample.Empty(t)
	_, doc := sample.Specs()[0].Submission()
	done, err := store.Commit(t.Context(), warehouse.Batch{ID: ulid.Make().String(), By: "张某", Documents: []warehouse.Document{doc},
		Agencies: []warehouse.AgencyStatement{{Agency: bureau("kj", "淄博市博山区科学技术局")}},
		Waiting:  []warehouse.WaitingFile{{SHA256: doc.SHA256, Act: warehouse.Wait, File: "报告.html", AgencyName: "科学技术局", Year: 2023, ReceivedAt: day(2024, 2, 9)}}})
	if err != nil {
		t.Fatal(err)
	}
	u, err := coverage.UndecidedOf(t.Context(), store, done.CommittedAt)
	if err != nil || len(u.Waiting) != 1 || u.Waiting[0].Match.How != register.NoMatch || len(u.Waiting[0].Match.Candidates) != 1 {
		t.Errorf("undecided %+v, %v; want one file with one candidate", u, err)
	}
	if u, err = coverage.UndecidedOf(t.Context(), store, done.CommittedAt.Add(-time.Second)); err != nil || len(u.Waiting) != 0 {
		t.Errorf("before: %+v, %v", u, err)
	}
}
