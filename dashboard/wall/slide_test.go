package wall

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"nianbao/dashboard/chart"
	"nianbao/internal/board"
)

func sized(shape board.Shape, seams ...int) board.Screen {
	return board.Screen{Shape: shape, Diagonal: 55, Distance: 5, Seams: seams}
}

func noRoom(list []Misfit) string { return fmt.Sprint(list) }

// rows is a slide with so many rows.
func rows(n int) Slide {
	s := Slide{Head: "虚构区 · 2023 年度", Title: "行政复议的件数", Foot: []string{"数据截至 2024-04-02 09:14", "已报 41/应报 44"}, Link: "https://example.cn/compare?m=open_rate&as_of=2024-04-02T01:14:00Z", Short: "/s/7KQ2AB"}
	for i := range n {
		s.Rows = append(s.Rows, Row{Label: fmt.Sprintf("第%d局", i), Text: "60.0%（18/30）", Share: 0.5, Colour: chart.Dark.Bar})
	}
	return s
}

// TestLegible: ten rows can be read from 5 m on 55 inches, eleven cannot, and the picture then says so.
func TestLegible(t *testing.T) {
	if _, misfits, err := Draw(rows(10), sized(board.Wide), chart.Dark, noRoom); len(misfits) > 0 || err != nil {
		t.Errorf("ten rows: %v, %v", misfits, err)
	}
	picture, misfits, err := Draw(rows(11), sized(board.Wide), chart.Dark, noRoom)
	if err != nil || len(misfits) != 1 || misfits[0].What != "rows" || misfits[0].Got != 11 || misfits[0].Most != 10 {
		t.Errorf("11 rows: %v, %v", misfits, err)
	}
	if bytes.Contains(picture, []byte("第10局")) || !bytes.Contains(picture, []byte("rows: 11")) {
		t.Error("the picture of 11 rows does not say that they have no room")
	}
	far := sized(board.Wide)
	far.Distance = 8
	if _, misfits, _ := Draw(rows(10), far, chart.Dark, noRoom); len(misfits) == 0 {
		t.Error("ten rows have room for 8 m")
	}
}

var texts = regexp.MustCompile(`<text x="(\d+)" y="(\d+)" font-size="(\d+)"[^>]*>([^<]*)<`)

// TestPictures: every picture is XML, of the size of its canvas, the same bytes each time; no text is smaller than the smallest,
// lies outside the canvas or on a seam.
func TestPictures(t *testing.T) {
	half := 0.5
	for _, screen := range []board.Screen{sized(board.Wide), sized(board.Wide, 960), {Shape: board.Double, Diagonal: 104, Distance: 5, Seams: []int{1920}}, sized(board.Portrait)} {
		for name, s := range map[string]Slide{
			"rows":    rows(5),
			"figures": {Title: "报送情况", Figures: []Figure{{"44", "应报"}, {"41", "已报"}, {"3", "未报"}, {"0", "未到期"}, {"2", "零申请"}}, Words: "未报：甲局、乙局"},
			"parts":   {Title: "结果", Parts: []Part{{"予以公开", "30.8%（944/3,069）", 0.308, "#338FFF", "30.8%"}, {"其他", "69.2%（2,125/3,069）", 0.692, "#9EA6B3", "69.2%"}}},
			"funnel":  {Title: "漏斗", Funnel: &Funnel{Across: "n", Whole: 0.4, Most: 1500, Limits: []Limit{{1, 0, 1, 0, 1}, {1500, 0.35, 0.45, 0.3, 0.5}}, Points: []Point{{800, 0.5, "above_998", false, "甲局"}}}},
			"panels":  {Title: "走势", Panels: []Panel{{"甲局", "", []int{2022, 2023}, []*float64{nil, &half}, []string{"无数据", "50.0%"}}}},
			"text":    {Title: "通知", Words: "各机关的年度报告请于1月31日前公布并报送。"},
			"absent":  {Title: "x", Absent: "2024 年度尚无报告；应报 44，截止 1月31日"},
			"hostile": {Title: `<script>alert("1")</script>{b}'=1+1局`, Words: "a&b\x00"},
		} {
			picture, misfits, err := Draw(s, screen, chart.Dark, noRoom)
			if err != nil || len(misfits) > 0 {
				t.Errorf("%v %s: %v, %v", screen, name, misfits, err)
				continue
			}
			again, _, _ := Draw(s, screen, chart.Dark, noRoom)
			if !bytes.Equal(picture, again) {
				t.Errorf("%v %s: the same slide gives other bytes", screen, name)
			}
			if bytes.Contains(picture, []byte("<script")) {
				t.Errorf("%v %s: markup of a name is in the picture", screen, name)
			}
			for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Errorf("%v %s: no XML: %v", screen, name, err)
					break
				}
			}
			width, height := screen.Canvas()
			for _, m := range texts.FindAllStringSubmatch(string(picture), -1) {
				x, _ := strconv.Atoi(m[1])
				y, _ := strconv.Atoi(m[2])
				size, _ := strconv.Atoi(m[3])
				from, to := x, x+int(chart.TextWidth(strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'", "&amp;", "&").Replace(m[4]), size))
				if strings.Contains(m[0], `text-anchor="end"`) {
					from, to = x-(to-x), x
				}
				if size < screen.Text() || from < 0 || to > width+1 || y < size/2 || y > height-size/2 {
					t.Errorf("%v %s: %q of %d px stands at %d to %d, %d", screen, name, m[4], size, from, to, y)
				}
				for _, seam := range screen.Seams {
					if from < seam && to > seam {
						t.Errorf("%v %s: %q lies over the seam at %d", screen, name, m[4], seam)
					}
				}
			}
		}
	}
}

func TestParseSeen(t *testing.T) {
	got := ParseSeen("page=ab12;slide=3;errors=0;missed=2;width=1920;height=1080;nodes=22;heap=123456;other=1;bad;slide=-1")
	if want := (Seen{Page: "ab12", Slide: 3, Missed: 2, Width: 1920, Height: 1080, Nodes: 22, Heap: 123456}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := ParseSeen("page=<script>;slide=" + strings.Repeat("9", 500)); got != (Seen{}) {
		t.Errorf("of nonsense %+v is kept", got)
	}
}
