package compare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"nianbao/internal/form"
	"nianbao/internal/rowbinary"
	"nianbao/query/stats"
)

// Roster is every agency that is known at a moment, with its visible reports of a year and of the four before. It never
// changes, so it may be kept as long as the moment is asked for; it is safe for use by several goroutines.
type Roster struct {
	year     int
	asOf     time.Time
	agencies []agency       // by id
	places   map[string]int // of the filings, by their ids
	// since are the numbers of filings of a year or a later one. Filings have their places by year, the newest first, so
	// that who asks for two years needs no room for five.
	since map[int]int
	// corrections are the cells of its filings that people corrected, by filing.
	corrections map[string][]form.Key
	kept        kept
}

// ReadRoster reads the roster of a year as of a moment, the zero time meaning now.
func ReadRoster(ctx context.Context, conn driver.Conn, year int, asOf time.Time) (*Roster, error) {
	r, err := readRoster(ctx, conn, rosterQuery{from: year - stats.TrendYears + 1, to: year, asOf: asOf})
	if err != nil {
		return nil, fmt.Errorf("list the reports for %d: %w", year, err)
	}
	r.year, r.asOf = year, asOf
	return r, nil
}

func readRoster(ctx context.Context, conn driver.Conn, q rosterQuery) (*Roster, error) {
	sql, args := q.SQL()
	answer, err := ask(ctx, conn, sql, args)
	if err != nil {
		return nil, err
	}
	r := &Roster{}
	filings := 0
	if r.agencies, filings, err = decodeRoster(answer); err != nil {
		return nil, err
	}
	r.place(filings)
	r.asOf = q.asOf
	if r.corrections, err = readCorrections(ctx, conn, correctionsQuery{q.from, q.to, q.asOf}); err != nil {
		return nil, fmt.Errorf("list corrected cells: %w", err)
	}
	return r, r.markFlawed(ctx, conn, q.from, q.to, q.asOf)
}

func readCorrections(ctx context.Context, conn driver.Conn, q correctionsQuery) (map[string][]form.Key, error) {
	sql, args := q.SQL()
	answer, err := ask(ctx, conn, sql, args)
	if err != nil {
		return nil, err
	}
	d := rowbinary.New(answer)
	out := map[string][]form.Key{}
	for d.More() {
		filing, key := d.Take(idLength), form.Key{Table: d.Text(), Row: d.Text(), Column: d.Text()}
		out[filing] = append(out[filing], key)
	}
	return out, d.Err()
}

// place gives the filings their places.
func (r *Roster) place(filings int) {
	count := map[int]int{}
	r.each(func(f *filing) { count[f.year]++ })
	r.since = map[int]int{}
	next, place := map[int]int{}, 0
	for _, year := range slices.Backward(slices.Sorted(maps.Keys(count))) {
		next[year] = place
		place += count[year]
		r.since[year] = place
	}
	r.places = make(map[string]int, filings)
	r.each(func(f *filing) {
		f.place = next[f.year]
		next[f.year]++
		r.places[f.id] = f.place
	})
}

func (r *Roster) each(do func(*filing)) {
	for i := range r.agencies {
		for k := range r.agencies[i].filings {
			do(&r.agencies[i].filings[k])
		}
	}
}

// from is the number of filings of a year or a later one.
func (r *Roster) from(year int) int {
	most := 0
	for y, n := range r.since {
		if y >= year {
			most = max(most, n)
		}
	}
	return most
}

// Year is the reporting year.
func (r *Roster) Year() int { return r.year }

// AsOf is the moment, the zero time meaning now.
func (r *Roster) AsOf() time.Time { return r.asOf }

// Run answers a request about the year of the roster, as of its moment, with one query.
func (r *Roster) Run(ctx context.Context, conn driver.Conn, request Request) (Result, error) {
	results, err := r.RunAll(ctx, conn, request, request.Measure)
	if err != nil {
		return Result{}, err
	}
	return results[0], nil
}

// RunAll answers the same request for several measures with one query; the request's own measure is not looked at.
func (r *Roster) RunAll(ctx context.Context, conn driver.Conn, request Request, codes ...string) ([]Result, error) {
	if request.Year != r.year || !request.AsOf.Equal(r.asOf) {
		return nil, fmt.Errorf("compare agencies in %d as of %s: the roster is of %d as of %s", request.Year, request.AsOf, r.year, r.asOf)
	}
	measures, err := lookup(codes)
	if err != nil {
		return nil, fmt.Errorf("compare agencies: %w", err)
	}
	for i, m := range measures {
		if measures[i], err = request.reading(m); err != nil {
			return nil, fmt.Errorf("compare agencies: %w", err)
		}
	}
	p := newPlan(measures)
	s, err := r.sums(ctx, conn, sumsQuery{sources: p.sources, from: request.firstYear(), to: r.year, agencies: request.Agencies, corrected: !request.AsRead})
	if err != nil {
		return nil, fmt.Errorf("compare agencies in %d: %w", request.Year, err)
	}
	results := make([]Result, len(measures))
	for i, m := range measures {
		request.Measure = m.Code
		results[i] = assemble(request, m, p.measures[i], r.agencies, s)
	}
	return results, nil
}

