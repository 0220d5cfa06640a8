package scan

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"image"
	"io"
	"math"
	"sync"
)

// Signs are what the reader of shapes knows.
const Signs = "0123456789"

// The size of shapes. The height of the sign fills it, the width is scaled alike.
const (
	shapeWidth  = 20
	shapeHeight = 24
)

// shapes.gz holds records of one byte for the sign and one for each point of its shape. shapes_generate.go makes it.
//
//go:embed shapes.gz
var packedShapes []byte

// shape is how a sign looks: the share of ink at each point, softened, with mean 0 and length 1. The product of two
// shapes is their correlation.
type shape [len(look{})]float32

type knownShape struct {
	sign byte
	shape
}

// look is how a sign looks: the share of ink at each point, 255 where all is ink.
type look [shapeWidth * shapeHeight]byte

// looks are the signs of shapes.gz: all of one font, then all of the next.
var looks = sync.OnceValues(func() (signs []byte, looks []look) {
	r, err := gzip.NewReader(bytes.NewReader(packedShapes))
	if err != nil {
		panic(err) // embedded
	}
	b, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	const size = 1 + len(look{})
	for ; len(b) >= size; b = b[size:] {
		signs, looks = append(signs, b[0]), append(looks, look(b[1:size]))
	}
	return signs, looks
})

var knownShapes = sync.OnceValue(func() []knownShape {
	signs, looks := looks()
	out := make([]knownShape, len(signs))
	for i := range out {
		out[i] = knownShape{signs[i], soften(&looks[i])}
	}
	return out
})

// ShapeOf is the look of the ink in a picture of one sign, as shapes.gz keeps it: 255 where all is ink.
func ShapeOf(p *image.Gray) []byte {
	box := image.Rectangle{}
	for y := p.Rect.Min.Y; y < p.Rect.Max.Y; y++ {
		for x := p.Rect.Min.X; x < p.Rect.Max.X; x++ {
			if p.GrayAt(x, y).Y < 128 {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	l := lookIn(p, box, 255, 0)
	return l[:]
}

// lookIn is the look of what stands in the box, if paper and ink have these brightnesses.
func lookIn(p *image.Gray, box image.Rectangle, paper, ink float64) (out look) {
	if box.Empty() || paper <= ink {
		return out
	}
	scale := float64(box.Dy()) / shapeHeight // points of the picture for one of the shape
	left := float64(box.Min.X) + float64(box.Dx())/2 - scale*shapeWidth/2
	n := int(math.Ceil(scale)) + 1 // samples in each direction
	for y := range shapeHeight {
		for x := range shapeWidth {
			sum := 0.0
			for i := range n {
				for j := range n {
					sx := left + scale*(float64(x)+(float64(i)+0.5)/float64(n))
					sy := float64(box.Min.Y) + scale*(float64(y)+(float64(j)+0.5)/float64(n))
					if sx < float64(box.Min.X) || sx > float64(box.Max.X) {
						continue // what stands beside it is another sign
					}
					v := (paper - float64(at(p, sx-0.5-float64(p.Rect.Min.X), sy-0.5-float64(p.Rect.Min.Y)))) / (paper - ink)
					sum += min(max(v, 0), 1)
				}
			}
			out[y*shapeWidth+x] = byte(255*sum/float64(n*n) + 0.5)
		}
	}
	return out
}

// soften blurs a look by a point in each direction and makes it a shape.
func soften(l *look) shape {
	var a, b shape
	get := func(s *shape, x, y int) float32 {
		if x < 0 || y < 0 || x >= shapeWidth || y >= shapeHeight {
			return 0
		}
		return s[y*shapeWidth+x]
	}
	for i, v := range l {
		a[i] = float32(v)
	}
	for y := range shapeHeight {
		for x := range shapeWidth {
			b[y*shapeWidth+x] = get(&a, x-1, y) + 2*get(&a, x, y) + get(&a, x+1, y)
		}
	}
	sum := float32(0)
	for y := range shapeHeight {
		for x := range shapeWidth {
			v := get(&b, x, y-1) + 2*get(&b, x, y) + get(&b, x, y+1)
			a[y*shapeWidth+x] = v
			sum += v
		}
	}
	mean, square := sum/float32(len(a)), float32(0)
	for i := range a {
		a[i] -= mean
		square += a[i] * a[i]
	}
	if length := float32(math.Sqrt(float64(square))); length > 0 {
		for i := range a {
			a[i] /= length
		}
	}
	return a
}

// likeness is how far a shape is from the nearest of each sign: 0 is the same, 1 has nothing in common.
type likeness map[byte]float64

func (s *shape) compare(known []knownShape) likeness {
	out := likeness{}
	for i := range known {
		k := &known[i]
		sum := float32(0)
		for j := range s {
			sum += s[j] * k.shape[j]
		}
		d := 1 - float64(sum)
		if have, ok := out[k.sign]; !ok || d < have {
			out[k.sign] = d
		}
	}
	return out
}

// nearest is the sign that the shape is most like, and how far it is from that and from the second.
func (l likeness) nearest() (sign byte, first, second float64) {
	first, second = 2, 2
	for s, d := range l {
		switch {
		case d < first:
			sign, second, first = s, first, d
		case d < second:
			second = d
		}
	}
	return sign, first, second
}
