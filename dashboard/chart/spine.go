package chart

import (
	"math"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"nianbao/query/stats"
)

// SpineLine is a row of [Spine]: a measure of an agency among its peers. All figures are shares from 0 to 1.
type SpineLine struct {
	Row
	Known        bool // the agency has a share
	Value        float64
	Lower, Upper float64
	Status       stats.Status
	Small        bool
	CentreKnown  bool
	Centre       float64 // of the district
	SpreadKnown  bool
	Least, From  float64 // least, first quartile, third quartile, greatest of the peers
	To, Most     float64
}

const spineRow = 34

// Spine draws measures round the value of the district, each row on a scale of its own that is symmetric round it: the grey
// band holds the middle half of the peers, the thin line all of them. No row is turned over so that right would mean good.
func Spine(lines []SpineLine, p Palette) (Drawing, error) {
	b := newPlot(p)
	rows, labels, texts := make([]Row, len(lines)), make([]string, len(lines)), make([]string, len(lines))
	left, right := 0.0, 0.0
	for i, l := range lines {
		rows[i], labels[i], texts[i] = l.Row, cut(plain(l.Label), widest, fontSize), plain(l.Text)
		left, right = math.Max(left, span(labels[i], fontSize)), math.Max(right, span(texts[i], fontSize))
	}
	x := opts.XAxis{Type: "value", Min: -1.05, Max: 1.05, AxisLabel: &opts.AxisLabel{Color: "transparent", FontSize: 1}, AxisLine: p.noLine(), AxisTick: noTick(), SplitLine: p.split(false)}
	n := b.betweenNames(p, x, opts.Grid{Left: pixels(left + gap), Right: pixels(right + gap + 4), Top: "8", Bottom: strconv.Itoa(bottom)}, labels, texts, rows)
	var reach, band, interval [][][2]any
	var points []item
	for i, l := range lines {
		if !l.CentreKnown {
			continue
		}
		scale := l.reach()
		at := func(v float64) float64 { return percent((v-l.Centre)/scale) / 100 }
		if l.SpreadKnown {
			reach = append(reach, [][2]any{{at(l.Least), i}, {at(l.Most), i}})
			band = append(band, [][2]any{{at(l.From), i}, {at(l.To), i}})
		}
		if l.Known {
			interval = append(interval, [][2]any{{at(l.Lower), i}, {at(l.Upper), i}})
			point := p.mark(l.Status, l.Small)
			point.Name, point.Value, point.Link = detail(l.Detail), []any{at(l.Value), i}, l.Link
			points = append(points, point)
		}
	}
	b.lines(n, band, opts.LineStyle{Color: p.Rule, Width: 16})
	b.lines(n, reach, opts.LineStyle{Color: p.Axis, Width: 1.5})
	// The line of the district runs through all rows.
	centre := b.lines(n, nil, opts.LineStyle{})
	b.set(centre, "markLine", map[string]any{"silent": true, "symbol": []string{"none", "none"}, "animation": false, "label": map[string]any{"show": false},
		"lineStyle": map[string]any{"color": p.Ink, "width": 1.5, "type": "dashed"}, "data": []any{map[string]any{"xAxis": 0}}})
	b.lines(n, interval, opts.LineStyle{Color: p.Ink2, Width: 3})
	b.set(b.add("scatter", n, points, func(s *charts.SingleSeries) { s.Name = "share" }), "z", 5)
	return finish(b.bar, rows, b.change, 8+bottom+spineRow*len(lines))
}

// reach is how far from the centre the scale of a row goes on both sides.
func (l SpineLine) reach() float64 {
	far := 0.01
	add := func(v float64) { far = math.Max(far, math.Abs(v-l.Centre)) }
	if l.SpreadKnown {
		add(l.Least)
		add(l.Most)
	}
	if l.Known {
		add(l.Lower)
		add(l.Upper)
	}
	return far
}
