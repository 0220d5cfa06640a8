package ingest

import (
	"context"
	"log/slog"
	"time"
)

var (
	noTime time.Time
	quiet  = slog.New(slog.DiscardHandler)
)

// saying is a log that passes on its messages.
func saying(to chan<- string) *slog.Logger { return slog.New(sayingHandler{to}) }

type sayingHandler struct{ to chan<- string }

func (sayingHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h sayingHandler) Handle(_ context.Context, r slog.Record) error {
	h.to <- r.Message
	return nil
}

func (h sayingHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h sayingHandler) WithGroup(string) slog.Handler      { return h }
