package chart

import (
	"fmt"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// Panel is one of the small pictures of [Panels]: the figures of an agency over the years.
type Panel struct {
	Title, Note string // the agency; what the years say, under it
	Link        string
	Values      []Yearly   // one for each year
	Whole       []*float64 // of the district, nil where there is none
	Mark        bool
}

// Yearly is the figure of a year.
type Yearly struct {
	Known        bool    // false: a gap, with the word under it
	Value        float64 // a share from 0 to 1, or a count
	Lower, Upper float64 // the interval, where Banded
	Banded       bool
	Small        bool
	Word         string // why there is none
	Detail, Link string
}

// PerPanels is how many panels one picture has.
const PerPanels = 12

const (
	panelsAcross = 3
	panelHeight  = 190
	panelTop     = 52
)

// Panels draws small pictures of the same years beside one another, on one scale unless each has its own. A missing year is
// a gap: no line runs over it.
func Panels(panels []Panel, years []int, shares, own bool, p Palette) (Drawing, error) {
	b := newPlot(p)
	scale := func(v float64) float64 {
		if shares {
			return percent(v)
		}
		return v
	}
	labels := make([]string, len(years))
	for i, y := range years {
		labels[i] = strconv.Itoa(y)
	}
	most := 0.0
	for _, one := range panels {
		most = max(most, one.most())
	}
	var titles []any
	for i, one := range panels {
		column, line := i%panelsAcross, i/panelsAcross
		left := 1.0 + float64(column)*33
		upper := line*panelHeight + panelTop
		x := opts.XAxis{Type: "category", AxisLabel: p.words(fontSize), AxisLine: p.line(), AxisTick: noTick(), SplitLine: p.split(false), Data: labels}
		y := opts.YAxis{Type: "value", Min: 0, SplitNumber: 2, AxisLabel: p.words(fontSize), AxisLine: p.noLine(), SplitLine: p.split(true)}
		if shares {
			y.Max = 100
		} else {
			y.Max = tidyMost(int64(most + 0.5))
		}
		if own {
			y.Max = tidyMost(int64(scale(one.most()) + 0.5))
			if shares {
				y.Max = min(100, tidyMost(int64(scale(one.most())+0.5)))
			}
		}
		n := b.grid(opts.Grid{Left: fmt.Sprintf("%g%%", left+3.5), Width: "27%", Top: strconv.Itoa(upper), Height: strconv.Itoa(panelHeight - panelTop - 34)}, x, y)
		if shares {
			b.axis("y", n, "axisLabel.formatter", percentLabels)
		}
		titles = append(titles, map[string]any{"text": plain(cut(one.Title, 22*fontSize, fontSize)), "subtext": plain(one.Note), "left": fmt.Sprintf("%g%%", left), "top": upper - panelTop + 4, "itemGap": 2, "padding": 0,
			"textStyle":    map[string]any{"color": p.Ink, "fontSize": fontSize + 1, "fontFamily": fonts, "fontWeight": 600},
			"subtextStyle": map[string]any{"color": p.Ink2, "fontSize": fontSize, "fontFamily": fonts}})
		if one.Link != "" {
			titles[i].(map[string]any)["triggerEvent"] = true
		}
		var whole, line1, whiskers [][][2]any
		var piece [][2]any
		flush := func(into *[][][2]any) {
			if len(piece) > 0 {
				*into = append(*into, piece)
			}
			piece = nil
		}
		for k := range years {
			if k < len(one.Whole) && one.Whole[k] != nil {
				piece = append(piece, [2]any{k, scale(*one.Whole[k])})
			} else {
				flush(&whole)
			}
		}
		flush(&whole)
		for k, v := range one.Values {
			if v.Known {
				piece = append(piece, [2]any{k, scale(v.Value)})
			} else {
				flush(&line1)
			}
			if v.Known && v.Banded {
				whiskers = append(whiskers, [][2]any{{k, scale(v.Lower)}, {k, scale(v.Upper)}})
			}
		}
		flush(&line1)
		b.lines(n, whole, opts.LineStyle{Color: p.Axis, Width: 1.5, Type: "dashed"})
		b.lines(n, whiskers, opts.LineStyle{Color: p.Axis, Width: 2})
		b.lines(n, line1, opts.LineStyle{Color: p.Bar, Width: 2})
		var points, words []item
		for k, v := range one.Values {
			if !v.Known {
				words = append(words, item{Name: detail(v.Detail), Value: []any{k, 0}, Link: v.Link, Label: text(v.Word, p.Ink3, "top")})
				continue
			}
			point := p.mark("", v.Small)
			point.SymbolSize = smallSize
			point.Name, point.Value, point.Link = detail(v.Detail), []any{k, scale(v.Value)}, v.Link
			points = append(points, point)
		}
		b.set(b.add("scatter", n, points, func(s *charts.SingleSeries) { s.Name = "value" }), "clip", false)
		w := b.add("scatter", n, words, func(s *charts.SingleSeries) { s.Name, s.SymbolSize = "absent", 1 })
		b.set(w, "itemStyle", map[string]any{"color": "transparent"})
		b.set(w, "silent", true)
	}
	b.change = append(b.change, patches{{"title", titles}}...)
	return b.finish(((len(panels)+panelsAcross-1)/panelsAcross)*panelHeight + bottom)
}

// most is the greatest value that has to be drawn.
func (one Panel) most() (most float64) {
	for _, v := range one.Values {
		if v.Known {
			most = max(most, v.Value, v.Upper)
		}
	}
	for _, w := range one.Whole {
		if w != nil {
			most = max(most, *w)
		}
	}
	return most
}
