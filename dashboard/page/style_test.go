package page

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"nianbao/dashboard/assets"
	"nianbao/dashboard/chart"
)

// tokens reads the colours of a theme from the style sheet.
func tokens(t *testing.T, selector string) map[string]string {
	t.Helper()
	css := string(assets.Files()["style.css"].Content)
	_, block, ok := strings.Cut(css, selector+" {")
	if !ok {
		t.Fatalf("the style sheet has no %s", selector)
	}
	block, _, _ = strings.Cut(block, "}")
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+): (#[0-9A-F]{6});`).FindAllStringSubmatch(block, -1) {
		out[m[1]] = m[2]
	}
	return out
}

func luminance(hex string) float64 {
	channel := func(s string) float64 {
		n, _ := strconv.ParseUint(s, 16, 8)
		c := float64(n) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(hex[1:3]) + 0.7152*channel(hex[3:5]) + 0.0722*channel(hex[5:7])
}

// contrast is the ratio of WCAG 2.
func contrast(a, b string) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func TestColours(t *testing.T) {
	light, dark := tokens(t, ":root"), tokens(t, `:root[data-theme="dark"]`)
	if system := tokens(t, `:root:not([data-theme="light"])`); fmt.Sprint(system) != fmt.Sprint(dark) {
		t.Errorf("the dark theme of the system differs from the chosen one:\n%v\n%v", system, dark)
	}
	// Text and marks are legible on both grounds: 4.5 to 1. The rule is decoration.
	for name, theme := range map[string]map[string]string{"light": light, "dark": dark} {
		for token, colour := range theme {
			if token == "ground" || token == "panel" || token == "rule" || regexp.MustCompile(`^h\d`).MatchString(token) {
				continue
			}
			for _, ground := range []string{"ground", "panel"} {
				// The third and fourth of the dark outcomes and the bars carry text beside them, not on them, and 4.5
				// holds for them too.
				if r := contrast(colour, theme[ground]); r < 4.5 {
					t.Errorf("%s %s %s on %s: contrast %.1f, want at least 4.5", name, token, colour, ground, r)
				}
			}
		}
	}
	for _, test := range []struct {
		theme   map[string]string
		palette chart.Palette
	}{{light, chart.Light}, {dark, chart.Dark}} {
		p := test.palette
		want := map[string]string{"ground": p.Ground, "panel": p.Panel, "ink": p.Ink, "ink-2": p.Ink2, "ink-3": p.Ink3, "axis": p.Axis, "rule": p.Rule,
			"link": p.Link, "bar": p.Bar, "higher": p.Higher, "critical": p.Critical, "warning": p.Warning}
		for i, c := range p.Parts {
			want[fmt.Sprint("p", i+1)] = c
		}
		for i, c := range p.Heat {
			want[fmt.Sprint("h", i)] = c
			if r := contrast(c, p.HeatText[i]); r < 4.5 {
				t.Errorf("the figures on class %d of a heat-map have a contrast of %.1f, want at least 4.5", i, r)
			}
		}
		want["h3-ink"], want["h4-ink"] = p.HeatText[3], p.HeatText[4]
		for token, colour := range want {
			if test.theme[token] != colour {
				t.Errorf("--%s is %s in the style sheet and %s in the charts", token, test.theme[token], colour)
			}
		}
	}
}
