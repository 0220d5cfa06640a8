// Package stats holds the statistics of the pages as pure functions from whole numbers to values: what a denominator
// allows, intervals of shares and of counts, control limits and the status of an agency against its district, many
// agencies at once, trends, changes, ranks with their joint range, quantiles, and how a share is printed. It reads
// nothing and rounds nothing.
//
// What cannot be computed is a [Reason], never NaN and never 0. The formulas and their sources stand at each function;
// results agree with the reference vectors. Levels are always 95 % and 99.8 %, the two and three sigma of control charts.
package stats

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strconv"
)

// Reason says why there is no value. The empty reason is a value.
type Reason string

// The reasons.
const (
	None            Reason = ""
	NothingToDivide Reason = "no_denominator" // n = 0
	Contradiction   Reason = "contradiction"  // a count below 0, or more events than there are cases
	NoLevel         Reason = "no_level"       // a level of confidence outside 0 to 1
	TooFew          Reason = "too_few"        // agencies or years
	FewEvents       Reason = "few_events"     // events, or cases without it, for the test of a trend
	NoSpread        Reason = "no_spread"      // all values are equal, or the share of the district is 0 or 1
)

// Class says what may be shown of a share with a given denominator.
type Class string

// The classes of a denominator.
const (
	NoDenominator Class = "no_denominator" // n = 0: no percentage, and no zero
	TooSmall      Class = "too_small"      // n 1–9: x/n only; with n = 9 the 95 % interval is 30 to 54 points wide
	Unranked      Class = "unranked"       // n 10–29: percentage and interval, no rank
	Ranked        Class = "ranked"         // n ≥ 30: everything
)

// ClassOf returns the class of the denominator n. A negative n is no denominator.
func ClassOf(n int64) Class {
	switch {
	case n <= 0:
		return NoDenominator
	case n < 10:
		return TooSmall
	case n < 30:
		return Unranked
	}
	return Ranked
}

// Interval is a two-sided confidence interval of a proportion, both limits within 0 to 1.
type Interval struct{ Lower, Upper float64 }

// Wilson returns the score interval of x events of n at the confidence conf, for example 0.95. x = 0 gives exactly 0
// below, x = n exactly 1 above.
//
// Source: E. B. Wilson, JASA 22 (1927) 209.
func Wilson(x, n int64, conf float64) (Interval, Reason) {
	switch {
	case n == 0 && x == 0:
		return Interval{}, NothingToDivide
	case n <= 0 || x < 0 || x > n:
		return Interval{}, Contradiction
	case !(conf > 0 && conf < 1):
		return Interval{}, NoLevel
	}
	return wilson(x, n, deviation(conf)), None
}

func wilson(x, n int64, z float64) Interval {
	fx, fn := float64(x), float64(n)
	half := z * math.Sqrt(z*z+4*fx*(1-fx/fn))
	span := 2 * (fn + z*z)
	interval := Interval{(2*fx + z*z - half) / span, (2*fx + z*z + half) / span}
	if x == 0 {
		interval.Lower = 0
	}
	if x == n {
		interval.Upper = 1
	}
	return interval
}

// deviation is the number of standard deviations of a two-sided level: the normal quantile of (1+conf)/2.
func deviation(conf float64) float64 { return math.Sqrt2 * math.Erfinv(conf) }

// Fraction is x of n.
type Fraction struct{ X, N int64 }

// Compare orders fractions by value, exactly: whole numbers cross-multiplied in 128 bits. Both need 0 ≤ x and 0 < n.
func (f Fraction) Compare(g Fraction) int {
	fh, fl := bits.Mul64(uint64(f.X), uint64(g.N))
	gh, gl := bits.Mul64(uint64(g.X), uint64(f.N))
	if c := cmp.Compare(fh, gh); c != 0 {
		return c
	}
	return cmp.Compare(fl, gl)
}

