package chart

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// Part is what a bar is made of.
type Part struct {
	Name   string
	Colour string
	Decal  int
	Open   bool   // not settled: hatched on the ground
	Mark   string // in the legend; "" is that of the part of this colour
}

// ResultParts are what reviews and lawsuits come to: upheld, corrected, other, pending. Only the last is not settled.
func ResultParts(p Palette, names [4]string) []Part {
	return []Part{
		{Name: names[0], Colour: p.Bar, Mark: "bar"},
		{Name: names[1], Colour: p.Heat[3], Decal: falling, Mark: "h3"},
		{Name: names[2], Colour: p.Axis, Mark: "axis"},
		{Name: names[3], Colour: p.Axis, Decal: hatched, Open: true, Mark: "open"},
	}
}

// OutcomeParts are the six outcomes under these names.
func OutcomeParts(p Palette, names [6]string) []Part {
	out := make([]Part, len(names))
	for i, name := range names {
		out[i] = Part{Name: name, Colour: p.Parts[i], Decal: PartDecals[i]}
	}
	return out
}

// Stack is a row of [Stacks]: one bar in each field.
type Stack struct {
	Row
	Bars []StackBar
	Thin bool // n 10–29
}

// StackBar is one bar. A bar without values is not drawn.
type StackBar struct {
	Values []int64  // one for each part; nil: nothing is drawn
	Texts  []string // of the parts for the pointer
	Text   string   // at the end of the bar
}

// StackField is a column of bars with an axis of its own.
type StackField struct {
	Title string
	Parts []Part
}

// Columns of a picture with several fields, in percent of its width: the names, then the fields.
const namesWidth = 21

// Stacks draws what wholes are made of: bars of shares of their own sum, or of counts on one axis for all fields. With one
// field the texts stand at the end of the rows, with several at the end of each bar.
func Stacks(stacks []Stack, fields []StackField, shares bool, p Palette) (Drawing, error) {
	b := newPlot(p)
	most := int64(1)
	for _, s := range stacks {
		for _, bar := range s.Bars {
			most = max(most, sum(bar.Values))
		}
	}
	rows := make([]Row, len(stacks))
	labels := make([]string, len(stacks))
	left, right := 0.0, 0.0
	for i, s := range stacks {
		rows[i], labels[i] = s.Row, cut(plain(s.Label), widest, fontSize)
		left, right = math.Max(left, span(labels[i], fontSize)), math.Max(right, span(plain(s.Text), fontSize))
	}
	upper := top - 14
	for f, field := range fields {
		grid := opts.Grid{Left: pixels(left + gap), Right: pixels(right + gap + 4), Top: strconv.Itoa(upper), Bottom: strconv.Itoa(bottom)}
		if len(fields) > 1 {
			width := (100 - namesWidth) / float64(len(fields))
			grid = opts.Grid{Left: fmt.Sprintf("%g%%", namesWidth+float64(f)*width), Width: fmt.Sprintf("%g%%", width-6), Top: strconv.Itoa(upper), Bottom: strconv.Itoa(bottom)}
		}
		x := opts.XAxis{Type: "value", Position: "top", Min: 0, MinInterval: 1, SplitNumber: 4, AxisLabel: p.words(fontSize), AxisLine: p.noLine(), AxisTick: noTick(), SplitLine: p.split(true)}
		if shares {
			x.Max, x.SplitNumber = 100, 5
		} else if len(fields) > 1 {
			x.Max = tidyMost(most)
		}
		if field.Title != "" {
			x.Name, x.NameLocation, x.NameGap = plain(field.Title), "middle", 22
		}
		y := opts.YAxis{Type: "category", Inverse: opts.Bool(true), Data: labels, AxisLabel: &opts.AxisLabel{Color: p.Ink, FontSize: fontSize, FontFamily: fonts, Margin: gap}, AxisLine: p.line()}
		if f > 0 {
			y.AxisLabel = &opts.AxisLabel{Color: "transparent", FontSize: 1, FontFamily: fonts}
		}
		n := b.grid(grid, x, y)
		if shares {
			b.axis("x", n, "axisLabel.formatter", percentLabels)
		}
		if field.Title != "" {
			b.axis("x", n, "nameTextStyle", map[string]any{"color": p.Ink, "fontSize": fontSize, "fontFamily": fonts, "fontWeight": 600})
		}
		b.axis("y", n, "axisTick", map[string]any{"show": false})
		b.axis("y", n, "axisLabel.interval", 0)
		if f == 0 {
			b.axis("y", n, "data", categories(labels, rows))
			b.axis("y", n, "triggerEvent", true)
		}
		for k, part := range field.Parts {
			var data []item
			for i, s := range stacks {
				data = append(data, stackItem(s, s.Bars[f], i, k, part, shares, p))
			}
			series := b.add("bar", n, data, func(c *charts.SingleSeries) {
				c.Name, c.Stack, c.BarWidth = plain(part.Name), "f"+strconv.Itoa(f), "18"
			})
			style := map[string]any{"color": part.Colour, "borderColor": p.Ground, "borderWidth": 1}
			if !shares { // a gap would hide the bars of one or two
				style["borderWidth"] = 0
			}
			if pattern := decal(part.Decal, decalInk(p, part)); pattern != nil {
				style["decal"] = pattern
			}
			if part.Open {
				style["color"], style["borderColor"], style["borderWidth"] = p.Ground, part.Colour, 1
			}
			b.set(series, "itemStyle", style)
		}
		if len(fields) > 1 { // the number of cases at the end of the bar
			var ends []item
			for i, s := range stacks {
				if bar := s.Bars[f]; bar.Text != "" {
					end := item{Value: []any{sum(bar.Values), i}, Name: detail(s.Detail), Link: s.Link, Label: text(bar.Text, p.Ink, "right")}
					if bar.Values == nil {
						end.Value = []any{0, i}
						end.Label.Color = p.Ink3
					}
					ends = append(ends, end)
				}
			}
			series := b.add("scatter", n, ends, func(c *charts.SingleSeries) { c.Name, c.SymbolSize = "text", 1 })
			b.set(series, "itemStyle", map[string]any{"color": "transparent"})
			b.set(series, "silent", true)
			b.set(series, "clip", false)
		}
	}
	if len(fields) == 1 {
		texts := make([]string, len(rows))
		for i, r := range rows {
			texts[i] = plain(r.Text)
		}
		b.bar.ExtendYAxis(opts.YAxis{Type: "category", Inverse: opts.Bool(true), Position: "right", Data: texts, AxisLine: p.noLine(),
			AxisLabel: &opts.AxisLabel{Color: p.Ink, FontSize: fontSize, FontFamily: fonts, Margin: gap}})
		b.axis("y", 1, "axisLabel.interval", 0)
		b.axis("y", 1, "axisTick", map[string]any{"show": false})
		b.axis("y", 1, "data", categories(texts, rows))
		b.axis("y", 1, "triggerEvent", true)
	}
	d, err := finish(b.bar, rows, b.change, upper+bottom+rowHeight*len(rows))
	for _, part := range fields[0].Parts {
		key := Key{Mark: part.Mark, Text: part.Name, Decal: part.Decal}
		if key.Mark == "" {
			key.Mark = p.keyOf(part.Colour)
		}
		d.Legend = append(d.Legend, key)
	}
	return d, err
}

