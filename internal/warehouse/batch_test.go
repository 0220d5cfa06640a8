package warehouse

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
)

func TestStorable(t *testing.T) {
	tests := []struct {
		number string
		want   string // part of the error, "" for none
	}{
		{"0", ""},
		{"-17", ""},
		{"1234567.89", ""},
		{"0.0000000001", ""},
		{"12.50000000000000", ""}, // zeros beyond the scale say nothing
		{"0.00000000001", "more than 10 decimal places"},
		{"1.00000000005", "more than 10 decimal places"},
		{"9999999999999999999999999999.9999999999", ""},
		{"-9999999999999999999999999999.9999999999", ""},
		{"10000000000000000000000000000", "more than 28 digits before the point"},
		{"1e20", ""},
		{"1e28", "more than 28 digits"},
		{"1e9999", "more than 38 digits"},
		{"1e-9999", "10 decimal places"},
	}
	for _, test := range tests {
		err := Storable(decimal.RequireFromString(test.number))
		if test.want == "" && err != nil {
			t.Errorf("Storable(%s) = %v, want nil", test.number, err)
		}
		if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("Storable(%s) = %v, want an error with %q", test.number, err, test.want)
		}
	}
}

func TestCheckNamesWhatCannotBeStored(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*Submission)
		want  string
	}{
		{"sound", func(*Submission) {}, ""},
		{"no agency", func(s *Submission) { s.Filing.Agency = "" }, "want both"},
		{"no year", func(s *Submission) { s.Filing.Year = 0 }, "want both"},
		{"no hash", func(s *Submission) { s.Filing.SHA256 = "ab" }, "64 hexadecimal digits"},
		{"form of another table", func(s *Submission) { s.Filing.Forms = map[string]form.Version{"section5": "x"} }, "table section5"},
		{"date", func(s *Submission) { s.Filing.Signed = time.Date(1811, 1, 1, 0, 0, 0, 0, time.UTC) }, "1811-01-01"},
		{"value", func(s *Submission) { s.Cells[0].Value = decimal.RequireFromString("1e30") }, "cell section3.R1.total"},
		{"value of a cell that has none", func(s *Submission) {
			s.Cells[0].State, s.Cells[0].Value = form.Text, decimal.RequireFromString("1e30")
		}, ""},
		{"position", func(s *Submission) { s.Cells[0].At.Page = 70_000 }, "out of range"},
		{"finding", func(s *Submission) {
			d := decimal.RequireFromString("0.00000000000001")
			s.Findings[0].Delta = &d
		}, "finding A1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := Submission{
				Filing:   Filing{Agency: "x1", Year: 2023, SHA256: strings.Repeat("a", 64)},
				Cells:    []form.Cell{{Key: form.Key{Table: form.Section3, Row: "R1", Column: "total"}, State: form.Number, Value: decimal.NewFromInt(3)}},
				Findings: []form.Finding{{Rule: "A1", Status: form.Pass}},
			}
			test.spoil(&s)
			err := s.Check()
			if test.want == "" && err != nil {
				t.Errorf("Check() = %v, want nil", err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("Check() = %v, want an error with %q", err, test.want)
			}
		})
	}
}
