package stats

import (
	"cmp"
	"math"
	"slices"
)

// The two levels of control limits.
const (
	Level95  = 0.95
	Level998 = 0.998
)

// tail95 and tail998 are the probabilities beyond one control limit.
const tail95, tail998 = 0.025, 0.001

// Status says whether a share differs from that of the district by more than chance explains. It is no verdict.
type Status string

// The states of a share against its district.
const (
	Below998 Status = "below_998"
	Below95  Status = "below_95"
	Within   Status = "within"
	Above95  Status = "above_95"
	Above998 Status = "above_998"
)

// Statuses are all, from below to above.
var Statuses = []Status{Below998, Below95, Within, Above95, Above998}

// Outside reports whether the share lies outside the 95 % limits.
func (s Status) Outside() bool { return s != "" && s != Within }

// Far reports whether the share lies outside the 99.8 % limits.
func (s Status) Far() bool { return s == Below998 || s == Above998 }

// Limits are control limits around the share of the district, as shares of some n.
type Limits struct{ Lower95, Upper95, Lower998, Upper998 float64 }

// outer returns the wider of two limits on each side.
func (l Limits) outer(m Limits) Limits {
	return Limits{math.Min(l.Lower95, m.Lower95), math.Max(l.Upper95, m.Upper95), math.Min(l.Lower998, m.Lower998), math.Max(l.Upper998, m.Upper998)}
}

// Funnel holds what shares are compared with: the share of the district and, where agencies differ by more than chance
// throughout, the factor by which the variance is widened.
type Funnel struct {
	Theta Fraction
	Phi   float64 // 0 where the limits are not widened
}

// NewFunnel returns the funnel round the share theta of the district. Round 0 and 1 there is none.
func NewFunnel(theta Fraction) (Funnel, Reason) {
	if reason := theta.valid(); reason != None {
		return Funnel{}, reason
	}
	if theta.X == 0 || theta.X == theta.N {
		return Funnel{}, NoSpread
	}
	return Funnel{Theta: theta}, None
}

// Widen widens the limits by the dispersion d if it is in force.
func (f Funnel) Widen(d Dispersion) Funnel {
	if d.InForce {
		f.Phi = d.Phi
	}
	return f
}

// Exact returns the limits at n ≥ 1 from the binomial distribution, as if chance alone were at work.
func (f Funnel) Exact(n int64) Limits {
	var b binomial
	b.set(n, f.Theta)
	return b.both()
}

// Widened returns the limits at n ≥ 1 in normal approximation with the variance widened; ok is false where it is not.
func (f Funnel) Widened(n int64) (limits Limits, ok bool) {
	if f.Phi == 0 {
		return Limits{}, false
	}
	return normalLimits(f.Theta, n, f.Phi), true
}

// Limits returns the limits in use at n ≥ 1: the exact ones or, where widened, the outer of both.
func (f Funnel) Limits(n int64) Limits {
	exact := f.Exact(n)
	if widened, ok := f.Widened(n); ok {
		return exact.outer(widened)
	}
	return exact
}

func (b *binomial) both() (l Limits) {
	l.Lower95, l.Upper95, _, _ = b.limits(tail95)
	l.Lower998, l.Upper998, _, _ = b.limits(tail998)
	return l
}

var deviation95, deviation998 = deviation(Level95), deviation(Level998)

// normalLimits are θ ∓ z√(φθ(1−θ)/n). With φ = 1 these are the limits of Fingertips, which are wrong at small counts:
// at θ = 2 % and n = 40 the upper 95 % limit lies at 2.5 cases, while 3 cases have a tail of 4.6 %.
func normalLimits(theta Fraction, n int64, phi float64) Limits {
	p := theta.Share()
	sigma := math.Sqrt(phi * p * theta.Rest().Share() / float64(n))
	return Limits{math.Max(0, p-deviation95*sigma), math.Min(1, p+deviation95*sigma), math.Max(0, p-deviation998*sigma), math.Min(1, p+deviation998*sigma)}
}

// Judgement is one share against the funnel.
type Judgement struct {
	Status Status
	Limits Limits // in use at its own n
	// P is the two-sided probability of a share as far out, by chance or, where widened, by chance and dispersion.
	P float64
	// Adjusted is P adjusted for looking at all shares of the list at once; Standing says that it stays below 5 %.
	Adjusted float64
	Standing bool
}

