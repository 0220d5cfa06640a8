package page

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"nianbao/internal/engine"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/sample"
)

func TestMain(m *testing.M) {
	engine.MaybeChild()
	os.Exit(m.Run())
}

// tester asks the pages of one warehouse.
type tester struct {
	handler http.Handler
	store   *warehouse.Store
	kept    map[string]*httptest.ResponseRecorder // pages already asked for, where the warehouse stays as it is
	pages   []string                              // addresses of its pages, in HTML
}

func serve(t *testing.T, store *warehouse.Store) *tester {
	t.Helper()
	h, err := New(Options{Store: store, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return &tester{handler: h, store: store}
}

func (s *tester) get(t *testing.T, address string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	if w, ok := s.kept[address]; ok && len(header) == 0 {
		return w
	}
	r := httptest.NewRequest(http.MethodGet, address, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if s.kept != nil && len(header) == 0 {
		s.kept[address] = w
	}
	return w
}

// ok asks for a page that must be there.
func (s *tester) ok(t *testing.T, address string) string {
	t.Helper()
	w := s.get(t, address)
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: status %d: %s", address, w.Code, w.Body)
	}
	return w.Body.String()
}

func id(name string) string { return warehouse.AgencyID(name) }

// addresses are one of each kind of page, in HTML.
func addresses() []string {
	list := []string{"/outcomes", "/outcomes?view=count&year=2022", "/reasons", "/reasons?group=all", "/disputes", "/funnel", "/funnel?m=refuse_rate&span=3&mark=" + id(sample.Science), "/trends", "/trends?m=open_rate&yscale=own&year=2021",
		"/changes/years", "/changes/years?m=open_rate", "/matrix", "/matrix?sort=name", "/scatter", "/scatter?m=open_rate&y=refuse_rate", "/scatter?m=growth&y=fees", "/outcomes?peer=list:xnone", "/funnel?scope=aggregate", "/changes/years?m=fees&peer=type:township",
		"/", "/?year=2022", "/register", "/measures", "/compare?scope=aggregate", "/compare?peer=type:township", "/compare?year=2019", "/compare?peer=list:xnone"}
	for _, m := range form.Offered {
		list = append(list, "/compare?m="+m.Code)
	}
	list = append(list, "/compare?m=open_rate&den=handled&x=full&span=3", "/compare?m=review_fix&den=total", "/compare?m=open_rate&sort=n&theme=dark&mark="+id(sample.Science))
	for _, name := range []string{sample.Science, sample.Education, sample.Hostile, sample.Government, sample.Statistics} {
		list = append(list, "/agency/"+id(name))
	}
	for _, name := range []string{sample.Science, sample.Hostile, sample.Government, sample.Statistics, sample.Culture, sample.Justice, sample.Transport, sample.Street, sample.Housing} {
		list = append(list, "/report/"+id(name)+"/2023")
	}
	return list
}

// in is the same address in another format.
func in(f format, address string) string {
	path, query, has := strings.Cut(address, "?")
	query = strings.ReplaceAll(query, "&theme=dark", "")
	if has {
		query = "?" + query
	}
	return path + string(f) + query
}

func TestDistrict(t *testing.T) {
	s := serve(t, sample.District(t))
	s.kept, s.pages = map[string]*httptest.ResponseRecorder{}, addresses()
	for name, test := range map[string]func(*testing.T, *tester){
		"every page in three formats":  testFormats,
		"pages stand without script":   testNoInline,
		"hostile names":                testHostile,
		"a hostile name is whole":      testHostileRow,
		"a missing report is no zero":  testMissing,
		"the table equals the JSON":    testEqual,
		"readings":                     testReadings,
		"columns":                      testColumns,
		"parameters":                   testParameters,
		"ETag":                         testETag,
		"the report as printed":        testReport,
		"the original":                 testDocument,
		"synthetic reports are marked": testSynthetic,
		"from figure to cell":          testDrill,
		"the home page":                testHome,
		"not there":                    testNotFound,
		"the option":                   testOption,
		"workbooks":                    testXLSX,
		"the journal":                  testJournal,
		"the package":                  testPackage,
	} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
}

func testFormats(t *testing.T, s *tester) {
	for _, address := range s.pages {
		w := s.get(t, address)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			t.Errorf("GET %s: status %d, %s", address, w.Code, w.Header().Get("Content-Type"))
			continue
		}
		if got := w.Header().Get("Content-Security-Policy"); got != policy || strings.Contains(got, "unsafe") {
			t.Errorf("GET %s: policy %q", address, got)
		}
		if strings.Contains(w.Body.String(), "⟨") {
			t.Errorf("GET %s: a text is missing: %s", address, regexp.MustCompile("⟨.*?⟩").FindString(w.Body.String()))
		}
		doc := parseHTML(t, w.Body.String())
		if n := len(doc.all("h1")); n != 1 {
			t.Errorf("GET %s has %d main headings, want 1", address, n)
		}
		ids := map[string]bool{}
		for _, e := range doc.all("[id]") {
			if ids[e.attr("id")] {
				t.Errorf("GET %s has two elements with the id %s", address, e.attr("id"))
			}
			ids[e.attr("id")] = true
		}
		for _, a := range doc.all("a[href]") {
			if anchor, ok := strings.CutPrefix(a.attr("href"), "#"); ok && !ids[anchor] {
				t.Errorf("GET %s: link %q leads to #%s, which is not on the page", address, a.text(), anchor)
			}
		}

		w = s.get(t, in(asJSON, address))
		if w.Code != http.StatusOK || !json.Valid(w.Body.Bytes()) || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("GET %s: status %d, %s: %s", in(asJSON, address), w.Code, w.Header().Get("Content-Type"), w.Body)
		}

		w = s.get(t, in(asCSV, address))
		body, hasMark := bytes.CutPrefix(w.Body.Bytes(), []byte("\ufeff"))
		rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll() // refuses rows of different lengths
		if w.Code != http.StatusOK || err != nil || !hasMark || bytes.Count(body, []byte("\r\n")) < len(rows) {
			t.Errorf("GET %s: status %d, byte order mark %v, %v", in(asCSV, address), w.Code, hasMark, err)
			continue
		}
		if got, want := w.Header().Get("X-Row-Count"), fmt.Sprint(len(rows)-1); got != want {
			t.Errorf("GET %s: row count %s, want %s", in(asCSV, address), got, want)
		}
	}
	if body := s.ok(t, "/compare.csv?bom=0"); strings.HasPrefix(body, "\ufeff") {
		t.Error("bom=0 leaves the byte order mark")
	}
}

