package warehouse

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/shopspring/decimal"
	"golang.org/x/sync/errgroup"

	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/rowbinary"
)

// Ledger is what says which rows count at a moment: the batches committed by then, the provisional entries that were
// linked and the filings that were withdrawn. Questions to one ledger are answered from one state of the warehouse,
// whatever is committed meanwhile. It never changes and is safe for use by several goroutines.
//
// The tables that it holds are small. With them at hand the large ones are read without joins, which is several times
// quicker than the sub-queries of [VisibleFilings]; those say the same inside the engine, where millions of rows are
// added up.
type Ledger struct {
	store     *Store
	asOf      time.Time
	committed map[string]time.Time // when each batch was, by its id
	last      time.Time            // of the commits
	owners    map[string]string    // the agency that a linked provisional entry is, by its code
	withdrawn map[string]bool      // filings

	register    *lazy[*register.Register]
	corrections *lazy[[]Correction]
	sets        *lazy[[]Set]      // all statements, oldest first
	boards      *lazy[[]BoardAct] // likewise
	displays    *lazy[[]DisplayAct]
	filings     *filings // of whole years that were read, nil where nothing is kept
}

// lazy is something that is read when it is first asked for. An error is not kept.
type lazy[V any] struct {
	lock  sync.Mutex
	read  bool
	value V
}

func (o *lazy[V]) get(read func() (V, error)) (V, error) {
	o.lock.Lock()
	defer o.lock.Unlock()
	if o.read {
		return o.value, nil
	}
	v, err := read()
	if err == nil {
		o.value, o.read = v, true
	}
	return v, err
}

// Ledger reads the ledger of a moment, the zero time meaning now.
//
// The ledger of now is kept with everything that was read through it. The next one asks what was committed since, which
// is one short question, and takes over what that does not touch. It is also the ledger of a moment after which nothing was
// committed, which is what pages ask for: they name the last commit.
func (s *Store) Ledger(ctx context.Context, asOf time.Time) (*Ledger, error) {
	l, err := s.ledger(ctx, time.Time{})
	if err == nil && !asOf.IsZero() && l.last.After(asOf) {
		l, err = s.ledger(ctx, asOf)
	}
	if err != nil {
		return nil, fmt.Errorf("read which batches count: %w", short(err))
	}
	return l, nil
}

