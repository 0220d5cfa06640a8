// Package coverage says who has filed: [Of] every agency that is known in one year, with its report or without, how many
// versions there are, and what the checks found in it; [MatrixOf] who had to file in which years and who did, by the
// register; [RegisterChanges] what changed in the register; [UndecidedOf] what waits for a person to say whose it is.
//
// Only an agency of the register can be overdue. One of which a report of another year is held and none of this year, and
// of which the register says nothing or has a provisional entry that nobody confirmed, is not received, nothing more.
package coverage

import (
	"context"
	"fmt"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
)

// Report is the visible report of an agency for the year.
type Report struct {
	warehouse.Filing
	Kind   compare.Kind
	New    compare.Figure // 一、本年新收政府信息公开申请数量, 总计
	Checks warehouse.Assessed
}

// Agency is a body known from a report of another year.
type Agency struct {
	ID, Name string
	Kind     compare.Kind
	Newest   int // the newest year of which a report is held
}

// Year is the coverage of one reporting year.
type Year struct {
	Year    int
	Reports []Report // of single bodies, by name
	Missing []Agency // known, no report received for the year, by name
	// Aggregates are the reports that sum up a whole district. They are in no count of the rest.
	Aggregates []Report
}

// Known counts the agencies: those with a report and those without.
func (y Year) Known() int { return len(y.Reports) + len(y.Missing) }

// Zero counts the reports that say that no application was received.
func (y Year) Zero() int {
	return y.count(func(r Report) bool { return r.New.State == compare.Zero })
}

// Failing counts the reports with a check that fails.
func (y Year) Failing() int {
	return y.count(func(r Report) bool { return r.Checks.Fail > 0 })
}

// Synthetic counts the reports, aggregates included, that declare themselves made up.
func (y Year) Synthetic() int {
	n := y.count(func(r Report) bool { return r.Filing.Synthetic })
	for _, r := range y.Aggregates {
		if r.Filing.Synthetic {
			n++
		}
	}
	return n
}

func (y Year) count(is func(Report) bool) int {
	n := 0
	for _, r := range y.Reports {
		if is(r) {
			n++
		}
	}
	return n
}

// Of reads the coverage of the year of a roster, as of its moment.
func Of(ctx context.Context, store *warehouse.Store, roster *compare.Roster) (Year, error) {
	year, asOf := roster.Year(), roster.AsOf()
	y := Year{Year: year}
	wrap := func(err error) (Year, error) { return Year{}, fmt.Errorf("read coverage of %d: %w", year, err) }
	filings, err := store.Filings(ctx, asOf, warehouse.Filter{Years: []int{year}})
	if err != nil {
		return wrap(err)
	}
	agencies, err := store.Agencies(ctx, asOf)
	if err != nil {
		return wrap(err)
	}
	newest := map[string]int{}
	for _, a := range agencies {
		newest[a.ID] = a.Years[len(a.Years)-1]
	}
	checks, err := store.Assessments(ctx, asOf, year)
	if err != nil {
		return wrap(err)
	}
	received := map[string]compare.Figure{}
	for _, scope := range []form.Scope{form.ScopeOwn, form.ScopeAggregate} {
		result, err := roster.Run(ctx, store.Conn(), compare.Request{Measure: "received", Year: year, Scope: scope, AsOf: asOf, Flawed: true})
		if err != nil {
			return wrap(err)
		}
		for _, row := range result.Rows {
			received[row.Agency] = row.X
			if scope == form.ScopeOwn && row.Filing == "" {
				y.Missing = append(y.Missing, Agency{ID: row.Agency, Name: row.Name, Kind: row.Kind, Newest: newest[row.Agency]})
			}
		}
	}
	for _, f := range filings {
		r := Report{Filing: f, Kind: compare.KindOf(f.AgencyName), New: received[f.Agency], Checks: checks[f.ID]}
		if compare.ScopeOf(f.AgencyName, f.Scope) == form.ScopeAggregate {
			y.Aggregates = append(y.Aggregates, r)
		} else {
			y.Reports = append(y.Reports, r)
		}
	}
	compare.SortByName(y.Reports, func(r *Report) string { return r.AgencyName })
	compare.SortByName(y.Aggregates, func(r *Report) string { return r.AgencyName })
	compare.SortByName(y.Missing, func(a *Agency) string { return a.Name })
	return y, nil
}
