package scan

import (
	"image"
	"math"
	"slices"
	"strings"
)

// figure is what the reader of shapes makes of a line of text that may be a number.
type figure struct {
	text   string   // "" if it is none, or not read
	others []string // see [document.Optical]
	sure   bool     // see [document.Optical]; the other reader has yet to agree
	likely bool     // as far as the sizes of its signs go it may be a number
}

// Bounds of the distances between shapes, from signs of fonts that were left out of the comparison, drawn in sizes from 9
// points of the picture on, turned, blurred and packed as JPEG (TestShapes).
const (
	farthest = 0.35 // beyond, a sign is no digit
	plain    = 0.18 // up to here a sign may be sure,
	apart    = 0.07 // if the second digit is farther than the first by this
	doubtful = 0.05 // a digit that is farther than the first by less is not excluded
)

// Sizes in parts of the height of the digits, and in points of the picture.
const (
	lowestDigit  = 8    // points
	lowestSure   = 11   // points
	tallSign     = 0.7  // digits are at least so high
	widestSign   = 0.85 // and at most so wide; what is wider may be several that touch
	bar          = 0.2  // and at least so wide; what is narrower may be a piece of a ruling line
	pointSize    = 0.35 // points and commas are at most so high
	dust         = 0.08 // what is smaller is no sign
	widestPitch  = 1.0  // from the middle of a digit to that of the next
	narrowPitch  = 0.58 // in the narrowest fonts it is 0.64
	widestGap    = 1.0  // between two signs
	mostSigns    = 14
	mostReadings = 16
)

// readFigure reads a line of ink as a number. The picture gives the look of the signs, box what bounds the cell.
func readFigure(p *image.Gray, line textLine, box image.Rectangle, known []knownShape) figure {
	height := 0
	for _, b := range line.blots {
		height = max(height, b.Dy())
	}
	signs := signsOf(line.blots, height)
	f := figure{likely: height >= lowestDigit && len(signs) <= mostSigns}
	wide := 0
	for _, s := range signs {
		if float64(s.Dx()) > widestSign*float64(height) {
			wide++
		}
	}
	f.likely = f.likely && (wide == 0 || wide == 1 && len(signs) <= 3)
	if strings.Trim(dashOf(line, box), " ") == "-" {
		f.likely = true
		f.text, f.sure = "-", true
		return f
	}
	if !f.likely || len(signs) == 0 {
		return figure{}
	}
	f.sure = height >= lowestSure
	h := float64(height)
	paper, ink := tones(p, line.Rectangle)
	base := bottom(signs, height)
	if len(signs) == 1 && slash(p, signs[0], paper, ink) {
		f.text, f.sure = "/", f.sure && clearOf(line.Rectangle, box)
		return f
	}
	var text []byte
	var choices [][]byte
	var tall []image.Rectangle
	for i, s := range signs {
		if i > 0 && float64(s.Min.X-signs[i-1].Max.X) > widestGap*h {
			return figure{likely: f.likely} // two numbers
		}
		switch {
		case float64(s.Dy()) >= tallSign*h:
			parts := [][]sign{{signIn(p, s, paper, ink, known)}}
			if float64(s.Dx()) > widestSign*h {
				parts = touching(p, s, paper, ink, known)
			}
			if len(parts) != 1 {
				return figure{likely: f.likely}
			}
			for _, part := range parts[0] {
				if part.first > farthest || float64(part.Dx()) < bar*h {
					return figure{likely: f.likely}
				}
				f.sure = f.sure && part.first <= plain && part.second-part.first >= apart && even(part.Rectangle, height, base)
				text, choices, tall = append(text, part.digits[0]), append(choices, part.digits), append(tall, part.Rectangle)
			}
		case float64(s.Dy()) <= pointSize*h && float64(s.Dx()) <= pointSize*h && float64(s.Min.Y) > float64(base)-pointSize*h:
			sign := byte('.')
			if below := float64(s.Max.Y - base); below > 0.12*h || below > 0.06*h && s.Dy() > s.Dx() {
				sign = ','
			}
			text, choices = append(text, sign), append(choices, []byte{sign})
		case len(text) == 0 && s.Dx() > 2*s.Dy():
			text, choices = append(text, '-'), append(choices, []byte{'-'})
		default:
			return figure{likely: f.likely}
		}
	}
	if len(tall) == 0 {
		return figure{}
	}
	if strings.Trim(string(text), ".,") != string(text) {
		return figure{likely: f.likely} // the point is dust, or a digit beside it was lost
	}
	for i := 1; i < len(tall); i++ {
		if middles(tall[i-1], tall[i]) < narrowPitch*h {
			return figure{likely: f.likely} // a 0 whose thin top and bottom the scan lost looks like 11
		}
	}
	f.text = string(text)
	f.sure = f.sure && pitched(signs, tall, h) && clearOf(line.Rectangle, box)
	f.others = readings(choices)
	return f
}

