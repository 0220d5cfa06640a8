// Package board describes what a wall display shows: an ordered list of slides, the screen that they are made for, and when
// it is dimmed. In flows a file that a person wrote, or the fields of a form; out flows a board that has been looked at, or
// the list of what is wrong with it. It knows nothing of data: what a view shows, and whether that can be read from afar, is
// for the package that draws the slides.
package board

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Board is what a display shows.
type Board struct {
	Name     string // by which people choose it
	Place    string // whose reports these are, at the top of each slide
	Language string // zh or en
	Theme    string // dark or light
	Screen   Screen
	Names    Names // which agencies may be named
	Dim      Dim   // when the screen is darker
	Reload   Clock // when the page is loaded anew, on a display that reaches the server
	Stale    int   // days without new data after which the wall says so in large letters
	Slides   []Slide
}

// Slide is a view or a text.
type Slide struct {
	View    string // address of a page with its parameters, such as /compare?m=open_rate; "" for a text
	Title   string // of a text
	Text    string // of a text, lines as written
	Seconds int    // how long it stays
}

// Screen is the display in the hall.
type Screen struct {
	Shape    Shape
	Diagonal float64 // inches
	Distance float64 // metres to those who read it
	Seams    []int   // where panels meet, in pixels of the canvas from its left edge; texts keep away
}

// Shape is the ratio of width to height.
type Shape string

// The shapes that there are layouts for.
const (
	Wide     Shape = "16:9"
	Double   Shape = "32:9"
	Portrait Shape = "9:16"
)

// Shapes are all shapes, the usual one first.
var Shapes = []Shape{Wide, Double, Portrait}

// Names says which agencies a wall names.
type Names string

// Who is named.
const (
	NamesUnfiled Names = "unfiled" // those whose report is overdue
	NamesAll     Names = "all"     // also those that a comparison sets apart
	NamesNone    Names = "none"
)

// AllNames are the choices, the usual one first.
var AllNames = []Names{NamesUnfiled, NamesAll, NamesNone}

// Dim is a part of each day in which the screen shows a part of its brightness. From and To are equal where there is none.
type Dim struct {
	From, To Clock
	Percent  int
}

// Clock is a time of day in China, in minutes after midnight.
type Clock int

func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// ParseClock reads HH:MM.
func ParseClock(s string) (Clock, error) {
	h, m, ok := strings.Cut(s, ":")
	hour, err1 := strconv.Atoi(h)
	minute, err2 := strconv.Atoi(m)
	if !ok || err1 != nil || err2 != nil || len(h) != 2 || len(m) != 2 || hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return 0, fmt.Errorf("time of day %q: want one such as 03:30", s)
	}
	return Clock(hour*60 + minute), nil
}

// Usual is a board without slides, with everything else as most want it.
func Usual(name string) Board {
	return Board{Name: name, Language: "zh", Theme: "dark", Screen: Screen{Shape: Wide, Diagonal: 55, Distance: 5}, Names: NamesUnfiled, Reload: 3*60 + 30, Stale: 7}
}

// UsualSeconds is how long a slide stays if nobody says.
const UsualSeconds = 20

// Bounds.
const (
	LeastSeconds, MostSeconds   = 10, 120
	leastDiagonal, mostDiagonal = 24, 400
	leastDistance, mostDistance = 1, 30
	leastDim                    = 10 // percent: darker looks switched off
	mostStale                   = 400
	mostSlides                  = 40
	mostSeams                   = 8
	longestName                 = 60  // characters
	longestPlace                = 16  // characters
	longestTitle                = 40  // characters
	longestView                 = 600 // bytes
	MostCharacters              = 60  // of the text of a slide
)

// Problem says what is wrong with a board and where, for the person who made it.
type Problem struct {
	Slide int    // from 1, 0 for the board as a whole
	Field string // as the file names it
	Text  string // what was expected
}

func (p Problem) Error() string {
	if p.Slide > 0 {
		return fmt.Sprintf("slide %d: %s: %s", p.Slide, p.Field, p.Text)
	}
	return p.Field + ": " + p.Text
}

