package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// right verifies a package in this process.
func right(t *testing.T, name string) (ok bool, said string) {
	t.Helper()
	var out, stderr bytes.Buffer
	code := run([]string{"verify", name}, nil, &out, &stderr)
	return code == 0, out.String() + stderr.String()
}

// loaded is a store with some small reports.
func loaded(t *testing.T, data string, files int) {
	t.Helper()
	cmd := program(t, "ingest", "--data", data, smallReports(t, files, 2023, none))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// leftovers are the files of a folder but those named.
func leftovers(t *testing.T, dir string, but ...string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.Contains(strings.Join(but, " "), e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}

// Whatever is killed during an export, there is a whole package under its name or none.
func TestExportKilledInTheMiddle(t *testing.T) {
	needEngine(t)
	data, dir := filepath.Join(t.TempDir(), "data"), t.TempDir()
	loaded(t, data, 150)
	random := rand.New(rand.NewPCG(4, 4))
	var lasts time.Duration
	for round := range 7 {
		out := filepath.Join(dir, "p.zip")
		os.Remove(out)
		cmd := program(t, "export", "--data", data, "--out", out, "--with-documents")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		began := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		victim, killer := "nobody", time.NewTimer(time.Hour)
		if round > 0 {
			moment := time.Duration(random.Int64N(int64(lasts)))
			if round%2 == 0 {
				victim = "the program"
				killer = time.AfterFunc(moment, func() { _ = cmd.Process.Kill() })
			} else {
				victim = "the engine"
				killer = time.AfterFunc(moment, func() { killEngine(data) })
			}
		}
		code := exitCode(t, cmd.Wait())
		killer.Stop()
		if round == 0 {
			lasts = time.Since(began)
		}
		_, err := os.Stat(out)
		t.Logf("killed %s: exit code %d, a file: %t; it said: %s", victim, code, err == nil, &stderr)
		if (err == nil) != (code == 0) && victim != "the program" {
			t.Errorf("exit code %d, and a file: %t", code, err == nil)
		}
		if err == nil {
			if ok, said := right(t, out); !ok {
				t.Errorf("a package that is not right: %s", said)
			}
		}
		if code != -1 { // who is killed cannot clean up; the name says that it is a part
			if left := leftovers(t, dir, "p.zip"); victim != "the program" && len(left) > 0 && round == 1 {
				t.Errorf("left behind: %v", left)
			}
		}
	}
}

func TestExportWithoutRoom(t *testing.T) {
	needEngine(t)
	data := filepath.Join(t.TempDir(), "data")
	loaded(t, data, 100)
	disk := mount(t, "size=64k")
	out := filepath.Join(disk, "p.zip")
	cmd := program(t, "export", "--data", data, "--out", out, "--with-documents")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if code := exitCode(t, cmd.Run()); code != failed || !strings.Contains(stderr.String(), "no space left") {
		t.Errorf("exit code %d, want %d and that there is no space; it said: %s", code, failed, &stderr)
	}
	if left := leftovers(t, disk); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	remount(t, disk, "size=64m")
	if code := exitCode(t, program(t, "export", "--data", data, "--out", out, "--with-documents").Run()); code != 0 {
		t.Errorf("with room: exit code %d", code)
	}
	if ok, said := right(t, out); !ok {
		t.Error(said)
	}
}
