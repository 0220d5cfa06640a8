// Package check tests a filing against everything that package form declares in form.Checks and states an outcome for
// every check at every place, none left out in silence. A filing, and what it is compared with, flow in; findings flow
// out. It never changes a cell's value or state.
//
// What a filing is compared with stands in a [Context] as digests of other filings ([Extract]) and as a summary of its
// peers ([Peers]). [Year] makes contexts out of all filings of a year and the year before. The zero Context is a filing
// alone: checks that need others are not assessable then.
//
// A finding across two years belongs to the later report, which was written last and can still be mended. So when a
// report arrives or changes, the findings of its year and of the next are to be computed anew.
package check

import (
	"time"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/internal/sieve"
)

// Context is what a filing is compared with. Every field may be missing.
type Context struct {
	// Prior is the visible filing for the year before of the same body.
	Prior *Extract
	// Members are the filings for the same year of the bodies that an aggregate sums up. Empty is not known.
	Members []*Extract
	// Peers are the reports of bodies of the same kind for the same year, and all texts of the year.
	Peers *Peers
	// Due is the last day on which the report is in time, in China; zero is not known.
	Due time.Time
	// MayRegulate tells whether a body may make regulations (规章); nil tells it from name and region by [MayRegulate].
	MayRegulate func(form.Agency) Answer
}

// Answer is yes, no, or not known.
type Answer int

// The answers.
const (
	Unknown Answer = iota
	Yes
	No
)

// A run is one filing under test.
type run struct {
	*form.Filing
	Context
	index    form.Index
	present  map[string]bool // tables with cells
	findings []form.Finding
	own      *Extract
	marks    []*sieve.Marks // of the texts of Parts, as far as they were needed
}

// Run makes all checks of the filing, sets Findings in the order of form.Checks, and notes for each blank cell the
// identity that settles it as 0 (Cell.SettledBy).
func Run(f *form.Filing, c Context) {
	r := run{Filing: f, Context: c, index: form.IndexOf(f.Cells), present: map[string]bool{}, findings: make([]form.Finding, 0, 128)}
	for i := range f.Cells {
		f.Cells[i].SettledBy = ""
		r.present[f.Cells[i].Table] = true
	}
	for _, c := range form.Checks {
		before := len(r.findings)
		if tableOf[c.ID] != "" {
			r.identity(c.ID)
		} else {
			evaluations[c.ID](&r, c.ID)
		}
		if len(r.findings) == before { // a check that found no place to look at
			r.says(c.ID, form.NotApplicable, "没有可供核对的内容")
		}
	}
	f.Findings = r.findings
	settle(f, &r.index)
}

// evaluations are the functions that make the checks, by id; the identities are made by [run.identity].
var evaluations = map[string]func(r *run, id string){
	"A5": (*run).carriedOver, "A6": (*run).inForce, "A7": (*run).itemsContinue, "A8": (*run).publicGrows, "A9": (*run).cumulative,
	"A10": (*run).proseEqualsTables, "A11": (*run).percentages, "A12": (*run).wholeNumbers, "A13": (*run).sumsUp,
	"B1": (*run).partsThere, "B2": (*run).tablesThere, "B3": (*run).noBlanks, "B4": (*run).problemsWritten,
	"B5": (*run).feeReported, "B6": (*run).formOfYear, "B7": (*run).headings,
	"C1": (*run).lastYearsText, "C2": (*run).anothersText, "C3": (*run).anothersName,
	"D1": (*run).signedAfter, "D2": (*run).oneYear, "D3": (*run).inTime, "D4": (*run).publishedAfter, "D5": (*run).period, "D6": (*run).plansAhead,
	"H1": (*run).jump, "H2": (*run).aloneWithoutApplications, "H3": (*run).outlier,
	"P1": (*run).partsOfWhole, "P2": (*run).slips, "S1": (*run).scopeStated,
	"T1": (*run).regulations, "T2": (*run).decisionsNotItems,
	"T3": columnAtMost(form.V2019, "published_new", "total_public"),
	"T4": columnAtMost(form.V2019, "published_new", "made_new"),
	"T5": columnAtMost(form.V2021, "made", "valid", "repealed"),
}

// add appends a finding.
func (r *run) add(f form.Finding) { r.findings = append(r.findings, f) }

// says appends a finding that has no figures, with what was seen.
func (r *run) says(id string, status form.Outcome, note string) {
	r.add(form.Finding{Rule: id, Status: status, Note: note})
}

// judge appends pass or fail, with what was seen.
func (r *run) judge(id string, good bool, note string) {
	status := form.Pass
	if !good {
		status = form.Fail
	}
	r.says(id, status, note)
}

// old reports whether the report is one before 2019, to which the form and its checks do not apply.
func (r *run) old() bool {
	return r.Year != 0 && r.Year < 2019 || len(r.Forms) == 0 && r.present[form.Legacy]
}

const (
	notOld     = "2019年以前的报告不适用"
	noText     = "没有读到正文"
	noPrior    = "没有上年报告可比"
	otherScope = "上年报告的口径不同"
	notInForm  = "表样没有此项"
)

// may reports whether an expression may match the text of a part, by its number.
func (r *run) may(part int, expression *sieve.Regexp) bool {
	if r.marks == nil {
		r.marks = make([]*sieve.Marks, len(r.Parts))
	}
	if r.marks[part] == nil {
		r.marks[part] = sieve.Of(r.Parts[part].Text)
	}
	return expression.May(r.marks[part])
}

// lacks reports whether a form has no such cell, as far as the form is known.
func lacks(forms map[string]form.Version, k form.Key) bool {
	f, ok := form.Lookup(forms[k.Table])
	return ok && !f.Has(k)
}

// sum adds cells. Blank cells and placeholders count as 0 and are listed in the finding; ambiguous cells and words
// make it uncertain, absent cells not assessable.
func (r *run) sum(finding *form.Finding, keys []form.Key) decimal.Decimal {
	total, whole := decimal.Zero, int64(0) // of amounts, and of what nearly every cell is: a small whole number
	for _, k := range keys {
		i, ok := r.index.At(k)
		if !ok {
			finding.Status = form.NotAssessable
			continue
		}
		if v := count(finding, &r.Cells[i]); v.Exponent() == 0 && v.NumDigits() <= 15 {
			whole += v.CoefficientInt64()
		} else {
			total = total.Add(v)
		}
	}
	if total.IsZero() {
		return decimal.NewFromInt(whole)
	}
	return total.Add(decimal.NewFromInt(whole))
}

// count is the number that a cell stands for in a check.
func count(finding *form.Finding, c *form.Cell) decimal.Decimal {
	switch c.State {
	case form.Number:
		return c.Value
	case form.Blank, form.Dash, form.NA:
		finding.Blanks = append(finding.Blanks, c.Key)
	default:
		if finding.Status == form.Pass {
			finding.Status = form.Uncertain
		}
	}
	return decimal.Zero
}

// compare sets the sides and the outcome of a finding that was assessable: right is left equal to right, or whatever
// else holds.
func compare(finding *form.Finding, left, right decimal.Decimal, holds func(left, right decimal.Decimal) bool) {
	if finding.Status != form.Pass {
		return
	}
	delta := left.Sub(right)
	finding.Left, finding.Right, finding.Delta = &left, &right, &delta
	if !holds(left, right) {
		finding.Status = form.Fail
	}
}

func equal(left, right decimal.Decimal) bool   { return left.Equal(right) }
func atMost(left, right decimal.Decimal) bool  { return left.LessThanOrEqual(right) }
func atLeast(left, right decimal.Decimal) bool { return left.GreaterThanOrEqual(right) }
