package page

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/query/findings"
	instant "nianbao/query/moment"
)

var findingsPage = kind{template: "findings.html", parameters: []string{"year", "agency", "kind", "rule", "severity", "outcome", "decision", "q", "order", "page"}, build: buildFindings}

// findingsContent is the checks that found something, counted by rule and listed.
type findingsContent struct {
	base
	Filters    filters
	Severities []severityCount
	Rules      []ruleCount
	Quiet      string // how many rules found nothing
	Rows       []findingRow
	Nothing    string // what was checked, where the list is empty
	Shown      string
	Pages      []link
	items      []findings.Item // files hold all
	counts     findings.Counts
	total      int
}

// severityCount is a column of the matrix: the findings of one severity.
type severityCount struct {
	Sign          sign
	Fail, Unsure  link
	Open, Reports int
}

type ruleCount struct {
	Rule, Name   string
	Sign         sign
	Href         string // the list narrowed to the rule
	Fail, Unsure link
	Open         link
	Reports      int
}

// sign is a severity as word and shape.
type sign struct {
	Severity    form.Severity
	Shape, Word string
}

func (in lang) signOf(s form.Severity) sign {
	return sign{s, in.say("severity." + string(s) + ".mark"), in.say("severity." + string(s))}
}

func severityOf(rule string) form.Severity {
	if c, ok := form.LookupCheck(rule); ok {
		return c.Severity
	}
	return form.Hint
}

// findingRow is a line of the list.
type findingRow struct {
	ID, Href          string
	Sign              sign
	Rule, Name, Tests string
	Agency            link
	Report            link
	Place             string
	PlaceHref         string // the cell, where it is one
	Left, Right, Diff string
	Note              string
	Outcome           form.Outcome
	OutcomeWord       string
	Decision          findings.Decision
	DecisionWord      string
	Decided           string // who and when
}

func buildFindings(ctx context.Context, v *visit) (content, error) {
	r := findings.Request{Kinds: v.kinds, Rules: v.rules, Severities: v.severities, Outcomes: v.outcomes, Decisions: v.decisions, Text: v.text, AsOf: v.at, Sort: v.order}
	if v.address.year != 0 {
		r.Years = []int{v.address.year}
	}
	if v.agency != "" {
		r.Agencies = []string{v.agency}
	}
	p := &findingsContent{}
	if v.format != asHTML {
		err := findings.Each(ctx, v.site.store, r, func(i *findings.Item) error {
			p.items = append(p.items, *i)
			return nil
		})
		return p, err
	}
	var err error
	if p.Head, err = v.newHead(ctx, v.address.year, func(y int) string {
		return v.with(func(b *address) { b.year, b.page = y, 1 }).String()
	}); err != nil {
		return nil, err
	}
	if p.counts, err = findings.CountsOf(ctx, v.site.store, r); err != nil {
		return nil, err
	}
	cursor := ""
	if after := (v.page - 1) * listed; after > 0 {
		question := r
		question.AsOf = time.Time{}
		cursor = instant.Cursor{After: after, AsOf: r.AsOf, Of: instant.Digest(question)}.String()
	}
	list, err := findings.Page(ctx, v.site.store, r, listed, cursor)
	if err != nil {
		return nil, err
	}
	if _, _, err := v.rowsOn(list.Total, listed); err != nil {
		return nil, err
	}
	p.total = list.Total
	for i := range list.Items {
		p.Rows = append(p.Rows, v.findingRow(&list.Items[i]))
	}
	p.matrix(v)
	if err := p.frame(ctx, v, list); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *findingsContent) frame(ctx context.Context, v *visit, list findings.List) error {
	h, c := p.Head, p.counts
	checked := v.say("findings.checked", number(int64(c.Reports)), number(int64(c.Relations)))
	switch {
	case c.Reports == 0:
		h.Title = v.say("findings.title.unchecked")
	case list.Total == 0:
		h.Title = v.say("findings.title.none")
	default:
		h.Title = v.say("findings.title", number(int64(list.Total)))
		p.Shown = v.say("findings.shown", list.From, list.From+len(list.Items)-1, number(int64(list.Total)))
	}
	h.Line = checked
	p.Nothing = v.say("findings.nothing", number(int64(c.Reports)), number(int64(c.Relations)))
	p.Pages = v.pages(list.Total, listed)
	years, err := v.years(ctx)
	if err != nil {
		return err
	}
	name := func(rule string) string {
		c, _ := form.LookupCheck(rule)
		return rule + " " + v.check(c).Name
	}
	fields := []field{
		v.yearChoice(years, v.address.year),
		choice(v.lang, "severity", v.say("filter.severity"), v.say("filter.all"), v.severities, form.Severities, func(s form.Severity) string { return v.signOf(s).Word }),
		choice(v.lang, "rule", v.say("filter.rule"), v.say("filter.all"), v.rules, ruleCodes, name),
		choice(v.lang, "outcome", v.say("filter.outcome"), v.say("filter.outcome.usual"), v.outcomes, findings.Outcomes, v.outcomeWord),
		choice(v.lang, "decision", v.say("filter.decision"), v.say("filter.all"), v.decisions, findings.Decisions, v.decisionWord),
		v.kindChoice(v.kinds),
		choice(v.lang, "order", v.say("compare.sort"), v.say("order."+string(findings.BySeverity)), []findings.Sort{v.order}, findings.Sorts, func(s findings.Sort) string { return v.say("order." + string(s)) }),
		{Name: "q", Label: v.say("filter.text"), Type: "text", Value: v.text, Most: longestText},
	}
	fields[6].Options = fields[6].Options[1:] // there is always an order
	p.Filters = v.filtersOf(fields...)
	if v.agency != "" {
		p.Filters.Hidden = append(p.Filters.Hidden, field{Name: "agency", Value: v.agency})
	}
	return nil
}

