package export

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"nianbao/query/moment"
)

// MostDrawn bounds a sample.
const MostDrawn = 1_000_000

// ParseYears reads 2021-2023 and 2019,2023.
func ParseYears(text string) ([]int, error) {
	var years []int
	if text == "" {
		return nil, nil
	}
	for _, part := range strings.Split(text, ",") {
		var from, to int
		first, last, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			last = first
		}
		_, err1 := fmt.Sscanf(first+"\n", "%d\n", &from)
		_, err2 := fmt.Sscanf(last+"\n", "%d\n", &to)
		if errors.Join(err1, err2) != nil || from < 1990 || to > 2200 || from > to {
			return nil, fmt.Errorf("years %q, want years such as 2021-2023 or 2019,2023", text)
		}
		for y := from; y <= to; y++ {
			years = append(years, y)
		}
	}
	return years, nil
}

// Parameters are the names of a query in an address.
var Parameters = []string{"as_of", "years", "agencies", "documents", "sample", "seed", "bom", "changes_from"}

// A WrongParameter is a query in an address that makes no sense.
type WrongParameter struct {
	Name, Value string
	Want        []string
}

func (w *WrongParameter) Error() string {
	return fmt.Sprintf("%s %q, want %s", w.Name, w.Value, strings.Join(w.Want, ", "))
}

// ParseQuery reads the query of an address. An empty value is none.
func ParseQuery(values url.Values) (q Query, err error) {
	for name, given := range values {
		switch {
		case !slices.Contains(Parameters, name):
			return q, &WrongParameter{name, "", Parameters}
		case len(given) != 1:
			return q, &WrongParameter{name, strings.Join(given, " "), []string{"one value"}}
		}
	}
	for _, m := range []struct {
		name string
		to   *time.Time
	}{{"as_of", &q.AsOf}, {"changes_from", &q.Changes}} {
		text := values.Get(m.name)
		var ok bool
		if *m.to, ok = moment.Parse(text); text != "" && !ok {
			return q, &WrongParameter{m.name, text, []string{"2024-04-01T09:00:00+08:00", "2024-04-01"}}
		}
	}
	if q.Years, err = ParseYears(values.Get("years")); err != nil {
		return q, &WrongParameter{"years", values.Get("years"), []string{"2021-2023", "2019,2023"}}
	}
	for code := range strings.SplitSeq(values.Get("agencies"), ",") {
		if code = strings.TrimSpace(code); code != "" {
			q.Agencies = append(q.Agencies, code)
		}
	}
	for _, b := range []struct {
		name string
		to   *bool
	}{{"documents", &q.Documents}, {"bom", &q.BOM}} {
		switch text := values.Get(b.name); text {
		case "", "0":
		case "1":
			*b.to = true
		default:
			return q, &WrongParameter{b.name, text, []string{"0", "1"}}
		}
	}
	q.Seed = values.Get("seed")
	if text := values.Get("sample"); text != "" {
		if q.Sample, err = strconv.Atoi(text); err != nil || q.Sample < 0 || q.Sample > MostDrawn {
			return q, &WrongParameter{"sample", text, []string{fmt.Sprintf("0…%d", MostDrawn)}}
		}
	}
	if q.Sample > 0 && q.Seed == "" {
		return q, &WrongParameter{"seed", "", []string{"the words of the draw, which the auditor chooses"}}
	}
	return q, nil
}
