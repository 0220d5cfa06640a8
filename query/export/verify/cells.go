package verify

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/query/export"
)

// Cells are added up as they come, for every report at once: no cell is kept. A plan says, for each table of each version
// of the form, to which sums and sides of equations a cell belongs.

// plan is what the cells of one table of one version are added to.
type plan struct {
	table     string
	of        map[form.Key]int // place of the cell
	sums      [][]int          // by place: the sums that the cell is part of
	sides     [][]int          // by place: the equations, those of which it stands on the right as -1-n
	wanted    []int            // cells of each sum
	amounts   []bool           // sums of money
	equations []form.Equation
}

// A reference is one sum of a plan: the cells of one measure's side that lie in one table and column.
type reference struct {
	measure, part int // part is the place of the table among those of the side
	over          bool
	sum           int
}

const tables = 3

var tableCodes = [tables]string{form.Section2, form.Section3, form.Section4}

func tableOf(code string) int { return slices.Index(tableCodes[:], code) }

// plans and references by table and version.
var plans, references = func() (map[string]*plan, map[string][]reference) {
	plans, references := map[string]*plan{}, map[string][]reference{}
	for _, f := range form.Forms {
		for _, t := range f.Tables {
			p := &plan{table: t.Code, of: map[form.Key]int{}, equations: form.Equations(t)}
			for _, b := range t.Blocks {
				for _, r := range b.Rows {
					for _, c := range b.Columns {
						p.of[form.Key{Table: t.Code, Row: r.Code, Column: c.Code}] = len(p.of)
					}
				}
			}
			p.sums, p.sides = make([][]int, len(p.of)), make([][]int, len(p.of))
			for n, e := range p.equations {
				for _, k := range e.Left {
					p.sides[p.of[k]] = append(p.sides[p.of[k]], n)
				}
				for _, k := range e.Right {
					p.sides[p.of[k]] = append(p.sides[p.of[k]], -1-n)
				}
			}
			name := t.Code + string(f.Version)
			for m, measure := range export.Measured {
				for over, side := range [][]form.Key{measure.Numerator, measure.Denominator} {
					for part, table := range tablesOf(side) {
						if table != t.Code {
							continue
						}
						var columns []string
						sums := map[string]int{}
						for _, k := range form.InForm(side, f.Version) {
							if k.Table != t.Code {
								continue
							}
							if !slices.Contains(columns, k.Column) {
								columns = append(columns, k.Column)
								sums[k.Column] = len(p.wanted)
								_, column, _ := t.Find(k.Row, k.Column)
								p.wanted, p.amounts = append(p.wanted, 0), append(p.amounts, column.Decimal)
								references[name] = append(references[name], reference{m, part, over == 1, sums[k.Column]})
							}
							p.wanted[sums[k.Column]]++
							p.sums[p.of[k]] = append(p.sums[p.of[k]], sums[k.Column])
						}
					}
				}
			}
			plans[name] = p
		}
	}
	return plans, references
}()

// tablesOf are the tables of a side, in order.
func tablesOf(side []form.Key) []string {
	var out []string
	for _, k := range side {
		if !slices.Contains(out, k.Table) {
			out = append(out, k.Table)
		}
	}
	return out
}

// sum adds up the cells of a measure.
type sum struct {
	total int64 // whole numbers; money in units of 10^-8
	cells uint16
	bits  uint8 // the states of the cells
	fixed bool  // a correction is among them
}

// The states of cells as bits, and the first of them that stands in the way of a sum.
const (
	settled   = 2
	blank     = 4
	dash      = 8
	na        = 16
	words     = 32
	ambiguous = 64
	excluded  = 128
)

var inTheWay = []struct {
	bit   uint8
	state string
}{{ambiguous, "ambiguous"}, {excluded, "excluded"}, {words, "text"}, {na, "na"}, {dash, "dash"}, {blank, "blank"}}

// equation adds up the cells of an identity at one place.
type equation struct {
	left, right decimal.Decimal
	cells       uint16
	unsure      bool // words or several readings are among them
	fixed       bool
}

// begin makes room for the sums of the tables that a report has.
func (f *filing) begin() {
	if !f.counts {
		return
	}
	for i, table := range tableCodes {
		if p := plans[table+string(f.forms[table])]; p != nil {
			f.sums[i], f.sides[i] = make([]sum, len(p.wanted)), make([]equation, len(p.equations))
		}
	}
}

