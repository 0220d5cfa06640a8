package demo

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"nianbao/internal/register"
)

// The register that stands beside the reports knows every name that they print in the district they come from, and
// by it exactly those reports are missing that were left out on purpose.
func TestTheRegisterFitsTheReports(t *testing.T) {
	for _, o := range []Options{{}, {Agencies: 130, FirstYear: 2020, LastYear: 2024, Seed: 3}, {Agencies: 1, FirstYear: 2023, LastYear: 2023, Seed: 1}} {
		filings, missing, err := District(o)
		if err != nil {
			t.Fatal(err)
		}
		o, err := o.complete()
		if err != nil {
			t.Fatal(err)
		}
		r, err := Register(o)
		if err != nil {
			t.Fatal(err)
		}
		if problems := r.Problems(); len(problems) > 0 {
			t.Errorf("%+v: %v", o, problems)
		}
		type report struct {
			agency string
			year   int
		}
		held := map[report]bool{}
		states := map[register.State]int{}
		now := time.Date(o.LastYear+2, 1, 1, 0, 0, 0, 0, time.UTC)
		for f := range filings {
			if m := r.Match(f.Report.Agency, "", f.Report.Year); m.Code != f.Agency || m.How != register.Exact {
				t.Errorf("%s %d is matched with %+v, want %s", f.Report.Agency, f.Report.Year, m, f.Agency)
			}
			if f.Report.Version > 1 {
				continue
			}
			held[report{f.Agency, f.Report.Year}] = true
			published, err := time.Parse(time.DateOnly, f.Report.Published)
			if err != nil {
				t.Fatal(err)
			}
			states[r.Standing(f.Agency, f.Report.Year, register.Filed{Held: true, Published: published}, now).State]++
		}
		for _, a := range r.Agencies() {
			for year := o.FirstYear; year <= o.LastYear; year++ {
				if !held[report{a.Code, year}] {
					states[r.Standing(a.Code, year, register.Filed{}, now).State]++
				}
			}
		}
		turned := 0
		if _, changes := o.turn(); changes { // the body that ends and its successor have a duty in turn
			for _, a := range r.Agencies() {
				if !a.To.IsZero() {
					turned += o.years()
				}
			}
		}
		if states[register.NotFiled] != missing || states[register.NotObliged] != turned || states[register.NotDue] > 0 || states[register.DateUnknown] > 0 {
			t.Errorf("%+v: %v, want %d not filed and %d without duty", o, states, missing, turned)
		}
		if o.Agencies >= 40 && (len(r.Obligations()) != 1 || states[register.Late] == 0 || turned == 0) {
			t.Errorf("%+v: %d exceptions, %v: the district shows too little", o, len(r.Obligations()), states)
		}
	}
}

func TestTheRegisterIsWrittenBesideTheReports(t *testing.T) {
	dir := t.TempDir()
	o := Options{Agencies: 40, FirstYear: 2022, LastYear: 2023, Seed: 9}
	if _, err := Write(dir, o); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, RegisterFile))
	if err != nil {
		t.Fatal(err)
	}
	s, problems := register.Parse(bytes.NewReader(content))
	r, err := Register(o)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	for _, c := range register.Diff(r, s) {
		if c.Outcome != register.Unchanged {
			t.Errorf("%s in the file is not that of the register: %+v", c.Agency, c)
		}
	}
	if len(s.Agencies) != r.Len() || r.Len() != 41 {
		t.Errorf("%d agencies in the file, %d in the register, want 41: forty and a successor", len(s.Agencies), r.Len())
	}
}