// testNoInline: nothing in a page runs or styles by itself, every figure has its table, and every link to a file is to
// this server.
func testNoInline(t *testing.T, s *tester) {
	for _, address := range s.pages {
		doc := parseHTML(t, s.ok(t, address))
		for _, e := range doc.all("script") {
			if e.attr("src") == "" || e.text() != "" {
				t.Errorf("GET %s: a script stands in the page: %q", address, e.text())
			}
		}
		for n := range doc.Descendants() {
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("GET %s: <%s %s=%q>", address, n.Data, a.Key, a.Val)
				}
				if (a.Key == "src" || a.Key == "href") && strings.Contains(a.Val, "//") {
					t.Errorf("GET %s: <%s %s=%q> leads elsewhere", address, n.Data, a.Key, a.Val)
				}
			}
		}
		if len(doc.all("style")) > 0 {
			t.Errorf("GET %s: styles stand in the page", address)
		}
		if len(doc.all("figure")) > 0 && (len(doc.all("figure a[href=#table]")) != 1 || len(doc.all("#table")) != 1 || len(doc.all("section table")) == 0) {
			t.Errorf("GET %s: the figure has no table", address)
		}
	}
}

func testHostile(t *testing.T, s *tester) {
	attack := regexp.MustCompile(`<script>alert|<b onmouseover`)
	for _, address := range s.pages {
		if found := attack.FindString(s.ok(t, address)); found != "" {
			t.Errorf("GET %s holds %q", address, found)
		}
		if body := s.ok(t, in(asJSON, address)); strings.ContainsAny(body, "<>") {
			t.Errorf("GET %s holds markup", in(asJSON, address))
		}
	}
}

func testHostileRow(t *testing.T, s *tester) {
	doc := parseHTML(t, s.ok(t, "/compare"))
	if got := doc.one(t, "tr[data-agency="+id(sample.Hostile)+"] th a").text(); got != sample.Hostile {
		t.Errorf("name on the page = %q, want %q", got, sample.Hostile)
	}
	// A text that a spreadsheet would run starts with an apostrophe; a number that starts with a sign does not.
	table := sheet{header: []string{"a"}, rows: [][]value{{said("=1+1")}, {said("＋cmd")}, {figure(-18)}, {plainText("-18")}, {said("a,\"b\"\n")}}}
	if got, want := string(table.encode(false)), "a\r\n'=1+1\r\n'＋cmd\r\n-18\r\n-18\r\n\"a,\"\"b\"\"\n\"\r\n"; got != want {
		t.Errorf("CSV %q, want %q", got, want)
	}
}

// zero finds a 0 that stands for a value: alone, or as a percentage.
var zero = regexp.MustCompile(`(^|[^0-9A-Za-z.,–/-])0(\.0)?%?($|[^0-9A-Za-z.,–-])`)

