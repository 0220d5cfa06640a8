package chart

// Key is an entry of the legend: what a mark means. Pages and pictures draw it from the same list.
type Key struct {
	Mark  string // name of one of [Marks], or of a part or class: p1 … p6, h0 … h4
	Text  string
	Decal int // pattern over the colour, as in the picture; 0 is none
}

// Glyph is a mark that is written as a character.
type Glyph struct {
	Text   string
	Colour func(Palette) string
}

// Glyphs are the marks of shares against the district by the name of the key. The shape says it, the colour repeats it.
var Glyphs = map[string]Glyph{
	"within":     {"●", func(p Palette) string { return p.Similar }},
	"small":      {"○", func(p Palette) string { return p.Similar }},
	"higher95":   {"△", func(p Palette) string { return p.Higher }},
	"higher998":  {"▲", func(p Palette) string { return p.Higher }},
	"lower95":    {"▽", func(p Palette) string { return p.Lower }},
	"lower998":   {"▼", func(p Palette) string { return p.Lower }},
	"dot":        {"●", func(p Palette) string { return p.Bar }},
	"dot-hollow": {"○", func(p Palette) string { return p.Bar }},
}

// Lines are the marks that are drawn: name of the key to colour, width and whether it is dashed.
var Lines = map[string]func(Palette) (colour string, width float64, dashed bool){
	"interval": func(p Palette) (string, float64, bool) { return p.Axis, 3, false },
	"whole":    func(p Palette) (string, float64, bool) { return p.Ink, 1.5, true },
	"district": func(p Palette) (string, float64, bool) { return p.Axis, 1.5, true },
	"grey":     func(p Palette) (string, float64, bool) { return p.Axis, 1.5, false },
	"limit95":  func(p Palette) (string, float64, bool) { return p.Ink3, 1.5, true },
	"limit998": func(p Palette) (string, float64, bool) { return p.Ink3, 1.5, false },
	"exact":    func(p Palette) (string, float64, bool) { return p.Rule, 1.5, false },
	"line":     func(p Palette) (string, float64, bool) { return p.Bar, 2, false },
	"up":       func(p Palette) (string, float64, bool) { return p.Higher, 2, false },
	"down":     func(p Palette) (string, float64, bool) { return p.Lower, 2, true },
	"least":    func(p Palette) (string, float64, bool) { return p.Axis, 1.5, false },
}

// Fill is the colour of a key that is an area: bars, parts, classes of a heat-map; "" if it is none.
func (k Key) Fill(p Palette) string {
	if len(k.Mark) == 2 && k.Mark[1] >= '0' && k.Mark[1] <= '9' {
		n := int(k.Mark[1] - '0')
		switch {
		case k.Mark[0] == 'p' && n >= 1 && n <= len(p.Parts):
			return p.Parts[n-1]
		case k.Mark[0] == 'h' && n < len(p.Heat):
			return p.Heat[n]
		}
	}
	switch k.Mark {
	case "bar":
		return p.Bar
	case "band":
		return p.Rule
	case "axis":
		return p.Axis
	case "open":
		return p.Ground
	}
	return ""
}
