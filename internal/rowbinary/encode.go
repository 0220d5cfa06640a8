package rowbinary

import (
	"encoding/binary"
	"math/big"

	"github.com/shopspring/decimal"
)

// Encoder writes values one after the other, in the order of the columns. Its zero value is ready.
type Encoder struct{ Bytes []byte }

// Fixed adds a text of a column whose texts all have this length.
func (e *Encoder) Fixed(text string) { e.Bytes = append(e.Bytes, text...) }

// Text adds a text.
func (e *Encoder) Text(text string) {
	e.Bytes = binary.AppendUvarint(e.Bytes, uint64(len(text)))
	e.Bytes = append(e.Bytes, text...)
}

// Length begins a list: as many values follow.
func (e *Encoder) Length(n int) { e.Bytes = binary.AppendUvarint(e.Bytes, uint64(n)) }

// Texts adds a list of texts.
func (e *Encoder) Texts(texts []string) {
	e.Length(len(texts))
	for _, t := range texts {
		e.Text(t)
	}
}

// Uint16 adds a number of 16 bits.
func (e *Encoder) Uint16(n uint16) { e.Bytes = binary.LittleEndian.AppendUint16(e.Bytes, n) }

// Uint32 adds a number of 32 bits.
func (e *Encoder) Uint32(n uint32) { e.Bytes = binary.LittleEndian.AppendUint32(e.Bytes, n) }

// Decimal adds a decimal of 128 bits that may be absent (nil), with so many places. What has more places is cut off; the
// caller has made sure that it has not, and that it fits.
func (e *Encoder) Decimal(d *decimal.Decimal, scale int32) {
	if d == nil {
		e.Bytes = append(e.Bytes, 1)
		return
	}
	e.Bytes = append(e.Bytes, 0)
	if unit := units[scale]; unit > 0 && d.Exponent() == 0 && d.NumDigits() <= 8 { // whole and below 10^8, as nearly all
		n := d.CoefficientInt64() * unit
		e.Bytes = binary.LittleEndian.AppendUint64(e.Bytes, uint64(n))
		e.Bytes = binary.LittleEndian.AppendUint64(e.Bytes, uint64(n>>63))
		return
	}
	n := d.Shift(scale).BigInt()
	if n.Sign() < 0 { // two's complement
		n.Add(n, new(big.Int).Lsh(big.NewInt(1), 128))
	}
	var wide [16]byte
	n.FillBytes(wide[:])
	e.Bytes = binary.LittleEndian.AppendUint64(e.Bytes, binary.BigEndian.Uint64(wide[8:]))
	e.Bytes = binary.LittleEndian.AppendUint64(e.Bytes, binary.BigEndian.Uint64(wide[:8]))
}
