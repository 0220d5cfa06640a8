package main

import (
	"context"
	"time"

	"nianbao/dashboard/wall"
	"nianbao/internal/observe"
	"nianbao/internal/warehouse"
)

// watchDisplays adds to the counters what wall displays told, by their names. A display in use that has not asked since the
// program began was seen at 0: a rule can tell that it is missing.
func watchDisplays(m *observe.Metrics, store *warehouse.Store, w *wall.Watch) {
	numbers := func(of func(seen wall.Seen, ok bool) (float64, bool)) func() map[string]float64 {
		return func() map[string]float64 {
			ctx, cancel := context.WithTimeout(context.Background(), askTime)
			defer cancel()
			out := map[string]float64{}
			displays, err := store.Displays(ctx)
			if err != nil { // the counter of the warehouse says so
				return out
			}
			for _, d := range displays {
				if !d.Revoked.IsZero() {
					continue
				}
				if v, ok := of(w.Last(d.Display)); ok {
					out[d.Name] = v
				}
			}
			return out
		}
	}
	m.GaugeOfEach("nianbao_display_last_seen_timestamp_seconds", "When a wall display in use last asked for its slides; 0 if not since the program began.", "display",
		numbers(func(s wall.Seen, ok bool) (float64, bool) {
			if !ok {
				return 0, true
			}
			return float64(s.At.UnixNano()) / float64(time.Second), true
		}))
	m.GaugeOfEach("nianbao_display_errors", "Errors of the page of a wall display since it was loaded.", "display", numbers(func(s wall.Seen, ok bool) (float64, bool) { return float64(s.Errors), ok }))
	m.GaugeOfEach("nianbao_display_missed_polls", "Polls of a wall display without an answer since it was loaded.", "display", numbers(func(s wall.Seen, ok bool) (float64, bool) { return float64(s.Missed), ok }))
	m.GaugeOfEach("nianbao_display_slide", "The slide that a wall display shows, from 1.", "display", numbers(func(s wall.Seen, ok bool) (float64, bool) { return float64(s.Slide), ok }))
	m.GaugeOfEach("nianbao_display_heap_bytes", "Memory of the script of a wall display, where its browser tells.", "display", numbers(func(s wall.Seen, ok bool) (float64, bool) { return float64(s.Heap), ok && s.Heap > 0 }))
}
