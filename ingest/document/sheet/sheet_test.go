package sheet_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
	"nianbao/ingest/document/sheet"
)

// paper is a page under the pen: A4, text of 10 points unless said otherwise.
type paper struct {
	sheet.Page
	size float64
	runs int
}

func newPaper(number int) *paper {
	return &paper{Page: sheet.Page{Number: number, Width: 595, Height: 842}, size: 10}
}

// text writes upright text from x on the line at y.
func (p *paper) text(x, y float64, s string) {
	p.runs++
	for _, r := range s {
		advance, ink := p.size, sheet.Rect{X0: x + 0.05*p.size, Y0: y - 0.8*p.size, X1: x + 0.95*p.size, Y1: y + 0.08*p.size}
		if r < 0x80 {
			advance = p.size / 2
			ink = sheet.Rect{X0: x + 0.05*p.size, Y0: y - 0.7*p.size, X1: x + 0.45*p.size, Y1: y}
		}
		if r != ' ' {
			p.Glyphs = append(p.Glyphs, sheet.Glyph{Text: string(r), Ink: ink, Baseline: y, Size: p.size, Run: p.runs,
				Cell: sheet.Rect{X0: x, Y0: y - 0.85*p.size, X1: x + advance, Y1: y + 0.15*p.size}})
		}
		x += advance
	}
}

func (p *paper) across(y, x0, x1 float64) { p.rule(x0, y-0.25, x1, y+0.25) }
func (p *paper) down(x, y0, y1 float64)   { p.rule(x-0.25, y0, x+0.25, y1) }

func (p *paper) rule(x0, y0, x1, y1 float64) {
	p.Rules = append(p.Rules, sheet.Rule{Rect: sheet.Rect{X0: x0, Y0: y0, X1: x1, Y1: y1}})
}

// table draws a table of single cells from the place (50, y): columns of the given widths, rows 20 points high.
func (p *paper) table(y float64, widths []float64, rows ...string) (bottom float64) {
	x := 50.0
	xs := []float64{x}
	for _, w := range widths {
		x += w
		xs = append(xs, x)
	}
	bottom = y + 20*float64(len(rows))
	for i := range len(rows) + 1 {
		p.across(y+20*float64(i), 50, x)
	}
	for _, x := range xs {
		p.down(x, y, bottom)
	}
	for i, row := range rows {
		for j, s := range strings.Split(row, "|") {
			p.text(xs[j]+3, y+20*float64(i)+14, s)
		}
	}
	return bottom
}

// draw reads the pages and draws what was read, without the type.
func draw(t *testing.T, pages ...*paper) string {
	t.Helper()
	var sheets []sheet.Page
	for _, p := range pages {
		sheets = append(sheets, p.Page)
	}
	d, err := sheet.Read(sheets, document.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if err := documenttest.Check(d); err != nil {
		t.Error(err)
	}
	return strings.TrimLeft(strings.TrimPrefix(documenttest.Draw(d), "type \n"), "\n")
}

func want(t *testing.T, got, want string) {
	t.Helper()
	if diff := cmp.Diff(strings.TrimLeft(want, "\n"), got); diff != "" {
		t.Errorf("read it otherwise (-want +got):\n%s", diff)
	}
}

var four = []float64{120, 60, 60, 60}

func TestTable(t *testing.T) {
	p := newPaper(1)
	p.text(50, 80, "一、标题")
	p.table(100, four, "甲|1|2|3", "乙||0|-")
	p.text(50, 200, "表后的话。")
	want(t, draw(t, p), `
一、标题

grid 1: 2 × 4
  1.1 甲 | 1.2 1 | 1.3 2 | 1.4 3
  2.1 乙 | 2.2 | 2.3 0 | 2.4 -

表后的话。
`)
}

// Every tiling of a rectangle comes back as it was drawn: with all lines, in pieces, doubled, dotted, and turned.
func TestTilingsComeBack(t *testing.T) {
	styles := map[string]func(p *paper, x0, y0, x1, y1 float64){
		"solid": (*paper).rule,
		"pieces": func(p *paper, x0, y0, x1, y1 float64) {
			mx, my := (x0+x1)/2, (y0+y1)/2
			if x1-x0 > y1-y0 {
				p.rule(x0, y0, mx, y1)
				p.rule(mx-1, y0, x1, y1)
			} else {
				p.rule(x0, y0, x1, my)
				p.rule(x0, my-1, x1, y1)
			}
		},
		"double": func(p *paper, x0, y0, x1, y1 float64) {
			if x1-x0 > y1-y0 {
				p.rule(x0, y0-1, x1, y1-1)
				p.rule(x0, y0+1, x1, y1+1)
			} else {
				p.rule(x0-1, y0, x1-1, y1)
				p.rule(x0+1, y0, x1+1, y1)
			}
		},
		"dotted": func(p *paper, x0, y0, x1, y1 float64) {
			if x1-x0 > y1-y0 {
				for x := x0; x < x1; x += 2 {
					p.rule(x, y0, x+0.5, y1)
				}
			} else {
				for y := y0; y < y1; y += 2 {
					p.rule(x0, y, x1, y+0.5)
				}
			}
		},
	}
	for name, rule := range styles {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			for range 200 {
				g := documenttest.Tiling(random)
				p := newPaper(1)
				for _, c := range g.Cells {
					x0, y0 := 50+40*float64(c.Column-1), 50+20*float64(c.Row-1)
					x1, y1 := x0+40*float64(c.ColSpan), y0+20*float64(c.RowSpan)
					rule(p, x0-0.25, y0-0.25, x1+0.25, y0+0.25)
					rule(p, x0-0.25, y1-0.25, x1+0.25, y1+0.25)
					rule(p, x0-0.25, y0-0.25, x0+0.25, y1+0.25)
					rule(p, x1-0.25, y0-0.25, x1+0.25, y1+0.25)
					p.text((x0+x1)/2-5*float64(len(c.Text))/2, (y0+y1)/2+4, c.Text)
				}
				sameTiling(t, p, g)
			}
		})
	}
}

