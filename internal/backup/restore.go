package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/klauspost/compress/zstd"

	"nianbao/internal/warehouse"
)

// Restore fills an empty warehouse from a backup, and verifies it: hashes of all files beforehand, then the rows of every table
// and every link of the chain. The pieces are returned.
//
// A restore that is cut off leaves rows that nobody sees. The warehouse is then to be emptied, and filled again.
func Restore(ctx context.Context, o Options, dir string) ([]Manifest, error) {
	pieces, err := restore(ctx, o, dir)
	if err != nil {
		return pieces, fmt.Errorf("restore from %s: %w", dir, err)
	}
	return pieces, nil
}

func restore(ctx context.Context, o Options, dir string) ([]Manifest, error) {
	pieces, err := Read(dir)
	if err != nil {
		return nil, err
	}
	if len(pieces) == 0 {
		return nil, errors.New("it holds no backup")
	}
	for i := range pieces {
		if err := pieces[i].Check(dir); err != nil {
			return nil, err
		}
	}
	tables, err := tablesOf(ctx, o.Store)
	if err != nil {
		return nil, err
	}
	var schema uint32
	if err := o.Store.Conn().QueryRow(ctx, "SELECT max(version) FROM schema_migrations").Scan(&schema); err != nil {
		return nil, fmt.Errorf("read the version of the tables: %w", err)
	}
	last := &pieces[len(pieces)-1]
	if last.Schema > int(schema) {
		return nil, fmt.Errorf("it was made with tables of version %d, and this program knows versions up to %d: use the newer %s", last.Schema, schema, last.Program)
	}
	for _, t := range tables {
		if apart[t.name] == leftOut {
			continue
		}
		n, err := count(ctx, o.Store, t.name)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			return nil, fmt.Errorf("table %s has %d rows: want an empty warehouse", t.name, n)
		}
	}
	total := map[string]uint64{}
	for _, t := range tables { // in the order in which they become visible, over all pieces
		for i := range pieces {
			m := &pieces[i]
			at := slices.IndexFunc(m.Tables, func(f File) bool { return f.Table == t.name })
			if at < 0 {
				continue // the table is newer than the piece
			}
			f := m.Tables[at]
			if err := m.read(ctx, o.Store, t, f, dir); err != nil {
				return nil, fmt.Errorf("piece %d: fill table %s: %w", m.Number, t.name, err)
			}
			total[t.name] += f.Rows
		}
		n, err := count(ctx, o.Store, t.name)
		if err != nil {
			return nil, err
		}
		if n != total[t.name] && apart[t.name] != leftOut {
			return nil, fmt.Errorf("table %s has %d rows, the backup has %d", t.name, n, total[t.name])
		}
		if o.Table != nil && total[t.name] > 0 {
			o.Table(t.name, n)
		}
	}
	for _, m := range pieces {
		for _, f := range m.Tables {
			if !slices.ContainsFunc(tables, func(t table) bool { return t.name == f.Table }) {
				return nil, fmt.Errorf("piece %d has table %s, which this program does not know", m.Number, f.Table)
			}
		}
	}
	return pieces, verify(ctx, o.Store, last)
}

// verify compares the store with what the last piece says of the chain, and with the chain itself.
func verify(ctx context.Context, s *warehouse.Store, last *Manifest) error {
	links, breaches, err := s.VerifyChain(ctx, nil)
	if err != nil {
		return err
	}
	if len(breaches) > 0 {
		return fmt.Errorf("the chain finds %d differences, the first in batch %s: %s", len(breaches), breaches[0].Batch, breaches[0].What)
	}
	if n := uint64(len(links)); n != last.LastLink || links[n-1].Hash != last.Head {
		return fmt.Errorf("the chain has %d links, the backup ends with link %d, %s", n, last.LastLink, last.Head)
	}
	return nil
}

func count(ctx context.Context, s *warehouse.Store, table string) (n uint64, err error) {
	if err := s.Conn().QueryRow(ctx, "SELECT count() FROM "+table).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the rows of %s: %w", table, err)
	}
	return n, nil
}

// read fills a table from a file.
func (m *Manifest) read(ctx context.Context, s *warehouse.Store, t table, f File, dir string) error {
	if f.Rows == 0 {
		return nil
	}
	for _, c := range f.Columns {
		at := slices.IndexFunc(t.columns, func(is Column) bool { return is.Name == c.Name })
		if at < 0 || t.columns[at].Type != c.Type {
			return fmt.Errorf("its column %s has the type %s in the backup, which the table has not", c.Name, c.Type)
		}
	}
	file, err := os.Open(m.path(dir, f))
	if err != nil {
		return err
	}
	defer file.Close()
	z, err := zstd.NewReader(file, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer z.Close()
	// Rows of two pieces may be the same: the warehouse is not to take the second for a repetition of the first.
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"insert_deduplicate": 0}))
	return s.Conn().InsertFormat(ctx, "RowBinary", "INSERT INTO "+t.name+" ("+quotedNames(f.Columns)+")", z)
}
