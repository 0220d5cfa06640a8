package page

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"

	"nianbao/docs/manual"
	"nianbao/query/sample"
)

// TestManual: every page of the manual is listed, every picture is there and small, every link leads somewhere.
func TestManual(t *testing.T) {
	s := serve(t, sample.District(t))
	used := map[string]bool{}
	link := regexp.MustCompile(`(!?)\[[^\]]*\]\(([^)]*)\)`)
	for _, l := range []lang{zh, en} {
		files, err := fs.Glob(manual.Files, string(l)+"/*.md")
		if err != nil || len(files) != len(manual.Topics[string(l)]) {
			t.Errorf("%s has the files %v and the topics %v (%v)", l, files, manual.Topics[string(l)], err)
		}
		for _, topic := range manual.Topics[string(l)] {
			title, body, err := l.manualPage(topic)
			if err != nil || title == "" {
				t.Errorf("%s/%s: the title is %q: %v", l, topic, title, err)
			}
			address := "/help/" + topic + "?lang=" + string(l)
			doc := parseHTML(t, s.ok(t, address))
			if got := doc.one(t, "h1").text(); got != title {
				t.Errorf("%s: the heading is %q, want %q", address, got, title)
			}
			for _, m := range link.FindAllStringSubmatch(body, -1) {
				target := m[2]
				switch {
				case m[1] == "!":
					name := strings.TrimPrefix(target, "/help/pictures/")
					used[name] = true
					if b, err := manual.Files.ReadFile("pictures/" + name); err != nil || len(b) > 150<<10 || !strings.HasPrefix(string(b), "\x89PNG") {
						t.Errorf("%s: the picture %s is missing, no PNG or over 150 KB (%d bytes, %v)", address, target, len(b), err)
					}
				case strings.HasPrefix(target, "/"):
					s.ok(t, target)
				default:
					t.Errorf("%s leads out of the site: %s", address, target)
				}
			}
		}
	}
	pictures, _ := fs.Glob(manual.Files, "pictures/*.png")
	for _, p := range pictures {
		if !used[path.Base(p)] {
			t.Errorf("no page of the manual shows %s", p)
		}
	}
}
