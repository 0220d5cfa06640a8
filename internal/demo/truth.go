package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
)

// blankMeans is the reminder that every truth file carries.
const blankMeans = "null = blank cell in the document; 0 = printed zero; key absent = not visible (cut off)"

// Truth writes what a reader must find in the files that print this report, as a truth file: 23 keys in fixed order,
// a cell as its printed number or null, words beside the number under "printed".
func Truth(r Report, name string, files, sources []string) []byte {
	var b bytes.Buffer
	field := func(key, value string) { fmt.Fprintf(&b, " %s: %s,\n", quote(key), value) }
	field2 := func(key string, open, shut string, lines []string) {
		if len(lines) == 0 {
			field(key, open+shut)
			return
		}
		field(key, open+"\n  "+strings.Join(lines, ",\n  ")+"\n "+shut)
	}
	b.WriteString("{\n")
	field("name", quote(name))
	field("agency", quote(r.Agency))
	field("agency_printed", quoteList([]string{r.Agency}))
	field("year", fmt.Sprint(r.Year))
	field("year_printed", "true")
	field("format", quote(string(r.Forms[form.Section2])))
	field("section3_version", quote(string(r.Forms[form.Section3])))
	field("format_note", quote(r.FormatNote))
	field("partial", "false")
	field("files", quoteList(files))
	field("files_absent", "[]")
	field2("sources", "[", "]", quoteAll(sources))
	field("columns", quoteList(columnsOf(form.Section3)))
	field("section4_columns", quoteList(columnsOf(form.Section4)))

	var printed []string
	tables := map[string][]string{} // table code → its rows, written out
	for _, code := range tableCodes {
		t, err := r.table(code)
		if err != nil {
			continue
		}
		for _, block := range t.Blocks {
			for _, row := range block.Rows {
				var values []string
				for _, c := range block.Columns {
					k := form.Key{Table: code, Row: row.Code, Column: c.Code}
					cell, ok := r.Cells[k]
					if !ok {
						continue
					}
					value := "null"
					if cell.State == form.Number {
						value = cell.Value.String()
					}
					switch {
					case code != form.Section2:
						values = append(values, value)
					case c.Code == "amount_yuan":
						values = append(values, `"amount_raw": `+quote(cell.Text), quote(c.Code)+": "+value)
					default:
						values = append(values, quote(c.Code)+": "+value)
					}
					plain := cell.State == form.Blank || cell.State == form.Number && cell.Text == cell.Value.String()
					if !plain && c.Code != "amount_yuan" {
						printed = append(printed, quote(k.String())+": "+quote(cell.Text))
					}
				}
				if len(values) == 0 {
					continue
				}
				brackets := [2]string{"[", "]"}
				if code == form.Section2 {
					brackets = [2]string{"{", "}"}
				}
				tables[code] = append(tables[code], quote(row.Code)+": "+brackets[0]+strings.Join(values, ", ")+brackets[1])
			}
		}
	}
	field2("printed", "{", "}", printed)
	for _, code := range tableCodes {
		field2(code, "{", "}", tables[code])
	}
	field("stat_table", "[]")
	var claims []string
	for _, c := range r.Claims {
		claims = append(claims, fmt.Sprintf(`{"code": %s, "claim": %s, "value": %s, "unit": %s, "approx": %t, "absent_in": []}`,
			quote(c.Code), quote(c.Words), c.Value, quote(c.Unit), c.Round))
	}
	field2("prose_claims", "[", "]", claims)
	field2("inconsistencies", "[", "]", quoteAll(r.Inconsistencies))
	field("uncertain", "[]")
	fmt.Fprintf(&b, " %s: %s\n}\n", quote("blank_means"), quote(blankMeans))
	return b.Bytes()
}

func columnsOf(table string) []string {
	t, _ := form.Forms[len(form.Forms)-1].Table(table)
	var out []string
	for _, c := range t.Blocks[0].Columns {
		out = append(out, c.Code)
	}
	return out
}

func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string into memory
	return strings.TrimSuffix(b.String(), "\n")
}

func quoteAll(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, quote(s))
	}
	return out
}

func quoteList(list []string) string { return "[" + strings.Join(quoteAll(list), ", ") + "]" }

