package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nianbao/ingest/decide"
	"nianbao/ingest/enrol"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
)

func registerCommand(p *place) *cobra.Command {
	c := &cobra.Command{
		Use:   "register",
		Short: "keep the register: which agencies there are, what they are called, who files by when",
		Long: `The register says which bodies exist, under which names and when, and who has to file by when.
Its file is CSV, one statement a line; docs/operations.md explains each column.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("register: unknown command %q; see nianbao register --help", args[0])}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	for _, sub := range []*cobra.Command{registerImport(p), registerExport(p), registerList(p), registerLink(p), registerUnlink(p)} {
		positional := sub.Args
		sub.Args = func(c *cobra.Command, args []string) error {
			if err := positional(c, args); err != nil {
				return usageError{fmt.Errorf("register %s: %w; see %s --help", c.Name(), err, c.CommandPath())}
			}
			return nil
		}
		c.AddCommand(sub)
	}
	return c
}

func registerImport(p *place) *cobra.Command {
	opt := enrol.Options{}
	c := &cobra.Command{
		Use:   "import F.csv",
		Short: "enter agencies and exceptions from a file",
		Long: `Enters what the file says into the register and prints a line for each statement: added, changed (which fields),
unchanged or wrong. If one is wrong nothing is entered. What the file does not mention stays as it is.
Names of reports that were loaded before are looked up again; those that are certain are linked.

Exit code 0 if it was entered, 1 if a line is wrong or on failure.`,
		Example: "  nianbao register import register.csv --dry-run\n  nianbao register import register.csv --by 王某",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			content, err := os.ReadFile(args[0])
			if err != nil {
				return fmt.Errorf("import the register: %w", err)
			}
			if opt.By = strings.TrimSpace(opt.By); opt.By == "" {
				return usageError{errors.New("register import: --by is empty, want who states this")}
			}
			opt.Reason = filepath.Base(args[0])
			opt.Store, err = p.openUnlessNothing(c, opt.DryRun)
			if err != nil {
				return err
			}
			result, err := enrol.File(c.Context(), opt, bytes.NewReader(content))
			if opt.Store != nil {
				err = errors.Join(err, opt.Store.Close())
			}
			if err != nil {
				return err
			}
			if err := printImport(c.OutOrStdout(), result); err != nil {
				return err
			}
			fmt.Fprintln(c.ErrOrStderr(), importSummary(result, opt.DryRun))
			if len(result.Wrong) > 0 {
				return exit(failed)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&opt.DryRun, "dry-run", false, "say what would change and write nothing")
	c.Flags().StringVar(&opt.By, "by", userName(), "who states this")
	return c
}

// openUnlessNothing opens the store; a dry run makes none where there is none.
func (p *place) openUnlessNothing(c *cobra.Command, dryRun bool) (*warehouse.Store, error) {
	if _, err := os.Stat(p.data); dryRun && p.address() == "" && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return p.open(c.Context(), c, plainLog(c.ErrOrStderr()))
}

func printImport(w io.Writer, result enrol.Result) error {
	var b strings.Builder
	for _, wrong := range result.Wrong {
		fmt.Fprintf(&b, "wrong       %s\n", wrong)
	}
	for _, ch := range result.Changes {
		a, _ := result.After.Agency(ch.Agency)
		fmt.Fprintf(&b, "%-10s  line %d, %s %s", ch.Outcome, ch.Line, ch.Agency, a.Name())
		if ch.Year > 0 {
			fmt.Fprintf(&b, " %d", ch.Year)
		}
		for _, f := range ch.Fields {
			fmt.Fprintf(&b, "; %s: %s → %s", f.Field, orNothing(f.Old), orNothing(f.New))
		}
		b.WriteByte('\n')
	}
	for _, r := range result.Recognised {
		a, _ := result.After.Agency(r.Code)
		fmt.Fprintf(&b, "linked      %s %s is %s %s\n", r.Entry.Code, r.Entry.Name(), r.Code, a.Name())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func orNothing(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return s
}

func importSummary(result enrol.Result, dryRun bool) string {
	n := map[register.Outcome]int{}
	for _, c := range result.Changes {
		n[c.Outcome]++
	}
	text := fmt.Sprintf("%d statements: %d added, %d changed, %d unchanged", len(result.Changes), n[register.Added], n[register.Changed], n[register.Unchanged])
	if k := len(result.Recognised); k > 0 {
		text += fmt.Sprintf("; %d names of earlier reports linked", k)
	}
	switch {
	case len(result.Wrong) > 0:
		text += fmt.Sprintf("; %d wrong, nothing was entered", len(result.Wrong))
	case dryRun:
		text += "; nothing was written, this was a dry run"
	case result.Checked > 0:
		text += fmt.Sprintf("; %d reports checked again", result.Checked)
	}
	return text
}

func registerExport(p *place) *cobra.Command {
	var asOf string
	c := &cobra.Command{
		Use:   "export F.csv",
		Short: "write the register to a file that import reads back",
		Long: `Writes agencies and exceptions as CSV in UTF-8 with a byte order mark, or to the standard output for -.
Entries that stand for printed names are left out: nianbao register list shows those that wait, and links stay in the store.`,
		Example: "  nianbao register export register.csv\n  nianbao register export - --as-of 2024-04-01T00:00:00+08:00",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var moment time.Time
			if asOf != "" {
				var err error
				if moment, err = time.Parse(time.RFC3339, asOf); err != nil {
					return usageError{fmt.Errorf("register export: --as-of %q, want a moment such as 2024-04-01T00:00:00+08:00", asOf)}
				}
			}
			var file bytes.Buffer
			var stated []register.Agency
			var obligations []register.Obligation
			err := p.with(c, func(ctx context.Context, store *warehouse.Store) error {
				reg, err := store.Register(ctx, moment)
				if err != nil {
					return err
				}
				stated = slices.DeleteFunc(reg.Agencies(), func(a register.Agency) bool { return register.Provisional(a.Code) })
				obligations = reg.Obligations()
				if err := register.Write(&file, register.New(stated, obligations)); err != nil {
					return fmt.Errorf("export the register: %w", err)
				}
				act, rows, sum := commandLine(c), uint64(len(stated)+len(obligations)), sha256.Sum256(file.Bytes())
				act.AsOf, act.Rows, act.Bytes, act.SHA256, act.Outcome = moment, &rows, uint64(file.Len()), hex.EncodeToString(sum[:]), warehouse.Done
				return store.Record(ctx, act)
			})
			if err != nil {
				return err
			}
			if args[0] == "-" {
				_, err := c.OutOrStdout().Write(file.Bytes())
				return err
			}
			if err := os.WriteFile(args[0], file.Bytes(), 0o644); err != nil {
				return fmt.Errorf("export the register: %w", err)
			}
			_, err = fmt.Fprintf(c.ErrOrStderr(), "%d agencies and %d exceptions in %s\n", len(stated), len(obligations), args[0])
			return err
		},
	}
	c.Flags().StringVar(&asOf, "as-of", "", "the register as it was known at a moment, 2024-04-01T00:00:00+08:00")
	return c
}

// with opens the store for the time of a function.
func (p *place) with(c *cobra.Command, do func(context.Context, *warehouse.Store) error) error {
	store, err := p.open(c.Context(), c, plainLog(c.ErrOrStderr()))
	if err != nil {
		return err
	}
	return errors.Join(do(c.Context(), store), store.Close())
}

func registerList(p *place) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "list printed names that wait for somebody to say whose they are",
		Long: `Lists names that reports print and that no agency of the register certainly bears, with the years of the reports and who
it may be, and why that is not certain. nianbao register link says who it is.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var reg *register.Register
			years := map[string][]int{}
			err := p.with(c, func(ctx context.Context, store *warehouse.Store) (err error) {
				if reg, err = store.Register(ctx, time.Time{}); err != nil {
					return err
				}
				agencies, err := store.Agencies(ctx, time.Time{})
				for _, a := range agencies {
					years[a.ID] = a.Years
				}
				return err
			})
			if err != nil {
				return err
			}
			var b strings.Builder
			pending := reg.Pending()
			stated := 0
			for _, a := range reg.Agencies() {
				if !register.Provisional(a.Code) {
					stated++
				}
			}
			for _, a := range pending {
				held, newest := years[a.Code], 0
				fmt.Fprintf(&b, "%s  %s", a.Code, a.Name())
				if len(held) > 0 {
					newest = held[len(held)-1]
					fmt.Fprintf(&b, "  %s", strings.Trim(strings.ReplaceAll(fmt.Sprint(held), " ", ", "), "[]"))
				}
				b.WriteByte('\n')
				m := reg.Match(a.Name(), a.Region, newest)
				if m.Code != "" { // in the newest year; not in all of them
					fmt.Fprintf(&b, "    %s, in some years\n", m.Code)
				}
				for _, k := range m.Candidates {
					fmt.Fprintf(&b, "    %s %s: %s\n", k.Code, k.Name, k.Why)
				}
			}
			if _, err := io.WriteString(c.OutOrStdout(), b.String()); err != nil {
				return err
			}
			fmt.Fprintf(c.ErrOrStderr(), "%d names wait; the register has %d agencies\n", len(pending), stated)
			return nil
		},
	}
}

