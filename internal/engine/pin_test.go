package engine

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPinned: what the set-up installs is what this package looks for. Were they to differ, every test that needs the
// library would skip and none would fail.
func TestPinned(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "scripts", "engine", "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var project struct {
		Dependencies map[string]string `json:"dependencies"`
	}
	if err := json.Unmarshal(b, &project); err != nil {
		t.Fatal(err)
	}
	for name, version := range project.Dependencies {
		if version != packageVersion {
			t.Errorf("the set-up installs %s %s, this package looks for %s", name, version, packageVersion)
		}
	}
	if len(project.Dependencies) == 0 || !strings.HasPrefix(packageVersion, LibraryVersion+"-") {
		t.Errorf("the set-up installs %v; the library %s is expected to answer version %s", project.Dependencies, packageVersion, LibraryVersion)
	}
}
