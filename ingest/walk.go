package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// A walk finds files, reads their bytes and sends them to be read, each with its place in the order.
type walk struct {
	opt      Options
	jobs     chan<- *item
	inFlight budget
	leftOut  map[string]int

	files    []found // not read yet
	told     int     // files found so far, for the caller
	sequence int
	// gathered are items that were read and not sent yet: whether the warehouse has them is asked for many at once.
	gathered      []*item
	gatheredBytes int64
}

// found is a file that the walk met, or what kept it from being looked at.
type found struct {
	name string
	err  error
	path string // where it lies, if that is not its name
}

const (
	gatherFiles = 128
	gatherBytes = 16 << 20
)

func (w *walk) run(ctx context.Context, paths []string) error {
	for _, p := range paths {
		if err := w.find(ctx, p); err != nil {
			return err
		}
	}
	w.tell(len(w.files))
	for _, f := range w.files {
		if err := w.file(ctx, f); err != nil {
			return err
		}
	}
	return w.send(ctx)
}

// tell reports that more files were found.
func (w *walk) tell(files int) {
	w.told += files
	if w.opt.Found != nil {
		w.opt.Found(w.told)
	}
}

// find lists the files of a path.
func (w *walk) find(ctx context.Context, path string) error {
	info, err := os.Stat(path) // a link that the caller names is followed
	if err != nil || !info.IsDir() {
		w.files = append(w.files, found{name: path, err: err})
		return nil
	}
	if link, err := filepath.EvalSymlinks(path); err == nil && link != path {
		// WalkDir does not enter a root that is a link, unless it ends with a separator.
		path = strings.TrimRight(path, string(filepath.Separator)) + string(filepath.Separator)
	}
	return filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			w.files = append(w.files, found{name: name, err: err})
			if entry != nil && entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case name == path:
			return nil
		}
		if why := leaveOut(entry.Name()); why != "" {
			w.leftOut[why]++
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.IsDir() {
			w.files = append(w.files, found{name: name})
		}
		return nil
	})
}

// leaveOut says why a file or folder met in a folder or archive is nothing that is handed in as a report, or "".
// A file that the caller names is never left out. Pictures are not left out: they may be scanned reports.
func leaveOut(base string) string {
	switch strings.ToLower(base) {
	case "thumbs.db", "desktop.ini", "__macosx":
		return base
	case "readme", "readme.md", "readme.txt":
		return "README"
	case "register.csv": // beside the reports of the demonstration; for nianbao register import
		return "register"
	}
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "~$") {
		return "hidden"
	}
	switch ext := strings.ToLower(filepath.Ext(base)); ext {
	case ".json", ".css", ".js", ".map", ".woff", ".woff2", ".ttf", ".ico":
		return ext // beside reports: truth files of the demonstration, and what a browser saves with a page
	}
	return ""
}

// file reads one file and sends it, or the files in it if it is an archive.
func (w *walk) file(ctx context.Context, met found) error {
	name := met.name
	if met.err != nil {
		return w.fail(ctx, name, plain(met.err))
	}
	f, size, err := openRegular(cmp.Or(met.path, name))
	if errors.Is(err, errFolder) { // met as a link
		err = errors.New("is a link to a folder, which is not followed; give the folder itself")
	}
	if err != nil {
		return w.fail(ctx, name, err)
	}
	defer f.Close()
	if format, ok := formatOf(name, f, size); ok {
		return w.archive(ctx, name, format, f, size, newAllowance(size), 1)
	}
	return w.read(ctx, name, size, f, func(err error) error { return w.fail(ctx, name, err) })
}

var errFolder = errors.New("is a folder, want a file")

// openRegular opens a file and says how many bytes it has.
func openRegular(name string) (*os.File, int64, error) {
	info, err := os.Stat(name) // before opening, which would wait on a pipe
	if err != nil {
		return nil, 0, plain(err)
	}
	if info.IsDir() {
		return nil, 0, errFolder
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("is no regular file (%s)", info.Mode().Type())
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, plain(err)
	}
	return f, info.Size(), nil
}

// plain is the error without the operation and the path, which stand beside it anyway.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// read reads a file of a known size and gathers it. unreadable ends a file whose bytes cannot be had.
func (w *walk) read(ctx context.Context, name string, size int64, r io.Reader, unreadable func(error) error) error {
	if limit := document.DefaultLimits.Bytes; size > limit {
		return w.reject(ctx, name, document.TooLarge, fmt.Sprintf("the file has %d bytes, want at most %d", size, limit))
	}
	if !w.inFlight.try(size) {
		// What is gathered takes room too, and would never free it while it waits here.
		if err := w.send(ctx); err != nil {
			return err
		}
		if err := w.inFlight.take(ctx, size); err != nil {
			return err
		}
	}
	b, err := readAll(r, size)
	if err != nil {
		w.inFlight.release(size)
		return unreadable(err)
	}
	it := newItem(name, b)
	it.charged = size
	return w.gather(ctx, it)
}

// readAll reads exactly size bytes; more or fewer is an error.
func readAll(r io.Reader, size int64) ([]byte, error) {
	b := make([]byte, size)
	if n, err := io.ReadFull(r, b); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("has %d bytes, and said it had %d; it was changed while it was read, or is damaged", n, size)
		}
		return nil, plain(err)
	}
	var more [1]byte
	if n, err := io.ReadFull(r, more[:]); n > 0 {
		return nil, fmt.Errorf("has more than the %d bytes it said it had; it was changed while it was read, or is damaged", size)
	} else if !errors.Is(err, io.EOF) {
		return nil, plain(err) // an archive finds here that the checksum of a member is wrong
	}
	return b, nil
}

func (w *walk) fail(ctx context.Context, name string, err error) error {
	it := &item{name: name, result: Result{File: name}}
	it.fail(err)
	return w.settled(ctx, it)
}

func (w *walk) reject(ctx context.Context, name, code, message string) error {
	it := &item{name: name, result: Result{File: name}}
	it.reject(form.Problem{Code: code, Message: message})
	return w.settled(ctx, it)
}

// settled gathers an item without bytes.
func (w *walk) settled(ctx context.Context, it *item) error {
	if !w.inFlight.try(0) {
		if err := w.send(ctx); err != nil {
			return err
		}
		if err := w.inFlight.take(ctx, 0); err != nil {
			return err
		}
	}
	return w.gather(ctx, it)
}

func (w *walk) gather(ctx context.Context, it *item) error {
	it.sequence = w.sequence
	w.sequence++
	w.gathered = append(w.gathered, it)
	w.gatheredBytes += int64(len(it.bytes))
	if len(w.gathered) < gatherFiles && w.gatheredBytes < gatherBytes {
		return nil
	}
	return w.send(ctx)
}

// send passes on what is gathered. Bytes that the warehouse has need not be read again, unless the caller says whose
// report they are.
func (w *walk) send(ctx context.Context) error {
	items := w.gathered
	w.gathered, w.gatheredBytes = nil, 0
	if w.opt.Store != nil && w.opt.Agency == "" && w.opt.Year == 0 && !w.opt.Again {
		var sums []string
		for _, it := range items {
			if it.result.Status == "" {
				sums = append(sums, it.result.SHA256)
			}
		}
		held, err := w.opt.Store.Held(ctx, sums)
		if err != nil {
			return err
		}
		for _, it := range items {
			if h := held[it.result.SHA256]; len(h) > 0 && it.result.Status == "" {
				it.unchanged(h[0])
			}
		}
	}
	for _, it := range items {
		select {
		case w.jobs <- it:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
