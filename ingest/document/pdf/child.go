package pdf

import (
	"bufio"
	"encoding/gob"
	"errors"
	"image"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"nianbao/ingest/document"
	"nianbao/ingest/document/sheet"
	"nianbao/internal/form"
)

// mark in the environment tells a process that it reads PDF files for its parent and is nothing else.
const mark = "NIANBAO_PDF_READER"

// init turns a process that carries the mark into a reader, before anything else of the program runs. So every program
// that reads PDF files can do so, tests too, without saying so in its main function.
func init() {
	if os.Getenv(mark) != "" {
		os.Exit(serve(os.Stdin, os.Stdout))
	}
}

// question asks the child to read a file.
type question struct {
	File   []byte
	Limits document.Limits
	Draw   bool // draw pages that are pictures, for the parent to read them
}

// answer is what the child says: that it is ready, that it begins a page, how a page looks that is a picture, or how the
// reading ended.
type answer struct {
	Ready    bool
	Page     int
	Picture  *image.Gray // of the page
	Document *document.Document
	Printed  []sheet.Page // instead of the blocks of the document, if pages of it are still to be read from their pictures
	Refusal  *form.Problem
	Failure  string // of PDFium itself, not of the file
}

// listener is told of the progress of reading.
type listener struct {
	begun func(page int)
	drawn func(page int, picture *image.Gray) // nil if pictures are not read
}

// Bounds of the memory of a child besides that of PDFium, which has its own.
const (
	goMemory = 1 << 30
	// While PDFium runs, the collector could not stop its thread, and everything would wait, so it runs between files.
	collectorOff = -1
)

// serve reads files for the parent until stdin ends.
func serve(stdin io.Reader, stdout io.Writer) int {
	debug.SetGCPercent(collectorOff)
	debug.SetMemoryLimit(goMemory)
	runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0))) // one for PDFium, one to notice that the parent is gone
	out := gob.NewEncoder(stdout)
	m, err := newMachine(cacheFolder())
	if err != nil {
		out.Encode(answer{Failure: err.Error()})
		return 1
	}
	if out.Encode(answer{Ready: true}) != nil {
		return 1
	}
	questions := make(chan question)
	go func() {
		in := gob.NewDecoder(bufio.NewReaderSize(stdin, 1<<20))
		for {
			var q question
			if err := in.Decode(&q); err != nil {
				// The parent has ended, or has no more use for this process, even if a file is being read.
				os.Exit(0)
			}
			questions <- q
		}
	}()
	for q := range questions {
		to := listener{begun: func(page int) { out.Encode(answer{Page: page}) }}
		if q.Draw {
			to.drawn = func(page int, picture *image.Gray) { out.Encode(answer{Page: page, Picture: picture}) }
		}
		a := m.answer(q, to)
		if out.Encode(a) != nil {
			return 1 // nobody listens
		}
		q = question{}
		runtime.GC()
	}
	return 0
}

func (m *machine) answer(q question, to listener) answer {
	d, printed, err := read(m, q.File, q.Limits, to)
	var refusal *document.Refusal
	switch {
	case errors.As(err, &refusal):
		return answer{Refusal: &refusal.Problem}
	case err != nil:
		return answer{Failure: err.Error()}
	}
	return answer{Document: d, Printed: printed}
}
