package api

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/moment"
)

var notFound = warehouse.ErrNotFound

// afterOf reads the beginning of a span, the zero time for none.
func afterOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, ok := moment.Parse(text)
	if !ok {
		return t, wrongValue("after", text, "want a time of RFC 3339 or a day: 2024-04-02T09:14:00+08:00, 2024-04-02")
	}
	return t, nil
}

// Problem is something that went wrong in reading a file.
type Problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Filing is one version of an agency's report for a year.
type Filing struct {
	Filing     string            `json:"filing" doc:"id"`
	Agency     string            `json:"agency"`
	Name       string            `json:"name" doc:"as printed"`
	Region     string            `json:"region"`
	Year       int               `json:"year"`
	Version    int               `json:"version"`
	Counts     bool              `json:"counts" doc:"it is the version that counts at the moment"`
	Withdrawn  bool              `json:"withdrawn"`
	Title      string            `json:"title"`
	Scope      string            `json:"scope"`
	Status     string            `json:"status" doc:"read or partial"`
	Forms      map[string]string `json:"forms" doc:"version of the form, by table"`
	SHA256     string            `json:"sha256"`
	File       string            `json:"file"`
	URL        string            `json:"url,omitempty"`
	Signed     string            `json:"signed,omitempty"`
	Published  string            `json:"published,omitempty"`
	ReceivedAt time.Time         `json:"received_at"`
	ReceivedBy string            `json:"received_by"`
	Reason     string            `json:"reason,omitempty"`
	Committed  time.Time         `json:"committed_at"`
	Batch      string            `json:"batch"`
	Synthetic  bool              `json:"synthetic"`
	Fail       int               `json:"fail"`
	Uncertain  int               `json:"uncertain"`
	Checks     int               `json:"checks"`
	Problems   []Problem         `json:"problems" nullable:"false"`
}

func filingOf(f warehouse.Filing, counts bool, checks warehouse.Assessed) Filing {
	out := Filing{Filing: f.ID, Agency: f.Agency, Name: f.AgencyName, Region: f.Region, Year: f.Year, Version: f.Version, Counts: counts, Withdrawn: f.Withdrawn, Title: f.Title,
		Scope: string(f.Scope), Status: string(f.Status), Forms: map[string]string{}, SHA256: f.SHA256, File: f.File, URL: f.URL, Signed: dayText(f.Signed), Published: dayText(f.Published),
		ReceivedAt: f.ReceivedAt, ReceivedBy: f.ReceivedBy, Reason: f.Reason, Committed: f.CommittedAt, Batch: f.Batch, Synthetic: f.Synthetic,
		Fail: checks.Fail, Uncertain: checks.Uncertain, Checks: checks.Total(), Problems: []Problem{}}
	for table, version := range f.Forms {
		out.Forms[table] = string(version)
	}
	for _, p := range f.Problems {
		out.Problems = append(out.Problems, Problem{p.Code, p.Message})
	}
	return out
}

var filingColumns = []column[Filing]{
	{"filing", text, func(f *Filing) string { return f.Filing }}, {"agency", text, func(f *Filing) string { return f.Agency }}, {"name", text, func(f *Filing) string { return f.Name }},
	{"region", text, func(f *Filing) string { return f.Region }}, {"year", integer, func(f *Filing) string { return strconv.Itoa(f.Year) }}, {"version", integer, func(f *Filing) string { return strconv.Itoa(f.Version) }},
	{"counts", boolean, func(f *Filing) string { return yes(f.Counts) }}, {"withdrawn", boolean, func(f *Filing) string { return yes(f.Withdrawn) }}, {"title", text, func(f *Filing) string { return f.Title }},
	{"scope", text, func(f *Filing) string { return f.Scope }}, {"status", text, func(f *Filing) string { return f.Status }},
	{"form2", text, func(f *Filing) string { return f.Forms[form.Section2] }}, {"form3", text, func(f *Filing) string { return f.Forms[form.Section3] }},
	{"form4", text, func(f *Filing) string { return f.Forms[form.Section4] }}, {"form_legacy", text, func(f *Filing) string { return f.Forms[form.Legacy] }},
	{"sha256", text, func(f *Filing) string { return f.SHA256 }}, {"file", text, func(f *Filing) string { return f.File }}, {"url", text, func(f *Filing) string { return f.URL }},
	{"signed", date, func(f *Filing) string { return f.Signed }}, {"published", date, func(f *Filing) string { return f.Published }},
	{"received_at", instant, func(f *Filing) string { return timeText(f.ReceivedAt) }}, {"received_by", text, func(f *Filing) string { return f.ReceivedBy }}, {"reason", text, func(f *Filing) string { return f.Reason }},
	{"committed_at", instant, func(f *Filing) string { return timeText(f.Committed) }}, {"batch", text, func(f *Filing) string { return f.Batch }},
	{"synthetic", boolean, func(f *Filing) string { return yes(f.Synthetic) }}, {"fail", integer, func(f *Filing) string { return strconv.Itoa(f.Fail) }},
	{"uncertain", integer, func(f *Filing) string { return strconv.Itoa(f.Uncertain) }}, {"checks", integer, func(f *Filing) string { return strconv.Itoa(f.Checks) }},
	{"problems", text, func(f *Filing) string {
		var out []string
		for _, p := range f.Problems {
			out = append(out, p.Code)
		}
		return strings.Join(out, " ")
	}},
}

