package page

import (
	"bytes"
	"io"
	"strconv"
	"strings"

	"nianbao/dashboard/chart"
	"nianbao/internal/form"
	"nianbao/query/tabular"
)

// sheet is a page as a table of values for .csv and .xlsx.
type sheet struct {
	header []string
	rows   [][]value
}

// value is one field of a sheet.
type value struct {
	text string
	// words says that the text comes from people. A spreadsheet runs such a text as a formula when it starts with one
	// of =+-@, so it is guarded in CSV. Numbers are left alone: -18 is a number.
	words bool
}

func figure(n int64) value     { return value{text: strconv.FormatInt(n, 10)} }
func plainText(s string) value { return value{text: s} }
func said(s string) value      { return value{text: s, words: true} }

// encode writes the sheet as RFC 4180: comma, CRLF, quotes where they are needed.
func (s sheet) encode(bom bool) []byte {
	var b bytes.Buffer
	if bom {
		b.WriteString("\ufeff")
	}
	for i, name := range s.header {
		if i > 0 {
			b.WriteByte(',')
		}
		writeField(&b, name)
	}
	b.WriteString("\r\n")
	for _, row := range s.rows {
		for i, v := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			text := v.text
			if v.words {
				text = tabular.Guard(text)
			}
			writeField(&b, text)
		}
		b.WriteString("\r\n")
	}
	return chart.Printable(b.Bytes())
}

func writeField(b *bytes.Buffer, s string) {
	if !strings.ContainsAny(s, "\",\r\n") && strings.TrimSpace(s) == s {
		b.WriteString(s)
		return
	}
	b.WriteByte('"')
	b.WriteString(strings.ReplaceAll(s, `"`, `""`))
	b.WriteByte('"')
}

// kinds are the columns of sheets that do not hold texts.
var kinds = map[tabular.Kind][]string{
	tabular.Integer: {"year", "version", "rank", "best", "worst", "span", "days", "checks_failed", "checks_uncertain", "whole", "off", "new", "rows", "bytes", "number", "page", "grid", "grid_row", "grid_column", "line"},
	tabular.Decimal: {"value", "x", "n", "left", "right", "delta", "last_x", "last_n", "total", "y", "n_x", "n_y", "carried_in", "carried_out", "old_value", "new_value", "granted", "partial", "refused", "cannot", "noproc", "other"},
	tabular.Real:    {"lower", "upper", "lower95", "upper95", "lower998", "upper998", "adjusted", "change_lower", "change_upper", "difference", "repeated"},
	tabular.Boolean: {"tied", "blank_as_zero", "synthetic", "flawed", "registered", "counts", "withdrawn", "old_corrected", "new_corrected", "elsewhere", "zero"},
	tabular.Date:    {"due", "published"},
	tabular.Instant: {"at", "decided_at", "received_at", "as_of"},
}

var kindOf = func() map[string]tabular.Kind {
	all := map[string]tabular.Kind{}
	for kind, names := range kinds {
		for _, name := range names {
			all[name] = kind
		}
	}
	return all
}()

// columns are the columns of the sheet with their kinds and their names for people. A column whose name means something else
// on another page is of the kind that its values have here.
func (s sheet) columns() []tabular.Column {
	out := make([]tabular.Column, len(s.header))
	for i, name := range s.header {
		out[i] = tabular.Column{Name: name, Kind: tabular.Text}
		if kind, ok := kindOf[name]; ok {
			out[i].Kind = kind
		}
		if !tabular.Named(name) {
			out[i].Zh, out[i].Kind = codedColumn(name)
		}
	}
	return out
}

// codedColumn is a column named after something of the form: the code of a measure or of a part, alone for its number, and
// with an ending for what is beside it.
func codedColumn(name string) (zh string, kind tabular.Kind) {
	code, ending, kind := name, "", tabular.Decimal
	for _, e := range []struct{ ending, key string }{{"_state", "state"}, {"_percent", "percent"}} {
		if base, ok := strings.CutSuffix(name, e.ending); ok {
			code, ending, kind = base, " "+tabular.Name(e.key), tabular.Text
		}
	}
	if m, ok := form.LookupMeasure(code); ok {
		return m.Name + ending, kind
	}
	return tabular.Name(code) + ending, kind
}

// xlsx writes the sheet as a workbook.
func (s sheet) xlsx(to io.Writer, about map[string]string) error {
	line := make([]string, len(s.header))
	return tabular.XLSX(to, s.columns(), about, func(do func([]string) error) error {
		for _, row := range s.rows {
			for i, v := range row {
				line[i] = string(chart.Printable([]byte(v.text)))
			}
			if err := do(line); err != nil {
				return err
			}
		}
		return nil
	})
}
