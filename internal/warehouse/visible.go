package warehouse

import (
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// VisibleFilings is the one place that says which filing counts. It gives a sub-query, in parentheses, with a row
// (filing, agency, held_as, year, committed_at) for each agency and year: the filing that was the newest of them at a
// moment, the zero time meaning now. The newest is the one with the greatest (committed_at, filing) among the filings
// of batches committed at or before that moment that were not withdrawn by then; equality of times is settled by the id.
//
// The agency is the one that the register named at that moment. A filing may be held under a provisional entry that a
// person found to be a known agency; held_as is the code under which the rows of filings, cells and findings stand.
//
// The arguments belong to the sub-query and are added to those of the query around it. They are named as_of, so that
// a query may hold the sub-query more than once. To read cells of it:
//
//	sql, args := warehouse.VisibleFilings(asOf)
//	rows, err := store.Conn().Query(ctx, "SELECT agency, value FROM cells WHERE year = {year:UInt16} AND tbl = … AND filing IN (SELECT filing FROM "+
//		sql+" WHERE year = {year:UInt16})", append(args, clickhouse.Named("year", year))...)
//
// A condition on the year on the sub-query is carried into it by ClickHouse, and should be given.
func VisibleFilings(asOf time.Time) (sql string, args []any) {
	// LIMIT 1 BY takes the first of each agency and year: a quarter of the time that argMax over a tuple takes.
	return `(SELECT filing, owner AS agency, held_as, year, committed_at FROM ` + reports(asOf) + `
		WHERE filing NOT IN ` + withdrawn(asOf) + `
		ORDER BY year, owner, committed_at DESC, filing DESC LIMIT 1 BY year, owner)`, moment(asOf)
}

// reports is a sub-query with all filings committed by a moment and the agency that each belonged to then: columns
// filing, owner, held_as, year, committed_at.
func reports(asOf time.Time) string {
	return `(SELECT f.filing AS filing, if(s.same_as = '', f.agency, s.same_as) AS owner, f.agency AS held_as, f.year AS year, b.committed_at AS committed_at
		FROM filings AS f INNER JOIN ` + committedBatches(asOf) + ` AS b ON f.batch = b.batch
		LEFT JOIN ` + linked(asOf) + ` AS s ON f.agency = s.agency)`
}

// linked is a sub-query with the provisional entries that were linked at a moment: columns agency and same_as.
func linked(asOf time.Time) string {
	return `(SELECT agency, same_as FROM ` + newest("agencies", asOf, "agency") + ` WHERE same_as != '')`
}

// withdrawn is a sub-query with the ids of the filings that were withdrawn, and not restored, by a moment.
func withdrawn(asOf time.Time) string {
	return `(SELECT filing FROM ` + newest("withdrawals", asOf, "filing") + ` WHERE act = 'withdraw')`
}

// newest is a sub-query with the rows of a table that count at a moment: of the rows with the same key the one that
// was committed last. A batch has at most one row for a key.
func newest(table string, asOf time.Time, key string) string {
	return `(SELECT t.*, b.committed_at AS committed_at FROM ` + table + ` AS t INNER JOIN ` + committedBatches(asOf) + ` AS b ON t.batch = b.batch
		ORDER BY committed_at DESC LIMIT 1 BY ` + key + `)`
}

// VisibleAssessments gives a sub-query, in parentheses, with the newest assessment of each filing at a moment: the
// columns of table assessments. The findings of a filing that count are those with its filing and batch. The
// arguments are those of [VisibleFilings].
func VisibleAssessments(asOf time.Time) (sql string, args []any) {
	return newest("assessments", asOf, "filing"), moment(asOf)
}

// VisibleReviews gives a sub-query, in parentheses, with the last decision about each finding at a moment: the columns
// of table reviews, and committed_at. The agency is the one that the register named at that moment, as in
// [VisibleFilings], whose arguments these are.
func VisibleReviews(asOf time.Time) (sql string, args []any) {
	return `(SELECT * FROM ` + reviews(asOf) + ` ORDER BY committed_at DESC, review DESC LIMIT 1 BY agency, year, rule, tbl, place)`, moment(asOf)
}

// reviews is a sub-query with all decisions about findings that were committed by a moment.
func reviews(asOf time.Time) string {
	return `(SELECT review, decision, filing, owner AS agency, year, rule, tbl, place, basis, reason, person, committed_at FROM (
		SELECT r.review AS review, r.decision AS decision, r.filing AS filing, if(s.same_as = '', r.agency, s.same_as) AS owner, r.year AS year, r.rule AS rule,
			r.tbl AS tbl, r.place AS place, r.basis AS basis, r.reason AS reason, r.person AS person, b.committed_at AS committed_at
		FROM reviews AS r INNER JOIN ` + committedBatches(asOf) + ` AS b ON r.batch = b.batch LEFT JOIN ` + linked(asOf) + ` AS s ON r.agency = s.agency))`
}

// committedBatches is a sub-query with the batches that were visible at a moment, each once.
func committedBatches(asOf time.Time) string {
	if asOf.IsZero() {
		return `(SELECT batch, min(batches.committed_at) AS committed_at FROM batches GROUP BY batch)`
	}
	return `(SELECT batch, min(batches.committed_at) AS committed_at FROM batches
		WHERE batches.committed_at <= fromUnixTimestamp64Micro({as_of:Int64}, 'UTC') GROUP BY batch)`
}

// moment are the arguments of the sub-queries of this file.
func moment(asOf time.Time) []any {
	if asOf.IsZero() {
		return nil
	}
	return []any{microseconds("as_of", asOf)}
}

func microseconds(name string, t time.Time) any { return clickhouse.Named(name, t.UnixMicro()) }
