package page

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/api"
	"nianbao/query/findings"
	"nianbao/query/history"
)

var (
	reportCellPage = kind{template: "cell.html", build: buildReportCell, acts: cellActs}
	filingCellPage = kind{template: "cell.html", build: buildFilingCell, acts: cellActs}
)

var cellActs = map[string]act{
	"correct": func(ctx context.Context, v *visit, d *api.Decisions, in *typed) error {
		key, err := form.ParseKey(v.path["cell"])
		if err != nil {
			return errNothing
		}
		value, err := v.valueTyped(in.get("state"), in.get("value"))
		if err != nil {
			return err
		}
		_, err = d.Correct(ctx, in.get("person"), in.get("filing"), key, value, in.get("reason"), in.get("second") != "")
		return err
	},
	"approve": func(ctx context.Context, _ *visit, d *api.Decisions, in *typed) error {
		return d.Approve(ctx, in.get("person"), in.get("correction"), in.get("reason"))
	},
	"retract": func(ctx context.Context, _ *visit, d *api.Decisions, in *typed) error {
		return d.Retract(ctx, in.get("person"), in.get("correction"), in.get("reason"))
	},
	"repeat": func(ctx context.Context, _ *visit, d *api.Decisions, in *typed) error {
		_, err := d.Repeat(ctx, in.get("person"), in.get("correction"), in.get("reason"))
		return err
	},
}

// cellContent is one cell of one version of a report: what stands there, what was made of it, and what became of it.
type cellContent struct {
	base
	Key         form.Key
	Text        string // the value that counts
	Word        bool
	Mended      bool // by a correction
	Printed     string
	Facts       []fact
	Report      link
	Version     string
	Newer       string // address of the same cell in the version that counts
	Document    string
	Checks      []findingRow
	Corrections []correctionView
	Elsewhere   []elsewhere
	Correct     *decisionForm
	filing      warehouse.Filing
	cell        *form.Cell // as read, nil if the report has none
	inForce     *warehouse.Correction
	corrections []history.Correction
	checks      []findings.Item
}

// correctionView is a correction of the cell, in any version of the report.
type correctionView struct {
	ID, Standing, Word  string
	Person, At, Reason  string
	Before, After       string
	Version             link
	Two                 bool
	Acts                []correctionAct
	Approve, Retract    *decisionForm
	Repeat              *decisionForm
	standing            history.Standing
	filing, beforeState string
}

type correctionAct struct{ What, Person, At, Reason string }

// elsewhere is the same cell in another year or version.
type elsewhere struct {
	Year, Version int
	Text          string
	Word, Mended  bool
	Printed       string // of a corrected one
	Here          bool
	Counts        bool // the version is the one that counts
	Withdrawn     bool
	Href, Form    string
	state         string
	value         *decimal.Decimal
	raw, filing   string
}

func buildReportCell(ctx context.Context, v *visit) (content, error) {
	f, err := v.visible(ctx)
	if err != nil {
		return nil, err
	}
	return buildCell(ctx, v, f)
}

func buildFilingCell(ctx context.Context, v *visit) (content, error) {
	f, err := v.filing(ctx)
	if err != nil {
		return nil, err
	}
	return buildCell(ctx, v, f)
}

func buildCell(ctx context.Context, v *visit, f warehouse.Filing) (content, error) {
	key, err := form.ParseKey(v.path["cell"])
	if err != nil {
		return nil, errNothing
	}
	p := &cellContent{Key: key, filing: f, Document: "/document/" + f.SHA256}
	cells, err := v.site.store.Cells(ctx, f)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(cells, func(c form.Cell) bool { return c.Key == key }); i >= 0 {
		p.cell = &cells[i]
	}
	all, err := history.Corrections(ctx, v.site.store, history.CorrectionsRequest{Years: []int{f.Year}, Agencies: []string{f.Agency}, AsOf: v.at})
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Key == key {
			p.corrections = append(p.corrections, all[i])
		}
	}
	slices.Reverse(p.corrections) // the newest first
	if version, ok := form.Lookup(f.Forms[key.Table]); p.cell == nil && len(p.corrections) == 0 && (!ok || !version.Has(key)) {
		return nil, errNothing
	}
	var ours []history.Correction
	for _, c := range slices.Backward(p.corrections) {
		if c.Filing == f.ID {
			ours = append(ours, c)
		}
	}
	p.inForce = inForceOf(cells, ours)[key]
	found, err := findings.OfFiling(ctx, v.site.store, f.ID, v.at)
	if err != nil {
		return nil, err
	}
	for _, o := range findings.Outcomes { // those that fail first
		for _, i := range found {
			if i.Status == o && slices.Contains(i.Cells, key) {
				p.checks = append(p.checks, i)
			}
		}
	}
	if err := p.elsewhere(ctx, v); err != nil {
		return nil, err
	}
	if v.format != asHTML {
		return p, nil
	}
	if p.Head, err = v.newHead(ctx, 0, nil); err != nil {
		return nil, err
	}
	p.show(v)
	return p, nil
}

