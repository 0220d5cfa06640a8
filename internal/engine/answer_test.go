package engine

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go/compress"
)

func TestToException(t *testing.T) {
	for _, test := range []struct {
		text   string
		code   int
		status int
		want   string
	}{
		{"Code: 60. DB::Exception: no t. (UNKNOWN_TABLE)\n", 60, 404, "Code: 60. DB::Exception: no t. (UNKNOWN_TABLE)"},
		{"Error: Code: 159. DB::Exception: x", 159, 408, "Code: 159. DB::Exception: x"},
		{"Failed to parse INSERT query", 1002, 500, "Code: 1002. DB::Exception: Failed to parse INSERT query. (UNKNOWN_EXCEPTION)"},
		{"about Code: 60. somewhere", 1002, 500, "Code: 1002. DB::Exception: about Code: 60. somewhere. (UNKNOWN_EXCEPTION)"},
		{"Code: 115. x", 115, 400, "Code: 115. x"},
		{"Code: 164. x", 164, 403, "Code: 164. x"},
		{"Code: 241. x", 241, 500, "Code: 241. x"},
	} {
		e := (*exception)(nil)
		if err := toException(test.text); !errors.As(err, &e) || e.code != test.code || e.status() != test.status || e.text != test.want {
			t.Errorf("exception of %q = %+v, want code %d, status %d, %q", test.text, e, test.code, test.status, test.want)
		}
	}
	if err := toException(""); err != nil {
		t.Errorf("exception of nothing = %v, want nil", err)
	}
}

// TestFailAfterTheFirstByte: the trailer stands raw behind the compressed blocks, and inside the gzip stream.
func TestFailAfterTheFirstByte(t *testing.T) {
	e := refuse(395, "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO", "stop")
	for _, test := range []struct {
		name string
		q    request
		data func(t *testing.T, body []byte) string
	}{
		{"plain", request{}, func(t *testing.T, body []byte) string { return string(body) }},
		{"blocks", request{compressed: true, method: compress.LZ4}, func(t *testing.T, body []byte) string {
			block := make([]byte, 4)
			r := bytes.NewReader(body)
			if _, err := io.ReadFull(compress.NewReader(r), block); err != nil {
				t.Fatal(err)
			}
			rest, _ := io.ReadAll(r)
			return string(block) + string(rest)
		}},
		{"gzip", request{acceptsGzip: true}, func(t *testing.T, body []byte) string {
			r, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			all, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			return string(all)
		}},
	} {
		w := httptest.NewRecorder()
		a := newAnswer(w, &test.q)
		if err := errors.Join(a.write([]byte("rows")), a.fail(e)); err != nil {
			t.Fatal(err)
		}
		tag := w.Header().Get("X-ClickHouse-Exception-Tag")
		if len(tag) != 16 || strings.Trim(tag, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("%s: tag %q, want 16 letters", test.name, tag)
		}
		want := "rows\r\n__exception__\r\n" + tag + "\r\nCode: 395. DB::Exception: stop. (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO)\n70 " + tag + "\r\n__exception__\r\n"
		if got := test.data(t, w.Body.Bytes()); w.Code != http.StatusOK || got != want {
			t.Errorf("%s: status %d,\n got %q\nwant %q", test.name, w.Code, got, want)
		}
	}
}

func TestFailBeforeTheFirstByte(t *testing.T) {
	w := httptest.NewRecorder()
	a := newAnswer(w, &request{acceptsGzip: true, compressed: true, queryID: "q1"})
	if err := a.fail(refuse(codeUnknownTable, "UNKNOWN_TABLE", "no t")); err != nil {
		t.Fatal(err)
	}
	if w.Code != 404 || w.Header().Get("Content-Encoding") != "" || w.Header().Get("X-ClickHouse-Exception-Code") != "60" ||
		w.Header().Get("X-ClickHouse-Query-Id") != "q1" || w.Body.String() != "Code: 60. DB::Exception: no t. (UNKNOWN_TABLE)\n" {
		t.Errorf("answer %d %v %q", w.Code, w.Header(), w.Body)
	}
}

