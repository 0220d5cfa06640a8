package main

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
)

// plainLog prints the log of a command for a person: the sentence, then what belongs to it. No time, no level.
func plainLog(w io.Writer) *slog.Logger { return slog.New(&plainHandler{w: w, mu: new(sync.Mutex)}) }

type plainHandler struct {
	mu    *sync.Mutex
	w     io.Writer
	attrs []slog.Attr
}

// Enabled lets through what a person at the terminal has to know.
func (h *plainHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

func (h *plainHandler) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString("nianbao: " + r.Message)
	write := func(a slog.Attr) bool {
		b.WriteString(", " + a.Key + " " + a.Value.String())
		return true
	}
	for _, a := range h.attrs {
		write(a)
	}
	r.Attrs(write)
	b.WriteByte('\n')
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := io.WriteString(h.w, b.String())
	return err
}

func (h *plainHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	more := *h
	more.attrs = append(more.attrs[:len(more.attrs):len(more.attrs)], attrs...)
	return &more
}

func (h *plainHandler) WithGroup(string) slog.Handler { return h }