// testMissing: the line of an agency without a report holds the word and no 0, on every page and in every file.
func testMissing(t *testing.T, s *tester) {
	missing := id(sample.Education)
	for _, m := range form.Offered {
		address := "/compare?m=" + m.Code
		row := parseHTML(t, s.ok(t, address)).one(t, "tr[data-agency="+missing+"]")
		if !strings.Contains(row.text(), "未收到报告") {
			t.Errorf("GET %s: the row says %q", address, row.text())
		}
		cells := row.all("td")
		for _, cell := range cells[:len(cells)-3] { // the last are of the year before, of which there is a report
			if zero.MatchString(cell.text()) {
				t.Errorf("GET %s: a cell of an agency without a report says %q", address, cell.text())
			}
		}
		var answer struct {
			Rows []struct {
				Agency, State string
				Value, X, N   *float64
				Rank          *int
				Filing        *string
			}
		}
		if err := json.Unmarshal([]byte(s.ok(t, in(asJSON, address))), &answer); err != nil {
			t.Fatal(err)
		}
		for _, r := range answer.Rows {
			if r.Agency == missing && (r.State != "not_filed" || r.Value != nil || r.X != nil || r.N != nil || r.Rank != nil || r.Filing != nil) {
				t.Errorf("GET %s: %+v of an agency without a report", in(asJSON, address), r)
			}
		}
		for _, line := range strings.Split(s.ok(t, in(asCSV, address)), "\r\n") {
			fields := strings.Split(line, ",")
			if len(fields) < 3 || fields[2] != missing {
				continue
			}
			if fields[7] != "not_filed" || strings.Join(fields[8:18], "") != "" {
				t.Errorf("GET %s: %s", in(asCSV, address), line)
			}
		}
	}
	row := parseHTML(t, s.ok(t, "/")).one(t, "tr[data-agency="+missing+"]")
	if zero.MatchString(row.text()) {
		t.Errorf("GET /: %q", row.text())
	}
	for _, line := range strings.Split(s.ok(t, "/.csv"), "\r\n") {
		if strings.Contains(line, missing) && (!strings.Contains(line, ",not_filed,") || strings.Contains(line, ",0,") || strings.HasSuffix(line, ",0")) {
			t.Errorf("GET /.csv: %s", line)
		}
	}
	// The year without a report is a word on the agency's own page too.
	for _, cell := range parseHTML(t, s.ok(t, "/agency/"+id(sample.Transport))).all("table.history td") {
		if cell.text() == "" {
			t.Error("a cell of the agency's page is empty")
		}
	}
}

// testEqual: every figure in the table is that of the .json of the same address.
func testEqual(t *testing.T, s *tester) {
	for _, m := range form.Offered {
		address := "/compare?m=" + m.Code
		doc := parseHTML(t, s.ok(t, address))
		var answer struct {
			Rows []struct {
				Agency, State, Percent string
				Value                  *json.Number
				X, N                   *json.Number
				Rank                   int
			}
		}
		if err := json.Unmarshal([]byte(s.ok(t, in(asJSON, address))), &answer); err != nil {
			t.Fatal(err)
		}
		lines := doc.all("table tr[data-agency]")
		if len(lines) != len(answer.Rows) || len(lines) == 0 {
			t.Errorf("GET %s: %d lines on the page, %d in the JSON", address, len(lines), len(answer.Rows))
			continue
		}
		for i, r := range answer.Rows {
			row := lines[i]
			if row.attr("data-agency") != r.Agency {
				t.Errorf("GET %s: line %d is of %s, in the JSON of %s", address, i, row.attr("data-agency"), r.Agency)
				continue
			}
			main := row.all("td.main")
			switch {
			case r.State == "value" || r.State == "zero":
				want := ""
				if m.Share() {
					want = r.Percent
				} else if want = r.Percent; want == "" && r.Value != nil {
					want = zh.sumOf(m, decimal.RequireFromString(r.Value.String()).Shift(int32(m.Scale())).IntPart())
				}
				got := ""
				if len(main) == 1 {
					got, _, _ = strings.Cut(strings.TrimSuffix(main[0].text(), "⁰"), " ") // what follows is for narrow screens
				}
				if got != want || want == "" {
					t.Errorf("GET %s: %s shows %q, the JSON has %q", address, r.Agency, got, want)
				}
			case len(main) != 0:
				t.Errorf("GET %s: %s is %s and shows %q", address, r.Agency, r.State, main[0].text())
			}
			if m.Share() && r.X != nil && r.N != nil {
				cells := row.all("td.xn a")
				x, _ := r.X.Int64()
				n, _ := r.N.Int64()
				if len(cells) < 2 || cells[0].text() != number(x) || cells[1].text() != number(n) {
					t.Errorf("GET %s: %s: x and n are not %d and %d: %s", address, r.Agency, x, n, row.text())
				}
			}
		}
	}
}

// testColumns: every line of the table has as many cells as its head, whatever the measure and the reading.
func testColumns(t *testing.T, s *tester) {
	for _, address := range []string{"/compare", "/compare?m=fees", "/compare?m=growth", "/compare?m=open_rate", "/compare?m=open_rate&span=3", "/compare?m=open_rate&x=full&den=handled"} {
		doc := parseHTML(t, s.ok(t, address))
		head := len(doc.all("table.sticky thead th"))
		lines := append(doc.all("table.sticky tr[data-agency]"), doc.one(t, "table.sticky tfoot tr"))
		for _, line := range lines {
			if cells := len(line.all("td")) + len(line.all("th")); cells != head {
				t.Errorf("GET %s: a line of %d cells under a head of %d: %s", address, cells, head, line.text())
			}
		}
		for _, block := range doc.all("tr.block th") {
			if got := block.attr("colspan"); got != strconv.Itoa(head) {
				t.Errorf("GET %s: a heading over %s columns of %d", address, got, head)
			}
		}
	}
}

