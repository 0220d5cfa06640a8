package page

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"nianbao/internal/register"
	"nianbao/query/coverage"
)

// strip is when the reports of a year were published: a dot for each, stacked by day from 1 January to 30 April of the year
// after it, and those of later days in a last column. Where there are too many to point at, each day is one bar.
type strip struct {
	Width, Height int
	Base          int // y of the axis
	Months        []stripLabel
	Rules         []stripLabel // the due dates of the law
	Later         stripLabel
	Dots          []stripDot
	Bars          []stripBar
	Marks         []filedState // the legend
	Absent        stripNames   // no report and overdue
	Unknown       stripNames   // a report, whose day of publication is not known
	Text          string       // the same in a sentence
}

type stripLabel struct {
	X    string
	Text string
}

// stripDot is a report: a disc on time, a diamond late.
type stripDot struct {
	X, Y, R string
	Points  string // of the diamond, "" for a disc
	Href    string
	Title   string
}

// stripBar is all reports of one state of one day.
type stripBar struct {
	X, Y, Width, Height string
	State               register.State
	Href, Title         string
}

// stripNames are names beside the picture, the longest overdue first.
type stripNames struct {
	Heading string
	Count   int
	Names   []link
	More    link // to all of them, where they are more
}

// The measures of the strip, in CSS pixels.
const (
	stripWidth   = 880
	stripColumns = 121 // days from 1 January to 30 April of a leap year; one more for later ones
	stripMost    = 168 // height of the highest stack
	dotsMost     = 300 // dots that are links of their own
	namesMost    = 8
)

// stripOf draws the filing of a year. ok is false where no report has a date.
func stripOf(v *visit, year int, lines []coverage.Line) (s strip, ok bool) {
	type stack struct{ onTime, late []coverage.Line }
	stacks := map[int]*stack{}
	first := time.Date(year+1, time.January, 1, 0, 0, 0, 0, time.UTC)
	dated, onTime, late := 0, 0, 0
	var absent, unknown []coverage.Line
	for _, l := range lines {
		c := l.Cells[0]
		switch {
		case c.State == register.NotFiled && l.Registered:
			absent = append(absent, l)
		case c.State == register.DateUnknown:
			unknown = append(unknown, l)
		case (c.State == register.OnTime || c.State == register.Late) && !c.Published.IsZero():
			day := min(max(int(c.Published.Sub(first).Hours()/24), 0), stripColumns)
			at := stacks[day]
			if at == nil {
				at = &stack{}
				stacks[day] = at
			}
			dated++
			if c.State == register.Late {
				at.late, late = append(at.late, l), late+1
			} else {
				at.onTime, onTime = append(at.onTime, l), onTime+1
			}
		}
	}
	if dated == 0 && len(absent)+len(unknown) == 0 {
		return s, false
	}
	highest := 1
	for _, at := range stacks {
		highest = max(highest, len(at.onTime)+len(at.late))
	}
	column := float64(stripWidth-60) / (stripColumns + 1)
	x := func(day int) float64 {
		if day >= stripColumns { // later days stand apart
			return stripWidth - 24
		}
		return (float64(day) + .5) * column
	}
	step := min(9, float64(stripMost)/float64(highest))
	s.Base = int(step*float64(highest)) + 16
	s.Width, s.Height = stripWidth, s.Base+24
	for m := time.January; m <= time.April; m++ {
		day := int(time.Date(year+1, m, 1, 0, 0, 0, 0, time.UTC).Sub(first).Hours() / 24)
		s.Months = append(s.Months, stripLabel{pixels(x(day) - column/2), v.say("strip.month." + strconv.Itoa(int(m)))})
	}
	for _, rule := range []register.DueRule{register.ByJanuary, register.ByMarch} {
		day := int(rule.In(year).Sub(first).Hours() / 24)
		s.Rules = append(s.Rules, stripLabel{pixels(x(day) + column/2), rule.In(year).Format(v.say("layout.day"))})
	}
	s.Later = stripLabel{pixels(stripWidth - 24), v.say("strip.later")}
	to := func(state register.State) string {
		return v.to("/register").with(func(b *address) { b.year, b.states = year, []coverage.State{state} }).String()
	}
	for _, n := range slices.Sorted(maps.Keys(stacks)) {
		at, y := stacks[n], float64(s.Base)-2
		for _, part := range []struct {
			state register.State
			lines []coverage.Line
		}{{register.OnTime, at.onTime}, {register.Late, at.late}} {
			if len(part.lines) == 0 {
				continue
			}
			when := first.AddDate(0, 0, n).Format(v.say("layout.day"))
			if n >= stripColumns {
				when = v.say("strip.later")
			}
			if dated > dotsMost {
				height := step * float64(len(part.lines))
				y -= height
				s.Bars = append(s.Bars, stripBar{pixels(x(n) - column*.4), pixels(y), pixels(column * .8), pixels(height), part.state, to(part.state),
					v.say("strip.bar", when, v.filedWord(part.state), len(part.lines))})
				continue
			}
			for _, l := range part.lines {
				r := min(step/2, 4)
				centre := y - step/2
				dot := stripDot{X: pixels(x(n)), Y: pixels(centre), R: pixels(r), Href: v.link("/report/" + l.Agency + "/" + strconv.Itoa(year)),
					Title: l.Name + v.say("comma") + v.say("filed.published", day(l.Cells[0].Published)) + v.say("comma") + filedOf(v, l.Agency, l.Cells[0]).Word}
				if part.state == register.Late {
					dot.Points = fmt.Sprintf("%s,%s %s,%s %s,%s %s,%s", dot.X, pixels(centre-r), pixels(x(n)+r), dot.Y, dot.X, pixels(centre+r), pixels(x(n)-r), dot.Y)
				}
				s.Dots = append(s.Dots, dot)
				y -= step
			}
		}
	}
	for _, state := range []coverage.State{register.OnTime, register.Late} {
		s.Marks = append(s.Marks, filedState{State: state, Mark: v.filedMark(state), Word: v.filedWord(state)})
	}
	slices.SortStableFunc(absent, func(a, b coverage.Line) int { return cmp.Compare(b.Cells[0].Days, a.Cells[0].Days) })
	s.Absent = stripList(v, v.filedWord(register.NotFiled), absent, to(register.NotFiled), func(l coverage.Line) (string, string) {
		return l.Name + " " + v.say("filed.late.days", l.Cells[0].Days), v.link("/agency/" + l.Agency)
	})
	s.Unknown = stripList(v, v.say("strip.unknown"), unknown, to(register.DateUnknown), func(l coverage.Line) (string, string) {
		return l.Name, v.link("/report/" + l.Agency + "/" + strconv.Itoa(year))
	})
	s.Text = v.say("strip.text", year, onTime, late, len(absent), len(unknown))
	return s, true
}

