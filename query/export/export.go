// Package export writes the audit package: a ZIP archive with everything that counts in a warehouse at a moment, as CSV
// with its descriptions and hashes, from which an auditor can check every figure without this program's warehouse.
//
// What flows in is a store and a [Query]; what flows out are bytes that depend on nothing but these two and the version of
// the program: the same query of the same data gives the same file, on any machine, from the embedded engine or a
// server. Package verify reads what this one writes.
package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
)

// Query says what is exported.
type Query struct {
	AsOf      time.Time // the state of the warehouse; zero means now, and is replaced by the moment of the export
	Years     []int     // empty means all with a report
	Agencies  []string  // codes; empty means all
	Documents bool      // with the files as they were handed in
	Sample    int       // cells to draw for inspection; 0 draws none
	Seed      string    // of the draw
	BOM       bool      // a byte order mark before each CSV file
	Changes   time.Time // with what changed from then on; zero leaves that out
}

// Summary is what was written.
type Summary struct {
	Query Query // as_of and years put in
	Head  warehouse.Link
	Files []File
}

// File is a file of the package.
type File struct {
	Name   string
	SHA256 string
	Bytes  int64
	Rows   int // of CSV files, without the header
}

// export is one run.
type export struct {
	store   *warehouse.Store
	query   Query
	filter  warehouse.Filter
	program string
	old     bool // the server does not know newer settings
	archive *archive
	years   []yearOf
	chain   []warehouse.Link
	files   []File
	totals  totals
}

// yearOf is what there is to export of a year.
type yearOf struct {
	year             int
	cells, findings  map[string]int // rows of each filing, whether it counts or not
	counted          map[string]bool
	corrected        bool // a correction of a filing that counts is in force
	nCells, nChecked int  // rows of the filings that count
}

// totals are the sums by which the files fit together. They stand in the description of the package.
type totals struct {
	Filings    int `json:"filings"`    // rows of filings.csv
	Counted    int `json:"counted"`    // of them those that count
	Superseded int `json:"superseded"` // those with a newer version
	Withdrawn  int `json:"withdrawn"`
	Register   int `json:"register"` // rows of register.csv
	Held       int `json:"held"`     // of them those with a report
	Missing    int `json:"missing"`  // those without
	Waiting    int `json:"waiting"`  // files that belong to no agency and year yet
	Links      int `json:"links"`    // of the chain
	LeftOut    int `json:"left_out"` // reports that count and stand in no comparison
}

// ErrMoved is the error of an export during which the state it was asked for changed.
var ErrMoved = errors.New("the state that is exported changed during the export: export again")

// Write writes the package. Nothing of what was written may be used if it returns an error.
func Write(ctx context.Context, store *warehouse.Store, program string, q Query, w io.Writer) (Summary, error) {
	wrap := func(err error) (Summary, error) { return Summary{}, fmt.Errorf("export: %w", err) }
	e, err := begin(ctx, store, program, q)
	if err != nil {
		return wrap(err)
	}
	batches, err := store.Batches(ctx, e.query.AsOf)
	if err != nil {
		return wrap(err)
	}
	e.archive = newArchive(w, e.query.AsOf.UTC().Truncate(2*time.Second))
	for _, one := range []struct {
		file  string
		write func(context.Context, io.Writer) error
	}{
		{form.CellsFile, e.writeCells}, {form.FilingsFile, e.writeFilings}, {form.FindingsFile, e.writeFindings}, {form.MeasuresFile, e.writeMeasures},
		{form.FormulasFile, e.writeFormulas}, {form.CorrectionsFile, e.writeCorrections}, {form.ReviewsFile, e.writeReviews}, {form.RegisterFile, e.writeRegister},
		{form.ExcludedFile, e.writeExcluded}, {form.ChangesFile, e.writeChanges}, {form.SampleFile, e.writeSample}, {form.ChainFile, e.writeChain},
	} {
		if one.file == form.ChangesFile && e.query.Changes.IsZero() || one.file == form.SampleFile && e.query.Sample == 0 {
			continue
		}
		p, err := e.archive.add(one.file, func(w io.Writer) error { return one.write(ctx, w) })
		if err != nil {
			return wrap(fmt.Errorf("write %s: %w", one.file, err))
		}
		e.files = append(e.files, File{p.name, p.sha256, p.bytes, p.lines - 1})
		if err := e.reconcile(e.files[len(e.files)-1]); err != nil {
			return wrap(err)
		}
	}
	if err := e.writeDocuments(ctx); err != nil {
		return wrap(err)
	}
	if err := e.describe(); err != nil {
		return wrap(err)
	}
	// A batch that was given a time before this moment while the export ran.
	if after, err := store.Batches(ctx, e.query.AsOf); err != nil || after != batches {
		return wrap(errors.Join(err, ErrMoved))
	}
	if err := e.archive.close(); err != nil {
		return wrap(err)
	}
	return Summary{e.query, e.head(), e.files}, nil
}

