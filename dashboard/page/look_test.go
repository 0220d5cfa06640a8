package page

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	wasm "github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"nianbao/dashboard/assets"
	"nianbao/dashboard/words"
	"nianbao/query/api"
)

//go:embed testdata/look.js
var lookScript string

// axe is where make puts the program that finds what a reader of the screen, or one who sees badly, cannot use.
const axe = "../../.cache/axe.min.js"

// Every view is looked at on a screen and a phone, light and dark, in each language. Usually two of those eight that have
// nothing in common, by the number of the view, with NIANBAO_LOOK=some; NIANBAO_LOOK=all looks at all and keeps a picture of
// each.
const lookAll = "NIANBAO_LOOK"

// setting is how a view is looked at.
type setting struct {
	width, height int64
	scheme        string
	language      words.Language
}

func (s setting) String() string { return fmt.Sprintf("%d-%s-%s", s.width, s.scheme, s.language) }

// settings of number n: its three lowest bits say which.
func settings(n int) setting {
	s := setting{1366, 768, "light", words.Chinese}
	if n&1 != 0 {
		s.width, s.height = 390, 844
	}
	if n&2 != 0 {
		s.scheme = "dark"
	}
	if n&4 != 0 {
		s.language = words.English
	}
	return s
}

// TestLook opens every page in a browser and looks for what is wrong with it.
func TestLook(t *testing.T) {
	if _, ok := assets.Files()[assets.Charts]; !ok {
		t.Skip("the build has not fetched the chart library: make fetches it")
	}
	all := os.Getenv(lookAll) == "all"
	if os.Getenv(lookAll) == "" {
		t.Skip(lookAll + " is not set: make look opens every page")
	}
	reader, err := os.ReadFile(axe)
	if err != nil {
		t.Logf("what a reader of the screen finds is not tested: %v (make installs it)", err)
	}
	ctx := browser(t)
	s, views := district(t)
	programs, err := api.New(api.Options{Store: s.store, Program: "test", Limits: api.Limits{Rate: -1, Burst: 1, QueryTime: time.Minute, QueryMemory: 1 << 30}})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/api/v1/", programs)
	mux.Handle("/", s.handler)
	server := httptest.NewServer(mux)
	defer server.Close()
	if err := os.MkdirAll(artefacts, 0o777); err != nil {
		t.Fatal(err)
	}

	var mu sync.Mutex
	var complaints []string
	if err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			complaints = append(complaints, fmt.Sprint("console ", e.Type, " ", e.Args))
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, fmt.Sprint("exception ", e.ExceptionDetails.Text))
		case *log.EventEntryAdded: // a page that is not there is one of the views
			if !strings.Contains(e.Entry.Text, "the server responded with a status of 40") {
				complaints = append(complaints, fmt.Sprint("log ", e.Entry.Level, " ", e.Entry.Text, " ", e.Entry.URL))
			}
		case *network.EventRequestWillBeSent:
			if u, err := url.Parse(e.Request.URL); err != nil || u.Scheme != "data" && u.Hostname() != "127.0.0.1" {
				complaints = append(complaints, "asked for "+e.Request.URL)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	paper := &printer{}
	defer paper.close()
	for i, v := range views {
		for n := range 8 {
			if !all && n != i%8 && n != 7-i%8 {
				continue
			}
			set := settings(n)
			address := v.address
			if set.language != words.Chinese && v.status == 0 {
				address = with(address, "lang="+string(set.language))
			}
			wrong := func(format string, args ...any) {
				t.Helper()
				t.Errorf("%s (GET %s) at %s: %s", v.name, v.address, set, fmt.Sprintf(format, args...))
			}
			media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: set.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}
			if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
				t.Fatal(err)
			}
			if err := chromedp.Do(ctx, chromedp.EmulateViewport(set.width, set.height), chromedp.Navigate(server.URL+address)); err != nil {
				t.Fatalf("open %s: %v", address, err)
			}
			if len(reader) > 0 {
				if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](string(reader))); err != nil {
					t.Fatal(err)
				}
			}
			stops := 12
			if all {
				stops = 60
			}
			for _, stop := range tabs(t, ctx, stops) {
				wrong("%s", stop)
			}
			var files []string
			if v.api != "" {
				files = []string{in(asJSON, v.address), "/api/v1" + v.api}
			}
			want, err := json.Marshal(map[string]any{"drawn": v.drawn, "wide": set.width > 720, "files": files, "axe": true, "focus": true})
			if err != nil {
				t.Fatal(err)
			}
			var found struct {
				Complaints []string
				Tabbable   int
			}
			answer := run(t, ctx, chromedp.Evaluate[string](strings.TrimSpace(lookScript)+"("+string(want)+")", chromedp.EvalAwaitPromise))
			if err := json.Unmarshal([]byte(answer), &found); err != nil {
				t.Fatal(err)
			}
			for _, c := range found.Complaints {
				wrong("%s", c)
			}
			if found.Tabbable < 8 {
				wrong("%d controls", found.Tabbable)
			}
			mu.Lock()
			for _, c := range complaints {
				wrong("the browser complains: %s", c)
			}
			complaints = nil
			mu.Unlock()
			if all || set.width > 720 {
				if err := os.WriteFile(filepath.Join(artefacts, v.name+"-"+set.String()+".png"), run(t, ctx, chromedp.FullScreenshot(100)), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if v.sheets[1] > 0 && set.width > 720 && (all && n == 0 || !all && i%3 == 0) {
				file := run(t, ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
				if err := os.WriteFile(filepath.Join(artefacts, v.name+".pdf"), file, 0o666); err != nil {
					t.Fatal(err)
				}
				for _, c := range paper.look(t, file, v, set.language, run(t, ctx, chromedp.Evaluate[string](`document.querySelector("h1").textContent`))) {
					wrong("on paper: %s", c)
				}
			}
		}
	}
}

