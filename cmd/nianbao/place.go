package main

import (
	"cmp"
	"context"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"nianbao/internal/warehouse"
)

// A place says where the warehouse is.
type place struct {
	data    string
	server  string
	library string
}

func (p *place) flags(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVar(&p.data, "data", cmp.Or(os.Getenv("NIANBAO_DATA"), "nianbao-data"), "folder of the embedded store (NIANBAO_DATA)")
	f.StringVar(&p.server, "clickhouse", "", "address of a ClickHouse server, http://user:password@host:8123/database, instead of the embedded store (NIANBAO_CLICKHOUSE)")
	f.StringVar(&p.library, "library", "", "libchdb.so, where it is in none of the usual places (NIANBAO_CHDB_LIB)")
}

// address is the server to use, "" for the embedded store. A --data on the command line wins over a server from the
// environment; the environment is no default of the flag, whose help would show the password.
func (p *place) address(c *cobra.Command) string {
	if p.server != "" || c.Flags().Changed("data") {
		return p.server
	}
	return os.Getenv("NIANBAO_CLICKHOUSE")
}

func (p *place) open(ctx context.Context, c *cobra.Command, log *slog.Logger) (*warehouse.Store, error) {
	opt := warehouse.Options{DSN: p.address(c), Library: p.library, Program: "nianbao " + version, Log: log}
	if opt.DSN == "" {
		opt.Data = p.data
	}
	return warehouse.Open(ctx, opt)
}
