package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"nianbao/ingest"
	"nianbao/internal/demo"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
)

// reports are printed reports of a made-up district in one format.
func (b *bench) reports(f demo.Format, n int) ([][]byte, error) {
	filings, _, err := demo.District(demo.Options{Agencies: 40, FirstYear: 2019, LastYear: 2025, Seed: 3})
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for x := range filings {
		printed, err := demo.Print(x.Report, f, len(out)%demo.Styles(f))
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

// read measures reading, recognising and checking, by format.
func (b *bench) read() error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, x := range []struct {
		format demo.Format
		target string
	}{{demo.HTML, "≥ 400/s"}, {demo.DOCX, "≥ 500/s"}, {demo.Markdown, "≥ 1,000/s"}, {demo.Text, "≥ 1,000/s"}} {
		reports, err := b.reports(x.format, 120)
		if err != nil {
			return err
		}
		best := time.Duration(1 << 62)
		size := 0
		for range 5 {
			size = 0
			runtime.GC()
			start := busy()
			for _, r := range reports {
				f := ingest.Read(b.ctx, "report."+string(x.format), r)
				if f.Status == form.Rejected {
					return fmt.Errorf("a report in %s was rejected: %v", x.format, f.Problems)
				}
				size += len(r)
			}
			best = min(best, busy()-start)
		}
		rate := float64(len(reports)) / best.Seconds()
		b.add("read and check, "+string(x.format)+", one core", fmt.Sprintf("%.0f/s", rate), x.target,
			fmt.Sprintf("processor time, best of 5 × %d reports of %d KB on average", len(reports), size/len(reports)/1024))
	}
	return nil
}

// memory compares the memory in use after few and after many reports.
func (b *bench) memory() error {
	reports, err := b.reports(demo.HTML, 200)
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
	return nil
}
