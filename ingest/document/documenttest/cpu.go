package documenttest

import (
	"syscall"
	"testing"
	"time"
)

// PerCore makes a benchmark state how many operations one core does in a second. It counts the time of the processor,
// of the garbage collector too, so that a busy machine does not change the result.
func PerCore(b *testing.B) {
	begin := processorTime(b)
	b.Cleanup(func() {
		if spent := processorTime(b) - begin; spent > 0 {
			b.ReportMetric(float64(b.N)/spent.Seconds(), "ops/core-s")
		}
	})
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
