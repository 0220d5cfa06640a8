package engine

import (
	"context"
	"crypto/subtle"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// childCommand is the name of the hidden command that Child is the body of.
const childCommand = "engine"

// Exit statuses of the child.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

// Child is the body of the hidden command `nianbao engine`: it loads libchdb and serves ClickHouse's HTTP interface on
// a unix socket until stdin ends, which is how it learns that its parent died, or until SIGTERM. It returns the exit
// status of the process; messages go to stderr.
//
// With --listen it also serves a TCP address, for which --user and --password-file are then required.
func Child(args []string, stdin io.Reader, stderr io.Writer) int {
	c := &child{log: slog.New(slog.NewTextHandler(stderr, nil))}
	flags := flag.NewFlagSet("nianbao "+childCommand, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&c.data, "data", "", "the data `folder`")
	flags.StringVar(&c.library, "library", "", "the `path` of libchdb")
	flags.StringVar(&c.socket, "socket", "", "the `path` of the unix socket to serve")
	flags.Uint64Var(&c.maxMemory, "max-memory", 0, "the most `bytes` the engine may use; 0 is half of the machine's")
	flags.StringVar(&c.listen, "listen", "", "a TCP `address` to serve too, for one user with a password")
	flags.StringVar(&c.user, "user", "", "the `name` of the user for --listen")
	flags.StringVar(&c.passwordFile, "password-file", "", "the `file` with the password for --listen")
	if err := flags.Parse(args); err != nil {
		return exitUsage
	}
	if c.listen != "" {
		content, err := os.ReadFile(c.passwordFile)
		c.password = strings.TrimRight(string(content), "\r\n")
		if err != nil || c.user == "" || c.password == "" {
			fmt.Fprintf(stderr, "serve %s: --user and a --password-file with a password in it are required\n", c.listen)
			return exitUsage
		}
	}
	f, err := openFolder(c.data)
	if err == nil && stdin == os.Stdin { // that is, in a process of its own
		err = c.confine(f, args)
	}
	// Before anything slow, so that an orphan ends at once even while it boots. Nothing is lost: the engine stands any
	// end, and nothing was served yet.
	c.orphaned = make(chan struct{})
	go func() {
		io.Copy(io.Discard, stdin)
		close(c.orphaned)
	}()
	if err == nil {
		err = c.run(f)
	}
	if err != nil {
		fmt.Fprintf(stderr, "%v\n", err)
		return exitFailure
	}
	return exitOK
}

// MaybeChild runs Child and ends the process when it was started as an engine. Call it first in TestMain of every
// package whose tests open an engine: there the program that Open starts is the test binary.
func MaybeChild() {
	if len(os.Args) > 1 && os.Args[1] == childCommand {
		os.Exit(Child(os.Args[2:], os.Stdin, os.Stderr))
	}
}

type child struct {
	data, library, socket  string
	listen, user, password string
	passwordFile           string
	maxMemory              uint64
	log                    *slog.Logger
	orphaned               chan struct{}
}

// confine starts this process again without the rights that an engine does not need. It returns in the process that
// is confined, and where the system cannot do it.
func (c *child) confine(f folder, args []string) error {
	program, err := os.Executable()
	if err == nil {
		readable, writable := []string{c.library, c.passwordFile}, []string{string(f)}
		if c.socket != "" {
			writable = append(writable, filepath.Dir(c.socket))
		}
		err = confine(readable, writable, program, append([]string{childCommand}, args...))
	}
	if errors.Is(err, errHalfConfined) {
		return err
	}
	c.log.Info("engine is confined to its folder", "confined", err == nil, "reason", err)
	return nil
}

// errHalfConfined says that one thread of this process gave its rights up, and the others did not.
var errHalfConfined = errors.New("confine the engine")

func (c *child) run(f folder) error {
	// Everything the engine writes is for this user alone; it makes its own directories 0755.
	syscall.Umask(0o077)
	// A terminal that closes ends the parent, which ends this process in order. SIGPIPE would end it when it comes to a thread of
	// the engine: the Go runtime, which lets it pass on its own threads, knows nothing of those.
	signal.Ignore(syscall.SIGHUP, syscall.SIGPIPE)
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM, os.Interrupt)

	held, err := c.lockStore(f, terminated)
	if err != nil || held == nil {
		return err
	}
	defer held.Close()
	if err := f.writeConfiguration(c.maxMemory); err != nil {
		return err
	}
	lib, err := loadLibrary(c.library)
	if err != nil {
		return err
	}
	admin, err := lib.open("nianbao", "--path="+f.store(), "--config-file="+f.config(), "--log_comment=nianbao-admin")
	if err != nil {
		return fmt.Errorf("start the engine on %s: %w", f.store(), err)
	}
	b := &bridge{lib: lib, path: f.store(), admin: admin, log: c.log,
		gate: newGate(min(max(8, 4*runtime.NumCPU()), 16), maxOpen, maxPatience)}
	servers, failed, err := c.serve(b)
	if err != nil {
		return err
	}
	c.log.Info("engine is ready", "data", f, "library", c.library, "socket", c.socket, "listen", c.listen)

	// A grace for requests that are being answered, unless nobody is left to want the answers.
	grace := 3 * time.Second
	select {
	case <-c.orphaned:
		grace = 0
		c.log.Info("engine ends: its parent is gone")
	case s := <-terminated:
		c.log.Info("engine ends", "signal", s.String())
	case err = <-failed:
		c.log.Error("engine ends: a listener failed", "error", err)
	}
	servers.end(grace, b, c.log)
	admin.close()
	// Answers 1 as soon as the store has a MergeTree table, which harms nothing: the process ends now.
	c.log.Info("engine ended", "chdb_shutdown", lib.shutdown())
	return err
}

