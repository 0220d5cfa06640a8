package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/maphash"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/query/export"
	"nianbao/query/tabular"
)

// A row is the values of a row by the codes of the columns.
type row struct {
	of     *form.Dataset
	at     map[string]int
	values []export.Value
	n      int
}

func (r *row) bytes(code string) []byte { return r.values[r.at[code]].Text }

func (r *row) text(code string) string { return tabular.Unguard(string(r.bytes(code))) }

func (r *row) number(code string) int {
	n, _ := strconv.Atoi(string(r.bytes(code)))
	return n
}

func (r *row) truth(code string) bool { return string(r.bytes(code)) == "true" }

// decimal is nil where there is no value.
func (r *row) decimal(code string) *decimal.Decimal {
	b := r.bytes(code)
	if len(b) == 0 {
		return nil
	}
	d, err := decimal.NewFromString(string(b))
	if err != nil {
		return nil
	}
	return &d
}

// csv checks one file: its form, types, keys and references, and what its rows mean.
func (c *checking) csv(file string) {
	d, _ := form.LookupDataset(file)
	f := c.files[file]
	if f == nil {
		wanted := !d.Optional || file == form.ChangesFile && c.Origin.Query.Changes != "" || file == form.SampleFile && c.Origin.Query.Sample > 0
		if wanted {
			c.missing[file] = true
			c.problem("%s is missing", file)
		}
		return
	}
	in, err := f.Open()
	if err != nil {
		c.problem("%s cannot be opened: %v", file, err)
		return
	}
	defer in.Close()
	h := sha256.New()
	counted := &counter{r: io.TeeReader(in, h)}
	c.rows(d, counted)
	if _, err := io.Copy(io.Discard, counted); err != nil {
		c.problem("%s cannot be read to its end: %v", file, err)
	}
	c.hashes[file], c.sizes[file] = hex.EncodeToString(h.Sum(nil)), counted.n
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *checking) rows(d form.Dataset, in io.Reader) {
	reader, err := export.NewReader(d, in)
	if err != nil {
		c.problem("%s: %v", d.File, err)
		return
	}
	r := &row{of: &d, at: map[string]int{}}
	for i, f := range d.Fields {
		r.at[f.Code] = i
	}
	key := make([]int, len(d.Key))
	for i, k := range d.Key {
		key[i] = r.at[k]
	}
	means := c.meaning(d.File)
	seen, year := map[uint64]bool{}, 0
	byYear := d.Fields[0].Code == "year" // keys repeat within a year only, since each names a filing
	var h maphash.Hash
	h.SetSeed(c.seed)
	for {
		values, err := reader.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			c.problem("%s: %v", d.File, err)
			return
		}
		r.values, r.n = values, reader.Row
		c.Result.Rows[d.File]++
		if c.Result.Rows[d.File]%100_000 == 0 && c.ctx.Err() != nil {
			return
		}
		if what := typed(&d, values); what != "" {
			c.problem("%s, row %d: %s", d.File, r.n, what)
			continue
		}
		if byYear {
			switch y := r.number("year"); {
			case y < year:
				c.problem("%s, row %d: year %d stands after %d", d.File, r.n, y, year)
			case y > year:
				year = y
				clear(seen)
			}
		}
		h.Reset()
		for _, i := range key {
			h.Write(values[i].Text)
			h.WriteByte(0)
		}
		if sum := h.Sum64(); seen[sum] {
			c.problem("%s, row %d: a row before it has the same %s", d.File, r.n, strings.Join(d.Key, ", "))
		} else {
			seen[sum] = true
		}
		for _, ref := range d.Refers {
			if ref.File == form.FilingsFile {
				if id := r.text(ref.Fields[0]); c.filings[id] == nil {
					c.problem("%s, row %d: filing %s is not in %s", d.File, r.n, id, ref.File)
				}
			}
		}
		means(r)
	}
}

// typed says what is wrong with the types of a row.
func typed(d *form.Dataset, values []export.Value) string {
	if len(values) != len(d.Fields) {
		return fmt.Sprintf("%d values, want %d", len(values), len(d.Fields))
	}
	for i := range values {
		v, f := &values[i], &d.Fields[i]
		if v.Quoted != (f.Type == form.TextField) {
			return fmt.Sprintf("column %s: %q, want %s", f.Code, v.Text, f.Type)
		}
		if f.Type == form.TextField {
			continue
		}
		if len(v.Text) == 0 {
			if !f.Optional {
				return fmt.Sprintf("column %s has no value", f.Code)
			}
			continue
		}
		ok := true
		switch f.Type {
		case form.WholeField:
			ok = digits(v.Text)
		case form.DecimalField:
			ok = number(v.Text)
		case form.BoolField:
			ok = string(v.Text) == "true" || string(v.Text) == "false"
		case form.DayField:
			_, err := time.Parse(time.DateOnly, string(v.Text))
			ok = err == nil
		case form.MomentField:
			_, err := time.Parse(export.Moment, string(v.Text))
			ok = err == nil
		}
		if !ok {
			return fmt.Sprintf("column %s: %q, want %s", f.Code, v.Text, f.Type)
		}
	}
	return ""
}

func digits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0 && len(b) < 19
}

func number(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("-"))
	whole, fraction, point := bytes.Cut(b, []byte("."))
	all := func(b []byte) bool {
		for _, c := range b {
			if c < '0' || c > '9' {
				return false
			}
		}
		return len(b) > 0
	}
	return all(whole) && (!point || all(fraction))
}
