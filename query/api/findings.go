package api

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
	"nianbao/query/findings"
	"nianbao/query/moment"
)

// Outcome is the result of a check.
type Outcome string

// Schema lists the values.
func (Outcome) Schema(huma.Registry) *huma.Schema { return oneOf(findings.Outcomes) }

// Severity ranks what a failing check means.
type Severity string

// Schema lists the values.
func (Severity) Schema(huma.Registry) *huma.Schema { return oneOf(form.Severities) }

// Decision is what people have decided about a finding.
type Decision string

// Schema lists the values.
func (Decision) Schema(huma.Registry) *huma.Schema { return oneOf(findings.Decisions) }

// Sort is the order of findings.
type Sort string

// Schema lists the values.
func (Sort) Schema(huma.Registry) *huma.Schema { return oneOf(findings.Sorts) }

// Rule is the id of a check.
type Rule string

// Schema lists the values.
func (Rule) Schema(huma.Registry) *huma.Schema {
	var ids []string
	for _, c := range form.Checks {
		ids = append(ids, c.ID)
	}
	return oneOf(ids)
}

// Review is a person's decision about a finding.
type Review struct {
	ID       string    `json:"id"`
	Decision string    `json:"decision" doc:"confirm, dismiss, ask, reopen"`
	Last     bool      `json:"last" doc:"nobody decided later about the same finding"`
	Agency   string    `json:"agency" doc:"code under which the report is held"`
	Year     int       `json:"year"`
	Filing   string    `json:"filing" doc:"the version that the person saw"`
	Rule     string    `json:"rule"`
	Table    string    `json:"table"`
	Place    string    `json:"place"`
	Reason   string    `json:"reason"`
	Person   string    `json:"person"`
	At       time.Time `json:"at"`
}

func reviewOf(r warehouse.Review, last bool) Review {
	return Review{r.ID, r.Decision, last, r.Agency, r.Year, r.Filing, r.Rule, r.Table, r.Place, r.Reason, r.Person, r.At.UTC()}
}

var reviewColumns = []column[Review]{
	{"id", text, func(r *Review) string { return r.ID }}, {"decision", text, func(r *Review) string { return r.Decision }}, {"last", boolean, func(r *Review) string { return yes(r.Last) }},
	{"agency", text, func(r *Review) string { return r.Agency }}, {"year", integer, func(r *Review) string { return strconv.Itoa(r.Year) }}, {"filing", text, func(r *Review) string { return r.Filing }},
	{"rule", text, func(r *Review) string { return r.Rule }}, {"table", text, func(r *Review) string { return r.Table }}, {"place", text, func(r *Review) string { return r.Place }},
	{"reason", text, func(r *Review) string { return r.Reason }}, {"person", text, func(r *Review) string { return r.Person }}, {"at", instant, func(r *Review) string { return timeText(r.At) }},
}

// Finding is the result of one check at one place of a report.
type Finding struct {
	ID         string   `json:"id"`
	Agency     string   `json:"agency"`
	Name       string   `json:"name" doc:"as printed on the report"`
	Year       int      `json:"year"`
	Filing     string   `json:"filing"`
	Rule       string   `json:"rule"`
	Severity   Severity `json:"severity"`
	Status     Outcome  `json:"status"`
	Table      string   `json:"table"`
	Place      string   `json:"place" doc:"the row or column over which it was computed"`
	Expression string   `json:"expression"`
	Left       *string  `json:"left" doc:"exact decimal, null where there is none"`
	Right      *string  `json:"right"`
	Delta      *string  `json:"delta" doc:"left − right"`
	Cells      []string `json:"cells" nullable:"false" doc:"table.row.column"`
	Blanks     []string `json:"used_blanks" nullable:"false" doc:"those of the cells that were blank and counted as 0"`
	Corrected  []string `json:"corrected" nullable:"false" doc:"those of the cells with a correction in force"`
	Note       string   `json:"note,omitempty"`
	Against    []string `json:"against" nullable:"false" doc:"other filings that went into it"`
	Decision   Decision `json:"decision"`
	Review     *Review  `json:"review,omitempty" doc:"the last decision; it holds where decision says so"`
}

func decimalText(d *decimal.Decimal) *string {
	if d == nil {
		return nil
	}
	text := d.String()
	return &text
}

func findingOf(i *findings.Item) Finding {
	out := Finding{ID: i.ID, Agency: i.Agency, Name: i.Name, Year: i.Year, Filing: i.Filing, Rule: i.Rule, Severity: Severity(i.Severity), Status: Outcome(i.Status), Table: i.Table,
		Place: i.Place, Expression: i.Expression, Left: decimalText(i.Left), Right: decimalText(i.Right), Delta: decimalText(i.Delta), Cells: form.Paths(i.Cells),
		Blanks: form.Paths(i.Blanks), Corrected: form.Paths(i.Corrected), Note: i.Note, Against: nonNil(i.Against), Decision: Decision(i.Decision)}
	if i.Review != nil {
		r := reviewOf(*i.Review, true)
		out.Review = &r
	}
	return out
}

