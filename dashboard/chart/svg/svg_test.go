package svg

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nianbao/dashboard/assets"
	"nianbao/dashboard/chart"
)

var script = sync.OnceValue(func() []byte { return assets.Files()[assets.Charts].Content })

func renderer(t testing.TB) *Renderer {
	t.Helper()
	if len(script()) == 0 {
		t.Skip("the build has not fetched the chart library: make fetches it")
	}
	return New(script())
}

const hostile = `<script>alert("1")</script>&'{b}局`

func bars(t testing.TB, n int) chart.Drawing {
	t.Helper()
	counts := make([]chart.Count, n)
	for i := range counts {
		v := int64(7 * (n - i))
		counts[i] = chart.Count{Row: chart.Row{Label: fmt.Sprintf("博山区第%d局", i), Text: fmt.Sprint(v), Detail: "x", Link: "/report/x/2023"}, Value: &v}
	}
	counts[n-1] = chart.Count{Row: chart.Row{Label: hostile, Text: "未收到报告"}}
	d, err := chart.Bars(counts, chart.Light, chart.Light.Bar)
	if err != nil {
		t.Fatal(err)
	}
	d.Legend = []chart.Key{{Mark: "bar", Text: "2023 年"}, {Mark: "tick", Text: hostile}, {Mark: "within", Text: "…"}, {Mark: "p2", Text: "部分公开", Decal: 1}}
	return d
}

var around = Frame{Title: "44 个机关新收申请 1,234 件" + hostile, Line: "一、本年新收", Source: []string{"来源：" + hostile}, Text: hostile, Width: 1280, Palette: chart.Light}

// wellFormed reads a picture to its end and returns its texts.
func wellFormed(t *testing.T, picture []byte) (texts []string) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(picture))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return texts
		}
		if err != nil {
			t.Fatalf("the picture is no XML: %v\n%s", err, picture)
		}
		switch token := token.(type) {
		case xml.StartElement:
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Value, "javascript:") || strings.Contains(a.Value, "//") && a.Name.Local != "xmlns" && a.Name.Space != "xmlns" {
					t.Errorf("<%s %s=%q>", token.Name.Local, a.Name.Local, a.Value)
				}
			}
			if token.Name.Local == "script" || token.Name.Local == "foreignObject" || token.Name.Local == "image" || token.Name.Local == "style" {
				t.Errorf("the picture has a <%s>", token.Name.Local)
			}
		case xml.CharData:
			if s := strings.TrimSpace(string(token)); s != "" {
				texts = append(texts, s)
			}
		}
	}
}

func TestPicture(t *testing.T) {
	r := renderer(t)
	d := bars(t, 4)
	picture, err := r.Draw(t.Context(), d, around)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(wellFormed(t, picture), "|")
	for _, want := range []string{"博山区第0局", "28", "未收到报告", "44 个机关新收申请", "来源：" + hostile, "<script>alert(\"1\")</script>…"} {
		if !strings.Contains(all, want) {
			t.Errorf("the picture lacks %q: %s", want, all)
		}
	}
	// The same bytes: after other pictures, from another renderer, and from the cache.
	if _, err := r.Draw(t.Context(), bars(t, 3), around); err != nil {
		t.Fatal(err)
	}
	again := New(script())
	if _, err := again.Draw(t.Context(), bars(t, 3), around); err != nil {
		t.Fatal(err)
	}
	other, err := again.Draw(t.Context(), d, around)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(picture, other) {
		t.Errorf("two renderers draw different bytes:\n%s\n%s", picture, other)
	}
	kept, err := r.Draw(t.Context(), d, around)
	if err != nil || &kept[0] != &picture[0] {
		t.Errorf("a picture drawn before is not kept: %v", err)
	}
	bare, err := r.Draw(t.Context(), d, Frame{Width: 1280, Palette: chart.Light})
	if err != nil || bytes.Contains(bare, []byte("来源")) || len(bare) >= len(picture) {
		t.Errorf("a picture without a frame: %d bytes, %v", len(bare), err)
	}
}

