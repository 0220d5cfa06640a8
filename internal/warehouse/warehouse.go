// Package warehouse keeps reports in ClickHouse: the files, what was read from them, and what the checks found.
//
// The warehouse is append-only. A [Batch] of filings is inserted table by table, and only the row in table batches,
// written last, makes it visible; a batch that was cut off by a crash is never seen. A corrected report is a new
// filing for the same agency and year, and which filing counts at which moment is computed from what was added:
// [VisibleFilings] is the one place that says how. Nothing is updated or deleted.
//
// The same code runs on the embedded engine and on a ClickHouse server (24.8 or later), over the HTTP interface of
// either. Values go in as [form.Filing] has them and come out the same: exact decimals, six states, positions.
//
// # Two writers
//
// Whether a file is new is asked before its batch is inserted, so two writers at the same moment could both add it.
// On the embedded engine package ingest excludes that with a lock in the data folder. A server has no such lock: run
// one ingest at a time per database. Should two run at once, no batch is damaged, but a file given to both may be
// stored as two versions, and two batches may carry the same commit time (their order is then that of their ids).
package warehouse

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"nianbao/internal/engine"
)

// Database is the name of the database, unless the address of a server names another.
const Database = "nianbao"

// Options say where the warehouse is. Either Data or DSN is given.
type Options struct {
	Data    string // folder of the embedded store; created if missing
	DSN     string // address of a ClickHouse server: http://user:password@host:8123/database, or https://…
	Library string // libchdb.so, where it is not in one of the usual places; embedded store only
	Program string // name and version of the calling program, kept with migrations and batches
	Log     *slog.Logger
	// Transport, if given, wraps what carries questions to ClickHouse, for those who count them.
	Transport func(http.RoundTripper) http.RoundTripper
}

// Store is an open warehouse. It is safe for use by several goroutines.
type Store struct {
	conn     driver.Conn
	where    *clickhouse.Options // how conn is reached
	embedded *engine.Engine      // nil on a server
	whole    *Store              // that it was narrowed from, nil if it shows everything; see [Store.Narrowed]
	codes    map[string]bool     // of the agencies that it shows then
	data     string
	program  string
	log      *slog.Logger

	ledgerLock sync.Mutex
	newest     *Ledger // the last one that was read of now

	figures figures // that were asked for last

	journal recorder
}

// Open opens the warehouse, creates its tables if it is new, and carries an older one forward. A store written by a
// newer program is refused.
func Open(ctx context.Context, opt Options) (*Store, error) {
	s := &Store{data: opt.Data, program: opt.Program, log: opt.Log}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var where *clickhouse.Options
	switch {
	case opt.DSN != "" && opt.Data != "":
		return nil, errors.New("open warehouse: both a data folder and a server are given, want one")
	case opt.DSN != "":
		var err error
		if where, err = serverOptions(opt.DSN); err != nil {
			return nil, fmt.Errorf("open warehouse: %w", err)
		}
	case opt.Data != "":
		e, err := engine.Open(ctx, engine.Options{Data: opt.Data, Library: opt.Library, Log: s.log})
		if err != nil {
			return nil, fmt.Errorf("open warehouse in %s: %w", opt.Data, err)
		}
		s.embedded = e
		where = embeddedOptions(e)
	default:
		return nil, errors.New("open warehouse: neither a data folder nor a server is given")
	}
	if wrap, inner := opt.Transport, where.TransportFunc; wrap != nil {
		where.TransportFunc = func(t *http.Transport) (http.RoundTripper, error) {
			if inner == nil {
				return wrap(t), nil
			}
			next, err := inner(t)
			return wrap(next), err
		}
	}
	err := s.connect(ctx, where)
	if err == nil {
		return s, nil
	}
	if s.embedded != nil {
		err = errors.Join(err, s.embedded.Close())
	}
	return nil, fmt.Errorf("open warehouse %s: %w", s.place(opt.DSN), err)
}

func (s *Store) connect(ctx context.Context, where *clickhouse.Options) error {
	conn, err := clickhouse.Open(where)
	if err != nil {
		return err
	}
	s.conn, s.where = conn, where
	migrate := func(ctx context.Context) error { return s.migrate(ctx, where, migrations) }
	if s.embedded != nil { // it is there, and comes back if it dies; a server may be anything
		err = s.insist(ctx, migrate)
	} else {
		err = migrate(ctx)
	}
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	return nil
}

// place names the store for people, without the password.
func (s *Store) place(dsn string) string {
	if s.data != "" {
		return "in " + s.data
	}
	if u, err := url.Parse(dsn); err == nil {
		u.RawQuery = ""
		return "on " + u.Redacted()
	}
	return "on the given server"
}

// connections is how many queries one program runs at a time; more wait. The engine is busy with 8 (two cores).
const connections = 32

func serverOptions(dsn string) (*clickhouse.Options, error) {
	const want = "want http://user:password@host:8123/database or https://…"
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, fmt.Errorf("parse the address of the ClickHouse server: not a URL, %s", want) // the error would show the password
	}
	switch u.Scheme {
	case "http":
	case "https":
		q := u.Query()
		q.Set("secure", "true")
		u.RawQuery = q.Encode()
	default:
		return nil, fmt.Errorf("parse the address of the ClickHouse server: scheme %q, %s", u.Scheme, want)
	}
	o, err := clickhouse.ParseDSN(u.String())
	if err != nil {
		return nil, fmt.Errorf("parse the address of the ClickHouse server: %w; %s", err, want)
	}
	if o.Auth.Database == "" {
		o.Auth.Database = Database
	}
	if o.MaxOpenConns == 0 {
		o.MaxOpenConns, o.MaxIdleConns = connections, connections/2
	}
	return o, nil
}

func embeddedOptions(e *engine.Engine) *clickhouse.Options {
	return &clickhouse.Options{
		Protocol: clickhouse.HTTP,
		Addr:     []string{"localhost:8123"}, // never resolved: every connection goes to the engine
		Auth:     clickhouse.Auth{Database: Database},
		DialContext: func(ctx context.Context, addr string) (net.Conn, error) {
			return e.DialContext(ctx, "tcp", addr)
		},
		TransportFunc: func(t *http.Transport) (http.RoundTripper, error) {
			t.Proxy = nil
			return t, nil
		},
		DialTimeout:  30 * time.Second,
		MaxOpenConns: connections,
		MaxIdleConns: connections / 2,
	}
}

// Close lets go of the store. The embedded engine ends if this program started it.
func (s *Store) Close() error {
	err := s.conn.Close()
	if s.embedded != nil {
		err = errors.Join(err, s.embedded.Close())
	}
	if err != nil {
		return fmt.Errorf("close warehouse: %w", err)
	}
	return nil
}

// Conn is the connection, for the queries of the read side. Table names need no database.
func (s *Store) Conn() driver.Conn { return s.conn }

// Data is the folder of the embedded store, "" on a server.
func (s *Store) Data() string { return s.data }

// Restarts counts how often this program had to start the embedded engine again; 0 on a server.
func (s *Store) Restarts() int {
	if s.embedded == nil {
		return 0
	}
	return s.embedded.Restarts()
}

// Ready reports whether the warehouse answers queries now.
func (s *Store) Ready(ctx context.Context) error {
	if s.embedded != nil {
		if err := s.embedded.Healthy(ctx); err != nil {
			return fmt.Errorf("ask the engine: %w", err)
		}
	}
	if err := s.conn.Ping(ctx); err != nil {
		return fmt.Errorf("ask the warehouse: %w", short(err))
	}
	return nil
}
