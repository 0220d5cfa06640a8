// Package decide carries out what people decide: the correction of a cell, the review of a finding, the withdrawal of a
// filing, whose a waiting file is, which agency a provisional entry is, which agencies make a set.
//
// A decision flows in with the person and the reason; what flows out is a batch in the warehouse, after which the reports
// that it touches are checked again. Nothing is overwritten: a decision is taken back by another one. Each function says
// in its error what was expected, for the person who decided.
package decide

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"
	"github.com/shopspring/decimal"

	"nianbao/ingest"
	"nianbao/ingest/assess"
	"nianbao/ingest/check"
	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
)

// ErrRefused is in every error that the person who decides can mend; other errors are of the warehouse.
var ErrRefused = errors.New("not carried out")

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrRefused}, args...)...)
}

// Decider carries out decisions of one person.
type Decider struct {
	Store  *warehouse.Store
	Person string
}

// longestReason bounds a reason, in characters.
const longestReason = 1000

func (d Decider) because(reason string) error {
	switch {
	case strings.TrimSpace(d.Person) == "":
		return refuse("nobody is named as the one who decides")
	case strings.TrimSpace(reason) == "":
		return refuse("no reason is given; want one, so that it can be followed later")
	case utf8.RuneCountInString(reason) > longestReason || !utf8.ValidString(reason):
		return refuse("the reason has %d characters, want at most %d", utf8.RuneCountInString(reason), longestReason)
	}
	return nil
}

// Value is what a corrected cell holds.
type Value struct {
	State form.State // Number, Blank, Dash or NA
	Value decimal.Decimal
}

// ParseValue reads a value as people write it: a number, or blank, dash or na.
func ParseValue(text string) (Value, error) {
	switch s := form.State(strings.TrimSpace(text)); s {
	case form.Blank, form.Dash, form.NA:
		return Value{State: s}, nil
	}
	n, err := decimal.NewFromString(strings.TrimSpace(text))
	if err != nil {
		return Value{}, refuse("value %q, want a number, or blank, dash or na", text)
	}
	return Value{form.Number, n}, nil
}

// Correct puts a value in the place of what was read in a cell. Where a second person has to agree, it holds from the
// approval on. It returns the id of the correction.
func (d Decider) Correct(ctx context.Context, filing string, key form.Key, v Value, reason string, second bool) (string, error) {
	wrap := func(err error) (string, error) {
		return "", fmt.Errorf("correct cell %s of filing %s: %w", key, filing, err)
	}
	if err := d.because(reason); err != nil {
		return wrap(err)
	}
	f, cells, err := d.cells(ctx, filing)
	if err != nil {
		return wrap(err)
	}
	at := slices.IndexFunc(cells, func(c form.Cell) bool { return c.Key == key })
	if at < 0 && !inForm(f, key) {
		return wrap(refuse("the report has no such cell, and its form has none"))
	}
	if at >= 0 && cells[at].State == v.State && (v.State != form.Number || cells[at].Value.Equal(v.Value)) {
		return wrap(refuse("the cell holds that already"))
	}
	if v.State == form.Number {
		if err := warehouse.Storable(v.Value); err != nil {
			return wrap(refuse("%v", err))
		}
	}
	act := warehouse.CorrectionAct{Correction: newID(), Act: warehouse.Propose, Filing: filing, Agency: f.HeldAs, Year: f.Year, Key: key,
		State: v.State, Value: v.Value, Two: second, Reason: reason, Person: d.Person}
	if err := d.commit(ctx, warehouse.Batch{Corrections: []warehouse.CorrectionAct{act}}, check.Report{Agency: f.Agency, Year: f.Year}); err != nil {
		return wrap(err)
	}
	return act.Correction, nil
}

// inForm tells whether the tables of the report's form have the cell.
func inForm(f warehouse.Filing, key form.Key) bool {
	v, ok := form.Lookup(f.Forms[key.Table])
	return ok && v.Has(key)
}

