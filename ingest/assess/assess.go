// Package assess keeps the findings of the filings in the warehouse up to date.
//
// Package check judges one filing against others; this package says which others those are, reads them, and stores the
// findings that came out differently. Corrections that people made are part of what is checked. What flows in is the
// warehouse; what flows out are assessments in it.
//
// Whole years are checked, because a report that arrives changes what is unusual among its peers and what next year's
// report has to carry on. A year that is checked again without a change in it writes nothing.
package assess

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"
	"golang.org/x/sync/errgroup"

	"nianbao/ingest/check"
	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
)

// Options of a run.
type Options struct {
	Store *warehouse.Store
	By    string // who asked for it
	// Each, if set, is called after each chunk of filings with how many of the year's were checked.
	Each func(year, checked, of int)
}

// Result counts what a run did.
type Result struct {
	Years   int // with reports
	Checked int // filings
	Changed int // filings with findings other than those held
}

// chunk is how many filings are read and checked at a time: enough to keep queries few, few enough for the memory.
const chunk = 250

// Years checks the visible filings of some years, and stores the findings that differ from those held. Each year is begun
// again if the warehouse stops answering in the middle of it.
func Years(ctx context.Context, opt Options, years ...int) (Result, error) {
	var result Result
	years = slices.Compact(slices.Sorted(slices.Values(years)))
	var r *run
	err := opt.Store.Patiently(ctx, func(ctx context.Context) (err error) { r, err = begin(ctx, opt); return err })
	if err != nil {
		return result, fmt.Errorf("check: %w", err)
	}
	for _, year := range years {
		if err := opt.Store.Patiently(ctx, func(ctx context.Context) error { return r.year(ctx, year, &result) }); err != nil {
			return result, fmt.Errorf("check the reports for %d: %w", year, err)
		}
		delete(r.extracts, year-1) // the years ascend
	}
	return result, nil
}

// After lists the years to check once reports for some years came, changed or went: those and the years after them, to
// which they are the year before.
func After(changed []int) []int {
	var years []int
	for _, y := range changed {
		years = append(years, y, y+1)
	}
	slices.Sort(years)
	return slices.Compact(years)
}

// compared is what other filings are compared by.
var compared = warehouse.Wanted{Cells: check.Compared, Parts: true}

// few is up to how many filings of a year stay in memory between being compared and being checked; of more each is read
// twice. They take 60 KB each.
const few = 500

type run struct {
	opt      Options
	ledger   *warehouse.Ledger // of the moment at which the run began
	register *register.Register
	// corrections of all filings, by filing: there are few, and one question is enough.
	corrections map[string][]warehouse.Correction
	extracts    map[int][]*check.Extract // of years that were read
	whole       []form.Filing            // all filings of the year under way if they are few, else nil
}

func begin(ctx context.Context, opt Options) (*run, error) {
	r := &run{opt: opt, corrections: map[string][]warehouse.Correction{}, extracts: map[int][]*check.Extract{}}
	var err error
	if r.ledger, err = opt.Store.Ledger(ctx, time.Time{}); err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) { r.register, err = r.ledger.Register(ctx); return err })
	group.Go(func() error {
		all, err := r.ledger.Corrections(ctx, warehouse.Filter{})
		for _, c := range all {
			r.corrections[c.Filing] = append(r.corrections[c.Filing], c)
		}
		return err
	})
	return r, group.Wait()
}

func (r *run) year(ctx context.Context, year int, result *Result) error {
	filings, err := r.ledger.Filings(ctx, warehouse.Filter{Years: []int{year}})
	if err != nil || len(filings) == 0 {
		return err
	}
	before, err := r.extractsOf(ctx, year-1, nil)
	if err != nil {
		return err
	}
	r.whole = nil
	if len(filings) <= few {
		if r.whole, err = r.read(ctx, filings, warehouse.Everything); err != nil {
			return err
		}
		r.extracts[year] = extractsFrom(filings, r.whole)
	}
	now, err := r.extractsOf(ctx, year, filings)
	if err != nil {
		return err
	}
	others := check.YearOf(year, now, before, r.register)
	held, err := r.opt.Store.Assessments(ctx, time.Time{}, year)
	if err != nil {
		return err
	}

	group, working := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	type checked struct {
		filings int
		changed []warehouse.Assessment
	}
	chunks := make(chan checked)
	go func() {
		defer close(chunks)
		for from := 0; from < len(filings); from += chunk {
			part := filings[from:min(from+chunk, len(filings))]
			var read []form.Filing
			if r.whole != nil {
				read = r.whole[from : from+len(part)]
			}
			group.Go(func() error {
				changed, err := r.check(working, year, part, read, others, held)
				if err != nil {
					return err
				}
				select {
				case chunks <- checked{len(part), changed}:
					return nil
				case <-working.Done():
					return working.Err()
				}
			})
		}
		err = group.Wait()
	}()
	done := 0
	for c := range chunks {
		done += c.filings
		if failed := r.store(ctx, c.changed); failed != nil {
			for range chunks { // let the others end
			}
			return failed
		}
		result.Changed += len(c.changed)
		if r.opt.Each != nil {
			r.opt.Each(year, done, len(filings))
		}
	}
	if err != nil {
		return err
	}
	result.Years++
	result.Checked += done
	return nil
}