// testReadings: numerator, denominator and years asked for are those of the page, its .json and its .csv.
func testReadings(t *testing.T, s *tester) {
	for address, want := range map[string][2]string{
		"/compare?m=open_rate":                           {"33", "52"},
		"/compare?m=open_rate&x=full":                    {"29", "52"},
		"/compare?m=open_rate&den=handled":               {"33", "57"},
		"/compare?m=open_rate&span=3":                    {"81", "127"},
		"/compare?m=open_rate&span=3&x=full&den=handled": {"72", "139"},
		"/compare?m=growth":                              {"52", "44"},
	} {
		line := parseHTML(t, s.ok(t, address)).one(t, "tr[data-agency="+id(sample.Science)+"]")
		cells := line.all("td.xn")
		if len(cells) != 2 || cells[0].text() != want[0] || cells[1].text() != want[1] {
			t.Errorf("GET %s: %s, want %s of %s", address, line.text(), want[0], want[1])
		}
		if text := s.ok(t, in(asJSON, address)); !strings.Contains(text, fmt.Sprintf(`"x":%s,"n":%s`, want[0], want[1])) {
			t.Errorf("GET %s has no %s of %s", in(asJSON, address), want[0], want[1])
		}
		if text := s.ok(t, in(asCSV, address)); !strings.Contains(text, ","+want[0]+","+want[1]+",") {
			t.Errorf("GET %s has no %s of %s", in(asCSV, address), want[0], want[1])
		}
	}
	for excl, want := range map[string]string{"critical": "未计入：有严重问题", "none": "18"} {
		line := parseHTML(t, s.ok(t, "/compare?excl="+excl)).one(t, "tr[data-agency="+id(sample.Transport)+"]")
		if !strings.Contains(line.text(), want) {
			t.Errorf("GET /compare?excl=%s: the report with a critical finding says %q, want %q", excl, line.text(), want)
		}
	}
	if got := parseHTML(t, s.ok(t, "/compare?m=fees")).one(t, "tr[data-agency="+id(sample.Town)+"] td.main").text(); got != "4,166.24" {
		t.Errorf("fees of %s = %q, want 4,166.24", sample.Town, got)
	}
	if text := s.ok(t, "/compare.csv?m=fees"); !strings.Contains(text, ",value,4166.241619,4166.241619,") {
		t.Errorf("the file of fees is not exact: %s", text)
	}
	doc := parseHTML(t, s.ok(t, "/compare?m=open_rate"))
	if got := doc.one(t, "p.district").text(); !strings.HasPrefix(got, "与全区 ") || !strings.Contains(got, "仅凭偶然") {
		t.Errorf("comparison with the district: %q", got)
	}
	if got := doc.one(t, "tr[data-agency="+id(sample.Science)+"] td.status").text(); got != say("status.within") {
		t.Errorf("status of %s = %q", sample.Science, got)
	}
}

