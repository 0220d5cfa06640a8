package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// CountMethod says how the limits of a count were computed.
type CountMethod string

// The methods.
const (
	Exact CountMethod = "exact" // below 10
	Byar  CountMethod = "byar"  // from 10
)

// CountInterval holds the limits of the mean of a Poisson count.
type CountInterval struct {
	Lower, Upper float64
	Method       CountMethod
}

// CountLimits returns the limits of a count of rare events at the confidence conf: exact below 10, Byar's approximation
// from 10. It is for reviews and lawsuits. Counts of applications are a census and get no interval.
//
// Source: F. Garwood, Biometrika 28 (1936) 437; N. E. Breslow and N. E. Day, Statistical Methods in Cancer Research II
// (1987) 69; the rule is that of phe_rate in PHEindicatormethods.
func CountLimits(x int64, conf float64) (CountInterval, Reason) {
	switch {
	case x < 0:
		return CountInterval{}, Contradiction
	case !(conf > 0 && conf < 1):
		return CountInterval{}, NoLevel
	case x < 10:
		lower, upper := garwood(x, conf)
		return CountInterval{lower, upper, Exact}, None
	}
	lower, upper := byar(x, conf)
	return CountInterval{lower, upper, Byar}, None
}

// garwood returns the exact limits: half the quantiles of χ² with 2x and 2x+2 degrees of freedom.
func garwood(x int64, conf float64) (lower, upper float64) {
	tail := (1 - conf) / 2
	if x > 0 {
		lower = mathext.GammaIncRegInv(float64(x), tail)
	}
	return lower, mathext.GammaIncRegCompInv(float64(x+1), tail)
}

// byar returns Byar's approximation. The lower limit is negative, and so invalid, at x = 1.
func byar(x int64, conf float64) (lower, upper float64) {
	z := deviation(conf)
	limit := func(x, z float64) float64 { return x * math.Pow(1-1/(9*x)+z/(3*math.Sqrt(x)), 3) }
	return limit(float64(x), -z), limit(float64(x+1), z)
}
