package tabular

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// MediaType is that of a workbook.
const MediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// What a worksheet takes.
const (
	MostRows  = 1<<20 - 1 // below the header
	mostUnits = 32767     // of UTF-16 in a cell
	// Spreadsheets calculate with 15 digits and drop the others. A number with more stays a text.
	mostDigits = 15
)

// The worksheets of a workbook: the table, and what it is of.
const (
	rowsSheet  = "数据"
	aboutSheet = "说明"
)

// ErrUnfit is the error of a table that no workbook holds. It names the row and the column.
var ErrUnfit = errors.New("a workbook cannot hold it; want CSV or Parquet")

// XLSX writes a table as a workbook. Codes and other texts are texts, whatever they look like: no 010 becomes 10, no 1-2 a
// day, and nothing is calculated. Numbers are numbers, days are days. Moments stay texts: a cell knows no zone and no
// microseconds. The header has the name for people above the code and stays in sight; a second worksheet says what the columns
// hold and, line by line, about.
//
// What a cell cannot hold is an error, and nothing is written: the library would cut it.
func XLSX(to io.Writer, columns []Column, about map[string]string, each func(do func(row []string) error) error) error {
	book := excelize.NewFile()
	defer book.Close()
	if err := book.SetSheetName("Sheet1", rowsSheet); err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	w, err := book.NewStreamWriter(rowsSheet)
	if err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	styles, err := stylesOf(book)
	if err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	header := make([]any, len(columns))
	for i, c := range columns {
		header[i] = excelize.Cell{StyleID: styles.header, Value: c.label() + "\n" + c.Name}
		if err := w.SetColWidth(i+1, i+1, c.width()); err != nil {
			return fmt.Errorf("write a workbook: %w", err)
		}
	}
	err = w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
	if err == nil {
		err = w.SetRow("A1", header, excelize.RowOpts{Height: 32})
	}
	if err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	line := make([]any, len(columns))
	n := 1
	err = each(func(row []string) error {
		if n++; n > MostRows+1 {
			return fmt.Errorf("write a workbook: more than %d rows: %w", MostRows, ErrUnfit)
		}
		for i, c := range columns {
			var err error
			if line[i], err = c.cell(row[i], styles); err != nil {
				return fmt.Errorf("write row %d of a workbook: column %s: %w", n-1, c.Name, err)
			}
		}
		return w.SetRow("A"+strconv.Itoa(n), line)
	})
	if err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	if err := explain(book, columns, about, n-1, styles); err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	if _, err := book.WriteTo(to); err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	return nil
}

type styles struct{ header, day, text, whole, number int }

func stylesOf(book *excelize.File) (s styles, err error) {
	day := "yyyy-mm-dd"
	for _, one := range []struct {
		into *int
		is   *excelize.Style
	}{
		{&s.header, &excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: 49, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"},
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"F0F0F0"}}}},
		{&s.day, &excelize.Style{CustomNumFmt: &day}},
		{&s.text, &excelize.Style{NumFmt: 49}}, // text also when somebody types over it
		{&s.whole, &excelize.Style{NumFmt: 1}},
		{&s.number, &excelize.Style{NumFmt: 0}},
	} {
		if *one.into, err = book.NewStyle(one.is); err != nil {
			return s, err
		}
	}
	return s, nil
}

// cell is a value as the worksheet holds it.
func (c Column) cell(text string, s styles) (any, error) {
	asText := func() (any, error) {
		if n := len(utf16.Encode([]rune(text))); len(text) > mostUnits && n > mostUnits {
			return nil, fmt.Errorf("a text of %d characters, and a cell takes %d: %w", n, mostUnits, ErrUnfit)
		}
		if i := strings.IndexFunc(text, unwritable); i >= 0 || !utf8.ValidString(text) {
			return nil, fmt.Errorf("the text %.60q has a character that XML does not know: %w", text, ErrUnfit)
		}
		return excelize.Cell{StyleID: s.text, Value: text}, nil
	}
	if c.Kind == Text || c.Kind == Instant {
		if text == "" {
			return nil, nil
		}
		return asText()
	}
	if text == "" {
		return nil, nil
	}
	switch c.Kind {
	case Integer, Decimal, Real:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, err
		}
		if c.Kind != Real && digits(text) > mostDigits {
			return asText()
		}
		style := s.number
		if c.Kind == Integer {
			style = s.whole
		}
		return excelize.Cell{StyleID: style, Value: n}, nil
	case Boolean:
		b, err := strconv.ParseBool(text)
		return b, err
	case Date:
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return nil, err
		}
		if day.Year() < 1901 { // spreadsheets believe in a 29 February 1900
			return asText()
		}
		return excelize.Cell{StyleID: s.day, Value: day}, nil
	}
	return nil, fmt.Errorf("kind %q", c.Kind)
}

// unwritable are the characters that XML does not know.
func unwritable(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff
}

// digits counts the digits of a number that matter.
func digits(text string) int {
	n := 0
	for _, r := range strings.TrimLeft(text, "-0.") {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

func (c Column) width() float64 {
	switch c.Kind {
	case Integer, Decimal, Real, Boolean, Date:
		return 12
	}
	return 20
}

// explain adds the worksheet that says what the table is. It is small and not streamed: the library writes several streams in any
// order, and the same table has to give the same bytes.
func explain(book *excelize.File, columns []Column, about map[string]string, rows int, s styles) error {
	if _, err := book.NewSheet(aboutSheet); err != nil {
		return err
	}
	err := book.SetColWidth(aboutSheet, "A", "C", 30)
	n := 0
	line := func(style int, texts ...string) {
		n++
		for i, t := range texts {
			at, e := excelize.CoordinatesToCellName(i+1, n)
			err = errors.Join(err, e, book.SetCellStr(aboutSheet, at, t), book.SetCellStyle(aboutSheet, at, at, style))
		}
	}
	line(s.text, "行数 rows", strconv.Itoa(rows))
	for _, name := range slices.Sorted(maps.Keys(about)) {
		line(s.text, strings.TrimSpace(names[name]+" "+name), about[name])
	}
	line(s.header, "列 column", "名称 name", "类型 kind")
	for _, c := range columns {
		line(s.text, c.Name, c.label(), kindNames[c.Kind])
	}
	return err
}

var kindNames = map[Kind]string{Text: "文字 text", Integer: "整数 integer", Decimal: "数 decimal", Real: "比值 real", Boolean: "是否 boolean", Date: "日期 date", Instant: "时刻（UTC，文字）instant"}
