package api

import (
	"encoding/csv"
	"io"
	"strings"
)

// kind is what a column of a table holds. Every column has one text for each row; the kind says how that text is to be
// read, so that no two formats can say different things.
type kind string

// The kinds. An empty text of any other kind than text means that there is nothing.
const (
	text    kind = "text"
	integer kind = "integer" // 64 bits
	number  kind = "decimal" // exact, at most 10 decimals and 38 digits
	real    kind = "real"    // a share or a limit of an interval: computed, not printed anywhere
	boolean kind = "boolean"
	date    kind = "date"    // YYYY-MM-DD
	instant kind = "instant" // RFC 3339, UTC, to the microsecond
)

// heading is a column without its rows.
type heading struct {
	name string
	kind kind
}

// sheet is an answer as a table.
type sheet struct {
	columns []heading
	total   int // rows of the whole table
	each    func(do func(row []string) error) error
}

// column is a declared column of a table.
type column[T any] struct {
	name string
	kind kind
	text func(*T) string
}

func names[T any](columns []column[T]) []heading {
	out := make([]heading, len(columns))
	for i, c := range columns {
		out[i] = heading{c.name, c.kind}
	}
	return out
}

// sheetOf lays out a list. The row that is handed over is used again for the next one.
func sheetOf[T any](columns []column[T], total int, each func(func(*T) error) error) *sheet {
	return &sheet{names(columns), total, func(do func([]string) error) error {
		row := make([]string, len(columns))
		return each(func(item *T) error {
			for i, c := range columns {
				row[i] = c.text(item)
			}
			return do(row)
		})
	}}
}

// through hands over the items of a list one by one.
func through[T any](items []T) func(func(*T) error) error {
	return func(do func(*T) error) error {
		for i := range items {
			if err := do(&items[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

// describeColumns lists columns for the description of an operation.
func describeColumns(columns []heading, kinds bool) string {
	var out []string
	for _, c := range columns {
		one := c.name
		if kinds {
			one += " " + string(c.kind)
		}
		out = append(out, one)
	}
	return strings.Join(out, ", ")
}

// csv writes the table in RFC 4180, the header first.
func (s *sheet) csv(to io.Writer) error {
	w := csv.NewWriter(to) // sends when some kilobytes have come together
	w.UseCRLF = true
	header := make([]string, len(s.columns))
	for i, c := range s.columns {
		header[i] = c.name
	}
	if err := w.Write(header); err != nil {
		return err
	}
	if err := s.each(w.Write); err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}
