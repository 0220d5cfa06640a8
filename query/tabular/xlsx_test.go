package tabular

import (
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

var columns = []Column{{Name: "code", Kind: Text}, {Name: "x", Kind: Decimal}, {Name: "n", Kind: Integer}, {Name: "lower", Kind: Real}, {Name: "due", Kind: Date}, {Name: "tied", Kind: Boolean}, {Name: "at", Kind: Instant}}

var rows = [][]string{
	{"010", "-5", "12", "0.3333333333333333", "2024-02-29", "true", "2024-04-02T01:14:00.123456Z"},
	{"1-2", "-4166.24", "-7", "1", "1999-12-31", "false", ""},
	{"=1+1", "", "", "", "", "", ""},
	{"政府信息公开", "1234567890123456789", "0", "0", "1900-01-05", "true", ""},
}

func workbook(t *testing.T, columns []Column, rows [][]string) []byte {
	t.Helper()
	var b bytes.Buffer
	err := XLSX(&b, columns, map[string]string{"address": "/x.xlsx?m=受理"}, func(do func([]string) error) error {
		for _, row := range rows {
			if err := do(row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Numbers are numbers, codes are texts, days are days; the same table gives the same bytes.
func TestXLSX(t *testing.T) {
	file := workbook(t, columns, rows)
	for range 20 { // chance must not hide an order that is left to it
		if again := workbook(t, columns, rows); !bytes.Equal(file, again) {
			t.Fatal("the same table gives other bytes another time")
		}
	}
	book, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for place, want := range map[string]struct {
		kind excelize.CellType
		raw  string
	}{
		"A1": {excelize.CellTypeInlineString, "代码\ncode"}, "A2": {excelize.CellTypeInlineString, "010"}, "A3": {excelize.CellTypeInlineString, "1-2"}, "A4": {excelize.CellTypeInlineString, "=1+1"},
		"B2": {excelize.CellTypeUnset, "-5"}, "B3": {excelize.CellTypeUnset, "-4166.24"}, "B4": {excelize.CellTypeUnset, ""}, "B5": {excelize.CellTypeInlineString, "1234567890123456789"},
		"C2": {excelize.CellTypeUnset, "12"}, "C5": {excelize.CellTypeUnset, "0"}, "D3": {excelize.CellTypeUnset, "1"},
		"E2": {excelize.CellTypeUnset, "45351"}, "E5": {excelize.CellTypeInlineString, "1900-01-05"}, "F2": {excelize.CellTypeBool, "1"}, "G2": {excelize.CellTypeInlineString, rows[0][6]},
	} {
		kind, err1 := book.GetCellType(rowsSheet, place)
		raw, err2 := book.GetCellValue(rowsSheet, place, excelize.Options{RawCellValue: true})
		if err1 != nil || err2 != nil || kind != want.kind || raw != want.raw {
			t.Errorf("%s is %q of type %d, want %q of type %d; %v %v", place, raw, kind, want.raw, want.kind, err1, err2)
		}
	}
	if panes, err := book.GetPanes(rowsSheet); err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the header is not frozen: %+v, %v", panes, err)
	}
	if text, err := book.GetCellValue(aboutSheet, "B2"); err != nil || text != "/x.xlsx?m=受理" {
		t.Errorf("the second worksheet says %q, %v", text, err)
	}
}

// Texts come back as they were; what a cell cannot hold is an error.
func TestTextsOfAWorkbook(t *testing.T) {
	var rows [][]string
	for _, text := range append(slices.Clone(hard), strings.Repeat("文", mostUnits)) {
		rows = append(rows, []string{text})
	}
	book, err := excelize.OpenReader(bytes.NewReader(workbook(t, columns[:1], rows)))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for i, row := range rows {
		place, _ := excelize.CoordinatesToCellName(1, i+2)
		if got, err := book.GetCellValue(rowsSheet, place); err != nil || got != row[0] {
			t.Errorf("%.40q came back as %.40q, %v", row[0], got, err)
		}
	}
	for _, wrong := range []struct {
		column Column
		text   string
	}{{columns[0], strings.Repeat("𠮷", mostUnits/2+1)}, {columns[0], "a\x00b"}, {columns[0], "\xff"}, {columns[1], "1,234"}, {columns[4], "2024-02-30"}, {columns[5], "是"}, {Column{Name: "x"}, "1"}} {
		var b bytes.Buffer
		err := XLSX(&b, []Column{wrong.column}, nil, func(do func([]string) error) error { return do([]string{wrong.text}) })
		if err == nil || b.Len() > 0 || errors.Is(err, ErrUnfit) != (wrong.column.Kind == Text) {
			t.Errorf("%s %.20q: %v and %d bytes, want an error and nothing", wrong.column.Kind, wrong.text, err, b.Len())
		}
	}
}

// LibreOffice sees what was meant, in CSV as in the workbook.
func TestLibreOffice(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed")
	}
	dir := t.TempDir()
	convert := func(name, filter string, content []byte) [][]string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
		args := []string{"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false", "--outdir", filepath.Join(dir, "out")}
		if filter != "" {
			args = append(args, "--infilter="+filter)
		}
		if out, err := exec.CommandContext(t.Context(), office, append(args, filepath.Join(dir, name))...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		f, err := os.Open(filepath.Join(dir, "out", strings.TrimSuffix(name, filepath.Ext(name))+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		got, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	want := [][]string{
		{"010", "-5", "12", "0.333333333333333", "2024-02-29", "TRUE", rows[0][6]}, {"1-2", "-4166.24", "-7", "1", "1999-12-31", "FALSE", ""}, {"=1+1", "", "", "", "", "", ""},
		{"政府信息公开", "1234567890123456789", "0", "0", "1900-01-05", "TRUE", ""},
	}
	if diff := cmp.Diff(want, convert("book.xlsx", "", workbook(t, columns, rows))[1:]); diff != "" {
		t.Errorf("the workbook (-want +got):\n%s", diff)
	}
	// Codes in quotation marks are texts to it (quoted field as text), as docs/export.md says.
	got := convert("list.csv", "CSV:44,34,76,1,,0,true,true", []byte("\ufeff\"code\",\"x\"\r\n\"010\",-5\r\n\"1-2\",-4166.24\r\n\""+Guard("=1+1")+"\",\r\n\"政府\",0\r\n"))
	if diff := cmp.Diff([][]string{{"010", "-5"}, {"1-2", "-4166.24"}, {"'=1+1", ""}, {"政府", "0"}}, got[1:]); diff != "" {
		t.Errorf("the list (-want +got):\n%s", diff)
	}
}
