package engine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// childOf is the process id of the engine of a data folder.
func childOf(t testing.TB, e *Engine) int {
	t.Helper()
	id, err := strconv.Atoi(holder(e.folder.childLock()))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func signalTo(t testing.TB, id int, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(id, s); err != nil {
		t.Fatalf("signal %v to %d: %v", s, id, err)
	}
}

// isAlive says whether a process exists; one whose parent did not look after it yet (a zombie) does not.
func isAlive(id int) bool {
	if syscall.Kill(id, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id)) // Linux only; elsewhere init is quick enough
	_, state, _ := strings.Cut(string(stat), ") ")
	return err != nil || !strings.HasPrefix(state, "Z")
}

// store makes a table in a database of its own and returns a connection to it.
func store(t testing.TB, e *Engine) driver.Conn {
	t.Helper()
	execute(t, connect(t, e, nil), "CREATE DATABASE IF NOT EXISTS store ENGINE = Atomic")
	c := connect(t, e, func(o *clickhouse.Options) { o.Auth.Database = "store" })
	execute(t, c, "CREATE TABLE IF NOT EXISTS t (a Int64) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100")
	return c
}

func fillStore(ctx context.Context, c driver.Conn, rows int) error {
	b, err := c.PrepareBatch(ctx, "INSERT INTO t")
	if err != nil {
		return err
	}
	for i := range rows {
		if err := b.Append(int64(i)); err != nil {
			return err
		}
	}
	return b.Send()
}

func countStore(ctx context.Context, c driver.Conn) (n uint64, err error) {
	err = c.QueryRow(ctx, "SELECT count() FROM t").Scan(&n)
	return n, err
}

