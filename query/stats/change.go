package stats

import "math"

// Change is the difference of two shares, with its interval, as shares (0.032 is 3.2 points).
type Change struct{ Difference, Lower, Upper float64 }

// Clear reports whether the interval leaves out 0, so that an arrow may be drawn.
func (c Change) Clear() bool { return c.Lower > 0 || c.Upper < 0 }

// ChangeOf returns now − before with the hybrid score interval at the confidence conf.
//
// Source: R. G. Newcombe, Stat. Med. 17 (1998) 873, method 10.
func ChangeOf(now, before Fraction, conf float64) (Change, Reason) {
	a, reason := Wilson(now.X, now.N, conf)
	if reason != None {
		return Change{}, reason
	}
	b, reason := Wilson(before.X, before.N, conf)
	if reason != None {
		return Change{}, reason
	}
	p, q := now.Share(), before.Share()
	d := excess(now.X, before.N, before.X, now.N) / (float64(now.N) * float64(before.N))
	return Change{d, d - math.Hypot(p-a.Lower, b.Upper-q), d + math.Hypot(a.Upper-p, q-b.Lower)}, None
}
