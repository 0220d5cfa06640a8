//go:build !unix

package ingest

import (
	"context"
	"errors"
	"log/slog"
)

// lock refuses: the embedded engine, which alone has a data folder, runs on Linux only.
func lock(context.Context, string, *slog.Logger) (unlock func(), err error) {
	return nil, errors.New("lock the data folder: not supported on this system")
}
