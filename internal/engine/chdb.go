package engine

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library holds the functions of libchdb that the bridge calls (chdb.h). Only the child process ever has one.
type library struct {
	version           func() string
	setSignalHandlers func(enabled int32)
	shutdown          func() int32

	connect   func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	closeConn func(conn unsafe.Pointer)

	classify func(conn, sql unsafe.Pointer, size uintptr, target unsafe.Pointer, targetSize uintptr, out unsafe.Pointer) int32

	query       func(conn, sql unsafe.Pointer, size uintptr, format unsafe.Pointer, formatSize uintptr, names, nameSizes, values, valueSizes unsafe.Pointer, count uintptr) unsafe.Pointer
	streamQuery func(conn, sql unsafe.Pointer, size uintptr, format unsafe.Pointer, formatSize uintptr, names, nameSizes, values, valueSizes unsafe.Pointer, count uintptr) unsafe.Pointer
	fetch       func(conn, stream unsafe.Pointer) unsafe.Pointer
	cancelQuery func(conn, stream unsafe.Pointer)

	streamInsert  func(conn, sql unsafe.Pointer, size uintptr, format unsafe.Pointer, formatSize uintptr, names, nameSizes, values, valueSizes unsafe.Pointer, count uintptr) unsafe.Pointer
	appendInsert  func(stream, data unsafe.Pointer, size uintptr) int32
	doneInsert    func(stream unsafe.Pointer) unsafe.Pointer
	cancelInsert  func(stream unsafe.Pointer)
	insertError   func(stream unsafe.Pointer) string
	destroyInsert func(stream unsafe.Pointer)

	resultBuffer  func(result unsafe.Pointer) unsafe.Pointer
	resultLength  func(result unsafe.Pointer) uintptr
	resultError   func(result unsafe.Pointer) string
	destroyResult func(result unsafe.Pointer)
}

// loadLibrary opens libchdb at path and refuses any version but the pinned one. Signal handlers of the library are
// switched off before anything else: with them on, a fault inside the library hung the process for good instead of
// ending it, and a process that hangs cannot be restarted.
func loadLibrary(path string) (*library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load libchdb %s: %w", path, err)
	}
	lib := &library{}
	for _, f := range []struct {
		name string
		into any
	}{
		{"chdb_version", &lib.version}, // first: another version may lack the others
		{"chdb_set_signal_handlers_enabled", &lib.setSignalHandlers},
		{"chdb_shutdown", &lib.shutdown},
		{"chdb_connect", &lib.connect},
		{"chdb_close_conn", &lib.closeConn},
		{"chdb_classify_query_n", &lib.classify},
		{"chdb_query_with_params_n", &lib.query},
		{"chdb_stream_query_with_params_n", &lib.streamQuery},
		{"chdb_stream_fetch_result", &lib.fetch},
		{"chdb_stream_cancel_query", &lib.cancelQuery},
		{"chdb_stream_insert_with_params_n", &lib.streamInsert},
		{"chdb_stream_append", &lib.appendInsert},
		{"chdb_stream_done", &lib.doneInsert},
		{"chdb_stream_cancel_insert", &lib.cancelInsert},
		{"chdb_stream_insert_error", &lib.insertError},
		{"chdb_destroy_insert_stream", &lib.destroyInsert},
		{"chdb_result_buffer", &lib.resultBuffer},
		{"chdb_result_length", &lib.resultLength},
		{"chdb_result_error", &lib.resultError},
		{"chdb_destroy_query_result", &lib.destroyResult},
	} {
		symbol, err := purego.Dlsym(handle, f.name)
		if err != nil {
			return nil, fmt.Errorf("load libchdb %s: find %s: %w; want libchdb %s", path, f.name, err, LibraryVersion)
		}
		purego.RegisterFunc(f.into, symbol)
		if f.name != "chdb_version" {
			continue
		}
		if got := lib.version(); got != LibraryVersion {
			return nil, fmt.Errorf("load libchdb %s: it is version %s, want exactly %s; run `make build` or set %s to the right file",
				path, got, LibraryVersion, libraryVariable)
		}
	}
	lib.setSignalHandlers(0)
	return lib, nil
}

// connection is one session of the engine: settings, current database and temporary tables live and die with it.
// It runs one statement at a time.
type connection struct {
	lib    *library
	handle unsafe.Pointer // chdb_connection *, what chdb_close_conn takes
	conn   unsafe.Pointer // chdb_connection, what everything else takes
}

