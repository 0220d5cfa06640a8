package compare

import (
	"context"
	"errors"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"nianbao/internal/form"
	"nianbao/query/stats"
)

// Profile is one agency among its peers: for each share the agency's own, that of all, and how the peers spread.
type Profile struct {
	Agency string
	Year   int
	Kind   Kind // of the peers; "" means all
	Lines  []ProfileLine
}

// ProfileLine is one measure.
type ProfileLine struct {
	Measure  form.Measure
	Own      Row      // with status, interval, rank and the change to the year before
	District District // with the share of all
	Percent  string   // of all, as pages print it
	Spread   Spread
	Trend    stats.Trend
	Reason   TrendReason // why there is no trend
}

// Spread is how the shares of peers lie. Known is false with fewer than [LeastSpread] of at least 10.
type Spread struct {
	Known                             bool
	Peers                             int
	Least, Lower, Middle, Upper, Most float64 // 0, 25, 50, 75 and 100 % of the peers
}

// LeastSpread is how many peers with a share of at least 10 a spread needs.
const LeastSpread = stats.OutlierPeers

// ErrNoAgency is the error of asking for an agency that is not in the list.
var ErrNoAgency = errors.New("no such agency in the list")

// ProfileOf reads the shares of an agency and of its peers for the year of the selection, and its own for five years. The
// agencies of the selection are the peers; the agency itself is among them.
func (r *Roster) ProfileOf(ctx context.Context, conn driver.Conn, s Selection, agency string, codes ...string) (Profile, error) {
	request := Request{Year: s.Year, Agencies: s.Agencies, Kind: s.Kind, Scope: s.Scope, AsOf: s.AsOf, AsRead: s.AsRead, Flawed: s.Flawed}
	results, err := r.RunAll(ctx, conn, request, codes...)
	if err != nil {
		return Profile{}, err
	}
	own := s
	own.Agencies, own.Kind, own.Years = []string{agency}, "", stats.TrendYears
	history, err := r.Table(ctx, conn, own, Usual(codes...)...)
	if err != nil {
		return Profile{}, err
	}
	p := Profile{Agency: agency, Year: s.Year, Kind: s.Kind}
	for k := range results {
		result := &results[k]
		at := slices.IndexFunc(result.Rows, func(row Row) bool { return row.Agency == agency })
		if at < 0 || len(history.Lines) != 1 {
			return Profile{}, ErrNoAgency
		}
		line := ProfileLine{Measure: result.Measure, Own: result.Rows[at], District: result.District, Percent: result.Percent(), Spread: spread(result)}
		var figures []Judged
		for _, report := range history.Lines[0].Reports {
			figures = append(figures, report.Figures[k])
		}
		line.Trend, line.Reason = trendOf(result.Measure, history.Lines[0].Reports, figures)
		p.Lines = append(p.Lines, line)
	}
	return p, nil
}

// spread tells how the shares of the list lie.
func spread(r *Result) (s Spread) {
	var shares []float64
	for i := range r.Rows {
		if share, ok := r.Rows[i].Share(); ok && r.Measure.Share() {
			shares = append(shares, share)
		}
	}
	s.Peers = len(shares)
	if s.Peers < LeastSpread {
		return s
	}
	slices.Sort(shares)
	s.Known = true
	for p, into := range map[float64]*float64{0: &s.Least, 0.25: &s.Lower, 0.5: &s.Middle, 0.75: &s.Upper, 1: &s.Most} {
		*into, _ = stats.Quantile(shares, p)
	}
	return s
}
