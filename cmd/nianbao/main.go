// Command nianbao reads the annual reports on the disclosure of government information (政府信息公开工作年度报告),
// checks them, keeps them, and serves the comparison of agencies. Each command stands in its own file and only joins
// other packages together.
//
// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 some files were rejected and the rest is done.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"nianbao/internal/engine"
)

// version is set by the linker.
var version = "unversioned"

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Exit codes.
const (
	failed   = 1
	usage    = 2
	rejected = 3
)

// An exit ends a command with a code. What there is to say was said.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// run is the whole program.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == "engine" { // before anything else: the child shares nothing with the commands
		return engine.Child(args[1:], stdin, stderr)
	}
	// The first Ctrl-C asks to stop, the second ends the program.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)

	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var code exit
	var wrong usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "nianbao: %v\n", err)
		return usage
	}
	fmt.Fprintf(stderr, "nianbao: %v\n", err)
	return failed
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "nianbao",
		Short:         "reads, checks, keeps and compares annual disclosure reports (政府信息公开工作年度报告)",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown command %q; see nianbao --help", args[0])}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%s: %w; see %s --help", c.Name(), err, c.CommandPath())}
	})
	var place place
	place.flags(root)
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error { return place.resolve(c) }
	for _, c := range []*cobra.Command{userCommand(&place), tokenCommand(&place),
		readCommand(), ingestCommand(&place), registerCommand(&place), checkCommand(&place), waitingCommand(&place),
		boardCommand(&place), displayCommand(&place),
		correctCommand(&place), reviewCommand(&place), filingCommand(&place), setCommand(&place), demoCommand(), exportCommand(&place), verifyCommand(&place), chainCommand(&place), serveCommand(&place), configCommand(&place.configuration), backupCommand(&place), restoreCommand(&place), doctorCommand(&place), versionCommand()} {
		positional := c.Args
		c.Args = func(c *cobra.Command, args []string) error {
			if err := positional(c, args); err != nil {
				return usageError{fmt.Errorf("%s: %w; see %s --help", c.Name(), err, c.CommandPath())}
			}
			return nil
		}
		root.AddCommand(c)
	}
	return root
}

// A usageError is a command line that cannot be meant.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }
