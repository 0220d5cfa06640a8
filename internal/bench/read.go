package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/xuri/excelize/v2"

	"nianbao/ingest"
	"nianbao/ingest/assess"
	"nianbao/ingest/check"
	"nianbao/ingest/document"
	"nianbao/ingest/document/html"
	"nianbao/ingest/document/ofd/ofdtest"
	"nianbao/ingest/document/papertest"
	"nianbao/internal/demo"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
)

// printers write reports in the formats that are measured, n counting the reports.
var printers = []struct {
	ending, target string
	print          func(b *bench, r demo.Report, n int) ([]byte, error)
}{
	{"html", "≥ 400/s", plain(demo.HTML)},
	{"docx", "≥ 500/s", plain(demo.DOCX)},
	{"md", "≥ 1,000/s", plain(demo.Markdown)},
	{"txt", "≥ 1,000/s", plain(demo.Text)},
	{"xlsx", "–", func(b *bench, r demo.Report, _ int) ([]byte, error) { return b.drawn(r, workbook) }},
	{"ofd", "–", func(b *bench, r demo.Report, _ int) ([]byte, error) {
		return b.drawn(r, func(d *document.Document) ([]byte, error) { return ofdtest.Write(d, ofdtest.Style{}), nil })
	}},
	{"pdf", "≥ 40/s", func(b *bench, r demo.Report, _ int) ([]byte, error) {
		return b.drawn(r, func(d *document.Document) ([]byte, error) { return papertest.PDF(papertest.Print(d, 0)), nil })
	}},
}

// plain prints in a format of the made-up district, in all its styles by turns.
func plain(f demo.Format) func(*bench, demo.Report, int) ([]byte, error) {
	return func(_ *bench, r demo.Report, n int) ([]byte, error) { return demo.Print(r, f, n%demo.Styles(f)) }
}

// drawn writes what stands on the report's web page.
func (b *bench) drawn(r demo.Report, write func(*document.Document) ([]byte, error)) ([]byte, error) {
	page, err := demo.Print(r, demo.HTML, 0)
	if err != nil {
		return nil, err
	}
	d, err := html.Read(b.ctx, page, document.DefaultLimits)
	if err != nil {
		return nil, err
	}
	return write(d)
}

// workbook writes a document as a sheet, a cell with lines around it for each cell of a table.
func workbook(d *document.Document) ([]byte, error) {
	f := excelize.NewFile()
	var border []excelize.Border
	for _, side := range []string{"left", "right", "top", "bottom"} {
		border = append(border, excelize.Border{Type: side, Style: 1, Color: "000000"})
	}
	lined, err := f.NewStyle(&excelize.Style{Border: border})
	if err != nil {
		return nil, err
	}
	sheet, row := f.GetSheetName(0), 1
	at := func(row, column int) string {
		name, e := excelize.CoordinatesToCellName(column, row)
		err = errors.Join(err, e)
		return name
	}
	for _, block := range d.Blocks {
		if block.Grid == nil {
			err = errors.Join(err, f.SetCellValue(sheet, at(row, 1), block.Text))
			row++
			continue
		}
		for _, c := range block.Grid.Cells {
			y := row + c.Row - 1
			first, last := at(y, c.Column), at(y+c.RowSpan-1, c.Column+c.ColSpan-1)
			err = errors.Join(err, f.SetCellValue(sheet, first, c.Text), f.SetCellStyle(sheet, first, last, lined))
			if first != last {
				err = errors.Join(err, f.MergeCell(sheet, first, last))
			}
		}
		row += block.Grid.Rows + 1
	}
	var out bytes.Buffer
	err = errors.Join(err, f.Write(&out))
	return out.Bytes(), err
}

// reports are printed reports of a made-up district.
func (b *bench) reports(print func(*bench, demo.Report, int) ([]byte, error), n int) ([][]byte, error) {
	filings, _, err := demo.District(demo.Options{Agencies: 40, FirstYear: 2019, LastYear: 2025, Seed: 3})
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for x := range filings {
		printed, err := print(b, x.Report, len(out))
		if err != nil {
			return nil, err
		}
		if out = append(out, printed); len(out) == n {
			break
		}
	}
	return out, nil
}

// busy is the processor time that this process has used.
func busy() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // cannot happen for the own process
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// busyWith is busy with the processes it started that still run, as those that read PDF. 0 for them where the system does
// not tell (it does on Linux).
func busyWith() time.Duration {
	total := busy()
	tasks, _ := filepath.Glob("/proc/self/task/*/children")
	for _, task := range tasks {
		list, _ := os.ReadFile(task)
		for _, id := range strings.Fields(string(list)) {
			b, err := os.ReadFile("/proc/" + id + "/stat")
			if err != nil {
				continue // it ended
			}
			_, behind, _ := strings.Cut(string(b), ") ")
			f := strings.Fields(behind) // from the third field of proc(5), the state
			const tick = time.Second / 100
			for _, ticks := range f[11:13] { // utime and stime
				n, _ := strconv.ParseInt(ticks, 10, 64)
				total += time.Duration(n) * tick
			}
		}
	}
	return total
}

