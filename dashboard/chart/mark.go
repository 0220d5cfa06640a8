package chart

import (
	"github.com/go-echarts/go-echarts/v2/opts"

	"nianbao/query/stats"
)

// Sizes of marks in pixels. That of a share of 10 to 29 is smaller.
const (
	markSize  = 13
	smallSize = 9
)

// down is a triangle on its tip.
const down = "path://M0 0L10 0L5 9Z"

// mark draws a share against the district: a circle within the limits, a triangle above or below them, outlined beyond
// 95 % and filled beyond 99.8 %. A share that is not compared has the colour of counts. Small says that n is 10 to 29.
func (p Palette) mark(status stats.Status, small bool) item {
	m := item{Symbol: "circle", SymbolSize: markSize}
	if small {
		m.SymbolSize = smallSize
	}
	colour, filled := p.Similar, !small
	switch status {
	case stats.Above95, stats.Above998:
		m.Symbol, colour, filled = "triangle", p.Higher, status.Far()
	case stats.Below95, stats.Below998:
		m.Symbol, colour, filled = down, p.Lower, status.Far()
	case "":
		colour = p.Bar
	}
	// A hollow mark is filled with the ground: what lies under it must not show through.
	m.ItemStyle = &opts.ItemStyle{Color: p.Ground, BorderColor: colour, BorderWidth: 2, Opacity: opts.Float(1)}
	if filled {
		m.ItemStyle = &opts.ItemStyle{Color: colour, BorderColor: p.Ground, BorderWidth: 1, Opacity: opts.Float(1)}
	}
	return m
}

// KeyOf is the key of the legend for a status.
func KeyOf(status stats.Status) string {
	switch status {
	case stats.Above95:
		return "higher95"
	case stats.Above998:
		return "higher998"
	case stats.Below95:
		return "lower95"
	case stats.Below998:
		return "lower998"
	case stats.Within:
		return "within"
	}
	return "dot"
}

// item is one datum of a series. It carries its own texts and address, so that nothing has to be looked up or computed
// where it is drawn.
type item struct {
	Name       string          `json:"name,omitempty"` // what the pointer shows
	Value      any             `json:"value"`
	Link       string          `json:"link,omitempty"`
	Symbol     string          `json:"symbol,omitempty"`
	SymbolSize any             `json:"symbolSize,omitempty"`
	ItemStyle  *opts.ItemStyle `json:"itemStyle,omitempty"`
	Label      *label          `json:"label,omitempty"`
}

// none is the value of an item that is not drawn.
const none = "-"

// label is a text at an item.
type label struct {
	Show       bool    `json:"show"`
	Text       string  `json:"formatter,omitempty"`
	Position   string  `json:"position,omitempty"`
	Color      string  `json:"color,omitempty"`
	Plate      string  `json:"backgroundColor,omitempty"` // under the text, so that a pattern does not run through it
	Padding    []int   `json:"padding,omitempty"`
	FontSize   int     `json:"fontSize,omitempty"`
	FontFamily string  `json:"fontFamily,omitempty"`
	FontWeight int     `json:"fontWeight,omitempty"`
	Distance   float64 `json:"distance,omitempty"`
}

func text(s, colour, position string) *label {
	return &label{Show: true, Text: plain(s), Position: position, Color: colour, FontSize: fontSize, FontFamily: fonts}
}
