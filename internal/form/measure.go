package form

import "slices"

// MeasureKind says what a measure is and so what may be said of it.
type MeasureKind string

// The kinds of measures.
const (
	// CountOf is a number of things: a sum of cells. It is a census, so it has no interval.
	CountOf MeasureKind = "count"
	// AmountOf is a sum of money with decimals.
	AmountOf MeasureKind = "amount"
	// ShareOf is a part of a whole: the numerator is contained in the denominator.
	ShareOf MeasureKind = "share"
	// RatioOf relates two numbers of different things: the one is no part of the other. It is shown beside its two
	// numbers and never ranked.
	RatioOf MeasureKind = "ratio"
	// GrowthOf is the change of a number to the year before: it needs two reports.
	GrowthOf MeasureKind = "growth"
	// DaysOf is a number of days. It comes from the register, not from the cells of a report.
	DaysOf MeasureKind = "days"
)

// MeasureKinds lists them.
var MeasureKinds = []MeasureKind{CountOf, AmountOf, ShareOf, RatioOf, GrowthOf, DaysOf}

// Direction says which values of a measure are better, where the law says so. A high 公开率 or a high 不予公开率 is no
// verdict: nearly every measure has none.
type Direction string

// The directions.
const (
	NoDirection Direction = ""
	LessIsBest  Direction = "less"
)

// Measure is a figure computed from the cells of reports.
type Measure struct {
	Code string
	Name string // Chinese
	En   string
	Kind MeasureKind
	Unit string // 件, 万元, 天; shares have none
	// Numerator and Denominator are sums of cells. Rows and columns of both versions of the form may stand in one sum
	// (R6 and R6_1 to R6_3, made and made_new); a report has those of one, and [InForm] picks them.
	Numerator   []Key
	Denominator []Key
	Formula     string // the numerator in words of the form
	Per         string // the denominator in words of the form
	// Numerators and Denominators are the readings among which who asks may choose, the usual one first; empty where
	// there is one. [Measure.Reading] puts the chosen ones in place.
	Numerators   []Reading
	Denominators []Reading
	Direction    Direction
	// Comparable are the versions of the form whose figures may be put side by side.
	Comparable []Version
	Caveat     string // what to know before comparing
	// Caveats is what to know about single versions of the form.
	Caveats []VersionCaveat
	Source  string // where the definition comes from
	// Revision counts the definitions that this code has had. A changed formula is a new revision.
	Revision int
	Group    string // heading under which pages list it
	// Detail marks the single rows and columns. They are offered for choice and left out of overviews.
	Detail bool
}

// Reading is one way to read the numerator or denominator of a measure.
type Reading struct {
	Code  string
	Name  string // of the measure in this reading; of a denominator "" , since it stands beside the name
	Keys  []Key
	Words string // in words of the form
}

// VersionCaveat is what to know about the figures of one version of the form.
type VersionCaveat struct {
	Version Version
	Text    string
}

// Share reports whether the measure is a part of a whole.
func (m Measure) Share() bool { return m.Kind == ShareOf }

// Offered reports whether the measure can be compared over agencies. Ratios are shown only beside their two numbers,
// and days only where the register is.
func (m Measure) Offered() bool { return m.Kind != RatioOf && m.Kind != DaysOf }

// AmountScale is the number of decimals that sums of money keep.
const AmountScale = 8

// Scale is the number of decimals of the measure's sums: 0 of counts.
func (m Measure) Scale() int {
	if m.Kind == AmountOf {
		return AmountScale
	}
	return 0
}

// Reading returns the measure with the numerator and the denominator that have these codes; "" is the usual one. ok is
// false if it has no such reading.
func (m Measure) Reading(numerator, denominator string) (out Measure, ok bool) {
	find := func(code string, list []Reading) (Reading, bool) {
		i := slices.IndexFunc(list, func(r Reading) bool { return r.Code == code })
		if i < 0 {
			return Reading{}, false
		}
		return list[i], true
	}
	if numerator != "" {
		r, ok := find(numerator, m.Numerators)
		if !ok {
			return m, false
		}
		m.Numerator, m.Formula, m.Name, m.En = r.Keys, r.Words, r.Name, English(r.Name)
	}
	if denominator != "" {
		r, ok := find(denominator, m.Denominators)
		if !ok {
			return m, false
		}
		m.Denominator, m.Per = r.Keys, r.Words
	}
	return m, true
}

// LookupMeasure returns the measure with this code.
func LookupMeasure(code string) (Measure, bool) {
	for _, m := range Measures {
		if m.Code == code {
			return m, true
		}
	}
	return Measure{}, false
}

// Offered are the measures that can be compared over agencies, in the order of [Measures].
var Offered = slices.DeleteFunc(slices.Clone(Measures), func(m Measure) bool { return !m.Offered() })

// InForm keeps the keys that a table of this version has, in order.
func InForm(keys []Key, v Version) []Key {
	f, ok := Lookup(v)
	if !ok {
		return nil
	}
	var out []Key
	for _, k := range keys {
		if f.Has(k) {
			out = append(out, k)
		}
	}
	return out
}
