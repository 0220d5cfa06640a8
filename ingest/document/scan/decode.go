package scan

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/tiff"

	"nianbao/ingest/document"
	"nianbao/ingest/document/sheet"
	"nianbao/internal/form"
)

// Media types of what this package reads.
const (
	PNG  = "image/png"
	JPEG = "image/jpeg"
	TIFF = "image/tiff"
)

// coder decodes one format.
type coder struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

var coders = map[string]coder{
	PNG:  {png.DecodeConfig, png.Decode},
	JPEG: {jpeg.DecodeConfig, jpeg.Decode},
	TIFF: {tiff.DecodeConfig, tiff.Decode},
}

// ReadFile reads a file of images of one of the media types of this package: a page, or with TIFF several. The error is a
// [*document.Refusal], that of the context, or one of this machine, such as a full disk.
func ReadFile(ctx context.Context, mediaType string, b []byte, l document.Limits) (*document.Document, error) {
	c, ok := coders[mediaType]
	if !ok {
		return nil, fmt.Errorf("read an image of type %s: the type is not known", mediaType)
	}
	if int64(len(b)) > l.Bytes {
		return nil, document.Refuse(document.TooLarge, form.Position{}, "the image has %d bytes, at most %d are read", len(b), l.Bytes)
	}
	files := []io.ReaderAt{bytes.NewReader(b)}
	if mediaType == TIFF {
		var err error
		if files, err = directories(b); err != nil {
			return nil, err
		}
	}
	var pages []sheet.Page
	for i, f := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		img, err := decode(c, f, int64(len(b)), i+1)
		if err != nil {
			return nil, err
		}
		page, err := Read(ctx, Picture{i + 1, img})
		if err != nil {
			return nil, err
		}
		pages = append(pages, page)
	}
	d, err := sheet.Read(pages, l)
	if err != nil {
		return nil, err
	}
	d.MediaType = mediaType
	return d, nil
}

// decode decodes a page in shades of grey. Its size is looked at before.
func decode(c coder, f io.ReaderAt, size int64, page int) (out *image.Gray, err error) {
	at := form.Position{Page: page}
	defer func() {
		if r := recover(); r != nil { // decoders of old formats have surprises
			out, err = nil, document.Refuse(document.Damaged, at, "the image of page %d is damaged: %v", page, r)
		}
	}()
	config, err := c.config(io.NewSectionReader(f, 0, size))
	if err != nil {
		return nil, document.Refuse(document.Damaged, at, "the image of page %d is damaged or of a kind that is not read: %v", page, err)
	}
	const least = 50
	w, h := config.Width, config.Height
	switch {
	case w <= 0 || h <= 0 || w > MaxPixels || h > MaxPixels || w*h > MaxPixels:
		return nil, document.Refuse(document.TooLarge, at, "the image of page %d has %d × %d points, at most %d million are read", page, w, h, MaxPixels>>20)
	case w < least || h < least || w > 20*h || h > 20*w:
		return nil, document.Refuse(document.Empty, at, "the image of page %d has %d × %d points, which is no page", page, w, h)
	}
	img, err := c.decode(io.NewSectionReader(f, 0, size))
	if err != nil {
		return nil, document.Refuse(document.Damaged, at, "the image of page %d is damaged: %v", page, err)
	}
	return grey(img), nil
}

// grey is the brightness of a picture on white paper.
func grey(img image.Image) *image.Gray {
	r := img.Bounds()
	out := image.NewGray(image.Rect(0, 0, r.Dx(), r.Dy()))
	switch p := img.(type) {
	case *image.Gray:
		for y := range r.Dy() {
			copy(out.Pix[y*out.Stride:y*out.Stride+r.Dx()], p.Pix[y*p.Stride:])
		}
		return out
	case *image.YCbCr: // of JPEG, whose Y is the brightness
		for y := range r.Dy() {
			copy(out.Pix[y*out.Stride:y*out.Stride+r.Dx()], p.Y[y*p.YStride:])
		}
		return out
	}
	for y := range r.Dy() {
		for x := range r.Dx() {
			r, g, b, a := img.At(img.Bounds().Min.X+x, img.Bounds().Min.Y+y).RGBA() // with the opacity multiplied in
			white := 0xFFFF - a
			out.Pix[y*out.Stride+x] = color.GrayModel.Convert(color.RGBA64{uint16(r + white), uint16(g + white), uint16(b + white), 0xFFFF}).(color.Gray).Y
		}
	}
	return out
}

// directories are the pages of a TIFF file, each as a file whose first page it is. The format chains its pages: each
// says where the next stands.
func directories(b []byte) ([]io.ReaderAt, error) {
	var order binary.ByteOrder = binary.LittleEndian
	if len(b) > 1 && b[0] == 'M' {
		order = binary.BigEndian
	}
	damaged := func(page int, what string) error {
		return document.Refuse(document.Damaged, form.Position{Page: page}, "the TIFF file is damaged: %s", what)
	}
	if len(b) < 8 {
		return nil, document.Refuse(document.Truncated, form.Position{}, "the TIFF file ends in its header")
	}
	var out []io.ReaderAt
	seen := map[uint32]bool{}
	for at := order.Uint32(b[4:]); at != 0; {
		page := len(out) + 1
		if seen[at] {
			return nil, damaged(page, "its pages form a circle")
		}
		seen[at] = true
		if page > MaxPages {
			return nil, document.Refuse(document.TooLarge, form.Position{Page: page}, "the TIFF file has more than %d pages, at most so many are read", MaxPages)
		}
		if int64(at)+2 > int64(len(b)) {
			return nil, document.Refuse(document.Truncated, form.Position{Page: page}, "the TIFF file ends before its page %d", page)
		}
		var head [4]byte
		order.PutUint32(head[:], at)
		out = append(out, patched{b, head})
		const entry = 12 // bytes
		next := int64(at) + 2 + entry*int64(order.Uint16(b[at:]))
		if next+4 > int64(len(b)) {
			return nil, document.Refuse(document.Truncated, form.Position{Page: page}, "the TIFF file ends within its page %d", page)
		}
		at = order.Uint32(b[next:])
	}
	if len(out) == 0 {
		return nil, damaged(0, "it has no page")
	}
	return out, nil
}

// patched is a TIFF file whose header names another first page.
type patched struct {
	file  []byte
	first [4]byte
}

// ReadAt reads from the file.
func (p patched) ReadAt(b []byte, at int64) (int, error) {
	n, err := bytes.NewReader(p.file).ReadAt(b, at)
	for i := range p.first {
		if j := int64(4+i) - at; j >= 0 && j < int64(n) {
			b[j] = p.first[i]
		}
	}
	return n, err
}
