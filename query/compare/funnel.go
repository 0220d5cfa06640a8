package compare

import (
	"cmp"
	"math"
	"slices"

	"nianbao/query/stats"
)

// FunnelPicture is what a funnel plot draws: the limits over n, and the agencies as points.
type FunnelPicture struct {
	Reason stats.Reason // why there is nothing to draw, "" if there is
	Theta  stats.Fraction
	Phi    float64 // 0 where the limits are not widened
	Curve  []CurvePoint
	Points []FunnelPoint // by n; the rows with a share of at least 10
	Small  int           // agencies with n from 1 to 9, which are not drawn
	Most   int64         // the greatest n drawn; the axis ends at 1.05 of it
}

// CurvePoint holds the limits at one n.
type CurvePoint struct {
	N       int64
	Limits  stats.Limits // in use
	Exact   stats.Limits // as if chance alone were at work; equal to Limits unless widened
	Widened bool
}

// FunnelPoint is one agency.
type FunnelPoint struct {
	Row   int // in the rows of the result
	Label bool
}

// The curve has a point at every n up to curveExact, then curveSpread points at equal ratios, and one at each agency's n.
const (
	curveExact  = 200
	curveSpread = 100
	mostLabels  = 12
)

// Funnel makes the funnel plot of a result. Labels go to those outside the 95 % limits, at most twelve, the farthest out
// first; highlighted agencies always have one.
func (r *Result) Funnel(marked ...string) FunnelPicture {
	d := r.District
	p := FunnelPicture{Reason: d.Reason, Theta: d.Share, Phi: d.Funnel.Phi}
	if !r.Measure.Share() {
		p.Reason = stats.TooFew
	}
	for i := range r.Rows {
		row := &r.Rows[i]
		switch row.Class {
		case stats.TooSmall:
			p.Small++
		case stats.Unranked, stats.Ranked:
			p.Points = append(p.Points, FunnelPoint{Row: i, Label: slices.Contains(marked, row.Agency)})
			p.Most = max(p.Most, row.N.Sum)
		}
	}
	slices.SortStableFunc(p.Points, func(a, b FunnelPoint) int { return cmp.Compare(r.Rows[a.Row].N.Sum, r.Rows[b.Row].N.Sum) })
	if p.Reason != stats.None {
		return p
	}
	outside := []int{}
	for i, point := range p.Points {
		if r.Rows[point.Row].Judgement.Status.Outside() {
			outside = append(outside, i)
		}
	}
	slices.SortStableFunc(outside, func(a, b int) int {
		return cmp.Compare(r.Rows[p.Points[a].Row].Judgement.P, r.Rows[p.Points[b].Row].Judgement.P)
	})
	for _, i := range outside[:min(mostLabels, len(outside))] {
		p.Points[i].Label = true
	}
	end := int64(math.Ceil(1.05 * float64(p.Most)))
	var ns []int64
	for n := int64(1); n <= min(curveExact, end); n++ {
		ns = append(ns, n)
	}
	for i := 1; i <= curveSpread && end > curveExact; i++ {
		ns = append(ns, int64(math.Round(curveExact*math.Pow(float64(end)/curveExact, float64(i)/curveSpread))))
	}
	for _, point := range p.Points {
		ns = append(ns, r.Rows[point.Row].N.Sum)
	}
	slices.Sort(ns)
	for _, n := range slices.Compact(ns) {
		one := CurvePoint{N: n, Exact: d.Funnel.Exact(n), Widened: d.Funnel.Phi != 0}
		if one.Limits = one.Exact; one.Widened {
			one.Limits = d.Funnel.Limits(n)
		}
		p.Curve = append(p.Curve, one)
	}
	return p
}
