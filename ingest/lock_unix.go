//go:build unix

package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// lock keeps every other ingest out of the data folder until unlock is called. The lock belongs to the open file and
// ends with the process, however that ends; the number written into it is for people.
func lock(ctx context.Context, data string, log *slog.Logger) (unlock func(), err error) {
	name := filepath.Join(data, "ingest.lock")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	for said := false; ; {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			break
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", name, err)
		}
		if !said {
			holder, _ := os.ReadFile(name)
			log.Warn("waiting for another ingest into the same data folder to end", "data", data, "process", strings.TrimSpace(string(holder)))
			said = true
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			f.Close()
			return nil, fmt.Errorf("wait for another ingest into %s: %w", data, ctx.Err())
		}
	}
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt(fmt.Appendln(nil, os.Getpid()), 0)
	}
	return func() { f.Close() }, nil
}