// Ranks returns the rank of each item, 1 for the greatest, equal ranks for equal items and the next rank left out
// (1, 2, 2, 4), and whether it shares its rank.
func Ranks[T any](items []T, compare func(a, b T) int) (rank []int, tied []bool) {
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compare(items[b], items[a]) })
	rank, tied = make([]int, len(items)), make([]bool, len(items))
	for place, i := range order {
		rank[i] = place + 1
		if place > 0 {
			before := order[place-1]
			if compare(items[before], items[i]) == 0 {
				rank[i], tied[i], tied[before] = rank[before], true, true
			}
		}
	}
	return rank, tied
}

// RankRange is the range of ranks that a share may have, all ranges of a list holding together.
type RankRange struct{ Best, Worst int }

// RankRanges returns the joint range of the ranks of m shares: with Wilson intervals at the level joint^(1/m), the best
// rank is 1 + the number of intervals wholly above, the worst m − the number wholly below. No simulation, so the answer
// is the same every time. All fractions need 0 ≤ x ≤ n and 0 < n.
//
// Source: Klein, Wright and Wieczorek, JRSS C 69 (2020) 589; U.S. Census Bureau research report 2014-12.
func RankRanges(shares []Fraction, joint float64) []RankRange {
	m := len(shares)
	if m == 0 {
		return nil
	}
	z := deviation(math.Pow(joint, 1/float64(m)))
	lowers, uppers, own := make([]float64, m), make([]float64, m), make([]Interval, m)
	for i, s := range shares {
		own[i] = wilson(s.X, s.N, z)
		lowers[i], uppers[i] = own[i].Lower, own[i].Upper
	}
	slices.Sort(lowers)
	slices.Sort(uppers)
	out := make([]RankRange, m)
	for i, interval := range own {
		above, _ := slices.BinarySearchFunc(lowers, interval.Upper, func(lower, upper float64) int {
			if lower > upper {
				return 1
			}
			return -1
		})
		below, _ := slices.BinarySearch(uppers, interval.Lower)
		out[i] = RankRange{Best: 1 + m - above, Worst: m - below}
	}
	return out
}

// Percent prints x of n as a percentage with dp decimals (0 to 6), rounded half up on the exact fraction: 1/8 is
// 12.5%. It is "" where n is 0 or x lies outside 0 to n. Pages print [PercentPage].
func Percent(x, n int64, dp int) string {
	if n <= 0 || x < 0 || x > n {
		return ""
	}
	scaled, unit := rounded(x, n, dp)
	whole := strconv.FormatUint(scaled/unit, 10)
	if dp == 0 {
		return whole + "%"
	}
	fraction := strconv.FormatUint(unit+scaled%unit, 10)[1:]
	return whole + "." + fraction + "%"
}

// PercentPage prints a share as pages do: one decimal, but a count that is not 0 never as 0.0% (<0.1%), and one that
// is not all never as 100.0% (>99.9%).
func PercentPage(x, n int64) string {
	text := Percent(x, n, 1)
	switch {
	case x > 0 && text == "0.0%":
		return "<0.1%"
	case x < n && text == "100.0%":
		return ">99.9%"
	}
	return text
}

// PercentGrowth prints the change from n to x as pages do: with its sign and one decimal, +18.2%, −3.1%, 0.0%, and a
// change that is not 0 never as 0.0%. It is "" where n is 0 or a number is negative.
func PercentGrowth(x, n int64) string {
	if n <= 0 || x < 0 {
		return ""
	}
	sign, change := "+", x-n
	switch {
	case change == 0:
		return "0.0%"
	case change < 0:
		sign, change = "−", -change
	}
	scaled, unit := rounded(change, n, 1)
	if scaled == 0 {
		return sign + "<0.1%"
	}
	return sign + strconv.FormatUint(scaled/unit, 10) + "." + strconv.FormatUint(scaled%unit, 10) + "%"
}

// rounded returns x/n in units of 10^-dp percent, half up, and how many such units make one percent.
func rounded(x, n int64, dp int) (scaled, unit uint64) {
	unit = 1
	for range dp {
		unit *= 10
	}
	high, low := bits.Mul64(uint64(x), 200*unit)
	low, carry := bits.Add64(low, uint64(n), 0)
	// With dp ≤ 6 and x/n below 10^10 the quotient is below 2^64, so Div64 cannot overflow.
	scaled, _ = bits.Div64(high+carry, low, 2*uint64(n))
	return scaled, unit
}