// Position says where in the file something stands; counts start at 1, and what the format does not have is left out.
type Position struct {
	Page   int `json:"page,omitempty"`
	Grid   int `json:"grid,omitempty" doc:"the table within the document"`
	Row    int `json:"row,omitempty"`
	Column int `json:"column,omitempty"`
	Line   int `json:"line,omitempty"`
}

func (p Position) String() string {
	var out []string
	for _, n := range []struct {
		name  string
		value int
	}{{"page", p.Page}, {"grid", p.Grid}, {"row", p.Row}, {"column", p.Column}, {"line", p.Line}} {
		if n.value != 0 {
			out = append(out, fmt.Sprint(n.name, " ", n.value))
		}
	}
	return strings.Join(out, " ")
}

// Cell is a cell of a report.
type Cell struct {
	Table      string   `json:"table"`
	Row        string   `json:"row"`
	Column     string   `json:"column"`
	Label      string   `json:"label" doc:"row and column in words of the form"`
	State      string   `json:"state" enum:"number,blank,dash,na,text,ambiguous"`
	Value      *string  `json:"value" doc:"exact decimal where the state is number, else null"`
	Raw        string   `json:"raw" doc:"the text of the cell as it stands in the file"`
	Unit       string   `json:"unit,omitempty"`
	SettledBy  string   `json:"settled_by,omitempty" doc:"the identity by which a blank counts as 0"`
	Candidates []string `json:"candidates" nullable:"false" doc:"what an ambiguous cell may hold"`
	Rule       string   `json:"rule" doc:"the reading rule"`
	At         Position `json:"at"`
	Correction string   `json:"correction,omitempty" doc:"id of the correction in force, whose value and state stand here"`
	ReadState  string   `json:"read_state,omitempty" doc:"of a corrected cell: the state that was read"`
	ReadValue  *string  `json:"read_value,omitempty"`
}

func cellOf(c form.Cell) Cell {
	out := Cell{Table: c.Table, Row: c.Row, Column: c.Column, Label: form.Label(c.Key), State: string(c.State), Raw: c.Raw, Unit: c.Unit, SettledBy: c.SettledBy,
		Candidates: nonNil(c.Candidates), Rule: c.Rule, At: Position(c.At)}
	out.Value = valueOf(c)
	return out
}

