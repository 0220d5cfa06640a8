package engine

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// manyRows makes several chunks (65,409 rows each).
const manyRows = 140_000

// TestFormats: whatever the format, the streamed answer is the one document that a plain call gives.
func TestFormats(t *testing.T) {
	query := fmt.Sprintf("SELECT number AS `a\"\n列`, toString(number) AS b, if(number %% 2 = 0, NULL, number) AS c FROM numbers(%d) ORDER BY number", manyRows)
	for _, format := range []string{
		"CSV", "CSVWithNames", "CSVWithNamesAndTypes", "csvwithnames", "TSV", "TSVWithNames", "TabSeparatedWithNamesAndTypes", "TSVRaw",
		"JSONEachRow", "JSONCompactEachRow", "JSONCompactEachRowWithNames", "JSONCompactStringsEachRowWithNamesAndTypes", "RowBinary", "LineAsString", "TSKV",
		"JSON", "Values", "Markdown", "RowBinaryWithNames", "Parquet",
	} {
		query := query
		if format == "LineAsString" { // takes one column
			query = fmt.Sprintf("SELECT toString(number) FROM numbers(%d) ORDER BY number", manyRows)
		}
		params := url.Values{"default_format": {format}, "max_threads": {"1"}, "output_format_write_statistics": {"0"}}
		streamed := send(t, params, query)
		params.Set("wait_end_of_query", "1")
		whole := send(t, params, query)
		if streamed.status != 200 || whole.status != 200 || len(whole.body) < manyRows/2 {
			t.Errorf("%s: status %d and %d, %d bytes: %.200s", format, streamed.status, whole.status, len(whole.body), streamed.body)
			continue
		}
		if streamed.body != whole.body {
			t.Errorf("%s: streamed %d bytes, whole %d, first difference at %d", format, len(streamed.body), len(whole.body), difference(streamed.body, whole.body))
		}
	}
}

func difference(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// TestTotalsComeOnce: what belongs to the end of a document stands at the end, not after each chunk.
func TestTotalsComeOnce(t *testing.T) {
	got := send(t, nil, fmt.Sprintf("SELECT number AS k, count() FROM numbers(%d) GROUP BY k WITH TOTALS FORMAT CSV", manyRows)).body
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	if len(lines) != manyRows+2 || lines[manyRows] != "" || lines[manyRows+1] != fmt.Sprintf("0,%d", manyRows) {
		t.Errorf("%d lines, the last are %q; want %d and the totals at the end", len(lines), lines[max(0, len(lines)-3):], manyRows+2)
	}
}

func TestFramedFormatsAreNotStreamed(t *testing.T) {
	for _, statement := range []string{
		"SELECT number AS a FROM numbers(140000) FORMAT JSON",
		"SELECT number AS a FROM numbers(140000) FORMAT JSONEachRow SETTINGS output_format_json_array_of_rows = 1",
	} {
		var document any
		if err := json.Unmarshal([]byte(send(t, nil, statement).body), &document); err != nil {
			t.Errorf("%s: not one JSON document: %v", statement, err)
		}
	}
	var rows []any
	if got := send(t, url.Values{"output_format_json_array_of_rows": {"1"}, "default_format": {"JSONEachRow"}}, "SELECT number AS a FROM numbers(140000)"); json.Unmarshal([]byte(got.body), &rows) != nil || len(rows) != manyRows {
		t.Errorf("array of rows by a setting: %d rows", len(rows))
	}
}

// failsLate is a query that fails after many rows have gone out.
const failsLate = "SELECT number, throwIf(number = 3000000, 'late') FROM numbers(4000000) SETTINGS max_threads = 1"

func TestLateErrorsAreTyped(t *testing.T) {
	for _, method := range []clickhouse.CompressionMethod{clickhouse.CompressionNone, clickhouse.CompressionLZ4, clickhouse.CompressionZSTD, clickhouse.CompressionGZIP} {
		c := connect(t, sharedEngine(t), func(o *clickhouse.Options) { o.Compression = &clickhouse.Compression{Method: method} })
		rows, err := c.Query(t.Context(), failsLate)
		if err != nil {
			t.Errorf("%v: failed before the first row: %v", method, err)
			continue
		}
		n := 0
		for rows.Next() {
			n++
		}
		if code(rows.Err()) != 395 || n == 0 || n > 3_000_000 {
			t.Errorf("%v: %d rows, then %v; want code 395 after some", method, n, rows.Err())
		}
		rows.Close()

		stream, err := clickhouseFormat(c, t.Context(), "CSVWithNames", failsLate)
		if err != nil {
			t.Errorf("%v: CSV failed before the first row: %v", method, err)
			continue
		}
		size, err := io.Copy(io.Discard, stream)
		if code(err) != 395 || size == 0 {
			t.Errorf("%v: CSV: %d bytes, then %v; want code 395 after some", method, size, err)
		}
		stream.Close()
	}
	if err := connect(t, sharedEngine(t), nil).Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// clickhouseFormat asks for an answer in a format; the method is not in every driver's interface.
func clickhouseFormat(c driver.Conn, ctx context.Context, format, query string) (io.ReadCloser, error) {
	return c.(interface {
		QueryFormat(ctx context.Context, format string, query string, args ...any) (io.ReadCloser, error)
	}).QueryFormat(ctx, format, query)
}

// TestDataLooksLikeAnException: rows that hold the mark of an exception are rows.
func TestDataLooksLikeAnException(t *testing.T) {
	c := connect(t, sharedEngine(t), nil)
	const text = "\r\n__exception__\r\nabcdefghijklmnop\r\nCode: 60. DB::Exception: x\n28 abcdefghijklmnop\r\n__exception__\r\n"
	if got := one[string](t, c, "SELECT {x:String}", clickhouse.Named("x", text)); got != text {
		t.Errorf("got %q, want %q", got, text)
	}
}

// TestGoneClientEndsItsQuery: a query that gives no rows for long is killed when its client goes, and so is one that is
// gone before the engine knew of it.
func TestGoneClientEndsItsQuery(t *testing.T) {
	c := database(t, nil)
	execute(t, c, "CREATE TABLE sink (h UInt64) ENGINE = MergeTree ORDER BY h")
	for name, statement := range map[string]string{
		"aggregation":   "SELECT max(sipHash64(number, '%s')) FROM numbers(1000000000000)",
		"INSERT SELECT": "INSERT INTO sink SELECT max(sipHash64(number, '%s')) FROM numbers(1000000000000)",
		"stream":        "SELECT sipHash64(number, '%s') FROM numbers(1000000000000)",
	} {
		mark := randomID()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan error, 1)
		go func() {
			rows, err := c.Query(ctx, fmt.Sprintf(statement, mark))
			if err == nil {
				for rows.Next() {
				}
				err = rows.Err()
				rows.Close()
			}
			ended <- err
		}()
		running := func() bool {
			return one[uint64](t, c, "SELECT count() FROM system.processes WHERE query LIKE '%' || {mark:String} || '%' AND query NOT LIKE '%system.processes%'", clickhouse.Named("mark", mark)) > 0
		}
		eventually(t, name+" runs", running)
		cancel()
		if err := <-ended; err == nil {
			t.Errorf("%s: the client saw no error", name)
		}
		eventually(t, name+" is gone", func() bool { return !running() })
	}
	if n := one[uint64](t, c, "SELECT count() FROM sink"); n != 0 {
		t.Errorf("a killed INSERT SELECT stored %d rows", n)
	}
}

// TestKilledStreamIsNoWholeResult: a stream that somebody kills ends with an error, also when all clients are waiting to
// read.
func TestKilledStreamIsNoWholeResult(t *testing.T) {
	c := connect(t, sharedEngine(t), nil)
	for _, format := range []string{"TSV", "CSVWithNames"} {
		mark := randomID()
		stream, err := clickhouseFormat(c, t.Context(), format, "SELECT number, '"+mark+"' FROM numbers(1000000000000)")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, stream, 10_000_000); err != nil {
			t.Fatal(err)
		}
		execute(t, c, "KILL QUERY WHERE query LIKE '%"+mark+"%' AND query NOT LIKE 'KILL%' ASYNC")
		n, err := io.Copy(io.Discard, stream)
		if code(err) != 394 {
			t.Errorf("%s: killed stream went on for %d bytes and ended with %v, want code 394", format, n, err)
		}
		stream.Close()
	}
}