// elsewhere reads the same cell of the other versions of the report and of the other years.
func (p *cellContent) elsewhere(ctx context.Context, v *visit) error {
	versions, err := v.site.store.Versions(ctx, v.at, p.filing.Agency, p.filing.Year)
	if err != nil {
		return err
	}
	visible, err := v.site.store.Filings(ctx, v.at, warehouse.Filter{Agencies: []string{p.filing.Agency}})
	if err != nil {
		return err
	}
	counts := map[string]bool{}
	byYear := map[int][]warehouse.Filing{p.filing.Year: versions}
	for _, f := range visible {
		counts[f.ID] = true
		if f.Year != p.filing.Year {
			byYear[f.Year] = []warehouse.Filing{f}
		}
	}
	corrections, err := v.site.store.Corrections(ctx, v.at, warehouse.Filter{})
	if err != nil {
		return err
	}
	var years []int
	for y := range byYear {
		years = append(years, y)
	}
	slices.Sort(years)
	slices.Reverse(years)
	for _, y := range years {
		contents, err := v.site.store.Contents(ctx, byYear[y], warehouse.Wanted{Cells: []form.Key{p.Key}})
		if err != nil {
			return err
		}
		for _, f := range slices.Backward(byYear[y]) {
			var cells []form.Cell
			if c := contents[f.ID]; c != nil {
				cells = c.Cells
			}
			var of []warehouse.Correction
			for _, c := range corrections {
				if c.Filing == f.ID && c.Key == p.Key {
					of = append(of, c)
				}
			}
			e := elsewhere{Year: y, Version: f.Version, Here: f.ID == p.filing.ID, Counts: counts[f.ID], Withdrawn: f.Withdrawn, Href: v.cellPage(f.ID, p.Key),
				Form: string(f.Forms[p.Key.Table]), filing: f.ID, state: "no_row"}
			i := slices.IndexFunc(cells, func(c form.Cell) bool { return c.Key == p.Key })
			var as printed
			if i >= 0 {
				as = v.print(p.Key, cells[i], true)
				e.state, e.raw = string(cells[i].State), cells[i].Raw
				if cells[i].State == form.Number {
					e.value = &cells[i].Value
				}
			} else if as = v.print(p.Key, form.Cell{}, false); !inForm(f, p.Key) {
				as.Text, e.state = v.say("state.na_form"), "na_form"
			}
			e.Text, e.Word = as.Text, as.Word
			if as.Read != "" {
				e.Text = as.Read
			}
			if c := overlay(cells, of)[p.Key]; c != nil {
				e.Printed, e.Text, e.Word, e.Mended = e.Text, v.valueText(c.State, c.Value), c.State != form.Number, true
				e.state, e.value = string(c.State), nil
				if c.State == form.Number {
					e.value = &c.Value
				}
			}
			p.Elsewhere = append(p.Elsewhere, e)
		}
	}
	return nil
}

func overlay(cells []form.Cell, of []warehouse.Correction) map[form.Key]*warehouse.Correction {
	_, by := warehouse.Overlay(cells, of)
	return by
}

// inForm tells whether the table of the report's form has the cell.
func inForm(f warehouse.Filing, key form.Key) bool {
	version, ok := form.Lookup(f.Forms[key.Table])
	return !ok || version.Has(key)
}

// valueText is the value of a correction as pages print it.
func (in lang) valueText(s form.State, d decimal.Decimal) string {
	if s == form.Number {
		return d.String()
	}
	return in.say("value." + string(s))
}

// valueCode is the same for files.
func valueCode(s form.State, d decimal.Decimal) string {
	if s == form.Number {
		return d.String()
	}
	return string(s)
}

