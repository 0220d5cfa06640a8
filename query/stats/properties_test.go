package stats

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

func seeded() *rand.Rand { return rand.New(rand.NewPCG(2023, 711)) }

// some makes up shares of a district, with dispersion beyond chance where spread is above 0.
func some(r *rand.Rand, count int, theta, spread float64, most int64) []Fraction {
	out := make([]Fraction, count)
	for i := range out {
		p := math.Min(1, math.Max(0, theta+spread*r.NormFloat64()))
		n := 1 + int64(float64(most)*math.Pow(r.Float64(), 3))
		var x int64
		for range n {
			if r.Float64() < p {
				x++
			}
		}
		out[i] = Fraction{x, n}
	}
	return out
}

func finite(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// mirror is the status of the complement.
func (s Status) mirror() Status { return Statuses[len(Statuses)-1-slices.Index(Statuses, s)] }

// TestShareAndComplement: a share and its complement flag the same agencies, with and without widening, and every
// number of one is the mirror of the other's.
func TestShareAndComplement(t *testing.T) {
	r := seeded()
	for _, spread := range []float64{0, 0.2} {
		for _, theta := range []float64{0.01, 0.15, 0.5, 0.93} {
			shares := some(r, 200, theta, spread, 400)
			shares = append(shares, Fraction{0, 1}, Fraction{1, 1}, Fraction{0, 10000}, Fraction{10000, 10000}, Fraction{5000, 10000})
			complements := make([]Fraction, len(shares))
			for i, s := range shares {
				complements[i] = s.Rest()
			}
			judge := func(shares []Fraction) []Judgement {
				sum, _ := Pool(shares)
				f, reason := NewFunnel(sum)
				if reason != None {
					t.Fatal(reason)
				}
				d, _ := f.Disperse(shares)
				return f.Widen(d).Judge(shares)
			}
			there := judge(complements)
			for i, a := range judge(shares) {
				b := there[i]
				if a.Status != b.Status.mirror() || a.Standing != b.Standing {
					t.Errorf("θ %g: %v is %s, standing %v; its complement %s, %v", theta, shares[i], a.Status, a.Standing, b.Status, b.Standing)
				}
				if math.Abs(a.Limits.Lower95-(1-b.Limits.Upper95)) > 1e-9 || math.Abs(a.Limits.Upper998-(1-b.Limits.Lower998)) > 1e-9 {
					t.Errorf("θ %g, n %d: limits %v, of the complement %v", theta, shares[i].N, a.Limits, b.Limits)
				}
			}
		}
	}
}

// TestStatusAgreesWithTheLimits: outside the tails is outside the curve, at every count of every n, so the mark in the
// picture and the word beside it cannot differ.
func TestStatusAgreesWithTheLimits(t *testing.T) {
	for _, theta := range []Fraction{{2, 100}, {15, 100}, {341, 1000}, {1, 2}, {6, 10}, {93, 100}} {
		for _, phi := range []float64{0, 2.5} {
			f := Funnel{Theta: theta, Phi: phi}
			for _, n := range []int64{1, 2, 3, 5, 9, 10, 17, 30, 57, 100, 177} {
				var shares []Fraction
				for x := range n + 1 {
					shares = append(shares, Fraction{x, n})
				}
				for i, j := range f.Judge(shares) {
					p, l := shares[i].Share(), f.Limits(n)
					if l != j.Limits {
						t.Fatalf("limits at %d differ: %v and %v", n, l, j.Limits)
					}
					for _, level := range []struct {
						lower, upper float64
						outside      bool
					}{{l.Lower95, l.Upper95, j.Status.Outside()}, {l.Lower998, l.Upper998, j.Status.Far()}} {
						near := math.Min(math.Abs(p-level.lower), math.Abs(p-level.upper)) < 1e-12
						if outside := p < level.lower || p > level.upper; outside != level.outside && !near {
							t.Errorf("θ %v φ %g: %v is %s, limits %v", theta, phi, shares[i], j.Status, l)
						}
					}
				}
			}
		}
	}
}

// TestIntervals: every interval holds its share and widens with the level, moves up with x and narrows with n.
func TestIntervals(t *testing.T) {
	for _, n := range []int64{1, 2, 9, 10, 29, 30, 100, 805, 10000} {
		last := Interval{-1, -1}
		for x := int64(0); x <= n; x += max(1, n/50) {
			a, _ := Wilson(x, n, Level95)
			b, _ := Wilson(x, n, Level998)
			p := Fraction{x, n}.Share()
			if !finite(a.Lower, a.Upper) || a.Lower > p || a.Upper < p || a.Lower < 0 || a.Upper > 1 || b.Lower > a.Lower || b.Upper < a.Upper {
				t.Errorf("%d of %d: %v at 95 %%, %v at 99.8 %%", x, n, a, b)
			}
			if a.Lower < last.Lower || a.Upper < last.Upper {
				t.Errorf("%d of %d: %v lies below that of fewer events, %v", x, n, a, last)
			}
			last = a
			if c, _ := Wilson(10*x, 10*n, Level95); c.Upper-c.Lower >= a.Upper-a.Lower {
				t.Errorf("%d of %d: %v does not narrow with ten times as many, %v", x, n, a, c)
			}
		}
	}
	lower, upper := -1.0, -1.0
	for x := int64(0); x < 2000; x++ {
		c, reason := CountLimits(x, Level95)
		if reason != None || !finite(c.Lower, c.Upper) || c.Lower < 0 || c.Lower > float64(x) || c.Upper < float64(x) || c.Lower < lower || c.Upper < upper {
			t.Errorf("limits of the count %d: %+v, reason %q", x, c, reason)
		}
		lower, upper = c.Lower, c.Upper
	}
}

// TestTailsAreExact compares tails with sums of whole numbers, for n up to 10,000.
func TestTailsAreExact(t *testing.T) {
	for _, tc := range []struct {
		theta Fraction
		n     int64
		r     []int64
	}{
		{Fraction{1, 3}, 300, []int64{0, 20, 60, 100, 140, 250, 300}},
		{Fraction{1, 1000}, 10000, []int64{0, 1, 10, 40, 100}},
		{Fraction{1, 2}, 10000, []int64{4000, 4500, 4999, 5000, 5001, 5500, 6200}},
		{Fraction{97, 100}, 2000, []int64{1800, 1900, 1940, 1999, 2000}},
	} {
		var b binomial
		b.set(tc.n, tc.theta)
		// (X + (N−X))^n, term by term: C(n, k) X^k (N−X)^(n−k) over N^n.
		x, rest := big.NewInt(tc.theta.X), big.NewInt(tc.theta.N-tc.theta.X)
		term := new(big.Int).Exp(rest, big.NewInt(tc.n), nil)
		all := new(big.Int).Exp(big.NewInt(tc.theta.N), big.NewInt(tc.n), nil)
		up := new(big.Int)
		for k := int64(0); k <= tc.n; k++ {
			before := new(big.Int).Set(up)
			up.Add(up, term)
			if slices.Contains(tc.r, k) {
				want, _ := new(big.Rat).SetFrac(up, all).Float64()
				other, _ := new(big.Rat).SetFrac(before.Sub(all, before), all).Float64()
				atMost, atLeast := b.tails(k)
				if !nearly(atMost, want) || !nearly(atLeast, other) {
					t.Errorf("θ %v, n %d, r %d: %.17g and %.17g, want %.17g and %.17g", tc.theta, tc.n, k, atMost, atLeast, want, other)
				}
			}
			term.Mul(term, x).Mul(term, big.NewInt(tc.n-k))
			term.Quo(term, rest).Quo(term, big.NewInt(k+1)) // exact: each is a whole number
			if k == tc.n {
				break
			}
		}
	}
}

func nearly(got, want float64) bool { return math.Abs(got-want) <= 1e-38+1e-11*want }

// TestNoNaN: whatever the counts, results are numbers or reasons.
func TestNoNaN(t *testing.T) {
	r := seeded()
	for range 2000 {
		a, b := Fraction{r.Int64N(7) - 1, r.Int64N(7) - 1}, Fraction{r.Int64N(2000), r.Int64N(2000)}
		for _, f := range []Fraction{a, b} {
			if i, reason := Wilson(f.X, f.N, Level95); reason == None && !finite(i.Lower, i.Upper) {
				t.Errorf("Wilson%v = %v", f, i)
			}
			if funnel, reason := NewFunnel(f); reason == None {
				for _, j := range funnel.Judge([]Fraction{{3, 10}, {0, 1}, {40, 40}}) {
					if !finite(j.P, j.Adjusted, j.Limits.Lower95, j.Limits.Upper95, j.Limits.Lower998, j.Limits.Upper998) {
						t.Errorf("funnel round %v: %+v", f, j)
					}
				}
			}
		}
		if c, reason := ChangeOf(a, b, Level95); reason == None && (!finite(c.Difference, c.Lower, c.Upper) || c.Lower > c.Difference || c.Upper < c.Difference) {
			t.Errorf("ChangeOf(%v, %v) = %v", a, b, c)
		}
		years := make([]Fraction, 5)
		for i := range years {
			n := r.Int64N(30)
			years[i] = Fraction{r.Int64N(n + 2), n}
		}
		if trend, reason := TrendOf(years); !finite(trend.Chi2, trend.P) || (trend.Marker == NotAssessable) != (reason != None) {
			t.Errorf("TrendOf(%v) = %+v, reason %q", years, trend, reason)
		}
	}
	for _, theta := range []Fraction{{0, 10}, {10, 10}, {0, 0}, {-1, 3}, {4, 3}} {
		if f, reason := NewFunnel(theta); reason == None {
			t.Errorf("NewFunnel(%v) = %v, want a reason", theta, f)
		}
	}
	if got := RankRanges(nil, 0.95); got != nil {
		t.Errorf("ranges of nobody = %v", got)
	}
	if _, reason := Quantile(nil, 0.5); reason != TooFew {
		t.Errorf("a quantile of nothing has the reason %q", reason)
	}
	if _, reason := (Funnel{Theta: Fraction{1, 2}}).Disperse(nil); reason != TooFew {
		t.Errorf("dispersion of nobody has the reason %q", reason)
	}
}

// TestRankRangesCountPlainly: the fast search gives what counting every pair gives.
func TestRankRangesCountPlainly(t *testing.T) {
	shares := some(seeded(), 300, 0.4, 0.2, 500)
	z := deviation(math.Pow(0.95, 1/float64(len(shares))))
	for i, got := range RankRanges(shares, 0.95) {
		want := RankRange{1, len(shares)}
		own := wilson(shares[i].X, shares[i].N, z)
		for _, s := range shares {
			switch other := wilson(s.X, s.N, z); {
			case other.Lower > own.Upper:
				want.Best++
			case other.Upper < own.Lower:
				want.Worst--
			}
		}
		if got != want {
			t.Errorf("range of %v = %v, want %v", shares[i], got, want)
		}
	}
}

// TestExcess: the difference of products keeps what floats lose.
func TestExcess(t *testing.T) {
	for _, tc := range []struct {
		a, b, c, d int64
		want       float64
	}{{3, 4, 5, 2, 2}, {5, 2, 3, 4, -2}, {1 << 40, 1 << 40, 1<<40 - 1, 1<<40 + 1, 1}, {0, 7, 7, 0, 0}} {
		if got := excess(tc.a, tc.b, tc.c, tc.d); got != tc.want {
			t.Errorf("%d·%d − %d·%d = %g, want %g", tc.a, tc.b, tc.c, tc.d, got, tc.want)
		}
	}
}

// BenchmarkDistrict is everything that a list of 3,000 agencies needs.
func BenchmarkDistrict(b *testing.B) {
	for _, most := range []int64{300, 10000} {
		shares := some(seeded(), 3000, 0.6, 0.1, most)
		theta, _ := Pool(shares)
		f, _ := NewFunnel(theta)
		b.Run(fmt.Sprintf("n up to %d/status and adjusting", most), func(b *testing.B) {
			for b.Loop() {
				d, _ := f.Disperse(shares)
				f.Widen(d).Judge(shares)
			}
		})
		b.Run(fmt.Sprintf("n up to %d/ranks and their ranges", most), func(b *testing.B) {
			for b.Loop() {
				Ranks(shares, Fraction.Compare)
				RankRanges(shares, 0.95)
			}
		})
	}
}
