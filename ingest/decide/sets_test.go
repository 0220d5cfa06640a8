package decide_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nianbao/ingest/decide"
	"nianbao/internal/warehouse"
)

// TestASetIsSavedAndEnded: what makes no set is refused, the newest statement of a name counts, and what counted before can
// still be asked for.
func TestASetIsSavedAndEnded(t *testing.T) {
	s, _, _ := district(t)
	ctx := t.Context()
	held, err := s.Agencies(ctx, time.Time{})
	must(t, err)
	code := held[0].ID
	d := decide.Decider{Store: s, Person: "张某"}

	for _, wrong := range []struct {
		name    string
		members []string
		reason  string
		want    string
	}{
		{"重点单位", []string{code}, " ", "no reason"},
		{"重点单位", nil, "年度考核", "no members"},
		{"重点单位", []string{code, "nobody"}, "年度考核", `no agency "nobody"`},
		{"", []string{code}, "年度考核", "no name"},
		{"重点 ", []string{code}, "年度考核", "ends with a space"},
		{"重点/单位", []string{code}, "年度考核", "stands in addresses"},
		{"重\n点", []string{code}, "年度考核", "stands in addresses"},
		{strings.Repeat("重", 101), []string{code}, "年度考核", "101 characters"},
	} {
		refused(t, d.SaveSet(ctx, wrong.name, wrong.members, wrong.reason), wrong.want)
	}
	refused(t, decide.Decider{Store: s}.SaveSet(ctx, "重点单位", []string{code}, "年度考核"), "nobody is named")
	refused(t, d.WithdrawSet(ctx, "重点单位", "考核结束"), "no set of this name")

	must(t, d.SaveSet(ctx, "重点单位", []string{code, code}, "年度考核"))
	refused(t, d.SaveSet(ctx, "重点单位", []string{code}, "年度考核"), "these members already")
	_, saved, err := s.DataVersion(ctx)
	must(t, err)
	list, err := s.Sets(ctx, time.Time{})
	must(t, err)
	if len(list) != 1 || list[0].Name != "重点单位" || !slices.Equal(list[0].Members, []string{code}) || list[0].Person != "张某" || list[0].Reason != "年度考核" || !list[0].At.Equal(saved) {
		t.Errorf("sets %+v", list)
	}
	refused(t, d.WithdrawSet(ctx, "重点单位", ""), "no reason")
	must(t, d.WithdrawSet(ctx, "重点单位", "考核结束"))
	refused(t, d.WithdrawSet(ctx, "重点单位", "考核结束"), "no set of this name")
	for asOf, want := range map[time.Time]int{{}: 0, saved: 1, saved.Add(-time.Microsecond): 0} {
		if list, err := s.Sets(ctx, asOf); err != nil || len(list) != want {
			t.Errorf("as of %v: %+v, %v; want %d", asOf, list, err, want)
		}
	}
	acts, err := s.SetActs(ctx, time.Time{})
	if err != nil || len(acts) != 2 || acts[1].Act != warehouse.Withdraw || len(acts[1].Members) != 0 {
		t.Errorf("statements %+v, %v", acts, err)
	}
	if _, breaches, err := s.VerifyChain(ctx, nil); err != nil || len(breaches) > 0 {
		t.Errorf("the chain: %v, %v", breaches, err)
	}
}
