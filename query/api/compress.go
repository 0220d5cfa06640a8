package api

import (
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// leastCompressed is how long a body has to be for compression to be worth its time: about what a packet holds.
const leastCompressed = 1400

type coder interface {
	io.WriteCloser
	Reset(io.Writer)
}

// Coders are large and are used again.
var coders = map[string]*sync.Pool{
	gzipCoding: {New: func() any {
		w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		if err != nil {
			panic(err) // the level is known
		}
		return w
	}},
	zstdCoding: {New: func() any {
		// A window of 1 MiB and one worker: many are at work at the same time.
		w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20), zstd.WithEncoderLevel(zstd.SpeedFastest))
		if err != nil {
			panic(err) // the options are known
		}
		return w
	}},
}

// coded hands do a writer that compresses what it is given, and ends the compressed text if all went well. What broke off
// stays broken off.
func coded(to io.Writer, coding string, do func(io.Writer) error) error {
	pool, ok := coders[coding]
	if !ok {
		return do(to)
	}
	w := pool.Get().(coder)
	w.Reset(to)
	err := do(w)
	if err == nil {
		err = w.Close()
	}
	w.Reset(nil)
	pool.Put(w)
	return err
}