func ofReview(text func(*Review) string) func(*Finding) string {
	return func(f *Finding) string {
		if f.Review == nil {
			return ""
		}
		return text(f.Review)
	}
}

var findingColumns = []column[Finding]{
	{"id", text, func(f *Finding) string { return f.ID }}, {"agency", text, func(f *Finding) string { return f.Agency }}, {"name", text, func(f *Finding) string { return f.Name }},
	{"year", integer, func(f *Finding) string { return strconv.Itoa(f.Year) }}, {"filing", text, func(f *Finding) string { return f.Filing }}, {"rule", text, func(f *Finding) string { return f.Rule }},
	{"severity", text, func(f *Finding) string { return string(f.Severity) }}, {"status", text, func(f *Finding) string { return string(f.Status) }}, {"table", text, func(f *Finding) string { return f.Table }},
	{"place", text, func(f *Finding) string { return f.Place }}, {"expression", text, func(f *Finding) string { return f.Expression }}, {"left", number, func(f *Finding) string { return textOf(f.Left) }},
	{"right", number, func(f *Finding) string { return textOf(f.Right) }}, {"delta", number, func(f *Finding) string { return textOf(f.Delta) }},
	{"cells", text, func(f *Finding) string { return strings.Join(f.Cells, " ") }}, {"used_blanks", text, func(f *Finding) string { return strings.Join(f.Blanks, " ") }},
	{"corrected", text, func(f *Finding) string { return strings.Join(f.Corrected, " ") }}, {"note", text, func(f *Finding) string { return f.Note }},
	{"against", text, func(f *Finding) string { return strings.Join(f.Against, " ") }}, {"decision", text, func(f *Finding) string { return string(f.Decision) }},
	{"review", text, ofReview(func(r *Review) string { return r.Decision })},
	{"review_reason", text, ofReview(func(r *Review) string { return r.Reason })}, {"review_person", text, ofReview(func(r *Review) string { return r.Person })},
	{"review_at", instant, ofReview(func(r *Review) string { return timeText(r.At) })},
}

// WholeFinding is one finding with everything that was decided about it.
type WholeFinding struct {
	Finding
	Counts  bool     `json:"counts" doc:"its filing is the version that counts"`
	Reviews []Review `json:"reviews" nullable:"false" doc:"of all versions of the report, oldest first"`
	Values  []Cell   `json:"values" nullable:"false" doc:"the cells as they were read"`
}

// RuleCount counts the findings of one rule.
type RuleCount struct {
	Rule          string   `json:"rule"`
	Name          string   `json:"name"`
	Severity      Severity `json:"severity"`
	Fail          int      `json:"fail"`
	Uncertain     int      `json:"uncertain"`
	NotAssessable int      `json:"not_assessable"`
	NotApplicable int      `json:"not_applicable"`
	Pass          int      `json:"pass"`
	Reports       int      `json:"reports" doc:"with a finding that fails or is uncertain"`
	Open          int      `json:"open" doc:"of those that fail or are uncertain, nobody decided about; the columns below are of the same"`
	BasisChanged  int      `json:"basis_changed"`
	Asked         int      `json:"asked"`
	Confirmed     int      `json:"confirmed"`
	Dismissed     int      `json:"dismissed"`
	Corrected     int      `json:"corrected"`
}

var ruleCountColumns = []column[RuleCount]{
	{"rule", text, func(c *RuleCount) string { return c.Rule }}, {"name", text, func(c *RuleCount) string { return c.Name }}, {"severity", text, func(c *RuleCount) string { return string(c.Severity) }},
	{"fail", integer, func(c *RuleCount) string { return strconv.Itoa(c.Fail) }}, {"uncertain", integer, func(c *RuleCount) string { return strconv.Itoa(c.Uncertain) }},
	{"not_assessable", integer, func(c *RuleCount) string { return strconv.Itoa(c.NotAssessable) }}, {"not_applicable", integer, func(c *RuleCount) string { return strconv.Itoa(c.NotApplicable) }},
	{"pass", integer, func(c *RuleCount) string { return strconv.Itoa(c.Pass) }}, {"reports", integer, func(c *RuleCount) string { return strconv.Itoa(c.Reports) }},
	{"open", integer, func(c *RuleCount) string { return strconv.Itoa(c.Open) }}, {"basis_changed", integer, func(c *RuleCount) string { return strconv.Itoa(c.BasisChanged) }},
	{"asked", integer, func(c *RuleCount) string { return strconv.Itoa(c.Asked) }}, {"confirmed", integer, func(c *RuleCount) string { return strconv.Itoa(c.Confirmed) }},
	{"dismissed", integer, func(c *RuleCount) string { return strconv.Itoa(c.Dismissed) }}, {"corrected", integer, func(c *RuleCount) string { return strconv.Itoa(c.Corrected) }},
}