// cells reads a filing and its cells with the corrections in force.
func (d Decider) cells(ctx context.Context, filing string) (warehouse.Filing, []form.Cell, error) {
	f, err := d.filing(ctx, filing)
	if err != nil {
		return f, nil, err
	}
	cells, err := d.Store.Cells(ctx, f)
	if err != nil {
		return f, nil, err
	}
	all, err := d.Store.Corrections(ctx, time.Time{}, warehouse.Filter{Years: []int{f.Year}, Agencies: []string{f.HeldAs}})
	if err != nil {
		return f, nil, err
	}
	of := slices.DeleteFunc(all, func(c warehouse.Correction) bool { return c.Filing != filing })
	cells, _ = warehouse.Overlay(cells, of)
	return f, cells, nil
}

func (d Decider) filing(ctx context.Context, id string) (warehouse.Filing, error) {
	f, err := d.Store.Filing(ctx, id)
	if errors.Is(err, warehouse.ErrNotFound) {
		return f, refuse("there is no filing %q", id)
	}
	return f, err
}

// correction finds a correction by its id.
func (d Decider) correction(ctx context.Context, id string) (warehouse.Correction, error) {
	all, err := d.Store.Corrections(ctx, time.Time{}, warehouse.Filter{})
	if err != nil {
		return warehouse.Correction{}, err
	}
	i := slices.IndexFunc(all, func(c warehouse.Correction) bool { return c.Correction == id })
	if i < 0 {
		return warehouse.Correction{}, refuse("there is no correction %q", id)
	}
	return all[i], nil
}

// Approve agrees, as the second person, to a correction.
func (d Decider) Approve(ctx context.Context, correction, reason string) error {
	return d.act(ctx, correction, warehouse.Approve, reason, func(c warehouse.Correction) error {
		switch {
		case !c.Two:
			return refuse("it holds without approval")
		case c.Approved != nil:
			return refuse("%s approved it already", c.Approved.Person)
		case c.Person == d.Person:
			return refuse("%s proposed it; another person has to approve it", c.Person)
		}
		return nil
	})
}

// Retract ends a correction; the cell holds again what was read, or an earlier correction.
func (d Decider) Retract(ctx context.Context, correction, reason string) error {
	return d.act(ctx, correction, warehouse.Withdraw, reason, func(warehouse.Correction) error { return nil })
}

func (d Decider) act(ctx context.Context, id, act, reason string, allowed func(warehouse.Correction) error) error {
	wrap := func(err error) error { return fmt.Errorf("%s correction %s: %w", act, id, err) }
	if err := d.because(reason); err != nil {
		return wrap(err)
	}
	c, err := d.correction(ctx, id)
	if err != nil {
		return wrap(err)
	}
	if c.Withdrawn != nil {
		return wrap(refuse("%s withdrew it already", c.Withdrawn.Person))
	}
	if err := allowed(c); err != nil {
		return wrap(err)
	}
	a := c.CorrectionAct
	a.Act, a.Reason, a.Person = act, reason, d.Person
	f, err := d.filing(ctx, c.Filing)
	if err != nil {
		return wrap(err)
	}
	if err := d.commit(ctx, warehouse.Batch{Corrections: []warehouse.CorrectionAct{a}}, check.Report{Agency: f.Agency, Year: f.Year}); err != nil {
		return wrap(err)
	}
	return nil
}

