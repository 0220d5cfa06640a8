package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nianbao/dashboard/gate"
	"nianbao/dashboard/page"
	"nianbao/dashboard/wall"
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
	var uploadSize int
	var shutdownTime time.Duration
	var entrance entrance
	c := &cobra.Command{
		Use:   "serve",
		Short: "serve the pages and the API",
		Long: `Serves the pages, and for programs the API at /api/v1 (described at /api/v1/openapi.json), until it is told to stop
(Ctrl-C or SIGTERM); requests that are being answered are finished.
/healthz says that the program runs, /readyz that the warehouse answers, /metrics counts for Prometheus, on this machine or at
--metrics-listen.

Who may see and do what, accounts say (nianbao user, nianbao token). As long as there are none, whoever uses this machine may see
and decide everything, and an address that others can reach is refused unless --insecure-open is given, and then nothing can be
decided. With --tls-certificate and --tls-key it speaks TLS; behind a proxy name it with --trusted-proxies.

The API gives up an answer that takes longer than --query-time (a table, which its reader may take in slowly, ten times
that) or whose queries take more than --query-memory each. One client address may make --rate requests a second on and on and
--burst at once, this machine's own programs 500 times as many; who asks more often is told when to come again (429).
A proxy in front is one client, unless --trusted-proxies names it.`,
		Example: "  nianbao serve --listen 127.0.0.1:8080",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			limits.QueryMemory = uint64(memory) << 20
			log := journal.open(c.ErrOrStderr())
			// The address is taken first: that it is in use is known at once, and nothing was started.
			listener, err := net.Listen("tcp", listen)
			if err != nil {
				return fmt.Errorf("serve: %w; give another address with --listen", err)
			}
			defer listener.Close()
			o, err := entrance.options(c.Context(), log)
			if err != nil {
				return err
			}
			o.Open = insecureOpen
			protocol := "http"
			if entrance.certificate != "" {
				held, err := newCertificate(entrance.certificate, entrance.key, log)
				if err != nil {
					return fmt.Errorf("serve: %w", err)
				}
				listener, protocol = tls.NewListener(listener, held.config()), "https"
			}
			if _, err := os.Stat(p.data); err != nil && p.address() == "" { // there is no store: nobody has an account
				if err := mayListen(false, listener.Addr(), o, log); err != nil {
					return err
				}
			}
			metrics := observe.New(version)
			p.transport = metrics.Queries
			store, err := p.open(c.Context(), c, log)
			if err != nil {
				return err
			}
			watch(metrics, store)
			displays := &wall.Watch{}
			watchDisplays(metrics, store, displays)
			acts, err := store.AccountActs(c.Context())
			if err == nil {
				err = mayListen(len(acts) > 0, listener.Addr(), o, log)
			}
			if err != nil {
				return errors.Join(err, store.Close())
			}
			finishChecks(c.Context(), store, log)
			handler, err := handlers(store, log, listener.Addr(), limits, o, displays, uploads(store, log, metrics, uploadSize))
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
				log.Info("nianbao serves", "version", version, "address", protocol+"://"+listener.Addr().String())
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
	table.Bind(f, "upload-size", &uploadSize)
	table.Bind(f, "shutdown-time", &shutdownTime)
	entrance.flags(f)
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

// handlers are the pages and the API behind the gate, which makes them once for each set of agencies that somebody sees.
func handlers(store *warehouse.Store, log *slog.Logger, listening net.Addr, limits api.Limits, o gate.Options, displays *wall.Watch, uploads *page.Uploads) (http.Handler, error) {
	deciding := (&deciding{store: store}).decisions()
	o.Store, o.Log = store, log
	if a, ok := listening.(*net.TCPAddr); ok && a.IP.IsLoopback() && len(o.Proxies) == 0 {
		o.Loopback = true
	}
	o.Build = func(seen *warehouse.Store, sight string) (http.Handler, error) {
		decide := (&guard{sees: seen, next: deciding}).decisions()
		pages, err := page.New(page.Options{Store: seen, Log: log, Version: version, Watch: displays, Decide: decide, Sight: sight, Upload: uploads})
		if err != nil {
			return nil, err
		}
		programs, err := api.New(api.Options{Store: seen, Log: log, Program: version, Limits: limits, Decide: decide, Sight: sight})
		if err != nil {
			return nil, err
		}
		return routes(programs, limited(pages, limits)), nil
	}
	go func() { // beside the first pages, which do not wait for it
		if err := page.Warm(); err != nil {
			log.Warn("pictures cannot be drawn on the server", "error", err)
		}
	}()
	return gate.New(o)
}

// limited bounds what one page may take of the warehouse, as the API does for its answers.
func limited(pages http.Handler, limits api.Limits) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		table := strings.HasSuffix(r.URL.Path, ".csv") || strings.HasSuffix(r.URL.Path, ".xlsx")
		ctx, cancel := limits.Within(r.Context(), table)
		defer cancel()
		pages.ServeHTTP(w, r.WithContext(ctx))
	})
}

// mayListen refuses addresses that are not of this machine alone, unless there are accounts or everybody may see everything.
func mayListen(accounts bool, listening net.Addr, o gate.Options, log *slog.Logger) error {
	a, ok := listening.(*net.TCPAddr)
	switch {
	case accounts:
	case ok && a.IP.IsLoopback() && len(o.Proxies) == 0:
		log.Warn("there are no accounts: whoever uses this machine may see and decide everything; make the first with nianbao user add")
	case o.Open:
		log.Warn("there are no accounts: whoever reaches the address sees everything, and nobody may decide")
	case len(o.Proxies) > 0:
		return usageError{errors.New("serve: --trusted-proxies says that others ask, and there are no accounts yet; make one with nianbao user add, or give --insecure-open if everybody may see everything")}
	default:
		return usageError{fmt.Errorf("serve: --listen %s can be reached by others, and there are no accounts yet; make one with nianbao user add, listen on 127.0.0.1, or give --insecure-open if everybody may see everything", listening)}
	}
	return nil
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
