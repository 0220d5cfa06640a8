package api

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nianbao/internal/register"
	"nianbao/query/compare"
	"nianbao/query/coverage"
)

// oneOf is the schema of a text that has to be one of some values.
func oneOf[T ~string](values []T) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, v := range values {
		s.Enum = append(s.Enum, string(v))
	}
	return s
}

// Kind is the kind of an agency.
type Kind string

// Schema lists the values.
func (Kind) Schema(huma.Registry) *huma.Schema { return oneOf(register.Kinds) }

// Standing is how the report of an agency for a year stands.
type Standing string

// Schema lists the values.
func (Standing) Schema(huma.Registry) *huma.Schema { return oneOf(coverage.States) }

func as[To, From ~string](list []From) []To {
	var out []To
	for _, x := range list {
		out = append(out, To(x))
	}
	return out
}

// Name is a name of an agency in a stretch of time.
type Name struct {
	Text string `json:"text"`
	Kind string `json:"kind"`
	From string `json:"from,omitempty" doc:"first day of use"`
	To   string `json:"to,omitempty" doc:"last day of use"`
}

// Link leads to another agency.
type Link struct {
	Kind  string `json:"kind" doc:"successor, merger, split; same: this provisional entry is the other agency"`
	Other string `json:"other"`
	On    string `json:"on,omitempty"`
}

// Agency is a body of the register, or one known from its reports alone.
type Agency struct {
	Agency     string `json:"agency" doc:"code"`
	Name       string `json:"name"`
	Kind       Kind   `json:"kind"`
	Region     string `json:"region" doc:"GB/T 2260, empty if not known"`
	Parent     string `json:"parent,omitempty"`
	USCC       string `json:"uscc,omitempty" doc:"统一社会信用代码"`
	From       string `json:"from,omitempty" doc:"first day of existence"`
	To         string `json:"to,omitempty" doc:"last day of existence"`
	Page       string `json:"page,omitempty" doc:"where it publishes its reports"`
	Registered bool   `json:"registered" doc:"the register has it, under an entry that is not provisional"`
	Years      []int  `json:"years" nullable:"false" doc:"years with a report that counts"`
	Names      []Name `json:"names" nullable:"false"`
	Links      []Link `json:"links" nullable:"false"`
}

func numbers(list []int) string {
	var out []string
	for _, n := range list {
		out = append(out, strconv.Itoa(n))
	}
	return strings.Join(out, " ")
}

var agencyColumns = []column[Agency]{
	{"agency", text, func(a *Agency) string { return a.Agency }}, {"name", text, func(a *Agency) string { return a.Name }}, {"kind", text, func(a *Agency) string { return string(a.Kind) }},
	{"region", text, func(a *Agency) string { return a.Region }}, {"parent", text, func(a *Agency) string { return a.Parent }}, {"uscc", text, func(a *Agency) string { return a.USCC }},
	{"from", date, func(a *Agency) string { return a.From }}, {"to", date, func(a *Agency) string { return a.To }}, {"page", text, func(a *Agency) string { return a.Page }},
	{"registered", boolean, func(a *Agency) string { return yes(a.Registered) }}, {"years", text, func(a *Agency) string { return numbers(a.Years) }},
	{"names", text, func(a *Agency) string {
		var out []string
		for _, n := range a.Names {
			out = append(out, n.Text)
		}
		return strings.Join(out, "; ")
	}},
	{"links", text, func(a *Agency) string {
		var out []string
		for _, l := range a.Links {
			out = append(out, l.Kind+" "+l.Other)
		}
		return strings.Join(out, "; ")
	}},
}

// agencies lists everybody: the register, and who is known from reports.
func (v *visit) agencies() ([]Agency, error) {
	reg, err := v.Store.Register(v.ctx, v.at)
	if err != nil {
		return nil, err
	}
	held, err := v.Store.Agencies(v.ctx, v.at)
	if err != nil {
		return nil, err
	}
	years := map[string][]int{}
	var list []Agency
	for _, a := range held {
		years[a.ID] = a.Years
		if _, known := reg.Agency(a.ID); !known {
			list = append(list, Agency{Agency: a.ID, Name: a.Name, Kind: Kind(compare.KindOf(a.Name)), Region: a.Region, Years: a.Years, Names: []Name{}, Links: []Link{}})
		}
	}
	for _, a := range reg.Agencies() {
		one := Agency{Agency: a.Code, Name: a.Name(), Kind: Kind(a.Kind), Region: a.Region, Parent: a.Parent, USCC: a.USCC, From: dayText(a.From), To: dayText(a.To), Page: a.Page,
			Registered: !register.Provisional(a.Code), Years: nonNil(years[a.Code]), Names: []Name{}, Links: []Link{}}
		for _, n := range a.Names {
			one.Names = append(one.Names, Name{n.Text, string(n.Kind), dayText(n.From), dayText(n.To)})
		}
		for _, l := range a.Links {
			one.Links = append(one.Links, Link{string(l.Kind), l.Other, dayText(l.On)})
		}
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b Agency) int { return strings.Compare(a.Agency, b.Agency) })
	return list, nil
}

