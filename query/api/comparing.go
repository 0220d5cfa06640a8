package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nianbao/internal/form"
	"nianbao/query/compare"
	"nianbao/query/stats"
)

// PeerBasis says by what agencies are peers.
type PeerBasis string

// Schema lists the values.
func (PeerBasis) Schema(huma.Registry) *huma.Schema { return oneOf(compare.PeerBases) }

// Comparing are the parameters of everything that puts agencies side by side.
type Comparing struct {
	AsOf
	Format
	Year        int       `query:"year" required:"true" minimum:"2008" maximum:"2100" doc:"the reporting year"`
	Agency      []string  `query:"agency" doc:"only these"`
	Kind        Kind      `query:"kind"`
	Scope       string    `query:"scope" enum:"own,aggregate" default:"own" doc:"reports of single bodies, or those that sum up a district; never both"`
	Excl        string    `query:"excl" enum:"critical,none" default:"critical" doc:"critical: leave out reports with an open finding that forbids comparison"`
	Corrections string    `query:"corrections" enum:"true,false" default:"true" doc:"count with the corrections in force; false: as read"`
	Peers       PeerBasis `query:"peers" doc:"compare among peers only: of the same kind, parent, region or size band as the agency in of, the nearest in applications received, or a set"`
	Of          string    `query:"of" doc:"agency whose peers are wanted"`
	Nearest     int       `query:"nearest" minimum:"1" maximum:"1000" default:"10" doc:"with peers=nearest: how many besides the agency itself"`
	Members     []string  `query:"members" doc:"with peers=set: agencies of the set; without them the saved one of this name"`
	Set         string    `query:"set" maxLength:"100" doc:"with peers=set: its name; without members that of a saved set, see /sets"`
}

func (c Comparing) selection(v *visit) compare.Selection {
	return compare.Selection{Year: c.Year, Agencies: c.Agency, Kind: compare.Kind(c.Kind), Scope: form.Scope(c.Scope), AsOf: v.at, AsRead: c.Corrections == "false", Flawed: c.Excl == "none"}
}

// PeerGroup is the group of agencies that are compared.
type PeerGroup struct {
	By       PeerBasis  `json:"by"`
	Of       string     `json:"of,omitempty"`
	Set      string     `json:"set,omitempty"`
	SavedAt  *time.Time `json:"saved_at,omitempty" doc:"when the saved set was given these members; not there where the request lists them"`
	Kind     string     `json:"kind,omitempty" doc:"that they have in common"`
	Parent   string     `json:"parent,omitempty" doc:"that they have in common"`
	Region   string     `json:"region,omitempty" doc:"that they have in common"`
	Received *int64     `json:"received,omitempty" doc:"applications that the agency received in the year"`
	Band     []int64    `json:"band,omitempty" doc:"least and most of the size band; without an end the least alone"`
	Members  []string   `json:"members" nullable:"false" doc:"agencies with reports; the agency itself is among them"`
	Unplaced []Absent   `json:"unplaced" nullable:"false" doc:"agencies of which it is not known whether they are peers, since what they received is not"`
}

// Absent is an agency that is missing, and why.
type Absent struct {
	Agency string `json:"agency"`
	Name   string `json:"name"`
	Kind   Kind   `json:"kind"`
	State  string `json:"state"`
}

func absent(list []compare.Absent) []Absent {
	out := []Absent{}
	for _, a := range list {
		out = append(out, Absent{a.Agency, a.Name, Kind(a.Kind), string(a.State)})
	}
	return out
}

// ReadMeasure is a measure in the reading asked for, with the cells that it is summed from.
type ReadMeasure struct {
	Measure  string              `json:"measure"`
	Name     string              `json:"name"`
	Kind     string              `json:"kind_of_measure"`
	Unit     string              `json:"unit,omitempty"`
	Formula  string              `json:"formula"`
	Per      string              `json:"denominator,omitempty"`
	Cells    map[string][]string `json:"cells" doc:"of the numerator, by version of the form"`
	PerCells map[string][]string `json:"per_cells" doc:"of the denominator"`
}