// Repeat makes a correction of an earlier version of a report again for the version that counts now, with the same
// value: the confirmation that a new version asks for. It returns the id of the new correction.
func (d Decider) Repeat(ctx context.Context, correction, reason string) (string, error) {
	wrap := func(err error) (string, error) { return "", fmt.Errorf("repeat correction %s: %w", correction, err) }
	if err := d.because(reason); err != nil {
		return wrap(err)
	}
	c, err := d.correction(ctx, correction)
	if err != nil {
		return wrap(err)
	}
	old, err := d.filing(ctx, c.Filing)
	if err != nil {
		return wrap(err)
	}
	now, err := d.Store.Filings(ctx, time.Time{}, warehouse.Filter{Years: []int{old.Year}, Agencies: []string{old.Agency}})
	if err != nil {
		return wrap(err)
	}
	switch {
	case len(now) == 0:
		return wrap(refuse("no version of the report counts now"))
	case now[0].ID == c.Filing:
		return wrap(refuse("it is of the version that counts now"))
	case !c.InForce():
		return wrap(refuse("it was not in force"))
	}
	act := warehouse.CorrectionAct{Correction: newID(), Act: warehouse.Propose, Filing: now[0].ID, Agency: now[0].HeldAs, Year: now[0].Year, Key: c.Key,
		State: c.State, Value: c.Value, Two: c.Two, Replaces: c.Correction, Reason: reason, Person: d.Person}
	if err := d.commit(ctx, warehouse.Batch{Corrections: []warehouse.CorrectionAct{act}}, check.Report{Agency: now[0].Agency, Year: now[0].Year}); err != nil {
		return wrap(err)
	}
	return act.Correction, nil
}

// Review decides about a finding of a filing.
func (d Decider) Review(ctx context.Context, filing, rule, table, place, decision, reason string) error {
	wrap := func(err error) error {
		return fmt.Errorf("review finding %s %s %s of filing %s: %w", rule, table, place, filing, err)
	}
	if !slices.Contains(warehouse.Decisions, decision) {
		return wrap(refuse("decision %q, want one of %s", decision, strings.Join(warehouse.Decisions, ", ")))
	}
	if err := d.because(reason); err != nil {
		return wrap(err)
	}
	f, err := d.filing(ctx, filing)
	if err != nil {
		return wrap(err)
	}
	findings, err := d.Store.Findings(ctx, time.Time{}, f)
	if err != nil {
		return wrap(err)
	}
	at := slices.IndexFunc(findings, func(x form.Finding) bool { return x.Rule == rule && x.Table == table && x.Place == place })
	if at < 0 {
		return wrap(refuse("the filing has no such finding"))
	}
	r := warehouse.Review{ID: newID(), Decision: decision, Filing: filing, FindingKey: warehouse.FindingKey{Agency: f.HeldAs, Year: f.Year, Rule: rule, Table: table, Place: place},
		Basis: findings[at].Basis, Reason: reason, Person: d.Person}
	if err := d.commit(ctx, warehouse.Batch{Reviews: []warehouse.Review{r}}); err != nil {
		return wrap(err)
	}
	return nil
}

// Withdraw takes a filing out of all figures; the version before it counts again, if there is one.
func (d Decider) Withdraw(ctx context.Context, filing, reason string) error {
	return d.withdrawal(ctx, filing, warehouse.Withdraw, reason)
}

// Restore puts a withdrawn filing back.
func (d Decider) Restore(ctx context.Context, filing, reason string) error {
	return d.withdrawal(ctx, filing, warehouse.Restore, reason)
}

func (d Decider) withdrawal(ctx context.Context, filing, act, reason string) error {
	wrap := func(err error) error { return fmt.Errorf("%s filing %s: %w", act, filing, err) }
	if err := d.because(reason); err != nil {
		return wrap(err)
	}
	f, err := d.filing(ctx, filing)
	if err != nil {
		return wrap(err)
	}
	if f.Withdrawn == (act == warehouse.Withdraw) {
		return wrap(refuse("it is withdrawn: %v", f.Withdrawn))
	}
	w := warehouse.Withdrawal{Filing: filing, Act: act, Reason: reason, Person: d.Person}
	if err := d.commit(ctx, warehouse.Batch{Withdrawals: []warehouse.Withdrawal{w}}, check.Report{Agency: f.Agency, Year: f.Year}); err != nil {
		return wrap(err)
	}
	return nil
}