// sameTiling compares what was read with what was drawn. Rows and columns in which no cell begins cannot be seen.
func sameTiling(t *testing.T, p *paper, g *document.Grid) {
	t.Helper()
	squeeze(g)
	d, err := sheet.Read([]sheet.Page{p.Page}, document.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if g.Columns < 2 || len(g.Cells) <= g.Rows {
		return // a column of frames, which is running text
	}
	documenttest.SameGrid(t, d, g)
}

// squeeze drops rows and columns that no cell begins in.
func squeeze(g *document.Grid) {
	rows, columns := make([]int, g.Rows+2), make([]int, g.Columns+2)
	for _, c := range g.Cells {
		rows[c.Row], columns[c.Column] = 1, 1
	}
	number := func(used []int) {
		n := 0
		for i := 1; i < len(used); i++ {
			u := used[i]
			used[i] = n + 1
			n += u
		}
	}
	number(rows)
	number(columns)
	for i := range g.Cells {
		c := &g.Cells[i]
		row, column := rows[c.Row], columns[c.Column]
		c.RowSpan, c.ColSpan = rows[c.Row+c.RowSpan]-row, columns[c.Column+c.ColSpan]-column
		c.Row, c.Column = row, column
	}
	g.Rows, g.Columns = rows[len(rows)-1]-1, columns[len(columns)-1]-1
}

func TestBordersThatAreMissing(t *testing.T) {
	t.Run("left and right", func(t *testing.T) {
		p := newPaper(1)
		for _, y := range []float64{100, 120, 140} {
			p.across(y, 50, 290)
		}
		p.down(170, 100, 140)
		p.down(230, 100, 140)
		p.text(60, 114, "甲")
		p.text(180, 114, "1")
		p.text(240, 114, "2")
		p.text(60, 134, "乙")
		p.text(180, 134, "3")
		p.text(240, 134, "4")
		want(t, draw(t, p), "grid 1: 2 × 3\n  1.1 甲 | 1.2 1 | 1.3 2\n  2.1 乙 | 2.2 3 | 2.3 4\n")
	})
	t.Run("bottom", func(t *testing.T) {
		p := newPaper(1)
		p.across(100, 50, 290)
		p.across(120, 50, 290)
		for _, x := range []float64{50, 170, 290} {
			p.down(x, 100, 140)
		}
		p.text(60, 114, "甲")
		p.text(180, 114, "1")
		p.text(60, 134, "乙")
		p.text(180, 134, "2")
		want(t, draw(t, p), "grid 1: 2 × 2\n  1.1 甲 | 1.2 1\n  2.1 乙 | 2.2 2\n")
	})
	t.Run("between two figures", func(t *testing.T) {
		// Both stand in one cell then, and are two numbers, not one.
		p := newPaper(1)
		p.across(100, 50, 290)
		p.across(120, 50, 290)
		for _, x := range []float64{50, 170, 290} {
			p.down(x, 100, 120)
		}
		p.text(60, 114, "甲")
		p.text(180, 114, "1")
		p.text(240, 114, "2")
		want(t, draw(t, p), "grid 1: 1 × 2\n  1.1 甲 | 1.2 1 2\n")
	})
}

// Each cell may have a frame of its own, with a gap to the next.
func TestFramedCells(t *testing.T) {
	p := newPaper(1)
	for i, row := range []string{"甲|1|2", "乙|3|4"} {
		for j, s := range strings.Split(row, "|") {
			x, y := 50+60*float64(j), 100+20*float64(i)
			p.across(y, x, x+57)
			p.across(y+17, x, x+57)
			p.down(x, y, y+17)
			p.down(x+57, y, y+17)
			p.text(x+5, y+13, s)
		}
	}
	p.across(97, 47, 230) // and so may the table
	p.across(140, 47, 230)
	p.down(47, 97, 140)
	p.down(230, 97, 140)
	p.down(48, 117, 120) // what holds the frames together
	p.across(118.5, 47, 230)
	p.down(108.5, 97, 140)
	p.down(168.5, 97, 140)
	want(t, draw(t, p), "grid 1: 2 × 3\n  1.1 甲 | 1.2 1 | 1.3 2\n  2.1 乙 | 2.2 3 | 2.3 4\n")
}

// After a page break, browsers let a cell that reaches over several rows end in the middle of a row.
func TestCellThatEndsInTheMiddleOfARow(t *testing.T) {
	p := newPaper(1)
	for _, y := range []float64{100, 120, 140} {
		p.across(y, 90, 290)
	}
	p.across(100, 50, 90)
	p.across(130, 50, 90)
	p.across(140, 50, 90)
	for _, x := range []float64{50, 90, 190, 290} {
		p.down(x, 100, 140)
	}
	for i, row := range []string{"甲|1", "乙|2"} {
		for j, s := range strings.Split(row, "|") {
			p.text(95+100*float64(j), 114+20*float64(i), s)
		}
	}
	want(t, draw(t, p), "grid 1: 2 × 3\n  1.1(2×1) | 1.2 甲 | 1.3 1\n  2.2 乙 | 2.3 2\n")
}

func TestLinesThatBoundNothing(t *testing.T) {
	p := newPaper(1)
	p.table(100, four, "甲|1|2|3", "乙|4|5|6")
	p.across(115.5, 53, 63) // the word is underlined
	p.across(400, 50, 300)  // a line under a heading
	p.text(50, 398, "标题")
	want(t, draw(t, p), `
grid 1: 2 × 4
  1.1 甲 | 1.2 1 | 1.3 2 | 1.4 3
  2.1 乙 | 2.2 4 | 2.3 5 | 2.4 6

标题
`)
}

func TestTextOfCells(t *testing.T) {
	for _, test := range []struct {
		name string
		pen  func(p *paper) // writes into the second cell of the first row, from (170, 100) to (230, 160)
		want string
	}{
		{"two lines", func(p *paper) { p.text(175, 120, "结果"); p.text(175, 132, "维持") }, "结果维持"},
		{"one character a line", func(p *paper) {
			for i, r := range []rune("三、本年") {
				p.text(195, 114+11*float64(i), string(r))
			}
		}, "三、本年"},
		{"a note under a number", func(p *paper) { p.text(175, 120, "55"); p.text(175, 132, "（含失效）") }, "55⏎（含失效）"},
		{"two numbers", func(p *paper) { p.text(175, 120, "12"); p.text(175, 132, "3") }, "12⏎3"},
		{"a number too long for its cell", func(p *paper) { p.text(173, 120, "12345678901"); p.text(173, 132, "23") }, "1234567890123"},
		{"two numbers as long as the cell is wide", func(p *paper) { p.text(173, 120, "12345678901"); p.text(173, 132, "12345678901") }, "12345678901⏎12345678901"},
		{"two numbers far apart", func(p *paper) { p.text(173, 120, "12345678901"); p.text(173, 145, "23") }, "12345678901⏎23"},
		{"digits with a gap", func(p *paper) { p.text(175, 120, "12"); p.text(190, 120, "3") }, "12 3"},
		{"spread characters", func(p *paper) { p.text(175, 120, "总"); p.text(205, 120, "计") }, "总 计"},
		{"a raised mark", func(p *paper) { p.text(175, 120, "55"); p.size = 6.5; p.text(185, 116, "1") }, "55[1]"},
		{"a raised mark as browsers set it", func(p *paper) { p.text(175, 120, "55"); p.size = 8.4; p.text(185, 118, "12") }, "55[12]"},
		{"a mark in a circle", func(p *paper) { p.text(175, 120, "55①") }, "55[①]"},
		{"a superscript character", func(p *paper) { p.text(175, 120, "55²") }, "55[²]"},
		{"a small number", func(p *paper) { p.size = 6; p.text(175, 120, "551") }, "551"},
		{"bold by printing twice", func(p *paper) { p.text(175, 120, "11"); p.text(175.3, 120, "11") }, "11"},
		{"two signs of one run at one place", func(p *paper) {
			p.text(175, 120, "11") // as where the file states the text of a drawing
			one, two := &p.Glyphs[len(p.Glyphs)-2], &p.Glyphs[len(p.Glyphs)-1]
			two.Ink, two.Cell = one.Ink, one.Cell
		}, "11"},
		{"the same digit twice", func(p *paper) { p.text(175, 120, "1"); p.text(180, 120, "1") }, "11"},
		{"words longer than the cell", func(p *paper) { p.text(176, 120, "公益组织之名") }, "公益组织之名"},
		{"two numbers over each other", func(p *paper) { p.text(175, 120, "5"); p.text(175, 120, "6") }, "56"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPaper(1)
			for _, y := range []float64{100, 160, 180} {
				p.across(y, 50, 290)
			}
			for _, x := range []float64{50, 170, 230, 290} {
				p.down(x, 100, 180)
			}
			test.pen(p)
			p.size = 10
			p.text(60, 174, "下")
			want(t, draw(t, p), "grid 1: 2 × 3\n  1.1 | 1.2 "+test.want+" | 1.3\n  2.1 下 | 2.2 | 2.3\n")
		})
	}
}

