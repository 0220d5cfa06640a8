package wall

import (
	"fmt"
	"strconv"
	"strings"

	"nianbao/dashboard/chart"
	"nianbao/query/stats"
)

// funnel draws shares over their denominators.
func (c *canvas) funnel(f *Funnel, left, right, top, bottom int) {
	if bottom-top < c.times(7) {
		c.misfit("rows", c.times(7), bottom-top)
		return
	}
	named := 0
	for _, p := range f.Points {
		if p.Label != "" {
			named++
		}
	}
	if named > mostSeries {
		c.misfit("series", named, mostSeries)
		return
	}
	x0, x1 := left+int(chart.TextWidth("100%", c.text))+c.text/3, right
	y0, y1 := top+c.text/2, bottom-c.times(2*leading)
	x := func(n int64) float64 { return float64(x0) + float64(n)/float64(f.Most)*float64(x1-x0) }
	y := func(share float64) float64 { return float64(y1) - share*float64(y1-y0) }
	for _, tick := range []int{0, 50, 100} {
		at := y(float64(tick) / 100)
		fmt.Fprintf(&c.b, `<path d="M%d %sH%d" stroke="%s" stroke-width="2"/>`+"\n", x0, number(at), x1, c.p.Rule)
		c.writeEnd(x0-c.text/3, int(at), c.text, 400, c.p.Ink2, strconv.Itoa(tick)+"%")
	}
	step := niceStep(f.Most)
	for n := step; n <= f.Most; n += step {
		text := thousands(n)
		at := int(x(n)) - int(chart.TextWidth(text, c.text))/2
		if at+int(chart.TextWidth(text, c.text)) > right {
			break
		}
		fmt.Fprintf(&c.b, `<path d="M%s %dv%d" stroke="%s" stroke-width="3"/>`+"\n", number(x(n)), y1, c.text/4, c.p.Axis)
		c.write(at, y1+c.times(0.9), c.text, 400, c.p.Ink2, text)
	}
	c.write(x0, bottom-c.times(leading)/2, c.text, 400, c.p.Ink2, f.Across)
	fmt.Fprintf(&c.b, `<path d="M%d %sH%d" stroke="%s" stroke-width="4" stroke-dasharray="16 10"/>`+"\n", x0, number(y(f.Whole)), x1, c.p.Ink)
	for _, l := range []struct {
		of   func(Limit) float64
		dash string
	}{{func(l Limit) float64 { return l.Lower95 }, "12 10"}, {func(l Limit) float64 { return l.Upper95 }, "12 10"},
		{func(l Limit) float64 { return l.Lower998 }, "none"}, {func(l Limit) float64 { return l.Up }, "none"}} {
		var d strings.Builder
		for i, at := range f.Limits {
			d.WriteByte("ML"[min(i, 1)])
			d.WriteString(number(x(at.N)) + " " + number(y(l.of(at))))
		}
		fmt.Fprintf(&c.b, `<path d="%s" fill="none" stroke="%s" stroke-width="3" stroke-dasharray="%s"/>`+"\n", d.String(), c.p.Axis, l.dash)
	}
	for _, p := range f.Points {
		c.mark(x(p.N), y(p.Share), p.Status, p.Small)
	}
	for _, p := range f.Points {
		if p.Label == "" {
			continue
		}
		w := int(chart.TextWidth(p.Label, c.text))
		at := int(x(p.N)) + c.text/2
		if at+w > right {
			at = int(x(p.N)) - c.text/2 - w
		}
		c.write(max(left, at), int(y(p.Share)), c.text, 600, c.p.Ink, p.Label)
	}
}

