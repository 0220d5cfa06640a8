package page

import (
	"context"
	"encoding/json"
	"slices"

	"nianbao/internal/form"
	"nianbao/query/compare"
)

var measuresPage = kind{template: "measures.html", build: buildMeasures}

// measuresContent is the data dictionary: every measure with its formula, and the words for what is no number.
type measuresContent struct {
	base
	Groups []measureGroup
	States []stateEntry
	Forms  []form.Form
	Checks []relation
}

type measureGroup struct {
	Label    string
	Measures []measureEntry
}

type measureEntry struct {
	form.Measure
	Href string // of the comparison, "" where it is not offered
}

// relation is a relation between the cells of a report.
type relation struct {
	ID       string
	Words    form.CheckWords
	Official bool
}

type stateEntry struct {
	Code             compare.State
	Word, Note, Uses string
}

func buildMeasures(ctx context.Context, v *visit) (content, error) {
	h, err := v.newHead(ctx, 0, nil)
	if err != nil {
		return nil, err
	}
	h.Title, h.Line = v.say("measures.title", len(form.Measures)), v.say("measures.line")
	p := &measuresContent{base: base{h}, Forms: form.Forms}
	for _, i := range form.Identities {
		c, _ := form.LookupCheck(i.ID)
		p.Checks = append(p.Checks, relation{i.ID, v.check(c), i.Official})
	}
	for _, m := range form.Measures {
		m := v.term(m)
		at := slices.IndexFunc(p.Groups, func(g measureGroup) bool { return g.Label == m.Group })
		if at < 0 {
			at = len(p.Groups)
			p.Groups = append(p.Groups, measureGroup{Label: m.Group})
		}
		entry := measureEntry{Measure: m}
		if m.Offered() {
			entry.Href = v.to("/compare").with(func(b *address) { b.measure = m.Code }).String()
		}
		p.Groups[at].Measures = append(p.Groups[at].Measures, entry)
	}
	for _, s := range compare.States {
		p.States = append(p.States, stateEntry{s, v.say("state." + string(s)), v.stateNote(s), v.say("state." + string(s) + ".counts")})
	}
	return p, nil
}

type measureJSON struct {
	Code         string           `json:"code"`
	Name         string           `json:"name"`
	En           string           `json:"en"`
	Kind         form.MeasureKind `json:"kind"`
	Unit         string           `json:"unit,omitempty"`
	Share        bool             `json:"share"`
	Numerator    []string         `json:"numerator"`
	Denominator  []string         `json:"denominator,omitempty"`
	Formula      string           `json:"formula"`
	Per          string           `json:"per,omitempty"`
	Numerators   []readingJSON    `json:"numerators,omitempty"`
	Denominators []readingJSON    `json:"denominators,omitempty"`
	Direction    form.Direction   `json:"direction,omitempty"`
	Comparable   []form.Version   `json:"comparable"`
	Caveat       string           `json:"caveat,omitempty"`
	Caveats      []caveatJSON     `json:"caveats,omitempty"`
	Source       string           `json:"source"`
	Revision     int              `json:"revision"`
	Group        string           `json:"group"`
}

type readingJSON struct {
	Code  string   `json:"code"`
	Cells []string `json:"cells"`
	Words string   `json:"words"`
}

type caveatJSON struct {
	Version form.Version `json:"version"`
	Text    string       `json:"text"`
}

func measureOf(m form.Measure) measureJSON {
	out := measureJSON{Code: m.Code, Name: m.Name, En: m.En, Kind: m.Kind, Unit: m.Unit, Share: m.Share(), Numerator: form.Paths(m.Numerator), Denominator: form.Paths(m.Denominator),
		Formula: m.Formula, Per: m.Per, Direction: m.Direction, Comparable: m.Comparable, Caveat: m.Caveat, Source: m.Source, Revision: m.Revision, Group: m.Group}
	for _, r := range m.Numerators {
		out.Numerators = append(out.Numerators, readingJSON{r.Code, form.Paths(r.Keys), r.Words})
	}
	for _, r := range m.Denominators {
		out.Denominators = append(out.Denominators, readingJSON{r.Code, form.Paths(r.Keys), r.Words})
	}
	for _, c := range m.Caveats {
		out.Caveats = append(out.Caveats, caveatJSON{c.Version, c.Text})
	}
	return out
}

func (p *measuresContent) json() ([]byte, error) {
	type state struct {
		Code compare.State `json:"code"`
		Word string        `json:"word"`
		Note string        `json:"note"`
	}
	out := struct {
		Measures []measureJSON `json:"measures"`
		States   []state       `json:"states"`
	}{}
	for _, g := range p.Groups {
		for _, m := range g.Measures {
			out.Measures = append(out.Measures, measureOf(m.Measure))
		}
	}
	for _, s := range p.States {
		out.States = append(out.States, state{s.Code, s.Word, s.Note})
	}
	return json.Marshal(out)
}

func (p *measuresContent) sheet() sheet {
	s := sheet{header: []string{"code", "name", "en", "group", "unit", "numerator", "denominator", "caveat"}}
	for _, g := range p.Groups {
		for _, m := range g.Measures {
			s.rows = append(s.rows, []value{plainText(m.Code), said(m.Name), said(m.En), said(m.Group), plainText(m.Unit), said(m.Formula), said(m.Per), said(m.Caveat)})
		}
	}
	return s
}
