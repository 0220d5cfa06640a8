package stats

import "math/bits"

// Share is the fraction as a number. N must not be 0.
func (f Fraction) Share() float64 { return float64(f.X) / float64(f.N) }

// Rest is the fraction of what is not counted: (n−x)/n.
func (f Fraction) Rest() Fraction { return Fraction{f.N - f.X, f.N} }

// valid says why the fraction is no share, if it is none.
func (f Fraction) valid() Reason {
	switch {
	case f.N == 0 && f.X == 0:
		return NothingToDivide
	case f.N <= 0 || f.X < 0 || f.X > f.N:
		return Contradiction
	}
	return None
}

// Pool adds numerators and denominators. A share over several years or agencies is the share of the sums, never the
// mean of shares. What was not filed is left out of the list by the caller; it is not 0 of 0.
func Pool(parts []Fraction) (Fraction, Reason) {
	var sum Fraction
	for _, p := range parts {
		if p.X < 0 || p.N < p.X {
			return Fraction{}, Contradiction
		}
		sum.X += p.X
		sum.N += p.N
	}
	if sum.N < sum.X || sum.X < 0 { // counts beyond what 64 bits hold
		return Fraction{}, Contradiction
	}
	return sum, sum.valid()
}

// excess returns a·b − c·d for numbers that are not negative. The products are exact, so nothing is lost where they are
// nearly equal.
func excess(a, b, c, d int64) float64 {
	ah, al := bits.Mul64(uint64(a), uint64(b))
	ch, cl := bits.Mul64(uint64(c), uint64(d))
	sign := 1.0
	if ah < ch || ah == ch && al < cl {
		sign, ah, al, ch, cl = -1, ch, cl, ah, al
	}
	low, borrow := bits.Sub64(al, cl, 0)
	high, _ := bits.Sub64(ah, ch, borrow)
	return sign * (float64(high)*(1<<64) + float64(low))
}
