package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nianbao/ingest"
	"nianbao/internal/backup"
	"nianbao/internal/warehouse"
)

func openStore(t *testing.T, data string) *warehouse.Store {
	t.Helper()
	s, err := warehouse.Open(t.Context(), warehouse.Options{Data: data, Program: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// filingsOf are the visible filings of a store, as text.
func filingsOf(t *testing.T, s *warehouse.Store, asOf time.Time) []string {
	t.Helper()
	list, err := s.Filings(t.Context(), asOf, warehouse.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range list {
		out = append(out, f.ID+" "+f.Agency+" "+f.SHA256+" "+f.ReceivedAt.UTC().Format(time.RFC3339Nano))
	}
	return out
}

// Backups that are made while reports are loaded have whole batches; the store that is made of them is the one that was
// backed up.
func TestBackupWhileLoading(t *testing.T) {
	needEngine(t)
	const years, each = 3, 80
	dir := filepath.Join(t.TempDir(), "backup")
	data := filepath.Join(t.TempDir(), "data")
	store := openStore(t, data)
	closed := false
	defer func() {
		if !closed {
			store.Close()
		}
	}()
	var folders []string
	for year := range years {
		folders = append(folders, smallReports(t, each, 2020+year, none))
	}
	loaded := make(chan error, 1)
	go func() {
		for _, folder := range folders { // a batch and more each
			if _, err := ingest.Run(t.Context(), ingest.Options{Store: store, By: "test"}, []string{folder}); err != nil {
				loaded <- err
				return
			}
		}
		loaded <- nil
	}()
	options := backup.Options{Store: store, Program: "test"}
	pieces, done := 0, false
	for !done {
		select {
		case err := <-loaded:
			if err != nil {
				t.Fatal(err)
			}
			done = true // and once more
		default:
		}
		m, err := backup.Make(t.Context(), options, dir)
		switch {
		case err == nil:
			pieces++
			t.Logf("piece %d: links %d to %d, %d rows", m.Number, m.FirstLink, m.LastLink, m.Rows())
		case errors.Is(err, backup.ErrNothingNew), strings.Contains(err.Error(), "the store is empty"):
		default:
			t.Fatal(err)
		}
	}
	if pieces < 2 {
		t.Errorf("%d pieces were made while loading, want 2 or more", pieces)
	}
	if _, err := backup.Make(t.Context(), options, dir); !errors.Is(err, backup.ErrNothingNew) {
		t.Errorf("a backup with nothing new: %v, want that there is nothing", err)
	}
	want := filingsOf(t, store, time.Time{})
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	closed = true

	again := filepath.Join(t.TempDir(), "again")
	restored := openStore(t, again)
	got, err := backup.Restore(t.Context(), backup.Options{Store: restored}, dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != pieces {
		t.Errorf("%d pieces were restored, want %d", len(got), pieces)
	}
	if a, b := strings.Join(filingsOf(t, restored, time.Time{}), "\n"), strings.Join(want, "\n"); a != b || len(want) != years*each {
		t.Errorf("the restored store has %d filings, the store has %d, want the same %d", strings.Count(a, "\n")+1, len(want), years*each)
	}
	// It goes on as a store of its own: it can be loaded into, and its backup continues the one it came from.
	if _, err := ingest.Run(t.Context(), ingest.Options{Store: restored, By: "test"}, []string{smallReports(t, 3, 2025, none), folders[0]}); err != nil {
		t.Fatal(err)
	}
	m, err := backup.Make(t.Context(), backup.Options{Store: restored, Program: "test"}, dir)
	if err != nil || m.Number != pieces+1 {
		t.Errorf("backing up the restored store: piece %d, %v, want piece %d", m.Number, err, pieces+1)
	}
	if err := restored.Close(); err != nil {
		t.Fatal(err)
	}
	if n := audit(t, again); n != years*each+3 {
		t.Errorf("%d filings after loading into the restored store, want %d", n, years*each+3)
	}
}

// A backup that was damaged, lacks a piece or belongs to another store is refused, and so is a store that has something.
func TestBackupRefuses(t *testing.T) {
	needEngine(t)
	dir := filepath.Join(t.TempDir(), "backup")
	store := openStore(t, filepath.Join(t.TempDir(), "data"))
	defer store.Close()
	for _, year := range []int{2022, 2023} {
		if _, err := ingest.Run(t.Context(), ingest.Options{Store: store, By: "test"}, []string{smallReports(t, 2, year, none)}); err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Make(t.Context(), backup.Options{Store: store, Program: "test"}, dir); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(what string, err error, says string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want an error with %q", what, err, says)
		}
	}
	_, err := backup.Restore(t.Context(), backup.Options{Store: store}, dir)
	refused("restoring into a store with reports", err, "want an empty warehouse")

	other := openStore(t, filepath.Join(t.TempDir(), "other"))
	defer other.Close()
	if _, err := ingest.Run(t.Context(), ingest.Options{Store: other, By: "test"}, []string{smallReports(t, 1, 2023, none)}); err != nil {
		t.Fatal(err)
	}
	_, err = backup.Make(t.Context(), backup.Options{Store: other}, dir)
	refused("backing up another store", err, "it is the backup of another store")

	empty := openStore(t, filepath.Join(t.TempDir(), "empty"))
	defer empty.Close()
	name := filepath.Join(dir, "000001", "cells.rowbinary.zst")
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(content)
	changed[len(changed)/2] ^= 1
	if err := os.WriteFile(name, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = backup.Restore(t.Context(), backup.Options{Store: empty}, dir)
	refused("a damaged file", err, "the file was changed")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "000001"), filepath.Join(t.TempDir(), "away")); err != nil {
		t.Fatal(err)
	}
	_, err = backup.Restore(t.Context(), backup.Options{Store: empty}, dir)
	refused("a missing piece", err, "a piece is missing")
}
