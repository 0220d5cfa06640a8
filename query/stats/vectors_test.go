package stats

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// same compares a number with the wanted one at the tolerance of the vector.
func (v vector) same(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !v.near(got, want) {
		t.Errorf("%s: %s = %.17g, want %.17g", v.ID, what, got, want)
	}
}

// exactly turns the decimal share of a vector into whole numbers.
func exactly(theta float64) Fraction { return Fraction{int64(math.Round(theta * 1e6)), 1e6} }

func TestNormalQuantileVectors(t *testing.T) {
	for _, v := range vectors(t, "normal_quantile") {
		var in struct{ P float64 }
		var want struct{ Z float64 }
		v.decode(t, &in, &want)
		v.same(t, "z", deviation(2*in.P-1), want.Z)
	}
}

func TestCountVectors(t *testing.T) {
	for _, group := range []string{"poisson_exact", "byar", "count_limits"} {
		for _, v := range vectors(t, group) {
			var in struct {
				X    int64
				Conf float64
			}
			var want struct {
				Lower  *float64
				Upper  float64
				Method CountMethod
			}
			v.decode(t, &in, &want)
			var lower, upper float64
			switch group {
			case "poisson_exact":
				lower, upper = garwood(in.X, in.Conf)
			case "byar":
				lower, upper = byar(in.X, in.Conf)
			default:
				got, reason := CountLimits(in.X, in.Conf)
				if reason != None || got.Method != want.Method {
					t.Errorf("%s: method %s, reason %q, want %s", v.ID, got.Method, reason, want.Method)
				}
				lower, upper = got.Lower, got.Upper
			}
			v.same(t, "upper", upper, want.Upper)
			if want.Lower == nil {
				if lower >= 0 {
					t.Errorf("%s: lower = %g, want a negative one, which is never used", v.ID, lower)
				}
				continue
			}
			v.same(t, "lower", lower, *want.Lower)
		}
	}
}

func TestFunnelVectors(t *testing.T) {
	for _, v := range vectors(t, "funnel_exact") {
		var in struct {
			Theta float64
			N     int64
		}
		var want struct {
			Lower95, Upper95, Lower998, Upper998 float64
			RLow95                               int64 `json:"r_low95"`
			RHigh95                              int64 `json:"r_high95"`
			RLow998                              int64 `json:"r_low998"`
			RHigh998                             int64 `json:"r_high998"`
		}
		v.decode(t, &in, &want)
		var b binomial
		b.set(in.N, exactly(in.Theta))
		lower, upper, low, high := b.limits(tail95)
		v.same(t, "lower95", lower, want.Lower95)
		v.same(t, "upper95", upper, want.Upper95)
		if low != want.RLow95 || high != want.RHigh95 {
			t.Errorf("%s: counts of the 95 %% limits = %d, %d, want %d, %d", v.ID, low, high, want.RLow95, want.RHigh95)
		}
		lower, upper, low, high = b.limits(tail998)
		v.same(t, "lower998", lower, want.Lower998)
		v.same(t, "upper998", upper, want.Upper998)
		if low != want.RLow998 || high != want.RHigh998 {
			t.Errorf("%s: counts of the 99.8 %% limits = %d, %d, want %d, %d", v.ID, low, high, want.RLow998, want.RHigh998)
		}
	}
	for _, v := range vectors(t, "funnel_normal") {
		var in struct {
			Theta float64
			N     int64
		}
		var want Limits
		v.decode(t, &in, &want)
		v.limits(t, "", normalLimits(exactly(in.Theta), in.N, 1), want)
	}
	for _, v := range vectors(t, "funnel_overdispersed") {
		var in struct {
			Theta, Phi float64
			N          int64
		}
		var want struct {
			Limits
			UsedLower95  float64 `json:"used_lower95"`
			UsedUpper95  float64 `json:"used_upper95"`
			UsedLower998 float64 `json:"used_lower998"`
			UsedUpper998 float64 `json:"used_upper998"`
		}
		v.decode(t, &in, &want)
		f := Funnel{Theta: exactly(in.Theta), Phi: in.Phi}
		widened, ok := f.Widened(in.N)
		if !ok {
			t.Fatalf("%s: not widened", v.ID)
		}
		v.limits(t, "widened ", widened, want.Limits)
		v.limits(t, "used ", f.Limits(in.N), Limits{want.UsedLower95, want.UsedUpper95, want.UsedLower998, want.UsedUpper998})
	}
}

