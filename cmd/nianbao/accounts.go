package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"nianbao/dashboard/gate"
	"nianbao/internal/access"
	"nianbao/internal/warehouse"
)

// accounts are the commands about who may come in.
type accounts struct {
	place                       *place
	by, reason                  string
	full, subject, passwordFile string
	expires                     string
	roles, regions, seen        []string
	withoutPassword             bool
}

func (a *accounts) flags(c *cobra.Command) *cobra.Command {
	c.Flags().StringVar(&a.by, "by", userName(), "who says so")
	c.Flags().StringVar(&a.reason, "reason", "", "why; kept with the statement")
	return strict(c)
}

func (a *accounts) rights(c *cobra.Command) *cobra.Command {
	var codes []string
	for _, r := range access.Roles {
		codes = append(codes, string(r.Role)+" "+r.Chinese)
	}
	c.Flags().StringSliceVar(&a.roles, "role", nil, strings.Join(codes, ", ")+"; several may be given")
	c.Flags().StringSliceVar(&a.regions, "region", nil, "codes of regions: their agencies and those of everything below them are seen; without --region and --agency all are")
	c.Flags().StringSliceVar(&a.seen, "agency", nil, "codes of agencies that are seen, also besides the regions")
	return c
}

func (a *accounts) password(c *cobra.Command) *cobra.Command {
	c.Flags().StringVar(&a.passwordFile, "password-file", os.Getenv("NIANBAO_PASSWORD_FILE"), "file that holds the password, - for standard input (NIANBAO_PASSWORD_FILE); asked for on a terminal otherwise")
	return c
}

// strict makes wrong numbers of arguments wrong usage.
func strict(c *cobra.Command) *cobra.Command {
	positional := c.Args
	c.Args = func(c *cobra.Command, args []string) error {
		if err := positional(c, args); err != nil {
			return usageError{fmt.Errorf("%s: %w; see %s --help", strings.TrimPrefix(c.CommandPath(), "nianbao "), err, c.CommandPath())}
		}
		return nil
	}
	return c
}

// say commits a statement and writes it into the journal. make gets the account as it stands; it is zero if there is none.
func (a *accounts) say(c *cobra.Command, kind, name, what string, make func(access.Account, bool) (access.Account, error)) error {
	return a.place.with(c, func(ctx context.Context, store *warehouse.Store) error {
		list, err := store.Accounts(ctx)
		if err != nil {
			return err
		}
		var book access.Book
		for _, x := range list {
			book = append(book, x.Account)
		}
		held, there := book.Find(kind, name)
		account, err := make(held, there)
		if err != nil {
			return err
		}
		account.Kind, account.Name = kind, name
		if err := account.Check(); err != nil {
			return err
		}
		if _, err := store.Commit(ctx, warehouse.Batch{ID: ulid.Make().String(), By: a.by, Accounts: []warehouse.AccountStatement{{Account: account, Reason: a.reason, Person: a.by}}}); err != nil {
			return err
		}
		return store.Record(ctx, warehouse.Entry{Kind: gate.AccountChange, Person: a.by, Client: "command line", What: kind + " " + name, Outcome: warehouse.Done, Detail: strings.TrimSpace(what + "; " + rights(account))})
	})
}

// rights is what an account may, for the journal and for people.
func rights(a access.Account) string {
	var roles []string
	for _, r := range a.Roles {
		roles = append(roles, string(r))
	}
	text := strings.Join(roles, " ") + "; sees " + a.Scope.String()
	if !a.Expires.IsZero() {
		text += "; until " + a.Expires.UTC().Format(time.RFC3339)
	}
	if a.Ended {
		text += "; ended"
	}
	return text
}

func (a *accounts) set(account *access.Account) error {
	account.Roles = nil
	for _, text := range a.roles {
		role, err := access.ParseRole(text)
		if err != nil {
			return usageError{err}
		}
		account.Roles = append(account.Roles, role)
	}
	if len(account.Roles) == 0 {
		return usageError{errors.New("want --role")}
	}
	account.Scope = access.Scope{Regions: a.regions, Agencies: a.seen}
	if err := account.Scope.Check(); err != nil {
		return usageError{err}
	}
	return nil
}

