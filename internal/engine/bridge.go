package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// timezone is the zone of the child process, and so of every DateTime without one.
const timezone = "UTC"

const (
	maxText      = 256 << 20 // of a statement with its VALUES, or of all external tables of a request; bytes
	prefixSize   = 1 << 20   // how much of a body is read to find an INSERT's FORMAT clause
	maxOpen      = 512       // requests that compute, wait or are read by their clients
	maxPatience  = 30 * time.Second
	commentStart = "nianbao/" // starts log_comment of every request's connection
)

// bridge is ClickHouse's HTTP interface in front of the library.
type bridge struct {
	lib   *library
	path  string // of the store
	admin *connection
	lock  sync.Mutex // one statement at a time on admin
	gate  *gate
	log   *slog.Logger
	ping  sync.Mutex // one at a time: if the library hangs, they must not pile up
}

func (b *bridge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/ping":
		b.servePing(w, r)
	case r.URL.Path != "/" && r.URL.Path != "/query":
		http.Error(w, "There is no handle "+r.URL.Path+"; want / or /ping", http.StatusNotFound)
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "method "+r.Method+" is not allowed; want GET or POST", http.StatusMethodNotAllowed)
	case r.Method == http.MethodGet && !r.URL.Query().Has("query"):
		io.WriteString(w, "Ok.\n")
	default:
		b.serveStatement(w, r)
	}
}

// servePing asks the engine itself, not only this process: a library that hangs must not look healthy. It passes the
// gate by, since a full house is no sickness.
func (b *bridge) servePing(w http.ResponseWriter, r *http.Request) {
	b.ping.Lock()
	defer b.ping.Unlock()
	if r.Context().Err() != nil {
		return
	}
	conn, err := b.lib.open("nianbao", "--path="+b.path, "--log_comment="+commentStart+"ping")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer conn.close()
	// An exception, say over a memory limit, is an answer: the engine lives.
	if err := conn.execute("SELECT 1"); err != nil {
		b.log.Warn("ping answered with an exception", "error", err)
	}
	io.WriteString(w, "Ok.\n")
}

func (b *bridge) serveStatement(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	q, err := readRequest(r)
	if q == nil {
		q = &request{queryID: randomID(), raw: &watchedBody{body: r.Body}}
	}
	a := newAnswer(w, q)
	var text []byte
	if err == nil {
		text, err = b.answer(r, q, a)
	}
	if err == nil {
		err = a.end()
	}
	if err == nil {
		return
	}

	gone := errors.Is(err, errGone) || q.raw.err != nil || r.Context().Err() != nil
	b.log.Info("statement failed", "query_id", q.queryID, "error", err, "client_gone", gone,
		"ms", time.Since(began).Milliseconds(), "statement", abridged(text))
	if !gone {
		var e *exception
		if !errors.As(err, &e) {
			e = refuse(codeUnknown, "UNKNOWN_EXCEPTION", "%v", err)
		}
		// The client reads its answer only after it sent its body.
		if _, err := io.Copy(io.Discard, q.raw); err == nil && a.fail(e) == nil {
			return
		}
	}
	// Not a 200, not an end of chunks: a client that still listens sees a broken connection, never a whole answer.
	panic(http.ErrAbortHandler)
}

// abridged is a statement for the log.
func abridged(text []byte) string {
	const most = 300
	text = bytes.TrimSpace(text)
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}

// answer runs the request and writes its result. It returns the text of the statement for the log.
func (b *bridge) answer(r *http.Request, q *request, a *answer) (text []byte, err error) {
	pass, err := b.gate.admit()
	if err != nil {
		return nil, err
	}
	defer pass.leave()

	text, tables, ended, err := q.readText()
	if err != nil {
		return nil, err
	}
	s := look(text)
	rows := []byte(nil)
	if s.rows > 0 {
		text, rows = text[:s.clause], text[s.rows:]
	}
	if err := guardText(text, s); err != nil {
		return text, err
	}

	ctx := r.Context()
	if err := pass.take(ctx); err != nil {
		return text, err
	}
	id := commentStart + randomID()
	conn, err := b.lib.open("nianbao", "--path="+b.path, "--log_comment="+strings.TrimSpace(id+" "+q.comment))
	if err != nil {
		return text, err
	}
	defer conn.close()
	defer b.killWhenGone(ctx, id)()

	if err := b.prepare(conn, q, tables); err != nil {
		return text, err
	}
	if err := b.judge(conn, text, s); err != nil {
		return text, err
	}
	w := &work{bridge: b, conn: conn, q: q, a: a, pass: pass, ctx: ctx, text: text, shape: s}
	switch {
	case isHello(q, text):
		err = w.hello()
	case s.insertFormat != "":
		err = w.insert(rows, ended)
	default:
		err = w.query()
	}
	return text, err
}

