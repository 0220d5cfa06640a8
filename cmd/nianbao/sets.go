package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nianbao/ingest/decide"
	"nianbao/internal/warehouse"
)

// setCommand is about named sets of agencies that are compared with each other.
func setCommand(p *place) *cobra.Command {
	d := decision{place: p}
	save := d.flags(&cobra.Command{Use: "save NAME CODE...", Short: "save agencies under a name, in the place of the set that bears it", Args: cobra.MinimumNArgs(2),
		Long: `Saves a set of agencies, by their codes, so that it can be compared by its name (API: peers=set&set=NAME). A set that bears the name
gives way; what was compared as of earlier moments keeps it.`,
		Example: "  nianbao set save 重点单位 370304-kjj 370304-jyj --reason 年度考核",
		RunE: func(c *cobra.Command, args []string) error {
			return d.with(c, func(x decide.Decider) error { return x.SaveSet(c.Context(), args[0], args[1:], d.reason) })
		}}, true)
	withdraw := d.flags(&cobra.Command{Use: "withdraw NAME", Short: "end a set", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return d.with(c, func(x decide.Decider) error { return x.WithdrawSet(c.Context(), args[0], d.reason) })
		}}, true)
	return group("set", "named sets of agencies that are compared with each other", save, withdraw, setList(p))
}

func setList(p *place) *cobra.Command {
	var asOf string
	c := &cobra.Command{Use: "list", Short: "list the sets with their members, who saved them and why", Args: cobra.NoArgs,
		Example: "  nianbao set list\n  nianbao set list --as-of 2024-04-01T00:00:00+08:00",
		RunE: func(c *cobra.Command, _ []string) error {
			var moment time.Time
			if asOf != "" {
				var err error
				if moment, err = time.Parse(time.RFC3339, asOf); err != nil {
					return usageError{fmt.Errorf("set list: --as-of %q, want a moment such as 2024-04-01T00:00:00+08:00", asOf)}
				}
			}
			return p.with(c, func(ctx context.Context, store *warehouse.Store) error {
				list, err := store.Sets(ctx, moment)
				if err != nil {
					return err
				}
				for _, s := range list {
					fmt.Fprintf(c.OutOrStdout(), "%s  %s\n    %s, %s: %s\n", s.Name, strings.Join(s.Members, " "), s.At.Format(time.RFC3339), s.Person, s.Reason)
				}
				fmt.Fprintf(c.ErrOrStderr(), "%d sets\n", len(list))
				return nil
			})
		}}
	c.Flags().StringVar(&asOf, "as-of", "", "the sets as they were known at a moment, 2024-04-01T00:00:00+08:00")
	return c
}
