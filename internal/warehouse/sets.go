package warehouse

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"nianbao/internal/rowbinary"
)

// Save is the act that saves a set, or saves it anew with other members; Withdraw ends it.
const Save = "save"

// Set is a statement about a named set of agencies that are compared with each other. Of a name the newest one counts.
type Set struct {
	Name    string
	Act     string   // Save or Withdraw
	Members []string // codes, ascending, each once; none where it is withdrawn
	Reason  string
	Person  string
	At      time.Time // UTC, of the commit; not set on the way in
}

// Sets lists the sets that were saved at a moment (the zero time meaning now), by name.
func (s *Store) Sets(ctx context.Context, asOf time.Time) ([]Set, error) {
	acts, err := s.SetActs(ctx, asOf)
	if err != nil {
		return nil, err
	}
	return standing(acts, func(a Set) (name, act string) { return a.Name, a.Act }), nil
}

// standing are the statements that hold, of statements about named things, oldest first: of each name the newest, unless it
// withdraws the thing. They are given by name.
func standing[A any](acts []A, of func(A) (name, act string)) []A {
	last := map[string]A{}
	for _, a := range acts {
		name, _ := of(a)
		last[name] = a
	}
	var list []A
	for _, name := range slices.Sorted(maps.Keys(last)) {
		if _, act := of(last[name]); act == Save {
			list = append(list, last[name])
		}
	}
	return list
}

// SetActs lists all statements about sets that were committed by a moment (the zero time meaning now), oldest first.
func (s *Store) SetActs(ctx context.Context, asOf time.Time) ([]Set, error) {
	if s.whole != nil {
		list, err := s.whole.SetActs(ctx, asOf)
		return s.seenSets(list), err
	}
	l, err := s.Ledger(ctx, asOf)
	var list []Set
	if err == nil {
		list, err = l.sets.get(func() ([]Set, error) { return l.readSets(ctx) })
	}
	if err != nil {
		return nil, fmt.Errorf("list sets of agencies: %w", short(err))
	}
	return slices.Clone(list), nil
}

func (l *Ledger) readSets(ctx context.Context) ([]Set, error) {
	d, err := rowbinary.Query(ctx, l.store.conn, `SELECT name, act, members, reason, person, batch FROM sets`)
	if err != nil {
		return nil, err
	}
	var list []Set
	for d.More() {
		set := Set{Name: d.Text(), Act: d.Common(), Members: d.Texts(), Reason: d.Text(), Person: d.Text()}
		var committed bool
		if set.At, committed = l.committed[d.Take(idLength)]; committed {
			list = append(list, set)
		}
	}
	slices.SortFunc(list, func(a, b Set) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Name, b.Name)) })
	return list, d.Wrap("sets")
}

func (b *Batch) checkSets() error {
	seen := map[string]bool{}
	for _, s := range b.Sets {
		switch {
		case s.Name == "" || s.Person == "" || s.Act != Save && s.Act != Withdraw:
			return fmt.Errorf("%s set %q by %q: want %s or %s, a name and a person", s.Act, s.Name, s.Person, Save, Withdraw)
		case (len(s.Members) > 0) != (s.Act == Save):
			return fmt.Errorf("%s set %q: it has %d members, want some where it is saved and none where it is withdrawn", s.Act, s.Name, len(s.Members))
		case !slices.IsSorted(s.Members) || len(slices.Compact(slices.Clone(s.Members))) != len(s.Members):
			return fmt.Errorf("%s set %q: want its members in ascending order, each once", s.Act, s.Name)
		case seen[s.Name]:
			return fmt.Errorf("%s set %q: the batch has two statements about it, want one", s.Act, s.Name)
		}
		seen[s.Name] = true
	}
	return nil
}

func setColumns(b Batch) []column {
	s := b.Sets
	return []column{
		{"name", all(s, func(s Set) string { return s.Name })},
		{"act", all(s, func(s Set) string { return s.Act })},
		{"members", all(s, func(s Set) []string { return append([]string{}, s.Members...) })},
		{"reason", all(s, func(s Set) string { return s.Reason })},
		{"person", all(s, func(s Set) string { return s.Person })},
		{"batch", all(s, func(Set) string { return b.ID })},
	}
}
