package warehouse

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"nianbao/internal/access"
)

// Every kind of row goes into a link as the engine would compute it from what is stored.
func TestTheChainIsThatOfTheStoredRows(t *testing.T) {
	s := open(t, t.TempDir())
	r := rand.New(rand.NewPCG(8, 15))
	var h history
	tables := map[string]bool{}
	for range 12 {
		b := h.next(r, 15)
		b.By = "张'某\n\"李\""
		for i := range b.Submissions {
			sub := randomSubmission(r, b.Submissions[i].Filing.Agency, b.Submissions[i].Filing.Year)
			sub.Filing.ID, sub.Filing.SHA256 = b.Submissions[i].Filing.ID, b.Submissions[i].Filing.SHA256
			b.Submissions[i] = sub
		}
		b.Documents = append(b.Documents, Document{SHA256: "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9", MediaType: "text/html", Size: 3, Bytes: []byte("bar")})
		b.Accounts = []AccountStatement{{Account: access.Account{Kind: access.User, Name: "李'\"", Roles: []access.Role{access.Viewer}}, Person: "张"}}
		b.Boards = []BoardAct{{Name: "大厅'\"", Act: Save, Statement: "{}", Person: "张"}}
		b.Displays = []DisplayAct{{Display: newID(), Act: AddDisplay, Name: "东墙", Board: "大厅'\"", Token: sha("t"), Tail: "wxyz", Person: "张"}}
		done, err := s.Commit(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		h.batches, h.at = append(h.batches, b), append(h.at, done.CommittedAt)
	}
	links, breaches, err := s.VerifyChain(t.Context(), nil)
	if err != nil || len(breaches) > 0 || len(links) != 12 {
		t.Fatalf("%d links, %v, %v", len(links), breaches, err)
	}
	for _, l := range links {
		for line := range strings.Lines(l.Digests) {
			tables[strings.Fields(line)[0]] = true
		}
	}
	for _, c := range chained {
		if !tables[c.table] {
			t.Errorf("no batch of the test has rows in %s", c.table)
		}
	}
	if all, err := s.Chain(t.Context(), time.Time{}); err != nil || !slices.Equal(all, links) {
		t.Errorf("chain: %v, %v", all, err)
	}
	if some, err := s.Chain(t.Context(), h.at[4]); err != nil || !slices.Equal(some, links[:5]) {
		t.Errorf("chain as of the fifth batch: %d links, %v", len(some), err)
	}
}

// A link covers every column of its table.
func TestTheChainCoversEveryColumn(t *testing.T) {
	s := open(t, t.TempDir())
	covered := map[string][]string{"batches": nil, "chain": nil, "schema_migrations": nil, "sessions": nil, "journal": slices.Sorted(slices.Values(journalColumns))}
	for _, c := range chained {
		covered[c.table] = slices.Sorted(slices.Values(c.columns))
		if c.table == "documents" {
			covered[c.table] = slices.Sorted(slices.Values(append(slices.Clone(c.columns), "bytes")))
		}
	}
	rows, err := s.Conn().Query(t.Context(), "SELECT table, arraySort(groupArray(name)) FROM system.columns WHERE database = currentDatabase() GROUP BY table")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		var columns []string
		if err := rows.Scan(&table, &columns); err != nil {
			t.Fatal(err)
		}
		want, known := covered[table]
		if !known {
			t.Errorf("table %s is in no link", table)
		}
		if diff := cmp.Diff(want, columns); want != nil && diff != "" {
			t.Errorf("columns of %s (-link +table):\n%s", table, diff)
		}
	}
}

