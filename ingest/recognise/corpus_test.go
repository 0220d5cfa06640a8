package recognise_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"nianbao/ingest/document"
	"nianbao/ingest/document/open"
	"nianbao/ingest/recognise"
	"nianbao/internal/demo"
	"nianbao/internal/form"
)

// truth is the part of a truth file that cells are compared with.
type truth struct {
	Name           string
	Year           *int
	YearPrinted    bool     `json:"year_printed"`
	Agency         *string  `json:"agency"`
	AgencyPrinted  []string `json:"agency_printed"`
	Files          []string
	Section2       map[string]map[string]any
	Section3       map[string][]*json.Number
	Section4       map[string][]*json.Number
	Uncertain      []string
	Partial        bool
	Section4Column []string `json:"section4_columns"`
	Columns        []string
}

func (tr truth) cells(t *testing.T) map[form.Key]*decimal.Decimal {
	t.Helper()
	out := map[form.Key]*decimal.Decimal{}
	put := func(k form.Key, n *json.Number) {
		for _, u := range tr.Uncertain {
			if strings.HasPrefix(k.String()+".", strings.TrimSpace(strings.Split(u, ":")[0])+".") {
				return
			}
		}
		if n == nil {
			out[k] = nil
			return
		}
		v, err := decimal.NewFromString(n.String())
		if err != nil {
			t.Fatalf("truth %s: %s is %q", tr.Name, k, n)
		}
		out[k] = &v
	}
	for row, columns := range tr.Section2 {
		for column, v := range columns {
			if strings.HasSuffix(column, "_raw") {
				continue
			}
			k := form.Key{Table: form.Section2, Row: row, Column: column}
			if n, ok := v.(json.Number); ok {
				put(k, &n)
			} else {
				put(k, nil)
			}
		}
	}
	for table, rows := range map[string]map[string][]*json.Number{form.Section3: tr.Section3, form.Section4: tr.Section4} {
		names := tr.Columns
		if table == form.Section4 {
			names = tr.Section4Column
		}
		for row, values := range rows {
			for i, v := range values {
				put(form.Key{Table: table, Row: row, Column: names[i]}, v)
			}
		}
	}
	return out
}

// compare reads the documents that the truth files of a folder name and compares every cell with the truth: none may be
// wrong anywhere, and where the document keeps its cells apart none may be missing.
func compare(t *testing.T, reports, truths string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(truths, "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no truth files in %s", truths)
	}
	read, right, all := 0, 0, 0
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		var tr truth
		d := json.NewDecoder(strings.NewReader(string(b)))
		d.UseNumber()
		if err := d.Decode(&tr); err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		for _, name := range tr.Files {
			doc, err := open.File(t.Context(), filepath.Join(reports, name), document.DefaultLimits)
			if err != nil {
				continue // a format this program refuses; the readers' tests say which those are
			}
			read++
			t.Run(name, func(t *testing.T) {
				r, n := compareOne(t, tr, name, doc)
				right, all = right+r, all+n
			})
		}
	}
	t.Logf("read %d documents of %d truth files: %d of %d cells right", read, len(paths), right, all)
}

func compareOne(t *testing.T, tr truth, file string, doc *document.Document) (right, all int) {
	f := recognise.Recognise(doc, file)
	got := map[form.Key]form.Cell{}
	for _, c := range f.Cells {
		got[c.Key] = c
	}
	for k, want := range tr.cells(t) {
		all++
		c, ok := got[k]
		switch {
		case !ok || c.State == form.Ambiguous:
			if structured(file) {
				t.Errorf("%s: got nothing certain (%q), want %v", k, c.Candidates, want)
			}
		case want == nil && (c.State == form.Blank || c.State == form.Dash || c.State == form.NA),
			want != nil && c.State == form.Number && c.Value.Equal(*want):
			right++
		default:
			t.Errorf("%s: WRONG: got %s %s (raw %q), want %v", k, c.State, c.Value, c.Raw, want)
		}
	}
	if tr.YearPrinted && tr.Year != nil && f.Year != *tr.Year {
		t.Errorf("year: got %d, want %d", f.Year, *tr.Year)
	}
	if strings.HasSuffix(file, ".scanned.pdf") && 100*right < 95*all {
		t.Errorf("%d of %d cells of a scan are right, want 95 in a hundred", right, all)
	}
	return right, all
}

// TestCorpus reads the documents of NIANBAO_CORPUS: folders reports/ and truth/.
func TestCorpus(t *testing.T) {
	folder := os.Getenv("NIANBAO_CORPUS")
	if folder == "" {
		t.Skip("NIANBAO_CORPUS is not set: no published documents to read")
	}
	compare(t, filepath.Join(folder, "reports"), filepath.Join(folder, "truth"))
}

// TestSamples reads the samples that come with the program.
func TestSamples(t *testing.T) { compare(t, "../../samples", "../../samples/truth") }

// TestDemo reads a synthetic district in all its formats and styles.
func TestDemo(t *testing.T) {
	folder := t.TempDir()
	if _, err := demo.Write(folder, demo.Options{Seed: 2}); err != nil {
		t.Fatal(err)
	}
	compare(t, folder, filepath.Join(folder, "truth"))
}

// structured are the endings of documents that keep the cells of their tables apart. Text may lose them: a page as one
// string, or a row of empty cells that is an empty line.
func structured(name string) bool {
	return strings.HasSuffix(name, ".html") || strings.HasSuffix(name, ".docx") || strings.HasSuffix(name, ".partial.txt")
}