// read measures reading, recognising and checking, by format.
func (b *bench) read() error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, x := range printers {
		reports, err := b.reports(x.print, 120)
		if err != nil {
			return err
		}
		ingest.Read(b.ctx, "report."+x.ending, reports[0]) // what is made ready once is not measured
		best := time.Duration(1 << 62)
		size := 0
		for range 5 {
			size = 0
			runtime.GC()
			start := busyWith()
			for _, r := range reports {
				f := ingest.Read(b.ctx, "report."+x.ending, r)
				if f.Status == form.Rejected {
					return fmt.Errorf("a report in %s was rejected: %v", x.ending, f.Problems)
				}
				size += len(r)
			}
			best = min(best, busyWith()-start)
		}
		rate := float64(len(reports)) / best.Seconds()
		b.add("read and check, "+x.ending+", one core", fmt.Sprintf("%.0f/s", rate), x.target,
			fmt.Sprintf("processor time, best of 5 × %d reports of %d KB on average", len(reports), size/len(reports)/1024))
	}
	return nil
}

// memory compares the memory in use after few and after many reports.
func (b *bench) memory() error {
	reports, err := b.reports(plain(demo.HTML), 200)
	if err != nil {
		return err
	}
	after := func(n int) uint64 {
		for i := range n {
			ingest.Read(b.ctx, "report.html", reports[i%len(reports)])
		}
		debug.FreeOSMemory()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse
	}
	few := after(500)
	many := after(9500)
	b.add("memory after 500 and after 10,000 reports", fmt.Sprintf("%.1f and %.1f MB", float64(few)/1e6, float64(many)/1e6), "flat", "heap in use after collection")
	return nil
}

// load measures the whole way from files to the embedded store.
func (b *bench) load() error {
	dir := b.dir("html")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	filings, _, err := demo.District(demo.Options{Agencies: 300, FirstYear: 2019, LastYear: 2025, Seed: 4})
	if err != nil {
		return err
	}
	n := 0
	for x := range filings {
		printed, err := demo.Print(x.Report, demo.HTML, n%demo.Styles(demo.HTML))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, x.Stem+".html"), printed, 0o644); err != nil {
			return err
		}
		n++
	}
	store, err := warehouse.Open(b.ctx, warehouse.Options{Data: b.dir("load"), Program: "bench"})
	if err != nil {
		return err
	}
	defer store.Close()
	start := time.Now()
	report, err := ingest.Run(b.ctx, ingest.Options{Store: store, By: "bench"}, []string{dir})
	if err != nil {
		return err
	}
	took := time.Since(start)
	done := report.Files[ingest.Loaded] + report.Files[ingest.NewVersion]
	b.add(fmt.Sprintf("load end to end, HTML, %d cores", runtime.GOMAXPROCS(0)), fmt.Sprintf("%.0f/s", float64(done)/took.Seconds()), "≥ 500/s",
		fmt.Sprintf("%d files read, checked, committed in %d batches to the embedded store, %.1f s", done, report.Batches, took.Seconds()))
	start = time.Now()
	if _, err := ingest.Run(b.ctx, ingest.Options{Store: store, By: "bench"}, []string{dir}); err != nil {
		return err
	}
	b.add("the same again, nothing new", fmt.Sprintf("%.0f/s", float64(n)/time.Since(start).Seconds()), "–", "every file is known by its hash")
	return b.checkAgain(store)
}

// checkAgain measures what a person waits for after a decision about one report: reading what it takes from the store,
// checking the report, next year's and that of the body above.
func (b *bench) checkAgain(store *warehouse.Store) error {
	reports, err := store.Filings(b.ctx, time.Time{}, warehouse.Filter{Years: []int{2022}})
	if err != nil {
		return err
	}
	next := 0
	again, err := times(60, 1, func() error {
		next++
		f := reports[next*7%len(reports)]
		_, err := assess.Reports(b.ctx, assess.Options{Store: store, By: "bench"}, check.Report{Agency: f.Agency, Year: f.Year})
		return err
	})
	if err != nil {
		return err
	}
	shortest, err := times(100, 1, func() error { return store.Conn().Exec(b.ctx, "SELECT 1") })
	if err != nil {
		return err
	}
	b.add("check again after a decision, from the store", again.String(), "< 50 ms",
		fmt.Sprintf("one of %d reports of the year, and those that it leads to; a question that reads nothing takes %v", len(reports), shortest))
	return nil
}
