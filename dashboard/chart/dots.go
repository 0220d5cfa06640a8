package chart

import (
	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"nianbao/query/stats"
)

// Share is a row of [Dots].
type Share struct {
	Row
	Known        bool         // false: nothing is drawn
	Value        float64      // 0 to 1
	Lower, Upper float64      // the 95 % interval
	Small        bool         // n 10–29: a smaller mark
	Status       stats.Status // against the district, "" where it is not compared
}

// Reference is the value of the whole list, drawn as a dashed line through all rows.
type Reference struct {
	Known bool
	Value float64 // 0 to 1
	Text  string  // above the line: 全区 58.6%
}

// Dots draws shares as a point and a thin line for the interval on an axis from 0 to 100 %. Not bars: with bars the
// eye reads the length and skips the interval. The shape of the point says whether the share differs from the whole.
func Dots(shares []Share, whole Reference, p Palette) (Drawing, error) {
	rows := make([]Row, len(shares))
	from, width := make([]opts.BarData, len(shares)), make([]opts.BarData, len(shares))
	points := make([]item, 0, len(shares))
	for i, s := range shares {
		rows[i] = s.Row
		name := detail(s.Detail)
		from[i], width[i] = opts.BarData{Name: name, Value: none}, opts.BarData{Name: name, Value: none}
		if !s.Known {
			continue
		}
		from[i].Value, width[i].Value = percent(s.Lower), percent(s.Upper)-percent(s.Lower)
		point := p.mark(s.Status, s.Small)
		point.Name, point.Value, point.Link = name, []any{percent(s.Value), i}, s.Link
		points = append(points, point)
	}
	bar, change := frame(rows, p, opts.XAxis{Type: "value", Min: 0, Max: 100, SplitNumber: 5,
		AxisLabel: &opts.AxisLabel{}})
	change = append(change, patches{{"xAxis.0.axisLabel.formatter", percentLabels}}...)
	thin := charts.WithBarChartOpts(opts.BarChart{BarWidth: "3", Stack: "interval"})
	bar.AddSeries("from", from, thin, charts.WithItemStyleOpts(opts.ItemStyle{Color: "transparent"}))
	bar.AddSeries("interval", width, thin, charts.WithItemStyleOpts(opts.ItemStyle{Color: p.Axis}))
	change = append(change, patches{{"series.0.silent", true}}...)
	bar.MultiSeries = append(bar.MultiSeries, charts.SingleSeries{Name: "share", Type: "scatter", Data: points})
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
	return finish(bar, rows, change, heightOf(len(rows)))
}

// percent turns a share into percent with at most ten decimals, so that a golden file is the same on every processor.
func percent(share float64) float64 {
	if share < 0 {
		return -percent(-share)
	}
	return float64(int64(share*1e12+0.5)) / 1e10
}
