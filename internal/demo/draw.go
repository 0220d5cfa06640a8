package demo

import "math/rand/v2"

// draw makes random choices in whole numbers only, so that they are the same on every machine.
type draw struct{ *rand.Rand }

// stream is a sequence of choices of its own: what one body draws does not depend on how many others there are.
func stream(seed uint64, body, purpose int) draw {
	return draw{rand.New(rand.NewPCG(seed, uint64(body)<<8|uint64(purpose)))}
}

// chance is true in so many of a thousand cases.
func (d draw) chance(permille int) bool { return d.IntN(1000) < permille }

// between is at least low and at most high.
func (d draw) between(low, high int64) int64 { return low + d.Int64N(high-low+1) }

// binomial counts the successes in n trials.
func (d draw) binomial(n int64, permille int) int64 {
	var k int64
	for range n {
		if d.chance(permille) {
			k++
		}
	}
	return k
}

// count is a number of events with this mean, in thousandths, and a variance close to it.
func (d draw) count(mean int64) int64 {
	return d.binomial(mean/100, 100) + d.binomial(1, int(mean%100))
}

// pick chooses an index by weight.
func (d draw) pick(weights []int64) int {
	var sum int64
	for _, w := range weights {
		sum += w
	}
	n := d.Int64N(sum)
	for i, w := range weights {
		if n -= w; n < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// roots are the powers of two by sixteenths, times 2¹⁶.
var roots = [16]int64{65536, 68438, 71468, 74632, 77936, 81386, 84990, 88752, 92682, 96785, 101070, 105545, 110218, 115098, 120194, 125515}

// logNormal spreads a median: the sum of twelve even choices is close to a normal deviate, here with a standard
// deviation of spread sixteenths of a doubling (23 is a factor of e).
func (d draw) logNormal(median int64, spread int64) int64 {
	var z int64 // in 1/65536 standard deviations
	for range 12 {
		z += d.Int64N(65536)
	}
	z -= 6 * 65536
	exponent := z * spread / 65536 // in sixteenths
	octaves, sixteenth := exponent>>4, exponent&15
	x := median * roots[sixteenth]
	if octaves >= 0 {
		x = x << octaves >> 16
	} else {
		x = x >> -octaves >> 16
	}
	return x + d.Int64N(x/23+1) // a sixteenth of a doubling is 4.4 %: fill the steps
}

// shuffled is the numbers from 0 to n−1 in random order.
func (d draw) shuffled(n int) []int { return d.Perm(n) }
