package pdf

import (
	"bufio"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"nianbao/ingest/document"
	"nianbao/ingest/document/scan"
	"nianbao/ingest/document/sheet"
	"nianbao/internal/form"
)

// Times that no real file comes near: the slowest page seen takes 0.2 s of a core.
const (
	pageTime  = 8 * time.Second
	fileTime  = 2 * time.Minute
	startTime = 5 * time.Minute // compiling PDFium takes 5 s of a core, once on a machine
	idleTime  = 30 * time.Second
)

// Read reads a PDF file. The error is a [*document.Refusal], that of the context, or says that PDFium cannot be run.
func Read(ctx context.Context, b []byte, l document.Limits) (*document.Document, error) {
	if int64(len(b)) > l.Bytes {
		return nil, document.Refuse(document.TooLarge, form.Position{}, "the PDF has %d bytes, at most %d are read", len(b), l.Bytes)
	}
	return shared.read(ctx, b, l)
}

// shared are the readers of this process.
var shared = newReaders(runtime.GOMAXPROCS(0), pageTime, fileTime)

// readers keeps processes that read PDF files: as many as there are files to read at once, up to a bound. One that has
// had nothing to do for a while is ended; it has some 80 MB of memory.
type readers struct {
	places chan struct{} // one for each file being read
	page   time.Duration // that a page may take
	file   time.Duration // that a file may take

	starting chan struct{} // taken while a process starts, so that only one compiles PDFium

	mutex sync.Mutex
	idle  []*process // the one used last at the end
}

// newReaders is for so many files at once, each of which may take this time for a page and as a whole.
func newReaders(places int, page, file time.Duration) *readers {
	return &readers{places: make(chan struct{}, places), starting: make(chan struct{}, 1), page: page, file: file}
}

// process is a child that reads files.
type process struct {
	command *exec.Cmd
	in      *gob.Encoder
	buffer  *bufio.Writer
	pipe    io.Closer
	answers chan answer // closed when the child has ended
	since   *time.Timer // ends it when it is idle too long
}

func (r *readers) read(ctx context.Context, b []byte, l document.Limits) (*document.Document, error) {
	select {
	case r.places <- struct{}{}:
		defer func() { <-r.places }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p, err := r.take(ctx)
	if err != nil {
		return nil, err
	}
	var pictures []sheet.Page
	readPicture := func(page int, picture *image.Gray) error {
		read, err := scan.Read(ctx, scan.Picture{Page: page, Image: picture})
		pictures = append(pictures, read)
		return err
	}
	a, err := p.ask(ctx, question{b, l, scan.Find() != ""}, readPicture, r.page, r.file)
	if err != nil {
		p.end()
		return nil, err
	}
	r.give(p)
	switch {
	case a.Refusal != nil:
		return nil, &document.Refusal{Problem: *a.Refusal}
	case a.Failure != "":
		return nil, errors.New(a.Failure)
	}
	if len(a.Printed) == 0 {
		return a.Document, nil
	}
	for _, read := range pictures {
		a.Printed[read.Number-1] = read
	}
	d, err := sheet.Read(a.Printed, l)
	if err != nil {
		return nil, err
	}
	a.Document.Blocks, a.Document.Problems = d.Blocks, d.Problems
	return a.Document, nil
}

// take finds a process that has nothing to do, or starts one.
func (r *readers) take(ctx context.Context) (*process, error) {
	if p := r.waiting(); p != nil {
		return p, nil
	}
	select {
	case r.starting <- struct{}{}:
		defer func() { <-r.starting }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if p := r.waiting(); p != nil { // it was started while this one waited
		return p, nil
	}
	return start(ctx)
}

func (r *readers) waiting() *process {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for len(r.idle) > 0 {
		p := r.idle[len(r.idle)-1]
		r.idle = r.idle[:len(r.idle)-1]
		if !p.since.Stop() {
			continue // its time was over just now
		}
		select {
		case <-p.answers: // nothing was asked, so it has ended
			p.end()
		default:
			return p
		}
	}
	return nil
}

// give puts a process back.
func (r *readers) give(p *process) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.idle = append(r.idle, p)
	p.since = time.AfterFunc(idleTime, func() {
		r.mutex.Lock()
		for i, other := range r.idle {
			if other == p {
				r.idle = append(r.idle[:i], r.idle[i+1:]...)
				break
			}
		}
		r.mutex.Unlock()
		p.end()
	})
}

// start starts a process and waits until it can read.
func start(ctx context.Context) (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start a PDF reader: %w", err)
	}
	p := &process{command: exec.Command(program), answers: make(chan answer, 4)}
	p.command.Env = append(os.Environ(), mark+"=1")
	in, err := p.command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start a PDF reader: %w", err)
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start a PDF reader: %w", err)
	}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start a PDF reader: %w", err)
	}
	p.pipe, p.buffer = in, bufio.NewWriterSize(in, 1<<20)
	p.in = gob.NewEncoder(p.buffer)
	go func() {
		defer close(p.answers)
		decoder := gob.NewDecoder(bufio.NewReaderSize(out, 1<<16))
		for {
			var a answer
			if err := decoder.Decode(&a); err != nil {
				return
			}
			p.answers <- a
		}
	}()
	a, err := p.await(ctx, startTime)
	if err == nil && !a.Ready {
		err = errors.New(a.Failure)
	}
	if err != nil {
		p.end()
		if e := ctx.Err(); e != nil {
			return nil, e
		}
		return nil, fmt.Errorf("start a PDF reader: %w", err)
	}
	return p, nil
}

