package history_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/oklog/ulid/v2"
	"github.com/shopspring/decimal"

	"nianbao/internal/engine"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/history"
	"nianbao/query/sample"
)

func TestMain(m *testing.M) {
	engine.MaybeChild()
	os.Exit(m.Run())
}

// A report has two versions. One cell of the first was corrected, then the second came.
func TestHistory(t *testing.T) {
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
	version := func(applications int, change func(*warehouse.Submission)) (warehouse.Filing, time.Time) {
		t.Helper()
		s, d := sample.Spec{Name: sample.Science, Year: 2023, Version: form.V2021, New: applications, Change: change}.Submission()
		at := commit(warehouse.Batch{Submissions: []warehouse.Submission{s}, Documents: []warehouse.Document{d}})
		return s.Filing, at
	}
	text := "（一）主动公开情况。全年公开信息一百条。\n（二）依申请公开情况。本年度未收到申请。\n"
	first, one := version(40, func(s *warehouse.Submission) {
		s.Parts = []form.Part{{Code: "section1", Title: "一、总体情况", Text: text}, {Code: "section5", Title: "五、问题", Text: "无"}}
	})
	key := form.Key{Table: form.Section3, Row: "NEW", Column: "total"}
	correction := warehouse.CorrectionAct{Correction: ulid.Make().String(), Act: warehouse.Propose, Filing: first.ID, Agency: first.Agency, Year: 2023, Key: key,
		State: form.Number, Value: decimal.NewFromInt(41), Two: true, Reason: "印错", Person: "张某"}
	act := func(c warehouse.CorrectionAct, act, person string) warehouse.Batch {
		c.Act, c.Person = act, person
		return warehouse.Batch{Corrections: []warehouse.CorrectionAct{c}}
	}
	two := commit(act(correction, warehouse.Propose, "张某"))
	three := commit(act(correction, warehouse.Approve, "李某"))
	second, four := version(42, func(s *warehouse.Submission) {
		s.Parts = []form.Part{{Code: "section1", Title: "一、总体情况", Text: strings.Replace(text, "一百条", "二百条", 1)}, {Code: "section6", Title: "六、其他", Text: "收费"}}
		for i := range s.Cells {
			switch s.Cells[i].Key.String() {
			case "section3.R7.total":
				s.Cells[i].Value, s.Cells[i].Raw = decimal.NewFromInt(9), "9"
			case "section4.review.pending": // another program reads the same text otherwise
				s.Cells[i].Value = decimal.NewFromInt(3)
			case "section4.review.other":
				s.Cells[i].State = form.Ambiguous
			}
		}
	})
	repeat := correction
	repeat.Correction, repeat.Filing, repeat.Replaces, repeat.Two, repeat.Value = ulid.Make().String(), second.ID, correction.Correction, false, decimal.NewFromInt(43)
	five := commit(act(repeat, warehouse.Propose, "王某"))
	six := commit(warehouse.Batch{Withdrawals: []warehouse.Withdrawal{{Filing: second.ID, Act: warehouse.Withdraw, Reason: "误传", Person: "王某"}}})

	t.Run("standings", func(t *testing.T) {
		for _, c := range []struct {
			at   time.Time
			want string
		}{{one, ""}, {two, "proposed"}, {three, "in_force"}, {four, "confirm_again"}, {five, "repeated in_force"}, {six, "in_force confirm_again"}, {time.Time{}, "in_force confirm_again"}} {
			list, err := history.Corrections(t.Context(), store, history.CorrectionsRequest{AsOf: c.at})
			var got []string
			for _, x := range list {
				got = append(got, string(x.Standing))
				if x.Read == nil || x.Read.Value.Equal(x.Value) || x.Report.ID != x.Filing {
					t.Errorf("as of %v: read %v of %s, corrected to %s", c.at, x.Read, x.Report.ID, x.Value)
				}
			}
			if strings.Join(got, " ") != c.want || err != nil {
				t.Errorf("as of %v: %v, %v; want %s", c.at, got, err, c.want)
			}
		}
		list, err := history.Corrections(t.Context(), store, history.CorrectionsRequest{Standings: []history.Standing{history.ConfirmAgain}, Agencies: []string{first.Agency}, Filing: second.ID})
		if err != nil || len(list) != 1 || list[0].Value.String() != "43" {
			t.Errorf("narrowed: %+v, %v", list, err)
		}
	})

	t.Run("versions", func(t *testing.T) {
		for _, c := range []struct {
			at   time.Time
			want string
		}{{one, "v1 counts 0"}, {four, "v1 1, v2 counts 0"}, {six, "v1 counts 1, v2 withdrawn 1"}} {
			list, err := history.Versions(t.Context(), store, c.at, first.Agency, 2023)
			var got []string
			for _, v := range list {
				word := fmt.Sprint("v", v.Version)
				if v.Visible {
					word += " counts"
				}
				if v.Withdrawn {
					word += " withdrawn"
				}
				got = append(got, fmt.Sprint(word, " ", len(v.Corrections)))
			}
			if strings.Join(got, ", ") != c.want || err != nil {
				t.Errorf("as of %v: %v, %v; want %s", c.at, got, err, c.want)
			}
		}
		if list, err := history.Versions(t.Context(), store, time.Time{}, "none", 2023); len(list) != 0 || err != nil {
			t.Errorf("of nobody: %v, %v", list, err)
		}
	})

	t.Run("diff", func(t *testing.T) {
		cell := func(d history.Diff, path string) string {
			for _, c := range d.Cells {
				if c.Key.String() == path {
					return fmt.Sprint(c.Change, " ", c.Old.Value, " ", c.New.Value, " ", c.OldCorrected, " ", c.NewCorrected)
				}
			}
			return ""
		}
		d, err := history.DiffOf(t.Context(), store, history.DiffRequest{From: first.ID, To: second.ID})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := cell(d, key.String()), "changed 41 43 true true"; got != want {
			t.Errorf("cell %s: %s, want %s", key, got, want)
		}
		if got, want := cell(d, "section4.review.pending"), "changed 0 3 false false"; got != want {
			t.Errorf("a cell of which only the value differs: %q, want %q", got, want)
		}
		if got, want := cell(d, "section4.review.other"), "changed 0 0 false false"; got != want {
			t.Errorf("a cell of which only the state differs: %q, want %q", got, want)
		}
		if len(d.Cells) == 0 || d.Same < 100 {
			t.Errorf("%d cells differ, %d are the same", len(d.Cells), d.Same)
		}
		read, err := history.DiffOf(t.Context(), store, history.DiffRequest{From: first.ID, To: second.ID, AsRead: true})
		if got, want := cell(read, key.String()), "changed 40 42 false false"; got != want || err != nil {
			t.Errorf("as read: cell %s: %s, %v, want %s", key, got, err, want)
		}
		appeared := 0
		for _, f := range d.Findings {
			if f.Change != history.Added || f.New.Status == form.Pass {
				t.Errorf("finding %s %s: %s", f.Rule, f.Place, f.Change)
			}
			appeared++
		}
		if appeared == 0 {
			t.Error("no check failed anew, though a total is wrong")
		}
		var got []string
		for _, p := range d.Parts {
			got = append(got, fmt.Sprintf("%s %s %.2f %d", p.Code, p.Change, p.Repeated, len(p.Lines)))
			if p.Code == "section1" {
				var b strings.Builder
				for _, l := range p.Lines {
					fmt.Fprintf(&b, "%s %s\n", l.Change, l.Text)
				}
				want := "removed （一）主动公开情况。全年公开信息一百条。\nadded （一）主动公开情况。全年公开信息二百条。\nstayed （二）依申请公开情况。本年度未收到申请。\n"
				if diff := cmp.Diff(want, b.String()); diff != "" {
					t.Errorf("lines (-want +got):\n%s", diff)
				}
			}
		}
		if diff := cmp.Diff([]string{"section1 changed 0.97 3", "section5 removed 0.00 1", "section6 added 0.00 1"}, got); diff != "" {
			t.Errorf("parts (-want +got):\n%s", diff)
		}
		same, err := history.DiffOf(t.Context(), store, history.DiffRequest{From: first.ID, To: first.ID})
		if err != nil || len(same.Cells) != 0 || len(same.Findings) != 0 || same.Parts[0].Change != history.Stayed || same.Parts[0].Repeated != 1 {
			t.Errorf("with itself: %d cells, %v, %v", len(same.Cells), same.Findings, err)
		}
		if _, err := history.DiffOf(t.Context(), store, history.DiffRequest{From: first.ID, To: second.ID, AsOf: three}); err == nil {
			t.Error("a version that was not there yet was compared")
		}
	})

	t.Run("log", func(t *testing.T) {
		log := func(r history.LogRequest) []string {
			t.Helper()
			list, err := history.Log(t.Context(), store, r)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range list {
				if e.Batch == "" || e.At.IsZero() {
					t.Errorf("%+v: no batch or time", e)
				}
				got = append(got, strings.TrimSpace(fmt.Sprint(e.Kind, " v", e.Version, " ", e.Person, " ", e.Cause, " ", e.Detail)))
			}
			return got
		}
		want := []string{"report_added v1 测试 首次收到", "correction_proposed v1 张某 印错 41", "correction_approved v1 李某 印错 41", "version_added v2 测试 首次收到",
			"correction_proposed v2 王某 印错 43", "report_withdrawn v2 王某 误传"}
		if diff := cmp.Diff(want, log(history.LogRequest{})); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want[2:4], log(history.LogRequest{After: two, Until: four})); diff != "" {
			t.Errorf("part of the log (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want[5:], log(history.LogRequest{Kinds: []history.Kind{history.ReportWithdrawn}, Years: []int{2023}, Agencies: []string{first.Agency}})); diff != "" {
			t.Errorf("narrowed (-want +got):\n%s", diff)
		}
		if got := log(history.LogRequest{Years: []int{2022}}); len(got) != 0 {
			t.Errorf("of another year: %v", got)
		}
	})
}
