// Package architecture holds the rules of the house that no compiler checks: which folder may import which, that
// every package says what it is, and that no file speaks of the place where it was written. It consists of tests.
package architecture

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "nianbao"
	root   = "../.." // the module, seen from this package's folder
)

type houseRule struct {
	part string
	may  []string
	why  string
}

// houseRules says for each part of the house which parts it may import, tests included. The first line whose part
// matches a package counts, so exceptions stand above what they are exceptions from. "x/..." is x and all below it.
// Imports go down only: cmd → dashboard → query → internal, and cmd → ingest → internal.
var houseRules = []houseRule{
	{"internal/form", nil, "the form is the base that everything else derives from"},
	{"query/stats", nil, "statistics are functions of their arguments"},
	{"internal/bench/...", []string{"ingest/...", "query/...", "dashboard/...", "internal/..."}, "it is a command that measures the whole"},
	{"internal/...", []string{"internal/..."}, "internal is the ground floor"},
	{"ingest/...", []string{"ingest/...", "internal/..."}, "the write path knows nothing of the read path"},
	{"query/...", []string{"query/...", "internal/..."}, "the read path knows nothing of the write path"},
	{"docs/...", nil, "the manual is text"},
	{"dashboard/...", []string{"dashboard/...", "docs/...", "query/...", "internal/..."}, "pages show what queries answer"},
	{"cmd/...", []string{"dashboard/...", "docs/...", "ingest/...", "query/...", "internal/..."}, "commands wire the rest together"},
}

// pure lists the packages that are functions from values to values: their code, tests aside, reaches no file,
// network, process or database.
var pure = struct{ packages, never []string }{
	packages: []string{"internal/form", "internal/register", "ingest/recognise/...", "ingest/check/...", "query/stats"},
	never: []string{
		"os", "os/...", "io/ioutil", "net", "net/http/...", "syscall", "database/...",
		module + "/internal/warehouse/...", module + "/internal/engine/...",
		"github.com/ClickHouse/...",
	},
}

func TestImportsGoDown(t *testing.T) {
	for _, file := range goFiles(t) {
		rule := slices.IndexFunc(houseRules, func(r houseRule) bool { return covers(r.part, file.folder) })
		if rule < 0 {
			t.Errorf("%s: folder %s has no line in houseRules; give it one", file.name, file.folder)
			continue
		}
		r := houseRules[rule]
		for _, imported := range file.imports {
			ours, ok := strings.CutPrefix(imported, module+"/")
			if !ok || ours == file.folder { // a test package imports what it tests
				continue
			}
			if !slices.ContainsFunc(r.may, func(part string) bool { return covers(part, ours) }) {
				t.Errorf("%s imports %s; %s may import %s: %s", file.name, imported, r.part, cmp.Or(strings.Join(r.may, ", "), "nothing of ours"), r.why)
			}
		}
	}
}

func TestPurePackagesReachNothingOutside(t *testing.T) {
	for _, file := range goFiles(t) {
		if file.test || !slices.ContainsFunc(pure.packages, func(part string) bool { return covers(part, file.folder) }) {
			continue
		}
		for _, imported := range file.imports {
			if slices.ContainsFunc(pure.never, func(part string) bool { return covers(part, imported) }) {
				t.Errorf("%s imports %s; %s is a pure package: take what it needs as an argument", file.name, imported, file.folder)
			}
		}
	}
}

// A package says in its comment what flows in and out. Test files speak for a package only where nothing else does.
func TestEveryPackageHasAComment(t *testing.T) {
	commented := map[string]bool{}
	hasCode := map[string]bool{}
	files := goFiles(t)
	for _, file := range files {
		hasCode[file.folder] = hasCode[file.folder] || !file.test
	}
	for _, file := range files {
		if !file.test || !hasCode[file.folder] {
			commented[file.folder] = commented[file.folder] || strings.TrimSpace(file.comment) != ""
		}
	}
	for folder, ok := range commented {
		if !ok {
			t.Errorf("package %s has no package comment; say above a package clause what it is for and what flows in and out", folder)
		}
	}
}

// covers tells whether the pattern names the package or a folder above it.
func covers(pattern, pkg string) bool {
	above, deep := strings.CutSuffix(pattern, "/...")
	return pkg == above || deep && strings.HasPrefix(pkg, above+"/")
}

type goFile struct {
	name    string // from the module's folder, with slashes
	folder  string // its package, without the module's name
	imports []string
	comment string // the package comment, if this file has it
	test    bool
}

// goFiles parses the head of every Go file of the module, whatever its build tags.
func goFiles(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != root && ignoredByGo(entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		inModule, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		files = append(files, goFile{
			name:    filepath.ToSlash(inModule),
			folder:  path.Dir(filepath.ToSlash(inModule)),
			imports: importPaths(t, parsed),
			comment: parsed.Doc.Text(),
			test:    strings.HasSuffix(name, "_test.go"),
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		wd, _ := os.Getwd()
		t.Fatalf("find Go files: none below %s of %s", root, wd)
	}
	return files
}

// ignoredByGo tells whether ./... leaves a folder out, or whether it holds nothing of ours.
func ignoredByGo(folder string) bool {
	return strings.HasPrefix(folder, ".") || strings.HasPrefix(folder, "_") || folder == "testdata" || folder == "node_modules"
}

func importPaths(t *testing.T, file *ast.File) []string {
	t.Helper()
	var paths []string
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, imported)
	}
	return paths
}
