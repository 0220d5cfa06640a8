package api

import (
	"fmt"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/history"
)

// CorrectionStanding is what a correction is good for.
type CorrectionStanding string

// Schema lists the values.
func (CorrectionStanding) Schema(huma.Registry) *huma.Schema { return oneOf(history.Standings) }

// EventKind says what happened.
type EventKind string

// Schema lists the values.
func (EventKind) Schema(huma.Registry) *huma.Schema { return oneOf(history.Kinds) }

// Correction is a person's correction of one cell.
type Correction struct {
	ID          string             `json:"id"`
	Standing    CorrectionStanding `json:"standing"`
	Agency      string             `json:"agency"`
	Name        string             `json:"name"`
	Year        int                `json:"year"`
	Filing      string             `json:"filing"`
	Version     int                `json:"version"`
	Cell        string             `json:"cell" doc:"table.row.column"`
	Label       string             `json:"label"`
	ReadState   string             `json:"read_state" doc:"empty if the report has no such cell"`
	ReadValue   *string            `json:"read_value"`
	ReadRaw     string             `json:"read_raw"`
	State       string             `json:"state"`
	Value       *string            `json:"value" doc:"exact decimal where the state is number"`
	Two         bool               `json:"two" doc:"holds only once a second person approved it"`
	Replaces    string             `json:"replaces,omitempty" doc:"the correction of an earlier version that it repeats"`
	Reason      string             `json:"reason"`
	Person      string             `json:"person"`
	At          time.Time          `json:"at"`
	ApprovedBy  string             `json:"approved_by,omitempty"`
	ApprovedAt  *time.Time         `json:"approved_at,omitempty"`
	WithdrawnBy string             `json:"withdrawn_by,omitempty"`
	WithdrawnAt *time.Time         `json:"withdrawn_at,omitempty"`
}

func correctionOf(c history.Correction) Correction {
	out := Correction{ID: c.Correction.Correction, Standing: CorrectionStanding(c.Standing), Agency: c.Report.Agency, Name: c.Report.AgencyName, Year: c.Year, Filing: c.Filing,
		Version: c.Report.Version, Cell: c.Key.String(), Label: form.Label(c.Key), State: string(c.State), Two: c.Two, Replaces: c.Replaces, Reason: c.Reason, Person: c.Person, At: c.At}
	out.Value = valueOf(form.Cell{State: c.State, Value: c.Value})
	if c.Read != nil {
		out.ReadState, out.ReadValue, out.ReadRaw = string(c.Read.State), valueOf(*c.Read), c.Read.Raw
	}
	if c.Approved != nil {
		out.ApprovedBy, out.ApprovedAt = c.Approved.Person, optional(c.Approved.At)
	}
	if c.Withdrawn != nil {
		out.WithdrawnBy, out.WithdrawnAt = c.Withdrawn.Person, optional(c.Withdrawn.At)
	}
	return out
}

func optionalText(t *time.Time) string {
	if t == nil {
		return ""
	}
	return timeText(*t)
}

var correctionColumns = []column[Correction]{
	{"id", text, func(c *Correction) string { return c.ID }}, {"standing", text, func(c *Correction) string { return string(c.Standing) }}, {"agency", text, func(c *Correction) string { return c.Agency }},
	{"name", text, func(c *Correction) string { return c.Name }}, {"year", integer, func(c *Correction) string { return strconv.Itoa(c.Year) }}, {"filing", text, func(c *Correction) string { return c.Filing }},
	{"version", integer, func(c *Correction) string { return strconv.Itoa(c.Version) }}, {"cell", text, func(c *Correction) string { return c.Cell }}, {"label", text, func(c *Correction) string { return c.Label }},
	{"read_state", text, func(c *Correction) string { return c.ReadState }}, {"read_value", number, func(c *Correction) string { return textOf(c.ReadValue) }},
	{"read_raw", text, func(c *Correction) string { return c.ReadRaw }}, {"state", text, func(c *Correction) string { return c.State }}, {"value", number, func(c *Correction) string { return textOf(c.Value) }},
	{"two", boolean, func(c *Correction) string { return yes(c.Two) }}, {"replaces", text, func(c *Correction) string { return c.Replaces }}, {"reason", text, func(c *Correction) string { return c.Reason }},
	{"person", text, func(c *Correction) string { return c.Person }}, {"at", instant, func(c *Correction) string { return timeText(c.At) }},
	{"approved_by", text, func(c *Correction) string { return c.ApprovedBy }}, {"approved_at", instant, func(c *Correction) string { return optionalText(c.ApprovedAt) }},
	{"withdrawn_by", text, func(c *Correction) string { return c.WithdrawnBy }}, {"withdrawn_at", instant, func(c *Correction) string { return optionalText(c.WithdrawnAt) }},
}

