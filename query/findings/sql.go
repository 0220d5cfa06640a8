package findings

import (
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
)

// query is a question to the table of findings: what to select of the findings that a request wants. Columns of the
// findings stand under f, of the filing that counts under v and p, of the last decision under d, and decision is what holds.
type query struct {
	*Request
	agencies []string // codes, from Agencies and Kinds; nil means all
	every    bool     // findings of every outcome, where the request names none
}

// decision is what [decide] says, as an expression.
const decision = `multiIf(
  d.basis = f.basis AND d.decision = 'confirm', 'confirmed',
  d.basis = f.basis AND d.decision = 'dismiss', 'dismissed',
  d.basis = f.basis AND d.decision = 'ask', 'asked',
  hasAny(f.cells, c.paths), 'corrected',
  d.decision IN ('confirm', 'dismiss', 'ask'), 'basis_changed',
  'open')`

// SQL returns the query that selects the given columns, with what follows the conditions, and its parameters.
// Everything that comes from outside is a parameter.
func (q query) SQL(columns, rest string) (string, []any) {
	visible, args := warehouse.VisibleFilings(q.AsOf)
	assessed, _ := warehouse.VisibleAssessments(q.AsOf)
	reviewed, _ := warehouse.VisibleReviews(q.AsOf)
	corrected, _ := warehouse.CorrectedCells(q.AsOf)
	named := func(name string, value any) { args = append(args, clickhouse.Named(name, value)) }

	only := "true" // on the year and agency, carried into every table
	if len(q.Years) > 0 {
		only = "year IN {years:Array(UInt16)}"
		years := make([]uint16, len(q.Years))
		for i, y := range q.Years {
			years[i] = uint16(y)
		}
		named("years", years)
	}
	ours := ""
	if q.agencies != nil {
		ours = " AND agency IN {agencies:Array(String)}"
		named("agencies", q.agencies)
	}
	conditions, ofFinding := []string{"true"}, only // the latter are of the table alone, and narrow it before it is joined
	outcomes := q.Outcomes
	if len(outcomes) == 0 && !q.every {
		outcomes = []form.Outcome{form.Fail, form.Uncertain}
	}
	if len(outcomes) > 0 {
		ofFinding += " AND status IN {outcomes:Array(String)}"
		named("outcomes", plain(outcomes))
	}
	if rules := q.rulesOf(); rules != nil {
		ofFinding += " AND rule IN {rules:Array(String)}"
		named("rules", rules)
	}
	if len(q.Decisions) > 0 {
		conditions = append(conditions, "decision IN {decisions:Array(String)}")
		named("decisions", plain(q.Decisions))
	}
	if q.Text != "" {
		conditions = append(conditions, "positionCaseInsensitiveUTF8(concat(p.agency_name, '\n', f.expression, '\n', f.note, '\n', f.place), {text:String}) > 0")
		named("text", q.Text)
	}
	return `SELECT ` + columns + `
FROM (SELECT * FROM findings WHERE ` + ofFinding + `) AS f
INNER JOIN (SELECT * FROM ` + visible + ` WHERE ` + only + ours + `) AS v ON f.filing = v.filing
INNER JOIN (SELECT filing, batch FROM ` + assessed + ` WHERE ` + only + `) AS a ON f.filing = a.filing AND f.batch = a.batch
INNER JOIN (SELECT filing, agency_name FROM filings WHERE ` + only + `) AS p ON f.filing = p.filing
LEFT JOIN (SELECT * FROM ` + reviewed + ` WHERE ` + only + `) AS d
  ON v.agency = d.agency AND f.year = d.year AND f.rule = d.rule AND f.tbl = d.tbl AND f.place = d.place
LEFT JOIN (SELECT filing, groupArray(concat(tbl, '.', row, '.', col)) AS paths FROM ` + corrected + ` WHERE ` + only + ` GROUP BY filing) AS c ON f.filing = c.filing
WHERE ` + strings.Join(conditions, " AND ") + `
` + rest, args
}

// columns of a list, in the order in which scan reads them.
const columns = `f.filing, v.agency, f.agency, p.agency_name, f.year, f.rule, f.tbl, f.place, f.status, f.expression, f.lhs, f.rhs, f.delta, f.cells, f.blanks,
  f.note, f.against, f.basis, ` + decision + ` AS decision, d.review, d.decision, d.filing, d.basis, d.reason, d.person, d.committed_at, arrayIntersect(f.cells, c.paths)`

// order is the order of the rows. It is total: what is left equal is equal in everything that is printed.
func (q query) order() (string, []any) {
	const rest = "v.agency, f.year DESC, f.rule, f.tbl, f.place, f.filing, f.expression, f.note, f.status, f.basis"
	switch q.Sort {
	case ByYear:
		return "ORDER BY f.year DESC, " + rest, nil
	case ByAgency:
		return "ORDER BY " + rest, nil
	case ByRule:
		return "ORDER BY f.rule, f.year DESC, " + rest, nil
	}
	var rules []string
	var ranks []uint16
	for _, c := range form.Checks {
		for rank, s := range form.Severities {
			if s == c.Severity {
				rules, ranks = append(rules, c.ID), append(ranks, uint16(rank))
			}
		}
	}
	return "ORDER BY transform(toString(f.rule), {checks:Array(String)}, {ranks:Array(UInt16)}, 9::UInt16), f.year DESC, " + rest,
		[]any{clickhouse.Named("checks", rules), clickhouse.Named("ranks", ranks)}
}

func plain[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}
