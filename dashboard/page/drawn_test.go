package page

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"nianbao/dashboard/assets"
	"nianbao/query/compare"
	"nianbao/query/sample"
)

// drawnAddresses are pages with a picture, one of each kind and more where pictures differ.
func drawnAddresses() []string {
	return []string{"/", "/compare", "/compare?m=open_rate", "/outcomes", "/outcomes?view=count", "/reasons", "/reasons?group=all", "/disputes", "/funnel", "/trends", "/trends?m=open_rate", "/matrix", "/scatter",
		"/changes/years", "/changes/years?m=open_rate", "/agency/" + id(sample.Science)}
}

// TestPictures: every picture is drawn on the server, whole, safe and the same twice; what is not there is not drawn; its
// numbers are those of the page's files.
func TestPictures(t *testing.T) {
	if _, ok := assets.Files()[assets.Charts]; !ok {
		t.Skip("the build has not fetched the chart library: make fetches it")
	}
	s := serve(t, sample.District(t))
	s.kept = map[string]*httptest.ResponseRecorder{}
	for name, test := range map[string]func(*testing.T, *tester){"pictures": testSVG, "absent is not drawn": testAbsent, "pages say what their files say": testFiles, "the picture has the numbers of the file": testNumbers} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
}

// textsOf are the texts of a picture. A part of it that could act is an error.
func textsOf(t *testing.T, address, picture string) (texts []string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(picture))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return texts
		}
		if err != nil {
			t.Fatalf("GET %s: no XML: %v", address, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if slices.Contains([]string{"script", "foreignObject", "image", "a", "style", "iframe"}, token.Name.Local) {
				t.Errorf("GET %s: the picture has a <%s>", address, token.Name.Local)
			}
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Name.Local, "on") {
					t.Errorf("GET %s: <%s %s=%q>", address, token.Name.Local, a.Name.Local, a.Value)
				}
			}
		case xml.CharData:
			if text := strings.TrimSpace(string(token)); text != "" {
				texts = append(texts, text)
			}
		}
	}
}

func testSVG(t *testing.T, s *tester) {
	for _, address := range drawnAddresses() {
		w := s.get(t, in(asSVG, address))
		picture := w.Body.String()
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/svg+xml" || !strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("GET %s: status %d, %s, %s", in(asSVG, address), w.Code, w.Header().Get("Content-Type"), w.Header().Get("Content-Security-Policy"))
			continue
		}
		doc := parseHTML(t, s.ok(t, address))
		texts := textsOf(t, address, picture)
		// The title may be broken into lines, and white space at their ends goes.
		joined, title := strings.ReplaceAll(strings.Join(texts, ""), " ", ""), doc.one(t, "h1").text()
		wanted := []string{title, say("source.reports")}
		for _, key := range doc.all("figure.picture div.legend span") {
			wanted = append(wanted, strings.TrimLeft(key.text(), "●○△▲▽▼ "))
		}
		for _, want := range wanted {
			if !strings.Contains(joined, strings.ReplaceAll(want, " ", "")) {
				t.Errorf("GET %s: the picture does not say %q", in(asSVG, address), want)
			}
		}
		if strings.Contains(picture, "NaN") || strings.Contains(picture, "undefined") || strings.Contains(picture, "⟨") {
			t.Errorf("GET %s: the picture holds what is no number, or a text is missing", in(asSVG, address))
		}
		again := httptest.NewRecorder()
		s.handler.ServeHTTP(again, httptest.NewRequest(http.MethodGet, in(asSVG, address), nil))
		if again.Body.String() != picture {
			t.Errorf("GET %s twice gives different bytes", in(asSVG, address))
		}
		if dark := s.ok(t, with(in(asSVG, address), "theme=dark")); dark == picture {
			t.Errorf("GET %s: the dark picture is the light one", address)
		}
		if address == "/" || strings.HasPrefix(address, "/reasons") || address == "/matrix" {
			continue // their table is the picture
		}
		figure := doc.one(t, "figure.picture")
		image := figure.one(t, "img")
		if plot := s.ok(t, image.attr("src")); strings.Contains(plot, say("source.reports")) || len(textsOf(t, address, plot)) < 3 {
			t.Errorf("GET %s: the picture in the page has the source in it, or nothing", image.attr("src"))
		}
		if image.attr("alt") == "" || image.attr("width") == "" || image.attr("height") == "" || len(doc.all("table")) == 0 {
			t.Errorf("GET %s: the picture lacks a description, its size or its table", address)
		}
	}
	for _, address := range []string{"/register.svg", "/findings.svg", "/agency/xnone.svg", "/report/" + id(sample.Science) + "/2023.svg"} {
		if w := s.get(t, address); w.Code != http.StatusNotFound {
			t.Errorf("GET %s: status %d, want 404", address, w.Code)
		}
	}
}

