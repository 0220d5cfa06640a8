package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "write what is generated anew")

// docs/configuration.md holds the table of the settings between two marks.
func TestSettingsAreDocumented(t *testing.T) {
	const name, begin, end = "../../docs/configuration.md", "<!-- settings -->\n", "<!-- /settings -->\n"
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(content), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no marks %q and %q", name, begin, end)
	}
	want := before + begin + table.Markdown() + end + after
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(content)); diff != "" {
		t.Errorf("%s is not what the settings say (-want +got); go test ./cmd/nianbao -run TestSettingsAreDocumented -update writes it\n%s", name, diff)
	}
}

// Every setting that has a flag is a flag of some command.
func TestEverySettingIsAFlag(t *testing.T) {
	flags := map[string]bool{}
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		for _, f := range []*pflag.FlagSet{c.Flags(), c.PersistentFlags()} {
			f.VisitAll(func(f *pflag.Flag) { flags[f.Name] = true })
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(rootCommand())
	for i := range table {
		if s := &table[i]; flags[s.Name] == s.Exported {
			t.Errorf("setting %s: is a flag of a command: %t, want %t", s.Name, flags[s.Name], !s.Exported)
		}
	}
}
