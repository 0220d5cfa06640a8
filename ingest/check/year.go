package check

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/internal/register"
)

// Year makes the contexts of the filings of one year: it knows the visible filing of every body for that year and the
// year before. It never changes and is safe for use by several goroutines.
type Year struct {
	register *register.Register
	year     int
	prior    map[string]*Extract   // by agency
	members  map[string][]*Extract // by code of the body above, in order of the codes
	peers    map[peerGroup]*Peers
	texts    *Texts
	kinds    map[string]register.Kind // of agencies that the register does not have
}

// peerGroup are bodies that are compared with each other. Departments are only where they have the same duty: a bureau of
// markets and a bureau of sciences have nothing in common but the word.
type peerGroup struct {
	kind  register.Kind
	scope form.Scope
	duty  string // of departments
}

func (y *Year) group(agency, name string, scope form.Scope) peerGroup {
	g := peerGroup{kind: y.kind(agency, name), scope: scope}
	if g.kind == register.Bureau || g.kind == register.Vertical {
		g.duty = place.ReplaceAllString(name, "")
	}
	return g
}

// place is what stands before a department's duty in its full name.
var place = regexp.MustCompile(`^(?:[\p{Han}]{2,8}?省|[\p{Han}]{2,8}?自治区)?(?:[\p{Han}]{2,8}?(?:市|自治州|盟))?(?:[\p{Han}]{2,8}?(?:区|县|旗))?`)

// YearOf takes the visible filings for the year and for the year before; one of each body. The register may be nil: then
// kinds are told from names, and neither due dates nor members are known.
func YearOf(year int, now, before []*Extract, reg *register.Register) *Year {
	if reg == nil {
		reg = register.New(nil, nil)
	}
	y := &Year{register: reg, year: year, prior: make(map[string]*Extract, len(before)), members: map[string][]*Extract{},
		peers: map[peerGroup]*Peers{}, kinds: map[string]register.Kind{}}
	for _, x := range before {
		y.prior[x.Agency] = x
	}
	y.texts = TextsOf(now)
	groups := map[peerGroup][]*Extract{}
	for _, x := range now {
		if a, ok := reg.Agency(x.Agency); !ok {
			y.kinds[x.Agency] = register.KindOfName(x.Name)
		} else if a.Parent != "" {
			y.members[a.Parent] = append(y.members[a.Parent], x)
		}
		g := y.group(x.Agency, x.Name, x.Scope)
		groups[g] = append(groups[g], x)
	}
	for _, list := range y.members {
		slices.SortFunc(list, func(a, b *Extract) int { return strings.Compare(a.Agency, b.Agency) })
	}
	for g, list := range groups {
		y.peers[g] = peersOf(list, y.texts)
	}
	return y
}

func (y *Year) kind(agency, name string) register.Kind {
	if a, ok := y.register.Agency(agency); ok && a.Kind != "" {
		return a.Kind
	}
	if k, ok := y.kinds[agency]; ok {
		return k
	}
	return register.KindOfName(name)
}

// Context is what the filing of a body for the year is checked against. The agency is the code under which its extract
// stands, or would.
func (y *Year) Context(agency string, f *form.Filing) Context {
	c := Context{Prior: y.prior[agency], Members: y.members[agency], Peers: y.peers[y.group(agency, f.Agency.Name, scopeOf(f))]}
	if a, ok := y.register.Agency(agency); ok {
		c.Due = y.register.Due(agency, y.year)
		c.MayRegulate = func(printed form.Agency) Answer {
			return MayRegulate(form.Agency{Name: printed.Name, Region: cmp.Or(a.Region, printed.Region)})
		}
	}
	if c.Peers == nil {
		c.Peers = &Peers{Spread: map[string]Spread{}, Texts: y.texts}
	}
	return c
}

// peersOf summarises the bodies of one group.
func peersOf(list []*Extract, texts *Texts) *Peers {
	p := &Peers{Spread: map[string]Spread{}, Texts: texts}
	for _, m := range mainFigures {
		var values []decimal.Decimal
		for _, x := range list {
			if c, ok := x.cells[m.cell]; ok && c.state == form.Number {
				values = append(values, c.value)
			}
		}
		p.Spread[m.code] = SpreadOf(values)
	}
	for _, x := range list {
		probe := form.Finding{Status: form.Pass}
		handled := x.value(&probe, form.Key{Table: form.Section3, Row: "NEW", Column: "total"}).
			Add(x.value(&probe, form.Key{Table: form.Section3, Row: "CARRY_IN", Column: "total"}))
		if probe.Status == form.Pass {
			p.Bodies++
			if handled.IsZero() {
				p.Without++
			}
		}
	}
	return p
}
