package pdf

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// wasmPages is the memory that PDFium gets for one file, in pages of 64 KiB: 256 MB.
const wasmPages = 256 << 20 / (64 << 10)

// machine is PDFium, compiled and ready to be started for a file.
type machine struct{ pool pdfium.Pool }

// newMachine compiles PDFium, or loads what was compiled before from the cache folder. Compiling takes some 5 s of one
// core, loading 0.2 s. PDFium gets no files but a font, no network and no clock.
func newMachine(cache string) (*machine, error) {
	config := wazero.NewRuntimeConfigCompiler().
		// PDFium's setjmp is made of WebAssembly exceptions.
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithMemoryLimitPages(wasmPages)
	if cache != "" {
		kept, err := wazero.NewCompilationCacheWithDir(cache)
		if err != nil {
			return nil, fmt.Errorf("open the cache of compiled code: %w", err)
		}
		config = config.WithCompilationCache(kept)
	}
	pool, err := webassembly.Init(webassembly.Config{
		Context:       experimental.WithCompilationWorkers(context.Background(), runtime.GOMAXPROCS(0)),
		MaxIdle:       1,
		MaxTotal:      1,
		FSConfig:      wazero.NewFSConfig().WithFSMount(fonts(), "/"), // without this the package mounts the root folder
		RuntimeConfig: config,
		Stdout:        io.Discard,
		Stderr:        io.Discard,
	})
	if err != nil {
		return nil, fmt.Errorf("start PDFium: %w", err)
	}
	return &machine{pool}, nil
}

// cacheFolder is where compiled code is kept, "" if there is no such place. It belongs to the user alone: what stands
// in it is run.
func cacheFolder() string {
	base, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	folder := filepath.Join(base, "nianbao", "wasm")
	if os.MkdirAll(folder, 0o700) != nil {
		return ""
	}
	return folder
}

// guest is PDFium running for one file, with a memory of its own, so that no file can touch the reading of another.
//
// Its functions are called directly. The methods of go-pdfium allocate memory in the guest and take locks for each
// value they return, which is five times as slow at the ten values that every character has.
type guest struct {
	instance  pdfium.Pdfium
	memory    api.Memory
	functions map[string]api.Function
	lookup    reflect.Value // the method Fn
	scratch   uint32        // 64 bytes in the guest's memory, for results by pointer
	stack     [8]uint64
	err       error // the first failed call; all later ones do nothing
}

// start starts PDFium for one file.
func (m *machine) start(ctx context.Context) (*guest, error) {
	instance, err := m.pool.GetInstanceWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("start PDFium: %w", err)
	}
	g := &guest{instance: instance, functions: map[string]api.Function{}}
	// The implementation is of a type that other modules cannot name, but its methods and what they return are
	// those of wazero.
	implementation := reflect.ValueOf(instance.GetImplementation())
	g.lookup = implementation.MethodByName("Fn")
	module := implementation.Elem().FieldByName("Module")
	if !g.lookup.IsValid() || !module.IsValid() {
		return nil, errors.New("start PDFium: go-pdfium has changed, it has no functions Fn and Module")
	}
	memory, ok := module.MethodByName("Memory").Call(nil)[0].Interface().(api.Memory)
	if !ok {
		return nil, errors.New("start PDFium: go-pdfium has changed, its memory is not wazero's")
	}
	g.memory = memory
	g.scratch = uint32(g.call("malloc", 64))
	return g, g.err
}

// close ends the guest and gives its memory back.
func (g *guest) close() { g.instance.Close() }

func (g *guest) function(name string) api.Function {
	f, ok := g.functions[name]
	if !ok {
		f, ok = g.lookup.Call([]reflect.Value{reflect.ValueOf(name)})[0].Interface().(api.Function)
		if !ok && g.err == nil {
			g.err = fmt.Errorf("call %s: PDFium has no such function", name)
		}
		g.functions[name] = f
	}
	return f
}

// call calls a function of PDFium by name. Where speed matters, look the function up once and use run.
func (g *guest) call(name string, arguments ...uint64) uint64 {
	return g.run(g.function(name), arguments...)
}

// run calls a function of PDFium. A trap, such as the end of its memory, becomes the guest's error.
func (g *guest) run(f api.Function, arguments ...uint64) uint64 {
	if g.err != nil {
		return 0
	}
	copy(g.stack[:], arguments)
	if err := f.CallWithStack(context.Background(), g.stack[:]); err != nil {
		g.err = err
		return 0
	}
	return g.stack[0]
}

// at is the address of the n-th eight bytes of the scratch memory.
func (g *guest) at(n int) uint64 { return uint64(g.scratch) + uint64(8*n) }

// float64s reads what PDFium wrote into the scratch memory as doubles, eight bytes each.
func (g *guest) float64s(out ...*float64) {
	b, ok := g.memory.Read(g.scratch, uint32(8*len(out)))
	for i, p := range out {
		*p = 0
		if ok {
			*p = math.Float64frombits(word(b[8*i:]))
		}
	}
}

// float32s reads what PDFium wrote into the scratch memory as floats that follow each other, four bytes each.
func (g *guest) float32s(out ...*float64) {
	b, ok := g.memory.Read(g.scratch, uint32(4*len(out)))
	for i, p := range out {
		*p = 0
		if ok {
			*p = float64(math.Float32frombits(uint32(b[4*i]) | uint32(b[4*i+1])<<8 | uint32(b[4*i+2])<<16 | uint32(b[4*i+3])<<24))
		}
	}
}

func (g *guest) uint32(n int) uint32 {
	v, _ := g.memory.ReadUint32Le(g.scratch + uint32(8*n))
	return v
}

func word(b []byte) uint64 {
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// put copies bytes into the guest's memory and returns their address.
func (g *guest) put(b []byte) uint64 {
	p := g.call("malloc", uint64(len(b)))
	if g.err == nil && (p == 0 || !g.memory.Write(uint32(p), b)) {
		g.err = errors.New("copy the file: PDFium has no memory for it")
	}
	return p
}
