package pdf

import (
	"bufio"
	"encoding/gob"
	"errors"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"nianbao/ingest/document"
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
}

// answer is what the child says: that it is ready, that it begins a page, or how the reading ended.
type answer struct {
	Ready    bool
	Page     int
	Document *document.Document
	Refusal  *form.Problem
	Failure  string // of PDFium itself, not of the file
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
		a := m.answer(q, func(page int) { out.Encode(answer{Page: page}) })
		if out.Encode(a) != nil {
			return 1 // nobody listens
		}
		q = question{}
		runtime.GC()
	}
	return 0
}

func (m *machine) answer(q question, begun func(page int)) answer {
	d, err := read(m, q.File, q.Limits, begun)
	var refusal *document.Refusal
	switch {
	case errors.As(err, &refusal):
		return answer{Refusal: &refusal.Problem}
	case err != nil:
		return answer{Failure: err.Error()}
	}
	return answer{Document: d}
}
