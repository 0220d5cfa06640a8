package ingest_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/htmlindex"

	"nianbao/ingest"
	"nianbao/ingest/document"
	"nianbao/ingest/document/html"
	"nianbao/ingest/document/ofd/ofdtest"
	"nianbao/ingest/document/office"
	"nianbao/ingest/document/papertest"
	"nianbao/internal/demo"
	"nianbao/internal/form"
)

// TestEveryFormatGivesTheSameCells: reports, written in every format that programs of an office save, read as the web page
// of the same report does, and that page says what the report does. The reports are the samples, some of a made-up
// district, and those of NIANBAO_CORPUS whose figures are all known.
func TestEveryFormatGivesTheSameCells(t *testing.T) {
	for name, report := range reports(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := printed(t, report, demo.HTML, 0)
			want := ingest.Read(t.Context(), name+".html", page)
			asPrinted(t, report, want)
			for format, write := range formats {
				file, b := write(t, page)
				same(t, format, want, ingest.Read(t.Context(), file, b))
			}
			for _, format := range demo.Formats {
				for style := range demo.Styles(format) {
					name := fmt.Sprintf("%s, style %d", format, style)
					got := ingest.Read(t.Context(), "report."+string(format), printed(t, report, format, style))
					if format == demo.Text && style > 0 { // a cell a line: only sums tell that no blank one was lost
						agrees(t, name, want, got)
					} else {
						same(t, name, want, got)
					}
				}
			}
		})
	}
}

// reports are the reports to write, by name.
func reports(t *testing.T) map[string]demo.Report {
	t.Helper()
	out := map[string]demo.Report{}
	folders := []string{filepath.Join("..", "samples", "truth")}
	if corpus := os.Getenv("NIANBAO_CORPUS"); corpus != "" {
		folders = append(folders, filepath.Join(corpus, "truth"))
	}
	for _, folder := range folders {
		truths, err := filepath.Glob(filepath.Join(folder, "*.json"))
		if err != nil || len(truths) == 0 {
			t.Fatalf("no truth files in %s: %v", folder, err)
		}
		for _, truth := range truths {
			content, err := os.ReadFile(truth)
			if err != nil {
				t.Fatal(err)
			}
			if report, err := demo.FromTruth(content); err == nil { // else it is that of an excerpt
				out[strings.TrimSuffix(filepath.Base(truth), ".json")] = report
			}
		}
	}
	if len(out) < 8 {
		t.Fatalf("%d reports were made of truth files, want the samples at least", len(out))
	}
	filings, _, err := demo.District(demo.Options{Agencies: 12, FirstYear: 2019, LastYear: 2024, Seed: 11})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for f := range filings {
		if n++; n%5 == 0 {
			out[f.Stem] = f.Report
		}
	}
	return out
}