func valueOf(c form.Cell) *string {
	if c.State != form.Number {
		return nil
	}
	text := c.Value.String()
	return &text
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

var cellColumns = []column[Cell]{
	{"table", text, func(c *Cell) string { return c.Table }}, {"row", text, func(c *Cell) string { return c.Row }}, {"column", text, func(c *Cell) string { return c.Column }},
	{"label", text, func(c *Cell) string { return c.Label }}, {"state", text, func(c *Cell) string { return c.State }}, {"value", number, func(c *Cell) string { return textOf(c.Value) }},
	{"raw", text, func(c *Cell) string { return c.Raw }}, {"unit", text, func(c *Cell) string { return c.Unit }}, {"settled_by", text, func(c *Cell) string { return c.SettledBy }},
	{"candidates", text, func(c *Cell) string { return strings.Join(c.Candidates, " ") }}, {"rule", text, func(c *Cell) string { return c.Rule }}, {"at", text, func(c *Cell) string { return c.At.String() }},
	{"correction", text, func(c *Cell) string { return c.Correction }}, {"read_state", text, func(c *Cell) string { return c.ReadState }}, {"read_value", number, func(c *Cell) string { return textOf(c.ReadValue) }},
}

// Part is a part of the running text.
type Part struct {
	Part  string   `json:"part" doc:"section1 … section6, empty before the first"`
	Title string   `json:"title"`
	Text  string   `json:"text"`
	At    Position `json:"at"`
}

var partColumns = []column[Part]{
	{"part", text, func(p *Part) string { return p.Part }}, {"title", text, func(p *Part) string { return p.Title }}, {"text", text, func(p *Part) string { return p.Text }},
	{"at", text, func(p *Part) string { return p.At.String() }},
}

// Claim is a number stated in the running text.
type Claim struct {
	Concept  string   `json:"concept"`
	Value    string   `json:"value" doc:"exact decimal"`
	Unit     string   `json:"unit,omitempty"`
	Raw      string   `json:"raw"`
	Approx   bool     `json:"approx"`
	Sentence string   `json:"sentence"`
	At       Position `json:"at"`
}

var claimColumns = []column[Claim]{
	{"concept", text, func(c *Claim) string { return c.Concept }}, {"value", text, func(c *Claim) string { return c.Value }}, {"unit", text, func(c *Claim) string { return c.Unit }},
	{"raw", text, func(c *Claim) string { return c.Raw }}, {"approx", boolean, func(c *Claim) string { return yes(c.Approx) }}, {"sentence", text, func(c *Claim) string { return c.Sentence }},
	{"at", text, func(c *Claim) string { return c.At.String() }},
}

// Year is a reporting year with reports.
type Year struct {
	Year    int `json:"year"`
	Filings int `json:"filings" doc:"reports that count"`
}

var yearColumns = []column[Year]{
	{"year", integer, func(y *Year) string { return strconv.Itoa(y.Year) }}, {"filings", integer, func(y *Year) string { return strconv.Itoa(y.Filings) }},
}

func (s *service) describeReports() {
	const tag = "reports"
	type years struct {
		AsOf
		Format
		Paging
	}
	read[years, List[Year]](s, operation{path: "/years", id: "list-years", tag: tag, summary: "years with reports"}, names(yearColumns), func(v *visit, _ *years) (answer, error) {
		held, err := v.Store.Years(v.ctx, v.at)
		if err != nil {
			return nil, err
		}
		var list []Year
		for _, y := range held {
			list = append(list, Year(y))
		}
		return whole(v, list, yearColumns)
	})
	type filings struct {
		AsOf
		Format
		Paging
		Year   []int    `query:"year"`
		Agency []string `query:"agency"`
		Status string   `query:"status" enum:"read,partial"`
		Scope  string   `query:"scope" enum:"own,aggregate,unknown"`
	}
	read[filings, List[Filing]](s, operation{path: "/filings", id: "list-filings", tag: tag, summary: "the reports that count, by year and agency"}, names(filingColumns),
		func(v *visit, in *filings) (answer, error) {
			held, err := v.Store.Filings(v.ctx, v.at, warehouse.Filter{Years: in.Year, Agencies: in.Agency})
			if err != nil {
				return nil, err
			}
			checks, err := v.Store.Assessments(v.ctx, v.at, in.Year...)
			if err != nil {
				return nil, err
			}
			var list []Filing
			for _, f := range held {
				if in.Status != "" && string(f.Status) != in.Status || in.Scope != "" && string(f.Scope) != in.Scope {
					continue
				}
				list = append(list, filingOf(f, true, checks[f.ID]))
			}
			return whole(v, list, filingColumns)
		})
	type one struct {
		AsOf
		Filing string `path:"filing" minLength:"26" maxLength:"26"`
	}
	read[one, Filing](s, operation{path: "/filings/{filing}", id: "get-filing", tag: tag, summary: "one version of a report"}, nil, func(v *visit, in *one) (answer, error) {
		f, err := v.Store.FilingAt(v.ctx, v.at, in.Filing)
		if err != nil {
			return nil, err
		}
		checks, err := v.Store.Assessments(v.ctx, v.at, f.Year)
		if err != nil {
			return nil, err
		}
		counting, err := v.Store.Filings(v.ctx, v.at, warehouse.Filter{Years: []int{f.Year}, Agencies: []string{f.Agency}})
		if err != nil {
			return nil, err
		}
		counts := slices.ContainsFunc(counting, func(c warehouse.Filing) bool { return c.ID == f.ID })
		return value{filingOf(f, counts, checks[f.ID])}, nil
	})
	type Content struct {
		AsOf
		Format
		Paging
		Filing string `path:"filing" minLength:"26" maxLength:"26"`
	}
	type cells struct {
		Content
		Corrections string `query:"corrections" enum:"true,false" default:"true" doc:"put the corrections in force in the place of what was read"`
	}
	read[cells, List[Cell]](s, operation{path: "/filings/{filing}/cells", id: "list-cells", tag: tag, summary: "its cells, in the order of the file"}, names(cellColumns),
		func(v *visit, in *cells) (answer, error) {
			f, err := v.Store.FilingAt(v.ctx, v.at, in.Filing)
			if err != nil {
				return nil, err
			}
			held, err := v.Store.Cells(v.ctx, f)
			if err != nil {
				return nil, err
			}
			var corrections []warehouse.Correction
			if in.Corrections != "false" {
				if corrections, err = v.Store.Corrections(v.ctx, v.at, warehouse.Filter{Years: []int{f.Year}, Agencies: []string{f.HeldAs}}); err != nil {
					return nil, err
				}
				corrections = slices.DeleteFunc(corrections, func(c warehouse.Correction) bool { return c.Filing != f.ID })
			}
			corrected, by := warehouse.Overlay(held, corrections)
			var list []Cell
			for i, c := range corrected {
				one := cellOf(c)
				if correction := by[c.Key]; correction != nil {
					one.Correction = correction.Correction
					if i < len(held) { // a cell that was added has not been read
						one.ReadState, one.ReadValue = string(held[i].State), valueOf(held[i])
					}
				}
				list = append(list, one)
			}
			return whole(v, list, cellColumns)
		})
	read[Content, List[Part]](s, operation{path: "/filings/{filing}/parts", id: "list-parts", tag: tag, summary: "its running text, part by part"}, names(partColumns),
		func(v *visit, in *Content) (answer, error) {
			f, err := v.Store.FilingAt(v.ctx, v.at, in.Filing)
			if err != nil {
				return nil, err
			}
			held, err := v.Store.Parts(v.ctx, f)
			if err != nil {
				return nil, err
			}
			var list []Part
			for _, p := range held {
				list = append(list, Part{p.Code, p.Title, p.Text, Position(p.At)})
			}
			return whole(v, list, partColumns)
		})
	read[Content, List[Claim]](s, operation{path: "/filings/{filing}/claims", id: "list-claims", tag: tag, summary: "the numbers that its running text states"}, names(claimColumns),
		func(v *visit, in *Content) (answer, error) {
			f, err := v.Store.FilingAt(v.ctx, v.at, in.Filing)
			if err != nil {
				return nil, err
			}
			held, err := v.Store.Claims(v.ctx, f)
			if err != nil {
				return nil, err
			}
			var list []Claim
			for _, c := range held {
				list = append(list, Claim{c.Concept, c.Value.String(), c.Unit, c.Raw, c.Approx, c.Sentence, Position(c.At)})
			}
			return whole(v, list, claimColumns)
		})
	type versions struct {
		AsOf
		Format
		Paging
		Agency string `path:"agency"`
		Year   int    `path:"year" minimum:"1" maximum:"65535"`
	}
	read[versions, List[Filing]](s, operation{path: "/reports/{agency}/{year}/versions", id: "list-versions", tag: tag, summary: "all versions of a report, withdrawn ones included"}, names(filingColumns),
		func(v *visit, in *versions) (answer, error) {
			held, err := v.versions(in.Agency, in.Year)
			if err != nil {
				return nil, err
			}
			return whole(v, held, filingColumns)
		})
}
