package engine

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	"github.com/google/go-cmp/cmp"
)

// client talks plain HTTP to the shared engine.
func client(t testing.TB) *http.Client {
	e := sharedEngine(t)
	transport := &http.Transport{DisableCompression: true, DialContext: func(ctx context.Context, n, a string) (net.Conn, error) { return e.DialContext(ctx, n, a) }}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

type reply struct {
	status int
	header http.Header
	body   string
}

// send posts a body with URL parameters (a=b&c=d, to be escaped) and headers as "Name: value".
func send(t testing.TB, params url.Values, body string, headers ...string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://engine/?"+params.Encode(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		request.Header.Set(name, value)
	}
	return do(t, request)
}

func do(t testing.TB, request *http.Request) reply {
	t.Helper()
	response, err := client(t).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(content)}
}

func TestRequests(t *testing.T) {
	v := func(pairs ...string) url.Values {
		values := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			values.Add(pairs[i], pairs[i+1])
		}
		return values
	}
	for _, test := range []struct {
		name   string
		params url.Values
		body   string
		status int
		code   string // of the exception
		want   string // the answer, or with a code the beginning of it
	}{
		{"text in the body", nil, "SELECT 1", 200, "", "1\n"},
		{"text in the URL", v("query", "SELECT 1"), "", 200, "", "1\n"},
		{"text in both", v("query", "SELECT 1 +"), "1", 200, "", "2\n"},
		{"trailing semicolon", nil, "SELECT 1;", 200, "", "1\n"},
		{"comment first", nil, "-- x\n/* y */ SELECT 1", 200, "", "1\n"},
		{"default_format", v("default_format", "JSONEachRow"), "SELECT 1 AS a", 200, "", "{\"a\":1}\n"},
		{"FORMAT wins", v("default_format", "JSONEachRow"), "SELECT 1 AS a FORMAT CSVWithNames", 200, "", "\"a\"\n1\n"},
		{"unknown format", v("default_format", "Nope"), "SELECT 1", 500, "73", "Code: 73. DB::Exception: "},
		{"setting", v("max_threads", "3"), "SELECT getSetting('max_threads')", 200, "", "3\n"},
		{"setting with quotes", v("count_distinct_implementation", `a'\b`), "SELECT getSetting('count_distinct_implementation')", 200, "", `a\'\\b` + "\n"},
		{"unknown setting", v("max_threadz", "3"), "SELECT 1", 400, "115", "Code: 115. DB::Exception: "},
		{"bad value of a setting", v("max_threads", "x"), "SELECT 1", 400, "", "Code: "},
		{"setting in the text", nil, "SELECT getSetting('max_threads') SETTINGS max_threads = 5", 200, "", "5\n"},
		{"database", v("database", "system"), "SELECT currentDatabase()", 200, "", "system\n"},
		{"no database", nil, "SELECT currentDatabase()", 200, "", "default\n"},
		{"unknown database", v("database", "no`pe"), "SELECT 1", 404, "81", "Code: 81. DB::Exception: "},
		{"unknown table", nil, "SELECT * FROM system.nope", 404, "60", "Code: 60. DB::Exception: "},
		{"unknown column", nil, "SELECT nope", 400, "47", "Code: 47. DB::Exception: "},
		{"syntax error", nil, "SELEC 1", 400, "62", "Code: 62. DB::Exception: Syntax error"},
		{"expression alone", nil, "1 + 1", 400, "62", "Code: 62. "},
		{"empty", nil, " \n", 400, "62", "Code: 62. DB::Exception: Empty query"},
		{"two statements, streaming", nil, "SELECT 1; SELECT 2", 400, "62", "Code: 62. "},
		{"two statements, plain", v("default_format", "JSON"), "SELECT 1; SELECT 2", 400, "62", "Code: 62. "},
		{"the second is broken", nil, "CREATE DATABASE must_not_exist; garbage", 400, "62", "Code: 62. "},
		{"the first did nothing", nil, "EXISTS DATABASE must_not_exist", 200, "", "0\n"},
		{"statements side by side", nil, "CREATE DATABASE must_not_exist PARALLEL WITH SELECT 1", 400, "62", "Code: 62. "},
		{"parameter", v("param_x", "it's 中文"), "SELECT {x:String}", 200, "", "it\\'s 中文\n"},
		{"parameters of types", v("param_a", "[1,2]", "param_t", "one", "param_n", `\N`), "SELECT {a:Array(UInt8)}, {n:Nullable(String)}, * FROM system.{t:Identifier}", 200, "", "[1,2]\t\\N\t0\n"},
		{"parameter missing", nil, "SELECT {x:String}", 500, "456", "Code: 456. "},
		{"readonly writes", v("readonly", "1"), "CREATE DATABASE must_not_exist", 403, "164", "Code: 164. "},
		{"readonly reads", v("readonly", "1"), "SELECT 1", 200, "", "1\n"},
		{"readonly with other settings", v("readonly", "1", "max_threads", "3"), "SELECT getSetting('max_threads'), getSetting('readonly')", 200, "", "3\t1\n"},
		{"time limit", v("max_execution_time", "0.2"), "SELECT max(sipHash64(number)) FROM numbers(10000000000)", 408, "159", "Code: 159. "},
		{"memory limit", v("max_memory_usage", "1000000"), "SELECT groupArray(number) FROM numbers(10000000)", 500, "241", "Code: 241. "},
		{"dialect", v("dialect", "prql"), "SELECT 1", 403, "497", "Code: 497. "},
		{"setting with an expression", v("additional_result_filter", "file('x') = ''"), "SELECT 1", 403, "497", "Code: 497. "},
		{"what is no setting", v("session_id", "s", "session_timeout", "9", "user", "u", "password", "p", "quota_key", "k", "role", "r", "buffer_size", "1", "stacktrace", "1"), "SELECT 1", 200, "", "1\n"},
		{"show", nil, "SHOW DATABASES LIKE 'default'", 200, "", "default\n"},
		{"explain", nil, "EXPLAIN SYNTAX SELECT 1", 200, "", "SELECT 1\nFROM system.one\n"},
		{"with totals", nil, "SELECT number % 2 AS k, count() FROM numbers(10) GROUP BY k WITH TOTALS ORDER BY k FORMAT CSV", 200, "", "0,5\n1,5\n\n0,10\n"},
		{"wait_end_of_query", v("wait_end_of_query", "1"), "SELECT throwIf(number = 200000) FROM numbers(300000)", 500, "395", "Code: 395. "},
	} {
		got := send(t, test.params, test.body)
		if got.status != test.status || got.header.Get("X-ClickHouse-Exception-Code") != test.code && test.status != 400 {
			t.Errorf("%s: status %d, code %q, %q; want %d, %q", test.name, got.status, got.header.Get("X-ClickHouse-Exception-Code"), got.body, test.status, test.code)
		}
		if test.status == 200 && got.body != test.want || test.status != 200 && !strings.HasPrefix(got.body, test.want) {
			t.Errorf("%s: answer %q, want %q", test.name, got.body, test.want)
		}
	}
}