// prepare makes the connection what the request asks for. readonly comes last: temporary tables could not be made
// behind it.
func (b *bridge) prepare(conn *connection, q *request, tables []externalTable) error {
	if set := q.set(); set != "" {
		if err := conn.execute(set); err != nil {
			return err
		}
	}
	if q.database != "" {
		if err := conn.execute("USE " + quoteName(q.database)); err != nil {
			return err
		}
	}
	for _, table := range tables {
		if err := table.create(conn); err != nil {
			return err
		}
	}
	if q.readonly != "" {
		return conn.execute("SET readonly=" + quoteText(q.readonly))
	}
	return nil
}

// judge asks the engine's parser what the statement is. Text that does not parse never reaches a call that executes:
// the plain call would run the statements before the broken one.
func (b *bridge) judge(conn *connection, text []byte, s shape) error {
	parsed := text
	if s.insertFormat != "" {
		parsed = append(bytes.Clone(text), " FORMAT "+s.insertFormat...)
	}
	a, err := conn.analyse(parsed)
	if err != nil {
		return err
	}
	if a.statements == 0 {
		if isBlank(text) {
			return refuse(codeSyntax, "SYNTAX_ERROR", "Empty query")
		}
		r, err := conn.run([]byte("SELECT formatQuery({text:String})"), "Null", []parameter{{"text", escapeParameter(parsed)}})
		if err != nil {
			return withoutScope(err)
		}
		r.free()
		return refuse(codeSyntax, "SYNTAX_ERROR", "Syntax error: the text is not one statement of ClickHouse SQL, or the rows behind VALUES can not be read")
	}
	if a.class == classUnknown {
		return refuse(codeNotImplemented, "NOT_IMPLEMENTED", "the embedded engine refuses a kind of statement that it does not know")
	}
	return guardClass(a, s)
}

// withoutScope takes the statement that asked for the error out of its text.
func withoutScope(err error) error {
	e := (*exception)(nil)
	if !errors.As(err, &e) {
		return err
	}
	text, _, found := strings.Cut(e.text, ": In scope SELECT formatQuery(")
	if !found {
		return err
	}
	return &exception{code: e.code, text: text + ". (SYNTAX_ERROR)"}
}

// escapeParameter writes a text as a parameter's value, which is read like a field of TabSeparated.
func escapeParameter(text []byte) string {
	return strings.NewReplacer("\\", "\\\\", "\t", "\\t", "\n", "\\n", "\x00", "\\0").Replace(string(text))
}

// killWhenGone ends the request's query in the engine when its client is gone; the function it returns stops that. A
// query that computes without output would else run on: fetching and cancelling must not run at the same time, so the
// admin connection kills it. Killing repeats, since the query may not have been registered at the first time.
func (b *bridge) killWhenGone(ctx context.Context, id string) (stop func()) {
	over := make(chan struct{})
	go func() {
		select {
		case <-over:
			return
		case <-ctx.Done():
		}
		select {
		case <-over: // the usual end of a request's context
			return
		default:
		}
		for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Second) {
			if err := b.kill(id); err != nil {
				b.log.Warn("kill a query whose client is gone", "error", err)
			}
			select {
			case <-over:
				return
			case <-time.After(pause):
			}
		}
	}()
	return func() { close(over) }
}

// kill ends all queries whose log_comment starts with the text.
func (b *bridge) kill(comment string) error {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.admin.execute("KILL QUERY WHERE startsWith(Settings['log_comment'], " + quoteText(comment) + ") ASYNC")
}