func testParameters(t *testing.T, s *tester) {
	for address, names := range map[string]string{
		"/?yaer=2023":                    "yaer",
		"/?m=received":                   "m",
		"/compare?year=23":               "year",
		"/compare?year=02023":            "year",
		"/compare?m=best":                "m",
		"/compare?m=days_late":           "m",
		"/compare?m=dispute_per100":      "m",
		"/compare?den=handled":           "den",
		"/compare?m=open_rate&den=total": "den",
		"/compare?m=refuse_rate&x=full":  "x",
		"/compare?m=open_rate&x=none":    "x",
		"/compare?m=received&span=3":     "span",
		"/compare?m=open_rate&span=2":    "span",
		"/compare?peer=type:x":           "peer",
		"/compare?peer=list:":            "peer",
		"/compare?mark=a.b":              "mark",
		"/compare?scope=all":             "scope",
		"/compare?sort=up":               "sort",
		"/compare?excl=all":              "excl",
		"/compare?page=0":                "page",
		"/compare?theme=red":             "theme",
		"/compare?as_of=soon":            "as_of",
		"/compare?as_of=2199-01-01":      "as_of",
		"/compare?part=option":           "part",
		"/compare?bom=0":                 "bom",
		"/compare?m=received&m=handled":  "m",
		"/measures?year=2023":            "year",
		"/agency/x1?year=abc":            "year",
		"/report/x1/2023?m=received":     "m",
		"/register?state=gone":           "state",
		"/register?kind=x":               "kind",
		"/register?page=2":               "page",
		"/findings?rule=A99":             "rule",
		"/findings?severity=bad":         "severity",
		"/findings?outcome=fail,x":       "outcome",
		"/findings?decision=maybe":       "decision",
		"/findings?order=up":             "order",
		"/findings?state=late":           "state",
		"/changes?since=soon":            "since",
		"/changes?event=birth":           "event",
		"/diff?from=x":                   "from",
		"/agency/x1?join=2":              "join",
		"/outcomes?view=pie":             "view",
		"/outcomes?m=received":           "m",
		"/reasons?group=r1":              "group",
		"/funnel?m=received":             "m",
		"/trends?yscale=log":             "yscale",
		"/trends?m=growth":               "m",
		"/changes/years?m=growth":        "m",
		"/scatter?m=received&y=received": "y",
		"/matrix?span=3":                 "span",
		"/disputes?part=plot":            "part",
	} {
		w := s.get(t, address)
		if w.Code != http.StatusBadRequest || !strings.Contains(parseHTML(t, w.Body.String()).one(t, "h1").text(), names) {
			t.Errorf("GET %s: status %d, heading %q; want 400 and the name %s", address, w.Code, parseHTML(t, w.Body.String()).one(t, "h1").text(), names)
		}
		if strings.Contains(address, "part=") {
			continue // which is for .json
		}
		w = s.get(t, in(asJSON, address))
		var body struct {
			Status            int
			Parameter, Detail string
			Allowed           []string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != 400 || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("GET %s: status %d, %s: %v", in(asJSON, address), w.Code, w.Header().Get("Content-Type"), err)
			continue
		}
		if body.Status != 400 || body.Parameter != names || len(body.Allowed) == 0 {
			t.Errorf("GET %s: %+v, want status 400, parameter %s and what is allowed", in(asJSON, address), body, names)
		}
	}
	// An empty field of the form is no value.
	if w := s.get(t, "/compare?m=received&year="); w.Code != http.StatusOK {
		t.Errorf("an empty year: status %d, want 200", w.Code)
	}
	for given, want := range map[string]string{
		"/compare?sort=value&m=open_rate&year=2023&theme=auto": "/compare?year=2023&m=open_rate",
		"/compare?mark=x1,x2&peer=type:street":                 "/compare?peer=type:street&mark=x1,x2",
		"/compare?x=full&span=3&den=handled&m=open_rate":       "/compare?m=open_rate&den=handled&x=full&span=3",
		"/compare?m=open_rate&den=concluded&x=any&span=1":      "/compare?m=open_rate",
		"/compare?as_of=2024-04-02T09:14:00%2B08:00":           "/compare?as_of=2024-04-02T01:14:00Z",
		"/compare?as_of=2024-04-02":                            "/compare?as_of=2024-04-02T15:59:59.999999Z",
	} {
		r := httptest.NewRequest(http.MethodGet, given, nil)
		a, wrong := parseAddress("/compare", asHTML, r.URL.Query(), comparePage.parameters)
		if wrong != nil {
			t.Errorf("%s: %v", given, wrong)
			continue
		}
		if got := strings.ReplaceAll(a.String(), "%3A", ":"); got != want {
			t.Errorf("canonical form of %s = %s, want %s", given, got, want)
		}
	}
}

func testETag(t *testing.T, s *tester) {
	seen := map[string]string{}
	for _, address := range []string{"/", "/compare", "/compare.json", "/compare.csv", "/compare?theme=dark", "/compare?m=open_rate", "/register", "/findings", "/findings.csv"} {
		w := s.get(t, address)
		tag := w.Header().Get("ETag")
		if other, twice := seen[tag]; twice || tag == "" {
			t.Errorf("GET %s has the ETag %s of %s", address, tag, other)
		}
		seen[tag] = address
		if again := s.get(t, address, "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("GET %s with its ETag: status %d, %d bytes; want 304 and none", address, again.Code, again.Body.Len())
		}
		if again := s.get(t, address, "If-None-Match", `"other", W/`+tag); again.Code != http.StatusNotModified {
			t.Errorf("GET %s with its ETag among others: status %d, want 304", address, again.Code)
		}
		again := s.get(t, address, "If-None-Match", `"other"`) // which is answered with what was kept
		if again.Code != http.StatusOK || !bytes.Equal(again.Body.Bytes(), w.Body.Bytes()) {
			t.Errorf("GET %s with another ETag: status %d, want 200 and the same page", address, again.Code)
		}
		if diff := cmp.Diff(w.Header(), again.Header()); diff != "" {
			t.Errorf("GET %s again: other headers (-first +again):\n%s", address, diff)
		}
	}
}