func readMeasure(m form.Measure) ReadMeasure {
	out := ReadMeasure{Measure: m.Code, Name: m.Name, Kind: string(m.Kind), Unit: m.Unit, Formula: m.Formula, Per: m.Per, Cells: map[string][]string{}, PerCells: map[string][]string{}}
	for _, f := range form.Forms {
		if x := form.InForm(m.Numerator, f.Version); len(x) > 0 {
			out.Cells[string(f.Version)] = form.Paths(x)
		}
		if n := form.InForm(m.Denominator, f.Version); len(n) > 0 {
			out.PerCells[string(f.Version)] = form.Paths(n)
		}
	}
	return out
}

// Basis says what an answer about many agencies is of.
type Basis struct {
	AsOf        *time.Time    `json:"as_of"`
	Year        int           `json:"year"`
	From        int           `json:"from" doc:"first year"`
	Scope       string        `json:"scope"`
	Excl        string        `json:"excl"`
	Corrections bool          `json:"corrections"`
	Known       int           `json:"known" doc:"agencies of the list: with a report of any year"`
	Received    int           `json:"received" doc:"of those, with a report for the year"`
	OtherScope  int           `json:"other_scope" doc:"agencies that stand in the other list, since their reports sum up others or do not"`
	NeverFiled  []Absent      `json:"never_filed" nullable:"false" doc:"bodies that have to file for the year by the register, of which no report of any year is held; they stand in no list"`
	Peers       *PeerGroup    `json:"peers,omitempty"`
	Measures    []ReadMeasure `json:"measures" nullable:"false"`
}

// Exact is a number written exactly.
type Exact string

// Schema says that it is a number.
func (Exact) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Description: "exact decimal", Nullable: true}
}

// MarshalJSON writes it as it is.
func (e Exact) MarshalJSON() ([]byte, error) { return []byte(e), nil }

func exactly(f compare.Figure, m form.Measure) *Exact {
	if !f.Known() {
		return nil
	}
	e := Exact(compare.Decimal(f.Sum, m.Scale()))
	return &e
}

func exactText(e *Exact) string {
	if e == nil {
		return ""
	}
	return string(*e)
}

// Rests is a report that a value rests on.
type Rests struct {
	Year      int      `json:"year"`
	Filing    string   `json:"filing"`
	Cells     []string `json:"cells" nullable:"false" doc:"of the numerator"`
	PerCells  []string `json:"per_cells" nullable:"false" doc:"of the denominator"`
	Corrected []string `json:"corrected" nullable:"false" doc:"those of them with a correction in force"`
}

func rests(list []compare.Behind) []Rests {
	out := []Rests{}
	for _, b := range list {
		out = append(out, Rests{b.Year, b.Filing, form.Paths(b.X), form.Paths(b.N), form.Paths(b.Corrected)})
	}
	return out
}

// Figure is a measure of one agency in one year.
type Figure struct {
	State   string   `json:"state" doc:"value, zero, too_small (counts only), or why there is no figure"`
	Value   *Exact   `json:"value" doc:"of a count the number, of a share x/n where n is at least 10, of growth (x−n)/n; else null"`
	X       *Exact   `json:"x" doc:"numerator"`
	N       *Exact   `json:"n,omitempty" doc:"denominator; counts have none"`
	Class   string   `json:"class,omitempty" doc:"what n allows: no_denominator, too_small, unranked, ranked"`
	Percent string   `json:"percent,omitempty"`
	Lower   *float64 `json:"lower,omitempty" doc:"95 % interval of Wilson, shares from n = 10"`
	Upper   *float64 `json:"upper,omitempty"`
	Flags   []string `json:"flags" nullable:"false" doc:"blank_as_zero: a blank cell counted as 0 since an identity says so; corrected: a person's correction is among the cells"`
	Raw     string   `json:"raw,omitempty" doc:"text of the cell that stands in the way"`
}

