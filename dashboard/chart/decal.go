package chart

// Decals are the patterns over the colours of parts, so that parts can be told apart in grey print: none, dots, two
// diagonals, a grid. They are weak enough not to hide the colour.
const (
	plainDecal = iota
	dotted
	falling
	rising
	wideGrid
	hatched // not settled: drawn on the ground, not on a colour
)

// PartDecals are those of the six outcomes.
var PartDecals = [6]int{plainDecal, dotted, falling, rising, wideGrid, plainDecal}

// decal is the pattern as the library draws it; nil is none.
func decal(kind int, colour string) any {
	of := func(symbol string, size float64, dashX, dashY any, rotation float64) any {
		return map[string]any{"symbol": symbol, "symbolSize": size, "color": colour, "dashArrayX": dashX, "dashArrayY": dashY, "rotation": rotation}
	}
	const quarter = 0.7853981633974483
	switch kind {
	case dotted:
		return of("circle", 0.5, []any{[]int{8, 8}, []int{0, 8, 8, 0}}, []int{6, 0}, 0)
	case falling:
		return of("rect", 1, []int{1, 0}, []int{2, 6}, quarter)
	case rising, hatched:
		return of("rect", 1, []int{1, 0}, []int{2, 6}, -quarter)
	case wideGrid:
		return of("rect", 1, []any{[]int{9, 2}, []int{1, 0}}, []int{2, 9}, 0)
	}
	return nil
}

// DecalLines are strokes that show a pattern in a swatch of 18 × 12 pixels.
func DecalLines(kind int) []string {
	switch kind {
	case dotted:
		return []string{"M3 3h2M9 3h2M15 3h2M6 8h2M12 8h2"}
	case falling:
		return []string{"M0 0l12 12M6 0l12 12M12 0l6 6M0 6l6 6"}
	case rising, hatched:
		return []string{"M0 12l12 -12M6 12l12 -12M0 6l6 -6M12 12l6 -6"}
	case wideGrid:
		return []string{"M6 0v12M12 0v12M0 6h18"}
	}
	return nil
}
