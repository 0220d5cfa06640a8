package compare

import (
	"slices"

	"nianbao/internal/form"
)

// Behind is a report that went into a figure, with the cells of it that were summed.
type Behind struct {
	Year      int
	Filing    string
	X, N      []form.Key // of the numerator and of the denominator
	Corrected []form.Key // those of them of which a person's correction is in force
}

// Behind lists the reports of some years that a measure of an agency rests on. Growth compares with the year before, whose
// report has the denominator.
func (r *Roster) Behind(m form.Measure, agency string, years ...int) []Behind {
	a, ok := find(r.agencies, agency)
	if !ok {
		return nil
	}
	var out []Behind
	for _, year := range years {
		if m.Kind == form.GrowthOf {
			if b, ok := r.behind(a, year-1, nil, m.Numerator); ok {
				out = append(out, b)
			}
			if b, ok := r.behind(a, year, m.Numerator, nil); ok {
				out = append(out, b)
			}
			continue
		}
		if b, ok := r.behind(a, year, m.Numerator, m.Denominator); ok {
			out = append(out, b)
		}
	}
	return out
}

func (r *Roster) behind(a *agency, year int, x, n []form.Key) (Behind, bool) {
	i := slices.IndexFunc(a.filings, func(f filing) bool { return f.year == year })
	if i < 0 {
		return Behind{}, false
	}
	f := &a.filings[i]
	b := Behind{Year: year, Filing: f.id, X: f.cells(x), N: f.cells(n)}
	for _, k := range r.corrections[f.id] {
		if slices.Contains(b.X, k) || slices.Contains(b.N, k) {
			b.Corrected = append(b.Corrected, k)
		}
	}
	return b, true
}

// cells are those of some cells that the report should have by the versions of the form that it follows.
func (f *filing) cells(keys []form.Key) []form.Key {
	var out []form.Key
	for _, k := range keys {
		if len(form.InForm([]form.Key{k}, f.form(k.Table))) > 0 {
			out = append(out, k)
		}
	}
	return out
}
