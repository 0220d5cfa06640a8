package form

import (
	"crypto/sha256"
	"encoding/hex"
)

// SetBases sets the basis of every finding of the filing.
//
// The basis names what a person saw who decided about the finding: its outcome and the cells of the filing that went
// into it, and the two sides where other filings went into it too. What is not of the filing itself and changes with
// every report that arrives, such as the median of other bodies, is left out, so a decision about a hint stands. A
// finding without cells rests on its note.
func (f *Filing) SetBases() {
	index := IndexOf(f.Cells)
	written := make([][]byte, len(f.Cells)) // what a finding says of a cell, which most cells go into several times
	all := make([]byte, 0, 24*len(f.Cells))
	for i := range f.Cells {
		c, from := &f.Cells[i], len(all)
		all = append(append(append(all, "\x00"...), c.State...), "\x00"...)
		if c.State == Number {
			all = append(all, c.Value.String()...)
		} else {
			all = append(all, c.Raw...)
		}
		written[i] = all[from:]
	}
	b := make([]byte, 0, 1024) // what is digested, for each finding in turn: there are a hundred
	put := func(texts ...string) {
		for _, t := range texts {
			b = append(b, t...)
		}
	}
	for i := range f.Findings {
		x := &f.Findings[i]
		b = b[:0]
		put(x.Rule, "\x00", x.Table, "\x00", x.Place, "\x00", string(x.Status), "\n")
		for _, k := range x.Cells {
			put(k.Table, ".", k.Row, ".", k.Column) // Key.String, without making the string
			if at, ok := index.At(k); ok {
				b = append(b, written[at]...)
			}
			put("\n")
		}
		if len(x.Against) > 0 && x.Left != nil && x.Right != nil {
			put(x.Left.String(), "\x00", x.Right.String(), "\n")
		}
		if len(x.Cells) == 0 {
			put(x.Note)
		}
		sum := sha256.Sum256(b)
		x.Basis = hex.EncodeToString(sum[:8])
	}
}
