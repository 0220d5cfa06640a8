package recognise_test

import (
	"slices"
	"strings"
	"testing"

	"nianbao/ingest/document"
	"nianbao/ingest/document/text"
	"nianbao/ingest/recognise"
	"nianbao/internal/form"
)

// TestUnreadRowsInOrder reads a table several of whose labels cannot be read and whose sums are wrong: the rows left out
// are listed in the order of the form.
func TestUnreadRowsInOrder(t *testing.T) {
	f, _ := form.Lookup(form.V2021)
	table, _ := f.Table(form.Section3)
	spoilt := []string{"R2", "R3_2", "R3_4", "R3_6", "R4_1", "R4_3", "R5_2", "R5_4"}
	var page strings.Builder
	for _, r := range table.Rows() {
		label := r.Printed()
		if slices.Contains(spoilt, r.Code) {
			label = "※※※"
		}
		page.WriteString(label + "\t1\t0\t0\t0\t0\t0\t1\n")
	}
	for range 8 { // reading is the same every time
		doc, err := text.Read(t.Context(), []byte(page.String()), document.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, p := range recognise.Recognise(doc, "report.txt").Problems {
			if rest, ok := strings.CutPrefix(p.Message, "read section 三: a row at the place of "); ok {
				code, _, _ := strings.Cut(rest, " ")
				told = append(told, code)
			}
		}
		if !slices.Equal(told, spoilt) {
			t.Fatalf("rows left out: %v, want %v", told, spoilt)
		}
	}
}
