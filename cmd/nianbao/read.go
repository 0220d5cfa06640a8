package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"nianbao/ingest"
	"nianbao/internal/form"
)

func readCommand() *cobra.Command {
	var explain bool
	command := &cobra.Command{
		Use:   "read FILE…",
		Short: "read files without a database and print what was read, one JSON object a file",
		Long: `Reads each file, recognises the report in it, checks its figures, and prints one line of JSON for it.
Nothing is stored. A file that is not accepted is printed with "status":"rejected" and the problems that say why.

With --explain it prints for a person instead, in Chinese: where each cell was found and by which rule, what was refused
and why, the witnesses of agency and year with their weights, the parts of the text and the numbers it states.

Exit code 0 if all files were read, 3 if any was rejected.`,
		Example: "  nianbao read report.html | jq .problems\n  nianbao read --explain report.html | less",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			ingest.CollectSeldom()
			out := json.NewEncoder(c.OutOrStdout())
			out.SetEscapeHTML(false)
			any := false
			for i, name := range files {
				if explain {
					f, trace := ingest.ExplainFile(c.Context(), name)
					if err := c.Context().Err(); err != nil {
						return err
					}
					any = any || f.Status == form.Rejected
					if i > 0 {
						fmt.Fprintln(c.OutOrStdout())
					}
					if err := explained(c.OutOrStdout(), f, trace); err != nil {
						return err
					}
					continue
				}
				f := ingest.ReadFile(c.Context(), name)
				if err := c.Context().Err(); err != nil {
					return err
				}
				any = any || f.Status == form.Rejected
				if err := out.Encode(printed(f)); err != nil {
					return err
				}
			}
			if any {
				return exit(rejected)
			}
			return nil
		},
	}
	command.Flags().BoolVar(&explain, "explain", false, "say for a person, in Chinese, how each figure was found and what was refused")
	return command
}

// A printedFiling has every fixed key, also where the report does not say.
type printedFiling struct {
	form.Filing
	Agency printedAgency `json:"agency"`
	Year   *int          `json:"year"`
	Signed *string       `json:"signed"`
}

type printedAgency struct {
	form.Agency
	Region *string `json:"region"`
}

func printed(f form.Filing) printedFiling {
	return printedFiling{f, printedAgency{f.Agency, known(f.Agency.Region)}, known(f.Year), known(f.Signed)}
}

// known is nil where the report does not say.
func known[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}
