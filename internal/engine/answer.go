package engine

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/ClickHouse/ch-go/compress"
)

// blockSize is the most that goes into one compressed block.
const blockSize = 1 << 20

// answer writes a result, and says how the result ended: a status and a code before the first byte, a tagged trailer
// after it. It never lets a cut result look whole.
type answer struct {
	w       http.ResponseWriter
	q       *request
	tag     string // announced in a header, repeated in the trailer, so that data can not look like one
	started bool

	gzip   *gzip.Writer
	blocks *compress.Writer
}

func newAnswer(w http.ResponseWriter, q *request) *answer {
	a := &answer{w: w, q: q}
	for _, c := range []byte(randomID() + randomID()) {
		if c != '-' && len(a.tag) < 16 {
			a.tag += string('a' + rune(c)%26)
		}
	}
	return a
}

// errGone says that the client took no more bytes.
var errGone = errors.New("the client is gone")

func (a *answer) start() {
	if a.started {
		return
	}
	a.started = true
	a.headers()
	a.w.Header().Set("X-ClickHouse-Exception-Tag", a.tag)
	switch {
	case a.q.compressed:
		a.blocks = compress.NewWriter(a.q.level, a.q.method)
	case a.q.acceptsGzip:
		a.w.Header().Set("Content-Encoding", "gzip")
		a.gzip, _ = gzip.NewWriterLevel(a.w, gzip.BestSpeed) // errs only for levels that do not exist
	}
}

func (a *answer) headers() {
	h := a.w.Header()
	h.Set("X-ClickHouse-Query-Id", a.q.queryID)
	h.Set("X-ClickHouse-Timezone", timezone)
	h.Set("Content-Type", "application/octet-stream")
}

// write sends a piece of the result; it does not keep data.
func (a *answer) write(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	a.start()
	err := a.encode(data)
	if err == nil {
		err = a.flush()
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	return nil
}

func (a *answer) encode(data []byte) error {
	switch {
	case a.blocks != nil:
		for len(data) > 0 {
			n := min(len(data), blockSize)
			if err := a.blocks.Compress(data[:n]); err != nil {
				return err
			}
			if _, err := a.w.Write(a.blocks.Data); err != nil {
				return err
			}
			data = data[n:]
		}
		return nil
	case a.gzip != nil:
		_, err := a.gzip.Write(data)
		return err
	default:
		_, err := a.w.Write(data)
		return err
	}
}

func (a *answer) flush() error {
	if a.gzip != nil {
		if err := a.gzip.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(a.w).Flush()
}

// end finishes a whole result.
func (a *answer) end() error {
	if !a.started {
		a.headers()
		a.w.WriteHeader(http.StatusOK)
		return nil
	}
	if a.gzip != nil {
		if err := a.gzip.Close(); err != nil {
			return fmt.Errorf("%w: %w", errGone, err)
		}
	}
	return nil
}

// fail ends the answer with an exception.
func (a *answer) fail(e *exception) error {
	if !a.started {
		a.headers()
		h := a.w.Header()
		h.Set("Content-Type", "text/plain; charset=UTF-8")
		h.Set("X-ClickHouse-Exception-Code", strconv.Itoa(e.code))
		a.w.WriteHeader(e.status())
		// Never encoded: clickhouse-go loses the message of an error that is.
		_, err := fmt.Fprintf(a.w, "%s\n", e.text)
		return err
	}
	// As WriteBufferFromHTTPServerResponse does. With compress=1 raw behind the last block, with gzip inside its stream.
	var trailer bytes.Buffer
	fmt.Fprintf(&trailer, "\r\n__exception__\r\n%s\r\n%s\n%d %s\r\n__exception__\r\n", a.tag, e.text, len(e.text)+1, a.tag)
	if a.gzip != nil {
		if _, err := a.gzip.Write(trailer.Bytes()); err != nil {
			return err
		}
		return a.gzip.Close()
	}
	_, err := a.w.Write(trailer.Bytes())
	return err
}
