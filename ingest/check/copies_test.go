package check_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nianbao/ingest"
	"nianbao/ingest/check"
	"nianbao/internal/form"
)

var repeated = regexp.MustCompile(`重复 (\d+)%`)

// repetition is the largest share of a part of f that stands in the same part of the other report, -1 if none is long
// enough.
func repetition(f, other form.Filing) int {
	other.Year, other.Scope, other.Agency = f.Year-1, f.Scope, f.Agency
	check.Run(&f, check.Context{Prior: check.ExtractOf("", "", &other)})
	most := -1
	for _, x := range f.Findings {
		if m := repeated.FindStringSubmatch(x.Note); x.Rule == "C1" && m != nil {
			n, _ := strconv.Atoi(m[1])
			most = max(most, n)
		}
	}
	return most
}

// TestRepetitionOfStrangers: published reports of different bodies, and of one body in years apart, stay far below the
// share from which text counts as copied.
func TestRepetitionOfStrangers(t *testing.T) {
	corpus := os.Getenv("NIANBAO_CORPUS")
	if corpus == "" {
		t.Skip("NIANBAO_CORPUS is not set: no published reports to compare")
	}
	names, err := filepath.Glob(filepath.Join(corpus, "reports", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var filings []form.Filing
	for _, name := range names {
		base := filepath.Base(name)
		if strings.HasSuffix(base, ".scanned.pdf") || strings.Contains(base, "gbk") || strings.HasSuffix(base, ".tsv") || strings.Contains(base, "template") || strings.Contains(base, "compare") || strings.HasSuffix(base, ".docx") {
			continue // the same report as another file, or none
		}
		if f := ingest.ReadFile(t.Context(), name); len(f.Parts) > 0 && f.Year > 0 {
			f.File = base
			filings = append(filings, f)
		}
	}
	var own, strangers []int
	for _, f := range filings {
		for _, other := range filings {
			if f.File == other.File {
				continue
			}
			n := repetition(f, other)
			if n < 0 {
				continue
			}
			body, _, _ := strings.Cut(f.File, "_")
			otherBody, _, _ := strings.Cut(other.File, "_")
			if body == otherBody {
				own = append(own, n)
			} else {
				strangers = append(strangers, n)
			}
			if n >= 60 {
				t.Errorf("%s and %s share %d%%", f.File, other.File, n)
			}
		}
	}
	slices.Sort(own)
	slices.Sort(strangers)
	t.Logf("one body, years apart: %v %%", own)
	if len(strangers) > 0 {
		t.Logf("strangers: %d pairs, median %d%%, at most %d%%", len(strangers), strangers[len(strangers)/2], strangers[len(strangers)-1])
	}
}

// TestRepetitionGrows: the share falls with every sentence that is written anew, and new figures do not lower it.
func TestRepetitionGrows(t *testing.T) {
	sentences := strings.SplitAfter(overall, "。")
	f, _ := sound(form.V2021)
	last := 101
	for n := range sentences {
		changed := slices.Clone(sentences)
		for i := range n {
			changed[i] = reverse(changed[i])
		}
		now := *f
		now.Parts = []form.Part{{Code: form.Section1, Text: fmt.Sprintf("2023年，收到申请%d件。", 17+n) + strings.Join(changed, "")}}
		share := repetition(now, *f)
		if n == 0 && share != 100 || share > last {
			t.Errorf("%d of %d sentences written anew: %d%%, before %d%%", n, len(sentences), share, last)
		}
		last = share
	}
	if last > 20 {
		t.Errorf("all but one sentence written anew: still %d%%", last)
	}
}