func figureOf(m form.Measure, j compare.Judged) Figure {
	out := Figure{State: string(j.State), X: exactly(j.X, m), Class: string(j.Class), Percent: j.Percent(), Flags: []string{}, Raw: j.X.Raw}
	if out.Raw == "" {
		out.Raw = j.N.Raw
	}
	switch {
	case len(m.Denominator) == 0:
		if j.Counted() {
			out.Value = out.X
		}
	default:
		out.N = exactly(j.N, m)
		if j.Shown() {
			top := j.X.Sum
			if m.Kind == form.GrowthOf {
				top -= j.N.Sum
			}
			share := Exact(strconv.FormatFloat(float64(top)/float64(j.N.Sum), 'f', -1, 64))
			out.Value = &share
		}
	}
	if j.Shown() && m.Share() {
		if i, reason := stats.Wilson(j.X.Sum, j.N.Sum, stats.Level95); reason == stats.None {
			out.Lower, out.Upper = &i.Lower, &i.Upper
		}
	}
	if j.X.BlankAsZero || j.N.BlankAsZero {
		out.Flags = append(out.Flags, "blank_as_zero")
	}
	if j.X.Corrected || j.N.Corrected {
		out.Flags = append(out.Flags, "corrected")
	}
	return out
}

func floatText(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'f', -1, 64)
}

// figureColumns are the columns of a figure in a table. Values are texts of numbers in CSV and decimals in Parquet.
func figureColumns[T any](of func(*T) *Figure) []column[T] {
	return []column[T]{
		{"state", text, func(t *T) string { return of(t).State }}, {"value", real, func(t *T) string { return exactText(of(t).Value) }},
		{"x", number, func(t *T) string { return exactText(of(t).X) }}, {"n", number, func(t *T) string { return exactText(of(t).N) }},
		{"class", text, func(t *T) string { return of(t).Class }}, {"lower", real, func(t *T) string { return floatText(of(t).Lower) }},
		{"upper", real, func(t *T) string { return floatText(of(t).Upper) }}, {"flags", text, func(t *T) string { return strings.Join(of(t).Flags, " ") }},
		{"raw", text, func(t *T) string { return of(t).Raw }},
	}
}

// Body is the agency that a line is of.
type Body struct {
	Agency    string  `json:"agency"`
	Name      string  `json:"name"`
	Kind      Kind    `json:"kind"`
	Filing    *string `json:"filing" doc:"the report of the year, null if none was received"`
	Synthetic bool    `json:"synthetic,omitempty" doc:"the report declares itself made up"`
	Flawed    bool    `json:"flawed,omitempty" doc:"an open finding forbids comparison"`
}

func filingOrNil(id string) *string {
	if id == "" {
		return nil
	}
	return &id
}

func bodyOf(l *compare.Line) Body {
	last := l.Last()
	return Body{l.Agency, l.Name, Kind(l.Kind), filingOrNil(last.Filing), last.Synthetic, last.Flawed}
}

func bodyOfRow(r *compare.Row) Body {
	return Body{r.Agency, r.Name, Kind(r.Kind), filingOrNil(r.Filing), r.Synthetic, r.Flawed}
}

func bodyColumns[T any](of func(*T) *Body) []column[T] {
	return []column[T]{
		{"agency", text, func(t *T) string { return of(t).Agency }}, {"name", text, func(t *T) string { return of(t).Name }}, {"kind", text, func(t *T) string { return string(of(t).Kind) }},
		{"filing", text, func(t *T) string { return textOf(of(t).Filing) }}, {"synthetic", boolean, func(t *T) string { return yes(of(t).Synthetic) }},
		{"flawed", boolean, func(t *T) string { return yes(of(t).Flawed) }},
	}
}

// Sum is a total over agencies.
type Sum struct {
	Agencies int    `json:"agencies" doc:"how many were added up"`
	Of       int    `json:"of" doc:"of how many"`
	X        *Exact `json:"x" doc:"null where nothing was added up"`
	N        *Exact `json:"n,omitempty"`
	Percent  string `json:"percent,omitempty"`
}

func sumOf(m form.Measure, t compare.Totals, of int) Sum {
	out := Sum{Agencies: t.Agencies, Of: of}
	if t.Agencies > 0 {
		x := Exact(compare.Decimal(t.X, m.Scale()))
		out.X = &x
		if len(m.Denominator) > 0 {
			n := Exact(compare.Decimal(t.N, m.Scale()))
			out.N, out.Percent = &n, t.Percent()
		}
	}
	return out
}

// Rosters and registers of past moments never change, so some are kept.
const (
	mostRosters = 24
	mostBodies  = 8
)

type yearAt struct {
	year int
	at   time.Time
}

