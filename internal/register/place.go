package register

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// gazetteer knows the names of the divisions of the embedded lists, former ones with those under which they go on.
type gazetteer struct {
	names   map[string][]string // current code → full names, of all times
	bearers map[string][]string // full or short name → current codes
}

var divisions = sync.OnceValue(func() gazetteer {
	g := gazetteer{names: map[string][]string{}, bearers: map[string][]string{}}
	for _, code := range slices.Sorted(maps.Keys(regions())) {
		for _, r := range regions()[code] {
			g.add(CurrentRegion(code), r.Name)
		}
	}
	return g
})

func (g gazetteer) add(code, name string) {
	add := func(m map[string][]string, key, value string) {
		if !slices.Contains(m[key], value) {
			m[key] = append(m[key], value)
		}
	}
	add(g.names, code, name)
	add(g.bearers, name, code)
	add(g.bearers, shortRegion(name), code)
}

// placeOf is the region by which bodies are told apart: a township's is the division it lies in, and a division that was
// renumbered is the one it is today. It is "" for a text that is no code of a region.
func placeOf(code string) string {
	if areaForm.MatchString(code) {
		return code
	}
	return CurrentRegion(Division(code))
}

// above lists the regions in which a place lies, from the province down.
func above(place string) []string {
	division := Division(place)
	if division == "" {
		return nil
	}
	var list []string
	for _, c := range []string{division[:2] + "0000", division[:4] + "00", division} {
		if c = CurrentRegion(c); c != place && !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

// A prefix is a way to name a place before the name of a body.
type prefix struct {
	place string
	// vague says that the words alone are too little to tell a place by: 博山, 城区. Other places may be called so.
	vague bool
	// rivals are other places that can be named the same way. Who reads 鼓楼区 knows only that it is one of several.
	rivals []string
}

// placeNames are all ways to name the places of a register: with or without the divisions above, in full or short.
type placeNames struct {
	gazetteer
	own     map[string][]string // names of places that the embedded lists do not have, from the bodies that govern them
	ownBear map[string][]string // those names, full and short → places
}

func (p placeNames) forms(place string) []string {
	var list []string
	for _, names := range [][]string{p.names[place], p.own[place]} {
		for _, name := range names {
			for _, form := range []string{name, shortRegion(name)} {
				if !slices.Contains(list, form) {
					list = append(list, form)
				}
			}
		}
	}
	return list
}

// of lists the ways to name one place, with those with which it shares each.
func (p placeNames) of(place string, yield func(text string, is prefix)) {
	var chain [][]string
	for _, a := range above(place) {
		if forms := p.forms(a); len(forms) > 0 {
			chain = append(chain, forms)
		}
	}
	whole := slices.Concat(p.names[place], p.own[place])
	for _, own := range p.forms(place) {
		var candidates []string
		for _, other := range p.bearersOf(own) {
			if other != place {
				candidates = append(candidates, other)
			}
		}
		var walk func(text string, said []string, rest [][]string)
		walk = func(text string, said []string, rest [][]string) {
			if len(rest) == 0 {
				vague := len(said) == 0 && (utf8.RuneCountInString(own) < 3 || !slices.Contains(whole, own))
				yield(text+own, prefix{place, vague, p.sharing(candidates, said)})
				return
			}
			walk(text, said, rest[1:])
			for _, form := range rest[0] {
				walk(text+form, append(said[:len(said):len(said)], form), rest[1:])
			}
		}
		walk("", nil, chain)
	}
}

func (p placeNames) bearersOf(name string) []string {
	return slices.Concat(p.bearers[name], p.ownBear[name])
}

// give enters a name of a place that the embedded lists do not have.
func (p placeNames) give(place, name string) {
	if slices.Contains(p.own[place], name) {
		return
	}
	p.own[place] = append(p.own[place], name)
	for _, form := range slices.Compact([]string{name, shortRegion(name)}) {
		if !slices.Contains(p.ownBear[form], place) {
			p.ownBear[form] = append(p.ownBear[form], place)
		}
	}
}

// sharing are those candidates that lie in divisions with all the names said.
func (p placeNames) sharing(candidates, said []string) []string {
	var list []string
	for _, c := range candidates {
		fits := true
		for _, name := range said {
			fits = fits && slices.ContainsFunc(above(c), func(a string) bool { return slices.Contains(p.forms(a), name) })
		}
		if fits {
			list = append(list, c)
		}
	}
	return list
}

// lastPart finds the own name of a place behind that of a place above it: 虚构区 in 示例市虚构区.
var lastPart = regexp.MustCompile(`^.{2,}?(?:省|自治区|市|州|盟)(.{2,})$`)

// governed are the names of a place as its government or committee bears them, for places that no list has.
func governed(a Agency) []string {
	if a.Kind != Government && a.Kind != Zone {
		return nil
	}
	var list []string
	for _, n := range a.Names {
		if n.Kind == Second {
			continue
		}
		name := plain(n.Text)
		for _, end := range []string{"人民政府", "管理委员会", "管委会"} {
			name = strings.TrimSuffix(name, end)
		}
		for name != "" {
			if !slices.Contains(list, name) {
				list = append(list, name)
			}
			m := lastPart.FindStringSubmatch(name)
			if m == nil {
				break
			}
			name = m[1]
		}
	}
	return list
}

// generic are words that stand for the place of the reader: 区科技局. Each fits places whose names end with it.
var generic = []string{"", "省", "自治区", "市", "自治州", "州", "盟", "地区", "县", "自治县", "区", "旗", "自治旗"}

func genericFits(word string, names []string) bool {
	return word == "" || slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, word) })
}
