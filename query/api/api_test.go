package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"
	"github.com/oklog/ulid/v2"
	"github.com/shopspring/decimal"

	"nianbao/internal/engine"
	"nianbao/internal/form"
	"nianbao/internal/kept"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
	"nianbao/query/findings"
	"nianbao/query/sample"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	engine.MaybeChild()
	os.Exit(m.Run())
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// described is the description of the interface, with everything that can be decided.
func described() *service {
	s := newService(Options{Decide: &Decisions{}})
	s.handler()
	return s
}

// TestDescription: whoever changes the interface says so in its version.
func TestDescription(t *testing.T) {
	text, err := json.MarshalIndent(described().api.OpenAPI(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	file := filepath.Join("testdata", "openapi.json")
	if old, err := os.ReadFile(file); err == nil && !bytes.Equal(old, text) {
		var before struct{ Info struct{ Version string } }
		if err := json.Unmarshal(old, &before); err != nil {
			t.Fatal(err)
		}
		if before.Info.Version == Version {
			t.Errorf("the interface changed and its version is still %s: raise Version in api.go, the second number for something added, the first for anything else, and run go test ./query/api -run Description -update", Version)
		}
	}
	golden(t, "openapi.json", text)
}

// A district with a register, two versions, a correction, reviews, a withdrawal and a waiting file.
func district(t *testing.T) *warehouse.Store {
	t.Helper()
	store := sample.District(t)
	commit := func(b warehouse.Batch) {
		t.Helper()
		b.ID, b.By = ulid.Make().String(), "张某"
		if _, err := store.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	_, doc := sample.Spec{Name: "无名", Year: 2023, Version: form.V2021, New: 1}.Submission()
	commit(warehouse.Batch{Agencies: []warehouse.AgencyStatement{
		{Agency: register.Agency{Code: "bs-jy", Kind: register.Bureau, Region: "370304", Names: []register.Name{{Text: sample.Education + "（新）", Kind: register.Full}}}},
		{Agency: register.Guess(warehouse.AgencyID(sample.Justice), sample.Justice)},
	}, Documents: []warehouse.Document{doc}, Waiting: []warehouse.WaitingFile{{SHA256: doc.SHA256, Act: warehouse.Wait, File: "扫描件.pdf", AgencyName: "司法局", Year: 2023,
		ReceivedAt: time.Date(2024, 2, 9, 0, 0, 0, 0, time.UTC), Problems: []form.Problem{{Code: "agency_unknown", Message: "whose it is is not known"}}}}})
	filings, err := store.Filings(t.Context(), time.Time{}, warehouse.Filter{Years: []int{2023}, Agencies: []string{warehouse.AgencyID(sample.Transport)}})
	if err != nil || len(filings) != 1 {
		t.Fatalf("%v, %v", filings, err)
	}
	f := filings[0]
	act := warehouse.CorrectionAct{Correction: ulid.Make().String(), Act: warehouse.Propose, Filing: f.ID, Agency: f.HeldAs, Year: 2023,
		Key: form.Key{Table: form.Section3, Row: "R7", Column: "total"}, State: form.Number, Value: decimal.NewFromInt(18), Reason: "印错", Person: "张某"}
	commit(warehouse.Batch{Corrections: []warehouse.CorrectionAct{act}})
	found, err := store.Findings(t.Context(), time.Time{}, f)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(found, func(x form.Finding) bool { return x.Status == form.Fail })
	commit(warehouse.Batch{Reviews: []warehouse.Review{{ID: ulid.Make().String(), Decision: warehouse.Ask, Filing: f.ID,
		FindingKey: warehouse.FindingKey{Agency: f.HeldAs, Year: 2023, Rule: found[i].Rule, Table: found[i].Table, Place: found[i].Place}, Basis: found[i].Basis, Reason: "已电话询问", Person: "李某"}}})
	street, err := store.Filings(t.Context(), time.Time{}, warehouse.Filter{Years: []int{2023}, Agencies: []string{warehouse.AgencyID(sample.Street)}})
	if err != nil {
		t.Fatal(err)
	}
	commit(warehouse.Batch{Withdrawals: []warehouse.Withdrawal{{Filing: street[0].ID, Act: warehouse.Withdraw, Reason: "误传", Person: "李某"}}})
	set := func(name, act string, members ...string) warehouse.Set {
		for i, m := range members {
			members[i] = warehouse.AgencyID(m)
		}
		slices.Sort(members)
		return warehouse.Set{Name: name, Act: act, Members: members, Reason: "年度考核", Person: "张某"}
	}
	commit(warehouse.Batch{Sets: []warehouse.Set{set("重点单位", warehouse.Save, sample.Civil), set("窗口单位", warehouse.Save, sample.Town)}})
	commit(warehouse.Batch{Sets: []warehouse.Set{set("重点单位", warehouse.Save, sample.Civil, sample.Science), set("窗口单位", warehouse.Withdraw)}})
	return store
}

// TestOneDistrict makes the tests in one warehouse, to fill which takes longer than most of them: first those that change
// nothing, at the end the one that commits something.
func TestOneDistrict(t *testing.T) {
	store := district(t)
	for _, of := range []struct {
		name string
		test func(*testing.T, *warehouse.Store)
	}{
		{"comparisons", testComparisons}, {"sets", testSets}, {"parquet", testParquet}, {"types of parquet", testParquetTypes}, {"codings", testCodings},
		{"limits", testLimits}, {"rate", testRate}, {"reading", testReading},
	} {
		t.Run(of.name, func(t *testing.T) { of.test(t, store) })
	}
}

// dealt are n items of a list, the same in each run, in an order that has nothing to do with theirs; round and round if
// there are fewer.
func dealt[T any](list []T, n int) []T {
	order := rand.New(rand.NewPCG(1, 2)).Perm(len(list))
	out := make([]T, n)
	for i := range out {
		out[i] = list[order[i%len(order)]]
	}
	return out
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

type client struct {
	t    *testing.T
	base string
}

func serving(t *testing.T, o Options) (client, *service) {
	t.Helper()
	s := newService(o)
	server := httptest.NewServer(s.handler())
	t.Cleanup(server.Close)
	return client{t, server.URL}, s
}

func (c client) do(method, address, body string, header ...string) reply {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+Base+address, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, text}
}

func (c client) get(address string, header ...string) reply {
	return c.do(http.MethodGet, address, "", header...)
}

func with(address, parameter string) string {
	if strings.Contains(address, "?") {
		return address + "&" + parameter
	}
	return address + "?" + parameter
}

// examples are an address of every reading operation, by its path.
func examples(t *testing.T, store *warehouse.Store) map[string]string {
	t.Helper()
	filings, err := store.Filings(t.Context(), time.Time{}, warehouse.Filter{Years: []int{2022, 2023}, Agencies: []string{warehouse.AgencyID(sample.Transport)}})
	if err != nil || len(filings) != 2 {
		t.Fatalf("filings %v, %v", filings, err)
	}
	agency, filing := filings[1].Agency, filings[1].ID
	var finding string
	if err := findings.Each(t.Context(), store, findings.Request{Agencies: []string{agency}}, func(i *findings.Item) error { finding = i.ID; return nil }); err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"/agencies": "/agencies?region=3703", "/agencies/{agency}": "/agencies/" + warehouse.AgencyID(sample.Justice), "/obligations": "/obligations?year=2022,2023", "/coverage": "/coverage",
		"/register/changes": "/register/changes?after=2020-01-01", "/waiting": "/waiting", "/sets": "/sets", "/years": "/years", "/filings": "/filings?year=2023",
		"/filings/{filing}": "/filings/" + filing, "/filings/{filing}/cells": "/filings/" + filing + "/cells", "/filings/{filing}/parts": "/filings/" + filing + "/parts",
		"/filings/{filing}/claims": "/filings/" + filing + "/claims", "/filings/{filing}/findings": "/filings/" + filing + "/findings",
		"/reports/{agency}/{year}/versions": "/reports/" + agency + "/2023/versions", "/findings": "/findings?status=fail,uncertain,not_assessable", "/findings/counts": "/findings/counts?year=2023",
		"/findings/{finding}": "/findings/" + finding, "/checks": "/checks", "/reviews": "/reviews", "/diff": "/diff?from=" + filings[0].ID + "&to=" + filing,
		"/compare/values": "/compare/values?m=open_rate,received&year=2023&from=2021", "/compare/structure": "/compare/structure?year=2023", "/compare/reasons": "/compare/reasons?year=2023&group=all",
		"/compare/disputes": "/compare/disputes?year=2023", "/compare/funnel": "/compare/funnel?m=open_rate&year=2023", "/compare/trends": "/compare/trends?m=open_rate&year=2023",
		"/compare/changes": "/compare/changes?m=open_rate&year=2023", "/compare/matrix": "/compare/matrix?m=open_rate,received&year=2023", "/compare/scatter": "/compare/scatter?m=received&up=open_rate&year=2023",
		"/agencies/{agency}/profile": "/agencies/" + agency + "/profile?year=2023",
		"/corrections":               "/corrections", "/changes": "/changes", "/measures": "/measures", "/compare": "/compare?m=open_rate&year=2023",
	}
}

// testReading asks every reading operation: the answer is what the description says, its ETag saves the work, its table has
// as many rows as the list says, its pages are the whole, and a past moment gives the same bytes after later commits.
func testReading(t *testing.T, store *warehouse.Store) {
	_, moment, err := store.DataVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Now()
	c, s := serving(t, Options{Store: store, Program: "test", Now: func() time.Time { return clock }})
	addresses := examples(t, store)
	registry := s.api.OpenAPI().Components.Schemas
	then := "as_of=" + moment.Format(time.RFC3339Nano)
	before, tags := map[string][]byte{}, map[string]string{}
	again := dealt(slices.Sorted(maps.Values(addresses)), 12) // as of then, before and after later commits
	for path, item := range s.api.OpenAPI().Paths {
		if item.Get == nil {
			continue
		}
		address, ok := addresses[path]
		if !ok {
			t.Errorf("%s: no example in the test", path)
			continue
		}
		got := c.get(address)
		if got.status != http.StatusOK || got.header.Get("ETag") == "" || got.header.Get("X-As-Of") != moment.Format(time.RFC3339Nano) {
			t.Errorf("%s: status %d, ETag %q, as of %q: %.300s", address, got.status, got.header.Get("ETag"), got.header.Get("X-As-Of"), got.body)
			continue
		}
		var value any
		if err := json.Unmarshal(got.body, &value); err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		var wrong huma.ValidateResult
		huma.Validate(registry, item.Get.Responses["200"].Content["application/json"].Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, value, &wrong)
		if len(wrong.Errors) > 0 {
			t.Errorf("%s: not as described: %v", address, wrong.Errors[:min(3, len(wrong.Errors))])
		}
		s.Store = nil // whoever asks it anything fails
		if same := c.get(address, "If-None-Match", got.header.Get("ETag")); same.status != http.StatusNotModified || len(same.body) != 0 {
			t.Errorf("%s: with its ETag: status %d, %d bytes; want 304, none", address, same.status, len(same.body))
		}
		if same := c.get(address); same.status != http.StatusOK || !bytes.Equal(same.body, got.body) || !maps.EqualFunc(same.header, got.header, slices.Equal[[]string]) {
			t.Errorf("%s: asked again: status %d, headers (-first +again):\n%s", address, same.status, cmp.Diff(got.header, same.header))
		}
		s.Store = store
		tags[address] = got.header.Get("ETag")
		if slices.Contains(again, address) {
			before[address] = c.get(with(address, then)).body
		}
		table, ok := item.Get.Responses["200"].Content["text/csv"]
		if !ok {
			continue
		}
		sheet := c.get(with(address, "format=csv"))
		records, err := csv.NewReader(bytes.NewReader(sheet.body)).ReadAll()
		if err != nil || len(records) == 0 {
			t.Errorf("%s: %v: %.200s", address, err, sheet.body)
			continue
		}
		if want := strings.Join(records[0], ", "); !strings.HasSuffix(table.Schema.Description, "Columns: "+want) {
			t.Errorf("%s: columns %s are not those described: %s", address, want, table.Schema.Description)
		}
		if want := strconv.Itoa(len(records) - 1); got.header.Get("X-Total-Count") != want || sheet.header.Get("X-Total-Count") != want {
			t.Errorf("%s: the list says that it has %q rows, its table %q; want %s", address, got.header.Get("X-Total-Count"), sheet.header.Get("X-Total-Count"), want)
		}
		list, ok := value.(map[string]any)
		if total, paged := list["total"].(float64); ok && paged && float64(len(records)-1) != total {
			t.Errorf("%s: %d rows in the table, total %v", address, len(records)-1, total)
		}
		if path == "/compare" && len(records)-1 != len(list["rows"].([]any)) {
			t.Errorf("%s: %d rows in the table, %d in the list", address, len(records)-1, len(list["rows"].([]any)))
		}
	}

	t.Run("pages are the whole", func(t *testing.T) {
		for address, limit := range map[string]string{"/agencies": "5", "/findings?status=fail,uncertain": "11", "/changes": "9"} {
			var whole, pages []any
			read := func(address string) (next string, items []any) {
				var list struct {
					Next  string
					Items []any
				}
				got := c.get(address)
				if err := json.Unmarshal(got.body, &list); err != nil || got.status != 200 {
					t.Fatalf("%s: %d, %v: %.300s", address, got.status, err, got.body)
				}
				return list.Next, list.Items
			}
			_, whole = read(with(address, "limit=1000"))
			next, items := read(with(address, "limit="+limit))
			for pages = items; next != ""; pages = append(pages, items...) {
				next, items = read(with(address, "limit="+limit+"&cursor="+next))
			}
			if diff := cmp.Diff(whole, pages); diff != "" || len(whole) < 6 {
				t.Errorf("%s: %d rows (-whole +pages):\n%s", address, len(whole), diff)
			}
		}
	})

	sample.Commit(t, store, sample.Spec{Name: sample.Transport, Year: 2023, Version: form.V2021, New: 77}, sample.Spec{Name: "博山区新设局", Year: 2023, Version: form.V2021, New: 1})
	clock = clock.Add(2 * recent)
	s.answers = kept.New[written](1 << 20) // what was answered before is made anew
	for _, address := range again {
		if now := c.get(with(address, then)); !bytes.Equal(now.body, before[address]) {
			t.Errorf("%s as of then, after later commits (-then +now):\n%s", address, cmp.Diff(string(before[address]), string(now.body)))
		}
	}
	for _, address := range again[:3] {
		if got := c.get(address, "If-None-Match", tags[address]); got.status != http.StatusOK || got.header.Get("ETag") == tags[address] {
			t.Errorf("%s with the ETag from before a commit: %d, %s", address, got.status, got.header.Get("ETag"))
		}
	}
	if got := c.get("/filings?year=2023"); got.header.Get("ETag") == tags["/filings?year=2023"] || got.header.Get("X-As-Of") == moment.Format(time.RFC3339Nano) {
		t.Error("the list of reports does not show what was committed since")
	}
}

// secrets are what differs from run to run in an answer.
var secrets = regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{26}|request [0-9a-f]{10}`)

// TestProblems: what is wrong with a request is named, with what is allowed.
func TestProblems(t *testing.T) {
	store := sample.Empty(t)
	var log []string
	refused := errors.New("not carried out: he proposed it; another person has to approve it")
	c, _ := serving(t, Options{Store: store, Decide: &Decisions{
		Refused: func(err error) bool { return errors.Is(err, refused) },
		Withdraw: func(_ context.Context, person, filing, reason string) error {
			log = append(log, fmt.Sprint(person, " ", reason))
			if reason == "不行" {
				return refused
			}
			return nil
		},
	}})
	sample.Commit(t, store, sample.Specs()[0])
	filings, err := store.Filings(t.Context(), time.Time{}, warehouse.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	show := func(r reply, method, address, body string, header ...string) {
		fmt.Fprintf(&b, "%s %s %s %s\n%d %s\n%s\n\n", method, address, body, strings.Join(header, " "), r.status, r.header.Get("Content-Type"), strings.TrimSpace(string(r.body)))
		if got := r.header.Get("ETag"); got != "" && r.status != 200 {
			t.Errorf("%s: a problem has the ETag %s", address, got)
		}
	}
	for _, address := range []string{
		"/nothing", "/findings?sevrity=critical", "/findings?severity=grave", "/findings?year=2023&year=2022", "/findings?limit=0", "/findings?cursor=x", "/years?as_of=gestern",
		"/years?as_of=2199-01-01", "/compare?year=2023", "/compare?m=open_rat&year=2023", "/compare?m=open_rate&year=2023&den=total", "/compare?m=received&year=2023&span=3",
		"/agencies/nobody", "/filings/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/filings/1", "/findings/x-A1-1", "/reports/nobody/2023/versions", "/register/changes?after=x",
	} {
		show(c.get(address), "GET", address, "")
	}
	json := []string{"Content-Type", "application/json"}
	withdraw := "/filings/" + filings[0].ID + "/withdraw"
	for _, p := range []struct {
		address, body string
		header        []string
	}{
		{withdraw, `{"person":"张某","reason":"误传"}`, nil},
		{withdraw, `{"person":"张某","reason":"误传"}`, append(json, "Sec-Fetch-Site", "cross-site")},
		{withdraw, `{"person":"张某","reason":"误传"}`, append(json, "Origin", "http://evil.example")},
		{withdraw, `{"person":"张某","reason":"误传"}`, append(json, "Host", "evil.example")},
		{withdraw, `{"person":"张某"}`, json},
		{withdraw, `{"person":"张某","reason":"误传","also":1}`, json},
		{withdraw, `{"person":"张某","reason":"不行"}`, json},
		{"/filings/01ARZ3NDEKTSV4RRFFQ69G5FAV/withdraw", `{"person":"张某","reason":"误传"}`, json},
		{withdraw, `{"person":"张某","reason":"误传"}`, append(json, "Sec-Fetch-Site", "same-origin")},
	} {
		show(c.do(http.MethodPost, p.address, p.body, p.header...), "POST", p.address, p.body, p.header...)
	}
	show(c.do(http.MethodPut, "/years", ""), "PUT", "/years", "")
	golden(t, "problems.txt", []byte(secrets.ReplaceAllString(b.String(), "…")))
	if diff := cmp.Diff([]string{"张某 不行", "张某 误传"}, log); diff != "" {
		t.Errorf("what was carried out (-want +got):\n%s", diff)
	}
}

// TestBrokenTable: a table that breaks off is never taken for a whole one.
func TestBrokenTable(t *testing.T) {
	if _, _, err := engine.FindLibrary(""); err != nil {
		t.Skip(err)
	}
	store, err := warehouse.Open(t.Context(), warehouse.Options{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	s := newService(Options{Store: store})
	s.handler()
	broken := errors.New("the engine has gone")
	r := rand.New(rand.NewPCG(1, 1))
	columns := []column[int]{{"n", text, func(n *int) string { // hardly to be compressed
		b := make([]byte, *n)
		for i := range b {
			b[i] = byte('0' + r.IntN(75))
		}
		return string(b)
	}}}
	type test struct {
		rows   int
		format format
		coding string
		status int // 0: the connection ends
	}
	var tests []test
	for _, coding := range []string{"", gzipCoding, zstdCoding} {
		tests = append(tests, test{1, asCSV, coding, http.StatusServiceUnavailable}, test{2000, asCSV, coding, 0})
	}
	tests = append(tests, test{1, asParquet, "", http.StatusServiceUnavailable}, test{70_000, asParquet, "", 0})
	for _, c := range tests {
		g := gin.New()
		g.GET("/", func(g *gin.Context) {
			ctx := humagin.NewContext(&huma.Operation{}, g)
			s.table(ctx, operation{id: "x"}, &visit{service: s, format: c.format, coding: c.coding}, `"tag"`, sheetOf(columns, c.rows, func(do func(*int) error) error {
				for n := range c.rows {
					n %= 3000
					if err := do(&n); err != nil {
						return err
					}
				}
				return broken
			}))
		})
		server := httptest.NewServer(g)
		answer, err := http.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(answer.Body)
		answer.Body.Close()
		server.Close()
		if c.status != 0 && (answer.StatusCode != c.status || answer.Header.Get("ETag") != "" || err != nil) {
			t.Errorf("%d rows of %s %s: status %d, ETag %q, %v; want a problem", c.rows, c.format.code, c.coding, answer.StatusCode, answer.Header.Get("ETag"), err)
		}
		if c.status == 0 && err == nil {
			t.Errorf("%d rows of %s %s: the table ended as if it were whole", c.rows, c.format.code, c.coding)
		}
	}
}
