package pdf

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"nianbao/ingest/document"
	"nianbao/ingest/document/scan"
	"nianbao/ingest/document/sheet"
	"nianbao/ingest/recognise"
	"nianbao/internal/demo"
	"nianbao/internal/form"
)

// paper is what a report went through before it was scanned, and the scanner.
type paper struct {
	report     int    // of the made-up district
	font       string // of the tables
	resolution float64
	degrees    float64 // to which it lay askew
	noise      float64 // of the brightness, as a standard deviation
	quality    int     // of JPEG
	ground     float64 // brightness of the paper
}

// TestScans prints reports of the made-up district, scans them in ways from good to bad, and reads them: no figure may be
// wrong, and most must be read.
func TestScans(t *testing.T) {
	if testing.Short() {
		t.Skip("the scans take half a minute")
	}
	if scan.Find() == "" {
		t.Skip("tesseract is not installed with its Chinese (make test installs it where it can): no scans are read")
	}
	papers := []paper{
		{report: 0, font: "sans-serif", resolution: 100, degrees: 0.6, noise: 6, quality: 60, ground: 240},
		{report: 1, font: "serif", resolution: 200, degrees: -1.4, noise: 10, quality: 40, ground: 205},
		{report: 5, font: "Liberation Serif", resolution: 300, degrees: 2, noise: 3, quality: 85, ground: 255},
	}
	filings, _, err := demo.District(demo.Options{Agencies: 30, FirstYear: 2019, LastYear: 2024, Seed: 11})
	if err != nil {
		t.Fatal(err)
	}
	var reports []demo.Report
	for f := range filings {
		if len(f.Report.Cells) > 0 && f.Report.Year%2 == len(reports)%2 {
			reports = append(reports, f.Report)
		}
	}
	m, err := newMachine(cacheFolder())
	if err != nil {
		t.Fatal(err)
	}
	right, all := 0, 0
	for i, p := range papers {
		t.Run(fmt.Sprintf("%d: %.0f dots, %s, %.1f degrees", i, p.resolution, p.font, p.degrees), func(t *testing.T) {
			r := reports[p.report]
			f := recognise.Recognise(p.read(t, m, p.print(t, r), rand.New(rand.NewPCG(1, uint64(i)))), "scan.pdf")
			n, of := compareScan(t, f, r)
			t.Logf("%d of %d figures right", n, of)
			if f.Year != r.Year || f.Agency.Name != r.Agency {
				t.Errorf("read as the report of %s for %d, want %s for %d", f.Agency.Name, f.Year, r.Agency, r.Year)
			}
			right, all = right+n, all+of
		})
	}
	t.Logf("%d of %d figures right", right, all)
	if 100*right < 85*all {
		t.Errorf("%d of %d figures right, want 85 in a hundred", right, all)
	}
}

// print prints a report as PDF.
func (p paper) print(t *testing.T, r demo.Report) []byte {
	r.Prose, r.Claims = demo.Prose{Opening: r.Prose.Opening[:1]}, nil
	page, err := demo.Print(r, demo.HTML, 0)
	if err != nil {
		t.Fatal(err)
	}
	style := fmt.Sprintf(`<style>td, th { font-family: "%s", "WenQuanYi Micro Hei" !important }</style></head>`, p.font)
	page = bytes.Replace(page, []byte("</head>"), []byte(style), 1)
	dir := t.TempDir()
	name := filepath.Join(dir, "report.html")
	if err := os.WriteFile(name, page, 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "report.pdf")
	for _, program := range []string{"headless_shell", "headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if _, err := exec.LookPath(program); err != nil {
			continue
		}
		c := exec.CommandContext(t.Context(), program, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", "--user-data-dir="+dir, "--print-to-pdf="+out, "file://"+name)
		if said, err := c.CombinedOutput(); err != nil {
			t.Fatalf("print a page: %v\n%s", err, said)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	t.Skip("no Chromium is installed: no reports are printed to be scanned")
	return nil
}

// read scans all pages of a file and reads the pictures.
func (p paper) read(t *testing.T, m *machine, b []byte, r *rand.Rand) *document.Document {
	g, err := m.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	file := g.call("FPDF_LoadMemDocument64", g.put(b), uint64(len(b)), 0)
	var pages []sheet.Page
	for i := range int(g.call("FPDF_GetPageCount", file)) {
		picture, err := g.picture(file, i, p.resolution)
		if err != nil {
			t.Fatal(err)
		}
		picture = p.scan(t, picture, r)
		page, err := scan.Read(t.Context(), scan.Picture{Page: i + 1, Image: picture})
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
	}
	d, err := sheet.Read(pages, document.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// scan is the picture that a scanner makes of a page.
func (p paper) scan(t *testing.T, page *image.Gray, r *rand.Rand) *image.Gray {
	w, h := page.Rect.Dx(), page.Rect.Dy()
	out := image.NewGray(page.Rect)
	sin, cos := math.Sincos(p.degrees * math.Pi / 180)
	for y := range h {
		for x := range w {
			dx, dy := float64(x)-float64(w)/2, float64(y)-float64(h)/2
			sx, sy := dx*cos+dy*sin+float64(w)/2, dy*cos-dx*sin+float64(h)/2
			fx, fy := int(math.Floor(sx)), int(math.Floor(sy))
			v := 0.0
			for _, n := range [4][2]int{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
				q := 255.0
				if at := image.Pt(fx+n[0], fy+n[1]); at.In(page.Rect) {
					q = float64(page.GrayAt(at.X, at.Y).Y)
				}
				v += q * (1 - math.Abs(sx-float64(fx+n[0]))) * (1 - math.Abs(sy-float64(fy+n[1])))
			}
			shade := p.ground / 255 * (1 - 0.1*(255-p.ground)/65*float64(x)/float64(w)) // darker towards the fold
			out.Pix[y*out.Stride+x] = uint8(min(max(v*shade+r.NormFloat64()*p.noise, 0), 255))
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, out, &jpeg.Options{Quality: p.quality}); err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return img.(*image.Gray)
}

// compareScan compares what was read with what was printed.
func compareScan(t *testing.T, f form.Filing, r demo.Report) (right, all int) {
	for _, c := range f.Cells {
		want, ok := r.Cells[c.Key]
		switch {
		case c.State == form.Ambiguous:
		case !ok:
			t.Errorf("%s: WRONG: read %s %s, and the report has no such cell", c.Key, c.State, c.Value)
		case c.State == want.State && (c.State != form.Number || c.Value.Equal(want.Value)):
			right++
		default:
			t.Errorf("%s: WRONG: got %s %s (raw %q, %s), want %s %s", c.Key, c.State, c.Value, c.Raw, c.Rule, want.State, want.Value)
		}
	}
	return right, len(r.Cells)
}
