package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// killable is a service in a process of its own.
type killable struct {
	cmd     *exec.Cmd
	address string
}

var served = regexp.MustCompile(`address=(http://[0-9.:]+)`)

func startService(t *testing.T, data string) *killable {
	t.Helper()
	cmd := program(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if m := served.FindStringSubmatch(lines.Text()); m != nil {
			go func() {
				for lines.Scan() { // so that it never waits for a reader of its log
				}
			}()
			return &killable{cmd, m[1]}
		}
	}
	t.Fatalf("the service ended: %v", cmd.Wait())
	return nil
}

func (s *killable) end() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// take downloads a file as a careful client does: whole is what came to its end with status 200.
func (s *killable) take(path, into string) (whole bool, digest string, err error) {
	answer, err := http.Get(s.address + path)
	if err != nil {
		return false, "", err
	}
	defer answer.Body.Close()
	f, err := os.Create(into)
	if err != nil {
		return false, "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(f, sum), answer.Body); err != nil {
		return false, "", err
	}
	if answer.StatusCode != http.StatusOK {
		return false, "", nil
	}
	if stated, is := answer.Trailer.Get("Content-Digest"), "sha-256=:"+base64.StdEncoding.EncodeToString(sum.Sum(nil))+":"; stated != is {
		return true, "stated " + stated + ", is " + is, nil
	}
	return true, "", nil
}

// Whatever is killed during a download, the file is whole and right, or no client takes it for whole and it does not verify.
// NIANBAO_KILLS says how often; 20 is what is promised.
func TestDownloadKilledInTheMiddle(t *testing.T) {
	needEngine(t)
	kills := 3
	if text := os.Getenv("NIANBAO_KILLS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	data, dir := filepath.Join(t.TempDir(), "data"), t.TempDir()
	loaded(t, data, 100)
	s := startService(t, data)
	defer func() { s.end(); killEngine(data) }()
	const path = "/package.zip?documents=1"
	file := filepath.Join(dir, "p.zip")
	began := time.Now()
	if whole, wrong, err := s.take(path, file); err != nil || !whole || wrong != "" {
		t.Fatalf("undisturbed: whole %t, digest %q, %v", whole, wrong, err)
	}
	lasts := time.Since(began)
	if ok, said := right(t, file); !ok {
		t.Fatalf("undisturbed: %s", said)
	}
	undisturbed := sumOf(t, file)
	random := rand.New(rand.NewPCG(9, 9))
	broken := 0
	for round := range kills {
		os.Remove(file)
		victim := "the engine"
		kill := func() { killEngine(data) }
		if round%2 == 1 {
			victim, kill = "the service", func() { _ = s.cmd.Process.Kill() }
		}
		killer := time.AfterFunc(time.Duration(random.Int64N(int64(lasts))), kill)
		whole, wrong, err := s.take(path, file)
		killer.Stop()
		t.Logf("killed %s: whole %t, %v", victim, whole, err)
		switch ok, said := right(t, file); {
		case whole && (!ok || wrong != ""):
			t.Errorf("killed %s: a file that came whole is not right (digest %q): %s", victim, wrong, said)
		case ok && sumOf(t, file) != undisturbed: // the same state has the same bytes
			t.Errorf("killed %s: a file verifies that is another than the undisturbed one", victim)
		case !whole:
			broken++
		}
		if victim == "the service" {
			s.end()
			s = startService(t, data)
		}
	}
	t.Logf("%d of %d downloads broke off", broken, kills)
	if ok, said := verified(t, data, s); !ok {
		t.Errorf("after all kills the chain and the journal are not right: %s", said)
	}
}

// verified checks the store while the service runs.
func verified(t *testing.T, data string, s *killable) (bool, string) {
	t.Helper()
	out, err := program(t, "verify", "--store", "--data", data).CombinedOutput()
	return err == nil, string(out)
}

func sumOf(t *testing.T, name string) [sha256.Size]byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(content)
}
