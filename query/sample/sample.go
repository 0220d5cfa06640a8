// Package sample is a small made-up district in a warehouse of its own, for the tests of the read path. It has one
// agency for each thing that can be the matter with a report.
package sample

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/shopspring/decimal"

	"nianbao/internal/engine"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
)

// Names of the agencies whose reports the tests look for.
const (
	Science    = "博山区科学技术局"                             // an ordinary bureau; the report for 2023 has two versions
	Education  = "博山区教育局"                               // nothing received for 2023
	Civil      = "博山区民政局"                               // no application in 2023
	Health     = "博山区卫生健康局"                             // a blank cell that an identity settles
	Housing    = "博山区住房和城乡建设局"                          // a blank cell that nothing settles
	Justice    = "博山区司法局"                               // an ambiguous cell
	Transport  = "博山区交通运输局"                             // printed sums that are wrong
	Statistics = "博山区统计局"                               // table 三 is missing
	Culture    = "博山区文化和旅游局"                            // the form of 2019
	Street     = "博山区城东街道办事处"                           // placeholders instead of numbers
	Town       = "博山镇人民政府"                              // a township
	Government = "博山区人民政府"                              // sums up the others
	Hostile    = `<script>alert("1")</script>{b}'=1+1局` // a name that attacks
	MadeUp     = "合成县林业局"                               // a synthetic report
)

// Year is the year with most reports; there are some for the two before.
const Year = 2023

// Spec describes a report whose sums are right.
type Spec struct {
	Name    string
	Year    int
	Version form.Version // of all tables
	New     int
	Change  func(*warehouse.Submission)
}

// Specs lists the reports of the district; a report given twice has two versions.
func Specs() []Spec {
	cell := func(change func(*form.Cell), path string) func(*warehouse.Submission) {
		return func(s *warehouse.Submission) {
			for i := range s.Cells {
				if s.Cells[i].Key.String() == path {
					change(&s.Cells[i])
					return
				}
			}
			panic("sample: no cell " + path)
		}
	}
	empty := func(settled string) func(*form.Cell) {
		return func(c *form.Cell) {
			c.State, c.Raw, c.Value, c.SettledBy = form.Blank, "", decimal.Zero, settled
		}
	}
	specs := []Spec{
		{Science, 2021, form.V2021, 31, nil}, {Science, 2022, form.V2021, 44, nil},
		{Science, 2023, form.V2021, 50, nil}, {Science, 2023, form.V2021, 52, nil},
		{Education, 2021, form.V2021, 12, nil}, {Education, 2022, form.V2021, 80, nil},
		{Civil, 2022, form.V2021, 3, nil}, {Civil, 2023, form.V2021, 0, nil},
		{Health, 2022, form.V2021, 130, nil}, {Health, 2023, form.V2021, 120, cell(empty("A2"), "section3.R3_8.total")},
		{Housing, 2022, form.V2021, 60, nil}, {Housing, 2023, form.V2021, 64, cell(empty(""), "section3.R3_4.total")},
		{Justice, 2023, form.V2021, 21, cell(func(c *form.Cell) {
			c.State, c.Raw, c.Value, c.Candidates = form.Ambiguous, "2 1", decimal.Zero, []string{"21", "1"}
		}, "section3.NEW.total")},
		{Transport, 2022, form.V2021, 15, nil}, {Transport, 2023, form.V2021, 18, cell(func(c *form.Cell) {
			c.Value, c.Raw = decimal.NewFromInt(9), "9"
		}, "section3.R7.total")},
		{Statistics, 2023, form.V2021, 7, func(s *warehouse.Submission) {
			delete(s.Filing.Forms, form.Section3)
			kept := s.Cells[:0]
			for _, c := range s.Cells {
				if c.Table != form.Section3 {
					kept = append(kept, c)
				}
			}
			s.Cells = kept
			s.Filing.Status = form.Partial
			s.Filing.Problems = []form.Problem{{Code: "table_missing", Message: "no table of section 三 was found"}}
		}},
		{Culture, 2023, form.V2019, 40, nil},
		{Street, 2023, form.V2021, 5, cell(func(c *form.Cell) { c.State, c.Raw, c.Value = form.Dash, "/", decimal.Zero }, "section3.NEW.total")},
		{Town, 2022, form.V2021, 9, nil}, {Town, 2023, form.V2021, 11, cell(func(c *form.Cell) {
			c.Value, c.Raw = decimal.RequireFromString("4166.241619"), "4166.241619"
		}, "section2.fees.amount_wan")},
		{Government, 2022, form.V2021, 420, aggregate}, {Government, 2023, form.V2021, 460, aggregate},
		{Hostile, 2023, form.V2021, 33, cell(func(c *form.Cell) {
			c.State, c.Raw, c.Value = form.Text, `<b onmouseover=alert(2)>见附件</b>`, decimal.Zero
		}, "section2.licensing.processed")},
		{MadeUp, 2023, form.V2021, 25, func(s *warehouse.Submission) { s.Filing.Synthetic = true }},
	}
	return specs
}

