package engine

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// BenchmarkRequest is the least that a query costs: a connection of the library, judging, running, answering.
func BenchmarkRequest(b *testing.B) {
	e := sharedEngine(b)
	transport := &http.Transport{DialContext: func(ctx context.Context, n, a string) (net.Conn, error) { return e.DialContext(ctx, n, a) }}
	defer transport.CloseIdleConnections()
	post := func(params url.Values, body string) int64 {
		request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "http://engine/?"+params.Encode(), strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		response, err := transport.RoundTrip(request)
		if err != nil {
			b.Fatal(err)
		}
		defer response.Body.Close()
		n, err := io.Copy(io.Discard, response.Body)
		if err != nil || response.StatusCode != http.StatusOK {
			b.Fatalf("%s, %v", response.Status, err)
		}
		return n
	}
	b.Run("select 1", func(b *testing.B) {
		for b.Loop() {
			post(nil, "SELECT 1")
		}
	})
	b.Run("select 1 with database, settings and a parameter", func(b *testing.B) {
		params := url.Values{"database": {"system"}, "max_threads": {"2"}, "readonly": {"1"}, "param_x": {"1"}}
		for b.Loop() {
			post(params, "SELECT {x:Int64}")
		}
	})
	for _, format := range []string{"Native", "CSVWithNames"} {
		b.Run("5 million rows as "+format, func(b *testing.B) {
			var size int64
			for b.Loop() {
				size = post(url.Values{"default_format": {format}}, "SELECT number, toString(number) AS text FROM numbers(5000000)")
			}
			b.SetBytes(size)
		})
	}
}