func (in lang) outcomeWord(o form.Outcome) string       { return in.say("outcome." + string(o)) }
func (in lang) decisionWord(d findings.Decision) string { return in.say("decision." + string(d)) }

// matrix counts by rule and severity. The outcomes and decisions that the list is narrowed to narrow nothing here.
func (p *findingsContent) matrix(v *visit) {
	to := func(n int, change func(*address)) link {
		l := link{Text: number(int64(n))}
		if n > 0 {
			l.Href = v.with(func(b *address) { b.page = 1; change(b) }).String()
		}
		return l
	}
	quiet := 0
	sums := map[form.Severity]*[3]int{}
	for _, r := range p.counts.Rules {
		fail, unsure, open := r.Outcomes[form.Fail], r.Outcomes[form.Uncertain], r.Decisions[findings.Open]+r.Decisions[findings.BasisChanged]
		if sums[r.Severity] == nil {
			sums[r.Severity] = &[3]int{}
		}
		sums[r.Severity][0] += fail
		sums[r.Severity][1] += unsure
		sums[r.Severity][2] += open
		if fail+unsure == 0 {
			quiet++
			continue
		}
		c, _ := form.LookupCheck(r.Rule)
		one := func(outcomes []form.Outcome, decisions []findings.Decision) func(*address) {
			return func(b *address) { b.rules, b.outcomes, b.decisions = []string{r.Rule}, outcomes, decisions }
		}
		p.Rules = append(p.Rules, ruleCount{Rule: r.Rule, Name: v.check(c).Name, Sign: v.signOf(r.Severity), Href: to(1, one(nil, nil)).Href, Reports: r.Reports,
			Fail: to(fail, one([]form.Outcome{form.Fail}, nil)), Unsure: to(unsure, one([]form.Outcome{form.Uncertain}, nil)),
			Open: to(open, one(nil, []findings.Decision{findings.Open, findings.BasisChanged}))})
	}
	for _, s := range form.Severities {
		sum := sums[s]
		if sum == nil {
			sum = &[3]int{}
		}
		one := func(outcome form.Outcome) func(*address) {
			return func(b *address) { b.severities, b.outcomes, b.rules = []form.Severity{s}, []form.Outcome{outcome}, nil }
		}
		p.Severities = append(p.Severities, severityCount{Sign: v.signOf(s), Fail: to(sum[0], one(form.Fail)), Unsure: to(sum[1], one(form.Uncertain)), Open: sum[2]})
	}
	if quiet > 0 {
		p.Quiet = v.say("findings.quiet", quiet)
	}
}

func (v *visit) findingRow(i *findings.Item) findingRow {
	c, _ := form.LookupCheck(i.Rule)
	r := findingRow{ID: i.ID, Href: v.link("/findings/" + i.ID), Sign: v.signOf(i.Severity), Rule: i.Rule, Name: v.check(c).Name, Tests: v.check(c).Tests,
		Agency: link{Text: i.Name, Href: v.link("/agency/" + i.Agency)},
		Report: link{Text: strconv.Itoa(i.Year), Href: v.link("/report/" + i.Agency + "/" + strconv.Itoa(i.Year))},
		Left:   amount(i.Left), Right: amount(i.Right), Diff: difference(i.Delta), Note: i.Note,
		Outcome: i.Status, OutcomeWord: v.outcomeWord(i.Status), Decision: i.Decision, DecisionWord: v.decisionWord(i.Decision)}
	r.Place = v.findingPlace(i.Table, i.Place)
	if i.Review != nil {
		r.Decided = v.say("decision.by", i.Review.Person, v.moment(i.Review.At))
	}
	return r
}

