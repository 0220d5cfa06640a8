package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nianbao/ingest"
	"nianbao/internal/warehouse"
)

// smallReport has one table of 15 cells.
func smallReport(agency string, year, figure int, ballast string) []byte {
	return fmt.Appendf(nil, `<!DOCTYPE html><html><head><meta charset="utf-8"><title>%[1]s%[2]d年政府信息公开工作年度报告</title></head><body>
<h1>%[1]s%[2]d年政府信息公开工作年度报告</h1>
<h2>四、政府信息公开行政复议、行政诉讼情况</h2>
<table border="1">
<tr><td colspan="5">行政复议</td><td colspan="10">行政诉讼</td></tr>
<tr><td rowspan="2">结果维持</td><td rowspan="2">结果纠正</td><td rowspan="2">其他结果</td><td rowspan="2">尚未审结</td><td rowspan="2">总计</td><td colspan="5">未经复议直接起诉</td><td colspan="5">复议后起诉</td></tr>
<tr><td>结果维持</td><td>结果纠正</td><td>其他结果</td><td>尚未审结</td><td>总计</td><td>结果维持</td><td>结果纠正</td><td>其他结果</td><td>尚未审结</td><td>总计</td></tr>
<tr><td>%[3]d</td><td>0</td><td>0</td><td>0</td><td>%[3]d</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td><td>0</td></tr>
</table><!-- %[4]s --></body></html>`, agency, year, figure, ballast)
}

const cellsOfSmall = 15

// townOf names one of 1,024 bodies.
func townOf(i int) string {
	words := []rune("青石白云松柏桃花金山银河玉泉龙凤虎林竹溪清风明月长安永和平双北南")
	return "淄博市博山区" + string(words[i/32]) + string(words[i%32]) + "镇人民政府"
}

