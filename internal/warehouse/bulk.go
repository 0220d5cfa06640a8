package warehouse

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2"

	"nianbao/internal/form"
	"nianbao/internal/rowbinary"
)

// Content is what was read from the file of a filing, without positions and reading rules.
type Content struct {
	Cells  []form.Cell
	Parts  []form.Part
	Claims []form.Claim
}

// Wanted says what is to be read of many filings.
type Wanted struct {
	// Cells narrows the cells to those with these keys and to the rows of tables before 2019, whose keys are not known
	// beforehand. Nil means all.
	Cells         []form.Key
	Parts, Claims bool
}

// Everything is all that was read of a filing.
var Everything = Wanted{Parts: true, Claims: true}

// Contents reads what many filings hold, by filing.
//
// One query reads them together: a query for each filing would spend its time on the queries.
func (s *Store) Contents(ctx context.Context, filings []Filing, wanted Wanted) (map[string]*Content, error) {
	out := make(map[string]*Content, len(filings))
	for part := range slices.Chunk(filings, lookedUp) {
		for _, f := range part {
			out[f.ID] = &Content{}
		}
		if err := s.contents(ctx, part, wanted, out); err != nil {
			return nil, fmt.Errorf("read %d filings: %w", len(filings), short(err))
		}
	}
	return out, nil
}

func (s *Store) contents(ctx context.Context, filings []Filing, wanted Wanted, out map[string]*Content) error {
	condition, args := among(filings)
	of := ` WHERE ` + condition
	narrow := ""
	if wanted.Cells != nil {
		in, more := keysIn(wanted.Cells)
		narrow = ` AND (tbl = {legacy:String} OR ` + in + `)`
		args = append(append(args, clickhouse.Named("legacy", form.Legacy)), more...)
	}

	d, err := rowbinary.Query(ctx, s.conn, `SELECT filing, tbl, row, col, value, state, raw, unit, candidates FROM cells`+of+narrow+`
		ORDER BY filing, page, grid, grid_row, grid_col, line, tbl, row, col`, args...)
	if err != nil {
		return err
	}
	for d.More() {
		content := out[d.Take(idLength)]
		c := form.Cell{Key: form.Key{Table: d.Common(), Row: d.Common(), Column: d.Common()}}
		c.Value, _ = d.Decimal(valueScale)
		c.State, c.Raw, c.Unit, c.Candidates = form.State(d.Common()), d.Common(), d.Common(), d.Texts()
		if d.Err() == nil {
			content.Cells = append(content.Cells, c)
		}
	}
	if err := d.Wrap("cells"); err != nil || !wanted.Parts {
		return err
	}

	d, err = rowbinary.Query(ctx, s.conn, `SELECT filing, part, title, text, page, line FROM parts`+of+` ORDER BY filing, number`, args[:3]...)
	if err != nil {
		return err
	}
	for d.More() {
		content := out[d.Take(idLength)]
		p := form.Part{Code: d.Common(), Title: d.Common(), Text: d.Text()}
		p.At.Page, p.At.Line = int(d.Uint16()), int(d.Uint32())
		if d.Err() == nil {
			content.Parts = append(content.Parts, p)
		}
	}
	if err := d.Wrap("parts"); err != nil || !wanted.Claims {
		return err
	}

	d, err = rowbinary.Query(ctx, s.conn, `SELECT filing, claim FROM claims`+of+` ORDER BY filing, number`, args[:3]...)
	if err != nil {
		return err
	}
	for d.More() {
		id := d.Take(idLength)
		var c form.Claim
		if text := d.Text(); d.Err() == nil {
			if err := json.Unmarshal([]byte(text), &c); err != nil {
				return fmt.Errorf("claim of filing %s: %w", id, err)
			}
			out[id].Claims = append(out[id].Claims, c)
		}
	}
	return d.Wrap("claims")
}

