package engine

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// confinedFolderVariable makes the test binary a program that confines itself to the folder it names and says what it
// can do then; see beConfined.
const confinedFolderVariable = "NIANBAO_ENGINE_TEST_CONFINED"

func init() {
	if folder := os.Getenv(confinedFolderVariable); folder != "" {
		beConfined(folder)
	}
}

func beConfined(folder string) {
	if err := confine([]string{filepath.Join(folder, "..", "library")}, []string{folder}, os.Args[0], nil); err != nil {
		fmt.Println("cannot:", err)
		os.Exit(0)
	}
	try := func(what string, f func() error) { fmt.Printf("%s: %v\n", what, f() == nil) }
	read := func(path string) func() error {
		return func() error { _, err := os.ReadFile(path); return err }
	}
	inside, outside := filepath.Join(folder, "file"), filepath.Join(folder, "..", "secret")
	try("read inside", read(inside))
	try("write inside", func() error { return os.WriteFile(inside+"2", nil, 0o600) })
	try("link between folders inside", func() error {
		os.Mkdir(filepath.Join(folder, "sub"), 0o700)
		return os.Link(inside, filepath.Join(folder, "sub", "link"))
	})
	try("rename between folders inside", func() error { return os.Rename(inside+"2", filepath.Join(folder, "sub", "moved")) })
	try("truncate inside", func() error { return os.Truncate(inside, 0) })
	try("read the library", read(filepath.Join(folder, "..", "library")))
	try("read /proc/self/status", read("/proc/self/status"))
	try("read outside", read(outside))
	try("read outside by a link", func() error {
		os.Symlink(outside, filepath.Join(folder, "symlink"))
		return read(filepath.Join(folder, "symlink"))()
	})
	try("read /etc/passwd", read("/etc/passwd"))
	try("write the library", func() error { return os.Truncate(filepath.Join(folder, "..", "library"), 0) })
	try("write outside", func() error { return os.WriteFile(outside+"2", nil, 0o600) })
	try("run a command", exec.Command("/bin/cat", "/dev/null").Run)
	try("connect", func() error { _, err := net.Dial("tcp", os.Getenv("ADDRESS")); return err })
	os.Exit(0)
}

func TestConfine(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "store")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(folder, "file"), filepath.Join(dir, "secret"), filepath.Join(dir, "library")} {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), confinedFolderVariable+"="+folder, "ADDRESS="+listener.Addr().String())
	out, err := program.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if reason, cannot := strings.CutPrefix(string(out), "cannot: "); cannot {
		t.Skipf("this kernel cannot confine a process, so it cannot be tested: %s", reason)
	}
	want := `read inside: true
write inside: true
link between folders inside: true
rename between folders inside: true
truncate inside: true
read the library: true
read /proc/self/status: true
read outside: false
read outside by a link: false
read /etc/passwd: false
write the library: false
write outside: false
run a command: false
connect: false
`
	if string(out) != want {
		t.Errorf("a confined process can:\n%s\nwant:\n%s", out, want)
	}
}

// TestEngineIsConfined: the engine of every other test is.
func TestEngineIsConfined(t *testing.T) {
	e := sharedEngine(t)
	log, err := os.ReadFile(e.folder.logFile())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(log), "kernel") {
		t.Skipf("this kernel cannot confine a process: %s", log)
	}
	if !strings.Contains(string(log), "confined=true") {
		t.Errorf("the engine does not say that it is confined:\n%s", log)
	}
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", childOf(t, e)))
	if err != nil {
		t.Fatal(err)
	}
	for _, variable := range strings.Split(strings.TrimRight(string(environ), "\x00"), "\x00") {
		name, _, _ := strings.Cut(variable, "=")
		if name != "TZ" && name != "PATH" && name != confinedVariable && name != childVariable && !strings.HasPrefix(name, "GO") {
			t.Errorf("the engine's environment has %s, which may be a secret", name)
		}
	}
}
