// Package register is the register of agencies: who exists, under which names and when, who has to file by when, and to
// whom a printed name belongs.
//
// What flows in are statements: an [Agency] is the whole entry of a body as somebody stated it, an [Obligation] an
// exception from the rules on who files and by when. [New] makes a [Register] of them, a value that never changes.
// What flows out are a body's name and kind in a year, its due date and the [Standing] of its report, and the [Match] of a
// printed name. [Parse], [Diff] and [Write] turn registers into files that people keep in spreadsheets, and back.
//
// The package holds facts and rules only; the warehouse keeps the statements. Dates are midnights in UTC that stand for
// calendar days in China; a zero date is an open end.
package register

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"nianbao/internal/form"
)

// Agency is one statement about a body: its entry as a whole.
type Agency struct {
	Code   string // stable id, see [ValidCode]; provisional ones are x and 12 hexadecimal digits of the hash of a name
	Kind   Kind
	Region string // GB/T 2260, or an own code of a functional area, see [Region]
	Parent string // code of the body above it, "" none
	USCC   string // 统一社会信用代码, "" not known; see [ValidUSCC]
	Names  []Name
	From   time.Time // first day of existence
	To     time.Time // last day of existence
	Links  []Link
	Page   string     // address of the page where it publishes its reports
	Scope  form.Scope // whose figures its reports hold; "" by the rule of its kind
}

// Name is a name of a body in a stretch of time.
type Name struct {
	Text string    `json:"text"`
	Kind NameKind  `json:"kind"`
	From time.Time `json:"from,omitzero"` // first day of use
	To   time.Time `json:"to,omitzero"`   // last day of use
}

// NameKind says what kind of name it is.
type NameKind string

// The kinds of names. A former official name is Full with its last day; Former is for names of which only that is known.
const (
	Full   NameKind = "full"   // 示例市虚构区科学技术局
	Short  NameKind = "short"  // 区科技局
	Former NameKind = "former" // a name it had, days not known
	Second NameKind = "second" // 加挂牌子: the other name of one body, 国家版权局
)

// NameKinds are the kinds of names.
var NameKinds = []NameKind{Full, Short, Former, Second}

// Link leads from a body to another one that goes on with its work, or, for a provisional entry, to the body it is.
type Link struct {
	Kind  LinkKind  `json:"kind"`
	Other string    `json:"other"` // code
	On    time.Time `json:"on,omitzero"`
}

// LinkKind says how one body follows on another. Links are written at the body that ends or gives away, and lead forward.
type LinkKind string

// The kinds of links.
const (
	Successor LinkKind = "successor" // Other takes its place
	Merger    LinkKind = "merger"    // it became a part of Other, together with others
	Split     LinkKind = "split"     // Other took over a part of it
	Same      LinkKind = "same"      // this entry was provisional and is Other
)

// LinkKinds are the kinds of links.
var LinkKinds = []LinkKind{Successor, Merger, Split, Same}

// Obligation is an exception for one body and reporting year.
type Obligation struct {
	Agency  string
	Year    int
	Due     time.Time // last day, zero by the rule of the kind
	Obliged bool
	Reason  string
}

// Register is every statement that counts at one moment. It never changes and is safe for use by several goroutines.
type Register struct {
	agencies     map[string]Agency
	codes        []string // sorted
	obligations  map[agencyYear]Obligation
	predecessors map[string][]string // code → codes of bodies whose link leads to it, sorted
	names        func() *names       // made when the first name is looked up
}

type agencyYear struct {
	agency string
	year   int
}

// New makes a register of the statements that count. Of several about one agency, or one agency and year, the last does.
// It takes what it is given: [Problems] says what contradicts itself.
func New(agencies []Agency, obligations []Obligation) *Register {
	r := &Register{
		agencies:     make(map[string]Agency, len(agencies)),
		obligations:  make(map[agencyYear]Obligation, len(obligations)),
		predecessors: map[string][]string{},
	}
	for _, a := range agencies {
		r.agencies[a.Code] = a
	}
	for _, o := range obligations {
		r.obligations[agencyYear{o.Agency, o.Year}] = o
	}
	r.codes = slices.Sorted(maps.Keys(r.agencies))
	for _, code := range r.codes {
		for _, l := range r.agencies[code].Links {
			if l.Kind != Same {
				r.predecessors[l.Other] = append(r.predecessors[l.Other], code)
			}
		}
	}
	r.names = sync.OnceValue(func() *names { return newNames(r) })
	return r
}

