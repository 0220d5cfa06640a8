package compare

import (
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"nianbao/internal/warehouse"
)

// rosterQuery asks which agencies there are and which of their filings are visible at a moment. The answer has a row
// for each agency that has a visible filing of any year, by id, with the columns that decodeRoster reads.
type rosterQuery struct {
	from, to int       // years whose filings are wanted, both included
	agencies []string  // ids; empty means all
	asOf     time.Time // zero means now
}

// SQL returns the text of the query and its parameters. Everything that comes from outside is a parameter.
func (q rosterQuery) SQL() (string, []any) {
	visible, args := warehouse.VisibleFilings(q.asOf)
	args = append(args, years(q.from, q.to)...)
	only := ""
	if len(q.agencies) > 0 {
		only = " WHERE agency IN {agencies:Array(String)}"
		args = append(args, clickhouse.Named("agencies", q.agencies))
	}
	return `SELECT v.agency AS id, argMax(f.agency_name, f.year), argMax(f.scope, f.year),
  groupArrayIf((f.year, f.filing, f.agency, f.agency_name, f.scope, f.synthetic, f.form2, f.form3, f.form4), f.year BETWEEN {from:UInt16} AND {to:UInt16})
FROM filings AS f
INNER JOIN (SELECT filing, agency FROM ` + visible + only + `) AS v ON f.filing = v.filing
GROUP BY id ORDER BY id`, args
}

func years(from, to int) []any {
	return []any{clickhouse.Named("from", uint16(from)), clickhouse.Named("to", uint16(to))}
}

// sumsQuery asks for sums of cells in all filings of some years, whether visible or not: which ones count is known
// from the roster. The answer has a row for each filing with any of the cells, in no order, with the columns that
// decodeSums reads.
type sumsQuery struct {
	sources  []Source
	from, to int      // years, both included
	agencies []string // codes under which the filings are held; empty means all
	// corrected puts the corrections in force at a moment in the place of what was read. Where there are none the query
	// is spared the work.
	corrected bool
	asOf      time.Time
}

// correctionsQuery asks for the cells of some years of which a correction was in force at a moment. The answer has the
// columns filing, tbl, row, col.
type correctionsQuery struct {
	from, to int // years, both included
	asOf     time.Time
}

// SQL returns the text of the query and its parameters.
func (q correctionsQuery) SQL() (string, []any) {
	cells, args := warehouse.CorrectedCells(q.asOf)
	return `SELECT filing, tbl, row, col FROM ` + cells + ` WHERE year BETWEEN {from:UInt16} AND {to:UInt16} ORDER BY filing, tbl, row, col`,
		append(args, years(q.from, q.to)...)
}

// What can be counted: whole numbers below 10^15 (24 of them add up to what a signed 64-bit number holds), and amounts
// below 10^7 万元, which is 100,000,000,000 元, to 8 decimals. Nothing that an agency counts or charges comes near.
const (
	countable  = "value >= 0 AND value < 1000000000000000 AND value = floor(value)"
	chargeable = "value >= 0 AND value < 10000000 AND value = floor(value, 8)"
	amountUnit = "100000000" // 10^form.AmountScale
)

// SQL returns the text of the query and its parameters. Everything that comes from outside is a parameter.
func (q sumsQuery) SQL() (string, []any) {
	args := years(q.from, q.to)
	only := ""
	if len(q.agencies) > 0 {
		only = " AND agency IN {agencies:Array(String)}"
		args = append(args, clickhouse.Named("agencies", q.agencies))
	}
	each, marks, sums := make([]string, len(q.sources)), "", make([]string, len(q.sources))
	var amounts []string
	for i, s := range q.sources {
		each[i] = fmt.Sprintf("(tbl = {tbl%d:String} AND row IN {rows%d:Array(String)} AND col = {col%d:String})", i, i, i)
		args = append(args, clickhouse.Named(fmt.Sprint("tbl", i), s.Table), clickhouse.Named(fmt.Sprint("rows", i), s.Rows),
			clickhouse.Named(fmt.Sprint("col", i), s.Column))
		in := "true" // of one source is every cell that is read
		if len(q.sources) > 1 {
			in = fmt.Sprint("in", i)
			marks += "\n    " + each[i] + " AS " + in + ","
		}
		total := "ifNull(sumIf(value, $ AND bit = 1), 0)"
		if s.Decimals {
			total += " * " + amountUnit
			amounts = append(amounts, in)
		}
		sums[i] = strings.ReplaceAll("toInt64("+total+"), countIf($), groupBitOrIf(bit, $), anyIf(raw, $ AND bit > 2)", "$", in)
	}
	exact := countable
	switch {
	case len(amounts) == len(q.sources):
		exact = chargeable
	case len(amounts) > 0:
		exact = "if(" + strings.Join(amounts, " OR ") + ", " + chargeable + ", " + countable + ")"
	}
	where := "year BETWEEN {from:UInt16} AND {to:UInt16} AND (" + strings.Join(each, " OR ") + ")" + only
	cells := "cells\n  WHERE " + where
	if q.corrected { // a corrected cell has no raw text: what stands in the way of it is its state
		corrections, more := warehouse.CorrectedCells(q.asOf)
		args = append(args, more...)
		cells = `(
    SELECT filing, tbl, row, col, value, state, settled_by, raw FROM cells WHERE ` + where + `
      AND (filing, tbl, row, col) NOT IN (SELECT filing, tbl, row, col FROM ` + corrections + `)
    UNION ALL
    SELECT filing, tbl, row, col, value, state, '', '' FROM ` + corrections + ` WHERE ` + where + `
  )`
	}
	return `SELECT filing,
  ` + strings.Join(sums, ",\n  ") + `
FROM (
  SELECT filing, value, raw,` + marks + `
    multiIf(state = 'number', if(` + exact + `, 1, 128),
      state = 'blank', if(settled_by = '', 4, 2), state = 'dash', 8, state = 'na', 16, state = 'text', 32, 64)::UInt8 AS bit
  FROM ` + cells + `
)
GROUP BY filing`, args
}
