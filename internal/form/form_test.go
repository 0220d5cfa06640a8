package form_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
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
		if m.Share() {
			fmt.Fprintf(&b, " / %s", m.Per)
		}
		b.WriteString("\n")
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
		if m.Share() != (m.Per != "") {
			t.Errorf("measure %s: a share names its denominator in words, and only a share", m.Code)
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
	for _, s := range []string{"", "section3", "section3.R1", "section3.R1.", "section3..total", "a.b.c.d"} {
		if k, err := form.ParseKey(s); err == nil {
			t.Errorf("ParseKey(%q) = %v, want an error", s, k)
		}
	}
}
