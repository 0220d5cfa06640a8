package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// clocks are the times by which an engine is watched.
type clocks struct {
	start        time.Duration // how long a child may take until it answers
	healthEvery  time.Duration // between questions
	healthAnswer time.Duration // how long a healthy engine may take to answer SELECT 1, however busy
	steady       time.Duration // a child that lived so long starts the back-off anew
	backOff      time.Duration // before the second restart in a row; doubled for each further one
	maxBackOff   time.Duration
	graceful     time.Duration // how long a child may take to end after SIGTERM
}

// timing is a variable for the tests, which shorten it before they open an engine.
var timing = clocks{
	start: 60 * time.Second, healthEvery: 5 * time.Second, healthAnswer: 20 * time.Second,
	steady: time.Minute, backOff: 200 * time.Millisecond, maxBackOff: 10 * time.Second,
	graceful: 8 * time.Second,
}

// supervisor keeps the engine's child process of a data folder alive. It exists in the process that holds the folder.
type supervisor struct {
	folder   folder
	options  Options
	socket   string
	library  string
	lock     *os.File
	log      *slog.Logger
	restarts *atomic.Int64
	timing   clocks

	closing context.Context
	close   context.CancelFunc
	over    chan struct{} // closed when run returned and the lock is free

	mutex   sync.Mutex
	ready   bool
	err     error         // why the last start failed
	changed chan struct{} // closed and replaced when ready or err changes
}

// newSupervisor takes over the lock, and frees it when it returns an error.
func newSupervisor(f folder, o Options, timing clocks, held *os.File, restarts *atomic.Int64) (*supervisor, error) {
	s := &supervisor{folder: f, options: o, lock: held, log: o.Log, restarts: restarts, timing: timing,
		over: make(chan struct{}), changed: make(chan struct{})}
	var err error
	if s.socket, err = f.socket(); err == nil {
		s.library, _, err = FindLibrary(o.Library)
	}
	if err == nil {
		err = s.refuseLibraryInData()
	}
	if err == nil {
		err = f.writeAddress(address{PID: os.Getpid(), Socket: s.socket})
	}
	if err != nil {
		held.Close()
		return nil, err
	}
	s.closing, s.close = context.WithCancel(context.Background())
	return s, nil
}

// refuseLibraryInData keeps code out of what is data: the data folder may come from a backup or another machine.
func (s *supervisor) refuseLibraryInData() error {
	resolved, err := filepath.EvalSymlinks(s.library)
	if err != nil {
		return fmt.Errorf("find libchdb: %w", err)
	}
	if inside, err := filepath.Rel(string(s.folder), resolved); err == nil && filepath.IsLocal(inside) {
		return fmt.Errorf("find libchdb: %s is inside the data folder, from which no code is loaded; put it elsewhere and set %s", s.library, libraryVariable)
	}
	return nil
}

// run starts children one after the other until the supervisor is closed. It gives up when the first does not start.
func (s *supervisor) run() {
	defer close(s.over)
	defer s.lock.Close()
	defer os.Remove(s.folder.addresses())
	defer os.Remove(s.socket) // left by a child that was killed
	failures := 0
	for attempt := 0; ; attempt++ {
		began := time.Now()
		c, err := s.start()
		switch {
		case err == nil:
			s.announce(true, nil)
			err = s.watch(c)
			if s.closing.Err() == nil {
				s.log.Error("the engine's process ended; starting another", "error", err)
				s.restarts.Add(1)
			}
		case s.closing.Err() == nil:
			s.log.Error("the engine does not start", "error", err)
		}
		if errors.Is(err, errClosed) {
			err = nil
		}
		s.announce(false, err)
		if s.closing.Err() != nil || attempt == 0 && c == nil {
			return
		}
		if time.Since(began) > s.timing.steady {
			failures = 0
		}
		if failures++; failures > 1 {
			select {
			case <-time.After(min(s.timing.backOff<<min(failures-2, 16), s.timing.maxBackOff)):
			case <-s.closing.Done():
				return
			}
		}
	}
}

// process is a running child.
type process struct {
	command *exec.Cmd
	alive   io.Closer     // the writing end of its stdin: it ends when this is closed, or when we die
	exited  chan struct{} // closed after it ended
	err     error         // how; set before exited is closed
	logFrom int64         // where its words start in the log
}

// start starts a child and waits until it answers.
func (s *supervisor) start() (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start the engine: find this program: %w", err)
	}
	out, from, err := s.folder.openLog()
	if err != nil {
		return nil, fmt.Errorf("start the engine: %w", err)
	}
	defer out.Close()
	c := &process{exited: make(chan struct{}), logFrom: from}
	c.command = exec.Command(program, childCommand, "--data", string(s.folder), "--library", s.library,
		"--socket", s.socket, "--max-memory", strconv.FormatUint(s.options.MaxMemory, 10))
	c.command.Dir = string(s.folder)
	c.command.Env = environment()
	c.command.Stdout, c.command.Stderr = out, out
	// Its own process group, so that Ctrl-C reaches only this process, which ends the child in order.
	c.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if c.alive, err = c.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start the engine: %w", err)
	}
	if err := c.command.Start(); err != nil {
		return nil, fmt.Errorf("start the engine: %w", err)
	}
	go func() {
		c.err = c.command.Wait()
		close(c.exited)
	}()
	if err := s.waitUntilReady(c); err != nil {
		c.kill()
		return nil, fmt.Errorf("start the engine: %w%s", err, s.folder.logTail(c.logFrom))
	}
	return c, nil
}

