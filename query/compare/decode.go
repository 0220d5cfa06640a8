package compare

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"nianbao/internal/form"
)

// agency is what the warehouse knows of an agency for some years.
type agency struct {
	id, name string
	scope    form.Scope // of its newest filing, as read
	filings  []filing   // of the years asked for, in no order
}

// filing is a visible filing with the sums of its cells.
type filing struct {
	year      int
	id, name  string
	scope     form.Scope // as read
	synthetic bool
	forms     [3]form.Version // of sections 二, 三 and 四; "" where the report lacks the table
	sums      []sum           // one for each source; empty where the filing has none of the cells
}

func (f *filing) form(table string) form.Version {
	switch table {
	case form.Section2:
		return f.forms[0]
	case form.Section3:
		return f.forms[1]
	case form.Section4:
		return f.forms[2]
	}
	return ""
}

// decode reads the answer to a query in format RowBinary. The driver's own scanning goes through reflection, which
// for thousands of agencies costs more than the query itself.
func decode(r io.Reader, sources int) ([]agency, error) {
	d := decoder{in: bufio.NewReaderSize(r, 1<<16)}
	var out []agency
	for {
		if _, err := d.in.Peek(1); errors.Is(err, io.EOF) {
			return out, nil
		}
		a := agency{id: d.text(), name: d.text(), scope: form.Scope(d.text())}
		for range d.length() {
			f := filing{year: int(d.uint16()), id: d.fixed(26), name: d.text(), scope: form.Scope(d.text()), synthetic: d.byte() != 0}
			for i := range f.forms {
				f.forms[i] = form.Version(d.text())
			}
			f.sums = make([]sum, d.count(sources))
			for i := range f.sums {
				f.sums[i].total = int64(d.uint64())
			}
			for i := range d.count(len(f.sums)) {
				f.sums[i].cells = d.uint64()
			}
			for i := range d.count(len(f.sums)) {
				f.sums[i].states = d.byte()
			}
			for i := range d.count(len(f.sums)) {
				f.sums[i].raw = d.text()
			}
			if d.err != nil {
				break
			}
			a.filings = append(a.filings, f)
		}
		if d.err != nil {
			return nil, fmt.Errorf("read the answer of the warehouse, agency %d: %w", len(out)+1, d.err)
		}
		out = append(out, a)
	}
}

// decoder reads values of ClickHouse's RowBinary. The first error stays; after it every value is empty.
type decoder struct {
	in  *bufio.Reader
	err error
	buf [26]byte
}

func (d *decoder) fixed(n int) string {
	if d.err == nil {
		_, d.err = io.ReadFull(d.in, d.buf[:n])
	}
	if d.err != nil {
		d.err = unexpected(d.err)
		return ""
	}
	return string(d.buf[:n])
}

// length reads an unsigned LEB128 number.
func (d *decoder) length() uint64 {
	if d.err != nil {
		return 0
	}
	n, err := binary.ReadUvarint(d.in)
	if err != nil {
		d.err = unexpected(err)
	}
	return n
}

// count reads the length of an array that has at most, or where none of its cells exist no, element of each source.
func (d *decoder) count(most int) int {
	n := d.length()
	if n > uint64(most) {
		d.err = errors.Join(d.err, fmt.Errorf("an array has %d elements, want at most %d", n, most))
		return 0
	}
	return int(n)
}

// longest bounds a text, so that a broken answer cannot ask for all memory.
const longest = 64 << 20

func (d *decoder) text() string {
	n := d.length()
	if d.err == nil && n > longest {
		d.err = fmt.Errorf("a text has %d bytes, want at most %d", n, longest)
	}
	if d.err != nil || n == 0 {
		return ""
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(d.in, b); err != nil {
		d.err = unexpected(err)
		return ""
	}
	return string(b)
}

func (d *decoder) read(n int) []byte {
	if d.err == nil {
		_, d.err = io.ReadFull(d.in, d.buf[:n])
	}
	if d.err != nil {
		d.err = unexpected(d.err)
		clear(d.buf[:])
	}
	return d.buf[:n]
}

func (d *decoder) byte() byte     { return d.read(1)[0] }
func (d *decoder) uint16() uint16 { return binary.LittleEndian.Uint16(d.read(2)) }
func (d *decoder) uint64() uint64 { return binary.LittleEndian.Uint64(d.read(8)) }

// unexpected turns the end of the answer in the middle of a value into an error.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
