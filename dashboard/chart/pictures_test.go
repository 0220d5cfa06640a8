package chart

import (
	"fmt"
	"testing"

	"nianbao/query/stats"
)

var outcomeNames = [6]string{"予以公开", "部分公开", "不予公开", "无法提供", "不予处理", "其他处理"}

// pictures are examples of the builders with grids of their own. Each has something absent and something hostile.
func pictures() map[string]func(Palette) (Drawing, error) {
	absent := Row{Label: "博山区教育局", Text: "未收到报告", Detail: "博山区教育局\n未收到报告"}
	stacks := []Stack{
		{Row: Row{Label: "全区", Text: "1,000 件", Detail: "全区", Mark: true}, Bars: []StackBar{{Values: []int64{500, 120, 90, 200, 60, 30}, Texts: []string{"50.0%（500/1,000）"}}}},
		{Row: Row{Label: "博山区科学技术局", Text: "30 件", Detail: "…", Link: "/report/x1/2023"}, Bars: []StackBar{{Values: []int64{18, 0, 6, 6, 0, 0}}}},
		{Row: absent, Bars: []StackBar{{}}},
		{Row: Row{Label: hostile, Text: "0", Detail: hostile}, Bars: []StackBar{{Values: []int64{0, 0, 0, 0, 0, 0}}}},
	}
	cases := func(p Palette) []Part { return ResultParts(p, [4]string{"维持", "纠正", "其他", "尚未审结"}) }
	disputes := []Stack{
		{Row: Row{Label: "全区", Detail: "全区", Mark: true}, Bars: []StackBar{{Values: []int64{9, 3, 1, 2}, Text: "15"}, {Values: []int64{2, 0, 0, 1}, Text: "3"}, {Text: "报告中无此行"}}},
		{Row: Row{Label: "博山区科学技术局", Detail: "…", Link: "/report/x1/2023"}, Bars: []StackBar{{Values: []int64{4, 1, 0, 0}, Text: "5"}, {Values: []int64{0, 0, 0, 0}, Text: "0"}, {Values: []int64{1, 0, 0, 0}, Text: "1"}}},
	}
	funnel := FunnelPlot{Across: "办结（件）", Whole: Reference{true, 0.6, "全区 60.0%"}, Most: 84}
	district, _ := stats.NewFunnel(stats.Fraction{X: 60, N: 100})
	for n := int64(1); n <= 84; n++ {
		funnel.Curve = append(funnel.Curve, FunnelLimit{N: n, Limits: district.Exact(n), Exact: district.Exact(n)})
	}
	for i, at := range []struct {
		n, x   int64
		status stats.Status
	}{{12, 9, stats.Within}, {40, 11, stats.Below998}, {80, 60, stats.Above95}, {52, 31, stats.Within}} {
		point := FunnelPoint{Detail: fmt.Sprintf("第%d局\n%d/%d", i, at.x, at.n), Link: fmt.Sprintf("/agency/x%d", i), N: at.n, Value: float64(at.x) / float64(at.n), Status: at.status, Small: at.n < 30}
		if at.status.Outside() {
			point.Label = fmt.Sprintf("博山区第%d局", i)
		}
		funnel.Points = append(funnel.Points, point)
	}
	funnel.Points = append(funnel.Points, FunnelPoint{Label: hostile, Detail: hostile, N: 30, Value: 0.5, Status: stats.Within, Mark: true})
	half, third := 0.5, 0.3
	panel := func(title, note string, known ...float64) Panel {
		one := Panel{Title: title, Note: note, Whole: []*float64{&half, nil, &third, &half, &half}, Link: "/agency/x1"}
		for i, v := range known {
			y := Yearly{Known: v >= 0, Value: v, Lower: v - 0.1, Upper: v + 0.1, Banded: i%2 == 0, Small: i == 1, Detail: title, Link: "/report/x1/2020"}
			if !y.Known {
				y = Yearly{Word: "未收到", Detail: title}
			}
			one.Values = append(one.Values, y)
		}
		return one
	}
	years := []int{2019, 2020, 2021, 2022, 2023}
	panels := []Panel{panel("博山区科学技术局", "▲ 上升 χ²=22.6", 0.2, 0.3, 0.5, 0.6, 0.8), panel("博山区教育局", "不可评：缺年", 0.4, -1, 0.5, 0.5, -1), panel(hostile, hostile, 0.1, 0.2, 0.2, 0.1, 0.2), panel("博山区民政局", "", -1, -1, -1, -1, -1)}
	scatter := ScatterPlot{Across: "新收申请（件）", Up: "公开率（含部分公开）", UpShare: true, Points: []ScatterPoint{
		{Label: "博山区科学技术局", Detail: "…", Link: "/agency/x1", X: 30, Y: 0.6}, {Detail: "…", Link: "/agency/x2", X: 12, Y: 0.9, Small: true}, {Label: hostile, Detail: hostile, X: 90, Y: 0, Mark: true}}}
	heat := []HeatRow{
		{Row: Row{Label: "博山区科学技术局", Text: "13", Detail: "…", Link: "/report/x1/2023"}, Cells: []HeatCell{{Text: "0", Class: 0}, {Text: "2", Class: 1}, {Text: "11", Class: 3}}},
		{Row: absent, Cells: []HeatCell{{Text: "未收到报告", Class: -1}, {Class: -1}, {Class: -1}}},
		{Row: Row{Label: hostile, Text: "?", Detail: hostile}, Cells: []HeatCell{{Text: "?", Class: -1, Open: true, Detail: "待核"}, {Text: "4", Class: 2}, {Text: "31", Class: 4, Bold: true}}}}
	spine := []SpineLine{
		{Row: Row{Label: "公开率", Text: "60.0%（18/30） 全区 58.6%", Detail: "…", Link: "/compare"}, Known: true, Value: 0.6, Lower: 0.42, Upper: 0.75, Status: stats.Within, CentreKnown: true, Centre: 0.586, SpreadKnown: true, Least: 0.2, From: 0.5, To: 0.7, Most: 1},
		{Row: Row{Label: "不予公开率", Text: "3/7 样本过小", Detail: "…"}, CentreKnown: true, Centre: 0.1},
		{Row: Row{Label: hostile, Text: "未收到报告", Detail: hostile}},
		{Row: Row{Label: "办结率", Text: "90.0%", Detail: "…"}, Known: true, Value: 0.9, Lower: 0.8, Upper: 0.95, Status: stats.Above998, CentreKnown: true, Centre: 0.6}}
	slope := []SlopeLine{{Label: "博山区科学技术局", Detail: "…", Link: "/agency/x1", Before: 0.3, Now: 0.6, Direction: 1}, {Label: "博山区民政局", Detail: "…", Before: 0.5, Now: 0.2, Direction: -1}, {Label: hostile, Detail: hostile, Before: 0.4, Now: 0.45}}
	return map[string]func(Palette) (Drawing, error){
		"stacks": func(p Palette) (Drawing, error) {
			return Stacks(stacks, []StackField{{Parts: OutcomeParts(p, outcomeNames)}}, true, p)
		},
		"counts": func(p Palette) (Drawing, error) {
			return Stacks(stacks, []StackField{{Parts: OutcomeParts(p, outcomeNames)}}, false, p)
		},
		"fields": func(p Palette) (Drawing, error) {
			return Stacks(disputes, []StackField{{"行政复议", cases(p)}, {"直接起诉", cases(p)}, {"复议后起诉", cases(p)}}, false, p)
		},
		"funnel":  func(p Palette) (Drawing, error) { return Funnel(funnel, p) },
		"panels":  func(p Palette) (Drawing, error) { return Panels(panels, years, true, false, p) },
		"scatter": func(p Palette) (Drawing, error) { return Scatter(scatter, p) },
		"heat": func(p Palette) (Drawing, error) {
			return Heat(heat, []string{"1.国家秘密", "2.其他法律行政法规禁止公开", hostile}, p)
		},
		"spine": func(p Palette) (Drawing, error) { return Spine(spine, p) },
		"slope": func(p Palette) (Drawing, error) { return Slope(slope, [2]string{"2022", "2023"}, true, p) },
	}
}

func TestTidyMost(t *testing.T) {
	for most, want := range map[int64]int64{0: 4, 1: 4, 4: 4, 5: 8, 9: 20, 21: 40, 41: 80, 81: 200, 1000: 2000, 801: 2000} {
		if got := tidyMost(most); got != want {
			t.Errorf("tidyMost(%d) = %d, want %d", most, got, want)
		}
	}
}
