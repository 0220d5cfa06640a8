package page

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
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

	"nianbao/dashboard/assets"
	"nianbao/query/sample"
)

// artefacts is where the pictures of the pages are left for people to look at. It is not committed.
const artefacts = "../../artefacts"

// browser opens Chromium, which reaches nothing but this machine, or skips the test where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"headless_shell", "headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium is installed: what the pages look like in a browser is not tested")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.DisableGPU,
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-proxy-server", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to run as root in its sandbox
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}

func run[T any](t *testing.T, ctx context.Context, action chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// painted counts the colours in the picture that are not the ground: an empty picture has none.
const painted = `(() => {
  const canvas = document.querySelector("figure.picture .canvas canvas");
  if (!canvas) { return 0; }
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) { if (data[i + 3] > 0) { seen.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]); } }
  return seen.size;
})()`

// drawnValues are the values of the first series of the picture, as the library holds them.
const drawnValues = `(() => {
  const chart = echarts.getInstanceByDom(document.querySelector("figure.picture .canvas"));
  return JSON.stringify(chart.getOption().series[0].data.map(item => item.value));
})()`

func TestBrowser(t *testing.T) {
	if _, ok := assets.Files()[assets.Charts]; !ok {
		t.Skip("the build has not fetched the chart library: make fetches it")
	}
	ctx := browser(t)
	store := sample.District(t)
	handler, err := New(Options{Store: store, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()

	var mu sync.Mutex
	var complaints, elsewhere []string
	if err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			complaints = append(complaints, fmt.Sprint("console ", e.Type, " ", e.Args))
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, fmt.Sprint("exception ", e.ExceptionDetails.Text))
		case *log.EventEntryAdded:
			complaints = append(complaints, fmt.Sprint("log ", e.Entry.Level, " ", e.Entry.Text, " ", e.Entry.URL))
		case *network.EventRequestWillBeSent:
			if u, err := url.Parse(e.Request.URL); err != nil || u.Scheme != "data" && u.Hostname() != "127.0.0.1" {
				elsewhere = append(elsewhere, e.Request.URL)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(artefacts, 0o777); err != nil {
		t.Fatal(err)
	}

	open := func(address string, width, height int64, scheme string) {
		t.Helper()
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
			t.Fatal(err)
		}
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height), chromedp.Navigate(server.URL+address)); err != nil {
			t.Fatalf("open %s: %v", address, err)
		}
	}
	picture := func(name string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(artefacts, name+".png"), run(t, ctx, chromedp.FullScreenshot(100)), 0o666); err != nil {
			t.Fatal(err)
		}
	}

	for _, scheme := range []string{"light", "dark"} {
		for _, address := range []string{"/", "/compare", "/compare?m=open_rate", "/report/" + id(sample.Transport) + "/2023", "/agency/" + id(sample.Science),
			"/register", "/findings", "/report/" + id(sample.Transport) + "/2023/cell/section3.R7.total"} {
			name := strings.Trim(strings.NewReplacer("/", "-", "?m=", "-", id(sample.Transport), "agency", id(sample.Science), "agency").Replace(address), "-")
			if name == "" {
				name = "home"
			}
			open(address, 1366, 768, scheme)
			if strings.HasPrefix(address, "/compare") {
				if err := chromedp.Do(ctx, chromedp.WaitVisible(`figure.picture[data-drawn="true"] canvas`)); err != nil {
					t.Fatalf("GET %s: the picture was not drawn: %v", address, err)
				}
				if n := run(t, ctx, chromedp.Evaluate[int](painted)); n < 4 {
					t.Errorf("GET %s: the picture has %d colours, want several", address, n)
				}
			}
			if over := run(t, ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - window.innerWidth`)); over > 0 {
				t.Errorf("GET %s is %d px wider than the screen", address, over)
			}
			picture(name + "-" + scheme)
			open(address, 390, 844, scheme)
			if over := run(t, ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - window.innerWidth`)); over > 0 {
				t.Errorf("GET %s on a phone is %d px wider than the screen", address, over)
			}
			picture(name + "-phone-" + scheme)
		}
	}

	// The other pages with pictures: light on a screen, dark on a phone.
	for _, address := range []string{"/outcomes", "/disputes", "/funnel", "/trends?m=open_rate", "/changes/years?m=open_rate", "/scatter", "/reasons", "/matrix", "/agency/" + id(sample.Science)} {
		name := strings.Trim(strings.NewReplacer("/", "-", "?m=", "-", id(sample.Science), "profile").Replace(address), "-")
		open(address, 1366, 768, "light")
		if address != "/reasons" && address != "/matrix" { // their tables are the pictures
			if err := chromedp.Do(ctx, chromedp.ScrollIntoView("figure.picture"), chromedp.WaitVisible(`figure.picture[data-drawn="true"] canvas`)); err != nil {
				t.Fatalf("GET %s: the picture was not drawn: %v", address, err)
			}
			if n := run(t, ctx, chromedp.Evaluate[int](painted)); n < 4 {
				t.Errorf("GET %s: the picture has %d colours, want several", address, n)
			}
		}
		picture(name + "-light")
		open(address, 390, 844, "dark")
		if over := run(t, ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - window.innerWidth`)); over > 0 {
			t.Errorf("GET %s on a phone is %d px wider than the screen", address, over)
		}
		picture(name + "-phone-dark")
	}

	// Without script the server's image is the picture.
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	open("/outcomes", 1366, 768, "light")
	if err := chromedp.Do(ctx, chromedp.WaitVisible("figure.picture img.drawn")); err != nil {
		t.Errorf("without script there is no picture: %v", err)
	}
	picture("outcomes-noscript")
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false}); err != nil {
		t.Fatal(err)
	}

	// The picture shows the numbers of the warehouse.
	open("/compare", 1366, 768, "light")
	if err := chromedp.Do(ctx, chromedp.WaitVisible(`figure.picture[data-drawn="true"] canvas`)); err != nil {
		t.Fatal(err)
	}
	var bars []any
	if err := json.Unmarshal([]byte(run(t, ctx, chromedp.Evaluate[string](drawnValues))), &bars); err != nil {
		t.Fatal(err)
	}
	rows, err := store.Conn().Query(t.Context(), `SELECT toInt64(value) FROM cells WHERE year = 2023 AND tbl = 'section3' AND row = 'NEW' AND col = 'total' AND state = 'number'
		AND filing IN (SELECT argMax(filing, filing) FROM filings WHERE year = 2023 AND scope = 'own' GROUP BY agency)
		AND filing NOT IN (SELECT filing FROM findings WHERE status = 'fail' AND rule IN ('A1', 'A2')) ORDER BY value DESC`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var want int64
		if err := rows.Scan(&want); err != nil {
			t.Fatal(err)
		}
		if n >= len(bars) || bars[n] != float64(want) {
			t.Errorf("bar %d of %v is not %d", n, bars, want)
		}
	}
	if err := rows.Err(); err != nil || n == 0 {
		t.Errorf("%d rows from the warehouse, %v", n, err)
	}
	for _, absent := range bars[min(n, len(bars)):] {
		if absent != "-" {
			t.Errorf("a bar of %v is drawn for an agency without a number", absent)
		}
	}

	// A click on the first bar leads to its report.
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`(() => { const chart = echarts.getInstanceByDom(document.querySelector("figure.picture .canvas"));
		document.querySelector("figure.picture").scrollIntoView({behavior: "instant"});
		window.at = (() => { const box = chart.getDom().getBoundingClientRect(); const p = chart.convertToPixel({seriesIndex: 0}, [1, 0]); return [box.left + p[0], box.top + p[1]]; })(); })()`)); err != nil {
		t.Fatal(err)
	}
	at := run(t, ctx, chromedp.Evaluate[[]float64](`window.at`))
	if _, err := chromedp.RunResponse(ctx, chromedp.MouseClickXY(at[0], at[1])); err != nil {
		t.Errorf("click on the first bar: %v", err)
	} else if got, want := run(t, ctx, chromedp.Location()), server.URL+"/report/"+id(sample.Health)+"/2023"; got != want {
		t.Errorf("a click on the first bar leads to %s, want %s", got, want)
	}

	mu.Lock()
	defer mu.Unlock()
	for _, c := range complaints {
		t.Errorf("the browser complains: %s", c)
	}
	for _, u := range elsewhere {
		t.Errorf("a page asked for %s, which is not on this server", u)
	}
}
