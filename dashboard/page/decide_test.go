package page

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
	"nianbao/query/api"
	"nianbao/query/findings"
	"nianbao/query/sample"
)

// registered is the district of the samples with a register: its agencies have codes, one was succeeded by another, one
// never filed, and a file waits.
func registered(t *testing.T) *warehouse.Store {
	t.Helper()
	store := sample.District(t)
	day := func(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
	var entries []register.Agency
	for code, name := range map[string]string{"kjj": sample.Science, "jyj": sample.Education, "wlj": sample.Culture, "jtj": sample.Transport, "evil": sample.Hostile, "wsb": "博山区外事办公室"} {
		a := register.Agency{Code: code, Kind: register.Bureau, Region: "370304", Names: []register.Name{{Text: name, Kind: register.Full}}}
		if code == "kjj" {
			a.Names = append(a.Names, register.Name{Text: "<b>科委</b>", Kind: register.Full, To: day(2020)})
		}
		if code == "wlj" {
			a.Links = []register.Link{{Kind: register.Successor, Other: "kjj", On: day(2025)}}
		}
		entries = append(entries, a, register.Guess(id(name), name).As(code))
	}
	slices.SortFunc(entries, func(a, b register.Agency) int { return strings.Compare(a.Code, b.Code) })
	if _, err := store.CommitRegister(t.Context(), ulid.Make().String(), "<script>alert", "名单", entries, nil); err != nil {
		t.Fatal(err)
	}
	decided(t, store, warehouse.Batch{Documents: []warehouse.Document{{SHA256: strings.Repeat("ab", 32), MediaType: "text/plain", Size: 1, Bytes: []byte("x")}},
		Waiting: []warehouse.WaitingFile{{SHA256: strings.Repeat("ab", 32), Act: warehouse.Wait, File: "<b onmouseover=1>.txt", AgencyName: sample.Hostile + "二", Title: "<script>alert",
			ReceivedAt: time.Now().UTC(), Problems: []form.Problem{{Code: "agency_unknown", Message: "<script>alert"}}}}})
	return store
}

func decided(t *testing.T, store *warehouse.Store, b warehouse.Batch) {
	t.Helper()
	b.ID, b.By = ulid.Make().String(), "张某"
	if _, err := store.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

var errRefused = errors.New("not carried out")

// deciders carry out corrections and reviews in the warehouse, refuse approvals, and note every call.
func deciders(store *warehouse.Store, calls *[]string) *api.Decisions {
	commit := func(ctx context.Context, person string, b warehouse.Batch) error {
		b.ID, b.By = ulid.Make().String(), person
		_, err := store.Commit(ctx, b)
		return err
	}
	note := func(what ...any) error {
		*calls = append(*calls, strings.TrimSpace(fmt.Sprintln(what...)))
		return nil
	}
	return &api.Decisions{
		Correct: func(ctx context.Context, person, filing string, cell form.Key, value, reason string, second bool) (string, error) {
			f, err := store.Filing(ctx, filing)
			if err != nil {
				return "", err
			}
			act := warehouse.CorrectionAct{Correction: ulid.Make().String(), Act: warehouse.Propose, Filing: filing, Agency: f.HeldAs, Year: f.Year, Key: cell, State: form.State(value),
				Two: second, Reason: reason, Person: person}
			if n, err := decimal.NewFromString(value); err == nil {
				act.State, act.Value = form.Number, n
			}
			return act.Correction, commit(ctx, person, warehouse.Batch{Corrections: []warehouse.CorrectionAct{act}})
		},
		Review: func(ctx context.Context, person, filing, rule, table, place, decision, reason string) error {
			w, err := findings.One(ctx, store, findings.ID(filing, rule, table, place), time.Time{})
			if err != nil {
				return err
			}
			return commit(ctx, person, warehouse.Batch{Reviews: []warehouse.Review{{ID: ulid.Make().String(), Decision: decision, Filing: filing, Basis: w.Basis, Reason: reason, Person: person,
				FindingKey: warehouse.FindingKey{Agency: w.HeldAs, Year: w.Year, Rule: rule, Table: table, Place: place}}}})
		},
		Withdraw: func(ctx context.Context, person, filing, reason string) error {
			return commit(ctx, person, warehouse.Batch{Withdrawals: []warehouse.Withdrawal{{Filing: filing, Act: warehouse.Withdraw, Reason: reason, Person: person}}})
		},
		Approve: func(context.Context, string, string, string) error {
			return fmt.Errorf("approve correction: %w", fmt.Errorf("%w: <b>another person</b> has to approve it", errRefused))
		},
		Assign: func(_ context.Context, person, sha256, agency string, year int) (string, error) {
			return "", note("assign", person, sha256[:4], agency, year)
		},
		Dismiss: func(_ context.Context, person, sha256, reason string) error {
			return note("dismiss", person, sha256[:4], reason)
		},
		Link: func(_ context.Context, person, entry, agency, reason string) error {
			return note("link", person, entry, agency, reason)
		},
		Refused: func(err error) bool { return errors.Is(err, errRefused) },
	}
}

// post sends a form as the browser does from a page of the site.
func (s *tester) post(t *testing.T, address string, fields ...string) *httptest.ResponseRecorder {
	t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, address, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

func TestRegistered(t *testing.T) {
	store := registered(t)
	var calls []string
	h, err := New(Options{Store: store, Version: "test", Decide: deciders(store, &calls)})
	if err != nil {
		t.Fatal(err)
	}
	s := &tester{handler: h, store: store}

	t.Run("decisions", func(t *testing.T) { testDecisions(t, s, &calls) })
	s.kept = map[string]*httptest.ResponseRecorder{}
	versions, err := store.Versions(t.Context(), time.Time{}, "kjj", 2023)
	if err != nil || len(versions) != 2 {
		t.Fatalf("%d versions, %v", len(versions), err)
	}
	failing := firstFinding(t, s, "/findings.json?severity=critical&outcome=fail")
	diff := "/diff?from=" + versions[0].ID + "&to=" + versions[1].ID
	s.pages = []string{"/", "/register", "/register?year=2023", "/register?year=2023&state=not_filed", "/register?kind=street", "/findings", "/findings?outcome=pass",
		"/findings?decision=dismissed", "/findings?q=" + url.QueryEscape("<script>alert"), "/findings?rule=A1,A2&order=rule", "/findings/" + failing, "/changes", "/changes?event=register_stated", diff,
		"/diff?from=" + versions[0].ID + "&to=" + versions[0].ID, "/report/kjj/2023", "/report/evil/2023", "/report/kjj/2023/cell/section3.NEW.total",
		"/report/evil/2023/cell/section2.licensing.processed", "/filing/" + versions[0].ID + "/cell/section3.R1.total", "/agency/kjj", "/agency/kjj?join=1", "/agency/wlj"}
	for name, test := range map[string]func(*testing.T, *tester){
		"every page in three formats": testFormats,
		"pages stand without script":  testNoInline,
		"hostile names":               testHostile,
		"the register":                testRegister,
		"findings":                    testFindings,
		"a cell":                      testCell,
		"the bodies before":           testJoin,
		"nothing differs": func(t *testing.T, s *tester) {
			if got := parseHTML(t, s.ok(t, "/diff?from="+versions[0].ID+"&to="+versions[0].ID)); got.one(t, "h1").text() != say("diff.same") || !strings.Contains(got.one(t, "main").text(), versions[0].SHA256) {
				t.Errorf("a report against itself: %s", got.one(t, "main").text())
			}
			cell := parseHTML(t, s.ok(t, diff)).one(t, "tr[data-cell=section3.NEW.total]").text()
			if !strings.Contains(cell, "50") || !strings.Contains(cell, "→ 60 ✎") {
				t.Errorf("the changed cell says %q, want 50 → 60 ✎", cell)
			}
		},
		"the past": func(t *testing.T, s *tester) {
			before := "?as_of=" + versions[1].CommittedAt.Format(time.RFC3339Nano)
			doc := parseHTML(t, s.ok(t, "/register"+before))
			if doc.one(t, "h1").text() != say("register.none") || len(doc.all("form[method=post]")) != 0 {
				t.Errorf("the register before there was one: %q, %d forms", doc.one(t, "h1").text(), len(doc.all("form[method=post]")))
			}
			if w := s.post(t, "/findings/"+failing+before, "act", "review"); w.Code != http.StatusBadRequest {
				t.Errorf("a decision in the past: status %d, want 400", w.Code)
			}
		},
	} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}

	// Where nothing can be decided there are no forms.
	shown := &tester{handler: serve(t, store).handler, store: store}
	for _, address := range []string{"/register", "/findings/" + failing, "/report/kjj/2023", "/report/kjj/2023/cell/section3.NEW.total"} {
		if n := len(parseHTML(t, shown.ok(t, address)).all("form[method=post]")); n != 0 {
			t.Errorf("GET %s has %d forms where nothing can be decided", address, n)
		}
	}
	if w := shown.post(t, "/register", "act", "dismiss", "person", "张某", "reason", "x"); w.Code != http.StatusForbidden {
		t.Errorf("a decision where there are none: status %d, want 403", w.Code)
	}
}

func firstFinding(t *testing.T, s *tester, address string) string {
	t.Helper()
	var list struct{ Findings []struct{ ID string } }
	if err := json.Unmarshal([]byte(s.ok(t, address)), &list); err != nil || len(list.Findings) == 0 {
		t.Fatalf("GET %s: %d findings, %v", address, len(list.Findings), err)
	}
	return list.Findings[0].ID
}

// testDecisions: what is sent from a form is carried out and leads back; what is refused stands there with what was typed.
func testDecisions(t *testing.T, s *tester, calls *[]string) {
	cell := "/report/kjj/2023/cell/section3.NEW.total"
	page := parseHTML(t, s.ok(t, cell))
	filing := page.one(t, "#correct input[name=filing]").attr("value")
	finding := "/findings/" + firstFinding(t, s, "/findings.json?outcome=fail")
	basis := parseHTML(t, s.ok(t, finding)).one(t, "#review input[name=basis]").attr("value")
	typed := `三十"><script>alert(1)</script>`

	for _, test := range []struct {
		name, address string
		fields        []string
		status        int
		says          string
	}{
		{"no name", cell, []string{"form", "correct", "act", "correct", "filing", filing, "state", "number", "value", "60", "reason", typed}, 422, say("refused.person")},
		{"no reason", cell, []string{"form", "correct", "act", "correct", "filing", filing, "state", "number", "value", "60", "person", typed}, 422, say("refused.reason")},
		{"no number", cell, []string{"form", "correct", "act", "correct", "filing", filing, "state", "number", "value", typed, "person", "李某", "reason", "原件"}, 422, "不是数字"},
		{"refused", cell, []string{"form", "correct", "act", "approve", "correction", "x", "person", "李某", "reason", typed}, 422, "没有执行：<b>another person</b>"},
		{"another basis", finding, []string{"form", "review", "act", "review", "basis", "old", "decision", "dismiss", "person", "李某", "reason", typed}, 422, say("refused.basis")},
		{"no such act", cell, []string{"act", "withdraw", "person", "李某", "reason", "x"}, 400, "act"},
		{"no such page", "/report/kjj/1999/cell/section3.NEW.total", []string{"form", "correct", "act", "approve", "person", "李某", "reason", "x"}, 404, say("error.missing")},
		{"correction", cell, []string{"act", "correct", "filing", filing, "state", "number", "value", "60", "person", "李某", "reason", "<script>alert(2)"}, 303, ""},
		{"proposal", cell, []string{"act", "correct", "filing", filing, "state", "blank", "second", "1", "person", "王某", "reason", "再核"}, 303, ""},
		{"review", finding, []string{"act", "review", "basis", basis, "decision", "dismiss", "person", "李某", "reason", "<script>alert(3)"}, 303, ""},
		{"assign", "/register?year=2023", []string{"act", "assign", "file", "abab", "agency", sample.Science, "year", "2023", "person", "李某"}, 303, ""},
		{"dismiss", "/register", []string{"act", "dismiss", "file", "abab", "person", "李某", "reason", "不是年报"}, 303, ""},
		{"link nobody", "/register", []string{"form", "link-x", "act", "link", "entry", "x1", "person", "李某", "reason", "同一机关"}, 422, say("refused.agency")},
		{"link", "/register", []string{"act", "link", "entry", "x1", "agency", "kjj", "person", "李某", "reason", "同一机关"}, 303, ""},
	} {
		w := s.post(t, test.address, test.fields...)
		if w.Code != test.status {
			t.Errorf("%s: status %d, want %d: %s", test.name, w.Code, test.status, w.Body)
			continue
		}
		if w.Code == http.StatusSeeOther {
			if got := w.Header().Get("Location"); got != test.address {
				t.Errorf("%s leads to %s, want %s", test.name, got, test.address)
			}
			continue
		}
		doc := parseHTML(t, w.Body.String())
		if !strings.Contains(doc.one(t, "body").text(), test.says) || strings.Contains(w.Body.String(), "<script>alert") || w.Header().Get("ETag") != "" {
			t.Errorf("%s: %s", test.name, doc.one(t, "body").text())
		}
		if test.status == 422 && slices.Contains(test.fields, typed) && !slices.Contains(test.fields, "approve") { // of the form that was sent, opened
			var kept []string
			for _, e := range append(doc.all("details[open] input"), doc.all("details[open] textarea")...) {
				kept = append(kept, e.attr("value")+e.text())
			}
			if !slices.Contains(kept, typed) || len(doc.all("details[open] p.refused")) == 0 {
				t.Errorf("%s: the form holds %q, want %q and why it was refused", test.name, kept, typed)
			}
		}
	}
	want := []string{"assign 李某 abab " + sample.Science + " 2023", "dismiss 李某 abab 不是年报", "link 李某 x1 kjj 同一机关"}
	if !slices.Equal(*calls, want) {
		t.Errorf("carried out %q, want %q", *calls, want)
	}
	// Another site cannot decide, whatever it sends.
	r := httptest.NewRequest(http.MethodPost, cell, strings.NewReader("act=correct&person=x&reason=x&filing="+filing+"&state=number&value=1"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("a form of another site: status %d, want 403", w.Code)
	}
	// What was decided is seen at once.
	if got := parseHTML(t, s.ok(t, cell)).one(t, "p.value").text(); got != "60 ✎ 原印 52" {
		t.Errorf("the corrected cell says %q, want 60 ✎ 原印 52", got)
	}
	report := parseHTML(t, s.ok(t, finding)).all("main p a")[0].attr("href")
	if got := parseHTML(t, s.ok(t, report)); !slices.ContainsFunc(got.all("article.finding h3"), func(e element) bool { return strings.HasSuffix(e.text(), "已驳回") }) {
		t.Errorf("GET %s does not say that the finding was dismissed", report)
	}
	if got := parseHTML(t, s.ok(t, finding)).one(t, "p.finding-head").text(); !strings.Contains(got, "已驳回") {
		t.Errorf("the dismissed finding says %q", got)
	}
}

func testRegister(t *testing.T, s *tester) {
	doc := parseHTML(t, s.ok(t, "/register"))
	var answer struct {
		Entries  int
		Agencies []struct {
			Agency string
			Years  []struct {
				Year  int
				State string
				Days  int
			}
		}
		Years   []struct{ Year, Obliged, Filed int }
		Waiting []struct{ SHA256 string }
	}
	if err := json.Unmarshal([]byte(s.ok(t, "/register.json")), &answer); err != nil {
		t.Fatal(err)
	}
	rows := doc.all("tr[data-agency]")
	if len(rows) != len(answer.Agencies) || answer.Entries != 6 || len(answer.Waiting) != 1 {
		t.Fatalf("%d rows, %d agencies, %d entries, %d waiting files", len(rows), len(answer.Agencies), answer.Entries, len(answer.Waiting))
	}
	for i, a := range answer.Agencies {
		cells := rows[i].all("td")[1:] // the first is the kind
		if rows[i].attr("data-agency") != a.Agency || len(cells) != len(a.Years) {
			t.Errorf("row %d is of %s with %d years, in the JSON of %s with %d", i, rows[i].attr("data-agency"), len(cells), a.Agency, len(a.Years))
			continue
		}
		for k, y := range a.Years {
			if !strings.Contains(cells[k].attr("class"), "f-"+y.State) || y.Days > 0 && !strings.Contains(cells[k].text(), strconv.Itoa(y.Days)) {
				t.Errorf("%s %d says %q, the JSON %s and %d days", a.Agency, y.Year, cells[k].text(), y.State, y.Days)
			}
		}
	}
	for code, want := range map[string]string{"wsb": "未报（逾期", "kjj": "按期", "jyj": "未报（逾期"} {
		if got := parseHTML(t, s.ok(t, "/register?year=2023")).one(t, "tr[data-agency="+code+"]").text(); !strings.Contains(got, want) || zero.MatchString(got) {
			t.Errorf("%s for 2023 says %q, want %s", code, got, want)
		}
	}
	last := answer.Years[len(answer.Years)-1]
	for _, row := range append(rows, doc.all("tfoot tr")...) { // the column of the kinds is left out on a phone, in every row or none
		if len(row.all("td.kind")) != 1 || len(row.all("td")) != len(answer.Years)+1 {
			t.Errorf("a row of %d cells, %d of kinds, over %d years: %s", len(row.all("td")), len(row.all("td.kind")), len(answer.Years), row.text())
		}
	}
	foot := doc.all("tfoot tr")[0].all("td")
	if got, want := foot[len(foot)-1].text(), fmt.Sprintf("%d/%d", last.Filed, last.Obliged); got != want {
		t.Errorf("under the newest year stands %q, want %s", got, want)
	}
	for _, row := range parseHTML(t, s.ok(t, "/register?year=2023&state=not_filed")).all("tr[data-agency]") {
		if !strings.Contains(row.text(), "未报") {
			t.Errorf("among those that did not file: %s", row.text())
		}
	}
	// The home page counts by the register too, and every page of a year opens with it.
	home := parseHTML(t, s.ok(t, "/?year=2023"))
	if got, want := home.one(t, "h1").text(), say("home.title.register", 2023, 6, 4, 2); got != want {
		t.Errorf("the home page says %q, want %q", got, want)
	}
	if got := home.one(t, "div.ribbon").text(); !strings.HasPrefix(got, "2023 年度 应报 6") {
		t.Errorf("ribbon %q", got)
	}
}

func testFindings(t *testing.T, s *tester) {
	for _, address := range []string{"/findings", "/findings?outcome=pass", "/findings?severity=critical", "/findings?rule=A1&order=agency"} {
		var list struct {
			Total    int
			Findings []struct {
				ID, Outcome, Decision string
				Left, Right           *json.Number
			}
		}
		if err := json.Unmarshal([]byte(s.ok(t, in(asJSON, address))), &list); err != nil {
			t.Fatal(err)
		}
		rows := parseHTML(t, s.ok(t, address)).all("tr[data-finding]")
		if len(rows) != min(list.Total, listed) || len(list.Findings) != list.Total || list.Total == 0 {
			t.Errorf("GET %s: %d rows, %d findings of %d", address, len(rows), len(list.Findings), list.Total)
			continue
		}
		for i, row := range rows {
			f := list.Findings[i]
			text := row.text()
			if row.attr("data-finding") != f.ID || !strings.Contains(text, say("outcome."+f.Outcome)) || !strings.Contains(text, say("decision."+f.Decision)) ||
				f.Left != nil && row.all("td.num")[1].text() != f.Left.String() {
				t.Errorf("GET %s: row %d says %q, the JSON %+v", address, i, text, f)
			}
		}
		lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(s.ok(t, in(asCSV, address)), "\ufeff"))).ReadAll()
		if err != nil || len(lines)-1 != list.Total {
			t.Errorf("GET %s: %d rows of %d, %v", in(asCSV, address), len(lines)-1, list.Total, err)
		}
	}
	// A list of more than a page has another one, which goes on where it ended.
	var list struct{ Findings []struct{ ID string } }
	if err := json.Unmarshal([]byte(s.ok(t, "/findings.json?outcome=pass")), &list); err != nil {
		t.Fatal(err)
	}
	if rows := parseHTML(t, s.ok(t, "/findings?outcome=pass&page=2")).all("tr[data-finding]"); len(rows) == 0 || rows[0].attr("data-finding") != list.Findings[listed].ID {
		t.Errorf("the second page has %d rows", len(rows))
	}
	if w := s.get(t, "/findings?page=9999"); w.Code != http.StatusBadRequest {
		t.Errorf("a page after the last: status %d, want 400", w.Code)
	}
	// An empty list says what was checked.
	empty := parseHTML(t, s.ok(t, "/findings?decision=asked"))
	if got := empty.one(t, "main").text(); len(empty.all("tr[data-finding]")) != 0 || !strings.Contains(got, "共检查 23 份报告、") {
		t.Errorf("an empty list says %q", got)
	}
}

// testCell: the report leads to its cells; what was corrected, proposed and printed stands there.
func testCell(t *testing.T, s *tester) {
	place := parseHTML(t, s.ok(t, "/report/kjj/2023")).one(t, "td[id=section3.NEW.total] a.cell")
	if place.text() != "60 ✎ 52" || place.one(t, "del").text() != "52" {
		t.Errorf("the corrected cell of the report says %q, want 60 ✎ beside the printed 52", place.text())
	}
	doc := parseHTML(t, s.ok(t, place.attr("href")))
	if got := doc.one(t, "h1").text(); got != "表三 · 一、本年新收政府信息公开申请数量 · 总计" {
		t.Errorf("the cell is called %q", got)
	}
	var words []string
	for _, e := range doc.all("article.matter span.tag") {
		words = append(words, e.text())
	}
	if want := []string{say("standing.proposed"), say("standing.in_force")}; !slices.Equal(words, want) {
		t.Errorf("corrections %q, want %q", words, want)
	}
	if text := doc.one(t, "section.source").text(); !strings.Contains(text, "原文52") || !strings.Contains(text, "grid") {
		t.Errorf("source: %q", text)
	}
	if years := doc.all("section table tr.marked"); len(years) != 1 || !strings.Contains(years[0].text(), "2023") {
		t.Errorf("%d rows are this cell", len(years))
	}
	if w := s.get(t, "/report/kjj/2023/cell/section3.NOTHING.total"); w.Code != http.StatusNotFound {
		t.Errorf("a cell that no form has: status %d, want 404", w.Code)
	}
	sheet := s.ok(t, "/report/kjj/2023/cell/section3.NEW.total.csv")
	if !strings.Contains(sheet, ",60,number,52,true,true,false") || !strings.Contains(sheet, ",50,number,50,false,false,false") {
		t.Errorf("the cell as a file: %s", sheet)
	}
}

// testJoin: the years of the body before stand in the same table only where that is asked for, behind a rule and a name.
func testJoin(t *testing.T, s *tester) {
	plain, joined := parseHTML(t, s.ok(t, "/agency/kjj")), parseHTML(t, s.ok(t, "/agency/kjj?join=1"))
	if got := plain.one(t, "dl.kin").text(); !strings.Contains(got, "承接"+sample.Culture) || !strings.Contains(got, "<b>科委</b>（至 2020-01-01）") {
		t.Errorf("names and bodies before: %q", got)
	}
	if len(plain.all("th.break")) != 0 || len(joined.all("th.break")) != 1 || joined.one(t, "th.break span.of").text() != sample.Culture {
		t.Errorf("%d breaks in the plain table, %d in the joined one", len(plain.all("th.break")), len(joined.all("th.break")))
	}
	if got := parseHTML(t, s.ok(t, "/agency/wlj")).one(t, "dl.kin").text(); !strings.Contains(got, "由其承接"+sample.Science) {
		t.Errorf("the body after: %q", got)
	}
	if a, b := strings.Count(s.ok(t, "/agency/kjj.csv"), ",2023,"), strings.Count(s.ok(t, "/agency/kjj.csv?join=1"), ",2023,"); a == 0 || b != 2*a {
		t.Errorf("%d values of 2023, joined %d; want twice as many", a, b)
	}
}
