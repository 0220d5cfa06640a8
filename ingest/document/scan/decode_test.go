package scan

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/image/tiff"

	"nianbao/ingest/document"
)

// drawing is a picture of a table with nothing in it.
func drawing(w, h int) *image.Gray {
	p := image.NewGray(image.Rect(0, 0, w, h))
	for i := range p.Pix {
		p.Pix[i] = 255
	}
	for y := range h {
		for x := range w {
			if (x%100 < 2 || y%60 < 2) && x > 20 && y > 20 && x < w-20 && y < h-20 {
				p.SetGray(x, y, color.Gray{30})
			}
		}
	}
	return p
}

func encoded(t testing.TB, kind string, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	err := map[string]func() error{
		PNG:  func() error { return png.Encode(&b, p) },
		JPEG: func() error { return jpeg.Encode(&b, p, nil) },
		TIFF: func() error { return tiff.Encode(&b, p, &tiff.Options{Compression: tiff.Deflate}) },
	}[kind]()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// hugePNG claims a size and holds nothing.
func hugePNG(w, h uint32) []byte {
	chunk := func(kind string, data []byte) []byte {
		b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
		b = append(append(b, kind...), data...)
		return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return append([]byte("\x89PNG\r\n\x1A\n"), chunk("IHDR", append(head, 16, 6, 0, 0, 0))...)
}

// chain makes the pages of a TIFF file follow each other n times, the last pointing back to the first or nowhere.
func chain(file []byte, n int, circle bool) []byte {
	out := bytes.Clone(file)
	first := binary.LittleEndian.Uint32(out[4:])
	entries := int(binary.LittleEndian.Uint16(out[first:]))
	size := 2 + 12*entries
	directory := bytes.Clone(out[first : int(first)+size])
	last := int(first) + size
	for range n - 1 {
		binary.LittleEndian.PutUint32(out[last:], uint32(len(out)))
		out = append(append(out, directory...), 0, 0, 0, 0)
		last = len(out) - 4
	}
	if circle {
		binary.LittleEndian.PutUint32(out[last:], first)
	}
	return out
}

// TestHostile: whatever is wrong with a file is said with a code, within the limits, and without tesseract.
func TestHostile(t *testing.T) {
	t.Setenv("NIANBAO_TESSERACT", "no-such-program")
	page := drawing(400, 300)
	one := encoded(t, TIFF, page)
	for _, test := range []struct {
		name, kind string
		file       []byte
		code, says string
	}{
		{"a size that nobody has", PNG, hugePNG(1<<20, 1<<20), document.TooLarge, "1048576 × 1048576 points"},
		{"a little too large", PNG, hugePNG(7000, 7000), document.TooLarge, "7000 × 7000 points, at most 40 million"},
		{"no points", PNG, hugePNG(0, 100), document.Damaged, "page 1"},
		{"an icon", PNG, encoded(t, PNG, drawing(49, 49)), document.Empty, "49 × 49 points, which is no page"},
		{"a strip", PNG, encoded(t, PNG, drawing(60, 1300)), document.Empty, "which is no page"},
		{"PNG cut short", PNG, encoded(t, PNG, page)[:200], document.Damaged, "page 1 is damaged"},
		{"JPEG cut short", JPEG, encoded(t, JPEG, page)[:700], document.Damaged, "page 1 is damaged"},
		{"TIFF without directory", TIFF, one[:6], document.Truncated, "ends in its header"},
		{"TIFF cut short", TIFF, one[:len(one)/2], document.Truncated, "ends"},
		{"TIFF without pages", TIFF, []byte("II*\x00\x00\x00\x00\x00"), document.Damaged, "no page"},
		{"TIFF in a circle", TIFF, chain(one, 3, true), document.Damaged, "its pages form a circle"},
		{"TIFF of many pages", TIFF, chain(one, MaxPages+1, false), document.TooLarge, "more than 40 pages"},
		{"TIFF of other bytes", TIFF, append([]byte("MM\x00*\x00\x00\x00\x08\x00\x01"), bytes.Repeat([]byte{0xFF}, 40)...), document.Truncated, "ends before its page 2"},
		{"rubbish", JPEG, []byte("\xFF\xD8\xFF rubbish"), document.Damaged, "page 1"},
		{"a whole page", PNG, encoded(t, PNG, page), NeedsTesseract, "apt-get install tesseract-ocr tesseract-ocr-chi-sim"},
		{"several whole pages", TIFF, chain(one, 3, false), NeedsTesseract, "read the file again"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadFile(t.Context(), test.kind, test.file, document.DefaultLimits)
			var r *document.Refusal
			if !errors.As(err, &r) || r.Problem.Code != test.code || !strings.Contains(r.Problem.Message, test.says) {
				t.Errorf("got  %v\nwant %s: …%s…", err, test.code, test.says)
			}
		})
	}
	l := document.DefaultLimits
	l.Bytes = 100
	var r *document.Refusal
	if _, err := ReadFile(t.Context(), PNG, encoded(t, PNG, page), l); !errors.As(err, &r) || r.Problem.Code != document.TooLarge {
		t.Errorf("a file beyond the limit: got %v, want %s", err, document.TooLarge)
	}
}

// TestNoise: a picture of nothing but noise, of which hostile files can hold millions of pieces, is given up.
func TestNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	p := image.NewGray(image.Rect(0, 0, 1654, 2339))
	for i := range p.Pix {
		p.Pix[i] = uint8(255 * r.IntN(2))
	}
	for i := range p.Pix { // specks of two by two points
		if x, y := i%p.Stride, i/p.Stride; x%3 == 2 || y%3 == 2 {
			p.Pix[i] = 255
		}
	}
	if s := see(Picture{1, p}); !s.overfull {
		t.Errorf("%d lines were found in noise", len(s.pieces))
	}
}

