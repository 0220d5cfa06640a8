//go:build !linux

package office

import (
	"os/exec"

	"nianbao/ingest/document"
)

// confine does nothing on this system: the program has no limits but the time.
func confine(*exec.Cmd, document.Limits, bool) {}

// finish ends the program.
func finish(cmd *exec.Cmd) error { return cmd.Process.Kill() }