// open makes a connection with command line style arguments. The first one in a process boots the engine. The library
// gives no reason for a refusal; it is on the process's stderr.
func (l *library) open(args ...string) (*connection, error) {
	argv := make([]*byte, len(args)+1)
	var pin runtime.Pinner
	defer pin.Unpin()
	for i, arg := range args {
		argv[i] = &append([]byte(arg), 0)[0]
		pin.Pin(argv[i])
	}
	pin.Pin(&argv[0])
	handle := l.connect(int32(len(args)), unsafe.Pointer(&argv[0]))
	if handle == nil {
		return nil, errors.New("connect to the embedded engine: refused; its log has the reason")
	}
	return &connection{lib: l, handle: handle, conn: *(*unsafe.Pointer)(handle)}, nil
}

func (c *connection) close() {
	if c.handle != nil {
		c.lib.closeConn(c.handle)
		c.handle, c.conn = nil, nil
	}
}

// Classes that chdb_classify_query_n answers, by how restricted a statement is.
const (
	classRead    = 0 // SELECT, SHOW, DESCRIBE, EXPLAIN, EXISTS, CHECK
	classWrite   = 1 // INSERT, DDL, ALTER, DELETE, OPTIMIZE
	classGlobal  = 2 // functions, users, grants, writes into system
	classControl = 3 // SET, USE, SYSTEM, KILL, BACKUP, INTO OUTFILE, INSERT INTO FUNCTION
	classUnknown = 4 // does not parse, or is empty
)

// analysis is what the engine's own parser says about a text (chdb_query_analysis_v1).
type analysis struct {
	structSize uint32
	statements uint32
	flags      uint32
	class      uint32
}

func (c *connection) analyse(sql []byte) (analysis, error) {
	out := &analysis{}
	out.structSize = uint32(unsafe.Sizeof(*out))
	if c.lib.classify(c.conn, pointer(sql), uintptr(len(sql)), nil, 0, unsafe.Pointer(out)) != 0 {
		return analysis{}, errors.New("classify the statement: refused by the library")
	}
	runtime.KeepAlive(sql)
	return *out, nil
}

// parameter is a {name:Type} value of a query, bound by the engine and never written into the text.
type parameter struct{ name, value string }

// nativeParameters is the four parallel arrays in which the library takes parameters.
type nativeParameters struct {
	names, values         []*byte
	nameSizes, valueSizes []uintptr
	pin                   runtime.Pinner
}

func toNative(params []parameter) *nativeParameters {
	n := &nativeParameters{}
	for _, p := range params {
		name, value := append([]byte(p.name), 0), append([]byte(p.value), 0)
		n.pin.Pin(&name[0])
		n.pin.Pin(&value[0])
		n.names, n.nameSizes = append(n.names, &name[0]), append(n.nameSizes, uintptr(len(p.name)))
		n.values, n.valueSizes = append(n.values, &value[0]), append(n.valueSizes, uintptr(len(p.value)))
	}
	return n
}

func (n *nativeParameters) call(f func(conn, sql unsafe.Pointer, size uintptr, format unsafe.Pointer, formatSize uintptr, names, nameSizes, values, valueSizes unsafe.Pointer, count uintptr) unsafe.Pointer, conn unsafe.Pointer, sql []byte, format string) unsafe.Pointer {
	name := []byte(format)
	out := f(conn, pointer(sql), uintptr(len(sql)), pointer(name), uintptr(len(name)),
		pointer(n.names), pointer(n.nameSizes), pointer(n.values), pointer(n.valueSizes), uintptr(len(n.names)))
	runtime.KeepAlive(sql)
	runtime.KeepAlive(name)
	n.pin.Unpin()
	runtime.KeepAlive(n)
	return out
}

// pointer is the address of the first element, or of a byte that exists when there is none: the library dereferences
// some lengths of zero.
func pointer[T any](s []T) unsafe.Pointer {
	if len(s) == 0 {
		return unsafe.Pointer(&nothing)
	}
	return unsafe.Pointer(unsafe.SliceData(s))
}

var nothing uint64

// result is a finished answer or one chunk of a stream. Its bytes belong to the engine until free.
type result struct {
	lib    *library
	handle unsafe.Pointer
}

