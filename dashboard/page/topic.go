package page

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"nianbao/internal/form"
	"nianbao/query/compare"
)

// topic is what a page of comparison is about: a year, and which agencies.
type topic struct {
	*visit
	year   int
	roster *compare.Roster // nil while there is nothing
	years  []int           // with reports
}

// subject reads the year and who had reports by then.
func (v *visit) subject(ctx context.Context) (*topic, error) {
	year, err := v.yearAsked(ctx)
	if err != nil {
		return nil, err
	}
	s := &topic{visit: v, year: year}
	if v.at.IsZero() || year == 0 {
		return s, nil
	}
	held, err := v.site.yearsAt(ctx, v.at)
	if err != nil {
		return nil, err
	}
	for _, y := range held {
		s.years = append(s.years, y.Year)
	}
	if err := v.readAbsent(ctx, year); err != nil {
		return nil, err
	}
	s.roster, err = v.site.roster(ctx, year, v.at)
	return s, err
}

// selection says which agencies, for pages about one year or several.
func (s *topic) selection() compare.Selection {
	kind, agencies := s.peers()
	return compare.Selection{Year: s.year, Agencies: agencies, Kind: kind, Scope: s.scope, AsOf: s.at, Flawed: s.excl == exclNone}
}

// request is the same for a measure with ranks and the comparison with the district.
func (s *topic) request() compare.Request {
	kind, agencies := s.peers()
	return compare.Request{Measure: s.measure, Numerator: s.x, Denominator: s.den, Span: max(1, s.span), Year: s.year, Agencies: agencies, Kind: kind, Scope: s.scope, AsOf: s.at, Sort: s.visit.sort, Flawed: s.excl == exclNone}
}

// asked is the measure of the address in its reading.
func (s *topic) asked() compare.Asked {
	return compare.Asked{Measure: s.measure, Numerator: s.x, Denominator: s.den}
}

func (v *visit) peers() (kind compare.Kind, agencies []string) {
	if k, ok := strings.CutPrefix(v.peer, "type:"); ok {
		kind = compare.Kind(k)
	}
	if ids, ok := strings.CutPrefix(v.peer, "list:"); ok {
		agencies = strings.Split(ids, ",")
	}
	return kind, agencies
}

// reading is the measure of the address in its reading.
func (s *topic) reading() form.Measure {
	m, _ := form.LookupMeasure(s.measure)
	m, _ = m.Reading(s.x, s.den)
	return m
}

// wantsShare puts the share of disclosure in the place of a measure that the address does not name, and refuses one that
// is no share.
func (v *visit) wantsShare() error {
	if !slices.Contains(v.explicit, "m") {
		v.measure = "open_rate"
		return nil
	}
	if m, _ := form.LookupMeasure(v.measure); m.Share() {
		return nil
	}
	return &problem{Parameter: "m", Value: v.measure, Allowed: codesOf(sharesOffered)}
}

var sharesOffered = slices.DeleteFunc(slices.Clone(form.Offered), func(m form.Measure) bool { return !m.Share() })

// framed reports whether what stands around the content is looked at.
func (v *visit) framed() bool { return v.format == asHTML || v.format == asSVG }

// yearHead is the frame of a page whose year switch stays on it.
func (v *visit) yearHead(ctx context.Context, year int) (*head, error) {
	return v.newHead(ctx, year, func(y int) string {
		return v.with(func(b *address) { b.year, b.page, b.format, b.part = y, 1, asHTML, "" }).String()
	})
}

// controls is the form of the page: the fields given, and everything else as it is.
func (s *topic) controls(fields ...field) filters {
	f := filters{Action: s.address.path, Fields: fields}
	for _, p := range parameters {
		named := func(one field) bool { return one.Name == p.name }
		if value := p.write(s.address); value != "" && p.name != "page" && p.name != "part" && p.name != "bom" && !slices.ContainsFunc(fields, named) {
			f.Hidden = append(f.Hidden, field{Name: p.name, Value: value})
		}
	}
	plain := s.to(s.address.path).with(func(b *address) { b.year, b.measure, b.up = s.visit.year, s.measure, s.up })
	if s.with(func(b *address) { b.page, b.format, b.part = 1, asHTML, "" }).String() != plain.String() {
		f.Reset = plain.String()
	}
	return f
}