// findingPlace says where a check was made: table, and row, column or subject.
func (in lang) findingPlace(table, place string) string {
	at := in.placeName(form.Finding{Table: table, Place: place})
	if table = in.tableName(table); table == "" || at == "" {
		return table + at
	}
	return table + " · " + at
}

// findingID is the id of a finding of a filing.
func findingID(filing string, x form.Finding) string {
	return findings.ID(filing, x.Rule, x.Table, x.Place)
}

// tableName is the short name of a table or part.
func (in lang) tableName(code string) string {
	switch code {
	case form.Section2, form.Section3, form.Section4:
		return in.say("table." + code)
	}
	if len(code) == len(form.Section2) && strings.HasPrefix(code, "section") {
		return in.say("part." + code)
	}
	return code
}

type findingJSON struct {
	ID       string            `json:"id"`
	Filing   string            `json:"filing"`
	Agency   string            `json:"agency"`
	Name     string            `json:"name"`
	Year     int               `json:"year"`
	Rule     string            `json:"rule"`
	RuleName string            `json:"rule_name"`
	Severity form.Severity     `json:"severity"`
	Outcome  form.Outcome      `json:"outcome"`
	Table    string            `json:"table"`
	Place    string            `json:"place"`
	Left     *decimal.Decimal  `json:"left"`
	Right    *decimal.Decimal  `json:"right"`
	Delta    *decimal.Decimal  `json:"delta"`
	Formula  string            `json:"expression"`
	Note     string            `json:"note,omitempty"`
	Cells    []string          `json:"cells"`
	Blanks   []string          `json:"blanks"`
	Mended   []string          `json:"corrected"`
	Decision findings.Decision `json:"decision"`
	Person   string            `json:"decided_by,omitempty"`
	Reason   string            `json:"decision_reason,omitempty"`
	At       string            `json:"decided_at,omitempty"`
}

func findingOf(i *findings.Item) findingJSON {
	c, _ := form.LookupCheck(i.Rule)
	f := findingJSON{ID: i.ID, Filing: i.Filing, Agency: i.Agency, Name: i.Name, Year: i.Year, Rule: i.Rule, RuleName: c.Zh.Name, Severity: i.Severity, Outcome: i.Status,
		Table: i.Table, Place: i.Place, Left: i.Left, Right: i.Right, Delta: i.Delta, Formula: i.Expression, Note: i.Note,
		Cells: orNone(form.Paths(i.Cells)), Blanks: orNone(form.Paths(i.Blanks)), Mended: orNone(form.Paths(i.Corrected)), Decision: i.Decision}
	if i.Review != nil {
		f.Person, f.Reason, f.At = i.Review.Person, i.Review.Reason, exactTime(i.Review.At)
	}
	return f
}

func (p *findingsContent) json() ([]byte, error) {
	out := struct {
		Total    int           `json:"total"`
		Findings []findingJSON `json:"findings"`
	}{len(p.items), []findingJSON{}}
	for i := range p.items {
		out.Findings = append(out.Findings, findingOf(&p.items[i]))
	}
	return json.Marshal(out)
}

func (p *findingsContent) sheet() sheet {
	s := sheet{header: []string{"id", "severity", "rule", "rule_name", "agency", "name", "year", "table", "place", "left", "right", "delta", "outcome", "decision",
		"decided_by", "decided_at", "decision_reason", "expression", "note", "cells", "blanks", "corrected", "filing"}}
	for i := range p.items {
		f := findingOf(&p.items[i])
		s.rows = append(s.rows, []value{plainText(f.ID), plainText(string(f.Severity)), plainText(f.Rule), said(f.RuleName), plainText(f.Agency), said(f.Name),
			plainText(strconv.Itoa(f.Year)), plainText(f.Table), said(f.Place), plainText(amount(f.Left)), plainText(amount(f.Right)), plainText(amount(f.Delta)),
			plainText(string(f.Outcome)), plainText(string(f.Decision)), said(f.Person), plainText(f.At), said(f.Reason), said(f.Formula), said(f.Note),
			plainText(strings.Join(f.Cells, " ")), plainText(strings.Join(f.Blanks, " ")), plainText(strings.Join(f.Mended, " ")), plainText(f.Filing)})
	}
	return s
}
