package ingest

import (
	"slices"
	"testing"
)

// A name that does not say its place is one body in each district, and one that says it is the same body wherever it
// comes from.
func TestBodiesOfOneNameInTwoRegionsAreTwo(t *testing.T) {
	dir := write(t, map[string][]byte{"1.html": page(education, 2023, 1)})
	id := func(name, region string) string {
		var got string
		_, err := Run(t.Context(), Options{DryRun: true, Agency: name, Region: region, Each: func(r Result) { got = r.AgencyID }}, []string{dir})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	short := []string{id("科技局", ""), id("科技局", "370304"), id("科技局", "370303")}
	if slices.Sort(short); len(slices.Compact(short)) != 3 {
		t.Errorf("ids of 科技局 without a region and in two: %v", short)
	}
	if a, b := id("博山区科技局", ""), id("博山区科技局", "370304"); a != b {
		t.Errorf("博山区科技局 is %s, and %s in 370304", a, b)
	}
}