// roster is the roster of a year at the moment of the visit. One of those who want it at the same time reads it.
func (v *visit) roster(year int) (*compare.Roster, error) {
	return once(v, v.rosters, mostRosters, yearAt{year, v.at}, func(ctx context.Context) (*compare.Roster, error) {
		return compare.ReadRoster(ctx, v.Store.Conn(), year, v.at)
	})
}

// bodies is what is known of agencies besides their reports.
func (v *visit) bodies() (compare.Bodies, error) {
	return once(v, v.registers, mostBodies, v.at, func(ctx context.Context) (compare.Bodies, error) {
		reg, err := v.Store.Register(ctx, v.at)
		if err != nil {
			return compare.Bodies{}, err
		}
		held, err := v.Store.Agencies(ctx, v.at)
		if err != nil {
			return compare.Bodies{}, err
		}
		b := compare.Bodies{Register: reg, Regions: map[string]string{}}
		for _, a := range held {
			b.Regions[a.ID] = a.Region
		}
		return b, nil
	})
}

// once returns what is kept of a key, or reads it: one of those who ask at the same time reads, and does not end with the
// reader who began. When so many are kept, all are let go. Of an empty warehouse nothing is kept.
func once[K comparable, V any](v *visit, kept map[K]V, most int, key K, read func(context.Context) (V, error)) (V, error) {
	v.mu.Lock()
	known, ok := kept[key]
	v.mu.Unlock()
	if ok {
		return known, nil
	}
	got, err, _ := v.reading.Do(fmt.Sprintf("%T %v", key, key), func() (any, error) {
		ctx, done := v.Limits.Within(context.WithoutCancel(v.ctx), v.tabular())
		defer done()
		return read(ctx)
	})
	if err != nil {
		return known, err
	}
	if known = got.(V); v.at.IsZero() {
		return known, nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(kept) >= most {
		clear(kept)
	}
	kept[key] = known
	return known, nil
}

// comparing is a comparison that is being answered.
type comparing struct {
	*visit
	in      Comparing
	roster  *compare.Roster
	s       compare.Selection
	group   compare.Group
	savedAt *time.Time // of the set, where a saved one is compared
}

// compares reads what every comparison needs, and puts the peers in place of the agencies.
func (v *visit) compares(in Comparing) (comparing, error) {
	c := comparing{visit: v, in: in, s: in.selection(v)}
	p := compare.Peers{By: compare.PeerBasis(in.Peers), Of: in.Of, Count: in.Nearest, Name: in.Set, Members: in.Members}
	if p.By == "" {
		p.By = compare.AllPeers
	}
	switch needs := p.By != compare.AllPeers && p.By != compare.SetPeers; {
	case needs && p.Of == "":
		return c, wrongValue("of", "", "want the agency whose peers are wanted")
	case !needs && p.Of != "":
		return c, wrongValue("of", p.Of, "only with peers=kind, parent, region, size or nearest")
	case p.By == compare.SetPeers && len(p.Members) == 0 && p.Name == "":
		return c, wrongValue("members", "", "want the agencies of the set, separated by commas, or the name of a saved one in set")
	case p.By != compare.SetPeers && (len(p.Members) > 0 || p.Name != ""):
		return c, wrongValue("members", strings.Join(p.Members, ","), "only with peers=set")
	}
	var err error
	if c.roster, err = v.roster(in.Year); err != nil {
		return c, err
	}
	bodies, err := v.bodies()
	if err != nil {
		return c, err
	}
	if p.By == compare.SetPeers && len(p.Members) == 0 {
		saved, err := v.savedSet(p.Name)
		if err != nil {
			return c, err
		}
		c.savedAt, p.Members = &saved.At, saved.Members
	}
	p.Members = slices.Clone(p.Members)
	for i, code := range p.Members { // a provisional code may have become that of an agency since
		p.Members[i] = bodies.Register.Resolve(code)
	}
	for _, list := range []struct {
		name  string
		codes []string
	}{{"agency", in.Agency}, {"members", in.Members}} {
		for _, code := range list.codes {
			if _, held := bodies.Regions[code]; !held {
				if _, registered := bodies.Register.Agency(code); !registered {
					return c, wrongValue(list.name, code, "no such agency, then; see /agencies")
				}
			}
		}
	}
	c.group, err = c.roster.GroupOf(v.ctx, v.Store.Conn(), bodies, c.s, p)
	if errors.Is(err, compare.ErrNoAgency) {
		return c, wrongValue("of", in.Of, "this agency is not in the list of "+in.Scope+" reports; see /agencies")
	}
	if errors.Is(err, compare.ErrNoPeers) {
		return c, wrongValue("of", in.Of, err.Error())
	}
	if err != nil {
		return c, err
	}
	if p.By != compare.AllPeers {
		members := c.group.Members
		if len(c.s.Agencies) > 0 {
			members = slices.DeleteFunc(slices.Clone(members), func(id string) bool { return !slices.Contains(c.s.Agencies, id) })
		}
		if len(members) == 0 {
			members = []string{"-"} // no agency has this code: a list of nobody, not of all
		}
		c.s.Agencies = members
	} else if len(c.s.Agencies) > 0 {
		c.group.Silent = slices.DeleteFunc(c.group.Silent, func(a compare.Absent) bool { return !slices.Contains(c.s.Agencies, a.Agency) })
	}
	return c, nil
}

// request is the comparison of one measure.
func (c *comparing) request() compare.Request {
	return compare.Request{Year: c.s.Year, Agencies: c.s.Agencies, Kind: c.s.Kind, Scope: c.s.Scope, AsOf: c.s.AsOf, AsRead: c.s.AsRead, Flawed: c.s.Flawed}
}

func (c *comparing) peers() *PeerGroup {
	if c.in.Peers == "" {
		return nil
	}
	g := c.group
	out := &PeerGroup{By: PeerBasis(g.Peers.By), Of: g.Peers.Of, Set: g.Peers.Name, SavedAt: c.savedAt, Kind: string(g.Kind), Parent: g.Parent, Region: g.Region, Members: nonNil(g.Members), Unplaced: absent(g.Unplaced)}
	if g.Volume.Known() {
		out.Received = &g.Volume.Sum
	}
	if g.Peers.By == compare.SizePeers {
		if out.Band = []int64{g.Band.Least}; g.Band.Most >= 0 {
			out.Band = append(out.Band, g.Band.Most)
		}
	}
	return out
}

func (c *comparing) basis(from, known, received, other int, measures ...form.Measure) Basis {
	b := Basis{AsOf: c.moment(), Year: c.in.Year, From: from, Scope: c.in.Scope, Excl: c.in.Excl, Corrections: c.in.Corrections != "false", Known: known, Received: received, OtherScope: other,
		NeverFiled: absent(c.group.Silent), Peers: c.peers(), Measures: []ReadMeasure{}}
	for _, m := range measures {
		b.Measures = append(b.Measures, readMeasure(m))
	}
	return b
}

// basisOf says what a table of agencies is of.
func (c *comparing) basisOf(t *compare.Table, measures ...form.Measure) Basis {
	received := 0
	for i := range t.Lines {
		if t.Lines[i].Last().Filing != "" {
			received++
		}
	}
	return c.basis(t.Selection.Year-t.Selection.Years+1, len(t.Lines), received, t.OtherScope, measures...)
}

// asked reads the measure of a request with its readings; reading refuses readings that it does not have.
func reading(code MeasureCode, x, den string) (compare.Asked, error) {
	m, _ := form.LookupMeasure(string(code))
	if _, ok := m.Reading(x, den); !ok {
		return compare.Asked{}, noReading(m, x, den, 1)
	}
	return compare.Asked{Measure: string(code), Numerator: x, Denominator: den}, nil
}

// listed is an answer whose table is one list of it.
type listed[T any] struct {
	of      any
	rows    []T
	columns []column[T]
}

func (l listed[T]) json() (any, error) { return l.of, nil }
func (l listed[T]) sheet() *sheet      { return sheetOf(l.columns, len(l.rows), through(l.rows)) }

// withMembers puts members before those of a JSON object.
func withMembers(object []byte, members map[string]any) (json.RawMessage, error) {
	head, err := json.Marshal(members)
	if err != nil || len(members) == 0 {
		return object, err
	}
	return slices.Concat(head[:len(head)-1], []byte(","), object[1:]), nil
}
