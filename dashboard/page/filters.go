package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nianbao/internal/register"
)

// filters is the form by which a list is narrowed. It needs no script: sending it is the address.
type filters struct {
	Action string
	Hidden []field // what stays as it is
	Fields []field
	Reset  string // address without conditions, "" if there are none
}

// filtersOf makes the form of a page from its fields.
func (v *visit) filtersOf(fields ...field) filters {
	f := filters{Action: v.address.path, Fields: fields}
	if v.theme != "auto" {
		f.Hidden = append(f.Hidden, field{Name: "theme", Value: v.theme})
	}
	if !v.asOf.IsZero() {
		for _, p := range parameters {
			if p.name == "as_of" {
				f.Hidden = append(f.Hidden, field{Name: "as_of", Value: p.write(v.address)})
			}
		}
	}
	if plain := v.to(v.address.path).String(); plain != v.with(func(b *address) { b.page = 1 }).String() {
		f.Reset = plain
	}
	return f
}

// choice is a field that offers the values of a parameter, the first meaning all. Several chosen at once, which only an
// address can do, are a choice of their own.
func choice[T ~string](in lang, name, label, all string, chosen, values []T, text func(T) string) field {
	f := field{Name: name, Label: label, Type: "select", Options: []offer{{Text: all, Selected: len(chosen) == 0}}}
	for _, one := range values {
		f.Options = append(f.Options, offer{string(one), text(one), len(chosen) == 1 && chosen[0] == one})
	}
	if len(chosen) > 1 {
		var names []string
		for _, one := range chosen {
			names = append(names, text(one))
		}
		f.Options = append(f.Options, offer{strings.Join(plainTexts(chosen), ","), strings.Join(names, in.say("list")), true})
	}
	return f
}

// yearChoice offers the years, the newest first.
func (in lang) yearChoice(years []int, chosen int) field {
	years = slices.Clone(years)
	if chosen != 0 && !slices.Contains(years, chosen) {
		years = append(years, chosen)
	}
	slices.Sort(years)
	slices.Reverse(years)
	f := field{Name: "year", Label: in.say("compare.yearlabel"), Type: "select", Options: []offer{{Text: in.say("filter.years"), Selected: chosen == 0}}}
	for _, y := range years {
		f.Options = append(f.Options, offer{strconv.Itoa(y), in.say("compare.year", y), y == chosen})
	}
	return f
}

func (in lang) kindChoice(chosen []register.Kind) field {
	return choice(in, "kind", in.say("col.kind"), in.say("compare.peer.all"), chosen, register.Kinds, in.kindName)
}

// pages are the links of a list of which a page shows some rows.
func (v *visit) pages(total, size int) []link {
	last := max(1, (total+size-1)/size)
	var out []link
	before := 0
	for n := 1; n <= last; n++ {
		if n != 1 && n != last && (n < v.page-2 || n > v.page+2) {
			continue
		}
		if n > before+1 {
			out = append(out, link{Text: "…"})
		}
		before = n
		out = append(out, link{fmt.Sprint(n), v.with(func(b *address) { b.page = n }).String(), n == v.page})
	}
	return out
}

// rowsOn are the bounds of the rows of the page. A page after the last is none.
func (v *visit) rowsOn(total, size int) (from, to int, err error) {
	from = (v.page - 1) * size
	if from > 0 && from >= total {
		return 0, 0, &problem{Parameter: "page", Value: strconv.Itoa(v.page), Allowed: []string{"1…" + strconv.Itoa(max(1, (total+size-1)/size))}}
	}
	return from, min(from+size, total), nil
}

// listed is how many rows of a list a page shows. Files hold all.
const listed = 200
