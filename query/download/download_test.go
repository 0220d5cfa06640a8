package download

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"nianbao/internal/access"
	"nianbao/internal/engine"
	"nianbao/internal/warehouse"
)

func TestMain(m *testing.M) {
	engine.MaybeChild()
	os.Exit(m.Run())
}

// house hands out files over real sockets.
type house struct {
	*httptest.Server
	store *warehouse.Store
}

func open(t *testing.T) *warehouse.Store {
	t.Helper()
	if _, _, err := engine.FindLibrary(""); err != nil {
		t.Skip(err)
	}
	store, err := warehouse.Open(t.Context(), warehouse.Options{Data: t.TempDir(), Program: "nianbao test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func (h *house) last(t *testing.T) warehouse.Entry {
	t.Helper()
	entries, _, err := h.store.Journal(t.Context(), warehouse.JournalFilter{Most: 1})
	if err != nil || len(entries) == 0 {
		t.Fatal(len(entries), err)
	}
	return entries[0]
}

const line = "370304,政府信息公开,-5\r\n"

// lines writes n rows and then fails, if it shall.
func lines(n int, fail error) func(io.Writer) (uint64, error) {
	return func(to io.Writer) (uint64, error) {
		for i := range n {
			if _, err := io.WriteString(to, line); err != nil {
				return uint64(i), err
			}
		}
		return uint64(n), fail
	}
}

func gzipped(to io.Writer, do func(io.Writer) error) error {
	w := gzip.NewWriter(to)
	w.Header.ModTime = time.Time{}
	if err := do(w); err != nil {
		return err
	}
	return w.Close()
}

func TestDownloads(t *testing.T) {
	store := open(t)
	h := &house{store: store}
	const many = 20_000 // more than is held back
	var begun chan struct{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(access.With(r.Context(), access.Visit{Principal: access.Principal{Name: "张某"}}))
		f := File{Name: "名单.csv", MediaType: "text/csv", AsOf: time.Unix(1700000000, 0), Head: r.Method == http.MethodHead}
		var err error
		switch r.URL.Path {
		case "/whole":
			n := uint64(2)
			Bytes(w, r, store, f, &n, []byte(line+line))
		case "/stream":
			err = Stream(w, r, store, f, nil, lines(many, nil))
		case "/empty":
			err = Stream(w, r, store, f, nil, lines(0, nil))
		case "/gzip":
			f.Coding = "gzip"
			err = Stream(w, r, store, f, gzipped, lines(many, nil))
		case "/early":
			err = Stream(w, r, store, f, nil, lines(1, errors.New("the engine has gone")))
		case "/late":
			err = Stream(w, r, store, f, nil, lines(many, errors.New("the engine has gone")))
		case "/endless":
			err = Stream(w, r, store, f, nil, func(to io.Writer) (n uint64, err error) {
				close(begun)
				for err == nil {
					_, err = io.WriteString(to, line)
					n++
				}
				return n, err
			})
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	}))
	defer h.Close()

	t.Run("whole", func(t *testing.T) {
		answer, body := h.get(t, "/whole?m=受理")
		sum := sha256.Sum256(body)
		if answer.Header.Get("Content-Digest") != digest(sum[:]) || answer.Header.Get("X-Row-Count") != "2" || answer.ContentLength != int64(len(body)) || len(answer.Trailer) != 0 {
			t.Errorf("headers %v, trailers %v", answer.Header, answer.Trailer)
		}
		e := h.last(t)
		if e.Person != "张某" || e.Client != "127.0.0.1" || e.SHA256 != hex.EncodeToString(sum[:]) || *e.Rows != 2 || e.Bytes != uint64(len(body)) || e.Outcome != warehouse.Done || e.AsOf.Unix() != 1700000000 {
			t.Errorf("the entry is %+v", e)
		}
	})
	for path, rows := range map[string]int{"/stream": many, "/empty": 0, "/gzip": many} {
		t.Run(path, func(t *testing.T) {
			answer, sent := h.get(t, path)
			file := []byte(strings.Repeat(line, rows))
			sum, fileSum := sha256.Sum256(sent), sha256.Sum256(file)
			trailer := answer.Trailer
			if trailer.Get("Content-Digest") != digest(sum[:]) || trailer.Get("Repr-Digest") != digest(sum[:]) || trailer.Get("X-Row-Count") != fmt.Sprint(rows) || answer.Header.Get("Content-Digest") != "" {
				t.Errorf("headers %v, trailers %v", answer.Header, trailer)
			}
			if path == "/gzip" && trailer.Get("Unencoded-Digest") != digest(fileSum[:]) || path != "/gzip" && !bytes.Equal(sent, file) {
				t.Errorf("%d bytes, trailers %v", len(sent), trailer)
			}
			if e := h.last(t); e.SHA256 != hex.EncodeToString(fileSum[:]) || e.Bytes != uint64(len(file)) || int(*e.Rows) != rows || e.Outcome != warehouse.Done {
				t.Errorf("the entry is %+v", e)
			}
		})
	}
	t.Run("only the headers", func(t *testing.T) {
		before := h.last(t)
		for _, path := range []string{"/whole", "/stream"} {
			answer, err := http.Head(h.URL + path)
			if err != nil || answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Disposition") == "" {
				t.Errorf("%s: %v, %v", path, answer, err)
			}
		}
		if after := h.last(t); after.Number != before.Number {
			t.Errorf("a question for headers is in the journal: %+v", after)
		}
	})
	t.Run("breaks off before anything was sent", func(t *testing.T) {
		before := h.last(t)
		answer, _ := h.get(t, "/early")
		if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Content-Disposition") != "" || answer.Header.Get("Trailer") != "" || h.last(t).Number != before.Number {
			t.Errorf("status %d, %v", answer.StatusCode, answer.Header)
		}
	})
	t.Run("breaks off in the middle", func(t *testing.T) {
		raw := h.raw(t, "GET /late HTTP/1.1\r\nHost: x\r\n\r\n") // to the end of the connection
		if !strings.Contains(raw, "Transfer-Encoding: chunked") || strings.Contains(raw, "\r\n0\r\n") || strings.Contains(raw, "X-Row-Count: ") || !strings.Contains(raw, line) {
			t.Errorf("%d bytes: %.600q … %q", len(raw), raw, raw[max(0, len(raw)-100):])
		}
		if e := h.last(t); e.Outcome != warehouse.BrokenOff || int(*e.Rows) != many || !strings.Contains(e.Detail, "the engine has gone") {
			t.Errorf("the entry is %+v", e)
		}
	})
	t.Run("HTTP/1.0", func(t *testing.T) {
		raw := h.raw(t, "GET /stream HTTP/1.0\r\n\r\n")
		head, body, _ := strings.Cut(raw, "\r\n\r\n")
		sum := sha256.Sum256([]byte(body))
		if body != strings.Repeat(line, many) || !strings.Contains(head, "Content-Length: "+fmt.Sprint(len(body))) || !strings.Contains(head, digest(sum[:])) {
			t.Errorf("%d bytes after %s", len(body), head)
		}
		if raw := h.raw(t, "GET /late HTTP/1.0\r\n\r\n"); !strings.HasPrefix(raw, "HTTP/1.0 503 ") {
			t.Errorf("a file that fails: %.300q", raw)
		}
	})
	t.Run("the reader goes away", func(t *testing.T) {
		begun = make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL+"/endless", nil)
		if err != nil {
			t.Fatal(err)
		}
		before := h.last(t).Number
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		<-begun
		cancel()
		answer.Body.Close()
		for h.last(t).Number == before { // the server learns of it when it does
			runtime.Gosched()
		}
		if e := h.last(t); e.Outcome != warehouse.BrokenOff || e.Detail != "the reader went away" || e.What != "/endless" || *e.Rows == 0 || e.Bytes == 0 {
			t.Errorf("the entry is %+v", e)
		}
	})
}