func testReport(t *testing.T, s *tester) {
	doc := parseHTML(t, s.ok(t, "/report/"+id(sample.Science)+"/2023"))
	if got := doc.one(t, "td[id=section3.NEW.total] a.cell").text(); got != "52" {
		t.Errorf("NEW of the newest version = %q, want 52", got)
	}
	if got := len(doc.all("nav.versions a")); got != 3 { // the agency, and two versions
		t.Errorf("%d links beside the versions, want 3", got)
	}
	title := doc.one(t, "td[id=section3.R3_4.total]").attr("title")
	for _, part := range []string{"保护第三方合法权益", "section3.R3_4.total", "原文：“6”", "表 2", "grid"} {
		if !strings.Contains(title, part) {
			t.Errorf("the title of a cell is %q, want %q in it", title, part)
		}
	}
	for _, test := range []struct{ name, cell, class, text string }{
		{sample.Health, "section3.R3_8.total", "s-settled", "空⁰"},
		{sample.Housing, "section3.R3_4.total", "s-blank", "空"},
		{sample.Justice, "section3.NEW.total", "s-ambiguous", "? 2 1"},
		{sample.Street, "section3.NEW.total", "s-dash", "/"},
		{sample.Hostile, "section2.licensing.processed", "s-text", "<b onmouseover=alert(2)>见附件</b>"},
		{sample.Civil, "section3.NEW.total", "s-number", "0"},
		{sample.Culture, "section3.R6.total", "s-number", "0"},
		{sample.Culture, "section2.procurement.amount_yuan", "s-number", "0"},
	} {
		cell := parseHTML(t, s.ok(t, "/report/"+id(test.name)+"/2023")).one(t, "td[id="+test.cell+"]")
		if !strings.Contains(cell.attr("class"), test.class) || cell.one(t, "a.cell").text() != test.text {
			t.Errorf("%s of %s: class %q, text %q; want %s %q", test.cell, test.name, cell.attr("class"), cell.text(), test.class, test.text)
		}
	}
	wrong := parseHTML(t, s.ok(t, "/report/"+id(sample.Transport)+"/2023"))
	if got := wrong.one(t, "#finding-1").text(); !strings.Contains(got, "不符 · A1") || !strings.Contains(got, "左边 19，右边 10，相差 +9") {
		t.Errorf("first finding: %q", got)
	}
	if got := wrong.one(t, "td[id=section3.R7.total]").all("a.mark"); len(got) != 3 {
		t.Errorf("%d marks at the wrong total, want 3", len(got))
	}
	if got := parseHTML(t, s.ok(t, "/report/"+id(sample.Statistics)+"/2023")).all("p.warn"); len(got) != 1 || got[0].text() != say("report.missing") {
		t.Errorf("report without table 三: %d warnings", len(got))
	}
	filing := doc.one(t, `link[rel=canonical]`).attr("href")
	if !strings.HasPrefix(filing, "/filing/") {
		t.Fatalf("permanent address %q", filing)
	}
	if got := parseHTML(t, s.ok(t, filing)).one(t, "td[id=section3.NEW.total] a.cell").text(); got != "52" {
		t.Errorf("GET %s: NEW = %q, want 52", filing, got)
	}
	first := doc.all("nav.versions a")[1].attr("href")
	old := parseHTML(t, s.ok(t, first))
	if got := old.one(t, "td[id=section3.NEW.total] a.cell").text(); got != "50" || len(old.all("p.warn")) != 1 {
		t.Errorf("GET %s: NEW = %q, want 50 and a word that it is not the newest", first, got)
	}
}

func testDocument(t *testing.T, s *tester) {
	href := parseHTML(t, s.ok(t, "/report/"+id(sample.Science)+"/2023")).one(t, "a.original").attr("href")
	w := s.get(t, href)
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment;") || w.Header().Get("Content-Type") != "application/octet-stream" ||
		w.Header().Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("GET %s: status %d, header %v", href, w.Code, w.Header())
	}
	if !strings.Contains(w.Body.String(), "<title>"+sample.Science+" 2023</title>52") {
		t.Errorf("GET %s: %q", href, w.Body)
	}
	for _, address := range []string{"/document/x", "/document/" + strings.Repeat("0", 64)} {
		if w := s.get(t, address); w.Code != http.StatusNotFound {
			t.Errorf("GET %s: status %d, want 404", address, w.Code)
		}
	}
}

func testSynthetic(t *testing.T, s *tester) {
	marked := func(address string) bool {
		return len(parseHTML(t, s.ok(t, address)).all("div.band.synthetic")) == 1
	}
	for address, want := range map[string]bool{
		"/": true, "/?year=2022": false, "/compare": true, "/compare?year=2022": false, "/compare?peer=type:township": false,
		"/agency/" + id(sample.MadeUp): true, "/agency/" + id(sample.Science): false,
		"/report/" + id(sample.MadeUp) + "/2023": true, "/report/" + id(sample.Science) + "/2023": false,
	} {
		if got := marked(address); got != want {
			t.Errorf("GET %s: marked as synthetic %v, want %v", address, got, want)
		}
	}
	if row := parseHTML(t, s.ok(t, "/compare")).one(t, "tr[data-agency="+id(sample.MadeUp)+"]"); !strings.Contains(row.text(), say("compare.synthetic")) {
		t.Errorf("the row of a synthetic report says %q", row.text())
	}
}

// testDrill: from a figure one link leads to its cell.
func testDrill(t *testing.T, s *tester) {
	for _, address := range []string{"/", "/compare", "/compare?m=open_rate", "/agency/" + id(sample.Science)} {
		links := 0
		for _, a := range parseHTML(t, s.ok(t, address)).all("td.num a") {
			path, cell, ok := strings.Cut(a.attr("href"), "#")
			if !ok {
				continue
			}
			links++
			if links <= 12 { // the first dozen of each page
				parseHTML(t, s.ok(t, path)).one(t, "[id="+cell+"]")
			}
		}
		if links == 0 {
			t.Errorf("GET %s: no figure leads to a cell", address)
		}
	}
}

