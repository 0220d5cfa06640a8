// Package rowbinary reads and writes ClickHouse's format RowBinary: the values of a row after each other, without names or types.
//
// The driver's own scanning goes through reflection, which for many thousand rows costs more than the query. A whole
// answer flows in as one string; the texts that flow out are parts of it.
package rowbinary

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/shopspring/decimal"
)

// Query returns the whole answer to a query.
func Query(ctx context.Context, conn driver.Conn, sql string, args ...any) (*Decoder, error) {
	stream, err := conn.QueryFormat(ctx, "RowBinary", sql, args...)
	if err != nil {
		return nil, err
	}
	var answer strings.Builder
	answer.Grow(1 << 16)
	_, err = io.Copy(&answer, stream)
	if err := errors.Join(err, stream.Close()); err != nil {
		return nil, err
	}
	return New(answer.String()), nil
}

// Decoder reads values one after the other, in the order of the columns. The first error stays; after it every value is
// empty and nothing more is there.
type Decoder struct {
	rest   string
	err    error
	common map[string]string
}

// New reads an answer.
func New(answer string) *Decoder { return &Decoder{rest: answer, common: map[string]string{}} }

// More tells whether another value is there.
func (d *Decoder) More() bool { return d.rest != "" }

// Err is what went wrong: the answer ended inside a value, or Fail was called.
func (d *Decoder) Err() error { return d.err }

// Fail ends the reading with an error.
func (d *Decoder) Fail(err error) {
	if d.err == nil {
		d.err = err
	}
	d.rest = ""
}

// Take reads a FixedString(n).
func (d *Decoder) Take(n uint64) string {
	if n > uint64(len(d.rest)) {
		d.Fail(io.ErrUnexpectedEOF)
		return ""
	}
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

// Length reads the number of items of an array, or of bytes of a text.
func (d *Decoder) Length() uint64 {
	var n uint64
	for i := 0; i < len(d.rest) && i < binary.MaxVarintLen64; i++ {
		c := d.rest[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			d.rest = d.rest[i+1:]
			return n
		}
	}
	d.Fail(io.ErrUnexpectedEOF)
	return 0
}

// Text reads a String. It keeps the answer in memory as long as it is kept.
func (d *Decoder) Text() string { return d.Take(d.Length()) }

// Common reads a String of which there are few: equal ones are one in memory, and none keeps the answer there.
func (d *Decoder) Common() string {
	s := d.Text()
	if c, ok := d.common[s]; ok {
		return c
	}
	c := strings.Clone(s)
	d.common[c] = c
	return c
}

// Texts reads an Array(String).
func (d *Decoder) Texts() []string {
	n := d.Length()
	if n > uint64(len(d.rest)) { // each takes a byte at least
		d.Fail(io.ErrUnexpectedEOF)
		return nil
	}
	var list []string
	for range n {
		list = append(list, d.Common())
	}
	return list
}

// Byte reads a UInt8 or a Bool.
func (d *Decoder) Byte() byte {
	if s := d.Take(1); s != "" {
		return s[0]
	}
	return 0
}

// Uint16 reads a UInt16.
func (d *Decoder) Uint16() uint16 {
	if s := d.Take(2); s != "" {
		return uint16(s[0]) | uint16(s[1])<<8
	}
	return 0
}

// Uint32 reads a UInt32.
func (d *Decoder) Uint32() uint32 {
	if s := d.Take(4); s != "" {
		return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
	}
	return 0
}

// Uint64 reads a UInt64, or the bits of an Int64.
func (d *Decoder) Uint64() uint64 {
	var n uint64
	for i, c := range []byte(d.Take(8)) {
		n |= uint64(c) << (8 * i)
	}
	return n
}

// Decimal reads a Nullable(Decimal(38, scale)); ok is false for null.
func (d *Decoder) Decimal(scale int32) (value decimal.Decimal, ok bool) {
	if d.Byte() != 0 {
		return decimal.Decimal{}, false
	}
	low, high := d.Uint64(), d.Uint64()
	if d.err != nil {
		return decimal.Decimal{}, false
	}
	if unit, small := units[scale], int64(low); unit > 0 && high == uint64(small>>63) { // fits 64 bits
		if small%unit == 0 {
			return decimal.New(small/unit, 0), true
		}
		return decimal.New(small, -scale), true
	}
	n := new(big.Int).SetUint64(high)
	if int64(high) < 0 {
		n.SetInt64(int64(high))
	}
	n.Lsh(n, 64).Add(n, new(big.Int).SetUint64(low))
	return decimal.NewFromBigInt(n, -scale), true
}

// units are the whole numbers of scales that are in use.
var units = map[int32]int64{10: 1e10}

// Wrap is Err with what was read before it.
func (d *Decoder) Wrap(what string) error {
	if d.err == nil {
		return nil
	}
	return fmt.Errorf("read %s: %w", what, d.err)
}
