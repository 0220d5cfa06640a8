package recognise

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// reading is what the text of one cell says.
type reading struct {
	state      form.State
	value      decimal.Decimal
	unit       string
	rule       string
	candidates []string
}

var (
	// plainNumber is an integer or decimal without separators. A leading zero before another digit is left out on
	// purpose: 0000000 is a row whose separators were lost, not a number.
	plainNumber = regexp.MustCompile(`^(0|[1-9]\d*)(\.\d+)?$`)
	// groupedNumber has a separator before every third digit.
	groupedNumber = regexp.MustCompile(`^[1-9]\d{0,2}(,\d{3})+(\.\d+)?$`)
	// countUnit and moneyUnit follow a number inside its cell.
	countUnit = regexp.MustCompile(`^(.*\d)(件|项|条|个|宗|次|份|例|起|人次)$`)
	moneyUnit = regexp.MustCompile(`^(.*\d)(元|万元|亿元)$`)
	// note is a remark in brackets behind the number: 55(含自然失效29件).
	note = regexp.MustCompile(`^([^()]*?\d[^()]*?)[(\[](.*)[)\]]$`)
	// digits finds the numbers of a text that is none, to name them as candidates.
	digits = regexp.MustCompile(`\d+(?:\.\d+)?`)
)

// The last characters of what countUnit and moneyUnit match: most texts are told by them.
const countEnds, moneyEnds = "件项条个宗次份例起", "元"

// unitOf matches a number with its unit.
func unitOf(s string, unit *regexp.Regexp, ends string) []string {
	if last, _ := utf8.DecodeLastRuneInString(s); !strings.ContainsRune(ends, last) {
		return nil
	}
	return unit.FindStringSubmatch(s)
}

func hasUnit(s string) bool {
	return unitOf(s, countUnit, countEnds) != nil || unitOf(s, moneyUnit, moneyEnds) != nil
}

// noteOf matches a number with a remark behind it.
func noteOf(s string) []string {
	if !strings.HasSuffix(s, ")") && !strings.HasSuffix(s, "]") {
		return nil
	}
	return note.FindStringSubmatch(s)
}

// dashes are the placeholders that stand for nothing in particular. 无 means none, but agencies also put it where the
// row does not apply, so it is no zero.
var dashes = map[string]bool{"-": true, "--": true, "---": true, "—": true, "——": true, "–": true, "―": true, "─": true,
	"/": true, "//": true, "\\": true, "|": true, "*": true, "无": true, "無": true, "·": true}

var zeros = map[string]bool{"零": true, "〇": true, "○": true}

// plain brings the text of a cell into one form: compatibility characters folded (full-width digits, ⑴), invisible
// characters out, white space at the ends out.
func plain(s string) string {
	// Nearly every text is in this form.
	if strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || widthOf(r) != plainWidth }) < 0 {
		return s
	}
	s = compatible(s)
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u200b' || r == '\u200c' || r == '\u200d' || r == '\ufeff' || r == '\u00ad' || r == '\u2060':
			return -1
		case r == '−' || r == '－' || r == '﹣' || r == '‐' || r == '‑' || r == '‒':
			return '-'
		case r == '，':
			return ','
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// marks are characters that compatibility folding would turn into digits of their own: ① ² ½ Ⅳ. Behind a number the
// circled ones refer to a footnote; none is ever part of a number.
func marks(r rune) bool {
	return r > unicode.MaxASCII && (unicode.Is(unicode.No, r) || unicode.Is(unicode.Nl, r) && r != '〇')
}

// withoutReference drops a circled footnote mark from the end. ok is false if other such characters are left.
func withoutReference(raw string) (s string, ok bool) {
	s = strings.TrimRightFunc(raw, func(r rune) bool { return unicode.IsSpace(r) || r >= '①' && r <= '⒇' })
	if s == "" {
		s = raw
	}
	return s, strings.IndexFunc(s, marks) < 0
}

// read tells what the text of a cell in this column says. A text that is not exactly one number never becomes one.
func read(raw string, column form.Column) reading {
	if n, ok := smallCount(raw); ok {
		return reading{state: form.Number, value: decimal.NewFromInt(n), rule: "number"}
	}
	raw, ok := withoutReference(raw)
	if !ok {
		return reading{state: form.Ambiguous, rule: "characters that stand for numbers", candidates: digits.FindAllString(raw, -1)}
	}
	s := plain(raw)
	if s == "" {
		return reading{state: form.Blank, rule: "blank"}
	}
	if dashes[s] {
		return reading{state: form.Dash, rule: "placeholder"}
	}
	if zeros[s] {
		return reading{state: form.Number, value: decimal.Zero, rule: "chinese zero"}
	}
	if s == "不适用" || strings.EqualFold(s, "n/a") || strings.EqualFold(s, "na") {
		return reading{state: form.NA, rule: "not applicable"}
	}
	if v, ok := number(s, column.Signed); ok {
		return reading{state: form.Number, value: v, rule: "number"}
	}
	if r, ok := withUnit(s, column); ok {
		return r
	}
	if m := noteOf(s); m != nil && hasWord(m[2]) {
		head := strings.TrimSpace(m[1])
		if v, ok := number(head, column.Signed); ok {
			return reading{state: form.Number, value: v, rule: "number with a note"}
		}
		if r, ok := withUnit(head, column); ok {
			r.rule += " and a note"
			return r
		}
	}
	if found := digits.FindAllString(s, -1); len(found) > 0 {
		return reading{state: form.Ambiguous, rule: "no single number", candidates: found}
	}
	return reading{state: form.Text, rule: "words"}
}