// mark draws a share as pages do: a circle within the limits, a triangle outside, outlined beyond 95 %, filled beyond 99.8 %.
func (c *canvas) mark(x, y float64, status stats.Status, small bool) {
	r := float64(c.text) * 0.28
	if small {
		r *= 0.7
	}
	colour, filled := c.p.Similar, !small
	up := 0.0
	switch status {
	case stats.Above95, stats.Above998:
		colour, filled, up = c.p.Higher, status.Far(), -1
	case stats.Below95, stats.Below998:
		colour, filled, up = c.p.Lower, status.Far(), 1
	}
	fill := c.p.Ground
	if filled {
		fill = colour
	}
	if up == 0 {
		fmt.Fprintf(&c.b, `<circle cx="%s" cy="%s" r="%s" fill="%s" stroke="%s" stroke-width="4"/>`+"\n", number(x), number(y), number(r), fill, colour)
		return
	}
	r *= 1.3
	fmt.Fprintf(&c.b, `<path d="M%s %sL%s %sL%s %sZ" fill="%s" stroke="%s" stroke-width="4"/>`+"\n", number(x), number(y+up*r), number(x-r), number(y-up*r), number(x+r), number(y-up*r), fill, colour)
}

// niceStep is the distance of at most five marks on an axis.
func niceStep(most int64) int64 {
	for step := int64(1); ; step *= 10 {
		for _, k := range []int64{1, 2, 5} {
			if most/(k*step) <= 5 {
				return k * step
			}
		}
	}
}

func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// panels draws lines over the years, at most four, beside and below each other.
func (c *canvas) panels(list []Panel, left, right, top, bottom int) {
	const most = 4
	if len(list) > most {
		c.misfit("series", len(list), most)
		return
	}
	across := 1
	if len(list) > 1 && right-left > bottom-top {
		across = 2
	}
	down := (len(list) + across - 1) / across
	gap := c.text
	w, h := (right-left-gap*(across-1))/across, (bottom-top-gap/2*(down-1))/down
	if h < c.times(6) {
		c.misfit("series", len(list), len(list)-1)
		return
	}
	for i, p := range list {
		x, y := left+(w+gap)*(i%across), top+(h+gap/2)*(i/across)
		c.panel(p, x, x+w, y, y+h)
	}
}

func (c *canvas) panel(p Panel, left, right, top, bottom int) {
	line := c.times(leading)
	if p.Title != "" {
		c.write(left, top+line/2, c.text, 600, c.p.Ink, cut(p.Title, float64(right-left), c.text))
		top += line
	}
	if p.Note != "" {
		c.write(left, top+line/2, c.text, 400, c.p.Ink2, cut(p.Note, float64(right-left), c.text))
		top += line
	}
	column := float64(right-left) / float64(len(p.Years))
	y0, y1 := top+line+c.text/3, bottom-line
	var d strings.Builder
	joined := false
	for k, v := range p.Values {
		x := float64(left) + column*(float64(k)+0.5)
		if v == nil {
			joined = false
			continue
		}
		d.WriteByte("ML"[map[bool]int{false: 0, true: 1}[joined]])
		d.WriteString(number(x) + " " + number(float64(y1)-*v*float64(y1-y0)))
		joined = true
	}
	fmt.Fprintf(&c.b, `<path d="M%d %dH%d" stroke="%s" stroke-width="3"/>`+"\n", left, y1, right, c.p.Axis)
	fmt.Fprintf(&c.b, `<path d="%s" fill="none" stroke="%s" stroke-width="5"/>`+"\n", d.String(), c.p.Bar)
	each := true // every year has room for its figure
	for _, t := range p.Texts {
		each = each && chart.TextWidth(t, c.text) < column-float64(c.text)/4
	}
	for k, v := range p.Values {
		x := float64(left) + column*(float64(k)+0.5)
		year := strconv.Itoa(p.Years[k])
		if w := chart.TextWidth(year, c.text); w < column || k == 0 || k == len(p.Values)-1 {
			c.write(int(x-w/2), y1+line/2, c.text, 400, c.p.Ink2, year)
		}
		y := float64(y1) - float64(c.text)*0.7
		if v != nil {
			y = float64(y1) - *v*float64(y1-y0)
			fmt.Fprintf(&c.b, `<circle cx="%s" cy="%s" r="%s" fill="%s"/>`+"\n", number(x), number(y), number(float64(c.text)*0.2), c.p.Bar)
			y -= float64(c.text) * 0.8
		}
		if each || k == 0 || k == len(p.Values)-1 {
			w := chart.TextWidth(p.Texts[k], c.text)
			at := min(max(float64(left), x-w/2), float64(right)-w)
			c.write(int(at), int(y), c.text, 600, c.p.Ink, p.Texts[k])
		}
	}
}
