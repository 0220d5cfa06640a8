package warehouse

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"nianbao/internal/rowbinary"
)

// BoardAct is a statement about what a wall display shows. Of a name the newest one counts; those before it can be put back.
type BoardAct struct {
	Name      string
	Act       string // Save or Withdraw
	Statement string // the board as package board writes it; "" where it is withdrawn
	Reason    string
	Person    string
	At        time.Time // UTC, of the commit; not set on the way in
}

// The acts of a display.
const (
	AddDisplay    = "add"
	RevokeDisplay = "revoke"
)

// DisplayAct lets a display show a board to whoever knows its token, or ends that.
type DisplayAct struct {
	Display string // ULID
	Act     string // AddDisplay or RevokeDisplay
	Name    string // what people call it; this and the rest only where it is added
	Board   string // name of the board
	Token   string // hash of the token, 64 hexadecimal digits: nobody learns the token from here
	Tail    string // the last four characters of the token, by which people know it again
	Reason  string
	Person  string
	At      time.Time // UTC, of the commit; not set on the way in
}

// Display is a display with what became of it.
type Display struct {
	DisplayAct
	Revoked   time.Time // zero while it may show its board
	RevokedBy string
}

// BoardActs lists all statements about boards that were committed by a moment (the zero time meaning now), oldest first.
func (s *Store) BoardActs(ctx context.Context, asOf time.Time) ([]BoardAct, error) {
	l, err := s.Ledger(ctx, asOf)
	var list []BoardAct
	if err == nil {
		list, err = l.boards.get(func() ([]BoardAct, error) { return l.readBoards(ctx) })
	}
	if err != nil {
		return nil, fmt.Errorf("list boards: %w", short(err))
	}
	return slices.Clone(list), nil
}

// Boards lists the boards that are saved now, by name.
func (s *Store) Boards(ctx context.Context) ([]BoardAct, error) {
	acts, err := s.BoardActs(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	return standing(acts, func(a BoardAct) (name, act string) { return a.Name, a.Act }), nil
}

// Displays lists all displays, in the order in which they were added, the revoked ones too.
func (s *Store) Displays(ctx context.Context) ([]Display, error) {
	l, err := s.Ledger(ctx, time.Time{})
	var acts []DisplayAct
	if err == nil {
		acts, err = l.displays.get(func() ([]DisplayAct, error) { return l.readDisplays(ctx) })
	}
	if err != nil {
		return nil, fmt.Errorf("list displays: %w", short(err))
	}
	var list []Display
	for _, a := range acts {
		if a.Act == AddDisplay {
			list = append(list, Display{DisplayAct: a})
			continue
		}
		for i := range list {
			if list[i].Display == a.Display && list[i].Revoked.IsZero() {
				list[i].Revoked, list[i].RevokedBy = a.At, a.Person
			}
		}
	}
	return list, nil
}

// LastLoad is when reports were last added, the zero time if there are none.
func (s *Store) LastLoad(ctx context.Context) (time.Time, error) {
	d, err := rowbinary.Query(ctx, s.conn, `SELECT toUnixTimestamp64Micro(max(committed_at)), count() FROM batches WHERE filings > 0`)
	if err != nil {
		return time.Time{}, fmt.Errorf("read when reports were last added: %w", short(err))
	}
	var at time.Time
	for d.More() {
		if micros, n := int64(d.Uint64()), d.Uint64(); n > 0 {
			at = time.UnixMicro(micros).UTC()
		}
	}
	return at, d.Wrap("batches")
}

func (l *Ledger) readBoards(ctx context.Context) ([]BoardAct, error) {
	d, err := rowbinary.Query(ctx, l.store.conn, `SELECT name, act, statement, reason, person, batch FROM boards`)
	if err != nil {
		return nil, err
	}
	var list []BoardAct
	for d.More() {
		a := BoardAct{Name: d.Text(), Act: d.Common(), Statement: d.Text(), Reason: d.Text(), Person: d.Text()}
		var committed bool
		if a.At, committed = l.committed[d.Take(idLength)]; committed {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b BoardAct) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Name, b.Name)) })
	return list, d.Wrap("boards")
}

func (l *Ledger) readDisplays(ctx context.Context) ([]DisplayAct, error) {
	d, err := rowbinary.Query(ctx, l.store.conn, `SELECT display, act, name, board, token, tail, reason, person, batch FROM displays`)
	if err != nil {
		return nil, err
	}
	var list []DisplayAct
	for d.More() {
		a := DisplayAct{Display: d.Take(idLength), Act: d.Common(), Name: d.Text(), Board: d.Text(), Token: d.Text(), Tail: d.Text(), Reason: d.Text(), Person: d.Text()}
		var committed bool
		if a.At, committed = l.committed[d.Take(idLength)]; committed {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b DisplayAct) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Display, b.Display)) })
	return list, d.Wrap("displays")
}

func (b *Batch) checkBoards() error {
	seen := map[string]bool{}
	for _, a := range b.Boards {
		switch {
		case a.Name == "" || a.Person == "" || a.Act != Save && a.Act != Withdraw:
			return fmt.Errorf("%s board %q by %q: want %s or %s, a name and a person", a.Act, a.Name, a.Person, Save, Withdraw)
		case (a.Statement != "") != (a.Act == Save):
			return fmt.Errorf("%s board %q: want a statement where it is saved and none where it is withdrawn", a.Act, a.Name)
		case seen[a.Name]:
			return fmt.Errorf("%s board %q: the batch has two statements about it, want one", a.Act, a.Name)
		}
		seen[a.Name] = true
	}
	for _, a := range b.Displays {
		added := a.Act == AddDisplay
		switch {
		case len(a.Display) != idLength || a.Person == "" || !added && a.Act != RevokeDisplay:
			return fmt.Errorf("%s display %q by %q: want %s or %s, a ULID and a person", a.Act, a.Display, a.Person, AddDisplay, RevokeDisplay)
		case added && (len(a.Token) != sha256Length || a.Name == "" || a.Board == "" || a.Tail == ""), !added && a.Token+a.Name+a.Board+a.Tail != "":
			return fmt.Errorf("%s display %q: want the hash of its token, a name and a board where it is added and none where it is revoked", a.Act, a.Display)
		}
	}
	return nil
}

func boardColumns(b Batch) []column {
	x := b.Boards
	return []column{
		{"name", all(x, func(a BoardAct) string { return a.Name })},
		{"act", all(x, func(a BoardAct) string { return a.Act })},
		{"statement", all(x, func(a BoardAct) string { return a.Statement })},
		{"reason", all(x, func(a BoardAct) string { return a.Reason })},
		{"person", all(x, func(a BoardAct) string { return a.Person })},
		{"batch", all(x, func(BoardAct) string { return b.ID })},
	}
}

func displayColumns(b Batch) []column {
	x := b.Displays
	return []column{
		{"display", all(x, func(a DisplayAct) string { return a.Display })},
		{"act", all(x, func(a DisplayAct) string { return a.Act })},
		{"name", all(x, func(a DisplayAct) string { return a.Name })},
		{"board", all(x, func(a DisplayAct) string { return a.Board })},
		{"token", all(x, func(a DisplayAct) string { return a.Token })},
		{"tail", all(x, func(a DisplayAct) string { return a.Tail })},
		{"reason", all(x, func(a DisplayAct) string { return a.Reason })},
		{"person", all(x, func(a DisplayAct) string { return a.Person })},
		{"batch", all(x, func(DisplayAct) string { return b.ID })},
	}
}
