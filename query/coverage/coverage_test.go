package coverage_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"nianbao/internal/engine"
	"nianbao/query/compare"
	"nianbao/query/coverage"
	"nianbao/query/sample"
)

func TestMain(m *testing.M) {
	engine.MaybeChild()
	os.Exit(m.Run())
}

func TestCoverage(t *testing.T) {
	store := sample.District(t)
	roster, err := compare.ReadRoster(t.Context(), store.Conn(), sample.Year, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	y, err := coverage.Of(t.Context(), store, roster)
	if err != nil {
		t.Fatal(err)
	}
	if y.Known() != 13 || len(y.Reports) != 12 || len(y.Missing) != 1 || len(y.Aggregates) != 1 || y.Zero() != 1 || y.Failing() != 2 || y.Synthetic() != 1 {
		t.Errorf("known %d, reports %d, missing %d, aggregates %d, zero %d, failing %d, synthetic %d; want 13, 12, 1, 1, 1, 2, 1",
			y.Known(), len(y.Reports), len(y.Missing), len(y.Aggregates), y.Zero(), y.Failing(), y.Synthetic())
	}
	if m := y.Missing[0]; m.Name != sample.Education || m.Newest != 2022 {
		t.Errorf("missing %+v, want %s, newest 2022", m, sample.Education)
	}
	got := map[string]string{}
	for _, r := range y.Reports {
		got[r.AgencyName] = fmt.Sprint(r.New.State, " ", r.Version, " ", r.Checks.Fail, " ", r.Checks.Uncertain)
		// Table 三 has 39 relations, table 四 has 3.
		if want := 42; r.Checks.Total() != want && r.AgencyName != sample.Culture {
			t.Errorf("%s: %d checks, want %d", r.AgencyName, r.Checks.Total(), want)
		}
	}
	for name, want := range map[string]string{
		sample.Science: "value 2 0 0", sample.Civil: "zero 1 0 0", sample.Transport: "value 1 3 0", sample.Justice: "ambiguous 1 0 2",
		sample.Statistics: "no_row 1 0 0", sample.Street: "dash 1 0 2",
	} {
		if got[name] != want {
			t.Errorf("%s: state of NEW, version, failed, uncertain = %s, want %s", name, got[name], want)
		}
	}
	var names []string
	for _, r := range y.Reports {
		names = append(names, r.AgencyName)
	}
	if text := strings.Join(names, " "); strings.Index(text, sample.Transport) > strings.Index(text, sample.Civil) { // jiaotong before minzheng
		t.Errorf("reports are not in the order of the dictionary: %s", text)
	}
}
