package form_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nianbao/internal/form"
)

// TestChecks: every check is declared whole, in both languages, and every identity is among them with its own words.
func TestChecks(t *testing.T) {
	seen := map[string]bool{}
	id := regexp.MustCompile(`^[A-Z][1-9][0-9]?$`)
	for _, c := range form.Checks {
		if !id.MatchString(c.ID) || seen[c.ID] {
			t.Errorf("check %q: want a letter and a number, once", c.ID)
		}
		seen[c.ID] = true
		if !slices.Contains(form.Severities, c.Severity) || !slices.Contains(form.CheckScopes, c.Scope) {
			t.Errorf("%s: severity %q, scope %q", c.ID, c.Severity, c.Scope)
		}
		for language, w := range map[string]form.CheckWords{"zh": c.Zh, "en": c.En} {
			for _, words := range []string{w.Name, w.Tests, w.Why, w.Mend} {
				if words == "" {
					t.Errorf("%s: words are missing in %s: %+v", c.ID, language, w)
				}
			}
		}
		if (c.Zh.Spare == "") != (c.En.Spare == "") {
			t.Errorf("%s: one language says where it does not apply, the other does not", c.ID)
		}
		for _, sentence := range []string{c.Zh.Tests, c.Zh.Mend} {
			if !strings.HasSuffix(sentence, "。") {
				t.Errorf("%s: %q is no sentence", c.ID, sentence)
			}
		}
	}
	for _, i := range form.Identities {
		if c, ok := form.LookupCheck(i.ID); !ok || c.Zh.Name != i.Name || c.Official != i.Official {
			t.Errorf("identity %s is not among the checks as it is declared", i.ID)
		}
	}
}

// checkChapter is the part of the data dictionary on checks.
func checkChapter() string {
	var b strings.Builder
	b.WriteString("\n## 检查 · Checks\n\n" +
		"每份报告都做以下全部检查，每项至少给出一个结论：符合 `pass`、不符 `fail`、不确定 `uncertain`（有的格未能读定）、无从判断 `not_assessable`（缺格，或没有可比的报告）、不适用 `not_applicable`。空格在检查中按 0 计并注明。跨年的结论记在后一年的报告上。\n\n" +
		"Every report is tested for all of these; each check states at least one outcome. Findings across two years belong to the later report.\n\n" +
		"字母：A 勾稽，B 要件，C 照搬，D 日期，H 异常提示，P 正文，S 口径，T 表二。\n")
	scopes := map[form.CheckScope]string{form.OfReport: "报告本身 · the report alone", form.OfProse: "正文 · its text", form.OfHistory: "与上年 · last year's report",
		form.OfDates: "日期 · dates", form.OfPeers: "与其他机关 · other bodies"}
	severities := map[form.Severity]string{form.Critical: "严重 critical", form.Error: "错误 error", form.Warning: "警告 warning", form.Hint: "提示 hint"}
	for _, scope := range form.CheckScopes {
		fmt.Fprintf(&b, "\n### %s\n\n| 代码 | 级别 | 检查 | 应当 | 依据 | 改正 | 不适用 |\n|---|---|---|---|---|---|---|\n", scopes[scope])
		for _, c := range form.Checks {
			if c.Scope != scope {
				continue
			}
			basis := "［推导］"
			if c.Official {
				basis = "［明文］"
			}
			fmt.Fprintf(&b, "| %s | %s | %s · %s | %s · %s | %s%s | %s | %s |\n", c.ID, severities[c.Severity], c.Zh.Name, c.En.Name, c.Zh.Tests, c.En.Tests, basis, c.Zh.Why, c.Zh.Mend, c.Zh.Spare)
		}
	}
	return b.String()
}
