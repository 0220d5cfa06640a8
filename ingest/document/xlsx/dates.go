package xlsx

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// lastDay is the serial number of 9999-12-31, the last day of a spreadsheet.
const lastDay = 2_958_465

var weekdays = [...]string{"日", "一", "二", "三", "四", "五", "六"}

// dateText prints a number as a date or time in the letters of the section. ok is false outside the calendar.
//
// Days count from 1899-12-30: the calendar of spreadsheets has a day 60 that never was, 1900-02-29, so the count is
// right from March 1900 on; before that, and where the file counts from 1904, it is corrected.
func (s *section) dateText(v decimal.Decimal, base1904 bool) (string, bool) {
	if v.IsNegative() || v.GreaterThan(decimal.NewFromInt(lastDay+1)) {
		return "", false
	}
	whole := v.IntPart()
	// Times are kept to the millisecond; noise beyond it must not turn 12:00 into 11:59.
	ms := v.Sub(decimal.NewFromInt(whole)).Mul(decimal.NewFromInt(86_400_000)).Round(0).IntPart()
	if !s.has(hundredth) {
		ms = (ms + 500) / 1000 * 1000
	}
	days := whole
	switch {
	case base1904:
		days += 1462
	case whole == 60 && s.days():
		return "", false // 1900-02-29
	case whole < 60:
		days++
	}
	t := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(days)).Add(time.Duration(ms) * time.Millisecond)
	total := whole*86_400_000 + ms
	twelve := s.has(half)

	var b strings.Builder
	for i, tok := range s.tokens {
		switch tok.kind {
		case literal, slash, comma, point, percent:
			b.WriteString(tok.text)
		case half:
			switch {
			case tok.text == "上午/下午" && t.Hour() < 12:
				b.WriteString("上午")
			case tok.text == "上午/下午":
				b.WriteString("下午")
			case t.Hour() < 12:
				b.WriteString(strings.Split(tok.text, "/")[0])
			default:
				b.WriteString(strings.Split(tok.text, "/")[1])
			}
		case elapsed:
			unit := map[byte]int64{'h': 3_600_000, 'm': 60_000, 's': 1000}[tok.text[0]]
			fmt.Fprintf(&b, "%0*d", len(tok.text), total/unit)
		case hundredth:
			n := min(max(len(tok.text), 1), 3)
			b.WriteString("." + fmt.Sprintf("%03d", t.Nanosecond()/1e6)[:n])
		case date:
			b.WriteString(datePart(tok.text, t, twelve, s.minutes(i)))
		}
	}
	return strings.Join(strings.Fields(b.String()), " "), true
}

// days says whether the section prints a day, month or year.
func (s *section) days() bool {
	for i, t := range s.tokens {
		if t.kind == date && strings.IndexByte("ydeab", t.text[0]) >= 0 || t.kind == date && t.text[0] == 'm' && !s.minutes(i) {
			return true
		}
	}
	return false
}

// minutes says whether the m at i are minutes: behind an hour or before a second.
func (s *section) minutes(i int) bool {
	if s.tokens[i].text == "" || s.tokens[i].text[0] != 'm' || len(s.tokens[i].text) > 2 {
		return false
	}
	for j := i - 1; j >= 0; j-- {
		if k := s.tokens[j].kind; k == date || k == elapsed {
			if s.tokens[j].text[0] == 'h' {
				return true
			}
			break
		}
	}
	for j := i + 1; j < len(s.tokens); j++ {
		if k := s.tokens[j].kind; k == date || k == elapsed {
			return s.tokens[j].text[0] == 's'
		}
	}
	return false
}

func datePart(letters string, t time.Time, twelve, minutes bool) string {
	n := len(letters)
	two := func(v int) string {
		if n > 1 {
			return fmt.Sprintf("%02d", v)
		}
		return fmt.Sprint(v)
	}
	switch letters[0] {
	case 'y':
		if n <= 2 {
			return fmt.Sprintf("%02d", t.Year()%100)
		}
		return fmt.Sprint(t.Year())
	case 'e':
		return fmt.Sprint(t.Year())
	case 'm':
		switch {
		case minutes:
			return two(t.Minute())
		case n == 3:
			return t.Month().String()[:3]
		case n == 4:
			return t.Month().String()
		case n > 4:
			return t.Month().String()[:1]
		}
		return two(int(t.Month()))
	case 'd':
		switch n {
		case 3:
			return t.Weekday().String()[:3]
		case 1, 2:
			return two(t.Day())
		}
		return t.Weekday().String()
	case 'a':
		if n == 3 {
			return weekdays[t.Weekday()]
		}
		return "星期" + weekdays[t.Weekday()]
	case 'h':
		h := t.Hour()
		if twelve {
			h = (h+11)%12 + 1
		}
		return two(h)
	case 's':
		return two(t.Second())
	}
	return ""
}
