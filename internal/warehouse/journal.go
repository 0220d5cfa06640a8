package warehouse

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/oklog/ulid/v2"

	"nianbao/internal/rowbinary"
)

// The journal holds acts of people and programs that decide nothing: what was downloaded, who signed in. They are no batches:
// who downloads a file makes no new state of the data, and the same question has the same answer before and after.
//
// Entries have a strand of their own, in which each hashes the one before, and every link of the chain names the last entry
// that stood when it was made. So the journal cannot be rewritten without the chain being rewritten.

// Download is the kind of entry that says what left the house. Other kinds belong to those who write them.
const Download = "download"

// How an act ended.
const (
	Done      = "done"
	BrokenOff = "broken_off" // the reader went away, or the writer failed, before the end
	Refused   = "refused"
)

// Entry is one act in the journal.
type Entry struct {
	ID      string    // ULID; given by Record if it is empty
	Kind    string    // Download, or what the writer of the entry calls it
	At      time.Time // UTC, when the act ended; given by Record if it is zero
	Person  string    // who; "" if nobody signed in
	Client  string    // from where: the address, or the command line
	What    string    // the address with its query, or the account: what was asked for
	AsOf    time.Time // moment of the data, zero if it has none
	Rows    *uint64   // that were written, nil if they are not rows
	Bytes   uint64    // that were written
	SHA256  string    // of these bytes, lower-case hexadecimal, "" if there are none
	Outcome string    // Done, BrokenOff or Refused
	Detail  string    // why, in words

	// What follows comes from Record.

	Number   uint64 // place in the journal, from 1
	Program  string
	Previous string // hash of the entry before; of the first, 64 zeros
	Hash     string // of all this, lower-case hexadecimal SHA-256
}

var journalColumns = []string{"number", "entry", "kind", "at", "person", "client", "what", "as_of", "rows", "bytes", "sha256", "outcome", "detail", "program", "previous", "hash"}

// Sum computes the hash of the entry from the rest of it.
func (e *Entry) Sum() string {
	rows, asOf := "none", "none"
	if e.Rows != nil {
		rows = strconv.FormatUint(*e.Rows, 10)
	}
	if !e.AsOf.IsZero() {
		asOf = strconv.FormatInt(e.AsOf.UnixMicro(), 10)
	}
	q := strconv.QuoteToASCII
	sum := sha256.Sum256(fmt.Appendf(nil, "nianbao journal 1\nnumber %d\nprevious %s\nentry %s\nkind %s\nat %d\nperson %s\nclient %s\nwhat %s\nas_of %s\nrows %s\nbytes %d\nsha256 %s\noutcome %s\ndetail %s\nprogram %s\n",
		e.Number, e.Previous, e.ID, q(e.Kind), e.At.UnixMicro(), q(e.Person), q(e.Client), q(e.What), asOf, rows, e.Bytes, q(e.SHA256), q(e.Outcome), q(e.Detail), q(e.Program)))
	return hex.EncodeToString(sum[:])
}

// recorder gathers the entries that wait for an insert.
type recorder struct {
	mu      sync.Mutex
	waiting []*recording
	busy    bool // an insert is under way; who comes meanwhile goes into the next
}

type recording struct {
	entry Entry
	done  chan error
}

// Record adds an entry to the journal and returns when it is on the disk. Entries that come while another is being written
// go into the next insert together, so that many at the same time cost no more than two inserts each. While the warehouse
// does not answer it tries for up to a minute. What cannot be written is an error with everything that the entry says, and
// stands in the log: nothing is lost in silence.
//
// It does not end with the context: an act that happened is recorded, though its reader has gone.
func (s *Store) Record(ctx context.Context, e Entry) error {
	if s.whole != nil {
		return s.whole.Record(ctx, e)
	}
	if s.whole != nil {
		return s.whole.Record(ctx, e)
	}
	if e.ID == "" {
		e.ID = ulid.MustNew(ulid.Timestamp(time.Now()), rand.Reader).String()
	}
	if e.At.IsZero() {
		e.At = time.Now()
	}
	e.At, e.AsOf = e.At.UTC().Truncate(time.Microsecond), e.AsOf.UTC().Truncate(time.Microsecond)
	e.Program = s.program
	var err error
	switch {
	case len(e.ID) != idLength || e.Kind == "":
		err = errors.New("want an id of 26 characters and a kind")
	case e.Outcome != Done && e.Outcome != BrokenOff && e.Outcome != Refused:
		err = fmt.Errorf("outcome %q, want %s, %s or %s", e.Outcome, Done, BrokenOff, Refused)
	default:
		r := &recording{e, make(chan error, 1)}
		s.journal.mu.Lock()
		s.journal.waiting = append(s.journal.waiting, r)
		lead := !s.journal.busy
		s.journal.busy = true
		s.journal.mu.Unlock()
		if lead {
			go s.writeJournal(context.WithoutCancel(ctx))
		}
		err = <-r.done
	}
	if err != nil {
		s.log.Error("write into the journal: the entry is not stored", "error", err, "entry", e.ID, "kind", e.Kind, "at", e.At, "person", e.Person, "client", e.Client,
			"what", e.What, "bytes", e.Bytes, "sha256", e.SHA256, "outcome", e.Outcome, "detail", e.Detail)
		return fmt.Errorf("write into the journal: %w", err)
	}
	return nil
}

