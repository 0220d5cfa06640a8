package stats

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// vector is one line of the reference values: groups of inputs and wanted results with a tolerance.
type vector struct {
	ID   string          `json:"id"`
	Stat string          `json:"stat"`
	In   json.RawMessage `json:"in"`
	Want json.RawMessage `json:"want"`
	Rel  float64         `json:"rel"`
	Abs  float64         `json:"abs"`
}

// covered are the groups of the reference file for which there is a test below.
var covered = []string{"normal_quantile", "wilson", "poisson_exact", "byar", "count_limits", "funnel_exact", "funnel_normal", "binom_tails", "funnel_status",
	"n_class", "overdispersion", "funnel_overdispersed", "trend_threshold", "trend", "pooled", "difference", "rank", "rank_interval", "quantile7", "mad", "bh", "percent_text"}

// used are the groups that tests have read in this run.
var used = map[string]bool{}

// TestMain fails the run if a whole run left a group of the reference file out.
func TestMain(m *testing.M) {
	code := m.Run()
	partial := flag.Lookup("test.run").Value.String() != "" || flag.Lookup("test.skip").Value.String() != "" || flag.Lookup("test.list").Value.String() != ""
	if code == 0 && !partial && os.Getenv("NIANBAO_CORPUS") != "" {
		for _, group := range covered {
			if !used[group] {
				fmt.Printf("no test reads the group %s of the reference values\n", group)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// TestEveryGroupIsCovered: the reference file has no group without a test.
func TestEveryGroupIsCovered(t *testing.T) {
	have := map[string]int{}
	for _, v := range reference(t) {
		have[v.Stat]++
	}
	for group := range have {
		if !slices.Contains(covered, group) {
			t.Errorf("the reference file has a group %s, for which there is no test", group)
		}
	}
	for _, group := range covered {
		if have[group] == 0 {
			t.Errorf("the reference file has no vector of group %s", group)
		}
	}
}

func vectors(t *testing.T, group string) []vector {
	t.Helper()
	used[group] = true
	var out []vector
	for _, v := range reference(t) {
		if v.Stat == group {
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		t.Fatalf("the reference file has no vector of group %s", group)
	}
	return out
}

func reference(t *testing.T) []vector {
	t.Helper()
	corpus := os.Getenv("NIANBAO_CORPUS")
	if corpus == "" {
		t.Skip("NIANBAO_CORPUS is not set: the reference vectors are not at hand")
	}
	content, err := os.ReadFile(filepath.Join(corpus, "vectors", "stats.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Vectors []vector `json:"vectors"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	return file.Vectors
}

func (v vector) decode(t *testing.T, in, want any) {
	t.Helper()
	for _, err := range []error{json.Unmarshal(v.In, in), json.Unmarshal(v.Want, want)} {
		if err != nil {
			t.Fatalf("%s: %v", v.ID, err)
		}
	}
}

func (v vector) near(got, want float64) bool {
	return math.Abs(got-want) <= v.Abs+v.Rel*math.Abs(want)
}

func TestWilsonVectors(t *testing.T) {
	for _, v := range vectors(t, "wilson") {
		var in struct {
			X, N int64
			Conf float64
		}
		var want struct{ P, Lower, Upper *float64 }
		v.decode(t, &in, &want)
		got, reason := Wilson(in.X, in.N, in.Conf)
		if reason != None || want.Lower == nil {
			if (reason == None) != (want.Lower != nil) {
				t.Errorf("%s: Wilson(%d, %d, %g) gives reason %q, want computable = %v", v.ID, in.X, in.N, in.Conf, reason, want.Lower != nil)
			}
			continue
		}
		if p := (Fraction{in.X, in.N}).Share(); !v.near(p, *want.P) {
			t.Errorf("%s: share of %d in %d = %g, want %g", v.ID, in.X, in.N, p, *want.P)
		}
		if !v.near(got.Lower, *want.Lower) || !v.near(got.Upper, *want.Upper) {
			t.Errorf("%s: Wilson(%d, %d, %g) = %v, want {%g %g}", v.ID, in.X, in.N, in.Conf, got, *want.Lower, *want.Upper)
		}
	}
}

func TestWilsonAtTheEdges(t *testing.T) {
	if got, _ := Wilson(0, 40, 0.95); got.Lower != 0 {
		t.Errorf("Wilson(0, 40).Lower = %g, want exactly 0", got.Lower)
	}
	if got, _ := Wilson(40, 40, 0.95); got.Upper != 1 {
		t.Errorf("Wilson(40, 40).Upper = %g, want exactly 1", got.Upper)
	}
	for _, bad := range []struct {
		x, n int64
		conf float64
		want Reason
	}{
		{0, 0, 0.95, NothingToDivide}, {-1, 4, 0.95, Contradiction}, {5, 4, 0.95, Contradiction}, {1, -4, 0.95, Contradiction}, {1, 0, 0.95, Contradiction},
		{1, 4, 1, NoLevel}, {1, 4, 0, NoLevel}, {1, 4, math.NaN(), NoLevel},
	} {
		if got, reason := Wilson(bad.x, bad.n, bad.conf); reason != bad.want {
			t.Errorf("Wilson(%d, %d, %g) = %v, %q, want reason %q", bad.x, bad.n, bad.conf, got, reason, bad.want)
		}
	}
}

func TestClassVectors(t *testing.T) {
	for _, v := range vectors(t, "n_class") {
		var in struct{ N int64 }
		var want struct{ Class Class }
		v.decode(t, &in, &want)
		if got := ClassOf(in.N); got != want.Class {
			t.Errorf("%s: ClassOf(%d) = %s, want %s", v.ID, in.N, got, want.Class)
		}
	}
}

func TestPercentVectors(t *testing.T) {
	for _, v := range vectors(t, "percent_text") {
		var in struct {
			X, N int64
			DP   int
		}
		var want struct{ Text, Page *string }
		v.decode(t, &in, &want)
		text := func(s *string) string {
			if s == nil {
				return ""
			}
			return *s
		}
		if got := Percent(in.X, in.N, in.DP); got != text(want.Text) {
			t.Errorf("%s: Percent(%d, %d, %d) = %q, want %q", v.ID, in.X, in.N, in.DP, got, text(want.Text))
		}
		if got := PercentPage(in.X, in.N); in.DP == 1 && got != text(want.Page) {
			t.Errorf("%s: PercentPage(%d, %d) = %q, want %q", v.ID, in.X, in.N, got, text(want.Page))
		}
	}
}

func TestPercentOfGreatCounts(t *testing.T) {
	if got, want := Percent(math.MaxInt64-1, math.MaxInt64, 6), "100.000000%"; got != want {
		t.Errorf("Percent of all but one = %q, want %q", got, want)
	}
	if got, want := PercentPage(math.MaxInt64-1, math.MaxInt64), ">99.9%"; got != want {
		t.Errorf("PercentPage of all but one = %q, want %q", got, want)
	}
	if got := Percent(4, 3, 1); got != "" {
		t.Errorf("Percent(4, 3) = %q, want nothing", got)
	}
}

func fractions(x, n []int64) []Fraction {
	out := make([]Fraction, len(x))
	for i := range x {
		out[i] = Fraction{x[i], n[i]}
	}
	return out
}

func TestRankVectors(t *testing.T) {
	for _, v := range vectors(t, "rank") {
		var in struct {
			X, N  []int64
			Order string
		}
		var want struct {
			Rank []int
			Tied []bool
		}
		v.decode(t, &in, &want)
		if in.Order != "desc" {
			t.Fatalf("%s: order %q is not covered", v.ID, in.Order)
		}
		rank, tied := Ranks(fractions(in.X, in.N), Fraction.Compare)
		if fmt.Sprint(rank, tied) != fmt.Sprint(want.Rank, want.Tied) {
			t.Errorf("%s: Ranks(%v / %v) = %v %v, want %v %v", v.ID, in.X, in.N, rank, tied, want.Rank, want.Tied)
		}
	}
}

func TestRankRangeVectors(t *testing.T) {
	for _, v := range vectors(t, "rank_interval") {
		var in struct {
			X, N  []int64
			Joint float64
		}
		var want struct{ Best, Worst []int }
		v.decode(t, &in, &want)
		for i, got := range RankRanges(fractions(in.X, in.N), in.Joint) {
			if got.Best != want.Best[i] || got.Worst != want.Worst[i] {
				t.Errorf("%s: range of item %d = %v, want {%d %d}", v.ID, i, got, want.Best[i], want.Worst[i])
			}
		}
	}
}

// TestRankRangesHoldTheRank: whatever the shares, the rank itself lies in its range.
func TestRankRangesHoldTheRank(t *testing.T) {
	var shares []Fraction
	for n := int64(30); n < 400; n += 17 {
		shares = append(shares, Fraction{n * n % (n/2 + 1), n})
	}
	rank, _ := Ranks(shares, Fraction.Compare)
	for i, r := range RankRanges(shares, 0.95) {
		if rank[i] < r.Best || rank[i] > r.Worst {
			t.Errorf("share %v has rank %d outside its range %v", shares[i], rank[i], r)
		}
	}
}
