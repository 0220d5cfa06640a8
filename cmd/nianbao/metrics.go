package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"time"

	"nianbao/internal/observe"
	"nianbao/internal/warehouse"
)

// askTime is how long a reader of the counters waits for numbers that the warehouse has to be asked for.
const askTime = 2 * time.Second

// watch adds to the counters what is asked of the warehouse when they are read.
func watch(m *observe.Metrics, store *warehouse.Store) {
	m.Counter("nianbao_engine_restarts_total", "How often this program had to start the embedded engine again.", func() float64 { return float64(store.Restarts()) })
	m.Gauge("nianbao_ready", "1 if the warehouse answers, else 0.", func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), askTime)
		defer cancel()
		if store.Ready(ctx) != nil {
			return 0
		}
		return 1
	})
	m.Gauge("nianbao_last_commit_timestamp_seconds", "When the warehouse was last added to; NaN if it does not answer, 0 while it is empty.", func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), askTime)
		defer cancel()
		_, at, err := store.DataVersion(ctx)
		switch {
		case err != nil:
			return math.NaN()
		case at.IsZero():
			return 0
		}
		return float64(at.UnixMicro()) / 1e6
	})
}

// withMetrics answers /metrics to programs on this machine, and leaves the rest to next. What a proxy passes on comes from
// elsewhere, though the proxy may stand on this machine.
func withMetrics(m *observe.Metrics, next http.Handler) http.Handler {
	counters := m.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/metrics" {
			next.ServeHTTP(w, r)
			return
		}
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		passedOn := r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != "" || r.Header.Get("X-Real-Ip") != ""
		if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() || passedOn {
			http.Error(w, "the counters are read on this machine, or at the address of --metrics-listen", http.StatusForbidden)
			return
		}
		counters.ServeHTTP(w, r)
	})
}

// serveMetrics answers /metrics and /healthz at an address of their own until ctx ends. It returns once it listens.
func serveMetrics(ctx context.Context, address string, m *observe.Metrics, log *slog.Logger) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("serve the counters: %w; give another address with --metrics-listen", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	server := &http.Server{Handler: mux, ReadHeaderTimeout: headerTime, WriteTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the counters are no longer served", "error", err)
		}
	}()
	log.Info("nianbao serves its counters", "address", "http://"+listener.Addr().String()+"/metrics")
	return nil
}
