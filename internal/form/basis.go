package form

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// SetBases sets the basis of every finding of the filing.
//
// The basis names what a person saw who decided about the finding: its outcome and the cells of the filing that went
// into it, and the two sides where other filings went into it too. What is not of the filing itself and changes with
// every report that arrives, such as the median of other bodies, is left out, so a decision about a hint stands. A
// finding without cells rests on its note.
func (f *Filing) SetBases() {
	cells := make(map[Key]*Cell, len(f.Cells))
	for i := range f.Cells {
		cells[f.Cells[i].Key] = &f.Cells[i]
	}
	for i := range f.Findings {
		x := &f.Findings[i]
		var b strings.Builder
		fmt.Fprintf(&b, "%s\x00%s\x00%s\x00%s\n", x.Rule, x.Table, x.Place, x.Status)
		for _, k := range x.Cells {
			b.WriteString(k.String())
			if c := cells[k]; c != nil {
				b.WriteByte(0)
				b.WriteString(string(c.State))
				if c.State == Number {
					b.WriteByte(0)
					b.WriteString(c.Value.String())
				} else {
					b.WriteByte(0)
					b.WriteString(c.Raw)
				}
			}
			b.WriteByte('\n')
		}
		if len(x.Against) > 0 && x.Left != nil && x.Right != nil {
			fmt.Fprintf(&b, "%s\x00%s\n", x.Left, x.Right)
		}
		if len(x.Cells) == 0 {
			b.WriteString(x.Note)
		}
		sum := sha256.Sum256([]byte(b.String()))
		x.Basis = hex.EncodeToString(sum[:8])
	}
}
