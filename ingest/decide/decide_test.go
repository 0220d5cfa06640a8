package decide_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"nianbao/ingest"
	"nianbao/ingest/assess"
	"nianbao/ingest/decide"
	"nianbao/internal/demo"
	"nianbao/internal/engine"
	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
)

func TestMain(m *testing.M) {
	engine.MaybeChild()
	os.Exit(m.Run())
}

// district is a store with the reports of a few bodies for 2022 and 2023, and the two filings of the first body.
func district(t *testing.T) (s *warehouse.Store, before, now warehouse.Filing) {
	t.Helper()
	if _, _, err := engine.FindLibrary(""); err != nil {
		t.Skip(err)
	}
	s, err := warehouse.Open(t.Context(), warehouse.Options{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	filings, _, err := demo.District(demo.Options{Agencies: 3, FirstYear: 2022, LastYear: 2023})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for f := range filings {
		if strings.Contains(f.Stem, "_v2") {
			continue
		}
		page, err := demo.Print(f.Report, demo.HTML, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, f.Stem+".html"), page, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ingest.Run(t.Context(), ingest.Options{Store: s, By: "loader"}, []string{dir}); err != nil {
		t.Fatal(err)
	}
	all, err := s.Filings(t.Context(), time.Time{}, warehouse.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		for _, g := range all {
			if f.Agency == g.Agency && f.Year == 2022 && g.Year == 2023 && before.ID == "" {
				before, now = f, g
			}
		}
	}
	if before.ID == "" {
		t.Fatalf("no body with two reports among %d filings", len(all))
	}
	return s, before, now
}

func finding(t *testing.T, s *warehouse.Store, f warehouse.Filing, rule, place string) form.Finding {
	t.Helper()
	findings, err := s.Findings(t.Context(), time.Time{}, f)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range findings {
		if x.Rule == rule && x.Place == place {
			return x
		}
	}
	t.Fatalf("filing %s of %d has no finding %s at %q", f.ID, f.Year, rule, place)
	return form.Finding{}
}

var carriedIn = form.Key{Table: form.Section3, Row: "CARRY_IN", Column: "total"}

func number(n int64) decide.Value {
	return decide.Value{State: form.Number, Value: decimal.NewFromInt(n)}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, want string) {
	t.Helper()
	if !errors.Is(err, decide.ErrRefused) || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want a refusal with %q", err, want)
	}
}

// TestACorrectionIsUsedAndLeavesTheOriginal: the checks see the corrected value, of the report and of the next year's;
// taking it back restores what was.
func TestACorrectionIsUsedAndLeavesTheOriginal(t *testing.T) {
	s, before, now := district(t)
	ctx := t.Context()
	zhang, li := decide.Decider{Store: s, Person: "张三"}, decide.Decider{Store: s, Person: "李四"}
	if x := finding(t, s, now, "A5", "total"); x.Status != form.Pass || !slices.Contains(x.Against, before.ID) {
		t.Fatalf("A5 of the untouched report: %+v, want pass against %s", x, before.ID)
	}
	out := form.Key{Table: form.Section3, Row: "CARRY_OUT", Column: "total"}
	id, err := zhang.Correct(ctx, before.ID, out, number(77), "与原件核对，第4页", false)
	must(t, err)
	if x := finding(t, s, before, "A3", "CARRY_OUT"); x.Status != form.Fail {
		t.Errorf("A3 after a correction that breaks the sum: %s, want fail", x.Status)
	}
	if x := finding(t, s, now, "A5", "total"); x.Status != form.Fail {
		t.Errorf("A5 of the next year after the correction: %s, want fail", x.Status)
	}
	cells, err := s.Cells(ctx, before)
	must(t, err)
	i := slices.IndexFunc(cells, func(c form.Cell) bool { return c.Key == out })
	if cells[i].Value.Equal(decimal.NewFromInt(77)) || cells[i].Raw == "" {
		t.Errorf("the cell as it was read became %+v", cells[i])
	}

	// Checking the few reports that it touches finds what checking whole years does.
	if result, err := assess.Years(ctx, assess.Options{Store: s, By: "checker"}, 2022, 2023); err != nil || result.Changed != 0 {
		t.Errorf("checking the years after the correction: %+v, %v; want no change", result, err)
	}

	// A second person has to agree, and must be another one.
	second, err := zhang.Correct(ctx, now.ID, carriedIn, number(77), "同上", true)
	must(t, err)
	if x := finding(t, s, now, "A5", "total"); x.Status != form.Fail {
		t.Errorf("A5 with a correction that nobody approved: %s, want fail", x.Status)
	}
	refused(t, zhang.Approve(ctx, second, "对"), "another person")
	refused(t, li.Approve(ctx, id, "对"), "without approval")
	must(t, li.Approve(ctx, second, "看过原件"))
	if x := finding(t, s, now, "A5", "total"); x.Status != form.Pass {
		t.Errorf("A5 with both corrected: %s, want pass", x.Status)
	}
	refused(t, li.Approve(ctx, second, "再来"), "already")

	must(t, li.Retract(ctx, id, "看错了"))
	must(t, li.Retract(ctx, second, "看错了"))
	refused(t, li.Retract(ctx, second, "看错了"), "already")
	if x := finding(t, s, now, "A5", "total"); x.Status != form.Pass {
		t.Errorf("A5 after taking both back: %s, want pass", x.Status)
	}
	all, err := s.Corrections(ctx, time.Time{}, warehouse.Filter{})
	must(t, err)
	if len(all) != 2 || len(all[0].Acts) != 2 || len(all[1].Acts) != 3 || all[0].InForce() || all[1].InForce() {
		t.Errorf("corrections %+v, want two that do not hold, with 2 and 3 acts", all)
	}
}

func TestWhatIsNoCorrectionIsRefused(t *testing.T) {
	s, _, now := district(t)
	ctx := t.Context()
	zhang := decide.Decider{Store: s, Person: "张三"}
	cells, err := s.Cells(ctx, now)
	must(t, err)
	i := slices.IndexFunc(cells, func(c form.Cell) bool { return c.Key == carriedIn })
	for _, test := range []struct {
		name   string
		filing string
		key    form.Key
		value  decide.Value
		reason string
		want   string
	}{
		{"no reason", now.ID, carriedIn, number(5), " ", "no reason"},
		{"no such filing", strings.Repeat("0", 26), carriedIn, number(5), "核对", "no filing"},
		{"no such cell", now.ID, form.Key{Table: form.Section3, Row: "R99", Column: "total"}, number(5), "核对", "no such cell"},
		{"the same value", now.ID, carriedIn, decide.Value{State: cells[i].State, Value: cells[i].Value}, "核对", "holds that already"},
		{"a number too long", now.ID, carriedIn, decide.Value{State: form.Number, Value: decimal.RequireFromString("1e40")}, "核对", "digits"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := zhang.Correct(ctx, test.filing, test.key, test.value, test.reason, false)
			refused(t, err, test.want)
		})
	}
	_, err = decide.Decider{Store: s}.Correct(ctx, now.ID, carriedIn, number(5), "核对", false)
	refused(t, err, "nobody is named")
	if _, err := decide.ParseValue("约5件"); !errors.Is(err, decide.ErrRefused) {
		t.Errorf("ParseValue(约5件): %v, want a refusal", err)
	}
	if v, err := decide.ParseValue(" 5.10 "); err != nil || v.State != form.Number || v.Value.String() != "5.1" {
		t.Errorf("ParseValue(5.10) = %+v, %v", v, err)
	}
}

// TestAReviewStandsUntilTheCellsChange: checking again and loading the same bytes again leave it standing.
func TestAReviewStandsUntilTheCellsChange(t *testing.T) {
	s, before, now := district(t)
	ctx := t.Context()
	zhang := decide.Decider{Store: s, Person: "张三"}
	_, err := zhang.Correct(ctx, before.ID, form.Key{Table: form.Section3, Row: "CARRY_OUT", Column: "total"}, number(77), "试", false)
	must(t, err)
	must(t, zhang.Review(ctx, now.ID, "A5", form.Section3, "total", warehouse.Dismiss, "两年口径不同，已说明"))
	refused(t, zhang.Review(ctx, now.ID, "A5", form.Section3, "nobody", warehouse.Dismiss, "x"), "no such finding")
	refused(t, zhang.Review(ctx, now.ID, "A5", form.Section3, "total", "forget", "x"), "want one of")
	stands := func() bool {
		t.Helper()
		reviews, err := s.Reviews(ctx, time.Time{}, warehouse.Filter{})
		must(t, err)
		if len(reviews) != 1 {
			t.Fatalf("%d reviews, want 1", len(reviews))
		}
		return reviews[0].Basis == finding(t, s, now, "A5", "total").Basis
	}
	if !stands() {
		t.Error("the review does not stand right after it was made")
	}
	doc, err := s.Document(ctx, now.SHA256)
	must(t, err)
	if _, err := ingest.Bytes(ctx, ingest.Options{Store: s, By: "loader"}, "again.html", doc.Bytes); err != nil {
		t.Fatal(err)
	}
	result, err := assess.Years(ctx, assess.Options{Store: s, By: "checker"}, 2022, 2023)
	must(t, err)
	if result.Changed != 0 || result.Checked == 0 {
		t.Errorf("checking again: %+v, want some checked and none changed", result)
	}
	if !stands() {
		t.Error("the review fell without a change")
	}
	_, err = zhang.Correct(ctx, now.ID, carriedIn, number(5), "试", false)
	must(t, err)
	if stands() {
		t.Error("the review stands although the cell changed")
	}
}

// TestAWithdrawnVersionGivesWayAndComesBack also repeats a correction for a new version.
func TestAWithdrawnVersionGivesWayAndComesBack(t *testing.T) {
	s, _, first := district(t)
	ctx := t.Context()
	zhang := decide.Decider{Store: s, Person: "张三"}
	correction, err := zhang.Correct(ctx, first.ID, carriedIn, number(5), "原件为5", false)
	must(t, err)
	_, err = zhang.Repeat(ctx, correction, "新版未改")
	refused(t, err, "counts now")

	doc, err := s.Document(ctx, first.SHA256)
	must(t, err)
	newer := append(slices.Clone(doc.Bytes), "<!-- 更正 -->"...)
	if _, err := ingest.Bytes(ctx, ingest.Options{Store: s, By: "loader"}, "v2.html", newer); err != nil {
		t.Fatal(err)
	}
	visible := func() warehouse.Filing {
		t.Helper()
		list, err := s.Filings(ctx, time.Time{}, warehouse.Filter{Years: []int{2023}, Agencies: []string{first.Agency}})
		must(t, err)
		if len(list) != 1 {
			t.Fatalf("%d filings are visible, want 1", len(list))
		}
		return list[0]
	}
	second := visible()
	if second.ID == first.ID || second.Version != 2 {
		t.Fatalf("version %d is visible, want 2", second.Version)
	}
	again, err := zhang.Repeat(ctx, correction, "新版未改")
	must(t, err)
	all, err := s.Corrections(ctx, time.Time{}, warehouse.Filter{})
	must(t, err)
	if last := all[len(all)-1]; last.Correction != again || last.Filing != second.ID || last.Replaces != correction || !last.InForce() {
		t.Errorf("repeated correction %+v", last)
	}
	must(t, zhang.Withdraw(ctx, second.ID, "机关来函撤回"))
	if f := visible(); f.ID != first.ID {
		t.Errorf("after the withdrawal filing %s is visible, want the first version", f.ID)
	}
	refused(t, zhang.Withdraw(ctx, second.ID, "再来"), "withdrawn: true")
	must(t, zhang.Restore(ctx, second.ID, "误撤"))
	if f := visible(); f.ID != second.ID {
		t.Errorf("after putting it back filing %s is visible, want the second version", f.ID)
	}
	versions, err := s.Versions(ctx, time.Time{}, first.Agency, 2023)
	must(t, err)
	if len(versions) != 2 || versions[1].Withdrawn {
		t.Errorf("versions %+v, want two, none withdrawn", versions)
	}
}

// TestAProvisionalEntryIsLinked: nothing of the data is touched, and the reports are the agency's from then on.
func TestAProvisionalEntryIsLinked(t *testing.T) {
	s, before, now := district(t)
	ctx := t.Context()
	zhang := decide.Decider{Store: s, Person: "张三"}
	if !register.Provisional(now.Agency) {
		t.Fatalf("agency %s of an empty register is not provisional", now.Agency)
	}
	refused(t, zhang.Link(ctx, now.Agency, "370304-x", "同一机关"), "no agency")
	_, err := s.CommitRegister(ctx, "01HZZZZZZZZZZZZZZZZZZZZZZZ", "张三", "", []register.Agency{
		{Code: "370304-x", Kind: register.KindOfName(now.AgencyName), Region: "370304", Names: []register.Name{{Text: "另一名称", Kind: register.Full}}}}, nil)
	must(t, err)
	must(t, zhang.Review(ctx, now.ID, "A5", form.Section3, "total", warehouse.Ask, "请机关说明"))
	_, committed, err := s.DataVersion(ctx)
	must(t, err)
	must(t, zhang.Link(ctx, now.Agency, "370304-x", "同一机关"))
	for _, asked := range []struct {
		agency string
		asOf   time.Time
		want   int
	}{{"370304-x", time.Time{}, 1}, {now.Agency, time.Time{}, 0}, {now.Agency, committed, 1}} {
		reviews, err := s.Reviews(ctx, asked.asOf, warehouse.Filter{Agencies: []string{asked.agency}})
		must(t, err)
		if len(reviews) != asked.want {
			t.Errorf("%d reviews of %s as of %s, want %d: a decision follows its report to the agency", len(reviews), asked.agency, asked.asOf, asked.want)
		}
	}
	f, err := s.Filing(ctx, now.ID)
	must(t, err)
	if f.Agency != "370304-x" || f.HeldAs != now.Agency {
		t.Errorf("filing is %s's, held as %s", f.Agency, f.HeldAs)
	}
	if x := finding(t, s, f, "A5", "total"); x.Status != form.Pass || !slices.Contains(x.Against, before.ID) {
		t.Errorf("A5 after the link: %s against %v", x.Status, x.Against)
	}
	cells, err := s.Cells(ctx, f)
	must(t, err)
	if len(cells) == 0 {
		t.Error("the cells of a linked filing are not found")
	}
	past, err := s.Filings(ctx, committed, warehouse.Filter{Agencies: []string{now.Agency}})
	must(t, err)
	if len(past) != 2 {
		t.Errorf("as of before the link the provisional entry has %d filings, want 2", len(past))
	}
	// The same file again, and the next one under the name, are the agency's.
	doc, err := s.Document(ctx, now.SHA256)
	must(t, err)
	var r ingest.Result
	_, err = ingest.Bytes(ctx, ingest.Options{Store: s, Each: func(got ingest.Result) { r = got }}, "again.html", doc.Bytes)
	must(t, err)
	if r.Status != ingest.Unchanged {
		t.Errorf("the same file again is %s", r.Status)
	}
	_, err = ingest.Bytes(ctx, ingest.Options{Store: s, Each: func(got ingest.Result) { r = got }}, "next.html", append(slices.Clone(doc.Bytes), "<!-- -->"...))
	must(t, err)
	if r.Status != ingest.NewVersion || r.AgencyID != "370304-x" || r.Version != 2 {
		t.Errorf("a newer file is %s, version %d of %s; want a new version 2 of 370304-x", r.Status, r.Version, r.AgencyID)
	}
	must(t, zhang.Unlink(ctx, now.Agency, "不是同一机关"))
	refused(t, zhang.Unlink(ctx, now.Agency, "再来"), "no linked entry")
	if f, err = s.Filing(ctx, now.ID); err != nil || f.Agency != now.Agency {
		t.Errorf("after taking the link back the filing is %s's (%v)", f.Agency, err)
	}
}

func TestAWaitingFileIsAssignedOrDismissed(t *testing.T) {
	s, _, now := district(t)
	ctx := t.Context()
	zhang := decide.Decider{Store: s, Person: "张三"}
	doc, err := s.Document(ctx, now.SHA256)
	must(t, err)
	nameless := []byte(strings.ReplaceAll(string(doc.Bytes), now.AgencyName, ""))
	for _, suffix := range []string{"", "<!-- 2 -->"} {
		_, err = ingest.Bytes(ctx, ingest.Options{Store: s, By: "loader"}, "scan.html", append(slices.Clone(nameless), suffix...))
		must(t, err)
	}
	waiting, err := s.Waiting(ctx, time.Time{})
	must(t, err)
	if len(waiting) != 2 {
		t.Fatalf("%d files wait, want 2", len(waiting))
	}
	_, err = zhang.Assign(ctx, waiting[0].SHA256[:7], now.AgencyName, 0)
	refused(t, err, "at least 8 characters")
	_, err = zhang.Assign(ctx, waiting[0].SHA256, "", 0)
	refused(t, err, "neither")
	r, err := zhang.Assign(ctx, waiting[0].SHA256[:12], now.AgencyName, 2023)
	must(t, err)
	if r.Status != ingest.NewVersion || r.AgencyID != now.Agency {
		t.Errorf("assigned file: %+v, want a new version of %s", r, now.Agency)
	}
	must(t, zhang.Dismiss(ctx, waiting[1].SHA256[:12], "重复的扫描件"))
	if waiting, err = s.Waiting(ctx, time.Time{}); err != nil || len(waiting) != 0 {
		t.Errorf("%d files still wait (%v)", len(waiting), err)
	}
}

// TestAFileThatNeedsAnotherProgramIsKept: it is read again once the program is there.
func TestAFileThatNeedsAnotherProgramIsKept(t *testing.T) {
	s, _, _ := district(t)
	ctx := t.Context()
	zhang := decide.Decider{Store: s, Person: "张三"}
	page := image.NewGray(image.Rect(0, 0, 600, 800))
	for i := range page.Pix {
		page.Pix[i] = 255
	}
	var picture bytes.Buffer
	must(t, png.Encode(&picture, page))

	path := os.Getenv("PATH")
	t.Setenv("PATH", t.TempDir())
	var r ingest.Result
	_, err := ingest.Bytes(ctx, ingest.Options{Store: s, By: "loader", Each: func(got ingest.Result) { r = got }}, "scan.png", picture.Bytes())
	must(t, err)
	if r.Status != ingest.Waiting || !strings.Contains(r.Message, "tesseract-ocr-chi-sim") {
		t.Fatalf("a picture without tesseract is %s: %s; want waiting and the package to install", r.Status, r.Message)
	}
	results, err := zhang.ReadAgain(ctx)
	must(t, err)
	if len(results) != 1 || results[0].Status != ingest.Waiting {
		t.Errorf("reading again without tesseract: %+v, want one that waits", results)
	}
	t.Setenv("PATH", path)
	if _, err := exec.LookPath("tesseract"); err != nil {
		t.Skip("tesseract is not installed")
	}
	if results, err = zhang.ReadAgain(ctx); err != nil || len(results) != 1 || results[0].Status != ingest.Rejected {
		t.Errorf("reading an empty page again with tesseract: %+v, %v; want one that is rejected", results, err)
	}
	if waiting, err := s.Waiting(ctx, time.Time{}); err != nil || len(waiting) != 1 {
		t.Errorf("%d files wait (%v), want 1: only a person dismisses one", len(waiting), err)
	}
}
