package chart

import (
	"fmt"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// plot collects an option with grids of its own: the axes, the series and what go-echarts has no field for.
type plot struct {
	p      Palette
	bar    *charts.Bar // holds series of all types
	change patches
	grids  int
	series int
}

func newPlot(p Palette) *plot {
	b := &plot{p: p, bar: charts.NewBar()}
	b.bar.XAxisList, b.bar.YAxisList = nil, nil
	b.bar.SetGlobalOptions(charts.WithAnimation(false), charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "item", Formatter: "{b}"}))
	b.change = p.pointed()
	return b
}

// pointed says how the pointer's text looks.
func (p Palette) pointed() patches {
	return patches{
		{"title", nil}, {"toolbox", nil}, {"color", nil},
		{"tooltip.renderMode", "richText"}, // names with markup cannot become HTML
		{"tooltip.confine", true},
		{"tooltip.backgroundColor", p.Ground},
		{"tooltip.borderColor", p.Axis},
		{"tooltip.textStyle", map[string]any{"color": p.Ink, "fontSize": fontSize, "fontFamily": fonts, "lineHeight": 20}},
	}
}

// grid adds a grid with one axis each way and returns its number.
func (b *plot) grid(g opts.Grid, x opts.XAxis, y opts.YAxis) int {
	n := b.grids
	b.grids++
	b.bar.GridList = append(b.bar.GridList, g)
	x.GridIndex, y.GridIndex = n, n
	// The library takes the categories of the first horizontal axis away; they are put back as they are.
	if x.Data != nil {
		b.change = append(b.change, patches{{fmt.Sprintf("xAxis.%d.data", n), x.Data}}...)
	}
	b.bar.XAxisList = append(b.bar.XAxisList, x)
	b.bar.YAxisList = append(b.bar.YAxisList, y)
	return n
}

// axis sets something of an axis that go-echarts has no field for.
func (b *plot) axis(which string, n int, key string, value any) {
	b.change = append(b.change, patches{{fmt.Sprintf("%sAxis.%d.%s", which, n, key), value}}...)
}

// add adds a series to a grid and returns its number.
func (b *plot) add(kind string, grid int, data []item, set func(*charts.SingleSeries)) int {
	s := charts.SingleSeries{Type: kind, XAxisIndex: grid, YAxisIndex: grid, Data: data}
	if data == nil {
		s.Data = []item{}
	}
	if set != nil {
		set(&s)
	}
	b.bar.MultiSeries = append(b.bar.MultiSeries, s)
	b.series++
	return b.series - 1
}

// set sets something of a series that go-echarts has no field for.
func (b *plot) set(series int, key string, value any) {
	b.change = append(b.change, patches{{fmt.Sprintf("series.%d.%s", series, key), value}}...)
}

// lines adds lines of several pieces to a grid: each piece is drawn for itself. They do not answer to the pointer.
func (b *plot) lines(grid int, pieces [][][2]any, style opts.LineStyle) int {
	var data []item
	for i, piece := range pieces {
		if i > 0 {
			data = append(data, item{Value: []any{none, none}})
		}
		for _, at := range piece {
			data = append(data, item{Value: []any{at[0], at[1]}})
		}
	}
	style.Opacity = opts.Float(1)
	n := b.add("line", grid, data, func(s *charts.SingleSeries) {
		s.ShowSymbol, s.LineStyle = opts.Bool(false), &style
	})
	b.set(n, "silent", true)
	b.set(n, "lineStyle.cap", "butt")
	return n
}

// finish makes the drawing.
func (b *plot) finish(height int) (Drawing, error) { return finish(b.bar, nil, b.change, height) }

// Axes as charts of this package draw them.

func (p Palette) words(size int) *opts.AxisLabel {
	return &opts.AxisLabel{Color: p.Ink2, FontSize: size, FontFamily: fonts}
}

func (p Palette) noLine() *opts.AxisLine { return &opts.AxisLine{Show: opts.Bool(false)} }

func (p Palette) line() *opts.AxisLine {
	return &opts.AxisLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: p.Axis, Width: 1}}
}

func (p Palette) split(show bool) *opts.SplitLine {
	return &opts.SplitLine{Show: opts.Bool(show), LineStyle: &opts.LineStyle{Color: p.Rule, Width: 1}}
}

func noTick() *opts.AxisTick { return &opts.AxisTick{Show: opts.Bool(false)} }

// percentLabels writes the labels of an axis as percentages.
const percentLabels = "{value}%"

// betweenNames adds a grid with a line for each row: its label to the left, its text to the right. It returns the number of the
// grid's axes.
func (b *plot) betweenNames(p Palette, x opts.XAxis, grid opts.Grid, labels, texts []string, rows []Row) int {
	words := &opts.AxisLabel{Color: p.Ink, FontSize: fontSize, FontFamily: fonts, Margin: gap}
	n := b.grid(grid, x, opts.YAxis{Type: "category", Inverse: opts.Bool(true), Data: labels, AxisLabel: words, AxisLine: p.noLine()})
	b.axis("y", n, "axisLabel.interval", 0)
	b.axis("y", n, "axisTick", map[string]any{"show": false})
	b.axis("y", n, "data", categories(labels, rows))
	b.axis("y", n, "triggerEvent", true)
	b.bar.ExtendYAxis(opts.YAxis{Type: "category", Inverse: opts.Bool(true), Position: "right", Data: texts, AxisLine: p.noLine(), AxisLabel: words})
	b.axis("y", 1, "axisLabel.interval", 0)
	b.axis("y", 1, "axisTick", map[string]any{"show": false})
	b.axis("y", 1, "data", categories(texts, rows))
	return n
}
