package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nianbao/dashboard/page"
	"nianbao/ingest/decide"
	"nianbao/internal/board"
	"nianbao/internal/warehouse"
)

// boardCommand is about what wall displays show.
func boardCommand(p *place) *cobra.Command {
	d := decision{place: p}
	imported := d.flags(&cobra.Command{Use: "import F.yaml", Short: "save a board, in the place of the one that bears its name; - reads standard input", Args: cobra.ExactArgs(1),
		Long: `Reads a board from a YAML file (docs/wall.md describes it), draws each slide on the data that are held, and saves the board if
everything can be read from the distance that the file names. Otherwise it says what has no room, slide by slide, and saves nothing.`,
		Example: "  nianbao board import hall.yaml --reason 启用大厅东墙",
		RunE: func(c *cobra.Command, args []string) error {
			text, err := readArgument(c, args[0])
			if err != nil {
				return fmt.Errorf("board import: %w", err)
			}
			b, err := board.Parse(text)
			if err != nil {
				return fmt.Errorf("board import: %s: %w", args[0], err)
			}
			return d.with(c, func(x decide.Decider) error {
				problems, err := page.CheckBoard(c.Context(), x.Store, version, b)
				if err != nil {
					return fmt.Errorf("board import: %w", err)
				}
				for _, one := range problems {
					fmt.Fprintf(c.ErrOrStderr(), "%s: %v\n", args[0], one)
				}
				if len(problems) > 0 {
					return exit(failed)
				}
				return x.SaveBoard(c.Context(), b, d.reason)
			})
		}}, true)
	withdraw := d.flags(&cobra.Command{Use: "withdraw NAME", Short: "end a board that no display shows", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return d.with(c, func(x decide.Decider) error { return x.WithdrawBoard(c.Context(), args[0], d.reason) })
		}}, true)
	var at string
	restore := d.flags(&cobra.Command{Use: "restore NAME", Short: "save a board again as it was at a moment", Args: cobra.ExactArgs(1),
		Example: "  nianbao board restore 大厅 --at 2026-11-24T10:00:00+08:00 --reason 看不清",
		RunE: func(c *cobra.Command, args []string) error {
			moment, err := time.Parse(time.RFC3339, at)
			if err != nil {
				return usageError{fmt.Errorf("board restore: --at %q, want a moment such as 2026-11-24T10:00:00+08:00", at)}
			}
			return d.with(c, func(x decide.Decider) error { return x.RestoreBoard(c.Context(), args[0], moment, d.reason) })
		}}, true)
	restore.Flags().StringVar(&at, "at", "", "the moment")
	return group("board", "what wall displays show", imported, boardExport(p), boardList(p), restore, withdraw)
}

// readArgument reads the file that an argument names, - for standard input.
func readArgument(c *cobra.Command, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(c.InOrStdin(), 1<<20))
	}
	return os.ReadFile(name)
}

func boardExport(p *place) *cobra.Command {
	return &cobra.Command{Use: "export NAME", Short: "print a board as YAML", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return p.with(c, func(ctx context.Context, store *warehouse.Store) error {
				list, err := store.Boards(ctx)
				if err != nil {
					return err
				}
				var names []string
				for _, b := range list {
					if b.Name == args[0] {
						_, err := fmt.Fprint(c.OutOrStdout(), b.Statement)
						return err
					}
					names = append(names, b.Name)
				}
				return fmt.Errorf("board export: no board is called %q; there are: %s", args[0], strings.Join(names, ", "))
			})
		}}
}

func boardList(p *place) *cobra.Command {
	var all bool
	c := &cobra.Command{Use: "list", Short: "list the boards, who saved them and why", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c, func(ctx context.Context, store *warehouse.Store) error {
				list, err := store.Boards(ctx)
				if all && err == nil {
					list, err = store.BoardActs(ctx, time.Time{})
				}
				if err != nil {
					return err
				}
				for _, a := range list {
					what := a.Act
					if b, err := board.Parse([]byte(a.Statement)); a.Statement != "" && err == nil {
						what = fmt.Sprintf("%d slides, %s", len(b.Slides), b.Screen.Shape)
					}
					fmt.Fprintf(c.OutOrStdout(), "%s  %s\n    %s, %s: %s\n", a.Name, what, a.At.Format(time.RFC3339), a.Person, a.Reason)
				}
				fmt.Fprintf(c.ErrOrStderr(), "%d boards\n", len(list))
				return nil
			})
		}}
	c.Flags().BoolVar(&all, "all", false, "every version, oldest first, with the withdrawn ones")
	return c
}

// displayCommand is about the screens that show boards.
func displayCommand(p *place) *cobra.Command {
	d := decision{place: p}
	add := d.flags(&cobra.Command{Use: "add NAME BOARD", Short: "let a screen show a board; prints the address to open on it, once", Args: cobra.ExactArgs(2),
		Long: `Prints the path to open on the screen, /wall/ and a token. The token is the key: whoever has it sees the board, without an account, until
it is revoked. It is printed now and never again, for only its hash is kept.`,
		Example: "  nianbao display add 一楼东墙 大厅 --reason 启用",
		RunE: func(c *cobra.Command, args []string) error {
			return d.with(c, func(x decide.Decider) error {
				token, err := x.AddDisplay(c.Context(), args[0], args[1], d.reason)
				if err == nil {
					fmt.Fprintln(c.OutOrStdout(), "/wall/"+token)
				}
				return err
			})
		}}, true)
	revoke := d.flags(&cobra.Command{Use: "revoke DISPLAY", Short: "end a display, by its name or id; the screen says so within a minute", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return d.with(c, func(x decide.Decider) error { return x.RevokeDisplay(c.Context(), args[0], d.reason) })
		}}, true)
	list := &cobra.Command{Use: "list", Short: "list the displays with the board that each shows", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c, func(ctx context.Context, store *warehouse.Store) error {
				displays, err := store.Displays(ctx)
				if err != nil {
					return err
				}
				inUse := 0
				for _, x := range displays {
					state := "in use"
					if !x.Revoked.IsZero() {
						state = fmt.Sprintf("revoked %s by %s", x.Revoked.Format(time.RFC3339), x.RevokedBy)
					} else {
						inUse++
					}
					fmt.Fprintf(c.OutOrStdout(), "%s  %s  board %s  token …%s  %s\n    %s, %s: %s\n", x.Display, x.Name, x.Board, x.Tail, state, x.At.Format(time.RFC3339), x.Person, x.Reason)
				}
				fmt.Fprintf(c.ErrOrStderr(), "%d displays in use\n", inUse)
				return nil
			})
		}}
	return group("display", "screens that show boards", add, list, revoke)
}