func printed(t *testing.T, report demo.Report, format demo.Format, style int) []byte {
	t.Helper()
	b, err := demo.Print(report, format, style)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// asPrinted compares what was read with what the report says.
func asPrinted(t *testing.T, report demo.Report, got form.Filing) {
	t.Helper()
	if got.Agency.Name != report.Agency || got.Year != report.Year {
		t.Errorf("got agency %q and year %d, want %q and %d", got.Agency.Name, got.Year, report.Agency, report.Year)
	}
	cells := map[form.Key]form.Cell{}
	for _, c := range got.Cells {
		cells[c.Key] = c
	}
	for k, want := range report.Cells {
		if c := cells[k]; c.State != want.State || want.State == form.Number && !c.Value.Equal(want.Value) {
			t.Errorf("%s: got %s %s, want %s %s (%q)", k, c.State, c.Value, want.State, want.Value, want.Text)
		}
	}
}

// figuresOf lists what each cell says.
func figuresOf(f form.Filing) map[string]string {
	out := map[string]string{}
	for _, c := range f.Cells {
		s := string(c.State)
		if c.State == form.Number {
			s += " " + c.Value.String()
		}
		out[c.Key.String()] = s + " " + c.Unit + strings.Join(c.Candidates, ",")
	}
	return out
}

// formats write the report on a web page as a file of another format.
var formats = map[string]func(t *testing.T, page []byte) (name string, b []byte){
	"xlsx": func(t *testing.T, page []byte) (string, []byte) {
		return "report.xlsx", workbook(t, page, sheetStyle{lines: true, merged: true})
	},
	"xlsx, a sheet for each table": func(t *testing.T, page []byte) (string, []byte) {
		return "report.xlsx", workbook(t, page, sheetStyle{lines: true, sheets: true})
	},
	"xlsx without lines": func(t *testing.T, page []byte) (string, []byte) {
		return "report.xlsx", workbook(t, page, sheetStyle{gaps: true})
	},
	"web archive": func(t *testing.T, page []byte) (string, []byte) {
		return "report.mht", message(t, "From: <Saved by Blink>\r\n", "multipart/related", "quoted-printable", "gbk", page)
	},
	"web page in GBK": func(t *testing.T, page []byte) (string, []byte) {
		e, err := htmlindex.Get("gb18030")
		if err != nil {
			t.Fatal(err)
		}
		b, err := e.NewEncoder().Bytes(bytes.ReplaceAll(page, []byte(`<meta charset="utf-8">`), []byte(`<meta charset="gbk">`)))
		if err != nil {
			t.Fatal(err)
		}
		return "report.htm", b
	},
	"PDF": func(t *testing.T, page []byte) (string, []byte) {
		d := documentOf(t, page)
		return "report.pdf", papertest.PDF(papertest.Print(d, 0))
	},
	"OFD": func(t *testing.T, page []byte) (string, []byte) {
		return "report.ofd", fixedLayout(t, page, ofdtest.Style{})
	},
	"OFD, otherwise drawn": func(t *testing.T, page []byte) (string, []byte) {
		return "report.ofd", fixedLayout(t, page, ofdtest.Style{Filled: true, Scaled: true})
	},
	"e-mail": func(t *testing.T, page []byte) (string, []byte) {
		return "report.eml", message(t, "From: a@b.example\r\nTo: c@d.example\r\n", "multipart/alternative", "base64", "utf-8", page)
	},
}

// documentOf is what stands on a web page.
func documentOf(t *testing.T, page []byte) *document.Document {
	t.Helper()
	d, err := html.Read(t.Context(), page, document.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func fixedLayout(t *testing.T, page []byte, style ofdtest.Style) []byte {
	t.Helper()
	return ofdtest.Write(documentOf(t, page), style)
}

// message writes a page as a part of a message.
func message(t *testing.T, headers, kind, transfer, charset string, page []byte) []byte {
	t.Helper()
	e, err := htmlindex.Get(charset)
	if err != nil {
		t.Fatal(err)
	}
	page, err = e.NewEncoder().Bytes(bytes.ReplaceAll(page, []byte(`<meta charset="utf-8">`), nil))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	b.WriteString(headers)
	m := multipart.NewWriter(&b)
	fmt.Fprintf(&b, "MIME-Version: 1.0\r\nContent-Type: %s; boundary=%q\r\n\r\n", kind, m.Boundary())
	part, err := m.CreatePart(textproto.MIMEHeader{"Content-Type": {"text/html; charset=" + charset}, "Content-Transfer-Encoding": {transfer}, "Content-Location": {"http://a.example/1.html"}})
	if err != nil {
		t.Fatal(err)
	}
	var w io.WriteCloser = base64.NewEncoder(base64.StdEncoding, part)
	if transfer == "quoted-printable" {
		w = quotedprintable.NewWriter(part)
	}
	_, err = w.Write(page)
	if err := errors.Join(err, w.Close(), m.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// saved are the formats that LibreOffice writes: from a document or a workbook, by the ending and its filter.
var saved = []struct{ from, ending, filter string }{
	{"docx", "doc", "MS Word 97"}, {"docx", "rtf", "Rich Text Format"}, {"docx", "odt", "writer8"}, {"xlsx", "xls", "MS Excel 97"},
}

// TestEveryOfficeFormatGivesTheSameCells: reports saved by LibreOffice in its formats and read by it again. It takes long to
// start, so two of the samples must do: one has blank cells and one a note in a cell.
func TestEveryOfficeFormatGivesTheSameCells(t *testing.T) {
	soffice := office.FindSoffice()
	if soffice == "" {
		t.Skip("LibreOffice is not installed: apt-get install libreoffice-writer-nogui libreoffice-calc-nogui")
	}
	dir := t.TempDir()
	wants := map[string]form.Filing{}
	for _, name := range []string{"shuyang_fgw_2023", "shbgt_2025"} {
		report, page := sampleOf(t, filepath.Join("..", "samples", "truth", name+".json"))
		wants[name] = ingest.Read(t.Context(), name+".html", page)
		doc, err := demo.Print(report, demo.DOCX, 0)
		if err != nil {
			t.Fatal(err)
		}
		for ending, b := range map[string][]byte{"docx": doc, "xlsx": workbook(t, page, sheetStyle{lines: true, merged: true})} {
			if err := os.WriteFile(filepath.Join(dir, name+"."+ending), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, s := range saved {
		args := []string{"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless", "--norestore", "--convert-to", s.ending + ":" + s.filter, "--outdir", dir}
		for name := range wants {
			args = append(args, filepath.Join(dir, name+"."+s.from))
		}
		if out, err := exec.CommandContext(t.Context(), soffice, args...).CombinedOutput(); err != nil {
			t.Fatalf("write %s: %v: %s", s.ending, err, out)
		}
		for name, want := range wants {
			b, err := os.ReadFile(filepath.Join(dir, name+"."+s.ending))
			if err != nil {
				t.Fatal(err)
			}
			same(t, s.ending, want, ingest.Read(t.Context(), name+"."+s.ending, b))
		}
	}
}

// sampleOf is the report of a truth file and its web page.
func sampleOf(t *testing.T, truth string) (demo.Report, []byte) {
	t.Helper()
	content, err := os.ReadFile(truth)
	if err != nil {
		t.Fatal(err)
	}
	report, err := demo.FromTruth(content)
	if err != nil {
		t.Fatal(err)
	}
	page, err := demo.Print(report, demo.HTML, 0)
	if err != nil {
		t.Fatal(err)
	}
	return report, page
}

// same compares what two files of one report say.
func same(t *testing.T, format string, want, got form.Filing) {
	t.Helper()
	if len(want.Cells) == 0 || want.Agency.Name == "" || want.Year == 0 {
		t.Fatalf("the web page itself was not read: %v", want.Problems)
	}
	if diff := cmp.Diff(figuresOf(want), figuresOf(got)); diff != "" {
		t.Errorf("cells of %s differ from those of the web page (-page +%s):\n%s\nproblems: %v", got.File, format, diff, got.Problems)
	}
	if got.Agency.Name != want.Agency.Name || got.Year != want.Year {
		t.Errorf("%s: got agency %q and year %d, want %q and %d", got.File, got.Agency.Name, got.Year, want.Agency.Name, want.Year)
	}
}

// agrees is same for a format that may lose blank cells: what was not read for certain may be left open.
func agrees(t *testing.T, format string, want, got form.Filing) {
	t.Helper()
	settled := want
	settled.Cells = nil
	wanted := figuresOf(want)
	for _, c := range got.Cells {
		if _, ok := wanted[c.Key.String()]; c.State != form.Ambiguous || !ok {
			settled.Cells = append(settled.Cells, c)
			delete(wanted, c.Key.String())
		}
	}
	if len(settled.Cells) < len(want.Cells)*3/4 {
		t.Errorf("%s: only %d of %d cells were read", format, len(settled.Cells), len(want.Cells))
	}
	for _, c := range want.Cells {
		if _, open := wanted[c.Key.String()]; open {
			settled.Cells = append(settled.Cells, c)
		}
	}
	settled.File, settled.Agency, settled.Year = got.File, got.Agency, got.Year
	same(t, format, want, settled)
}

// sheetStyle is how a person may lay out the report in a workbook.
type sheetStyle struct {
	lines  bool // around the cells of tables
	merged bool // paragraphs over all columns
	gaps   bool // an empty row before and after each table
	sheets bool // a new sheet with each heading of a table
}

// workbook writes a page as XLSX. Figures are stored as numbers where a person would type them as such.
func workbook(t *testing.T, page []byte, style sheetStyle) []byte {
	t.Helper()
	d := documentOf(t, page)
	f := excelize.NewFile()
	check := func(errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	at := func(row, column int) string {
		s, err := excelize.CoordinatesToCellName(column, row)
		check(err)
		return s
	}
	var border []excelize.Border
	for _, side := range []string{"left", "right", "top", "bottom"} {
		border = append(border, excelize.Border{Type: side, Style: 1, Color: "000000"})
	}
	lined, err := f.NewStyle(&excelize.Style{Border: border})
	check(err)
	width := 1
	for _, b := range d.Blocks {
		if b.Grid != nil {
			width = max(width, b.Grid.Columns)
		}
	}
	sheet, row, sheets := f.GetSheetName(0), 1, 1
	for i, b := range d.Blocks {
		if b.Grid == nil {
			if style.sheets && b.Heading && i+1 < len(d.Blocks) && d.Blocks[i+1].Grid != nil {
				sheets++
				sheet, row = "表"+string(rune('0'+sheets)), 1
				_, err := f.NewSheet(sheet)
				check(err)
			}
			check(f.SetCellValue(sheet, at(row, 1), b.Text))
			if style.merged {
				check(f.MergeCell(sheet, at(row, 1), at(row, width)))
			}
			row++
			continue
		}
		if style.gaps {
			row++
		}
		for _, c := range b.Grid.Cells {
			y, x := row+c.Row-1, c.Column
			var value any = c.Text
			if plain := excelNumber(c.Text); plain != nil {
				value = plain
			}
			if c.Text != "" {
				check(f.SetCellValue(sheet, at(y, x), value))
			}
			if style.lines {
				check(f.SetCellStyle(sheet, at(y, x), at(y+c.RowSpan-1, x+c.ColSpan-1), lined))
			}
			if c.RowSpan > 1 || c.ColSpan > 1 {
				check(f.MergeCell(sheet, at(y, x), at(y+c.RowSpan-1, x+c.ColSpan-1)))
			}
		}
		row += b.Grid.Rows
		if style.gaps {
			row++
		}
	}
	var out bytes.Buffer
	check(f.Write(&out))
	return out.Bytes()
}

// excelNumber is the number that a spreadsheet makes of a text typed into a cell, nil if it stays a text.
func excelNumber(s string) any {
	if strings.Trim(s, "0123456789.") != "" || len(s) > 15 {
		return nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil
	}
	return v
}
