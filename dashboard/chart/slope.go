package chart

import (
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// SlopeLine is an agency in two years. Values are shares from 0 to 1, or counts.
type SlopeLine struct {
	Label, Detail, Link string
	Before, Now         float64
	Direction           int // 1 or −1 where the change is no noise, else 0: the line is grey and has no name
	Mark                bool
}

const slopeHeight = 560

// Slope draws the change of agencies from one year to the next. Lines rise and fall; only those whose change is no noise
// have a colour, a name and, if they fall, dashes.
func Slope(lines []SlopeLine, years [2]string, shares bool, p Palette) (Drawing, error) {
	b := newPlot(p)
	x := opts.XAxis{Type: "category", AxisLabel: &opts.AxisLabel{Color: p.Ink, FontSize: fontSize + 1, FontFamily: fonts}, AxisLine: p.line(), AxisTick: noTick(), SplitLine: p.split(true), Data: []string{plain(years[0]), plain(years[1])}}
	y := opts.YAxis{Type: "value", Min: 0, SplitNumber: 5, AxisLabel: p.words(fontSize), AxisLine: p.noLine(), SplitLine: p.split(false)}
	if shares {
		y.Max = 100
	}
	n := b.grid(opts.Grid{Left: "12%", Right: "30%", Top: "16", Bottom: strconv.Itoa(wideBottom)}, x, y)
	b.axis("x", n, "boundaryGap", false)
	if shares {
		b.axis("y", n, "axisLabel.formatter", percentLabels)
	}
	scale := func(v float64) float64 {
		if shares {
			return percent(v)
		}
		return v
	}
	// The grey lines lie under the others.
	for _, pass := range []bool{false, true} {
		for _, l := range lines {
			if (l.Direction != 0 || l.Mark) != pass {
				continue
			}
			style := opts.LineStyle{Color: p.Axis, Width: 1.5, Opacity: opts.Float(1)}
			if l.Direction > 0 {
				style.Color, style.Width = p.Higher, 2
			}
			if l.Direction < 0 {
				style.Color, style.Width, style.Type = p.Lower, 2, "dashed"
			}
			var data []item
			for k, v := range []float64{l.Before, l.Now} {
				one := item{Name: detail(l.Detail), Value: []any{k, scale(v)}, Link: l.Link, ItemStyle: &opts.ItemStyle{Color: style.Color, Opacity: opts.Float(1)}}
				if k == 1 && pass {
					one.Label = text(cut(l.Label, widest, fontSize), p.Ink, "right")
					one.Label.Distance = 10
					if l.Mark {
						one.Label.FontWeight = 600
					}
				}
				data = append(data, one)
			}
			s := b.add("line", n, data, func(s *charts.SingleSeries) {
				s.Name, s.LineStyle, s.Symbol, s.SymbolSize = "change", &style, "circle", 7
			})
			b.set(s, "labelLayout", map[string]any{"moveOverlap": "shiftY"})
			b.set(s, "clip", false)
		}
	}
	return b.finish(slopeHeight)
}
