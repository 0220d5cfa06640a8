package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nianbao/ingest/assess"
	"nianbao/ingest/decide"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
)

// checkCommand checks reports that are held.
func checkCommand(p *place) *cobra.Command {
	var years []int
	c := &cobra.Command{
		Use:   "check",
		Short: "check all reports that are held against each other again",
		Long: `Makes every check of every report that counts, against last year's report, the members of an aggregate and the reports of
the same kind of body, and stores the findings that differ from those held. Loading does that by itself for the years that
it changes; this command is for a newer program with other checks, and after a check was cut off.`,
		Example: "  nianbao check\n  nianbao check --years 2023,2024",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			store, err := p.open(c.Context(), c, plainLog(c.ErrOrStderr()))
			if err != nil {
				return err
			}
			defer store.Close()
			if len(years) == 0 {
				held, err := store.Years(c.Context(), time.Time{})
				if err != nil {
					return err
				}
				for _, y := range held {
					years = append(years, y.Year)
				}
			}
			result, err := assess.Years(c.Context(), assess.Options{Store: store, By: userName()}, years...)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%d reports of %d years checked, the findings of %d changed\n", result.Checked, result.Years, result.Changed)
			return nil
		},
	}
	c.Flags().IntSliceVar(&years, "years", nil, "reporting years; all if none is given")
	return c
}

// A decision is a command of a person: who decides and why belongs to each.
type decision struct {
	place          *place
	person, reason string
}

func (d *decision) flags(c *cobra.Command, reason bool) *cobra.Command {
	c.Flags().StringVar(&d.person, "by", userName(), "who decides")
	if reason {
		c.Flags().StringVar(&d.reason, "reason", "", "why; kept with the decision")
	}
	positional := c.Args
	c.Args = func(c *cobra.Command, args []string) error {
		if err := positional(c, args); err != nil {
			return usageError{fmt.Errorf("%s: %w; see %s --help", strings.TrimPrefix(c.CommandPath(), "nianbao "), err, c.CommandPath())}
		}
		return nil
	}
	return c
}

// with opens the store and lets the person decide.
func (d *decision) with(c *cobra.Command, do func(decide.Decider) error) error {
	store, err := d.place.open(c.Context(), c, plainLog(c.ErrOrStderr()))
	if err != nil {
		return err
	}
	err = do(decide.Decider{Store: store, Person: d.person})
	return errors.Join(err, store.Close())
}

// group is a command that only has others below it.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("unknown command %q", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(commands...)
	return c
}

func waitingCommand(p *place) *cobra.Command {
	d := decision{place: p}
	var agency string
	var year int
	list := &cobra.Command{Use: "list", Short: "list the files that wait, with the hash by which they are named", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return d.with(c, func(x decide.Decider) error {
				files, err := x.Store.Waiting(c.Context(), time.Time{})
				if err != nil {
					return err
				}
				for _, w := range files {
					fmt.Fprintf(c.OutOrStdout(), "%.12s  %s  %s %s", w.SHA256, w.File, unknown(w.AgencyName, "agency unknown"), unknownYear(w.Year))
					if n := len(w.Problems); n > 0 {
						fmt.Fprintf(c.OutOrStdout(), "  %s", w.Problems[n-1].Message)
					}
					fmt.Fprintln(c.OutOrStdout())
				}
				fmt.Fprintf(c.ErrOrStderr(), "%d files wait\n", len(files))
				return nil
			})
		}}
	assign := d.flags(&cobra.Command{Use: "assign HASH", Short: "say whose a file is, or for which year, and load it", Args: cobra.ExactArgs(1),
		Example: "  nianbao waiting assign 3f2a9c01 --agency 示例区教育局 --year 2023",
		RunE: func(c *cobra.Command, args []string) error {
			return d.with(c, func(x decide.Decider) error {
				r, err := x.Assign(c.Context(), args[0], agency, year)
				if err == nil {
					fmt.Fprintln(c.OutOrStdout(), line(r))
				}
				return err
			})
		}}, false)
	assign.Flags().StringVar(&agency, "agency", "", "name of the agency")
	assign.Flags().IntVar(&year, "year", 0, "reporting year")
	dismiss := d.flags(&cobra.Command{Use: "dismiss HASH", Short: "end the waiting of a file that is not to be loaded", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return d.with(c, func(x decide.Decider) error { return x.Dismiss(c.Context(), args[0], d.reason) })
		}}, true)
	again := d.flags(&cobra.Command{Use: "read", Short: "read the files again for which a program was missing", Args: cobra.NoArgs,
		Long: `Reads files again that could not be read, or not wholly, because LibreOffice or tesseract was not installed, and loads what can
be read now as a new version. Exit code 0 if all could be read, 3 if something is still missing.`,
		RunE: func(c *cobra.Command, _ []string) error {
			return d.with(c, func(x decide.Decider) error {
				results, err := x.ReadAgain(c.Context())
				left := false
				for _, r := range results {
					left = left || attention(r)
					fmt.Fprintln(c.OutOrStdout(), line(r))
				}
				if err == nil && left {
					return exit(rejected)
				}
				return err
			})
		}}, false)
	return group("waiting", "files that are kept but could not be read, or do not tell whose report they are or for which year", list, assign, again, dismiss)
}

