package sheet_test

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
	"nianbao/ingest/document/sheet"
)

// scatter makes pages of any bytes: lines and characters at any place, of any size, some of them no numbers.
func scatter(b []byte) []sheet.Page {
	pages := []sheet.Page{{Number: 1, Width: 100, Height: 100}}
	coordinate := func(b []byte) float64 {
		v := binary.LittleEndian.Uint16(b)
		switch v {
		case 0xFFFF:
			return math.NaN()
		case 0xFFFE:
			return math.Inf(1)
		case 0xFFFD:
			return 1e300
		}
		return float64(v%1200)/10 - 10
	}
	const record = 10
	for ; len(b) >= record && len(pages) < 5; b = b[record:] {
		p := &pages[len(pages)-1]
		x0, y0, x1, y1 := coordinate(b[1:]), coordinate(b[3:]), coordinate(b[5:]), coordinate(b[7:])
		switch b[0] % 8 {
		case 0:
			if b[9] < 16 {
				pages = append(pages, sheet.Page{Number: len(pages) + 1, Width: 100, Height: 100})
				continue
			}
			p.Rules = append(p.Rules, sheet.Rule{Rect: sheet.Rect{X0: x0, Y0: y0, X1: x1, Y1: y1}})
		case 1, 2:
			p.Rules = append(p.Rules, sheet.Rule{Rect: sheet.Rect{X0: x0, Y0: y0, X1: x1, Y1: y0 + 0.5}})
		case 3, 4:
			p.Rules = append(p.Rules, sheet.Rule{Rect: sheet.Rect{X0: x0, Y0: y0, X1: x0 + 0.5, Y1: y1}})
		default:
			size := float64(b[9]%32) - 1
			text := []string{"0", "1", "12", "年", "（一）", "2.", "-", "²", "\uFFFD", ""}[int(b[9])%10]
			box := sheet.Rect{X0: x0, Y0: y0 - size, X1: x0 + size/2, Y1: y0}
			p.Glyphs = append(p.Glyphs, sheet.Glyph{Text: text, Ink: box, Cell: box, Baseline: y0, Size: size, Run: int(b[7]), Turn: 90 * (int(b[8]) % 4) * (int(b[7]) % 2)})
		}
	}
	return pages
}

// Whatever stands on the pages, the grids are grids, and no digit is invented. (One whose row is left open stands twice.)
func FuzzRead(f *testing.F) {
	p := newPaper(1)
	p.table(10, []float64{20, 20, 20}, "甲|1|2", "乙|3|4")
	f.Add([]byte("a seed that is not quite a table, but long enough to be some lines and some characters"))
	f.Add(record(p))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<13 {
			return
		}
		pages := scatter(b)
		d, err := sheet.Read(pages, document.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		if err := documenttest.Check(d); err != nil {
			t.Error(err)
		}
		var in, out [10]int
		count := func(n *[10]int, s string) {
			for _, r := range s {
				if r >= '0' && r <= '9' {
					n[r-'0']++
				}
			}
		}
		for _, p := range pages {
			for _, g := range p.Glyphs {
				count(&in, g.Text)
			}
		}
		for _, block := range d.Blocks {
			count(&out, block.Text)
			if block.Grid == nil {
				continue
			}
			for _, c := range block.Grid.Cells {
				if strings.Contains(c.Text, "\uFFFD") {
					continue
				}
				count(&out, c.Text)
			}
		}
		for digit := range in {
			if out[digit] > in[digit] {
				t.Errorf("the digit %d stands %d times in the document and %d times on the pages", digit, out[digit], in[digit])
			}
		}
	})
}

// record writes a page as bytes that scatter understands.
func record(p *paper) []byte {
	var b []byte
	put := func(kind byte, last byte, values ...float64) {
		b = append(b, kind)
		for _, v := range values {
			b = binary.LittleEndian.AppendUint16(b, uint16((v+10)*10))
		}
		b = append(b, last)
	}
	for _, r := range p.Rules {
		if r.X1-r.X0 > r.Y1-r.Y0 {
			put(1, 0, r.X0, r.Y0, r.X1, r.Y1)
		} else {
			put(3, 0, r.X0, r.Y0, r.X1, r.Y1)
		}
	}
	for i, g := range p.Glyphs {
		put(5, byte(10+i%2), g.Ink.X0, g.Baseline, 0, 0)
	}
	return b
}
