package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"nianbao/dashboard/assets"
	"nianbao/dashboard/chart"
	"nianbao/dashboard/chart/svg"
)

// drawings is how many pictures of each kind are drawn; the median is told.
const drawings = 40

// svg measures pictures drawn on the server: each drawn for the first time, and one drawn before.
func (b *bench) svg() error {
	library, ok := assets.Files()[assets.Charts]
	if !ok {
		return errors.New("the build has not fetched the chart library; make fetches it")
	}
	renderer := svg.New(library.Content)
	start := time.Now()
	if err := renderer.Warm(); err != nil {
		return err
	}
	b.add("chart library ready to draw", fmt.Sprintf("%.2f s", time.Since(start).Seconds()), "", "once for each start of the program, beside the serving")
	for _, one := range []struct {
		rows   int
		target string
	}{{20, "< 40 ms"}, {60, "< 80 ms"}} {
		var times []time.Duration
		for i := range drawings + 2 {
			d, err := countsOf(one.rows, i)
			if err != nil {
				return err
			}
			start := time.Now()
			if _, err := renderer.Draw(b.ctx, d, frameOf(i)); err != nil {
				return err
			}
			if i > 1 { // the first two warm up
				times = append(times, time.Since(start))
			}
		}
		slices.Sort(times)
		b.add(fmt.Sprintf("SVG chart, %d bars, not drawn before", one.rows), fmt.Sprintf("%.0f ms", times[len(times)/2].Seconds()*1e3), one.target,
			fmt.Sprintf("median of %d; the fastest %.0f ms", drawings, times[0].Seconds()*1e3))
	}
	d, err := countsOf(20, 2)
	if err != nil {
		return err
	}
	var times []time.Duration
	for range 1000 {
		start := time.Now()
		if _, err := renderer.Draw(b.ctx, d, frameOf(2)); err != nil {
			return err
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	b.add("SVG chart, 20 bars, drawn before", fmt.Sprintf("%.2f ms", times[len(times)/2].Seconds()*1e3), "< 1 ms", "median of 1,000")
	return nil
}

// countsOf is a picture of so many bars that is like no other.
func countsOf(rows, other int) (chart.Drawing, error) {
	counts := make([]chart.Count, rows)
	for i := range counts {
		value, last := int64((rows-i)*7+other), int64((rows-i)*6)
		text := fmt.Sprint(value)
		name := fmt.Sprintf("某某区第%d局", i)
		counts[i] = chart.Count{Row: chart.Row{Label: name, Text: text, Detail: name + "\n" + text, Link: fmt.Sprintf("/report/x%d/2023", i)}, Value: &value, Last: &last}
	}
	return chart.Bars(counts, chart.Light, chart.Light.Bar)
}

func frameOf(i int) svg.Frame {
	return svg.Frame{Title: fmt.Sprintf("%d 个机关的新收申请", i), Line: "新收申请", Source: []string{"来源"}, Width: 1280, Palette: chart.Light}
}
