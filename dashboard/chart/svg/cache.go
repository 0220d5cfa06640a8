package svg

import (
	"container/list"
	"sync"
)

// cache keeps pictures by their key, those used last, up to a number of bytes.
type cache struct {
	mu    sync.Mutex
	most  int
	bytes int
	at    map[string]*list.Element
	order *list.List // the latest used first
}

type kept struct {
	key     string
	picture []byte
}

func newCache(most int) *cache {
	return &cache{most: most, at: map[string]*list.Element{}, order: list.New()}
}

func (c *cache) get(key string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.at[key]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(kept).picture, true
}

// put keeps a picture unless it would take more than a quarter of the room.
func (c *cache) put(key string, picture []byte) {
	if len(picture) > c.most/4 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.at[key]; ok {
		return
	}
	c.at[key] = c.order.PushFront(kept{key, picture})
	c.bytes += len(picture)
	for c.bytes > c.most {
		last := c.order.Back()
		c.order.Remove(last)
		one := last.Value.(kept)
		delete(c.at, one.key)
		c.bytes -= len(one.picture)
	}
}
