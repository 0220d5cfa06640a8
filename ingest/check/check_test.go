package check_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"nianbao/ingest/check"
	"nianbao/internal/demo"
	"nianbao/internal/form"
)

// complete is a filing whose three tables hold only zeros, of this version.
func complete(v form.Version) *form.Filing {
	f := &form.Filing{Forms: map[string]form.Version{}}
	fm, _ := form.Lookup(v)
	for _, t := range fm.Tables {
		f.Forms[t.Code] = v
		for _, k := range t.Keys() {
			f.Cells = append(f.Cells, form.Cell{Key: k, State: form.Number})
		}
	}
	return f
}

func set(t *testing.T, f *form.Filing, path string, state form.State, value int64) {
	t.Helper()
	for i := range f.Cells {
		if f.Cells[i].String() == path {
			f.Cells[i].State, f.Cells[i].Value = state, decimal.NewFromInt(value)
			return
		}
	}
	t.Fatalf("no cell %s", path)
}

func drop(f *form.Filing, path string) {
	for i := range f.Cells {
		if f.Cells[i].String() == path {
			f.Cells = append(f.Cells[:i], f.Cells[i+1:]...)
			return
		}
	}
}

func TestRun(t *testing.T) {
	type outcome struct{ rule, place string }
	for _, tc := range []struct {
		name   string
		change func(t *testing.T, f *form.Filing)
		want   map[outcome]form.Outcome // findings that do not pass
		delta  map[outcome]int64
	}{
		{"all zero", func(*testing.T, *form.Filing) {}, nil, nil},
		{"one application granted", func(t *testing.T, f *form.Filing) {
			for _, p := range []string{"section3.NEW.natural", "section3.NEW.total", "section3.R1.natural", "section3.R1.total", "section3.R7.natural", "section3.R7.total"} {
				set(t, f, p, form.Number, 1)
			}
		}, nil, nil},
		{"received and lost", func(t *testing.T, f *form.Filing) {
			set(t, f, "section3.NEW.natural", form.Number, 3)
			set(t, f, "section3.NEW.total", form.Number, 3)
		}, map[outcome]form.Outcome{{"A1", "natural"}: form.Fail, {"A1", "total"}: form.Fail}, map[outcome]int64{{"A1", "natural"}: 3}},
		{"total of the results too small", func(t *testing.T, f *form.Filing) {
			set(t, f, "section3.R3_4.total", form.Number, 2)
			set(t, f, "section3.R3_4.natural", form.Number, 2)
		}, map[outcome]form.Outcome{{"A2", "natural"}: form.Fail, {"A2", "total"}: form.Fail}, map[outcome]int64{{"A2", "total"}: -2}},
		{"row total wrong", func(t *testing.T, f *form.Filing) {
			set(t, f, "section3.R5_1.commercial", form.Number, 1)
			set(t, f, "section3.R7.commercial", form.Number, 1)
			set(t, f, "section3.CARRY_IN.commercial", form.Number, 1)
		}, map[outcome]form.Outcome{{"A3", "R5_1"}: form.Fail, {"A3", "R7"}: form.Fail, {"A3", "CARRY_IN"}: form.Fail}, map[outcome]int64{{"A3", "R5_1"}: -1}},
		{"review total wrong", func(t *testing.T, f *form.Filing) { set(t, f, "section4.review.pending", form.Number, 10) },
			map[outcome]form.Outcome{{"A4", "review"}: form.Fail}, map[outcome]int64{{"A4", "review"}: -10}},
		{"ambiguous cell", func(t *testing.T, f *form.Filing) { set(t, f, "section4.after.upheld", form.Ambiguous, 0) },
			map[outcome]form.Outcome{{"A4", "after"}: form.Uncertain}, nil},
		{"words in a cell", func(t *testing.T, f *form.Filing) { set(t, f, "section3.R2.legal", form.Text, 0) },
			map[outcome]form.Outcome{{"A2", "legal"}: form.Uncertain, {"A3", "R2"}: form.Uncertain}, nil},
		{"absent cell", func(t *testing.T, f *form.Filing) { drop(f, "section3.CARRY_OUT.total") },
			map[outcome]form.Outcome{{"A1", "total"}: form.NotAssessable, {"A3", "CARRY_OUT"}: form.NotAssessable}, nil},
		{"blank and placeholder count as 0 and are said", func(t *testing.T, f *form.Filing) {
			set(t, f, "section3.R2.legal", form.Blank, 0)
			set(t, f, "section3.R2.other", form.Dash, 0)
		}, nil, nil},
	} {
		for _, v := range []form.Version{form.V2019, form.V2021} {
			t.Run(tc.name+"/"+string(v), func(t *testing.T) {
				f := complete(v)
				tc.change(t, f)
				check.Run(f, check.Context{})
				got := map[outcome]form.Finding{}
				for _, x := range identities(f) {
					got[outcome{x.Rule, x.Place}] = x
					want, special := tc.want[outcome{x.Rule, x.Place}]
					if !special {
						want = form.Pass
					}
					if x.Status != want {
						t.Errorf("%s at %s: %s, want %s (%s)", x.Rule, x.Place, x.Status, want, x.Expression)
					}
					if assessed := x.Status == form.Pass || x.Status == form.Fail; assessed != (x.Delta != nil && x.Left != nil && x.Right != nil) {
						t.Errorf("%s at %s: %s with left %v, right %v", x.Rule, x.Place, x.Status, x.Left, x.Right)
					}
				}
				for at, want := range tc.delta {
					if d := got[at].Delta; d == nil || !d.Equal(decimal.NewFromInt(want)) {
						t.Errorf("%s at %s: delta %v, want %d", at.rule, at.place, d, want)
					}
				}
				// 7 columns twice, every row of section 三, three groups of section 四.
				rows := map[form.Version]int{form.V2019: 23, form.V2021: 25}[v]
				if want := 7 + 7 + rows + 3; len(identities(f)) != want {
					t.Errorf("%d findings, want %d: no check may be left out", len(identities(f)), want)
				}
			})
		}
	}
}

