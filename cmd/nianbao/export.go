package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

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
			if q.Years, err = parseYears(years); err != nil {
				return wrong("%w", err)
			}
			if q.Sample < 0 || q.Sample > 1_000_000 {
				return wrong("--sample %d, want 0 to 1000000", q.Sample)
			}
			if q.Sample > 0 && q.Seed == "" {
				return wrong("--sample without --seed: want the words of the draw, which the auditor chooses")
			}
			return p.with(c, func(ctx context.Context, store *warehouse.Store) error {
				return writeExport(ctx, c.ErrOrStderr(), store, q, out)
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

// parseYears reads 2021-2023 and 2019,2023.
func parseYears(text string) ([]int, error) {
	var years []int
	if text == "" {
		return nil, nil
	}
	for _, part := range strings.Split(text, ",") {
		var from, to int
		first, last, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			last = first
		}
		_, err1 := fmt.Sscanf(first+"\n", "%d\n", &from)
		_, err2 := fmt.Sscanf(last+"\n", "%d\n", &to)
		if errors.Join(err1, err2) != nil || from < 1990 || to > 2200 || from > to {
			return nil, fmt.Errorf("--years %q, want years such as 2021-2023 or 2019,2023", text)
		}
		for y := from; y <= to; y++ {
			years = append(years, y)
		}
	}
	return years, nil
}

// writeExport writes to a name of its own and gives the file its name when it is whole and on the disk.
func writeExport(ctx context.Context, stderr io.Writer, store *warehouse.Store, q export.Query, out string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(out), "."+filepath.Base(out)+".*.part")
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
			os.Remove(f.Name())
		}
	}()
	began := time.Now()
	what := ""
	var written int64
	if strings.EqualFold(filepath.Ext(out), ".csv") {
		rows, err := export.Cells(ctx, store, "nianbao "+version, q, f)
		if err != nil {
			return err
		}
		what = fmt.Sprintf("%d cells", rows)
	} else {
		s, err := export.Write(ctx, store, "nianbao "+version, q, f)
		if err != nil {
			return err
		}
		for _, f := range s.Files {
			written += f.Bytes
		}
		what = fmt.Sprintf("%d files with %.1f MB, as of %s, chain %d %s", len(s.Files), float64(written)/1e6, s.Query.AsOf.Format(time.RFC3339Nano), s.Head.Number, s.Head.Hash)
	}
	if err := f.Chmod(0o644); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := cmp.Or(f.Sync(), f.Close()); err != nil {
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
