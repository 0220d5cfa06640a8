package ingest

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"nianbao/ingest/document"
	"nianbao/internal/engine"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
)

func TestMain(m *testing.M) {
	engine.MaybeChild()
	os.Exit(m.Run())
}

// page is a small report of an agency for a year. It has one table; the figure tells two reports apart.
func page(agency string, year, figure int) []byte {
	return fmt.Appendf(nil, `<!DOCTYPE html><html><head><meta charset="utf-8"><title>%[1]s%[2]d年政府信息公开工作年度报告</title></head><body>
<h1>%[1]s%[2]d年政府信息公开工作年度报告</h1>
<h2>四、政府信息公开行政复议、行政诉讼情况</h2>
<table border="1">
<tr><td colspan="5">行政复议</td><td colspan="10">行政诉讼</td></tr>
<tr><td rowspan="2">结果维持</td><td rowspan="2">结果纠正</td><td rowspan="2">其他结果</td><td rowspan="2">尚未审结</td><td rowspan="2">总计</td><td colspan="5">未经复议直接起诉</td><td colspan="5">复议后起诉</td></tr>
<tr><td>结果维持</td><td>结果纠正</td><td>其他结果</td><td>尚未审结</td><td>总计</td><td>结果维持</td><td>结果纠正</td><td>其他结果</td><td>尚未审结</td><td>总计</td></tr>
<tr><td>%[3]d</td><td>0</td><td>0</td><td>0</td><td>%[3]d</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td></tr>
</table><p>%[1]s</p><p>%[4]d年1月20日</p></body></html>`, agency, year, figure, year+1)
}

const (
	education = "淄博市博山区教育和体育局"
	science   = "淄博市博山区科学技术局"
)

