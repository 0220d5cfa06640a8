package chart

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"nianbao/query/stats"
)

var update = flag.Bool("update", false, "write the golden files anew")

func number(n int64) *int64 { return &n }

// hostile is a name that tries markup, template variables, styles and line breaks.
const hostile = "<img src=x onerror=alert(1)>{b}{x|y}\n局"

func examples() map[string]func(Palette) (Drawing, error) {
	counts := []Count{
		{Row: Row{Label: "博山区科学技术局", Text: "18（60.0%）", Detail: "博山区科学技术局\n新收申请 18 件", Link: "/report/x1/2023", Mark: true}, Value: number(18), Last: number(12)},
		{Row: Row{Label: "博山区一个名称特别长特别长特别长特别长的领导小组办公室", Text: "12（40.0%）", Detail: "…", Link: "/report/x2/2023"}, Value: number(12)},
		{Row: Row{Label: "博山区民政局", Text: "0", Detail: "0", Link: "/report/x3/2023"}, Value: number(0), Last: number(0)},
		{Row: Row{Label: "博山区教育局", Text: "未收到报告", Detail: "博山区教育局\n未收到报告"}},
		{Row: Row{Label: hostile, Text: "空", Detail: hostile}},
	}
	shares := []Share{
		{Row: Row{Label: "博山区科学技术局", Text: "60.0%（18/30）", Detail: "60.0%", Link: "/report/x1/2023"}, Known: true, Value: 0.6, Lower: 0.4232, Upper: 0.7541},
		{Row: Row{Label: "博山区民政局", Text: "100.0%（12/12）", Detail: "100.0%"}, Known: true, Value: 1, Lower: 0.7575, Upper: 1, Small: true},
		{Row: Row{Label: "博山区教育局", Text: "未收到报告", Detail: "未收到报告"}},
		{Row: Row{Label: hostile, Text: "3/7 样本过小", Detail: hostile}},
	}
	shares[0].Status, shares[1].Status = stats.Above998, stats.Below95
	examples := map[string]func(Palette) (Drawing, error){
		"bars":       func(p Palette) (Drawing, error) { return Bars(counts, p, p.Bar) },
		"dots":       func(p Palette) (Drawing, error) { return Dots(shares, Reference{true, 0.586, "全区 58.6%"}, p) },
		"bars-empty": func(p Palette) (Drawing, error) { return Bars(nil, p, p.Bar) },
		"dots-empty": func(p Palette) (Drawing, error) { return Dots(nil, Reference{}, p) },
	}
	for name, draw := range pictures() {
		examples[name] = draw
	}
	return examples
}

func TestGolden(t *testing.T) {
	for name, draw := range examples() {
		drawing, err := draw(Light)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if again, err := draw(Light); err != nil || !reflect.DeepEqual(drawing, again) {
			t.Errorf("%s drawn twice is not the same, %v", name, err)
		}
		var got bytes.Buffer
		e := json.NewEncoder(&got)
		e.SetIndent("", " ")
		if err := e.Encode(drawing); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		file := filepath.Join("testdata", name+".json")
		if *update {
			if err := os.WriteFile(file, got.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s is not what %s has; got:\n%s", name, file, got.Bytes())
		}
	}
}

// strings lists every text of an option.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, x := range v {
			out = append(out, texts(x)...)
		}
		return out
	case map[string]any:
		var out []string
		for _, x := range v {
			out = append(out, texts(x)...)
		}
		return out
	}
	return nil
}

func TestOptionsHoldNoFunctionsAndNoTemplatesOfStrangers(t *testing.T) {
	ours := map[string]bool{"{b}": true, "{value}%": true}
	for name, draw := range examples() {
		for _, p := range []Palette{Light, Dark} {
			drawing, err := draw(p)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			text, _ := json.Marshal(drawing.Option)
			var option any
			if err := json.Unmarshal(text, &option); err != nil {
				t.Fatal(err)
			}
			for _, s := range texts(option) {
				if strings.ContainsAny(s, "{}") && !ours[s] || strings.Contains(s, "function") || strings.Contains(s, "__f__") {
					t.Errorf("%s: the option holds %q", name, s)
				}
			}
		}
	}
}

// TestAbsentIsNotDrawn: a row without a number has no value in any series.
func TestAbsentIsNotDrawn(t *testing.T) {
	absent := Row{Label: "博山区教育局", Text: "未收到报告", Detail: "未收到报告"}
	bars, err := Bars([]Count{{Row: absent}}, Light, Light.Bar)
	if err != nil {
		t.Fatal(err)
	}
	dots, err := Dots([]Share{{Row: absent, Value: 0.5, Lower: 0.1, Upper: 0.9}}, Reference{}, Light)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []Drawing{bars, dots} {
		for _, s := range d.Option["series"].([]any) {
			data, _ := s.(map[string]any)["data"].([]any)
			for _, item := range data {
				if value := item.(map[string]any)["value"]; value != "-" {
					t.Errorf("series %v draws %v for a row that has no number", s.(map[string]any)["name"], value)
				}
			}
		}
	}
}

func TestPatches(t *testing.T) {
	option := map[string]any{"a": []any{map[string]any{"b": 1.0}}, "c": 2.0}
	if err := (patches{{"a.0.b", 3}, {"c", nil}, {"d.e", "x"}}).apply(option); err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(option)
	if want := `{"a":[{"b":3}],"d":{"e":"x"}}`; string(got) != want {
		t.Errorf("patched option = %s, want %s", got, want)
	}
	for _, path := range []string{"a.1.b", "a.x.b", "a.0.b.c"} {
		if err := (patches{{path, 1}}).apply(option); err == nil {
			t.Errorf("patch of %s is accepted, want an error", path)
		}
	}
}

func TestCut(t *testing.T) {
	for _, test := range []struct {
		in, want string
		ems      float64
	}{{"博山区", "博山区", 3}, {"博山区科技局", "博山…", 3}, {"", "", 3}, {"abc", "abc", 3}} {
		if got := cut(test.in, test.ems*fontSize, fontSize); got != test.want {
			t.Errorf("cut(%q, %g em) = %q, want %q", test.in, test.ems, got, test.want)
		}
		if got := cut(test.in, test.ems*fontSize, fontSize); span(got, fontSize) > test.ems*fontSize {
			t.Errorf("cut(%q, %g em) = %q is %g px wide", test.in, test.ems, got, span(got, fontSize))
		}
	}
}
