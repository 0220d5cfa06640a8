package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"nianbao/internal/warehouse"
)

// SavedSet is a set of agencies that was saved under a name.
type SavedSet struct {
	Set     string    `json:"set" doc:"its name"`
	Members []string  `json:"members" nullable:"false" doc:"codes of agencies"`
	At      time.Time `json:"at" doc:"when it was saved so"`
	Person  string    `json:"person"`
	Reason  string    `json:"reason"`
}

var setColumns = []column[SavedSet]{
	{"set", text, func(s *SavedSet) string { return s.Set }}, {"members", text, func(s *SavedSet) string { return strings.Join(s.Members, " ") }},
	{"at", instant, func(s *SavedSet) string { return timeText(s.At) }}, {"person", text, func(s *SavedSet) string { return s.Person }},
	{"reason", text, func(s *SavedSet) string { return s.Reason }},
}

// savedSet finds a set by its name at the moment of the visit.
func (v *visit) savedSet(name string) (warehouse.Set, error) {
	list, err := v.Store.Sets(v.ctx, v.at)
	if err != nil {
		return warehouse.Set{}, err
	}
	var names []string
	for _, s := range list {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	if len(names) == 0 {
		return warehouse.Set{}, wrongValue("set", name, "no set is saved, then; want the agencies of the set in members, or save it first")
	}
	return warehouse.Set{}, wrongValue("set", name, "no such set is saved, then; want one of: "+strings.Join(names, ", ")+", or the agencies of the set in members"+meant(name, names))
}

func (s *service) setExists(ctx context.Context, name string) error {
	list, err := s.Store.Sets(ctx, now)
	if err == nil && !slices.ContainsFunc(list, func(set warehouse.Set) bool { return set.Name == name }) {
		err = notFound
	}
	return err
}

func (s *service) describeSets() {
	type sets struct {
		AsOf
		Format
		Paging
	}
	read[sets, List[SavedSet]](s, operation{path: "/sets", id: "list-sets", tag: "register", summary: "the saved sets of agencies",
		description: "A comparison takes one with peers=set and its name in set."}, names(setColumns),
		func(v *visit, _ *sets) (answer, error) {
			saved, err := v.Store.Sets(v.ctx, v.at)
			if err != nil {
				return nil, err
			}
			var list []SavedSet
			for _, s := range saved {
				list = append(list, SavedSet{s.Name, nonNil(s.Members), s.At, s.Person, s.Reason})
			}
			return whole(v, list, setColumns)
		})
	d := s.Decide
	if d == nil {
		return
	}
	type save struct {
		Body struct {
			Reasoned
			Set     string   `json:"set" minLength:"1" maxLength:"100" doc:"its name; a set that bears it gives way"`
			Members []string `json:"members" minItems:"1" nullable:"false" doc:"codes of agencies"`
		}
	}
	decision(s, "/sets", "save-set", "save a set of agencies under a name", func(context.Context, *save) error { return nil },
		func(ctx context.Context, in *save) (string, error) {
			return "", d.SaveSet(ctx, in.Body.Person, in.Body.Set, in.Body.Members, in.Body.Reason)
		})
	type withdraw struct {
		Set  string `path:"set" doc:"its name"`
		Body Reasoned
	}
	decision(s, "/sets/{set}/withdraw", "withdraw-set", "end a set", func(ctx context.Context, in *withdraw) error { return s.setExists(ctx, in.Set) },
		func(ctx context.Context, in *withdraw) (string, error) {
			return "", d.WithdrawSet(ctx, in.Body.Person, in.Set, in.Body.Reason)
		})
}
