package history

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/coverage"
)

// Kind says what happened.
type Kind string

// What can happen.
const (
	ReportAdded         Kind = "report_added"         // the first version of a report
	VersionAdded        Kind = "version_added"        // a further one
	ReportWithdrawn     Kind = "report_withdrawn"     // a filing no longer counts
	ReportRestored      Kind = "report_restored"      // it counts again
	CorrectionProposed  Kind = "correction_proposed"  // it holds at once, or after approval
	CorrectionApproved  Kind = "correction_approved"  // by a second person
	CorrectionWithdrawn Kind = "correction_withdrawn" // for good
	FindingReviewed     Kind = "finding_reviewed"     // a person decided about a finding
	RegisterStated      Kind = "register_stated"      // an entry of the register was added or changed
	ChecksChanged       Kind = "checks_changed"       // findings of reports held came out differently
)

// Kinds are the kinds in the order in which pages list them.
var Kinds = []Kind{ReportAdded, VersionAdded, ReportWithdrawn, ReportRestored, CorrectionProposed, CorrectionApproved, CorrectionWithdrawn, FindingReviewed,
	RegisterStated, ChecksChanged}

// Event is one thing that happened.
type Event struct {
	At     time.Time // of the commit, UTC; from then on it counts
	Batch  string
	Kind   Kind
	Person string // who did it
	Cause  string // the reason given, "" if none was

	Agency, Name string // "" of checks
	Year         int    // 0 of entries of the register and of checks
	Filing       string
	Version      int    // of the filing
	Subject      string // the cell, the finding (rule table place), the fields of the entry, or the number of reports
	Detail       string // the value put in place, the decision, what changed
}

// LogRequest narrows the log. An empty field allows all.
type LogRequest struct {
	After    time.Time // only what was committed after it
	Until    time.Time // and up to it; zero means now
	Agencies []string  // codes of today's agencies
	Years    []int
	Kinds    []Kind
}

// Log lists what happened between two moments, oldest first.
func Log(ctx context.Context, store *warehouse.Store, r LogRequest) ([]Event, error) {
	wrap := func(err error) ([]Event, error) { return nil, fmt.Errorf("list what happened: %w", err) }
	if r.After.Before(epoch) {
		r.After = epoch
	}
	within := func(t time.Time) bool { return t.After(r.After) && (r.Until.IsZero() || !t.After(r.Until)) }
	commits, err := store.Commits(ctx, r.After, r.Until)
	if err != nil {
		return wrap(err)
	}
	batches := map[int64]warehouse.Commit{} // by time, which no two share
	counted := struct{ filings, decisions, statements int }{}
	for _, c := range commits {
		batches[c.At.UnixMicro()] = c
		counted.filings, counted.decisions, counted.statements = counted.filings+c.Filings, counted.decisions+c.Decisions, counted.statements+c.Statements
	}
	var list []Event
	add := func(e Event) {
		e.Batch = cmp.Or(e.Batch, batches[e.At.UnixMicro()].Batch)
		list = append(list, e)
	}
	known := map[string]warehouse.Filing{}
	filing := func(id string) (warehouse.Filing, error) {
		if f, ok := known[id]; ok {
			return f, nil
		}
		f, err := store.FilingAt(ctx, r.Until, id)
		known[id] = f
		return f, err
	}
	of := func(f warehouse.Filing) Event {
		return Event{Agency: f.Agency, Name: f.AgencyName, Year: f.Year, Filing: f.ID, Version: f.Version}
	}

	if counted.filings > 0 {
		received, err := store.Received(ctx, r.After, r.Until)
		if err != nil {
			return wrap(err)
		}
		for _, f := range received {
			known[f.ID] = f
			e := of(f)
			e.At, e.Batch, e.Kind, e.Person, e.Cause, e.Subject = f.CommittedAt, f.Batch, ReportAdded, f.ReceivedBy, f.Reason, f.File
			if f.Version > 1 {
				e.Kind = VersionAdded
			}
			add(e)
		}
	}
	if counted.decisions > 0 {
		if err := decisions(ctx, store, r.Until, within, filing, of, add); err != nil {
			return wrap(err)
		}
	}
	if counted.statements > 0 {
		changes, err := coverage.RegisterChanges(ctx, store, r.After, r.Until)
		if err != nil {
			return wrap(err)
		}
		for _, c := range changes {
			e := Event{At: c.At, Batch: c.Batch, Kind: RegisterStated, Person: c.Person, Cause: c.Reason, Agency: c.Agency, Name: c.Name, Year: c.Year}
			var what, fields []string
			for _, w := range c.What {
				what = append(what, string(w))
			}
			for _, f := range c.Fields {
				fields = append(fields, fmt.Sprintf("%s: %s → %s", f.Field, f.Old, f.New))
			}
			e.Subject, e.Detail = strings.Join(what, " "), strings.Join(fields, "; ")
			add(e)
		}
	}
	for _, c := range commits {
		if again := c.Assessments - c.Filings; again > 0 {
			add(Event{At: c.At, Batch: c.Batch, Kind: ChecksChanged, Person: c.By, Subject: fmt.Sprint(again)})
		}
	}

	list = slices.DeleteFunc(list, func(e Event) bool {
		return len(r.Agencies) > 0 && !slices.Contains(r.Agencies, e.Agency) || len(r.Years) > 0 && !slices.Contains(r.Years, e.Year) ||
			len(r.Kinds) > 0 && !slices.Contains(r.Kinds, e.Kind)
	})
	slices.SortStableFunc(list, func(a, b Event) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(slices.Index(Kinds, a.Kind), slices.Index(Kinds, b.Kind)), strings.Compare(a.Filing, b.Filing),
			strings.Compare(a.Agency, b.Agency), strings.Compare(a.Subject, b.Subject))
	})
	return list, nil
}

