package stats

import (
	"math"
	"slices"
)

// Quantile returns the quantile p of the values by linear interpolation between order statistics (type 7), as R and the
// PERCENTILE.INC of spreadsheets do. The values must be sorted.
//
// Source: R. J. Hyndman and Y. Fan, The American Statistician 50 (1996) 361.
func Quantile(sorted []float64, p float64) (float64, Reason) {
	switch {
	case len(sorted) == 0:
		return 0, TooFew
	case !(p >= 0 && p <= 1):
		return 0, NoLevel
	}
	h := float64(len(sorted)-1) * p
	i := int(h)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1], None
	}
	return sorted[i] + (h-float64(i))*(sorted[i+1]-sorted[i]), None
}

// Deviation is the middle of values and their median absolute deviation from it, scaled to the standard deviation of a
// normal distribution.
type Deviation struct{ Median, MAD float64 }

// DeviationOf returns the median and the median absolute deviation of values in any order.
func DeviationOf(values []float64) (Deviation, Reason) {
	sorted := slices.Sorted(slices.Values(values))
	median, reason := Quantile(sorted, 0.5)
	if reason != None {
		return Deviation{}, reason
	}
	for i, v := range sorted {
		sorted[i] = math.Abs(v - median)
	}
	slices.Sort(sorted)
	raw, _ := Quantile(sorted, 0.5)
	return Deviation{median, raw / deviation(0.5)}, None // 1.4826022185056018 × raw
}

// Distance is how many scaled median absolute deviations a value lies from the median.
func (d Deviation) Distance(value float64) (float64, Reason) {
	if d.MAD == 0 {
		return 0, NoSpread
	}
	return (value - d.Median) / d.MAD, None
}

// The rule for a value worth a question: more than OutlierDistance from the median of at least OutlierPeers.
const (
	OutlierDistance = 3.5
	OutlierPeers    = 8
)