func (s *Store) ledger(ctx context.Context, asOf time.Time) (*Ledger, error) {
	l := &Ledger{store: s, asOf: asOf, committed: map[string]time.Time{}, register: new(lazy[*register.Register]), corrections: new(lazy[[]Correction]), sets: new(lazy[[]Set]), boards: new(lazy[[]BoardAct]), displays: new(lazy[[]DisplayAct])}
	var held *Ledger
	if asOf.IsZero() {
		s.ledgerLock.Lock() // who comes while it is read waits for it
		defer s.ledgerLock.Unlock()
		held, l.filings = s.newest, &filings{}
	}
	// The batches first: every row of a batch that stands among them was there before it.
	fresh, err := l.readCommitted(ctx, held)
	switch {
	case err != nil:
		return nil, err
	case held == nil:
		fresh = everything
	case len(fresh.batches) == 0:
		return held, nil
	}
	l.owners, l.withdrawn = map[string]string{}, map[string]bool{}
	group, working := errgroup.WithContext(ctx)
	if fresh.statements {
		group.Go(func() error { return l.readOwners(working) })
	} else {
		l.owners, l.register = held.owners, held.register
	}
	if fresh.decisions {
		group.Go(func() error { return l.readWithdrawn(working) })
	} else {
		l.withdrawn, l.corrections, l.sets, l.boards, l.displays = held.withdrawn, held.corrections, held.sets, held.boards, held.displays
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if held != nil {
		if err := l.takeFilings(ctx, held, fresh); err != nil {
			return nil, err
		}
	}
	if asOf.IsZero() {
		s.newest = l
	}
	return l, nil
}

// fresh is what was committed since another ledger was read.
type fresh struct {
	batches                        []string
	filings, statements, decisions bool
}

var everything = fresh{filings: true, statements: true, decisions: true}

// overlap is how far back a ledger looks for batches that the one before did not see: two writers on a server may
// commit in another order than by the time that they write.
const overlap = time.Minute

func (l *Ledger) readCommitted(ctx context.Context, held *Ledger) (fresh, error) {
	var f fresh
	condition, args := "true", moment(l.asOf)
	switch {
	case held != nil:
		l.committed, l.last = maps.Clone(held.committed), held.last
		condition, args = "committed_at > fromUnixTimestamp64Micro({after:Int64}, 'UTC')", []any{microseconds("after", held.last.Add(-overlap))}
	case !l.asOf.IsZero():
		condition = "committed_at <= fromUnixTimestamp64Micro({as_of:Int64}, 'UTC')"
	}
	d, err := rowbinary.Query(ctx, l.store.conn, `SELECT batch, toUnixTimestamp64Micro(min(batches.committed_at)), any(filings), any(statements), any(decisions)
		FROM batches WHERE `+condition+` GROUP BY batch`, args...)
	if err != nil {
		return f, err
	}
	for d.More() {
		batch, at := d.Take(idLength), time.UnixMicro(int64(d.Uint64())).UTC()
		filings, statements, decisions := d.Uint32() > 0, d.Uint32() > 0, d.Uint32() > 0
		if _, known := l.committed[batch]; known || d.Err() != nil {
			continue
		}
		l.committed[batch] = at
		f.batches = append(f.batches, batch)
		f.filings, f.statements, f.decisions = f.filings || filings, f.statements || statements, f.decisions || decisions
		if at.After(l.last) {
			l.last = at
		}
	}
	return f, d.Wrap("batches")
}

func (l *Ledger) readOwners(ctx context.Context) error {
	d, err := rowbinary.Query(ctx, l.store.conn, `SELECT agency, same_as, batch FROM agencies WHERE agency IN (SELECT agency FROM agencies WHERE same_as != '')`)
	if err != nil {
		return err
	}
	var last newestOf[string]
	for d.More() {
		code, same := d.Text(), d.Text()
		last.add(l, code, same, d.Take(idLength))
	}
	for code, same := range last.values {
		if same != "" {
			l.owners[code] = same
		}
	}
	return d.Wrap("links of agencies")
}

func (l *Ledger) readWithdrawn(ctx context.Context) error {
	d, err := rowbinary.Query(ctx, l.store.conn, `SELECT filing, act, batch FROM withdrawals`)
	if err != nil {
		return err
	}
	var last newestOf[string]
	for d.More() {
		filing, act := d.Take(idLength), d.Common()
		last.add(l, filing, act, d.Take(idLength))
	}
	for filing, act := range last.values {
		if act == Withdraw {
			l.withdrawn[filing] = true
		}
	}
	return d.Wrap("withdrawals")
}

// filings are all filings of some years, withdrawn and older versions too.
type filings struct {
	lock  sync.Mutex
	years map[int][]Filing
	count int
}

// mostKept is how many filings a ledger keeps at most, at about 1 KB each: ten years of a province. Beyond it they are
// read whenever they are asked for.
const mostKept = 50_000

// of gives the filings of some years if all are kept.
func (k *filings) of(years []int) (list []Filing, ok bool) {
	if k == nil || len(years) == 0 {
		return nil, false
	}
	k.lock.Lock()
	defer k.lock.Unlock()
	for _, year := range years {
		if _, ok := k.years[year]; !ok {
			return nil, false
		}
	}
	for _, year := range years {
		list = append(list, k.years[year]...)
	}
	return list, true
}

// keep takes all filings of some years.
func (k *filings) keep(years []int, list []Filing) {
	if k == nil || len(years) == 0 {
		return
	}
	k.lock.Lock()
	defer k.lock.Unlock()
	by := map[int][]Filing{}
	for _, f := range list {
		by[f.Year] = append(by[f.Year], f)
	}
	for _, year := range years {
		if _, kept := k.years[year]; !kept && k.count+len(by[year]) <= mostKept {
			if k.years == nil {
				k.years = map[int][]Filing{}
			}
			k.years[year] = slices.Clip(by[year])
			k.count += len(by[year])
		}
	}
}

// takeFilings takes over the filings that another ledger keeps, adds those committed since, and counts them anew.
func (l *Ledger) takeFilings(ctx context.Context, held *Ledger, since fresh) error {
	held.filings.lock.Lock()
	years := slices.Sorted(maps.Keys(held.filings.years))
	held.filings.lock.Unlock()
	list, ok := held.filings.of(years)
	if !ok {
		return nil
	}
	if since.filings {
		more, err := l.rows(ctx, "year IN {years:Array(UInt16)} AND batch IN {batches:Array(String)}",
			clickhouse.Named("years", all(years, func(y int) uint16 { return uint16(y) })), clickhouse.Named("batches", since.batches))
		if err != nil {
			return err
		}
		list = append(list, more...)
	}
	l.filings.keep(years, l.count(list))
	return nil
}

// newestOf keeps, of rows with the same key, the one that was committed last. A batch has at most one for a key.
type newestOf[V any] struct {
	values map[string]V
	times  map[string]time.Time
}

// add takes a row in, if the ledger has its batch, and reports whether it is the newest of its key by now.
func (n *newestOf[V]) add(l *Ledger, key string, value V, batch string) bool {
	at, ok := l.committed[batch]
	if !ok {
		return false
	}
	if n.values == nil {
		n.values, n.times = map[string]V{}, map[string]time.Time{}
	}
	before, ok := n.times[key]
	if newest := !ok || at.After(before); !newest {
		return false
	}
	n.values[key], n.times[key] = value, at
	return true
}

// owner is the agency to which what is held under a code belongs.
func (l *Ledger) owner(heldAs string) string { return cmp.Or(l.owners[heldAs], heldAs) }

// heldAs are the codes under which filings of these agencies may be held.
func (l *Ledger) heldAs(agencies []string) []string {
	out, wanted := slices.Clone(agencies), map[string]bool{}
	for _, code := range agencies {
		wanted[code] = true
	}
	for code, owner := range l.owners {
		if wanted[owner] {
			out = append(out, code)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Filings lists the visible filings by year and agency.
func (l *Ledger) Filings(ctx context.Context, filter Filter) ([]Filing, error) {
	list, err := l.all(ctx, filter)
	if err != nil {
		return nil, fmt.Errorf("list filings: %w", err)
	}
	slices.Reverse(list)
	type report struct {
		agency string
		year   int
	}
	seen := map[report]bool{}
	list = slices.DeleteFunc(list, func(f Filing) bool {
		key := report{f.Agency, f.Year}
		hidden := f.Withdrawn || seen[key]
		if !hidden {
			seen[key] = true
		}
		return hidden
	})
	slices.Reverse(list)
	return list, nil
}

// filedIn is the filter that lets through the reports of which any filing meets a condition on the rows of table filings, each
// with all its versions, and perhaps others. Without agencies there are none.
func (l *Ledger) filedIn(ctx context.Context, condition string, args ...any) (Filter, error) {
	var filter Filter
	d, err := rowbinary.Query(ctx, l.store.conn, `SELECT DISTINCT agency, year FROM filings WHERE `+condition, args...)
	if err != nil {
		return filter, short(err)
	}
	for d.More() {
		filter.Agencies = append(filter.Agencies, l.owner(d.Text()))
		filter.Years = append(filter.Years, int(d.Uint16()))
	}
	slices.Sort(filter.Agencies)
	slices.Sort(filter.Years)
	filter.Agencies, filter.Years = slices.Compact(filter.Agencies), slices.Compact(filter.Years)
	return filter, d.Wrap("reports")
}

// all lists all filings of the agencies and years, by year and agency and then in the order of their commits, with
// their version numbers.
func (l *Ledger) all(ctx context.Context, filter Filter) ([]Filing, error) {
	years := slices.Compact(slices.Sorted(slices.Values(filter.Years)))
	list, kept := l.filings.of(years)
	if !kept {
		narrowed := Filter{Years: years}
		if len(filter.Agencies) > 0 {
			narrowed.Agencies = l.heldAs(filter.Agencies)
		}
		condition, args := narrowed.where("agency")
		list, err := l.rows(ctx, condition, args...)
		if err != nil {
			return nil, err
		}
		list = l.count(list)
		if len(filter.Agencies) == 0 {
			l.filings.keep(years, list)
			return list, nil
		}
		return only(list, filter.Agencies), nil
	}
	return only(list, filter.Agencies), nil
}

// only are the filings of these agencies, of all if there are none.
func only(list []Filing, agencies []string) []Filing {
	if len(agencies) == 0 {
		return list
	}
	wanted := map[string]bool{}
	for _, code := range agencies {
		wanted[code] = true
	}
	return slices.DeleteFunc(list, func(f Filing) bool { return !wanted[f.Agency] })
}

// count says of filings, all of some reports, whose they are, whether they were withdrawn and which versions, and puts
// them in order. Filings of batches that the ledger does not have are left out.
func (l *Ledger) count(list []Filing) []Filing {
	list = slices.DeleteFunc(list, func(f Filing) bool {
		_, committed := l.committed[f.Batch]
		return !committed
	})
	for i := range list {
		f := &list[i]
		f.Agency, f.CommittedAt, f.Withdrawn = l.owner(f.HeldAs), l.committed[f.Batch], l.withdrawn[f.ID]
	}
	slices.SortFunc(list, func(a, b Filing) int {
		return cmp.Or(cmp.Compare(a.Year, b.Year), cmp.Compare(a.Agency, b.Agency), a.CommittedAt.Compare(b.CommittedAt), cmp.Compare(a.ID, b.ID))
	})
	for i := range list {
		list[i].Version = 1
		if i > 0 && list[i].Agency == list[i-1].Agency && list[i].Year == list[i-1].Year {
			list[i].Version = list[i-1].Version + 1
		}
	}
	return list
}

// rows reads the rows of table filings that meet a condition, as they stand there.
func (l *Ledger) rows(ctx context.Context, condition string, args ...any) ([]Filing, error) {
	d, err := rowbinary.Query(ctx, l.store.conn, `SELECT filing, agency, agency_name, region, year, sha256, file, form2, form3, form4, form_legacy, title, scope, status,
		ifNull(toString(signed), ''), ifNull(toString(published), ''), url, problems, synthetic, toUnixTimestamp64Micro(received_at), received_by, reason, batch
		FROM filings WHERE `+condition, args...)
	if err != nil {
		return nil, short(err)
	}
	var list []Filing
	for d.More() {
		f, err := filing(d)
		if err != nil {
			return nil, err
		}
		if d.Err() == nil {
			list = append(list, f)
		}
	}
	return list, d.Wrap("filings")
}

func filing(d *rowbinary.Decoder) (Filing, error) {
	f := Filing{ID: d.Take(idLength), HeldAs: d.Common(), AgencyName: d.Common(), Region: d.Common(), Year: int(d.Uint16()), SHA256: d.Take(sha256Length), File: d.Text()}
	f.Forms = map[string]form.Version{}
	for _, table := range []string{form.Section2, form.Section3, form.Section4, form.Legacy} {
		if v := d.Common(); v != "" {
			f.Forms[table] = form.Version(v)
		}
	}
	f.Title, f.Scope, f.Status = d.Text(), form.Scope(d.Common()), form.Status(d.Common())
	signed, published := d.Text(), d.Text()
	f.URL = d.Text()
	problems := d.Common()
	f.Synthetic = d.Byte() != 0
	f.ReceivedAt = time.UnixMicro(int64(d.Uint64())).UTC()
	f.ReceivedBy, f.Reason, f.Batch = d.Common(), d.Text(), d.Take(idLength)
	if d.Err() != nil {
		return f, nil // said by the caller, once for the whole answer
	}
	var err error
	if f.Signed, err = parseDay(signed); err != nil {
		return f, fmt.Errorf("day on which filing %s was signed: %w", f.ID, err)
	}
	if f.Published, err = parseDay(published); err != nil {
		return f, fmt.Errorf("day on which filing %s was published: %w", f.ID, err)
	}
	if err := json.Unmarshal([]byte(problems), &f.Problems); err != nil {
		return f, fmt.Errorf("problems of filing %s: %w", f.ID, err)
	}
	f.Problems = slices.Clip(f.Problems) // whoever adds to them gets a list of his own
	return f, nil
}

// parseDay reads YYYY-MM-DD as midnight UTC, "" as the zero time.
func parseDay(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, text)
}

// Register reads the register.
func (l *Ledger) Register(ctx context.Context) (*register.Register, error) {
	return l.register.get(func() (*register.Register, error) { return l.readRegister(ctx) })
}

func (l *Ledger) readRegister(ctx context.Context) (*register.Register, error) {
	var agencies []register.Agency
	var obligations []register.Obligation
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) { agencies, err = l.agencies(ctx); return err })
	group.Go(func() (err error) { obligations, err = l.obligations(ctx); return err })
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("read the register: %w", short(err))
	}
	return register.New(agencies, obligations), nil
}