// Link says which agency a provisional entry is. Its reports count as that agency's from then on.
func (d Decider) Link(ctx context.Context, provisional, agency, reason string) error {
	wrap := func(err error) error { return fmt.Errorf("link %s to %s: %w", provisional, agency, err) }
	if err := d.because(reason); err != nil {
		return wrap(err)
	}
	reg, err := d.Store.Register(ctx, time.Time{})
	if err != nil {
		return wrap(err)
	}
	entry, ok := reg.Agency(provisional)
	if !ok {
		return wrap(refuse("the register has no entry %q", provisional))
	}
	if !register.Provisional(provisional) {
		return wrap(refuse("%s is no provisional entry; agencies that follow on each other get a successor link in the register", provisional))
	}
	if _, ok := reg.Agency(agency); !ok {
		return wrap(refuse("the register has no agency %q", agency))
	}
	entry.Links = append(slices.DeleteFunc(slices.Clone(entry.Links), func(l register.Link) bool { return l.Kind == register.Same }),
		register.Link{Kind: register.Same, Other: agency})
	if _, err := d.Store.CommitRegister(ctx, newID(), d.Person, reason, []register.Agency{entry}, nil); err != nil {
		return wrap(err)
	}
	return d.checkAll(ctx)
}

// Unlink takes back what Link said.
func (d Decider) Unlink(ctx context.Context, provisional, reason string) error {
	wrap := func(err error) error { return fmt.Errorf("unlink %s: %w", provisional, err) }
	if err := d.because(reason); err != nil {
		return wrap(err)
	}
	reg, err := d.Store.Register(ctx, time.Time{})
	if err != nil {
		return wrap(err)
	}
	entry, ok := reg.Agency(provisional)
	if _, linked := entry.SameAs(); !ok || !linked {
		return wrap(refuse("the register has no linked entry %q", provisional))
	}
	entry.Links = slices.DeleteFunc(slices.Clone(entry.Links), func(l register.Link) bool { return l.Kind == register.Same })
	if _, err := d.Store.CommitRegister(ctx, newID(), d.Person, reason, []register.Agency{entry}, nil); err != nil {
		return wrap(err)
	}
	return d.checkAll(ctx)
}

// Assign says whose a waiting file is and for which year, and loads it. An empty agency or the year 0 leaves to the
// file what it tells.
func (d Decider) Assign(ctx context.Context, sha256, agency string, year int) (ingest.Result, error) {
	wrap := func(err error) (ingest.Result, error) {
		return ingest.Result{}, fmt.Errorf("assign file %.12s: %w", sha256, err)
	}
	if agency == "" && year == 0 {
		return wrap(refuse("neither an agency nor a year is given"))
	}
	waiting, err := d.waiting(ctx, sha256)
	if err != nil {
		return wrap(err)
	}
	doc, err := d.Store.Document(ctx, waiting.SHA256)
	if err != nil {
		return wrap(err)
	}
	var result ingest.Result
	_, err = ingest.Bytes(ctx, ingest.Options{Store: d.Store, Agency: agency, Year: year, By: d.Person, Each: func(r ingest.Result) { result = r }}, waiting.File, doc.Bytes)
	if err != nil {
		return wrap(err)
	}
	if result.Status != ingest.Loaded && result.Status != ingest.NewVersion {
		return result, fmt.Errorf("assign file %.12s: %w", sha256, refuse("%s: %s", result.Status, result.Message))
	}
	return result, nil
}

