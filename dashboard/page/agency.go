package page

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
)

var agencyPage = kind{template: "agency.html", parameters: []string{"join", "year", "peer", "excl", "part"}, build: buildAgency}

// agencyContent is one agency: its figures over the years and its reports.
type agencyContent struct {
	lang
	base
	ID, Name, Kind string
	Years          []agencyYear
	Groups         []agencyGroup
	Reports        []agencyReport
	Mixed          bool     // reports of its own and sums of others are among them
	Names          []string // other names with their days
	Before, After  []kinship
	Joined         bool
	Join           link   // the years of the bodies before in the same table, or apart again
	Spine          *spine // among its peers, nil where there is no report
	Picture        *picture
	history        compare.History
	profile        *compare.Profile
	before         []compare.History // of the bodies before, where their years were asked for
}

// kinship is a body that goes on with the work of another.
type kinship struct {
	Text, Name, Href string
}

// agencyYear is a column of the table of figures.
type agencyYear struct {
	Year      int
	Report    string
	Synthetic bool
	Scope     string // 汇总, where it differs from one's own
	Missing   bool
	Of        string // name of the body before, of which the report is
	Break     bool   // another body's years end here
	history   int    // whose; 0 is the agency itself
	index     int    // in its history
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
	Missing bool   // no report of the year
	Absent  string // how that stands by the register, "" if nothing is known
	Break   bool
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
	p := &agencyContent{lang: v.lang, ID: id, Name: history.Name, Kind: v.kindName(history.Kind), history: history}
	if err := p.kin(ctx, v); err != nil {
		return nil, err
	}
	if !v.format.table() { // it has the figures of the agency alone
		if err := p.spineOf(ctx, v); err != nil {
			return nil, err
		}
		p.fillSpine(v)
	}
	if !v.framed() {
		return p, nil
	}
	if p.Head, err = v.newHead(ctx, 0, nil); err != nil {
		return nil, err
	}
	first, last := history.Years[0].Year, history.Years[len(history.Years)-1].Year
	p.Head.Title = history.Name
	if p.Spine != nil {
		if p.Picture, err = v.picture(p, v.say("spine.picture", history.Name, p.Spine.Year), 1, 1); err != nil {
			return nil, err
		}
	}
	p.Head.Line = v.say("agency.line", p.Kind, len(history.Years), first, last)
	scopes := map[form.Scope]bool{}
	of := map[int]int{} // index of the year
	for i, y := range history.Years {
		of[y.Year] = i
		scopes[y.Scope] = true
		p.Head.Synthetic = p.Head.Synthetic || y.Synthetic
	}
	p.Mixed = len(scopes) > 1
	all := append([]compare.History{history}, p.before...)
	for n, h := range p.before {
		for i, y := range h.Years {
			p.Years = append(p.Years, agencyYear{Year: y.Year, Report: v.link("/report/" + h.Agency + "/" + strconv.Itoa(y.Year)), Synthetic: y.Synthetic, Of: y.Name,
				Break: i == len(h.Years)-1, history: n + 1, index: i, Scope: v.scopeShort(y.Scope)})
			p.Head.Synthetic = p.Head.Synthetic || y.Synthetic
		}
	}
	for y := first; y <= last; y++ {
		column := agencyYear{Year: y, Missing: true}
		if i, ok := of[y]; ok {
			column = agencyYear{Year: y, Report: v.link("/report/" + id + "/" + strconv.Itoa(y)), Synthetic: history.Years[i].Synthetic, index: i, Scope: v.scopeShort(history.Years[i].Scope)}
		}
		p.Years = append(p.Years, column)
	}
	for m := range history.Measures {
		measure := v.term(history.Measures[m])
		line := agencyLine{Code: measure.Code, Name: measure.Name, Unit: measure.Unit, Formula: measure.Formula,
			Href: v.to("/compare").with(func(b *address) { b.measure, b.mark = measure.Code, []string{id} }).String()}
		for _, column := range p.Years {
			cell := agencyCell{Missing: column.Missing, Share: len(measure.Denominator) > 0, Break: column.Break}
			if !column.Missing {
				cell.fill(v.lang, all[column.history].Years[column.index].Figures[m], measure, column.Report)
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
			Year: f.Year, Version: f.Version, Title: f.Title, File: fileName(f.File), SHA256: f.SHA256, Status: v.say("status." + string(f.Status)), Published: day(f.Published),
			Received: v.moment(f.ReceivedAt), Href: v.link("/report/" + id + "/" + strconv.Itoa(f.Year)), Document: "/document/" + f.SHA256, Synthetic: f.Synthetic,
		})
	}
	return p, nil
}

func (in lang) scopeShort(s form.Scope) string {
	if s == form.ScopeAggregate {
		return in.say("scope.aggregate.short")
	}
	return ""
}

