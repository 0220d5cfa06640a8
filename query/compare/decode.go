package compare

import (
	"fmt"
	"strings"

	"nianbao/internal/form"
	"nianbao/internal/rowbinary"
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

// decodeRoster reads the answer to a [rosterQuery]. It also returns the number of filings.
func decodeRoster(answer string) ([]agency, int, error) {
	d := rowbinary.New(answer)
	var out []agency
	filings := 0
	for d.More() {
		a := agency{id: d.Text(), name: d.Text(), scope: form.Scope(d.Text())}
		n := d.Length()
		if n > longest {
			d.Fail(fmt.Errorf("an agency has %d reports, want at most %d", n, longest))
			n = 0
		}
		for range n {
			f := filing{year: int(d.Uint16()), id: d.Take(idLength), heldAs: d.Text(), name: d.Text(), scope: form.Scope(d.Text()), synthetic: d.Byte() != 0, place: filings}
			for i := range f.forms {
				f.forms[i] = form.Version(d.Text())
			}
			if d.Err() != nil {
				break
			}
			a.filings = append(a.filings, f)
			filings++
		}
		if d.Err() != nil {
			return nil, 0, fmt.Errorf("read the list of agencies, number %d: %w", len(out)+1, d.Err())
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
	d := rowbinary.New(answer)
	out := make([]sum, filings*sources)
	var other [1]sum
	for n := 1; d.More(); n++ {
		place, visible := places[d.Take(idLength)]
		for i := range sources {
			s := &other[0]
			if visible && place < filings {
				s = &out[place*sources+i]
			}
			// The sums outlive the answer, so they keep none of its bytes.
			*s = sum{total: int64(d.Uint64()), cells: d.Uint64(), states: d.Byte(), raw: strings.Clone(d.Text())}
		}
		if d.Err() != nil {
			return nil, fmt.Errorf("read the sums of cells, filing %d: %w", n, d.Err())
		}
	}
	return out, nil
}

// idLength is the length of the id of a filing, a ULID.
const idLength = 26

// longest is the greatest number of reports of one agency: as many as there are years that a UInt16 can tell.
const longest = 1 << 16
