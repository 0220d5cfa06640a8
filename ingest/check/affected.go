package check

import (
	"slices"

	"nianbao/internal/form"
	"nianbao/internal/register"
)

// Report names a report by the code of its body and its year.
type Report struct {
	Agency string
	Year   int
}

// Affected lists the reports whose findings differ once the figures of those given have changed: they themselves, the
// same body's for the year after, and that of the body above. Peers are left as they were: hints about unusual figures
// speak of the day on which they were made, until the year is checked anew as a whole.
func Affected(changed []Report, reg *register.Register) []Report {
	seen := map[Report]bool{}
	var out []Report
	add := func(r Report) {
		if !seen[r] {
			seen[r] = true
			out = append(out, r)
		}
	}
	for _, r := range changed {
		add(r)
		add(Report{r.Agency, r.Year + 1})
		if a, ok := reg.Agency(r.Agency); ok && a.Parent != "" {
			add(Report{a.Parent, r.Year})
		}
	}
	return out
}

// OthersCells are the cells that [YearOf] needs of a report that is nothing but a peer or a member.
var OthersCells = func() []form.Key {
	keys := slices.Clone(summed)
	for _, m := range mainFigures {
		if !slices.Contains(keys, m.cell) {
			keys = append(keys, m.cell)
		}
	}
	return keys
}()

// TextRules are the checks that look at the texts of all reports of the year.
var TextRules = []string{"C2", "C3"}
