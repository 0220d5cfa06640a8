package compare

import (
	"context"
	"fmt"
	"math"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"nianbao/internal/form"
	"nianbao/query/stats"
)

// Matrix is several measures of all agencies of a year, each share with its status.
type Matrix struct {
	Request  Request
	Measures []form.Measure
	Totals   []Totals
	Lines    []MatrixLine // in the order of the first measure
	// OtherScope counts the agencies that stand in the other list.
	OtherScope int
}

// MatrixLine is one agency.
type MatrixLine struct {
	Agency, Name string
	Kind         Kind
	Filing       string
	Synthetic    bool         // the report declares itself made up
	Cells        []MatrixCell // in the order of the measures
}

// MatrixCell is one measure of one agency.
type MatrixCell struct {
	Judged
	Status stats.Status // "" where it is not compared
}

// MatrixOf reads several measures of a year; the request's own measure is not looked at.
func (r *Roster) MatrixOf(ctx context.Context, conn driver.Conn, request Request, codes ...string) (Matrix, error) {
	results, err := r.RunAll(ctx, conn, request, codes...)
	if err != nil {
		return Matrix{}, err
	}
	m := Matrix{Request: request}
	at := map[string]int{}
	for k := range results {
		result := &results[k]
		m.Measures, m.Totals = append(m.Measures, result.Measure), append(m.Totals, result.Totals)
		for i := range result.Rows {
			row := &result.Rows[i]
			if k == 0 {
				m.OtherScope = result.OtherScope
				at[row.Agency] = i
				m.Lines = append(m.Lines, MatrixLine{Agency: row.Agency, Name: row.Name, Kind: row.Kind, Filing: row.Filing, Synthetic: row.Synthetic, Cells: make([]MatrixCell, len(results))})
			}
			m.Lines[at[row.Agency]].Cells[k] = MatrixCell{Judged{row.State, row.X, row.N, row.Class, row.growth}, row.Judgement.Status}
		}
	}
	return m, nil
}

// Scatter is two measures of all agencies of a year against each other.
type Scatter struct {
	Request    Request
	Across, Up form.Measure
	Points     []ScatterPoint // agencies of which both can be drawn, in the order of the first measure
	LeftOut    int            // agencies with a report of which one cannot be drawn
	Missing    int            // agencies without a report
}

// ScatterPoint is one agency.
type ScatterPoint struct {
	Agency, Name string
	Kind         Kind
	Across, Up   float64 // the number, or the share where n is at least 10
	X, Y         Judged
}

// ScatterOf reads two measures of a year. A share of fewer than 10 is not drawn.
func (r *Roster) ScatterOf(ctx context.Context, conn driver.Conn, request Request, across, up string) (Scatter, error) {
	if across == up {
		return Scatter{}, fmt.Errorf("compare %s with itself, want two measures", across)
	}
	m, err := r.MatrixOf(ctx, conn, request, across, up)
	if err != nil {
		return Scatter{}, err
	}
	s := Scatter{Request: m.Request, Across: m.Measures[0], Up: m.Measures[1]}
	for _, l := range m.Lines {
		x, drawnX := l.Cells[0].number(s.Across)
		y, drawnY := l.Cells[1].number(s.Up)
		switch {
		case drawnX && drawnY:
			s.Points = append(s.Points, ScatterPoint{l.Agency, l.Name, l.Kind, x, y, l.Cells[0].Judged, l.Cells[1].Judged})
		case l.Filing == "":
			s.Missing++
		default:
			s.LeftOut++
		}
	}
	return s, nil
}

// number is what is drawn of a figure.
func (j Judged) number(m form.Measure) (float64, bool) {
	if len(m.Denominator) > 0 {
		row := Row{X: j.X, N: j.N, Class: j.Class, growth: j.growth}
		return row.Share()
	}
	if !j.Counted() {
		return 0, false
	}
	return float64(j.X.Sum) / math.Pow10(m.Scale()), true
}
