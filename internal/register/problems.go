package register

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"nianbao/internal/form"
)

// Problem is something that an entry or exception may not say.
type Problem struct {
	Code  string // of the agency
	Year  int    // of the exception, 0 for an entry
	Field string // as in the header of a file, see [Columns]
	Want  string // what was expected
}

func (p Problem) String() string {
	if p.Year > 0 {
		return fmt.Sprintf("%s %d: %s: %s", p.Code, p.Year, p.Field, p.Want)
	}
	return fmt.Sprintf("%s: %s: %s", p.Code, p.Field, p.Want)
}

// The limits of what people write.
const (
	longestName   = 100  // characters
	longestReason = 500  // characters
	longestPage   = 2000 // bytes
	mostNames     = 100  // of one agency
	firstYear     = 1990 // reporting years; there were no reports before 2008
	lastYear      = 2200
)

// Check says what is wrong with an entry taken by itself.
func (a Agency) Check() []Problem {
	var list []Problem
	add := func(field, want string, args ...any) {
		list = append(list, Problem{Code: a.Code, Field: field, Want: fmt.Sprintf(want, args...)})
	}
	provisional := Provisional(a.Code)
	if !ValidCode(a.Code) {
		add("code", "got %q, want 1 to 40 letters, digits, - and _", cut(a.Code))
	}
	if !slices.Contains(Kinds, a.Kind) {
		add("kind", "got %q, want one of %s", cut(string(a.Kind)), oneOf(Kinds))
	}
	if !ValidRegion(a.Region) && !(provisional && a.Region == "") {
		add("region", "got %q, want six digits of GB/T 2260 (370304), with -F and a word for a functional area (350128-Fshiyan), or 9 or 12 digits for a township", cut(a.Region))
	}
	if a.Parent != "" && (!ValidCode(a.Parent) || a.Parent == a.Code) {
		add("parent", "got %q, want the code of another agency", cut(a.Parent))
	}
	if a.USCC != "" && !ValidUSCC(a.USCC) {
		add("uscc", "got %q, want 18 digits and capital letters with the right check digit (GB 32100-2015)", cut(a.USCC))
	}
	if len(a.Names) == 0 || len(a.Names) > mostNames {
		add("name", "got %d names, want 1 to %d", len(a.Names), mostNames)
	}
	for _, n := range a.Names {
		if why := unfit(n.Text, longestName); why != "" || utf8.RuneCountInString(n.Text) < 2 {
			add("name", "got %q, want 2 to %d characters%s", cut(n.Text), longestName, why)
		}
		if !slices.Contains(NameKinds, n.Kind) {
			add("kind", "of name %q: got %q, want one of %s", cut(n.Text), cut(string(n.Kind)), oneOf(NameKinds))
		}
		if why := unordered(n.From, n.To); why != "" {
			add("to", "of name %q: %s", cut(n.Text), why)
		}
	}
	if why := unordered(a.From, a.To); why != "" {
		add("to", "%s", why)
	}
	same := 0
	for _, l := range a.Links {
		if !slices.Contains(LinkKinds, l.Kind) {
			add("kind", "of link to %q: got %q, want one of %s", cut(l.Other), cut(string(l.Kind)), oneOf(LinkKinds))
		}
		if !ValidCode(l.Other) || l.Other == a.Code {
			add("other", "got %q, want the code of another agency", cut(l.Other))
		}
		if why := unordered(l.On, l.On); why != "" {
			add("from", "of link to %q: %s", cut(l.Other), why)
		}
		if l.Kind == Same {
			same++
		}
	}
	if same > 1 || same == 1 && !provisional {
		add("kind", "an entry is the same as one other at most, and only a provisional one (x and 12 hexadecimal digits); use successor or merger for bodies of their own")
	}
	if a.Page != "" {
		if u, err := url.Parse(a.Page); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || len(a.Page) > longestPage || unfit(a.Page, longestPage) != "" {
			add("page", "got %q, want an address that begins with http:// or https://", cut(a.Page))
		}
	}
	if a.Scope != "" && a.Scope != form.ScopeOwn && a.Scope != form.ScopeAggregate {
		add("scope", "got %q, want own, aggregate or nothing", cut(string(a.Scope)))
	}
	return list
}

// Check says what is wrong with an exception taken by itself.
func (o Obligation) Check() []Problem {
	var list []Problem
	add := func(field, want string, args ...any) {
		list = append(list, Problem{Code: o.Agency, Year: o.Year, Field: field, Want: fmt.Sprintf(want, args...)})
	}
	if !ValidCode(o.Agency) {
		add("code", "got %q, want the code of an agency", cut(o.Agency))
	}
	if o.Year < firstYear || o.Year > lastYear {
		add("year", "got %d, want a reporting year from %d to %d", o.Year, firstYear, lastYear)
	}
	switch {
	case o.Due.IsZero():
	case !o.Obliged:
		add("due", "got %s, want no due day where there is no duty", o.Due.Format(time.DateOnly))
	case o.Due.Year() <= o.Year || o.Due.Year() > o.Year+5:
		add("due", "got %s, want a day in the five years after %d", o.Due.Format(time.DateOnly), o.Year)
	}
	if why := unfit(o.Reason, longestReason); why != "" {
		add("reason", "got %q, want at most %d characters%s", cut(o.Reason), longestReason, why)
	}
	if o.Reason == "" {
		add("reason", "want why this is an exception")
	}
	return list
}

