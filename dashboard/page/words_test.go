package page

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"nianbao/dashboard/words"
	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
	"nianbao/query/coverage"
	"nianbao/query/findings"
	"nianbao/query/history"
	"nianbao/query/stats"
)

// TestWords: every text that pages ask for exists, and every text is asked for.
func TestWords(t *testing.T) {
	used := map[string]bool{}
	quoted := regexp.MustCompile(`\b(?:say|t) "?\(?"([a-z0-9_.]+)"|"([a-z0-9_]+(?:\.[a-z0-9_]+)+)"|t "([a-z0-9_.]+)"|say\("([a-z0-9_.]+)"`)
	note := func(text string) {
		for _, m := range quoted.FindAllStringSubmatch(text, -1) {
			for _, key := range m[1:] {
				if key != "" {
					used[key] = true
				}
			}
		}
	}
	// Texts of other packages of the dashboard count too. There a key may be put together, from its beginning and a code or
	// from a key and an ending.
	literals := map[string]bool{}
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == "../words" || name == "../assets":
			return fs.SkipDir
		case entry.IsDir() || strings.HasSuffix(name, "_test.go") || !strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".html"):
			return nil
		}
		b, err := os.ReadFile(name)
		if filepath.Dir(name) == "../page" {
			note(string(b))
		}
		for _, m := range regexp.MustCompile(`"([a-z0-9_.]+)"`).FindAllStringSubmatch(string(b), -1) {
			literals[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	put := func(key string) bool {
		for i, r := range key {
			if r == '.' && (literals[key[:i+1]] || literals[key[:i]] && literals[key[i:]]) {
				return true
			}
		}
		return literals[key]
	}
	names, _ := fs.Glob(templateFiles, "templates/*.html")
	for _, name := range names {
		b, _ := templateFiles.ReadFile(name)
		note(string(b))
		for _, m := range regexp.MustCompile(`\bt "([a-z0-9_.]+)"`).FindAllStringSubmatch(string(b), -1) {
			if _, ok := words.All()[m[1]]; !ok {
				t.Errorf("%s asks for the text %q, which does not exist", name, m[1])
			}
		}
	}
	// Keys that are put together from codes.
	for _, s := range compare.States {
		for _, suffix := range []string{"", ".note", ".counts"} {
			used["state."+string(s)+suffix] = true
		}
	}
	for _, s := range []form.Scope{form.ScopeOwn, form.ScopeAggregate, form.ScopeUnknown} {
		used["scope.read."+string(s)] = true
		if s != form.ScopeUnknown {
			used["scope."+string(s)], used["compare.others."+string(s)] = true, true
		}
	}
	for _, s := range []form.State{form.Blank, form.Dash, form.NA, form.Text, form.Ambiguous} {
		used["cell.state."+string(s)] = true
	}
	uses := func(before string, after string, codes ...string) {
		for _, code := range codes {
			used[before+code+after] = true
		}
	}
	for _, suffix := range []string{"", ".mark", ".note"} {
		uses("filed.", suffix, plainTexts(coverage.States)...)
	}
	uses("severity.", "", plainTexts(form.Severities)...)
	uses("severity.", ".mark", plainTexts(form.Severities)...)
	uses("outcome.", "", plainTexts(findings.Outcomes)...)
	uses("decision.", "", plainTexts(findings.Decisions)...)
	uses("decision.", ".note", plainTexts(findings.Decisions)...)
	uses("review.", "", warehouse.Decisions...)
	uses("review.", ".note", warehouse.Decisions...)
	uses("order.", "", plainTexts(findings.Sorts)...)
	uses("journal.outcome.", "", warehouse.Done, warehouse.BrokenOff, warehouse.Refused)
	uses("journal.kind.", "", warehouse.Download, "sign_in", "sign_out")
	uses("event.", "", plainTexts(history.Kinds)...)
	uses("standing.", "", plainTexts(history.Standings)...)
	uses("changed.", "", plainTexts(coverage.Whats)...)
	uses("change.", "", plainTexts([]history.Change{history.Added, history.Removed, history.Changed, history.Stayed})...)
	uses("diff.finding.", "", plainTexts([]history.Change{history.Added, history.Removed, history.Stayed})...)
	uses("act.", "", warehouse.Propose, warehouse.Approve, warehouse.Withdraw)
	uses("agency.before.", "", plainTexts([]register.LinkKind{register.Successor, register.Merger, register.Split})...)
	uses("agency.after.", "", plainTexts([]register.LinkKind{register.Successor, register.Merger, register.Split})...)
	uses("table.", "", form.Section2, form.Section3, form.Section4)
	uses("part.", "", form.Section1, form.Section5, form.Section6)
	uses("value.", "", plainTexts([]form.State{form.Blank, form.Dash, form.NA})...)
	uses("form.correct.", "", plainTexts([]form.State{form.Blank, form.Dash, form.NA})...)
	uses("cell.is.", "", plainTexts([]form.State{form.Number, form.Blank, form.Dash, form.NA, form.Text, form.Ambiguous})...)
	for _, k := range []kind{registerPage, findingPage, filingPage, filingCellPage} {
		uses("form.", "", actsOf(k)...)
		uses("form.", ".submit", actsOf(k)...)
	}
	used["compare.excl."+exclCritical], used["compare.excl."+exclNone] = true, true
	for _, s := range stats.Statuses {
		used["status."+string(s)] = true
	}
	uses("reasons.group.", "", groupCodes...)
	uses("result.", "", resultCodes[:]...)
	uses("disputes.", "", "reviews", "direct", "after")
	uses("trend.", "", string(stats.Up), string(stats.Down), string(stats.NoChange), string(stats.NotAssessable))
	uses("trend.reason.", "", string(compare.YearsMissing), string(compare.EventsMissing), string(compare.FormsDiffer), string(compare.ListsDiffer))
	for _, s := range []string{"state.blank.reason", "state.dash.reason", "state.text.reason", "status.read", "status.partial", "outcome.fail", "outcome.uncertain", "theme.auto", "theme.light", "theme.dark", "language",
		"sort.value", "sort.name", "sort.n", "legend.cell.settled", "legend.cell.blank", "legend.cell.dash", "legend.cell.ambiguous", "legend.cell.no_row",
		"legend.cell.settled.mark", "legend.cell.blank.mark", "legend.cell.dash.mark", "legend.cell.ambiguous.mark", "legend.cell.no_row.mark"} {
		used[s] = true
	}
	for key := range used {
		if _, ok := words.All()[key]; !ok && strings.Contains(key, ".") && !strings.HasSuffix(key, ".") && !strings.HasSuffix(key, ".html") && !regexp.MustCompile(`\.(css|js|svg|json|csv|xlsx|zip)$`).MatchString(key) {
			t.Errorf("the text %q does not exist", key)
		}
	}
	for key, text := range words.All() {
		if !used[key] && !put(key) {
			t.Errorf("no page asks for the text %q (%s)", key, text.Chinese)
		}
	}
}

// say is a text of the Chinese pages, on which most tests look.
func say(key string, args ...any) string { return zh.say(key, args...) }
