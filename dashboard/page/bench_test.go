package page

import (
	"bytes"
	"fmt"
	"testing"

	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/query/compare"
	"nianbao/query/stats"
)

// BenchmarkComparison writes the page of 3,000 agencies, all rows of it, without the query.
func BenchmarkComparison(b *testing.B) {
	templates, err := parseTemplates(zh)
	if err != nil {
		b.Fatal(err)
	}
	m, _ := form.LookupMeasure("open_rate")
	result := compare.Result{Measure: m, Request: compare.Request{Measure: "open_rate", Year: 2023, Scope: form.ScopeOwn, Sort: compare.ByValue}}
	for i := range 3000 {
		x, n := int64(i%50), int64(50+i%70)
		row := compare.Row{Agency: fmt.Sprintf("x%012d", i), Name: fmt.Sprintf("某区第%d号局", i), Kind: register.Bureau, Filing: "01J00000000000000000000000", State: compare.Value,
			X: compare.Figure{State: compare.Value, Sum: x}, N: compare.Figure{State: compare.Value, Sum: n}, Class: stats.Ranked, Rank: i + 1, Range: stats.RankRange{Best: 1, Worst: 2000}}
		row.LastX, row.LastN = row.X, row.N
		row.Interval, _ = stats.Wilson(x, n, 0.95)
		result.Rows = append(result.Rows, row)
	}
	result.Ranked, result.Totals = 3000, compare.Totals{Agencies: 3000, X: 1, N: 100}
	a, _ := parseAddress("/compare", asHTML, nil, comparePage.parameters)
	v := &visit{address: a, site: &site{}}
	for b.Loop() {
		p := &compareContent{base: base{v.site.bareHead(a, "")}, Year: 2023, LastYear: 2022, Share: true, visit: v, result: result}
		p.table()
		var out bytes.Buffer
		if err := templates["compare.html"].ExecuteTemplate(&out, "layout", p); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(out.Len()))
	}
}
