package warehouse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// patience is how long a commit goes on trying while the warehouse does not answer. The embedded engine is back
// within a second of a crash; a server may be restarted.
const patience = 60 * time.Second

// Commit adds the batch and makes it visible. When it returns an error the batch is either wholly visible or not at
// all; committing the same batch again is safe and gives the same result, as long as the batch is not changed.
//
// While the warehouse does not answer, what was sent is sent again with the same token for up to a minute.
func (s *Store) Commit(ctx context.Context, b Batch) (CommitResult, error) {
	res := CommitResult{Batch: b.ID, Documents: len(b.Documents), Filings: len(b.Submissions), Statements: len(b.Agencies) + len(b.Obligations),
		Decisions: len(b.Corrections) + len(b.Reviews) + len(b.Withdrawals) + len(b.Waiting) + len(b.Sets) + len(b.Boards) + len(b.Displays), Accounts: len(b.Accounts)}
	wrap := func(err error) (CommitResult, error) {
		return CommitResult{}, fmt.Errorf("commit batch %s: %w", b.ID, err)
	}
	if s.whole != nil {
		return wrap(errors.New("the store shows some agencies alone; commit through the whole one"))
	}
	if len(b.ID) != 26 || len(b.Submissions)+len(b.Assessments)+res.Statements+res.Decisions+res.Accounts == 0 {
		return wrap(errors.New("want an id of 26 characters and at least one filing, assessment, statement, decision or account"))
	}
	if err := b.check(); err != nil {
		return wrap(err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()

	if res.Documents > 0 {
		err := s.insist(ctx, func(ctx context.Context) error { return s.insertDocuments(ctx, b) })
		if err != nil {
			return wrap(fmt.Errorf("insert %d rows into documents: %w", res.Documents, err))
		}
	}
	tables, err := b.tables()
	if err != nil {
		return wrap(err)
	}
	digests, err := b.digests(tables)
	if err != nil {
		return wrap(err)
	}
	for _, t := range tables {
		switch t.name {
		case "cells":
			res.Cells = t.rows
		case "findings":
			res.Findings = t.rows
		}
		if t.rows == 0 {
			continue
		}
		err := s.insist(ctx, func(ctx context.Context) error {
			if t.written != nil {
				return s.insertRows(ctx, t.name, b.ID, t.written)
			}
			return s.insert(ctx, t.name, b.ID, t.rows, t.columns)
		})
		if err != nil {
			return wrap(fmt.Errorf("insert %d rows into %s: %w", t.rows, t.name, err))
		}
	}
	if err := s.insist(ctx, func(ctx context.Context) error { return s.mark(ctx, b, res) }); err != nil {
		return wrap(fmt.Errorf("insert into batches: %w", err))
	}
	err = s.insist(ctx, func(ctx context.Context) (err error) {
		res.CommittedAt, err = s.appendChain(ctx, b.ID, digests, true)
		return err
	})
	if err != nil {
		return wrap(fmt.Errorf("the batch is stored, but adding it to the chain failed: %w", err))
	}
	return res, nil
}

// insist calls try until the warehouse has answered. After a broken connection nobody knows whether the insert was
// done; each is made so that doing it twice is doing it once.
func (s *Store) insist(ctx context.Context, try func(context.Context) error) error {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		err := try(ctx)
		if err == nil || ctx.Err() != nil || !broken(err) {
			return short(err)
		}
		s.log.Warn("warehouse: no answer, trying again", "error", short(err))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return short(err)
		}
	}
}

// Patiently runs work that may be begun again from the start, until the warehouse answered all of it or gave no answer
// for a minute: an engine that dies in the middle is back within a second.
func (s *Store) Patiently(ctx context.Context, work func(context.Context) error) error {
	var since time.Time // of the first of the failures in a row
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		began := time.Now()
		err := work(ctx)
		if err == nil || ctx.Err() != nil || !broken(err) {
			return err
		}
		if since.IsZero() || time.Since(began) > patience { // it got far this time
			since = time.Now()
		}
		if time.Since(since) > patience {
			return err
		}
		s.log.Warn("warehouse: no answer, beginning again", "error", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
	}
}

// check reports the first thing of the batch that the tables cannot hold.
func (b *Batch) check() error {
	for _, d := range b.Documents {
		if len(d.SHA256) != 64 || d.Size != int64(len(d.Bytes)) {
			return fmt.Errorf("document %q: want 64 hexadecimal digits and the size of its bytes", d.SHA256)
		}
	}
	for i := range b.Submissions {
		sub := &b.Submissions[i]
		if len(sub.Filing.ID) != 26 {
			return fmt.Errorf("%s: filing id %q, want a ULID", sub.Filing.File, sub.Filing.ID)
		}
		if err := sub.Check(); err != nil {
			return fmt.Errorf("%s: %w", sub.Filing.File, err)
		}
	}
	for i := range b.Assessments {
		a := &b.Assessments[i]
		if len(a.Filing) != 26 {
			return fmt.Errorf("assessment of filing %q: want a ULID", a.Filing)
		}
		if err := checkFindings(a.Findings); err != nil {
			return fmt.Errorf("assessment of filing %s: %w", a.Filing, err)
		}
	}
	if err := b.checkStatements(); err != nil {
		return err
	}
	if err := b.checkAccounts(); err != nil {
		return err
	}
	return b.checkDecisions()
}

