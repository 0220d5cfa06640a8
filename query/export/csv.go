package export

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/query/tabular"
)

// The dialect of all files: RFC 4180 in UTF-8, lines end with CR LF. A text always stands in quotation marks, other values
// never do; nothing between two commas is no value, as opposed to the empty text "".
//
// A text that a spreadsheet might take for a formula gets an apostrophe before it, and so does one that begins with an
// apostrophe: taking one apostrophe away from every text that begins with one gives back what there was.

// Moment is how moments are written.
const Moment = "2006-01-02T15:04:05.000000Z"

// A table writes the rows of one file.
type table struct {
	of   form.Dataset
	w    *bufio.Writer
	line []byte
	rows int
}

func newTable(of form.Dataset, w io.Writer, bom bool) *table {
	t := &table{of: of, w: bufio.NewWriterSize(w, 1<<16)}
	t.line = append(t.line, Header(of, bom)...)
	t.w.Write(t.line) // a bufio.Writer keeps its error for Flush
	return t
}

// ByteOrderMark tells old spreadsheets that a file is UTF-8.
const ByteOrderMark = "\ufeff"

// Header is the first line of a file.
func Header(of form.Dataset, bom bool) string {
	var b strings.Builder
	if bom {
		b.WriteString(ByteOrderMark)
	}
	for i, f := range of.Fields {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(f.Code)
	}
	return b.String() + "\r\n"
}

// put writes a row. Each value has the type that its column is declared to have: string, int or uint64, bool, time.Time
// (zero is none) or *decimal.Decimal (nil is none).
func (t *table) put(values ...any) error {
	if len(values) != len(t.of.Fields) {
		return fmt.Errorf("row of %s: %d values, want %d", t.of.File, len(values), len(t.of.Fields))
	}
	b := t.line[:0]
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		f := &t.of.Fields[i]
		before, fits := len(b), false
		switch v := v.(type) {
		case string:
			fits = f.Type == form.TextField
			b = append(b, '"')
			b = append(b, strings.ReplaceAll(tabular.Guard(v), `"`, `""`)...)
			b = append(b, '"')
		case int:
			fits = f.Type == form.WholeField
			b = strconv.AppendInt(b, int64(v), 10)
		case bool:
			fits = f.Type == form.BoolField
			b = strconv.AppendBool(b, v)
		case time.Time:
			layout := Moment
			if f.Type == form.DayField {
				layout = time.DateOnly
			}
			if fits = f.Type == form.DayField || f.Type == form.MomentField; !v.IsZero() {
				b = v.UTC().AppendFormat(b, layout)
			}
		case *decimal.Decimal:
			if fits = f.Type == form.DecimalField; v != nil {
				b = append(b, v.String()...)
			}
		}
		if !fits || len(b) == before && !f.Optional {
			return fmt.Errorf("row of %s, column %s: value %v of type %T, want %s", t.of.File, f.Code, v, v, f.Type)
		}
	}
	b = append(b, "\r\n"...)
	t.line, t.rows = b, t.rows+1
	_, err := t.w.Write(b)
	return err
}

// Reader reads files of this dialect strictly: what [encoding/csv] mends or drops is an error or kept.
type Reader struct {
	r     *bufio.Reader
	line  []byte
	cells []Value
	Row   int // of the row read last, the header being 0
}

// Value is one value as it stands in a file, with the guard.
type Value struct {
	Text   []byte // good until the next row
	Quoted bool
}

// NewReader reads the header, which has to be that of the file.
func NewReader(of form.Dataset, r io.Reader) (*Reader, error) {
	in := &Reader{r: bufio.NewReaderSize(r, 1<<20), Row: -1}
	if head, err := in.r.Peek(len(ByteOrderMark)); err == nil && string(head) == ByteOrderMark {
		in.r.Discard(len(head))
	}
	row, err := in.Next()
	if err == io.EOF {
		return nil, fmt.Errorf("the file is empty, want a header")
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, v := range row {
		names = append(names, string(v.Text))
	}
	if got, want := strings.Join(names, ",")+"\r\n", Header(of, false); got != want {
		return nil, fmt.Errorf("the header is %q, want %q", got, want)
	}
	return in, nil
}

var errQuote = errors.New("a quotation mark stands where none may")

// Next reads a row. The values are good until the next call. At the end of the file the error is io.EOF.
func (in *Reader) Next() ([]Value, error) {
	in.line = in.line[:0]
	quotes := 0
	for {
		part, err := in.r.ReadSlice('\n')
		in.line = append(in.line, part...)
		for _, c := range part {
			if c == '"' {
				quotes++
			}
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(in.line) == 0:
			return nil, io.EOF
		case err == io.EOF:
			return nil, fmt.Errorf("row %d is cut off", in.Row+1)
		case err != nil:
			return nil, err
		}
		if quotes%2 == 0 {
			break
		}
	}
	in.Row++
	b := in.line
	if len(b) < 2 || b[len(b)-2] != '\r' {
		return nil, fmt.Errorf("row %d does not end with CR LF", in.Row)
	}
	b = b[:len(b)-1] // the CR ends the last value
	in.cells = in.cells[:0]
	for i := 0; ; {
		if b[i] != '"' {
			begin := i
			for b[i] != ',' && b[i] != '\r' {
				if b[i] == '"' || b[i] == '\n' {
					return nil, fmt.Errorf("row %d: %w", in.Row, errQuote)
				}
				i++
			}
			in.cells = append(in.cells, Value{Text: b[begin:i]})
		} else {
			i++
			to := i // what was doubled is written over
			begin := i
			for ; ; i++ {
				if i >= len(b)-1 && b[i] != '"' {
					return nil, fmt.Errorf("row %d: %w", in.Row, errQuote)
				}
				if b[i] == '"' {
					if i+1 < len(b) && b[i+1] == '"' {
						i++
					} else {
						break
					}
				}
				b[to] = b[i]
				to++
			}
			i++
			in.cells = append(in.cells, Value{Text: b[begin:to], Quoted: true})
		}
		if i == len(b)-1 && b[i] == '\r' {
			return in.cells, nil
		}
		if i >= len(b) || b[i] != ',' {
			return nil, fmt.Errorf("row %d: %w", in.Row, errQuote)
		}
		i++
	}
}