func unknown(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func unknownYear(year int) string {
	if year == 0 {
		return "year unknown"
	}
	return fmt.Sprint(year)
}

func correctCommand(p *place) *cobra.Command {
	d := decision{place: p}
	var second bool
	cell := d.flags(&cobra.Command{Use: "cell FILING CELL VALUE", Short: "put a value in the place of what was read in a cell", Args: cobra.ExactArgs(3),
		Long: `FILING is the id of a version of a report, CELL its path, such as section3.NEW.total, VALUE a number, or blank, dash or na.
What was read stays and is shown beside the correction. Prints the id of the correction.`,
		Example: "  nianbao correct cell 01JXYZ… section3.CARRY_IN.total 5 --reason '与原件核对，第4页'",
		RunE: func(c *cobra.Command, args []string) error {
			key, err := form.ParseKey(args[1])
			if err != nil {
				return usageError{fmt.Errorf("correct cell: %w", err)}
			}
			value, err := decide.ParseValue(args[2])
			if err != nil {
				return usageError{err}
			}
			return d.with(c, func(x decide.Decider) error {
				id, err := x.Correct(c.Context(), args[0], key, value, d.reason, second)
				if err == nil {
					fmt.Fprintln(c.OutOrStdout(), id)
				}
				return err
			})
		}}, true)
	cell.Flags().BoolVar(&second, "second", false, "holds only once another person approved it")
	act := func(use, short string, do func(decide.Decider, *cobra.Command, string) error) *cobra.Command {
		return d.flags(&cobra.Command{Use: use, Short: short, Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
			return d.with(c, func(x decide.Decider) error { return do(x, c, args[0]) })
		}}, true)
	}
	return group("correct", "corrections of cells", cell,
		act("approve CORRECTION", "agree to a correction as the second person", func(x decide.Decider, c *cobra.Command, id string) error {
			return x.Approve(c.Context(), id, d.reason)
		}),
		act("retract CORRECTION", "end a correction; what was read holds again", func(x decide.Decider, c *cobra.Command, id string) error {
			return x.Retract(c.Context(), id, d.reason)
		}),
		act("repeat CORRECTION", "make a correction again for the newest version of the report", func(x decide.Decider, c *cobra.Command, id string) error {
			again, err := x.Repeat(c.Context(), id, d.reason)
			if err == nil {
				fmt.Fprintln(c.OutOrStdout(), again)
			}
			return err
		}))
}

func reviewCommand(p *place) *cobra.Command {
	d := decision{place: p}
	var table, at string
	c := d.flags(&cobra.Command{Use: "review FILING RULE DECISION", Short: "decide about a finding", Args: cobra.ExactArgs(3),
		Long:    `DECISION is one of ` + strings.Join(warehouse.Decisions, ", ") + `. It stands until the cells change on which the finding rests.`,
		Example: "  nianbao review 01JXYZ… A5 dismiss --table section3 --place total --reason '两年口径不同，已说明'",
		RunE: func(c *cobra.Command, args []string) error {
			return d.with(c, func(x decide.Decider) error {
				return x.Review(c.Context(), args[0], args[1], table, at, args[2], d.reason)
			})
		}}, true)
	c.Flags().StringVar(&table, "table", "", "table of the finding, where it has one")
	c.Flags().StringVar(&at, "place", "", "row or column of the finding, where it has one")
	return c
}

func filingCommand(p *place) *cobra.Command {
	d := decision{place: p}
	act := func(use, short string, do func(decide.Decider, *cobra.Command, string) error) *cobra.Command {
		return d.flags(&cobra.Command{Use: use, Short: short, Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
			return d.with(c, func(x decide.Decider) error { return do(x, c, args[0]) })
		}}, true)
	}
	return group("filing", "versions of reports",
		act("withdraw FILING", "take a version out of all figures; the one before it counts again", func(x decide.Decider, c *cobra.Command, id string) error {
			return x.Withdraw(c.Context(), id, d.reason)
		}),
		act("restore FILING", "put a withdrawn version back", func(x decide.Decider, c *cobra.Command, id string) error {
			return x.Restore(c.Context(), id, d.reason)
		}))
}
