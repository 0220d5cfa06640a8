// Package svg draws the options of package chart as SVG on the server, with the library that draws them in the browser,
// so that a picture is the same on the screen, on paper and on a wall. In flows a drawing with what stands around it,
// out flow the bytes of a picture that needs nothing else: the same drawing gives the same bytes, in any process.
//
// The library runs in JavaScript runtimes of this process that have no way to files, the network or the clock. A
// drawing that takes too long is ended, and its runtime thrown away.
package svg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sync/singleflight"

	"nianbao/dashboard/chart"
	"nianbao/internal/kept"
)

// Bounds on one picture.
const (
	patience   = 10 * time.Second // the slowest picture takes a second, and the machine may be busy
	largest    = 4 << 20          // bytes of an option, and of a picture
	mostPixels = 20000            // of a height
)

// keptBytes bounds the pictures that are kept.
const keptBytes = 32 << 20

// ErrTooLong is the error of a drawing that was ended because it took too long.
var ErrTooLong = errors.New("drawing took too long")

// ErrTooLarge is the error of a drawing or picture that is larger than any real one.
var ErrTooLarge = errors.New("drawing is too large")

// Renderer draws. It is safe for use by many at once, of whom as many draw at the same time as there are processors.
type Renderer struct {
	library  *library
	patience time.Duration
	places   chan struct{} // one for each that may draw
	idle     chan *engine
	drawing  singleflight.Group
	cache    *kept.Answers[[]byte]
}

// New returns a renderer with the text of the chart library. The library is read when the first picture is drawn, or by
// [Renderer.Warm]: that takes the better part of a second.
func New(script []byte) *Renderer {
	n := runtime.GOMAXPROCS(0)
	return &Renderer{library: &library{text: script, hash: hashOf(script)}, patience: patience, places: make(chan struct{}, n), idle: make(chan *engine, n), cache: kept.New[[]byte](keptBytes)}
}

// Frame is what stands around a drawing. A picture with an empty title has none of it but the legend.
type Frame struct {
	Title   string        // the finding
	Line    string        // measure, denominator, year
	Source  []string      // under the picture: source, state of the data, address
	Text    string        // what the picture shows, for who does not see it
	Width   int           // CSS pixels
	Palette chart.Palette // the one that the drawing was made with
}

// Warm reads the library and makes a runtime ready, so that the first picture does not wait for it.
func (r *Renderer) Warm() error {
	e, err := r.library.start()
	if err != nil {
		return err
	}
	r.putBack(e)
	return nil
}

// Draw returns the picture. The bytes are shared: they must not be changed.
func (r *Renderer) Draw(ctx context.Context, d chart.Drawing, f Frame) ([]byte, error) {
	wrap := func(err error) ([]byte, error) { return nil, fmt.Errorf("draw picture as SVG: %w", err) }
	option, err := json.Marshal(d.Option)
	if err != nil {
		return wrap(err)
	}
	if len(option) > largest || d.Height > mostPixels || f.Width > mostPixels || d.Height <= 0 || f.Width <= 0 {
		return wrap(fmt.Errorf("%w: %d bytes, %d × %d pixels", ErrTooLarge, len(option), f.Width, d.Height))
	}
	around, err := json.Marshal(struct {
		Frame
		Height int
		Legend []chart.Key
	}{f, d.Height, d.Legend})
	if err != nil {
		return wrap(err)
	}
	key := r.library.hash + hashOf(option) + hashOf(around)
	if picture, ok := r.cache.Get(key); ok {
		return picture, nil
	}
	// Who asks for the same picture waits for the first who did. Its drawing does not end with that visitor.
	answer := r.drawing.DoChan(key, func() (any, error) {
		r.places <- struct{}{}
		defer func() { <-r.places }()
		plot, err := r.plot(option, f.Width, d.Height)
		if err != nil {
			return nil, err
		}
		picture := chart.Printable(compose(plot, d, f))
		if len(picture) > largest {
			return nil, fmt.Errorf("%w: %d bytes of SVG", ErrTooLarge, len(picture))
		}
		r.cache.Put(key, picture, len(picture))
		return picture, nil
	})
	select {
	case got := <-answer:
		if got.Err != nil {
			return wrap(got.Err)
		}
		return got.Val.([]byte), nil
	case <-ctx.Done():
		return wrap(ctx.Err())
	}
}

// plot draws an option in a runtime of its own.
func (r *Renderer) plot(option []byte, width, height int) (string, error) {
	var e *engine
	var err error
	select {
	case e = <-r.idle:
	default:
		if e, err = r.library.start(); err != nil {
			return "", err
		}
	}
	plot, err := e.draw(string(option), width, height, r.patience)
	if err != nil { // what it left behind is not known
		return "", err
	}
	r.putBack(e)
	return tidy(plot), nil
}

func (r *Renderer) putBack(e *engine) {
	select {
	case r.idle <- e:
	default:
	}
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
