package scan

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// detach makes the program a process group of its own, which ends with this process.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// confine limits the memory, the processor time and the files of a process. It has begun, but not yet looked at a picture.
func confine(pid int) {
	for what, most := range map[int]uint64{unix.RLIMIT_AS: runMemory, unix.RLIMIT_CPU: uint64(runTime.Seconds()), unix.RLIMIT_FSIZE: 64 << 20, unix.RLIMIT_CORE: 0} {
		// A process that has already ended needs no limits.
		_ = unix.Prlimit(pid, what, &unix.Rlimit{Cur: most, Max: most}, nil)
	}
}
