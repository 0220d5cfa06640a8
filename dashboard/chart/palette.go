package chart

// Palette holds the colours of one theme. The style sheet has the same values; a test compares them.
type Palette struct {
	Ground, Panel     string
	Ink, Ink2, Ink3   string
	Axis, Rule        string
	Link              string
	Bar               string    // of counts
	Parts             [6]string // of the six outcomes in the order of the form; they mean these and nothing else
	Higher, Similar   string
	Lower             string
	Heat, HeatText    [5]string // classes of a heat-map, and the figures on them
	Critical, Warning string
}

// The palettes.
var (
	Light = Palette{
		Ground: "#FFFFFF", Panel: "#F3F5F8",
		Ink: "#111827", Ink2: "#3F4A5A", Ink3: "#566172",
		Axis: "#667080", Rule: "#C9D1DB", Link: "#0B4FA3", Bar: "#1F5F9E",
		Parts:  [6]string{"#0029A3", "#1470CC", "#AC5715", "#602444", "#3A3C15", "#5E6678"},
		Higher: "#8A4B00", Similar: "#566172", Lower: "#0B4FA3",
		Heat:     [5]string{"#FFFFFF", "#E3EEF9", "#B7D4EE", "#6BA6D6", "#1F5F9E"},
		HeatText: [5]string{"#111827", "#111827", "#111827", "#111827", "#FFFFFF"},
		Critical: "#A3123A", Warning: "#6B5600",
	}
	Dark = Palette{
		Ground: "#0B1424", Panel: "#14213A",
		Ink: "#F1F5FB", Ink2: "#C6D0DE", Ink3: "#A3B0C2",
		Axis: "#8C9BB0", Rule: "#33435F", Link: "#7DBBFF", Bar: "#5E93C8",
		Parts:  [6]string{"#338FFF", "#C2F5FF", "#FEA92A", "#FA427F", "#F2EBBA", "#9EA6B3"},
		Higher: "#FFB454", Similar: "#A3B0C2", Lower: "#7DBBFF",
		Heat:     [5]string{"#14213A", "#1C3150", "#2B5080", "#5E93C8", "#9CC6EE"},
		HeatText: [5]string{"#F1F5FB", "#F1F5FB", "#F1F5FB", "#0B1424", "#0B1424"},
		Critical: "#FF8FA6", Warning: "#F0D060",
	}
)
