package engine

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// confinedVariable marks a process that confined itself already.
const confinedVariable = "NIANBAO_ENGINE_CONFINED"

// Rights on files: to read, to run as the loader does, and everything.
const (
	mayRead  = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	mayRun   = mayRead | unix.LANDLOCK_ACCESS_FS_EXECUTE
	mayWrite = mayRead | unix.LANDLOCK_ACCESS_FS_WRITE_FILE
	onFiles  = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE
)

// confine gives up every right of this process that an engine does not need: files outside the store, and connections
// by TCP. It is the wall behind the others (guard.go): those judge statements, and a statement can be misjudged; this one
// is the kernel's (Landlock). program and arguments start this program again, since a domain holds for the thread that
// enters it and what it executes, and a Go process has more threads.
//
// It returns nil in a process that is confined, and does not return when it confines one. The error says why the kernel
// cannot; the engine then runs unconfined.
func confine(readable, writable []string, program string, arguments []string) error {
	if os.Getenv(confinedVariable) != "" {
		return nil
	}
	version, _, errno := syscall.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return fmt.Errorf("confine the engine: this kernel has no Landlock: %w", errno)
	}
	if version < 2 {
		return errors.New("confine the engine: the kernel's Landlock is version 1, which forbids links between folders; want 2 or later (Linux 5.19)")
	}
	rules := unix.LandlockRulesetAttr{Handled_access_fs: unix.LANDLOCK_ACCESS_FS_REFER<<1 - 1}
	size := unsafe.Sizeof(rules.Handled_access_fs)
	if version >= 3 {
		rules.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if version >= 4 {
		rules.Handled_access_net = unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
		size += unsafe.Sizeof(rules.Handled_access_net)
	}
	fd, _, errno := syscall.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), size, 0)
	if errno != 0 {
		return fmt.Errorf("confine the engine: make rules: %w", errno)
	}
	defer syscall.Close(int(fd))

	loaded, err := mappedFolders()
	if err != nil {
		return fmt.Errorf("confine the engine: %w", err)
	}
	for access, paths := range map[uint64][]string{
		mayRun:                  append(loaded, program, "/lib", "/lib64", "/usr/lib", "/usr/lib64"),
		mayRead:                 append([]string{"/proc", "/sys", "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo"}, readable...),
		mayWrite:                {"/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"},
		rules.Handled_access_fs: writable,
	} {
		for _, path := range paths {
			if err := allow(int(fd), path, access); err != nil {
				return err
			}
		}
	}

	runtime.LockOSThread() // for good: the thread is this process's future
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("confine the engine: give up new privileges: %w", err)
	}
	if _, _, errno := syscall.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); errno != 0 {
		return fmt.Errorf("confine the engine: apply the rules: %w", errno)
	}
	err = syscall.Exec(program, append([]string{program}, arguments...), append(os.Environ(), confinedVariable+"=1"))
	return fmt.Errorf("%w: start it again: %w", errHalfConfined, err)
}

// allow grants access to a file, or to a folder and all in it. What does not exist needs no rule.
func allow(rules int, path string, access uint64) error {
	if path == "" {
		return nil
	}
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("confine the engine: allow %s: %w", path, err)
	}
	defer unix.Close(fd)
	var info unix.Stat_t
	if err := unix.Fstat(fd, &info); err != nil {
		return fmt.Errorf("confine the engine: allow %s: %w", path, err)
	}
	if info.Mode&unix.S_IFMT != unix.S_IFDIR {
		access &= onFiles
	}
	// The structure is packed in the kernel: 8 and 4 bytes.
	rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)}
	if _, _, errno := syscall.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(rules), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0); errno != 0 {
		return fmt.Errorf("confine the engine: allow %s: %w", path, errno)
	}
	return nil
}

// mappedFolders are the folders of the libraries of this process, wherever this system keeps them.
func mappedFolders() ([]string, error) {
	file, err := os.Open("/proc/self/maps")
	if err != nil {
		return nil, fmt.Errorf("find this process's libraries: %w", err)
	}
	defer file.Close()
	seen := map[string]bool{}
	var folders []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		_, path, found := strings.Cut(lines.Text(), "/")
		if folder := filepath.Dir("/" + path); found && strings.Contains(path, ".so") && !seen[folder] {
			seen[folder] = true
			folders = append(folders, folder)
		}
	}
	return folders, nil
}