func TestRequestsBesideStatements(t *testing.T) {
	get := func(path string) reply {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://engine"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		return do(t, request)
	}
	for path, want := range map[string]int{"/ping": 200, "/": 200, "/?query=SELECT+1": 200, "/query?query=SELECT+1": 200, "/play": 404, "/?query=CREATE+DATABASE+must_not_exist": 403} {
		if got := get(path); got.status != want {
			t.Errorf("GET %s: status %d %q, want %d", path, got.status, got.body, want)
		}
	}
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodDelete, "http://engine/", nil)
	if got := do(t, request); got.status != 405 {
		t.Errorf("DELETE /: status %d, want 405", got.status)
	}
	if got := send(t, url.Values{"query_id": {"my id"}}, "SELECT 1").header.Get("X-ClickHouse-Query-Id"); got != "my id" {
		t.Errorf("query id %q, want the client's", got)
	}
	// Parameters of two requests on one network connection do not mix.
	send(t, url.Values{"max_threads": {"7"}}, "CREATE TEMPORARY TABLE leak (a Int64)")
	if got := send(t, nil, "SELECT getSetting('max_threads') != 7, (SELECT count() FROM system.tables WHERE is_temporary)"); got.body != "1\t0\n" {
		t.Errorf("state of another request: %q, want none", got.body)
	}
}

