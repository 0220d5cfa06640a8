package compare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"nianbao/internal/form"
)

// Reasons is how often agencies used each reason of an outcome.
type Reasons struct {
	Table    Table
	Group    string         // r3, r4, r5, r6 or all
	Columns  []form.Measure // the reasons
	Lines    []ReasonLine   // by kind, within it by the total
	Totals   []Totals       // of each column, over the agencies of which it is known
	Whole    Totals         // of the subtotals
	MostUsed []int          // columns, at most three, by their totals, none of which is 0
}

// ReasonLine is one agency.
type ReasonLine struct {
	Line  *Line
	Cells []ReasonCell
	Total Judged // the subtotal of the groups shown
	Of    Figure // (七)总计: shares are shown where it is at least 30
}

// ReasonCell is how often an agency used a reason.
type ReasonCell struct {
	Judged
	Shade int // 0 to 4, the same classes in every year; −1 where there is no count
}

// ReasonGroups are the groups of reasons that can be asked for, with the measure of their subtotal.
var ReasonGroups = []ReasonGroup{{"r3", []string{"refused"}}, {"r4", []string{"cannot"}}, {"r5", []string{"noproc"}}, {"r6", []string{"other"}},
	{"all", []string{"refused", "cannot", "noproc", "other"}}}

// ReasonGroup is one or more outcomes with their reasons.
type ReasonGroup struct {
	Code      string
	Subtotals []string // codes of measures
}

// shades are the least counts of the classes of a heat-map. They are fixed, so that years can be compared.
var shades = [...]int64{1, 3, 10, 30}

// Shade is the class of a count: 0, 1–2, 3–9, 10–29, from 30.
func Shade(n int64) int {
	class := 0
	for class < len(shades) && n >= shades[class] {
		class++
	}
	return class
}

// ErrUnknownGroup is the error of asking for a group of reasons that does not exist.
var ErrUnknownGroup = errors.New("unknown group of reasons")

// ReasonsOf reads how often each reason of a group was used in a year.
func (r *Roster) ReasonsOf(ctx context.Context, conn driver.Conn, s Selection, group string) (Reasons, error) {
	s.Years = 1
	at := slices.IndexFunc(ReasonGroups, func(g ReasonGroup) bool { return g.Code == group })
	if at < 0 {
		return Reasons{}, fmt.Errorf("read reasons of %d: %w %q", s.Year, ErrUnknownGroup, group)
	}
	var columns []string
	for _, m := range form.Measures {
		// The measures of reasons are named after their rows: r3_4.
		if row, _, ok := strings.Cut(m.Code, "_"); ok && slices.ContainsFunc(ReasonGroups, func(g ReasonGroup) bool { return g.Code == row && (group == "all" || group == row) }) {
			columns = append(columns, m.Code)
		}
	}
	subtotals := ReasonGroups[at].Subtotals
	codes := slices.Concat(columns, subtotals, []string{"concluded"})
	t, err := r.Table(ctx, conn, s, Usual(codes...)...)
	if err != nil {
		return Reasons{}, err
	}
	return reasons(t, group, len(columns)), nil
}

func reasons(t Table, group string, columns int) Reasons {
	out := Reasons{Table: t, Group: group, Columns: t.Measures[:columns], Totals: make([]Totals, columns)}
	for i := range t.Lines {
		l := &t.Lines[i]
		figures := l.Last().Figures
		line := ReasonLine{Line: l, Of: figures[len(figures)-1].X}
		for k, j := range figures[:columns] {
			cell := ReasonCell{Judged: j, Shade: -1}
			if j.Counted() {
				cell.Shade = Shade(j.X.Sum)
				out.Totals[k].add(j.X, Figure{})
			}
			line.Cells = append(line.Cells, cell)
		}
		total := Figure{State: Zero}
		for _, j := range figures[columns : len(figures)-1] {
			if j.State == Excluded {
				total = Figure{State: Excluded}
				break
			}
			total = total.add(j.X)
		}
		line.Total = Judged{State: total.State, X: total}
		if total.Known() {
			out.Whole.add(total, Figure{})
		}
		out.Lines = append(out.Lines, line)
	}
	slices.SortStableFunc(out.Lines, func(a, b ReasonLine) int {
		known := map[bool]int{false: 1}
		return cmp.Or(cmp.Compare(slices.Index(Kinds, a.Line.Kind), slices.Index(Kinds, b.Line.Kind)), cmp.Compare(known[a.Total.X.Known()], known[b.Total.X.Known()]),
			cmp.Compare(b.Total.X.Sum, a.Total.X.Sum), strings.Compare(a.Line.Name, b.Line.Name), strings.Compare(a.Line.Agency, b.Line.Agency))
	})
	for k := range out.Columns {
		if out.Totals[k].X > 0 {
			out.MostUsed = append(out.MostUsed, k)
		}
	}
	slices.SortStableFunc(out.MostUsed, func(a, b int) int { return cmp.Compare(out.Totals[b].X, out.Totals[a].X) })
	out.MostUsed = out.MostUsed[:min(3, len(out.MostUsed))]
	return out
}