// TestSettledBlanks: a blank counts as 0 for measures only where an identity with printed numbers holds with it.
func TestSettledBlanks(t *testing.T) {
	settled := func(f *form.Filing, path string) string {
		for _, c := range f.Cells {
			if c.String() == path {
				return c.SettledBy
			}
		}
		return "absent"
	}
	f := complete(form.V2021)
	set(t, f, "section3.NEW.natural", form.Number, 2)
	set(t, f, "section3.NEW.commercial", form.Number, 1)
	set(t, f, "section3.NEW.research", form.Blank, 0)
	set(t, f, "section3.NEW.total", form.Number, 3)
	set(t, f, "section3.R3_1.legal", form.Dash, 0)
	check.Run(f, check.Context{})
	if got := settled(f, "section3.NEW.research"); got == "" {
		t.Error("the blank of 2 + 1 + blank = 3 is not settled")
	}
	if got := settled(f, "section3.R3_1.legal"); got != "" {
		t.Errorf("a placeholder is settled by %s; only blanks may be", got)
	}

	f = complete(form.V2021) // nothing printed in section 四: nothing is known
	for i := range f.Cells {
		if f.Cells[i].Table == form.Section4 {
			f.Cells[i].State = form.Blank
		}
	}
	check.Run(f, check.Context{})
	if got := settled(f, "section4.review.total"); got != "" {
		t.Errorf("an empty table settles its blanks by %s", got)
	}

	f = complete(form.V2021) // the sum does not hold: the blank may hold anything
	set(t, f, "section4.review.total", form.Number, 5)
	set(t, f, "section4.review.upheld", form.Number, 2)
	set(t, f, "section4.review.pending", form.Blank, 0)
	check.Run(f, check.Context{})
	if got := settled(f, "section4.review.pending"); got != "" {
		t.Errorf("a blank in a sum that fails is settled by %s", got)
	}
}

// TestMissingTable: of a table that was not found, each identity says so once.
func TestMissingTable(t *testing.T) {
	f := complete(form.V2021)
	var kept []form.Cell
	for _, c := range f.Cells {
		if c.Table != form.Section4 {
			kept = append(kept, c)
		}
	}
	f.Cells = kept
	check.Run(f, check.Context{})
	said := 0
	for _, x := range identities(f) {
		if x.Table == form.Section4 {
			said++
			if x.Status != form.NotAssessable || x.Rule != "A4" {
				t.Errorf("%s of a table that is not there: %s", x.Rule, x.Status)
			}
		}
	}
	if said != 1 {
		t.Errorf("%d findings for a table that is not there, want 1", said)
	}
}

