package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"

	"nianbao/ingest/decide"
	"nianbao/internal/board"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/api"
)

// deciding carries out decisions one after the other: what allows one must still hold when it is stored.
type deciding struct {
	store *warehouse.Store
	mu    sync.Mutex
}

func (d *deciding) by(person string, do func(decide.Decider) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return do(decide.Decider{Store: d.store, Person: person})
}

// decisions lets the API carry out what people decide.
func (d *deciding) decisions() *api.Decisions {
	return &api.Decisions{
		Correct: func(ctx context.Context, person, filing string, cell form.Key, value, reason string, second bool) (id string, err error) {
			err = d.by(person, func(by decide.Decider) error {
				v, err := decide.ParseValue(value)
				if err != nil {
					return err
				}
				id, err = by.Correct(ctx, filing, cell, v, reason, second)
				return err
			})
			return id, err
		},
		Approve: func(ctx context.Context, person, correction, reason string) error {
			return d.by(person, func(by decide.Decider) error { return by.Approve(ctx, correction, reason) })
		},
		Retract: func(ctx context.Context, person, correction, reason string) error {
			return d.by(person, func(by decide.Decider) error { return by.Retract(ctx, correction, reason) })
		},
		Repeat: func(ctx context.Context, person, correction, reason string) (id string, err error) {
			err = d.by(person, func(by decide.Decider) (err error) {
				id, err = by.Repeat(ctx, correction, reason)
				return err
			})
			return id, err
		},
		Review: func(ctx context.Context, person, filing, rule, table, place, decision, reason string) error {
			return d.by(person, func(by decide.Decider) error { return by.Review(ctx, filing, rule, table, place, decision, reason) })
		},
		Withdraw: func(ctx context.Context, person, filing, reason string) error {
			return d.by(person, func(by decide.Decider) error { return by.Withdraw(ctx, filing, reason) })
		},
		Restore: func(ctx context.Context, person, filing, reason string) error {
			return d.by(person, func(by decide.Decider) error { return by.Restore(ctx, filing, reason) })
		},
		Link: func(ctx context.Context, person, provisional, agency, reason string) error {
			return d.by(person, func(by decide.Decider) error { return by.Link(ctx, provisional, agency, reason) })
		},
		Unlink: func(ctx context.Context, person, provisional, reason string) error {
			return d.by(person, func(by decide.Decider) error { return by.Unlink(ctx, provisional, reason) })
		},
		Assign: func(ctx context.Context, person, sha256, agency string, year int) (filing string, err error) {
			err = d.by(person, func(by decide.Decider) error {
				result, err := by.Assign(ctx, sha256, agency, year)
				filing = result.Filing
				return err
			})
			return filing, err
		},
		Dismiss: func(ctx context.Context, person, sha256, reason string) error {
			return d.by(person, func(by decide.Decider) error { return by.Dismiss(ctx, sha256, reason) })
		},
		SaveSet: func(ctx context.Context, person, name string, members []string, reason string) error {
			return d.by(person, func(by decide.Decider) error { return by.SaveSet(ctx, name, members, reason) })
		},
		WithdrawSet: func(ctx context.Context, person, name, reason string) error {
			return d.by(person, func(by decide.Decider) error { return by.WithdrawSet(ctx, name, reason) })
		},
		SaveBoard: func(ctx context.Context, person, statement, reason string) error {
			b, err := board.Parse([]byte(statement))
			if err != nil {
				return err
			}
			return d.by(person, func(by decide.Decider) error { return by.SaveBoard(ctx, b, reason) })
		},
		WithdrawBoard: func(ctx context.Context, person, name, reason string) error {
			return d.by(person, func(by decide.Decider) error { return by.WithdrawBoard(ctx, name, reason) })
		},
		AddDisplay: func(ctx context.Context, person, name, board, reason string) (token string, err error) {
			err = d.by(person, func(by decide.Decider) error {
				token, err = by.AddDisplay(ctx, name, board, reason)
				return err
			})
			return token, err
		},
		RevokeDisplay: func(ctx context.Context, person, display, reason string) error {
			return d.by(person, func(by decide.Decider) error { return by.RevokeDisplay(ctx, display, reason) })
		},
		Refused: func(err error) bool { return errors.Is(err, decide.ErrRefused) },
	}
}

// routes sends what is for programs to the API, and the rest to the pages.
func routes(programs, pages http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == api.Base || strings.HasPrefix(r.URL.Path, api.Base+"/") {
			programs.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	})
}
