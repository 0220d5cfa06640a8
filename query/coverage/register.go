package coverage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"nianbao/internal/register"
	"nianbao/internal/warehouse"
)

// What says what a change of the register did. One statement may do several things.
type What string

// The kinds of changes. Each changes who has to file, so the denominator of a year with them.
const (
	Added    What = "added"    // the first statement about the agency
	Ended    What = "ended"    // it got a last day
	Renamed  What = "renamed"  // its names changed
	Linked   What = "linked"   // it was said which agency a provisional entry is, or who follows on
	Changed  What = "changed"  // anything else of its entry
	Excepted What = "excepted" // for one year it has to file or not, or by another day, in spite of the rule
)

// Whats are the kinds of changes in the order in which pages list them.
var Whats = []What{Added, Ended, Renamed, Linked, Changed, Excepted}

// RegisterChange is one statement about an agency, or an exception for one of its years, and what it changed.
type RegisterChange struct {
	At          time.Time // of the commit, UTC
	Batch       string
	Person      string
	Reason      string
	Agency      string
	Name        string // after the change
	Year        int    // of an exception, else 0
	Provisional bool   // made from a printed name
	What        []What
	Fields      []register.FieldChange // before and after; of an added agency none
	From, To    time.Time              // the agency's first and last day
}

// RegisterChanges lists what changed in the register after one moment and up to another (the zero time meaning now),
// oldest first. Statements that change nothing are left out.
func RegisterChanges(ctx context.Context, store *warehouse.Store, after, until time.Time) ([]RegisterChange, error) {
	// The statement before is needed to say what one changed, so the list is read from the beginning.
	statements, err := store.RegisterChanges(ctx, time.Time{}, until)
	if err != nil {
		return nil, fmt.Errorf("read changes of the register: %w", err)
	}
	held := map[string]register.Agency{}
	var list []RegisterChange
	for _, s := range statements {
		old, known := held[s.Code]
		held[s.Code] = s.Agency
		if !s.At.After(after) {
			continue
		}
		c := RegisterChange{At: s.At, Batch: s.Batch, Person: s.Person, Reason: s.Reason, Agency: s.Code, Name: s.Name(), Provisional: register.Provisional(s.Code),
			From: s.From, To: s.To}
		if !known {
			c.What = []What{Added}
		} else {
			before := register.New([]register.Agency{old}, nil)
			for _, d := range register.Diff(before, register.Statements{Agencies: []register.Agency{s.Agency}}) {
				c.Fields = d.Fields
			}
			for _, f := range c.Fields {
				if w := what(f); !slices.Contains(c.What, w) {
					c.What = append(c.What, w)
				}
			}
		}
		if len(c.What) > 0 {
			list = append(list, c)
		}
	}
	exceptions, err := exceptions(ctx, store, after, until)
	if err != nil {
		return nil, fmt.Errorf("read changes of the register: %w", err)
	}
	for _, c := range exceptions {
		c.Name = c.Agency
		if a, known := held[c.Agency]; known {
			c.Name, c.From, c.To = a.NameIn(c.Year), a.From, a.To
		}
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(a, b RegisterChange) int { return a.At.Compare(b.At) })
	return list, nil
}

// exceptions lists the exceptions stated in a span that change something.
func exceptions(ctx context.Context, store *warehouse.Store, after, until time.Time) ([]RegisterChange, error) {
	stated, err := store.ObligationChanges(ctx, time.Time{}, until)
	if err != nil {
		return nil, err
	}
	held := map[warehouse.AgencyYear]register.Obligation{}
	var list []RegisterChange
	for _, s := range stated {
		key := warehouse.AgencyYear{Agency: s.Agency, Year: s.Year}
		before := register.New(nil, nil)
		if old, known := held[key]; known {
			before = register.New(nil, []register.Obligation{old})
		}
		held[key] = s.Obligation
		for _, d := range register.Diff(before, register.Statements{Obligations: []register.Obligation{s.Obligation}}) {
			if d.Outcome == register.Unchanged || !s.At.After(after) {
				continue
			}
			fields := d.Fields
			if d.Outcome == register.Added { // what an exception says is what it changes
				fields = []register.FieldChange{{Field: "obliged", New: map[bool]string{true: "yes", false: "no"}[s.Obliged]}}
				if !s.Due.IsZero() {
					fields = append(fields, register.FieldChange{Field: "due", New: s.Due.Format(time.DateOnly)})
				}
			}
			list = append(list, RegisterChange{At: s.At, Batch: s.Batch, Person: s.Person, Reason: s.Reason, Agency: s.Agency, Year: s.Year, What: []What{Excepted}, Fields: fields})
		}
	}
	return list, nil
}

func what(f register.FieldChange) What {
	switch {
	case f.Field == "to" && f.New != "":
		return Ended
	case f.Field == "name":
		return Renamed
	case f.Field == "other":
		return Linked
	}
	return Changed
}

// Undecided is what waits for a person: files whose agency or year is not known, and names that no agency of the
// register is known to bear.
type Undecided struct {
	Waiting []WaitingFile
	Names   []UnknownName
}

// WaitingFile is a file that belongs to no agency and year yet, with whose it may be.
type WaitingFile struct {
	warehouse.WaitingFile
	Match register.Match // of the name as far as the file tells it; without candidates where it tells none
}

// UnknownName is a provisional entry that nobody confirmed, with the agencies that it may be.
type UnknownName struct {
	Agency, Name, Region string
	Kind                 register.Kind
	Years                []int          // of the reports held under it, ascending
	Match                register.Match // Code is set where the register knows the name by now
}

// UndecidedOf lists what waits for a person at a moment (the zero time meaning now), the longest first.
func UndecidedOf(ctx context.Context, store *warehouse.Store, asOf time.Time) (Undecided, error) {
	var u Undecided
	wrap := func(err error) (Undecided, error) {
		return Undecided{}, fmt.Errorf("list what waits for a decision: %w", err)
	}
	reg, err := store.Register(ctx, asOf)
	if err != nil {
		return wrap(err)
	}
	waiting, err := store.Waiting(ctx, asOf)
	if err != nil {
		return wrap(err)
	}
	for _, w := range waiting {
		one := WaitingFile{WaitingFile: w, Match: register.Match{How: register.NoMatch}}
		if w.AgencyName != "" {
			one.Match = reg.Match(w.AgencyName, "", w.Year)
		}
		u.Waiting = append(u.Waiting, one)
	}
	agencies, err := store.Agencies(ctx, asOf)
	if err != nil {
		return wrap(err)
	}
	years := map[string][]int{}
	for _, a := range agencies {
		years[a.ID] = a.Years
	}
	for _, a := range reg.Pending() {
		held := years[a.Code]
		if len(held) == 0 { // nothing is counted under it
			continue
		}
		u.Names = append(u.Names, UnknownName{Agency: a.Code, Name: a.Name(), Region: a.Region, Kind: a.Kind, Years: held,
			Match: reg.Match(a.Name(), a.Region, held[len(held)-1])})
	}
	return u, nil
}
