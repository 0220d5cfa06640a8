// Package download hands files to readers over HTTP so that they can rely on them: an answer in a format of files goes in, and
// the file, what it weighs and an entry in the journal come out.
//
// The number of rows and the hashes stand outside the file: in headers where it is whole before its first byte is sent, else
// in trailers. A file that breaks off breaks the connection, so that no reader takes a part for the whole. What a reader of
// HTTP/1.0 asks for, who knows neither trailers nor chunks, is written to disk first and sent with its length.
//
// The end of each file is held back until the journal says that the file was taken. So nobody has a whole file of which there
// is no entry, and the entry costs the time of one insert at the end, not at the beginning. Entries of files that end at the
// same time share one.
package download

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"nianbao/internal/access"
	"nianbao/internal/warehouse"
)

// File says what is handed out.
type File struct {
	Name      string // for the reader's disk
	MediaType string
	AsOf      time.Time // moment of the data, zero if it has none
	Coding    string    // coding of the bytes that are sent, "" for none
	Head      bool      // only the headers are asked for: nothing leaves the house
}

// The fields that say what a file weighs. The digests are those of RFC 9530. A file that is sent in a coding has one more:
// that of the file as the reader keeps it.
const (
	contentDigest   = "Content-Digest"
	reprDigest      = "Repr-Digest"
	unencodedDigest = "Unencoded-Digest"
	rowCount        = "X-Row-Count"
)

// Entry is the beginning of the entry of an act that a request asks for: who, from where and what.
func Entry(r *http.Request, kind string) warehouse.Entry {
	e := warehouse.Entry{Kind: kind, Person: access.From(r.Context()).Name, Client: r.RemoteAddr, What: r.URL.RequestURI()}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		e.Client = host
	}
	return e
}

// patience is how long a reader may take for what is sent at once. Who takes in something is waited for.
const patience = 2 * time.Minute

// held is how much of the end of a file is held back, and how much is sent at once.
const held = 1 << 16

// Bytes hands out a file that is whole. rows is nil if it has none.
func Bytes(w http.ResponseWriter, r *http.Request, store *warehouse.Store, f File, rows *uint64, body []byte) {
	sum := sha256.Sum256(body)
	h := w.Header()
	f.head(h)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set(contentDigest, digest(sum[:]))
	h.Set(reprDigest, digest(sum[:]))
	if rows != nil {
		h.Set(rowCount, strconv.FormatUint(*rows, 10))
	}
	w.WriteHeader(http.StatusOK)
	if f.Head {
		return
	}
	s := &sending{to: w, control: http.NewResponseController(w)}
	s.Write(body) // keeps its error
	e := Entry(r, warehouse.Download)
	e.AsOf, e.Rows, e.Bytes, e.SHA256 = f.AsOf, rows, uint64(len(body)), hex.EncodeToString(sum[:])
	s.end(r, store, e, nil)
}