// Counts is the matrix of rules, and what was checked.
type Counts struct {
	AsOf          *time.Time  `json:"as_of"`
	Reports       int         `json:"reports" doc:"that were checked"`
	Relations     int         `json:"relations" doc:"checks that passed, failed or were uncertain"`
	NotAssessable int         `json:"not_assessable"`
	NotApplicable int         `json:"not_applicable"`
	Rules         []RuleCount `json:"rules" nullable:"false"`
}

func (c Counts) json() (any, error) { return c, nil }

func (c Counts) sheet() *sheet { return sheetOf(ruleCountColumns, len(c.Rules), through(c.Rules)) }

// Check is something that every report is tested for.
type Check struct {
	Rule     string     `json:"rule"`
	Severity Severity   `json:"severity"`
	Scope    string     `json:"scope" doc:"what it looks at: report, prose, history, dates, peers"`
	Official bool       `json:"official" doc:"the form or a notice prints the demand; else it is derived"`
	Zh       CheckWords `json:"zh"`
	En       CheckWords `json:"en"`
}

// CheckWords is what a check says to people.
type CheckWords struct {
	Name  string `json:"name"`
	Tests string `json:"tests" doc:"what must hold"`
	Why   string `json:"why" doc:"where it comes from"`
	Mend  string `json:"mend" doc:"what the agency is asked to do"`
	Spare string `json:"spare,omitempty" doc:"where it does not apply"`
}

var checkColumns = []column[Check]{
	{"rule", text, func(c *Check) string { return c.Rule }}, {"severity", text, func(c *Check) string { return string(c.Severity) }}, {"scope", text, func(c *Check) string { return c.Scope }},
	{"official", boolean, func(c *Check) string { return yes(c.Official) }}, {"name", text, func(c *Check) string { return c.Zh.Name }}, {"tests", text, func(c *Check) string { return c.Zh.Tests }},
	{"why", text, func(c *Check) string { return c.Zh.Why }}, {"mend", text, func(c *Check) string { return c.Zh.Mend }}, {"spare", text, func(c *Check) string { return c.Zh.Spare }},
}

// FindingFilter narrows findings.
type FindingFilter struct {
	Year     []int      `query:"year"`
	Agency   []string   `query:"agency"`
	Kind     []Kind     `query:"kind" doc:"of the agency"`
	Rule     []Rule     `query:"rule"`
	Severity []Severity `query:"severity"`
	Text     string     `query:"text" doc:"stands in the name of the agency, the expression, the note or the place"`
}

func (f FindingFilter) request(at time.Time) findings.Request {
	return findings.Request{Years: f.Year, Agencies: f.Agency, Kinds: as[register.Kind](f.Kind), Rules: as[string](f.Rule), Severities: as[form.Severity](f.Severity), Text: f.Text, AsOf: at}
}

