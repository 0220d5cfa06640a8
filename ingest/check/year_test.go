package check_test

import (
	"testing"
	"time"

	"nianbao/ingest/check"
	"nianbao/internal/form"
	"nianbao/internal/register"
)

// TestYear: a context holds last year's filing of the same body, the members by the register, the due day, and what the
// register knows of the region. Without a register nothing but last year and peers is known.
func TestYear(t *testing.T) {
	filing := func(name string, year int) *form.Filing {
		f := complete(form.V2021)
		f.Agency.Name, f.Year, f.Scope = name, year, form.ScopeUnknown
		return f
	}
	city, bureau := filing("某市人民政府", 2023), filing("某市教育局", 2023)
	set(t, city, "section2.regulations.valid", form.Number, 3)
	now := []*check.Extract{check.ExtractOf("01", "city", city), check.ExtractOf("02", "bureau", bureau)}
	before := []*check.Extract{check.ExtractOf("03", "city", filing("某市人民政府", 2022))}
	reg := register.New([]register.Agency{
		{Code: "city", Kind: register.Government, Region: "321300", Names: []register.Name{{Text: "某市人民政府", Kind: register.Full}}},
		{Code: "bureau", Kind: register.Bureau, Parent: "city"},
	}, nil)

	y := check.YearOf(2023, now, before, reg)
	c := y.Context("city", city)
	if c.Prior == nil || c.Prior.ID != "03" || len(c.Members) != 1 || c.Members[0].ID != "02" || !c.Due.Equal(time.Date(2024, 3, 31, 0, 0, 0, 0, time.UTC)) || c.Peers == nil {
		t.Errorf("context of the city: %+v", c)
	}
	check.Run(city, c)
	for id, want := range map[string]form.Outcome{"A5": form.Pass, "A13": form.Pass, "T1": form.NotApplicable, "D3": form.NotAssessable} {
		if got := outcomeOf(city, id); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	for _, x := range city.Findings {
		if x.Rule == "A5" && (len(x.Against) != 1 || x.Against[0] != "03") || x.Rule == "A13" && (len(x.Against) != 1 || x.Against[0] != "02") {
			t.Errorf("%s at %s is against %v", x.Rule, x.Place, x.Against)
		}
	}
	if c := y.Context("bureau", bureau); c.Prior != nil || c.Members != nil || !c.Due.Equal(time.Date(2024, 1, 31, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("context of the bureau: %+v", c)
	}

	c = check.YearOf(2023, now, before, nil).Context("city", city)
	if c.Prior == nil || c.Members != nil || !c.Due.IsZero() {
		t.Errorf("context without a register: %+v", c)
	}
	check.Run(city, c)
	if got := outcomeOf(city, "T1"); got != form.NotAssessable { // whether the city has districts is not known
		t.Errorf("T1 without a register: %s, want %s", got, form.NotAssessable)
	}
}
