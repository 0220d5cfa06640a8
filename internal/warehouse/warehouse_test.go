package warehouse

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/oklog/ulid/v2"
	"github.com/shopspring/decimal"

	"nianbao/internal/engine"
	"nianbao/internal/form"
)

func TestMain(m *testing.M) {
	engine.MaybeChild()
	os.Exit(m.Run())
}

// open opens an embedded store, or skips the test where there is no engine.
func open(t *testing.T, data string) *Store {
	t.Helper()
	if _, _, err := engine.FindLibrary(""); err != nil {
		t.Skip(err)
	}
	s, err := Open(t.Context(), Options{Data: data, Program: "nianbao test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func newID() string { return ulid.Make().String() }

// sha makes up a hash.
func sha(c string) string { return strings.Repeat(c, 64) }

// submit is a submission with nothing but its identity.
func submit(agency string, year int, sha256 string) Submission {
	return Submission{Filing: Filing{ID: newID(), Agency: agency, AgencyName: "局" + agency, Year: year, SHA256: sha256, File: agency + ".html",
		Status: form.Read, Scope: form.ScopeOwn, ReceivedAt: time.Now()}}
}

func commit(t *testing.T, s *Store, subs ...Submission) CommitResult {
	t.Helper()
	res, err := s.Commit(t.Context(), Batch{ID: newID(), By: "tester", Submissions: subs})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func count(t *testing.T, s *Store, table string) uint64 {
	t.Helper()
	var n uint64
	if err := s.Conn().QueryRow(t.Context(), "SELECT count() FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// randomSubmission has every state, extreme values, and text that is hard to carry.
func randomSubmission(r *rand.Rand, agency string, year int) Submission {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	states := []form.State{form.Number, form.Blank, form.Dash, form.NA, form.Text, form.Ambiguous}
	raws := []string{"", "0", "１２", "a\tb\nc\\d'e\"f", "—", "不适用", "见\x00附件", "𠮷"}
	s := submit(agency, year, sha(pick("a", "b", "c")))
	f := &s.Filing
	f.Region, f.Title, f.Reason, f.URL = "370304", pick("标题", ""), pick("", "更正'表三"), pick("", "https://www.example.gov.cn/a?b=c")
	f.Forms = map[string]form.Version{form.Section2: form.V2021, form.Section3: form.V2019, form.Legacy: "2014-stat"}
	f.Status, f.Synthetic = form.Partial, r.IntN(2) == 0
	if r.IntN(2) == 0 {
		f.Signed = time.Date(2024, 1, 1+r.IntN(31), 0, 0, 0, 0, time.UTC)
	}
	f.Problems = []form.Problem{{Code: "ambiguous_cell", Message: "two readings: “1” or '11'", At: form.Position{Page: 3}}}
	f.ReceivedAt = time.Now().UTC().Truncate(time.Microsecond)
	f.ReceivedBy = "tester"
	for _, k := range form.Forms[r.IntN(2)].Tables[1].Keys() {
		c := form.Cell{Key: k, State: states[r.IntN(len(states))], Raw: pick(raws...), Unit: pick("", "万元"), Rule: "exact", SettledBy: pick("", "A3"),
			At: form.Position{Page: r.IntN(65536), Grid: r.IntN(9), Row: r.IntN(1 << 32), Column: r.IntN(9), Line: r.IntN(1 << 32)}}
		if c.State == form.Number {
			c.Value = decimal.RequireFromString(pick("0", "7", "-12", "1234567.89", "0.0000000001", "9999999999999999999999999999.9999999999"))
		}
		if c.State == form.Ambiguous {
			c.Candidates = []string{"1", "11"}
		}
		s.Cells = append(s.Cells, c)
	}
	table, _ := form.Forms[1].Table(form.Section3)
	for _, e := range form.Equations(table) {
		x := form.Finding{Rule: e.Identity.ID, Table: form.Section3, Place: e.Place, Expression: e.Expression(), Cells: e.Keys(), Status: form.NotAssessable}
		if e.Place == "total" {
			x.Cells = append(x.Cells, form.Key{Table: form.Legacy, Row: "1.当面申请数", Column: form.YearValue})
		}
		if r.IntN(2) == 0 {
			left, right := decimal.NewFromInt(int64(r.IntN(100))), decimal.RequireFromString("17.5")
			delta := left.Sub(right)
			x.Status, x.Left, x.Right, x.Delta, x.Blanks = form.Fail, &left, &right, &delta, e.Keys()[:1]
		}
		x.Note, x.Basis = pick("", "“收到\t3件”"), pick("", "b4515")
		if r.IntN(4) == 0 {
			x.Against = []string{newID(), newID()}
		}
		s.Findings = append(s.Findings, x)
	}
	for i := range r.IntN(4) {
		s.Parts = append(s.Parts, form.Part{Code: pick("", "section1", "section5"), Title: pick("", "一、总体情况"), Text: strings.Repeat(pick("收到申请", "\n'\x00"), i), At: form.Position{Page: i, Line: r.IntN(1 << 32)}})
		s.Claims = append(s.Claims, form.Claim{Concept: "applications", Value: decimal.RequireFromString(pick("3", "0.25")), Sentence: pick("共3件。", "\"\\"), At: form.Position{Page: i, Line: 9}})
	}
	return s
}

var sameValues = cmp.Options{
	cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) }),
	cmpopts.EquateEmpty(),
}

func TestWhatGoesInComesOut(t *testing.T) {
	s := open(t, t.TempDir())
	r := rand.New(rand.NewPCG(1, 2))
	b := Batch{ID: newID(), By: "tester"}
	for i, content := range []string{"a\x00\xff\n'\\年", "", strings.Repeat("年度报告", 1<<20)} {
		b.Documents = append(b.Documents, Document{SHA256: sha(string(rune('a' + i))), MediaType: "text/html", Size: int64(len(content)), Bytes: []byte(content)})
	}
	for i := range 20 {
		b.Submissions = append(b.Submissions, randomSubmission(r, string(rune('a'+i)), 2019+i%5))
	}
	before := time.Now().UTC()
	res, err := s.Commit(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if d := res.CommittedAt.Sub(before); d < -time.Minute || d > time.Minute {
		t.Errorf("committed at %s, %s after the commit began", res.CommittedAt, d)
	}
	for _, doc := range b.Documents {
		got, err := s.Document(t.Context(), doc.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		if !cmp.Equal(doc, got, cmpopts.EquateEmpty()) {
			t.Errorf("document %s of %d bytes came out with %d bytes, as %s", doc.SHA256[:1], doc.Size, got.Size, got.MediaType)
		}
	}
	if _, err := s.Document(t.Context(), sha("f")); !isNotFound(err) {
		t.Errorf("Document of an unknown hash: %v, want ErrNotFound", err)
	}
	for _, in := range b.Submissions {
		want := in.Filing
		want.Batch, want.Version, want.CommittedAt, want.HeldAs = b.ID, 1, res.CommittedAt, want.Agency
		f, err := s.Filing(t.Context(), want.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, f, sameValues); diff != "" {
			t.Fatalf("filing (-in +out):\n%s", diff)
		}
		cells, err := s.Cells(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		byKey := func(a, b form.Cell) int { return strings.Compare(a.Key.String(), b.Key.String()) }
		if !slices.IsSortedFunc(cells, func(a, b form.Cell) int {
			return slices.Compare([]int{a.At.Page, a.At.Grid, a.At.Row, a.At.Column, a.At.Line}, []int{b.At.Page, b.At.Grid, b.At.Row, b.At.Column, b.At.Line})
		}) {
			t.Errorf("cells of %s do not stand in the order of the file", f.ID)
		}
		wantCells := slices.Clone(in.Cells)
		slices.SortFunc(wantCells, byKey)
		slices.SortFunc(cells, byKey)
		if diff := cmp.Diff(wantCells, cells, sameValues); diff != "" {
			t.Fatalf("cells (-in +out):\n%s", diff)
		}
		findings, err := s.Findings(t.Context(), time.Time{}, f)
		if err != nil {
			t.Fatal(err)
		}
		byPlace := func(a, b form.Finding) int {
			return slices.Compare([]string{a.Rule, a.Table, a.Place}, []string{b.Rule, b.Table, b.Place})
		}
		wantFindings := slices.Clone(in.Findings)
		slices.SortFunc(wantFindings, byPlace)
		slices.SortFunc(findings, byPlace)
		if diff := cmp.Diff(wantFindings, findings, sameValues); diff != "" {
			t.Fatalf("findings (-in +out):\n%s", diff)
		}
		parts, err := s.Parts(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		claims, err := s.Claims(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(in.Parts, parts, sameValues) + cmp.Diff(in.Claims, claims, sameValues); diff != "" {
			t.Fatalf("parts and claims (-in +out):\n%s", diff)
		}
	}
}

func isNotFound(err error) bool {
	return err != nil && strings.HasSuffix(err.Error(), ErrNotFound.Error())
}

// Every column of a table is written; a column added by a migration and forgotten in the insert would stay empty.
func TestInsertsCoverEveryColumn(t *testing.T) {
	s := open(t, t.TempDir())
	b := Batch{ID: newID(), Submissions: []Submission{submit("a", 2023, sha("a"))}}
	tables, err := b.tables()
	if err != nil {
		t.Fatal(err)
	}
	written := map[string][]string{"documents": slices.Clone(documentColumns)}
	for _, table := range tables {
		if table.written != nil {
			written[table.name] = table.written.columns
			continue
		}
		written[table.name] = all(table.columns, func(c column) string { return c.name })
	}
	for table, got := range written {
		var want []string
		err := s.Conn().QueryRow(t.Context(), "SELECT arraySort(groupArray(name)) FROM system.columns WHERE database = currentDatabase() AND table = {table:String}",
			clickhouse.Named("table", table)).Scan(&want)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("columns of %s (-table +insert):\n%s", table, diff)
		}
	}
}

func TestOpeningAgainChangesNothing(t *testing.T) {
	data := t.TempDir()
	schema := func(s *Store) (ddl []string) {
		rows, err := s.Conn().Query(t.Context(), `SELECT create_table_query FROM system.tables WHERE database = currentDatabase()
			UNION ALL SELECT concat(toString(version), name, toString(applied_at), program) FROM schema_migrations`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			ddl = append(ddl, line)
		}
		slices.Sort(ddl)
		return ddl
	}
	if _, _, err := engine.FindLibrary(""); err != nil {
		t.Skip(err)
	}
	var first []string
	for i := range 2 {
		s, err := Open(t.Context(), Options{Data: data, Program: "nianbao test"})
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = schema(s)
			commit(t, s, submit("a", 2023, sha("a")))
		} else if diff := cmp.Diff(first, schema(s)); diff != "" {
			t.Errorf("tables (-first +second opening):\n%s", diff)
		} else if n := count(t, s, "filings"); n != 1 {
			t.Errorf("%d filings after opening again, want 1", n)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if want := 22 + len(migrations); len(first) != want { // 21 tables and schema_migrations
		t.Errorf("%d tables and migrations, want %d: %q", len(first), want, first)
	}
}

func TestAnInterruptedMigrationIsCompleted(t *testing.T) {
	s := open(t, t.TempDir())
	ctx := t.Context()
	list := append(slices.Clone(migrations), migration{"two more", []string{
		"CREATE TABLE IF NOT EXISTS one (n UInt8) ENGINE = MergeTree ORDER BY n",
		"CREATE TABLE IF NOT EXISTS two (n UInt8) ENGINE = MergeTree ORDER BY n",
	}})
	if err := s.Conn().Exec(ctx, list[len(list)-1].statements[0]); err != nil { // cut off here
		t.Fatal(err)
	}
	if err := s.migrate(ctx, nil, list); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s, "two") + count(t, s, "one"); n != 0 {
		t.Errorf("%d rows in new tables", n)
	}
	version, err := s.schemaVersion(ctx)
	if err != nil || version != len(list) {
		t.Errorf("version %d, %v; want %d", version, err, len(list))
	}
	// The program of before the migration does not touch what it does not know.
	err = s.migrate(ctx, nil, migrations)
	if err == nil || !strings.Contains(err.Error(), "use the newer nianbao") {
		t.Errorf("an older program opens a newer store: %v, want a refusal", err)
	}
}

func TestCommittingABatchTwiceIsCommittingItOnce(t *testing.T) {
	s := open(t, t.TempDir())
	r := rand.New(rand.NewPCG(3, 4))
	b := Batch{ID: newID(), Submissions: []Submission{randomSubmission(r, "a", 2023), randomSubmission(r, "b", 2023)},
		Documents: []Document{{SHA256: sha("a"), Bytes: []byte("x"), Size: 1}}}
	var first CommitResult
	counts := map[string]uint64{}
	for i := range 3 {
		res, err := s.Commit(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = res
		} else if diff := cmp.Diff(first, res); diff != "" {
			t.Errorf("result (-first +again):\n%s", diff)
		}
		for _, table := range []string{"documents", "filings", "cells", "findings", "batches"} {
			n := count(t, s, table)
			if i > 0 && n != counts[table] {
				t.Errorf("%s has %d rows after commit %d, want %d", table, n, i+1, counts[table])
			}
			counts[table] = n
		}
	}
	if counts["cells"] != uint64(first.Cells) || counts["batches"] != 1 {
		t.Errorf("rows %v, want those of %+v", counts, first)
	}
}

// A batch is one block, also one of many megabytes: else a crash could leave a part of it.
func TestABatchIsOneBlock(t *testing.T) {
	s := open(t, t.TempDir())
	r := rand.New(rand.NewPCG(5, 6))
	b := Batch{ID: newID()}
	for i := range 200 {
		b.Submissions = append(b.Submissions, randomSubmission(r, "a", 2000+i))
		b.Documents = append(b.Documents, Document{SHA256: sha("a"), Size: 400_000, Bytes: make([]byte, 400_000)})
	}
	if _, err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"documents", "filings", "cells", "findings", "batches"} {
		var blocks uint64
		if err := s.Conn().QueryRow(t.Context(), "SELECT count() FROM system.parts WHERE database = currentDatabase() AND table = {table:String}",
			clickhouse.Named("table", table)).Scan(&blocks); err != nil || blocks != 1 {
			t.Errorf("%s has %d parts, want 1 (%v)", table, blocks, err)
		}
	}
}

func TestABatchWithoutItsMarkIsNotSeen(t *testing.T) {
	s := open(t, t.TempDir())
	ctx := t.Context()
	commit(t, s, submit("a", 2023, sha("a")))
	b := Batch{ID: newID(), Submissions: []Submission{submit("a", 2023, sha("b")), submit("b", 2024, sha("b"))},
		Documents: []Document{{SHA256: sha("b"), Bytes: []byte("x"), Size: 1}}}
	filings, err := filingColumns(b)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.insert(ctx, "filings", b.ID, 2, filings); err != nil {
		t.Fatal(err)
	}
	if err := s.insertDocuments(ctx, b); err != nil {
		t.Fatal(err)
	}
	list, err := s.Filings(ctx, time.Time{}, Filter{})
	if err != nil || len(list) != 1 || list[0].SHA256 != sha("a") || list[0].Version != 1 {
		t.Errorf("Filings: %+v, %v; want the committed one", list, err)
	}
	if _, err := s.Filing(ctx, b.Submissions[0].Filing.ID); !isNotFound(err) {
		t.Errorf("Filing: %v, want ErrNotFound", err)
	}
	if _, err := s.Document(ctx, sha("b")); !isNotFound(err) {
		t.Errorf("Document: %v, want ErrNotFound", err)
	}
	if held, err := s.Held(ctx, []string{sha("a"), sha("b")}); err != nil || len(held) != 1 {
		t.Errorf("Held: %v, %v; want one file", held, err)
	}
	if years, err := s.Years(ctx, time.Time{}); err != nil || len(years) != 1 {
		t.Errorf("Years: %v, %v; want one", years, err)
	}
	if list, err := s.Agencies(ctx, time.Time{}); err != nil || len(list) != 1 {
		t.Errorf("Agencies: %v, %v; want one", list, err)
	}
	if list, err := s.Versions(ctx, time.Time{}, "a", 2023); err != nil || len(list) != 1 {
		t.Errorf("Versions: %v, %v; want one", list, err)
	}
}

func TestTheNewestFilingIsVisibleAndThePastStays(t *testing.T) {
	s := open(t, t.TempDir())
	ctx := t.Context()
	if batch, at, err := s.DataVersion(ctx); batch != "" || !at.IsZero() || err != nil {
		t.Errorf("DataVersion of an empty store: %q, %s, %v", batch, at, err)
	}
	older := submit("a", 2023, sha("a")) // its id is smaller, but it is committed later
	first := commit(t, s, submit("a", 2023, sha("b")), submit("a", 2024, sha("c")))
	second := commit(t, s, submit("b", 2023, sha("d")))
	third := commit(t, s, older)
	two := []Submission{submit("b", 2023, sha("e")), submit("b", 2023, sha("f"))}
	fourth := commit(t, s, two...) // two versions in one batch: the greater id is the newer
	tests := []struct {
		name string
		asOf time.Time
		want map[AgencyYear]string // first digit of the hash, version
	}{
		{"before everything", first.CommittedAt.Add(-time.Microsecond), map[AgencyYear]string{}},
		{"first", first.CommittedAt, map[AgencyYear]string{{"a", 2023}: "b1", {"a", 2024}: "c1"}},
		{"just before the second", second.CommittedAt.Add(-time.Microsecond), map[AgencyYear]string{{"a", 2023}: "b1", {"a", 2024}: "c1"}},
		{"second", second.CommittedAt, map[AgencyYear]string{{"a", 2023}: "b1", {"a", 2024}: "c1", {"b", 2023}: "d1"}},
		{"third", third.CommittedAt, map[AgencyYear]string{{"a", 2023}: "a2", {"a", 2024}: "c1", {"b", 2023}: "d1"}},
		{"fourth", fourth.CommittedAt, map[AgencyYear]string{{"a", 2023}: "a2", {"a", 2024}: "c1", {"b", 2023}: "f3"}},
		{"now", time.Time{}, map[AgencyYear]string{{"a", 2023}: "a2", {"a", 2024}: "c1", {"b", 2023}: "f3"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			list, err := s.Filings(ctx, test.asOf, Filter{})
			if err != nil {
				t.Fatal(err)
			}
			got := map[AgencyYear]string{}
			for _, f := range list {
				got[AgencyYear{f.Agency, f.Year}] = f.SHA256[:1] + string(rune('0'+f.Version))
			}
			if len(got) != len(list) {
				t.Errorf("%d filings for %d agencies and years", len(list), len(got))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("visible filings (-want +got):\n%s", diff)
			}
			years, err := s.Years(ctx, test.asOf)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, y := range years {
				n += y.Filings
			}
			if n != len(test.want) {
				t.Errorf("Years counts %d filings, want %d", n, len(test.want))
			}
		})
	}
	batch, at, err := s.DataVersion(ctx)
	if batch != fourth.Batch || !at.Equal(fourth.CommittedAt) || err != nil {
		t.Errorf("DataVersion = %s, %s, %v; want %s, %s", batch, at, err, fourth.Batch, fourth.CommittedAt)
	}
	list, err := s.Filings(ctx, time.Time{}, Filter{Years: []int{2023}, Agencies: []string{"b", "c"}})
	if err != nil || len(list) != 1 || list[0].SHA256 != sha("f") {
		t.Errorf("Filings with a filter: %+v, %v", list, err)
	}
	versions, err := s.Versions(ctx, time.Time{}, "b", 2023)
	if got := strings.Join(all(versions, func(f Filing) string { return f.SHA256[:1] }), ""); got != "def" || err != nil {
		t.Errorf("Versions = %s, %v; want def", got, err)
	}
	agencies, err := s.Agencies(ctx, time.Time{})
	want := []Agency{{ID: "a", Name: "局a", Years: []int{2023, 2024}}, {ID: "b", Name: "局b", Years: []int{2023}}}
	if diff := cmp.Diff(want, agencies); diff != "" || err != nil {
		t.Errorf("Agencies (-want +got): %v\n%s", err, diff)
	}

	held, err := s.Held(ctx, []string{sha("d"), sha("f"), sha("0")})
	if err != nil {
		t.Fatal(err)
	}
	for c, version := range map[string]int{"d": 1, "f": 3} {
		if h := held[sha(c)]; len(h) != 1 || h[0].AgencyYear != (AgencyYear{"b", 2023}) || h[0].Version != version || h[0].Newest != 3 {
			t.Errorf("Held %s = %+v, want version %d of 3", c, h, version)
		}
	}
	if len(held) != 2 {
		t.Errorf("Held %d files, want 2", len(held))
	}
	reports, err := s.HeldReports(ctx, []AgencyYear{{"a", 2024}, {"b", 2023}, {"c", 2023}})
	if err != nil || len(reports) != 2 || len(reports[AgencyYear{"a", 2024}]) != 1 || len(reports[AgencyYear{"b", 2023}]) != 3 {
		t.Errorf("HeldReports = %+v, %v", reports, err)
	}
}

func TestCommitTimesNeverGoBack(t *testing.T) {
	s := open(t, t.TempDir())
	commit(t, s, submit("a", 2023, sha("a")))
	ahead := time.Now().UTC().Add(time.Hour).Truncate(time.Microsecond) // a clock that was wrong
	if err := s.Conn().Exec(t.Context(), "INSERT INTO batches (batch, committed_at) SELECT {batch:String}, fromUnixTimestamp64Micro({at:Int64}, 'UTC')",
		clickhouse.Named("batch", newID()), clickhouse.Named("at", ahead.UnixMicro())); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		want := ahead.Add(time.Duration(i+1) * time.Microsecond)
		if got := commit(t, s, submit("a", 2024+i, sha("b"))).CommittedAt; !got.Equal(want) {
			t.Errorf("commit %d at %s, want %s", i, got, want)
		}
	}
}

// The same code on a server: here the engine's own interface on a TCP port.
func TestServer(t *testing.T) {
	embedded := open(t, t.TempDir())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer client.Close()
				server, err := embedded.embedded.DialContext(context.Background(), "tcp", "localhost")
				if err != nil {
					return
				}
				go func() {
					defer server.Close()
					_, _ = io.Copy(server, client)
				}()
				_, _ = io.Copy(client, server)
			}()
		}
	}()
	for _, name := range []string{"", "/other"} {
		s, err := Open(t.Context(), Options{DSN: "http://default:@" + listener.Addr().String() + name, Program: "nianbao test"})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Ready(t.Context()); err != nil {
			t.Error(err)
		}
		if s.Data() != "" {
			t.Errorf("Data() = %q on a server", s.Data())
		}
		commit(t, s, submit("a", 2023, sha("a")))
		if n := count(t, s, "batches"); n != 1 {
			t.Errorf("%d batches on server database %q, want 1", n, name)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestServerAddress(t *testing.T) {
	tests := []struct{ dsn, want string }{
		{"http://localhost:8123", ""},
		{"http://u:secret@localhost:8123/db?max_open_conns=3", ""},
		{"https://u:secret@example.org:8443/db", ""},
		{"clickhouse://u:secret@localhost:9000/db", `scheme "clickhouse"`},
		{"localhost:8123", `scheme "localhost"`},
		{"http://u:secret@local host/%zz", "not a URL"},
		{"http:///db", "address"},
	}
	for _, test := range tests {
		_, err := serverOptions(test.dsn)
		if test.want == "" && err != nil {
			t.Errorf("serverOptions(%q) = %v, want nil", test.dsn, err)
		}
		if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("serverOptions(%q) = %v, want an error with %q", test.dsn, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("serverOptions(%q) shows the password: %v", test.dsn, err)
		}
	}
	_, err := Open(t.Context(), Options{DSN: "http://u:secret@127.0.0.1:1/db"})
	if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("Open of a server that is not there: %v; want an error that names it, without the password", err)
	}
}
