package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"nianbao/ingest/assess"
	"nianbao/ingest/check"
	"nianbao/ingest/document"
	"nianbao/ingest/document/office"
	"nianbao/ingest/document/open"
	"nianbao/ingest/document/scan"
	"nianbao/ingest/recognise"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
)

// Codes of problems for which this package rejects a file.
const (
	AgencyUnknown   = "agency_unknown"     // the file does not tell whose report it is
	YearUnknown     = "year_unknown"       // the file does not tell for which year it is
	ValueOutOfRange = "value_out_of_range" // a number, date or position that the tables cannot hold exactly
	AgencyOverruled = "agency_overruled"   // the caller said another agency than the file; no reason to reject
	Unreadable      = "unreadable"         // the bytes cannot be had
	Internal        = "internal"           // the program has a fault
	YearOverruled   = "year_overruled"     // the caller said another year than the file; no reason to reject
)

// readingTime is how long one file may take. The slowest real reports take seconds.
const readingTime = 2 * time.Minute

// An item is one file on its way through the pipeline.
type item struct {
	sequence int // place in the walk, from 0
	name     string
	bytes    []byte
	charged  int64 // room it takes in the budget

	result     Result // its Status is empty as long as the file is to be stored
	mediaType  string
	submission warehouse.Submission   // what is to be stored; without id and time of receipt
	waiting    *warehouse.WaitingFile // what is to be stored in its place
}

func newItem(name string, b []byte) *item {
	return &item{name: name, bytes: b, result: Result{File: name, SHA256: hash(b)}}
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// reject ends the file with a problem, which takes the place of a milder one of the same code.
func (it *item) reject(p form.Problem) {
	it.result.Status, it.result.Message = Rejected, p.Message
	others := slices.DeleteFunc(slices.Clone(it.result.Problems), func(o form.Problem) bool { return o.Code == p.Code })
	it.result.Problems = append(others, p)
}

// needed are the codes of problems that go away once something is installed.
var needed = []string{scan.NeedsTesseract, office.NeedsLibreOffice}

// Unread tells whether one of the problems of a file is the want of another program: the file is to be read again once
// that is installed.
func Unread(problems []form.Problem) bool {
	return slices.ContainsFunc(problems, func(p form.Problem) bool { return slices.Contains(needed, p.Code) })
}

// wait keeps a file that cannot be read without another program until that is installed, and a report that does not say
// whose it is, or for which year, until a person does.
func (it *item) wait(f form.Filing) {
	r := &it.result
	it.waiting = &warehouse.WaitingFile{SHA256: r.SHA256, Act: warehouse.Wait, File: it.name, AgencyName: r.Agency, Year: r.Year, Title: f.Title}
	if f.Status == form.Rejected {
		r.Message = r.Problems[len(r.Problems)-1].Message
		it.waiting.Problems = r.Problems
		return
	}
	p := form.Problem{Code: AgencyUnknown, Message: "the file does not tell whose report it is"}
	advice := "; ingest it with --agency NAME, or assign it among the waiting files"
	if f.Agency.Name != "" {
		p = form.Problem{Code: YearUnknown, Message: "the file does not tell for which year it is"}
		advice = "; ingest it with --year Y, or assign it among the waiting files"
	}
	for _, o := range r.Problems { // what was read names those it may be
		if o.Code == p.Code {
			p = o
		}
	}
	p.Message += advice
	r.Message = p.Message
	r.Problems = append(slices.DeleteFunc(slices.Clone(r.Problems), func(o form.Problem) bool { return o.Code == p.Code }), p)
	it.waiting.Problems = r.Problems
}

func (it *item) fail(err error) {
	it.result.Status, it.result.Message = Failed, err.Error()
}

// read turns the bytes into a filing, unless the item has its result already.
func (it *item) read(ctx context.Context, opt Options) {
	if it.result.Status != "" {
		return
	}
	limited, cancel := context.WithTimeoutCause(ctx, readingTime, fmt.Errorf("reading took more than %s", readingTime))
	defer cancel()
	f, err := read(limited, it.name, it.bytes, opt.Agency, opt.Year)
	if err != nil {
		opt.Log.Error("ingest: reading failed", "file", it.name, "error", err)
		it.fail(err)
		return
	}
	if f.Agency.Region == "" {
		f.Agency.Region = opt.Region
	}
	r := &it.result
	r.Agency, r.Year, r.Read, r.Cells, r.Problems = f.Agency.Name, f.Year, f.Status, len(f.Cells), f.Problems
	for _, x := range f.Findings {
		if x.Status == form.Fail && x.Delta != nil {
			r.FailedChecks++
		}
	}
	it.mediaType, r.MediaType = f.MediaType, f.MediaType
	switch {
	case f.Status == form.Rejected && Unread(f.Problems):
		it.wait(f)
		return
	case f.Status == form.Rejected:
		r.Status = Rejected
		if len(f.Problems) > 0 {
			r.Message = f.Problems[len(f.Problems)-1].Message
		}
		return
	}
	if f.Agency.Name == "" || f.Year == 0 {
		it.wait(f)
		return
	}
	r.AgencyID = opt.agency(r.Agency, f.Agency.Region, r.Year)
	it.submission, err = submission(f, r.AgencyID)
	if err == nil {
		err = it.submission.Check()
	}
	if err != nil {
		it.reject(form.Problem{Code: ValueOutOfRange, Message: err.Error()})
	}
}

func submission(f form.Filing, agency string) (warehouse.Submission, error) {
	signed, err := day(f.Signed)
	if err != nil {
		return warehouse.Submission{}, err
	}
	published, err := day(f.Published)
	if err != nil {
		return warehouse.Submission{}, err
	}
	return warehouse.Submission{
		Filing: warehouse.Filing{
			Agency: agency, AgencyName: f.Agency.Name, Region: f.Agency.Region, Year: f.Year,
			SHA256: f.SHA256, File: f.File, Forms: f.Forms, Title: f.Title, Scope: f.Scope, Status: f.Status,
			Signed: signed, Published: published, Problems: f.Problems, Synthetic: f.Synthetic,
		},
		Cells:    f.Cells,
		Parts:    f.Parts,
		Claims:   f.Claims,
		Findings: f.Findings,
	}, nil
}

// day reads a date as filings have it; "" is the zero time.
func day(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, fmt.Errorf("date %q is none, want YYYY-MM-DD", s)
	}
	return t, nil
}