// A table is what a batch adds to one table.
type table struct {
	name    string
	rows    int
	columns []column
	written *rows // in place of columns
}

// tables are all tables that a batch adds rows to, except documents and batches.
func (b Batch) tables() ([]table, error) {
	filings, err := filingColumns(b)
	if err != nil {
		return nil, err
	}
	claims, err := claimColumns(b)
	if err != nil {
		return nil, err
	}
	agencies, err := agencyColumns(b)
	if err != nil {
		return nil, err
	}
	waiting, err := waitingColumns(b)
	if err != nil {
		return nil, err
	}
	tables := []table{
		{name: "filings", columns: filings}, {name: "cells", written: cellRows(b)},
		{name: "parts", columns: partColumns(b)}, {name: "claims", columns: claims},
		{name: "findings", written: findingRows(b)}, {name: "assessments", columns: assessmentColumns(b)},
		{name: "agencies", columns: agencies}, {name: "obligations", columns: obligationColumns(b)},
		{name: "corrections", columns: correctionColumns(b)}, {name: "reviews", columns: reviewColumns(b)},
		{name: "withdrawals", columns: withdrawalColumns(b)}, {name: "waiting", columns: waiting},
		{name: "sets", columns: setColumns(b)}, {name: "accounts", columns: accountColumns(b)},
		{name: "boards", columns: boardColumns(b)}, {name: "displays", columns: displayColumns(b)},
	}
	for i := range tables {
		t := &tables[i]
		if t.written != nil {
			t.rows = t.written.number
			continue
		}
		t.rows = reflect.ValueOf(t.columns[0].values).Len()
	}
	return tables, nil
}

// A column is what goes into one column of a table: its name and a slice of the values of all rows.
type column struct {
	name   string
	values any
}

// once makes an insert one that is done once, however often it is sent.
func once(ctx context.Context, batch, table string) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplicate":         1,
		"insert_deduplication_token": batch + "." + table,
		"async_insert":               0, // one insert is one block: all of it or nothing
	}))
}

func (s *Store) insert(ctx context.Context, table, token string, rows int, columns []column) error {
	ctx = once(ctx, token, table)
	names := all(columns, func(c column) string { return c.name })
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO "+table+" ("+strings.Join(names, ", ")+")")
	if err != nil {
		return err
	}
	for i, c := range columns {
		if err := batch.Column(i).Append(c.values); err != nil {
			return errors.Join(fmt.Errorf("column %s: %w", c.name, err), batch.Close())
		}
		// The driver would send an empty block in place of one whose columns differ in length, and report no error.
		if n := batch.Columns()[i].Rows(); n != rows {
			return errors.Join(fmt.Errorf("column %s has %d values, want %d", c.name, n, rows), batch.Close())
		}
	}
	return batch.Send()
}

// insertRows sends rows as they were written: all of them in one block, which takes a million.
func (s *Store) insertRows(ctx context.Context, table, token string, r *rows) error {
	statement := "INSERT INTO " + table + " (" + strings.Join(r.columns, ", ") + ")"
	return s.conn.InsertFormat(once(ctx, token, table), "RowBinary", statement, bytes.NewReader(r.Bytes))
}

// insertDocuments sends the files as they lie in memory. A batch of columns would copy them three times, which is
// half the work of an ingest.
func (s *Store) insertDocuments(ctx context.Context, b Batch) error {
	statement := "INSERT INTO documents (" + strings.Join(documentColumns, ", ") + ")"
	return s.conn.InsertFormat(once(ctx, b.ID, "documents"), "RowBinary", statement, io.MultiReader(documentRows(b)...))
}

// mark writes the row that makes the batch visible, unless it is there. Times never go back, whatever the clock does:
// a state that was asked for once is the same when it is asked for again.
func (s *Store) mark(ctx context.Context, b Batch, res CommitResult) error {
	return s.conn.Exec(ctx, `INSERT INTO batches (batch, committed_at, committed_by, program, documents, filings, cells, findings, statements, decisions, accounts)
		SELECT {batch:String}, greatest(now64(6, 'UTC'), max(committed_at) + toIntervalMicrosecond(1)), {by:String}, {program:String},
			{documents:UInt32}, {filings:UInt32}, {cells:UInt64}, {findings:UInt32},
			{statements:UInt32}, {decisions:UInt32}, {accounts:UInt32}
		FROM batches HAVING countIf(batch = {batch:String}) = 0`,
		clickhouse.Named("batch", b.ID), clickhouse.Named("by", b.By), clickhouse.Named("program", s.program),
		clickhouse.Named("documents", res.Documents), clickhouse.Named("filings", res.Filings),
		clickhouse.Named("cells", res.Cells), clickhouse.Named("findings", res.Findings),
		clickhouse.Named("statements", res.Statements), clickhouse.Named("decisions", res.Decisions),
		clickhouse.Named("accounts", res.Accounts))
}
