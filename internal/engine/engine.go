package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Options say where the store is and where the library may be.
type Options struct {
	Data      string       // the data folder, made with mode 0700 if it is missing
	Library   string       // the path of libchdb; "" looks in the places of FindLibrary
	Log       *slog.Logger // nil is slog.Default()
	MaxMemory uint64       // the most bytes the engine may use; 0 is half of the machine's memory
}

// Engine is the embedded ClickHouse of a data folder: supervised by this process, or by another nianbao that holds the
// folder. Which of the two can change while it is open.
type Engine struct {
	folder   folder
	options  Options
	restarts atomic.Int64
	timing   clocks
	closed   context.Context
	shut     context.CancelFunc

	mutex      sync.Mutex
	supervisor *supervisor // nil while another process supervises the engine
	refused    error       // why this process could not take over
	again      time.Time   // not before which it tries once more
}

var errClosed = errors.New("the engine is closed")

// patience is how long DialContext waits for an engine that is being restarted.
const patience = 10 * time.Second

// Open starts the engine's child process for the data folder and supervises it, or, when another nianbao holds the
// folder, uses that one's engine. It returns when the engine answers, or with an error that says why it does not.
func Open(ctx context.Context, o Options) (*Engine, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if os.Getenv(childVariable) != "" {
		return nil, errors.New("open the embedded engine: this program was started as an engine and does not know it; call engine.MaybeChild first in main or TestMain")
	}
	f, err := openFolder(o.Data)
	if err != nil {
		return nil, err
	}
	e := &Engine{folder: f, options: o, timing: timing}
	e.closed, e.shut = context.WithCancel(context.Background())
	if err := e.open(ctx); err != nil {
		e.shut()
		return nil, fmt.Errorf("open the embedded engine: %w", err)
	}
	return e, nil
}

func (e *Engine) open(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, e.timing.start)
	defer cancel()
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		held, err := lock(e.folder.lockFile())
		if err == nil {
			return e.own(ctx, held)
		}
		if !errors.Is(err, errHeld) {
			return err
		}
		if err = ping(ctx, e.dialOther, e.timing.healthAnswer); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("data folder %s is held by process %s, whose engine does not answer: %w", e.folder, holder(e.folder.lockFile()), err)
		case <-time.After(pause):
		}
	}
}

// own makes this process the supervisor and waits for the first child.
func (e *Engine) own(ctx context.Context, held *os.File) error {
	s, err := e.supervise(held)
	if err != nil {
		return err
	}
	err = s.wait(ctx)
	if err != nil {
		s.close()
		<-s.over
		e.release(s, err)
	}
	return err
}

// supervise starts a supervisor that holds the lock.
func (e *Engine) supervise(held *os.File) (*supervisor, error) {
	s, err := newSupervisor(e.folder, e.options, e.timing, held, &e.restarts)
	if err != nil {
		return nil, err
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.closed.Err() != nil {
		held.Close()
		return nil, errClosed
	}
	e.supervisor = s
	go func() {
		s.run()
		_, err, _ := s.state()
		e.release(s, err)
	}()
	return s, nil
}

// release gives supervision up after a first start that failed, so that a process that can may have the folder.
func (e *Engine) release(s *supervisor, err error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.supervisor == s && e.closed.Err() == nil {
		e.supervisor, e.refused, e.again = nil, err, time.Now().Add(time.Second)
	}
}

func (e *Engine) current() *supervisor {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return e.supervisor
}

// dialOther connects to the engine that another process supervises.
func (e *Engine) dialOther(ctx context.Context) (net.Conn, error) {
	a, err := e.folder.readAddress()
	if err != nil {
		return nil, fmt.Errorf("find the engine of another process: %w", err)
	}
	return new(net.Dialer).DialContext(ctx, "unix", a.Socket)
}

// DialContext connects to the engine; network and addr do not matter. While the child restarts it waits, at most until
// ctx ends or for ten seconds. When the process that supervised the engine is gone, this one takes its place.
//
// It fits http.Transport, and clickhouse.Options with the network left out:
//
//	DialContext: func(ctx context.Context, addr string) (net.Conn, error) { return e.DialContext(ctx, "", addr) }
func (e *Engine) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for pause := 2 * time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		conn, err := e.dial(ctx)
		if err == nil {
			return conn, nil
		}
		if e.closed.Err() != nil {
			return nil, fmt.Errorf("connect to the embedded engine: %w", errClosed)
		}
		select {
		case <-e.closed.Done():
			return nil, fmt.Errorf("connect to the embedded engine: %w", errClosed)
		case <-ctx.Done():
			return nil, fmt.Errorf("connect to the embedded engine: %w: %w", ctx.Err(), err)
		case <-time.After(pause):
		}
	}
}

// dial tries once.
func (e *Engine) dial(ctx context.Context) (net.Conn, error) {
	if e.closed.Err() != nil {
		return nil, errClosed
	}
	if s := e.current(); s != nil {
		if err := s.wait(ctx); err != nil {
			return nil, err
		}
		return s.dialSocket(ctx)
	}
	conn, err := e.dialOther(ctx)
	if err == nil {
		return conn, nil
	}
	return nil, errors.Join(err, e.takeOver())
}

// takeOver makes this process the supervisor when nobody is. It returns why not, nil when somebody is.
func (e *Engine) takeOver() error {
	e.mutex.Lock()
	refused, tooEarly := e.refused, time.Now().Before(e.again)
	e.mutex.Unlock()
	if tooEarly {
		return refused
	}
	held, err := lock(e.folder.lockFile())
	if errors.Is(err, errHeld) {
		return nil
	}
	if err != nil {
		return err
	}
	if e.current() != nil { // another goroutine was faster, and is over already
		held.Close()
		return nil
	}
	e.options.Log.Info("the process that supervised the engine is gone; taking its place", "data", e.folder)
	if _, err := e.supervise(held); err != nil {
		e.mutex.Lock()
		e.refused, e.again = err, time.Now().Add(time.Second)
		e.mutex.Unlock()
		return err
	}
	return nil
}

// wait returns when the child answers; with an error when ctx ends or supervision is over.
func (s *supervisor) wait(ctx context.Context) error {
	for {
		ready, err, changed := s.state()
		if ready {
			return nil
		}
		select {
		case <-changed:
		case <-s.over:
			if _, err, _ := s.state(); err != nil {
				return err
			}
			return errClosed
		case <-ctx.Done():
			if err != nil {
				return err
			}
			return fmt.Errorf("the engine is starting: %w", ctx.Err())
		}
	}
}

// Owner says whether this process supervises the engine's child.
func (e *Engine) Owner() bool { return e.current() != nil }

// Restarts counts how often this process had to start another child because one ended by itself or did not answer.
func (e *Engine) Restarts() int { return int(e.restarts.Load()) }

// Healthy asks the engine for an answer, within the deadline of ctx or ten seconds.
func (e *Engine) Healthy(ctx context.Context) error {
	return ping(ctx, func(ctx context.Context) (net.Conn, error) { return e.DialContext(ctx, "", "") }, patience)
}

// Close ends the child in order when this process supervises it: no more requests, three seconds for those that run,
// then they are killed. Other processes that use the engine lose their connections and take over. The error says that
// the child had to be killed.
func (e *Engine) Close() error {
	e.mutex.Lock()
	e.shut()
	s := e.supervisor
	e.mutex.Unlock()
	if s == nil {
		return nil
	}
	s.close()
	<-s.over
	if _, err, _ := s.state(); err != nil {
		return fmt.Errorf("close the embedded engine: %w", err)
	}
	return nil
}