func (v vector) limits(t *testing.T, what string, got, want Limits) {
	t.Helper()
	v.same(t, what+"lower95", got.Lower95, want.Lower95)
	v.same(t, what+"upper95", got.Upper95, want.Upper95)
	v.same(t, what+"lower998", got.Lower998, want.Lower998)
	v.same(t, what+"upper998", got.Upper998, want.Upper998)
}

func TestTailVectors(t *testing.T) {
	type input struct {
		Theta float64
		N, R  int64
	}
	for _, v := range vectors(t, "binom_tails") {
		var in input
		var want struct {
			Le  float64 `json:"p_le"`
			Ge  float64 `json:"p_ge"`
			Two float64 `json:"p_two"`
		}
		v.decode(t, &in, &want)
		var b binomial
		b.set(in.N, exactly(in.Theta))
		atMost, atLeast := b.tails(in.R)
		v.same(t, "P(R ≤ r)", atMost, want.Le)
		v.same(t, "P(R ≥ r)", atLeast, want.Ge)
		v.same(t, "P", Funnel{Theta: exactly(in.Theta)}.Judge([]Fraction{{in.R, in.N}})[0].P, want.Two)
	}
	for _, v := range vectors(t, "funnel_status") {
		var in input
		var want struct{ Status Status }
		v.decode(t, &in, &want)
		if got := (Funnel{Theta: exactly(in.Theta)}).Judge([]Fraction{{in.R, in.N}})[0].Status; got != want.Status {
			t.Errorf("%s: %d of %d against %g is %s, want %s", v.ID, in.R, in.N, in.Theta, got, want.Status)
		}
	}
}

func TestDispersionVectors(t *testing.T) {
	for _, v := range vectors(t, "overdispersion") {
		var in struct {
			X, N   []int64
			Winsor float64
		}
		var want struct {
			Theta, Phi, Threshold float64
			Inflate               bool
			First                 float64 `json:"z_first"`
			Last                  float64 `json:"z_last"`
		}
		v.decode(t, &in, &want)
		if in.Winsor != 0.1 {
			t.Fatalf("%s: winsorising at %g is not covered", v.ID, in.Winsor)
		}
		shares := fractions(in.X, in.N)
		theta, _ := Pool(shares)
		f, reason := NewFunnel(theta)
		if reason != None {
			t.Fatalf("%s: no funnel: %s", v.ID, reason)
		}
		d, reason := f.Disperse(shares)
		if reason != None || d.InForce != want.Inflate || d.Agencies != len(shares) {
			t.Errorf("%s: %+v, reason %q, want in force = %v", v.ID, d, reason, want.Inflate)
		}
		v.same(t, "theta", theta.Share(), want.Theta)
		v.same(t, "phi", d.Phi, want.Phi)
		v.same(t, "threshold", d.Threshold, want.Threshold)
		v.same(t, "z of the first", f.distance(shares[0]), want.First)
		v.same(t, "z of the last", f.distance(shares[len(shares)-1]), want.Last)
	}
}

func TestAdjustVectors(t *testing.T) {
	for _, v := range vectors(t, "bh") {
		var in struct {
			P []float64
			Q float64
		}
		var want struct {
			Adjusted []float64
			Reject   []bool
		}
		v.decode(t, &in, &want)
		if in.Q != FalseDiscoveries {
			t.Fatalf("%s: q = %g is not covered", v.ID, in.Q)
		}
		for i, got := range Adjust(in.P) {
			v.same(t, fmt.Sprint("adjusted ", i), got, want.Adjusted[i])
			if (got <= FalseDiscoveries) != want.Reject[i] {
				t.Errorf("%s: item %d adjusted to %g, want standing = %v", v.ID, i, got, want.Reject[i])
			}
		}
	}
}