func TestKilledEngineIsRestarted(t *testing.T) {
	t.Parallel()
	e := openEngine(t, Options{})
	c := store(t, e)
	if err := fillStore(t.Context(), c, 1000); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		// In the middle of a stream the client sees an error, never a short result.
		rows, err := c.Query(t.Context(), "SELECT number FROM numbers(1000000000)")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for rows.Next() {
			if n++; n == 100 {
				signalTo(t, childOf(t, e), syscall.SIGKILL)
			}
		}
		if rows.Err() == nil {
			t.Errorf("kill %d: %d rows of 1000000000 and no error", i, n)
		}
		rows.Close()
		// A request to the dying process may still be cut. Then all work, on whatever connections the pool has left.
		eventually(t, "the death is noticed", func() bool { return e.Restarts() == i+1 })
		for range 4 {
			if got := one[uint64](t, c, "SELECT count() FROM t"); got != 1000 {
				t.Errorf("kill %d: %d rows, want 1000", i, got)
			}
		}
		if e.Restarts() != i+1 || !e.Owner() {
			t.Errorf("kill %d: %d restarts, owner %v", i, e.Restarts(), e.Owner())
		}
	}
	if err := e.Healthy(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestKillDuringInsert: a batch is stored whole or not at all, and sending it again with its token makes it whole once.
func TestKillDuringInsert(t *testing.T) {
	t.Parallel()
	e := openEngine(t, Options{})
	c := store(t, e)
	const rows = 100_000
	for i := range 4 {
		ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": fmt.Sprint("batch ", i)}))
		before := one[uint64](t, c, "SELECT count() FROM t")
		acknowledged, child := make(chan struct{}), childOf(t, e)
		go func() {
			// At once, or when the engine is seen at work on the batch, or is through with it.
			for seen := i == 0; !seen; {
				select {
				case <-acknowledged:
					seen = true
				default:
					var n uint64
					err := c.QueryRow(ctx, "SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO t%'").Scan(&n)
					seen = err != nil || n > 0
				}
			}
			syscall.Kill(child, syscall.SIGKILL)
		}()
		for sent := false; !sent; {
			if sent = fillStore(ctx, c, rows) == nil; sent {
				close(acknowledged)
			}
			if n, err := countStore(ctx, c); err != nil {
				continue // the engine is dying
			} else if n != before && n != before+rows {
				t.Fatalf("batch %d: %d rows, want %d or %d: part of a batch is visible", i, n, before, before+rows)
			} else if sent && n != before+rows {
				t.Fatalf("batch %d is acknowledged and not stored", i)
			}
		}
		eventually(t, "the engine was killed", func() bool { return e.Restarts() > i })
		if n := one[uint64](t, c, "SELECT count() FROM t"); n != before+rows {
			t.Errorf("batch %d was acknowledged; after the kill %d rows, want %d", i, n, before+rows)
		}
		if err := fillStore(ctx, c, rows); err != nil {
			t.Fatal(err)
		}
		if n := one[uint64](t, c, "SELECT count() FROM t"); n != before+rows {
			t.Errorf("batch %d sent again: %d rows, want %d", i, n, before+rows)
		}
	}
}

func TestHangingEngineIsReplaced(t *testing.T) {
	defer func(before clocks) { timing = before }(timing)
	timing.healthEvery, timing.healthAnswer = 20*time.Millisecond, 500*time.Millisecond
	e := openEngine(t, Options{})
	c := store(t, e)
	child := childOf(t, e)
	signalTo(t, child, syscall.SIGSTOP)
	eventually(t, "another child runs", func() bool { return e.Restarts() == 1 })
	if got := one[uint8](t, c, "SELECT 1"); got != 1 || isAlive(child) {
		t.Errorf("after the restart: SELECT 1 = %d, the hanging child is alive: %v", got, isAlive(child))
	}
}

func TestSignals(t *testing.T) {
	t.Parallel()
	e := openEngine(t, Options{})
	c := store(t, e)
	child := childOf(t, e)
	for _, s := range []syscall.Signal{syscall.SIGHUP, syscall.SIGPIPE, syscall.SIGURG} {
		signalTo(t, child, s)
	}
	if got := one[uint8](t, c, "SELECT 1"); got != 1 || e.Restarts() != 0 || childOf(t, e) != child {
		t.Errorf("after SIGHUP, SIGPIPE and SIGURG: %d, %d restarts", got, e.Restarts())
	}
	group, err := syscall.Getpgid(child)
	if err != nil || group == syscall.Getpgrp() {
		t.Errorf("the child is in process group %d (%v), want one of its own: Ctrl-C would reach it", group, err)
	}
}

func TestTwoOpensShareOneEngine(t *testing.T) {
	t.Parallel()
	needLibrary(t)
	data := t.TempDir()
	engines := make([]*Engine, 4)
	var all sync.WaitGroup
	for i := range engines {
		all.Go(func() {
			var err error
			if engines[i], err = Open(t.Context(), Options{Data: data, Log: quiet}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var owner, other *Engine
	owners := 0
	for _, e := range engines {
		if e == nil {
			t.FailNow()
		}
		defer e.Close()
		if e.Owner() {
			owners++
			owner = e
		} else {
			other = e
		}
	}
	if owners != 1 {
		t.Fatalf("%d owners, want 1", owners)
	}
	store(t, owner)
	c := store(t, other)
	if err := fillStore(t.Context(), c, 10); err != nil {
		t.Fatal(err)
	}
	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := owner.DialContext(t.Context(), "", ""); err == nil {
		t.Error("a closed engine connects")
	}
	// The owner is gone: whoever needs the engine next takes over, and the others use it.
	for _, e := range engines {
		if e != owner {
			if n := one[uint64](t, store(t, e), "SELECT count() FROM t"); n != 10 {
				t.Errorf("%d rows after the owner closed, want 10", n)
			}
		}
	}
	owners = 0
	for _, e := range engines {
		if e != owner && e.Owner() {
			owners++
		}
	}
	if owners != 1 {
		t.Errorf("%d owners after the first closed, want 1", owners)
	}
}

// startParent starts a program that owns the engine of a data folder.
func startParent(t *testing.T, data string) *exec.Cmd {
	t.Helper()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentVariable+"="+data)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parent.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		parent.Process.Kill()
		parent.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "owner: true\n" {
		t.Fatalf("the parent said %q, %v", line, err)
	}
	return parent
}

func TestParentDies(t *testing.T) {
	t.Parallel()
	needLibrary(t)
	data := t.TempDir()
	parent := startParent(t, data)
	e := openEngine(t, Options{Data: data})
	if e.Owner() {
		t.Fatal("two processes own one engine")
	}
	c := store(t, e)
	if err := fillStore(t.Context(), c, 10); err != nil {
		t.Fatal(err)
	}
	child := childOf(t, e)
	// Busy, so that it cannot be waiting for anything.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- c.Exec(ctx, "SELECT max(sipHash64(number)) FROM numbers(1000000000000)") }()
	eventually(t, "a query runs", func() bool {
		return one[uint64](t, c, "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%'") > 1
	})
	signalTo(t, parent.Process.Pid, syscall.SIGKILL)
	if err := <-ended; err == nil || ctx.Err() != nil {
		t.Error("a query outlived its engine without an error")
	}
	eventually(t, "the child of the dead parent is gone", func() bool { return !isAlive(child) })
	if n := one[uint64](t, c, "SELECT count() FROM t"); n != 10 {
		t.Errorf("%d rows after the take-over, want 10", n)
	}
	if !e.Owner() || childOf(t, e) == child {
		t.Errorf("owner %v, child %d (was %d); want this process to have taken over", e.Owner(), childOf(t, e), child)
	}
}

func TestCloseEndsTheChildInOrder(t *testing.T) {
	t.Parallel()
	e := openEngine(t, Options{})
	c := store(t, e)
	child := childOf(t, e)
	answer := make(chan error, 1)
	go func() { answer <- c.Exec(t.Context(), "SELECT sleepEachRow(0.5) FROM numbers(1)") }()
	eventually(t, "a query runs", func() bool {
		return one[uint64](t, c, "SELECT count() FROM system.processes WHERE query LIKE 'SELECT sleepEachRow%'") > 0
	})
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if err := <-answer; err != nil {
		t.Errorf("a short query was cut when the engine closed: %v", err)
	}
	if isAlive(child) {
		t.Error("the child is alive after Close")
	}
	for _, path := range []string{e.folder.addresses(), filepath.Join(string(e.folder), "engine.sock")} {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", filepath.Base(path), err)
		}
	}
	log, err := os.ReadFile(e.folder.logFile())
	if err != nil || !strings.Contains(string(log), `msg="engine ended" chdb_shutdown=`) {
		t.Errorf("the log does not end in order: %v\n%s", err, log)
	}
	again := openEngine(t, Options{Data: string(e.folder)})
	if !again.Owner() {
		t.Error("the lock is not free after Close")
	}
}

// TestCloseCutsWhatIsLong: a query without end does not keep the engine from closing.
func TestCloseCutsWhatIsLong(t *testing.T) {
	t.Parallel()
	e := openEngine(t, Options{})
	c := store(t, e)
	answer := make(chan error, 1)
	go func() { answer <- c.Exec(t.Context(), "SELECT max(sipHash64(number)) FROM numbers(1000000000000)") }()
	eventually(t, "a query runs", func() bool {
		return one[uint64](t, c, "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%'") > 1
	})
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if err := <-answer; err == nil {
		t.Error("a query that was cut gave no error")
	}
}

func TestEverythingIsForTheOwnerAlone(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	e := openEngine(t, Options{Data: filepath.Join(t.TempDir(), "new", "folder")})
	if err := fillStore(t.Context(), store(t, e), 10); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(string(e.folder), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && d.Type()&fs.ModeSymlink == 0 && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v; others can get at it", path, info.Mode())
		}
		if d.Name() == "engine.sock" && info.Mode() != fs.ModeSocket|0o600 {
			t.Errorf("the socket has mode %v, want 0600", info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestLongDataFolder(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", "")
	e := openEngine(t, Options{Data: filepath.Join(t.TempDir(), strings.Repeat("很长的文件夹", 12))})
	if got := one[uint8](t, connect(t, e, nil), "SELECT 1"); got != 1 {
		t.Error(got)
	}
	a, err := e.folder.readAddress()
	if err != nil || len(a.Socket) > maxSocketPath || strings.HasPrefix(a.Socket, string(e.folder)) || a.PID != os.Getpid() {
		t.Errorf("address %+v, %v; want a short path outside the data folder", a, err)
	}
	t.Cleanup(func() { os.RemoveAll(filepath.Dir(a.Socket)) })
	other := openEngine(t, Options{Data: string(e.folder)})
	if other.Owner() || other.Healthy(t.Context()) != nil {
		t.Error("the second process does not find the socket")
	}
	if info, err := os.Stat(filepath.Dir(a.Socket)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of the socket: %v, %v; want mode 0700", info, err)
	}
}

func TestLongDataFolderWithAStrangersSocket(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", "")
	f := folder("/" + strings.Repeat("long/", 30) + randomID())
	path, err := f.socket()
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(filepath.Dir(path))
	if err := os.Chmod(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := f.socket(); err == nil {
		t.Error("a folder that others can write is taken for the socket")
	}
}

func TestHeldFolderWithoutAnEngine(t *testing.T) {
	data := t.TempDir()
	held, err := lock(folder(data).lockFile())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = Open(ctx, Options{Data: data, Log: quiet})
	want := fmt.Sprintf("open the embedded engine: data folder %s is held by process %d, whose engine does not answer: ", data, os.Getpid())
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("open = %v, want %s…", err, want)
	}
}

func TestProgramThatForgetsToBeAChild(t *testing.T) {
	t.Setenv(childVariable, "1")
	if _, err := Open(t.Context(), Options{Data: t.TempDir(), Log: quiet}); err == nil || !strings.Contains(err.Error(), "MaybeChild") {
		t.Errorf("open in a program that was started as an engine: %v", err)
	}
}

func TestUnusableLibrary(t *testing.T) {
	library := func(name string) string { return filepath.Join(t.TempDir(), name) }
	text := library("text.so")
	if err := os.WriteFile(text, []byte("not a library"), 0o700); err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		library("missing.so"): "find libchdb: the --library flag names",
		text:                  "load libchdb " + text,
	}
	if compiler, err := exec.LookPath("cc"); err == nil {
		source, other := library("other.c"), library("other.so")
		if err := os.WriteFile(source, []byte(`const char *chdb_version(void) { return "25.1.0"; }`), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(compiler, "-shared", "-fPIC", "-o", other, source).CombinedOutput(); err != nil {
			t.Fatalf("compile: %v: %s", err, out)
		}
		tests[other] = "it is version 25.1.0, want exactly " + LibraryVersion
	}
	for path, want := range tests {
		data := t.TempDir()
		e, err := Open(t.Context(), Options{Data: data, Library: path, Log: quiet})
		if err == nil {
			e.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("open with %s: %v, want … %s …", path, err, want)
		}
		if held, err := lock(folder(data).lockFile()); err != nil {
			t.Errorf("after a failed open: %v; want the lock to be free", err)
		} else {
			held.Close()
		}
	}
	inside := t.TempDir()
	if err := os.WriteFile(filepath.Join(inside, "libchdb.so"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Data: inside, Library: filepath.Join(inside, "libchdb.so"), Log: quiet}); err == nil || !strings.Contains(err.Error(), "is inside the data folder") {
		t.Errorf("open with a library in the data folder: %v", err)
	}
}

func TestFindLibrary(t *testing.T) {
	t.Setenv(libraryVariable, "")
	t.Chdir(t.TempDir())
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	_, looked, err := FindLibrary("")
	if err == nil {
		t.Skip("libchdb is installed for all users of this machine, so not finding it cannot be tested")
	}
	for _, place := range looked {
		if !strings.Contains(err.Error(), place) {
			t.Errorf("the error does not name %s: %v", place, err)
		}
	}
	for _, want := range []string{"make build", libraryVariable, packageVersion} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
	userCache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	cached := filepath.Join(userCache, "nianbao", "chdb", packageVersion, "node_modules", "@chdb", libraryPackage(), "libchdb.so")
	here := filepath.Join("node_modules", "@chdb", libraryPackage(), "libchdb.so")
	named := filepath.Join(t.TempDir(), "named.so")
	// Each place comes before the ones tried so far.
	for _, path := range []string{cached, here} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		want, _ := filepath.Abs(path)
		if got, _, err := FindLibrary(""); err != nil || got != want {
			t.Errorf("found %s, %v; want %s", got, err, want)
		}
	}
	t.Setenv(libraryVariable, named)
	if got, _, err := FindLibrary(""); err == nil || !strings.Contains(err.Error(), libraryVariable+" names "+named) {
		t.Errorf("a variable that names nothing: %s, %v; want an error and no other library", got, err)
	}
	if err := os.WriteFile(named, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, _, err := FindLibrary(""); err != nil || got != named {
		t.Errorf("found %s, %v; want %s", got, err, named)
	}
	if got, _, err := FindLibrary(cached); err != nil || got != cached {
		t.Errorf("found %s, %v; want %s", got, err, cached)
	}
}

func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	e := openEngine(t, Options{MaxMemory: 700 << 20})
	c := connect(t, e, nil)
	if err := c.Exec(t.Context(), "SELECT arraySum(range(300000000))"); code(err) != 241 {
		t.Errorf("a query over the engine's memory: %v, want code 241", err)
	}
	if err := e.Healthy(t.Context()); err != nil || e.Restarts() != 0 {
		t.Errorf("after it: %v, %d restarts", err, e.Restarts())
	}
}

func TestBackup(t *testing.T) {
	t.Parallel()
	e := openEngine(t, Options{})
	c := store(t, e)
	if err := fillStore(t.Context(), c, 1000); err != nil {
		t.Fatal(err)
	}
	inside := filepath.Join(string(e.folder), "backups", "one.tar.gz")
	execute(t, c, "BACKUP DATABASE store TO File('"+inside+"')")
	execute(t, c, "RESTORE DATABASE store AS restored FROM File('"+inside+"')")
	if n := one[uint64](t, c, "SELECT count() FROM restored.t"); n != 1000 {
		t.Errorf("restored %d rows, want 1000", n)
	}
	outside := filepath.Join(t.TempDir(), "two.tar")
	if err := c.Exec(t.Context(), "BACKUP DATABASE store TO File('"+outside+"')"); code(err) != 36 {
		t.Errorf("backup outside the data folder: %v, want code 36", err)
	}
}

// TestListen: the child as a server on TCP, for one user with a password.
func TestListen(t *testing.T) {
	t.Parallel()
	library, data := needLibrary(t), t.TempDir()
	password := filepath.Join(data, "password")
	if err := os.WriteFile(password, []byte("geheim\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := exec.Command(os.Args[0], childCommand, "--data", data, "--library", library, "--listen", "127.0.0.1:0", "--user", "anna", "--password-file", password)
	stdin, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Process.Kill()
	words := bufio.NewScanner(stderr)
	address := ""
	for address == "" && words.Scan() {
		if _, rest, found := strings.Cut(words.Text(), `msg="engine listens" address=`); found {
			address = rest
		}
	}
	dial := func(user, password string) error {
		c := connect(t, nil, func(o *clickhouse.Options) {
			o.Addr, o.DialContext = []string{address}, nil
			o.Auth = clickhouse.Auth{Username: user, Password: password}
		})
		return c.Ping(t.Context())
	}
	if err := dial("anna", "geheim"); err != nil {
		t.Errorf("right password: %v", err)
	}
	for _, wrong := range [][2]string{{"anna", "x"}, {"default", ""}, {"", ""}, {"bert", "geheim"}} {
		if err := dial(wrong[0], wrong[1]); code(err) != codeAuthentication {
			t.Errorf("user %q with password %q: %v, want code 516", wrong[0], wrong[1], err)
		}
	}
	for name, params := range map[string]url.Values{"right": {"user": {"anna"}, "password": {"geheim"}}, "wrong": {"user": {"anna"}, "password": {"y"}}} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET /ping?%s HTTP/1.0\r\n\r\n", params.Encode())
		line, _ := bufio.NewReader(conn).ReadString('\n')
		if strings.Contains(line, " 200 ") != (name == "right") {
			t.Errorf("%s password in the URL: %s", name, line)
		}
		conn.Close()
	}
	stdin.Close()
	for words.Scan() {
	}
	if err := server.Wait(); err != nil {
		t.Errorf("after its stdin ended: %v", err)
	}
}

func TestChildUsage(t *testing.T) {
	for _, test := range []struct {
		args   string
		status int
		want   string
	}{
		{"--nope", exitUsage, "flag provided but not defined: -nope"},
		{"--data x --listen 127.0.0.1:0", exitUsage, "serve 127.0.0.1:0: --user and a --password-file with a password in it are required"},
		{"", exitFailure, "open the data folder: its path is empty"},
	} {
		var out strings.Builder
		if status := Child(strings.Fields(test.args), strings.NewReader(""), &out); status != test.status || !strings.Contains(out.String(), test.want) {
			t.Errorf("engine %s: status %d, %q; want %d, %q", test.args, status, out.String(), test.status, test.want)
		}
	}
}
