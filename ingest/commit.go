package ingest

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
)

// A batch is committed when it has reached one of these. Each takes a dozen inserts, and each insert some ten
// milliseconds of the engine, whatever it holds.
const (
	batchFilings = 300
	batchCells   = 100_000
	batchBytes   = 32 << 20
	batchFiles   = 1000 // with those that are not to be stored; their results wait for the batch too
)

// A committer puts the items back into the order of the walk and stores them.
type committer struct {
	opt      Options
	report   *Report
	inFlight budget

	early   map[int]*item // items that came before their turn, by sequence
	next    int           // sequence of the next item in turn
	pending []*item       // in order, not committed yet
	filings int           // of pending
	cells   int
	bytes   int64
	// first is where a run's bytes for an agency and year stood first.
	first  map[sameReport]string
	stated map[string]bool // provisional agencies that got an entry in this run
	years  map[int]bool    // of the filings stored
	data   string          // folder that keeps them until they are checked, "" if there is none
	// planned are the numbers of versions that a dry run would have added.
	planned map[warehouse.AgencyYear]int
}

type sameReport struct {
	warehouse.AgencyYear
	sha256 string
}

func (c *committer) run(ctx context.Context, done <-chan *item) error {
	c.early, c.first, c.planned, c.stated = map[int]*item{}, map[sameReport]string{}, map[warehouse.AgencyYear]int{}, map[string]bool{}
	for it := range done {
		c.early[it.sequence] = it
		for c.early[c.next] != nil {
			it := c.early[c.next]
			delete(c.early, c.next)
			c.next++
			c.add(it)
			if c.filings >= batchFilings || c.cells >= batchCells || c.bytes >= batchBytes || len(c.pending) >= batchFiles {
				if err := c.flush(ctx); err != nil {
					return err
				}
			}
		}
	}
	if ctx.Err() != nil { // the walk was cut off: drop what is left of it
		return ctx.Err()
	}
	return c.flush(ctx)
}

func (c *committer) add(it *item) {
	if c.opt.Read != nil {
		c.opt.Read()
	}
	c.pending = append(c.pending, it)
	if it.result.Status != "" {
		return
	}
	key := sameReport{warehouse.AgencyYear{Agency: it.result.AgencyID, Year: it.result.Year}, it.result.SHA256}
	if name, ok := c.first[key]; ok {
		it.result.Status, it.result.Message = Unchanged, "the same bytes as "+name
		return
	}
	c.first[key] = it.name
	c.filings++
	c.cells += len(it.submission.Cells)
	c.bytes += int64(len(it.bytes))
}

// flush commits the pending items and hands out their results.
func (c *committer) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// A commit that was begun is finished, whatever the caller thinks by then. It gives up by itself if the warehouse
	// is gone.
	err := c.store(context.WithoutCancel(ctx))
	for _, it := range c.pending {
		if err != nil && it.result.Status == "" {
			it.fail(fmt.Errorf("not stored: %w", err))
		}
		c.report.Files[it.result.Status]++
		if it.result.Problems == nil {
			it.result.Problems = []form.Problem{}
		}
		if c.opt.Each != nil {
			c.opt.Each(it.result)
		}
		c.inFlight.release(it.charged)
	}
	c.pending, c.filings, c.cells, c.bytes = nil, 0, 0, 0
	return err
}

