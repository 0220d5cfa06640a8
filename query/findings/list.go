package findings

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
	"nianbao/query/moment"
)

// List is a page of findings.
type List struct {
	Items []Item
	Total int    // of the whole list
	From  int    // the number of the first item, from 1; 0 if there are none
	Next  string // cursor of the next page, "" after the last
}

// Page reads a page of at most size findings, from where a cursor says; an empty cursor begins the list. The moment of a
// cursor takes the place of that of the request.
func Page(ctx context.Context, store *warehouse.Store, r Request, size int, cursor string) (List, error) {
	var list List
	c, err := moment.ParseCursor(cursor)
	if err == nil {
		err = c.For(r.question())
	}
	if err != nil {
		return list, wrap("list findings", err)
	}
	if c.Of != "" {
		r.AsOf = c.AsOf
	}
	q, err := newQuery(ctx, store, &r)
	if err != nil {
		return list, wrap("list findings", err)
	}
	sql, args := q.SQL("count(), "+decision+" AS decision", "GROUP BY decision")
	totals, err := store.Conn().Query(ctx, sql, args...)
	if err != nil {
		return list, wrap("count findings", err)
	}
	defer totals.Close()
	for totals.Next() {
		var n uint64
		var decided string
		if err := totals.Scan(&n, &decided); err != nil {
			return list, wrap("count findings", err)
		}
		list.Total += int(n)
	}
	if err := totals.Err(); err != nil {
		return list, wrap("count findings", err)
	}
	order, more := q.order()
	sql, args = q.SQL(columns, order+" LIMIT {size:UInt64} OFFSET {after:UInt64}")
	args = append(append(args, more...), clickhouse.Named("size", uint64(size)), clickhouse.Named("after", uint64(c.After)))
	err = each(ctx, store, sql, args, func(i *Item) error {
		list.Items = append(list.Items, *i)
		return nil
	})
	if err != nil {
		return list, wrap("list findings", err)
	}
	if len(list.Items) > 0 {
		list.From = c.After + 1
	}
	if end := c.After + len(list.Items); end < list.Total && len(list.Items) > 0 {
		list.Next = moment.Cursor{After: end, AsOf: r.AsOf, Of: moment.Digest(r.question())}.String()
	}
	return list, nil
}

// Each hands over all findings of the list one by one, in its order. It ends with the first error of do.
func Each(ctx context.Context, store *warehouse.Store, r Request, do func(*Item) error) error {
	q, err := newQuery(ctx, store, &r)
	if err != nil {
		return wrap("read findings", err)
	}
	order, more := q.order()
	sql, args := q.SQL(columns, order)
	if err := each(ctx, store, sql, append(args, more...), do); err != nil {
		return wrap("read findings", err)
	}
	return nil
}

// newQuery finds the agencies of the kinds asked for.
func newQuery(ctx context.Context, store *warehouse.Store, r *Request) (query, error) {
	q := query{Request: r}
	if len(r.Agencies) > 0 {
		q.agencies = r.Agencies
	}
	if len(r.Kinds) == 0 {
		return q, nil
	}
	reg, err := store.Register(ctx, r.AsOf)
	if err != nil {
		return q, err
	}
	agencies, err := store.Agencies(ctx, r.AsOf)
	if err != nil {
		return q, err
	}
	q.agencies = []string{}
	for _, a := range agencies {
		kind := register.KindOfName(a.Name)
		if entry, ok := reg.Agency(a.ID); ok && !register.Provisional(a.ID) {
			kind = entry.Kind
		}
		if slices.Contains(r.Kinds, kind) && (len(r.Agencies) == 0 || slices.Contains(r.Agencies, a.ID)) {
			q.agencies = append(q.agencies, a.ID)
		}
	}
	return q, nil
}

func each(ctx context.Context, store *warehouse.Store, sql string, args []any, do func(*Item) error) error {
	rows, err := store.Conn().Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		i, err := scan(rows)
		if err != nil {
			return err
		}
		if err := do(&i); err != nil {
			return err
		}
	}
	return rows.Err()
}

func scan(rows driver.Rows) (Item, error) {
	var (
		i                        Item
		year                     uint16
		status, decided          string
		cells, blanks, corrected []string
		r                        warehouse.Review
	)
	err := rows.Scan(&i.Filing, &i.Agency, &i.HeldAs, &i.Name, &year, &i.Rule, &i.Table, &i.Place, &status, &i.Expression, &i.Left, &i.Right, &i.Delta, &cells, &blanks,
		&i.Note, &i.Against, &i.Basis, &decided, &r.ID, &r.Decision, &r.Filing, &r.Basis, &r.Reason, &r.Person, &r.At, &corrected)
	if err != nil {
		return i, err
	}
	slices.Sort(corrected) // the engine gives them in no order
	for _, list := range []struct {
		paths []string
		into  *[]form.Key
	}{{cells, &i.Cells}, {blanks, &i.Blanks}, {corrected, &i.Corrected}} {
		for _, p := range list.paths {
			k, err := form.ParseKey(p)
			if err != nil {
				return i, err
			}
			*list.into = append(*list.into, k)
		}
	}
	i.Year, i.Status, i.Decision, i.Severity = int(year), form.Outcome(status), Decision(decided), severityOf(i.Rule)
	i.ID = ID(i.Filing, i.Rule, i.Table, i.Place)
	if r.Decision != "" {
		r.At = r.At.UTC()
		r.FindingKey = warehouse.FindingKey{Agency: i.HeldAs, Year: i.Year, Rule: i.Rule, Table: i.Table, Place: i.Place}
		i.Review = &r
	}
	return i, nil
}