// lockStore takes the store. Another engine's process may still be ending: after a kill -9 of its parent it needs a
// moment to notice. It returns nil when this process is to end instead.
func (c *child) lockStore(f folder, terminated <-chan os.Signal) (*os.File, error) {
	const patience = 30 * time.Second
	for end := time.Now().Add(patience); ; {
		held, err := lock(f.childLock())
		if !errors.Is(err, errHeld) {
			return held, err
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("start the engine on %s: process %s runs an engine there and did not end within %v", f, holder(f.childLock()), patience)
		}
		select {
		case <-c.orphaned:
			return nil, nil
		case <-terminated:
			return nil, nil
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// servers are the HTTP servers of the child, on the socket and perhaps on TCP, with what they have in hand.
type servers struct {
	all     []*http.Server
	serving sync.WaitGroup
}

func (c *child) serve(b *bridge) (*servers, <-chan error, error) {
	if c.socket == "" && c.listen == "" {
		return nil, nil, errors.New("serve the engine: neither --socket nor --listen is given")
	}
	s, failed := &servers{}, make(chan error, 2)
	start := func(l net.Listener, handler http.Handler) {
		server := &http.Server{
			Handler:           s.counted(handler),
			ReadHeaderTimeout: 10 * time.Second,
			MaxHeaderBytes:    4 << 20, // a statement may stand in the URL, each byte of it as three
			ErrorLog:          slog.NewLogLogger(c.log.Handler(), slog.LevelDebug),
		}
		s.all = append(s.all, server)
		go func() {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		}()
	}
	if c.socket != "" {
		l, err := listenUnix(c.socket)
		if err != nil {
			return nil, nil, err
		}
		start(l, b)
	}
	if c.listen != "" {
		l, err := net.Listen("tcp", c.listen)
		if err != nil {
			return nil, nil, fmt.Errorf("serve the engine: %w", err)
		}
		c.log.Info("engine listens", "address", l.Addr().String())
		start(l, c.guarded(b))
	}
	return s, failed, nil
}

// listenUnix listens on a socket that only this user can open. A socket file that is there was left by an engine that
// was killed: this process holds the lock.
func listenUnix(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("serve the engine: remove the old socket: %w", err)
	}
	before := syscall.Umask(0o177)
	l, err := net.Listen("unix", path)
	syscall.Umask(before)
	if err != nil {
		return nil, fmt.Errorf("serve the engine: %w", err)
	}
	return l, nil
}

// guarded asks requests that come by TCP for the name and the password.
func (c *child) guarded(b *bridge) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e := c.permit(r); e != nil {
			newAnswer(w, &request{queryID: randomID()}).fail(e)
			return
		}
		b.ServeHTTP(w, r)
	})
}

func (c *child) permit(r *http.Request) *exception {
	user, password, given := r.BasicAuth()
	if !given {
		user, password = r.Header.Get("X-ClickHouse-User"), r.Header.Get("X-ClickHouse-Key")
	}
	if user == "" {
		user, password = r.URL.Query().Get("user"), r.URL.Query().Get("password")
	}
	right := subtle.ConstantTimeCompare([]byte(user), []byte(c.user)) & subtle.ConstantTimeCompare([]byte(password), []byte(c.password))
	if right != 1 {
		return refuse(codeAuthentication, "AUTHENTICATION_FAILED", "%s: Authentication failed: password is incorrect, or there is no user with such name", user)
	}
	return nil
}

func (s *servers) counted(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serving.Add(1)
		defer s.serving.Done()
		handler.ServeHTTP(w, r)
	})
}

// end stops accepting, gives running requests a grace, kills what is left, and waits until no request is inside the
// library any more, or for a second.
func (s *servers) end(grace time.Duration, b *bridge, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	for _, server := range s.all {
		if err := server.Shutdown(ctx); err != nil && grace > 0 {
			log.Info("requests did not end in time; they are cut", "error", err)
		}
	}
	if err := b.kill(commentStart); err != nil {
		log.Info("kill the queries left", "error", err)
	}
	for _, server := range s.all {
		server.Close()
	}
	over := make(chan struct{})
	go func() {
		s.serving.Wait()
		close(over)
	}()
	select {
	case <-over:
	case <-time.After(time.Second):
		log.Info("a statement is still inside the engine; it ends with the process")
	}
}
