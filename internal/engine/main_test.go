package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

func TestMain(m *testing.M) {
	MaybeChild()
	if data := os.Getenv(parentVariable); data != "" {
		beParent(data)
	}
	os.Setenv("TZ", "Asia/Shanghai") // the engine must be in UTC all the same
	code := m.Run()
	if err := endSharedEngine(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// quiet swallows what an engine logs about faults that a test makes on purpose.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// needLibrary skips a test on a machine without the library.
func needLibrary(t testing.TB) string {
	t.Helper()
	path, _, err := FindLibrary("")
	if err != nil {
		t.Skipf("the embedded engine is not installed, so nothing about it can be tested: %v", err)
	}
	return path
}

// openEngine opens an engine on a folder of its own, for tests that hurt it.
func openEngine(t testing.TB, o Options) *Engine {
	t.Helper()
	needLibrary(t)
	if o.Data == "" {
		o.Data = t.TempDir()
	}
	if o.Log == nil {
		o.Log = quiet
	}
	e, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(e.Close(), faults(e)); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return e
}

var shared struct {
	once   sync.Once
	dir    string
	engine *Engine
	err    error
}

// sharedEngine is one engine for all tests that only use it. Each of them works in a database of its own.
func sharedEngine(t testing.TB) *Engine {
	t.Helper()
	needLibrary(t)
	shared.once.Do(func() {
		if shared.dir, shared.err = os.MkdirTemp("", "nianbao-engine-"); shared.err == nil {
			shared.engine, shared.err = Open(context.Background(), Options{Data: shared.dir, Log: quiet})
		}
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.engine
}

func endSharedEngine() error {
	if shared.engine == nil {
		return nil
	}
	defer os.RemoveAll(shared.dir)
	return errors.Join(shared.engine.Close(), faults(shared.engine))
}

// faults is what a child's log says of faults in this program: a panic, or a race when built with -race.
func faults(e *Engine) error {
	log, err := os.ReadFile(e.folder.logFile())
	if err != nil {
		return err
	}
	for _, word := range []string{"DATA RACE", "panic", "fatal error"} {
		if bytes.Contains(log, []byte(word)) {
			return fmt.Errorf("the engine's log has %q:\n%s", word, log)
		}
	}
	return nil
}

// connect opens a driver connection to an engine.
func connect(t testing.TB, e *Engine, change func(*clickhouse.Options)) driver.Conn {
	t.Helper()
	o := &clickhouse.Options{
		Protocol: clickhouse.HTTP,
		Addr:     []string{"engine:80"},
		Auth:     clickhouse.Auth{Username: "default"},
		DialContext: func(ctx context.Context, addr string) (net.Conn, error) {
			return e.DialContext(ctx, "", addr)
		},
		DialTimeout: 10 * time.Second,
		ReadTimeout: 60 * time.Second,
	}
	if change != nil {
		change(o)
	}
	conn, err := clickhouse.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// database makes an empty database in the shared engine and connects to it.
func database(t testing.TB, change func(*clickhouse.Options)) driver.Conn {
	t.Helper()
	e := sharedEngine(t)
	name := "t" + randomID()[:8]
	admin := connect(t, e, nil)
	execute(t, admin, "CREATE DATABASE "+name+" ENGINE = Atomic")
	t.Cleanup(func() { execute(t, admin, "DROP DATABASE "+name+" SYNC") })
	return connect(t, e, func(o *clickhouse.Options) {
		o.Auth.Database = name
		if change != nil {
			change(o)
		}
	})
}

func execute(t testing.TB, conn driver.Conn, statement string, args ...any) {
	t.Helper()
	if err := conn.Exec(context.WithoutCancel(t.Context()), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// one scans the single value of a query.
func one[T any](t testing.TB, conn driver.Conn, query string, args ...any) (value T) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), query, args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

// code is the ClickHouse code of an error, 0 when it has none.
func code(err error) int {
	if e := (*clickhouse.Exception)(nil); errors.As(err, &e) {
		return int(e.Code)
	}
	return 0
}

// execOn runs statements on a connection.
type execOn struct {
	t    testing.TB
	conn driver.Conn
}

func (e execOn) Exec(statement string) error { return e.conn.Exec(e.t.Context(), statement) }

// parentVariable makes the test binary a program that opens the engine of the folder it names, says so, and waits until
// it is killed or its stdin ends.
const parentVariable = "NIANBAO_ENGINE_TEST_PARENT"

func beParent(data string) {
	e, err := Open(context.Background(), Options{Data: data, Log: quiet})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("owner:", e.Owner())
	io.Copy(io.Discard, os.Stdin)
	if err := e.Close(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}