// OfFiling lists every finding of one filing, whether it counts or not, with what was decided; those that pass too.
func OfFiling(ctx context.Context, store *warehouse.Store, filing string, asOf time.Time) ([]Item, error) {
	_, items, _, err := ofFiling(ctx, store, filing, asOf)
	if err != nil {
		return nil, fmt.Errorf("read findings of filing %s: %w", filing, err)
	}
	return items, nil
}

// ofFiling also returns the filing and all decisions about its findings, by the place of the item.
func ofFiling(ctx context.Context, store *warehouse.Store, filing string, asOf time.Time) (f warehouse.Filing, items []Item, reviews map[int][]warehouse.Review, err error) {
	if f, err = store.FilingAt(ctx, asOf, filing); err != nil {
		return f, nil, nil, err
	}
	found, err := store.Findings(ctx, asOf, f)
	if err != nil {
		return f, nil, nil, err
	}
	filter := warehouse.Filter{Years: []int{f.Year}, Agencies: []string{f.HeldAs}}
	decided, err := store.Reviews(ctx, asOf, warehouse.Filter{Years: []int{f.Year}, Agencies: []string{f.Agency}})
	if err != nil {
		return f, nil, nil, err
	}
	corrections, err := store.Corrections(ctx, asOf, filter)
	if err != nil {
		return f, nil, nil, err
	}
	corrected := map[form.Key]bool{}
	for i := range corrections {
		if c := &corrections[i]; c.Filing == filing && c.InForce() {
			corrected[c.Key] = true
		}
	}
	reviews = map[int][]warehouse.Review{}
	for n, x := range found {
		i := Item{ID: ID(filing, x.Rule, x.Table, x.Place), Filing: filing, Version: f.Version, Agency: f.Agency, HeldAs: f.HeldAs, Name: f.AgencyName, Year: f.Year, Finding: x,
			Severity: severityOf(x.Rule)}
		for k := range decided {
			if r := &decided[k]; r.Rule == x.Rule && r.Table == x.Table && r.Place == x.Place {
				reviews[n], i.Review = append(reviews[n], *r), r
			}
		}
		for _, k := range x.Cells {
			if corrected[k] && !slices.Contains(i.Corrected, k) {
				i.Corrected = append(i.Corrected, k)
			}
		}
		slices.SortFunc(i.Corrected, func(a, b form.Key) int { return strings.Compare(a.String(), b.String()) })
		i.Decision = decide(i.Basis, i.Review, len(i.Corrected) > 0)
		items = append(items, i)
	}
	return f, items, reviews, nil
}

// Whole is one finding with everything that was decided about it.
type Whole struct {
	Item
	Report  warehouse.Filing
	Visible bool               // the filing is the one that counts
	Reviews []warehouse.Review // of all versions of the report, oldest first
	Cells   []form.Cell        // those it rests on, as they were read; absent ones are left out
}

// One reads a finding by its id as of a moment, the zero time meaning now. An id that names nothing is
// [warehouse.ErrNotFound].
func One(ctx context.Context, store *warehouse.Store, id string, asOf time.Time) (Whole, error) {
	var w Whole
	failed := func(err error) (Whole, error) { return Whole{}, fmt.Errorf("read finding %s: %w", id, err) }
	filing, ok := filingOf(id)
	if !ok {
		return failed(warehouse.ErrNotFound)
	}
	f, items, reviews, err := ofFiling(ctx, store, filing, asOf)
	if err != nil {
		return failed(err)
	}
	at := slices.IndexFunc(items, func(i Item) bool { return i.ID == id })
	if at < 0 {
		return failed(warehouse.ErrNotFound)
	}
	w.Report, w.Item, w.Reviews = f, items[at], reviews[at]
	cells, err := store.Cells(ctx, f)
	if err != nil {
		return failed(err)
	}
	for _, k := range w.Finding.Cells {
		if i := slices.IndexFunc(cells, func(c form.Cell) bool { return c.Key == k }); i >= 0 {
			w.Cells = append(w.Cells, cells[i])
		}
	}
	visible, err := store.Filings(ctx, asOf, warehouse.Filter{Years: []int{f.Year}, Agencies: []string{f.Agency}})
	if err != nil {
		return failed(err)
	}
	w.Visible = len(visible) == 1 && visible[0].ID == filing
	return w, nil
}