// identities are the findings of A1 to A4.
func identities(f *form.Filing) []form.Finding {
	var out []form.Finding
	for _, x := range f.Findings {
		if _, declared := map[string]bool{"A1": true, "A2": true, "A3": true, "A4": true}[x.Rule]; declared {
			out = append(out, x)
		}
	}
	return out
}

// TestEveryCheckAnswers: whatever the filing, each declared check has a finding, in the order of declaration, and no
// finding is of a check that is not declared.
func TestEveryCheckAnswers(t *testing.T) {
	bare := &form.Filing{Forms: map[string]form.Version{}}
	legacy := &form.Filing{Year: 2013, Forms: map[string]form.Version{}, Cells: []form.Cell{
		{Key: form.Key{Table: form.Legacy, Row: "主动公开信息数", Column: form.YearValue}, State: form.Number},
		{Key: form.Key{Table: form.Legacy, Row: "主动公开信息数", Column: form.Cumulative}, State: form.Number}}}
	filings := []*form.Filing{bare, legacy, complete(form.V2019), complete(form.V2021)}
	words := complete(form.V2021)
	words.Cells, words.Year, words.Parts = nil, 2023, []form.Part{{Code: form.Section1, Title: "一、总体情况", Text: "无。"}}
	filings = append(filings, words)
	d := districtOf(t, demo.Options{Seed: 7, Agencies: 12})
	for _, list := range d.filings {
		filings = append(filings, list...)
	}
	states := []form.State{form.Number, form.Blank, form.Dash, form.NA, form.Text, form.Ambiguous}
	random := rand.New(rand.NewPCG(1, 2))
	contexts := func(f *form.Filing) []check.Context {
		other := check.ExtractOf("01", "", f)
		before := *other
		before.Year = f.Year - 1
		return []check.Context{{}, {Prior: &before, Members: []*check.Extract{other}, Due: time.Date(2024, 1, 31, 0, 0, 0, 0, time.UTC),
			Peers: &check.Peers{Spread: map[string]check.Spread{}, Texts: check.TextsOf([]*check.Extract{other})}}}
	}
	for n, f := range filings {
		if n > 5 { // spoil it: cells lose their number or go, parts go
			var kept []form.Cell
			for _, c := range f.Cells {
				if c.State = states[random.IntN(len(states))]; random.IntN(10) > 0 {
					kept = append(kept, c)
				}
			}
			f.Cells = kept
			f.Parts = f.Parts[:random.IntN(len(f.Parts)+1)]
			f.Claims = f.Claims[:random.IntN(len(f.Claims)+1)]
		}
		for _, c := range contexts(f) {
			cells := slices.Clone(f.Cells)
			check.Run(f, c)
			last, at := "", -1
			for _, x := range f.Findings {
				if x.Rule != last {
					at++
					last = x.Rule
				}
				if at >= len(form.Checks) || form.Checks[at].ID != x.Rule {
					t.Fatalf("filing %d: finding of %s out of the order of declaration, or a check before it said nothing", n, x.Rule)
				}
				if !slices.Contains([]form.Outcome{form.Pass, form.Fail, form.Uncertain, form.NotAssessable, form.NotApplicable}, x.Status) {
					t.Errorf("filing %d: %s has status %q", n, x.Rule, x.Status)
				}
				if x.Delta != nil && (x.Left == nil || x.Right == nil || x.Status != form.Pass && x.Status != form.Fail) {
					t.Errorf("filing %d: %s %s with sides %v %v %v", n, x.Rule, x.Status, x.Left, x.Right, x.Delta)
				}
			}
			if at != len(form.Checks)-1 {
				t.Errorf("filing %d: only %d of %d checks have findings", n, at+1, len(form.Checks))
			}
			for i := range cells {
				if cells[i].State != f.Cells[i].State || !cells[i].Value.Equal(f.Cells[i].Value) {
					t.Fatalf("filing %d: checking changed cell %s", n, cells[i].Key)
				}
			}
		}
	}
}