func (p *cellContent) show(v *visit) {
	f := p.filing
	h := p.Head
	h.Synthetic = f.Synthetic
	h.Title = v.labelOf(p.Key)
	h.Line = v.say("cell.line", f.AgencyName, f.Year)
	h.Permanent = v.cellPage(f.ID, p.Key)
	p.Report = link{Text: v.say("report.title", f.AgencyName, f.Year), Href: v.link("/filing/"+f.ID) + "#" + p.Key.String()}
	p.Version = v.say("report.version", f.Version, v.moment(f.CommittedAt))
	if f.Withdrawn {
		p.Version += " · " + v.say("report.withdrawn")
	}
	for _, e := range p.Elsewhere {
		if e.Year == f.Year && e.Counts && !e.Here {
			p.Newer = e.Href
		}
	}
	var c form.Cell
	if p.cell != nil {
		c = *p.cell
	}
	as := v.print(p.Key, c, p.cell != nil)
	p.Text, p.Word = as.Text, as.Word
	if as.Read != "" {
		p.Text = as.Read
	}
	if p.inForce != nil {
		p.Printed, p.Text, p.Word, p.Mended = p.Text, v.valueText(p.inForce.State, p.inForce.Value), p.inForce.State != form.Number, true
	}
	p.facts(c, as)
	for i := range p.checks {
		p.Checks = append(p.Checks, v.findingRow(&p.checks[i]))
	}
	for i, c := range p.corrections {
		p.Corrections = append(p.Corrections, p.correction(v, i, c))
	}
	if !v.mayDecide() {
		return
	}
	number := field{Name: "value", Label: v.say("form.correct.value"), Type: "text", Most: 30, Note: v.say("form.correct.value.note")}
	if p.cell != nil {
		for _, candidate := range p.cell.Candidates {
			number.Options = append(number.Options, offer{Value: candidate, Text: v.say("form.correct.candidate")})
		}
	}
	states := []offer{{Value: string(form.Number), Text: v.say("form.correct.number")}}
	for _, s := range []form.State{form.Blank, form.Dash, form.NA} {
		states = append(states, offer{Value: string(s), Text: v.say("form.correct." + string(s))})
	}
	correct := v.form("correct", "correct", v.say("form.correct"), v.say("form.correct.submit"), []field{{Name: "filing", Value: f.ID}},
		field{Name: "state", Label: v.say("form.correct.state"), Type: "select", Options: states}, number,
		field{Name: "second", Label: v.say("form.correct.second"), Type: "check"})
	p.Correct = &correct
}

func (p *cellContent) facts(c form.Cell, as printed) {
	add := func(name, text string) {
		if text != "" {
			p.Facts = append(p.Facts, fact{Name: p.Head.say(name), Text: text})
		}
	}
	add("cell.fact.path", p.Key.String())
	if p.cell == nil {
		add("cell.fact.state", p.Head.say("cell.absent.note"))
	} else {
		add("cell.fact.state", p.Head.say("cell.is."+string(c.State)))
		raw := c.Raw
		if strings.TrimSpace(raw) == "" {
			raw = p.Head.say("cell.raw.none")
		}
		add("cell.fact.raw", raw)
		if c.State == form.Number {
			add("cell.fact.value", c.Value.String()+c.Unit)
		}
		if c.SettledBy != "" {
			add("cell.fact.settled", p.Head.say("cell.settledby", c.SettledBy))
		}
		add("cell.fact.candidates", strings.Join(c.Candidates, p.Head.say("list")))
		add("cell.fact.at", p.Head.position(c.At))
		add("cell.fact.rule", c.Rule)
	}
	add("fact.file", fileName(p.filing.File))
	add("fact.sha256", p.filing.SHA256)
}

