package form

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/shopspring/decimal"
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
	all := make([]byte, 0, 64*len(f.Cells))
	for i := range f.Cells {
		c, from := &f.Cells[i], len(all)
		all = append(appendKey(all, c.Key), "\x00"...)
		all = append(append(all, c.State...), "\x00"...)
		if c.State == Number {
			all = appendNumber(all, c.Value)
		} else {
			all = append(all, c.Raw...)
		}
		all = append(all, '\n')
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
			if at, ok := index.At(k); ok {
				b = append(b, written[at]...)
			} else {
				b = append(appendKey(b, k), '\n')
			}
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

// appendKey appends what Key.String says.
func appendKey(b []byte, k Key) []byte {
	b = append(append(b, k.Table...), '.')
	b = append(append(b, k.Row...), '.')
	return append(b, k.Column...)
}

// appendNumber appends what Decimal.String says. Nearly all figures are small whole numbers.
func appendNumber(b []byte, v decimal.Decimal) []byte {
	if v.Exponent() == 0 && v.NumDigits() < 19 {
		return strconv.AppendInt(b, v.CoefficientInt64(), 10)
	}
	return append(b, v.String()...)
}