func (s *service) describeFindings() {
	const tag = "findings"
	type list struct {
		AsOf
		Format
		Paging
		FindingFilter
		Status   []Outcome  `query:"status" doc:"usually fail,uncertain"`
		Decision []Decision `query:"decision"`
		Sort     Sort       `query:"sort" doc:"usually severity"`
	}
	read[list, List[Finding]](s, operation{path: "/findings", id: "list-findings", tag: tag, summary: "what the checks found, with what was decided about it"}, names(findingColumns),
		func(v *visit, in *list) (answer, error) {
			r := in.request(v.at)
			r.Outcomes, r.Decisions, r.Sort = as[form.Outcome](in.Status), as[findings.Decision](in.Decision), findings.Sort(in.Sort)
			out := rows[Finding]{columns: findingColumns, each: func(do func(*Finding) error) error {
				return findings.Each(v.ctx, v.Store, r, func(i *findings.Item) error {
					f := findingOf(i)
					return do(&f)
				})
			}}
			if v.tabular() { // the rows come as they are written; only how many they are is asked first
				in.Limit, in.Cursor = 0, ""
			}
			page, err := findings.Page(v.ctx, v.Store, r, in.Limit, in.Cursor)
			if errors.Is(err, moment.ErrCursor) {
				return nil, wrongValue("cursor", in.Cursor, "want the value of next of a page of the same list")
			}
			if err != nil {
				return nil, err
			}
			out.page = List[Finding]{AsOf: v.moment(), Total: page.Total, Next: page.Next, Items: []Finding{}}
			for i := range page.Items {
				out.page.Items = append(out.page.Items, findingOf(&page.Items[i]))
			}
			return out, nil
		})
	type counts struct {
		AsOf
		Format
		FindingFilter
	}
	read[counts, Counts](s, operation{path: "/findings/counts", id: "count-findings", tag: tag, summary: "findings by rule, and how much was checked"}, names(ruleCountColumns),
		func(v *visit, in *counts) (answer, error) {
			c, err := findings.CountsOf(v.ctx, v.Store, in.request(v.at))
			if err != nil {
				return nil, err
			}
			out := Counts{AsOf: v.moment(), Reports: c.Reports, Relations: c.Relations, NotAssessable: c.NotAssessable, NotApplicable: c.NotApplicable, Rules: []RuleCount{}}
			for _, r := range c.Rules {
				check, _ := form.LookupCheck(r.Rule)
				out.Rules = append(out.Rules, RuleCount{Rule: r.Rule, Name: check.Zh.Name, Severity: Severity(r.Severity), Fail: r.Outcomes[form.Fail], Uncertain: r.Outcomes[form.Uncertain],
					NotAssessable: r.Outcomes[form.NotAssessable], NotApplicable: r.Outcomes[form.NotApplicable], Pass: r.Outcomes[form.Pass], Reports: r.Reports,
					Open: r.Decisions[findings.Open], BasisChanged: r.Decisions[findings.BasisChanged], Asked: r.Decisions[findings.Asked], Confirmed: r.Decisions[findings.Confirmed],
					Dismissed: r.Decisions[findings.Dismissed], Corrected: r.Decisions[findings.Corrected]})
			}
			return out, nil
		})
	type one struct {
		AsOf
		ID string `path:"finding"`
	}
	read[one, WholeFinding](s, operation{path: "/findings/{finding}", id: "get-finding", tag: tag, summary: "one finding, with its cells and all decisions"}, nil, func(v *visit, in *one) (answer, error) {
		w, err := findings.One(v.ctx, v.Store, in.ID, v.at)
		if err != nil {
			return nil, err
		}
		out := WholeFinding{Finding: findingOf(&w.Item), Counts: w.Visible, Reviews: []Review{}, Values: []Cell{}}
		for i, r := range w.Reviews {
			out.Reviews = append(out.Reviews, reviewOf(r, i == len(w.Reviews)-1))
		}
		for _, c := range w.Cells {
			out.Values = append(out.Values, cellOf(c))
		}
		return value{out}, nil
	})
	type ofFiling struct {
		AsOf
		Format
		Paging
		Filing string `path:"filing" minLength:"26" maxLength:"26"`
	}
	read[ofFiling, List[Finding]](s, operation{path: "/filings/{filing}/findings", id: "list-findings-of-filing", tag: tag, summary: "every check of one version of a report, those that pass included"}, names(findingColumns),
		func(v *visit, in *ofFiling) (answer, error) {
			items, err := findings.OfFiling(v.ctx, v.Store, in.Filing, v.at)
			if err != nil {
				return nil, err
			}
			var list []Finding
			for i := range items {
				list = append(list, findingOf(&items[i]))
			}
			return whole(v, list, findingColumns)
		})
	type checks struct {
		AsOf
		Format
		Paging
	}
	read[checks, List[Check]](s, operation{path: "/checks", id: "list-checks", tag: tag, summary: "everything that a report is tested for"}, names(checkColumns), func(v *visit, _ *checks) (answer, error) {
		var list []Check
		for _, c := range form.Checks {
			list = append(list, Check{c.ID, Severity(c.Severity), string(c.Scope), c.Official, CheckWords(c.Zh), CheckWords(c.En)})
		}
		return whole(v, list, checkColumns)
	})
	type reviews struct {
		AsOf
		Format
		Paging
		Year   []int    `query:"year"`
		Agency []string `query:"agency"`
		Person string   `query:"person"`
	}
	read[reviews, List[Review]](s, operation{path: "/reviews", id: "list-reviews", tag: tag, summary: "all decisions about findings, oldest first",
		description: "agency is the body to which the report belongs. Whether a decision holds stands with the finding."}, names(reviewColumns),
		func(v *visit, in *reviews) (answer, error) {
			held, err := v.Store.Reviews(v.ctx, v.at, warehouse.Filter{Years: in.Year, Agencies: in.Agency})
			if err != nil {
				return nil, err
			}
			last := map[warehouse.FindingKey]string{}
			for _, r := range held {
				last[r.FindingKey] = r.ID
			}
			var list []Review
			for _, r := range held {
				list = append(list, reviewOf(r, last[r.FindingKey] == r.ID))
			}
			if in.Person != "" {
				list = slices.DeleteFunc(list, func(r Review) bool { return r.Person != in.Person })
			}
			return whole(v, list, reviewColumns)
		})
}
