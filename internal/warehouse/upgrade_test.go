package warehouse

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"nianbao/internal/engine"
)

var update = flag.Bool("update", false, "write the stores of earlier schemas that are missing")

// oldStore is a store as a program with an earlier schema left it. Once kept it never changes.
type oldStore struct {
	Tables []oldTable `json:"tables"`
	// State is what it has to say once it was carried forward, and Links how many batches it has.
	State string `json:"state"`
	Links int    `json:"links"`
}

type oldTable struct {
	Name   string `json:"name"`
	Create string `json:"create"`
	Rows   string `json:"rows"` // JSONEachRow
}

func oldStoreName(version int) string {
	return filepath.Join("testdata", "schema", fmt.Sprintf("%d.json.gz", version))
}

// Every schema that a program ever wrote is carried forward: its rows are all there, they say the same, and the chain fits them.
func TestUpgrade(t *testing.T) {
	if _, _, err := engine.FindLibrary(""); err != nil {
		t.Skip(err)
	}
	if *update {
		writeOldStores(t)
	}
	for version := 1; version < len(migrations); version++ {
		t.Run(fmt.Sprint("schema ", version), func(t *testing.T) {
			content, err := os.ReadFile(oldStoreName(version))
			if errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("%s is missing: go test ./internal/warehouse -run TestUpgrade -update writes a store of that schema; commit it with the next migration", oldStoreName(version))
			}
			if err != nil {
				t.Fatal(err)
			}
			z, err := gzip.NewReader(bytes.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			var old oldStore
			if err := json.NewDecoder(z).Decode(&old); err != nil {
				t.Fatal(err)
			}
			s := carriedForward(t, old)
			if got := stateOf(t, s, time.Time{}); got != old.State {
				t.Errorf("it lacks\n%s\nand has\n%s", difference(old.State, got), difference(got, old.State))
			}
			links, breaches, err := s.VerifyChain(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(links) != old.Links || len(breaches) > 0 {
				t.Errorf("%d links, want %d; differences: %v", len(links), old.Links, breaches)
			}
			commit(t, s, submit("later", 2024, sha("f"))) // it goes on
		})
	}
}

// carriedForward makes the store of an earlier schema and opens it with this program.
func carriedForward(t *testing.T, old oldStore) *Store {
	t.Helper()
	data := t.TempDir()
	e, err := engine.Open(t.Context(), engine.Options{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	o := embeddedOptions(e)
	conn := databaseOf(t, o, Database)
	for _, table := range old.Tables {
		if err := conn.Exec(t.Context(), table.Create); err != nil {
			t.Fatalf("%v in %s", err, table.Create)
		}
		if table.Rows == "" {
			continue
		}
		if err := conn.InsertFormat(t.Context(), "JSONEachRow", "INSERT INTO "+table.Name, strings.NewReader(table.Rows)); err != nil {
			t.Fatalf("fill %s: %v", table.Name, err)
		}
	}
	if err := errors.Join(conn.Close(), e.Close()); err != nil {
		t.Fatal(err)
	}
	return open(t, data)
}

// databaseOf makes a database and connects to it.
func databaseOf(t *testing.T, where *clickhouse.Options, name string) driver.Conn {
	t.Helper()
	o := *where
	o.Auth.Database = name
	if err := createDatabase(t.Context(), &o); err != nil {
		t.Fatal(err)
	}
	conn, err := clickhouse.Open(&o)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// writeOldStores makes a store for each schema up to this one that has none: a random history, as far as the tables of that schema
// can hold it.
func writeOldStores(t *testing.T) {
	s := open(t, t.TempDir())
	r := rand.New(rand.NewPCG(5, 6))
	h := &history{}
	for len(h.batches) < 14 {
		b := h.next(r, 1+r.IntN(8))
		if len(b.Submissions)+len(b.Assessments)+len(b.Agencies)+len(b.Obligations)+len(b.Corrections)+len(b.Reviews)+len(b.Withdrawals)+len(b.Waiting)+len(b.Sets) == 0 {
			continue
		}
		res, err := s.Commit(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		h.batches, h.at = append(h.batches, b), append(h.at, res.CommittedAt)
	}
	for version := 1; version <= len(migrations); version++ {
		if _, err := os.Stat(oldStoreName(version)); err == nil {
			continue
		}
		old := s.dump(t, version)
		forward := carriedForward(t, old)
		old.State = stateOf(t, forward, time.Time{})
		links, err := forward.Chain(t.Context(), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		old.Links = len(links)
		for i := range old.Tables { // half of the batches had their links already
			if old.Tables[i].Name == "chain" {
				old.Tables[i].Rows = rowsOf(t, forward.Conn(), fmt.Sprintf("SELECT * FROM chain WHERE number <= %d ORDER BY number", len(links)/2))
			}
		}
		var out bytes.Buffer
		z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
		if err := errors.Join(json.NewEncoder(z).Encode(old), z.Close(), os.MkdirAll(filepath.Dir(oldStoreName(1)), 0o755),
			os.WriteFile(oldStoreName(version), out.Bytes(), 0o644)); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes, %d batches", oldStoreName(version), out.Len(), old.Links)
	}
}

func rowsOf(t *testing.T, conn driver.Conn, query string) string {
	t.Helper()
	answer, err := conn.QueryFormat(t.Context(), "JSONEachRow", query)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Close()
	b, err := io.ReadAll(answer)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// dump is what tables of an earlier schema hold of this store.
func (s *Store) dump(t *testing.T, version int) (old oldStore) {
	t.Helper()
	name := fmt.Sprintf("schema_%d", version)
	conn := databaseOf(t, embeddedOptions(s.embedded), name)
	defer conn.Close()
	run := &Store{conn: conn, program: s.program, log: s.log}
	o := *embeddedOptions(s.embedded)
	o.Auth.Database = name
	if err := run.migrate(t.Context(), &o, migrations[:version]); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(t.Context(), "SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase() ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table oldTable
		if err := rows.Scan(&table.Name, &table.Create); err != nil {
			t.Fatal(err)
		}
		table.Create = strings.Replace(table.Create, name+".", "", 1)
		old.Tables = append(old.Tables, table)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for i := range old.Tables {
		table := &old.Tables[i]
		from, condition := Database+"."+table.Name, ""
		switch table.Name {
		case "chain", "journal", "sessions":
			continue // the chain is made for what these tables hold
		case "schema_migrations":
			from = table.Name
		case "batches":
			if version == 1 { // decisions came later
				condition = " WHERE filings > 0"
			}
		}
		var columns string
		if err := conn.QueryRow(t.Context(), "SELECT arrayStringConcat(groupArray(name), ', ') FROM system.columns WHERE database = currentDatabase() AND table = {table:String}",
			clickhouse.Named("table", table.Name)).Scan(&columns); err != nil {
			t.Fatal(err)
		}
		table.Rows = rowsOf(t, conn, "SELECT "+columns+" FROM "+from+condition)
	}
	return old
}