// Event is one thing that happened in the warehouse.
type Event struct {
	At      time.Time `json:"at" doc:"of the commit; from then on it counts"`
	Batch   string    `json:"batch"`
	Kind    EventKind `json:"kind"`
	Person  string    `json:"person"`
	Cause   string    `json:"cause" doc:"the reason given"`
	Agency  string    `json:"agency,omitempty"`
	Name    string    `json:"name,omitempty"`
	Year    int       `json:"year,omitempty"`
	Filing  string    `json:"filing,omitempty"`
	Version int       `json:"version,omitempty"`
	Subject string    `json:"subject,omitempty" doc:"the file, the cell, the finding, what was done to the entry, or how many reports have other findings"`
	Detail  string    `json:"detail,omitempty" doc:"the value put in place, the decision, the fields before and after"`
}

var eventColumns = []column[Event]{
	{"at", instant, func(e *Event) string { return timeText(e.At) }}, {"batch", text, func(e *Event) string { return e.Batch }}, {"kind", text, func(e *Event) string { return string(e.Kind) }},
	{"person", text, func(e *Event) string { return e.Person }}, {"cause", text, func(e *Event) string { return e.Cause }}, {"agency", text, func(e *Event) string { return e.Agency }},
	{"name", text, func(e *Event) string { return e.Name }}, {"year", integer, func(e *Event) string { return unlessZero(e.Year) }}, {"filing", text, func(e *Event) string { return e.Filing }},
	{"version", integer, func(e *Event) string { return unlessZero(e.Version) }}, {"subject", text, func(e *Event) string { return e.Subject }}, {"detail", text, func(e *Event) string { return e.Detail }},
}