// smallReports writes n reports for a year into a new folder.
func smallReports(t *testing.T, n, year int, ballast func() string) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		name := filepath.Join(dir, fmt.Sprintf("%04d.html", i))
		if err := os.WriteFile(name, smallReport(townOf(i), year, i, ballast()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func none() string { return "" }

// program is nianbao with these arguments, in a process of its own.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe, args...)
	c.Env = append(os.Environ(), asProgram+"=1", "NIANBAO_CHDB_LIB="+library())
	return c
}

// exitCode is -1 if the process was killed.
func exitCode(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit == nil {
		return 0
	}
	return exit.ExitCode()
}

func needEngine(t *testing.T) {
	t.Helper()
	if library() == "" {
		t.Skip("no libchdb; run make engine")
	}
}

// audit looks at every row of the store: what is visible is whole, and stands there once. It returns the number of
// visible filings.
func audit(t *testing.T, data string) int {
	t.Helper()
	s, err := warehouse.Open(t.Context(), warehouse.Options{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	one := func(query string) uint64 {
		t.Helper()
		var n uint64
		if err := s.Conn().QueryRow(t.Context(), query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, table := range []string{"documents", "filings", "cells", "findings"} {
		if n := one(`SELECT count() FROM batches LEFT JOIN (SELECT batch, count() AS n FROM ` + table + ` GROUP BY batch) AS t USING (batch)
			WHERE n != batches.` + table); n != 0 {
			t.Errorf("%d committed batches have another number of rows in %s than was committed", n, table)
		}
	}
	if n := one("SELECT toUInt64(count() - uniqExact(batch)) FROM batches"); n != 0 {
		t.Errorf("%d batches are committed more than once", n)
	}
	list, err := s.Filings(t.Context(), time.Time{}, warehouse.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	whole := one(fmt.Sprintf(`SELECT count() FROM filings
		INNER JOIN (SELECT filing, count() AS n, uniqExact(row, col) AS places FROM cells GROUP BY filing) AS c USING (filing)
		INNER JOIN (SELECT filing FROM assessments WHERE batch IN (SELECT batch FROM batches) GROUP BY filing) AS a USING (filing)
		INNER JOIN (SELECT DISTINCT sha256 FROM documents WHERE batch IN (SELECT batch FROM batches)) AS d USING (sha256)
		WHERE c.n = %d AND c.places = c.n AND batch IN (SELECT batch FROM batches)`, cellsOfSmall))
	if n := one(`SELECT count() FROM assessments AS a LEFT JOIN (SELECT filing, batch, count() AS n FROM findings GROUP BY filing, batch) AS f
		ON a.filing = f.filing AND a.batch = f.batch WHERE a.pass + a.fail + a.uncertain + a.not_assessable + a.not_applicable != f.n`); n != 0 {
		t.Errorf("%d assessments have another number of findings than they count", n)
	}
	if int(whole) != len(list) {
		t.Errorf("%d filings are visible, %d are whole", len(list), whole)
	}
	for _, f := range list {
		if f.Version != 1 {
			t.Errorf("%s is version %d, want that it was loaded once", f.File, f.Version)
		}
	}
	return len(list)
}

// The engine and the program are killed ten times in the middle of an ingest, at moments spread over it. Each ingest
// also completes what the one before left undone.
func TestKilledInTheMiddle(t *testing.T) {
	needEngine(t)
	const (
		kills = 10
		files = 300 // two batches
	)
	data := filepath.Join(t.TempDir(), "data")
	random := rand.New(rand.NewPCG(20, 26))
	var dirs []string
	ingesting := func() *exec.Cmd { return program(t, append([]string{"ingest", "--data", data, "--json"}, dirs...)...) }
	var lasts time.Duration // an ingest that nobody disturbs
	for round := range kills + 1 {
		dirs = append([]string{smallReports(t, files, 2019+round, none)}, dirs...) // what is new comes first
		cmd := ingesting()
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		began := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		victim, killer := "nobody", time.NewTimer(time.Hour)
		if round > 0 {
			moment := lasts/3 + time.Duration(random.Int64N(int64(lasts*2/3)))
			if round%2 == 0 {
				victim = "the program"
				killer = time.AfterFunc(moment, func() { _ = cmd.Process.Kill() })
			} else {
				victim = "the engine"
				killer = time.AfterFunc(moment, func() { killEngine(data) })
			}
		}
		stored := count(t, out)
		code := exitCode(t, cmd.Wait())
		killer.Stop() // it shall not kill the next one
		if round == 0 {
			lasts = time.Since(began)
		}
		total := (round + 1) * files
		visible := audit(t, data)
		t.Logf("killed %s: exit code %d, %d of %d files said to be stored, %d visible", victim, code, stored, total, visible)
		if stored > visible {
			t.Errorf("%d files were said to be stored, %d are visible", stored, visible)
		}
		switch {
		case victim == "the program" && code == -1:
		case victim == "the engine" && strings.Contains(stderr.String(), "the engine does not start"): // it died before it was up
		default:
			// The death of the engine is nothing that an ingest fails of.
			if code != 0 || visible != total {
				t.Errorf("exit code %d, %d files visible, want 0 and all %d; it said:\n%s", code, visible, total, &stderr)
			}
		}
	}
	last := ingesting()
	last.Stdout = io.Discard
	last.Stderr = os.Stderr
	if code := exitCode(t, last.Run()); code != 0 {
		t.Errorf("the last ingest: exit code %d, want 0", code)
	}
	if n := audit(t, data); n != (kills+1)*files {
		t.Errorf("%d filings in the end, want %d", n, (kills+1)*files)
	}
}

func killEngine(data string) {
	b, err := os.ReadFile(filepath.Join(data, "engine.lock"))
	if err != nil {
		return
	}
	if pid, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil && pid > 1 {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// count reads results and counts the files of which they say that they are stored.
func count(t *testing.T, r io.Reader) (stored int) {
	t.Helper()
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var res ingest.Result
		if err := json.Unmarshal(lines.Bytes(), &res); err != nil {
			continue // the line at which the program was killed
		}
		switch res.Status {
		case ingest.Loaded, ingest.Unchanged:
			stored++
		case ingest.NewVersion, ingest.Rejected:
			t.Errorf("%s is %s: %s", res.File, res.Status, res.Message)
		}
	}
	return stored
}

// Ctrl-C finishes or drops the batch, says so, and fails.
func TestInterrupted(t *testing.T) {
	needEngine(t)
	const files = 1000
	data := filepath.Join(t.TempDir(), "data")
	dir := smallReports(t, files, 2023, none)
	cmd := program(t, "ingest", "--data", data, "--json", dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// The first result says that the first batch is stored.
	first := bufio.NewReader(out)
	if _, err := first.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	stored := 1 + count(t, first)
	code := exitCode(t, cmd.Wait())
	visible := audit(t, data)
	if visible != stored {
		t.Errorf("%d files were said to be stored, %d are visible", stored, visible)
	}
	if visible < files && (code != failed || !strings.Contains(stderr.String(), "nianbao: ingest: interrupted; what was not loaded is loaded by running it again")) {
		t.Errorf("exit code %d, want %d and that it was interrupted; it said:\n%s", code, failed, &stderr)
	}
	if visible == files {
		t.Log("everything was loaded before the interruption was noticed")
	}
}

// Two programs given the same files at the same time store them once.
func TestTwoAtATime(t *testing.T) {
	needEngine(t)
	const files = 300
	data := filepath.Join(t.TempDir(), "data")
	dir := smallReports(t, files, 2023, none)
	var running []*exec.Cmd
	var outs []*bytes.Buffer
	for range 3 {
		cmd := program(t, "ingest", "--data", data, "--json", dir)
		out := new(bytes.Buffer)
		cmd.Stdout, cmd.Stderr = out, os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		running, outs = append(running, cmd), append(outs, out)
	}
	loaded := 0
	for i, cmd := range running {
		if code := exitCode(t, cmd.Wait()); code != 0 {
			t.Errorf("exit code %d, want 0", code)
		}
		loaded += bytes.Count(outs[i].Bytes(), []byte(`"status":"loaded"`))
	}
	if n := audit(t, data); n != files || loaded != files {
		t.Errorf("%d files loaded, %d visible, want %d", loaded, n, files)
	}
}

// mount makes a file system of its own, or skips the test.
func mount(t *testing.T, options string) (dir string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("mounting a small file system needs root")
	}
	dir = t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("cannot mount a small file system: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	return dir
}

func remount(t *testing.T, dir, options string) {
	t.Helper()
	if out, err := exec.Command("mount", "-o", "remount,"+options, dir).CombinedOutput(); err != nil {
		t.Fatalf("remount: %v: %s", err, out)
	}
}

func TestDiskFull(t *testing.T) {
	needEngine(t)
	disk := mount(t, "size=64m")
	data := filepath.Join(disk, "data")
	random := rand.NewChaCha8([32]byte{})
	ballast := func() string { // that does not compress
		b := make([]byte, 300_000)
		_, _ = random.Read(b)
		return base64.StdEncoding.EncodeToString(b)
	}
	const files = 300
	dir := smallReports(t, files, 2023, ballast)
	cmd := program(t, "ingest", "--data", data, "--json", dir)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	code := exitCode(t, cmd.Run())
	if code != failed || !strings.Contains(strings.ToLower(stderr.String()), "space") {
		t.Errorf("exit code %d, want %d and that there is no space; it said:\n%s", code, failed, &stderr)
	}
	stored := count(t, &out)
	if n := audit(t, data); n != stored || n == 0 || n == files {
		t.Errorf("%d files were said to be stored, %d are visible, want the same and some of %d", stored, n, files)
	}

	remount(t, disk, "size=512m")
	if code := exitCode(t, program(t, "ingest", "--data", data, "--json", dir).Run()); code != 0 {
		t.Errorf("ingest with room: exit code %d, want 0", code)
	}
	if n := audit(t, data); n != files {
		t.Errorf("%d filings are visible, want %d", n, files)
	}
}

func TestReadOnlyFolder(t *testing.T) {
	needEngine(t)
	disk := mount(t, "size=64m")
	dir := smallReports(t, 1, 2023, none)
	data := filepath.Join(disk, "data")
	for _, stage := range []string{"new", "used"} {
		remount(t, disk, "ro")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := program(t, "ingest", "--data", data, dir)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if code := exitCode(t, cmd.Run()); code != failed || !strings.Contains(stderr.String(), "read-only file system") {
			t.Errorf("%s folder: exit code %d, want %d and that it is read-only; it said:\n%s", stage, code, failed, &stderr)
		}
		if ctx.Err() != nil {
			t.Fatal(ctx.Err())
		}
		remount(t, disk, "rw")
		if code := exitCode(t, program(t, "ingest", "--data", data, dir).Run()); code != 0 {
			t.Errorf("%s folder, writable again: exit code %d, want 0", stage, code)
		}
	}
}
