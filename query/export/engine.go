package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/tabular"
)

// The two great files, cells and findings, and the draw of a sample are written by ClickHouse itself, a year at a time:
// it writes rows of CSV several times as fast as they could be read and written here.

// dialect makes ClickHouse write the dialect of [tabular.Guard] and [Reader]. Nothing is left to the settings of a server.
var dialect = clickhouse.Settings{
	"format_csv_null_representation":       "",
	"format_csv_delimiter":                 ",",
	"output_format_csv_crlf_end_of_line":   1,
	"output_format_decimal_trailing_zeros": 0,
	"bool_true_representation":             "true",
	"bool_false_representation":            "false",
	"join_use_nulls":                       0,
	"max_bytes_before_external_sort":       1 << 30,
	"query_plan_join_swap_table":           "false", // the filings are the small side
}

// stream writes what the queries of the years answer, one after the other: an answer of rows of CSV has no header. While
// one answer is written the engine already sorts the next.
func (e *export) stream(ctx context.Context, w io.Writer, query func(y *yearOf) (sql string, args []any)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	settings := dialect
	if e.old { // a server that does not know a setting refuses the query
		settings = without(settings, "query_plan_join_swap_table")
	}
	type answer struct {
		rows io.ReadCloser
		err  error
	}
	ask := func(y *yearOf) chan answer {
		sql, args := query(y)
		c := make(chan answer, 1)
		go func() {
			rows, err := e.store.Conn().QueryFormat(clickhouse.Context(ctx, clickhouse.WithSettings(settings)), "CSV", sql, args...)
			c <- answer{rows, err}
		}()
		return c
	}
	var next chan answer
	buffer := make([]byte, 256<<10)
	for i := range e.years {
		if next == nil {
			next = ask(&e.years[i])
		}
		one := <-next
		if next = nil; i+1 < len(e.years) {
			next = ask(&e.years[i+1])
		}
		err := one.err
		if err == nil {
			_, err = io.CopyBuffer(struct{ io.Writer }{w}, one.rows, buffer)
			err = errors.Join(err, one.rows.Close())
		}
		if err != nil {
			if cancel(); next != nil {
				if last := <-next; last.err == nil {
					last.rows.Close()
				}
			}
			return fmt.Errorf("year %d: %w", e.years[i].year, err)
		}
	}
	return nil
}

func without(s clickhouse.Settings, name string) clickhouse.Settings {
	out := clickhouse.Settings{}
	for k, v := range s {
		if k != name {
			out[k] = v
		}
	}
	return out
}

// quoted is a text in SQL.
func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(text) + "'"
}

// guardSQL is [tabular.Guard] of an expression.
func guardSQL(x string) string {
	var ascii, wide []string
	for _, g := range tabular.Guarded {
		if len(g) == 1 {
			ascii = append(ascii, quoted(g))
		} else {
			wide = append(wide, quoted(g))
		}
	}
	return fmt.Sprintf("if(substring(%[1]s, 1, 1) IN (%[2]s) OR substring(%[1]s, 1, 3) IN (%[3]s), concat(%[4]s, %[1]s), %[1]s)", x, strings.Join(ascii, ", "), strings.Join(wide, ", "), quoted(tabular.Apostrophe))
}

// A dictionary translates codes into labels.
type dictionary struct{ codes, labels []string }

func (d *dictionary) add(code, label string) {
	if i := slices.Index(d.codes, code); i < 0 {
		d.codes, d.labels = append(d.codes, code), append(d.labels, label)
	} else if !slices.Contains(strings.Split(d.labels[i], "／"), label) {
		d.labels[i] += "／" + label
	}
}