// Obligation is one agency in one year: whether it had to file, and whether it did.
type Obligation struct {
	Agency     string     `json:"agency"`
	Name       string     `json:"name"`
	Kind       Kind       `json:"kind"`
	Region     string     `json:"region"`
	Scope      string     `json:"scope" doc:"own or aggregate"`
	Registered bool       `json:"registered"`
	Year       int        `json:"year"`
	State      Standing   `json:"state" doc:"received and not_received are of agencies that the register does not have: they are never overdue"`
	Due        string     `json:"due,omitempty" doc:"last day on which the report is on time"`
	Days       int        `json:"days,omitempty" doc:"days after the due day, where late or not_filed"`
	Why        string     `json:"why,omitempty" doc:"why there is no duty, or one in spite of the rule"`
	Filing     string     `json:"filing,omitempty"`
	Version    int        `json:"version,omitempty"`
	Published  string     `json:"published,omitempty"`
	Received   *time.Time `json:"received_at,omitempty"`
	Zero       bool       `json:"zero" doc:"the report says that no application was received"`
	Synthetic  bool       `json:"synthetic"`
	Critical   bool       `json:"critical" doc:"a check fails that forbids comparison"`
	Fail       int        `json:"fail" doc:"checks that fail"`
	Uncertain  int        `json:"uncertain"`
}

var obligationColumns = []column[Obligation]{
	{"agency", text, func(o *Obligation) string { return o.Agency }}, {"name", text, func(o *Obligation) string { return o.Name }}, {"kind", text, func(o *Obligation) string { return string(o.Kind) }},
	{"region", text, func(o *Obligation) string { return o.Region }}, {"scope", text, func(o *Obligation) string { return o.Scope }},
	{"registered", boolean, func(o *Obligation) string { return yes(o.Registered) }}, {"year", integer, func(o *Obligation) string { return strconv.Itoa(o.Year) }},
	{"state", text, func(o *Obligation) string { return string(o.State) }}, {"due", date, func(o *Obligation) string { return o.Due }},
	{"days", integer, func(o *Obligation) string {
		if o.Days == 0 {
			return ""
		}
		return strconv.Itoa(o.Days)
	}},
	{"why", text, func(o *Obligation) string { return o.Why }}, {"filing", text, func(o *Obligation) string { return o.Filing }},
	{"version", integer, func(o *Obligation) string {
		if o.Version == 0 {
			return ""
		}
		return strconv.Itoa(o.Version)
	}},
	{"published", date, func(o *Obligation) string { return o.Published }},
	{"received_at", instant, func(o *Obligation) string {
		if o.Received == nil {
			return ""
		}
		return timeText(*o.Received)
	}},
	{"zero", boolean, func(o *Obligation) string { return ifHeld(o, yes(o.Zero)) }}, {"synthetic", boolean, func(o *Obligation) string { return ifHeld(o, yes(o.Synthetic)) }},
	{"critical", boolean, func(o *Obligation) string { return ifHeld(o, yes(o.Critical)) }}, {"fail", integer, func(o *Obligation) string { return ifHeld(o, strconv.Itoa(o.Fail)) }},
	{"uncertain", integer, func(o *Obligation) string { return ifHeld(o, strconv.Itoa(o.Uncertain)) }},
}

// ifHeld leaves a field empty where there is no report: nothing absent is 0.
func ifHeld(o *Obligation, text string) string {
	if o.Filing == "" {
		return ""
	}
	return text
}

