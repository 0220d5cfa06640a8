package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/text/encoding/simplifiedchinese"

	"nianbao/internal/engine"
)

func TestMain(m *testing.M) {
	engine.MaybeChild()
	if os.Getenv(asProgram) != "" {
		os.Unsetenv(asProgram)
		main()
	}
	testscript.Main(m, map[string]func(){"nianbao": main})
}

// asProgram is the environment variable that makes the test binary be nianbao, for tests that watch over the process
// itself.
const asProgram = "NIANBAO_TEST_AS_PROGRAM"

// library is where the engine is, "" where there is none.
func library() string {
	path, _, err := engine.FindLibrary("")
	if err != nil {
		return ""
	}
	return path
}

func TestScripts(t *testing.T) {
	lib := library()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("NIANBAO_CHDB_LIB", lib)
			return nil
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "engine":
				return lib != "", nil
			case "root":
				return os.Getuid() == 0, nil
			}
			return false, errors.New("unknown condition " + name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"archive": makeArchive,
			"bomb":    makeBomb,
			"gbk":     toGBK,
			"get":     get,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// exits CODE PROGRAM ARGS… runs a program and wants that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s exited with code %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// archive OUT FILES… packs files as a zip archive, with names in GBK as Windows does.
func makeArchive(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: archive OUT FILES…")
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range args[1:] {
		inside, err := simplifiedchinese.GBK.NewEncoder().String(name)
		ts.Check(err)
		f, err := w.CreateHeader(&zip.FileHeader{Name: inside, NonUTF8: true, Method: zip.Deflate})
		ts.Check(err)
		_, err = io.WriteString(f, ts.ReadFile(name))
		ts.Check(err)
	}
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o644))
}

// bomb OUT NAME makes a zip archive whose member NAME unpacks to 40 MB of nothing.
func makeBomb(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: bomb OUT NAME")
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(args[1])
	ts.Check(err)
	_, err = f.Write(make([]byte, 40<<20))
	ts.Check(err)
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o644))
}

// gbk FILE turns a file into GBK.
func toGBK(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: gbk FILE")
	}
	s, err := simplifiedchinese.GBK.NewEncoder().String(ts.ReadFile(args[0]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(s), 0o644))
}

// get STATUS FILE PATH asks the server whose log is FILE, once it listens, and prints the body.
func get(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: get STATUS FILE PATH")
	}
	address := listening(ts, ts.MkAbs(args[1]))
	response, err := http.Get(address + args[2])
	ts.Check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	ts.Check(err)
	_, err = ts.Stdout().Write(body)
	ts.Check(err)
	if want := args[0]; strconv.Itoa(response.StatusCode) != want {
		ts.Fatalf("%s answered %s, want %s\n%s", args[2], response.Status, want, body)
	}
}

// addressInLog is where a server listens, in a log of either format.
var addressInLog = regexp.MustCompile(`"?address"?[=:]"?(http://[^\s"]+)[\s"]`)

// listening waits until a log says where its server listens.
func listening(ts *testscript.TestScript, name string) string {
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		b, _ := os.ReadFile(name)
		if address := addressInLog.FindSubmatch(b); address != nil {
			return string(address[1])
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s does not say where the server listens", filepath.Base(name))
	return ""
}
