package compare

import (
	"strconv"
	"time"
	"unicode/utf8"

	"nianbao/query/stats"
)

// AppendJSON appends the answer as one JSON object. It is written by hand because the answer for thousands of
// agencies is the one page whose time is spent in encoding.
//
// A figure that is not known is null, and its state stands beside it; nothing absent is ever 0. For a count, value is
// the count; for a share, value is x/n where a share may be shown (n ≥ 10) and x and n stand beside it.
func (r *Result) AppendJSON(b []byte) []byte {
	share := r.Measure.Share()
	j := object{b: append(b, '{')}
	j.text("measure", r.Measure.Code)
	j.text("name", r.Measure.Name)
	j.text("unit", r.Measure.Unit)
	j.text("formula", r.Measure.Formula)
	if share {
		j.text("denominator", r.Measure.Per)
	}
	j.integer("year", int64(r.Request.Year))
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
	j.totals("total", r.Totals, share)
	j.key("two_years")
	two := object{b: append(j.b, '{')}
	two.totals("this", r.Both, share)
	two.totals("last", r.Last, share)
	j.b = append(two.b, '}')
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
		j.b = r.Rows[i].appendJSON(j.b, share)
	}
	return append(j.b, ']', '}')
}

func (r *Row) appendJSON(b []byte, share bool) []byte {
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
	switch {
	case !share && r.X.Known():
		j.integer("value", r.X.Sum)
	case share && (r.Class == stats.Unranked || r.Class == stats.Ranked):
		j.number("value", float64(r.X.Sum)/float64(r.N.Sum))
	default:
		j.null("value")
	}
	if share {
		j.figure("x", r.X)
		j.figure("n", r.N)
		if percent := r.Percent(); percent != "" {
			j.text("percent", percent)
			j.number("lower", r.Interval.Lower)
			j.number("upper", r.Interval.Upper)
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
		if share {
			j.integer("best", int64(r.Range.Best))
			j.integer("worst", int64(r.Range.Worst))
		}
	}
	if r.BlankAsZero() {
		j.key("flags")
		j.b = append(j.b, `["blank_as_zero"]`...)
	}
	if r.Synthetic {
		j.key("synthetic")
		j.b = append(j.b, "true"...)
	}
	j.key("last")
	last := object{b: append(j.b, '{')}
	last.text("state", string(r.lastState(share)))
	last.figure("x", r.LastX)
	if share {
		last.figure("n", r.LastN)
	}
	if r.LastSynthetic {
		last.key("synthetic")
		last.b = append(last.b, "true"...)
	}
	return append(last.b, '}', '}')
}

func cmpRaw(x, n Figure) string {
	if x.Raw != "" {
		return x.Raw
	}
	return n.Raw
}

// lastState is the state of the figures of the year before.
func (r *Row) lastState(share bool) State {
	last := Row{X: r.LastX, N: r.LastN}
	last.judge(share)
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

func (o *object) figure(name string, f Figure) {
	if f.Known() {
		o.integer(name, f.Sum)
	} else {
		o.null(name)
	}
}

func (o *object) totals(name string, t Totals, share bool) {
	o.key(name)
	one := object{b: append(o.b, '{')}
	one.integer("agencies", int64(t.Agencies))
	if t.Agencies == 0 { // a sum of nothing is no 0
		one.null("x")
	} else {
		one.integer("x", t.X)
	}
	if share {
		if t.Agencies == 0 {
			one.null("n")
		} else {
			one.integer("n", t.N)
		}
		if t.N > 0 {
			one.text("percent", t.Percent())
		}
	}
	o.b = append(one.b, '}')
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
