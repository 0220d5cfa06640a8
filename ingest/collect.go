package ingest

import (
	"os"
	"runtime/debug"
)

const (
	garbagePercent = 400
	// memoryWanted is what the whole program tries to stay below; the largest file that is read takes some 300 MB.
	memoryWanted = 384 << 20
)

// CollectSeldom sets how memory is collected, for programs that do little else than read files. A report leaves a
// hundred times more behind than stays in use, so that with Go's usual settings a fifth of the processor time goes into
// collecting it. What the environment says (GOGC, GOMEMLIMIT) holds.
func CollectSeldom() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryWanted)
	}
}