func TestCancelled(t *testing.T) {
	if Find() == "" {
		t.Skip("tesseract is not installed with its Chinese: no run of it is cancelled")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ReadFile(ctx, PNG, encoded(t, PNG, drawing(400, 300)), document.DefaultLimits); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// TestPages: each page of a TIFF file is read as a page of its own.
func TestPages(t *testing.T) {
	files, err := directories(chain(encoded(t, TIFF, drawing(400, 300)), 3, false))
	if err != nil || len(files) != 3 {
		t.Fatalf("got %d pages, %v, want 3", len(files), err)
	}
	for i, f := range files {
		p, err := decode(coders[TIFF], f, 1<<20, i+1)
		if err != nil || p.Rect.Dx() != 400 || p.GrayAt(200, 200).Y != drawing(400, 300).GrayAt(200, 200).Y {
			t.Errorf("page %d: %v", i+1, err)
		}
	}
}

// FuzzFile: whatever the bytes, there is a picture that can be looked at, or a refusal with a code.
func FuzzFile(f *testing.F) {
	kinds := []string{PNG, JPEG, TIFF}
	for i, kind := range kinds {
		f.Add(i, encoded(f, kind, drawing(130, 90)))
	}
	f.Add(2, chain(encoded(f, TIFF, drawing(130, 90)), 3, true))
	f.Add(0, hugePNG(1<<20, 1<<20))
	f.Fuzz(func(t *testing.T, kind int, b []byte) {
		name := kinds[uint(kind)%3]
		files := []interface {
			ReadAt([]byte, int64) (int, error)
		}{bytes.NewReader(b)}
		if name == TIFF {
			pages, err := directories(b)
			if refusedWithoutCode(err) {
				t.Fatal(err)
			}
			files = files[:0]
			for _, p := range pages {
				files = append(files, p)
			}
		}
		for i, file := range files {
			config, err := coders[name].config(bytes.NewReader(b))
			if err == nil && config.Width*config.Height > 1<<20 && name != TIFF {
				return // fuzzing is for small pictures; the limit has a test of its own
			}
			p, err := decode(coders[name], file, int64(len(b)), i+1)
			if err != nil {
				if refusedWithoutCode(err) {
					t.Fatal(err)
				}
				return
			}
			if p.Rect.Dx()*p.Rect.Dy() > 1<<20 {
				return
			}
			s := see(Picture{1, p})
			for _, piece := range s.pieces {
				if !piece.In(s.image.Rect) {
					t.Errorf("a line at %v, beyond the picture %v", piece.Rectangle, s.image.Rect)
				}
				readFigure(s.image, piece.textLine, piece.cell, knownShapes()[:20])
				s.crop(piece.textLine, 36)
			}
		}
	})
}

func refusedWithoutCode(err error) bool {
	var r *document.Refusal
	return err != nil && (!errors.As(err, &r) || r.Problem.Code == "")
}
