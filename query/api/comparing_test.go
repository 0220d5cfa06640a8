package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"nianbao/internal/warehouse"
	"nianbao/query/sample"
)

// testComparisons: every comparison takes the same parameters, names who is missing, and never mixes the two lists.
func testComparisons(t *testing.T, store *warehouse.Store) {
	c, _ := serving(t, Options{Store: store, Program: "test"})
	addresses := examples(t, store)
	get := func(address string) map[string]any {
		t.Helper()
		got := c.get(address)
		var out map[string]any
		if err := json.Unmarshal(got.body, &out); err != nil || got.status != 200 {
			t.Fatalf("%s: %d %v %.300s", address, got.status, err, got.body)
		}
		return out
	}
	agenciesOf := func(of map[string]any) (out []string) {
		list, _ := of["rows"].([]any)
		if items, ok := of["items"].([]any); ok {
			list = items
		}
		for _, r := range list {
			if a, ok := r.(map[string]any)["agency"].(string); ok && !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
		slices.Sort(out)
		return out
	}
	government, missing := warehouse.AgencyID(sample.Government), warehouse.AgencyID(sample.Education)
	paths := slices.DeleteFunc(slices.Sorted(maps.Keys(addresses)), func(path string) bool { return !strings.HasPrefix(path, "/compare") })
	// What all take in the same way is dealt out among them.
	parameters := dealt([]string{"excl=none", "corrections=false", "as_of=2100-01-01", "peers=set&set=甲&members=" + government, "peers=set&members=" + government, "peers=set&set=重点单位"}, len(paths))
	wrongs := dealt([]string{"peers=kind", "peers=set", "of=" + government, "members=x", "agency=nobody", "peers=parent&of=" + missing, "peers=size&of=" + missing, "peers=neerest",
		"peers=set&set=nobody", "set=重点单位"}, len(paths))
	for i, path := range paths {
		address := addresses[path]
		own := get(address)
		list := agenciesOf(own)
		if slices.Contains(list, government) || !slices.Contains(list, missing) || own["known"] != float64(len(list)) {
			t.Errorf("%s: known %v of %d agencies: %v", address, own["known"], len(list), list)
		}
		if never := own["never_filed"].([]any); len(never) != 1 || never[0].(map[string]any)["agency"] != "bs-jy" {
			t.Errorf("%s: never filed %v", address, never)
		}
		if list := agenciesOf(get(with(address, "scope=aggregate"))); len(list) != 1 || list[0] != government {
			t.Errorf("%s: the aggregate list is %v", address, list)
		}
		peers := get(with(address, "peers=nearest&nearest=2&of="+warehouse.AgencyID(sample.Civil)))
		if list := agenciesOf(peers); len(list) != 3 {
			t.Errorf("%s: %d among the nearest two", address, len(list))
		}
		if unplaced := peers["peers"].(map[string]any)["unplaced"].([]any); len(unplaced) == 0 {
			t.Errorf("%s: nobody is unplaced", address)
		}
		got := c.get(with(address, parameters[i]))
		if want := map[bool]int{true: 422, false: 200}[strings.HasPrefix(parameters[i], "as_of")]; got.status != want {
			t.Errorf("%s with %s: %d %.300s", address, parameters[i], got.status, got.body)
		}
		// A government is in no list of single bodies: its set is a list of nobody, not of all.
		if strings.HasSuffix(parameters[i], "members="+government) {
			if list := agenciesOf(get(with(address, parameters[i]))); len(list) != 0 {
				t.Errorf("%s of a set outside the list: %v", address, list)
			}
		}
		if got := c.get(with(address, wrongs[i])); got.status != 422 || !strings.Contains(string(got.body), `"location":"query.`) {
			t.Errorf("%s with %s: %d %.200s", address, wrongs[i], got.status, got.body)
		}
	}

	t.Run("values have what they rest on", func(t *testing.T) {
		var list Values
		transport := warehouse.AgencyID(sample.Transport)
		read := func(address string) {
			t.Helper()
			list = Values{}
			raw := c.get(address).body
			var loose struct {
				Total int
				Items []struct {
					Agency, Measure, State string
					Year                   int
					X, N                   json.Number
					Flags                  []string
					Behind                 []Rests
				}
			}
			if err := json.Unmarshal(raw, &loose); err != nil {
				t.Fatal(err)
			}
			list.Total = loose.Total
			for _, i := range loose.Items {
				x := Exact(i.X)
				list.Items = append(list.Items, ValueRow{Body: Body{Agency: i.Agency}, Year: i.Year, Measure: i.Measure, Figure: Figure{State: i.State, X: &x, Flags: i.Flags}, Behind: i.Behind})
			}
		}
		text := func() (out []string) {
			for _, i := range list.Items {
				out = append(out, fmt.Sprint(i.Year, " ", i.State, " ", *i.X, " ", i.Flags, " ", len(i.Behind)))
			}
			return out
		}
		address := "/compare/values?m=concluded&year=2023&from=2021&excl=none&agency=" + transport
		read(address)
		if got := text(); !slices.Equal(got, []string{"2021 not_filed  [] 0", "2022 value 15 [] 1", "2023 value 18 [corrected] 1"}) {
			t.Errorf("with corrections: %q", got)
		}
		if b := list.Items[2].Behind[0]; len(b.Cells) != 1 || !slices.Equal(b.Cells, b.Corrected) || b.Cells[0] != "section3.R7.total" || b.Filing == "" {
			t.Errorf("rests on %+v", b)
		}
		read(with(address, "corrections=false"))
		if got := text(); got[2] != "2023 value 9 [] 1" {
			t.Errorf("as read: %q", got)
		}
		read(strings.Replace(address, "from=2021", "from=2012", 1)) // three blocks of years
		if list.Total != 12 || list.Items[0].Year != 2012 || list.Items[11].Year != 2023 {
			t.Errorf("from 2012: %d rows", list.Total)
		}
		evidence := get("/compare?m=open_rate&year=2023&span=3&evidence=true&agency=" + warehouse.AgencyID(sample.Science))["evidence"].(map[string]any)
		if len(evidence[warehouse.AgencyID(sample.Science)].([]any)) != 3 {
			t.Errorf("three years rest on %v", evidence)
		}
	})
}
