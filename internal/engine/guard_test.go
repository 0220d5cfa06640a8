package engine

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// refused are statements that reach outside the store, each with the wall that must stop it. @FILE@ stands for a
// file that exists, @DIR@ for its folder. Every wall is tested alone: the words here, classes and grants in TestGuard and TestGrants.
var refused = []struct{ wall, statement string }{
	{"words", "SELECT file('@FILE@')"},
	{"words", "SELECT FILE /* x */ ('@FILE@')"},
	{"words", "SELECT `file`('@FILE@')"},
	{"words", "SELECT \"fi\\x6ce\"('@FILE@')"},
	{"words", "SELECT “file”('@FILE@')"},
	{"words", "SELECT file\u00a0('@FILE@')"},
	{"words", "SELECT arrayMap(x -> file(x), ['@FILE@'])"},
	{"words", "SELECT arrayMap(file, ['@FILE@'])"},
	{"words", "SELECT mapFilter(`file`, map('@FILE@', 1))"},
	{"words", "SELECT arrayMap(`fi\\x6ce`, ['@FILE@'])"},
	{"words", "SELECT * APPLY file FROM (SELECT '@FILE@')"},
	{"words", "SELECT COLUMNS('x') APPLY(file) FROM (SELECT '@FILE@' AS x)"},
	{"words", "SELECT * FROM eval('SELECT file(''@FILE@'')')"},
	{"words", "SELECT 1 AS x SETTINGS additional_result_filter = 'file(\\'@FILE@\\') != \\'\\''"},
	{"words", "SELECT 1 AS x FORMAT Protobuf SETTINGS format_schema = '@FILE@:X'"},
	{"words", "SELECT * FROM format(JSONEachRow, '{}') SETTINGS schema_inference_hints = 'b String DEFAULT file(\\'@FILE@\\')'"},
	{"words", "SELECT aiGenerate('x', 'y')"},
	{"words", "SELECT * FROM format(CSV, 'a String, b String DEFAULT file(\\'@FILE@\\')', '1')"},
	{"words", "SELECT * FROM format(CSV, $$a String DEFAULT file('@FILE@')$$, '1')"},
	{"words", "SELECT * FROM values('a String DEFAULT \\x66ile(\\'@FILE@\\')', '1')"},
	{"words", "INSERT INTO t VALUES (1, file('@FILE@'))"},
	{"words", "INSERT INTO t FROM INFILE '@FILE@' FORMAT CSV"},
	{"words", "INSERT INTO t (a) FROM INFILE '@FILE@' COMPRESSION 'none' FORMAT CSV"},
	{"words", "SELECT 1 INTO OUTFILE '@DIR@/out'"},
	{"words", "SELECT * FROM file('@FILE@')"},
	{"words", "SELECT * FROM url('http://127.0.0.1:1/', CSV, 'a String')"},
	{"words", "SELECT * FROM s3Cluster('c', 'http://127.0.0.1:1/b/k', CSV, 'a String')"},
	{"words", "SELECT * FROM remote('127.0.0.1:1', system.one)"},
	{"words", "SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')"},
	{"words", "SELECT * FROM executable('x.sh', CSV, 'a String')"},
	{"words", "CREATE TABLE u AS url('http://127.0.0.1:1/', CSV, 'a String')"},
	{"words", "CREATE TABLE u (a Int64) ENGINE = File(CSV, '@FILE@')"},
	{"words", "CREATE TABLE u (a Int64) ENGINE File(CSV)"},
	{"words", "CREATE TABLE u (a Int64) ENGINE = `URL`('http://127.0.0.1:1/', CSV)"},
	{"words", "CREATE TABLE u (a Int64) ENGINE = Executable('x.sh', CSV)"},
	{"words", "CREATE TABLE u (a Int64) ENGINE = EmbeddedRocksDB(0, '@DIR@/rocks') PRIMARY KEY a"},
	{"words", "CREATE DATABASE f ENGINE = Filesystem('@DIR@')"},
	{"words", "CREATE DATABASE f ENGINE = MySQL('127.0.0.1:1', 'd', 'u', 'p')"},
	{"words", "CREATE TABLE u (a Int64) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = local, path = '@DIR@/')"},
	{"words", "CREATE DICTIONARY d (a UInt64, b String) PRIMARY KEY a SOURCE(EXECUTABLE(command 'cat @FILE@' format 'CSV')) LAYOUT(FLAT()) LIFETIME(0)"},
	{"words", "CREATE OR REPLACE DICTIONARY d (a UInt64, b String) PRIMARY KEY a SOURCE(FILE(path '@FILE@' format 'CSV')) LAYOUT(FLAT()) LIFETIME(0)"},
	{"words", "CREATE DICTIONARY d (a UInt64, b String) PRIMARY KEY a SOURCE(HTTP(url 'http://127.0.0.1:1/' format 'CSV')) LAYOUT(FLAT()) LIFETIME(0)"},
	{"words", "CREATE DICTIONARY d (a UInt64, b String) PRIMARY KEY a SOURCE(CLICKHOUSE(host '127.0.0.1' table 't')) LAYOUT(FLAT()) LIFETIME(0)"},
	{"words", "CREATE DICTIONARY d (a UInt64, b String) PRIMARY KEY a SOURCE(CLICKHOUSE(query 'SELECT 1, file(\\'@FILE@\\')')) LAYOUT(FLAT()) LIFETIME(0)"},
	{"words", "BACKUP DATABASE d TO S3('http://127.0.0.1:1/b/k')"},
	{"words", "BACKUP DATABASE d TO Disk('default', 'x')"},

	{"classes", "INSERT INTO FUNCTION null('a Int64') SELECT 1"},
	{"classes", "ATTACH TABLE z FROM '@DIR@' (a Int64) ENGINE = MergeTree ORDER BY a"},
	{"classes", "DETACH TABLE t"},
	{"classes", "ALTER TABLE t FREEZE"},
	{"classes", "CREATE FUNCTION f AS (x) -> x + 1"},
	{"classes", "CREATE USER u IDENTIFIED WITH no_password"},
	{"classes", "CREATE NAMED COLLECTION c AS a = 1"},
	{"classes", "GRANT ALL ON *.* TO default"},
	{"classes", "DROP TABLE system.one"},
	{"classes", "BEGIN TRANSACTION"},
	{"classes", "EXECUTE AS default SELECT 1"},

	{"grants", "SELECT * FROM `@FILE@`"},
	{"grants", "SELECT * FROM \"@FILE@\""},
	{"grants", "INSERT INTO `@FILE@` SELECT 1, 'x'"},
	{"grants", "SYSTEM SHUTDOWN"},
	{"grants", "SYSTEM SUSPEND FOR 1 SECOND"},
	{"grants", "SELECT addressToLine(toUInt64(1)) SETTINGS allow_introspection_functions = 1"},
}

