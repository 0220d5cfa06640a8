package stats

import "math"

// binomial is the distribution of the events among n cases, each an event with the same probability. Only the counts
// whose probability is not negligible (above 10^-40 of the greatest) are held.
//
// The probabilities are found by their ratios from the most likely count outwards and divided by their sum, so there is
// no factorial to overflow and no difference of near numbers: tails keep 11 digits at n = 10,000 down to 10^-28 or so.
type binomial struct {
	n     int64
	first int64     // the count of the first element
	mass  []float64 // P(R = first+i)
	up    []float64 // P(R ≤ first+i)
	down  []float64 // P(R ≥ first+i)
}

const negligible = 1e-40

// set computes the distribution for n cases at the share theta, which is not 0 and not 1, reusing the memory of b.
func (b *binomial) set(n int64, theta Fraction) {
	p, q := theta.Share(), theta.Rest().Share()
	mode := int64(float64(n+1) * p)
	mode = max(0, min(n, mode))
	b.n, b.mass = n, b.mass[:0]
	// Downwards from the mode, then turned round.
	odds := q / p
	for k, w := mode, 1.0; w > negligible; k-- {
		b.mass = append(b.mass, w)
		if k == 0 {
			break
		}
		w *= float64(k) / float64(n-k+1) * odds
	}
	for i, j := 0, len(b.mass)-1; i < j; i, j = i+1, j-1 {
		b.mass[i], b.mass[j] = b.mass[j], b.mass[i]
	}
	b.first = mode - int64(len(b.mass)) + 1
	odds = p / q
	for k, w := mode, 1.0; k < n; k++ {
		w *= float64(n-k) / float64(k+1) * odds
		if w <= negligible {
			break
		}
		b.mass = append(b.mass, w)
	}
	m := len(b.mass)
	if cap(b.up) < m {
		b.up, b.down = make([]float64, m), make([]float64, m)
	}
	b.up, b.down = b.up[:m], b.down[:m]
	// Both tails are added from their thin end, so small terms are not lost in a large sum.
	sum := 0.0
	for i, w := range b.mass {
		sum += w
		b.up[i] = sum
	}
	total := sum
	sum = 0
	for i := m - 1; i >= 0; i-- {
		sum += b.mass[i]
		b.down[i] = sum
	}
	scale := 1 / total
	for i := range b.mass {
		b.mass[i] *= scale
		b.up[i] = math.Min(1, b.up[i]*scale)
		b.down[i] = math.Min(1, b.down[i]*scale)
	}
}

// tails returns P(R ≤ r) and P(R ≥ r).
func (b *binomial) tails(r int64) (atMost, atLeast float64) {
	switch i := r - b.first; {
	case i < 0:
		return 0, 1
	case i >= int64(len(b.mass)):
		return 1, 0
	default:
		return b.up[i], b.down[i]
	}
}

// limits returns the interpolated control limits as shares, with the tail probability given on each side, and the
// counts between which they were interpolated.
//
// With r the smallest count with F(r) > tail and a = (F(r) − tail)/f(r) the lower limit is (r − a)/n. The upper limit is
// the same seen from the other end, (r + 1 − a)/n with r the smallest count with F(r) > 1 − tail, so that a share and its
// complement have mirrored limits. The form (r − a)/n on both sides, also in circulation, is not symmetric.
//
// Source: D. J. Spiegelhalter, Stat. Med. 24 (2005) 1185.
func (b *binomial) limits(tail float64) (lower, upper float64, low, high int64) {
	m := len(b.mass)
	i := 0
	for i < m-1 && b.up[i] <= tail {
		i++
	}
	low = b.first + int64(i)
	lower = (float64(low) - (b.up[i]-tail)/b.mass[i]) / float64(b.n)
	i = m - 1
	for i > 0 && b.down[i] <= tail {
		i--
	}
	high = b.first + int64(i)
	upper = (float64(high) + (b.down[i]-tail)/b.mass[i]) / float64(b.n)
	return math.Max(0, lower), math.Min(1, upper), low, high
}