// expiry reads a day or a number of days.
func expiry(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	var days int
	if n, err := fmt.Sscanf(text, "%dd", &days); err == nil && n == 1 && fmt.Sprintf("%dd", days) == text && days > 0 {
		return now.AddDate(0, 0, days).UTC().Truncate(time.Second), nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, time.FixedZone("UTC+8", 8*60*60))
	if err != nil || !day.AddDate(0, 0, 1).After(now) {
		return time.Time{}, usageError{fmt.Errorf("--expires %s, want a day to come such as 2027-06-30, or a number of days such as 90d", text)}
	}
	return day.AddDate(0, 0, 1).UTC(), nil
}

func there(is bool, kind, name string) error {
	if !is {
		return fmt.Errorf("there is no %s %s; see nianbao %s list", kind, name, kind)
	}
	return nil
}

func userCommand(p *place) *cobra.Command {
	a := accounts{place: p}
	add := a.flags(a.password(a.rights(&cobra.Command{Use: "add NAME", Short: "make an account of a person", Args: cobra.ExactArgs(1),
		Long: `Makes an account. The password is asked for on the terminal or read from --password-file, never from the command line, where others
could see it. People who sign in elsewhere (OpenID Connect) need none: --no-password, with --subject "ISSUER SUBJECT" if the issuer's
groups do not say who they are here.`,
		Example: `  nianbao user add wang --full 王某 --role approver
  nianbao user add li --role reviewer --region 370304 --password-file /run/secrets/li`,
		RunE: func(c *cobra.Command, args []string) error {
			until, err := expiry(a.expires, time.Now())
			if err != nil {
				return err
			}
			account := access.Account{Full: a.full, Subject: a.subject, Expires: until, Stamp: ulid.Make().String()}
			if err := a.set(&account); err != nil {
				return err
			}
			if !a.withoutPassword {
				password, err := a.readPassword(c, args[0])
				if err != nil {
					return err
				}
				account.Secret = access.HashPassword(password)
			}
			return a.say(c, access.User, args[0], "added", func(held access.Account, is bool) (access.Account, error) {
				if is {
					return held, fmt.Errorf("there is a user %s already; see nianbao user role, password, enable", args[0])
				}
				return account, nil
			})
		}})))
	add.Flags().StringVar(&a.full, "full", "", "name of the person, as decisions show it")
	add.Flags().StringVar(&a.subject, "subject", "", "of the person at the issuer of OpenID Connect: its address, a space, the claim sub")
	add.Flags().BoolVar(&a.withoutPassword, "no-password", false, "signs in elsewhere alone")
	add.Flags().StringVar(&a.expires, "expires", "", "last day, or a number of days: 2027-06-30, 90d")

	role := a.flags(a.rights(&cobra.Command{Use: "role NAME", Short: "give a person other roles and another scope, in the place of those before", Args: cobra.ExactArgs(1),
		Example: "  nianbao user role li --role approver --region 370304",
		RunE: func(c *cobra.Command, args []string) error {
			return a.say(c, access.User, args[0], "roles changed", func(held access.Account, is bool) (access.Account, error) {
				if err := there(is, access.User, args[0]); err != nil {
					return held, err
				}
				err := a.set(&held)
				return held, err
			})
		}}))
	password := a.flags(a.password(&cobra.Command{Use: "password NAME", Short: "give a person another password; all sessions of the person end", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			text, err := a.readPassword(c, args[0])
			if err != nil {
				return err
			}
			return a.say(c, access.User, args[0], "password changed", func(held access.Account, is bool) (access.Account, error) {
				held.Secret, held.Stamp = access.HashPassword(text), ulid.Make().String()
				return held, there(is, access.User, args[0])
			})
		}}))
	end := func(use, short, what string, ended bool) *cobra.Command {
		return a.flags(&cobra.Command{Use: use + " NAME", Short: short, Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
			return a.say(c, access.User, args[0], what, func(held access.Account, is bool) (access.Account, error) {
				held.Ended, held.Stamp = ended, ulid.Make().String()
				return held, there(is, access.User, args[0])
			})
		}})
	}
	return group("user", "accounts of people", add, listAccounts(p, access.User, "list the accounts of people"), role, password,
		end("disable", "let a person in no more; what is kept in the name stays", "disabled", true), end("enable", "let a disabled person in again", "enabled", false))
}

