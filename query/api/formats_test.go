package api

import (
	"bytes"
	gocmp "cmp"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/shopspring/decimal"

	"nianbao/internal/warehouse"
)

// readParquet reads a file of Parquet as texts, "" for null, with the names of its columns.
func readParquet(t *testing.T, file []byte) (columns []string, rows [][]string) {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	fields := f.Schema().Fields()
	for _, one := range fields {
		columns = append(columns, one.Name())
	}
	for _, group := range f.RowGroups() {
		reader := group.Rows()
		for {
			var one [1]parquet.Row
			n, err := reader.ReadRows(one[:])
			if n == 1 {
				row := make([]string, len(fields))
				for i, v := range one[0] {
					row[i] = textOfValue(fields[i].Type(), v)
				}
				rows = append(rows, row)
			}
			if err != nil {
				break
			}
		}
		_ = reader.Close()
	}
	return columns, rows
}

func textOfValue(is parquet.Type, v parquet.Value) string {
	if v.IsNull() {
		return ""
	}
	logical := is.LogicalType()
	switch is.Kind() {
	case parquet.FixedLenByteArray: // a decimal
		n := decimal.NewFromBigInt(fromTwosComplement(v.ByteArray()), -decimalScale)
		return n.String()
	case parquet.Int32:
		return time.Unix(int64(v.Int32())*24*60*60, 0).UTC().Format(time.DateOnly)
	case parquet.Int64:
		if logical != nil && strings.HasPrefix(logical.String(), "TIMESTAMP") {
			return timeText(time.UnixMicro(v.Int64()))
		}
	case parquet.Double:
		text, _ := json.Marshal(v.Double())
		return string(text)
	}
	return v.String()
}