func testHome(t *testing.T, s *tester) {
	doc := parseHTML(t, s.ok(t, "/"))
	if got, want := doc.one(t, "h1").text(), "2023 年度已收到 12 个机关的报告，1 个机关未收到"; got != want {
		t.Errorf("title %q, want %q", got, want)
	}
	var counts []string
	for _, e := range doc.all("ul.counts li span.figure") {
		counts = append(counts, e.text())
	}
	if got, want := strings.Join(counts, " "), "13 12 1 1 2"; got != want {
		t.Errorf("known, received, missing, zero, failing = %s, want %s", got, want)
	}
	if got, want := doc.one(t, "div.ribbon").text(), "2023 年度 已知机关 13 已收到 12（其中零申请 1） 未收到报告 1 勾稽不符 2 份 另有汇总报告 1 份"; !strings.HasPrefix(strings.ReplaceAll(got, "·", ""), strings.ReplaceAll(want, " ", "")) && !strings.HasPrefix(got, "2023 年度 已知机关 13已收到 12（其中零申请 1）未收到报告 1勾稽不符 2 份另有汇总报告 1 份") {
		t.Errorf("ribbon %q", got)
	}
	var sum, whole int64
	var answer struct {
		Outcomes []struct{ X, N int64 }
		Agencies []struct {
			Agency string
			State  string
		}
		Zero int
	}
	if err := json.Unmarshal([]byte(s.ok(t, "/.json")), &answer); err != nil {
		t.Fatal(err)
	}
	for _, o := range answer.Outcomes {
		sum += o.X
		whole = o.N
	}
	if sum != whole || sum == 0 {
		t.Errorf("the six parts add up to %d of %d", sum, whole)
	}
	if len(answer.Agencies) != 14 || answer.Zero != 1 {
		t.Errorf("%d agencies with %d zero reports, want 14 and 1", len(answer.Agencies), answer.Zero)
	}
}

