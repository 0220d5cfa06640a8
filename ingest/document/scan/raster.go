package scan

import (
	"image"
	"math"
)

// bitmap says of each point of a picture whether there is ink.
type bitmap struct {
	w, h int
	ink  []bool
}

func newBitmap(w, h int) *bitmap { return &bitmap{w, h, make([]bool, w*h)} }

func (b *bitmap) row(y int) []bool { return b.ink[y*b.w : (y+1)*b.w] }

// turned is the bitmap mirrored at its diagonal: columns become rows.
func (b *bitmap) turned() *bitmap {
	t := newBitmap(b.h, b.w)
	for y := range b.h {
		for x, ink := range b.row(y) {
			if ink {
				t.ink[x*b.h+y] = true
			}
		}
	}
	return t
}

// binarise tells ink from paper: a point is ink if it is clearly darker than what lies around it, so that the grey
// ground of a header or the shadow of a fold is paper (Bradley and Roth, Adaptive Thresholding Using the Integral Image,
// 2007).
func binarise(p *image.Gray) *bitmap {
	const (
		darker = 0.80 // of the mean of the surroundings
		window = 20   // half the side of the surroundings; wider than any stroke
		clear  = 40   // least difference to the mean, so that noise on paper is none
	)
	w, h := p.Rect.Dx(), p.Rect.Dy()
	out := newBitmap(w, h)
	sums := make([]uint32, (w+1)*(h+1)) // at most 255·2^24 points, see MaxPixels
	for y := range h {
		sum := uint32(0)
		for x, v := range p.Pix[y*p.Stride : y*p.Stride+w] {
			sum += uint32(v)
			sums[(y+1)*(w+1)+x+1] = sums[y*(w+1)+x+1] + sum
		}
	}
	for y := range h {
		y0, y1 := max(0, y-window), min(h, y+window+1)
		row, ink := p.Pix[y*p.Stride:y*p.Stride+w], out.row(y)
		for x, v := range row {
			x0, x1 := max(0, x-window), min(w, x+window+1)
			sum := sums[y1*(w+1)+x1] - sums[y0*(w+1)+x1] - sums[y1*(w+1)+x0] + sums[y0*(w+1)+x0]
			mean := float64(sum) / float64((y1-y0)*(x1-x0))
			ink[x] = float64(v) < darker*mean && float64(v) < mean-clear
		}
	}
	return out
}

// skew is the angle, in radians, by which lines of the picture fall to the right: that at which the lower edges of ink
// gather in the fewest rows (Postl 1986).
func skew(b *bitmap) float64 {
	const (
		most   = 3.0 // degrees
		coarse = 0.2
		fine   = 0.02
		points = 40_000
	)
	type point struct{ x, y int32 }
	var all []point
	for y := 0; y+1 < b.h; y++ {
		row, next := b.row(y), b.row(y+1)
		for x, ink := range row {
			if ink && !next[x] {
				all = append(all, point{int32(x), int32(y)})
			}
		}
	}
	step := len(all)/points + 1
	slack := int(float64(b.w)*math.Tan(most*math.Pi/180)) + 2
	counts := make([]int, b.h+2*slack)
	sharpness := func(degrees float64) (score float64) {
		clear(counts)
		fall := math.Tan(degrees * math.Pi / 180)
		for i := 0; i < len(all); i += step {
			counts[int(float64(all[i].y)-float64(all[i].x)*fall)+slack]++
		}
		for _, n := range counts {
			score += float64(n) * float64(n)
		}
		return score
	}
	best, angle := sharpness(0), 0.0
	for _, pass := range []struct{ around, step float64 }{{most, coarse}, {coarse, fine}} {
		from := angle
		for d := -pass.around; d <= pass.around; d += pass.step {
			if a := from + d; math.Abs(a) <= most {
				if s := sharpness(a); s > best {
					best, angle = s, a
				}
			}
		}
	}
	return angle * math.Pi / 180
}

// resample is the picture turned back by an angle around its middle and enlarged, by linear interpolation. What was
// beyond its rim is white.
func resample(p *image.Gray, angle, scale float64) *image.Gray {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, int(float64(w)*scale+0.5), int(float64(h)*scale+0.5)))
	sin, cos := math.Sincos(angle)
	mx, my := float64(w)/2, float64(h)/2
	for y := range out.Rect.Dy() {
		dy := (float64(y)+0.5)/scale - my
		row := out.Pix[y*out.Stride:]
		for x := range out.Rect.Dx() {
			dx := (float64(x)+0.5)/scale - mx
			row[x] = at(p, mx+dx*cos-dy*sin-0.5, my+dx*sin+dy*cos-0.5)
		}
	}
	return out
}

// at is the brightness between points.
func at(p *image.Gray, x, y float64) uint8 {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy := int(fx), int(fy)
	if ix >= 0 && iy >= 0 && ix+1 < w && iy+1 < h {
		q := p.Pix[iy*p.Stride+ix:]
		u, v := x-fx, y-fy
		top := float64(q[0])*(1-u) + float64(q[1])*u
		low := float64(q[p.Stride])*(1-u) + float64(q[p.Stride+1])*u
		return uint8(top*(1-v) + low*v + 0.5)
	}
	if ix < -1 || iy < -1 || ix >= w || iy >= h {
		return 255
	}
	return p.Pix[min(max(iy, 0), h-1)*p.Stride+min(max(ix, 0), w-1)]
}

// halved is the picture at half its size, each point the mean of four.
func halved(p *image.Gray) *image.Gray {
	w, h := p.Rect.Dx()/2, p.Rect.Dy()/2
	out := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		a, b := p.Pix[2*y*p.Stride:], p.Pix[(2*y+1)*p.Stride:]
		for x := range w {
			out.Pix[y*out.Stride+x] = uint8((int(a[2*x]) + int(a[2*x+1]) + int(b[2*x]) + int(b[2*x+1]) + 2) / 4)
		}
	}
	return out
}
