package moment_test

import (
	"errors"
	"testing"
	"time"

	"nianbao/query/moment"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"2024-04-02":                     "2024-04-02T15:59:59.999999Z", // the end of the day in China
		"2024-04-02T09:14:00+08:00":      "2024-04-02T01:14:00Z",
		"2024-04-02T01:14:00.123456789Z": "2024-04-02T01:14:00.123456Z",
		"":                               "", "2024": "", "1999-01-01": "", "2024-13-01": "", "now": "", "2201-01-01": "",
	} {
		got, ok := moment.Parse(text)
		if ok != (want != "") || ok && got.Format(time.RFC3339Nano) != want {
			t.Errorf("%q = %s, %v; want %s", text, got.Format(time.RFC3339Nano), ok, want)
		}
	}
}

func TestCursor(t *testing.T) {
	type question struct{ Year int }
	want := moment.Cursor{After: 200, AsOf: time.Date(2024, 4, 2, 1, 14, 0, 123456000, time.UTC), Of: moment.Digest(question{2023})}
	got, err := moment.ParseCursor(want.String())
	if err != nil || got != want || got.For(question{2023}) != nil {
		t.Errorf("read back %+v, %v; want %+v", got, err, want)
	}
	if err := got.For(question{2022}); !errors.Is(err, moment.ErrCursor) {
		t.Errorf("of another list: %v", err)
	}
	for _, text := range []string{"x", "e30", "bm90IGpzb24"} {
		if _, err := moment.ParseCursor(text); !errors.Is(err, moment.ErrCursor) {
			t.Errorf("%q: %v, want %v", text, err, moment.ErrCursor)
		}
	}
	if c, err := moment.ParseCursor(""); err != nil || c.For(question{1}) != nil || c.After != 0 {
		t.Errorf("the empty cursor: %+v, %v", c, err)
	}
}