func with(address, parameter string) string {
	if strings.Contains(address, "?") {
		return address + "&" + parameter
	}
	return address + "?" + parameter
}

// testAbsent: an agency without a report has a word and no number, on every page, in every file and picture.
func testAbsent(t *testing.T, s *tester) {
	missing := id(sample.Education) // no report for 2023
	for _, address := range []string{"/outcomes?year=2023", "/reasons?year=2023", "/matrix?year=2023"} {
		row := parseHTML(t, s.ok(t, address)).one(t, "tr[data-agency="+missing+"]")
		if !strings.Contains(row.text(), say("state.not_filed")) || strings.ContainsAny(row.text(), "0123456789") {
			t.Errorf("GET %s says of an agency without a report: %q", address, row.text())
		}
		var file struct {
			Rows []map[string]json.RawMessage
		}
		if err := json.Unmarshal([]byte(s.ok(t, in(asJSON, address))), &file); err != nil {
			t.Fatal(err)
		}
		found := false
		for _, r := range file.Rows {
			if string(r["agency"]) != `"`+missing+`"` {
				continue
			}
			found = true
			text, _ := json.Marshal(r)
			if strings.Contains(string(text), `"x":0`) || strings.Contains(string(text), `"x":"`) || !strings.Contains(string(text), `"x":null`) || !strings.Contains(string(text), "not_filed") {
				t.Errorf("GET %s says of an agency without a report: %s", in(asJSON, address), text)
			}
		}
		if !found {
			t.Errorf("GET %s leaves an agency without a report out", in(asJSON, address))
		}
	}
	// In pictures: nothing is drawn in its row.
	var d drawing
	if err := json.Unmarshal([]byte(s.ok(t, "/outcomes.json?year=2023&part=option")), &d); err != nil {
		t.Fatal(err)
	}
	row := slices.IndexFunc(d.Option.YAxis[0].Data, func(label json.RawMessage) bool { return strings.Contains(string(label), sample.Education) })
	if row < 0 {
		t.Fatalf("the picture leaves an agency without a report out: %s", d.Option.YAxis[0].Data)
	}
	for _, series := range d.Option.Series {
		if got := string(series.Data[row].Value); got != `"-"` {
			t.Errorf("a bar of %s is drawn for an agency without a report", got)
		}
	}
	for _, address := range []string{"/disputes.json?part=option", "/scatter.json?part=option", "/funnel.json?part=option", "/changes/years.json?part=option"} {
		if strings.Contains(s.ok(t, with(address, "year=2023")), sample.Education) {
			t.Errorf("GET %s draws an agency without a report", address)
		}
	}
}

// drawing is an option as far as tests read it.
type drawing struct {
	Option struct {
		Series []struct {
			Name, Type string
			Data       []struct {
				Name  string
				Value json.RawMessage
				Link  string
				Label struct {
					Formatter string
				}
			}
		}
		YAxis []struct{ Data []json.RawMessage }
	}
	Height int
}