// allowed are statements that look like refused ones.
var allowed = []string{
	"SELECT engine FROM system.tables WHERE engine = 'File' LIMIT 0",
	"SELECT engine AS file, 'file(x) url(y)' FROM system.databases LIMIT 0",
	"CREATE VIEW v AS SELECT engine FROM system.tables",
	"SELECT 1 AS url, 2 AS s3",
	"SELECT 'x' AS infile, 'y' AS outfile",
	"INSERT INTO t VALUES (1, 'file(1) INFILE \\'x\\'')",
	"CREATE TABLE source (source Int64, file String) ENGINE = ReplacingMergeTree ORDER BY source",
	"CREATE DICTIONARY d (a UInt64, b String) PRIMARY KEY a SOURCE(CLICKHOUSE(table 't')) LAYOUT(FLAT()) LIFETIME(0)",
	"SELECT * FROM format(CSV, 'a Int64', '1')",
	"SELECT arrayMap(x -> x + 1, [1]), arrayJoin([1]), map('file', 1), * APPLY toString FROM (SELECT 1 AS file)",
	"SELECT arrayConcat(t.file, [1]) FROM (SELECT [1] AS file) AS t",
	"SELECT * FROM merge(currentDatabase(), '^t$')",
	"SELECT * FROM numbers(1)",
	"SET max_threads = 1",
	"USE system",
	"SYSTEM FLUSH LOGS",
	"KILL QUERY WHERE 0 ASYNC",
	"CREATE TEMPORARY TABLE u (a Int64)",
	"EXPLAIN SELECT 1",
	"CHECK TABLE t",
	"WITH 1 AS x SELECT x",
}