// tabs presses the key Tab so often, from the top of the page, and says what is wrong with where it stops: it has to come to
// the controls in the order in which they are read.
func tabs(t *testing.T, ctx context.Context, stops int) (wrong []string) {
	t.Helper()
	const begin = `(() => { window.stops = []; document.addEventListener("focusin", (e) => window.stops.push(e.target)); window.scrollTo(0, 0); })()`
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](begin)); err != nil {
		t.Fatal(err)
	}
	for range stops {
		if err := chromedp.Do(ctx, chromedp.KeyEvent(kb.Tab)); err != nil {
			t.Fatal(err)
		}
	}
	const end = `(() => {
  const visible = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0;
  const controls = Array.from(document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")).filter((e) => visible(e) && !e.disabled);
  const stops = window.stops.filter((e) => e.matches("a, button, input, select, textarea, summary"));
  return controls.slice(0, Math.min(stops.length, controls.length)).map((e, i) => stops[i] === e ? "" : "Tab " + (i + 1) + " stops at " + stops[i].outerHTML.slice(0, 80) + ", want " + e.outerHTML.slice(0, 80))
    .filter((s) => s !== "").slice(0, 2).concat(stops.length === 0 ? ["Tab reaches nothing"] : []);
})()`
	return run(t, ctx, chromedp.Evaluate[[]string](end))
}

// printer reads what was printed.
type printer struct {
	pool     pdfium.Pool
	instance pdfium.Pdfium
}

func (p *printer) close() {
	if p.pool != nil {
		_ = p.pool.Close()
	}
}

// text reads the text of each page of a file.
func (p *printer) text(t *testing.T, file []byte) (pages []string) {
	t.Helper()
	if p.pool == nil {
		config := wazero.NewRuntimeConfigCompiler().WithCoreFeatures(wasm.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling)
		if base, err := os.UserCacheDir(); err == nil { // compiling takes seconds
			if kept, err := wazero.NewCompilationCacheWithDir(filepath.Join(base, "nianbao", "wasm-test")); err == nil {
				config = config.WithCompilationCache(kept)
			}
		}
		var err error
		if p.pool, err = webassembly.Init(webassembly.Config{MaxIdle: 1, MaxTotal: 1, RuntimeConfig: config}); err != nil {
			t.Fatal(err)
		}
		if p.instance, err = p.pool.GetInstance(time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	doc, err := p.instance.OpenDocument(&requests.OpenDocument{File: &file})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		_, _ = p.instance.FPDF_CloseDocument(&requests.FPDF_CloseDocument{Document: doc.Document})
	}()
	count, err := p.instance.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: doc.Document})
	if err != nil {
		t.Fatal(err)
	}
	for i := range count.PageCount {
		got, err := p.instance.GetPageText(&requests.GetPageText{Page: requests.Page{ByIndex: &requests.PageByIndex{Document: doc.Document, Index: i}}})
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, got.Text)
	}
	return pages
}

// look says what is wrong with a printed view: every sheet has the name of the product and its number, the first the title,
// one of them the source; nothing that is pressed is printed.
func (p *printer) look(t *testing.T, file []byte, v view, language words.Language, title string) (wrong []string) {
	t.Helper()
	pages := p.text(t, file)
	if len(pages) < v.sheets[0] || len(pages) > v.sheets[1] {
		wrong = append(wrong, fmt.Sprintf("%d sheets, want %d to %d", len(pages), v.sheets[0], v.sheets[1]))
	}
	joined := func(s string) string { return strings.Join(strings.Fields(s), "") }
	for i, text := range pages {
		for _, want := range []string{lang(language).say("product"), fmt.Sprintf("%d / %d", i+1, len(pages))} {
			if !strings.Contains(joined(text), joined(want)) {
				wrong = append(wrong, fmt.Sprintf("sheet %d does not say %q", i+1, want))
			}
		}
	}
	all := joined(strings.Join(pages, ""))
	if len(pages) > 0 && !strings.Contains(joined(pages[0]), joined(title)) {
		wrong = append(wrong, fmt.Sprintf("the first sheet does not say %q", title))
	}
	for _, want := range []string{lang(language).say("source.reports")} {
		if !strings.Contains(all, joined(want)) {
			wrong = append(wrong, fmt.Sprintf("no sheet says %q", want))
		}
	}
	if strings.Contains(all, joined(say("menu.home")+say("menu.compare"))) {
		wrong = append(wrong, "the menu is printed")
	}
	return wrong
}
