package register

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// How says by what a name was recognised.
type How string

// The ways to recognise a name.
const (
	Exact      How = "exact"      // an official name in use in the year
	Alias      How = "alias"      // a short or former name of the register, word for word
	Normalised How = "normalised" // the same name with its place or duties in other words: 科技局 for 科学技术局
	NoMatch    How = "none"
)

// Match is the answer to whose name a printed name is.
type Match struct {
	Code       string // "" where How is NoMatch
	How        How
	Candidates []Candidate // who it may be, where How is NoMatch, likeliest first; at most ten
}

// Candidate is a body whose name a printed one may be, with what is missing for certainty.
type Candidate struct {
	Code, Name string
	Why        string // Chinese
}

const mostCandidates = 10

// entry is one name of one agency, as the index of names has it.
type entry struct {
	agency *Agency
	name   *Name
	place  string
	sure   bool // the text itself says which place it is
	rivals []string
}

type placed struct{ place, core string }

// names is the index by which printed names are looked up.
type names struct {
	prefixes map[string][]prefix
	byText   map[string][]entry
	byCore   map[placed][]entry
	inPlaces map[string][]entry // by core, of all places
	ofPlace  map[string][]string
}

// newNames indexes the names of a register.
func newNames(r *Register) *names {
	x := &names{prefixes: map[string][]prefix{}, byText: map[string][]entry{}, byCore: map[placed][]entry{}, inPlaces: map[string][]entry{}, ofPlace: map[string][]string{}}
	g := placeNames{divisions(), map[string][]string{}, map[string][]string{}}
	places := map[string]bool{}
	for _, a := range r.Agencies() {
		place := placeOf(a.Region)
		if place == "" || Provisional(a.Code) {
			continue
		}
		places[place] = true
		if _, listed := g.names[place]; !listed && place != country {
			for _, name := range governed(a) {
				g.give(place, name)
			}
		}
	}
	for _, place := range sorted(places) {
		x.ofPlace[place] = g.forms(place)
		g.of(place, func(text string, is prefix) {
			if !slices.ContainsFunc(x.prefixes[text], func(p prefix) bool { return p.place == place }) {
				x.prefixes[text] = append(x.prefixes[text], is)
			}
		})
	}
	for _, a := range r.Agencies() {
		if a.pending() {
			continue
		}
		target := a
		if _, linked := a.SameAs(); linked {
			target, _ = r.Agency(r.Resolve(a.Code))
			if target.Code == "" {
				continue
			}
		}
		place := placeOf(target.Region)
		for _, n := range a.Names {
			x.add(target, n, place, g)
		}
	}
	return x
}

