package verify

import (
	"fmt"
	"slices"
	"time"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/export"
)

// meaning is what the rows of a file have to say.
func (c *checking) meaning(file string) func(*row) {
	switch file {
	case form.FilingsFile:
		return c.filing
	case form.CorrectionsFile:
		return c.correction
	case form.CellsFile:
		return c.cell()
	case form.FindingsFile:
		return c.finding
	case form.FormulasFile:
		return c.formula
	case form.MeasuresFile:
		return c.measure
	case form.RegisterFile:
		return c.register
	case form.ExcludedFile:
		return c.excluded()
	case form.SampleFile:
		return c.drawing
	case form.ChainFile:
		return c.chain()
	}
	return func(*row) {}
}

func (c *checking) filing(r *row) {
	f := &filing{year: r.number("year"), version: r.number("version"), agency: r.text("agency"), sha256: r.text("sha256"), file: r.text("file"), counts: r.truth("counts"),
		withdrawn: r.truth("withdrawn"), cells: r.number("cells"), findings: r.number("findings"), forms: map[string]form.Version{}}
	for table, code := range map[string]string{form.Section2: "form2", form.Section3: "form3", form.Section4: "form4"} {
		if v := r.text(code); v != "" {
			f.forms[table] = form.Version(v)
		}
	}
	if f.counts && f.withdrawn || !f.counts && f.cells+f.findings > 0 {
		c.problem("filings.csv, row %d: filing %s counts %t, is withdrawn %t and has %d cells", r.n, r.text("filing"), f.counts, f.withdrawn, f.cells)
	}
	f.begin()
	c.filings[r.text("filing")] = f
}

func (c *checking) correction(r *row) {
	c.fixes[r.text("correction")] = fix{r.text("filing"), r.text("standing"), r.text("state"), string(r.bytes("value")), form.Key{Table: r.text("table"), Row: r.text("row"), Column: r.text("column")}}
}

func (c *checking) register(r *row) {
	id := r.text("filing")
	if id == "" {
		return
	}
	switch f := c.filings[id]; {
	case f == nil:
		c.problem("register.csv, row %d: filing %s is not in filings.csv", r.n, id)
	case !f.counts || f.agency != r.text("agency") || f.year != r.number("year"):
		c.problem("register.csv, row %d: filing %s is no report of %s for %d that counts", r.n, id, r.text("agency"), r.number("year"))
	}
}

// excluded keeps the totals of what is left out.
func (c *checking) excluded() func(*row) {
	return func(r *row) {
		kind := r.text("kind")
		c.Result.Rows[form.ExcludedFile+" "+kind]++
		f := c.filings[r.text("filing")]
		switch kind {
		case "superseded", "withdrawn", "left_out":
			if f == nil || f.withdrawn != (kind == "withdrawn") || f.counts != (kind == "left_out") || f.leftOut != (kind == "left_out") {
				c.problem("excluded.csv, row %d: filing %s is said to be %s, and the other files say otherwise", r.n, r.text("filing"), kind)
			}
		case "waiting", "not_filed", "not_due", "not_obliged", "not_received":
		default:
			c.problem("excluded.csv, row %d: kind %q is none", r.n, kind)
		}
	}
}

