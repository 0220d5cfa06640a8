package form

import "testing"

// TestIndex puts every cell of the form and some that are of none into an index and finds each where it was put.
func TestIndex(t *testing.T) {
	keys := append([]Key{}, cellsKnown...)
	for _, k := range []Key{{}, {Legacy, "主动公开政府信息数", YearValue}, {Legacy, "", Cumulative}, {Section3, "R8", "total"}, {Section2, "NEW", "total"}} {
		keys = append(keys, k)
	}
	if len(cellsKnown) < 203 { // those of the form in force
		t.Fatalf("the form has %d cells, want more", len(cellsKnown))
	}
	x := NewIndex()
	for _, k := range keys {
		if i, ok := x.At(k); ok {
			t.Errorf("%s is at %d before it was put anywhere", k, i)
		}
	}
	for i, k := range keys {
		x.Set(k, 2*i)
	}
	for i, k := range keys {
		if at, ok := x.At(k); at != 2*i || !ok {
			t.Errorf("%s is at %d (%v), was put at %d", k, at, ok, 2*i)
		}
	}
	x.Set(keys[0], 7)
	if at, _ := x.At(keys[0]); at != 7 {
		t.Errorf("%s is at %d, was put at 7 last", keys[0], at)
	}
}

func TestSlotsSpreadCells(t *testing.T) {
	far := 0
	for _, k := range cellsKnown {
		at := slot(k)
		for n := 0; cellsKnown[slots[at]-1] != k; n++ {
			at = (at + 1) % len(slots)
			far = max(far, n+1)
		}
	}
	if far > 8 {
		t.Errorf("a cell stands %d slots behind its own, want at most 8", far)
	}
}

func BenchmarkIndex(b *testing.B) {
	x := NewIndex()
	for b.Loop() {
		for i, k := range cellsKnown {
			x.Set(k, i)
		}
	}
}