func TestEncodings(t *testing.T) {
	statement := "SELECT number, 'row ' || toString(number) FROM numbers(100000) FORMAT TSV"
	want := send(t, nil, statement).body
	if strings.Count(want, "\n") != 100000 {
		t.Fatalf("%d rows, want 100000", strings.Count(want, "\n"))
	}
	t.Run("answers", func(t *testing.T) {
		got := send(t, nil, statement, "Accept-Encoding: gzip")
		r, err := gzip.NewReader(strings.NewReader(got.body))
		if err != nil || got.header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("gzip: %v %v", got.header, err)
		}
		if plain, err := io.ReadAll(r); err != nil || string(plain) != want {
			t.Errorf("gzip: %d bytes, %v; want %d", len(plain), err, len(want))
		}
		for _, method := range []string{"", "LZ4", "LZ4HC", "ZSTD", "NONE"} {
			got := send(t, url.Values{"compress": {"1"}, "network_compression_method": {method}}, statement)
			buffer := make([]byte, len(want)+1)
			if n, ended, err := fill(newBlockReader(strings.NewReader(got.body)), buffer); !ended || err != nil || string(buffer[:n]) != want {
				t.Errorf("blocks of %q: %d bytes, %v; want %d", method, n, err, len(want))
			}
		}
		if got := send(t, url.Values{"compress": {"1"}, "network_compression_method": {"RAR"}}, statement); got.status != 400 {
			t.Errorf("unknown method: %d %s, want 400", got.status, got.body)
		}
		if got := send(t, nil, "SELECT nope", "Accept-Encoding: gzip"); got.header.Get("Content-Encoding") != "" || !strings.HasPrefix(got.body, "Code: 47. ") {
			t.Errorf("an error is encoded: %v %q", got.header, got.body)
		}
	})
	t.Run("bodies", func(t *testing.T) {
		var zipped bytes.Buffer
		z := gzip.NewWriter(&zipped)
		io.WriteString(z, "SELECT 42")
		z.Close()
		if got := send(t, nil, zipped.String(), "Content-Encoding: gzip"); got.body != "42\n" {
			t.Errorf("gzip: %q, want 42", got.body)
		}
		if got := send(t, nil, zipped.String()[:20], "Content-Encoding: gzip"); got.status != 400 || got.header.Get("X-ClickHouse-Exception-Code") != "271" {
			t.Errorf("cut gzip: %d %q, want code 271", got.status, got.body)
		}
		w := compress.NewWriter(compress.LevelZero, compress.ZSTD)
		if err := w.Compress([]byte("SELECT 42")); err != nil {
			t.Fatal(err)
		}
		if got := send(t, url.Values{"decompress": {"1"}}, string(w.Data)); got.body != "42\n" {
			t.Errorf("blocks: %q, want 42", got.body)
		}
		if got := send(t, nil, "x", "Content-Encoding: br"); got.status != 501 {
			t.Errorf("br: %d, want 501", got.status)
		}
	})
}