// epoch is before every commit. The engine's times begin in 1900, and a zero time lies before that.
var epoch = time.Unix(0, 0)

// decisions adds what people decided.
func decisions(ctx context.Context, store *warehouse.Store, until time.Time, within func(time.Time) bool, filing func(string) (warehouse.Filing, error),
	of func(warehouse.Filing) Event, add func(Event)) error {
	about := func(id string, at time.Time, kind Kind, person, reason, subject, detail string) error {
		f, err := filing(id)
		if err != nil {
			return err
		}
		e := of(f)
		e.At, e.Kind, e.Person, e.Cause, e.Subject, e.Detail = at, kind, person, reason, subject, detail
		add(e)
		return nil
	}
	withdrawals, err := store.Withdrawals(ctx, until)
	if err != nil {
		return err
	}
	for _, w := range withdrawals {
		kind := ReportWithdrawn
		if w.Act == warehouse.Restore {
			kind = ReportRestored
		}
		if within(w.At) {
			if err := about(w.Filing, w.At, kind, w.Person, w.Reason, "", ""); err != nil {
				return err
			}
		}
	}
	corrections, err := store.Corrections(ctx, until, warehouse.Filter{})
	if err != nil {
		return err
	}
	kinds := map[string]Kind{warehouse.Propose: CorrectionProposed, warehouse.Approve: CorrectionApproved, warehouse.Withdraw: CorrectionWithdrawn}
	for _, c := range corrections {
		value := string(c.State)
		if c.State == form.Number {
			value = c.Value.String()
		}
		for _, a := range c.Acts {
			if within(a.At) {
				if err := about(a.Filing, a.At, kinds[a.Act], a.Person, a.Reason, a.Key.String(), value); err != nil {
					return err
				}
			}
		}
	}
	reviews, err := store.Reviews(ctx, until, warehouse.Filter{})
	if err != nil {
		return err
	}
	for _, r := range reviews {
		if within(r.At) {
			if err := about(r.Filing, r.At, FindingReviewed, r.Person, r.Reason, strings.TrimSpace(r.Rule+" "+r.Table+" "+r.Place), r.Decision); err != nil {
				return err
			}
		}
	}
	return nil
}
