package chart

import (
	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// Count is a row of [Bars].
type Count struct {
	Row
	Value *int64 // nil: nothing is drawn
	Last  *int64 // the year before, drawn as a tick; nil: none
}

// Bars draws counts as horizontal bars from zero, the year before as a tick.
func Bars(counts []Count, p Palette, colour string) (Drawing, error) {
	rows := make([]Row, len(counts))
	bars := make([]opts.BarData, len(counts))
	var ticks []opts.ScatterData
	for i, c := range counts {
		rows[i] = c.Row
		bars[i] = opts.BarData{Name: detail(c.Detail), Value: "-"} // "-" is no value: no bar
		if c.Value != nil {
			bars[i].Value = *c.Value
		}
		if c.Last != nil {
			ticks = append(ticks, opts.ScatterData{Name: detail(c.Detail), Value: []any{*c.Last, i}})
		}
	}
	bar, change := frame(rows, p, opts.XAxis{Type: "value", Min: 0, MinInterval: 1, SplitNumber: 5})
	bar.AddSeries("year", bars,
		charts.WithBarChartOpts(opts.BarChart{BarWidth: "14"}),
		charts.WithItemStyleOpts(opts.ItemStyle{Color: colour}))
	last := charts.NewScatter()
	last.AddSeries("last", ticks,
		charts.WithScatterChartOpts(opts.ScatterChart{Symbol: "rect", SymbolSize: []int{3, 20}}),
		charts.WithItemStyleOpts(opts.ItemStyle{Color: p.Ink, BorderColor: p.Ground, BorderWidth: 1, Opacity: opts.Float(1)}))
	bar.Overlap(last)
	return finish(bar, rows, change, heightOf(len(rows)))
}