// entriesAtOnce is how many entries one insert takes.
const entriesAtOnce = 1000

// writeJournal inserts until nobody waits.
func (s *Store) writeJournal(ctx context.Context) {
	for {
		s.journal.mu.Lock()
		n := min(len(s.journal.waiting), entriesAtOnce)
		if n == 0 {
			s.journal.busy = false
			s.journal.mu.Unlock()
			return
		}
		group := slices.Clone(s.journal.waiting[:n])
		s.journal.waiting = slices.Delete(s.journal.waiting, 0, n)
		s.journal.mu.Unlock()

		limited, cancel := context.WithTimeout(ctx, patience)
		err := s.insist(limited, func(ctx context.Context) error {
			return s.appendJournal(ctx, all(group, func(r *recording) Entry { return r.entry }))
		})
		cancel()
		for _, r := range group {
			r.done <- err
		}
	}
}

// appendJournal adds entries behind the last one, unless they are there. Two programs that do so at the same time do not
// branch the strand: see appendChain.
func (s *Store) appendJournal(ctx context.Context, entries []Entry) error {
	var tried, refused uint64
	for range 100 {
		var has, last uint64
		previous := NoLink
		if err := s.conn.QueryRow(ctx, `SELECT countIf(entry = {entry:String}), max(number), argMax(hash, number) FROM journal`,
			clickhouse.Named("entry", entries[0].ID)).Scan(&has, &last, &previous); err != nil || has > 0 {
			return err
		}
		if last == 0 {
			previous = NoLink
		}
		if last+1 == tried { // there was an entry with this number, and somebody removed it: its token is used up
			refused++
		} else {
			tried, refused = last+1, 0
		}
		r := &rows{columns: journalColumns}
		for i := range entries {
			e := &entries[i]
			e.Number, e.Previous = last+1+uint64(i), previous
			e.Hash = e.Sum()
			previous = e.Hash
			r.entry(e)
		}
		if err := s.insertRows(ctx, "journal", fmt.Sprintf("%d.%d", tried, refused), r); err != nil {
			return err
		}
	}
	return errors.New("another program lengthens the journal all the time")
}

func (r *rows) entry(e *Entry) {
	r.number++
	r.Bytes = uint64Bytes(r.Bytes, e.Number)
	r.Fixed(e.ID)
	r.Text(e.Kind)
	r.Bytes = uint64Bytes(r.Bytes, uint64(e.At.UnixMicro()))
	r.Text(e.Person)
	r.Text(e.Client)
	r.Text(e.What)
	if e.AsOf.IsZero() {
		r.Bytes = append(r.Bytes, 1)
	} else {
		r.Bytes = uint64Bytes(append(r.Bytes, 0), uint64(e.AsOf.UnixMicro()))
	}
	if e.Rows == nil {
		r.Bytes = append(r.Bytes, 1)
	} else {
		r.Bytes = uint64Bytes(append(r.Bytes, 0), *e.Rows)
	}
	r.Bytes = uint64Bytes(r.Bytes, e.Bytes)
	r.Text(e.SHA256)
	r.Text(e.Outcome)
	r.Text(e.Detail)
	r.Text(e.Program)
	r.Fixed(e.Previous)
	r.Fixed(e.Hash)
}

// JournalFilter narrows the journal.
type JournalFilter struct {
	Kinds         []string  // empty: all
	Person        string    // "": all
	After, Before time.Time // zero: no bound; After is not among them, Before is
	Skip, Most    int       // of the newest, how many are passed over and how many are read at most; Most 0: all
}

func (f JournalFilter) where() (string, []any) {
	condition, args := "true", []any{}
	if len(f.Kinds) > 0 {
		condition += " AND kind IN {kinds:Array(String)}"
		args = append(args, clickhouse.Named("kinds", f.Kinds))
	}
	if f.Person != "" {
		condition += " AND person = {person:String}"
		args = append(args, clickhouse.Named("person", f.Person))
	}
	if !f.After.IsZero() {
		condition += " AND at > fromUnixTimestamp64Micro({after:Int64}, 'UTC')"
		args = append(args, microseconds("after", f.After))
	}
	if !f.Before.IsZero() {
		condition += " AND at <= fromUnixTimestamp64Micro({before:Int64}, 'UTC')"
		args = append(args, microseconds("before", f.Before))
	}
	return condition, args
}

