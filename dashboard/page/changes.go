package page

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"nianbao/internal/form"
	"nianbao/query/findings"
	"nianbao/query/history"
)

var changesPage = kind{template: "changes.html", parameters: []string{"since", "year", "agency", "event", "page"}, build: buildChanges}

// changesContent is everything that happened between two moments, the newest first.
type changesContent struct {
	base
	Filters filters
	Rows    []changeRow
	Shown   string
	Pages   []link
	events  []history.Event
}

type changeRow struct {
	At, What, Person, Cause string
	Agency                  link
	Report                  link
	Subject                 link
	Detail                  string
}

func buildChanges(ctx context.Context, v *visit) (content, error) {
	r := history.LogRequest{After: v.since, Until: v.at, Kinds: v.events}
	if v.address.year != 0 {
		r.Years = []int{v.address.year}
	}
	if v.agency != "" {
		r.Agencies = []string{v.agency}
	}
	p := &changesContent{}
	if !v.at.IsZero() {
		var err error
		if p.events, err = history.Log(ctx, v.site.store, r); err != nil {
			return nil, err
		}
		slices.Reverse(p.events)
	}
	if v.format != asHTML {
		return p, nil
	}
	from, to, err := v.rowsOn(len(p.events), listed)
	if err != nil {
		return nil, err
	}
	if p.Head, err = v.newHead(ctx, 0, nil); err != nil {
		return nil, err
	}
	h := p.Head
	h.Title = v.say("changes.title", number(int64(len(p.events))))
	if len(p.events) == 0 {
		h.Title = v.say("changes.none")
	}
	since := v.say("changes.beginning")
	if !v.since.IsZero() {
		since = v.moment(v.since)
	}
	h.Line = v.say("changes.line", since, v.moment(v.at))
	for i := range p.events[from:to] {
		p.Rows = append(p.Rows, v.changeRow(&p.events[from+i]))
	}
	if len(p.Rows) > 0 {
		p.Shown = v.say("findings.shown", from+1, to, number(int64(len(p.events))))
	}
	p.Pages = v.pages(len(p.events), listed)
	years, err := v.years(ctx)
	if err != nil {
		return nil, err
	}
	day := ""
	if !v.since.IsZero() {
		day = v.since.In(china).Format("2006-01-02T15:04:05Z07:00")
	}
	p.Filters = v.filtersOf(v.yearChoice(years, v.address.year),
		choice(v.lang, "event", v.say("filter.event"), v.say("filter.all"), v.events, history.Kinds, func(k history.Kind) string { return v.say("event." + string(k)) }),
		field{Name: "since", Label: v.say("filter.since"), Type: "text", Value: day, Most: 35})
	if v.agency != "" {
		p.Filters.Hidden = append(p.Filters.Hidden, field{Name: "agency", Value: v.agency})
	}
	return p, nil
}

func (v *visit) changeRow(e *history.Event) changeRow {
	r := changeRow{At: v.moment(e.At), What: v.say("event." + string(e.Kind)), Person: e.Person, Cause: e.Cause, Agency: link{Text: e.Name}, Subject: link{Text: e.Subject}, Detail: e.Detail}
	if e.Filing != "" {
		r.Agency.Href = v.link("/agency/" + e.Agency)
		r.Report = link{Text: v.say("changes.report", e.Year, e.Version), Href: v.link("/filing/" + e.Filing)}
	}
	switch e.Kind {
	case history.CorrectionProposed, history.CorrectionApproved, history.CorrectionWithdrawn:
		if k, err := form.ParseKey(e.Subject); err == nil {
			r.Subject = link{Text: v.labelOf(k), Href: v.cellPage(e.Filing, k)}
		}
		if slices.Contains([]string{string(form.Blank), string(form.Dash), string(form.NA)}, e.Detail) {
			r.Detail = v.say("value." + e.Detail)
		}
		r.Detail = "→ " + r.Detail
	case history.FindingReviewed:
		f := strings.Fields(e.Subject)
		c, _ := form.LookupCheck(f[0])
		r.Subject.Text = strings.TrimSpace(f[0] + " " + v.check(c).Name)
		for len(f) < 3 {
			f = append(f, "")
		}
		r.Subject.Href = v.link("/findings/" + findings.ID(e.Filing, f[0], f[1], f[2]))
		r.Detail = v.say("review." + e.Detail)
	case history.RegisterStated:
		var what []string
		for _, w := range strings.Fields(e.Subject) {
			what = append(what, v.say("changed."+w))
		}
		r.Subject.Text = strings.Join(what, v.say("list"))
	case history.ChecksChanged:
		r.Subject.Text = v.say("changes.checks", e.Subject)
	default:
		r.Subject.Text = fileName(e.Subject)
	}
	return r
}

func (p *changesContent) json() ([]byte, error) {
	type event struct {
		At      string       `json:"at"`
		Event   history.Kind `json:"event"`
		Person  string       `json:"person"`
		Cause   string       `json:"cause"`
		Agency  string       `json:"agency,omitempty"`
		Name    string       `json:"name,omitempty"`
		Year    int          `json:"year,omitempty"`
		Filing  string       `json:"filing,omitempty"`
		Version int          `json:"version,omitempty"`
		Subject string       `json:"subject"`
		Detail  string       `json:"detail"`
		Batch   string       `json:"batch"`
	}
	out := struct {
		Total  int     `json:"total"`
		Events []event `json:"events"`
	}{len(p.events), []event{}}
	for _, e := range p.events {
		out.Events = append(out.Events, event{exactTime(e.At), e.Kind, e.Person, e.Cause, e.Agency, e.Name, e.Year, e.Filing, e.Version, subject(&e), e.Detail, e.Batch})
	}
	return json.Marshal(out)
}

// subject is what an event is about. Of a file only its name is said.
func subject(e *history.Event) string {
	if e.Kind == history.ReportAdded || e.Kind == history.VersionAdded {
		return fileName(e.Subject)
	}
	return e.Subject
}

func (p *changesContent) sheet() sheet {
	s := sheet{header: []string{"at", "event", "person", "cause", "agency", "name", "year", "filing", "version", "subject", "detail", "batch"}}
	for _, e := range p.events {
		line := []value{plainText(exactTime(e.At)), plainText(string(e.Kind)), said(e.Person), said(e.Cause), plainText(e.Agency), said(e.Name), {}, plainText(e.Filing), {},
			said(subject(&e)), said(e.Detail), plainText(e.Batch)}
		if e.Year != 0 {
			line[6] = plainText(strconv.Itoa(e.Year))
		}
		if e.Version != 0 {
			line[8] = figure(int64(e.Version))
		}
		s.rows = append(s.rows, line)
	}
	return s
}