func unlessZero(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// Diff is what differs between two filings.
type Diff struct {
	AsOf     *time.Time    `json:"as_of"`
	From     Filing        `json:"from"`
	To       Filing        `json:"to"`
	Same     int           `json:"same" doc:"cells that are the same in both"`
	Cells    []CellDiff    `json:"cells" nullable:"false"`
	Findings []FindingDiff `json:"findings" nullable:"false"`
	Parts    []PartDiff    `json:"parts" nullable:"false"`
}

// CellDiff is a cell that differs. Its table holds the cells alone.
type CellDiff struct {
	Cell         string  `json:"cell"`
	Label        string  `json:"label"`
	Change       string  `json:"change" enum:"added,removed,changed"`
	OldState     string  `json:"old_state"`
	OldValue     *string `json:"old_value"`
	OldRaw       string  `json:"old_raw"`
	NewState     string  `json:"new_state"`
	NewValue     *string `json:"new_value"`
	NewRaw       string  `json:"new_raw"`
	Difference   *string `json:"difference" doc:"new − old, where both are numbers"`
	OldCorrected bool    `json:"old_corrected"`
	NewCorrected bool    `json:"new_corrected"`
}

var cellDiffColumns = []column[CellDiff]{
	{"cell", text, func(c *CellDiff) string { return c.Cell }}, {"label", text, func(c *CellDiff) string { return c.Label }}, {"change", text, func(c *CellDiff) string { return c.Change }},
	{"old_state", text, func(c *CellDiff) string { return c.OldState }}, {"old_value", number, func(c *CellDiff) string { return textOf(c.OldValue) }}, {"old_raw", text, func(c *CellDiff) string { return c.OldRaw }},
	{"new_state", text, func(c *CellDiff) string { return c.NewState }}, {"new_value", number, func(c *CellDiff) string { return textOf(c.NewValue) }}, {"new_raw", text, func(c *CellDiff) string { return c.NewRaw }},
	{"difference", number, func(c *CellDiff) string { return textOf(c.Difference) }}, {"old_corrected", boolean, func(c *CellDiff) string { return yes(c.OldCorrected) }},
	{"new_corrected", boolean, func(c *CellDiff) string { return yes(c.NewCorrected) }},
}

// FindingDiff is a check that fails or is uncertain in one of the filings or in both.
type FindingDiff struct {
	Rule      string `json:"rule"`
	Table     string `json:"table"`
	Place     string `json:"place"`
	Change    string `json:"change" enum:"added,removed,stayed" doc:"added: it appeared; removed: it vanished"`
	OldStatus string `json:"old_status" doc:"empty if the earlier filing has no such check"`
	NewStatus string `json:"new_status"`
}

// PartDiff is a part of the running text.
type PartDiff struct {
	Part     string   `json:"part"`
	Change   string   `json:"change" enum:"added,removed,changed,stayed"`
	OldTitle string   `json:"old_title"`
	NewTitle string   `json:"new_title"`
	Repeated float64  `json:"repeated" doc:"share of the later text that stands in the earlier one, in runs of at least eight characters"`
	Passages []string `json:"passages" nullable:"false" doc:"those runs, the longest first, at most twenty"`
	Lines    []Line   `json:"lines" nullable:"false" doc:"the whole text of both; empty where it is the same"`
}

// Line is a line of one or both texts.
type Line struct {
	Change string `json:"change" enum:"added,removed,stayed"`
	Text   string `json:"text"`
}

func (d Diff) json() (any, error) { return d, nil }

func (d Diff) sheet() *sheet { return sheetOf(cellDiffColumns, len(d.Cells), through(d.Cells)) }

func diffOf(v *visit, d history.Diff) Diff {
	out := Diff{AsOf: v.moment(), Same: d.Same, Cells: []CellDiff{}, Findings: []FindingDiff{}, Parts: []PartDiff{}}
	for _, c := range d.Cells {
		one := CellDiff{Cell: c.Key.String(), Label: form.Label(c.Key), Change: string(c.Change), OldCorrected: c.OldCorrected, NewCorrected: c.NewCorrected}
		if c.Old != nil {
			one.OldState, one.OldValue, one.OldRaw = string(c.Old.State), valueOf(*c.Old), c.Old.Raw
		}
		if c.New != nil {
			one.NewState, one.NewValue, one.NewRaw = string(c.New.State), valueOf(*c.New), c.New.Raw
		}
		if one.OldValue != nil && one.NewValue != nil {
			difference := c.New.Value.Sub(c.Old.Value)
			one.Difference = decimalText(&difference)
		}
		out.Cells = append(out.Cells, one)
	}
	for _, f := range d.Findings {
		one := FindingDiff{Rule: f.Rule, Table: f.Table, Place: f.Place, Change: string(f.Change)}
		if f.Old != nil {
			one.OldStatus = string(f.Old.Status)
		}
		if f.New != nil {
			one.NewStatus = string(f.New.Status)
		}
		out.Findings = append(out.Findings, one)
	}
	for _, p := range d.Parts {
		one := PartDiff{Part: p.Code, Change: string(p.Change), Repeated: p.Repeated, Passages: nonNil(p.Passages), Lines: []Line{}}
		if p.Old != nil {
			one.OldTitle = p.Old.Title
		}
		if p.New != nil {
			one.NewTitle = p.New.Title
		}
		for _, l := range p.Lines {
			one.Lines = append(one.Lines, Line{string(l.Change), l.Text})
		}
		out.Parts = append(out.Parts, one)
	}
	return out
}

// versions are all versions of a report; none is not found.
func (v *visit) versions(agency string, year int) ([]Filing, error) {
	held, err := history.Versions(v.ctx, v.Store, v.at, agency, year)
	if err != nil {
		return nil, err
	}
	if len(held) == 0 {
		return nil, fmt.Errorf("report of %s for %d: %w", agency, year, notFound)
	}
	var list []Filing
	for _, version := range held {
		list = append(list, filingOf(version.Filing, version.Visible, version.Checks))
	}
	return list, nil
}

func (s *service) describeHistory() {
	const tag = "history"
	type diff struct {
		AsOf
		Format
		From        string `query:"from" required:"true" minLength:"26" maxLength:"26" doc:"id of a filing"`
		To          string `query:"to" required:"true" minLength:"26" maxLength:"26" doc:"id of another version of the report, or of that of another year"`
		Corrections string `query:"corrections" enum:"true,false" default:"true" doc:"compare with the corrections in force"`
	}
	read[diff, Diff](s, operation{path: "/diff", id: "diff", tag: tag, summary: "what differs between two filings", description: "The table holds the cells."}, names(cellDiffColumns),
		func(v *visit, in *diff) (answer, error) {
			d, err := history.DiffOf(v.ctx, v.Store, history.DiffRequest{From: in.From, To: in.To, AsRead: in.Corrections == "false", AsOf: v.at})
			if err != nil {
				return nil, err
			}
			out := diffOf(v, d)
			for _, side := range []struct {
				filing warehouse.Filing
				into   *Filing
			}{{d.From, &out.From}, {d.To, &out.To}} {
				versions, err := v.versions(side.filing.Agency, side.filing.Year)
				if err != nil {
					return nil, err
				}
				for _, version := range versions {
					if version.Filing == side.filing.ID {
						*side.into = version
					}
				}
			}
			return out, nil
		})
	type corrections struct {
		AsOf
		Format
		Paging
		Year     []int                `query:"year"`
		Agency   []string             `query:"agency"`
		Filing   string               `query:"filing"`
		Standing []CorrectionStanding `query:"standing" doc:"confirm_again: of a version that no longer counts"`
	}
	read[corrections, List[Correction]](s, operation{path: "/corrections", id: "list-corrections", tag: tag, summary: "corrections of cells, oldest first"}, names(correctionColumns),
		func(v *visit, in *corrections) (answer, error) {
			held, err := history.Corrections(v.ctx, v.Store, history.CorrectionsRequest{Years: in.Year, Agencies: in.Agency, Filing: in.Filing, Standings: as[history.Standing](in.Standing), AsOf: v.at})
			if err != nil {
				return nil, err
			}
			var list []Correction
			for _, c := range held {
				list = append(list, correctionOf(c))
			}
			return whole(v, list, correctionColumns)
		})
	type changes struct {
		AsOf
		Format
		Paging
		After  string      `query:"after" doc:"only what happened after this moment, up to as_of; as as_of"`
		Year   []int       `query:"year"`
		Agency []string    `query:"agency"`
		Kind   []EventKind `query:"kind"`
	}
	read[changes, List[Event]](s, operation{path: "/changes", id: "list-changes", tag: tag, summary: "everything that happened between two moments, oldest first"}, names(eventColumns),
		func(v *visit, in *changes) (answer, error) {
			after, err := afterOf(in.After)
			if err != nil {
				return nil, err
			}
			log, err := history.Log(v.ctx, v.Store, history.LogRequest{After: after, Until: v.at, Agencies: in.Agency, Years: in.Year, Kinds: as[history.Kind](in.Kind)})
			if err != nil {
				return nil, err
			}
			var list []Event
			for _, e := range log {
				list = append(list, Event{e.At, e.Batch, EventKind(e.Kind), e.Person, e.Cause, e.Agency, e.Name, e.Year, e.Filing, e.Version, e.Subject, e.Detail})
			}
			return whole(v, list, eventColumns)
		})
}