func TestTrendVectors(t *testing.T) {
	for _, v := range vectors(t, "trend_threshold") {
		var in struct{}
		var want struct{ Chi2 float64 }
		v.decode(t, &in, &want)
		v.same(t, "threshold", TrendThreshold, want.Chi2)
	}
	for _, v := range vectors(t, "trend") {
		var in struct{ X, N []int64 }
		var want struct {
			Chi2, P   float64
			Direction int
			Without   []int `json:"leave_one_out"`
			Marker    Marker
		}
		v.decode(t, &in, &want)
		got, reason := TrendOf(fractions(in.X, in.N))
		v.same(t, "chi2", got.Chi2, want.Chi2)
		v.same(t, "p", got.P, want.P)
		if got.Marker != want.Marker || got.Direction != want.Direction || !slices.Equal(got.Without, want.Without) || (reason != None) != (want.Marker == NotAssessable) {
			t.Errorf("%s: %+v, reason %q, want %+v", v.ID, got, reason, want)
		}
	}
}

func TestPoolVectors(t *testing.T) {
	for _, v := range vectors(t, "pooled") {
		var in struct{ X, N []*int64 }
		var want struct {
			X, N                                    int64
			Years                                   int
			P, Lower95, Upper95, Lower998, Upper998 *float64
		}
		v.decode(t, &in, &want)
		var filed []Fraction
		for i := range in.X {
			if in.X[i] != nil {
				filed = append(filed, Fraction{*in.X[i], *in.N[i]})
			}
		}
		sum, reason := Pool(filed)
		if sum != (Fraction{want.X, want.N}) || len(filed) != want.Years || (reason == None) != (want.P != nil) {
			t.Errorf("%s: %v over %d years, reason %q, want %d/%d over %d", v.ID, sum, len(filed), reason, want.X, want.N, want.Years)
		}
		if want.P == nil {
			continue
		}
		v.same(t, "p", sum.Share(), *want.P)
		at95, _ := Wilson(sum.X, sum.N, Level95)
		at998, _ := Wilson(sum.X, sum.N, Level998)
		v.limits(t, "", Limits{at95.Lower, at95.Upper, at998.Lower, at998.Upper}, Limits{*want.Lower95, *want.Upper95, *want.Lower998, *want.Upper998})
	}
}

func TestChangeVectors(t *testing.T) {
	for _, v := range vectors(t, "difference") {
		var in struct {
			X1, N1, X2, N2 int64
			Conf           float64
		}
		var want struct{ D, Lower, Upper float64 }
		v.decode(t, &in, &want)
		got, reason := ChangeOf(Fraction{in.X1, in.N1}, Fraction{in.X2, in.N2}, in.Conf)
		if reason != None {
			t.Errorf("%s: reason %q", v.ID, reason)
		}
		v.same(t, "difference", got.Difference, want.D)
		v.same(t, "lower", got.Lower, want.Lower)
		v.same(t, "upper", got.Upper, want.Upper)
	}
}

func TestSpreadVectors(t *testing.T) {
	for _, v := range vectors(t, "quantile7") {
		var in struct{ V []float64 }
		want := map[string]float64{}
		v.decode(t, &in, &want)
		slices.Sort(in.V)
		for name, p := range map[string]float64{"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9} {
			got, reason := Quantile(in.V, p)
			if _, ok := want[name]; !ok || reason != None {
				t.Errorf("%s: %s is wanted = %v, reason %q", v.ID, name, ok, reason)
			}
			v.same(t, name, got, want[name])
		}
	}
	for _, v := range vectors(t, "mad") {
		var in struct{ V []float64 }
		var want struct {
			Median, MAD float64
			Raw         float64  `json:"mad_raw"`
			Last        *float64 `json:"z_last"`
		}
		v.decode(t, &in, &want)
		got, reason := DeviationOf(in.V)
		if reason != None {
			t.Errorf("%s: reason %q", v.ID, reason)
		}
		v.same(t, "median", got.Median, want.Median)
		v.same(t, "mad", got.MAD, want.MAD)
		v.same(t, "mad_raw", got.MAD*deviation(0.5), want.Raw)
		z, reason := got.Distance(in.V[len(in.V)-1])
		if want.Last == nil {
			if reason != NoSpread {
				t.Errorf("%s: distance %g, reason %q, want none", v.ID, z, reason)
			}
			continue
		}
		v.same(t, "distance of the last", z, *want.Last)
	}
}
