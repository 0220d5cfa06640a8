package main

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/spf13/cobra"

	"nianbao/internal/settings"
	"nianbao/internal/warehouse"
)

// A place says where the warehouse is.
type place struct {
	configuration
	data    string
	server  string
	library string
	// transport wraps what carries questions to the warehouse, if it is not nil.
	transport func(http.RoundTripper) http.RoundTripper
}

func (p *place) flags(root *cobra.Command) {
	p.configuration.flags(root)
	f := root.PersistentFlags()
	table.Bind(f, "data", &p.data)
	table.Bind(f, "clickhouse", &p.server)
	table.Bind(f, "library", &p.library)
}

// address is the server to use, "" for the embedded store. A data folder that was named nearer than the server wins: --data on the
// command line over a server in the environment.
func (p *place) address() string {
	if p.value("data").Origin > p.value("clickhouse").Origin {
		return ""
	}
	return p.server
}

func (p *place) open(ctx context.Context, c *cobra.Command, log *slog.Logger) (*warehouse.Store, error) {
	opt := warehouse.Options{DSN: p.address(), Library: p.library, Program: "nianbao " + version, Log: log, Transport: p.transport}
	if p.value("library").Origin == settings.FromEnvironment { // where the engine looks for itself, and names it
		opt.Library = ""
	}
	if opt.DSN == "" {
		opt.Data = p.data
	}
	return warehouse.Open(ctx, opt)
}