// stackItem is one part of one bar. Parts of at least 4 % of the axis have their figure on them.
func stackItem(s Stack, bar StackBar, row, k int, part Part, shares bool, p Palette) item {
	one := item{Name: detail(s.Detail), Value: none, Link: s.Link}
	if bar.Values == nil {
		return one
	}
	whole := sum(bar.Values)
	value := bar.Values[k]
	if k < len(bar.Texts) {
		one.Name = detail(s.Label + "\n" + part.Name + " " + bar.Texts[k])
	}
	if shares {
		if whole == 0 {
			return one
		}
		one.Value = percent(float64(value) / float64(whole))
		if 25*value >= whole && value > 0 {
			one.Label = onPart(grouped(value), part, p)
		}
	} else {
		one.Value = value
	}
	return one
}

// onPart is a figure on a part: in the colour of the ground, on a plate without the pattern.
func onPart(s string, part Part, p Palette) *label {
	l := text(s, p.Ground, "inside")
	l.Plate, l.Padding = part.Colour, []int{1, 4}
	if part.Open {
		l.Color, l.Plate = p.Ink, p.Ground
	}
	return l
}

// decalInk is the colour of a pattern: it may not hide the part.
func decalInk(p Palette, part Part) string {
	if part.Open {
		return part.Colour
	}
	return p.Ground + "59" // 35 %
}

// keyOf is the name under which the legend knows a colour.
func (p Palette) keyOf(colour string) string {
	if i := slices.Index(p.Parts[:], colour); i >= 0 {
		return fmt.Sprint("p", i+1)
	}
	return "bar"
}

// grouped prints a count with separators: 1,234.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func sum(values []int64) (n int64) {
	for _, v := range values {
		n += v
	}
	return n
}

// tidyMost is the end of an axis of counts: a round number that leaves room for the text behind the longest bar.
func tidyMost(most int64) int64 {
	step := int64(1)
	for step*4 < most {
		switch step / power(step) {
		case 1:
			step *= 2
		case 2:
			step = step / 2 * 5
		default:
			step *= 2
		}
	}
	return 4 * step
}

func power(n int64) int64 {
	p := int64(1)
	for p*10 <= n {
		p *= 10
	}
	return p
}
