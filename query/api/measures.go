package api

import (
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nianbao/internal/form"
	"nianbao/query/compare"
)

// MeasureCode is the code of a measure that can be compared.
type MeasureCode string

// Schema lists the values.
func (MeasureCode) Schema(huma.Registry) *huma.Schema {
	var codes []string
	for _, m := range form.Offered {
		codes = append(codes, m.Code)
	}
	return oneOf(codes)
}

// Reading is a way to read the numerator or denominator of a measure.
type Reading struct {
	Code  string `json:"code"`
	Name  string `json:"name,omitempty"`
	Words string `json:"words" doc:"in words of the form"`
}

// Measure is a figure computed from the cells of reports.
type Measure struct {
	Code         string    `json:"code"`
	Name         string    `json:"name"`
	English      string    `json:"english"`
	Kind         string    `json:"kind" doc:"count, amount, share, ratio, growth, days"`
	Unit         string    `json:"unit,omitempty"`
	Group        string    `json:"group"`
	Formula      string    `json:"formula" doc:"the numerator in words of the form"`
	Per          string    `json:"per,omitempty" doc:"the denominator"`
	Numerators   []Reading `json:"numerators" nullable:"false" doc:"codes for x, the usual one first"`
	Denominators []Reading `json:"denominators" nullable:"false" doc:"codes for den, the usual one first"`
	Cells        []string  `json:"cells" nullable:"false" doc:"of the numerator"`
	PerCells     []string  `json:"per_cells" nullable:"false" doc:"of the denominator"`
	Caveat       string    `json:"caveat,omitempty"`
	Source       string    `json:"source"`
	Revision     int       `json:"revision"`
	Offered      bool      `json:"offered" doc:"it can be compared over agencies"`
}

func readings(list []form.Reading) []Reading {
	out := []Reading{}
	for _, r := range list {
		out = append(out, Reading{r.Code, r.Name, r.Words})
	}
	return out
}

var measureColumns = []column[Measure]{
	{"code", text, func(m *Measure) string { return m.Code }}, {"name", text, func(m *Measure) string { return m.Name }}, {"english", text, func(m *Measure) string { return m.English }},
	{"kind", text, func(m *Measure) string { return m.Kind }}, {"unit", text, func(m *Measure) string { return m.Unit }}, {"group", text, func(m *Measure) string { return m.Group }},
	{"formula", text, func(m *Measure) string { return m.Formula }}, {"per", text, func(m *Measure) string { return m.Per }}, {"cells", text, func(m *Measure) string { return strings.Join(m.Cells, " ") }},
	{"per_cells", text, func(m *Measure) string { return strings.Join(m.PerCells, " ") }}, {"caveat", text, func(m *Measure) string { return m.Caveat }},
	{"source", text, func(m *Measure) string { return m.Source }}, {"revision", integer, func(m *Measure) string { return strconv.Itoa(m.Revision) }}, {"offered", boolean, func(m *Measure) string { return yes(m.Offered) }},
}

// Comparison is a measure over the agencies of a year. Its rows have further members where they apply: interval and status
// of shares, rank, flags, the year before.
type Comparison struct {
	Measure  string     `json:"measure"`
	Name     string     `json:"name"`
	Kind     string     `json:"kind_of_measure"`
	Unit     string     `json:"unit"`
	Formula  string     `json:"formula"`
	Year     int        `json:"year"`
	Span     int        `json:"span"`
	Scope    string     `json:"scope"`
	AsOf     *time.Time `json:"as_of"`
	Known    int        `json:"known" doc:"agencies of the list"`
	Received int        `json:"received" doc:"reports for the year"`
	Counted  int        `json:"counted" doc:"agencies in the total"`
	Ranked   int        `json:"ranked"`
	LeftOut  []LeftOut  `json:"left_out" nullable:"false"`
	// NeverFiled stand in no list of the warehouse.
	NeverFiled []Absent            `json:"never_filed" nullable:"false" doc:"bodies that have to file for the year by the register, of which no report of any year is held"`
	Peers      *PeerGroup          `json:"peers,omitempty"`
	Cells      map[string][]string `json:"cells" doc:"of the numerator, by version of the form"`
	PerCells   map[string][]string `json:"per_cells" doc:"of the denominator"`
	Evidence   map[string][]Rests  `json:"evidence,omitempty" doc:"by agency: the reports and cells that its figure rests on"`
	Rows       []ComparisonRow     `json:"rows" nullable:"false"`
	_          struct{}            `additionalProperties:"true"`
}

