package chart

import (
	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// Share is a row of [Dots].
type Share struct {
	Row
	Known        bool    // false: nothing is drawn
	Value        float64 // 0 to 1
	Lower, Upper float64 // the 95 % interval
	Small        bool    // n 10–29: a hollow, smaller mark
}

// Reference is the value of the whole list, drawn as a dashed line through all rows.
type Reference struct {
	Known bool
	Value float64 // 0 to 1
	Text  string  // above the line: 全区 58.6%
}

// Dots draws shares as a point and a thin line for the interval on an axis from 0 to 100 %. Not bars: with bars the
// eye reads the length and skips the interval.
func Dots(shares []Share, whole Reference, p Palette) (Drawing, error) {
	rows := make([]Row, len(shares))
	from, span := make([]opts.BarData, len(shares)), make([]opts.BarData, len(shares))
	var full, hollow []opts.ScatterData
	for i, s := range shares {
		rows[i] = s.Row
		name := detail(s.Detail)
		from[i], span[i] = opts.BarData{Name: name, Value: "-"}, opts.BarData{Name: name, Value: "-"}
		if !s.Known {
			continue
		}
		from[i].Value, span[i].Value = percent(s.Lower), percent(s.Upper)-percent(s.Lower)
		point := opts.ScatterData{Name: name, Value: []any{percent(s.Value), i}}
		if s.Small {
			hollow = append(hollow, point)
		} else {
			full = append(full, point)
		}
	}
	bar, change := frame(rows, p, opts.XAxis{Type: "value", Min: 0, Max: 100, SplitNumber: 5,
		AxisLabel: &opts.AxisLabel{}})
	change = append(change, patches{{"xAxis.0.axisLabel.formatter", "{value}%"}}...)
	thin := charts.WithBarChartOpts(opts.BarChart{BarWidth: "3", Stack: "interval"})
	bar.AddSeries("from", from, thin, charts.WithItemStyleOpts(opts.ItemStyle{Color: "transparent"}))
	bar.AddSeries("interval", span, thin, charts.WithItemStyleOpts(opts.ItemStyle{Color: p.Axis}))
	change = append(change, patches{{"series.0.silent", true}}...)
	points := charts.NewScatter()
	points.AddSeries("ranked", full,
		charts.WithScatterChartOpts(opts.ScatterChart{Symbol: "circle", SymbolSize: 13}),
		charts.WithItemStyleOpts(opts.ItemStyle{Color: p.Bar, BorderColor: p.Ground, BorderWidth: 1, Opacity: opts.Float(1)}))
	points.AddSeries("unranked", hollow,
		charts.WithScatterChartOpts(opts.ScatterChart{Symbol: "circle", SymbolSize: 9}),
		// Filled with the ground: a hollow point must not show the interval through it.
		charts.WithItemStyleOpts(opts.ItemStyle{Color: p.Ground, BorderColor: p.Bar, BorderWidth: 2, Opacity: opts.Float(1)}))
	bar.Overlap(points)
	if whole.Known {
		change = append(change, patches{{"series.1.markLine", map[string]any{
			"silent": true, "z": 1, "symbol": []string{"none", "none"}, "animation": false,
			"lineStyle": map[string]any{"color": p.Ink, "width": 1.5, "type": "dashed"},
			// Above the labels of the axis; at the line's other end it would run into the rows.
			"label": map[string]any{"show": true, "position": "start", "distance": 26, "formatter": plain(whole.Text),
				"color": p.Ink, "fontSize": fontSize, "fontFamily": fonts, "fontWeight": 600},
			"data": []any{map[string]any{"xAxis": percent(whole.Value)}},
		}}}...)
	}
	return finish(bar, rows, change)
}

// percent turns a share into percent with at most ten decimals, so that a golden file is the same on every processor.
func percent(share float64) float64 { return float64(int64(share*1e12+0.5)) / 1e10 }