// Coverage counts the agencies of one year.
type Coverage struct {
	Year        int `json:"year"`
	Obliged     int `json:"obliged" doc:"应报"`
	Filed       int `json:"filed" doc:"已报, of those"`
	OnTime      int `json:"on_time"`
	Late        int `json:"late"`
	DateUnknown int `json:"date_unknown"`
	NotFiled    int `json:"not_filed"`
	NotDue      int `json:"not_due"`
	NotObliged  int `json:"not_obliged"`
	Voluntary   int `json:"voluntary" doc:"filed without a duty"`
	Received    int `json:"received" doc:"reports of agencies that the register does not have"`
	NotReceived int `json:"not_received" doc:"such agencies without one"`
	Zero        int `json:"zero" doc:"零申请"`
	Critical    int `json:"critical" doc:"reports with a failing check that forbids comparison"`
	Synthetic   int `json:"synthetic"`
}

var coverageColumns = []column[Coverage]{
	{"year", integer, func(c *Coverage) string { return strconv.Itoa(c.Year) }}, {"obliged", integer, func(c *Coverage) string { return strconv.Itoa(c.Obliged) }},
	{"filed", integer, func(c *Coverage) string { return strconv.Itoa(c.Filed) }}, {"on_time", integer, func(c *Coverage) string { return strconv.Itoa(c.OnTime) }},
	{"late", integer, func(c *Coverage) string { return strconv.Itoa(c.Late) }}, {"date_unknown", integer, func(c *Coverage) string { return strconv.Itoa(c.DateUnknown) }},
	{"not_filed", integer, func(c *Coverage) string { return strconv.Itoa(c.NotFiled) }}, {"not_due", integer, func(c *Coverage) string { return strconv.Itoa(c.NotDue) }},
	{"not_obliged", integer, func(c *Coverage) string { return strconv.Itoa(c.NotObliged) }}, {"voluntary", integer, func(c *Coverage) string { return strconv.Itoa(c.Voluntary) }},
	{"received", integer, func(c *Coverage) string { return strconv.Itoa(c.Received) }}, {"not_received", integer, func(c *Coverage) string { return strconv.Itoa(c.NotReceived) }},
	{"zero", integer, func(c *Coverage) string { return strconv.Itoa(c.Zero) }}, {"critical", integer, func(c *Coverage) string { return strconv.Itoa(c.Critical) }},
	{"synthetic", integer, func(c *Coverage) string { return strconv.Itoa(c.Synthetic) }},
}

// RegisterChange is what one statement changed in the register.
type RegisterChange struct {
	At          time.Time     `json:"at"`
	Batch       string        `json:"batch"`
	Person      string        `json:"person"`
	Reason      string        `json:"reason,omitempty"`
	Agency      string        `json:"agency"`
	Name        string        `json:"name"`
	Year        int           `json:"year,omitempty" doc:"of an exception"`
	Provisional bool          `json:"provisional" doc:"made from a printed name that the register does not have"`
	What        []string      `json:"what" nullable:"false" doc:"added, ended, renamed, linked, changed, excepted: for one year it has to file or not, or by another day"`
	From        string        `json:"from,omitempty" doc:"first day of existence"`
	To          string        `json:"to,omitempty" doc:"last day of existence"`
	Fields      []FieldChange `json:"fields" nullable:"false"`
}

// FieldChange is a field of an entry before and after.
type FieldChange struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

var registerChangeColumns = []column[RegisterChange]{
	{"at", instant, func(c *RegisterChange) string { return timeText(c.At) }}, {"batch", text, func(c *RegisterChange) string { return c.Batch }},
	{"person", text, func(c *RegisterChange) string { return c.Person }}, {"reason", text, func(c *RegisterChange) string { return c.Reason }},
	{"agency", text, func(c *RegisterChange) string { return c.Agency }}, {"name", text, func(c *RegisterChange) string { return c.Name }},
	{"year", integer, func(c *RegisterChange) string { return unlessZero(c.Year) }},
	{"provisional", boolean, func(c *RegisterChange) string { return yes(c.Provisional) }}, {"what", text, func(c *RegisterChange) string { return strings.Join(c.What, " ") }},
	{"from", date, func(c *RegisterChange) string { return c.From }}, {"to", date, func(c *RegisterChange) string { return c.To }},
	{"fields", text, func(c *RegisterChange) string {
		var out []string
		for _, f := range c.Fields {
			out = append(out, fmt.Sprintf("%s: %s → %s", f.Field, f.Old, f.New))
		}
		return strings.Join(out, "; ")
	}},
}

// Candidate is an agency that a name may be of.
type Candidate struct {
	Agency string `json:"agency"`
	Name   string `json:"name"`
	Why    string `json:"why" doc:"what is missing for certainty"`
}

