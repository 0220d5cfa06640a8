package engine

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/ClickHouse/ch-go/proto"
)

// work is one statement being run.
type work struct {
	bridge *bridge
	conn   *connection
	q      *request
	a      *answer
	pass   *pass
	ctx    context.Context
	text   []byte
	shape  shape
}

// query runs everything but INSERT with rows in the body. It streams where the format's chunks join and the statement
// is one that streams; the library refuses all others before it executes anything, and they get the plain call.
func (w *work) query() error {
	format := strings.ToLower(w.shape.format)
	if format == "" {
		format = strings.ToLower(w.q.format)
	}
	join := framings[format]
	if w.arrayOfRows() || w.q.whole {
		join = framedWhole
	}
	if join == framedWhole {
		return w.plain()
	}
	s, err := w.conn.stream(w.text, w.q.format, w.q.params)
	if errors.Is(err, errNotStreamable) {
		return w.plain()
	}
	if err != nil {
		return err
	}
	defer s.free()
	header := headerOnce{framing: join, csv: strings.HasPrefix(format, "csv")}
	for {
		// Errors of analysis, and throwIf in the first block, come with the first chunk, before the status is written.
		chunk, err := s.next()
		if chunk == nil || err != nil {
			return err
		}
		data, err := header.strip(chunk.bytes())
		if err == nil {
			err = w.pass.pause(func() error { return w.a.write(data) })
		}
		chunk.free()
		if err != nil {
			return err
		}
	}
}

// arrayOfRows says that JSONEachRow is to be one JSON array, whose chunks do not join.
func (w *work) arrayOfRows() bool {
	for _, s := range w.q.settings {
		if s.name == "output_format_json_array_of_rows" {
			return true
		}
	}
	return w.shape.arrayOfRows
}

// plain runs a statement whose whole result the engine holds in memory.
func (w *work) plain() error {
	r, err := w.conn.run(w.text, w.q.format, w.q.params)
	if err != nil {
		return err
	}
	defer r.free()
	return w.pass.pause(func() error { return w.a.write(r.bytes()) })
}

var rowBuffers = sync.Pool{New: func() any { b := make([]byte, 1<<20); return &b }}

// insert hands the rows over piece by piece. Whatever stops it before done cancels the insert, so that a cut body is
// never stored as if it were whole, and never answered with 200.
func (w *work) insert(rows []byte, ended bool) error {
	s, err := w.conn.insert(w.text, w.shape.insertFormat, w.q.params)
	if err != nil {
		return err
	}
	defer s.free()
	if err := s.append(rows); err != nil {
		return err
	}
	total := len(rows)
	buffer := rowBuffers.Get().(*[]byte)
	defer rowBuffers.Put(buffer)
	for !ended {
		var n int
		if err := w.pass.pause(func() (err error) {
			n, ended, err = fill(w.q.body, *buffer)
			return err
		}); err != nil {
			return w.q.bodyError(err)
		}
		if err := s.append((*buffer)[:n]); err != nil {
			return err
		}
		total += n
	}
	// The driver sends an empty body, ended in order, when it fails to encode a batch (columns of different length). A
	// server takes that for an insert of no rows, and the batch is lost without an error. No batch is without rows.
	if total == 0 && strings.EqualFold(w.shape.insertFormat, "Native") {
		return refuse(codeBadArguments, "BAD_ARGUMENTS", "the body of an INSERT in the format Native is empty, so the batch was lost on the client's side; check that its columns have the same length")
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	return s.done()
}

// isHello recognises the question with which clickhouse-go opens a connection.
func isHello(q *request, text []byte) bool {
	return q.revision > 0 && string(bytes.TrimSpace(text)) == "SELECT displayName(), version(), revision(), timezone()"
}

// Protocol revisions from which a block starts with block info, and a column has a byte for custom serialisation.
const (
	revisionBlockInfo = 51903
	revisionCustom    = 54454
)

// hello answers the driver's first question. The driver decodes this one answer by the revision that it asks for, and
// everything after by the revision that it is told. The engine writes Native of revision 0 always, so 0 is told, and
// this one block is written anew.
func (w *work) hello() error {
	r, err := w.conn.run([]byte("SELECT displayName(), version(), timezone()"), "TabSeparatedRaw", nil)
	if err != nil {
		return err
	}
	fields := strings.Split(strings.TrimRight(string(r.bytes()), "\n"), "\t")
	r.free()
	if len(fields) != 3 {
		return refuse(codeUnknown, "UNKNOWN_EXCEPTION", "the engine answered %d fields to the hello, want 3", len(fields))
	}
	var display, version, zone proto.ColStr
	display.Append(fields[0])
	version.Append(fields[1])
	zone.Append(fields[2])
	revision := proto.ColUInt32{0}

	var b proto.Buffer
	if w.q.revision >= revisionBlockInfo {
		proto.BlockInfo{BucketNum: -1}.Encode(&b)
	}
	b.PutInt(4)
	b.PutInt(1)
	for _, column := range []struct {
		name string
		data proto.ColInput
	}{
		{"displayName()", &display}, {"version()", &version}, {"revision()", &revision}, {"timezone()", &zone},
	} {
		b.PutString(column.name)
		b.PutString(column.data.Type().String())
		if w.q.revision >= revisionCustom {
			b.PutBool(false)
		}
		column.data.EncodeColumn(&b)
	}
	return w.pass.pause(func() error { return w.a.write(b.Buf) })
}
