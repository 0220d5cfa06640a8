package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2"
)

func TestInsertBatches(t *testing.T) {
	for name, compression := range map[string]*clickhouse.Compression{
		"plain": nil, "lz4": {Method: clickhouse.CompressionLZ4}, "zstd": {Method: clickhouse.CompressionZSTD, Level: 1}, "gzip": {Method: clickhouse.CompressionGZIP, Level: 1},
	} {
		c := database(t, func(o *clickhouse.Options) { o.Compression = compression })
		execute(t, c, "CREATE TABLE t (a Int64, b String, c UInt8 DEFAULT 7) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100")
		const rows = 300_000
		for range 2 { // the second with the same token stores nothing
			ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": "batch 1"}))
			b, err := c.PrepareBatch(ctx, "INSERT INTO t (b, a)")
			if err != nil {
				t.Fatal(err)
			}
			for i := range rows {
				if err := b.Append("年报", int64(i)); err != nil {
					t.Fatal(err)
				}
			}
			if err := b.Send(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if got, want := one[string](t, c, "SELECT toString((count(), sum(a), uniqExact(b), sum(c))) FROM t"), fmt.Sprintf("(%d,%d,1,%d)", rows, rows*(rows-1)/2, rows*7); got != want {
			t.Errorf("%s: stored %s, want %s", name, got, want)
		}
		if parts := one[uint64](t, c, "SELECT count() FROM system.parts WHERE database = currentDatabase() AND active"); parts != 1 {
			t.Errorf("%s: one batch is %d parts, want 1: a batch must be stored whole or not", name, parts)
		}
	}
}

// TestBatchThatTheDriverCannotEncode: the driver itself says that such a batch was sent.
func TestBatchThatTheDriverCannotEncode(t *testing.T) {
	for _, method := range []clickhouse.CompressionMethod{clickhouse.CompressionNone, clickhouse.CompressionLZ4, clickhouse.CompressionGZIP} {
		c := database(t, func(o *clickhouse.Options) { o.Compression = &clickhouse.Compression{Method: method} })
		execute(t, c, "CREATE TABLE t (a Int64, b Int64) ENGINE = MergeTree ORDER BY a")
		b, err := c.PrepareBatch(t.Context(), "INSERT INTO t")
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(b.Column(0).Append([]int64{1, 2}), b.Column(1).Append([]int64{1})); err != nil {
			t.Fatal(err)
		}
		if err := b.Send(); code(err) != codeBadArguments {
			t.Errorf("%v: columns of different length: %v, want code 36", method, err)
		}
	}
}

func TestInsertTexts(t *testing.T) {
	c := database(t, nil)
	db := one[string](t, c, "SELECT currentDatabase()")
	big := strings.Repeat("7\tx\n", 400_000) // longer than what is looked at for the FORMAT clause
	for _, test := range []struct {
		name  string
		query string // in the URL
		body  string
		want  string // rows and sum afterwards, or the code
	}{
		{"values", "", "INSERT INTO t VALUES (1, 'a'), (2, 'b;c')", "2 3"},
		{"values in the body", "INSERT INTO t VALUES", "(1, 'a'), (2, 'b')", "2 3"},
		{"values with expressions and a parameter", "", "INSERT INTO t VALUES (1 + 1, {p:String})", "1 2"},
		{"values, the rest is broken", "", "INSERT INTO t VALUES (1, 'a'), (2, ", "error"},
		{"format in the body", "", "INSERT INTO t FORMAT CSV\n1,a\n2,b\n", "2 3"},
		{"format in the body, same line", "", "INSERT INTO t FORMAT CSV 1,a\n", "1 1"},
		{"format in the URL", "INSERT INTO t FORMAT TSV", "1\ta\n2\tb\n", "2 3"},
		{"some rows in the URL", "INSERT INTO t FORMAT CSV 1,a", "2,b\n", "2 3"},
		{"columns and settings", "INSERT INTO t (b, a) SETTINGS max_insert_block_size = 1000 FORMAT JSONCompactEachRow", "[\"a\",1]\n", "1 1"},
		{"names choose columns", "INSERT INTO t FORMAT CSVWithNames", "b,a\nx,5\n", "1 5"},
		{"a long body", "", "INSERT INTO t FORMAT TSV\n" + big, "400000 2800000"},
		{"a long body of values", "", "INSERT INTO t VALUES " + strings.Repeat("(1,'x'),", 200_000) + "(1,'x')", "200001 200001"},
		{"select", "", "INSERT INTO t SELECT number, '' FROM numbers(5)", "5 10"},
		{"no rows", "INSERT INTO t FORMAT TSV", "", "0 0"},
		{"text that looks like SQL", "INSERT INTO t FORMAT TSV", "1\tfile('x'); DROP TABLE t\n", "1 1"},
		{"bad row", "INSERT INTO t FORMAT TSV", big + "x\ty\n", "27"},
		{"unknown table", "INSERT INTO nope FORMAT TSV", big, "60"},
		{"unknown column", "INSERT INTO t (z) FORMAT TSV", big, "16"},
		{"unknown format", "INSERT INTO t FORMAT Nope", big, "73"},
		{"constraint after many rows", "INSERT INTO t FORMAT TSV", big + "-1\ty\n", "469"},
		{"readonly", "INSERT INTO t SETTINGS readonly = 1 FORMAT TSV", "1\ta\n", "error"},
	} {
		execute(t, c, "CREATE OR REPLACE TABLE t (a Int64, b String, CONSTRAINT positive CHECK a >= 0) ENGINE = MergeTree ORDER BY a")
		params := url.Values{"database": {db}, "param_p": {"p"}}
		if test.query != "" {
			params.Set("query", test.query)
		}
		got := send(t, params, test.body)
		stored := one[string](t, c, "SELECT toString(count()) || ' ' || toString(sum(a)) FROM t")
		switch {
		case got.status == 200:
			if stored != test.want || got.body != "" {
				t.Errorf("%s: answered %q and stored %s, want %s", test.name, got.body, stored, test.want)
			}
		case test.want != "error" && got.header.Get("X-ClickHouse-Exception-Code") != test.want:
			t.Errorf("%s: %d %s %.300s, want %s", test.name, got.status, got.header.Get("X-ClickHouse-Exception-Code"), got.body, test.want)
		case stored != "0 0":
			t.Errorf("%s: failed, and stored %s", test.name, stored)
		}
	}
}

var errStop = errors.New("the test stops here")

// cutBody gives its bytes and then breaks.
type cutBody struct {
	io.Reader
	err error
}

func (b cutBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		err = b.err
	}
	return n, err
}

// sendHalf sends a part of a body, says that it sends no more, and returns what the engine says to that. A length of -1
// sends in chunks, without the last.
func sendHalf(t *testing.T, params url.Values, part []byte, length int64) []byte {
	t.Helper()
	conn, err := sharedEngine(t).DialContext(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	head := fmt.Sprintf("Content-Length: %d\r\n\r\n", length)
	if length < 0 {
		head = fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n", len(part))
		part = append(bytes.Clone(part), "\r\n"...)
	}
	if _, err := fmt.Fprintf(conn, "POST /?%s HTTP/1.1\r\nHost: engine\r\n%s%s", params.Encode(), head, part); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.UnixConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, _ := io.ReadAll(conn) // an error is a broken connection too
	return answer
}

// TestCutInsertsStoreNothing: a client that breaks off in the middle of an insert, however it sends, gets no 200, and
// nothing of its rows is stored.
func TestCutInsertsStoreNothing(t *testing.T) {
	c := database(t, nil)
	db := one[string](t, c, "SELECT currentDatabase()")
	execute(t, c, "CREATE TABLE t (a Int64) ENGINE = MergeTree ORDER BY a")

	const rows = 300_000
	column := make(proto.ColInt64, rows)
	var native proto.Buffer
	native.PutInt(1)
	native.PutInt(rows)
	native.PutString("a")
	native.PutString("Int64")
	column.EncodeColumn(&native)
	tsv := strings.Repeat("1\n", rows)
	blocks := func(method compress.Method) (out []byte) {
		w := compress.NewWriter(compress.LevelZero, method)
		for rest := bytes.NewBuffer(native.Buf); rest.Len() > 0; {
			if err := w.Compress(rest.Next(100_000)); err != nil {
				t.Fatal(err)
			}
			out = append(out, w.Data...)
		}
		return out
	}
	for _, test := range []struct {
		name   string
		params url.Values
		body   []byte
	}{
		{"native", url.Values{"query": {"INSERT INTO t FORMAT Native"}}, native.Buf},
		{"lz4", url.Values{"query": {"INSERT INTO t FORMAT Native"}, "decompress": {"1"}}, blocks(compress.LZ4)},
		{"zstd", url.Values{"query": {"INSERT INTO t FORMAT Native"}, "decompress": {"1"}}, blocks(compress.ZSTD)},
		{"rows", url.Values{"query": {"INSERT INTO t FORMAT TSV"}}, []byte(tsv)},
		{"rows behind the statement", nil, []byte("INSERT INTO t FORMAT TSV\n" + tsv)},
		{"values", nil, []byte("INSERT INTO t VALUES " + strings.Repeat("(1),", rows))},
	} {
		for _, length := range []int64{-1, int64(len(test.body))} { // chunked, and with Content-Length
			for _, part := range []float64{0.3, 0.999} {
				params := url.Values{"database": {db}}
				for k, v := range test.params {
					params[k] = v
				}
				cut := cutBody{bytes.NewReader(test.body[:int(float64(len(test.body))*part)]), errStop}
				request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://engine/?"+params.Encode(), cut)
				if err != nil {
					t.Fatal(err)
				}
				request.ContentLength = length
				if response, err := client(t).Do(request); err == nil {
					t.Errorf("%s cut at %v: answered %s, want a broken connection", test.name, part, response.Status)
					response.Body.Close()
				}
				if got := sendHalf(t, params, test.body[:int(float64(len(test.body))*part)], length); len(got) > 0 {
					t.Errorf("%s ended at %v by a client that still listens: answered %.100q, want nothing", test.name, part, got)
				}
			}
		}
		// Cut so that HTTP does not notice: the body simply ends too early. Then it is an error with an answer.
		if test.name == "native" || test.name == "lz4" || test.name == "zstd" {
			params := url.Values{"database": {db}}
			for k, v := range test.params {
				params[k] = v
			}
			for _, end := range []int{len(test.body) * 3 / 10, len(test.body) - 1} {
				if got := send(t, params, string(test.body[:end])); got.status == 200 {
					t.Errorf("%s ends at byte %d of %d: answered 200", test.name, end, len(test.body))
				}
			}
		}
		if stored := one[uint64](t, c, "SELECT count() FROM t"); stored != 0 {
			t.Errorf("%s: cut inserts stored %d rows", test.name, stored)
		}
	}
	eventually(t, "no insert is left in the engine", func() bool {
		return one[uint64](t, c, "SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO t%'") == 0
	})
	// The whole ones are fine.
	for _, test := range []struct {
		params url.Values
		body   []byte
	}{
		{url.Values{"query": {"INSERT INTO t FORMAT Native"}}, native.Buf},
		{url.Values{"query": {"INSERT INTO t FORMAT Native"}, "decompress": {"1"}}, blocks(compress.ZSTD)},
	} {
		test.params.Set("database", db)
		if got := send(t, test.params, string(test.body)); got.status != 200 {
			t.Errorf("whole insert: %d %s", got.status, got.body)
		}
	}
	if stored := one[uint64](t, c, "SELECT count() FROM t"); stored != 2*rows {
		t.Errorf("two whole inserts stored %d rows, want %d", stored, 2*rows)
	}
}

// TestAsyncInserts: both ways, through the driver.
func TestAsyncInserts(t *testing.T) {
	c := database(t, nil)
	execute(t, c, "CREATE TABLE t (a Int64) ENGINE = MergeTree ORDER BY a")
	if err := c.AsyncInsert(t.Context(), "INSERT INTO t VALUES (1)", true); err != nil {
		t.Fatal(err)
	}
	if n := one[uint64](t, c, "SELECT count() FROM t"); n != 1 {
		t.Errorf("%d rows after a waiting insert, want 1", n)
	}
	if err := c.AsyncInsert(t.Context(), "INSERT INTO t VALUES (2)", false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the insert is flushed", func() bool { return one[uint64](t, c, "SELECT count() FROM t") == 2 })
	ctx := clickhouse.Context(t.Context(), clickhouse.WithAsync(true))
	b, err := c.PrepareBatch(ctx, "INSERT INTO t")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Append(int64(3)); err != nil {
		t.Fatal(err)
	}
	if err := b.Send(); err != nil {
		t.Fatal(err)
	}
	if n := one[uint64](t, c, "SELECT count() FROM t"); n != 3 {
		t.Errorf("%d rows after an asynchronous batch, want 3", n)
	}
}

// TestSlowSendersKeepNobodyOut: more inserts than there are places wait for rows; others are served.
func TestSlowSendersKeepNobodyOut(t *testing.T) {
	c := database(t, nil)
	db := one[string](t, c, "SELECT currentDatabase()")
	execute(t, c, "CREATE TABLE t (a Int64) ENGINE = MergeTree ORDER BY a")
	const senders = 20
	var pipes []*io.PipeWriter
	answers := make(chan error, senders)
	for range senders {
		r, w := io.Pipe()
		pipes = append(pipes, w)
		go func() {
			request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, "http://engine/?database="+db+"&query=INSERT+INTO+t+FORMAT+TSV", r)
			if err == nil {
				var response *http.Response
				if response, err = client(t).Do(request); err == nil && response.StatusCode != 200 {
					err = fmt.Errorf("answered %s", response.Status)
				}
			}
			answers <- err
		}()
		if _, err := io.WriteString(w, "1\n"); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		if got := one[uint8](t, c, "SELECT 1"); got != 1 {
			t.Fatal(got)
		}
	}
	for _, w := range pipes {
		w.Close()
	}
	for range senders {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
	if n := one[uint64](t, c, "SELECT count() FROM t"); n != senders {
		t.Errorf("%d rows, want %d", n, senders)
	}
}