// old reports whether the report is one before 2019, of which no identity is known.
func (f *filing) old() bool { return f.year < 2019 || len(f.forms) == 0 && f.present[tables] }

// identities is how many outcomes of the identities a report has: one at each place, or one where the table is not there.
func (f *filing) identities() int {
	n := 0
	for _, id := range form.Identities {
		n += len(f.equations(id))
	}
	return n
}

// equations are the equations of an identity in a report; one that is not there stands for a table without any.
func (f *filing) equations(id form.Identity) []int {
	t := tableOf(id.Table)
	p := plans[id.Table+string(f.forms[id.Table])]
	if f.old() || !f.present[t] || p == nil {
		return []int{-1}
	}
	var out []int
	for n, e := range p.equations {
		if e.Identity.ID == id.ID {
			out = append(out, n)
		}
	}
	return out
}

var (
	states  = map[string]uint8{"number": 1, "blank": blank, "dash": dash, "na": na, "text": words, "ambiguous": ambiguous}
	million = decimal.New(1, 15) // what can be counted is less
	most    = decimal.New(1, 7)  // and of money, in 万元
)

// cell adds up the cells.
func (c *checking) cell() func(*row) {
	known := map[*filing]map[int]bool{}
	lastYear := 0
	return func(r *row) {
		id := r.text("filing")
		f := c.filings[id]
		if f == nil {
			return
		}
		f.nCells++
		if !f.counts {
			c.problem("cells.csv, row %d: filing %s does not count", r.n, id)
			return
		}
		if y := r.number("year"); y != lastYear {
			lastYear = y
			clear(known)
		}
		if f.year != lastYear || f.agency != r.text("agency") || f.sha256 != r.text("sha256") || f.version != r.number("version") {
			c.problem("cells.csv, row %d: agency, year, version or hash are not those of filing %s", r.n, id)
		}
		key := form.Key{Table: r.text("table"), Row: r.text("row"), Column: r.text("column")}
		state := r.text("state")
		bit, ok := states[state]
		value := r.decimal("value")
		if !ok || (value != nil) != (state == "number") {
			c.problem("cells.csv, row %d: cell %s of filing %s has state %q and value %q", r.n, key, id, state, r.bytes("value"))
			return
		}
		fixed := r.truth("corrected")
		readState, readValue := state, string(r.bytes("value"))
		if fixed {
			readState, readValue = r.text("read_state"), string(r.bytes("read_value"))
			x, ok := c.fixes[r.text("correction")]
			if !ok || x.filing != id || x.key != key || x.state != state || x.value != string(r.bytes("value")) || x.standing != "in_force" {
				c.problem("cells.csv, row %d: cell %s of filing %s is corrected by %q, and corrections.csv does not say so", r.n, key, id, r.text("correction"))
			}
		} else if r.text("correction") != "" || r.text("read_state") != "" || len(r.bytes("read_value")) > 0 {
			c.problem("cells.csv, row %d: cell %s of filing %s is not corrected and has a correction", r.n, key, id)
		}
		if readState != "" {
			f.add(key, readState, readValue, r.text("raw"))
		}
		if c.sample > 0 {
			c.draw(export.Draw(c.Origin.Query.Seed, id, key.Table, key.Row, key.Column, string(r.bytes("page")), string(r.bytes("grid")), string(r.bytes("grid_row")), string(r.bytes("grid_column")),
				string(r.bytes("line"))))
		}
		t := tableOf(key.Table)
		if t < 0 {
			f.present[tables] = f.present[tables] || key.Table == form.Legacy
			return
		}
		f.present[t] = true
		p := plans[key.Table+string(f.forms[key.Table])]
		if p == nil {
			return
		}
		place, ok := p.of[key]
		if !ok {
			return // a cell of the other version of the form: no sum has it
		}
		if known[f] == nil {
			known[f] = map[int]bool{}
		}
		if known[f][t<<16|place] {
			f.twice = true
		}
		known[f][t<<16|place] = true
		if state == "blank" && r.text("settled_by") != "" {
			bit = settled
		}
		for _, n := range p.sums[place] {
			s := &f.sums[t][n]
			s.cells++
			s.fixed = s.fixed || fixed
			switch {
			case value == nil:
				s.bits |= bit
			case p.amounts[n] && !value.IsNegative() && value.LessThan(most) && value.Equal(value.Truncate(form.AmountScale)):
				s.total += value.Shift(form.AmountScale).IntPart()
			case !p.amounts[n] && !value.IsNegative() && value.LessThan(million) && value.IsInteger():
				s.total += value.IntPart()
			default:
				s.bits |= excluded
			}
		}
		for _, n := range p.sides[place] {
			right := n < 0
			if right {
				n = -1 - n
			}
			e := &f.sides[t][n]
			e.cells++
			e.fixed = e.fixed || fixed
			switch {
			case value != nil && right:
				e.right = e.right.Add(*value)
			case value != nil:
				e.left = e.left.Add(*value)
			case state == "text" || state == "ambiguous":
				e.unsure = true
			}
		}
	}
}

