package api

import (
	"fmt"
	"io"
	"math/big"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/shopspring/decimal"
)

// Parquet is written here and not by ClickHouse: no list is the answer of one query (what people decided, the register and
// the rules of comparison are joined to it here), so the rows would have to travel to the engine and back, and the embedded
// engine can only give a framed format whole, from memory. The writer keeps one group of rows.

const (
	rowsOfGroup   = 1 << 16
	decimalScale  = 10
	decimalDigits = 38
	decimalBytes  = 16
)

// node is the Parquet type of a kind. Texts are never null: an empty one is empty in every format.
func (k kind) node() parquet.Node {
	switch k {
	case integer:
		return parquet.Optional(parquet.Int(64))
	case number:
		return parquet.Optional(parquet.Decimal(decimalScale, decimalDigits, parquet.FixedLenByteArrayType(decimalBytes)))
	case real:
		return parquet.Optional(parquet.Leaf(parquet.DoubleType))
	case boolean:
		return parquet.Optional(parquet.Leaf(parquet.BooleanType))
	case date:
		return parquet.Optional(parquet.Date())
	case instant:
		return parquet.Optional(parquet.Timestamp(parquet.Microsecond))
	}
	return parquet.String()
}

// value reads a text as Parquet holds it.
func (k kind) value(s string) (parquet.Value, error) {
	if k == text {
		return parquet.ByteArrayValue([]byte(s)), nil
	}
	if s == "" {
		return parquet.NullValue(), nil
	}
	switch k {
	case integer:
		n, err := strconv.ParseInt(s, 10, 64)
		return parquet.Int64Value(n), err
	case number:
		d, err := decimal.NewFromString(s)
		if err != nil {
			return parquet.Value{}, err
		}
		units, err := twosComplement(d)
		return parquet.FixedLenByteArrayValue(units), err
	case real:
		f, err := strconv.ParseFloat(s, 64)
		return parquet.DoubleValue(f), err
	case boolean:
		b, err := strconv.ParseBool(s)
		return parquet.BooleanValue(b), err
	case date:
		t, err := time.Parse(time.DateOnly, s)
		return parquet.Int32Value(int32(t.Unix() / (24 * 60 * 60))), err
	case instant:
		t, err := time.Parse(time.RFC3339Nano, s)
		return parquet.Int64Value(t.UnixMicro()), err
	}
	return parquet.Value{}, fmt.Errorf("column of kind %q", k)
}

// twosComplement writes a decimal as units of 10^-decimalScale in big-endian bytes.
func twosComplement(d decimal.Decimal) ([]byte, error) {
	units := d.Shift(decimalScale)
	if !units.IsInteger() {
		return nil, fmt.Errorf("%s has more than %d decimals", d, decimalScale)
	}
	n := units.BigInt()
	if n.BitLen() > 8*decimalBytes-1 {
		return nil, fmt.Errorf("%s has more than %d digits", d, decimalDigits)
	}
	if n.Sign() < 0 {
		n.Add(n, new(big.Int).Lsh(big.NewInt(1), 8*decimalBytes))
	}
	return n.FillBytes(make([]byte, decimalBytes)), nil
}

// ordered is a group of columns in their order; the library's own sorts them by name.
type ordered struct {
	parquet.Group
	fields []parquet.Field
}

func (o ordered) Fields() []parquet.Field { return o.fields }

func schemaOf(columns []heading) *parquet.Schema {
	group := parquet.Group{}
	for _, c := range columns {
		group[c.name] = c.kind.node()
	}
	sorted := map[string]parquet.Field{}
	for _, f := range group.Fields() {
		sorted[f.Name()] = f
	}
	o := ordered{Group: group}
	for _, c := range columns {
		o.fields = append(o.fields, sorted[c.name])
	}
	return parquet.NewSchema("nianbao", o)
}

// parquet writes the table as one Parquet file, compressed with ZSTD. The metadata say what it is of.
func (s *sheet) parquet(to io.Writer, program string, about map[string]string) error {
	options := []parquet.WriterOption{schemaOf(s.columns), parquet.Compression(&parquet.Zstd), parquet.MaxRowsPerRowGroup(rowsOfGroup), parquet.CreatedBy("nianbao", program, "")}
	for name, value := range about {
		options = append(options, parquet.KeyValueMetadata("nianbao."+name, value))
	}
	w := parquet.NewWriter(to, options...)
	out := make(parquet.Row, len(s.columns))
	n := 0
	err := s.each(func(row []string) error {
		n++
		for i, c := range s.columns {
			v, err := c.kind.value(row[i])
			if err != nil {
				return fmt.Errorf("write row %d: column %s: %w", n, c.name, err)
			}
			defined := 0
			if c.kind != text && !v.IsNull() {
				defined = 1
			}
			out[i] = v.Level(0, defined, i)
		}
		_, err := w.WriteRows([]parquet.Row{out})
		return err
	})
	if err != nil {
		return err
	}
	return w.Close()
}
