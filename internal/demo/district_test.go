package demo

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"golang.org/x/text/encoding/simplifiedchinese"

	"nianbao/internal/form"
)

var update = flag.Bool("update", false, "write the golden files and the samples anew")

func district(t *testing.T, o Options) []Filing {
	t.Helper()
	filings, _, err := District(o)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(filings)
}

// written reads all files below a folder; of a zip package the parts count, since compression may change with Go.
func written(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		short, err := filepath.Rel(dir, name)
		out[filepath.ToSlash(short)] = string(unpacked(t, content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// unpacked joins the parts of a zip package; other content stays as it is.
func unpacked(t *testing.T, content []byte) []byte {
	t.Helper()
	if !bytes.HasPrefix(content, []byte("PK")) {
		return content
	}
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, part := range archive.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString(part.Name + "\n")
		if _, err := io.Copy(&out, r); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	small := Options{Agencies: 12, FirstYear: 2020, LastYear: 2022, Seed: 5}
	first, second, other := t.TempDir(), t.TempDir(), t.TempDir()
	for _, run := range []struct {
		dir string
		o   Options
	}{{first, small}, {second, small}, {other, Options{Agencies: 12, FirstYear: 2020, LastYear: 2022, Seed: 6}}} {
		if _, err := Write(run.dir, run.o); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(written(t, first), written(t, second)); diff != "" {
		t.Errorf("two runs with the same options differ:\n%s", diff)
	}
	if cmp.Equal(written(t, first), written(t, other)) {
		t.Error("another seed gave the same files")
	}
}

// The golden file holds the hash of each file of the default district: what changes here changes for everybody who
// compares two runs of the program.
func TestDefaultDistrictIsUnchanged(t *testing.T) {
	dir := t.TempDir()
	summary, err := Write(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	files := written(t, dir)
	if summary.Reports+summary.TruthFiles+1 != len(files) {
		t.Errorf("Summary tells of %d reports and %d truth files, the folder holds %d files with the register", summary.Reports, summary.TruthFiles, len(files))
	}
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	var got strings.Builder
	for _, name := range names {
		hash := sha256.Sum256([]byte(files[name]))
		got.WriteString(hex.EncodeToString(hash[:8]) + " " + name + "\n")
	}
	golden := filepath.Join("testdata", "district.sums")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("the default district changed (-update accepts it):\n%s", diff)
	}
}

func TestOptionsOutsideTheFormAreRefused(t *testing.T) {
	for _, test := range []struct {
		o    Options
		want string
	}{
		{Options{Agencies: -1}, "make up a district: -1 agencies, want at least 1"},
		{Options{FirstYear: 2018}, "make up a district: first year 2018, want 2019 or later; the form is not older"},
		{Options{FirstYear: 2022, LastYear: 2021}, "make up a district: last year 2021, want 2022 to 9999"},
	} {
		if _, err := Write(t.TempDir(), test.o); err == nil || err.Error() != test.want {
			t.Errorf("Write(%+v) = %v, want %s", test.o, err, test.want)
		}
	}
}

func TestReportsWithoutFaultSatisfyEveryIdentity(t *testing.T) {
	for seed := range uint64(4) {
		clean := 0
		for _, f := range district(t, Options{Seed: seed}) {
			wrong := f.Report.failing()
			misprinted := slices.ContainsFunc([]quirk{wrongConcluded, wrongRowTotal, wrongBalance, disputeTotalZero, corrected}, func(q quirk) bool {
				return slices.Contains(f.Report.quirks, q)
			})
			if !misprinted && len(wrong) > 0 {
				t.Errorf("seed %d: %s: %s does not hold at %s and no fault was planned", seed, f.File(), wrong[0].Identity.ID, wrong[0].Place)
			}
			if len(f.Report.Inconsistencies) == 0 {
				clean++
				if len(wrong) > 0 {
					t.Errorf("seed %d: %s breaks %s and its truth does not say so", seed, f.File(), wrong[0].Identity.ID)
				}
			}
		}
		if clean < 200 {
			t.Errorf("seed %d: %d reports without any fault, want most of 280", seed, clean)
		}
	}
}

func TestCarriedOutIsCarriedInNextYearOrTheTruthSaysNot(t *testing.T) {
	reports := map[string]map[int]Report{}
	for _, f := range district(t, Options{}) {
		if reports[f.Report.Agency] == nil {
			reports[f.Report.Agency] = map[int]Report{}
		}
		reports[f.Report.Agency][f.Report.Year] = f.Report // the corrected version comes last
	}
	compared, broken := 0, 0
	for agency, years := range reports {
		for year, r := range years {
			before, ok := years[year-1]
			if !ok {
				continue
			}
			compared++
			same := true
			for _, column := range columnsOf(form.Section3) {
				same = same && before.count(form.Section3, "CARRY_OUT", column).Equal(r.count(form.Section3, "CARRY_IN", column))
			}
			said := strings.Contains(strings.Join(r.Inconsistencies, "\n"), "A5 ")
			if same == said {
				t.Errorf("%s %d: carried over unchanged: %t, named as broken: %t", agency, year, same, said)
			}
			if !same {
				broken++
			}
		}
	}
	if compared < 200 || broken == 0 || broken > compared/10 {
		t.Errorf("%d of %d successions are broken, want a few of more than 200", broken, compared)
	}
}

func TestGovernmentReportsAtLeastTheSumOfItsBodies(t *testing.T) {
	sums := map[int]figures{}
	governments := map[int]Report{}
	for _, f := range district(t, Options{Seed: 3}) {
		r := f.Report
		if r.Scope == form.ScopeAggregate {
			governments[r.Year] = r
			continue
		}
		if len(r.Inconsistencies) > 0 {
			continue
		}
		if sums[r.Year] == nil {
			sums[r.Year] = figures{}
		}
		for _, k := range (r.tableOrFail(t, form.Section3)).Keys() {
			sums[r.Year][k] = sums[r.Year][k].Add(r.Cells[k].Value)
		}
	}
	for year, g := range governments {
		for _, k := range g.tableOrFail(t, form.Section3).Keys() {
			if s := sums[year][k]; g.Forms[form.Section3] == form.V2021 && len(g.Inconsistencies) == 0 && g.Cells[k].Value.LessThan(s) {
				t.Errorf("%s %d: %s is %s, its bodies have %s", g.Agency, year, k, g.Cells[k].Value, s)
			}
		}
	}
	if len(governments) != 7 {
		t.Errorf("%d reports of the government, want 7: it files every year", len(governments))
	}
}

func (r Report) tableOrFail(t *testing.T, code string) form.Table {
	t.Helper()
	table, err := r.table(code)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// The brief for the district: every case that real reports show occurs, with its effect, whatever the seed.
func TestDistrictShowsEveryCase(t *testing.T) {
	anyCell := func(want func(form.Key, Cell) bool) func(Report) bool {
		return func(r Report) bool {
			for k, c := range r.Cells {
				if want(k, c) {
					return true
				}
			}
			return false
		}
	}
	says := func(words string) func(Report) bool {
		return func(r Report) bool { return strings.Contains(strings.Join(r.Inconsistencies, "\n"), words) }
	}
	fails := func(id string) func(Report) bool {
		return func(r Report) bool {
			return slices.ContainsFunc(r.failing(), func(e form.Equation) bool { return e.Identity.ID == id })
		}
	}
	cases := []struct {
		quirk quirk
		shows func(Report) bool
	}{
		{lateForm, func(r Report) bool { return r.Year >= 2021 && r.Forms[form.Section2] == form.V2019 }},
		{mixedForm, func(r Report) bool {
			_, single := r.Cells[form.Key{Table: form.Section3, Row: "R6", Column: "total"}]
			return single && r.Forms[form.Section2] == form.V2021
		}},
		{carryBroken, says("A5 ")},
		{validJumps, says("A6 ")},
		{wrongConcluded, fails("A2")},
		{wrongRowTotal, fails("A3")},
		{wrongBalance, fails("A1")},
		{disputeTotalZero, fails("A4")},
		{proseDiffers, says("A10 正文新收")},
		{oldSignature, func(r Report) bool { return strings.HasPrefix(r.Signed, fmt.Sprintf("%d年", r.Year)) }},
		{itemsAsDecisions, says("处理决定数量误按")},
		{townRegulations, anyCell(func(k form.Key, c Cell) bool { return k.Row == "regulations" && c.Value.IsPositive() })},
		{corrected, func(r Report) bool { return r.Version == 2 }},
		{blankApplicants, anyCell(func(k form.Key, c Cell) bool { return c.State == form.Blank && k.Table == form.Section3 })},
		{blankZeros, anyCell(func(k form.Key, c Cell) bool { return c.State == form.Blank && k.Column == "total" })},
		{slashes, anyCell(func(k form.Key, c Cell) bool { return c.State == form.Dash && c.Text == "/" })},
		{dashes, anyCell(func(k form.Key, c Cell) bool { return c.State == form.Dash && c.Text == "-" })},
		{mixedZeros, func(r Report) bool {
			seen := map[form.State]bool{}
			for _, c := range r.Cells {
				if c.Value.IsZero() {
					seen[c.State] = true
				}
			}
			return seen[form.Number] && seen[form.Blank] && seen[form.Dash]
		}},
		{noRegulations, anyCell(func(k form.Key, c Cell) bool { return c.State == form.NA })},
		{fullWidthDigits, anyCell(func(k form.Key, c Cell) bool { return strings.ContainsAny(c.Text, "０１２３４５６７８９") })},
		{thousands, anyCell(func(k form.Key, c Cell) bool { return strings.Contains(c.Text, ",") })},
		{noteInCell, anyCell(func(k form.Key, c Cell) bool { return strings.Contains(c.Text, "（") && c.State == form.Number })},
		{halfWidthLabels, func(r Report) bool { return r.Labels == HalfWidth }},
		{listCommas, func(r Report) bool { return r.Labels == ListComma }},
	}
	tested := map[quirk]bool{unfiled: true}
	for _, c := range cases {
		tested[c.quirk] = true
	}
	for _, s := range append(slices.Clone(faultShares), spellingShares...) {
		if !tested[s.quirk] {
			t.Errorf("no case for %q", s.quirk)
		}
	}
	for seed := range uint64(3) {
		stream, missing, err := District(Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		filings := slices.Collect(stream)
		filed := map[slot]bool{}
		agencies := map[string]int{}
		for _, f := range filings {
			if _, ok := agencies[f.Report.Agency]; !ok {
				agencies[f.Report.Agency] = len(agencies)
			}
			filed[slot{agencies[f.Report.Agency], f.Report.Year}] = true
		}
		if missing == 0 || len(filed)+missing != 40*7 {
			t.Errorf("seed %d: %d reports are due and missing, %d are there, want some and 280 together", seed, missing, len(filed))
		}
		for _, c := range cases {
			n := 0
			for _, f := range filings {
				if slices.Contains(f.Report.quirks, c.quirk) && c.shows(f.Report) {
					n++
				}
			}
			if n == 0 {
				t.Errorf("seed %d: no report shows %q", seed, c.quirk)
			}
		}
		styles := map[Format]map[int]int{}
		for _, f := range filings {
			if styles[f.Format] == nil {
				styles[f.Format] = map[int]int{}
			}
			styles[f.Format][f.Style]++
		}
		for _, format := range Formats {
			if len(styles[format]) != Styles(format) {
				t.Errorf("seed %d: %s occurs in styles %v, want all %d", seed, format, styles[format], Styles(format))
			}
		}
		largest, none := decimal.Zero, 0
		for _, f := range filings {
			received := f.Report.count(form.Section3, "NEW", "total")
			largest = decimal.Max(largest, received)
			if received.IsZero() {
				none++
			}
		}
		if largest.LessThan(decimal.NewFromInt(1000)) || none < 10 {
			t.Errorf("seed %d: at most %s applications, none in %d reports; want some thousand and many without any", seed, largest, none)
		}
	}
}

// Whoever opens one of the files sees that it is made up.
func TestEveryDocumentCarriesTheMark(t *testing.T) {
	for _, f := range district(t, Options{Agencies: 40, FirstYear: 2021, LastYear: 2023}) {
		for style := range Styles(f.Format) {
			content, err := Print(f.Report, f.Format, style)
			if err != nil {
				t.Fatal(err)
			}
			text := string(unpacked(t, content))
			want := 1
			if f.Format == HTML {
				want = 3 // title, description, visible line
				if style == 3 {
					text, err = simplifiedchinese.GBK.NewDecoder().String(text)
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			if f.Format == DOCX {
				want = 2 // visible line, properties
			}
			if got := strings.Count(text, form.SyntheticMark); got != want {
				t.Errorf("%s in style %d has the mark %d times, want %d", f.File(), style, got, want)
			}
		}
		if !strings.HasPrefix(f.Report.Agency, "示例市") {
			t.Errorf("%s does not read as made up", f.Report.Agency)
		}
	}
}

func TestTruthHasEveryCellAndLeadsBackToTheReport(t *testing.T) {
	keys := []string{"name", "agency", "agency_printed", "year", "year_printed", "format", "section3_version", "format_note",
		"partial", "files", "files_absent", "sources", "columns", "section4_columns", "printed", "section2", "section3",
		"section4", "stat_table", "prose_claims", "inconsistencies", "uncertain", "blank_means"}
	for _, f := range district(t, Options{Seed: 2}) {
		truth := Truth(f.Report, f.Stem, []string{f.File()}, []string{"made up"})
		var got []string
		d := json.NewDecoder(bytes.NewReader(truth))
		for depth := 0; ; {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v in\n%s", f.Stem, err, truth)
			}
			switch token {
			case json.Delim('{'), json.Delim('['):
				depth++
				continue
			case json.Delim('}'), json.Delim(']'):
				depth--
				continue
			}
			if key, ok := token.(string); depth == 1 && ok && slices.Contains(keys, key) && !slices.Contains(got, key) {
				got = append(got, key)
			}
		}
		if diff := cmp.Diff(keys, got); diff != "" {
			t.Fatalf("%s: keys:\n%s", f.Stem, diff)
		}
		if strings.ContainsRune(string(truth), '\uFFFD') {
			t.Errorf("%s: a character was cut in two", f.Stem)
		}
		back, err := FromTruth(truth)
		if err != nil {
			t.Fatalf("%s: %v", f.Stem, err)
		}
		if diff := cmp.Diff(f.Report.Cells, back.Cells); diff != "" {
			t.Errorf("%s: cells of the report (-) and of its truth (+) differ:\n%s", f.Stem, diff)
		}
		if back.Agency != f.Report.Agency || back.Year != f.Report.Year || !cmp.Equal(back.Forms, f.Report.Forms) {
			t.Errorf("%s: truth gives %s %d %v", f.Stem, back.Agency, back.Year, back.Forms)
		}
	}
}

func TestFromTruthRefusesWhatIsIncomplete(t *testing.T) {
	f := district(t, Options{Agencies: 1, FirstYear: 2022, LastYear: 2022})[0]
	whole := string(Truth(f.Report, f.Stem, nil, nil))
	for _, test := range []struct{ what, old, new, want string }{
		{"an excerpt", `"partial": false`, `"partial": true`, "it describes an excerpt or no statutory form"},
		{"a table cut short", `"R5_5": [`, `"R5_6": [`, "no cell section3.R5_5.natural"},
		{"a row cut short", `"R5_3": [0, 0`, `"R5_3": [0`, "no cell section3.R5_3.total"},
		{"no JSON", "{", "<", "read truth file: "},
	} {
		cut := strings.Replace(whole, test.old, test.new, 1)
		if cut == whole {
			t.Fatalf("%s: the truth holds no %s", test.what, test.old)
		}
		if _, err := FromTruth([]byte(cut)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: FromTruth = %v, want an error with %q", test.what, err, test.want)
		}
	}
}

func TestBodiesAreIndependent(t *testing.T) {
	o := Options{FirstYear: 2019, LastYear: 2022, Seed: 4}
	alone := history(bodies(4)[3], o, nil)
	if diff := cmp.Diff(alone, history(bodies(60)[3], o, nil), cmp.AllowUnexported(year{})); diff != "" {
		t.Errorf("what a body does depends on how many others there are:\n%s", diff)
	}
	if cmp.Equal(alone, history(bodies(60)[43], o, nil), cmp.AllowUnexported(year{})) {
		t.Error("bodies of one name in two districts did the same")
	}
	names := map[string]bool{}
	for _, b := range bodies(1000) {
		if names[b.agency] || names[b.file] {
			t.Errorf("two bodies are called %s or %s", b.agency, b.file)
		}
		names[b.agency], names[b.file] = true, true
	}
}

func TestLogNormalKeepsItsMedianAndSpread(t *testing.T) {
	d := stream(1, 0, 9)
	below, far := 0, 0
	for range 10_000 {
		x := d.logNormal(1_000_000, 23)
		if x < 1_000_000 {
			below++
		}
		if x > 2_718_282 { // one standard deviation above: e times
			far++
		}
	}
	if below < 4800 || below > 5100 || far < 1450 || far > 1750 {
		t.Errorf("%d of 10000 below the median and %d beyond a standard deviation, want about 5000 and 1590", below, far)
	}
}

func TestThousands(t *testing.T) {
	for in, want := range map[string]string{"0": "0", "999": "999", "1000": "1,000", "24318": "24,318", "1234567.5": "1,234,567.5", "-18": "-18", "-1234": "-1,234", "-123456": "-123,456"} {
		if got := separateThousands(in); got != want {
			t.Errorf("separateThousands(%s) = %s, want %s", in, got, want)
		}
	}
}
