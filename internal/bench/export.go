package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"nianbao/internal/warehouse"
	"nianbao/query/export"
	"nianbao/query/export/verify"
)

// export measures the audit package and the file of cells of a large store, beside the engine alone.
func (b *bench) export() error {
	data := b.store
	if data == "" {
		data = b.dir("export")
	}
	store, err := warehouse.Open(b.ctx, warehouse.Options{Data: data, Program: "bench"})
	if err != nil {
		return err
	}
	defer store.Close()
	if b.store == "" {
		if _, err := fill(b.ctx, store, 0, b.agencies); err != nil {
			return err
		}
	}
	if _, err := store.Chain(b.ctx, time.Time{}); err != nil { // what was copied past a commit gets its links first
		return err
	}
	q := export.Query{AsOf: time.Now().UTC()}

	var alone meter
	took, err := timed(func() error {
		ctx := clickhouse.Context(b.ctx, clickhouse.WithSettings(clickhouse.Settings{}))
		rows, err := store.Conn().QueryFormat(ctx, "CSV", "SELECT * FROM cells")
		if err != nil {
			return err
		}
		_, err = io.Copy(&alone, rows)
		return errors.Join(err, rows.Close())
	})
	if err != nil {
		return err
	}
	b.add("CSV of the table of cells by the engine alone, unsorted", rate(alone.n, took), "–", fmt.Sprintf("%.0f MB", float64(alone.n)/1e6))

	peak := watchMemory()
	cells := meter{began: time.Now()}
	rows := 0
	took, err = timed(func() (err error) {
		rows, err = export.Cells(b.ctx, store, "bench", q, &cells)
		return err
	})
	if err != nil {
		return err
	}
	b.add("CSV of every cell with its source", rate(cells.n, took), "≥ 150 MB/s", fmt.Sprintf("%d rows, %.0f MB; first byte after %s; own heap at most %.0f MB", rows, float64(cells.n)/1e6,
		cells.first.Round(time.Millisecond), peak()))

	f, err := os.Create(b.dir("p.zip"))
	if err != nil {
		return err
	}
	defer f.Close()
	peak = watchMemory()
	var s export.Summary
	before := own()
	took, err = timed(func() (err error) {
		s, err = export.Write(b.ctx, store, "bench", q, f)
		return err
	})
	if err != nil {
		return err
	}
	var csv int64
	for _, one := range s.Files {
		csv += one.Bytes
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	b.add("audit package of the same", rate(csv, took), "≥ 60 MB/s of CSV", fmt.Sprintf("%.0f MB of CSV in a ZIP of %.0f MB, %.1f s, %.1f s of them processor time of its own; own heap at most %.0f MB, target < 100",
		float64(csv)/1e6, float64(size)/1e6, took.Seconds(), (own()-before).Seconds(), peak()))

	peak = watchMemory()
	var r verify.Result
	took, err = timed(func() (err error) {
		r, err = verify.Package(b.ctx, f, size, verify.Options{})
		return err
	})
	if err != nil {
		return err
	}
	if !r.Right() {
		return fmt.Errorf("the package is not right: %s", r.Problems[0])
	}
	b.add("verify of that package", rate(csv, took), "–", fmt.Sprintf("%d identities and %d measures computed again, heap at most %.0f MB", r.Equal, r.Measures, peak()))
	took, err = timed(func() error {
		_, breaches, err := store.VerifyChain(b.ctx, nil)
		if err == nil && len(breaches) > 0 {
			err = errors.New(breaches[0].What)
		}
		return err
	})
	b.add("verify of the store against its chain", fmt.Sprintf("%.1f s", took.Seconds()), "–", "every row hashed by the engine")
	return err
}

// meter counts what is written.
type meter struct {
	n     int64
	began time.Time
	first time.Duration
}

func (m *meter) Write(p []byte) (int, error) {
	// The header is known before anything was asked.
	if m.n > 0 && m.first == 0 && !m.began.IsZero() {
		m.first = time.Since(m.began)
	}
	m.n += int64(len(p))
	return len(p), nil
}

func rate(bytes int64, took time.Duration) string {
	return fmt.Sprintf("%.0f MB/s", float64(bytes)/1e6/took.Seconds())
}

func timed(do func() error) (time.Duration, error) {
	began := time.Now()
	err := do()
	return time.Since(began), err
}

// own is the processor time of this process, without the engine.
func own() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// watchMemory watches the heap until the function it returns is called, which tells its peak in MB.
func watchMemory() func() float64 {
	runtime.GC()
	stop, peak := make(chan struct{}), make(chan float64)
	go func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		var most uint64
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
			select {
			case <-tick.C:
			case <-stop:
				peak <- float64(most) / 1e6
				return
			}
		}
	}()
	return func() float64 { close(stop); return <-peak }
}
