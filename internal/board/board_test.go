package board

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// full is a board with every field set.
func full() Board {
	b := Usual("大厅 东")
	b.Place = "博山区"
	b.Screen.Seams, b.Dim = []int{960}, Dim{20 * 60, 7 * 60, 40}
	b.Slides = []Slide{{View: "/", Seconds: 20}, {View: "/compare?m=open_rate&span=3", Seconds: 30}, {Title: "通知", Text: "年报请于\n1月31日前报送。\n", Seconds: 12}}
	b.Slides[2].Text = "年报请于\n1月31日前报送。"
	return b
}

func TestYAML(t *testing.T) {
	want := full()
	got, err := Parse(want.YAML())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a board is another one once written and read: %s\n%s", diff, want.YAML())
	}
	if p := got.Check(); p != nil {
		t.Errorf("a sound board has problems: %v", p)
	}
	r := rand.New(rand.NewPCG(7, 7))
	for range 200 { // any text comes back
		b := Usual("x")
		runes := []rune("年报 :#-'\"{}[]&*!|>%@`\\,.\n\tyes0null~")
		var s strings.Builder
		for range 1 + r.IntN(20) {
			s.WriteRune(runes[r.IntN(len(runes))])
		}
		b.Slides = []Slide{{Text: strings.TrimRight(s.String(), "\n"), Seconds: 10 + r.IntN(100)}}
		got, err := Parse(b.YAML())
		if err != nil || !cmp.Equal(got, b) {
			t.Errorf("%+v is read as %+v, %v", b.Slides, got.Slides, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "empty",
		"name: a\nslide: []":                    `line 2: key "slide" is not known here; did you mean "slides"?`,
		"name: a\nslides:\n- veiw: /":           `line 3: key "veiw" is not known here; did you mean "view"?`,
		"name: a\nsomething: 1":                 "want one of diagonal, dim, distance",
		"name: a\nname: b":                      "twice",
		"reload: 3:30":                          "want one such as 03:30",
		"stale: seven":                          "want a whole number",
		"slides: {}":                            "want a list",
		"slides: [a]":                           "want keys and values",
		"a: &x 1\nb: *x":                        "not known",
		"dim: {from: '20:00', too: '07:00'}":    `did you mean "to"?`,
		"name: &n a\nslides:\n- title: *n\n":    "no alias",
		"name: [":                               "read board",
		"diagonal: big":                         "want a number",
		"seams: [a]":                            "want a whole number",
		strings.Repeat("# x\n", largest/4+1):    "want at most",
		"dim: {from: 24:00, to: 07:00}":         "want one such as",
		"name: a\nslides:\n- {view: /, sec: 1}": "is not known here",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: error %v, want one with %q", text, err, want)
		}
	}
}

func TestCheck(t *testing.T) {
	for want, change := range map[string]func(*Board){
		"name":             func(b *Board) { b.Name = "a\nb" },
		"place":            func(b *Board) { b.Place = strings.Repeat("区", 17) },
		"language":         func(b *Board) { b.Language = "fr" },
		"theme":            func(b *Board) { b.Theme = "auto" },
		"names":            func(b *Board) { b.Names = "some" },
		"shape":            func(b *Board) { b.Screen.Shape = "4:3" },
		"diagonal":         func(b *Board) { b.Screen.Diagonal = 5 },
		"distance":         func(b *Board) { b.Screen.Distance = 0 },
		"seams":            func(b *Board) { b.Screen.Seams = []int{960, 960} },
		"dim":              func(b *Board) { b.Dim.Percent = 0 },
		"stale":            func(b *Board) { b.Stale = 0 },
		"slides":           func(b *Board) { b.Slides = nil },
		"slide 1: view":    func(b *Board) { b.Slides[0].View = "http://elsewhere" },
		"slide 2: view":    func(b *Board) { b.Slides[1].Text = "both" },
		"slide 2: seconds": func(b *Board) { b.Slides[1].Seconds = 9 },
		"slide 3: text":    func(b *Board) { b.Slides[2].Text, b.Slides[2].Seconds = strings.Repeat("长", MostCharacters+1), 120 },
		"slide 3: title":   func(b *Board) { b.Slides[2].Title, b.Slides[2].Seconds = strings.Repeat("长", longestTitle+1), 120 },
		"slide 3: seconds": func(b *Board) { b.Slides[2].Text = strings.Repeat("长", 50) },
		"slide 3: view":    func(b *Board) { b.Slides[2] = Slide{Seconds: 20} },
	} {
		b := full()
		change(&b)
		problems := b.Check()
		if !slices.ContainsFunc(problems, func(p Problem) bool { return strings.HasPrefix(p.Error(), want+":") }) {
			t.Errorf("%s: problems %v", want, problems)
		}
	}
}

// The sizes stand in the design: at 5 m, by the diagonal of the screen.
func TestText(t *testing.T) {
	for diagonal, want := range map[float64]int{43: 59, 55: 46, 65: 39, 75: 34, 86: 30, 98: 26} {
		if got := (Screen{Wide, diagonal, 5, nil}).Text(); got != want {
			t.Errorf("%v inches: text of %d pixels, want %d", diagonal, got, want)
		}
	}
	if got := (Screen{Portrait, 55, 5, nil}).Text(); got != 46 {
		t.Errorf("the same screen upright: text of %d pixels, want 46", got)
	}
}