func aggregate(s *warehouse.Submission) { s.Filing.Scope = form.ScopeAggregate }

// Submission makes the report that the spec describes, with its findings.
func (sp Spec) Submission() (warehouse.Submission, warehouse.Document) {
	text := fmt.Sprintf("<html><title>%s %d</title>%d</html>", sp.Name, sp.Year, sp.New)
	sum := sha256.Sum256([]byte(text))
	sha := hex.EncodeToString(sum[:])
	s := warehouse.Submission{Filing: warehouse.Filing{
		ID: ulid.Make().String(), Agency: warehouse.AgencyID(sp.Name), AgencyName: sp.Name, Region: "370304", Year: sp.Year, SHA256: sha,
		File: fmt.Sprintf("%s %d.html", sp.Name, sp.Year), Title: fmt.Sprintf("%s%d年政府信息公开工作年度报告", sp.Name, sp.Year),
		Forms: map[string]form.Version{}, Scope: form.ScopeOwn, Status: form.Read,
		Published:  time.Date(sp.Year+1, 1, 1+len(sp.Name)%31, 0, 0, 0, 0, time.UTC),
		ReceivedAt: time.Date(sp.Year+1, 2, 1, 1, 30, 0, 0, time.UTC), ReceivedBy: "测试", Reason: "首次收到",
	}}
	f, ok := form.Lookup(sp.Version)
	if !ok {
		panic("sample: unknown version " + sp.Version)
	}
	numbers := sp.numbers()
	for grid, t := range f.Tables {
		s.Filing.Forms[t.Code] = sp.Version
		for line, k := range t.Keys() {
			n := numbers[k]
			s.Cells = append(s.Cells, form.Cell{Key: k, State: form.Number, Value: decimal.NewFromInt(int64(n)), Raw: fmt.Sprint(n),
				At: form.Position{Grid: grid + 1, Row: line + 2, Column: 3}, Rule: "grid"})
		}
	}
	if sp.Change != nil {
		sp.Change(&s)
	}
	s.Findings = findings(f, &s)
	return s, warehouse.Document{SHA256: sha, MediaType: "text/html", Size: int64(len(text)), Bytes: []byte(text)}
}

