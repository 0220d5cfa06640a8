package compare

import (
	"fmt"
	"sync"
)

// The sums of a roster's filings never change: what was read of a filing stays, and which corrections are in force is
// decided by the moment of the roster. So they are kept as long as the roster, and the next request for the same cells,
// in whatever order and of whichever agencies, asks the warehouse for nothing.
//
// Who commits anything has a new moment, a new roster and nothing kept.

// kept are the sums that one roster keeps, the latest used last.
type kept struct {
	mu    sync.Mutex
	list  []keptSums
	bytes int // of all of them
}

type keptSums struct {
	key   string
	sums  sums
	bytes int
}

// A roster keeps sums of at most keptBytes in all, and none that take more than a quarter of them: such are asked for by
// tables of many measures over many years, of which each is asked for seldom.
const (
	keptBytes = 32 << 20
	sumBytes  = 64 // a sum and what its text takes, if it has one
)

// key names the cells that are summed, whatever the agencies: the sums of all answer for some of them too.
func (q *sumsQuery) key() string {
	return fmt.Sprint(q.from, q.to, q.corrected, q.sources)
}

func (k *kept) get(key string) (sums, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range k.list {
		if k.list[i].key == key {
			found := k.list[i]
			k.list = append(append(k.list[:i], k.list[i+1:]...), found)
			return found.sums, true
		}
	}
	return sums{}, false
}

func (k *kept) put(key string, s sums) {
	one := keptSums{key, s, len(s.list) * sumBytes}
	if one.bytes > keptBytes/4 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range k.list {
		if k.list[i].key == key { // asked for by two at the same time
			return
		}
	}
	k.list = append(k.list, one)
	k.bytes += one.bytes
	for k.bytes > keptBytes {
		k.bytes -= k.list[0].bytes
		k.list[0] = keptSums{}
		k.list = k.list[1:]
	}
}
