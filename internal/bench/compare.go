package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/oklog/ulid/v2"

	"nianbao/dashboard/page"
	"nianbao/ingest/check"
	"nianbao/internal/demo"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
)

// compare fills a store with many agencies × ten years and measures one comparison: over HTTP by one and by eight
// clients, and its SQL sent straight to the engine.
func (b *bench) compare() error {
	store, err := warehouse.Open(b.ctx, warehouse.Options{Data: b.dir("compare"), Program: "bench"})
	if err != nil {
		return err
	}
	defer store.Close()
	start := time.Now()
	cells, err := b.fill(store)
	if err != nil {
		return err
	}
	b.add("cells written straight into the warehouse", fmt.Sprintf("%.0f k/s", float64(cells)/time.Since(start).Seconds()/1000), "–",
		fmt.Sprintf("%d agencies × 10 years, %.1f M cells with their findings, making them up included", b.agencies, float64(cells)/1e6))

	const year = 2024
	recorded := &recorder{Conn: store.Conn()}
	result, err := compare.Run(b.ctx, recorded, compare.Request{Measure: "received", Year: year})
	if err != nil {
		return err
	}
	if len(recorded.queries) == 0 {
		return errors.New("the comparison sent no statement that could be sent again")
	}
	straight, err := measure(200, 1, func() error {
		for _, q := range recorded.queries {
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
	})
	if err != nil {
		return err
	}
	handler, err := page.New(page.Options{Store: store, Version: "bench"})
	if err != nil {
		return err
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	get := func() error {
		response, err := http.Get(fmt.Sprintf("%s/compare.json?m=received&year=%d", server.URL, year))
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			return err
		}
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("status %s", response.Status)
		}
		return nil
	}
	one, err := measure(200, 1, get)
	if err != nil {
		return err
	}
	eight, err := measure(400, 8, get)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("comparison of one year, %d rows", len(result.Rows))
	b.add(what+", SQL straight to the engine", straight.String(), "2.6 ms for a bare ranking", fmt.Sprintf("%d statements, answers dropped", len(recorded.queries)))
	b.add(what+", JSON over HTTP, 1 client", one.String(), "p95 < 12 ms", fmt.Sprintf("%.2f × the same SQL (median); target ≤ 2.5 ×", float64(one.p50)/float64(straight.p50)))
	b.add(what+", JSON over HTTP, 8 clients", eight.String(), "p95 < 50 ms", "no request failed")
	return nil
}

// fill commits a large made-up district without printing its reports. It returns the number of cells.
func (b *bench) fill(store *warehouse.Store) (int, error) {
	filings, _, err := demo.District(demo.Options{Agencies: b.agencies, FirstYear: 2019, LastYear: 2028, Seed: 5})
	if err != nil {
		return 0, err
	}
	cells := 0
	batch := warehouse.Batch{ID: ulid.Make().String(), By: "bench"}
	size := 0
	commit := func() error {
		if len(batch.Submissions) == 0 {
			return nil
		}
		if _, err := store.Commit(b.ctx, batch); err != nil {
			return err
		}
		batch, size = warehouse.Batch{ID: ulid.Make().String(), By: "bench"}, 0
		return nil
	}
	for x := range filings {
		f := filingOf(x.Report)
		check.Run(&f, check.Context{})
		id := ulid.Make().String()
		batch.Submissions = append(batch.Submissions, warehouse.Submission{
			Filing: warehouse.Filing{ID: id, Agency: warehouse.AgencyID(f.Agency.Name), AgencyName: f.Agency.Name, Year: f.Year,
				SHA256: fmt.Sprintf("%064x", len(x.Stem)+cells), File: x.File(), Forms: f.Forms, Title: x.Report.Title(), Scope: f.Scope, Status: form.Read,
				Synthetic: true, ReceivedAt: time.Now().UTC(), ReceivedBy: "bench"},
			Cells: f.Cells, Findings: f.Findings,
		})
		cells += len(f.Cells)
		if size += len(f.Cells); size >= 200_000 {
			if err := commit(); err != nil {
				return 0, err
			}
		}
	}
	return cells, commit()
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

// times are the quantiles of waiting times.
type times struct{ p50, p95 time.Duration }

func (t times) String() string {
	return fmt.Sprintf("p50 %.1f ms, p95 %.1f ms", float64(t.p50.Microseconds())/1000, float64(t.p95.Microseconds())/1000)
}

// measure calls f n times by a number of clients, after a tenth as many calls that do not count.
func measure(n, clients int, f func() error) (times, error) {
	for range max(3, n/10) {
		if err := f(); err != nil {
			return times{}, err
		}
	}
	var mu sync.Mutex
	var took []time.Duration
	var failed error
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for range n / clients {
				start := time.Now()
				err := f()
				d := time.Since(start)
				mu.Lock()
				took = append(took, d)
				if err != nil && failed == nil {
					failed = err
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(took)
	return times{took[len(took)/2], took[len(took)*95/100]}, failed
}
