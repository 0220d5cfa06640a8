package office

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

const (
	// patience is how long one conversion may take. Real reports take 1 to 4 seconds of a processor; the rest is for
	// machines that do much else.
	patience = 90 * time.Second
	// atOnce is how many conversions run at the same time: each takes some 200 MB.
	atOnce = 2
)

var running = make(chan struct{}, atOnce)

// settings are those of the profile. Macros never run, whatever is trusted; active content, Java and links are off;
// nothing is computed anew, so that a workbook shows the values it was saved with.
var settings = []struct{ path, name, value string }{
	{"org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"},
	{"org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"},
	{"org.openoffice.Office.Common/Security/Scripting", "CheckDocumentEvents", "true"},
	{"org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"},
	{"org.openoffice.Office.Common/Misc", "CrashReport", "false"},
	{"org.openoffice.Office.Java/VirtualMachine", "Enable", "false"},
	{"org.openoffice.Office.Writer/Content/Update", "Link", "0"}, // never
	{"org.openoffice.Office.Writer/Content/Update", "Field", "false"},
	{"org.openoffice.Office.Writer/Content/Update", "Chart", "false"},
	{"org.openoffice.Office.Calc/Content/Update", "Link", "1"},          // never
	{"org.openoffice.Office.Calc/Formula/Load", "OOXMLRecalcMode", "1"}, // never
	{"org.openoffice.Office.Calc/Formula/Load", "ODFRecalcMode", "1"},
}

func profile() []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` + "\n")
	for _, s := range settings {
		fmt.Fprintf(&b, `<item oor:path="/%s"><prop oor:name="%s" oor:op="fuse"><value>%s</value></prop></item>`+"\n", s.path, s.name, s.value)
	}
	b.WriteString("</oor:items>\n")
	return b.Bytes()
}

// convert has LibreOffice write the document in the target format.
func convert(ctx context.Context, soffice string, from source, b []byte, l document.Limits) ([]byte, error) {
	select {
	case running <- struct{}{}:
		defer func() { <-running }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	dir, err := os.MkdirTemp("", "nianbao-office-")
	if err != nil {
		return nil, fmt.Errorf("convert by LibreOffice: %w", err)
	}
	defer os.RemoveAll(dir)
	in := filepath.Join(dir, "report"+from.ending)
	out := filepath.Join(dir, "out")
	err = errors.Join(
		os.MkdirAll(filepath.Join(dir, "profile", "user"), 0o700),
		os.WriteFile(filepath.Join(dir, "profile", "user", "registrymodifications.xcu"), profile(), 0o600),
		os.WriteFile(in, b, 0o600),
		os.Mkdir(out, 0o700))
	if err != nil {
		return nil, fmt.Errorf("convert by LibreOffice: %w", err)
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	said, err := run(limited, dir, l, soffice,
		"-env:UserInstallation="+(&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, "profile"))}).String(),
		"--headless", "--norestore", "--nologo", "--nodefault", "--nofirststartwizard", "--nolockcheck",
		"--convert-to", from.target.filter, "--outdir", out, in)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, document.Refuse(ConversionFailed, form.Position{}, "LibreOffice took more than %s to convert %s; save it as %s", patience, from.name, strings.ToUpper(from.target.ending))
	}
	name := filepath.Join(out, "report."+from.target.ending)
	info, missing := os.Lstat(name)
	switch {
	case missing != nil || !info.Mode().IsRegular():
		return nil, from.failed(soffice, b, said, err)
	case info.Size() > l.Bytes:
		return nil, document.Refuse(document.TooLarge, form.Position{}, "LibreOffice made %d bytes of %s, at most %d are read", info.Size(), from.name, l.Bytes)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("convert by LibreOffice: %w", err)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, l.Bytes))
}

// failed tells why there is no result.
func (s source) failed(soffice string, b []byte, said string, err error) error {
	if encrypted(b) {
		return document.Refuse(document.Encrypted, form.Position{}, "%s is protected by a password; save it without", s.name)
	}
	if real, wrong := filepath.EvalSymlinks(soffice); wrong == nil && filepath.Base(filepath.Dir(real)) == "program" {
		if _, wrong := os.Stat(filepath.Join(filepath.Dir(real), s.target.module)); errors.Is(wrong, os.ErrNotExist) {
			return document.Refuse(NeedsLibreOffice, form.Position{},
				"%s is read by LibreOffice, of which the part for it is not installed; install it (on Debian: apt-get install %s) or save the file as %s",
				s.name, s.target.debian, strings.ToUpper(s.target.ending))
		}
	}
	if said == "" && err != nil {
		said = err.Error()
	}
	return document.Refuse(ConversionFailed, form.Position{}, "LibreOffice could not convert %s, which may be damaged: %s", s.name, document.Excerpt(document.Squeeze(said)))
}

// run runs a program in the folder until it ends or the context does, with all processes it started, and returns
// what it said at its end.
func run(ctx context.Context, dir string, l document.Limits, program string, args ...string) (said string, err error) {
	said, err = start(ctx, dir, l, true, program, args)
	if errors.Is(err, errNoSandbox) {
		said, err = start(ctx, dir, l, false, program, args)
	}
	return said, err
}

// errNoSandbox says that this system does not grant a process namespaces of its own.
var errNoSandbox = errors.New("no namespaces")

func start(ctx context.Context, dir string, l document.Limits, alone bool, program string, args []string) (string, error) {
	var said tail
	cmd := exec.CommandContext(ctx, program, args...)
	confine(cmd, l, alone)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "LANG=C.UTF-8", "SAL_USE_VCLPLUGIN=svp"}
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.WaitDelay = 2 * time.Second
	if err := cmd.Start(); err != nil {
		if alone {
			return "", fmt.Errorf("%w: %v", errNoSandbox, err)
		}
		return "", fmt.Errorf("start LibreOffice: %w", err)
	}
	defer finish(cmd) // what it left running
	err := cmd.Wait()
	return string(said), err
}

// tail keeps the last bytes of what a program says.
type tail []byte

func (t *tail) Write(p []byte) (int, error) {
	const most = 4 << 10
	*t = append(*t, p...)
	if len(*t) > most {
		*t = append((*t)[:0], (*t)[len(*t)-most:]...)
	}
	return len(p), nil
}

// encrypted says whether an OLE file of Word or Excel, or an OpenDocument package, is protected by a password. It is
// asked only about files that could not be converted.
func encrypted(b []byte) bool {
	if bytes.HasPrefix(b, []byte("PK")) {
		return bytes.Contains(b, []byte("encryption-data"))
	}
	for at := 512; at+512 <= len(b); at += 512 {
		s := b[at:]
		switch {
		case s[0] == 0xEC && s[1] == 0xA5: // the first block of a Word document; its flags say whether it is encrypted
			if binary.LittleEndian.Uint16(s[10:])&0x0100 != 0 {
				return true
			}
		case bytes.HasPrefix(s, []byte{0x09, 0x08, 0x10, 0x00, 0x00, 0x06, 0x05, 0x00}): // the beginning of a workbook
			for r := s; len(r) >= 4 && len(s)-len(r) < 512; {
				if binary.LittleEndian.Uint16(r) == 0x2F { // FILEPASS
					return true
				}
				r = r[min(len(r), 4+int(binary.LittleEndian.Uint16(r[2:]))):]
			}
		}
	}
	return false
}
