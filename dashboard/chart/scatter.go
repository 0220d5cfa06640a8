package chart

import (
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// ScatterPlot is two measures of each agency.
type ScatterPlot struct {
	Across, Up           string // names of the axes
	AcrossShare, UpShare bool   // the axis runs from 0 to 100 %
	Points               []ScatterPoint
}

// ScatterPoint is one agency. Label is "" for a point without a name.
type ScatterPoint struct {
	Label, Detail, Link string
	X, Y                float64 // a share from 0 to 1, or a number
	Small, Mark         bool    // one is a share of 10 to 29
}

// Scatter draws agencies by two measures. There is no line through them: it would say that one causes the other.
func Scatter(s ScatterPlot, p Palette) (Drawing, error) {
	b := newPlot(p)
	x := opts.XAxis{Type: "value", Min: 0, SplitNumber: 6, AxisLabel: p.words(fontSize), AxisLine: p.line(), AxisTick: noTick(), SplitLine: p.split(true), Name: plain(s.Across), NameLocation: "middle", NameGap: 30}
	y := opts.YAxis{Type: "value", Min: 0, SplitNumber: 5, AxisLabel: p.words(fontSize), AxisLine: p.line(), SplitLine: p.split(true), Name: plain(s.Up), NameLocation: "end"}
	if s.AcrossShare {
		x.Max = 100
	}
	if s.UpShare {
		y.Max = 100
	}
	n := b.grid(opts.Grid{Left: "64", Right: "48", Top: "40", Bottom: strconv.Itoa(wideBottom + 8)}, x, y)
	named := map[string]any{"color": p.Ink, "fontSize": fontSize, "fontFamily": fonts, "fontWeight": 600}
	b.axis("x", n, "nameTextStyle", named)
	b.axis("y", n, "nameTextStyle", map[string]any{"color": p.Ink, "fontSize": fontSize, "fontFamily": fonts, "fontWeight": 600, "align": "left"})
	if s.AcrossShare {
		b.axis("x", n, "axisLabel.formatter", percentLabels)
	}
	if s.UpShare {
		b.axis("y", n, "axisLabel.formatter", percentLabels)
	}
	scale := func(v float64, share bool) float64 {
		if share {
			return percent(v)
		}
		return v
	}
	most := 0.0
	for _, at := range s.Points {
		most = max(most, at.X)
	}
	var points []item
	for _, at := range s.Points {
		point := p.mark("", at.Small)
		point.Name, point.Link = detail(at.Detail), at.Link
		point.Value = []any{scale(at.X, s.AcrossShare), scale(at.Y, s.UpShare)}
		if at.Label != "" {
			point.Label = text(cut(at.Label, widest, fontSize), p.Ink, "right")
			if at.Mark {
				point.Label.FontWeight = 600
			}
			if 3*at.X > 2*most || s.AcrossShare && at.X > 0.66 {
				point.Label.Position = "left"
			}
		}
		points = append(points, point)
	}
	series := b.add("scatter", n, points, func(s *charts.SingleSeries) { s.Name = "agency" })
	b.set(series, "clip", false)
	b.set(series, "labelLayout", map[string]any{"moveOverlap": "shiftY", "hideOverlap": true})
	return b.finish(funnelHeight)
}
