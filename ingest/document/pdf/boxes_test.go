package pdf

import (
	"encoding/binary"
	"testing"

	"nianbao/ingest/document/documenttest"
)

// The font that PDFium is given is the one that this makes.
func TestBoxFont(t *testing.T) {
	documenttest.Golden(t, "box/usr/share/fonts/box.ttf", string(boxFont()))
}

// boxFont makes a TrueType font (OpenType 1.9) with one glyph for all characters.
func boxFont() []byte {
	const em, ascent, descent = 1000, 880, -120
	u16 := func(values ...int) (b []byte) {
		for _, v := range values {
			b = binary.BigEndian.AppendUint16(b, uint16(v))
		}
		return b
	}
	u32 := func(values ...uint32) (b []byte) {
		for _, v := range values {
			b = binary.BigEndian.AppendUint32(b, v)
		}
		return b
	}
	join := func(parts ...[]byte) (b []byte) {
		for _, p := range parts {
			b = append(b, p...)
		}
		return b
	}
	const left, right, bottom, top = 50, 950, -80, 840
	// One contour of four points, all on the curve, with coordinates of two bytes.
	glyph := join(u16(1, left, bottom, right, top, 3, 0), []byte{1, 1, 1, 1}, u16(left, 0, right-left, 0), u16(bottom, top-bottom, 0, bottom-top))
	if len(glyph)%2 != 0 {
		glyph = append(glyph, 0)
	}
	name := "Box"
	names := join(u16(0, 2, 6+2*12),
		u16(1, 0, 0, 1, len(name), 0), u16(1, 0, 0, 2, len("Regular"), len(name)), []byte(name+"Regular"))
	tables := []struct {
		tag  string
		data []byte
	}{
		{"OS/2", join(u16(4, 500, 400, 5, 0, 650, 600, 0, 75, 650, 600, 0, 350, 50, 300, 0), make([]byte, 10),
			u32(0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF), []byte("none"), u16(0x40, 0, 0xFFFF, ascent, descent, 0, ascent, -descent),
			u32(1|1<<17|1<<18|1<<19|1<<20|1<<21, 0), // code pages: Latin, Japanese, Chinese of both kinds, Korean
			u16(500, 700, 0, 32, 1))},
		// Many-to-one: all characters are glyph 1.
		{"cmap", join(u16(0, 1, 3, 10), u32(12), u16(13, 0), u32(28, 0, 1, 0, 0x10FFFF, 1))},
		{"glyf", join(glyph, glyph)},
		{"head", join(u32(0x00010000, 0x00010000, 0, 0x5F0F3CF5), u16(0, em), make([]byte, 16), u16(left, bottom, right, top, 0, 8, 2, 1, 0))},
		{"hhea", join(u32(0x00010000), u16(ascent, descent, 0, em, 0, 0, right, 1, 0, 0, 0, 0, 0, 0, 0, 1))},
		{"hmtx", u16(em, left, left)},
		{"loca", u32(0, uint32(len(glyph)), uint32(2*len(glyph)))},
		{"maxp", join(u32(0x00010000), u16(2, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0))},
		{"name", names},
		{"post", join(u32(0x00030000, 0), u16(-100, 50), u32(0, 0, 0, 0, 0))},
	}
	head := join(u32(0x00010000), u16(len(tables), 128, 3, 16*len(tables)-128))
	at := 12 + 16*len(tables)
	var body []byte
	for _, t := range tables {
		head = join(head, []byte(t.tag), u32(0, uint32(at+len(body)), uint32(len(t.data))))
		body = append(body, t.data...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	return append(head, body...)
}
