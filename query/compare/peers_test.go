package compare_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"nianbao/internal/register"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
	"nianbao/query/sample"
)

// testPeers finds peers in a real warehouse: who is one, of whom it is not known, and who never filed.
func testPeers(t *testing.T, store *warehouse.Store) {
	roster, err := compare.ReadRoster(t.Context(), store.Conn(), sample.Year, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	id := warehouse.AgencyID
	entry := func(code, name, parent, region string, kind register.Kind) register.Agency {
		return register.Agency{Code: code, Kind: kind, Region: region, Parent: parent, Names: []register.Name{{Text: name, Kind: register.Full}}}
	}
	bodies := compare.Bodies{Regions: map[string]string{}, Register: register.New([]register.Agency{
		entry("bs-gov", "博山区政府", "", "370304", register.Government),
		entry("bs-never", "博山区从未报局", "bs-gov", "370304", register.Bureau),
		entry("zc-never", "淄川区从未报局", "zc-gov", "370302", register.Bureau),
		entry("bs-street", "博山区从未报街道", "bs-gov", "370304", register.Street),
	}, nil)}
	names := map[string]string{}
	agencies, err := store.Agencies(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range agencies {
		bodies.Regions[a.ID], names[a.ID] = a.Region, a.Name
	}
	for _, c := range []struct {
		peers    compare.Peers
		members  []string // names, in the order of the ids
		unplaced []compare.State
		silent   []string
		err      error
	}{
		{compare.Peers{By: compare.KindPeers, Of: id(sample.Street)}, []string{sample.Street}, nil, []string{"bs-street"}, nil},
		{compare.Peers{By: compare.RegionPeers, Of: id(sample.Town)}, nil, nil, []string{"bs-never", "bs-street"}, nil},
		// Of 31 applications and more up to 99: 52, 40, 33, 64; 25 and 120 are of other bands.
		{compare.Peers{By: compare.SizePeers, Of: id(sample.Science)}, []string{sample.Science, sample.Culture, sample.Hostile, sample.Housing}, []compare.State{compare.NoRow, compare.Ambiguous, compare.NotFiled, compare.Dash},
			[]string{"bs-never", "bs-street", "zc-never"}, nil},
		{compare.Peers{By: compare.NearestPeers, Of: id(sample.Civil), Count: 2}, []string{sample.Civil, sample.Town, sample.Transport}, []compare.State{compare.NoRow, compare.Ambiguous, compare.NotFiled, compare.Dash},
			[]string{"bs-never", "bs-street", "zc-never"}, nil},
		// 33 applications: 40 and 25 are nearer by ratio than 52 and 21.
		{compare.Peers{By: compare.NearestPeers, Of: id(sample.Hostile), Count: 2}, []string{sample.Hostile, sample.Culture, sample.MadeUp}, []compare.State{compare.NoRow, compare.Ambiguous, compare.NotFiled, compare.Dash},
			[]string{"bs-never", "bs-street", "zc-never"}, nil},
		{compare.Peers{By: compare.SetPeers, Members: []string{id(sample.Civil), "bs-never"}}, []string{sample.Civil}, nil, []string{"bs-never"}, nil},
		{compare.Peers{By: compare.ParentPeers, Of: id(sample.Science)}, nil, nil, nil, compare.ErrNoPeers},
		{compare.Peers{By: compare.SizePeers, Of: id(sample.Justice)}, nil, nil, nil, compare.ErrNoPeers},
		{compare.Peers{By: compare.KindPeers, Of: id(sample.Government)}, nil, nil, nil, compare.ErrNoAgency}, // stands in the other list
	} {
		g, err := roster.GroupOf(t.Context(), store.Conn(), bodies, compare.Selection{Year: sample.Year}, c.peers)
		if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%+v: %v, want %v", c.peers, err, c.err)
			continue
		}
		var members, silent []string
		var unplaced []compare.State
		for _, m := range g.Members {
			members = append(members, names[m])
		}
		for _, a := range g.Silent {
			silent = append(silent, a.Agency)
		}
		for _, a := range g.Unplaced {
			unplaced = append(unplaced, a.State)
		}
		slices.Sort(members)
		slices.Sort(c.members)
		slices.Sort(unplaced)
		slices.Sort(c.unplaced)
		if c.members != nil {
			if diff := gocmp.Diff(c.members, members); diff != "" {
				t.Errorf("%+v: members (-want +got):\n%s", c.peers, diff)
			}
		}
		if diff := gocmp.Diff(c.silent, silent); diff != "" {
			t.Errorf("%+v: never filed (-want +got):\n%s", c.peers, diff)
		}
		if diff := gocmp.Diff(c.unplaced, unplaced); diff != "" {
			t.Errorf("%+v: unplaced (-want +got):\n%s", c.peers, diff)
		}
	}
}

func TestBands(t *testing.T) {
	for n, want := range map[int64]compare.Band{0: {0, 0}, 1: {1, 9}, 9: {1, 9}, 10: {10, 29}, 299: {100, 299}, 1000: {1000, -1}, 1 << 40: {1000, -1}} {
		if got := compare.BandOf(n); got != want {
			t.Errorf("band of %d: %v, want %v", n, got, want)
		}
	}
}