// sums are the sums of all filings of a roster, as many for each as there are sources.
type sums struct {
	list    []sum
	sources int
}

// of are the sums of a filing of the years that were asked for.
func (s sums) of(f *filing) []sum { return s.list[f.place*s.sources : (f.place+1)*s.sources] }

func (r *Roster) sums(ctx context.Context, conn driver.Conn, q sumsQuery) (sums, error) {
	q.corrected, q.asOf = q.corrected && len(r.corrections) > 0, r.asOf
	key := q.key()
	if s, ok := r.kept.get(key); ok {
		return s, nil
	}
	whole := len(q.agencies) == 0
	if !whole {
		q.agencies = r.heldAs(q.agencies)
	}
	sql, args := q.SQL()
	answer, err := ask(ctx, conn, sql, args)
	if err != nil {
		return sums{}, err
	}
	list, err := decodeSums(answer, len(q.sources), r.from(q.from), r.places)
	if err != nil {
		return sums{}, err
	}
	if q.corrected {
		r.markCorrected(list, q.sources)
	}
	s := sums{list, len(q.sources)}
	if whole {
		r.kept.put(key, s)
	}
	return s, nil
}

// markCorrected marks the sums into which a corrected cell went.
func (r *Roster) markCorrected(list []sum, sources []Source) {
	for filing, keys := range r.corrections {
		place, visible := r.places[filing]
		if !visible || (place+1)*len(sources) > len(list) {
			continue
		}
		for i, s := range sources {
			if slices.ContainsFunc(keys, func(k form.Key) bool {
				return k.Table == s.Table && k.Column == s.Column && slices.Contains(s.Rows, k.Row)
			}) {
				list[place*len(sources)+i].corrected = true
			}
		}
	}
}

// among are the agencies with these codes, all if there are none, in their order. A few of a province are found without a
// look at the others.
func among(agencies []agency, codes []string) []*agency {
	if len(codes) == 0 {
		out := make([]*agency, len(agencies))
		for i := range agencies {
			out[i] = &agencies[i]
		}
		return out
	}
	out := make([]*agency, 0, len(codes))
	for _, code := range slices.Compact(slices.Sorted(slices.Values(codes))) {
		if a, ok := find(agencies, code); ok {
			out = append(out, a)
		}
	}
	return out
}

// find finds an agency by its code.
func find(agencies []agency, code string) (*agency, bool) {
	i, ok := slices.BinarySearchFunc(agencies, code, func(a agency, code string) int { return cmp.Compare(a.id, code) })
	if !ok {
		return nil, false
	}
	return &agencies[i], true
}

// heldAs are the codes under which filings of these agencies are held, and the codes of the agencies themselves.
func (r *Roster) heldAs(codes []string) []string {
	out := slices.Clone(codes)
	listed := make(map[string]bool, len(codes))
	for _, code := range codes {
		listed[code] = true
	}
	for _, a := range among(r.agencies, codes) {
		for k := range a.filings {
			if held := a.filings[k].heldAs; !listed[held] {
				listed[held] = true
				out = append(out, held)
			}
		}
	}
	return out
}

func lookup(codes []string) ([]form.Measure, error) {
	measures := make([]form.Measure, len(codes))
	for i, code := range codes {
		m, ok := form.LookupMeasure(code)
		if !ok {
			return nil, fmt.Errorf("%w %q", ErrUnknownMeasure, code)
		}
		if m.Kind == form.DaysOf {
			return nil, fmt.Errorf("%w %q: it is not computed from the cells of reports", ErrUnknownMeasure, code)
		}
		measures[i] = m
	}
	return measures, nil
}

// ask returns the whole answer to a query in format RowBinary.
func ask(ctx context.Context, conn driver.Conn, sql string, args []any) (string, error) {
	stream, err := conn.QueryFormat(ctx, "RowBinary", sql, args...)
	if err != nil {
		return "", err
	}
	var answer strings.Builder
	answer.Grow(1 << 16)
	_, err = io.Copy(&answer, stream)
	return answer.String(), errors.Join(err, stream.Close())
}
