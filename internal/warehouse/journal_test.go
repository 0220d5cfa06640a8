package warehouse

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

func downloaded(i int) Entry {
	rows := uint64(i)
	return Entry{Kind: Download, Person: "张'某\n\"李\"", Client: "192.0.2.7", What: fmt.Sprintf("/compare.csv?m=受理&page=%d", i), AsOf: time.Unix(1700000000, 123456000),
		Rows: &rows, Bytes: uint64(10 * i), SHA256: sha("a"), Outcome: Done}
}

// Entries come back as they were given, in one strand without gaps, however many write at the same time.
func TestJournal(t *testing.T) {
	data := t.TempDir()
	one, two := open(t, data), open(t, data)
	const writers, each = 8, 5
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for i := range each {
				if err := []*Store{one, two}[w%2].Record(t.Context(), downloaded(w*each+i+1)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if err := one.Record(t.Context(), Entry{Kind: "sign_in", Client: "::1", What: "accounts/张某", Outcome: Refused, Detail: "wrong password"}); err != nil {
		t.Fatal(err)
	}
	entries, total, err := two.Journal(t.Context(), JournalFilter{})
	if err != nil || total != writers*each+1 || len(entries) != total {
		t.Fatalf("%d of %d entries, %v", len(entries), total, err)
	}
	if e := entries[0]; e.Kind != "sign_in" || e.Rows != nil || !e.AsOf.IsZero() || e.Detail != "wrong password" || e.Number != uint64(total) {
		t.Errorf("the last entry is %+v", e)
	}
	seen := map[uint64]bool{}
	for _, e := range entries[1:] {
		want := downloaded(int(*e.Rows))
		if e.What != want.What || e.Person != want.Person || !e.AsOf.Equal(want.AsOf) || e.Bytes != want.Bytes || e.Outcome != Done || e.Program != "nianbao test" {
			t.Errorf("entry is %+v, want %+v", e, want)
		}
		seen[*e.Rows] = true
	}
	if len(seen) != writers*each {
		t.Errorf("%d different entries, want %d", len(seen), writers*each)
	}
	if some, total, err := one.Journal(t.Context(), JournalFilter{Kinds: []string{Download}, Skip: 1, Most: 3}); err != nil || total != writers*each || len(some) != 3 || some[0].Number != uint64(total-1) {
		t.Errorf("a page of the downloads: %d of %d, %v", len(some), total, err)
	}
	if none, total, err := one.Journal(t.Context(), JournalFilter{After: entries[0].At}); err != nil || total != 0 || len(none) != 0 {
		t.Errorf("after the last: %d of %d, %v", len(none), total, err)
	}
	if _, breaches, err := one.VerifyChain(t.Context(), nil); err != nil || len(breaches) > 0 {
		t.Errorf("%v, %v", breaches, err)
	}
}

// Entries are no new state of the data.
func TestTheJournalIsNoState(t *testing.T) {
	s := open(t, t.TempDir())
	commit(t, s, submit("a", 2023, sha("a")))
	batch, at, err := s.DataVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Record(t.Context(), downloaded(1)); err != nil {
		t.Fatal(err)
	}
	if b, again, err := s.DataVersion(t.Context()); err != nil || b != batch || !again.Equal(at) {
		t.Errorf("version %s of %s, %v, want %s of %s as before", b, again, err, batch, at)
	}
}

func TestAnEntryThatSaysTooLittleIsRefused(t *testing.T) {
	s := open(t, t.TempDir())
	for _, e := range []Entry{{Outcome: Done}, {Kind: Download}, {Kind: Download, Outcome: "perhaps"}, {Kind: Download, Outcome: Done, ID: "short"}} {
		if err := s.Record(t.Context(), e); err == nil {
			t.Errorf("%+v was taken", e)
		}
	}
	if n := count(t, s, "journal"); n != 0 {
		t.Errorf("%d entries", n)
	}
}

// Every field of an entry is in its hash.
func TestTheHashOfAnEntryCoversIt(t *testing.T) {
	base := downloaded(1)
	base.Number, base.Previous, base.ID, base.At, base.Program, base.Detail = 1, NoLink, newID(), time.Unix(1, 0), "p", "d"
	v := reflect.TypeFor[Entry]()
	for i := range v.NumField() {
		if v.Field(i).Name == "Hash" {
			continue
		}
		e := base
		switch f := reflect.ValueOf(&e).Elem().Field(i).Addr().Interface().(type) {
		case *string:
			*f += "x"
		case *uint64:
			*f++
		case **uint64:
			*f = nil
		case *time.Time:
			*f = f.Add(time.Microsecond)
		default:
			t.Fatalf("field %s is a %T", v.Field(i).Name, f)
		}
		if e.Sum() == base.Sum() {
			t.Errorf("another %s has the same hash", v.Field(i).Name)
		}
	}
}

// Whatever is changed in the journal is found, also where its hashes were made anew.
func TestAChangedJournalIsFound(t *testing.T) {
	s := open(t, t.TempDir())
	for i := range 3 {
		if err := s.Record(t.Context(), downloaded(i)); err != nil {
			t.Fatal(err)
		}
	}
	commit(t, s, submit("a", 2023, sha("a"))) // its link names entry 3
	if err := s.Record(t.Context(), downloaded(4)); err != nil {
		t.Fatal(err)
	}
	anew := func() error { // what somebody does who knows how the hashes are made
		entries, _, err := s.Journal(t.Context(), JournalFilter{})
		if err != nil {
			return err
		}
		exec(t, s, "TRUNCATE TABLE journal")
		r, previous := &rows{columns: journalColumns}, NoLink
		for i := len(entries) - 1; i >= 0; i-- {
			e := entries[i]
			if e.Previous = previous; e.Number == 2 {
				e.What = "nothing to see"
			}
			e.Hash = e.Sum()
			previous = e.Hash
			r.entry(&e)
		}
		return s.insertRows(t.Context(), "journal", newID(), r)
	}
	for _, c := range []struct{ change, want string }{
		{"ALTER TABLE journal UPDATE what = 'nothing' WHERE number = 2", "entry 2 was changed"},
		{"ALTER TABLE journal UPDATE rows = NULL WHERE number = 1", "entry 1 was changed"},
		{"ALTER TABLE journal DELETE WHERE number = 2", "entry number 3 stands where number 2 should"},
		{"ALTER TABLE journal DELETE WHERE number >= 3", "entry 3, which stood when the link was made, is not there"},
		{"INSERT INTO journal SELECT * FROM journal WHERE number = 1", "entry number 1 stands where number 2 should"},
		{"", "the journal was made anew"},
	} {
		exec(t, s, "CREATE TABLE kept AS journal", "INSERT INTO kept SELECT * FROM journal")
		if c.change != "" {
			exec(t, s, c.change)
		} else if err := anew(); err != nil {
			t.Fatal(err)
		}
		_, breaches, err := s.VerifyChain(t.Context(), nil)
		if err != nil || len(breaches) == 0 || !strings.Contains(breaches[0].What, c.want) {
			t.Errorf("%s: %+v, %v, want %q", c.change, breaches, err, c.want)
		}
		exec(t, s, "EXCHANGE TABLES journal AND kept", "DROP TABLE kept")
	}
	if _, breaches, err := s.VerifyChain(t.Context(), nil); err != nil || len(breaches) > 0 {
		t.Fatalf("all was taken back, and yet: %v, %v", breaches, err)
	}
}
