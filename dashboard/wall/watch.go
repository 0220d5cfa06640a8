package wall

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Seen is what a display told when it last asked for its state. What it tells is taken as given: it counts for nothing but
// the page that people look at.
type Seen struct {
	Display string // ULID
	At      time.Time
	Page    string // version of the page that it runs
	Slide   int    // from 1, 0 while there is none
	Errors  int
	Missed  int // polls without an answer since it was loaded
	Width   int // pixels of its window
	Height  int
	Nodes   int
	Heap    int64 // bytes, 0 where the browser does not tell
}

// Watch remembers what displays told, since the program began.
type Watch struct {
	mu   sync.Mutex
	seen map[string]Seen
}

// mostWatched bounds the displays that are remembered.
const mostWatched = 10000

// Note remembers what a display tells.
func (w *Watch) Note(s Seen) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen == nil {
		w.seen = map[string]Seen{}
	}
	if _, ok := w.seen[s.Display]; ok || len(w.seen) < mostWatched {
		w.seen[s.Display] = s
	}
}

// Last is what a display told last.
func (w *Watch) Last(display string) (Seen, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, ok := w.seen[display]
	return s, ok
}

// All is what every display told last, by display.
func (w *Watch) All() []Seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]Seen, 0, len(w.seen))
	for _, s := range w.seen {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Seen) int { return cmp.Compare(a.Display, b.Display) })
	return out
}

// ParseSeen reads the header with which a display tells how it is: names and whole numbers, apart by semicolons. What cannot
// be read is left out.
func ParseSeen(header string) (s Seen) {
	if len(header) > 400 {
		return s
	}
	for part := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if name == "page" {
			if len(value) <= 40 && !strings.ContainsFunc(value, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'z') }) {
				s.Page = value
			}
			continue
		}
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 {
			continue
		}
		switch name {
		case "slide":
			s.Slide = int(n)
		case "errors":
			s.Errors = int(n)
		case "missed":
			s.Missed = int(n)
		case "width":
			s.Width = int(n)
		case "height":
			s.Height = int(n)
		case "nodes":
			s.Nodes = int(n)
		case "heap":
			s.Heap = n
		}
	}
	return s
}
