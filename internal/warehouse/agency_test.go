package warehouse

import "testing"

func TestAgencyID(t *testing.T) {
	const want = "xb5a4978dae90"
	for _, name := range []string{"示例区教育局", "示例区 教育局", " 示例区\u3000教育局\n", "示例区教育局\u00a0"} {
		if got := AgencyID(name); got != want {
			t.Errorf("AgencyID(%q) = %s, want %s", name, got, want)
		}
	}
	if got := AgencyID("ＡＢ区（本级）"); got != AgencyID("AB区(本级)") {
		t.Errorf("full-width and half-width forms of one name have two ids")
	}
	if got := AgencyID("示例区教育"); got == want {
		t.Errorf("two names have one id")
	}
}
