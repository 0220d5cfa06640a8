package page

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
)

var agencyPage = kind{template: "agency.html", build: buildAgency}

// agencyContent is one agency: its figures over the years and its reports.
type agencyContent struct {
	base
	ID, Name, Kind string
	Years          []agencyYear
	Groups         []agencyGroup
	Reports        []agencyReport
	Mixed          bool // reports of its own and sums of others are among them
	history        compare.History
}

// agencyYear is a column of the table of figures.
type agencyYear struct {
	Year      int
	Report    string
	Synthetic bool
	Scope     string // 汇总, where it differs from one's own
	Missing   bool
}

type agencyGroup struct {
	Label string
	Rows  []agencyLine
}

// agencyLine is a measure over the years.
type agencyLine struct {
	Code, Name, Unit, Href string
	Formula                string
	Cells                  []agencyCell
}

type agencyCell struct {
	Missing bool // no report of the year
	Share   bool
	X, N    shown
	Percent string
	State   string // the word where there is no value
	Note    string
}

type agencyReport struct {
	Year, Version                          int
	Title, File, SHA256, Status, Published string
	Received                               string
	Href, Document                         string
	Synthetic                              bool
}

// keyMeasures are the figures of an agency that the page lists.
var keyMeasures = func() []string {
	var codes []string
	for _, m := range form.Offered {
		if !m.Detail {
			codes = append(codes, m.Code)
		}
	}
	return codes
}()

func buildAgency(ctx context.Context, v *visit) (content, error) {
	id := v.path["agency"]
	if v.at.IsZero() {
		return nil, errNothing
	}
	history, err := compare.HistoryOf(ctx, v.site.store.Conn(), id, v.at, keyMeasures...)
	if err != nil {
		return nil, err
	}
	if len(history.Years) == 0 {
		return nil, errNothing
	}
	p := &agencyContent{ID: id, Name: history.Name, Kind: kindName(history.Kind), history: history}
	if v.format != asHTML {
		return p, nil
	}
	if p.Head, err = v.newHead(ctx, 0, nil); err != nil {
		return nil, err
	}
	first, last := history.Years[0].Year, history.Years[len(history.Years)-1].Year
	p.Head.Title = history.Name
	p.Head.Line = say("agency.line", p.Kind, len(history.Years), first, last)
	scopes := map[form.Scope]bool{}
	of := map[int]int{} // index of the year
	for i, y := range history.Years {
		of[y.Year] = i
		scopes[y.Scope] = true
		p.Head.Synthetic = p.Head.Synthetic || y.Synthetic
	}
	p.Mixed = len(scopes) > 1
	for y := first; y <= last; y++ {
		column := agencyYear{Year: y, Missing: true}
		if i, ok := of[y]; ok {
			column = agencyYear{Year: y, Report: v.link("/report/" + id + "/" + strconv.Itoa(y)), Synthetic: history.Years[i].Synthetic}
			if history.Years[i].Scope == form.ScopeAggregate {
				column.Scope = say("scope.aggregate.short")
			}
		}
		p.Years = append(p.Years, column)
	}
	for m, measure := range history.Measures {
		line := agencyLine{Code: measure.Code, Name: measure.Name, Unit: measure.Unit, Formula: measure.Formula,
			Href: v.to("/compare").with(func(b *address) { b.measure, b.mark = measure.Code, []string{id} }).String()}
		for _, column := range p.Years {
			cell := agencyCell{Missing: column.Missing, Share: len(measure.Denominator) > 0}
			if !column.Missing {
				cell.fill(history.Years[of[column.Year]].Figures[m], measure, column.Report)
			}
			line.Cells = append(line.Cells, cell)
		}
		at := slices.IndexFunc(p.Groups, func(g agencyGroup) bool { return g.Label == measure.Group })
		if at < 0 {
			at = len(p.Groups)
			p.Groups = append(p.Groups, agencyGroup{Label: measure.Group})
		}
		p.Groups[at].Rows = append(p.Groups[at].Rows, line)
	}
	filings, err := v.site.store.Filings(ctx, v.at, warehouse.Filter{Agencies: []string{id}})
	if err != nil {
		return nil, err
	}
	for i := len(filings) - 1; i >= 0; i-- {
		f := filings[i]
		p.Reports = append(p.Reports, agencyReport{
			Year: f.Year, Version: f.Version, Title: f.Title, File: fileName(f.File), SHA256: f.SHA256, Status: say("status." + string(f.Status)), Published: day(f.Published),
			Received: moment(f.ReceivedAt), Href: v.link("/report/" + id + "/" + strconv.Itoa(f.Year)), Document: "/document/" + f.SHA256, Synthetic: f.Synthetic,
		})
	}
	return p, nil
}

