package findings

import (
	"cmp"
	"context"
	"slices"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
)

// RuleCount counts the findings of one rule.
type RuleCount struct {
	Rule     string
	Severity form.Severity
	Outcomes map[form.Outcome]int
	// Decisions counts those that fail or are uncertain.
	Decisions map[Decision]int
	Reports   int // with a finding of the rule that fails or is uncertain
}

// Counts is the matrix of rules and severities, and what was checked.
type Counts struct {
	Rules []RuleCount // in the order of form.Checks, rules without a finding left out
	// Reports and Relations are what was checked: the reports with an assessment, and the checks of them that passed,
	// failed or were uncertain. Apart are those that could not be made and those that do not concern the report.
	Reports, Relations, NotAssessable, NotApplicable int
}

// CountsOf counts the findings that the request wants. The fields Outcomes and Decisions narrow nothing here.
func CountsOf(ctx context.Context, store *warehouse.Store, r Request) (Counts, error) {
	var out Counts
	r.Outcomes, r.Decisions = nil, nil
	q, err := newQuery(ctx, store, &r)
	if err != nil {
		return out, wrap("count findings", err)
	}
	q.every = true
	sql, args := q.SQL("f.rule, f.status, "+decision+" AS decision, count(), groupUniqArrayIf(f.filing, f.status IN ('fail', 'uncertain'))", "GROUP BY f.rule, f.status, decision")
	rows, err := store.Conn().Query(ctx, sql, args...)
	if err != nil {
		return out, wrap("count findings", err)
	}
	defer rows.Close()
	rules := map[string]*RuleCount{}
	reports := map[string]map[string]bool{}
	for rows.Next() {
		var rule, status, decided string
		var n uint64
		var filings []string
		if err := rows.Scan(&rule, &status, &decided, &n, &filings); err != nil {
			return out, wrap("count findings", err)
		}
		c := rules[rule]
		if c == nil {
			c = &RuleCount{Rule: rule, Severity: severityOf(rule), Outcomes: map[form.Outcome]int{}, Decisions: map[Decision]int{}}
			rules[rule], reports[rule] = c, map[string]bool{}
		}
		outcome := form.Outcome(status)
		c.Outcomes[outcome] += int(n)
		switch outcome {
		case form.Fail, form.Uncertain:
			c.Decisions[Decision(decided)] += int(n)
			for _, f := range filings {
				reports[rule][f] = true
			}
			out.Relations += int(n)
		case form.Pass:
			out.Relations += int(n)
		case form.NotAssessable:
			out.NotAssessable += int(n)
		case form.NotApplicable:
			out.NotApplicable += int(n)
		}
	}
	if err := rows.Err(); err != nil {
		return out, wrap("count findings", err)
	}
	sql, args = q.SQL("uniqExact(f.filing)", "")
	var n uint64
	if err := store.Conn().QueryRow(ctx, sql, args...).Scan(&n); err != nil {
		return out, wrap("count findings", err)
	}
	out.Reports = int(n)
	place := map[string]int{}
	for i, c := range form.Checks {
		place[c.ID] = i + 1
	}
	for rule, c := range rules {
		c.Reports = len(reports[rule])
		out.Rules = append(out.Rules, *c)
	}
	slices.SortFunc(out.Rules, func(a, b RuleCount) int {
		return cmp.Or(cmp.Compare(place[a.Rule], place[b.Rule]), cmp.Compare(a.Rule, b.Rule))
	})
	return out, nil
}
