// Package ingest is the write path: it takes files, folders and zip archives, reads every file, recognises the
// report in it, checks its figures, and commits what was read to the warehouse in batches.
//
// [Run] is a pipeline of three stages. One goroutine walks the paths, reads bytes and looks up which of them the
// warehouse has already; as many workers as processors turn bytes into filings; one goroutine puts the filings back
// into the order of the walk and commits them. Order matters: where a run holds two files for one agency and year,
// the later one in the walk is the newer version, every time. The bytes on their way are bounded, so a run needs the
// same memory for ten files and for a hundred thousand.
//
// A file ends as one [Result]. A file that is no report, or of which agency or year are not known, is rejected and
// nothing of it is kept; it never stops the others. A batch is visible as a whole or not at all, so a run that was
// cut off is completed by running it again.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"

	"golang.org/x/sync/errgroup"

	"nianbao/internal/form"
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
	// By is who hands the files in.
	By string
	// Each is called with every result, in the order of the walk, by one goroutine.
	Each func(Result)
	// Found is called with the number of files found, before they are read. Archives inside archives add to it later.
	Found func(files int)
	// Read is called when a file was read. Its result follows when its batch is stored.
	Read func()
	Log  *slog.Logger
}

// Outcome is what became of a file.
type Outcome string

// The outcomes of a file.
const (
	Loaded     Outcome = "loaded"      // the first filing of its agency and year
	NewVersion Outcome = "new_version" // other bytes than those held for its agency and year
	Unchanged  Outcome = "unchanged"   // the same bytes are held, or stood earlier in the run
	Rejected   Outcome = "rejected"    // no report, or not fit to be kept; Problems say why
	Failed     Outcome = "failed"      // the file may be a report, but reading or storing it failed
)

// Outcomes in the order in which summaries list them.
var Outcomes = []Outcome{Loaded, NewVersion, Unchanged, Rejected, Failed}

// Result is what became of one file.
type Result struct {
	File         string         `json:"file"` // a member of an archive as archive.zip!/member
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
	// LeftOut counts files in folders and archives that nobody hands in as a report, by what they are.
	LeftOut map[string]int
}

// Run ingests files, folders and archives. The error says why the run stopped before its end; what was committed by
// then stays. Results of single files are no errors of the run.
//
// When ctx is cancelled the batch that is being committed is finished, and what was not committed is dropped.
func Run(ctx context.Context, opt Options, paths []string) (Report, error) {
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

	workers := runtime.GOMAXPROCS(0)
	jobs := make(chan *item, workers)
	done := make(chan *item, 2*batchFilings) // workers go on while a batch is committed
	inFlight := newBudget()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(jobs)
		w := walk{opt: opt, jobs: jobs, inFlight: inFlight, leftOut: report.LeftOut}
		return w.run(ctx, paths)
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
	group.Go(func() error {
		c := committer{opt: opt, report: &report, inFlight: inFlight}
		return c.run(ctx, done)
	})
	err := group.Wait()
	switch {
	case errors.Is(err, context.Canceled):
		return report, fmt.Errorf("ingest: interrupted; what was not loaded is loaded by running it again: %w", err)
	case err != nil:
		return report, fmt.Errorf("ingest: %w", err)
	}
	return report, nil
}
