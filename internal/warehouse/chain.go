package warehouse

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/shopspring/decimal"

	"nianbao/internal/rowbinary"
)

// The chain seals what was added: each link hashes the link before it and the digests of everything that one batch
// added. Who changes a row of the past has to make every later link anew, and a published one then shows it.
//
// A link is written after the mark that makes its batch visible, so a crash can leave a batch without one. The next
// commit, or whoever asks for the chain, computes it from the rows. Stores from before the chain get theirs that way.

// chained are the tables that a link covers, with their columns in the order in which a row is hashed: its values in the
// format RowBinary. The first column names the thing that the row belongs to. Of documents the content is covered by the
// hash that they are stored under; [Store.VerifyChain] compares the two.
//
// This list and [Link.text] are the form of the chain. A column that a later migration adds needs a new one beside it.
var chained = []struct {
	table   string
	columns []string
}{
	{"documents", []string{"sha256", "media_type", "size", "batch"}},
	{"filings", []string{"filing", "agency", "agency_name", "region", "year", "sha256", "file", "form2", "form3", "form4", "form_legacy", "title", "scope", "status",
		"signed", "published", "url", "problems", "synthetic", "received_at", "received_by", "reason", "batch"}},
	{"cells", []string{"filing", "agency", "year", "batch", "tbl", "row", "col", "value", "state", "raw", "unit", "settled_by", "rule", "candidates", "page", "grid",
		"grid_row", "grid_col", "line"}},
	{"parts", []string{"filing", "agency", "year", "batch", "number", "part", "title", "text", "page", "line"}},
	{"claims", []string{"filing", "agency", "year", "batch", "number", "claim"}},
	{"findings", []string{"filing", "agency", "year", "batch", "rule", "tbl", "place", "status", "expression", "lhs", "rhs", "delta", "cells", "blanks", "note", "against",
		"basis"}},
	{"assessments", []string{"filing", "agency", "year", "pass", "fail", "uncertain", "not_assessable", "not_applicable", "failed", "digest", "batch"}},
	{"agencies", []string{"agency", "same_as", "statement", "reason", "batch"}},
	{"obligations", []string{"agency", "year", "due", "obliged", "reason", "batch"}},
	{"corrections", []string{"correction", "act", "filing", "agency", "year", "tbl", "row", "col", "value", "state", "two", "replaces", "reason", "person", "batch"}},
	{"reviews", []string{"review", "decision", "filing", "agency", "year", "rule", "tbl", "place", "basis", "reason", "person", "batch"}},
	{"withdrawals", []string{"filing", "act", "reason", "person", "batch"}},
	{"waiting", []string{"sha256", "act", "file", "agency_name", "year", "title", "problems", "received_at", "reason", "person", "batch"}},
	{"sets", []string{"name", "act", "members", "reason", "person", "batch"}},
	{"accounts", []string{"name", "kind", "statement", "reason", "person", "batch"}},
	{"boards", []string{"name", "act", "statement", "reason", "person", "batch"}},
	{"displays", []string{"display", "act", "name", "board", "token", "tail", "reason", "person", "batch"}},
}

// fixedWidth are the columns of type FixedString, which RowBinary writes without a length.
var fixedWidth = map[string]bool{"filing": true, "batch": true, "correction": true, "review": true, "sha256": true, "display": true}

// Link is one entry of the chain.
type Link struct {
	Number      uint64 // from 1
	Batch       string
	CommittedAt time.Time // UTC
	CommittedBy string
	Program     string
	Digests     string // a line for each table that the batch added rows to: its name, the number of rows, their digest; and one for the journal
	Previous    string // hash of the link before; of the first, 64 zeros
	Hash        string // of all this, lower-case hexadecimal SHA-256
}

// NoLink is the hash before the first link.
var NoLink = strings.Repeat("0", sha256.Size*2)

