package compare

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/query/stats"
)

// AppendJSON appends the answer as one JSON object. It is written by hand because the answer for thousands of
// agencies is the one page whose time is spent in encoding.
//
// A figure that is not known is null, and its state stands beside it; nothing absent is ever 0. For a count or an amount,
// value is the sum; for a share it is x/n where a share may be shown (n ≥ 10), for growth (x−n)/n, and x and n stand
// beside it. status, limits95 and limits998 compare a share with that of the district; adjusted is the probability of
// being as far out by chance, adjusted for the number of agencies compared.
func (r *Result) AppendJSON(b []byte) []byte {
	w := layout{divides: len(r.Measure.Denominator) > 0, share: r.Measure.Share(), scale: r.Measure.Scale(), last: !r.Request.pooled() && r.Measure.Kind != form.GrowthOf}
	j := object{b: append(b, '{')}
	j.text("measure", r.Measure.Code)
	j.text("name", r.Measure.Name)
	j.text("kind_of_measure", string(r.Measure.Kind))
	j.text("unit", r.Measure.Unit)
	j.text("formula", r.Measure.Formula)
	if w.divides {
		j.text("denominator", r.Measure.Per)
	}
	if r.Request.Numerator != "" {
		j.text("x", r.Request.Numerator)
	}
	if r.Request.Denominator != "" {
		j.text("den", r.Request.Denominator)
	}
	j.integer("year", int64(r.Request.Year))
	j.integer("span", int64(r.Request.Span))
	j.text("scope", string(r.Request.Scope))
	if r.Request.Kind != "" {
		j.text("kind", string(r.Request.Kind))
	}
	j.text("sort", string(r.Request.Sort))
	if r.Request.AsOf.IsZero() {
		j.null("as_of")
	} else {
		j.text("as_of", r.Request.AsOf.UTC().Format(time.RFC3339Nano))
	}
	j.integer("known", int64(r.Known))
	j.integer("received", int64(r.Received))
	j.integer("counted", int64(r.Totals.Agencies))
	j.integer("ranked", int64(r.Ranked))
	j.integer("other_scope", int64(r.OtherScope))
	j.totals("total", r.Totals, w, r.Percent())
	if w.share {
		j.district("district", &r.District)
	}
	if w.last {
		j.key("two_years")
		two := object{b: append(j.b, '{')}
		two.totals("this", r.Both, w, r.Both.Percent())
		two.totals("last", r.Last, w, r.Last.Percent())
		j.b = append(two.b, '}')
	}
	j.key("left_out")
	j.b = append(j.b, '[')
	for i, l := range r.LeftOut {
		if i > 0 {
			j.b = append(j.b, ',')
		}
		one := object{b: append(j.b, '{')}
		one.text("state", string(l.State))
		one.integer("agencies", int64(l.Agencies))
		j.b = append(one.b, '}')
	}
	j.b = append(j.b, ']')
	j.key("rows")
	j.b = append(j.b, '[')
	for i := range r.Rows {
		if i > 0 {
			j.b = append(j.b, ',')
		}
		j.b = r.Rows[i].appendJSON(j.b, w)
	}
	return append(j.b, ']', '}')
}

// layout says which members the rows have.
type layout struct {
	divides bool // x and n
	share   bool // and an interval, a range of ranks, a status
	scale   int  // decimals of the sums
	last    bool // the year before
}

func (r *Row) appendJSON(b []byte, w layout) []byte {
	j := object{b: append(b, '{')}
	j.text("agency", r.Agency)
	j.text("name", r.Name)
	j.text("kind", string(r.Kind))
	if r.Filing == "" {
		j.null("filing")
	} else {
		j.text("filing", r.Filing)
	}
	j.text("state", string(r.State))
	share, shown := r.Share()
	switch {
	case !w.divides && r.X.Known():
		j.sum("value", r.X.Sum, w.scale)
	case w.divides && shown:
		j.number("value", share)
	default:
		j.null("value")
	}
	if w.divides {
		j.figure("x", r.X, w.scale)
		j.figure("n", r.N, w.scale)
		if r.Years != nil {
			j.key("years")
			for i, y := range r.Years {
				j.b = append(j.b, "[,"[min(i, 1)])
				j.b = strconv.AppendInt(j.b, int64(y), 10)
			}
			j.b = append(j.b, ']')
		}
		if percent := r.Percent(); percent != "" {
			j.text("percent", percent)
		}
		if w.share && shown {
			j.number("lower", r.Interval.Lower)
			j.number("upper", r.Interval.Upper)
		}
		if g := &r.Judgement; g.Status != "" {
			j.text("status", string(g.Status))
			j.pair("limits95", g.Limits.Lower95, g.Limits.Upper95)
			j.pair("limits998", g.Limits.Lower998, g.Limits.Upper998)
			j.number("adjusted", g.Adjusted)
		}
	}
	if raw := cmpRaw(r.X, r.N); raw != "" {
		j.text("raw", raw)
	}
	if r.Rank > 0 {
		j.integer("rank", int64(r.Rank))
		if r.Tied {
			j.key("tied")
			j.b = append(j.b, "true"...)
		}
		if w.share {
			j.integer("best", int64(r.Range.Best))
			j.integer("worst", int64(r.Range.Worst))
		}
	}
	if r.BlankAsZero() || r.Corrected() || r.Flawed {
		j.flags(r)
	}
	if r.Synthetic {
		j.key("synthetic")
		j.b = append(j.b, "true"...)
	}
	if !w.last {
		return append(j.b, '}')
	}
	j.key("last")
	last := object{b: append(j.b, '{')}
	last.text("state", string(r.lastState(w.share)))
	last.figure("x", r.LastX, w.scale)
	if w.divides {
		last.figure("n", r.LastN, w.scale)
	}
	if r.LastSynthetic {
		last.key("synthetic")
		last.b = append(last.b, "true"...)
	}
	j.b = append(last.b, '}')
	if r.Changed {
		j.key("change")
		change := object{b: append(j.b, '{')}
		change.number("difference", r.Change.Difference)
		change.number("lower", r.Change.Lower)
		change.number("upper", r.Change.Upper)
		j.b = append(change.b, '}')
	}
	return append(j.b, '}')
}

