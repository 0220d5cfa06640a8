package office

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"nianbao/ingest/document"
)

// confine makes the program a process group of its own with limits: 8 GiB of address space, two minutes of processor
// time, files at most twice as large as one that would be read. With alone it also has no network, and is the first
// process of a namespace, so that nothing it starts outlives it.
func confine(cmd *exec.Cmd, l document.Limits, alone bool) {
	// The shell sets the limits and becomes the program.
	limits := fmt.Sprintf("ulimit -c 0; ulimit -t 120; ulimit -v %d; ulimit -f %d; exec \"$0\" \"$@\"", 8<<20, 2*l.Bytes/512+1)
	cmd.Args = append([]string{"sh", "-c", limits, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if alone {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWNET | syscall.CLONE_NEWPID
		if os.Geteuid() != 0 {
			cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
			cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
			cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
		}
	}
	cmd.Cancel = func() error { return finish(cmd) }
}

// finish ends the program and everything it started.
func finish(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