func (r *result) bytes() []byte {
	size := r.lib.resultLength(r.handle)
	if size == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(r.lib.resultBuffer(r.handle)), size)
}

func (r *result) err() error { return toException(r.lib.resultError(r.handle)) }

func (r *result) free() {
	if r.handle != nil {
		r.lib.destroyResult(r.handle)
		r.handle = nil
	}
}

// run executes a text at once and holds its whole answer in memory. It would execute SEVERAL statements one after the
// other, so the caller must have counted them (analyse).
func (c *connection) run(sql []byte, format string, params []parameter) (*result, error) {
	r := &result{c.lib, toNative(params).call(c.lib.query, c.conn, sql, format)}
	if err := r.err(); err != nil {
		r.free()
		return nil, err
	}
	return r, nil
}

// execute is run for statements whose answer nobody reads.
func (c *connection) execute(sql string) error {
	r, err := c.run([]byte(sql), "Null", nil)
	if err != nil {
		return err
	}
	r.free()
	return nil
}

// stream is a query whose answer is fetched chunk by chunk; the engine computes ahead no further than one chunk.
type stream struct {
	conn   *connection
	handle unsafe.Pointer
	ended  bool
}

// errNotStreamable is what the library says of everything but SELECT. It says so before anything was executed.
var errNotStreamable = errors.New("not a statement that streams")

func (c *connection) stream(sql []byte, format string, params []parameter) (*stream, error) {
	s := &stream{conn: c, handle: toNative(params).call(c.lib.streamQuery, c.conn, sql, format)}
	if text := c.lib.resultError(s.handle); text != "" {
		s.ended = true
		s.free()
		err := toException(text)
		if e := (*exception)(nil); errors.As(err, &e) && e.code == codeBadArguments && strings.Contains(text, "Streaming query is not supported") {
			return nil, errNotStreamable
		}
		return nil, err
	}
	return s, nil
}

// next returns the next chunk, nil at the end. Every chunk is a complete document of its format.
func (s *stream) next() (*result, error) {
	if s.ended {
		return nil, nil
	}
	r := &result{s.conn.lib, s.conn.lib.fetch(s.conn.conn, s.handle)}
	if err := r.err(); err != nil {
		s.ended = true
		r.free()
		return nil, err
	}
	if s.conn.lib.resultLength(r.handle) == 0 {
		s.ended = true
		r.free()
		return nil, nil
	}
	return r, nil
}

// free cancels what still runs and must not be called while next is running.
func (s *stream) free() {
	if s.handle == nil {
		return
	}
	if !s.ended {
		s.conn.lib.cancelQuery(s.conn.conn, s.handle)
	}
	s.conn.lib.destroyResult(s.handle)
	s.handle = nil
}

// insertStream is an INSERT whose rows are handed over piece by piece. Nothing of the last block is stored before done.
type insertStream struct {
	lib      *library
	handle   unsafe.Pointer
	finished bool
}

func (c *connection) insert(sql []byte, format string, params []parameter) (*insertStream, error) {
	s := &insertStream{lib: c.lib, handle: toNative(params).call(c.lib.streamInsert, c.conn, sql, format)}
	if err := toException(c.lib.insertError(s.handle)); err != nil {
		s.finished = true
		s.free()
		return nil, err
	}
	return s, nil
}

func (s *insertStream) append(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	failed := s.lib.appendInsert(s.handle, pointer(data), uintptr(len(data))) != 0
	runtime.KeepAlive(data)
	if !failed {
		return nil
	}
	if err := toException(s.lib.insertError(s.handle)); err != nil {
		return err
	}
	// The engine refuses more without a text yet; done gives it.
	err := s.done()
	if err == nil {
		err = &exception{code: codeUnknown, text: "Code: 1002. DB::Exception: the engine ended the insert before all rows were handed over. (UNKNOWN_EXCEPTION)"}
	}
	return err
}

// done stores the rows.
func (s *insertStream) done() error {
	s.finished = true
	r := &result{s.lib, s.lib.doneInsert(s.handle)}
	defer r.free()
	return r.err()
}

// free cancels an insert that is not done. Rows of its unfinished block are not stored.
func (s *insertStream) free() {
	if s.handle == nil {
		return
	}
	if !s.finished {
		s.lib.cancelInsert(s.handle)
	}
	s.lib.destroyInsert(s.handle)
	s.handle = nil
}
