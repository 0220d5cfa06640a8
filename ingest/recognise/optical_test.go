package recognise_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nianbao/ingest/document"
	"nianbao/ingest/document/html"
	"nianbao/ingest/recognise"
	"nianbao/internal/demo"
	"nianbao/internal/form"
)

var onlyFigure = regexp.MustCompile(`^\d+(\.\d+)?$`)

// photographed is a report as if it had been read from a picture: every figure twice alike, and surely.
func photographed(t *testing.T, r demo.Report) *document.Document {
	t.Helper()
	b, err := demo.Print(r, demo.HTML, 0)
	if err != nil {
		t.Fatal(err)
	}
	d, err := html.Read(t.Context(), b, document.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	for i := range d.Blocks {
		if d.Blocks[i].Grid == nil {
			d.Blocks[i].Optical = true
			continue
		}
		for j := range d.Blocks[i].Grid.Cells {
			c := &d.Blocks[i].Grid.Cells[j]
			c.Optical = &document.Optical{}
			if s := strings.TrimSpace(c.Text); onlyFigure.MatchString(s) {
				c.Text, c.Optical = s, &document.Optical{Readings: []string{s, s}, Sure: true}
			}
		}
	}
	return d
}

// figuresIn lists the figures of a photographed document.
func figuresIn(d *document.Document) (out []*document.Cell) {
	for _, b := range d.Blocks {
		for j := range gridCells(b) {
			if c := &b.Grid.Cells[j]; len(c.Optical.Readings) > 0 {
				out = append(out, c)
			}
		}
	}
	return out
}

func gridCells(b document.Block) []document.Cell {
	if b.Grid == nil {
		return nil
	}
	return b.Grid.Cells
}

// cellAt is the figure of a photographed document that a cell of the form is read from.
func cellAt(t *testing.T, d *document.Document, key string) *document.Cell {
	t.Helper()
	f := recognise.Recognise(d, "scan.pdf")
	for _, c := range f.Cells {
		for _, b := range d.Blocks {
			for j := range gridCells(b) {
				if c.Key.String() == key && b.Grid.Cells[j].At == c.At {
					return &b.Grid.Cells[j]
				}
			}
		}
	}
	t.Fatalf("no cell %s", key)
	return nil
}

func someReports(t *testing.T, n int) (out []demo.Report) {
	t.Helper()
	filings, _, err := demo.District(demo.Options{Agencies: 20, FirstYear: 2019, LastYear: 2023, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	for f := range filings {
		if len(f.Report.Cells) > 190 && len(out) < n {
			out = append(out, f.Report)
		}
	}
	if len(out) < n {
		t.Fatalf("%d reports, want %d", len(out), n)
	}
	return out
}

// sound is a report whose sums all hold.
func sound(t *testing.T) demo.Report {
	for _, r := range someReports(t, 30) {
		if len(r.Inconsistencies) == 0 && r.Forms[form.Section3] == form.V2021 {
			return r
		}
	}
	t.Fatal("no report without inconsistencies")
	return demo.Report{}
}

// TestOptical shows the rules one by one: what becomes of one figure whose readings are these.
func TestOptical(t *testing.T) {
	r := sound(t)
	value := func(key string) string {
		k, err := form.ParseKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return r.Cells[k].Text
	}
	const (
		inSums = "section3.NEW.natural"
		alone  = "section2.licensing.processed"
	)
	other := func(s string) string { return s[:len(s)-1] + string('0'+(s[len(s)-1]-'0'+3)%10) }
	for _, test := range []struct {
		name, key  string
		optical    document.Optical
		want       form.State
		candidates []string // besides nothing
	}{
		{"two sure readings", inSums, document.Optical{Readings: []string{value(inSums), value(inSums)}, Sure: true}, form.Number, nil},
		{"two unsure readings, and the sums hold", inSums, document.Optical{Readings: []string{value(inSums), value(inSums)}}, form.Number, nil},
		{"two unsure readings without sums", alone, document.Optical{Readings: []string{value(alone), value(alone)}}, form.Ambiguous, []string{value(alone)}},
		{"two sure readings without sums", alone, document.Optical{Readings: []string{value(alone), value(alone)}, Sure: true}, form.Number, nil},
		{"one is wrong, and the sums leave the other", inSums, document.Optical{Readings: []string{other(value(inSums)), value(inSums)}}, form.Number, nil},
		{"one is missing, and the sums confirm the other", inSums, document.Optical{Readings: []string{"", value(inSums)}}, form.Number, nil},
		{"one is wrong, without sums", alone, document.Optical{Readings: []string{value(alone), other(value(alone))}}, form.Ambiguous, []string{value(alone), other(value(alone))}},
		{"both are wrong alike", inSums, document.Optical{Readings: []string{other(value(inSums)), other(value(inSums))}}, form.Ambiguous, []string{other(value(inSums))}},
		{"both are wrong alike, and the shapes allow the right one", inSums,
			document.Optical{Readings: []string{other(value(inSums)), other(value(inSums))}, Others: []string{value(inSums)}}, form.Ambiguous, []string{value(inSums)}},
		{"nobody reads it, and the sums tell", inSums, document.Optical{Readings: []string{"", ""}}, form.Ambiguous, []string{value(inSums)}},
		{"ink that is no figure, and the sums tell", inSums, document.Optical{}, form.Ambiguous, []string{value(inSums)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := photographed(t, r)
			c := cellAt(t, d, test.key)
			c.Optical, c.Text = &test.optical, document.Illegible
			for _, s := range slices.Backward(test.optical.Readings) {
				if s != "" {
					c.Text = s
				}
			}
			f := recognise.Recognise(d, "scan.pdf")
			for _, x := range f.Cells {
				if x.Key.String() != test.key {
					continue
				}
				if x.State != test.want || x.State == form.Number && x.Value.String() != value(test.key) || !slices.Equal(x.Candidates, test.candidates) {
					t.Errorf("got %s %s, candidates %q (%s), want %s %q of %s", x.State, x.Value, x.Candidates, x.Rule, test.want, test.candidates, value(test.key))
				}
			}
		})
	}
}

// TestPrintedSumIsWrong: where the paper is wrong and all figures are sure, they stand as printed; one that is not sure
// leaves all of its equation open.
func TestPrintedSumIsWrong(t *testing.T) {
	r := sound(t)
	for _, sure := range []bool{true, false} {
		d := photographed(t, r)
		total := cellAt(t, d, "section4.review.total")
		total.Text = "97"
		total.Optical = &document.Optical{Readings: []string{"97", "97"}, Sure: sure}
		for _, c := range recognise.Recognise(d, "scan.pdf").Cells {
			if c.Table != form.Section4 {
				continue
			}
			want := form.Number
			if c.Row == "review" && !sure {
				want = form.Ambiguous
			}
			if c.State != want {
				t.Errorf("total sure: %v: %s is %s (%s), want %s", sure, c.Key, c.State, c.Rule, want)
			}
		}
	}
}

// TestOpticalNeverWrong spoils readings at random: one of the two of many figures, and both alike of one. Whatever is
// spoilt, a figure is right or open.
func TestOpticalNeverWrong(t *testing.T) {
	rounds := 300
	if testing.Short() {
		rounds = 30
	}
	r := rand.New(rand.NewPCG(6, 7))
	reports := someReports(t, 10)
	originals := make([]*document.Document, len(reports))
	for i := range reports {
		originals[i] = photographed(t, reports[i])
	}
	spoil := func(s string) string {
		b := []byte(s)
		switch i := r.IntN(len(b)); r.IntN(4) {
		case 0:
			return "" // not read
		case 1:
			return string(append(b[:i:i], b[i+1:]...)) // a digit lost
		case 2:
			return string(slices.Insert(b, i, byte('0'+r.IntN(10)))) // one too many
		default:
			if b[i] != '.' {
				b[i] = byte('0' + r.IntN(10))
			}
			return string(b)
		}
	}
	right, open := 0, 0
	for round := range rounds {
		n := r.IntN(len(reports))
		d := copied(originals[n])
		figures := figuresIn(d)
		part := r.Float64() * 0.3
		both := r.IntN(len(figures))
		for i, c := range figures {
			true := c.Text
			o := &document.Optical{Readings: []string{true, true}, Sure: r.IntN(3) > 0}
			if c.Optical = o; i == both {
				s := spoil(true)
				o.Readings, o.Sure = []string{s, s}, s == true && o.Sure
			} else if r.Float64() < part {
				o.Readings[r.IntN(2)] = spoil(true)
				o.Sure = false
				if r.IntN(3) == 0 {
					o.Others = []string{spoil(true)}
				}
			}
			if c.Text = o.Readings[0]; c.Text == "" {
				c.Text = o.Readings[1]
			}
			if c.Text == "" {
				c.Text = document.Illegible
			}
		}
		for _, c := range recognise.Recognise(d, "scan.pdf").Cells {
			want := reports[n].Cells[c.Key]
			switch {
			case c.State == form.Ambiguous:
				open++
			case c.State == want.State && (c.State != form.Number || c.Value.Equal(want.Value)):
				right++
			default:
				t.Errorf("round %d: %s: WRONG: got %s %s from %q (%s), want %s %s", round, c.Key, c.State, c.Value, c.Raw, c.Rule, want.State, want.Value)
			}
		}
	}
	t.Logf("%d figures right, %d open", right, open)
	if right < open {
		t.Errorf("%d figures right and %d open: the sums settle less than they could", right, open)
	}
}

// copied is the document with grids of its own.
func copied(d *document.Document) *document.Document {
	out := *d
	out.Blocks = slices.Clone(d.Blocks)
	for i, b := range out.Blocks {
		if b.Grid != nil {
			g := *b.Grid
			g.Cells = slices.Clone(g.Cells)
			out.Blocks[i].Grid = &g
		}
	}
	return &out
}
