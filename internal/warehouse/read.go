package warehouse

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/shopspring/decimal"

	"nianbao/internal/form"
)

// Filter narrows a list of filings. An empty list means all.
type Filter struct {
	Years    []int
	Agencies []string // ids
}

// where is the condition on columns year and, under the given name, agency.
func (f Filter) where(agency string) (string, []any) {
	condition, args := "true", []any{}
	if len(f.Years) > 0 {
		condition += " AND year IN {years:Array(UInt16)}"
		args = append(args, clickhouse.Named("years", all(f.Years, func(y int) uint16 { return uint16(y) })))
	}
	if len(f.Agencies) > 0 {
		condition += " AND " + agency + " IN {agencies:Array(String)}"
		args = append(args, clickhouse.Named("agencies", f.Agencies))
	}
	return condition, args
}

// Filings lists the visible filings as of a moment (the zero time meaning now) by year and agency.
func (s *Store) Filings(ctx context.Context, asOf time.Time, filter Filter) ([]Filing, error) {
	l, err := s.Ledger(ctx, asOf)
	if err != nil {
		return nil, fmt.Errorf("list filings: %w", err)
	}
	return l.Filings(ctx, filter)
}

// Versions lists all filings of one agency and year that were there at a moment (the zero time meaning now), oldest
// first, also those that were withdrawn.
func (s *Store) Versions(ctx context.Context, asOf time.Time, agency string, year int) ([]Filing, error) {
	l, err := s.Ledger(ctx, asOf)
	var list []Filing
	if err == nil {
		list, err = l.all(ctx, Filter{Years: []int{year}, Agencies: []string{agency}})
	}
	if err != nil {
		return nil, fmt.Errorf("list versions of agency %s, year %d: %w", agency, year, err)
	}
	return list, nil
}

// Received lists the filings committed after one moment and up to another (the zero time meaning now), oldest first,
// with what was known of them at the latter.
func (s *Store) Received(ctx context.Context, after, until time.Time) ([]Filing, error) {
	l, err := s.Ledger(ctx, until)
	var filter Filter
	if err == nil {
		filter, err = l.filedIn(ctx, "batch IN (SELECT batch FROM batches WHERE committed_at > fromUnixTimestamp64Micro({after:Int64}, 'UTC'))", microseconds("after", after))
	}
	if err == nil && len(filter.Agencies) == 0 {
		return nil, nil
	}
	var list []Filing
	if err == nil {
		list, err = l.all(ctx, filter)
	}
	if err != nil {
		return nil, fmt.Errorf("list filings received: %w", err)
	}
	list = slices.DeleteFunc(list, func(f Filing) bool { return !f.CommittedAt.After(after) })
	slices.SortFunc(list, func(a, b Filing) int { return cmp.Or(a.CommittedAt.Compare(b.CommittedAt), cmp.Compare(a.ID, b.ID)) })
	return list, nil
}

// Filing reads one filing, whether or not a newer version has taken its place.
func (s *Store) Filing(ctx context.Context, id string) (Filing, error) {
	return s.FilingAt(ctx, time.Time{}, id)
}

// FilingAt reads one filing as it was known at a moment, the zero time meaning now.
func (s *Store) FilingAt(ctx context.Context, asOf time.Time, id string) (Filing, error) {
	l, err := s.Ledger(ctx, asOf)
	var filter Filter
	if err == nil {
		filter, err = l.filedIn(ctx, "filing = {filing:String}", clickhouse.Named("filing", id))
	}
	var list []Filing
	if err == nil && len(filter.Agencies) > 0 {
		list, err = l.all(ctx, filter)
	}
	if err == nil {
		if i := slices.IndexFunc(list, func(f Filing) bool { return f.ID == id }); i >= 0 {
			return list[i], nil
		}
		err = ErrNotFound
	}
	return Filing{}, fmt.Errorf("read filing %s: %w", id, err)
}

