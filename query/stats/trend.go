package stats

import "math"

// Marker says whether shares rise or fall over the years.
type Marker string

// The markers of a trend.
const (
	Up            Marker = "up"
	Down          Marker = "down"
	NoChange      Marker = "no_change"
	NotAssessable Marker = "not_assessable"
)

// TrendYears is the number of consecutive years over which pages look for a trend.
const TrendYears = 5

// TrendThreshold is the χ² with one degree of freedom that chance exceeds with probability 0.002.
var TrendThreshold = deviation(1-0.002) * deviation(1-0.002)

// fewestEvents is how many events, and how many cases without it, a test of a trend needs.
const fewestEvents = 10

// Trend is the result of the test for a straight line over years.
type Trend struct {
	Marker    Marker
	Chi2, P   float64 // without meaning where Marker is NotAssessable and there is no event, or nothing else
	Direction int     // −1, 0, 1: whether later years have lower or higher shares
	Without   []int   // the direction when each year is left out
}

// TrendOf tests consecutive years, the oldest first, for a trend. A marker needs χ² above [TrendThreshold] and a
// direction that no single year decides. Five years are few: χ² says only that a straight line is unlikely to be noise.
//
// Source: W. G. Cochran, Biometrics 10 (1954) 417; P. Armitage, Biometrics 11 (1955) 375; the rule of five years, the
// threshold and the idea of leaving years out are those of Fingertips. Unlike there the direction comes from whole
// numbers, so 0 and n of n divide nothing, and holds for every measure alike.
func TrendOf(years []Fraction) (Trend, Reason) {
	none := Trend{Marker: NotAssessable}
	if len(years) < TrendYears {
		return none, TooFew
	}
	for _, y := range years {
		if reason := y.valid(); reason != None {
			return none, reason
		}
	}
	s := slopeOf(years, -1)
	t := Trend{Marker: NotAssessable, Direction: s.direction()}
	stable := t.Direction != 0
	for i := range years {
		direction := slopeOf(years, i).direction()
		t.Without = append(t.Without, direction)
		stable = stable && direction == t.Direction
	}
	if s.x == 0 || s.x == s.n {
		return t, FewEvents
	}
	cross := excess(s.n, s.xt, s.x, s.nt)
	t.Chi2 = float64(s.n) * cross / float64(s.x) * cross / float64(s.n-s.x) / excess(s.n, s.ntt, s.nt, s.nt)
	t.P = math.Erfc(math.Sqrt(t.Chi2 / 2))
	if s.x < fewestEvents || s.n-s.x < fewestEvents {
		return t, FewEvents
	}
	switch {
	case !stable || t.Chi2 <= TrendThreshold:
		t.Marker = NoChange
	case t.Direction > 0:
		t.Marker = Up
	default:
		t.Marker = Down
	}
	return t, None
}

// slope holds the sums over years t = 1, 2, …: Σx, Σn, Σxt, Σnt, Σnt².
type slope struct{ x, n, xt, nt, ntt int64 }

// slopeOf adds up the years but the one at without (−1 leaves none out). The others keep their places.
func slopeOf(years []Fraction, without int) (s slope) {
	for i, y := range years {
		if i == without {
			continue
		}
		t := int64(i + 1)
		s.x += y.X
		s.n += y.N
		s.xt += y.X * t
		s.nt += y.N * t
		s.ntt += y.N * t * t
	}
	return s
}

// direction is the sign of NΣxt − RΣnt, exactly.
func (s slope) direction() int { return Fraction{s.xt, s.nt}.Compare(Fraction{s.x, s.n}) }