func TestGuardText(t *testing.T) {
	for _, r := range refused {
		err := guardText([]byte(r.statement), look([]byte(r.statement)))
		if r.wall == "words" && codeOf(err) != codeAccessDenied {
			t.Errorf("%s: %v, want code 497", r.statement, err)
		}
	}
	for _, statement := range allowed {
		if err := guardText([]byte(statement), look([]byte(statement))); err != nil {
			t.Errorf("%s: %v, want no refusal", statement, err)
		}
	}
}

// inside are the table functions of the library that stay inside the store.
const inside = `cluster clusterallreplicas dictionary format fuzzjson generate_series generaterandom generateseries input loop merge
	mergetreeanalyzeindexes mergetreeanalyzeindexesuuid mergetreeindex mergetreeprojection mergetreetextindex null numbers numbers_mt
	primes sqlstandardvalues timeseriesdata timeseriesmetrics timeseriessamples timeseriesselector timeseriestags values view
	viewifpermitted zeros zeros_mt`

// TestEveryTableFunctionIsJudged fails when another library has table functions of which nobody decided where they reach.
func TestEveryTableFunctionIsJudged(t *testing.T) {
	c := database(t, nil)
	for _, name := range one[[]string](t, c, "SELECT arraySort(groupArray(lower(name))) FROM system.table_functions") {
		if outsideFunctions[name] == slices.Contains(strings.Fields(inside), name) {
			t.Errorf("table function %s is neither in outsideFunctions nor among those that stay inside", name)
		}
	}
}

// TestGuard sends everything through the real engine: what is refused does nothing, what is allowed works.
func TestGuard(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "secret.csv")
	if err := os.WriteFile(file, []byte("1,geheim\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := database(t, nil)
	execute(t, c, "CREATE TABLE t (a Int64, b String) ENGINE = MergeTree ORDER BY a")
	inDefault := connect(t, sharedEngine(t), nil)
	for _, r := range refused {
		statement := strings.NewReplacer("@FILE@", file, "@DIR@", dir).Replace(r.statement)
		for name, conn := range map[string]interface {
			Exec(statement string) error
		}{"own": execOn{t, c}, "default": execOn{t, inDefault}} {
			err := conn.Exec(statement)
			if got := code(err); got != codeAccessDenied && got != codeNotImplemented && !(name == "own" && r.wall == "grants" && got == codeUnknownTable) {
				t.Errorf("%s in database %s: %v, want code 497", statement, name, err)
			}
			if err != nil && strings.Contains(err.Error(), "geheim") {
				t.Errorf("%s: the error shows the file: %v", statement, err)
			}
		}
	}
	if rows := one[uint64](t, c, "SELECT count() FROM t"); rows != 0 {
		t.Errorf("refused statements stored %d rows", rows)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("refused statements left %v", files)
	}
	for _, statement := range allowed {
		if err := c.Exec(t.Context(), statement); err != nil {
			t.Errorf("%s: %v, want it allowed", statement, err)
		}
	}
	if got := one[string](t, c, "SELECT b FROM t"); got != "file(1) INFILE 'x'" {
		t.Errorf("stored %q", got)
	}
}

// TestGrants shows that the grants stop by themselves what they are said to, should the words ever be talked past.
func TestGrants(t *testing.T) {
	c := database(t, nil)
	rows, err := c.Query(t.Context(), "SHOW GRANTS")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	granted := map[string]bool{}
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		list, _, _ := strings.Cut(strings.TrimPrefix(line, "GRANT "), " ON ")
		for _, privilege := range strings.Split(list, ", ") {
			granted[privilege] = true
		}
	}
	for _, want := range []string{"SELECT", "INSERT", "CREATE DATABASE", "BACKUP", "TABLE ENGINE", "SYSTEM MERGES"} {
		if !granted[want] {
			t.Errorf("%s is not granted; grants are %v", want, granted)
		}
	}
	for _, dangerous := range []string{"ALL", "SOURCES", "READ", "WRITE", "FILE", "URL", "S3", "REMOTE", "SYSTEM", "SYSTEM SHUTDOWN",
		"INTROSPECTION", "ACCESS MANAGEMENT", "CREATE", "CREATE FUNCTION", "CREATE USER", "CREATE NAMED COLLECTION", "NAMED COLLECTION ADMIN"} {
		if granted[dangerous] {
			t.Errorf("%s is granted", dangerous)
		}
	}
}
