package warehouse

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/shopspring/decimal"

	"nianbao/internal/form"
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

// Contents reads what many filings of one year hold, by filing.
//
// One query reads them together: a query for each filing would spend its time on the queries.
func (s *Store) Contents(ctx context.Context, year int, filings []Filing, wanted Wanted) (map[string]*Content, error) {
	out := make(map[string]*Content, len(filings))
	for part := range slices.Chunk(filings, lookedUp) {
		for _, f := range part {
			out[f.ID] = &Content{}
		}
		if err := s.contents(ctx, year, part, wanted, out); err != nil {
			return nil, fmt.Errorf("read %d filings for %d: %w", len(filings), year, short(err))
		}
	}
	return out, nil
}

func (s *Store) contents(ctx context.Context, year int, filings []Filing, wanted Wanted, out map[string]*Content) error {
	args := []any{clickhouse.Named("year", uint16(year)),
		clickhouse.Named("filings", all(filings, func(f Filing) string { return f.ID })),
		clickhouse.Named("agencies", all(filings, func(f Filing) string { return f.HeldAs }))}
	of := ` WHERE year = {year:UInt16} AND agency IN {agencies:Array(String)} AND filing IN {filings:Array(String)}`
	narrow := ""
	if wanted.Cells != nil {
		narrow = ` AND (tbl = {legacy:String} OR concat(tbl, '.', row, '.', col) IN {wanted:Array(String)})`
		args = append(args, clickhouse.Named("legacy", form.Legacy), clickhouse.Named("wanted", form.Paths(wanted.Cells)))
	}

	rows, err := s.conn.Query(ctx, `SELECT filing, tbl, row, col, value, state, raw, unit, candidates FROM cells`+of+narrow+`
		ORDER BY filing, page, grid, grid_row, grid_col, line, tbl, row, col`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			c             form.Cell
			filing, state string
			value         *decimal.Decimal
		)
		if err := rows.Scan(&filing, &c.Table, &c.Row, &c.Column, &value, &state, &c.Raw, &c.Unit, &c.Candidates); err != nil {
			return err
		}
		if value != nil {
			c.Value = *value
		}
		c.State = form.State(state)
		out[filing].Cells = append(out[filing].Cells, c)
	}
	if err := rows.Err(); err != nil || !wanted.Parts {
		return err
	}

	parts, err := s.conn.Query(ctx, `SELECT filing, part, title, text, page, line FROM parts`+of+` ORDER BY filing, number`, args[:3]...)
	if err != nil {
		return err
	}
	defer parts.Close()
	for parts.Next() {
		var p form.Part
		var filing string
		var page uint16
		var line uint32
		if err := parts.Scan(&filing, &p.Code, &p.Title, &p.Text, &page, &line); err != nil {
			return err
		}
		p.At = form.Position{Page: int(page), Line: int(line)}
		out[filing].Parts = append(out[filing].Parts, p)
	}
	if err := parts.Err(); err != nil || !wanted.Claims {
		return err
	}

	claims, err := s.conn.Query(ctx, `SELECT filing, claim FROM claims`+of+` ORDER BY filing, number`, args[:3]...)
	if err != nil {
		return err
	}
	defer claims.Close()
	for claims.Next() {
		var filing, text string
		var c form.Claim
		if err := claims.Scan(&filing, &text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return fmt.Errorf("claim of filing %s: %w", filing, err)
		}
		out[filing].Claims = append(out[filing].Claims, c)
	}
	return claims.Err()
}
