package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"nianbao/dashboard/page"
	"nianbao/ingest"
	"nianbao/internal/observe"
	"nianbao/internal/warehouse"
	"nianbao/query/api"
)

func serveCommand(p *place) *cobra.Command {
	var listen string
	var insecureOpen bool
	var limits api.Limits
	var memory int
	var journal journal
	var metricsListen string
	var logRequests bool
	var shutdownTime time.Duration
	c := &cobra.Command{
		Use:   "serve",
		Short: "serve the pages and the API",
		Long: `Serves the pages, and for programs the API at /api/v1 (described at /api/v1/openapi.json), until it is told to stop
(Ctrl-C or SIGTERM); requests that are being answered are finished.
/healthz says that the program runs, /readyz that the warehouse answers, /metrics counts for Prometheus, on this machine or at
--metrics-listen.

There are no accounts yet: whoever reaches the address sees everything. Therefore it listens on this machine alone;
an address that others can reach is refused unless --insecure-open is given, and then nothing can be decided.

The API gives up an answer that takes longer than --query-time (a table, which its reader may take in slowly, ten times
that) or whose queries take more than --query-memory each. One client address may make --rate requests a second on and on and
--burst at once, this machine's own programs 500 times as many; who asks more often is told when to come again (429).
A proxy in front is one client: let it limit its own.`,
		Example: "  nianbao serve --listen 127.0.0.1:8080",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := mayListen(listen, insecureOpen); err != nil {
				return err
			}
			limits.QueryMemory = uint64(memory) << 20
			log := journal.open(c.ErrOrStderr())
			// The address is taken first: that it is in use is known at once, and nothing was started.
			listener, err := net.Listen("tcp", listen)
			if err != nil {
				return fmt.Errorf("serve: %w; give another address with --listen", err)
			}
			defer listener.Close()
			metrics := observe.New(version)
			p.transport = metrics.Queries
			store, err := p.open(c.Context(), c, log)
			if err != nil {
				return err
			}
			watch(metrics, store)
			finishChecks(c.Context(), store, log)
			handler, err := handlers(store, log, listener.Addr(), limits)
			if err == nil && metricsListen != "" {
				err = serveMetrics(c.Context(), metricsListen, metrics, log)
			} else if err == nil {
				handler = withMetrics(metrics, handler)
			}
			if err == nil {
				requests := log
				if !logRequests {
					requests = nil
				}
				log.Info("nianbao serves", "version", version, "address", "http://"+listener.Addr().String())
				err = serve(c.Context(), listener, metrics.Requests(handler, requests), log, shutdownTime)
			}
			if err := errors.Join(err, store.Close()); err != nil {
				return fmt.Errorf("serve: %w", err)
			}
			return nil
		},
	}
	f := c.Flags()
	table.Bind(f, "listen", &listen)
	table.Bind(f, "insecure-open", &insecureOpen)
	table.Bind(f, "query-time", &limits.QueryTime)
	table.Bind(f, "query-memory", &memory)
	table.Bind(f, "rate", &limits.Rate)
	table.Bind(f, "burst", &limits.Burst)
	table.Bind(f, "metrics-listen", &metricsListen)
	table.Bind(f, "log-requests", &logRequests)
	table.Bind(f, "shutdown-time", &shutdownTime)
	journal.flags(f)
	return c
}

// finishChecks checks, beside everything else, the years that an ingest which was killed left unchecked.
func finishChecks(ctx context.Context, store *warehouse.Store, log *slog.Logger) {
	years, err := ingest.Unchecked(store.Data())
	if err != nil {
		log.Error("unchecked years are not known", "error", err)
	}
	if len(years) == 0 {
		return
	}
	go func() {
		log.Info("an ingest did not come to its end; its years are checked now", "years", years)
		report, err := ingest.Run(ctx, ingest.Options{Store: store, By: userName(), Log: log}, nil)
		if err != nil {
			log.Error("years stay unchecked until the next ingest", "years", years, "error", err)
			return
		}
		log.Info("the years are checked", "years", years, "reports", report.Assessed.Checked, "changed", report.Assessed.Changed)
	}()
}

// handlers are the pages and the API. Where others can reach the address nothing can be decided: nobody would know by whom.
func handlers(store *warehouse.Store, log *slog.Logger, listening net.Addr, limits api.Limits) (http.Handler, error) {
	o := api.Options{Store: store, Log: log, Program: version, Limits: limits}
	if a, ok := listening.(*net.TCPAddr); ok && a.IP.IsLoopback() {
		o.Decide = (&deciding{store: store}).decisions()
	}
	pages, err := page.New(page.Options{Store: store, Log: log, Version: version, Decide: o.Decide})
	if err != nil {
		return nil, err
	}
	go func() { // beside the first pages, which do not wait for it
		if err := page.Warm(); err != nil {
			log.Warn("pictures cannot be drawn on the server", "error", err)
		}
	}()
	programs, err := api.New(o)
	if err != nil {
		return nil, err
	}
	return routes(programs, pages), nil
}

// mayListen refuses addresses that are not of this machine alone.
func mayListen(listen string, open bool) error {
	a, err := net.ResolveTCPAddr("tcp", listen)
	if err != nil {
		return usageError{fmt.Errorf("serve: --listen %s: %w; want an address such as 127.0.0.1:8080", listen, err)}
	}
	if a.IP.IsLoopback() || open {
		return nil
	}
	return usageError{fmt.Errorf("serve: --listen %s can be reached by others, and there are no accounts yet; listen on 127.0.0.1, or give --insecure-open if everybody may see everything", listen)}
}

// The slowest client that is served.
const (
	headerTime = 10 * time.Second
	idleTime   = 2 * time.Minute
	writeTime  = 5 * time.Minute
)

// serve answers requests until ctx ends, and finishes those it has begun within some time.
func serve(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger, shutdownTime time.Duration) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       headerTime, // bodies are small: a decision and its reason
		IdleTimeout:       idleTime,
		WriteTimeout:      writeTime,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	log.Info("nianbao ends; requests that are being answered are finished")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		_ = server.Close()
		return fmt.Errorf("end: requests took more than %s and were cut off: %w", shutdownTime, err)
	}
	return nil
}
