// Command bench measures what the program promises, in one run on one machine, and prints each figure beside its target:
// reading by format, loading, and comparing at the size of a province. Figures of different runs or machines are not to
// be compared; ratios within one run are.
//
// Time of reading is processor time, so that it holds on a busy machine; time of answering is what a client waits.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"nianbao/ingest"
	"nianbao/internal/engine"
)

func main() {
	engine.MaybeChild()
	log.SetFlags(0)
	agencies := flag.Int("agencies", 3000, "bodies whose checks are measured, and with -fill those of the store; ten years each")
	out := flag.String("out", "", "also write the figures to this Markdown file")
	only := flag.String("only", "", "measure only parts whose name contains this: read, memory, check, svg, load, growth, export, pages")
	large := flag.Bool("large", false, "let the store grow to 100 M cells (some 3 GB and several minutes more)")
	patience := flag.Duration("crowd", 10*time.Second, "how long 32 clients ask")
	store := flag.String("store", "", "measure growth and export on the store in this folder, which -fill made, in place of one that grows")
	page := flag.String("page", "", "measure only pages whose address contains this")
	keep := flag.String("fill", "", "only fill the store in this folder with -agencies, and keep it")
	flag.Parse()
	if *keep != "" {
		if err := fillOnly(*keep, *agencies); err != nil {
			log.Fatal(err)
		}
		return
	}
	folder, err := os.MkdirTemp("", "nianbao-bench-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	b := &bench{ctx: context.Background(), folder: folder, agencies: *agencies, large: *large, store: *store, page: *page, patience: *patience}
	for _, part := range []struct {
		name string
		run  func() error
	}{{"read", b.read}, {"memory", b.memory}, {"check", b.check}, {"svg", b.svg}, {"load", b.load}, {"growth", b.growth}, {"export", b.export}, {"pages", b.pages}} {
		if !strings.Contains(part.name, *only) {
			continue
		}
		fmt.Fprintf(os.Stderr, "measuring: %s\n", part.name)
		if part.name == "growth" || part.name == "export" || part.name == "pages" { // the server does not collect seldom
			debug.SetGCPercent(100)
			debug.SetMemoryLimit(math.MaxInt64)
		} else {
			ingest.CollectSeldom() // as the commands that read do
		}
		if err := part.run(); err != nil {
			os.RemoveAll(folder)
			log.Fatalf("measure %s: %v", part.name, err)
		}
	}
	b.print(os.Stdout)
	if *out != "" {
		f, err := os.Create(*out)
		if err == nil {
			b.print(f)
			err = f.Close()
		}
		if err != nil {
			log.Fatal(err)
		}
	}
}

// bench collects figures.
type bench struct {
	ctx      context.Context
	folder   string
	agencies int           // whose checks are measured
	large    bool          // grow to 100 M cells
	store    string        // folder of a store that is there
	page     string        // which pages
	patience time.Duration // of the crowd
	rows     []row

	first   time.Duration // a comparison that was asked before, at 5 M cells
	written []byte        // room for an answer
}

// row is one figure beside its target.
type row struct{ what, got, target, note string }

func (b *bench) add(what, got, target, note string) {
	b.rows = append(b.rows, row{what, got, target, note})
	fmt.Fprintf(os.Stderr, "  %s: %s\n", what, got) // a run that is cut off has told what it found
}

func (b *bench) print(w io.Writer) {
	fmt.Fprintf(w, "# Benchmarks\n\nOne run of `make bench` on %s: %s/%s, %d processors (%s), %s.\n", time.Now().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor(), runtime.Version())
	fmt.Fprintf(w, "A run on another machine, or on this one under load, gives other figures; compare within a run.\n\n")
	fmt.Fprintf(w, "| what | measured | target | how |\n|---|---|---|---|\n")
	for _, r := range b.rows {
		fmt.Fprintf(w, "| %s | %s | %s | %s |\n", r.what, r.got, r.target, r.note)
	}
}

// processor is the name of the processor as the system tells it.
func processor() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for _, line := range strings.Split(string(b), "\n") {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(name), ":"))
		}
	}
	return "unknown processor"
}

func (b *bench) dir(name string) string { return filepath.Join(b.folder, name) }