// childVariable tells a program that it was started as an engine. One that does not dispatch the command would else run
// its usual course, and open the same engine again.
const childVariable = "NIANBAO_ENGINE_CHILD"

// environment is what the child gets of ours: nothing that could be a secret, since an engine can read its own. The
// engine takes its zone from it, and every DateTime depends on that.
func environment() []string {
	kept := []string{"TZ=" + timezone, childVariable + "=1"}
	for _, variable := range os.Environ() {
		if strings.HasPrefix(variable, "PATH=") || strings.HasPrefix(variable, "GO") {
			kept = append(kept, variable)
		}
	}
	return kept
}

func (s *supervisor) waitUntilReady(c *process) error {
	end := time.After(s.timing.start)
	for pause := time.Millisecond; ; pause = min(2*pause, 20*time.Millisecond) {
		err := ping(s.closing, s.dialSocket, s.timing.healthAnswer)
		if err == nil {
			return nil
		}
		select {
		case <-c.exited:
			return fmt.Errorf("its process ended: %w", errors.Join(c.err))
		case <-s.closing.Done():
			return errClosed
		case <-end:
			return fmt.Errorf("it did not answer within %v: %w", s.timing.start, err)
		case <-time.After(pause):
		}
	}
}

// watch returns when the child ended, after killing it if it did not answer, or ending it if the supervisor closes.
func (s *supervisor) watch(c *process) error {
	tick := time.NewTicker(s.timing.healthEvery)
	defer tick.Stop()
	for {
		select {
		case <-c.exited:
			if s.closing.Err() != nil {
				return nil
			}
			return fmt.Errorf("process %d ended: %w%s", c.command.Process.Pid, errors.Join(c.err), s.folder.logTail(c.logFrom))
		case <-s.closing.Done():
			return c.end(s.timing.graceful)
		case <-tick.C:
			err := ping(s.closing, s.dialSocket, s.timing.healthAnswer)
			if errors.Is(err, context.DeadlineExceeded) {
				c.kill()
				return fmt.Errorf("process %d did not answer within %v and was killed", c.command.Process.Pid, s.timing.healthAnswer)
			}
		}
	}
}

// end asks the child to end in order, and kills it when it takes too long.
func (c *process) end(patience time.Duration) error {
	c.command.Process.Signal(syscall.SIGTERM) // fails only when it ended already
	select {
	case <-c.exited:
		c.alive.Close()
		return nil
	case <-time.After(patience):
		c.kill()
		return fmt.Errorf("process %d did not end within %v and was killed", c.command.Process.Pid, patience)
	}
}

func (c *process) kill() {
	c.command.Process.Kill() // fails only when it ended already
	<-c.exited
	c.alive.Close()
}

func (s *supervisor) announce(ready bool, err error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.ready, s.err = ready, err
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *supervisor) state() (ready bool, err error, changed <-chan struct{}) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.ready, s.err, s.changed
}

func (s *supervisor) dialSocket(ctx context.Context) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "unix", s.socket)
}

// ping asks the engine whether it answers.
func ping(ctx context.Context, dial func(context.Context) (net.Conn, error), patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	transport := &http.Transport{
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
		DisableKeepAlives: true,
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://engine/ping", nil)
	if err != nil {
		return err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("ping the engine: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	if err != nil {
		return fmt.Errorf("ping the engine: %w", err)
	}
	if response.StatusCode != http.StatusOK || string(body) != "Ok.\n" {
		return fmt.Errorf("ping the engine: it answered %s: %s", response.Status, strings.TrimSpace(string(body)))
	}
	return nil
}

// maxLog is the size from which the log of the engine's process is set aside at the next start.
const maxLog = 16 << 20

// openLog opens the log for appending; from is where it ends now.
func (f folder) openLog() (file *os.File, from int64, err error) {
	if info, err := os.Stat(f.logFile()); err == nil && info.Size() > maxLog {
		if err := os.Rename(f.logFile(), f.logFile()+".1"); err != nil {
			return nil, 0, fmt.Errorf("set the engine's log aside: %w", err)
		}
	}
	file, err = os.OpenFile(f.logFile(), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, 0, fmt.Errorf("open the engine's log: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, 0, fmt.Errorf("open the engine's log: %w", err)
	}
	return file, info.Size(), nil
}

// logTail is the last words in the log behind from, for an error message.
func (f folder) logTail(from int64) string {
	const most = 2000
	file, err := os.Open(f.logFile())
	if err != nil {
		return ""
	}
	defer file.Close()
	content, err := io.ReadAll(io.NewSectionReader(file, from, 1<<20))
	if err != nil || len(content) == 0 {
		return ""
	}
	text := strings.TrimSpace(string(content))
	if len(text) > most {
		text = "…" + text[len(text)-most:]
	}
	return "; it said:\n" + text
}
