package page

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzip"

	"nianbao/internal/kept"
)

// finished is a page as it was sent, compressed or not.
type finished struct {
	status int
	header http.Header
	body   []byte
}

// finishedPages are pages of all sites of this process. The page of a province takes a tenth of a second and more to make, and
// until the next commit everybody gets the same.
var finishedPages = kept.New[finished](96 << 20)

// ofPage are the headers that belong to a page rather than to a request.
var ofPage = []string{"Content-Type", "Content-Encoding", "Content-Security-Policy", "Vary", "X-As-Of"}

// keyOf names what a visitor gets for an address until the next commit: the address as it was given, since some pages have
// another default for a parameter than the rest. The tag names what the page says of the visitor, and the site what it may show.
func (s *site) keyOf(c *gin.Context, tag string) string {
	return fmt.Sprintf("%d %s %q", s.number, tag, c.Request.URL.RawQuery)
}

// leastCompressed is how long a body has to be for compression to be worth its time: about what a packet holds.
const leastCompressed = 1400

var compressors = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is known
	}
	return w
}}

// send answers with a body, compressed where the client takes that, and keeps the answer for the next who asks.
func (s *site) send(c *gin.Context, v *visit, status int, mediaType string, body []byte) {
	h := c.Writer.Header()
	h.Set("Content-Type", mediaType)
	h.Add("Vary", "Accept-Encoding")
	if v.packed && len(body) >= leastCompressed {
		h.Set("Content-Encoding", "gzip")
		body = compress(body)
	}
	if v.key != "" && status == http.StatusOK {
		one := finished{status, http.Header{}, body}
		for _, name := range ofPage {
			if values := h.Values(name); len(values) > 0 {
				one.header[name] = slices.Clone(values)
			}
		}
		finishedPages.Put(v.key, one, len(body)+len(v.key)+1000)
	}
	c.Data(status, mediaType, body)
}

func (f finished) write(c *gin.Context) {
	h := c.Writer.Header()
	for name, values := range f.header {
		h[name] = slices.Clone(values)
	}
	c.Data(f.status, f.header.Get("Content-Type"), f.body)
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	b.Grow(len(body) / 6)
	w := compressors.Get().(*gzip.Writer)
	w.Reset(&b)
	_, _ = w.Write(body) // memory does not fail
	_ = w.Close()
	compressors.Put(w)
	return b.Bytes()
}

// takesGzip reports whether a header Accept-Encoding allows gzip.
func takesGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
			return weight == "" || err == nil && q > 0
		}
	}
	return false
}