// Problems says what is wrong with the register, each entry taken by itself and all together.
func (r *Register) Problems() []Problem {
	var list []Problem
	add := func(code string, field, want string, args ...any) {
		list = append(list, Problem{Code: code, Field: field, Want: fmt.Sprintf(want, args...)})
	}
	type called struct{ place, name string }
	bearers := map[called][]string{}
	credit := map[string]string{}
	for _, code := range r.codes {
		a := r.agencies[code]
		list = append(list, a.Check()...)
		if _, ok := r.agencies[a.Parent]; a.Parent != "" && !ok {
			add(code, "parent", "%s is not in the register", cut(a.Parent))
		} else if r.roundabout(code) {
			add(code, "parent", "the bodies above it lead back to it")
		}
		for _, l := range a.Links {
			if _, ok := r.agencies[l.Other]; !ok {
				add(code, "other", "%s is not in the register", cut(l.Other))
			}
		}
		if _, linked := a.SameAs(); linked && r.Resolve(code) == code {
			add(code, "other", "the links lead back to it")
		}
		if Provisional(code) { // its name is that of another entry, or not yet of any
			continue
		}
		if other := credit[a.USCC]; a.USCC != "" && other != "" {
			add(code, "uscc", "%s is that of %s", a.USCC, other)
		}
		credit[a.USCC] = code
		for _, n := range a.Names {
			if n.Kind != Full {
				continue
			}
			key := called{placeOf(a.Region), plain(n.Text)}
			for _, other := range bearers[key] {
				if other != code && r.agencies[other].calledAt(key.name, n, a) {
					add(code, "name", "%s bears the name %s in the same place at the same time", other, n.Text)
				}
			}
			if len(bearers[key]) < 10 { // enough to see a clash
				bearers[key] = append(bearers[key], code)
			}
		}
	}
	for _, o := range r.Obligations() {
		list = append(list, o.Check()...)
		if _, ok := r.agencies[o.Agency]; !ok {
			list = append(list, Problem{Code: o.Agency, Year: o.Year, Field: "code", Want: "the agency is not in the register"})
		}
	}
	return list
}

// calledAt tells whether the agency bears a full name while another one does.
func (a Agency) calledAt(name string, n Name, other Agency) bool {
	return slices.ContainsFunc(a.Names, func(m Name) bool {
		return m.Kind == Full && plain(m.Text) == name && within(m.From, m.To, n.From, n.To) && within(a.From, a.To, other.From, other.To) &&
			within(m.From, m.To, other.From, other.To) && within(a.From, a.To, n.From, n.To)
	})
}

// roundabout tells whether the chain of parents comes back to an agency.
func (r *Register) roundabout(code string) bool {
	at := r.agencies[code].Parent
	for range 20 { // no chain of command is longer
		if at == code {
			return true
		}
		if at == "" {
			return false
		}
		at = r.agencies[at].Parent
	}
	return false
}

// unfit says what a text may not hold: what a terminal or a spreadsheet would take for a command.
func unfit(s string, longest int) string {
	switch {
	case !utf8.ValidString(s):
		return ", in valid characters"
	case utf8.RuneCountInString(s) > longest:
		return fmt.Sprintf(", it has %d", utf8.RuneCountInString(s))
	case strings.TrimSpace(s) != s:
		return ", without space at either end"
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) }):
		return ", without line breaks and control characters"
	case s != "" && strings.ContainsRune("=+-@", []rune(s)[0]):
		return ", not beginning with = + - @, which spreadsheets take for formulas"
	}
	return ""
}

// unordered says what is wrong with a first and a last day.
func unordered(from, to time.Time) string {
	for _, t := range []time.Time{from, to} {
		if !t.IsZero() && (t.Year() < 1900 || t.Year() > 2299) {
			return fmt.Sprintf("got %s, want a day from 1900 to 2299", t.Format(time.DateOnly))
		}
	}
	if !from.IsZero() && !to.IsZero() && to.Before(from) {
		return fmt.Sprintf("got %s, want a day not before the first, %s", to.Format(time.DateOnly), from.Format(time.DateOnly))
	}
	return ""
}

func oneOf[T ~string](list []T) string {
	var b strings.Builder
	for i, v := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(v))
	}
	return b.String()
}

// cut shortens a text for a message.
func cut(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
