package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/oklog/ulid/v2"
	"golang.org/x/sync/errgroup"

	"nianbao/dashboard/page"
	"nianbao/internal/demo"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
)

// asked is the year that is compared, and the measure.
const (
	asked   = 2024
	measure = "received"
)

// office is how many bodies a comparison is of: where the store has more, so many of them are asked for by their codes.
const office = 3000

// growth grows one store step by step and measures the same comparison at each size.
func (b *bench) growth() error {
	if b.store != "" {
		return b.kept()
	}
	store, err := warehouse.Open(b.ctx, warehouse.Options{Data: b.dir("growth"), Program: "bench"})
	if err != nil {
		return err
	}
	defer store.Close()
	steps := []int{moulded, 5 * moulded, 20 * moulded}
	if b.large {
		steps = append(steps, 100*moulded)
	}
	have, cells := 0, 0
	for _, bodies := range steps {
		fmt.Fprintf(os.Stderr, "  %d bodies\n", bodies)
		start := time.Now()
		added, err := fill(b.ctx, store, have, bodies)
		if err != nil {
			return err
		}
		took := time.Since(start)
		have, cells = bodies, cells+added
		size := fmt.Sprintf("%.1f M cells (%d bodies × 10 years)", float64(cells)/1e6, bodies)
		if err := b.size(store, size, added, took); err != nil {
			return err
		}
		switch bodies {
		case moulded:
			err = b.office(store, size)
		case office:
			err = errors.Join(b.http(store, size), b.crowd(store))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// kept measures a store that -fill made.
func (b *bench) kept() error {
	store, err := warehouse.Open(b.ctx, warehouse.Options{Data: b.store, Program: "bench"})
	if err != nil {
		return err
	}
	defer store.Close()
	var cells, reports uint64
	if err := store.Conn().QueryRow(b.ctx, "SELECT (SELECT count() FROM cells), (SELECT sum(filings) FROM batches)").Scan(&cells, &reports); err != nil {
		return err
	}
	return b.size(store, fmt.Sprintf("%.1f M cells (%d reports)", float64(cells)/1e6, reports), 0, time.Second)
}

// size measures a comparison of at most [office] bodies at one size of the store.
func (b *bench) size(store *warehouse.Store, size string, added int, took time.Duration) error {
	var disk, parts uint64
	if err := store.Conn().QueryRow(b.ctx, "SELECT sum(bytes_on_disk), countIf(table = 'cells') FROM system.parts WHERE active AND database = currentDatabase()").Scan(&disk, &parts); err != nil {
		return err
	}
	if added > 0 {
		b.add(size+", added", fmt.Sprintf("%.0f k cells/s", float64(added)/took.Seconds()/1000), "–", fmt.Sprintf("%.2f GB in all on the disk, cells in %d parts", float64(disk)/1e9, parts))
	}

	recorded := &recorder{Conn: store.Conn()}
	roster, err := compare.ReadRoster(b.ctx, recorded, asked, time.Time{})
	if err != nil {
		return err
	}
	list := recorded.queries
	once, err := times(5, 1, func() error {
		_, err := compare.ReadRoster(b.ctx, store.Conn(), asked, time.Time{})
		return err
	})
	if err != nil {
		return err
	}
	b.add(size+", list of reports, once after each commit", once.String(), "–", fmt.Sprintf("%d statements", len(list)))

	request := compare.Request{Measure: measure, Year: asked}
	whole, err := roster.Run(b.ctx, store.Conn(), request)
	if err != nil {
		return err
	}
	if len(whole.Rows) > office {
		for _, r := range whole.Rows[:office] {
			request.Agencies = append(request.Agencies, r.Agency)
		}
	}
	// A roster keeps what it was asked for: for the time of a first question each has its own.
	rosters := make([]*compare.Roster, 0, 40)
	for range min(cap(rosters), max(3, 120_000/len(whole.Rows))) {
		fresh, err := compare.ReadRoster(b.ctx, store.Conn(), asked, time.Time{})
		if err != nil {
			return err
		}
		rosters = append(rosters, fresh)
	}
	recorded.queries = nil
	if _, err := rosters[0].Run(b.ctx, recorded, request); err != nil {
		return err
	}
	if len(recorded.queries) == 0 {
		return errors.New("the comparison sent no statement that could be sent again")
	}
	straight, err := times(40, 1, func() error { return b.straight(store, recorded.queries) })
	if err != nil {
		return err
	}
	next := 0
	var rows int
	first, err := quantilesOf(len(rosters)-1, 1, func() error {
		next++
		r, err := rosters[next].Run(b.ctx, store.Conn(), request)
		rows = len(r.Rows)
		b.written = r.AppendJSON(b.written[:0])
		return err
	})
	if err != nil {
		return err
	}
	rosters = nil
	again, err := times(100, 1, func() error {
		r, err := roster.Run(b.ctx, store.Conn(), request)
		b.written = r.AppendJSON(b.written[:0])
		return err
	})
	if err != nil {
		return err
	}
	what := fmt.Sprintf("%s, one year, %d rows", size, rows)
	b.add(what+": SQL straight to the engine", straight.String(), "–", "answer dropped")
	b.add(what+": JSON, first time after a commit", first.String(), "≤ 2.5 × the SQL", fmt.Sprintf("%.2f × the SQL (median)", float64(first.p50)/float64(straight.p50)))
	if b.first == 0 && rows > office*9/10 {
		b.first = again.p50
	}
	note := "sums kept with the list of reports; no question to the engine"
	if b.first > 0 {
		note += fmt.Sprintf("; %.2f × the time at 5 M", float64(again.p50)/float64(b.first))
	}
	b.add(what+": JSON, again", again.String(), "at 100 M ≤ 2 × at 5 M", note)
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.add(size+", memory", fmt.Sprintf("program %.0f MB, engine %.0f MB", float64(m.HeapInuse)/1e6, float64(engineMemory())/1e6), "–", "heap in use after collection, with one list of reports; resident set of the engine")
	runtime.KeepAlive(roster)
	return nil
}

// straight sends statements and drops the answers.
func (b *bench) straight(store *warehouse.Store, statements []statement) error {
	for _, q := range statements {
		answer, err := store.Conn().QueryFormat(b.ctx, q.format, q.sql, q.args...)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, answer)
		if err := errors.Join(err, answer.Close()); err != nil {
			return err
		}
	}
	return nil
}

// http measures the page of all bodies as a client sees it.
func (b *bench) http(store *warehouse.Store, size string) error {
	server, err := b.serve(store)
	if err != nil {
		return err
	}
	defer server.Close()
	get := func() error { return fetch(server, fmt.Sprintf("/compare.json?m=%s&year=%d", measure, asked)) }
	one, err := times(200, 1, get)
	if err != nil {
		return err
	}
	eight, err := times(400, 8, get)
	if err != nil {
		return err
	}
	b.add(size+": all of one year, JSON over HTTP, 1 client", one.String(), "p95 < 12 ms", "asked before since the last commit")
	b.add(size+": all of one year, JSON over HTTP, 8 clients", eight.String(), "p95 < 50 ms", "no request failed")
	return nil
}

func (b *bench) serve(store *warehouse.Store) (*httptest.Server, error) {
	handler, err := page.New(page.Options{Store: store, Version: "bench"})
	if err != nil {
		return nil, err
	}
	return httptest.NewServer(handler), nil
}

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}

func fetch(server *httptest.Server, path string) error {
	response, err := client.Get(server.URL + path)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("get %s: status %s", path, response.Status)
	}
	return nil
}