// usualFields are the year, the peers, the list and what is left out, which every page of comparison offers.
func (s *topic) usualFields() []field {
	years := field{Name: "year", Label: s.say("compare.yearlabel"), Type: "select"}
	list := slices.Clone(s.years)
	if s.year != 0 && !slices.Contains(list, s.year) {
		list = append(list, s.year)
	}
	slices.Sort(list)
	for _, y := range slices.Backward(list) {
		years.Options = append(years.Options, offer{strconv.Itoa(y), s.say("compare.year", y), y == s.year})
	}
	peers := field{Name: "peer", Label: s.say("compare.peer"), Type: "select", Options: []offer{{"all", s.say("compare.peer.all"), s.peer == "all"}}}
	for _, k := range compare.Kinds {
		value := "type:" + string(k)
		peers.Options = append(peers.Options, offer{value, s.kindName(k), s.peer == value})
	}
	if strings.HasPrefix(s.peer, "list:") {
		peers.Options = append(peers.Options, offer{s.peer, s.say("compare.peer.list", strings.Count(s.peer, ",")+1), true})
	}
	scopes := field{Name: "scope", Label: s.say("compare.scope"), Type: "select"}
	for _, one := range []form.Scope{form.ScopeOwn, form.ScopeAggregate} {
		scopes.Options = append(scopes.Options, offer{string(one), s.say("scope." + string(one)), one == s.scope})
	}
	excl := field{Name: "excl", Label: s.say("compare.excl"), Type: "select"}
	for _, one := range []string{exclCritical, exclNone} {
		excl.Options = append(excl.Options, offer{one, s.say("compare.excl." + one), one == s.excl})
	}
	return []field{years, peers, scopes, excl}
}

// measureField offers measures under their headings.
func (in lang) measureField(name, label, chosen string, measures []form.Measure) field {
	f := field{Name: name, Label: label, Type: "select"}
	for _, m := range measures {
		m = in.term(m)
		at := slices.IndexFunc(f.Groups, func(g offers) bool { return g.Label == m.Group })
		if at < 0 {
			at = len(f.Groups)
			f.Groups = append(f.Groups, offers{Label: m.Group})
		}
		f.Groups[at].Options = append(f.Groups[at].Options, offer{m.Code, m.Name, m.Code == chosen})
	}
	return f
}

// pick is a field with a few values.
func pick(name, label, chosen string, pairs ...[2]string) field {
	f := field{Name: name, Label: label, Type: "select"}
	for _, p := range pairs {
		f.Options = append(f.Options, offer{p[0], p[1], p[0] == chosen})
	}
	return f
}

// reportOf is the address of the report of an agency, "" if there is none.
func (v *visit) reportOf(agency string, year int, filing string) string {
	if filing == "" {
		return ""
	}
	return v.link("/report/" + agency + "/" + strconv.Itoa(year))
}

// marked reports whether an agency is highlighted.
func (v *visit) marked(agency string) bool { return slices.Contains(v.mark, agency) }

// named is an agency as a row of a table begins.
type named struct {
	Agency, Name, Kind, Href, Report string
	Synthetic, Marked                bool
}

func (v *visit) named(agency, name string, kind compare.Kind, year int, filing string, synthetic bool) named {
	return named{agency, name, v.kindName(kind), v.link("/agency/" + agency), v.reportOf(agency, year, filing), synthetic, v.marked(agency)}
}

func (v *visit) namedLine(l *compare.Line) named {
	last := l.Last()
	return v.named(l.Agency, l.Name, l.Kind, last.Year, last.Filing, last.Synthetic)
}

// anySynthetic reports whether one of the reports is made up.
func anySynthetic(t compare.Table) bool {
	return slices.ContainsFunc(t.Lines, func(l compare.Line) bool {
		return slices.ContainsFunc(l.Reports, func(r compare.Report) bool { return r.Synthetic })
	})
}
