package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"nianbao/ingest/decide"
	"nianbao/internal/access"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/api"
)

// errForbidden is the error of who may not take a decision.
var errForbidden = errors.New("this account may not decide that")

// A guard stands before the decisions: it asks whether the account may take them, and whether it sees what they are about. They
// are kept in the name of the account. Carried out they are over the whole store, since a decision may touch the checks of
// reports that the account does not see.
type guard struct {
	sees *warehouse.Store // what the visitor sees
	next *api.Decisions
}

// who is the name under which a decision is kept, if it may be taken.
func (g *guard) who(ctx context.Context, typed, decision string) (string, error) {
	v := access.From(ctx)
	if !v.MayDecide(decision) {
		return "", fmt.Errorf("%s: %w", decision, errForbidden)
	}
	if v.Open {
		return typed, nil
	}
	return v.Name, nil
}

// unseen is the error about what is not there, or not for this visitor: the same for both.
func unseen(what, name string) error {
	return fmt.Errorf("%w: there is no %s %s", decide.ErrRefused, what, name)
}

func (g *guard) filing(ctx context.Context, id string) error {
	_, err := g.sees.Filing(ctx, id)
	if errors.Is(err, warehouse.ErrNotFound) {
		return unseen("filing", id)
	}
	return err
}

func (g *guard) correction(ctx context.Context, id string) error {
	list, err := g.sees.Corrections(ctx, time.Time{}, warehouse.Filter{})
	if err == nil && !slices.ContainsFunc(list, func(c warehouse.Correction) bool { return c.Correction == id }) {
		err = unseen("correction", id)
	}
	return err
}

// set looks whether a name is that of a set that the visitor does not see, and whether he sees the members.
func (g *guard) set(ctx context.Context, name string, members []string) error {
	if !g.sees.Partial() {
		return nil
	}
	for _, code := range members {
		if !g.sees.Shows(code) {
			return unseen("agency", code)
		}
	}
	seen, hidden, err := g.sees.SetNames(ctx)
	if err == nil && !slices.Contains(seen, name) && slices.Contains(hidden, name) {
		err = fmt.Errorf("%w: the name %s is taken", decide.ErrRefused, name)
	}
	return err
}

// decisions are the decisions behind the guard.
func (g *guard) decisions() *api.Decisions {
	d := g.next
	return &api.Decisions{
		Correct: func(ctx context.Context, person, filing string, cell form.Key, value, reason string, second bool) (string, error) {
			person, err := g.who(ctx, person, "correct")
			if err == nil {
				err = g.filing(ctx, filing)
			}
			if err != nil {
				return "", err
			}
			return d.Correct(ctx, person, filing, cell, value, reason, second)
		},
		Approve: func(ctx context.Context, person, correction, reason string) error {
			return g.about(ctx, person, "approve", correction, g.correction, func(person string) error { return d.Approve(ctx, person, correction, reason) })
		},
		Retract: func(ctx context.Context, person, correction, reason string) error {
			return g.about(ctx, person, "retract", correction, g.correction, func(person string) error { return d.Retract(ctx, person, correction, reason) })
		},
		Repeat: func(ctx context.Context, person, correction, reason string) (id string, err error) {
			err = g.about(ctx, person, "repeat", correction, g.correction, func(person string) (err error) {
				id, err = d.Repeat(ctx, person, correction, reason)
				return err
			})
			return id, err
		},
		Review: func(ctx context.Context, person, filing, rule, table, place, decision, reason string) error {
			return g.about(ctx, person, "review", filing, g.filing, func(person string) error { return d.Review(ctx, person, filing, rule, table, place, decision, reason) })
		},
		Withdraw: func(ctx context.Context, person, filing, reason string) error {
			return g.about(ctx, person, "withdraw", filing, g.filing, func(person string) error { return d.Withdraw(ctx, person, filing, reason) })
		},
		Restore: func(ctx context.Context, person, filing, reason string) error {
			return g.about(ctx, person, "restore", filing, g.filing, func(person string) error { return d.Restore(ctx, person, filing, reason) })
		},
		// What follows is for those alone who see everything; see access.
		Link: func(ctx context.Context, person, provisional, agency, reason string) error {
			return g.about(ctx, person, "link", "", nil, func(person string) error { return d.Link(ctx, person, provisional, agency, reason) })
		},
		Unlink: func(ctx context.Context, person, provisional, reason string) error {
			return g.about(ctx, person, "unlink", "", nil, func(person string) error { return d.Unlink(ctx, person, provisional, reason) })
		},
		Assign: func(ctx context.Context, person, sha256, agency string, year int) (filing string, err error) {
			err = g.about(ctx, person, "assign", "", nil, func(person string) (err error) {
				filing, err = d.Assign(ctx, person, sha256, agency, year)
				return err
			})
			return filing, err
		},
		Dismiss: func(ctx context.Context, person, sha256, reason string) error {
			return g.about(ctx, person, "dismiss", "", nil, func(person string) error { return d.Dismiss(ctx, person, sha256, reason) })
		},
		SaveBoard: func(ctx context.Context, person, statement, reason string) error {
			return g.about(ctx, person, "board", "", nil, func(person string) error { return d.SaveBoard(ctx, person, statement, reason) })
		},
		WithdrawBoard: func(ctx context.Context, person, name, reason string) error {
			return g.about(ctx, person, "board", "", nil, func(person string) error { return d.WithdrawBoard(ctx, person, name, reason) })
		},
		AddDisplay: func(ctx context.Context, person, name, board, reason string) (token string, err error) {
			err = g.about(ctx, person, "display", "", nil, func(person string) (err error) {
				token, err = d.AddDisplay(ctx, person, name, board, reason)
				return err
			})
			return token, err
		},
		RevokeDisplay: func(ctx context.Context, person, display, reason string) error {
			return g.about(ctx, person, "display", "", nil, func(person string) error { return d.RevokeDisplay(ctx, person, display, reason) })
		},
		SaveSet: func(ctx context.Context, person, name string, members []string, reason string) error {
			seen := func(ctx context.Context, name string) error { return g.set(ctx, name, members) }
			return g.about(ctx, person, "set", name, seen, func(person string) error { return d.SaveSet(ctx, person, name, members, reason) })
		},
		WithdrawSet: func(ctx context.Context, person, name, reason string) error {
			seen := func(ctx context.Context, name string) error { return g.set(ctx, name, nil) }
			return g.about(ctx, person, "set", name, seen, func(person string) error { return d.WithdrawSet(ctx, person, name, reason) })
		},
		Forbidden: func(err error) bool { return errors.Is(err, errForbidden) },
		Refused:   d.Refused,
	}
}

// about carries out a decision about something, if the visitor may take it and sees that.
func (g *guard) about(ctx context.Context, typed, decision, name string, seen func(context.Context, string) error, do func(person string) error) error {
	person, err := g.who(ctx, typed, decision)
	if err == nil && seen != nil {
		err = seen(ctx, name)
	}
	if err != nil {
		return err
	}
	return do(person)
}
