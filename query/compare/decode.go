package compare

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"nianbao/internal/form"
)

// agency is what the warehouse knows of an agency for some years.
type agency struct {
	id, name string
	scope    form.Scope // of its newest filing, as read
	filings  []filing   // of the years asked for, in no order
	kind     Kind
	list     form.Scope // in which list it stands by its newest filing
}

// filing is a visible filing.
type filing struct {
	year      int
	id, name  string
	heldAs    string     // code of the agency under which its cells stand
	scope     form.Scope // as read
	synthetic bool
	forms     [3]form.Version // of sections 二, 三 and 四; "" where the report lacks the table
	kind      Kind            // of the agency under the name of the time
	list      form.Scope      // in which list the report stands
	flawed    bool            // a finding is open that forbids comparison
	place     int             // among all filings of the roster
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

// The answers come in format RowBinary. The driver's own scanning goes through reflection, which for thousands of
// agencies costs more than the query itself. An answer is one string, and every text taken from it a part of it.

// decodeRoster reads the answer to a [rosterQuery]. It also returns the number of filings.
func decodeRoster(answer string) ([]agency, int, error) {
	d := decoder{rest: answer}
	var out []agency
	filings := 0
	for d.rest != "" {
		a := agency{id: d.text(), name: d.text(), scope: form.Scope(d.text())}
		n := d.length()
		if n > longest {
			d.fail(fmt.Errorf("an agency has %d reports, want at most %d", n, longest))
			n = 0
		}
		for range n {
			f := filing{year: int(d.uint16()), id: d.take(idLength), heldAs: d.text(), name: d.text(), scope: form.Scope(d.text()), synthetic: d.byte() != 0, place: filings}
			for i := range f.forms {
				f.forms[i] = form.Version(d.text())
			}
			if d.err != nil {
				break
			}
			a.filings = append(a.filings, f)
			filings++
		}
		if d.err != nil {
			return nil, 0, fmt.Errorf("read the list of agencies, number %d: %w", len(out)+1, d.err)
		}
		a.classify()
		out = append(out, a)
	}
	return out, filings, nil
}

// classify tells the kinds and lists from the names, once for all requests.
func (a *agency) classify() {
	a.kind, a.list = KindOf(a.name), ScopeOf(a.name, a.scope)
	for i := range a.filings {
		f := &a.filings[i]
		f.kind, f.list = a.kind, a.list
		if f.name != a.name || f.scope != a.scope {
			f.kind, f.list = KindOf(f.name), ScopeOf(f.name, f.scope)
		}
	}
}

// decodeSums reads the answer to a [sumsQuery] into a list with as many sums for each filing of the roster as there
// are sources. places gives the place of a visible filing by its id; other filings are skipped, and those with a place
// beyond the number wanted.
func decodeSums(answer string, sources, filings int, places map[string]int) ([]sum, error) {
	d := decoder{rest: answer}
	out := make([]sum, filings*sources)
	var other [1]sum
	for n := 1; d.rest != ""; n++ {
		place, visible := places[d.take(idLength)]
		for i := range sources {
			s := &other[0]
			if visible && place < filings {
				s = &out[place*sources+i]
			}
			// The sums outlive the answer, so they keep none of its bytes.
			*s = sum{total: int64(d.uint64()), cells: d.uint64(), states: d.byte(), raw: strings.Clone(d.text())}
		}
		if d.err != nil {
			return nil, fmt.Errorf("read the sums of cells, filing %d: %w", n, d.err)
		}
	}
	return out, nil
}

// idLength is the length of the id of a filing, a ULID.
const idLength = 26

// longest is the greatest number of reports of one agency: as many as there are years that a UInt16 can tell.
const longest = 1 << 16

// decoder reads values of ClickHouse's RowBinary. The first error stays; after it every value is empty.
type decoder struct {
	rest string
	err  error
}

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
	d.rest = ""
}

// take reads n bytes.
func (d *decoder) take(n uint64) string {
	if n > uint64(len(d.rest)) {
		d.fail(io.ErrUnexpectedEOF)
		return ""
	}
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

// length reads an unsigned LEB128 number.
func (d *decoder) length() uint64 {
	var n uint64
	for i := 0; i < len(d.rest) && i < binary.MaxVarintLen64; i++ {
		c := d.rest[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			d.rest = d.rest[i+1:]
			return n
		}
	}
	d.fail(io.ErrUnexpectedEOF)
	return 0
}

func (d *decoder) text() string { return d.take(d.length()) }

func (d *decoder) byte() byte {
	if s := d.take(1); s != "" {
		return s[0]
	}
	return 0
}

func (d *decoder) uint16() uint16 {
	if s := d.take(2); s != "" {
		return uint16(s[0]) | uint16(s[1])<<8
	}
	return 0
}

func (d *decoder) uint64() uint64 {
	var n uint64
	for i, c := range []byte(d.take(8)) {
		n |= uint64(c) << (8 * i)
	}
	return n
}
