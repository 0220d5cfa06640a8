package register

import (
	"testing"
	"time"
)

// A register with a body of each kind, a reform in January 2019, and exceptions.
func district() *Register {
	var all []Agency
	for _, k := range Kinds {
		all = append(all, Agency{Code: string(k), Kind: k})
	}
	return New(append(all,
		Agency{Code: "young", Kind: Bureau, From: on("2023-06-01")},
		Agency{Code: "wjw", Kind: Bureau, To: on("2019-01-15"), Links: []Link{{Kind: Successor, Other: "wjj"}}, Names: []Name{{Text: "卫计委", Kind: Full}}},
		Agency{Code: "wjj", Kind: Bureau, From: on("2019-01-16")},
		Agency{Code: "gone", Kind: Bureau, To: on("2023-12-31")},
		Agency{Code: "x000000000001", Kind: Bureau, Links: []Link{{Kind: Same, Other: "wjj"}}},
		Agency{Code: "x000000000002", Kind: Bureau},
	), []Obligation{
		{Agency: "bureau", Year: 2022, Due: on("2023-02-28"), Obliged: true, Reason: "疫情延期"},
		{Agency: "street", Year: 2022, Reason: "由区政府代报"},
		{Agency: "institution", Year: 2022, Obliged: true, Reason: "授权组织"},
	})
}

func TestDue(t *testing.T) {
	r := district()
	for _, test := range []struct {
		agency string
		year   int
		want   string
	}{
		{"bureau", 2023, "2024-01-31"}, {"office", 2023, "2024-01-31"}, {"street", 2023, "2024-01-31"}, {"vertical", 2023, "2024-01-31"},
		{"government", 2023, "2024-03-31"}, {"township", 2023, "2024-03-31"}, {"zone", 2023, "2024-03-31"},
		{"bureau", 2022, "2023-02-28"}, {"street", 2022, "2023-01-31"}, {"not in the register", 2023, "2024-01-31"},
	} {
		if got := r.Due(test.agency, test.year).Format(time.DateOnly); got != test.want {
			t.Errorf("report of %s for %d is due on %s, want %s", test.agency, test.year, got, test.want)
		}
	}
}

func TestObliged(t *testing.T) {
	r := district()
	for _, test := range []struct {
		agency string
		year   int
		want   bool
		reason string
	}{
		{"bureau", 2023, true, ""},
		{"bureau", 2022, true, "疫情延期"},
		{"street", 2022, false, "由区政府代报"},
		{"street", 2023, true, ""},
		{"institution", 2023, false, "公共企事业单位不报"},
		{"institution", 2022, true, "授权组织"},
		{"young", 2022, false, "2023-06-01 成立"},
		{"young", 2023, true, ""},
		{"gone", 2022, true, ""},
		{"gone", 2023, false, "已于 2023-12-31 撤销"}, // it did not live to see the due day
		{"wjw", 2017, true, ""},
		{"wjw", 2018, false, "已于 2019-01-15 撤销"},
		{"wjj", 2017, false, "2019-01-16 成立"},
		{"wjj", 2018, true, "接续 卫计委"}, // younger than the year, but nobody else is left to file
		{"wjj", 2019, true, ""},
		{"x000000000001", 2023, false, "已归并到 wjj"},
		{"x000000000002", 2023, false, "名称尚未确认"},
		{"unknown", 2023, false, "不在名录中"},
	} {
		if got, reason := r.Obliged(test.agency, test.year); got != test.want || reason != test.reason {
			t.Errorf("%s obliged for %d: %v (%s), want %v (%s)", test.agency, test.year, got, reason, test.want, test.reason)
		}
	}
}

func TestStanding(t *testing.T) {
	r := district()
	moment := func(s string) time.Time {
		m, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	now := moment("2024-02-23T10:00:00+08:00")
	for _, test := range []struct {
		name      string
		agency    string
		published string
		received  string // "" and published "": not held
		now       time.Time
		want      State
		days      int
	}{
		{"published on the due day", "bureau", "2024-01-31", "2024-05-01T00:00:00Z", now, OnTime, 0},
		{"published a day after", "bureau", "2024-02-01", "2024-05-01T00:00:00Z", now, Late, 1},
		{"a government has two months more", "government", "2024-03-31", "2024-05-01T00:00:00Z", now, OnTime, 0},
		{"no date", "bureau", "", "2024-02-02T00:00:00Z", now, DateUnknown, 0},
		{"no date, but held in time", "bureau", "", "2024-01-31T15:59:59Z", now, OnTime, 0}, // a second to midnight in China
		{"no date, held a second later", "bureau", "", "2024-01-31T16:00:00Z", now, DateUnknown, 0},
		{"a late date, but held in time", "bureau", "2024-02-10", "2024-01-20T00:00:00Z", now, OnTime, 0},
		{"dated in the year itself", "bureau", "2023-01-17", "2024-05-01T00:00:00Z", now, DateUnknown, 0},
		{"not held", "bureau", "", "", now, NotFiled, 23},
		{"not held, due day", "bureau", "", "", moment("2024-01-31T15:59:59Z"), NotDue, 0},
		{"not held, day after", "bureau", "", "", moment("2024-01-31T16:00:00Z"), NotFiled, 1},
		{"not held, not due", "government", "", "", now, NotDue, 0},
		{"no duty", "institution", "", "", now, NotObliged, 0},
		{"no duty, but a report", "institution", "2024-01-05", "2024-01-05T00:00:00Z", now, NotObliged, 0},
	} {
		filed := Filed{Held: test.published != "" || test.received != "", Published: on(test.published)}
		if test.received != "" {
			filed.Received = moment(test.received)
		}
		got := r.Standing(test.agency, 2023, filed, test.now)
		if got.State != test.want || got.Days != test.days {
			t.Errorf("%s: %s %d, want %s %d", test.name, got.State, got.Days, test.want, test.days)
		}
	}
}