// Undecided is something that waits for a person.
type Undecided struct {
	What       string      `json:"what" enum:"file,name" doc:"file: its agency or year is not known; name: no agency of the register is known to bear it"`
	SHA256     string      `json:"sha256,omitempty" doc:"of the file"`
	File       string      `json:"file,omitempty"`
	Agency     string      `json:"agency,omitempty" doc:"provisional code of the name"`
	Name       string      `json:"name,omitempty"`
	Years      []int       `json:"years" nullable:"false"`
	Since      *time.Time  `json:"since,omitempty" doc:"when the file was received"`
	Problems   []string    `json:"problems" nullable:"false"`
	Match      string      `json:"match,omitempty" doc:"code of the agency that certainly bears the name"`
	Candidates []Candidate `json:"candidates" nullable:"false"`
}

var undecidedColumns = []column[Undecided]{
	{"what", text, func(u *Undecided) string { return u.What }}, {"sha256", text, func(u *Undecided) string { return u.SHA256 }}, {"file", text, func(u *Undecided) string { return u.File }},
	{"agency", text, func(u *Undecided) string { return u.Agency }}, {"name", text, func(u *Undecided) string { return u.Name }}, {"years", text, func(u *Undecided) string { return numbers(u.Years) }},
	{"since", instant, func(u *Undecided) string {
		if u.Since == nil {
			return ""
		}
		return timeText(*u.Since)
	}},
	{"problems", text, func(u *Undecided) string { return strings.Join(u.Problems, "; ") }}, {"match", text, func(u *Undecided) string { return u.Match }},
	{"candidates", text, func(u *Undecided) string {
		var out []string
		for _, c := range u.Candidates {
			out = append(out, c.Agency+" "+c.Name)
		}
		return strings.Join(out, "; ")
	}},
}

func undecided(u coverage.Undecided) []Undecided {
	list := []Undecided{}
	candidates := func(m register.Match) []Candidate {
		out := []Candidate{}
		for _, c := range m.Candidates {
			out = append(out, Candidate{c.Code, c.Name, c.Why})
		}
		return out
	}
	for _, w := range u.Waiting {
		one := Undecided{What: "file", SHA256: w.SHA256, File: w.File, Name: w.AgencyName, Years: []int{}, Since: optional(w.ReceivedAt), Problems: []string{},
			Match: w.Match.Code, Candidates: candidates(w.Match)}
		if w.Year != 0 {
			one.Years = append(one.Years, w.Year)
		}
		for _, p := range w.Problems {
			one.Problems = append(one.Problems, p.Message)
		}
		list = append(list, one)
	}
	for _, n := range u.Names {
		list = append(list, Undecided{What: "name", Agency: n.Agency, Name: n.Name, Years: n.Years, Problems: []string{}, Match: n.Match.Code, Candidates: candidates(n.Match)})
	}
	return list
}

