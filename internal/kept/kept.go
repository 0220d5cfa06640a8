// Package kept keeps finished answers by their keys: those used last, up to a number of bytes. What is kept is shared and
// must not be changed.
package kept

import (
	"container/list"
	"sync"
)

// Answers are kept answers. They are safe for use by many at once.
type Answers[V any] struct {
	mu    sync.Mutex
	most  int
	bytes int
	at    map[string]*list.Element
	order *list.List // the latest used first
}

type answer[V any] struct {
	key   string
	value V
	size  int
}

// New returns room for so many bytes.
func New[V any](most int) *Answers[V] {
	return &Answers[V]{most: most, at: map[string]*list.Element{}, order: list.New()}
}

// Get returns the answer kept under a key.
func (a *Answers[V]) Get(key string) (value V, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e, ok := a.at[key]
	if !ok {
		return value, false
	}
	a.order.MoveToFront(e)
	return e.Value.(answer[V]).value, true
}

// Put keeps an answer of so many bytes unless it would take more than a quarter of the room.
func (a *Answers[V]) Put(key string, value V, size int) {
	if size > a.most/4 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.at[key]; ok {
		return
	}
	a.at[key] = a.order.PushFront(answer[V]{key, value, size})
	a.bytes += size
	for a.bytes > a.most {
		last := a.order.Back()
		a.order.Remove(last)
		one := last.Value.(answer[V])
		delete(a.at, one.key)
		a.bytes -= one.size
	}
}