func stripList(v *visit, heading string, lines []coverage.Line, all string, of func(coverage.Line) (text, href string)) stripNames {
	n := stripNames{Heading: heading, Count: len(lines)}
	for _, l := range lines[:min(len(lines), namesMost)] {
		text, href := of(l)
		n.Names = append(n.Names, link{Text: text, Href: href})
	}
	if rest := len(lines) - len(n.Names); rest > 0 {
		n.More = link{Text: v.say("strip.more", rest), Href: all}
	}
	return n
}

// matter is something of the year that somebody has to see to.
type matter struct {
	Sign, Text, Href string
}

// matters are at most five, the gravest first.
func matters(v *visit, year int, m coverage.Matrix) (out []matter) {
	f := m.Feet[0]
	worst, failing := 0, 0
	for _, l := range m.Lines {
		if c := l.Cells[0]; c.State == register.NotFiled && l.Registered {
			worst = max(worst, c.Days)
		} else if c.Checks.Fail > 0 {
			failing++
		}
	}
	states := func(s coverage.State) string {
		return v.to("/register").with(func(b *address) { b.year, b.states = year, []coverage.State{s} }).String()
	}
	add := func(n int, sign, href, key string, more ...any) {
		if n > 0 {
			out = append(out, matter{sign, v.say(key, append([]any{n}, more...)...), href})
		}
	}
	add(f.Critical, v.say("severity.critical.mark"), v.criticalOf(year), "matter.critical")
	add(f.NotFiled, v.filedMark(register.NotFiled), states(register.NotFiled), "matter.overdue", worst)
	add(failing, v.say("severity.error.mark"), v.to("/findings").with(func(b *address) { b.year = year }).String(), "matter.failing")
	add(f.DateUnknown, v.filedMark(register.DateUnknown), states(register.DateUnknown), "matter.undated")
	add(f.Received, v.filedMark(coverage.Received), states(coverage.Received), "matter.strangers")
	return out
}

func pixels(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }
