package engine

import (
	"context"
	"sync/atomic"
	"time"
)

// gate lets a few requests compute at a time and a bounded number wait; the engine itself ignores
// max_concurrent_queries. Computing is CPU-bound from 4 clients on, and more at a time only lengthens the slowest.
//
// A place is held while the engine works for a request, not while the request waits for its client's network: a slow
// reader of an export, or a slow sender of an insert, must not keep others out.
type gate struct {
	places   chan struct{}
	open     atomic.Int64
	maxOpen  int64
	patience time.Duration // how long a request waits for its first place
}

func newGate(places, maxOpen int, patience time.Duration) *gate {
	return &gate{places: make(chan struct{}, places), maxOpen: int64(maxOpen), patience: patience}
}

// admit counts a request in, or refuses it with code 202. The caller calls leave when the request is over.
func (g *gate) admit() (*pass, error) {
	if n := g.open.Add(1); n > g.maxOpen {
		g.open.Add(-1)
		return nil, refuse(codeTooManyQueries, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many simultaneous queries: %d requests are open, which is the most", g.maxOpen)
	}
	return &pass{gate: g}, nil
}

// pass is an admitted request.
type pass struct {
	gate *gate
	held bool // it has a place
}

// take waits for a place.
func (p *pass) take(ctx context.Context) error {
	timer := time.NewTimer(p.gate.patience)
	defer timer.Stop()
	select {
	case p.gate.places <- struct{}{}:
		p.held = true
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return refuse(codeTooManyQueries, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many simultaneous queries: waited %v for one of %d places", p.gate.patience, cap(p.gate.places))
	}
}

// pause gives the place to others while f waits for the network.
func (p *pass) pause(f func() error) error {
	p.release()
	err := f()
	p.gate.places <- struct{}{} // whoever has a place gives it back within one step of the engine
	p.held = true
	return err
}

func (p *pass) release() {
	if p.held {
		p.held = false
		<-p.gate.places
	}
}

func (p *pass) leave() {
	p.release()
	p.gate.open.Add(-1)
}
