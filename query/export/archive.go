package export

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"runtime"
	"sync"
	"time"

	"github.com/klauspost/compress/flate"
)

// An archive writes a ZIP file whose bytes depend on nothing but what goes in. A file passes through three lines of work
// at once: whoever makes it, its hash, and its compression, which takes blocks of a fixed size on all processors.
type archive struct {
	zip   *zip.Writer
	at    time.Time // of all files
	files []packed
}

// packed is a file of the archive.
type packed struct {
	name   string
	sha256 string
	bytes  int64
	lines  int // ends of lines outside of quotation marks
}

func newArchive(w io.Writer, at time.Time) *archive {
	a := &archive{zip: zip.NewWriter(w), at: at}
	a.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return newDeflater(w), nil })
	return a
}

// add writes one file.
func (a *archive) add(name string, write func(io.Writer) error) (packed, error) {
	w, err := a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.at})
	if err != nil {
		return packed{}, err
	}
	t := newTally(w)
	err = write(t)
	p := t.close()
	p.name = name
	if err == nil {
		err = t.err
	}
	a.files = append(a.files, p)
	return p, err
}

func (a *archive) close() error { return a.zip.Close() }

// blockSize is how much is compressed at a time, by itself. It is part of the format: another size gives other bytes.
const blockSize = 1 << 20

var blocks = sync.Pool{New: func() any { b := make([]byte, 0, blockSize); return &b }}

// A tally passes on what it is given in blocks, and counts and hashes it beside.
type tally struct {
	w      io.Writer
	block  *[]byte
	queue  chan []byte
	done   chan struct{}
	sum    hash.Hash
	bytes  int64
	lines  int
	inside bool // of quotation marks
	err    error
}

func newTally(w io.Writer) *tally {
	t := &tally{w: w, block: blocks.Get().(*[]byte), queue: make(chan []byte), done: make(chan struct{}), sum: sha256.New()}
	go func() {
		for b := range t.queue {
			t.sum.Write(b)
			t.lines += countLines(b, &t.inside)
			t.done <- struct{}{}
		}
	}()
	return t
}

func (t *tally) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 && t.err == nil {
		k := min(len(p), blockSize-len(*t.block))
		*t.block = append(*t.block, p[:k]...)
		if p = p[k:]; len(*t.block) == blockSize {
			t.flush()
		}
	}
	return n, t.err
}

func (t *tally) flush() {
	b := *t.block
	if len(b) == 0 || t.err != nil {
		return
	}
	t.queue <- b
	_, t.err = t.w.Write(b)
	<-t.done
	t.bytes += int64(len(b))
	*t.block = b[:0]
}

func (t *tally) close() packed {
	t.flush()
	close(t.queue)
	blocks.Put(t.block)
	return packed{sha256: hex.EncodeToString(t.sum.Sum(nil)), bytes: t.bytes, lines: t.lines}
}

// countLines counts the ends of lines outside of quotation marks.
func countLines(b []byte, inside *bool) int {
	n, in := 0, 0
	if *inside {
		in = 1
	}
	for _, c := range b {
		if c == '"' {
			in ^= 1
		} else if c == '\n' {
			n += 1 - in
		}
	}
	*inside = in == 1
	return n
}

// A deflater compresses blocks beside each other and writes them in order.
type deflater struct {
	block []byte
	queue chan *work
	done  chan error
}

type work struct {
	in    []byte
	last  bool
	out   bytes.Buffer
	ready chan struct{}
}

var (
	compressors = sync.Pool{New: func() any { w, _ := flate.NewWriter(nil, flate.BestSpeed); return w }}
	works       = sync.Pool{New: func() any { return new(work) }}
)

func newDeflater(w io.Writer) *deflater {
	d := &deflater{queue: make(chan *work, runtime.GOMAXPROCS(0)), done: make(chan error, 1)}
	go func() {
		var failed error
		for one := range d.queue {
			<-one.ready
			if failed == nil {
				_, failed = w.Write(one.out.Bytes())
			}
			one.in = one.in[:0]
			works.Put(one)
		}
		d.done <- failed
	}()
	return d
}

func (d *deflater) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		k := min(len(p), blockSize-len(d.block))
		d.block = append(d.block, p[:k]...)
		if p = p[k:]; len(d.block) == blockSize {
			d.send(false)
		}
	}
	return n, nil
}

// send compresses the block in a goroutine of its own.
func (d *deflater) send(last bool) {
	one := works.Get().(*work)
	one.in, d.block = d.block, one.in[:0]
	if d.block == nil {
		d.block = make([]byte, 0, blockSize)
	}
	one.last, one.ready = last, make(chan struct{})
	one.out.Reset()
	d.queue <- one
	go func() {
		w := compressors.Get().(*flate.Writer)
		w.Reset(&one.out)
		w.Write(one.in) // into memory
		if one.last {
			w.Close()
		} else {
			w.Flush()
		}
		compressors.Put(w)
		close(one.ready)
	}()
}

func (d *deflater) Close() error {
	d.send(true)
	close(d.queue)
	return <-d.done
}
