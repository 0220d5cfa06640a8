package scan

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

const (
	// patience is how long one run may take, and runTime how much of a processor. The lines of a full page take some 3
	// seconds; the rest is for machines that do much else.
	patience = 3 * time.Minute
	runTime  = time.Minute
	// runMemory is the address space of a run; one takes some 150 MB.
	runMemory = 1 << 30
)

// Packages are those of Debian that hold tesseract and its Chinese.
const Packages = "tesseract-ocr tesseract-ocr-chi-sim"

// running bounds the runs at one time.
var running = make(chan struct{}, runtime.GOMAXPROCS(0))

// Find finds the program of tesseract: what the environment variable NIANBAO_TESSERACT names, else tesseract in the folders
// of PATH. It is "" if there is none, or if it lacks its Chinese.
func Find() string {
	name := os.Getenv("NIANBAO_TESSERACT")
	if name == "" {
		name = "tesseract"
	}
	program, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	if program, err = filepath.Abs(program); err != nil || !languages(program) {
		return ""
	}
	return program
}

// checked holds what is known of programs: whether they have the languages. What lacks them is asked again each time,
// since they may be installed meanwhile.
var checked sync.Map

func languages(program string) bool {
	if _, ok := checked.Load(program); ok {
		return true
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, "--list-langs").CombinedOutput()
	lines := strings.Fields(string(out))
	has := func(language string) bool {
		for _, l := range lines {
			if l == language {
				return true
			}
		}
		return false
	}
	if err != nil || !has(chinese) || !has(english) {
		return false
	}
	checked.Store(program, true)
	return true
}

// Missing is the refusal of what is a picture where tesseract is not installed.
func Missing(what string) *document.Refusal {
	return document.Refuse(NeedsTesseract, form.Position{},
		"%s; pictures are read by tesseract, which is not installed with its Chinese; install it (on Debian: apt-get install %s) and read the file again", what, Packages)
}

// Languages of tesseract.
const (
	chinese = "chi_sim"
	english = "eng"
)

// word is what tesseract reads at a place.
type word struct {
	image.Rectangle
	text string
	sure float64 // 0 to 100
}

// tesseract reads pictures of one line each and returns the words of each.
func tesseract(ctx context.Context, program, language string, lines []*image.Gray, settings ...string) ([][]word, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	select {
	case running <- struct{}{}:
		defer func() { <-running }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	dir, err := os.MkdirTemp("", "nianbao-scan-")
	if err != nil {
		return nil, fmt.Errorf("read a picture: %w", err)
	}
	defer os.RemoveAll(dir)
	var list bytes.Buffer
	for i, p := range lines {
		name := filepath.Join(dir, strconv.Itoa(i)+".pgm")
		if err := os.WriteFile(name, pgm(p), 0o600); err != nil {
			return nil, fmt.Errorf("read a picture: %w", err)
		}
		fmt.Fprintln(&list, name)
	}
	names := filepath.Join(dir, "list.txt")
	if err := os.WriteFile(names, list.Bytes(), 0o600); err != nil {
		return nil, fmt.Errorf("read a picture: %w", err)
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	const oneLine = "7"
	args := []string{names, filepath.Join(dir, "out"), "--psm", oneLine, "--dpi", "300", "-l", language}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	cmd := exec.CommandContext(limited, program, append(args, "tsv")...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "LANG=C.UTF-8", "OMP_THREAD_LIMIT=1"}
	if prefix, ok := os.LookupEnv("TESSDATA_PREFIX"); ok {
		cmd.Env = append(cmd.Env, "TESSDATA_PREFIX="+prefix)
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	cmd.WaitDelay = 2 * time.Second
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start tesseract: %w", err)
	}
	confine(cmd.Process.Pid)
	err = cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, document.Refuse(Unreadable, form.Position{}, "tesseract took more than %s to read a page", patience)
	case err != nil:
		return nil, document.Refuse(Unreadable, form.Position{}, "tesseract could not read a page: %v: %s", err, document.Excerpt(document.Squeeze(said.String())))
	}
	f, err := os.Open(filepath.Join(dir, "out.tsv"))
	if err != nil {
		return nil, document.Refuse(Unreadable, form.Position{}, "tesseract read a page and wrote nothing")
	}
	defer f.Close()
	return words(f, len(lines))
}

// words reads the table that tesseract writes, for so many pictures.
func words(f *os.File, pictures int) ([][]word, error) {
	out := make([][]word, pictures)
	s := bufio.NewScanner(f)
	for s.Scan() {
		// level page_num block_num par_num line_num word_num left top width height conf text
		fields := strings.SplitN(s.Text(), "\t", 12)
		if len(fields) < 12 || fields[0] != "5" {
			continue
		}
		var n [5]int
		var errs error
		for i, at := range []int{1, 6, 7, 8, 9} {
			v, err := strconv.Atoi(fields[at])
			n[i], errs = v, errors.Join(errs, err)
		}
		sure, err := strconv.ParseFloat(fields[10], 64)
		if errors.Join(errs, err) != nil || n[0] < 1 || n[0] > pictures {
			return nil, document.Refuse(Unreadable, form.Position{}, "tesseract wrote a table of another form: %q", document.Excerpt(s.Text()))
		}
		if text := strings.TrimSpace(fields[11]); text != "" {
			out[n[0]-1] = append(out[n[0]-1], word{image.Rect(n[1], n[2], n[1]+n[3], n[2]+n[4]), text, sure})
		}
	}
	return out, s.Err()
}

// pgm is a picture in the simplest format that tesseract reads.
func pgm(p *image.Gray) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "P5 %d %d 255\n", p.Rect.Dx(), p.Rect.Dy())
	for y := range p.Rect.Dy() {
		b.Write(p.Pix[y*p.Stride : y*p.Stride+p.Rect.Dx()])
	}
	return b.Bytes()
}