// Len is the number of entries, provisional ones that were linked included.
func (r *Register) Len() int { return len(r.codes) }

// Agencies lists the entries by code.
func (r *Register) Agencies() []Agency {
	list := make([]Agency, len(r.codes))
	for i, code := range r.codes {
		list[i] = r.agencies[code]
	}
	return list
}

// Agency returns the entry with this code.
func (r *Register) Agency(code string) (Agency, bool) {
	a, ok := r.agencies[code]
	return a, ok
}

// Obligations lists the exceptions by agency and year.
func (r *Register) Obligations() []Obligation {
	return slices.SortedFunc(maps.Values(r.obligations), func(a, b Obligation) int {
		return cmp.Or(strings.Compare(a.Agency, b.Agency), cmp.Compare(a.Year, b.Year))
	})
}

// Resolve follows "same" links from a provisional entry to the body it is. A code that is not in the register, and one
// whose links lead round in a circle, stays itself.
func (r *Register) Resolve(code string) string {
	at := code
	for range len(r.codes) + 1 {
		next, linked := r.agencies[at].SameAs()
		if !linked {
			return at
		}
		at = next
	}
	return code
}

// SameAs is the code of the body that a provisional entry was found to be.
func (a Agency) SameAs() (code string, linked bool) {
	for _, l := range a.Links {
		if l.Kind == Same {
			return l.Other, true
		}
	}
	return "", false
}

// Within tells whether a span of time has a day in common with another one. Zero dates are open ends.
func within(from, to, first, last time.Time) bool {
	return (from.IsZero() || last.IsZero() || !from.After(last)) && (to.IsZero() || first.IsZero() || !to.Before(first))
}

// NameIn is the full name in use on the last day of a year, the nearest full name where the entry has none for that
// day, any name where it has no full one, and the code where it has none at all.
func (a Agency) NameIn(year int) string {
	day := date(year, time.December, 31)
	best, far := a.Code, time.Duration(1<<63-1)
	for _, kinds := range [][]NameKind{{Full}, {Second, Former, Short}} {
		for _, n := range a.Names {
			if !slices.Contains(kinds, n.Kind) {
				continue
			}
			var off time.Duration
			switch {
			case !n.From.IsZero() && n.From.After(day):
				off = n.From.Sub(day)
			case !n.To.IsZero() && n.To.Before(day):
				off = day.Sub(n.To)
			}
			if off < far {
				best, far = n.Text, off
			}
		}
		if best != a.Code {
			break
		}
	}
	return best
}

// Name is the newest full name.
func (a Agency) Name() string { return a.NameIn(9999) }

// ScopeOf says in which list a report of the body stands: with the reports of one body, or with those that sum up a
// whole district. What the report itself says wins, then what the register states, then the rule of the kind. The two are
// never in one list: the sums contain their members.
func (a Agency) ScopeOf(read form.Scope) form.Scope {
	if read == form.ScopeOwn || read == form.ScopeAggregate {
		return read
	}
	if a.Scope == form.ScopeOwn || a.Scope == form.ScopeAggregate {
		return a.Scope
	}
	return a.Kind.scope()
}

var (
	codeForm        = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)
	provisionalForm = regexp.MustCompile(`^x[0-9a-f]{12}$`)
)

// Pending lists the provisional entries that were not linked: names that reports print and that no body of the
// register is known to bear.
func (r *Register) Pending() []Agency {
	var list []Agency
	for _, code := range r.codes {
		if a := r.agencies[code]; a.pending() {
			list = append(list, a)
		}
	}
	return list
}

func (a Agency) pending() bool {
	_, linked := a.SameAs()
	return !linked && Provisional(a.Code)
}

// ValidCode tells whether a text can be the code of an agency: 1 to 40 letters, digits, - and _. A dot is none of them,
// since addresses of pages end with a dot and a format.
func ValidCode(code string) bool { return codeForm.MatchString(code) }

// Provisional tells whether a code was made from a printed name because the register had no body of that name.
func Provisional(code string) bool { return provisionalForm.MatchString(code) }

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
