package form

// cellsKnown are the cells of all versions of the form, each once; a cell is known by its place here as by its key.
var cellsKnown = func() []Key {
	var out []Key
	met := map[Key]bool{}
	for _, f := range Forms {
		for _, t := range f.Tables {
			for _, b := range t.Blocks {
				for _, r := range b.Rows {
					for _, c := range b.Columns {
						if k := (Key{t.Code, r.Code, c.Code}); !met[k] {
							met[k] = true
							out = append(out, k)
						}
					}
				}
			}
		}
	}
	return out
}()

// slots find the place of a cell in cellsKnown: at the slot of its key, or the next that is its own. They count from 1; 0 is
// free. One in four is taken, so that the next is seldom needed.
var slots = func() [1024]uint16 {
	var out [1024]uint16
	if 4*len(cellsKnown) > 2*len(out) {
		panic("form: there are more cells than slots for them; double the slots")
	}
	for i, k := range cellsKnown {
		at := slot(k)
		for out[at] != 0 {
			at = (at + 1) % len(out)
		}
		out[at] = uint16(i + 1)
	}
	return out
}()

// slot spreads the codes of the form by their lengths, ends and beginnings, which a hash of all of their letters takes
// several times as long to do.
func slot(k Key) int {
	if k.Table == "" || k.Row == "" || k.Column == "" {
		return 0
	}
	h := uint32(k.Table[len(k.Table)-1])
	for _, code := range [2]string{k.Row, k.Column} {
		h = h*31 + uint32(len(code))
		h = h*31 + uint32(code[0])
		h = h*31 + uint32(code[len(code)/2])
		h = h*31 + uint32(code[len(code)-1])
	}
	return int(h * 2654435769 >> 22) // ten bits (Knuth, Sorting and Searching, 6.4)
}

// known is the place of a cell in cellsKnown, −1 if no version of the form has it.
func known(k Key) int {
	for at := slot(k); slots[at] != 0; at = (at + 1) % len(slots) {
		if i := int(slots[at]) - 1; cellsKnown[i] == k {
			return i
		}
	}
	return -1
}

// Index tells where in a list the cell with a key stands. Nearly all cells of reports are of the form and have a number, so
// that they need no map; rows of tables of indicators before 2019 do. The zero Index is not ready, see [NewIndex].
type Index struct {
	known  []int32     // by cellsKnown, one more than the place; 0 is none
	others map[Key]int // nil if there are none
}

// NewIndex is an index without cells.
func NewIndex() Index { return Index{known: make([]int32, len(cellsKnown))} }

// IndexOf is the index of the cells in a list, the last of each key.
func IndexOf(cells []Cell) Index {
	x := NewIndex()
	for i := range cells {
		x.Set(cells[i].Key, i)
	}
	return x
}

// Set puts the cell with a key at place i.
func (x *Index) Set(k Key, i int) {
	if n := known(k); n >= 0 {
		x.known[n] = int32(i + 1)
		return
	}
	if x.others == nil {
		x.others = map[Key]int{}
	}
	x.others[k] = i
}

// At is the place of the cell with a key; ok is false if there is none.
func (x *Index) At(k Key) (i int, ok bool) {
	if n := known(k); n >= 0 {
		return int(x.known[n]) - 1, x.known[n] > 0
	}
	i, ok = x.others[k]
	return i, ok
}
