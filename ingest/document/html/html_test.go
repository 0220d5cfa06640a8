package html_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
	"nianbao/ingest/document/html"
)

// TestPages reads every testdata/*.in.html and compares with the drawing in *.golden.
func TestPages(t *testing.T) {
	pages, err := filepath.Glob("testdata/*.in.html")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages in testdata: %v", err)
	}
	for _, path := range pages {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".in.html"), func(t *testing.T) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			d, err := html.Read(t.Context(), b, document.DefaultLimits)
			if err != nil {
				t.Fatal(err)
			}
			if err := documenttest.Check(d); err != nil {
				t.Error(err)
			}
			documenttest.Golden(t, strings.TrimSuffix(path, ".in.html")+".golden", documenttest.Draw(d))
		})
	}
}

// TestHiddenNeverSurfaces: the page of hidden text marks all of it with "no".
func TestHiddenNeverSurfaces(t *testing.T) {
	b, err := os.ReadFile("testdata/hidden.in.html")
	if err != nil {
		t.Fatal(err)
	}
	d, err := html.Read(t.Context(), b, document.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	d.Problems = nil // they quote what was left out
	if s := documenttest.Draw(d); strings.Contains(s, "no ") || strings.Contains(s, "no\n") || strings.Contains(s, "99") {
		t.Errorf("hidden text in:\n%s", s)
	}
}

// TestTilings: whatever way a rectangle is cut into cells, the grid comes back as it was.
func TestTilings(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		want := documenttest.Tiling(random)
		d, err := html.Read(t.Context(), []byte(tableOf(want)), document.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		documenttest.SameGrid(t, d, want)
	}
}

func tableOf(g *document.Grid) string {
	var b strings.Builder
	b.WriteString("<meta charset=utf-8><table>")
	for row := 1; row <= g.Rows; row++ {
		b.WriteString("<tr>")
		for _, c := range g.RowOf(row) {
			fmt.Fprintf(&b, "<td rowspan=%d colspan=%d>%s</td>", c.RowSpan, c.ColSpan, c.Text)
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</table>")
	return b.String()
}

// TestAnySpans: spans that contradict each other still make a grid.
func TestAnySpans(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		var b strings.Builder
		b.WriteString("<table>")
		for range random.IntN(8) {
			if random.IntN(6) == 0 {
				b.WriteString("<tbody>")
			}
			b.WriteString("<tr>")
			for range random.IntN(6) {
				fmt.Fprintf(&b, "<td rowspan=%d colspan=%d>x", random.IntN(5), random.IntN(5))
			}
		}
		d, err := html.Read(t.Context(), []byte(b.String()), document.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		if err := documenttest.Check(d); err != nil {
			t.Fatalf("%v in %s", err, b.String())
		}
	}
}

func TestRefusals(t *testing.T) {
	small := document.Limits{Bytes: 1 << 20, Cells: 100, Nesting: 50, Text: 1000}
	for _, test := range []struct {
		name, page, code, message string
	}{
		{"too large", strings.Repeat("x", 1<<20+1), document.TooLarge, "the page has 1048577 bytes, at most 1048576 are read"},
		{"too much text", strings.Repeat("<p>0123456789", 101), document.TooLarge, "the text exceeds 1000 bytes, at most so many are read"},
		{"one paragraph too long", strings.Repeat("<b>0123456789</b>", 101), document.TooLarge, "the text exceeds 1000 bytes, at most so many are read"},
		{"too many cells", "<table>" + strings.Repeat("<tr>"+strings.Repeat("<td>1", 11), 11) + "</table>", document.TooManyCells, "a table has more than 100 cells, at most so many are read"},
		{"too many cells by their spans", "<table><tr>" + strings.Repeat("<td colspan=26>1", 4) + "</table>", document.TooManyCells, "the tables cover more than 100 cells, at most so many are read"},
		{"too many places, few cells", "<table><tr>" + strings.Repeat("<td>1", 11) + strings.Repeat("<tr><td>1", 11) + "</table>", document.TooManyCells, "the tables cover more than 100 cells, at most so many are read"},
		{"too deep", strings.Repeat("<div>", 60) + "x", document.Nesting, "elements stand more than 50 deep in each other, at most so many are read"},
		{"too deep for the parser", strings.Repeat("<div>", 100_000) + "x", document.Nesting, "elements stand more than 512 deep in each other, at most so many are read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := html.Read(t.Context(), []byte(test.page), small)
			var refusal *document.Refusal
			if !errors.As(err, &refusal) {
				t.Fatalf("got error %v, want a refusal", err)
			}
			if refusal.Problem.Code != test.code || refusal.Problem.Message != test.message {
				t.Errorf("got  %s: %s\nwant %s: %s", refusal.Problem.Code, refusal.Problem.Message, test.code, test.message)
			}
		})
	}
}

func TestEndOfContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := html.Read(ctx, []byte("<p>x"), document.DefaultLimits); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