func sorted(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for key := range set {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}

func (x *names) add(a Agency, n Name, place string, g placeNames) {
	text := plain(n.Text)
	if text == "" {
		return
	}
	e := entry{agency: &a, name: &n, place: place}
	// The longest way to name the place is cut off; what is left is the core.
	core, bare := headless(text), headless(text)
	for cut := range len(bare) + 1 {
		if cut < len(bare) && !utf8.RuneStart(bare[cut]) {
			continue
		}
		for _, p := range x.prefixes[bare[:cut]] {
			if p.place == place {
				core, e.sure, e.rivals = bare[cut:], !p.vague, p.rivals
			}
		}
	}
	switch {
	case core != bare:
	case place == country, inside(bare, place, g): // 国务院办公厅, 某市生态环境局某某分局
		e.sure = true
	default:
		for _, word := range generic[1:] {
			if rest, ok := strings.CutPrefix(bare, word); ok && genericFits(word, x.ofPlace[place]) && utf8.RuneCountInString(rest) >= 2 {
				core = rest
			}
		}
	}
	if core == "" {
		core = governing[0]
		if a.Kind == Zone {
			core = governing[1]
		}
	}
	x.byText[text] = append(x.byText[text], e)
	if bare != text {
		x.byText[bare] = append(x.byText[bare], e)
	}
	key := placed{place, canonical(core)}
	x.byCore[key] = append(x.byCore[key], e)
	x.inPlaces[key.core] = append(x.inPlaces[key.core], e)
}

// governing are the cores of bodies that some reports call by the mere name of their place.
var governing = []string{"政府", "管委会"}

// inside tells whether a name begins with a place above this one and has this one's name in it.
func inside(text, place string, g placeNames) bool {
	for _, a := range above(place) {
		for _, form := range g.forms(a) {
			rest, ok := strings.CutPrefix(text, form)
			if !ok {
				continue
			}
			for _, own := range g.forms(place) {
				if strings.Contains(rest, own) {
					return true
				}
			}
		}
	}
	return false
}

// Match tells whose name a printed name is in reports for a year (0 not known). region is where the report is known to come from,
// "" if nothing is known. A name is matched only where one body alone bears it and the place is certain: the name says the
// place, and no other division of the country is called so, or the region is known. Whatever is less is a candidate. Provisional
// entries that were not linked are nobody, and never the answer.
func (r *Register) Match(printed, region string, year int) Match {
	s := search{x: r.names(), r: r, year: year, hint: placeOf(region)}
	name := plain(printed)
	s.text(name)
	s.words(headless(name))
	if before, inside := brackets(name); inside != "" && len(s.sure) == 0 {
		s.text(before)
		s.words(headless(before))
		if len(s.sure) == 0 {
			s.only = "只有括号内的名称相符"
			s.text(inside)
			s.words(inside)
		}
	}
	return s.answer()
}

// Distinct is the text that tells a body from others of which nothing is known but the printed name and where the report comes
// from, "" if not known: the name, after the region where the name does not say its place (科技局 of 370304).
func Distinct(name, region string) string {
	place := placeOf(region)
	for _, form := range (placeNames{gazetteer: divisions()}).forms(place) {
		if strings.Contains(name, form) {
			return name
		}
	}
	return place + name
}

// Recognised is a provisional entry and the body that it is.
type Recognised struct {
	Entry Agency // provisional
	Code  string
	How   How
}

// Recognise looks up the names of the pending entries: a register often arrives after the reports. years are those of
// which reports are held under an entry; the name must be that of one and the same body in each of them.
func (r *Register) Recognise(years func(code string) []int) []Recognised {
	var list []Recognised
	for _, a := range r.Pending() {
		held := years(a.Code)
		if len(held) == 0 {
			held = []int{0}
		}
		var first Match
		for i, year := range held {
			m := r.Match(a.Name(), a.Region, year)
			if i == 0 {
				first = m
			}
			if m.Code != first.Code {
				first.Code = ""
			}
		}
		if first.Code != "" {
			list = append(list, Recognised{a, first.Code, first.How})
		}
	}
	return list
}

// As is the entry with the statement that it is another one, in place of what was stated before.
func (a Agency) As(code string) Agency {
	a.Links = append(slices.DeleteFunc(slices.Clone(a.Links), func(l Link) bool { return l.Kind == Same }), Link{Kind: Same, Other: code})
	return a
}

func endsAsPlace(name string) bool {
	last, _ := utf8.DecodeLastRuneInString(name)
	return strings.ContainsRune("省市区县旗州盟", last)
}

// search collects who bears a name.
type search struct {
	x    *names
	r    *Register
	year int
	hint string
	only string // why nothing that is found from here on is sure
	sure []scored
	rest []scored
}

type scored struct {
	entry
	tier int // 0 best
	why  string
}

// text looks the name up word for word.
func (s *search) text(name string) {
	for _, e := range s.x.byText[name] {
		s.take(e, true, s.doubt(e.place, e.sure, e.rivals))
	}
}

// words looks the name up with its place and duties in other words.
func (s *search) words(name string) {
	for cut := 0; cut <= len(name); cut++ {
		if cut < len(name) && !utf8.RuneStart(name[cut]) {
			continue
		}
		for _, p := range s.x.prefixes[name[:cut]] {
			cores := []string{canonical(name[cut:])}
			if cut == len(name) && endsAsPlace(name) {
				cores = governing
			}
			for _, core := range cores {
				for _, e := range s.x.byCore[placed{p.place, core}] {
					s.take(e, false, s.doubt(p.place, !p.vague, p.rivals))
				}
			}
		}
	}
	for _, word := range generic {
		core, ok := strings.CutPrefix(name, word)
		if !ok || core == "" {
			continue
		}
		list := s.x.inPlaces[canonical(core)]
		if s.hint != "" {
			list = s.x.byCore[placed{s.hint, canonical(core)}]
		}
		for i, e := range list {
			if i == mostCandidates && s.hint == "" {
				break
			}
			if genericFits(word, s.x.ofPlace[e.place]) {
				s.take(e, false, s.doubt(e.place, e.place == country, nil))
			}
		}
	}
}

// doubt says why the place is not certain, "" if it is. said tells whether the name names it.
func (s *search) doubt(place string, said bool, rivals []string) string {
	switch {
	case s.hint == place && place != "":
		return ""
	case !said:
		return "名称未写明所在地"
	case s.contradiction(place) != "":
		return s.contradiction(place)
	case len(rivals) == 0:
		return ""
	case s.hint != "" && !slices.ContainsFunc(rivals, func(r string) bool { return r == s.hint || slices.Contains(above(r), s.hint) }):
		return "" // the hint is a division above the place, and of those called so only this one lies in it
	}
	return "同名的地方另有 " + strings.Join(called(rivals), "、")
}

// contradiction says that the name speaks of another place than the report comes from, "" if it does not.
func (s *search) contradiction(place string) string {
	if s.hint == "" || s.hint == place || slices.Contains(above(place), s.hint) {
		return ""
	}
	return "报告来自" + called([]string{s.hint})[0]
}

func called(places []string) []string {
	var list []string
	for i, p := range places {
		if i == 3 {
			list = append(list, fmt.Sprintf("等%d处", len(places)))
			break
		}
		name := FullName(p)
		if name == "" {
			name = p
		}
		list = append(list, name)
	}
	return list
}

// take notes who bears a name, word for word or not, with the doubt about the place.
func (s *search) take(e entry, literal bool, doubt string) {
	inUse, exists := true, true
	if s.year > 0 {
		// A report for a year appears in the year after; bodies go on with old names for a while.
		first, last := date(s.year, time.January, 1), date(s.year+1, time.December, 31)
		inUse = within(e.name.From, e.name.To, first, last)
		exists = within(e.agency.From, e.agency.To, first, last)
	}
	inUse = inUse && e.name.Kind != Former
	official := e.name.Kind == Full || e.name.Kind == Second
	f := scored{entry: e, why: doubt}
	switch {
	case literal && inUse && official:
		f.tier = 0
	case literal && inUse:
		f.tier = 1
	case inUse:
		f.tier = 2
	case literal:
		f.tier = 3
	default:
		f.tier = 4
	}
	switch {
	case f.why != "":
	case s.only != "":
		f.why = s.only
	case !exists:
		f.why = s.absence(e.agency)
	}
	if f.why == "" {
		s.sure = append(s.sure, f)
	} else {
		s.rest = append(s.rest, f)
	}
}

// absence says when a body did not exist, and who follows on it.
func (s *search) absence(a *Agency) string {
	if a.To.IsZero() || a.To.Year() >= s.year {
		return a.From.Format(time.DateOnly) + " 才成立"
	}
	why := "已于 " + a.To.Format(time.DateOnly) + " 撤销"
	for _, l := range a.Links {
		if next, ok := s.r.Agency(l.Other); ok && l.Kind != Same {
			why += "，由" + next.NameIn(s.year) + "接续"
		}
	}
	return why
}

// hows are the names of the tiers.
var hows = [...]How{Exact, Alias, Normalised, Alias, Normalised}

func (s *search) answer() Match {
	byTier := func(a, b scored) int { return a.tier - b.tier }
	slices.SortStableFunc(s.sure, byTier)
	slices.SortStableFunc(s.rest, byTier)
	if len(s.sure) > 0 {
		best := s.sure[0]
		only := true
		for _, f := range s.sure {
			only = only && (f.tier > best.tier || f.agency.Code == best.agency.Code)
		}
		if only {
			return Match{Code: best.agency.Code, How: hows[best.tier]}
		}
	}
	m := Match{How: NoMatch}
	for i, f := range append(s.sure, s.rest...) {
		if i < len(s.sure) {
			f.why = "同地有几个机关用此名称"
		}
		known := slices.ContainsFunc(m.Candidates, func(c Candidate) bool { return c.Code == f.agency.Code })
		if !known && len(m.Candidates) < mostCandidates {
			year := s.year
			if year == 0 {
				year = 9999
			}
			m.Candidates = append(m.Candidates, Candidate{f.agency.Code, f.agency.NameIn(year), f.why})
		}
	}
	return m
}
