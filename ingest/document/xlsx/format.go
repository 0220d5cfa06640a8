package xlsx

import (
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// builtin are the number formats that have a number and no text in the file (ECMA-376 part 1, §18.8.30), with those
// of a Chinese system, where these reports are made.
var builtin = map[int]string{
	0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: `"¥"#,##0;"¥"-#,##0`, 6: `"¥"#,##0;[Red]"¥"-#,##0`,
	7: `"¥"#,##0.00;"¥"-#,##0.00`, 8: `"¥"#,##0.00;[Red]"¥"-#,##0.00`, 9: "0%", 10: "0.00%", 11: "0.00E+00",
	12: "# ?/?", 13: "# ??/??", 14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
	19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm",
	27: `yyyy"年"m"月"`, 28: `m"月"d"日"`, 29: `m"月"d"日"`, 30: "m/d/yy", 31: `yyyy"年"m"月"d"日"`, 32: `h"时"mm"分"`,
	33: `h"时"mm"分"ss"秒"`, 34: `上午/下午h"时"mm"分"`, 35: `上午/下午h"时"mm"分"ss"秒"`, 36: `yyyy"年"m"月"`,
	37: "#,##0;-#,##0", 38: "#,##0;[Red]-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;[Red]-#,##0.00",
	41: `_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ `, 42: `_ "¥"* #,##0_ ;_ "¥"* -#,##0_ ;_ "¥"* "-"_ ;_ @_ `,
	43: `_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ `, 44: `_ "¥"* #,##0.00_ ;_ "¥"* -#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ `,
	45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
	50: `yyyy"年"m"月"`, 51: `m"月"d"日"`, 52: `yyyy"年"m"月"`, 53: `m"月"d"日"`, 54: `m"月"d"日"`, 55: `上午/下午h"时"mm"分"`,
	56: `上午/下午h"时"mm"分"ss"秒"`, 57: `yyyy"年"m"月"`, 58: `m"月"d"日"`,
}

// longestFormat is the length in bytes of the longest format that is followed; Excel accepts 255 characters.
const longestFormat = 1024

// numberFormat is a format as it is written, cut into its sections.
type numberFormat struct{ sections []section }

// section is one of the up to four parts of a format: for positive numbers, negative ones, zero and text, or for
// those that meet a condition.
type section struct {
	tokens    []token
	condition string // one of < <= > >= = <>, "" for none
	limit     decimal.Decimal
}

type kind uint8

const (
	literal   kind = iota
	general        // General
	zero           // 0
	hash           // # or ?
	point          // the decimal point
	comma          // a thousands separator, or a scale by 1000
	percent        // %
	exponent       // E+ or E-
	slash          // / of a fraction or a date, as it stands between
	text           // @
	date           // y m d h s and their like, in the letters of the format
	elapsed        // [h] [m] [s]
	half           // AM/PM
	hundredth      // .0 behind seconds
)

type token struct {
	kind kind
	text string
}

// parseFormat cuts a format into tokens. What it does not know it takes for a literal, as spreadsheets do.
func parseFormat(s string) *numberFormat {
	if len(s) > longestFormat {
		s = "General"
	}
	f := &numberFormat{}
	cur := section{}
	lit := func(t string) { cur.tokens = append(cur.tokens, token{literal, t}) }
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ';':
			f.sections = append(f.sections, cur)
			cur = section{}
			i++
		case c == '"':
			n := strings.IndexByte(s[i+1:], '"')
			if n < 0 {
				n = len(s) - i - 1
			}
			lit(s[i+1 : i+1+n])
			i += n + 2
		case c == '\\':
			r := firstRune(s[i+1:])
			lit(r)
			i += 1 + len(r)
		case c == '_': // a space as wide as the next character
			i += 1 + len(firstRune(s[i+1:]))
			lit(" ")
		case c == '*': // the next character fills the cell
			i += 1 + len(firstRune(s[i+1:]))
			lit(" ")
		case c == '[':
			n := strings.IndexByte(s[i:], ']')
			if n < 0 {
				lit(s[i:])
				i = len(s)
				break
			}
			cur.bracket(s[i+1 : i+n])
			i += n + 1
		case hasFold(s[i:], "General"):
			cur.tokens = append(cur.tokens, token{general, ""})
			i += len("General")
		case strings.HasPrefix(s[i:], "G/通用格式"):
			cur.tokens = append(cur.tokens, token{general, ""})
			i += len("G/通用格式")
		case hasFold(s[i:], "AM/PM"):
			cur.tokens = append(cur.tokens, token{half, "AM/PM"})
			i += len("AM/PM")
		case hasFold(s[i:], "A/P"):
			cur.tokens = append(cur.tokens, token{half, "A/P"})
			i += len("A/P")
		case strings.HasPrefix(s[i:], "上午/下午"):
			cur.tokens = append(cur.tokens, token{half, "上午/下午"})
			i += len("上午/下午")
		case strings.IndexByte("yYmMdDhHsSeEaAbBgG", c) >= 0:
			if (c == 'E' || c == 'e') && i+1 < len(s) && (s[i+1] == '+' || s[i+1] == '-') {
				cur.tokens = append(cur.tokens, token{exponent, ""})
				i += 2
				break
			}
			n := 1
			for i+n < len(s) && s[i+n]|0x20 == c|0x20 {
				n++
			}
			cur.tokens = append(cur.tokens, token{date, strings.ToLower(s[i : i+n])})
			i += n
		case c == '0':
			if n := len(cur.tokens); n > 1 && cur.tokens[n-1].kind == point && cur.seconds(n-1) {
				cur.tokens[n-1].kind = hundredth
			} else if n > 0 && cur.tokens[n-1].kind == hundredth {
				cur.tokens[n-1].text += "0"
			} else {
				cur.tokens = append(cur.tokens, token{zero, ""})
			}
			i++
		case c == '#' || c == '?':
			cur.tokens = append(cur.tokens, token{hash, ""})
			i++
		case c == '.':
			cur.tokens = append(cur.tokens, token{point, "."})
			i++
		case c == ',':
			cur.tokens = append(cur.tokens, token{comma, ","})
			i++
		case c == '%':
			cur.tokens = append(cur.tokens, token{percent, "%"})
			i++
		case c == '/':
			cur.tokens = append(cur.tokens, token{slash, "/"})
			i++
		case c == '@':
			cur.tokens = append(cur.tokens, token{text, "@"})
			i++
		default:
			r := firstRune(s[i:])
			lit(r)
			i += len(r)
		}
	}
	f.sections = append(f.sections, cur)
	return f
}

