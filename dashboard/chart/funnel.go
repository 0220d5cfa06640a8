package chart

import (
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"nianbao/query/stats"
)

// FunnelPlot is what [Funnel] draws.
type FunnelPlot struct {
	Across string // what n counts
	Whole  Reference
	Curve  []FunnelLimit // by n
	Points []FunnelPoint
	Most   int64 // where the axis ends
}

// FunnelLimit holds the limits at one n, as shares.
type FunnelLimit struct {
	N       int64
	Limits  stats.Limits
	Exact   stats.Limits // drawn too where Widened
	Widened bool
}

// FunnelPoint is one agency.
type FunnelPoint struct {
	Label, Detail, Link string // Label is "" for a point without a name
	N                   int64
	Value               float64
	Status              stats.Status
	Small, Mark         bool
}

const (
	funnelHeight = 520
	wideBottom   = 44
)

// Funnel draws shares over their denominators, with the limits between which chance leaves them.
func Funnel(f FunnelPlot, p Palette) (Drawing, error) {
	b := newPlot(p)
	x := opts.XAxis{Type: "value", Min: 0, Max: f.Most, MinInterval: 1, SplitNumber: 8, AxisLabel: p.words(fontSize), AxisLine: p.line(), AxisTick: noTick(), SplitLine: p.split(false), Name: plain(f.Across), NameLocation: "middle", NameGap: 28}
	y := opts.YAxis{Type: "value", Min: 0, Max: 100, SplitNumber: 5, AxisLabel: p.words(fontSize), AxisLine: p.noLine(), SplitLine: p.split(true)}
	n := b.grid(opts.Grid{Left: "56", Right: "112", Top: "16", Bottom: strconv.Itoa(wideBottom + 8)}, x, y)
	b.axis("x", n, "nameTextStyle", map[string]any{"color": p.Ink2, "fontSize": fontSize, "fontFamily": fonts})
	b.axis("y", n, "axisLabel.formatter", percentLabels)
	b.axis("x", n, "axisLabel.showMaxLabel", false) // the end is no round number
	limits := func(of func(FunnelLimit) float64) [][][2]any {
		var piece [][2]any
		for _, l := range f.Curve {
			piece = append(piece, [2]any{l.N, percent(of(l))})
		}
		return [][][2]any{piece}
	}
	widened := len(f.Curve) > 0 && f.Curve[0].Widened
	for _, of := range []func(stats.Limits) float64{
		func(l stats.Limits) float64 { return l.Lower998 }, func(l stats.Limits) float64 { return l.Upper998 },
		func(l stats.Limits) float64 { return l.Lower95 }, func(l stats.Limits) float64 { return l.Upper95 },
	} {
		if widened {
			b.lines(n, limits(func(l FunnelLimit) float64 { return of(l.Exact) }), opts.LineStyle{Color: p.Rule, Width: 1.5})
		}
	}
	for i, of := range []func(stats.Limits) float64{
		func(l stats.Limits) float64 { return l.Lower998 }, func(l stats.Limits) float64 { return l.Upper998 },
		func(l stats.Limits) float64 { return l.Lower95 }, func(l stats.Limits) float64 { return l.Upper95 },
	} {
		style := opts.LineStyle{Color: p.Ink3, Width: 1.5}
		if i > 1 {
			style.Type = "dashed"
		}
		b.lines(n, limits(func(l FunnelLimit) float64 { return of(l.Limits) }), style)
	}
	if f.Whole.Known {
		whole := b.lines(n, [][][2]any{{{0, percent(f.Whole.Value)}, {f.Most, percent(f.Whole.Value)}}}, opts.LineStyle{Color: p.Ink, Width: 1.5, Type: "dashed"})
		b.set(whole, "endLabel", map[string]any{"show": true, "formatter": plain(f.Whole.Text), "color": p.Ink, "fontSize": fontSize, "fontFamily": fonts, "fontWeight": 600})
	}
	var points []item
	for _, at := range f.Points {
		point := p.mark(at.Status, at.Small)
		point.Name, point.Value, point.Link = detail(at.Detail), []any{at.N, percent(at.Value)}, at.Link
		if at.Label != "" {
			point.Label = text(cut(at.Label, widest, fontSize), p.Ink, "right")
			if at.Mark {
				point.Label.FontWeight = 600
			}
			if 3*at.N > 2*f.Most { // the name would leave the picture
				point.Label.Position = "left"
			}
		}
		points = append(points, point)
	}
	series := b.add("scatter", n, points, func(s *charts.SingleSeries) { s.Name = "share" })
	b.set(series, "clip", false)
	b.set(series, "labelLayout", map[string]any{"moveOverlap": "shiftY", "hideOverlap": true})
	d, err := b.finish(funnelHeight)
	return d, err
}
