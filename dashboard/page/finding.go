package page

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/api"
	"nianbao/query/findings"
)

var findingPage = kind{template: "finding.html", build: buildFinding, acts: map[string]act{
	"review": func(ctx context.Context, v *visit, d *api.Decisions, in *typed) error {
		w, err := findings.One(ctx, v.site.store, v.path["finding"], v.at)
		if errors.Is(err, warehouse.ErrNotFound) {
			return errNothing
		}
		if err != nil {
			return err
		}
		if in.get("basis") != w.Basis {
			return refusal(v.say("refused.basis"))
		}
		return d.Review(ctx, in.get("person"), w.Filing, w.Rule, w.Table, w.Place, in.get("decision"), in.get("reason"))
	},
}}

// findingContent is one finding: what was tested and why, what stands there, and what was decided.
type findingContent struct {
	base
	Row       findingRow
	Check     form.CheckWords
	Known     bool // the check is declared
	Official  bool
	Report    link
	Version   string
	Older     string // address of the report that counts, where this one does not
	Formula   string
	Blanks    []cellLink
	Against   []cellLink
	Cells     []findingCell
	Reviews   []reviewed
	State     string // what holds of the decisions
	Form      *decisionForm
	whole     findings.Whole
	corrected map[form.Key]warehouse.Correction
}

type findingCell struct {
	Label, Path, Href string
	Text              string // as printed
	Word              bool
	Mended            string // the value put in its place
}

// reviewed is a decision of the past.
type reviewed struct {
	At, Person, Reason, Decision string
	Version                      link
	Holds, Changed               bool // it is the one that counts; its basis is another one
}

func buildFinding(ctx context.Context, v *visit) (content, error) {
	if v.at.IsZero() {
		return nil, errNothing
	}
	w, err := findings.One(ctx, v.site.store, v.path["finding"], v.at)
	if err != nil {
		return nil, err
	}
	p := &findingContent{whole: w, corrected: map[form.Key]warehouse.Correction{}}
	corrections, err := v.site.store.Corrections(ctx, v.at, warehouse.Filter{Years: []int{w.Year}, Agencies: []string{w.HeldAs}})
	if err != nil {
		return nil, err
	}
	corrections = slices.DeleteFunc(corrections, func(c warehouse.Correction) bool { return c.Filing != w.Filing })
	_, by := warehouse.Overlay(w.Cells, corrections)
	for k, c := range by {
		p.corrected[k] = *c
	}
	if v.format != asHTML {
		return p, nil
	}
	if p.Head, err = v.newHead(ctx, 0, nil); err != nil {
		return nil, err
	}
	p.Row = v.findingRow(&w.Item)
	c, known := form.LookupCheck(w.Rule)
	p.Check, p.Known, p.Official = v.check(c), known, c.Official
	p.Head.Synthetic = w.Report.Synthetic
	p.Head.Title = v.say("finding.title", w.Name, w.Year, w.Rule, c.Zh.Name, p.Row.OutcomeWord)
	p.Head.Line = p.Row.Place
	filing := v.link("/filing/" + w.Filing)
	p.Report = link{Text: v.say("report.title", w.Name, w.Year), Href: filing}
	p.Version = v.say("report.version", w.Report.Version, v.moment(w.Report.CommittedAt))
	if !w.Visible {
		p.Older = v.link("/report/" + w.Agency + "/" + strconv.Itoa(w.Year))
	}
	p.Formula = w.Expression
	for _, k := range w.Blanks {
		p.Blanks = append(p.Blanks, cellLink{v.cellLabel(k), v.cellPage(w.Filing, k)})
	}
	for _, id := range w.Against {
		f, err := v.site.store.FilingAt(ctx, v.at, id)
		if err != nil {
			return nil, err
		}
		p.Against = append(p.Against, cellLink{v.say("report.title", f.AgencyName, f.Year), v.link("/filing/" + id)})
	}
	for _, k := range w.Finding.Cells {
		i := slices.IndexFunc(w.Cells, func(c form.Cell) bool { return c.Key == k })
		one := findingCell{Label: v.labelOf(k), Path: k.String(), Href: v.cellPage(w.Filing, k)}
		var cell form.Cell
		if i >= 0 {
			cell = w.Cells[i]
		}
		as := v.print(k, cell, i >= 0)
		one.Text, one.Word = as.Text, as.Word
		if as.Read != "" {
			one.Text += v.say("aside", v.say("cell.read", as.Read))
		}
		if c, ok := p.corrected[k]; ok {
			one.Mended = v.valueText(c.State, c.Value)
		}
		p.Cells = append(p.Cells, one)
	}
	for i, r := range w.Reviews {
		p.Reviews = append(p.Reviews, reviewed{At: v.moment(r.At), Person: r.Person, Reason: r.Reason, Decision: v.say("review." + r.Decision),
			Version: link{Text: v.say("finding.version"), Href: v.link("/filing/" + r.Filing)},
			Holds:   i == len(w.Reviews)-1 && (w.Decision == findings.Confirmed || w.Decision == findings.Dismissed || w.Decision == findings.Asked),
			Changed: r.Basis != w.Basis})
	}
	slices.Reverse(p.Reviews)
	p.State = v.say("decision." + string(w.Decision) + ".note")
	if v.mayDecide() {
		var choices []offer
		for _, d := range warehouse.Decisions {
			if d != warehouse.Reopen || len(w.Reviews) > 0 {
				choices = append(choices, offer{Value: d, Text: v.say("review." + d + ".note")})
			}
		}
		f := v.form("review", "review", v.say("form.review"), v.say("form.review.submit"), []field{{Name: "basis", Value: w.Basis}},
			field{Name: "decision", Label: v.say("form.review.decision"), Type: "select", Options: choices})
		f.Open = true
		p.Form = &f
	}
	return p, nil
}