func (d *dictionary) sql(x, other string) string {
	list := func(texts []string) string {
		out := make([]string, len(texts))
		for i, t := range texts {
			out[i] = quoted(t)
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	return fmt.Sprintf("transform(%s, %s, %s, %s)", x, list(d.codes), list(d.labels), other)
}

// labels are the printed words of tables, rows and columns over all versions of the form.
type labels struct {
	tables  dictionary
	rows    map[string]*dictionary // by table
	columns map[string]*dictionary
}

var printed = func() labels {
	l := labels{rows: map[string]*dictionary{}, columns: map[string]*dictionary{}}
	for _, f := range form.Forms {
		for _, t := range f.Tables {
			if l.rows[t.Code] == nil {
				l.tables.add(t.Code, t.Title)
				l.rows[t.Code], l.columns[t.Code] = &dictionary{}, &dictionary{}
			}
			for _, b := range t.Blocks {
				for _, r := range b.Rows {
					l.rows[t.Code].add(r.Code, strings.Join(append(slices.Clone(r.Parents), r.Printed()), " "))
				}
				for _, c := range b.Columns {
					l.columns[t.Code].add(c.Code, c.Label)
				}
			}
		}
	}
	l.tables.add(form.Legacy, "2019年以前的统计表")
	l.columns[form.Legacy] = &dictionary{[]string{form.YearValue, form.Cumulative}, []string{"本年度", "历年累计"}}
	return l
}()

// Label is the printed words of a cell.
func Label(k form.Key) string {
	find := func(d *dictionary, code string) string {
		if d != nil {
			if i := slices.Index(d.codes, code); i >= 0 {
				return d.labels[i]
			}
		}
		return code
	}
	return find(printed.rows[k.Table], k.Row) + " " + find(printed.columns[k.Table], k.Column)
}

// place is the place of a row or column among all that the form prints, in the order of the form; 0 is none of them.
// ClickHouse computes it, and the labels, once for each word of a part and not for each cell.
func place(d *dictionary, x string) string {
	codes := make([]string, len(d.codes))
	places := make([]string, len(d.codes))
	for i, c := range d.codes {
		codes[i], places[i] = quoted(c), strconv.Itoa(i+1)
	}
	return "toUInt64(transform(" + x + ", [" + strings.Join(codes, ", ") + "], [" + strings.Join(places, ", ") + "], 0))"
}

var (
	allRows, allColumns         dictionary // of the tables with fixed rows; a code of a row stands in one table only
	disputeColumns, restColumns dictionary // the columns of section 四 have words of their own
)

func init() {
	for _, t := range printed.tables.codes {
		if d := printed.rows[t]; d != nil {
			for i, code := range d.codes {
				allRows.add(code, d.labels[i])
			}
		}
		for i, code := range printed.columns[t].codes {
			allColumns.add(code, "")
			if t == form.Section4 {
				disputeColumns.add(code, printed.columns[t].labels[i])
			} else {
				restColumns.add(code, printed.columns[t].labels[i])
			}
		}
	}
}

// source is a sub-query with the cells of a year: what was read and, where a correction is in force, what takes its place.
// Without corrections it is the table itself, so that rows come in the order in which they lie.
func (e *export) source(year int, corrected bool) (sql string, args []any) {
	const columns = "filing, agency, year, tbl, row, col, value, state, raw, unit, settled_by, rule, candidates, page, grid, grid_row, grid_col, line"
	args = []any{clickhouse.Named("year", uint16(year))}
	if !corrected {
		return "(SELECT " + columns + ", '' AS correction, CAST(NULL, 'Nullable(Decimal(38, 10))') AS read_value, '' AS read_state FROM cells WHERE year = {year:UInt16})", args
	}
	corrections, more := warehouse.CorrectedCells(e.query.AsOf)
	key := "(filing, tbl, row, col)"
	these := "(SELECT filing, tbl, row, col FROM " + corrections + " WHERE year = {year:UInt16})"
	return `(SELECT ` + columns + `, '' AS correction, CAST(NULL, 'Nullable(Decimal(38, 10))') AS read_value, '' AS read_state FROM cells
			WHERE year = {year:UInt16} AND ` + key + ` NOT IN ` + these + `
		UNION ALL SELECT k.filing, k.agency, k.year, k.tbl, k.row, k.col, k.value, k.state, c.raw, c.unit, '', c.rule, [], c.page, c.grid, c.grid_row, c.grid_col, c.line,
			k.correction, c.value, c.state FROM (SELECT * FROM ` + corrections + ` WHERE year = {year:UInt16}) AS k LEFT JOIN (
				SELECT filing, tbl, row, col, value, state, raw, unit, rule, page, grid, grid_row, grid_col, line FROM cells
				WHERE year = {year:UInt16} AND ` + key + ` IN ` + these + `) AS c
			ON k.filing = c.filing AND k.tbl = c.tbl AND k.row = c.row AND k.col = c.col)`, append(args, more...)
}

// cellsQuery is the rows of the file of cells for one year. They are sorted by a number, which is many times as fast as by
// the words: the place of the cell in the form, and of the report among the others.
func (e *export) cellsQuery(year int, corrected bool) (string, []any) {
	cells, args := e.source(year, corrected)
	filings, more := e.reports(year)
	legacy := "tbl = " + quoted(form.Legacy)
	return `SELECT year, tbl, ` + printed.tables.sql("tbl", "''") + `, if(` + legacy + `, ` + guardSQL("row") + `, row), if(` + legacy + `, ` + guardSQL("row") + `, ` + allRows.sql("row", "''") + `),
	col, if(tbl = ` + quoted(form.Section4) + `, ` + disputeColumns.sql("col", "''") + `, ` + restColumns.sql("col", "''") + `), v.code, v.name, value, state, ` + guardSQL("raw") + `, ` + guardSQL("unit") + `,
	if(empty(candidates), '', ` + guardSQL("arrayStringConcat(candidates, ' | ')") + `), settled_by, rule, page, grid, grid_row, grid_col, line,
	filing, version, sha256, CAST(correction != '', 'Bool'), correction, read_value, read_state
	FROM ` + cells + ` AS c INNER JOIN ` + filings + ` AS v ON c.filing = v.filing
	ORDER BY (if(` + legacy + `, 255, ` + place(&allRows, "row") + `) * 64 + ` + place(&allColumns, "col") + `) * 4294967296 + v.number,
	row, col, page, grid, grid_row, grid_col, line, raw, correction`, append(args, more...)
}

// reports is a sub-query with the filings that count, numbered in the order of the codes under which they are held, and the
// texts of them that stand in every row.
func (e *export) reports(year int) (string, []any) {
	filings, args := warehouse.CountedFilings(e.query.AsOf, year, e.filter)
	return `(SELECT filing, version, sha256, owner, ` + guardSQL("owner") + ` AS code, ` + guardSQL("agency_name") + ` AS name, row_number() OVER (ORDER BY held_as, filing) AS number FROM ` + filings + `)`, args
}

// findingsQuery is the rows of the file of findings for one year.
func (e *export) findingsQuery(year int) (string, []any) {
	filings, args := e.reports(year)
	assessed, more := warehouse.VisibleAssessments(e.query.AsOf)
	args = append(append(args, more...), clickhouse.Named("year", uint16(year)))
	var names, severities dictionary
	for _, c := range form.Checks {
		names.add(c.ID, c.Zh.Name)
		severities.add(c.ID, string(c.Severity))
	}
	return `SELECT year, v.code, v.name, rule, ` + names.sql("rule", "''") + `, ` + severities.sql("rule", "''") + `,
	tbl, ` + guardSQL("place") + `, status, ` + guardSQL("expression") + `, lhs, rhs, delta, ` + guardSQL("arrayStringConcat(cells, ' | ')") + `, ` + guardSQL("arrayStringConcat(blanks, ' | ')") + `,
	` + guardSQL("note") + `, arrayStringConcat(against, ' '), basis, filing
	FROM (SELECT * FROM findings WHERE year = {year:UInt16} AND (filing, batch) IN (SELECT filing, batch FROM ` + assessed + ` WHERE year = {year:UInt16})) AS f
	INNER JOIN ` + filings + ` AS v ON f.filing = v.filing
	ORDER BY v.number, rule, tbl, place, expression`, args
}

// drawSQL is the number that a cell draws. [Draw] is the same.
const drawSQL = `lower(hex(SHA256(arrayStringConcat([{seed:String}, toString(filing), toString(tbl), toString(row), toString(col), toString(page), toString(grid),
	toString(grid_row), toString(grid_col), toString(line)], '\n'))))`

// sampleQuery draws cells of one year.
func (e *export) sampleQuery(year int, corrected bool) (string, []any) {
	cells, args := e.source(year, corrected)
	filings, more := warehouse.CountedFilings(e.query.AsOf, year, e.filter)
	args = append(append(args, more...), clickhouse.Named("seed", e.query.Seed), clickhouse.Named("size", uint32(e.query.Sample)))
	return `SELECT ` + drawSQL + ` AS draw, owner, agency_name, tbl, row, col, value, state, raw, page, grid, grid_row, grid_col, line, filing, sha256
	FROM ` + cells + ` AS c INNER JOIN ` + filings + ` AS v ON c.filing = v.filing ORDER BY draw LIMIT {size:UInt32}`, args
}

// oldServer reports whether the server does not know the settings of newer ones.
func oldServer(ctx context.Context, store *warehouse.Store) (bool, error) {
	var known uint64
	err := store.Conn().QueryRow(ctx, "SELECT count() FROM system.settings WHERE name = 'query_plan_join_swap_table'").Scan(&known)
	if err != nil {
		return false, fmt.Errorf("ask for the settings of the engine: %w", err)
	}
	return known == 0, nil
}

// expected is how many rows the cells and findings of a year have by the tables themselves, by filing that counts.
func (e *export) expected(ctx context.Context, year int, counted map[string]bool) (cells, findings map[string]int, corrected bool, err error) {
	fail := func(err error) (map[string]int, map[string]int, bool, error) { return nil, nil, false, err }
	if cells, err = e.store.RowsOf(ctx, "cells", year); err != nil {
		return fail(err)
	}
	corrections, args := warehouse.CorrectedCells(e.query.AsOf)
	rows, err := e.store.Conn().Query(ctx, `SELECT filing, (filing, tbl, row, col) NOT IN (SELECT filing, tbl, row, col FROM cells WHERE year = {year:UInt16}) AS added
		FROM `+corrections+` WHERE year = {year:UInt16}`, append(args, clickhouse.Named("year", uint16(year)))...)
	if err != nil {
		return fail(fmt.Errorf("list corrected cells: %w", err))
	}
	defer rows.Close()
	for rows.Next() {
		var filing string
		var added uint8
		if err := rows.Scan(&filing, &added); err != nil {
			return fail(fmt.Errorf("list corrected cells: %w", err))
		}
		cells[filing] += int(added)
		corrected = corrected || counted[filing]
	}
	if err := rows.Err(); err != nil {
		return fail(fmt.Errorf("list corrected cells: %w", err))
	}
	checks, err := e.store.Assessments(ctx, e.query.AsOf, year)
	if err != nil {
		return fail(err)
	}
	findings = map[string]int{}
	for id, c := range checks {
		findings[id] = c.Total()
	}
	return cells, findings, corrected, nil
}

// address is where the page about a cell is, on any nianbao that has it.
func address(filing string, k form.Key, asOf time.Time) string {
	return "/filing/" + filing + "/cell/" + url.PathEscape(k.String()) + "?as_of=" + asOf.UTC().Format(Moment)
}