func (p *cellContent) correction(v *visit, i int, c history.Correction) correctionView {
	one := correctionView{ID: c.CorrectionAct.Correction, standing: c.Standing, Standing: string(c.Standing), Word: v.say("standing." + string(c.Standing)), Person: c.Person, At: v.moment(c.At), Reason: c.Reason,
		After: v.valueText(c.State, c.Value), Two: c.Two, filing: c.Filing, Version: link{Text: v.say("report.version.short", c.Report.Version), Href: v.cellPage(c.Filing, p.Key)}}
	if c.Read == nil {
		one.Before = v.say("cell.absent")
	} else {
		as := v.print(p.Key, *c.Read, true)
		if one.Before = as.Text; as.Read != "" {
			one.Before = as.Read
		}
	}
	for _, a := range c.Acts {
		one.Acts = append(one.Acts, correctionAct{v.say("act." + a.Act), a.Person, v.moment(a.At), a.Reason})
	}
	if !v.mayDecide() || c.Withdrawn != nil {
		return one
	}
	id := []field{{Name: "correction", Value: one.ID}}
	n := strconv.Itoa(len(p.corrections) - i)
	make := func(name string) *decisionForm {
		f := v.form(name+"-"+n, name, v.say("form."+name), v.say("form."+name+".submit"), id)
		return &f
	}
	if c.Standing == history.Proposed {
		one.Approve = make("approve")
	}
	if c.Standing == history.ConfirmAgain {
		one.Repeat = make("repeat")
	}
	one.Retract = make("retract")
	return one
}

func (p *cellContent) json() ([]byte, error) {
	type acted struct {
		Act    string `json:"act"`
		Person string `json:"person"`
		At     string `json:"at"`
		Reason string `json:"reason"`
	}
	type correction struct {
		ID       string           `json:"correction"`
		Filing   string           `json:"filing"`
		Standing history.Standing `json:"standing"`
		State    form.State       `json:"state"`
		Value    *decimal.Decimal `json:"value"`
		Two      bool             `json:"second_approval"`
		Acts     []acted          `json:"acts"`
	}
	type other struct {
		Year      int              `json:"year"`
		Version   int              `json:"version"`
		Filing    string           `json:"filing"`
		State     string           `json:"state"`
		Value     *decimal.Decimal `json:"value"`
		Raw       string           `json:"raw"`
		Corrected bool             `json:"corrected"`
		Counts    bool             `json:"counts"`
		Withdrawn bool             `json:"withdrawn"`
	}
	out := struct {
		Filing      string        `json:"filing"`
		Agency      string        `json:"agency"`
		Name        string        `json:"name"`
		Year        int           `json:"year"`
		Version     int           `json:"version"`
		Path        string        `json:"cell"`
		Label       string        `json:"label"`
		Read        *form.Cell    `json:"read"`
		Corrections []correction  `json:"corrections"`
		Checks      []findingJSON `json:"checks"`
		Elsewhere   []other       `json:"versions_and_years"`
	}{p.filing.ID, p.filing.Agency, p.filing.AgencyName, p.filing.Year, p.filing.Version, p.Key.String(), form.Label(p.Key), p.cell, []correction{}, []findingJSON{}, []other{}}
	for _, c := range p.corrections {
		one := correction{c.CorrectionAct.Correction, c.Filing, c.Standing, c.State, nil, c.Two, nil}
		if c.State == form.Number {
			one.Value = &c.Value
		}
		for _, a := range c.Acts {
			one.Acts = append(one.Acts, acted{a.Act, a.Person, exactTime(a.At), a.Reason})
		}
		out.Corrections = append(out.Corrections, one)
	}
	for i := range p.checks {
		out.Checks = append(out.Checks, findingOf(&p.checks[i]))
	}
	for _, e := range p.Elsewhere {
		out.Elsewhere = append(out.Elsewhere, other{e.Year, e.Version, e.filing, e.state, e.value, e.raw, e.Mended, e.Counts, e.Withdrawn})
	}
	return json.Marshal(out)
}

// sheet has the cell in every version and year.
func (p *cellContent) sheet() sheet {
	s := sheet{header: []string{"agency", "name", "cell", "label", "year", "version", "filing", "value", "state", "raw", "corrected", "counts", "withdrawn"}}
	for _, e := range p.Elsewhere {
		v := value{}
		if e.value != nil {
			v = plainText(e.value.String())
		}
		s.rows = append(s.rows, []value{plainText(p.filing.Agency), said(p.filing.AgencyName), said(p.Key.String()), said(form.Label(p.Key)), plainText(strconv.Itoa(e.Year)),
			figure(int64(e.Version)), plainText(e.filing), v, plainText(e.state), said(e.raw), plainText(strconv.FormatBool(e.Mended)), plainText(strconv.FormatBool(e.Counts)),
			plainText(strconv.FormatBool(e.Withdrawn))})
	}
	return s
}
