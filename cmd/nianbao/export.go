package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"nianbao/internal/warehouse"
	"nianbao/query/export"
	"nianbao/query/moment"
)

func exportCommand(p *place) *cobra.Command {
	var out, asOf, from, years string
	var q export.Query
	c := &cobra.Command{
		Use:   "export --out F.zip",
		Short: "write the audit package: everything that counts, with its sources, as CSV with hashes",
		Long: `Writes a ZIP archive with every cell of the reports that count at a moment, every version, finding, decision and omission, who
had to file, measures with their formulas, and the hash chain of the store. nianbao verify checks it without a database;
docs/export.md explains it. The same query of the same data gives the same file, byte by byte.

A name that ends with .csv gives the file of cells alone.`,
		Example: `  nianbao export --out 2023.zip --years 2023
  nianbao export --out audit.zip --as-of 2024-04-01 --with-documents --sample 100 --seed 审计一处2024
  nianbao export --out cells.csv --as-of 2024-04-01T09:00:00+08:00`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			wrong := func(format string, args ...any) error { return usageError{fmt.Errorf("export: "+format, args...)} }
			if out == "" {
				return wrong("--out is missing, want the name of the file to write")
			}
			for _, m := range []struct {
				name, text string
				to         *time.Time
			}{{"--as-of", asOf, &q.AsOf}, {"--changes-from", from, &q.Changes}} {
				var ok bool
				if *m.to, ok = moment.Parse(m.text); m.text != "" && !ok {
					return wrong("%s %q, want a moment such as 2024-04-01T09:00:00+08:00, or a day", m.name, m.text)
				}
			}
			var err error
			if q.Years, err = export.ParseYears(years); err != nil {
				return wrong("--%w", err)
			}
			if q.Sample < 0 || q.Sample > export.MostDrawn {
				return wrong("--sample %d, want 0 to %d", q.Sample, export.MostDrawn)
			}
			if q.Sample > 0 && q.Seed == "" {
				return wrong("--sample without --seed: want the words of the draw, which the auditor chooses")
			}
			return p.with(c, func(ctx context.Context, store *warehouse.Store) error {
				return writeExport(ctx, c.ErrOrStderr(), store, q, out, commandLine(c))
			})
		},
	}
	f := c.Flags()
	f.StringVar(&out, "out", "", "file to write")
	f.StringVar(&asOf, "as-of", "", "the state at a moment, 2024-04-01T09:00:00+08:00, or at the end of a day; now if not given")
	f.StringVar(&years, "years", "", "reporting years, 2021-2023 or 2019,2023; all if not given")
	f.StringSliceVar(&q.Agencies, "agencies", nil, "codes of agencies, with commas between; all if not given")
	f.BoolVar(&q.Documents, "with-documents", false, "with the files as they were handed in")
	f.IntVar(&q.Sample, "sample", 0, "how many cells to draw at random for inspection")
	f.StringVar(&q.Seed, "seed", "", "the words of the draw")
	f.BoolVar(&q.BOM, "csv-bom", false, "a byte order mark before each CSV file, for old spreadsheets")
	f.StringVar(&from, "changes-from", "", "also list what changed from a moment on")
	return c
}

// writeExport writes to a name of its own and gives the file its name when it is whole and on the disk.
func writeExport(ctx context.Context, stderr io.Writer, store *warehouse.Store, q export.Query, out string, act warehouse.Entry) (err error) {
	f, err := os.CreateTemp(filepath.Dir(out), "."+filepath.Base(out)+".*.part")
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
			os.Remove(f.Name())
			act.Outcome, act.Detail = warehouse.BrokenOff, err.Error()
			err = errors.Join(err, store.Record(ctx, act))
		}
	}()
	began := time.Now()
	what := ""
	sum := sha256.New()
	w := io.MultiWriter(f, sum)
	var written int64
	if strings.EqualFold(filepath.Ext(out), ".csv") {
		rows, err := export.Cells(ctx, store, "nianbao "+version, q, w)
		if err != nil {
			return err
		}
		what = fmt.Sprintf("%d cells", rows)
		n := uint64(rows)
		act.Rows, act.AsOf = &n, q.AsOf
	} else {
		s, err := export.Write(ctx, store, "nianbao "+version, q, w)
		if err != nil {
			return err
		}
		var n uint64
		for _, f := range s.Files {
			written += f.Bytes
			n += uint64(max(f.Rows, 0))
		}
		act.Rows, act.AsOf = &n, s.Query.AsOf
		what = fmt.Sprintf("%d files with %.1f MB, as of %s, chain %d %s", len(s.Files), float64(written)/1e6, s.Query.AsOf.Format(time.RFC3339Nano), s.Head.Number, s.Head.Hash)
	}
	if err := f.Chmod(0o644); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := cmp.Or(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	// The file gets its name when the journal has it.
	info, err := os.Stat(f.Name())
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	act.Bytes, act.SHA256, act.Outcome = uint64(info.Size()), hex.EncodeToString(sum.Sum(nil)), warehouse.Done
	if err := store.Record(ctx, act); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := os.Rename(f.Name(), out); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if dir, err := os.Open(filepath.Dir(out)); err == nil { // the new name is on the disk, too
		dir.Sync()
		dir.Close()
	}
	_, err = fmt.Fprintf(stderr, "%s: %s, %.1f s\n", out, what, time.Since(began).Seconds())
	return err
}

// commandLine is the beginning of the entry of what a command takes away. Values of flags that are no part of the question, as
// passwords, are left out.
func commandLine(c *cobra.Command) warehouse.Entry {
	e := warehouse.Entry{Kind: warehouse.Download, Person: userName(), Client: "command line", What: c.CommandPath()}
	c.LocalNonPersistentFlags().Visit(func(f *pflag.Flag) { e.What += " --" + f.Name + " " + f.Value.String() })
	for _, arg := range c.Flags().Args() {
		e.What += " " + arg
	}
	return e
}