// A number that is wider than its cell belongs where most of it stands; if that is not clear, it stays open.
func TestNumbersAcrossBorders(t *testing.T) {
	p := newPaper(1)
	p.table(100, []float64{100, 20, 20, 20}, "甲||3|4", "乙||5|6")
	p.text(146, 114, "1234567") // from 4 points left of its cell to 11 points right of it
	p.text(151, 134, "12345")   // 4 of 5 digits stand in the cell
	want(t, draw(t, p), `
problem straddling_text: page 1: “1234567” stands across the border of two cells; it is left open which of them it belongs to

grid 1: 2 × 4
  1.1 甲 | 1.2 1234567`+"\uFFFD"+` | 1.3 3 | 1.4 4
  2.1 乙 | 2.2 12345 | 2.3 5 | 2.4 6
`)
}

func TestTurnedText(t *testing.T) {
	p := newPaper(1)
	p.table(100, four, "|1|2|3", "乙|4|5|6")
	for i, r := range []rune("甲丙") { // written upwards, as a label turned by 90 degrees
		y := 118 - 8*float64(i)
		box := sheet.Rect{X0: 100, Y0: y - 8, X1: 108, Y1: y}
		p.Glyphs = append(p.Glyphs, sheet.Glyph{Text: string(r), Ink: box, Cell: box, Size: 8, Turn: 90})
	}
	want(t, draw(t, p), `
grid 1: 2 × 4
  1.1 甲丙 | 1.2 1 | 1.3 2 | 1.4 3
  2.1 乙 | 2.2 4 | 2.3 5 | 2.4 6
`)
}

