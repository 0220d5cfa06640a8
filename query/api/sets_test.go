package api

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"nianbao/internal/warehouse"
	"nianbao/query/sample"
)

// testSets: a comparison takes a saved set by its name, as it was at the moment asked for; members of the request come
// before those that are saved.
func testSets(t *testing.T, store *warehouse.Store) {
	c, _ := serving(t, Options{Store: store, Program: "test"})
	acts, err := store.SetActs(t.Context(), time.Time{})
	if err != nil || len(acts) != 4 {
		t.Fatalf("%d statements, %v", len(acts), err)
	}
	first := "&as_of=" + acts[0].At.Format(time.RFC3339Nano)
	before := "&as_of=" + acts[0].At.Add(-time.Microsecond).Format(time.RFC3339Nano)
	civil, science, town := warehouse.AgencyID(sample.Civil), warehouse.AgencyID(sample.Science), warehouse.AgencyID(sample.Town)
	sorted := func(codes ...string) []string { return slices.Sorted(slices.Values(codes)) }
	for _, test := range []struct {
		set, more string
		members   []string // nil: refused
		saved     time.Time
		says      string
	}{
		{"重点单位", "", sorted(civil, science), acts[2].At, ""},
		{"重点单位", first, sorted(civil), acts[0].At, ""},
		{"窗口单位", first, sorted(town), acts[0].At, ""},
		{"重点单位", "&members=" + town, sorted(town), time.Time{}, ""},
		{"没有保存", "&members=" + town, sorted(town), time.Time{}, ""},
		{"窗口单位", "", nil, time.Time{}, "want one of: 重点单位"},
		{"重点", "", nil, time.Time{}, "did you mean 重点单位?"},
		{"重点单位", before, nil, time.Time{}, "no set is saved, then"},
	} {
		got := c.get("/compare?m=received&year=2023&peers=set&set=" + url.QueryEscape(test.set) + test.more)
		var answer struct {
			Peers PeerGroup
			Rows  []struct{ Agency string }
		}
		err := json.Unmarshal(got.body, &answer)
		if test.members == nil {
			if got.status != 422 || !strings.Contains(string(got.body), test.says) || !strings.Contains(string(got.body), `"location":"query.set"`) {
				t.Errorf("%s%s: %d %s; want %q", test.set, test.more, got.status, got.body, test.says)
			}
			continue
		}
		var rows []string
		for _, r := range answer.Rows {
			rows = append(rows, r.Agency)
		}
		slices.Sort(rows)
		saved := time.Time{}
		if answer.Peers.SavedAt != nil {
			saved = *answer.Peers.SavedAt
		}
		if err != nil || got.status != 200 || !slices.Equal(rows, test.members) || !saved.Equal(test.saved) || answer.Peers.Set != test.set {
			t.Errorf("%s%s: %d %v, rows %v, peers %+v; want %v saved at %v", test.set, test.more, got.status, err, rows, answer.Peers, test.members, test.saved)
		}
	}
	list := func(more string) (names []string) {
		t.Helper()
		var answer List[SavedSet]
		if got := c.get("/sets?limit=10" + more); json.Unmarshal(got.body, &answer) != nil {
			t.Fatalf("%d %s", got.status, got.body)
		}
		for _, s := range answer.Items {
			names = append(names, s.Set+" "+strings.Join(s.Members, " "))
		}
		return names
	}
	if got, want := list(""), []string{"重点单位 " + strings.Join(sorted(civil, science), " ")}; !slices.Equal(got, want) {
		t.Errorf("sets %q, want %q", got, want)
	}
	if got, want := list(first), []string{"窗口单位 " + town, "重点单位 " + civil}; !slices.Equal(got, want) {
		t.Errorf("sets as of the first statement %q, want %q", got, want)
	}
}
