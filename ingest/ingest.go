// Package ingest is the write path: it takes files, folders and zip archives, reads every file, recognises the
// report in it, checks its figures, and commits what was read to the warehouse in batches.
//
// [Run] is a pipeline of three stages. One goroutine walks the paths, reads bytes and looks up which of them the
// warehouse has already; as many workers as processors turn bytes into filings; one goroutine puts the filings back
// into the order of the walk and commits them. Order matters: where a run holds two files for one agency and year,
// the later one in the walk is the newer version, every time. The bytes on their way are bounded, so a run needs the
// same memory for ten files and for a hundred thousand.
//
// A file ends as one [Result]. A file that is no report is rejected and nothing of it is kept; it never stops the
// others. A report of which agency or year are not known is kept and waits for a person to say. Names are looked up in
// the register; a name that is not certainly that of an agency in it gets an entry of its own, which a person may link
// to another later on. When all is loaded the years that changed are checked as a whole by package assess. A batch is visible as a whole or not at all, so a run that was
// cut off is completed by running it again.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"nianbao/ingest/assess"
	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
)

// Options of a run.
type Options struct {
	// Store is where reports go. It may be nil in a dry run: then nothing is held.
	Store *warehouse.Store
	// DryRun says what would change and writes nothing.
	DryRun bool
	// Agency and Year, if given, hold for every file of the run, whatever the file says.
	Agency string
	Year   int
	// Region is where the files come from, a code as in package register: names that do not say their place are of it.
	Region string
	// Again loads bytes that are held as a new version. It is for files that read differently now, because something is
	// installed that was missing or the program reads better.
	Again bool
	// By is who hands the files in.
	By string
	// Each is called with every result, in the order of the walk, by one goroutine.
	Each func(Result)
	// Found is called with the number of files found, before they are read. Archives inside archives add to it later.
	Found func(files int)
	// Read is called when a file was read. Its result follows when its batch is stored.
	Read func()
	// Checked is called while the years that changed are checked, with how many of a year's reports were.
	Checked func(year, checked, of int)
	Log     *slog.Logger

	register *register.Register // as it was when the run began
	waiting  map[string]bool    // hashes of the files that waited then
}

// Outcome is what became of a file.
type Outcome string

// The outcomes of a file.
const (
	Loaded     Outcome = "loaded"      // the first filing of its agency and year
	NewVersion Outcome = "new_version" // other bytes than those held for its agency and year
	Unchanged  Outcome = "unchanged"   // the same bytes are held, or stood earlier in the run
	Waiting    Outcome = "waiting"     // a report, kept until a person says whose or for which year it is; Problems say which
	Rejected   Outcome = "rejected"    // no report, or not fit to be kept; Problems say why
	Failed     Outcome = "failed"      // the file may be a report, but reading or storing it failed
)

// Outcomes in the order in which summaries list them.
var Outcomes = []Outcome{Loaded, NewVersion, Unchanged, Waiting, Rejected, Failed}

// Result is what became of one file.
type Result struct {
	File         string         `json:"file"` // a member of an archive as archive.zip!/member
	MediaType    string         `json:"media_type,omitempty"`
	Status       Outcome        `json:"status"`
	Message      string         `json:"message,omitempty"` // why it is unchanged, rejected or failed
	SHA256       string         `json:"sha256,omitempty"`
	Agency       string         `json:"agency,omitempty"` // name
	AgencyID     string         `json:"agency_id,omitempty"`
	Year         int            `json:"year,omitempty"`
	Filing       string         `json:"filing,omitempty"`  // id
	Version      int            `json:"version,omitempty"` // among the filings of the agency and year, from 1
	Read         form.Status    `json:"read,omitempty"`    // how far the report could be read
	Cells        int            `json:"cells"`
	FailedChecks int            `json:"failed_checks"` // findings that the figures do not add up
	Problems     []form.Problem `json:"problems"`
}

// Report counts the results of a run.
type Report struct {
	Files   map[Outcome]int
	Batches int
	// Assessed says how many reports were checked against others after the loading, and how many findings sets changed.
	Assessed assess.Result
	// LeftOut counts files in folders and archives that nobody hands in as a report, by what they are.
	LeftOut map[string]int
}

// Run ingests files, folders and archives. The error says why the run stopped before its end; what was committed by
// then stays. Results of single files are no errors of the run.
//
// When ctx is cancelled the batch that is being committed is finished, and what was not committed is dropped.
func Run(ctx context.Context, opt Options, paths []string) (Report, error) {
	return run(ctx, opt, func(ctx context.Context, w *walk) error { return w.run(ctx, paths) })
}