func registerLink(p *place) *cobra.Command {
	var by, reason string
	c := &cobra.Command{
		Use:     "link PROVISIONAL CODE",
		Short:   "say which agency a printed name is",
		Long:    "Says that the entry of a printed name (x and 12 digits, see nianbao register list) is an agency of the register. Its reports count as that agency's from then on.",
		Example: "  nianbao register link x0123456789ab 370304-kjj --reason 旧名",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return p.with(c, func(ctx context.Context, store *warehouse.Store) error {
				return decide.Decider{Store: store, Person: by}.Link(ctx, args[0], args[1], reason)
			})
		},
	}
	c.Flags().StringVar(&by, "by", userName(), "who decides")
	c.Flags().StringVar(&reason, "reason", "同一机关", "why it is the same body")
	return c
}

func registerUnlink(p *place) *cobra.Command {
	var by, reason string
	c := &cobra.Command{
		Use:   "unlink PROVISIONAL",
		Short: "take back what link said",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return p.with(c, func(ctx context.Context, store *warehouse.Store) error {
				return decide.Decider{Store: store, Person: by}.Unlink(ctx, args[0], reason)
			})
		},
	}
	c.Flags().StringVar(&by, "by", userName(), "who decides")
	c.Flags().StringVar(&reason, "reason", "不是同一机关", "why it is another body")
	return c
}