// Journal lists entries, the newest first, and says how many there are in all.
func (s *Store) Journal(ctx context.Context, f JournalFilter) (entries []Entry, total int, err error) {
	condition, args := f.where()
	var n uint64
	if err := s.conn.QueryRow(ctx, `SELECT count() FROM journal WHERE `+condition, args...).Scan(&n); err != nil {
		return nil, 0, fmt.Errorf("read the journal: %w", short(err))
	}
	limit := ""
	if f.Most > 0 {
		limit = fmt.Sprintf(" LIMIT %d OFFSET %d", f.Most, f.Skip)
	}
	entries, err = s.journalEntries(ctx, condition+` ORDER BY number DESC, entry`+limit, args...)
	if err != nil {
		return nil, 0, fmt.Errorf("read the journal: %w", err)
	}
	return entries, int(n), nil
}

// LastEntry is the number and hash of the last entry of the journal; 0 and [NoLink] if there is none.
func (s *Store) LastEntry(ctx context.Context) (number uint64, hash string, err error) {
	if err := s.conn.QueryRow(ctx, `SELECT max(number), argMax(hash, number) FROM journal`).Scan(&number, &hash); err != nil {
		return 0, "", fmt.Errorf("read the end of the journal: %w", short(err))
	}
	if number == 0 {
		hash = NoLink
	}
	return number, hash, nil
}

func (s *Store) journalEntries(ctx context.Context, condition string, args ...any) ([]Entry, error) {
	d, err := rowbinary.Query(ctx, s.conn, `SELECT `+strings.Join(journalColumns, ", ")+` FROM journal WHERE `+condition, args...)
	if err != nil {
		return nil, short(err)
	}
	var list []Entry
	moment := func() time.Time { return time.UnixMicro(int64(d.Uint64())).UTC() }
	for d.More() {
		e := Entry{Number: d.Uint64(), ID: d.Take(idLength), Kind: d.Common(), At: moment(), Person: d.Common(), Client: d.Common(), What: d.Text()}
		if d.Byte() == 0 {
			e.AsOf = moment()
		}
		if d.Byte() == 0 {
			n := d.Uint64()
			e.Rows = &n
		}
		e.Bytes, e.SHA256, e.Outcome, e.Detail, e.Program = d.Uint64(), d.Text(), d.Common(), d.Text(), d.Common()
		e.Previous, e.Hash = d.Take(sha256.Size*2), d.Take(sha256.Size*2)
		list = append(list, e)
	}
	return list, d.Wrap("entries")
}

// verifyJournal computes every entry anew and lists where the journal is not what its hashes, or those of the links, say.
func (s *Store) verifyJournal(ctx context.Context, links []Link) (breaches []Breach, err error) {
	sealed := map[uint64]Link{} // by the number of the last entry that the link names
	for _, l := range links {
		if number, _, ok := l.journal(); ok {
			sealed[number] = l
		}
	}
	check := func(e Entry, number uint64, previous string) {
		breach := func(format string, args ...any) {
			breaches = append(breaches, Breach{Batch: e.ID, At: e.At, By: e.Person, What: fmt.Sprintf("journal: "+format, args...)})
		}
		switch {
		case e.Number != number:
			breach("entry number %d stands where number %d should: an entry was removed or added", e.Number, number)
		case e.Previous != previous:
			breach("entry %d follows the hash %s, and the entry before it has %s", e.Number, e.Previous, previous)
		case e.Sum() != e.Hash:
			breach("entry %d was changed: its hash is %s, and its content gives %s", e.Number, e.Hash, e.Sum())
		}
		if l, ok := sealed[e.Number]; ok {
			if _, hash, _ := l.journal(); hash != e.Hash {
				breach("entry %d has the hash %s, link %d of the chain was made when it had %s: the journal was made anew", e.Number, e.Hash, l.Number, hash)
			}
		}
		delete(sealed, e.Number)
	}
	// By pieces: a journal grows for years.
	var number uint64
	previous := NoLink
	for {
		piece, err := s.journalEntries(ctx, `number > {number:UInt64} ORDER BY number, entry LIMIT 100000`, clickhouse.Named("number", number))
		if err != nil {
			return nil, err
		}
		for _, e := range piece {
			check(e, number+1, previous)
			number, previous = e.Number, e.Hash
		}
		if len(piece) == 0 {
			break
		}
	}
	for _, l := range links {
		if n, _, ok := l.journal(); ok && sealed[n].Number == l.Number {
			breaches = append(breaches, Breach{l.Number, l.Batch, l.CommittedAt, l.CommittedBy,
				fmt.Sprintf("journal: entry %d, which stood when the link was made, is not there: entries were removed", n)})
		}
	}
	return breaches, nil
}

// journalLine is the line of a link's digests that names the last entry of the journal. It is left out while there is none.
func journalLine(number uint64, hash string) string {
	if number == 0 {
		return ""
	}
	return fmt.Sprintf("journal %d %s\n", number, hash)
}

// journal is the last entry of the journal that stood when the link was made.
func (l *Link) journal() (number uint64, hash string, ok bool) {
	for line := range strings.Lines(l.Digests) {
		if n, err := fmt.Sscanf(line, "journal %d %s\n", &number, &hash); err == nil && n == 2 {
			return number, hash, true
		}
	}
	return 0, "", false
}
