package page

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"nianbao/internal/warehouse"
	"nianbao/query/export"
	"nianbao/query/tabular"
)

// testXLSX: every page is a workbook too, with the values of its CSV, each column with a name for people.
func testXLSX(t *testing.T, s *tester) {
	seen := map[string]bool{}
	for _, address := range s.pages {
		path, _, _ := strings.Cut(address, "?")
		if seen[path] {
			continue
		}
		seen[path] = true
		w := s.get(t, in(asXLSX, address))
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != tabular.MediaType || w.Header().Get("Content-Digest") == "" {
			t.Errorf("GET %s: status %d, %s: %.300s", in(asXLSX, address), w.Code, w.Header(), w.Body)
			continue
		}
		book, err := excelize.OpenReader(w.Body)
		if err != nil {
			t.Errorf("GET %s: %v", in(asXLSX, address), err)
			continue
		}
		got, err := book.GetRows(book.GetSheetName(0), excelize.Options{RawCellValue: true})
		if err != nil {
			t.Error(err)
		}
		want, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(s.get(t, in(asCSV, address)).Body.Bytes(), []byte("\ufeff")))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Errorf("GET %s: %d rows, the CSV has %d", in(asXLSX, address), len(got), len(want))
			continue
		}
		for i, row := range got {
			for len(row) < len(want[i]) {
				row = append(row, "")
			}
			for j, name := range want[0] {
				kind := sheet{header: []string{name}}.columns()[0].Kind
				if i == 0 {
					zh, code, _ := strings.Cut(row[j], "\n")
					if row[j] = code; zh == "" || zh == code {
						t.Errorf("GET %s: column %s has no name", in(asXLSX, address), code)
					}
					continue
				}
				switch kind {
				case tabular.Boolean:
					row[j] = map[string]string{"1": "true", "0": "false", "TRUE": "true", "FALSE": "false"}[row[j]]
				case tabular.Text:
					want[i][j] = tabular.Unguard(want[i][j])
				case tabular.Date:
					row[j] = want[i][j] // a number of days: see the test of the workbook
				case tabular.Integer, tabular.Decimal, tabular.Real:
					if want[i][j] != "" {
						x, err := strconv.ParseFloat(want[i][j], 64)
						if err != nil {
							t.Errorf("GET %s: column %s: %v", in(asXLSX, address), name, err)
						}
						row[j], want[i][j] = fmt.Sprintf("%.12g", number64(row[j])), fmt.Sprintf("%.12g", x)
					}
				}
			}
			if diff := cmp.Diff(want[i], row); diff != "" {
				t.Errorf("GET %s: row %d (-CSV +workbook):\n%s", in(asXLSX, address), i, diff)
				break
			}
		}
	}
}

func number64(text string) float64 {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return -1e300
	}
	return x
}

// testJournal: what is taken away stands in the journal, what is looked at does not.
func testJournal(t *testing.T, s *tester) {
	_, before, err := s.store.Journal(t.Context(), warehouse.JournalFilter{})
	if err != nil {
		t.Fatal(err)
	}
	kept := s.kept
	s.kept = nil
	defer func() { s.kept = kept }()
	csv := s.get(t, "/measures.csv?bom=0")
	s.get(t, "/measures.csv?bom=0", "If-None-Match", csv.Header().Get("ETag"))
	s.get(t, "/measures")
	s.get(t, "/compare.json?part=option")
	s.get(t, "/measures.xlsx")
	s.get(t, "/measures.json")
	entries, total, err := s.store.Journal(t.Context(), warehouse.JournalFilter{})
	if err != nil || total != before+3 {
		t.Fatalf("%d entries, want 3 more than %d, %v", total, before, err)
	}
	e := entries[2]
	if e.What != "/measures.csv?bom=0" || e.Kind != warehouse.Download || e.Outcome != warehouse.Done || *e.Rows != uint64(bytes.Count(csv.Body.Bytes(), []byte("\r\n"))-1) ||
		e.Bytes != uint64(csv.Body.Len()) || e.Client != "192.0.2.1" || e.AsOf.IsZero() {
		t.Errorf("the entry is %+v", e)
	}
}

// testPackage: the package that the pages hand out is that of the command, the same twice, and stands in the journal.
func testPackage(t *testing.T, s *tester) {
	kept := s.kept
	s.kept = nil
	defer func() { s.kept = kept }()
	one, two := s.get(t, "/package.zip?years=2023&sample=3&seed=x"), s.get(t, "/package.zip?years=2023&sample=3&seed=x")
	if one.Code != http.StatusOK || !bytes.Equal(one.Body.Bytes(), two.Body.Bytes()) {
		t.Fatalf("status %d, %d and %d bytes: %.300s", one.Code, one.Body.Len(), two.Body.Len(), one.Body)
	}
	_, at, err := s.store.DataVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var same bytes.Buffer
	if _, err := export.Write(t.Context(), s.store, "nianbao test", export.Query{AsOf: at, Years: []int{2023}, Sample: 3, Seed: "x"}, &same); err != nil || !bytes.Equal(same.Bytes(), one.Body.Bytes()) {
		t.Errorf("the package is another than that of the command: %d and %d bytes, %v", one.Body.Len(), same.Len(), err)
	}
	entries, _, err := s.store.Journal(t.Context(), warehouse.JournalFilter{Most: 1})
	if err != nil || len(entries) != 1 || entries[0].What != "/package.zip?years=2023&sample=3&seed=x" || entries[0].Bytes != uint64(one.Body.Len()) || entries[0].AsOf.IsZero() {
		t.Errorf("the entry is %+v, %v", entries, err)
	}
	for _, wrong := range []string{"/package.zip?year=2023", "/package.zip?sample=3", "/package.zip?as_of=2999-01-01"} {
		if w := s.get(t, wrong); w.Code < 400 || w.Code > 503 {
			t.Errorf("GET %s: status %d", wrong, w.Code)
		}
	}
}