func (l *Ledger) agencies(ctx context.Context) ([]register.Agency, error) {
	d, err := rowbinary.Query(ctx, l.store.conn, `SELECT agency, statement, batch FROM agencies`)
	if err != nil {
		return nil, err
	}
	var last newestOf[string]
	for d.More() {
		code, statement := d.Text(), d.Text()
		last.add(l, code, statement, d.Take(idLength))
	}
	if err := d.Wrap("agencies"); err != nil {
		return nil, err
	}
	out := make([]register.Agency, 0, len(last.values))
	for _, statement := range last.values {
		a, err := decodeAgency(statement)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b register.Agency) int { return cmp.Compare(a.Code, b.Code) })
	return out, nil
}

func (l *Ledger) obligations(ctx context.Context) ([]register.Obligation, error) {
	d, err := rowbinary.Query(ctx, l.store.conn, `SELECT agency, year, ifNull(toString(due), ''), obliged, reason, batch FROM obligations`)
	if err != nil {
		return nil, err
	}
	var last newestOf[register.Obligation]
	for d.More() {
		o := register.Obligation{Agency: d.Text(), Year: int(d.Uint16())}
		due := d.Text()
		o.Obliged, o.Reason = d.Byte() != 0, d.Text()
		if o.Due, err = parseDay(due); err != nil && d.Err() == nil {
			return nil, fmt.Errorf("obligation of agency %s for %d: %w", o.Agency, o.Year, err)
		}
		last.add(l, fmt.Sprint(o.Year, " ", o.Agency), o, d.Take(idLength))
	}
	if err := d.Wrap("obligations"); err != nil {
		return nil, err
	}
	out := make([]register.Obligation, 0, len(last.values))
	for _, o := range last.values {
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b register.Obligation) int {
		return cmp.Or(cmp.Compare(a.Year, b.Year), cmp.Compare(a.Agency, b.Agency))
	})
	return out, nil
}