// truthFile is the part of a truth file that a report is made from.
type truthFile struct {
	Name            string
	Agency          string
	Year            int
	Format          form.Version
	Section3Version form.Version `json:"section3_version"`
	FormatNote      string       `json:"format_note"`
	Partial         bool
	Printed         map[string]string
	Section2        map[string]map[string]any
	Section3        map[string][]*json.Number
	Section4        map[string][]*json.Number
	ProseClaims     []struct {
		Code   string
		Value  decimal.Decimal
		Approx bool
	} `json:"prose_claims"`
}

// FromTruth makes the report that a truth file describes: its agency, year and cells as printed, with prose of our
// own. It fails on a truth that lacks a cell of the form, such as that of an excerpt. The report has no note, no
// dates and no site; set what fits before printing.
func FromTruth(content []byte) (Report, error) {
	var t truthFile
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	if err := d.Decode(&t); err != nil {
		return Report{}, fmt.Errorf("read truth file: %w", err)
	}
	if t.Partial || t.Agency == "" || t.Year == 0 || t.Section3Version == "" {
		return Report{}, fmt.Errorf("read truth %s: it describes an excerpt or no statutory form, want a complete report", t.Name)
	}
	r := Report{
		Agency: t.Agency, Year: t.Year, Version: 1, Scope: form.ScopeUnknown, FormatNote: t.FormatNote,
		Forms: map[string]form.Version{form.Section2: t.Format, form.Section3: t.Section3Version, form.Section4: t.Format},
		Cells: map[form.Key]Cell{},
	}
	for _, code := range tableCodes {
		table, err := r.table(code)
		if err != nil {
			return Report{}, fmt.Errorf("read truth %s: %w", t.Name, err)
		}
		for _, b := range table.Blocks {
			for _, row := range b.Rows {
				for i, c := range b.Columns {
					k := form.Key{Table: code, Row: row.Code, Column: c.Code}
					cell, ok, err := t.cell(k, i)
					switch {
					case err != nil:
						return Report{}, fmt.Errorf("read truth %s: %w", t.Name, err)
					case ok:
						r.Cells[k] = cell
					case !row.Optional:
						return Report{}, fmt.Errorf("read truth %s: no cell %s, want every cell of form %s", t.Name, k, r.Forms[code])
					}
				}
			}
		}
	}
	var known statements
	for _, c := range t.ProseClaims {
		switch c.Code {
		case "disclosed":
			known.disclosed, known.roundDisclosed = &c.Value, c.Approx
		case "fee":
			known.fee = &c.Value
		}
	}
	r.Inconsistencies = r.describeFailing()
	compose(&r, r.Cells, known)
	return r, nil
}

// cell reads one cell; i is its place among the columns. It is not there if the truth has neither it nor its row.
func (t truthFile) cell(k form.Key, i int) (cell Cell, ok bool, err error) {
	var value any
	if k.Table == form.Section2 {
		if value, ok = t.Section2[k.Row][k.Column]; !ok {
			return Cell{}, false, nil
		}
	} else {
		row := t.Section3[k.Row]
		if k.Table == form.Section4 {
			row = t.Section4[k.Row]
		}
		if i >= len(row) {
			return Cell{}, false, nil
		}
		if row[i] != nil {
			value = *row[i]
		}
	}
	text, worded := t.Printed[k.String()]
	if raw, isRaw := t.Section2[k.Row]["amount_raw"].(string); isRaw && k.Column == "amount_yuan" {
		text, worded = raw, raw != ""
	}
	switch v := value.(type) {
	case nil:
		return Cell{State: placeholder(text), Text: text}, true, nil
	case json.Number:
		number, err := decimal.NewFromString(v.String())
		if err != nil {
			return Cell{}, false, fmt.Errorf("cell %s holds %q, want a number or null", k, v)
		}
		if !worded {
			text = number.String()
		}
		return Cell{Value: number, State: form.Number, Text: text}, true, nil
	}
	return Cell{}, false, fmt.Errorf("cell %s holds %v, want a number or null", k, value)
}

// placeholder is the state of a cell that prints this text and holds no number.
func placeholder(text string) form.State {
	switch text {
	case "":
		return form.Blank
	case "不适用":
		return form.NA
	}
	return form.Dash
}