// reports makes sure that the files fit together.
func (c *checking) reports(o export.Origin) {
	t := o.Totals
	counted := map[string]string{}
	got := t
	got.Filings, got.Counted, got.Superseded, got.Withdrawn, got.LeftOut = len(c.filings), 0, 0, 0, 0
	for _, id := range slices.Sorted(keys(c.filings)) {
		f := c.filings[id]
		if f.leftOut {
			got.LeftOut++
		}
		switch {
		case f.withdrawn:
			got.Withdrawn++
		case !f.counts:
			got.Superseded++
		default:
			got.Counted++
			key := fmt.Sprint(f.agency, " ", f.year)
			if counted[key] != "" {
				c.problem("filings %s and %s of agency %s both count for %d", counted[key], id, f.agency, f.year)
			}
			counted[key] = id
		}
		if f.nCells != f.cells {
			c.problem("filing %s (agency %s, %d) has %d rows in cells.csv, filings.csv says %d", id, f.agency, f.year, f.nCells, f.cells)
		}
		if f.nFindings != f.findings {
			c.problem("filing %s (agency %s, %d) has %d rows in findings.csv, filings.csv says %d", id, f.agency, f.year, f.nFindings, f.findings)
		}
		if f.counts {
			if f.nMeasures != len(export.Measured) {
				c.problem("filing %s (agency %s, %d) has %d rows in measures.csv, want %d", id, f.agency, f.year, f.nMeasures, len(export.Measured))
			}
			if want := f.identities(); f.findings > 0 && f.checked != want {
				c.problem("filing %s (agency %s, %d): findings.csv has %d outcomes of the identities A1 to A4, want %d", id, f.agency, f.year, f.checked, want)
			}
		}
	}
	n := c.Result.Rows
	absent := 0
	for _, kind := range []string{"not_filed", "not_due", "not_obliged", "not_received"} {
		absent += n[form.ExcludedFile+" "+kind]
	}
	got.Register, got.Held, got.Missing, got.Waiting = n[form.RegisterFile], got.Counted, absent, n[form.ExcludedFile+" waiting"]
	for _, kind := range []struct {
		name string
		n    int
	}{{"superseded", got.Superseded}, {"withdrawn", got.Withdrawn}, {"left_out", got.LeftOut}} {
		if rows := n[form.ExcludedFile+" "+kind.name]; rows != kind.n {
			c.problem("excluded.csv has %d rows of kind %s, the other files have %d such reports", rows, kind.name, kind.n)
		}
	}
	if got.Register != got.Held+got.Missing {
		c.problem("register.csv has %d rows; %d reports count and %d are missing", got.Register, got.Held, got.Missing)
	}
	if got != t {
		c.problem("the totals of the files are %+v, %s says %+v", got, export.DescriptionFile, t)
	}
	if c.files[form.SampleFile] != nil && len(c.drawn) != n[form.SampleFile] {
		c.problem("sample.csv has %d cells, %d were to be drawn", n[form.SampleFile], len(c.drawn))
	}
}

// chain follows the links.
func (c *checking) chain() func(*row) {
	previous, last := warehouse.NoLink, uint64(0)
	check := func(r *row) {
		at, _ := time.Parse(export.Moment, string(r.bytes("committed_at")))
		l := warehouse.Link{Number: uint64(r.number("number")), Batch: r.text("batch"), CommittedAt: at, CommittedBy: r.text("committed_by"), Program: r.text("program"),
			Digests: r.text("digests"), Previous: r.text("previous"), Hash: r.text("hash")}
		switch {
		case l.Sum() != l.Hash:
			c.problem("chain.csv, row %d: link %d does not have the hash of its content", r.n, l.Number)
		case l.Number == last+1 && l.Previous != previous:
			c.problem("chain.csv, row %d: link %d does not follow the one before", r.n, l.Number)
		case l.Number <= last:
			c.problem("chain.csv, row %d: link %d stands after %d", r.n, l.Number, last)
		}
		if h := c.opt.Head; h != nil && h.Number == l.Number && h.Hash != l.Hash {
			c.problem("link %d of the chain has the hash %s, the published one has %s: the past was changed", l.Number, l.Hash, h.Hash)
		}
		previous, last = l.Hash, l.Number
		if h := c.Origin.Chain; r.n == c.Origin.Totals.Links && (h.Number != l.Number || h.Hash != l.Hash) {
			c.problem("the last link is %d %s, %s says %d %s", l.Number, l.Hash, export.DescriptionFile, h.Number, h.Hash)
		}
	}
	return check
}

// drawing checks a cell of the sample against the draw of all cells.
func (c *checking) drawing(r *row) {
	draw := export.Draw(c.Origin.Query.Seed, r.text("filing"), r.text("table"), r.text("row"), r.text("column"), string(r.bytes("page")), string(r.bytes("grid")), string(r.bytes("grid_row")),
		string(r.bytes("grid_column")), string(r.bytes("line")))
	if n := r.number("number"); n != r.n || draw != r.text("draw") || n > len(c.drawn) || c.drawn[n-1] != draw {
		c.problem("sample.csv, row %d: cell %s.%s.%s of filing %s was not drawn with this seed", r.n, r.text("table"), r.text("row"), r.text("column"), r.text("filing"))
	}
}
