package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nianbao/ingest"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/export"
	"nianbao/query/export/verify"
)

func verifyCommand(p *place) *cobra.Command {
	var whole bool
	var head, key string
	c := &cobra.Command{
		Use:   "verify F.zip | verify --store",
		Short: "check an audit package, or that nothing of the past of a store was changed",
		Long: `Checks an audit package by itself, without a store or a network: the hash of every file, rows, keys and types; every identity
of the form and every measure computed again from the cells; who is missing; the hash chain; and, if the package has the files
as they were handed in, what is read from them now. Prints every difference.

With --store it computes the hash chain of a store again from its rows and names the first batch whose past was changed.

Exit code 0 if all is right, 1 if not.`,
		Example: "  nianbao verify audit.zip\n  nianbao verify audit.zip --head head.json --key $(cat office.pub)\n  nianbao verify --store --head head.json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if whole == (len(args) == 1) {
				return usageError{errors.New("verify: want the name of a package, or --store")}
			}
			var published *export.Published
			if head != "" {
				content, err := os.ReadFile(head)
				if err != nil {
					return fmt.Errorf("verify: %w", err)
				}
				one, err := export.ParsePublished(content, key)
				if err != nil {
					return err
				}
				published = &one
			} else if key != "" {
				return usageError{errors.New("verify: --key without --head: want the published head that it signed")}
			}
			if whole {
				return p.with(c, func(ctx context.Context, store *warehouse.Store) error {
					return verifyStore(ctx, c.OutOrStdout(), store, published)
				})
			}
			return verifyPackage(c.Context(), c.OutOrStdout(), args[0], published)
		},
	}
	f := c.Flags()
	f.BoolVar(&whole, "store", false, "check the store, not a package")
	f.StringVar(&head, "head", "", "a published head of the chain (nianbao chain head) that has to be part of it")
	f.StringVar(&key, "key", "", "the public key of the office, with which the head has to be signed")
	return c
}

func verifyPackage(ctx context.Context, out io.Writer, name string, published *export.Published) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	opt := verify.Options{Read: func(ctx context.Context, name string, content []byte) form.Filing {
		return ingest.Read(ctx, name, content)
	}}
	if published != nil {
		opt.Head = &published.Head
	}
	r, err := verify.Package(ctx, f, info.Size(), opt)
	if err != nil {
		return fmt.Errorf("verify %s: %w", name, err)
	}
	var b strings.Builder
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "wrong  %s\n", p)
	}
	if r.More > 0 {
		fmt.Fprintf(&b, "wrong  and %d more\n", r.More)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note   %s\n", n)
	}
	if published != nil && published.Number > r.Origin.Chain.Number {
		fmt.Fprintf(&b, "note   the published head is link %d, after the package, which ends with link %d: nianbao verify --store compares it\n", published.Number, r.Origin.Chain.Number)
	}
	fmt.Fprintf(&b, "%s: as of %s, by %s, chain %d %s\n", name, r.Origin.AsOf, r.Origin.Program, r.Origin.Chain.Number, r.Origin.Chain.Hash)
	fmt.Fprintf(&b, "%d cells, %d identities and %d measures computed again, %d files read again\n", r.Rows[form.CellsFile], r.Equal, r.Measures, r.Read)
	if r.Right() {
		b.WriteString("right: everything agrees\n")
	} else {
		fmt.Fprintf(&b, "not right: %d differences\n", len(r.Problems)+r.More)
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return err
	}
	if !r.Right() {
		return exit(failed)
	}
	return nil
}

func verifyStore(ctx context.Context, out io.Writer, store *warehouse.Store, published *export.Published) error {
	links, breaches, err := store.VerifyChain(ctx, nil)
	if err != nil {
		return err
	}
	var b strings.Builder
	for i, x := range breaches {
		word := "wrong  "
		if i == 0 {
			word = "first  "
		}
		what := fmt.Sprintf("batch %s (link %d,", x.Batch, x.Number)
		if x.Number == 0 {
			what = fmt.Sprintf("entry %s (journal,", x.Batch)
		}
		fmt.Fprintf(&b, "%s%s %s by %s): %s\n", word, what, x.At.Format(time.RFC3339Nano), x.By, x.What)
	}
	wrong := len(breaches) > 0
	if published != nil {
		switch n := published.Number; {
		case n > uint64(len(links)):
			wrong = true
			fmt.Fprintf(&b, "wrong  the published head is link %d, the chain has %d: the end of it was removed\n", n, len(links))
		case links[n-1].Hash != published.Hash:
			wrong = true
			fmt.Fprintf(&b, "wrong  link %d has the hash %s, the published one has %s: the past was changed and the chain made anew\n", n, links[n-1].Hash, published.Hash)
		}
	}
	if wrong {
		b.WriteString("not right\n")
	} else {
		fmt.Fprintf(&b, "right: %d batches are as they were committed\n", len(links))
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return err
	}
	if wrong {
		return exit(failed)
	}
	return nil
}
