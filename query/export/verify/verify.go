// Package verify checks an audit package by itself: no store, no network. What flows in is the ZIP archive that package
// export wrote; what flows out is a list of everything that is not as it should be, in words.
//
// It does not trust what it reads: hashes are computed anew, and where somebody forged them too, the rows have to agree
// with their counts, keys and references, the identities of the form with the findings, the measures with the cells, the
// register with the reports, the chain with its hashes, and the cells with the files they were read from.
package verify

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/export"
	"nianbao/query/tabular"
)

// Options say how to check.
type Options struct {
	// Read reads a file as it was handed in. Nil leaves the files alone, apart from their hashes.
	Read func(ctx context.Context, name string, content []byte) form.Filing
	// Head is a published link of the chain that the package has to agree with; nil if none was given.
	Head *export.Head
}

// Result is what was found.
type Result struct {
	Problems []string // at most [MostProblems]
	More     int      // further ones
	Notes    []string // what is right and needs a word
	Origin   export.Origin
	Rows     map[string]int // by file
	Read     int            // documents that were read again
	Equal    int            // identities that were computed again
	Measures int            // figures that were computed again
}

// MostProblems is how many problems are put in words.
const MostProblems = 1000

// Right reports whether nothing was found.
func (r *Result) Right() bool { return len(r.Problems) == 0 }

type checking struct {
	Result
	opt     Options
	ctx     context.Context
	files   map[string]*zip.File
	hashes  map[string]string // of the files as they are
	sizes   map[string]int64
	filings map[string]*filing
	fixes   map[string]fix
	seed    maphash.Seed
	drawn   []string // the smallest draws
	sample  int      // how many are wanted
	missing map[string]bool
}

// filing is what has to agree of a report.
type filing struct {
	year, version                int
	agency, sha256, file         string
	forms                        map[string]form.Version
	counts, withdrawn            bool
	cells, findings              int // as filings.csv says
	nCells, nFindings, nMeasures int
	leftOut                      bool
	twice                        bool // a cell stands in it twice
	present                      [4]bool
	sums                         [4][]sum      // by table, see plan
	sides                        [4][]equation // by table
	checked                      int           // findings of identities that were met
	content                      [8]byte       // sum of the hashes of its cells as read
}

// fix is a correction.
type fix struct {
	filing, standing, state, value string
	key                            form.Key
}

func (c *checking) problem(format string, args ...any) {
	if len(c.Problems) == MostProblems {
		c.More++
		return
	}
	c.Problems = append(c.Problems, fmt.Sprintf(format, args...))
}

// Package checks an audit package. The error says only that the context ended; everything else is in the result.
func Package(ctx context.Context, r io.ReaderAt, size int64, opt Options) (Result, error) {
	c := &checking{opt: opt, ctx: ctx, files: map[string]*zip.File{}, hashes: map[string]string{}, sizes: map[string]int64{}, filings: map[string]*filing{}, fixes: map[string]fix{},
		seed: maphash.MakeSeed(), missing: map[string]bool{}}
	c.Result.Rows = map[string]int{}
	archive, err := zip.NewReader(r, size)
	if err != nil {
		c.problem("the file is no whole ZIP archive: %v", err)
		return c.Result, nil
	}
	for _, f := range archive.File {
		if c.files[f.Name] != nil {
			c.problem("%s stands in the archive twice", f.Name)
		}
		c.files[f.Name] = f
	}
	description, ok := c.description()
	if !ok {
		return c.Result, nil
	}
	c.sample = description.Nianbao.Query.Sample
	for _, file := range []string{form.FilingsFile, form.CorrectionsFile, form.CellsFile, form.FindingsFile, form.FormulasFile, form.MeasuresFile, form.ReviewsFile, form.RegisterFile,
		form.ExcludedFile, form.ChangesFile, form.SampleFile, form.ChainFile} {
		c.csv(file)
		if ctx.Err() != nil {
			return c.Result, ctx.Err()
		}
	}
	c.reports(description.Nianbao)
	c.documents()
	c.manifest(description)
	return c.Result, ctx.Err()
}

// description reads datapackage.json.
func (c *checking) description() (d export.Description, ok bool) {
	content, ok := c.whole(export.DescriptionFile)
	if !ok {
		return d, false
	}
	if err := json.Unmarshal(content, &d); err != nil {
		c.problem("%s cannot be read: %v", export.DescriptionFile, err)
		return d, false
	}
	if d.Nianbao.Format != export.Format {
		c.problem("the package has format %d, this program knows %d: use the program that wrote it (%s)", d.Nianbao.Format, export.Format, d.Nianbao.Program)
		return d, false
	}
	c.Origin = d.Nianbao
	return d, true
}