// Settings go beside the statements (see exec): an ALTER with SETTINGS of its own is a control statement to the engine's parser,
// and the guard lets none of these pass.
//
// Whatever is changed in the past, the first batch that differs is named, and what differs of it.
func TestAChangedPastIsFound(t *testing.T) {
	data := t.TempDir()
	s := open(t, data)
	r := rand.New(rand.NewPCG(1, 2))
	var batches []string
	for i := range 3 {
		b := Batch{ID: newID(), By: "tester", Submissions: []Submission{randomSubmission(r, fmt.Sprint("a", i), 2023), randomSubmission(r, fmt.Sprint("b", i), 2023)},
			Documents: []Document{{SHA256: "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9", Size: 3, Bytes: []byte("bar")}},
			Sets:      []Set{{Name: "重点", Act: Save, Members: []string{"a0", "b0"}, Reason: "年度考核", Person: "张某"}}}
		if _, err := s.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		batches = append(batches, b.ID)
	}
	of := " WHERE batch = '" + batches[1] + "'"
	for _, c := range []struct{ table, change, want string }{
		{"cells", "ALTER TABLE cells UPDATE raw = concat(raw, ' ')" + of + " AND row = 'R7' AND col = 'total' AND agency = 'a1'", "rows of table cells were changed"},
		{"findings", "ALTER TABLE findings DELETE" + of + " AND place = 'R2'", "table findings has"},
		{"cells", "INSERT INTO cells SELECT * FROM cells" + of + " LIMIT 1", "table cells has"},
		{"filings", "ALTER TABLE filings UPDATE received_at = received_at + 1" + of, "rows of table filings were changed"},
		{"documents", "ALTER TABLE documents UPDATE bytes = 'baz'" + of, "the content of document fcde"},
		{"sets", "ALTER TABLE sets UPDATE members = ['a0']" + of, "rows of table sets were changed"},
		{"batches", "ALTER TABLE batches UPDATE committed_by = 'another'" + of, "its mark says"},
		{"chain", "ALTER TABLE chain UPDATE digests = replaceOne(digests, 'cells 3', 'cells 4')" + of, "the link was changed"},
		{"batches", "ALTER TABLE batches DELETE" + of, "the batch was removed"},
	} {
		exec(t, s, "CREATE TABLE kept AS "+c.table, "INSERT INTO kept SELECT * FROM "+c.table, c.change)
		_, breaches, err := s.VerifyChain(t.Context(), nil)
		if err != nil || len(breaches) == 0 || breaches[0].Batch != batches[1] || !strings.Contains(breaches[0].What, c.want) {
			t.Errorf("%s: %+v, %v, want %q of batch %s", c.change, breaches, err, c.want, batches[1])
		}
		exec(t, s, "EXCHANGE TABLES "+c.table+" AND kept", "DROP TABLE kept")
	}
	if _, breaches, err := s.VerifyChain(t.Context(), nil); err != nil || len(breaches) > 0 {
		t.Fatalf("all was taken back, and yet: %v, %v", breaches, err)
	}
	exec(t, s, "ALTER TABLE chain DELETE"+of) // its batch gets a link behind the last
	if _, breaches, err := s.VerifyChain(t.Context(), nil); err != nil || len(breaches) == 0 || !strings.Contains(breaches[0].What, "a link was removed") {
		t.Errorf("a link was removed: %+v, %v", breaches, err)
	}
}

func exec(t *testing.T, s *Store, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		now := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"mutations_sync": 2, "lightweight_deletes_sync": 2}))
		if err := s.Conn().Exec(now, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// A store from before the chain, or one whose program died between the mark and the link, gets the same links.
func TestLinksThatAreMissingAreMade(t *testing.T) {
	s := open(t, t.TempDir())
	r := rand.New(rand.NewPCG(5, 5))
	for i := range 8 {
		commit(t, s, randomSubmission(r, fmt.Sprint("a", i), 2023))
	}
	want, err := s.Chain(t.Context(), time.Time{})
	if err != nil || len(want) != 8 {
		t.Fatal(len(want), err)
	}
	exec(t, s, "TRUNCATE TABLE chain")
	commit(t, s, submit("z", 2023, sha("a"))) // completes the chain before it adds its own link
	got, err := s.Chain(t.Context(), time.Time{})
	if err != nil || len(got) != 9 {
		t.Fatal(len(got), err)
	}
	if diff := cmp.Diff(want, got[:8]); diff != "" {
		t.Errorf("links (-before +made again):\n%s", diff)
	}
	exec(t, s, "ALTER TABLE chain DELETE WHERE number = 9")
	if again, err := s.Chain(t.Context(), time.Time{}); err != nil || !slices.Equal(again, got) {
		t.Errorf("after the last link was removed: %d links, %v", len(again), err)
	}
}

// Several programs commit at the same time: the chain does not branch.
func TestTheChainDoesNotBranch(t *testing.T) {
	data := t.TempDir()
	s := open(t, data)
	const writers, each = 4, 3
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for i := range each {
				if _, err := s.Commit(t.Context(), Batch{ID: newID(), By: "tester", Submissions: []Submission{submit(fmt.Sprint(w, " ", i), 2023, sha("a"))}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	links, breaches, err := s.VerifyChain(t.Context(), nil)
	if err != nil || len(breaches) > 0 || len(links) != writers*each {
		t.Errorf("%d links, %v, %v", len(links), breaches, err)
	}
}