// LeftOut counts the agencies that are not in the total for one reason.
type LeftOut struct {
	State    string `json:"state"`
	Agencies int    `json:"agencies"`
}

// ComparisonRow is one agency.
type ComparisonRow struct {
	Agency string   `json:"agency"`
	Name   string   `json:"name"`
	Kind   Kind     `json:"kind"`
	Filing *string  `json:"filing" doc:"null if no report was received"`
	State  string   `json:"state" doc:"value, zero, or why there is no figure"`
	Value  *float64 `json:"value" doc:"null where there is none; of a share x/n where n is at least 10"`
	_      struct{} `additionalProperties:"true"`
}

// comparison writes what package compare answers.
type comparison struct {
	compare.Result
	more map[string]any
}

func (c comparison) json() (any, error) { return withMembers(c.AppendJSON(nil), c.more) }

func (c comparison) sheet() *sheet {
	return sheetOf(comparisonColumns(&c.Result), len(c.Rows), through(c.Rows))
}

// comparisonColumns are the columns of a comparison; how sums are written depends on the measure.
func comparisonColumns(r *compare.Result) []column[compare.Row] {
	scale, divides, growth := r.Measure.Scale(), len(r.Measure.Denominator) > 0, r.Measure.Kind == form.GrowthOf
	figure := func(f compare.Figure) string {
		if !f.Known() {
			return ""
		}
		return compare.Decimal(f.Sum, scale)
	}
	float := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	shown := func(row *compare.Row) bool { _, ok := row.Share(); return ok }
	last := func(f compare.Figure) string {
		if growth || r.Request.Span > 1 {
			return ""
		}
		return figure(f)
	}
	sums, values := integer, real
	if scale > 0 {
		sums = number
	}
	if !divides {
		values = sums
	}
	return []column[compare.Row]{
		{"agency", text, func(row *compare.Row) string { return row.Agency }}, {"name", text, func(row *compare.Row) string { return row.Name }},
		{"kind", text, func(row *compare.Row) string { return string(row.Kind) }}, {"filing", text, func(row *compare.Row) string { return row.Filing }},
		{"state", text, func(row *compare.Row) string { return string(row.State) }},
		{"value", values, func(row *compare.Row) string {
			share, ok := row.Share()
			switch {
			case !divides:
				return figure(row.X)
			case ok:
				return float(share)
			}
			return ""
		}},
		{"x", sums, func(row *compare.Row) string { return figure(row.X) }}, {"n", sums, func(row *compare.Row) string { return figure(row.N) }},
		{"lower", real, func(row *compare.Row) string {
			if growth || !shown(row) {
				return ""
			}
			return float(row.Interval.Lower)
		}},
		{"upper", real, func(row *compare.Row) string {
			if growth || !shown(row) {
				return ""
			}
			return float(row.Interval.Upper)
		}},
		{"status", text, func(row *compare.Row) string { return string(row.Judgement.Status) }}, {"rank", integer, func(row *compare.Row) string { return unlessZero(row.Rank) }},
		{"best", integer, func(row *compare.Row) string { return unlessZero(row.Range.Best) }}, {"worst", integer, func(row *compare.Row) string { return unlessZero(row.Range.Worst) }},
		{"blank_as_zero", boolean, func(row *compare.Row) string { return yes(row.BlankAsZero()) }}, {"corrected", boolean, func(row *compare.Row) string { return yes(row.Corrected()) }},
		{"flawed", boolean, func(row *compare.Row) string { return yes(row.Flawed) }}, {"synthetic", boolean, func(row *compare.Row) string { return yes(row.Synthetic) }},
		{"years", text, func(row *compare.Row) string { return numbers(row.Years) }},
		{"last_x", sums, func(row *compare.Row) string { return last(row.LastX) }}, {"last_n", sums, func(row *compare.Row) string { return last(row.LastN) }},
	}
}

