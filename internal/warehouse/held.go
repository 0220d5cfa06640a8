package warehouse

import (
	"context"
	"fmt"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// AgencyYear names the report that one agency owes for one year.
type AgencyYear struct {
	Agency string // id
	Year   int
}

// Held is a filing that the warehouse has.
type Held struct {
	AgencyYear
	AgencyName string
	Filing     string
	SHA256     string
	Version    int
	Newest     int // the version that is in force
}

// Held tells which of the files, by the hashes of their bytes, the warehouse has, and as which filings.
func (s *Store) Held(ctx context.Context, sha256 []string) (map[string][]Held, error) {
	held := map[string][]Held{}
	for part := range slices.Chunk(sha256, 1000) { // the hashes travel in the address of the request, at most 1 MiB
		list, err := s.held(ctx, `(agency, year) IN (SELECT agency, year FROM filings WHERE sha256 IN {sha256:Array(String)})`,
			`sha256 IN {sha256:Array(String)}`, clickhouse.Named("sha256", part))
		if err != nil {
			return nil, fmt.Errorf("look up %d files: %w", len(part), short(err))
		}
		for _, h := range list {
			held[h.SHA256] = append(held[h.SHA256], h)
		}
	}
	return held, nil
}

// HeldReports tells which versions of these reports the warehouse has, oldest first.
func (s *Store) HeldReports(ctx context.Context, reports []AgencyYear) (map[AgencyYear][]Held, error) {
	held := map[AgencyYear][]Held{}
	for part := range slices.Chunk(reports, 1000) {
		var filter Filter
		asked := map[AgencyYear]bool{}
		for _, r := range part {
			asked[r] = true
			filter.Agencies = append(filter.Agencies, r.Agency)
			if !slices.Contains(filter.Years, r.Year) {
				filter.Years = append(filter.Years, r.Year)
			}
		}
		condition, args := filter.where()
		list, err := s.held(ctx, condition, "true", args...)
		if err != nil {
			return nil, fmt.Errorf("look up versions of %d reports: %w", len(part), short(err))
		}
		for _, h := range list {
			if asked[h.AgencyYear] { // the condition lets through every agency with every year
				held[h.AgencyYear] = append(held[h.AgencyYear], h)
			}
		}
	}
	return held, nil
}

// held asks until there is an answer, as a commit does: an ingest outlives a restart of the engine.
func (s *Store) held(ctx context.Context, reports, condition string, args ...any) (list []Held, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = s.insist(ctx, func(ctx context.Context) (err error) {
		list, err = s.heldOnce(ctx, reports, condition, args...)
		return err
	})
	return list, err
}

func (s *Store) heldOnce(ctx context.Context, reports, condition string, args ...any) ([]Held, error) {
	rows, err := s.conn.Query(ctx, `SELECT agency, agency_name, year, filing, sha256, version, versions FROM `+ranked(reports)+`
		WHERE `+condition+` ORDER BY year, agency, version`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Held
	for rows.Next() {
		var h Held
		var year uint16
		var version, versions uint64
		if err := rows.Scan(&h.Agency, &h.AgencyName, &year, &h.Filing, &h.SHA256, &version, &versions); err != nil {
			return nil, err
		}
		h.Year, h.Version, h.Newest = int(year), int(version), int(versions)
		list = append(list, h)
	}
	return list, rows.Err()
}
