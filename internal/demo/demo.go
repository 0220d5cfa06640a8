// Package demo makes up annual reports and prints reports as files.
//
// A [Report] is a value: an agency, a year, the version of the form of each table, the cells as they are printed,
// the prose and the figures that the prose states. [Print] writes such a value in one of the formats in which bureaus
// publish; [Truth] writes what a reader of the file must find in it. Both derive every table from package form.
//
// [Write] fills a folder with the reports of a synthetic district (示例市虚构区, which does not exist): bureaus,
// subdistricts, towns and the district government, over several years, with the faults that real reports have. The
// same options give the same bytes. Every document of it carries [form.SyntheticMark].
//
// The reports under samples in the module's folder hold the figures of published reports; the same writers print them
// from their truth files by [FromTruth].
package demo

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"nianbao/internal/register"
)

// Options say which district to make up. Zero fields take the defaults.
type Options struct {
	Agencies  int    // bodies that have to report each year, at least 1; 40 if 0. Above 40 they fill further districts
	FirstYear int    // first reporting year, not before 2019; 2019 if 0
	LastYear  int    // last reporting year; six years after the first if 0
	Seed      uint64 // another seed is another district
}

func (o Options) complete() (Options, error) {
	o.Agencies = cmp.Or(o.Agencies, 40)
	o.FirstYear = cmp.Or(o.FirstYear, 2019)
	o.LastYear = cmp.Or(o.LastYear, o.FirstYear+6)
	switch {
	case o.Agencies < 1:
		return o, fmt.Errorf("make up a district: %d agencies, want at least 1", o.Agencies)
	case o.FirstYear < 2019:
		return o, fmt.Errorf("make up a district: first year %d, want 2019 or later; the form is not older", o.FirstYear)
	case o.LastYear < o.FirstYear || o.LastYear > 9999:
		return o, fmt.Errorf("make up a district: last year %d, want %d to 9999", o.LastYear, o.FirstYear)
	}
	return o, nil
}

func (o Options) years() int { return o.LastYear - o.FirstYear + 1 }

// Summary counts what [Write] wrote.
type Summary struct {
	Agencies   int // bodies that have to report
	Years      int
	Reports    int               // files, corrected versions included
	Corrected  int               // second versions among them
	Flawed     int               // reports that contradict themselves or another report on purpose
	Unfiled    int               // reports that were due and do not exist
	ByFormat   [len(Formats)]int // in the order of Formats
	TruthFiles int
	Bytes      int64 // of the reports
}

// RegisterFile is the name of the file with the register of the district.
const RegisterFile = "register.csv"

// Write makes up a district and writes its reports to <dir>/<year>/<agency>_<year>[_v2].<ext>, what they hold to
// <dir>/truth/<agency>_<year>[_v2].json, and who has to report to <dir>/register.csv; a truth file names its report relative
// to dir. Files of these names are overwritten, others are left alone. The figures grow from the first year on: the same district from another first
// year is another one.
func Write(dir string, o Options) (Summary, error) {
	filings, unfiled, err := District(o)
	if err != nil {
		return Summary{}, err
	}
	o, _ = o.complete()
	s := Summary{Agencies: o.Agencies, Years: o.years(), Unfiled: unfiled}
	if err := os.MkdirAll(filepath.Join(dir, "truth"), 0o755); err != nil {
		return s, fmt.Errorf("write demonstration reports: %w", err)
	}
	for year := o.FirstYear; year <= o.LastYear; year++ {
		if err := os.MkdirAll(filepath.Join(dir, fmt.Sprint(year)), 0o755); err != nil {
			return s, fmt.Errorf("write demonstration reports: %w", err)
		}
	}
	if err := writeRegister(filepath.Join(dir, RegisterFile), o); err != nil {
		return s, err
	}
	for f := range filings {
		content, err := Print(f.Report, f.Format, f.Style)
		if err != nil {
			return s, fmt.Errorf("write demonstration report %s: %w", f.File(), err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(f.File())), content, 0o644); err != nil {
			return s, fmt.Errorf("write demonstration report: %w", err)
		}
		truth := Truth(f.Report, f.Stem, []string{f.File()}, []string{"made up by nianbao demo"})
		if err := os.WriteFile(filepath.Join(dir, "truth", f.Stem+".json"), truth, 0o644); err != nil {
			return s, fmt.Errorf("write truth of demonstration report: %w", err)
		}
		s.Reports++
		s.TruthFiles++
		s.Bytes += int64(len(content))
		s.ByFormat[slices.Index(Formats[:], f.Format)]++
		if f.Report.Version > 1 {
			s.Corrected++
		}
		if len(f.Report.Inconsistencies) > 0 {
			s.Flawed++
		}
	}
	return s, nil
}

func writeRegister(name string, o Options) error {
	r, err := Register(o)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := register.Write(&file, r); err != nil {
		return fmt.Errorf("write register of the demonstration district: %w", err)
	}
	if err := os.WriteFile(name, file.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write register of the demonstration district: %w", err)
	}
	return nil
}
