// Package chart makes the options of the charts: one builder for each kind of picture, from rows that already hold
// their texts. An option is pure JSON without functions, so the browser, a renderer on the server and the golden files
// use the same one. What cannot be said in go-echarts is patched into the option.
//
// Nothing absent is drawn: a row without a number has its word at the end of the row and no bar, point or line.
package chart

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// Drawing is an option with the height it needs. The width is the container's.
type Drawing struct {
	Option map[string]any `json:"option"`
	Height int            `json:"height"` // CSS pixels
	// Links are the addresses that the rows lead to, in the order of the rows, "" where there is none.
	Links []string `json:"links,omitempty"`
	// Legend says what the marks mean. It stands above the picture.
	Legend []Key `json:"legend,omitempty"`
}

// Row is what every kind of row has.
type Row struct {
	Label  string // the agency
	Text   string // at the end of the row: the figure as text, or the word for its absence
	Detail string // shown at the pointer; repeats what the table says
	Link   string // where a click leads, "" for nowhere
	Mark   bool   // highlighted
}

// heightOf is the height of a chart with so many rows.
func heightOf(rows int) int { return top + bottom + rowHeight*rows }

// FontSize is that of the text in charts, in CSS pixels.
const FontSize = fontSize

// Sizes in CSS pixels.
const (
	fontSize  = 13 // chart text is never smaller
	rowHeight = 26
	gap       = 10 // between a label and the plot
	top       = 56 // the district's label, then the labels of the axis
	bottom    = 12
	widest    = 16 * fontSize // of a label; a longer one is cut and stands in full at the pointer
)

// frame is what the charts with one row for each agency share: the axes, the grid, the tooltip.
func frame(rows []Row, p Palette, axis opts.XAxis) (*charts.Bar, patches) {
	labels, texts := make([]string, len(rows)), make([]string, len(rows))
	left, right := 0.0, 0.0
	for i, r := range rows {
		labels[i] = cut(plain(r.Label), widest, fontSize)
		texts[i] = plain(r.Text)
		left = math.Max(left, span(labels[i], fontSize))
		right = math.Max(right, span(texts[i], fontSize))
	}
	bar := charts.NewBar()
	axis.Position = "top"
	axis.AxisLabel = &opts.AxisLabel{Color: p.Ink2, FontSize: fontSize, FontFamily: fonts}
	axis.AxisLine = &opts.AxisLine{Show: opts.Bool(false)}
	axis.AxisTick = &opts.AxisTick{Show: opts.Bool(false)}
	axis.SplitLine = &opts.SplitLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: p.Rule, Width: 1}}
	names := opts.YAxis{
		Type: "category", Inverse: opts.Bool(true), Data: labels,
		AxisLabel: &opts.AxisLabel{Color: p.Ink, FontSize: fontSize, FontFamily: fonts, Margin: gap},
		AxisLine:  &opts.AxisLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: p.Axis, Width: 1}},
	}
	figures := names
	figures.Position = "right"
	figures.Data = texts
	figures.AxisLine = &opts.AxisLine{Show: opts.Bool(false)}
	figures.AxisLabel = &opts.AxisLabel{Color: p.Ink, FontSize: fontSize, FontFamily: fonts, Margin: gap}
	bar.SetGlobalOptions(
		charts.WithAnimation(false),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "item", Formatter: "{b}"}),
		charts.WithXAxisOpts(axis),
		charts.WithYAxisOpts(names),
		charts.WithGridOpts(opts.Grid{
			Left: pixels(left + gap), Right: pixels(right + gap + 4), Top: strconv.Itoa(top), Bottom: strconv.Itoa(bottom),
		}),
	)
	bar.ExtendYAxis(figures)
	// What go-echarts has no field for, or the wrong type.
	change := append(p.pointed(), patches{
		{"yAxis.0.axisLabel.interval", 0},
		{"yAxis.1.axisLabel.interval", 0},
		{"yAxis.0.axisTick", map[string]any{"show": false}},
		{"yAxis.1.axisTick", map[string]any{"show": false}},
		{"yAxis.0.triggerEvent", true},
		{"yAxis.1.triggerEvent", true},
		{"yAxis.0.data", categories(labels, rows)},
		{"yAxis.1.data", categories(texts, rows)},
	}...)
	return bar, change
}

// categories are the texts of an axis, in bold for highlighted rows.
func categories(texts []string, rows []Row) []any {
	out := make([]any, len(texts))
	for i, text := range texts {
		if rows[i].Mark {
			out[i] = map[string]any{"value": text, "textStyle": map[string]any{"fontWeight": 600}}
		} else {
			out[i] = text
		}
	}
	return out
}

// finish turns the chart into its option and applies what go-echarts cannot say.
func finish(bar *charts.Bar, rows []Row, change patches, height int) (Drawing, error) {
	bar.Validate()
	text, err := json.Marshal(bar.JSON())
	if err != nil {
		return Drawing{}, fmt.Errorf("write chart option: %w", err)
	}
	option := map[string]any{}
	if err := json.Unmarshal(text, &option); err != nil {
		return Drawing{}, fmt.Errorf("read chart option back: %w", err)
	}
	if err := change.apply(option); err != nil {
		return Drawing{}, fmt.Errorf("patch chart option: %w", err)
	}
	links := make([]string, len(rows))
	for i, r := range rows {
		links[i] = r.Link
	}
	return Drawing{Option: option, Height: height, Links: links}, nil
}

// patches are values to set at paths, nil to take something out. The path names keys and indexes: yAxis.0.data.
type patches []struct {
	path  string
	value any
}

func (ps patches) apply(option map[string]any) error {
	for _, p := range ps {
		keys := strings.Split(p.path, ".")
		var at any = option
		for i, key := range keys {
			last := i == len(keys)-1
			switch node := at.(type) {
			case map[string]any:
				if last {
					if p.value == nil {
						delete(node, key)
					} else {
						node[key] = p.value
					}
				} else if at = node[key]; at == nil {
					fresh := map[string]any{}
					node[key], at = fresh, fresh
				}
			case []any:
				n, err := strconv.Atoi(key)
				if err != nil || n < 0 || n >= len(node) {
					return fmt.Errorf("path %s: no element %q among %d", p.path, key, len(node))
				}
				if last {
					node[n] = p.value
				} else {
					at = node[n]
				}
			default:
				return fmt.Errorf("path %s: %q stands in a %T, want an object or a list", p.path, key, at)
			}
		}
	}
	return nil
}

func pixels(f float64) string { return strconv.Itoa(int(math.Ceil(f))) }
