package page

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/query/compare"
)

// shown is a figure as a page shows it: a number that leads to its cell, or the word for its absence.
type shown struct {
	Text  string // 1,234, or the word
	Word  bool   // it is a word
	Note  string // what to know about it, for the title of the element
	Flag  bool   // a blank cell counted as 0
	Mend  bool   // a person's correction went into it
	Href  string
	known bool
	n     int64
}

// plain is the number without separators for files, "" where there is none.
func (s shown) plain() string {
	if !s.known {
		return ""
	}
	return strconv.FormatInt(s.n, 10)
}

func (in lang) show(f compare.Figure, href string) shown {
	if !f.Known() {
		return shown{Text: in.stateWord(f.State, f.Raw), Word: true, Note: in.stateNote(f.State), Href: href}
	}
	s := shown{Text: number(f.Sum), Flag: f.BlankAsZero, Mend: f.Corrected, Href: href, known: true, n: f.Sum}
	switch {
	case f.BlankAsZero && f.Corrected:
		s.Note = in.say("blank_as_zero") + in.say("clause") + in.say("corrected")
	case f.BlankAsZero:
		s.Note = in.say("blank_as_zero")
	case f.Corrected:
		s.Note = in.say("corrected")
	}
	return s
}

// showOf shows a figure of a measure, whose sums may have decimals.
func (in lang) showOf(m form.Measure, f compare.Figure, href string) shown {
	s := in.show(f, href)
	if s.known {
		s.Text = in.sumOf(m, f.Sum)
	}
	return s
}

// sumOf prints a sum of a measure: 1,234; amounts of money with two decimals, 4,166.24, and one that is not 0 never as
// 0.00.
func (in lang) sumOf(m form.Measure, n int64) string {
	if m.Scale() == 0 {
		return number(n)
	}
	d := decimal.New(n, -int32(m.Scale()))
	cents := d.Round(2).Shift(2).IntPart()
	switch {
	case n == 0:
		return "0"
	case cents == 0:
		return "<0.01"
	}
	return number(cents/100) + "." + strconv.FormatInt(100+cents%100, 10)[1:]
}

// signedOf prints a difference of sums of a measure: +6, −3.25, 0.
func (in lang) signedOf(m form.Measure, n int64) string {
	switch {
	case n < 0:
		return "−" + in.sumOf(m, -n)
	case n > 0:
		return "+" + in.sumOf(m, n)
	}
	return "0"
}

// nothingToDivide is the word for a denominator of 0.
func (in lang) nothingToDivide(m form.Measure) string {
	switch has := func(row string) bool {
		return slices.ContainsFunc(m.Denominator, func(k form.Key) bool { return k.Row == row })
	}; {
	case m.Kind == form.GrowthOf:
		return in.say("state.no_denominator.last")
	case m.Denominator[0].Table == form.Section4:
		return in.say("state.no_denominator.cases")
	case has("CARRY_IN"):
		return in.say("state.no_denominator.handled")
	case has("NEW"):
		return in.say("state.no_denominator.received")
	}
	return in.say("state.no_denominator")
}

// stateWord is the word for a value that is not there. One set of words serves every page, chart, table and file.
func (in lang) stateWord(s compare.State, raw string) string {
	switch s {
	case compare.Dash, compare.NA, compare.Text: // as printed
		if raw = strings.TrimSpace(raw); raw != "" {
			return short(raw, 12)
		}
	}
	return in.say("state." + string(s))
}

func (in lang) stateNote(s compare.State) string { return in.say("state." + string(s) + ".note") }

// short cuts a text after n characters.
func short(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

// number prints a count with separators: 1,234. The minus is U+2212.
func number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// signed prints a difference: +6, −3, 0.
func signed(n int64) string {
	if n > 0 {
		return "+" + number(n)
	}
	return number(n)
}

// moment prints a time in China: 2024-04-02 09:14.
func (in lang) moment(t time.Time) string {
	if t.IsZero() {
		return in.say("none")
	}
	return t.In(china).Format("2006-01-02 15:04")
}

// fileName is the name of a file without the folder in which it lay: where the office keeps its files is no business
// of a reader. A member of an archive keeps its place in it: archive.zip!/2023/report.html.
func fileName(file string) string {
	archive, member, packed := strings.Cut(file, "!/")
	archive = archive[strings.LastIndexAny(archive, `/\`)+1:]
	if packed {
		return archive + "!/" + member
	}
	return archive
}
