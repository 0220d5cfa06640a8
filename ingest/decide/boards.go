package decide

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"nianbao/internal/board"
	"nianbao/internal/warehouse"
)

// SaveBoard saves what a wall display shows, in the place of the board that bears the name. Whether its slides can be read
// from afar is for the caller to check, who can draw them.
func (d Decider) SaveBoard(ctx context.Context, b board.Board, reason string) error {
	wrap := func(err error) error { return fmt.Errorf("save board %q: %w", b.Name, err) }
	if err := d.because(reason); err != nil {
		return wrap(err)
	}
	if problems := b.Check(); len(problems) > 0 {
		return wrap(refuse("%v", problems[0]))
	}
	saved, err := d.Store.Boards(ctx)
	if err != nil {
		return wrap(err)
	}
	statement := string(b.YAML())
	if slices.ContainsFunc(saved, func(a warehouse.BoardAct) bool { return a.Name == b.Name && a.Statement == statement }) {
		return wrap(refuse("it is saved like this already"))
	}
	act := warehouse.BoardAct{Name: b.Name, Act: warehouse.Save, Statement: statement, Reason: reason, Person: d.Person}
	if err := d.commit(ctx, warehouse.Batch{Boards: []warehouse.BoardAct{act}}); err != nil {
		return wrap(err)
	}
	return nil
}

// WithdrawBoard ends a board that no display shows.
func (d Decider) WithdrawBoard(ctx context.Context, name, reason string) error {
	wrap := func(err error) error { return fmt.Errorf("withdraw board %q: %w", name, err) }
	if err := d.because(reason); err != nil {
		return wrap(err)
	}
	if err := d.boardSaved(ctx, name); err != nil {
		return wrap(err)
	}
	displays, err := d.Store.Displays(ctx)
	if err != nil {
		return wrap(err)
	}
	for _, x := range displays {
		if x.Board == name && x.Revoked.IsZero() {
			return wrap(refuse("the display %q shows it; revoke that first", x.Name))
		}
	}
	act := warehouse.BoardAct{Name: name, Act: warehouse.Withdraw, Reason: reason, Person: d.Person}
	if err := d.commit(ctx, warehouse.Batch{Boards: []warehouse.BoardAct{act}}); err != nil {
		return wrap(err)
	}
	return nil
}

func (d Decider) boardSaved(ctx context.Context, name string) error {
	saved, err := d.Store.Boards(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(saved, func(a warehouse.BoardAct) bool { return a.Name == name }) {
		return refuse("no board of this name is saved")
	}
	return nil
}

// tokenBytes of a display's token: nobody guesses it.
const tokenBytes = 16

// AddDisplay lets a display show a board. It returns the token that stands in its address; only its hash is kept, so that
// this is the only time it is seen.
func (d Decider) AddDisplay(ctx context.Context, name, boardName, reason string) (token string, err error) {
	wrap := func(err error) (string, error) { return "", fmt.Errorf("add display %q: %w", name, err) }
	if err := d.because(reason); err != nil {
		return wrap(err)
	}
	if err := nameable(name); err != nil {
		return wrap(err)
	}
	if err := d.boardSaved(ctx, boardName); err != nil {
		return wrap(err)
	}
	displays, err := d.Store.Displays(ctx)
	if err != nil {
		return wrap(err)
	}
	if slices.ContainsFunc(displays, func(x warehouse.Display) bool { return x.Name == name && x.Revoked.IsZero() }) {
		return wrap(refuse("a display of this name is in use; revoke it first, or give another name"))
	}
	random := make([]byte, tokenBytes)
	_, _ = rand.Read(random) // never fails
	token = strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(random))
	act := warehouse.DisplayAct{Display: newID(), Act: warehouse.AddDisplay, Name: name, Board: boardName, Token: board.HashToken(token), Tail: token[len(token)-4:], Reason: reason, Person: d.Person}
	if err := d.commit(ctx, warehouse.Batch{Displays: []warehouse.DisplayAct{act}}); err != nil {
		return wrap(err)
	}
	return token, nil
}

// RevokeDisplay ends a display, named by its id or by its name. The wall says so at its next poll.
func (d Decider) RevokeDisplay(ctx context.Context, which, reason string) error {
	wrap := func(err error) error { return fmt.Errorf("revoke display %q: %w", which, err) }
	if err := d.because(reason); err != nil {
		return wrap(err)
	}
	displays, err := d.Store.Displays(ctx)
	if err != nil {
		return wrap(err)
	}
	at := slices.IndexFunc(displays, func(x warehouse.Display) bool {
		return (x.Display == strings.ToUpper(which) || x.Name == which) && x.Revoked.IsZero()
	})
	if at < 0 || !utf8.ValidString(which) {
		return wrap(refuse("no display of this name is in use"))
	}
	act := warehouse.DisplayAct{Display: displays[at].Display, Act: warehouse.RevokeDisplay, Reason: reason, Person: d.Person}
	if err := d.commit(ctx, warehouse.Batch{Displays: []warehouse.DisplayAct{act}}); err != nil {
		return wrap(err)
	}
	return nil
}

// RestoreBoard saves a board again as it was at a moment.
func (d Decider) RestoreBoard(ctx context.Context, name string, at time.Time, reason string) error {
	acts, err := d.Store.BoardActs(ctx, at)
	if err != nil {
		return fmt.Errorf("restore board %q: %w", name, err)
	}
	for _, a := range slices.Backward(acts) {
		if a.Name == name && a.Act == warehouse.Save {
			b, err := board.Parse([]byte(a.Statement))
			if err != nil {
				return fmt.Errorf("restore board %q: %w", name, err)
			}
			return d.SaveBoard(ctx, b, reason)
		}
	}
	return fmt.Errorf("restore board %q: %w", name, refuse("it was not saved by then"))
}
