package export

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseQuery(t *testing.T) {
	for text, want := range map[string]Query{
		"": {},
		"as_of=2024-04-01T09:00:00%2B08:00&years=2019,2021-2022&agencies=a,%20b&documents=1&sample=3&seed=审计&bom=0": {AsOf: time.Date(2024, 4, 1, 1, 0, 0, 0, time.UTC),
			Years: []int{2019, 2021, 2022}, Agencies: []string{"a", "b"}, Documents: true, Sample: 3, Seed: "审计"},
	} {
		values, err := url.ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseQuery(values)
		if err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("%s: %v, %v", text, cmp.Diff(want, got), err)
		}
	}
	for text, name := range map[string]string{"year=2023": "year", "years=2023&years=2022": "years", "years=23": "years", "as_of=soon": "as_of", "documents=yes": "documents", "sample=-1": "sample", "sample=5": "seed"} {
		values, _ := url.ParseQuery(text)
		var wrong *WrongParameter
		if _, err := ParseQuery(values); !errors.As(err, &wrong) || wrong.Name != name {
			t.Errorf("%s: %v, want %s refused", text, err, name)
		}
	}
}