// seconds says whether the token before is a second of a date or a time.
func (s *section) seconds(n int) bool {
	t := s.tokens[n-1]
	return (t.kind == date || t.kind == elapsed) && t.text[0] == 's'
}

// bracket takes what stands in square brackets: a condition, an elapsed time, a currency; colours and languages do not
// matter.
func (s *section) bracket(b string) {
	lower := strings.ToLower(b)
	switch {
	case b == "":
	case strings.Trim(lower, "h") == "" || strings.Trim(lower, "m") == "" || strings.Trim(lower, "s") == "":
		s.tokens = append(s.tokens, token{elapsed, lower})
	case b[0] == '$': // [$¥-804]
		sign, _, _ := strings.Cut(b[1:], "-")
		if sign != "" {
			s.tokens = append(s.tokens, token{literal, sign})
		}
	case strings.IndexByte("<>=", b[0]) >= 0:
		n := 1
		if len(b) > 1 && (b[:2] == "<=" || b[:2] == ">=" || b[:2] == "<>") {
			n = 2
		}
		if v, ok := exact(strings.TrimSpace(b[n:])); ok {
			s.condition, s.limit = b[:n], v
		}
	}
}

func firstRune(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return s
}

func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// has says whether the section has a token of one of the kinds.
func (s *section) has(kinds ...kind) bool {
	for _, t := range s.tokens {
		for _, k := range kinds {
			if t.kind == k {
				return true
			}
		}
	}
	return false
}