func TestFrames(t *testing.T) {
	t.Run("around all", func(t *testing.T) {
		p := newPaper(1)
		p.across(40, 40, 400)
		p.across(300, 40, 400)
		p.down(40, 40, 300)
		p.down(400, 40, 300)
		p.text(50, 60, "一、标题")
		p.table(100, four, "甲|1|2|3", "乙|4|5|6")
		want(t, draw(t, p), "一、标题\n\ngrid 1: 2 × 4\n  1.1 甲 | 1.2 1 | 1.3 2 | 1.4 3\n  2.1 乙 | 2.2 4 | 2.3 5 | 2.4 6\n")
	})
	t.Run("beside each other", func(t *testing.T) {
		// Each is read to its end.
		p := newPaper(1)
		for _, x := range []float64{40, 300} {
			p.across(40, x, x+200)
			p.across(100, x, x+200)
			p.down(x, 40, 100)
			p.down(x+200, 40, 100)
		}
		p.text(45, 60, "左边的第一行文字写满了这个框子的宽度")
		p.text(45, 75, "左边的第二行。")
		p.text(305, 60, "右边的第一行文字写满了这个框子的宽度")
		p.text(305, 75, "右边的第二行。")
		want(t, draw(t, p), "左边的第一行文字写满了这个框子的宽度左边的第二行。\n\n右边的第一行文字写满了这个框子的宽度右边的第二行。\n")
	})
}