// Findings reads what the newest assessments of some filings found, by filing, each by rule and place.
func (l *Ledger) Findings(ctx context.Context, filings []Filing) (map[string][]form.Finding, error) {
	found, err := l.Found(ctx, filings)
	out := make(map[string][]form.Finding, len(found))
	for id, f := range found {
		out[id] = f.Findings
	}
	return out, err
}

// Found is what the newest assessment of a filing found.
type Found struct {
	Digest   string         // of all its findings, see [Digest]; "" if the filing was never assessed
	Findings []form.Finding // by rule and place
}

// Found reads what the newest assessments of some filings found, by filing; of rules, the findings of these alone.
func (l *Ledger) Found(ctx context.Context, filings []Filing, rules ...string) (map[string]Found, error) {
	out := make(map[string]Found, len(filings))
	for part := range slices.Chunk(filings, lookedUp) {
		if err := l.found(ctx, part, rules, out); err != nil {
			return nil, fmt.Errorf("read findings of %d filings: %w", len(filings), short(err))
		}
	}
	return out, nil
}

func (l *Ledger) found(ctx context.Context, filings []Filing, rules []string, out map[string]Found) error {
	var last newestOf[Found]
	batches, findings := map[string]string{}, map[string]map[string][]form.Finding{} // by filing; by filing and batch
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		of, args := among(filings)
		d, err := rowbinary.Query(ctx, l.store.conn, `SELECT filing, digest, batch FROM assessments WHERE `+of, args...)
		if err != nil {
			return err
		}
		for d.More() {
			filing, digest, batch := d.Take(idLength), d.Text(), d.Take(idLength)
			if last.add(l, filing, Found{Digest: digest}, batch) {
				batches[filing] = batch
			}
		}
		return d.Wrap("assessments")
	})
	group.Go(func() (err error) { findings, err = l.readFindings(ctx, filings, rules); return err })
	if err := group.Wait(); err != nil {
		return err
	}
	for filing, found := range last.values {
		found.Findings = findings[filing][batches[filing]]
		out[filing] = found
	}
	return nil
}