// Check lists what is wrong with the board by itself.
func (b *Board) Check() []Problem {
	var out []Problem
	slide := 0
	bad := func(field, format string, args ...any) {
		out = append(out, Problem{slide, field, fmt.Sprintf(format, args...)})
	}
	switch n := utf8.RuneCountInString(b.Name); {
	case strings.TrimSpace(b.Name) == "" || strings.TrimSpace(b.Name) != b.Name || n > longestName:
		bad("name", "want 1 to %d characters without spaces around them", longestName)
	case !plain(b.Name):
		bad("name", "want letters, digits, spaces and marks in one line")
	}
	if utf8.RuneCountInString(b.Place) > longestPlace || !plain(b.Place) {
		bad("place", "want at most %d characters in one line", longestPlace)
	}
	if b.Language != "zh" && b.Language != "en" {
		bad("language", "%q, want zh or en", b.Language)
	}
	if b.Theme != "dark" && b.Theme != "light" {
		bad("theme", "%q, want dark or light", b.Theme)
	}
	if !oneOf(b.Names, AllNames) {
		bad("names", "%q, want unfiled, all or none", b.Names)
	}
	s := b.Screen
	if !oneOf(s.Shape, Shapes) {
		bad("shape", "%q, want 16:9, 32:9 or 9:16", s.Shape)
	}
	if !(s.Diagonal >= leastDiagonal && s.Diagonal <= mostDiagonal) {
		bad("diagonal", "%v, want %d to %d inches", s.Diagonal, leastDiagonal, mostDiagonal)
	}
	if !(s.Distance >= leastDistance && s.Distance <= mostDistance) {
		bad("distance", "%v, want %d to %d metres", s.Distance, leastDistance, mostDistance)
	}
	if width, _ := s.Canvas(); len(s.Seams) > mostSeams {
		bad("seams", "%d, want at most %d", len(s.Seams), mostSeams)
	} else {
		for i, x := range s.Seams {
			if x <= 0 || x >= width || i > 0 && x <= s.Seams[i-1] {
				bad("seams", "%d, want pixels between 0 and %d in ascending order", x, width)
			}
		}
	}
	if b.Dim.From != b.Dim.To && (b.Dim.Percent < leastDim || b.Dim.Percent > 100) {
		bad("dim", "%d percent, want %d to 100", b.Dim.Percent, leastDim)
	}
	if b.Stale < 1 || b.Stale > mostStale {
		bad("stale", "%d, want 1 to %d days", b.Stale, mostStale)
	}
	if len(b.Slides) == 0 || len(b.Slides) > mostSlides {
		bad("slides", "there are %d, want 1 to %d", len(b.Slides), mostSlides)
	}
	for i := range b.Slides {
		slide = i + 1
		x := &b.Slides[i]
		if x.Seconds < LeastSeconds || x.Seconds > MostSeconds {
			bad("seconds", "%d, want %d to %d", x.Seconds, LeastSeconds, MostSeconds)
		}
		switch {
		case x.View != "" && (x.Text != "" || x.Title != ""):
			bad("view", "a slide is a view or a text, not both")
		case x.View != "" && (!strings.HasPrefix(x.View, "/") || strings.HasPrefix(x.View, "//") || len(x.View) > longestView || !plain(x.View)):
			bad("view", "%q, want the address of a page on this server, such as /compare?m=open_rate", x.View)
		case x.View == "" && strings.TrimSpace(x.Text) == "" && strings.TrimSpace(x.Title) == "":
			bad("view", "want the address of a page, or a title and a text")
		case x.View == "":
			if n := utf8.RuneCountInString(x.Title); n > longestTitle || !plain(x.Title) {
				bad("title", "it has %d characters, want at most %d in one line", n, longestTitle)
			}
			if n := characters(x.Text); n > MostCharacters || !plain(strings.ReplaceAll(x.Text, "\n", "")) {
				bad("text", "it has %d characters, want at most %d: nobody stands still for more", n, MostCharacters)
			}
			if need := ReadingTime(x.Title + x.Text); x.Seconds < need {
				bad("seconds", "%d, reading it takes %d", x.Seconds, need)
			}
		}
	}
	return out
}

// ReadingTime is how long people need for a text, in seconds: four characters a second, and four to begin.
func ReadingTime(text string) int { return (characters(text)+3)/4 + 4 }

func characters(s string) (n int) {
	for _, r := range s {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

func oneOf[T comparable](v T, all []T) bool {
	for _, a := range all {
		if v == a {
			return true
		}
	}
	return false
}

// Canvas is the size in which slides are drawn, in pixels. The display scales it.
func (s Screen) Canvas() (width, height int) {
	switch s.Shape {
	case Double:
		return 3840, 1080
	case Portrait:
		return 1080, 1920
	}
	return 1920, 1080
}

// Pixels is how many pixels of the canvas so many millimetres of the screen are.
func (s Screen) Pixels(mm float64) float64 {
	w, h := s.Canvas()
	return mm * math.Hypot(float64(w), float64(h)) / (s.Diagonal * 25.4)
}

// arcMinutes is the angle under which a Chinese character of the smallest text has to be seen.
const arcMinutes = 20

// leastText is the smallest text in pixels however near people stand: smaller ones are not drawn well.
const leastText = 24

// Text is the height of the smallest text, in pixels of the canvas: a Chinese character seen under 20 minutes of arc.
func (s Screen) Text() int {
	mm := s.Distance * 1000 * math.Tan(arcMinutes/60.0*math.Pi/180)
	return max(leastText, int(math.Ceil(s.Pixels(mm)-1e-9)))
}

// codeWidth is the width of a QR code, in millimetres: it is read from about ten times as far.
const codeWidth = 150

// Code is the width of a QR code, in pixels of the canvas.
func (s Screen) Code() int { return max(160, int(math.Ceil(s.Pixels(codeWidth)))) }

// HashToken is what is stored of the token in the address of a display.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte("nianbao display " + token))
	return hex.EncodeToString(sum[:])
}