// add adds a cell as it was read to the content of the report. The sum does not depend on the order.
func (f *filing) add(k form.Key, state, value, raw string) {
	h := sha256.Sum256([]byte(strings.Join([]string{k.Table, k.Row, k.Column, state, value, raw}, "\x00")))
	carry := 0
	for i := range f.content {
		carry += int(f.content[i]) + int(h[i])
		f.content[i] = byte(carry)
		carry >>= 8
	}
}

// draw keeps the smallest draws.
func (c *checking) draw(d string) {
	if len(c.drawn) == c.sample && d >= c.drawn[len(c.drawn)-1] {
		return
	}
	i, _ := slices.BinarySearch(c.drawn, d)
	c.drawn = slices.Insert(c.drawn, i, d)
	c.drawn = c.drawn[:min(len(c.drawn), c.sample)]
}

// finding computes the identities again.
func (c *checking) finding(r *row) {
	id := r.text("filing")
	f := c.filings[id]
	if f == nil {
		return
	}
	f.nFindings++
	rule, place := r.text("rule"), r.text("place")
	i := slices.IndexFunc(form.Identities, func(i form.Identity) bool { return i.ID == rule })
	if i < 0 || f.twice { // which of two cells counted is not known
		if i >= 0 {
			f.checked++
		}
		return
	}
	f.checked++
	table := form.Identities[i].Table
	want, left, right, fixed := "", decimal.Zero, decimal.Zero, false
	for _, n := range f.equations(form.Identities[i]) {
		if n < 0 {
			if want = "not_assessable"; f.old() {
				want = "not_applicable"
			}
			continue
		}
		p := plans[table+string(f.forms[table])]
		if p.equations[n].Place != place {
			continue
		}
		e := &f.sides[tableOf(table)][n]
		fixed, left, right = e.fixed, e.left, e.right
		switch {
		case int(e.cells) < len(p.equations[n].Left)+len(p.equations[n].Right):
			want = "not_assessable"
		case e.unsure:
			want = "uncertain"
		case left.Equal(right):
			want = "pass"
		default:
			want = "fail"
		}
	}
	c.Equal++
	got := r.text("status")
	same := got == want
	if same && (want == "pass" || want == "fail") {
		l, ri, d := r.decimal("left"), r.decimal("right"), r.decimal("delta")
		same = l != nil && ri != nil && d != nil && l.Equal(left) && ri.Equal(right) && d.Equal(left.Sub(right))
	}
	if same {
		return
	}
	text := fmt.Sprintf("findings.csv, row %d: identity %s of filing %s (agency %s, %d) at %s gives %s = %s, %s by the cells; the file says %s = %s, %s", r.n, rule, id, f.agency, f.year, place,
		left, right, want, r.bytes("left"), r.bytes("right"), got)
	if fixed { // the check that follows a correction is a commit of its own
		c.Notes = append(c.Notes, text+"; a corrected cell is among them, and the check may not have been made again yet")
		return
	}
	c.problem("%s", text)
}

// formula compares the definitions with those of this program.
func (c *checking) formula(r *row) {
	i := r.n - 1
	if i >= len(export.Measured) || export.Measured[i].Code != r.text("measure") || export.Measured[i].Revision != r.number("revision") ||
		strings.Join(form.Paths(export.Measured[i].Numerator), " + ") != r.text("numerator") || strings.Join(form.Paths(export.Measured[i].Denominator), " + ") != r.text("denominator") {
		c.problem("formulas.csv, row %d: measure %s is not defined so in this program", r.n, r.text("measure"))
	}
}

