// Package enrol enters what a register file says into the register of the warehouse.
//
// What flows in is a file of package register; what flows out is one batch of statements, and a [Result] that says for each line
// what it did. A file with a wrong line changes nothing. Names of reports that came before the register are looked up
// again, and reports are checked again, since who is whose member and what was due when may have changed.
package enrol

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"nianbao/ingest/assess"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
)

// Options of an import.
type Options struct {
	Store  *warehouse.Store // nil in a dry run where there is no store yet
	By     string           // who states it
	Reason string           // why, for instance the name of the file
	DryRun bool             // say what would change and write nothing
}

// Result is what a file says and does.
type Result struct {
	Wrong      []register.LineProblem // if there are any, nothing was entered
	Changes    []register.Change      // in the order of the file
	Recognised []register.Recognised  // names of earlier reports whose bodies are known now
	After      *register.Register     // with the changes
	Checked    int                    // reports that were checked again
}

// File enters a file.
func File(ctx context.Context, opt Options, file io.Reader) (Result, error) {
	wrap := func(err error) (Result, error) { return Result{}, fmt.Errorf("import the register: %w", err) }
	held, years, err := known(ctx, opt.Store)
	if err != nil {
		return wrap(err)
	}
	said, wrong := register.Parse(file)
	result := Result{Wrong: wrong, After: register.Apply(held, said)}
	if len(wrong) == 0 { // else what they left out would be missing everywhere
		before := held.Problems()
		for _, p := range result.After.Problems() {
			if !slices.Contains(before, p) {
				result.Wrong = append(result.Wrong, lineOf(said, p))
			}
		}
	}
	result.Changes = register.Diff(held, said)
	if len(result.Wrong) > 0 {
		return result, nil
	}
	result.Recognised = result.After.Recognise(func(code string) []int { return years[code] })
	agencies, obligations := statements(result, said)
	if opt.DryRun || len(agencies)+len(obligations) == 0 {
		return result, nil
	}
	id := ulid.MustNew(ulid.Timestamp(time.Now()), rand.Reader).String()
	if _, err := opt.Store.CommitRegister(ctx, id, opt.By, opt.Reason, agencies, obligations); err != nil {
		return wrap(err)
	}
	filed, err := opt.Store.Years(ctx, time.Time{})
	if err != nil {
		return wrap(err)
	}
	var all []int
	for _, y := range filed {
		all = append(all, y.Year)
	}
	checked, err := assess.Years(ctx, assess.Options{Store: opt.Store, By: opt.By}, all...)
	if err != nil {
		return wrap(fmt.Errorf("the register is stored, but the reports were not all checked again: %w", err))
	}
	result.Checked = checked.Checked
	return result, nil
}

// known is the register as it is, with the years of which reports are held by agency.
func known(ctx context.Context, store *warehouse.Store) (*register.Register, map[string][]int, error) {
	years := map[string][]int{}
	if store == nil {
		return register.New(nil, nil), years, nil
	}
	held, err := store.Register(ctx, time.Time{})
	if err != nil {
		return nil, nil, err
	}
	agencies, err := store.Agencies(ctx, time.Time{})
	for _, a := range agencies {
		years[a.ID] = a.Years
	}
	return held, years, err
}

// lineOf is the line to which a problem of the whole register belongs.
func lineOf(said register.Statements, p register.Problem) register.LineProblem {
	if line := said.Line(p.Code, p.Year); line > 0 {
		return register.LineProblem{Line: line, Column: p.Field, Want: p.Want}
	}
	return register.LineProblem{Want: p.String()} // of an entry that the file does not mention
}

// statements are what a file says that is not so already, and the links of what was recognised.
func statements(result Result, said register.Statements) (agencies []register.Agency, obligations []register.Obligation) {
	type key struct {
		agency string
		year   int
	}
	news := map[key]bool{}
	for _, c := range result.Changes {
		news[key{c.Agency, c.Year}] = c.Outcome != register.Unchanged
	}
	for _, a := range said.Agencies {
		if news[key{a.Code, 0}] {
			agencies = append(agencies, a)
		}
	}
	for _, o := range said.Obligations {
		if news[key{o.Agency, o.Year}] {
			obligations = append(obligations, o)
		}
	}
	for _, r := range result.Recognised {
		linked := r.Entry.As(r.Code)
		if i := slices.IndexFunc(agencies, func(a register.Agency) bool { return a.Code == linked.Code }); i >= 0 {
			agencies[i] = linked
		} else {
			agencies = append(agencies, linked)
		}
	}
	return agencies, obligations
}