// TestRunaway: what does not end is ended, and the next picture is drawn.
func TestRunaway(t *testing.T) {
	r := renderer(t)
	r.library = &library{text: append(bytes.Clone(script()), []byte(`;var plain = echarts.init; echarts.init = function () { var c = plain.apply(this, arguments), set = c.setOption;
		c.setOption = function (o) { while (o.forever) {} while (o.deep) { (function f() { f(); })(); } return set.call(c, o); }; return c; };`)...)}
	r.patience = 300 * time.Millisecond
	for _, bad := range []string{"forever", "deep"} {
		d := bars(t, 2)
		d.Option[bad] = true
		if _, err := r.Draw(t.Context(), d, around); err == nil || bad == "forever" && !errors.Is(err, ErrTooLong) {
			t.Errorf("%s: %v, want an error", bad, err)
		}
	}
	r.patience = patience
	if _, err := r.Draw(t.Context(), bars(t, 2), around); err != nil {
		t.Errorf("after runaways: %v", err)
	}
}

func TestBounds(t *testing.T) {
	r := renderer(t)
	d := bars(t, 2)
	d.Option["x"] = strings.Repeat("x", largest)
	if _, err := r.Draw(t.Context(), d, around); !errors.Is(err, ErrTooLarge) {
		t.Errorf("an option of %d bytes: %v", largest, err)
	}
	d = bars(t, 2)
	d.Height = mostPixels + 1
	if _, err := r.Draw(t.Context(), d, around); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a picture %d pixels high: %v", d.Height, err)
	}
	if _, err := New(nil).Draw(t.Context(), bars(t, 2), around); err == nil {
		t.Error("without the library a picture is drawn")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(script()).Draw(ctx, bars(t, 5), around); !errors.Is(err, context.Canceled) {
		t.Errorf("who has gone gets %v", err)
	}
}

func TestMany(t *testing.T) {
	r := renderer(t)
	var group sync.WaitGroup
	pictures := make([][]byte, 12)
	for i := range pictures {
		d := bars(t, 2+i%3)
		group.Go(func() {
			picture, err := r.Draw(t.Context(), d, around)
			if err != nil {
				t.Error(err)
			}
			pictures[i] = picture
		})
	}
	group.Wait()
	for i := range pictures {
		if !bytes.Equal(pictures[i], pictures[i%3]) {
			t.Errorf("picture %d differs from %d", i, i%3)
		}
	}
}

func BenchmarkBars20(b *testing.B) {
	r := renderer(b)
	for i := 0; b.Loop(); i++ {
		d := bars(b, 20)
		d.Option["n"] = i // never kept
		if _, err := r.Draw(b.Context(), d, around); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkKept(b *testing.B) {
	r := renderer(b)
	d := bars(b, 20)
	for b.Loop() {
		if _, err := r.Draw(b.Context(), d, around); err != nil {
			b.Fatal(err)
		}
	}
}

func reversed(list []string) []string {
	out := slices.Clone(list)
	slices.Reverse(out)
	return out
}

// TestEveryKind draws the examples of the builders as they stand in the golden files, twice.
func TestEveryKind(t *testing.T) {
	r, again := renderer(t), renderer(t)
	files, err := filepath.Glob("../testdata/*.json")
	if err != nil || len(files) < 13 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	pictures := map[string][]byte{}
	// The second runtime draws them the other way round: what it drew before may not show.
	for i, file := range append(slices.Clone(files), reversed(files)...) {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d chart.Drawing
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		f := Frame{Title: name, Line: "…", Source: []string{"来源"}, Width: 1280, Palette: chart.Light}
		if i >= len(files) {
			if other, err := again.Draw(t.Context(), d, f); err != nil || !bytes.Equal(pictures[name], other) {
				t.Errorf("%s drawn in another runtime has other bytes, %v", name, err)
			}
			continue
		}
		picture, err := r.Draw(t.Context(), d, f)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		pictures[name] = picture
		drawn := strings.Join(wellFormed(t, picture), "|")
		if bytes.Contains(picture, []byte("NaN")) || bytes.Contains(picture, []byte("undefined")) || bytes.Contains(picture, []byte("Infinity")) || strings.Contains(drawn, "{") {
			t.Errorf("%s: the picture holds what is no number or a template: %s", name, drawn)
		}
		if folder := os.Getenv("NIANBAO_PICTURES"); folder != "" {
			if err := os.WriteFile(filepath.Join(folder, name+".svg"), picture, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}
