package warehouse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"nianbao/internal/rowbinary"
)

// A narrowed store shows the rows of some agencies alone. The engine itself leaves the others out, in every query that is
// asked through the store's connection, whoever wrote it: the setting additional_table_filters is part of the connection. So
// no page, table, picture or count can forget it.

// sights says for each table what a narrowed store sees of it. A table without a line shows nothing; {codes} stands for the
// codes under which the agencies are held, as a list in brackets.
var sights = map[string]string{
	"filings": byAgency, "cells": byAgency, "parts": byAgency, "claims": byAgency, "findings": byAgency, "assessments": byAgency, "agencies": byAgency,
	"obligations": byAgency, "corrections": byAgency, "reviews": byAgency,
	"documents":   "sha256 IN (SELECT sha256 FROM filings)", // of those that are seen
	"withdrawals": "filing IN (SELECT filing FROM filings)",
	"sets":        noRow, // see [Store.SetActs]
	"boards":      noRow, "displays": noRow,
	// Which batches there are tells nothing of what is in them.
	"batches": everyRow, "chain": everyRow, "schema_migrations": everyRow,
	// A file that waits may be anybody's.
	"waiting": noRow,
	// Who did what, and who may, is asked of the whole store.
	"journal": noRow, "accounts": noRow, "sessions": noRow,
}

const (
	byAgency = "agency IN {codes}"
	everyRow = ""
	noRow    = "0"
)

// mostSeen bounds the codes of a narrowed store: they go along with every query.
const mostSeen = 5000

var code = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// Partial reports whether the store shows some agencies alone.
func (s *Store) Partial() bool { return s.whole != nil }

// Narrowed returns a store that reads the rows held under some codes, and no others. Nothing is committed through it. It is
// closed by itself, before the store that it was made from.
func (s *Store) Narrowed(ctx context.Context, codes []string) (*Store, error) {
	n := &Store{data: s.data, program: s.program, log: s.log, whole: s, codes: map[string]bool{}}
	for _, c := range codes {
		n.codes[c] = true
	}
	filters, err := s.filters(ctx, codes)
	if err != nil {
		return nil, fmt.Errorf("narrow the warehouse to %d agencies: %w", len(codes), err)
	}
	where := *s.where
	where.Settings = clickhouse.Settings{"additional_table_filters": filters}
	for name, value := range s.where.Settings {
		where.Settings[name] = value
	}
	n.where = &where
	if n.conn, err = clickhouse.Open(&where); err != nil {
		return nil, fmt.Errorf("narrow the warehouse: %w", err)
	}
	return n, nil
}

// Shows reports whether what is held under a code is shown.
func (s *Store) Shows(code string) bool { return s.whole == nil || s.codes[code] }

// SetNames lists the names of the sets that are shown, and of those that are not.
func (s *Store) SetNames(ctx context.Context) (shown, hidden []string, err error) {
	list, err := s.Sets(ctx, time.Time{})
	shown = all(list, func(set Set) string { return set.Name })
	if err == nil && s.whole != nil {
		list, err = s.whole.Sets(ctx, time.Time{})
		for _, set := range list {
			if !slices.Contains(shown, set.Name) {
				hidden = append(hidden, set.Name)
			}
		}
	}
	return shown, hidden, err
}

// CodesOf lists the codes under which reports and entries of the agencies are held that a condition on their code and region
// lets through. The region of an agency is that of the register or, where it has none, that of its newest report; "" if neither
// tells.
func (s *Store) CodesOf(ctx context.Context, covers func(agency, region string) bool) ([]string, error) {
	l, err := s.Ledger(ctx, time.Time{})
	if err != nil {
		return nil, fmt.Errorf("list codes of agencies: %w", err)
	}
	reg, err := l.Register(ctx)
	if err != nil {
		return nil, fmt.Errorf("list codes of agencies: %w", err)
	}
	var codes []string
	known := map[string]string{}
	for _, a := range reg.Agencies() {
		if known[a.Code] = a.Region; l.owner(a.Code) == a.Code && covers(a.Code, a.Region) {
			codes = append(codes, a.Code)
		}
	}
	d, err := rowbinary.Query(ctx, s.conn, `SELECT agency, argMax(region, (year, filing)) FROM filings WHERE batch IN (SELECT batch FROM `+committedBatches(time.Time{})+`) GROUP BY agency`)
	if err != nil {
		return nil, fmt.Errorf("list codes of agencies: %w", short(err))
	}
	for d.More() {
		held, printed := d.Text(), d.Text()
		owner := l.owner(held)
		if covers(owner, cmp.Or(known[owner], printed)) {
			codes = append(codes, held, owner)
		}
	}
	for held := range l.owners { // entries that are linked and have no report
		if owner := l.owner(held); covers(owner, known[owner]) {
			codes = append(codes, held)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes), d.Wrap("codes of agencies")
}

// filters is the value of the setting that leaves out what is not seen, for every table that is there.
func (s *Store) filters(ctx context.Context, codes []string) (string, error) {
	if len(codes) > mostSeen {
		return "", fmt.Errorf("want at most %d", mostSeen)
	}
	codes = slices.Compact(slices.Sorted(slices.Values(codes)))
	if i := slices.IndexFunc(codes, func(c string) bool { return !code.MatchString(c) }); i >= 0 {
		return "", fmt.Errorf("%q is no code of an agency", codes[i])
	}
	list := "['" + strings.Join(codes, "','") + "']" // ['']: no agency has an empty code
	rows, err := s.conn.Query(ctx, "SELECT name FROM system.tables WHERE database = currentDatabase() AND NOT is_temporary ORDER BY name")
	if err != nil {
		return "", fmt.Errorf("list tables: %w", short(err))
	}
	var pairs []string
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return "", errors.Join(err, rows.Close())
		}
		filter, declared := sights[table]
		if !declared {
			filter = noRow
		}
		if filter != everyRow {
			pairs = append(pairs, quoted(table)+":"+quoted(strings.ReplaceAll(filter, "{codes}", list)))
		}
	}
	return "{" + strings.Join(pairs, ",") + "}", errors.Join(rows.Err(), rows.Close())
}

// seenSets are the sets of which every agency is seen that they ever had.
func (s *Store) seenSets(list []Set) []Set {
	hidden := map[string]bool{}
	for _, set := range list {
		hidden[set.Name] = hidden[set.Name] || slices.ContainsFunc(set.Members, func(code string) bool { return !s.codes[code] })
	}
	return slices.DeleteFunc(list, func(set Set) bool { return hidden[set.Name] })
}

func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}