// run does the work of Run for the files that find sends on their way.
func run(ctx context.Context, opt Options, find func(context.Context, *walk) error) (Report, error) {
	report := Report{Files: map[Outcome]int{}, LeftOut: map[string]int{}}
	if opt.Store == nil && !opt.DryRun {
		return report, errors.New("ingest: no warehouse is given")
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Store != nil && opt.Store.Data() != "" && !opt.DryRun {
		unlock, err := lock(ctx, opt.Store.Data(), opt.Log)
		if err != nil {
			return report, fmt.Errorf("ingest: %w", err)
		}
		defer unlock()
	}
	if err := opt.known(ctx); err != nil {
		return report, fmt.Errorf("ingest: %w", err)
	}

	data := ""
	if opt.Store != nil && !opt.DryRun {
		data = opt.Store.Data()
	}
	left, err := Unchecked(data) // by a run that was killed
	if err != nil {
		return report, fmt.Errorf("ingest: %w", err)
	}

	workers := runtime.GOMAXPROCS(0)
	jobs := make(chan *item, workers)
	done := make(chan *item, batchFilings) // workers go on while a batch is committed
	inFlight := newBudget()
	outer := ctx
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(jobs)
		w := walk{opt: opt, jobs: jobs, inFlight: inFlight, leftOut: report.LeftOut}
		return find(ctx, &w)
	})
	group.Go(func() error {
		defer close(done)
		readers, ctx := errgroup.WithContext(ctx)
		for range workers {
			readers.Go(func() error {
				for it := range jobs {
					it.read(ctx, opt)
					select {
					case done <- it:
					case <-ctx.Done():
						return ctx.Err()
					}
				}
				return nil
			})
		}
		return readers.Wait()
	})
	c := committer{opt: opt, report: &report, inFlight: inFlight, years: map[int]bool{}, data: data}
	for _, year := range left {
		c.years[year] = true
	}
	group.Go(func() error { return c.run(ctx, done) })
	err = group.Wait()
	if err == nil && len(c.years) > 0 {
		years := assess.After(slices.Collect(maps.Keys(c.years)))
		report.Assessed, err = assess.Years(outer, assess.Options{Store: opt.Store, By: opt.By, Each: opt.Checked}, years...)
		if err == nil && data != "" {
			err = keepUnchecked(data, nil)
		}
	}
	switch {
	case errors.Is(err, context.Canceled):
		return report, fmt.Errorf("ingest: interrupted; what was not loaded is loaded by running it again: %w", err)
	case err != nil:
		return report, fmt.Errorf("ingest: %w", err)
	}
	return report, nil
}

// known reads what the warehouse knows of agencies and of files that wait.
func (opt *Options) known(ctx context.Context) error {
	opt.register, opt.waiting = register.New(nil, nil), map[string]bool{}
	if opt.Store == nil {
		return nil
	}
	var err error
	if opt.register, err = opt.Store.Register(ctx, time.Time{}); err != nil {
		return err
	}
	waiting, err := opt.Store.Waiting(ctx, time.Time{})
	if err != nil {
		return err
	}
	for _, w := range waiting {
		opt.waiting[w.SHA256] = true
	}
	return nil
}

// agency is the code of the body with a printed name: that of the register, or a provisional one. Bodies of the same name in
// two regions are two, where the regions are known.
func (opt *Options) agency(name, region string, year int) string {
	if m := opt.register.Match(name, region, year); m.Code != "" {
		return opt.register.Resolve(m.Code)
	}
	return opt.register.Resolve(warehouse.AgencyID(register.Distinct(name, region)))
}

// Sent is a file that lies at a path of no meaning, and has a name of its own.
type Sent struct{ Name, Path string }

// Files ingests files that were sent, archives among them.
func Files(ctx context.Context, opt Options, files []Sent) (Report, error) {
	return run(ctx, opt, func(ctx context.Context, w *walk) error {
		w.tell(len(files))
		for _, f := range files {
			if err := w.file(ctx, found{name: f.Name, path: f.Path}); err != nil {
				return err
			}
		}
		return w.send(ctx)
	})
}

// Bytes ingests one file whose bytes the caller has.
func Bytes(ctx context.Context, opt Options, name string, b []byte) (Report, error) {
	return run(ctx, opt, func(ctx context.Context, w *walk) error {
		it := newItem(name, b)
		if err := w.inFlight.take(ctx, int64(len(b))); err != nil {
			return err
		}
		it.charged = int64(len(b))
		if err := w.gather(ctx, it); err != nil {
			return err
		}
		return w.send(ctx)
	})
}