var (
	errEnded = errors.New("the process ended")
	errLate  = errors.New("no answer in time")
)

// await waits for what the child says next.
func (p *process) await(ctx context.Context, most time.Duration) (answer, error) {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case a, ok := <-p.answers:
		if !ok {
			return answer{}, errEnded
		}
		return a, nil
	case <-timer.C:
		return answer{}, errLate
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
}

// ask has the child read a file. After an error it is of no use any more.
// drawn is called with each page that is a picture; the child goes on meanwhile, as far as the pipe holds it, and the time
// it takes is not counted.
func (p *process) ask(ctx context.Context, q question, drawn func(page int, picture *image.Gray) error, pageTime, fileTime time.Duration) (answer, error) {
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		// A child that has ended breaks the pipe; that shows in its answers.
		if p.in.Encode(q) == nil {
			p.buffer.Flush()
		}
	}()
	end := time.Now().Add(fileTime)
	page := 0
	for {
		left := time.Until(end)
		a, err := p.await(ctx, min(pageTime, left))
		switch {
		case err == errLate && left < pageTime:
			return a, document.Refuse(Timeout, form.Position{Page: page}, "reading the PDF took longer than %v; it was given up at page %d", fileTime, page)
		case err == errLate && page == 0:
			return a, document.Refuse(Timeout, form.Position{}, "opening the PDF took longer than %v", pageTime)
		case err == errLate:
			return a, document.Refuse(Timeout, form.Position{Page: page}, "page %d of the PDF took longer than %v", page, pageTime)
		case err == errEnded && page == 0:
			return a, document.Refuse(document.Damaged, form.Position{}, "the PDF cannot be read: PDFium ended when it opened it")
		case err == errEnded:
			return a, document.Refuse(document.Damaged, form.Position{Page: page}, "page %d of the PDF cannot be read: PDFium ended", page)
		case err != nil:
			return a, err
		case a.Page == 0:
			<-sent
			return a, nil
		case a.Picture != nil:
			start := time.Now()
			if err := drawn(a.Page, a.Picture); err != nil {
				return a, err
			}
			end = end.Add(time.Since(start))
		}
		page = a.Page
	}
}

// end ends the child, whatever it does.
func (p *process) end() {
	p.command.Process.Kill()
	p.pipe.Close()
	go func() {
		for range p.answers { // so that whoever writes to it can end
		}
		p.command.Wait()
	}()
}
