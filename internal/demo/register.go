package demo

import (
	"fmt"
	"time"

	"nianbao/internal/register"
)

// Register is the register of the districts that [District] makes up with the same options: every body with its kind
// and the government above it, one that is renamed and one that another takes the place of in the middle of the years,
// and one exception, a report that may be late. Codes of regions begin with 99, which no real place has.
func Register(o Options) (*register.Register, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	all := bodies(o.Agencies)
	turn, changes := o.turn()
	lastDay, firstDay := time.Date(turn, time.June, 30, 0, 0, 0, 0, time.UTC), time.Date(turn, time.July, 1, 0, 0, 0, 0, time.UTC)
	var agencies []register.Agency
	above := map[int]string{} // code of the government of each district
	for _, b := range all {
		a := register.Agency{Code: b.file, Kind: b.kindInRegister(), Region: fmt.Sprintf("99%02d%02d", 1+b.district/99, 1+b.district%99), Parent: above[b.district],
			Names: []register.Name{{Text: b.agency, Kind: register.Full}}}
		if b.rank == government {
			above[b.district] = a.Code
		}
		if b.later == nil || !changes {
			agencies = append(agencies, a)
			continue
		}
		then := b.in(turn, o)
		if then.file == b.file {
			a.Names = []register.Name{{Text: b.agency, Kind: register.Full, To: lastDay}, {Text: then.agency, Kind: register.Full, From: firstDay}}
			agencies = append(agencies, a)
			continue
		}
		next := a
		next.Code, next.From, next.Names = then.file, firstDay, []register.Name{{Text: then.agency, Kind: register.Full}}
		a.To, a.Links = lastDay, []register.Link{{Kind: register.Successor, Other: next.Code, On: firstDay}}
		agencies = append(agencies, a, next)
	}
	r := register.New(agencies, nil)
	return register.New(agencies, postponed(r, all, o)), nil
}

func (b body) kindInRegister() register.Kind {
	switch {
	case b.rank == government:
		return register.Government
	case b.rank == subdistrict:
		return register.Street
	case b.rank == town:
		return register.Township
	case b.slug == "zfb":
		return register.Office
	}
	return register.Bureau
}

// postponed is an exception for the first report that came out in the month after its due day.
func postponed(r *register.Register, all []body, o Options) []register.Obligation {
	plan := dealQuirks(all, o)
	for _, b := range all {
		for year := o.FirstYear; year <= o.LastYear; year++ {
			b := b.in(year, o)
			month, day, _ := published(b, year, o)
			out, due := time.Date(year+1, time.Month(month), int(day), 0, 0, 0, 0, time.UTC), r.Due(b.file, year)
			if limit := due.AddDate(0, 0, 28); !plan.has(b, year, unfiled) && out.After(due) && !out.After(limit) {
				return []register.Obligation{{Agency: b.file, Year: year, Due: limit, Obliged: true, Reason: "办公场所搬迁，经主管部门同意延期"}}
			}
		}
	}
	return nil
}