func testNotFound(t *testing.T, s *tester) {
	for _, address := range []string{"/nothing", "/agency/xnone", "/agency/a.b", "/report/xnone/2023", "/report/" + id(sample.Education) + "/2023",
		"/report/" + id(sample.Science) + "/1999", "/filing/00000000000000000000000000", "/assets/nothing.js", "/agency/xnone.json", "/compare.xml"} {
		w := s.get(t, address)
		if w.Code != http.StatusNotFound {
			t.Errorf("GET %s: status %d, want 404", address, w.Code)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/compare", nil)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
		t.Errorf("POST /compare: status %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

// testOption: what the picture draws is what the table shows.
func testOption(t *testing.T, s *tester) {
	var drawing struct {
		Option struct {
			Series []struct {
				Name string
				Data []struct{ Value json.RawMessage }
			}
			YAxis []struct{ Data []json.RawMessage }
		}
		Links []string
	}
	body := s.ok(t, "/compare.json?part=option")
	if err := json.Unmarshal([]byte(body), &drawing); err != nil {
		t.Fatal(err)
	}
	doc := parseHTML(t, s.ok(t, "/compare"))
	lines := doc.all("tr[data-agency]")
	bars := drawing.Option.Series[0].Data
	if len(bars) != len(lines) || len(drawing.Links) != len(lines) || len(drawing.Option.YAxis[0].Data) != len(lines) {
		t.Fatalf("%d bars, %d links, %d labels for %d lines", len(bars), len(drawing.Links), len(drawing.Option.YAxis[0].Data), len(lines))
	}
	for i, line := range lines {
		want := `"-"`
		if main := line.all("td.main"); len(main) == 1 {
			want = strings.ReplaceAll(main[0].text(), ",", "")
		}
		if got := string(bars[i].Value); got != want {
			t.Errorf("bar %d is %s, the table says %s", i, got, want)
		}
	}
	if light, dark := body, s.ok(t, "/compare.json?part=option&theme=dark"); light == dark {
		t.Error("the dark picture is the light one")
	}
}

func TestEmptyWarehouse(t *testing.T) {
	s := serve(t, sample.Empty(t))
	for _, address := range []string{"/", "/compare", "/compare?m=open_rate&year=2023", "/measures", "/?year=2023", "/register", "/findings", "/changes", "/outcomes", "/reasons", "/disputes", "/funnel", "/trends", "/matrix", "/scatter", "/changes/years"} {
		for _, f := range []format{asHTML, asJSON, asCSV} {
			w := s.get(t, in(f, address))
			if w.Code != http.StatusOK {
				t.Errorf("GET %s: status %d: %s", in(f, address), w.Code, w.Body)
			}
			if f == asHTML && strings.Contains(w.Body.String(), "⟨") {
				t.Errorf("GET %s: a text is missing", address)
			}
		}
	}
	for _, address := range []string{"/agency/x1", "/report/x1/2023", "/filing/00000000000000000000000000"} {
		if w := s.get(t, address); w.Code != http.StatusNotFound {
			t.Errorf("GET %s: status %d, want 404", address, w.Code)
		}
	}
}

func TestPastStates(t *testing.T) {
	store := sample.Empty(t)
	times := sample.Commit(t, store, sample.Specs()[2], sample.Specs()[3])
	s := serve(t, store)
	cell := func(address string) string {
		return parseHTML(t, s.ok(t, address)).one(t, "td[id=section3.NEW.total] a.cell").text()
	}
	report := "/report/" + id(sample.Science) + "/2023"
	past := "?as_of=" + times[0].Format(time.RFC3339Nano)
	if now, then := cell(report), cell(report+past); now != "52" || then != "50" {
		t.Errorf("NEW now %s, then %s; want 52 and 50", now, then)
	}
	doc := parseHTML(t, s.ok(t, "/compare"+past))
	if got := doc.one(t, "tr[data-agency] td.main").text(); got != "50" {
		t.Errorf("comparison as of the first version: %s, want 50", got)
	}
	if len(doc.all("div.band.past")) != 1 {
		t.Error("a page of a past state does not say so")
	}
	for _, a := range doc.all("tr[data-agency] a") {
		if !strings.Contains(a.attr("href"), "as_of=") {
			t.Errorf("link %s leaves the past state", a.attr("href"))
		}
	}
	if w := s.get(t, "/compare.csv"+past); w.Header().Get("X-As-Of") != times[0].Format(time.RFC3339Nano) {
		t.Errorf("X-As-Of %q, want %q", w.Header().Get("X-As-Of"), times[0].Format(time.RFC3339Nano))
	}
	if w := s.get(t, report+"?as_of=2020-01-01"); w.Code != http.StatusNotFound {
		t.Errorf("report before it was received: status %d, want 404", w.Code)
	}
	// The permanent address of the page shows the same for good.
	permanent := parseHTML(t, s.ok(t, "/compare")).one(t, "link[rel=canonical]").attr("href")
	sample.Commit(t, store, sample.Specs()[0])
	if got := parseHTML(t, s.ok(t, permanent)).one(t, "tr[data-agency] td.main").text(); got != "52" {
		t.Errorf("GET %s: %s, want 52", permanent, got)
	}
}

// TestWarehouseAway: a page that cannot be answered stands in its frame and says so; one that has not changed is
// answered without asking.
func TestWarehouseAway(t *testing.T) {
	if _, _, err := engine.FindLibrary(""); err != nil {
		t.Skip(err)
	}
	store, err := warehouse.Open(t.Context(), warehouse.Options{Data: t.TempDir(), Program: "nianbao test"})
	if err != nil {
		t.Fatal(err)
	}
	sample.Commit(t, store, sample.Specs()[2])
	clock := time.Now()
	h, err := New(Options{Store: store, Version: "test", Now: func() time.Time { return clock }})
	if err != nil {
		t.Fatal(err)
	}
	s := &tester{handler: h, store: store}
	tag := s.get(t, "/compare").Header().Get("ETag")
	if w := s.get(t, "/readyz"); w.Code != 200 {
		t.Errorf("GET /readyz: status %d, want 200", w.Code)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if w := s.get(t, "/compare", "If-None-Match", tag); w.Code != http.StatusNotModified {
		t.Errorf("unchanged page without a warehouse: status %d, want 304", w.Code)
	}
	clock = clock.Add(2 * recent)
	for _, address := range []string{"/", "/compare", "/agency/x1", "/report/x1/2023", "/filing/00000000000000000000000000", "/measures"} {
		w := s.get(t, address)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || w.Header().Get("ETag") != "" {
			t.Errorf("GET %s: status %d, Retry-After %q, ETag %q; want 503, a time and none", address, w.Code, w.Header().Get("Retry-After"), w.Header().Get("ETag"))
		}
		if doc := parseHTML(t, w.Body.String()); len(doc.all("nav.menu a")) == 0 || !strings.Contains(doc.one(t, "h1").text(), "暂时无法查询") {
			t.Errorf("GET %s: %s", address, w.Body)
		}
	}
	if w := s.get(t, "/compare.json"); w.Code != 503 || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("GET /compare.json: status %d, %s", w.Code, w.Header().Get("Content-Type"))
	}
	if w := s.get(t, "/readyz"); w.Code != 503 {
		t.Errorf("GET /readyz: status %d, want 503", w.Code)
	}
	if w := s.get(t, "/healthz"); w.Code != 200 {
		t.Errorf("GET /healthz: status %d, want 200", w.Code)
	}
}

func TestFileNames(t *testing.T) {
	for file, want := range map[string]string{
		"report.html": "report.html", "/srv/in/2023/report.html": "report.html", `C:\reports\a.docx`: "a.docx",
		"/srv/in/all.zip!/2023/report.html": "all.zip!/2023/report.html", "": "",
	} {
		if got := fileName(file); got != want {
			t.Errorf("fileName(%q) = %q, want %q", file, got, want)
		}
	}
}