// sign is a digit as it is seen.
type sign struct {
	image.Rectangle
	digits        []byte // the nearest, then those that are not excluded
	first, second float64
}

func signIn(p *image.Gray, box image.Rectangle, paper, ink float64, known []knownShape) sign {
	seen := lookIn(p, box, paper, ink)
	soft := soften(&seen)
	near := soft.compare(known)
	digit, first, second := near.nearest()
	s := sign{box, []byte{digit}, first, second}
	for other, d := range near {
		if other != digit && d-first < doubtful {
			s.digits = append(s.digits, other)
		}
	}
	slices.Sort(s.digits[1:])
	return s
}

// touching cuts digits that touch each other where the least ink joins them. All ways are returned that give nothing but
// plain digits.
func touching(p *image.Gray, box image.Rectangle, paper, ink float64, known []knownShape) (ways [][]sign) {
	const (
		narrowest = 0.4 // digits, in parts of their height
		most      = 4
		joint     = 0.25 // of the height may be ink where two digits touch
		stray     = 0.25 // of the width of a digit, to which the joint is looked for
	)
	h := float64(box.Dy())
	amount := make([]float64, box.Dx()) // of ink in each column
	dark := func(x, y int) float64 {
		return min(max((paper-float64(p.GrayAt(x, y).Y))/(paper-ink), 0), 1)
	}
	for x := range amount {
		for y := box.Min.Y; y < box.Max.Y; y++ {
			amount[x] += dark(box.Min.X+x, y)
		}
	}
	for n := 2; n <= most; n++ {
		width := float64(box.Dx()) / float64(n)
		if width > widestSign*h || width < narrowest*h {
			continue
		}
		cuts := []int{0}
		fits := true
		for i := 1; i < n; i++ {
			best := -1
			for x := int(width * (float64(i) - stray)); x <= int(width*(float64(i)+stray)) && x < len(amount); x++ {
				if best < 0 || amount[x] < amount[best] {
					best = x
				}
			}
			fits = fits && best > cuts[len(cuts)-1] && amount[best] <= joint*h
			cuts = append(cuts, best)
		}
		if !fits {
			continue
		}
		var way []sign
		for i, from := range cuts {
			to := box.Dx()
			if i+1 < n {
				to = cuts[i+1]
			}
			part := image.Rectangle{}
			for y := box.Min.Y; y < box.Max.Y; y++ {
				for x := box.Min.X + from; x < box.Min.X+to; x++ {
					if dark(x, y) > 0.5 {
						part = part.Union(image.Rect(x, y, x+1, y+1))
					}
				}
			}
			if part.Empty() {
				fits = false
				break
			}
			s := signIn(p, part, paper, ink, known)
			fits = fits && s.first <= plain && float64(part.Dy()) >= tallSign*h
			way = append(way, s)
		}
		if fits {
			ways = append(ways, way)
		}
	}
	return ways
}

// signsOf joins pieces of ink that stand above each other, as those of a sign that the scan broke, and leaves out dust.
func signsOf(blots []blot, height int) []image.Rectangle {
	var out []image.Rectangle
	for _, b := range blots {
		if float64(max(b.Dx(), b.Dy())) < dust*float64(height) || b.ink < 2 {
			continue
		}
		if n := len(out); n > 0 {
			last := &out[n-1]
			if shared := min(last.Max.X, b.Max.X) - max(last.Min.X, b.Min.X); 2*shared > min(last.Dx(), b.Dx()) {
				*last = last.Union(b.Rectangle)
				continue
			}
		}
		out = append(out, b.Rectangle)
	}
	return out
}

