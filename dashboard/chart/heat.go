package chart

import (
	"fmt"
	"math"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// HeatCell is one cell of [Heat]: its text always stands in it.
type HeatCell struct {
	Text, Detail, Link string
	Class              int  // 0 to 4 for a colour of the scale, −1 for the ground
	Open               bool // not settled: hatched
	Bold               bool
}

// HeatRow is a row of cells.
type HeatRow struct {
	Row
	Cells []HeatCell
}

const (
	heatRow  = 28
	headSize = 13
	headLine = 17
)

// Heat draws a matrix. What a cell says is its text; the colour is one of five fixed classes that repeats it.
func Heat(heat []HeatRow, columns []string, p Palette) (Drawing, error) {
	b := newPlot(p)
	rows, labels, texts := make([]Row, len(heat)), make([]string, len(heat)), make([]string, len(heat))
	left, right := 0.0, 0.0
	for i, h := range heat {
		rows[i], labels[i], texts[i] = h.Row, cut(plain(h.Label), widest, fontSize), plain(h.Text)
		left, right = math.Max(left, span(labels[i], fontSize)), math.Max(right, span(texts[i], fontSize))
	}
	// The heads are broken where they fit into their column at the usual width.
	const usual = 1280
	column := (usual - left - right - 4*gap) / float64(max(1, len(columns)))
	heads, lines := make([]string, len(columns)), 1
	for i, c := range columns {
		broken := Wrap(plain(c), math.Max(column-8, 4*headSize), headSize)
		if len(broken) > 6 {
			broken = append(broken[:5], cut(broken[5], column-24, headSize)+"…")
		}
		lines = max(lines, len(broken))
		for k, l := range broken {
			if k > 0 {
				heads[i] += "\n"
			}
			heads[i] += l
		}
	}
	head := lines*headLine + 12
	x := opts.XAxis{Type: "category", Position: "top", AxisLabel: &opts.AxisLabel{Color: p.Ink2, FontSize: headSize, FontFamily: fonts}, AxisLine: p.noLine(), AxisTick: noTick(), SplitLine: p.split(false), Data: heads}
	n := b.betweenNames(p, x, opts.Grid{Left: pixels(left + gap), Right: pixels(right + gap + 4), Top: strconv.Itoa(head), Bottom: strconv.Itoa(bottom)}, labels, texts, rows)
	b.axis("x", n, "axisLabel.interval", 0)
	b.axis("x", n, "axisLabel.lineHeight", headLine)
	// A class is what is drawn, never a number that is not there: that of a cell without a count is −1.
	data := make([]any, 0, len(heat)*len(columns))
	for i, h := range heat {
		for k, cell := range h.Cells {
			style := map[string]any{"color": p.Ground, "borderColor": p.Rule, "borderWidth": 1}
			ink := p.Ink
			switch {
			case cell.Open:
				style["decal"], ink = decal(hatched, p.Axis), p.Ink2
			case cell.Class >= 0 && cell.Class < len(p.Heat):
				style["color"], ink = p.Heat[cell.Class], p.HeatText[cell.Class]
			default:
				ink = p.Ink3
			}
			l := text(cell.Text, ink, "inside")
			if cell.Open {
				l.Plate, l.Padding = p.Ground, []int{1, 4}
			}
			l.Show = l.Text != ""
			if cell.Bold {
				l.FontWeight = 600
			}
			data = append(data, map[string]any{"name": detail(cell.Detail), "value": []int{k, i, cell.Class}, "link": cell.Link, "itemStyle": style, "label": l})
		}
	}
	series := b.add("heatmap", n, nil, func(s *charts.SingleSeries) { s.Name = "class" })
	b.set(series, "data", data)
	b.set(series, "label", map[string]any{"show": true})
	b.change = append(b.change, patches{{"visualMap", map[string]any{"show": false, "type": "piecewise", "dimension": 2, "min": -1, "max": 4, "inRange": map[string]any{"opacity": 1}, "outOfRange": map[string]any{"opacity": 1}}}}...)
	d, err := finish(b.bar, rows, b.change, head+bottom+heatRow*len(rows))
	return d, err
}

// HeatKeys are the entries of the legend for the classes.
func HeatKeys(texts [5]string) []Key {
	out := make([]Key, len(texts))
	for i, t := range texts {
		out[i] = Key{Mark: fmt.Sprint("h", i), Text: t}
	}
	return out
}
