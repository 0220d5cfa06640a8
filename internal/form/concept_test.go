package form_test

import (
	"slices"
	"testing"

	"nianbao/internal/form"
)

// TestConcepts: codes are unique, and a concept names only cells and indicators that exist.
func TestConcepts(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range form.Concepts {
		if seen[c.Code] {
			t.Errorf("concept %s stands twice", c.Code)
		}
		seen[c.Code] = true
		for _, sum := range c.Against {
			for _, k := range sum {
				if !slices.ContainsFunc(form.Forms, func(f form.Form) bool { return f.Has(k) }) {
					t.Errorf("concept %s names %s, which no form has", c.Code, k)
				}
			}
		}
		for _, code := range c.Indicators {
			if !slices.ContainsFunc(form.Indicators, func(x form.Indicator) bool { return x.Code == code }) {
				t.Errorf("concept %s names the indicator %s, which does not exist", c.Code, code)
			}
		}
	}
	if c, ok := form.LookupConcept("granted_or_partial"); !ok || len(c.Against[0]) != 2 {
		t.Errorf("granted_or_partial is compared with %v, want the sum of R1 and R2", c.Against)
	}
}

// TestHeadings: a part with a table has the titles of its table in every version, and no wording names two parts.
func TestHeadings(t *testing.T) {
	owner := map[string]string{}
	for _, h := range form.Headings {
		for _, title := range h.All() {
			if owner[title] != "" {
				t.Errorf("the title %s is that of %s and of %s", title, owner[title], h.Code)
			}
			owner[title] = h.Code
		}
	}
	for _, f := range form.Forms {
		for _, tb := range f.Tables {
			for _, title := range append([]string{tb.Title}, tb.Titles...) {
				words := title[len("二、"):]
				if owner[words] != tb.Code {
					t.Errorf("form %s: the title %s of %s is not among the headings", f.Version, words, tb.Code)
				}
			}
		}
	}
}

// TestLookupIndicator: enumerators, 其中 and remarks do not count, and rows of the same words are told apart by what
// stands above them.
func TestLookupIndicator(t *testing.T) {
	for _, tc := range []struct{ label, above, want string }{
		{"（一）主动公开政府信息数（不同渠道和方式公开相同信息计1条）", "", "published"},
		{"主动公开文件数", "", "published"},
		{"其中：1、网站公开", "published", "published_web"},
		{"1.政府公报公开政府信息数", "normative_made", "published_gazette"},
		{"其中：主要负责同志参加新闻发布会次数", "press_conferences", "press_conferences_chief"},
		{"3、否决公开答复数", "partial", "refused"},
		{"（二）被依法纠错数", "reviews_upheld", "reviews_corrected"},
		{"（二）被依法纠错数", "lawsuits_upheld", "lawsuits_corrected"},
		{"（一）维持具体行政行为数", "lawsuits", "lawsuits_upheld"},
		{"五、行政诉讼数量", "reviews_other", "lawsuits"},
		{"1．专职人员数（不包括政府公报及政府网站工作人员数）", "staff", "staff_full_time"},
		{"接受行政诉讼、举报数", "fees_waived", "reports"},
		{"4.不同意公开答复数", "partial", "refused"},
		{"公园绿地面积", "", ""},
	} {
		x, ok := form.LookupIndicator(tc.label, tc.above)
		if x.Code != tc.want || ok != (tc.want != "") {
			t.Errorf("LookupIndicator(%q, %q) = %q, want %q", tc.label, tc.above, x.Code, tc.want)
		}
	}
}

// TestCrosswalk: every crossing names measures and indicators that exist, each measure once.
func TestCrosswalk(t *testing.T) {
	seen := map[string]bool{}
	for _, x := range form.Crosswalk {
		if x.Measure != "" {
			if _, ok := form.LookupMeasure(x.Measure); !ok || seen[x.Measure] {
				t.Errorf("crossing to %s: no such measure, or a second one", x.Measure)
			}
			seen[x.Measure] = true
		}
		for _, code := range slices.Concat(x.Indicators, x.Optional) {
			if !slices.ContainsFunc(form.Indicators, func(i form.Indicator) bool { return i.Code == code }) {
				t.Errorf("crossing to %q names the indicator %s, which does not exist", x.Measure, code)
			}
		}
		if x.Note == "" || x.Comparable == form.Not != (x.Measure == "" && x.Comparable != form.Comparable) {
			t.Errorf("crossing to %q: comparable %q with note %q", x.Measure, x.Comparable, x.Note)
		}
	}
	codes := map[string]bool{}
	for _, x := range form.Indicators {
		if codes[x.Code] {
			t.Errorf("indicator %s stands twice", x.Code)
		}
		codes[x.Code] = true
		if x.Parent != "" && !codes[x.Parent] {
			t.Errorf("indicator %s is part of %s, which does not stand above it", x.Code, x.Parent)
		}
	}
}