// choose finds the section that shows a number. own says that it shows the sign itself.
func (f *numberFormat) choose(v decimal.Decimal) (s *section, own bool) {
	conditions := false
	for i := range f.sections {
		conditions = conditions || f.sections[i].condition != ""
	}
	numeric := f.sections
	if !conditions && len(numeric) > 3 {
		numeric = numeric[:3]
	}
	if n := len(numeric); n > 1 && n < 4 && numeric[n-1].has(text) && !conditions {
		numeric = numeric[:n-1] // the last one is for text
	}
	if !conditions {
		switch {
		case len(numeric) > 1 && v.IsNegative():
			return &numeric[1], true
		case len(numeric) > 2 && v.IsZero():
			return &numeric[2], true
		}
		return &numeric[0], false
	}
	for i := range numeric {
		s := &numeric[i]
		c := v.Cmp(s.limit)
		switch s.condition {
		case "<":
			if c < 0 {
				return s, i > 0 && v.IsNegative()
			}
		case "<=":
			if c <= 0 {
				return s, i > 0 && v.IsNegative()
			}
		case ">":
			if c > 0 {
				return s, i > 0 && v.IsNegative()
			}
		case ">=":
			if c >= 0 {
				return s, i > 0 && v.IsNegative()
			}
		case "=":
			if c == 0 {
				return s, i > 0 && v.IsNegative()
			}
		case "<>":
			if c != 0 {
				return s, i > 0 && v.IsNegative()
			}
		case "":
			// The second section without a condition is for negative numbers, the last one for the rest.
			if i == 1 && len(numeric) > 2 && !v.IsNegative() {
				continue
			}
			return s, i > 0 && v.IsNegative()
		}
	}
	return &section{tokens: []token{{general, ""}}}, false
}

// shown is what a cell with a number prints.
type shown struct {
	text string
	// why is "" if the text states the number exactly, else what the format does to it, for a message; shows is then
	// what a person sees.
	why, shows string
}

// show prints a number exactly. Where the format shows it rounded, scaled or without its sign, the text is the number
// itself, and why says so. Where the format shows words or nothing instead, the text is what it shows, and why says so
// too. stored is the number as the file has it, for numbers in the range of a date.
func (f *numberFormat) show(v decimal.Decimal, base1904 bool) shown {
	s, own := f.choose(v)
	plain := v.String()
	switch {
	case s.has(date, elapsed, half):
		if t, ok := s.dateText(v, base1904); ok {
			return shown{text: t}
		}
		return shown{text: plain, why: "has the format of a date that does not exist"}
	case s.has(general, text) || len(s.tokens) == 0 && len(f.sections) == 1:
		var b strings.Builder
		for _, t := range s.tokens {
			switch t.kind {
			case general, text:
				if own {
					b.WriteString(v.Abs().String())
				} else {
					b.WriteString(plain)
				}
			case literal, slash, point, comma, percent:
				b.WriteString(t.text)
			}
		}
		if len(s.tokens) == 0 {
			return shown{text: plain}
		}
		return s.signed(strings.TrimSpace(b.String()), plain, v, own)
	case !s.has(zero, hash):
		var b strings.Builder
		for _, t := range s.tokens {
			b.WriteString(t.text)
		}
		t := strings.TrimSpace(b.String())
		return shown{text: t, why: "is shown by its format as", shows: t}
	case s.has(exponent):
		return shown{text: plain}
	case s.has(slash) && s.fraction():
		return shown{text: plain, why: "is shown by its format as a fraction"}
	}
	return s.digits(v, own)
}

// fraction says whether a slash stands between digit places.
func (s *section) fraction() bool {
	before := false
	for i, t := range s.tokens {
		if t.kind == slash && before && i+1 < len(s.tokens) {
			return true
		}
		before = before || t.kind == zero || t.kind == hash
	}
	return false
}

// signed takes the text of a section that shows negative numbers by itself, and checks that it shows the sign in a way
// that cannot be overlooked.
func (s *section) signed(t, plain string, v decimal.Decimal, own bool) shown {
	if own && v.IsNegative() && !strings.ContainsAny(t, "-−－负减降") {
		return shown{text: plain, why: "is shown by its format without a minus sign as", shows: t}
	}
	return shown{text: t}
}

