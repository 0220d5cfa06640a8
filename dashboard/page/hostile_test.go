package page

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"nianbao/query/sample"
)

// TestHostileNames: whatever an agency is called, it does no harm on any page, in any file and in any picture, and every
// page of it is there.
func TestHostileNames(t *testing.T) {
	s, views := district(t)
	var addresses []string
	pictures := map[string]bool{} // drawing takes a tenth of a second and more: one of each kind
	for _, v := range views {
		if v.status == 0 && !v.prose {
			addresses = append(addresses, v.address)
			pictures[v.address] = !strings.Contains(v.address, "?")
		}
	}
	for _, name := range sample.HostileNames {
		agency := id(name)
		addresses = append(addresses, "/agency/"+agency, "/report/"+agency+"/2023", "/findings?agency="+agency, "/compare?m=open_rate&mark="+agency+"&peer=list:"+agency+",kjj",
			"/findings?q="+url.QueryEscape(strings.ToValidUTF8(string([]rune(name)[:min(len([]rune(name)), 90)]), "")))
		if name != sample.HostileMissing {
			addresses = append(addresses, "/report/"+agency+"/2023/cell/section2.licensing.processed", "/report/"+agency+"/2022/cell/section3.R7.total")
		}
	}
	for _, address := range addresses {
		for _, f := range []format{asHTML, asJSON, asCSV, asSVG} {
			at := in(f, address)
			if f == asSVG && !pictures[address] {
				continue
			}
			w := s.get(t, at)
			if w.Code != http.StatusOK {
				if f != asSVG || w.Code != http.StatusNotFound {
					t.Errorf("GET %s: status %d: %.300s", at, w.Code, w.Body)
				}
				continue
			}
			body := w.Body.String()
			switch f {
			case asHTML:
				harmlessPage(t, at, body)
			case asJSON:
				if !json.Valid(w.Body.Bytes()) || strings.ContainsAny(body, "<>\x00") {
					t.Errorf("GET %s: no JSON, or markup in it", at)
				}
			case asCSV:
				harmlessSheet(t, at, w.Body.Bytes())
			case asSVG:
				textsOf(t, at, body) // fails where it is no XML, or acts
				if at, bad := unprintable(body); bad {
					t.Errorf("GET %s: the picture holds %U", address, at)
				}
			}
			for name, values := range w.Header() {
				if i := slices.IndexFunc(values, func(v string) bool { return strings.ContainsAny(v, "\r\n\x00") }); i >= 0 {
					t.Errorf("GET %s: header %s: %q", at, name, values[i])
				}
			}
		}
	}
	// The name is there, whole, as far as it can be read.
	for _, name := range []string{sample.HostileMarkup, sample.HostileLong, sample.HostileFormula} {
		if got := parseHTML(t, s.ok(t, "/compare")).one(t, "tr[data-agency="+id(name)+"] th a").text(); got != name {
			t.Errorf("the name on the page is %q, want %q", got, name)
		}
	}
}

// harmlessPage: no element and no attribute in it comes from a name.
func harmlessPage(t *testing.T, address, body string) {
	t.Helper()
	if at, bad := unprintable(body); bad {
		t.Errorf("GET %s: the page holds %U", address, at)
	}
	doc := parseHTML(t, body)
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			address, isAddress := a.Val, a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "srcset"
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || isAddress && !strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "#") {
				t.Errorf("GET %s: <%s %s=%q>", address, n.Data, a.Key, a.Val)
			}
		}
		if n.Data == "script" && (element{n}).text() != "" || slices.Contains([]string{"iframe", "object", "embed", "base", "style"}, n.Data) && n.Type == 3 {
			t.Errorf("GET %s: <%s> %s", address, n.Data, element{n}.text())
		}
	}
	for _, image := range doc.all("img") {
		if image.attr("src") == "x" {
			t.Errorf("GET %s: a name has become an image", address)
		}
	}
}

// harmlessSheet: it is a table, and a spreadsheet runs nothing in it.
func harmlessSheet(t *testing.T, address string, body []byte) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Errorf("GET %s: %v", address, err)
	}
	if !utf8.Valid(body) {
		t.Errorf("GET %s: the file is no UTF-8", address)
	}
	for _, row := range rows {
		for _, field := range row {
			if strings.HasPrefix(field, "=") || strings.HasPrefix(field, "@") || strings.HasPrefix(field, "+") && strings.Contains(field, "(") {
				t.Errorf("GET %s: a spreadsheet runs %q", address, field)
			}
		}
	}
}

// unprintable finds a character that a text must not have: one that steers a terminal, that XML forbids, or that turns the
// text after it round.
func unprintable(text string) (rune, bool) {
	for i, r := range text {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd"):
			return r, true // no UTF-8
		case unicode.IsControl(r), '\u202a' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069':
			return r, true
		}
	}
	return 0, false
}