// crowd lets 32 clients ask at the same time while reports are committed beside.
func (b *bench) crowd(store *warehouse.Store) error {
	const clients = 32
	server, err := b.serve(store)
	if err != nil {
		return err
	}
	defer server.Close()
	ctx, stop := context.WithTimeout(b.ctx, b.patience)
	defer stop()
	loaded := make(chan error, 1)
	batches, reports := 0, 0
	go func() { loaded <- b.loadBeside(ctx, store, &batches, &reports) }()

	memory := func() (program, engine float64) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.Sys-m.HeapReleased) / 1e6, float64(engineMemory()) / 1e6
	}
	programs, engines := []float64{}, []float64{}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for tick := time.NewTicker(b.patience / 10); ; {
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
				p, e := memory()
				programs, engines = append(programs, p), append(engines, e)
			}
		}
	}()
	measures := []string{"received", "open_rate", "refuse_rate", "license"}
	var count atomic.Int64
	took, err := quantiles(clients, func() (bool, error) {
		if ctx.Err() != nil {
			return false, nil
		}
		n := int(count.Add(1))
		return true, fetch(server, fmt.Sprintf("/compare.json?m=%s&year=%d", measures[n%len(measures)], asked-n/len(measures)%3))
	})
	<-watched
	if err := errors.Join(err, <-loaded); err != nil {
		return err
	}
	n := len(programs)
	if n < 2 {
		return errors.New("too short to see whether memory grows")
	}
	b.add(fmt.Sprintf("%d clients for %v, %d answers of 3,000 rows", clients, b.patience, count.Load()), took.String(), "no error",
		fmt.Sprintf("no request failed; beside it %d reports in %d commits, after each of which everything is asked anew", reports, batches))
	b.add("memory meanwhile, from the first tenth to the last", fmt.Sprintf("program %.0f → %.0f MB, engine %.0f → %.0f MB", programs[0], programs[n-1], engines[0], engines[n-1]), "flat", "taken from the system; resident set")
	return nil
}