// digits prints a number in the digit places of the section.
func (s *section) digits(v decimal.Decimal, own bool) shown {
	plain := v.String()
	whole, frac := 0, 0 // digit places that are always printed
	most := 0           // digit places behind the point
	last := -1          // the last digit place
	behind := false
	for i, t := range s.tokens {
		switch t.kind {
		case zero, hash:
			last = i
			if behind {
				if most++; t.kind == zero {
					frac = most
				}
			} else if t.kind == zero {
				whole++
			}
		case point:
			behind = true
		}
	}
	grouped, scale, percents := false, 0, 0
	for i, t := range s.tokens {
		switch {
		case t.kind == percent:
			percents++
		case t.kind == comma && i < last:
			grouped = true
		case t.kind == comma:
			scale++
		}
	}
	if scale > 0 {
		scaled := v.Shift(int32(-3 * min(scale, 10)))
		return shown{text: scaled.Round(int32(most)).String() + " ≠ " + plain, why: "is shown by its format in a larger unit, so that two numbers can be meant"}
	}
	value := v.Shift(int32(2 * percents))
	if own {
		value = value.Abs()
	}
	rounded := value.Round(int32(most))
	inexact := !rounded.Equal(value)
	if inexact {
		most = int(max(-value.Exponent(), 0))
	}
	number := places(value.Abs(), whole, frac, most, grouped)
	nothing := value.IsZero() && whole == 0 && frac == 0 // places of # and ? print no 0
	if nothing {
		number = ""
	}
	if value.IsNegative() {
		number = "-" + number
	}
	var b strings.Builder
	printed := false
	for _, t := range s.tokens {
		switch t.kind {
		case zero, hash, point, comma:
			// Digits with literals among them, 000-0000, are no number; print it in one piece.
			if !printed {
				b.WriteString(number)
				printed = true
			}
		case literal, slash, percent:
			b.WriteString(t.text)
		}
	}
	out := s.signed(strings.TrimSpace(b.String()), plain, v, own)
	if nothing {
		return shown{text: out.text, why: "is shown by its format as", shows: out.text}
	}
	if inexact && out.why == "" {
		out.why, out.shows = "is shown by its format rounded to", places(rounded.Abs(), whole, frac, int(max(-rounded.Exponent(), 0)), grouped)+strings.Repeat("%", percents)
	}
	return out
}

// places prints a number that is not negative with at least so many digits before and behind the point.
func places(v decimal.Decimal, whole, frac, most int, grouped bool) string {
	s := v.StringFixed(int32(most))
	head, tail, _ := strings.Cut(s, ".")
	for len(tail) > frac && tail[len(tail)-1] == '0' {
		tail = tail[:len(tail)-1]
	}
	for len(head) < whole {
		head = "0" + head
	}
	if grouped {
		for i := len(head) - 3; i > 0; i -= 3 {
			head = head[:i] + "," + head[i:]
		}
	}
	if tail != "" {
		return head + "." + tail
	}
	return head
}

// exact reads a number as files state it, 12, 12.50 or 1.25E+1. Excel computes and shows 15 significant digits; what
// stands behind them in a fraction is noise of its arithmetic. ok is false if the text is no number or beyond what a
// spreadsheet can hold.
func exact(s string) (v decimal.Decimal, ok bool) {
	mantissa, power := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.Atoi(s[i+1:])
		if err != nil {
			return v, false
		}
		mantissa, power = s[:i], n
	}
	if len(mantissa) > 400 || power < -400 || power > 400 {
		return v, false
	}
	digits := strings.TrimPrefix(strings.TrimPrefix(mantissa, "-"), "+")
	if digits == "" || strings.Trim(digits, "0123456789.") != "" || strings.Count(digits, ".") > 1 || digits == "." {
		return v, false
	}
	v, err := decimal.NewFromString(mantissa)
	if err != nil {
		return v, false
	}
	v = v.Shift(int32(power))
	if n := v.NumDigits(); n > 15 && v.Exponent() < 0 {
		v = v.Round(int32(-(int(v.Exponent()) + n - 15)))
	}
	if v.IsZero() {
		return decimal.Zero, true
	}
	return trimmed(v), true
}

// trimmed is the same number without zeros at the end of its fraction and without a positive exponent.
func trimmed(v decimal.Decimal) decimal.Decimal {
	out, err := decimal.NewFromString(v.String())
	if err != nil {
		return v
	}
	return out
}