// store writes the pending filings that the warehouse does not have. It sets the status of every item it settled.
func (c *committer) store(ctx context.Context) error {
	var reports []warehouse.AgencyYear
	asked := map[warehouse.AgencyYear]bool{}
	for _, it := range c.pending {
		key := warehouse.AgencyYear{Agency: it.result.AgencyID, Year: it.result.Year}
		if it.result.Status == "" && it.waiting == nil && !asked[key] {
			asked[key] = true
			reports = append(reports, key)
		}
	}
	held := map[warehouse.AgencyYear][]warehouse.Held{}
	if c.opt.Store != nil && len(reports) > 0 {
		var err error
		if held, err = c.opt.Store.HeldReports(ctx, reports); err != nil {
			return err
		}
	}

	now := time.Now().UTC()
	// Within a batch the ids grow, so the later of two files for one agency and year is the newer version.
	ids := ulid.Monotonic(rand.Reader, 0)
	id := func() string { return ulid.MustNew(ulid.Timestamp(now), ids).String() }
	batch := warehouse.Batch{ID: id(), By: c.opt.By}
	var stored []*item
	documents := map[string]bool{}
	document := func(it *item) {
		stored = append(stored, it)
		if !documents[it.result.SHA256] {
			documents[it.result.SHA256] = true
			batch.Documents = append(batch.Documents, warehouse.Document{SHA256: it.result.SHA256, MediaType: it.mediaType,
				Size: int64(len(it.bytes)), Bytes: it.bytes})
		}
	}
	added := map[warehouse.AgencyYear]int{}
	for _, it := range c.pending {
		if it.result.Status != "" {
			continue
		}
		if it.waiting != nil {
			if c.opt.waiting[it.result.SHA256] {
				it.result.Status, it.result.Message = Unchanged, "held already and waiting: "+it.result.Message
				continue
			}
			it.waiting.ReceivedAt, it.waiting.Person = now, c.opt.By
			batch.Waiting = append(batch.Waiting, *it.waiting)
			document(it)
			continue
		}
		key := warehouse.AgencyYear{Agency: it.result.AgencyID, Year: it.result.Year}
		if h, ok := heldAs(held[key], it.result.SHA256); ok && !c.opt.Again {
			it.unchanged(h)
			continue
		}
		filing := &it.submission.Filing
		filing.ID, filing.ReceivedAt, filing.ReceivedBy = id(), now, c.opt.By
		if c.opt.Again {
			filing.Reason = "the same file read again"
		}
		added[key]++
		it.result.Version = len(held[key]) + c.planned[key] + added[key]
		batch.Submissions = append(batch.Submissions, it.submission)
		document(it)
		batch.Agencies = append(batch.Agencies, c.provisional(filing)...)
	}
	if len(stored) == 0 {
		return nil
	}
	if err := c.note(batch.Submissions); err != nil {
		return err
	}
	if c.opt.DryRun {
		for key, n := range added {
			c.planned[key] += n
		}
	} else if _, err := c.opt.Store.Commit(ctx, batch); err != nil {
		for _, it := range stored {
			it.result.Version = 0
		}
		return err
	} else {
		c.report.Batches++
	}
	for _, it := range stored {
		if it.waiting != nil {
			it.result.Status = Waiting
			c.opt.waiting[it.result.SHA256] = !c.opt.DryRun
			continue
		}
		if !c.opt.DryRun {
			it.result.Filing = it.submission.Filing.ID
		}
		it.result.Status = Loaded
		if it.result.Version > 1 {
			it.result.Status = NewVersion
		}
	}
	return nil
}

// note writes down which years are to be checked, before their filings are stored: the run may be killed right after it.
func (c *committer) note(submissions []warehouse.Submission) error {
	if c.opt.DryRun {
		return nil
	}
	known := len(c.years)
	for i := range submissions {
		c.years[submissions[i].Filing.Year] = true
	}
	if len(c.years) == known || c.data == "" {
		return nil
	}
	return keepUnchecked(c.data, c.years)
}

// provisional is the entry of an agency that nobody stated yet, none if there is one.
func (c *committer) provisional(f *warehouse.Filing) []warehouse.AgencyStatement {
	if _, known := c.opt.register.Agency(f.Agency); known || c.stated[f.Agency] {
		return nil
	}
	c.stated[f.Agency] = true
	return []warehouse.AgencyStatement{{Agency: register.Agency{Code: f.Agency, Kind: register.KindOfName(f.AgencyName), Region: f.Region,
		Names: []register.Name{{Text: f.AgencyName, Kind: register.Full}}}, Reason: "first report under a name that the register does not have"}}
}

func heldAs(held []warehouse.Held, sha256 string) (warehouse.Held, bool) {
	for _, h := range held {
		if h.SHA256 == sha256 {
			return h, true
		}
	}
	return warehouse.Held{}, false
}

// unchanged ends the file as one that the warehouse has.
func (it *item) unchanged(h warehouse.Held) {
	r := &it.result
	r.Status, r.Filing, r.Version = Unchanged, h.Filing, h.Version
	r.Agency, r.AgencyID, r.Year = h.AgencyName, h.Agency, h.Year
	r.Message = "held already"
	if h.Version < h.Newest {
		r.Message = fmt.Sprintf("held already as version %d; version %d is newer and stays in force", h.Version, h.Newest)
	}
}