func TestExternalTables(t *testing.T) {
	c := database(t, nil)
	table, err := ext.NewTable("wanted", ext.Column("id", "Int64"), ext.Column("name", "Nullable(String)"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(3) {
		if err := table.Append(i, "n"); err != nil {
			t.Fatal(err)
		}
	}
	ctx := clickhouse.Context(t.Context(), clickhouse.WithExternalTable(table), clickhouse.WithSettings(clickhouse.Settings{"readonly": 1}))
	var n uint64
	if err := c.QueryRow(ctx, "SELECT count() FROM numbers(10) AS x JOIN wanted ON id = toInt64(x.number) WHERE id < {most:Int64}", clickhouse.Named("most", "2")).Scan(&n); err != nil || n != 2 {
		t.Errorf("rows joined with an external table, read only, with a parameter: %d, %v; want 2", n, err)
	}

	form := func(structure, format string) reply {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		part, _ := w.CreateFormFile("x", "x")
		io.WriteString(part, "1,a\n2,b\n")
		w.WriteField("param_p", "!")
		w.WriteField("query", "SELECT b || {p:String} FROM x ORDER BY a")
		w.Close()
		return send(t, url.Values{"x_structure": {structure}, "x_format": {format}}, body.String(), "Content-Type: "+w.FormDataContentType())
	}
	if got := form("a Int64, b String", "CSV"); got.body != "a!\nb!\n" {
		t.Errorf("external table: %q", got.body)
	}
	for _, test := range []struct{ structure, format, code string }{
		{"", "CSV", "36"},
		{"a Int64, b Nope", "CSV", "50"},
		{"a Int64) ENGINE = File(CSV, 'x'", "CSV", "497"},
		{"a Int64 DEFAULT file('x')", "CSV", "497"},
		{"a Int64) AS SELECT 1; SELECT (1", "CSV", "36"},
		{"a Int64, b String", "CSV SETTINGS x=1", "36"},
	} {
		if got := form(test.structure, test.format).header.Get("X-ClickHouse-Exception-Code"); got != test.code {
			t.Errorf("external table (%s) of %s: code %q, want %s", test.structure, test.format, got, test.code)
		}
	}
}

// TestHello: the driver learns revision 0, the real version and zone, however it wants its first block.
func TestHello(t *testing.T) {
	for _, method := range []clickhouse.CompressionMethod{clickhouse.CompressionNone, clickhouse.CompressionLZ4, clickhouse.CompressionZSTD, clickhouse.CompressionGZIP} {
		c := connect(t, sharedEngine(t), func(o *clickhouse.Options) { o.Compression = &clickhouse.Compression{Method: method} })
		v, err := c.ServerVersion()
		if err != nil {
			t.Fatal(err)
		}
		if v.Revision != 0 || v.Timezone.String() != "UTC" || v.Version.Major != 26 || v.Version.Minor != 7 {
			t.Errorf("%v: hello %+v", method, v)
		}
		if err := c.Ping(t.Context()); err != nil {
			t.Errorf("%v: ping: %v", method, err)
		}
	}
}

// TestErrorsAreTyped: by whatever call, the driver gets an Exception with the code and the whole message.
func TestErrorsAreTyped(t *testing.T) {
	for _, method := range []clickhouse.CompressionMethod{clickhouse.CompressionNone, clickhouse.CompressionLZ4, clickhouse.CompressionGZIP} {
		c := database(t, func(o *clickhouse.Options) { o.Compression = &clickhouse.Compression{Method: method} })
		execute(t, c, "CREATE TABLE small (a Int64, CONSTRAINT low CHECK a < 10) ENGINE = MergeTree ORDER BY a")
		for name, test := range map[string]struct {
			run  func() error
			code int
			name string
		}{
			"Query": {func() error { _, err := c.Query(t.Context(), "SELECT nope"); return err }, 47, "UNKNOWN_IDENTIFIER"},
			"QueryRow": {func() error {
				var x int
				return c.QueryRow(t.Context(), "SELECT throwIf(1, 'stop here')").Scan(&x)
			}, 395, "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"},
			"Exec":         {func() error { return c.Exec(t.Context(), "DROP TABLE nope") }, 60, "UNKNOWN_TABLE"},
			"PrepareBatch": {func() error { _, err := c.PrepareBatch(t.Context(), "INSERT INTO nope"); return err }, 60, "UNKNOWN_TABLE"},
			"Send": {func() error {
				b, err := c.PrepareBatch(t.Context(), "INSERT INTO small")
				if err != nil {
					return err
				}
				if err := b.Append(int64(11)); err != nil {
					return err
				}
				return b.Send()
			}, 469, "VIOLATED_CONSTRAINT"},
			"AsyncInsert": {func() error { return c.AsyncInsert(t.Context(), "INSERT INTO small VALUES (12)", true) }, 469, "VIOLATED_CONSTRAINT"},
		} {
			err := test.run()
			e := (*clickhouse.Exception)(nil)
			h := (*clickhouse.HTTPError)(nil)
			if !errors.As(err, &e) || !errors.As(err, &h) || int(e.Code) != test.code || e.CodeName != test.name || e.Name != "DB::Exception" {
				t.Errorf("%v %s: %v, want code %d %s", method, name, err, test.code, test.name)
			}
		}
		if n := one[uint64](t, c, "SELECT count() FROM small"); n != 0 {
			t.Errorf("%v: refused inserts stored %d rows", method, n)
		}
	}
}

func TestDatabaseSQL(t *testing.T) {
	e := sharedEngine(t)
	db := clickhouse.OpenDB(&clickhouse.Options{Protocol: clickhouse.HTTP, Addr: []string{"engine:80"},
		DialContext: func(ctx context.Context, addr string) (net.Conn, error) { return e.DialContext(ctx, "", addr) }})
	defer db.Close()
	run := func(statement string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	run("CREATE DATABASE plain_sql ENGINE = Atomic")
	defer db.Exec("DROP DATABASE plain_sql SYNC")
	run("CREATE TABLE plain_sql.t (a Int64, b Nullable(String)) ENGINE = MergeTree ORDER BY a")
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	insert, err := tx.PrepareContext(t.Context(), "INSERT INTO plain_sql.t")
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(3) {
		if _, err := insert.ExecContext(t.Context(), i, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	run("INSERT INTO plain_sql.t VALUES ({a:Int64}, {b:String})", sql.Named("a", "7"), sql.Named("b", "it's"))
	var got []string
	rows, err := db.QueryContext(t.Context(), "SELECT a, b FROM plain_sql.t WHERE a > @low ORDER BY a", clickhouse.Named("low", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var a string
		var b sql.NullString
		if err := rows.Scan(&a, &b); err != nil {
			t.Fatal(err)
		}
		got = append(got, a+b.String)
	}
	if diff := cmp.Diff([]string{"2", "7it's"}, got); diff != "" || rows.Err() != nil {
		t.Errorf("rows (-want +got):\n%s%v", diff, rows.Err())
	}
}

// TestZone: a time comes back as the instant that went in, in UTC, whatever zone the value, the column or this process
// (TestMain) has.
func TestZone(t *testing.T) {
	c := database(t, nil)
	execute(t, c, "CREATE TABLE times (plain DateTime, shanghai DateTime('Asia/Shanghai'), milli DateTime64(3), day Date) ENGINE = MergeTree ORDER BY plain")
	instant := time.Date(2024, 1, 17, 23, 30, 0, int(123*time.Millisecond), time.FixedZone("", 8*3600))
	b, err := c.PrepareBatch(t.Context(), "INSERT INTO times")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Append(instant, instant, instant, instant); err != nil {
		t.Fatal(err)
	}
	if err := b.Send(); err != nil {
		t.Fatal(err)
	}
	if got, want := one[string](t, c, "SELECT toString(plain) || ' ' || toString(shanghai) || ' ' || toString(milli) FROM times"), "2024-01-17 15:30:00 2024-01-17 23:30:00 2024-01-17 15:30:00.123"; got != want {
		t.Errorf("the engine stored %s, want %s", got, want)
	}
	var plain, shanghai, milli time.Time
	if err := c.QueryRow(t.Context(), "SELECT plain, shanghai, milli FROM times").Scan(&plain, &shanghai, &milli); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]time.Time{"DateTime": plain, "DateTime(zone)": shanghai, "DateTime64": milli} {
		if want := instant.Truncate(time.Second); !got.Truncate(time.Second).Equal(want) {
			t.Errorf("%s came back as %v, want %v", name, got, want)
		}
	}
	if plain.Location().String() != "UTC" {
		t.Errorf("DateTime came back in %v, want UTC", plain.Location())
	}
}
