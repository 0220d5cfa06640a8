package assess

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"nianbao/ingest/check"
	"nianbao/internal/form"
	"nianbao/internal/warehouse"
)

// Reports checks the visible filings of some reports again after their figures changed, and those that other checks lead
// to: the same body's next one and that of the body above. It stores the findings that differ from those held.
//
// It reads little of the other reports of the year: the figures by which peers and members are compared, not their texts.
// What an earlier assessment of the filing said about texts stands, for figures do not touch them.
//
// A person waits for it, so it asks few questions, all at once where none needs the answer to another.
func Reports(ctx context.Context, opt Options, changed ...check.Report) (Result, error) {
	var result Result
	err := opt.Store.Patiently(ctx, func(ctx context.Context) (err error) {
		result, err = reports(ctx, opt, changed)
		return err
	})
	if err != nil {
		return result, fmt.Errorf("check again what %d reports lead to: %w", len(changed), err)
	}
	return result, nil
}

func reports(ctx context.Context, opt Options, changed []check.Report) (result Result, err error) {
	r, err := begin(ctx, opt)
	if err != nil {
		return result, err
	}
	affected := map[check.Report]bool{}
	var filter, before warehouse.Filter
	for _, report := range check.Affected(changed, r.register) {
		affected[report] = true
		filter.Years = append(filter.Years, report.Year)
		before.Years, before.Agencies = append(before.Years, report.Year-1), append(before.Agencies, report.Agency)
	}
	var now, prior []warehouse.Filing
	group, working := errgroup.WithContext(ctx)
	group.Go(func() (err error) { now, err = r.ledger.Filings(working, filter); return err })
	group.Go(func() (err error) { prior, err = r.ledger.Filings(working, before); return err })
	if err := group.Wait(); err != nil {
		return result, err
	}
	prior = slices.DeleteFunc(prior, func(f warehouse.Filing) bool { return !affected[check.Report{Agency: f.Agency, Year: f.Year + 1}] })
	var targets, others []warehouse.Filing
	for _, f := range now {
		if affected[check.Report{Agency: f.Agency, Year: f.Year}] {
			targets = append(targets, f)
		} else {
			others = append(others, f)
		}
	}
	if len(targets) == 0 {
		return result, nil
	}

	whole := slices.Clone(targets)
	for _, f := range prior {
		if !affected[check.Report{Agency: f.Agency, Year: f.Year}] { // not among the targets already
			whole = append(whole, f)
		}
	}
	var read []form.Filing
	var figures map[string][]form.Cell
	var held map[string]warehouse.Found
	group, working = errgroup.WithContext(ctx)
	group.Go(func() (err error) { read, err = r.read(working, whole, warehouse.Everything); return err })
	group.Go(func() (err error) { figures, err = opt.Store.Figures(working, others, check.OthersCells); return err })
	group.Go(func() (err error) { held, err = r.ledger.Found(working, targets, check.TextRules...); return err })
	if err := group.Wait(); err != nil {
		return result, err
	}

	of := map[int][]*check.Extract{} // by year
	for _, f := range others {
		one := r.filing(f, warehouse.Content{Cells: figures[f.ID]})
		of[f.Year] = append(of[f.Year], check.ExtractOf(f.ID, f.Agency, &one))
	}
	for i, x := range extractsFrom(whole, read) {
		of[whole[i].Year] = append(of[whole[i].Year], x)
	}
	years := map[int]*check.Year{}
	var assessments []warehouse.Assessment
	for i, f := range targets {
		if years[f.Year] == nil {
			years[f.Year] = check.YearOf(f.Year, of[f.Year], of[f.Year-1], r.register)
		}
		c := years[f.Year].Context(f.Agency, &read[i])
		peers := *c.Peers
		peers.Texts = nil
		c.Peers = &peers
		findings := keepTexts(Findings(&read[i], c), held[f.ID].Findings)
		if warehouse.Digest(findings) != held[f.ID].Digest {
			assessments = append(assessments, warehouse.Assessment{Filing: f.ID, Agency: f.HeldAs, Year: f.Year, Findings: findings})
		}
	}
	result = Result{Years: len(years), Checked: len(targets), Changed: len(assessments)}
	return result, r.store(ctx, assessments)
}

// keepTexts puts what was found before about texts in the place of findings made without the texts.
func keepTexts(findings, texts []form.Finding) []form.Finding {
	if len(texts) == 0 {
		return findings
	}
	kept := slices.DeleteFunc(findings, func(f form.Finding) bool { return slices.Contains(check.TextRules, f.Rule) })
	return append(kept, texts...)
}
