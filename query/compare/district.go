package compare

import "nianbao/query/stats"

// District is what the shares of a list are compared with.
type District struct {
	Share  stats.Fraction // of all agencies counted
	Reason stats.Reason   // why there is no comparison; "" if there is one
	Funnel stats.Funnel   // with its factor where the limits are widened
	// Dispersion says how much more the shares differ than chance explains; its Agencies is the number compared.
	Dispersion stats.Dispersion
	// Outside95 and Outside998 count the agencies outside the limits, those outside the second among the first.
	Outside95, Outside998 int
}

// LeastCompared is how many shares of at least 10 a comparison needs: the fewer there are, the more each is compared
// with itself.
const LeastCompared = 5

// Compared is the number of agencies compared: those with a share of at least 10.
func (d *District) Compared() int { return d.Dispersion.Agencies }

// Expected95 and Expected998 are how many agencies at most chance alone puts outside the limits: the tails of the
// binomial distribution are thinner than the level allows.
func (d *District) Expected95() float64 { return float64(d.Compared()) * (1 - stats.Level95) }

// Expected998 is the same for the outer limits.
func (d *District) Expected998() float64 { return float64(d.Compared()) * (1 - stats.Level998) }

// compare judges every share of at least 10 against the share of the district.
func (r *Result) compare() {
	if !r.Measure.Share() {
		return
	}
	d := &r.District
	d.Share = stats.Fraction{X: r.Totals.X, N: r.Totals.N}
	var at []int
	var shares []stats.Fraction
	for i := range r.Rows {
		if row := &r.Rows[i]; row.Class == stats.Unranked || row.Class == stats.Ranked {
			at, shares = append(at, i), append(shares, stats.Fraction{X: row.X.Sum, N: row.N.Sum})
		}
	}
	d.Dispersion.Agencies = len(shares)
	if len(shares) < LeastCompared {
		d.Reason = stats.TooFew
		return
	}
	if d.Funnel, d.Reason = stats.NewFunnel(d.Share); d.Reason != stats.None {
		return
	}
	if d.Dispersion, d.Reason = d.Funnel.Disperse(shares); d.Reason != stats.None {
		return
	}
	d.Funnel = d.Funnel.Widen(d.Dispersion)
	for k, judgement := range d.Funnel.Judge(shares) {
		r.Rows[at[k]].Judgement = judgement
		if judgement.Status.Outside() {
			d.Outside95++
		}
		if judgement.Status.Far() {
			d.Outside998++
		}
	}
}
