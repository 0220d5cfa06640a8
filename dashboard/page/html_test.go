package page

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// element is a part of a page for the tests.
type element struct{ *html.Node }

func parseHTML(t *testing.T, body string) element {
	t.Helper()
	n, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return element{n}
}

// all finds the elements that match a selector: steps separated by spaces, each a tag, #id, .class and [name=value] in
// any combination, as in table.list tr[data-agency=x1] td.num.
func (e element) all(selector string) []element {
	found := []element{e}
	for step := range strings.FieldsSeq(selector) {
		var next []element
		for _, from := range found {
			for n := range from.Descendants() {
				if n.Type == html.ElementNode && matchesStep(n, step) && !slices.Contains(next, element{n}) {
					next = append(next, element{n})
				}
			}
		}
		found = next
	}
	return found
}

// one finds the only element that matches.
func (e element) one(t *testing.T, selector string) element {
	t.Helper()
	found := e.all(selector)
	if len(found) != 1 {
		t.Fatalf("%d elements match %q, want 1", len(found), selector)
	}
	return found[0]
}

func matchesStep(n *html.Node, step string) bool {
	attribute, value := "", ""
	if i := strings.IndexByte(step, '['); i >= 0 {
		attribute, value, _ = strings.Cut(strings.TrimSuffix(step[i+1:], "]"), "=")
		step = step[:i]
	}
	has := func(name, want string, word bool) bool {
		for _, a := range n.Attr {
			if a.Key == name && (a.Val == want || want == "" || word && slices.Contains(strings.Fields(a.Val), want)) {
				return true
			}
		}
		return false
	}
	if attribute != "" && !has(attribute, value, false) {
		return false
	}
	for step != "" {
		end := strings.IndexAny(step[1:], ".#") + 1
		if end == 0 {
			end = len(step)
		}
		switch part := step[:end]; part[0] {
		case '.':
			if !has("class", part[1:], true) {
				return false
			}
		case '#':
			if !has("id", part[1:], false) {
				return false
			}
		default:
			if n.Data != part {
				return false
			}
		}
		step = step[end:]
	}
	return true
}

// attr is the value of an attribute, "" if the element has none.
func (e element) attr(name string) string {
	for _, a := range e.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text is the text of the element, white space joined.
func (e element) text() string {
	var b strings.Builder
	for n := range e.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestSelectors(t *testing.T) {
	doc := parseHTML(t, `<div id=a><p class="x y">one</p><p class=y data-n=2>two <b>three</b></p></div><p>four</p>`)
	for selector, want := range map[string]string{
		"p": "one|two three|four", "#a p": "one|two three", ".y": "one|two three", "p.x.y": "one", "p[data-n=2] b": "three", "p[data-n]": "two three", "i": "",
	} {
		var got []string
		for _, e := range doc.all(selector) {
			got = append(got, e.text())
		}
		if strings.Join(got, "|") != want {
			t.Errorf("all(%q) = %q, want %q", selector, got, want)
		}
	}
}