func (s *service) describeRegister() {
	const tag = "register"
	type agencies struct {
		AsOf
		Format
		Paging
		Kind       []Kind `query:"kind"`
		Region     string `query:"region" doc:"code of a region; those that begin with it are in it"`
		Text       string `query:"text" doc:"stands in one of the names"`
		Registered string `query:"registered" enum:"true,false"`
	}
	read[agencies, List[Agency]](s, operation{path: "/agencies", id: "list-agencies", tag: tag, summary: "the register, and who is known from reports"}, names(agencyColumns),
		func(v *visit, in *agencies) (answer, error) {
			list, err := v.agencies()
			if err != nil {
				return nil, err
			}
			list = slices.DeleteFunc(list, func(a Agency) bool {
				named := strings.Contains(a.Name, in.Text) || slices.ContainsFunc(a.Names, func(n Name) bool { return strings.Contains(n.Text, in.Text) })
				return len(in.Kind) > 0 && !slices.Contains(in.Kind, a.Kind) || !strings.HasPrefix(a.Region, in.Region) || !named ||
					in.Registered != "" && yes(a.Registered) != in.Registered
			})
			return whole(v, list, agencyColumns)
		})
	type agency struct {
		AsOf
		Agency string `path:"agency"`
	}
	read[agency, Agency](s, operation{path: "/agencies/{agency}", id: "get-agency", tag: tag, summary: "one agency"}, nil,
		func(v *visit, in *agency) (answer, error) {
			list, err := v.agencies()
			if err != nil {
				return nil, err
			}
			i := slices.IndexFunc(list, func(a Agency) bool { return a.Agency == in.Agency })
			if i < 0 {
				return nil, notFound
			}
			return value{list[i]}, nil
		})
	type obligations struct {
		AsOf
		Format
		Paging
		Year   []int      `query:"year"`
		Agency []string   `query:"agency"`
		Kind   []Kind     `query:"kind"`
		State  []Standing `query:"state"`
	}
	ask := func(v *visit, in *obligations) (coverage.Matrix, error) {
		return coverage.MatrixOf(v.ctx, v.Store, coverage.Request{Years: in.Year, Agencies: in.Agency, Kinds: as[register.Kind](in.Kind), AsOf: v.at, Now: v.judged})
	}
	read[obligations, List[Obligation]](s, operation{path: "/obligations", id: "list-obligations", tag: tag, daily: true, summary: "who had to file and who did, a row for each agency and year",
		description: "Days overdue are counted to as_of, or to today. An agency that the register does not have is received or not_received, never overdue."}, names(obligationColumns),
		func(v *visit, in *obligations) (answer, error) {
			m, err := ask(v, in)
			if err != nil {
				return nil, err
			}
			var list []Obligation
			for _, l := range m.Lines {
				for _, c := range l.Cells {
					if len(in.State) > 0 && !slices.Contains(in.State, Standing(c.State)) {
						continue
					}
					list = append(list, Obligation{Agency: l.Agency, Name: l.Name, Kind: Kind(l.Kind), Region: l.Region, Scope: string(l.Scope), Registered: l.Registered, Year: c.Year,
						State: Standing(c.State), Due: dayText(c.Due), Days: c.Days, Why: c.Why, Filing: c.Filing, Version: c.Version, Published: dayText(c.Published),
						Received: optional(c.Received), Zero: c.Zero, Synthetic: c.Synthetic, Critical: c.Critical, Fail: c.Checks.Fail, Uncertain: c.Checks.Uncertain})
				}
			}
			return whole(v, list, obligationColumns)
		})
	type feet struct {
		AsOf
		Format
		Paging
		Year   []int    `query:"year"`
		Agency []string `query:"agency"`
		Kind   []Kind   `query:"kind"`
	}
	read[feet, List[Coverage]](s, operation{path: "/coverage", id: "list-coverage", tag: tag, daily: true, summary: "how many had to file and did, a row for each year"}, names(coverageColumns),
		func(v *visit, in *feet) (answer, error) {
			m, err := ask(v, &obligations{Year: in.Year, Agency: in.Agency, Kind: in.Kind})
			if err != nil {
				return nil, err
			}
			var list []Coverage
			for _, f := range m.Feet {
				list = append(list, Coverage{f.Year, f.Obliged, f.Filed, f.OnTime, f.Late, f.DateUnknown, f.NotFiled, f.NotDue, f.NotObliged, f.Voluntary, f.Received, f.NotReceived,
					f.Zero, f.Critical, f.Synthetic})
			}
			return whole(v, list, coverageColumns)
		})
	type changes struct {
		AsOf
		Format
		Paging
		After string `query:"after" doc:"only what was stated after this moment; as as_of"`
	}
	read[changes, List[RegisterChange]](s, operation{path: "/register/changes", id: "list-register-changes", tag: tag, summary: "agencies added, ended, renamed, linked"}, names(registerChangeColumns),
		func(v *visit, in *changes) (answer, error) {
			after, err := afterOf(in.After)
			if err != nil {
				return nil, err
			}
			changes, err := coverage.RegisterChanges(v.ctx, v.Store, after, v.at)
			if err != nil {
				return nil, err
			}
			var list []RegisterChange
			for _, c := range changes {
				one := RegisterChange{c.At, c.Batch, c.Person, c.Reason, c.Agency, c.Name, c.Year, c.Provisional, []string{}, dayText(c.From), dayText(c.To), []FieldChange{}}
				for _, w := range c.What {
					one.What = append(one.What, string(w))
				}
				for _, f := range c.Fields {
					one.Fields = append(one.Fields, FieldChange{f.Field, f.Old, f.New})
				}
				list = append(list, one)
			}
			return whole(v, list, registerChangeColumns)
		})
	type waiting struct {
		AsOf
		Format
		Paging
	}
	read[waiting, List[Undecided]](s, operation{path: "/waiting", id: "list-waiting", tag: tag, summary: "files and names of which a person has to say whose they are"}, names(undecidedColumns),
		func(v *visit, _ *waiting) (answer, error) {
			u, err := coverage.UndecidedOf(v.ctx, v.Store, v.at)
			if err != nil {
				return nil, err
			}
			return whole(v, undecided(u), undecidedColumns)
		})
}