// whole reads a small file.
func (c *checking) whole(name string) ([]byte, bool) {
	f := c.files[name]
	if f == nil {
		c.problem("%s is missing", name)
		return nil, false
	}
	in, err := f.Open()
	if err != nil {
		c.problem("%s cannot be opened: %v", name, err)
		return nil, false
	}
	defer in.Close()
	content, err := io.ReadAll(in)
	if err != nil {
		c.problem("%s cannot be read: %v", name, err)
		return nil, false
	}
	sum := sha256.Sum256(content)
	c.hashes[name], c.sizes[name] = hex.EncodeToString(sum[:]), int64(len(content))
	return content, true
}

// manifest compares the hashes of all files with those that the package states.
func (c *checking) manifest(d export.Description) {
	for name := range c.files {
		if c.hashes[name] == "" && name != export.ManifestFile {
			c.whole(name)
		}
	}
	content, ok := c.whole(export.ManifestFile)
	if !ok {
		return
	}
	stated := map[string]string{}
	for line := range strings.Lines(string(content)) {
		sum, name, found := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !found || !strings.HasSuffix(line, "\n") || stated[name] != "" {
			c.problem("%s: line %q, want a hash and the name of one file", export.ManifestFile, line)
			continue
		}
		stated[name] = sum
		switch {
		case c.files[name] == nil:
			c.problem("%s is in %s and not in the package", name, export.ManifestFile)
		case sum != c.hashes[name]:
			c.problem("%s has the hash %s, %s says %s", name, c.hashes[name], export.ManifestFile, sum)
		}
	}
	described := map[string]bool{}
	for _, r := range d.Resources {
		described[r.Path] = true
		if c.files[r.Path] == nil {
			if !c.missing[r.Path] {
				c.problem("%s is described and not in the package", r.Path)
			}
			continue
		}
		if r.Bytes != c.sizes[r.Path] || r.Hash != "sha256:"+c.hashes[r.Path] {
			c.problem("%s has %d bytes and the hash %s, %s says %d and %s", r.Path, c.sizes[r.Path], c.hashes[r.Path], export.DescriptionFile, r.Bytes, strings.TrimPrefix(r.Hash, "sha256:"))
		}
		if r.Rows != nil && *r.Rows != c.Result.Rows[r.Path] {
			c.problem("%s has %d rows, %s says %d", r.Path, c.Result.Rows[r.Path], export.DescriptionFile, *r.Rows)
		}
		if of, ok := form.LookupDataset(r.Path); ok {
			got, _ := json.Marshal(r.Schema)
			want, _ := json.Marshal(export.SchemaOf(of))
			if !bytes.Equal(got, want) {
				c.problem("%s is described otherwise than a file of this name is", r.Path)
			}
		}
	}
	for _, name := range slices.Sorted(keys(c.files)) {
		if stated[name] == "" && name != export.ManifestFile {
			c.problem("%s is not in %s", name, export.ManifestFile)
		}
		if !described[name] && name != export.ManifestFile && name != export.DescriptionFile && name != export.ReadmeFile {
			c.problem("%s is not described in %s", name, export.DescriptionFile)
		}
	}
}

func keys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// A row is the values of a row by the codes of the columns.
type row struct {
	of     *form.Dataset
	at     map[string]int
	values []export.Value
	n      int
}

func (r *row) bytes(code string) []byte { return r.values[r.at[code]].Text }

func (r *row) text(code string) string { return tabular.Unguard(string(r.bytes(code))) }

func (r *row) number(code string) int {
	n, _ := strconv.Atoi(string(r.bytes(code)))
	return n
}

func (r *row) truth(code string) bool { return string(r.bytes(code)) == "true" }

// decimal is nil where there is no value.
func (r *row) decimal(code string) *decimal.Decimal {
	b := r.bytes(code)
	if len(b) == 0 {
		return nil
	}
	d, err := decimal.NewFromString(string(b))
	if err != nil {
		return nil
	}
	return &d
}