// eventually waits for a condition; it gives up only when the condition must have been true long ago.
func eventually(t testing.TB, what string, true func() bool) {
	t.Helper()
	end := time.Now().Add(time.Minute)
	for pause := time.Millisecond; !true(); pause = min(2*pause, 50*time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited a minute until %s", what)
		}
		<-time.After(pause)
	}
}

// TestSlowReadersKeepNobodyOut: more clients than there are places open a stream and read nothing of it; others are
// served, and the streams stand still instead of filling memory.
func TestSlowReadersKeepNobodyOut(t *testing.T) {
	streams := make([]*http.Response, 20)
	for i := range streams {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://engine/", strings.NewReader("SELECT number, number, number FROM numbers(100000000000) FORMAT TSV"))
		if err != nil {
			t.Fatal(err)
		}
		if streams[i], err = client(t).Do(request); err != nil {
			t.Fatal(err)
		}
		defer streams[i].Body.Close()
	}
	c := connect(t, sharedEngine(t), nil)
	for range 20 {
		if got := one[uint8](t, c, "SELECT 1"); got != 1 {
			t.Fatal(got)
		}
	}
	if used := one[int64](t, c, "SELECT value FROM system.metrics WHERE metric = 'MemoryTracking'"); used > 1<<30 {
		t.Errorf("20 streams that nobody reads use %d MiB", used>>20)
	}
}

// TestStreamsInParallel: answers of requests that run at the same time do not mix.
func TestStreamsInParallel(t *testing.T) {
	for i := range 12 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			got := send(t, url.Values{"param_i": {fmt.Sprint(i)}, "max_block_size": {"1000"}}, "SELECT {i:Int64}, number FROM numbers(50000) FORMAT CSV", "Accept-Encoding: gzip")
			r, err := gzip.NewReader(strings.NewReader(got.body))
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			lines := bytes.Split(bytes.TrimSuffix(body, []byte("\n")), []byte("\n"))
			if len(lines) != 50000 || !slices.EqualFunc(lines[:10], lines[:10], func(a, b []byte) bool { return bytes.HasPrefix(a, fmt.Appendf(nil, "%d,", i)) }) {
				t.Errorf("%d lines, the first is %q", len(lines), lines[0])
			}
		})
	}
}