// check makes the findings of some filings, which are read if they were not, and returns those that differ from the ones
// held.
func (r *run) check(ctx context.Context, year int, filings []warehouse.Filing, read []form.Filing, others *check.Year, held map[string]warehouse.Assessed) ([]warehouse.Assessment, error) {
	if read == nil {
		var err error
		if read, err = r.read(ctx, filings, warehouse.Everything); err != nil {
			return nil, err
		}
	}
	var out []warehouse.Assessment
	for i, f := range filings {
		findings := Findings(&read[i], others.Context(f.Agency, &read[i]))
		if held[f.ID].Digest != warehouse.Digest(findings) {
			out = append(out, warehouse.Assessment{Filing: f.ID, Agency: f.HeldAs, Year: year, Findings: findings})
		}
	}
	return out, nil
}

// Findings checks a filing and sets what a decision about a finding rests on.
func Findings(f *form.Filing, c check.Context) []form.Finding {
	check.Run(f, c)
	f.SetBases()
	return f.Findings
}

func (r *run) store(ctx context.Context, assessments []warehouse.Assessment) error {
	if len(assessments) == 0 {
		return nil
	}
	// Chunks end in any order; what is stored does not depend on it.
	slices.SortFunc(assessments, func(a, b warehouse.Assessment) int { return cmp.Compare(a.Filing, b.Filing) })
	id, err := ulid.New(ulid.Timestamp(time.Now()), rand.Reader)
	if err != nil {
		return fmt.Errorf("make an id: %w", err)
	}
	_, err = r.opt.Store.Commit(ctx, warehouse.Batch{ID: id.String(), By: r.opt.By, Assessments: assessments})
	return err
}

// extractsOf reads what checks of other filings look at, for the visible filings of a year. They may be given.
func (r *run) extractsOf(ctx context.Context, year int, filings []warehouse.Filing) ([]*check.Extract, error) {
	if x, ok := r.extracts[year]; ok {
		return x, nil
	}
	if filings == nil {
		var err error
		if filings, err = r.ledger.Filings(ctx, warehouse.Filter{Years: []int{year}}); err != nil {
			return nil, err
		}
	}
	out, err := r.extract(ctx, filings, compared)
	if err == nil {
		r.extracts[year] = out
	}
	return out, err
}

func (r *run) extract(ctx context.Context, filings []warehouse.Filing, wanted warehouse.Wanted) ([]*check.Extract, error) {
	out := make([]*check.Extract, 0, len(filings))
	size := chunk
	if !wanted.Parts {
		size *= 8 // figures alone are little
	}
	for part := range slices.Chunk(filings, size) {
		read, err := r.read(ctx, part, wanted)
		if err != nil {
			return nil, err
		}
		out = append(out, extractsFrom(part, read)...)
	}
	return out, nil
}

func extractsFrom(filings []warehouse.Filing, read []form.Filing) []*check.Extract {
	out := make([]*check.Extract, len(filings))
	for i, f := range filings {
		out[i] = check.ExtractOf(f.ID, f.Agency, &read[i])
	}
	return out
}

// read returns the filings with what was read from their files and the corrections in force.
func (r *run) read(ctx context.Context, filings []warehouse.Filing, wanted warehouse.Wanted) ([]form.Filing, error) {
	if len(filings) == 0 {
		return nil, nil
	}
	contents, err := r.opt.Store.Contents(ctx, filings, wanted)
	if err != nil {
		return nil, err
	}
	out := make([]form.Filing, len(filings))
	for i, f := range filings {
		out[i] = r.filing(f, *contents[f.ID])
	}
	return out, nil
}

// filing is a filing with what was read from its file and the corrections in force.
func (r *run) filing(f warehouse.Filing, c warehouse.Content) form.Filing {
	out := f.Form()
	out.Cells, _ = warehouse.Overlay(c.Cells, r.corrections[f.ID])
	out.Parts, out.Claims = c.Parts, c.Claims
	return out
}
