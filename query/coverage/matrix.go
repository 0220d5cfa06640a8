package coverage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
)

// State says how the report of an agency for a year stands: one of [register.States], or, for an agency of which the
// register says nothing, one of the two below. Who is in no register cannot be overdue.
type State = register.State

// The states of agencies that the register does not have, or has only under a provisional entry that nobody confirmed.
const (
	Received    State = "received"     // a report is held
	NotReceived State = "not_received" // none is held for the year, one is for another
)

// States are all states in the order in which pages list them.
var States = append(slices.Clone(register.States), Received, NotReceived)

// Request asks who had to file and who did.
type Request struct {
	Years    []int           // empty means every year with a report, as far as there are any
	Agencies []string        // codes; empty means all
	Kinds    []register.Kind // empty means all
	States   []State         // only lines that have one of these states in one of the years; empty means all
	AsOf     time.Time       // the state of the warehouse; zero means now
	// Now is the moment at which days overdue are counted; whoever asks about the past gives that moment.
	Now time.Time
}

// Cell is one agency in one year.
type Cell struct {
	Year  int
	State State
	Due   time.Time // last day on which the report is on time; zero where the agency has no duty, or none is known
	Days  int       // days after the due day, where State is late or not_filed
	Why   string    // why the agency has no duty, or has one in spite of the rule; Chinese, "" if by rule

	// What follows is of the report that counts; Filing is "" where none is held.

	Filing    string
	Version   int
	Published time.Time // as the page prints it, zero not known
	Received  time.Time // when this version was loaded
	Zero      bool      // it says that no application was received in the year
	Synthetic bool
	Critical  bool // a check of it fails that forbids comparison, whatever was decided about it
	Checks    warehouse.Assessed
}

// Line is one agency over the years.
type Line struct {
	Agency, Name string // the name of the last year
	Kind         register.Kind
	Region       string
	Parent       string // code of the body above it
	Page         string // where it publishes its reports
	Scope        form.Scope
	Registered   bool   // the register has it, under an entry that is not provisional
	Cells        []Cell // one for each year
}

// Foot counts the agencies of one year.
type Foot struct {
	Year int
	// Obliged are the agencies that have to file, Filed those of them with a report. The rest are NotFiled or NotDue.
	Obliged, Filed, OnTime, Late, DateUnknown, NotFiled, NotDue int
	NotObliged, Voluntary                                       int // without a duty, and those of them that filed
	Received, NotReceived                                       int // not in the register
	Zero                                                        int // reports without an application, of all
	Critical                                                    int // reports with a failing check that forbids comparison
	Synthetic                                                   int
}

// Reports is the number of reports held for the year.
func (f Foot) Reports() int { return f.Filed + f.Voluntary + f.Received }

// Matrix is who had to file and who did.
type Matrix struct {
	Years []int
	Lines []Line // agencies of the register first, then the others, each by name
	Feet  []Foot // one for each year, over all lines that were asked for, whatever their states
	// Entries is how many agencies the register has, provisional entries left out. 0: there is no register yet.
	Entries int
}

// MatrixOf reads who had to file and who did, as of the moment of the request.
func MatrixOf(ctx context.Context, store *warehouse.Store, r Request) (Matrix, error) {
	var m Matrix
	wrap := func(err error) (Matrix, error) { return Matrix{}, fmt.Errorf("read who had to file: %w", err) }
	reg, err := store.Register(ctx, r.AsOf)
	if err != nil {
		return wrap(err)
	}
	m.Years = slices.Compact(slices.Sorted(slices.Values(r.Years)))
	if len(m.Years) == 0 {
		years, err := store.Years(ctx, r.AsOf)
		if err != nil {
			return wrap(err)
		}
		for _, y := range years {
			m.Years = append(m.Years, y.Year)
		}
	}
	agencies, err := store.Agencies(ctx, r.AsOf)
	if err != nil {
		return wrap(err)
	}
	var filings []warehouse.Filing
	var checks map[string]warehouse.Assessed
	zero := map[string]bool{}
	if len(m.Years) > 0 {
		if filings, err = store.Filings(ctx, r.AsOf, warehouse.Filter{Years: m.Years}); err != nil {
			return wrap(err)
		}
		if checks, err = store.Assessments(ctx, r.AsOf, m.Years...); err != nil {
			return wrap(err)
		}
		if zero, err = zeros(ctx, store, r.AsOf, m.Years); err != nil {
			return wrap(err)
		}
	}
	held := map[warehouse.AgencyYear]warehouse.Filing{}
	for _, f := range filings {
		held[warehouse.AgencyYear{Agency: f.Agency, Year: f.Year}] = f
	}

	var others []Line
	last := 0
	if len(m.Years) > 0 {
		last = m.Years[len(m.Years)-1]
	}
	for _, a := range reg.Agencies() {
		if register.Provisional(a.Code) {
			continue
		}
		m.Entries++
		m.Lines = append(m.Lines, Line{Agency: a.Code, Name: a.NameIn(last), Kind: a.Kind, Region: a.Region, Parent: a.Parent, Page: a.Page,
			Scope: a.ScopeOf(form.ScopeUnknown), Registered: true})
	}
	for _, a := range agencies {
		if _, known := reg.Agency(a.ID); known && !register.Provisional(a.ID) {
			continue
		}
		others = append(others, Line{Agency: a.ID, Name: a.Name, Kind: compare.KindOf(a.Name), Region: a.Region, Scope: compare.ScopeOf(a.Name, form.ScopeUnknown)})
	}
	compare.SortByName(m.Lines, func(l *Line) string { return l.Name })
	compare.SortByName(others, func(l *Line) string { return l.Name })

	m.Feet = make([]Foot, len(m.Years))
	for i, year := range m.Years {
		m.Feet[i].Year = year
	}
	lines := append(m.Lines, others...)
	m.Lines = nil
	for _, l := range lines {
		if len(r.Agencies) > 0 && !slices.Contains(r.Agencies, l.Agency) || len(r.Kinds) > 0 && !slices.Contains(r.Kinds, l.Kind) {
			continue
		}
		wanted := len(r.States) == 0
		for i, year := range m.Years {
			f, isHeld := held[warehouse.AgencyYear{Agency: l.Agency, Year: year}]
			c := cellOf(reg, l, year, f, isHeld, r.Now)
			c.Zero, c.Checks = zero[c.Filing], checks[c.Filing]
			c.Critical = slices.ContainsFunc(c.Checks.Failed, forbids)
			m.Feet[i].add(c)
			l.Cells = append(l.Cells, c)
			wanted = wanted || slices.Contains(r.States, c.State)
			if isHeld && f.Scope != form.ScopeUnknown {
				l.Scope = f.Scope
			}
		}
		if wanted {
			m.Lines = append(m.Lines, l)
		}
	}
	return m, nil
}

