package demo

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nianbao/internal/form"
)

// samples are the published reports whose figures are printed again under samples, one form of print each. A report
// is there once, since a second file would be a second version of it.
var samples = []struct {
	name   string
	format Format
	style  int
}{
	{"boshan_kjj_2023", Text, 0},
	{"hongze_2023", HTML, 0},
	{"pingtan_2019", HTML, 1},
	{"pingtan_2022", Text, 1},
	{"pingtan_2024", DOCX, 1},
	{"shbgt_2025", DOCX, 0},
	{"shuyang_fgw_2023", HTML, 3},
	{"suqian_2023", HTML, 2},
	{"suqian_2024", Markdown, 0},
}

const sampleNote = "数字取自该机关公开发布的年度报告，文字为本程序样例所撰"

func samplesFolder() string { return filepath.Join("..", "..", "samples") }

// sample makes the report of a sample from a truth file.
func sample(truth []byte) (Report, error) {
	r, err := FromTruth(truth)
	if err != nil {
		return r, err
	}
	r.Note = sampleNote
	r.FormatNote = ""
	if r.Forms[form.Section2] == form.V2021 && r.Forms[form.Section3] == form.V2019 {
		r.FormatNote = mixedFormNote
	}
	return r, nil
}

// The samples are what the writers make of the truth files beside them. With -update they are written anew: the truth
// files from the folder truth of NIANBAO_CORPUS, where the published reports' figures are, if it is set.
func TestSamplesAreWhatTheirTruthPrints(t *testing.T) {
	corpus := os.Getenv("NIANBAO_CORPUS")
	for _, s := range samples {
		file := s.name + "." + string(s.format)
		at, truthAt := filepath.Join(samplesFolder(), file), filepath.Join(samplesFolder(), "truth", s.name+".json")
		if *update {
			from := truthAt
			if corpus != "" {
				from = filepath.Join(corpus, "truth", s.name+".json")
			}
			r := sampleFrom(t, from)
			content, err := Print(r, s.format, s.style)
			if err != nil {
				t.Fatal(err)
			}
			truth := Truth(r, s.name, []string{file}, []string{"figures and name from the report that " + r.Agency + " published; the sentences are of this program"})
			for name, content := range map[string][]byte{at: content, truthAt: truth} {
				if err := os.WriteFile(name, content, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		got, err := os.ReadFile(at)
		if err != nil {
			t.Fatal(err)
		}
		r := sampleFrom(t, truthAt)
		want, err := Print(r, s.format, s.style)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(unpacked(t, want)), string(unpacked(t, got))); diff != "" {
			t.Errorf("%s is not what its truth file prints (-update writes it anew):\n%s", file, diff)
		}
		if corpus == "" {
			continue
		}
		published := sampleFrom(t, filepath.Join(corpus, "truth", s.name+".json"))
		if diff := cmp.Diff(published.Cells, r.Cells); diff != "" || published.Agency != r.Agency || published.Year != r.Year {
			t.Errorf("%s does not hold the published figures:\n%s", file, diff)
		}
	}
}

func sampleFrom(t *testing.T, name string) Report {
	t.Helper()
	truth, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := sample(truth)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A sample says where its figures are from and is not passed off as made up: they are real. Nor does it say anything
// in the name of the agency but figures.
func TestSamplesSayWhatTheyAre(t *testing.T) {
	for _, s := range samples {
		content, err := Print(sampleFrom(t, filepath.Join(samplesFolder(), "truth", s.name+".json")), s.format, 0)
		if err != nil {
			t.Fatal(err)
		}
		text := string(unpacked(t, content))
		for _, list := range [][]string{introductions, management, platform, supervision, problems, remedies} {
			for _, sentence := range list {
				if strings.Contains(text, sentence) {
					t.Errorf("%s has the agency say %q", s.name, sentence)
				}
			}
		}
		if !strings.Contains(text, sampleNote) || strings.Contains(text, form.SyntheticMark) {
			t.Errorf("%s: has its note: %t, has the mark of made-up reports: %t; want true, false", s.name, strings.Contains(text, sampleNote), strings.Contains(text, form.SyntheticMark))
		}
	}
}

func TestSamplesFolderHoldsTheSamplesOnly(t *testing.T) {
	var want, got []string
	for _, s := range samples {
		want = append(want, s.name+"."+string(s.format))
	}
	entries, err := os.ReadDir(samplesFolder())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		got = append(got, e.Name())
	}
	want = append(want, "README", "truth")
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files in samples:\n%s", diff)
	}
}
