package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"nianbao/ingest/check"
	"nianbao/internal/demo"
	"nianbao/internal/form"
	"nianbao/internal/register"
)

// check measures all checks of the reports of a province for ten years, each with its text, last year's report, its
// members and its peers at hand. A year stands for all: it is done ten times, from nothing.
func (b *bench) check() error {
	const first, last, times = 2022, 2023, 10
	filings, _, err := demo.District(demo.Options{Agencies: b.agencies, FirstYear: first, LastYear: last, Seed: 6})
	if err != nil {
		return err
	}
	reports := map[int][]form.Filing{}
	var agencies []register.Agency
	above := ""
	for x := range filings {
		if x.Report.Version > 1 {
			continue
		}
		f := withText(x.Report)
		reports[f.Year] = append(reports[f.Year], f)
		a := register.Guess(f.Agency.Name, f.Agency.Name)
		if a.Kind == register.Government {
			above = a.Code
		} else {
			a.Parent = above
		}
		agencies = append(agencies, a)
	}
	reg := register.New(agencies, nil)
	extracts := func(list []form.Filing) []*check.Extract {
		out := make([]*check.Extract, len(list))
		for i := range list {
			out[i] = check.ExtractOf(fmt.Sprint(i), list[i].Agency.Name, &list[i])
		}
		return out
	}
	workers := runtime.GOMAXPROCS(0)
	start := busy()
	done, findings := 0, 0
	var alone time.Duration
	for range times {
		var before, now []*check.Extract
		var group errgroup.Group
		group.Go(func() error { before = extracts(reports[first]); return nil })
		group.Go(func() error { now = extracts(reports[last]); return nil })
		_ = group.Wait() // neither fails
		year := check.YearOf(last, now, before, reg)
		list := reports[last]
		for w := range workers {
			group.Go(func() error {
				for i := w; i < len(list); i += workers {
					check.Run(&list[i], year.Context(list[i].Agency.Name, &list[i]))
				}
				return nil
			})
		}
		_ = group.Wait()
		for i := range list {
			findings += len(list[i].Findings)
		}
		done += len(list)
		one := busy()
		check.Run(&list[0], year.Context(list[0].Agency.Name, &list[0]))
		alone = max(alone, busy()-one)
	}
	took := busy() - start
	b.add(fmt.Sprintf("check %d reports from nothing, %d cores", done, workers), fmt.Sprintf("%.1f s", took.Seconds()/float64(workers)), "30,000 in < 60 s",
		fmt.Sprintf("processor time by core, %d × one year of %d bodies against the year before, members and peers; %d findings a report", times, len(reports[last]), findings/done))
	b.add("check one report", fmt.Sprintf("%.2f ms", float64(alone.Microseconds())/1000), "< 50 ms", fmt.Sprintf("longest of %d", times))
	return nil
}

// withText takes a made-up report as if it had been read, with its running text and what that states.
func withText(r demo.Report) form.Filing {
	f := filingOf(r)
	f.Parts = []form.Part{{Text: strings.Join(r.Prose.Opening, "\n")}}
	text := map[string][]string{form.Section1: r.Prose.Overall, form.Section5: r.Prose.Problems, form.Section6: r.Prose.Other}
	for _, h := range form.Headings {
		f.Parts = append(f.Parts, form.Part{Code: h.Code, Title: h.Numeral + "、" + h.Title, Text: strings.Join(text[h.Code], "\n")})
	}
	for _, c := range r.Claims {
		concept, _ := form.LookupConcept(c.Code)
		f.Claims = append(f.Claims, form.Claim{Concept: c.Code, Value: c.Value, Unit: concept.Unit, Approx: c.Round, Sentence: c.Words})
	}
	return f
}