// cellPage is the address of a cell of a filing.
func (v *visit) cellPage(filing string, k form.Key) string {
	return v.link("/filing/" + filing + "/cell/" + url.PathEscape(k.String()))
}

// labelOf names a cell with its table.
func (in lang) labelOf(k form.Key) string {
	return in.tableName(k.Table) + " · " + in.cellLabel(k)
}

func (p *findingContent) json() ([]byte, error) {
	type review struct {
		At       string `json:"at"`
		Person   string `json:"person"`
		Decision string `json:"decision"`
		Reason   string `json:"reason"`
		Filing   string `json:"filing"`
		Changed  bool   `json:"basis_changed"`
	}
	out := struct {
		findingJSON
		Visible bool        `json:"visible"`
		Against []string    `json:"against"`
		Values  []form.Cell `json:"values"`
		Reviews []review    `json:"reviews"`
	}{findingOf(&p.whole.Item), p.whole.Visible, orNone(p.whole.Against), orNone(p.whole.Cells), []review{}}
	for _, r := range p.whole.Reviews {
		out.Reviews = append(out.Reviews, review{exactTime(r.At), r.Person, r.Decision, r.Reason, r.Filing, r.Basis != p.whole.Basis})
	}
	return json.Marshal(out)
}

// sheet has the cells that the check looked at.
func (p *findingContent) sheet() sheet {
	s := sheet{header: []string{"id", "table", "row", "column", "label", "value", "state", "raw", "corrected"}}
	for _, k := range p.whole.Finding.Cells {
		line := []value{plainText(p.whole.ID), plainText(k.Table), said(k.Row), plainText(k.Column), said(form.Label(k)), value{}, plainText("no_row"), value{}, value{}}
		if i := slices.IndexFunc(p.whole.Cells, func(c form.Cell) bool { return c.Key == k }); i >= 0 {
			c := p.whole.Cells[i]
			if c.State == form.Number {
				line[5] = plainText(c.Value.String())
			}
			line[6], line[7] = plainText(string(c.State)), said(c.Raw)
		}
		if c, ok := p.corrected[k]; ok {
			line[8] = plainText(valueCode(c.State, c.Value))
		}
		s.rows = append(s.rows, line)
	}
	return s
}