// kin reads what the register says of the names of the agency, of the bodies whose work it goes on with and of those that
// go on with its own. The years of others are never put to its own unless that is asked for.
func (p *agencyContent) kin(ctx context.Context, v *visit) error {
	reg, err := v.site.registerAt(ctx, v.at)
	if err != nil {
		return err
	}
	self, ok := reg.Agency(p.ID)
	if !ok {
		return nil
	}
	if !register.Provisional(p.ID) {
		p.Kind = v.kindName(self.Kind)
	}
	for _, n := range self.Names {
		if n.Text == p.Name {
			continue
		}
		text := n.Text
		switch {
		case !n.To.IsZero() && !n.From.IsZero():
			text = v.say("agency.name.between", n.Text, day(n.From), day(n.To))
		case !n.To.IsZero():
			text = v.say("agency.name.until", n.Text, day(n.To))
		case !n.From.IsZero():
			text = v.say("agency.name.since", n.Text, day(n.From))
		}
		p.Names = append(p.Names, text)
	}
	held, err := v.site.store.Agencies(ctx, v.at)
	if err != nil {
		return err
	}
	kinOf := func(a register.Agency, l register.Link, word string) kinship {
		k := kinship{Text: v.say(word + string(l.Kind)), Name: a.Name()}
		if !l.On.IsZero() {
			k.Name = v.say("agency.kin.on", a.Name(), day(l.On))
		}
		if slices.ContainsFunc(held, func(h warehouse.Agency) bool { return h.ID == a.Code }) {
			k.Href = v.link("/agency/" + a.Code)
		}
		return k
	}
	var before []string
	for _, l := range self.Links {
		if other, ok := reg.Agency(l.Other); ok && l.Kind != register.Same {
			p.After = append(p.After, kinOf(other, l, "agency.after."))
		}
	}
	for _, a := range reg.Agencies() {
		for _, l := range a.Links {
			if l.Other != p.ID || l.Kind == register.Same {
				continue
			}
			k := kinOf(a, l, "agency.before.")
			p.Before = append(p.Before, k)
			if k.Href != "" {
				before = append(before, a.Code)
			}
		}
	}
	if len(before) == 0 {
		return nil
	}
	p.Joined = v.join
	p.Join = link{Text: v.say("agency.join"), Href: v.with(func(b *address) { b.join = true }).String()}
	if v.join {
		p.Join = link{Text: v.say("agency.apart"), Href: v.with(func(b *address) { b.join = false }).String()}
		for _, code := range before {
			h, err := compare.HistoryOf(ctx, v.site.store.Conn(), code, v.at, keyMeasures...)
			if err != nil {
				return err
			}
			p.before = append(p.before, h)
		}
	}
	return nil
}

func (c *agencyCell) fill(in lang, j compare.Judged, m form.Measure, report string) {
	c.X = in.showOf(m, j.X, cellOf(report, j.X, m.Numerator))
	if len(m.Denominator) > 0 {
		c.N = in.showOf(m, j.N, cellOf(report, j.N, m.Denominator))
		c.Percent = j.Percent()
	}
	if j.State == compare.Value || j.State == compare.Zero {
		return
	}
	raw := j.X.Raw
	if j.X.Known() {
		raw = j.N.Raw
	}
	c.State, c.Note = in.stateWord(j.State, raw), in.stateNote(j.State)
	if j.State == compare.NoDenominator {
		c.State = in.nothingToDivide(m)
	}
}

type agencyValue struct {
	Agency  string        `json:"agency"`
	Name    string        `json:"name"` // of the body on its newest report
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
	for _, h := range append(slices.Clone(p.before), p.history) {
		out = append(out, valuesOf(h)...)
	}
	return out
}

func valuesOf(h compare.History) []agencyValue {
	var out []agencyValue
	for _, y := range h.Years {
		for i, j := range y.Figures {
			one := agencyValue{Agency: h.Agency, Name: h.Name, Year: y.Year, Filing: y.Filing, Measure: h.Measures[i].Code, State: j.State, Percent: j.Percent()}
			m := h.Measures[i]
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
		Joined bool          `json:"joined,omitempty"` // values of the bodies before are among them
		Years  []year        `json:"years"`
		Values []agencyValue `json:"values"`
		// Among its peers, in the year asked for or the newest.
		ProfileYear int           `json:"profile_year,omitempty"`
		Profile     []profileJSON `json:"profile,omitempty"`
	}{Agency: p.ID, Name: p.Name, Kind: string(p.history.Kind), Joined: p.Joined, Values: p.values(), Profile: p.profileJSON()}
	if p.profile != nil {
		out.ProfileYear = p.profile.Year
	}
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
		s.rows = append(s.rows, []value{plainText(v.Agency), said(v.Name), plainText(strconv.Itoa(v.Year)), plainText(v.Filing), plainText(v.Measure),
			plainText(string(v.State)), number(v.X), number(v.N), plainText(v.Percent), plainText(strings.Join(v.Flags, " "))})
	}
	return s
}
