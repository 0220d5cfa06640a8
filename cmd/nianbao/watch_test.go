package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nianbao/ingest"
	"nianbao/ingest/drop"
)

// filesBelow lists the files in a folder, by their path in it.
func filesBelow(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(dir, name)
			names = append(names, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestDropFolder(t *testing.T) {
	needEngine(t)
	store := openStore(t, filepath.Join(t.TempDir(), "data"))
	defer store.Close()
	dir := t.TempDir()
	put := func(name string, content []byte) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, content, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	looks := 0
	f := &drop.Folder{Dir: dir, Ingest: ingest.Options{Store: store, By: "test"}, Every: time.Millisecond}
	if err := os.MkdirAll(filepath.Join(dir, "done"), 0o755); err != nil {
		t.Fatal(err)
	}
	look := func(want int) {
		t.Helper()
		looks++
		if n, err := f.Look(ctx); err != nil || n != want {
			t.Errorf("look %d put %d files away, error %v, want %d", looks, n, err, want)
		}
	}
	put("a.html", smallReport(townOf(1), 2023, 1, ""))
	put("办公室/b.html", smallReport(townOf(2), 2023, 1, ""))
	put("notice.txt", []byte("关于放假的通知\n\n全体职工：今天放假一天。\n"))
	put("half.html", smallReport(townOf(3), 2023, 1, "")[:300])
	put(".coming.html", []byte("x"))
	put("coming.html.part", []byte("x"))
	look(0) // each may still be written
	put("half.html", smallReport(townOf(3), 2023, 1, ""))
	look(3)
	look(1)
	put("a.html", smallReport(townOf(1), 2023, 2, "")) // another version under the same name
	look(0)
	look(1)
	look(0)
	want := []string{".coming.html", "coming.html.part", "done/a-2.html", "done/a.html", "done/half.html", "done/办公室/b.html", "rejected/notice.txt", "rejected/notice.txt.reason.txt"}
	if got := filesBelow(t, dir); !slices.Equal(got, want) {
		t.Errorf("the folder has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	reason, err := os.ReadFile(filepath.Join(dir, "rejected/notice.txt.reason.txt"))
	if err != nil || !strings.HasPrefix(string(reason), "notice.txt: not_a_report: ") {
		t.Errorf("the reason is %q, %v", reason, err)
	}
	if n := len(filingsOf(t, store, time.Time{})); n != 3 {
		t.Errorf("%d reports are visible, want 3", n)
	}
	// What cannot be stored stays.
	put("c.html", smallReport(townOf(4), 2023, 1, ""))
	look(0)
	end()
	if n, err := f.Look(ctx); n != 0 || err == nil {
		t.Errorf("a look that was interrupted put %d files away, error %v, want none and an error", n, err)
	}
	if got := filesBelow(t, dir); !slices.Contains(got, "c.html") {
		t.Errorf("c.html went away though it was not stored: %q", got)
	}
}

// An ingest that ends while it checks leaves word of the years, and the next one checks them, though it loads nothing.
func TestUncheckedYearsAreCheckedByTheNext(t *testing.T) {
	needEngine(t)
	data := filepath.Join(t.TempDir(), "data")
	store := openStore(t, data)
	defer store.Close()
	dirs := []string{smallReports(t, 3, 2022, none), smallReports(t, 3, 2023, none)}
	ctx, cut := context.WithCancel(t.Context())
	loaded := 0
	_, err := ingest.Run(ctx, ingest.Options{Store: store, By: "test", Each: func(ingest.Result) {
		if loaded++; loaded == 6 {
			cut() // everything is stored, nothing is checked
		}
	}}, dirs)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("the run ended with %v, want that it was cut off", err)
	}
	left, err := ingest.Unchecked(data)
	if err != nil || !slices.Equal(left, []int{2022, 2023}) {
		t.Fatalf("left unchecked: %v, %v, want 2022 and 2023", left, err)
	}
	report, err := ingest.Run(t.Context(), ingest.Options{Store: store, By: "test"}, nil)
	if err != nil || report.Assessed.Checked != 6 {
		t.Errorf("the next run checked %d reports, error %v, want 6", report.Assessed.Checked, err)
	}
	if left, err := ingest.Unchecked(data); err != nil || len(left) > 0 {
		t.Errorf("still unchecked: %v, %v", left, err)
	}
}
