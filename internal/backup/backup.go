// Package backup copies a warehouse into a folder, piece by piece, and makes a warehouse out of such a folder again.
//
// A backup is a folder of pieces, 000001, 000002 and so on. A piece holds the batches that were sealed since the piece before, one
// file for each table, and a manifest that is written last. Nothing is copied twice: the warehouse only grows.
//
// A copy is consistent though others load and decide meanwhile. Which batches it has is fixed first, by the links of the hash
// chain; the rows of a batch whose link exists are all there and never change. What the chain does not seal and what is no record
// (sessions, which end by themselves) is left out.
//
// The files are in ClickHouse's format RowBinary, compressed with zstd, so a backup can be restored into another version of the
// engine, from the embedded store into a server, and back.
package backup

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/klauspost/compress/zstd"

	"nianbao/internal/warehouse"
)

// A Manifest says what a piece holds.
type Manifest struct {
	Number  int       `json:"number"` // of the piece, from 1
	MadeAt  time.Time `json:"made_at"`
	Program string    `json:"program"`
	Schema  int       `json:"schema"` // version of the tables
	// The links of the chain that it holds, and the hash of the last.
	FirstLink uint64 `json:"first_link"`
	LastLink  uint64 `json:"last_link"`
	Head      string `json:"head"`
	// The entries of the journal that it holds; none if the last is before the first.
	FirstEntry uint64 `json:"first_entry"`
	LastEntry  uint64 `json:"last_entry"`
	Tables     []File `json:"tables"`
}

// A File holds rows of one table.
type File struct {
	Table   string   `json:"table"`
	Columns []Column `json:"columns"`
	Rows    uint64   `json:"rows"`
	Bytes   int64    `json:"bytes"`  // of the file
	SHA256  string   `json:"sha256"` // of the file
}

// A Column is a column of a file, in the order of the values of a row.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Rows counts the rows of a piece.
func (m *Manifest) Rows() (n uint64) {
	for _, f := range m.Tables {
		n += f.Rows
	}
	return n
}

// Bytes counts the bytes of the files of a piece.
func (m *Manifest) Bytes() (n int64) {
	for _, f := range m.Tables {
		n += f.Bytes
	}
	return n
}

const (
	manifestName = "manifest.json"
	fileSuffix   = ".rowbinary.zst"
	partial      = ".partial"
)

// apart are the tables without a batch: how they are copied.
const (
	byNumber = "by number" // of the entry
	leftOut  = "left out"
)

var apart = map[string]string{
	"chain":             byNumber,
	"journal":           byNumber,
	"schema_migrations": leftOut, // made anew
	"sessions":          leftOut, // whoever was signed in signs in again
}

// ErrNothingNew says that a backup has everything already.
var ErrNothingNew = errors.New("nothing was added since the last backup")

// Options of a backup and of a restore.
type Options struct {
	Store   *warehouse.Store
	Program string // name and version
	// Table, if given, is told of each table that was copied.
	Table func(name string, rows uint64)
}

// Make adds a piece to the backup in a folder, which is made if it is missing. It returns ErrNothingNew if there is nothing to
// add.
func Make(ctx context.Context, o Options, dir string) (Manifest, error) {
	m, err := add(ctx, o, dir)
	if err != nil && !errors.Is(err, ErrNothingNew) {
		return m, fmt.Errorf("back up to %s: %w", dir, err)
	}
	return m, err
}