// csv checks one file: its form, types, keys and references, and what its rows mean.
func (c *checking) csv(file string) {
	d, _ := form.LookupDataset(file)
	f := c.files[file]
	if f == nil {
		wanted := !d.Optional || file == form.ChangesFile && c.Origin.Query.Changes != "" || file == form.SampleFile && c.Origin.Query.Sample > 0
		if wanted {
			c.missing[file] = true
			c.problem("%s is missing", file)
		}
		return
	}
	in, err := f.Open()
	if err != nil {
		c.problem("%s cannot be opened: %v", file, err)
		return
	}
	defer in.Close()
	h := sha256.New()
	counted := &counter{r: io.TeeReader(in, h)}
	c.rows(d, counted)
	if _, err := io.Copy(io.Discard, counted); err != nil {
		c.problem("%s cannot be read to its end: %v", file, err)
	}
	c.hashes[file], c.sizes[file] = hex.EncodeToString(h.Sum(nil)), counted.n
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *checking) rows(d form.Dataset, in io.Reader) {
	reader, err := export.NewReader(d, in)
	if err != nil {
		c.problem("%s: %v", d.File, err)
		return
	}
	r := &row{of: &d, at: map[string]int{}}
	for i, f := range d.Fields {
		r.at[f.Code] = i
	}
	key := make([]int, len(d.Key))
	for i, k := range d.Key {
		key[i] = r.at[k]
	}
	means := c.meaning(d.File)
	seen, year := map[uint64]bool{}, 0
	byYear := d.Fields[0].Code == "year" // keys repeat within a year only, since each names a filing
	var h maphash.Hash
	h.SetSeed(c.seed)
	for {
		values, err := reader.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			c.problem("%s: %v", d.File, err)
			return
		}
		r.values, r.n = values, reader.Row
		c.Result.Rows[d.File]++
		if c.Result.Rows[d.File]%100_000 == 0 && c.ctx.Err() != nil {
			return
		}
		if what := typed(&d, values); what != "" {
			c.problem("%s, row %d: %s", d.File, r.n, what)
			continue
		}
		if byYear {
			switch y := r.number("year"); {
			case y < year:
				c.problem("%s, row %d: year %d stands after %d", d.File, r.n, y, year)
			case y > year:
				year = y
				clear(seen)
			}
		}
		h.Reset()
		for _, i := range key {
			h.Write(values[i].Text)
			h.WriteByte(0)
		}
		if sum := h.Sum64(); seen[sum] {
			c.problem("%s, row %d: a row before it has the same %s", d.File, r.n, strings.Join(d.Key, ", "))
		} else {
			seen[sum] = true
		}
		for _, ref := range d.Refers {
			if ref.File == form.FilingsFile {
				if id := r.text(ref.Fields[0]); c.filings[id] == nil {
					c.problem("%s, row %d: filing %s is not in %s", d.File, r.n, id, ref.File)
				}
			}
		}
		means(r)
	}
}

// typed says what is wrong with the types of a row.
func typed(d *form.Dataset, values []export.Value) string {
	if len(values) != len(d.Fields) {
		return fmt.Sprintf("%d values, want %d", len(values), len(d.Fields))
	}
	for i := range values {
		v, f := &values[i], &d.Fields[i]
		if v.Quoted != (f.Type == form.TextField) {
			return fmt.Sprintf("column %s: %q, want %s", f.Code, v.Text, f.Type)
		}
		if f.Type == form.TextField {
			continue
		}
		if len(v.Text) == 0 {
			if !f.Optional {
				return fmt.Sprintf("column %s has no value", f.Code)
			}
			continue
		}
		ok := true
		switch f.Type {
		case form.WholeField:
			ok = digits(v.Text)
		case form.DecimalField:
			ok = number(v.Text)
		case form.BoolField:
			ok = string(v.Text) == "true" || string(v.Text) == "false"
		case form.DayField:
			_, err := time.Parse(time.DateOnly, string(v.Text))
			ok = err == nil
		case form.MomentField:
			_, err := time.Parse(export.Moment, string(v.Text))
			ok = err == nil
		}
		if !ok {
			return fmt.Sprintf("column %s: %q, want %s", f.Code, v.Text, f.Type)
		}
	}
	return ""
}

func digits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0 && len(b) < 19
}

func number(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("-"))
	whole, fraction, point := bytes.Cut(b, []byte("."))
	all := func(b []byte) bool {
		for _, c := range b {
			if c < '0' || c > '9' {
				return false
			}
		}
		return len(b) > 0
	}
	return all(whole) && (!point || all(fraction))
}

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