// Read reads one file's bytes, recognises the report and checks its figures. It never fails: a file that is not
// accepted gives a filing with status rejected and the problem that says why.
func Read(ctx context.Context, name string, b []byte) form.Filing {
	f, err := read(ctx, name, b, "", 0)
	if err != nil {
		return Reject(name, b, form.Problem{Code: Internal, Message: err.Error()})
	}
	return f
}

// ReadFile is Read for the file at a path. A file whose bytes cannot be had is rejected with the problem unreadable.
func ReadFile(ctx context.Context, path string) form.Filing {
	f, size, err := openRegular(path)
	if err == nil {
		defer f.Close()
		if limit := document.DefaultLimits.Bytes; size > limit {
			return Reject(path, nil, form.Problem{Code: document.TooLarge, Message: fmt.Sprintf("the file has %d bytes, want at most %d", size, limit)})
		}
		var b []byte
		if b, err = readAll(f, size); err == nil {
			return Read(ctx, path, b)
		}
	}
	return Reject(path, nil, form.Problem{Code: Unreadable, Message: err.Error()})
}

// Reject is the filing of a file that was not accepted. The bytes may be nil if they could not be had.
func Reject(name string, b []byte, p form.Problem) form.Filing {
	f := form.Filing{File: name, Status: form.Rejected, Problems: []form.Problem{p}, Scope: form.ScopeUnknown}
	if b != nil {
		f.SHA256 = hash(b)
	}
	complete(&f)
	return f
}

// read is Read with the agency and year that the caller knows better than the file. A panic in a reader is an error
// of this file alone.
func read(ctx context.Context, name string, b []byte, agency string, year int) (f form.Filing, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("read %s: internal error: %v\n%s", name, r, debug.Stack())
		}
	}()
	doc, err := open.Bytes(ctx, name, b, document.DefaultLimits)
	var refusal *document.Refusal
	if errors.As(err, &refusal) {
		return Reject(name, b, refusal.Problem), nil
	}
	if err != nil {
		return f, fmt.Errorf("read %s: %w", name, err)
	}
	f = recognise.Recognise(doc, name)
	f.File, f.SHA256, f.MediaType = name, hash(b), doc.MediaType
	if f.Status != form.Rejected {
		overrule(&f, agency, year)
		assess.Findings(&f, check.Context{})
	}
	complete(&f)
	return f, nil
}

// overrule puts what the caller said in the place of what the file says. Where both speak and differ the filing
// keeps a problem that says so.
func overrule(f *form.Filing, agency string, year int) {
	settled := func(code string) {
		f.Problems = slices.DeleteFunc(f.Problems, func(p form.Problem) bool { return p.Code == code })
	}
	if agency != "" && f.Agency.Name != agency {
		if f.Agency.Name != "" {
			f.Problems = append(f.Problems, form.Problem{Code: AgencyOverruled,
				Message: fmt.Sprintf("the file says it is the report of %s; %s was given", f.Agency.Name, agency)})
		}
		f.Agency = form.Agency{Name: agency, Evidence: append(f.Agency.Evidence, form.Evidence{From: "option", Text: "--agency " + agency})}
		settled(AgencyUnknown)
	}
	if year != 0 && f.Year != year {
		if f.Year != 0 {
			f.Problems = append(f.Problems, form.Problem{Code: YearOverruled,
				Message: fmt.Sprintf("the file says it is the report for %d; %d was given", f.Year, year)})
		}
		f.Year = year
		f.YearEvidence = append(f.YearEvidence, form.Evidence{From: "option", Text: "--year " + strconv.Itoa(year)})
		settled(YearUnknown)
	}
}

// complete makes absent lists empty ones, so that every key of the JSON is there.
func complete(f *form.Filing) {
	if f.Problems == nil {
		f.Problems = []form.Problem{}
	}
	if f.Forms == nil {
		f.Forms = map[string]form.Version{}
	}
	if f.Cells == nil {
		f.Cells = []form.Cell{}
	}
	if f.Claims == nil {
		f.Claims = []form.Claim{}
	}
	if f.Findings == nil {
		f.Findings = []form.Finding{}
	}
	if f.Scope == "" {
		f.Scope = form.ScopeUnknown
	}
}
