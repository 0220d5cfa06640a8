package compare

import (
	"slices"

	"nianbao/internal/form"
)

// State says what a value on a page is: a number, or the reason why there is none. A value has exactly one.
type State string

// The states. Only Value and Zero have a number; of TooSmall the counts are shown and no share.
const (
	Value         State = "value"          // every cell holds a number, the result is greater than 0
	Zero          State = "zero"           // every cell holds a number, the result is 0
	Blank         State = "blank"          // a cell is blank and no identity says that it is 0
	Dash          State = "dash"           // a cell holds a placeholder: - / 无
	NA            State = "na"             // a cell says 不适用
	Text          State = "text"           // a cell holds words
	Ambiguous     State = "ambiguous"      // of a cell several readings fit
	NoRow         State = "no_row"         // a row, or the whole table, was not found in the report
	NAForm        State = "na_form"        // the version of the form has no such row
	Excluded      State = "excluded"       // the numbers contradict each other, or are none that can be counted
	NoDenominator State = "no_denominator" // a share of nothing
	TooSmall      State = "too_small"      // a share of fewer than 10
	NotFiled      State = "not_filed"      // no report was received
	OneYear       State = "one_year"       // fewer than two of the years to be pooled have a figure
)

// States are all states, in the order in which pages explain them.
var States = []State{Value, Zero, Blank, Dash, NA, Text, Ambiguous, NoRow, NAForm, Excluded, NoDenominator, TooSmall, NotFiled, OneYear}

// Figure is a sum of cells of one report.
type Figure struct {
	State State  // Value, Zero, or why there is no sum
	Sum   int64  // the sum, where State is Value or Zero; else 0 and without meaning. Amounts are in units of 10^-8 万元
	Raw   string // text of one of the cells that stand in the way, as printed
	// BlankAsZero says that a blank cell counted as 0, because an identity that contains it holds exactly with 0.
	BlankAsZero bool
	// Corrected says that a person corrected one of the cells.
	Corrected bool
}

// Known reports whether there is a sum.
func (f Figure) Known() bool { return f.State == Value || f.State == Zero }

// Source is a set of cells of one table and column that are summed.
type Source struct {
	Table, Column string
	Rows          []string
	Decimals      bool // amounts of money; their sums come in units of 10^-[form.AmountScale]
}

// sum is what the query returns for one source in one filing.
type sum struct {
	total  int64  // of the cells that hold a whole number from 0 to 10^15, or an amount from 0 to 10^7 in its unit
	cells  uint64 // how many of the source's cells the report has
	states uint8  // the bits below, of all its cells
	raw    string // the text of a cell with a bit above settledBlank
	// corrected says that a correction is in force for one of the cells; it does not come from the query.
	corrected bool
}

// The states of cells as bits. The query sets them, so a sum of many cells keeps the state of each.
const (
	number       = 1
	settledBlank = 2
	blank        = 4
	dash         = 8
	na           = 16
	text         = 32
	ambiguous    = 64
	uncountable  = 128 // a number, but negative, too great, or with more decimals than its column counts
)

// hindrances are the bits that stand in the way of a sum, the one to report first.
var hindrances = []struct {
	bit   uint8
	state State
}{{ambiguous, Ambiguous}, {uncountable, Excluded}, {text, Text}, {na, NA}, {dash, Dash}, {blank, Blank}}

// figure says what the sum is worth when the report should have so many cells.
func (s sum) figure(wanted int) Figure {
	if s.cells < uint64(wanted) {
		return Figure{State: NoRow}
	}
	for _, h := range hindrances {
		if s.states&h.bit != 0 {
			return Figure{State: h.state, Raw: s.raw, Corrected: s.corrected}
		}
	}
	if s.cells > uint64(wanted) { // a cell was stored twice: which of the two counts is not known
		return Figure{State: Ambiguous}
	}
	f := Figure{State: Zero, Sum: s.total, BlankAsZero: s.states&settledBlank != 0, Corrected: s.corrected}
	if s.total > 0 {
		f.State = Value
	}
	return f
}

// add joins the sums of two tables.
func (f Figure) add(g Figure) Figure {
	switch {
	case !f.Known():
		return f
	case !g.Known():
		return g
	}
	f.Sum += g.Sum
	f.BlankAsZero = f.BlankAsZero || g.BlankAsZero
	f.Corrected = f.Corrected || g.Corrected
	if g.State == Value {
		f.State = Value
	}
	return f
}

// side is the numerator or denominator of a measure, resolved for each version of the form. It has a part for each table.
type side []part

// part is the share of a side that lies in one table.
type part struct {
	table    string
	versions map[form.Version][]reference // one for each column
}

// reference points to the source with the cells that a version of the form has of a column.
type reference struct{ source, cells int }

// plan is what to ask for to know some measures.
type plan struct {
	sources  []Source
	measures []sides
}

// sides are the two sums of a measure; over is empty unless it is a share.
type sides struct{ top, over side }

// newPlan finds the sources of the measures. Equal sources are asked for once.
func newPlan(measures []form.Measure) plan {
	var p plan
	for _, m := range measures {
		one := sides{top: p.side(m.Numerator)}
		if m.Kind != form.GrowthOf { // its denominator is the numerator of the year before
			one.over = p.side(m.Denominator)
		}
		p.measures = append(p.measures, one)
	}
	return p
}

func (p *plan) side(keys []form.Key) side {
	var out side
	for _, k := range keys {
		if !slices.ContainsFunc(out, func(one part) bool { return one.table == k.Table }) {
			out = append(out, part{k.Table, map[form.Version][]reference{}})
		}
	}
	for _, one := range out {
		for _, f := range form.Forms {
			var sources []Source // one for each column
			for _, k := range form.InForm(keys, f.Version) {
				if k.Table != one.table {
					continue
				}
				i := slices.IndexFunc(sources, func(s Source) bool { return s.Column == k.Column })
				if i < 0 {
					_, column, _ := form.Find(k)
					i = len(sources)
					sources = append(sources, Source{Table: k.Table, Column: k.Column, Decimals: column.Decimal})
				}
				sources[i].Rows = append(sources[i].Rows, k.Row)
			}
			for _, s := range sources {
				one.versions[f.Version] = append(one.versions[f.Version], reference{p.source(s), len(s.Rows)})
			}
		}
	}
	return out
}

func (p *plan) source(s Source) int {
	same := func(t Source) bool {
		return s.Table == t.Table && s.Column == t.Column && slices.Equal(s.Rows, t.Rows)
	}
	if i := slices.IndexFunc(p.sources, same); i >= 0 {
		return i
	}
	p.sources = append(p.sources, s)
	return len(p.sources) - 1
}

// figure sums a side in a filing with these versions of the form by table. sums is empty where no source has a cell.
func (s side) figure(forms func(table string) form.Version, sums []sum) Figure {
	total := Figure{State: Zero}
	for _, p := range s {
		version := forms(p.table)
		if _, known := form.Lookup(version); !known { // the report lacks the table, or its words are of no known form
			return Figure{State: NoRow}
		}
		if len(p.versions[version]) == 0 {
			return Figure{State: NAForm}
		}
		for _, r := range p.versions[version] {
			var one sum
			if r.source < len(sums) {
				one = sums[r.source]
			}
			total = total.add(one.figure(r.cells))
		}
	}
	return total
}

// figures are numerator and denominator in a filing.
func (s sides) figures(f *filing, sums sums) (x, n Figure) {
	x = s.top.figure(f.form, sums.of(f))
	if len(s.over) > 0 {
		n = s.over.figure(f.form, sums.of(f))
	}
	return x, n
}