func tokenCommand(p *place) *cobra.Command {
	a := accounts{place: p}
	add := a.flags(a.rights(&cobra.Command{Use: "add NAME", Short: "make a token for a program, and print it", Args: cobra.ExactArgs(1),
		Long: `Makes a token and prints it, once: only its hash is kept. A program sends it as Authorization: Bearer TOKEN. A token that bears the
name gives way.`,
		Example: "  nianbao token add bi --role viewer --region 370304 --expires 365d > /run/secrets/bi",
		RunE: func(c *cobra.Command, args []string) error {
			until, err := expiry(cmp.Or(a.expires, "90d"), time.Now())
			if err != nil {
				return err
			}
			secret := access.NewSecret(access.TokenPrefix)
			err = a.say(c, access.Token, args[0], "made", func(access.Account, bool) (access.Account, error) {
				account := access.Account{Secret: access.HashToken(secret), Expires: until}
				err := a.set(&account)
				return account, err
			})
			if err == nil {
				fmt.Fprintln(c.OutOrStdout(), secret)
			}
			return err
		}}))
	add.Flags().StringVar(&a.expires, "expires", "90d", "last day, or a number of days: 2027-06-30, 90d")
	revoke := a.flags(&cobra.Command{Use: "revoke NAME", Short: "end a token", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		return a.say(c, access.Token, args[0], "revoked", func(held access.Account, is bool) (access.Account, error) {
			held.Ended = true
			return held, there(is, access.Token, args[0])
		})
	}})
	return group("token", "tokens of programs", add, listAccounts(p, access.Token, "list the tokens"), revoke)
}

func listAccounts(p *place, kind, short string) *cobra.Command {
	return strict(&cobra.Command{Use: "list", Short: short, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		return p.with(c, func(ctx context.Context, store *warehouse.Store) error {
			list, err := store.Accounts(ctx)
			if err != nil {
				return err
			}
			n := 0
			for _, a := range list {
				if a.Kind != kind {
					continue
				}
				n++
				fmt.Fprintf(c.OutOrStdout(), "%s", a.Name)
				if a.Full != "" {
					fmt.Fprintf(c.OutOrStdout(), "  %s", a.Full)
				}
				fmt.Fprintf(c.OutOrStdout(), "  %s", rights(a.Account))
				if !a.Holds(time.Now()) && !a.Ended {
					fmt.Fprint(c.OutOrStdout(), "; expired")
				}
				fmt.Fprintf(c.OutOrStdout(), "\n    %s, %s%s\n", a.At.Format(time.RFC3339), a.Person, prefix(": ", a.Reason))
			}
			fmt.Fprintf(c.ErrOrStderr(), "%d of kind %s\n", n, kind)
			return nil
		})
	}})
}

func prefix(with, text string) string {
	if text == "" {
		return ""
	}
	return with + text
}

// readPassword reads a new password from a file, or asks for it on the terminal.
func (a *accounts) readPassword(c *cobra.Command, name string) (string, error) {
	password, err := a.askPassword(c, name)
	if err != nil {
		return "", err
	}
	return password, access.CheckPassword(password, name)
}

func (a *accounts) askPassword(c *cobra.Command, name string) (string, error) {
	if a.passwordFile != "" {
		from := io.Reader(c.InOrStdin())
		if a.passwordFile != "-" {
			f, err := os.Open(a.passwordFile)
			if err != nil {
				return "", fmt.Errorf("read the password: %w", err)
			}
			defer f.Close()
			from = f
		}
		line, err := bufio.NewReader(io.LimitReader(from, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read the password: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	in, ok := c.InOrStdin().(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", usageError{errors.New("want --password-file, since there is no terminal to ask on")}
	}
	ask := func(what string) (string, error) {
		fmt.Fprint(c.ErrOrStderr(), what)
		text, err := term.ReadPassword(int(in.Fd()))
		fmt.Fprintln(c.ErrOrStderr())
		return string(text), err
	}
	first, err := ask("Password of " + name + ": ")
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	second, err := ask("Again: ")
	if err == nil && first != second {
		err = errors.New("the two passwords differ")
	}
	return first, err
}
