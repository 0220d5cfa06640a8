package check_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nianbao/ingest"
	"nianbao/ingest/check"
	"nianbao/internal/demo"
	"nianbao/internal/form"
	"nianbao/internal/register"
)

// printed prints a made-up report as its bureau would publish it and reads the file.
func printed(t testing.TB, x demo.Filing) *form.Filing {
	t.Helper()
	format := x.Format
	if format == demo.DOCX { // the slow one; what is checked does not depend on it
		format = demo.HTML
	}
	b, err := demo.Print(x.Report, format, x.Style%demo.Styles(format))
	if err != nil {
		t.Fatal(err)
	}
	f := ingest.Read(t.Context(), x.Stem+"."+string(format), b)
	return &f
}

// district is the demonstration district as it would be held: the newest version of every report, by year.
type district struct {
	reports  map[int][]demo.Report
	filings  map[int][]*form.Filing
	register *register.Register
}

func districtOf(t testing.TB, o demo.Options) district {
	t.Helper()
	filings, _, err := demo.District(o)
	if err != nil {
		t.Fatal(err)
	}
	d := district{map[int][]demo.Report{}, map[int][]*form.Filing{}, nil}
	var agencies []register.Agency
	known := map[string]bool{}
	government := ""
	for x := range filings {
		r := x.Report
		y := r.Year
		if !known[r.Agency] {
			known[r.Agency] = true
			a := register.Guess(r.Agency, r.Agency)
			if a.Kind == register.Government {
				government = a.Code
			} else {
				a.Parent = government
			}
			agencies = append(agencies, a)
		}
		if r.Version > 1 {
			i := slices.IndexFunc(d.reports[y], func(other demo.Report) bool { return other.Agency == r.Agency })
			d.reports[y][i], d.filings[y][i] = r, printed(t, x)
			continue
		}
		d.reports[y], d.filings[y] = append(d.reports[y], r), append(d.filings[y], printed(t, x))
	}
	d.register = register.New(agencies, nil)
	return d
}

func extracts(filings []*form.Filing) []*check.Extract {
	out := make([]*check.Extract, len(filings))
	for i, f := range filings {
		out[i] = check.ExtractOf(fmt.Sprintf("%s %d", f.Agency.Name, f.Year), f.Agency.Name, f)
	}
	return out
}

var severities = func() map[string]form.Severity {
	out := map[string]form.Severity{}
	for _, c := range form.Checks {
		out[c.ID] = c.Severity
	}
	return out
}()

// explained reports whether the report was made so that a check which is no identity has to fail.
func explained(d district, r demo.Report, rule string) bool {
	words := strings.Join(r.Inconsistencies, "")
	switch rule {
	case "A13":
		return slices.ContainsFunc(d.reports[r.Year], func(o demo.Report) bool { return len(o.Inconsistencies) > 0 })
	case "B3":
		for k, c := range r.Cells {
			if k.Table != form.Section2 && c.State != form.Number {
				return true
			}
		}
	case "B6":
		return r.FormatNote != ""
	case "D1":
		return strings.Contains(words, "落款日期")
	case "D3":
		due := fmt.Sprintf("%d-01-31", r.Year+1)
		if strings.HasSuffix(r.Agency, "政府") {
			due = fmt.Sprintf("%d-03-31", r.Year+1)
		}
		return r.Published > due
	case "T1":
		return strings.Contains(words, "规章")
	case "T2":
		return strings.Contains(words, "处理决定数量")
	}
	return false
}

// TestDistrict checks the demonstration district with everything at hand.
func TestDistrict(t *testing.T) {
	d := districtOf(t, demo.Options{Seed: 1})
	rules := regexp.MustCompile(`^(A\d+)`)
	total, alarmed := 0, 0
	outcomes := map[string]map[form.Outcome]int{}
	for year, filings := range d.filings {
		y := check.YearOf(year, extracts(filings), extracts(d.filings[year-1]), d.register)
		for i, f := range filings {
			r := d.reports[year][i]
			check.Run(f, y.Context(f.Agency.Name, f))
			said := map[string]bool{}
			for _, words := range r.Inconsistencies {
				if m := rules.FindStringSubmatch(words); m != nil {
					said[m[1]] = true
				}
			}
			failed := map[string]string{}
			for _, x := range f.Findings {
				if outcomes[x.Rule] == nil {
					outcomes[x.Rule] = map[form.Outcome]int{}
				}
				outcomes[x.Rule][x.Status]++
				if x.Status == form.Fail && severities[x.Rule] != form.Hint {
					failed[x.Rule] = fmt.Sprint(x.Expression, " ", x.Left, x.Right, x.Note)
				}
			}
			total++
			for rule, words := range failed {
				if !said[rule] && !explained(d, r, rule) {
					alarmed++
					t.Logf("%s %d: %s %s; the report says %q, %s", r.Agency, year, rule, words, r.Inconsistencies, r.FormatNote)
				}
			}
			for rule := range said {
				if failed[rule] == "" {
					t.Errorf("%s %d: %s does not fail: %q", r.Agency, year, rule, r.Inconsistencies)
				}
			}
		}
	}
	for _, c := range form.Checks {
		t.Log(c.ID, outcomes[c.ID])
	}
	t.Logf("%d reports, %d failing checks that nothing was done to provoke", total, alarmed)
	if alarmed*50 > total {
		t.Errorf("%d false alarms in %d reports, want at most one in 50", alarmed, total)
	}
}