// figure is a side of a measure computed from the sums.
type figure struct {
	state   string // "" if there is a sum
	total   int64
	settled bool
	fixed   bool
}

func (f *filing) figure(measure int, over bool, side []form.Key) figure {
	var total figure
	for part, table := range tablesOf(side) {
		version := f.forms[table]
		if _, known := form.Lookup(version); !known {
			return figure{state: "no_row"}
		}
		p, found := plans[table+string(version)], false
		for _, ref := range references[table+string(version)] {
			if ref.measure != measure || ref.over != over || ref.part != part {
				continue
			}
			found = true
			s := f.sums[tableOf(table)][ref.sum]
			one := figure{total: s.total, settled: s.bits&settled != 0, fixed: s.fixed}
			switch wanted := p.wanted[ref.sum]; {
			case int(s.cells) < wanted:
				one = figure{state: "no_row"}
			default:
				for _, h := range inTheWay {
					if s.bits&h.bit != 0 {
						one = figure{state: h.state, fixed: s.fixed}
						break
					}
				}
				if one.state == "" && int(s.cells) > wanted {
					one = figure{state: "ambiguous"}
				}
			}
			if one.state != "" {
				if total.state == "" {
					total = one
				}
			} else if total.state == "" {
				total.total += one.total
				total.settled, total.fixed = total.settled || one.settled, total.fixed || one.fixed
			}
		}
		if !found {
			return figure{state: "na_form"}
		}
	}
	return total
}

// measure computes a figure again.
func (c *checking) measure(r *row) {
	id, code := r.text("filing"), r.text("measure")
	f := c.filings[id]
	i := slices.IndexFunc(export.Measured, func(m form.Measure) bool { return m.Code == code })
	if f == nil || i < 0 {
		if i < 0 {
			c.problem("measures.csv, row %d: measure %s is not in formulas.csv", r.n, code)
		}
		return
	}
	f.nMeasures++
	f.leftOut = f.leftOut || r.truth("left_out")
	m := &export.Measured[i]
	x, n := f.figure(i, false, m.Numerator), figure{}
	if len(m.Denominator) > 0 {
		n = f.figure(i, true, m.Denominator)
	}
	number := func(g figure) *decimal.Decimal {
		if g.state != "" {
			return nil
		}
		d := decimal.New(g.total, int32(-m.Scale()))
		return &d
	}
	top, over := number(x), (*decimal.Decimal)(nil)
	if len(m.Denominator) > 0 {
		over = number(n)
	}
	state := "value"
	if x.total == 0 {
		state = "zero"
	}
	switch {
	case x.state != "":
		state = x.state
	case len(m.Denominator) == 0:
	case n.state != "":
		state = n.state
	case m.Share() && x.total > n.total:
		state = "excluded"
	case n.total == 0:
		state = "no_denominator"
	case m.Share() && n.total < 10:
		state = "too_small"
	}
	var value *decimal.Decimal
	if state == "value" || state == "zero" {
		value = export.ValueOf(top, over)
	}
	c.Measures++
	equal := func(column string, want *decimal.Decimal) bool {
		got := r.decimal(column)
		return (got == nil) == (want == nil) && (got == nil || got.Equal(*want))
	}
	if r.text("state") != state || !equal("numerator", top) || !equal("denominator", over) || !equal("value", value) {
		c.problem("measures.csv, row %d: measure %s of filing %s (agency %s, %d) is %s: %s / %s = %s by the cells; the file says %s: %s / %s = %s", r.n, code, id, f.agency, f.year, state,
			text(top), text(over), text(value), r.text("state"), r.bytes("numerator"), r.bytes("denominator"), r.bytes("value"))
	}
	if blankAsZero := x.settled || n.settled; r.truth("blank_as_zero") != blankAsZero || r.truth("corrected") != (x.fixed || n.fixed) {
		c.problem("measures.csv, row %d: measure %s of filing %s (agency %s, %d): blank_as_zero %t and corrected %t by the cells", r.n, code, id, f.agency, f.year, blankAsZero, x.fixed || n.fixed)
	}
}

func text(d *decimal.Decimal) string {
	if d == nil {
		return "–"
	}
	return d.String()
}