// Figures reads a few cells of filings: keys, states and values, by filing. Those asked for last are kept, for what was read
// from a file never changes: after a decision the figures of a whole year are asked for again.
func (s *Store) Figures(ctx context.Context, filings []Filing, wanted []form.Key) (map[string][]form.Cell, error) {
	out, missing := s.figures.of(filings, wanted)
	if len(missing) == 0 {
		return out, nil
	}
	read, err := s.readFigures(ctx, missing, wanted)
	if err != nil {
		return nil, fmt.Errorf("read figures of %d filings: %w", len(missing), short(err))
	}
	s.figures.keep(read, wanted)
	maps.Copy(out, read)
	return out, nil
}

// readFigures reads a few cells of filings. Years are read in one go, along the order of the table, unless the filings are few.
func (s *Store) readFigures(ctx context.Context, filings []Filing, wanted []form.Key) (map[string][]form.Cell, error) {
	out := make(map[string][]form.Cell, len(filings))
	var years []uint16
	for _, f := range filings {
		out[f.ID] = nil
		years = append(years, uint16(f.Year))
	}
	slices.Sort(years)
	of, args := "year IN {years:Array(UInt16)}", []any{clickhouse.Named("years", slices.Compact(years))}
	const few = 50
	if len(filings) <= few {
		of, args = among(filings)
	}
	condition, more := keysIn(wanted)
	d, err := rowbinary.Query(ctx, s.conn, `SELECT filing, tbl, row, col, value, state FROM cells WHERE `+of+` AND `+condition, append(args, more...)...)
	if err != nil {
		return nil, err
	}
	for d.More() {
		id := d.Take(idLength)
		c := form.Cell{Key: form.Key{Table: d.Common(), Row: d.Common(), Column: d.Common()}}
		c.Value, _ = d.Decimal(valueScale)
		c.State = form.State(d.Common())
		if cells, ok := out[id]; ok && d.Err() == nil {
			out[id] = append(cells, c)
		}
	}
	return out, d.Wrap("cells")
}

// figures are cells of filings as they were read from their files, with the keys that were asked for last.
type figures struct {
	lock   sync.Mutex
	wanted []form.Key
	filing map[string][]form.Cell
}

// of gives the cells of the filings that are kept, and the other filings.
func (k *figures) of(filings []Filing, wanted []form.Key) (kept map[string][]form.Cell, missing []Filing) {
	k.lock.Lock()
	defer k.lock.Unlock()
	kept = make(map[string][]form.Cell, len(filings))
	same := slices.Equal(k.wanted, wanted)
	for _, f := range filings {
		if cells, ok := k.filing[f.ID]; ok && same {
			kept[f.ID] = slices.Clip(cells)
		} else {
			missing = append(missing, f)
		}
	}
	return kept, missing
}

// keep takes in what was read.
func (k *figures) keep(read map[string][]form.Cell, wanted []form.Key) {
	k.lock.Lock()
	defer k.lock.Unlock()
	if !slices.Equal(k.wanted, wanted) || len(k.filing)+len(read) > mostKept {
		k.wanted, k.filing = slices.Clone(wanted), map[string][]form.Cell{}
	}
	if len(read) <= mostKept {
		maps.Copy(k.filing, read)
	}
}

// keysIn is the condition that lets through the cells with these keys. Tables, rows and columns by themselves are what the
// order of the table can use.
func keysIn(wanted []form.Key) (condition string, args []any) {
	return `tbl IN {tables:Array(String)} AND row IN {rows:Array(String)} AND col IN {columns:Array(String)}
			AND concat(tbl, '.', row, '.', col) IN {wanted:Array(String)}`, []any{clickhouse.Named("wanted", form.Paths(wanted)),
			clickhouse.Named("tables", distinct(wanted, func(k form.Key) string { return k.Table })),
			clickhouse.Named("rows", distinct(wanted, func(k form.Key) string { return k.Row })),
			clickhouse.Named("columns", distinct(wanted, func(k form.Key) string { return k.Column }))}
}

func distinct(keys []form.Key, part func(form.Key) string) []string {
	out := all(keys, part)
	slices.Sort(out)
	return slices.Compact(out)
}

// idLength is the length of an id, a ULID.
const idLength = 26
