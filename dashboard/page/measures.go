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
	Checks []form.Identity
}

type measureGroup struct {
	Label    string
	Measures []measureEntry
}

type measureEntry struct {
	form.Measure
	Href string
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
	h.Title, h.Line = say("measures.title", len(form.Measures)), say("measures.line")
	p := &measuresContent{base: base{h}, Forms: form.Forms, Checks: form.Identities}
	for _, m := range form.Measures {
		at := slices.IndexFunc(p.Groups, func(g measureGroup) bool { return g.Label == m.Group })
		if at < 0 {
			at = len(p.Groups)
			p.Groups = append(p.Groups, measureGroup{Label: m.Group})
		}
		p.Groups[at].Measures = append(p.Groups[at].Measures, measureEntry{m, v.to("/compare").with(func(b *address) { b.measure = m.Code }).String()})
	}
	for _, s := range compare.States {
		p.States = append(p.States, stateEntry{s, say("state." + string(s)), stateNote(s), say("state." + string(s) + ".counts")})
	}
	return p, nil
}

type measureJSON struct {
	Code        string   `json:"code"`
	Name        string   `json:"name"`
	En          string   `json:"en"`
	Unit        string   `json:"unit,omitempty"`
	Share       bool     `json:"share"`
	Numerator   []string `json:"numerator"`
	Denominator []string `json:"denominator,omitempty"`
	Formula     string   `json:"formula"`
	Per         string   `json:"per,omitempty"`
	Caveat      string   `json:"caveat,omitempty"`
	Group       string   `json:"group"`
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
			out.Measures = append(out.Measures, measureJSON{m.Code, m.Name, m.En, m.Unit, m.Share(), form.Paths(m.Numerator), form.Paths(m.Denominator), m.Formula, m.Per, m.Caveat, m.Group})
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
			s.rows = append(s.rows, []value{plainText(m.Code), words(m.Name), words(m.En), words(m.Group), plainText(m.Unit), words(m.Formula), words(m.Per), words(m.Caveat)})
		}
	}
	return s
}
