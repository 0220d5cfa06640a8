// Package verify checks an audit package by itself: no store, no network. What flows in is the ZIP archive that package
// export wrote; what flows out is a list of everything that is not as it should be, in words.
//
// It does not trust what it reads: hashes are computed anew, and where somebody forged them too, the rows have to agree
// with their counts, keys and references, the identities of the form with the findings, the measures with the cells, the
// register with the reports, the chain with its hashes, and the cells with the files they were read from.
package verify

import (
	"archive/zip"
	"context"
	"fmt"
	"hash/maphash"
	"io"

	"nianbao/internal/form"
	"nianbao/query/export"
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