// testFiles: a figure in the table is the figure in the file.
func testFiles(t *testing.T, s *tester) {
	type file struct {
		Rows []struct {
			Agency  string
			Parts   map[string]valueJSON
			Reasons map[string]valueJSON
			Values  map[string]valueJSON
			Years   []valueJSON
			Before  *valueJSON
			Now     *valueJSON
		}
	}
	for address, of := range map[string]func(f file, i int) []valueJSON{
		"/outcomes": func(f file, i int) (out []valueJSON) {
			for _, code := range partCodes {
				out = append(out, f.Rows[i].Parts[code])
			}
			return out
		},
		"/trends?m=open_rate": func(f file, i int) []valueJSON { return f.Rows[i].Years },
		"/changes/years?m=open_rate": func(f file, i int) []valueJSON {
			return []valueJSON{*f.Rows[i].Before, *f.Rows[i].Now}
		},
		"/matrix": func(f file, i int) (out []valueJSON) {
			for _, code := range matrixMeasures {
				out = append(out, f.Rows[i].Values[code])
			}
			return out
		},
		"/reasons": func(f file, i int) (out []valueJSON) {
			for n := range 8 {
				out = append(out, f.Rows[i].Reasons["r3_"+string(rune('1'+n))])
			}
			return out
		},
	} {
		var f file
		if err := json.Unmarshal([]byte(s.ok(t, in(asJSON, address))), &f); err != nil {
			t.Fatalf("GET %s: %v", in(asJSON, address), err)
		}
		doc := parseHTML(t, s.ok(t, address))
		rows := doc.all("tr[data-agency]")
		if len(rows) != len(f.Rows) || len(rows) == 0 {
			t.Errorf("GET %s has %d rows, its file %d", address, len(rows), len(f.Rows))
			continue
		}
		for i, row := range rows {
			if row.attr("data-agency") != f.Rows[i].Agency {
				t.Fatalf("GET %s: row %d is %s, in the file %s", address, i, row.attr("data-agency"), f.Rows[i].Agency)
			}
			cells := row.all("td")
			if len(cells) > 0 && cells[0].attr("class") == "kind" {
				cells = cells[1:]
			}
			for k, v := range of(f, i) {
				text := strings.ReplaceAll(cells[k].text(), ",", "")
				known := slices.Contains([]compare.State{compare.Value, compare.Zero, compare.TooSmall, compare.NoDenominator}, v.State)
				switch {
				case v.Percent != "" && !strings.Contains(text, v.Percent), v.Percent == "" && strings.Contains(text, "%"):
					t.Errorf("GET %s, %s, column %d: the table says %q, the file %q", address, f.Rows[i].Agency, k, text, v.Percent)
				case known && !strings.Contains(text, v.X.String()):
					t.Errorf("GET %s, %s, column %d: the table says %q, the file %s", address, f.Rows[i].Agency, k, text, v.X)
				case v.X == nil && strings.ContainsAny(text, "0123456789"):
					t.Errorf("GET %s, %s, column %d: the table says %q, the file %s", address, f.Rows[i].Agency, k, text, v.State)
				}
			}
		}
	}
}

// testNumbers: the picture draws the shares of the file, all of them and no others.
func testNumbers(t *testing.T, s *tester) {
	near := func(got json.RawMessage, want float64) bool {
		var f float64
		return json.Unmarshal(got, &f) == nil && f > want-1e-6 && f < want+1e-6
	}
	number := func(n *json.Number) float64 { f, _ := n.Float64(); return f }
	// Outcomes: the parts of each bar.
	var outcomes struct {
		Rows []struct {
			Name  string
			State string
			Parts map[string]valueJSON
			Whole *int64
		}
	}
	var d drawing
	for address, into := range map[string]any{"/outcomes.json": &outcomes, "/outcomes.json?part=option": &d} {
		if err := json.Unmarshal([]byte(s.ok(t, address)), into); err != nil {
			t.Fatal(err)
		}
	}
	drawn := 0
	for _, r := range outcomes.Rows {
		row := slices.IndexFunc(d.Option.YAxis[0].Data, func(label json.RawMessage) bool {
			var text string
			return json.Unmarshal(label, &text) == nil && text == r.Name
		})
		if row < 0 || r.State != "value" {
			continue
		}
		drawn++
		for k, code := range partCodes {
			if got, want := d.Option.Series[k].Data[row].Value, 100*number(r.Parts[code].X)/float64(*r.Whole); !near(got, want) {
				t.Errorf("%s of %s is drawn as %s, want %g", code, r.Name, got, want)
			}
		}
	}
	if drawn < 5 {
		t.Errorf("%d bars were compared", drawn)
	}
	// The funnel: n and the share of each point.
	var funnel struct {
		Rows []struct {
			Name    string
			X, N    *json.Number
			Percent string
		}
	}
	var points drawing
	for address, into := range map[string]any{"/funnel.json": &funnel, "/funnel.json?part=option": &points} {
		if err := json.Unmarshal([]byte(s.ok(t, address)), into); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string][2]float64{}
	for _, r := range funnel.Rows {
		if r.Percent != "" {
			want[r.Name] = [2]float64{number(r.N), 100 * number(r.X) / number(r.N)}
		}
	}
	last := points.Option.Series[len(points.Option.Series)-1]
	if len(last.Data) != len(want) || len(want) < 5 {
		t.Errorf("the funnel has %d points, the file %d shares", len(last.Data), len(want))
	}
	for _, p := range last.Data {
		name, _, _ := strings.Cut(p.Name, "\n")
		var at [2]json.RawMessage
		w, ok := want[name]
		if err := json.Unmarshal(p.Value, &at); err != nil || !ok && !strings.Contains(name, "script") || ok && (!near(at[0], w[0]) || !near(at[1], w[1])) || p.Link == "" {
			t.Errorf("%s is drawn at %s, want %v", name, p.Value, w)
		}
	}
}