// testParquet: of every list the file is one valid file with the rows of the table in JSON and CSV, and the types described.
func testParquet(t *testing.T, store *warehouse.Store) {
	c, s := serving(t, Options{Store: store, Program: "test"})
	read := 0
	addresses := examples(t, store)
	for _, path := range dealt(slices.Sorted(maps.Keys(addresses)), 10) {
		address := addresses[path]
		content := s.api.OpenAPI().Paths[path].Get.Responses["200"].Content
		if content["text/csv"] == nil {
			if got := c.get(address, "Accept", asParquet.mediaType); got.status != http.StatusNotAcceptable {
				t.Errorf("%s as Parquet: %d", address, got.status)
			}
			continue
		}
		got := c.get(address, "Accept", asParquet.mediaType+", application/json;q=0.5", "Accept-Encoding", "gzip")
		if got.status != http.StatusOK || got.header.Get("Content-Type") != asParquet.mediaType || got.header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %d %v", address, got.status, got.header)
			continue
		}
		columns, rows := readParquet(t, got.body)
		records, err := csv.NewReader(bytes.NewReader(c.get(with(address, "format=csv")).body)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(records[0], columns); diff != "" {
			t.Errorf("%s: columns (-csv +parquet):\n%s", address, diff)
			continue
		}
		f, err := parquet.OpenFile(bytes.NewReader(got.body), int64(len(got.body)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(records[1:], rows); diff != "" && len(records)+len(rows) > 1 {
			t.Errorf("%s: rows (-csv +parquet):\n%.3000s", address, diff)
		}
		if asOf, _ := f.Lookup("nianbao.as_of"); asOf == "" || f.NumRows() != int64(len(rows)) || got.header.Get("X-Total-Count") != fmt.Sprint(len(rows)) {
			t.Errorf("%s: as of %q, %d rows, total %s, want %d", address, asOf, f.NumRows(), got.header.Get("X-Total-Count"), len(rows))
		}
		read += len(rows)
	}
	if read < 100 {
		t.Errorf("%d rows compared, want a hundred at least", read)
	}
}

// testParquetTypes: ClickHouse reads the file, with the types that the description promises, and the JSON's values.
func testParquetTypes(t *testing.T, store *warehouse.Store) {
	c, _ := serving(t, Options{Store: store, Program: "test"})
	address := examples(t, store)["/filings/{filing}/cells"]
	var list List[Cell]
	if err := json.Unmarshal(c.get(address).body, &list); err != nil || list.Total == 0 {
		t.Fatal(err)
	}
	file := c.get(with(address, "format=parquet")).body
	rows, err := store.Conn().Query(t.Context(), "SELECT table, row, column, state, value, toTypeName(value) FROM format(Parquet, unhex('"+hex.EncodeToString(file)+"'))")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var table, row, column, state, kind string
		var value *decimal.Decimal
		if err := rows.Scan(&table, &row, &column, &state, &value, &kind); err != nil {
			t.Fatal(err)
		}
		want := list.Items[n]
		got := ""
		if value != nil {
			got = value.String()
		}
		if table != want.Table || row != want.Row || column != want.Column || state != want.State || got != textOf(want.Value) || kind != "Nullable(Decimal(38, 10))" {
			t.Errorf("row %d: %s.%s.%s %s %s of type %s, want %+v", n, table, row, column, state, got, kind, want)
		}
		n++
	}
	if err := rows.Err(); err != nil || n != list.Total {
		t.Errorf("%d rows, %v; want %d", n, err, list.Total)
	}
}

// TestKinds: what a text says is kept, exactly, or refused.
func TestKinds(t *testing.T) {
	for _, c := range []struct {
		kind kind
		text string
		want string // "" refused
	}{
		{integer, "-9007199254740993", "-9007199254740993"}, {integer, "1.5", ""}, {number, "4166.241619", "4166.241619"}, {number, "-0.0000000001", "-0.0000000001"},
		{number, "0.00000000001", ""}, {number, "99999999999999999999999999999999", ""}, {number, "9999999999999999999999999999.9999999999", "9999999999999999999999999999.9999999999"},
		{boolean, "true", "true"}, {boolean, "是", ""}, {date, "1969-12-31", "1969-12-31"}, {date, "2024-02-29", "2024-02-29"}, {date, "2023-02-29", ""},
		{instant, "2024-04-02T01:14:00.000001Z", "2024-04-02T01:14:00.000001Z"}, {real, "0.1", "0.1"}, {text, "=1+1", "=1+1"},
	} {
		v, err := c.kind.value(c.text)
		got := ""
		if err == nil {
			got = textOfValue(c.kind.node().Type(), v)
		}
		if got != c.want {
			t.Errorf("%s %q: %q, %v; want %q", c.kind, c.text, got, err, c.want)
		}
	}
}

func TestNegotiation(t *testing.T) {
	for _, c := range []struct{ accept, want string }{
		{"", "json"}, {"*/*", "json"}, {"text/html,application/xhtml+xml,*/*;q=0.8", "json"}, {"text/csv", "csv"}, {"text/*", "csv"}, {"application/json;q=0.1, text/csv;q=0.2", "csv"},
		{"text/csv;q=0, */*", "json"}, {"application/vnd.apache.parquet", "parquet"}, {"image/png", ""}, {"application/json;q=0", ""}, {"*/*;q=0.1, application/vnd.apache.parquet;q=0.9", "parquet"},
	} {
		got, ok := accepted(c.accept, formats)
		if got.code != c.want || ok != (c.want != "") {
			t.Errorf("Accept: %s gives %q %v, want %q", c.accept, got.code, ok, c.want)
		}
	}
	for _, c := range []struct{ accept, want string }{
		{"", ""}, {"gzip", "gzip"}, {"gzip, deflate, br, zstd", "zstd"}, {"zstd;q=0.5, gzip", "gzip"}, {"gzip;q=0", ""}, {"*", "zstd"}, {"identity, gzip;q=0.5", ""}, {"br", ""}, {"gzip;q=0, *", "zstd"},
	} {
		if got := codingOf(c.accept); got != c.want {
			t.Errorf("Accept-Encoding: %s gives %q, want %q", c.accept, got, c.want)
		}
	}
}

// testCodings: what is compressed is the same answer; each coding has its own tag, and a tag of another is not taken for it.
func testCodings(t *testing.T, store *warehouse.Store) {
	clock := time.Now()
	c, s := serving(t, Options{Store: store, Program: "test", Now: func() time.Time { return clock }})
	open := map[string]func(io.Reader) (io.Reader, error){
		"":     func(r io.Reader) (io.Reader, error) { return r, nil },
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"zstd": func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) },
	}
	for _, address := range []string{"/checks?format=csv", "/compare?m=open_rate&year=2023", "/findings?format=csv&status=fail,uncertain,pass"} {
		var plain string
		tags := map[string]bool{}
		for _, coding := range []string{"", "gzip", "zstd"} {
			got := c.get(address, "Accept-Encoding", gocmp.Or(coding, "identity"))
			r, err := open[coding](bytes.NewReader(got.body))
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(r)
			if coding == "" {
				plain = string(body)
			}
			vary := got.header.Get("Vary")
			if err != nil || string(body) != plain || got.header.Get("Content-Encoding") != coding || !strings.Contains(vary, "Accept-Encoding") || !strings.Contains(vary, "Accept,") {
				t.Errorf("%s as %q: %d bytes, want %d, %v; %v", address, coding, len(body), len(plain), err, got.header)
			}
			if coding != "" && len(got.body) > len(plain)*2/3 {
				t.Errorf("%s as %s: %d bytes of %d", address, coding, len(got.body), len(plain))
			}
			tag := got.header.Get("ETag")
			if tags[tag] || strings.HasPrefix(tag, "W/") {
				t.Errorf("%s as %q: the tag %s is that of another coding", address, coding, tag)
			}
			tags[tag] = true
			s.Store = nil
			again := c.get(address, "Accept-Encoding", gocmp.Or(coding, "identity"), "If-None-Match", tag) // no query is made
			if again.status != http.StatusNotModified || again.header.Get("ETag") != tag || again.header.Get("Vary") != vary {
				t.Errorf("%s as %q again: %d %v", address, coding, again.status, again.header)
			}
			s.Store = store
		}
		for tag := range tags {
			if got := c.get(address, "Accept-Encoding", "identity", "If-None-Match", tag); (got.status == http.StatusNotModified) != (tag == c.get(address, "Accept-Encoding", "identity").header.Get("ETag")) {
				t.Errorf("%s plain with the tag %s: %d", address, tag, got.status)
			}
		}
	}
	if got := c.get("/years", "Accept-Encoding", "gzip"); got.header.Get("Content-Encoding") != "" || !slices.Contains([]byte(got.body), '{') {
		t.Errorf("a short answer is compressed: %v", got.header)
	}
}

func fromTwosComplement(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}
