package scan

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestShapes reads the digits of each font by those of all others, in sizes and with the flaws of scans. A digit that is
// read otherwise than it is must never be sure: that is what the bounds of distances stand on.
func TestShapes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	known := knownShapes()
	signs, looks := looks()
	for _, height := range []float64{9, 11, 13, 16, 20, 26} {
		all, right, wrong, sure := 0, 0, 0, 0
		for font := 0; font < len(signs); font += len(Signs) {
			others := slices.Concat(known[:font], known[font+len(Signs):])
			for i := font; i < font+len(Signs); i++ {
				for range 2 {
					p := scanned(t, &looks[i], height, r)
					all++
					f := figure{}
					if lines := linesOf(blots(binarise(p))); len(lines) == 1 {
						f = readFigure(p, lines[0], p.Rect, others)
					}
					switch f.text {
					case "":
					case string(signs[i]):
						right++
						if f.sure {
							sure++
						}
					default:
						wrong++
						if f.sure {
							t.Errorf("font %d, %.0f points high: %c is read as %s, and surely", font/len(Signs), height, signs[i], f.text)
						}
					}
				}
			}
		}
		t.Logf("%.0f points high: of %d digits %d right, of them %d surely, and %d wrong", height, all, right, sure, wrong)
		if height >= 13 && (100*right < 97*all || 100*sure < 80*all) {
			t.Errorf("%.0f points high: of %d digits %d right, of them %d surely; want 97 and 80 in a hundred", height, all, right, sure)
		}
	}
}

// scanned is a look in this height, on paper, a little aslant and at a fraction of a point, noisy and packed as JPEG.
func scanned(t *testing.T, l *look, height float64, r *rand.Rand) *image.Gray {
	const (
		margin = 6.0
		fine   = 4 // samples in each direction
	)
	w, h := int(height*shapeWidth/shapeHeight+2*margin), int(height+2*margin)
	p := image.NewGray(image.Rect(0, 0, w, h))
	dx, dy := margin+r.Float64(), margin+r.Float64()
	scale, slant := shapeHeight/height, (r.Float64()-0.5)*0.03
	for y := range h {
		for x := range w {
			sum := 0.0
			for i := range fine {
				for j := range fine {
					sx := (float64(x)+(float64(i)+0.5)/fine-dx)*scale + slant*float64(y)*scale
					sy := (float64(y) + (float64(j)+0.5)/fine - dy) * scale
					if sx >= 0 && sy >= 0 && sx < shapeWidth && sy < shapeHeight {
						sum += float64(l[int(sy)*shapeWidth+int(sx)]) / 255
					}
				}
			}
			p.Pix[y*p.Stride+x] = uint8(min(max(250-220*sum/(fine*fine)+r.NormFloat64()*6, 0), 255))
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, &jpeg.Options{Quality: 40 + r.IntN(50)}); err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return img.(*image.Gray)
}

// TestSlash: the stroke that agencies print where there is nothing is read as such, and never for a digit.
func TestSlash(t *testing.T) {
	p := image.NewGray(image.Rect(0, 0, 60, 60))
	for y := range 60 {
		for x := range 60 {
			p.Pix[y*p.Stride+x] = 250
			if d := float64(x) - (36 - 0.45*float64(y-18)); y >= 18 && y < 42 && d > -1.5 && d < 1.5 {
				p.Pix[y*p.Stride+x] = 40
			}
		}
	}
	lines := linesOf(blots(binarise(p)))
	if len(lines) != 1 {
		t.Fatalf("%d lines, want 1", len(lines))
	}
	if f := readFigure(p, lines[0], p.Rect, knownShapes()); f.text != "/" || !f.sure {
		t.Errorf("got %+v, want / surely", f)
	}
}

// TestBrokenZero: two strokes closer than digits stand are no 11. They are what is left of a 0 whose thin top and bottom the scan
// lost, and tesseract falls for it too.
func TestBrokenZero(t *testing.T) {
	for _, test := range []struct {
		distance int
		want     string
	}{{10, ""}, {15, "11"}} {
		p := image.NewGray(image.Rect(0, 0, 70, 60))
		for i := range p.Pix {
			p.Pix[i] = 250
		}
		for y := 20; y < 40; y++ {
			for _, x := range []int{25, 25 + test.distance} {
				for i := range 3 {
					p.Pix[y*p.Stride+x+i] = 30
				}
				if y == 22 || y == 23 { // the flag of a 1
					p.Pix[y*p.Stride+x-1], p.Pix[y*p.Stride+x-2] = 30, 30
				}
				if y == 39 || y == 38 { // and its foot
					for i := -2; i < 5; i++ {
						p.Pix[y*p.Stride+x+i] = 30
					}
				}
			}
		}
		lines := linesOf(blots(binarise(p)))
		if len(lines) != 1 {
			t.Fatalf("%d lines, want 1", len(lines))
		}
		if f := readFigure(p, lines[0], p.Rect, knownShapes()); f.text != test.want {
			t.Errorf("strokes %d points apart: got %q, want %q", test.distance, f.text, test.want)
		}
	}
}