// loadBeside commits reports of another district until the time is over, 20 at a time.
func (b *bench) loadBeside(ctx context.Context, store *warehouse.Store, batches, reports *int) error {
	filings, _, err := demo.District(demo.Options{Agencies: 400, FirstYear: firstYear, LastYear: lastYear, Seed: 77})
	if err != nil {
		return err
	}
	batch := warehouse.Batch{ID: ulid.Make().String(), By: "load beside"}
	for x := range filings {
		batch.Submissions = append(batch.Submissions, submission(x))
		if len(batch.Submissions) < 20 {
			continue
		}
		if ctx.Err() != nil {
			return nil
		}
		if _, err := store.Commit(b.ctx, batch); err != nil {
			return err
		}
		*batches++
		*reports += len(batch.Submissions)
		batch = warehouse.Batch{ID: ulid.Make().String(), By: "load beside"}
	}
	return nil
}

// engineMemory is the resident set of this process's children, of which the engine is the only one, in bytes; 0 where the
// system does not tell.
func engineMemory() (bytes int64) {
	children, _ := filepath.Glob("/proc/self/task/*/children")
	for _, file := range children {
		list, _ := os.ReadFile(file)
		for _, pid := range strings.Fields(string(list)) {
			status, _ := os.ReadFile("/proc/" + pid + "/statm")
			if f := strings.Fields(string(status)); len(f) > 1 {
				pages, _ := strconv.ParseInt(f[1], 10, 64)
				bytes += pages * int64(os.Getpagesize())
			}
		}
	}
	return bytes
}

// filingOf takes a made-up report as if it had been read.
func filingOf(r demo.Report) form.Filing {
	f := form.Filing{Agency: form.Agency{Name: r.Agency}, Year: r.Year, Scope: r.Scope, Forms: r.Forms, Synthetic: true}
	for _, table := range []string{form.Section2, form.Section3, form.Section4} {
		fm, _ := form.Lookup(r.Forms[table])
		t, _ := fm.Table(table)
		for _, k := range t.Keys() {
			if c, ok := r.Cells[k]; ok {
				f.Cells = append(f.Cells, form.Cell{Key: k, Value: c.Value, State: c.State, Raw: c.Text, Rule: "made up", At: form.Position{Grid: 1, Row: 1, Column: 1}})
			}
		}
	}
	return f
}

// recorder notes the statements that go through a connection.
type recorder struct {
	driver.Conn
	queries []statement
}

type statement struct {
	format, sql string
	args        []any
}

func (r *recorder) QueryFormat(ctx context.Context, format, sql string, args ...any) (io.ReadCloser, error) {
	r.queries = append(r.queries, statement{format, sql, args})
	return r.Conn.QueryFormat(ctx, format, sql, args...)
}

// quantile are quantiles of waiting times.
type quantile struct{ p50, p95 time.Duration }

func (q quantile) String() string {
	return fmt.Sprintf("p50 %.1f ms, p95 %.1f ms", float64(q.p50.Microseconds())/1000, float64(q.p95.Microseconds())/1000)
}

// times calls f n times by a number of clients, after a tenth as many calls that do not count.
func times(n, clients int, f func() error) (quantile, error) {
	for range max(3, n/10) {
		if err := f(); err != nil {
			return quantile{}, err
		}
	}
	return quantilesOf(n, clients, f)
}

// quantilesOf calls f n times by a number of clients.
func quantilesOf(n, clients int, f func() error) (quantile, error) {
	var left atomic.Int64
	left.Store(int64(n))
	return quantiles(clients, func() (bool, error) {
		if left.Add(-1) < 0 {
			return false, nil
		}
		return true, f()
	})
}

// quantiles calls f by a number of clients until it says that there is no more. A client that fails stops.
func quantiles(clients int, f func() (more bool, err error)) (quantile, error) {
	var mu sync.Mutex
	var took []time.Duration
	var group errgroup.Group
	for range clients {
		group.Go(func() error {
			for {
				start := time.Now()
				more, err := f()
				if !more || err != nil {
					return err
				}
				d := time.Since(start)
				mu.Lock()
				took = append(took, d)
				mu.Unlock()
			}
		})
	}
	if err := group.Wait(); err != nil {
		return quantile{}, err
	}
	if len(took) == 0 {
		return quantile{}, errors.New("nothing was done in the time")
	}
	slices.Sort(took)
	return quantile{took[len(took)/2], took[len(took)*95/100]}, nil
}
