package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"nianbao/internal/demo"
)

func demoCommand() *cobra.Command {
	var out, years string
	var opt demo.Options
	c := &cobra.Command{
		Use:   "demo --out DIR",
		Short: "write the reports of a made-up district, in all formats, with truth files beside them",
		Long: `Writes annual reports of a district that does not exist (示例市虚构区), with the faults that real reports have,
beside them what a reader must find in each, and the register of who has to report. Every document says of itself that it
is made up.
The same options give the same files.`,
		Example: "  nianbao demo --out demo --agencies 40 --years 2021-2024 --seed 1\n  nianbao register import demo/register.csv\n  nianbao ingest demo",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if out == "" {
				return usageError{fmt.Errorf("demo: --out is missing; give the folder to write to")}
			}
			var err error
			if opt.FirstYear, opt.LastYear, err = yearRange(years); err != nil {
				return usageError{fmt.Errorf("demo: --years: %w", err)}
			}
			s, err := demo.Write(out, opt)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%d reports of %d agencies over %d years in %s (%d of them corrected versions, %d faulty on purpose; %d not filed on purpose)\n",
				s.Reports, s.Agencies, s.Years, out, s.Corrected, s.Flawed, s.Unfiled)
			return err
		},
	}
	c.Flags().StringVar(&out, "out", "", "folder to write to; made if missing")
	c.Flags().IntVar(&opt.Agencies, "agencies", 40, "number of bodies that have to report")
	c.Flags().StringVar(&years, "years", "2019-2025", "reporting years, 2024 or 2021-2024")
	c.Flags().Uint64Var(&opt.Seed, "seed", 1, "another seed is another district")
	return c
}

// yearRange reads 2024 or 2021-2024.
func yearRange(s string) (first, last int, err error) {
	from, to, isRange := strings.Cut(s, "-")
	if !isRange {
		to = from
	}
	first, err = strconv.Atoi(from)
	if err == nil {
		last, err = strconv.Atoi(to)
	}
	if err != nil || first < 1 || last < first {
		return 0, 0, fmt.Errorf("%q is no range of years, want 2024 or 2021-2024", s)
	}
	return first, last, nil
}
