package compare

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"nianbao/query/stats"
)

// Parts are the measures that count the six outcomes, in the order of the form and of [form.Groups].
var Parts = [...]string{"granted", "partial", "refused", "cannot", "noproc", "other"}

// Structure is how the applications that agencies concluded were answered, as six parts of a whole.
type Structure struct {
	Table    Table
	District Outcome   // the sum of the agencies of which all six parts are known
	Agencies int       // how many these are
	Lines    []Outcome // n ≥ 30 by the share granted, then n 10–29 and n < 10 by n, then those without a whole
}

// Outcome is the structure of one agency.
type Outcome struct {
	Line  *Line              // nil for the district
	State State              // Value, NoDenominator or TooSmall if all six parts are known, else why not
	Parts [len(Parts)]Judged // counts
	Whole int64              // the sum of the parts
	Share [len(Parts)]string // as pages print them; "" where n < 10
	Class stats.Class        // of the whole
	Total Figure             // (七)总计 as printed
	Off   int64              // Total − Whole where both are known: not 0 if the report breaks A2
}

// StructureOf reads the structure of a year.
func (r *Roster) StructureOf(ctx context.Context, conn driver.Conn, s Selection) (Structure, error) {
	s.Years = 1
	t, err := r.Table(ctx, conn, s, Usual(append(Parts[:], "concluded")...)...)
	if err != nil {
		return Structure{}, err
	}
	return structure(t), nil
}

func structure(t Table) Structure {
	out := Structure{Table: t}
	for i := range t.Lines {
		l := &t.Lines[i]
		o := Outcome{Line: l, State: Value, Total: l.Last().Figures[len(Parts)].X}
		copy(o.Parts[:], l.Last().Figures)
		for _, p := range o.Parts {
			if (!p.X.Known() || p.State == Excluded) && o.State == Value {
				o.State = p.State
			}
			o.Whole += p.X.Sum
		}
		if o.State != Value {
			o.Whole = 0
			out.Lines = append(out.Lines, o)
			continue
		}
		out.Agencies++
		out.District.Whole += o.Whole
		for k := range o.Parts {
			out.District.Parts[k].X.Sum += o.Parts[k].X.Sum
		}
		if o.Total.Known() {
			o.Off = o.Total.Sum - o.Whole
		}
		o.settle()
		out.Lines = append(out.Lines, o)
	}
	d := &out.District
	d.State = NotFiled
	if out.Agencies > 0 {
		d.State = Value
		for k := range d.Parts {
			d.Parts[k].State, d.Parts[k].X.State = Value, Value
			if d.Parts[k].X.Sum == 0 {
				d.Parts[k].State, d.Parts[k].X.State = Zero, Zero
			}
		}
		d.settle()
	}
	slices.SortStableFunc(out.Lines, func(a, b Outcome) int {
		block := func(o Outcome) int {
			return slices.Index([]stats.Class{stats.Ranked, stats.Unranked, stats.TooSmall, stats.NoDenominator, ""}, o.Class)
		}
		c := cmp.Compare(block(a), block(b))
		if c == 0 && a.Class == stats.Ranked {
			c = stats.Fraction{X: b.Parts[0].X.Sum, N: b.Whole}.Compare(stats.Fraction{X: a.Parts[0].X.Sum, N: a.Whole})
		}
		return cmp.Or(c, cmp.Compare(b.Whole, a.Whole), missingLast(a.State, b.State), strings.Compare(a.Line.Name, b.Line.Name), strings.Compare(a.Line.Agency, b.Line.Agency))
	})
	return out
}

// missingLast puts agencies without a report behind those with an unusable one.
func missingLast(a, b State) int {
	rank := map[bool]int{true: 1}
	return cmp.Compare(rank[a == NotFiled], rank[b == NotFiled])
}

// settle says what the sum of the parts allows.
func (o *Outcome) settle() {
	o.Class = stats.ClassOf(o.Whole)
	switch o.Class {
	case stats.NoDenominator:
		o.State = NoDenominator
		return
	case stats.TooSmall:
		o.State = TooSmall
		return
	}
	for k, p := range o.Parts {
		o.Share[k] = stats.PercentPage(p.X.Sum, o.Whole)
	}
}