// dashOf is "-" for a line whose only ink is a stroke that may be a dash, and "" for any other.
func dashOf(line textLine, box image.Rectangle) string {
	if len(line.blots) != 1 {
		return ""
	}
	b := line.blots[0]
	middle, at := (box.Min.Y+box.Max.Y)/2, (b.Min.Y+b.Max.Y)/2
	if b.Dx() >= 5 && 5*b.Dx() >= 10*b.Dy() && b.Dy() <= 6 && 3*abs(at-middle) < box.Dy() && clearOf(b.Rectangle, box) && b.Dx() < box.Dx()/2 {
		return "-"
	}
	return ""
}

// slash says that a sign is nothing but a straight stroke that leans to the right as no digit does.
func slash(p *image.Gray, s image.Rectangle, paper, ink float64) bool {
	const (
		lean  = 0.25 // of the height, at least
		bent  = 0.06
		thick = 0.25
	)
	h := float64(s.Dy())
	var xs []float64 // the middle of the ink of each row
	for y := s.Min.Y; y < s.Max.Y; y++ {
		sum, moment := 0.0, 0.0
		for x := s.Min.X; x < s.Max.X; x++ {
			v := min(max((paper-float64(p.GrayAt(x, y).Y))/(paper-ink), 0), 1)
			sum, moment = sum+v, moment+v*float64(x)
		}
		if sum == 0 || sum > thick*h+1 {
			return false
		}
		xs = append(xs, moment/sum)
	}
	n := len(xs)
	if n < lowestDigit {
		return false
	}
	top, low := xs[1], xs[n-2] // the ends are rounded
	for i, x := range xs[1 : n-1] {
		if math.Abs(x-(top+(low-top)*float64(i)/float64(n-3))) > bent*h+0.5 {
			return false
		}
	}
	return top-low >= lean*h
}

func abs(n int) int { return max(n, -n) }

// tones are the brightness of the paper and of the ink around a line of text.
func tones(p *image.Gray, r image.Rectangle) (paper, ink float64) {
	const margin = 3
	r = r.Inset(-margin).Intersect(p.Rect)
	var counts [256]int
	total := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range p.Pix[y*p.Stride+r.Min.X : y*p.Stride+r.Max.X] {
			counts[v]++
			total++
		}
	}
	part := func(share float64) float64 {
		sum := 0
		for v, n := range counts {
			if sum += n; float64(sum) >= share*float64(total) {
				return float64(v)
			}
		}
		return 255
	}
	return part(0.8), part(0.03)
}

// bottom is what the digits stand on.
func bottom(signs []image.Rectangle, height int) int {
	var all []int
	for _, s := range signs {
		if float64(s.Dy()) >= tallSign*float64(height) {
			all = append(all, s.Max.Y)
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// even says that a sign is as high as the others and stands on the same line.
func even(s image.Rectangle, height, base int) bool {
	slack := max(2, height/8)
	return height-s.Dy() <= slack && abs(s.Max.Y-base) <= slack
}

// pitched says that digits follow each other as in a number, so that none was lost between them: at the same distance, but
// for where a point or comma stands. Nearly all fonts have digits of one width.
func pitched(signs, tall []image.Rectangle, h float64) bool {
	least, most := 1e9, 0.0
	for i := 1; i < len(tall); i++ {
		a, b := tall[i-1], tall[i]
		d := middles(a, b)
		if slices.ContainsFunc(signs, func(s image.Rectangle) bool { return s.Min.X >= a.Max.X-1 && s.Max.X <= b.Min.X+1 && s != a && s != b }) {
			continue
		}
		least, most = min(least, d), max(most, d)
	}
	return most == 0 || most <= widestPitch*h && most <= 1.3*least+1
}

// middles is the distance from the middle of a sign to that of the next.
func middles(a, b image.Rectangle) float64 { return float64(b.Min.X+b.Max.X-a.Min.X-a.Max.X) / 2 }

// clearOf says that ink keeps away from the ruling lines: none of it is a piece of one.
func clearOf(r, box image.Rectangle) bool {
	const room = 3
	return r.In(box.Inset(room))
}

// readings are the combinations of signs other than the first of each.
func readings(choices [][]byte) []string {
	all := []string{""}
	for _, set := range choices {
		var next []string
		for _, s := range all {
			for _, c := range set {
				next = append(next, s+string(c))
			}
		}
		if all = next; len(all) > mostReadings {
			all = all[:mostReadings]
		}
	}
	return all[1:]
}
