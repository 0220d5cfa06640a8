package architecture

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// unwanted is what no committed text may contain. Addresses of package registries belong to the machine that
// builds (an office inside a closed network has mirrors of its own), and absolute paths to the one that wrote.
// The patterns are written so that they do not match themselves.
var unwanted = []struct {
	pattern *regexp.Regexp
	why     string
}{
	{regexp.MustCompile(`(?i)\bregistry\.(npmjs|yarnpkg|npmmirror|npm\.taobao)\.`), "the address of an npm registry"},
	{regexp.MustCompile(`(?i)\b(proxy|sum|index)\.golang\.(org|google)|\bgoproxy\.(cn|io)\b|mirrors\.aliyun\.[a-z]+/goproxy`), "the address of a Go module proxy"},
	{regexp.MustCompile(`(?m)^\s*"resolved"\s*:`), "a lock file's address of a package (npm writes none with the .npmrc beside package.json)"},
	// Not after a name or another folder: https://example.cn/work/1.html is an address of a page.
	{regexp.MustCompile(`(?m)(^|[^\w.\-/~*%}])/(work|root)/`), "an absolute path of somebody's machine"},
}

func TestCommittedTextNamesNoRegistryAndNoMachine(t *testing.T) {
	for _, name := range committedFiles(t) {
		content, err := os.ReadFile(filepath.Join(root, name))
		if errors.Is(err, fs.ErrNotExist) { // deleted, and not committed yet
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(content) {
			continue // pictures, PDF, GBK pages: not text that we wrote
		}
		for _, u := range unwanted {
			for _, at := range u.pattern.FindAllIndex(content, -1) {
				line := 1 + bytes.Count(content[:at[1]], []byte("\n"))
				t.Errorf("%s:%d: %q is %s; take it out", name, line, content[at[0]:at[1]], u.why)
			}
		}
	}
}

func TestUnwanted(t *testing.T) {
	tests := []struct {
		text string
		want bool
	}{
		{"https://" + "registry." + "npmjs.org/echarts", true},
		{"GOPROXY=https://" + "goproxy." + "cn,direct", true},
		{"https://" + "proxy." + "golang.org", true},
		{`      "resolved"` + `: "https://example.org/echarts.tgz",`, true},
		{"open /" + "work/reports", true},
		{"/" + "root/.cache", true},
		{`"/` + `root/.cache"`, true},
		{"https://www.example.gov.cn/work/2023.html", false},
		{"dashboard/work/x, ../root/x, ./work/", false},
		{"the registry of agencies; golang.org/x/net", false},
	}
	for _, test := range tests {
		got := false
		for _, u := range unwanted {
			got = got || u.pattern.MatchString(test.text)
		}
		if got != test.want {
			t.Errorf("unwanted in %q = %v, want %v", test.text, got, test.want)
		}
	}
}

// committedFiles lists what git keeps of the module; a source archive without git holds nothing else to check.
func committedFiles(t *testing.T) []string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		t.Skip("not a git checkout: which files are committed is unknown")
	}
	// Looked at only so that go test runs this test again, not from its cache, when another file is committed.
	_, _ = os.Stat(filepath.Join(root, ".git", "index"))
	// safe.directory: the checkout may belong to another user, as in a container. Reading it is harmless.
	git := exec.Command("git", "-c", "safe.directory=*", "ls-files", "-z")
	git.Dir = root
	var stderr bytes.Buffer
	git.Stderr = &stderr
	out, err := git.Output()
	if err != nil {
		t.Fatalf("list committed files: %v: %s", err, stderr.Bytes())
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 })
}
