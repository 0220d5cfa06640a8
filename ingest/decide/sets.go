package decide

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"nianbao/internal/warehouse"
)

// longestName bounds the name of a set, in characters.
const longestName = 100

// SaveSet saves a set of agencies under a name, in the place of the one that bears it.
func (d Decider) SaveSet(ctx context.Context, name string, members []string, reason string) error {
	wrap := func(err error) error { return fmt.Errorf("save set %q: %w", name, err) }
	if err := d.because(reason); err != nil {
		return wrap(err)
	}
	if err := nameable(name); err != nil {
		return wrap(err)
	}
	if len(members) == 0 {
		return wrap(refuse("it has no members; want the codes of agencies"))
	}
	members = slices.Compact(slices.Sorted(slices.Values(members)))
	if err := d.known(ctx, members); err != nil {
		return wrap(err)
	}
	saved, err := d.Store.Sets(ctx, time.Time{})
	if err != nil {
		return wrap(err)
	}
	if slices.ContainsFunc(saved, func(s warehouse.Set) bool { return s.Name == name && slices.Equal(s.Members, members) }) {
		return wrap(refuse("it has these members already"))
	}
	set := warehouse.Set{Name: name, Act: warehouse.Save, Members: members, Reason: reason, Person: d.Person}
	if err := d.commit(ctx, warehouse.Batch{Sets: []warehouse.Set{set}}); err != nil {
		return wrap(err)
	}
	return nil
}

// WithdrawSet ends a set. Answers as of earlier moments still have it.
func (d Decider) WithdrawSet(ctx context.Context, name, reason string) error {
	wrap := func(err error) error { return fmt.Errorf("withdraw set %q: %w", name, err) }
	if err := d.because(reason); err != nil {
		return wrap(err)
	}
	saved, err := d.Store.Sets(ctx, time.Time{})
	if err != nil {
		return wrap(err)
	}
	if !slices.ContainsFunc(saved, func(s warehouse.Set) bool { return s.Name == name }) {
		return wrap(refuse("no set of this name is saved"))
	}
	set := warehouse.Set{Name: name, Act: warehouse.Withdraw, Reason: reason, Person: d.Person}
	if err := d.commit(ctx, warehouse.Batch{Sets: []warehouse.Set{set}}); err != nil {
		return wrap(err)
	}
	return nil
}

// nameable refuses names that cannot stand in an address or that people cannot tell apart.
func nameable(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return refuse("it has no name")
	case strings.TrimSpace(name) != name:
		return refuse("its name begins or ends with a space")
	case utf8.RuneCountInString(name) > longestName:
		return refuse("its name has %d characters, want at most %d", utf8.RuneCountInString(name), longestName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) || strings.ContainsAny(name, `/\`) || name == "." || name == "..":
		return refuse("its name stands in addresses; want letters, digits, spaces and marks other than / and \\")
	}
	return nil
}

// known refuses codes that neither the register has nor any report is of.
func (d Decider) known(ctx context.Context, codes []string) error {
	reg, err := d.Store.Register(ctx, time.Time{})
	if err != nil {
		return err
	}
	held, err := d.Store.Agencies(ctx, time.Time{})
	if err != nil {
		return err
	}
	var missing []string
	for _, code := range codes {
		_, registered := reg.Agency(code)
		if !registered && !slices.ContainsFunc(held, func(a warehouse.Agency) bool { return a.ID == code }) {
			missing = append(missing, fmt.Sprintf("%q", code))
		}
	}
	if len(missing) > 0 {
		return refuse("there is no agency %s; want codes of the register or of reports that are held", strings.Join(missing, ", "))
	}
	return nil
}
