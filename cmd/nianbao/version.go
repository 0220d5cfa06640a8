package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"nianbao/internal/engine"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the versions of the program and of the engine it embeds",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(c.OutOrStdout(), "nianbao %s\nengine chdb %s\n%s %s/%s\n", version, engine.LibraryVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