// cellOf judges one agency in one year.
func cellOf(reg *register.Register, l Line, year int, f warehouse.Filing, held bool, now time.Time) Cell {
	c := Cell{Year: year}
	if held {
		c.Filing, c.Version, c.Published, c.Received, c.Synthetic = f.ID, f.Version, f.Published, f.ReceivedAt, f.Synthetic
	}
	switch {
	case l.Registered:
		s := reg.Standing(l.Agency, year, register.Filed{Held: held, Published: f.Published, Received: f.ReceivedAt}, now)
		c.State, c.Due, c.Days = s.State, s.Due, s.Days
		_, c.Why = reg.Obliged(l.Agency, year)
	case held:
		c.State = Received
	default:
		c.State = NotReceived
	}
	return c
}

// forbids tells whether a rule that fails keeps the figures out of comparisons.
func forbids(rule string) bool {
	c, ok := form.LookupCheck(rule)
	return ok && c.Severity == form.Critical
}

func (f *Foot) add(c Cell) {
	count := func(n *int, is bool) {
		if is {
			*n++
		}
	}
	switch c.State {
	case Received:
		f.Received++
	case NotReceived:
		f.NotReceived++
	case register.NotObliged:
		f.NotObliged++
		count(&f.Voluntary, c.Filing != "")
	default:
		f.Obliged++
		count(&f.Filed, c.Filing != "")
		count(&f.OnTime, c.State == register.OnTime)
		count(&f.Late, c.State == register.Late)
		count(&f.DateUnknown, c.State == register.DateUnknown)
		count(&f.NotFiled, c.State == register.NotFiled)
		count(&f.NotDue, c.State == register.NotDue)
	}
	count(&f.Zero, c.Zero)
	count(&f.Critical, c.Critical)
	count(&f.Synthetic, c.Synthetic)
}

// zeros are the filings that say that no application was received: the printed total is 0, or blank where an identity
// settles the blank as 0, or was corrected to 0.
func zeros(ctx context.Context, store *warehouse.Store, asOf time.Time, years []int) (map[string]bool, error) {
	corrected, args := warehouse.CorrectedCells(asOf)
	const received = `tbl = {tbl:String} AND row = {row:String} AND col = {col:String}`
	list := make([]uint16, len(years))
	for i, y := range years {
		list[i] = uint16(y)
	}
	args = append(args, clickhouse.Named("tbl", form.Section3), clickhouse.Named("row", "NEW"), clickhouse.Named("col", "total"), clickhouse.Named("years", list))
	rows, err := store.Conn().Query(ctx, `SELECT filing FROM cells WHERE year IN {years:Array(UInt16)} AND `+received+`
			AND (state = 'number' AND value = 0 OR state = 'blank' AND settled_by != '')
			AND filing NOT IN (SELECT filing FROM `+corrected+` WHERE `+received+`)
		UNION ALL SELECT filing FROM `+corrected+` WHERE `+received+` AND state = 'number' AND value = 0`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]bool{}
	for rows.Next() {
		var filing string
		if err := rows.Scan(&filing); err != nil {
			return nil, err
		}
		out[filing] = true
	}
	return out, rows.Err()
}