// ReadAgain reads the files again that could not be read, or not wholly, for want of another program, and loads what can
// be read now. It returns what became of each; those for which something is still missing are left as they are.
func (d Decider) ReadAgain(ctx context.Context) ([]ingest.Result, error) {
	wrap := func(err error) ([]ingest.Result, error) { return nil, fmt.Errorf("read files again: %w", err) }
	type file struct {
		sha256, name, agency string
		year                 int
	}
	var files []file
	waiting, err := d.Store.Waiting(ctx, time.Time{})
	if err != nil {
		return wrap(err)
	}
	for _, w := range waiting {
		if ingest.Unread(w.Problems) {
			files = append(files, file{sha256: w.SHA256, name: w.File})
		}
	}
	filings, err := d.Store.Filings(ctx, time.Time{}, warehouse.Filter{})
	if err != nil {
		return wrap(err)
	}
	for _, f := range filings {
		if ingest.Unread(f.Problems) {
			files = append(files, file{f.SHA256, f.File, f.AgencyName, f.Year})
		}
	}
	var results []ingest.Result
	for _, f := range files {
		doc, err := d.Store.Document(ctx, f.sha256)
		if err != nil {
			return wrap(err)
		}
		if now := ingest.Read(ctx, f.name, doc.Bytes); ingest.Unread(now.Problems) {
			results = append(results, ingest.Result{File: f.name, Status: ingest.Waiting, SHA256: f.sha256, Problems: now.Problems, Message: now.Problems[len(now.Problems)-1].Message})
			continue
		}
		_, err = ingest.Bytes(ctx, ingest.Options{Store: d.Store, Agency: f.agency, Year: f.year, Again: true, By: d.Person,
			Each: func(r ingest.Result) { results = append(results, r) }}, f.name, doc.Bytes)
		if err != nil {
			return results, fmt.Errorf("read files again: %w", err)
		}
	}
	return results, nil
}

// Dismiss ends the waiting of a file without a filing. Its bytes stay.
func (d Decider) Dismiss(ctx context.Context, sha256, reason string) error {
	wrap := func(err error) error { return fmt.Errorf("dismiss file %.12s: %w", sha256, err) }
	if err := d.because(reason); err != nil {
		return wrap(err)
	}
	w, err := d.waiting(ctx, sha256)
	if err != nil {
		return wrap(err)
	}
	w.Act, w.Reason, w.Person = warehouse.Dismiss, reason, d.Person
	if err := d.commit(ctx, warehouse.Batch{Waiting: []warehouse.WaitingFile{w}}); err != nil {
		return wrap(err)
	}
	return nil
}

// waiting finds a waiting file by its hash or the first 8 or more characters of it.
func (d Decider) waiting(ctx context.Context, sha256 string) (warehouse.WaitingFile, error) {
	list, err := d.Store.Waiting(ctx, time.Time{})
	if err != nil {
		return warehouse.WaitingFile{}, err
	}
	var found []warehouse.WaitingFile
	for _, w := range list {
		if len(sha256) >= 8 && strings.HasPrefix(w.SHA256, sha256) {
			found = append(found, w)
		}
	}
	if len(found) != 1 {
		return warehouse.WaitingFile{}, refuse("%d files wait whose hash begins with %q, want one and at least 8 characters of the hash", len(found), sha256)
	}
	return found[0], nil
}

// commit adds the decision and checks the reports whose figures it changes.
func (d Decider) commit(ctx context.Context, b warehouse.Batch, changed ...check.Report) error {
	b.ID, b.By = newID(), d.Person
	if _, err := d.Store.Commit(ctx, b); err != nil {
		return err
	}
	if len(changed) == 0 {
		return nil
	}
	if _, err := assess.Reports(ctx, assess.Options{Store: d.Store, By: d.Person}, changed...); err != nil {
		return unchecked(err)
	}
	return nil
}

func unchecked(err error) error {
	return fmt.Errorf("it is decided, but checking the reports again failed; run nianbao check: %w", err)
}

// checkAll checks all years: another body has other peers, members and years before.
func (d Decider) checkAll(ctx context.Context) error {
	held, err := d.Store.Years(ctx, time.Time{})
	if err != nil {
		return unchecked(err)
	}
	years := make([]int, len(held))
	for i, y := range held {
		years[i] = y.Year
	}
	if _, err := assess.Years(ctx, assess.Options{Store: d.Store, By: d.Person}, years...); err != nil {
		return unchecked(err)
	}
	return nil
}

func newID() string { return ulid.MustNew(ulid.Timestamp(time.Now()), rand.Reader).String() }
