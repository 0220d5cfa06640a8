package ingest

import (
	"context"

	"golang.org/x/sync/semaphore"
)

const (
	// inFlightBytes bounds the bytes of all files between reading and commit. It holds the largest file accepted
	// (64 MiB) beside a batch that is about to be committed and one more such file.
	inFlightBytes = 192 << 20
	// leastCharge is what the smallest file is charged: what was read from it takes memory too.
	leastCharge = 64 << 10
)

// A budget bounds the files in flight.
type budget struct{ s *semaphore.Weighted }

func newBudget() budget { return budget{semaphore.NewWeighted(inFlightBytes)} }

func charge(size int64) int64 { return max(size, leastCharge) }

// try takes room for a file of this size if there is some.
func (b budget) try(size int64) bool { return b.s.TryAcquire(charge(size)) }

// take waits for room.
func (b budget) take(ctx context.Context, size int64) error { return b.s.Acquire(ctx, charge(size)) }

func (b budget) release(size int64) { b.s.Release(charge(size)) }