// numbers are cells whose sums are right; every cell not listed is 0.
func (sp Spec) numbers() map[form.Key]int {
	out := map[form.Key]int{
		{Table: form.Section2, Row: "licensing", Column: "processed"}:  sp.New * 7,
		{Table: form.Section2, Row: "punishment", Column: "processed"}: sp.New * 2,
		{Table: form.Section4, Row: "review", Column: "upheld"}:        sp.New / 20,
		{Table: form.Section4, Row: "review", Column: "total"}:         sp.New / 20,
	}
	carried, refused, cannot, declined, part := sp.New/10, sp.New/8, sp.New/6, sp.New/9, sp.New/12
	granted := sp.New - refused - cannot - declined - part
	firms := granted / 5 // all of them granted, so that the sums hold in each column
	row := func(code string, n, firms int) {
		out[form.Key{Table: form.Section3, Row: code, Column: "natural"}] = n - firms
		out[form.Key{Table: form.Section3, Row: code, Column: "commercial"}] = firms
		out[form.Key{Table: form.Section3, Row: code, Column: "total"}] = n
	}
	row("NEW", sp.New, firms)
	row("CARRY_IN", carried, 0)
	row("R1", granted, firms)
	row("R2", part, 0)
	row("R3_4", refused, 0)
	row("R4_1", cannot, 0)
	row("R5_1", declined, 0)
	row("R7", sp.New, firms)
	row("CARRY_OUT", carried, 0)
	return out
}

// findings checks the identities of the form as far as the tests need it: blanks count as 0 and are named.
func findings(f form.Form, s *warehouse.Submission) []form.Finding {
	cells := map[form.Key]form.Cell{}
	for _, c := range s.Cells {
		cells[c.Key] = c
	}
	var out []form.Finding
	for _, t := range f.Tables {
		for _, e := range form.Equations(t) {
			x := form.Finding{Rule: e.Identity.ID, Table: t.Code, Place: e.Place, Expression: e.Expression(), Cells: e.Keys(), Status: form.Pass}
			sum := func(keys []form.Key) (total decimal.Decimal) {
				for _, k := range keys {
					switch c, ok := cells[k]; {
					case !ok:
						x.Status = form.NotAssessable
					case c.State == form.Blank:
						x.Blanks = append(x.Blanks, k)
					case c.State != form.Number && x.Status == form.Pass:
						x.Status = form.Uncertain
					default:
						total = total.Add(c.Value)
					}
				}
				return total
			}
			left, right := sum(e.Left), sum(e.Right)
			if x.Status == form.Pass {
				delta := left.Sub(right)
				x.Left, x.Right, x.Delta = &left, &right, &delta
				if !delta.IsZero() {
					x.Status = form.Fail
				}
			}
			out = append(out, x)
		}
	}
	return out
}

// Empty opens a warehouse without a report, in a folder of the test. Where there is no engine the test is skipped.
func Empty(t testing.TB) *warehouse.Store {
	t.Helper()
	if _, _, err := engine.FindLibrary(""); err != nil {
		t.Skip(err)
	}
	store, err := warehouse.Open(t.Context(), warehouse.Options{Data: t.TempDir(), Program: "nianbao test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// District opens a warehouse with all reports of [Specs].
func District(t testing.TB) *warehouse.Store {
	t.Helper()
	store := Empty(t)
	// The second version of a report comes in a batch of its own, later.
	var first, second []Spec
	seen := map[string]bool{}
	for _, sp := range Specs() {
		key := fmt.Sprint(sp.Name, sp.Year)
		if seen[key] {
			second = append(second, sp)
		} else {
			first = append(first, sp)
		}
		seen[key] = true
	}
	commit(t, store, first)
	commit(t, store, second)
	return store
}

// Commit adds the reports one by one, so that a later one of the same agency and year is a newer version. It returns
// when each became visible.
func Commit(t testing.TB, store *warehouse.Store, specs ...Spec) []time.Time {
	t.Helper()
	var times []time.Time
	for _, sp := range specs {
		times = append(times, commit(t, store, []Spec{sp}))
	}
	return times
}

func commit(t testing.TB, store *warehouse.Store, specs []Spec) time.Time {
	t.Helper()
	b := warehouse.Batch{ID: ulid.Make().String(), By: "测试"}
	for _, sp := range specs {
		sub, doc := sp.Submission()
		b.Submissions, b.Documents = append(b.Submissions, sub), append(b.Documents, doc)
	}
	done, err := store.Commit(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return done.CommittedAt
}