func (c *agencyCell) fill(j compare.Judged, m form.Measure, report string) {
	c.X = showOf(m, j.X, cellOf(report, j.X, m.Numerator))
	if len(m.Denominator) > 0 {
		c.N = showOf(m, j.N, cellOf(report, j.N, m.Denominator))
		c.Percent = j.Percent()
	}
	if j.State == compare.Value || j.State == compare.Zero {
		return
	}
	raw := j.X.Raw
	if j.X.Known() {
		raw = j.N.Raw
	}
	c.State, c.Note = stateWord(j.State, raw), stateNote(j.State)
	if j.State == compare.NoDenominator {
		c.State = nothingToDivide(m)
	}
}

type agencyValue struct {
	Year    int           `json:"year"`
	Filing  string        `json:"filing"`
	Measure string        `json:"measure"`
	State   compare.State `json:"state"`
	X       *json.Number  `json:"x"`
	N       *json.Number  `json:"n,omitempty"`
	Percent string        `json:"percent,omitempty"`
	Flags   []string      `json:"flags,omitempty"`
}

func (p *agencyContent) values() []agencyValue {
	var out []agencyValue
	for _, y := range p.history.Years {
		for i, j := range y.Figures {
			one := agencyValue{Year: y.Year, Filing: y.Filing, Measure: p.history.Measures[i].Code, State: j.State, Percent: j.Percent()}
			m := p.history.Measures[i]
			exact := func(f compare.Figure) *json.Number {
				if !f.Known() {
					return nil
				}
				n := json.Number(compare.Decimal(f.Sum, m.Scale()))
				return &n
			}
			one.X = exact(j.X)
			if len(m.Denominator) > 0 {
				one.N = exact(j.N)
			}
			if j.X.BlankAsZero || j.N.BlankAsZero {
				one.Flags = []string{"blank_as_zero"}
			}
			if j.X.Corrected || j.N.Corrected {
				one.Flags = append(one.Flags, "corrected")
			}
			out = append(out, one)
		}
	}
	return out
}

func (p *agencyContent) json() ([]byte, error) {
	type year struct {
		Year      int    `json:"year"`
		Filing    string `json:"filing"`
		Scope     string `json:"scope"`
		Synthetic bool   `json:"synthetic,omitempty"`
	}
	out := struct {
		Agency string        `json:"agency"`
		Name   string        `json:"name"`
		Kind   string        `json:"kind"`
		Years  []year        `json:"years"`
		Values []agencyValue `json:"values"`
	}{Agency: p.ID, Name: p.Name, Kind: string(p.history.Kind), Values: p.values()}
	for _, y := range p.history.Years {
		out.Years = append(out.Years, year{y.Year, y.Filing, string(y.Scope), y.Synthetic})
	}
	return json.Marshal(out)
}

func (p *agencyContent) sheet() sheet {
	s := sheet{header: []string{"agency", "name", "year", "filing", "measure", "state", "x", "n", "percent", "flags"}}
	number := func(n *json.Number) value {
		if n == nil {
			return value{}
		}
		return plainText(n.String())
	}
	for _, v := range p.values() {
		s.rows = append(s.rows, []value{plainText(p.ID), words(p.Name), plainText(strconv.Itoa(v.Year)), plainText(v.Filing), plainText(v.Measure),
			plainText(string(v.State)), number(v.X), number(v.N), plainText(v.Percent), plainText(strings.Join(v.Flags, " "))})
	}
	return s
}
