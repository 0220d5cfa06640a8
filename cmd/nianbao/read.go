package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"nianbao/ingest"
	"nianbao/internal/form"
)

func readCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "read FILE…",
		Short: "read files without a database and print what was read, one JSON object a file",
		Long: `Reads each file, recognises the report in it, checks its figures, and prints one line of JSON for it.
Nothing is stored. A file that is not accepted is printed with "status":"rejected" and the problems that say why.

Exit code 0 if all files were read, 3 if any was rejected.`,
		Example: "  nianbao read report.html | jq .problems",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			ingest.CollectSeldom()
			out := json.NewEncoder(c.OutOrStdout())
			out.SetEscapeHTML(false)
			any := false
			for _, name := range files {
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