// readFindings reads the findings of some filings from all batches, by filing and batch, each by rule and place.
func (l *Ledger) readFindings(ctx context.Context, filings []Filing, rules []string) (map[string]map[string][]form.Finding, error) {
	of, args := among(filings)
	if len(rules) > 0 {
		of, args = of+` AND rule IN {rules:Array(String)}`, append(args, clickhouse.Named("rules", rules))
	}
	d, err := rowbinary.Query(ctx, l.store.conn, `SELECT filing, batch, rule, tbl, place, status, expression, lhs, rhs, delta, cells, blanks, note, against, basis
		FROM findings WHERE `+of+` ORDER BY filing, rule, tbl, place`, args...)
	if err != nil {
		return nil, err
	}
	out := map[string]map[string][]form.Finding{}
	for d.More() {
		filing, batch := d.Take(idLength), d.Take(idLength)
		x := form.Finding{Rule: d.Common(), Table: d.Common(), Place: d.Common(), Status: form.Outcome(d.Common()), Expression: d.Common()}
		x.Left, x.Right, x.Delta = decimalOrNil(d), decimalOrNil(d), decimalOrNil(d)
		cells, blanks := d.Texts(), d.Texts()
		x.Note, x.Against, x.Basis = d.Text(), append([]string{}, d.Texts()...), d.Text()
		if _, committed := l.committed[batch]; !committed || d.Err() != nil {
			continue
		}
		if x.Cells, err = keys(cells); err == nil {
			x.Blanks, err = keys(blanks)
		}
		if err != nil {
			return nil, fmt.Errorf("finding %s of filing %s: %w", x.Rule, filing, err)
		}
		if out[filing] == nil {
			out[filing] = map[string][]form.Finding{}
		}
		out[filing][batch] = append(out[filing][batch], x)
	}
	return out, d.Wrap("findings")
}

