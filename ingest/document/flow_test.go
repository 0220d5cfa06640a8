package document_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
)

func TestSqueeze(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"  a  b\t c ", "a b c"},
		{"一、\u3000总体\u00A0情况", "一、 总体 情况"},
		{"政府\n  信息", "政府信息"},
		{"政府 信息", "政府 信息"},
		{"政府\u00A0\n信息", "政府 信息"},
		{"（单位：\n万元）", "（单位：万元）"},
		{"12\n34", "12 34"},
		{"１２\n３４", "１２ ３４"},
		{"共\n12件", "共 12件"},
		{"1\u200B2\uFEFF3\u00AD4", "1234"},
		{"1\u202E2", "1\u202E2"},
		{"1\x002", "1\uFFFD2"},
		{"\xff", "\uFFFD"},
		{"\u200B \u3000", ""},
		{"甲\u2028乙", "甲\n乙"},
	} {
		if got := document.Squeeze(test.in); got != test.want {
			t.Errorf("Squeeze(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestRaised(t *testing.T) {
	for _, test := range []struct {
		before, raised, after, want string
	}{
		{"55", "1", "", "55[1]"},
		{"", "1", "55", "[1]55"},
		{"55", "1,2", "", "55[1,2]"},
		{"55", "①", "", "55①"},
		{"平方", "米", "", "平方米"},
		{"55", "", "6", "556"},
		{"55 ", " 1 ", " 6", "55 [1] 6"},
	} {
		f := document.NewFlow(t.Context(), document.DefaultLimits)
		f.Text(test.before)
		f.Raise(true)
		f.Text(test.raised)
		f.Raise(false)
		f.Text(test.after)
		if got := textOf(t, f); got != test.want {
			t.Errorf("%q, %q raised, %q: got %q, want %q", test.before, test.raised, test.after, got, test.want)
		}
	}
}

func textOf(t *testing.T, f *document.Flow) string {
	t.Helper()
	d, err := f.Document()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, b := range d.Blocks {
		all = append(all, b.Text)
	}
	return strings.Join(all, "|")
}

// TestAside: what is anchored in a paragraph does not cut it in two.
func TestAside(t *testing.T) {
	f := document.NewFlow(t.Context(), document.DefaultLimits)
	f.Text("20")
	f.OpenAside()
	f.Text("box")
	f.OpenAside()
	f.Text("box in the box")
	f.CloseAside()
	f.Text("es")
	f.CloseAside()
	f.Text("23年")
	f.End(false)
	f.Text("next")
	if got, want := textOf(t, f), "2023年|boxes|box in the box|next"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProblemsOfOneKindAreCounted(t *testing.T) {
	f := document.NewFlow(t.Context(), document.DefaultLimits)
	for i := range 1000 {
		f.Problem("a", fmt.Sprint(i))
	}
	f.Problem("b", "other")
	d, err := f.Document()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range d.Problems {
		got = append(got, p.Code+" "+p.Message)
	}
	if got, want := strings.Join(got, ", "), "a 0, a 1, a 2, b other, a and 997 more of the same kind"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestMerging covers what formats state cell by cell: this one continues the one above, or the one before.
func TestMerging(t *testing.T) {
	type cell struct {
		text string
		document.Span
	}
	down, right := document.Span{Columns: 1, Rows: 1, Down: true}, document.Span{Columns: 1, Rows: 1, Right: true}
	one, wide := document.Span{Columns: 1, Rows: 1}, document.Span{Columns: 2, Rows: 1}
	for _, test := range []struct {
		name string
		rows [][]cell
		want string
	}{
		{"down", [][]cell{{{"a", one}, {"b", one}}, {{"", down}, {"c", one}}, {{"", down}, {"d", one}}},
			"grid 1: 3 × 2\n  1.1(3×1) a | 1.2 b\n  2.2 c\n  3.2 d\n"},
		{"down with nothing above", [][]cell{{{"a", down}, {"b", one}}, {{"c", one}, {"d", one}}},
			"grid 1: 2 × 2\n  1.1 a | 1.2 b\n  2.1 c | 2.2 d\n"},
		{"down under a cell of other width", [][]cell{{{"a", wide}, {"b", one}}, {{"", down}, {"c", one}, {"d", one}}},
			"grid 1: 2 × 3\n  1.1(1×2) a | 1.3 b\n  2.1 | 2.2 c | 2.3 d\n"},
		{"down under a wide cell of the same width", [][]cell{{{"a", wide}, {"b", one}}, {{"", document.Span{Columns: 2, Rows: 1, Down: true}}, {"c", one}}},
			"grid 1: 2 × 3\n  1.1(2×2) a | 1.3 b\n  2.3 c\n"},
		{"right", [][]cell{{{"a", one}, {"", right}, {"b", one}}, {{"c", one}, {"d", one}, {"e", one}}},
			"grid 1: 2 × 3\n  1.1(1×2) a | 1.3 b\n  2.1 c | 2.2 d | 2.3 e\n"},
		{"skipped columns", [][]cell{{{"a", one}, {"b", one}, {"c", one}}, {{"d", document.Span{Skip: 2, Columns: 1, Rows: 1}}}},
			"grid 1: 2 × 3\n  1.1 a | 1.2 b | 1.3 c\n  2.3 d\n"},
		{"text under a merged cell", [][]cell{{{"a", one}, {"b", one}}, {{"hidden", down}, {"c", one}}},
			"problem hidden_text: text under a merged cell was left out: “hidden”\n\ngrid 1: 2 × 2\n  1.1(2×1) a | 1.2 b\n  2.2 c\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := document.NewFlow(t.Context(), document.DefaultLimits)
			f.OpenTable(false)
			for _, row := range test.rows {
				f.Row()
				for _, c := range row {
					f.Cell(c.Span)
					f.Text(c.text)
				}
			}
			f.CloseTable()
			d, err := f.Document()
			if err != nil {
				t.Fatal(err)
			}
			if err := documenttest.Check(d); err != nil {
				t.Error(err)
			}
			got := strings.TrimPrefix(strings.TrimPrefix(documenttest.Draw(d), "type \n"), "\n")
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestNothingIsTakenAfterTheContextEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := document.NewFlow(ctx, document.DefaultLimits)
	f.Text("a")
	cancel()
	if _, err := f.Document(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