// smallCount is the number that a text of nothing but digits writes, as most figures are.
func smallCount(raw string) (n int64, ok bool) {
	if raw == "" || len(raw) > 18 || raw[0] == '0' && len(raw) > 1 {
		return 0, false
	}
	for i := 0; i < len(raw); i++ {
		if raw[i] < '0' || raw[i] > '9' {
			return 0, false
		}
		n = 10*n + int64(raw[i]-'0')
	}
	return n, true
}

// number reads one number without unit. Signs are read in every column, so that a misprinted −3 is seen and not
// dropped; the words 增 and 减 only where the column counts a change.
func number(s string, signed bool) (decimal.Decimal, bool) {
	negative := false
	body := s
	if signed {
		for _, w := range []string{"增加", "新增", "增"} {
			if rest, ok := strings.CutPrefix(body, w); ok {
				body = strings.TrimSpace(rest)
				if strings.HasPrefix(body, "-") { // 增-3 says two things
					return decimal.Zero, false
				}
				break
			}
		}
		for _, w := range []string{"减少", "减", "減少", "減"} {
			if rest, ok := strings.CutPrefix(body, w); ok {
				body, negative = strings.TrimSpace(rest), true
				if strings.HasPrefix(body, "-") || strings.HasPrefix(body, "+") {
					return decimal.Zero, false
				}
				break
			}
		}
	}
	if !negative {
		switch {
		case strings.HasPrefix(body, "+"):
			body = strings.TrimSpace(body[1:])
		case strings.HasPrefix(body, "-"):
			body, negative = strings.TrimSpace(body[1:]), true
		}
	}
	if groupedNumber.MatchString(body) {
		body = strings.ReplaceAll(body, ",", "")
	}
	if !plainNumber.MatchString(body) || len(body) > 24 {
		return decimal.Zero, false
	}
	v, err := decimal.NewFromString(body)
	if err != nil {
		return decimal.Zero, false
	}
	if negative {
		v = v.Neg()
	}
	return v, true
}

// withUnit reads a number followed by its unit. A unit of money counts only in a column of money, where the value is
// converted to the unit of the column; a unit of count only in a column of counts.
func withUnit(s string, column form.Column) (reading, bool) {
	if column.Decimal {
		if m := unitOf(s, moneyUnit, moneyEnds); m != nil {
			v, ok := number(strings.TrimSpace(m[1]), column.Signed)
			if !ok {
				return reading{}, false
			}
			return reading{state: form.Number, value: v.Mul(yuan[m[2]]).DivRound(yuan[column.Unit], 12), unit: m[2], rule: "number with its unit"}, true
		}
		return reading{}, false
	}
	if m := unitOf(s, countUnit, countEnds); m != nil {
		if v, ok := number(strings.TrimSpace(m[1]), column.Signed); ok {
			return reading{state: form.Number, value: v, unit: m[2], rule: "number with its unit"}, true
		}
	}
	return reading{}, false
}

// yuan is the worth of each unit of money in 元. All are powers of ten, so conversion is exact.
var yuan = map[string]decimal.Decimal{"元": decimal.NewFromInt(1), "万元": decimal.New(1, 4), "亿元": decimal.New(1, 8)}

func hasWord(s string) bool {
	for _, r := range s {
		if ideograph(r) || unicode.Is(unicode.Han, r) {
			return true
		}
	}
	return false
}

// figure reports whether the text can be the content of a value cell: empty, a placeholder, or something that starts
// like a number. Words are labels until shown otherwise.
func figure(raw string) bool {
	// Most labels begin with an ideograph that begins no figure, and no folding changes that.
	if r, _ := utf8.DecodeRuneInString(raw); ideograph(r) && !strings.ContainsRune("无無零不增新减減", r) {
		return false
	}
	if _, ok := smallCount(raw); ok {
		return true
	}
	s := plain(raw)
	if s == "" || dashes[s] || zeros[s] || s == "不适用" || s == document.Illegible {
		return true
	}
	for _, w := range []string{"增加", "新增", "增", "减少", "减", "減", "+", "-"} {
		if rest, ok := strings.CutPrefix(s, w); ok {
			s = strings.TrimSpace(rest)
			break
		}
	}
	if s == "" || s[0] < '0' || s[0] > '9' {
		return false
	}
	if han := strings.IndexFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }); han >= 0 {
		// 32件 and 55(含自然失效29件) are figures, 1.属于国家秘密 and 2020年度 are not.
		if hasUnit(s) {
			return true
		}
		m := noteOf(s)
		if m == nil {
			return false
		}
		head := strings.TrimSpace(m[1])
		return head != "" && strings.IndexFunc(head, func(r rune) bool { return unicode.Is(unicode.Han, r) }) < 0 || hasUnit(head)
	}
	return true
}
