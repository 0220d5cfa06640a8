package warehouse

import (
	"fmt"
	"math"
	"math/big"
	"time"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/internal/register"
)

// Document is a file as it was handed in.
type Document struct {
	SHA256    string // lower-case hexadecimal
	MediaType string
	Size      int64 // bytes
	Bytes     []byte
}

// Filing is one version of one agency's report for one year.
type Filing struct {
	ID         string // ULID
	Agency     string // code of the agency that it belongs to
	AgencyName string // as printed
	Region     string // GB/T 2260 code, "" if not known
	Year       int    // the reporting year
	SHA256     string // of the file's bytes
	File       string // its name; a member of an archive as archive.zip!/member
	Forms      map[string]form.Version
	Title      string
	Scope      form.Scope
	Status     form.Status
	Signed     time.Time // midnight UTC, zero if not printed
	Published  time.Time // midnight UTC, zero if not printed
	URL        string
	Problems   []form.Problem
	Synthetic  bool
	ReceivedAt time.Time // UTC
	ReceivedBy string
	Reason     string // why a new version was handed in

	// What follows comes from the commit. It is not set on the way in.

	Batch       string
	Version     int       // rank among the filings of the agency and year, from 1
	CommittedAt time.Time // UTC; the filing is visible from then on
	HeldAs      string    // code of the agency under which its rows stand; see [VisibleFilings]
	Withdrawn   bool      // no longer counted, by a person's decision
}

// Submission is a filing with everything that was read from its file, and its first assessment.
type Submission struct {
	Filing   Filing
	Cells    []form.Cell
	Parts    []form.Part
	Claims   []form.Claim
	Findings []form.Finding
}

// Assessment is the whole set of findings of a filing that is held already. It takes the place of the set before.
type Assessment struct {
	Filing   string
	Agency   string // code under which the filing is held
	Year     int
	Findings []form.Finding
}

// Batch is what becomes visible together. It holds at least one row of something.
type Batch struct {
	ID          string // ULID; also the token by which a repeated insert is recognised
	By          string // who commits
	Documents   []Document
	Submissions []Submission
	Assessments []Assessment

	// Statements of the register; at most one for an agency, and one for an agency and year.
	Agencies    []AgencyStatement
	Obligations []register.Obligation

	// Decisions of people.
	Corrections []CorrectionAct
	Reviews     []Review
	Withdrawals []Withdrawal // at most one for a filing
	Waiting     []WaitingFile
	Sets        []Set      // at most one of a name
	Boards      []BoardAct // at most one of a name
	Displays    []DisplayAct

	// Who may come in; at most one of a kind and name. They change no figure.
	Accounts []AccountStatement
}

// CommitResult says when the batch became visible and what it holds.
type CommitResult struct {
	Batch       string
	CommittedAt time.Time // UTC
	Documents   int
	Filings     int
	Cells       int
	Findings    int
	Statements  int
	Decisions   int
	Accounts    int
}

// The columns for values are Decimal(38,10): 28 digits before the point and 10 after it.
const (
	valueScale  = 10
	valueDigits = 38
)

var valueLimit = new(big.Int).Exp(big.NewInt(10), big.NewInt(valueDigits), nil)

// Storable reports whether the column for values holds this number exactly. If not, the error says why.
func Storable(d decimal.Decimal) error {
	// The exponent is looked at first: arithmetic on 1e9999999 would write it out in full.
	if e := d.Exponent(); e > valueDigits || e < -1000 {
		return fmt.Errorf("number with exponent %d has more than %d digits or more than %d decimal places", e, valueDigits, valueScale)
	}
	if d.Exponent() < -valueScale && !d.Equal(d.Truncate(valueScale)) {
		return fmt.Errorf("number %s has more than %d decimal places", d, valueScale)
	}
	if scaled := d.Shift(valueScale).BigInt(); scaled.CmpAbs(valueLimit) >= 0 {
		return fmt.Errorf("number %s has more than %d digits before the point", d, valueDigits-valueScale)
	}
	return nil
}

// Check reports the first thing of the submission that the tables cannot hold exactly. It does not look at the id.
func (s *Submission) Check() error {
	f := &s.Filing
	switch {
	case len(f.SHA256) != 64:
		return fmt.Errorf("sha256 %q: want 64 hexadecimal digits", f.SHA256)
	case f.Agency == "" || f.Year < 1 || f.Year > math.MaxUint16:
		return fmt.Errorf("agency %q, year %d: want both", f.Agency, f.Year)
	}
	for table := range f.Forms {
		if table != form.Section2 && table != form.Section3 && table != form.Section4 && table != form.Legacy {
			return fmt.Errorf("version of the form of table %s: want one of sections 2 to 4 or of a table before 2019 only", table)
		}
	}
	for _, t := range []time.Time{f.Signed, f.Published} {
		if !t.IsZero() && (t.Year() < 1900 || t.Year() > 2299) {
			return fmt.Errorf("date %s is not between 1900 and 2299", t.Format(time.DateOnly))
		}
	}
	for _, c := range s.Cells {
		if c.State == form.Number {
			if err := Storable(c.Value); err != nil {
				return fmt.Errorf("cell %s: %w", c.Key, err)
			}
		}
		at := c.At
		for _, n := range []struct{ value, limit int }{
			{at.Page, math.MaxUint16}, {at.Grid, math.MaxUint16}, {at.Row, math.MaxUint32}, {at.Column, math.MaxUint16}, {at.Line, math.MaxUint32},
		} {
			if n.value < 0 || n.value > n.limit {
				return fmt.Errorf("cell %s: position %+v is out of range", c.Key, at)
			}
		}
	}
	if len(s.Parts) > math.MaxUint16 || len(s.Claims) > math.MaxUint16 {
		return fmt.Errorf("%d parts and %d claims: want at most %d of each", len(s.Parts), len(s.Claims), math.MaxUint16)
	}
	return checkFindings(s.Findings)
}

func checkFindings(findings []form.Finding) error {
	for _, f := range findings {
		for _, d := range []*decimal.Decimal{f.Left, f.Right, f.Delta} {
			if d == nil {
				continue
			}
			if err := Storable(*d); err != nil {
				return fmt.Errorf("finding %s of %s %s: %w", f.Rule, f.Table, f.Place, err)
			}
		}
	}
	return nil
}

// Form is the filing in the form in which it was read, without its cells, text and findings.
func (f *Filing) Form() form.Filing {
	return form.Filing{File: f.File, SHA256: f.SHA256, Status: f.Status, Problems: f.Problems,
		Agency: form.Agency{Name: f.AgencyName, Region: f.Region}, Year: f.Year, Title: f.Title, Scope: f.Scope,
		Signed: dayText(f.Signed), Published: dayText(f.Published), Forms: f.Forms, Synthetic: f.Synthetic}
}
