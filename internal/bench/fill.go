package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"nianbao/ingest/check"
	"nianbao/internal/demo"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
)

// A large store is a made-up district of moulded bodies, committed as an ingest commits it, and copies of it that the
// engine makes of itself: the same figures under other codes and names. What a copy adds is stored, sorted and read
// like anything else; only its figures repeat.
const (
	moulded   = 600  // bodies of the district that is made up
	firstYear = 2019 // of ten
	lastYear  = 2028
	moulder   = "bench" // who commits what is copied
)

// fill brings a store to so many bodies × ten years, a multiple of moulded, or to fewer. have is how many it holds
// already. It returns the number of cells added.
func fill(ctx context.Context, store *warehouse.Store, have, bodies int) (cells int, err error) {
	if have == 0 {
		if cells, err = mould(ctx, store, min(bodies, moulded)); err != nil {
			return 0, err
		}
		have = min(bodies, moulded)
	}
	for have < bodies {
		// In pieces, each a batch of its own, so that none takes longer than the driver waits for an answer.
		copies := min((bodies-have)/moulded, 4)
		added, err := multiply(ctx, store, have/moulded, copies)
		if err != nil {
			return 0, err
		}
		cells += added
		have += copies * moulded
	}
	return cells, nil
}

// mould commits a made-up district without printing its reports. It returns the number of cells.
func mould(ctx context.Context, store *warehouse.Store, bodies int) (int, error) {
	filings, _, err := demo.District(demo.Options{Agencies: bodies, FirstYear: firstYear, LastYear: lastYear, Seed: 5})
	if err != nil {
		return 0, err
	}
	cells, size := 0, 0
	batch := warehouse.Batch{ID: ulid.Make().String(), By: moulder}
	commit := func() error {
		if len(batch.Submissions) == 0 {
			return nil
		}
		if _, err := store.Commit(ctx, batch); err != nil {
			return err
		}
		batch, size = warehouse.Batch{ID: ulid.Make().String(), By: moulder}, 0
		return nil
	}
	for x := range filings {
		batch.Submissions = append(batch.Submissions, submission(x))
		n := len(batch.Submissions[len(batch.Submissions)-1].Cells)
		cells += n
		if size += n; size >= 200_000 {
			if err := commit(); err != nil {
				return 0, err
			}
		}
	}
	return cells, commit()
}

// submission takes a made-up report as if its file had been read.
func submission(x demo.Filing) warehouse.Submission {
	f := filingOf(x.Report)
	check.Run(&f, check.Context{})
	id := ulid.Make().String()
	return warehouse.Submission{
		Filing: warehouse.Filing{ID: id, Agency: warehouse.AgencyID(f.Agency.Name), AgencyName: f.Agency.Name, Year: f.Year,
			SHA256: strings.Repeat("0", 38) + strings.ToLower(id), File: x.File(), Forms: f.Forms, Title: x.Report.Title(), Scope: f.Scope, Status: form.Read,
			Synthetic: true, ReceivedAt: time.Now().UTC(), ReceivedBy: moulder},
		Cells: f.Cells, Findings: f.Findings,
	}
}

// copied are the tables of a filing, with the columns that a copy has anew besides those that every row has anew.
var copied = []struct{ table, anew string }{
	{"filings", "concat(toString(copy), '号', t.agency_name) AS agency_name, lower(hex(SHA256(concat(t.sha256, toString(copy))))) AS sha256, "},
	{"cells", ""}, {"findings", ""}, {"assessments", ""},
}

// multiply adds copies of the moulded district, numbered from a number on, as one batch. It returns the number of cells.
func multiply(ctx context.Context, store *warehouse.Store, from, copies int) (int, error) {
	batch := ulid.Make().String()
	for _, c := range copied {
		// The id of a filing keeps its time.
		err := store.Conn().Exec(ctx, fmt.Sprintf(`INSERT INTO %s SELECT t.* REPLACE(%s
				concat(substring(t.filing, 1, 10), substring(hex(sipHash128(t.filing, copy)), 1, 16)) AS filing,
				concat('x', lower(substring(hex(sipHash64(t.agency, copy)), 1, 12))) AS agency, '%s' AS batch)
			FROM %[1]s AS t ARRAY JOIN range(%[4]d, %[5]d) AS copy
			WHERE t.batch IN (SELECT batch FROM batches WHERE committed_by = '%[6]s')`, c.table, c.anew, batch, from, from+copies, moulder))
		if err != nil {
			return 0, fmt.Errorf("copy %s: %w", c.table, err)
		}
	}
	err := store.Conn().Exec(ctx, fmt.Sprintf(`INSERT INTO batches (batch, committed_at, committed_by, program, filings, cells)
		SELECT '%s', greatest(now64(6, 'UTC'), max(committed_at) + toIntervalMicrosecond(1)), 'bench, copied', 'bench',
			(SELECT count() FROM filings WHERE batch = '%[1]s'), (SELECT count() FROM cells WHERE batch = '%[1]s') FROM batches`, batch))
	if err != nil {
		return 0, fmt.Errorf("mark the copies: %w", err)
	}
	var cells uint64
	err = store.Conn().QueryRow(ctx, "SELECT cells FROM batches WHERE batch = '"+batch+"'").Scan(&cells)
	return int(cells), err
}

// fillOnly makes a large store for trials.
func fillOnly(folder string, bodies int) error {
	store, err := warehouse.Open(context.Background(), warehouse.Options{Data: folder, Program: "bench"})
	if err != nil {
		return err
	}
	defer store.Close()
	cells, err := fill(context.Background(), store, 0, bodies)
	if err == nil {
		fmt.Printf("%d cells of %d bodies in %s\n", cells, bodies, folder)
	}
	return err
}