func add(ctx context.Context, o Options, dir string) (Manifest, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Manifest{}, err
	}
	unlock, err := lock(dir)
	if err != nil {
		return Manifest{}, err
	}
	defer unlock()
	pieces, err := Read(dir)
	if err != nil {
		return Manifest{}, err
	}
	m := Manifest{Number: len(pieces) + 1, MadeAt: time.Now().UTC().Truncate(time.Second), Program: o.Program, FirstLink: 1, FirstEntry: 1}
	links, err := o.Store.Chain(ctx, time.Time{})
	if err != nil {
		return m, err
	}
	if len(pieces) > 0 {
		last := pieces[len(pieces)-1]
		m.FirstLink, m.FirstEntry = last.LastLink+1, last.LastEntry+1
		if last.LastLink > uint64(len(links)) || links[last.LastLink-1].Hash != last.Head {
			return m, fmt.Errorf("its last piece ends with link %d of the chain, %s, which this store does not have: it is the backup of another store, or the past of this one was changed", last.LastLink, last.Head)
		}
	}
	if len(links) == 0 {
		return m, errors.New("the store is empty")
	}
	head := links[len(links)-1]
	m.LastLink, m.Head = head.Number, head.Hash
	if m.LastLink != uint64(len(links)) {
		return m, fmt.Errorf("the chain has %d links and ends with number %d; nianbao verify --store says more", len(links), m.LastLink)
	}
	var schema uint32
	if err := o.Store.Conn().QueryRow(ctx, "SELECT (SELECT max(version) FROM schema_migrations), (SELECT max(number) FROM journal)").Scan(&schema, &m.LastEntry); err != nil {
		return m, fmt.Errorf("read the state of the store: %w", err)
	}
	m.Schema = int(schema)
	if m.LastLink < m.FirstLink && m.LastEntry < m.FirstEntry {
		return m, ErrNothingNew
	}
	tables, err := tablesOf(ctx, o.Store)
	if err != nil {
		return m, err
	}
	name := filepath.Join(dir, fmt.Sprintf("%06d", m.Number))
	if err := os.RemoveAll(name + partial); err != nil { // of a backup that was cut off
		return m, err
	}
	if err := os.Mkdir(name+partial, 0o700); err != nil {
		return m, err
	}
	for _, t := range tables {
		if apart[t.name] == leftOut {
			continue
		}
		f, err := m.write(ctx, o.Store, t, filepath.Join(name+partial, t.name+fileSuffix))
		if err != nil {
			return m, fmt.Errorf("copy table %s: %w", t.name, err)
		}
		m.Tables = append(m.Tables, f)
		if o.Table != nil {
			o.Table(f.Table, f.Rows)
		}
	}
	content, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return m, err
	}
	if err := writeSynced(filepath.Join(name+partial, manifestName), append(content, '\n')); err != nil {
		return m, err
	}
	if err := errors.Join(syncFolder(name+partial), os.Rename(name+partial, name), syncFolder(dir)); err != nil {
		return m, err
	}
	return m, nil
}

// A table of the store, with its columns.
type table struct {
	name    string
	columns []Column
}

func (t *table) has(column string) bool {
	return slices.ContainsFunc(t.columns, func(c Column) bool { return c.Name == column })
}

