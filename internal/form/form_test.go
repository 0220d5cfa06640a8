package form_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nianbao/internal/form"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestCatalogue prints the catalogue so that it can be read beside the official form. The golden file changes only when
// the form changes.
func TestCatalogue(t *testing.T) {
	var b strings.Builder
	for _, f := range form.Forms {
		fmt.Fprintf(&b, "══ %s  %s（%s）  reports for %s\n", f.Version, f.Title, f.Document, f.Years)
		for _, tb := range f.Tables {
			fmt.Fprintf(&b, "\n── %s  %s\n", tb.Code, tb.Title)
			for _, x := range tb.Titles {
				fmt.Fprintf(&b, "   or %s\n", x)
			}
			for _, block := range tb.Blocks {
				fmt.Fprintf(&b, "\n   %s  [%s]\n   %s\n", block.Heading, block.Article, block.Corner)
				for _, c := range block.Columns {
					fmt.Fprintf(&b, "     ▏ %-12s %s%s%s%s\n", c.Code, path(c.Parents), c.Label, options(c), variants(c.Variants))
				}
				for _, r := range block.Rows {
					optional := ""
					if r.Optional {
						optional = "  (in some provinces)"
					}
					fmt.Fprintf(&b, "     ─ %-12s %s%s%s%s%s\n", r.Code, path(r.Parents), r.Printed(), optional, law(r.Article), variants(r.Variants))
				}
			}
			fmt.Fprintf(&b, "\n   %d cells\n", len(tb.Keys()))
			for _, id := range form.Identities {
				for i, e := range id.Equations(tb) {
					if i == 0 {
						fmt.Fprintf(&b, "   %s %s（%s）\n", id.ID, id.Name, id.Source)
					}
					if i == 0 || id.Over == form.EachRow && i < 2 {
						fmt.Fprintf(&b, "      %s: %s\n", e.Place, e.Expression())
					}
				}
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("══ measures\n")
	for _, m := range form.Measures {
		fmt.Fprintf(&b, "%-20s %s | %s | %s", m.Code, m.Name, m.En, m.Formula)
		if m.Per != "" {
			fmt.Fprintf(&b, " / %s", m.Per)
		}
		fmt.Fprintf(&b, " | %s %v, revision %d, %s", m.Kind, m.Comparable, m.Revision, m.Source)
		if m.Detail {
			b.WriteString(", detail")
		}
		b.WriteString("\n")
		for _, r := range m.Numerators {
			fmt.Fprintf(&b, "   x=%s %s: %s\n", r.Code, r.Name, r.Words)
		}
		for _, r := range m.Denominators {
			fmt.Fprintf(&b, "   den=%s %s\n", r.Code, r.Words)
		}
		for _, c := range m.Caveats {
			fmt.Fprintf(&b, "   ! %s %s\n", c.Version, c.Text)
		}
	}
	golden := filepath.Join("testdata", "catalogue.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("the catalogue differs from %s (-want +got):\n%s", golden, diff)
	}
}

func path(parents []string) string {
	if len(parents) == 0 {
		return ""
	}
	return strings.Join(parents, " › ") + " › "
}

func variants(v []string) string {
	if len(v) == 0 {
		return ""
	}
	return "  ≈ " + strings.Join(v, " | ")
}

func law(a string) string {
	if a == "" {
		return ""
	}
	return "  [" + a + "]"
}

func options(c form.Column) string {
	s := "  " + c.Unit
	if c.Signed {
		s += ", signed"
	}
	if c.Decimal {
		s += ", decimal"
	}
	return s
}

// TestCellCounts holds the numbers of cells that the two documents prescribe.
func TestCellCounts(t *testing.T) {
	for _, tc := range []struct {
		version form.Version
		table   string
		cells   int
	}{
		{form.V2019, form.Section2, 22}, {form.V2019, form.Section3, 161}, {form.V2019, form.Section4, 15},
		{form.V2021, form.Section2, 10}, {form.V2021, form.Section3, 175}, {form.V2021, form.Section4, 15},
	} {
		f, ok := form.Lookup(tc.version)
		if !ok {
			t.Fatalf("no form %s", tc.version)
		}
		tb, _ := f.Table(tc.table)
		if got := len(tb.Keys()); got != tc.cells {
			t.Errorf("form %s %s: %d cells, want %d", tc.version, tc.table, got, tc.cells)
		}
	}
}

// TestCodes: codes are unique in a table, paths parse back, and identities and measures name only cells of a form.
func TestCodes(t *testing.T) {
	known := map[form.Key]bool{}
	for _, f := range form.Forms {
		for _, tb := range f.Tables {
			seen := map[form.Key]bool{}
			for _, k := range tb.Keys() {
				if seen[k] {
					t.Errorf("form %s: %s stands twice", f.Version, k)
				}
				seen[k], known[k] = true, true
				if back, err := form.ParseKey(k.String()); err != nil || back != k {
					t.Errorf("ParseKey(%q) = %v, %v", k, back, err)
				}
				if !f.Has(k) {
					t.Errorf("form %s lacks %s, one of its keys", f.Version, k)
				}
			}
			for _, e := range form.Equations(tb) {
				for _, k := range e.Keys() {
					if !seen[k] {
						t.Errorf("form %s: %s at %s names %s, which the table lacks", f.Version, e.Identity.ID, e.Place, k)
					}
				}
				if len(e.Left) == 0 || len(e.Right) == 0 {
					t.Errorf("form %s: %s at %s has an empty side", f.Version, e.Identity.ID, e.Place)
				}
			}
		}
	}
	codes := map[string]bool{}
	for _, m := range form.Measures {
		if codes[m.Code] {
			t.Errorf("measure %s stands twice", m.Code)
		}
		codes[m.Code] = true
		for _, k := range append(append([]form.Key{}, m.Numerator...), m.Denominator...) {
			if !known[k] {
				t.Errorf("measure %s names %s, which no form has", m.Code, k)
			}
		}
		if (len(m.Denominator) > 0) != (m.Per != "") || (len(m.Numerator) == 0) != (m.Kind == form.DaysOf) || m.Formula == "" || m.Source == "" || m.Revision < 1 || m.Group == "" {
			t.Errorf("measure %s: formula %q per %q of %s, revision %d, in group %q, is not whole", m.Code, m.Formula, m.Per, m.Source, m.Revision, m.Group)
		}
		if divides := m.Kind == form.ShareOf || m.Kind == form.RatioOf || m.Kind == form.GrowthOf; divides != (len(m.Denominator) > 0) {
			t.Errorf("measure %s of kind %s has %d cells in its denominator", m.Code, m.Kind, len(m.Denominator))
		}
	}
}

// TestMeasuresInForms: a measure names cells of each version that it says is comparable, on both sides, and of no other.
func TestMeasuresInForms(t *testing.T) {
	for _, m := range form.Measures {
		if len(m.Comparable) == 0 {
			t.Errorf("measure %s is comparable over no version of the form", m.Code)
		}
		for _, f := range form.Forms {
			has := len(form.InForm(m.Numerator, f.Version)) > 0 && (len(m.Denominator) == 0) == (len(form.InForm(m.Denominator, f.Version)) == 0)
			if says := slices.Contains(m.Comparable, f.Version); says != has && m.Kind != form.DaysOf {
				t.Errorf("measure %s: comparable over %s is %v, its cells are there: %v", m.Code, f.Version, says, has)
			}
		}
		for _, c := range m.Caveats {
			if _, ok := form.Lookup(c.Version); !ok || c.Text == "" {
				t.Errorf("measure %s has a caveat %q about a form %q", m.Code, c.Text, c.Version)
			}
		}
	}
}

// TestReadings: the first reading is the measure itself, each other one is another, and unknown ones are refused.
func TestReadings(t *testing.T) {
	for _, m := range form.Measures {
		if len(m.Numerators) == 1 || len(m.Denominators) == 1 {
			t.Errorf("measure %s offers a choice of one", m.Code)
		}
		for i, r := range m.Numerators {
			got, ok := m.Reading(r.Code, "")
			if !ok || !cmp.Equal(got, m) != (i > 0) || got.Name != r.Name || got.Formula != r.Words || !cmp.Equal(got.Numerator, r.Keys) {
				t.Errorf("measure %s read as x=%s = %+v, %v", m.Code, r.Code, got, ok)
			}
		}
		for i, r := range m.Denominators {
			got, ok := m.Reading("", r.Code)
			if !ok || !cmp.Equal(got, m) != (i > 0) || got.Per != r.Words || !cmp.Equal(got.Denominator, r.Keys) {
				t.Errorf("measure %s read as den=%s = %+v, %v", m.Code, r.Code, got, ok)
			}
		}
		if got, ok := m.Reading("", ""); !ok || !cmp.Equal(got, m) {
			t.Errorf("the usual reading of %s is another: %+v", m.Code, got)
		}
		for _, code := range []string{"x", "0"} {
			if _, ok := m.Reading(code, ""); ok {
				t.Errorf("measure %s can be read as x=%s", m.Code, code)
			}
			if _, ok := m.Reading("", code); ok {
				t.Errorf("measure %s can be read as den=%s", m.Code, code)
			}
		}
	}
}

// TestSharesAreParts: in every version and reading the numerator of a share is contained in its denominator, by its own
// cells or by the identities of the form.
func TestSharesAreParts(t *testing.T) {
	contains := func(whole, part form.Key) bool {
		for _, id := range form.Identities {
			if id.Table != whole.Table || id.Table != part.Table {
				continue
			}
			switch {
			case id.Over == form.EachColumn && whole.Column == part.Column && slices.Contains(id.Left, whole.Row):
				if slices.Contains(id.Right, part.Row) {
					return true
				}
			case id.Over == form.EachRow && whole.Row == part.Row && slices.Contains(id.Left, whole.Column):
				if slices.Contains(id.Right, part.Column) {
					return true
				}
			}
		}
		return whole == part
	}
	// In A1, NEW and CARRY_IN together hold R7 and CARRY_OUT, and by A2 the parts of R7.
	var within func(whole []form.Key, part form.Key) bool
	within = func(whole []form.Key, part form.Key) bool {
		for _, w := range whole {
			if contains(w, part) {
				return true
			}
		}
		return part.Row != "R7" && part.Row != "CARRY_OUT" && part.Table == form.Section3 && slices.ContainsFunc(whole, func(k form.Key) bool { return k.Row == "NEW" }) && len(whole) == 2 &&
			contains(form.Key{Table: part.Table, Row: "R7", Column: part.Column}, part)
	}
	for _, m := range form.Measures {
		if !m.Share() {
			continue
		}
		for _, x := range append(slices.Clone(m.Numerators), form.Reading{Keys: m.Numerator}) {
			for _, n := range append(slices.Clone(m.Denominators), form.Reading{Keys: m.Denominator}) {
				for _, k := range x.Keys {
					if !within(n.Keys, k) {
						t.Errorf("measure %s: %s is no part of %v", m.Code, k, form.Paths(n.Keys))
					}
				}
			}
		}
	}
}

// TestGroups: the six outcome groups are the terms of (七)总计, in order.
func TestGroups(t *testing.T) {
	var rows []string
	for _, g := range form.Groups {
		rows = append(rows, g.Rows...)
	}
	for _, id := range form.Identities {
		if id.ID == "A2" {
			if diff := cmp.Diff(id.Right, rows); diff != "" {
				t.Errorf("groups differ from the terms of A2 (-A2 +groups):\n%s", diff)
			}
		}
	}
}

func TestParseKeyRefuses(t *testing.T) {
	for _, s := range []string{"", "section3", "section3.R1", "section3.R1.", "section3..total", ".R1.total"} {
		if k, err := form.ParseKey(s); err == nil {
			t.Errorf("ParseKey(%q) = %v, want an error", s, k)
		}
	}
}
