package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"nianbao/ingest/document/office"
	"nianbao/ingest/document/scan"
	"nianbao/internal/engine"
)

// A health is how one thing stands that the program needs or can use.
type health string

const (
	fine  health = "ok"
	lacks health = "lacks" // something that the program can do without
	wrong health = "wrong" // something without which it does not work
)

// An opinion is what the doctor says of one thing.
type opinion struct {
	thing string
	health
	text string // what there is, or what it would enable and how to have it
}

func doctorCommand(p *place) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "say what this machine has and lacks, and what each thing would enable",
		Long: `Looks at the settings, libchdb (which is started once, on a folder of its own), the data folder or the server, room on the disk, and the
programs that read scans and old formats. Exit code 0 if the program can work, 1 if not; what it lacks and can do without is said.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			sick := false
			for _, o := range examine(c.Context(), p) {
				fmt.Fprintf(c.OutOrStdout(), "%-7s%-12s %s\n", o.health, o.thing, o.text)
				sick = sick || o.health == wrong
			}
			if sick {
				return exit(failed)
			}
			return nil
		},
	}
}

func examine(ctx context.Context, p *place) []opinion {
	list := []opinion{{"program", fine, fmt.Sprintf("nianbao %s, %s %s/%s", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)}}
	for _, s := range table.Strangers(os.Environ(), otherVariables...) {
		list = append(list, opinion{"settings", lacks, s})
	}
	if p.address() != "" {
		list = append(list, examineServer(ctx, p.address()))
	} else {
		list = append(list, examineEngine(ctx, p.library), examineFolder(p.data), examineRoom(p.data))
	}
	return append(list, examineScans(), examineOffice(), examineFonts(ctx), examineFiles(), examineClock(time.Now()))
}

func examineEngine(ctx context.Context, library string) opinion {
	path, _, err := engine.FindLibrary(library)
	if err != nil {
		return opinion{"libchdb", wrong, err.Error()}
	}
	dir, err := os.MkdirTemp("", "nianbao-doctor-")
	if err != nil {
		return opinion{"libchdb", wrong, fmt.Sprintf("no folder to try it in: %v", err)}
	}
	defer os.RemoveAll(dir)
	began := time.Now()
	e, err := engine.Open(ctx, engine.Options{Data: dir, Library: path, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return opinion{"libchdb", wrong, err.Error()}
	}
	took := time.Since(began)
	if err := errors.Join(e.Healthy(ctx), e.Close()); err != nil {
		return opinion{"libchdb", wrong, err.Error()}
	}
	return opinion{"libchdb", fine, fmt.Sprintf("%s, %s; it starts and answers within %s", engine.LibraryVersion, path, took.Round(time.Millisecond))}
}

func examineServer(ctx context.Context, dsn string) opinion {
	u, err := url.Parse(dsn)
	if err != nil || u.Host == "" {
		return opinion{"server", wrong, "the address is no URL, want http://user:password@host:8123/database"}
	}
	shown := u.Scheme + "://" + u.Host
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, shown+"/?query=SELECT+version()", nil)
	if err != nil {
		return opinion{"server", wrong, fmt.Sprintf("%s is no address", shown)}
	}
	if u.User != nil {
		password, _ := u.User.Password()
		r.Header.Set("X-ClickHouse-User", u.User.Username())
		r.Header.Set("X-ClickHouse-Key", password)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return opinion{"server", wrong, fmt.Sprintf("%s does not answer: %v", shown, errors.Unwrap(err))}
	}
	defer answer.Body.Close()
	word := make([]byte, 100)
	n, _ := answer.Body.Read(word)
	if answer.StatusCode != http.StatusOK {
		return opinion{"server", wrong, fmt.Sprintf("%s answers %s: %s", shown, answer.Status, strings.TrimSpace(string(word[:n])))}
	}
	return opinion{"server", fine, fmt.Sprintf("%s, ClickHouse %s", shown, strings.TrimSpace(string(word[:n])))}
}

// examineFolder tries to write where the data is, or, before the first start, where its folder would be made.
func examineFolder(data string) opinion {
	info, err := os.Stat(data)
	at, is := data, "writable"
	if errors.Is(err, fs.ErrNotExist) {
		at, is = existing(data), "not there yet; it can be made"
	} else if err != nil {
		return opinion{"data", wrong, err.Error()}
	} else if !info.IsDir() {
		return opinion{"data", wrong, data + " is a file, want a folder"}
	}
	f, err := os.CreateTemp(at, ".nianbao-doctor-")
	if err != nil {
		return opinion{"data", wrong, fmt.Sprintf("%s cannot be written: %v; make it writable for the user %s or name another with --data", at, err, userName())}
	}
	f.Close()
	os.Remove(f.Name())
	if at == data && info.Mode().Perm()&0o077 != 0 {
		return opinion{"data", lacks, fmt.Sprintf("%s is open to other users (mode %04o): chmod 700 keeps them out", data, info.Mode().Perm())}
	}
	return opinion{"data", fine, data + " is " + is}
}

// existing is the nearest folder above a path that exists.
func existing(path string) string {
	path, err := filepath.Abs(path)
	if err != nil {
		return "."
	}
	for {
		if info, err := os.Stat(path); err == nil && info.IsDir() || path == filepath.Dir(path) {
			return path
		}
		path = filepath.Dir(path)
	}
}

// roomWanted is what a store of ten thousand reports with their merges takes, many times over.
const roomWanted = 2 << 30

func examineRoom(data string) opinion {
	var s syscall.Statfs_t
	at := existing(data)
	if err := syscall.Statfs(at, &s); err != nil {
		return opinion{"disk", lacks, fmt.Sprintf("how much room %s has cannot be told: %v", at, err)}
	}
	free := uint64(s.Bavail) * uint64(s.Bsize)
	text := fmt.Sprintf("%.1f GiB free at %s", float64(free)/(1<<30), at)
	if free < roomWanted {
		return opinion{"disk", lacks, text + ": loading stops when it is full, and nothing is lost; want 2 GiB or more"}
	}
	return opinion{"disk", fine, text}
}

func examineScans() opinion {
	if program := scan.Find(); program != "" {
		return opinion{"tesseract", fine, program + ", with Chinese: scans are read"}
	}
	return opinion{"tesseract", lacks, "scans (PDF of pictures, PNG, JPEG, TIFF) wait unread; Debian: apt-get install " + scan.Packages}
}

func examineOffice() opinion {
	if program := office.FindSoffice(); program != "" {
		return opinion{"LibreOffice", fine, program + ": DOC, WPS, RTF, XLS and OpenDocument are read"}
	}
	return opinion{"LibreOffice", lacks, "DOC, WPS, RTF, XLS and OpenDocument wait unread; Debian: apt-get install libreoffice-writer-nogui libreoffice-calc-nogui"}
}

// examineFonts asks for a Chinese font: a browser on this machine, as on a wall display, needs one.
func examineFonts(ctx context.Context) opinion {
	const without = "a browser on this machine, as for a wall display, draws no Chinese; Debian: apt-get install fonts-noto-cjk"
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "fc-list", ":lang=zh", "family").Output()
	if err != nil {
		return opinion{"fonts", lacks, "fc-list is not there to ask; without a Chinese font " + without}
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if first == "" {
		return opinion{"fonts", lacks, "no Chinese font: " + without}
	}
	return opinion{"fonts", fine, first}
}

// filesWanted is for a thousand connections and the files of the engine.
const filesWanted = 4096

func examineFiles() opinion {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return opinion{"files", lacks, fmt.Sprintf("how many files may be open cannot be told: %v", err)}
	}
	if l.Max < filesWanted {
		return opinion{"files", lacks, fmt.Sprintf("%d files may be open at once: many visitors at a time need %d (ulimit -n, LimitNOFILE)", l.Max, filesWanted)}
	}
	return opinion{"files", fine, fmt.Sprintf("%d may be open at once", l.Max)}
}

// examineClock looks for a clock that was never set: whether reports are late is judged by it.
func examineClock(now time.Time) opinion {
	if now.Year() < 2024 || now.Year() > 2100 {
		return opinion{"clock", wrong, fmt.Sprintf("it says %s; whether reports are late is judged by it", now.Format(time.RFC3339))}
	}
	return opinion{"clock", fine, now.Format(time.RFC3339)}
}