// write makes files under a new folder.
func write(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, b := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// ingest runs and returns a line a result: status, file relative to dir, and the code of the last problem.
func ingest(t *testing.T, opt Options, dir string, paths ...string) ([]string, Report) {
	t.Helper()
	var lines []string
	opt.Each = func(r Result) {
		line := string(r.Status) + " " + strings.TrimPrefix(r.File, dir+"/")
		if n := len(r.Problems); (r.Status == Rejected || r.Status == Waiting) && n > 0 {
			line += " " + r.Problems[n-1].Code
		}
		if r.Version > 0 {
			line += fmt.Sprintf(" v%d", r.Version)
		}
		if (r.Status == Waiting || r.Status == Rejected || r.Status == Failed || r.Status == Unchanged) != (r.Message != "") {
			t.Errorf("%s: message %q", line, r.Message)
		}
		lines = append(lines, line)
	}
	if len(paths) == 0 {
		paths = []string{dir}
	}
	report, err := Run(t.Context(), opt, paths)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, k := range report.Files {
		n += k
	}
	if n != len(lines) {
		t.Errorf("the report counts %d files, %d results were given", n, len(lines))
	}
	return lines, report
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

func store(t *testing.T) *warehouse.Store {
	t.Helper()
	if _, _, err := engine.FindLibrary(""); err != nil {
		t.Skip(err)
	}
	s, err := warehouse.Open(t.Context(), warehouse.Options{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestResults(t *testing.T) {
	s := store(t)
	dir := write(t, map[string][]byte{
		"a/1.html":       page(education, 2023, 1),
		"a/2.html":       page(science, 2023, 2),
		"a/3.html":       page(science, 2023, 2), // the same bytes
		"a/4.txt":        []byte("关于放假的通知\n今天放假。\n"),
		"a/5.html":       {},
		"a/README":       []byte("样例说明\n"),
		"a/register.csv": []byte("code,name\n"),
		"a/x.css":        []byte("p {}"),
		"a/.hidden":      []byte("x"),
		"b/1.html":       page(science, 2023, 3), // newer
		"b/2.html":       page(science, 2024, 3),
	})
	if err := os.Symlink(filepath.Join(dir, "a"), filepath.Join(dir, "b", "link")); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"loaded a/1.html v1",
		"loaded a/2.html v1",
		"unchanged a/3.html",
		"rejected a/4.txt not_a_report",
		"rejected a/5.html empty",
		"new_version b/1.html v2",
		"loaded b/2.html v1",
		"failed b/link",
		"failed missing.html",
	}
	paths := []string{dir, filepath.Join(dir, "missing.html")}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	through, _ := ingest(t, Options{DryRun: true}, link, link) // a link that the caller names is followed
	wantLines(t, through, want[:len(want)-1]...)
	for _, dry := range []bool{true, true, false} { // a dry run twice: it changed nothing
		got, report := ingest(t, Options{Store: s, DryRun: dry, By: "tester"}, dir, paths...)
		wantLines(t, got, want...)
		if diff := cmp.Diff(map[string]int{".css": 1, "README": 1, "register": 1, "hidden": 1}, report.LeftOut); diff != "" {
			t.Errorf("left out (-want +got):\n%s", diff)
		}
	}
	// Again: nothing changes, also the older version of a report stays older.
	got, _ := ingest(t, Options{Store: s}, dir, paths...)
	wantLines(t, got,
		"unchanged a/1.html v1",
		"unchanged a/2.html v1",
		"unchanged a/3.html v1",
		"rejected a/4.txt not_a_report",
		"rejected a/5.html empty",
		"unchanged b/1.html v2",
		"unchanged b/2.html v1",
		"failed b/link",
		"failed missing.html",
	)
	filings, err := s.Filings(t.Context(), noTime, warehouse.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(filings) != 3 {
		t.Fatalf("%d visible filings, want 3", len(filings))
	}
	for _, f := range filings {
		if f.ReceivedBy != "tester" || f.ReceivedAt.IsZero() || f.File == "" {
			t.Errorf("filing %+v: want by whom, when and from which file", f)
		}
		cells, err := s.Cells(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		read := ReadFile(t.Context(), f.File)
		if len(cells) != len(read.Cells) || len(cells) == 0 {
			t.Errorf("%s: %d cells are stored, %d were read", f.File, len(cells), len(read.Cells))
		}
		d, err := s.Document(t.Context(), f.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		if want, err := os.ReadFile(f.File); err != nil || !bytes.Equal(want, d.Bytes) {
			t.Errorf("%s: the document that is stored is another (%v)", f.File, err)
		}
	}
}

func TestTheCallerKnowsAgencyAndYear(t *testing.T) {
	s := store(t)
	dir := write(t, map[string][]byte{"1.html": page(education, 2023, 1)})
	got, _ := ingest(t, Options{Store: s}, dir)
	wantLines(t, got, "loaded 1.html v1")
	got, _ = ingest(t, Options{Store: s, Agency: education, Year: 2023}, dir)
	wantLines(t, got, "unchanged 1.html v1")
	got, _ = ingest(t, Options{Store: s, Agency: science, Year: 2022}, dir)
	wantLines(t, got, "loaded 1.html v1")
	list, err := s.Versions(t.Context(), time.Time{}, warehouse.AgencyID(science), 2022)
	if err != nil || len(list) != 1 {
		t.Fatalf("Versions: %v, %v", list, err)
	}
	codes := []string{}
	for _, p := range list[0].Problems {
		codes = append(codes, p.Code)
	}
	if !slices.Contains(codes, AgencyOverruled) || !slices.Contains(codes, YearOverruled) {
		t.Errorf("problems %v, want that the file says otherwise", codes)
	}
	// Bytes that are held for another agency too are unchanged, unless it is said whose they are.
	got, _ = ingest(t, Options{Store: s}, dir)
	wantLines(t, got, "unchanged 1.html v1")
}

func TestWithoutAgencyOrYearAReportWaits(t *testing.T) {
	nameless := bytes.ReplaceAll(page(education, 2023, 1), []byte(education), nil)
	timeless := bytes.ReplaceAll(bytes.ReplaceAll(page(education, 2023, 1), []byte("2023年"), nil), []byte("2024年1月20日"), nil)
	dir := write(t, map[string][]byte{"nameless.html": nameless, "timeless.html": timeless})
	got, _ := ingest(t, Options{DryRun: true}, dir)
	wantLines(t, got, "waiting nameless.html agency_unknown", "waiting timeless.html year_unknown")
	got, _ = ingest(t, Options{DryRun: true, Agency: education, Year: 2023}, dir)
	wantLines(t, got, "loaded nameless.html v1", "new_version timeless.html v2")

	s := store(t)
	got, _ = ingest(t, Options{Store: s}, dir)
	wantLines(t, got, "waiting nameless.html agency_unknown", "waiting timeless.html year_unknown")
	got, _ = ingest(t, Options{Store: s}, dir)
	wantLines(t, got, "unchanged nameless.html", "unchanged timeless.html")
	waiting := func() (names []string) {
		list, err := s.Waiting(t.Context(), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range list {
			names = append(names, fmt.Sprint(filepath.Base(w.File), " ", w.AgencyName, " ", w.Year))
			if doc, err := s.Document(t.Context(), w.SHA256); err != nil || len(doc.Bytes) == 0 {
				t.Errorf("the bytes of %s are not kept: %v", w.File, err)
			}
		}
		slices.Sort(names)
		return names
	}
	if diff := cmp.Diff([]string{"nameless.html  2023", "timeless.html " + education + " 0"}, waiting()); diff != "" {
		t.Errorf("waiting (-want +got):\n%s", diff)
	}
	got, _ = ingest(t, Options{Store: s, Year: 2023}, dir, filepath.Join(dir, "timeless.html"))
	wantLines(t, got, "loaded timeless.html v1")
	if diff := cmp.Diff([]string{"nameless.html  2023"}, waiting()); diff != "" {
		t.Errorf("waiting after one was loaded (-want +got):\n%s", diff)
	}
}

// entry is a member of an archive under test.
type entry struct {
	name  string
	raw   bool // the name is not UTF-8 and says so by saying nothing
	bytes []byte
	spoil func(*zip.FileHeader)
}

func archive(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, NonUTF8: e.raw, Method: zip.Deflate}
		if e.spoil != nil {
			e.spoil(h)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(e.bytes); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gbk(t *testing.T, s string) string {
	t.Helper()
	b, err := simplifiedchinese.GBK.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestArchives(t *testing.T) {
	report := page(education, 2023, 1)
	inner := archive(t, entry{name: "内/1.html", bytes: report})
	nested := inner
	for range archiveDepth {
		nested = archive(t, entry{name: "n.zip", bytes: nested})
	}
	many := make([]entry, archiveFiles+1)
	for i := range many {
		many[i].name = fmt.Sprintf("%d.html", i)
	}
	zeros := make([]byte, 5<<20)
	checksum := archive(t, entry{name: "1.html", bytes: report, spoil: func(h *zip.FileHeader) { h.Method = zip.Store }})
	checksum = bytes.Replace(checksum, []byte("工作年度报告"), []byte("工作年度报吿"), 1)
	// The directory says that the member is smaller than it is.
	lying := archive(t, entry{name: "1.html", bytes: zeros[:200<<10]})
	at := bytes.LastIndex(lying, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(lying[at+24:], 1000)
	encrypted := archive(t, entry{name: "1.html", bytes: report})
	at = bytes.LastIndex(encrypted, []byte("PK\x01\x02"))
	encrypted[at+8] |= 1

	tests := []struct {
		name  string
		bytes []byte
		want  []string
	}{
		{"members", archive(t, entry{name: "甲/1.html", bytes: report}, entry{name: "甲/"}, entry{name: "2.txt", bytes: []byte("放假通知")}),
			[]string{"loaded a.zip!/甲/1.html v1", "rejected a.zip!/2.txt not_a_report"}},
		{"names in GBK", archive(t, entry{name: gbk(t, "二〇二三年/教育局.html"), raw: true, bytes: report}), []string{"loaded a.zip!/二〇二三年/教育局.html v1"}},
		{"names in UTF-8 that do not say so", archive(t, entry{name: "教育局.html", raw: true, bytes: report}), []string{"loaded a.zip!/教育局.html v1"}},
		{"backslashes", archive(t, entry{name: `甲\1.html`, bytes: report}), []string{"loaded a.zip!/甲/1.html v1"}},
		{"left out", archive(t, entry{name: "1.html", bytes: report}, entry{name: "__MACOSX/._1.html", bytes: report}, entry{name: "1_files/a.css", bytes: report}),
			[]string{"loaded a.zip!/1.html v1"}},
		{"escape", archive(t, entry{name: "../1.html", bytes: report}, entry{name: "/etc/1.html", bytes: report}, entry{name: `..\..\1.html`, bytes: report}, entry{name: "a/../../1.html", bytes: report}),
			[]string{"rejected a.zip!/../1.html archive_path", "rejected a.zip!//etc/1.html archive_path", "rejected a.zip!/../../1.html archive_path", "rejected a.zip!/a/../../1.html archive_path"}},
		{"link", archive(t, entry{name: "1.html", bytes: []byte("/etc/passwd"), spoil: func(h *zip.FileHeader) { h.SetMode(os.ModeSymlink | 0o777) }}),
			[]string{"rejected a.zip!/1.html archive_path"}},
		{"archive in archive", archive(t, entry{name: "0.html", bytes: page(science, 2023, 1)}, entry{name: "b.zip", bytes: inner}, entry{name: "c.html", bytes: page(science, 2024, 1)}),
			[]string{"loaded a.zip!/0.html v1", "loaded a.zip!/b.zip!/内/1.html v1", "loaded a.zip!/c.html v1"}},
		{"too deep", nested, []string{"rejected a.zip!/n.zip!/n.zip!/n.zip archive_nesting"}},
		{"too many", archive(t, many...), []string{"rejected a.zip archive_too_large"}},
		{"bomb", archive(t, entry{name: "1.html", bytes: report}, entry{name: "2.html", bytes: zeros}), []string{"rejected a.zip archive_too_large"}},
		{"bomb in an archive", archive(t, entry{name: "1.html", bytes: report}, entry{name: "b.zip", bytes: archive(t, entry{name: "2.html", bytes: zeros})}),
			[]string{"loaded a.zip!/1.html v1", "rejected a.zip!/b.zip archive_too_large"}},
		{"lying about the size", lying, []string{"rejected a.zip!/1.html archive_damaged"}},
		{"wrong checksum", checksum, []string{"rejected a.zip!/1.html archive_damaged"}},
		{"encrypted", encrypted, []string{"rejected a.zip!/1.html archive_encrypted"}},
		{"empty", archive(t), []string{"rejected a.zip archive_empty"}},
		{"cut off", inner[:len(inner)-30], []string{"rejected a.zip archive_damaged"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := write(t, map[string][]byte{"a.zip": test.bytes})
			found := 0
			got, _ := ingest(t, Options{DryRun: true, Found: func(n int) { found = n }}, dir)
			wantLines(t, got, test.want...)
			if found != len(got) {
				t.Errorf("%d files found, %d results", found, len(got))
			}
		})
	}
}

// Overlapping members unpack to much more than the archive without any one of them being suspicious.
func TestTheWholeOfAnArchiveIsBounded(t *testing.T) {
	var entries []entry
	for i := range 50 {
		entries = append(entries, entry{name: fmt.Sprintf("%d.html", i), bytes: make([]byte, 200<<10)})
	}
	dir := write(t, map[string][]byte{"a.zip": archive(t, entries...)})
	got, _ := ingest(t, Options{DryRun: true}, dir)
	wantLines(t, got, "rejected a.zip archive_too_large")
}

func TestLargeFilesAreRefusedFromTheirSize(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "1.html"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(document.DefaultLimits.Bytes + 1); err != nil {
		t.Fatal(err)
	}
	got, _ := ingest(t, Options{DryRun: true}, dir)
	wantLines(t, got, "rejected 1.html too_large")
	if r := ReadFile(t.Context(), f.Name()); r.Status != form.Rejected || r.Problems[0].Code != document.TooLarge {
		t.Errorf("ReadFile: %+v, want rejected as too large", r)
	}
}

// More bytes than may be in flight, in files that are slow first and fast later.
func TestOrderHoldsOverManyFiles(t *testing.T) {
	files := map[string][]byte{}
	var want []string
	for i := range 3 * gatherFiles {
		name := fmt.Sprintf("%04d.html", i)
		b := page(education, 2023, i)
		if i%7 == 0 {
			b = append(b, bytes.Repeat([]byte("<!-- 注 -->"), 20_000)...)
		}
		files[name] = b
		if i == 0 {
			want = append(want, "loaded 0000.html v1")
		} else {
			want = append(want, fmt.Sprintf("new_version %s v%d", name, i+1))
		}
	}
	dir := write(t, files)
	got, _ := ingest(t, Options{DryRun: true}, dir)
	wantLines(t, got, want...)
}

func TestInterruption(t *testing.T) {
	dir := write(t, map[string][]byte{"1.html": page(education, 2023, 1), "2.html": page(science, 2023, 1)})
	ctx, cancel := context.WithCancel(t.Context())
	opt := Options{DryRun: true, Found: func(int) { cancel() }, Each: func(r Result) { t.Errorf("result %+v after the interruption", r) }}
	_, err := Run(ctx, opt, []string{dir})
	if err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("Run = %v, want that it was interrupted", err)
	}
}

func TestOneIngestAtATime(t *testing.T) {
	data := t.TempDir()
	unlock, err := lock(t.Context(), data, quiet)
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan string, 1)
	entered := make(chan error, 1)
	go func() {
		second, err := lock(t.Context(), data, saying(told))
		if err == nil {
			second()
		}
		entered <- err
	}()
	select {
	case message := <-told:
		if !strings.Contains(message, "waiting for another ingest") {
			t.Errorf("message %q, want that it waits", message)
		}
	case err := <-entered:
		t.Fatalf("two ingests hold the lock (%v)", err)
	}
	unlock()
	if err := <-entered; err != nil {
		t.Error(err)
	}

	unlock, err = lock(t.Context(), data, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lock(ctx, data, quiet); err == nil {
		t.Error("lock after the caller gave up: want an error")
	}
}
