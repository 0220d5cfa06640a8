// Package history answers what became of the reports: the versions of one, what differs between two, which cells people
// corrected, and everything that was added to the warehouse between two moments, with who did it and why.
//
// Every answer is as of a moment, and that of a past moment never changes.
package history

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
)

// Version is one version of a report.
type Version struct {
	warehouse.Filing
	Visible     bool // it is the one that counts
	Checks      warehouse.Assessed
	Corrections []Correction // of its cells, oldest first
}

// Versions lists the versions of the report of an agency for a year, oldest first, withdrawn ones included.
func Versions(ctx context.Context, store *warehouse.Store, asOf time.Time, agency string, year int) ([]Version, error) {
	wrap := func(err error) ([]Version, error) {
		return nil, fmt.Errorf("read versions of the report of %s for %d: %w", agency, year, err)
	}
	filings, err := store.Versions(ctx, asOf, agency, year)
	if err != nil {
		return wrap(err)
	}
	if len(filings) == 0 {
		return nil, nil
	}
	checks, err := store.Assessments(ctx, asOf, year)
	if err != nil {
		return wrap(err)
	}
	corrections, err := Corrections(ctx, store, CorrectionsRequest{Years: []int{year}, Agencies: []string{agency}, AsOf: asOf})
	if err != nil {
		return wrap(err)
	}
	visible := counting(filings)
	var list []Version
	for _, f := range filings {
		v := Version{Filing: f, Visible: f.ID == visible, Checks: checks[f.ID]}
		for _, c := range corrections {
			if c.Filing == f.ID {
				v.Corrections = append(v.Corrections, c)
			}
		}
		list = append(list, v)
	}
	return list, nil
}

// counting is the id of the version that counts: the last one that was not withdrawn, "" if all were.
func counting(versions []warehouse.Filing) string {
	for _, f := range slices.Backward(versions) {
		if !f.Withdrawn {
			return f.ID
		}
	}
	return ""
}

// Standing says what a correction is good for at the moment.
type Standing string

// The standings of a correction.
const (
	Proposed     Standing = "proposed"      // a second person has to approve it
	InForce      Standing = "in_force"      // its value is used in place of what was read
	Overridden   Standing = "overridden"    // a later correction of the same cell is in force
	ConfirmAgain Standing = "confirm_again" // it was in force for a version that no longer counts, and nobody repeated it for the one that does
	Repeated     Standing = "repeated"      // the same, and somebody did
	Withdrawn    Standing = "withdrawn"
)

// Standings are the standings in the order in which pages list them.
var Standings = []Standing{Proposed, ConfirmAgain, InForce, Overridden, Repeated, Withdrawn}

// Correction is a correction with what it is good for.
type Correction struct {
	warehouse.Correction
	Standing Standing
	Report   warehouse.Filing // the version that it corrects
	Read     *form.Cell       // the cell as it was read, nil if the report has none
}

// CorrectionsRequest narrows a list of corrections. An empty field allows all.
type CorrectionsRequest struct {
	Years     []int
	Agencies  []string
	Filing    string
	Standings []Standing
	AsOf      time.Time // the state of the warehouse; zero means now
}

// Corrections lists corrections, oldest first.
func Corrections(ctx context.Context, store *warehouse.Store, r CorrectionsRequest) ([]Correction, error) {
	wrap := func(err error) ([]Correction, error) { return nil, fmt.Errorf("list corrections: %w", err) }
	held, err := store.Corrections(ctx, r.AsOf, warehouse.Filter{Years: r.Years})
	if err != nil {
		return wrap(err)
	}
	repeated := map[string]bool{}
	for i := range held {
		if c := &held[i]; c.Replaces != "" && c.Withdrawn == nil {
			repeated[c.Replaces] = true
		}
	}
	held = slices.DeleteFunc(held, func(c warehouse.Correction) bool { return r.Filing != "" && c.Filing != r.Filing })
	reports, err := corrected(ctx, store, r.AsOf, held)
	if err != nil {
		return wrap(err)
	}
	var list []Correction
	for i := range held {
		c := &held[i]
		of := reports[c.Filing]
		if len(r.Agencies) > 0 && !slices.Contains(r.Agencies, of.filing.Agency) {
			continue
		}
		one := Correction{Correction: *c, Report: of.filing}
		if k := slices.IndexFunc(of.cells, func(cell form.Cell) bool { return cell.Key == c.Key }); k >= 0 {
			one.Read = &of.cells[k]
		}
		counted := of.inForce[c.Key]
		switch {
		case c.Withdrawn != nil:
			one.Standing = Withdrawn
		case !c.InForce():
			one.Standing = Proposed
		case counted != nil && counted.Correction != c.Correction:
			one.Standing = Overridden
		case of.counts:
			one.Standing = InForce
		case repeated[c.Correction]:
			one.Standing = Repeated
		default:
			one.Standing = ConfirmAgain
		}
		if len(r.Standings) == 0 || slices.Contains(r.Standings, one.Standing) {
			list = append(list, one)
		}
	}
	return list, nil
}

// report is a filing with corrections.
type report struct {
	filing  warehouse.Filing
	counts  bool        // it is the version that counts
	cells   []form.Cell // as read
	inForce map[form.Key]*warehouse.Correction
}

// corrected reads the filings of some corrections, with few queries for many.
func corrected(ctx context.Context, store *warehouse.Store, asOf time.Time, held []warehouse.Correction) (map[string]*report, error) {
	reports := map[string]*report{}
	if len(held) == 0 {
		return reports, nil
	}
	of, wanted := map[string][]warehouse.Correction{}, map[int][]form.Key{}
	for _, c := range held {
		of[c.Filing], wanted[c.Year] = append(of[c.Filing], c), append(wanted[c.Year], c.Key)
	}
	counting, err := store.Filings(ctx, asOf, warehouse.Filter{Years: slices.Sorted(maps.Keys(wanted))})
	if err != nil {
		return nil, err
	}
	for _, f := range counting {
		if of[f.ID] != nil {
			reports[f.ID] = &report{filing: f, counts: true}
		}
	}
	byYear := map[int][]warehouse.Filing{}
	for id := range of {
		if reports[id] == nil {
			f, err := store.FilingAt(ctx, asOf, id)
			if err != nil {
				return nil, err
			}
			reports[id] = &report{filing: f}
		}
		f := reports[id].filing
		byYear[f.Year] = append(byYear[f.Year], f)
	}
	for year, filings := range byYear {
		contents, err := store.Contents(ctx, filings, warehouse.Wanted{Cells: wanted[year]})
		if err != nil {
			return nil, err
		}
		for _, f := range filings {
			one := reports[f.ID]
			one.cells = contents[f.ID].Cells
			_, one.inForce = warehouse.Overlay(one.cells, of[f.ID])
		}
	}
	return reports, nil
}
