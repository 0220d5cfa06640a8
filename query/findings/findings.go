// Package findings answers which checks found something: a list over agencies and years that can be narrowed, sorted and
// paged, the same list as a stream of all its rows, the counts by rule, and one finding by its id.
//
// A finding counts as its filing's newest assessment of the moment has it, for the filing that counts at that moment. What
// people decided stands with it: a decision holds as long as the finding rests on what the person saw.
package findings

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
)

// Decision is what people have decided about a finding.
type Decision string

// The decisions. A decision whose basis is no longer that of the finding is not in force, and the finding is open again.
const (
	Open         Decision = "open"          // nobody decided, or the decision was taken back
	Confirmed    Decision = "confirmed"     // the figures are wrong, the agency is to mend them
	Dismissed    Decision = "dismissed"     // there is a good reason
	Asked        Decision = "asked"         // the agency was asked
	Corrected    Decision = "corrected"     // a cell that it rests on was corrected, and nobody decided about it since
	BasisChanged Decision = "basis_changed" // open again: what the finding rests on is no longer what the person saw
)

// Decisions are all decisions in the order in which pages list them.
var Decisions = []Decision{Open, BasisChanged, Asked, Confirmed, Dismissed, Corrected}

// Outcomes are the outcomes of checks in the order in which pages list them.
var Outcomes = []form.Outcome{form.Fail, form.Uncertain, form.NotAssessable, form.NotApplicable, form.Pass}

// Sort is the order of a list.
type Sort string

// The orders. Findings that are equal in the order stand by agency, year, rule and place.
const (
	BySeverity Sort = "severity" // the gravest first, then the newest year
	ByYear     Sort = "year"     // the newest first
	ByAgency   Sort = "agency"   // by code
	ByRule     Sort = "rule"
)

// Sorts are the orders.
var Sorts = []Sort{BySeverity, ByYear, ByAgency, ByRule}

// Request narrows the list. Of a field with several values a finding has to have one; an empty field allows all.
type Request struct {
	Years      []int
	Agencies   []string        // codes
	Kinds      []register.Kind // of the agencies
	Rules      []string
	Severities []form.Severity
	Outcomes   []form.Outcome // empty means fail and uncertain
	Decisions  []Decision
	Text       string    // stands in the name of the agency, the expression, the note or the place
	AsOf       time.Time // the state of the warehouse; zero means now
	Sort       Sort      // "" means by severity
}

// Item is a finding of the list.
type Item struct {
	ID      string // see [ID]
	Filing  string
	Version int // 0 where the list was read; see [One]
	Agency  string
	HeldAs  string // code of the agency under which the filing is held
	Name    string // as printed on the report
	Year    int
	form.Finding
	Severity  form.Severity
	Decision  Decision
	Review    *warehouse.Review // the last decision, nil if there is none; it holds unless Decision is BasisChanged, Corrected or Open
	Corrected []form.Key        // those of its cells of which a correction is in force
}

// ID names a finding for good: the filing, the rule, and a digest of the table and place. It has no dot.
func ID(filing, rule, table, place string) string {
	sum := sha256.Sum256([]byte(rule + "\x00" + table + "\x00" + place))
	return filing + "-" + rule + "-" + hex.EncodeToString(sum[:6])
}

// filingOf takes the filing out of an id; ok is false for a text that is no id.
func filingOf(id string) (filing string, ok bool) {
	parts := strings.Split(id, "-")
	return parts[0], len(parts) == 3 && len(parts[0]) == 26 && len(parts[2]) == 12
}

// question is the request without its moment, by which the cursor of a list is known.
func (r Request) question() Request {
	r.AsOf = time.Time{}
	return r
}

// severityOf is the severity of a rule, Hint for a rule that is declared no longer.
func severityOf(rule string) form.Severity {
	if c, ok := form.LookupCheck(rule); ok {
		return c.Severity
	}
	return form.Hint
}

// rulesOf are the rules that have the severities and stand in the list; nil is every rule.
func (r *Request) rulesOf() []string {
	if len(r.Severities) == 0 {
		return r.Rules
	}
	out := []string{}
	for _, c := range form.Checks {
		if slices.Contains(r.Severities, c.Severity) && (len(r.Rules) == 0 || slices.Contains(r.Rules, c.ID)) {
			out = append(out, c.ID)
		}
	}
	return out
}

// decide says what holds of the last decision.
func decide(basis string, last *warehouse.Review, corrected bool) Decision {
	held := map[string]Decision{warehouse.Confirm: Confirmed, warehouse.Dismiss: Dismissed, warehouse.Ask: Asked}
	switch {
	case last != nil && last.Basis == basis && held[last.Decision] != "":
		return held[last.Decision]
	case corrected:
		return Corrected
	case last != nil && held[last.Decision] != "":
		return BasisChanged
	}
	return Open
}

func wrap(doing string, err error) error { return fmt.Errorf("%s: %w", doing, err) }