// text is what a link hashes.
func (l *Link) text() string {
	return fmt.Sprintf("nianbao chain 1\nnumber %d\nprevious %s\nbatch %s\ncommitted_at %d\ncommitted_by %s\nprogram %s\n%s", l.Number, l.Previous, l.Batch,
		l.CommittedAt.UnixMicro(), strconv.QuoteToASCII(l.CommittedBy), strconv.QuoteToASCII(l.Program), l.Digests)
}

// Sum computes the hash of the link from the rest of it.
func (l *Link) Sum() string {
	sum := sha256.Sum256([]byte(l.text()))
	return hex.EncodeToString(sum[:])
}

// tableDigest is the digest of what a batch added to one table.
type tableDigest struct {
	rows int
	sum  string
}

// digests are the digests of a batch by table.
type digests map[string]tableDigest

func (d digests) text() string {
	var b strings.Builder
	for _, t := range chained {
		if one, ok := d[t.table]; ok {
			fmt.Fprintf(&b, "%s %d %s\n", t.table, one.rows, one.sum)
		}
	}
	return b.String()
}

// digestOf hashes rows given as groups, each the hash of the rows of one thing.
func digestOf(groups [][]byte) string {
	slices.SortFunc(groups, bytes.Compare)
	h := sha256.New()
	for _, g := range groups {
		h.Write(g)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// digestRows hashes rows in any order. first is how many bytes of a row name the thing that it belongs to.
func digestRows(rows [][]byte, first func(row []byte) int) string {
	var groups [][]byte
	h := sha256.New()
	for begin := 0; begin < len(rows); {
		name := rows[begin][:first(rows[begin])]
		end := begin + 1
		for end < len(rows) && bytes.HasPrefix(rows[end], name) {
			end++
		}
		slices.SortFunc(rows[begin:end], bytes.Compare)
		h.Reset()
		for _, row := range rows[begin:end] {
			h.Write(row)
		}
		groups = append(groups, h.Sum(nil))
		begin = end
	}
	return digestOf(groups)
}

// digests computes what the link of the batch covers, from the values that are sent.
func (b *Batch) digests(tables []table) (digests, error) {
	out := digests{}
	for _, c := range chained {
		var list [][]byte
		if c.table == "documents" {
			for _, d := range b.Documents {
				var e rowbinary.Encoder
				e.Fixed(d.SHA256)
				e.Text(d.MediaType)
				e.Bytes = uint64Bytes(e.Bytes, uint64(d.Size))
				e.Fixed(b.ID)
				list = append(list, e.Bytes)
			}
		}
		for _, t := range tables {
			if t.name != c.table || t.rows == 0 {
				continue
			}
			var err error
			if list, err = t.encoded(c.columns); err != nil {
				return nil, fmt.Errorf("compute the digest of %s: %w", c.table, err)
			}
		}
		if len(list) == 0 {
			continue
		}
		first := func(row []byte) int { return idLength }
		switch c.columns[0] {
		case "sha256":
			first = func([]byte) int { return sha256.Size * 2 }
		case "agency", "name":
			first = func(row []byte) int { return textLength(row) }
		}
		if c.table != "cells" { // rows of one thing may stand apart
			slices.SortFunc(list, bytes.Compare)
		}
		out[c.table] = tableDigest{len(list), digestRows(list, first)}
	}
	return out, nil
}

func uint64Bytes(b []byte, n uint64) []byte {
	for range 8 {
		b, n = append(b, byte(n)), n>>8
	}
	return b
}

// textLength is the length of a text at the beginning of a row, with that of its length.
func textLength(row []byte) int {
	n, shift := 0, 0
	for i, c := range row {
		n |= int(c&0x7f) << shift
		if c < 0x80 {
			return i + 1 + n
		}
		shift += 7
	}
	return len(row)
}

// encoded are the rows of the table in the format RowBinary, each with the columns in this order.
func (t *table) encoded(columns []string) ([][]byte, error) {
	if t.written != nil {
		if !slices.Equal(t.written.columns, columns) {
			return nil, fmt.Errorf("its rows are written as %v, the chain wants %v", t.written.columns, columns)
		}
		list := make([][]byte, len(t.written.begins))
		for i, begin := range t.written.begins {
			end := len(t.written.Bytes)
			if i+1 < len(list) {
				end = t.written.begins[i+1]
			}
			list[i] = t.written.Bytes[begin:end]
		}
		return list, nil
	}
	list := make([][]byte, t.rows)
	for _, name := range columns {
		i := slices.IndexFunc(t.columns, func(c column) bool { return c.name == name })
		if i < 0 {
			return nil, fmt.Errorf("it has no column %s", name)
		}
		for row := range list {
			e := rowbinary.Encoder{Bytes: list[row]}
			switch values := t.columns[i].values.(type) {
			case []string:
				if fixedWidth[name] {
					e.Fixed(values[row])
				} else {
					e.Text(values[row])
				}
			case []uint16:
				e.Uint16(values[row])
			case []uint32:
				e.Uint32(values[row])
			case []bool:
				e.Bytes = append(e.Bytes, 0)
				if values[row] {
					e.Bytes[len(e.Bytes)-1] = 1
				}
			case []time.Time:
				e.Bytes = uint64Bytes(e.Bytes, uint64(values[row].UnixMicro()))
			case []*time.Time: // a day
				if values[row] == nil {
					e.Bytes = append(e.Bytes, 1)
				} else {
					e.Bytes = append(e.Bytes, 0)
					e.Uint32(uint32(int32(values[row].Unix() / (24 * 60 * 60))))
				}
			case []*decimal.Decimal:
				e.Decimal(values[row], valueScale)
			case [][]string:
				e.Texts(values[row])
			default:
				return nil, fmt.Errorf("column %s has values of type %T", name, values)
			}
			list[row] = e.Bytes
		}
	}
	return list, nil
}

// rowsAtOnce is how many rows the engine hashes in one query. It holds them in memory.
const rowsAtOnce = 300_000

// storedDigests computes the digests of some batches from the rows that are stored.
func (s *Store) storedDigests(ctx context.Context, batches []string) (map[string]digests, error) {
	out := map[string]digests{}
	for _, b := range batches {
		out[b] = digests{}
	}
	given := clickhouse.Named("batches", batches)
	for _, t := range chained {
		d, err := rowbinary.Query(ctx, s.conn, `SELECT batch, count() FROM `+t.table+` WHERE batch IN {batches:Array(String)} GROUP BY batch`, given)
		if err != nil {
			return nil, fmt.Errorf("count rows of %s: %w", t.table, short(err))
		}
		rows, total := map[string]int{}, 0
		for d.More() {
			b, n := d.Take(idLength), int(d.Uint64())
			rows[b] = n
			total += n
		}
		if err := d.Wrap("rows of " + t.table); err != nil {
			return nil, err
		}
		if total == 0 {
			continue
		}
		groups := map[string][][]byte{}
		pieces := 1 + total/rowsAtOnce
		for piece := range pieces {
			d, err := rowbinary.Query(ctx, s.conn, `SELECT batch, SHA256(arrayStringConcat(arraySort(groupArray(formatRow('RowBinary', `+strings.Join(t.columns, ", ")+`)))))
				FROM `+t.table+` WHERE batch IN {batches:Array(String)} AND cityHash64(`+t.columns[0]+`) % `+strconv.Itoa(pieces)+` = `+strconv.Itoa(piece)+`
				GROUP BY batch, `+t.columns[0], given)
			if err != nil {
				return nil, fmt.Errorf("compute digests of %s: %w", t.table, short(err))
			}
			for d.More() {
				b := d.Take(idLength)
				groups[b] = append(groups[b], []byte(d.Take(sha256.Size)))
			}
			if err := d.Wrap("digests of " + t.table); err != nil {
				return nil, err
			}
		}
		for b, list := range groups {
			out[b][t.table] = tableDigest{rows[b], digestOf(list)}
		}
	}
	return out, nil
}

// errChain is the error of a chain that others lengthen faster than this program can.
var errChain = errors.New("another program lengthens the chain all the time")

// appendChain adds the link of a batch that is visible, unless it has one. Two programs that do so at the same time do
// not branch the chain: the number of a link is the token of its insert, so the second of two links with the same number
// is not stored, and is made anew. gaps says that batches before it that have no link get theirs first. It returns when
// the batch became visible.
func (s *Store) appendChain(ctx context.Context, batch string, given digests, gaps bool) (committedAt time.Time, err error) {
	var tried, refused uint64 // the number tried last, and how often nothing came of it
	for range 100 {
		l := Link{Batch: batch}
		var has, open, entry uint64
		var entryHash string
		err = s.conn.QueryRow(ctx, `SELECT (SELECT count() FROM chain WHERE batch = {batch:String}), (SELECT max(number) FROM chain), (SELECT argMax(hash, number) FROM chain),
				(SELECT uniqExact(batch) FROM batches WHERE batch NOT IN (SELECT batch FROM chain)), min(committed_at), any(committed_by), any(batches.program),
				(SELECT max(number) FROM journal), (SELECT argMax(hash, number) FROM journal)
			FROM batches WHERE batch = {batch:String}`, clickhouse.Named("batch", batch)).
			Scan(&has, &l.Number, &l.Previous, &open, &l.CommittedAt, &l.CommittedBy, &l.Program, &entry, &entryHash)
		switch {
		case err != nil || has > 0:
			return l.CommittedAt.UTC(), err
		case gaps && open > 1:
			if err := s.completeChain(ctx, batch); err != nil {
				return time.Time{}, err
			}
			continue
		}
		l.CommittedAt, l.Digests = l.CommittedAt.UTC(), given.text()+journalLine(entry, entryHash)
		if l.Number++; l.Number == 1 {
			l.Previous = NoLink
		}
		if l.Number == tried { // there was a link with this number, and somebody removed it: its token is used up
			refused++
		} else {
			tried, refused = l.Number, 0
		}
		if err := s.insertLink(ctx, l, refused); err != nil {
			return time.Time{}, err
		}
	}
	return time.Time{}, errChain
}

func (s *Store) insertLink(ctx context.Context, l Link, attempt uint64) error {
	r := &rows{columns: []string{"number", "batch", "committed_at", "committed_by", "program", "digests", "previous", "hash"}}
	r.Bytes = uint64Bytes(r.Bytes, l.Number)
	r.Fixed(l.Batch)
	r.Bytes = uint64Bytes(r.Bytes, uint64(l.CommittedAt.UnixMicro()))
	r.Text(l.CommittedBy)
	r.Text(l.Program)
	r.Text(l.Digests)
	r.Fixed(l.Previous)
	r.Fixed(l.Sum())
	return s.insertRows(ctx, "chain", fmt.Sprintf("%d.%d", l.Number, attempt), r)
}

// completeChain adds a link for each visible batch that has none, the oldest first; except for one that gets its own.
func (s *Store) completeChain(ctx context.Context, except string) error {
	if s.whole != nil { // which rows are hashed, must not depend on who asks
		return s.whole.completeChain(ctx, except)
	}
	rows, err := s.conn.Query(ctx, `SELECT batch FROM batches WHERE batch NOT IN (SELECT batch FROM chain) AND batch != {except:String}
		GROUP BY batch ORDER BY min(committed_at), batch`, clickhouse.Named("except", except))
	if err != nil {
		return fmt.Errorf("list batches without a link: %w", short(err))
	}
	var open []string
	for rows.Next() {
		var b string
		if err := rows.Scan(&b); err != nil {
			return errors.Join(err, rows.Close())
		}
		open = append(open, b)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("list batches without a link: %w", short(err))
	}
	for part := range slices.Chunk(open, batchesAtOnce) {
		stored, err := s.storedDigests(ctx, part)
		if err != nil {
			return err
		}
		for _, b := range part {
			if _, err := s.appendChain(ctx, b, stored[b], false); err != nil {
				return fmt.Errorf("add the link of batch %s: %w", b, short(err))
			}
		}
	}
	return nil
}

// batchesAtOnce is how many batches are asked for in one query.
const batchesAtOnce = 20

// Chain lists the links of the batches that were visible at a moment (the zero time meaning now), by number. Batches
// that have none get theirs first.
func (s *Store) Chain(ctx context.Context, asOf time.Time) ([]Link, error) {
	if err := s.completeChain(ctx, ""); err != nil {
		return nil, fmt.Errorf("complete the chain: %w", err)
	}
	rows, err := s.conn.Query(ctx, `SELECT number, batch, committed_at, committed_by, program, digests, previous, hash FROM chain
		WHERE batch IN (SELECT batch FROM `+committedBatches(asOf)+`) ORDER BY number, batch`, moment(asOf)...)
	if err != nil {
		return nil, fmt.Errorf("read the chain: %w", short(err))
	}
	defer rows.Close()
	var list []Link
	for rows.Next() {
		var l Link
		if err := rows.Scan(&l.Number, &l.Batch, &l.CommittedAt, &l.CommittedBy, &l.Program, &l.Digests, &l.Previous, &l.Hash); err != nil {
			return nil, fmt.Errorf("read the chain: %w", err)
		}
		l.CommittedAt = l.CommittedAt.UTC()
		list = append(list, l)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the chain: %w", short(err))
	}
	return list, nil
}

// Breach is a place where the store is not what the chain says.
type Breach struct {
	Number uint64 // of the link; 0 of an entry of the journal
	Batch  string // or the entry
	At     time.Time
	By     string
	What   string // in words
}

// VerifyChain computes every link anew, from the rows that are stored, and lists where the store differs, the first
// batch first. step is told how many batches were done. Batches without a link get theirs first.
func (s *Store) VerifyChain(ctx context.Context, step func(done, all int)) (links []Link, breaches []Breach, err error) {
	if s.whole != nil {
		return s.whole.VerifyChain(ctx, step)
	}
	wrap := func(err error) ([]Link, []Breach, error) { return nil, nil, fmt.Errorf("verify the chain: %w", err) }
	if err := s.completeChain(ctx, ""); err != nil {
		return wrap(err)
	}
	if links, err = s.allLinks(ctx); err != nil {
		return wrap(err)
	}
	commits, err := s.Commits(ctx, time.Unix(0, 0), time.Time{})
	if err != nil {
		return wrap(err)
	}
	marks := map[string]Commit{}
	for _, c := range commits {
		marks[c.Batch] = c
	}
	breach := func(l Link, format string, args ...any) {
		breaches = append(breaches, Breach{l.Number, l.Batch, l.CommittedAt, l.CommittedBy, fmt.Sprintf(format, args...)})
	}
	previous := NoLink
	for i := range links {
		l := &links[i]
		switch {
		case l.Number != uint64(i+1):
			breach(*l, "link number %d stands where number %d should: a link was removed or added", l.Number, i+1)
		case l.Previous != previous:
			breach(*l, "it follows the hash %s, and the link before it has %s", l.Previous, previous)
		case l.Sum() != l.Hash:
			breach(*l, "its own hash is %s, and its content gives %s: the link was changed", l.Hash, l.Sum())
		}
		previous = l.Hash
		m, marked := marks[l.Batch]
		switch {
		case !marked:
			breach(*l, "the batch was removed from the store")
		case !m.At.Equal(l.CommittedAt) || m.By != l.CommittedBy || m.Program != l.Program:
			breach(*l, "its mark says %s by %q with %q, the link %s by %q with %q", m.At.Format(time.RFC3339Nano), m.By, m.Program,
				l.CommittedAt.Format(time.RFC3339Nano), l.CommittedBy, l.Program)
		}
	}
	done := 0
	for part := range slices.Chunk(links, batchesAtOnce) {
		ids := all(part, func(l Link) string { return l.Batch })
		stored, err := s.storedDigests(ctx, ids)
		if err != nil {
			return wrap(err)
		}
		for _, l := range part {
			for _, what := range differences(l.Digests, stored[l.Batch]) {
				breach(l, "%s", what)
			}
		}
		changed, err := s.changedDocuments(ctx, ids)
		if err != nil {
			return wrap(err)
		}
		for _, l := range part {
			for _, sum := range changed[l.Batch] {
				breach(l, "the content of document %s has another hash than the one it is stored under", sum)
			}
		}
		if done += len(part); step != nil {
			step(done, len(links))
		}
	}
	inJournal, err := s.verifyJournal(ctx, links)
	if err != nil {
		return wrap(err)
	}
	breaches = append(breaches, inJournal...)
	slices.SortStableFunc(breaches, func(a, b Breach) int { return int(a.Number) - int(b.Number) })
	return links, breaches, nil
}

// allLinks reads the chain as it stands, also links of batches that are not there.
func (s *Store) allLinks(ctx context.Context) ([]Link, error) {
	rows, err := s.conn.Query(ctx, `SELECT number, batch, committed_at, committed_by, program, digests, previous, hash FROM chain ORDER BY number, batch`)
	if err != nil {
		return nil, short(err)
	}
	defer rows.Close()
	var list []Link
	for rows.Next() {
		var l Link
		if err := rows.Scan(&l.Number, &l.Batch, &l.CommittedAt, &l.CommittedBy, &l.Program, &l.Digests, &l.Previous, &l.Hash); err != nil {
			return nil, err
		}
		l.CommittedAt = l.CommittedAt.UTC()
		list = append(list, l)
	}
	return list, rows.Err()
}

// differences says in which tables the rows are not those of a link.
func differences(link string, stored digests) []string {
	var out []string
	linked := digests{}
	for line := range strings.Lines(link) {
		if strings.HasPrefix(line, "journal ") { // see verifyJournal
			continue
		}
		var name, sum string
		var rows int
		if _, err := fmt.Sscanf(line, "%s %d %s\n", &name, &rows, &sum); err != nil {
			return []string{fmt.Sprintf("line %q of its digests cannot be read", line)}
		}
		linked[name] = tableDigest{rows, sum}
	}
	names := map[string]bool{}
	for name := range linked {
		names[name] = true
	}
	for name := range stored {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		was, is := linked[name], stored[name]
		switch {
		case was.rows != is.rows:
			out = append(out, fmt.Sprintf("table %s has %d rows of it, %d were added", name, is.rows, was.rows))
		case was.sum != is.sum:
			out = append(out, fmt.Sprintf("rows of table %s were changed (%d rows)", name, is.rows))
		}
	}
	return out
}

// changedDocuments lists the documents of some batches whose content has another hash than their name.
func (s *Store) changedDocuments(ctx context.Context, batches []string) (map[string][]string, error) {
	d, err := rowbinary.Query(ctx, s.conn, `SELECT batch, sha256 FROM documents
		WHERE batch IN {batches:Array(String)} AND (lower(hex(SHA256(bytes))) != sha256 OR length(bytes) != size) ORDER BY batch, sha256`, clickhouse.Named("batches", batches))
	if err != nil {
		return nil, fmt.Errorf("hash documents: %w", short(err))
	}
	out := map[string][]string{}
	for d.More() {
		b := d.Take(idLength)
		out[b] = append(out[b], d.Take(sha256.Size*2))
	}
	return out, d.Wrap("hashes of documents")
}