func (o *object) flags(r *Row) {
	o.key("flags")
	mark := byte('[')
	for _, f := range [...]struct {
		name string
		set  bool
	}{{"blank_as_zero", r.BlankAsZero()}, {"corrected", r.Corrected()}, {"flawed", r.Flawed}} {
		if f.set {
			o.b = appendText(append(o.b, mark), f.name)
			mark = ','
		}
	}
	o.b = append(o.b, ']')
}

func cmpRaw(x, n Figure) string {
	if x.Raw != "" {
		return x.Raw
	}
	return n.Raw
}

// lastState is the state of the figures of the year before.
func (r *Row) lastState(share bool) State {
	kind := form.CountOf
	if share {
		kind = form.ShareOf
	}
	last := Row{X: r.LastX, N: r.LastN}
	last.judge(kind)
	return last.State
}

// object writes the members of a JSON object.
type object struct {
	b       []byte
	started bool
}

func (o *object) key(name string) {
	if o.started {
		o.b = append(o.b, ',')
	}
	o.started = true
	o.b = append(o.b, '"')
	o.b = append(o.b, name...)
	o.b = append(o.b, '"', ':')
}

func (o *object) text(name, value string) {
	o.key(name)
	o.b = appendText(o.b, value)
}

func (o *object) integer(name string, value int64) {
	o.key(name)
	o.b = strconv.AppendInt(o.b, value, 10)
}

func (o *object) number(name string, value float64) {
	o.key(name)
	o.b = strconv.AppendFloat(o.b, value, 'f', -1, 64)
}

func (o *object) null(name string) {
	o.key(name)
	o.b = append(o.b, "null"...)
}

// pair writes two numbers.
func (o *object) pair(name string, a, b float64) {
	o.key(name)
	o.b = strconv.AppendFloat(append(o.b, '['), a, 'f', -1, 64)
	o.b = append(strconv.AppendFloat(append(o.b, ','), b, 'f', -1, 64), ']')
}

// sum writes a number of units of 10^-scale, exactly.
func (o *object) sum(name string, n int64, scale int) {
	o.key(name)
	if scale == 0 {
		o.b = strconv.AppendInt(o.b, n, 10)
		return
	}
	o.b = append(o.b, Decimal(n, scale)...)
}

func (o *object) figure(name string, f Figure, scale int) {
	if f.Known() {
		o.sum(name, f.Sum, scale)
	} else {
		o.null(name)
	}
}

func (o *object) totals(name string, t Totals, w layout, percent string) {
	o.key(name)
	one := object{b: append(o.b, '{')}
	one.integer("agencies", int64(t.Agencies))
	if t.Agencies == 0 { // a sum of nothing is no 0
		one.null("x")
	} else {
		one.sum("x", t.X, w.scale)
	}
	if w.divides {
		if t.Agencies == 0 {
			one.null("n")
		} else {
			one.sum("n", t.N, w.scale)
		}
		if t.N > 0 {
			one.text("percent", percent)
		}
	}
	o.b = append(one.b, '}')
}

// district writes what the shares are compared with, or why there is no comparison.
func (o *object) district(name string, d *District) {
	o.key(name)
	one := object{b: append(o.b, '{')}
	one.integer("compared", int64(d.Compared()))
	if d.Reason != stats.None {
		one.text("reason", string(d.Reason))
	} else {
		one.number("theta", d.Share.Share())
		one.number("phi", d.Dispersion.Phi)
		one.number("phi_threshold", d.Dispersion.Threshold)
		one.key("widened")
		one.b = strconv.AppendBool(one.b, d.Dispersion.InForce)
		one.integer("outside95", int64(d.Outside95))
		one.integer("outside998", int64(d.Outside998))
		one.number("expected95", d.Expected95())
		one.number("expected998", d.Expected998())
	}
	o.b = append(one.b, '}')
}

// Decimal prints a number of units of 10^-scale exactly and without trailing zeros: 416624161900 at scale 8 is
// 4166.241619.
func Decimal(n int64, scale int) string {
	if scale == 0 {
		return strconv.FormatInt(n, 10)
	}
	return decimal.New(n, -int32(scale)).String()
}

const hexadecimal = "0123456789abcdef"

// appendText appends a JSON string. Markup is escaped too, so that the text is safe wherever it ends up; bytes that
// are no UTF-8 become U+FFFD.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' && c != 0x7f {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			b = append(b, '\\', 'u', '0', '0', hexadecimal[c>>4], hexadecimal[c&15])
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if (r == utf8.RuneError && size == 1) || r == '\u2028' || r == '\u2029' {
			b = append(b, s[start:i]...)
			switch r {
			case '\u2028':
				b = append(b, `\u2028`...)
			case '\u2029':
				b = append(b, `\u2029`...)
			default:
				b = append(b, `\ufffd`...)
			}
			start = i + size
		}
		i += size
	}
	return append(append(b, s[start:]...), '"')
}