// date is midnight UTC of the day, whatever zone the driver put it in.
func date(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// Cells reads the cells of a filing in the order in which they stand in the file.
func (s *Store) Cells(ctx context.Context, f Filing) ([]form.Cell, error) {
	rows, err := s.conn.Query(ctx, `SELECT tbl, row, col, value, state, raw, unit, settled_by, rule, candidates, page, grid, grid_row, grid_col, line
		FROM cells WHERE agency = {agency:String} AND year = {year:UInt16} AND filing = {filing:String}
		ORDER BY page, grid, grid_row, grid_col, line, tbl, row, col`, of(f)...)
	if err != nil {
		return nil, fmt.Errorf("read cells of filing %s: %w", f.ID, short(err))
	}
	defer rows.Close()
	var cells []form.Cell
	for rows.Next() {
		var (
			c                  form.Cell
			value              *decimal.Decimal
			state              string
			page, grid, column uint16
			row, line          uint32
		)
		if err := rows.Scan(&c.Table, &c.Row, &c.Column, &value, &state, &c.Raw, &c.Unit, &c.SettledBy, &c.Rule, &c.Candidates,
			&page, &grid, &row, &column, &line); err != nil {
			return nil, fmt.Errorf("read cells of filing %s: %w", f.ID, short(err))
		}
		if value != nil {
			c.Value = *value
		}
		c.State = form.State(state)
		c.At = form.Position{Page: int(page), Grid: int(grid), Row: int(row), Column: int(column), Line: int(line)}
		cells = append(cells, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read cells of filing %s: %w", f.ID, short(err))
	}
	return cells, nil
}

// Findings reads the findings of a filing by rule and place, as its newest assessment at a moment has them.
func (s *Store) Findings(ctx context.Context, asOf time.Time, f Filing) ([]form.Finding, error) {
	l, err := s.Ledger(ctx, asOf)
	var found map[string][]form.Finding
	if err == nil {
		found, err = l.Findings(ctx, []Filing{f})
	}
	if err != nil {
		return nil, fmt.Errorf("read findings of filing %s: %w", f.ID, err)
	}
	return found[f.ID], nil
}

func of(f Filing) []any {
	return []any{clickhouse.Named("agency", f.HeldAs), clickhouse.Named("year", uint16(f.Year)), clickhouse.Named("filing", f.ID)}
}

// keys reads paths of cells.
func keys(paths []string) ([]form.Key, error) {
	var out []form.Key
	for _, p := range paths {
		k, err := form.ParseKey(p)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

// Document reads a file by the hash of its bytes.
func (s *Store) Document(ctx context.Context, sha256 string) (Document, error) {
	committed := committedBatches(time.Time{})
	d := Document{SHA256: sha256}
	var size uint64
	err := s.conn.QueryRow(ctx, `SELECT media_type, size, bytes FROM documents
		WHERE sha256 = {sha256:String} AND batch IN (SELECT batch FROM `+committed+`) LIMIT 1`,
		clickhouse.Named("sha256", sha256)).Scan(&d.MediaType, &size, &d.Bytes)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return Document{}, fmt.Errorf("read document %s: %w", sha256, short(err))
	}
	d.Size = int64(size)
	return d, nil
}

// Agency is a body with at least one visible filing.
type Agency struct {
	ID     string
	Name   string // as printed on its filing for the latest year
	Region string // of the same filing
	Years  []int  // ascending
}

// Agencies lists the bodies with a visible filing as of a moment (the zero time meaning now), by name.
func (s *Store) Agencies(ctx context.Context, asOf time.Time) ([]Agency, error) {
	visible, args := VisibleFilings(asOf)
	rows, err := s.conn.Query(ctx, `SELECT v.agency AS id, argMax(f.agency_name, f.year) AS name, argMax(f.region, f.year), arraySort(groupUniqArray(f.year))
		FROM filings AS f INNER JOIN `+visible+` AS v ON f.filing = v.filing GROUP BY id ORDER BY name, id`, args...)
	if err != nil {
		return nil, fmt.Errorf("list agencies: %w", short(err))
	}
	defer rows.Close()
	var list []Agency
	for rows.Next() {
		var a Agency
		var years []uint16
		if err := rows.Scan(&a.ID, &a.Name, &a.Region, &years); err != nil {
			return nil, fmt.Errorf("list agencies: %w", short(err))
		}
		a.Years = all(years, func(y uint16) int { return int(y) })
		list = append(list, a)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list agencies: %w", short(err))
	}
	return list, nil
}

// Year is a reporting year with the number of visible filings.
type Year struct {
	Year    int
	Filings int
}

// Years lists the years with a visible filing as of a moment (the zero time meaning now), ascending.
func (s *Store) Years(ctx context.Context, asOf time.Time) ([]Year, error) {
	visible, args := VisibleFilings(asOf)
	rows, err := s.conn.Query(ctx, `SELECT year, count() FROM `+visible+` GROUP BY year ORDER BY year`, args...)
	if err != nil {
		return nil, fmt.Errorf("list years: %w", short(err))
	}
	defer rows.Close()
	var list []Year
	for rows.Next() {
		var year uint16
		var filings uint64
		if err := rows.Scan(&year, &filings); err != nil {
			return nil, fmt.Errorf("list years: %w", short(err))
		}
		list = append(list, Year{int(year), int(filings)})
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list years: %w", short(err))
	}
	return list, nil
}

// DataVersion names the present state of the warehouse: the batch committed last and when; accounts are no part of it. Everything read as of that
// time stays the same for good. An empty warehouse has the version "" and the zero time.
func (s *Store) DataVersion(ctx context.Context) (batch string, committedAt time.Time, err error) {
	err = s.conn.QueryRow(ctx, "SELECT batch, committed_at FROM batches WHERE accounts = 0 ORDER BY committed_at DESC, batch DESC LIMIT 1").Scan(&batch, &committedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return "", time.Time{}, nil
	}
	if err != nil {
		return "", time.Time{}, fmt.Errorf("read the version of the data: %w", short(err))
	}
	return batch, committedAt.UTC(), nil
}