func (s *service) describeMeasures() {
	const tag = "measures"
	type measures struct {
		AsOf
		Format
		Paging
	}
	read[measures, List[Measure]](s, operation{path: "/measures", id: "list-measures", tag: tag, summary: "everything that is computed, with its formula and caveats"}, names(measureColumns),
		func(v *visit, _ *measures) (answer, error) {
			var list []Measure
			for _, m := range form.Measures {
				list = append(list, Measure{Code: m.Code, Name: m.Name, English: m.En, Kind: string(m.Kind), Unit: m.Unit, Group: m.Group, Formula: m.Formula, Per: m.Per,
					Numerators: readings(m.Numerators), Denominators: readings(m.Denominators), Cells: form.Paths(m.Numerator), PerCells: form.Paths(m.Denominator), Caveat: m.Caveat,
					Source: m.Source, Revision: m.Revision, Offered: m.Offered()})
			}
			return whole(v, list, measureColumns)
		})
	type over struct {
		OfMeasure
		Span     string `query:"span" enum:"1,3" default:"1" doc:"3: shares of the sums of three years"`
		Sort     string `query:"sort" enum:"value,name,n" default:"value"`
		Evidence string `query:"evidence" enum:"true,false" default:"false" doc:"name the reports and cells that each figure rests on"`
	}
	read[over, Comparison](s, operation{path: "/compare", id: "compare", tag: tag, summary: "one measure over all agencies of a year", description: "Always the whole list: agencies without a figure stand at its end with the reason."},
		names(comparisonColumns(&compare.Result{})), func(v *visit, in *over) (answer, error) {
			span, err := strconv.Atoi(in.Span)
			if err != nil {
				return nil, err
			}
			m, _ := form.LookupMeasure(string(in.Measure))
			if _, ok := m.Reading(in.X, in.Den); !ok || span > 1 && !m.Share() {
				return nil, noReading(m, in.X, in.Den, span)
			}
			c, err := v.compares(in.Comparing)
			if err != nil {
				return nil, err
			}
			request := c.request()
			request.Measure, request.Numerator, request.Denominator, request.Span, request.Sort = m.Code, in.X, in.Den, span, compare.Sort(in.Sort)
			r, err := c.roster.Run(v.ctx, v.Store.Conn(), request)
			if err != nil {
				return nil, err
			}
			read := readMeasure(r.Measure)
			more := map[string]any{"never_filed": absent(c.group.Silent), "cells": read.Cells, "per_cells": read.PerCells}
			if g := c.peers(); g != nil {
				more["peers"] = g
			}
			if in.Evidence == "true" {
				behind := map[string][]Rests{}
				for i := range r.Rows {
					row := &r.Rows[i]
					years := row.Years
					if len(years) == 0 {
						years = []int{in.Year}
					}
					if list := c.roster.Behind(r.Measure, row.Agency, years...); len(list) > 0 {
						behind[row.Agency] = rests(list)
					}
				}
				more["evidence"] = behind
			}
			return comparison{r, more}, nil
		})
}

// noReading says which reading of a measure there is not, and which there are.
func noReading(m form.Measure, x, den string, span int) error {
	codes := func(list []form.Reading) string {
		if len(list) == 0 {
			return "this measure has none to choose from"
		}
		var out []string
		for _, r := range list {
			out = append(out, r.Code)
		}
		return "want one of: " + strings.Join(out, ", ")
	}
	if _, ok := m.Reading(x, ""); !ok {
		return wrongValue("x", x, codes(m.Numerators))
	}
	if _, ok := m.Reading("", den); !ok {
		return wrongValue("den", den, codes(m.Denominators))
	}
	return wrongValue("span", strconv.Itoa(span), "want 1: only shares are pooled over years")
}
