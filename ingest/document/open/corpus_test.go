package open_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
	"nianbao/ingest/document/open"
)

// TestCorpus reads the real reports and checks their shape: each that keeps its tables has one of section 三, with all
// of its rows and seven columns of figures.
func TestCorpus(t *testing.T) {
	corpus := os.Getenv("NIANBAO_CORPUS")
	if corpus == "" {
		t.Skip("NIANBAO_CORPUS is not set: no real reports are read")
	}
	entries, err := os.ReadDir(filepath.Join(corpus, "reports"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{ // rows of figures in section 三: 23 on the form of 2019, 25 on that of 2021
		"pingtan_2019.html": 23, "pingtan_2024.html": 25, "shuyang_fgw_2023.html": 25, "shuyang_fgw_2023.gbk.html": 25,
		"shuyang_fgw_2023.docx": 25, "template_2021-30.docx": 25,
	}
	read, refused := 0, 0
	for _, e := range entries {
		path := filepath.Join(corpus, "reports", e.Name())
		d, err := open.File(t.Context(), path, document.DefaultLimits)
		if err != nil {
			if !strings.HasSuffix(path, ".pdf") {
				t.Error(err)
			}
			refused++
			continue
		}
		read++
		if err := documenttest.Check(d); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if len(d.Problems) > 0 {
			t.Logf("%s: %v", e.Name(), d.Problems)
		}
		want := rows[e.Name()]
		delete(rows, e.Name())
		if want == 0 {
			continue
		}
		found := 0
		for _, b := range d.Blocks {
			if b.Grid != nil && slices.ContainsFunc(b.Grid.Cells, func(c document.Cell) bool { return c.Text == "自然人" }) {
				found++
				if b.Grid.Rows < 25 {
					t.Errorf("%s: section 三 has %d rows, want at least 25", path, b.Grid.Rows)
				}
				if got := figureRows(b.Grid); got != want {
					t.Errorf("%s: section 三 has %d rows of seven figures, want %d", path, got, want)
				}
			}
		}
		if found != 1 {
			t.Errorf("%s: %d tables of section 三, want 1", path, found)
		}
	}
	for name := range rows {
		t.Errorf("%s is not in the corpus", name)
	}
	t.Logf("%d files read, %d refused", read, refused)
}

// figureRows counts the rows below the header whose last seven columns are seven cells that are not merged.
func figureRows(g *document.Grid) int {
	n := 0
	for row := 4; row <= g.Rows; row++ {
		single := 0
		for _, c := range g.RowOf(row) {
			if c.Column > g.Columns-7 && c.ColSpan == 1 && c.RowSpan == 1 {
				single++
			}
		}
		if single == 7 {
			n++
		}
	}
	return n
}
