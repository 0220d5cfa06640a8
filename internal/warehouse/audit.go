package warehouse

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"nianbao/internal/rowbinary"
)

// CountedFilings gives a sub-query, in parentheses, with the filings of one year that were visible at a moment, as
// [VisibleFilings] says: columns filing, owner, held_as, agency_name, sha256, version. The filter's agencies narrow it; its years
// are not looked at.
func CountedFilings(asOf time.Time, year int, filter Filter) (sql string, args []any) {
	visible, args := VisibleFilings(asOf)
	filter.Years = []int{year}
	condition, more := filter.where("owner")
	return `(SELECT f.filing AS filing, r.owner AS owner, f.agency AS held_as, f.agency_name AS agency_name, f.sha256 AS sha256, r.version AS version FROM filings AS f INNER JOIN (
		SELECT filing, owner, row_number() OVER (PARTITION BY owner ORDER BY committed_at, filing) AS version FROM ` + reports(asOf) + ` WHERE ` + condition + `) AS r
		ON f.filing = r.filing WHERE f.filing IN (SELECT filing FROM ` + visible + ` WHERE year IN {years:Array(UInt16)}))`, append(args, more...)
}

// History lists all filings of some years and agencies that were there at a moment (the zero time meaning now), also older
// versions and those that were withdrawn, by year, agency and version.
func (s *Store) History(ctx context.Context, asOf time.Time, filter Filter) ([]Filing, error) {
	l, err := s.Ledger(ctx, asOf)
	var list []Filing
	if err == nil {
		list, err = l.all(ctx, filter)
	}
	if err != nil {
		return nil, fmt.Errorf("list all versions: %w", err)
	}
	return list, nil
}

// Batches counts the batches that were visible at a moment.
func (s *Store) Batches(ctx context.Context, asOf time.Time) (n uint64, err error) {
	if err := s.conn.QueryRow(ctx, `SELECT count() FROM `+committedBatches(asOf), moment(asOf)...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count batches: %w", short(err))
	}
	return n, nil
}

// RowsOf counts the rows of a table with column filing by filing, in one year.
func (s *Store) RowsOf(ctx context.Context, table string, year int) (map[string]int, error) {
	d, err := rowbinary.Query(ctx, s.conn, `SELECT filing, count() FROM {table:Identifier} WHERE year = {year:UInt16} GROUP BY filing`,
		clickhouse.Named("table", table), clickhouse.Named("year", uint16(year)))
	if err != nil {
		return nil, fmt.Errorf("count rows of %s: %w", table, short(err))
	}
	out := map[string]int{}
	for d.More() {
		id := d.Take(idLength)
		out[id] = int(d.Uint64())
	}
	return out, d.Wrap("rows of " + table)
}

// ReportYears lists the years of which there was any filing at a moment, ascending.
func (s *Store) ReportYears(ctx context.Context, asOf time.Time) ([]int, error) {
	var years []uint16
	if err := s.conn.QueryRow(ctx, `SELECT arraySort(groupUniqArray(year)) FROM `+reports(asOf), moment(asOf)...).Scan(&years); err != nil {
		return nil, fmt.Errorf("list years: %w", short(err))
	}
	return all(years, func(y uint16) int { return int(y) }), nil
}