// Cells writes the file of cells alone.
func Cells(ctx context.Context, store *warehouse.Store, program string, q Query, w io.Writer) (rows int, err error) {
	e, err := begin(ctx, store, program, q)
	if err != nil {
		return 0, fmt.Errorf("export cells: %w", err)
	}
	t := newTally(w)
	err = e.writeCells(ctx, t)
	p := t.close()
	if err = errors.Join(err, t.err); err != nil {
		return 0, fmt.Errorf("export cells: %w", err)
	}
	return p.lines - 1, e.reconcile(File{form.CellsFile, p.sha256, p.bytes, p.lines - 1})
}

// begin finds out what there is to export.
func begin(ctx context.Context, store *warehouse.Store, program string, q Query) (*export, error) {
	e := &export{store: store, query: q, program: program}
	if e.query.AsOf.IsZero() {
		_, last, err := store.DataVersion(ctx)
		if err != nil {
			return nil, err
		}
		if e.query.AsOf = time.Now(); last.After(e.query.AsOf) {
			e.query.AsOf = last
		}
	}
	e.query.AsOf = e.query.AsOf.UTC().Truncate(time.Microsecond)
	if e.query.AsOf.After(time.Now().Add(time.Second)) {
		return nil, fmt.Errorf("as of %s is to come, and what will count then is not known: want a moment of the past", e.query.AsOf.Format(time.RFC3339))
	}
	var err error
	if e.old, err = oldServer(ctx, store); err != nil {
		return nil, err
	}
	if e.chain, err = store.Chain(ctx, e.query.AsOf); err != nil {
		return nil, err
	}
	slices.Sort(e.query.Years)
	slices.Sort(e.query.Agencies)
	e.query.Years, e.query.Agencies = slices.Compact(e.query.Years), slices.Compact(e.query.Agencies)
	e.filter = warehouse.Filter{Years: e.query.Years, Agencies: e.query.Agencies}
	if len(e.query.Years) == 0 {
		if e.query.Years, err = store.ReportYears(ctx, e.query.AsOf); err != nil {
			return nil, err
		}
	}
	for _, year := range e.query.Years {
		y := yearOf{year: year, counted: map[string]bool{}}
		filings, err := store.Filings(ctx, e.query.AsOf, warehouse.Filter{Years: []int{year}, Agencies: e.query.Agencies})
		if err != nil {
			return nil, err
		}
		for _, f := range filings {
			y.counted[f.ID] = true
		}
		if y.cells, y.findings, y.corrected, err = e.expected(ctx, year, y.counted); err != nil {
			return nil, err
		}
		for id := range y.counted {
			y.nCells += y.cells[id]
			y.nChecked += y.findings[id]
		}
		e.years = append(e.years, y)
	}
	return e, nil
}

// reconcile makes sure that what came from the engine is all there is: an answer that was cut off is no shorter file.
func (e *export) reconcile(f File) error {
	want := -1
	switch f.Name {
	case form.CellsFile:
		want = 0
		for _, y := range e.years {
			want += y.nCells
		}
	case form.FindingsFile:
		want = 0
		for _, y := range e.years {
			want += y.nChecked
		}
	}
	if want >= 0 && f.Rows != want {
		return fmt.Errorf("%s has %d rows, the tables have %d: the answer of the engine is not whole", f.Name, f.Rows, want)
	}
	return nil
}

// head is the last link of the chain, the zero link of an empty store.
func (e *export) head() warehouse.Link {
	if len(e.chain) == 0 {
		return warehouse.Link{Hash: warehouse.NoLink}
	}
	return e.chain[len(e.chain)-1]
}

func (e *export) writeCells(ctx context.Context, w io.Writer) error {
	d, _ := form.LookupDataset(form.CellsFile)
	if _, err := io.WriteString(w, Header(d, e.query.BOM)); err != nil {
		return err
	}
	return e.stream(ctx, w, func(y *yearOf) (string, []any) { return e.cellsQuery(y.year, y.corrected) })
}

func (e *export) writeFindings(ctx context.Context, w io.Writer) error {
	d, _ := form.LookupDataset(form.FindingsFile)
	if _, err := io.WriteString(w, Header(d, e.query.BOM)); err != nil {
		return err
	}
	return e.stream(ctx, w, func(y *yearOf) (string, []any) { return e.findingsQuery(y.year) })
}
