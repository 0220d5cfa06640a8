package compare

import (
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"nianbao/internal/warehouse"
)

// query asks for sums of cells in the visible filings of every agency. The answer has a row for each agency that has
// a visible filing of any year, by id, with the columns that decode reads.
type query struct {
	sources  []Source
	from, to int       // years whose filings are wanted, both included
	agencies []string  // ids; empty means all
	asOf     time.Time // zero means now
}

// uncountableFrom bounds a count. 24 cells below it add up to a sum that a signed 64-bit number holds; nothing that
// an agency counts comes near.
const uncountableFrom = "1000000000000000"

// SQL returns the text of the query and its parameters. Everything that comes from outside is a parameter.
func (q query) SQL() (string, []any) {
	visible, args := warehouse.VisibleFilings(q.asOf)
	args = append(args, clickhouse.Named("from", uint16(q.from)), clickhouse.Named("to", uint16(q.to)))
	only := ""
	if len(q.agencies) > 0 {
		only = "agency IN {agencies:Array(String)}"
		args = append(args, clickhouse.Named("agencies", q.agencies))
	}
	where := func(conditions ...string) string {
		var given []string
		for _, c := range conditions {
			if c != "" {
				given = append(given, c)
			}
		}
		if len(given) == 0 {
			return ""
		}
		return " WHERE " + strings.Join(given, " AND ")
	}
	each := make([]string, len(q.sources))
	for i, s := range q.sources {
		each[i] = fmt.Sprintf("(tbl = {tbl%d:String} AND row IN {rows%d:Array(String)} AND col = {col%d:String})", i, i, i)
		args = append(args, clickhouse.Named(fmt.Sprint("tbl", i), s.Table), clickhouse.Named(fmt.Sprint("rows", i), s.Rows),
			clickhouse.Named(fmt.Sprint("col", i), s.Column))
	}
	list := func(pattern string) string {
		parts := make([]string, len(each))
		for i, condition := range each {
			parts[i] = strings.ReplaceAll(pattern, "$", condition)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return `SELECT f.agency, argMax(f.agency_name, f.year), argMax(f.scope, f.year),
  groupArrayIf((f.year, f.filing, f.agency_name, f.scope, f.synthetic, f.form2, f.form3, f.form4, c.sums, c.cells, c.states, c.raws), f.year BETWEEN {from:UInt16} AND {to:UInt16})
FROM filings AS f
INNER JOIN (SELECT filing FROM ` + visible + where(only) + `) AS v ON f.filing = v.filing
LEFT JOIN (
  SELECT filing,
    ` + list("toInt64(ifNull(sumIf(value, $ AND bit = 1), 0))") + ` AS sums,
    ` + list("countIf($)") + ` AS cells,
    ` + list("groupBitOrIf(bit, $)") + ` AS states,
    ` + list("anyIf(raw, $ AND bit > 2)") + ` AS raws
  FROM (
    SELECT filing, tbl, row, col, value, raw,
      multiIf(state = 'number', if(value >= 0 AND value < ` + uncountableFrom + ` AND value = floor(value), 1, 128),
        state = 'blank', if(settled_by = '', 4, 2), state = 'dash', 8, state = 'na', 16, state = 'text', 32, 64)::UInt8 AS bit
    FROM cells` + where("year BETWEEN {from:UInt16} AND {to:UInt16}", only, "("+strings.Join(each, " OR ")+")") + `
  )
  GROUP BY filing
) AS c ON f.filing = c.filing` + where(strings.Replace(only, "agency", "f.agency", 1)) + `
GROUP BY f.agency ORDER BY f.agency`, args
}
