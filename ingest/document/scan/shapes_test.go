package scan

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"testing"
)

// unpack is the look of a known shape as a picture of this height, on white, at a fraction of a point.
func draw(l *look, height float64, r *rand.Rand) *image.Gray {
	w, h := int(height*shapeWidth/shapeHeight)+12, int(height)+12
	p := image.NewGray(image.Rect(0, 0, w, h))
	dx, dy := 6+r.Float64(), 6+r.Float64()
	scale := shapeHeight / height
	angle := (r.Float64() - 0.5) * 0.03
	for y := range h {
		for x := range w {
			sum := 0.0
			for i := range 4 {
				for j := range 4 {
					sx := (float64(x)+(float64(i)+0.5)/4-dx)*scale + angle*float64(y)*scale
					sy := (float64(y) + (float64(j)+0.5)/4 - dy) * scale
					sum += l.at(sx, sy)
				}
			}
			p.Pix[y*p.Stride+x] = uint8(min(max(250-sum/16*220+r.NormFloat64()*6, 0), 255))
		}
	}
	return p
}

func (s *look) at(x, y float64) float64 {
	if x < 0 || y < 0 || x >= shapeWidth || y >= shapeHeight {
		return 0
	}
	return float64(s[int(y)*shapeWidth+int(x)]) / 255
}

func TestShapes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	known := knownShapes()
	_, looks := looks()
	type result struct{ all, right, wrong, none, sureRight, sureWrong, otherRight int }
	for _, height := range []float64{9, 11, 13, 16, 20, 26} {
		var x result
		for font := 0; font < len(looks)/len(Signs); font++ {
			from, to := font*len(Signs), (font+1)*len(Signs)
			others := append(append([]knownShape{}, known[:from]...), known[to:]...)
			for i := from; i < to; i++ {
				sign := known[i].sign
				for range 3 {
					p := draw(&looks[i], height, r)
					var b bytes.Buffer
					jpeg.Encode(&b, p, &jpeg.Options{Quality: 40 + r.IntN(50)})
					q, _ := jpeg.Decode(&b)
					p = q.(*image.Gray)
					ink := blots(binarise(p))
					lines := linesOf(ink)
					x.all++
					if len(lines) != 1 {
						x.none++
						continue
					}
					f := readFigure(p, lines[0], p.Rect, others)
					switch {
					case f.text == "":
						x.none++
					case f.text == string(sign):
						x.right++
						if f.sure {
							x.sureRight++
						}
					default:
						x.wrong++
						if height == 20 {
							fmt.Println("wrong", font, string(sign), f)
						}
						for _, o := range f.others {
							if o == string(sign) {
								x.otherRight++
							}
						}
						if f.sure {
							x.sureWrong++
							fmt.Println("sure wrong", font, string(sign), f)
						}
					}
				}
			}
		}
		fmt.Printf("%v %+v\n", height, x)
	}
}
