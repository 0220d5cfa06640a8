package register

import (
	"testing"
	"time"

	"nianbao/internal/form"
)

// on reads a day, "" is no day.
func on(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestNameIn(t *testing.T) {
	a := Agency{Code: "x", Names: []Name{
		{Text: "区卫健委", Kind: Short},
		{Text: "区卫生局", Kind: Full, To: on("2014-05-31")},
		{Text: "区卫生和计划生育委员会", Kind: Full, From: on("2014-06-01"), To: on("2019-01-15")},
		{Text: "区卫生健康委员会", Kind: Full, From: on("2019-01-16")},
	}}
	for year, want := range map[int]string{2010: "区卫生局", 2013: "区卫生局", 2014: "区卫生和计划生育委员会", 2018: "区卫生和计划生育委员会", 2019: "区卫生健康委员会", 2030: "区卫生健康委员会"} {
		if got := a.NameIn(year); got != want {
			t.Errorf("name in %d = %s, want %s", year, got, want)
		}
	}
	for _, test := range []struct {
		agency Agency
		want   string
	}{
		{Agency{Code: "a1"}, "a1"},
		{Agency{Code: "a1", Names: []Name{{Text: "区科技局", Kind: Short}}}, "区科技局"},
		{Agency{Code: "a1", Names: []Name{{Text: "甲局", Kind: Full, To: on("2010-01-01")}, {Text: "乙局", Kind: Full, From: on("2020-01-01")}}}, "甲局"}, // 2014 lies nearer to 2010
	} {
		if got := test.agency.NameIn(2014); got != test.want {
			t.Errorf("name of %+v in 2014 = %s, want %s", test.agency, got, test.want)
		}
	}
}

func TestScopes(t *testing.T) {
	for _, test := range []struct {
		name       string
		read, want form.Scope
	}{
		{"洪泽区人民政府", form.ScopeUnknown, form.ScopeAggregate},
		{"洪泽区人民政府", form.ScopeAggregate, form.ScopeAggregate},
		{"洪泽区人民政府", form.ScopeOwn, form.ScopeOwn},
		{"洪泽区人民政府办公室", form.ScopeUnknown, form.ScopeOwn},
		{"宿迁市", form.ScopeUnknown, form.ScopeAggregate},
		{"博山镇人民政府", form.ScopeUnknown, form.ScopeOwn},
		{"某市科技局", form.ScopeAggregate, form.ScopeAggregate},
		{"某市科技局", "", form.ScopeOwn},
	} {
		if got := Guess("x", test.name).ScopeOf(test.read); got != test.want {
			t.Errorf("scope of %q, read %q = %s, want %s", test.name, test.read, got, test.want)
		}
	}
	stated := Agency{Kind: Zone, Scope: form.ScopeAggregate}
	if got := stated.ScopeOf(form.ScopeUnknown); got != form.ScopeAggregate {
		t.Errorf("a scope stated in the register does not count: %s", got)
	}
}

func TestKindOfName(t *testing.T) {
	for name, want := range map[string]Kind{
		"博山区科学技术局":        Bureau,
		"沭阳县发展和改革局":       Bureau,
		"市科学技术委员会":        Bureau,
		"上海市人民政府办公厅":      Office,
		"洪泽区政府办":          Office,
		"国家新闻出版署（国家版权局）":  Bureau,
		"城东街道办事处":         Street,
		"博山镇人民政府":         Township,
		"西河乡政府":           Township,
		"淮安市洪泽区人民政府":      Government,
		"平潭县人民政府":         Government,
		"宿迁市":             Government,
		"平潭县":             Government,
		"平潭综合实验区":         Zone,
		"平潭综合实验区管委会":      Zone,
		"高新区管理委员会":        Zone,
		"湛江海关":            Vertical,
		"国家税务总局淄博市博山区税务局": Vertical,
		"自来水公司":           OtherKind,
		"":                OtherKind,
	} {
		if got := KindOfName(name); got != want {
			t.Errorf("KindOfName(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestEveryKindHasARule(t *testing.T) {
	seen := map[Kind]bool{}
	for _, r := range KindRules {
		if r.Name == "" || r.English == "" || r.Due.Day == 0 || r.Due.Source == "" || r.Scope == "" || seen[r.Kind] {
			t.Errorf("rule of kind %q is not complete or not the only one: %+v", r.Kind, r)
		}
		seen[r.Kind] = true
	}
	for _, line := range nameEnds {
		if !seen[line.kind] {
			t.Errorf("names that end with %v are of kind %q, which has no rule", line.ends, line.kind)
		}
	}
	if Kind("no such").Rule().Kind != OtherKind {
		t.Error("the last rule is not that for other kinds")
	}
}

func TestResolve(t *testing.T) {
	same := func(code, other string) Agency {
		return Agency{Code: code, Links: []Link{{Kind: Successor, Other: "z"}, {Kind: Same, Other: other}}}
	}
	r := New([]Agency{{Code: "a"}, same("x000000000001", "a"), same("x000000000002", "x000000000001"), same("c1", "c2"), same("c2", "c1"), same("g", "gone")}, nil)
	for code, want := range map[string]string{"a": "a", "x000000000001": "a", "x000000000002": "a", "unknown": "unknown", "c1": "c1", "g": "gone"} {
		if got := r.Resolve(code); got != want {
			t.Errorf("Resolve(%s) = %s, want %s", code, got, want)
		}
	}
}

func TestValidUSCC(t *testing.T) {
	for _, code := range []string{"11341702486344515H", "91350100M000100Y43"} {
		if !ValidUSCC(code) {
			t.Errorf("%s is refused", code)
		}
		for i := range code { // a wrong digit at any place is seen
			for _, digit := range usccDigits {
				if wrong := code[:i] + string(digit) + code[i+1:]; wrong != code && ValidUSCC(wrong) {
					t.Errorf("%s is accepted", wrong)
				}
			}
		}
	}
	for _, code := range []string{"", "11341702486344515", "11341702486344515HH", "1134170248634451-H", "I1341702486344515H", "11341702486344515h"} {
		if ValidUSCC(code) {
			t.Errorf("%q is accepted", code)
		}
	}
}

func TestCodes(t *testing.T) {
	for code, want := range map[string]bool{"370304-kjj": true, "a": true, "A_1": true, "": false, "a.b": false, "科技局": false, "a b": false,
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": false} {
		if got := ValidCode(code); got != want {
			t.Errorf("ValidCode(%q) = %v, want %v", code, got, want)
		}
	}
	if !Provisional("xb5a4978dae90") || Provisional("x-kjj") || Provisional("370304-kjj") {
		t.Error("provisional codes are not told from others")
	}
}