// Judge compares each share with the funnel and adjusts for their number. All need 0 ≤ x ≤ n and 0 < n.
//
// With R ~ Bin(n, θ) a share is outside the 99.8 % limits if P(R ≤ x) or P(R ≥ x) is at most 0.001, else outside those of
// 95 % if one is at most 0.025. Where the funnel is widened it must be outside the widened limits as well.
func (f Funnel) Judge(shares []Fraction) []Judgement {
	out := make([]Judgement, len(shares))
	order := make([]int32, len(shares))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(shares[a].N, shares[b].N), cmp.Compare(shares[a].X, shares[b].X))
	})
	var b binomial
	var limits Limits
	p := make([]float64, len(shares))
	for k, i := range order {
		s := shares[i]
		if k == 0 || s.N != b.n { // one distribution for all of the same size
			b.set(s.N, f.Theta)
			limits = b.both()
			if widened, ok := f.Widened(s.N); ok {
				limits = limits.outer(widened)
			}
		}
		atMost, atLeast := b.tails(s.X)
		j := Judgement{Limits: limits, Status: statusOf(atMost, atLeast), P: math.Min(1, 2*math.Min(atMost, atLeast))}
		if f.Phi != 0 {
			z := f.distance(s) / math.Sqrt(f.Phi)
			j.P = math.Erfc(math.Abs(z) / math.Sqrt2)
			j.Status = j.Status.inner(z)
		}
		out[i], p[i] = j, j.P
	}
	for i, adjusted := range Adjust(p) {
		out[i].Adjusted, out[i].Standing = adjusted, adjusted <= FalseDiscoveries
	}
	return out
}

func statusOf(atMost, atLeast float64) Status {
	switch {
	case atMost <= tail998:
		return Below998
	case atLeast <= tail998:
		return Above998
	case atMost <= tail95:
		return Below95
	case atLeast <= tail95:
		return Above95
	}
	return Within
}

// inner returns the status that is nearer to the district, that of the exact tails or that of the deviation z.
func (s Status) inner(z float64) Status {
	wide := Within
	switch {
	case z < -deviation998:
		wide = Below998
	case z > deviation998:
		wide = Above998
	case z < -deviation95:
		wide = Below95
	case z > deviation95:
		wide = Above95
	}
	if wide == Within || s == Within || (s == Below998 || s == Below95) != (wide == Below998 || wide == Below95) {
		return Within
	}
	if s.Far() {
		return wide
	}
	return s
}

// distance is how many standard deviations of chance a share lies from that of the district: (x/n − θ)/√(θ(1−θ)/n). The
// difference is taken of whole numbers, so a share and its complement are equally far.
func (f Funnel) distance(s Fraction) float64 {
	t := f.Theta
	return excess(s.X, t.N, s.N, t.X) / math.Sqrt(float64(s.N)*float64(t.X)*float64(t.N-t.X))
}

// Dispersion says how much more shares differ than chance explains.
type Dispersion struct {
	Agencies  int     // I
	Phi       float64 // mean square of the winsorised deviations; about 1 if chance alone is at work
	Threshold float64 // 1 + 2√(2/I)
	InForce   bool    // Phi is above Threshold, and there are at least 10 shares
}

// leastDispersion is how many shares it takes to tell dispersion from chance.
const leastDispersion = 10

// Disperse measures the dispersion of shares round the funnel. The ⌊I/10⌋ lowest and highest deviations are set to the
// next one in, so that a few agencies far out do not widen the limits for all. Which shares take part (n ≥ 10) is the
// caller's choice.
//
// Source: D. J. Spiegelhalter, Stat. Med. 24 (2005) 1185, section on over-dispersion.
func (f Funnel) Disperse(shares []Fraction) (Dispersion, Reason) {
	count := len(shares)
	if count == 0 {
		return Dispersion{}, TooFew
	}
	z := make([]float64, count)
	for i, s := range shares {
		if reason := s.valid(); reason != None {
			return Dispersion{}, reason
		}
		z[i] = f.distance(s)
	}
	slices.Sort(z)
	k := count / 10
	d := Dispersion{Agencies: count, Threshold: 1 + 2*math.Sqrt(2/float64(count))}
	for i := range z {
		one := z[min(max(i, k), count-1-k)]
		d.Phi += one * one
	}
	d.Phi /= float64(count)
	d.InForce = count >= leastDispersion && d.Phi > d.Threshold
	return d, None
}

// FalseDiscoveries is the share of wrong discoveries that is accepted among all.
const FalseDiscoveries = 0.05

// Adjust returns the probabilities adjusted for their number: the cumulative minimum, from the greatest down, of
// p·m/rank, at most 1.
//
// Source: Y. Benjamini and Y. Hochberg, JRSS B 57 (1995) 289.
func Adjust(p []float64) []float64 {
	order := make([]int32, len(p))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(p[b], p[a]) })
	out := make([]float64, len(p))
	least := 1.0
	for k, i := range order {
		least = math.Min(least, p[i]*float64(len(p))/float64(len(p)-k))
		out[i] = least
	}
	return out
}
