package export

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/internal/rowbinary"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
	"nianbao/query/coverage"
	"nianbao/query/history"
)

// fill writes one of the smaller files.
func (e *export) fill(w io.Writer, file string, rows func(put func(...any) error) error) error {
	d, _ := form.LookupDataset(file)
	t := newTable(d, w, e.query.BOM)
	if err := rows(t.put); err != nil {
		return err
	}
	return t.w.Flush()
}

// versions calls do with each filing of the query, by year, agency and version.
func (e *export) versions(ctx context.Context, do func(y *yearOf, f *warehouse.Filing) error) error {
	for i := range e.years {
		y := &e.years[i]
		list, err := e.store.History(ctx, e.query.AsOf, warehouse.Filter{Years: []int{y.year}, Agencies: e.query.Agencies})
		if err != nil {
			return err
		}
		for i := range list {
			if err := do(y, &list[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *export) writeFilings(ctx context.Context, w io.Writer) error {
	return e.fill(w, form.FilingsFile, func(put func(...any) error) error {
		return e.versions(ctx, func(y *yearOf, f *warehouse.Filing) error {
			problems := f.Problems
			if problems == nil {
				problems = []form.Problem{}
			}
			text, err := json.Marshal(problems)
			if err != nil {
				return err
			}
			counts := y.counted[f.ID]
			cells, findings := 0, 0
			e.totals.Filings++
			switch {
			case counts:
				cells, findings = y.cells[f.ID], y.findings[f.ID]
				e.totals.Counted++
			case f.Withdrawn:
				e.totals.Withdrawn++
			default:
				e.totals.Superseded++
			}
			return put(f.Year, f.Agency, f.AgencyName, f.Region, f.Version, counts, f.Withdrawn, string(f.Status), string(f.Scope), string(f.Forms[form.Section2]),
				string(f.Forms[form.Section3]), string(f.Forms[form.Section4]), string(f.Forms[form.Legacy]), f.Title, f.Signed, f.Published, f.URL, f.File, f.SHA256, cells, findings,
				f.Synthetic, string(text), f.ReceivedAt, f.ReceivedBy, f.Reason, f.CommittedAt, f.Batch, f.ID)
		})
	})
}

// Measured are the measures of the package: those that one report gives, without the single rows and columns of the form.
var Measured = slices.DeleteFunc(slices.Clone(form.Measures), func(m form.Measure) bool {
	return m.Detail || m.Kind == form.GrowthOf || m.Kind == form.DaysOf
})

// shareScale is the number of decimals of a share.
const shareScale = 6

// ValueOf is the value of a measure: the numerator, or the share or ratio to six decimals, half away from zero.
func ValueOf(numerator, denominator *decimal.Decimal) *decimal.Decimal {
	if denominator == nil || numerator == nil {
		return numerator
	}
	v := numerator.DivRound(*denominator, shareScale)
	return &v
}

func (e *export) writeMeasures(ctx context.Context, w io.Writer) error {
	codes := make([]string, len(Measured))
	for i, m := range Measured {
		codes[i] = m.Code
	}
	return e.fill(w, form.MeasuresFile, func(put func(...any) error) error {
		for _, y := range e.years {
			roster, err := compare.ReadRoster(ctx, e.store.Conn(), y.year, e.query.AsOf)
			if err != nil {
				return err
			}
			written := 0
			for _, list := range []form.Scope{form.ScopeOwn, form.ScopeAggregate} {
				t, err := roster.Table(ctx, e.store.Conn(), compare.Selection{Year: y.year, Agencies: e.query.Agencies, Scope: list, AsOf: e.query.AsOf, Flawed: true}, compare.Usual(codes...)...)
				if err != nil {
					return err
				}
				slices.SortFunc(t.Lines, func(a, b compare.Line) int { return strings.Compare(a.Agency, b.Agency) })
				for i := range t.Lines {
					l := &t.Lines[i]
					r := l.Last()
					if r.Filing == "" {
						continue
					}
					written++
					if r.Flawed {
						e.totals.LeftOut++
					}
					for k, j := range r.Figures {
						m := &t.Measures[k]
						x, n := number(j.X, m), (*decimal.Decimal)(nil)
						if len(m.Denominator) > 0 {
							n = number(j.N, m)
						}
						var value *decimal.Decimal
						if j.State == compare.Value || j.State == compare.Zero {
							value = ValueOf(x, n)
						}
						if err := put(y.year, l.Agency, l.Name, r.Filing, m.Code, m.Name, x, n, value, string(j.State), j.X.BlankAsZero || j.N.BlankAsZero,
							j.X.Corrected || j.N.Corrected, r.Flawed, string(list)); err != nil {
							return err
						}
					}
				}
			}
			if written != len(y.counted) {
				return fmt.Errorf("year %d: measures of %d reports, %d count", y.year, written, len(y.counted))
			}
		}
		return nil
	})
}

// number is a sum, nil if there is none.
func number(f compare.Figure, m *form.Measure) *decimal.Decimal {
	if !f.Known() {
		return nil
	}
	v := decimal.New(f.Sum, int32(-m.Scale()))
	return &v
}

func (e *export) writeFormulas(_ context.Context, w io.Writer) error {
	return e.fill(w, form.FormulasFile, func(put func(...any) error) error {
		for _, m := range Measured {
			notes := []string{}
			if m.Caveat != "" {
				notes = append(notes, m.Caveat)
			}
			for _, c := range m.Caveats {
				notes = append(notes, string(c.Version)+" 版："+c.Text)
			}
			if err := put(m.Code, m.Name, string(m.Kind), m.Unit, m.Formula, m.Per, strings.Join(form.Paths(m.Numerator), " + "), strings.Join(form.Paths(m.Denominator), " + "), m.Source,
				strings.Join(notes, "；"), m.Revision); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e *export) writeCorrections(ctx context.Context, w io.Writer) error {
	list, err := history.Corrections(ctx, e.store, history.CorrectionsRequest{Years: e.query.Years, Agencies: e.query.Agencies, AsOf: e.query.AsOf})
	if err != nil {
		return err
	}
	return e.fill(w, form.CorrectionsFile, func(put func(...any) error) error {
		for _, c := range list {
			var value, read *decimal.Decimal
			readState := ""
			if c.State == form.Number {
				value = &c.Value
			}
			if c.Read != nil {
				readState = string(c.Read.State)
				if c.Read.State == form.Number {
					read = &c.Read.Value
				}
			}
			var approved, withdrawn warehouse.CorrectionAct
			if c.Approved != nil {
				approved = *c.Approved
			}
			if c.Withdrawn != nil {
				withdrawn = *c.Withdrawn
			}
			if err := put(c.Correction.Correction, string(c.Standing), c.Year, c.Report.Agency, c.Filing, c.Table, c.Row, c.Column, value, string(c.State), read, readState, c.Replaces, c.Two,
				c.Reason, c.Person, c.At, approved.Person, approved.At, withdrawn.Person, withdrawn.At, withdrawn.Reason); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e *export) writeReviews(ctx context.Context, w io.Writer) error {
	list, err := e.store.Reviews(ctx, e.query.AsOf, warehouse.Filter{Years: e.query.Years, Agencies: e.query.Agencies})
	if err != nil {
		return err
	}
	return e.fill(w, form.ReviewsFile, func(put func(...any) error) error {
		for _, r := range list {
			if err := put(r.ID, r.Decision, r.Year, r.Agency, r.Filing, r.Rule, r.Table, r.Place, r.Basis, r.Reason, r.Person, r.At); err != nil {
				return err
			}
		}
		return nil
	})
}

// register reads who had to file, judged at the moment of the export.
func (e *export) register(ctx context.Context) (coverage.Matrix, error) {
	if len(e.query.Years) == 0 {
		return coverage.Matrix{}, nil
	}
	m, err := coverage.MatrixOf(ctx, e.store, coverage.Request{Years: e.query.Years, Agencies: e.query.Agencies, AsOf: e.query.AsOf, Now: e.query.AsOf})
	slices.SortFunc(m.Lines, func(a, b coverage.Line) int { return strings.Compare(a.Agency, b.Agency) })
	return m, err
}

func (e *export) writeRegister(ctx context.Context, w io.Writer) error {
	m, err := e.register(ctx)
	if err != nil {
		return err
	}
	return e.fill(w, form.RegisterFile, func(put func(...any) error) error {
		for i, year := range m.Years {
			for _, l := range m.Lines {
				c := l.Cells[i]
				e.totals.Register++
				if c.Filing != "" {
					e.totals.Held++
				} else {
					e.totals.Missing++
				}
				if err := put(year, l.Agency, l.Name, string(l.Kind), l.Region, l.Parent, l.Registered, string(c.State), c.Due, c.Days, c.Why, c.Filing, c.Published, c.Received); err != nil {
					return err
				}
			}
		}
		if e.totals.Held != e.totals.Counted {
			return fmt.Errorf("the register knows %d reports, %d count", e.totals.Held, e.totals.Counted)
		}
		return nil
	})
}

// absent says why an agency has no report.
var absent = map[coverage.State]string{
	"not_filed": "应报未报：期限已过，未收到报告", "not_due": "期限未到，未收到报告", "not_obliged": "无须报送", coverage.NotReceived: "不在登记中，本年度未收到报告（其他年度有）",
}

// omission is a line of the file of what is left out.
type omission struct {
	kind                               string
	year                               int
	agency, name, filing, sha256, file string
	reason, person                     string
	at                                 time.Time
}

func (e *export) writeExcluded(ctx context.Context, w io.Writer) error {
	var list []omission
	withdrawals, err := e.store.Withdrawals(ctx, e.query.AsOf)
	if err != nil {
		return err
	}
	last := map[string]warehouse.Withdrawal{}
	for _, w := range withdrawals {
		last[w.Filing] = w
	}
	flawed := map[string]bool{}
	for _, y := range e.years {
		roster, err := compare.ReadRoster(ctx, e.store.Conn(), y.year, e.query.AsOf)
		if err != nil {
			return err
		}
		for _, id := range roster.Flawed(y.year) {
			flawed[id] = true
		}
	}
	err = e.versions(ctx, func(y *yearOf, f *warehouse.Filing) error {
		o := omission{year: f.Year, agency: f.Agency, name: f.AgencyName, filing: f.ID, sha256: f.SHA256, file: f.File}
		switch {
		case f.Withdrawn:
			a := last[f.ID]
			o.kind, o.reason, o.person, o.at = "withdrawn", a.Reason, a.Person, a.At
		case !y.counted[f.ID]:
			o.kind, o.reason = "superseded", "有更新的版本"
		case flawed[f.ID]:
			o.kind, o.reason = "left_out", "勾稽关系不成立，无人说明理由；数字在 cells.csv 中，不参加比较和排名"
		default:
			return nil
		}
		list = append(list, o)
		return nil
	})
	if err != nil {
		return err
	}
	if len(e.query.Agencies) == 0 { // nobody knows whose they are
		waiting, err := e.store.Waiting(ctx, e.query.AsOf)
		if err != nil {
			return err
		}
		for _, f := range waiting {
			if len(e.filter.Years) > 0 && f.Year != 0 && !slices.Contains(e.query.Years, f.Year) {
				continue
			}
			var why []string
			for _, p := range f.Problems {
				why = append(why, p.Message)
			}
			e.totals.Waiting++
			list = append(list, omission{kind: "waiting", year: f.Year, name: f.AgencyName, sha256: f.SHA256, file: f.File, reason: strings.Join(why, "; "), person: f.Person, at: f.At})
		}
	}
	m, err := e.register(ctx)
	if err != nil {
		return err
	}
	for i, year := range m.Years {
		for _, l := range m.Lines {
			if c := l.Cells[i]; c.Filing == "" {
				reason := absent[c.State]
				if c.Why != "" {
					reason += "：" + c.Why
				}
				list = append(list, omission{kind: string(c.State), year: year, agency: l.Agency, name: l.Name, reason: reason})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b omission) int {
		return cmp.Or(strings.Compare(a.kind, b.kind), cmp.Compare(a.year, b.year), strings.Compare(a.agency, b.agency), strings.Compare(a.filing, b.filing), strings.Compare(a.sha256, b.sha256))
	})
	return e.fill(w, form.ExcludedFile, func(put func(...any) error) error {
		for _, o := range list {
			if err := put(o.kind, o.year, o.agency, o.name, o.filing, o.sha256, o.file, o.reason, o.person, o.at); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e *export) writeChanges(ctx context.Context, w io.Writer) error {
	list, err := history.Log(ctx, e.store, history.LogRequest{After: e.query.Changes, Until: e.query.AsOf, Agencies: e.filter.Agencies, Years: e.filter.Years})
	if err != nil {
		return err
	}
	return e.fill(w, form.ChangesFile, func(put func(...any) error) error {
		for i, c := range list {
			if err := put(i+1, c.At, string(c.Kind), c.Person, c.Cause, c.Year, c.Agency, c.Name, c.Filing, c.Version, c.Subject, c.Detail, c.Batch); err != nil {
				return err
			}
		}
		return nil
	})
}

// Draw is the number that a cell draws: the cells with the smallest are the sample. Parts are the filing, the codes of table,
// row and column, and page, grid, row, column and line as decimal numbers.
func Draw(seed string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(append([]string{seed}, parts...), "\n")))
	return hex.EncodeToString(sum[:])
}

// drawn is a cell of the sample.
type drawn struct {
	draw, agency, name, filing, sha256, raw string
	year                                    int
	form.Key
	value                         *decimal.Decimal
	state                         string
	page, grid, row, column, line int
}

func (e *export) writeSample(ctx context.Context, w io.Writer) error {
	var list []drawn
	for _, y := range e.years {
		sql, args := e.sampleQuery(y.year, y.corrected)
		d, err := rowbinary.Query(ctx, e.store.Conn(), sql, args...)
		if err != nil {
			return err
		}
		for d.More() {
			one := drawn{draw: d.Text(), agency: d.Text(), name: d.Text(), year: y.year, Key: form.Key{Table: d.Text(), Row: d.Text(), Column: d.Text()}}
			if v, ok := d.Decimal(valueScale); ok {
				one.value = &v
			}
			one.state, one.raw = d.Text(), d.Text()
			one.page, one.grid, one.row, one.column, one.line = int(d.Uint16()), int(d.Uint16()), int(d.Uint32()), int(d.Uint16()), int(d.Uint32())
			one.filing, one.sha256 = d.Take(idLength), d.Take(sha256.Size*2)
			list = append(list, one)
		}
		if err := d.Wrap("the sample"); err != nil {
			return err
		}
		slices.SortFunc(list, func(a, b drawn) int { return strings.Compare(a.draw, b.draw) })
		list = list[:min(len(list), e.query.Sample)]
	}
	return e.fill(w, form.SampleFile, func(put func(...any) error) error {
		for i, c := range list {
			if err := put(i+1, c.draw, c.year, c.agency, c.name, c.Table, c.Key.Row, c.Column, Label(c.Key), c.value, c.state, c.raw, c.page, c.grid, c.row, c.column, c.line, c.filing, c.sha256,
				address(c.filing, c.Key, e.query.AsOf)); err != nil {
				return err
			}
		}
		return nil
	})
}

// As the tables have them.
const (
	valueScale = 10
	idLength   = 26
)

func (e *export) writeChain(_ context.Context, w io.Writer) error {
	return e.fill(w, form.ChainFile, func(put func(...any) error) error {
		for _, l := range e.chain {
			e.totals.Links++
			if err := put(int(l.Number), l.Batch, l.CommittedAt, l.CommittedBy, l.Program, l.Digests, l.Previous, l.Hash); err != nil {
				return err
			}
		}
		return nil
	})
}

// DocumentsFolder is where the files stand as they were handed in.
const DocumentsFolder = "documents/"

// DocumentName is the name of a document in the package: its hash, with the ending of the name it came under, by which its
// format is told.
func DocumentName(sha256, file string) string {
	ending := strings.ToLower(path.Ext(file))
	if len(ending) < 2 || len(ending) > 8 || strings.Trim(ending[1:], "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		ending = ""
	}
	return DocumentsFolder + sha256 + ending
}

func (e *export) writeDocuments(ctx context.Context) error {
	if !e.query.Documents {
		return nil
	}
	names := map[string]string{}
	err := e.versions(ctx, func(_ *yearOf, f *warehouse.Filing) error {
		if name := DocumentName(f.SHA256, f.File); names[f.SHA256] == "" || name < names[f.SHA256] {
			names[f.SHA256] = name
		}
		return nil
	})
	if err != nil {
		return err
	}
	var sums []string
	for sum := range names {
		sums = append(sums, sum)
	}
	slices.Sort(sums)
	for _, sum := range sums {
		d, err := e.store.Document(ctx, sum)
		if err != nil {
			return err
		}
		p, err := e.archive.add(names[sum], func(w io.Writer) error {
			_, err := w.Write(d.Bytes)
			return err
		})
		if err != nil {
			return err
		}
		if p.sha256 != sum {
			return fmt.Errorf("document %s: its content has the hash %s; the store was changed, see nianbao verify --store", sum, p.sha256)
		}
		e.files = append(e.files, File{p.name, p.sha256, p.bytes, 0})
	}
	return nil
}
