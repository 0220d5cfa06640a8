package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"nianbao/internal/warehouse"
	"nianbao/query/export"
)

func chainCommand(p *place) *cobra.Command {
	c := &cobra.Command{
		Use:   "chain",
		Short: "publish the head of the hash chain, so that nobody can change the past unseen",
		Long: `Every batch that a store takes is sealed with a link that hashes the link before it and everything that was added. Who
publishes the head now and then, on paper or on a page, can show later that nothing before it was changed:
nianbao verify --store --head FILE compares.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("chain: unknown command %q; see nianbao chain --help", args[0])}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	for _, sub := range []*cobra.Command{chainHead(p), chainKeygen()} {
		positional := sub.Args
		sub.Args = func(c *cobra.Command, args []string) error {
			if err := positional(c, args); err != nil {
				return usageError{fmt.Errorf("chain %s: %w; see %s --help", c.Name(), err, c.CommandPath())}
			}
			return nil
		}
		c.AddCommand(sub)
	}
	return c
}

func chainHead(p *place) *cobra.Command {
	var sign string
	c := &cobra.Command{
		Use:     "head",
		Short:   "print the last link of the chain, to be published",
		Example: "  nianbao chain head --sign office.key > head-2024-04-01.json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var key ed25519.PrivateKey
			if sign != "" {
				var err error
				if key, err = readKey(sign); err != nil {
					return err
				}
			}
			return p.with(c, func(ctx context.Context, store *warehouse.Store) error {
				links, err := store.Chain(ctx, time.Time{})
				if err != nil {
					return err
				}
				if len(links) == 0 {
					return errors.New("chain head: the store is empty")
				}
				last := links[len(links)-1]
				head := export.Published{Head: export.Head{Number: last.Number, Hash: last.Hash, Batch: last.Batch}, CommittedAt: last.CommittedAt}
				if key != nil {
					head = head.Sign(key)
				}
				enc := json.NewEncoder(c.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(head)
			})
		},
	}
	c.Flags().StringVar(&sign, "sign", "", "file with the key of the office (nianbao chain keygen)")
	return c
}

const keyBlock = "PRIVATE KEY"

func chainKeygen() *cobra.Command {
	return &cobra.Command{
		Use:   "keygen FILE",
		Short: "make the key with which an office signs heads; prints the public key",
		Long: `Writes a new Ed25519 key (PKCS #8, PEM) to a file that only its owner may read, and prints the public key, which is to be made
known. Keep the file apart from the store: who has both can change the past and sign it.`,
		Example: "  nianbao chain keygen office.key > office.pub",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			public, private, err := ed25519.GenerateKey(rand.Reader)
			if err != nil {
				return fmt.Errorf("chain keygen: %w", err)
			}
			der, err := x509.MarshalPKCS8PrivateKey(private)
			if err != nil {
				return fmt.Errorf("chain keygen: %w", err)
			}
			f, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // a key is never written over
			if err != nil {
				return fmt.Errorf("chain keygen: %w", err)
			}
			if err := errors.Join(pem.Encode(f, &pem.Block{Type: keyBlock, Bytes: der}), f.Sync(), f.Close()); err != nil {
				return fmt.Errorf("chain keygen: %w", err)
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), base64.StdEncoding.EncodeToString(public))
			return err
		},
	}
}

func readKey(name string) (ed25519.PrivateKey, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("read the key: others may read %s (mode %04o); want chmod 600, and a new key if it may have been seen", name, info.Mode().Perm())
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	if block, _ := pem.Decode(content); block != nil && block.Type == keyBlock {
		if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if key, ok := key.(ed25519.PrivateKey); ok {
				return key, nil
			}
		}
	}
	return nil, fmt.Errorf("read the key: %s holds no Ed25519 key, want what nianbao chain keygen wrote", name)
}