// Without the journal nobody gets a whole file.
func TestNoFileWithoutAnEntry(t *testing.T) {
	store := open(t)
	if err := store.Conn().Exec(t.Context(), "DROP TABLE journal"); err != nil {
		t.Fatal(err)
	}
	h := &house{store: store, Server: httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/whole" {
			Bytes(w, r, store, File{MediaType: "text/csv"}, nil, []byte(line))
			return
		}
		_ = Stream(w, r, store, File{MediaType: "text/csv"}, nil, lines(20_000, nil))
	}))}
	defer h.Close()
	for _, path := range []string{"/whole", "/stream"} {
		answer, err := http.Get(h.URL + path)
		if err == nil {
			_, err = io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
		if err == nil {
			t.Errorf("%s came whole, and the journal has no entry", path)
		}
	}
}

// A reader who takes in slowly costs no memory: what is not taken in is not made.
func TestSlowReader(t *testing.T) {
	store := open(t)
	const size = 256 << 20
	var most uint64
	heap := func() {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapInuse)
	}
	h := &house{store: store, Server: httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = Stream(w, r, store, File{MediaType: "text/csv"}, nil, func(to io.Writer) (uint64, error) {
			block := bytes.Repeat([]byte(line), 1000)
			for n := 0; n < size; n += len(block) {
				if n%(1000*len(block)) == 0 {
					heap()
				}
				if _, err := to.Write(block); err != nil {
					return 0, err
				}
			}
			return 0, nil
		})
	}))}
	defer h.Close()
	heap()
	before := most
	answer, err := http.Get(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	// Small bites with the writer waiting between them.
	in := bufio.NewReaderSize(answer.Body, 16)
	var n int64
	bite := make([]byte, 4096)
	for {
		k, err := in.Read(bite)
		n += int64(k)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if n < size {
		t.Errorf("%d bytes came", n)
	}
	if most > before+16<<20 {
		t.Errorf("the memory grew from %d to %d MB", before>>20, most>>20)
	}
}

func (h *house) get(t *testing.T, path string) (*http.Response, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", "identity") // so that the client leaves the body as it is
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, body
}

// raw is everything that comes over the connection until the server ends it.
func (h *house) raw(t *testing.T, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", h.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil && !strings.Contains(err.Error(), "reset") {
		t.Fatal(err)
	}
	return string(answer)
}
