package warehouse

import (
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// VisibleFilings is the one place that says which filing counts. It gives a sub-query, in parentheses, with a row
// (filing, agency, year, committed_at) for each agency and year: the filing that was the newest of them at a moment,
// the zero time meaning now. The newest is the one with the greatest (committed_at, filing) among the filings of
// batches committed at or before that moment; equality of times is settled by the id.
//
// The arguments belong to the sub-query and are added to those of the query around it. They are named as_of, so that
// a query may hold the sub-query more than once. To read cells of it:
//
//	sql, args := warehouse.VisibleFilings(asOf)
//	rows, err := store.Conn().Query(ctx, "SELECT agency, value FROM cells WHERE year = {year:UInt16} AND tbl = … AND filing IN (SELECT filing FROM "+
//		sql+" WHERE year = {year:UInt16})", append(args, clickhouse.Named("year", year))...)
//
// A condition on year or agency on the sub-query is carried into it by ClickHouse, and should be given.
func VisibleFilings(asOf time.Time) (sql string, args []any) {
	committed, args := committedBatches(asOf)
	// LIMIT 1 BY takes the first of each agency and year: a quarter of the time that argMax over a tuple takes.
	return `(SELECT f.filing AS filing, f.agency AS agency, f.year AS year, b.committed_at AS committed_at
		FROM filings AS f INNER JOIN ` + committed + ` AS b ON f.batch = b.batch
		ORDER BY year, agency, committed_at DESC, filing DESC LIMIT 1 BY year, agency)`, args
}

// committedBatches is a sub-query with the batches that were visible at the moment, each once.
func committedBatches(asOf time.Time) (sql string, args []any) {
	if asOf.IsZero() {
		return `(SELECT batch, min(batches.committed_at) AS committed_at FROM batches GROUP BY batch)`, nil
	}
	return `(SELECT batch, min(batches.committed_at) AS committed_at FROM batches
		WHERE batches.committed_at <= fromUnixTimestamp64Micro({as_of:Int64}, 'UTC') GROUP BY batch)`,
		[]any{clickhouse.Named("as_of", asOf.UnixMicro())}
}