// tablesOf lists the tables. One that can be copied in no known way is an error: nothing is lost without a word.
func tablesOf(ctx context.Context, s *warehouse.Store) ([]table, error) {
	rows, err := s.Conn().Query(ctx, `SELECT table, name, type FROM system.columns WHERE database = currentDatabase()
		AND table IN (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree')
		AND default_kind NOT IN ('MATERIALIZED', 'ALIAS') ORDER BY table, position`)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	defer rows.Close()
	var list []table
	for rows.Next() {
		var name string
		var c Column
		if err := rows.Scan(&name, &c.Name, &c.Type); err != nil {
			return nil, fmt.Errorf("list the tables: %w", err)
		}
		if len(list) == 0 || list[len(list)-1].name != name {
			list = append(list, table{name: name})
		}
		list[len(list)-1].columns = append(list[len(list)-1].columns, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	for _, t := range list {
		if apart[t.name] == "" && !t.has("batch") {
			return nil, fmt.Errorf("table %s belongs to no batch, and this program does not know how to copy it", t.name)
		}
	}
	// The marks that make batches visible come last, and the chain after them: a restore that is cut off shows nothing.
	late := map[string]int{"batches": 1, "chain": 2}
	slices.SortStableFunc(list, func(a, b table) int { return cmp.Compare(late[a.name], late[b.name]) })
	return list, nil
}

// rows is the condition for the rows of a table in the piece.
func (m *Manifest) rows(table string) (condition string, args []any) {
	links := []any{clickhouse.Named("first", m.FirstLink), clickhouse.Named("last", m.LastLink)}
	switch {
	case table == "journal":
		return "number BETWEEN {first:UInt64} AND {last:UInt64}", []any{clickhouse.Named("first", m.FirstEntry), clickhouse.Named("last", m.LastEntry)}
	case table == "chain":
		return "number BETWEEN {first:UInt64} AND {last:UInt64}", links
	}
	return "batch IN (SELECT batch FROM chain WHERE number BETWEEN {first:UInt64} AND {last:UInt64})", links
}

// write copies the rows of a table into a file.
func (m *Manifest) write(ctx context.Context, s *warehouse.Store, t table, name string) (f File, err error) {
	f = File{Table: t.name, Columns: t.columns}
	condition, args := m.rows(t.name)
	if err := s.Conn().QueryRow(ctx, "SELECT count() FROM "+t.name+" WHERE "+condition, args...).Scan(&f.Rows); err != nil {
		return f, err
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	sum := &counted{w: file, hash: sha256.New()}
	z, err := zstd.NewWriter(sum, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return f, err
	}
	if f.Rows > 0 {
		answer, err := s.Conn().QueryFormat(ctx, "RowBinary", "SELECT "+quotedNames(t.columns)+" FROM "+t.name+" WHERE "+condition, args...)
		if err != nil {
			return f, err
		}
		_, err = io.CopyBuffer(struct{ io.Writer }{z}, answer, make([]byte, 256<<10))
		if err := errors.Join(err, answer.Close()); err != nil {
			return f, err
		}
	}
	if err := errors.Join(z.Close(), file.Sync()); err != nil {
		return f, err
	}
	f.Bytes, f.SHA256 = sum.bytes, hex.EncodeToString(sum.hash.Sum(nil))
	return f, nil
}

type counted struct {
	w     io.Writer
	hash  hash.Hash
	bytes int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.hash.Write(b[:n])
	c.bytes += int64(n)
	return n, err
}

func quotedNames(columns []Column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = "`" + c.Name + "`"
	}
	return strings.Join(names, ", ")
}

// Read lists the pieces of a backup, and checks that they follow each other. It does not read their rows: see [Check].
func Read(dir string) ([]Manifest, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var pieces []Manifest
	for _, e := range entries {
		if !e.IsDir() || strings.HasSuffix(e.Name(), partial) {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, e.Name(), manifestName))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("folder %s has no %s: want a folder that holds nothing but a backup", e.Name(), manifestName)
		}
		if err != nil {
			return nil, err
		}
		var m Manifest
		if err := json.Unmarshal(content, &m); err != nil {
			return nil, fmt.Errorf("read %s/%s: %w", e.Name(), manifestName, err)
		}
		before := Manifest{}
		if len(pieces) > 0 {
			before = pieces[len(pieces)-1]
		}
		if want := fmt.Sprintf("%06d", len(pieces)+1); e.Name() != want || m.Number != len(pieces)+1 || m.FirstLink != before.LastLink+1 || m.FirstEntry != before.LastEntry+1 {
			return nil, fmt.Errorf("piece %s begins with link %d of the chain; want piece %s, which begins with link %d: a piece is missing", e.Name(), m.FirstLink, want, before.LastLink+1)
		}
		pieces = append(pieces, m)
	}
	return pieces, nil
}

// Check reads the files of a piece and compares them with their hashes.
func (m *Manifest) Check(dir string) error {
	for _, f := range m.Tables {
		file, err := os.Open(m.path(dir, f))
		if err != nil {
			return err
		}
		sum := sha256.New()
		n, err := io.Copy(sum, file)
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
		if got := hex.EncodeToString(sum.Sum(nil)); n != f.Bytes || got != f.SHA256 {
			return fmt.Errorf("%s has %d bytes with the hash %s, its manifest says %d and %s: the file was changed", file.Name(), n, got, f.Bytes, f.SHA256)
		}
	}
	return nil
}

func (m *Manifest) path(dir string, f File) string {
	return filepath.Join(dir, fmt.Sprintf("%06d", m.Number), filepath.Base(f.Table)+fileSuffix)
}

func writeSynced(name string, content []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncFolder(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// lock keeps a second backup out of the folder.
func lock(dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another backup is writing there: %w", err)
	}
	return func() { f.Close() }, nil
}
