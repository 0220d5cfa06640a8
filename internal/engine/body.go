package engine

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/ClickHouse/ch-go/compress"
)

// watchedBody remembers that reading the request from the network failed: then the client is gone or cut, and the only
// honest answer is to drop the connection. What fails above it (a bad checksum, a broken gzip stream) is the client's
// mistake and gets an answer.
type watchedBody struct {
	body  io.Reader
	ended bool // read to its end; HTTP closes the body when the answer starts, after which reading it would fail
	err   error
}

func (b *watchedBody) Read(p []byte) (int, error) {
	if b.ended {
		return 0, io.EOF
	}
	n, err := b.body.Read(p)
	switch {
	case errors.Is(err, io.EOF):
		b.ended = true
	case err != nil:
		b.err = err
	}
	return n, err
}

type lazyGzip struct {
	from   io.Reader
	reader *gzip.Reader
}

func (g *lazyGzip) Read(p []byte) (int, error) {
	if g.reader == nil {
		var err error
		if g.reader, err = gzip.NewReader(g.from); err != nil {
			return 0, err
		}
	}
	return g.reader.Read(p)
}

// blockReader reads ClickHouse's compressed blocks. The reader of the driver takes a body that ends behind the header
// of a block for one that ends between blocks; here that is an error.
type blockReader struct {
	from   *bufio.Reader
	blocks *compress.Reader
}

func newBlockReader(from io.Reader) *blockReader {
	b := &blockReader{from: bufio.NewReaderSize(from, 64<<10)}
	b.blocks = compress.NewReader(b.from)
	return b
}

func (b *blockReader) Read(p []byte) (int, error) {
	_, before := b.from.Peek(1)
	n, err := b.blocks.Read(p)
	switch {
	case err == nil || !errors.Is(err, io.EOF):
		return n, err
	case errors.Is(before, io.EOF):
		return n, io.EOF
	case before != nil:
		return n, before
	}
	return n, fmt.Errorf("%w: the body ends inside a compressed block", io.ErrUnexpectedEOF)
}

// fill reads until buffer is full or the body ends. Unlike io.ReadFull it keeps an end that cuts (ErrUnexpectedEOF of a
// decoder) and one that does not apart: the latter is ended without an error.
func fill(body io.Reader, buffer []byte) (n int, ended bool, err error) {
	for n < len(buffer) {
		m, err := body.Read(buffer[n:])
		n += m
		switch {
		case errors.Is(err, io.EOF):
			return n, true, nil
		case err != nil:
			return n, false, err
		}
	}
	return n, false, nil
}

// readText reads the statement: the parameter query, then the body or the multipart field query. Of an INSERT with
// rows behind a FORMAT clause it reads the beginning only; ended says that there is no more.
func (q *request) readText() (text []byte, tables []externalTable, ended bool, err error) {
	if q.external != nil {
		tables, text, err = q.readExternal()
		return append(q.text, text...), tables, true, err
	}
	if s := look(q.text); s.insertFormat != "" {
		return q.text, nil, false, nil
	}
	text, ended, err = q.readUpTo(q.text, prefixSize)
	if err != nil || ended {
		return text, nil, ended, err
	}
	if s := look(text); s.insertFormat != "" && s.insertComplete {
		return text, nil, false, nil
	}
	text, ended, err = q.readUpTo(text, maxText)
	if err == nil && !ended {
		err = refuse(codeBadArguments, "BAD_ARGUMENTS", "the statement is longer than %d bytes; send the rows behind INSERT … FORMAT", maxText)
	}
	return text, nil, true, err
}

// readUpTo appends body to text until the body ends or the text has size bytes.
func (q *request) readUpTo(text []byte, size int) (_ []byte, ended bool, err error) {
	for len(text) < size {
		room := min(size-len(text), max(len(text), 4<<10))
		start := len(text)
		text = append(text, make([]byte, room)...)
		n, ended, err := fill(q.body, text[start:])
		text = text[:start+n]
		if err != nil {
			return text, false, q.bodyError(err)
		}
		if ended {
			return text, true, nil
		}
	}
	return text, false, nil
}

// bodyError says that the body could not be decoded; that it could not be read is told by q.raw.err.
func (q *request) bodyError(err error) error {
	if q.raw.err != nil {
		return fmt.Errorf("read the request's body: %w", err)
	}
	return refuse(codeCannotDecompress, "CANNOT_DECOMPRESS", "read the request's body: %v", err)
}
