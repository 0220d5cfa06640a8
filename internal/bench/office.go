package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"time"

	_ "modernc.org/sqlite" // driver "sqlite"

	"nianbao/internal/warehouse"
)

// office measures what a small office would build: the same reports in two tables of an SQLite file, with an index, and a
// join. It has no states, no corrections and no past; it only adds up.
func (b *bench) office(store *warehouse.Store, size string) error {
	file := b.dir("office.sqlite")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	start := time.Now()
	if err := copyOut(b.ctx, store, db); err != nil {
		return fmt.Errorf("fill SQLite: %w", err)
	}
	took := time.Since(start)
	rows := 0
	q, err := times(20, 1, func() error {
		answer, err := db.QueryContext(b.ctx, `SELECT f.agency, f.name, sum(c.value), (
				SELECT sum(d.value) FROM filings AS e JOIN cells AS d ON d.filing = e.filing
				WHERE e.agency = f.agency AND e.year = f.year - 1 AND d.tbl = 'section3' AND d.row = 'NEW' AND d.col = 'total')
			FROM filings AS f JOIN cells AS c ON c.filing = f.filing
			WHERE f.year = ? AND c.tbl = 'section3' AND c.row = 'NEW' AND c.col = 'total'
			GROUP BY f.agency, f.name ORDER BY 3 DESC`, asked)
		if err != nil {
			return err
		}
		defer answer.Close()
		for rows = 0; answer.Next(); rows++ {
			var agency, name string
			var this, last sql.NullFloat64
			if err := answer.Scan(&agency, &name, &this, &last); err != nil {
				return err
			}
		}
		return answer.Err()
	})
	if err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	b.add(size+fmt.Sprintf(", one year, %d rows: join in SQLite", rows), q.String(), "–",
		fmt.Sprintf("index on report and cell; two sums by agency, no states, no JSON; file of %.2f GB, filled in %.1f s", float64(info.Size())/1e9, took.Seconds()))
	return nil
}

// copyOut copies filings and cells out of the warehouse.
func copyOut(ctx context.Context, store *warehouse.Store, db *sql.DB) error {
	for _, statement := range []string{"PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL",
		"CREATE TABLE filings (filing TEXT PRIMARY KEY, agency TEXT, name TEXT, year INTEGER)",
		"CREATE TABLE cells (filing TEXT, tbl TEXT, row TEXT, col TEXT, value REAL, state TEXT)"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	visible, args := warehouse.VisibleFilings(time.Time{})
	filings, err := store.Conn().Query(ctx, "SELECT filing, agency, agency_name, year FROM filings WHERE filing IN (SELECT filing FROM "+visible+")", args...)
	if err != nil {
		return err
	}
	defer filings.Close()
	into, err := tx.PrepareContext(ctx, "INSERT INTO filings VALUES (?, ?, ?, ?)")
	if err != nil {
		return err
	}
	for filings.Next() {
		var filing, agency, name string
		var year uint16
		if err := filings.Scan(&filing, &agency, &name, &year); err != nil {
			return err
		}
		if _, err := into.ExecContext(ctx, filing, agency, name, year); err != nil {
			return err
		}
	}
	if err := filings.Err(); err != nil {
		return err
	}
	cells, err := store.Conn().Query(ctx, "SELECT filing, tbl, row, col, toFloat64(value), state FROM cells")
	if err != nil {
		return err
	}
	defer cells.Close()
	if into, err = tx.PrepareContext(ctx, "INSERT INTO cells VALUES (?, ?, ?, ?, ?, ?)"); err != nil {
		return err
	}
	for cells.Next() {
		var filing, table, row, column, state string
		var value *float64
		if err := cells.Scan(&filing, &table, &row, &column, &value, &state); err != nil {
			return err
		}
		if _, err := into.ExecContext(ctx, filing, table, row, column, value, state); err != nil {
			return err
		}
	}
	if err := cells.Err(); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	for _, statement := range []string{"CREATE INDEX cell ON cells (filing, tbl, row, col)", "CREATE INDEX of ON filings (agency, year)", "ANALYZE"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