func TestHeaderOnce(t *testing.T) {
	for _, test := range []struct {
		framing framing
		csv     bool
		chunks  []string
		want    string // of all together, or the error
	}{
		{framedPlain, false, []string{"1\n", "2\n"}, "1\n2\n"},
		{framedNames, false, []string{"a\tb\n1\t2\n", "a\tb\n3\t4\n", "a\tb\n"}, "a\tb\n1\t2\n3\t4\n"},
		{framedNames, true, []string{"\"a\nb\",\"c\"\"\n\"\n1,2\n", "\"a\nb\",\"c\"\"\n\"\n3,4\n"}, "\"a\nb\",\"c\"\"\n\"\n1,2\n3,4\n"},
		{framedTypes, true, []string{"\"a\"\n\"T\"\n1\n", "\"a\"\n\"T\"\n2\n"}, "\"a\"\n\"T\"\n1\n2\n"},
		{framedNames, true, []string{"\"a\"\n"}, "\"a\"\n"},
		{framedNames, false, []string{"a\n1\n", "2\n"}, "Code: 1002. DB::Exception: a chunk of the engine does not start with the header of the first. (UNKNOWN_EXCEPTION)"},
		{framedTypes, false, []string{"a\n"}, "Code: 1002. DB::Exception: the engine's first chunk has no header of 2 lines. (UNKNOWN_EXCEPTION)"},
	} {
		h := headerOnce{framing: test.framing, csv: test.csv}
		got := ""
		for _, chunk := range test.chunks {
			data, err := h.strip([]byte(chunk))
			if got += string(data); err != nil {
				got = err.Error()
			}
		}
		if got != test.want {
			t.Errorf("chunks %q = %q, want %q", test.chunks, got, test.want)
		}
	}
}

// TestBlockReader: a body of compressed blocks ends between blocks, or it is an error, wherever it is cut.
func TestBlockReader(t *testing.T) {
	var body, want []byte
	var ends []int
	for _, method := range []compress.Method{compress.LZ4, compress.ZSTD, compress.None} {
		data := []byte(strings.Repeat("rows of "+method.String()+"\n", 500))
		w := compress.NewWriter(compress.LevelZero, method)
		if err := w.Compress(data); err != nil {
			t.Fatal(err)
		}
		body, want = append(body, w.Data...), append(want, data...)
		ends = append(ends, len(body))
	}
	whole := func(cut int) bool { return cut == 0 || cut == ends[0] || cut == ends[1] || cut == ends[2] }
	for cut := range len(body) + 1 {
		buffer := make([]byte, len(want)+1)
		n, ended, err := fill(newBlockReader(bytes.NewReader(body[:cut])), buffer)
		if ended != whole(cut) || (err == nil) != whole(cut) {
			t.Fatalf("body cut at %d of %d: ended %v, error %v; want an end only between blocks", cut, len(body), ended, err)
		}
		if !bytes.Equal(buffer[:n], want[:n]) || cut == len(body) && n != len(want) {
			t.Fatalf("body cut at %d: wrong data", cut)
		}
	}
	body[30]++
	if _, ended, err := fill(newBlockReader(bytes.NewReader(body)), make([]byte, 10)); ended || err == nil {
		t.Errorf("a flipped bit: ended %v, error %v; want an error", ended, err)
	}
}

func TestAccepts(t *testing.T) {
	for header, want := range map[string]bool{"": false, "gzip": true, "br, gzip;q=0.5": true, "gzip;q=0": false, "gzip; q=0.0": false, "xgzip": false} {
		if got := accepts(header, "gzip"); got != want {
			t.Errorf("accepts(%q) = %v, want %v", header, got, want)
		}
	}
}
