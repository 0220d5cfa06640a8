package recognise

import (
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// Figures of a picture have two readings (see [document.Optical]), and two readers may err alike: what is printed badly is
// hard for both. So agreement alone makes no number. The rules, from which no figure is exempt:
//
//   - Where the form has sums (三, 四), a figure on which the readings agree is a number if every equation it stands in holds.
//   - Where the readings differ, the figure is a number if it is the only open one of an equation, one of its readings fits, no
//     other that the shapes allow does, and every equation it stands in then holds.
//   - Where there is no equation (二, the tables before 2019), or none that can be tested because other figures are open, a
//     figure is a number only if the readings are sure: they agree, and the picture leaves no room for another.
//   - Where an equation fails with all readings that the shapes allow, the paper is wrong or a figure was misread. The
//     figures in it are numbers only if all of them are sure.
//
// Everything else is ambiguous. A cell is blank only if it has no ink, and counts as 0 in the equations. A figure that
// nobody could read stays ambiguous even where the sums leave one value: it was not read. But if two equations give it the same
// value, they vouch for the figures around it.

// scanned is a figure of a picture on its way to a state, or another cell in the same equations.
type scanned struct {
	cell    *form.Cell
	optical *document.Optical // nil if the file states the text
	agreed  bool              // the readings are the same
	sure    bool
	values  []int64 // those it may have; none if it could not be read
	derived bool    // the value comes from the sums alone
}

// stated is the document without what was read from pictures. Figures in running text, and in tables whose header was
// not understood, have one reading and no sums.
func stated(doc *document.Document) *document.Document {
	optical := func(b document.Block) bool {
		return b.Optical || b.Grid != nil && slices.ContainsFunc(b.Grid.Cells, func(c document.Cell) bool { return c.Optical != nil })
	}
	if !slices.ContainsFunc(doc.Blocks, optical) {
		return doc
	}
	out := *doc
	out.Blocks = slices.DeleteFunc(slices.Clone(doc.Blocks), optical)
	return &out
}

// optical settles the figures that were read from a picture.
func optical(doc *document.Document, f *form.Filing) {
	read := map[form.Position]*document.Optical{}
	for _, b := range doc.Blocks {
		if b.Grid == nil {
			continue
		}
		for _, c := range b.Grid.Cells {
			if c.Optical != nil {
				read[c.At] = c.Optical
			}
		}
	}
	if len(read) == 0 {
		return
	}
	cells := map[form.Key]*scanned{}
	for i := range f.Cells {
		c := &f.Cells[i]
		x := newScanned(c, read[c.At])
		if c.Table == form.Section3 || c.Table == form.Section4 {
			cells[c.Key] = x
		} else if x.optical != nil {
			x.settle(nil)
		}
	}
	for _, code := range []string{form.Section3, form.Section4} {
		fm, _ := form.Lookup(f.Forms[code])
		t, _ := fm.Table(code)
		s := newSums(form.Equations(t), cells)
		s.solve()
		for x := range s.of {
			// Where the sums ask for another value than both readers read, neither of them is to be believed.
			if x.agreed && x.optical != nil && (len(x.values) != 1 || x.cell.State == form.Number && !x.cell.Value.Equal(decimal.NewFromInt(x.values[0]))) {
				x.agreed, x.sure = false, false
			}
		}
		for i := range f.Cells {
			if x := cells[f.Cells[i].Key]; f.Cells[i].Table == code && x.optical != nil {
				x.settle(s.of[x])
			}
		}
	}
}

func newScanned(c *form.Cell, o *document.Optical) *scanned {
	x := &scanned{cell: c, optical: o}
	switch {
	case c.State == form.Blank, c.State == form.Dash && (o == nil || o.Sure):
		x.values, x.agreed, x.sure = []int64{0}, true, true
	case o == nil && c.State == form.Number && c.Value.IsInteger():
		x.values, x.agreed, x.sure = []int64{c.Value.IntPart()}, true, true
	case o != nil && c.State != form.Ambiguous:
		x.agreed = len(o.Readings) > 1 && c.State == form.Number && !slices.ContainsFunc(o.Readings, func(s string) bool { return s != o.Readings[0] })
		x.sure = x.agreed && o.Sure
		for _, s := range append(slices.Clone(o.Readings), o.Others...) {
			if v, ok := number(s, false); ok && v.IsInteger() && !v.IsNegative() && len(s) < 12 && !slices.Contains(x.values, v.IntPart()) {
				x.values = append(x.values, v.IntPart())
			}
		}
	}
	return x
}

// doubtfulPoint is a number whose only separator may be a decimal point or part thousands: on paper the two differ by a hair.
var doubtfulPoint = regexp.MustCompile(`^[1-9]\d{0,2}[.,]\d{3}$`)

// settle gives the cell its state. sums are the equations it stands in.
func (x *scanned) settle(sums []*sum) {
	c := x.cell
	if c.State == form.Blank || c.State == form.Ambiguous {
		return
	}
	read := slices.Compact(slices.Clone(x.optical.Readings))
	open := func(why string) {
		c.State, c.Value, c.Rule, c.Candidates = form.Ambiguous, decimal.Zero, why, nil
		if len(sums) > 0 {
			for _, v := range x.values {
				c.Candidates = append(c.Candidates, decimal.NewFromInt(v).String())
			}
			return
		}
		for _, s := range append(read, x.optical.Others...) {
			if v, ok := number(s, true); ok && !slices.Contains(c.Candidates, v.String()) {
				c.Candidates = append(c.Candidates, v.String())
			}
		}
	}
	if s := strings.Join(slices.DeleteFunc(read, func(s string) bool { return s == "" }), " / "); s != "" {
		c.Raw = s
	}
	if c.State == form.Dash && x.sure {
		c.Rule += ", two sure readings of the picture"
		return
	}
	holds, fails := len(sums) > 0, false
	for _, s := range sums {
		holds = holds && s.holds()
		fails = fails || s.failed
	}
	switch {
	case x.derived:
		open("figure of a picture that could not be read; the sums give the candidate")
	case len(x.optical.Readings) == 0:
		open("words or ink of a picture that are no figure")
	case holds && x.agreed:
		c.Value = decimal.NewFromInt(x.values[0])
		c.State, c.Rule = form.Number, c.Rule+", two readings of the picture agree and the sums hold"
	case holds && slices.ContainsFunc(sums, func(s *sum) bool { return s.only(x) }) && slices.ContainsFunc(read, func(s string) bool {
		v, ok := number(s, false)
		return ok && v.Equal(decimal.NewFromInt(x.values[0]))
	}):
		c.Value, c.Candidates = decimal.NewFromInt(x.values[0]), nil
		c.State, c.Rule = form.Number, "two readings of the picture differ and the sums leave one"
	case !x.sure:
		open("readings of the picture that differ or are not sure")
	case doubtfulPoint.MatchString(x.optical.Readings[0]):
		open("a point or comma of a picture that may part decimals or thousands")
	case fails && slices.ContainsFunc(sums, func(s *sum) bool { return s.failed && !s.sure() }):
		open("figure of a picture whose sums do not hold")
	case fails:
		c.Rule += ", two sure readings of the picture; the printed sums do not hold"
	default:
		c.Rule += ", two sure readings of the picture"
	}
}

// sum is an equation: the terms of the left side less those of the right are 0.
type sum struct {
	terms  []*scanned
	signs  []int64
	whole  bool // every term has a cell
	failed bool // no values that the terms may have make it hold
}

// sums are the equations of a table, and those of each cell.
type sums struct {
	all []*sum
	of  map[*scanned][]*sum
}

func newSums(equations []form.Equation, cells map[form.Key]*scanned) *sums {
	out := &sums{of: map[*scanned][]*sum{}}
	for _, e := range equations {
		s := &sum{whole: true}
		for i, k := range e.Keys() {
			x := cells[k]
			if x == nil {
				s.whole = false
				continue
			}
			sign := int64(1)
			if i >= len(e.Left) {
				sign = -1
			}
			s.terms, s.signs = append(s.terms, x), append(s.signs, sign)
			out.of[x] = append(out.of[x], s)
		}
		out.all = append(out.all, s)
	}
	return out
}

// known says that every term has values.
func (s *sum) known() bool {
	return s.whole && !slices.ContainsFunc(s.terms, func(x *scanned) bool { return len(x.values) == 0 })
}

// holds says that each term has one value and that these fit.
func (s *sum) holds() bool {
	total := int64(0)
	for i, x := range s.terms {
		if len(x.values) != 1 {
			return false
		}
		total += s.signs[i] * x.values[0]
	}
	return s.whole && !s.failed && total == 0
}

// sure says that all terms are.
func (s *sum) sure() bool {
	return s.whole && !slices.ContainsFunc(s.terms, func(x *scanned) bool { return !x.sure })
}

// only says that the readings of all other terms agree.
func (s *sum) only(x *scanned) bool {
	return !slices.ContainsFunc(s.terms, func(y *scanned) bool { return y != x && !y.agreed })
}

// mostTotals bounds the totals that are looked at for one equation; one with more settles nothing.
const mostTotals = 20_000

// fitting are the values of the term at place i for which the others can make the equation hold. ok is false if there
// are too many possibilities.
func (s *sum) fitting(i int) (values []int64, ok bool) {
	totals := map[int64]bool{0: true}
	for j, y := range s.terms {
		if j == i {
			continue
		}
		if len(y.values) == 1 && len(totals) == 1 {
			for t := range totals {
				totals = map[int64]bool{t + s.signs[j]*y.values[0]: true}
			}
			continue
		}
		next := make(map[int64]bool, len(totals)*len(y.values))
		for t := range totals {
			for _, v := range y.values {
				next[t+s.signs[j]*v] = true
			}
		}
		if totals = next; len(totals) > mostTotals {
			return nil, false
		}
	}
	for _, v := range s.terms[i].values {
		if totals[-s.signs[i]*v] {
			values = append(values, v)
		}
	}
	return values, true
}

// solve drops the values that the equations rule out. An equation that no values satisfy rules out none. If the others
// then contradict each other, nothing is ruled out at all.
func (s *sums) solve() {
	for _, e := range s.all {
		if e.known() {
			if values, ok := e.fitting(0); ok && len(values) == 0 {
				e.failed = true
			}
		}
	}
	before := map[*scanned][]int64{}
	for x := range s.of {
		before[x] = x.values
	}
	for changed := true; changed; {
		changed = false
		for _, e := range s.all {
			if e.failed || !e.known() {
				continue
			}
			for i, x := range e.terms {
				values, ok := e.fitting(i)
				if !ok {
					continue
				}
				if len(values) == 0 {
					for x, values := range before {
						x.values = values
					}
					return
				}
				if len(values) < len(x.values) {
					x.values, changed = values, true
				}
			}
		}
		changed = s.derive() || changed
	}
}

// derive gives a figure that nobody could read the value that at least two equations give it.
func (s *sums) derive() bool {
	found := false
	for x, equations := range s.of {
		if len(x.values) > 0 {
			continue
		}
		var given []int64
		for _, e := range equations {
			if v, ok := e.rest(x); ok {
				given = append(given, v)
			}
		}
		if len(given) >= 2 && given[0] >= 0 && len(slices.Compact(given)) == 1 {
			x.values, x.derived = given[:1], true
			found = true
		}
	}
	return found
}

// rest is the value that the other terms leave for one, if each of them has one value.
func (s *sum) rest(x *scanned) (int64, bool) {
	total, sign := int64(0), int64(0)
	for i, y := range s.terms {
		switch {
		case y == x:
			sign = s.signs[i]
		case len(y.values) != 1:
			return 0, false
		default:
			total += s.signs[i] * y.values[0]
		}
	}
	return -total * sign, s.whole && !s.failed
}