// Stream hands out a file as write makes it, and tells write where. It returns an error only if nothing was sent yet: the
// caller can then answer with a problem in place of the file. After that the connection ends with the panic of
// [http.ErrAbortHandler].
//
// encode turns the writer of what is sent into one that takes the file as it is, where there is a coding; it is not called
// without one.
func Stream(w http.ResponseWriter, r *http.Request, store *warehouse.Store, f File, encode func(to io.Writer, do func(io.Writer) error) error, write func(to io.Writer) (rows uint64, err error)) error {
	if f.Coding == "" {
		encode = func(to io.Writer, do func(io.Writer) error) error { return do(to) }
	}
	if !r.ProtoAtLeast(1, 1) && !f.Head {
		return spooled(w, r, store, f, encode, write)
	}
	h := w.Header()
	before := h.Clone()
	f.head(h)
	trailers := []string{contentDigest, reprDigest, rowCount}
	if f.Coding != "" {
		trailers = append(trailers, unencodedDigest)
	}
	h.Set("Trailer", strings.Join(trailers, ", "))
	if f.Head {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	s := &sending{to: w, control: http.NewResponseController(w), sum: sha256.New()}
	file, rows, err := through(s, encode, write)
	if err != nil && !s.sent {
		clear(h)
		for name, values := range before {
			h[name] = values
		}
		return err
	}
	e := Entry(r, warehouse.Download)
	e.AsOf, e.Rows, e.Bytes, e.SHA256 = f.AsOf, &rows, file.bytes, file.hex()
	s.end(r, store, e, err)
	h.Set(contentDigest, digest(s.sum.Sum(nil)))
	h.Set(reprDigest, digest(s.sum.Sum(nil)))
	h.Set(rowCount, strconv.FormatUint(rows, 10))
	if f.Coding != "" {
		h.Set(unencodedDigest, digest(file.sum.Sum(nil)))
	}
	return nil
}

// through has a file written into to, in its coding, and hashes it as it is without.
func through(to io.Writer, encode func(io.Writer, func(io.Writer) error) error, write func(io.Writer) (uint64, error)) (file *weight, rows uint64, err error) {
	file = &weight{sum: sha256.New()}
	err = encode(to, func(coded io.Writer) (err error) {
		rows, err = write(io.MultiWriter(coded, file))
		return err
	})
	return file, rows, err
}

// weight is the hash and the length of a file as far as it was written.
type weight struct {
	sum   hash.Hash
	bytes uint64
}

func (f *weight) Write(p []byte) (int, error) {
	f.bytes += uint64(len(p))
	return f.sum.Write(p)
}

func (f *weight) hex() string { return hex.EncodeToString(f.sum.Sum(nil)) }

// spooled writes the file to disk before it sends it.
func spooled(w http.ResponseWriter, r *http.Request, store *warehouse.Store, f File, encode func(io.Writer, func(io.Writer) error) error, write func(io.Writer) (uint64, error)) error {
	disk, err := os.CreateTemp("", "nianbao-*")
	if err != nil {
		return fmt.Errorf("keep a file for a reader of HTTP/1.0: %w", err)
	}
	defer os.Remove(disk.Name())
	defer disk.Close()
	sum := sha256.New()
	file, rows, err := through(io.MultiWriter(disk, sum), encode, write)
	if err != nil {
		return err
	}
	size, err := disk.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = disk.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("keep a file for a reader of HTTP/1.0: %w", err)
	}
	h := w.Header()
	f.head(h)
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	h.Set(contentDigest, digest(sum.Sum(nil)))
	h.Set(reprDigest, digest(sum.Sum(nil)))
	h.Set(rowCount, strconv.FormatUint(rows, 10))
	s := &sending{to: w, control: http.NewResponseController(w)}
	_, err = io.Copy(s, disk)
	e := Entry(r, warehouse.Download)
	e.AsOf, e.Rows, e.Bytes, e.SHA256 = f.AsOf, &rows, file.bytes, file.hex()
	s.end(r, store, e, err)
	return nil
}

func (f File) head(h http.Header) {
	h.Set("Content-Type", f.MediaType)
	if f.Name != "" {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	}
	if f.Coding != "" {
		h.Set("Content-Encoding", f.Coding)
	}
	if !f.AsOf.IsZero() {
		h.Set("X-As-Of", f.AsOf.Format(time.RFC3339Nano))
	}
}

func digest(sum []byte) string {
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":"
}

// sending sends a file but for its end.
type sending struct {
	to      io.Writer
	control *http.ResponseController
	sum     hash.Hash // of what is sent, nil if it is known
	keep    []byte    // not sent yet
	sent    bool      // something was
	err     error
}

func (s *sending) Write(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.sum != nil {
		s.sum.Write(p)
	}
	for rest := p; len(rest) > 0; {
		if len(s.keep) == held {
			if s.send(); s.err != nil {
				return 0, s.err
			}
		}
		take := min(len(rest), held-len(s.keep))
		s.keep, rest = append(s.keep, rest[:take]...), rest[take:]
	}
	return len(p), nil
}

func (s *sending) send() {
	_ = s.control.SetWriteDeadline(time.Now().Add(patience)) // a writer without deadlines waits as long as its server says
	s.sent = true
	_, s.err = s.to.Write(s.keep)
	s.keep = s.keep[:0]
}

// end writes the entry and sends the end. err is that of the writer of the file.
func (s *sending) end(r *http.Request, store *warehouse.Store, e warehouse.Entry, err error) {
	err = errors.Join(err, s.err)
	if err == nil {
		err = r.Context().Err()
	}
	e.Outcome = warehouse.Done
	if err != nil {
		e.Outcome, e.Detail = warehouse.BrokenOff, err.Error()
		if r.Context().Err() != nil || s.err != nil {
			e.Detail = "the reader went away"
		}
	}
	if lost := store.Record(r.Context(), e); lost != nil || err != nil { // what is lost stands in the log
		panic(http.ErrAbortHandler)
	}
	if s.send(); s.err != nil {
		panic(http.ErrAbortHandler)
	}
}
