package compare

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"nianbao/internal/form"
	"nianbao/internal/rowbinary"
	"nianbao/internal/warehouse"
	"nianbao/query/stats"
)

// A report is flawed while a check fails of which the form says that the figures cannot be used for comparison, and
// nobody decided that there is a good reason. Flawed reports are left out of comparisons unless they are asked for.

// criticalRules are the checks of which a failure forbids comparison.
var criticalRules = func() (out []string) {
	for _, c := range form.Checks {
		if c.Severity == form.Critical {
			out = append(out, c.ID)
		}
	}
	return out
}()

// flawedQuery asks which filings of some years were flawed at a moment. The answer has the column filing.
type flawedQuery struct {
	from, to int // years, both included
	rules    []string
	asOf     time.Time // zero means now
}

// SQL returns the text of the query and its parameters.
func (q flawedQuery) SQL() (string, []any) {
	assessed, args := warehouse.VisibleAssessments(q.asOf)
	reviews, _ := warehouse.VisibleReviews(q.asOf) // with the same arguments
	args = append(append(args, years(q.from, q.to)...), clickhouse.Named("rules", q.rules), clickhouse.Named("dismiss", warehouse.Dismiss))
	visible, _ := warehouse.VisibleFilings(q.asOf)
	return `SELECT DISTINCT f.filing
FROM findings AS f
INNER JOIN (SELECT filing, agency FROM ` + visible + ` WHERE year BETWEEN {from:UInt16} AND {to:UInt16}) AS v ON f.filing = v.filing
INNER JOIN (SELECT filing, batch FROM ` + assessed + ` WHERE year BETWEEN {from:UInt16} AND {to:UInt16} AND hasAny(failed, {rules:Array(String)})) AS a
  ON f.filing = a.filing AND f.batch = a.batch
LEFT JOIN ` + reviews + ` AS r
  ON v.agency = r.agency AND f.year = r.year AND f.rule = r.rule AND f.tbl = r.tbl AND f.place = r.place
WHERE f.year BETWEEN {from:UInt16} AND {to:UInt16} AND f.status = 'fail' AND f.rule IN {rules:Array(String)}
  AND NOT (r.decision = {dismiss:String} AND r.basis = f.basis)
ORDER BY f.filing`, args
}

// markFlawed notes which filings of the roster are flawed.
func (r *Roster) markFlawed(ctx context.Context, conn driver.Conn, from, to int, asOf time.Time) error {
	sql, args := flawedQuery{from, to, criticalRules, asOf}.SQL()
	answer, err := ask(ctx, conn, sql, args)
	if err != nil {
		return fmt.Errorf("list reports with open critical findings: %w", err)
	}
	d := rowbinary.New(answer)
	flawed := map[string]bool{}
	for d.More() {
		flawed[d.Take(idLength)] = true
	}
	if d.Err() != nil {
		return fmt.Errorf("list reports with open critical findings: %w", d.Err())
	}
	r.each(func(f *filing) { f.flawed = flawed[f.id] })
	return nil
}

// exclude takes a report out of a comparison in which it would count. Its figures stay to be seen, and where a cell
// stands in the way that is still what is said.
func (r *Row) exclude() {
	if r.Counted() || r.State == NoDenominator {
		r.State, r.Class, r.Interval = Excluded, "", stats.Interval{}
	}
}

// Flawed lists the visible reports of a year of the roster that comparisons leave out, by id.
func (r *Roster) Flawed(year int) []string {
	var out []string
	for i := range r.agencies {
		for _, f := range r.agencies[i].filings {
			if f.year == year && f.flawed {
				out = append(out, f.id)
			}
		}
	}
	slices.Sort(out)
	return out
}
