package register

import (
	"strings"
	"testing"
)

func TestRegions(t *testing.T) {
	for code, want := range map[string]string{
		"370304": "山东省淄博市博山区", "350128": "福建省福州市平潭县", "320813": "江苏省淮安市洪泽区", "321322": "江苏省宿迁市沭阳县",
		"110101": "北京市东城区", "419001": "河南省济源市", "441900": "广东省东莞市", "370000": "山东省",
		"320500-F76": "江苏省苏州市苏州工业园区", "350128-Fshiyan": "福建省福州市平潭县", "370304101": "山东省淄博市博山区", "370304101002": "山东省淄博市博山区",
		"000000": "", "37": "", "": "",
	} {
		if got := FullName(code); got != want {
			t.Errorf("FullName(%s) = %s, want %s", code, got, want)
		}
	}
	for code, want := range map[string]bool{
		"370304": true, "320829": true, "350128-Fshiyan": true, "370304101": true, "370304101002": true,
		"899999": false, "990101": true, "100000": true, "37030": false, "3703041": false, "899999-Fx": false, "350128-F": false, "350128-": false, "": false,
	} {
		if got := ValidRegion(code); got != want {
			t.Errorf("ValidRegion(%s) = %v, want %v", code, got, want)
		}
	}
}

func TestRegionsThatChanged(t *testing.T) {
	r, _ := LookupRegion("320829")
	if r.Name != "洪泽县" || r.Last != on("2015-09-30") || r.Next != "320813" {
		t.Errorf("320829 is %+v, want 洪泽县, in the list of 2015 for the last time, then 320813", r)
	}
	for code, want := range map[string]string{"320829": "320813", "320813": "320813", "341822": "341882", "not a code": "not a code"} {
		if got := CurrentRegion(code); got != want {
			t.Errorf("CurrentRegion(%s) = %s, want %s", code, got, want)
		}
	}
}

func TestShortNamesOfRegions(t *testing.T) {
	for name, want := range map[string]string{
		"山东省": "山东", "博山区": "博山", "济源市": "济源", "石柱土家族自治县": "石柱", "积石山保安族东乡族撒拉族自治县": "积石山", "龙胜各族自治县": "龙胜", "内蒙古自治区": "内蒙古",
		"新疆维吾尔自治区": "新疆", "大兴安岭地区": "大兴安岭", "浦东新区": "浦东", "清新区": "清新", "万柏林区": "万柏林", "神农架林区": "神农架", "城区": "城区", "陕县": "陕县",
		"东乡族自治县": "东乡族", "博尔塔拉蒙古自治州": "博尔塔拉", "香港特别行政区": "香港", "苏州工业园区": "苏州工业园", "大通回族土族自治县": "大通",
	} {
		if got := shortRegion(name); got != want {
			t.Errorf("short name of %s = %s, want %s", name, got, want)
		}
	}
}

// The lists are whole: every district lies in a known province, every heir exists, and no name is empty.
func TestEmbeddedListsAreWhole(t *testing.T) {
	divisions, areas := 0, 0
	for code, rows := range regions() {
		if strings.Contains(code, "-F") {
			areas++
		} else {
			divisions++
		}
		for _, r := range rows {
			if r.Name == "" || Division(code) == "" || len(Chain(code)) == 0 || Chain(code)[0].Code[2:] != "0000" {
				t.Errorf("%s %q: no name, no code of a region, or in no province", code, r.Name)
			}
			if _, ok := LookupRegion(r.Next); r.Next != "" && !ok {
				t.Errorf("%s %s goes on as %s, which does not exist", code, r.Name, r.Next)
			}
		}
	}
	if divisions < 3200 || areas < 100 {
		t.Errorf("%d divisions and %d areas, want more than 3200 and 100", divisions, areas)
	}
}
