package page

import (
	"strconv"
	"strings"
	"time"

	"nianbao/query/compare"
)

// shown is a figure as a page shows it: a number that leads to its cell, or the word for its absence.
type shown struct {
	Text  string // 1,234, or the word
	Word  bool   // it is a word
	Note  string // what to know about it, for the title of the element
	Flag  bool   // a blank cell counted as 0
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

func show(f compare.Figure, href string) shown {
	if !f.Known() {
		return shown{Text: stateWord(f.State, f.Raw), Word: true, Note: stateNote(f.State), Href: href}
	}
	s := shown{Text: number(f.Sum), Flag: f.BlankAsZero, Href: href, known: true, n: f.Sum}
	if f.BlankAsZero {
		s.Note = say("blank_as_zero")
	}
	return s
}

// stateWord is the word for a value that is not there. One set of words serves every page, chart, table and file.
func stateWord(s compare.State, raw string) string {
	switch s {
	case compare.Dash, compare.NA, compare.Text: // as printed
		if raw = strings.TrimSpace(raw); raw != "" {
			return short(raw, 12)
		}
	}
	return say("state." + string(s))
}

func stateNote(s compare.State) string { return say("state." + string(s) + ".note") }

func kindName(k compare.Kind) string { return k.Rule().Name }

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
func moment(t time.Time) string {
	if t.IsZero() {
		return say("none")
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
