package svg

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dop251/goja"
)

// library is the chart library, read once for all runtimes.
type library struct {
	text []byte
	hash string
	once sync.Once
	code *goja.Program
	err  error
}

// drawing is what a runtime runs for each picture. Nothing may be animated or wait for the pointer: there is neither.
const drawing = `(function (option, width, height) {
  var chart = echarts.init(null, null, {renderer: "svg", ssr: true, width: width, height: height});
  try {
    option = JSON.parse(option);
    option.animation = false;
    option.tooltip = undefined;
    (option.series || []).forEach(function (s) { s.silent = true; s.emphasis = {disabled: true}; });
    (option.xAxis || []).concat(option.yAxis || []).forEach(function (a) { a.triggerEvent = false; a.silent = true; });
    chart.setOption(option);
    return chart.renderToSVGString();
  } finally { chart.dispose(); }
})`

// engine is a runtime with the library in it.
type engine struct {
	vm   *goja.Runtime
	call goja.Callable
}

// start makes a runtime. It has the language and nothing of a browser: texts are measured by the library's own table,
// and what it would do later, in a loop of events, is not done.
func (l *library) start() (*engine, error) {
	l.once.Do(func() {
		if len(l.text) == 0 {
			l.err = errors.New("the chart library is not part of this build; make fetches it")
			return
		}
		l.code, l.err = goja.Compile("echarts.js", string(l.text), false)
	})
	if l.err != nil {
		return nil, fmt.Errorf("read chart library: %w", l.err)
	}
	vm := goja.New()
	vm.SetMaxCallStackSize(4096)
	vm.SetTimeSource(func() time.Time { return time.Unix(0, 0) })
	vm.SetRandSource(func() float64 { return 0.5 })
	nothing := func(goja.FunctionCall) goja.Value { return goja.Undefined() }
	for _, name := range []string{"setTimeout", "clearTimeout", "setInterval", "clearInterval"} {
		if err := vm.Set(name, nothing); err != nil {
			return nil, fmt.Errorf("start chart library: %w", err)
		}
	}
	if _, err := vm.RunProgram(l.code); err != nil {
		return nil, fmt.Errorf("start chart library: %w", err)
	}
	value, err := vm.RunString(drawing)
	if err != nil {
		return nil, fmt.Errorf("start chart library: %w", err)
	}
	call, ok := goja.AssertFunction(value)
	if !ok {
		return nil, fmt.Errorf("start chart library: %s is no function", value)
	}
	return &engine{vm, call}, nil
}

// draw returns the SVG of an option. It ends within the patience, whatever the option makes the library do.
func (e *engine) draw(option string, width, height int, patience time.Duration) (string, error) {
	timer := time.AfterFunc(patience, func() { e.vm.Interrupt(ErrTooLong) })
	defer timer.Stop()
	value, err := e.call(goja.Undefined(), e.vm.ToValue(option), e.vm.ToValue(width), e.vm.ToValue(height))
	var interrupted *goja.InterruptedError
	if errors.As(err, &interrupted) {
		return "", fmt.Errorf("%w: more than %v", ErrTooLong, patience)
	}
	if err != nil {
		return "", fmt.Errorf("run chart library: %w", err)
	}
	if !timer.Stop() { // the interrupt may come after the last step, and would meet the next drawing
		return "", fmt.Errorf("%w: more than %v", ErrTooLong, patience)
	}
	return value.String(), nil
}
