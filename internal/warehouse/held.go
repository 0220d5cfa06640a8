package warehouse

import (
	"context"
	"fmt"
	"slices"
	"time"

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

// lookedUp is how many hashes or reports are asked for at a time. They travel in the address of the request, of which
// a server takes 1 MiB.
const lookedUp = 1000

// Held tells which of the files, by the hashes of their bytes, the warehouse has, and as which filings.
//
// Like a commit, it asks until there is an answer: an ingest outlives a restart of the engine.
func (s *Store) Held(ctx context.Context, sha256 []string) (map[string][]Held, error) {
	held := map[string][]Held{}
	for part := range slices.Chunk(sha256, lookedUp) {
		given := clickhouse.Named("sha256", part)
		var known uint64
		err := s.insistAMinute(ctx, func(ctx context.Context) error {
			return s.conn.QueryRow(ctx, "SELECT count() FROM filings WHERE sha256 IN {sha256:Array(String)}", given).Scan(&known)
		})
		if err != nil {
			return nil, fmt.Errorf("look up %d files: %w", len(part), err)
		}
		if known == 0 { // most often: the files are new
			continue
		}
		list, err := s.versions(ctx, func(ctx context.Context, l *Ledger) (Filter, error) {
			return l.filedIn(ctx, "sha256 IN {sha256:Array(String)}", given)
		})
		if err != nil {
			return nil, fmt.Errorf("look up %d files: %w", len(part), err)
		}
		asked := map[string]bool{}
		for _, sum := range part {
			asked[sum] = true
		}
		for _, h := range list {
			if asked[h.SHA256] {
				held[h.SHA256] = append(held[h.SHA256], h)
			}
		}
	}
	return held, nil
}

// HeldReports tells which versions of these reports the warehouse has, oldest first. It asks until there is an answer.
func (s *Store) HeldReports(ctx context.Context, reports []AgencyYear) (map[AgencyYear][]Held, error) {
	held := map[AgencyYear][]Held{}
	for part := range slices.Chunk(reports, lookedUp) {
		var filter Filter
		asked := map[AgencyYear]bool{}
		for _, r := range part {
			asked[r] = true
			filter.Agencies = append(filter.Agencies, r.Agency)
			if !slices.Contains(filter.Years, r.Year) {
				filter.Years = append(filter.Years, r.Year)
			}
		}
		list, err := s.versions(ctx, func(context.Context, *Ledger) (Filter, error) { return filter, nil })
		if err != nil {
			return nil, fmt.Errorf("look up versions of %d reports: %w", len(part), err)
		}
		for _, h := range list {
			if asked[h.AgencyYear] { // the condition lets through every agency with every year
				held[h.AgencyYear] = append(held[h.AgencyYear], h)
			}
		}
	}
	return held, nil
}

// versions lists all committed filings of the reports that a filter lets through, oldest first.
func (s *Store) versions(ctx context.Context, of func(context.Context, *Ledger) (Filter, error)) (list []Held, err error) {
	var filings []Filing
	err = s.insistAMinute(ctx, func(ctx context.Context) error {
		l, err := s.Ledger(ctx, time.Time{})
		if err != nil {
			return err
		}
		filter, err := of(ctx, l)
		if err != nil || len(filter.Agencies) == 0 {
			return err
		}
		filings, err = l.all(ctx, filter)
		return err
	})
	newest := map[AgencyYear]int{}
	for _, f := range filings {
		key := AgencyYear{f.Agency, f.Year}
		list = append(list, Held{AgencyYear: key, AgencyName: f.AgencyName, Filing: f.ID, SHA256: f.SHA256, Version: f.Version})
		newest[key] = max(newest[key], f.Version)
	}
	for i := range list {
		list[i].Newest = newest[list[i].AgencyYear]
	}
	return list, err
}

func (s *Store) insistAMinute(ctx context.Context, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return s.insist(ctx, try)
}
