package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"nianbao/internal/backup"
	"nianbao/internal/warehouse"
)

func backupCommand(p *place) *cobra.Command {
	var check bool
	c := &cobra.Command{
		Use:   "backup DIR",
		Short: "add to a backup what is new since the last time",
		Long: `Copies the whole store to a folder the first time, and what was added since each further time, as a piece of its own. Others may
load, decide and read meanwhile; the copy has whole batches only. Copy the folder to another machine, and keep it as safe as the
store: it has everything, hashed passwords of accounts too, but no settings and no keys.

--check reads all files of a backup again and compares them with their hashes; it needs no store.`,
		Example: "  nianbao backup /mnt/backup/nianbao\n  nianbao backup --check /mnt/backup/nianbao",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			dir := args[0]
			if check {
				return checkBackup(c, dir)
			}
			return p.with(c, func(ctx context.Context, store *warehouse.Store) error {
				m, err := backup.Make(ctx, backup.Options{Store: store, Program: "nianbao " + version}, dir)
				if errors.Is(err, backup.ErrNothingNew) {
					_, err := fmt.Fprintf(c.OutOrStdout(), "nothing was added since piece %d\n", m.Number-1)
					return err
				}
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "piece %d: batches %d to %d, %d rows, %d bytes; head %s\n", m.Number, m.FirstLink, m.LastLink, m.Rows(), m.Bytes(), m.Head)
				return err
			})
		},
	}
	c.Flags().BoolVar(&check, "check", false, "read a backup again and compare it with its hashes")
	return c
}

func checkBackup(c *cobra.Command, dir string) error {
	pieces, err := backup.Read(dir)
	if err != nil {
		return fmt.Errorf("check the backup %s: %w", dir, err)
	}
	wrong := len(pieces) == 0
	for i := range pieces {
		m := &pieces[i]
		if err := m.Check(dir); err != nil {
			wrong = true
			fmt.Fprintf(c.OutOrStdout(), "wrong  piece %d: %v\n", m.Number, err)
			continue
		}
		fmt.Fprintf(c.OutOrStdout(), "right  piece %d of %s: batches %d to %d, %d rows\n", m.Number, m.MadeAt.Format("2006-01-02 15:04:05Z07:00"), m.FirstLink, m.LastLink, m.Rows())
	}
	if len(pieces) == 0 {
		fmt.Fprintf(c.OutOrStdout(), "wrong  %s holds no backup\n", dir)
	}
	if wrong {
		return exit(failed)
	}
	return nil
}

func restoreCommand(p *place) *cobra.Command {
	return &cobra.Command{
		Use:   "restore DIR",
		Short: "make a store from a backup, in a data folder that is empty or not there yet",
		Long: `Fills the data folder (--data), which must be empty or missing, or the database of a server (--clickhouse), whose tables must be
empty, from a folder that nianbao backup wrote, and verifies it: hashes of the files, rows of each table, every link of the hash chain.
A restore that failed leaves nothing that counts; remove the data folder and begin again.`,
		Example: "  nianbao restore --data /var/lib/nianbao /mnt/backup/nianbao",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if p.address() == "" {
				if entries, err := os.ReadDir(p.data); err == nil && len(entries) > 0 {
					return fmt.Errorf("restore: the data folder %s is not empty; want an empty one, or one that is not there", p.data)
				}
			}
			if pieces, err := backup.Read(args[0]); err != nil || len(pieces) == 0 { // before a store is made
				return errors.Join(fmt.Errorf("restore: %s holds no backup", args[0]), err)
			}
			return p.with(c, func(ctx context.Context, store *warehouse.Store) error {
				pieces, err := backup.Restore(ctx, backup.Options{Store: store}, args[0])
				if err != nil {
					return err
				}
				var rows uint64
				for i := range pieces {
					rows += pieces[i].Rows()
				}
				last := pieces[len(pieces)-1]
				_, err = fmt.Fprintf(c.OutOrStdout(), "restored: %d batches, %d rows, as of %s; verified, head %s\n", last.LastLink, rows, last.MadeAt.Format("2006-01-02 15:04:05Z07:00"), last.Head)
				return err
			})
		},
	}
}