// Corrections lists the corrections, oldest first. The filter's agencies are codes under which filings are held.
func (l *Ledger) Corrections(ctx context.Context, filter Filter) ([]Correction, error) {
	list, err := l.corrections.get(func() ([]Correction, error) { return l.readCorrections(ctx) })
	if err != nil {
		return nil, fmt.Errorf("list corrections: %w", short(err))
	}
	return slices.DeleteFunc(slices.Clone(list), func(c Correction) bool {
		return len(filter.Years) > 0 && !slices.Contains(filter.Years, c.Year) || len(filter.Agencies) > 0 && !slices.Contains(filter.Agencies, c.Agency)
	}), nil
}

// readCorrections reads the corrections of all filings: people make them one by one, so there are few.
func (l *Ledger) readCorrections(ctx context.Context) ([]Correction, error) {
	d, err := rowbinary.Query(ctx, l.store.conn, `SELECT correction, act, filing, agency, year, tbl, row, col, value, state, two, replaces, reason, person, batch
		FROM corrections`)
	if err != nil {
		return nil, err
	}
	var acts []CorrectionAct
	for d.More() {
		a := CorrectionAct{Correction: d.Take(idLength), Act: d.Common(), Filing: d.Take(idLength), Agency: d.Text(), Year: int(d.Uint16()),
			Key: form.Key{Table: d.Text(), Row: d.Text(), Column: d.Text()}}
		a.Value, _ = d.Decimal(valueScale)
		a.State, a.Two = form.State(d.Common()), d.Byte() != 0
		a.Replaces, a.Reason, a.Person = d.Text(), d.Text(), d.Text()
		var committed bool
		if a.At, committed = l.committed[d.Take(idLength)]; committed {
			acts = append(acts, a)
		}
	}
	if err := d.Wrap("corrections"); err != nil {
		return nil, err
	}
	slices.SortStableFunc(acts, func(a, b CorrectionAct) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Correction, b.Correction), proposalsFirst(a.Act, b.Act))
	})
	return joinActs(acts)
}

func proposalsFirst(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == Propose:
		return -1
	case b == Propose:
		return 1
	}
	return cmp.Compare(a, b)
}

// among is the condition on the columns year, agency and filing that lets through the rows of these filings.
func among(filings []Filing) (condition string, args []any) {
	years := all(filings, func(f Filing) uint16 { return uint16(f.Year) })
	slices.Sort(years)
	return `year IN {years:Array(UInt16)} AND agency IN {agencies:Array(String)} AND filing IN {filings:Array(String)}`,
		[]any{clickhouse.Named("years", slices.Compact(years)),
			clickhouse.Named("agencies", all(filings, func(f Filing) string { return f.HeldAs })),
			clickhouse.Named("filings", all(filings, func(f Filing) string { return f.ID }))}
}

// sha256Length is the length of a hash in hexadecimal digits.
const sha256Length = 64

func decimalOrNil(d *rowbinary.Decoder) *decimal.Decimal {
	if value, ok := d.Decimal(valueScale); ok {
		return &value
	}
	return nil
}
