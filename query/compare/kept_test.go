package compare

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestKept: the sums asked for last stay, within their room; great ones are not kept at all.
func TestKept(t *testing.T) {
	var k kept
	quarter := func(n int) sums { return sums{make([]sum, n*keptBytes/sumBytes/16), n} }
	for i := range 4 {
		k.put(fmt.Sprint(i), quarter(4))
	}
	k.put("0", quarter(4)) // a second time
	k.get("0")
	k.put("4", quarter(4))
	k.put("great", quarter(5))
	for key, want := range map[string]bool{"0": true, "1": false, "2": true, "3": true, "4": true, "great": false} {
		if _, got := k.get(key); got != want {
			t.Errorf("sums %s kept: %v, want %v", key, got, want)
		}
	}
	if k.bytes != keptBytes || len(k.list) != 4 {
		t.Errorf("%d bytes in %d sums, want %d in 4", k.bytes, len(k.list), keptBytes)
	}
}

// TestArrange: rows go where a copy in the order of the places would have them.
func TestArrange(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 30 {
		rows, places, want := make([]Row, n), make([]int32, n), make([]Row, n)
		for i, p := range r.Perm(n) {
			rows[i].Rank, places[i] = i, int32(p)
		}
		for i, p := range places {
			want[i] = rows[p]
		}
		arrange(rows, places)
		for i := range rows {
			if rows[i].Rank != want[i].Rank {
				t.Fatalf("%d rows: number %d at %d, want %d", n, rows[i].Rank, i, want[i].Rank)
			}
		}
	}
}
