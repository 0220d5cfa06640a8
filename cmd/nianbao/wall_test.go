package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/log"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var (
	soak  = flag.Bool("soak", false, "the wall display is watched through 20,000 changes, ten kills of the server and ten of the engine")
	shots = flag.String("shots", "", "folder for pictures of each slide of the wall display")
)

// hallBoard has twelve slides.
const hallBoard = `name: 大厅
place: 虚构区
slides:
  - view: /
  - view: /outcomes
  - view: /compare?m=received
  - view: /compare?m=open_rate&span=3
  - view: /compare?m=refuse_rate
  - view: /funnel?m=open_rate
  - view: /reasons
  - view: /disputes
  - view: /trends?m=received
  - view: /trends?m=open_rate
  - view: /findings
  - title: 报送提醒
    text: |
      各机关的年度报告请于1月31日前公布并报送。
      疑问请联系政务公开办。
`

// hall is a server with a wall display, in a process of its own that can be killed.
type hall struct {
	t       *testing.T
	data    string
	address string
	path    string // of the display
	process *exec.Cmd
}

func newHall(t *testing.T, boards ...string) *hall {
	t.Helper()
	dir := t.TempDir()
	h := &hall{t: t, data: filepath.Join(dir, "data")}
	do := func(stdin string, args ...string) string {
		t.Helper()
		c := program(t, append(args, "--data", h.data)...)
		var said strings.Builder
		c.Stdin, c.Stderr = strings.NewReader(stdin), &said
		out, err := c.Output()
		if code := exitCode(t, err); code != 0 && !(args[0] == "ingest" && code == rejected) {
			t.Fatalf("nianbao %v: exit code %d: %s", args, code, said.String())
		}
		return strings.TrimSpace(string(out))
	}
	reports := filepath.Join(dir, "demo")
	do("", "demo", "--out", reports, "--agencies", "16", "--years", "2022-2023")
	do("", "register", "import", filepath.Join(reports, "register.csv"))
	do("", "ingest", reports)
	for _, b := range boards {
		do(b, "board", "import", "-", "--reason", "试")
	}
	h.path = do("", "display", "add", "东墙", "大厅", "--reason", "试")
	free, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	h.address = free
	h.start()
	t.Cleanup(func() {
		h.kill()
		killEngine(h.data)
		for range 100 { // its engine is a process of its own, which may still be ending
			if os.RemoveAll(h.data) == nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
	return h
}

func (h *hall) start() {
	h.t.Helper()
	h.process = program(h.t, "serve", "--listen", h.address, "--data", h.data)
	h.process.Stderr = h.t.Output()
	if err := h.process.Start(); err != nil {
		h.t.Fatal(err)
	}
	for range 600 {
		if answer, err := http.Get("http://" + h.address + "/readyz"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(50 * time.Millisecond) // another process: there is nothing to wait for but its answer
	}
	h.t.Fatal("the server does not answer")
}

func (h *hall) kill() {
	_ = h.process.Process.Signal(syscall.SIGKILL)
	_ = h.process.Wait()
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// screen is a browser that shows the display, with a clock that the test turns.
type screen struct {
	t          *testing.T
	ctx        context.Context
	mu         sync.Mutex
	complaints []string
}

func newScreen(t *testing.T, start time.Time) *screen {
	t.Helper()
	path := ""
	for _, name := range []string{"headless_shell", "headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium is installed: the wall display is not watched")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.DisableGPU, chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("enable-precise-memory-info", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to run as root in its sandbox
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	s := &screen{t: t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	if err := chromedp.Listen(ctx, func(event any) {
		s.mu.Lock()
		defer s.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			s.complaints = append(s.complaints, fmt.Sprint("console ", e.Type, " ", e.Args))
		case *runtime.EventExceptionThrown:
			s.complaints = append(s.complaints, "exception "+e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			if e.Entry.Source != log.EntrySourceNetwork { // the server is killed: that its answers are missing is no complaint
				s.complaints = append(s.complaints, fmt.Sprint("log ", e.Entry.Level, " ", e.Entry.Text, " ", e.Entry.URL))
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	if !start.IsZero() {
		script, err := os.ReadFile("testdata/clock.js")
		if err != nil {
			t.Fatal(err)
		}
		source := strings.Replace(string(script), "CLOCK_START", fmt.Sprint(start.UnixMilli()), 1)
		if _, err := chromedp.Call(ctx, cdpage.AddScriptToEvaluateOnNewDocument, cdpage.AddScriptToEvaluateOnNewDocumentParams{Source: source}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func eval[T any](s *screen, expression string) (T, error) {
	return chromedp.Run(s.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// must evaluates; a page that loads itself anew in the middle is asked again.
func must[T any](s *screen, expression string) T {
	s.t.Helper()
	for try := 0; ; try++ {
		v, err := eval[T](s, expression)
		if err == nil {
			return v
		}
		if try > 3 || !strings.Contains(err.Error(), "context") && !strings.Contains(err.Error(), "navigat") && !strings.Contains(err.Error(), "undefined") {
			s.t.Fatalf("%.60s: %v", expression, err)
		}
		s.ready()
	}
}

func (s *screen) ready() {
	s.t.Helper()
	for range 400 {
		if ok, err := eval[bool](s, `document.readyState === "complete" && !!window.clock`); err == nil && ok {
			return
		}
		time.Sleep(25 * time.Millisecond) // a navigation in another process
	}
	s.t.Fatal("the page does not come up")
}

// still asks for slides that change at once.
func (s *screen) still() {
	s.t.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := chromedp.Call(s.ctx, emulation.SetEmulatedMedia, media); err != nil {
		s.t.Fatal(err)
	}
}

func (s *screen) show(size [2]int64, address string) {
	s.t.Helper()
	if _, err := chromedp.Call(s.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: size[0], Height: size[1], DeviceScaleFactor: 1}); err != nil {
		s.t.Fatal(err)
	}
	if err := chromedp.Do(s.ctx, chromedp.Navigate(address)); err != nil {
		s.t.Fatal(err)
	}
}

// size is what the page weighs after its garbage is gone.
type weight struct {
	heap  float64
	nodes int
}

func (s *screen) weigh() weight {
	s.t.Helper()
	for range 2 {
		if _, err := chromedp.Call(s.ctx, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
			s.t.Fatal(err)
		}
	}
	used, err := chromedp.Call(s.ctx, runtime.GetHeapUsage, cdp.Empty{})
	if err != nil {
		s.t.Fatal(err)
	}
	return weight{used.UsedSize, must[int](s, `document.getElementsByTagName("*").length`)}
}

// TestWallForWeeks watches a display: slides change, the server and the engine are killed, clocks are set, a year ends, and
// the page neither grows nor stops. It takes a part of that; with -soak all.
func TestWallForWeeks(t *testing.T) {
	needEngine(t)
	changes, kills, settings := 120, 1, 6
	if *soak {
		changes, kills, settings = 20000, 10, 24
	}
	h := newHall(t, hallBoard)
	china := time.FixedZone("", 8*60*60)
	s := newScreen(t, time.Date(2026, 12, 31, 23, 50, 0, 0, china).Add(-time.Duration(settings)*2*time.Minute))
	s.still() // a fade of 300 ms costs ten frames
	s.show([2]int64{960, 540}, "http://"+h.address+h.path)
	s.ready()
	must[bool](s, `clock.settle().then(() => true)`)
	if took := must[float64](s, `clock.until(() => document.querySelector(".front") && document.getElementById("message").hidden, 30000)`); took < 0 {
		t.Fatalf("no slide within 30 s: %s", must[string](s, `document.body.innerText`))
	}
	clock := func(when string) {
		t.Helper()
		// It is written once a second.
		if said := must[string](s, `document.getElementById("clock").textContent + [0, 1500].map(late => " " + new Intl.DateTimeFormat("sv", {timeZone: "Asia/Shanghai", timeStyle: "short"}).format(clock.now - late)).join("")`); !strings.Contains(said[5:], said[:5]) {
			t.Errorf("%s: the wall shows %s, the server's clock says %s", when, said[:5], said[6:])
		}
	}

	// Around the new year somebody sets the clock of the machine to and fro for two hours; the wall goes by the server's.
	for k := range settings {
		must[float64](s, fmt.Sprintf(`(clock.skew(%d), clock.advance(5 * 60000))`, (k%5-2)*45*60*1000))
		clock("clock set")
	}
	must[bool](s, `(clock.skew(0), true)`)

	var weights []weight
	var at []float64
	badges, recoveries := []float64{}, []float64{}
	part := changes / (2 * kills)
	began := time.Now()
	for k := range 2 * kills {
		for done := 0; done < part; {
			n := min(100, part-done)
			must[float64](s, fmt.Sprintf(`clock.changeSlides(%d)`, n))
			if done += n; done%max(20, part/5) < n || !*soak {
				weights, at = append(weights, s.weigh()), append(at, float64(k*part+done))
			}
		}
		clock("slides changed")
		if *soak {
			fmt.Fprintf(os.Stderr, "%d changes, %.0f s, heap %.2f MB\n", (k+1)*part, time.Since(began).Seconds(), weights[len(weights)-1].heap/1e6)
		}
		if k%2 == 0 { // the server
			h.kill()
			badge := must[float64](s, `clock.until(() => !document.getElementById("offline").hidden, 180000)`)
			if badge < 0 || badge > 130000 {
				t.Errorf("the server is gone, and the wall says so after %.0f s, want two polls", badge/1000)
			}
			badges = append(badges, badge/1000)
			before := must[float64](s, `clock.changes`)
			must[float64](s, `clock.advance(90000)`) // slides go on
			if after := must[float64](s, `clock.changes`); after < before+3 {
				t.Errorf("without a server %.0f slides changed in 90 s, want 4", after-before)
			}
			h.start()
			recoveries = append(recoveries, must[float64](s, `clock.until(() => document.getElementById("offline").hidden, 60000)`)/1000)
		} else { // the engine
			killEngine(h.data)
			recoveries = append(recoveries, must[float64](s, `clock.advance(60000).then(() => clock.until(() => document.getElementById("database").hidden && document.getElementById("offline").hidden, 60000))`)/1000)
		}
	}
	if worst := slices.Max(recoveries); worst >= 10 || slices.Min(recoveries) < 0 {
		t.Errorf("recovery takes up to %.1f s, want less than 10 after every kill: %v", worst, recoveries)
	}
	slope := slopeOf(at, weights)
	nodes := weights[0].nodes
	for _, w := range weights {
		if w.nodes != nodes {
			t.Errorf("the page has %d elements, had %d", w.nodes, nodes)
		}
	}
	errors := must[string](s, `document.getElementById("place").textContent`)
	t.Logf("%d changes of 12 slides in %.0f s: heap %.2f MB to %.2f MB, slope %+.1f bytes a change, %d elements; %d kills of the server: badge after %.0f s at the latest; %d kills of server or engine: recovered after %.1f s at the latest; slide %s",
		changes, time.Since(began).Seconds(), weights[0].heap/1e6, weights[len(weights)-1].heap/1e6, slope, nodes, kills, slices.Max(badges), len(recoveries), slices.Max(recoveries), errors)
	limit := 1500.0 // noise of few samples
	if *soak {
		limit = 25
	}
	if slope > limit {
		t.Errorf("the heap grows by %.1f bytes with every change, want none", slope)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.complaints {
		t.Errorf("the browser complains: %s", c)
	}
}

// slopeOf is the least-squares slope of the heap.
func slopeOf(at []float64, weights []weight) float64 {
	var mx, my, sxy, sxx float64
	for i := range at {
		mx, my = mx+at[i]/float64(len(at)), my+weights[i].heap/float64(len(at))
	}
	for i := range at {
		sxy += (at[i] - mx) * (weights[i].heap - my)
		sxx += (at[i] - mx) * (at[i] - mx)
	}
	if sxx == 0 {
		return 0
	}
	return sxy / sxx
}

// TestWallPictures takes a picture of each slide for each kind of screen, where -shots names a folder.
func TestWallPictures(t *testing.T) {
	if *shots == "" {
		t.Skip("-shots names no folder")
	}
	needEngine(t)
	wide := strings.Replace(hallBoard, "name: 大厅", "name: 宽\nshape: \"32:9\"\ndiagonal: 104\nseams: [1920]", 1)
	tall := strings.Replace(hallBoard, "name: 大厅", "name: 竖\nshape: \"9:16\"\ntheme: light", 1)
	h := newHall(t, hallBoard, wide, tall)
	paths := map[string]string{"大厅": h.path}
	h.kill()
	for _, name := range []string{"宽", "竖"} {
		out, err := program(t, "display", "add", name, name, "--reason", "试", "--data", h.data).Output()
		if err != nil {
			t.Fatal(err)
		}
		paths[name] = strings.TrimSpace(string(out))
	}
	h.start()
	s := newScreen(t, time.Time{})
	s.still() // no picture of a fade
	for _, one := range []struct {
		board string
		size  [2]int64
	}{{"大厅", [2]int64{1920, 1080}}, {"大厅", [2]int64{3840, 2160}}, {"宽", [2]int64{3840, 1080}}, {"竖", [2]int64{1080, 1920}}} {
		for n := 1; n <= 12; n++ {
			s.show(one.size, fmt.Sprintf("http://%s%s?slide=%d", h.address, paths[one.board], n))
			if err := chromedp.Do(s.ctx, chromedp.WaitVisible("img.front")); err != nil {
				t.Fatal(err)
			}
			_, _ = eval[bool](s, `new Promise(resolve => setTimeout(() => resolve(true), 400))`)
			picture, err := chromedp.Call(s.ctx, cdpage.CaptureScreenshot, cdpage.CaptureScreenshotParams{})
			if err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("%dx%d-%02d.png", one.size[0], one.size[1], n)
			if err := os.WriteFile(filepath.Join(*shots, name), picture.Data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	var state struct{ Slides []struct{ Text string } }
	answer, err := http.Get("http://" + h.address + h.path + "/state.json")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&state); err != nil || len(state.Slides) != 12 {
		t.Errorf("%d slides, error %v", len(state.Slides), err)
	}
}
