// Package drop ingests what people put into a folder, and puts it away: into done/ what was taken, into rejected/ what was not,
// with a file beside it that says why.
//
// A file is taken once it no longer changes: it was the same at two looks. One that could not be stored (the warehouse does not
// answer, the disk is full) stays where it is and is tried again. Nothing is ever removed.
package drop

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"nianbao/ingest"
)

// The folders in which files are put away, below the folder that is watched.
const (
	Done     = "done"
	Rejected = "rejected"
	// reasonSuffix ends the name of the file that says why another was rejected.
	reasonSuffix = ".reason.txt"
)

// A Folder is watched.
type Folder struct {
	Dir    string
	Ingest ingest.Options // of every run; Each is called besides
	// Every is how long to wait between two looks.
	Every time.Duration
	Log   *slog.Logger

	seen map[string]look // files at the last look
}

type look struct {
	size     int64
	modified time.Time
}

// Watch looks until ctx ends. The error says why it could not go on.
func (f *Folder) Watch(ctx context.Context) error {
	if err := f.prepare(); err != nil {
		return fmt.Errorf("watch %s: %w", f.Dir, err)
	}
	for {
		if _, err := f.Look(ctx); err != nil && ctx.Err() == nil {
			f.Log.Error("watch: this look failed; the files stay and are tried again", "folder", f.Dir, "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(f.Every):
		}
	}
}

func (f *Folder) prepare() error {
	info, err := os.Stat(f.Dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return errors.New("it is no folder")
	}
	return errors.Join(os.MkdirAll(filepath.Join(f.Dir, Done), 0o755), os.MkdirAll(filepath.Join(f.Dir, Rejected), 0o755))
}

// Look ingests the files that did not change since the last look, puts them away, and returns how many.
func (f *Folder) Look(ctx context.Context) (away int, err error) {
	now, err := f.list()
	if err != nil {
		return 0, err
	}
	var ready []string
	for name, l := range now {
		if f.seen[name] == l {
			ready = append(ready, name)
		}
	}
	f.seen = now
	if len(ready) == 0 {
		return 0, nil
	}
	slices.Sort(ready)
	results := map[string][]ingest.Result{}
	opt := f.Ingest
	opt.Each = func(r ingest.Result) {
		file, _, _ := strings.Cut(r.File, "!/") // a member belongs to its archive
		results[file] = append(results[file], r)
		if f.Ingest.Each != nil {
			f.Ingest.Each(r)
		}
	}
	_, err = ingest.Run(ctx, opt, ready)
	complete := err == nil
	for _, name := range ready { // also of a run that was cut off: what was stored is stored
		put, putErr := f.putAway(name, results[name], complete)
		err = errors.Join(err, putErr)
		if put {
			away++
			delete(f.seen, name)
		}
	}
	return away, err
}

// list finds the files, but for those that were put away and those that are hidden, as browsers and copying programs name what is
// not complete.
func (f *Folder) list() (map[string]look, error) {
	files := map[string]look{}
	err := filepath.WalkDir(f.Dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			if name == f.Dir {
				return err
			}
			return nil // it went away, or cannot be read: seen again at the next look
		}
		rel, _ := filepath.Rel(f.Dir, name)
		hidden := name != f.Dir && (strings.HasPrefix(e.Name(), ".") || strings.HasPrefix(e.Name(), "~$") || strings.HasSuffix(e.Name(), ".part") || strings.HasSuffix(e.Name(), ".crdownload"))
		switch {
		case e.IsDir() && (rel == Done || rel == Rejected || hidden):
			return fs.SkipDir
		case hidden || !e.Type().IsRegular(): // links lead elsewhere
			return nil
		}
		if info, err := e.Info(); err == nil {
			files[name] = look{info.Size(), info.ModTime()}
		}
		return nil
	})
	return files, err
}

// putAway moves a file by what became of it. It stays where it is, to be tried again, if it is not known what became of it because
// the run did not come to its end.
func (f *Folder) putAway(name string, results []ingest.Result, complete bool) (bool, error) {
	var reasons []string
	if len(results) == 0 {
		if !complete {
			return false, nil
		}
		reasons = append(reasons, filepath.Base(name)+": there is no file in it")
	}
	for _, r := range results {
		switch {
		case r.Status == ingest.Failed && !complete:
			return false, nil
		case r.Status == ingest.Rejected || r.Status == ingest.Failed: // it failed by itself
			code := ""
			if n := len(r.Problems); n > 0 {
				code = r.Problems[n-1].Code + ": "
			}
			reasons = append(reasons, fmt.Sprintf("%s: %s%s", filepath.Base(r.File), code, r.Message))
		}
	}
	folder := Done
	if len(reasons) > 0 {
		folder = Rejected
	}
	rel, err := filepath.Rel(f.Dir, name)
	if err != nil {
		return false, err
	}
	to, err := free(filepath.Join(f.Dir, folder, rel))
	if err != nil {
		return false, err
	}
	if len(reasons) > 0 {
		text := strings.Join(reasons, "\n") + "\n"
		if taken := len(results) - len(reasons); taken > 0 {
			text += fmt.Sprintf("the other %d files in it were taken\n", taken)
		}
		if err := os.WriteFile(to+reasonSuffix, []byte(text), 0o644); err != nil {
			return false, fmt.Errorf("say why %s was rejected: %w", name, err)
		}
	}
	if err := os.Rename(name, to); err != nil && !errors.Is(err, fs.ErrNotExist) { // somebody took it away meanwhile
		return false, fmt.Errorf("put %s away: %w", name, err)
	}
	return true, nil
}

// free is a name that no file has yet: a.html, a-2.html and so on. Its folder is made.
func free(name string) (string, error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return "", err
	}
	ext := filepath.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	for n := 2; ; n++ {
		_, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return name, nil
		}
		if err != nil {
			return "", err
		}
		name = fmt.Sprintf("%s-%d%s", stem, n, ext)
	}
}
